"""Fidelity and privacy of several generators."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Self

import pandas as pd

from skgen.metrics import pareto_front
from skgen.metrics._parameters import checked
from skgen.plotting._base import REAL, SYNTHETIC, Display
from skgen.plotting._text import direction_of, label_axes, legend_above, shorten

# Offsets of a name from its point, in points, and its alignment.
_PLACES = (
    (7, 5, "left", "bottom"),
    (7, -5, "left", "top"),
    (-7, 5, "right", "bottom"),
    (-7, -5, "right", "top"),
    (0, 9, "center", "bottom"),
    (0, -9, "center", "top"),
)


@dataclass(kw_only=True, eq=False, repr=False)
class FidelityPrivacyDisplay(Display):
    """Scatter plot of generators by fidelity and privacy, with the Pareto front.

    It is recommended to use `from_results`; all parameters are stored as attributes.

    Parameters
    ----------
    results : DataFrame of shape (n_generators, 2)
        Fidelity and privacy, the generators' names being the index.

    front : DataFrame of shape (n_front, 2)
        The Pareto front: those that no other beats, see
        :func:`skgen.metrics.pareto_front`.

    <notes>

    Attributes
    ----------
    <ax_>

    See Also
    --------
    skgen.model_selection.compare : Makes such results.
    skgen.metrics.pareto_front : The results that no other beats.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.plotting import FidelityPrivacyDisplay
    >>> results = pd.DataFrame(
    ...     {"detection": [0.5, 0.7, 0.9, 0.8], "nndr": [0.3, 0.6, 0.7, 0.5]},
    ...     index=["copy", "tree", "noise", "worse"],
    ... )
    >>> display = FidelityPrivacyDisplay.from_results(
    ...     results, fidelity="detection", privacy="nndr"
    ... )
    >>> display.front.index.tolist()
    ['copy', 'tree', 'noise']
    >>> display.plot()  # doctest: +SKIP
    """

    results: pd.DataFrame
    front: pd.DataFrame

    @classmethod
    @checked(results=[pd.DataFrame, dict])
    def from_results(
        cls, results: Any, *, fidelity: Hashable, privacy: Hashable
    ) -> Self:
        """Take two columns of the results.

        Parameters
        ----------
        results : DataFrame or dict of array-like
            One row for each generator, its name being the index: what
            :func:`skgen.model_selection.compare` returns, or `cv_results_` of a search.
            Rows without a value in either column are left out; the picture says so.

        fidelity, privacy : column name
            The two columns. Of those with the name of a measure it is known which
            values are better, of others higher ones are.

        Returns
        -------
        display : FidelityPrivacyDisplay

        Raises
        ------
        ValueError
            If there is no such column, it holds no numbers, or no row has both.
        """
        table = pd.DataFrame(results)
        for name in (fidelity, privacy):
            if name not in table.columns:
                raise ValueError(
                    f"{name!r} is not a column of results: choose among "
                    f"{list(table.columns)}."
                )
        if fidelity == privacy:
            raise ValueError(f"fidelity and privacy are both {fidelity!r}: give two.")
        table = table[[fidelity, privacy]]
        lacks = table.isna().any(axis=1)
        notes = []
        if lacks.any():
            left_out = ", ".join(str(name) for name in table.index[lacks])
            notes.append(f"without a value: {left_out}")
        table = table[~lacks]
        if not len(table):
            raise ValueError(
                f"No row of results has a value of both {fidelity!r} and {privacy!r}: "
                "measure a generator first."
            )
        front = pareto_front(table, fidelity=fidelity, privacy=privacy)
        return cls(results=table, front=front, notes=notes)

    def plot(self, ax: Any = None, *, names: bool = True) -> Self:
        """Draw the scatter.

        Parameters
        ----------
        <ax>

        names : bool, default=True
            Whether to write the generators' names beside the points. Names that would
            overlap others are left out, those off the front first, and the picture
            says so.

        <plotted>
        """
        ax = self._use_axes(ax, (5.8, 4.6))
        fidelity, privacy = self.results.columns
        is_front = self.results.index.isin(self.front.index)
        ax.plot(
            self.front[fidelity],
            self.front[privacy],
            color=REAL,
            linestyle="--",
            linewidth=1.2,
            marker="D",
            markersize=8,
            label="beaten by none (Pareto front)",
        )
        others = self.results[~is_front]
        if len(others):
            ax.plot(
                others[fidelity],
                others[privacy],
                color=SYNTHETIC,
                linestyle="none",
                marker="o",
                markerfacecolor="none",
                markersize=8,
                label="beaten by another",
            )
        ax.margins(0.14)
        n_nameless = self._write_names(ax) if names else 0
        notes = list(self.notes)
        if n_nameless:
            notes.append(f"{n_nameless} points without room for a name")
        label_axes(
            ax,
            title="Fidelity and privacy",
            x=f"{shorten(fidelity, 40)} ({direction_of(fidelity)})",
            y=f"{shorten(privacy, 40)} ({direction_of(privacy)})",
            notes=notes,
        )
        legend_above(ax)
        return self

    def _write_names(self, ax: Any) -> int:
        """Write the names where they hide nothing; return how many found no room."""
        figure = ax.figure
        figure.draw_without_rendering()
        renderer = figure.canvas.get_renderer()
        inside = ax.get_window_extent(renderer)
        at = ax.transData.transform(self.results.to_numpy(dtype=float))
        taken = [_box(x, y, 8) for x, y in at]
        is_front = self.results.index.isin(self.front.index)
        # A box behind names that cross the front, unless the axes are transparent.
        face = ax.get_facecolor()
        box_style = {"facecolor": face, "edgecolor": "none", "alpha": 0.75, "pad": 0.8}
        n_left_out = 0
        # The front first, so that it gets the room.
        for i in [*is_front.nonzero()[0], *(~is_front).nonzero()[0]]:
            for dx, dy, ha, va in _PLACES:
                text = ax.annotate(
                    shorten(self.results.index[i], 24),
                    self.results.iloc[i].to_numpy(dtype=float),
                    xytext=(dx, dy),
                    textcoords="offset points",
                    ha=ha,
                    va=va,
                    fontsize="small",
                    bbox=box_style if face[3] else None,
                )
                box = text.get_window_extent(renderer)
                fits = inside.x0 <= box.x0 and box.x1 <= inside.x1
                fits &= inside.y0 <= box.y0 and box.y1 <= inside.y1
                own = taken[i]
                if fits and not any(box.overlaps(b) for b in taken if b is not own):
                    taken.append(box)
                    break
                text.remove()
            else:
                n_left_out += 1
        return n_left_out

    def _summary(self) -> str:
        fidelity, privacy = self.results.columns
        rows = [
            f"{name} ({row.iloc[0]:.3g}, {row.iloc[1]:.3g})"
            for name, row in self.results.iterrows()
        ]
        front = ", ".join(str(name) for name in self.front.index)
        return (
            f"Generators by {fidelity} ({direction_of(fidelity)}) and {privacy} "
            f"({direction_of(privacy)}): {', '.join(rows)}. None beats {front} in both"
        )


def _box(x: float, y: float, size: float) -> Any:
    from matplotlib.transforms import Bbox

    return Bbox.from_bounds(x - size / 2, y - size / 2, size, size)
