"""Normal scores: what is known of a row's latent normals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from skgen.table import Table

# Levels are put together to so many intervals where only their dependence counts.
MAX_INTERVALS = 16
# Scores of so many rows are in memory at a time.
CHUNK_ROWS = 20_000


@dataclass(frozen=True)
class Intervals:
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


def intervals(counts: NDArray) -> Intervals:
    """Cut a standard normal by the (positive) numbers of rows of ordered groups."""
    shares = counts / counts.sum()
    cuts = ndtri(np.cumsum(counts)[:-1] / counts.sum())
    density = np.concatenate([[0.0], np.exp(-0.5 * cuts**2), [0.0]])
    scores = -np.diff(density) / np.sqrt(2 * np.pi) / shares
    return Intervals(cuts, scores, float(shares @ scores**2))


def _put_together(counts: NDArray) -> NDArray[np.intp]:
    """Return a group for each ordered level, at most MAX_INTERVALS in all."""
    if len(counts) <= MAX_INTERVALS:
        return np.arange(len(counts))
    middles = (np.cumsum(counts) - 0.5 * counts) / counts.sum()
    groups = np.floor(middles * MAX_INTERVALS).astype(np.intp)
    return np.unique(groups, return_inverse=True)[1]


def score_levels(
    counts: NDArray, order: NDArray[np.intp]
) -> tuple[NDArray[np.float64], Intervals]:
    """Return a normal score for each level, and the intervals that levels stand for.

    Parameters
    ----------
    counts : ndarray of shape (n_levels,)
        Number of rows of each level; the score is zero where there are none.

    order : ndarray of shape (n_levels,)
        The levels in their order.
    """
    counts = counts[order]
    shown = np.flatnonzero(counts)
    groups = _put_together(counts[shown])
    cut = intervals(np.bincount(groups, weights=counts[shown]))
    scores = np.zeros(len(order))
    scores[order[shown]] = cut.scores[groups]
    return scores, cut


def _score_numbers(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Return normal scores, the mean over ties, and their variance."""
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    cut = intervals(counts)
    return cut.scores[group], cut.variance


@dataclass(frozen=True)
class ClassRows:
    """The rows of one class, and what of their scores no order of levels changes.

    Attributes
    ----------
    table : Table
        The rows of all classes.

    rows : ndarray of shape (n_samples,)
        Where those of the class are.

    numbers : ndarray of shape (n_samples, n_numeric)
        Normal scores of the numbers; zero where a number does not count.

    variances : ndarray of shape (n_numeric,)
        Their variances where they count.

    active : dict of int to ndarray of bool of shape (n_samples,)
        Where the numbers count that do not always.

    counts : list of ndarray of shape (n_levels,)
        How often each level occurs, for each column of codes.
    """

    table: Table
    rows: NDArray[np.intp]
    numbers: NDArray[np.float64]
    variances: NDArray[np.float64]
    active: dict[int, NDArray[np.bool_]]
    counts: list[NDArray[np.intp]]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def codes(self, code: int) -> NDArray[np.int32]:
        """Return a column of codes."""
        return self.table.codes[self.rows, code]

    def chunks(
        self, levels: list[NDArray[np.float64]]
    ) -> Iterator[tuple[slice, NDArray[np.float64]]]:
        """Yield the scores of some rows at a time, numbers first, then codes.

        Parameters
        ----------
        levels : list of ndarray of shape (n_levels,)
            Scores of the levels of each column of codes.

        Yields
        ------
        part : slice
            Which rows of the class.

        scores : ndarray of shape (n_part, n_latents)
        """
        flat = np.concatenate([np.empty(0), *levels])
        starts = np.cumsum([0, *map(len, levels)])[:-1]
        n_numeric = self.numbers.shape[1]
        for start in range(0, len(self), CHUNK_ROWS):
            part = slice(start, start + CHUNK_ROWS)
            codes = self.table.codes[self.rows[part]]
            scores = np.empty((len(codes), n_numeric + len(levels)))
            scores[:, :n_numeric] = self.numbers[part]
            scores[:, n_numeric:] = flat[codes + starts]
            yield part, scores


def class_rows(table: Table, rows: NDArray[np.intp]) -> ClassRows:
    """Score the numbers and count the levels of the rows of a class."""
    n_numeric = table.numeric.shape[1]
    numbers, variances = np.zeros((len(rows), n_numeric)), np.zeros(n_numeric)
    active = {}
    for number in range(n_numeric):
        counting = table.active(number)[rows]
        if not counting.all():
            active[number] = counting
        if counting.any():
            scores, variances[number] = _score_numbers(
                table.numeric[rows[counting], number]
            )
            numbers[counting, number] = scores
    counts = [
        np.bincount(table.codes[rows, code], minlength=int(cardinality))
        for code, cardinality in enumerate(table.cardinalities)
    ]
    return ClassRows(table, rows, numbers, variances, active, counts)
