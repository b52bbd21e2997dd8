"""Measures of what a synthetic table is good for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.metrics import check_scoring, get_scorer_names
from sklearn.utils import column_or_1d
from sklearn.utils._param_validation import HasMethods, StrOptions, validate_params
from sklearn.utils.multiclass import check_classification_targets

from skgen.metrics._columns import align, default_classifier


@validate_params(
    {
        "real": "no_validation",
        "synthetic": "no_validation",
        "y_real": "no_validation",
        "y_synthetic": "no_validation",
        "classifier": [HasMethods(["fit"]), None],
        "scoring": [StrOptions(set(get_scorer_names())), callable],
    },
    prefer_skip_nested_validation=False,
)
def train_synthetic_test_real(
    real: Any,
    synthetic: Any,
    *,
    y_real: Any,
    y_synthetic: Any,
    classifier: Any = None,
    scoring: str | Callable[..., float] = "roc_auc",
) -> float:
    """Score on real rows of a classifier that was trained on synthetic rows.

    Parameters
    ----------
    real : DataFrame or array-like of shape (n_rows, n_columns)
        Rows to test on, best ones that the generator was not trained on.

    synthetic : DataFrame or array-like of shape (n_synthetic_rows, n_columns)
        Rows to train on, with the same columns.

    y_real : array-like of shape (n_rows,)
        Labels of `real`, numbers, booleans or strings.

    y_synthetic : array-like of shape (n_synthetic_rows,)
        Labels of `synthetic`.

    classifier : classifier, default=None
        Classifier, of which a clone is fitted. By default
        ``xgboost.XGBClassifier(n_estimators=100, tree_method="hist", n_jobs=1)``.

    scoring : str or callable, default="roc_auc"
        Name of a scikit-learn scorer, or a scorer. "roc_auc" means "roc_auc_ovr" for
        more than two classes.

    Returns
    -------
    score : float
        Score on the real rows; higher is better for every scikit-learn scorer.

    Raises
    ------
    ValueError
        If a label of `y_real` does not occur in `y_synthetic`, if either holds one
        label only, a missing one, or not one a row; if the tables' columns differ in
        names, number, order or kind, or if a table is empty or holds infinities.

    See Also
    --------
    detection : Tells real rows from synthetic.

    Notes
    -----
    The classifier sees numbers: dates and durations in seconds, a missing number as
    the column's median beside an indicator, and a category as the rank of its
    frequency (ties in the order of its text), a missing category being one of its
    own. Ranks and medians are those of the synthetic table, and a level that it lacks
    is -1. Labels are numbered in their sorted order, so the last of two is the
    positive one.

    References
    ----------
    .. [1] C. Esteban, S. L. Hyland and G. Rätsch, "Real-valued (medical) time series
       generation with recurrent conditional GANs", arXiv:1706.02633, 2017.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skgen.metrics import train_synthetic_test_real
    >>> real, synthetic = np.random.RandomState(0).normal(size=(2, 500, 2))
    >>> y_real, y_synthetic = real[:, 0] > 0, synthetic[:, 0] > 0
    >>> score = train_synthetic_test_real(
    ...     real,
    ...     synthetic,
    ...     y_real=y_real,
    ...     y_synthetic=y_synthetic,
    ...     classifier=LogisticRegression(),
    ... )
    >>> round(score, 2)
    1.0
    """
    tables = align(real=real, synthetic=synthetic)
    labels = {
        name: _labels(f"y_{name}", y, len(tables[name]))
        for name, y in (("real", y_real), ("synthetic", y_synthetic))
    }
    y_train, y_test, n_classes = _number_labels(labels["synthetic"], labels["real"])
    features = tables.features("synthetic")
    judge = default_classifier() if classifier is None else clone(classifier)
    judge.fit(features["synthetic"], y_train)
    if isinstance(scoring, str) and scoring == "roc_auc" and n_classes > 2:
        scoring = "roc_auc_ovr"
    return float(check_scoring(judge, scoring)(judge, features["real"], y_test))


def _labels(name: str, y: Any, n_rows: int) -> pd.Series:
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


def _number_labels(
    train: pd.Series, test: pd.Series
) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Code the labels 0, 1, ... in their sorted order, as XGBoost asks."""
    y_train, classes = pd.factorize(train, sort=True)
    unknown = test[~test.isin(classes)]
    if len(unknown):
        raise ValueError(
            f"Label {unknown.tolist()[0]!r} of y_real never occurs in y_synthetic, "
            f"which holds {classes.tolist()}: generate rows of each label to train on."
        )
    for name, values in (("y_synthetic", train), ("y_real", test)):
        if values.nunique() < 2:
            raise ValueError(
                f"{name} holds the label {values.tolist()[0]!r} alone: give rows of "
                "two labels or more."
            )
    return y_train, pd.Index(classes).get_indexer(test), len(classes)
