"""One cell of an augmentation study: rows are drawn, a classifier is tested."""

from __future__ import annotations

import inspect
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, log_loss, roc_auc_score
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state
from threadpoolctl import threadpool_limits

from skgen.metrics import copies
from skgen.model_selection._common import encode, seeded
from skgen.model_selection._records import keep
from skgen.model_selection._scenarios import Repeat


@dataclass(frozen=True)
class Study:
    """Rows and settings of all cells."""

    frame: pd.DataFrame
    codes: NDArray[np.intp]
    classes: NDArray
    preprocessor: Any
    repeats: Sequence[Repeat]

    @property
    def common(self) -> tuple[Any, ...]:
        """What the scores of all cells depend on."""
        return self.frame, self.codes, self.classes.tolist()

    @property
    def keys(self) -> list[tuple[Any, ...]]:
        """What the scores of each repeat depend on."""
        return [repeat.key for repeat in self.repeats]

    def mean_sizes(self) -> tuple[float, float]:
        """Return the mean numbers of training and test rows."""
        sizes = [(len(repeat.train), len(repeat.test)) for repeat in self.repeats]
        n_train, n_test = np.mean(sizes, axis=0).tolist()
        return n_train, n_test

    def rows(self, positions: NDArray[np.intp]) -> tuple[pd.DataFrame, NDArray]:
        """Return rows and the codes of their classes."""
        X = self.frame.iloc[positions].reset_index(drop=True)
        return X, self.codes[positions]


@dataclass(frozen=True)
class Cell:
    """A classifier to train in a repeat; `generator` is None for the original rows."""

    repeat: int
    classifier: str
    generator: str | None
    scenario: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.classifier, self.generator or "none", self.scenario

    def __str__(self) -> str:
        drawn = f" on rows of {self.generator!r}" if self.generator else ""
        return f"{self.classifier!r}{drawn}, {self.scenario}, repeat {self.repeat}"


def draw_pool(
    study: Study, number: int, name: str, generator: Any, path: Path
) -> tuple[tuple[int, str], str | None]:
    """Fit a generator to the training rows of a repeat; keep its rows in a file."""
    repeat = study.repeats[number]
    X, codes = study.rows(repeat.train)
    try:
        start = time.perf_counter()
        fitted = seeded(generator, repeat.generator_seed).fit(X, study.classes[codes])
        wanted = np.repeat(study.classes, repeat.n_drawn)
        # Shuffled, since classifiers that train by batches should see both classes.
        rng = check_random_state(repeat.generator_seed)
        wanted = wanted[rng.permutation(len(wanted))]
        rows, labels = fitted.sample(y=wanted)
        seconds = time.perf_counter() - start
    except Exception as error:
        message = f"{name!r} failed in repeat {number}: {type(error).__name__}: {error}"
        return (number, name), message
    if not isinstance(rows, pd.DataFrame):
        rows = pd.DataFrame(rows, columns=X.columns)
    keep((rows, encode(labels, study.classes), seconds), path)
    return (number, name), None


def train(
    study: Study, cell: Cell, classifier: Any, pool: Path | None, path: Path
) -> tuple[Cell, str | None]:
    """Train a classifier on the rows of a scenario, test it, keep its scores."""
    repeat = study.repeats[cell.repeat]
    X_real, real = study.rows(repeat.train)
    X, codes, made = X_real, real, X_real[:0]
    scores = {"generator_seconds": 0.0}
    if pool is not None:
        scenario = repeat.scenarios[cell.scenario]
        rows, labels, scores["generator_seconds"] = joblib.load(pool)
        first = [
            np.flatnonzero(labels == code)[:n] for code, n in enumerate(scenario.n_new)
        ]
        chosen = np.sort(np.concatenate(first))
        made, codes = rows.iloc[chosen], labels[chosen]
        X = made
        if scenario.keeps_original:
            X = pd.concat([X_real, made], ignore_index=True)
            codes = np.concatenate([real, codes])
    X = X.reset_index(drop=True)
    try:
        start = time.perf_counter()
        model, options = _make_model(study, repeat, classifier)
        model.fit(X, codes, **options)
        scores["seconds"] = time.perf_counter() - start
        X_test, y_test = study.rows(repeat.test)
        probabilities = model.predict_proba(X_test)
        scores |= {
            "roc_auc": roc_auc_score(y_test, probabilities[:, 1]),
            "average_precision": average_precision_score(y_test, probabilities[:, 1]),
            "log_loss": log_loss(y_test, probabilities, labels=[0, 1]),
        }
    except Exception as error:
        return cell, f"{cell} failed: {type(error).__name__}: {error}"
    with threadpool_limits(limits=1):
        share = copies(X_real, made) if len(made) else 0.0
    scores |= {
        "n_train": len(X),
        "n_synthetic": len(made),
        "n_identical": round(share * len(made)),
    }
    keep({name: float(value) for name, value in scores.items()}, path)
    return cell, None


def _make_model(
    study: Study, repeat: Repeat, classifier: Any
) -> tuple[Any, dict[str, Any]]:
    """Return the classifier, behind the preprocessor if any, and options of `fit`."""
    classifier = seeded(classifier, repeat.classifier_seed)
    options: dict[str, Any] = {}
    takes_validation = {"X_val", "y_val"} <= set(
        inspect.signature(classifier.fit).parameters
    )
    if takes_validation and len(repeat.validation):
        X_val, y_val = study.rows(repeat.validation)
        options = {"X_val": X_val, "y_val": y_val}
    if study.preprocessor is None:
        return classifier, options
    encoder = seeded(study.preprocessor, repeat.classifier_seed)
    if not options:
        return Pipeline([("preprocessor", encoder), ("classifier", classifier)]), {}
    return _EncodedClassifier(encoder, classifier), options


@dataclass
class _EncodedClassifier:
    """A preprocessor and a classifier that also takes the validation rows."""

    encoder: Any
    classifier: Any

    def fit(self, X: Any, y: Any, *, X_val: Any, y_val: Any) -> None:
        encoded = self.encoder.fit_transform(X, y)
        encoded_val = self.encoder.transform(X_val)
        self.classifier.fit(encoded, y, X_val=encoded_val, y_val=y_val)

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        return self.classifier.predict_proba(self.encoder.transform(X))
