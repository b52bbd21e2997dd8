"""All columns of two tables, each by itself."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from sklearn.utils import check_random_state

from skgen.metrics._columns import as_frames
from skgen.metrics._parameters import POSITIVE, checked
from skgen.plotting._base import GridDisplay
from skgen.plotting._categories import CategoryDisplay
from skgen.plotting._density import SHARE, DensityDisplay
from skgen.plotting._tables import pooled_column, positions
from skgen.plotting._text import sentences


@dataclass(kw_only=True, eq=False, repr=False)
class MarginalsDisplay(GridDisplay):
    """Densities of numbers and bars of categories, a picture for each column.

    <constructors>

    Parameters
    ----------
    displays : list of DensityDisplay and CategoryDisplay
        The pictures; each can be plotted alone.

    notes : list of str, default=[]
        What the picture does not show, written over it.

    Attributes
    ----------
    <axes_>

    See Also
    --------
    DensityDisplay : A column of numbers, dates or durations.
    CategoryDisplay : A column of categories.
    AssociationDisplay : How columns depend on each other.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.plotting import MarginalsDisplay
    >>> real = pd.DataFrame({"age": range(20, 60), "device": ["phone", "tv"] * 20})
    >>> display = MarginalsDisplay.from_samples(real, real[10:])
    >>> [type(d).__name__ for d in display.displays]
    ['DensityDisplay', 'CategoryDisplay']
    >>> display.plot()  # doctest: +SKIP
    """

    displays: list[DensityDisplay | CategoryDisplay]

    @classmethod
    @checked(
        columns=["array-like", None],
        max_columns=[POSITIVE, None],
        max_categories=[POSITIVE],
        central_share=[SHARE],
    )
    def from_samples(
        cls,
        real: Any,
        synthetic: Any,
        *,
        columns: Sequence[Hashable] | None = None,
        max_columns: int | None = 20,
        max_categories: int = 10,
        max_samples: int | None = 10_000,
        central_share: float = 0.99,
        random_state: int | np.random.RandomState | None = None,
    ) -> Self:
        """Draw each column.

        A column is drawn as categories if it is categorical or has at most
        `max_categories` values, and by densities otherwise.

        Parameters
        ----------
        <tables>

        columns : array-like of column names, default=None
            The columns to draw; None for all.

        max_columns : int, default=20
            Maximum number of columns drawn, the first ones, if `columns` is None; no
            limit if None.

        max_categories : int, default=10
            Maximum number of categories of a column with a bar each.

        max_samples : int, default=10_000
            Maximum number of rows of each table for the densities, drawn at random; no
            limit if None.

        central_share : float, default=0.99
            As in `DensityDisplay.from_samples`.

        <random_state>

        Returns
        -------
        display : MarginalsDisplay

        Raises
        ------
        <column errors>
        """
        frames = as_frames({"real": real, "synthetic": synthetic})
        names: list[Hashable] = list(frames["real"].columns)
        notes = []
        if columns is not None:
            names = list(columns)
            positions(frames["real"].columns, names)
        elif max_columns is not None and len(names) > max_columns:
            notes.append(f"the first {max_columns} of {len(names)} columns")
            names = names[:max_columns]
        rng = check_random_state(random_state)
        displays: list[DensityDisplay | CategoryDisplay] = []
        for name in names:
            kind, values, _ = pooled_column(**frames, column=name)
            # A column without a value is a single bar, "missing".
            if kind == "categorical" or values.nunique() <= max_categories:
                one = CategoryDisplay.from_samples(
                    **frames, column=name, max_categories=max_categories
                )
            else:
                one = DensityDisplay.from_samples(
                    **frames,
                    column=name,
                    max_samples=max_samples,
                    central_share=central_share,
                    random_state=rng,
                )
            displays.append(one)
        return cls(displays=displays, notes=notes)

    def plot(self, ax: Any = None, *, n_cols: int = 3) -> Self:
        """Draw all pictures.

        Parameters
        ----------
        ax : matplotlib Axes or array-like of Axes, default=None
            Axes to divide, or as many as pictures; None makes a figure.

        n_cols : int, default=3
            Number of pictures in a row.

        <plotted>

        ValueError
            If `ax` is an array of another length.
        """
        n = len(self.displays)
        n_cols = min(n_cols, n)
        n_rows = -(-n // n_cols)
        axes = self._use_grid(ax, (n_rows, n_cols), n, (4.2 * n_cols, 3.4 * n_rows))
        for i, (display, one) in enumerate(zip(self.displays, axes, strict=True)):
            # In a given figure, only the first axes have room for a legend.
            display.plot(one, legend=ax is not None and i == 0)
        if ax is None:
            self._write_legend(axes)
        return self

    def _write_legend(self, axes: Any) -> None:
        """Write one legend over all pictures: a line or a bar is of either table."""
        from matplotlib.legend_handler import HandlerTuple

        kinds = {type(d): one for d, one in zip(self.displays, axes, strict=True)}
        found = [one.get_legend_handles_labels() for one in kinds.values()]
        self.figure_.legend(
            list(zip(*(handles for handles, _ in found), strict=True)),
            found[0][1],
            handler_map={tuple: HandlerTuple(ndivide=None, pad=0.6)},
            loc="outside upper center",
            ncols=2,
            frameon=False,
            title=f"({'; '.join(self.notes)})" if self.notes else None,
            handlelength=5.0,
        )

    def describe(self) -> str:
        notes = [sentences(note) for note in self.notes]
        return " ".join([*notes, self._summary()])

    def _summary(self) -> str:
        return " ".join(display.describe() for display in self.displays)
