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
        used: NDArray[np.int64],
        rng: np.random.RandomState,
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Draw a donor for each row, and one that stands next to it.

        Where a leaf has n training rows of the row's own label, the donor is one of
        them with probability n / (n + 1), and else any row of the leaf. Of the donors
        that may be drawn, those used least come first, ties at random: so each value
        is drawn about as often as it occurs, and not as often as chance would have it.

        Parameters
        ----------
        features : ndarray of shape (n_rows, n_features)

        labels : ndarray of shape (n_rows,)

        training_labels : ndarray of shape (n_samples,)

        used : ndarray of int of shape (n_samples,)
            How often each training row was drawn before; changed in place.

        rng : RandomState

        Returns
        -------
        donors : ndarray of int of shape (n_rows,)
            Training rows.

        neighbours : ndarray of int of shape (n_rows,)
            Training rows of the donor's leaf and label that come before or after it in
            the order of `values`; the donor itself at the ends.
        """
        leaves = self.tree_.apply(features)
        cells = np.repeat(np.arange(len(self.starts_) - 1), np.diff(self.starts_))
        of_rows = leaves * self.n_labels_ + labels
        start, stop = self._span(of_rows)
        own = stop - start
        confined = rng.uniform(size=len(labels)) * (own + PRIOR_ROWS) < own
        place = np.empty(len(labels), dtype=np.intp)
        for chosen, wanted, groups in (
            (confined, of_rows, cells),
            (~confined, leaves, cells // self.n_labels_),
        ):
            rows = np.flatnonzero(chosen)
            if len(rows):
                found = draw_evenly(wanted[rows], groups, used[self.donors_], rng)
                used += np.bincount(self.donors_[found], minlength=len(used))
                place[rows] = found
        donors = self.donors_[place].astype(np.intp)
        start, stop = self._span(leaves * self.n_labels_ + training_labels[donors])
        step = rng.randint(2, size=len(labels)) * 2 - 1
        return donors, self.donors_[np.clip(place + step, start, stop - 1)]

    def _span(self, cells: NDArray[np.intp]) -> tuple[NDArray, NDArray]:
        return self.starts_[cells], self.starts_[cells + 1]


def draw_evenly(
    wanted: NDArray[np.intp],
    groups: NDArray[np.intp],
    used: NDArray[np.int64],
    rng: np.random.RandomState,
) -> NDArray[np.intp]:
    """Draw a member of a group for each row, those used least first.

    Parameters
    ----------
    wanted : ndarray of shape (n_rows,)
        The group of each row.

    groups : ndarray of shape (n_members,)
        The group of each member, in increasing order.

    used : ndarray of shape (n_members,)
        How often each member was drawn before.

    rng : RandomState
        Breaks ties.

    Returns
    -------
    members : ndarray of int of shape (n_rows,)
        Positions in `groups`. A member is drawn again only when all others of its group
        have been.
    """
    ties = rng.randint(2**24, size=len(groups))
    key = (groups.astype(np.int64) << 32) | (np.minimum(used, 255) << 24) | ties
    by_use = np.argsort(key)
    order = np.argsort(wanted, kind="stable")
    in_order = wanted[order]
    first = np.searchsorted(in_order, in_order)
    start = np.searchsorted(groups, in_order)
    size = np.searchsorted(groups, in_order, side="right") - start
    members = np.empty(len(wanted), dtype=np.intp)
    members[order] = by_use[start + (np.arange(len(wanted)) - first) % size]
    return members
