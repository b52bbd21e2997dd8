"""Confidence interval of a mean difference."""

from __future__ import annotations

from numbers import Real

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from sklearn.utils._param_validation import Interval, validate_params


@validate_params(
    {
        "differences": ["array-like"],
        "n_train": [Interval(Real, 0, None, closed="neither")],
        "n_test": [Interval(Real, 0, None, closed="left")],
        "confidence_level": [Interval(Real, 0, 1, closed="neither")],
    },
    prefer_skip_nested_validation=True,
)
def corrected_t_interval(
    differences: ArrayLike,
    *,
    n_train: float,
    n_test: float,
    confidence_level: float = 0.95,
) -> tuple[float, float]:
    r"""Confidence interval of a mean difference over folds that share training rows.

    The corrected resampled t-interval [1]_ of :math:`k` differences with the mean
    :math:`\bar d` and the variance :math:`s^2`,

    .. math::

        \bar d \pm t_{k-1} \sqrt{\left(\frac1k +
        \frac{n_\mathrm{test}}{n_\mathrm{train}}\right) s^2},

    where the second term in the bracket stands for the dependence of the folds, which
    the ordinary t-interval leaves out, so that it excludes zero far too often.

    Parameters
    ----------
    differences : array-like of shape (n_folds,)
        The score of one model minus that of the other in each fold.

    n_train : float
        Rows trained on in a fold, on average.

    n_test : float
        Rows tested on in a fold, on average. 0 gives the ordinary t-interval, for
        differences that are independent.

    confidence_level : float, default=0.95
        Probability that the interval covers the true difference, between 0 and 1.

    Returns
    -------
    low, high : float
        The ends of the interval; NaN for a single fold or a missing difference.

    References
    ----------
    .. [1] C. Nadeau and Y. Bengio, "Inference for the generalization error", Machine
       Learning 52(3), 239-281, 2003.

    Examples
    --------
    >>> from skgen.model_selection import corrected_t_interval
    >>> differences = [0.02, 0.01, 0.03, 0.00, 0.02]
    >>> low, high = corrected_t_interval(differences, n_train=800, n_test=200)
    >>> f"{low:.4f} to {high:.4f}"
    '-0.0052 to 0.0372'
    """
    values = np.asarray(differences, dtype=float)
    n_folds = len(values)
    if n_folds < 2 or np.isnan(values).any():
        return np.nan, np.nan
    variance = (1 / n_folds + n_test / n_train) * values.var(ddof=1)
    quantile = stats.t.ppf((1 + confidence_level) / 2, df=n_folds - 1)
    half = quantile * np.sqrt(variance)
    return float(values.mean() - half), float(values.mean() + half)
