"""Points in time and durations as whole steps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from skgen.columns._base import Block, ColumnCodec
from skgen.columns._number import MAX_EXACT_INTEGER, NumberCodec


class TimeCodec(ColumnCodec):
    """Points in time and durations as whole steps of the coarsest exact unit.

    The step is the greatest common divisor of the distances to the earliest value: days
    stay days and whole seconds whole seconds. If that gives more than 2**53 steps
    (nanoseconds over more than 104 days), too many for a float, the step is the least
    multiple that gives fewer, and times are rounded down to it: by less than 2 us.

    `kind` is "datetime", "timedelta" or "date"; `point_masses` as in `NumberCodec`.
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
        for attribute in (
            "has_number",
            "cardinalities",
            "gated",
            "ordered",
            "missing",
            "range_",
        ):
            setattr(self, attribute, getattr(self._number, attribute))
        return self

    def _times(self, column: pd.Series) -> pd.Series:
        dtype: Any = column.dtype
        if types.is_object_dtype(dtype):
            return self._times_of_objects(column)
        if self.kind == "date":
            return column.astype("M8[s]")
        return from_arrow(column)

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


def from_arrow(column: pd.Series) -> pd.Series:
    """Return a column of times or durations of Arrow in pandas' own dtype."""
    dtype: Any = column.dtype
    if not isinstance(dtype, pd.ArrowDtype) or dtype.kind not in "mM":
        return column
    unit = dtype.pyarrow_dtype.unit
    zone = getattr(dtype.pyarrow_dtype, "tz", None)
    native: Any = f"{dtype.kind}8[{unit}]"
    return column.astype(native if zone is None else pd.DatetimeTZDtype(unit, zone))
