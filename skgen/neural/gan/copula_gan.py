"""CTGAN on normal scores."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import StrOptions

from skgen.encodings.marginals import FAMILIES, Marginal, fit_marginal
from skgen.neural.gan.ctgan import CTGAN
from skgen.rows import Given, Rows
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

    <mode encoding>

    epochs : int, default=300
        Number of epochs, each with as many rows as the table has.

    batch_size : int, default=500
        Rows in a batch; all rows if there are fewer.

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

    def _fit(self, rows: Rows, rng: np.random.RandomState) -> None:
        """Fit the marginal distributions, then learn normal scores."""
        table = rows.table
        if not rows.continues:
            self.marginals_: dict[Hashable, Marginal] = {
                field.name: fit_marginal(
                    table.numeric[table.active(field.number), field.number],
                    self.marginals,
                )
                for field in table.fields
                if field.number is not None and table.active(field.number).any()
            }
        super()._fit(replace(rows, table=self._map(table, to_normal)), rng)

    def _sample(
        self,
        labels: NDArray[np.intp],
        rng: np.random.RandomState,
        given: Given | None = None,
    ) -> Table:
        """Generate normal scores and replace them by quantiles."""
        return self._map(super()._sample(labels, rng, given), Marginal.from_normal)

    def _map(
        self,
        table: Table,
        function: Callable[[Marginal, NDArray[np.float64]], NDArray[np.float64]],
    ) -> Table:
        """Map the numbers of a table, each with its marginal distribution."""
        numeric = table.numeric.copy()
        for field in table.fields:
            if field.number is not None and field.name in self.marginals_:
                rows = np.flatnonzero(table.active(field.number))
                numeric[rows, field.number] = function(
                    self.marginals_[field.name], table.numeric[rows, field.number]
                )
        return table.like(numeric, table.codes)


def to_normal(marginal: Marginal, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Replace numbers by standard normal scores of the same rank."""
    # Equal quantiles have one score, in the middle of theirs.
    knots, at = np.unique(marginal.values, return_inverse=True)
    scores = np.bincount(at, marginal.scores) / np.bincount(at)
    return np.interp(values, knots, scores)
