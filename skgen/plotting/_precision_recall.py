"""Precision and recall of the rows over distances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from skgen.metrics import precision_recall_distance_curve
from skgen.metrics._parameters import checked
from skgen.plotting._base import LINE_WIDTH, REAL, SYNTHETIC, TableDisplay
from skgen.plotting._tables import frames_of, sample_rows
from skgen.plotting._text import percent, percent_axis, sampling_note


@dataclass(kw_only=True, eq=False, repr=False)
class PrecisionRecallDistanceDisplay(TableDisplay):
    """Precision and recall of the synthetic rows for every distance.

    Those of :func:`skgen.metrics.precision_recall_distance_curve`.

    <constructors>

    Parameters
    ----------
    precision, recall : ndarray of shape (n_thresholds,)
        Share of the synthetic rows with a real row within the distance, and of the real
        rows with a synthetic row.

    thresholds : ndarray of shape (n_thresholds,)
        Distances, ascending.

    baseline : tuple of 3 ndarrays, default=None
        Precision, recall and thresholds of held-out real rows in the place of the
        synthetic ones, as a reference.

    <notes>

    Attributes
    ----------
    <ax_>

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

    @classmethod
    @checked()
    def from_samples(
        cls,
        real: Any,
        synthetic: Any,
        *,
        held_out: Any = None,
        max_samples: int | None = 2_000,
        random_state: int | np.random.RandomState | None = None,
    ) -> Self:
        """Compute the curves.

        Parameters
        ----------
        <tables>

        held_out : DataFrame or array-like of shape (n_rows, n_columns), default=None
            Real rows that the generator has not seen, whose curves are drawn too. Equal
            numbers of these and of the synthetic rows are used, as curves of different
            numbers of rows do not compare.

        <max_samples of each table>

        <random_state>

        Returns
        -------
        display : PrecisionRecallDistanceDisplay

        Raises
        ------
        ValueError
            If the tables' columns differ in names, number, order or kind, or if a table
            is empty or holds infinities.
        """
        frames = frames_of(real, synthetic, held_out)
        rng = check_random_state(random_state)
        fewest = min(len(frame) for name, frame in frames.items() if name != "real")
        if max_samples is not None:
            fewest = min(fewest, max_samples)
        drawn = {}
        for name, frame in frames.items():
            most = max_samples if name == "real" or held_out is None else fewest
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

    def plot(
        self,
        ax: Any = None,
        *,
        precision_kw: dict | None = None,
        recall_kw: dict | None = None,
    ) -> Self:
        """Draw the curves.

        Parameters
        ----------
        <ax>

        precision_kw, recall_kw : dict, default=None
            Keywords for ``Axes.plot`` of the synthetic rows' curves.

        <plotted>
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
        return self._label(
            title="Precision and recall over the distance",
            x="distance to the nearest row (1: range of a column)",
            y="share of rows within the distance",
        )

    def _summary(self) -> str:
        what = (
            "Half of the synthetic rows have a real row within "
            f"{_at_half(self.precision, self.thresholds)}, half of the real rows a "
            f"synthetic one within {_at_half(self.recall, self.thresholds)}"
        )
        if self.baseline is not None:
            what += (
                f"; half of the held-out real rows have a real row within "
                f"{_at_half(self.baseline[0], self.baseline[2])}"
            )
        if self.thresholds[0] == 0 and self.precision[0] > 0:
            what += f". {percent(self.precision[0])} of the synthetic rows are copies"
        return what


def _at_half(shares: NDArray, thresholds: NDArray) -> str:
    """Return the distance within which half of the rows have another."""
    return f"{thresholds[np.argmax(shares >= 0.5)]:.3g}"
