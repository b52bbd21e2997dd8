"""Over-sampling by class and by nearest neighbours: imbalanced-learn's algorithms."""

from __future__ import annotations

import warnings
from abc import ABCMeta, abstractmethod
from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd
from imblearn.utils import check_neighbors_object
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial.distance import cdist
from sklearn import config_context, get_config
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.utils import gen_batches
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions

from skgen._docs import document
from skgen._embedding import embed
from skgen._random import draw_seed
from skgen.base import BaseGenerator
from skgen.constraints import Constraint
from skgen.table import Table, TableSchema

__all__ = ["GMMSMOTE", "SMOTE", "SMOTEN", "SMOTENC", "SVMSMOTE", "RandomOverSampler"]

# Rows of categories have many equally near neighbours, and a search returns the same
# few of them to all. A random coordinate of this size, in the unit of a differing
# category, breaks such ties and reorders no others.
TIE_BREAK = 1e-4
# MiB that distances between sparse vectors may take at a time; scikit-learn's default,
# 1024, is no faster.
WORKING_MEMORY = 64


class _ClassGenerator(BaseGenerator, metaclass=ABCMeta):
    """Base class of the generators that draw each class from its own rows."""

    def _fit(
        self, table: Table, labels: NDArray[np.intp], rng: np.random.RandomState
    ) -> None:
        self._tables = [
            table.take(labels == label) for label in range(len(self.classes_))
        ]

    def _sample(self, labels: NDArray[np.intp], rng: np.random.RandomState) -> Table:
        table = self._tables[0].empty(len(labels))
        for label in np.unique(labels):
            rows = np.flatnonzero(labels == label)
            drawn = self._sample_class(label, len(rows), rng)
            table.numeric[rows] = drawn.numeric
            table.codes[rows] = drawn.codes
        return table

    @abstractmethod
    def _sample_class(
        self, label: int, n_samples: int, rng: np.random.RandomState
    ) -> Table:
        """Draw rows of one class, given as its index into `classes_`."""

    def _label(self, label: int) -> Any:
        """Return a class's label as a Python scalar, for messages."""
        return self.classes_[label : label + 1].tolist()[0]


@document
class RandomOverSampler(_ClassGenerator):
    r"""Draw rows of a class at random, with replacement.

    Parameters
    ----------
    shrinkage : float or dict of label to float, default=None
        Makes the bootstrap a smoothed one: normal noise is added to the numbers, with
        this factor to the standard deviation that suits a normal distribution. At
        least 0; None and 0 repeat the rows as they are. A dict gives each class that
        is drawn its own.

    <parameters>

    Attributes
    ----------
    <attributes>

    Raises
    ------
    ValueError
        In sampling, if `shrinkage` is a dict that lacks the class.

    See Also
    --------
    SMOTENC : Draw between neighbouring rows.
    imblearn.over_sampling.RandomOverSampler : The original, for numbers and strings.

    Notes
    -----
    The smoothed bootstrap adds to number :math:`j` of a row of class :math:`c`

    .. math::
        \epsilon_j \sim N(0, (s_c h \sigma_{jc})^2), \quad
        h = \left(\frac{4}{(d + 2) n}\right)^{1 / (d + 4)},

    where :math:`s_c` is the shrinkage, :math:`\sigma_{jc}` the standard deviation of
    the number in its class, :math:`d` the number of numeric columns and :math:`n` the
    number of rows learned from, as in imbalanced-learn. Codes stay as they are: those
    of categories and missing values, and of numbers that take few values. What falls
    out of the observed range is clipped to it.

    References
    ----------
    .. [1] G. Menardi, N. Torelli, "Training and assessing classification rules with
       imbalanced data," Data Mining and Knowledge Discovery, 28(1), 92-122, 2014.

    Examples
    --------
    >>> import numpy as np
    >>> from skgen.neighbors import RandomOverSampler
    >>> X, y = np.arange(20.0).reshape(-1, 1), np.repeat([0, 1], [16, 4])
    >>> X_new, y_new = RandomOverSampler(random_state=0).fit_resample(X, y)
    >>> np.bincount(y_new)
    array([16, 16])
    >>> np.unique(X_new[20:])
    array([16., 17., 18., 19.])
    """

    _parameter_constraints: dict = {
        **_ClassGenerator._parameter_constraints,
        "shrinkage": [Interval(Real, 0, None, closed="left"), dict, None],
    }

    def __init__(
        self,
        *,
        shrinkage: float | dict | None = None,
        sampling_strategy: Any = "auto",
        categorical_features: Any = "auto",
        constraints: Sequence[Constraint] = (),
        fit_classes: str = "all",
        reject_copies: bool = False,
        random_state: Any = None,
    ) -> None:
        super().__init__(
            sampling_strategy=sampling_strategy,
            categorical_features=categorical_features,
            constraints=constraints,
            fit_classes=fit_classes,
            reject_copies=reject_copies,
            random_state=random_state,
        )
        self.shrinkage = shrinkage

    def _fit(
        self, table: Table, labels: NDArray[np.intp], rng: np.random.RandomState
    ) -> None:
        if isinstance(self.shrinkage, Mapping):
            for label, factor in self.shrinkage.items():
                if not isinstance(factor, int | float | np.number) or not factor >= 0:
                    raise ValueError(
                        f"The shrinkage of class {label!r} is {factor!r}: give a "
                        "number of at least 0."
                    )
        super()._fit(table, labels, rng)

    def _sample_class(
        self, label: int, n_samples: int, rng: np.random.RandomState
    ) -> Table:
        table = self._tables[label]
        rows = table.take(rng.randint(len(table), size=n_samples))
        n_numeric = rows.numeric.shape[1]
        factor = self._class_shrinkage(label)
        if factor:
            factor *= (4 / ((n_numeric + 2) * self._n_training)) ** (
                1 / (n_numeric + 4)
            )
            noise = rng.standard_normal(rows.numeric.shape)
            for j in range(n_numeric):
                active = rows.active(j)
                # Missing values and point masses are not spread, nor do they spread.
                if active.any():
                    deviation = table.numeric[table.active(j), j].std()
                    rows.numeric[active, j] += factor * deviation * noise[active, j]
        return rows

    def _class_shrinkage(self, label: int) -> float:
        if not isinstance(self.shrinkage, Mapping):
            return float(self.shrinkage or 0)
        if self._label(label) not in self.shrinkage:
            raise ValueError(
                f"shrinkage has no entry for class {self._label(label)!r}, of which "
                f"rows are drawn. It has entries for {list(self.shrinkage)}."
            )
        return float(self.shrinkage[self._label(label)])


class _NeighborsGenerator(_ClassGenerator, metaclass=ABCMeta):
    """Base class of the generators that look for a row's neighbours in its class."""

    _parameter_constraints: dict = {
        **_ClassGenerator._parameter_constraints,
        "k_neighbors": [
            Interval(Integral, 1, None, closed="left"),
            HasMethods(["kneighbors", "kneighbors_graph"]),
        ],
        "n_jobs": [Integral, None],
    }

    def __init__(
        self,
        *,
        k_neighbors: Any = 5,
        n_jobs: int | None = None,
        sampling_strategy: Any = "auto",
        categorical_features: Any = "auto",
        constraints: Sequence[Constraint] = (),
        fit_classes: str = "all",
        reject_copies: bool = False,
        random_state: Any = None,
    ) -> None:
        super().__init__(
            sampling_strategy=sampling_strategy,
            categorical_features=categorical_features,
            constraints=constraints,
            fit_classes=fit_classes,
            reject_copies=reject_copies,
            random_state=random_state,
        )
        self.k_neighbors = k_neighbors
        self.n_jobs = n_jobs

    def _fit(
        self, table: Table, labels: NDArray[np.intp], rng: np.random.RandomState
    ) -> None:
        super()._fit(table, labels, rng)
        self._seed = draw_seed(rng)
        self._found: dict[int, NDArray[np.intp]] = {}

    def _neighbors(self, label: int) -> NDArray[np.intp]:
        """Return the neighbours of each row of a class in that class.

        They are searched when first needed: a majority class that gets no new rows
        costs nothing.

        Parameters
        ----------
        label : int

        Returns
        -------
        neighbors : ndarray of shape (n_class_samples, n_neighbors)
            Rows of the class, a row's own index left out.
        """
        if label not in self._found:
            n_rows, n_needed = len(self._tables[label]), self._group_size()
            if n_rows < n_needed:
                raise ValueError(
                    f"Class {self._label(label)!r} has {n_rows} rows (n_samples = "
                    f"{n_rows}), but k_neighbors = {n_needed - 1} asks for {n_needed} "
                    f"or more. Lower k_neighbors to {n_rows - 1} or less, add rows, or "
                    "draw no rows of the class."
                )
            self._found[label] = self._find_neighbors(label)
        return self._found[label]

    @abstractmethod
    def _find_neighbors(self, label: int) -> NDArray[np.intp]:
        """Search the neighbours of each row of a class."""

    def _group_size(self) -> int:
        """Return the least number of rows in which a row has all its neighbours."""
        return _check_neighbors("k_neighbors", self.k_neighbors, None).n_neighbors

    def _search(self, points: NDArray | sparse.csr_matrix) -> NDArray[np.intp]:
        """Return the nearest other points of each point."""
        search = _check_neighbors("k_neighbors", self.k_neighbors, self.n_jobs)
        memory = min(get_config()["working_memory"], WORKING_MEMORY)
        with config_context(working_memory=memory):
            found = search.fit(points).kneighbors(points, return_distance=False)
        return _drop_self(np.asarray(found), np.arange(points.shape[0]))

    def _class_rng(self, label: int) -> np.random.RandomState:
        """Return the stream for what is learned about a class when first needed."""
        return np.random.RandomState((self._seed + label) % 2**32)


@document
class SMOTE(_NeighborsGenerator):
    r"""Draw rows on the line between a row and one of its nearest neighbours.

    For numeric columns alone.

    Parameters
    ----------
    k_neighbors : int or object, default=5
        Number of nearest neighbours of a row, in its class. An object with the methods
        of :class:`~sklearn.neighbors.NearestNeighbors` searches them itself; its
        `n_neighbors` counts the row too.

    n_jobs : int, default=None
        Number of parallel jobs of the search; without effect on an object.

    <parameters>

    Attributes
    ----------
    <attributes>

    Raises
    ------
    ValueError
        In fitting, if a column is no number or has missing values. In sampling, if a
        class has no more than `k_neighbors` rows.

    See Also
    --------
    SMOTENC : Also for categories and missing values.
    SMOTEN : For categories alone.
    SVMSMOTE : Draws near the border between classes.
    GMMSMOTE : Draws inside the clusters of a class.
    imblearn.over_sampling.SMOTE : The original.

    Notes
    -----
    A row :math:`x` of the class, one of its neighbours :math:`z` and
    :math:`u \in [0, 1)` are drawn uniformly; the new row is
    :math:`x + u (z - x)` [1]_. Distances are Euclidean, on the columns as they are:
    scale them first if their units differ. Integers are rounded afterwards.

    References
    ----------
    .. [1] N. V. Chawla, K. W. Bowyer, L. O. Hall, W. P. Kegelmeyer, "SMOTE: Synthetic
       Minority Over-sampling Technique," Journal of Artificial Intelligence Research,
       16, 321-357, 2002.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import make_classification
    >>> from skgen.neighbors import SMOTE
    >>> X, y = make_classification(weights=[0.9], flip_y=0, random_state=0)
    >>> np.bincount(y)
    array([91,  9])
    >>> X_new, y_new = SMOTE(random_state=0).fit_resample(X, y)
    >>> np.bincount(y_new)
    array([91, 91])
    """

    def _make_schema(self, columns: pd.Index, categorical: list) -> TableSchema:
        return TableSchema(categorical_features=categorical, point_masses=False)

    def _fit(
        self, table: Table, labels: NDArray[np.intp], rng: np.random.RandomState
    ) -> None:
        refused = [
            f"{field.name!r} "
            + ("has missing values" if field.gated else f"is a {field.kind}")
            for field in table.fields
            if field.codes
        ]
        if refused:
            raise ValueError(
                f"{type(self).__name__} takes numbers alone, none of them missing, but "
                f"column {', column '.join(refused)}. Use SMOTENC, which takes columns "
                "of any kind, or encode categories and impute missing values first."
            )
        super()._fit(table, labels, rng)

    def _find_neighbors(self, label: int) -> NDArray[np.intp]:
        return self._search(self._tables[label].numeric)

    def _sample_class(
        self, label: int, n_samples: int, rng: np.random.RandomState
    ) -> Table:
        neighbors = self._neighbors(label)
        rows = rng.randint(len(neighbors), size=n_samples)
        return self._interpolate(label, rows, rng.uniform(size=n_samples), rng)

    def _interpolate(
        self,
        label: int,
        rows: NDArray[np.intp],
        steps: NDArray[np.float64],
        rng: np.random.RandomState,
    ) -> Table:
        """Go from rows of a class towards one neighbour each, by a step."""
        table, neighbors = self._tables[label], self._neighbors(label)
        ends = neighbors[rows, rng.randint(neighbors.shape[1], size=len(rows))]
        start, end = table.numeric[rows], table.numeric[ends]
        return table.like(start + steps[:, None] * (end - start), table.codes[rows])

    def __sklearn_tags__(self) -> Any:
        """Say that only numbers are taken."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string = False
        tags.input_tags.categorical = False
        tags.input_tags.allow_nan = False
        return tags


@document
class SVMSMOTE(SMOTE):
    """Draw rows near the border between classes, which a support vector machine finds.

    For numeric columns alone.

    Parameters
    ----------
    k_neighbors : int or object, default=5
        Number of nearest neighbours of a row, in its class. An object with the methods
        of :class:`~sklearn.neighbors.NearestNeighbors` searches them itself; its
        `n_neighbors` counts the row too.

    m_neighbors : int or object, default=10
        Number of nearest neighbours, in all classes, by which a support vector is
        called noise, endangered or safe. An object as in `k_neighbors`.

    svm_estimator : estimator, default=None
        A support vector machine: what has the attribute `support_` after `fit`. None is
        :class:`~sklearn.svm.SVC` with its defaults.

    out_step : float in [0, 1], default=0.5
        Greatest step when extrapolating, in distances to the neighbour.

    n_jobs : int, default=None
        Number of parallel jobs of the searches; without effect on objects.

    <parameters>

    Attributes
    ----------
    svm_estimator_ : estimator
        The fitted support vector machine.

    <attributes>

    Raises
    ------
    ValueError
        In fitting, if a column is no number or has missing values, if there is one
        class only or fewer rows than `m_neighbors`, or if `svm_estimator` has no
        `support_`. In sampling, if all support vectors of a class are noise or the
        class has no more than `k_neighbors` rows.

    See Also
    --------
    SMOTE : Draws everywhere in a class.
    imblearn.over_sampling.SVMSMOTE : The original.

    Notes
    -----
    Of a class's support vectors, those whose `m_neighbors` all belong to other classes
    are noise and not used. Those with at least half of them in other classes are in
    danger: a new row lies between such a row and one of its `k_neighbors`, as in
    :class:`SMOTE`. The others are safe: a new row lies beyond such a row, away from the
    neighbour, by a uniform share of `out_step` [1]_; values beyond the observed range
    of a column are clipped to it.

    How many rows are of either kind is drawn as in imbalanced-learn: the share of the
    interpolated ones follows a Beta(10, 10) distribution, one draw for each class and
    batch of rows. If a class has support vectors of one kind only, they give all the
    rows, so that the number asked for is met.

    The machine learns all rows, on the columns as they are; its time grows at least
    with the square of their number.

    References
    ----------
    .. [1] H. M. Nguyen, E. W. Cooper, K. Kamei, "Borderline over-sampling for
       imbalanced data classification," International Journal of Knowledge Engineering
       and Soft Data Paradigms, 3(1), 4-21, 2011.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import make_classification
    >>> from skgen.neighbors import SVMSMOTE
    >>> X, y = make_classification(weights=[0.9], flip_y=0, random_state=0)
    >>> X_new, y_new = SVMSMOTE(random_state=0).fit_resample(X, y)
    >>> np.bincount(y_new)
    array([91, 91])
    """

    _parameter_constraints: dict = {
        **SMOTE._parameter_constraints,
        "m_neighbors": SMOTE._parameter_constraints["k_neighbors"],
        "svm_estimator": [HasMethods(["fit", "predict"]), None],
        "out_step": [Interval(Real, 0, 1, closed="both")],
    }

    def __init__(
        self,
        *,
        k_neighbors: Any = 5,
        m_neighbors: Any = 10,
        svm_estimator: Any = None,
        out_step: float = 0.5,
        n_jobs: int | None = None,
        sampling_strategy: Any = "auto",
        categorical_features: Any = "auto",
        constraints: Sequence[Constraint] = (),
        fit_classes: str = "all",
        reject_copies: bool = False,
        random_state: Any = None,
    ) -> None:
        super().__init__(
            k_neighbors=k_neighbors,
            n_jobs=n_jobs,
            sampling_strategy=sampling_strategy,
            categorical_features=categorical_features,
            constraints=constraints,
            fit_classes=fit_classes,
            reject_copies=reject_copies,
            random_state=random_state,
        )
        self.m_neighbors = m_neighbors
        self.svm_estimator = svm_estimator
        self.out_step = out_step

    def _fit(
        self, table: Table, labels: NDArray[np.intp], rng: np.random.RandomState
    ) -> None:
        super()._fit(table, labels, rng)
        if len(self.classes_) < 2:
            raise ValueError(
                "SVMSMOTE looks for the border between classes, but there is one class "
                "only. Pass labels, set fit_classes='all', or use SMOTE."
            )
        search = _check_neighbors("m_neighbors", self.m_neighbors, self.n_jobs)
        if len(table) < search.n_neighbors:
            raise ValueError(
                f"The table has {len(table)} rows, but m_neighbors = "
                f"{search.n_neighbors - 1} asks for {search.n_neighbors} or more. "
                f"Lower m_neighbors to {len(table) - 1} or less, or add rows."
            )
        svm = SVC() if self.svm_estimator is None else clone(self.svm_estimator)
        # Else it would draw from the global stream.
        if svm.get_params(deep=False).get("random_state", 0) is None:
            svm.set_params(random_state=draw_seed(rng))
        self.svm_estimator_ = svm.fit(table.numeric, self.classes_[labels])
        if not hasattr(svm, "support_"):
            raise ValueError(
                f"svm_estimator={svm!r} has no attribute support_ after fit, so it is "
                "no support vector machine. Use sklearn.svm.SVC."
            )
        support = np.asarray(svm.support_)
        search.fit(table.numeric)
        found = search.kneighbors(table.numeric[support], return_distance=False)
        found = _drop_self(np.asarray(found), support)
        n_found = found.shape[1]
        n_others = (labels[found] != labels[support][:, None]).sum(axis=1)
        in_danger = (2 * n_others >= n_found) & (n_others < n_found)
        safe = 2 * n_others < n_found
        self._borders = []
        for label in range(len(self.classes_)):
            members = np.flatnonzero(labels == label)
            own = labels[support] == label
            self._borders.append(
                (
                    np.searchsorted(members, support[own & in_danger]),
                    np.searchsorted(members, support[own & safe]),
                )
            )

    def _sample_class(
        self, label: int, n_samples: int, rng: np.random.RandomState
    ) -> Table:
        in_danger, safe = self._borders[label]
        if not len(in_danger) and not len(safe):
            raise ValueError(
                f"All support vectors of class {self._label(label)!r} are noise: the "
                "nearest neighbours of each belong to other classes. Raise "
                "m_neighbors, or use SMOTE."
            )
        n_inside = int(rng.beta(10, 10) * (n_samples + 1))
        if not len(in_danger):
            n_inside = 0
        if not len(safe):
            n_inside = n_samples
        rows = np.concatenate(
            [
                rng.choice(in_danger, n_inside),
                rng.choice(safe, n_samples - n_inside),
            ]
        )
        steps = rng.uniform(size=n_samples)
        steps[n_inside:] *= -self.out_step
        # The two kinds in random order, as sample(y=...) may ask for any.
        order = rng.permutation(n_samples)
        return self._interpolate(label, rows[order], steps[order], rng)


@document
class GMMSMOTE(SMOTE):
    r"""Draw rows inside the clusters of a class, which a Gaussian mixture finds.

    For numeric columns alone. A row is interpolated with its nearest neighbours in its
    own component of the mixture, so that no row falls between clusters.

    Parameters
    ----------
    k_neighbors : int or object, default=5
        Number of nearest neighbours of a row, in its component. An object with the
        methods of :class:`~sklearn.neighbors.NearestNeighbors` searches them itself;
        its `n_neighbors` counts the row too.

    max_components : int, default=10
        Greatest number of components. The number that minimises the Bayesian
        information criterion is taken, for each class anew.

    covariance_type : {"full", "tied", "diag", "spherical"}, default="full"
        As in :class:`~sklearn.mixture.GaussianMixture`.

    reg_covar : float, default=1e-3
        Added to the variances, in units of the variance of a column. It keeps a
        component from shrinking to the rows that share a value.

    n_jobs : int, default=None
        Number of parallel jobs of the search; without effect on an object.

    <parameters>

    Attributes
    ----------
    n_components_ : dict of label to int
        Number of components of each class that rows have been drawn of so far.

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
    :math:`\mathrm{BIC} = p \ln n - 2 \ln L` with :math:`p` free parameters [1]_.
    Each row is a member of its most probable component. A component with too few
    members to give each `k_neighbors` neighbours is dissolved: each member joins the
    larger component that holds the nearest row, so that what lies apart is interpolated
    as in :class:`SMOTE`, not repeated. Neighbours inside a component are searched on
    the columns as they are.

    References
    ----------
    .. [1] G. Schwarz, "Estimating the dimension of a model," The Annals of Statistics,
       6(2), 461-464, 1978.

    .. [2] N. V. Chawla, K. W. Bowyer, L. O. Hall, W. P. Kegelmeyer, "SMOTE: Synthetic
       Minority Over-sampling Technique," Journal of Artificial Intelligence Research,
       16, 321-357, 2002.

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

    _parameter_constraints: dict = {
        **SMOTE._parameter_constraints,
        "max_components": [Interval(Integral, 1, None, closed="left")],
        "covariance_type": [StrOptions({"full", "tied", "diag", "spherical"})],
        "reg_covar": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self,
        *,
        k_neighbors: Any = 5,
        max_components: int = 10,
        covariance_type: str = "full",
        reg_covar: float = 1e-3,
        n_jobs: int | None = None,
        sampling_strategy: Any = "auto",
        categorical_features: Any = "auto",
        constraints: Sequence[Constraint] = (),
        fit_classes: str = "all",
        reject_copies: bool = False,
        random_state: Any = None,
    ) -> None:
        super().__init__(
            k_neighbors=k_neighbors,
            n_jobs=n_jobs,
            sampling_strategy=sampling_strategy,
            categorical_features=categorical_features,
            constraints=constraints,
            fit_classes=fit_classes,
            reject_copies=reject_copies,
            random_state=random_state,
        )
        self.max_components = max_components
        self.covariance_type = covariance_type
        self.reg_covar = reg_covar

    def _fit(
        self, table: Table, labels: NDArray[np.intp], rng: np.random.RandomState
    ) -> None:
        super()._fit(table, labels, rng)
        self.n_components_: dict[Any, int] = {}

    def _find_neighbors(self, label: int) -> NDArray[np.intp]:
        points = self._tables[label].numeric
        components = self._components(label)
        neighbors = np.empty((len(points), self._group_size() - 1), dtype=np.intp)
        for component in np.unique(components):
            members = np.flatnonzero(components == component)
            neighbors[members] = members[self._search(points[members])]
        return neighbors

    def _components(self, label: int) -> NDArray[np.intp]:
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
            search = NearestNeighbors(n_neighbors=1).fit(points[~strayed])
            nearest = search.kneighbors(points[strayed], return_distance=False)
            components[strayed] = components[~strayed][nearest[:, 0]]
        return components

    def _fit_mixture(self, points: NDArray, n: int, seed: int) -> GaussianMixture:
        mixture = GaussianMixture(
            n,
            covariance_type=self.covariance_type,
            reg_covar=self.reg_covar,
            random_state=seed,
        )
        with warnings.catch_warnings():
            # One more iteration or fewer: the criterion judges what was found.
            warnings.simplefilter("ignore", ConvergenceWarning)
            return mixture.fit(points)


@document
class SMOTENC(_NeighborsGenerator):
    """Draw rows between neighbours, with categories by their majority.

    For columns of any kind. Numbers lie between a row and one of its nearest
    neighbours; each category is the most frequent one among the neighbours.

    Parameters
    ----------
    k_neighbors : int or object, default=5
        Number of nearest neighbours of a row, in its class. An object with the methods
        of :class:`~sklearn.neighbors.NearestNeighbors` searches them itself, on an
        array or a sparse matrix; its `n_neighbors` counts the row too.

    n_jobs : int, default=None
        Number of parallel jobs of the search; without effect on an object.

    <parameters>

    Attributes
    ----------
    <attributes>

    Raises
    ------
    ValueError
        In sampling, if a class has no more than `k_neighbors` rows.

    See Also
    --------
    SMOTE : For numbers alone.
    SMOTEN : For categories alone, with a distance that depends on the labels.
    imblearn.over_sampling.SMOTENC : The original, for numbers and categories.

    Notes
    -----
    The distance of two rows is Euclidean on the numbers, as they are; each category in
    which they differ adds the square of the median of the standard deviations of the
    class's numbers [1]_. If that median is 0, it is taken over those that vary; if none
    does, or there are only categories, a differing category counts 1. Ties, between
    neighbours and between categories, are broken at random.

    A number that takes few values, a missing value and a frequent value of a number
    count as categories, as in the normal form (:class:`skgen.table.Table`). Where the
    majority of a row's neighbours gives a number, it lies between two rows that have
    one.

    A row of :math:`c` categories takes memory in proportion to :math:`c`, not to their
    levels. The search compares all pairs of rows of a class.

    References
    ----------
    .. [1] N. V. Chawla, K. W. Bowyer, L. O. Hall, W. P. Kegelmeyer, "SMOTE: Synthetic
       Minority Over-sampling Technique," Journal of Artificial Intelligence Research,
       16, 321-357, 2002.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.neighbors import SMOTENC
    >>> X = pd.DataFrame({
    ...     "age": [21.5, 34.0, 28.5, 45.0, 39.5, 51.0, 62.5, 58.0],
    ...     "city": ["Oslo", "Rome", None, "Rome", "Oslo", "Rome", "Rome", "Oslo"],
    ... })
    >>> y = pd.Series([0, 0, 0, 0, 0, 1, 1, 1], name="click")
    >>> X_new, y_new = SMOTENC(k_neighbors=2, random_state=0).fit_resample(X, y)
    >>> len(X_new), bool(X_new["age"][8:].between(51, 62.5).all())
    (10, True)
    """

    def _find_neighbors(self, label: int) -> NDArray[np.intp]:
        table = self._tables[label]
        weight = _category_weight(table)
        numeric = table.numeric
        if len(table.cardinalities):
            ties = self._class_rng(label).uniform(size=len(table))
            numeric = np.column_stack([numeric, TIE_BREAK * weight * ties])
        return self._search(embed(numeric, table.codes, weight))

    def _sample_class(
        self, label: int, n_samples: int, rng: np.random.RandomState
    ) -> Table:
        table, neighbors = self._tables[label], self._neighbors(label)
        rows = rng.randint(len(table), size=n_samples)
        voters = neighbors[rows]
        sample = np.arange(n_samples)
        ends = voters[sample, rng.randint(voters.shape[1], size=n_samples)]
        steps = rng.uniform(size=n_samples)
        donors = _vote(table.codes, voters, rng)
        codes = np.take_along_axis(table.codes, donors, axis=0)
        start, end = table.numeric[rows], table.numeric[ends]
        for number, gate in enumerate(table.gates):
            if gate < 0:
                continue
            # A row in which the number does not count passes on that of a neighbour
            # where it does; if the majority says that it does not, what the donor of
            # the code holds goes with the code.
            active = table.active(number)
            counts = codes[:, gate] == 0
            for side, at in ((start, rows), (end, ends)):
                chance = active[voters] * rng.uniform(0.5, 1, size=voters.shape)
                others = voters[sample, chance.argmax(axis=1)]
                source = np.where(active[at], at, others)
                source = np.where(counts, source, donors[:, gate])
                side[:, number] = table.numeric[source, number]
        return table.like(start + steps[:, None] * (end - start), codes)


@document
class SMOTEN(_NeighborsGenerator):
    r"""Draw rows of categories by the majority among a row and its neighbours.

    All columns are categories, numbers too. Two values are near if they occur with
    the same labels.

    Parameters
    ----------
    k_neighbors : int, default=5
        Number of nearest neighbours of a row, in its class.

    chunk_size : int, default=1000
        With three classes or more, distances are computed for this number of rows to
        this number of rows at a time: memory grows with its square, and not with the
        number of rows.

    n_jobs : int, default=None
        Number of parallel jobs of the search.

    <parameters>

    Attributes
    ----------
    <attributes>

    Raises
    ------
    ValueError
        In sampling, if a class has no more than `k_neighbors` rows.

    See Also
    --------
    SMOTENC : For numbers and categories.
    imblearn.over_sampling.SMOTEN : The original; its distances are a square matrix.
    imblearn.metrics.pairwise.ValueDifferenceMetric : The distance.

    Notes
    -----
    The distance of two rows is the value difference metric [2]_ with exponents 1 and 2,

    .. math::
        \Delta(a, b) = \sum_f \Big(\sum_c |p(c|a_f) - p(c|b_f)|\Big)^2,

    where :math:`p(c|v)` is the share of class :math:`c` among the rows with value
    :math:`v` in column :math:`f`. For two classes this is the squared Euclidean
    distance of the vectors :math:`2 p(1|a_f)`, on which neighbours are searched; for
    more, pairs of rows are compared in chunks. With one class (after `fit` without
    `y`, or `fit_classes="resampled"`) the metric is 0 everywhere, and the number of
    differing values takes its place.

    The majority is that of the row and its `k_neighbors` neighbours. Ties, between
    neighbours and between values, are broken at random.

    References
    ----------
    .. [1] N. V. Chawla, K. W. Bowyer, L. O. Hall, W. P. Kegelmeyer, "SMOTE: Synthetic
       Minority Over-sampling Technique," Journal of Artificial Intelligence Research,
       16, 321-357, 2002.

    .. [2] C. Stanfill, D. Waltz, "Toward memory-based reasoning," Communications of the
       ACM, 29(12), 1213-1228, 1986.

    Examples
    --------
    >>> import numpy as np
    >>> from skgen.neighbors import SMOTEN
    >>> X = np.array(["A"] * 10 + ["B"] * 20 + ["C"] * 30, dtype=object).reshape(-1, 1)
    >>> y = np.repeat([0, 1], [20, 40])
    >>> X_new, y_new = SMOTEN(random_state=0).fit_resample(X, y)
    >>> np.bincount(y_new)
    array([40, 40])
    >>> np.unique(X_new[60:]).tolist()
    ['A', 'B']
    """

    _parameter_constraints: dict = {
        **_NeighborsGenerator._parameter_constraints,
        "k_neighbors": [Interval(Integral, 1, None, closed="left")],
        "chunk_size": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        *,
        k_neighbors: int = 5,
        chunk_size: int = 1000,
        n_jobs: int | None = None,
        sampling_strategy: Any = "auto",
        categorical_features: Any = "auto",
        constraints: Sequence[Constraint] = (),
        fit_classes: str = "all",
        reject_copies: bool = False,
        random_state: Any = None,
    ) -> None:
        super().__init__(
            k_neighbors=k_neighbors,
            n_jobs=n_jobs,
            sampling_strategy=sampling_strategy,
            categorical_features=categorical_features,
            constraints=constraints,
            fit_classes=fit_classes,
            reject_copies=reject_copies,
            random_state=random_state,
        )
        self.chunk_size = chunk_size

    def _make_schema(self, columns: pd.Index, categorical: list) -> TableSchema:
        return TableSchema(categorical_features=list(columns))

    def _fit(
        self, table: Table, labels: NDArray[np.intp], rng: np.random.RandomState
    ) -> None:
        super()._fit(table, labels, rng)
        self._proportions = class_proportions(
            table.codes, labels, table.cardinalities, len(self.classes_)
        )

    def _find_neighbors(self, label: int) -> NDArray[np.intp]:
        codes = self._tables[label].codes
        ties = TIE_BREAK * self._class_rng(label).uniform(size=(len(codes), 1))
        if len(self.classes_) == 1:
            return self._search(embed(ties, codes))
        if len(self.classes_) > 2:
            return self._search_chunks(codes, ties)
        shares = [
            2 * share[column, 1]
            for share, column in zip(self._proportions, codes.T, strict=True)
        ]
        return self._search(np.column_stack([*shares, ties]))

    def _search_chunks(self, codes: NDArray, ties: NDArray) -> NDArray[np.intp]:
        """Return the nearest other rows of each row, without a square matrix."""
        n_wanted = self.k_neighbors + 1
        chunks = list(gen_batches(len(codes), self.chunk_size))

        def nearest(rows: slice) -> NDArray[np.intp]:
            size = rows.stop - rows.start
            distances, found = np.empty((size, 0)), np.empty((size, 0), dtype=np.intp)
            for others in chunks:
                chunk = value_difference(codes[rows], codes[others], self._proportions)
                chunk += (ties[rows] - ties[others].T) ** 2
                index = np.arange(others.start, others.stop)
                distances = np.hstack([distances, chunk])
                found = np.hstack([found, np.broadcast_to(index, chunk.shape)])
                if distances.shape[1] > n_wanted:
                    best = np.argpartition(distances, n_wanted - 1, axis=1)
                    best = best[:, :n_wanted]
                    distances = np.take_along_axis(distances, best, axis=1)
                    found = np.take_along_axis(found, best, axis=1)
            # The order of the chunks must not show.
            order = np.argsort(distances, axis=1, kind="stable")
            return np.take_along_axis(found, order, axis=1)

        found = Parallel(n_jobs=self.n_jobs, prefer="threads")(
            delayed(nearest)(rows) for rows in chunks
        )
        return _drop_self(np.vstack(found), np.arange(len(codes)))

    def _sample_class(
        self, label: int, n_samples: int, rng: np.random.RandomState
    ) -> Table:
        table, neighbors = self._tables[label], self._neighbors(label)
        rows = rng.randint(len(table), size=n_samples)
        voters = np.column_stack([rows, neighbors[rows]])
        donors = _vote(table.codes, voters, rng)
        codes = np.take_along_axis(table.codes, donors, axis=0)
        return table.like(table.numeric[rows], codes)


def class_proportions(
    codes: NDArray, labels: NDArray, cardinalities: NDArray, n_classes: int
) -> list[NDArray[np.float64]]:
    """Return the share of each class among the rows with a value.

    Parameters
    ----------
    codes : ndarray of int of shape (n_samples, n_codes)

    labels : ndarray of int of shape (n_samples,)
        Index of the class.

    cardinalities : ndarray of int of shape (n_codes,)
        Number of levels of each code.

    n_classes : int

    Returns
    -------
    proportions : list of ndarray of shape (n_levels, n_classes)
        One for each column of codes.
    """
    proportions = []
    for column, n_levels in zip(codes.T, cardinalities, strict=True):
        cells = column.astype(np.intp) * n_classes + labels
        counts = np.bincount(cells, minlength=n_levels * n_classes)
        counts = counts.reshape(n_levels, n_classes)
        proportions.append(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1))
    return proportions


def value_difference(
    a: NDArray, b: NDArray, proportions: list[NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Return the value difference metric, exponents 1 and 2, of all pairs of rows.

    Parameters
    ----------
    a : ndarray of int of shape (n_rows_a, n_codes)

    b : ndarray of int of shape (n_rows_b, n_codes)

    proportions : list of ndarray of shape (n_levels, n_classes)
        As `class_proportions` returns them.

    Returns
    -------
    distances : ndarray of shape (n_rows_a, n_rows_b)
    """
    distances = np.zeros((len(a), len(b)))
    for j, shares in enumerate(proportions):
        distances += cdist(shares[a[:, j]], shares[b[:, j]], "cityblock") ** 2
    return distances


def _check_neighbors(name: str, neighbors: Any, n_jobs: int | None) -> Any:
    """Return what searches the neighbours of a row, the row itself included."""
    search = check_neighbors_object(name, neighbors, additional_neighbor=1)
    if isinstance(neighbors, Integral):
        search.set_params(n_jobs=n_jobs)
    return search


def _drop_self(found: NDArray[np.intp], rows: NDArray) -> NDArray[np.intp]:
    """Leave a row out of its own neighbours; the nearest if many copies crowd it out.

    Parameters
    ----------
    found : ndarray of shape (n_rows, n_neighbors)

    rows : ndarray of shape (n_rows,)

    Returns
    -------
    others : ndarray of shape (n_rows, n_neighbors - 1)
    """
    own = found == rows[:, None]
    own[~own.any(axis=1), 0] = True
    return found[~own].reshape(len(rows), -1)


def _category_weight(table: Table) -> float:
    """Return what a differing category adds to the distance in SMOTENC."""
    deviations = table.numeric.std(axis=0)
    if len(deviations) and np.median(deviations) > 0:
        return float(np.median(deviations))
    varying = deviations[deviations > 0]
    return float(np.median(varying)) if len(varying) else 1.0


def _vote(
    codes: NDArray, voters: NDArray[np.intp], rng: np.random.RandomState
) -> NDArray[np.intp]:
    """Return a row that holds the most frequent code of some rows, ties at random.

    Parameters
    ----------
    codes : ndarray of shape (n_rows, n_codes)

    voters : ndarray of shape (n_samples, n_voters)
        Rows of `codes`.

    rng : RandomState

    Returns
    -------
    donors : ndarray of shape (n_samples, n_codes)
        One of the voters for each code.
    """
    donors = np.empty((len(voters), codes.shape[1]), dtype=np.intp)
    for j, column in enumerate(codes.T):
        votes = column[voters]
        scores = rng.uniform(size=voters.shape)
        for k in range(voters.shape[1]):
            scores += votes == votes[:, [k]]
        best = scores.argmax(axis=1)
        donors[:, j] = voters[np.arange(len(voters)), best]
    return donors
