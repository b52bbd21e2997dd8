"""What all displays share: constructors, axes, docstrings.

matplotlib is imported when a picture is drawn, not before, and its settings are read,
never set: text and axes have the colours of the style in use.
"""

from __future__ import annotations

import inspect
from abc import ABCMeta, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, ClassVar, Self

import numpy as np

from skgen._docs import fill
from skgen.plotting._tables import draw_tables
from skgen.plotting._text import label_axes, legend_above, sentences

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

# Paragraphs of docstrings by the name of their placeholder.
_PARAGRAPHS = {
    "constructors": """
    It is recommended to use `from_samples` or `from_estimator`; all parameters are
    stored as attributes.
""",
    "notes": """
    notes : list of str, default=[]
        What the picture does not show, written under it.
""",
    "ax_": """
    ax_ : matplotlib Axes
        The axes drawn on.

    figure_ : matplotlib Figure
        Their figure.
""",
    "axes_": """
    axes_ : ndarray of matplotlib Axes of shape (n_axes,)
        The axes drawn on.

    figure_ : matplotlib Figure
        Their figure.
""",
    "column of any kind": """
    column : column name
        A column of any kind, whose values are treated as categories; its position for
        arrays.
""",
    "column errors": """
    ValueError
        If there is no such column, if the tables' columns differ in names, number,
        order or kind, or if a table is empty or holds infinities.
""",
    "generator": """
    generator : generator
        Fitted generator.

    X : DataFrame or array-like of shape (n_rows, n_columns), default=None
        Real rows, preferably ones that the generator has not seen; None takes its
        `training_rows_`.

    y : array-like of shape (n_rows,), default=None
        Their labels, which become the last column, "label".
""",
    "options": """
    random_state : int, RandomState instance or None, default=None
        Draws the synthetic rows; also passed to `from_samples` if that draws.

    **options : dict
        The other keyword parameters of `from_samples`.

    Returns
    -------
    display : {cls}

    Raises
    ------
    ValueError
        As in `from_samples`, and if there are no real rows.

    NotFittedError
        If the generator is not fitted.
""",
    "generator with labels": """
    generator : generator
        Generator that was fitted with labels.

    X : DataFrame or array-like of shape (n_rows, n_columns)
        Real rows, preferably ones that the generator has not seen.

    y : array-like of shape (n_rows,)
        Their labels.
""",
    "random_state of synthetic rows": """
    random_state : int, RandomState instance or None, default=None
        Draws the synthetic rows.
""",
    "label errors": """
    ValueError
        As in `from_samples`, and if the generator was fitted without labels.

    NotFittedError
        If the generator is not fitted.
""",
    "max_samples of each table": """
    max_samples : int, default={max_samples}
        Maximum number of rows of each table, drawn at random; no limit if None.
""",
    "ax": """
    ax : matplotlib Axes, default=None
        Axes to draw on; None makes a figure.
""",
    "plotted": """
    Returns
    -------
    display : {cls}
        The display itself.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
""",
}


def _fill(documented: Any, cls: type) -> str:
    """Return a docstring with its placeholders filled."""
    parameter = inspect.signature(documented).parameters.get("max_samples")
    default = parameter.default if parameter else 0
    paragraphs = {
        name: text.format(cls=cls.__name__, max_samples=f"{default:_}")
        for name, text in _PARAGRAPHS.items()
    }
    return fill(documented.__doc__, paragraphs)


@dataclass(kw_only=True, eq=False, repr=False)
class Display(metaclass=ABCMeta):
    """Base class of all displays.

    Warning: This class should not be used directly. Use derived classes instead.
    Docstrings of these and of their methods may hold the placeholders of `_PARAGRAPHS`.

    Parameters
    ----------
    notes : list of str, default=[]
        What the picture does not show, written under it.

    Attributes
    ----------
    ax_ : matplotlib Axes
        The axes that `plot` drew on.

    figure_ : matplotlib Figure
        Their figure.
    """

    notes: list[str] = field(default_factory=list)

    def __init_subclass__(cls) -> None:
        """Fill the docstrings."""
        super().__init_subclass__()
        cls.__doc__ = _fill(cls, cls)
        for name in ("from_samples", "from_estimator", "from_results", "plot"):
            member = cls.__dict__.get(name)
            if member is not None:
                function = getattr(member, "__func__", member)
                function.__doc__ = _fill(function, cls)

    @abstractmethod
    def plot(self, ax: Any = None) -> Self:
        """Draw the picture."""

    def describe(self) -> str:
        """Return the picture in words, as a text alternative.

        Returns
        -------
        text : str
            A few sentences. Needs no `plot`.
        """
        return sentences(self._summary(), *self.notes)

    @abstractmethod
    def _summary(self) -> str:
        """Return what the picture shows as a sentence without its period."""

    def _use_axes(self, ax: Any, size: tuple[float, float]) -> Any:
        """Set `ax_` and `figure_`, of a new figure unless axes are given."""
        pyplot = import_pyplot(type(self).__name__)
        if ax is None:
            _, ax = pyplot.subplots(figsize=size, layout="constrained")
        self.ax_, self.figure_ = ax, ax.figure
        return ax

    def _label(self, *, title: str, x: str, y: str = "", legend: bool = True) -> Self:
        """Write title, names of the axes, notes and legend; return the display."""
        label_axes(self.ax_, title=title, x=x, y=y, notes=self.notes)
        if legend:
            legend_above(self.ax_)
        return self


class TableDisplay(Display):
    """Base class of displays that compare a real and a synthetic table.

    Warning: This class should not be used directly. Use derived classes instead.
    """

    from_samples: ClassVar[Callable[..., Any]]

    @classmethod
    def from_estimator(
        cls,
        generator: Any,
        X: Any = None,
        y: Any = None,
        *,
        random_state: int | np.random.RandomState | None = None,
        **options: Any,
    ) -> Self:
        """Compare real rows and as many sampled ones.

        Parameters
        ----------
        <generator>

        <options>
        """
        tables = draw_tables(generator, X, y, random_state)
        if "random_state" in inspect.signature(cls.from_samples).parameters:
            options["random_state"] = random_state
        return cls.from_samples(*tables, **options)


class GridDisplay(TableDisplay):
    """Base class of displays that fill several axes.

    Warning: This class should not be used directly. Use derived classes instead.
    """

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
                        "The axes are not part of a grid and cannot be divided: give "
                        f"one of `plt.subplots`, or an array of {n_axes} axes."
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
