"""Containers of tables and labels: any to pandas and NumPy, and back."""

from __future__ import annotations

from collections.abc import Hashable
from copy import copy
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from sklearn.utils.multiclass import check_classification_targets

from skgen.table import check_unique_columns


class TableContainer:
    """Bring any two-dimensional input to a DataFrame, and synthetic rows back.

    `X` is a DataFrame, an array, a list of rows or a sparse matrix; `frame` is the same
    table, with columns numbered from 0 if they have no names. Raises if `X` is not
    two-dimensional, is empty, or names a column twice.
    """

    def __init__(self, X: Any) -> None:
        self.kind = "array"
        self.dtype: Any = None
        if isinstance(X, pd.DataFrame):
            self.kind = "dataframe"
            self.frame = X
        elif sparse.issparse(X):
            self.kind = "sparse"
            self.sparse_type = type(X)
            self.dtype = X.dtype
            self.frame = pd.DataFrame(X.toarray())
        else:
            if isinstance(X, list):
                self.kind = "list"
            if isinstance(X, pd.Series) or np.ndim(X) != 2:
                raise ValueError(
                    "Expected a two-dimensional table (rows by columns), got "
                    f"{np.ndim(X)} dimension(s). Reshape your data with "
                    "array.reshape(-1, 1) if it has a single column, or "
                    "array.reshape(1, -1) if it is a single row."
                )
            array = X if isinstance(X, np.ndarray) else _as_array(X)
            self.dtype = array.dtype
            if array.dtype.kind == "c":
                raise ValueError(
                    "Complex data not supported: pass the real and the imaginary "
                    "part as two columns."
                )
            self.frame = pd.DataFrame(array)
        for n, what in zip(self.frame.shape, ("sample", "feature"), strict=True):
            if n == 0:
                raise ValueError(
                    f"Found a table with 0 {what}(s) (shape={self.frame.shape}) while "
                    "a minimum of 1 is required."
                )
        check_unique_columns(self.frame.columns)

    def template(self) -> TableContainer:
        """Return the same container without the rows."""
        empty = copy(self)
        empty.frame = self.frame.iloc[:0]
        return empty

    def restore(self, frame: pd.DataFrame) -> Any:
        """Bring a DataFrame of synthetic rows to the container of the input."""
        if self.kind == "dataframe":
            return frame
        array = frame.to_numpy(dtype=self.dtype)
        if self.kind == "sparse":
            return self.sparse_type(array)
        return array.tolist() if self.kind == "list" else array

    def append(self, X: Any, rows: Any) -> Any:
        """Return the rows of `X`, untouched and in order, then `rows`."""
        if self.kind == "dataframe":
            return pd.concat([X, rows], ignore_index=True)
        if self.kind == "sparse":
            return sparse.vstack([X, rows], format=X.format)
        if self.kind == "list":
            return [*X, *rows]
        return np.vstack([X if isinstance(X, np.ndarray) else _as_array(X), rows])


def interleave(
    parts: list[pd.DataFrame], positions: list[NDArray[np.intp]]
) -> pd.DataFrame:
    """Return one table in which the rows of each part take the given positions."""
    order = np.argsort(np.concatenate(positions))
    return pd.concat(parts, ignore_index=True).iloc[order].reset_index(drop=True)


def _as_array(X: Any) -> np.ndarray:
    array = np.asarray(X)
    # Of numbers and strings, NumPy makes strings.
    if array.dtype.kind in "US" and not all(
        isinstance(value, str | bytes) for row in X for value in row
    ):
        array = np.array(X, dtype=object)
    return array


class LabelContainer:
    """Bring any target to a vector of labels, and synthetic labels back.

    `y` has the shape (n_samples,), (n_samples, 1) or, as a one-versus-all encoding,
    (n_samples, n_classes); `labels` has one label for each row, the position of the
    column for an encoding.
    """

    def __init__(self, y: Any) -> None:
        self.kind = type(y).__name__.lower()
        self.columns: pd.Index | None = getattr(y, "columns", None)
        self.name: Hashable | None = getattr(y, "name", None)
        self.series_dtype = y.dtype if isinstance(y, pd.Series) else None
        self.frame_dtypes = y.dtypes if isinstance(y, pd.DataFrame) else None
        self.sparse_type = type(y) if sparse.issparse(y) else None
        values = y.toarray() if sparse.issparse(y) else np.asarray(y)
        if values.ndim not in (1, 2):
            raise ValueError(
                f"Expected one label for each row, got a target of {values.ndim} "
                "dimensions. Pass an array, a list or a Series of labels."
            )
        self.dtype = values.dtype
        self.n_columns = 1 if values.ndim == 1 else values.shape[1]
        if self.n_columns > 1:
            if not np.isin(values, [0, 1]).all() or (values.sum(axis=1) != 1).any():
                raise ValueError(
                    "Multilabel and multioutput targets are not supported: pass one "
                    "label for each row, or a one-versus-all encoding."
                )
            self.labels = values.argmax(axis=1)
        else:
            self.labels = values.ravel()

    def restore(self, labels: np.ndarray) -> Any:
        """Bring a vector of labels to the container of the target."""
        if self.n_columns > 1:
            labels = (labels[:, None] == np.arange(self.n_columns)).astype(self.dtype)
        else:
            labels = labels.astype(self.dtype)
        if self.series_dtype is not None:
            return pd.Series(labels, name=self.name, dtype=self.series_dtype)
        if self.frame_dtypes is not None:
            frame = pd.DataFrame(labels, columns=self.columns)
            return frame.astype(self.frame_dtypes)
        if self.sparse_type is not None:
            return self.sparse_type(labels.reshape(len(labels), -1))
        return labels.tolist() if self.kind == "list" else labels

    def append(self, y: Any, labels: Any) -> Any:
        """Return the labels `y`, untouched and in order, then `labels`."""
        if self.series_dtype is not None or self.frame_dtypes is not None:
            return pd.concat([y, labels], ignore_index=True)
        if self.kind == "list":
            return [*y, *labels]
        if self.sparse_type is not None:
            return sparse.vstack([y, labels], format=y.format)
        return np.concatenate([np.asarray(y).reshape((-1, *labels.shape[1:])), labels])

    def template(self) -> LabelContainer:
        """Return the same container without the labels."""
        empty = copy(self)
        empty.labels = self.labels[:0]
        return empty


def check_labels(
    y: Any,
    n_rows: int,
    *,
    name: str = "The target",
    min_classes: int = 1,
    min_rows: int = 1,
    remedy: str = "add rows of another class",
) -> LabelContainer:
    """Return the labels of a table of `n_rows` rows.

    Raises if their number differs, labels are missing or no classes (such as floats),
    or there are fewer than `min_classes` (1 or 2) classes or `min_rows` rows of one.
    Messages call the labels by `name`, and advise `remedy` if there is one class only.
    """
    container = LabelContainer(y)
    labels = container.labels
    if len(labels) != n_rows:
        raise ValueError(
            f"{name} has {len(labels)} labels for {n_rows} rows: give one label for "
            "each row."
        )
    missing = pd.isna(labels)
    if missing.any():
        raise ValueError(
            f"{name} has {int(missing.sum())} missing labels, the first in row "
            f"{int(missing.argmax())}: drop these rows or label them."
        )
    check_classification_targets(y)
    if min_classes < 2 and min_rows < 2:
        return container
    counts = pd.Series(labels).value_counts()
    if len(counts) < min_classes:
        raise ValueError(
            f"{name} has one class only, {labels.tolist()[0]!r}: {remedy}."
        )
    if counts.min() < min_rows:
        label, n = counts.index.tolist()[-1], int(counts.iloc[-1])
        raise ValueError(
            f"{name} has the class {label!r} in {n} row(s) (n_samples = {n}), fewer "
            f"than {min_rows}: add rows, or merge the class with another or drop it."
        )
    return container
