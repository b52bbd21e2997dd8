"""Any input of a transformer as a DataFrame with names."""

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

    Parameters
    ----------
    estimator : BaseEstimator
        Gets `n_features_in_` and, where all names are strings, `feature_names_in_`.

    X : {DataFrame, array-like} of shape (n_samples, n_features)
        The table; values of any dtypes.

    reset : bool
        Whether this is the table to fit, or one that has to have the same columns.

    Returns
    -------
    frame : DataFrame
        Under a fresh index; not a copy. Columns without names are x0, x1, ...

    Raises
    ------
    ValueError
        If `X` is no table, is empty, or has not the columns of `fit`.
    TypeError
        If `X` is sparse.
    """
    if sparse.issparse(X):
        raise TypeError(
            f"Sparse data was passed to {type(estimator).__name__}, which encodes "
            "columns of any kind: pass X.toarray(), or a DataFrame."
        )
    if not isinstance(X, pd.DataFrame | np.ndarray | list):
        X = np.asarray(X)
    frame = TableContainer(X).frame
    # Names of mixed types, which scikit-learn refuses, count as no names.
    named = isinstance(X, pd.DataFrame) and all(isinstance(c, str) for c in X.columns)
    # Names are all that is looked at, and the number of columns.
    checked = frame.iloc[:1] if named else np.empty((1, frame.shape[1]))
    validate_data(estimator, checked, reset=reset, skip_check_array=True)
    names = frame.columns if named else [f"x{i}" for i in range(frame.shape[1])]
    frame = frame.set_axis(pd.Index(names, dtype=object), axis=1)
    return frame.reset_index(drop=True)


def find_columns(selection: Any, frame: pd.DataFrame, parameter: str) -> set:
    """Return the names of the columns that a parameter tells by name, index or mask."""
    try:
        return resolve_columns(selection, frame.columns)
    except ValueError as error:
        message = str(error).replace("categorical_features", parameter)
        raise ValueError(message) from None
