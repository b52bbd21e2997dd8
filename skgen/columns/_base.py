"""What all codecs of a column have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray


class Block(NamedTuple):
    """One column in the normal form."""

    numeric: NDArray[np.float64]  # of shape (n_samples, 1), or 0 if without a number
    codes: NDArray[np.int32]  # of shape (n_samples, n_codes)


def make_block(
    n_samples: int, numeric: NDArray | None = None, codes: NDArray | None = None
) -> Block:
    if numeric is None:
        numeric = np.empty((n_samples, 0))
    if codes is None:
        codes = np.empty((n_samples, 0), dtype=np.int32)
    return Block(
        np.atleast_2d(numeric.T).T.astype(np.float64, copy=False),
        np.atleast_2d(codes.T).T.astype(np.int32, copy=False),
    )


class ColumnCodec(ABC):
    """One column to the normal form and back.

    Attributes
    ----------
    kind : str
        What the column holds.

    has_number : bool
        Whether the block has a number.

    cardinalities : tuple of int
        Number of categories of each column of codes.

    gated : bool
        Whether the number counts only where the first code is 0.

    ordered : bool
        Whether the categories have an order.

    missing : int or None
        Code of a missing value in the first column of codes; None if none is missing.

    range_ : tuple of float or None
        Smallest and largest number; None if no number counts.
    """

    kind: str
    has_number: bool = False
    cardinalities: tuple[int, ...] = ()
    gated: bool = False
    ordered: bool = False
    missing: int | None = None
    range_: tuple[float, float] | None = None

    @abstractmethod
    def fit(self, column: pd.Series) -> ColumnCodec:
        """Learn the column."""

    @abstractmethod
    def transform(self, column: pd.Series) -> Block:
        """Write a column in the normal form."""

    @abstractmethod
    def inverse_transform(
        self, block: Block, random_state: np.random.RandomState
    ) -> pd.Series:
        """Read a column from the normal form."""


def take(values: pd.Series, codes: NDArray) -> pd.Series:
    """Return `values[codes]` in a dtype that is the same for any codes."""
    return pd.Series(values.array.take(codes), dtype=values.dtype)
