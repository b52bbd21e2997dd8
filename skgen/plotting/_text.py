"""Texts of displays: names, numbers, sentences, titles and legends."""

from __future__ import annotations

import textwrap
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from skgen.metrics._registry import MEASURES


def shorten(name: Any, width: int = 22) -> str:
    """Return a name as one line of text, cut in the middle if it is long."""
    text = " ".join(str(name).split()) or repr(str(name))
    if len(text) > width:
        head = (width - 1) // 2
        text = f"{text[:head]}…{text[len(text) - (width - 1 - head) :]}"
    # A single dollar would start a formula.
    return text.replace("$", r"\$")


def percent(share: float) -> str:
    """Return a share as a percentage."""
    value = 100 * share
    if 0 < abs(value) < 0.01:
        return "< 0.01 %"
    if value in (0, 100):
        return f"{value:.0f} %"
    return f"{value:.1f} %" if abs(value) >= 1 else f"{value:.2g} %"


def sentences(*parts: str) -> str:
    """Return parts of a text as sentences."""
    return " ".join(f"{part[0].upper()}{part[1:]}." for part in parts)


def sampling_note(drawn: dict[str, tuple[int, int]]) -> list[str]:
    """Say which tables are drawn in part, given the rows drawn and all rows of each."""
    parts = [
        f"{n:,} of {total:,} {name}" for name, (n, total) in drawn.items() if n < total
    ]
    return [f"random sample: {' and '.join(parts)} rows"] if parts else []


def direction_of(name: Hashable) -> str:
    """Say which values of a measure are better; the higher ones of unknown measures."""
    measure = MEASURES.get(name) if isinstance(name, str) else None
    is_lower = measure is not None and not measure.higher_is_better
    return f"{'lower' if is_lower else 'higher'} is better"


def label_axes(
    ax: Any, *, title: str, x: str, y: str = "", notes: Sequence[str] = ()
) -> None:
    """Write the title, the names of the axes and, under them, the notes."""
    ax.set_title(textwrap.fill(title, _n_characters(ax, ax.title)))
    width = _n_characters(ax, ax.xaxis.label)
    # A number stays with its sign: textwrap breaks no such space.
    texts = [f"({note})".replace(" %", "\u00a0%") for note in notes]
    lines = [line for text in texts for line in textwrap.wrap(text, width)]
    ax.set_xlabel("\n".join([x, *lines]))
    ax.set_ylabel(y)


def _n_characters(ax: Any, text: Any) -> int:
    """Return about how many characters of a text fit into the width of axes."""
    return max(int(_width(ax) / (0.55 * text.get_fontsize())), 20)


def _width(ax: Any) -> float:
    """Return the width of axes in points."""
    return 72 * ax.get_window_extent().width / ax.figure.dpi


def legend_above(ax: Any) -> None:
    """Put the legend between the axes and their title, where no data are."""
    handles, labels = ax.get_legend_handles_labels()
    if not handles:
        return
    size = 0.9 * ax.xaxis.label.get_fontsize()
    # In units of the font size: 0.52 a character, the line and the gap beside it.
    width = (0.52 * max(map(len, labels)) + 5) * size
    columns = int(np.clip(_width(ax) // width, 1, len(labels)))
    rows = -(-len(labels) // columns)
    legend = ax.legend(
        handles,
        labels,
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        borderaxespad=0.2,
        borderpad=0.2,
        ncols=columns,
        frameon=False,
        handlelength=2.8,
        labelspacing=0.3,
        fontsize=size,
    )
    for handle in legend.legend_handles:
        handle.set_alpha(1)
    ax.set_title(ax.get_title(), pad=8 + 1.6 * size * rows)


def percent_axis(axis: Any) -> None:
    """Write the shares on an axis as percentages."""
    from matplotlib.ticker import MaxNLocator, PercentFormatter

    axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(PercentFormatter(xmax=1.0, decimals=None))
