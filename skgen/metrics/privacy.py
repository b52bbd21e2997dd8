"""Measures of how much a synthetic table gives away of its training rows.

The distance between two rows is Euclidean over all columns: a number (a date, a
duration) counts in units of the range of its column in the training table, and
two different categories are one unit apart.
"""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn import config_context
from sklearn.neighbors import NearestNeighbors
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, validate_params

from skgen.metrics._columns import Alignment, align, row_keys

# With more levels than this, their indicators are kept as a sparse matrix.
_MAX_DENSE_LEVELS = 128

# Rows that are compared with all others at a time, and candidates beyond the wanted
# neighbours: scikit-learn's fast distances are off by up to about 1e-7.
_CHUNK_SIZE = 10_000
_N_SPARE = 3

_SAMPLE_CONSTRAINTS = {
    "max_samples": [Interval(Integral, 1, None, closed="left"), None],
    "random_state": ["random_state"],
}


@validate_params(
    {"real": "no_validation", "synthetic": "no_validation", **_SAMPLE_CONSTRAINTS},
    prefer_skip_nested_validation=False,
)
def distance_to_closest_record(
    real: Any,
    synthetic: Any,
    *,
    max_samples: int | None = None,
    random_state: int | np.random.RandomState | None = None,
) -> float:
    r"""Median distance from a synthetic row to its closest training row.

    Parameters
    ----------
    real : DataFrame or array-like of shape (n_rows, n_columns)
        Table that the generator was trained on.

    synthetic : DataFrame or array-like of shape (n_synthetic_rows, n_columns)
        Table with the same columns.

    max_samples : int, default=None
        Synthetic rows to use at most, drawn at random; all by default. The training
        rows are always used whole, as any left out would lengthen the distances.

    random_state : int, RandomState instance or None, default=None
        Draws the synthetic rows.

    Returns
    -------
    distance : float
        Median distance, 0 where most synthetic rows are copies.

    Raises
    ------
    ValueError
        If the tables' columns differ in names, number, order or kind, or if a table is
        empty or holds infinities.

    See Also
    --------
    dcr_share : Weighs the distance against that to rows never trained on.
    copies : The share of rows at the distance 0.

    Notes
    -----
    The squared distance of two rows is the sum over the columns of

    - :math:`((x - x') / (\max - \min))^2` for numbers, with the extremes of the
      training table; where they coincide, 0 for the training value and 1 for others;
    - 0 for equal and 1 for different categories, a missing one being a category;
    - 0 for two missing numbers, and for a missing and an observed one
      :math:`1 + (u - 1/2)^2` where :math:`u` is the observed number's place in the
      training range.

    The neighbours are exact, by brute force: time grows with the product of the rows,
    memory with their sum.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.metrics import distance_to_closest_record
    >>> train = pd.DataFrame({"age": [20, 40, 60], "device": ["phone", "pc", "pc"]})
    >>> synthetic = pd.DataFrame({"age": [30, 50, 20], "device": ["pc", "pc", "pc"]})
    >>> distance_to_closest_record(train, synthetic)
    0.25
    """
    tables = align(real=real, synthetic=synthetic)
    tables = tables.subsample(
        "synthetic", max_samples, check_random_state(random_state)
    )
    points = _points(tables)
    return float(np.median(_nearest(points["real"], points["synthetic"], 1)))


@validate_params(
    {
        "real": "no_validation",
        "synthetic": "no_validation",
        "held_out": "no_validation",
        **_SAMPLE_CONSTRAINTS,
    },
    prefer_skip_nested_validation=False,
)
def dcr_share(
    real: Any,
    synthetic: Any,
    *,
    held_out: Any,
    max_samples: int | None = None,
    random_state: int | np.random.RandomState | None = None,
) -> float:
    """Share of synthetic rows that are nearer to a training than to a held-out row.

    Parameters
    ----------
    real : DataFrame or array-like of shape (n_rows, n_columns)
        Table that the generator was trained on.

    synthetic : DataFrame or array-like of shape (n_synthetic_rows, n_columns)
        Table with the same columns.

    held_out : DataFrame or array-like of shape (n_held_out_rows, n_columns)
        Rows of the same origin as `real` that the generator has not seen.

    max_samples : int, default=None
        Synthetic rows to use at most, drawn at random; all by default.

    random_state : int, RandomState instance or None, default=None
        Draws the synthetic rows, and the rows of the larger of `real` and `held_out`.

    Returns
    -------
    share : float
        Share in [0, 1]; ties count one half. Fresh rows get 0.5 on average, and copies
        of the training rows up to 1.

    Raises
    ------
    ValueError
        If the tables' columns differ in names, number, order or kind, or if a table is
        empty or holds infinities.

    See Also
    --------
    distance_to_closest_record : The median distance, and how distances are measured.

    Notes
    -----
    The larger of `real` and `held_out` is reduced at random to as many rows as the
    other has, since more rows are nearer by their number alone. When a share `s` of
    the training rows remains, a table of copies gets about ``0.5 + 0.5 * s``: hold
    out as many rows as are trained on to see each copy.

    References
    ----------
    .. [1] M. Platzer and T. Reutterer, "Holdout-based empirical assessment of
       mixed-type synthetic data", Frontiers in Big Data 4, 2021.

    Examples
    --------
    >>> import numpy as np
    >>> from skgen.metrics import dcr_share
    >>> train, held_out, fresh = np.random.RandomState(0).normal(size=(3, 500, 2))
    >>> round(dcr_share(train, fresh, held_out=held_out), 1)
    0.5
    >>> dcr_share(train, train, held_out=held_out)
    1.0
    """
    rng = check_random_state(random_state)
    tables = align(real=real, synthetic=synthetic, held_out=held_out)
    tables = tables.subsample("synthetic", max_samples, rng)
    points = _points(tables)
    n_rows = min(points["real"].shape[0], points["held_out"].shape[0])
    distances = {}
    for name in ("real", "held_out"):
        known = points[name]
        if known.shape[0] > n_rows:
            known = known[np.sort(rng.permutation(known.shape[0])[:n_rows])]
        distances[name] = _nearest(known, points["synthetic"], 1)[:, 0]
    # The tolerance keeps equal sums of squares a tie when they round differently.
    tied = np.isclose(distances["real"], distances["held_out"], rtol=1e-9, atol=1e-12)
    nearer = distances["real"] < distances["held_out"]
    return float(np.where(tied, 0.5, nearer).mean())


@validate_params(
    {"real": "no_validation", "synthetic": "no_validation", **_SAMPLE_CONSTRAINTS},
    prefer_skip_nested_validation=False,
)
def nndr(
    real: Any,
    synthetic: Any,
    *,
    max_samples: int | None = None,
    random_state: int | np.random.RandomState | None = None,
) -> float:
    """Median nearest-neighbour distance ratio of the synthetic rows.

    The distance to the closest training row, divided by that to the second closest:
    near 0, a row points at one training row among all; near 1, it stands in a crowd.

    Parameters
    ----------
    real : DataFrame or array-like of shape (n_rows, n_columns)
        Table that the generator was trained on, of two rows or more.

    synthetic : DataFrame or array-like of shape (n_synthetic_rows, n_columns)
        Table with the same columns.

    max_samples : int, default=None
        Synthetic rows to use at most, drawn at random; all by default.

    random_state : int, RandomState instance or None, default=None
        Draws the synthetic rows.

    Returns
    -------
    ratio : float
        Median ratio in [0, 1].

    Raises
    ------
    ValueError
        If `real` has one row only, if the tables' columns differ in names, number,
        order or kind, or if a table is empty or holds infinities.

    See Also
    --------
    distance_to_closest_record : The median distance, and how distances are measured.

    Notes
    -----
    A row that equals two training rows or more has the ratio 1, the limit of two
    equal distances: it does not point at any one of them. `copies` counts it.

    Examples
    --------
    >>> from skgen.metrics import nndr
    >>> nndr([[0.0], [4.0]], [[1.0]])
    0.333...
    """
    tables = align(real=real, synthetic=synthetic)
    if len(tables["real"]) < 2:
        raise ValueError(
            "real has one row, and a second closest is needed: give more rows."
        )
    tables = tables.subsample(
        "synthetic", max_samples, check_random_state(random_state)
    )
    points = _points(tables)
    first, second = _nearest(points["real"], points["synthetic"], 2).T
    ratios = np.divide(first, second, out=np.ones_like(first), where=second > 0)
    return float(np.median(ratios))


@validate_params(
    {"real": "no_validation", "synthetic": "no_validation"},
    prefer_skip_nested_validation=False,
)
def copies(real: Any, synthetic: Any) -> float:
    """Share of synthetic rows that are exactly equal to a real row.

    Parameters
    ----------
    real : DataFrame or array-like of shape (n_rows, n_columns)
        Table that the generator was trained on.

    synthetic : DataFrame or array-like of shape (n_synthetic_rows, n_columns)
        Table with the same columns.

    Returns
    -------
    share : float
        Share in [0, 1].

    Raises
    ------
    ValueError
        If the tables' columns differ in names, number, order or kind, or if a table is
        empty or holds infinities.

    See Also
    --------
    distance_to_closest_record : Tells how far the other rows are.

    Notes
    -----
    Values are equal when all of their digits are; a missing value equals a missing
    value. Tables of few, coarse columns repeat rows by chance: compare with the
    share that held-out rows get.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.metrics import copies
    >>> real = pd.DataFrame({"age": [20, None], "device": ["phone", "pc"]})
    >>> synthetic = pd.DataFrame({"age": [20, None], "device": ["pc", "pc"]})
    >>> copies(real, synthetic)
    0.5
    """
    keys = row_keys(real=real, synthetic=synthetic)
    return float(np.isin(keys["synthetic"], keys["real"]).mean())


def _points(tables: Alignment) -> dict[str, Any]:
    """Place the rows where their Euclidean distance is that between the tables' rows.

    Dense arrays, or CSR matrices when there are many levels.
    """
    training = tables["real"].numeric
    is_missing = np.isnan(training)
    low = np.where(is_missing, np.inf, training).min(axis=0, initial=np.inf)
    high = np.where(is_missing, -np.inf, training).max(axis=0, initial=-np.inf)
    missing = tables.missing_columns()
    is_sparse = tables.n_levels.sum() > _MAX_DENSE_LEVELS
    points = {}
    for name, table in tables.tables.items():
        numbers = table.numeric
        with np.errstate(divide="ignore", invalid="ignore"):
            scaled = (numbers - low) / (high - low)
        # No range to count in: one unit for any value but the training one. With no
        # training value at all, low is infinite and the indicator tells all.
        scaled = np.where(high == low, (numbers != low).astype(float), scaled)
        scaled = np.where(np.isnan(numbers) | np.isinf(low), 0.5, scaled)
        # Two different levels differ in two indicators: 1/2 + 1/2 = 1.
        levels = tables.one_hot(name) * np.sqrt(0.5)
        blocks = [scaled, np.isnan(numbers[:, missing]).astype(float)]
        if is_sparse:
            # scikit-learn's neighbours know the older csr_matrix in every version.
            points[name] = sparse.csr_matrix(
                sparse.hstack([*map(sparse.csr_array, blocks), levels], format="csr")
            )
        else:
            points[name] = np.hstack([*blocks, levels.toarray()])
    return points


def _nearest(known: Any, queries: Any, n_neighbors: int) -> NDArray[np.float64]:
    """Return the distances of each query to its closest known points, ascending."""
    n_candidates = min(n_neighbors + _N_SPARE, known.shape[0])
    search = NearestNeighbors(n_neighbors=n_candidates, algorithm="brute").fit(known)
    distances = []
    for start in range(0, queries.shape[0], _CHUNK_SIZE):
        chunk = queries[start : start + _CHUNK_SIZE]
        with config_context(working_memory=128):
            candidates = search.kneighbors(chunk, return_distance=False)
        exact = np.sqrt(
            [_squared_distances(known[column], chunk) for column in candidates.T]
        )
        distances.append(np.sort(exact, axis=0)[:n_neighbors].T)
    return np.concatenate(distances)


def _squared_distances(a: Any, b: Any) -> NDArray[np.float64]:
    """Sum the squared differences row by row, so that equal rows are 0 apart."""
    difference = a - b
    if sparse.issparse(difference):
        return np.asarray(difference.power(2).sum(axis=1)).ravel()
    return np.sum(difference**2, axis=1)
