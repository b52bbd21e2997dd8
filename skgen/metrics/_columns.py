"""The one place where tables to be compared become aligned columns."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types
from scipy import sparse
from sklearn.base import ClassifierMixin

from skgen.columns import infer_kind


@dataclass(frozen=True)
class Columns:
    """One table of an `Alignment`.

    Attributes
    ----------
    numeric : ndarray of shape (n_rows, n_numeric)
        Numbers as floats, NaN where missing.

    codes : ndarray of shape (n_rows, n_categorical)
        Integer codes of the categories.
    """

    numeric: NDArray[np.float64]
    codes: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.numeric)

    def take(self, rows: NDArray[np.intp]) -> Columns:
        """Return the given rows."""
        return Columns(self.numeric[rows], self.codes[rows])


@dataclass(frozen=True)
class Alignment:
    """Tables with the same columns, as numbers and codes that mean the same in each.

    Numbers, dates (seconds since the column's earliest value in any of the tables)
    and durations (seconds) are numeric; booleans, strings, categories and mixed
    objects are categorical. The categories of a categorical column are those of all the
    tables, coded in the order of their text; a missing value is a category of its own,
    the last.

    Attributes
    ----------
    names : list
        Column names in the order of the tables.

    is_numeric : ndarray of bool of shape (n_columns,)
        Which of `names` are numeric; the others are categorical.

    n_levels : ndarray of int of shape (n_categorical,)
        Number of categories of each categorical column.

    tables : dict of str to Columns
        The tables by the names that they were given.
    """

    names: list[Hashable]
    is_numeric: NDArray[np.bool_]
    n_levels: NDArray[np.int64]
    tables: dict[str, Columns]

    def __getitem__(self, table: str) -> Columns:
        return self.tables[table]

    @property
    def numeric_names(self) -> list[Hashable]:
        """Names of the numeric columns."""
        return [
            n for n, numeric in zip(self.names, self.is_numeric, strict=True) if numeric
        ]

    def subsample(
        self, table: str, max_samples: int | None, rng: np.random.RandomState
    ) -> Alignment:
        """Return the alignment with at most `max_samples` rows left in a table."""
        n_rows = len(self[table])
        if max_samples is None or n_rows <= max_samples:
            return self
        rows = rng.permutation(n_rows)[:max_samples]
        return replace(
            self, tables={**self.tables, table: self[table].take(np.sort(rows))}
        )

    def missing_columns(self) -> NDArray[np.intp]:
        """Return positions of the numeric columns that miss a value in any table."""
        missing = [np.isnan(t.numeric).any(axis=0) for t in self.tables.values()]
        return np.flatnonzero(np.any(missing, axis=0))

    def features(self, *reference: str) -> dict[str, NDArray[np.float64]]:
        """Encode the tables for a classifier that knows only numbers.

        A categorical column becomes the rank of its category by frequency in the
        `reference` tables (0 the most frequent, ties in the order of the category's
        text) and -1 for a category that they lack; a missing number becomes the
        reference median, and a column with missing numbers is followed, at the end of
        the table, by their indicator.
        """
        numbers = np.concatenate([self[name].numeric for name in reference])
        codes = np.concatenate([self[name].codes for name in reference])
        missing = self.missing_columns()
        medians = np.zeros(numbers.shape[1])
        for column in missing:
            observed = numbers[~np.isnan(numbers[:, column]), column]
            medians[column] = np.median(observed) if len(observed) else 0.0
        ranks = []
        for column, n_levels in enumerate(self.n_levels):
            counts = np.bincount(codes[:, column], minlength=n_levels)
            rank = np.empty(n_levels)
            rank[np.argsort(-counts, kind="stable")] = np.arange(n_levels)
            rank[counts == 0] = -1
            ranks.append(rank)
        return {
            name: np.column_stack(
                [
                    np.where(np.isnan(table.numeric), medians, table.numeric),
                    *(rank[table.codes[:, j]] for j, rank in enumerate(ranks)),
                    np.isnan(table.numeric[:, missing]),
                ]
            )
            for name, table in self.tables.items()
        }

    def one_hot(self, table: str) -> sparse.csr_array:
        """Return the indicators of all categories of all categorical columns."""
        codes = self[table].codes
        n_rows, n_columns = codes.shape
        offsets = np.concatenate([[0], np.cumsum(self.n_levels)]).astype(np.int64)
        # scikit-learn's exact neighbour search takes 32-bit indices alone.
        indices = (codes + offsets[:-1]).ravel().astype(np.int32)
        indptr = np.arange(0, n_rows * n_columns + 1, max(n_columns, 1), dtype=np.int32)
        if n_columns == 0:
            indptr = np.zeros(n_rows + 1, dtype=np.int32)
        return sparse.csr_array(
            (np.ones(indices.size), indices, indptr), shape=(n_rows, int(offsets[-1]))
        )


def align(**tables: Any) -> Alignment:
    """Bring tables with the same columns to numbers and codes that can be compared.

    Errors name the tables as the keywords do. An array takes the column names of a
    DataFrame beside it, by position. Tables that are empty or not two-dimensional,
    columns that differ in names, number, order or kind, infinities, and values that
    are not hashable raise a ValueError.
    """
    sizes = {name: len(table) for name, table in as_frames(tables).items()}
    splits = np.cumsum(list(sizes.values()))[:-1]
    names, is_numeric, n_levels = [], [], []
    numeric: list[NDArray[np.float64]] = []
    codes: list[NDArray[np.int64]] = []
    for name, kind, values in pooled_columns(tables):
        names.append(name)
        is_numeric.append(kind != "categorical")
        if kind == "categorical":
            column, n = _level_codes(name, values)
            codes.append(column)
            n_levels.append(n)
        else:
            numeric.append(to_numbers(kind, values))
    n_rows = sum(sizes.values())
    number_blocks = np.split(_stack(numeric, n_rows, np.float64), splits)
    code_blocks = np.split(_stack(codes, n_rows, np.int64), splits)
    return Alignment(
        names=names,
        is_numeric=np.array(is_numeric, dtype=bool),
        n_levels=np.array(n_levels, dtype=np.int64),
        tables={
            table: Columns(x, c)
            for table, x, c in zip(sizes, number_blocks, code_blocks, strict=True)
        },
    )


def row_keys(**tables: Any) -> dict[str, NDArray[np.int64]]:
    """Return one integer for each row of each table, equal for exactly equal rows.

    Values are compared as they are (no rounding, integers of any size, missing equal
    to missing), so two rows share a key if and only if they are equal.
    """
    sizes = {name: len(table) for name, table in as_frames(tables).items()}
    keys = np.zeros(sum(sizes.values()), dtype=np.int64)
    for name, _, values in pooled_columns(tables):
        codes, categories = factorize_levels(name, values)
        # Both factors are at most the number of rows, so the product cannot overflow.
        keys = pd.factorize(keys * (len(categories) + 1) + codes + 1)[0]
    splits = np.cumsum(list(sizes.values()))[:-1]
    return dict(zip(sizes, np.split(keys, splits), strict=True))


def default_classifier() -> ClassifierMixin:
    """Return the classifier of `Alignment.features` where the user gives none."""
    from xgboost import XGBClassifier

    # One thread: XGBoost's threads spin while they wait, which slows fits that run side
    # by side (in a parallel cross-validation) many times over.
    return XGBClassifier(n_estimators=100, tree_method="hist", n_jobs=1)


def _stack(columns: list[NDArray[Any]], n_rows: int, dtype: type) -> NDArray[Any]:
    if not columns:
        return np.empty((n_rows, 0), dtype=dtype)
    return np.column_stack(columns)


def as_frames(tables: dict[str, Any]) -> dict[str, pd.DataFrame]:
    """Return the tables as DataFrames with the same column names."""
    frames = {name: _as_frame(name, table) for name, table in tables.items()}
    named = [name for name in frames if isinstance(tables[name], pd.DataFrame)]
    first = named[0] if named else next(iter(frames))
    columns = list(frames[first].columns)
    for name, frame in frames.items():
        if frame.shape[1] == len(columns) and name not in named:
            frames[name] = frame.set_axis(columns, axis=1)
            continue
        given = list(frame.columns)
        if given == columns:
            continue
        if name not in named or frame.shape[1] == len(columns) == 0:
            raise ValueError(
                f"{name} has {frame.shape[1]} columns and {first} has {len(columns)}: "
                "give tables with the same columns."
            )
        lacking = [c for c in columns if c not in given]
        extra = [c for c in given if c not in columns]
        if lacking or extra:
            raise ValueError(
                f"The columns of {name} differ from those of {first}: "
                f"missing {lacking}, unexpected {extra}. Give tables with the same "
                "columns."
            )
        if len(given) != len(columns):
            raise ValueError(
                f"{name} has {len(given)} columns and {first} has {len(columns)} under "
                f"the same names: drop the repeated ones of {given}."
            )
        moved = next(i for i, c in enumerate(columns) if given[i] != c)
        raise ValueError(
            f"The columns of {name} are those of {first} in a different order "
            f"({given[moved]!r} stands in the place of {columns[moved]!r}): reorder "
            f"them, as in `{name}[{first}.columns]`."
        )
    return frames


def _as_frame(name: str, table: Any) -> pd.DataFrame:
    if sparse.issparse(table):
        raise ValueError(
            f"{name} is a sparse matrix: pass a dense array, `.toarray()`."
        )
    if not isinstance(table, pd.DataFrame):
        if not isinstance(table, np.ndarray):
            # As objects, so that numbers beside strings in a list stay numbers.
            table = np.asarray(table, dtype=object)
        if table.ndim != 2:
            raise ValueError(
                f"{name} must be a table with rows and columns, got an array with "
                f"{table.ndim} dimension(s): reshape a single column with "
                "`.reshape(-1, 1)` or `.to_frame()`."
            )
        table = pd.DataFrame(table)
    if 0 in table.shape:
        raise ValueError(
            f"{name} is empty ({table.shape[0]} rows, {table.shape[1]} columns): at "
            "least one row and one column are needed."
        )
    return table


def pooled_columns(
    tables: dict[str, Any],
) -> Iterator[tuple[Hashable, str, pd.Series]]:
    """Yield the name, kind and values, over all the tables, of each column."""
    frames = as_frames(tables)
    for position, name in enumerate(next(iter(frames.values())).columns):
        parts = {label: frame.iloc[:, position] for label, frame in frames.items()}
        kind = _common_kind(name, parts)
        parts = {label: _as_kind(part, kind) for label, part in parts.items()}
        if kind == "numeric":
            for label, part in parts.items():
                _refuse_infinities(name, label, part)
        yield name, kind, _pool(list(parts.values()), kind)


def _common_kind(name: Hashable, parts: dict[str, pd.Series]) -> str:
    kinds = {label: _kind(part) for label, part in parts.items()}
    # A column without a single value fits whatever the others hold.
    known = {label: k for label, k in kinds.items() if parts[label].notna().any()}
    if not known:
        return next(iter(kinds.values()))
    (first, kind), *others = known.items()
    for label, other in others:
        if other != kind:
            raise ValueError(
                f"Column {name!r} is {kind} in {first} ({parts[first].dtype}) and "
                f"{other} in {label} ({parts[label].dtype}): give both the same dtype."
            )
    return kind


def _kind(values: pd.Series) -> str:
    """Return "numeric", "datetime", "datetime with time zone", ... or "categorical"."""
    dtype, kind = values.dtype, infer_kind(values)
    if kind in {"integer", "float"}:
        return "numeric"
    if kind == "datetime":
        arrow = getattr(dtype, "pyarrow_dtype", None)
        zone = getattr(dtype, "tz", None) or getattr(arrow, "tz", None)
        return "datetime with time zone" if zone is not None else "datetime"
    if kind == "date" or isinstance(dtype, pd.PeriodDtype):
        return "datetime"
    if kind == "timedelta":
        return "timedelta"
    if kind == "boolean" or isinstance(dtype, pd.CategoricalDtype):
        return "categorical"
    is_decimal = types.infer_dtype(values, skipna=True) == "decimal"
    return "numeric" if is_decimal else "categorical"


def _as_kind(values: pd.Series, kind: str) -> pd.Series:
    """Return a column of one table in a dtype of its kind."""
    if kind == "categorical":
        return values
    if values.isna().all():
        values = pd.Series(np.full(len(values), np.nan))
    if isinstance(values.dtype, pd.PeriodDtype):
        values = values.dt.to_timestamp()
    if kind == "numeric":
        if types.is_object_dtype(values.dtype):
            values = pd.to_numeric(values.where(values.notna(), np.nan))
        return values
    if kind == "timedelta":
        return pd.to_timedelta(values)
    return pd.to_datetime(values, utc=True)


def _pool(parts: list[pd.Series], kind: str) -> pd.Series:
    """Put a column of several tables into one, equal values staying equal."""
    if kind == "numeric" and not all(types.is_integer_dtype(p.dtype) for p in parts):
        return pd.Series(np.concatenate([_floats(p) for p in parts]))
    if kind == "categorical" and len({p.dtype for p in parts}) > 1:
        parts = [p.astype(object) for p in parts]
    return pd.concat(parts, ignore_index=True)


def _floats(values: pd.Series) -> NDArray[np.float64]:
    return values.to_numpy(dtype=np.float64, na_value=np.nan)


def to_numbers(kind: str, values: pd.Series) -> NDArray[np.float64]:
    """Return a pooled numeric column, dates or durations as floats."""
    if kind == "numeric":
        return _floats(values)
    if kind != "timedelta":
        # From the earliest value on: a date since 1970 is too large for the 32-bit
        # floats of the tree libraries.
        values = values - values.min()
    return values.dt.total_seconds().to_numpy(dtype=np.float64)


def _refuse_infinities(name: Hashable, table: str, values: pd.Series) -> None:
    infinite = np.isinf(_floats(values))
    if infinite.any():
        raise ValueError(
            f"Column {name!r} of {table} holds infinities ({int(infinite.sum())}, the "
            f"first in row {int(infinite.argmax())}): replace them by a number or by "
            "a missing value."
        )


def factorize_levels(
    name: Hashable, values: pd.Series
) -> tuple[NDArray[np.int64], Any]:
    try:
        return pd.factorize(values)
    except TypeError as error:
        raise ValueError(
            f"Column {name!r} holds values that cannot be compared ({error}): turn "
            "them into strings or numbers."
        ) from error


def _level_codes(name: Hashable, values: pd.Series) -> tuple[NDArray[np.int64], int]:
    """Return codes in the order of the categories' text, a missing value the last."""
    codes, categories = factorize_levels(name, values)
    texts = [str(category) for category in categories]
    if any(isinstance(v, float) and np.isinf(v) for v in categories):
        raise ValueError(
            f"Column {name!r} holds infinities among its categories: replace them by "
            "a number or by a missing value."
        )
    order = sorted(range(len(texts)), key=texts.__getitem__)
    rank = np.empty(len(texts) + 1, dtype=np.int64)
    rank[order] = np.arange(len(texts))
    rank[-1] = len(texts)  # pandas codes a missing value as -1
    return rank[codes], len(texts) + int((codes == -1).any())
