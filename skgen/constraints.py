"""Constraints: rewrite a table so that a rule between its columns cannot break.

Each constraint replaces columns by others in which the rule always holds, so that any
generator may work on the rewritten table and recombine its values freely. Several are
applied in order and inverted in reverse order; since a rewritten column goes by another
name, a constraint that reads a column comes before the one that rewrites it.
"""

import datetime as dt
import math
from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
import pandas as pd
from pandas.api import types
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

__all__ = ["Constraint", "FixedCombinations", "Inequality", "Range"]

_INT64 = np.iinfo(np.int64)
_TICKS_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


class Constraint(TransformerMixin, BaseEstimator, ABC):
    """Base class of the constraints.

    A subclass learns in `_fit`, which returns the labels of the rewritten table, and
    rewrites in `_transform` and `_inverse_transform`.

    Attributes
    ----------
    n_features_in_ : int
        Number of columns seen in :meth:`fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,), dtype=object
        Labels of the columns seen in :meth:`fit`; any hashable, not strings alone.
    """

    _parameter_constraints: dict = {}

    def fit(self, X: pd.DataFrame, y: object = None) -> Self:
        """Learn the rule from a table, which must obey it.

        Parameters
        ----------
        X : DataFrame of shape (n_samples, n_features)
            The table.
        y : None
            Ignored.

        Returns
        -------
        self : Constraint
            The fitted constraint.

        Raises
        ------
        ValueError
            If the table lacks a column, holds kinds that do not fit the rule, or has
            rows that break it.
        """
        self._validate_params()
        _check_table(X)
        self._columns_in = X.columns
        self.n_features_in_ = X.shape[1]
        self.feature_names_in_ = np.empty(X.shape[1], dtype=object)
        self.feature_names_in_[:] = list(X.columns)
        # Labels may be tuples, which must not become a MultiIndex here.
        self._columns_out = pd.Index(
            self._fit(X), name=X.columns.name, tupleize_cols=False
        )
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Rewrite a table.

        Parameters
        ----------
        X : DataFrame of shape (n_samples, n_features)
            A table with the columns seen in :meth:`fit`. It is not modified.

        Returns
        -------
        DataFrame
            The table in which the rule cannot break, under the same index.

        Raises
        ------
        ValueError
            If the columns differ from those of :meth:`fit`, or rows break the rule.
        """
        check_is_fitted(self)
        _check_table(X)
        _check_same_columns(X, self._columns_in, f"{self!r}.transform")
        return self._transform(X)

    def inverse_transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Bring a rewritten table back to the original columns.

        Parameters
        ----------
        X : DataFrame
            A table with the columns and dtypes that :meth:`transform` gives, whose
            values may be recombined across columns. It is not modified.

        Returns
        -------
        DataFrame of shape (n_samples, n_features)
            A table that obeys the rule, with the columns, order and dtypes of
            :meth:`fit` and the same index as `X`.

        Raises
        ------
        ValueError
            If the columns differ from those that :meth:`transform` gives.
        """
        check_is_fitted(self)
        _check_table(X)
        _check_same_columns(X, self._columns_out, f"{self!r}.inverse_transform")
        out = self._inverse_transform(X)
        out.columns = self._columns_in
        return out

    @abstractmethod
    def _fit(self, X: pd.DataFrame) -> list[Hashable]:
        """Learn the rule and return the labels of the rewritten table."""

    @abstractmethod
    def _transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Rewrite a checked table."""

    @abstractmethod
    def _inverse_transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Bring back a checked table; its labels are put right afterwards."""

    def _positions(self, X: pd.DataFrame, labels: Sequence[Hashable]) -> list[int]:
        """Positions of the columns, or an error that names the missing ones."""
        position: dict[Hashable, int] = {c: i for i, c in enumerate(X.columns)}
        missing = [label for label in labels if label not in position]
        if missing:
            raise ValueError(
                f"{self!r} names columns that are not in the table: {missing}. The "
                f"columns there are: {list(X.columns)}. Correct the name; where an "
                "earlier constraint rewrites that column, put this one before it."
            )
        return [position[label] for label in labels]


class FixedCombinations(Constraint):
    """Keep to the combinations of some columns that the training table holds.

    A country and a city, an ad and its campaign: :meth:`transform` puts one
    categorical column of combination ids in their place, so that no generator can
    pair what never went together.

    Parameters
    ----------
    columns : list of hashable
        Labels of two or more columns. A missing value is a level like any other.

    Attributes
    ----------
    combinations_ : DataFrame of shape (n_combinations, len(columns))
        The combinations in order of first appearance, with the original dtypes. Row
        `i` is what the id `i` stands for.
    name_ : str
        Label of the column of ids: the labels joined by "+", with a number after it
        where the table has such a column already. It stands where the first of
        `columns` stood.
    n_features_in_ : int
        Number of columns seen in :meth:`fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,), dtype=object
        Labels of the columns seen in :meth:`fit`.

    Raises
    ------
    ValueError
        In :meth:`fit`, if fewer than two distinct columns are named or one is not in
        the table; in :meth:`transform`, if a row holds a combination that the
        training table does not; in :meth:`inverse_transform`, for an unknown id.

    See Also
    --------
    Inequality : One column at or below another.
    Range : One column between two bounds.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.constraints import FixedCombinations
    >>> X = pd.DataFrame({"country": ["FR", "FR", "PE"], "clicks": [3, 0, 1],
    ...                   "city": ["Paris", "Lyon", "Lima"]})
    >>> rule = FixedCombinations(["country", "city"])
    >>> Z = rule.fit_transform(X)
    >>> Z
      country+city  clicks
    0            0       3
    1            1       0
    2            2       1
    >>> rule.inverse_transform(Z.assign(clicks=[1, 3, 0]))
      country  clicks   city
    0      FR       1  Paris
    1      FR       3   Lyon
    2      PE       0   Lima
    """

    _parameter_constraints: dict = {"columns": [list, tuple, np.ndarray, pd.Index]}

    def __init__(self, columns: Sequence[Hashable]) -> None:
        self.columns = columns

    def _fit(self, X: pd.DataFrame) -> list[Hashable]:
        labels = list(self.columns)
        if len(labels) < 2 or len(set(labels)) < len(labels):
            raise ValueError(
                f"FixedCombinations needs two or more different columns, got {labels}."
            )
        self._at = self._positions(X, labels)
        # Fold column after column into one id: `seen` holds, for each column, its
        # levels and the pairs (id so far, level) that occur, numbered from 0.
        self._seen: list[tuple[pd.Index, pd.Index]] = []
        ids = np.zeros(len(X), dtype=np.int64)
        for label, at in zip(labels, self._at, strict=True):
            levels = _levels(label, X.iloc[:, at])
            pairs = ids * (len(levels) + 1) + _level_codes(levels, X.iloc[:, at])
            ids, seen = pd.factorize(pairs)
            self._seen.append((levels, pd.Index(seen)))
        _, first_rows = np.unique(ids, return_index=True)
        self.combinations_ = X.iloc[first_rows, self._at].reset_index(drop=True)
        self.name_ = _free_name("+".join(map(str, labels)), X.columns)
        self._kept = [i for i in range(X.shape[1]) if i not in self._at[1:]]
        self._id_at = self._kept.index(self._at[0])
        names: list[Hashable] = [X.columns[i] for i in self._kept]
        names[self._id_at] = self.name_
        return names

    def _transform(self, X: pd.DataFrame) -> pd.DataFrame:
        ids = np.zeros(len(X), dtype=np.int64)
        for at, (levels, seen) in zip(self._at, self._seen, strict=True):
            codes = _level_codes(levels, X.iloc[:, at])
            pairs = np.where(codes < 0, -1, ids * (len(levels) + 1) + codes)
            ids = np.where(ids < 0, -1, seen.get_indexer(pd.Index(pairs)))
        if (ids < 0).any():
            raise ValueError(
                f"The combination of columns {list(self.columns)} was not seen in "
                f"fit in {_describe_rows(X, ids < 0, self._at)}. Fit on a table that "
                "holds the combination, drop these rows, or leave the constraint out."
            )
        out = X.iloc[:, self._kept].copy(deep=False)
        dtype = pd.CategoricalDtype(pd.Index(np.arange(len(self.combinations_))))
        out.isetitem(self._id_at, pd.Categorical.from_codes(ids, dtype=dtype))
        out.columns = self._columns_out
        return out

    def _inverse_transform(self, X: pd.DataFrame) -> pd.DataFrame:
        column = X.iloc[:, self._id_at]
        ids = pd.RangeIndex(len(self.combinations_)).get_indexer(
            pd.Index(column.astype(object))
        )
        if (ids < 0).any():
            unknown = column[ids < 0].unique().tolist()[:5]
            raise ValueError(
                f"Column {self.name_!r} holds values that are no combination of "
                f"columns {list(self.columns)}: {unknown}. Keep to the ids 0 to "
                f"{len(self.combinations_) - 1} that transform gives."
            )
        restored = self.combinations_.iloc[ids].set_index(X.index)
        others = [i for i in range(X.shape[1]) if i != self._id_at]
        both = pd.concat([X.iloc[:, others], restored], axis=1)
        came_from = [self._kept[i] for i in others] + self._at
        return both.iloc[:, np.argsort(came_from)]


class Inequality(Constraint):
    """Keep one column at or below another: ``low <= high`` in every row.

    :meth:`transform` puts the gap, ``high - low``, in the place of `high`. The gap is
    never negative, whatever row a generator puts it in.

    Parameters
    ----------
    low : hashable
        Label of the lower column.
    high : hashable
        Label of the upper column: numeric as `low` is, or a date or duration as `low`
        is. Dates are both with a time zone or both without.

    Attributes
    ----------
    name_ : str
        Label of the column of gaps: ``"{high} - {low}"``, with a number after it
        where the table has such a column already. It stands where `high` stood and
        holds integers (of integers), floats, or durations (of dates).
    n_features_in_ : int
        Number of columns seen in :meth:`fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,), dtype=object
        Labels of the columns seen in :meth:`fit`.

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
    The rule binds the rows in which both values are present. Where `low` is missing,
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

    def _fit(self, X: pd.DataFrame) -> list[Hashable]:
        if self.low == self.high:
            raise ValueError(
                f"Inequality needs two different columns, got {self.low!r} twice."
            )
        self._low_at, self._high_at = self._positions(X, [self.low, self.high])
        low_scale = _Scale.of(self.low, X.iloc[:, self._low_at])
        high_scale = _Scale.of(self.high, X.iloc[:, self._high_at])
        if low_scale.family != high_scale.family:
            raise ValueError(
                f"Columns {self.low!r} ({low_scale.family}, dtype {low_scale.dtype}) "
                f"and {self.high!r} ({high_scale.family}, dtype {high_scale.dtype}) "
                "cannot be compared. Bring both to one kind, e.g. with pd.to_numeric, "
                "pd.to_datetime or dt.tz_localize."
            )
        self._exact = "float" not in (low_scale.kind, high_scale.kind)
        unit = _finer(low_scale.unit, high_scale.unit)
        self._low_scale = low_scale.in_unit(unit)
        self._high_scale = high_scale.in_unit(unit)

        low, no_low = self._numbers(self._low_scale, X.iloc[:, self._low_at])
        high, no_high = self._numbers(self._high_scale, X.iloc[:, self._high_at])
        self._check_rule(X, (low > high) & ~no_low & ~no_high)
        self._low_range = _observed_range(low[~no_low])
        self._high_range = _observed_range(high[~no_high])
        least = [r[0] for r in (self._low_range, self._high_range) if r is not None]
        self._reference = min(least, default=low.dtype.type(0))
        if self._high_range is not None:
            # Python's numbers do not wrap around.
            span = self._high_range[1].item() - self._reference.item()
            if span > (_INT64.max if self._exact else np.finfo(np.float64).max):
                raise ValueError(
                    f"Columns {self.low!r} and {self.high!r} span "
                    f"{self._reference!s} to {self._high_range[1]!s}, and differences "
                    "so large do not fit in 64 bits. Rescale the columns, or leave "
                    "the constraint out."
                )
        self.name_ = _free_name(f"{self.high} - {self.low}", X.columns)
        self._gap_scale = _gap_scale(self.name_, self._high_scale, exact=self._exact)
        names: list[Hashable] = list(X.columns)
        names[self._high_at] = self.name_
        return names

    def _transform(self, X: pd.DataFrame) -> pd.DataFrame:
        low, no_low = self._numbers(self._low_scale, X.iloc[:, self._low_at])
        high, no_high = self._numbers(self._high_scale, X.iloc[:, self._high_at])
        self._check_rule(X, (low > high) & ~no_low & ~no_high)
        gap = high - np.where(no_low, self._reference, low)
        out = X.copy(deep=False)
        out.isetitem(self._high_at, self._gap_scale.decode(gap, no_high, X.index))
        out.columns = self._columns_out
        return out

    def _inverse_transform(self, X: pd.DataFrame) -> pd.DataFrame:
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
            # The room above `base` bounds the gap, so that the sum cannot overflow.
            with np.errstate(over="ignore"):
                high = base + np.minimum(np.maximum(gap, 0), greatest - base)
            high = np.clip(np.clip(high, least, greatest), base, None)
            high = self._high_scale.representable(high, at_least=base)
        out.isetitem(self._high_at, self._high_scale.decode(high, no_high, X.index))
        return out

    def _numbers(
        self, scale: "_Scale", series: pd.Series
    ) -> tuple[np.ndarray, np.ndarray]:
        """Encode a column for arithmetic with the other one."""
        numbers, missing = scale.encode(series)
        if not self._exact and scale.kind == "integer":
            if len(numbers) and np.abs(numbers).max() > 2**53:
                raise ValueError(
                    f"Column {scale.label!r} holds integers beyond 2**53, which "
                    "cannot be compared with floats exactly. Make both "
                    f"{self.low!r} and {self.high!r} integers, or leave the "
                    "constraint out."
                )
            numbers = numbers.astype(np.float64)
        return numbers, missing

    def _check_rule(self, X: pd.DataFrame, broken: np.ndarray) -> None:
        if broken.any():
            rule = f"{self.low!r} <= {self.high!r}"
            raise _rule_broken(rule, X, broken, [self._low_at, self._high_at])


class Range(Constraint):
    """Keep one column between two bounds: ``low <= column <= high``.

    Parameters
    ----------
    column : hashable
        Label of a column of numbers, dates or durations.
    low : number, date, duration, hashable or None
        The lower bound. A number, date (:class:`pandas.Timestamp`,
        :class:`datetime.datetime`, :class:`datetime.date`,
        :class:`numpy.datetime64`) or duration (:class:`pandas.Timedelta`,
        :class:`datetime.timedelta`, :class:`numpy.timedelta64`) is a value. Anything
        else is the label of a column, a string always so. None means no bound.
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
        Labels of the columns seen in :meth:`fit`.

    Raises
    ------
    ValueError
        In :meth:`fit` and :meth:`transform`, if a column is missing, a bound cannot
        be compared with `column`, both bounds are None or in the wrong order, or a
        row breaks the rule.

    See Also
    --------
    Inequality : One column at or below another, by labels alone.
    FixedCombinations : Columns whose combinations are fixed.

    Notes
    -----
    A bound that is a value leaves the table as it is in :meth:`transform` and is
    enforced by clipping in :meth:`inverse_transform`. A bound that is a column is an
    :class:`Inequality`, which replaces the upper of the two columns by a gap. Missing
    values break no rule and stay missing.

    A number is a value even where the labels of the columns are numbers, as in a
    table made from an array. Use :class:`Inequality`, which takes labels alone, to
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

    def _fit(self, X: pd.DataFrame) -> list[Hashable]:
        if self.low is None and self.high is None:
            raise ValueError(
                f"Range of column {self.column!r} needs a bound: give low or high."
            )
        low_label = None if _is_value(self.low) else self.low
        high_label = None if _is_value(self.high) else self.high
        if low_label is not None and low_label == high_label:
            raise ValueError(
                f"Range of column {self.column!r} has column {low_label!r} for both "
                "bounds, which leaves nothing to generate. Drop one of the columns."
            )
        labels = [self.column, low_label, high_label]
        at = self._positions(X, [label for label in labels if label is not None])
        self._at = at[0]
        self._scale = _Scale.of(self.column, X.iloc[:, self._at])
        self._lower = self._upper = None
        if low_label is None and self.low is not None:
            self._lower = self._scale.bound(self.low, up=True)
        if high_label is None and self.high is not None:
            self._upper = self._scale.bound(self.high, up=False)
        if (
            self._lower is not None
            and self._upper is not None
            and self._lower > self._upper
        ):
            raise ValueError(
                f"No value of column {self.column!r} (dtype {self._scale.dtype}) lies "
                f"between low={self.low!r} and high={self.high!r}. Correct the bounds."
            )
        self._check_values(X)
        # The upper inequality comes first, as the lower one rewrites `column`.
        self.inequalities_: list[Inequality] = []
        if high_label is not None:
            self.inequalities_.append(Inequality(self.column, high_label))
        if low_label is not None:
            self.inequalities_.append(Inequality(low_label, self.column))
        for inequality in self.inequalities_:
            X = inequality.fit_transform(X)
        return list(X.columns)

    def _transform(self, X: pd.DataFrame) -> pd.DataFrame:
        self._check_values(X)
        out = X.copy(deep=False)
        for inequality in self.inequalities_:
            out = inequality.transform(out)
        return out

    def _inverse_transform(self, X: pd.DataFrame) -> pd.DataFrame:
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
            raise _rule_broken(f"{rule} (bounds by value)", X, broken, [self._at])


@dataclass(frozen=True)
class _Scale:
    """How the values of an ordered column become numbers, and come back.

    Integers, dates and durations become int64 (dates and durations count ticks of
    `unit`, `step` of which make one tick of the column itself), floats float64. `na`
    is what a missing value looks like in a column of dtype object.
    """

    label: Hashable
    dtype: Any
    kind: str
    unit: str | None = None
    tz: Any = None
    na: Any = None
    step: int = 1

    @classmethod
    def of(cls, label: Hashable, series: pd.Series) -> Self:
        """Return the scale of a column, or an error if it has no order to use."""
        values = _plain(series)
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
                f"Column {label!r} has dtype {series.dtype}, which is neither numeric "
                "nor a date or duration, so that it cannot be compared. Convert it, "
                "e.g. with pd.to_numeric or pd.to_datetime, or leave the constraint "
                "out."
            )
        missing = series[series.isna().to_numpy()]
        na = missing.iloc[0] if len(missing) else None
        return cls(label, series.dtype, kind, unit, tz, na)

    @property
    def family(self) -> str:
        """What the values can be compared with."""
        if self.kind == "datetime":
            return "dates with a time zone" if self.tz else "dates without a time zone"
        return "durations" if self.kind == "timedelta" else "numbers"

    def in_unit(self, unit: str | None) -> "_Scale":
        """Count in ticks of another, finer unit."""
        if unit is None or self.unit is None:
            return self
        step = _TICKS_PER_SECOND[unit] // _TICKS_PER_SECOND[self.unit]
        return replace(self, unit=unit, step=step)

    def encode(self, series: pd.Series) -> tuple[np.ndarray, np.ndarray]:
        """Return the numbers, 0 where a value is missing, and the mask of those."""
        missing = series.isna().to_numpy(dtype=bool)
        if missing.all():
            dtype = np.float64 if self.kind == "float" else np.int64
            return np.zeros(len(series), dtype=dtype), missing
        found = _Scale.of(self.label, series)
        if (found.kind, found.family) != (self.kind, self.family):
            raise ValueError(
                f"Column {self.label!r} had dtype {self.dtype} in fit and now has "
                f"{series.dtype}. Bring it back to the dtype of fit."
            )
        values = _plain(series)
        if self.kind == "float":
            numbers = values.to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
            numbers[missing] = 0.0
            if np.isinf(numbers).any():
                raise ValueError(
                    f"Column {self.label!r} holds infinite values. Replace them by "
                    "finite or missing ones, or leave the constraint out."
                )
            return numbers, missing
        if self.kind == "integer":
            if values.max() > _INT64.max:
                raise ValueError(
                    f"Column {self.label!r} holds {values.max()}, which does not fit "
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
        """Round to what the dtype can hold, without going below `at_least`.

        The rounded values stay at or below any upper bound of `numbers` and
        `at_least` that the dtype can hold.
        """
        if self.kind == "float":
            precision = _float_type(self.dtype)
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
                f"{value!r} is no bound for column {self.label!r}. Give a number, a "
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
                f"The bound {value!r} cannot be compared with column {self.label!r}, "
                f"which holds {self.family} (dtype {self.dtype}). Give a bound of the "
                "same kind."
            )
        if isinstance(value, Real):
            if not isinstance(value, Integral) and not math.isfinite(value):
                raise ValueError(
                    f"The bound {value!r} of column {self.label!r} is infinite. Give "
                    "None for no bound."
                )
            if self.kind == "float":
                # In the precision of the column, as numpy compares them too.
                return np.float64(_float_type(self.dtype)(value))
            number: int = math.ceil(value) if up else math.floor(value)  # type: ignore
        else:
            number = self._ticks(value, up=up)
        return min(max(number, int(_INT64.min)), int(_INT64.max))

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


def _is_value(bound: object) -> bool:
    """Say whether a bound of a range is a value, rather than a column's label."""
    return isinstance(
        bound, (Real, np.bool_, dt.date, dt.timedelta, np.datetime64, np.timedelta64)
    )


def _gap_scale(label: str, high: _Scale, *, exact: bool) -> _Scale:
    """Return the scale of the differences between a column `high` and another."""
    if not exact:
        return _Scale(label, np.dtype(np.float64), "float")
    if high.kind == "integer":
        # A column of objects may hold missing values, too.
        plain = isinstance(high.dtype, np.dtype) and high.dtype.kind in "iu"
        dtype: Any = np.dtype(np.int64) if plain else pd.Int64Dtype()
        return _Scale(label, dtype, "integer")
    return _Scale(label, np.dtype(f"m8[{high.unit}]"), "timedelta", high.unit)


def _plain(series: Any) -> Any:
    """Return a column under the dtype of its values, of pandas' own for times."""
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
    if isinstance(series.dtype, pd.ArrowDtype):
        if types.is_datetime64_any_dtype(series.dtype):
            unit, tz = series.dt.unit, series.dt.tz
            return series.astype(
                f"datetime64[{unit}]" if tz is None else pd.DatetimeTZDtype(unit, tz)
            )
        if types.is_timedelta64_dtype(series.dtype):
            return series.astype(f"timedelta64[{series.dt.unit}]")
    return series


def _float_type(dtype: Any) -> Any:
    """Return numpy's scalar type for the precision of a float dtype."""
    dtype = getattr(dtype, "numpy_dtype", dtype)
    return (
        dtype.type if isinstance(dtype, np.dtype) and dtype.kind == "f" else np.double
    )


def _finer(unit: str | None, other: str | None) -> str | None:
    if unit is None or other is None:
        return None
    return max(unit, other, key=_TICKS_PER_SECOND.__getitem__)


def _observed_range(numbers: np.ndarray) -> tuple[Any, Any] | None:
    return (numbers.min(), numbers.max()) if len(numbers) else None


def _levels(label: Hashable, series: pd.Series) -> pd.Index:
    """Return the distinct values of a column, missing ones left out."""
    try:
        return pd.Index(_by_value(series).dropna().unique())
    except TypeError as error:
        raise ValueError(
            f"Column {label!r} holds values that cannot be hashed, such as lists, and "
            "cannot be part of a combination. Convert them, e.g. to strings or tuples."
        ) from error


def _level_codes(levels: pd.Index, series: pd.Series) -> np.ndarray:
    """Return each value's position in `levels`: the last if missing, -1 if new."""
    codes = levels.get_indexer(pd.Index(_by_value(series)))
    return np.where(series.isna().to_numpy(dtype=bool), len(levels), codes)


def _by_value(series: pd.Series) -> pd.Series:
    """Return a categorical column by its values, which outlive a change of codes."""
    categorical = isinstance(series.dtype, pd.CategoricalDtype)
    return series.astype(object) if categorical else series


def _free_name(name: str, taken: pd.Index) -> str:
    """Return `name`, with a number after it if a column goes by it already."""
    free, number = name, 2
    while free in taken:
        free, number = f"{name} ({number})", number + 1
    return free


def _check_table(X: pd.DataFrame) -> None:
    if not isinstance(X, pd.DataFrame):
        raise TypeError(
            f"A constraint works on a pandas DataFrame, got {type(X).__name__}. "
            "Convert it with pd.DataFrame(X)."
        )
    if not X.columns.is_unique:
        twice = X.columns[X.columns.duplicated()].unique().tolist()
        raise ValueError(
            f"Columns {twice} occur more than once. Give each column its own label."
        )


def _check_same_columns(X: pd.DataFrame, expected: pd.Index, where: str) -> None:
    found, wanted = list(X.columns), list(expected)
    if found != wanted:
        raise ValueError(
            f"The columns given to {where} are not those of fit, in the same order: "
            f"missing {[c for c in wanted if c not in found]}, unexpected "
            f"{[c for c in found if c not in wanted]}. Expected {wanted}, got {found}."
        )


def _describe_rows(X: pd.DataFrame, rows: np.ndarray, at: Sequence[int]) -> str:
    """Say how many rows are meant, and show the first."""
    first = int(np.argmax(rows))
    index = X.index[[first]].tolist()[0]
    shown = ", ".join(
        f"{X.columns[i]!r} = {X.iloc[[first], i].tolist()[0]!r}" for i in at
    )
    return f"{int(rows.sum())} of {len(X)} rows, first at index {index!r}: {shown}"


def _rule_broken(
    rule: str, X: pd.DataFrame, broken: np.ndarray, at: Sequence[int]
) -> ValueError:
    return ValueError(
        f"{rule} does not hold in {_describe_rows(X, broken, at)}. Drop or repair "
        "these rows, or leave the constraint out."
    )
