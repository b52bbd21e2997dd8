"""SMOTE for numbers and categories."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skgen.encodings.one_hot import embed
from skgen.neighbors._base import TIE_BREAK, NeighborsGenerator, vote
from skgen.table import Table


class SMOTENC(NeighborsGenerator):
    """Draw rows between neighbours, with categories by their majority.

    For columns of any kind. Numbers lie between a row and one of its nearest
    neighbours; each category is the most frequent one among the neighbours.

    Parameters
    ----------
    <k_neighbors>

    <n_jobs>

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
    SMOTE : For numbers only.
    SMOTEN : For categories only, with a distance that depends on the labels.
    imblearn.over_sampling.SMOTENC : The original, for numbers and categories.

    Notes
    -----
    The distance of two rows is Euclidean on the numbers, as they are; each category in
    which they differ adds the square of the median of the standard deviations of the
    class's numbers [1]_. If that median is 0, it is taken over those that vary; if none
    does, or there are only categories, a differing category counts 1. Ties, between
    neighbours and between categories, are broken at random.

    A number that takes few values, a missing value and a frequent value of a number
    count as categories, as in the normal form (:class:`skgen.table.Table`). Where the
    majority of a row's neighbours gives a number, it lies between two rows that have
    one.

    Memory grows with the number of categorical columns, not with that of their
    categories: an object as `k_neighbors` is fitted on an array or a sparse matrix. The
    search compares each row drawn from with all rows of its class.

    References
    ----------
    <smote>

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.neighbors import SMOTENC
    >>> X = pd.DataFrame({
    ...     "age": [21.5, 34.0, 28.5, 45.0, 39.5, 51.0, 62.5, 58.0],
    ...     "city": ["Oslo", "Rome", None, "Rome", "Oslo", "Rome", "Rome", "Oslo"],
    ... })
    >>> y = pd.Series([0, 0, 0, 0, 0, 1, 1, 1], name="click")
    >>> X_new, y_new = SMOTENC(k_neighbors=2, random_state=0).fit_resample(X, y)
    >>> len(X_new), bool(X_new["age"][8:].between(51, 62.5).all())
    (10, True)
    """

    def _find_neighbors(self, label: int, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        table = self._tables[label]
        weight = _category_weight(table)
        numeric = table.numeric
        if len(table.cardinalities):
            ties = self._class_rng(label).uniform(size=len(table))
            numeric = np.column_stack([numeric, TIE_BREAK * weight * ties])
        return self._search(embed(numeric, table.codes, weight), rows)

    def _sample_class(
        self, label: int, n_samples: int, rng: np.random.RandomState
    ) -> Table:
        table = self._tables[label]
        rows = rng.randint(len(table), size=n_samples)
        voters = self._neighbors(label, rows)
        sample = np.arange(n_samples)
        ends = voters[sample, rng.randint(voters.shape[1], size=n_samples)]
        steps = rng.uniform(size=n_samples)
        donors = vote(table.codes, voters, rng)
        codes = np.take_along_axis(table.codes, donors, axis=0)
        start, end = table.numeric[rows], table.numeric[ends]
        for number, gate in enumerate(table.gates):
            if gate < 0:
                continue
            # A row in which the number does not count takes that of a neighbour in
            # which it does. If the majority is a missing value or a point mass, the
            # number comes from the donor of that code.
            active = table.active(number)
            counts = codes[:, gate] == 0
            for side, at in ((start, rows), (end, ends)):
                chance = active[voters] * rng.uniform(0.5, 1, size=voters.shape)
                others = voters[sample, chance.argmax(axis=1)]
                source = np.where(active[at], at, others)
                source = np.where(counts, source, donors[:, gate])
                side[:, number] = table.numeric[source, number]
        return table.like(start + steps[:, None] * (end - start), codes)


def _category_weight(table: Table) -> float:
    """Return what a differing category adds to the distance in SMOTENC."""
    deviations = table.numeric.std(axis=0)
    if len(deviations) and np.median(deviations) > 0:
        return float(np.median(deviations))
    varying = deviations[deviations > 0]
    return float(np.median(varying)) if len(varying) else 1.0
