"""Measures of what a synthetic table is good for."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from sklearn.base import clone
from sklearn.metrics import check_scoring
from sklearn.model_selection import StratifiedKFold, check_cv
from sklearn.utils import _safe_indexing, check_random_state, column_or_1d
from sklearn.utils._param_validation import (
    Interval,
    StrOptions,
)
from sklearn.utils.multiclass import check_classification_targets

from skgen.metrics._columns import Alignment, align, default_classifier
from skgen.metrics._marginals import js_divergence
from skgen.metrics._parameters import checked

__all__ = [
    "combined_score",
    "feature_importance_agreement",
    "js_fidelity",
    "train_real_test_real",
    "train_synthetic_test_real",
    "utility_ratio",
]


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
    The classifier sees numbers: dates and durations in seconds, a missing number as
    the column's median beside an indicator, and a category as the rank of its
    frequency (ties in the order of its text), a missing category being one of its
    own. Ranks and medians are those of the synthetic table, and a level that it lacks
    is -1. Labels are numbered in their sorted order, so the last of two is the
    positive one.

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


@checked(method=[StrOptions({"spearman", "kendall"})])
def feature_importance_agreement(
    real: Any,
    synthetic: Any,
    *,
    y_real: Any,
    y_synthetic: Any,
    classifier: Any = None,
    method: str = "spearman",
) -> float:
    r"""<definition>.

    One classifier is trained on the real rows, another on the synthetic ones, and the
    importances that they give to the columns are ranked, :math:`R` and :math:`S`:

    .. math::

        \rho = \frac{\operatorname{cov}(R, S)}{\sigma_R \, \sigma_S}.

    Parameters
    ----------
    <tables of two columns>

    y_real, y_synthetic : array-like of shape (n_rows,)
        Their labels.

    classifier : classifier, default=None
        Classifier with `feature_importances_`, of which clones are fitted. By default
        ``xgboost.XGBClassifier(n_estimators=100, tree_method="hist", n_jobs=1)``, whose
        importances are the mean gains of the splits.

    method : {"spearman", "kendall"}, default="spearman"
        Spearman's correlation, or Kendall's :math:`\tau_b`.

    Returns
    -------
    agreement : float
        In [-1, 1], higher is better: 1 for the same order, 0 where one of the
        classifiers finds all columns alike.

    Raises
    ------
    ValueError
        If there is one column only, if a label of `y_real` does not occur in
        `y_synthetic`, if either holds one label only; if the tables' columns differ in
        names, number, order or kind, or if a table is empty or holds infinities.

    See Also
    --------
    train_synthetic_test_real : How the classifier sees the columns.

    Notes
    -----
    The importance of the indicator of missing numbers is added to that of its column.
    Columns of no importance have an order by chance, so that fresh real rows of many
    such columns get less than 1. Neither the size of the importances nor the direction
    of an effect is seen.

    <references>

    Examples
    --------
    >>> import numpy as np
    >>> from skgen.metrics import feature_importance_agreement
    >>> real, synthetic = np.random.RandomState(0).normal(size=(2, 500, 3))
    >>> y_real, y_synthetic = (t @ [3, 1, 0] > 0 for t in (real, synthetic))
    >>> feature_importance_agreement(
    ...     real, synthetic, y_real=y_real, y_synthetic=y_synthetic
    ... )
    1.0
    """
    tables = align(real=real, synthetic=synthetic)
    if len(tables.names) < 2:
        raise ValueError(
            f"The only column, {tables.names[0]!r}, cannot be ranked: give tables of "
            "two columns or more."
        )
    importances = importances_by_column(tables, y_real, y_synthetic, classifier)
    if any(np.ptp(values) == 0 for values in importances.values()):
        return 0.0
    correlate = stats.spearmanr if method == "spearman" else stats.kendalltau
    return float(np.clip(correlate(*importances.values()).statistic, -1, 1))


@checked()
def js_fidelity(real: Any, synthetic: Any, *, n_bins: int = 10) -> float:
    r"""<definition>.

    .. math::

        1 - \frac1m \sum_j JS(P_j, Q_j),

    with the Jensen-Shannon divergence, in bits, of each of the :math:`m` columns. In
    [0, 1], higher is better; 1 for equal columns, 0 for disjoint ones.

    Parameters
    ----------
    <tables>

    n_bins : int, default=10
        Number of quantile bins of a numeric column.

    Returns
    -------
    fidelity : float

    Raises
    ------
    <table errors>

    See Also
    --------
    js_divergence : The divergence of each column, and the bins.
    combined_score : The mean of fidelity and utility.

    Notes
    -----
    All dependence of columns is missed.

    <references>

    Examples
    --------
    >>> from skgen.metrics import js_fidelity
    >>> js_fidelity([["a"], ["b"]], [["a"], ["b"]])
    1.0
    """
    return 1 - float(js_divergence(real, synthetic, n_bins=n_bins))


@checked(weight=[Interval(Real, 0, 1, closed="both")])
def combined_score(
    real: Any,
    synthetic: Any,
    *,
    y_real: Any,
    y_synthetic: Any,
    weight: float = 0.5,
    classifier: Any = None,
    scoring: str | Callable[..., float] = "roc_auc",
    n_bins: int = 10,
) -> float:
    r"""<definition>.

    .. math::

        w U + (1 - w) F,

    with the utility :math:`U` of `train_synthetic_test_real` and the fidelity :math:`F`
    of `js_fidelity`. In [0, 1] if the scores of `scoring` are, higher is better.

    Parameters
    ----------
    real : DataFrame or array-like of shape (n_rows, n_columns)
        Rows to test on and to compare with, best ones that the generator was not
        trained on.

    <synthetic to train on>

    <y_real>

    <y_synthetic>

    weight : float, default=0.5
        Weight :math:`w` of the utility.

    <classifier>

    scoring : str or callable, default="roc_auc"
        Name of a scikit-learn scorer, or a scorer.

    n_bins : int, default=10
        Number of quantile bins of a numeric column.

    Returns
    -------
    score : float
        Good is what fresh real rows get: the score of `train_real_test_real` in the
        place of :math:`U`, and about 1 in that of :math:`F`.

    Raises
    ------
    ValueError
        If either function refuses the tables.

    See Also
    --------
    skgen.metrics.pareto_front : Weighs nothing against nothing.

    Notes
    -----
    Two numbers of different units share a mean: look at both. The label is no column
    of the fidelity. Privacy is missed, and copies get the best score.

    <references>

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skgen.metrics import combined_score
    >>> X = np.random.RandomState(0).normal(size=(500, 2))
    >>> y = X[:, 0] > 0
    >>> judge = LogisticRegression()
    >>> round(combined_score(X, X, y_real=y, y_synthetic=y, classifier=judge), 3)
    1.0
    """
    utility = train_synthetic_test_real(
        real,
        synthetic,
        y_real=y_real,
        y_synthetic=y_synthetic,
        classifier=classifier,
        scoring=scoring,
    )
    fidelity = js_fidelity(real, synthetic, n_bins=n_bins)
    return weight * utility + (1 - weight) * fidelity


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
    y_train, y_test, n_classes = _number_labels(checked)
    train, test = rows
    features = tables.features(train)
    judge = default_classifier() if classifier is None else clone(classifier)
    judge.fit(features[train], y_train)
    if isinstance(scoring, str) and scoring == "roc_auc" and n_classes > 2:
        scoring = "roc_auc_ovr"
    return float(check_scoring(judge, scoring)(judge, features[test], y_test))


def importances_by_column(
    tables: Alignment, y_real: Any, y_synthetic: Any, classifier: Any
) -> dict[str, NDArray[np.float64]]:
    """Return the importances of columns to two classifiers.

    Parameters
    ----------
    tables : Alignment
        Of "real" and "synthetic".

    y_real, y_synthetic : array-like of shape (n_rows,)
        Their labels.

    classifier : classifier or None
        With `feature_importances_`; clones are fitted.

    Returns
    -------
    importances : dict of str to ndarray of shape (n_columns,)
        Under "real" and "synthetic".
    """
    labels = {
        "y_synthetic": check_labels(
            "y_synthetic", y_synthetic, len(tables["synthetic"])
        ),
        "y_real": check_labels("y_real", y_real, len(tables["real"])),
    }
    codes = dict(zip(labels, _number_labels(labels)[:2], strict=True))
    features = tables.features("real", "synthetic")
    importances = {}
    for name in ("real", "synthetic"):
        judge = default_classifier() if classifier is None else clone(classifier)
        judge.fit(features[name], pd.factorize(codes[f"y_{name}"], sort=True)[0])
        if not hasattr(judge, "feature_importances_"):
            raise ValueError(
                f"{type(judge).__name__} has no feature_importances_: give a "
                "classifier of trees."
            )
        importances[name] = _of_columns(tables, judge.feature_importances_)
    return importances


def _of_columns(tables: Alignment, importances: NDArray) -> NDArray[np.float64]:
    """Sum the importances of `Alignment.features` by column."""
    n_columns = len(tables.names)
    summed = np.array(importances[:n_columns], dtype=np.float64)
    summed[tables.missing_columns()] += importances[n_columns:]
    return summed


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


def _number_labels(
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
