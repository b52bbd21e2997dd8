"""Columns keep to the combinations of training."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from skgen.constraints import FixedCombinations

from .tables import ROWS, as_tuples, nominal_tables, recombine


@ROWS
@given(nominal_tables(), st.integers(0, 2**31))
def test_combinations_round_trip_and_cannot_break(table, seed):
    X, columns = table
    before = X.copy(deep=True)
    rule = FixedCombinations(columns)
    Z = rule.fit_transform(X)
    assert_frame_equal(X, before)
    assert isinstance(Z[rule.name_].dtype, pd.CategoricalDtype)
    n_combinations = len(set(as_tuples(X[columns])))
    assert Z[rule.name_].cat.categories.tolist() == list(range(n_combinations))
    assert_frame_equal(rule.inverse_transform(Z), X)

    B = rule.inverse_transform(recombine(Z, seed))
    assert B.columns.equals(X.columns)
    assert (B.dtypes == X.dtypes).all()
    # A shuffle of the ids keeps the combinations and how often each occurs.
    assert sorted(map(repr, as_tuples(B[columns]))) == sorted(
        map(repr, as_tuples(X[columns]))
    )


def test_combinations_stand_where_the_first_named_column_stood():
    X = pd.DataFrame({"city": ["a", "b"], "n": [1, 2], "country": ["A", "B"]})
    assert FixedCombinations(["country", "city"]).fit_transform(X).columns.tolist() == [
        "n",
        "country+city",
    ]
    assert FixedCombinations(["city", "country"]).fit_transform(X).columns.tolist() == [
        "city+country",
        "n",
    ]


def test_combinations_name_is_made_unique_and_labels_may_be_numbers():
    X = pd.DataFrame([[1, 2, 3], [4, 5, 6]])
    X["0+2"] = "taken"
    rule = FixedCombinations([0, 2]).fit(X)
    assert rule.name_ == "0+2 (2)"
    Z = rule.transform(X)
    assert Z.columns.tolist() == ["0+2 (2)", 1, "0+2"]
    assert_frame_equal(rule.inverse_transform(Z), X)


def test_combinations_see_values_not_codes():
    X = pd.DataFrame({"a": pd.Categorical(["x", "y"]), "b": [1, 2]})
    rule = FixedCombinations(["a", "b"]).fit(X)
    recoded = X.assign(a=pd.Categorical(["x", "y"], categories=["y", "x"]))
    assert rule.transform(recoded)["a+b"].tolist() == [0, 1]


def test_combinations_unseen():
    X = pd.DataFrame({"country": ["FR", "PE"], "city": ["Paris", None]})
    rule = FixedCombinations(["country", "city"]).fit(X)
    new = pd.DataFrame(
        {"country": ["FR", "FR", "ES"], "city": ["Paris", None, "Lima"]},
        index=["r", "s", "t"],
    )
    with pytest.raises(ValueError, match=r"2 of 3 rows, first at index 's'") as info:
        rule.transform(new)
    assert "['country', 'city']" in str(info.value)
    assert "'country' = 'FR'" in str(info.value)
    ids = pd.Series(pd.Categorical.from_codes([0, -1], [0, 1]))
    with pytest.raises(ValueError, match="no combination"):
        rule.inverse_transform(pd.DataFrame({"country+city": ids}))


@pytest.mark.parametrize("columns", [["a"], ["a", "a"], []])
def test_combinations_need_two_columns(columns):
    with pytest.raises(ValueError, match="two or more different columns"):
        FixedCombinations(columns).fit(pd.DataFrame({"a": [1], "b": [2]}))


def test_combinations_of_a_string_or_lists():
    with pytest.raises(ValueError, match="columns"):
        FixedCombinations("ab").fit(pd.DataFrame({"a": [1], "b": [2]}))
    with pytest.raises(ValueError, match="'b' holds values that cannot be hashed"):
        FixedCombinations(["a", "b"]).fit(pd.DataFrame({"a": [1], "b": [[2]]}))


def test_combinations_of_many_levels_do_not_overflow():
    # 20,000 levels in each of five columns: 3.2e21 products, 20,000 combinations.
    values = np.arange(20_000)
    X = pd.DataFrame({c: np.roll(values, i) for i, c in enumerate("abcde")})
    rule = FixedCombinations(list("abcde"))
    Z = rule.fit_transform(X)
    assert Z.iloc[:, 0].nunique() == 20_000
    assert_frame_equal(rule.inverse_transform(Z), X)
