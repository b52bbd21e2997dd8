"""Categories as integer codes, and codes as indicators."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.preprocessing import OneHotEncoder

UNKNOWN = -1


def category_text(value: Any) -> str:
    """Return the text that identifies a category: "7" for 7, 7.0 and "7"."""
    # A column of integers turns to floats where another table has missing values.
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def factorize_texts(column: pd.Series) -> tuple[NDArray[np.intp], list[str]]:
    """Return the code of each row, -1 where missing, and the distinct texts."""
    codes, values = pd.factorize(column)
    place: dict[str, int] = {}
    texts = [place.setdefault(category_text(value), len(place)) for value in values]
    # 1 and "1" are one category.
    return np.append(np.array(texts, dtype=np.intp), -1)[codes], list(place)


class CategoryEncoder(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Encode categories as integer codes, -1 for those not seen in `fit`.

    Categories are identified by their text; missing values are one more category if
    the training rows have some. `categories_` lists those of each column, sorted, with
    None for missing ones last.
    """

    def fit(self, X: pd.DataFrame, y: Any = None) -> Self:
        """Learn the categories."""
        self.n_features_in_ = X.shape[1]
        self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        self.categories_ = [self._find(X.iloc[:, j]) for j in range(X.shape[1])]
        return self

    @staticmethod
    def _find(column: pd.Series) -> list[str | None]:
        codes, texts = factorize_texts(column)
        categories: list[str | None] = [*sorted(texts)]
        return [*categories, None] if (codes < 0).any() else categories

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return the codes, of dtype int32."""
        made = {
            name: self._codes(X.iloc[:, j], self.categories_[j])
            for j, name in enumerate(X.columns)
        }
        return pd.DataFrame(made, index=X.index, columns=X.columns)

    @staticmethod
    def _codes(column: pd.Series, categories: list[str | None]) -> NDArray[np.int32]:
        codes, texts = factorize_texts(column)
        place = {text: i for i, text in enumerate(categories)}
        # The last entry is for missing values, whose code is -1.
        known = [place.get(text, UNKNOWN) for text in [*texts, None]]
        return np.array(known, dtype=np.int32)[codes]


class Indicators(TransformerMixin, BaseEstimator):
    """One-hot encode categories; those not seen in `fit` have no indicator."""

    def __init__(self, *, dtype: Any = np.float64) -> None:
        self.dtype = dtype

    def fit(self, X: pd.DataFrame, y: Any = None) -> Self:
        """Learn the categories."""
        self.n_features_in_ = X.shape[1]
        self.encoder_ = CategoryEncoder().fit(X)
        codes = [np.arange(len(each)) for each in self.encoder_.categories_]
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
        """Return ``<column>_<category>`` for each indicator."""
        names = self.encoder_.feature_names_in_
        made = [
            f"{name}_{category}"
            for name, categories in zip(names, self.encoder_.categories_, strict=True)
            for category in categories
        ]
        return np.array(made, dtype=object)
