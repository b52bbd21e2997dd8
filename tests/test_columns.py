"""Codecs of single columns: kinds, exactness, and what they refuse."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skgen.columns import (
    Block,
    CategoryCodec,
    ConstantCodec,
    NumberCodec,
    TimeCodec,
    infer_kind,
    is_numeric_kind,
    make_codec,
)

PROPERTY = settings(max_examples=100, deadline=None, derandomize=True)


def _back(codec, block, seed=0):
    return codec.inverse_transform(block, np.random.RandomState(seed))


def _round_trip(codec, column):
    back = _back(codec, codec.transform(column))
    expected = column.reset_index(drop=True).rename(None)
    pd.testing.assert_series_equal(back, expected, check_exact=True)


@pytest.mark.parametrize(
    ("values", "dtype", "kind"),
    [
        ([1, 2], "int8", "integer"),
        ([1, None], "UInt64", "integer"),
        ([1, None], "int64[pyarrow]", "integer"),
        ([1.5, 2], "float16", "float"),
        ([1.5, None], "Float32", "float"),
        ([1.5, None], "float[pyarrow]", "float"),
        ([True, False], "bool", "boolean"),
        ([True, None], "boolean", "boolean"),
        ([True, None], "bool[pyarrow]", "boolean"),
        ([True, False], "category", "category"),
        ([1.5, 2.5], "category", "category"),
        (["a", None], "string", "category"),
        (["a", None], "string[pyarrow]", "category"),
        ([0, 1], "M8[s]", "datetime"),
        ([0, 1], "datetime64[ns, Europe/Berlin]", "datetime"),
        ([0, 1], "timestamp[ms][pyarrow]", "datetime"),
        ([0, 1], "timestamp[ms, UTC][pyarrow]", "datetime"),
        ([0, 1], "m8[us]", "timedelta"),
        ([0, 1], "duration[s][pyarrow]", "timedelta"),
        ([dt.date(2020, 1, 1), None], "date32[pyarrow]", "date"),
        ([True, None], "object", "boolean"),
        ([1, None], "object", "integer"),
        ([1, 1.5], "object", "float"),
        (["a", np.nan], "object", "category"),
        ([None, None], "object", "category"),
        ([dt.datetime(2020, 1, 1), None], "object", "datetime"),
        ([pd.Timestamp(0), pd.NaT], "object", "datetime"),
        ([dt.date(2020, 1, 1), None], "object", "date"),
        ([dt.timedelta(1), None], "object", "timedelta"),
        ([1, "1"], "object", "mixed"),
        ([1, True], "object", "mixed"),
        ([(1, 2), (3,)], "object", "mixed"),
        ([b"a", b"b"], "object", "mixed"),
    ],
)
def test_infer_kind(values, dtype, kind):
    assert infer_kind(pd.Series(values, dtype=dtype)) == kind


def test_numeric_kinds():
    numeric = {"integer", "float", "datetime", "timedelta", "date"}
    others = {"category", "boolean", "mixed", "list", "constant"}
    assert [k for k in numeric | others if is_numeric_kind(k)] == [
        k for k in numeric | others if k in numeric
    ]


@pytest.mark.parametrize("values", [[1j, 2j], np.array([1j, 2j])])
def test_complex_numbers_are_refused(values):
    column = pd.Series(values, name="wave", dtype=getattr(values, "dtype", object))
    with pytest.raises(ValueError, match=r"'wave'.*complex data not supported"):
        make_codec(column)


@pytest.mark.parametrize(
    "value",
    [[1, 2], {"k": 1}, {1}, np.array([1, 2]), bytearray(b"x"), ([1], 2)],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("alone", [False, True])
def test_unhashable_cells_are_refused(value, alone):
    column = pd.Series([None] * 3, name="tags", dtype=object)
    for i in range(3):
        column[i] = value if alone or i else "text"
    with pytest.raises(ValueError, match=f"'tags' holds {type(value).__name__} ob.*jo"):
        make_codec(column)


def test_nested_arrow_columns_are_refused_and_dictionaries_are_not():
    nested = pa.array([[1, 2], [3]] * 5)
    column = pd.Series(nested, dtype=pd.ArrowDtype(nested.type), name="tags")
    with pytest.raises(ValueError, match="'tags' holds"):
        make_codec(column)
    coded = pa.array(["a", "b", None] * 5).dictionary_encode()
    column = pd.Series(coded, dtype=pd.ArrowDtype(coded.type))
    codec = make_codec(column)
    assert codec.cardinalities == (3,)
    _round_trip(codec, column)


@pytest.mark.parametrize("dtype", ["object", "string", "category"])
def test_a_text_that_identifies_rows_is_refused(dtype):
    users = pd.Series([f"user{i}" for i in range(100)], dtype=dtype, name="user")
    message = r"'user' identifies rows: 100 different values in 100 rows.*Drop it"
    with pytest.raises(ValueError, match=message):
        make_codec(users)
    # Missing ones beside them change nothing.
    with pytest.raises(ValueError, match="100 different values in 100 rows"):
        make_codec(users.reindex(range(200)))
    # The user may insist.
    codec = CategoryCodec().fit(users)
    _round_trip(codec, users)
    # Five in a hundred that recur are enough, and so are few rows.
    users[:10] = "user0" if dtype != "category" else users[0]
    assert make_codec(users).cardinalities == (91,)
    assert make_codec(users[-15:]).cardinalities == (15,)


@pytest.mark.parametrize("dtype", ["int64", "uint64", "Int64", "object"])
def test_integers_beyond_floats_are_categories(dtype):
    values = [2**53 + 1, 2**53 + 2, 2**62 + 1, 2**53 + 1, 2**53 + 2, 2**62 + 1]
    column = pd.Series(values, dtype=dtype)
    codec = make_codec(column)
    assert codec.kind == "category"
    assert codec.cardinalities == (3,)
    _round_trip(codec, column)
    at_most = make_codec(pd.Series([2**53, 1, 5], dtype=dtype))
    assert at_most.kind == "integer"
    distinct = pd.Series(range(2**60, 2**60 + 30), dtype=dtype, name="id")
    with pytest.raises(ValueError, match=r"'id' identifies rows.*Drop it"):
        make_codec(distinct)


def test_categories_are_sorted_and_a_missing_one_is_last():
    codec = CategoryCodec().fit(pd.Series(["b", None, "a", "b", "c"]))
    assert codec.categories_.tolist()[:3] == ["a", "b", "c"]
    assert codec.categories_.isna().tolist() == [False, False, False, True]
    codes = codec.transform(pd.Series([None, "c", "a"])).codes
    np.testing.assert_array_equal(codes, [[3], [2], [0]])


def test_categories_keep_their_order_and_lose_no_unused_one():
    dtype = pd.CategoricalDtype(["small", "never", "big"], ordered=True)
    column = pd.Series(["big", "small", "big"], dtype=dtype)
    codec = make_codec(column)
    assert codec.ordered
    assert codec.cardinalities == (2,)
    np.testing.assert_array_equal(codec.transform(column).codes.ravel(), [1, 0, 1])
    _round_trip(codec, column)
    # By value, whatever the dtype says the codes are.
    as_text = codec.transform(pd.Series(["small", "big"])).codes
    np.testing.assert_array_equal(as_text.ravel(), [0, 1])
    with pytest.raises(ValueError, match="'never' was not seen in fit"):
        codec.transform(pd.Series(["never"], dtype=dtype))


def test_equal_objects_of_different_types_stay_apart():
    column = pd.Series([1, True, 1.0, "1", None, 1, "1"], dtype=object)
    codec = make_codec(column)
    assert codec.kind == "mixed"
    assert codec.cardinalities == (5,)
    back = _back(codec, codec.transform(column))
    assert [type(value) for value in back] == [type(value) for value in column]
    with pytest.raises(ValueError, match="0 was not seen in fit"):
        codec.transform(pd.Series([1, 0], dtype=object))
    with pytest.raises(ValueError, match="False was not seen in fit"):
        codec.transform(pd.Series([1, False], dtype=object))


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(pd.period_range("2020-01", periods=4, freq="M").repeat(8)),
        pd.Series(pd.cut(np.arange(40.0), 4)),
        pd.Series(pd.arrays.IntervalArray.from_breaks([0, 1, 2])).repeat(10),
        pd.Series(pd.Categorical(pd.to_datetime(["2020-01-01", "2021-01-01"] * 9))),
        pd.Series([b"a", b"", b"a"] * 5),
    ],
    ids=["period", "cut", "interval", "category of dates", "bytes"],
)
def test_other_dtypes_are_categories(column):
    codec = make_codec(column)
    assert codec.has_number is False
    _round_trip(codec, column)


@pytest.mark.parametrize(
    "value", [1, "x", True, 2.5, (1, 2), pd.Timestamp(0), dt.date(2020, 1, 1), None]
)
def test_constants(value):
    column = pd.Series([value] * 5, dtype=object, name="c")
    codec = make_codec(column)
    assert isinstance(codec, ConstantCodec)
    assert codec.cardinalities == ()
    assert codec.has_number is False
    block = codec.transform(column)
    assert block.numeric.shape == block.codes.shape == (5, 0)
    _round_trip(codec, column)
    with pytest.raises(ValueError, match="'c': the value 'other' was not seen in fit"):
        codec.transform(pd.Series([value, "other"], dtype=object, name="c"))


def test_few_values_are_a_code_and_many_a_number():
    few = pd.Series(np.tile(np.arange(20), 5))
    assert NumberCodec("integer").fit(few).cardinalities == (20,)
    # One row less than five for each value, or one value more than 20.
    assert NumberCodec("integer").fit(few[1:]).has_number
    assert NumberCodec("integer").fit(pd.Series(np.tile(np.arange(21), 9))).has_number
    assert NumberCodec("integer", point_masses=False).fit(few).cardinalities == ()


def test_what_is_a_point_mass():
    rest = np.arange(1, 191.0)
    column = pd.Series([0.0] * 10 + list(rest))
    codec = NumberCodec().fit(column)
    # 10 of 200 rows: five in a hundred.
    np.testing.assert_array_equal(codec.values_, [np.nan, 0.0])
    assert codec.range_ == (1.0, 190.0)
    assert NumberCodec().fit(column[1:]).cardinalities == ()
    assert NumberCodec().fit(pd.Series([*column, 1e6])).cardinalities == ()


def test_integers_that_are_masses():
    column = pd.Series([0] * 40 + [7] * 30 + list(range(100, 200)), dtype="Int16")
    column[5] = pd.NA
    codec = make_codec(column)
    np.testing.assert_array_equal(codec.values_, [np.nan, np.nan, 0, 7])
    block = codec.transform(column)
    np.testing.assert_array_equal(np.bincount(block.codes[:, 0]), [100, 1, 39, 30])
    _round_trip(codec, column)
    # A smooth number that is not at the mass stays inside the range of the others.
    smooth = Block(np.array([[-5.0], [133.4], [0.0]]), np.array([[0], [0], [2]]))
    assert _back(codec, smooth).tolist() == [100, 133, 0]


@PROPERTY
@given(
    values=st.lists(
        st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=50
    ),
    drawn=st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=20),
    dtype=st.sampled_from(["float64", "Float64", "double[pyarrow]", "object"]),
)
def test_floats_of_any_size(values, drawn, dtype):
    column = pd.Series([*values, np.nan], dtype=dtype)
    codec = NumberCodec().fit(column)
    _round_trip(codec, column)
    block = codec.transform(column)
    assert np.isfinite(block.numeric).all()
    if codec.has_number:
        zeros = np.zeros((len(drawn), 1), dtype=np.int32)
        back = _back(codec, Block(np.array(drawn).reshape(-1, 1), zeros))
        assert all(min(values) <= value <= max(values) for value in back)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "Float32"])
def test_decimals_are_those_of_the_dtype(dtype):
    column = pd.Series(np.arange(200) / 100, dtype=dtype)
    codec = NumberCodec().fit(column)
    assert codec.decimals_ == 2
    _round_trip(codec, column)
    smooth = _back(codec, Block(np.array([[0.123456]]), np.empty((1, 0), np.int32)))
    assert smooth.dtype == column.dtype
    assert smooth[0] == column[12]
    assert NumberCodec().fit(pd.Series(np.pi * np.arange(200))).decimals_ is None


def test_no_rows():
    for column in [
        pd.Series([1.5, 2.5, 3.75]),
        pd.Series([1.5, np.nan, 3.75]),
        pd.Series(list("abc")),
        pd.Series([1, 1]),
        pd.Series(pd.date_range("2020", periods=3)),
    ]:
        codec = make_codec(column)
        block = codec.transform(column[:0])
        assert block.numeric.shape == (0, int(codec.has_number))
        assert block.codes.shape == (0, len(codec.cardinalities))
        assert _back(codec, block).dtype == column.dtype


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Berlin"])
@pytest.mark.parametrize(
    ("step", "modulo"), [("1s", 10**9), ("1min", 60 * 10**9), ("1D", 86_400 * 10**9)]
)
def test_minutes_stay_minutes(unit, zone, step, modulo):
    rng = np.random.RandomState(0)
    times = pd.Timestamp("2020-02-28") + rng.permutation(5000)[:300] * pd.Timedelta(
        step
    )
    column = pd.Series(pd.DatetimeIndex(times).as_unit(unit))
    if zone is not None:
        column = column.dt.tz_localize("UTC").dt.tz_convert(zone)
    codec = make_codec(column)
    assert codec.kind == "datetime"
    _round_trip(codec, column)
    numeric = rng.uniform(-1e5, 1e5, size=(500, 1))
    back = _back(codec, Block(numeric, np.empty((500, 0), dtype=np.int32)))
    assert back.dtype == column.dtype
    assert back.between(column.min(), column.max()).all()
    ticks = back.dt.tz_localize(None) if zone is None else back.dt.tz_convert("UTC")
    nanoseconds = ticks.dt.as_unit("ns").astype("int64")
    assert (nanoseconds % modulo == 0).all()


def test_durations_and_dates_keep_their_step():
    quarters = pd.Series(pd.to_timedelta(np.arange(50) * 15, unit="min"))
    smooth = Block(np.array([[0.4], [7.6]]), np.empty((2, 0), dtype=np.int32))
    back = _back(make_codec(quarters), smooth)
    assert back.tolist() == [pd.Timedelta(0), pd.Timedelta("2h")]
    days = pd.Series(pd.date_range("2020-02-27", periods=50).date)
    back = _back(make_codec(days), smooth)
    assert back.tolist() == [dt.date(2020, 2, 27), dt.date(2020, 3, 6)]


@pytest.mark.parametrize("missing", [None, pd.NaT, np.nan])
def test_dates_that_nanoseconds_cannot_count(missing):
    days = [dt.date(1, 1, 1), dt.date(9999, 12, 31), dt.date(2020, 2, 29)]
    dates = pd.Series([*days, missing], dtype=object)
    _round_trip(make_codec(dates), dates)
    times = [dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 5, 0, 0, 7), missing]
    times = pd.Series(times, dtype=object)
    _round_trip(make_codec(times), times)
    seconds = pd.Series(np.array(["0001-01-01", "9999-12-31", "NaT"], "M8[s]"))
    _round_trip(make_codec(seconds), seconds)
    arrow = seconds.astype("timestamp[s][pyarrow]")
    _round_trip(make_codec(arrow), arrow)
    arrow = pd.Series(pa.array([*days, None]), dtype=pd.ArrowDtype(pa.date32()))
    _round_trip(make_codec(arrow), arrow)


def test_all_nanoseconds_there_are():
    times = [pd.Timestamp.min, pd.Timestamp.max, pd.Timestamp("2000-01-01")]
    column = pd.Series(times * 3 + [pd.NaT])
    codec = TimeCodec("datetime", point_masses=False).fit(column)
    back = _back(codec, codec.transform(column))
    # 2**64 steps are more than a float counts: rounded down, by less than 2 us.
    lost = column.dropna().astype("int64") - back.dropna().astype("int64")
    assert lost.between(0, 2_050).all()
    np.testing.assert_array_equal(back.isna(), column.isna())
    exact = pd.Series(pd.to_datetime([0, 1, 100 * 86_400 * 10**9], unit="ns"))
    _round_trip(make_codec(exact), exact)


def test_times_in_another_unit_are_the_same_times():
    column = pd.Series(pd.date_range("2020", periods=30, unit="s"))
    codec = make_codec(column)
    expected = codec.transform(column).numeric
    np.testing.assert_array_equal(
        codec.transform(column.dt.as_unit("ns")).numeric, expected
    )
    np.testing.assert_array_equal(
        codec.transform(column.astype(object)).numeric, expected
    )
    # Before the first time of fit, too.
    earlier = codec.transform(column - pd.Timedelta(days=3)).numeric
    np.testing.assert_array_equal(earlier, expected - 3)
    with pytest.raises(ValueError, match=r"'t' had dtype.* in fit and now has"):
        codec.transform(column.dt.tz_localize("UTC").rename("t"))


def test_objects_in_different_time_zones_are_refused():
    zones = [pd.Timestamp("2020", tz=tz) for tz in ["UTC", "Europe/Berlin", None]]
    column = pd.Series(zones, dtype=object, name="seen")
    with pytest.raises(ValueError, match=r"'seen'.*time zones.*utc=True"):
        make_codec(column)
    with pytest.raises(ValueError, match=r"'seen'.*time zones"):
        make_codec(column[:2])
    one = pd.Series([zones[0], pd.Timestamp("2021", tz="UTC"), None], dtype=object)
    _round_trip(make_codec(one), one)


@pytest.mark.parametrize("kind", ["float", "integer", "datetime"])
def test_numbers_called_categorical_are_categories(kind):
    values = {
        "float": [2.5, 1.5, np.nan],
        "integer": [2**60, 1, 5],
        "datetime": pd.to_datetime(["2020-01-02", "2020-01-01", None]),
    }[kind]
    column = pd.Series(values)
    codec = make_codec(column, categorical=True)
    assert isinstance(codec, CategoryCodec)
    assert codec.cardinalities == (3,)
    _round_trip(codec, column)
