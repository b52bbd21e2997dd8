"""The generator: a latent normal for each number and each code."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils._param_validation import Interval, StrOptions
from threadpoolctl import threadpool_limits

from skgen.base import BaseGenerator
from skgen.copula._correlation import latent_correlation
from skgen.copula._levels import order_levels
from skgen.copula._scores import ClassRows, class_rows, intervals
from skgen.copula._shrinkage import shrink_classes
from skgen.encodings.marginals import FAMILIES, Marginal, fit_marginal
from skgen.rows import Given, Rows
from skgen.table import Table


@dataclass(frozen=True)
class _ClassModel:
    """What `_sample` needs of a class; `levels` and `cuts` have an entry per code."""

    factor: NDArray[np.float64]
    marginals: list[Marginal | None]
    levels: list[NDArray[np.intp]]
    cuts: list[NDArray[np.float64]]


def _fit_class(
    part: ClassRows, orders: list[NDArray], families: list[str], matrix: NDArray
) -> _ClassModel:
    """Fit the marginals of a class, and cut the latents of its codes."""
    marginals: list[Marginal | None] = []
    for number, family in enumerate(families):
        values = part.table.numeric[part.rows, number]
        if number in part.active:
            values = values[part.active[number]]
        marginals.append(fit_marginal(values, family) if len(values) else None)
    levels, cuts = [], []
    for code, order in enumerate(orders):
        counts = part.counts[code][order]
        levels.append(order[counts > 0])
        cuts.append(intervals(counts[counts > 0]).cuts)
    return _ClassModel(np.linalg.cholesky(matrix), marginals, levels, cuts)


def _latent_names(table: Table) -> list[Hashable]:
    """Return a name for each latent, as in `correlation_`."""
    names: list[Hashable] = [None] * (table.numeric.shape[1] + table.codes.shape[1])
    for field in table.fields:
        if field.number is not None:
            names[field.number] = field.name
        alone = field.number is None and len(field.codes) == 1
        for i, code in enumerate(field.codes):
            name = field.name if alone else f"{field.name}[{i}]"
            names[table.numeric.shape[1] + code] = name
    return names


class GaussianCopula(BaseGenerator):
    """Gaussian copula: any marginals, and a normal dependence between them.

    In each class a row is a monotone function of a multivariate normal, column by
    column: a number is the quantile of its marginal distribution, a category the
    interval that the latent normal falls into. Marginals and dependence are learned
    apart. Fast, smooth, and far from the training rows; dependence that is not
    monotone is lost.

    Parameters
    ----------
    marginals : {"auto", "beta", "gamma", "norm", "truncnorm", "uniform", \
            "empirical"} or dict, default="auto"
        Distribution of the numbers in each class, or a dict from column to one of
        these; columns that it leaves out are "auto". With "auto" the parametric family
        of the smallest BIC is taken, out of those within 1.358 / sqrt(n_samples) of the
        sample by Kolmogorov-Smirnov distance (the sample itself is not nearer to the
        truth in one case of 20); the empirical one, interpolated between observed
        values, if there is none. Parameters are by maximum likelihood; whatever the
        family, values stay inside the range observed in the class. A family that
        cannot be fitted gives way to the empirical one, see `marginals_`. Values that
        are codes in the normal form (frequent ones, or all of a column with few values)
        keep their exact frequencies.

    shrinkage : "auto" or float in [0, 1], default="auto"
        How far the correlations of a class move towards those of all classes pooled,
        and these towards zero. "auto" moves each by its precision (empirical Bayes): a
        class of few rows, or a pair of columns that few rows have in common, follows
        the others.

    <parameters>

    Attributes
    ----------
    marginals_ : dict of label to dict of column to Marginal
        The distributions of the numbers, with `family` and `params`. Columns without a
        number are left out, and so are those whose number never counts in the class
        (all missing, or all at a point mass). The label is 0 after `fit` without `y`.

    correlation_ : dict of label to DataFrame of shape (n_latents, n_latents)
        Correlation of the latent normals. A number is named by its column, and so is
        the code of a column that has nothing else; others are called "column[i]", where
        0 is the column's first code.

    <attributes>

    See Also
    --------
    skgen.trees.AutoregressiveTrees : Dependence of any form.

    Notes
    -----
    *Scores.* A row enters by the mean of a standard normal inside the interval that its
    value's rank, or its level, stands for. This mean varies less than the normal: a
    covariance is brought back to the latents by dividing by the scores' variances, or,
    between two columns of codes, by inverting the covariance as a function of the
    latent correlation [4]_, a polychoric correlation by the method of moments [5]_.
    Both are consistent. Levels that never meet are taken to meet in half a row [9]_.

    *Order.* Levels without an order are put in the one in which the scores of the
    other columns differ most, as in nonlinear principal components [6]_. It is learned
    from all classes together; levels in fewer than 20 rows have no say and stay in
    the middle. The values of a number that takes few keep their order, unless another
    explains 1.5 times as much: they may be numbers of categories.

    *Gated numbers.* A number that is sometimes missing, or sometimes at a point mass,
    has a latent beside that of its code. Marginal and dependence are those of the rows
    where it counts.

    *Shrinkage.* The variance of a class's correlations about the pooled ones, beyond
    what the numbers of rows explain, is by Paule and Mandel's equation [7]_.

    *Positive definite.* Where the pairwise estimates are no correlation matrix they
    are replaced by one nearby, in a distance weighted by their precision, by
    majorisation [8]_.

    References
    ----------
    .. [1] N. Patki, R. Wedge, K. Veeramachaneni, "The Synthetic Data Vault", IEEE
       International Conference on Data Science and Advanced Analytics, 399-410, 2016.

    .. [2] R. B. Nelsen, "An Introduction to Copulas", 2nd edition, Springer, 2006.

    .. [3] H. Liu, J. Lafferty, L. Wasserman, "The Nonparanormal: Semiparametric
       Estimation of High Dimensional Undirected Graphs", Journal of Machine Learning
       Research 10, 2295-2328, 2009.

    .. [4] R. L. Plackett, "A Reduction Formula for Normal Multivariate Integrals",
       Biometrika 41, 351-360, 1954.

    .. [5] U. Olsson, "Maximum Likelihood Estimation of the Polychoric Correlation
       Coefficient", Psychometrika 44, 443-460, 1979.

    .. [6] A. Gifi, "Nonlinear Multivariate Analysis", Wiley, 1990.

    .. [7] R. C. Paule, J. Mandel, "Consensus Values and Weighting Factors", Journal of
       Research of the National Bureau of Standards 87, 377-385, 1982.

    .. [8] R. Pietersz, P. J. F. Groenen, "Rank Reduction of Correlation Matrices by
       Majorization", Quantitative Finance 4, 649-662, 2004.

    .. [9] M. B. Brown, J. K. Benedetti, "On the Mean and Variance of the Tetrachoric
       Correlation Coefficient", Psychometrika 42, 347-355, 1977.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from skgen.copula import GaussianCopula
    >>> rng = np.random.RandomState(0)
    >>> age = rng.normal(40, 10, size=400)
    >>> X = pd.DataFrame({
    ...     "age": age,
    ...     "income": np.exp(age / 20 + 0.3 * rng.normal(size=400)),
    ...     "city": rng.choice(["Oslo", "Rome"], size=400),
    ... })
    >>> y = np.repeat(["click", "none"], [100, 300])
    >>> copula = GaussianCopula(random_state=0).fit(X, y)
    >>> copula.marginals_["none"]["age"].family
    'norm'
    >>> copula.correlation_["none"].loc["age", "income"].round(1)
    np.float64(0.8)
    >>> X_new, y_new = copula.fit_resample(X, y)
    >>> X_new.shape
    (600, 3)
    """

    marginals: str | Mapping[Hashable, str] = "auto"
    shrinkage: float | str = "auto"

    _parameter_constraints = {
        **BaseGenerator._parameter_constraints,
        "marginals": [StrOptions({"auto", "empirical", *FAMILIES}), dict],
        "shrinkage": [StrOptions({"auto"}), Interval(Real, 0, 1, closed="both")],
    }

    def _fit(self, rows: Rows, rng: np.random.RandomState) -> None:
        """Learn each class's marginals and correlation."""
        table, labels = rows.table, rows.labels
        families = self._families(table, rows.columns)
        names = _latent_names(table)
        classes = [
            class_rows(table, np.flatnonzero(labels == i))
            for i in range(len(self.classes_))
        ]
        # Hundreds of small decompositions: where other work has the cores, threads
        # that wait for each other take twenty times as long as one alone.
        with threadpool_limits(limits=1, user_api="blas"):
            orders = order_levels(table, classes)
            fits = [latent_correlation(part, orders) for part in classes]
            matrices = shrink_classes(fits, self.shrinkage)
        self._template = table.take(np.arange(0))
        self._fillers = np.median(table.numeric, axis=0)
        self._models = []
        self.marginals_: dict[Any, dict[Hashable, Marginal]] = {}
        self.correlation_: dict[Any, pd.DataFrame] = {}
        numbers = {f.number: f.name for f in table.fields if f.number is not None}
        for label, part, matrix in zip(
            self.classes_.tolist(), classes, matrices, strict=True
        ):
            model = _fit_class(part, orders, families, matrix)
            self._models.append(model)
            self.marginals_[label] = {
                numbers[number]: marginal
                for number, marginal in enumerate(model.marginals)
                if marginal is not None
            }
            self.correlation_[label] = pd.DataFrame(matrix, index=names, columns=names)

    def _families(self, table: Table, columns: pd.Index) -> list[str]:
        """Return the family asked for, for each number."""
        families = ["auto"] * table.numeric.shape[1]
        if isinstance(self.marginals, str):
            return [self.marginals] * len(families)
        fields = {field.name: field for field in table.fields}
        known = StrOptions({"auto", "empirical", *FAMILIES})
        for name, family in self.marginals.items():
            if name not in fields and name not in columns:
                raise ValueError(
                    f"marginals names {name!r}, which is no column of the table. Its "
                    f"columns are {list(columns)}."
                )
            if not known.is_satisfied_by(family):
                raise ValueError(
                    f"marginals asks for {family!r} for column {name!r}: choose one of "
                    f"{sorted(known.options)}."
                )
            # A column that is constant here may vary in the next fold.
            if name not in fields:
                continue
            field = fields[name]
            if field.number is not None:
                families[field.number] = family
            elif field.kind in {"category", "boolean", "mixed", "list"}:
                raise ValueError(
                    f"marginals asks for {family!r} for column {name!r}, which is "
                    f"no number (its kind is {field.kind!r}): leave it out. The "
                    "frequencies of categories are kept as they are."
                )
        return families

    def _sample(
        self,
        labels: NDArray[np.intp],
        rng: np.random.RandomState,
        given: Given | None = None,
    ) -> Table:
        """Draw latent normals, and read numbers and codes from them."""
        out = self._template.empty(len(labels))
        n_numeric = out.numeric.shape[1]
        out.numeric[:] = self._fillers
        for label, model in enumerate(self._models):
            rows = np.flatnonzero(labels == label)
            if not len(rows):
                continue
            latent = rng.standard_normal((len(rows), len(model.factor)))
            latent = latent @ model.factor.T
            for code, (cuts, levels) in enumerate(
                zip(model.cuts, model.levels, strict=True)
            ):
                place = np.searchsorted(cuts, latent[:, n_numeric + code])
                out.codes[rows, code] = levels[place]
            for number, marginal in enumerate(model.marginals):
                if marginal is not None:
                    out.numeric[rows, number] = marginal.from_normal(latent[:, number])
        for number in np.flatnonzero(out.gates >= 0).tolist():
            out.numeric[~out.active(number), number] = self._fillers[number]
        return out
