"""The normal form: what each kind of column becomes, and what is refused."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from skgen.table import (
    TableSchema,
    check_same_columns,
    resolve_columns,
)


@pytest.mark.parametrize("decimals", [0, 1, 2, 5])
def test_smooth_numbers_come_back_with_the_observed_decimals(decimals):
    rng = np.random.RandomState(0)
    X = pd.DataFrame({"price": rng.lognormal(3, 1, size=200).round(decimals)})
    schema = TableSchema().fit(X)
    table = schema.transform(X)
    smooth = table.like(rng.uniform(-10, 200, size=(500, 1)), table.codes[[0] * 500])
    price = schema.inverse_transform(smooth, random_state=rng)["price"]
    np.testing.assert_array_equal(price, price.round(decimals))
    assert price.between(X["price"].min(), X["price"].max()).all()
    assert price.nunique() > 20


def test_a_point_mass_is_a_code_beside_the_number():
    rng = np.random.RandomState(0)
    tail = rng.lognormal(size=1000)
    seconds = np.where(rng.uniform(size=1000) < 0.92, 0.0, tail)
    seconds[:50] = np.nan
    X = pd.DataFrame({"seconds": seconds})
    schema = TableSchema().fit(X)
    table = schema.transform(X)
    (field,) = table.fields
    assert (field.kind, field.number, field.codes, field.gated) == (
        "float",
        0,
        (0,),
        True,
    )
    assert table.cardinalities.tolist() == [3]
    missing, zero = np.isnan(seconds), seconds == 0
    np.testing.assert_array_equal(table.codes[missing, 0], 1)
    np.testing.assert_array_equal(table.codes[zero, 0], 2)
    np.testing.assert_array_equal(table.active(0), ~missing & ~zero)
    # A missing number holds the median of those that count, a mass itself.
    positive = np.sort(seconds[~missing & ~zero])
    assert positive[(len(positive) - 1) // 2] == table.numeric[0, 0]
    np.testing.assert_array_equal(table.numeric[zero, 0], 0.0)

    plain = TableSchema(point_masses=False).fit(X).transform(X)
    np.testing.assert_array_equal(plain.active(0), ~missing)
    assert plain.cardinalities.tolist() == [2]


def test_integers_that_take_few_values_are_one_ordered_code():
    X = pd.DataFrame({"n": np.tile([3, 1, 2], 20), "x": np.arange(60.0)})
    table = TableSchema().fit(X).transform(X)
    assert table.fields[0].number is None
    assert table.cardinalities.tolist() == [3]
    np.testing.assert_array_equal(table.codes[:3, 0], [2, 0, 1])
    np.testing.assert_array_equal(table.ordered, [True])
    assert table.gates.tolist() == [-1]


def test_a_constant_column_is_left_out_and_put_back():
    X = pd.DataFrame({"one": [1, 1, 1], "x": [1.5, 2.5, 4.0], "no": [None] * 3})
    schema = TableSchema().fit(X)
    table = schema.transform(X)
    assert [field.name for field in table.fields] == ["x"]
    assert table.numeric.shape == (3, 1)
    with pytest.raises(ValueError, match=r"'one'.*2 was not seen in fit"):
        schema.transform(X.assign(one=[1, 2, 1]))
    with pytest.raises(ValueError, match=r"'no'.*'a' was not seen in fit"):
        schema.transform(X.assign(no=[None, "a", None]))


def test_missing_values_unseen_in_fit():
    X = pd.DataFrame({"x": np.arange(30.0), "s": list("ab") * 15})
    schema = TableSchema().fit(X)
    with pytest.raises(ValueError, match="'x' has missing values"):
        schema.transform(X.assign(x=np.where(X["x"] > 3, X["x"], np.nan)))
    with pytest.raises(ValueError, match="'s': the value nan was not seen"):
        schema.transform(X.assign(s=X["s"].where(X["x"] > 3, np.nan)))
    few = TableSchema().fit(pd.DataFrame({"n": [1, 2] * 10}))
    with pytest.raises(ValueError, match="'n' has missing values"):
        few.transform(pd.DataFrame({"n": [1.0, np.nan]}))


def test_values_unseen_in_fit():
    schema = TableSchema().fit(pd.DataFrame({"s": list("ab") * 5, "n": [1, 2] * 5}))
    with pytest.raises(ValueError, match="'s': the value 'z' was not seen in fit"):
        schema.transform(pd.DataFrame({"s": ["a", "z"], "n": [1, 2]}))
    with pytest.raises(
        ValueError, match=r"'n': the value .*3\.0.* was not seen in fit"
    ):
        schema.transform(pd.DataFrame({"s": ["a", "b"], "n": [1, 3]}))


@pytest.mark.parametrize("dtype", ["float64", "Float64", "double[pyarrow]", "object"])
@pytest.mark.parametrize("later", [False, True])
def test_infinity_is_named(dtype, later):
    good = pd.Series([1.0, 2.5, 3.25], dtype=dtype)
    bad = pd.Series([1.0, np.inf, 3.25], dtype=dtype)
    schema = TableSchema()
    method = schema.fit
    if later:
        method = schema.fit(good.to_frame("price")).transform
    message = r"'price' contains infinity.*at index 1\. Replace"
    with pytest.raises(ValueError, match=message):
        method(bad.to_frame("price"))


def test_an_empty_table_and_a_column_twice():
    with pytest.raises(ValueError, match="no rows"):
        TableSchema().fit(pd.DataFrame({"x": [], "s": []}))
    twice = pd.DataFrame([[1, 2, 3]], columns=["a", "b", "a"])
    with pytest.raises(ValueError, match="'a' occurs more than once"):
        TableSchema().fit(twice)
    schema = TableSchema().fit(pd.DataFrame({"a": [1, 2], "b": [2, 1]}))
    with pytest.raises(ValueError, match="'a' occurs more than once"):
        schema.transform(twice)


def test_changed_columns_are_named():
    X = pd.DataFrame({"a": [1, 2], "b": [2, 3], "c": [3, 4]})
    schema = TableSchema().fit(X)
    with pytest.raises(ValueError, match=r"missing \['b'\]"):
        schema.transform(X.drop(columns="b"))
    with pytest.raises(ValueError, match=r"new \['d'\]"):
        schema.transform(X.assign(d=1))
    with pytest.raises(ValueError, match="'c' stands where 'b' stood"):
        schema.transform(X[["a", "c", "b"]])


def test_the_same_names_in_another_kind_of_index_are_the_same_columns():
    seen = pd.Index(["a", "b"], dtype=object)
    check_same_columns(seen, pd.CategoricalIndex(["a", "b"]))
    check_same_columns(seen, pd.Index(["a", "b"], dtype="string"))
    tuples = pd.MultiIndex.from_tuples([("a", 1), ("a", 2)])
    check_same_columns(tuples, tuples.to_flat_index())
    check_same_columns(pd.RangeIndex(2), pd.Index([0, 1]))


def test_multi_index_columns():
    columns = pd.MultiIndex.from_tuples(
        [("a", 1), ("a", 2), ("b", 1)], names=["k", "n"]
    )
    X = pd.DataFrame([[1, "x", 0.5], [2, "y", 1.5]] * 10, columns=columns)
    schema = TableSchema(categorical_features=[("a", 1)]).fit(X)
    table = schema.transform(X)
    assert [field.kind for field in table.fields] == ["category", "category", "float"]
    back = schema.inverse_transform(table, random_state=None)
    pd.testing.assert_frame_equal(back, X)
    with pytest.raises(ValueError, match="asks for 'a'"):
        TableSchema(categorical_features=["a"]).fit(X)


@pytest.mark.parametrize(
    "selection",
    [
        ["zip", "hour"],
        [1, -1],
        np.array([1, 2]),
        [False, True, True],
        np.array([False, True, True]),
        pd.Index(["hour", "zip"]),
        ("zip", 2),
    ],
)
def test_categorical_features_by_name_index_and_mask(selection):
    rng = np.random.RandomState(0)
    X = pd.DataFrame(
        {
            "x": rng.normal(size=100),
            "zip": rng.permutation(1000)[:100],
            "hour": rng.randint(100, size=100) / 4,
        }
    )
    schema = TableSchema(categorical_features=selection).fit(X)
    table = schema.transform(X)
    assert [f.kind for f in table.fields] == ["float", "category", "category"]
    assert table.cardinalities.tolist() == [100, X["hour"].nunique()]
    back = schema.inverse_transform(table, random_state=None)
    pd.testing.assert_frame_equal(back, X, check_exact=True)


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        (["nope"], "asks for 'nope', which is no column"),
        ([2], "asks for 2, "),
        ([-3], "asks for -3, "),
        ([True, False, True], "mask of 3 entries, but the table has 2"),
        ([["x"]], r"asks for \['x'\]"),
        ([0.5], "asks for 0.5"),
    ],
)
def test_bad_categorical_features(selection, message):
    X = pd.DataFrame({"x": [1, 2], "y": [1, 3]})
    with pytest.raises(ValueError, match=message):
        TableSchema(categorical_features=selection).fit(X)


def test_names_come_before_indices():
    columns = pd.Index([2, 0, 1])
    assert resolve_columns([2, 0], columns) == {2, 0}
    assert resolve_columns(None, columns) == set()
    assert resolve_columns("auto", columns) == set()
    dates = pd.DatetimeIndex(["2020-01-05", "2021-01-05"])
    with pytest.raises(ValueError, match="'2020'"):
        resolve_columns(["2020"], dates)


def test_not_fitted_before_and_after_a_failed_fit():
    X = pd.DataFrame({"x": [1.0, 2.0]})
    schema = TableSchema()
    with pytest.raises(NotFittedError):
        schema.transform(X)
    with pytest.raises(ValueError, match="infinity"):
        schema.fit(pd.DataFrame({"x": [1.0, 2.0], "y": [1.0, np.inf]}))
    with pytest.raises(NotFittedError):
        schema.transform(X)


def test_clone_keeps_the_parameters():
    schema = TableSchema(categorical_features=["x"], point_masses=False)
    assert clone(schema).get_params() == schema.get_params()


def test_a_column_of_many_categories_costs_memory_by_its_rows():
    n_rows, n_categories = 200_000, 100_000
    rng = np.random.RandomState(0)
    users = np.concatenate(
        [np.arange(n_categories), rng.randint(n_categories, size=n_rows - n_categories)]
    )
    X = pd.DataFrame(
        {
            "user": pd.Series(users).map("user{:06d}".format),
            "x": rng.normal(size=n_rows),
        }
    )
    tracemalloc.start()
    try:
        schema = TableSchema().fit(X)
        table = schema.transform(X)
        back = schema.inverse_transform(table, random_state=rng)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert table.cardinalities.tolist() == [n_categories]
    assert peak < 1000 * n_rows
    pd.testing.assert_frame_equal(back, X)


def test_table_take_like_and_empty():
    X = pd.DataFrame({"s": list("abcab"), "x": [1.0, 2.0, 3.0, 4.0, 5.5]})
    table = TableSchema().fit(X).transform(X)
    part = table.take(np.array([True, False, True, False, False]))
    np.testing.assert_array_equal(part.numeric, [[1.0], [3.0]])
    np.testing.assert_array_equal(part.codes, [[0], [2]])
    empty = table.empty(7)
    assert len(empty) == 7
    assert empty.fields == table.fields
    assert empty.cardinalities is table.cardinalities
    assert len(table.take(np.array([], dtype=int))) == 0
