import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import make_scorer, matthews_corrcoef, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier

from skgen.metrics import (
    combined_score,
    feature_importance_agreement,
    js_divergence,
    js_fidelity,
    train_real_test_real,
    train_synthetic_test_real,
    utility_ratio,
)


def clicks(n_rows, seed, signal=1.0):
    rng = np.random.RandomState(seed)
    site = rng.choice(list("abc"), n_rows)
    x = rng.normal(size=n_rows)
    logit = signal * (x + 2 * (site == "a"))
    y = (rng.uniform(size=n_rows) < 1 / (1 + np.exp(-logit))).astype(int)
    return pd.DataFrame({"x": x, "site": pd.Categorical(site)}), y


def score(real, synthetic, **options):
    (X, y), (X_synthetic, y_synthetic) = real, synthetic
    return train_synthetic_test_real(
        X, X_synthetic, y_real=y, y_synthetic=y_synthetic, **options
    )


def test_matches_a_classifier_by_hand():
    real, synthetic = (np.random.RandomState(s).normal(size=(400, 3)) for s in (0, 1))
    y, y_synthetic = ((t[:, 0] + t[:, 1] > 0.5).astype(int) for t in (real, synthetic))
    judge = LogisticRegression().fit(synthetic, y_synthetic)
    expected = roc_auc_score(y, judge.predict_proba(real)[:, 1])
    result = score((real, y), (synthetic, y_synthetic), classifier=LogisticRegression())
    assert result == pytest.approx(expected)


def test_matches_the_closed_form():
    # One normal feature at a distance d between the classes: AUC = Phi(d / sqrt 2).
    def draw(seed):
        rng = np.random.RandomState(seed)
        y = rng.randint(0, 2, 20_000)
        return (rng.normal(size=20_000) + y).reshape(-1, 1), y

    result = score(draw(0), draw(1))
    assert result == pytest.approx(stats.norm.cdf(1 / np.sqrt(2)), abs=0.015)


def test_worse_tables_score_worse():
    real = clicks(4000, 0)
    scores = [score(real, clicks(4000, 1, signal)) for signal in (1, 0.1, 0, -1)]
    assert np.all(np.diff(scores) < 0)
    assert scores[2] == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize(
    "dtype", [str, bool, "category", "string", "Int64", "boolean", float, object]
)
def test_labels_of_any_dtype(dtype):
    real, synthetic = clicks(500, 0), clicks(500, 1)
    expected = score(real, synthetic)
    typed = [(X, pd.Series(y).astype(dtype)) for X, y in (real, synthetic)]
    assert score(*typed) == expected


def test_several_classes():
    def draw(seed, dtype):
        rng = np.random.RandomState(seed)
        y = rng.randint(0, 3, 900)
        X = rng.normal(size=(900, 2)) + 3 * np.eye(3)[y][:, :2]
        return X, np.array(["a", "b", "c"])[y] if dtype is str else y

    result = score(draw(0, str), draw(1, str))
    assert result == score(draw(0, int), draw(1, int))
    assert result == score(draw(0, int), draw(1, int), scoring="roc_auc_ovr")
    assert 0.9 < result < 1
    assert score(draw(0, str), draw(1, str), scoring="accuracy") < result


def test_scoring_by_name_and_by_callable():
    real, synthetic = clicks(500, 0), clicks(500, 1)
    strings = [(X, np.where(y == 1, "yes", "no")) for X, y in (real, synthetic)]
    for scoring in ("average_precision", "f1", "neg_log_loss"):
        assert score(*strings, scoring=scoring) == score(
            real, synthetic, scoring=scoring
        )
    scoring = make_scorer(matthews_corrcoef)
    assert score(real, synthetic, scoring=scoring) == score(
        real, synthetic, scoring="matthews_corrcoef"
    )


class Recorder(ClassifierMixin, BaseEstimator):
    """Keep what it is given."""

    seen = {}

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.seen["train"] = X
        return self

    def predict(self, X):
        self.seen["test"] = X
        return np.zeros(len(X), dtype=int)


def test_encoding_is_that_of_the_synthetic_rows():
    synthetic = pd.DataFrame(
        {"c": ["b", "b", "b", "a", "a", None], "x": [1.0, 2, 4, None, 8, 16]}
    )
    real = pd.DataFrame({"c": ["new", "a", "b", None], "x": [None, 3.0, 1, 1]})
    score(
        (real, [0, 1, 0, 1]),
        (synthetic, [0, 1, 0, 1, 0, 1]),
        classifier=Recorder(),
        scoring="accuracy",
    )
    # the number, its median 4 where missing; the level's rank; missing or not
    expected = [[1, 0, 0], [2, 0, 0], [4, 0, 0], [4, 1, 1], [8, 1, 0], [16, 2, 0]]
    np.testing.assert_array_equal(Recorder.seen["train"], expected)
    expected = [[4, -1, 1], [3, 1, 0], [1, 0, 0], [1, 2, 0]]
    np.testing.assert_array_equal(Recorder.seen["test"], expected)


def test_classifier_stays_unfitted():
    classifier = DecisionTreeClassifier(random_state=0)
    score(clicks(100, 0), clicks(100, 1), classifier=classifier)
    assert not hasattr(classifier, "tree_")


@pytest.mark.parametrize(
    ("y_real", "y_synthetic", "message"),
    [
        ([0, 1, 2], [0, 1, 1], "Label 2 of y_real never occurs in y_synthetic"),
        (["a", "b", "a"], ["a", "a", "b"], None),
        ([0, 0, 0], [0, 1, 1], "y_real holds the label 0 alone"),
        ([0, 0, 0], [0, 0, 0], "y_synthetic holds the label 0 alone"),
        ([0, 1], [0, 1, 1], "y_real has 2 labels for 3 rows"),
        ([0, 1, 1], [0, 1, None], "y_synthetic misses 1 labels"),
        ([0, 1, 1], [0.5, 1.2, 1.3], "continuous"),
        ([0, 1, 1], ["0", "1", "1"], "Label 0 of y_real never occurs"),
    ],
)
def test_refused_labels(y_real, y_synthetic, message):
    X = np.arange(3.0).reshape(-1, 1)
    options = {"y_real": y_real, "y_synthetic": y_synthetic}
    if message is None:
        assert 0 <= train_synthetic_test_real(X, X, **options) <= 1
        return
    with pytest.raises(ValueError, match=message):
        train_synthetic_test_real(X, X, **options)


def test_refused_tables_and_parameters():
    X, y = clicks(20, 0)
    with pytest.raises(ValueError, match="different order"):
        score((X, y), (X[["site", "x"]], y))
    with pytest.raises(ValueError, match="scoring"):
        score((X, y), (X, y), scoring="no such score")
    with pytest.raises(ValueError, match="classifier"):
        score((X, y), (X, y), classifier="xgboost")


# train_real_test_real and utility_ratio


def test_train_real_matches_train_synthetic_and_cross_validation():
    (X, y), (X_train, y_train) = clicks(400, 0), clicks(500, 1)
    value = train_real_test_real(X, y_real=y, train=X_train, y_train=y_train)
    assert value == score((X, y), (X_train, y_train))
    numbers = X[["x"]].to_numpy()
    folds = StratifiedKFold(4, shuffle=True, random_state=0)
    expected = cross_val_score(
        LogisticRegression(), numbers, y, scoring="roc_auc", cv=folds
    )
    value = train_real_test_real(
        numbers, y_real=y, classifier=LogisticRegression(), cv=4, random_state=0
    )
    assert value == pytest.approx(expected.mean())


def test_ratio_is_that_of_the_two():
    (X, y), real, synthetic = clicks(600, 0), clicks(600, 1), clicks(600, 2, 0.3)
    value = utility_ratio(
        X,
        synthetic[0],
        y_real=y,
        y_synthetic=synthetic[1],
        train=real[0],
        y_train=real[1],
    )
    assert value == score((X, y), synthetic) / score((X, y), real)
    fresh = clicks(600, 3)
    labels = {"y_real": y, "y_synthetic": fresh[1], "random_state": 0}
    assert utility_ratio(X, fresh[0], **labels) == pytest.approx(1, abs=0.06)
    values = [
        utility_ratio(X, worse, **{**labels, "y_synthetic": y_worse})
        for worse, y_worse in (clicks(600, 3, s) for s in (1, 0.1, -1))
    ]
    assert np.all(np.diff(values) < 0)


def test_refused_references():
    X, y = clicks(30, 0)
    with pytest.raises(ValueError, match="train and y_train go together"):
        train_real_test_real(X, y_real=y, train=X)
    rare = np.arange(30) < 3
    with pytest.raises(ValueError, match="y_real has 3 rows of label True for 5 folds"):
        train_real_test_real(X, y_real=rare)
    with pytest.raises(ValueError, match=r"'neg_log_loss'.*positive score"):
        utility_ratio(X, X, y_real=y, y_synthetic=y, scoring="neg_log_loss", cv=2)


# feature_importance_agreement


def importances(table, y):
    judge = XGBClassifier(n_estimators=100, tree_method="hist", n_jobs=1)
    return judge.fit(table, y).feature_importances_


@pytest.mark.parametrize("method", ["spearman", "kendall"])
def test_importances_match_xgboost_and_scipy(method):
    real, synthetic = np.random.RandomState(0).normal(size=(2, 400, 5))
    y_real = real @ [3, 1, 0, 0.5, 0.2] > 0
    y_synthetic = synthetic @ [1, 3, 0.3, 0, 0.2] > 0
    correlate = stats.spearmanr if method == "spearman" else stats.kendalltau
    expected = correlate(importances(real, y_real), importances(synthetic, y_synthetic))
    value = feature_importance_agreement(
        real, synthetic, y_real=y_real, y_synthetic=y_synthetic, method=method
    )
    assert value == pytest.approx(expected.statistic)


def test_importance_of_missing_values_counts_for_the_column():
    rng = np.random.RandomState(0)
    X = pd.DataFrame(rng.normal(size=(800, 3)), columns=list("abc"))
    y = rng.uniform(size=800) < 0.5
    X.loc[y, "b"] = np.nan  # whether it is missing is the label
    other = pd.DataFrame(rng.normal(size=(800, 3)), columns=list("abc"))
    X["c"], other["c"] = 0.0, 0.0
    options = {"y_real": y, "y_synthetic": other["b"] > 0}
    assert feature_importance_agreement(X, other, **options) > 0.8


def test_agreement_falls_and_turns():
    rng = np.random.RandomState(0)
    real, synthetic = rng.normal(size=(2, 3000, 4))
    weights = np.array([8.0, 4.0, 2.0, 1.0])
    y = real @ weights > 0
    same, turned = (
        feature_importance_agreement(
            real, synthetic, y_real=y, y_synthetic=synthetic @ w > 0
        )
        for w in (weights, weights[::-1])
    )
    assert same == pytest.approx(1)
    assert turned == pytest.approx(-1)


def test_agreement_of_classifiers_without_a_choice():
    X, y = np.ones((20, 2)), np.arange(20) % 2
    assert feature_importance_agreement(X, X, y_real=y, y_synthetic=y) == 0
    with pytest.raises(ValueError, match="LogisticRegression has no feature_imp"):
        feature_importance_agreement(
            X, X, y_real=y, y_synthetic=y, classifier=LogisticRegression()
        )
    with pytest.raises(ValueError, match="only column, 0"):
        feature_importance_agreement(X[:, :1], X[:, :1], y_real=y, y_synthetic=y)


# js_fidelity and combined_score


def test_combined_score_weighs_utility_and_fidelity():
    (X, y), (X_synthetic, y_synthetic) = clicks(400, 0), clicks(500, 1, 0.5)
    fidelity = js_fidelity(X, X_synthetic, n_bins=5)
    assert fidelity == 1 - js_divergence(X, X_synthetic, n_bins=5)
    utility = score((X, y), (X_synthetic, y_synthetic))
    for weight in (0, 0.3, 1):
        value = combined_score(
            X,
            X_synthetic,
            y_real=y,
            y_synthetic=y_synthetic,
            weight=weight,
            n_bins=5,
        )
        assert value == pytest.approx(weight * utility + (1 - weight) * fidelity)
