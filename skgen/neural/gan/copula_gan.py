"""CTGAN on normal scores."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils._param_validation import StrOptions

from skgen.encodings.marginals import FAMILIES, Marginal, fit_marginal
from skgen.neural.gan.ctgan import CTGAN
from skgen.rows import Rows
from skgen.table import Table


class CopulaGAN(CTGAN):
    """CTGAN of a table whose numbers are brought to normal distributions first.

    The marginal distribution of each number is fitted as in a Gaussian copula, and the
    number replaced by the standard normal of the same rank; a `CTGAN` learns the rows.
    Numbers that are skewed, or of long tails, are easier to learn like this.

    Parameters
    ----------
    marginals : {"auto", "beta", "gamma", "norm", "truncnorm", "uniform", \
            "empirical"}, default="auto"
        Distribution of the numbers; "auto" takes the family that fits best, and the
        empirical one if none fits, see :class:`~skgen.copula.GaussianCopula`.

    <GAN parameters>

    <neural parameters>

    <parameters>

    Attributes
    ----------
    marginals_ : dict of column to Marginal
        The distributions of the numbers where they are neither missing nor at a point
        mass, with `family` and `params`.

    <neural attributes>

    <attributes>

    See Also
    --------
    CTGAN : The network, and its references.
    skgen.copula.GaussianCopula : The marginal distributions.

    Examples
    --------
    >>> from sklearn.datasets import make_classification
    >>> from skgen import CopulaGAN
    >>> X, y = make_classification(n_samples=500, weights=[0.9], flip_y=0,
    ...                            random_state=0)
    >>> gan = CopulaGAN(epochs=5, random_state=0).fit(X, y)
    >>> gan.sample(10)[0].shape
    (10, 20)
    """

    marginals: str = "auto"

    _parameter_constraints = {
        **CTGAN._parameter_constraints,
        "marginals": [StrOptions({"auto", "empirical", *FAMILIES})],
    }

    def _normalize(self, rows: Rows) -> Table:
        """Replace numbers by standard normals of the same rank."""
        table = rows.table
        if not rows.continues:
            self.marginals_: dict[Any, Marginal] = {
                field.name: fit_marginal(
                    table.numeric[table.active(field.number), field.number],
                    self.marginals,
                )
                for field in table.fields
                if field.number is not None and table.active(field.number).any()
            }
        return self._through(table, to_normal=True)

    def _restore(self, table: Table) -> Table:
        """Replace standard normals by quantiles."""
        return self._through(table, to_normal=False)

    def _through(self, table: Table, *, to_normal: bool) -> Table:
        numeric = table.numeric.copy()
        for field in table.fields:
            if field.number is None or field.name not in self.marginals_:
                continue
            marginal = self.marginals_[field.name]
            rows = np.flatnonzero(table.active(field.number))
            values = table.numeric[rows, field.number]
            if to_normal:
                # Equal quantiles have one score, in the middle of theirs.
                knots, at = np.unique(marginal.values, return_inverse=True)
                scores = np.bincount(at, marginal.scores) / np.bincount(at)
                numeric[rows, field.number] = np.interp(values, knots, scores)
            else:
                numeric[rows, field.number] = marginal.from_normal(values)
        return table.like(numeric, table.codes)
