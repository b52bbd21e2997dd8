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

# Rows of categories have many equally near neighbours, and a search returns the same
# few of them to all. A random coordinate of this size, in the unit of a differing
# category, breaks such ties and reorders no others.
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
        """Return the neighbours of some rows of a class in that class.

        They are searched when first needed, and kept: rows from which nothing is drawn
        cost nothing.

        Parameters
        ----------
        label : int

        rows : ndarray of int of shape (n_rows,)
            Rows of the class, in any order and number.

        Returns
        -------
        neighbors : ndarray of shape (n_rows, n_neighbors)
            Rows of the class, a row's own index left out.
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
        """Search the neighbours of some rows of a class, each given once."""

    def _group_size(self) -> int:
        """Return the least number of rows in which a row has all its neighbours."""
        return check_neighbors("k_neighbors", self.k_neighbors, None).n_neighbors

    def _search(
        self, points: NDArray | sparse.csr_matrix, rows: NDArray[np.intp]
    ) -> NDArray[np.intp]:
        """Return the nearest other points of some of the points."""
        search = check_neighbors("k_neighbors", self.k_neighbors, self.n_jobs)
        return drop_self(find_nearest(search.fit(points), points[rows]), rows)

    def _class_rng(self, label: int) -> np.random.RandomState:
        """Return the stream for what is learned about a class when first needed."""
        return np.random.RandomState((self._seed + label) % 2**32)


def check_neighbors(name: str, neighbors: Any, n_jobs: int | None) -> Any:
    """Return what searches the neighbours of a row, the row itself included."""
    search = check_neighbors_object(name, neighbors, additional_neighbor=1)
    if isinstance(neighbors, Integral):
        search.set_params(n_jobs=n_jobs)
    return search


def drop_self(found: NDArray[np.intp], rows: NDArray) -> NDArray[np.intp]:
    """Leave a row out of its own neighbours; the nearest if many copies crowd it out.

    Parameters
    ----------
    found : ndarray of shape (n_rows, n_neighbors)

    rows : ndarray of shape (n_rows,)

    Returns
    -------
    others : ndarray of shape (n_rows, n_neighbors - 1)
    """
    own = found == rows[:, None]
    own[~own.any(axis=1), 0] = True
    return found[~own].reshape(len(rows), -1)


def vote(
    codes: NDArray, voters: NDArray[np.intp], rng: np.random.RandomState
) -> NDArray[np.intp]:
    """Return a row that holds the most frequent code of some rows, ties at random.

    Parameters
    ----------
    codes : ndarray of shape (n_rows, n_codes)

    voters : ndarray of shape (n_samples, n_voters)
        Rows of `codes`.

    rng : RandomState

    Returns
    -------
    donors : ndarray of shape (n_samples, n_codes)
        One of the voters for each code.
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
