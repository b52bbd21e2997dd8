"""Numbers, with missing values and point masses as codes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from skgen.columns._base import Block, ColumnCodec, make_block

# A number is a code if it takes few values ...
MAX_DISCRETE_VALUES = 20
MIN_ROWS_PER_VALUE = 5
# ... and a value is a point mass from this share of the rows on.
MIN_MASS_SHARE = 0.05
MIN_MASS_ROWS = 10
# Integers beyond are not exact as floats.
MAX_EXACT_INTEGER = 2**53


class NumberCodec(ColumnCodec):
    """Numbers, with missing values and point masses as codes.

    - Few values in all (at most 20, each five times on average): one ordered code.
    - A point mass (a value in at least 5 % of the rows) and the missing ones get a
      code; the rest share code 0 and keep their number.
    - Else the number alone.

    Where a number does not count (its code is not 0) it holds the point mass, or, where
    it is missing, the median of those that count. The inverse keeps numbers inside the
    observed range and to the observed number of decimals.

    `kind` is "float" or "integer". Without `point_masses`, only missing values become
    codes.

    Attributes
    ----------
    values_ : ndarray of float
        The values that have a code, in the order of their codes. NaN stands for
        missing, and for a number at code 0 of a gated number.

    range_ : tuple of float
        Least and greatest number.

    decimals_ : int or None
        Number of decimals; None if more than six.
    """

    def __init__(self, kind: str = "float", *, point_masses: bool = True) -> None:
        self.kind = kind
        self.point_masses = point_masses

    def fit(self, column: pd.Series) -> NumberCodec:
        """Learn the point masses, the range and the number of decimals."""
        values = to_float(column)
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
            self.missing = len(distinct) if absent else None
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
            self.missing = 1 if absent else None
            self.cardinalities = (len(self.values_),)
        return self

    def transform(self, column: pd.Series) -> Block:
        """Write numbers as number and code."""
        values = to_float(column)
        missing = np.isnan(values)
        if missing.any() and self.missing is None:
            raise ValueError(
                f"Column {column.name!r} has missing values, which were not seen in "
                "fit. Fit on rows with missing values, or fill them."
            )
        if not self.cardinalities:
            return make_block(len(values), numeric=values)
        known = self.values_[~np.isnan(self.values_)]
        at = np.minimum(np.searchsorted(known, values), max(len(known) - 1, 0))
        found = known[at] == values if len(known) else np.zeros(len(values), bool)
        if self.gated:
            codes = np.where(found, at + len(self.values_) - len(known), 0)
            codes[missing] = 1
            numbers = np.where(missing, self._filler, values)
            return make_block(len(values), numeric=numbers, codes=codes)
        if not (found | missing).all():
            value = values[~(found | missing)].tolist()[0]
            raise ValueError(
                f"Column {column.name!r}: the value {value!r} was not seen in fit, "
                f"which found {len(known)} distinct values. Fit on rows that hold it."
            )
        return make_block(len(values), codes=np.where(missing, len(known), at))

    def inverse_transform(
        self, block: Block, random_state: np.random.RandomState
    ) -> pd.Series:
        """Read numbers from number and code."""
        if self.range_ is not None:
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


def to_float(column: pd.Series) -> NDArray[np.float64]:
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
