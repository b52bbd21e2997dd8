"""Measures of how near synthetic rows are to the training rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from sklearn.utils.validation import _num_samples

from skgen._nearest import ABSOLUTE_TOLERANCE, RELATIVE_TOLERANCE, Points, nearest
from skgen.metrics._columns import Alignment, align
from skgen.metrics._fresh import with_baseline
from skgen.metrics._parameters import checked
from skgen.metrics._places import place


@checked()
def distance_to_closest_record(
    real: Any,
    synthetic: Any,
    *,
    held_out: Any = None,
    max_samples: int | None = None,
    random_state: int | np.random.RandomState | None = None,
    return_baseline: bool = False,
) -> float | tuple[float, float]:
    r"""<definition>.

    Parameters
    ----------
    <training rows>

    <synthetic>

    <held_out of the baseline>

    max_samples : int, default=None
        Maximum number of synthetic rows, drawn at random; no limit if None. The
        training rows are always used whole, as any left out would lengthen the
        distances.

    <random_state of synthetic rows>

    <return_baseline>

    Returns
    -------
    distance : float
        Median distance, at least 0, higher being more private: 0 where most synthetic
        rows are copies. Good is what fresh rows get.

    baseline : float
        The distance of the held-out rows; only if `return_baseline` is True.

    Raises
    ------
    <table errors>

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

    A distance beyond that of fresh rows is no privacy but bad rows. The median does not
    see the few rows that are near: a hundredth of copies hardly moves it.

    <references>

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.metrics import distance_to_closest_record
    >>> train = pd.DataFrame({"age": [20, 40, 60], "device": ["phone", "pc", "pc"]})
    >>> synthetic = pd.DataFrame({"age": [30, 50, 20], "device": ["pc", "pc", "pc"]})
    >>> distance_to_closest_record(train, synthetic)
    0.25
    """

    def compute(rows: Any, _: Any, rng: np.random.RandomState) -> float:
        tables = align(real=real, synthetic=rows)
        points = place(tables.subsample("synthetic", max_samples, rng))
        distances, _ = nearest(points["real"], points["synthetic"], 1)
        return float(np.median(distances))

    return with_baseline(
        compute, synthetic, held_out, return_baseline, random_state=random_state
    )


@checked()
def dcr_ratio(
    real: Any,
    synthetic: Any,
    *,
    held_out: Any = None,
    max_samples: int | None = None,
    random_state: int | np.random.RandomState | None = None,
    return_baseline: bool = False,
) -> float | tuple[float, float]:
    r"""<definition>.

    .. math::

        \frac{\operatorname{median}_{s \in S} \min_{r \in R} d(s, r)}
             {\operatorname{median}_{r \in R} \min_{r' \in R, r' \ne r} d(r, r')}

    Parameters
    ----------
    <training rows, at least two>

    <synthetic>

    <held_out of the baseline>

    max_samples : int, default=None
        Maximum number of synthetic rows, and of training rows in the denominator, drawn
        at random; no limit if None. Neighbours are always sought among all training
        rows.

    <random_state>

    <return_baseline>

    Returns
    -------
    ratio : float
        At least 0, higher being more private. Fresh rows get 1, copies 0; where both
        medians are 0, it is 1.

    baseline : float
        The ratio of the held-out rows; only if `return_baseline` is True.

    Raises
    ------
    ValueError
        If `real` has one row only, or more than half of its rows twice, so that the
        denominator is 0; if the tables' columns differ in names, number, order or
        kind, or if a table is empty or holds infinities.

    See Also
    --------
    distance_to_closest_record : The numerator, and how distances are measured.

    Notes
    -----
    Medians do not see the few rows that are near. A ratio above 1 is no merit: noise
    gets it too.

    <references>

    Examples
    --------
    >>> from skgen.metrics import dcr_ratio
    >>> dcr_ratio([[0.0], [1.0], [2.0], [4.0]], [[0.5], [3.0]])
    0.75
    """

    def compute(rows: Any, _: Any, rng: np.random.RandomState) -> float:
        tables = align(real=real, synthetic=rows)
        check_second(len(tables["real"]), "real")
        points = place(tables.subsample("synthetic", max_samples, rng))
        known = points["real"]
        own = _some_rows(known, max_samples, rng)
        among = np.median(nearest(known, known.take(own), 1, own=own)[0])
        distance = np.median(nearest(known, points["synthetic"], 1)[0])
        if among > 0:
            return float(distance / among)
        if distance > 0:
            raise ValueError(
                "More than half of the rows of real are there twice, so that their "
                "median distance is 0: take distance_to_closest_record, or leave out "
                "repeated rows."
            )
        return 1.0

    return with_baseline(
        compute, synthetic, held_out, return_baseline, random_state=random_state
    )


@checked()
def dcr_share(
    real: Any,
    synthetic: Any,
    *,
    held_out: Any,
    max_samples: int | None = None,
    random_state: int | np.random.RandomState | None = None,
    return_baseline: bool = False,
) -> float | tuple[float, float]:
    """<definition>.

    Parameters
    ----------
    <training rows>

    <synthetic>

    <held_out>

    <max_samples of synthetic rows>

    random_state : int, RandomState instance or None, default=None
        Draws the synthetic rows, and the rows of the larger of `real` and `held_out`.

    <return_baseline>

    Returns
    -------
    share : float
        Share in [0, 1]; ties count one half. Fresh rows get 0.5 on average, and copies
        of the training rows up to 1. Lower is better down to 0.5.

    baseline : float
        The share of one half of the held-out rows against the other; only if
        `return_baseline` is True.

    Raises
    ------
    <table errors>

    See Also
    --------
    distance_to_closest_record : The median distance, and how distances are measured.

    Notes
    -----
    The larger of `real` and `held_out` is reduced at random to as many rows as the
    other has, since more rows are nearer by their number alone. When a share `s` of
    the training rows remains, a table of copies gets about ``0.5 + 0.5 * s``: hold
    out as many rows as are trained on to see each copy. How much nearer the rows are
    is missed.

    <references>

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

    def compute(rows: Any, others: Any, rng: np.random.RandomState) -> float:
        tables = align(real=real, synthetic=rows, held_out=others)
        points = place(tables.subsample("synthetic", max_samples, rng))
        n_rows = min(len(points["real"]), len(points["held_out"]))
        to_real, to_held_out = (
            nearest(points[name].head(n_rows, rng), points["synthetic"], 1)[0][:, 0]
            for name in ("real", "held_out")
        )
        return float(
            np.where(_tied(to_real, to_held_out), 0.5, to_real < to_held_out).mean()
        )

    return with_baseline(
        compute,
        synthetic,
        held_out,
        return_baseline,
        halve=True,
        random_state=random_state,
    )


@checked()
def epsilon_identifiability(
    real: Any,
    synthetic: Any,
    *,
    held_out: Any = None,
    max_samples: int | None = None,
    random_state: int | np.random.RandomState | None = None,
    return_baseline: bool = False,
) -> float | tuple[float, float]:
    r"""<definition>.

    .. math::

        \varepsilon = \frac1{|R|} \sum_{r \in R} \Big[ \min_{s \in S} d_w(r, s)
        < \min_{r' \in R, r' \ne r} d_w(r, r') \Big], \qquad
        d_w(a, b)^2 = \sum_j \frac{d_j(a_j, b_j)^2}{H_j^2},

    where :math:`H_j` is the entropy of the values of column :math:`j` in `real`.

    Parameters
    ----------
    <training rows, at least two>

    <synthetic>

    <held_out that limits>

    max_samples : int, default=None
        Maximum number of training rows to look at, drawn at random; no limit if None.
        Neighbours are always sought among all rows.

    <random_state>

    <return_baseline>

    Returns
    -------
    epsilon : float
        In [0, 1], lower being more private. Copies get 1 but for repeated rows, as
        many fresh rows as there are training rows about 0.5, less of them less.

    baseline : float
        The share for the held-out rows; only if `return_baseline` is True.

    Raises
    ------
    ValueError
        If `real` has one row only, if the tables' columns differ in names, number,
        order or kind, or if a table is empty or holds infinities.

    See Also
    --------
    distance_to_closest_record : How the distances :math:`d_j` are measured.
    dcr_share : Looks from the synthetic rows.

    Notes
    -----
    The entropy, in nats, is that of the values as they occur, a missing one being a
    value; the paper's weight is its inverse. A column that is constant in `real` has
    none and is left out, and columns of many values count less. Rows that occur twice
    are never identified, and how near the synthetic rows are is missed.

    <references>

    Examples
    --------
    >>> from skgen.metrics import epsilon_identifiability
    >>> real = [[0.0], [1.0], [5.0], [9.0]]
    >>> epsilon_identifiability(real, [[0.5], [4.0]])
    0.75
    """

    def compute(rows: Any, others: Any, rng: np.random.RandomState) -> float:
        tables = align(real=real, synthetic=rows)
        check_second(len(tables["real"]), "real")
        n_rows = None if others is None else _num_samples(others)
        tables = tables.subsample("synthetic", n_rows, rng)
        entropies = _entropies(tables, "real")
        weights = np.divide(
            1.0, entropies**2, out=np.zeros(len(entropies)), where=entropies > 0
        )
        points = place(tables, weights=weights)
        known = points["real"]
        own = _some_rows(known, max_samples, rng)
        among = nearest(known, known.take(own), 1, own=own)[0][:, 0]
        to_synthetic = nearest(points["synthetic"], known.take(own), 1)[0][:, 0]
        nearer = (to_synthetic < among) & ~_tied(to_synthetic, among)
        return float(nearer.mean())

    return with_baseline(
        compute, synthetic, held_out, return_baseline, random_state=random_state
    )


def check_second(n_rows: int, name: str) -> None:
    if n_rows < 2:
        raise ValueError(
            f"{name} has one row, and a second closest is needed: give more rows."
        )


def _some_rows(
    points: Points, max_samples: int | None, rng: np.random.RandomState
) -> NDArray[np.intp]:
    """Return the places of at most `max_samples` rows."""
    return np.sort(rng.permutation(len(points))[:max_samples])


def _tied(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say which distances differ by no more than equal sums of squares may round."""
    return np.isclose(a, b, rtol=RELATIVE_TOLERANCE, atol=ABSOLUTE_TOLERANCE)


def _entropies(tables: Alignment, name: str) -> NDArray[np.float64]:
    """Return the entropy, in nats, of the values of each column."""
    table = tables[name]
    entropies = np.empty(len(tables.names))
    entropies[tables.is_numeric] = [
        stats.entropy(np.unique(column, return_counts=True)[1])
        for column in table.numeric.T
    ]
    entropies[~tables.is_numeric] = [
        stats.entropy(np.bincount(column)) for column in table.codes.T
    ]
    return entropies
