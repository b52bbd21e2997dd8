"""Correspondence analysis: levels that occur beside the same things stand near."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.stats import rankdata
from sklearn.utils.extmath import randomized_svd

from skgen.table import ColumnSpec, Table

N_BINS = 8
N_COMPONENTS = 8
# Rows of the overall mean that are added to each level's own.
PRIOR_ROWS = 10.0


def bin_codes(values: NDArray[np.float64], n_bins: int = N_BINS) -> NDArray[np.intp]:
    """Return the quantile bin, 0, ..., n_bins - 1, of each value.

    Equal values share a bin.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)

    n_bins : int, default=8

    Returns
    -------
    bins : ndarray of int of shape (n_samples,)
    """
    shares = (rankdata(values) - 0.5) / max(1, len(values))
    return np.minimum((shares * n_bins).astype(np.intp), n_bins - 1)


def indicators(
    table: Table, fields: Sequence[ColumnSpec], labels: NDArray
) -> sparse.csr_matrix:
    """Write the label and some columns as indicators of levels and quantile bins.

    Parameters
    ----------
    table : Table of n_samples rows

    fields : sequence of ColumnSpec

    labels : ndarray of shape (n_samples,)

    Returns
    -------
    indicators : sparse matrix of shape (n_samples, n_indicators)
    """
    n_samples = len(table)
    blocks = [(labels, int(labels.max()) + 1)]
    for field in fields:
        if field.number is not None:
            blocks.append((bin_codes(table.numeric[:, field.number]), N_BINS))
        for code in field.codes:
            blocks.append((table.codes[:, code], int(table.cardinalities[code])))
    rows, columns, offset = [], [], 0
    for codes, width in blocks:
        # One indicator tells two levels apart.
        named = np.flatnonzero(codes) if width == 2 else np.arange(n_samples)
        rows.append(named)
        columns.append(codes[named] + offset)
        offset += width
    at = (np.concatenate(rows), np.concatenate(columns))
    return sparse.csr_matrix((np.ones(len(at[0])), at), shape=(n_samples, offset))


def correspondence(
    levels: NDArray[np.int32],
    n_levels: int,
    context: sparse.csr_matrix,
    random_state: np.random.RandomState,
) -> NDArray[np.float64]:
    """Place the levels of a code by their correspondence analysis.

    Levels that occur beside the same things get near places. The counts of rare levels
    are shrunk, as in `level_positions`, else the levels seen once would span the axes.

    Parameters
    ----------
    levels : ndarray of shape (n_samples,)

    n_levels : int

    context : sparse matrix of shape (n_samples, n_indicators)
        Indicators of what is known already, from `indicators`.

    random_state : RandomState

    Returns
    -------
    places : ndarray of shape (n_levels, at most 8)

    References
    ----------
    M. Greenacre, "Correspondence Analysis in Practice", 3rd ed., Chapman and Hall/CRC,
    2017, appendix A.
    """
    n_samples = len(levels)
    rows = sparse.csr_matrix(
        (np.ones(n_samples), (levels, np.arange(n_samples))),
        shape=(n_levels, n_samples),
    )
    counts = (rows @ context).tocsr()
    row_mass = np.asarray(counts.sum(axis=1)).ravel()
    column_mass = np.asarray(counts.sum(axis=0)).ravel()
    blocks = max(1.0, counts.sum() / n_samples)
    scale_rows = sparse.diags(1 / np.sqrt(row_mass + blocks * PRIOR_ROWS))
    scale_columns = sparse.diags(1 / np.sqrt(column_mass + PRIOR_ROWS))
    scaled = scale_rows @ counts @ scale_columns
    n_components = min(N_COMPONENTS + 1, *scaled.shape)
    if n_components < 2:
        return np.zeros((n_levels, 1))
    left, singular, _ = randomized_svd(
        scaled, n_components, n_iter=4, random_state=random_state
    )
    # The first axis is the trivial one: the levels' frequencies.
    places = (scale_rows @ left[:, 1:]) * singular[1:]
    spread = np.sqrt(np.average(places[:, 0] ** 2, weights=row_mass))
    return places / spread if spread > 0 else places
