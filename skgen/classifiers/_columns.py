"""Encoding of columns of any kind as codes, members of lists and numbers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from skgen.columns import infer_kind, is_numeric_kind
from skgen.columns._number import MAX_EXACT_INTEGER, to_float
from skgen.lists import list_delimiter

# Maximum number of values that describe the distribution of a number.
MAX_KNOTS = 1000
# Code of unknown and of rare categories, which share a vector.
UNKNOWN = 0


class Sizes(NamedTuple):
    """Sizes of the encoded columns.

    `n_codes` is the number of codes in all columns, that is of vectors in the embedding
    table; the others count columns of the output.
    """

    n_codes: int
    n_categorical: int
    n_lists: int
    n_numbers: int


@dataclass(frozen=True)
class EncodedColumns:
    """Rows as codes of categories, lists of codes, and numbers.

    Codes are unique among all columns: each is a row of one embedding table.

    Attributes
    ----------
    codes : ndarray of int32 of shape (n_samples, n_categorical)

    lists : ndarray of int64 of shape (n_samples, n_lists)
        The list of each row, as an index into `starts` and `lengths`.

    starts, lengths : ndarray of int64 of shape (n_distinct_lists,)
        Position of each list's first member in `members`, and number of members, at
        least one.

    members : ndarray of int32
        Codes of the members.

    numbers : ndarray of float32 of shape (n_samples, n_numbers)
        Standard normal scores of the numbers, and flags of missing ones.
    """

    codes: NDArray[np.int32]
    lists: NDArray[np.int64]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    members: NDArray[np.int32]
    numbers: NDArray[np.float32]


class ColumnEncoder:
    """Encode the columns of a table for a network.

    - Text, categories, booleans and mixed objects: one code for each value, a missing
      value being one more. Code 0 of a column stands for unknown and rare values.
    - Delimited lists such as ``"12^35^7"``: the codes of their members. An empty list
      has the empty text as its member.
    - Numbers and durations: the standard normal score of the rank, linear between
      observed values and constant beyond. A missing number has the score 0 and, if
      some were missing in `fit`, a flag.
    - Points in time: a number, and hour and day of the week as codes.

    `categorical` holds the names of columns to encode as categories whatever their
    dtype; categories in fewer than `min_frequency` rows are rare. `sizes_` are the
    sizes of the output.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from skgen.classifiers._columns import ColumnEncoder
    >>> X = pd.DataFrame({"age": [31, 52, 47], "city": ["Rome", "Oslo", "Oslo"]})
    >>> encoder = ColumnEncoder((), min_frequency=1).fit(X, np.ones(3))
    >>> encoder.transform(X).codes.ravel()
    array([1, 2, 2], dtype=int32)
    >>> encoder.transform(X.assign(city="Paris")).codes.ravel()
    array([0, 0, 0], dtype=int32)
    """

    def __init__(self, categorical: Any, *, min_frequency: int) -> None:
        self.categorical = categorical
        self.min_frequency = min_frequency

    def fit(self, X: pd.DataFrame, weights: NDArray[np.float64]) -> ColumnEncoder:
        """Learn the categories, and the weighted distributions of the numbers.

        A column of infinite values, or of lists and other containers, is an error.
        """
        self._encoders: list[tuple[int, _Encoder]] = []
        for place, name in enumerate(X.columns):
            column = _dense(X.iloc[:, place])
            for encoder in _choose(column, name in self.categorical):
                encoder.fit(column, weights, self.min_frequency)
                self._encoders.append((place, encoder))
        encoders = [encoder for _, encoder in self._encoders]
        counts = [encoder.n_codes for encoder in encoders]
        self._offsets = np.cumsum([0, *counts])[:-1].tolist()
        self.sizes_ = Sizes(
            sum(counts),
            sum(isinstance(encoder, _Categories) for encoder in encoders),
            sum(isinstance(encoder, _Lists) for encoder in encoders),
            sum(encoder.n_numbers for encoder in encoders),
        )
        return self

    def transform(self, X: pd.DataFrame) -> EncodedColumns:
        """Encode rows.

        A column that held numbers or times in `fit` must hold such, not infinite.
        """
        n_samples = len(X)
        codes = np.empty((n_samples, self.sizes_.n_categorical), dtype=np.int32)
        lists = np.empty((n_samples, self.sizes_.n_lists), dtype=np.int64)
        numbers = np.empty((n_samples, self.sizes_.n_numbers), dtype=np.float32)
        starts, lengths, members = [], [], []
        n_codes = n_columns = n_numbers = n_wholes = n_members = 0
        for (place, encoder), offset in zip(self._encoders, self._offsets, strict=True):
            column = _dense(X.iloc[:, place])
            if isinstance(encoder, _Categories):
                codes[:, n_codes] = encoder.transform(column) + offset
                n_codes += 1
            elif isinstance(encoder, _Lists):
                wholes, sizes, found = encoder.transform(column)
                lists[:, n_columns] = wholes + n_wholes
                starts.append(np.cumsum(sizes) - sizes + n_members)
                lengths.append(sizes)
                members.append(found + offset)
                n_columns += 1
                n_wholes += len(sizes)
                n_members += len(found)
            else:
                end = n_numbers + encoder.n_numbers
                numbers[:, n_numbers:end] = encoder.transform(column)
                n_numbers = end
        return EncodedColumns(
            codes,
            lists,
            _concatenate(starts, np.int64),
            _concatenate(lengths, np.int64),
            _concatenate(members, np.int32),
            numbers,
        )


class _Encoder(ABC):
    """Encoder of one column; `n_codes` include that of unknown values."""

    n_codes = 0
    n_numbers = 0

    @abstractmethod
    def fit(
        self, column: pd.Series, weights: NDArray[np.float64], min_frequency: int
    ) -> None:
        """Learn a column."""

    @abstractmethod
    def transform(self, column: pd.Series) -> Any:
        """Encode a column."""

    def _keep(self, values: Any, counts: NDArray, min_frequency: int) -> None:
        """Give codes to frequent values; the first count is that of missing ones."""
        self._values = _as_index(values[counts[1:] >= min_frequency])
        has_missing = counts[0] >= max(min_frequency, 1)
        self.n_codes = 1 + len(self._values) + int(has_missing)
        self._missing = self.n_codes - 1 if has_missing else UNKNOWN

    def _look_up(self, codes: NDArray[np.intp], values: Any) -> NDArray[np.intp]:
        """Return the codes of values, given as codes into `values`, -1 if missing."""
        found = self._values.get_indexer(_as_index(values)) + 1
        return np.append(found, self._missing)[codes]


class _Categories(_Encoder):
    """Values as codes, or a part of a point in time: "hour" or "day_of_week"."""

    def __init__(self, part: str | None = None) -> None:
        self.part = part

    def fit(
        self, column: pd.Series, weights: NDArray[np.float64], min_frequency: int
    ) -> None:
        codes, values = self._factorize(column)
        counts = np.bincount(codes + 1, minlength=len(values) + 1)
        self._keep(values, counts, min_frequency)

    def transform(self, column: pd.Series) -> NDArray[np.intp]:
        return self._look_up(*self._factorize(column))

    def _factorize(self, column: pd.Series) -> tuple[NDArray[np.intp], Any]:
        if self.part is not None:
            times = _to_times(column)
            return pd.factorize(getattr(times.dt, self.part))
        try:
            return pd.factorize(column)
        except TypeError:
            value = next(v for v in column if not isinstance(v, Hashable))
            raise ValueError(
                f"Column {column.name!r} holds {type(value).__name__} objects such as "
                f"{value!r}: join them to one delimited string (such as '12^35^7') or "
                "give each part a column of its own."
            ) from None


class _Lists(_Encoder):
    """Delimited lists as the codes of their members."""

    def __init__(self, delimiter: str) -> None:
        self.delimiter = delimiter

    def fit(
        self, column: pd.Series, weights: NDArray[np.float64], min_frequency: int
    ) -> None:
        codes, lists = pd.factorize(column)
        split = self._split(lists)
        n_rows = np.bincount(codes + 1, minlength=len(lists) + 1)
        mentions = pd.Series(
            np.repeat(n_rows[1:], [len(members) for members in split]),
            index=[member for members in split for member in members],
        )
        counts = mentions.groupby(level=0, sort=False).sum()
        self._keep(counts.index, np.append(n_rows[0], counts), min_frequency)

    def transform(
        self, column: pd.Series
    ) -> tuple[NDArray[np.intp], NDArray[np.int64], NDArray[np.int32]]:
        """Return the list of each row, the lists' lengths, and the members' codes."""
        codes, lists = pd.factorize(column)
        split = self._split(lists)
        members = np.array([m for each in split for m in each], dtype=object)
        named, values = pd.factorize(members)
        # The last list is the missing one; its code is -1.
        found = self._look_up(np.append(named, -1), values)
        lengths = np.array([*map(len, split), 1], dtype=np.int64)
        return np.where(codes < 0, len(split), codes), lengths, found.astype(np.int32)

    def _split(self, lists: Any) -> list[list[str]]:
        return [str(whole).split(self.delimiter) for whole in lists]


class _Number(_Encoder):
    """Numbers as standard normal scores of their ranks, missing ones flagged."""

    def fit(
        self, column: pd.Series, weights: NDArray[np.float64], min_frequency: int
    ) -> None:
        values = self._to_numbers(column)
        missing = np.isnan(values)
        self.n_numbers = 1 + int(missing.any())
        knots, at = np.unique(values[~missing], return_inverse=True)
        if not len(knots):
            knots, at = np.zeros(1), np.zeros(0, dtype=np.intp)
        masses = np.bincount(at, weights[~missing], minlength=len(knots))
        shares = masses / max(masses.sum(), np.finfo(float).tiny)
        # Rows with the same value share the middle of their ranks.
        ranks = np.cumsum(shares) - shares / 2
        if len(knots) > MAX_KNOTS:
            kept = np.searchsorted(ranks, np.linspace(ranks[0], ranks[-1], MAX_KNOTS))
            kept = np.unique(np.append(kept, [0, len(knots) - 1]))
            knots, ranks = knots[kept], ranks[kept]
        self._knots = knots
        constant = len(knots) == 1
        self._scores = np.zeros(1) if constant else ndtri(ranks.clip(1e-9, 1 - 1e-9))

    def transform(self, column: pd.Series) -> NDArray[np.float64]:
        values = self._to_numbers(column)
        missing = np.isnan(values)
        scores = np.interp(values, self._knots, self._scores)
        scores[missing] = 0.0
        return np.column_stack([scores, missing][: self.n_numbers])

    def _to_numbers(self, column: pd.Series) -> NDArray[np.float64]:
        try:
            return to_float(column)
        except (TypeError, ValueError) as error:
            if "infinity" in str(error):
                raise
            raise ValueError(
                f"Column {column.name!r} held numbers in fit, and now holds "
                f"{column.dtype} values: {error}. Convert it with pandas.to_numeric, "
                "or fit again."
            ) from error


class _Time(_Number):
    """Points in time, or durations, as numbers."""

    def _to_numbers(self, column: pd.Series) -> NDArray[np.float64]:
        times = _to_times(column)
        numbers = times.astype("int64").to_numpy().astype(np.float64)
        # One unit, whatever that of the column.
        dtype: Any = getattr(times.dtype, "base", times.dtype)
        unit: Any = np.datetime_data(dtype)[0]
        numbers *= np.timedelta64(1, unit) / np.timedelta64(1, "s")
        numbers[times.isna().to_numpy()] = np.nan
        return numbers


def _choose(column: pd.Series, categorical: bool) -> list[_Encoder]:
    """Return the encoders of a column, by what it holds."""
    kind = infer_kind(column)
    if is_numeric_kind(kind) and not categorical:
        if kind == "integer" and _exceeds_exact(column):
            return [_Categories()]
        if kind in {"integer", "float"}:
            return [_Number()]
        if kind == "timedelta":
            return [_Time()]
        parts = ["day_of_week"] if kind == "date" else ["hour", "day_of_week"]
        return [_Time(), *map(_Categories, parts)]
    if kind == "category" and not categorical:
        delimiter = list_delimiter(column)
        if delimiter is not None:
            return [_Lists(delimiter)]
    return [_Categories()]


def _exceeds_exact(column: pd.Series) -> bool:
    """Say whether there are integers that floats cannot tell apart."""
    present = column.dropna()
    return len(present) > 0 and (
        max(abs(int(present.min())), abs(int(present.max()))) > MAX_EXACT_INTEGER
    )


def _to_times(column: pd.Series) -> pd.Series:
    """Return points in time or durations with NumPy's dtype."""
    if column.dtype.kind in "mM" and not isinstance(column.dtype, pd.ArrowDtype):
        return column
    objects = column.astype(object).where(column.notna(), None)
    of_durations = "timedelta" in infer_kind(column)
    try:
        return pd.to_timedelta(objects) if of_durations else pd.to_datetime(objects)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"Column {column.name!r} held times in fit, and now holds {column.dtype} "
            f"values: {error}. Convert it with pandas.to_datetime, or fit again."
        ) from error


def _dense(column: pd.Series) -> pd.Series:
    if isinstance(column.dtype, pd.SparseDtype):
        return cast(Any, column).sparse.to_dense()
    return column


def _as_index(values: Any) -> pd.Index:
    """Return values as keys, whatever their dtype was."""
    keys = np.asarray(values, dtype=object)
    return pd.Index(keys, dtype=object, tupleize_cols=False)


def _concatenate(parts: list[NDArray], dtype: Any) -> NDArray:
    return np.concatenate([np.zeros(0, dtype), *parts]).astype(dtype, copy=False)
