"""Numbers and times as floats."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.preprocessing import FunctionTransformer

from skgen.columns import infer_kind
from skgen.columns._number import to_float

_TIME_PARTS = ("", "_hour", "_weekday")


def make_time_parts() -> FunctionTransformer:
    """Return a transformer of times: seconds since 1970, hour and day of the week."""
    return FunctionTransformer(_to_times, feature_names_out=_time_names)


def make_floats() -> FunctionTransformer:
    """Return a transformer of numbers, booleans and durations (in seconds)."""
    return FunctionTransformer(_to_floats, feature_names_out="one-to-one")


def _to_times(X: pd.DataFrame) -> NDArray[np.float64]:
    columns = []
    for i in range(X.shape[1]):
        times = X.iloc[:, i]
        if infer_kind(times) == "date" or not hasattr(times, "dt"):
            times = pd.to_datetime(times)
        epoch = pd.Timestamp(0, tz=times.dt.tz)
        seconds = (times - epoch).dt.total_seconds()
        columns += [seconds, times.dt.hour, times.dt.day_of_week]
    return np.column_stack([to_float(column) for column in columns])


def _time_names(transformer: FunctionTransformer, names: list) -> NDArray[np.object_]:
    parts = [f"{name}{part}" for name in names for part in _TIME_PARTS]
    return np.array(parts, dtype=object)


def _to_floats(X: pd.DataFrame) -> NDArray[np.float64]:
    columns = []
    for i in range(X.shape[1]):
        column = X.iloc[:, i]
        if infer_kind(column) == "timedelta":
            column = pd.to_timedelta(column).dt.total_seconds()
        columns.append(to_float(column))
    return np.column_stack(columns)
