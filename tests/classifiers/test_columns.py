"""Columns as levels, lists and numbers."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtri
from scipy.stats import rankdata

from skgen.classifiers._columns import ColumnEncoder


def encode(X, new=None, *, weights=None, categorical=(), min_frequency=1):
    weights = np.ones(len(X)) if weights is None else weights
    encoder = ColumnEncoder(categorical, min_frequency=min_frequency).fit(X, weights)
    return encoder, encoder.transform(X if new is None else new)


def members_of(encoded, row, column=0):
    whole = encoded.lists[row, column]
    start = encoded.starts[whole]
    return encoded.members[start : start + encoded.lengths[whole]].tolist()


def test_levels_of_all_columns_are_numbered_through():
    X = pd.DataFrame({"a": ["x", "y", "x"], "b": [True, False, True]})
    encoder, encoded = encode(X)
    assert encoded.codes.tolist() == [[1, 4], [2, 5], [1, 4]]
    # Two levels and the unknown one of each column.
    assert encoder.sizes_ == (6, 2, 0, 0)


@pytest.mark.parametrize(
    "dtype", [object, "category", "string", pd.StringDtype("pyarrow")]
)
def test_unknown_and_missing_levels(dtype):
    X = pd.DataFrame({"a": pd.Series(["x", None, "y", "x"], dtype=dtype)})
    new = pd.DataFrame({"a": pd.Series(["z", None, "y"], dtype=dtype)})
    encoder, encoded = encode(X, new)
    assert encoded.codes.ravel().tolist() == [0, 3, 2]
    assert encoder.sizes_.n_codes == 4
    # A missing value that fit did not see is unknown.
    assert encode(X.dropna(), new)[1].codes.ravel().tolist() == [0, 0, 2]


def test_categories_match_by_value_not_by_dtype():
    X = pd.DataFrame({"a": pd.Categorical([7, 8, 7])})
    for new in ([8, 7, 9], [8.0, 7.0, 9.0]):
        assert encode(X, pd.DataFrame({"a": new}))[1].codes.ravel().tolist() == [
            2,
            1,
            0,
        ]


def test_rare_levels_are_unknown():
    X = pd.DataFrame(
        {"a": ["x", "x", "y", "x", None], "b": ["1^2", "2^1", "2"] + [""] * 2}
    )
    encoder, encoded = encode(X, min_frequency=2)
    assert encoded.codes[:, 0].tolist() == [1, 1, 0, 1, 0]
    assert encoder.sizes_.n_codes == 2 + encoder._encoders[1][1].n_codes


def test_lists_are_their_members():
    lists = ["1^2", "2^3", "1^3", "3", "1^2^3", "", None]
    X = pd.DataFrame({"city": ["Oslo"] * 7, "tags": lists})
    new = pd.DataFrame({"city": ["Oslo"] * 4, "tags": ["3^1", "4^2", None, ""]})
    encoder, encoded = encode(X, new)
    # Levels 0 and 1 are of the city, 2 is what is unknown among the members.
    assert encoder.sizes_ == (2 + 1 + 4 + 1, 1, 1, 0)
    assert [members_of(encoded, i) for i in range(4)] == [[5, 3], [2, 4], [7], [6]]


def test_a_list_column_that_is_named_is_a_category():
    X = pd.DataFrame({"tags": ["1^2", "2^3", "1^3", "3", "1^2^3"]})
    assert encode(X)[0].sizes_.n_lists == 1
    assert encode(X, categorical={"tags"})[0].sizes_ == (6, 1, 0, 0)


def test_numbers_are_normal_scores_of_their_ranks():
    values = np.random.RandomState(0).lognormal(size=300).round(1)
    scores = encode(pd.DataFrame({"a": values}))[1].numbers[:, 0]
    expected = ndtri((rankdata(values) - 0.5) / len(values))
    np.testing.assert_allclose(scores, expected, atol=1e-6)


def test_scores_of_many_values_are_near_those_of_all():
    values = np.random.RandomState(0).standard_cauchy(size=20_000)
    encoder, encoded = encode(pd.DataFrame({"a": values}))
    expected = ndtri((rankdata(values) - 0.5) / len(values))
    inside = np.abs(expected) < 3
    error = np.abs(encoded.numbers[:, 0] - expected)[inside].max()
    assert error < 0.05
    assert len(encoder._encoders[0][1]._knots) <= 1002


def test_new_numbers_lie_between_old_ones():
    X = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0]})
    new = pd.DataFrame({"a": [-9.0, 0.0, 0.5, 1.0, 9.0]})
    low, first, between, second, high = encode(X, new)[1].numbers[:, 0]
    assert low == first
    assert between == pytest.approx((first + second) / 2)
    assert high == pytest.approx(-low)


def test_weights_of_numbers_are_repetitions():
    rng = np.random.RandomState(0)
    X = pd.DataFrame({"a": rng.normal(size=50).round(1)})
    times = rng.randint(1, 4, size=50)
    repeated = X.loc[X.index.repeat(times)]
    weighted = encode(X, weights=times.astype(float))[1].numbers
    np.testing.assert_allclose(weighted, encode(repeated, X)[1].numbers, atol=1e-6)


def test_missing_numbers():
    X = pd.DataFrame({"a": [1.0, np.nan, 3.0], "b": [1.0, 2.0, 3.0]})
    encoder, encoded = encode(X, pd.DataFrame({"a": [np.nan], "b": [np.nan]}))
    # The flag of the first column, which alone had one in fit.
    assert encoder.sizes_.n_numbers == 3
    assert encoded.numbers.tolist() == [[0.0, 1.0, 0.0]]
    nullable = pd.DataFrame({"a": pd.array([1, None, 3], dtype="Int64"), "b": X["b"]})
    np.testing.assert_array_equal(encode(nullable)[1].numbers, encode(X)[1].numbers)


def test_constants_and_columns_without_values():
    X = pd.DataFrame({"a": [2.0, 2.0], "b": [np.nan, np.nan], "c": [None, None]})
    encoded = encode(X, X.assign(a=[1.0, 5.0]))[1]
    assert encoded.numbers.tolist() == [[0, 0, 1]] * 2
    assert encoded.codes.tolist() == [[1], [1]]


def test_times_are_a_number_and_parts_of_the_clock():
    times = pd.date_range("2024-05-01", periods=48, freq="h")
    X = pd.DataFrame({"t": times})
    encoder, encoded = encode(X)
    assert encoder.sizes_ == ((1 + 24) + (1 + 2), 2, 0, 1)
    assert (np.diff(encoded.numbers[:, 0]) > 0).all()
    assert (encoded.codes[:24, 0] == encoded.codes[24:, 0]).all()
    coarse = encode(X, X.astype("datetime64[s]"))[1]
    np.testing.assert_allclose(coarse.numbers, encoded.numbers)
    zoned = pd.DataFrame({"t": times.tz_localize("Europe/Rome")})
    np.testing.assert_array_equal(encode(zoned)[1].codes, encoded.codes)


def test_dates_and_durations():
    X = pd.DataFrame(
        {
            "day": [date(2024, 5, 1), date(2024, 5, 9), None],
            "wait": pd.to_timedelta([3, 60, None], unit="s"),
        }
    )
    encoder, encoded = encode(X)
    # Each a score and a flag; the weekday, missing among its levels.
    assert encoder.sizes_ == (1 + 2 + 1, 1, 0, 4)
    assert encoded.numbers[2].tolist() == [0, 1, 0, 1]
    scores = encoded.numbers[:2, [0, 2]]
    np.testing.assert_allclose(scores, ndtri([[0.25] * 2, [0.75] * 2]), atol=1e-6)


def test_long_integers_are_categories():
    X = pd.DataFrame({"hash": [2**60, 2**60 + 1, 2**60]})
    assert encode(X)[1].codes.ravel().tolist() == [1, 2, 1]


def test_sparse_columns():
    X = pd.DataFrame({"a": [0.0, 0.0, 3.0]})
    sparse = X.astype(pd.SparseDtype(float, 0.0))
    np.testing.assert_array_equal(encode(sparse)[1].numbers, encode(X)[1].numbers)


def test_errors_name_the_column():
    with pytest.raises(ValueError, match="'price' contains infinity"):
        encode(pd.DataFrame({"price": [1.0, np.inf]}))
    with pytest.raises(ValueError, match="'tags' holds list objects such as"):
        encode(pd.DataFrame({"tags": [["a"], ["b"]]}))
    with pytest.raises(ValueError, match="'price' held numbers in fit"):
        encode(pd.DataFrame({"price": [1.0, 2.0]}), pd.DataFrame({"price": ["cheap"]}))
    when = pd.DataFrame({"t": pd.to_datetime(["2024-05-01", "2024-05-02"])})
    with pytest.raises(ValueError, match="'t' held times in fit"):
        encode(when, pd.DataFrame({"t": ["soon"]}))
