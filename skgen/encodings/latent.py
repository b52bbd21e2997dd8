"""Rows in the normal form as points of a continuous space, and back."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import ndtr, ndtri

from skgen._nearest import nearest_row
from skgen.encodings.correspondence import correspondence, indicators
from skgen.table import ColumnSpec, Table

# Uniforms stay so far from 0 and 1.
EDGE = 1e-7


class Axis(ABC):
    """One latent variable: a uniform one, as a function of some of a row's values.

    Parameters
    ----------
    gate : tuple of (int, int) or None
        Column of codes, and the level of it at which the value is missing. The variable
        then says nothing, and is uniform.
    """

    def __init__(self, gate: tuple[int, int] | None) -> None:
        self.gate = gate

    def present(self, table: Table) -> NDArray[np.bool_]:
        """Say in which rows the variable says something."""
        if self.gate is None:
            return np.ones(len(table), dtype=bool)
        code, missing = self.gate
        return table.codes[:, code] != missing

    def bounds(self, table: Table) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the least and the greatest uniform that stand for each row's value."""
        low, high = self._bounds(table)
        if self.gate is not None:
            absent = ~self.present(table)
            low, high = np.where(absent, 0.0, low), np.where(absent, 1.0, high)
        return low, high

    @abstractmethod
    def _bounds(self, table: Table) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the bounds of the rows whose value is there."""

    @abstractmethod
    def write(self, uniform: NDArray[np.float64], table: Table) -> None:
        """Write the values that uniforms stand for into a table."""

    def log_density(self, table: Table) -> NDArray[np.float64]:
        """Return the logarithm of each value's density, or of its probability."""
        low, high = self.bounds(table)
        with np.errstate(divide="ignore"):
            return np.log(high - low)


class LevelAxis(Axis):
    """The levels of a code, each an interval as wide as it is frequent.

    Parameters
    ----------
    table : Table of n_samples rows

    code : int
        The column of codes.

    order : ndarray of shape (n_levels,)
        The levels, from left to right.

    gate : tuple of (int, int) or None
    """

    def __init__(
        self,
        table: Table,
        code: int,
        order: NDArray[np.intp],
        gate: tuple[int, int] | None,
    ) -> None:
        super().__init__(gate)
        levels = table.codes[self.present(table), code]
        counts = np.bincount(levels, minlength=len(order))
        self.code = code
        self.order = order
        self.place = np.argsort(order)
        ends = np.cumsum(counts[order]) / max(1, len(levels))
        self.cuts = np.concatenate([[0.0], ends])

    def _bounds(self, table: Table) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        place = self.place[table.codes[:, self.code]]
        return self.cuts[place], self.cuts[place + 1]

    def write(self, uniform: NDArray[np.float64], table: Table) -> None:
        """Write the levels in whose intervals the uniforms fall."""
        # Levels without rows have no width, and are never hit.
        place = np.searchsorted(self.cuts[1:-1], uniform, side="right")
        table.codes[:, self.code] = self.order[place]


class RankAxis(Axis):
    """A number by its rank; equal values, point masses among them, are intervals.

    Between different values the quantile function is linear.

    Parameters
    ----------
    table : Table of n_samples rows

    number : int
        The column of numbers.

    gate : tuple of (int, int) or None
    """

    def __init__(self, table: Table, number: int, gate: tuple[int, int] | None) -> None:
        super().__init__(gate)
        self.number = number
        self.code = int(table.gates[number])
        values = table.numeric[:, number]
        present = self.present(table)
        self.masses: dict[float, int] = {}
        if self.code >= 0:
            codes = table.codes[:, self.code]
            massive = np.flatnonzero(present & (codes > 0))
            first = np.unique(codes[massive], return_index=True)[1]
            for row in massive[first].tolist():
                self.masses[float(values[row])] = int(codes[row])
        if not present.any():
            present = np.ones(len(table), dtype=bool)
        self.values, counts = np.unique(values[present], return_counts=True)
        ends = np.cumsum(counts) / counts.sum()
        starts = np.concatenate([[0.0], ends[:-1]])
        # A value that occurs once is the middle of its interval.
        alone = counts == 1
        middle = 0.5 * (starts + ends)
        self.low = np.where(alone, middle, starts)
        self.high = np.where(alone, middle, ends)

    def _bounds(self, table: Table) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        values = table.numeric[:, self.number]
        right = np.searchsorted(self.values, values)
        right = np.minimum(right, len(self.values) - 1)
        left = np.maximum(right - 1, 0)
        known = self.values[right] == values
        gap = self.values[right] - self.values[left]
        share = (values - self.values[left]) / np.where(gap > 0, gap, 1.0)
        share = np.clip(share, 0.0, 1.0)
        between = self.high[left] + share * (self.low[right] - self.high[left])
        low = np.where(known, self.low[right], between)
        high = np.where(known, self.high[right], between)
        return low, high

    def write(self, uniform: NDArray[np.float64], table: Table) -> None:
        """Write the quantiles, and the codes of masses."""
        knots = np.column_stack([self.low, self.high]).ravel()
        values = np.interp(uniform, knots, np.repeat(self.values, 2))
        if self.code >= 0:
            codes = np.zeros(len(uniform), dtype=np.int32)
            for mass, code in self.masses.items():
                codes[values == mass] = code
            table.codes[:, self.code] = codes
        table.numeric[:, self.number] = values

    def log_density(self, table: Table) -> NDArray[np.float64]:
        """Return log-densities from the spacings of about sqrt(n_samples) values."""
        low, high = self.bounds(table)
        reach = max(1, int(np.sqrt(len(self.values))))
        at = np.searchsorted(self.values, table.numeric[:, self.number])
        left = np.clip(at - reach, 0, len(self.values) - 1)
        right = np.clip(at + reach, 0, len(self.values) - 1)
        width = self.values[right] - self.values[left]
        share = self.low[right] - self.high[left]
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.log(np.where(high > low, high - low, share / width))


class RangeAxis(Axis):
    """A number by its place in the observed range.

    Parameters
    ----------
    table : Table of n_samples rows

    number : int
        The column of numbers.
    """

    def __init__(self, table: Table, number: int) -> None:
        super().__init__(None)
        self.number = number
        values = table.numeric[:, number]
        self.least = float(values.min())
        self.width = float(np.ptp(values)) or 1.0

    def _bounds(self, table: Table) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        place = (table.numeric[:, self.number] - self.least) / self.width
        return place, place

    def write(self, uniform: NDArray[np.float64], table: Table) -> None:
        """Write the values at their places."""
        table.numeric[:, self.number] = self.least + self.width * uniform

    def log_density(self, table: Table) -> NDArray[np.float64]:
        """Return that of a uniform distribution on the range."""
        return np.full(len(table), -np.log(self.width))


class PatternAxis(Axis):
    """A delimited list as one of those that were seen, in an order of likeness.

    The lists are intervals as wide as they are frequent, in the order of the first axis
    of their correspondence analysis with their members and the other columns.

    Parameters
    ----------
    table : Table of n_samples rows

    field : ColumnSpec

    context : sparse matrix of shape (n_samples, n_indicators)
        Indicators of the other columns.

    gate : tuple of (int, int) or None

    rng : RandomState
    """

    def __init__(
        self,
        table: Table,
        field: ColumnSpec,
        context: sparse.csr_matrix,
        gate: tuple[int, int] | None,
        rng: np.random.RandomState,
    ) -> None:
        super().__init__(gate)
        self.codes = list(field.codes)
        self.number = field.number
        patterns = self._patterns(table)
        present = np.flatnonzero(self.present(table))
        if not len(present):
            present = np.arange(len(table))
        seen, place, counts = np.unique(
            patterns[present], axis=0, return_inverse=True, return_counts=True
        )
        places = np.zeros((len(seen), 1))
        if len(seen) > 1:
            own = sparse.csr_matrix(table.codes[present][:, self.codes] > 0)
            beside = sparse.hstack([own.astype(float), context[present]]).tocsr()
            places = correspondence(
                place.ravel().astype(np.int32), len(seen), beside, rng
            )
        order = np.argsort(places[:, 0], kind="stable")
        self.seen = seen[order]
        self.cuts = np.concatenate([[0.0], np.cumsum(counts[order]) / counts.sum()])
        self._index = {row.tobytes(): i for i, row in enumerate(self.seen)}

    def _patterns(self, table: Table) -> NDArray[np.float64]:
        parts = [table.codes[:, self.codes].astype(np.float64)]
        if self.number is not None:
            parts.append(table.numeric[:, [self.number]])
        return np.ascontiguousarray(np.hstack(parts))

    def _find(self, table: Table) -> NDArray[np.intp]:
        """Return which of the lists seen each row has; -1 for others."""
        patterns = self._patterns(table)
        return np.array([self._index.get(row.tobytes(), -1) for row in patterns], int)

    def _bounds(self, table: Table) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        place = self._find(table)
        new = np.flatnonzero(place < 0)
        if len(new):
            # What was not seen stands where the list that is most like it does.
            unseen = self._patterns(table)[new]
            place[new] = nearest_row(self.seen, unseen, metric="manhattan")
        return self.cuts[place], self.cuts[place + 1]

    def write(self, uniform: NDArray[np.float64], table: Table) -> None:
        """Write the lists in whose intervals the uniforms fall."""
        place = np.searchsorted(self.cuts[1:-1], uniform, side="right")
        patterns = self.seen[place]
        table.codes[:, self.codes] = patterns[:, : len(self.codes)]
        if self.number is not None:
            table.numeric[:, self.number] = patterns[:, -1]

    def log_density(self, table: Table) -> NDArray[np.float64]:
        """Return the logarithms of the lists' frequencies; -inf if not seen."""
        unseen = self.present(table) & (self._find(table) < 0)
        return np.where(unseen, -np.inf, super().log_density(table))


class MissingAxis(Axis):
    """Whether a column's value is missing.

    Parameters
    ----------
    table : Table of n_samples rows

    field : ColumnSpec
    """

    def __init__(self, table: Table, field: ColumnSpec, missing: int) -> None:
        super().__init__(None)
        self.code = field.codes[0]
        self.missing = missing
        self.number = field.number
        absent = table.codes[:, self.code] == missing
        self.share = float(absent.mean())
        # What the normal form holds in the place of a missing number.
        self.filler = 0.0
        if self.number is not None and absent.any():
            self.filler = float(table.numeric[absent, self.number][0])

    def _bounds(self, table: Table) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        absent = table.codes[:, self.code] == self.missing
        return np.where(absent, 0.0, self.share), np.where(absent, self.share, 1.0)

    def write(self, uniform: NDArray[np.float64], table: Table) -> None:
        """Write which values are missing, over those that were written."""
        absent = uniform < self.share
        table.codes[absent, self.code] = self.missing
        if self.number is not None:
            table.numeric[absent, self.number] = self.filler


class LatentEncoder:
    r"""Rows as points of a continuous space, one dimension for each column.

    By the distributional transform [1]_, each value becomes a uniform variable: the
    share of smaller values, and, where rows share the value, a random place in the
    interval that these rows take up. A number with its point masses is one variable;
    so is a category, whose levels are put in the order of the first axis of their
    correspondence analysis, and a list, one of those seen, in such an order. Whether a
    value is missing is a variable of its own, and the value's then says nothing.
    Whatever the point, it stands for values that were seen, or for numbers between
    these, and independent uniforms have the table's marginal distributions.

    Parameters
    ----------
    scaling : {"normal", "min-max"}, default="normal"
        "normal" makes each variable standard normal, "min-max" brings it to [-1, 1]:
        numbers by their range, levels as intervals, and the code of a number's masses
        and missing values is a variable of its own.

    Attributes
    ----------
    axes_ : list of Axis
        One for each latent variable.

    fields_ : list of ColumnSpec
        The column that each latent variable belongs to.

    References
    ----------
    .. [1] L. Rüschendorf, "On the distributional transform, Sklar's theorem, and the
       empirical copula process", Journal of Statistical Planning and Inference 139,
       3921-3927, 2009.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from skgen.encodings.latent import LatentEncoder
    >>> from skgen.table import TableSchema
    >>> X = pd.DataFrame({"age": [31.0, 52.0, 47.0], "city": ["Rome", "Oslo", "Oslo"]})
    >>> table = TableSchema().fit(X).transform(X)
    >>> rng = np.random.RandomState(0)
    >>> encoder = LatentEncoder().fit(table, np.zeros(3, int), rng)
    >>> encoder.transform(table, rng)[:, 0].round(2)
    array([-0.97,  0.97,  0.  ])
    >>> back = encoder.inverse_transform(encoder.transform(table, rng))
    >>> bool((back.codes == table.codes).all())
    True
    """

    def __init__(self, *, scaling: str = "normal") -> None:
        self.scaling = scaling

    def fit(
        self, table: Table, labels: NDArray[np.intp], rng: np.random.RandomState
    ) -> LatentEncoder:
        """Learn the marginal distributions and the order of the levels.

        Parameters
        ----------
        table : Table of n_samples rows

        labels : ndarray of shape (n_samples,)

        rng : RandomState
            Seeds the singular value decomposition that orders levels.

        Returns
        -------
        self : LatentEncoder
        """
        self.axes_: list[Axis] = []
        self.fields_: list[ColumnSpec] = []
        self._template = table.take(np.arange(0))
        for field in table.fields:
            axes = self._axes_of(field, table, labels, rng)
            self.axes_ += axes
            self.fields_ += [field] * len(axes)
        return self

    def _axes_of(
        self,
        field: ColumnSpec,
        table: Table,
        labels: NDArray[np.intp],
        rng: np.random.RandomState,
    ) -> list[Axis]:
        normal = self.scaling == "normal"
        gate = None
        if normal and field.missing is not None:
            gate = (field.codes[0], field.missing)
        axes: list[Axis] = []
        codes = field.codes
        if field.kind == "list" and normal:
            context = _context(table, field, labels)
            axes.append(PatternAxis(table, field, context, gate, rng))
            codes = ()
        elif field.number is not None and normal:
            axes.append(RankAxis(table, field.number, gate))
            codes = codes[int(field.gated) :]
        elif field.number is not None:
            axes.append(RangeAxis(table, field.number))
        for code in codes:
            order = _order(table, field, code, labels, rng)
            axes.append(LevelAxis(table, code, order, gate))
        if gate is not None:
            axes.append(MissingAxis(table, field, gate[1]))
        return axes

    @property
    def n_latents_(self) -> int:
        """Number of latent variables."""
        return len(self.axes_)

    def present(self, table: Table) -> NDArray[np.bool_]:
        """Say which latent variables say something, and which are of missing values.

        Parameters
        ----------
        table : Table of n_samples rows

        Returns
        -------
        present : ndarray of bool of shape (n_samples, n_latents)
        """
        return np.column_stack([axis.present(table) for axis in self.axes_])

    def transform(
        self, table: Table, rng: np.random.RandomState, width: float = 1.0
    ) -> NDArray[np.float64]:
        """Write rows as points; a value that several rows share gets a random place.

        Parameters
        ----------
        table : Table of n_samples rows

        rng : RandomState

        width : float in (0, 1], default=1.0
            Share of its interval, in the middle, that a shared value is placed in. Less
            than 1 leaves room between values.

        Returns
        -------
        latent : ndarray of shape (n_samples, n_latents)
        """
        latent = np.empty((len(table), len(self.axes_)))
        for i, axis in enumerate(self.axes_):
            low, high = axis.bounds(table)
            place = 0.5 + width * (rng.uniform(size=len(table)) - 0.5)
            latent[:, i] = low + (high - low) * place
        if self.scaling == "min-max":
            return 2 * latent - 1
        return ndtri(np.clip(latent, EDGE, 1 - EDGE))

    def inverse_transform(self, latent: NDArray[np.float64]) -> Table:
        """Read rows from points.

        Parameters
        ----------
        latent : ndarray of shape (n_samples, n_latents)
            Any numbers.

        Returns
        -------
        table : Table of n_samples rows
        """
        table = self._template.empty(len(latent))
        normal = self.scaling == "normal"
        for axis, column in zip(self.axes_, latent.T, strict=True):
            uniform = ndtr(column) if normal else 0.5 * (column + 1)
            axis.write(np.clip(uniform, 0.0, 1.0), table)
        return table

    def log_density(self, table: Table) -> NDArray[np.float64]:
        r"""Return the log-density of rows under independent columns.

        A number counts by its density (from spacings of about sqrt(n_samples) values),
        a level or a mass by its probability. With the density :math:`q` of the normal
        latents, the logarithm of the mean of :math:`q(z) / \phi(z)` over a row's points
        :math:`z`, and this beside it, is the row's log-density.

        Parameters
        ----------
        table : Table of n_samples rows

        Returns
        -------
        log_density : ndarray of shape (n_samples,)
        """
        total = np.zeros(len(table))
        for axis in self.axes_:
            total += axis.log_density(table)
        return total


def _order(
    table: Table,
    field: ColumnSpec,
    code: int,
    labels: NDArray[np.intp],
    rng: np.random.RandomState,
) -> NDArray[np.intp]:
    """Return an order in which neighbouring levels occur beside the same things."""
    n_levels = int(table.cardinalities[code])
    if field.ordered or n_levels == 2:
        return np.arange(n_levels)
    context = _context(table, field, labels)
    places = correspondence(table.codes[:, code], n_levels, context, rng)[:, 0]
    return np.argsort(places, kind="stable")


def _context(
    table: Table, field: ColumnSpec, labels: NDArray[np.intp]
) -> sparse.csr_matrix:
    """Return the indicators of the label and all columns but one."""
    others = [other for other in table.fields if other.name != field.name]
    return indicators(table, others, labels)
