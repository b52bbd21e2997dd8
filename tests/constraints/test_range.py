"""A column between two bounds."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from skgen.constraints import Inequality, Range
from skgen.neural import AutoregressiveTransformer

from .tables import (
    PARIS,
    ROWS,
    assert_in_range,
    assert_ordered,
    assert_round_trip,
    ordered_tables,
    recombine,
)


@ROWS
@given(ordered_tables(n_columns=3), st.integers(0, 2**31))
def test_range_between_columns_round_trip_and_cannot_break(X, seed):
    rule = Range("b", low="a", high="c")
    Z = rule.fit_transform(X)
    assert Z.columns.tolist() == ["a", "b - a", "c - b"]
    assert_round_trip(rule.inverse_transform(Z), X)
    B = rule.inverse_transform(recombine(Z, seed))
    assert_ordered(B, "a", "b")
    assert_ordered(B, "b", "c")
    assert_in_range(B, X)


@ROWS
@given(ordered_tables(n_columns=2), st.integers(0, 2**31))
def test_range_between_a_value_and_a_column(X, seed):
    if X["a"].isna().all():
        return
    least = X["a"].min()
    rule = Range("a", least, "b")
    Z = rule.fit_transform(X)
    assert_round_trip(rule.inverse_transform(Z), X)
    B = rule.inverse_transform(recombine(Z, seed))
    assert_ordered(B, "a", "b")
    assert (B["a"].dropna() >= least).all()
    assert_in_range(B, X)


@pytest.mark.parametrize(
    ("values", "dtype", "low", "high", "strays", "clipped"),
    [
        ([1, 9], "int64", 0.5, 9.5, [-4, 12], [1, 9]),
        ([1, 9], "uint8", -5, 10**30, [0, 255], [0, 255]),
        ([1, None], "Int8", 0, 4, [-4, 12], [0, 4]),
        ([0.25, None], "float64", 0, 1, [-0.5, 1.5], [0.0, 1.0]),
        ([0.25, 0.1], "float32", 0.1, None, [0.0, 1.5], [0.1, 1.5]),
        (
            ["2024-01-02", None],
            "datetime64[s]",
            pd.Timestamp("2024-01-01 00:00:00.5"),
            dt.date(2024, 1, 3),
            ["2024-01-01", "2025-01-01"],
            ["2024-01-01 00:00:01", "2024-01-03"],
        ),
        (
            ["2024-01-02", None],
            PARIS,
            pd.Timestamp("2024-01-01", tz="America/New_York"),
            None,
            ["2024-01-01", "2025-01-01"],
            ["2024-01-01 06:00", "2025-01-01"],
        ),
        (
            pd.to_timedelta([1, 2], unit="s"),
            "timedelta64[ns]",
            dt.timedelta(0),
            np.timedelta64(3, "s"),
            pd.to_timedelta([-1, 4], unit="s"),
            pd.to_timedelta([0, 3], unit="s"),
        ),
    ],
)
def test_range_between_values(values, dtype, low, high, strays, clipped):
    def table(entries):
        series = pd.Series(entries)
        if dtype == PARIS:
            series = pd.to_datetime(series, format="ISO8601").dt.tz_localize(
                "Europe/Paris"
            )
        elif dtype.startswith("datetime"):
            series = pd.to_datetime(series, format="ISO8601")
        return pd.DataFrame({"x": series.astype(dtype)})

    X = table(values)
    rule = Range("x", low, high)
    assert_frame_equal(rule.fit_transform(X), X)
    assert_frame_equal(rule.inverse_transform(X), X)
    if dtype == "uint8":  # bounds beyond the dtype bind nothing
        assert_frame_equal(rule.inverse_transform(table(strays)), table(strays))
    assert_frame_equal(rule.inverse_transform(table(strays)), table(pd.Series(clipped)))


def test_range_broken_in_training():
    X = pd.DataFrame({"age": [3, -1, 130, 50]})
    with pytest.raises(ValueError, match="does not hold") as info:
        Range("age", 0, 120).fit(X)
    assert "0 <= 'age' <= 120" in str(info.value)
    assert "2 of 4 rows, first at index 1: 'age' = -1" in str(info.value)
    with pytest.raises(ValueError, match=r"'age' <= 'cap' does not hold in 1 of 4"):
        Range("age", high="cap").fit(X.assign(cap=100))


def test_range_takes_numbers_for_values_even_beside_numeric_labels():
    X = pd.DataFrame([[5, 1], [6, 2]])
    rule = Range(0, 1, None).fit(X)  # not column 1
    assert rule.inequalities_ == []
    B = rule.inverse_transform(pd.DataFrame([[0, 9]]))
    assert B.to_numpy().tolist() == [[1, 9]]
    labels = Inequality(1, 0)
    Z = labels.fit_transform(X)
    assert Z.columns.tolist() == ["0 - 1", 1]
    assert_frame_equal(labels.inverse_transform(Z), X)


@pytest.mark.parametrize(
    ("low", "high", "message"),
    [
        (None, None, "needs a bound"),
        (3, 1, "No value of column 'x'"),
        (0.2, 0.8, "No value of column 'x'"),
        ("y", "y", "for both bounds"),
        ("x", None, "two different columns"),
        ("z", None, r"not in the table: \['z'\]. The columns there are: \['x', 'y'\]"),
        (True, None, "True is no bound"),
        (np.nan, None, "nan is no bound"),
        (pd.NaT, None, "NaT is no bound"),
        (-np.inf, None, "infinite"),
        (pd.Timestamp("2024-01-01"), None, "cannot be compared"),
        (pd.Timedelta(1), None, "cannot be compared"),
    ],
)
def test_range_bad_bounds(low, high, message):
    X = pd.DataFrame({"x": [1, 2], "y": [1, 2]})
    with pytest.raises(ValueError, match=message):
        Range("x", low, high).fit(X)


def test_range_of_a_text_column_and_of_zones():
    with pytest.raises(ValueError, match=r"'x' has dtype .* neither numeric"):
        Range("x", 0, 1).fit(pd.DataFrame({"x": ["a", "b"]}))
    X = pd.DataFrame({"x": pd.to_datetime(["2024-01-01"]).tz_localize("UTC")})
    with pytest.raises(ValueError, match="dates with a time zone"):
        Range("x", pd.Timestamp("2024-01-01")).fit(X)


def test_range_is_about_its_column_and_those_that_bound_it():
    assert Range(2, low=0, high=1).columns == [2]
    assert Range("a", "b", "c").columns == ["a", "b", "c"]
    assert Range("a", None, pd.Timestamp("2024-01-01")).columns == ["a"]


def test_bounds_by_value_leave_other_columns_to_be_given():
    rng = np.random.RandomState(0)
    X = pd.DataFrame(
        {0: rng.randint(3, size=200), 1: rng.normal(size=200), 2: rng.rand(200)}
    )
    gen = AutoregressiveTransformer(
        embedding_dim=16,
        n_layers=1,
        epochs=1,
        constraints=[Range(2, low=0, high=1)],
        random_state=0,
    ).fit(X)
    known = pd.DataFrame({0: [0, 1, 2, 1]})
    drawn = gen.sample(given=known)
    assert drawn[0].tolist() == [0, 1, 2, 1]
    assert drawn[2].between(0, 1).all()
    with pytest.raises(ValueError, match="Column 2 belongs to a constraint"):
        gen.sample(given=pd.DataFrame({2: [0.5]}))
