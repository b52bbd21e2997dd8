"""Hashes of rows, for finding copies."""

from __future__ import annotations

from numbers import Real

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import infer_dtype, is_object_dtype


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
