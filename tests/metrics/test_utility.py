import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import make_scorer, matthews_corrcoef, roc_auc_score
from sklearn.tree import DecisionTreeClassifier

from skgen.metrics import train_synthetic_test_real


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
