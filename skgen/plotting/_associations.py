"""How the columns of two tables depend on each other."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import Any, Literal, Self

import numpy as np
import pandas as pd
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval

from skgen.metrics._associations import check_two_columns, column_associations
from skgen.metrics._parameters import checked
from skgen.plotting._base import GridDisplay
from skgen.plotting._tables import sampled_alignment
from skgen.plotting._text import label_axes, sampling_note, shorten

_MAX_WRITTEN = 10  # columns up to which numbers fit into the cells


@dataclass(kw_only=True, eq=False, repr=False)
class AssociationDisplay(GridDisplay):
    """Associations of the pairs of columns: real, synthetic and their difference.

    Pearson's correlation of two numeric columns, the correlation ratio of a numeric and
    a categorical one, and Cramér's V of two categorical ones, as in
    :func:`skgen.metrics.correlation_difference`.

    <constructors>

    Parameters
    ----------
    real, synthetic : DataFrame of shape (n_columns, n_columns)
        The associations; those of columns with themselves are 1.

    mean_difference : float
        Mean absolute difference over the pairs of all columns, drawn or not.

    <notes>

    Attributes
    ----------
    difference : DataFrame of shape (n_columns, n_columns)
        `synthetic` minus `real`.

    <axes_>

    See Also
    --------
    skgen.metrics.correlation_difference : The mean absolute difference.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.plotting import AssociationDisplay
    >>> real = pd.DataFrame({"x": [1, 2, 3, 4], "y": [2, 4, 6, 8], "z": list("aabb")})
    >>> synthetic = real.assign(y=real["y"][::-1].to_numpy())
    >>> display = AssociationDisplay.from_samples(real, synthetic)
    >>> display.difference.loc["x", "y"].round(1)
    np.float64(-2.0)
    >>> display.plot()  # doctest: +SKIP
    """

    real: pd.DataFrame
    synthetic: pd.DataFrame
    mean_difference: float

    @property
    def difference(self) -> pd.DataFrame:
        """`synthetic` minus `real`."""
        return self.synthetic - self.real

    @classmethod
    @checked(max_columns=[Interval(Integral, 2, None, closed="left"), None])
    def from_samples(
        cls,
        real: Any,
        synthetic: Any,
        *,
        max_columns: int | None = 20,
        max_samples: int | None = 100_000,
        random_state: int | np.random.RandomState | None = None,
    ) -> Self:
        """Compute the associations of all pairs.

        Parameters
        ----------
        <tables of two columns>

        max_columns : int, default=20
            Maximum number of columns drawn: those whose associations differ most on
            average, in the order of the table. No limit if None.

        <max_samples of each table>

        <random_state>

        Returns
        -------
        display : AssociationDisplay

        Raises
        ------
        <pair errors>
        """
        rng = check_random_state(random_state)
        tables, drawn = sampled_alignment(real, synthetic, max_samples, rng)
        check_two_columns(tables)
        notes = sampling_note(drawn)
        labels = pd.Index(tables.names)
        of_real, of_synthetic = (
            pd.DataFrame(
                column_associations(tables, name), index=labels, columns=labels
            )
            for name in ("real", "synthetic")
        )
        absolute = np.abs(of_synthetic.to_numpy() - of_real.to_numpy())
        mean = float(absolute[np.triu_indices(len(labels), 1)].mean())
        if max_columns is not None and len(labels) > max_columns:
            worst = np.argsort(-absolute.mean(axis=0), kind="stable")[:max_columns]
            kept = np.sort(worst)
            of_real = of_real.iloc[kept, kept]
            of_synthetic = of_synthetic.iloc[kept, kept]
            notes.append(f"the {max_columns} of {len(labels)} columns that differ most")
        return cls(
            real=of_real, synthetic=of_synthetic, mean_difference=mean, notes=notes
        )

    def plot(
        self,
        ax: Any = None,
        *,
        cmap: Any = "RdBu_r",
        write_values: bool | Literal["auto"] = "auto",
    ) -> Self:
        """Draw the three heat maps.

        Parameters
        ----------
        ax : matplotlib Axes or array-like of 3 Axes, default=None
            Axes to divide, or three; None makes a figure.

        cmap : str or matplotlib Colormap, default="RdBu_r"
            Colours, of which the middle is 0.

        write_values : bool or "auto", default="auto"
            Whether to write the numbers into the cells; "auto" up to ten columns.
            Without them, a dash marks the cells below -0.05, as red and blue look the
            same in grey.

        <plotted>

        ValueError
            If `ax` is an array of another length.
        """
        n = len(self.real)
        writes = n <= _MAX_WRITTEN if write_values == "auto" else bool(write_values)
        side = float(np.clip(1.8 + 0.3 * n, 3.2, 6.5))
        size = (3 * side + 1.2, side + 0.6)
        axes = self._use_grid(ax, (1, 3), 3, size, layout="compressed")
        limit = max(float(np.abs(self.difference.to_numpy()).max()), 0.1)
        names = [shorten(name, 16) for name in self.real.columns]
        images = [
            _draw_map(one, matrix.to_numpy(), names, writes, cmap=cmap, limit=limit)
            for one, matrix, limit in zip(
                axes,
                (self.real, self.synthetic, self.difference),
                (1.0, 1.0, limit),
                strict=True,
            )
        ]
        for one in axes[1:]:
            one.set_yticks([])
        label_axes(axes[0], title="real", x="", notes=self.notes)
        label_axes(axes[1], title="synthetic", x="")
        label_axes(axes[2], title="synthetic − real", x="")
        # The first bar is of both tables, the second of the difference alone.
        labels = ("association", "difference of associations")
        for one, image, label in zip(axes[1:], images[1:], labels, strict=True):
            self.figure_.colorbar(image, ax=one, shrink=0.75, label=label)
        return self

    def _summary(self) -> str:
        a, b = self.real.to_numpy(), self.synthetic.to_numpy()
        pairs = np.triu(np.abs(b - a), 1)
        i, j = divmod(int(pairs.argmax()), len(pairs))
        names = [str(name) for name in self.real.columns]
        return (
            "Associations of the pairs of columns: those of real and synthetic rows "
            f"differ by {self.mean_difference:.3f} on average, and most for "
            f"{names[i]!r} and {names[j]!r}, {a[i, j]:.2f} in real and "
            f"{b[i, j]:.2f} in synthetic rows"
        )


def _draw_map(
    ax: Any, values: Any, names: list[str], writes: bool, *, cmap: Any, limit: float
) -> Any:
    """Draw one heat map, with its values or with dashes on the negative cells."""
    n = len(names)
    image = ax.imshow(values, cmap=cmap, vmin=-limit, vmax=limit)
    ax.set_xticks(np.arange(n), names, rotation=90)
    ax.set_yticks(np.arange(n), names)
    ax.tick_params(labelsize="medium" if n <= 20 else "x-small")
    if writes:
        _write(ax, values, image)
    else:
        row, column = np.nonzero(values < -0.05)
        colors = [_ink(image, v) for v in values[row, column]]
        ax.scatter(column, row, marker="_", s=16, c=colors, linewidths=0.8)
    return image


def _write(ax: Any, values: Any, image: Any) -> None:
    """Write the numbers into the cells."""
    for row, column in np.ndindex(values.shape):
        value = values[row, column]
        ax.text(
            column,
            row,
            f"{value:.2f}".replace("-0.00", "0.00").replace("-", "−"),
            ha="center",
            va="center",
            fontsize="x-small",
            color=_ink(image, value),
        )


def _ink(image: Any, value: float) -> str:
    """Return the colour of text on the colour of a value: white on dark ones."""
    red, green, blue, _ = image.cmap(image.norm(value))
    return "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 0.5 else "black"
