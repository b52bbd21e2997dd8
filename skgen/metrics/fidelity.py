"""Measures of how closely a synthetic table follows a real one."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse, stats
from scipy.spatial.distance import jensenshannon
from sklearn.base import clone
from sklearn.model_selection import StratifiedKFold, check_cv, cross_val_score
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import HasMethods, Interval, validate_params

from skgen.metrics._columns import Alignment, Columns, align, default_classifier


@validate_params(
    {
        "real": "no_validation",
        "synthetic": "no_validation",
        "classifier": [HasMethods(["fit"]), None],
        "cv": ["cv_object"],
        "max_samples": [Interval(Integral, 1, None, closed="left"), None],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=False,
)
def detection(
    real: Any,
    synthetic: Any,
    *,
    classifier: Any = None,
    cv: Any = 5,
    max_samples: int | None = None,
    random_state: int | np.random.RandomState | None = None,
) -> float:
    """Area under the ROC curve of a classifier that tells real rows from synthetic.

    The classifier two-sample test (C2ST) [1]_: the rows of both tables are stacked
    and labelled by their origin, and the area is that of the out-of-fold predictions,
    averaged over the folds. 0.5 means that the rows cannot be told apart, 1 that every
    row betrays its origin.

    Parameters
    ----------
    real, synthetic : DataFrame or array-like of shape (n_rows, n_columns)
        Tables with the same columns, of any dtypes, with missing values or without.

    classifier : classifier, default=None
        Classifier with `predict_proba` or `decision_function`; a clone is fitted in
        each fold. By default
        ``xgboost.XGBClassifier(n_estimators=100, tree_method="hist", n_jobs=1)``.

    cv : int, cross-validation generator or iterable, default=5
        Number of stratified, shuffled folds, or what splits the stacked rows (the
        real ones first).

    max_samples : int, default=None
        Rows of each table to use at most, drawn at random; all by default.

    random_state : int, RandomState instance or None, default=None
        Draws the subsample and the folds.

    Returns
    -------
    auc : float
        Area under the ROC curve, averaged over the folds.

    Raises
    ------
    ValueError
        If the tables' columns differ in names, number, order or kind, if a table is
        empty or holds infinities, or if it has fewer rows than there are folds.

    See Also
    --------
    js_divergence : Compares the columns one by one.
    correlation_difference : Compares the columns two by two.

    Notes
    -----
    The classifier sees numbers: dates and durations in seconds, a missing number as
    the column's median beside an indicator, and a category as the rank of its
    frequency (ties in the order of its text), a missing category being one of its
    own. Ranks and medians are those of the two tables together. Those of the real table
    alone would give away each level that it lacks, and with it fresh real rows in a
    column of many rare levels.

    References
    ----------
    .. [1] D. Lopez-Paz and M. Oquab, "Revisiting classifier two-sample tests",
       International Conference on Learning Representations, 2017.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skgen.metrics import detection
    >>> rng = np.random.RandomState(0)
    >>> real, same, shifted = rng.normal([[[0]], [[0]], [[3]]], 1, size=(3, 500, 2))
    >>> classifier = LogisticRegression()
    >>> round(detection(real, same, classifier=classifier, random_state=0), 1)
    0.5
    >>> round(detection(real, shifted, classifier=classifier, random_state=0), 1)
    1.0
    """
    rng = check_random_state(random_state)
    n_folds = 5 if cv is None else int(cv) if isinstance(cv, Integral) else None
    tables = align(real=real, synthetic=synthetic)
    for name in ("real", "synthetic"):
        tables = tables.subsample(name, max_samples, rng)
        if n_folds is not None and len(tables[name]) < n_folds:
            raise ValueError(
                f"{name} has {len(tables[name])} rows for {n_folds} folds: give more "
                "rows, a larger max_samples or fewer folds."
            )
    features = tables.features("real", "synthetic")
    X = np.concatenate([features["real"], features["synthetic"]])
    y = np.repeat([1, 0], [len(features["real"]), len(features["synthetic"])])
    if n_folds is not None:
        cv = StratifiedKFold(n_folds, shuffle=True, random_state=rng)
    judge = default_classifier() if classifier is None else clone(classifier)
    scores = cross_val_score(
        judge,
        X,
        y,
        scoring="roc_auc",
        cv=check_cv(cv, y, classifier=True),
        error_score="raise",
    )
    return float(scores.mean())


@validate_params(
    {
        "real": "no_validation",
        "synthetic": "no_validation",
        "per_column": ["boolean"],
    },
    prefer_skip_nested_validation=False,
)
def ks_statistic(
    real: Any, synthetic: Any, *, per_column: bool = False
) -> float | pd.Series:
    """Two-sample Kolmogorov-Smirnov statistic of the numeric columns.

    The largest distance between the distribution functions of a real and a synthetic
    column, averaged over the columns: 0 for equal distributions, 1 for disjoint ones.

    Parameters
    ----------
    real, synthetic : DataFrame or array-like of shape (n_rows, n_columns)
        Tables with the same columns. Numbers, dates and durations are compared; the
        other columns are not.

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
    no other value in the column.

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
    if not tables.is_numeric.any():
        raise ValueError(
            f"None of the columns {tables.names} is numeric: compare them with "
            "js_divergence."
        )
    statistics = []
    for a, b in zip(
        tables["real"].numeric.T, tables["synthetic"].numeric.T, strict=True
    ):
        statistic = abs(np.isnan(a).mean() - np.isnan(b).mean())
        a, b = a[~np.isnan(a)], b[~np.isnan(b)]
        if len(a) and len(b):
            # The exact p-value, which nobody asks for here, takes long.
            result = stats.ks_2samp(a, b, method="asymp")
            statistic = max(statistic, result.statistic)
        statistics.append(float(statistic))
    if per_column:
        return pd.Series(statistics, index=pd.Index(tables.numeric_names))
    return float(np.mean(statistics))


@validate_params(
    {
        "real": "no_validation",
        "synthetic": "no_validation",
        "n_bins": [Interval(Integral, 1, None, closed="left")],
        "per_column": ["boolean"],
    },
    prefer_skip_nested_validation=False,
)
def js_divergence(
    real: Any, synthetic: Any, *, n_bins: int = 10, per_column: bool = False
) -> float | pd.Series:
    r"""Jensen-Shannon divergence of the columns, in bits.

    .. math::

        JS(P, Q) = \frac12 KL(P \| M) + \frac12 KL(Q \| M), \quad M = \frac{P + Q}{2},

    with logarithms to the base 2, averaged over the columns: 0 for equal
    distributions, 1 for disjoint ones.

    Parameters
    ----------
    real, synthetic : DataFrame or array-like of shape (n_rows, n_columns)
        Tables with the same columns.

    n_bins : int, default=10
        Number of quantile bins of a numeric column.

    per_column : bool, default=False
        Whether to return the divergence of each column instead of their mean.

    Returns
    -------
    divergence : float or Series
        Mean divergence, or the divergence of each column under its name.

    Raises
    ------
    ValueError
        If the tables' columns differ in names, number, order or kind, or if a table is
        empty or holds infinities.

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

    References
    ----------
    .. [1] J. Lin, "Divergence measures based on the Shannon entropy", IEEE
       Transactions on Information Theory 37(1), 145-151, 1991.

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
    tables = align(real=real, synthetic=synthetic)
    divergences = np.empty(len(tables.names))
    divergences[tables.is_numeric] = [
        _divergence(*_quantile_bins(a, b, n_bins))
        for a, b in zip(
            tables["real"].numeric.T, tables["synthetic"].numeric.T, strict=True
        )
    ]
    divergences[~tables.is_numeric] = [
        _divergence(a, b)
        for a, b in zip(
            tables["real"].codes.T, tables["synthetic"].codes.T, strict=True
        )
    ]
    if per_column:
        return pd.Series(divergences, index=pd.Index(tables.names))
    return float(divergences.mean())


def _divergence(real: NDArray[np.int64], synthetic: NDArray[np.int64]) -> float:
    n_levels = int(max(real.max(), synthetic.max())) + 1
    p = np.bincount(real, minlength=n_levels)
    q = np.bincount(synthetic, minlength=n_levels)
    # Rounding leaves nan or a little more than 1 under scipy's square root.
    return float(np.clip(np.nan_to_num(jensenshannon(p, q, base=2)) ** 2, 0, 1))


def _quantile_bins(
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


@validate_params(
    {
        "real": "no_validation",
        "synthetic": "no_validation",
        "per_pair": ["boolean"],
    },
    prefer_skip_nested_validation=False,
)
def correlation_difference(
    real: Any, synthetic: Any, *, per_pair: bool = False
) -> float | pd.DataFrame:
    r"""Mean absolute difference between the associations of the column pairs.

    The association of two columns is Pearson's correlation for two numeric columns,
    the correlation ratio :math:`\eta` for a numeric and a categorical one, and
    Cramér's :math:`V` for two categorical ones.

    Parameters
    ----------
    real, synthetic : DataFrame or array-like of shape (n_rows, n_columns)
        Tables with the same columns, at least two.

    per_pair : bool, default=False
        Whether to return the difference of each pair instead of their mean.

    Returns
    -------
    difference : float or DataFrame of shape (n_columns, n_columns)
        Mean over the pairs of different columns, 0 at best and 2 at worst, or the
        symmetric table of their differences, whose diagonal is 0.

    Raises
    ------
    ValueError
        If there is one column only, if the tables' columns differ in names, number,
        order or kind, or if a table is empty or holds infinities.

    See Also
    --------
    detection : Sees the dependence of more than two columns.

    Notes
    -----
    With :math:`n_l` rows of level :math:`l`, whose numbers have the mean
    :math:`\bar x_l`, and :math:`n_{lm}` rows of levels :math:`l` and :math:`m`,

    .. math::

        \eta^2 = \frac{\sum_l n_l (\bar x_l - \bar x)^2}{\sum_i (x_i - \bar x)^2},
        \qquad
        V^2 = \frac{1}{\min(r, k) - 1}
              \left(\sum_{l, m} \frac{n_{lm}^2}{n_l n_m} - 1\right)

    where :math:`r` and :math:`k` levels occur. Rows in which a number is missing are
    left out of its pairs; a missing category is a level. A constant column has the
    association 0 with every other. :math:`\eta` and :math:`V` grow as the rows get
    few for the levels, so compare tables of about the same size. Only the cells of
    :math:`n_{lm}` that occur are kept, so memory grows with the rows, not with the
    product of the levels.

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
    n_columns = len(tables.names)
    if n_columns < 2:
        raise ValueError(
            f"The only column, {tables.names[0]!r}, has no other to be associated "
            "with: give tables of two columns or more."
        )
    difference = np.abs(
        _associations(tables, "real") - _associations(tables, "synthetic")
    )
    if per_pair:
        names = pd.Index(tables.names)
        return pd.DataFrame(difference, index=names, columns=names)
    return float(difference[np.triu_indices(n_columns, 1)].mean())


def _associations(tables: Alignment, name: str) -> NDArray[np.float64]:
    """Return the matrix of associations, with ones on the diagonal."""
    table = tables[name]
    numeric = np.flatnonzero(tables.is_numeric)
    categorical = np.flatnonzero(~tables.is_numeric)
    matrix = np.zeros((len(tables.names),) * 2)
    matrix[np.ix_(numeric, numeric)] = _pearson(table)
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


def _pearson(table: Columns) -> NDArray[np.float64]:
    correlations = pd.DataFrame(table.numeric).corr().to_numpy()
    return np.nan_to_num(correlations, nan=0.0)  # nan: a constant column


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
    # Only the cells that occur: 4,000 x 1,000 levels would be a large dense table.
    cells = sparse.coo_array((np.ones(len(a)), (a, b)), shape=n_levels).tocsr().tocoo()
    rows, columns = np.bincount(a), np.bincount(b)
    smaller = min(np.count_nonzero(rows), np.count_nonzero(columns))
    if smaller < 2:
        return 0.0
    row, column = cells.coords
    phi2 = np.sum(cells.data**2 / (rows[row] * columns[column])) - 1
    return float(np.sqrt(np.clip(phi2 / (smaller - 1), 0.0, 1.0)))
