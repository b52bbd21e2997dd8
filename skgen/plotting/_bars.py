"""Bars of two or three tables side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skgen.plotting._base import OTHER, REAL, SYNTHETIC
from skgen.plotting._text import percent, percent_axis, shorten

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

    `series` holds the lengths of each table's bars, shape (n_categories,), and `given`
    the user's keywords for ``Axes.barh`` of each table.
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
