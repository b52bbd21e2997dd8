import warnings
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import RandomOverSampler as ImblearnRandomOverSampler
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    average_precision_score,
    f1_score,
    log_loss,
    roc_auc_score,
)
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skgen.base import BaseGenerator
from skgen.model_selection import compare, corrected_t_interval
from skgen.preprocessing._encode import make_encoder

FEW = ["ks_statistic", "copies"]

NOT_COST = slice(None, "distance_to_closest_record")


class Bootstrap(BaseGenerator):
    """Draws training rows of the label."""

    def _fit(self, rows, rng):
        table, labels = rows.table, rows.labels
        self._table, self._labels = table, labels

    def _sample(self, labels, rng, given=None):
        rows = np.empty(len(labels), dtype=int)
        for label in np.unique(labels):
            pool = np.flatnonzero(self._labels == label)
            rows[labels == label] = rng.choice(pool, (labels == label).sum())
        return self._table.take(rows)


class Noise(Bootstrap):
    """Draws each column from other training rows of the label."""

    def _sample(self, labels, rng, given=None):
        drawn = super()._sample(labels, rng)
        for block in (drawn.numeric, drawn.codes):
            for column in block.T:
                rng.shuffle(column)
        return drawn


class Broken(Bootstrap):
    def _fit(self, rows, rng):
        raise ValueError("nothing to be learned here")


class Recorder(Bootstrap):
    """Keeps the rows that it sees where the test can find them."""

    seen: ClassVar[list] = []

    def fit_resample(self, X, y):
        self.seen.append((X.copy(), np.asarray(y)))
        return super().fit_resample(X, y)


class Allocator(Bootstrap):
    """Takes 200 MB for a moment."""

    def _fit(self, rows, rng):
        block = np.ones(25_000_000)
        super()._fit(rows, rng)
        assert block[-1] == 1


# --- The result -----------------------------------------------------------------------


def test_copies_are_found(clicks):
    X, y = clicks
    result = compare(X, y, [Bootstrap(), Noise()], cv=3, random_state=0)
    assert result.loc["Bootstrap", "copies"] == 1
    assert result.loc["Noise", "copies"] < 0.1
    assert result.loc["Bootstrap", "distance_to_closest_record"] == 0
    assert result.loc["Bootstrap", "dcr_share"] > result.loc["Noise", "dcr_share"]
    # Bootstrap keeps the dependence of the columns, noise has none.
    names = ["correlation_difference"]
    assert (result.loc["Bootstrap", names] < result.loc["Noise", names]).all()


def test_rows_and_columns(clicks):
    generators = {"a": Bootstrap(), "b": ImblearnRandomOverSampler()}
    result, folds = compare(
        *clicks, generators, cv=3, random_state=0, return_folds=True
    )
    assert list(result.index) == ["no resampling", "a", "b"]
    assert result.index.name == "generator"
    assert list(result.columns) == [
        *("roc_auc", "roc_auc_diff", "roc_auc_low", "roc_auc_high"),
        *("average_precision", "average_precision_diff"),
        *("average_precision_low", "average_precision_high"),
        *("f1", "f1_diff", "f1_low", "f1_high"),
        *("log_loss", "log_loss_diff", "log_loss_low", "log_loss_high"),
        *("detection", "ks_statistic", "js_divergence", "correlation_difference"),
        *("copies", "dcr_share", "nndr", "distance_to_closest_record"),
        *("seconds", "memory_mb"),
    ]
    assert folds.index.names == ["generator", "fold"]
    assert folds.shape == (9, 14)
    assert result.drop(index="no resampling").notna().all().all()
    baseline = result.loc["no resampling"]
    assert baseline.notna().sum() == 6  # four scores, seconds and memory


def test_result_summarizes_the_folds(clicks):
    X, y = clicks
    result, folds = compare(
        X, y, [Noise()], cv=4, metrics=FEW, random_state=0, return_folds=True
    )
    for name in ("roc_auc", "average_precision", "f1", "log_loss"):
        scores = folds[name].unstack("generator")
        differences = scores["Noise"] - scores["no resampling"]
        row = result.loc["Noise"]
        assert row[name] == pytest.approx(scores["Noise"].mean())
        assert row[f"{name}_diff"] == pytest.approx(differences.mean())
        # Three of the four folds are trained on.
        expected = corrected_t_interval(differences, n_train=240, n_test=80)
        assert (row[f"{name}_low"], row[f"{name}_high"]) == pytest.approx(expected)
    assert result.loc["Noise", "memory_mb"] == folds.loc["Noise", "memory_mb"].max()
    assert result.loc["Noise", "copies"] == folds.loc["Noise", "copies"].mean()


def test_utility_is_that_of_scikit_learn(clicks):
    X, y = clicks
    X = X[["price", "age"]]
    judge = make_pipeline(StandardScaler(), LogisticRegression())
    splits = list(StratifiedKFold(3).split(X, y))
    sampler = ImblearnRandomOverSampler(random_state=0)
    _, folds = compare(
        X,
        y,
        {"ros": sampler},
        judge,
        preprocessor=None,
        cv=splits,
        metrics=[],
        threshold=0.5,
        return_folds=True,
    )
    for fold, (train, test) in enumerate(splits):
        for name, rows in (
            ("no resampling", (X.iloc[train], y.iloc[train])),
            ("ros", sampler.fit_resample(X.iloc[train], y.iloc[train])),
        ):
            probability = judge.fit(*rows).predict_proba(X.iloc[test])[:, 1]
            found = folds.loc[(name, fold)]
            truth = y.iloc[test]
            expected = {
                "roc_auc": roc_auc_score(truth, probability),
                "average_precision": average_precision_score(truth, probability),
                "f1": f1_score(truth, judge.predict(X.iloc[test])),
                "log_loss": log_loss(truth, probability),
            }
            assert found[list(expected)].to_dict() == pytest.approx(expected)


def test_f1_takes_as_many_rows_as_were_clicked_in_training():
    n = 200
    X = pd.DataFrame({"score": np.arange(n) / n})
    y = np.zeros(n, dtype=int)
    y[[160, 170, 180, 190, 191, 192, 193, 194, 195]] = 1
    halves = [(np.arange(0, n, 2), np.arange(1, n, 2))]
    # Training: 6 of 100. The 6 highest test scores: rows 189, ..., 199, clicks in 3.
    _, folds = compare(
        X,
        y,
        [ImblearnRandomOverSampler()],
        LogisticRegression(),
        preprocessor=None,
        cv=halves,
        metrics=[],
        random_state=0,
        return_folds=True,
    )
    assert y[halves[0][0]].sum() == 6
    expected = f1_score(y[1::2], np.arange(1, n, 2) >= 189)
    assert expected > 0.5
    assert folds["f1"].to_numpy() == pytest.approx(expected)


def test_more_than_two_classes(clicks):
    X, _ = clicks
    rng = np.random.RandomState(0)
    y = np.where(
        X["device"] == "phone", "a", np.where(rng.rand(len(X)) < 0.3, "b", "c")
    )
    X = X.drop(columns="device").assign(size=(y == "a") + rng.normal(0, 0.3, len(X)))
    splits = list(StratifiedKFold(3).split(X, y))
    judge = make_pipeline(StandardScaler(), LogisticRegression())
    _, folds = compare(
        X, y, [Bootstrap()], judge, cv=splits, metrics=FEW, return_folds=True
    )
    train, test = splits[1]
    judge.fit(X.iloc[train].astype(float), y[train])
    probability = judge.predict_proba(X.iloc[test].astype(float))
    truth = y[test]
    found = folds.loc[("no resampling", 1)]
    assert found["roc_auc"] == pytest.approx(
        roc_auc_score(truth, probability, multi_class="ovr"), abs=1e-3
    )
    assert found["average_precision"] == pytest.approx(
        np.mean(
            [
                average_precision_score(truth == label, column)
                for label, column in zip("abc", probability.T, strict=True)
            ]
        ),
        abs=1e-3,
    )
    assert found["f1"] == pytest.approx(
        f1_score(
            truth, np.array(list("abc"))[probability.argmax(axis=1)], average="macro"
        ),
        abs=1e-3,
    )


def test_arrays_and_string_labels(clicks):
    X, y = clicks
    words = np.where(y == 1, "yes", "no")
    table = compare(X, words, [Bootstrap()], cv=3, metrics=FEW, random_state=0)
    array = compare(
        X.to_numpy(dtype=object),
        words,
        [Bootstrap()],
        cv=3,
        metrics=FEW,
        random_state=0,
    )
    scores = slice("roc_auc", "copies")
    pd.testing.assert_frame_equal(table.loc[:, scores], array.loc[:, scores])
    numbers = compare(X, y, [Bootstrap()], cv=3, metrics=FEW, random_state=0)
    pd.testing.assert_frame_equal(table.loc[:, scores], numbers.loc[:, scores])


# --- Leakage, seeds, cost -------------------------------------------------------------


def test_generators_never_see_test_rows(clicks):
    X, y = clicks
    X = X.assign(row=np.arange(len(X), dtype=float))
    Recorder.seen.clear()
    splits = list(StratifiedKFold(3).split(X, y))
    compare(X, y, [Recorder()], cv=splits, metrics=["copies"])
    assert len(Recorder.seen) == 3
    for (seen, labels), (train, _) in zip(Recorder.seen, splits, strict=True):
        assert seen["row"].to_numpy() == pytest.approx(train)
        assert (labels == y.to_numpy()[train]).all()


class Memory(ClassifierMixin, BaseEstimator):
    """Records the rows of `fit` and of `predict_proba`."""

    fitted: list = []
    predicted: list = []

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.fitted.append(X["row"].to_numpy())
        return self

    def predict_proba(self, X):
        self.predicted.append(X["row"].to_numpy())
        share = np.linspace(0.2, 0.8, len(X))
        return np.column_stack([1 - share, share])


def test_classifiers_are_trained_on_resampled_training_rows(clicks):
    X, y = clicks
    X = X.assign(row=np.arange(len(X), dtype=float))
    Memory.fitted.clear(), Memory.predicted.clear()
    splits = list(StratifiedKFold(3).split(X, y))
    compare(X, y, [Bootstrap()], Memory(), preprocessor=None, cv=splits, metrics=[])
    n_added = [(y.iloc[train] == 0).sum() - y.iloc[train].sum() for train, _ in splits]
    for i, (train, test) in enumerate(splits):
        plain, resampled = Memory.fitted[2 * i : 2 * i + 2]
        assert plain == pytest.approx(train)
        assert resampled[: len(train)] == pytest.approx(train)
        assert len(resampled) == len(train) + n_added[i]
        assert set(resampled) == set(train)
        for rows in Memory.predicted[2 * i : 2 * i + 2]:
            assert rows == pytest.approx(test)


def test_result_repeats_for_any_number_of_processes(clicks):
    X, y = clicks
    generators = [Bootstrap(), ImblearnRandomOverSampler()]
    one, two = (
        compare(X, y, generators, cv=3, random_state=7, n_jobs=n_jobs)
        for n_jobs in (1, 2)
    )
    pd.testing.assert_frame_equal(
        one.loc[:, NOT_COST], two.loc[:, NOT_COST], check_exact=True
    )
    other = compare(X, y, generators, cv=3, random_state=8)
    assert (one.loc[:, "roc_auc"] != other.loc[:, "roc_auc"]).all()


def test_result_does_not_depend_on_the_other_generators(clicks):
    X, y = clicks
    alone = compare(X, y, [Noise()], cv=3, metrics=FEW, random_state=0)
    beside = compare(X, y, [Bootstrap(), Noise()], cv=3, metrics=FEW, random_state=0)
    scores = slice("roc_auc", "copies")
    pd.testing.assert_series_equal(
        alone.loc["Noise", scores], beside.loc["Noise", scores], check_exact=True
    )


def test_generators_keep_their_seed_and_stay_unfitted(clicks):
    X, y = clicks
    fixed, free = Bootstrap(random_state=3), Bootstrap()
    splits = list(KFold(3).split(X))
    results = [
        compare(
            X,
            y,
            {"fixed": fixed, "free": free},
            LogisticRegression(),
            preprocessor=make_pipeline(make_encoder(random_state=0), StandardScaler()),
            cv=splits,
            metrics=[],
            random_state=seed,
        )
        for seed in (0, 1)
    ]
    first, second = (result["log_loss"] for result in results)
    assert first["fixed"] == second["fixed"]
    assert first["free"] != second["free"]
    assert free.random_state is None
    assert not hasattr(free, "schema_")


def test_memory_and_time_are_seen(clicks):
    X, y = clicks
    result = compare(X, y, [Allocator(), Bootstrap()], cv=2, metrics=[], random_state=0)
    assert 150 < result.loc["Allocator", "memory_mb"] < 300
    assert result.loc["Bootstrap", "memory_mb"] < 100
    assert result.loc["Bootstrap", "seconds"] > result.loc["no resampling", "seconds"]


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_progress_bar(clicks, capsys, n_jobs):
    X, y = clicks
    settings = {"cv": 2, "metrics": [], "random_state": 0, "n_jobs": n_jobs}
    compare(X, y, [Bootstrap()], **settings)
    assert capsys.readouterr().err == ""
    compare(X, y, [Bootstrap()], verbose=1, **settings)
    assert "4/4" in capsys.readouterr().err


# --- Errors ---------------------------------------------------------------------------


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_failure_is_raised_with_the_name(clicks, n_jobs):
    with pytest.raises(RuntimeError, match=r"'bad' failed in fold 0.*to be learned"):
        compare(*clicks, {"bad": Broken()}, cv=2, random_state=0, n_jobs=n_jobs)


def test_a_failure_is_a_row_of_nan_if_wanted(clicks):
    with pytest.warns(
        FitFailedWarning, match=r"'Broken' failed in fold [01]"
    ) as caught:
        result = compare(
            *clicks,
            [Broken(), Bootstrap()],
            cv=2,
            metrics=FEW,
            random_state=0,
            error_score=np.nan,
        )
    assert len(caught) == 2
    assert result.loc["Broken"].isna().all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        alone = compare(*clicks, [Bootstrap()], cv=2, metrics=FEW, random_state=0)
    scores = slice("roc_auc", "copies")
    pd.testing.assert_series_equal(
        result.loc["Bootstrap", scores], alone.loc["Bootstrap", scores]
    )


def test_repeated_classes_get_numbers(clicks):
    result = compare(
        *clicks, [Bootstrap(), Noise(), Bootstrap()], cv=2, metrics=[], random_state=0
    )
    assert list(result.index[1:]) == ["Bootstrap-1", "Noise", "Bootstrap-2"]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"generators": []}, ValueError, "no generator"),
        ({"generators": {"no resampling": Bootstrap()}}, ValueError, "baseline"),
        ({"generators": [StandardScaler()]}, TypeError, "has no fit_resample"),
        ({"generators": [Bootstrap]}, TypeError, "instance"),
        ({"metrics": ["auc"]}, ValueError, "'auc' is not a scorer"),
        ({"metrics": ["copies", "copies"]}, ValueError, "twice"),
        ({"y": np.zeros(320)}, ValueError, "one class only"),
        (
            {"y": [None, *[0, 1] * 159, 1]},
            ValueError,
            "missing labels, the first in row",
        ),
        ({"y": [0, 1]}, ValueError, "has 2 labels for 320 rows"),
        ({"y": [1] * 3 + [0] * 317}, ValueError, r"class 1 has 3 row\(s\) for cv=5"),
        ({"threshold": 2.0}, ValueError, "threshold"),
        ({"max_samples": 0}, ValueError, "max_samples"),
        ({"classifier": StandardScaler()}, ValueError, "classifier"),
    ],
)
def test_bad_input(clicks, change, error, message):
    X, y = clicks
    given = {"X": X, "y": y, "generators": [Bootstrap()], **change}
    with pytest.raises(error, match=message):
        compare(**given)


def test_folds_without_a_class_are_refused(clicks):
    X, y = clicks
    order = np.argsort(y, kind="stable")
    with pytest.raises(ValueError, match="fold 0 have none of class 1"):
        compare(X.iloc[order], y.iloc[order], [Bootstrap()], cv=KFold(4))
