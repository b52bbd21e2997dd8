"""The densities of a column of numbers, dates or durations."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from numbers import Real
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval

from skgen.metrics import kde_overlap
from skgen.metrics._columns import to_numbers
from skgen.metrics._parameters import checked
from skgen.plotting._base import LINE_WIDTH, LINES, TableDisplay
from skgen.plotting._tables import pooled_column, sample_rows
from skgen.plotting._text import percent, percent_axis, sampling_note, shorten

SHARE = Interval(Real, 0, 1, closed="right")
_N_GRID = 256
_REACH = 3  # bandwidths beyond the values
_DAY = 86_400.0
# Seconds of the units of a duration.
_UNITS = {"days": _DAY, "hours": 3600.0, "minutes": 60.0, "seconds": 1.0}


@dataclass(kw_only=True, eq=False, repr=False)
class DensityDisplay(TableDisplay):
    r"""Kernel density estimates of a column of real and of synthetic rows.

    Numbers, dates and durations.

    <constructors>

    Parameters
    ----------
    column : column name
        The column.

    grid : ndarray of shape (n_points,)
        Points of the densities, in the unit of the column; datetime64 (UTC) for dates.
        A single point if all values are equal.

    real_density, synthetic_density : ndarray of shape (n_points,)
        Densities of the values that are not missing, per `unit`; at a single point, the
        share of rows that have this value.

    unit : str, default=""
        Unit of a duration, and of the densities of dates ("days").

    overlap : float, default=None
        :func:`skgen.metrics.kde_overlap` of the rows that are drawn.

    <notes>

    Attributes
    ----------
    <ax_>

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

    @classmethod
    @checked(central_share=[SHARE])
    def from_samples(
        cls,
        real: Any,
        synthetic: Any,
        *,
        column: Hashable,
        max_samples: int | None = 10_000,
        central_share: float = 0.99,
        random_state: int | np.random.RandomState | None = None,
    ) -> Self:
        """Estimate the densities of a column.

        Parameters
        ----------
        <tables>

        column : column name
            A column of numbers, dates or durations; its position for arrays.

        <max_samples of each table>

        central_share : float, default=0.99
            Share of each table's values, around the median, that the axis shows if it
            covers less than half of the range of all; 1 for all values.

        <random_state>

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
                f"Column {column!r} is categorical and has no density: draw it with "
                "CategoryDisplay."
            )
        if pooled.values.isna().all():
            raise ValueError(
                f"Column {column!r} has only missing values: leave it out, or draw it "
                "with CategoryDisplay."
            )
        rng = check_random_state(random_state)
        numbers = to_numbers(pooled.kind, pooled.values)
        unit, scale = _unit(pooled.kind, numbers)
        parts, observed, drawn = {}, {}, {}
        for name, part in zip(
            ("real", "synthetic"), np.split(numbers, [pooled.n_real]), strict=True
        ):
            part, drawn[name] = sample_rows(part, max_samples, rng)
            parts[name], observed[name] = part, part[~np.isnan(part)] / scale
        view = _view(list(observed.values()), central_share)
        grid, densities = _densities(observed, *view)
        notes = sampling_note(drawn) + _notes(parts, observed, view)
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

    def plot(
        self,
        ax: Any = None,
        *,
        legend: bool = True,
        real_kw: dict | None = None,
        synthetic_kw: dict | None = None,
    ) -> Self:
        """Draw the densities.

        Parameters
        ----------
        <ax>

        legend : bool, default=True
            Whether to write which line is which.

        real_kw, synthetic_kw : dict, default=None
            Keywords for ``Axes.plot``.

        <plotted>
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
                # Markers of different shape, as equal lines hide each other.
                style.update(linestyle="none", marker="os"[i], markersize=9)
                style["markerfacecolor"] = [LINES[0]["color"], "none"][i]
            ax.plot(self.grid, density, **{**style, **(given or {})})
            if not at_one:
                ax.fill_between(self.grid, density, color=style["color"], alpha=0.15)
        ax.set_ylim(bottom=0)
        is_date = np.issubdtype(self.grid.dtype, np.datetime64)
        if at_one:
            ax.set_ylim(0, 1.1)
            percent_axis(ax.yaxis)
            ax.set_xticks(self.grid, [self._value()])
        elif is_date:
            _format_dates(ax)
        x = f"UTC, {_period(self.grid)}" if is_date else self.unit
        name = shorten(self.column, 60)
        per = f" (per {self.unit[:-1]})" if self.unit else ""
        return self._label(
            title=name,
            x=f"{name} ({x})" if x else name,
            y="share of rows" if at_one else f"density{per}",
            legend=legend,
        )

    def _summary(self) -> str:
        if len(self.grid) == 1:
            return (
                f"Column {self.column!r}: all values are {self._value()}, in "
                f"{percent(self.real_density[0])} of the real and "
                f"{percent(self.synthetic_density[0])} of the synthetic rows"
            )
        what = f"Densities of the column {self.column!r}"
        if self.overlap is None:
            return what
        overlap = percent(self.overlap)
        return f"{what}: those of real and synthetic rows overlap by {overlap}"

    def _value(self) -> str:
        value = self.grid[0]
        return str(value) if isinstance(value, np.datetime64) else f"{value:g}"


def _format_dates(ax: Any) -> None:
    """Write short dates on the axis; the year is in its name."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(minticks=3, maxticks=6)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))


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
    """Return the ends of the range that the axis shows."""
    present = [v for v in values if len(v)]
    low, high = min(v.min() for v in present), max(v.max() for v in present)
    tails = (1 - share) / 2, (1 + share) / 2
    ends = np.array([np.quantile(v, tails) for v in present])
    inner, outer = ends[:, 0].min(), ends[:, 1].max()
    if inner < outer and outer - inner < (high - low) / 2:
        return float(inner), float(outer)
    return float(low), float(high)


def _notes(
    parts: dict[str, NDArray[np.float64]],
    observed: dict[str, NDArray[np.float64]],
    view: tuple[float, float],
) -> list[str]:
    """Say which values are out of view, missing or all equal."""
    low, high = view
    notes = []
    outside = {
        k: np.mean((v < low) | (v > high)) for k, v in observed.items() if len(v)
    }
    missing = {name: np.isnan(v).mean() for name, v in parts.items()}
    for title, shares, unit in (
        ("out of view", outside, "values"),
        ("missing", missing, "rows"),
    ):
        if any(shares.values()):
            texts = [f"{percent(float(s))} of {name}" for name, s in shares.items()]
            notes.append(f"{title}: {' and '.join(texts)} {unit}")
    for name, values in observed.items():
        if low < high and len(values) and np.ptp(values) == 0:
            notes.append(f"all {name} values are equal")
    return notes


def _densities(
    observed: dict[str, NDArray[np.float64]], low: float, high: float
) -> tuple[NDArray[np.float64], dict[str, NDArray[np.float64]]]:
    """Return a grid and the densities there."""
    if low == high:
        shares = {k: np.array([float(len(v) > 0)]) for k, v in observed.items()}
        return np.array([low]), shares
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
    return low + span * grid, densities
