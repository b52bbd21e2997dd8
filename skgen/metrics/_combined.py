"""Scores in which utility and fidelity are combined."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Real
from typing import Any

from sklearn.utils._param_validation import (
    Interval,
)

from skgen.metrics._bins import js_divergence
from skgen.metrics._parameters import checked
from skgen.metrics._training import train_synthetic_test_real


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
