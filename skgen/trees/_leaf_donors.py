"""Decision trees whose leaves lend their rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeRegressor

# With n rows of a label in a leaf, the share of draws confined to them is n / (n + 1).
PRIOR_ROWS = 1.0


class DonorTree:
    """A regression tree, and which training rows share each leaf.

    Parameters
    ----------
    min_samples_leaf : int
        Least number of rows in a leaf, among those the tree is grown on.

    max_depth : int or None
        Greatest depth.

    seed : int
        Breaks ties between splits.
    """

    def __init__(
        self, *, min_samples_leaf: int, max_depth: int | None, seed: int
    ) -> None:
        self.min_samples_leaf = min_samples_leaf
        self.max_depth = max_depth
        self.seed = seed

    def fit(
        self,
        features: NDArray[np.float32],
        response: NDArray[np.float64],
        weights: NDArray[np.float64],
        rows: NDArray[np.intp],
        at: NDArray[np.intp],
        labels: NDArray[np.intp],
        values: NDArray[np.float64] | None,
    ) -> DonorTree:
        """Grow the tree on some rows and sort all of them into its leaves.

        Parameters
        ----------
        features : ndarray of shape (n_samples, n_features)
            What is known of each row.

        response : ndarray of shape (n_known, n_outputs)
            What the leaves shall agree on, for the rows that trees are grown on.

        weights : ndarray of shape (n_samples,)
            Weights of the rows in growing.

        rows : ndarray of shape (n_grown,)
            The rows to grow on; a row may occur more than once.

        at : ndarray of shape (n_samples,)
            Where in `response` a row stands.

        labels : ndarray of shape (n_samples,)
            The rows' labels.

        values : ndarray of shape (n_samples,) or None
            Order of the donors of one leaf and label.

        Returns
        -------
        self : DonorTree
        """
        grown, repeats = np.unique(rows, return_counts=True)
        estimator = DecisionTreeRegressor(
            min_samples_leaf=self.min_samples_leaf,
            max_depth=self.max_depth,
            random_state=self.seed,
        )
        estimator.fit(features[grown], response[at[grown]], weights[grown] * repeats)
        self.tree_: Any = estimator.tree_
        self.n_labels_ = int(labels.max()) + 1
        cells = self.tree_.apply(features) * self.n_labels_ + labels
        if values is None:
            order = np.argsort(cells, kind="stable")
        else:
            order = np.lexsort((values, cells))
        self.donors_ = order.astype(np.int32)
        n_cells = self.tree_.node_count * self.n_labels_
        counts = np.bincount(cells, minlength=n_cells)
        self.starts_ = np.concatenate([[0], np.cumsum(counts)])
        return self

    def draw(
        self,
        features: NDArray[np.float32],
        labels: NDArray[np.intp],
        training_labels: NDArray[np.intp],
        rng: np.random.RandomState,
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Draw a donor for each row, and one that stands next to it.

        Where a leaf has n training rows of the row's own label, the donor is one of
        them with probability n / (n + 1), and else any row of the leaf: many rows speak
        for their label alone, few are helped by the others.

        Parameters
        ----------
        features : ndarray of shape (n_rows, n_features)

        labels : ndarray of shape (n_rows,)

        training_labels : ndarray of shape (n_samples,)

        rng : RandomState

        Returns
        -------
        donors : ndarray of int of shape (n_rows,)
            Training rows.

        neighbours : ndarray of int of shape (n_rows,)
            Training rows of the donor's leaf and label that come before or after it in
            the order of `values`; the donor itself at the ends.
        """
        leaves = self.tree_.apply(features) * self.n_labels_
        start, stop = self._span(leaves + labels)
        own = stop - start
        confined = rng.uniform(size=len(labels)) * (own + PRIOR_ROWS) < own
        start = np.where(confined, start, self.starts_[leaves])
        stop = np.where(confined, stop, self.starts_[leaves + self.n_labels_])
        place = start + ((stop - start) * rng.uniform(size=len(labels))).astype(np.intp)
        donors = self.donors_[place]
        start, stop = self._span(leaves + training_labels[donors])
        step = rng.randint(2, size=len(labels)) * 2 - 1
        return donors, self.donors_[np.clip(place + step, start, stop - 1)]

    def _span(self, cells: NDArray[np.intp]) -> tuple[NDArray, NDArray]:
        return self.starts_[cells], self.starts_[cells + 1]
