"""Numbers and dates of any dtype as exact integers or floats."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Hashable
from dataclasses import dataclass, replace
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
import pandas as pd
from pandas.api import types

from skgen.columns import from_arrow

INT64 = np.iinfo(np.int64)
_TICKS_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


@dataclass(frozen=True)
class Scale:
    """Conversion of an ordered column to numbers, and back.

    Integers, dates and durations become int64 (dates and durations count ticks of
    `unit`, `step` of which make one tick of the column itself), floats float64. `na`
    is the missing value of a column of dtype object.
    """

    name: Hashable
    dtype: Any
    kind: str
    unit: str | None = None
    tz: Any = None
    na: Any = None
    step: int = 1

    @classmethod
    def of(cls, name: Hashable, series: pd.Series) -> Self:
        """Return the scale of a column; raise if its values have no order."""
        values = plain(series)
        unit = tz = None
        if types.is_bool_dtype(values.dtype):
            kind = None
        elif types.is_integer_dtype(values.dtype):
            kind = "integer"
        elif types.is_float_dtype(values.dtype):
            kind = "float"
        elif types.is_datetime64_any_dtype(values.dtype):
            kind, unit, tz = "datetime", values.dt.unit, values.dt.tz
        elif types.is_timedelta64_dtype(values.dtype):
            kind, unit = "timedelta", values.dt.unit
        else:
            kind = None
        if kind is None:
            raise ValueError(
                f"Column {name!r} has dtype {series.dtype}, which is neither numeric "
                "nor a date or duration, so that it cannot be compared. Convert it, "
                "e.g. with pd.to_numeric or pd.to_datetime, or leave the constraint "
                "out."
            )
        missing = series[series.isna().to_numpy()]
        na = missing.iloc[0] if len(missing) else None
        return cls(name, series.dtype, kind, unit, tz, na)

    @property
    def family(self) -> str:
        """The kind of values that the column can be compared with."""
        if self.kind == "datetime":
            return "dates with a time zone" if self.tz else "dates without a time zone"
        return "durations" if self.kind == "timedelta" else "numbers"

    def in_unit(self, unit: str | None) -> Scale:
        """Count in ticks of another, finer unit."""
        if unit is None or self.unit is None:
            return self
        step = _TICKS_PER_SECOND[unit] // _TICKS_PER_SECOND[self.unit]
        return replace(self, unit=unit, step=step)

    def encode(self, series: pd.Series) -> tuple[np.ndarray, np.ndarray]:
        """Return the numbers, 0 where missing, and whether they are missing."""
        missing = series.isna().to_numpy(dtype=bool)
        if missing.all():
            dtype = np.float64 if self.kind == "float" else np.int64
            return np.zeros(len(series), dtype=dtype), missing
        found = Scale.of(self.name, series)
        if (found.kind, found.family) != (self.kind, self.family):
            raise ValueError(
                f"Column {self.name!r} had dtype {self.dtype} in fit and now has "
                f"{series.dtype}. Bring it back to the dtype of fit."
            )
        values = plain(series)
        if self.kind == "float":
            numbers = values.to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
            numbers[missing] = 0.0
            if np.isinf(numbers).any():
                raise ValueError(
                    f"Column {self.name!r} holds infinite values. Replace them by "
                    "finite or missing ones, or leave the constraint out."
                )
            return numbers, missing
        if self.kind == "integer":
            if values.max() > INT64.max:
                raise ValueError(
                    f"Column {self.name!r} holds {values.max()}, which does not fit "
                    "in a signed 64-bit integer. Rescale it, or leave the constraint "
                    "out."
                )
            return values.to_numpy(dtype=np.int64, na_value=0), missing
        if self.kind == "datetime" and self.tz is not None:
            values = values.dt.tz_convert("UTC").dt.tz_localize(None)
        numbers = values.dt.as_unit(self.unit).to_numpy().astype(np.int64)
        return np.where(missing, 0, numbers), missing

    def decode(self, numbers: np.ndarray, missing: np.ndarray, index: pd.Index) -> Any:
        """Return a column of the original dtype from `encode`'s numbers."""
        values: Any
        if self.kind == "float":
            values = pd.Series(np.where(missing, np.nan, numbers), index=index)
        elif self.kind == "integer":
            values = pd.Series(np.where(missing, 0, numbers), index=index)
            if missing.any():
                values = values.astype("Int64").mask(missing)
        else:
            type_ = "datetime64" if self.kind == "datetime" else "timedelta64"
            ticks = numbers.astype(f"{type_}[{self.unit}]")
            ticks[missing] = "NaT"
            values = pd.Series(ticks, index=index)
            if self.tz is not None:
                values = values.dt.tz_localize("UTC").dt.tz_convert(self.tz)
        values = values.astype(self.dtype)
        if types.is_object_dtype(self.dtype) and missing.any():
            objects = values.to_numpy(copy=True)
            objects[missing] = self.na
            values = pd.Series(objects, index=index, dtype=object)
        return values

    def representable(self, numbers: np.ndarray, at_least: np.ndarray) -> np.ndarray:
        """Round to values of the dtype that are not below `at_least`.

        An upper bound of `numbers` and `at_least` that is a value of the dtype holds
        afterwards too.
        """
        if self.kind == "float":
            precision = float_type(self.dtype)
            rounded = numbers.astype(precision)
            next_up = np.nextafter(rounded, precision(np.inf))
            return np.where(rounded < at_least, next_up, rounded).astype(np.float64)
        if numbers.dtype.kind == "f":
            rounded = np.rint(numbers)
            rounded = np.where(rounded < at_least, np.ceil(at_least), rounded)
            return rounded.astype(np.int64)
        # -(-a // b) rounds up.
        return numbers if self.step == 1 else -(-numbers // self.step) * self.step

    def bound(self, value: Any, *, up: bool) -> Any:
        """Return a bound given as a value on this scale, rounded inwards."""
        if pd.isna(value) or isinstance(value, (bool, np.bool_)):
            raise ValueError(
                f"{value!r} is no bound for column {self.name!r}. Give a number, a "
                "date or a duration, or None for no bound."
            )
        # Durations first, as numpy's are integers to `numbers`.
        if isinstance(value, (dt.timedelta, np.timedelta64)):
            value = pd.Timedelta(value)
            family = "durations"
        elif isinstance(value, Real):
            family = "numbers"
        else:
            value = pd.Timestamp(value)
            family = replace(self, kind="datetime", tz=value.tz).family
        if family != self.family:
            raise ValueError(
                f"The bound {value!r} cannot be compared with column {self.name!r}, "
                f"which holds {self.family} (dtype {self.dtype}). Give a bound of the "
                "same kind."
            )
        if isinstance(value, Real):
            if not isinstance(value, Integral) and not math.isfinite(value):
                raise ValueError(
                    f"The bound {value!r} of column {self.name!r} is infinite. Give "
                    "None for no bound."
                )
            if self.kind == "float":
                # In the precision of the column, as numpy compares them too.
                return np.float64(float_type(self.dtype)(value))
            bound: Any = value
            number: int = math.ceil(bound) if up else math.floor(bound)
        else:
            number = self._ticks(value, up=up)
        return min(max(number, int(INT64.min)), int(INT64.max))

    def _ticks(self, value: pd.Timestamp | pd.Timedelta, *, up: bool) -> int:
        """Count a date or duration in ticks of the unit, in Python's integers."""
        if isinstance(value, pd.Timestamp):
            # Drops the time zone, if any, after a conversion to UTC.
            scalar: Any = value.to_datetime64()
        else:
            scalar = value.to_timedelta64()
        unit = np.datetime_data(scalar.dtype)[0]
        assert self.unit is not None
        number = int(scalar.astype(np.int64)) * _TICKS_PER_SECOND[self.unit]
        per = _TICKS_PER_SECOND[unit]
        return -(-number // per) if up else number // per


def plain(series: Any) -> Any:
    """Return a column in the dtype of its values; for times, in pandas' own."""
    if types.is_object_dtype(series.dtype):
        inferred = types.infer_dtype(series, skipna=True)
        if inferred == "integer":
            # infer_objects would make floats of integers beside a missing value.
            try:
                return series.astype("Int64")
            except (OverflowError, TypeError):
                return series
        if inferred in {"floating", "mixed-integer-float"}:
            return series.where(series.notna(), np.nan).astype(np.float64)
        return series.infer_objects()
    return from_arrow(series)


def float_type(dtype: Any) -> Any:
    """Return numpy's scalar type for the precision of a float dtype."""
    dtype = getattr(dtype, "numpy_dtype", dtype)
    return (
        dtype.type if isinstance(dtype, np.dtype) and dtype.kind == "f" else np.double
    )


def finer_unit(unit: str | None, other: str | None) -> str | None:
    if unit is None or other is None:
        return None
    return max(unit, other, key=_TICKS_PER_SECOND.__getitem__)


def observed_range(numbers: np.ndarray) -> tuple[Any, Any] | None:
    return (numbers.min(), numbers.max()) if len(numbers) else None


def gap_scale(name: str, high: Scale, *, exact: bool) -> Scale:
    """Return the scale of the differences between a column `high` and another."""
    if not exact:
        return Scale(name, np.dtype(np.float64), "float")
    if high.kind == "integer":
        # A column of objects may hold missing values, too.
        plain = isinstance(high.dtype, np.dtype) and high.dtype.kind in "iu"
        dtype: Any = np.dtype(np.int64) if plain else pd.Int64Dtype()
        return Scale(name, dtype, "integer")
    return Scale(name, np.dtype(f"m8[{high.unit}]"), "timedelta", high.unit)
