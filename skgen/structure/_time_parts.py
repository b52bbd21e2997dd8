"""Columns that repeat a part of a point in time, such as its hour."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_datetime64_any_dtype

from skgen.constraints import Constraint
from skgen.structure._dependencies import MAX_EXCEPTIONS

PARTS: dict[str, Callable[[Any], pd.Series]] = {
    "hour": lambda time: time.dt.hour,
    "weekday": lambda time: time.dt.weekday,
    "weekday from 1": lambda time: time.dt.weekday + 1,
    "weekday from Sunday": lambda time: (time.dt.weekday + 1) % 7,
    "weekday name": lambda time: time.dt.day_name(),
    "weekend": lambda time: time.dt.weekday >= 5,
    "day": lambda time: time.dt.day,
    "month": lambda time: time.dt.month,
    "year": lambda time: time.dt.year,
    "minute": lambda time: time.dt.minute,
    "quarter": lambda time: time.dt.quarter,
    "day of year": lambda time: time.dt.dayofyear,
    "date": lambda time: time.dt.normalize(),
}


class TimeParts(Constraint):
    """Columns that repeat a part of a point in time, such as its hour or weekday.

    They leave the table before anything is learned, and follow from the time
    afterwards.

    Parameters
    ----------
    time : hashable
        Name of the column of points in time.

    parts : dict of hashable to str
        For each column the part that it repeats: "hour", "weekday" (0 is Monday),
        "weekday from 1", "weekday from Sunday" (0 is Sunday), "weekday name",
        "weekend", "day", "month", "year", "minute", "quarter", "day of year", "date".

    Raises
    ------
    ValueError
        In `fit`, if a column does not repeat its part in at least 99.5 % of the rows.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.structure import TimeParts
    >>> time = pd.to_datetime(["2024-05-01 13:20", "2024-05-04 08:00"])
    >>> X = pd.DataFrame({"time": time, "hour": [13, 8]})
    >>> TimeParts("time", {"hour": "hour"}).fit(X).transform(X).columns.tolist()
    ['time']
    """

    _parameter_constraints: dict = {"parts": [dict]}

    def __init__(self, time: Hashable, parts: Mapping[Hashable, str]) -> None:
        self.time = time
        self.parts = parts

    @property
    def columns(self) -> list[Hashable]:
        """Names of the time and of the columns that follow from it."""
        return [self.time, *self.parts]

    def _fit(self, X: pd.DataFrame) -> list[Hashable]:
        self._positions(X, self.columns)
        time = X[self.time]
        if not is_datetime64_any_dtype(time.dtype) or time.isna().any():
            raise ValueError(
                f"TimeParts: column {self.time!r} must hold points in time, none of "
                "them missing. Convert it with pandas.to_datetime."
            )
        for name, part in self.parts.items():
            if part not in PARTS:
                raise ValueError(
                    f"TimeParts: column {name!r} cannot be {part!r}. Choose one of "
                    f"{list(PARTS)}."
                )
            wrong = ~repeats(X[name], PARTS[part](time))
            if wrong.mean() > MAX_EXCEPTIONS:
                raise ValueError(
                    f"Column {name!r} is not the {part} of {self.time!r} in "
                    f"{int(wrong.sum())} of {len(X)} rows, the first at position "
                    f"{int(wrong.argmax())}. Leave the rule out."
                )
        self._dtypes = {name: X[name].dtype for name in self.parts}
        return [name for name in X.columns if name not in self.parts]

    def _transform(self, X: pd.DataFrame) -> pd.DataFrame:
        return X.drop(columns=list(self.parts))

    def _inverse_transform(
        self, X: pd.DataFrame, random_state: np.random.RandomState
    ) -> pd.DataFrame:
        out = X.copy(deep=False)
        for name, part in self.parts.items():
            values, dtype = PARTS[part](X[self.time]), self._dtypes[name]
            if isinstance(dtype, pd.CategoricalDtype):
                values = values.astype(dtype.categories.dtype)
            elif not is_datetime64_any_dtype(dtype) and dtype.kind in "OUT":
                values = values.astype(str)
            out[name] = values.astype(dtype)
        return out[list(self._columns_in)]


def repeats(column: pd.Series, part: pd.Series) -> np.ndarray:
    """Say in which rows a column has the value of a part, also written as text."""
    try:
        same = (column.to_numpy() == part.to_numpy()) | (
            column.astype(str).to_numpy() == part.astype(str).to_numpy()
        )
    except TypeError:
        return np.zeros(len(column), dtype=bool)
    return np.asarray(same, dtype=bool)
