"""Measures that compare the regions that the rows of two tables fill."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from skgen._nearest import Points, nearest, within_any
from skgen.metrics._columns import align
from skgen.metrics._parameters import checked
from skgen.metrics._places import place


@checked()
def knn_precision(
    real: Any,
    synthetic: Any,
    *,
    n_neighbors: int = 3,
    max_samples: int | None = None,
    random_state: int | np.random.RandomState | None = None,
) -> float:
    r"""<definition>.

    .. math::

        \mathrm{precision} = \frac1{|S|} \sum_{s \in S}
        \Big[ \exists\, r \in R: d(s, r) \le d_k(r) \Big],

    where :math:`d_k(r)` is the distance of a real row to its :math:`k`-th nearest
    other real row. In [0, 1], higher is better, 1 is perfect.

    Parameters
    ----------
    <tables>

    n_neighbors : int, default=3
        Neighbours :math:`k`, less than there are real rows.

    max_samples : int, default=None
        Maximum number of rows of each table, drawn at random; no limit if None. Fewer
        rows fill larger balls: compare values of the same number of rows.

    <random_state>

    Returns
    -------
    precision : float

    Raises
    ------
    ValueError
        If `real` has no more than `n_neighbors` rows, if the tables' columns differ in
        names, number, order or kind, or if a table is empty or holds infinities.

    See Also
    --------
    knn_recall : The share of real rows that are covered.
    alpha_precision : Asks for typical rows, not for any region.
    distance_to_closest_record : How distances are measured.

    Notes
    -----
    Fresh real rows get less than 1: of 1,000 rows of four independent normal columns,
    0.96, and of 20 columns 0.75. Copies of a single real row
    get 1, so that it says nothing of variety, which is `knn_recall`, nor of privacy.

    <references>

    Examples
    --------
    >>> from skgen.metrics import knn_precision
    >>> real = [[0.0], [1.0], [2.0], [3.0]]
    >>> knn_precision(real, [[0.5], [9.0]], n_neighbors=1)
    0.5
    """
    points = place_pair(real, synthetic, max_samples, random_state)
    return _share_inside(points["real"], points["synthetic"], n_neighbors, "real")


@checked()
def knn_recall(
    real: Any,
    synthetic: Any,
    *,
    n_neighbors: int = 3,
    max_samples: int | None = None,
    random_state: int | np.random.RandomState | None = None,
) -> float:
    r"""<definition>.

    .. math::

        \mathrm{recall} = \frac1{|R|} \sum_{r \in R}
        \Big[ \exists\, s \in S: d(r, s) \le d_k(s) \Big],

    where :math:`d_k(s)` is the distance of a synthetic row to its :math:`k`-th nearest
    other synthetic row. In [0, 1], higher is better, 1 is perfect.

    Parameters
    ----------
    <tables>

    n_neighbors : int, default=3
        Neighbours :math:`k`, less than there are synthetic rows.

    max_samples : int, default=None
        Maximum number of rows of each table, drawn at random; no limit if None. Fewer
        rows fill larger balls: compare values of the same number of rows.

    <random_state>

    Returns
    -------
    recall : float

    Raises
    ------
    ValueError
        If `synthetic` has no more than `n_neighbors` rows, if the tables' columns
        differ in names, number, order or kind, or if a table is empty or holds
        infinities.

    See Also
    --------
    knn_precision : The share of synthetic rows that look real.
    beta_recall : Leaves rare synthetic rows out of the region.

    Notes
    -----
    Fresh real rows get as much as in `knn_precision`. Noise may cover everything:
    synthetic rows that are far apart have large balls, so that a wide scatter gets 1.

    <references>

    Examples
    --------
    >>> from skgen.metrics import knn_recall
    >>> synthetic = [[0.0], [1.0], [2.0], [3.0]]
    >>> knn_recall([[0.5], [1.5], [9.0]], synthetic, n_neighbors=1)
    0.666...
    """
    points = place_pair(real, synthetic, max_samples, random_state)
    return _share_inside(points["synthetic"], points["real"], n_neighbors, "synthetic")


@checked()
def knn_f1(
    real: Any,
    synthetic: Any,
    *,
    n_neighbors: int = 3,
    max_samples: int | None = None,
    random_state: int | np.random.RandomState | None = None,
) -> float:
    r"""<definition>.

    .. math::

        F_1 = \frac{2 \cdot \mathrm{precision} \cdot \mathrm{recall}}
                   {\mathrm{precision} + \mathrm{recall}},

    and 0 where both are. In [0, 1], higher is better, 1 is perfect.

    Parameters
    ----------
    <tables>

    n_neighbors : int, default=3
        Neighbours, less than there are rows in either table.

    <max_samples>

    <random_state>

    Returns
    -------
    f1 : float

    Raises
    ------
    ValueError
        If a table has no more than `n_neighbors` rows, if the tables' columns differ in
        names, number, order or kind, or if a table is empty or holds infinities.

    See Also
    --------
    precision_recall_distance_curve : Precision and recall for every distance.

    Notes
    -----
    One number hides which of the two is low, and what both miss.

    <references>

    Examples
    --------
    >>> from skgen.metrics import knn_f1
    >>> knn_f1([[0.0], [1.0], [2.0]], [[0.5], [9.0], [1.5]], n_neighbors=1)
    0.8
    """
    points = place_pair(real, synthetic, max_samples, random_state)
    a, b = points["real"], points["synthetic"]
    precision = _share_inside(a, b, n_neighbors, "real")
    recall = _share_inside(b, a, n_neighbors, "synthetic")
    if precision + recall == 0:
        return 0.0
    return 2 * precision * recall / (precision + recall)


@checked()
def precision_recall_distance_curve(
    real: Any,
    synthetic: Any,
    *,
    max_samples: int | None = None,
    random_state: int | np.random.RandomState | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    r"""Precision and recall of the synthetic rows for every distance threshold.

    .. math::

        \mathrm{precision}(t) = \frac1{|S|} \sum_{s \in S} \Big[
            \min_{r \in R} d(s, r) \le t \Big], \qquad
        \mathrm{recall}(t) = \frac1{|R|} \sum_{r \in R} \Big[
            \min_{s \in S} d(r, s) \le t \Big].

    Parameters
    ----------
    real, synthetic : DataFrame or array-like of shape (n_rows, n_columns)
        Tables with the same columns, of any dtypes, with missing values or without.

    max_samples : int, default=None
        Maximum number of rows of each table, drawn at random; no limit if None. Fewer
        rows are farther apart: compare curves of the same number of rows.

    random_state : int, RandomState instance or None, default=None
        Draws the rows.

    Returns
    -------
    precision, recall : ndarray of shape (n_thresholds,)
        Shares in [0, 1], which rise to 1 with the threshold; higher is better. At 0
        they are the shares of copies.

    thresholds : ndarray of shape (n_thresholds,)
        0 and all distances at which a share changes, ascending.

    Raises
    ------
    ValueError
        If the tables' columns differ in names, number, order or kind, or if a table is
        empty or holds infinities.

    See Also
    --------
    knn_precision : A threshold for each row, by the distances between real rows.
    distance_to_closest_record : The threshold at which precision is 1/2, and how
        distances are measured.

    Notes
    -----
    Good curves are those of fresh real rows; a curve above theirs means copies. The
    thresholds are those of the whole table: in a region where rows are sparse, the same
    distance is closer than in a dense one.

    References
    ----------
    .. [1] M. S. M. Sajjadi, O. Bachem, M. Lucic, O. Bousquet and S. Gelly, "Assessing
       generative models via precision and recall", Advances in Neural Information
       Processing Systems 31, 2018.

    Examples
    --------
    >>> from skgen.metrics import precision_recall_distance_curve
    >>> precision, recall, thresholds = precision_recall_distance_curve(
    ...     [[0.0], [1.0]], [[0.0], [0.25]]
    ... )
    >>> thresholds
    array([0.  , 0.25, 0.75])
    >>> precision
    array([0.5, 1. , 1. ])
    >>> recall
    array([0.5, 0.5, 1. ])
    """
    points = place_pair(real, synthetic, max_samples, random_state)
    a, b = points["real"], points["synthetic"]
    to_real = np.sort(nearest(a, b, 1)[0][:, 0])
    to_synthetic = np.sort(nearest(b, a, 1)[0][:, 0])
    thresholds = np.unique(np.concatenate([[0.0], to_real, to_synthetic]))
    precision, recall = (
        np.searchsorted(distances, thresholds, side="right") / len(distances)
        for distances in (to_real, to_synthetic)
    )
    return precision, recall, thresholds


def place_pair(
    real: Any,
    synthetic: Any,
    max_samples: int | None,
    random_state: int | np.random.RandomState | None,
) -> dict[str, Points]:
    rng = check_random_state(random_state)
    tables = align(real=real, synthetic=synthetic)
    for name in ("real", "synthetic"):
        tables = tables.subsample(name, max_samples, rng)
    return place(tables)


def radii_of(points: Points, n_neighbors: int, name: str) -> NDArray[np.float64]:
    """Return the distance of each row to its k-th nearest other row."""
    if len(points) <= n_neighbors:
        raise ValueError(
            f"{name} has {len(points)} rows, of which none has {n_neighbors} others "
            "beside it: give more rows, a larger max_samples or fewer n_neighbors."
        )
    return nearest(points, points, n_neighbors, own=np.arange(len(points)))[0][:, -1]


def _share_inside(known: Points, queries: Points, n_neighbors: int, name: str) -> float:
    radii = radii_of(known, n_neighbors, name)
    return float(within_any(known, radii, queries).mean())
