"""Tables to try constraints on, and what is checked of the result."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from sklearn.base import clone

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
