"""As many rows of each class."""

from __future__ import annotations

from typing import Any

import numpy as np
from imblearn.under_sampling import RandomUnderSampler
from sklearn.utils import _safe_indexing, check_consistent_length
from sklearn.utils._param_validation import Interval, Real, StrOptions, validate_params


@validate_params(
    {
        "X": ["array-like", "sparse matrix"],
        "y": ["array-like"],
        "sampling_strategy": [
            Interval(Real, 0, 1, closed="right"),
            StrOptions({"auto", "majority", "not minority", "not majority", "all"}),
            dict,
            callable,
        ],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def sample_balanced(
    X: Any, y: Any, *, sampling_strategy: Any = "auto", random_state: Any = None
) -> tuple[Any, Any]:
    """Draw as many rows of each class, without replacement.

    Parameters
    ----------
    X : {DataFrame, array-like, sparse matrix} of shape (n_samples, n_features)
        The rows, of any dtypes.

    y : array-like of shape (n_samples,)
        Their labels.

    sampling_strategy : float, str, dict or callable, default="auto"
        How many rows of each class are kept, as in
        :class:`~imblearn.under_sampling.RandomUnderSampler`: "auto" keeps as many of
        each class as the rarest has; a float in (0, 1] is the wanted ratio of the rare
        class to the frequent one (two classes only); a dict maps labels to numbers of
        rows.

    random_state : int, RandomState instance or None, default=None
        Draws the rows.

    Returns
    -------
    X_balanced : same type as `X`
        The rows that are kept, in their order, with their dtypes and index.

    y_balanced : same type as `y`
        Their labels.

    Raises
    ------
    ValueError
        If `y` has a single class, differs from `X` in length, or has fewer rows of a
        class than wanted.

    See Also
    --------
    imblearn.under_sampling.RandomUnderSampler : The same as a sampler in a pipeline.

    Notes
    -----
    Of rows so drawn, the share of clicks is no longer that of the log: probabilities
    learned from them have to be brought back, for a ratio :math:`w` of the share of
    non-clicks kept to that of clicks kept, by :math:`p / (p + (1 - p) / w)` [1]_.

    References
    ----------
    .. [1] X. He et al., "Practical lessons from predicting clicks on ads at Facebook",
       ADKDD 2014, section 6.3.

    Examples
    --------
    >>> from skgen.datasets import make_clicks, sample_balanced
    >>> X, y = make_clicks(n_samples=5000, return_X_y=True, random_state=0)
    >>> X_new, y_new = sample_balanced(X, y, random_state=0)
    >>> y_new.value_counts().tolist() == [int(y.sum())] * 2
    True
    """
    check_consistent_length(X, y)
    # Positions are drawn, so that rows of any dtypes stay as they are.
    sampler = RandomUnderSampler(
        sampling_strategy=sampling_strategy, random_state=random_state
    )
    sampler.fit_resample(np.arange(len(y)).reshape(-1, 1), np.asarray(y))
    kept = np.sort(sampler.sample_indices_)
    return _safe_indexing(X, kept), _safe_indexing(y, kept)
