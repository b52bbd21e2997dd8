"""Tomek links of some rows among many, updated as rows are replaced."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.neighbors import NearestNeighbors
from sklearn.utils import gen_batches

from skgen._nearest import find_nearest

# The row itself, and others that exact distances are computed for.
N_CANDIDATES = 4
BATCH_ROWS = 8192


class TomekSearch:
    """Find which rows are in a Tomek link, without a search for all rows.

    Two rows of different classes are a Tomek link if each is the other's nearest
    neighbour (I. Tomek, "Two modifications of CNN", 1976). So two searches suffice: for
    the rows in question, and for their nearest neighbours. Neighbours that were found
    are kept while rows are replaced, as far as they are still the nearest. Of
    neighbours at the same distance, the row that comes first is the nearest.

    >>> import numpy as np
    >>> from skgen._links import TomekSearch
    >>> search, labels = TomekSearch(), np.array([0, 0, 1, 1])
    >>> search.update(np.array([[0.0], [2.0], [3.0], [9.0]]))
    >>> search.linked(labels, np.array([1, 3]))
    array([ True, False])
    >>> search.update(np.array([[0.0], [2.0], [8.0], [9.0]]), np.array([2]))
    >>> search.linked(labels, np.array([1, 3]))
    array([False, False])
    """

    def __init__(self, n_jobs: int | None = None) -> None:
        self.n_jobs = n_jobs
        self._nearest: NDArray[np.intp] | None = None

    def update(
        self,
        vectors: NDArray | sparse.csr_matrix,
        fresh: NDArray[np.intp] | None = None,
    ) -> None:
        """Set all rows, of which those in `fresh` changed since the last call.

        The distances between the others are the same as then. None is all rows.
        """
        self._vectors = vectors
        if fresh is None or self._nearest is None:
            # -1 where a row's nearest neighbour is not known.
            self._nearest = np.full(vectors.shape[0], -1, dtype=np.intp)
            self._distances = np.full(vectors.shape[0], np.inf)
            return
        self._nearest[fresh] = -1
        self._nearest[np.isin(self._nearest, fresh)] = -1
        known = np.flatnonzero(self._nearest >= 0)
        if not len(known) or not len(fresh):
            return
        # The nearest neighbour of the others changes only to a new row.
        nearest, distances = self._search(known, fresh)
        old = self._distances[known]
        change = (distances < old) | (
            (distances == old) & (nearest < self._nearest[known])
        )
        self._nearest[known[change]] = nearest[change]
        self._distances[known[change]] = distances[change]

    def linked(self, labels: NDArray, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Say which of the given rows are in a Tomek link; `labels` are of all rows."""
        nearest = self._nearest_of(rows)
        linked = np.asarray(labels[nearest] != labels[rows], dtype=bool)
        linked[linked] = self._nearest_of(nearest[linked]) == rows[linked]
        return linked

    def _nearest_of(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the nearest other row of each row."""
        assert self._nearest is not None
        unknown = np.unique(rows[self._nearest[rows] < 0])
        if len(unknown):
            found = self._search(unknown, None)
            self._nearest[unknown], self._distances[unknown] = found
        return self._nearest[rows]

    def _search(
        self, rows: NDArray[np.intp], among: NDArray[np.intp] | None
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Return the nearest other row among some or all, and its squared distance."""
        points = self._vectors if among is None else self._vectors[among]
        search = NearestNeighbors(
            n_neighbors=min(N_CANDIDATES, points.shape[0]), n_jobs=self.n_jobs
        ).fit(points)
        nearest = np.empty(len(rows), dtype=np.intp)
        distances = np.empty(len(rows))
        for batch in gen_batches(len(rows), BATCH_ROWS):
            some = rows[batch]
            found = find_nearest(search, self._vectors[some])
            if among is not None:
                found = among[found]
            # The search rounds: candidates are compared by exact distances.
            squares = np.column_stack([self._squares(some, ends) for ends in found.T])
            squares[found == some[:, None]] = np.inf
            best = np.lexsort((found, squares))[:, :1]
            nearest[batch] = np.take_along_axis(found, best, axis=1)[:, 0]
            distances[batch] = np.take_along_axis(squares, best, axis=1)[:, 0]
        return nearest, distances

    def _squares(self, a: NDArray[np.intp], b: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return squared distances."""
        gap = self._vectors[a] - self._vectors[b]
        if sparse.issparse(gap):
            return np.asarray(gap.multiply(gap).sum(axis=1)).ravel()
        return np.einsum("ij,ij->i", gap, gap)
