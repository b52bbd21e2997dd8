"""Measures that compare the shares of categories and of bins of numbers."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.spatial.distance import jensenshannon
from sklearn.utils._param_validation import Interval

from skgen.metrics._columns import Alignment, align
from skgen.metrics._parameters import checked


@checked()
def js_divergence(
    real: Any, synthetic: Any, *, n_bins: int = 10, per_column: bool = False
) -> float | pd.Series:
    r"""<definition>.

    .. math::

        JS(P, Q) = \frac12 KL(P \| M) + \frac12 KL(Q \| M), \quad M = \frac{P + Q}{2},

    with logarithms to the base 2, averaged over the columns. In [0, 1], lower is
    better: 0 for equal distributions, 1 for disjoint ones.

    Parameters
    ----------
    <tables>

    n_bins : int, default=10
        Number of quantile bins of a numeric column.

    <divergence of columns>

    Raises
    ------
    <table errors>

    See Also
    --------
    ks_statistic : Compares numeric columns without bins.
    scipy.spatial.distance.jensenshannon : The square root of the divergence.

    Notes
    -----
    Categories are compared by their frequencies. Numbers (dates and durations too) are
    compared by the frequencies of their bins, whose edges are the real column's
    quantiles :math:`0, 1/n, \dots, 1`. Bins hold their upper edge, the first its
    lower edge too; a value at which several quantiles coincide (a point mass) is a
    bin of its own, and so are the values below the real minimum and those above the
    real maximum. In columns of both kinds, the missing values are one more bin.

    It misses what happens inside a bin, the order of the bins, and all dependence of
    columns. In a column of many rare categories, fresh real rows are far from 0.

    <references>

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.metrics import js_divergence
    >>> real = pd.DataFrame({"device": ["phone"] * 3 + ["pc"], "site": list("aabb")})
    >>> synthetic = pd.DataFrame({"device": ["phone"] * 4, "site": list("cdcd")})
    >>> js_divergence(real, synthetic, per_column=True).round(3)
    device    0.138
    site      1.000
    dtype: float64
    """
    return _of_columns(real, synthetic, n_bins, per_column, _divergence)


@checked()
def total_variation(
    real: Any, synthetic: Any, *, n_bins: int = 10, per_column: bool = False
) -> float | pd.Series:
    r"""<definition>.

    .. math::

        TV(P, Q) = \frac12 \sum_b |P_b - Q_b|,

    averaged over the columns: the share of the rows whose value would have to change.
    In [0, 1], lower is better; 0 for equal distributions, 1 for disjoint ones.

    Parameters
    ----------
    <tables>

    <n_bins>

    <distance of columns>

    Raises
    ------
    <table errors>

    See Also
    --------
    js_divergence : Describes the bins.
    contingency_similarity : The same of pairs of columns.

    Notes
    -----
    It misses what happens inside a bin, the order of the bins, and all dependence of
    columns. In a column of many rare categories, fresh real rows are far from 0.

    <references>

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.metrics import total_variation
    >>> real = pd.DataFrame({"device": ["phone"] * 3 + ["pc"], "site": list("aabb")})
    >>> synthetic = pd.DataFrame({"device": ["phone"] * 4, "site": list("cdcd")})
    >>> total_variation(real, synthetic, per_column=True)
    device    0.25
    site      1.00
    dtype: float64
    """
    return _of_columns(
        real, synthetic, n_bins, per_column, lambda p, q: variation_of(p, q)
    )


@checked()
def hellinger_distance(
    real: Any, synthetic: Any, *, n_bins: int = 10, per_column: bool = False
) -> float | pd.Series:
    r"""<definition>.

    .. math::

        H(P, Q) = \frac1{\sqrt2} \Big(\sum_b
            \big(\sqrt{P_b} - \sqrt{Q_b}\big)^2\Big)^{1/2},

    averaged over the columns. In [0, 1], lower is better; 0 for equal distributions,
    1 for disjoint ones.

    Parameters
    ----------
    <tables>

    <n_bins>

    <distance of columns>

    Raises
    ------
    <table errors>

    See Also
    --------
    js_divergence : Describes the bins.
    total_variation : Weighs a rare category by its rows alone.

    Notes
    -----
    A category that one table lacks counts more than in `total_variation`:
    :math:`H^2 \le TV \le \sqrt2 H`. It misses what happens inside a bin, the order of
    the bins, and all dependence of columns.

    <references>

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.metrics import hellinger_distance
    >>> real = pd.DataFrame({"device": ["phone"] * 3 + ["pc"], "site": list("aabb")})
    >>> synthetic = pd.DataFrame({"device": ["phone"] * 4, "site": list("cdcd")})
    >>> hellinger_distance(real, synthetic, per_column=True).round(3)
    device    0.366
    site      1.000
    dtype: float64
    """

    def distance(p: NDArray, q: NDArray) -> float:
        squared = np.sum((np.sqrt(p / p.sum()) - np.sqrt(q / q.sum())) ** 2) / 2
        return float(np.sqrt(min(squared, 1.0)))

    return _of_columns(real, synthetic, n_bins, per_column, distance)


@checked(pseudocount=[Interval(Real, 0, None, closed="left")])
def kl_divergence(
    real: Any,
    synthetic: Any,
    *,
    n_bins: int = 10,
    pseudocount: float = 0.5,
    per_column: bool = False,
) -> float | pd.Series:
    r"""<definition>.

    .. math::

        KL(P \| Q) = \sum_b P_b \log_2 \frac{P_b}{Q_b},
        \qquad P_b = \frac{n_b + \alpha}{n + \alpha B}

    and :math:`Q_b` likewise, over the :math:`B` bins that occur in either table,
    averaged over the columns. At least 0, without an upper limit; lower is better, 0
    for equal distributions.

    Parameters
    ----------
    <tables>

    <n_bins>

    pseudocount : float, default=0.5
        Rows :math:`\alpha` added to each bin of both tables. With 0, the divergence is
        infinite where the synthetic table lacks a real value.

    <divergence of columns>

    Raises
    ------
    <table errors>

    See Also
    --------
    js_divergence : Finite and symmetric; describes the bins.

    Notes
    -----
    It sees what the synthetic table lacks, and hardly what it has in excess: the log
    counts where real rows are. It misses what happens inside a bin and all dependence
    of columns. A pseudocount of 1/2 is the estimator of Krichevsky and Trofimov [2]_.

    <references>

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.metrics import kl_divergence
    >>> real = pd.DataFrame({"device": ["phone", "phone", "pc", "pc"]})
    >>> synthetic = pd.DataFrame({"device": ["phone", "phone", "phone", "pc"]})
    >>> round(kl_divergence(real, synthetic, pseudocount=0), 3)
    0.208
    >>> kl_divergence(real, synthetic[:3], pseudocount=0)
    inf
    """

    def divergence(p: NDArray, q: NDArray) -> float:
        occurs = p + q > 0
        p, q = p[occurs] + pseudocount, q[occurs] + pseudocount
        return max(float(stats.entropy(p, q, base=2)), 0.0)

    return _of_columns(real, synthetic, n_bins, per_column, divergence)


def summarize_columns(
    values: ArrayLike, names: list, per_column: bool
) -> float | pd.Series:
    if per_column:
        return pd.Series(values, index=pd.Index(names), dtype=float)
    return float(np.mean(np.asarray(values, dtype=float)))


def _of_columns(
    real: Any,
    synthetic: Any,
    n_bins: int,
    per_column: bool,
    measure: Callable[[NDArray, NDArray], float],
) -> float | pd.Series:
    """Apply a measure of two histograms to each column."""
    tables = align(real=real, synthetic=synthetic)
    binned = {name: t.T for name, t in binned_columns(tables, n_bins).items()}
    values = [
        measure(*count_pair(a, b))
        for a, b in zip(binned["real"], binned["synthetic"], strict=True)
    ]
    return summarize_columns(values, tables.names, per_column)


def binned_columns(tables: Alignment, n_bins: int) -> dict[str, NDArray[np.int64]]:
    """Return the bin or category of each value, as `js_divergence` describes them.

    Under "real" and "synthetic", integers of shape (n_rows, n_columns).
    """
    binned = {
        name: np.empty((len(tables[name]), len(tables.names)), dtype=np.int64)
        for name in ("real", "synthetic")
    }
    places = np.flatnonzero(tables.is_numeric)
    for place, (_, a, b) in zip(places, numeric_columns(tables), strict=True):
        pair = quantile_bins(a, b, n_bins)
        binned["real"][:, place], binned["synthetic"][:, place] = pair
    for name, table in binned.items():
        table[:, ~tables.is_numeric] = tables[name].codes
    return binned


def numeric_columns(
    tables: Alignment,
) -> Iterator[tuple[Hashable, NDArray[np.float64], NDArray[np.float64]]]:
    return zip(
        tables.numeric_names,
        tables["real"].numeric.T,
        tables["synthetic"].numeric.T,
        strict=True,
    )


def count_pair(
    real: NDArray[np.int64], synthetic: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    n_levels = int(max(real.max(), synthetic.max())) + 1
    p = np.bincount(real, minlength=n_levels).astype(float)
    return p, np.bincount(synthetic, minlength=n_levels).astype(float)


def variation_of(p: NDArray[np.float64], q: NDArray[np.float64]) -> float:
    return float(np.abs(p / p.sum() - q / q.sum()).sum() / 2)


def _divergence(p: NDArray[np.float64], q: NDArray[np.float64]) -> float:
    # Rounding leaves nan or a little more than 1 under scipy's square root.
    return float(np.clip(np.nan_to_num(jensenshannon(p, q, base=2)) ** 2, 0, 1))


def quantile_bins(
    real: NDArray[np.float64], synthetic: NDArray[np.float64], n_bins: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Assign values to the bins that `js_divergence` describes."""
    observed = real[~np.isnan(real)]
    edges, n_quantiles = np.array([]), np.array([])
    if len(observed):
        # Quantiles that are values of the column find point masses exactly.
        quantiles = np.quantile(
            observed, np.linspace(0, 1, n_bins + 1), method="inverted_cdf"
        )
        edges, n_quantiles = np.unique(quantiles, return_counts=True)
    is_mass = np.append(n_quantiles > 1, False)

    def number(values: NDArray[np.float64]) -> NDArray[np.int64]:
        at = np.searchsorted(edges, values, side="left")
        on_edge = np.append(edges, np.nan)[at] == values
        bins = 2 * at + 2
        if len(edges):
            first = on_edge & (at == 0) & ~is_mass[0]
            bins[first] = 4  # the lower edge belongs to the first bin
        bins += on_edge & is_mass[at]
        bins[np.isnan(values)] = 0
        return bins

    return number(real), number(synthetic)
