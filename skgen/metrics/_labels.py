"""Checked labels, and their codes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets


def check_labels(name: str, y: Any, n_rows: int) -> pd.Series:
    values = pd.Series(column_or_1d(np.asarray(y, dtype=object))).infer_objects()
    if len(values) != n_rows:
        raise ValueError(
            f"{name} has {len(values)} labels for {n_rows} rows: give one label a row."
        )
    if values.isna().any():
        raise ValueError(
            f"{name} misses {int(values.isna().sum())} labels: leave out their rows."
        )
    check_classification_targets(values.to_numpy())
    return values


def number_labels(
    labels: dict[str, pd.Series],
) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Code the labels 0, 1, ... in their sorted order, as XGBoost asks.

    Of the two, the first are those to train on.
    """
    (of_train, train), (of_test, test) = labels.items()
    y_train, classes = pd.factorize(train, sort=True)
    unknown = test[~test.isin(classes)]
    if len(unknown):
        raise ValueError(
            f"Label {unknown.tolist()[0]!r} of {of_test} never occurs in {of_train}, "
            f"which holds {classes.tolist()}: generate rows of each label to train on."
        )
    for name, values in labels.items():
        if values.nunique() < 2:
            raise ValueError(
                f"{name} holds the label {values.tolist()[0]!r} alone: give rows of "
                "two labels or more."
            )
    return y_train, pd.Index(classes).get_indexer(test), len(classes)
