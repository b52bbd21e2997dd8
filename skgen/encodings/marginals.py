"""Distributions of single numbers, as functions of a standard normal."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats
from scipy.special import ndtr, ndtri

# A marginal is kept as a table of at most so many quantiles.
MAX_QUANTILES = 10_000
# 5 % point of Kolmogorov's distribution, times the square root of n_samples.
KS_CRITICAL = 1.358


@dataclass(frozen=True)
class Marginal:
    """Distribution of a number, as a monotone function of a standard normal.

    Attributes
    ----------
    family : str
        "beta", "gamma", "norm", "truncnorm", "uniform" or "empirical".

    params : dict of str to float
        The parameters as `scipy.stats` names them; empty for "empirical".

    scores : ndarray of shape (n_quantiles,)
        Increasing standard normal scores.

    values : ndarray of shape (n_quantiles,)
        The quantiles at these scores; linear in between.
    """

    family: str
    params: dict[str, float]
    scores: NDArray[np.float64]
    values: NDArray[np.float64]

    def from_normal(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the quantiles at standard normal scores."""
        return np.interp(scores, self.scores, self.values)


def fit_marginal(values: NDArray[np.float64], family: str = "auto") -> Marginal:
    """Fit the distribution of a number.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)

    family : str, default="auto"
        One of the families, or "auto": see :class:`GaussianCopula`.

    Returns
    -------
    marginal : Marginal
        Inside the observed range whatever the family; the empirical one if the family
        does not fit at all (a single value, no variance, no convergence).

    Examples
    --------
    >>> import numpy as np
    >>> from skgen.copula import fit_marginal
    >>> values = np.random.RandomState(0).uniform(2, 3, size=500)
    >>> fit_marginal(values).family
    'uniform'
    """
    n_samples = len(values)
    ordered = np.sort(values)
    ranks = np.linspace(0, n_samples - 1, min(n_samples, MAX_QUANTILES)).round()
    points = ordered[ranks.astype(np.intp)]
    shares = (ranks + 0.5) / n_samples
    empirical = Marginal("empirical", {}, ndtri(shares), points)
    if family == "empirical" or points[0] == points[-1]:
        return empirical
    names = list(FAMILIES) if family == "auto" else [family]
    fits = [fit for fit in (_fit_family(name, points) for name in names) if fit]
    if family == "auto":
        weight = n_samples / len(points)
        tolerance = KS_CRITICAL / np.sqrt(n_samples)
        fits.sort(
            key=lambda fit: fit.n_free * np.log(n_samples) - 2 * weight * fit.log_lik
        )
        fits = [fit for fit in fits if _ks(fit.cdf, points, shares) <= tolerance]
    if not fits:
        return empirical
    best = fits[0]
    scores = np.linspace(-5, 5, 2001)
    low, high = best.cdf(points[[0, -1]])
    with np.errstate(all="ignore"):
        quantiles = best.ppf(low + ndtr(scores) * (high - low))
    if not np.isfinite(quantiles).all():
        return empirical
    quantiles = np.maximum.accumulate(np.clip(quantiles, points[0], points[-1]))
    return Marginal(best.family, best.params, scores, quantiles)


def _ks(cdf: Callable, points: NDArray, shares: NDArray) -> float:
    """Return the greatest distance of a distribution function from the sample's."""
    return float(np.abs(cdf(points) - shares).max()) + 0.5 / len(points)


@dataclass(frozen=True)
class _FamilyFit:
    family: str
    params: dict[str, float]
    log_lik: float
    n_free: int

    @property
    def _frozen(self) -> Any:
        return getattr(stats, self.family)(**self.params)

    def cdf(self, values: NDArray) -> NDArray:
        return self._frozen.cdf(values)

    def ppf(self, shares: NDArray) -> NDArray:
        return self._frozen.ppf(shares)


def _fit_family(family: str, points: NDArray[np.float64]) -> _FamilyFit | None:
    """Fit one family by maximum likelihood; None if that fails."""
    best = None
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for fit in FAMILIES[family]:
            try:
                params, n_free = fit(points)
                frozen = getattr(stats, family)(**params)
                log_lik = float(frozen.logpdf(points).sum())
                fitted = _FamilyFit(family, params, log_lik, n_free)
                ends = fitted.cdf(points[[0, -1]])
            except (ValueError, RuntimeError, ArithmeticError):
                continue
            usable = np.isfinite(log_lik) and 0 <= ends[0] < ends[1] <= 1
            if usable and (best is None or log_lik > best.log_lik):
                best = fitted
    return best


def _named(names: str, values: tuple) -> dict[str, float]:
    return {
        name: float(value) for name, value in zip(names.split(), values, strict=True)
    }


def _margin(points: NDArray) -> float:
    # The extremes of n uniform draws lie about range / n inside the support.
    return float(points[-1] - points[0]) / len(points)


def _fit_norm(points: NDArray) -> tuple[dict[str, float], int]:
    return _named("loc scale", (points.mean(), points.std())), 2


def _fit_uniform(points: NDArray) -> tuple[dict[str, float], int]:
    return _named("loc scale", (points[0], points[-1] - points[0])), 2


def _fit_truncnorm(points: NDArray) -> tuple[dict[str, float], int]:
    """Fit mean and deviation of a normal cut off at the observed range.

    The family is exponential: two moments say everything about the likelihood.
    """
    centre, width = points.mean(), points.std()
    ends = (points[[0, -1]] - centre) / width
    second = float((((points - centre) / width) ** 2).mean())

    def loss(theta: NDArray) -> float:
        mean, log_scale = theta
        scale = np.exp(log_scale)
        cut = (ends - mean) / scale
        # From the side where the difference does not cancel.
        mass = (
            ndtr(cut[1]) - ndtr(cut[0]) if cut[0] < 0 else ndtr(-cut[0]) - ndtr(-cut[1])
        )
        return float((second + mean**2) / (2 * scale**2) + log_scale + np.log(mass))

    bounds = [(ends[0] - 5, ends[1] + 5), (-3, 3)]
    found = optimize.minimize(
        loss, np.zeros(2), method="Nelder-Mead", bounds=bounds, options={"xatol": 1e-4}
    )
    mean, scale = centre + width * found.x[0], width * np.exp(found.x[1])
    cut = (points[[0, -1]] - mean) / scale
    return _named("a b loc scale", (*cut, mean, scale)), 4


def _fit_gamma_at_zero(points: NDArray) -> tuple[dict[str, float], int]:
    return _named("a loc scale", stats.gamma.fit(points, floc=0)), 2


def _fit_gamma_at_minimum(points: NDArray) -> tuple[dict[str, float], int]:
    loc = points[0] - _margin(points)
    return _named("a loc scale", stats.gamma.fit(points, floc=loc)), 3


def _fit_beta_on_unit(points: NDArray) -> tuple[dict[str, float], int]:
    return _named("a b loc scale", stats.beta.fit(points, floc=0, fscale=1)), 2


def _fit_beta_on_range(points: NDArray) -> tuple[dict[str, float], int]:
    margin = _margin(points)
    loc, scale = points[0] - margin, points[-1] - points[0] + 2 * margin
    return _named("a b loc scale", stats.beta.fit(points, floc=loc, fscale=scale)), 4


# Where a family has a support there are two guesses at it: the natural one (which
# raises on values outside) and the observed range. The likelihood chooses.
FAMILIES: dict[str, tuple[Callable[[NDArray], tuple[dict[str, float], int]], ...]] = {
    "norm": (_fit_norm,),
    "uniform": (_fit_uniform,),
    "truncnorm": (_fit_truncnorm,),
    "gamma": (_fit_gamma_at_zero, _fit_gamma_at_minimum),
    "beta": (_fit_beta_on_unit, _fit_beta_on_range),
}
