"""Measures of how many training rows appear among the synthetic ones."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import _num_samples

from skgen._nearest import within_box
from skgen.metrics._columns import Alignment, align, row_keys
from skgen.metrics._fresh import with_baseline
from skgen.metrics._parameters import checked
from skgen.metrics._places import numeric_ranges


@checked()
def copies(
    real: Any, synthetic: Any, *, held_out: Any = None, return_baseline: bool = False
) -> float | tuple[float, float]:
    """<definition>.

    Parameters
    ----------
    <training rows>

    <synthetic>

    <held_out of the baseline>

    <return_baseline>

    Returns
    -------
    share : float
        Share in [0, 1], lower being more private. Good is what fresh rows get.

    baseline : float
        The share of the held-out rows; only if `return_baseline` is True.

    Raises
    ------
    <table errors>

    See Also
    --------
    distance_to_closest_record : Tells how far the other rows are.
    hitting_rate : Allows for differences of numbers.

    Notes
    -----
    Values are equal when all of their digits are; a missing value equals a missing
    value. Tables of few, coarse columns repeat rows by chance: compare with the
    share that held-out rows get. A row that differs in the last digit of one number
    is missed.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.metrics import copies
    >>> real = pd.DataFrame({"age": [20, None], "device": ["phone", "pc"]})
    >>> synthetic = pd.DataFrame({"age": [20, None], "device": ["pc", "pc"]})
    >>> copies(real, synthetic)
    0.5
    """

    def compute(rows: Any, *_: Any) -> float:
        keys = row_keys(real=real, synthetic=rows)
        return float(np.isin(keys["synthetic"], keys["real"]).mean())

    return with_baseline(compute, synthetic, held_out, return_baseline)


@checked(threshold=[Interval(Real, 0, 1, closed="both")])
def hitting_rate(
    real: Any,
    synthetic: Any,
    *,
    held_out: Any = None,
    threshold: float = 1 / 30,
    random_state: int | np.random.RandomState | None = None,
    return_baseline: bool = False,
) -> float | tuple[float, float]:
    r"""<definition>.

    .. math::

        \frac1{|R|} \sum_{r \in R} \Big[ \exists\, s \in S:
        s_j = r_j \text{ for categories},\;
        |s_j - r_j| \le t\, (\max_j - \min_j) \text{ for numbers} \Big]

    Parameters
    ----------
    real : DataFrame or array-like of shape (n_rows, n_columns)
        Table that the generator was trained on, whose ranges are the units of the
        numbers.

    <synthetic>

    <held_out that limits>

    threshold : float, default=1/30
        Largest difference :math:`t` of a number, as a share of its range in `real`;
        0 asks for equal rows.

    random_state : int, RandomState instance or None, default=None
        Draws the synthetic rows where there are more than held-out ones.

    <return_baseline>

    Returns
    -------
    rate : float
        Share in [0, 1], lower being more private. Copies of all rows get 1; good is
        what fresh rows get.

    baseline : float
        The share that the held-out rows hit; only if `return_baseline` is True.

    Raises
    ------
    <table errors>

    See Also
    --------
    copies : The share of synthetic rows that equal a real row.

    Notes
    -----
    A missing value hits a missing one alone. In a column that is constant in `real`,
    only that value hits. The more columns, the fewer hits: a table of 40 columns in
    which one digit was changed by more than the threshold has none, however much it
    gives away.

    <references>

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.metrics import hitting_rate
    >>> train = pd.DataFrame({"age": [20, 40, 50, 80], "device": list("aabb")})
    >>> synthetic = pd.DataFrame({"age": [21, 41, 65], "device": list("abb")})
    >>> hitting_rate(train, synthetic)
    0.25
    """

    def compute(rows: Any, others: Any, rng: np.random.RandomState) -> float:
        tables = align(real=real, synthetic=rows)
        n_rows = None if others is None else _num_samples(others)
        tables = tables.subsample("synthetic", n_rows, rng)
        places = _boxes(tables)
        hit = within_box(places["synthetic"], places["real"], threshold)
        return float(hit.mean())

    return with_baseline(
        compute, synthetic, held_out, return_baseline, random_state=random_state
    )


def _boxes(tables: Alignment) -> dict[str, np.ndarray]:
    """Place the rows so that their largest difference is that of their numbers.

    Rows with other categories, or other missing numbers, are at least 4 apart.
    """
    low, high = numeric_ranges(tables, "real")
    numbers, kinds = {}, []
    for name in ("real", "synthetic"):
        values = tables[name].numeric
        with np.errstate(divide="ignore", invalid="ignore"):
            scaled = (values - low) / (high - low)
        scaled = np.where(high == low, 4.0 * (values != low), scaled)
        numbers[name] = np.where(np.isnan(values) | np.isinf(low), 0.0, scaled)
        kinds.append(np.column_stack([tables[name].codes, np.isnan(values)]))
    groups = np.zeros(len(kinds[0]) + len(kinds[1]), dtype=np.int64)
    for column in np.concatenate(kinds).astype(np.int64).T:
        # Both factors are at most the number of rows, so the product cannot overflow.
        groups = pd.factorize(groups * (column.max() + 1) + column)[0]
    parts = np.split(4.0 * groups, [len(kinds[0])])
    return {
        name: np.column_stack([part, numbers[name]])
        for name, part in zip(("real", "synthetic"), parts, strict=True)
    }
