"""A column between two bounds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable
from numbers import Real

import numpy as np
import pandas as pd

from skgen.constraints._base import Constraint, rule_broken
from skgen.constraints._inequality import Inequality
from skgen.constraints._scale import Scale


class Range(Constraint):
    """Keep one column between two bounds: ``low <= column <= high``.

    Parameters
    ----------
    column : hashable
        Name of a column of numbers, dates or durations.
    low : number, date, duration, hashable or None
        The lower bound. A number, date (:class:`pandas.Timestamp`,
        :class:`datetime.datetime`, :class:`datetime.date`,
        :class:`numpy.datetime64`) or duration (:class:`pandas.Timedelta`,
        :class:`datetime.timedelta`, :class:`numpy.timedelta64`) is a value. Anything
        else is the name of a column, a string always so. None means no bound.
    high : number, date, duration, hashable or None
        The upper bound, as `low`.

    Attributes
    ----------
    inequalities_ : list of Inequality
        The fitted constraints between `column` and those bounds that are columns, in
        the order in which they are applied.
    n_features_in_ : int
        Number of columns seen in :meth:`fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,), dtype=object
        Names of the columns seen in :meth:`fit`.

    Raises
    ------
    ValueError
        In :meth:`fit` and :meth:`transform`, if a column is missing, a bound cannot
        be compared with `column`, both bounds are None or in the wrong order, or a
        row breaks the rule.

    See Also
    --------
    Inequality : One column at or below another, by names only.
    FixedCombinations : Columns whose combinations are fixed.

    Notes
    -----
    A bound that is a value leaves the table as it is in :meth:`transform` and is
    enforced by clipping in :meth:`inverse_transform`. A bound that is a column is an
    :class:`Inequality`, which replaces the upper of the two columns by a gap. Missing
    values break no rule and stay missing.

    A number is a value even where the names of the columns are numbers, as in a
    table made from an array. Use :class:`Inequality`, which takes only names, to
    bound one such column by another.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.constraints import Range
    >>> X = pd.DataFrame({"seconds": [12.0, 30.5], "length": [15.0, 60.0]})
    >>> rule = Range("seconds", 0, "length")
    >>> Z = rule.fit_transform(X)
    >>> Z
       seconds  length - seconds
    0     12.0               3.0
    1     30.5              29.5
    >>> rule.inverse_transform(Z)
       seconds  length
    0     12.0    15.0
    1     30.5    60.0
    """

    _parameter_constraints: dict = {
        "column": [Hashable],
        "low": [Hashable, None],
        "high": [Hashable, None],
    }

    def __init__(
        self,
        column: Hashable,
        low: Hashable | None = None,
        high: Hashable | None = None,
    ) -> None:
        self.column = column
        self.low = low
        self.high = high

    @property
    def columns(self) -> list[Hashable]:
        """Names of the column and of those that bound it."""
        bounds = [b for b in (self.low, self.high) if b is not None]
        return [self.column, *(bound for bound in bounds if not _is_value(bound))]

    def _fit(self, X: pd.DataFrame) -> list[Hashable]:
        if self.low is None and self.high is None:
            raise ValueError(
                f"Range of column {self.column!r} needs a bound: give low or high."
            )
        low_name = None if _is_value(self.low) else self.low
        high_name = None if _is_value(self.high) else self.high
        if low_name is not None and low_name == high_name:
            raise ValueError(
                f"Range of column {self.column!r} has column {low_name!r} for both "
                "bounds, which leaves a single value. Drop one of the columns."
            )
        names = [self.column, low_name, high_name]
        at = self._positions(X, [name for name in names if name is not None])
        self._at = at[0]
        self._scale = Scale.of(self.column, X.iloc[:, self._at])
        self._lower = self._upper = None
        if low_name is None and self.low is not None:
            self._lower = self._scale.bound(self.low, up=True)
        if high_name is None and self.high is not None:
            self._upper = self._scale.bound(self.high, up=False)
        bounds = [b for b in (self._lower, self._upper) if b is not None]
        if bounds != sorted(bounds):
            raise ValueError(
                f"No value of column {self.column!r} (dtype {self._scale.dtype}) lies "
                f"between low={self.low!r} and high={self.high!r}. Correct the bounds."
            )
        self._check_values(X)
        # The upper inequality comes first, as the lower one rewrites `column`.
        self.inequalities_: list[Inequality] = []
        if high_name is not None:
            self.inequalities_.append(Inequality(self.column, high_name))
        if low_name is not None:
            self.inequalities_.append(Inequality(low_name, self.column))
        for inequality in self.inequalities_:
            X = inequality.fit_transform(X)
        return list(X.columns)

    def _transform(self, X: pd.DataFrame) -> pd.DataFrame:
        self._check_values(X)
        out = X.copy(deep=False)
        for inequality in self.inequalities_:
            out = inequality.transform(out)
        return out

    def _inverse_transform(
        self, X: pd.DataFrame, random_state: np.random.RandomState
    ) -> pd.DataFrame:
        out = X.copy(deep=False)
        # `column` takes its final value before what is bounded by it.
        for inequality in reversed(self.inequalities_):
            if inequality.low == self.column:
                out = self._clip(out)
            out = inequality.inverse_transform(out)
        return out if self.inequalities_ else self._clip(out)

    def _clip(self, X: pd.DataFrame) -> pd.DataFrame:
        """Bring `column` inside the bounds that are values, in place."""
        numbers, missing = self._scale.encode(X.iloc[:, self._at])
        outside = self._outside(numbers, missing)
        if outside.any():
            numbers = np.clip(numbers, self._lower, self._upper)
            X.isetitem(self._at, self._scale.decode(numbers, missing, X.index))
        return X

    def _outside(self, numbers: np.ndarray, missing: np.ndarray) -> np.ndarray:
        outside = np.zeros(len(numbers), dtype=bool)
        if self._lower is not None:
            outside |= numbers < self._lower
        if self._upper is not None:
            outside |= numbers > self._upper
        return outside & ~missing

    def _check_values(self, X: pd.DataFrame) -> None:
        broken = self._outside(*self._scale.encode(X.iloc[:, self._at]))
        if broken.any():
            low = "" if self._lower is None else f"{self.low!r} <= "
            high = "" if self._upper is None else f" <= {self.high!r}"
            rule = f"{low}{self.column!r}{high}"
            raise rule_broken(f"{rule} (bounds by value)", X, broken, [self._at])


def _is_value(bound: object) -> bool:
    """Say whether a bound of a range is a value, rather than a column's name."""
    return isinstance(
        bound, (Real, np.bool_, dt.date, dt.timedelta, np.datetime64, np.timedelta64)
    )
