"""How many rows the most frequent categories of a column cover."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from skgen.metrics._parameters import checked
from skgen.plotting._base import LINE_WIDTH, LINES, TableDisplay
from skgen.plotting._categories import count_categories, unseen_note
from skgen.plotting._tables import pooled_column
from skgen.plotting._text import percent, percent_axis, shorten

_LOG_FROM = 50  # categories, from which on the few frequent ones need room


@dataclass(kw_only=True, eq=False, repr=False)
class CumulativeCoverageDisplay(TableDisplay):
    """Share of rows in the K categories that most real rows have.

    <constructors>

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
    <ax_>

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
        n_unseen = len(self.real_coverage) - self.n_real_categories
        share = 1 - self.synthetic_coverage[self.n_real_categories - 1]
        self.notes = unseen_note(share, n_unseen)

    @classmethod
    @checked()
    def from_samples(cls, real: Any, synthetic: Any, *, column: Hashable) -> Self:
        """Count the rows that the most frequent categories cover.

        Parameters
        ----------
        <tables>

        <column of any kind>

        Returns
        -------
        display : CumulativeCoverageDisplay

        Raises
        ------
        <column errors>
        """
        counts = count_categories(column, pooled_column(real, synthetic, column))
        of_real, of_synthetic = counts.to_numpy().cumsum(axis=0).T
        return cls(
            column=column,
            real_coverage=of_real / of_real[-1],
            synthetic_coverage=of_synthetic / of_synthetic[-1],
            n_real_categories=int((counts["real"] > 0).sum()),
        )

    def plot(
        self,
        ax: Any = None,
        *,
        real_kw: dict | None = None,
        synthetic_kw: dict | None = None,
    ) -> Self:
        """Draw the curves.

        Parameters
        ----------
        <ax>

        real_kw, synthetic_kw : dict, default=None
            Keywords for ``Axes.plot``.

        <plotted>
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
        title = f"{shorten(self.column, 45)}: rows in the top K"
        return self._label(title=title, x=x, y="share of rows")

    def _summary(self) -> str:
        parts = []
        for share in (0.5, 0.9):
            k = int(np.argmax(self.real_coverage >= share - 1e-12))
            parts.append(
                f"the {k + 1:,} most frequent cover {percent(self.real_coverage[k])} "
                f"of the real and {percent(self.synthetic_coverage[k])} of the "
                "synthetic rows"
            )
        return (
            f"Column {self.column!r} has {self.n_real_categories:,} categories in "
            f"real rows: {'; '.join(dict.fromkeys(parts))}"
        )
