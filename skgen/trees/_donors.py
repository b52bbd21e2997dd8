"""Decision trees whose leaves lend their rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeRegressor


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

        values : ndarray of shape (n_samples,) or None
            Order of the donors inside a leaf.

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
        leaves = self.tree_.apply(features)
        if values is None:
            order = np.argsort(leaves, kind="stable")
        else:
            order = np.lexsort((values, leaves))
        self.donors_ = order.astype(np.int32)
        counts = np.bincount(leaves, minlength=self.tree_.node_count)
        self.starts_ = np.concatenate([[0], np.cumsum(counts)])
        return self

    def leaf(
        self, features: NDArray[np.float32]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return where in `donors_` the leaf of each row starts and stops.

        Parameters
        ----------
        features : ndarray of shape (n_rows, n_features)

        Returns
        -------
        start, stop : ndarray of shape (n_rows,)
        """
        leaves = self.tree_.apply(features)
        return self.starts_[leaves], self.starts_[leaves + 1]
