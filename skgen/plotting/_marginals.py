"""All columns of two tables, each by itself."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, validate_params

from skgen.metrics._columns import as_frames
from skgen.plotting import _density
from skgen.plotting._base import GridDisplay, sentences
from skgen.plotting._categories import CategoryDisplay
from skgen.plotting._density import DensityDisplay
from skgen.plotting._tables import draw_tables, pooled_column, positions


@dataclass(kw_only=True, eq=False, repr=False)
class MarginalsDisplay(GridDisplay):
    """Densities of numbers and bars of categories, a picture for each column.

    It is recommended to use `from_samples` or `from_estimator`; all parameters are
    stored as attributes.

    Parameters
    ----------
    displays : list of DensityDisplay and CategoryDisplay
        The pictures; each can be plotted alone.

    notes : list of str, default=[]
        What the picture does not show, written over it.

    Attributes
    ----------
    axes_ : ndarray of matplotlib Axes of shape (n_displays,)
        The axes drawn on.

    figure_ : matplotlib Figure
        Their figure.

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
    notes: list[str] = field(default_factory=list)

    @classmethod
    @validate_params(
        {
            **_density.CONSTRAINTS,
            "column": "no_validation",
            "columns": ["array-like", None],
            "max_columns": [Interval(Integral, 1, None, closed="left"), None],
            "max_categories": [Interval(Integral, 1, None, closed="left")],
        },
        prefer_skip_nested_validation=False,
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
    ) -> MarginalsDisplay:
        """Look at each column.

        A column is drawn as categories if it is categorical or has at most
        `max_categories` values, and by densities otherwise.

        Parameters
        ----------
        real, synthetic : DataFrame or array-like of shape (n_rows, n_columns)
            Tables with the same columns.

        columns : array-like of column names, default=None
            The columns to draw; None for all.

        max_columns : int, default=20
            Columns that are drawn at most, the first ones; None for all. It does not
            bound `columns`.

        max_categories : int, default=10
            Categories of a column that have bars of their own.

        max_samples : int, default=10_000
            Rows of each table for the densities at most, drawn at random; None for all.

        central_share : float, default=0.99
            As in `DensityDisplay.from_samples`.

        random_state : int, RandomState instance or None, default=None
            Draws the rows.

        Returns
        -------
        display : MarginalsDisplay

        Raises
        ------
        ValueError
            If there is no such column, if the tables' columns differ in names, number,
            order or kind, or if a table is empty or holds infinities.
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
            pooled = pooled_column(**frames, column=name)
            # A column without a value is a single bar, "missing".
            few = pooled.kind != "categorical" and (
                pooled.values.nunique() <= max_categories
            )
            if few or pooled.kind == "categorical":
                displays.append(
                    CategoryDisplay.from_samples(
                        **frames, column=name, max_categories=max_categories
                    )
                )
                continue
            displays.append(
                DensityDisplay.from_samples(
                    **frames,
                    column=name,
                    max_samples=max_samples,
                    central_share=central_share,
                    random_state=rng,
                )
            )
        return cls(displays=displays, notes=notes)

    @classmethod
    def from_estimator(
        cls,
        generator: Any,
        X: Any = None,
        y: Any = None,
        *,
        columns: Sequence[Hashable] | None = None,
        max_columns: int | None = 20,
        max_categories: int = 10,
        max_samples: int | None = 10_000,
        central_share: float = 0.99,
        random_state: int | np.random.RandomState | None = None,
    ) -> MarginalsDisplay:
        """Look at each column of real rows and of as many sampled ones.

        Parameters
        ----------
        generator : generator
            Fitted generator.

        X : DataFrame or array-like of shape (n_rows, n_columns), default=None
            Real rows, best such that the generator has not seen; None takes its
            `training_rows_`.

        y : array-like of shape (n_rows,), default=None
            Their labels, which become the last column, "label".

        columns, max_columns, max_categories, max_samples, central_share
            As in `from_samples`.

        random_state : int, RandomState instance or None, default=None
            Draws the synthetic rows, and those that are used.

        Returns
        -------
        display : MarginalsDisplay

        Raises
        ------
        ValueError
            As in `from_samples`, and if there are no real rows.

        NotFittedError
            If the generator is not fitted.
        """
        return cls.from_samples(
            *draw_tables(generator, X, y, random_state),
            columns=columns,
            max_columns=max_columns,
            max_categories=max_categories,
            max_samples=max_samples,
            central_share=central_share,
            random_state=random_state,
        )

    def plot(self, ax: Any = None, *, n_cols: int = 3) -> MarginalsDisplay:
        """Draw all pictures.

        Parameters
        ----------
        ax : matplotlib Axes or array-like of Axes, default=None
            Axes to divide, or as many as pictures; None makes a figure.

        n_cols : int, default=3
            Pictures beside each other.

        Returns
        -------
        display : MarginalsDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.

        ValueError
            If `ax` is an array of another length.
        """
        n = len(self.displays)
        n_cols = min(n_cols, n)
        n_rows = -(-n // n_cols)
        axes = self._use_grid(ax, (n_rows, n_cols), n, (4.2 * n_cols, 3.4 * n_rows))
        for i, (display, one) in enumerate(zip(self.displays, axes, strict=True)):
            # On axes of somebody else's figure, there is room in the first alone.
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
        """Return the pictures in words.

        Returns
        -------
        text : str
            A few plain sentences. Needs no `plot`.
        """
        notes = [sentences(note) for note in self.notes]
        return " ".join([*notes, *(display.describe() for display in self.displays)])
