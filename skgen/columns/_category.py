"""Categories and constants as codes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skgen.columns._base import Block, ColumnCodec, make_block, take
from skgen.columns._kinds import infer_kind


class ConstantCodec(ColumnCodec):
    """A column with one value: left out, and put back."""

    kind = "constant"

    def fit(self, column: pd.Series) -> ConstantCodec:
        """Keep the value."""
        self._category = CategoryCodec(infer_kind(column)).fit(column)
        return self

    def transform(self, column: pd.Series) -> Block:
        """Check that the value is still the only one."""
        self._category.transform(column)
        return make_block(len(column))

    def inverse_transform(
        self, block: Block, random_state: np.random.RandomState
    ) -> pd.Series:
        """Repeat the value."""
        first = np.zeros(len(block.codes), dtype=np.intp)
        return take(self._category.categories_, first)


class CategoryCodec(ColumnCodec):
    """Categories, strings and booleans as codes; a missing value is a category.

    Attributes
    ----------
    categories_ : Series of shape (n_categories,)
        The observed values in the order of their codes: sorted where they can be,
        a missing value last.
    """

    def __init__(self, kind: str = "category") -> None:
        self.kind = kind

    def fit(self, column: pd.Series) -> CategoryCodec:
        """Learn the categories."""
        codes, uniques = pd.factorize(self._keys(column))
        # The first row of each; the last entry is for missing values, of code -1.
        first = np.full(len(uniques) + 1, -1)
        first[codes[::-1]] = np.arange(len(column))[::-1]
        rows = first[:-1][_sort_order(uniques)]
        if first[-1] >= 0:
            self.missing = len(rows)
            rows = np.append(rows, first[-1])
        self.categories_ = column.iloc[rows].reset_index(drop=True)
        self.cardinalities = (len(self.categories_),)
        self.ordered = self.kind == "boolean" or bool(
            getattr(column.dtype, "ordered", False)
        )
        return self

    def _keys(self, column: pd.Series) -> pd.Series:
        """Return hashable keys, in which 1, True and 1.0 differ."""
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
        """Write categories as codes."""
        codes, uniques = pd.factorize(self._keys(column))
        known = _object_index(self._keys(self.categories_).dropna())
        found = known.get_indexer(_object_index(uniques))
        # The last entry is for the missing values, whose code is -1.
        found = np.append(found, -1 if self.missing is None else self.missing)
        out = found[codes]
        if (out < 0).any():
            value = column[out < 0].tolist()[0]
            raise ValueError(
                f"Column {column.name!r}: the value {value!r} was not seen in fit. Fit "
                "on rows that hold it, or replace it by a value that was seen."
            )
        return make_block(len(column), codes=out)

    def inverse_transform(
        self, block: Block, random_state: np.random.RandomState
    ) -> pd.Series:
        """Read categories from codes."""
        return take(self.categories_, block.codes[:, 0])


def _sort_order(uniques: Any) -> NDArray[np.intp]:
    try:
        order = pd.Series(uniques, dtype=uniques.dtype).argsort(kind="stable")
        return np.asarray(order, dtype=np.intp)
    except TypeError:
        return np.arange(len(uniques))


def _object_index(values: Any) -> pd.Index:
    return pd.Index(np.asarray(values, dtype=object), dtype=object, tupleize_cols=False)
