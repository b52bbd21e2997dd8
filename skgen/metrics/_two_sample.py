"""Classifiers that try to tell real rows from synthetic ones."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, check_cv, cross_val_score
from sklearn.utils import check_random_state

from skgen.metrics._columns import Alignment, align, default_classifier
from skgen.metrics._parameters import checked


@checked()
def detection(
    real: Any,
    synthetic: Any,
    *,
    classifier: Any = None,
    cv: Any = 5,
    max_samples: int | None = None,
    random_state: int | np.random.RandomState | None = None,
) -> float:
    """<definition>.

    The classifier two-sample test (C2ST) [1]_: the rows of both tables are stacked
    and labelled by their origin, and the area is that of the out-of-fold predictions,
    averaged over the folds. In [0, 1], lower is better down to 0.5, where the rows
    cannot be told apart; 1 means that every row betrays its origin.

    Parameters
    ----------
    <tables>

    classifier : classifier, default=None
        Classifier with `predict_proba` or `decision_function`; a clone is fitted in
        each fold. By default
        ``xgboost.XGBClassifier(n_estimators=100, tree_method="hist", n_jobs=1)``.

    <cv>

    <max_samples>

    random_state : int, RandomState instance or None, default=None
        Draws the subsample and the folds.

    Returns
    -------
    auc : float
        Area under the ROC curve, averaged over the folds.

    Raises
    ------
    ValueError
        If the tables' columns differ in names, number, order or kind, if a table is
        empty or holds infinities, or if it has fewer rows than there are folds.

    See Also
    --------
    js_divergence : Compares the columns one by one.
    correlation_difference : Compares the columns two by two.

    Notes
    -----
    The classifier sees numbers: dates and durations in seconds, a missing number as
    the column's median beside an indicator, and a category as the rank of its
    frequency (ties in the order of its text), a missing category being one of its
    own. Ranks and medians are those of the two tables together. Those of the real table
    alone would reveal each category that it lacks, and with it fresh real rows in a
    column of many rare categories.

    It misses what its classifier cannot learn from the rows that there are, and says
    nothing of privacy: a copy of the real table gets less than 0.5.

    <references>

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skgen.metrics import detection
    >>> rng = np.random.RandomState(0)
    >>> real, same, shifted = rng.normal([[[0]], [[0]], [[3]]], 1, size=(3, 500, 2))
    >>> classifier = LogisticRegression()
    >>> round(detection(real, same, classifier=classifier, random_state=0), 1)
    0.5
    >>> round(detection(real, shifted, classifier=classifier, random_state=0), 1)
    1.0
    """
    judge = default_classifier() if classifier is None else classifier
    return _two_sample_auc(
        real, synthetic, _ranked_features, judge, cv, max_samples, random_state
    )


@checked()
def propensity_auc(
    real: Any,
    synthetic: Any,
    *,
    classifier: Any = None,
    cv: Any = 5,
    max_samples: int | None = None,
    random_state: int | np.random.RandomState | None = None,
) -> float:
    r"""<definition>.

    The propensity score of a row is its probability of being real by a logistic
    regression of the origin on all columns [1]_,

    .. math::

        e(x) = \frac1{1 + \exp(-\beta_0 - \beta^\top x)},

    and the area is that of the out-of-fold scores, averaged over the folds. In [0, 1],
    lower is better down to 0.5, where the rows cannot be told apart; 1 means that
    every row betrays its origin.

    Parameters
    ----------
    <tables>

    classifier : classifier, default=None
        Classifier with `predict_proba` or `decision_function`; a clone is fitted in
        each fold. By default ``LogisticRegression(max_iter=1000)``.

    <cv>

    <max_samples>

    random_state : int, RandomState instance or None, default=None
        Draws the subsample and the folds.

    Returns
    -------
    auc : float
        Area under the ROC curve, averaged over the folds.

    Raises
    ------
    ValueError
        If the tables' columns differ in names, number, order or kind, if a table is
        empty or holds infinities, or if it has fewer rows than there are folds.

    See Also
    --------
    detection : The same with a classifier that sees interactions.

    Notes
    -----
    Numbers are standardized, a missing one being the median beside an indicator, and
    each category has an indicator. The regression sees shifts of means and shares of
    categories, no change of spread, and no dependence of columns: a table whose columns
    were shuffled one by one gets 0.5.

    <references>

    Examples
    --------
    >>> import numpy as np
    >>> from skgen.metrics import propensity_auc
    >>> rng = np.random.RandomState(0)
    >>> real, same, shifted = rng.normal([[[0]], [[0]], [[3]]], 1, size=(3, 500, 2))
    >>> round(propensity_auc(real, same, random_state=0), 1)
    0.5
    >>> round(propensity_auc(real, shifted, random_state=0), 1)
    1.0
    """
    if classifier is None:
        classifier = LogisticRegression(max_iter=1000)
    return _two_sample_auc(
        real, synthetic, _linear_features, classifier, cv, max_samples, random_state
    )


def _two_sample_auc(
    real: Any,
    synthetic: Any,
    encode: Callable[[Alignment], dict[str, Any]],
    classifier: Any,
    cv: Any,
    max_samples: int | None,
    random_state: int | np.random.RandomState | None,
) -> float:
    rng = check_random_state(random_state)
    n_folds = 5 if cv is None else int(cv) if isinstance(cv, Integral) else None
    tables = align(real=real, synthetic=synthetic)
    for name in ("real", "synthetic"):
        tables = tables.subsample(name, max_samples, rng)
        if n_folds is not None and len(tables[name]) < n_folds:
            raise ValueError(
                f"{name} has {len(tables[name])} rows for {n_folds} folds: give more "
                "rows, a larger max_samples or fewer folds."
            )
    features = encode(tables)
    blocks = [features["real"], features["synthetic"]]
    is_sparse = sparse.issparse(blocks[0])
    X = sparse.vstack(blocks, format="csr") if is_sparse else np.concatenate(blocks)
    y = np.repeat([1, 0], [block.shape[0] for block in blocks])
    if n_folds is not None:
        cv = StratifiedKFold(n_folds, shuffle=True, random_state=rng)
    scores = cross_val_score(
        clone(classifier),
        X,
        y,
        scoring="roc_auc",
        cv=check_cv(cv, y, classifier=True),
        error_score="raise",
    )
    return float(scores.mean())


def _ranked_features(tables: Alignment) -> dict[str, Any]:
    return tables.features("real", "synthetic")


def _linear_features(tables: Alignment) -> dict[str, Any]:
    """Standardize the numbers, and give each category an indicator."""
    ranked = _ranked_features(tables)
    n_numeric = int(tables.is_numeric.sum())
    n_ranks = len(tables.n_levels)
    columns = np.r_[:n_numeric, n_numeric + n_ranks : ranked["real"].shape[1]]
    pooled = np.concatenate([ranked["real"], ranked["synthetic"]])[:, columns]
    mean, deviation = pooled.mean(axis=0), pooled.std(axis=0)
    deviation[deviation == 0] = 1.0
    return {
        name: sparse.csr_matrix(
            sparse.hstack(
                [
                    sparse.csr_array((block[:, columns] - mean) / deviation),
                    tables.one_hot(name),
                ]
            )
        )
        for name, block in ranked.items()
    }
