"""Bars of two or three tables side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skgen.plotting._base import OTHER, REAL, SYNTHETIC, percent, percent_axis, shorten

# Full, hatched and dotted: told apart without their colours too.
BARS: tuple[dict[str, Any], ...] = (
    {"facecolor": REAL, "edgecolor": REAL},
    {"facecolor": "none", "edgecolor": SYNTHETIC, "hatch": "/////"},
    {"facecolor": "none", "edgecolor": OTHER, "hatch": "....."},
)


def draw_bars(
    ax: Any,
    categories: list[str],
    series: dict[str, NDArray[np.float64]],
    given: dict[str, dict | None],
    *,
    write_values: bool = False,
    as_percent: bool = True,
) -> None:
    """Draw horizontal bars, the first category on top.

    Parameters
    ----------
    ax : matplotlib Axes

    categories : list of str
        Their names.

    series : dict of str to ndarray of shape (n_categories,)
        Lengths of the bars of each table.

    given : dict of str to dict
        The user's keywords for ``Axes.barh`` of each table.

    write_values : bool, default=False
        Whether each bar ends with its length.

    as_percent : bool, default=True
        Whether the lengths are shares.
    """
    height = 0.8 / len(series)
    at = np.arange(len(categories))
    for i, (name, lengths) in enumerate(series.items()):
        style = {"label": name, "linewidth": 1.2, **BARS[i], **(given.get(name) or {})}
        bars = ax.barh(
            at + (i - (len(series) - 1) / 2) * height, lengths, height, **style
        )
        if write_values:
            texts = [percent(v) if as_percent else f"{v:.2g}" for v in lengths]
            ax.bar_label(bars, texts, padding=3, fontsize="small")
    ax.set_yticks(at, [shorten(name) for name in categories])
    ax.set_ylim(len(categories) - 0.5, -0.5)
    ax.margins(x=0.18 if write_values else 0.05)
    ax.set_xlim(left=0)
    if as_percent:
        percent_axis(ax.xaxis)
