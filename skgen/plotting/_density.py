"""The densities of a column of numbers, dates or durations."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, validate_params

from skgen.metrics import kde_overlap
from skgen.metrics._columns import to_numbers
from skgen.plotting._base import (
    LINE_WIDTH,
    LINES,
    Display,
    label_axes,
    legend_above,
    percent,
    percent_axis,
    sampling_note,
    sentences,
    shorten,
)
from skgen.plotting._tables import draw_tables, pooled_column, sample_rows

CONSTRAINTS = {
    "real": "no_validation",
    "synthetic": "no_validation",
    "column": "no_validation",
    "max_samples": [Interval(Integral, 1, None, closed="left"), None],
    "central_share": [Interval(Real, 0, 1, closed="right")],
    "random_state": ["random_state"],
}
_N_GRID = 256
_REACH = 3  # bandwidths beyond the values
_DAY = 86_400.0
# Seconds of the units of a duration, and how many of a unit make the next readable.
_UNITS = {"days": _DAY, "hours": 3600.0, "minutes": 60.0, "seconds": 1.0}


@dataclass(kw_only=True, eq=False, repr=False)
class DensityDisplay(Display):
    r"""Kernel density estimates of a column of real and of synthetic rows.

    Numbers, dates and durations. It is recommended to use `from_samples` or
    `from_estimator`; all parameters are stored as attributes.

    Parameters
    ----------
    column : column name
        The column.

    grid : ndarray of shape (n_points,)
        Where the densities are known, in the unit of the column; datetime64 (UTC) for
        dates. A single point if all values are equal.

    real_density, synthetic_density : ndarray of shape (n_points,)
        Densities of the values that are not missing, per `unit`; at a single point, the
        share of rows that have this value.

    unit : str, default=""
        Unit of a duration, and of the densities of dates ("days").

    overlap : float, default=None
        :func:`skgen.metrics.kde_overlap` of the rows that are drawn.

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
    CategoryDisplay : Bars for categories.
    MarginalsDisplay : All columns.
    skgen.metrics.kde_overlap : The area under both densities.

    Notes
    -----
    Both densities have a Gaussian kernel whose bandwidth is that of Scott's rule [1]_
    for the real values in view, :math:`n^{-1/5} s` with their standard deviation
    :math:`s`, of all values in view if the real ones are equal, and at least the step
    of the grid.

    References
    ----------
    .. [1] D. W. Scott, "Multivariate density estimation", Wiley, 1992.

    Examples
    --------
    >>> import numpy as np
    >>> from skgen.plotting import DensityDisplay
    >>> real, synthetic = np.random.RandomState(0).normal(size=(2, 500, 1))
    >>> display = DensityDisplay.from_samples(real, synthetic, column=0)
    >>> display.describe()
    'Densities of the column 0: those of real and synthetic rows overlap by 96.6 %.'
    >>> display.plot()  # doctest: +SKIP
    """

    column: Hashable
    grid: NDArray
    real_density: NDArray[np.float64]
    synthetic_density: NDArray[np.float64]
    unit: str = ""
    overlap: float | None = None
    notes: list[str] = field(default_factory=list)

    @classmethod
    @validate_params(CONSTRAINTS, prefer_skip_nested_validation=False)
    def from_samples(
        cls,
        real: Any,
        synthetic: Any,
        *,
        column: Hashable,
        max_samples: int | None = 10_000,
        central_share: float = 0.99,
        random_state: int | np.random.RandomState | None = None,
    ) -> DensityDisplay:
        """Estimate the densities of a column.

        Parameters
        ----------
        real, synthetic : DataFrame or array-like of shape (n_rows, n_columns)
            Tables with the same columns.

        column : column name
            A column of numbers, dates or durations; its position for arrays.

        max_samples : int, default=10_000
            Rows of each table to use at most, drawn at random; None for all.

        central_share : float, default=0.99
            Share of each table's values, round the median, that is in view if it takes
            less than half of the range of all; 1 for all values.

        random_state : int, RandomState instance or None, default=None
            Draws the rows.

        Returns
        -------
        display : DensityDisplay

        Raises
        ------
        ValueError
            If there is no such column, if it is categorical or has no value at all, if
            the tables' columns differ in names, number, order or kind, or if a table is
            empty or holds infinities.
        """
        pooled = pooled_column(real, synthetic, column)
        if pooled.kind == "categorical":
            raise ValueError(
                f"Column {column!r} is categorical and has no density: draw it by "
                "CategoryDisplay."
            )
        if pooled.values.isna().all():
            raise ValueError(
                f"Column {column!r} has missing values alone: there is nothing to "
                "draw, leave it out."
            )
        rng = check_random_state(random_state)
        numbers = to_numbers(pooled.kind, pooled.values)
        parts, drawn = {}, {}
        for name, part in zip(
            ("real", "synthetic"), np.split(numbers, [pooled.n_real]), strict=True
        ):
            parts[name], drawn[name] = sample_rows(part, max_samples, rng)
        unit, scale = _unit(pooled.kind, numbers)
        observed = {name: v[~np.isnan(v)] / scale for name, v in parts.items()}
        low, high = _view(list(observed.values()), central_share)
        grid, densities, is_cut = _densities(observed, low, high)
        notes = sampling_note(drawn)
        if is_cut:
            outside = [
                f"{percent(float(np.mean((v < low) | (v > high))))} of {name}"
                for name, v in observed.items()
                if len(v)
            ]
            notes.append(f"out of view: {' and '.join(outside)} values")
        missing = {name: float(np.isnan(v).mean()) for name, v in parts.items()}
        if any(missing.values()):
            shares = [f"{percent(s)} of {name}" for name, s in missing.items()]
            notes.append(f"missing: {' and '.join(shares)} rows")
        for name, values in observed.items():
            if len(grid) > 1 and len(values) and np.ptp(values) == 0:
                notes.append(f"all {name} values are equal")
        if pooled.kind.startswith("datetime"):
            first = pooled.values.min().tz_localize(None).to_datetime64()
            nanoseconds = np.round(grid * _DAY * 1e9).astype("timedelta64[ns]")
            grid = first.astype("datetime64[ns]") + nanoseconds
        overlap = kde_overlap(parts["real"][:, None], parts["synthetic"][:, None])
        return cls(
            column=column,
            grid=grid,
            real_density=densities["real"],
            synthetic_density=densities["synthetic"],
            unit=unit,
            overlap=float(overlap),
            notes=notes,
        )

    @classmethod
    def from_estimator(
        cls,
        generator: Any,
        X: Any = None,
        y: Any = None,
        *,
        column: Hashable,
        max_samples: int | None = 10_000,
        central_share: float = 0.99,
        random_state: int | np.random.RandomState | None = None,
    ) -> DensityDisplay:
        """Estimate the densities of a column of real rows and of as many sampled ones.

        Parameters
        ----------
        generator : generator
            Fitted generator.

        X : DataFrame or array-like of shape (n_rows, n_columns), default=None
            Real rows, best such that the generator has not seen; None takes its
            `training_rows_`.

        y : array-like of shape (n_rows,), default=None
            Their labels, which become the last column, "label".

        column, max_samples, central_share
            As in `from_samples`.

        random_state : int, RandomState instance or None, default=None
            Draws the synthetic rows, and those that are used.

        Returns
        -------
        display : DensityDisplay

        Raises
        ------
        ValueError
            As in `from_samples`, and if there are no real rows.

        NotFittedError
            If the generator is not fitted.
        """
        rng = random_state
        return cls.from_samples(
            *draw_tables(generator, X, y, rng),
            column=column,
            max_samples=max_samples,
            central_share=central_share,
            random_state=rng,
        )

    def plot(
        self,
        ax: Any = None,
        *,
        legend: bool = True,
        real_kw: dict | None = None,
        synthetic_kw: dict | None = None,
    ) -> DensityDisplay:
        """Draw the densities.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure.

        legend : bool, default=True
            Whether to write which line is which.

        real_kw, synthetic_kw : dict, default=None
            Keywords for ``Axes.plot``.

        Returns
        -------
        display : DensityDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        ax = self._use_axes(ax, (5.2, 3.6))
        at_one = len(self.grid) == 1
        for i, (name, density, given) in enumerate(
            (
                ("real", self.real_density, real_kw),
                ("synthetic", self.synthetic_density, synthetic_kw),
            )
        ):
            style = {"label": name, "linewidth": LINE_WIDTH, **LINES[i]}
            if at_one:
                # Beside each other, as equal lines hide each other.
                style.update(linestyle="none", marker="os"[i], markersize=9)
                style["markerfacecolor"] = [LINES[0]["color"], "none"][i]
            ax.plot(self.grid, density, **{**style, **(given or {})})
            if not at_one:
                ax.fill_between(self.grid, density, color=style["color"], alpha=0.15)
        ax.set_ylim(bottom=0)
        is_date = np.issubdtype(self.grid.dtype, np.datetime64)
        x = f"UTC, {_period(self.grid)}" if is_date else self.unit
        name = shorten(self.column, 60)
        label = f"{name} ({x})" if x else name
        if at_one:
            ax.set_ylim(0, 1.1)
            percent_axis(ax.yaxis)
            ax.set_xticks(self.grid, [self._value()])
            label_axes(ax, title=name, x=label, y="share of rows", notes=self.notes)
        else:
            per = {"days": " (per day)"}.get(
                self.unit, f" (per {self.unit[:-1]})" if self.unit else ""
            )
            label_axes(ax, title=name, x=label, y=f"density{per}", notes=self.notes)
        if is_date and not at_one:
            from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

            locator = AutoDateLocator(minticks=3, maxticks=6)
            ax.xaxis.set_major_locator(locator)
            # The year stands in the name of the axis.
            ax.xaxis.set_major_formatter(
                ConciseDateFormatter(locator, show_offset=False)
            )
        if legend:
            legend_above(ax)
        return self

    def describe(self) -> str:
        """Return the picture in words.

        Returns
        -------
        text : str
            A few plain sentences. Needs no `plot`.
        """
        if len(self.grid) == 1:
            what = (
                f"Column {self.column!r}: all values are {self._value()}, in "
                f"{percent(self.real_density[0])} of the real and "
                f"{percent(self.synthetic_density[0])} of the synthetic rows"
            )
        else:
            what = f"Densities of the column {self.column!r}"
            if self.overlap is not None:
                what += (
                    ": those of real and synthetic rows overlap by "
                    f"{percent(self.overlap)}"
                )
        return sentences(what, *self.notes)

    def _value(self) -> str:
        """Return the only value as text."""
        value = self.grid[0]
        return str(value) if isinstance(value, np.datetime64) else f"{value:g}"


def _period(dates: NDArray) -> str:
    """Return the years, months or days of dates, as their ticks leave them out."""
    span = dates[-1] - dates[0]
    days = span / np.timedelta64(1, "D")
    unit: Literal["D", "M", "Y"] = "D" if days < 2 else "M" if days < 366 else "Y"
    first, last = np.datetime_as_string(dates[[0, -1]], unit=unit)
    return first if first == last else f"{first} to {last}"


def _unit(kind: str, numbers: NDArray[np.float64]) -> tuple[str, float]:
    """Return the unit of a column, and the seconds that it has."""
    if kind == "numeric":
        return "", 1.0
    if kind != "timedelta":
        return "days", _DAY
    largest = np.nanmax(np.abs(numbers))
    for unit, seconds in _UNITS.items():
        if largest >= 2 * seconds:
            return unit, seconds
    return "seconds", 1.0


def _view(values: list[NDArray[np.float64]], share: float) -> tuple[float, float]:
    """Return the ends of the part of a column that is drawn."""
    present = [v for v in values if len(v)]
    low, high = min(v.min() for v in present), max(v.max() for v in present)
    tails = (1 - share) / 2, (1 + share) / 2
    ends = np.array([np.quantile(v, tails) for v in present])
    inner, outer = ends[:, 0].min(), ends[:, 1].max()
    if inner < outer and outer - inner < (high - low) / 2:
        return float(inner), float(outer)
    return float(low), float(high)


def _densities(
    observed: dict[str, NDArray[np.float64]], low: float, high: float
) -> tuple[NDArray[np.float64], dict[str, NDArray[np.float64]], bool]:
    """Return a grid, the densities there and whether values lie out of view."""
    is_cut = any(np.any((v < low) | (v > high)) for v in observed.values())
    if low == high:
        shares = {k: np.array([float(len(v) > 0)]) for k, v in observed.items()}
        return np.array([low]), shares, is_cut
    # In units of the view, squares of large numbers do not overflow.
    span = high - low
    scaled = {name: (v - low) / span for name, v in observed.items()}
    in_view = {name: v[(v >= 0) & (v <= 1)] for name, v in scaled.items()}
    bandwidth = 0.0
    for values in (in_view["real"], np.concatenate(list(in_view.values()))):
        if len(values) > 1 and np.ptp(values) > 0:
            bandwidth = values.std(ddof=1) * len(values) ** -0.2
            break
    bandwidth = max(bandwidth, 1 / _N_GRID)
    grid = np.linspace(-_REACH * bandwidth, 1 + _REACH * bandwidth, _N_GRID)
    densities = {}
    for name, values in scaled.items():
        # A block of rows each, as 256 x 1,000,000 numbers are 2 GB.
        blocks = np.array_split(values, len(values) // 10_000 + 1)
        sums = [
            stats.norm.pdf((grid[:, None] - b) / bandwidth).sum(axis=1) for b in blocks
        ]
        total = np.sum(sums, axis=0) / max(len(values), 1)
        densities[name] = total / (bandwidth * span)
    return low + span * grid, densities, is_cut
