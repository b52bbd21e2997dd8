"""How the columns of two tables depend on each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from numbers import Integral
from typing import Any, Literal

import numpy as np
import pandas as pd
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, validate_params

from skgen.metrics._associations import check_two_columns, column_associations
from skgen.metrics._columns import align
from skgen.plotting._base import (
    GridDisplay,
    label_axes,
    sampling_note,
    sentences,
    shorten,
)
from skgen.plotting._tables import draw_tables

_MAX_WRITTEN = 10  # columns up to which numbers fit into the cells


@dataclass(kw_only=True, eq=False, repr=False)
class AssociationDisplay(GridDisplay):
    """Associations of the pairs of columns: real, synthetic and their difference.

    Pearson's correlation of two numeric columns, the correlation ratio of a numeric and
    a categorical one, and Cramér's V of two categorical ones, as in
    :func:`skgen.metrics.correlation_difference`. It is recommended to use
    `from_samples` or `from_estimator`; all parameters are stored as attributes.

    Parameters
    ----------
    real, synthetic : DataFrame of shape (n_columns, n_columns)
        The associations; those of columns with themselves are 1.

    mean_difference : float
        Mean absolute difference over the pairs of all columns, drawn or not.

    notes : list of str, default=[]
        What the picture does not show, written under it.

    Attributes
    ----------
    difference : DataFrame of shape (n_columns, n_columns)
        `synthetic` minus `real`.

    axes_ : ndarray of matplotlib Axes of shape (3,)
        The axes drawn on.

    figure_ : matplotlib Figure
        Their figure.

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
    notes: list[str] = field(default_factory=list)

    @property
    def difference(self) -> pd.DataFrame:
        """`synthetic` minus `real`."""
        return self.synthetic - self.real

    @classmethod
    @validate_params(
        {
            "real": "no_validation",
            "synthetic": "no_validation",
            "max_columns": [Interval(Integral, 2, None, closed="left"), None],
            "max_samples": [Interval(Integral, 1, None, closed="left"), None],
            "random_state": ["random_state"],
        },
        prefer_skip_nested_validation=False,
    )
    def from_samples(
        cls,
        real: Any,
        synthetic: Any,
        *,
        max_columns: int | None = 20,
        max_samples: int | None = 100_000,
        random_state: int | np.random.RandomState | None = None,
    ) -> AssociationDisplay:
        """Compute the associations of all pairs.

        Parameters
        ----------
        real, synthetic : DataFrame or array-like of shape (n_rows, n_columns)
            Tables with the same columns, at least two.

        max_columns : int, default=20
            Columns that are drawn at most: those whose associations differ most on
            average, in the order of the table. None for all.

        max_samples : int, default=100_000
            Rows of each table to use at most, drawn at random; None for all.

        random_state : int, RandomState instance or None, default=None
            Draws the rows.

        Returns
        -------
        display : AssociationDisplay

        Raises
        ------
        ValueError
            If there is one column only, if the tables' columns differ in names, number,
            order or kind, or if a table is empty or holds infinities.
        """
        tables = align(real=real, synthetic=synthetic)
        check_two_columns(tables)
        rng = check_random_state(random_state)
        drawn = {}
        for name in ("real", "synthetic"):
            total = len(tables[name])
            tables = tables.subsample(name, max_samples, rng)
            drawn[name] = (len(tables[name]), total)
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

    @classmethod
    def from_estimator(
        cls,
        generator: Any,
        X: Any = None,
        y: Any = None,
        *,
        max_columns: int | None = 20,
        max_samples: int | None = 100_000,
        random_state: int | np.random.RandomState | None = None,
    ) -> AssociationDisplay:
        """Compute the associations in real rows and in as many sampled ones.

        Parameters
        ----------
        generator : generator
            Fitted generator.

        X : DataFrame or array-like of shape (n_rows, n_columns), default=None
            Real rows, best such that the generator has not seen; None takes its
            `training_rows_`.

        y : array-like of shape (n_rows,), default=None
            Their labels, which become the last column, "label".

        max_columns, max_samples
            As in `from_samples`.

        random_state : int, RandomState instance or None, default=None
            Draws the synthetic rows, and those that are used.

        Returns
        -------
        display : AssociationDisplay

        Raises
        ------
        ValueError
            As in `from_samples`, and if there are no real rows.

        NotFittedError
            If the generator is not fitted.
        """
        return cls.from_samples(
            *draw_tables(generator, X, y, random_state),
            max_columns=max_columns,
            max_samples=max_samples,
            random_state=random_state,
        )

    def plot(
        self,
        ax: Any = None,
        *,
        cmap: Any = "RdBu_r",
        write_values: bool | Literal["auto"] = "auto",
    ) -> AssociationDisplay:
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

        Returns
        -------
        display : AssociationDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.

        ValueError
            If `ax` is an array of another length.
        """
        n = len(self.real)
        writes = n <= _MAX_WRITTEN if write_values == "auto" else bool(write_values)
        side = float(np.clip(1.8 + 0.3 * n, 3.2, 6.5))
        size = (3 * side + 1.2, side + 0.6)
        axes = self._use_grid(ax, (1, 3), 3, size, layout="compressed")
        largest = float(np.abs(self.difference.to_numpy()).max())
        names = [shorten(name, 16) for name in self.real.columns]
        for i, (one, title, matrix, limit) in enumerate(
            zip(
                axes,
                ("real", "synthetic", "synthetic − real"),
                (self.real, self.synthetic, self.difference),
                (1.0, 1.0, max(largest, 0.1)),
                strict=True,
            )
        ):
            values = matrix.to_numpy()
            image = one.imshow(values, cmap=cmap, vmin=-limit, vmax=limit)
            one.set_xticks(np.arange(n), names, rotation=90)
            one.set_yticks(np.arange(n) if i == 0 else [], names if i == 0 else [])
            one.tick_params(labelsize="medium" if n <= 20 else "x-small")
            if writes:
                _write(one, values, image)
            else:
                row, column = np.nonzero(values < -0.05)
                colors = [_ink(image, v) for v in values[row, column]]
                one.scatter(column, row, marker="_", s=16, c=colors, linewidths=0.8)
            notes = self.notes if i == 0 else []
            label_axes(one, title=title, x="", notes=notes)
            if i:
                # The second bar is of both tables, the third of the difference alone.
                self.figure_.colorbar(
                    image,
                    ax=one,
                    shrink=0.75,
                    label="association" if i == 1 else "difference of associations",
                )
        return self

    def describe(self) -> str:
        """Return the picture in words.

        Returns
        -------
        text : str
            A few plain sentences. Needs no `plot`.
        """
        a, b = self.real.to_numpy(), self.synthetic.to_numpy()
        pairs = np.triu(np.abs(b - a), 1)
        i, j = divmod(int(pairs.argmax()), len(pairs))
        names = [str(name) for name in self.real.columns]
        what = (
            "Associations of the pairs of columns: those of real and synthetic rows "
            f"differ by {self.mean_difference:.3f} on average, and most for "
            f"{names[i]!r} and {names[j]!r}, {a[i, j]:.2f} in real and "
            f"{b[i, j]:.2f} in synthetic rows"
        )
        return sentences(what, *self.notes)


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
    """Return what is read on the colour of a value: white on dark ones."""
    red, green, blue, _ = image.cmap(image.norm(value))
    return "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 0.5 else "black"
