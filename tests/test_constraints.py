import datetime as dt
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from skgen.constraints import Constraint, FixedCombinations, Inequality, Range

PARIS = "datetime64[ns, Europe/Paris]"
NEW_YORK = "datetime64[s, America/New_York]"
NUMBERS = ["int8", "int64", "uint16", "Int16", "Int64", "float64", "float32", "Float64"]
DATES = ["datetime64[ns]", "datetime64[s]", "timestamp[us][pyarrow]"]
FAMILIES = [NUMBERS, DATES, [PARIS, NEW_YORK], ["timedelta64[ns]", "timedelta64[s]"]]
ROWS = settings(max_examples=60, deadline=None)


def holds_missing(dtype):
    return not dtype.startswith(("int", "uint"))


def make_column(numbers, dtype):
    """A column of a dtype from small integers and None, as units, hours or seconds."""
    if dtype.startswith("timedelta"):
        return pd.Series(pd.to_timedelta(numbers, unit="s")).astype(dtype)
    if dtype.startswith(("datetime", "timestamp")):
        hours = pd.to_timedelta(numbers, unit="h")
        dates = pd.Series(pd.Timestamp("2024-03-30") + hours)
        if dtype in (PARIS, NEW_YORK):
            dates = dates.dt.tz_localize("UTC")
        return dates.astype(dtype)
    return pd.Series(numbers, dtype=dtype)


@st.composite
def ordered_tables(draw, n_columns=2):
    """Tables with columns in ascending order in each row, with missing values."""
    family = draw(st.sampled_from(FAMILIES))
    dtypes = [draw(st.sampled_from(family)) for _ in range(n_columns)]
    numbers = st.integers(0, 120)
    if family is NUMBERS and all("loat" in d for d in dtypes):
        numbers = st.floats(-1e4, 1e4, width=32)
    row = st.lists(numbers, min_size=n_columns, max_size=n_columns).map(sorted)
    rows = draw(st.lists(row, min_size=1, max_size=12))
    columns = {}
    for i, dtype in enumerate(dtypes):
        values = [r[i] for r in rows]
        if holds_missing(dtype):
            gaps = draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))
            values = [None if g else v for v, g in zip(values, gaps, strict=True)]
        columns["abcdef"[i]] = make_column(values, dtype)
    X = pd.DataFrame(columns)
    X.index = pd.Index(draw(st.permutations(range(100, 100 + len(rows)))))
    return X


LEVELS = {
    "string": (["x", "y", "z"], "string"),
    "object": (["x", 3, 2.5], object),
    "category": (["x", "y"], pd.CategoricalDtype(["unused", "y", "x"])),
    "ordered": ([3, 1], pd.CategoricalDtype([1, 2, 3], ordered=True)),
    "Int64": ([1, 2, 2**60 + 1], "Int64"),
    "float": ([0.1, -1.5], "float64"),
    "boolean": ([True, False], "boolean"),
    "tz": (
        [pd.Timestamp(d, tz="Europe/Paris") for d in ("2024-01-01", "2024-07-01")],
        PARIS,
    ),
}


@st.composite
def nominal_tables(draw):
    kinds = draw(st.lists(st.sampled_from(list(LEVELS)), min_size=2, max_size=4))
    n = draw(st.integers(1, 12))
    columns = {}
    for i, kind in enumerate(kinds):
        levels, dtype = LEVELS[kind]
        value = st.sampled_from([*levels, None])
        values = draw(st.lists(value, min_size=n, max_size=n))
        columns[f"{kind}{i}"] = pd.Series(values, dtype=dtype)
    X = pd.DataFrame(columns)
    X.insert(draw(st.integers(0, len(kinds))), "other", np.arange(n))
    named = draw(st.permutations([c for c in X.columns if c != "other"]))
    return X, named[: draw(st.integers(2, len(named)))]


def recombine(Z, seed):
    """Shuffle every column on its own, as the least faithful generator would."""
    rng = np.random.RandomState(seed)
    shuffled = {c: Z[c].iloc[rng.permutation(len(Z))].array for c in Z.columns}
    return pd.DataFrame(shuffled, index=Z.index, columns=Z.columns)


def as_tuples(X):
    return [
        tuple("missing" if pd.isna(v) else v for v in row)
        for row in X.astype(object).itertuples(index=False)
    ]


def assert_ordered(X, low, high):
    """Brute force, in Python's own comparisons."""
    for a, b in zip(X[low].astype(object), X[high].astype(object), strict=True):
        assert pd.isna(a) or pd.isna(b) or a <= b, (low, a, high, b)


def assert_in_range(X, training):
    for column in training:
        assert X[column].dtype == training[column].dtype
        present = X[column].dropna()
        if len(present):
            assert training[column].min() <= present.min()
            assert present.max() <= training[column].max()
        if not training[column].isna().any():
            assert not X[column].isna().any()


def assert_round_trip(B, X):
    """Exact, or to the rounding of a sum of floats no larger than the table's."""
    if any("loat" in str(d) for d in X.dtypes):
        largest = max(np.nanmax(X.to_numpy(float, na_value=0.0)), 0)
        largest = max(largest, -np.nanmin(X.to_numpy(float, na_value=0.0)))
        eps = 1e-6 if "float32" in map(str, X.dtypes) else 1e-15
        assert_frame_equal(B, X, rtol=0, atol=4 * eps * largest)
    else:
        assert_frame_equal(B, X)


def apply(constraints, X):
    fitted = []
    for constraint in constraints:
        fitted.append(clone(constraint).fit(X))
        X = fitted[-1].transform(X)
    return fitted, X


def invert(fitted, Z):
    for constraint in reversed(fitted):
        Z = constraint.inverse_transform(Z)
    return Z


# ---------------------------------------------------------------- FixedCombinations


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


# ----------------------------------------------------------------------- Inequality


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


# ---------------------------------------------------------------------------- Range


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


# --------------------------------------------------------------- what all have alike


@pytest.fixture
def clicks():
    rng = np.random.RandomState(0)
    n = 300
    country = rng.randint(3, size=n)
    floor = rng.gamma(2.0, 1.0, size=n)
    start = pd.Timestamp("2024-03-01", tz="Europe/Paris") + pd.to_timedelta(
        rng.randint(10**6, size=n), unit="s"
    )
    seen = rng.randint(1, 30, size=n)
    return pd.DataFrame(
        {
            "country": pd.Categorical.from_codes(country, ["FR", "PE", "ES", "XX"]),
            "floor": floor,
            "city": [f"city{c}{rng.randint(2)}" for c in country],
            "bid": floor + rng.gamma(1.0, 1.0, size=n) * (rng.rand(n) < 0.5),
            "start": start,
            "clicked": pd.Series(start).where(rng.rand(n) < 0.3)
            + pd.to_timedelta(rng.randint(60, size=n), unit="s"),
            "seen": seen,
            "clicks": pd.array(rng.randint(0, seen + 1), dtype="Int64"),
            "cap": seen + rng.randint(5, size=n),
            "share": rng.rand(n),
        }
    )


def test_constraints_compose(clicks):
    rules = [
        FixedCombinations(["country", "city"]),
        Range("seen", "clicks", "cap"),
        Range("share", 0, 1),
        Range("bid", 0, None),
        Inequality("floor", "bid"),
        Inequality("start", "clicked"),
    ]
    fitted, Z = apply(rules, clicks)
    assert_frame_equal(invert(fitted, Z), clicks)
    pairs = set(as_tuples(clicks[["country", "city"]]))
    for seed in range(5):
        B = invert(fitted, recombine(Z, seed))
        assert (B.dtypes == clicks.dtypes).all()
        assert set(as_tuples(B[["country", "city"]])) <= pairs
        for low, high in [
            ("floor", "bid"),
            ("clicks", "seen"),
            ("seen", "cap"),
            ("start", "clicked"),
        ]:
            assert_ordered(B, low, high)
        assert_in_range(B.drop(columns=["country", "city"]), clicks.iloc[:, 6:])
        assert B["share"].between(0, 1).all()


def test_a_chain_is_listed_from_its_upper_end(clicks):
    upper, lower = Inequality("seen", "cap"), Inequality("clicks", "seen")
    fitted, Z = apply([upper, lower], clicks)
    B = invert(fitted, recombine(Z, 0))
    assert_ordered(B, "clicks", "seen")
    assert_ordered(B, "seen", "cap")
    with pytest.raises(ValueError, match="put this one before it"):
        apply([lower, upper], clicks)


ALL = [
    FixedCombinations(["country", "city"]),
    Inequality("floor", "bid"),
    Range("seen", "clicks", "cap"),
    Range("share", 0, 1),
    Range("start", pd.Timestamp("2024-01-01", tz="UTC")),
]


@pytest.mark.parametrize("rule", ALL, ids=repr)
def test_estimator_conventions(rule, clicks):
    copy = clone(rule)
    assert isinstance(copy, Constraint)
    assert repr(copy) == repr(rule)
    with pytest.raises(NotFittedError):
        copy.transform(clicks)
    with pytest.raises(NotFittedError):
        copy.inverse_transform(clicks)
    before = clicks.copy(deep=True)
    assert copy.fit(clicks) is copy
    assert copy.get_params() == rule.get_params()
    assert copy.n_features_in_ == clicks.shape[1]
    assert copy.feature_names_in_.tolist() == clicks.columns.tolist()
    Z = copy.transform(clicks)
    rewritten = Z.copy(deep=True)
    B = pickle.loads(pickle.dumps(copy)).inverse_transform(Z)
    assert_frame_equal(B, clicks)
    assert_frame_equal(Z, rewritten)
    assert_frame_equal(clicks, before)


@pytest.mark.parametrize("rule", ALL, ids=repr)
def test_other_columns_row_order_and_no_rows(rule, clicks):
    fitted = clone(rule).fit(clicks)
    Z = fitted.transform(clicks)
    with pytest.raises(ValueError, match=r"missing \['share'\]"):
        fitted.transform(clicks.drop(columns="share"))
    with pytest.raises(ValueError, match=r"unexpected \['new'\]"):
        fitted.inverse_transform(Z.assign(new=1))
    with pytest.raises(TypeError, match="DataFrame"):
        fitted.transform(clicks.to_numpy())
    # Duplicate index labels are no obstacle, nor is an empty batch.
    twice = pd.concat([Z, Z])
    assert_frame_equal(fitted.inverse_transform(twice), pd.concat([clicks, clicks]))
    assert_frame_equal(fitted.inverse_transform(Z.iloc[:0]), clicks.iloc[:0])


@pytest.mark.parametrize(
    "rule", [FixedCombinations(["x", "no"]), Inequality("no", "x"), Range("no", 0)]
)
def test_missing_and_repeated_columns(rule):
    X = pd.DataFrame({"x": [1], "y": [2]})
    with pytest.raises(ValueError, match=r"\['no'\].*columns there are: \['x', 'y'\]"):
        rule.fit(X)
    with pytest.raises(ValueError, match=r"\['x'\] occur more than once"):
        rule.fit(X.set_axis(["x", "x"], axis=1))


def test_labels_may_be_tuples():
    X = pd.DataFrame({("a", 1): [1, 2], ("a", 2): [3, 4], ("b", 1): [0, 0]})
    assert isinstance(X.columns, pd.MultiIndex)
    rules, Z = apply(
        [
            Inequality(("a", 1), ("a", 2)),
            FixedCombinations([("a", 1), ("b", 1)]),
        ],
        X,
    )
    assert Z.shape == (2, 2)
    assert_frame_equal(invert(rules, Z), X)
