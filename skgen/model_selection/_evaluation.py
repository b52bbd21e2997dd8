"""One generator in one fold: resampled, judged by a classifier, and measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import average_precision_score, f1_score, log_loss, roc_auc_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import label_binarize
from sklearn.utils import check_random_state
from threadpoolctl import threadpool_limits

from skgen._random import draw_seed
from skgen.metrics._columns import default_classifier
from skgen.metrics._measure import Sample
from skgen.metrics._registry import MEASURES
from skgen.model_selection._common import encode, seeded
from skgen.model_selection._cost import watch_cost
from skgen.preprocessing._encode import make_encoder

UTILITY = ("roc_auc", "average_precision", "f1", "log_loss")
COST = ("seconds", "memory_mb")
# For `max_samples="auto"`: brute-force distances take long.
MAX_SAMPLES = 3_000
MAX_DISTANT = 1_000
DISTANCES = ("dcr_share", "nndr", "distance_to_closest_record")


@dataclass(frozen=True)
class Plan:
    """Settings of all generators and folds."""

    classifier: Any
    preprocessor: Any
    metrics: tuple[str, ...]
    max_samples: int | str | None
    threshold: float | str
    error_score: float | str
    classes: NDArray


@dataclass(frozen=True)
class Cell:
    """The outcome of one generator in one fold."""

    name: str
    fold: int
    scores: dict[str, float]
    error: str | None = None


@dataclass(frozen=True)
class Rows:
    """Rows and the codes of their classes."""

    X: pd.DataFrame
    codes: NDArray[np.intp]

    def take(self, which: NDArray) -> Rows:
        """Return the rows at positions or under a mask."""
        return Rows(self.X.iloc[which].reset_index(drop=True), self.codes[which])


def evaluate(
    plan: Plan,
    frame: pd.DataFrame,
    codes: NDArray[np.intp],
    split: tuple[NDArray[np.intp], NDArray[np.intp]],
    fold: int,
    seed: int,
    name: str,
    generator: Any,
) -> Cell:
    """Run one generator in one fold."""
    rows = Rows(frame, codes)
    train, test = rows.take(split[0]), rows.take(split[1])
    # Seeds do not depend on the generator, so that all face the same randomness.
    rng = check_random_state(seed)
    seeds = {use: draw_seed(rng) for use in ("generator", "classifier", "metrics")}
    scores = dict.fromkeys((*UTILITY, *plan.metrics, *COST), np.nan)
    try:
        resampled = train
        with watch_cost() as cost:
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
        return Cell(name, fold, failed, message)
    return Cell(name, fold, scores)


def _resample(plan: Plan, generator: Any, train: Rows) -> Rows:
    X, y = generator.fit_resample(train.X, plan.classes[train.codes])
    codes = encode(y, plan.classes)
    lacking = np.setdiff1d(np.arange(len(plan.classes)), codes)
    if len(lacking):
        raise ValueError(
            "The resampled rows have none of class "
            f"{plan.classes.tolist()[lacking[0]]!r}, which the classifier is to learn."
        )
    return Rows(X, codes)


def _judge(
    plan: Plan, resampled: Rows, train: Rows, test: Rows, seed: int
) -> dict[str, float]:
    """Train the classifier on the resampled rows, and test it."""
    classifier = plan.classifier
    if classifier is None:
        # Sums on one thread do not depend on the number of CPUs.
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
    plan: Plan,
    generator: Any,
    resampled: Rows,
    train: Rows,
    test: Rows,
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
        codes = encode(y, plan.classes)
        synthetic = Rows(X, codes)
    else:
        added = _added_rows(train, resampled)
        synthetic, compared = _equal_counts(added, test, n_rows, rng)
        learned = plan.classes[np.unique(synthetic.codes)]
        test = _of_classes(plan, test, learned)
    if not len(synthetic.codes):
        return {}
    train = _of_classes(plan, train, learned)
    values = {}
    # Sums on one thread do not depend on the number of CPUs.
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


def _of_classes(plan: Plan, rows: Rows, classes: ArrayLike | None) -> Rows:
    if classes is None or len(np.asarray(classes)) == len(plan.classes):
        return rows
    return rows.take(np.isin(plan.classes[rows.codes], classes))


def _added_rows(train: Rows, resampled: Rows) -> Rows:
    """Return the rows after the training rows; none unless those come first."""
    n_train = len(train.codes)
    kept = resampled.take(np.arange(min(n_train, len(resampled.codes))))
    if not (kept.X.equals(train.X) and np.array_equal(kept.codes, train.codes)):
        return resampled.take(np.arange(0))
    return resampled.take(np.arange(n_train, len(resampled.codes)))


def _equal_counts(
    a: Rows, b: Rows, n_rows: int, rng: np.random.RandomState
) -> tuple[Rows, Rows]:
    """Draw equal numbers of rows of each class from both, in all at most `n_rows`."""
    pairs = [np.empty((0, 2), dtype=np.intp)]
    for code in np.unique(a.codes):
        of_a, of_b = (rng.permutation(np.flatnonzero(r.codes == code)) for r in (a, b))
        pairs.append(np.array([*zip(of_a, of_b, strict=False)]).reshape(-1, 2))
    drawn = rng.permutation(np.concatenate(pairs))[:n_rows]
    return a.take(drawn[:, 0]), b.take(drawn[:, 1])
