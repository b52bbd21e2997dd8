"""What comparisons share: parameters, checked input, seeds, summaries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils._param_validation import Interval, StrOptions

from skgen._containers import TableContainer, check_labels
from skgen.model_selection._interval import corrected_t_interval

CONSTRAINTS: dict[str, list] = {
    "generators": [dict, list, tuple],
    "confidence_level": [Interval(Real, 0, 1, closed="neither")],
    "error_score": [StrOptions({"raise"}), Real],
    "n_jobs": [Integral, None],
    "random_state": ["random_state"],
    "verbose": ["verbose"],
}
PARAGRAPHS = {
    "settings": """
    confidence_level : float, default=0.95
        Probability that an interval covers the true difference.

    error_score : "raise" or float, default="raise"
        Whether an estimator that fails raises an error, or gets this value (such as
        NaN) for its scores, and a warning.

    n_jobs : int, default=None
        Number of processes, each of which fits one estimator at a time. None is 1, -1
        all CPUs.

    random_state : int, RandomState instance or None, default=None
        Draws the splits and, for each of them, the seed of every estimator whose
        `random_state` is None; others keep theirs. An int repeats the result for any
        `n_jobs`, and whatever else is compared.

    verbose : int or bool, default=0
        Whether to show a progress bar.""",
}


def check_table(X: Any, y: Any) -> tuple[pd.DataFrame, NDArray, NDArray[np.intp]]:
    """Return the columns, the sorted classes and the code of each row's class."""
    frame = TableContainer(X).frame.reset_index(drop=True)
    if not isinstance(X, pd.DataFrame):
        frame = frame.infer_objects()
    remedy = "a classifier needs rows of two"
    labels = check_labels(y, len(frame), min_classes=2, remedy=remedy).labels
    classes, codes = np.unique(labels, return_inverse=True)
    return frame, classes, codes.astype(np.intp)


def name_estimators(
    estimators: Mapping[str, Any] | Sequence[Any],
    kind: str,
    methods: Sequence[str],
    *,
    reserved: str,
) -> dict[str, Any]:
    """Return estimators by name, by default that of their class.

    Raises if one lacks one of the `methods`, or has the `reserved` name of the
    baseline; `kind` is what messages call them.
    """
    if isinstance(estimators, Mapping):
        named = dict(estimators)
    else:
        classes = [type(estimator).__name__ for estimator in estimators]
        total, seen = Counter(classes), Counter[str]()
        named = {}
        for name, estimator in zip(classes, estimators, strict=True):
            seen[name] += 1
            named[f"{name}-{seen[name]}" if total[name] > 1 else name] = estimator
    if not named:
        raise ValueError(f"There is no {kind} to compare: give one or more.")
    for name, estimator in named.items():
        if name == reserved:
            raise ValueError(
                f"A {kind} is called {reserved!r}, the name of the baseline that "
                "is always compared: choose another name."
            )
        lacking = [method for method in methods if not hasattr(estimator, method)]
        if isinstance(estimator, type) or lacking:
            raise TypeError(
                f"{name!r} is no {kind}: {estimator!r} "
                f"{'is a class' if not lacking else f'has no {lacking[0]}'}. "
                f"Give an instance with {' and '.join(methods)}."
            )
    return named


def seeded(estimator: Any, seed: int) -> Any:
    """Return a clone in which every `random_state` of None is the seed."""
    copy = clone(estimator)
    unset = {
        name: seed
        for name, value in copy.get_params(deep=True).items()
        if value is None and name.split("__")[-1] == "random_state"
    }
    return copy.set_params(**unset)


def encode(labels: Any, classes: NDArray) -> NDArray[np.intp]:
    """Return the position of each label among the classes."""
    return pd.Index(classes).get_indexer(pd.Index(np.asarray(labels)))


def summarize(
    scores: pd.DataFrame,
    baseline: Callable[[Any], Any],
    utility: Sequence[str],
    *,
    n_train: float,
    n_test: float,
    confidence_level: float,
) -> pd.DataFrame:
    """Average scores over the last level of the index, the split.

    Columns of `utility` also get the difference to the key that `baseline` names, and
    the ends of its confidence interval.
    """
    *names, _ = scores.index.names
    level = names if len(names) > 1 else names[0]
    of_key = dict(iter(scores.groupby(level=level, sort=False)))
    rows = []
    for key, part in of_key.items():
        row: dict[str, float] = {}
        for column in scores.columns:
            # Without skipping NaN: a mean over other splits would not compare.
            row[column] = part[column].mean(skipna=False)
            if column not in utility:
                continue
            reference = of_key[baseline(key)][column].to_numpy()
            difference = part[column].to_numpy() - reference
            if key == baseline(key):
                difference = np.full(len(difference), np.nan)
            row[f"{column}_diff"] = difference.mean()
            row[f"{column}_low"], row[f"{column}_high"] = corrected_t_interval(
                difference,
                n_train=n_train,
                n_test=n_test,
                confidence_level=confidence_level,
            )
        rows.append(row)
    return pd.DataFrame(rows, index=scores.reset_index(level=-1).index.unique())
