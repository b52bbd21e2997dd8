"""How many rows the most frequent categories of a column cover."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import validate_params

from skgen.plotting._base import (
    LINE_WIDTH,
    LINES,
    Display,
    label_axes,
    legend_above,
    percent,
    percent_axis,
    sentences,
    shorten,
)
from skgen.plotting._categories import count_levels
from skgen.plotting._tables import draw_tables, pooled_column

_LOG_FROM = 50  # categories, from which on the few frequent ones need room


@dataclass(kw_only=True, eq=False, repr=False)
class CumulativeCoverageDisplay(Display):
    """Share of rows in the K categories that most real rows have.

    It is recommended to use `from_samples` or `from_estimator`; all parameters are
    stored as attributes.

    Parameters
    ----------
    column : column name
        The column.

    real_coverage, synthetic_coverage : ndarray of shape (n_categories,)
        Share of each table's rows in the first 1, 2, ... categories, in the order of
        the real rows' counts. Missing values are a category.

    n_real_categories : int
        Number of categories that real rows have; the others follow those.

    Attributes
    ----------
    ax_ : matplotlib Axes
        The axes drawn on.

    figure_ : matplotlib Figure
        Their figure.

    See Also
    --------
    CategoryDisplay : The most frequent categories by name.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.plotting import CumulativeCoverageDisplay
    >>> real = pd.DataFrame({"ad": list("aaab")})
    >>> synthetic = pd.DataFrame({"ad": list("aabc")})
    >>> display = CumulativeCoverageDisplay.from_samples(real, synthetic, column="ad")
    >>> display.real_coverage
    array([0.75, 1.  , 1.  ])
    >>> display.synthetic_coverage
    array([0.5 , 0.75, 1.  ])
    >>> display.plot()  # doctest: +SKIP
    """

    column: Hashable
    real_coverage: NDArray[np.float64]
    synthetic_coverage: NDArray[np.float64]
    n_real_categories: int
    notes: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.notes = []
        n_unseen = len(self.real_coverage) - self.n_real_categories
        if n_unseen:
            share = 1 - self.synthetic_coverage[self.n_real_categories - 1]
            self.notes.append(
                f"{percent(share)} of synthetic rows in {n_unseen:,} categories that "
                "real rows lack"
            )

    @classmethod
    @validate_params(
        {
            "real": "no_validation",
            "synthetic": "no_validation",
            "column": "no_validation",
        },
        prefer_skip_nested_validation=False,
    )
    def from_samples(
        cls, real: Any, synthetic: Any, *, column: Hashable
    ) -> CumulativeCoverageDisplay:
        """Count the rows that the most frequent categories cover.

        Parameters
        ----------
        real, synthetic : DataFrame or array-like of shape (n_rows, n_columns)
            Tables with the same columns.

        column : column name
            A column of any kind, whose values are taken for categories; its position
            for arrays.

        Returns
        -------
        display : CumulativeCoverageDisplay

        Raises
        ------
        ValueError
            If there is no such column, if the tables' columns differ in names, number,
            order or kind, or if a table is empty or holds infinities.
        """
        counts = count_levels(column, pooled_column(real, synthetic, column))
        of_real, of_synthetic = counts.to_numpy().cumsum(axis=0).T
        return cls(
            column=column,
            real_coverage=of_real / of_real[-1],
            synthetic_coverage=of_synthetic / of_synthetic[-1],
            n_real_categories=int((counts["real"] > 0).sum()),
        )

    @classmethod
    def from_estimator(
        cls,
        generator: Any,
        X: Any = None,
        y: Any = None,
        *,
        column: Hashable,
        random_state: int | np.random.RandomState | None = None,
    ) -> CumulativeCoverageDisplay:
        """Count the rows that categories cover, real rows and as many sampled ones.

        Parameters
        ----------
        generator : generator
            Fitted generator.

        X : DataFrame or array-like of shape (n_rows, n_columns), default=None
            Real rows, best such that the generator has not seen; None takes its
            `training_rows_`.

        y : array-like of shape (n_rows,), default=None
            Their labels, which become the last column, "label".

        column : column name
            As in `from_samples`.

        random_state : int, RandomState instance or None, default=None
            Draws the synthetic rows.

        Returns
        -------
        display : CumulativeCoverageDisplay

        Raises
        ------
        ValueError
            As in `from_samples`, and if there are no real rows.

        NotFittedError
            If the generator is not fitted.
        """
        tables = draw_tables(generator, X, y, random_state)
        return cls.from_samples(*tables, column=column)

    def plot(
        self,
        ax: Any = None,
        *,
        real_kw: dict | None = None,
        synthetic_kw: dict | None = None,
    ) -> CumulativeCoverageDisplay:
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure.

        real_kw, synthetic_kw : dict, default=None
            Keywords for ``Axes.plot``.

        Returns
        -------
        display : CumulativeCoverageDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        ax = self._use_axes(ax, (5.2, 3.8))
        n = len(self.real_coverage)
        marker = {"marker": "o", "markersize": 4} if n <= 20 else {}
        for i, (name, shares, given) in enumerate(
            (
                ("real", self.real_coverage, real_kw),
                ("synthetic", self.synthetic_coverage, synthetic_kw),
            )
        ):
            style = {"label": name, "linewidth": LINE_WIDTH, **LINES[i], **marker}
            ax.plot(np.arange(1, n + 1), shares, **{**style, **(given or {})})
        ax.set_ylim(0, 1.04)
        percent_axis(ax.yaxis)
        x = "K categories of most real rows"
        if n >= _LOG_FROM:
            from matplotlib.ticker import FuncFormatter

            ax.set_xscale("log")
            ax.xaxis.set_major_formatter(FuncFormatter(lambda k, _: f"{k:,.0f}"))
            x += ", logarithmic"
        else:
            ax.xaxis.get_major_locator().set_params(integer=True)
        label_axes(
            ax,
            title=f"{shorten(self.column, 45)}: rows in the top K",
            x=x,
            y="share of rows",
            notes=self.notes,
        )
        legend_above(ax)
        return self

    def describe(self) -> str:
        """Return the picture in words.

        Returns
        -------
        text : str
            A few plain sentences. Needs no `plot`.
        """
        parts = []
        for share in (0.5, 0.9):
            k = int(np.argmax(self.real_coverage >= share - 1e-12))
            parts.append(
                f"the {k + 1:,} most frequent cover {percent(self.real_coverage[k])} "
                f"of the real and {percent(self.synthetic_coverage[k])} of the "
                "synthetic rows"
            )
        what = (
            f"Column {self.column!r} has {self.n_real_categories:,} categories in "
            f"real rows: {'; '.join(dict.fromkeys(parts))}"
        )
        return sentences(what, *self.notes)
