"""Log-odds that mean what they say."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit


class Calibration(NamedTuple):
    """Line from the log-odds of a network to calibrated ones.

    Attributes
    ----------
    slope : float
        Positive, so that the order of rows stays.

    intercept : float
    """

    slope: float = 1.0
    intercept: float = 0.0

    def apply(self, log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the calibrated log-odds."""
        return self.slope * log_odds + self.intercept


def fit_calibration(
    log_odds: NDArray[np.float64],
    target: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> Calibration:
    """Fit the line that makes held-out labels the most likely (Platt scaling [1]_).

    Logarithm of the slope and intercept have standard normal priors, so that a few rows
    change little.

    Parameters
    ----------
    log_odds : ndarray of shape (n_samples,)
        Of rows that were not learned from.

    target : ndarray of shape (n_samples,)
        Their labels, 0 or 1.

    weights : ndarray of shape (n_samples,)
        They are scaled to mean 1.

    Returns
    -------
    calibration : Calibration

    References
    ----------
    .. [1] J. Platt, "Probabilistic Outputs for Support Vector Machines and Comparisons
       to Regularized Likelihood Methods", Advances in Large Margin Classifiers, 1999.

    Examples
    --------
    >>> import numpy as np
    >>> from skgen.classifiers._calibration import fit_calibration
    >>> log_odds = np.repeat([-2.0, 2.0], 500)  # too sure: the odds are 3 to 1
    >>> target = np.repeat([0, 1, 0, 1], [375, 125, 125, 375])
    >>> calibration = fit_calibration(log_odds, target, np.ones(1000))
    >>> calibration.apply(np.array([2.0])).round(2), np.log([3]).round(2)
    (array([1.1]), array([1.1]))
    """
    weights = weights / weights.mean()

    def loss(parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        log_slope, intercept = parameters
        scaled = np.exp(log_slope) * log_odds
        calibrated = scaled + intercept
        losses = np.logaddexp(0, calibrated) - target * calibrated
        residuals = weights * (expit(calibrated) - target)
        gradient = np.array([residuals @ scaled, residuals.sum()]) + parameters
        return weights @ losses + 0.5 * parameters @ parameters, gradient

    found = minimize(loss, np.zeros(2), jac=True, method="L-BFGS-B")
    return Calibration(float(np.exp(found.x[0])), float(found.x[1]))
