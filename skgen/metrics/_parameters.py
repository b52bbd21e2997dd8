"""What the measures' parameters allow and mean, stated once."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from numbers import Integral
from typing import Any, ParamSpec

from sklearn.metrics import get_scorer_names
from sklearn.utils._param_validation import (
    HasMethods,
    Interval,
    StrOptions,
    validate_params,
)

from skgen._docs import fill

P = ParamSpec("P")

POSITIVE = Interval(Integral, 1, None, closed="left")

_CONSTRAINTS = {
    "classifier": [HasMethods(["fit"]), None],
    "cv": ["cv_object"],
    "max_samples": [POSITIVE, None],
    "n_attacks": [POSITIVE],
    "n_bins": [POSITIVE],
    "n_neighbors": [POSITIVE],
    "per_column": ["boolean"],
    "per_pair": ["boolean"],
    "random_state": ["random_state"],
    "return_baseline": ["boolean"],
    "scoring": [StrOptions(set(get_scorer_names())), callable],
}

_PARAGRAPHS = {
    "synthetic": """
    synthetic : DataFrame or array-like of shape (n_synthetic_rows, n_columns)
        Table with the same columns.
""",
    "return_baseline": """
    return_baseline : bool, default=False
        Whether to return the value of fresh real rows too.
""",
    "table errors": """
    ValueError
        If the tables' columns differ in names, number, order or kind, or if a table is
        empty or holds infinities.
""",
    "random_state": """
    random_state : int, RandomState instance or None, default=None
        Draws the rows.
""",
    "random_state of folds": """
    random_state : int, RandomState instance or None, default=None
        Draws the folds.
""",
    "random_state of synthetic rows": """
    random_state : int, RandomState instance or None, default=None
        Draws the synthetic rows.
""",
    "tables": """
    real, synthetic : DataFrame or array-like of shape (n_rows, n_columns)
        Tables with the same columns, of any dtypes, with missing values or without.
""",
    "tables of two columns": """
    real, synthetic : DataFrame or array-like of shape (n_rows, n_columns)
        Tables with the same columns, at least two.
""",
    "tables of numbers": """
    real, synthetic : DataFrame or array-like of shape (n_rows, n_columns)
        Tables with the same columns. Numbers, dates and durations are compared; the
        other columns are not.
""",
    "training rows": """
    real : DataFrame or array-like of shape (n_rows, n_columns)
        Table that the generator was trained on.
""",
    "training rows, at least two": """
    real : DataFrame or array-like of shape (n_rows, n_columns)
        Table that the generator was trained on, of two rows or more.
""",
    "held_out": """
    held_out : DataFrame or array-like of shape (n_held_out_rows, n_columns)
        Rows of the same origin as `real` that the generator has not seen.
""",
    "held_out of the baseline": """
    held_out : DataFrame or array-like of shape (n_held_out_rows, n_columns), optional
        Rows of the same origin as `real` that the generator has not seen. They give the
        baseline, and nothing else.
""",
    "held_out that limits": """
    held_out : DataFrame or array-like of shape (n_held_out_rows, n_columns), optional
        Rows of the same origin as `real` that the generator has not seen. With them, no
        more synthetic rows are used than there are held-out ones, so that the value
        compares with the baseline.
""",
    "n_bins": """
    n_bins : int, default=10
        Number of quantile bins of a numeric column, as in `js_divergence`.
""",
    "max_samples": """
    max_samples : int, default=None
        Maximum number of rows of each table, drawn at random; no limit if None.
""",
    "max_samples of synthetic rows": """
    max_samples : int, default=None
        Maximum number of synthetic rows, drawn at random; no limit if None.
""",
    "pair errors": """
    ValueError
        If there is one column only, if the tables' columns differ in names, number,
        order or kind, or if a table is empty or holds infinities.
""",
    "synthetic to train on": """
    synthetic : DataFrame or array-like of shape (n_synthetic_rows, n_columns)
        Rows to train on, with the same columns.
""",
    "y_synthetic": """
    y_synthetic : array-like of shape (n_synthetic_rows,)
        Labels of `synthetic`.
""",
    "y_real": """
    y_real : array-like of shape (n_rows,)
        Labels of `real`.
""",
    "y_train": """
    y_train : array-like of shape (n_train_rows,), default=None
        Labels of `train`.
""",
    "classifier": """
    classifier : classifier, default=None
        Classifier, of which a clone is fitted. By default
        ``xgboost.XGBClassifier(n_estimators=100, tree_method="hist", n_jobs=1)``.
""",
    "scoring": """
    scoring : str or callable, default="roc_auc"
        Name of a scikit-learn scorer, or a scorer. "roc_auc" means "roc_auc_ovr" for
        more than two classes.
""",
    "cv without train": """
    cv : int, cross-validation generator or iterable, default=5
        Number of stratified, shuffled folds, or what splits `real`, without `train`.
""",
    "cv": """
    cv : int, cross-validation generator or iterable, default=5
        Number of stratified, shuffled folds, or what splits the stacked rows (the
        real ones first).
""",
    "risk": """
    risk : float
        In [0, 1], lower being more private; 0 is perfect, and what fresh rows get but
        for chance.

    baseline : float
        The risk of one half of the held-out rows against the other; only if
        `return_baseline` is True.
""",
    "distance of columns": """
    per_column : bool, default=False
        Whether to return the distance of each column instead of their mean.

    Returns
    -------
    distance : float or Series
        Mean distance, or the distance of each column under its name.
""",
    "divergence of columns": """
    per_column : bool, default=False
        Whether to return the divergence of each column instead of their mean.

    Returns
    -------
    divergence : float or Series
        Mean divergence, or the divergence of each column under its name.
""",
}


def checked(**constraints: Any) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Decorate a measure: check its parameters, and fill its docstring.

    Parameters
    ----------
    **constraints : list
        What parameters of the function allow, as in scikit-learn's `validate_params`,
        beside those of all measures.
    """

    def decorate(function: Callable[P, Any]) -> Callable[P, Any]:
        allowed = {
            name: constraints.get(name, _CONSTRAINTS.get(name, "no_validation"))
            for name in inspect.signature(function).parameters
        }
        function.__doc__ = fill(function.__doc__, _PARAGRAPHS)
        return validate_params(allowed, prefer_skip_nested_validation=False)(function)

    return decorate
