"""Measures that compare the distributions of numeric columns."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import signal, stats
from sklearn.utils._param_validation import StrOptions

from skgen.metrics._bins import (
    count_pair,
    numeric_columns,
    summarize_columns,
    variation_of,
)
from skgen.metrics._columns import Alignment, align
from skgen.metrics._parameters import checked
from skgen.metrics._places import numeric_ranges

# A density is drawn in steps of this share of the bandwidth, and up to this many
# bandwidths beyond the last value.
_STEP = 1 / 8


_REACH = 5


@checked()
def ks_statistic(
    real: Any, synthetic: Any, *, per_column: bool = False
) -> float | pd.Series:
    r"""<definition>.

    The largest distance between the distribution functions of a real and a synthetic
    column, averaged over the columns. In [0, 1], lower is better: 0 for equal
    distributions, 1 for disjoint ones.

    .. math::

        D = \sup_x |F_P(x) - F_Q(x)|

    Parameters
    ----------
    <tables of numbers>

    per_column : bool, default=False
        Whether to return the statistic of each column instead of their mean.

    Returns
    -------
    statistic : float or Series
        Mean statistic, or the statistic of each numeric column under its name.

    Raises
    ------
    ValueError
        If there is no numeric column, if the tables' columns differ in names, number,
        order or kind, or if a table is empty or holds infinities.

    See Also
    --------
    js_divergence : Compares the columns of every kind.
    scipy.stats.ks_2samp : The statistic of one column.

    Notes
    -----
    The statistic is that of the values that are not missing. The distance between the
    shares of missing values takes its place where it is larger, or where a table has
    no other value in the column. It misses the tails, where distribution functions are
    close, how far values are off, and all dependence of columns.

    <references>

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.metrics import ks_statistic
    >>> real = pd.DataFrame({"age": [20, 30, 40, 50], "paid": [0.0, 1.0, 2.0, None]})
    >>> synthetic = pd.DataFrame({"age": [20, 30, 60, 60], "paid": [0.0, 1, 2, 2]})
    >>> ks_statistic(real, synthetic, per_column=True)
    age     0.50
    paid    0.25
    dtype: float64
    >>> ks_statistic(real, synthetic)
    0.375
    """
    tables = align(real=real, synthetic=synthetic)
    _check_has_numbers(tables, "js_divergence")
    statistics = []
    for _, a, b in numeric_columns(tables):
        statistic = abs(np.isnan(a).mean() - np.isnan(b).mean())
        a, b = a[~np.isnan(a)], b[~np.isnan(b)]
        if len(a) and len(b):
            # The exact p-value, which is not needed here, takes long, and the other
            # one divides by zero for a single row.
            with np.errstate(divide="ignore", invalid="ignore"):
                result = stats.ks_2samp(a, b, method="asymp")
            statistic = max(statistic, result.statistic)
        statistics.append(float(statistic))
    return summarize_columns(statistics, tables.numeric_names, per_column)


@checked(scale=[StrOptions({"range"}), None])
def earth_movers_distance(
    real: Any,
    synthetic: Any,
    *,
    scale: str | None = "range",
    per_column: bool = False,
) -> float | pd.Series:
    r"""<definition>.

    .. math::

        W(P, Q) = \int |F_P(x) - F_Q(x)| \, dx,

    with the distribution functions :math:`F`, averaged over the columns: how far the
    values have to be moved. At least 0, lower is better, 0 for equal distributions.

    Parameters
    ----------
    real, synthetic : DataFrame or array-like of shape (n_rows, n_columns)
        Tables with the same columns. With ``scale=None``, numbers, dates and durations
        are compared, and the other columns are not.

    scale : {"range"} or None, default="range"
        The unit of a numeric column: the range of the real column, so that columns can
        be averaged, or the column's own unit (seconds for dates and durations).

    <distance of columns>

    Raises
    ------
    ValueError
        If the tables' columns differ in names, number, order or kind, or if a table is
        empty or holds infinities; with ``scale=None``, if no column is numeric, or if
        one has no value in one of the tables.

    See Also
    --------
    ks_statistic : Does not see how far values are off.
    scipy.stats.wasserstein_distance : The distance of one column in its own unit.

    Notes
    -----
    With ``scale="range"``,

    - a category is one unit from any other, so that the distance is the
      `total_variation` of its column, a missing category being one;
    - the distance of the observed numbers is followed by that of the shares of missing
      values, :math:`W + |m_P - m_Q|`, and replaced by 1 where one table alone has no
      value in the column;
    - a real column whose range is 0 is one unit from all other values.

    With ``scale=None``, missing values are left out, and the mean over columns of
    different units has a meaning only for the same real table. It misses all
    dependence of columns, and one outlier in the real column makes every distance
    small.

    <references>

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.metrics import earth_movers_distance
    >>> real = pd.DataFrame({"age": [20, 30, 40, 60], "device": ["pc", "tv"] * 2})
    >>> synthetic = pd.DataFrame({"age": [30, 40, 50, 70], "device": ["pc"] * 4})
    >>> earth_movers_distance(real, synthetic, per_column=True)
    age       0.25
    device    0.50
    dtype: float64
    >>> earth_movers_distance(real, synthetic, scale=None)
    10.0
    """
    tables = align(real=real, synthetic=synthetic)
    if scale is None:
        _check_has_numbers(tables, "earth_movers_distance(..., scale='range')")
        values = [_raw_transport(name, a, b) for name, a, b in numeric_columns(tables)]
        return summarize_columns(values, tables.numeric_names, per_column)
    low, high = numeric_ranges(tables, "real")
    scaled = [
        _scaled_transport(a, b, span)
        for (_, a, b), span in zip(numeric_columns(tables), high - low, strict=True)
    ]
    distances = np.empty(len(tables.names))
    distances[tables.is_numeric] = scaled
    distances[~tables.is_numeric] = [
        variation_of(*count_pair(a, b)) for a, b in categorical_columns(tables)
    ]
    return summarize_columns(distances, tables.names, per_column)


@checked()
def kde_overlap(
    real: Any, synthetic: Any, *, per_column: bool = False
) -> float | pd.Series:
    r"""<definition>.

    .. math::

        OVL = \int \min\{\hat f(x), \hat g(x)\} \, dx,

    the area under both densities, averaged over the columns. In [0, 1], higher is
    better: 1 for equal distributions, 0 for disjoint ones.

    Parameters
    ----------
    <tables of numbers>

    per_column : bool, default=False
        Whether to return the overlap of each column instead of their mean.

    Returns
    -------
    overlap : float or Series
        Mean overlap, or the overlap of each numeric column under its name.

    Raises
    ------
    ValueError
        If there is no numeric column, if the tables' columns differ in names, number,
        order or kind, or if a table is empty or holds infinities.

    See Also
    --------
    ks_statistic : Needs no bandwidth.
    total_variation : 1 minus it is the overlap of two histograms.

    Notes
    -----
    Both densities have a Gaussian kernel with the bandwidth of Scott's rule for the
    real column, :math:`n^{-1/5} s` with the standard deviation :math:`s` of its
    :math:`n` values, so that equal columns have equal densities. With the shares
    :math:`m` of missing values, the overlap is
    :math:`\min(m_P, m_Q) + \int \min\{(1 - m_P) \hat f, (1 - m_Q) \hat g\}`. Where the
    real column has one value only, it is the overlap in that value.

    The bandwidth hides point masses and what is finer than it: a column of integers and
    one of the same numbers with decimals overlap. All dependence of columns is missed.

    <references>

    Examples
    --------
    >>> import numpy as np
    >>> from skgen.metrics import kde_overlap
    >>> real, same, shifted = np.random.RandomState(0).normal(size=(3, 5000, 1))
    >>> round(kde_overlap(real, same), 2)
    0.98
    >>> round(kde_overlap(real, shifted + 2), 2)
    0.31
    """
    tables = align(real=real, synthetic=synthetic)
    _check_has_numbers(tables, "total_variation")
    overlaps = [_overlap(a, b) for _, a, b in numeric_columns(tables)]
    return summarize_columns(overlaps, tables.numeric_names, per_column)


def categorical_columns(
    tables: Alignment,
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    return zip(tables["real"].codes.T, tables["synthetic"].codes.T, strict=True)


def _check_has_numbers(tables: Alignment, remedy: str) -> None:
    if not tables.is_numeric.any():
        raise ValueError(
            f"None of the columns {tables.names} is numeric: compare them with "
            f"{remedy}."
        )


def _raw_transport(
    name: Hashable, real: NDArray[np.float64], synthetic: NDArray[np.float64]
) -> float:
    observed = {"real": real, "synthetic": synthetic}
    observed = {table: v[~np.isnan(v)] for table, v in observed.items()}
    for table, values in observed.items():
        if not len(values):
            raise ValueError(
                f"Column {name!r} of {table} has missing values alone, which no "
                "distance in its own unit reaches: leave it out, or take "
                "scale='range'."
            )
    return float(stats.wasserstein_distance(*observed.values()))


def _scaled_transport(
    real: NDArray[np.float64], synthetic: NDArray[np.float64], span: float
) -> float:
    a, b = real[~np.isnan(real)], synthetic[~np.isnan(synthetic)]
    missing = abs(len(a) / len(real) - len(b) / len(synthetic))
    if not len(a) or not len(b):
        return float(len(a) > 0 or len(b) > 0)
    if span == 0:
        return float(np.mean(b != a[0]) + missing)
    return float(stats.wasserstein_distance(a / span, b / span) + missing)


def _overlap(real: NDArray[np.float64], synthetic: NDArray[np.float64]) -> float:
    a, b = real[~np.isnan(real)], synthetic[~np.isnan(synthetic)]
    share_a, share_b = len(a) / len(real), len(b) / len(synthetic)
    missing = min(1 - share_a, 1 - share_b)
    if not len(a) or not len(b):
        return missing
    if np.ptp(a) == 0:
        return missing + min(share_a, share_b * float(np.mean(b == a[0])))
    # In units of the range, squares of large numbers do not overflow.
    low, span = a.min(), np.ptp(a)
    a, b = (a - low) / span, (b - low) / span
    bandwidth = a.std(ddof=1) * len(a) ** -0.2
    # Beyond, the real density is nothing, and with it the smaller one. There are at
    # most about 16 n^0.7 steps, as the range is at most sqrt(2 n) deviations.
    start, step = -_REACH * bandwidth, _STEP * bandwidth
    n_steps = int(np.ceil((1 + 2 * _REACH * bandwidth) / step)) + 1
    kernel = stats.norm.pdf(np.arange(-_REACH / _STEP, _REACH / _STEP + 1) * _STEP)
    kernel /= kernel.sum()
    areas = [
        share
        * signal.fftconvolve(_linear_bins(v, start, step, n_steps), kernel, "same")
        for share, v in ((share_a, a), (share_b, b))
    ]
    overlap = np.minimum(*areas).clip(min=0).sum()
    return float(min(missing + overlap, 1.0))


def _linear_bins(
    values: NDArray[np.float64], start: float, step: float, n_steps: int
) -> NDArray[np.float64]:
    """Share each value between the two grid points beside it, if there are two."""
    at = (values - start) / step
    kept = at[(at >= 0) & (at < n_steps - 1)]
    left = kept.astype(np.intp)
    right_share = kept - left
    counts = np.bincount(left, 1 - right_share, minlength=n_steps)
    counts += np.bincount(left + 1, right_share, minlength=n_steps)
    return counts / len(values)
