"""Columns whose values are missing in the same rows."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
import pandas as pd

from skgen.constraints import Constraint


class MissingTogether(Constraint):
    """Columns whose values are missing in the same rows.

    Before anything is learned, missing values of all but the first are filled with
    values drawn from their column; afterwards they are missing where the first is.

    Parameters
    ----------
    names : sequence of hashable
        Names of at least two columns.

    Raises
    ------
    ValueError
        In `fit`, if they are not missing in the same rows.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.structure import MissingTogether
    >>> X = pd.DataFrame({"lat": [1.5, None, 2.0], "lon": [7.0, None, 8.0]})
    >>> MissingTogether(["lat", "lon"]).fit(X).transform(X)["lon"].isna().sum()
    np.int64(0)
    """

    _parameter_constraints: dict = {"names": ["array-like"]}

    def __init__(self, names: Sequence[Hashable]) -> None:
        self.names = names

    @property
    def columns(self) -> list[Hashable]:
        """Names of the columns."""
        return list(self.names)

    def _fit(self, X: pd.DataFrame) -> list[Hashable]:
        self._positions(X, self.columns)
        missing = X[self.columns].isna()
        first = missing.iloc[:, 0]
        for name in self.columns[1:]:
            differs = (missing[name] != first).to_numpy()
            if differs.any() or not first.any() or first.all():
                raise ValueError(
                    f"Columns {self.columns[0]!r} and {name!r} are not missing in the "
                    f"same rows: {int(differs.sum())} rows differ, the first at "
                    f"position {int(differs.argmax())}. Leave the rule out."
                )
        self._dtypes = {name: X[name].dtype for name in self.columns}
        # The same fillers in every call: rewriting draws nothing.
        self._fillers = {
            name: X[name]
            .dropna()
            .sample(min(1000, int((~first).sum())), random_state=0)
            for name in self.columns[1:]
        }
        return list(X.columns)

    def _transform(self, X: pd.DataFrame) -> pd.DataFrame:
        out = X.copy(deep=False)
        for name, pool in self._fillers.items():
            missing = np.flatnonzero(out[name].isna())
            values = out[name].copy()
            values.iloc[missing] = pool.array.take(np.arange(len(missing)) % len(pool))
            out[name] = values
        return out

    def _inverse_transform(
        self, X: pd.DataFrame, random_state: np.random.RandomState
    ) -> pd.DataFrame:
        out = X.copy(deep=False)
        missing = out[self.columns[0]].isna()
        for name in self._fillers:
            out[name] = out[name].mask(missing).astype(self._dtypes[name])
        return out
