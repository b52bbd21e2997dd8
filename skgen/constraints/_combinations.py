"""Columns that only combine as they did in training."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
import pandas as pd

from skgen.constraints._base import Constraint, describe_rows, free_name


class FixedCombinations(Constraint):
    """Keep to the combinations of some columns that the training table holds.

    Such as a country and a city, or an ad and its campaign: :meth:`transform` replaces
    them by one categorical column of ids of combinations, so that no generator makes a
    combination that does not occur.

    Parameters
    ----------
    columns : list of hashable
        Names of two or more columns. A missing value is a category like any other.

    Attributes
    ----------
    combinations_ : DataFrame of shape (n_combinations, len(columns))
        The combinations in order of first appearance, with the original dtypes. An
        id is the position of its row.
    name_ : str
        Name of the column of ids: the names joined by "+", with a number after it
        where the table has such a column already. It stands where the first of
        `columns` stood.
    n_features_in_ : int
        Number of columns seen in :meth:`fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,), dtype=object
        Names of the columns seen in :meth:`fit`.

    Raises
    ------
    ValueError
        In :meth:`fit`, if fewer than two distinct columns are named or one is not in
        the table; in :meth:`transform`, if a row holds a combination that the
        training table does not; in :meth:`inverse_transform`, for an unknown id.

    See Also
    --------
    Inequality : One column at or below another.
    Range : One column between two bounds.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.constraints import FixedCombinations
    >>> X = pd.DataFrame({"country": ["FR", "FR", "PE"], "clicks": [3, 0, 1],
    ...                   "city": ["Paris", "Lyon", "Lima"]})
    >>> rule = FixedCombinations(["country", "city"])
    >>> Z = rule.fit_transform(X)
    >>> Z
      country+city  clicks
    0            0       3
    1            1       0
    2            2       1
    >>> rule.inverse_transform(Z.assign(clicks=[1, 3, 0]))
      country  clicks   city
    0      FR       1  Paris
    1      FR       3   Lyon
    2      PE       0   Lima
    """

    _parameter_constraints: dict = {"columns": [list, tuple, np.ndarray, pd.Index]}

    columns: Sequence[Hashable]

    def __init__(self, columns: Sequence[Hashable]) -> None:
        self.columns = columns

    def _fit(self, X: pd.DataFrame) -> list[Hashable]:
        columns = list(self.columns)
        if len(columns) < 2 or len(set(columns)) < len(columns):
            raise ValueError(
                f"FixedCombinations needs two or more different columns, got {columns}."
            )
        self._at = self._positions(X, columns)
        # Column by column, pairs of id and category become new ids: `_seen` holds the
        # categories and the pairs that occur, numbered from 0.
        self._seen: list[tuple[pd.Index, pd.Index]] = []
        ids = np.zeros(len(X), dtype=np.int64)
        for name, at in zip(columns, self._at, strict=True):
            categories = _categories(name, X.iloc[:, at])
            pairs = ids * (len(categories) + 1) + _codes(categories, X.iloc[:, at])
            ids, seen = pd.factorize(pairs)
            self._seen.append((categories, pd.Index(seen)))
        _, first_rows = np.unique(ids, return_index=True)
        self.combinations_ = X.iloc[first_rows, self._at].reset_index(drop=True)
        self.name_ = free_name("+".join(map(str, columns)), X.columns)
        self._kept = [i for i in range(X.shape[1]) if i not in self._at[1:]]
        self._id_at = self._kept.index(self._at[0])
        names: list[Hashable] = [X.columns[i] for i in self._kept]
        names[self._id_at] = self.name_
        return names

    def _transform(self, X: pd.DataFrame) -> pd.DataFrame:
        ids = np.zeros(len(X), dtype=np.int64)
        for at, (categories, seen) in zip(self._at, self._seen, strict=True):
            codes = _codes(categories, X.iloc[:, at])
            pairs = np.where(codes < 0, -1, ids * (len(categories) + 1) + codes)
            ids = np.where(ids < 0, -1, seen.get_indexer(pd.Index(pairs)))
        if (ids < 0).any():
            raise ValueError(
                f"The combination of columns {list(self.columns)} was not seen in "
                f"fit in {describe_rows(X, ids < 0, self._at)}. Fit on a table that "
                "holds the combination, drop these rows, or leave the constraint out."
            )
        out = X.iloc[:, self._kept].copy(deep=False)
        dtype = pd.CategoricalDtype(pd.Index(np.arange(len(self.combinations_))))
        out.isetitem(self._id_at, pd.Categorical.from_codes(ids, dtype=dtype))
        out.columns = self._columns_out
        return out

    def _inverse_transform(
        self, X: pd.DataFrame, random_state: np.random.RandomState
    ) -> pd.DataFrame:
        column = X.iloc[:, self._id_at]
        ids = pd.RangeIndex(len(self.combinations_)).get_indexer(
            pd.Index(column.astype(object))
        )
        if (ids < 0).any():
            unknown = column[ids < 0].unique().tolist()[:5]
            raise ValueError(
                f"Column {self.name_!r} holds values that are no combination of "
                f"columns {list(self.columns)}: {unknown}. Keep to the ids 0 to "
                f"{len(self.combinations_) - 1} that transform gives."
            )
        restored = self.combinations_.iloc[ids].set_index(X.index)
        others = [i for i in range(X.shape[1]) if i != self._id_at]
        both = pd.concat([X.iloc[:, others], restored], axis=1)
        came_from = [self._kept[i] for i in others] + self._at
        return both.iloc[:, np.argsort(came_from)]


def _categories(name: Hashable, series: pd.Series) -> pd.Index:
    """Return the distinct values of a column, missing ones left out."""
    try:
        return pd.Index(_by_value(series).dropna().unique())
    except TypeError as error:
        raise ValueError(
            f"Column {name!r} holds values that cannot be hashed, such as lists, and "
            "cannot be part of a combination. Convert them, e.g. to strings or tuples."
        ) from error


def _codes(categories: pd.Index, series: pd.Series) -> np.ndarray:
    """Return codes: `len(categories)` for a missing value, -1 for a new one."""
    codes = categories.get_indexer(pd.Index(_by_value(series)))
    return np.where(series.isna().to_numpy(dtype=bool), len(categories), codes)


def _by_value(series: pd.Series) -> pd.Series:
    """Return a categorical column as its values: the codes may differ in a table."""
    categorical = isinstance(series.dtype, pd.CategoricalDtype)
    return series.astype(object) if categorical else series
