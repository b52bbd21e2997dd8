"""Gaussian copula: marginals of any shape, dependence through latent normals."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, sparse, stats
from scipy.integrate import cumulative_trapezoid
from scipy.special import ndtr, ndtri
from sklearn.utils._param_validation import Interval, StrOptions

from skgen._docs import document
from skgen.base import BaseGenerator
from skgen.columns import is_numeric_kind
from skgen.table import Table

# A marginal is kept as a table of at most so many quantiles.
MAX_QUANTILES = 10_000
# 5 % point of Kolmogorov's distribution, times the square root of n_samples.
KS_CRITICAL = 1.358
# Levels are put together to so many intervals where only their dependence counts.
MAX_INTERVALS = 16
# Latent normals are at most so dependent; with the point masses on both sides of a
# table (a count of zero and a duration of zero) they often are.
MAX_CORRELATION = 0.9999
MIN_EIGENVALUE = 1e-6
# The order of nominal levels: rounds, how many rows speak for a level, and how many
# times more telling than a number's own an order must be.
ORDER_SWEEPS = 3
MIN_LEVEL_ROWS = 20
MIN_GAIN = 1.5
REPAIR_STEPS = 200
CHUNK_ROWS = 100_000

_ANGLES = np.linspace(-np.arcsin(MAX_CORRELATION), np.arcsin(MAX_CORRELATION), 257)


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
    names = list(_FITS) if family == "auto" else [family]
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
        for fit in _FITS[family]:
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
_FITS: dict[str, tuple[Callable[[NDArray], tuple[dict[str, float], int]], ...]] = {
    "norm": (_fit_norm,),
    "uniform": (_fit_uniform,),
    "truncnorm": (_fit_truncnorm,),
    "gamma": (_fit_gamma_at_zero, _fit_gamma_at_minimum),
    "beta": (_fit_beta_on_unit, _fit_beta_on_range),
}


@dataclass(frozen=True)
class _Intervals:
    """A standard normal cut into intervals, one for each group of rows.

    Attributes
    ----------
    cuts : ndarray of shape (n_groups - 1,)
        Where it is cut.

    scores : ndarray of shape (n_groups,)
        Mean of the normal inside each interval.

    variance : float
        Variance of the scores, which is also their covariance with the normal.
    """

    cuts: NDArray[np.float64]
    scores: NDArray[np.float64]
    variance: float


def _intervals(counts: NDArray) -> _Intervals:
    """Cut a standard normal by the (positive) numbers of rows of ordered groups."""
    shares = counts / counts.sum()
    cuts = ndtri(np.cumsum(counts)[:-1] / counts.sum())
    density = np.concatenate([[0.0], np.exp(-0.5 * cuts**2), [0.0]])
    scores = -np.diff(density) / np.sqrt(2 * np.pi) / shares
    return _Intervals(cuts, scores, float(shares @ scores**2))


def _put_together(counts: NDArray) -> NDArray[np.intp]:
    """Return a group for each ordered level, at most MAX_INTERVALS in all."""
    if len(counts) <= MAX_INTERVALS:
        return np.arange(len(counts))
    middles = (np.cumsum(counts) - 0.5 * counts) / counts.sum()
    groups = np.floor(middles * MAX_INTERVALS).astype(np.intp)
    return np.unique(groups, return_inverse=True)[1]


def _solve_moment(moment: float, first: _Intervals, second: _Intervals) -> float:
    """Return the latent correlation of two cut normals from their scores' covariance.

    By Plackett's identity the derivative of P(Z_1 < c, Z_2 < d) by the correlation is
    the bivariate normal density at (c, d), so that the covariance of two step functions
    is an integral of such densities over the correlation, sin(angle).
    """
    c, d = first.cuts[:, None], second.cuts[None, :]
    steps = np.outer(np.diff(first.scores), np.diff(second.scores)) / (2 * np.pi)
    sine, square = np.sin(_ANGLES), 2 * np.cos(_ANGLES) ** 2
    squares, product = (c**2 + d**2).ravel(), (2 * c * d).ravel()
    exponents = (np.outer(sine, product) - squares) / square[:, None]
    slope = np.exp(exponents) @ steps.ravel()
    moments = cumulative_trapezoid(slope, _ANGLES, initial=0)
    moments -= moments[len(_ANGLES) // 2]
    return float(np.sin(np.interp(moment, moments, _ANGLES)))


@dataclass(frozen=True)
class _Scores:
    """Normal scores of one class.

    Attributes
    ----------
    values : ndarray of shape (n_samples, n_latents)
        Numbers first, then codes. Zero where a number does not count.

    active : dict of int to ndarray of bool of shape (n_samples,)
        Where the gated numbers count.

    gates : dict of int to int
        The latents of their gates.

    intervals : list of _Intervals or None
        Those of the codes (after `_put_together`); None for numbers.

    variances : ndarray of shape (n_latents,)
        Variance of the scores where they count.
    """

    values: NDArray[np.float64]
    active: dict[int, NDArray[np.bool_]]
    gates: dict[int, int]
    intervals: list[_Intervals | None]
    variances: NDArray[np.float64]


@dataclass(frozen=True)
class _ClassModel:
    """What `_sample` needs of a class; `levels` and `cuts` have an entry per code."""

    factor: NDArray[np.float64]
    marginals: list[Marginal | None]
    levels: list[NDArray[np.intp]]
    cuts: list[NDArray[np.float64]]


def _score_numbers(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Return normal scores, the mean over ties, and their variance."""
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    intervals = _intervals(counts)
    return intervals.scores[group], intervals.variance


def _score_codes(codes: NDArray, order: NDArray) -> tuple[NDArray, _Intervals]:
    """Return normal scores of codes with ordered levels, and their intervals."""
    counts = np.bincount(codes, minlength=len(order))[order]
    shown = np.flatnonzero(counts)
    groups = _put_together(counts[shown])
    intervals = _intervals(np.bincount(groups, weights=counts[shown]))
    scores = np.zeros(len(order))
    scores[order[shown]] = intervals.scores[groups]
    return scores[codes], intervals


def _score_class(table: Table, orders: list[NDArray]) -> _Scores:
    """Return the normal scores of the rows of a class."""
    n_numeric, n_codes = table.numeric.shape[1], table.codes.shape[1]
    values = np.zeros((len(table), n_numeric + n_codes))
    variances = np.zeros(n_numeric + n_codes)
    intervals: list[_Intervals | None] = [None] * n_numeric
    active = {}
    for number in range(n_numeric):
        rows = table.active(number)
        if not rows.all():
            active[number] = rows
        if rows.any():
            scores, variances[number] = _score_numbers(table.numeric[rows, number])
            values[rows, number] = scores
    for code, order in enumerate(orders):
        scores, cut = _score_codes(table.codes[:, code], order)
        values[:, n_numeric + code] = scores
        variances[n_numeric + code] = cut.variance
        intervals.append(cut)
    gates = {number: n_numeric + int(table.gates[number]) for number in active}
    return _Scores(values, active, gates, intervals, variances)


def _order_nominal(
    scores: NDArray[np.float64],
    codes: NDArray[np.int32],
    others: NDArray[np.bool_],
    cardinality: int,
) -> NDArray[np.intp]:
    """Order levels along the direction in which their rows differ most.

    The levels' means of the other columns' scores, shrunk towards zero where they are
    means of few rows, are projected on the first eigenvector of their covariance: the
    order that lets the latent covary most with the others. Levels with too few rows to
    have a say stay in the middle, lest chance pass for dependence.
    """
    n_samples = len(codes)
    layout = (np.ones(n_samples), codes, np.arange(n_samples + 1))
    indicator = sparse.csr_matrix(layout, shape=(n_samples, cardinality))
    counts = np.bincount(codes, minlength=cardinality)
    # Columns are chosen after the product, which spares a copy of the scores.
    means = (indicator.T @ scores)[:, others] / (counts + MIN_LEVEL_ROWS)[:, None]
    means[counts < MIN_LEVEL_ROWS] = 0
    covariance = (means * counts[:, None]).T @ means
    direction = np.linalg.eigh(covariance)[1][:, -1]
    return np.argsort((means @ direction).round(12), kind="stable")


def _score_in_classes(
    codes: NDArray, order: NDArray, classes: list[NDArray[np.intp]]
) -> NDArray[np.float64]:
    scores = np.empty(len(codes))
    for rows in classes:
        scores[rows] = _score_codes(codes[rows], order)[0]
    return scores


def _link(
    column: NDArray[np.float64], scores: NDArray[np.float64], others: NDArray[np.bool_]
) -> float:
    """Return the sum of the squared covariances of a column, scaled, with others."""
    covariances = (column @ scores)[others]
    scale = max(float(column @ column), 1e-300)
    return float(covariances @ covariances) / scale + 1e-300


def _order_levels(table: Table, labels: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Return the order of the levels of each column of codes, the same in all classes.

    Levels that the user calls ordered keep their order. Nominal columns get one by
    `_order_nominal`, in turns, as the variables in nonlinear principal components do. A
    number with few values keeps its own unless another is far more telling: it may be
    the number of a category.
    """
    orders: list[NDArray[np.intp]] = [np.arange(k) for k in table.cardinalities]
    nominal = ~table.ordered
    free = nominal.copy()
    for field in table.fields:
        free[list(field.codes)] |= is_numeric_kind(field.kind)
    free &= table.cardinalities > 2
    n_numeric, n_latents = table.numeric.shape[1], table.numeric.shape[1] + len(orders)
    if not free.any() or n_latents == 1:
        return orders
    classes = [np.flatnonzero(labels == label) for label in range(labels.max() + 1)]
    scores = np.empty((len(table), n_latents))
    for rows in classes:
        scores[rows] = _score_class(table.take(rows), orders).values
    # The first order of a nominal column is arbitrary: no other shall follow it, if
    # there is a choice.
    waiting = {n_numeric + code for code in np.flatnonzero(free & nominal)}
    if len(waiting) == n_latents:
        waiting = set()
    for _ in range(ORDER_SWEEPS):
        settled = True
        for code in np.flatnonzero(free):
            place = n_numeric + code
            others = np.ones(n_latents, dtype=bool)
            others[[*waiting, place]] = False
            if not others.any():
                continue
            codes = table.codes[:, code]
            order = _order_nominal(scores, codes, others, table.cardinalities[code])
            waiting.discard(place)
            if np.array_equal(order, orders[code]):
                continue
            column = _score_in_classes(codes, order, classes)
            if not nominal[code]:
                own = _score_in_classes(codes, np.arange(len(order)), classes)
                gain = _link(column, scores, others) / _link(own, scores, others)
                if gain <= MIN_GAIN:
                    continue
            orders[code], scores[:, place] = order, column
            settled = False
        if settled:
            break
    return orders


def _moments(scores: _Scores) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the covariances of the scores, and the rows they come from, pairwise."""
    n_samples, n_latents = scores.values.shape
    product = np.zeros((n_latents, n_latents))
    sums, counts = product.copy(), product.copy()
    for start in range(0, n_samples, CHUNK_ROWS):
        rows = slice(start, start + CHUNK_ROWS)
        values = scores.values[rows]
        active = np.ones_like(values)
        for number, mask in scores.active.items():
            active[:, number] = mask[rows]
        product += values.T @ values
        sums += values.T @ active
        counts += active.T @ active
    shared = np.maximum(counts, 1)
    return product / shared - (sums / shared) * (sums.T / shared), counts


def _latent_correlation(
    scores: _Scores,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the correlation of the latent normals and its precision, pairwise.

    The precision is the inverse of the variance that an estimate has if there is no
    dependence; zero where nothing was learned.

    A score is a function s of its latent Z, and for another latent Z' the covariance of
    s(Z) and Z' is the correlation times the mean of s'(Z) (Stein's lemma): the
    variance of the scores. A gated number is independent of its own gate (which says
    nothing about it where it counts), so that this also holds on the rows where it
    counts, with the mean of s'(Z) on these rows.
    """
    moments, counts = _moments(scores)
    slopes = np.outer(scores.variances, scores.variances)
    spread = slopes.copy()
    solved = np.zeros_like(moments)
    cuts = [(i, cut) for i, cut in enumerate(scores.intervals) if cut is not None]
    for place, (i, first) in enumerate(cuts):
        for j, second in cuts[:place]:
            if slopes[i, j] > 0:
                solved[i, j] = _solve_moment(moments[i, j], first, second)
                solved[j, i] = solved[i, j]
    for number, active in scores.active.items():
        gate = scores.gates[number]
        for code, cut in cuts:
            if code == gate or not active.any():
                continue
            places = [number, code], [code, number]
            slopes[places] = scores.variances[number] * _slope_where_active(
                cut, scores, number, solved[gate, code]
            )
            spread[places] = scores.variances[number] * float(
                scores.values[active, code].var()
            )
    known = (counts >= 3) & (slopes > 0) & (spread > 1e-12)
    np.fill_diagonal(known, False)
    with np.errstate(divide="ignore", invalid="ignore"):
        precision = np.where(known, counts * np.minimum(slopes**2 / spread, 1), 0.0)
        correlation = np.where(known, moments / slopes, 0.0)
    both = np.ix_([i for i, _ in cuts], [i for i, _ in cuts])
    correlation[both] = solved[both]
    correlation = np.clip(correlation, -MAX_CORRELATION, MAX_CORRELATION)
    np.fill_diagonal(correlation, 1)
    return correlation, precision


def _slope_where_active(
    cut: _Intervals, scores: _Scores, number: int, correlation: float
) -> float:
    """Return the mean of s'(Z) where a gated number counts.

    s is a step function, so that this is the density of Z at each cut on these rows: by
    Bayes' theorem the normal one times P(active | Z) / P(active).
    """
    gate = scores.gates[number]
    interval = scores.intervals[gate]
    assert interval is not None
    level = scores.values[scores.active[number].argmax(), gate]
    place = int(np.searchsorted(interval.scores, level))
    ends = np.concatenate([[-np.inf], interval.cuts, [np.inf]])[place : place + 2]
    width = np.sqrt(1 - correlation**2)
    inside = ndtr((ends[:, None] - correlation * cut.cuts) / width)
    lift = (inside[1] - inside[0]) / (ndtr(ends[1]) - ndtr(ends[0]))
    density = np.exp(-0.5 * cut.cuts**2) / np.sqrt(2 * np.pi)
    return float((np.diff(cut.scores) * density) @ lift)


def _shrink(
    estimate: NDArray, precision: NDArray, target: NDArray, shrinkage: float | str
) -> NDArray[np.float64]:
    """Move correlations towards a target, the less precise ones further.

    Empirical Bayes: the estimates scatter about the target with a variance of their
    own, known from the numbers of rows, and a common one on top, by the method of
    moments (Paule and Mandel).
    """
    if shrinkage != "auto":
        return estimate + float(shrinkage) * (target - estimate)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = (1 - target**2) ** 2 / precision
    pairs = np.tril(precision > 0, -1)
    noise, distance = variance[pairs], (estimate - target)[pairs]

    def excess(common: float) -> float:
        return float((distance**2 / (noise + common)).sum() - len(distance))

    common = 0.0
    if len(distance) and excess(1e-12) > 0:
        common = float(optimize.brentq(excess, 1e-12, 1 + (distance**2).sum()))
    kept = np.where(precision > 0, common / (common + variance + 1e-300), 0.0)
    return target + kept * (estimate - target)


def _nearest_correlation(
    matrix: NDArray[np.float64], precision: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return a positive definite correlation matrix near another matrix.

    The distance of an entry counts by its precision (a standard deviation's inverse).
    By majorisation: entries of little weight are filled from the present solution,
    the others are asked for again, and negative eigenvalues are clipped.
    """
    if np.linalg.eigvalsh(matrix)[0] >= MIN_EIGENVALUE:
        return matrix
    weights = np.sqrt(precision / max(precision.max(), 1e-300))
    weights[precision == 0] = 1.0
    current = matrix
    for _ in range(REPAIR_STEPS):
        wanted = current + weights * (matrix - current)
        values, vectors = np.linalg.eigh(wanted)
        positive = (vectors * np.maximum(values, 2 * MIN_EIGENVALUE)) @ vectors.T
        scale = np.sqrt(np.diag(positive))
        nearer = positive / np.outer(scale, scale)
        change = np.abs(nearer - current).max()
        current = nearer
        if change < 1e-5:
            break
    return current


def _shrink_classes(
    fits: list[tuple[NDArray, NDArray]], shrinkage: float | str
) -> list[NDArray[np.float64]]:
    """Return a positive definite correlation for each class."""
    estimates = np.stack([estimate for estimate, _ in fits])
    precisions = np.stack([precision for _, precision in fits])
    weights = precisions.sum(axis=0)
    total = (estimates * precisions).sum(axis=0)
    pooled = np.where(weights > 0, total / np.where(weights > 0, weights, 1), 0)
    identity = np.eye(len(pooled))
    pooled = _shrink(pooled + identity, weights, identity, shrinkage)
    if len(fits) == 1:
        return [_nearest_correlation(pooled, weights)]
    return [
        _nearest_correlation(_shrink(estimate, precision, pooled, shrinkage), precision)
        for estimate, precision in fits
    ]


def _fit_class(
    table: Table, orders: list[NDArray], families: list[str], matrix: NDArray
) -> _ClassModel:
    """Fit the marginals of a class, and cut the latents of its codes."""
    marginals: list[Marginal | None] = []
    for number, family in enumerate(families):
        values = table.numeric[table.active(number), number]
        marginals.append(fit_marginal(values, family) if len(values) else None)
    levels, cuts = [], []
    for code, order in enumerate(orders):
        counts = np.bincount(table.codes[:, code], minlength=len(order))[order]
        levels.append(order[counts > 0])
        cuts.append(_intervals(counts[counts > 0]).cuts)
    return _ClassModel(np.linalg.cholesky(matrix), marginals, levels, cuts)


def _latent_names(table: Table) -> list[Hashable]:
    """Return a name for each latent, as in `correlation_`."""
    names: list[Hashable] = [None] * (table.numeric.shape[1] + table.codes.shape[1])
    for field in table.fields:
        if field.number is not None:
            names[field.number] = field.name
        alone = field.number is None and len(field.codes) == 1
        for i, code in enumerate(field.codes):
            name = field.name if alone else f"{field.name}[{i}]"
            names[table.numeric.shape[1] + code] = name
    return names


@document
class GaussianCopula(BaseGenerator):
    """Gaussian copula: any marginals, and a normal dependence between them.

    In each class a row is a monotone function of a multivariate normal, column by
    column: a number is the quantile of its marginal distribution, a category the
    interval that the latent normal falls into. Marginals and dependence are learned
    apart. Fast, smooth, and far from the training rows; dependence that is not
    monotone is lost.

    Parameters
    ----------
    marginals : {"auto", "beta", "gamma", "norm", "truncnorm", "uniform", \
            "empirical"} or dict, default="auto"
        Distribution of the numbers in each class, or a dict from column to one of
        these; columns that it leaves out are "auto". With "auto" the parametric family
        of the smallest BIC is taken, out of those within 1.358 / sqrt(n_samples) of the
        sample by Kolmogorov-Smirnov distance (the sample itself is not nearer to the
        truth in one case of 20); the empirical one, interpolated between observed
        values, if there is none. Parameters are by maximum likelihood; whatever the
        family, values stay inside the range observed in the class. A family that
        cannot be fitted gives way to the empirical one, see `marginals_`. Values that
        are codes in the normal form (frequent ones, or all of a column with few values)
        keep their exact frequencies.

    shrinkage : "auto" or float in [0, 1], default="auto"
        How far the correlations of a class move towards those of all classes pooled,
        and these towards zero. "auto" moves each by its precision (empirical Bayes): a
        class of few rows, or a pair of columns that few rows have in common, follows
        the others.

    <parameters>

    Attributes
    ----------
    marginals_ : dict of label to dict of column to Marginal
        The distributions of the numbers, with `family` and `params`. Columns without a
        number are left out, and so are those whose number never counts in the class
        (all missing, or all at a point mass). The label is 0 after `fit` without `y`.

    correlation_ : dict of label to DataFrame of shape (n_latents, n_latents)
        Correlation of the latent normals. A number is named by its column, and so is
        the code of a column that has nothing else; others are called "column[i]", where
        0 is the column's first code.

    <attributes>

    See Also
    --------
    skgen.trees.AutoregressiveTrees : Dependence of any form.

    Notes
    -----
    *Scores.* A row enters by the mean of a standard normal inside the interval that its
    value's rank, or its level, stands for. This mean varies less than the normal: a
    covariance is brought back to the latents by dividing by the scores' variances, or,
    between two columns of codes, by inverting the covariance as a function of the
    latent correlation [4]_, a polychoric correlation by the method of moments [5]_.
    Both are consistent.

    *Order.* Levels without an order are put in the one in which the scores of the
    other columns differ most, as in nonlinear principal components [6]_. It is learned
    from all classes together; levels in fewer than 20 rows have no say and stay in
    the middle. The values of a number that takes few keep their order, unless another
    explains 1.5 times as much: they may be numbers of categories.

    *Gated numbers.* A number that is sometimes missing, or sometimes at a point mass,
    has a latent beside that of its code. Marginal and dependence are those of the rows
    where it counts.

    *Shrinkage.* The variance of a class's correlations about the pooled ones, beyond
    what the numbers of rows explain, is by Paule and Mandel's equation [7]_.

    *Positive definite.* Where the pairwise estimates are no correlation matrix they
    are replaced by one nearby, in a distance weighted by their precision, by
    majorisation [8]_.

    References
    ----------
    .. [1] N. Patki, R. Wedge, K. Veeramachaneni, "The Synthetic Data Vault", IEEE
       International Conference on Data Science and Advanced Analytics, 399-410, 2016.

    .. [2] R. B. Nelsen, "An Introduction to Copulas", 2nd edition, Springer, 2006.

    .. [3] H. Liu, J. Lafferty, L. Wasserman, "The Nonparanormal: Semiparametric
       Estimation of High Dimensional Undirected Graphs", Journal of Machine Learning
       Research 10, 2295-2328, 2009.

    .. [4] R. L. Plackett, "A Reduction Formula for Normal Multivariate Integrals",
       Biometrika 41, 351-360, 1954.

    .. [5] U. Olsson, "Maximum Likelihood Estimation of the Polychoric Correlation
       Coefficient", Psychometrika 44, 443-460, 1979.

    .. [6] A. Gifi, "Nonlinear Multivariate Analysis", Wiley, 1990.

    .. [7] R. C. Paule, J. Mandel, "Consensus Values and Weighting Factors", Journal of
       Research of the National Bureau of Standards 87, 377-385, 1982.

    .. [8] R. Pietersz, P. J. F. Groenen, "Rank Reduction of Correlation Matrices by
       Majorization", Quantitative Finance 4, 649-662, 2004.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from skgen.copula import GaussianCopula
    >>> rng = np.random.RandomState(0)
    >>> age = rng.normal(40, 10, size=400)
    >>> X = pd.DataFrame({
    ...     "age": age,
    ...     "income": np.exp(age / 20 + 0.3 * rng.normal(size=400)),
    ...     "city": rng.choice(["Oslo", "Rome"], size=400),
    ... })
    >>> y = np.repeat(["click", "none"], [100, 300])
    >>> copula = GaussianCopula(random_state=0).fit(X, y)
    >>> copula.marginals_["none"]["age"].family
    'norm'
    >>> copula.correlation_["none"].loc["age", "income"].round(1)
    np.float64(0.8)
    >>> X_new, y_new = copula.fit_resample(X, y)
    >>> X_new.shape
    (600, 3)
    """

    _parameter_constraints: dict = {
        **BaseGenerator._parameter_constraints,
        "marginals": [StrOptions({"auto", "empirical", *_FITS}), dict],
        "shrinkage": [StrOptions({"auto"}), Interval(Real, 0, 1, closed="both")],
    }

    def __init__(
        self,
        *,
        marginals: str | Mapping[Hashable, str] = "auto",
        shrinkage: float | str = "auto",
        sampling_strategy: Any = "auto",
        categorical_features: Any = "auto",
        constraints: Any = (),
        fit_classes: str = "all",
        reject_copies: bool = False,
        random_state: Any = None,
    ) -> None:
        super().__init__(
            sampling_strategy=sampling_strategy,
            categorical_features=categorical_features,
            constraints=constraints,
            fit_classes=fit_classes,
            reject_copies=reject_copies,
            random_state=random_state,
        )
        self.marginals = marginals
        self.shrinkage = shrinkage

    def _fit(
        self, table: Table, labels: NDArray[np.intp], rng: np.random.RandomState
    ) -> None:
        """Learn each class's marginals and correlation."""
        families = self._families(table)
        orders = _order_levels(table, labels)
        names = _latent_names(table)
        classes = [np.flatnonzero(labels == i) for i in range(len(self.classes_))]
        fits = [
            _latent_correlation(_score_class(table.take(rows), orders))
            for rows in classes
        ]
        self._template = table.take(np.arange(0))
        self._fillers = np.median(table.numeric, axis=0)
        self._models = []
        self.marginals_: dict[Any, dict[Hashable, Marginal]] = {}
        self.correlation_: dict[Any, pd.DataFrame] = {}
        matrices = _shrink_classes(fits, self.shrinkage)
        numbers = {f.number: f.name for f in table.fields if f.number is not None}
        for label, rows, matrix in zip(
            self.classes_.tolist(), classes, matrices, strict=True
        ):
            model = _fit_class(table.take(rows), orders, families, matrix)
            self._models.append(model)
            self.marginals_[label] = {
                numbers[number]: marginal
                for number, marginal in enumerate(model.marginals)
                if marginal is not None
            }
            self.correlation_[label] = pd.DataFrame(matrix, index=names, columns=names)

    def _families(self, table: Table) -> list[str]:
        """Return the family asked for, for each number."""
        families = ["auto"] * table.numeric.shape[1]
        if isinstance(self.marginals, str):
            return [self.marginals] * len(families)
        fields = {field.name: field for field in table.fields}
        known = StrOptions({"auto", "empirical", *_FITS})
        for name, family in self.marginals.items():
            if name not in fields and name not in self._columns:
                raise ValueError(
                    f"marginals names {name!r}, which is no column of the table. Its "
                    f"columns are {list(self._columns)}."
                )
            if not known.is_satisfied_by(family):
                raise ValueError(
                    f"marginals asks for {family!r} for column {name!r}: choose one of "
                    f"{sorted(known.options)}."
                )
            # A column that is constant here may vary in the next fold.
            if name not in fields:
                continue
            field = fields[name]
            if field.number is not None:
                families[field.number] = family
            elif field.kind in {"category", "boolean", "mixed", "list"}:
                raise ValueError(
                    f"marginals asks for {family!r} for column {name!r}, which is "
                    f"no number (its kind is {field.kind!r}): leave it out. The "
                    "frequencies of categories are kept as they are."
                )
        return families

    def _sample(self, labels: NDArray[np.intp], rng: np.random.RandomState) -> Table:
        """Draw latent normals, and read numbers and codes from them."""
        out = self._template.empty(len(labels))
        n_numeric = out.numeric.shape[1]
        out.numeric[:] = self._fillers
        for label, model in enumerate(self._models):
            rows = np.flatnonzero(labels == label)
            if not len(rows):
                continue
            latent = rng.standard_normal((len(rows), len(model.factor)))
            latent = latent @ model.factor.T
            for code, (cuts, levels) in enumerate(
                zip(model.cuts, model.levels, strict=True)
            ):
                place = np.searchsorted(cuts, latent[:, n_numeric + code])
                out.codes[rows, code] = levels[place]
            for number, marginal in enumerate(model.marginals):
                if marginal is not None:
                    out.numeric[rows, number] = marginal.from_normal(latent[:, number])
        for number in np.flatnonzero(out.gates >= 0).tolist():
            out.numeric[~out.active(number), number] = self._fillers[number]
        return out
