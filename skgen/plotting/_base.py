"""What all displays share: axes, colours, legends and notes.

matplotlib is imported when a picture is drawn, not before, and its settings are read,
never set: text and axes are in the colours of the style in use.
"""

from __future__ import annotations

import textwrap
from abc import ABCMeta, abstractmethod
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import numpy as np

# Of the palette of M. Okabe and K. Ito, made for the colour-blind. Each has a contrast
# of 3 or more to white and to black; markers, hatches and dashes tell them apart too.
REAL, SYNTHETIC, OTHER = "#0072B2", "#D55E00", "#009E73"
LINES: tuple[dict[str, Any], ...] = (
    {"color": REAL, "linestyle": "-"},
    {"color": SYNTHETIC, "linestyle": "--"},
    {"color": OTHER, "linestyle": ":"},
    {"color": "#CC79A7", "linestyle": "-."},
)
LINE_WIDTH = 1.8
MAX_LABEL = 22  # characters of the name of a category or column


class Display(metaclass=ABCMeta):
    """Base class of all displays.

    Warning: this class is to be derived from, not to be used.

    Attributes
    ----------
    ax_ : matplotlib Axes
        What `plot` drew on.

    figure_ : matplotlib Figure
        The figure of `ax_`.
    """

    ax_: Any
    figure_: Any

    @abstractmethod
    def plot(self, ax: Any = None) -> Display:
        """Draw the picture."""

    @abstractmethod
    def describe(self) -> str:
        """Return the picture in words, for those who cannot see it.

        Returns
        -------
        text : str
            A few plain sentences. Needs no `plot`.
        """

    def _use_axes(self, ax: Any, size: tuple[float, float]) -> Any:
        """Set `ax_` and `figure_`, of a new figure unless axes are given."""
        pyplot = import_pyplot(type(self).__name__)
        if ax is None:
            _, ax = pyplot.subplots(figsize=size, layout="constrained")
        self.ax_, self.figure_ = ax, ax.figure
        return ax


class GridDisplay(Display):
    """Base class of displays that fill several axes.

    Warning: this class is to be derived from, not to be used.

    Attributes
    ----------
    axes_ : ndarray of matplotlib Axes
        What `plot` drew on.

    figure_ : matplotlib Figure
        Their figure.
    """

    axes_: Any

    def _use_grid(
        self,
        ax: Any,
        shape: tuple[int, int],
        n_axes: int,
        size: tuple[float, float],
        layout: str = "constrained",
    ) -> Any:
        """Set `axes_` and `figure_`: of a new figure, inside one axes, or as given."""
        pyplot = import_pyplot(type(self).__name__)
        if ax is None or hasattr(ax, "get_subplotspec"):
            if ax is None:
                figure = pyplot.figure(figsize=size, layout=layout)
                grid = figure.add_gridspec(*shape)
            else:
                figure = ax.figure
                ax.set_axis_off()
                if ax.get_subplotspec() is None:
                    raise ValueError(
                        "The axes stand freely and cannot be divided: give one of "
                        f"`plt.subplots`, or an array of {n_axes} axes."
                    )
                grid = ax.get_subplotspec().subgridspec(*shape)
            axes = [
                figure.add_subplot(grid[divmod(i, shape[1])]) for i in range(n_axes)
            ]
        else:
            axes = list(np.ravel(np.asarray(ax, dtype=object)))
            if len(axes) != n_axes:
                raise ValueError(
                    f"{len(axes)} axes were given for {n_axes} pictures: give "
                    f"{n_axes}, a single one to divide, or None."
                )
            figure = axes[0].figure
        self.axes_ = np.empty(n_axes, dtype=object)
        self.axes_[:] = axes
        self.figure_ = figure
        return self.axes_


def import_pyplot(caller: str) -> ModuleType:
    """Return `matplotlib.pyplot`, or say how it is installed."""
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError(
            f'{caller}.plot needs matplotlib: pip install "skgen[plot]".'
        ) from error
    return pyplot


def shorten(name: Any, width: int = MAX_LABEL) -> str:
    """Return a name as one line of text, cut in the middle if it is long."""
    # A single dollar would start a formula.
    text = " ".join(str(name).split()) or repr(str(name))
    if len(text) > width:
        head = (width - 1) // 2
        text = f"{text[:head]}…{text[len(text) - (width - 1 - head) :]}"
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
    """Say which tables are drawn in part, if any.

    Parameters
    ----------
    drawn : dict of str to (int, int)
        For each table, the rows that are drawn and those that there are.
    """
    parts = [
        f"{n:,} of {total:,} {name}" for name, (n, total) in drawn.items() if n < total
    ]
    return [f"random sample: {' and '.join(parts)} rows"] if parts else []


def label_axes(
    ax: Any, *, title: str, x: str, y: str = "", notes: Sequence[str] = ()
) -> None:
    """Write the title, the names of the axes and, under them, the notes."""
    ax.set_title(textwrap.fill(title, _n_characters(ax, ax.title)))
    ax.set_xlabel("\n".join([x, *_wrap(ax, notes)]))
    ax.set_ylabel(y)


def _wrap(ax: Any, notes: Sequence[str]) -> list[str]:
    width = _n_characters(ax, ax.xaxis.label)
    # A number stays with its sign: textwrap breaks no such space.
    texts = [f"({note})".replace(" %", "\u00a0%") for note in notes]
    return [line for text in texts for line in textwrap.wrap(text, width)]


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
    size = _font_size(ax)
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


def _font_size(ax: Any) -> float:
    return 0.9 * ax.xaxis.label.get_fontsize()


def percent_axis(axis: Any) -> None:
    """Write the shares on an axis as percentages."""
    from matplotlib.ticker import MaxNLocator, PercentFormatter

    axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(PercentFormatter(xmax=1.0, decimals=None))
