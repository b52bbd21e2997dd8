"""Measures of how typical synthetic rows are, by their distance to the centre."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skgen._nearest import Points, nearest
from skgen.metrics._manifold import place_pair, radii_of
from skgen.metrics._parameters import checked


@checked()
def alpha_precision(
    real: Any,
    synthetic: Any,
    *,
    max_samples: int | None = None,
    random_state: int | np.random.RandomState | None = None,
) -> float:
    r"""<definition>.

    .. math::

        IP_\alpha = 1 - 2 \int_0^1 |P_\alpha - \alpha| \, d\alpha, \qquad
        P_\alpha = \frac1{|S|} \sum_{s \in S} [s \in \mathcal R^\alpha],

    where :math:`\mathcal R^\alpha` is the ball round the centre of the real rows that
    holds the share :math:`\alpha` of them. In [0, 1], higher is better: 1 if each ball
    holds its share of synthetic rows, 0 if these all lie in the centre or all outside.

    Parameters
    ----------
    <tables>

    <max_samples>

    <random_state>

    Returns
    -------
    precision : float

    Raises
    ------
    <table errors>

    See Also
    --------
    beta_recall : Whether the real rows are covered.
    knn_precision : Regions of any shape.
    distance_to_closest_record : How distances are measured.

    Notes
    -----
    The centre is the mean row, a category being the vector of its categories'
    indicators. The paper measures distances in a learned embedding, where the balls fit
    the rows better; here they are those of the columns themselves, so that nothing
    depends on a training. What lies at the same distance from the centre is not told
    apart, such as the rows of one cluster from those of another. Fresh real rows get 1
    but for :math:`O(1/\sqrt n)`; so do copies.

    <references>

    Examples
    --------
    >>> import numpy as np
    >>> from skgen.metrics import alpha_precision
    >>> real, same, other = np.random.RandomState(0).normal(size=(3, 2000, 3))
    >>> round(alpha_precision(real, same), 2)
    0.98
    >>> round(alpha_precision(real, 0.5 * other), 2)
    0.28
    """
    points = place_pair(real, synthetic, max_samples, random_state)
    radii, of_synthetic = (
        _distance_to_center(points[name], points["real"])
        for name in ("real", "synthetic")
    )
    return _calibration(np.sort(radii), of_synthetic, np.ones(len(of_synthetic)))


@checked()
def beta_recall(
    real: Any,
    synthetic: Any,
    *,
    n_neighbors: int = 5,
    max_samples: int | None = None,
    random_state: int | np.random.RandomState | None = None,
) -> float:
    r"""<definition>.

    .. math::

        IR_\beta = 1 - 2 \int_0^1 |R_\beta - \beta| \, d\beta, \qquad
        R_\beta = \frac1{|R|} \sum_{r \in R} \Big[ s(r) \in \mathcal S^\beta,\;
        d(r, s(r)) \le d_k(r) \Big],

    where :math:`s(r)` is the synthetic row nearest to :math:`r`, :math:`d_k(r)` the
    distance of :math:`r` to its :math:`k`-th nearest other real row, and
    :math:`\mathcal S^\beta` the ball round the centre of the synthetic rows that holds
    the share :math:`\beta` of them. In [0, 1], higher is better, 1 is perfect.

    Parameters
    ----------
    <tables>

    n_neighbors : int, default=5
        Neighbours :math:`k`, less than there are real rows. Of as many fresh real rows,
        the share :math:`2^{-k}` is not covered, by chance.

    <max_samples>

    <random_state>

    Returns
    -------
    recall : float

    Raises
    ------
    ValueError
        If `real` has no more than `n_neighbors` rows, if the tables' columns differ in
        names, number, order or kind, or if a table is empty or holds infinities.

    See Also
    --------
    alpha_precision : Whether the synthetic rows are typical; describes the centre.
    knn_recall : Regions of any shape.

    Notes
    -----
    Fresh real rows get less than 1: of 1,000 rows of four independent normal columns,
    0.96, and of 20 columns 0.55, as the nearest of many rows lies nearer to the centre
    than the row itself. A large synthetic table covers more than a small one: compare
    tables of the same number of rows. Copies are not told from good rows.

    <references>

    Examples
    --------
    >>> import numpy as np
    >>> from skgen.metrics import beta_recall
    >>> real, same, other = np.random.RandomState(0).normal(size=(3, 2000, 3))
    >>> round(beta_recall(real, same), 2)
    0.99
    >>> round(beta_recall(real, 0.2 * other), 2)
    0.03
    """
    points = place_pair(real, synthetic, max_samples, random_state)
    a, b = points["real"], points["synthetic"]
    radii = radii_of(a, n_neighbors, "real")
    distances, neighbors = (found[:, 0] for found in nearest(b, a, 1))
    centered = _distance_to_center(b, b)
    covered = distances <= radii
    return _calibration(
        np.sort(centered), centered[neighbors], covered.astype(np.float64)
    )


def _distance_to_center(points: Points, of: Points) -> NDArray[np.float64]:
    """Return each row's distance to the mean row of a table."""
    squared = np.sum((points.numbers - of.numbers.mean(axis=0)) ** 2, axis=1)
    for codes, center, weight in zip(
        points.codes.T, of.codes.T, points.weights, strict=True
    ):
        shares = np.bincount(center, minlength=int(codes.max()) + 1) / len(center)
        # |e_c - p|^2 / 2 = (1 - 2 p_c + |p|^2) / 2, as categories are one unit apart
        squared += weight * (1 - 2 * shares[codes] + np.sum(shares**2)) / 2
    return np.sqrt(squared.clip(min=0))


def _calibration(
    radii: NDArray[np.float64],
    distances: NDArray[np.float64],
    counted: NDArray[np.float64],
) -> float:
    r"""Return :math:`1 - 2 \int_0^1 |F(r_\alpha) - \alpha| d\alpha`, exactly.

    `radii`, ascending, are those of the balls that hold 1, 2, ... rows; F is the
    distribution function of `distances` to the centre, in which rows with `counted` of
    0, which no ball holds, count as infinitely far.
    """
    order = np.argsort(distances, kind="stable")
    held = np.concatenate([[0.0], np.cumsum(counted[order])]) / len(distances)
    share = held[np.searchsorted(distances[order], radii, side="right")]
    # The share is the same for all alpha of a step, where |share - alpha| has the
    # integral of (alpha - share) |alpha - share| / 2.
    edges = np.arange(len(radii) + 1) / len(radii)
    after, before = edges[1:] - share, edges[:-1] - share
    area = np.sum(after * np.abs(after) - before * np.abs(before)) / 2
    return float(np.clip(1 - 2 * area, 0.0, 1.0))
