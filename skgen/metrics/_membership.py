"""Attacks that guess whether a row was trained on."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score
from sklearn.utils.validation import _num_samples

from skgen._nearest import Points, nearest
from skgen.metrics._columns import align
from skgen.metrics._fresh import with_baseline
from skgen.metrics._parameters import checked
from skgen.metrics._places import place


@checked()
def distance_membership_inference(
    real: Any,
    synthetic: Any,
    *,
    held_out: Any,
    max_samples: int | None = None,
    random_state: int | np.random.RandomState | None = None,
    return_baseline: bool = False,
) -> float | tuple[float, float]:
    r"""<definition>.

    The attacker takes a row for a training row the more, the nearer it is to the
    synthetic table,

    .. math::

        A(x) = -\min_{s \in S} d(x, s),

    and the area is that of telling training rows from held-out ones: the probability
    that a training row is nearer than a held-out one.

    Parameters
    ----------
    real : DataFrame or array-like of shape (n_rows, n_columns)
        Table that the generator was trained on: the members.

    <synthetic>

    <held_out>

    max_samples : int, default=None
        Training rows, and held-out rows, to attack at most, drawn at random; all by
        default. The synthetic rows are always used whole.

    <random_state>

    <return_baseline>

    Returns
    -------
    auc : float
        In [0, 1]; lower is better down to 0.5, which fresh rows get. Copies of all
        training rows get 1.

    baseline : float
        The area when one half of the held-out rows stands for the synthetic ones, and
        the other for those never seen; only if `return_baseline` is True.

    Raises
    ------
    <table errors>

    See Also
    --------
    density_membership_inference : Allows for rows that are typical anyway.
    distance_to_closest_record : How distances are measured.

    Notes
    -----
    An average over all rows, which misses a few that leak. A typical row is
    near to synthetic ones, trained on or not, which hides the attack.

    <references>

    Examples
    --------
    >>> import numpy as np
    >>> from skgen.metrics import distance_membership_inference
    >>> train, held_out, fresh = np.random.RandomState(0).normal(size=(3, 500, 2))
    >>> round(distance_membership_inference(train, fresh, held_out=held_out), 1)
    0.5
    >>> distance_membership_inference(train, train, held_out=held_out)
    1.0
    """

    def compute(rows: Any, others: Any, rng: np.random.RandomState) -> float:
        points = _attacked(real, rows, others, max_samples, rng)
        members, strangers = (
            -nearest(points["synthetic"], points[name], 1)[0][:, 0]
            for name in ("real", "held_out")
        )
        return _auc(members, strangers)

    return with_baseline(
        compute,
        synthetic,
        held_out,
        return_baseline,
        halve=True,
        random_state=random_state,
    )


@checked()
def density_membership_inference(
    real: Any,
    synthetic: Any,
    *,
    held_out: Any,
    n_neighbors: int = 1,
    max_samples: int | None = None,
    random_state: int | np.random.RandomState | None = None,
    return_baseline: bool = False,
) -> float | tuple[float, float]:
    r"""<definition>.

    The attacker takes a row for a training row the more, the denser the synthetic rows
    are there, compared with real rows that were not trained on,

    .. math::

        A(x) = \frac{p_S(x)}{p_R(x)},

    and the area is that of telling training rows from held-out ones. Without shadow
    models, and without access to the generator.

    Parameters
    ----------
    real : DataFrame or array-like of shape (n_rows, n_columns)
        Table that the generator was trained on: the members.

    <synthetic>

    held_out : DataFrame or array-like of shape (n_held_out_rows, n_columns)
        Rows of the same origin as `real` that the generator has not seen. A random half
        of them gives the density of real rows, the other is attacked.

    n_neighbors : int, default=1
        Neighbours of the estimates of the densities, at most as many as there are
        synthetic rows, and half of the held-out rows. More find regions that are too
        dense rather than rows that are too near.

    max_samples : int, default=None
        Training rows, and held-out rows, to attack at most, drawn at random; all by
        default. Densities are always those of all rows.

    <random_state>

    <return_baseline>

    Returns
    -------
    auc : float
        In [0, 1]; lower is better down to 0.5, which fresh rows get. Copies of all
        training rows get 1 with one neighbour, and less with more.

    baseline : float
        The area when one half of the held-out rows stands for the synthetic ones, and
        the other for those never seen; only if `return_baseline` is True.

    Raises
    ------
    ValueError
        If there are fewer rows than neighbours, if the tables' columns differ in names,
        number, order or kind, or if a table is empty or holds infinities.

    See Also
    --------
    distance_membership_inference : Without the density of real rows.
    distance_to_closest_record : How distances are measured.

    Notes
    -----
    The densities are those of :math:`k` nearest neighbours [2]_,
    :math:`p(x) \propto d_k(x)^{-D}`, so that rows are ordered by the ratio of their
    :math:`k`-th distances, for every dimension :math:`D`. An average over all rows,
    which misses a few that leak.

    <references>

    Examples
    --------
    >>> import numpy as np
    >>> from skgen.metrics import density_membership_inference
    >>> rng = np.random.RandomState(0)
    >>> train, held_out, fresh = rng.normal(size=(3, 500, 2))
    >>> attack = {"held_out": held_out, "random_state": 0}
    >>> round(density_membership_inference(train, fresh, **attack), 1)
    0.5
    >>> density_membership_inference(train, train, **attack)
    1.0
    """

    def compute(rows: Any, others: Any, rng: np.random.RandomState) -> float:
        n_held_out = _num_samples(others)
        if n_held_out // 2 < n_neighbors:
            raise ValueError(
                f"held_out has {n_held_out} rows, and half of them are to have "
                f"{n_neighbors} neighbours: give more rows or fewer n_neighbors."
            )
        order = rng.permutation(n_held_out)
        reference, attacked = np.split(order, [n_held_out // 2])
        points = _attacked(real, rows, others, None, rng)
        if len(points["synthetic"]) < n_neighbors:
            raise ValueError(
                f"synthetic has {len(points['synthetic'])} rows for {n_neighbors} "
                "neighbours: give more rows or fewer n_neighbors."
            )
        known = points["held_out"].take(reference)

        def ratio(queries: Points) -> np.ndarray:
            if max_samples is not None:
                queries = queries.head(max_samples, rng)
            of_synthetic, of_real = (
                nearest(rows, queries, n_neighbors)[0][:, -1]
                for rows in (points["synthetic"], known)
            )
            # In the order of the ratio of the densities, from 0 to 1, finite at copies.
            both = of_synthetic + of_real
            return np.divide(of_real, both, out=np.full(len(both), 0.5), where=both > 0)

        return _auc(ratio(points["real"]), ratio(points["held_out"].take(attacked)))

    return with_baseline(
        compute,
        synthetic,
        held_out,
        return_baseline,
        halve=True,
        random_state=random_state,
    )


def _attacked(
    real: Any,
    synthetic: Any,
    held_out: Any,
    max_samples: int | None,
    rng: np.random.RandomState,
) -> dict[str, Points]:
    tables = align(real=real, synthetic=synthetic, held_out=held_out)
    points = place(tables)
    if max_samples is not None:
        for name in ("real", "held_out"):
            points[name] = points[name].head(max_samples, rng)
    return points


def _auc(members: np.ndarray, strangers: np.ndarray) -> float:
    labels = np.repeat([1, 0], [len(members), len(strangers)])
    # Distances that differ by rounding alone are the same to an attacker.
    scores = np.round(np.concatenate([members, strangers]), 12)
    return float(roc_auc_score(labels, scores))
