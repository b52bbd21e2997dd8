"""Hashes of rows, for finding copies."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import infer_dtype, is_object_dtype


@dataclass(frozen=True)
class CopyLimit:
    """The training rows, and how many synthetic rows may equal one.

    Attributes
    ----------
    hashes : ndarray of uint64
        Of the different training rows, in increasing order.

    once : ndarray of bool
        Whether each occurs once.

    share : float
        Share of the synthetic rows that may be copies.
    """

    hashes: NDArray[np.uint64]
    once: NDArray[np.bool_]
    share: float

    @classmethod
    def of(cls, frame: pd.DataFrame, reject_copies: Any) -> Self:
        """Return the limit that `reject_copies` of a generator asks for."""
        if reject_copies is False:
            return cls(np.zeros(0, np.uint64), np.zeros(0, bool), 1.0)
        hashes, repeats = np.unique(hash_rows(frame), return_counts=True)
        once = repeats == 1
        # "auto": as many copies as fresh rows would have (Good-Turing).
        share = 1 - int(once.sum()) / len(frame) if reject_copies == "auto" else 0.0
        return cls(hashes, once, share)

    def excess(
        self, rows: pd.DataFrame, rng: np.random.RandomState
    ) -> NDArray[np.intp]:
        """Return the positions of the copies that are to be drawn again.

        A training row that occurs more than once reveals nobody in particular: where
        some copies are allowed, its copies are among them.
        """
        if not len(self.hashes):
            return np.empty(0, dtype=np.intp)
        hashes = hash_rows(rows)
        at = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        copied = self.hashes[at] == hashes
        if not self.share:
            return np.flatnonzero(copied)
        of_one = np.flatnonzero(copied & self.once[at])
        n_again = int(copied.sum() - np.ceil(self.share * len(rows)))
        n_again = max(0, min(n_again, len(of_one)))
        return np.sort(rng.choice(of_one, size=n_again, replace=False))


def hash_rows(frame: pd.DataFrame) -> NDArray[np.uint64]:
    """Return a hash of each row's values; missing values are equal to each other."""
    dense = frame.copy(deep=False)
    dense.columns = pd.RangeIndex(frame.shape[1])
    for name, dtype in dense.dtypes.items():
        if isinstance(dtype, pd.SparseDtype):
            dense[name] = dense[name].astype(dtype.subtype)
        elif is_object_dtype(dtype):
            dense[name] = _texts(dense[name])
    hashes = pd.util.hash_pandas_object(dense, index=False)
    return np.asarray(hashes, dtype=np.uint64)


def _texts(column: pd.Series) -> pd.Series:
    """Return objects as texts, as pandas' hash of an object depends on the others.

    Equal numbers of different types give the same text.
    """
    texts = column.where(column.notna(), None)
    if infer_dtype(column, skipna=True) != "string":
        texts[:] = [
            f"number {float(value)!r}" if isinstance(value, Real) else value
            for value in texts
        ]
        texts = texts.map(str, na_action="ignore").astype(object)
    return texts
