"""SMOTE for categories."""

from __future__ import annotations

from numbers import Integral

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from sklearn.utils import gen_batches
from sklearn.utils._param_validation import Interval

from skgen.encodings.one_hot import embed
from skgen.neighbors._base import TIE_BREAK, NeighborsGenerator, drop_self, vote
from skgen.rows import Rows
from skgen.table import Table, TableSchema


class SMOTEN(NeighborsGenerator):
    r"""Draw rows of categories by the majority among a row and its neighbours.

    All columns are categories, numbers too. Two values are near if they occur with
    the same labels.

    Parameters
    ----------
    k_neighbors : int, default=5
        Number of nearest neighbours of a row, in its class.

    chunk_size : int, default=1000
        With three classes or more, distances are computed between this number of rows
        and as many others at a time: memory grows with its square, not with the number
        of rows.

    n_jobs : int, default=None
        Number of parallel jobs of the search.

    <parameters>

    Attributes
    ----------
    <attributes>

    Raises
    ------
    ValueError
        In sampling, if a class has no more than `k_neighbors` rows.

    See Also
    --------
    SMOTENC : For numbers and categories.
    imblearn.over_sampling.SMOTEN : The original; its distances are a square matrix.
    imblearn.metrics.pairwise.ValueDifferenceMetric : The distance.

    Notes
    -----
    The distance of two rows is the value difference metric [2]_ with exponents 1 and 2,

    .. math::
        \Delta(a, b) = \sum_f \Big(\sum_c |p(c|a_f) - p(c|b_f)|\Big)^2,

    where :math:`p(c|v)` is the share of class :math:`c` among the rows with value
    :math:`v` in column :math:`f`. For two classes this is the squared Euclidean
    distance of the vectors :math:`2 p(1|a_f)`, on which neighbours are searched; for
    more, pairs of rows are compared in chunks. With one class (after `fit` without
    `y`, or `fit_classes="resampled"`) the metric is 0 everywhere, and the number of
    differing values takes its place.

    The majority is that of the row and its `k_neighbors` neighbours. Ties, between
    neighbours and between values, are broken at random.

    References
    ----------
    <smote>

    .. [2] C. Stanfill, D. Waltz, "Toward memory-based reasoning," Communications of the
       ACM, 29(12), 1213-1228, 1986.

    Examples
    --------
    >>> import numpy as np
    >>> from skgen.neighbors import SMOTEN
    >>> X = np.array(["A"] * 10 + ["B"] * 20 + ["C"] * 30, dtype=object).reshape(-1, 1)
    >>> y = np.repeat([0, 1], [20, 40])
    >>> X_new, y_new = SMOTEN(random_state=0).fit_resample(X, y)
    >>> np.bincount(y_new)
    array([40, 40])
    >>> np.unique(X_new[60:]).tolist()
    ['A', 'B']
    """

    chunk_size: int = 1000

    _parameter_constraints = {
        **NeighborsGenerator._parameter_constraints,
        "k_neighbors": [Interval(Integral, 1, None, closed="left")],
        "chunk_size": [Interval(Integral, 1, None, closed="left")],
    }

    def _make_schema(self, columns: pd.Index, categorical: list) -> TableSchema:
        return TableSchema(categorical_features=list(columns))

    def _fit(self, rows: Rows, rng: np.random.RandomState) -> None:
        table, labels = rows.table, rows.labels
        super()._fit(rows, rng)
        self._proportions = class_proportions(
            table.codes, labels, table.cardinalities, len(self.classes_)
        )

    def _find_neighbors(self, label: int, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        codes = self._tables[label].codes
        ties = TIE_BREAK * self._class_rng(label).uniform(size=(len(codes), 1))
        if len(self.classes_) == 1:
            return self._search(embed(ties, codes), rows)
        if len(self.classes_) > 2:
            return self._search_chunks(codes, ties, rows)
        shares = [
            2 * share[column, 1]
            for share, column in zip(self._proportions, codes.T, strict=True)
        ]
        return self._search(np.column_stack([*shares, ties]), rows)

    def _search_chunks(
        self, codes: NDArray, ties: NDArray, rows: NDArray[np.intp]
    ) -> NDArray[np.intp]:
        """Return the nearest other rows of some rows, without a square matrix."""
        n_wanted = self.k_neighbors + 1
        chunks = list(gen_batches(len(codes), self.chunk_size))

        def nearest(some: NDArray[np.intp]) -> NDArray[np.intp]:
            distances = np.empty((len(some), 0))
            found = np.empty((len(some), 0), dtype=np.intp)
            for others in chunks:
                chunk = value_difference(codes[some], codes[others], self._proportions)
                chunk += (ties[some] - ties[others].T) ** 2
                index = np.arange(others.start, others.stop)
                distances = np.hstack([distances, chunk])
                found = np.hstack([found, np.broadcast_to(index, chunk.shape)])
                if distances.shape[1] > n_wanted:
                    best = np.argpartition(distances, n_wanted - 1, axis=1)
                    best = best[:, :n_wanted]
                    distances = np.take_along_axis(distances, best, axis=1)
                    found = np.take_along_axis(found, best, axis=1)
            # So that the result does not depend on the chunks.
            order = np.argsort(distances, axis=1, kind="stable")
            return np.take_along_axis(found, order, axis=1)

        found = Parallel(n_jobs=self.n_jobs, prefer="threads")(
            delayed(nearest)(rows[batch])
            for batch in gen_batches(len(rows), self.chunk_size)
        )
        return drop_self(np.vstack(found), rows)

    def _sample_class(
        self, label: int, n_samples: int, rng: np.random.RandomState
    ) -> Table:
        table = self._tables[label]
        rows = rng.randint(len(table), size=n_samples)
        voters = np.column_stack([rows, self._neighbors(label, rows)])
        donors = vote(table.codes, voters, rng)
        codes = np.take_along_axis(table.codes, donors, axis=0)
        return table.like(table.numeric[rows], codes)


def class_proportions(
    codes: NDArray, labels: NDArray, cardinalities: NDArray, n_classes: int
) -> list[NDArray[np.float64]]:
    """Return the share of each class among the rows with a category.

    One array of shape (n_categories, n_classes) for each column of codes.
    """
    proportions = []
    for column, n_categories in zip(codes.T, cardinalities, strict=True):
        cells = column.astype(np.intp) * n_classes + labels
        counts = np.bincount(cells, minlength=n_categories * n_classes)
        counts = counts.reshape(n_categories, n_classes)
        proportions.append(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1))
    return proportions


def value_difference(
    a: NDArray, b: NDArray, proportions: list[NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Return the value difference metric, exponents 1 and 2, of all pairs of rows.

    `a` and `b` are codes of shape (n_rows, n_codes), `proportions` as
    `class_proportions` returns them.
    """
    distances = np.zeros((len(a), len(b)))
    for j, shares in enumerate(proportions):
        distances += cdist(shares[a[:, j]], shares[b[:, j]], "cityblock") ** 2
    return distances
