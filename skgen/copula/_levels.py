"""An order for levels that have none."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from skgen.columns import is_numeric_kind
from skgen.copula._scores import ClassRows, score_levels
from skgen.table import Table

# The order of nominal levels: rounds, how many rows speak for a level, and how many
# times more telling than a number's own an order must be.
ORDER_SWEEPS = 3
MIN_LEVEL_ROWS = 20
MIN_GAIN = 1.5


class _LevelSums:
    """Sums of all latents' scores over the rows of each level of a column of codes.

    Rows enter when a latent's scores change, not whenever the sums are read.

    Parameters
    ----------
    classes : list of ClassRows

    code : int
        The column.

    n_latents : int

    nominal : bool
        Whether levels in few rows are left out, which spares memory where they are
        many. The sums of a number's levels are complete.

    Attributes
    ----------
    counts : ndarray of shape (n_classes, n_kept)
        Numbers of rows.

    kept : ndarray of shape (n_kept,)
        The levels.

    sums : ndarray of shape (n_classes, n_kept, n_latents)
    """

    def __init__(
        self, classes: list[ClassRows], code: int, n_latents: int, nominal: bool
    ) -> None:
        counts = np.stack([part.counts[code] for part in classes])
        least = MIN_LEVEL_ROWS if nominal else 0
        self.kept = np.flatnonzero(counts.sum(axis=0) >= least)
        self.counts = counts[:, self.kept]
        self.sums = np.zeros((len(classes), len(self.kept), n_latents))
        # The other levels share the last place, which is not read.
        places = np.full(counts.shape[1], len(self.kept), dtype=np.int32)
        places[self.kept] = np.arange(len(self.kept))
        self._places = [places[part.codes(code)] for part in classes]

    def add(self, label: int, part: slice, scores: NDArray[np.float64]) -> None:
        """Add the scores of some rows of a class."""
        places = self._places[label][part]
        layout = (np.ones(len(places)), places, np.arange(len(places) + 1))
        indicator = sparse.csr_matrix(layout, shape=(len(places), len(self.kept) + 1))
        self.sums[label] += (indicator.T @ scores)[:-1]

    def replace(self, latent: int, columns: list[NDArray[np.float64]]) -> None:
        """Sum the new scores of a latent, given for each class."""
        for label, (places, scores) in enumerate(
            zip(self._places, columns, strict=True)
        ):
            sums = np.bincount(places, weights=scores, minlength=len(self.kept) + 1)
            self.sums[label, :, latent] = sums[:-1]

    def order(self, others: NDArray[np.bool_], cardinality: int) -> NDArray[np.intp]:
        """Order levels along the direction in which their rows differ most.

        The levels' means of the other columns' scores, shrunk towards zero where they
        are means of few rows, are projected on the first eigenvector of their
        covariance: the order that lets the latent covary most with the others. Levels
        with too few rows to have a say stay in the middle, lest chance pass for
        dependence.
        """
        counts = self.counts.sum(axis=0)
        means = self.sums.sum(axis=0)[:, others] / (counts + MIN_LEVEL_ROWS)[:, None]
        means[counts < MIN_LEVEL_ROWS] = 0
        covariance = (means * counts[:, None]).T @ means
        last = len(covariance) - 1
        _, direction = linalg.eigh(covariance, subset_by_index=[last, last])
        projection = np.zeros(cardinality)
        projection[self.kept] = means @ direction[:, 0]
        return np.argsort(projection.round(12), kind="stable")

    def link(
        self, levels: list[NDArray[np.float64]], others: NDArray[np.bool_]
    ) -> float:
        """Return the sum of the squared covariances of scores, scaled, with others.

        Parameters
        ----------
        levels : list of ndarray of shape (n_levels,)
            Scores of the column's levels in each class.

        others : ndarray of bool of shape (n_latents,)
        """
        scores = np.stack(levels)[:, self.kept]
        covariances = np.einsum("kl,klj->j", scores, self.sums)[others]
        scale = max(float((self.counts * scores**2).sum()), 1e-300)
        return float(covariances @ covariances) / scale + 1e-300


def _sum_levels(
    classes: list[ClassRows],
    levels: list[list[NDArray[np.float64]]],
    free: NDArray[np.intp],
    nominal: NDArray[np.bool_],
    n_latents: int,
) -> dict[int, _LevelSums]:
    """Return the sums over the levels of each free column."""
    sums = {
        code: _LevelSums(classes, code, n_latents, bool(nominal[code]))
        for code in free.tolist()
    }
    for label, rows in enumerate(classes):
        for part, scores in rows.chunks([column[label] for column in levels]):
            for of_column in sums.values():
                of_column.add(label, part, scores)
    return sums


def order_levels(table: Table, classes: list[ClassRows]) -> list[NDArray[np.intp]]:
    """Return the order of the levels of each column of codes, the same in all classes.

    Levels that the user calls ordered keep their order. Nominal columns get one by
    `_LevelSums.order`, in turns, as the variables in nonlinear principal components
    do. A number with few values keeps its own unless another is far more telling: it
    may be the number of a category.
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

    def score(code: int, order: NDArray[np.intp]) -> list[NDArray[np.float64]]:
        return [score_levels(rows.counts[code], order)[0] for rows in classes]

    levels = [score(code, order) for code, order in enumerate(orders)]
    all_sums = _sum_levels(classes, levels, np.flatnonzero(free), nominal, n_latents)
    # The first order of a nominal column is arbitrary: no other shall follow it, if
    # there is a choice.
    waiting = {n_numeric + code for code in np.flatnonzero(free & nominal)}
    if len(waiting) == n_latents:
        waiting = set()
    for _ in range(ORDER_SWEEPS):
        settled = True
        for code, sums in all_sums.items():
            place = n_numeric + code
            others = np.ones(n_latents, dtype=bool)
            others[[*waiting, place]] = False
            if not others.any():
                continue
            order = sums.order(others, int(table.cardinalities[code]))
            waiting.discard(place)
            if np.array_equal(order, orders[code]):
                continue
            new = score(code, order)
            if not nominal[code]:
                own = score(code, np.arange(len(order)))
                if sums.link(new, others) <= MIN_GAIN * sums.link(own, others):
                    continue
            orders[code], levels[code] = order, new
            columns = [
                scores[rows.codes(code)]
                for rows, scores in zip(classes, new, strict=True)
            ]
            for of_column in all_sums.values():
                of_column.replace(place, columns)
            settled = False
        if settled:
            break
    return orders
