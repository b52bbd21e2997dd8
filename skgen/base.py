"""The contract that all generators share."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Self, dataclass_transform

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.validation import (
    _check_feature_names,
    check_is_fitted,
)

from skgen._containers import LabelContainer, TableContainer, check_labels
from skgen._copies import CopyLimit
from skgen._docs import SHARED, document
from skgen._random import spawn
from skgen._sklearn import BaseOverSampler, validated
from skgen.constraints import Constraint
from skgen.rows import Given, Rows, read_given
from skgen.strategies import resolve_sampling_strategy
from skgen.structure import Structure, find_structure
from skgen.table import Table, TableSchema, resolve_columns

# A pickle of another number is not read.
PICKLE_FORMAT = 2
MAX_TRIES = 20
# With reject_copies="auto".
MAX_AUTO_TRIES = 2
MAX_EXCESS_COPIES = 0.025
PROBE_ROWS = 10_000


@dataclass_transform(kw_only_default=True, eq_default=False)
@dataclass(kw_only=True, eq=False, repr=False)
class BaseGenerator(BaseOverSampler, metaclass=ABCMeta):
    """Base class of all generators.

    A generator learns the distribution of rows given their label. It has two methods
    of its own, `_fit` and `_sample`, which see the normal form
    (`skgen.table.Table`); containers, dtypes, labels, sampling strategies, constraints,
    seeds and bad input are handled here.

    A subclass states its parameters as annotated class attributes with their defaults;
    every subclass becomes a keyword-only dataclass, and the placeholders of its
    docstring (`skgen._docs`) are filled.

    Warning: this class should not be used directly. Use derived classes instead.
    """

    sampling_strategy: Any = "auto"
    categorical_features: Any = "auto"
    constraints: Sequence[Constraint] = ()
    structure: Any = "auto"
    ids: Any = "auto"
    fit_classes: str = "all"
    reject_copies: Any = False
    random_state: Any = None

    _parameter_constraints: ClassVar[dict] = {
        **BaseOverSampler._parameter_constraints,
        "categorical_features": ["array-like", StrOptions({"auto"}), None],
        "constraints": [list, tuple],
        "structure": [StrOptions({"auto"}), Structure, None],
        "ids": [StrOptions({"auto", "keep", "fresh"}), dict],
        "fit_classes": [StrOptions({"all", "resampled"})],
        "reject_copies": ["boolean", StrOptions({"auto"})],
    }

    # Paragraphs of docstrings by the name of their placeholder.
    _shared_docs: ClassVar[dict[str, str]] = SHARED
    # Rows are drawn in batches of this size, so that memory follows the result alone.
    _rows_per_batch: ClassVar[int] = 100_000
    # Whether `_sample` honours columns that are given.
    _takes_given: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Make `__init__` from the annotated parameters, and complete the docstring."""
        super().__init_subclass__(**kwargs)
        dataclass(kw_only=True, eq=False, repr=False)(cls)
        document(cls)

    @abstractmethod
    def _fit(self, rows: Rows, rng: np.random.RandomState) -> None:
        """Learn the distribution of rows given their label.

        Parameters
        ----------
        rows : Rows
            The rows in the normal form, their labels, and the frame they come from.

        rng : RandomState
        """

    @abstractmethod
    def _sample(
        self,
        labels: NDArray[np.intp],
        rng: np.random.RandomState,
        given: Given | None = None,
    ) -> Table | pd.DataFrame:
        """Draw one row for each label.

        Parameters
        ----------
        labels : ndarray of shape (n_samples,)
            Index into `classes_`.

        rng : RandomState

        given : Given of n_samples rows or None
            Columns that are known. Only passed to generators that state
            ``_takes_given = True``.

        Returns
        -------
        rows : Table or DataFrame of n_samples rows
            In the normal form, or in the columns of `Rows.frame`.
        """

    def _sample_labels(
        self, given: Given, rng: np.random.RandomState
    ) -> NDArray[np.intp]:
        """Draw labels by their probability given the known columns."""
        raise ValueError(
            f"{type(self).__name__} cannot draw labels given columns: pass the labels "
            "of the rows as y."
        )

    def _make_schema(self, columns: pd.Index, categorical: list) -> TableSchema:
        """Return the normal form that the generator wants, not yet fitted.

        Parameters
        ----------
        columns : Index
            Names of the columns that constraints and structure leave.

        categorical : list
            Names of those which the user calls categorical.
        """
        return TableSchema(categorical_features=categorical)

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        """Leave the estimator as it was if what happens inside does not succeed."""
        before = dict(self.__dict__)
        try:
            yield
        except BaseException:
            self.__dict__.clear()
            self.__dict__.update(before)
            raise

    @validated
    def fit(self, X: Any, y: Any = None) -> Self:
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
        with self._all_or_nothing():
            self._learn(X, container, labels, rng)
            self._label_container = None
            if label_container is not None:
                self._label_container = label_container.template()
            self._rng = spawn(rng)
        return self

    @validated
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
        with self._all_or_nothing():
            self.sampling_strategy_ = resolve_sampling_strategy(
                self.sampling_strategy, labels
            )
            rng = check_random_state(self.random_state)
            rows, new_labels = self._fit_resample(
                X, labels, container=container, rng=rng
            )
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
        learned = np.ones(len(y), dtype=bool)
        if self.fit_classes == "resampled" and counts:
            learned = pd.Series(y).isin(list(counts)).to_numpy()
        self._learn(X, container, y, rng, learned)
        codes = pd.Index(self.classes_).get_indexer(pd.Index(list(counts)))
        codes = np.repeat(codes, list(counts.values())).astype(np.intp)
        return self._draw(codes, rng), self.classes_[codes]

    def sample(
        self,
        n_samples: int | None = None,
        *,
        y: Any = None,
        given: pd.DataFrame | None = None,
        random_state: Any = None,
    ) -> Any:
        """Draw synthetic rows.

        Parameters
        ----------
        n_samples : int, default=None
            Number of rows, with labels drawn as frequently as in training. None is the
            number of training rows.

        y : array-like of shape (n_samples,), default=None
            The labels that the rows shall have, in this order. With `given` alone they
            are drawn by their probability given these columns.

        given : DataFrame of shape (n_samples, n_given), default=None
            Columns that are known: the others are drawn given these, which come back
            as they are. Not every generator can draw so.

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

        TypeError
            If `given` is not a DataFrame, or the generator cannot draw rows given some
            of their columns.

        ValueError
            If `n_samples` is less than 1 or differs from the number of rows of `y` or
            `given`; `y` has a label that was not seen in `fit`; or `given` has a column
            that is unknown, cannot be given or belongs to a constraint, or a value that
            was not seen.
        """
        check_is_fitted(self, "schema_")
        known = None if given is None else self._read_given(given, n_samples, y)
        rng = self._rng if random_state is None else check_random_state(random_state)
        if known is not None and y is None:
            labels = np.zeros(len(known), dtype=np.intp)
            if len(self.classes_) > 1:
                labels = self._sample_labels(known, rng)
        else:
            labels = self._wanted_labels(n_samples, y, rng)
        X = self._container.restore(self._draw(labels, rng, known))
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

    def _read_given(self, given: Any, n_samples: int | None, y: Any) -> Given:
        """Check the known columns, and bring them to the normal form."""
        if not self._takes_given:
            raise TypeError(
                f"{type(self).__name__} cannot draw rows given some of their columns. "
                "Use skgen.AutoregressiveTrees or skgen.AutoregressiveTransformer, or "
                "leave given out."
            )
        known = read_given(
            given,
            self.schema_,
            columns=self._container.frame.columns,
            rewritten=[name for rule in self._rules() for name in rule.columns],
        )
        if n_samples is not None and n_samples != len(known):
            raise ValueError(
                f"n_samples={n_samples}, but given has {len(known)} rows: leave "
                "n_samples out."
            )
        if y is not None and len(y) != len(known):
            raise ValueError(
                f"y has {len(y)} labels, but given has {len(known)} rows: give one "
                "label for each row."
            )
        return known

    def _rules(self) -> list[Constraint]:
        """Return the constraints, and the structure if there is one."""
        found = [] if self.structure_ is None else [self.structure_]
        return [*self.constraints_, *found]

    def _check_labels(self, container: TableContainer, y: Any) -> LabelContainer:
        if y is None:
            raise ValueError(
                f"{type(self).__name__}.fit_resample needs the labels: the target y "
                "is None. Use fit and sample for a table without labels."
            )
        return check_labels(y, len(container.frame))

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
        if learned is None or learned.all():
            learned = np.ones(len(frame), dtype=bool)
        continues = self._check_continues(labels[learned])
        _check_feature_names(self, X, reset=True)
        self.n_features_in_ = frame.shape[1]
        classes, codes = np.unique(labels[learned], return_inverse=True)
        counts = np.bincount(codes, minlength=len(classes))
        check_class_sizes(classes, counts)
        rules = self._apply_rules if continues else self._learn_rules
        rewritten = rules(frame)
        schema = self.schema_ if continues else self._fit_schema(frame, rewritten)
        self.classes_ = classes
        self._class_counts = counts
        self._n_training = len(codes)
        self._container = container.template()
        self._copies = CopyLimit.of(frame, self.reject_copies)
        part = rewritten if learned.all() else rewritten[learned]
        rows = Rows(
            table=schema.transform(part),
            labels=codes.astype(np.intp),
            frame=part,
            schema=schema,
            columns=self._constrained_columns,
            all_rows=rewritten,
            all_labels=labels,
            continues=continues,
        )
        self.schema_: TableSchema = schema
        self._fit(rows, rng)
        if self.reject_copies == "auto":
            self._limit_copies(rows, rng)
        self.training_rows_ = X

    def _limit_copies(self, rows: Rows, rng: np.random.RandomState) -> None:
        """Coarsen the model while it copies more than fresh rows would."""
        n_probe = min(len(rows), PROBE_ROWS)
        probe = rng.choice(rows.labels, size=n_probe, replace=False)
        for _ in range(MAX_TRIES):
            drawn = self._finish(self._draw_rows(probe, rng), probe, rng)
            share = len(self._copies.excess(drawn, rng)) / n_probe
            if share <= MAX_EXCESS_COPIES or not self._coarsen(rng):
                return

    def _coarsen(self, rng: np.random.RandomState) -> bool:
        """Make the model follow the training rows less closely, if it can."""
        return False

    def _check_continues(self, labels: NDArray) -> bool:
        """Say whether the fit goes on from the former one; raise if it cannot."""
        if not getattr(self, "warm_start", False) or not hasattr(self, "schema_"):
            return False
        classes = np.unique(labels).tolist()
        if classes != self.classes_.tolist():
            raise ValueError(
                f"warm_start=True continues a fit to the labels "
                f"{self.classes_.tolist()}, but y has {classes}: pass rows of the "
                "same labels, or set warm_start=False to start afresh."
            )
        return True

    def _apply_rules(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return other rows as the fitted constraints and structure rewrite them."""
        for rule in self._rules():
            frame = rule.transform(frame)
        return frame

    def _learn_rules(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Fit constraints and structure, and return the table that they rewrite."""
        self.constraints_ = []
        for constraint in self.constraints:
            fitted = clone(constraint).fit(frame)
            frame = fitted.transform(frame)
            self.constraints_.append(fitted)
        self._constrained_columns = frame.columns
        self.structure_ = self._fit_structure(frame)
        return frame if self.structure_ is None else self.structure_.transform(frame)

    def _fit_structure(self, frame: pd.DataFrame) -> Structure | None:
        """Return the rules of the table, fitted; None if there are none."""
        structure = self.structure
        if isinstance(structure, str):
            structure = find_structure(frame)
        if structure is None or not structure.rules:
            return None
        structure = clone(structure)
        if structure.ids is None and self.ids != "auto":
            structure.set_params(ids=self.ids)
        return structure.fit(frame)

    def _fit_schema(self, frame: pd.DataFrame, rewritten: pd.DataFrame) -> TableSchema:
        """Learn the normal form of the rewritten table."""
        categorical = resolve_columns(self.categorical_features, frame.columns)
        named = [name for name in rewritten.columns if name in categorical]
        schema = self._make_schema(rewritten.columns, named).fit(rewritten)
        if not schema.fields_:
            raise ValueError(
                f"All {frame.shape[1]} feature(s) are constant, or ids of which each "
                "occurs once: there is nothing to learn. Pass at least one column that "
                "varies and repeats."
            )
        return schema

    def _draw(
        self,
        labels: NDArray[np.intp],
        rng: np.random.RandomState,
        given: Given | None = None,
    ) -> pd.DataFrame:
        """Draw one row for each label, as the user's columns.

        Rows that copy training rows are drawn again as `reject_copies` says.
        """
        if len(labels) == 0:
            return self._container.frame.reset_index(drop=True)
        drawn = self._draw_rows(labels, rng, given)
        strict = self.reject_copies is True
        for _ in range(MAX_TRIES if strict else MAX_AUTO_TRIES):
            rows = self._finish(drawn, labels, rng, given)
            copies = self._copies.excess(rows, rng)
            if not len(copies):
                return rows
            drawn = self._draw_again(drawn, copies, labels, rng, given)
        rows = self._finish(drawn, labels, rng, given)
        copies = self._copies.excess(rows, rng)
        if not (strict and len(copies)):
            return rows
        raise ValueError(
            f"{len(copies)} of {len(labels)} synthetic rows still equal training rows "
            f"after {MAX_TRIES} tries. Ask for fewer rows, set reject_copies=False, or "
            "give the generator more freedom, by a column with finer values or by its "
            "own parameters."
        )

    def _draw_again(
        self,
        drawn: pd.DataFrame,
        rows: NDArray[np.intp],
        labels: NDArray[np.intp],
        rng: np.random.RandomState,
        given: Given | None,
    ) -> pd.DataFrame:
        """Return the drawn rows with some of them drawn anew."""
        known = None if given is None else given.take(rows)
        again = self._draw_rows(labels[rows], rng, known)
        again.index = pd.Index(rows)
        return pd.concat([drawn.drop(index=pd.Index(rows)), again]).sort_index()

    def _draw_rows(
        self,
        labels: NDArray[np.intp],
        rng: np.random.RandomState,
        given: Given | None = None,
    ) -> pd.DataFrame:
        """Draw one row for each label, in the columns that the rules leave."""
        batches = []
        for start in range(0, len(labels), self._rows_per_batch):
            part = np.arange(start, min(start + self._rows_per_batch, len(labels)))
            if given is None:
                rows = self._sample(labels[part], rng)
            else:
                rows = self._sample(labels[part], rng, given.take(part))
            if isinstance(rows, Table):
                rows = self.schema_.inverse_transform(rows, random_state=rng)
            batches.append(rows)
        return (
            batches[0] if len(batches) == 1 else pd.concat(batches, ignore_index=True)
        )

    def _finish(
        self,
        frame: pd.DataFrame,
        labels: NDArray[np.intp],
        rng: np.random.RandomState,
        given: Given | None = None,
    ) -> pd.DataFrame:
        """Bring rows back to the user's columns, in which the rules hold."""
        for rule in reversed(self._rules()):
            frame = rule.separate(frame, labels, rng)
            frame = rule.inverse_transform(frame, random_state=rng)
        return frame if given is None else given.write(frame)

    def __sklearn_is_fitted__(self) -> bool:
        """Say whether `fit` has come to its end."""
        return hasattr(self, "schema_")

    def __getstate__(self) -> dict:
        """Leave the training rows out of a pickle."""
        state = dict(super().__getstate__())
        state.pop("training_rows_", None)
        state["_pickle_format"] = PICKLE_FORMAT
        return state

    def __setstate__(self, state: dict) -> None:
        """Read a pickle, if it is of this format."""
        state = dict(state)
        found = state.pop("_pickle_format", None)
        if found != PICKLE_FORMAT:
            raise ValueError(
                f"This pickle of {type(self).__name__} has format {found}, but this "
                f"version of skgen reads format {PICKLE_FORMAT}: read it with the "
                "version that wrote it, or fit again."
            )
        super().__setstate__(state)

    def __sklearn_tags__(self) -> Any:
        """Say what input the generators take."""
        tags = super().__sklearn_tags__()
        tags.target_tags.required = False
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.input_tags.allow_nan = True
        return tags


def check_class_sizes(classes: NDArray, counts: NDArray[np.intp]) -> None:
    """Raise if a class has a single row."""
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
