"""Numbers as standard normal variables, their masses and gaps left to codes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from skgen.encodings.latent import EDGE, RankAxis
from skgen.table import Table


class NumberRanks:
    """Each number as the normal quantile of its rank among the values that count.

    Where a number does not count (it is missing, or one of its point masses) its rank
    is random: the code that says so is learned apart. Values that several rows share
    take a random place in their interval of ranks, so that they come back as they were.

    Attributes
    ----------
    axes_ : dict of int to RankAxis
        By the column of `Table.numeric`; those without a value that counts left out.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from skgen.encodings.ranks import NumberRanks
    >>> from skgen.table import TableSchema
    >>> X = pd.DataFrame({"age": [31.0, 52.0, 47.0]})
    >>> table = TableSchema().fit(X).transform(X)
    >>> ranks = NumberRanks().fit(table)
    >>> ranks.transform(table, np.random.RandomState(0)).ravel().round(2)
    array([-0.97,  0.97,  0.  ])
    """

    def fit(self, table: Table) -> NumberRanks:
        """Learn the distributions of the numbers.

        Parameters
        ----------
        table : Table of n_samples rows

        Returns
        -------
        self : NumberRanks
        """
        self.axes_: dict[int, RankAxis] = {}
        self._values: dict[int, NDArray[np.float64]] = {}
        ungated = replace(
            table, fields=tuple(replace(field, gated=False) for field in table.fields)
        )
        for number, gate in enumerate(table.gates.tolist()):
            active = table.active(number)
            values = table.numeric[:, number]
            if active.any():
                self.axes_[number] = RankAxis(ungated.take(active), number, None)
            if gate >= 0:
                codes, first = np.unique(table.codes[:, gate], return_index=True)
                held = np.full(int(table.cardinalities[gate]), np.median(values))
                held[codes] = values[first]
                self._values[number] = held
        return self

    def transform(
        self, table: Table, rng: np.random.RandomState
    ) -> NDArray[np.float64]:
        """Return standard normal variables, of shape (n_samples, n_numbers)."""
        uniform = rng.uniform(size=table.numeric.shape)
        for number, axis in self.axes_.items():
            active = table.active(number)
            low, high = axis.bounds(table)
            place = low + (high - low) * uniform[:, number]
            uniform[:, number] = np.where(active, place, uniform[:, number])
        return ndtri(uniform.clip(EDGE, 1 - EDGE))

    def write(self, latent: NDArray[np.float64], table: Table) -> None:
        """Write the numbers of rows whose codes are written already."""
        for number, gate in enumerate(table.gates.tolist()):
            if number in self.axes_:
                self.axes_[number].write(ndtr(latent[:, number]), table)
            if gate >= 0:
                codes = table.codes[:, gate]
                idle = (codes > 0) | (number not in self.axes_)
                held = self._values[number][codes]
                table.numeric[idle, number] = held[idle]

    def counts(self, table: Table) -> NDArray[np.bool_]:
        """Say which numbers count, as an array of shape (n_samples, n_numbers)."""
        n_numbers = table.numeric.shape[1]
        columns = [table.active(number) for number in range(n_numbers)]
        return np.array(columns, dtype=bool).reshape(n_numbers, len(table)).T
