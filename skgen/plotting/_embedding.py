"""The rows of two tables as points of a plane."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions

from skgen.metrics._parameters import checked
from skgen.metrics._places import place
from skgen.plotting._base import REAL, SYNTHETIC, TableDisplay
from skgen.plotting._tables import sampled_alignment
from skgen.plotting._text import percent, sampling_note

_MAX_DENSE = 500  # features
_N_BEFORE_TSNE = 50


@dataclass(kw_only=True, eq=False, repr=False)
class EmbeddingDisplay(TableDisplay):
    r"""Real and synthetic rows together as points, by PCA or t-SNE.

    <constructors>

    Parameters
    ----------
    real, synthetic : ndarray of shape (n_rows, 2)
        The points.

    method : {"pca", "tsne"}
        The method that placed them.

    explained_variance_ratio : ndarray of shape (2,), default=None
        Share of the variance of both tables along each axis; of PCA alone.

    <notes>

    Attributes
    ----------
    <ax_>

    See Also
    --------
    skgen.metrics.detection : Sees differences in all dimensions.

    Notes
    -----
    A number is divided by its range in the real rows; a category is an indicator over
    :math:`\sqrt 2`, so that two different ones are one unit apart; a missing number is
    an indicator, as in :func:`skgen.metrics.distance_to_closest_record`. t-SNE [1]_
    starts from the first 50 principal components; its distances and the sizes of its
    clusters have no meaning, only which points are neighbours.

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

    @classmethod
    @checked(
        method=[StrOptions({"pca", "tsne"})],
        perplexity=[Interval(Real, 0, None, closed="neither")],
        max_samples=[Interval(Integral, 2, None, closed="left"), None],
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
    ) -> Self:
        """Place the rows of both tables together.

        Parameters
        ----------
        <tables>

        method : {"pca", "tsne"}, default="pca"
            The first two principal components of both tables, or t-distributed
            stochastic neighbour embedding.

        perplexity : float, default=30
            Effective number of neighbours of t-SNE; less than the number of rows.

        <max_samples of each table>

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
        rng = check_random_state(random_state)
        tables, drawn = sampled_alignment(real, synthetic, max_samples, rng)
        n_real = drawn["real"][0]
        n_rows = n_real + drawn["synthetic"][0]
        if method == "tsne" and n_rows <= perplexity:
            raise ValueError(
                f"The tables have {n_rows} rows together, no more than "
                f"perplexity={perplexity}: give a smaller one, or more rows."
            )
        points = place(tables)
        blocks = [
            [sparse.csr_array(points[name].numbers), tables.one_hot(name) / np.sqrt(2)]
            for name in ("real", "synthetic")
        ]
        features = sparse.vstack([sparse.hstack(block) for block in blocks]).tocsr()
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

    def plot(
        self,
        ax: Any = None,
        *,
        real_kw: dict | None = None,
        synthetic_kw: dict | None = None,
    ) -> Self:
        """Draw the points.

        Parameters
        ----------
        <ax>

        real_kw, synthetic_kw : dict, default=None
            Keywords for ``Axes.scatter``.

        <plotted>
        """
        ax = self._use_axes(ax, (5.4, 4.8))
        # Rings and crosses, which stay visible where they overlap.
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
        return self._label(title=title, x=x, y=y)

    def _summary(self) -> str:
        what = (
            f"Points of a plane for {len(self.real):,} real and "
            f"{len(self.synthetic):,} synthetic rows, by "
        )
        if self.explained_variance_ratio is None:
            return f"{what}t-SNE"
        shift = self.synthetic.mean(axis=0) - self.real.mean(axis=0)
        deviation = np.sqrt(self.real.var(axis=0).sum())
        spread = np.linalg.norm(shift) / max(deviation, 1e-300)
        return (
            f"{what}two principal components with "
            f"{percent(self.explained_variance_ratio.sum())} of the variance; the "
            f"centres of both tables are {spread:.2f} standard deviations of the "
            "real rows apart"
        )


def _components(
    features: sparse.csr_array, n_components: int, rng: np.random.RandomState
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return principal components, at least two, and their shares of variance."""
    n = min(n_components, *features.shape)
    is_dense = features.shape[1] <= _MAX_DENSE or n == min(features.shape)
    # The indicators of thousands of categories stay sparse.
    solver = "full" if is_dense else "arpack"
    pca = PCA(n, svd_solver=solver, random_state=rng)
    # Of a table of equal rows, the shares are 0 / 0.
    with np.errstate(invalid="ignore"):
        embedded = pca.fit_transform(features.toarray() if is_dense else features)
    ratio = np.nan_to_num(pca.explained_variance_ratio_)
    lacking = max(2 - n, 0)
    return np.pad(embedded, ((0, 0), (0, lacking))), np.pad(ratio, (0, lacking))
