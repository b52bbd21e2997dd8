"""Encodings by the label in which a training row's own label has no part."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.model_selection import KFold, StratifiedKFold, check_cv
from sklearn.utils import check_random_state, get_tags
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import _check_y

from skgen._random import draw_seed


class CrossFitEncoder(TransformerMixin, BaseEstimator):
    """Encode training rows by the labels of other training rows.

    `fit` learns an encoding of other rows from all training rows. `fit_transform`
    encodes the training rows themselves: those of each fold as learned from the other
    folds or, if `ordered`, as `encoder.fit_transform` does in a random order of rows,
    each row by those before it (CatBoost).

    `encoder` encodes each column of codes as one number. If it requires a label, that
    is 0 or 1, or a number; for more than two classes there is an encoder for each class
    in `encoders_`. If not, training rows are encoded as others. An int `cv` is a
    number of shuffled folds, stratified by class. `classes_` is None for numbers.
    """

    def __init__(
        self,
        encoder: Any,
        *,
        cv: Any = 5,
        ordered: bool = False,
        random_state: Any = None,
    ) -> None:
        self.encoder = encoder
        self.cv = cv
        self.ordered = ordered
        self.random_state = random_state

    def fit(self, X: pd.DataFrame, y: Any = None) -> Self:
        """Learn the encoding of other rows."""
        self._learn(X, y)
        return self

    def fit_transform(self, X: pd.DataFrame, y: Any = None) -> NDArray[np.float64]:
        """Learn the encoding of other rows; cross-fit that of the training rows."""
        targets = self._learn(X, y)
        if not _wants_label(self.encoder):
            return self.transform(X)
        rng = check_random_state(self.random_state)
        if self.ordered:
            order = rng.permutation(len(X))
            return self._join([self._in_order(X, t, order) for t in targets])
        folds = list(self._folds(rng, y).split(X, y))
        seen = np.concatenate([test for _, test in folds])
        if len(seen) != len(X) or len(np.unique(seen)) != len(X):
            raise ValueError(
                "The test folds of cv have to hold each row once: pass a number of "
                "folds or a splitter such as StratifiedKFold."
            )
        return self._join([self._by_folds(X, target, folds) for target in targets])

    def transform(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """Encode other rows than the training rows."""
        return self._join([_values(encoder, X) for encoder in self.encoders_])

    def _learn(self, X: pd.DataFrame, y: Any) -> list[Any]:
        targets = self._targets(X, y)
        self.encoders_ = [self._fit_one(X, target) for target in targets]
        return targets

    def _targets(self, X: pd.DataFrame, y: Any) -> list[Any]:
        self.n_features_in_ = X.shape[1]
        self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        self.classes_ = None
        if not _wants_label(self.encoder):
            return [None]
        kind = type_of_target(y, input_name="y")
        if kind == "continuous":
            return [pd.Series(_check_y(y, y_numeric=True), dtype=np.float64)]
        if kind not in {"binary", "multiclass"}:
            raise ValueError(
                f"Unknown label type: {kind!r}. Columns with many categories are "
                "encoded by one label for each row: two or more classes, or a number."
            )
        self.classes_, codes = np.unique(np.asarray(y), return_inverse=True)
        wanted = range(len(self.classes_)) if len(self.classes_) > 2 else [1]
        return [pd.Series(codes == k, dtype=np.float64) for k in wanted]

    def _make(self, X: pd.DataFrame) -> Any:
        encoder = clone(self.encoder)
        params = encoder.get_params(deep=False)
        # category_encoders would treat codes as numbers and not encode them. Made anew,
        # as their constructors check whether columns are given.
        if "cols" in params and params["cols"] is None:
            return type(encoder)(**{**params, "cols": list(X.columns)})
        return encoder

    def _fit_one(self, X: pd.DataFrame, target: Any) -> Any:
        return self._make(X).fit(X, target)

    def _by_folds(
        self, X: pd.DataFrame, target: pd.Series, folds: list
    ) -> NDArray[np.float64]:
        out = np.empty(X.shape)
        for train, test in folds:
            encoder = self._fit_one(
                X.iloc[train].reset_index(drop=True),
                target.iloc[train].reset_index(drop=True),
            )
            out[test] = _values(encoder, X.iloc[test].reset_index(drop=True))
        return out

    def _in_order(
        self, X: pd.DataFrame, target: pd.Series, order: NDArray[np.intp]
    ) -> NDArray[np.float64]:
        out = np.empty(X.shape)
        out[order] = np.asarray(
            self._make(X).fit_transform(
                X.iloc[order].reset_index(drop=True),
                target.iloc[order].reset_index(drop=True),
            ),
            dtype=np.float64,
        )
        return out

    def _folds(self, rng: np.random.RandomState, y: Any) -> Any:
        if not isinstance(self.cv, int | np.integer):
            return check_cv(self.cv, y, classifier=self.classes_ is not None)
        splitter = KFold if self.classes_ is None else StratifiedKFold
        seed = self.random_state
        if not isinstance(seed, int | np.integer):
            seed = draw_seed(rng)
        return splitter(int(self.cv), shuffle=True, random_state=seed)

    @staticmethod
    def _join(blocks: list[NDArray[np.float64]]) -> NDArray[np.float64]:
        """Put the columns of the classes side by side, feature by feature."""
        if len(blocks) == 1:
            return blocks[0]
        stacked = np.stack(blocks, axis=2)
        return stacked.reshape(len(stacked), -1)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the names of the columns, with the class if there are several."""
        if self.classes_ is None or len(self.encoders_) == 1:
            return self.feature_names_in_
        made = [f"{n}_{c}" for n in self.feature_names_in_ for c in self.classes_]
        return np.array(made, dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = _wants_label(self.encoder)
        return tags


def _wants_label(encoder: Any) -> bool:
    return bool(get_tags(encoder).target_tags.required)


def _values(encoder: Any, X: pd.DataFrame) -> NDArray[np.float64]:
    values = np.asarray(encoder.transform(X), dtype=np.float64)
    if values.shape != X.shape:
        raise ValueError(
            f"{type(encoder).__name__} makes {values.shape[1]} columns of "
            f"{X.shape[1]}; an encoder of columns with many categories has "
            "to make one of each."
        )
    return values
