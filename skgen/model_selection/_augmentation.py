"""The augmentation scenarios of the click studies."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.exceptions import FitFailedWarning
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import HasMethods, Interval
from sklearn.utils.parallel import Parallel, delayed

from skgen._docs import checked
from skgen._progress import progress_bar
from skgen.model_selection._cells import Cell, Study, draw_pool, train
from skgen.model_selection._common import (
    CONSTRAINTS,
    PARAGRAPHS,
    check_table,
    name_estimators,
    summarize,
)
from skgen.model_selection._records import Records
from skgen.model_selection._scenarios import ORIGINAL, make_repeats, name_scenarios

UTILITY = ("roc_auc", "average_precision", "log_loss")
COUNTS = ("n_train", "n_synthetic", "n_identical", "seconds", "generator_seconds")


@checked(
    PARAGRAPHS,
    **CONSTRAINTS,
    classifiers=[dict, list, tuple],
    scenarios=[dict, list, tuple, None],
    preprocessor=[HasMethods(["fit", "transform"]), None],
    n_repeats=[Interval(Integral, 1, None, closed="left")],
    validation_size=[Interval(Real, 0, 1, closed="left")],
    test_size=[Interval(Real, 0, 1, closed="neither")],
    split=["array-like", None],
    directory=[str, Path, None],
    return_cells=["boolean"],
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

    In each repeat, the rows are split into training, validation and test rows. Each
    generator learns from the training rows, and each scenario adds some of its rows to
    them, or replaces them. The classifiers are trained on the result and tested on the
    test rows. Validation and test rows are real in all scenarios.

    Parameters
    ----------
    X : DataFrame or array-like of shape (n_samples, n_features)
        Columns of any kind.

    y : array-like of shape (n_samples,)
        Labels of two classes, of which the last in sorted order is the positive one.

    generators : dict of str to generator, or list of generators
        Generators of skgen by their names in the result. In a list, the name is that of
        the class, numbered if it repeats.

    classifiers : dict of str to classifier, or list of classifiers
        Classifiers with `predict_proba`, likewise. One whose `fit` takes `X_val` and
        `y_val`, such as those of :mod:`skgen.classifiers`, gets the validation rows;
        the others do not use them.

    scenarios : dict of str to sampling strategy, list of str, or None, default=None
        How the training rows are resampled: by name, a callable, mapping, float or str
        as for the `sampling_strategy` of a generator (see :mod:`skgen.strategies`). A
        list selects some of the five of the studies, None all of them:

        - "S1", "S2": 25 % and 50 % more positives, the added ones synthetic;
        - "S3", "S4": 25 % and 50 % more negatives, likewise;
        - "S5": synthetic rows replace the real ones, as many of each class.

    preprocessor : transformer, default=None
        Encoder of the columns for each classifier, fitted on its training rows, such as
        :class:`skgen.preprocessing.CTRPreprocessor`. None if the classifiers take the
        table as it is.

    n_repeats : int, default=3
        Number of splits; or, with `split`, of seeds.

    validation_size : float, default=0.1
        Share of the validation rows, in [0, 1). 0 leaves that to the classifiers.

    test_size : float, default=0.2
        Share of the test rows, in (0, 1).

    split : tuple of three array-like of int, default=None
        Positions of training, validation and test rows, such as those of a published
        split. Then all repeats have the same rows, and `validation_size` and
        `test_size` are not used. None draws a stratified split in each repeat.

    directory : path-like, default=None
        Folder for the scores of each cell and the rows that each generator drew. A
        second call with the same rows, settings and `random_state` (an int) continues
        where the first ended; scenarios, classifiers and generators can be added. None
        keeps nothing.

    <settings>

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
        - `n_train`, the number of training rows, and `n_synthetic`, how many of them
          are synthetic;
        - `n_identical`, the number of synthetic rows whose columns equal those of a
          real training row;
        - `seconds` to train the classifier, and `generator_seconds` to fit the
          generator and draw its rows, once for all scenarios and classifiers.

        ``result["roc_auc"].unstack("scenario")`` is the table in the studies.

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
    S2, which reduces the variance of the difference between two scenarios.

    The interval is that of Nadeau and Bengio, see
    :func:`~skgen.model_selection.corrected_t_interval`, as the splits share rows. With
    `split`, it is the ordinary t-interval over the seeds, which does not account for
    the choice of rows. Lower is better for `log_loss`.

    A target encoding of categories (see :class:`~skgen.preprocessing.CTRPreprocessor`)
    overfits rows that resemble or repeat one another, since rows held out by its
    cross-fitting then have near copies among the others. Classifiers with embeddings,
    such as the networks of :mod:`skgen.classifiers`, do not have this problem.

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
    named_generators = name_estimators(
        generators, "generator", ["fit", "sample"], reserved="none"
    )
    named_classifiers = name_estimators(
        classifiers, "classifier", ["fit", "predict_proba"], reserved="none"
    )
    study = _make_study(
        X,
        y,
        preprocessor,
        scenarios,
        n_repeats=n_repeats,
        validation_size=validation_size,
        test_size=test_size,
        split=split,
        rng=check_random_state(random_state),
    )
    with Records.opened(directory, study.common, study.keys) as records:
        cells = _run(
            study,
            named_generators,
            named_classifiers,
            records,
            error_score=error_score,
            n_jobs=n_jobs,
            verbose=verbose,
        )
    n_train, n_test = study.mean_sizes()
    result = summarize(
        cells,
        lambda key: (key[0], "none", ORIGINAL),
        UTILITY,
        n_train=n_train,
        # With a given split, all repeats share the test rows: seeds are independent.
        n_test=n_test if split is None else 0.0,
        confidence_level=confidence_level,
    )
    return (result, cells) if return_cells else result


def _make_study(
    X: Any,
    y: Any,
    preprocessor: Any,
    scenarios: Mapping[str, Any] | Sequence[str] | None,
    **options: Any,
) -> Study:
    frame, classes, codes = check_table(X, y)
    if len(classes) != 2:
        raise ValueError(
            f"The target has {len(classes)} classes, {classes.tolist()[:5]}: a study "
            "of positives and negatives needs two. Merge some, or see `compare`."
        )
    named = name_scenarios(scenarios, classes)
    repeats = make_repeats(codes, classes, named, **options)
    return Study(frame, codes, classes, preprocessor, repeats)


def _run(
    study: Study,
    generators: Mapping[str, Any],
    classifiers: Mapping[str, Any],
    records: Records,
    *,
    error_score: float | str,
    n_jobs: int | None,
    verbose: int | bool,
) -> pd.DataFrame:
    """Return the scores of all cells; those without a file are computed."""
    pools, cells = _name_files(study, generators, classifiers, records)
    todo = [cell for cell, path in cells.items() if not path.exists()]
    wanted = dict.fromkeys((c.repeat, c.generator) for c in todo if c.generator)
    draws = [key for key in wanted if not pools[key].exists()]
    failed = set()
    parallel = Parallel(n_jobs=n_jobs, return_as="generator_unordered")
    with progress_bar(
        verbose=verbose, total=len(draws) + len(todo), desc="Studying", unit="fit"
    ) as bar:

        def finish(steps: Iterable[tuple[Any, str | None]]) -> None:
            for key, error in steps:
                bar.update()
                if error is None:
                    continue
                if error_score == "raise":
                    raise RuntimeError(error)
                warnings.warn(error, FitFailedWarning, stacklevel=5)
                failed.add(key)

        finish(
            parallel(
                delayed(draw_pool)(study, *key, generators[key[1]], pools[key])
                for key in draws
            )
        )
        ready = [cell for cell in todo if (cell.repeat, cell.generator) not in failed]
        bar.update(len(todo) - len(ready))
        finish(
            parallel(
                delayed(train)(
                    study,
                    cell,
                    classifiers[cell.classifier],
                    pools.get((cell.repeat, cell.generator)),
                    cells[cell],
                )
                for cell in ready
            )
        )
    failure = np.nan if error_score == "raise" else error_score
    return pd.DataFrame(
        [
            joblib.load(path) if path.exists() else dict.fromkeys(UTILITY, failure)
            for path in cells.values()
        ],
        index=pd.MultiIndex.from_tuples(
            [(*cell.key, cell.repeat) for cell in cells],
            names=["classifier", "generator", "scenario", "repeat"],
        ),
        columns=[*UTILITY, *COUNTS],
    )


def _name_files(
    study: Study,
    generators: Mapping[str, Any],
    classifiers: Mapping[str, Any],
    records: Records,
) -> tuple[dict[tuple[int, str | None], Path], dict[Cell, Path]]:
    """Return the files of each generator's rows and of each cell's scores."""
    pools: dict[tuple[int, str | None], Path] = {}
    cells: dict[Cell, Path] = {}
    for number, repeat in enumerate(study.repeats):
        for name, generator in generators.items():
            pools[number, name] = records.path(
                "rows", number, generator, repeat.n_drawn
            )
        for classifier, estimator in classifiers.items():
            parts = (estimator, study.preprocessor)
            original = Cell(number, classifier, None, ORIGINAL)
            cells[original] = records.path("cell", number, *parts)
            for name in generators:
                pool = pools[number, name].name
                for scenario, resolved in repeat.scenarios.items():
                    cell = Cell(number, classifier, name, scenario)
                    cells[cell] = records.path("cell", number, *parts, pool, resolved)
    return pools, cells
