"""Comparison of generators as resamplers, by cross-validation."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import StratifiedKFold, check_cv
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.parallel import Parallel, delayed

from skgen._docs import checked
from skgen._progress import progress_bar
from skgen._random import draw_seed
from skgen.metrics._columns import align
from skgen.metrics.scorers import get_scorer
from skgen.model_selection._common import (
    CONSTRAINTS,
    PARAGRAPHS,
    check_table,
    name_estimators,
    summarize,
)
from skgen.model_selection._evaluation import COST, UTILITY, Plan, evaluate

BASELINE = "no resampling"
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


@checked(
    PARAGRAPHS,
    **CONSTRAINTS,
    classifier=[HasMethods(["fit", "predict_proba"]), None],
    preprocessor=[HasMethods(["fit", "transform"]), StrOptions({"auto"}), None],
    cv=["cv_object"],
    metrics=[list, tuple],
    max_samples=[
        StrOptions({"auto"}),
        Interval(Integral, 1, None, closed="left"),
        None,
    ],
    threshold=[StrOptions({"prevalence"}), Interval(Real, 0, 1, closed="neither")],
    return_folds=["boolean"],
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
    the result and tested on the test rows, which neither has seen. The same is done
    without resampling, and the differences over the folds get a confidence interval.
    Beside this utility, it measures fidelity (how close synthetic rows are to the test
    rows), privacy (how close they are to the training rows), seconds and memory.

    Parameters
    ----------
    X : DataFrame or array-like of shape (n_samples, n_features)
        Columns of any kind.

    y : array-like of shape (n_samples,)
        Labels of two classes or more. The classifier sees their codes in sorted order;
        of two classes, the last is the positive one.

    generators : dict of str to generator, or list of generators
        Generators of skgen, or any samplers of imbalanced-learn, by their names in the
        result. In a list, the name is that of the class, numbered if it repeats.

    classifier : classifier, default=None
        Classifier with `predict_proba` that is trained and tested. By default
        ``xgboost.XGBClassifier(n_estimators=100, tree_method="hist", n_jobs=1)``.

    preprocessor : transformer, "auto" or None, default="auto"
        Encoder of the columns for the classifier, fitted on the resampled training
        rows. "auto": indicators for columns of at most 30 categories, a cross-fitted
        target encoding for those of more, seconds, hour and weekday for dates. None if
        the classifier needs none, or is a pipeline with one.

    cv : int, cross-validation generator or iterable, default=5
        Number of stratified, shuffled folds, or a splitter as in scikit-learn.

    metrics : list of str, default: all of the table in the notes
        Measures of the synthetic rows, among
        :func:`skgen.metrics.get_scorer_names`.

    max_samples : int, "auto" or None, default="auto"
        Largest number of synthetic rows to draw in a fold, and of test rows to compare
        them with. "auto" is 3,000, of which 1,000 for the distances, whose time grows
        with the product of the rows; None is the number of test rows. All training
        rows, and all test rows for `dcr_share`, are used in any case.

    threshold : "prevalence" or float, default="prevalence"
        Which rows F1 takes for positive, of two classes. "prevalence": those of the
        highest probability, in the proportion of positives among the training rows
        before resampling. A float: those whose probability is greater (0.5 as in
        `predict`). Of more than two classes, the most probable one is taken.

    <settings>

    return_folds : bool, default=False
        Whether to return the scores of the folds too.

    Returns
    -------
    result : DataFrame of shape (n_generators + 1, n_columns)
        Means over the folds, under the names of the generators, "no resampling" first.
        The columns are for each of `roc_auc`, `average_precision`, `f1` and
        `log_loss`: the score, and with the endings `_diff`, `_low` and `_high` its
        difference from no resampling and the ends of its confidence interval;
        `metrics`; `seconds` that `fit_resample` took; and `memory_mb`, the largest
        increase of the memory of its process in any fold, in megabytes.

    folds : DataFrame of shape ((n_generators + 1) * n_folds, n_scores)
        The scores by generator and fold; only if `return_folds` is True.

    Raises
    ------
    ValueError
        If a label is missing, there is one class only or a class has fewer rows than
        there are folds, or a name repeats or is unknown.

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
    Lower is better for `log_loss`, higher for the other three. With more than two
    classes, they are means over the classes, each against the rest. `log_loss` takes
    the probabilities as they are, so that it shows the shift due to resampling.

    A generator with a method `sample` is measured by rows of all classes that it
    learned, as many as the test rows that they are compared with. Of another sampler,
    the rows that it added are compared with equal numbers of test rows of each of their
    classes; NaN if it does not return the training rows first.

    ============================  ====================  ===========================
    metric                        compared with         best value
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

    Memory is sampled while `fit_resample` runs, in its own process. It is a lower
    bound, since memory that the process had not returned before is reused unseen.

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
    frame, classes, codes = check_table(X, y)
    named = {
        BASELINE: None,
        **name_estimators(generators, "generator", ["fit_resample"], reserved=BASELINE),
    }
    rng = check_random_state(random_state)
    splits = _split(frame, classes, codes, cv, rng)
    plan = Plan(
        classifier=classifier,
        preprocessor=preprocessor,
        metrics=_check_metrics(metrics, frame),
        max_samples=max_samples,
        threshold=threshold,
        error_score=error_score,
        classes=classes,
    )
    folds = _run(plan, frame, codes, splits, named, rng, n_jobs, verbose)
    folds = folds.reindex(columns=[*UTILITY, *metrics, *COST])
    result = summarize(
        folds,
        lambda name: BASELINE,
        UTILITY,
        n_train=float(np.mean([len(train) for train, _ in splits])),
        n_test=float(np.mean([len(test) for _, test in splits])),
        confidence_level=confidence_level,
    )
    memory = folds["memory_mb"].unstack("fold")
    result["memory_mb"] = memory.max(axis=1, skipna=False)
    return (result, folds) if return_folds else result


def _run(
    plan: Plan,
    frame: pd.DataFrame,
    codes: NDArray[np.intp],
    splits: list[tuple[NDArray[np.intp], NDArray[np.intp]]],
    named: Mapping[str, Any],
    rng: np.random.RandomState,
    n_jobs: int | None,
    verbose: int | bool,
) -> pd.DataFrame:
    """Return the scores of each generator in each fold."""
    seeds = [draw_seed(rng) for _ in splits]
    cells = [
        delayed(evaluate)(plan, frame, codes, split, fold, seed, name, generator)
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
            warnings.warn(cell.error, FitFailedWarning, stacklevel=4)
    keys = [(name, fold) for name in named for fold in range(len(splits))]
    return pd.DataFrame(
        [scores[key] for key in keys],
        index=pd.MultiIndex.from_tuples(keys, names=["generator", "fold"]),
    )


def _check_metrics(metrics: Sequence[str], frame: pd.DataFrame) -> tuple[str, ...]:
    """Return the metrics that are defined for the table."""
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
