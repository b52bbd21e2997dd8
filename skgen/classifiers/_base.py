"""Base class of the neural click classifiers; loads torch in `fit`."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, ClassVar, Self, dataclass_transform
from warnings import warn

import numpy as np
import pandas as pd
from joblib import effective_n_jobs
from numpy.typing import NDArray
from scipy.special import expit, logit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state, compute_class_weight
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import (
    _check_sample_weight,
    check_consistent_length,
    check_is_fitted,
    column_or_1d,
    validate_data,
)

from skgen._containers import TableContainer
from skgen._docs import document
from skgen._random import draw_seed
from skgen._sklearn import validated
from skgen.classifiers._calibration import Calibration, fit_calibration
from skgen.classifiers._columns import ColumnEncoder, Sizes
from skgen.classifiers._docs import SHARED
from skgen.deep.optional import require
from skgen.table import resolve_columns

if TYPE_CHECKING:
    import torch

    from skgen.classifiers._networks import ClickNetwork

# With batch_size="auto": batches in an epoch, and bounds of their size.
AUTO_BATCHES = 50
MIN_BATCH_ROWS, MAX_BATCH_ROWS = 32, 1024


@dataclass_transform(kw_only_default=True, eq_default=False)
@dataclass(kw_only=True, eq=False, repr=False)
class NeuralClickClassifier(ClassifierMixin, BaseEstimator, metaclass=ABCMeta):
    """Base class of the neural click classifiers.

    A subclass states its parameters as annotated class attributes, as generators do,
    and has one method, `_make_network`.

    Warning: this class should not be used directly. Use derived classes instead.
    """

    _parameter_constraints: ClassVar[dict] = {
        "embedding_dim": [Interval(Integral, 1, None, closed="left")],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "l2_reg_embedding": [Interval(Real, 0, None, closed="left")],
        "batch_size": [
            Interval(Integral, 1, None, closed="left"),
            StrOptions({"auto"}),
        ],
        "epochs": [Interval(Integral, 1, None, closed="left")],
        "early_stopping": [StrOptions({"auc", "log_loss"}), None],
        "validation_fraction": [Interval(Real, 0, 0.5, closed="right")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "class_weight": [StrOptions({"balanced"}), dict, None],
        "min_frequency": [Interval(Integral, 1, None, closed="left")],
        "categorical_features": ["array-like", StrOptions({"auto"}), None],
        "device": [str],
        "n_jobs": [Integral, None],
        "verbose": ["verbose"],
        "random_state": ["random_state"],
    }

    embedding_dim: int = 16
    dropout: float = 0.0
    learning_rate: float = 0.001
    l2_reg_embedding: float = 0.001
    batch_size: int | str = "auto"
    epochs: int = 50
    early_stopping: str | None = "auc"
    validation_fraction: float = 0.1
    n_iter_no_change: int = 3
    tol: float = 1e-4
    class_weight: Any = None
    min_frequency: int = 2
    categorical_features: Any = "auto"
    device: str = "auto"
    n_jobs: int | None = None
    verbose: int | bool = False
    random_state: Any = None

    _shared_docs: ClassVar[dict[str, str]] = SHARED

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Make `__init__` from the annotated parameters, and complete the docstring."""
        super().__init_subclass__(**kwargs)
        dataclass(kw_only=True, eq=False, repr=False)(cls)
        document(cls)

    @abstractmethod
    def _make_network(self, sizes: Sizes) -> ClickNetwork:
        """Return the untrained network for the encoded columns."""

    @validated
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
    ) -> Self:
        """Learn the probability of the second class.

        Parameters
        ----------
        X : {DataFrame, array-like, sparse matrix} of shape (n_samples, n_features)
            Columns of any kind; missing values are allowed. A sparse matrix is
            converted to a dense one.

        y : array-like of shape (n_samples,)
            Labels of two classes.

        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row; a row of weight 0 has no effect. All are 1 if None.

        X_val : {DataFrame, array-like, sparse matrix} of shape (n_validation_samples, \
n_features), default=None
            Held-out rows, instead of `validation_fraction` of `X`. They decide when
            training stops, and calibrate the probabilities.

        y_val : array-like of shape (n_validation_samples,), default=None
            Their labels.

        sample_weight_val : array-like of shape (n_validation_samples,), default=None
            Their weights.

        Returns
        -------
        self : object
            The fitted classifier.

        Raises
        ------
        ValueError
            If the table is empty, `y` has not two classes, a column has infinite values
            or holds lists or other containers, `device` is not available, or
            validation rows lack labels, have labels or columns unknown from `y` and
            `X`, or are given with ``early_stopping=None``.

        ImportError
            Without torch.
        """
        require("torch", "deep")
        # An interrupted fit leaves no classifier that claims to be fitted.
        self.__dict__.pop("module_", None)
        frame = _to_frame(X)
        validate_data(self, X, skip_check_array=True)
        target, weights = self._check_labels(frame, y, sample_weight)
        if not weights.all():
            present = weights > 0
            frame, target = frame[present], target[present]
            weights = weights[present]
        if (target == target[0]).all():
            raise ValueError(
                "The target has one class only, "
                f"{self.classes_.tolist()[int(target[0])]!r}, among the rows that have "
                "a weight: add rows of another class."
            )
        rng = check_random_state(self.random_state)
        given = X_val is not None or y_val is not None
        if given:
            rows, labels, importance = self._check_validation(
                X_val, y_val, sample_weight_val
            )
            n_samples = len(frame)
            training = np.arange(n_samples)
            held_out = np.arange(n_samples, n_samples + len(rows))
        else:
            training, held_out = self._split(target, rng)
        categorical = resolve_columns(self.categorical_features, frame.columns)
        self._encoder = ColumnEncoder(categorical, min_frequency=self.min_frequency)
        self._encoder.fit(frame.iloc[training], weights[training])
        if given:
            frame = pd.concat([frame, rows], ignore_index=True)
            target = np.concatenate([target, labels])
            weights = np.concatenate([weights, importance])
        self._learn(frame, target, weights, training, held_out, draw_seed(rng))
        return self

    def _check_labels(
        self, frame: pd.DataFrame, y: Any, sample_weight: Any
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Return labels as 0 and 1, and the weights of the rows; set `classes_`."""
        if y is None:
            raise ValueError(
                f"{type(self).__name__} requires y to be passed, but the target y is "
                "None."
            )
        # Nullable labels would become floats.
        dtype = getattr(getattr(y, "dtype", None), "numpy_dtype", None)
        if isinstance(y, pd.Series) and dtype is not None and not y.hasnans:
            y = y.to_numpy(dtype=dtype)
        labels = column_or_1d(y, warn=True)
        check_consistent_length(frame, labels)
        missing = pd.isna(labels)
        if missing.any():
            raise ValueError(
                f"The target has {int(missing.sum())} missing labels, the first in row "
                f"{int(missing.argmax())}: drop these rows or label them."
            )
        check_classification_targets(labels)
        kind = type_of_target(labels, input_name="y", raise_unknown=True)
        if kind != "binary":
            found = pd.unique(pd.Series(labels)).tolist()
            raise ValueError(
                "Only binary classification is supported. The type of the target is "
                f"{kind}: it has {len(found)} labels, such as {found[:3]}. Merge or "
                "drop labels until two are left."
            )
        self.classes_, target = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"The target has one class only, {self.classes_.tolist()[0]!r}: add "
                "rows of another class."
            )
        self.class_weight_ = compute_class_weight(
            self.class_weight, classes=self.classes_, y=labels
        )
        if not (self.class_weight_ > 0).all():
            raise ValueError(
                f"class_weight={self.class_weight!r} has a weight that is not positive."
            )
        weights = _check_sample_weight(
            sample_weight, frame, dtype=np.float64, ensure_non_negative=True
        )
        return target, weights

    def _check_validation(
        self, X_val: Any, y_val: Any, sample_weight_val: Any
    ) -> tuple[pd.DataFrame, NDArray[np.intp], NDArray[np.float64]]:
        """Return validation rows, their labels as 0 and 1, and their weights."""
        if X_val is None or y_val is None:
            lacking = "X_val" if X_val is None else "y_val"
            raise ValueError(f"Give X_val and y_val together: {lacking} is missing.")
        if self.early_stopping is None:
            raise ValueError(
                "X_val is given, but not used with early_stopping=None: omit it, or "
                'set early_stopping="log_loss".'
            )
        rows = _to_frame(X_val)
        validate_data(self, X_val, reset=False, skip_check_array=True)
        labels = column_or_1d(y_val, warn=True)
        check_consistent_length(rows, labels)
        target = pd.Index(self.classes_).get_indexer(pd.Index(labels))
        if (target < 0).any():
            other = labels[(target < 0).argmax() :][:1].tolist()[0]
            raise ValueError(
                f"y_val has the label {other!r}, but the labels of y are "
                f"{self.classes_.tolist()}: drop the rows with other labels."
            )
        weights = _check_sample_weight(
            sample_weight_val, rows, dtype=np.float64, ensure_non_negative=True
        )
        return rows, target.astype(np.intp), weights

    def _split(
        self, target: NDArray[np.intp], rng: np.random.RandomState
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return positions of training rows and of held-out rows, if any."""
        from skgen.deep.training import hold_out

        everything = np.arange(len(target))
        if self.early_stopping is None:
            return everything, everything[:0]
        counts = np.bincount(target)
        if counts.min() < 2:
            label = self.classes_.tolist()[int(counts.argmin())]
            warn(
                f"The class {label!r} has a single row: none is held out, and training "
                "uses all epochs. Set early_stopping=None to avoid this warning.",
                stacklevel=4,
            )
            return everything, everything[:0]
        training, held_out = [], []
        for label in range(2):
            # Each class by itself, so that it is in both parts.
            rows = np.flatnonzero(target == label)
            one_class = np.zeros(len(rows), dtype=np.intp)
            kept, out = hold_out(one_class, self.validation_fraction, rng)
            training.append(rows[kept])
            held_out.append(rows[out])
        return np.sort(np.concatenate(training)), np.sort(np.concatenate(held_out))

    def _learn(
        self,
        frame: pd.DataFrame,
        target: NDArray[np.intp],
        weights: NDArray[np.float64],
        training: NDArray[np.intp],
        held_out: NDArray[np.intp],
        seed: int,
    ) -> None:
        """Train the network on the training rows; fit the calibration to the others."""
        from skgen.classifiers import _training
        from skgen.deep.device import resolve_device, seeded

        device = resolve_device(self.device)
        rows = _training.Rows(self._encoder.transform(frame), device)
        weighted = weights * self.class_weight_[target]
        weighted /= weighted[training].mean()
        watched: dict[str, Any] = {}
        with seeded(seed, device), _threads(self.n_jobs):
            network = self._make_network(self._encoder.sizes_).to(device)
            share = np.average(target[training], weights=weighted[training])
            network.intercept.data.fill_(logit(share))
            if len(held_out):
                # Without class weights: the scores are those of the rows as they are.
                watched = _training.validation(
                    str(self.early_stopping),
                    network,
                    rows,
                    target,
                    weights,
                    self._offset,
                )
            history = _training.train_click_network(
                network,
                rows,
                target,
                weighted,
                learning_rate=self.learning_rate,
                l2_reg_embedding=self.l2_reg_embedding,
                batch_size=self._batch_rows(len(training)),
                epochs=self.epochs,
                n_iter_no_change=self.n_iter_no_change,
                tol=self.tol,
                held_out=held_out,
                random_state=np.random.RandomState(seed),
                verbose=self.verbose,
                desc=type(self).__name__,
                **watched,
            )
            self.calibration_ = Calibration()
            if len(held_out):
                log_odds = _training.predict_log_odds(network, rows, held_out)
                self.calibration_ = fit_calibration(
                    log_odds - self._offset,
                    target[held_out].astype(np.float64),
                    weights[held_out],
                )
        self.module_ = network
        self.loss_curve_ = history.losses["loss"]
        curve = history.validation_scores.get("auc", history.validation_losses)
        self.validation_curve_ = curve if len(held_out) else None
        self.n_iter_ = history.n_epochs
        self.best_iter_ = history.best_epoch

    def _batch_rows(self, n_samples: int) -> int:
        """Return the maximum number of rows in a batch."""
        if not isinstance(self.batch_size, str):
            return self.batch_size
        return min(max(n_samples // AUTO_BATCHES, MIN_BATCH_ROWS), MAX_BATCH_ROWS)

    @property
    def _offset(self) -> float:
        """Shift of the log-odds by the class weights."""
        return float(np.log(self.class_weight_[1] / self.class_weight_[0]))

    def _log_odds(self, X: Any) -> NDArray[np.float64]:
        """Return the calibrated log-odds of the second class."""
        check_is_fitted(self)
        require("torch", "deep")
        from skgen.classifiers._training import Rows, predict_log_odds
        from skgen.deep.device import resolve_device

        frame = _to_frame(X)
        validate_data(self, X, reset=False, skip_check_array=True)
        try:
            device = resolve_device(self.device)
        except ValueError:
            # Trained on a device that this machine lacks.
            device = resolve_device("cpu")
        rows = Rows(self._encoder.transform(frame), device)
        with _threads(self.n_jobs):
            log_odds = predict_log_odds(self.module_.to(device), rows)
        return self.calibration_.apply(log_odds - self._offset)

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Return the log-odds of the second class, plus those of the class weights.

        Parameters
        ----------
        X : {DataFrame, array-like, sparse matrix} of shape (n_samples, n_features)
            Columns as in `fit`.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            Positive where :meth:`predict` returns the second class.
        """
        return self._log_odds(X) + self._offset

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probabilities of the classes.

        Parameters
        ----------
        X : {DataFrame, array-like, sparse matrix} of shape (n_samples, n_features)
            Columns as in `fit`.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, 2)
            In the order of `classes_`.
        """
        log_odds = self._log_odds(X)
        return expit(np.column_stack([-log_odds, log_odds]))

    def predict(self, X: Any) -> NDArray:
        """Return the class of each row.

        Parameters
        ----------
        X : {DataFrame, array-like, sparse matrix} of shape (n_samples, n_features)
            Columns as in `fit`.

        Returns
        -------
        labels : ndarray of shape (n_samples,)
            The class with the greatest product of probability and weight.
        """
        positive = self.decision_function(X) > 0
        return self.classes_[positive.astype(np.intp)]

    def __sklearn_is_fitted__(self) -> bool:
        """Return whether `fit` was completed."""
        return hasattr(self, "module_")

    def __getstate__(self) -> dict:
        """Move the weights of a pickle to the CPU."""
        state = dict(super().__getstate__())
        module: torch.nn.Module | None = state.get("module_")
        if module is not None and next(module.parameters()).device.type != "cpu":
            state["module_"] = deepcopy(module).cpu()
        return state

    def __sklearn_tags__(self) -> Any:
        """Declare supported input and targets."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.input_tags.allow_nan = True
        tags.input_tags.sparse = True
        tags.non_deterministic = False
        return tags


def _to_frame(X: Any) -> pd.DataFrame:
    """Return a table in any container as a DataFrame."""
    if not isinstance(X, pd.DataFrame | pd.Series | np.ndarray | list) and hasattr(
        X, "__array__"
    ):
        X = np.asarray(X)
    return TableContainer(X).frame


@contextmanager
def _threads(n_jobs: int | None) -> Iterator[None]:
    """Set the number of torch's threads; restore it at the end."""
    import torch

    before = torch.get_num_threads()
    if n_jobs is not None:
        torch.set_num_threads(effective_n_jobs(n_jobs))
    try:
        yield
    finally:
        torch.set_num_threads(before)
