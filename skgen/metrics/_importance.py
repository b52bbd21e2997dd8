"""Agreement of two tables on the importance of their columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from sklearn.base import clone
from sklearn.utils._param_validation import (
    StrOptions,
)

from skgen.metrics._columns import Alignment, align, default_classifier
from skgen.metrics._labels import check_labels, number_labels
from skgen.metrics._parameters import checked


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


def importances_by_column(
    tables: Alignment, y_real: Any, y_synthetic: Any, classifier: Any
) -> dict[str, NDArray[np.float64]]:
    """Return the importances of columns to clones of a classifier.

    Under "real" and "synthetic", floats of shape (n_columns,).
    """
    labels = {
        "y_synthetic": check_labels(
            "y_synthetic", y_synthetic, len(tables["synthetic"])
        ),
        "y_real": check_labels("y_real", y_real, len(tables["real"])),
    }
    codes = dict(zip(labels, number_labels(labels)[:2], strict=True))
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
