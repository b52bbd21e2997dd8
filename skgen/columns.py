"""Codecs for one column: any kind of values to numbers and codes, and back.

Each codec learns one column (`fit`), writes it as a block of numbers and a block of
codes (`transform`) and reads it back (`inverse_transform`). `make_codec` chooses by the
column's kind.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from skgen.lists import ListCodec, find_delimiter

# A number is written as a code when it takes few values ...
MAX_DISCRETE_VALUES = 20
MIN_ROWS_PER_VALUE = 5
# ... and a single value gets a code of its own from this share of the rows on.
MIN_MASS_SHARE = 0.05
MIN_MASS_ROWS = 10
# A text column with more different values than this share identifies rows.
MAX_DISTINCT_SHARE = 0.95
MIN_ROWS_FOR_IDENTIFIER = 20
# Integers beyond are not exact as floats.
MAX_EXACT_INTEGER = 2**53


class Block(NamedTuple):
    """One column in the normal form.

    Attributes
    ----------
    numeric : ndarray of float64 of shape (n_samples, 0 or 1)
        The number, if the column has one.

    codes : ndarray of int32 of shape (n_samples, n_codes)
        The codes.
    """

    numeric: NDArray[np.float64]
    codes: NDArray[np.int32]


def _block(
    n_samples: int, numeric: NDArray | None = None, codes: NDArray | None = None
) -> Block:
    if numeric is None:
        numeric = np.empty((n_samples, 0))
    if codes is None:
        codes = np.empty((n_samples, 0), dtype=np.int32)
    return Block(
        np.atleast_2d(numeric.T).T.astype(np.float64, copy=False),
        np.atleast_2d(codes.T).T.astype(np.int32, copy=False),
    )


def infer_kind(column: pd.Series) -> str:
    """Say what a column holds.

    Parameters
    ----------
    column : Series

    Returns
    -------
    kind : {"boolean", "integer", "float", "datetime", "timedelta", "date", \
            "category", "mixed"}
        By the dtype; by the values for an object column, where "category" means text
        and "mixed" a mixture such as numbers beside text. Arrow's dictionaries are
        "mixed" too.

    Raises
    ------
    ValueError
        If the column holds complex numbers.
    """
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return "category"
    if types.is_bool_dtype(dtype):
        return "boolean"
    if types.is_complex_dtype(dtype):
        raise _complex_error(column)
    if types.is_integer_dtype(dtype):
        return "integer"
    if types.is_float_dtype(dtype):
        return "float"
    if isinstance(dtype, pd.ArrowDtype) and dtype.type is date:
        return "date"
    # By the kind, which Arrow's durations share with numpy's.
    if dtype.kind == "M":
        return "datetime"
    if dtype.kind == "m":
        return "timedelta"
    if _is_nested(dtype):
        return "mixed"
    if not types.is_object_dtype(dtype):
        return "category"
    inferred = types.infer_dtype(column, skipna=True)
    if inferred == "complex":
        raise _complex_error(column)
    return {
        "boolean": "boolean",
        "integer": "integer",
        "floating": "float",
        "mixed-integer-float": "float",
        "datetime": "datetime",
        "datetime64": "datetime",
        "date": "date",
        "timedelta": "timedelta",
        "timedelta64": "timedelta",
        "string": "category",
        "empty": "category",
    }.get(inferred, "mixed")


def _complex_error(column: pd.Series) -> ValueError:
    return ValueError(
        f"Column {column.name!r}: complex data not supported. Pass the real and the "
        "imaginary part as two columns."
    )


def _is_nested(dtype: Any) -> bool:
    """Say whether Arrow holds lists, structs or dictionaries, which it cannot sort."""
    if not isinstance(dtype, pd.ArrowDtype):
        return False
    return dtype.type in (list, dict) or hasattr(dtype.pyarrow_dtype, "value_type")


def is_numeric_kind(kind: str) -> bool:
    """Say whether a column of this kind is a number (a point in time is one)."""
    return kind in {"integer", "float", "datetime", "timedelta", "date"}


class ColumnCodec(ABC):
    """One column to the normal form and back.

    Attributes
    ----------
    kind : str
        What the column holds.

    has_number : bool
        Whether the block has a number.

    cardinalities : tuple of int
        Number of levels of each code.

    gated : bool
        Whether the number counts only where the first code is 0.

    ordered : bool
        Whether the levels of the codes have an order.
    """

    kind: str
    has_number: bool = False
    cardinalities: tuple[int, ...] = ()
    gated: bool = False
    ordered: bool = False

    @abstractmethod
    def fit(self, column: pd.Series) -> ColumnCodec:
        """Learn the column."""

    @abstractmethod
    def transform(self, column: pd.Series) -> Block:
        """Write a column in the normal form."""

    @abstractmethod
    def inverse_transform(
        self, block: Block, random_state: np.random.RandomState
    ) -> pd.Series:
        """Read a column from the normal form."""


class ConstantCodec(ColumnCodec):
    """A column with one value: left out, and put back."""

    kind = "constant"

    def fit(self, column: pd.Series) -> ConstantCodec:
        """Keep the value."""
        self._level = CategoryCodec(infer_kind(column)).fit(column)
        return self

    def transform(self, column: pd.Series) -> Block:
        """Check that the value is still the only one."""
        self._level.transform(column)
        return _block(len(column))

    def inverse_transform(
        self, block: Block, random_state: np.random.RandomState
    ) -> pd.Series:
        """Repeat the value."""
        return _take(self._level.levels_, np.zeros(len(block.codes), dtype=np.intp))


class CategoryCodec(ColumnCodec):
    """Categories, strings and booleans as codes; missing is a level of its own.

    Attributes
    ----------
    levels_ : Series of shape (n_levels,)
        The observed values in the order of their codes: sorted where they can be,
        a missing value last.
    """

    def __init__(self, kind: str = "category") -> None:
        self.kind = kind

    def fit(self, column: pd.Series) -> CategoryCodec:
        """Learn the levels."""
        keys = self._keys(column)
        codes, uniques = pd.factorize(keys)
        rows = pd.Series(np.arange(len(column))[::-1], index=codes[::-1])
        first = rows[~rows.index.duplicated(keep="last")].sort_index()
        order = _sort_order(uniques)
        first_rows = first.loc[first.index >= 0].to_numpy()[order]
        if -1 in first.index:
            first_rows = np.append(first_rows, first.loc[-1])
        self.levels_ = column.iloc[first_rows].reset_index(drop=True)
        self.cardinalities = (len(self.levels_),)
        self.ordered = self.kind == "boolean" or bool(
            getattr(column.dtype, "ordered", False)
        )
        return self

    def _keys(self, column: pd.Series) -> pd.Series:
        """Return hashable keys that tell 1 from True and from 1.0."""
        if isinstance(column.dtype, pd.CategoricalDtype):
            return column.cat.remove_unused_categories()
        if self.kind != "mixed":
            return column
        missing = column.isna().to_numpy()
        keys = np.empty(len(column), dtype=object)
        for i, value in enumerate(column.to_numpy(dtype=object)):
            keys[i] = None if missing[i] else (type(value).__name__, value)
            try:
                hash(keys[i])
            except TypeError:
                raise ValueError(
                    f"Column {column.name!r} holds {type(value).__name__} objects "
                    f"such as {value!r}: join them to one delimited string (such as "
                    "'12^35^7') or give each part a column of its own."
                ) from None
        return pd.Series(keys, index=column.index, name=column.name)

    def transform(self, column: pd.Series) -> Block:
        """Write levels as codes."""
        codes, uniques = pd.factorize(self._keys(column))
        levels = self._keys(self.levels_)
        known = _object_index(levels.dropna())
        found = known.get_indexer(_object_index(uniques))
        # The last entry serves the missing values, whose code is -1.
        has_missing = len(known) < len(levels)
        found = np.append(found, len(known) if has_missing else -1)
        out = found[codes]
        if (out < 0).any():
            value = column[out < 0].tolist()[0]
            raise ValueError(
                f"Column {column.name!r}: the value {value!r} was not seen in fit. Fit "
                "on rows that hold it, or replace it by a level that was seen."
            )
        return _block(len(column), codes=out)

    def inverse_transform(
        self, block: Block, random_state: np.random.RandomState
    ) -> pd.Series:
        """Read levels from codes."""
        return _take(self.levels_, block.codes[:, 0])


class NumberCodec(ColumnCodec):
    """Numbers, with missing values and point masses as codes.

    - Few values in all (at most 20, each five times on average): one ordered code.
    - A value in at least 5 % of the rows, and the missing ones, get a code; the
      rest share code 0 and keep their number.
    - Else the number alone.

    Where a number does not count (its code is not 0) it holds the mass, or, where it is
    missing, the median of those that count. The way back keeps numbers inside the
    observed range and to the observed number of decimals.

    Parameters
    ----------
    kind : {"float", "integer"}, default="float"

    point_masses : bool, default=True
        Whether frequent values become codes. Missing values always do.

    Attributes
    ----------
    values_ : ndarray of float
        The values that have a code, in the order of their codes. NaN stands for
        missing, and for "see the number" at code 0 of a gated number.

    range_ : tuple of float
        Least and greatest number.

    decimals_ : int or None
        Decimals that the numbers have; None if more than six.
    """

    def __init__(self, kind: str = "float", *, point_masses: bool = True) -> None:
        self.kind = kind
        self.point_masses = point_masses

    def fit(self, column: pd.Series) -> NumberCodec:
        """Learn the masses, the range and the number of decimals."""
        values = _to_float(column)
        self._dtype = column.dtype
        missing = np.isnan(values)
        self._missing = column[missing].iloc[0] if missing.any() else None
        present = values[~missing]
        distinct, counts = np.unique(present, return_counts=True)
        self.decimals_ = _decimals(distinct, column.dtype)
        discrete = self.point_masses and (
            len(distinct) == 1
            or (
                len(distinct) <= MAX_DISCRETE_VALUES
                and len(present) >= MIN_ROWS_PER_VALUE * len(distinct)
            )
        )
        absent = [np.nan] if missing.any() else []
        if discrete:
            self.values_ = np.append(distinct, absent)
            self.cardinalities = (len(self.values_),)
            self.ordered = True
            return self
        is_mass = np.zeros(len(distinct), dtype=bool)
        if self.point_masses:
            is_mass = counts >= max(MIN_MASS_ROWS, MIN_MASS_SHARE * len(present))
            is_mass &= not is_mass.all()
        masses = distinct[is_mass]
        continuous = present[~np.isin(present, masses)]
        self.has_number = True
        self.range_ = (float(continuous.min()), float(continuous.max()))
        # An observed median: the mean of two large numbers overflows.
        self._filler = float(np.quantile(continuous, 0.5, method="inverted_cdf"))
        self.values_ = np.array([])
        if len(masses) or absent:
            self.gated = True
            self.values_ = np.concatenate([[np.nan], absent, masses])
            self.cardinalities = (len(self.values_),)
        return self

    def transform(self, column: pd.Series) -> Block:
        """Write numbers as number and code."""
        values = _to_float(column)
        if not self.cardinalities:
            if np.isnan(values).any():
                raise ValueError(
                    f"Column {column.name!r} has missing values, which were not seen "
                    "in fit. Fit on rows with missing values, or fill them."
                )
            return _block(len(values), numeric=values)
        listed = self.values_[int(self.gated) :]
        known = listed[~np.isnan(listed)]
        at = np.minimum(np.searchsorted(known, values), max(len(known) - 1, 0))
        found = known[at] == values if len(known) else np.zeros(len(values), bool)
        missing = np.isnan(values)
        n_missing = len(listed) - len(known)
        if missing.any() and not n_missing:
            raise ValueError(
                f"Column {column.name!r} has missing values, which were not seen in "
                "fit. Fit on rows with missing values, or fill them."
            )
        if self.gated:
            codes = np.where(found, at + 1 + n_missing, 0)
            codes[missing] = 1
            numbers = np.where(missing, self._filler, values)
            return _block(len(values), numeric=numbers, codes=codes)
        if not (found | missing).all():
            value = values[~(found | missing)].tolist()[0]
            raise ValueError(
                f"Column {column.name!r}: the value {value!r} was not seen in fit, "
                f"which found {len(known)} distinct values. Fit on rows that hold it."
            )
        return _block(len(values), codes=np.where(missing, len(known), at))

    def inverse_transform(
        self, block: Block, random_state: np.random.RandomState
    ) -> pd.Series:
        """Read numbers from number and code."""
        if self.has_number:
            values = np.clip(block.numeric[:, 0], *self.range_)
            if self.decimals_ is not None:
                values = np.round(values, self.decimals_)
            if self.gated:
                codes = block.codes[:, 0]
                values = np.where(codes == 0, values, self.values_[codes])
        else:
            values = self.values_[block.codes[:, 0]]
        return self._restore(values)

    def _restore(self, values: NDArray[np.float64]) -> pd.Series:
        missing = np.isnan(values)
        if types.is_object_dtype(self._dtype):
            out = values.astype(object)
            if self.kind == "integer":
                out[~missing] = [int(value) for value in values[~missing]]
            out[missing] = self._missing
            return pd.Series(out, dtype=object)
        if types.is_float_dtype(self._dtype) and isinstance(self._dtype, np.dtype):
            return pd.Series(values.astype(self._dtype))
        if not types.is_integer_dtype(self._dtype):
            return pd.Series(pd.array(values, dtype="Float64")).astype(self._dtype)
        integers = np.where(missing, 0, values).astype(
            np.uint64 if self._dtype.kind == "u" else np.int64
        )
        if not missing.any():
            return pd.Series(integers).astype(self._dtype)
        nullable = pd.arrays.IntegerArray(integers.astype(np.int64), missing)
        return pd.Series(nullable).astype(self._dtype)


class TimeCodec(ColumnCodec):
    """Points in time and durations as whole steps of the coarsest exact unit.

    The step is the greatest common divisor of the distances to the earliest value: days
    stay days and whole seconds whole seconds. Where it counts more than 2**53 steps
    (nanoseconds over more than 104 days), which a float cannot, the step is the least
    multiple that does not, and times are rounded down to it: by less than 2 us.

    Parameters
    ----------
    kind : {"datetime", "timedelta", "date"}

    point_masses : bool, default=True
        As in `NumberCodec`.
    """

    def __init__(self, kind: str, *, point_masses: bool = True) -> None:
        self.kind = kind
        self.point_masses = point_masses

    def fit(self, column: pd.Series) -> TimeCodec:
        """Learn the origin, the step and the number of steps."""
        self._dtype = column.dtype
        times = self._times(column)
        self._native = times.dtype
        missing = column[times.isna()]
        self._missing = missing.iloc[0] if len(missing) else None
        ticks = self._ticks(times[times.notna()])
        self._origin = int(ticks.min())
        spans = self._spans(ticks)
        step = int(np.gcd.reduce(spans)) or 1
        self._step = step * (1 + int(spans.max()) // step // MAX_EXACT_INTEGER)
        self._number = NumberCodec("integer", point_masses=self.point_masses)
        self._number.fit(self._steps(column))
        for attribute in ("has_number", "cardinalities", "gated", "ordered"):
            setattr(self, attribute, getattr(self._number, attribute))
        return self

    def _times(self, column: pd.Series) -> pd.Series:
        dtype: Any = column.dtype
        if types.is_object_dtype(dtype):
            return self._times_of_objects(column)
        if isinstance(dtype, pd.ArrowDtype):
            if self.kind == "date":
                return column.astype("M8[s]")
            unit = dtype.pyarrow_dtype.unit
            zone = getattr(dtype.pyarrow_dtype, "tz", None)
            if zone is not None:
                return column.astype(pd.DatetimeTZDtype(unit, zone))
            native: Any = f"{dtype.kind}8[{unit}]"
            return column.astype(native)
        return column

    def _times_of_objects(self, column: pd.Series) -> pd.Series:
        if self.kind == "timedelta":
            return pd.to_timedelta(column)
        objects = column.where(column.notna(), None).to_numpy(dtype=object)
        if self.kind == "date":
            return pd.Series(objects.astype("M8[D]").astype("M8[s]"), column.index)
        zones = {str(getattr(t, "tzinfo", None)) for t in objects if t is not None}
        if len(zones) > 1:
            raise ValueError(
                f"Column {column.name!r} holds times of different time zones: "
                f"{sorted(zones)}. Bring them to one with pandas.to_datetime(column, "
                "utc=True)."
            )
        try:
            return pd.to_datetime(column)
        except pd.errors.OutOfBoundsDatetime:
            if zones != {"None"}:
                raise ValueError(
                    f"Column {column.name!r} holds times with a time zone beyond the "
                    "years 1677 to 2262, such as "
                    f"{max(t for t in objects if t is not None)}. Drop the time zone, "
                    "or convert the column to datetime64[us, UTC]."
                ) from None
            return pd.Series(objects.astype("M8[us]"), column.index)

    @staticmethod
    def _ticks(times: pd.Series) -> NDArray[np.int64]:
        return np.asarray(times.astype("int64"), dtype=np.int64)

    def _spans(self, ticks: NDArray[np.int64]) -> NDArray[np.uint64]:
        """Return the distances to the origin; unsigned, they cannot overflow."""
        origin = np.int64(self._origin).view(np.uint64)
        spans = ticks.view(np.uint64) - origin
        return np.where(ticks < self._origin, -spans, spans)

    def _steps(self, column: pd.Series) -> pd.Series:
        times = self._times(column)
        if times.dtype != self._native:
            try:
                times = times.astype(self._native)
            except TypeError as error:
                raise ValueError(
                    f"Column {column.name!r} had dtype {self._native} in fit and now "
                    f"has {times.dtype}. Bring it back to the dtype of fit."
                ) from error
        missing = times.isna().to_numpy()
        steps = np.full(len(times), np.nan)
        ticks = self._ticks(times[~missing])
        whole = (self._spans(ticks) // np.uint64(self._step)).astype(np.float64)
        steps[~missing] = np.where(ticks < self._origin, -whole, whole)
        return pd.Series(steps, column.index, name=column.name)

    def transform(self, column: pd.Series) -> Block:
        """Write times as steps."""
        return self._number.transform(self._steps(column))

    def inverse_transform(
        self, block: Block, random_state: np.random.RandomState
    ) -> pd.Series:
        """Read times from steps."""
        steps = self._number.inverse_transform(block, random_state).to_numpy()
        missing = np.isnan(steps)
        spans = np.where(missing, 0, steps).astype(np.uint64) * np.uint64(self._step)
        ticks = (spans + np.int64(self._origin).view(np.uint64)).view(np.int64)
        ticks[missing] = np.iinfo(np.int64).min
        native: Any = self._native
        unit = np.datetime_data(getattr(native, "base", native))[0]
        times: Any
        if self.kind == "timedelta":
            times = pd.Series(pd.TimedeltaIndex(ticks.view(f"m8[{unit}]")))
        else:
            index = pd.DatetimeIndex(ticks.view(f"M8[{unit}]"))
            zone = getattr(self._native, "tz", None)
            if zone is not None:
                index = index.tz_localize("UTC").tz_convert(zone)
            times = pd.Series(index)
        if not types.is_object_dtype(self._dtype):
            return times.astype(self._dtype)
        out = (times.dt.date if self.kind == "date" else times).astype(object)
        out[missing] = self._missing
        return out


class ListColumnCodec(ColumnCodec):
    """Delimited lists as indicators of frequent members, and a length.

    The codes are those of the length (if it has any), then the indicators.

    Parameters
    ----------
    delimiter : str
        What separates the members.

    point_masses : bool, default=True
        As in `NumberCodec`, for the length.
    """

    kind = "list"

    def __init__(self, delimiter: str, *, point_masses: bool = True) -> None:
        self.delimiter = delimiter
        self.point_masses = point_masses

    def fit(self, column: pd.Series) -> ListColumnCodec:
        """Learn the members and the lengths."""
        self._dtype = column.dtype
        missing = column[column.isna()]
        self._missing = missing.iloc[0] if len(missing) else None
        self._lists = ListCodec(self.delimiter).fit(column)
        lengths = self._lists.transform(column)[1]
        self._length = NumberCodec("integer", point_masses=self.point_masses)
        self._length.fit(pd.Series(lengths, name=column.name))
        self.has_number = self._length.has_number
        self.gated = self._length.gated
        n_members = len(self._lists.members_)
        self.cardinalities = self._length.cardinalities + (2,) * n_members
        return self

    def transform(self, column: pd.Series) -> Block:
        """Write lists as codes and length."""
        indicators, lengths = self._lists.transform(column)
        length = self._length.transform(pd.Series(lengths, name=column.name))
        codes = np.hstack([length.codes, indicators], dtype=np.int32)
        return _block(len(column), numeric=length.numeric, codes=codes)

    def inverse_transform(
        self, block: Block, random_state: np.random.RandomState
    ) -> pd.Series:
        """Read lists from codes and length."""
        n_length = len(self._length.cardinalities)
        length = Block(block.numeric, block.codes[:, :n_length])
        lengths = self._length.inverse_transform(length, random_state).to_numpy()
        lists = self._lists.inverse_transform(
            block.codes[:, n_length:], lengths, random_state
        )
        missing = np.isnan(lengths)
        out = pd.Series(lists, dtype=object)
        out[missing] = self._missing
        return out.astype(self._dtype)


def make_codec(
    column: pd.Series, *, categorical: bool = False, point_masses: bool = True
) -> ColumnCodec:
    """Return the fitted codec for a column.

    Parameters
    ----------
    column : Series
        The column to learn.

    categorical : bool, default=False
        Whether its values are categories, whatever their dtype.

    point_masses : bool, default=True
        Whether frequent numbers become codes.

    Returns
    -------
    codec : ColumnCodec

    Raises
    ------
    ValueError
        If the column has infinite values, identifies rows, or holds objects that are no
        values.
    """
    kind = infer_kind(column)
    if kind in {"integer", "float"}:
        _to_float(column)
    if kind != "mixed" and column.nunique(dropna=False) == 1:
        return ConstantCodec().fit(column)
    if is_numeric_kind(kind) and not categorical:
        if kind == "integer" and _exceeds_exact(column):
            kind = "category"
        elif kind in {"integer", "float"}:
            return NumberCodec(kind, point_masses=point_masses).fit(column)
        else:
            return TimeCodec(kind, point_masses=point_masses).fit(column)
    elif is_numeric_kind(kind):
        kind = "category"
        return CategoryCodec(kind).fit(column)
    if kind == "category" and not categorical:
        delimiter = _list_delimiter(column)
        if delimiter is not None:
            lists = ListColumnCodec(delimiter, point_masses=point_masses)
            return lists.fit(column)
    codec = CategoryCodec(kind).fit(column)
    if codec.cardinalities == (1,):
        return ConstantCodec().fit(column)
    _check_no_identifier(column, int(codec.levels_.notna().sum()))
    return codec


def _list_delimiter(column: pd.Series) -> str | None:
    # Recombined members would leave a set of categories, which is closed.
    if isinstance(column.dtype, pd.CategoricalDtype):
        return None
    present = column.dropna()
    uniques = present.unique()
    if not all(isinstance(value, str) for value in uniques[:100]):
        return None
    return find_delimiter((str(value) for value in uniques), n_rows=len(present))


def _check_no_identifier(column: pd.Series, n_levels: int) -> None:
    n_present = int(column.notna().sum())
    if (
        n_present < MIN_ROWS_FOR_IDENTIFIER
        or n_levels <= MAX_DISTINCT_SHARE * n_present
    ):
        return
    remedy = (
        "if it holds numbers or dates, convert it with pandas.to_numeric or "
        "pandas.to_datetime"
    )
    if types.is_integer_dtype(column.dtype):
        remedy = "if its size tells something, convert it to float"
    elif isinstance(column.dtype, pd.CategoricalDtype):
        remedy += "; if it holds delimited lists, convert it to object"
    raise ValueError(
        f"Column {column.name!r} identifies rows: {n_levels} different values in "
        f"{n_present} rows, such as {column.dropna().tolist()[0]!r}. Drop it, or, "
        f"{remedy}."
    )


def _exceeds_exact(column: pd.Series) -> bool:
    present = column.dropna()
    return max(abs(int(present.min())), abs(int(present.max()))) > MAX_EXACT_INTEGER


def _to_float(column: pd.Series) -> NDArray[np.float64]:
    """Return the numbers, NaN where they are missing; raise where they are infinite."""
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    infinite = np.isinf(values)
    if infinite.any():
        row = column.index[infinite].tolist()[0]
        raise ValueError(
            f"Column {column.name!r} contains infinity in {int(infinite.sum())} "
            f"row(s), the first at index {row!r}. Replace infinity by a number or by "
            "NaN."
        )
    return values


def _decimals(values: NDArray[np.float64], dtype: Any) -> int | None:
    """Return the number of decimals, at most six, that writes all values exactly."""
    exact = np.dtype(np.float64)
    if types.is_float_dtype(dtype):
        exact = getattr(dtype, "numpy_dtype", dtype)
    for decimals in range(7):
        with np.errstate(over="ignore"):
            rounded = np.round(values, decimals)
        if np.array_equal(rounded.astype(exact), values.astype(exact)):
            return decimals
    return None


def _sort_order(uniques: Any) -> NDArray[np.intp]:
    try:
        order = pd.Series(uniques, dtype=uniques.dtype).argsort(kind="stable")
        return np.asarray(order, dtype=np.intp)
    except TypeError:
        return np.arange(len(uniques))


def _object_index(values: Any) -> pd.Index:
    return pd.Index(np.asarray(values, dtype=object), dtype=object, tupleize_cols=False)


def _take(levels: pd.Series, codes: NDArray) -> pd.Series:
    # Through the array, which keeps every dtype.
    return pd.Series(levels.array.take(codes), dtype=levels.dtype)
