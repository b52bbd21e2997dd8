"""Behaviour of the neural click classifiers."""

import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skgen.classifiers import (
    DeepFMClassifier,
    DNNClassifier,
    MaskNetClassifier,
    TransformerClassifier,
)
from skgen.datasets import make_clicks

torch = pytest.importorskip("torch")

# Small networks, trained for a moment.
QUICK = {
    DNNClassifier: {"hidden_units": (32,), "embedding_dim": 8},
    DeepFMClassifier: {"hidden_units": (32,), "embedding_dim": 8},
    MaskNetClassifier: {
        "hidden_units": (16,),
        "embedding_dim": 8,
        "block_dim": 16,
        "n_blocks": 2,
    },
    TransformerClassifier: {
        "embedding_dim": 8,
        "n_layers": 1,
        "n_heads": 2,
        "feedforward_dim": 16,
    },
}
CLASSIFIERS = list(QUICK)
by_class = pytest.mark.parametrize("cls", CLASSIFIERS)


def make(cls, **params):
    shared = {"epochs": 3, "learning_rate": 0.01, "n_jobs": 1, "random_state": 0}
    return cls(**QUICK[cls] | shared | params)


@pytest.fixture(scope="module")
def clicks():
    """Return a table with columns of every kind."""
    X, y = make_clicks(1500, click_rate=0.2, return_X_y=True, random_state=0)
    columns = ["slot_id", "age", "app_score", "u_newsCatInterestsST", "pt_d"]
    return X[[*columns, "app_installed"]], y


@pytest.fixture(scope="module")
def pairs():
    """Return two categories whose product of factors is the log-odds."""
    rng = np.random.RandomState(0)
    factors = rng.normal(size=(2, 30))
    users, ads = rng.randint(30, size=(2, 16_000))
    probability = expit(2 * factors[0, users] * factors[1, ads])
    y = (rng.uniform(size=len(users)) < probability).astype(int)
    X = pd.DataFrame({"user": users, "ad": ads}).astype("category")
    return X, y, probability


@pytest.fixture(scope="module")
def rare():
    """Return numbers and a label of which 6 % are positive, and its probability."""
    rng = np.random.RandomState(0)
    X = rng.normal(size=(12_000, 3))
    probability = expit(X @ [1.0, -1.0, 0.0] - 3.5)
    return X, (rng.uniform(size=len(X)) < probability).astype(int), probability


@by_class
def test_mixed_columns(cls, clicks):
    X, y = clicks
    classifier = make(cls).fit(X, y)
    found = classifier.predict_proba(X)
    assert found.shape == (len(X), 2)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert roc_auc_score(y, found[:, 1]) > 0.6
    assert (classifier.predict(X) == (found[:, 1] > 0.5)).all()
    assert classifier.feature_names_in_.tolist() == list(X.columns)


@by_class
def test_learns_a_product(cls, pairs):
    X, y, probability = pairs
    # Each category is in 400 training rows.
    classifier = make(cls, epochs=20, learning_rate=0.005, batch_size=256)
    found = classifier.fit(X[:12_000], y[:12_000]).predict_proba(X[12_000:])[:, 1]
    best = roc_auc_score(y[12_000:], probability[12_000:])
    assert best - roc_auc_score(y[12_000:], found) < 0.02
    if cls is DeepFMClassifier:
        # The additive part tells next to nothing.
        alone = pd.get_dummies(X["user"]).T @ y / X["user"].value_counts(sort=False)
        assert roc_auc_score(y, alone.to_numpy()[X["user"].cat.codes]) < 0.6


def test_large_tables_are_updated_row_by_row(clicks, monkeypatch):
    from skgen.classifiers import _training

    X, y = clicks
    X = X[["slot_id", "u_newsCatInterestsST", "age"]]
    # Every category is in every batch: the two updates are the same.
    classifier = make(
        DeepFMClassifier, early_stopping=None, batch_size=2000, min_frequency=1
    )
    once = clone(classifier).fit(X, y).predict_proba(X)
    monkeypatch.setattr(_training, "SPARSE_CATEGORIES", 0)
    rowwise = classifier.fit(X, y)
    assert rowwise.module_.embedding.sparse
    assert np.ptp(once[:, 1]) > 0.05
    np.testing.assert_allclose(rowwise.predict_proba(X), once, atol=5e-4)
    # In small batches most categories are not.
    classifier.set_params(batch_size=32, l2_reg_embedding=0.01)
    found = classifier.fit(X, y).predict_proba(X)[:, 1]
    assert roc_auc_score(y, found) > 0.6


@by_class
def test_unknown_categories_share_one_prediction(cls, pairs):
    X, y, _ = pairs
    classifier = make(cls).fit(X[:2000], y[:2000])
    new = pd.DataFrame({"user": ["u7", "u8", 999, None], "ad": [3, 3, 3, 3]})
    found = classifier.predict_proba(new)[:, 1]
    assert np.ptp(found) == 0
    known = classifier.predict_proba(pd.DataFrame({"user": [1, 2], "ad": [3, 3]}))
    assert np.ptp(known[:, 1]) > 0


def test_what_is_rare_trains_what_is_unknown():
    # Rows with a user of their own never click, the others mostly do.
    rng = np.random.RandomState(0)
    user = np.where(
        rng.rand(1000) < 0.5, np.arange(100, 1100), rng.randint(5, size=1000)
    )
    y = ((user < 100) & (rng.rand(1000) < 0.9)).astype(int)
    X = pd.DataFrame({"user": user}).astype("category")
    classifier = make(DNNClassifier, epochs=10).fit(X, y)
    assert classifier.predict_proba(pd.DataFrame({"user": [-1]}))[0, 1] < 0.1


@by_class
def test_repeats_for_a_seed_and_leaves_global_streams(cls, clicks):
    X, y = clicks
    torch.manual_seed(3)
    states = torch.get_rng_state(), np.random.get_state()[1].copy()
    n_threads = torch.get_num_threads()
    classifier = make(cls, dropout=0.2, early_stopping="auc").fit(X, y)
    assert (torch.get_rng_state() == states[0]).all()
    assert (np.random.get_state()[1] == states[1]).all()
    assert torch.get_num_threads() == n_threads
    torch.rand(5)
    again = clone(classifier).fit(X, y)
    found = classifier.predict_proba(X)
    assert (again.predict_proba(X) == found).all()
    other = clone(classifier).set_params(random_state=1).fit(X, y)
    assert np.abs(other.predict_proba(X) - found).max() > 1e-3


@by_class
def test_pickle(cls, clicks):
    X, y = clicks
    classifier = make(cls).fit(X, y)
    again = pickle.loads(pickle.dumps(classifier))
    assert (again.predict_proba(X) == classifier.predict_proba(X)).all()


@by_class
def test_inside_scikit_learn(cls, clicks):
    X, y = clicks
    pipe = make_pipeline(FunctionTransformer(), make(cls, epochs=1))
    found = cross_val_predict(pipe, X, y, cv=2, method="predict_proba")
    assert found.shape == (len(X), 2)
    search = GridSearchCV(
        make(cls, epochs=1),
        {"dropout": [0.0, 0.1]},
        cv=2,
        scoring="roc_auc",
        error_score="raise",
    )
    assert search.fit(X, y).best_score_ > 0.45


def test_a_row_has_one_probability(clicks):
    X, y = clicks
    classifier = make(DNNClassifier).fit(X, y)
    alone = np.vstack([classifier.predict_proba(X[i : i + 1]) for i in range(20)])
    np.testing.assert_allclose(alone, classifier.predict_proba(X)[:20], rtol=1e-12)


@pytest.mark.parametrize("score", ["auc", "log_loss"])
def test_early_stopping_keeps_the_best(score, rare):
    X, y, _ = rare
    classifier = make(
        DNNClassifier, early_stopping=score, n_iter_no_change=2, epochs=40, tol=0.0
    ).fit(X[:2000], y[:2000])
    curve = np.array(classifier.validation_curve_) * (1 if score == "auc" else -1)
    assert classifier.n_iter_ == len(curve) == len(classifier.loss_curve_) < 40
    assert classifier.best_iter_ == curve.argmax() + 1 == classifier.n_iter_ - 2
    shorter = clone(classifier).set_params(epochs=classifier.best_iter_)
    expected = shorter.fit(X[:2000], y[:2000]).predict_proba(X)
    np.testing.assert_allclose(classifier.predict_proba(X), expected)


def test_given_validation_rows_stop_and_calibrate(rare):
    X, y, _ = rare
    parts = {"X_val": X[8000:], "y_val": y[8000:]}
    params = {"epochs": 5, "n_iter_no_change": 5, "early_stopping": "auc"}
    classifier = make(DNNClassifier, **params).fit(X[:8000], y[:8000], **parts)
    mean = classifier.predict_proba(X[8000:])[:, 1].mean()
    assert mean == pytest.approx(y[8000:].mean(), abs=0.003)
    # Labels turned round turn the score round, and train the same network.
    parts["y_val"] = 1 - y[8000:]
    turned = make(DNNClassifier, **params).fit(X[:8000], y[:8000], **parts)
    assert turned.loss_curve_ == classifier.loss_curve_
    scores = np.array(classifier.validation_curve_)
    np.testing.assert_allclose(turned.validation_curve_, 1 - scores)
    assert classifier.best_iter_ == 1 + scores.argmax()
    assert turned.best_iter_ == 1 + scores.argmin()


@pytest.mark.parametrize(
    ("parts", "params", "message"),
    [
        ({"X_val": [[0.0] * 3]}, {}, "y_val is missing"),
        ({"y_val": [0]}, {}, "X_val is missing"),
        ({"X_val": [[0.0] * 3], "y_val": [2]}, {}, r"label 2, but .* y are \[0, 1\]"),
        ({"X_val": [[0.0] * 2], "y_val": [0]}, {}, "2 features"),
        (
            {"X_val": [[0.0] * 3], "y_val": [0]},
            {"early_stopping": None},
            "not used with",
        ),
    ],
)
def test_bad_validation_rows(parts, params, message, rare):
    X, y, _ = rare
    with pytest.raises(ValueError, match=message):
        make(DNNClassifier, **params).fit(X[:500], y[:500], **parts)


def test_without_early_stopping_all_rows_are_learned_from(rare):
    X, y, _ = rare
    classifier = make(DNNClassifier, early_stopping=None).fit(X[:500], y[:500])
    assert classifier.n_iter_ == classifier.best_iter_ == 3
    assert classifier.validation_curve_ is None
    assert classifier.calibration_ == (1.0, 0.0)


def test_the_scores_are_those_of_held_out_rows(rare):
    X, y, _ = rare
    classifier = make(DNNClassifier, validation_fraction=0.5, epochs=1)
    classifier.fit(X, y)
    # Held-out rows and fresh ones have much the same score.
    auc = roc_auc_score(y, classifier.predict_proba(X)[:, 1])
    assert classifier.validation_curve_[0] == pytest.approx(auc, abs=0.02)


@by_class
@pytest.mark.parametrize("early_stopping", ["auc", None])
@pytest.mark.parametrize("class_weight", [None, "balanced", {0: 0.2, 1: 5.0}])
def test_probabilities_are_calibrated(cls, early_stopping, class_weight, rare):
    X, y, probability = rare
    # Uncalibrated, the mean follows the last batches: these are half of the rows.
    steps = (
        {"batch_size": 256} if early_stopping else {"batch_size": 3000, "epochs": 25}
    )
    classifier = make(
        cls, class_weight=class_weight, early_stopping=early_stopping, **steps
    )
    found = classifier.fit(X[:6000], y[:6000]).predict_proba(X[6000:])[:, 1]
    assert found.mean() == pytest.approx(probability[6000:].mean(), rel=0.25)
    excess = log_loss(y[6000:], found) - log_loss(y[6000:], probability[6000:])
    assert excess < 0.012
    brier = brier_score_loss(y[6000:], found)
    assert brier < brier_score_loss(y[6000:], probability[6000:]) + 0.004


def test_class_weight_moves_predictions_alone(rare):
    X, y, probability = rare
    labels = np.where(y == 1, "click", "none")
    plain = make(DNNClassifier).fit(X, labels)
    costly = make(DNNClassifier, class_weight={"click": 9.0}).fit(X, labels)
    assert plain.classes_.tolist() == ["click", "none"]
    assert costly.class_weight_.tolist() == [9.0, 1.0]
    # Missing a click costs nine times as much: predicted from a tenth on.
    agree = (costly.predict(X) == "click") == (costly.predict_proba(X)[:, 0] > 0.1)
    assert agree.all()
    best = (costly.predict(X) == "click") == (probability > 0.1)
    assert best.mean() > 0.95
    scores = costly.decision_function(X)
    assert ((scores > 0) == (costly.predict(X) == "none")).all()


def test_balanced_is_inverse_to_the_counts(rare):
    X, y, _ = rare
    balanced = make(DNNClassifier, class_weight="balanced", epochs=1).fit(X, y)
    expected = len(y) / (2 * np.bincount(y))
    np.testing.assert_allclose(balanced.class_weight_, expected)


@by_class
def test_weights_are_repetitions(cls, clicks):
    X, y = (values[:150] for values in clicks)
    times = np.random.RandomState(0).randint(0, 4, size=150)
    # With one batch of all rows the two are the same sums.
    classifier = make(
        cls, early_stopping=None, batch_size=1000, min_frequency=1, epochs=5
    )
    weighted = classifier.fit(X, y, sample_weight=times).predict_proba(X)
    repeated = clone(classifier).fit(X.loc[X.index.repeat(times)], y.repeat(times))
    np.testing.assert_allclose(repeated.predict_proba(X), weighted, atol=2e-4)
    plain = clone(classifier).fit(X, y).predict_proba(X)
    assert np.abs(plain - weighted).max() > 5e-3


def test_weights_shift_probabilities(rare):
    X, y, _ = rare
    weighted = make(DNNClassifier).fit(X, y, sample_weight=np.where(y, 10.0, 1.0))
    expected = np.average(y, weights=np.where(y, 10.0, 1.0))
    # Weights tell how many such rows there are, classes weights do not.
    found = np.average(weighted.predict_proba(X)[:, 1], weights=np.where(y, 10.0, 1.0))
    assert found == pytest.approx(expected, rel=0.05)


def test_scale_of_weights_is_of_no_effect(clicks):
    X, y = clicks
    once = make(DNNClassifier).fit(X, y, sample_weight=np.full(len(y), 1.0))
    again = make(DNNClassifier).fit(X, y, sample_weight=np.full(len(y), 64.0))
    np.testing.assert_allclose(again.predict_proba(X), once.predict_proba(X), rtol=1e-5)


def test_arrays_of_numbers_with_named_categories(pairs):
    X, y, _ = pairs
    array = X.astype(float).to_numpy()
    scores = {
        features: cross_val_score(
            make(
                DeepFMClassifier,
                categorical_features=features if features == "auto" else [0, 1],
                epochs=12,
                batch_size=256,
            ),
            array,
            y,
            cv=[(np.arange(12_000), np.arange(12_000, 16_000))],
            scoring="roc_auc",
        )[0]
        for features in ("auto", "named")
    }
    assert scores["named"] > scores["auto"] + 0.1


def test_a_class_of_one_row_is_learned_without_early_stopping(clicks):
    X, y = clicks
    rows = np.append(np.flatnonzero(y == 0)[:50], np.flatnonzero(y == 1)[0])
    with pytest.warns(UserWarning, match="class 1 has a single row"):
        classifier = make(DNNClassifier).fit(X.iloc[rows], y.iloc[rows])
    assert classifier.validation_curve_ is None


@pytest.mark.parametrize(
    ("dtype", "labels"),
    [
        ("boolean", [False, True]),
        ("Int64", [0, 1]),
        ("bool[pyarrow]", [False, True]),
        ("string", ["False", "True"]),
        ("category", [False, True]),
    ],
)
def test_labels_stay_what_they_were(dtype, labels, clicks):
    X, y = clicks
    classifier = make(DNNClassifier, epochs=1).fit(X, y.astype(bool).astype(dtype))
    assert classifier.classes_.tolist() == labels
    assert set(classifier.predict(X)) <= set(labels)


def test_bad_input_is_named(clicks):
    X, y = clicks
    three = y.to_numpy(copy=True)
    three[:10] = 2
    with pytest.raises(ValueError, match=r"Only binary .* multiclass: it has 3 labels"):
        make(DNNClassifier).fit(X, three)
    with pytest.raises(ValueError, match="one class only, 0"):
        make(DNNClassifier).fit(X[y == 0], y[y == 0])
    with pytest.raises(ValueError, match="3 missing labels, the first in row 4"):
        make(DNNClassifier).fit(
            X, y.astype(float).mask(np.isin(range(1500), [4, 5, 9]))
        )
    with pytest.raises(ValueError, match="no column of the table"):
        make(DNNClassifier, categorical_features=["nothing"]).fit(X, y)
    with pytest.raises(ValueError, match=r"class_weight=.* not positive"):
        make(DNNClassifier, class_weight={0: 0.0}).fit(X, y)
    with pytest.raises(
        ValueError, match="embedding_dim=9 is not a multiple of n_heads=2"
    ):
        make(TransformerClassifier, embedding_dim=9).fit(X, y)
    with pytest.raises(ValueError, match="device='tpu' is unknown"):
        make(DNNClassifier, device="tpu").fit(X, y)
    with pytest.raises(FloatingPointError, match="lower the learning rate"):
        make(DNNClassifier, learning_rate=1e30, early_stopping=None).fit(X, y)


def test_a_failed_fit_is_no_fit(clicks):
    X, y = clicks
    classifier = make(DNNClassifier).fit(X, y)
    with pytest.raises(ValueError, match="infinity"):
        classifier.fit(X.assign(age=np.inf), y)
    with pytest.raises(NotFittedError):
        classifier.predict(X)


@by_class
def test_docstrings_name_all_parameters(cls):
    for name in cls().get_params():
        assert f"    {name} : " in cls.__doc__
    assert "<" not in cls.__doc__.replace("<...>", "")


def test_verbose_shows_epochs(clicks, capsys):
    X, y = clicks
    make(DNNClassifier, verbose=True, epochs=2).fit(X, y)
    assert "DNNClassifier" in capsys.readouterr().err
    make(DNNClassifier, epochs=2).fit(X, y)
    streams = capsys.readouterr()
    assert streams.err == streams.out == ""


def test_import_loads_neither_torch_nor_xgboost():
    code = (
        "import sys, skgen.classifiers as c; [getattr(c, name)() for name in c.__all__]"
        "; print(sorted({'torch', 'xgboost'} & set(sys.modules)))"
    ).replace("for name in c.__all__]", "for name in c.__all__ if name[0] != 'b']")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_a_missing_extra_says_what_to_install(clicks, monkeypatch):
    X, y = clicks
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError, match=r"pip install 'skgen\[deep\]'"):
        make(DNNClassifier).fit(X, y)
