"""Columns of any kind as what networks take: levels, members of lists and numbers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from skgen.columns import infer_kind, is_numeric_kind
from skgen.columns._number import MAX_EXACT_INTEGER, to_float
from skgen.lists import list_delimiter

# The distribution of a number is kept as so many of its values at most.
MAX_KNOTS = 1000
# Code of the levels that share a vector: unknown ones, and those that are too rare.
UNKNOWN = 0


@dataclass(frozen=True)
class EncodedColumns:
    """Rows as levels, lists and numbers.

    The levels of all columns are numbered through: each is a row of one table of
    vectors.

    Attributes
    ----------
    codes : ndarray of int32 of shape (n_samples, n_categories)
        The level of each category.

    lists : ndarray of int64 of shape (n_samples, n_lists)
        The list that a row holds, as an index into `starts` and `lengths`.

    starts, lengths : ndarray of int64 of shape (n_different_lists,)
        Where the members of each list stand in `members`. No list is empty.

    members : ndarray of int32
        The levels of the members.

    numbers : ndarray of float32 of shape (n_samples, n_numbers)
        Standard normal scores of the numbers, and flags of the missing ones.
    """

    codes: NDArray[np.int32]
    lists: NDArray[np.int64]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    members: NDArray[np.int32]
    numbers: NDArray[np.float32]


class ColumnEncoder:
    """Encode the columns of a table for a network.

    - Text, categories, booleans and mixed objects: one level for each value, missing
      values being a level too. Level 0 of a column is that of unknown values.
    - Delimited lists such as ``"12^35^7"``: the levels of their members. An empty list
      has the empty text as its member.
    - Numbers and durations: the standard normal score of the rank, linear between
      observed values and constant beyond. A missing number has the score 0 and, if
      some were missing in `fit`, a flag beside it.
    - Points in time: a number, and hour and day of the week as levels.

    Parameters
    ----------
    categorical : collection of hashable
        Names of columns that are categories whatever they hold.

    min_frequency : int
        Levels in fewer rows count as unknown.

    Attributes
    ----------
    n_levels_ : int
        Rows of the table of vectors.

    n_categories_, n_lists_, n_numbers_ : int
        Fields of each kind.

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
        """Learn the levels, and the distributions of the numbers.

        Parameters
        ----------
        X : DataFrame of shape (n_samples, n_features)

        weights : ndarray of shape (n_samples,)
            Of the rows, for the distributions of numbers.

        Returns
        -------
        self : ColumnEncoder

        Raises
        ------
        ValueError
            If a column has infinite values or holds objects that are no values.
        """
        self._encoders: list[tuple[int, _Encoder]] = []
        for place, name in enumerate(X.columns):
            column = _dense(X.iloc[:, place])
            for encoder in _choose(column, name in self.categorical):
                encoder.fit(column, weights, self.min_frequency)
                self._encoders.append((place, encoder))
        counts = [encoder.n_levels for _, encoder in self._encoders]
        self._offsets = np.cumsum([0, *counts])[:-1].tolist()
        self.n_levels_ = sum(counts)
        self.n_categories_ = sum(isinstance(e, _Levels) for _, e in self._encoders)
        self.n_lists_ = sum(isinstance(e, _Lists) for _, e in self._encoders)
        self.n_numbers_ = sum(e.n_numbers for _, e in self._encoders)
        return self

    @property
    def sizes_(self) -> tuple[int, int, int, int]:
        """Numbers of levels, categories, lists and numbers: what a network asks for."""
        return self.n_levels_, self.n_categories_, self.n_lists_, self.n_numbers_

    def transform(self, X: pd.DataFrame) -> EncodedColumns:
        """Encode rows.

        Parameters
        ----------
        X : DataFrame of shape (n_samples, n_features)
            Columns as in `fit`.

        Returns
        -------
        encoded : EncodedColumns

        Raises
        ------
        ValueError
            If a column of numbers or times holds anything else or is infinite.
        """
        n_samples = len(X)
        codes = np.empty((n_samples, self.n_categories_), dtype=np.int32)
        lists = np.empty((n_samples, self.n_lists_), dtype=np.int64)
        numbers = np.empty((n_samples, self.n_numbers_), dtype=np.float32)
        starts, lengths, members = [], [], []
        n_codes = n_columns = n_numbers = n_wholes = n_members = 0
        for (place, encoder), offset in zip(self._encoders, self._offsets, strict=True):
            column = _dense(X.iloc[:, place])
            if isinstance(encoder, _Levels):
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
    """One column as one kind of field.

    Attributes
    ----------
    n_levels : int
        Levels, those of unknown values included.

    n_numbers : int
        Columns of numbers.
    """

    n_levels = 0
    n_numbers = 0

    @abstractmethod
    def fit(
        self, column: pd.Series, weights: NDArray[np.float64], min_frequency: int
    ) -> None:
        """Learn a column."""

    @abstractmethod
    def transform(self, column: pd.Series) -> Any:
        """Encode a column."""


class _Levels(_Encoder):
    """Values as codes; a missing value is a level.

    Parameters
    ----------
    part : {None, "hour", "day_of_week"}
        What of a point in time is the value; None takes values as they are.
    """

    def __init__(self, part: str | None = None) -> None:
        self.part = part

    def fit(
        self, column: pd.Series, weights: NDArray[np.float64], min_frequency: int
    ) -> None:
        codes, levels = self._factorize(column)
        counts = np.bincount(codes + 1, minlength=len(levels) + 1)
        kept = counts[1:] >= min_frequency
        self._levels = _as_index(levels[kept])
        self._has_missing = counts[0] >= max(min_frequency, 1)
        self.n_levels = 1 + len(self._levels) + int(self._has_missing)

    def transform(self, column: pd.Series) -> NDArray[np.intp]:
        codes, levels = self._factorize(column)
        missing = self.n_levels - 1 if self._has_missing else UNKNOWN
        # The last entry serves the missing values, whose code is -1.
        found = np.append(self._levels.get_indexer(_as_index(levels)) + 1, missing)
        return found[codes]

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
        wholes, lists = pd.factorize(column)
        split = self._split(lists)
        n_rows = np.bincount(wholes + 1, minlength=len(lists) + 1)
        mentions = pd.Series(
            np.repeat(n_rows[1:], [len(members) for members in split]),
            index=[member for members in split for member in members],
        )
        counts = mentions.groupby(level=0, sort=False).sum()
        self._levels = _as_index(counts.index[counts >= min_frequency])
        self._has_missing = n_rows[0] >= max(min_frequency, 1)
        self.n_levels = 1 + len(self._levels) + int(self._has_missing)

    def transform(
        self, column: pd.Series
    ) -> tuple[NDArray[np.intp], NDArray[np.int64], NDArray[np.int32]]:
        """Return which list each row holds, the lists' lengths, and their members."""
        wholes, lists = pd.factorize(column)
        split = self._split(lists)
        named = [member for members in split for member in members]
        codes, members = pd.factorize(np.array(named, dtype=object))
        found = self._levels.get_indexer(_as_index(members)) + 1
        missing = self.n_levels - 1 if self._has_missing else UNKNOWN
        lengths = np.array([*map(len, split), 1], dtype=np.int64)
        # The last list is the missing one; its code is -1.
        wholes = np.where(wholes < 0, len(split), wholes)
        return wholes, lengths, np.append(found[codes], missing).astype(np.int32)

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
            return [_Levels()]
        if kind in {"integer", "float"}:
            return [_Number()]
        if kind == "timedelta":
            return [_Time()]
        parts = ["day_of_week"] if kind == "date" else ["hour", "day_of_week"]
        return [_Time(), *map(_Levels, parts)]
    if kind == "category" and not categorical:
        delimiter = list_delimiter(column)
        if delimiter is not None:
            return [_Lists(delimiter)]
    return [_Levels()]


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
