"""The classifiers to compare with."""

from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.base import clone
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import OneHotEncoder

from skgen.classifiers import baseline_classifiers

NAMES = ["LogisticRegression", "RandomForest", "XGBoost", "MLP"]
if find_spec("catboost"):
    NAMES.append("CatBoost")


@pytest.fixture(scope="module")
def clicks():
    rng = np.random.RandomState(0)
    slot, user = rng.randint(8, size=3000), rng.randint(60, size=3000)
    age = rng.normal(size=3000)
    log_odds = age + rng.normal(size=8)[slot] + rng.normal(size=60)[user] - 1
    X = pd.DataFrame({"slot": slot, "user": user}).astype("category")
    X["age"] = np.where(rng.rand(3000) < 0.1, np.nan, age)
    X["idle"] = rng.normal(size=3000)
    return X, (rng.uniform(size=3000) < expit(log_odds)).astype(int)


def test_names():
    assert list(baseline_classifiers()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_learns_and_repeats(name, clicks):
    X, y = clicks
    classifier = baseline_classifiers(n_jobs=1, random_state=0)[name]
    found = classifier.fit(X[:2000], y[:2000]).predict_proba(X[2000:])[:, 1]
    assert roc_auc_score(y[2000:], found) > 0.7
    again = clone(classifier).fit(X[:2000], y[:2000]).predict_proba(X[2000:])[:, 1]
    np.testing.assert_allclose(again, found)


def test_regression_is_sparse(clicks):
    X, y = clicks
    classifier = baseline_classifiers(random_state=0)["LogisticRegression"]
    classifier.set_params(classifier__C=0.01).fit(X, y)
    assert (classifier["classifier"].coef_[:, -1] == 0).all()


def test_preprocessor_is_cloned(clicks):
    X, y = clicks
    X = X[["slot", "user"]]
    encoder = OneHotEncoder(handle_unknown="ignore")
    found = baseline_classifiers(preprocessor=encoder)
    found["XGBoost"].set_params(classifier__n_estimators=2).fit(X, y)
    assert not hasattr(encoder, "categories_")
    assert not hasattr(found["MLP"]["preprocessor"], "categories_")
