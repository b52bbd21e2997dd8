"""Feature importances to classifiers of real and of synthetic rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy import stats

from skgen.metrics._columns import align
from skgen.metrics._importance import importances_by_column
from skgen.metrics._parameters import POSITIVE, checked
from skgen.plotting._bars import draw_bars
from skgen.plotting._base import Display
from skgen.plotting._tables import draw_rows


@dataclass(kw_only=True, eq=False, repr=False)
class FeatureImportanceDisplay(Display):
    """Importances of the columns to a classifier, of real and of synthetic rows.

    <constructors>

    Parameters
    ----------
    importances : DataFrame of shape (n_columns, 2)
        Importances of all columns under "real" and "synthetic", those most important to
        the classifier of real rows first.

    max_features : int, default=15
        Maximum number of columns drawn.

    Attributes
    ----------
    agreement : float
        Rank correlation of both, as
        :func:`skgen.metrics.feature_importance_agreement`; NaN for one column.

    <ax_>

    See Also
    --------
    skgen.metrics.feature_importance_agreement : One number for both.

    Examples
    --------
    >>> import numpy as np
    >>> from skgen.plotting import FeatureImportanceDisplay
    >>> real, synthetic = np.random.RandomState(0).normal(size=(2, 500, 3))
    >>> y_real, y_synthetic = (t @ [1, 3, 0] > 0 for t in (real, synthetic))
    >>> display = FeatureImportanceDisplay.from_samples(
    ...     real, synthetic, y_real=y_real, y_synthetic=y_synthetic
    ... )
    >>> display.importances.index.tolist()
    [1, 0, 2]
    >>> display.plot()  # doctest: +SKIP
    """

    importances: pd.DataFrame
    max_features: int = 15
    notes: list[str] = field(init=False)

    def __post_init__(self) -> None:
        n = len(self.importances)
        note = f"the first {self.max_features} of {n} columns"
        self.notes = [note] if n > self.max_features else []

    @property
    def agreement(self) -> float:
        """Spearman's correlation of both; 0 where one finds all columns alike."""
        values = self.importances.to_numpy().T
        if len(self.importances) < 2:
            return np.nan
        if any(np.ptp(v) == 0 for v in values):
            return 0.0
        return float(stats.spearmanr(*values).statistic)

    @classmethod
    @checked(max_features=[POSITIVE])
    def from_samples(
        cls,
        real: Any,
        synthetic: Any,
        *,
        y_real: Any,
        y_synthetic: Any,
        classifier: Any = None,
        max_features: int = 15,
    ) -> Self:
        """Train both classifiers.

        Parameters
        ----------
        <tables>

        y_real, y_synthetic : array-like of shape (n_rows,)
            Their labels.

        classifier : classifier, default=None
            Classifier with `feature_importances_`, of which clones are fitted. By
            default, that of :func:`skgen.metrics.feature_importance_agreement`.

        max_features : int, default=15
            Maximum number of columns drawn, those most important in real rows.

        Returns
        -------
        display : FeatureImportanceDisplay

        Raises
        ------
        ValueError
            If a label of `y_real` does not occur in `y_synthetic`, if either holds one
            label only or misses one, if the classifier has no `feature_importances_`,
            if the tables' columns differ in names, number, order or kind, or if a table
            is empty or holds infinities.
        """
        tables = align(real=real, synthetic=synthetic)
        importances = importances_by_column(tables, y_real, y_synthetic, classifier)
        table = pd.DataFrame(importances, index=pd.Index(tables.names))
        order = np.argsort(-table["real"].to_numpy(), kind="stable")
        return cls(importances=table.iloc[order], max_features=max_features)

    @classmethod
    def from_estimator(
        cls,
        generator: Any,
        X: Any,
        y: Any,
        *,
        classifier: Any = None,
        max_features: int = 15,
        random_state: int | np.random.RandomState | None = None,
    ) -> Self:
        """Train one classifier on real rows and one on as many sampled ones.

        Parameters
        ----------
        <generator with labels>

        classifier, max_features
            As in `from_samples`.

        <random_state of synthetic rows>

        Returns
        -------
        display : FeatureImportanceDisplay

        Raises
        ------
        <label errors>
        """
        draw = draw_rows(generator, X, y, random_state)
        return cls.from_samples(
            draw.real,
            draw.synthetic,
            y_real=draw.y_real,
            y_synthetic=draw.y_synthetic,
            classifier=classifier,
            max_features=max_features,
        )

    def plot(
        self,
        ax: Any = None,
        *,
        real_kw: dict | None = None,
        synthetic_kw: dict | None = None,
    ) -> Self:
        """Draw the importances side by side.

        Parameters
        ----------
        <ax>

        real_kw, synthetic_kw : dict, default=None
            Keywords for ``Axes.barh``.

        <plotted>
        """
        shown = self.importances.iloc[: self.max_features]
        ax = self._use_axes(ax, (5.6, 1.8 + 0.34 * len(shown)))
        draw_bars(
            ax,
            [str(name) for name in shown.index],
            {name: shown[name].to_numpy() for name in ("real", "synthetic")},
            {"real": real_kw, "synthetic": synthetic_kw},
            as_percent=False,
        )
        x = f"importance (no unit); rank correlation {self.agreement:.2f}"
        return self._label(title="Feature importances", x=x)

    def _summary(self) -> str:
        first = [str(name) for name in self.importances.index[:3]]
        order = np.argsort(-self.importances["synthetic"].to_numpy(), kind="stable")
        other = [str(name) for name in self.importances.index[order[:3]]]
        return (
            "The columns most important to a classifier of the real rows are "
            f"{', '.join(first)}, to one of the synthetic rows {', '.join(other)}; the "
            f"rank correlation of all {len(self.importances)} columns is "
            f"{self.agreement:.2f}"
        )
