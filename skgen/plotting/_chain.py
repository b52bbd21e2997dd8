"""What is lost as rows are generated column by column."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import StrOptions

from skgen._random import draw_seed
from skgen.metrics._columns import as_frames
from skgen.metrics._parameters import checked
from skgen.metrics._registry import MEASURES
from skgen.plotting._base import LINE_WIDTH, LINES, TableDisplay
from skgen.plotting._tables import draw_tables, frames_of, positions, sample_rows
from skgen.plotting._text import direction_of, sampling_note, shorten

_FIDELITY = {name for name, measure in MEASURES.items() if measure.family == "fidelity"}
_MAX_LENGTHS = 12


@dataclass(kw_only=True, eq=False, repr=False)
class ChainDecayDisplay(TableDisplay):
    """Fidelity of the first 1, 2, ... columns in the order of their generation.

    The errors of a generator that draws each column given those before add up.

    <constructors>

    Parameters
    ----------
    n_columns : ndarray of int of shape (n_points,)
        Numbers of columns compared, the first ones of `order`.

    values : ndarray of shape (n_points,)
        The measure of these columns.

    order : list of column names
        The order of the columns.

    measure : str
        Name of the measure.

    direction : {"higher is better", "lower is better", ""}
        Which values are better.

    baseline : ndarray of shape (n_points,), default=None
        The measure of held-out real rows in the place of the synthetic ones.

    <notes>

    Attributes
    ----------
    <ax_>

    See Also
    --------
    skgen.AutoregressiveTrees : Draws columns in a chain.

    Notes
    -----
    A measure of more columns may change by their number alone: a classifier that sees
    more columns tells rows apart more easily, whatever their order. Compare the curve
    with that of held-out real rows, or with that of another order.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.plotting import ChainDecayDisplay
    >>> real = pd.DataFrame({"a": list("xxyy"), "b": list("ppqq"), "c": list("mnmn")})
    >>> synthetic = real.assign(c=list("mmmm"))
    >>> display = ChainDecayDisplay.from_samples(
    ...     real, synthetic, measure="total_variation"
    ... )
    >>> display.values.round(2)
    array([0.  , 0.  , 0.17])
    >>> display.plot()  # doctest: +SKIP
    """

    n_columns: NDArray[np.int64]
    values: NDArray[np.float64]
    order: list[Hashable]
    measure: str
    direction: str = ""
    baseline: NDArray[np.float64] | None = None

    @classmethod
    @checked(
        order=["array-like", None],
        measure=[StrOptions(_FIDELITY), callable],
        n_columns=["array-like", None],
    )
    def from_samples(
        cls,
        real: Any,
        synthetic: Any,
        *,
        order: Sequence[Hashable] | None = None,
        measure: str | Callable[..., float] = "detection",
        n_columns: Sequence[int] | None = None,
        held_out: Any = None,
        max_samples: int | None = 2_000,
        random_state: int | np.random.RandomState | None = None,
    ) -> Self:
        """Measure the first columns, for growing numbers of them.

        Parameters
        ----------
        <tables>

        order : array-like of column names, default=None
            The order of their generation; the other columns follow in the order of the
            table.

        measure : str or callable, default="detection"
            Name of a measure of fidelity, or ``measure(real, synthetic)`` that returns
            a number.

        n_columns : array-like of int, default=None
            Numbers of columns to compare. None takes all from 1 on, or 12 of them,
            evenly spread, if there are more.

        held_out : DataFrame or array-like of shape (n_rows, n_columns), default=None
            Real rows that the generator has not seen, which are measured too.

        <max_samples of each table>

        random_state : int, RandomState instance or None, default=None
            Draws the rows, and seeds the measure.

        Returns
        -------
        display : ChainDecayDisplay

        Raises
        ------
        ValueError
            If `order` names an unknown column or one twice, if `n_columns` is not
            between 1 and the number of columns, if the measure refuses the columns, if
            the tables' columns differ in names, number, order or kind, or if a table is
            empty or holds infinities.
        """
        frames = frames_of(real, synthetic, held_out)
        names = frames["real"].columns
        at = _complete(names, order)
        lengths = _lengths(n_columns, len(at))
        rng = check_random_state(random_state)
        drawn = {}
        for name, frame in frames.items():
            shown = name.replace("_", "-")
            frames[name], drawn[shown] = sample_rows(
                frame.iloc[:, at], max_samples, rng
            )
        call = _callable(measure, draw_seed(rng))
        values = {
            name: np.array(
                [
                    float(call(frames["real"].iloc[:, :k], frames[name].iloc[:, :k]))
                    for k in lengths
                ]
            )
            for name in frames
            if name != "real"
        }
        is_named = isinstance(measure, str)
        title = str(measure if is_named else getattr(measure, "__name__", "measure"))
        return cls(
            n_columns=lengths,
            values=values["synthetic"],
            order=[names[i] for i in at],
            measure=title,
            direction=direction_of(title) if is_named else "",
            baseline=values.get("held_out"),
            notes=sampling_note(drawn),
        )

    @classmethod
    def from_estimator(
        cls,
        generator: Any,
        X: Any = None,
        y: Any = None,
        *,
        order: Sequence[Hashable] | None = None,
        random_state: int | np.random.RandomState | None = None,
        **options: Any,
    ) -> Self:
        """Measure the first columns of real rows and of as many sampled ones.

        Parameters
        ----------
        <generator>

        order : array-like of column names, default=None
            As in `from_samples`. None takes the generator's `visit_order_` if it has
            one, the label before it; columns that it does not name, such as constant
            ones, follow.

        <options>
        """
        real, synthetic = draw_tables(generator, X, y, random_state)
        visited = getattr(generator, "visit_order_", None)
        if order is None and visited is not None:
            columns = list(as_frames({"real": real})["real"].columns)
            label = columns[-1:] if y is not None else []
            # A column that a constraint rewrote has another name there.
            order = [*label, *(name for name in visited if name in columns)]
        return cls.from_samples(
            real, synthetic, order=order, random_state=random_state, **options
        )

    def plot(self, ax: Any = None, *, line_kw: dict | None = None) -> Self:
        """Draw the measure over the number of columns.

        Parameters
        ----------
        <ax>

        line_kw : dict, default=None
            Keywords for ``Axes.plot`` of the synthetic rows' curve.

        <plotted>
        """
        ax = self._use_axes(ax, (6.0, 4.4))
        style = {"linewidth": LINE_WIDTH, "markersize": 5}
        look = {"marker": "s", "label": "synthetic rows", **style, **LINES[1]}
        ax.plot(self.n_columns, self.values, **{**look, **(line_kw or {})})
        if self.baseline is not None:
            ax.plot(
                self.n_columns,
                self.baseline,
                marker="o",
                label="held-out real rows",
                **style,
                **LINES[0],
            )
        last = [shorten(self.order[k - 1], 14) for k in self.n_columns]
        ax.set_xticks(
            self.n_columns,
            [f"{k}: {name}" for k, name in zip(self.n_columns, last, strict=True)],
            rotation=45,
            ha="right",
            rotation_mode="anchor",
        )
        return self._label(
            title="Fidelity along the chain of columns",
            x="number of columns, and the last of them",
            y=f"{self.measure} ({self.direction})" if self.direction else self.measure,
        )

    def _summary(self) -> str:
        better = f" ({self.direction})" if self.direction else ""
        what = (
            f"The measure {self.measure}{better} of the first columns in the order of "
            f"their generation goes from {self.values[0]:.3g} of "
            f"{self.n_columns[0]} to {self.values[-1]:.3g} of {self.n_columns[-1]}"
        )
        if self.baseline is not None:
            what += (
                f", that of held-out real rows from {self.baseline[0]:.3g} to "
                f"{self.baseline[-1]:.3g}"
            )
        return what


def _complete(names: Any, order: Sequence[Hashable] | None) -> list[int]:
    """Return the positions of all columns, in the order of their generation."""
    at = [] if order is None else positions(names, list(order))
    for i, position in enumerate(at):
        if position in at[:i]:
            raise ValueError(f"order names {names[position]!r} twice: name it once.")
    return [*at, *(i for i in range(len(names)) if i not in at)]


def _lengths(n_columns: Sequence[int] | None, n_all: int) -> NDArray[np.int64]:
    """Return the numbers of columns to compare, ascending."""
    if n_columns is None:
        n_points = min(n_all, _MAX_LENGTHS)
        return np.unique(np.linspace(1, n_all, n_points).round().astype(np.int64))
    lengths = np.unique(np.asarray(n_columns))
    if (
        not len(lengths)
        or not np.issubdtype(lengths.dtype, np.integer)
        or lengths[0] < 1
        or lengths[-1] > n_all
    ):
        raise ValueError(
            f"n_columns={list(n_columns)!r} must be whole numbers from 1 to {n_all}, "
            "the number of columns."
        )
    return lengths.astype(np.int64)


def _callable(measure: Any, seed: int) -> Callable[..., float]:
    """Return the measure with its seed, if it takes one."""
    if not isinstance(measure, str):
        return measure
    function = MEASURES[measure].function
    if "random_state" not in MEASURES[measure].parameters:
        return function
    return lambda real, synthetic: function(real, synthetic, random_state=seed)
