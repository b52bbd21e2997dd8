"""The rows of two tables as points of a plane."""

from __future__ import annotations

from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from skgen.metrics._columns import align
from skgen.metrics._places import place
from skgen.plotting._base import (
    REAL,
    SYNTHETIC,
    Display,
    label_axes,
    legend_above,
    percent,
    sampling_note,
    sentences,
)
from skgen.plotting._tables import draw_tables

_MAX_DENSE = 500  # features
_N_BEFORE_TSNE = 50


@dataclass(kw_only=True, eq=False, repr=False)
class EmbeddingDisplay(Display):
    r"""Real and synthetic rows together as points, by PCA or t-SNE.

    It is recommended to use `from_samples` or `from_estimator`; all parameters are
    stored as attributes.

    Parameters
    ----------
    real, synthetic : ndarray of shape (n_rows, 2)
        The points.

    method : {"pca", "tsne"}
        What made them.

    explained_variance_ratio : ndarray of shape (2,), default=None
        Share of the variance of both tables along each axis; of PCA alone.

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
    skgen.metrics.detection : Sees differences in all dimensions.

    Notes
    -----
    A number counts in units of its range in the real rows, a category by the indicators
    of its levels over :math:`\sqrt 2`, so that two different ones are one unit apart,
    and a missing number by an indicator, as in
    :func:`skgen.metrics.distance_to_closest_record`. t-SNE [1]_ starts from the first
    50 principal components; its distances and the sizes of its clusters mean nothing,
    only what lies close together.

    References
    ----------
    .. [1] L. van der Maaten and G. Hinton, "Visualizing data using t-SNE", Journal of
       Machine Learning Research 9, 2579-2605, 2008.

    Examples
    --------
    >>> import numpy as np
    >>> from skgen.plotting import EmbeddingDisplay
    >>> real, synthetic = np.random.RandomState(0).normal(size=(2, 500, 4))
    >>> display = EmbeddingDisplay.from_samples(real, synthetic, max_samples=100)
    >>> display.real.shape
    (100, 2)
    >>> display.plot()  # doctest: +SKIP
    """

    real: NDArray[np.float64]
    synthetic: NDArray[np.float64]
    method: str
    explained_variance_ratio: NDArray[np.float64] | None = None
    notes: list[str] = field(default_factory=list)

    @classmethod
    @validate_params(
        {
            "real": "no_validation",
            "synthetic": "no_validation",
            "method": [StrOptions({"pca", "tsne"})],
            "perplexity": [Interval(Real, 0, None, closed="neither")],
            "max_samples": [Interval(Integral, 2, None, closed="left"), None],
            "random_state": ["random_state"],
        },
        prefer_skip_nested_validation=False,
    )
    def from_samples(
        cls,
        real: Any,
        synthetic: Any,
        *,
        method: Literal["pca", "tsne"] = "pca",
        perplexity: float = 30.0,
        max_samples: int | None = 1_000,
        random_state: int | np.random.RandomState | None = None,
    ) -> EmbeddingDisplay:
        """Place the rows of both tables together.

        Parameters
        ----------
        real, synthetic : DataFrame or array-like of shape (n_rows, n_columns)
            Tables with the same columns, of any dtypes, with missing values or without.

        method : {"pca", "tsne"}, default="pca"
            The first two principal components of both tables, or t-distributed
            stochastic neighbour embedding.

        perplexity : float, default=30
            About the number of neighbours of t-SNE; less than there are rows.

        max_samples : int, default=1_000
            Rows of each table to use at most, drawn at random; None for all.

        random_state : int, RandomState instance or None, default=None
            Draws the rows, and seeds the method.

        Returns
        -------
        display : EmbeddingDisplay

        Raises
        ------
        ValueError
            If there are no more rows than `perplexity`, or less than two, if the
            tables' columns differ in names, number, order or kind, or if a table is
            empty or holds infinities.
        """
        tables = align(real=real, synthetic=synthetic)
        rng = check_random_state(random_state)
        drawn = {}
        for name in ("real", "synthetic"):
            total = len(tables[name])
            tables = tables.subsample(name, max_samples, rng)
            drawn[name] = (len(tables[name]), total)
        n_real = drawn["real"][0]
        n_rows = n_real + drawn["synthetic"][0]
        if method == "tsne" and n_rows <= perplexity:
            raise ValueError(
                f"The tables have {n_rows} rows together, no more than "
                f"perplexity={perplexity}: give a smaller one, or more rows."
            )
        points = place(tables)
        features = sparse.vstack(
            [
                sparse.hstack(
                    [
                        sparse.csr_array(points[name].numbers),
                        tables.one_hot(name) / np.sqrt(2),
                    ]
                )
                for name in ("real", "synthetic")
            ]
        ).tocsr()
        n_components = 2 if method == "pca" else _N_BEFORE_TSNE
        embedded, ratio = _components(features, n_components, rng)
        if method == "tsne":
            embedded = TSNE(
                perplexity=perplexity, init="pca", random_state=rng
            ).fit_transform(embedded)
        return cls(
            real=embedded[:n_real, :2],
            synthetic=embedded[n_real:, :2],
            method=method,
            explained_variance_ratio=ratio[:2] if method == "pca" else None,
            notes=sampling_note(drawn),
        )

    @classmethod
    def from_estimator(
        cls,
        generator: Any,
        X: Any = None,
        y: Any = None,
        *,
        method: Literal["pca", "tsne"] = "pca",
        perplexity: float = 30.0,
        max_samples: int | None = 1_000,
        random_state: int | np.random.RandomState | None = None,
    ) -> EmbeddingDisplay:
        """Place real rows and as many sampled ones together.

        Parameters
        ----------
        generator : generator
            Fitted generator.

        X : DataFrame or array-like of shape (n_rows, n_columns), default=None
            Real rows, best such that the generator has not seen; None takes its
            `training_rows_`.

        y : array-like of shape (n_rows,), default=None
            Their labels, which become the last column, "label".

        method, perplexity, max_samples
            As in `from_samples`.

        random_state : int, RandomState instance or None, default=None
            Draws the synthetic rows and those that are used, and seeds the method.

        Returns
        -------
        display : EmbeddingDisplay

        Raises
        ------
        ValueError
            As in `from_samples`, and if there are no real rows.

        NotFittedError
            If the generator is not fitted.
        """
        return cls.from_samples(
            *draw_tables(generator, X, y, random_state),
            method=method,
            perplexity=perplexity,
            max_samples=max_samples,
            random_state=random_state,
        )

    def plot(
        self,
        ax: Any = None,
        *,
        real_kw: dict | None = None,
        synthetic_kw: dict | None = None,
    ) -> EmbeddingDisplay:
        """Draw the points.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure.

        real_kw, synthetic_kw : dict, default=None
            Keywords for ``Axes.scatter``.

        Returns
        -------
        display : EmbeddingDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        ax = self._use_axes(ax, (5.4, 4.8))
        # Rings and crosses, which show each other where they lie upon each other.
        size = float(np.clip(12_000 / max(len(self.real), 1), 12, 24))
        style = {"s": size, "linewidths": 0.8, "alpha": 0.6, "rasterized": True}
        ring = {"marker": "o", "facecolors": "none", "edgecolors": REAL}
        cross = {"marker": "x", "c": SYNTHETIC}
        for name, points, look, given in (
            ("real", self.real, ring, real_kw),
            ("synthetic", self.synthetic, cross, synthetic_kw),
        ):
            ax.scatter(*points.T, **{"label": name, **style, **look, **(given or {})})
        if self.method == "pca":
            assert self.explained_variance_ratio is not None
            x, y = (
                f"principal component {i + 1} ({percent(share)} of variance)"
                for i, share in enumerate(self.explained_variance_ratio)
            )
            title = "Principal components of the rows"
        else:
            x, y = "t-SNE 1 (no unit)", "t-SNE 2 (no unit)"
            title = "t-SNE of the rows"
            ax.set_xticks([])
            ax.set_yticks([])
        label_axes(ax, title=title, x=x, y=y, notes=self.notes)
        legend_above(ax)
        return self

    def describe(self) -> str:
        """Return the picture in words.

        Returns
        -------
        text : str
            A few plain sentences. Needs no `plot`.
        """
        what = (
            f"Points of a plane for {len(self.real):,} real and "
            f"{len(self.synthetic):,} synthetic rows, by "
        )
        if self.explained_variance_ratio is None:
            what += "t-SNE"
        else:
            spread = np.linalg.norm(
                self.synthetic.mean(axis=0) - self.real.mean(axis=0)
            ) / max(np.sqrt(self.real.var(axis=0).sum()), 1e-300)
            what += (
                "two principal components with "
                f"{percent(self.explained_variance_ratio.sum())} of the variance; the "
                f"centres of both tables are {spread:.2f} standard deviations of the "
                "real rows apart"
            )
        return sentences(what, *self.notes)


def _components(
    features: sparse.csr_array, n_components: int, rng: np.random.RandomState
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return principal components, at least two, and their shares of variance."""
    n = min(n_components, *features.shape)
    is_dense = features.shape[1] <= _MAX_DENSE or n == min(features.shape)
    # Thousands of levels stay sparse.
    solver = "full" if is_dense else "arpack"
    pca = PCA(n, svd_solver=solver, random_state=rng)
    # Of a table of equal rows, the shares are 0 / 0.
    with np.errstate(invalid="ignore"):
        embedded = pca.fit_transform(features.toarray() if is_dense else features)
    ratio = np.nan_to_num(pca.explained_variance_ratio_)
    lacking = max(2 - n, 0)
    return np.pad(embedded, ((0, 0), (0, lacking))), np.pad(ratio, (0, lacking))
