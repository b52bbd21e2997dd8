"""What the generators that draw each class from its own rows share."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
from imblearn.utils import check_neighbors_object
from numpy.typing import NDArray
from scipy import sparse
from sklearn.utils._param_validation import HasMethods, Interval

from skgen._nearest import find_nearest
from skgen._random import draw_seed
from skgen.base import BaseGenerator
from skgen.rows import Given, Rows
from skgen.table import Table

SHARED = {
    "k_neighbors": """
    k_neighbors : int or object, default=5
        Number of nearest neighbours of a row, in its class. An object with the methods
        of :class:`~sklearn.neighbors.NearestNeighbors` searches them itself; its
        `n_neighbors` counts the row too.
""",
    "n_jobs": """
    n_jobs : int, default=None
        Number of parallel jobs of the search; without effect on an object.
""",
    "smote": """
    .. [1] N. V. Chawla, K. W. Bowyer, L. O. Hall, W. P. Kegelmeyer, "SMOTE: Synthetic
       Minority Over-sampling Technique," Journal of Artificial Intelligence Research,
       16, 321-357, 2002.
""",
}

# Rows of categories have many equally near neighbours, of which a search returns the
# same few to all rows. A random coordinate of at most this size, in units of a
# differing category, breaks such ties and changes no other order.
TIE_BREAK = 1e-4


class ClassGenerator(BaseGenerator, metaclass=ABCMeta):
    """Base class of the generators that draw each class from its own rows."""

    def _fit(self, rows: Rows, rng: np.random.RandomState) -> None:
        table, labels = rows.table, rows.labels
        self._tables = [
            table.take(labels == label) for label in range(len(self.classes_))
        ]

    def _sample(
        self,
        labels: NDArray[np.intp],
        rng: np.random.RandomState,
        given: Given | None = None,
    ) -> Table | pd.DataFrame:
        table = self._tables[0].empty(len(labels))
        for label in np.unique(labels):
            rows = np.flatnonzero(labels == label)
            drawn = self._sample_class(label, len(rows), rng)
            table.numeric[rows] = drawn.numeric
            table.codes[rows] = drawn.codes
        return table

    @abstractmethod
    def _sample_class(
        self, label: int, n_samples: int, rng: np.random.RandomState
    ) -> Table:
        """Draw rows of one class, given as its index into `classes_`."""

    def _label(self, label: int) -> Any:
        """Return a class's label as a Python scalar, for messages."""
        return self.classes_[label : label + 1].tolist()[0]


class NeighborsGenerator(ClassGenerator, metaclass=ABCMeta):
    """Base class of the generators that look for a row's neighbours in its class."""

    k_neighbors: Any = 5
    n_jobs: int | None = None

    _shared_docs = {**ClassGenerator._shared_docs, **SHARED}
    _parameter_constraints = {
        **ClassGenerator._parameter_constraints,
        "k_neighbors": [
            Interval(Integral, 1, None, closed="left"),
            HasMethods(["kneighbors", "kneighbors_graph"]),
        ],
        "n_jobs": [Integral, None],
    }

    def _fit(self, rows: Rows, rng: np.random.RandomState) -> None:
        super()._fit(rows, rng)
        self._seed = draw_seed(rng)
        self._found: dict[int, NDArray[np.intp]] = {}

    def _neighbors(self, label: int, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the neighbours of rows of a class, of shape (n_rows, n_neighbors).

        They are searched when first needed, and kept. The rows may repeat.
        """
        n_rows, n_needed = len(self._tables[label]), self._group_size()
        if n_rows < n_needed:
            raise ValueError(
                f"Class {self._label(label)!r} has {n_rows} rows (n_samples = "
                f"{n_rows}), but k_neighbors = {n_needed - 1} asks for {n_needed} "
                f"or more. Lower k_neighbors to {n_rows - 1} or less, add rows, or "
                "draw no rows of the class."
            )
        if label not in self._found:
            # -1 where a row's neighbours are not known yet.
            self._found[label] = np.full((n_rows, n_needed - 1), -1, dtype=np.intp)
        found = self._found[label]
        unknown = found[:, 0] < 0
        wanted = np.unique(rows[unknown[rows]])
        if len(wanted):
            # Once many are needed, draws to come will need the others.
            if 2 * len(wanted) >= unknown.sum():
                wanted = np.flatnonzero(unknown)
            found[wanted] = self._find_neighbors(label, wanted)
        return found[rows]

    @abstractmethod
    def _find_neighbors(self, label: int, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Search the neighbours of rows of a class, each given once."""

    def _group_size(self) -> int:
        """Return the number of neighbours, the row itself included."""
        return check_neighbors("k_neighbors", self.k_neighbors, None).n_neighbors

    def _search(
        self, points: NDArray | sparse.csr_matrix, rows: NDArray[np.intp]
    ) -> NDArray[np.intp]:
        """Return the nearest other points of the given rows of `points`."""
        search = check_neighbors("k_neighbors", self.k_neighbors, self.n_jobs)
        return drop_self(find_nearest(search.fit(points), points[rows]), rows)

    def _class_rng(self, label: int) -> np.random.RandomState:
        """Return the random numbers for what is learned about a class on demand."""
        return np.random.RandomState((self._seed + label) % 2**32)


def check_neighbors(name: str, neighbors: Any, n_jobs: int | None) -> Any:
    """Return the estimator that searches a row's neighbours, the row included."""
    search = check_neighbors_object(name, neighbors, additional_neighbor=1)
    if isinstance(neighbors, Integral):
        search.set_params(n_jobs=n_jobs)
    return search


def drop_self(found: NDArray[np.intp], rows: NDArray) -> NDArray[np.intp]:
    """Leave each row out of its neighbours, of shape (n_rows, n_neighbors).

    Where it is not among them, for its copies are, the nearest is left out.
    """
    own = found == rows[:, None]
    own[~own.any(axis=1), 0] = True
    return found[~own].reshape(len(rows), -1)


def vote(
    codes: NDArray, voters: NDArray[np.intp], rng: np.random.RandomState
) -> NDArray[np.intp]:
    """Return, for each column, a voter that has the voters' most frequent code.

    `voters` are rows of `codes`, of shape (n_samples, n_voters); the answer has the
    shape (n_samples, n_codes). Ties are broken at random.
    """
    donors = np.empty((len(voters), codes.shape[1]), dtype=np.intp)
    for j, column in enumerate(codes.T):
        votes = column[voters]
        scores = rng.uniform(size=voters.shape)
        for k in range(voters.shape[1]):
            scores += votes == votes[:, [k]]
        best = scores.argmax(axis=1)
        donors[:, j] = voters[np.arange(len(voters)), best]
    return donors
