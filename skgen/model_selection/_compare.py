"""Comparison of generators as resamplers, by cross-validation."""

from __future__ import annotations

import gc
import threading
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from numbers import Integral, Real
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import psutil
from numpy.typing import ArrayLike, NDArray
from sklearn.exceptions import FitFailedWarning
from sklearn.metrics import average_precision_score, f1_score, log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold, check_cv
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import label_binarize
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
from skgen.metrics._columns import align, default_classifier
from skgen.metrics._measure import Sample
from skgen.metrics._registry import MEASURES
from skgen.metrics.scorers import get_scorer
from skgen.model_selection._common import check_labels, name_estimators, seeded
from skgen.model_selection._interval import corrected_t_interval
from skgen.preprocessing._encode import make_encoder

BASELINE = "no resampling"
UTILITY = ("roc_auc", "average_precision", "f1", "log_loss")
DEFAULT_METRICS = (
    "detection",
    "ks_statistic",
    "js_divergence",
    "correlation_difference",
    "copies",
    "dcr_share",
    "nndr",
    "distance_to_closest_record",
)
COST = ("seconds", "memory_mb")
# For `max_samples="auto"`: brute-force distances take long.
MAX_SAMPLES = 3_000
MAX_DISTANT = 1_000
DISTANCES = ("dcr_share", "nndr", "distance_to_closest_record")

_SAMPLING_INTERVAL = 0.005  # seconds between two looks at the memory


@validate_params(
    {
        "X": "no_validation",
        "y": "no_validation",
        "generators": [dict, list, tuple],
        "classifier": [HasMethods(["fit", "predict_proba"]), None],
        "preprocessor": [HasMethods(["fit", "transform"]), StrOptions({"auto"}), None],
        "cv": ["cv_object"],
        "metrics": [list, tuple],
        "max_samples": [
            StrOptions({"auto"}),
            Interval(Integral, 1, None, closed="left"),
            None,
        ],
        "threshold": [
            StrOptions({"prevalence"}),
            Interval(Real, 0, 1, closed="neither"),
        ],
        "confidence_level": [Interval(Real, 0, 1, closed="neither")],
        "error_score": [StrOptions({"raise"}), Real],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
        "return_folds": ["boolean"],
    },
    prefer_skip_nested_validation=False,
)
def compare(
    X: Any,
    y: Any,
    generators: Mapping[str, Any] | Sequence[Any],
    classifier: Any = None,
    *,
    preprocessor: Any = "auto",
    cv: Any = 5,
    metrics: Sequence[str] = DEFAULT_METRICS,
    max_samples: int | str | None = "auto",
    threshold: float | str = "prevalence",
    confidence_level: float = 0.95,
    error_score: float | str = "raise",
    n_jobs: int | None = None,
    random_state: int | np.random.RandomState | None = None,
    verbose: int | bool = 0,
    return_folds: bool = False,
) -> Any:
    """Compare generators as resamplers of a classifier's training rows.

    In each fold, a generator resamples the training rows, a classifier is trained on
    the result and judged on the test rows, which neither has seen. The same is done
    without resampling, and the differences over the folds get a confidence interval.
    Beside this utility: how close synthetic rows are to the test rows, what they give
    away of the training rows, seconds and memory.

    Parameters
    ----------
    X : DataFrame or array-like of shape (n_samples, n_features)
        Columns of any kind.

    y : array-like of shape (n_samples,)
        Labels of two classes or more. They are numbered in their sorted order for the
        classifier; of two, the last is the positive one.

    generators : dict of str to generator, or list of generators
        Generators of skgen, or any samplers of imbalanced-learn, by the names that
        they shall have in the result. In a list, a generator has the name of its
        class, and a number where that repeats.

    classifier : classifier, default=None
        Judge with `predict_proba`. By default
        ``xgboost.XGBClassifier(n_estimators=100, tree_method="hist", n_jobs=1)``.

    preprocessor : transformer, "auto" or None, default="auto"
        What turns the columns into numbers before the classifier, fitted on the
        resampled training rows. "auto": indicators for categories of at most 30
        levels, a cross-fitted target encoding for those of more, seconds, hour and
        weekday for dates. None where the classifier needs none, or is a pipeline that
        does it.

    cv : int, cross-validation generator or iterable, default=5
        Number of stratified, shuffled folds, or what splits the rows.

    metrics : list of str, default: all of the table in the notes
        Measures of the synthetic rows, of :func:`skgen.metrics.get_scorer_names`.

    max_samples : int, "auto" or None, default="auto"
        Synthetic rows to draw in a fold and compare at most, and test rows to compare
        them with. "auto" is 3,000, of which 1,000 for the distances, whose time grows
        with the product of the rows; None is as many as there are test rows. Training
        rows, and the test rows of `dcr_share`, are always taken whole.

    threshold : "prevalence" or float, default="prevalence"
        Of two classes, the rows that F1 takes for positive. "prevalence": those of
        the highest probability, as many as their share was in the training rows before
        resampling. A float: those whose probability is greater, 0.5 being what
        `predict` does. Of more than two classes, the most probable one is taken.

    confidence_level : float, default=0.95
        Probability that an interval covers the true difference.

    error_score : "raise" or float, default="raise"
        Whether a generator that fails in a fold ends the comparison, or gets this
        value (such as NaN) for all scores of that fold, and a warning.

    n_jobs : int, default=None
        Number of processes, each of which takes one generator and fold at a time.
        None is 1, -1 all processors.

    random_state : int, RandomState instance or None, default=None
        Draws the folds and, for each of them, the seed of every estimator that has a
        `random_state` of None; others keep theirs. Results of an int repeat for any
        `n_jobs`, and for any other generators beside.

    verbose : int or bool, default=0
        Whether a progress bar is shown.

    return_folds : bool, default=False
        Whether to return the scores of the folds too.

    Returns
    -------
    result : DataFrame of shape (n_generators + 1, n_columns)
        Means over the folds, under the names of the generators, "no resampling" first.
        The columns are for each of `roc_auc`, `average_precision`, `f1` and
        `log_loss`: the score, and with the endings `_diff`, `_low` and `_high` its
        difference to no resampling and the ends of its confidence interval; `metrics`;
        `seconds` that `fit_resample` took; and `memory_mb`, the most megabytes that
        the process grew in it in any fold.

    folds : DataFrame of shape ((n_generators + 1) * n_folds, n_scores)
        The scores by generator and fold; only if `return_folds` is True.

    Raises
    ------
    ValueError
        If a label is missing, there is one class only or less rows of a class than
        folds, or a name repeats or is unknown.

    TypeError
        If a generator has no `fit_resample`.

    RuntimeError
        If a generator fails and `error_score` is "raise"; it names the generator and
        the fold.

    Warns
    -----
    FitFailedWarning
        If a generator fails and `error_score` is a number.

    See Also
    --------
    corrected_t_interval : The confidence interval.
    skgen.metrics : The measures one by one.

    Notes
    -----
    Less is better for `log_loss`, more for the other three. With more than two classes,
    they are means over the classes, each against the rest. `log_loss` takes the
    probabilities as they come: resampling shifts them, and its cost is seen here.

    A generator with a method `sample` is measured by rows of all classes that it
    learned, as many as test rows that they are compared with. Of another sampler the
    rows that it added are taken, as many of each class as the test fold has, and
    compared with rows of these classes; NaN if it does not return the training rows
    before those.

    ============================  ====================  ===========================
    metric                        compared with         the best value
    ============================  ====================  ===========================
    `detection`                   test rows             0.5
    `ks_statistic`                test rows             0; NaN without numbers
    `js_divergence`               test rows             0
    `correlation_difference`      test rows             0
    `copies`                      training rows         that of fresh rows
    `dcr_share`                   training, test rows   0.5
    `nndr`                        training rows         that of fresh rows
    `distance_to_closest_record`  training rows         that of fresh rows
    ============================  ====================  ===========================

    Memory is sampled while `fit_resample` runs and counts its own process only. Memory
    that the process got earlier and did not give back is used without being seen, so
    that the figure is a lower bound.

    References
    ----------
    .. [1] C. Nadeau and Y. Bengio, "Inference for the generalization error", Machine
       Learning 52(3), 239-281, 2003.

    Examples
    --------
    >>> import pandas as pd
    >>> from imblearn.over_sampling import SMOTE, RandomOverSampler
    >>> from sklearn.datasets import make_classification
    >>> from skgen.model_selection import compare
    >>> X, y = make_classification(n_samples=500, weights=[0.9], random_state=0)
    >>> generators = [RandomOverSampler(), SMOTE()]
    >>> result = compare(X, y, generators, cv=3, metrics=["copies"], random_state=0)
    >>> result[["copies"]]
                       copies
    generator
    no resampling         NaN
    RandomOverSampler     1.0
    SMOTE                 0.0
    """
    frame = TableContainer(X).frame.reset_index(drop=True)
    if not isinstance(X, pd.DataFrame):
        frame = frame.infer_objects()
    classes, codes = check_labels(frame, y)
    named = {
        BASELINE: None,
        **name_estimators(
            generators,
            kind="generator",
            methods=["fit_resample"],
            hint="Give an instance of a generator of skgen or a sampler of "
            "imbalanced-learn.",
            reserved=BASELINE,
        ),
    }
    rng = check_random_state(random_state)
    splits = _split(frame, classes, codes, cv, rng)
    plan = _Plan(
        classifier=classifier,
        preprocessor=preprocessor,
        metrics=_check_metrics(metrics, frame),
        max_samples=max_samples,
        threshold=threshold,
        error_score=error_score,
        classes=classes,
    )
    seeds = [draw_seed(rng) for _ in splits]
    cells = [
        delayed(_evaluate)(plan, frame, codes, split, fold, seed, name, generator)
        for fold, (split, seed) in enumerate(zip(splits, seeds, strict=True))
        for name, generator in named.items()
    ]
    outcomes = Parallel(n_jobs=n_jobs, return_as="generator_unordered")(cells)
    scores = {}
    for cell in progress_bar(
        outcomes, verbose=verbose, total=len(cells), desc="Comparing", unit="fit"
    ):
        scores[cell.name, cell.fold] = cell.scores
        if cell.error is not None:
            warnings.warn(cell.error, FitFailedWarning, stacklevel=3)
    keys = [(name, fold) for name in named for fold in range(len(splits))]
    folds = pd.DataFrame(
        [scores[key] for key in keys],
        index=pd.MultiIndex.from_tuples(keys, names=["generator", "fold"]),
        columns=[*UTILITY, *metrics, *COST],
    )
    result = _summarize(
        folds,
        list(named),
        n_train=float(np.mean([len(train) for train, _ in splits])),
        n_test=float(np.mean([len(test) for _, test in splits])),
        confidence_level=confidence_level,
    )
    return (result, folds) if return_folds else result


@dataclass(frozen=True)
class _Plan:
    """What is the same for all generators and folds."""

    classifier: Any
    preprocessor: Any
    metrics: tuple[str, ...]
    max_samples: int | str | None
    threshold: float | str
    error_score: float | str
    classes: NDArray


@dataclass(frozen=True)
class _Cell:
    """The outcome of one generator in one fold."""

    name: str
    fold: int
    scores: dict[str, float]
    error: str | None = None


@dataclass(frozen=True)
class _Rows:
    """Rows and the numbers of their classes."""

    X: pd.DataFrame
    codes: NDArray[np.intp]

    def take(self, which: NDArray) -> _Rows:
        """Return the rows at positions or under a mask."""
        return _Rows(self.X.iloc[which].reset_index(drop=True), self.codes[which])


def _check_metrics(metrics: Sequence[str], frame: pd.DataFrame) -> tuple[str, ...]:
    """Return the metrics that mean something for the table."""
    for name in metrics:
        get_scorer(name)
    if len(set(metrics)) < len(metrics):
        raise ValueError(f"A metric occurs twice in {list(metrics)}: leave one out.")
    if "ks_statistic" in metrics and not align(X=frame).is_numeric.any():
        return tuple(name for name in metrics if name != "ks_statistic")
    return tuple(metrics)


def _split(
    frame: pd.DataFrame,
    classes: NDArray,
    codes: NDArray[np.intp],
    cv: Any,
    rng: np.random.RandomState,
) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    names = classes.tolist()
    cv = 5 if cv is None else cv
    if isinstance(cv, Integral):
        counts = np.bincount(codes)
        if counts.min() < cv:
            raise ValueError(
                f"The class {names[counts.argmin()]!r} has {counts.min()} row(s) for "
                f"cv={cv} folds: choose fewer folds, or merge or drop the class."
            )
        cv = StratifiedKFold(int(cv), shuffle=True, random_state=rng)
    splits = list(check_cv(cv, codes, classifier=True).split(frame, codes))
    for fold, (train, test) in enumerate(splits):
        for part, rows in (("training", train), ("test", test)):
            lacking = np.setdiff1d(np.arange(len(classes)), codes[rows])
            if len(lacking):
                raise ValueError(
                    f"The {part} rows of fold {fold} have none of class "
                    f"{names[lacking[0]]!r}: choose folds that hold every class."
                )
    return splits


def _evaluate(
    plan: _Plan,
    frame: pd.DataFrame,
    codes: NDArray[np.intp],
    split: tuple[NDArray[np.intp], NDArray[np.intp]],
    fold: int,
    seed: int,
    name: str,
    generator: Any,
) -> _Cell:
    """Run one generator in one fold."""
    rows = _Rows(frame, codes)
    train, test = rows.take(split[0]), rows.take(split[1])
    # Seeds do not depend on the generator: it meets the same luck as the others.
    rng = check_random_state(seed)
    seeds = {use: draw_seed(rng) for use in ("generator", "classifier", "metrics")}
    scores = dict.fromkeys((*UTILITY, *plan.metrics, *COST), np.nan)
    try:
        resampled = train
        with _watch_cost() as cost:
            if generator is not None:
                generator = seeded(generator, seeds["generator"])
                resampled = _resample(plan, generator, train)
        scores.update(vars(cost))
        scores.update(_judge(plan, resampled, train, test, seeds["classifier"]))
        if generator is not None:
            scores.update(
                _measure(plan, generator, resampled, train, test, seeds["metrics"])
            )
    except Exception as error:
        message = f"{name!r} failed in fold {fold}: {type(error).__name__}: {error}"
        if plan.error_score == "raise":
            raise RuntimeError(message) from error
        failed = dict.fromkeys(scores, float(plan.error_score))
        return _Cell(name, fold, failed, message)
    return _Cell(name, fold, scores)


def _resample(plan: _Plan, generator: Any, train: _Rows) -> _Rows:
    X, y = generator.fit_resample(train.X, plan.classes[train.codes])
    codes = pd.Index(plan.classes).get_indexer(pd.Index(np.asarray(y)))
    lacking = np.setdiff1d(np.arange(len(plan.classes)), codes)
    if len(lacking):
        raise ValueError(
            "The resampled rows have none of class "
            f"{plan.classes.tolist()[lacking[0]]!r}, which the classifier is to learn."
        )
    return _Rows(X, codes)


def _judge(
    plan: _Plan, resampled: _Rows, train: _Rows, test: _Rows, seed: int
) -> dict[str, float]:
    """Train the classifier on the resampled rows, and test it."""
    classifier = plan.classifier
    if classifier is None:
        # On one thread, sums do not depend on how many there are.
        classifier = default_classifier().set_params(n_jobs=1)
    steps = [("classifier", seeded(classifier, seed))]
    if isinstance(plan.preprocessor, str):
        steps.insert(0, ("preprocessor", make_encoder(random_state=seed)))
    elif plan.preprocessor is not None:
        steps.insert(0, ("preprocessor", seeded(plan.preprocessor, seed)))
    judge = Pipeline(steps).fit(resampled.X, resampled.codes)
    probabilities = judge.predict_proba(test.X)
    labels = np.arange(len(plan.classes))
    if len(labels) == 2:
        positive = probabilities[:, 1]
        ranked = {"y_true": test.codes, "y_score": positive}
        predicted = _predict(plan.threshold, positive, share=train.codes.mean())
        average = "binary"
    else:
        indicators = label_binarize(test.codes, classes=labels)
        ranked = {"y_true": indicators, "y_score": probabilities}
        predicted = probabilities.argmax(axis=1)
        average = "macro"
    return {
        "roc_auc": float(roc_auc_score(**ranked)),
        "average_precision": float(average_precision_score(**ranked)),
        "f1": float(f1_score(test.codes, predicted, average=average, zero_division=0)),
        "log_loss": float(log_loss(test.codes, probabilities, labels=labels)),
    }


def _predict(
    threshold: float | str, probabilities: NDArray, *, share: float
) -> NDArray[np.bool_]:
    if not isinstance(threshold, str):
        return probabilities > threshold
    n_positive = max(1, round(share * len(probabilities)))
    return probabilities >= np.partition(probabilities, -n_positive)[-n_positive]


def _measure(
    plan: _Plan,
    generator: Any,
    resampled: _Rows,
    train: _Rows,
    test: _Rows,
    seed: int,
) -> dict[str, float]:
    """Compare synthetic rows with the test rows and the training rows."""
    if not plan.metrics:
        return {}
    rng = check_random_state(seed)
    n_rows = plan.max_samples
    if n_rows is None:
        n_rows = len(test.codes)
    elif isinstance(n_rows, str):
        n_rows = MAX_SAMPLES
    if hasattr(generator, "sample"):
        learned = getattr(generator, "classes_", None)
        test = _of_classes(plan, test, learned)
        compared = test.take(np.sort(rng.permutation(len(test.codes))[:n_rows]))
        X, y = generator.sample(len(compared.codes), random_state=draw_seed(rng))
        codes = pd.Index(plan.classes).get_indexer(pd.Index(np.asarray(y)))
        synthetic = _Rows(X, codes)
    else:
        added = _added_rows(train, resampled)
        synthetic, compared = _equal_counts(added, test, n_rows, rng)
        learned = plan.classes[np.unique(synthetic.codes)]
        test = _of_classes(plan, test, learned)
    if not len(synthetic.codes):
        return {}
    train = _of_classes(plan, train, learned)
    values = {}
    # On one thread, sums do not depend on how many there are.
    with threadpool_limits(limits=1):
        for name in plan.metrics:
            measure = MEASURES[name]
            options: dict[str, Any] = {}
            if plan.max_samples == "auto" and name in DISTANCES:
                options["max_samples"] = MAX_DISTANT
            real = test if "held-out rows" in measure.needs else compared
            sample = Sample(
                real=real.X,
                y_real=plan.classes[real.codes],
                synthetic=synthetic.X,
                y_synthetic=plan.classes[synthetic.codes],
                training_rows=train.X,
            )
            values[name] = measure.score(sample, random_state=seed, **options)
    return values


def _of_classes(plan: _Plan, rows: _Rows, classes: ArrayLike | None) -> _Rows:
    if classes is None or len(np.asarray(classes)) == len(plan.classes):
        return rows
    return rows.take(np.isin(plan.classes[rows.codes], classes))


def _added_rows(train: _Rows, resampled: _Rows) -> _Rows:
    """Return the rows after the training rows; none if those do not come first."""
    n_train = len(train.codes)
    kept = resampled.take(np.arange(min(n_train, len(resampled.codes))))
    if not (kept.X.equals(train.X) and np.array_equal(kept.codes, train.codes)):
        return resampled.take(np.arange(0))
    return resampled.take(np.arange(n_train, len(resampled.codes)))


def _equal_counts(
    a: _Rows, b: _Rows, n_rows: int, rng: np.random.RandomState
) -> tuple[_Rows, _Rows]:
    """Draw as many rows of each class from both, `n_rows` at most."""
    pairs = [np.empty((0, 2), dtype=np.intp)]
    for code in np.unique(a.codes):
        of_a, of_b = (rng.permutation(np.flatnonzero(r.codes == code)) for r in (a, b))
        pairs.append(np.array([*zip(of_a, of_b, strict=False)]).reshape(-1, 2))
    drawn = rng.permutation(np.concatenate(pairs))[:n_rows]
    return a.take(drawn[:, 0]), b.take(drawn[:, 1])


@contextmanager
def _watch_cost() -> Iterator[SimpleNamespace]:
    """Measure the seconds that a block takes and the memory that it adds."""
    cost = SimpleNamespace(seconds=np.nan, memory_mb=np.nan)
    process = psutil.Process()
    finished = threading.Event()
    gc.collect()
    before = process.memory_info().rss
    peak = before

    def watch() -> None:
        nonlocal peak
        while not finished.wait(_SAMPLING_INTERVAL):
            peak = max(peak, process.memory_info().rss)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    start = time.perf_counter()
    try:
        yield cost
    finally:
        cost.seconds = time.perf_counter() - start
        finished.set()
        watcher.join()
        peak = max(peak, process.memory_info().rss)
        cost.memory_mb = (peak - before) / 1e6


def _summarize(
    folds: pd.DataFrame,
    names: list[str],
    *,
    n_train: float,
    n_test: float,
    confidence_level: float,
) -> pd.DataFrame:
    """Average the folds, and set the utility against no resampling."""
    rows = {}
    baseline = folds.loc[BASELINE]
    for name in names:
        scores = folds.loc[name]
        row: dict[str, float] = {}
        for column in folds.columns:
            # A mean over other folds than those of the baseline would not compare.
            row[column] = scores[column].mean(skipna=False)
            if column not in UTILITY:
                continue
            difference = (scores[column] - baseline[column]).to_numpy()
            if name == BASELINE:
                difference = np.full(len(difference), np.nan)
            row[f"{column}_diff"] = difference.mean()
            row[f"{column}_low"], row[f"{column}_high"] = corrected_t_interval(
                difference,
                n_train=n_train,
                n_test=n_test,
                confidence_level=confidence_level,
            )
        row["memory_mb"] = scores["memory_mb"].max(skipna=False)
        rows[name] = row
    result = pd.DataFrame.from_dict(rows, orient="index")
    return result.rename_axis(index="generator")
