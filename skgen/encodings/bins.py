"""Rows as one value for each column, each value a level and a cell inside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from skgen.encodings.latent import EDGE
from skgen.encodings.ranks import NumberRanks
from skgen.encodings.rare_levels import LevelGroups
from skgen.table import ColumnSpec, Table

# Least number of rows in a bin and in a cell, on average.
MIN_BIN_ROWS = 32
MIN_CELL_ROWS = 16


@dataclass(frozen=True)
class ColumnValues:
    """The values of one column, as a model of distributions sees them.

    Attributes
    ----------
    field : ColumnSpec
        The column.

    level_of : ndarray of int of shape (n_values,)
        Level of each value: a category or a group of rare ones, that a number is
        missing or a point mass, or a quantile bin.

    cell_of : ndarray of int of shape (n_values,)
        Place of the value among those of its level; 0 where a level is a single value.

    places : ndarray of shape (n_values,)
        Normal quantile of the rank, for the values of numbers; 0 for others.

    counts : ndarray of int of shape (n_values,)
        Training rows that have the value.

    n_masses : int
        Values before the first that is an interval of numbers.

    firsts : ndarray of shape (n_values - n_masses,)
        The least number of each interval.

    bounds : ndarray of shape (n_values - n_masses, 2)
        The ranks, between 0 and 1, of each interval.

    members : tuple of int
        Columns of `Table.codes` that indicate the members of a list.

    rates : ndarray of shape (n_members,)
        Share of the training rows that have each member.
    """

    field: ColumnSpec
    level_of: NDArray[np.int64]
    cell_of: NDArray[np.int64]
    places: NDArray[np.float64]
    counts: NDArray[np.int64]
    n_masses: int
    firsts: NDArray[np.float64]
    bounds: NDArray[np.float64]
    members: tuple[int, ...]
    rates: NDArray[np.float64]

    @property
    def n_values(self) -> int:
        """Number of values."""
        return len(self.level_of)


class RowValues(NamedTuple):
    """Rows as values.

    Attributes
    ----------
    values : ndarray of int32 of shape (n_samples, n_columns)
        The value of each column.

    members : ndarray of int8 of shape (n_samples, n_members)
        Which members the lists have, those of the first list first.
    """

    values: NDArray[np.int32]
    members: NDArray[np.int8]


class RowEncoder:
    """Write each column of a table as one value of a finite set, and back.

    A category is one of its levels, or of the groups of `LevelGroups`. A number is that
    it is missing, one of its point masses, or one of `n_bins` quantile bins and there
    one of `n_cells` cells: intervals of ranks, each a set of neighbouring values. On
    the way back it takes a random rank of its cell, linear between the values that
    occur once. A list is its length and indicators of its members.

    Parameters
    ----------
    n_bins : int, default=64
        Greatest number of quantile bins of a number; they have 32 rows on average, or
        more.

    n_cells : int, default=16
        Greatest number of cells of a bin; they have 16 rows on average, or more.

    max_levels : int or None, default=256
        Greatest number of levels of a category; None is no limit.

    Attributes
    ----------
    columns_ : list of ColumnValues
        In the order of the table's fields.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from skgen.encodings.bins import RowEncoder
    >>> from skgen.table import TableSchema
    >>> rng = np.random.RandomState(0)
    >>> X = pd.DataFrame({"age": np.arange(128.0), "city": ["Oslo", "Rome"] * 64})
    >>> table = TableSchema().fit(X).transform(X)
    >>> encoder = RowEncoder().fit(table, np.zeros(128, dtype=int), rng)
    >>> rows = encoder.transform(table)
    >>> rows.values[[0, 1, 126, 127]]
    array([[0, 0],
           [0, 1],
           [7, 0],
           [7, 1]], dtype=int32)
    >>> encoder.columns_[0].level_of
    array([0, 0, 1, 1, 2, 2, 3, 3])
    """

    def __init__(
        self, *, n_bins: int = 64, n_cells: int = 16, max_levels: int | None = 256
    ) -> None:
        self.n_bins = n_bins
        self.n_cells = n_cells
        self.max_levels = max_levels

    def fit(
        self, table: Table, labels: NDArray[np.intp], rng: np.random.RandomState
    ) -> RowEncoder:
        """Learn the values of each column.

        Parameters
        ----------
        table : Table of n_samples rows

        labels : ndarray of shape (n_samples,)

        rng : RandomState
            See `LevelGroups`.

        Returns
        -------
        self : RowEncoder
        """
        most = np.iinfo(np.intp).max if self.max_levels is None else self.max_levels
        self._template = table.take(np.arange(0))
        self._ranks = NumberRanks().fit(table)
        self._levels = LevelGroups(max_levels=most).fit(table, labels, rng)
        groups = self._levels.transform(table.codes)
        self.columns_: list[ColumnValues] = []
        for field in table.fields:
            if field.number is None:
                column = self._category(field, table, groups)
            else:
                column = self._number(field, table)
            self.columns_.append(column)
        return self

    def transform(self, table: Table) -> RowValues:
        """Write rows as values.

        A number that was not seen falls into the cell of the next smaller one.

        Parameters
        ----------
        table : Table of n_samples rows

        Returns
        -------
        rows : RowValues
        """
        values = np.empty((len(table), len(self.columns_)), dtype=np.int32)
        groups = self._levels.transform(table.codes)
        for i, column in enumerate(self.columns_):
            field = column.field
            if field.number is None:
                values[:, i] = groups[:, field.codes[0]]
                continue
            numbers = table.numeric[:, field.number]
            cell = np.searchsorted(column.firsts, numbers, side="right") - 1
            values[:, i] = column.n_masses + np.maximum(cell, 0)
            if field.gated:
                gate = table.codes[:, field.codes[0]]
                values[:, i] = np.where(gate > 0, gate - 1, values[:, i])
        members = [code for column in self.columns_ for code in column.members]
        return RowValues(values, table.codes[:, members].astype(np.int8))

    def inverse_transform(
        self, rows: RowValues, labels: NDArray[np.intp], rng: np.random.RandomState
    ) -> Table:
        """Read rows from values.

        Parameters
        ----------
        rows : RowValues

        labels : ndarray of shape (n_samples,)

        rng : RandomState
            Draws ranks inside cells and levels inside groups.

        Returns
        -------
        table : Table of n_samples rows
        """
        table = self._template.empty(len(rows.values))
        groups = np.zeros_like(table.codes)
        uniform = rng.uniform(size=table.numeric.shape)
        for i, column in enumerate(self.columns_):
            field, values = column.field, rows.values[:, i]
            if field.number is None:
                groups[:, field.codes[0]] = values
                continue
            cell = np.maximum(values - column.n_masses, 0)
            low, high = column.bounds[cell].T
            place = uniform[:, field.number]
            uniform[:, field.number] = low + (high - low) * place
        members = [code for column in self.columns_ for code in column.members]
        table.codes[:] = self._levels.inverse_transform(groups, labels, rng)
        table.codes[:, members] = rows.members
        for i, column in enumerate(self.columns_):
            if column.field.number is not None and column.field.gated:
                mass = rows.values[:, i] + 1
                counts = mass > column.n_masses
                table.codes[:, column.field.codes[0]] = np.where(counts, 0, mass)
        self._ranks.write(ndtri(uniform), table)
        return table

    def _category(
        self, field: ColumnSpec, table: Table, groups: NDArray[np.int32]
    ) -> ColumnValues:
        code = field.codes[0]
        n_levels = int(self._levels.cardinalities_[code])
        return ColumnValues(
            field,
            level_of=np.arange(n_levels),
            cell_of=np.zeros(n_levels, dtype=np.int64),
            places=np.zeros(n_levels),
            counts=np.bincount(groups[:, code], minlength=n_levels),
            n_masses=n_levels,
            firsts=np.empty(0),
            bounds=np.empty((0, 2)),
            members=field.codes[1:],
            rates=_rates(table, field.codes[1:]),
        )

    def _number(self, field: ColumnSpec, table: Table) -> ColumnValues:
        number = field.number
        assert number is not None
        n_masses, of_masses = 0, np.empty(0, dtype=np.int64)
        if field.gated:
            n_masses = int(table.cardinalities[field.codes[0]]) - 1
            gate = table.codes[:, field.codes[0]]
            of_masses = np.bincount(gate, minlength=n_masses + 1)[1:]
        values = table.numeric[table.active(number), number]
        n_active = len(values)
        if not n_active:
            # All are missing or masses: one interval, which no row has.
            values = table.numeric[:1, number]
        distinct, counts = np.unique(values, return_counts=True)
        bins = _parts(counts, min(self.n_bins, _most(counts, MIN_BIN_ROWS)))
        cells = np.concatenate(
            [
                _parts(part, min(self.n_cells, _most(part, MIN_CELL_ROWS)))
                for part in _split(counts, bins)
            ]
        )
        first = np.flatnonzero(np.diff(bins, prepend=-1) | np.diff(cells, prepend=-1))
        of_cells = np.add.reduceat(counts, first)
        ends = np.cumsum(of_cells) / of_cells.sum()
        starts = np.concatenate([[0.0], ends[:-1]])
        middle = np.clip(0.5 * (starts + ends), EDGE, 1 - EDGE)
        masses = np.arange(n_masses)
        return ColumnValues(
            field,
            level_of=np.concatenate([masses, n_masses + bins[first]]),
            cell_of=np.concatenate([np.zeros_like(masses), cells[first]]),
            places=np.concatenate([np.zeros(n_masses), ndtri(middle)]),
            counts=np.concatenate([of_masses, of_cells if n_active else [0]]),
            n_masses=n_masses,
            firsts=distinct[first],
            bounds=np.column_stack([starts, ends]),
            members=field.codes[int(field.gated) :],
            rates=_rates(table, field.codes[int(field.gated) :]),
        )


def _rates(table: Table, members: tuple[int, ...]) -> NDArray[np.float64]:
    counts = table.codes[:, list(members)].sum(axis=0)
    return counts / len(table)


def _parts(counts: NDArray[np.int64], n_parts: int) -> NDArray[np.int64]:
    """Divide sorted values among parts of about the same number of rows."""
    if len(counts) <= n_parts:
        return np.arange(len(counts))
    middle = (np.cumsum(counts) - 0.5 * counts) / counts.sum()
    part = np.minimum((middle * n_parts).astype(np.int64), n_parts - 1)
    return np.cumsum(np.diff(part, prepend=part[0]) > 0)


def _most(counts: NDArray[np.int64], n_rows: int) -> int:
    """Return the number of parts that have so many rows at least, on average."""
    return max(1, int(counts.sum()) // n_rows)


def _split(
    counts: NDArray[np.int64], parts: NDArray[np.int64]
) -> list[NDArray[np.int64]]:
    return np.split(counts, np.flatnonzero(np.diff(parts)) + 1)
