"""One column at most another."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from skgen.constraints import Inequality

from .tables import (
    ROWS,
    apply,
    assert_in_range,
    assert_ordered,
    assert_round_trip,
    invert,
    ordered_tables,
    recombine,
)


@ROWS
@given(ordered_tables(), st.integers(0, 2**31))
def test_inequality_round_trip_and_cannot_break(X, seed):
    before = X.copy(deep=True)
    rule = Inequality("a", "b")
    Z = rule.fit_transform(X)
    assert_frame_equal(X, before)
    assert Z.columns.tolist() == ["a", "b - a"]
    gap = Z["b - a"]
    assert gap.isna().equals(X["b"].isna())
    zero = pd.Timedelta(0) if gap.dtype.kind == "m" else 0
    assert (gap.dropna() >= zero).all()
    assert_round_trip(rule.inverse_transform(Z), X)

    B = rule.inverse_transform(recombine(Z, seed))
    assert B.index.equals(X.index)
    assert_ordered(B, "a", "b")
    # A low above every high is seen only where the high is missing.
    no_high = X["b"].isna().all()
    all_reach = no_high or not (X["a"].dropna() > X["b"].max()).any()
    if all_reach:
        assert sorted(B["b"].isna()) == sorted(X["b"].isna())
    assert_in_range(B, X)
    assert sorted(map(repr, B["a"])) == sorted(map(repr, X["a"]))


finite = st.floats(allow_nan=False, allow_infinity=False, width=64).map(
    lambda x: x / 4  # so that no difference overflows
)


@ROWS
@given(
    st.lists(st.tuples(finite, finite).map(sorted), min_size=1, max_size=15),
    st.sampled_from(["float64", "float32"]),
    st.integers(0, 2**31),
)
def test_inequality_holds_through_float_rounding(rows, high_dtype, seed):
    a, b = np.array(rows).T
    if high_dtype == "float32":
        a, b = np.clip(a, -1e30, 1e30), np.clip(b, -1e30, 1e30)
        b = np.nextafter(b.astype("float32"), np.float32(np.inf))
    X = pd.DataFrame({"a": a, "b": b})
    rule = Inequality("a", "b")
    B = rule.inverse_transform(recombine(rule.fit_transform(X), seed))
    assert_ordered(B, "a", "b")
    assert_in_range(B, X)


def test_inequality_rounds_up_to_a_coarser_dtype():
    # Half an hour past the second, half an unit past the integer.
    X = pd.DataFrame(
        {
            "a": pd.to_datetime(["2024-01-01 00:00:00.7", "2024-01-01 00:00:03.2"]),
            "b": pd.to_datetime(["2024-01-01 00:00:01", "2024-01-01 00:00:09"]),
            "x": [0.75, 3.5],
            "n": [1, 9],
        }
    ).astype({"b": "datetime64[s]"})
    rules, Z = apply([Inequality("a", "b"), Inequality("x", "n")], X)
    assert_frame_equal(invert(rules, Z), X)
    Z["b - a"] = Z["b - a"].iloc[::-1].array
    Z["n - x"] = Z["n - x"].iloc[::-1].array
    B = invert(rules, Z)
    # 0.7 s + 5.8 s = 6.5 s and 3.2 s + 0.3 s = 3.5 s, up to the second.
    assert B["b"].dt.second.tolist() == [7, 4]
    # 0.75 + 5.5 = 6.25 and 3.5 + 0.25 = 3.75, to the nearest integer.
    assert B["n"].tolist() == [6, 4]
    assert (B.dtypes == X.dtypes).all()
    assert_ordered(B, "a", "b")


def test_inequality_measures_from_the_least_value_where_low_is_missing():
    X = pd.DataFrame({"a": [5.0, np.nan, 8.0], "b": [7.0, 3.0, np.nan]})
    rule = Inequality("a", "b").fit(X)
    gap = rule.transform(X)["b - a"]
    np.testing.assert_array_equal(gap, [2.0, 0.0, np.nan])
    # Above every b in training there was no b.
    Z = pd.DataFrame({"a": [8.0, 5.0], "b - a": [2.0, 0.0]})
    np.testing.assert_array_equal(rule.inverse_transform(Z)["b"], [np.nan, 5.0])


def test_inequality_brings_strays_back_into_the_range_of_training():
    X = pd.DataFrame({"a": [0, 5], "b": [5, 9]})
    rule = Inequality("a", "b").fit(X)
    Z = pd.DataFrame({"a": [-3, 50, 2], "b - a": [-7, 1000, 1000]})
    B = rule.inverse_transform(Z)
    assert B["a"].tolist() == [0, 5, 2]
    assert B["b"].tolist() == [5, 9, 9]


@pytest.mark.parametrize("missing", ["a", "b", "ab"])
def test_inequality_of_columns_without_values(missing):
    X = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    X[list(missing)] = np.nan
    rule = Inequality("a", "b")
    assert_frame_equal(rule.inverse_transform(rule.fit_transform(X)), X)


def test_inequality_of_object_columns_keeps_the_values():
    X = pd.DataFrame({"a": [1, None, 3], "b": [2, 2**60 + 1, None]}, dtype=object)
    rule = Inequality("a", "b")
    B = rule.inverse_transform(rule.fit_transform(X))
    assert B["a"].tolist() == [1, None, 3]
    assert B["b"].tolist() == [2, 2**60 + 1, None]
    assert type(B["b"][1]) is int


def test_inequality_of_huge_integers_is_exact_or_refused():
    X = pd.DataFrame({"a": [2**62, 2**62 + 1], "b": [2**62 + 1, 2**63 - 1]})
    rule = Inequality("a", "b")
    Z = rule.fit_transform(X)
    assert Z["b - a"].tolist() == [1, 2**62 - 2]
    assert_frame_equal(rule.inverse_transform(Z), X)
    with pytest.raises(ValueError, match=r"'a' and 'b' span .* do not fit"):
        rule.fit(X.assign(a=-(2**62)))
    with pytest.raises(ValueError, match=r"'b' holds .* signed 64-bit"):
        rule.fit(X.assign(b=np.array([2**63, 2**63], dtype="uint64")))
    with pytest.raises(ValueError, match=r"'b' holds integers beyond 2\*\*53"):
        rule.fit(X.assign(a=0.5))
    with pytest.raises(ValueError, match="do not fit in 64 bits"):
        rule.fit(pd.DataFrame({"a": [-1.7e308], "b": [1.7e308]}))


def test_inequality_broken_in_training():
    X = pd.DataFrame(
        {"floor": [1, 5, 9, 7], "bid": [2, 3, 9, 1]}, index=["p", "q", "r", "s"]
    )
    with pytest.raises(ValueError, match="does not hold") as info:
        Inequality("floor", "bid").fit(X)
    message = str(info.value)
    assert "'floor' <= 'bid'" in message
    assert "2 of 4 rows, first at index 'q': 'floor' = 5, 'bid' = 3" in message
    assert "Drop or repair these rows, or leave the constraint out" in message
    rule = Inequality("floor", "bid").fit(X.loc[["p", "r"]])
    with pytest.raises(ValueError, match="2 of 4 rows"):
        rule.transform(X)


@pytest.mark.parametrize(
    ("low", "high"),
    [
        (["x", "y"], [1, 2]),
        ([True, False], [1, 2]),
        (pd.Categorical([1, 2]), [1, 2]),
        (pd.to_datetime(["2024-01-01"] * 2), [1, 2]),
        (pd.to_datetime(["2024-01-01"] * 2), pd.to_timedelta([1, 2])),
        (
            pd.to_datetime(["2024-01-01"] * 2),
            pd.to_datetime(["2024-01-01"] * 2).tz_localize("UTC"),
        ),
        ([1j, 2j], [1, 2]),
        ([dt.date(2024, 1, 1)] * 2, pd.to_datetime(["2024-01-01"] * 2)),
    ],
)
def test_inequality_of_kinds_without_a_common_order(low, high):
    X = pd.DataFrame({"low": low, "high": high})
    with pytest.raises(ValueError, match=r"'low'.*cannot be compared.*Convert|Bring"):
        Inequality("low", "high").fit(X)


def test_inequality_of_one_column_or_infinities():
    X = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, np.inf]})
    with pytest.raises(ValueError, match="two different columns"):
        Inequality("a", "a").fit(X)
    with pytest.raises(ValueError, match="'b' holds infinite values"):
        Inequality("a", "b").fit(X)


def test_inequality_refuses_another_dtype_than_in_fit():
    X = pd.DataFrame({"a": [1, 2], "b": [3, 4]})
    rule = Inequality("a", "b").fit(X)
    with pytest.raises(ValueError, match="'b' had dtype int64 in fit"):
        rule.transform(X.assign(b=[3.5, 4.5]))
