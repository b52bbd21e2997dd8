"""The frequencies of the categories of a column."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils._param_validation import Interval, validate_params

from skgen.metrics._columns import factorize_levels
from skgen.plotting._bars import draw_bars
from skgen.plotting._base import (
    Display,
    label_axes,
    legend_above,
    percent,
    sentences,
    shorten,
)
from skgen.plotting._tables import PooledColumn, draw_tables, pooled_column


@dataclass(kw_only=True, eq=False, repr=False)
class CategoryDisplay(Display):
    """Shares of the categories of a column in real and in synthetic rows.

    It is recommended to use `from_samples` or `from_estimator`; all parameters are
    stored as attributes.

    Parameters
    ----------
    column : column name
        The column.

    categories : list of str
        Names of the bars.

    real_shares, synthetic_shares : ndarray of shape (n_bars,)
        Share of the rows of each table.

    notes : list of str, default=[]
        What the picture does not show, written under it.

    Attributes
    ----------
    ax_ : matplotlib Axes
        The axes drawn on.

    figure_ : matplotlib Figure
        Their figure.

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
    notes: list[str] = field(default_factory=list)

    @classmethod
    @validate_params(
        {
            "real": "no_validation",
            "synthetic": "no_validation",
            "column": "no_validation",
            "max_categories": [Interval(Integral, 1, None, closed="left")],
        },
        prefer_skip_nested_validation=False,
    )
    def from_samples(
        cls,
        real: Any,
        synthetic: Any,
        *,
        column: Hashable,
        max_categories: int = 10,
    ) -> CategoryDisplay:
        """Count the categories of a column.

        Parameters
        ----------
        real, synthetic : DataFrame or array-like of shape (n_rows, n_columns)
            Tables with the same columns.

        column : column name
            A column of any kind, whose values are taken for categories; its position
            for arrays.

        max_categories : int, default=10
            The categories of most real rows that have bars of their own. Others are one
            bar, "other", and so are missing values.

        Returns
        -------
        display : CategoryDisplay
            Bars in the order of the real rows' frequencies; of the values, if these are
            ordered and all have bars.

        Raises
        ------
        ValueError
            If there is no such column, if the tables' columns differ in names, number,
            order or kind, or if a table is empty or holds infinities.
        """
        pooled = pooled_column(real, synthetic, column)
        counts = count_levels(column, pooled)
        shares = counts / counts.sum(axis=0)
        present = shares[counts.index.notna()]
        shown = present.iloc[:max_categories]
        rest = present.iloc[max_categories:]
        names = [_text(level) for level in shown.index]
        if not len(rest) and _is_ordered(pooled):
            order = np.argsort(pd.Categorical(shown.index, _levels(pooled)).codes)
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
        if len(unseen):
            notes.append(
                f"{percent(unseen.sum())} of synthetic rows in {len(unseen):,} "
                "categories that real rows lack"
            )
        of_real, of_synthetic = np.array(rows).T
        return cls(
            column=column,
            categories=names,
            real_shares=of_real,
            synthetic_shares=of_synthetic,
            notes=notes,
        )

    @classmethod
    def from_estimator(
        cls,
        generator: Any,
        X: Any = None,
        y: Any = None,
        *,
        column: Hashable,
        max_categories: int = 10,
        random_state: int | np.random.RandomState | None = None,
    ) -> CategoryDisplay:
        """Count the categories of a column of real rows and of as many sampled ones.

        Parameters
        ----------
        generator : generator
            Fitted generator.

        X : DataFrame or array-like of shape (n_rows, n_columns), default=None
            Real rows, best such that the generator has not seen; None takes its
            `training_rows_`.

        y : array-like of shape (n_rows,), default=None
            Their labels, which become the last column, "label".

        column, max_categories
            As in `from_samples`.

        random_state : int, RandomState instance or None, default=None
            Draws the synthetic rows.

        Returns
        -------
        display : CategoryDisplay

        Raises
        ------
        ValueError
            As in `from_samples`, and if there are no real rows.

        NotFittedError
            If the generator is not fitted.
        """
        tables = draw_tables(generator, X, y, random_state)
        return cls.from_samples(*tables, column=column, max_categories=max_categories)

    def plot(
        self,
        ax: Any = None,
        *,
        legend: bool = True,
        real_kw: dict | None = None,
        synthetic_kw: dict | None = None,
    ) -> CategoryDisplay:
        """Draw the bars.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure.

        legend : bool, default=True
            Whether to write which bar is which.

        real_kw, synthetic_kw : dict, default=None
            Keywords for ``Axes.barh``.

        Returns
        -------
        display : CategoryDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        ax = self._use_axes(ax, (5.2, 1.8 + 0.32 * len(self.categories)))
        draw_bars(
            ax,
            self.categories,
            {"real": self.real_shares, "synthetic": self.synthetic_shares},
            {"real": real_kw, "synthetic": synthetic_kw},
        )
        label_axes(
            ax, title=shorten(self.column, 60), x="share of rows", notes=self.notes
        )
        if legend:
            legend_above(ax)
        return self

    def describe(self) -> str:
        """Return the picture in words.

        Returns
        -------
        text : str
            A few plain sentences. Needs no `plot`.
        """
        bars = [
            f"{name} {percent(a)} and {percent(b)}"
            for name, a, b in zip(
                self.categories, self.real_shares, self.synthetic_shares, strict=True
            )
        ]
        what = (
            f"Shares of the categories of the column {self.column!r} in real and "
            f"synthetic rows: {', '.join(bars)}"
        )
        return sentences(what, *self.notes)


def count_levels(column: Hashable, pooled: PooledColumn) -> pd.DataFrame:
    """Count the values of a column in each table.

    Parameters
    ----------
    column : column name
        For errors.

    pooled : PooledColumn
        The column.

    Returns
    -------
    counts : DataFrame of shape (n_levels, 2)
        Under "real" and "synthetic", in the order of the real rows' counts, ties by the
        synthetic ones' and then by the text of the level, a missing value being one.
    """
    codes, levels = factorize_levels(column, pooled.values)
    parts = np.split(codes, [pooled.n_real])
    of_real, of_synthetic = (
        np.bincount(p + 1, minlength=len(levels) + 1) for p in parts
    )
    index = pd.Index([np.nan, *levels], dtype=object)
    counts = pd.DataFrame({"real": of_real, "synthetic": of_synthetic}, index=index)
    counts = counts[counts.sum(axis=1) > 0]
    texts = [str(level) for level in counts.index]
    order = np.lexsort(
        (np.argsort(np.argsort(texts)), -counts["synthetic"], -counts["real"])
    )
    return counts.iloc[order]


def _is_ordered(pooled: PooledColumn) -> bool:
    dtype = pooled.values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return bool(dtype.ordered)
    return pooled.kind != "categorical" or pd.api.types.is_bool_dtype(dtype)


def _levels(pooled: PooledColumn) -> Any:
    dtype = pooled.values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return dtype.categories
    return sorted(pooled.values.dropna().unique())


def _text(level: Any) -> str:
    if isinstance(level, float | np.floating):
        return f"{level:g}"
    if isinstance(level, pd.Timestamp):
        return f"{level.tz_localize(None)}"
    return str(level)
