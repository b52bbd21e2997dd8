"""One column at most another."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import pandas as pd

from skgen.constraints._base import Constraint, free_name, rule_broken
from skgen.constraints._scale import (
    INT64,
    Scale,
    finer_unit,
    gap_scale,
    observed_range,
)


class Inequality(Constraint):
    """Keep one column at or below another: ``low <= high`` in every row.

    :meth:`transform` puts the gap, ``high - low``, in the place of `high`. The gap is
    never negative, whatever row a generator puts it in.

    Parameters
    ----------
    low : hashable
        Name of the lower column.
    high : hashable
        Name of the upper column: numeric as `low` is, or a date or duration as `low`
        is. Dates are both with a time zone or both without.

    Attributes
    ----------
    name_ : str
        Name of the column of gaps: ``"{high} - {low}"``, with a number after it
        where the table has such a column already. It stands where `high` stood and
        holds integers (of integers), floats, or durations (of dates).
    n_features_in_ : int
        Number of columns seen in :meth:`fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,), dtype=object
        Names of the columns seen in :meth:`fit`.

    Raises
    ------
    ValueError
        In :meth:`fit` and :meth:`transform`, if the columns are missing, cannot be
        compared or hold infinities, or if ``low > high`` in a row; in :meth:`fit`,
        if their differences do not fit in 64 bits.

    See Also
    --------
    Range : One column between two bounds.
    FixedCombinations : Columns whose combinations are fixed.

    Notes
    -----
    The rule is about the rows in which both values are present. Where `low` is missing,
    the gap is measured from the least value of either column in training. Where
    `high` is missing, so is the gap.

    :meth:`inverse_transform` keeps `low` and `high` inside the range that each had in
    training. A `low` above every `high` in training occurs there only where `high` is
    missing; `high` is then missing in the inverse too. Training rows come back
    exactly if both columns hold integers, dates or durations, and to the rounding of
    the float operation otherwise.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.constraints import Inequality
    >>> X = pd.DataFrame({"floor": [10, 40, 50], "bid": [15, 70, 50]})
    >>> rule = Inequality("floor", "bid")
    >>> Z = rule.fit_transform(X)
    >>> Z
       floor  bid - floor
    0     10            5
    1     40           30
    2     50            0
    >>> rule.inverse_transform(Z.assign(floor=[50, 10, 40]))
       floor  bid
    0     50   55
    1     10   40
    2     40   40
    """

    _parameter_constraints: dict = {"low": [Hashable], "high": [Hashable]}

    def __init__(self, low: Hashable, high: Hashable) -> None:
        self.low = low
        self.high = high

    @property
    def columns(self) -> list[Hashable]:
        """Names of the two columns."""
        return [self.low, self.high]

    def _fit(self, X: pd.DataFrame) -> list[Hashable]:
        if self.low == self.high:
            raise ValueError(
                f"Inequality needs two different columns, got {self.low!r} twice."
            )
        self._low_at, self._high_at = self._positions(X, [self.low, self.high])
        low_scale = Scale.of(self.low, X.iloc[:, self._low_at])
        high_scale = Scale.of(self.high, X.iloc[:, self._high_at])
        if low_scale.family != high_scale.family:
            raise ValueError(
                f"Columns {self.low!r} ({low_scale.family}, dtype {low_scale.dtype}) "
                f"and {self.high!r} ({high_scale.family}, dtype {high_scale.dtype}) "
                "cannot be compared. Bring both to one kind, e.g. with pd.to_numeric, "
                "pd.to_datetime or dt.tz_localize."
            )
        self._exact = "float" not in (low_scale.kind, high_scale.kind)
        unit = finer_unit(low_scale.unit, high_scale.unit)
        self._low_scale = low_scale.in_unit(unit)
        self._high_scale = high_scale.in_unit(unit)

        low, no_low, high, no_high = self._check_rule(X)
        self._low_range = observed_range(low[~no_low])
        self._high_range = observed_range(high[~no_high])
        least = [r[0] for r in (self._low_range, self._high_range) if r is not None]
        self._reference = min(least, default=low.dtype.type(0))
        if self._high_range is not None:
            # As Python's integers, which do not overflow.
            span = self._high_range[1].item() - self._reference.item()
            if span > (INT64.max if self._exact else np.finfo(np.float64).max):
                raise ValueError(
                    f"Columns {self.low!r} and {self.high!r} span "
                    f"{self._reference!s} to {self._high_range[1]!s}: such differences "
                    "do not fit in 64 bits. Rescale the columns, or leave the "
                    "constraint out."
                )
        self.name_ = free_name(f"{self.high} - {self.low}", X.columns)
        self._gap_scale = gap_scale(self.name_, self._high_scale, exact=self._exact)
        names: list[Hashable] = list(X.columns)
        names[self._high_at] = self.name_
        return names

    def _transform(self, X: pd.DataFrame) -> pd.DataFrame:
        low, no_low, high, no_high = self._check_rule(X)
        gap = high - np.where(no_low, self._reference, low)
        out = X.copy(deep=False)
        out.isetitem(self._high_at, self._gap_scale.decode(gap, no_high, X.index))
        out.columns = self._columns_out
        return out

    def _inverse_transform(
        self, X: pd.DataFrame, random_state: np.random.RandomState
    ) -> pd.DataFrame:
        out = X.copy(deep=False)
        low, no_low = self._numbers(self._low_scale, X.iloc[:, self._low_at])
        gap, no_gap = self._gap_scale.encode(X.iloc[:, self._high_at])
        if self._low_range is not None:
            inside = np.where(no_low, low, np.clip(low, *self._low_range))
            if (inside != low).any():
                low = inside
                restored = self._low_scale.decode(low, no_low, X.index)
                out.isetitem(self._low_at, restored)
        if self._high_range is None:
            high, no_high = np.zeros_like(low), np.ones(len(X), dtype=bool)
        else:
            least, greatest = self._high_range
            base = np.where(no_low, self._reference, low)
            no_high = no_gap | (base > greatest)
            # The gap is at most greatest - base, so that the sum cannot overflow.
            with np.errstate(over="ignore"):
                high = base + np.minimum(np.maximum(gap, 0), greatest - base)
            high = np.clip(np.clip(high, least, greatest), base, None)
            high = self._high_scale.representable(high, at_least=base)
        out.isetitem(self._high_at, self._high_scale.decode(high, no_high, X.index))
        return out

    def _numbers(
        self, scale: Scale, series: pd.Series
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return a column's values, comparable with the other's, and missing ones."""
        numbers, missing = scale.encode(series)
        if not self._exact and scale.kind == "integer":
            if len(numbers) and np.abs(numbers).max() > 2**53:
                raise ValueError(
                    f"Column {scale.name!r} holds integers beyond 2**53, which "
                    "cannot be compared with floats exactly. Make both "
                    f"{self.low!r} and {self.high!r} integers, or leave the "
                    "constraint out."
                )
            numbers = numbers.astype(np.float64)
        return numbers, missing

    def _check_rule(self, X: pd.DataFrame) -> tuple[np.ndarray, ...]:
        """Return both columns as `_numbers` does, if no row breaks the rule."""
        low, no_low = self._numbers(self._low_scale, X.iloc[:, self._low_at])
        high, no_high = self._numbers(self._high_scale, X.iloc[:, self._high_at])
        broken = (low > high) & ~no_low & ~no_high
        if broken.any():
            rule = f"{self.low!r} <= {self.high!r}"
            raise rule_broken(rule, X, broken, [self._low_at, self._high_at])
        return low, no_low, high, no_high
