"""The contract that all generators share."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from imblearn.over_sampling.base import BaseOverSampler
from numpy.typing import NDArray
from pandas.api.types import infer_dtype, is_object_dtype
from sklearn.base import _fit_context, clone
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    _check_feature_names,
    check_consistent_length,
    check_is_fitted,
)

from skgen._containers import LabelContainer, TableContainer
from skgen._random import spawn
from skgen.constraints import Constraint
from skgen.strategies import resolve_sampling_strategy
from skgen.table import Table, TableSchema, resolve_columns

MAX_TRIES = 20
# With reject_copies="auto" copies are redrawn up to this share of the rows.
RARE_COPIES = 0.05
# Rows are drawn in batches of this size, so that memory follows the result alone.
BATCH_ROWS = 100_000


class BaseGenerator(BaseOverSampler, metaclass=ABCMeta):
    """Base class of all generators.

    A generator learns the distribution of rows given their label. It has two methods
    of its own, `_fit` and `_sample`, which see the normal form alone
    (`skgen.table.Table`); containers, dtypes, labels, sampling strategies, constraints,
    seeds and bad input are dealt with here.

    Warning: this class is to be derived from, not to be used.
    """

    _parameter_constraints: dict = {
        **BaseOverSampler._parameter_constraints,
        "categorical_features": ["array-like", StrOptions({"auto"}), None],
        "constraints": [list, tuple],
        "fit_classes": [StrOptions({"all", "resampled"})],
        "reject_copies": ["boolean", StrOptions({"auto"})],
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        categorical_features: Any = "auto",
        constraints: Sequence[Constraint] = (),
        fit_classes: str = "all",
        reject_copies: Any = False,
        random_state: Any = None,
    ) -> None:
        super().__init__(sampling_strategy=sampling_strategy)
        self.categorical_features = categorical_features
        self.constraints = constraints
        self.fit_classes = fit_classes
        self.reject_copies = reject_copies
        self.random_state = random_state

    @abstractmethod
    def _fit(
        self, table: Table, labels: NDArray[np.intp], rng: np.random.RandomState
    ) -> None:
        """Learn the distribution of rows given their label.

        Parameters
        ----------
        table : Table of n_samples rows

        labels : ndarray of shape (n_samples,)
            Index into `classes_` for each row; zeros if there are no labels.

        rng : RandomState
        """

    @abstractmethod
    def _sample(self, labels: NDArray[np.intp], rng: np.random.RandomState) -> Table:
        """Draw one row for each label.

        Parameters
        ----------
        labels : ndarray of shape (n_samples,)
            Index into `classes_`.

        rng : RandomState

        Returns
        -------
        table : Table of n_samples rows
        """

    def _make_schema(self, columns: pd.Index, categorical: list) -> TableSchema:
        """Return the normal form that the generator wants.

        Parameters
        ----------
        columns : Index
            The columns, after the constraints.

        categorical : list
            Those which the user calls categorical.
        """
        return TableSchema(categorical_features=categorical)

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> BaseGenerator:
        """Learn the distribution of the rows of `X` given their label.

        Parameters
        ----------
        X : {DataFrame, array-like, sparse matrix} of shape (n_samples, n_features)
            Columns of any kind; missing values are allowed. A sparse matrix is made
            dense inside.

        y : array-like of shape (n_samples,), default=None
            The labels. Without them the table is one class, and `sample` returns `X`
            alone.

        Returns
        -------
        self : object
            The fitted generator.

        Raises
        ------
        ValueError
            If the table is empty, a class has a single row, there is one class only,
            a column has infinite values or identifies rows, or the rows break a
            constraint.
        """
        container = TableContainer(X)
        label_container = None
        if y is None:
            labels = np.zeros(len(container.frame), dtype=np.intp)
        else:
            label_container = self._check_labels(container, y)
            labels = label_container.labels
            if len(pd.unique(labels)) < 2:
                raise ValueError(
                    f"The target has one class only, {labels.tolist()[0]!r}. Pass "
                    "y=None to learn the table as one class, or rows of another class."
                )
        rng = check_random_state(self.random_state)
        self._learn(X, container, labels, rng)
        self._label_container = None
        if label_container is not None:
            self._label_container = label_container.template()
        self._rng = spawn(rng)
        return self

    @_fit_context(prefer_skip_nested_validation=True)
    def fit_resample(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Learn the rows, and add synthetic ones as `sampling_strategy` says.

        Parameters
        ----------
        X : {DataFrame, array-like, sparse matrix} of shape (n_samples, n_features)
            Columns of any kind; missing values are allowed.

        y : array-like of shape (n_samples,)
            The labels, or their one-versus-all encoding.

        Returns
        -------
        X_resampled : same type as X, of shape (n_samples_new, n_features)
            The rows of `X`, untouched and in order, then the synthetic ones.

        y_resampled : same type as y, of shape (n_samples_new,)
            Their labels.

        Raises
        ------
        ValueError
            As in `fit`; and if `sampling_strategy` names an unknown label or asks for
            fewer rows than there are.
        """
        container = TableContainer(X)
        label_container = self._check_labels(container, y)
        labels = label_container.labels
        self.sampling_strategy_ = resolve_sampling_strategy(
            self.sampling_strategy, labels
        )
        rng = check_random_state(self.random_state)
        rows, new_labels = self._fit_resample(X, labels, container=container, rng=rng)
        self._label_container = label_container.template()
        self._rng = spawn(rng)
        X_new = container.restore(rows)
        y_new = label_container.restore(new_labels)
        if getattr(self.sampling_strategy, "keep_original", True):
            X_new = container.append(X, X_new)
            y_new = label_container.append(y, y_new)
        return X_new, y_new

    def _fit_resample(
        self, X: Any, y: NDArray, **params: Any
    ) -> tuple[pd.DataFrame, NDArray]:
        """Learn, and return the synthetic rows and their labels."""
        container, rng = params["container"], params["rng"]
        counts = {label: n for label, n in self.sampling_strategy_.items() if n > 0}
        learned = None
        if self.fit_classes == "resampled" and counts:
            learned = pd.Series(y).isin(list(counts)).to_numpy()
        self._learn(X, container, y, rng, learned)
        codes = pd.Index(self.classes_).get_indexer(pd.Index(list(counts)))
        codes = np.repeat(codes, list(counts.values())).astype(np.intp)
        return self._draw(codes, rng), self.classes_[codes]

    def sample(
        self, n_samples: int | None = None, *, y: Any = None, random_state: Any = None
    ) -> Any:
        """Draw synthetic rows.

        Parameters
        ----------
        n_samples : int, default=None
            Number of rows, with labels drawn as frequently as in training. None is the
            number of training rows.

        y : array-like of shape (n_samples,), default=None
            The labels that the rows shall have, in this order.

        random_state : int, RandomState instance or None, default=None
            None continues the stream that `fit` started: two calls differ, and `fit`
            then `sample` repeats for an int `random_state` of the generator.

        Returns
        -------
        X : same type as in `fit`, of shape (n_samples, n_features)
            Synthetic rows.

        y : same type as in `fit`, of shape (n_samples,)
            Their labels; left out after `fit` without `y`.

        Raises
        ------
        NotFittedError
            Before `fit`.

        ValueError
            If `n_samples` is less than 1, or `y` has a label that was not seen in
            `fit`.
        """
        check_is_fitted(self, "schema_")
        rng = self._rng if random_state is None else check_random_state(random_state)
        labels = self._wanted_labels(n_samples, y, rng)
        X = self._container.restore(self._draw(labels, rng))
        if self._label_container is None:
            return X
        return X, self._label_container.restore(self.classes_[labels])

    def _wanted_labels(
        self, n_samples: int | None, y: Any, rng: np.random.RandomState
    ) -> NDArray[np.intp]:
        """Return the index of the label of each row to draw."""
        if n_samples is not None and (
            isinstance(n_samples, bool | np.bool_)
            or not isinstance(n_samples, int | np.integer)
            or n_samples < 1
        ):
            raise ValueError(
                f"n_samples={n_samples!r} is no positive whole number of rows: ask "
                "for one row or more."
            )
        if y is None:
            n_samples = self._n_training if n_samples is None else n_samples
            shares = self._class_counts / self._class_counts.sum()
            return rng.choice(len(shares), size=n_samples, p=shares)
        if self._label_container is None:
            raise ValueError(
                "Labels were asked for, but the generator was fitted without y. Fit it "
                "with labels, or call sample(n_samples)."
            )
        wanted = LabelContainer(y).labels
        if len(wanted) == 0:
            raise ValueError("y is empty: ask for one label or more.")
        if n_samples is not None and n_samples != len(wanted):
            raise ValueError(
                f"n_samples={n_samples}, but y has {len(wanted)} labels: give one of "
                "the two."
            )
        codes = pd.Index(self.classes_).get_indexer(pd.Index(wanted))
        if (codes < 0).any():
            unknown = pd.unique(wanted[codes < 0]).tolist()
            raise ValueError(
                f"The labels {unknown} were not learned. Labels learned from: "
                f"{self.classes_.tolist()}."
            )
        return codes

    def _check_labels(self, container: TableContainer, y: Any) -> LabelContainer:
        if y is None:
            raise ValueError(
                f"{type(self).__name__}.fit_resample needs the labels: the target y "
                "is None. Use fit and sample for a table without labels."
            )
        label_container = LabelContainer(y)
        check_consistent_length(container.frame, label_container.labels)
        missing = pd.isna(label_container.labels)
        if missing.any():
            raise ValueError(
                f"The target has {int(missing.sum())} missing labels, the first in "
                f"row {int(missing.argmax())}: drop these rows or label them."
            )
        check_classification_targets(y)
        return label_container

    def _learn(
        self,
        X: Any,
        container: TableContainer,
        labels: NDArray,
        rng: np.random.RandomState,
        learned: NDArray[np.bool_] | None = None,
    ) -> None:
        """Bring rows to the normal form and hand those learned from to `_fit`.

        What the columns hold is read off all rows: a few clicks alone would make an
        identifier of every user id.
        """
        frame = container.frame
        if learned is not None:
            labels = labels[learned]
        # An interrupted fit leaves no generator that claims to be fitted.
        self.__dict__.pop("schema_", None)
        _check_feature_names(self, X, reset=True)
        self.n_features_in_ = frame.shape[1]
        classes, codes = np.unique(labels, return_inverse=True)
        counts = np.bincount(codes, minlength=len(classes))
        if counts.min() < 2:
            which = (
                "The table has a single row"
                if len(classes) == 1
                else f"The class {classes.tolist()[counts.argmin()]!r} has a single row"
            )
            raise ValueError(
                f"{which}: there is no distribution to learn from n_samples = 1. Add "
                "rows, or merge the class with another or drop it."
            )
        categorical = resolve_columns(self.categorical_features, frame.columns)
        self.constraints_ = []
        rewritten = frame
        for constraint in self.constraints:
            fitted = clone(constraint).fit(rewritten)
            rewritten = fitted.transform(rewritten)
            self.constraints_.append(fitted)
        schema = self._make_schema(
            rewritten.columns,
            [name for name in rewritten.columns if name in categorical],
        ).fit(rewritten)
        if not schema.fields_:
            raise ValueError(
                f"All {frame.shape[1]} feature(s) are constant, there is nothing to "
                "learn. Pass at least one column that varies."
            )
        self.classes_ = classes
        self._class_counts = counts
        self._n_training = len(labels)
        self._container = container.template()
        # As `_fit` meets them: constraints may have merged or renamed some.
        self._columns = rewritten.columns
        self._hashes: NDArray[np.uint64] | None = None
        if self.reject_copies is not False:
            hashes, repeats = np.unique(hash_rows(container.frame), return_counts=True)
            # A row that occurs more than once tells of nobody in particular.
            once = self.reject_copies == "auto"
            self._hashes = hashes[repeats == 1] if once else hashes
        if learned is not None:
            rewritten = rewritten[learned]
        self._fit(schema.transform(rewritten), codes.astype(np.intp), rng)
        self.training_rows_ = X
        self.schema_ = schema

    def _draw(
        self, labels: NDArray[np.intp], rng: np.random.RandomState
    ) -> pd.DataFrame:
        """Draw one row for each label, as the user's columns."""
        if len(labels) == 0:
            return self._container.frame.reset_index(drop=True)
        batches = []
        for start in range(0, len(labels), BATCH_ROWS):
            batches.append(self._draw_batch(labels[start : start + BATCH_ROWS], rng))
        return (
            batches[0] if len(batches) == 1 else pd.concat(batches, ignore_index=True)
        )

    def _draw_batch(
        self, labels: NDArray[np.intp], rng: np.random.RandomState
    ) -> pd.DataFrame:
        rows = self._draw_rows(labels, rng)
        if self._hashes is None:
            return rows
        strict = self.reject_copies != "auto"
        for _ in range(MAX_TRIES if strict else 1):
            copies = np.flatnonzero(np.isin(hash_rows(rows), self._hashes))
            if not len(copies) or (
                not strict and len(copies) > RARE_COPIES * len(rows)
            ):
                return rows
            fresh = self._draw_rows(labels[copies], rng)
            fresh.index = pd.Index(copies)
            kept = rows.drop(index=pd.Index(copies))
            rows = pd.concat([kept, fresh]).sort_index()
        n_copies = int(np.isin(hash_rows(rows), self._hashes).sum())
        if not (strict and n_copies):
            return rows
        raise ValueError(
            f"{n_copies} of {len(labels)} synthetic rows still equal training rows "
            f"after {MAX_TRIES} tries. Ask for fewer rows, set reject_copies=False, or "
            "give the generator more freedom, by a column with finer values or by its "
            "own parameters."
        )

    def _draw_rows(
        self, labels: NDArray[np.intp], rng: np.random.RandomState
    ) -> pd.DataFrame:
        """Draw one row for each label, whether it is a copy or not."""
        return self._decode(self._sample(labels, rng), rng)

    def _decode(self, table: Table, rng: np.random.RandomState) -> pd.DataFrame:
        frame = self.schema_.inverse_transform(table, random_state=rng)
        for constraint in reversed(self.constraints_):
            frame = constraint.inverse_transform(frame)
        return frame

    def __sklearn_is_fitted__(self) -> bool:
        """Say whether `fit` has come to its end."""
        return hasattr(self, "schema_")

    def __getstate__(self) -> dict:
        """Leave the training rows out of a pickle."""
        state = dict(super().__getstate__())
        state.pop("training_rows_", None)
        return state

    def __sklearn_tags__(self) -> Any:
        """Say what input the generators take."""
        tags = super().__sklearn_tags__()
        tags.target_tags.required = False
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.input_tags.allow_nan = True
        return tags


