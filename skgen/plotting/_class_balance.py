"""The shares of the labels."""

from __future__ import annotations

from dataclasses import dataclass, field
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils._param_validation import Interval, validate_params

from skgen.metrics._labels import check_labels
from skgen.plotting._bars import draw_bars
from skgen.plotting._base import Display, label_axes, legend_above, percent, sentences
from skgen.plotting._tables import draw_rows


@dataclass(kw_only=True, eq=False, repr=False)
class ClassBalanceDisplay(Display):
    """Shares of the labels in real, synthetic and resampled rows.

    It is recommended to use `from_samples` or `from_estimator`; all parameters are
    stored as attributes.

    Parameters
    ----------
    counts : DataFrame of shape (n_classes, n_tables)
        Rows of each label, the labels being the index, under "real", "synthetic" and,
        if there are any, "resampled".

    max_classes : int, default=10
        Labels that are drawn, those of most real rows; the others together are "other".

    Attributes
    ----------
    shares : DataFrame of shape (n_classes, n_tables)
        `counts` over their sums.

    ax_ : matplotlib Axes
        The axes drawn on.

    figure_ : matplotlib Figure
        Their figure.

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
        self.notes = []
        if len(self.counts) > self.max_classes:
            self.notes.append(
                f"the {self.max_classes} most frequent of {len(self.counts):,} labels"
            )

    @property
    def shares(self) -> pd.DataFrame:
        """`counts` over their sums."""
        return self.counts / self.counts.sum(axis=0)

    @classmethod
    @validate_params(
        {
            "y_real": "no_validation",
            "y_synthetic": "no_validation",
            "y_resampled": "no_validation",
            "max_classes": [Interval(Integral, 1, None, closed="left")],
        },
        prefer_skip_nested_validation=False,
    )
    def from_samples(
        cls,
        y_real: Any,
        y_synthetic: Any,
        *,
        y_resampled: Any = None,
        max_classes: int = 10,
    ) -> ClassBalanceDisplay:
        """Count the labels.

        Parameters
        ----------
        y_real, y_synthetic : array-like of shape (n_rows,)
            Labels of real and of synthetic rows.

        y_resampled : array-like of shape (n_rows,), default=None
            Labels that `fit_resample` returned.

        max_classes : int, default=10
            Labels that are drawn at most, beside "other".

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
    ) -> ClassBalanceDisplay:
        """Count the labels of real rows and of as many sampled ones.

        Parameters
        ----------
        generator : generator
            Generator that was fitted with labels.

        X : DataFrame or array-like of shape (n_rows, n_columns)
            Real rows.

        y : array-like of shape (n_rows,)
            Their labels.

        max_classes : int, default=10
            Labels that are drawn at most, beside "other".

        random_state : int, RandomState instance or None, default=None
            Draws the synthetic rows.

        Returns
        -------
        display : ClassBalanceDisplay

        Raises
        ------
        ValueError
            As in `from_samples`, and if the generator was fitted without labels.

        NotFittedError
            If the generator is not fitted.
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
    ) -> ClassBalanceDisplay:
        """Draw the bars.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure.

        real_kw, synthetic_kw, resampled_kw : dict, default=None
            Keywords for ``Axes.barh``.

        Returns
        -------
        display : ClassBalanceDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
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
        label_axes(ax, title="Class balance", x="share of rows", notes=self.notes)
        ax.set_ylabel("label")
        legend_above(ax)
        return self

    def describe(self) -> str:
        """Return the picture in words.

        Returns
        -------
        text : str
            A few plain sentences. Needs no `plot`.
        """
        shown = self._shown()
        rows = []
        for label, shares in zip(shown.index, shown.to_numpy(), strict=True):
            parts = [
                f"{percent(share)} of the {name}"
                for name, share in zip(shown.columns, shares, strict=True)
            ]
            rows.append(f"label {label}: {', '.join(parts)} rows")
        what = "Class balance. " + "; ".join(rows)
        return sentences(what, *self.notes)

    def _shown(self) -> pd.DataFrame:
        """Return the shares that are drawn."""
        rest = self.shares.iloc[self.max_classes :]
        if not len(rest):
            return self.shares
        other = rest.sum().to_frame(f"other ({len(rest):,})").T
        return pd.concat([self.shares.iloc[: self.max_classes], other])
