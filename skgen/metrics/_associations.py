"""Measures that compare the dependence of pairs of columns."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse, stats
from sklearn.utils._param_validation import StrOptions

from skgen.metrics._bins import binned_columns
from skgen.metrics._columns import Alignment, Columns, align
from skgen.metrics._parameters import checked


@checked()
def correlation_difference(
    real: Any, synthetic: Any, *, per_pair: bool = False
) -> float | pd.DataFrame:
    r"""<definition>.

    The association of two columns is Pearson's correlation for two numeric columns,
    the correlation ratio :math:`\eta` for a numeric and a categorical one, and
    Cramér's :math:`V` for two categorical ones. In [0, 2], lower is better; 0 for equal
    associations.

    Parameters
    ----------
    <tables of two columns>

    per_pair : bool, default=False
        Whether to return the difference of each pair instead of their mean.

    Returns
    -------
    difference : float or DataFrame of shape (n_columns, n_columns)
        Mean over the pairs of different columns, 0 at best and 2 at worst, or the
        symmetric table of their differences, whose diagonal is 0.

    Raises
    ------
    <pair errors>

    See Also
    --------
    detection : Sees the dependence of more than two columns.

    Notes
    -----
    With :math:`n_l` rows of category :math:`l`, whose numbers have the mean
    :math:`\bar x_l`, and :math:`n_{lm}` rows of categories :math:`l` and :math:`m`,

    .. math::

        \eta^2 = \frac{\sum_l n_l (\bar x_l - \bar x)^2}{\sum_i (x_i - \bar x)^2},
        \qquad
        V^2 = \frac{1}{\min(r, k) - 1}
              \left(\sum_{l, m} \frac{n_{lm}^2}{n_l n_m} - 1\right)

    where :math:`r` and :math:`k` categories occur. Rows in which a number is missing
    are left out of its pairs; a missing value is a category. A constant column has the
    association 0 with every other. :math:`\eta` and :math:`V` grow as the rows get few
    for the categories, so compare tables of about the same size. Only the cells of
    :math:`n_{lm}` that occur are kept, so memory grows with the rows, not with the
    product of the categories. It misses dependence that is not linear, and that of more
    than two columns.

    <references>

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.metrics import correlation_difference
    >>> real = pd.DataFrame({"x": [1, 2, 3, 4], "y": [2, 4, 6, 8], "z": list("aabb")})
    >>> synthetic = real.assign(y=real["y"][::-1].to_numpy())
    >>> correlation_difference(real, synthetic, per_pair=True)
         x    y    z
    x  0.0  2.0  0.0
    y  2.0  0.0  0.0
    z  0.0  0.0  0.0
    >>> round(correlation_difference(real, synthetic), 3)
    0.667
    """
    tables = align(real=real, synthetic=synthetic)
    check_two_columns(tables)
    difference = np.abs(
        column_associations(tables, "real") - column_associations(tables, "synthetic")
    )
    return _summary(difference, tables.names, per_pair)


@checked(method=[StrOptions({"pearson", "spearman"})])
def correlation_similarity(
    real: Any,
    synthetic: Any,
    *,
    method: Literal["pearson", "spearman"] = "pearson",
    per_pair: bool = False,
) -> float | pd.DataFrame:
    r"""<definition>.

    .. math::

        1 - \frac{|\rho_{ij} - \rho'_{ij}|}2,

    with the correlations :math:`\rho` of the real and :math:`\rho'` of the synthetic
    columns, averaged over the pairs. In [0, 1], higher is better; 1 for equal
    correlations.

    Parameters
    ----------
    real, synthetic : DataFrame or array-like of shape (n_rows, n_columns)
        Tables with the same columns, of which two or more are numeric. The others are
        not compared.

    method : {"pearson", "spearman"}, default="pearson"
        Pearson's correlation, or that of the ranks.

    per_pair : bool, default=False
        Whether to return the similarity of each pair instead of their mean.

    Returns
    -------
    similarity : float or DataFrame of shape (n_numeric, n_numeric)
        Mean over the pairs of different columns, or the symmetric table, whose
        diagonal is 1.

    Raises
    ------
    ValueError
        If less than two columns are numeric, if the tables' columns differ in names,
        number, order or kind, or if a table is empty or holds infinities.

    See Also
    --------
    correlation_difference : Associations of columns of every kind.
    contingency_similarity : Sees dependence of any shape.

    Notes
    -----
    Rows in which a number is missing are left out of its pairs. A constant column has
    the correlation 0 with every other. Dependence that is not linear (or monotone), or
    of more than two columns, is missed; where real columns are independent, so are
    shuffled ones.

    <references>

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.metrics import correlation_similarity
    >>> real = pd.DataFrame({"x": [1, 2, 3, 4], "y": [2, 4, 6, 8]})
    >>> correlation_similarity(real, real)
    1.0
    >>> correlation_similarity(real, real.assign(y=[8, 6, 4, 2]))
    0.0
    """
    tables = align(real=real, synthetic=synthetic)
    names = tables.numeric_names
    if len(names) < 2:
        raise ValueError(
            f"Of the columns {tables.names}, {len(names)} are numeric, and two are "
            "needed: compare the table with contingency_similarity."
        )
    a, b = (_correlations(tables[name], method) for name in ("real", "synthetic"))
    similarity = 1 - np.abs(a - b) / 2
    np.fill_diagonal(similarity, 1.0)
    return _summary(similarity, names, per_pair)


@checked()
def contingency_similarity(
    real: Any, synthetic: Any, *, n_bins: int = 10, per_pair: bool = False
) -> float | pd.DataFrame:
    r"""<definition>.

    .. math::

        1 - \frac12 \sum_{l, m} |P_{lm} - Q_{lm}|,

    1 minus the total variation distance of the joint distributions of two columns,
    averaged over the pairs. In [0, 1], higher is better; 1 for equal tables, 0 for
    disjoint ones.

    Parameters
    ----------
    <tables of two columns>

    <n_bins>

    per_pair : bool, default=False
        Whether to return the similarity of each pair instead of their mean.

    Returns
    -------
    similarity : float or DataFrame of shape (n_columns, n_columns)
        Mean over the pairs of different columns, or the symmetric table, whose
        diagonal is the similarity of the columns themselves.

    Raises
    ------
    <pair errors>

    See Also
    --------
    total_variation : The same of single columns.
    mutual_information_difference : Sees the dependence without the columns' shares.

    Notes
    -----
    Missing values are a category of their own. With many cells for the rows, fresh real
    rows are far from 1: compare with what held-out rows get. Dependence of more than
    two columns is missed.

    <references>

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.metrics import contingency_similarity
    >>> real = pd.DataFrame({"device": ["pc", "tv"] * 2, "site": ["a", "b"] * 2})
    >>> synthetic = real.assign(site=["a", "a", "b", "b"])
    >>> contingency_similarity(real, synthetic)
    0.5
    """
    tables = align(real=real, synthetic=synthetic)
    check_two_columns(tables)
    binned = binned_columns(tables, n_bins)
    n_columns = len(tables.names)
    similarity = np.empty((n_columns, n_columns))
    for i in range(n_columns):
        for j in range(i + 1):
            p, q = _joint_counts(binned["real"], binned["synthetic"], i, j)
            distance = np.abs(p / p.sum() - q / q.sum()).sum() / 2
            similarity[i, j] = similarity[j, i] = 1 - distance
    return _summary(similarity, tables.names, per_pair)


@checked(normalized=["boolean"])
def mutual_information_difference(
    real: Any,
    synthetic: Any,
    *,
    n_bins: int = 10,
    normalized: bool = True,
    per_pair: bool = False,
) -> float | pd.DataFrame:
    r"""<definition>.

    The mutual information of two columns is

    .. math::

        I = \sum_{l, m} P_{lm} \log_2 \frac{P_{lm}}{P_l P_m},

    and normalized :math:`2 I / (H_1 + H_2)` with the entropies :math:`H`. Lower is
    better: 0 for equal dependence, at worst 1 if normalized.

    Parameters
    ----------
    <tables of two columns>

    <n_bins>

    normalized : bool, default=True
        Whether to divide by the mean of the entropies; without, the unit is bits.

    per_pair : bool, default=False
        Whether to return the difference of each pair instead of their mean.

    Returns
    -------
    difference : float or DataFrame of shape (n_columns, n_columns)
        Mean over the pairs of different columns, or the symmetric table, whose
        diagonal is 0.

    Raises
    ------
    <pair errors>

    See Also
    --------
    correlation_difference : Linear dependence, and needs no bins.
    sklearn.metrics.normalized_mutual_info_score : The normalized information.

    Notes
    -----
    Missing values are a category of their own, and a constant column has no
    information. Estimates grow by about :math:`(r - 1)(k - 1) / (2 n \ln 2)` bits for
    :math:`r` and :math:`k` categories in :math:`n` rows: compare tables of about the
    same size. What the columns depend on is seen, not how: two tables of opposite
    trends do not differ.

    <references>

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.metrics import mutual_information_difference
    >>> real = pd.DataFrame({"device": ["pc", "tv"] * 2, "site": ["a", "b"] * 2})
    >>> synthetic = real.assign(site=["a", "a", "b", "b"])
    >>> mutual_information_difference(real, synthetic)
    1.0
    """
    tables = align(real=real, synthetic=synthetic)
    check_two_columns(tables)
    binned = binned_columns(tables, n_bins)
    a, b = (_information(binned[name], normalized) for name in ("real", "synthetic"))
    return _summary(np.abs(a - b), tables.names, per_pair)


def _summary(
    matrix: NDArray[np.float64], names: list[Hashable], per_pair: bool
) -> float | pd.DataFrame:
    if per_pair:
        labels = pd.Index(names)
        return pd.DataFrame(matrix, index=labels, columns=labels)
    return float(matrix[np.triu_indices(len(names), 1)].mean())


def check_two_columns(tables: Alignment) -> None:
    if len(tables.names) < 2:
        raise ValueError(
            f"The only column, {tables.names[0]!r}, has no other to be associated "
            "with: give tables of two columns or more."
        )


def _correlations(
    table: Columns, method: Literal["pearson", "spearman"]
) -> NDArray[np.float64]:
    correlations = pd.DataFrame(table.numeric).corr(method=method).to_numpy()
    return np.nan_to_num(correlations, nan=0.0)  # nan: a constant column


def _joint_counts(
    real: NDArray[np.int64], synthetic: NDArray[np.int64], i: int, j: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count the cells of two columns that occur in either table."""
    pooled = np.concatenate([real[:, [i, j]], synthetic[:, [i, j]]])
    cells = _pair_codes(pooled[:, 0], pooled[:, 1])
    n_cells = int(cells.max()) + 1
    p = np.bincount(cells[: len(real)], minlength=n_cells)
    return p, np.bincount(cells[len(real) :], minlength=n_cells)


def _pair_codes(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give each pair that occurs a number: as many as the rows at most."""
    return pd.factorize(a * (int(b.max()) + 1) + b)[0]


def _entropy(codes: NDArray[np.int64]) -> float:
    return float(stats.entropy(np.bincount(codes), base=2))


def _information(binned: NDArray[np.int64], normalized: bool) -> NDArray[np.float64]:
    """Return the matrix of mutual information, with zeros on the diagonal."""
    columns = binned.T
    entropies = [_entropy(column) for column in columns]
    matrix = np.zeros((len(columns), len(columns)))
    for i, a in enumerate(columns):
        for j, b in enumerate(columns[:i]):
            either = entropies[i] + entropies[j]
            value = max(either - _entropy(_pair_codes(a, b)), 0.0)
            if normalized:
                value = 2 * value / either if either else 0.0
            matrix[i, j] = matrix[j, i] = value
    return matrix


def column_associations(tables: Alignment, name: str) -> NDArray[np.float64]:
    """Return the matrix of associations, with ones on the diagonal."""
    table = tables[name]
    numeric = np.flatnonzero(tables.is_numeric)
    categorical = np.flatnonzero(~tables.is_numeric)
    matrix = np.zeros((len(tables.names),) * 2)
    matrix[np.ix_(numeric, numeric)] = _correlations(table, "pearson")
    for j, column in enumerate(categorical):
        codes = table.codes[:, j]
        for i, other in enumerate(numeric):
            eta = _correlation_ratio(codes, table.numeric[:, i], tables.n_levels[j])
            matrix[column, other] = matrix[other, column] = eta
        for i, other in enumerate(categorical[:j]):
            v = _cramers_v(
                codes, table.codes[:, i], (tables.n_levels[j], tables.n_levels[i])
            )
            matrix[column, other] = matrix[other, column] = v
    np.fill_diagonal(matrix, 1.0)
    return matrix


def _correlation_ratio(
    codes: NDArray[np.int64], numbers: NDArray[np.float64], n_levels: int
) -> float:
    observed = ~np.isnan(numbers)
    codes, numbers = codes[observed], numbers[observed]
    if len(numbers) == 0 or np.ptp(numbers) == 0:
        return 0.0
    numbers = (numbers - numbers.mean()) / np.ptp(numbers)
    counts = np.bincount(codes, minlength=n_levels)
    sums = np.bincount(codes, weights=numbers, minlength=n_levels)
    between = np.sum(sums[counts > 0] ** 2 / counts[counts > 0])
    return float(np.sqrt(min(between / np.sum(numbers**2), 1.0)))


def _cramers_v(
    a: NDArray[np.int64], b: NDArray[np.int64], n_levels: tuple[int, int]
) -> float:
    # Only the cells that occur: 4,000 x 1,000 categories would be a large dense table.
    cells = sparse.coo_array((np.ones(len(a)), (a, b)), shape=n_levels).tocsr().tocoo()
    rows, columns = np.bincount(a), np.bincount(b)
    smaller = min(np.count_nonzero(rows), np.count_nonzero(columns))
    if smaller < 2:
        return 0.0
    row, column = cells.coords
    phi2 = np.sum(cells.data**2 / (rows[row] * columns[column])) - 1
    return float(np.sqrt(np.clip(phi2 / (smaller - 1), 0.0, 1.0)))
