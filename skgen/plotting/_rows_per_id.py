"""How many rows the ids of a column have."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from skgen.plotting._categories import CategoryDisplay
from skgen.plotting._tables import pooled_column

# Numbers of rows up to these are one bar each.
BOUNDS = (1, 2, 4, 8, 16, 32, 64)


@dataclass(kw_only=True, eq=False, repr=False)
class RowsPerIdDisplay(CategoryDisplay):
    """Shares of the rows by how often their id occurs, in real and synthetic rows.

    In a click log most ids occur once or twice. It is recommended to use `from_samples`
    or `from_estimator`; all parameters are stored as attributes.

    Parameters
    ----------
    column : column name
        The column of ids.

    categories : list of str
        Names of the bars: numbers of rows of an id.

    real_shares, synthetic_shares : ndarray of shape (n_bars,)
        Share of the rows of each table.

    <notes>

    Attributes
    ----------
    <ax_>

    See Also
    --------
    skgen.metrics.id_frequency_distance : The difference as a number.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.plotting import RowsPerIdDisplay
    >>> real = pd.DataFrame({"user": ["a", "b", "c", "c"]})
    >>> synthetic = pd.DataFrame({"user": ["d", "d", "e", "e"]})
    >>> display = RowsPerIdDisplay.from_samples(real, synthetic, column="user")
    >>> print(display.describe())
    Shares of the rows by how often their value of 'user' occurs in real and synthetic
    rows: 1 50.0 % and 0 %, 2 50.0 % and 100 %.
    """

    @classmethod
    def from_samples(  # type: ignore[override]
        cls, real: Any, synthetic: Any, *, column: Hashable
    ) -> Self:
        """Count the rows of each id.

        Parameters
        ----------
        real, synthetic : DataFrame or array-like of shape (n_rows, n_columns)
            Tables with the same columns, best of the same number of rows.

        column : column name
            The column of ids; its position for arrays.

        Returns
        -------
        display : RowsPerIdDisplay

        Raises
        ------
        ValueError
            As for :class:`CategoryDisplay`.
        """
        pooled = pooled_column(real, synthetic, column)
        shares = []
        for part in (slice(None, pooled.n_real), slice(pooled.n_real, None)):
            values = pd.Series(pooled.values).iloc[part]
            counts = values.map(values.value_counts()).dropna().to_numpy(dtype=int)
            bars = np.searchsorted(BOUNDS, counts, side="left")
            shares.append(np.bincount(bars, minlength=len(BOUNDS) + 1) / len(counts))
        shown = np.max(np.nonzero(np.sum(shares, axis=0))) + 1
        lows = [1, *(bound + 1 for bound in BOUNDS)]
        names = [
            str(low) if low == high else f"{low} to {high}"
            for low, high in zip(lows, BOUNDS, strict=False)
        ]
        names.append(f"{lows[-1]} or more")
        return cls(
            column=column,
            categories=names[:shown],
            real_shares=shares[0][:shown],
            synthetic_shares=shares[1][:shown],
        )

    def _subject(self) -> str:
        return f"Shares of the rows by how often their value of {self.column!r} occurs"
