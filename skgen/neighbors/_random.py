"""Drawing rows at random."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils._param_validation import Interval

from skgen._containers import interleave
from skgen.neighbors._base import ClassGenerator
from skgen.rows import Given, Rows
from skgen.table import Table


class RandomOverSampler(ClassGenerator):
    r"""Draw rows of a class at random, with replacement.

    Parameters
    ----------
    shrinkage : float or dict of label to float, default=None
        Factor, at least 0, of the noise of a smoothed bootstrap, see Notes. None and 0
        repeat the rows as they are. A dict has one for each class that is drawn.

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
    of categories and missing values, and of numbers that take few values. Numbers are
    clipped to the observed range.

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

    shrinkage: float | dict | None = None
    structure: Any = None

    _parameter_constraints = {
        **ClassGenerator._parameter_constraints,
        "shrinkage": [Interval(Real, 0, None, closed="left"), dict, None],
    }

    def _fit(self, rows: Rows, rng: np.random.RandomState) -> None:
        if isinstance(self.shrinkage, Mapping):
            for label, factor in self.shrinkage.items():
                if not isinstance(factor, int | float | np.number) or not factor >= 0:
                    raise ValueError(
                        f"The shrinkage of class {label!r} is {factor!r}: give a "
                        "number of at least 0."
                    )
        super()._fit(rows, rng)
        self._frames = [
            rows.frame[rows.labels == label] for label in range(len(self.classes_))
        ]

    def _sample(
        self,
        labels: NDArray[np.intp],
        rng: np.random.RandomState,
        given: Given | None = None,
    ) -> pd.DataFrame:
        """Draw rows of the frame: the normal form is not exact for all columns."""
        plain = [c for c in np.unique(labels) if not self._class_shrinkage(c)]
        parts, positions = [], []
        for label in plain:
            positions.append(np.flatnonzero(labels == label))
            frame = self._frames[label]
            parts.append(frame.iloc[rng.randint(len(frame), size=len(positions[-1]))])
        smoothed = np.flatnonzero(~np.isin(labels, plain))
        if len(smoothed):
            positions.append(smoothed)
            drawn = super()._sample(labels[smoothed], rng)
            assert isinstance(drawn, Table)
            parts.append(self.schema_.inverse_transform(drawn, random_state=rng))
        return interleave(parts, positions)

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
                # Missing values and point masses get no noise, nor do they add to it.
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
