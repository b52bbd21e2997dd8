"""The augmentation scenarios of the click studies."""

from __future__ import annotations

import inspect
import time
import warnings
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from pathlib import Path
from typing import Any, NamedTuple

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.exceptions import FitFailedWarning
from sklearn.metrics import average_precision_score, log_loss, roc_auc_score
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import (
    HasMethods,
    Interval,
    StrOptions,
    validate_params,
)
from sklearn.utils.parallel import Parallel, delayed
from threadpoolctl import threadpool_limits

from skgen._containers import TableContainer
from skgen._progress import progress_bar
from skgen._random import draw_seed
from skgen.metrics import copies
from skgen.model_selection._common import check_labels, name_estimators, seeded
from skgen.model_selection._interval import corrected_t_interval
from skgen.model_selection._records import Records, keep
from skgen.model_selection._splits import check_split, draw_split
from skgen.strategies import (
    SamplingStrategy,
    augment,
    replace,
    resolve_sampling_strategy,
)

ORIGINAL = "original"
SCORES = ("roc_auc", "average_precision", "log_loss")
KEYS: list[Hashable] = ["classifier", "generator", "scenario"]


@validate_params(
    {
        "X": "no_validation",
        "y": "no_validation",
        "generators": [dict, list, tuple],
        "classifiers": [dict, list, tuple],
        "scenarios": [dict, list, tuple, None],
        "preprocessor": [HasMethods(["fit", "transform"]), None],
        "n_repeats": [Interval(Integral, 1, None, closed="left")],
        "validation_size": [Interval(Real, 0, 1, closed="left")],
        "test_size": [Interval(Real, 0, 1, closed="neither")],
        "split": ["array-like", None],
        "directory": [str, Path, None],
        "confidence_level": [Interval(Real, 0, 1, closed="neither")],
        "error_score": [StrOptions({"raise"}), Real],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
        "return_cells": ["boolean"],
    },
    prefer_skip_nested_validation=False,
)
def augmentation_study(
    X: Any,
    y: Any,
    generators: Mapping[str, Any] | Sequence[Any],
    classifiers: Mapping[str, Any] | Sequence[Any],
    *,
    scenarios: Mapping[str, Any] | Sequence[str] | None = None,
    preprocessor: Any = None,
    n_repeats: int = 3,
    validation_size: float = 0.1,
    test_size: float = 0.2,
    split: Any = None,
    directory: str | Path | None = None,
    confidence_level: float = 0.95,
    error_score: float | str = "raise",
    n_jobs: int | None = None,
    random_state: int | np.random.RandomState | None = None,
    verbose: int | bool = 0,
    return_cells: bool = False,
) -> Any:
    """Train classifiers on augmented rows: generators by classifiers by scenarios.

    In each repeat the rows are split into training, validation and test rows. Each
    generator learns from the training rows, and each scenario adds some of its rows to
    these, or puts them in their place. The classifiers are trained on the outcome and
    tested on the test rows. Validation and test rows are real in all scenarios.

    Parameters
    ----------
    X : DataFrame or array-like of shape (n_samples, n_features)
        Columns of any kind.

    y : array-like of shape (n_samples,)
        Labels of two classes, of which the last in sorted order is the positive one.

    generators : dict of str to generator, or list of generators
        Generators of skgen by the names that they shall have in the result. In a
        list, a generator has the name of its class, and a number where that repeats.

    classifiers : dict of str to classifier, or list of classifiers
        Classifiers with `predict_proba`, likewise. One whose `fit` takes `X_val` and
        `y_val`, such as those of :mod:`skgen.classifiers`, is given the validation
        rows; the others do without these.

    scenarios : dict of str to sampling strategy, list of str, or None, default=None
        What is done to the training rows: a callable, mapping, float or str as
        `sampling_strategy` of a generator (see :mod:`skgen.strategies`), by name. A
        list takes some of the five of the studies, None all of them:

        - "S1", "S2": 25 % and 50 % more positives, all of these synthetic;
        - "S3", "S4": 25 % and 50 % more negatives;
        - "S5": as many synthetic rows of each class in the place of the real ones.

    preprocessor : transformer, default=None
        What turns the columns into numbers before each classifier, fitted on its
        training rows, such as :class:`skgen.preprocessing.CTRPreprocessor`. None
        where the classifiers take the table as it is.

    n_repeats : int, default=3
        Number of splits; or, with `split`, of seeds.

    validation_size : float, default=0.1
        Share of the rows to validate by, in [0, 1). 0 leaves that to the classifiers.

    test_size : float, default=0.2
        Share of the rows to test on, in (0, 1).

    split : tuple of three array-like of int, default=None
        Positions of training, validation and test rows, such as those that were
        published. Then all repeats have the same rows, and `validation_size` and
        `test_size` are not used. None draws a split in each repeat, by class.

    directory : path-like, default=None
        Folder in which the outcome of each cell is kept, and the rows that each
        generator drew. A second call with the same rows and settings continues where
        the first ended; other scenarios, classifiers and generators can be added. None
        keeps nothing.

    confidence_level : float, default=0.95
        Probability that an interval covers the true difference.

    error_score : "raise" or float, default="raise"
        Whether an estimator that fails ends the study, or gets this value (such as
        NaN) for the scores of the cell, and a warning.

    n_jobs : int, default=None
        Number of processes, each of which fits one generator or classifier at a time.
        None is 1, -1 all processors.

    random_state : int, RandomState instance or None, default=None
        Draws the splits and, for each, the seed of every estimator that has a
        `random_state` of None; others keep theirs. To continue a study, give an int.

    verbose : int or bool, default=0
        Whether a progress bar is shown.

    return_cells : bool, default=False
        Whether to return the scores of each repeat too.

    Returns
    -------
    result : DataFrame of shape (n_cells, n_columns)
        Means over the repeats by classifier, generator and scenario, the first row of
        a classifier being "original", the training rows as they are. The columns:

        - `roc_auc`, `average_precision` and `log_loss` on the test rows, and with the
          endings `_diff`, `_low` and `_high` the difference from "original" and the
          ends of its confidence interval;
        - `n_train`, rows trained on, and `n_synthetic`, those of them that a generator
          drew;
        - `n_identical`, synthetic rows that are equal to a real training row, the
          label aside;
        - `seconds` to train the classifier, and `generator_seconds` to fit the
          generator and draw its rows, once for all scenarios and classifiers.

        ``result["roc_auc"].unstack("scenario")`` is the table of the studies.

    cells : DataFrame of shape (n_cells * n_repeats, n_scores)
        The same by repeat, without differences; only if `return_cells` is True.

    Raises
    ------
    ValueError
        If a label is missing, there are not two classes, a scenario or name is unknown
        or repeats, or the parts of `split` overlap.

    TypeError
        If a generator has no `sample`, or a classifier no `predict_proba`.

    RuntimeError
        If an estimator fails and `error_score` is "raise"; it names the cell.

    Warns
    -----
    FitFailedWarning
        If an estimator fails and `error_score` is a number.

    See Also
    --------
    compare : One classifier by cross-validation, with fidelity and privacy.
    skgen.strategies.augment : What S1 to S4 do.

    Notes
    -----
    A generator is fitted once in a repeat and draws all its rows at once. A scenario
    takes the first of these of each class, so that the rows of S1 are among those of
    S2, and the difference between two scenarios owes less to chance.

    The interval is that of Nadeau and Bengio, see
    :func:`~skgen.model_selection.corrected_t_interval`, as the splits share rows. With
    `split`, it is the ordinary t-interval over the seeds, which says nothing of other
    rows. Less is better for `log_loss`.

    An encoding of categories by their label (see
    :class:`~skgen.preprocessing.CTRPreprocessor`) suffers from rows that resemble one
    another, repeated ones too, since those held out while it is fitted are near to the
    others: judges with embeddings, such as the networks of :mod:`skgen.classifiers`,
    do not have this fault.

    Examples
    --------
    >>> from sklearn.datasets import make_classification
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skgen import GaussianCopula
    >>> from skgen.model_selection import augmentation_study
    >>> X, y = make_classification(n_samples=600, weights=[0.9], random_state=0)
    >>> result = augmentation_study(
    ...     X,
    ...     y,
    ...     [GaussianCopula()],
    ...     [LogisticRegression()],
    ...     scenarios=["S1", "S5"],
    ...     random_state=0,
    ... )
    >>> result[["n_train", "n_synthetic"]].astype(int)
                                                n_train  n_synthetic
    classifier         generator      scenario
    LogisticRegression none           original      420            0
                       GaussianCopula S1            431           11
                                      S5            420          420
    """
    frame = TableContainer(X).frame.reset_index(drop=True)
    if not isinstance(X, pd.DataFrame):
        frame = frame.infer_objects()
    classes, codes = check_labels(frame, y)
    if len(classes) != 2:
        raise ValueError(
            f"The target has {len(classes)} classes, {classes.tolist()[:5]}: a study "
            "of positives and negatives needs two. Merge some, or see `compare`."
        )
    named_generators = name_estimators(
        generators,
        kind="generator",
        methods=["fit", "sample"],
        hint="Give an instance of a generator of skgen.",
        reserved="none",
    )
    named_classifiers = name_estimators(
        classifiers,
        kind="classifier",
        methods=["fit", "predict_proba"],
        hint="Give an instance of a classifier with probabilities.",
        reserved="none",
    )
    named_scenarios = _name_scenarios(scenarios, classes)
    rng = check_random_state(random_state)
    study = _Study(
        frame=frame,
        codes=codes,
        classes=classes,
        preprocessor=preprocessor,
        repeats=_make_repeats(
            codes,
            classes,
            named_scenarios,
            n_repeats=n_repeats,
            validation_size=validation_size,
            test_size=test_size,
            split=split,
            rng=rng,
        ),
    )
    common = (frame, codes, classes.tolist())
    keys = [repeat.key for repeat in study.repeats]
    with Records.opened(directory, common, keys) as records:
        return _run(
            study,
            named_generators,
            named_classifiers,
            records,
            fixed=split is not None,
            confidence_level=confidence_level,
            error_score=error_score,
            n_jobs=n_jobs,
            verbose=verbose,
            return_cells=return_cells,
        )


class _Scenario(NamedTuple):
    """Synthetic rows of each class, and whether the real rows stay beside them."""

    n_new: tuple[int, int]
    keeps_original: bool


@dataclass(frozen=True)
class _Repeat:
    """Positions of the rows of a repeat, its seeds, and what its scenarios ask for."""

    train: NDArray[np.intp]
    validation: NDArray[np.intp]
    test: NDArray[np.intp]
    generator_seed: int
    classifier_seed: int
    scenarios: Mapping[str, _Scenario]
    n_drawn: tuple[int, int]

    @property
    def key(self) -> tuple[Any, ...]:
        """What the outcome of a cell depends on: not on the other scenarios."""
        parts = (self.train, self.validation, self.test)
        return *parts, self.generator_seed, self.classifier_seed


@dataclass(frozen=True)
class _Study:
    """What is the same for all cells."""

    frame: pd.DataFrame
    codes: NDArray[np.intp]
    classes: NDArray
    preprocessor: Any
    repeats: Sequence[_Repeat]

    def rows(self, positions: NDArray[np.intp]) -> tuple[pd.DataFrame, NDArray]:
        """Return rows and the numbers of their classes."""
        X = self.frame.iloc[positions].reset_index(drop=True)
        return X, self.codes[positions]


@dataclass(frozen=True)
class _Cell:
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


def _name_scenarios(
    scenarios: Mapping[str, Any] | Sequence[str] | None, classes: NDArray
) -> dict[str, Any]:
    negative, positive = classes.tolist()
    published = {
        "S1": augment({positive: 0.25}),
        "S2": augment({positive: 0.5}),
        "S3": augment({negative: 0.25}),
        "S4": augment({negative: 0.5}),
        "S5": replace(),
    }
    if scenarios is None:
        return published
    if isinstance(scenarios, Mapping):
        named = dict(scenarios)
    else:
        unknown = [name for name in scenarios if name not in published]
        if unknown:
            raise ValueError(
                f"There is no scenario {unknown[0]!r}: choose among {list(published)}, "
                "or give sampling strategies by name."
            )
        named = {name: published[name] for name in scenarios}
        if len(named) < len(scenarios):
            raise ValueError(f"A scenario repeats in {list(scenarios)}: leave one out.")
    if not named:
        raise ValueError("There is no scenario to compare: give one or more.")
    if ORIGINAL in named:
        raise ValueError(
            f"A scenario is called {ORIGINAL!r}, the name of the baseline that is "
            "always compared: choose another name."
        )
    return named


def _make_repeats(
    codes: NDArray[np.intp],
    classes: NDArray,
    scenarios: Mapping[str, Any],
    *,
    n_repeats: int,
    validation_size: float,
    test_size: float,
    split: Any,
    rng: np.random.RandomState,
) -> list[_Repeat]:
    if split is not None:
        parts = check_split(split, len(codes))
    elif validation_size + test_size >= 1:
        raise ValueError(
            f"validation_size={validation_size} and test_size={test_size} leave no "
            "rows to train on: choose smaller shares."
        )
    counts = np.bincount(codes)
    repeats = []
    for _ in range(n_repeats):
        if split is None:
            n_parts = 2 + (validation_size > 0)
            if counts.min() < n_parts:
                raise ValueError(
                    f"The rarer class has {counts.min()} row(s) for {n_parts} parts of "
                    "the rows: give more rows."
                )
            parts = draw_split(codes, validation_size, test_size, rng)
        for name, part in zip(("training", "test"), parts[::2], strict=True):
            if len(np.unique(codes[part])) < 2:
                raise ValueError(
                    f"The {name} rows are all of one class: give more rows, or another "
                    "split."
                )
        train, validation, test = parts
        seeds = draw_seed(rng), draw_seed(rng)
        asked = {
            name: _resolve(strategy, classes[codes[train]], classes)
            for name, strategy in scenarios.items()
        }
        # As many rows as are learned from, and more where a scenario takes more: so,
        # the rows stay the same when scenarios are added.
        n_rows = [np.bincount(codes[train]).tolist()]
        n_rows += [list(each.n_new) for each in asked.values()]
        n_negative, n_positive = np.max(n_rows, axis=0).tolist()
        drawn = (n_negative, n_positive)
        repeats.append(_Repeat(train, validation, test, *seeds, asked, drawn))
    return repeats


def _resolve(strategy: Any, labels: NDArray, classes: NDArray) -> _Scenario:
    asked = resolve_sampling_strategy(strategy, labels)
    n_negative, n_positive = (asked.get(label, 0) for label in classes)
    keeps = not isinstance(strategy, SamplingStrategy) or strategy.keep_original
    return _Scenario((n_negative, n_positive), keeps)


def _run(
    study: _Study,
    generators: Mapping[str, Any],
    classifiers: Mapping[str, Any],
    records: Records,
    *,
    fixed: bool,
    confidence_level: float,
    error_score: float | str,
    n_jobs: int | None,
    verbose: int | bool,
    return_cells: bool,
) -> Any:
    n_repeats = len(study.repeats)
    pools = {
        (repeat, name): records.path(
            "rows", repeat, generators[name], study.repeats[repeat].n_drawn
        )
        for repeat in range(n_repeats)
        for name in generators
    }
    cells: dict[_Cell, Path] = {}
    for repeat in range(n_repeats):
        for classifier, estimator in classifiers.items():
            judge = (estimator, study.preprocessor)
            original = _Cell(repeat, classifier, None, ORIGINAL)
            cells[original] = records.path("cell", repeat, *judge)
            for name in generators:
                pool = pools[repeat, name].name
                for scenario, asked in study.repeats[repeat].scenarios.items():
                    cell = _Cell(repeat, classifier, name, scenario)
                    cells[cell] = records.path("cell", repeat, *judge, pool, asked)
    todo = [cell for cell, path in cells.items() if not path.exists()]
    wanted = dict.fromkeys((c.repeat, c.generator) for c in todo if c.generator)
    draws = [key for key in wanted if not pools[key].exists()]
    parallel = Parallel(n_jobs=n_jobs, return_as="generator_unordered")
    failed: dict[Any, str] = {}
    with progress_bar(
        verbose=verbose, total=len(draws) + len(todo), desc="Studying", unit="fit"
    ) as bar:
        steps: Iterable[Any] = parallel(
            delayed(_draw_pool)(study, repeat, name, generators[name], pools[key])
            for key in draws
            for repeat, name in [key]
        )
        for key, error in steps:
            bar.update()
            if error is not None:
                _fail(error, error_score)
                failed[key] = error
        ready = [c for c in todo if (c.repeat, c.generator) not in failed]
        bar.update(len(todo) - len(ready))
        steps = parallel(
            delayed(_train)(
                study,
                cell,
                classifiers[cell.classifier],
                pools.get((cell.repeat, cell.generator or "")),
                cells[cell],
            )
            for cell in ready
        )
        for _, error in steps:
            bar.update()
            if error is not None:
                _fail(error, error_score)
    empty = dict.fromkeys(SCORES, np.nan if error_score == "raise" else error_score)
    scores = {
        cell: joblib.load(path) if path.exists() else empty
        for cell, path in cells.items()
    }
    return _summarize(
        study,
        scores,
        fixed=fixed,
        confidence_level=confidence_level,
        return_cells=return_cells,
    )


def _fail(error: str, error_score: float | str) -> None:
    if error_score == "raise":
        raise RuntimeError(error)
    warnings.warn(error, FitFailedWarning, stacklevel=4)


def _draw_pool(
    study: _Study, number: int, name: str, generator: Any, path: Path
) -> tuple[tuple[int, str], str | None]:
    """Fit a generator to the training rows of a repeat; keep its rows in a file."""
    repeat = study.repeats[number]
    X, codes = study.rows(repeat.train)
    try:
        start = time.perf_counter()
        fitted = seeded(generator, repeat.generator_seed).fit(X, study.classes[codes])
        wanted = np.repeat(study.classes, repeat.n_drawn)
        # No classifier shall meet one class after the other.
        rng = check_random_state(repeat.generator_seed)
        wanted = wanted[rng.permutation(len(wanted))]
        rows, labels = fitted.sample(y=wanted)
        seconds = time.perf_counter() - start
    except Exception as error:
        message = f"{name!r} failed in repeat {number}: {type(error).__name__}: {error}"
        return (number, name), message
    if not isinstance(rows, pd.DataFrame):
        rows = pd.DataFrame(rows, columns=X.columns)
    made = pd.Index(study.classes).get_indexer(pd.Index(np.asarray(labels)))
    keep((rows, made, seconds), path)
    return (number, name), None


def _train(
    study: _Study, cell: _Cell, classifier: Any, pool: Path | None, path: Path
) -> tuple[_Cell, str | None]:
    """Train a classifier on the rows of a scenario, test it, keep its scores."""
    repeat = study.repeats[cell.repeat]
    X_real, real = study.rows(repeat.train)
    X, codes, made = X_real, real, X_real[:0]
    outcome = {"generator_seconds": 0.0}
    if pool is not None:
        scenario = repeat.scenarios[cell.scenario]
        rows, labels, outcome["generator_seconds"] = joblib.load(pool)
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
        judge, options = _make_judge(study, repeat, classifier)
        judge.fit(X, codes, **options)
        outcome["seconds"] = time.perf_counter() - start
        X_test, y_test = study.rows(repeat.test)
        probabilities = judge.predict_proba(X_test)
        outcome |= {
            "roc_auc": roc_auc_score(y_test, probabilities[:, 1]),
            "average_precision": average_precision_score(y_test, probabilities[:, 1]),
            "log_loss": log_loss(y_test, probabilities, labels=[0, 1]),
        }
    except Exception as error:
        return cell, f"{cell} failed: {type(error).__name__}: {error}"
    with threadpool_limits(limits=1):
        share = copies(X_real, made) if len(made) else 0.0
    outcome |= {
        "n_train": len(X),
        "n_synthetic": len(made),
        "n_identical": round(share * len(made)),
    }
    keep({name: float(value) for name, value in outcome.items()}, path)
    return cell, None


def _make_judge(
    study: _Study, repeat: _Repeat, classifier: Any
) -> tuple[Any, dict[str, Any]]:
    """Return a classifier, with a preprocessor if any, and what `fit` takes beside."""
    judge = seeded(classifier, repeat.classifier_seed)
    takes = inspect.signature(judge.fit).parameters
    options: dict[str, Any] = {}
    if {"X_val", "y_val"} <= set(takes) and len(repeat.validation):
        X_val, y_val = study.rows(repeat.validation)
        options = {"X_val": X_val, "y_val": y_val}
    if study.preprocessor is None:
        return judge, options
    encoder = seeded(study.preprocessor, repeat.classifier_seed)
    if not options:
        return Pipeline([("preprocessor", encoder), ("classifier", judge)]), {}
    return _EncodedJudge(encoder, judge), options


@dataclass
class _EncodedJudge:
    """A preprocessor and a classifier, both of which see the validation rows."""

    encoder: Any
    judge: Any

    def fit(self, X: Any, y: Any, *, X_val: Any, y_val: Any) -> None:
        encoded = self.encoder.fit_transform(X, y)
        self.judge.fit(encoded, y, X_val=self.encoder.transform(X_val), y_val=y_val)

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        return self.judge.predict_proba(self.encoder.transform(X))


def _summarize(
    study: _Study,
    scores: Mapping[_Cell, Mapping[str, Any]],
    *,
    fixed: bool,
    confidence_level: float,
    return_cells: bool,
) -> Any:
    columns = [
        *SCORES,
        *("n_train", "n_synthetic", "n_identical", "seconds", "generator_seconds"),
    ]
    cells = pd.DataFrame(
        list(scores.values()),
        index=pd.MultiIndex.from_tuples(
            [(*cell.key, cell.repeat) for cell in scores], names=[*KEYS, "repeat"]
        ),
        columns=columns,
    )
    by_key = {
        key: of_key.droplevel(KEYS)
        for key, of_key in cells.groupby(level=KEYS, sort=False)
    }
    n_train = float(np.mean([len(repeat.train) for repeat in study.repeats]))
    n_test = float(np.mean([len(repeat.test) for repeat in study.repeats]))
    rows = []
    for key, of_key in by_key.items():
        original = by_key[key[0], "none", ORIGINAL]
        row: dict[str, float] = {}
        for column in columns:
            row[column] = of_key[column].mean(skipna=False)
            if column not in SCORES:
                continue
            difference = (of_key[column] - original[column]).to_numpy()
            if key[2] == ORIGINAL:
                difference = np.full(len(difference), np.nan)
            row[f"{column}_diff"] = difference.mean()
            row[f"{column}_low"], row[f"{column}_high"] = corrected_t_interval(
                difference,
                n_train=n_train,
                # Of the same test rows, repeats do not share rows by chance.
                n_test=0.0 if fixed else n_test,
                confidence_level=confidence_level,
            )
        rows.append(row)
    result = pd.DataFrame(rows, index=pd.MultiIndex.from_tuples(by_key, names=KEYS))
    return (result, cells) if return_cells else result
