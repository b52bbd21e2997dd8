"""The shares of the labels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import pandas as pd

from skgen.metrics._labels import check_labels
from skgen.metrics._parameters import POSITIVE, checked
from skgen.plotting._bars import draw_bars
from skgen.plotting._base import Display
from skgen.plotting._tables import draw_rows
from skgen.plotting._text import percent


@dataclass(kw_only=True, eq=False, repr=False)
class ClassBalanceDisplay(Display):
    """Shares of the labels in real, synthetic and resampled rows.

    <constructors>

    Parameters
    ----------
    counts : DataFrame of shape (n_classes, n_tables)
        Rows of each label, the labels being the index, under "real", "synthetic" and,
        if there are any, "resampled".

    max_classes : int, default=10
        Maximum number of labels drawn, those of most real rows; the others together are
        "other".

    Attributes
    ----------
    shares : DataFrame of shape (n_classes, n_tables)
        `counts` over their sums.

    <ax_>

    Examples
    --------
    >>> from skgen.plotting import ClassBalanceDisplay
    >>> display = ClassBalanceDisplay.from_samples([0, 0, 0, 1], [0, 1])
    >>> display.shares
       real  synthetic
    0  0.75        0.5
    1  0.25        0.5
    >>> display.plot()  # doctest: +SKIP
    """

    counts: pd.DataFrame
    max_classes: int = 10
    notes: list[str] = field(init=False)

    def __post_init__(self) -> None:
        n = len(self.counts)
        note = f"the {self.max_classes} most frequent of {n:,} labels"
        self.notes = [note] if n > self.max_classes else []

    @property
    def shares(self) -> pd.DataFrame:
        """`counts` over their sums."""
        return self.counts / self.counts.sum(axis=0)

    @classmethod
    @checked(max_classes=[POSITIVE])
    def from_samples(
        cls,
        y_real: Any,
        y_synthetic: Any,
        *,
        y_resampled: Any = None,
        max_classes: int = 10,
    ) -> Self:
        """Count the labels.

        Parameters
        ----------
        y_real, y_synthetic : array-like of shape (n_rows,)
            Labels of real and of synthetic rows.

        y_resampled : array-like of shape (n_rows,), default=None
            Labels that `fit_resample` returned.

        max_classes : int, default=10
            Maximum number of labels drawn, beside "other".

        Returns
        -------
        display : ClassBalanceDisplay

        Raises
        ------
        ValueError
            If there are no labels, one is missing, or they are continuous.
        """
        given = {"y_real": y_real, "y_synthetic": y_synthetic}
        if y_resampled is not None:
            given["y_resampled"] = y_resampled
        counts = {}
        for name, y in given.items():
            if len(y) == 0:
                raise ValueError(f"{name} is empty: give a label or more.")
            counts[name.removeprefix("y_")] = check_labels(
                name, y, len(y)
            ).value_counts()
        table = pd.DataFrame(counts).fillna(0).astype(int)
        texts = np.argsort(np.argsort([str(label) for label in table.index]))
        if len(table) > max_classes:
            table = table.iloc[np.lexsort((texts, -table["real"]))]
        else:
            try:
                table = table.sort_index()
            except TypeError:  # numbers beside strings
                table = table.iloc[np.argsort(texts)]
        return cls(counts=table, max_classes=max_classes)

    @classmethod
    def from_estimator(
        cls,
        generator: Any,
        X: Any,
        y: Any,
        *,
        max_classes: int = 10,
        random_state: int | np.random.RandomState | None = None,
    ) -> Self:
        """Count the labels of real rows and of as many sampled ones.

        Parameters
        ----------
        <generator with labels>

        max_classes : int, default=10
            As in `from_samples`.

        <random_state of synthetic rows>

        Returns
        -------
        display : ClassBalanceDisplay

        Raises
        ------
        <label errors>
        """
        draw = draw_rows(generator, X, y, random_state)
        return cls.from_samples(draw.y_real, draw.y_synthetic, max_classes=max_classes)

    def plot(
        self,
        ax: Any = None,
        *,
        real_kw: dict | None = None,
        synthetic_kw: dict | None = None,
        resampled_kw: dict | None = None,
    ) -> Self:
        """Draw the bars.

        Parameters
        ----------
        <ax>

        real_kw, synthetic_kw, resampled_kw : dict, default=None
            Keywords for ``Axes.barh``.

        <plotted>
        """
        shown = self._shown()
        size = (5.4, 1.8 + 0.2 * shown.shape[1] * len(shown))
        ax = self._use_axes(ax, size)
        given = {"real": real_kw, "synthetic": synthetic_kw, "resampled": resampled_kw}
        draw_bars(
            ax,
            [str(label) for label in shown.index],
            {str(name): shown[name].to_numpy() for name in shown},
            given,
            write_values=True,
        )
        return self._label(title="Class balance", x="share of rows", y="label")

    def _summary(self) -> str:
        shown = self._shown()
        rows = []
        for label, shares in zip(shown.index, shown.to_numpy(), strict=True):
            parts = [
                f"{percent(share)} of the {name}"
                for name, share in zip(shown.columns, shares, strict=True)
            ]
            rows.append(f"label {label}: {', '.join(parts)} rows")
        return "Class balance. " + "; ".join(rows)

    def _shown(self) -> pd.DataFrame:
        """Return the shares that are drawn."""
        rest = self.shares.iloc[self.max_classes :]
        if not len(rest):
            return self.shares
        other = rest.sum().to_frame(f"other ({len(rest):,})").T
        return pd.concat([self.shares.iloc[: self.max_classes], other])
