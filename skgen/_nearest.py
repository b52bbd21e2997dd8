"""The search for nearest neighbours, and which rows are near enough.

`find_nearest` and `nearest_row` search vectors by an estimator of scikit-learn.
`nearest` and `within_any` search rows of numbers and weighted codes, `Points`, whose
distances they compare exactly. `within_box` looks for rows within a maximum norm.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial import KDTree
from sklearn import config_context, get_config
from sklearn.neighbors import NearestNeighbors

# MiB that distances between sparse vectors may take at a time; scikit-learn's default,
# 1024, is no faster.
_WORKING_MEMORY = 64
# Distances that are held at a time: 128 MiB.
_CHUNK_ENTRIES = 2**24
# A category is an indicator in a dense product if the shares of the rows that have it,
# in both tables, multiply to more than this. Below, to list the pairs that share it
# takes less time than to multiply all.
_MIN_DENSE_SHARE = 1 / 1000
# Candidates beyond the wanted neighbours: products are off by about 1e-15 of the
# squared norms.
_N_SPARE = 3
# Columns of distances of which the least is looked at first.
_BLOCK_SIZE = 64
# Sums of the same squares may round differently: this much is no difference.
RELATIVE_TOLERANCE, ABSOLUTE_TOLERANCE = 1e-9, 1e-12


def find_nearest(search: Any, queries: NDArray | sparse.csr_matrix) -> NDArray[np.intp]:
    """Return the nearest neighbours, of shape (n_queries, n_neighbors).

    `search` is a fitted `NearestNeighbors`, or another estimator with its method
    `kneighbors`. Memory does not grow with the product of the rows.
    """
    memory = min(get_config()["working_memory"], _WORKING_MEMORY)
    with config_context(working_memory=memory):
        return np.asarray(search.kneighbors(queries, return_distance=False))


def nearest_row(
    points: NDArray, queries: NDArray, *, metric: str = "minkowski"
) -> NDArray[np.intp]:
    """Return the nearest of some points to each query; Euclidean by default."""
    search = NearestNeighbors(n_neighbors=1, metric=metric).fit(points)
    return find_nearest(search, queries)[:, 0]


def within_box(points: NDArray, queries: NDArray, limit: float) -> NDArray[np.bool_]:
    """Say for which queries a point differs by at most `limit` in each coordinate."""
    limit = limit * (1 + RELATIVE_TOLERANCE) + ABSOLUTE_TOLERANCE
    # Only rows nearer than twice the limit are looked for: the rest is infinite.
    distances, _ = KDTree(points).query(
        queries, p=np.inf, distance_upper_bound=2 * limit
    )
    return distances <= limit


@dataclass(frozen=True)
class Points:
    r"""Rows whose distances can be measured.

    The squared distance of two rows is the sum of the squared differences of the
    numbers, and of the weight of each code in which they differ:

    .. math::
        d(a, b)^2 = \sum_j (a_j - b_j)^2 + \sum_c w_c [a_c \ne b_c].

    `numbers` has the shape (n_rows, n_numbers), none missing; `codes`, from 0 on,
    (n_rows, n_categorical); and `weights` (n_categorical,).
    """

    numbers: NDArray[np.float64]
    codes: NDArray[np.int64]
    weights: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.numbers)

    def take(self, rows: NDArray) -> Points:
        """Return the given rows."""
        return Points(self.numbers[rows], self.codes[rows], self.weights)

    def head(self, n_rows: int, rng: np.random.RandomState) -> Points:
        """Return at most `n_rows` rows, drawn at random."""
        if len(self) <= n_rows:
            return self
        return self.take(np.sort(rng.permutation(len(self))[:n_rows]))


def nearest(
    known: Points,
    queries: Points,
    n_neighbors: int,
    *,
    own: NDArray[np.intp] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Find the nearest known rows of each query, exactly.

    Returns distances, ascending, and positions in `known`, both of shape (n_queries,
    n_neighbors). `own` is the position of each query in `known`, where it is not its
    own neighbour. Time grows with the product of the rows, memory with their sum.
    """
    n_known = len(known) - (own is not None)
    n_candidates = min(n_neighbors + _N_SPARE, n_known)
    distances = np.empty((len(queries), n_neighbors))
    indices = np.empty((len(queries), n_neighbors), dtype=np.intp)
    for rows, squared in squared_distances(known, queries):
        if own is not None:
            squared[np.arange(len(rows)), own[rows]] = np.inf
        candidates = _smallest(squared, n_candidates)
        chunk = queries.take(rows)
        exact = np.column_stack(
            [rowwise_squared(known.take(column), chunk) for column in candidates.T]
        )
        order = np.argsort(exact, axis=1, kind="stable")[:, :n_neighbors]
        distances[rows] = np.sqrt(np.take_along_axis(exact, order, axis=1))
        indices[rows] = np.take_along_axis(candidates, order, axis=1)
    return distances, indices


def within_any(
    known: Points, radii: NDArray[np.float64], queries: Points
) -> NDArray[np.bool_]:
    """Say which queries lie in the ball of any known row, for one radius of each.

    A row at the radius lies in the ball, and so does one beyond it by rounding.
    """
    limits = radii**2 * (1 + RELATIVE_TOLERANCE) + ABSOLUTE_TOLERANCE
    inside = np.empty(len(queries), dtype=bool)
    for rows, squared in squared_distances(known, queries):
        inside[rows] = (squared <= limits).any(axis=1)
    return inside


def rowwise_squared(a: Points, b: Points) -> NDArray[np.float64]:
    """Return the squared distance of each row of `a` to that of `b`, 0 if equal."""
    numbers = np.sum((a.numbers - b.numbers) ** 2, axis=1)
    return numbers + (a.codes != b.codes) @ a.weights


def squared_distances(
    known: Points, queries: Points
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.float64]]]:
    """Yield squared distances of a few queries at a time to all known rows.

    That is the positions of the queries, and an array of shape (n_rows, n_known) that
    may be written to and is overwritten by the next. The distances are off by about
    1e-15 of the squared norms.
    """
    common, rare = _split_levels(known, queries)
    right = _factor(known, common, is_left=False)
    rare_known = _indicators(known, rare, np.ones_like(known.weights)).T.tocsr()
    chunk_size = max(1, min(len(queries), _CHUNK_ENTRIES // len(known)))
    # Fresh memory for each chunk would take more time than the product.
    buffer = np.empty((chunk_size, len(known)))
    for start in range(0, len(queries), chunk_size):
        rows = np.arange(start, min(start + chunk_size, len(queries)))
        chunk = queries.take(rows)
        squared = buffer[: len(rows)]
        np.matmul(_factor(chunk, common, is_left=True), right.T, out=squared)
        if rare_known.nnz:
            shared = _indicators(chunk, rare, queries.weights) @ rare_known
            shared = shared.tocoo()
            squared[shared.coords] -= shared.data
        yield rows, squared


def _split_levels(
    a: Points, b: Points
) -> tuple[list[NDArray[np.intp]], list[NDArray[np.intp]]]:
    """Give numbers to the frequent categories of each column, and to the shared others.

    -1 stands for a category that has no number.
    """
    common, rare = [], []
    n_common = n_rare = 0
    for left, right in zip(a.codes.T, b.codes.T, strict=True):
        n_levels = int(max(left.max(), right.max())) + 1
        share = np.bincount(left, minlength=n_levels) / len(left)
        share = share * (np.bincount(right, minlength=n_levels) / len(right))
        is_common = share > _MIN_DENSE_SHARE
        is_rare = (share > 0) & ~is_common
        common.append(np.where(is_common, np.cumsum(is_common) - 1 + n_common, -1))
        rare.append(np.where(is_rare, np.cumsum(is_rare) - 1 + n_rare, -1))
        n_common += int(np.count_nonzero(is_common))
        n_rare += int(np.count_nonzero(is_rare))
    return common, rare


def _factor(
    points: Points, common: list[NDArray[np.intp]], *, is_left: bool
) -> NDArray[np.float64]:
    """Return vectors whose product, left with right, is the squared distance.

    Rare categories count as different.
    """
    norms = np.sum(points.numbers**2, axis=1)
    ones = np.ones(len(points))
    n_numbers = points.numbers.shape[1]
    n_levels = max((int(numbers.max()) + 1 for numbers in common), default=0)
    factor = np.zeros((len(points), n_numbers + n_levels + 2))
    factor[:, :n_numbers] = points.numbers if is_left else -2 * points.numbers
    for codes, numbers, weight in zip(
        points.codes.T, common, points.weights, strict=True
    ):
        at = numbers[codes]
        rows = np.flatnonzero(at >= 0)
        factor[rows, n_numbers + at[rows]] = 1.0 if is_left else -weight
    # The numbers' norms, and the weights as if all codes differed.
    norms = norms + (points.weights.sum() if is_left else 0.0)
    factor[:, -2], factor[:, -1] = (norms, ones) if is_left else (ones, norms)
    return factor


def _indicators(
    points: Points, numbers: list[NDArray[np.intp]], weights: NDArray[np.float64]
) -> sparse.csr_array:
    """Return the sparse indicators of the categories that have a number."""
    width = max((int(n.max()) + 1 for n in numbers), default=0)
    n_columns = points.codes.shape[1]
    if not width:
        return sparse.csr_array((len(points), 1))
    at = np.column_stack([n[c] for n, c in zip(numbers, points.codes.T, strict=True)])
    kept = at >= 0
    starts = np.concatenate([[0], np.cumsum(kept.sum(axis=1))])
    data = np.broadcast_to(weights, (len(points), n_columns))[kept]
    return sparse.csr_array((data, at[kept], starts), shape=(len(points), width))


def _smallest(values: NDArray[np.float64], n: int) -> NDArray[np.intp]:
    """Return the columns of the `n` smallest values of each row, in any order."""
    n_rows, n_columns = values.shape
    n_blocks = n_columns // _BLOCK_SIZE
    if n_blocks <= 2 * n:
        return np.argpartition(values, n - 1, axis=1)[:, :n]
    # The n smallest lie in the n blocks of the smallest minima, or in the remainder.
    body = values[:, : n_blocks * _BLOCK_SIZE].reshape(n_rows, _BLOCK_SIZE, n_blocks)
    blocks = np.argpartition(body.min(axis=1), n - 1, axis=1)[:, :n]
    columns = blocks[:, :, None] + n_blocks * np.arange(_BLOCK_SIZE)
    rest = np.arange(n_blocks * _BLOCK_SIZE, n_columns)
    columns = np.hstack(
        [columns.reshape(n_rows, -1), np.broadcast_to(rest, (n_rows, len(rest)))]
    )
    among = np.argpartition(np.take_along_axis(values, columns, axis=1), n - 1, axis=1)
    return np.take_along_axis(columns, among[:, :n], axis=1)
