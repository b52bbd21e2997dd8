"""Measures of the ratio of the distances to the nearest and second-nearest row."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import StrOptions

from skgen._nearest import Points, nearest
from skgen.metrics._columns import align
from skgen.metrics._distances import check_second
from skgen.metrics._fresh import with_baseline
from skgen.metrics._parameters import checked
from skgen.metrics._places import place


@checked(ratio=[StrOptions({"first/second", "second/first"})])
def nndr(
    real: Any,
    synthetic: Any,
    *,
    held_out: Any = None,
    ratio: str = "first/second",
    max_samples: int | None = None,
    random_state: int | np.random.RandomState | None = None,
    return_baseline: bool = False,
) -> float | tuple[float, float]:
    r"""<definition>.

    .. math::

        \mathrm{NNDR}(s) = d_1(s) / d_2(s)

    is the distance to the closest training row, divided by that to the second closest:
    near 0, a row points at one training row among all; near 1, it stands in a crowd.

    Parameters
    ----------
    <training rows, at least two>

    <synthetic>

    <held_out of the baseline>

    ratio : {"first/second", "second/first"}, default="first/second"
        Which of the two forms found in publications: :math:`d_1 / d_2` in [0, 1], where
        higher is more private, or :math:`d_2 / d_1` of at least 1, where lower is, and
        which is infinite where most rows are copies.

    <max_samples of synthetic rows>

    <random_state of synthetic rows>

    <return_baseline>

    Returns
    -------
    ratio : float
        Median ratio. Good is what fresh rows get.

    baseline : float
        The ratio of the held-out rows; only if `return_baseline` is True.

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
    equal distances: it does not point at any one of them. `copies` counts it. The
    median does not see the few rows that point at one training row.

    <references>

    Examples
    --------
    >>> from skgen.metrics import nndr
    >>> nndr([[0.0], [4.0]], [[1.0]])
    0.333...
    """

    def compute(rows: Any, _: Any, rng: np.random.RandomState) -> float:
        tables = align(real=real, synthetic=rows)
        check_second(len(tables["real"]), "real")
        points = place(tables.subsample("synthetic", max_samples, rng))
        ratios = _ratios(points["real"], points["synthetic"])
        if ratio == "second/first":
            with np.errstate(divide="ignore"):
                ratios = 1 / ratios
        return float(np.median(ratios))

    return with_baseline(
        compute, synthetic, held_out, return_baseline, random_state=random_state
    )


@checked()
def privacy_loss(
    real: Any,
    synthetic: Any,
    *,
    held_out: Any,
    max_samples: int | None = None,
    random_state: int | np.random.RandomState | None = None,
    return_baseline: bool = False,
) -> float | tuple[float, float]:
    r"""<definition>.

    .. math::

        \frac1{|S|} \sum_{s \in S} \left(
        \frac{d_1(s, H)}{d_2(s, H)} - \frac{d_1(s, R)}{d_2(s, R)} \right),

    with the distances :math:`d_1` to the closest and :math:`d_2` to the second closest
    row of the held-out rows :math:`H` and the training rows :math:`R`: how much more
    the synthetic rows point at single training rows than at rows never seen.

    Parameters
    ----------
    <training rows, at least two>

    <synthetic>

    held_out : DataFrame or array-like of shape (n_held_out_rows, n_columns)
        Two rows or more of the same origin as `real` that the generator has not seen.

    <max_samples of synthetic rows>

    random_state : int, RandomState instance or None, default=None
        Draws the synthetic rows, and the rows of the larger of `real` and `held_out`.

    <return_baseline>

    Returns
    -------
    loss : float
        In [-1, 1]; lower is better down to 0, which fresh rows get. Copies of rows
        that occur once get the mean ratio of fresh rows.

    baseline : float
        The loss of one half of the held-out rows against the other; only if
        `return_baseline` is True.

    Raises
    ------
    ValueError
        If `real` or `held_out` has one row only, if the tables' columns differ in
        names, number, order or kind, or if a table is empty or holds infinities.

    See Also
    --------
    nndr : The median ratio to the training rows.
    dcr_share : Compares the distances themselves.

    Notes
    -----
    The larger of `real` and `held_out` is reduced at random to as many rows as the
    other has, as ratios grow with the number of rows. When a share of the training rows
    remains, the same share of the copies is seen. A row that equals two rows or more
    has the ratio 1: copies of repeated rows are missed.

    <references>

    Examples
    --------
    >>> import numpy as np
    >>> from skgen.metrics import privacy_loss
    >>> train, held_out, fresh = np.random.RandomState(0).normal(size=(3, 500, 2))
    >>> abs(round(privacy_loss(train, fresh, held_out=held_out), 1))
    0.0
    >>> round(privacy_loss(train, train, held_out=held_out), 1)
    0.7
    """

    def compute(rows: Any, others: Any, rng: np.random.RandomState) -> float:
        tables = align(real=real, synthetic=rows, held_out=others)
        n_rows = min(len(tables["real"]), len(tables["held_out"]))
        for name in ("real", "held_out"):
            check_second(len(tables[name]), name)
        points = place(tables.subsample("synthetic", max_samples, rng))
        to_real, to_held_out = (
            _ratios(points[name].head(n_rows, rng), points["synthetic"]).mean()
            for name in ("real", "held_out")
        )
        return float(to_held_out - to_real)

    return with_baseline(
        compute,
        synthetic,
        held_out,
        return_baseline,
        halve=True,
        random_state=random_state,
    )


def _ratios(known: Points, queries: Points) -> NDArray[np.float64]:
    """Return the distance to the closest over that to the second closest row."""
    first, second = nearest(known, queries, 2)[0].T
    return np.divide(first, second, out=np.ones_like(first), where=second > 0)
