"""Levels of categories as integers, and integers as indicators."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.preprocessing import OneHotEncoder

UNKNOWN = -1


def level_text(level: Any) -> str:
    """Return the text by which a level is known: 7 for 7, 7.0 and "7"."""
    # A column of integers turns to floats where another table has missing values.
    if isinstance(level, float | np.floating) and float(level).is_integer():
        return str(int(level))
    return str(level)


def to_levels(column: pd.Series) -> tuple[NDArray[np.intp], list[str]]:
    """Return the position of each row's level, -1 where missing, and the levels.

    Parameters
    ----------
    column : Series

    Returns
    -------
    codes : ndarray of int of shape (n_samples,)

    levels : list of str
        Texts, each once.
    """
    codes, values = pd.factorize(column)
    place: dict[str, int] = {}
    texts = [place.setdefault(level_text(value), len(place)) for value in values]
    # 1 and "1" are one level.
    return np.append(np.array(texts, dtype=np.intp), -1)[codes], list(place)


class LevelEncoder(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Write categories as the positions of their levels, -1 for those not seen.

    Levels are told apart by their text; missing values are a level of their own where
    the training rows have some.

    Attributes
    ----------
    levels_ : list of lists of str or None
        The levels of each column, in the order of their texts; None, for missing, last.
    """

    def fit(self, X: pd.DataFrame, y: Any = None) -> Self:
        """Learn the levels."""
        self.n_features_in_ = X.shape[1]
        self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        self.levels_ = [self._find(X.iloc[:, j]) for j in range(X.shape[1])]
        return self

    @staticmethod
    def _find(column: pd.Series) -> list[str | None]:
        codes, texts = to_levels(column)
        levels: list[str | None] = [*sorted(texts)]
        return [*levels, None] if (codes < 0).any() else levels

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Write the codes, of dtype int32, column by column."""
        made = {
            name: self._codes(X.iloc[:, j], self.levels_[j])
            for j, name in enumerate(X.columns)
        }
        return pd.DataFrame(made, index=X.index, columns=X.columns)

    @staticmethod
    def _codes(column: pd.Series, levels: list[str | None]) -> NDArray[np.int32]:
        codes, texts = to_levels(column)
        place = {text: i for i, text in enumerate(levels)}
        # The last one is that of the missing values, which have code -1.
        known = [place.get(text, UNKNOWN) for text in [*texts, None]]
        return np.array(known, dtype=np.int32)[codes]


class Indicators(TransformerMixin, BaseEstimator):
    """One-hot encode categories; what was not seen in training has no indicator."""

    def __init__(self, *, dtype: Any = np.float64) -> None:
        self.dtype = dtype

    def fit(self, X: pd.DataFrame, y: Any = None) -> Self:
        """Learn the levels."""
        self.n_features_in_ = X.shape[1]
        self.encoder_ = LevelEncoder().fit(X)
        codes = [np.arange(len(levels)) for levels in self.encoder_.levels_]
        self.one_hot_ = OneHotEncoder(
            categories=codes, handle_unknown="ignore", dtype=self.dtype
        )
        self.one_hot_.fit(np.zeros((1, len(codes)), dtype=np.int32))
        return self

    def transform(self, X: pd.DataFrame) -> Any:
        """Return a sparse matrix of indicators."""
        codes = self.encoder_.transform(X).to_numpy()
        return self.one_hot_.transform(codes)

    def get_feature_names_out(self, input_features: Iterable[str] | None = None) -> Any:
        """Return the name of the column and the level, for each indicator."""
        names = self.encoder_.feature_names_in_
        made = [
            f"{name}_{level}"
            for name, levels in zip(names, self.encoder_.levels_, strict=True)
            for level in levels
        ]
        return np.array(made, dtype=object)
