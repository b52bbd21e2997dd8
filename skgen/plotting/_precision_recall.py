"""Precision and recall of the rows over distances."""

from __future__ import annotations

from dataclasses import dataclass, field
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, validate_params

from skgen.metrics import precision_recall_distance_curve
from skgen.metrics._columns import as_frames
from skgen.plotting._base import (
    LINE_WIDTH,
    REAL,
    SYNTHETIC,
    Display,
    label_axes,
    legend_above,
    percent,
    percent_axis,
    sampling_note,
    sentences,
)
from skgen.plotting._tables import draw_tables, sample_rows


@dataclass(kw_only=True, eq=False, repr=False)
class PrecisionRecallDistanceDisplay(Display):
    """Precision and recall of the synthetic rows for every distance.

    Those of :func:`skgen.metrics.precision_recall_distance_curve`. It is recommended to
    use `from_samples` or `from_estimator`; all parameters are stored as attributes.

    Parameters
    ----------
    precision, recall : ndarray of shape (n_thresholds,)
        Share of the synthetic rows with a real row within the distance, and of the real
        rows with a synthetic row.

    thresholds : ndarray of shape (n_thresholds,)
        Distances, ascending.

    baseline : tuple of 3 ndarrays, default=None
        Precision, recall and thresholds of held-out real rows in the place of the
        synthetic ones: what is good.

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
    skgen.metrics.knn_precision : One number, by the distances between real rows.

    Examples
    --------
    >>> from skgen.plotting import PrecisionRecallDistanceDisplay
    >>> real, synthetic = [[0.0], [1.0]], [[0.0], [0.25]]
    >>> display = PrecisionRecallDistanceDisplay.from_samples(real, synthetic)
    >>> display.precision
    array([0.5, 1. , 1. ])
    >>> display.plot()  # doctest: +SKIP
    """

    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    thresholds: NDArray[np.float64]
    baseline: tuple[NDArray, NDArray, NDArray] | None = None
    notes: list[str] = field(default_factory=list)

    @classmethod
    @validate_params(
        {
            "real": "no_validation",
            "synthetic": "no_validation",
            "held_out": "no_validation",
            "max_samples": [Interval(Integral, 1, None, closed="left"), None],
            "random_state": ["random_state"],
        },
        prefer_skip_nested_validation=False,
    )
    def from_samples(
        cls,
        real: Any,
        synthetic: Any,
        *,
        held_out: Any = None,
        max_samples: int | None = 2_000,
        random_state: int | np.random.RandomState | None = None,
    ) -> PrecisionRecallDistanceDisplay:
        """Compute the curves.

        Parameters
        ----------
        real, synthetic : DataFrame or array-like of shape (n_rows, n_columns)
            Tables with the same columns, of any dtypes, with missing values or without.

        held_out : DataFrame or array-like of shape (n_rows, n_columns), default=None
            Real rows that the generator has not seen, whose curves are drawn too. Of
            these and the synthetic rows, as many of the one as of the other are used,
            as curves of different numbers of rows do not compare.

        max_samples : int, default=2_000
            Rows of each table to use at most, drawn at random; None for all.

        random_state : int, RandomState instance or None, default=None
            Draws the rows.

        Returns
        -------
        display : PrecisionRecallDistanceDisplay

        Raises
        ------
        ValueError
            If the tables' columns differ in names, number, order or kind, or if a table
            is empty or holds infinities.
        """
        given = {"real": real, "synthetic": synthetic}
        if held_out is not None:
            given["held_out"] = held_out
        frames = as_frames(given)
        rng = check_random_state(random_state)
        fewest = max_samples
        if held_out is not None:
            fewest = min(len(frames["synthetic"]), len(frames["held_out"]))
            fewest = fewest if max_samples is None else min(fewest, max_samples)
        drawn = {}
        for name, frame in frames.items():
            most = max_samples if name == "real" else fewest
            shown = name.replace("_", "-")
            frames[name], drawn[shown] = sample_rows(frame, most, rng)
        precision, recall, thresholds = precision_recall_distance_curve(
            frames["real"], frames["synthetic"]
        )
        baseline = None
        if held_out is not None:
            baseline = precision_recall_distance_curve(
                frames["real"], frames["held_out"]
            )
        return cls(
            precision=precision,
            recall=recall,
            thresholds=thresholds,
            baseline=baseline,
            notes=sampling_note(drawn),
        )

    @classmethod
    def from_estimator(
        cls,
        generator: Any,
        X: Any = None,
        y: Any = None,
        *,
        max_samples: int | None = 2_000,
        random_state: int | np.random.RandomState | None = None,
    ) -> PrecisionRecallDistanceDisplay:
        """Compute the curves of real rows and of as many sampled ones.

        Parameters
        ----------
        generator : generator
            Fitted generator.

        X : DataFrame or array-like of shape (n_rows, n_columns), default=None
            Real rows, best such that the generator has not seen; None takes its
            `training_rows_`.

        y : array-like of shape (n_rows,), default=None
            Their labels, which become the last column, "label".

        max_samples : int, default=2_000
            As in `from_samples`.

        random_state : int, RandomState instance or None, default=None
            Draws the synthetic rows, and those that are used.

        Returns
        -------
        display : PrecisionRecallDistanceDisplay

        Raises
        ------
        ValueError
            As in `from_samples`, and if there are no real rows.

        NotFittedError
            If the generator is not fitted.
        """
        return cls.from_samples(
            *draw_tables(generator, X, y, random_state),
            max_samples=max_samples,
            random_state=random_state,
        )

    def plot(
        self,
        ax: Any = None,
        *,
        precision_kw: dict | None = None,
        recall_kw: dict | None = None,
    ) -> PrecisionRecallDistanceDisplay:
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure.

        precision_kw, recall_kw : dict, default=None
            Keywords for ``Axes.plot`` of the synthetic rows' curves.

        Returns
        -------
        display : PrecisionRecallDistanceDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        ax = self._use_axes(ax, (5.4, 4.2))
        style = {"drawstyle": "steps-post", "linewidth": LINE_WIDTH}
        looks = {
            "precision": {"color": REAL, "linestyle": "-", **(precision_kw or {})},
            "recall": {"color": SYNTHETIC, "linestyle": "--", **(recall_kw or {})},
        }
        curves = {"precision": self.precision, "recall": self.recall}
        for name, look in looks.items():
            ax.plot(self.thresholds, curves[name], **{"label": name, **style, **look})
        if self.baseline is not None:
            *shares, thresholds = self.baseline
            for (name, look), values in zip(looks.items(), shares, strict=True):
                thin = {"linewidth": 1.0, "marker": "o" if name == "precision" else "^"}
                ax.plot(
                    thresholds,
                    values,
                    drawstyle="steps-post",
                    color=look["color"],
                    linestyle=look["linestyle"],
                    markersize=4,
                    markerfacecolor="none",
                    markevery=max(len(values) // 12, 1),
                    label=f"{name}, held-out",
                    **thin,
                )
        ax.set_ylim(0, 1.04)
        percent_axis(ax.yaxis)
        label_axes(
            ax,
            title="Precision and recall over the distance",
            x="distance to the nearest row (1: range of a column)",
            y="share of rows within the distance",
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
        what = f"Half of the synthetic rows have a real row within {self._half(0)}, "
        what += f"half of the real rows a synthetic one within {self._half(1)}"
        if self.baseline is not None:
            what += (
                f"; half of the held-out real rows have a real row within "
                f"{_at_half(self.baseline[0], self.baseline[2])}"
            )
        if self.thresholds[0] == 0 and self.precision[0] > 0:
            what += f". {percent(self.precision[0])} of the synthetic rows are copies"
        return sentences(what, *self.notes)

    def _half(self, which: int) -> str:
        return _at_half((self.precision, self.recall)[which], self.thresholds)


def _at_half(shares: NDArray, thresholds: NDArray) -> str:
    return f"{thresholds[np.argmax(shares >= 0.5)]:.3g}"
