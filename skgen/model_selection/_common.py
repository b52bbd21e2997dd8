"""What comparisons share: labels as numbers, names of estimators, seeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length

from skgen._containers import LabelContainer


def check_labels(frame: pd.DataFrame, y: Any) -> tuple[NDArray, NDArray[np.intp]]:
    """Return the classes and the number of each row's class."""
    labels = LabelContainer(y).labels
    check_consistent_length(frame, labels)
    missing = pd.isna(labels)
    if missing.any():
        raise ValueError(
            f"The target has {int(missing.sum())} missing labels, the first in row "
            f"{int(missing.argmax())}: drop these rows or label them."
        )
    check_classification_targets(labels)
    classes, codes = np.unique(labels, return_inverse=True)
    if len(classes) < 2:
        raise ValueError(
            f"The target has one class only, {classes.tolist()[0]!r}: a classifier "
            "needs rows of two."
        )
    return classes, codes.astype(np.intp)


def name_estimators(
    estimators: Mapping[str, Any] | Sequence[Any],
    *,
    kind: str,
    methods: Sequence[str],
    hint: str,
    reserved: str,
) -> dict[str, Any]:
    """Return estimators by name, which is that of their class if none is given.

    Parameters
    ----------
    estimators : mapping of str to estimator, or sequence of estimators

    kind : str
        What they are, for the messages.

    methods : sequence of str
        What they need to have.

    hint : str
        What to give instead.

    reserved : str
        The name of the baseline, which none may have.
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
                f"{'is a class' if not lacking else f'has no {lacking[0]}'}. {hint}"
            )
    return named


def seeded(estimator: Any, seed: int) -> Any:
    """Return a clone that repeats, but keeps the seeds that it was given."""
    copy = clone(estimator)
    unset = {
        name: seed
        for name, value in copy.get_params(deep=True).items()
        if value is None and name.split("__")[-1] == "random_state"
    }
    return copy.set_params(**unset)
