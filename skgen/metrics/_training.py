"""Scores of classifiers that are trained on synthetic or on real rows."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.metrics import check_scoring
from sklearn.model_selection import StratifiedKFold, check_cv
from sklearn.utils import _safe_indexing, check_random_state

from skgen.metrics._columns import align, default_classifier
from skgen.metrics._labels import check_labels, number_labels
from skgen.metrics._parameters import checked


@checked()
def train_synthetic_test_real(
    real: Any,
    synthetic: Any,
    *,
    y_real: Any,
    y_synthetic: Any,
    classifier: Any = None,
    scoring: str | Callable[..., float] = "roc_auc",
) -> float:
    """<definition>.

    Parameters
    ----------
    real : DataFrame or array-like of shape (n_rows, n_columns)
        Rows to test on, best ones that the generator was not trained on.

    <synthetic to train on>

    y_real : array-like of shape (n_rows,)
        Labels of `real`, numbers, booleans or strings.

    <y_synthetic>

    <classifier>

    <scoring>

    Returns
    -------
    score : float
        Score on the real rows; higher is better for every scikit-learn scorer, in the
        range of that scorer. Good is what real rows to train on give.

    Raises
    ------
    ValueError
        If a label of `y_real` does not occur in `y_synthetic`, if either holds one
        label only, a missing one, or not one a row; if the tables' columns differ in
        names, number, order or kind, or if a table is empty or holds infinities.

    See Also
    --------
    train_real_test_real : What real rows to train on give.
    utility_ratio : The score relative to that.
    detection : Tells real rows from synthetic.

    Notes
    -----
    The classifier sees numbers: dates and durations in seconds, a missing number as the
    column's median beside an indicator, and a category as the rank of its frequency
    (ties in the order of its text), a missing category being one of its own. Ranks and
    medians are those of the synthetic table, and a category that it lacks is -1. Labels
    are numbered in their sorted order, so the last of two is the positive one.

    It sees what a classifier needs: columns that do not bear on the label, and what
    makes a row realistic, are missed, and copies of training rows get the best score.

    <references>

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
    return _train_and_test(
        {"synthetic": synthetic, "real": real},
        {"y_synthetic": y_synthetic, "y_real": y_real},
        classifier,
        scoring,
    )


@checked()
def train_real_test_real(
    real: Any,
    *,
    y_real: Any,
    train: Any = None,
    y_train: Any = None,
    classifier: Any = None,
    scoring: str | Callable[..., float] = "roc_auc",
    cv: Any = 5,
    random_state: int | np.random.RandomState | None = None,
) -> float:
    """<definition>.

    What `train_synthetic_test_real` would be of perfect synthetic rows.

    Parameters
    ----------
    real : DataFrame or array-like of shape (n_rows, n_columns)
        Rows to test on.

    <y_real>

    train : DataFrame or array-like of shape (n_train_rows, n_columns), default=None
        Rows to train on, best those that the generator was trained on. Without them,
        `real` is cross-validated.

    <y_train>

    <classifier>

    <scoring>

    <cv without train>

    <random_state of folds>

    Returns
    -------
    score : float
        Score on the real rows; higher is better for every scikit-learn scorer, in the
        range of that scorer.

    Raises
    ------
    ValueError
        If a label to test on does not occur among those to train on, if there are fewer
        rows of a label than folds, or one label only; if `train` is there without
        `y_train`; if the tables' columns differ in names, number, order or kind, or if
        a table is empty or holds infinities.

    See Also
    --------
    train_synthetic_test_real : How the classifier sees the columns.
    utility_ratio : One relative to the other.

    Notes
    -----
    Says nothing of synthetic rows. Cross-validation trains on a part of `real`, which
    are often fewer rows than the generator had: the score is a little low then.

    <references>

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skgen.metrics import train_real_test_real
    >>> real = np.random.RandomState(0).normal(size=(500, 2))
    >>> score = train_real_test_real(
    ...     real, y_real=real[:, 0] > 0, classifier=LogisticRegression(), random_state=0
    ... )
    >>> round(score, 2)
    1.0
    """
    if (train is None) != (y_train is None):
        raise ValueError("train and y_train go together: give both or none.")
    if train is not None:
        return _train_and_test(
            {"train": train, "real": real},
            {"y_train": y_train, "y_real": y_real},
            classifier,
            scoring,
        )
    n_rows = len(align(real=real)["real"])
    labels = check_labels("y_real", y_real, n_rows)
    codes = pd.factorize(labels)[0]
    if cv is None or isinstance(cv, Integral):
        n_folds = 5 if cv is None else int(cv)
        counts = labels.value_counts()  # the rarest is the last
        if counts.iloc[-1] < n_folds:
            rarest = counts.index.tolist()[-1]
            raise ValueError(
                f"y_real has {counts.iloc[-1]} rows of label {rarest!r} for "
                f"{n_folds} folds: give more rows, fewer folds, or train and y_train."
            )
        cv = StratifiedKFold(
            n_folds, shuffle=True, random_state=check_random_state(random_state)
        )
    scores = [
        _train_and_test(
            {"train": _safe_indexing(real, a), "real": _safe_indexing(real, b)},
            {"y_train": labels.iloc[a], "y_real": labels.iloc[b]},
            classifier,
            scoring,
        )
        for a, b in check_cv(cv, codes, classifier=True).split(real, codes)
    ]
    return float(np.mean(scores))


@checked()
def utility_ratio(
    real: Any,
    synthetic: Any,
    *,
    y_real: Any,
    y_synthetic: Any,
    train: Any = None,
    y_train: Any = None,
    classifier: Any = None,
    scoring: str | Callable[..., float] = "roc_auc",
    cv: Any = 5,
    random_state: int | np.random.RandomState | None = None,
) -> float:
    r"""<definition>.

    .. math::

        \frac{\text{train synthetic, test real}}{\text{train real, test real}}

    Parameters
    ----------
    real : DataFrame or array-like of shape (n_rows, n_columns)
        Rows to test on, best ones that the generator was not trained on.

    <synthetic to train on>

    <y_real>

    <y_synthetic>

    train : DataFrame or array-like of shape (n_train_rows, n_columns), default=None
        Real rows to train on, best those that the generator was trained on. Without
        them, `real` is cross-validated.

    <y_train>

    classifier : classifier, default=None
        Classifier, of which clones are fitted. By default
        ``xgboost.XGBClassifier(n_estimators=100, tree_method="hist", n_jobs=1)``.

    scoring : str or callable, default="roc_auc"
        Name of a scikit-learn scorer, or a scorer, whose score is positive.

    <cv without train>

    <random_state of folds>

    Returns
    -------
    ratio : float
        At least 0 for scores that are; higher is better. 1 means that synthetic rows
        are as useful as real ones; more is possible.

    Raises
    ------
    ValueError
        If the score of training on real rows is not positive, or either function
        refuses the tables.

    See Also
    --------
    train_synthetic_test_real : The numerator.
    train_real_test_real : The denominator.

    Notes
    -----
    A score that is not 0 for guesses, such as the area of 0.5 under the ROC curve,
    leaves a useless table with a ratio above 0. What either score misses, the ratio
    does.

    <references>

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skgen.metrics import utility_ratio
    >>> real, synthetic, train = np.random.RandomState(0).normal(size=(3, 500, 2))
    >>> ratio = utility_ratio(
    ...     real,
    ...     synthetic,
    ...     y_real=real[:, 0] > 0,
    ...     y_synthetic=synthetic[:, 0] > 0,
    ...     train=train,
    ...     y_train=train[:, 0] > 0,
    ...     classifier=LogisticRegression(),
    ... )
    >>> round(ratio, 2)
    1.0
    """
    options = {"classifier": classifier, "scoring": scoring}
    reference = train_real_test_real(
        real,
        y_real=y_real,
        train=train,
        y_train=y_train,
        cv=cv,
        random_state=random_state,
        **options,
    )
    if reference <= 0:
        raise ValueError(
            f"Training on real rows scores {reference:.3g} by scoring={scoring!r}, and "
            "a ratio needs a positive score: take another scoring."
        )
    score = train_synthetic_test_real(
        real, synthetic, y_real=y_real, y_synthetic=y_synthetic, **options
    )
    return score / reference


def _train_and_test(
    rows: dict[str, Any],
    labels: dict[str, Any],
    classifier: Any,
    scoring: str | Callable[..., float],
) -> float:
    """Train on the first of two tables, and test on the second."""
    tables = align(**rows)
    checked = {
        label: check_labels(label, y, len(tables[name]))
        for name, (label, y) in zip(rows, labels.items(), strict=True)
    }
    y_train, y_test, n_classes = number_labels(checked)
    train, test = rows
    features = tables.features(train)
    judge = default_classifier() if classifier is None else clone(classifier)
    judge.fit(features[train], y_train)
    if isinstance(scoring, str) and scoring == "roc_auc" and n_classes > 2:
        scoring = "roc_auc_ovr"
    return float(check_scoring(judge, scoring)(judge, features[test], y_test))
