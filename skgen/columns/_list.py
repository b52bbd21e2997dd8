"""Delimited lists as indicators and a length."""

from __future__ import annotations

import numpy as np
import pandas as pd

from skgen.columns._base import Block, ColumnCodec, make_block
from skgen.columns._number import NumberCodec
from skgen.lists import ListCodec


class ListColumnCodec(ColumnCodec):
    """Delimited lists as indicators of frequent members, and a length.

    The codes are those of the length (if it has any), then the indicators.
    `point_masses` is as in `NumberCodec`, for the length.
    """

    kind = "list"

    def __init__(self, delimiter: str, *, point_masses: bool = True) -> None:
        self.delimiter = delimiter
        self.point_masses = point_masses

    def fit(self, column: pd.Series) -> ListColumnCodec:
        """Learn the members and the lengths."""
        self._dtype = column.dtype
        missing = column[column.isna()]
        self._missing = missing.iloc[0] if len(missing) else None
        self._lists = ListCodec(self.delimiter).fit(column)
        lengths = self._lists.transform(column)[1]
        self._length = NumberCodec("integer", point_masses=self.point_masses)
        self._length.fit(pd.Series(lengths, name=column.name))
        self.has_number = self._length.has_number
        self.gated = self._length.gated
        self.missing = self._length.missing
        n_members = len(self._lists.members_)
        self.cardinalities = self._length.cardinalities + (2,) * n_members
        return self

    def transform(self, column: pd.Series) -> Block:
        """Write lists as codes and length."""
        indicators, lengths = self._lists.transform(column)
        length = self._length.transform(pd.Series(lengths, name=column.name))
        codes = np.hstack([length.codes, indicators], dtype=np.int32)
        return make_block(len(column), numeric=length.numeric, codes=codes)

    def inverse_transform(
        self, block: Block, random_state: np.random.RandomState
    ) -> pd.Series:
        """Read lists from codes and length."""
        n_length = len(self._length.cardinalities)
        length = Block(block.numeric, block.codes[:, :n_length])
        lengths = self._length.inverse_transform(length, random_state).to_numpy()
        lists = self._lists.inverse_transform(
            block.codes[:, n_length:], lengths, random_state
        )
        missing = np.isnan(lengths)
        out = pd.Series(lists, dtype=object)
        out[missing] = self._missing
        return out.astype(self._dtype)
