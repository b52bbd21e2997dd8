"""Rules of numbers: equal in some rows, sums, and categories that are intervals."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_float_dtype, is_integer_dtype, is_numeric_dtype

from skgen.constraints import Constraint
from skgen.structure._dependencies import MAX_EXCEPTIONS


class Equal(Constraint):
    """Two columns of numbers that are equal in part of the rows, or in all of them.

    Where they are equal, the second is written as missing before anything is learned,
    and takes the value of the first afterwards; so the rows in which they are equal
    are as frequent in synthetic rows as in training. Columns that are equal in all
    rows are one column.

    Parameters
    ----------
    first, second : hashable
        Names of the columns. The second must not have missing values.

    Raises
    ------
    ValueError
        In `fit`, if the columns are not numbers, the second has missing values, or
        they are equal in no row.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.structure import Equal
    >>> X = pd.DataFrame({"bill": [10.0, 20.0, 30.0], "paid": [10.0, 5.0, 30.0]})
    >>> Equal("bill", "paid").fit(X).transform(X)
       bill  paid
    0  10.0   NaN
    1  20.0   5.0
    2  30.0   NaN
    """

    def __init__(self, first: Hashable, second: Hashable) -> None:
        self.first = first
        self.second = second

    @property
    def columns(self) -> list[Hashable]:
        """Names of the two columns."""
        return [self.first, self.second]

    def _fit(self, X: pd.DataFrame) -> list[Hashable]:
        at = self._positions(X, self.columns)
        first, second = (X.iloc[:, i] for i in at)
        for column in (first, second):
            check_number(column, "Equal")
        if second.isna().any():
            raise ValueError(
                f"Column {self.second!r} has {int(second.isna().sum())} missing "
                "values, by which Equal marks equal ones. Exchange the two columns, or "
                "leave the rule out."
            )
        equal = (first == second).fillna(False).to_numpy(dtype=bool)
        if not equal.any():
            raise ValueError(
                f"Columns {self.first!r} and {self.second!r} are equal in no row: "
                "leave the rule out."
            )
        self._dtype = second.dtype
        self._always = bool(equal.all())
        if self._always:
            return [name for name in X.columns if name != self.second]
        return list(X.columns)

    def _transform(self, X: pd.DataFrame) -> pd.DataFrame:
        if self._always:
            return X.drop(columns=[self.second])
        out = X.copy(deep=False)
        second = out[self.second].astype(np.float64)
        out[self.second] = second.mask(out[self.first] == out[self.second])
        return out

    def _inverse_transform(
        self, X: pd.DataFrame, random_state: np.random.RandomState
    ) -> pd.DataFrame:
        out = X.copy(deep=False)
        first = out[self.first]
        values = (
            first
            if self._always
            else out[self.second].where(out[self.second].notna(), first)
        )
        if is_integer_dtype(self._dtype) and values.notna().all():
            values = values.round()
        out[self.second] = values.astype(
            self._dtype if values.notna().all() else first.dtype
        )
        return out[list(self._columns_in)]


class Sum(Constraint):
    """A number that is the sum of others: ``total = a + b``, or ``total = a - b``.

    The total leaves the table before anything is learned, and is added up afterwards.

    Parameters
    ----------
    total : hashable
        Name of the column that is the sum.

    parts : sequence of hashable
        Names of the columns that add up to it.

    minus : sequence of hashable, default=()
        Names of columns that are subtracted.

    Raises
    ------
    ValueError
        In `fit`, if the rule does not hold in at least 99.5 % of the rows.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.structure import Sum
    >>> X = pd.DataFrame({"a": [1, 2], "b": [3, 5], "total": [4, 7]})
    >>> Sum("total", ["a", "b"]).fit(X).transform(X).columns.tolist()
    ['a', 'b']
    """

    _parameter_constraints: dict = {"parts": ["array-like"], "minus": ["array-like"]}

    def __init__(
        self,
        total: Hashable,
        parts: Sequence[Hashable],
        *,
        minus: Sequence[Hashable] = (),
    ) -> None:
        self.total = total
        self.parts = parts
        self.minus = minus

    @property
    def columns(self) -> list[Hashable]:
        """Names of the total and its parts."""
        return [self.total, *self.parts, *self.minus]

    def _fit(self, X: pd.DataFrame) -> list[Hashable]:
        self._positions(X, self.columns)
        for name in self.columns:
            check_number(X[name], "Sum")
        total = X[self.total]
        wrong = ~np.isclose(
            self._added(X),
            total.to_numpy(dtype=np.float64, na_value=np.nan),
            rtol=1e-9,
            atol=1e-9,
            equal_nan=True,
        )
        if wrong.mean() > MAX_EXCEPTIONS:
            row = int(wrong.argmax())
            raise ValueError(
                f"Column {self.total!r} is not the sum of {list(self.parts)} less "
                f"{list(self.minus)} in {int(wrong.sum())} of {len(X)} rows, such as "
                f"{X[self.columns].iloc[row].to_dict()}. Leave the rule out, or "
                "repair these rows."
            )
        self._dtype = total.dtype
        self._decimals = decimals(total)
        return [name for name in X.columns if name != self.total]

    def _added(self, X: pd.DataFrame) -> NDArray[np.float64]:
        added = np.zeros(len(X))
        for sign, names in ((1, self.parts), (-1, self.minus)):
            for name in names:
                added += sign * X[name].to_numpy(dtype=np.float64, na_value=np.nan)
        return added

    def _transform(self, X: pd.DataFrame) -> pd.DataFrame:
        return X.drop(columns=[self.total])

    def _inverse_transform(
        self, X: pd.DataFrame, random_state: np.random.RandomState
    ) -> pd.DataFrame:
        out = X.copy(deep=False)
        added = np.round(self._added(X), self._decimals)
        out[self.total] = pd.Series(added, index=X.index).astype(self._dtype)
        return out[list(self._columns_in)]


class Intervals(Constraint):
    """A category that says in which interval a number lies, such as an age group.

    The category leaves the table before anything is learned, and follows from the
    number afterwards.

    Parameters
    ----------
    number : hashable
        Name of the column of numbers.

    category : hashable
        Name of the column that follows from it.

    Raises
    ------
    ValueError
        In `fit`, if the categories' intervals overlap.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.structure import Intervals
    >>> X = pd.DataFrame({"age": [15, 64, 31], "group": ["young", "old", "middle"]})
    >>> Intervals("age", "group").fit(X).transform(X).columns.tolist()
    ['age']
    """

    def __init__(self, number: Hashable, category: Hashable) -> None:
        self.number = number
        self.category = category

    @property
    def columns(self) -> list[Hashable]:
        """Names of the two columns."""
        return [self.number, self.category]

    def _fit(self, X: pd.DataFrame) -> list[Hashable]:
        self._positions(X, self.columns)
        check_number(X[self.number], "Intervals")
        found = find_intervals(X[self.number], X[self.category])
        if found is None:
            raise ValueError(
                f"Column {self.category!r} does not follow from intervals of "
                f"{self.number!r}: the intervals of its values overlap. Leave the rule "
                "out."
            )
        self._cuts, values, self._missing = found
        self._values = pd.Series(values, dtype=X[self.category].dtype)
        return [name for name in X.columns if name != self.category]

    def _transform(self, X: pd.DataFrame) -> pd.DataFrame:
        return X.drop(columns=[self.category])

    def _inverse_transform(
        self, X: pd.DataFrame, random_state: np.random.RandomState
    ) -> pd.DataFrame:
        out = X.copy(deep=False)
        numbers = X[self.number].to_numpy(dtype=np.float64, na_value=np.nan)
        at = np.searchsorted(self._cuts, numbers, side="left")
        if self._missing is not None:
            at[np.isnan(numbers)] = self._missing
        at = np.minimum(at, len(self._values) - 1)
        out[self.category] = pd.Series(
            self._values.array.take(at), index=X.index, dtype=self._values.dtype
        )
        return out[list(self._columns_in)]


def find_intervals(
    number: pd.Series, category: pd.Series
) -> tuple[NDArray[np.float64], list[Any], int | None] | None:
    """Return the intervals of a number that a category stands for.

    Parameters
    ----------
    number, category : Series

    Returns
    -------
    intervals : tuple or None
        The cuts between neighbouring intervals, the categories in this order (that of
        missing numbers last), and the position of the latter or None. None if the
        intervals overlap.
    """
    numbers = number.to_numpy(dtype=np.float64, na_value=np.nan)
    codes, values = pd.factorize(category, use_na_sentinel=False)
    missing = np.isnan(numbers)
    of_missing = np.unique(codes[missing])
    if len(of_missing) > 1 or missing.all():
        return None
    numbers, present = numbers[~missing], codes[~missing]
    order = np.argsort(numbers, kind="stable")
    numbers, present = numbers[order], present[order]
    change = np.flatnonzero(np.diff(present) != 0)
    in_order = present[np.r_[change, len(present) - 1]]
    ties = numbers[change] == numbers[change + 1]
    if len(np.unique(in_order)) < len(in_order) or ties.any():
        return None
    cuts = numbers[change]
    names = [values[code] for code in in_order]
    if not len(of_missing):
        return cuts, names, None
    return cuts, [*names, values[of_missing[0]]], len(names)


def check_number(column: pd.Series, rule: str) -> None:
    """Raise unless a column holds numbers."""
    if not is_numeric_dtype(column.dtype) or column.dtype.kind == "b":
        raise ValueError(
            f"{rule}: column {column.name!r} has dtype {column.dtype}, but numbers are "
            "needed. Convert it with pandas.to_numeric, or leave the rule out."
        )


def decimals(column: pd.Series) -> int:
    """Return the number of decimals that a column's values have, at most 10."""
    if not is_float_dtype(column.dtype):
        return 0
    values = column.dropna().to_numpy(dtype=np.float64)[:10_000]
    for n in range(10):
        if np.allclose(np.round(values, n), values, rtol=0, atol=1e-12):
            return n
    return 10
