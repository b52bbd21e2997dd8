"""SMOTE, everywhere in a class or near the border between classes."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.svm import SVC
from sklearn.utils._param_validation import HasMethods, Interval

from skgen._nearest import find_nearest
from skgen._random import draw_seed
from skgen.neighbors._base import NeighborsGenerator, check_neighbors, drop_self
from skgen.rows import Rows
from skgen.table import Table, TableSchema


class SMOTE(NeighborsGenerator):
    r"""Draw rows on the line between a row and one of its nearest neighbours.

    For numeric columns only.

    Parameters
    ----------
    <k_neighbors>

    <n_jobs>

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
    SMOTEN : For categories only.
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
    <smote>

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

    structure: Any = None

    def _make_schema(self, columns: pd.Index, categorical: list) -> TableSchema:
        return TableSchema(categorical_features=categorical, point_masses=False)

    def _fit(self, rows: Rows, rng: np.random.RandomState) -> None:
        refused = [
            f"{field.name!r} "
            + ("has missing values" if field.gated else f"is a {field.kind}")
            for field in rows.table.fields
            if field.codes
        ]
        if refused:
            raise ValueError(
                f"{type(self).__name__} takes numbers only, none of them missing, but "
                f"column {', column '.join(refused)}. Use SMOTENC, which takes columns "
                "of any kind, or encode categories and impute missing values first."
            )
        super()._fit(rows, rng)

    def _find_neighbors(self, label: int, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        return self._search(self._tables[label].numeric, rows)

    def _sample_class(
        self, label: int, n_samples: int, rng: np.random.RandomState
    ) -> Table:
        rows = rng.randint(len(self._tables[label]), size=n_samples)
        return self._interpolate(label, rows, rng.uniform(size=n_samples), rng)

    def _interpolate(
        self,
        label: int,
        rows: NDArray[np.intp],
        steps: NDArray[np.float64],
        rng: np.random.RandomState,
    ) -> Table:
        """Go from rows of a class towards one neighbour each, by a step."""
        table, neighbors = self._tables[label], self._neighbors(label, rows)
        chosen = rng.randint(neighbors.shape[1], size=len(rows))
        ends = neighbors[np.arange(len(rows)), chosen]
        start, end = table.numeric[rows], table.numeric[ends]
        return table.like(start + steps[:, None] * (end - start), table.codes[rows])

    def __sklearn_tags__(self) -> Any:
        """Say that only numbers are taken."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string = False
        tags.input_tags.categorical = False
        tags.input_tags.allow_nan = False
        return tags


class SVMSMOTE(SMOTE):
    """Draw rows near the border between classes, which a support vector machine finds.

    For numeric columns only.

    Parameters
    ----------
    <k_neighbors>

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

    m_neighbors: Any = 10
    svm_estimator: Any = None
    out_step: float = 0.5

    _parameter_constraints = {
        **SMOTE._parameter_constraints,
        "m_neighbors": SMOTE._parameter_constraints["k_neighbors"],
        "svm_estimator": [HasMethods(["fit", "predict"]), None],
        "out_step": [Interval(Real, 0, 1, closed="both")],
    }

    def _fit(self, rows: Rows, rng: np.random.RandomState) -> None:
        table, labels = rows.table, rows.labels
        super()._fit(rows, rng)
        if len(self.classes_) < 2:
            raise ValueError(
                "SVMSMOTE looks for the border between classes, but there is one class "
                "only. Pass labels, set fit_classes='all', or use SMOTE."
            )
        search = check_neighbors("m_neighbors", self.m_neighbors, self.n_jobs)
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
        found = drop_self(find_nearest(search, table.numeric[support]), support)
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
