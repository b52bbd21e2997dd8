"""Columns as what a tree is asked for, and as what it may split on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from skgen.encodings.correspondence import (
    N_BINS,
    N_COMPONENTS,
    PRIOR_ROWS,
    bin_codes,
    correspondence,
    indicators,
)
from skgen.table import ColumnSpec, Table

# A code with more levels is embedded, not written out.
MAX_LEVELS = 32


def response(
    table: Table,
    field: ColumnSpec,
    known: Sequence[ColumnSpec],
    labels: NDArray[np.intp],
    random_state: np.random.RandomState,
) -> NDArray[np.float64]:
    """Write a column as the outputs of a regression tree.

    The squared error of a tree on indicators is the Gini impurity. So a number becomes
    its rank and the indicators of its quantile bins, which makes a leaf agree on the
    whole distribution and not on the mean alone; a code becomes the indicators of its
    levels, and one of many levels (or a list of many members) the coordinates of its
    levels in a correspondence analysis against what is known already.

    Parameters
    ----------
    table : Table of n_samples rows

    field : ColumnSpec
        The column to write.

    known : sequence of ColumnSpec
        The columns that are known already.

    labels : ndarray of shape (n_samples,)

    random_state : RandomState
        Seeds the randomized singular value decomposition.

    Returns
    -------
    response : ndarray of float64 of shape (n_samples, n_outputs)
    """
    outputs: list[NDArray] = []
    if field.number is not None:
        active = table.active(field.number)
        values = table.numeric[active, field.number]
        bins = bin_codes(values)
        number = np.zeros((len(table), N_BINS + 1))
        number[np.flatnonzero(active), bins] = 1.0
        # The rank, with the variance of a uniform variable brought to one.
        number[active, N_BINS] = np.sqrt(12) * (rankdata(values) / len(values) - 0.5)
        outputs.append(number)
    for code in field.codes:
        levels = table.codes[:, code]
        n_levels = int(table.cardinalities[code])
        if n_levels == 2:
            outputs.append(levels[:, None].astype(float))
        elif n_levels <= MAX_LEVELS:
            outputs.append(np.eye(n_levels)[levels])
        else:
            context = indicators(table, known, labels)
            places = correspondence(levels, n_levels, context, random_state)
            outputs.append(places[levels])
    stacked = np.hstack(outputs)
    if field.kind == "list" and stacked.shape[1] > MAX_LEVELS:
        centred = stacked - stacked.mean(axis=0)
        axes = np.linalg.eigh(centred.T @ centred)[1][:, -N_COMPONENTS:]
        stacked = centred @ axes
    return stacked


def level_positions(
    levels: NDArray[np.int32],
    n_levels: int,
    response: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> NDArray[np.float32]:
    """Put the levels of a code in the order that serves a response best.

    Each level is placed by the first principal component of the levels' mean
    responses, two of them where there are many levels; for a single output that is the
    order which contains the best split. Means of rare levels are shrunk to the overall
    one.

    Parameters
    ----------
    levels : ndarray of shape (n_samples,)

    n_levels : int

    response : ndarray of shape (n_samples, n_outputs)

    weights : ndarray of shape (n_samples,)

    Returns
    -------
    positions : ndarray of float32 of shape (n_levels, 1 or 2)

    References
    ----------
    D. Coppersmith, S. J. Hong, J. R. M. Hosking, "Partitioning nominal attributes in
    decision trees", Data Mining and Knowledge Discovery 3, 197-217, 1999.

    M. N. Wright, I. R. König, "Splitting on categorical predictors in random forests",
    PeerJ 7:e6339, 2019.
    """
    mass = np.bincount(levels, weights=weights, minlength=n_levels)
    sums = np.column_stack(
        [
            np.bincount(levels, weights=weights * output, minlength=n_levels)
            for output in response.T
        ]
    )
    mean = sums.sum(axis=0) / mass.sum()
    means = (sums + PRIOR_ROWS * mean) / (mass + PRIOR_ROWS)[:, None] - mean
    n_axes = min(2 if n_levels > MAX_LEVELS else 1, response.shape[1])
    axes = np.linalg.eigh((means.T * mass) @ means)[1][:, : -n_axes - 1 : -1]
    return (means @ axes).astype(np.float32)


class FeatureEncoder:
    """Write the label and some columns as what a tree may split on.

    Numbers and ordered codes stay as they are, the levels of other codes are put in
    the order that serves the response, and the members of a list are weighed by their
    covariance with it: the first two directions of partial least squares.

    Parameters
    ----------
    fields : sequence of ColumnSpec
        The columns.
    """

    def __init__(self, fields: Sequence[ColumnSpec]) -> None:
        self.fields = tuple(fields)

    def fit(
        self,
        table: Table,
        response: NDArray[np.float64],
        weights: NDArray[np.float64],
    ) -> FeatureEncoder:
        """Learn the orders of levels and the weights of list members.

        Parameters
        ----------
        table : Table of n_samples rows

        response : ndarray of shape (n_samples, n_outputs)

        weights : ndarray of shape (n_samples,)

        Returns
        -------
        self : FeatureEncoder
        """
        self.positions_: dict[int, NDArray[np.float32]] = {}
        self.directions_: dict[int, NDArray[np.float32]] = {}
        share = weights / weights.sum()
        centred = (response - share @ response) * share[:, None]
        for field in self.fields:
            members = _members(table, field)
            if members:
                cross = table.codes[:, members].T @ centred
                left = np.linalg.svd(cross, full_matrices=False)[0]
                self.directions_[members[0]] = left[:, :2].astype(np.float32)
            for place, code in enumerate(field.codes):
                gate = field.gated and place == 0
                n_levels = int(table.cardinalities[code])
                if n_levels > 2 and not field.ordered and not gate:
                    self.positions_[code] = level_positions(
                        table.codes[:, code], n_levels, response, weights
                    )
        return self

    def transform(self, table: Table, labels: NDArray) -> NDArray[np.float32]:
        """Write rows as features.

        Parameters
        ----------
        table : Table of n_samples rows

        labels : ndarray of shape (n_samples,)

        Returns
        -------
        features : ndarray of float32 of shape (n_samples, n_features)
        """
        columns: list[NDArray] = [labels]
        for field in self.fields:
            if field.number is not None:
                columns.append(table.numeric[:, field.number])
            members = _members(table, field)
            if members:
                codes = table.codes[:, members].astype(np.float32)
                columns.extend((codes @ self.directions_[members[0]]).T)
            for code in field.codes[: len(field.codes) - len(members)]:
                levels = table.codes[:, code]
                if code in self.positions_:
                    columns.extend(self.positions_[code].T[:, levels])
                else:
                    columns.append(levels)
        features = np.empty((len(table), len(columns)), dtype=np.float32)
        for place, column in enumerate(columns):
            features[:, place] = column
        return features


def _members(table: Table, field: ColumnSpec) -> list[int]:
    """Return the codes that indicate the members of a list, if there are many."""
    if field.kind != "list":
        return []
    members = [code for code in field.codes if table.cardinalities[code] == 2]
    return members if len(members) > 2 else []
