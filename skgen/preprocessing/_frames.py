"""Input of transformers as DataFrames with column names."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.utils.validation import validate_data

from skgen._containers import TableContainer
from skgen.table import resolve_columns


def to_frame(estimator: BaseEstimator, X: Any, *, reset: bool) -> pd.DataFrame:
    """Return `X` as a DataFrame of columns named by strings; check the names.

    The index is fresh; data are not copied; columns without names are x0, x1, ... With
    `reset`, the estimator gets `n_features_in_` and, if all names are strings,
    `feature_names_in_`; without, `X` must have the same columns.
    """
    if sparse.issparse(X):
        raise TypeError(
            f"Sparse data was passed to {type(estimator).__name__}, which encodes "
            "columns of any kind: pass X.toarray(), or a DataFrame."
        )
    if not isinstance(X, pd.DataFrame | np.ndarray | list):
        X = np.asarray(X)
    frame = TableContainer(X).frame
    # scikit-learn refuses names of mixed types: they are treated as no names.
    named = isinstance(X, pd.DataFrame) and all(isinstance(c, str) for c in X.columns)
    # Only the names and the number of columns are checked.
    checked = frame.iloc[:1] if named else np.empty((1, frame.shape[1]))
    validate_data(estimator, checked, reset=reset, skip_check_array=True)
    names = frame.columns if named else [f"x{i}" for i in range(frame.shape[1])]
    frame = frame.set_axis(pd.Index(names, dtype=object), axis=1)
    return frame.reset_index(drop=True)


def find_columns(selection: Any, frame: pd.DataFrame, parameter: str) -> set:
    """Return the names of columns that a parameter selects by name, index or mask."""
    try:
        return resolve_columns(selection, frame.columns)
    except ValueError as error:
        message = str(error).replace("categorical_features", parameter)
        raise ValueError(message) from None
