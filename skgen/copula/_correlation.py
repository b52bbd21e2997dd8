"""Correlation of latent normals, from the moments of their scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from skgen.copula._scores import ClassRows, Intervals, score_levels

# Latent normals are at most so dependent; with the point masses on both sides of a
# table (a count of zero and a duration of zero) they often are.
MAX_CORRELATION = 0.9999
# Plackett's integral: panels of Simpson's rule, and densities in memory at a time.
N_PANELS = 32
CHUNK_DENSITIES = 2**20
BISECTIONS = 24

# Denser near the ends, where the density changes most.
_ANGLES = np.arcsin(MAX_CORRELATION) * np.sin(
    np.linspace(-np.pi / 2, np.pi / 2, 2 * N_PANELS + 1)
)


@dataclass(frozen=True)
class _Cuts:
    """Cut normals with equally many cuts.

    Attributes
    ----------
    places : ndarray of shape (n_normals,)
        Where they stand among all.

    cuts, steps : ndarray of shape (n_normals, n_cuts)
        The cuts, and by how much the scores rise there.
    """

    places: NDArray[np.intp]
    cuts: NDArray[np.float64]
    steps: NDArray[np.float64]


def _group_by_size(cuts: list[Intervals]) -> list[_Cuts]:
    """Return those with one cut, those with two, and so on; uncut ones are left out."""
    sizes = np.array([len(cut.cuts) for cut in cuts])
    groups = []
    for size in np.unique(sizes[sizes > 0]):
        places = np.flatnonzero(sizes == size)
        points = np.stack([cuts[place].cuts for place in places])
        steps = np.stack([np.diff(cuts[place].scores) for place in places])
        groups.append(_Cuts(places, points, steps))
    return groups


def solve_moments(
    moments: NDArray[np.float64], cuts: list[Intervals], n_samples: int
) -> NDArray[np.float64]:
    """Return latent correlations of cut normals from the covariances of their scores.

    By Plackett's identity the derivative of P(Z_1 < c, Z_2 < d) by the correlation is
    the bivariate normal density at (c, d), so that the covariance of two step functions
    is an integral of such densities over the correlation, sin(angle).

    Two levels that never meet would be as dependent as can be, however few their rows.
    A covariance is kept half a row away from its limits, as in a fourfold table whose
    empty cell is given a count of 0.5.

    Parameters
    ----------
    moments : ndarray of shape (n_codes, n_codes)
        Covariances; the lower triangle is read.

    cuts : list of Intervals, of length n_codes

    n_samples : int
        Number of rows that they come from.

    Returns
    -------
    correlations : ndarray of shape (n_codes, n_codes)
        Symmetric, with zeros on the diagonal and wherever a normal is not cut.
    """
    solved = np.zeros((len(cuts), len(cuts)))
    groups = _group_by_size(cuts)
    for first in groups:
        for second in groups:
            below = np.greater.outer(first.places, second.places)
            rows, columns = np.nonzero(below)
            n_points = first.cuts.shape[1] * second.cuts.shape[1]
            n_chunk = max(CHUNK_DENSITIES // (n_points * len(_ANGLES)), 1)
            for start in range(0, len(rows), n_chunk):
                i, j = rows[start : start + n_chunk], columns[start : start + n_chunk]
                pairs = first.places[i], second.places[j]
                slopes, least = _densities(first, second, i, j)
                solved[pairs] = np.sin(
                    _invert_integral(moments[pairs], slopes, 0.5 * least / n_samples)
                )
    return solved + solved.T


def _densities(
    first: _Cuts, second: _Cuts, i: NDArray[np.intp], j: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the covariance's derivative by the angle, and what a row counts at least.

    Of normal i out of the first and normal j out of the second, pair by pair, at
    `_ANGLES`. A row counts with the steps of the scores at the corner that it leaves.
    """
    c, d = first.cuts[i][:, :, None], second.cuts[j][:, None, :]
    steps = first.steps[i][:, :, None] * second.steps[j][:, None, :]
    steps = steps.reshape(len(i), -1, 1)
    squares = (c**2 + d**2).reshape(len(i), 1, -1)
    products = (2 * c * d).reshape(len(i), 1, -1)
    sine, scale = np.sin(_ANGLES)[:, None], 0.5 / np.cos(_ANGLES)[:, None] ** 2
    exponents = products * (sine * scale)
    exponents -= squares * scale
    slopes = (np.exp(exponents, out=exponents) @ steps)[:, :, 0] / (2 * np.pi)
    return slopes, steps.min(axis=(1, 2))


def _invert_integral(
    integrals: NDArray[np.float64],
    slopes: NDArray[np.float64],
    margins: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the angles up to which positive functions have given integrals from 0.

    Simpson's rule: in each panel of three angles the function is a parabola. Angles are
    a sine of equal steps, in which the functions are integrated.

    Parameters
    ----------
    integrals : ndarray of shape (n_functions,)

    slopes : ndarray of shape (n_functions, n_angles)
        The functions at `_ANGLES`.

    margins : ndarray of shape (n_functions,)
        How far integrals stay away from those up to the ends, but not beyond zero.
    """
    steps = np.linspace(-np.pi / 2, np.pi / 2, len(_ANGLES))
    width = steps[2] - steps[0]
    slopes = slopes * (np.arcsin(MAX_CORRELATION) * np.cos(steps) * width)
    left, middle, right = slopes[:, :-2:2], slopes[:, 1::2], slopes[:, 2::2]
    areas = np.cumsum((left + 4 * middle + right) / 6, axis=1)
    # The middle angle is the zero from which integrals count.
    areas = np.column_stack([np.zeros(len(areas)), areas])
    areas -= areas[:, [N_PANELS // 2]]
    integrals = np.clip(
        integrals,
        np.minimum(areas[:, 0] + margins, 0),
        np.maximum(areas[:, -1] - margins, 0),
    )
    panel = np.clip((areas < integrals[:, None]).sum(axis=1) - 1, 0, N_PANELS - 1)
    rows = np.arange(len(integrals))
    rest = integrals - areas[rows, panel]
    left, middle, right = (side[rows, panel] for side in (left, middle, right))
    linear, quadratic = 4 * middle - 3 * left - right, 2 * (left + right) - 4 * middle
    low, high = np.zeros(len(rest)), np.ones(len(rest))
    for _ in range(BISECTIONS):
        half = (low + high) / 2
        area = half * (left + half * (linear / 2 + half * quadratic / 3))
        below = area < rest
        low, high = np.where(below, half, low), np.where(below, high, half)
    place = steps[2 * panel] + width * (low + high) / 2
    return np.arcsin(MAX_CORRELATION) * np.sin(place)


@dataclass(frozen=True)
class _Moments:
    """Moments of scores, each pair's over the rows where both latents count.

    Attributes
    ----------
    covariances : ndarray of shape (n_latents, n_latents)

    variances : ndarray of shape (n_latents, n_latents)
        Of the first latent, over the rows of the pair.

    counts : ndarray of shape (n_latents, n_latents)
        Numbers of rows.
    """

    covariances: NDArray[np.float64]
    variances: NDArray[np.float64]
    counts: NDArray[np.float64]


def _moments(rows: ClassRows, levels: list[NDArray[np.float64]]) -> _Moments:
    """Sum the scores' products over the rows of a class."""
    n_latents = rows.numbers.shape[1] + len(levels)
    # Few latents count in some rows only; all others share the first mask.
    masks = np.zeros(n_latents, dtype=np.intp)
    masks[list(rows.active)] = np.arange(1, len(rows.active) + 1)
    n_masks = len(rows.active) + 1
    products = np.zeros((n_latents, n_latents))
    sums, squares = np.zeros((2, n_latents, n_masks))
    counts = np.zeros((n_masks, n_masks))
    for part, scores in rows.chunks(levels):
        active = np.ones((len(scores), n_masks))
        for place, mask in enumerate(rows.active.values(), start=1):
            active[:, place] = mask[part]
        products += scores.T @ scores
        sums += scores.T @ active
        squares += (scores**2).T @ active
        counts += active.T @ active
    counts = counts[np.ix_(masks, masks)]
    shared = np.maximum(counts, 1)
    means, squares = sums[:, masks] / shared, squares[:, masks] / shared
    return _Moments(products / shared - means * means.T, squares - means**2, counts)


def latent_correlation(
    rows: ClassRows, orders: list[NDArray[np.intp]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the correlation of the latent normals and its precision, pairwise.

    The precision is the inverse of the variance that an estimate has if there is no
    dependence; zero where nothing was learned.

    A score is a function s of its latent Z, and for another latent Z' the covariance of
    s(Z) and Z' is the correlation times the mean of s'(Z) (Stein's lemma): the
    variance of the scores. A gated number is independent of its own gate (which says
    nothing about it where it counts), so that this also holds on the rows where it
    counts, with the mean of s'(Z) on these rows.

    Parameters
    ----------
    rows : ClassRows

    orders : list of ndarray of shape (n_levels,)
        Order of the levels of each column of codes.

    Returns
    -------
    correlation, precision : ndarray of shape (n_latents, n_latents)
    """
    scored = [
        score_levels(counts, order)
        for counts, order in zip(rows.counts, orders, strict=True)
    ]
    levels, cuts = [scores for scores, _ in scored], [cut for _, cut in scored]
    n_numeric = rows.numbers.shape[1]
    moments = _moments(rows, levels)
    between_codes = moments.covariances[n_numeric:, n_numeric:]
    solved = solve_moments(between_codes, cuts, len(rows))
    variances = np.concatenate([rows.variances, [cut.variance for cut in cuts]])
    slopes = np.outer(variances, variances)
    spread = slopes.copy()
    for number, active in rows.active.items():
        gate = int(rows.table.gates[number])
        if not active.any():
            continue
        codes = np.delete(np.arange(len(cuts)), gate)
        here = _slopes_where_active(cuts, gate, levels[gate][0], solved[gate])[codes]
        within = moments.variances[n_numeric + codes, number]
        for places in (number, n_numeric + codes), (n_numeric + codes, number):
            slopes[places] = variances[number] * here
            spread[places] = variances[number] * within
    known = (moments.counts >= 3) & (slopes > 0) & (spread > 1e-12)
    np.fill_diagonal(known, False)
    precision, correlation = np.zeros((2, *known.shape))
    ratio = np.minimum(slopes[known] ** 2 / spread[known], 1)
    precision[known] = moments.counts[known] * ratio
    correlation[known] = moments.covariances[known] / slopes[known]
    correlation[n_numeric:, n_numeric:] = solved
    correlation = np.clip(correlation, -MAX_CORRELATION, MAX_CORRELATION)
    np.fill_diagonal(correlation, 1)
    return correlation, precision


def _slopes_where_active(
    cuts: list[Intervals],
    gate: int,
    level: float,
    correlations: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the mean of s'(Z) of each code where a gated number counts.

    s is a step function, so that this is the density of Z at each cut on these rows: by
    Bayes' theorem the normal one times P(active | Z) / P(active).

    Parameters
    ----------
    cuts : list of Intervals, of length n_codes

    gate : int
        The number's gate, among the codes.

    level : float
        The score of the gate where the number counts.

    correlations : ndarray of shape (n_codes,)
        Of each code with the gate.
    """
    place = int(np.searchsorted(cuts[gate].scores, level))
    ends = np.concatenate([[-np.inf], cuts[gate].cuts, [np.inf]])[place : place + 2]
    owner = np.repeat(np.arange(len(cuts)), [len(cut.cuts) for cut in cuts])
    points = np.concatenate([cut.cuts for cut in cuts])
    steps = np.concatenate([np.diff(cut.scores) for cut in cuts])
    correlations = correlations[owner]
    width = np.sqrt(1 - correlations**2)
    inside = ndtr((ends[:, None] - correlations * points) / width)
    lift = (inside[1] - inside[0]) / (ndtr(ends[1]) - ndtr(ends[0]))
    density = np.exp(-0.5 * points**2) / np.sqrt(2 * np.pi)
    slopes = np.zeros(len(cuts))
    np.add.at(slopes, owner, steps * density * lift)
    return slopes
