"""The risks of re-identification that the package anonymeter measures."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from sklearn.utils._param_validation import StrOptions

from skgen._random import draw_seed
from skgen.metrics._attack_frames import (
    draw_rows,
    frame_columns,
    frame_with_nulls,
    frame_without_nulls,
    place_of,
    secret_columns,
)
from skgen.metrics._columns import align
from skgen.metrics._fresh import with_baseline
from skgen.metrics._parameters import POSITIVE, checked

_WEAK = "The attack is no better than guesses"


@checked(
    mode=[StrOptions({"multivariate", "univariate"})],
    n_cols=[POSITIVE, None],
    max_attempts=[POSITIVE],
)
def singling_out_risk(
    real: Any,
    synthetic: Any,
    *,
    held_out: Any,
    mode: str = "multivariate",
    n_cols: int | None = None,
    n_attacks: int = 500,
    max_attempts: int = 20_000,
    random_state: int | np.random.RandomState | None = None,
    return_baseline: bool = False,
) -> float | tuple[float, float]:
    r"""<definition>.

    The attacker looks for conditions that hold for one synthetic row alone, and hopes
    that they hold for one training row alone. With the rates :math:`\tau` of success
    for training rows and :math:`\tau_c` for held-out rows, the risk is

    .. math::

        R = \max\left(0, \frac{\tau - \tau_c}{1 - \tau_c}\right).

    Parameters
    ----------
    <training rows>

    <synthetic>

    <held_out>

    mode : {"multivariate", "univariate"}, default="multivariate"
        Whether a condition is on the values of several columns of a synthetic row, or
        on a rare or extreme value of one column.

    n_cols : int, default=None
        Columns of a multivariate condition; 3 by default, or all if there are fewer.

    n_attacks : int, default=500
        Conditions to try.

    max_attempts : int, default=20_000
        Conditions to draw until `n_attacks` of them hold for one synthetic row alone.
        Where too few do, the risk may be underestimated, which a warning says.

    random_state : int, RandomState instance or None, default=None
        Draws the conditions and rows.

    <return_baseline>

    Returns
    -------
    <risk>

    Raises
    ------
    ImportError
        If anonymeter is not installed.

    ValueError
        If `n_cols` is more than there are columns, if the tables' columns differ in
        names, number, order or kind, or if a table is empty or holds infinities.

    Warns
    -----
    UserWarning
        If the attack is no better than one that guesses at random, or if there are
        fewer conditions than `n_attacks`.

    See Also
    --------
    linkability_risk : Whether two tables can be joined.
    inference_risk : Whether a secret can be guessed.

    Notes
    -----
    Rates are the centres of Wilson's intervals, so that they are never 0 or 1. The
    larger of `real` and `held_out` is reduced at random to as many different rows as
    the other has, as fewer rows are easier to single out. Attacks of another kind are
    missed.

    <references>

    Examples
    --------
    >>> import numpy as np
    >>> from skgen.metrics import singling_out_risk
    >>> train, held_out = np.random.RandomState(0).normal(size=(2, 300, 4))
    >>> singling_out_risk(
    ...     train, train, held_out=held_out, n_attacks=50, random_state=0
    ... ) > 0.5  # doctest: +SKIP
    True
    """
    evaluator = _import_anonymeter().SinglingOutEvaluator

    def compute(rows: Any, others: Any, rng: np.random.RandomState) -> float:
        tables = align(real=real, synthetic=rows, held_out=others)
        frames = {
            name: frame_with_nulls(tables, name).drop_duplicates(ignore_index=True)
            for name in ("real", "synthetic", "held_out")
        }
        n_rows = min(len(frames["real"]), len(frames["held_out"]))
        n_columns = len(tables.names)
        if n_cols is not None and n_cols > n_columns:
            raise ValueError(
                f"n_cols={n_cols} columns are asked for, and there are {n_columns}: "
                "take less."
            )
        attack = evaluator(
            ori=draw_rows(frames["real"], n_rows, rng),
            syn=frames["synthetic"],
            control=draw_rows(frames["held_out"], n_rows, rng),
            n_attacks=n_attacks,
            n_cols=min(3, n_columns) if n_cols is None else n_cols,
            max_attempts=max_attempts,
            seed=draw_seed(rng),
        )
        return _risk(attack, n_attacks, mode=mode)

    return _attacked(compute, synthetic, held_out, return_baseline, random_state)


@checked(aux_cols=[tuple, list, None])
def linkability_risk(
    real: Any,
    synthetic: Any,
    *,
    held_out: Any,
    aux_cols: Sequence[Sequence[Hashable]] | None = None,
    n_neighbors: int = 1,
    n_attacks: int = 500,
    random_state: int | np.random.RandomState | None = None,
    return_baseline: bool = False,
) -> float | tuple[float, float]:
    r"""<definition>.

    The attacker knows some columns of the training rows from one source and others
    from a second one, and joins two rows where both have the same nearest synthetic
    row. With the rates :math:`\tau` of success for training rows and :math:`\tau_c` for
    held-out rows, the risk is

    .. math::

        R = \max\left(0, \frac{\tau - \tau_c}{1 - \tau_c}\right).

    Parameters
    ----------
    <training rows>

    <synthetic>

    <held_out>

    aux_cols : tuple of two lists of column names, default=None
        The columns of the two sources. By default, every other column is of the first
        one, and the rest of the second.

    n_neighbors : int, default=1
        Nearest synthetic rows of which one has to be the same, at most as many as there
        are synthetic rows.

    n_attacks : int, default=500
        Rows to attack, at most as many as `real` or `held_out` has.

    random_state : int, RandomState instance or None, default=None
        Draws the rows to attack.

    <return_baseline>

    Returns
    -------
    <risk>

    Raises
    ------
    ImportError
        If anonymeter is not installed.

    ValueError
        If `aux_cols` are not two lists of columns, or a list is empty; if the tables'
        columns differ in names, number, order or kind, or if a table is empty or holds
        infinities.

    Warns
    -----
    UserWarning
        If the attack is no better than one that guesses at random.

    See Also
    --------
    singling_out_risk : Whether a row can be told from all others.
    inference_risk : Whether a secret can be guessed.

    Notes
    -----
    Rates are the centres of Wilson's intervals. The distance is Gower's: the sum over
    the columns of the difference in units of the range, or of 1 for different
    categories; a column with missing numbers has their median, and an indicator beside
    it. The attack is strong where both halves identify a row, and else weak.

    <references>

    Examples
    --------
    >>> import numpy as np
    >>> from skgen.metrics import linkability_risk
    >>> train, held_out = np.random.RandomState(0).normal(size=(2, 300, 4))
    >>> linkability_risk(
    ...     train, train, held_out=held_out, random_state=0
    ... ) > 0.9  # doctest: +SKIP
    True
    """
    evaluator = _import_anonymeter().LinkabilityEvaluator

    def compute(rows: Any, others: Any, rng: np.random.RandomState) -> float:
        tables = align(real=real, synthetic=rows, held_out=others)
        n_rows = min(n_attacks, len(tables["real"]), len(tables["held_out"]))
        if aux_cols is None:
            if len(tables.names) < 2:
                raise ValueError(
                    f"The only column, {tables.names[0]!r}, cannot be split into two "
                    "sources: give tables of two columns or more."
                )
            sources: Any = (tables.names[::2], tables.names[1::2])
        elif len(aux_cols) != 2 or not all(len(source) for source in aux_cols):
            raise ValueError(
                f"aux_cols={aux_cols!r} are not two lists of columns: give the names "
                "of those that each source holds."
            )
        else:
            sources = aux_cols
        attack = evaluator(
            ori=draw_rows(frame_without_nulls(tables, "real"), n_rows, rng),
            syn=frame_without_nulls(tables, "synthetic"),
            control=draw_rows(frame_without_nulls(tables, "held_out"), n_rows, rng),
            aux_cols=tuple(frame_columns(tables, source) for source in sources),
            n_attacks=n_rows,
            n_neighbors=min(n_neighbors, len(tables["synthetic"])),
        )
        with _numpy_seed(rng):
            return _risk(attack, n_rows, n_jobs=1)

    return _attacked(compute, synthetic, held_out, return_baseline, random_state)


@checked(aux_cols=["array-like", None])
def inference_risk(
    real: Any,
    synthetic: Any,
    *,
    held_out: Any,
    secret: Hashable | None = None,
    aux_cols: Sequence[Hashable] | None = None,
    n_bins: int = 10,
    n_attacks: int = 500,
    random_state: int | np.random.RandomState | None = None,
    return_baseline: bool = False,
) -> float | tuple[float, float]:
    r"""<definition>.

    The attacker knows some columns of a training row and takes the secret of the
    synthetic row that is nearest in these. With the rates :math:`\tau` of success for
    training rows and :math:`\tau_c` for held-out rows, the risk is

    .. math::

        R = \max\left(0, \frac{\tau - \tau_c}{1 - \tau_c}\right).

    Parameters
    ----------
    <training rows>

    <synthetic>

    <held_out>

    secret : column name, default=None
        The column to guess; the last one by default.

    aux_cols : list of column names, default=None
        The columns that are known; by default all but the secret.

    n_bins : int, default=10
        Number of quantile bins of a numeric secret, as in `js_divergence`. The guess is
        right if the bin is.

    n_attacks : int, default=500
        Rows to attack, at most as many as `real` or `held_out` has.

    random_state : int, RandomState instance or None, default=None
        Draws the rows to attack.

    <return_baseline>

    Returns
    -------
    <risk>

    Raises
    ------
    ImportError
        If anonymeter is not installed.

    ValueError
        If a name is none of a column, or nothing is left to know; if the tables'
        columns differ in names, number, order or kind, or if a table is empty or holds
        infinities.

    Warns
    -----
    UserWarning
        If the attack is no better than one that guesses at random, or if there are
        fewer conditions than `n_attacks`.

    See Also
    --------
    linkability_risk : How distances are measured.
    train_synthetic_test_real : What can be learned of held-out rows is no leak, but
        useful.

    Notes
    -----
    Rates are the centres of Wilson's intervals. Bins take the place of anonymeter's
    relative tolerance for numbers, which has no meaning where they may be negative or
    zero. One secret is attacked: look at each column that is one.

    <references>

    Examples
    --------
    >>> import numpy as np
    >>> from skgen.metrics import inference_risk
    >>> train, held_out = np.random.RandomState(0).normal(size=(2, 300, 4))
    >>> inference_risk(
    ...     train, train, held_out=held_out, random_state=0
    ... ) > 0.9  # doctest: +SKIP
    True
    """
    evaluator = _import_anonymeter().InferenceEvaluator

    def compute(rows: Any, others: Any, rng: np.random.RandomState) -> float:
        tables = align(real=real, synthetic=rows, held_out=others)
        place = len(tables.names) - 1
        if secret is not None:
            place = place_of(tables, secret)
        known = [n for i, n in enumerate(tables.names) if i != place]
        known = known if aux_cols is None else list(aux_cols)
        if not known or tables.names[place] in known:
            raise ValueError(
                f"The columns that the attacker knows, {known}, must be one or more, "
                f"and the secret {tables.names[place]!r} none of them: give aux_cols."
            )
        secrets = secret_columns(tables, place, n_bins)
        frames = {
            name: frame_without_nulls(tables, name).assign(secret=secrets[name])
            for name in ("real", "synthetic", "held_out")
        }
        n_rows = min(n_attacks, len(frames["real"]), len(frames["held_out"]))
        attack = evaluator(
            ori=draw_rows(frames["real"], n_rows, rng),
            syn=frames["synthetic"],
            control=draw_rows(frames["held_out"], n_rows, rng),
            aux_cols=frame_columns(tables, known),
            secret="secret",
            regression=False,
            n_attacks=n_rows,
        )
        with _numpy_seed(rng):
            return _risk(attack, n_rows, n_jobs=1)

    return _attacked(compute, synthetic, held_out, return_baseline, random_state)


def _import_anonymeter() -> Any:
    try:
        from anonymeter import evaluators
    except ImportError as error:
        raise ImportError(
            f"The risk is measured by the package anonymeter ({error}): install it "
            "with `pip install skgen[privacy]`."
        ) from error
    return evaluators


def _attacked(
    compute: Any,
    synthetic: Any,
    held_out: Any,
    return_baseline: bool,
    random_state: int | np.random.RandomState | None,
) -> float | tuple[float, float]:
    def checked(rows: Any, others: Any, rng: np.random.RandomState) -> float:
        if rows is synthetic:
            return compute(rows, others, rng)
        # Of fresh rows, nothing but chance is to be expected.
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", _WEAK)
            return compute(rows, others, rng)

    return with_baseline(
        checked,
        synthetic,
        held_out,
        return_baseline,
        halve=True,
        random_state=random_state,
    )


def _risk(attack: Any, n_attacks: int, **options: Any) -> float:
    """Run an attack, and say in words what anonymeter logs and warns of."""
    logged: list[str] = []
    logger = logging.getLogger("anonymeter")
    listener = logging.Handler(logging.WARNING)
    listener.emit = lambda record: logged.append(record.getMessage())  # type: ignore
    propagate, logger.propagate = logger.propagate, False
    logger.addHandler(listener)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Attack is as good or worse")
            attack.evaluate(**options)
            results = attack.results()
            risk = float(results.risk().value)
    finally:
        logger.removeHandler(listener)
        logger.propagate = propagate
    if results.baseline_rate.value >= results.attack_rate.value:
        warnings.warn(
            f"{_WEAK}, so that it says little of the rows: others may do better.",
            stacklevel=2,
        )
    if any("could generate only" in message for message in logged):
        warnings.warn(
            f"Too few conditions hold for one row alone, less than the {n_attacks} "
            "asked for: the risk may be underestimated (see max_attempts).",
            stacklevel=2,
        )
    return risk


@contextmanager
def _numpy_seed(rng: np.random.RandomState) -> Iterator[None]:
    """Seed numpy's global stream, from which anonymeter draws, and put it back."""
    state = np.random.get_state()
    np.random.seed(draw_seed(rng))
    try:
        yield
    finally:
        np.random.set_state(state)
