"""The losses of a generator's training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skgen.plotting._base import LINE_WIDTH, LINES, Display
from skgen.plotting._text import shorten


@dataclass(kw_only=True, eq=False, repr=False)
class LossCurveDisplay(Display):
    """Mean losses of the epochs of a generator's training.

    It is recommended to use `from_estimator`; all parameters are stored as attributes.

    Parameters
    ----------
    losses : dict of str to list of float
        The losses of each epoch by their names.

    best_iter : int, default=None
        The epoch, counted from 1, whose weights were kept.

    name : str, default=None
        Name of the generator.

    <notes>

    Attributes
    ----------
    <ax_>

    Examples
    --------
    >>> from skgen.plotting import LossCurveDisplay
    >>> display = LossCurveDisplay(losses={"training": [2.0, 1.0]}, name="TVAE")
    >>> display.describe()
    'Losses of TVAE over 2 epochs: training from 2 to 1.'
    >>> display.plot()  # doctest: +SKIP
    """

    losses: dict[str, list[float]]
    best_iter: int | None = None
    name: str | None = None

    @classmethod
    def from_estimator(cls, generator: Any) -> Self:
        """Take the losses of a fitted generator.

        Parameters
        ----------
        generator : generator
            Fitted generator with `loss_curve_`, a list or a dict of lists, and perhaps
            `validation_loss_curve_` and `best_iter_`.

        Returns
        -------
        display : LossCurveDisplay

        Raises
        ------
        ValueError
            If the generator has no `loss_curve_`, or an empty one.

        NotFittedError
            If the generator is not fitted.
        """
        check_is_fitted(generator)
        kind = type(generator).__name__
        curves = getattr(generator, "loss_curve_", None)
        if curves is None:
            raise ValueError(
                f"{kind} has no loss_curve_: only generators that are trained over "
                "epochs have one."
            )
        if not isinstance(curves, dict):
            curves = {"training": curves}
        losses = {
            str(name): [float(v) for v in curve] for name, curve in curves.items()
        }
        validation = getattr(generator, "validation_loss_curve_", None)
        if validation is not None:
            losses["validation"] = [float(v) for v in validation]
        if not any(losses.values()):
            raise ValueError(f"The loss_curve_ of this {kind} is empty: train it.")
        best = getattr(generator, "best_iter_", None) if validation else None
        return cls(losses=losses, best_iter=best, name=kind)

    def plot(self, ax: Any = None, **kwargs: Any) -> Self:
        """Draw the losses.

        Parameters
        ----------
        <ax>

        **kwargs : dict
            Keywords for ``Axes.plot`` of all curves.

        <plotted>
        """
        ax = self._use_axes(ax, (5.4, 3.8))
        for i, (name, curve) in enumerate(self.losses.items()):
            style = {"label": shorten(name), "linewidth": LINE_WIDTH}
            style |= LINES[i % len(LINES)]
            if len(curve) <= 20:
                style |= {"marker": "os^D"[i % 4], "markersize": 4}
            ax.plot(np.arange(1, len(curve) + 1), curve, **{**style, **kwargs})
        if self.best_iter is not None:
            from matplotlib import rcParams

            ax.axvline(
                self.best_iter,
                color=rcParams["text.color"],
                linewidth=0.9,
                linestyle=(0, (1, 2)),
                label=f"weights kept: epoch {self.best_iter:,}",
            )
        ax.xaxis.get_major_locator().set_params(integer=True)
        title = "Losses" if self.name is None else f"Losses of {self.name}"
        return self._label(title=title, x="epoch", y="mean loss (no unit)")

    def _summary(self) -> str:
        n_epochs = max(len(curve) for curve in self.losses.values())
        parts = [
            f"{name} from {curve[0]:.3g} to {curve[-1]:.3g}"
            for name, curve in self.losses.items()
            if curve
        ]
        of = "" if self.name is None else f" of {self.name}"
        what = f"Losses{of} over {n_epochs:,} epochs: {', '.join(parts)}"
        if self.best_iter is not None:
            what += f". The weights of epoch {self.best_iter:,} were kept"
        return what
