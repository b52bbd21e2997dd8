"""Rows of numbers and categories as points whose distances can be measured.

The distance between two rows is Euclidean over all columns: a number (a date, a
duration) counts in units of the range of its column in the reference table, and two
different categories are one unit apart.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skgen._nearest import Points
from skgen.metrics._columns import Alignment


def place(
    tables: Alignment,
    reference: str = "real",
    *,
    weights: NDArray[np.float64] | None = None,
) -> dict[str, Points]:
    """Place the rows of aligned tables where their distances can be measured.

    The ranges of the table `reference` are the units of the numbers; `weights`, of
    shape (n_columns,), is what each column's squared difference counts, 1 by default.
    """
    if weights is None:
        weights = np.ones(len(tables.names))
    of_numbers = np.sqrt(weights[tables.is_numeric])
    ranges = numeric_ranges(tables, reference)
    low, high = ranges
    missing = tables.missing_columns()
    points = {}
    for name, table in tables.tables.items():
        numbers = table.numeric
        with np.errstate(divide="ignore", invalid="ignore"):
            scaled = (numbers - low) / (high - low)
        # No range to count in: one unit for any value but the training one. With no
        # training value at all, low is infinite and the indicator tells all.
        scaled = np.where(high == low, (numbers != low).astype(float), scaled)
        scaled = np.where(np.isnan(numbers) | np.isinf(low), 0.5, scaled)
        indicators = np.isnan(numbers[:, missing]) * of_numbers[missing]
        points[name] = Points(
            np.hstack([scaled * of_numbers, indicators]),
            table.codes,
            weights[~tables.is_numeric],
        )
    return points


def numeric_ranges(
    tables: Alignment, name: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the least and greatest number of each column; inf and -inf for none."""
    numbers = tables[name].numeric
    is_missing = np.isnan(numbers)
    low = np.where(is_missing, np.inf, numbers).min(axis=0, initial=np.inf)
    high = np.where(is_missing, -np.inf, numbers).max(axis=0, initial=-np.inf)
    return low, high
