"""Codes of very many levels as codes of few: rare levels share buckets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skgen.encodings.correspondence import correspondence, indicators
from skgen.table import Table

# Share of the groups that are buckets of rare levels.
BUCKET_SHARE = 0.25
# Rows that place the rare levels beside each other.
MAX_CONTEXT_ROWS = 100_000


@dataclass(frozen=True)
class _Grouping:
    """The groups of one column.

    Attributes
    ----------
    groups : ndarray of shape (n_levels,)
        Group of each level.

    levels : ndarray of shape (n_entries,)
        Levels sorted by group, and inside a group by label: one entry for each label
        with which the level occurs, and then one for the group as a whole.

    ends : ndarray of shape (n_entries + 1,)
        Rows of the entries so far.

    starts : ndarray of shape (n_groups * (n_classes + 1) + 1,)
        The first entry of each group and label; after those of all labels, the first
        of the group as a whole.
    """

    groups: NDArray[np.int32]
    levels: NDArray[np.int32]
    ends: NDArray[np.int64]
    starts: NDArray[np.intp]


class LevelGroups:
    """Write codes of very many levels as groups of levels, and back.

    A column of more than `max_levels` levels keeps the most frequent ones, each a group
    of its own. The others share buckets of about the same number of rows: neighbours on
    the first axis of their correspondence analysis, so that a bucket's levels occur
    beside similar things. On the way back a bucket stands for one of its levels, drawn
    by its frequency given the bucket and the row's label: any level that was learned
    from can return. Columns of fewer levels stay as they are.

    Parameters
    ----------
    max_levels : int, default=256
        Greatest number of groups of a column, at least 2; one in four is a bucket.

    Attributes
    ----------
    cardinalities_ : ndarray of int of shape (n_codes,)
        Number of groups of each column.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from skgen.encodings.rare_levels import LevelGroups
    >>> from skgen.table import TableSchema
    >>> rng = np.random.RandomState(0)
    >>> user = rng.zipf(1.5, size=5000).astype(str)
    >>> X = pd.DataFrame({"user": user, "age": rng.normal(size=5000)})
    >>> table = TableSchema().fit(X).transform(X)
    >>> labels = np.zeros(5000, dtype=int)
    >>> levels = LevelGroups(max_levels=16).fit(table, labels, rng)
    >>> levels.cardinalities_
    array([16])
    >>> groups = levels.transform(table.codes)
    >>> codes = levels.inverse_transform(groups, labels, rng)
    >>> bool((levels.transform(codes) == groups).all())
    True
    """

    def __init__(self, *, max_levels: int = 256) -> None:
        self.max_levels = max_levels

    def fit(
        self, table: Table, labels: NDArray[np.intp], rng: np.random.RandomState
    ) -> LevelGroups:
        """Learn the groups.

        Parameters
        ----------
        table : Table of n_samples rows

        labels : ndarray of shape (n_samples,)
            Index of each row's label.

        rng : RandomState
            Draws the rows that place rare levels, and seeds their decomposition.

        Returns
        -------
        self : LevelGroups
        """
        self.cardinalities_ = np.minimum(table.cardinalities, self.max_levels)
        self._n_classes = int(labels.max()) + 1
        self._groupings = {
            code: self._group(table, code, labels, rng)
            for code in np.flatnonzero(table.cardinalities > self.max_levels).tolist()
        }
        return self

    def transform(self, codes: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the group of each code.

        Parameters
        ----------
        codes : ndarray of int of shape (n_samples, n_codes)

        Returns
        -------
        groups : ndarray of int32 of shape (n_samples, n_codes)
        """
        groups = np.array(codes, dtype=np.int32)
        for code, grouping in self._groupings.items():
            groups[:, code] = grouping.groups[codes[:, code]]
        return groups

    def inverse_transform(
        self,
        groups: NDArray[np.int32],
        labels: NDArray[np.intp],
        rng: np.random.RandomState,
    ) -> NDArray[np.int32]:
        """Return a code for each group.

        Parameters
        ----------
        groups : ndarray of int of shape (n_samples, n_codes)

        labels : ndarray of shape (n_samples,)
            Index of each row's label.

        rng : RandomState
            Draws the levels of buckets.

        Returns
        -------
        codes : ndarray of int32 of shape (n_samples, n_codes)
        """
        codes = np.array(groups, dtype=np.int32)
        for code, grouping in self._groupings.items():
            at = groups[:, code].astype(np.intp) * (self._n_classes + 1)
            ends, starts = grouping.ends, grouping.starts
            low, high = ends[starts[at + labels]], ends[starts[at + labels + 1]]
            # The label may be new to the bucket.
            empty = low == high
            whole = at[empty] + self._n_classes
            low[empty], high[empty] = ends[starts[whole]], ends[starts[whole + 1]]
            row = low + (rng.uniform(size=len(at)) * (high - low)).astype(np.int64)
            entry = np.searchsorted(ends, row, side="right") - 1
            codes[:, code] = grouping.levels[entry]
        return codes

    def _group(
        self,
        table: Table,
        code: int,
        labels: NDArray[np.intp],
        rng: np.random.RandomState,
    ) -> _Grouping:
        levels = table.codes[:, code]
        n_levels = int(table.cardinalities[code])
        counts = np.bincount(levels, minlength=n_levels)
        n_buckets = max(1, int(BUCKET_SHARE * self.max_levels))
        n_kept = self.max_levels - n_buckets
        # Stable: of equally frequent levels the first are kept.
        order = np.argsort(-counts, kind="stable")
        kept, rare = np.sort(order[:n_kept]), np.sort(order[n_kept:])
        groups = np.empty(n_levels, dtype=np.int32)
        groups[kept] = np.arange(n_kept)
        places = self._places(table, code, rare, labels, rng)
        rare = rare[np.argsort(places, kind="stable")]
        # A level that no row has weighs next to nothing, but has a bucket.
        weights = np.maximum(counts[rare], 1e-9)
        middle = (np.cumsum(weights) - 0.5 * weights) / weights.sum()
        # Each bucket has a level, also where one level has most of the rows.
        bucket = np.minimum((middle * n_buckets).astype(np.intp), n_buckets - 1)
        bucket = _without_gaps(bucket, n_buckets)
        groups[rare] = n_kept + bucket
        return _tabulate(groups, levels, labels, self.max_levels, self._n_classes)

    def _places(
        self,
        table: Table,
        code: int,
        rare: NDArray[np.intp],
        labels: NDArray[np.intp],
        rng: np.random.RandomState,
    ) -> NDArray[np.float64]:
        """Return where rare levels stand by what occurs beside them."""
        place = np.full(int(table.cardinalities[code]), -1, dtype=np.int32)
        place[rare] = np.arange(len(rare))
        rows = np.flatnonzero(place[table.codes[:, code]] >= 0)
        if len(rows) > MAX_CONTEXT_ROWS:
            rows = np.sort(rng.choice(rows, MAX_CONTEXT_ROWS, replace=False))
        if not len(rows):
            return np.zeros(len(rare))
        part = table.take(rows)
        narrow = [
            field
            for field in table.fields
            if all(table.cardinalities[i] <= self.max_levels for i in field.codes)
        ]
        context = indicators(part, narrow, labels[rows])
        levels = place[part.codes[:, code]]
        return correspondence(levels, len(rare), context, rng)[:, 0]


def _without_gaps(bucket: NDArray[np.intp], n_buckets: int) -> NDArray[np.intp]:
    """Move the borders of sorted buckets so that each of them has a level."""
    n_levels = len(bucket)
    starts = np.searchsorted(bucket, np.arange(n_buckets))
    # At least one after another from the left, and room for the rest on the right.
    steps = np.arange(n_buckets)
    starts = np.maximum.accumulate(starts - steps) + steps
    starts = np.minimum(starts, n_levels - n_buckets + steps)
    return np.searchsorted(starts, np.arange(n_levels), side="right") - 1


def _tabulate(
    groups: NDArray[np.int32],
    levels: NDArray[np.int32],
    labels: NDArray[np.intp],
    n_groups: int,
    n_classes: int,
) -> _Grouping:
    """Count the levels of each group, by label and in all."""
    n_levels = len(groups)
    pairs, counts = np.unique(
        levels.astype(np.int64) * n_classes + labels, return_counts=True
    )
    level, label = pairs // n_classes, pairs % n_classes
    totals = np.bincount(levels, minlength=n_levels)
    # What no row has stands for itself, if a generator draws its group.
    lonely = np.bincount(groups, weights=totals, minlength=n_groups) == 0
    totals = np.where(lonely[groups], 1, totals)
    every = np.flatnonzero(totals)
    level = np.concatenate([level, every])
    label = np.concatenate([label, np.full(len(every), n_classes)])
    counts = np.concatenate([counts, totals[every]])
    keys = groups[level].astype(np.int64) * (n_classes + 1) + label
    order = np.argsort(keys, kind="stable")
    starts = np.searchsorted(keys[order], np.arange(n_groups * (n_classes + 1) + 1))
    ends = np.concatenate([[0], np.cumsum(counts[order])])
    return _Grouping(groups, level[order].astype(np.int32), ends, starts)
