"""SMOTE inside the components of a Gaussian mixture."""

from __future__ import annotations

import warnings
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from sklearn.preprocessing import StandardScaler
from sklearn.utils._param_validation import Interval, StrOptions

from skgen._nearest import nearest_row
from skgen._random import draw_seed
from skgen.neighbors._smote import SMOTE
from skgen.rows import Rows


class GMMSMOTE(SMOTE):
    r"""Draw rows inside the clusters of a class, which a Gaussian mixture finds.

    For numeric columns only. A row is interpolated with its nearest neighbours in its
    own component of the mixture, so that no row falls between clusters.

    Parameters
    ----------
    k_neighbors : int or object, default=5
        Number of nearest neighbours of a row, in its component. An object with the
        methods of :class:`~sklearn.neighbors.NearestNeighbors` searches them itself;
        its `n_neighbors` counts the row too.

    max_components : int, default=10
        Maximum number of components. For each class, the number that minimises the
        Bayesian information criterion is taken.

    covariance_type : {"full", "tied", "diag", "spherical"}, default="full"
        As in :class:`~sklearn.mixture.GaussianMixture`.

    reg_covar : float, default=1e-3
        Added to the variances, in units of the variance of a column. It keeps a
        component from shrinking to the rows that share a value.

    <n_jobs>

    <parameters>

    Attributes
    ----------
    n_components_ : dict of label to int
        Number of components of each class of which rows have been drawn.

    <attributes>

    Raises
    ------
    ValueError
        In fitting, if a column is no number or has missing values. In sampling, if a
        class has no more than `k_neighbors` rows.

    See Also
    --------
    SMOTE : The same with one component.
    imblearn.over_sampling.KMeansSMOTE : Clusters by k-means, and draws by density.

    Notes
    -----
    The mixture :math:`p(x) = \sum_m \pi_m N(x; \mu_m, \Sigma_m)` is fitted to the
    standardised rows of a class by expectation maximisation, for each number of
    components up to `max_components` that leaves a component `k_neighbors` + 1 rows on
    average, and for full covariances one more than there are columns. The criterion is
    :math:`\mathrm{BIC} = p \ln n - 2 \ln L` with :math:`p` free parameters [2]_.
    Each row is a member of its most probable component. A component with too few
    members to give each `k_neighbors` neighbours is dissolved: each member joins the
    larger component that holds the nearest row, so that outliers are interpolated as in
    :class:`SMOTE`, not repeated. Neighbours inside a component are searched on
    the columns as they are.

    References
    ----------
    <smote>

    .. [2] G. Schwarz, "Estimating the dimension of a model," The Annals of Statistics,
       6(2), 461-464, 1978.

    Examples
    --------
    >>> from sklearn.datasets import make_blobs
    >>> from skgen.neighbors import GMMSMOTE
    >>> X, y = make_blobs([20, 20, 20, 100], random_state=0, centers=[[0, 0], [9, 0],
    ...                                                   [0, 9], [20, 20]])
    >>> gen = GMMSMOTE(random_state=0)
    >>> X_new, y_new = gen.fit_resample(X, y == 3)
    >>> gen.n_components_
    {False: 3}
    """

    max_components: int = 10
    covariance_type: str = "full"
    reg_covar: float = 0.001

    _parameter_constraints = {
        **SMOTE._parameter_constraints,
        "max_components": [Interval(Integral, 1, None, closed="left")],
        "covariance_type": [StrOptions({"full", "tied", "diag", "spherical"})],
        "reg_covar": [Interval(Real, 0, None, closed="left")],
    }

    def _fit(self, rows: Rows, rng: np.random.RandomState) -> None:
        super()._fit(rows, rng)
        self.n_components_: dict[Any, int] = {}
        self._components: dict[int, NDArray[np.intp]] = {}

    def _find_neighbors(self, label: int, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        points = self._tables[label].numeric
        if label not in self._components:
            self._components[label] = self._find_components(label)
        components = self._components[label]
        neighbors = np.empty((len(rows), self._group_size() - 1), dtype=np.intp)
        for component in np.unique(components[rows]):
            members = np.flatnonzero(components == component)
            own = components[rows] == component
            places = np.searchsorted(members, rows[own])
            neighbors[own] = members[self._search(points[members], places)]
        return neighbors

    def _find_components(self, label: int) -> NDArray[np.intp]:
        """Return the component of each row of a class, each of them large enough."""
        points = StandardScaler().fit_transform(self._tables[label].numeric)
        n_rows, n_columns = points.shape
        least = self._group_size()
        rows_each = least
        if self.covariance_type == "full":
            rows_each = max(least, n_columns + 1)
        most = min(self.max_components, max(n_rows // rows_each, 1))
        seed = draw_seed(self._class_rng(label))
        mixtures = [self._fit_mixture(points, n + 1, seed) for n in range(most)]
        mixture = min(mixtures, key=lambda fitted: fitted.bic(points))
        self.n_components_[self._label(label)] = mixture.n_components
        components = mixture.predict(points)
        # One of them is large enough: there are no more than n_rows / least.
        sizes = np.bincount(components, minlength=mixture.n_components)
        strayed = sizes[components] < least
        if strayed.any():
            nearest = nearest_row(points[~strayed], points[strayed])
            components[strayed] = components[~strayed][nearest]
        return components

    def _fit_mixture(self, points: NDArray, n: int, seed: int) -> GaussianMixture:
        mixture = GaussianMixture(
            n,
            covariance_type=self.covariance_type,
            reg_covar=self.reg_covar,
            random_state=seed,
        )
        with warnings.catch_warnings():
            # The criterion also compares mixtures that have not converged.
            warnings.simplefilter("ignore", ConvergenceWarning)
            return mixture.fit(points)
