"""The frequencies of the categories of a column."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skgen.metrics._columns import factorize_levels
from skgen.metrics._parameters import POSITIVE, checked
from skgen.plotting._bars import draw_bars
from skgen.plotting._base import TableDisplay
from skgen.plotting._tables import PooledColumn, pooled_column
from skgen.plotting._text import percent, shorten


@dataclass(kw_only=True, eq=False, repr=False)
class CategoryDisplay(TableDisplay):
    """Shares of the categories of a column in real and in synthetic rows.

    <constructors>

    Parameters
    ----------
    column : column name
        The column.

    categories : list of str
        Names of the bars.

    real_shares, synthetic_shares : ndarray of shape (n_bars,)
        Share of the rows of each table.

    <notes>

    Attributes
    ----------
    <ax_>

    See Also
    --------
    DensityDisplay : Densities of numbers.
    CumulativeCoverageDisplay : All categories of a column that has thousands.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.plotting import CategoryDisplay
    >>> real = pd.DataFrame({"device": ["phone", "phone", "phone", "tablet"]})
    >>> synthetic = pd.DataFrame({"device": ["phone", "tablet"]})
    >>> display = CategoryDisplay.from_samples(real, synthetic, column="device")
    >>> print(display.describe())
    Shares of the categories of the column 'device' in real and synthetic rows: phone
    75.0 % and 50.0 %, tablet 25.0 % and 50.0 %.
    >>> display.plot()  # doctest: +SKIP
    """

    column: Hashable
    categories: list[str]
    real_shares: NDArray[np.float64]
    synthetic_shares: NDArray[np.float64]

    @classmethod
    @checked(max_categories=[POSITIVE])
    def from_samples(
        cls,
        real: Any,
        synthetic: Any,
        *,
        column: Hashable,
        max_categories: int = 10,
    ) -> Self:
        """Count the categories of a column.

        Parameters
        ----------
        <tables>

        <column of any kind>

        max_categories : int, default=10
            Maximum number of categories with a bar each, those of most real rows. The
            others share the bar "other"; missing values have a bar of their own.

        Returns
        -------
        display : CategoryDisplay
            Bars in the order of the real rows' frequencies; of the values, if these are
            ordered and all have bars.

        Raises
        ------
        <column errors>
        """
        pooled = pooled_column(real, synthetic, column)
        counts = count_categories(column, pooled)
        shares = counts / counts.sum(axis=0)
        present = shares[counts.index.notna()]
        shown = present.iloc[:max_categories]
        rest = present.iloc[max_categories:]
        names = [_name(category) for category in shown.index]
        if not len(rest) and _is_ordered(pooled):
            ordered = pd.Categorical(shown.index, _ordered_categories(pooled))
            order = np.argsort(ordered.codes)
            shown, names = shown.iloc[order], [names[i] for i in order]
        rows = shown.to_numpy().tolist()
        notes = []
        if len(rest):
            names.append(f"other ({len(rest):,})")
            rows.append(rest.sum().tolist())
            notes.append(
                f"the {len(shown):,} most frequent of {len(present):,} categories"
            )
        missing = shares[counts.index.isna()]
        if len(missing):
            names.append("missing")
            rows.append(missing.sum().tolist())
        unseen = present.loc[present["real"] == 0, "synthetic"]
        notes += unseen_note(unseen.sum(), len(unseen))
        of_real, of_synthetic = np.array(rows).T
        return cls(
            column=column,
            categories=names,
            real_shares=of_real,
            synthetic_shares=of_synthetic,
            notes=notes,
        )

    def plot(
        self,
        ax: Any = None,
        *,
        legend: bool = True,
        real_kw: dict | None = None,
        synthetic_kw: dict | None = None,
    ) -> Self:
        """Draw the bars.

        Parameters
        ----------
        <ax>

        legend : bool, default=True
            Whether to write which bar is which.

        real_kw, synthetic_kw : dict, default=None
            Keywords for ``Axes.barh``.

        <plotted>
        """
        ax = self._use_axes(ax, (5.2, 1.8 + 0.32 * len(self.categories)))
        draw_bars(
            ax,
            self.categories,
            {"real": self.real_shares, "synthetic": self.synthetic_shares},
            {"real": real_kw, "synthetic": synthetic_kw},
        )
        title = shorten(self.column, 60)
        return self._label(title=title, x="share of rows", legend=legend)

    def _summary(self) -> str:
        bars = [
            f"{name} {percent(a)} and {percent(b)}"
            for name, a, b in zip(
                self.categories, self.real_shares, self.synthetic_shares, strict=True
            )
        ]
        return f"{self._subject()} in real and synthetic rows: {', '.join(bars)}"

    def _subject(self) -> str:
        return f"Shares of the categories of the column {self.column!r}"


def unseen_note(share: float, n_unseen: int) -> list[str]:
    """Say what share of the synthetic rows have categories that real rows lack."""
    if not n_unseen:
        return []
    rows = f"{percent(share)} of synthetic rows in {n_unseen:,} categories"
    return [f"{rows} that real rows lack"]


def count_categories(column: Hashable, pooled: PooledColumn) -> pd.DataFrame:
    """Count the values of a column in each table, a missing value being one.

    The result, of shape (n_categories, 2) under "real" and "synthetic", is in the order
    of the real rows' counts, ties by the synthetic ones' and then by the text.
    """
    codes, categories = factorize_levels(column, pooled.values)
    parts = np.split(codes, [pooled.n_real])
    of_real, of_synthetic = (
        np.bincount(part + 1, minlength=len(categories) + 1) for part in parts
    )
    index = pd.Index([np.nan, *categories], dtype=object)
    counts = pd.DataFrame({"real": of_real, "synthetic": of_synthetic}, index=index)
    counts = counts[counts.sum(axis=1) > 0]
    texts = np.argsort(np.argsort([str(category) for category in counts.index]))
    return counts.iloc[np.lexsort((texts, -counts["synthetic"], -counts["real"]))]


def _is_ordered(pooled: PooledColumn) -> bool:
    dtype = pooled.values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return bool(dtype.ordered)
    return pooled.kind != "categorical" or pd.api.types.is_bool_dtype(dtype)


def _ordered_categories(pooled: PooledColumn) -> Any:
    dtype = pooled.values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return dtype.categories
    return sorted(pooled.values.dropna().unique())


def _name(category: Any) -> str:
    if isinstance(category, float | np.floating):
        return f"{category:g}"
    if isinstance(category, pd.Timestamp):
        return f"{category.tz_localize(None)}"
    return str(category)
