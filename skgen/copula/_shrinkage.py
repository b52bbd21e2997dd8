"""Correlation matrices from pairwise estimates: shrunk, and made positive definite."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

MIN_EIGENVALUE = 1e-6
REPAIR_STEPS = 200


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


def nearest_correlation(
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


def shrink_classes(
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
        return [nearest_correlation(pooled, weights)]
    return [
        nearest_correlation(_shrink(estimate, precision, pooled, shrinkage), precision)
        for estimate, precision in fits
    ]
