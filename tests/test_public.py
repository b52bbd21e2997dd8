"""What every public generator has to do."""

import inspect
import pickle
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest
from imblearn.pipeline import make_pipeline
from imblearn.utils.estimator_checks import (
    check_dataframe_column_names_consistency,
    check_param_validation,
    parametrize_with_checks,
)
from sklearn.base import clone
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.preprocessing import OneHotEncoder

import skgen
from skgen.base import BaseGenerator

PUBLIC = [getattr(skgen, name) for name in skgen.__all__]
# Needs a package under another licence, which is not asked for.
UNAVAILABLE = set() if find_spec("sdv") else {"SDVSampler"}
GENERATORS = [
    cls
    for cls in PUBLIC
    if inspect.isclass(cls)
    and issubclass(cls, BaseGenerator)
    and cls.__name__ not in UNAVAILABLE
]
NUMERIC_ONLY = {"SMOTE", "SVMSMOTE", "GMMSMOTE"}
# What is checked here is the contract, not how much was learned.
QUICK = {
    "AutoregressiveNet": {"epochs": 3, "hidden_dim": 16, "max_hidden_layers": 2},
    "AutoregressiveTransformer": {"epochs": 3, "embedding_dim": 16, "n_layers": 1},
    "CTGAN": {"epochs": 2, "max_modes": 2},
    "CopulaGAN": {"epochs": 2, "max_modes": 2},
    "FlowMatching": {"epochs": 3, "hidden_dims": (32,), "nfe": 8},
    "ForestFlow": {"n_t": 3, "duplicate_K": 2, "n_estimators": 4},
    "TVAE": {"epochs": 2, "max_modes": 2},
    "TabDDPM": {"epochs": 3, "hidden_dims": (32,), "n_sampling_steps": 5},
    "TabularGPT2": {"epochs": 1, "n_embd": 16, "n_layer": 1, "precision": 2},
}
MIXED = [cls for cls in GENERATORS if cls.__name__ not in NUMERIC_ONLY]


def make(cls, **params):
    return cls(**QUICK.get(cls.__name__, {}), **params)


def by_name(cls):
    return cls.__name__


@pytest.fixture(scope="module")
def clicks():
    rng = np.random.RandomState(0)
    n = 400
    y = (rng.rand(n) < 0.2).astype(int)
    X = pd.DataFrame(
        {
            "age": rng.randint(18, 90, n),
            "price": rng.lognormal(size=n).round(2),
            "seconds": np.where(rng.rand(n) < 0.7, 0.0, rng.exponential(size=n)),
            "score": np.where(rng.rand(n) < 0.1, np.nan, rng.normal(size=n) + y),
            "device": pd.Categorical(rng.choice(["phone", "tablet"], n)),
            "city": rng.choice(["Oslo", "Rome", None], n),
            "weekend": rng.rand(n) < 0.3,
            "time": pd.Timestamp("2024-05-01")
            + pd.to_timedelta(rng.randint(0, 10_000, n), unit="min"),
            "tags": [
                "^".join(rng.permutation(list("abcde"))[: i % 4]) for i in range(n)
            ],
            "site": 1,
        }
    )
    return X, y


def test_every_name_resolves():
    assert set(skgen.__all__) <= set(dir(skgen))
    assert len(GENERATORS) >= 9
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        skgen.Nothing  # noqa: B018


def test_import_loads_nothing_heavy():
    code = (
        "import sys, skgen; heavy = {'torch', 'xgboost', 'pandas', 'sklearn'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_generators_load_neither_torch_nor_xgboost():
    code = (
        "import sys, skgen; [getattr(skgen, name) for name in skgen.__all__];"
        "print(sorted({'torch', 'xgboost'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


@parametrize_with_checks([make(cls, random_state=0) for cls in GENERATORS])
def test_imblearn_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("cls", GENERATORS, ids=by_name)
def test_names_of_columns(cls):
    check_dataframe_column_names_consistency(cls.__name__, make(cls, random_state=0))


@pytest.mark.parametrize("cls", GENERATORS, ids=by_name)
def test_parameters(cls):
    check_param_validation(cls.__name__, make(cls, random_state=0))
    signature = inspect.signature(cls).parameters
    assert all(p.kind is p.KEYWORD_ONLY for p in signature.values())
    for name in signature:
        assert f"    {name} : " in cls.__doc__, f"{name} is not documented"


@pytest.mark.parametrize("cls", MIXED, ids=by_name)
def test_what_comes_back_is_what_went_in(cls, clicks):
    X, y = clicks
    made, labels = make(cls, random_state=0).fit(X, y).sample(300)
    assert list(made.columns) == list(X.columns)
    assert (made.dtypes == X.dtypes).all()
    assert set(labels) <= {0, 1}
    for name in ("age", "price", "seconds", "score", "time"):
        present = made[name].dropna()
        assert present.between(X[name].min(), X[name].max()).all()
    assert made["device"].cat.categories.equals(X["device"].cat.categories)
    assert set(made["city"].dropna()) <= {"Oslo", "Rome"}
    members = {tag for tags in made["tags"] for tag in tags.split("^") if tag}
    assert members <= set("abcde")
    assert (made["site"] == 1).all()
    assert (made["seconds"] == 0).any()


@pytest.mark.parametrize("cls", MIXED, ids=by_name)
def test_fit_resample_keeps_the_rows(cls, clicks):
    X, y = clicks
    X_new, y_new = make(cls, random_state=0, sampling_strategy=0.5).fit_resample(X, y)
    pd.testing.assert_frame_equal(X_new.iloc[: len(X)], X)
    assert (y_new[: len(y)] == y).all()
    assert (y_new[len(y) :] == 1).all()
    assert y_new.sum() == int(0.5 * (y == 0).sum())


@pytest.mark.parametrize("cls", MIXED, ids=by_name)
def test_repeats_for_a_seed(cls, clicks):
    state = np.random.get_state()[1].copy()
    first = make(cls, random_state=7).fit(*clicks)
    second = clone(first).fit(*clicks)
    once, again = first.sample(50)[0], second.sample(50)[0]
    pd.testing.assert_frame_equal(once, again)
    assert not first.sample(50)[0].equals(once)
    assert (np.random.get_state()[1] == state).all()


@pytest.mark.parametrize("cls", MIXED, ids=by_name)
def test_pickle(cls, clicks):
    generator = make(cls, random_state=0).fit(*clicks)
    again = pickle.loads(pickle.dumps(generator))
    pd.testing.assert_frame_equal(generator.sample(30)[0], again.sample(30)[0])


@pytest.mark.parametrize("cls", GENERATORS, ids=by_name)
def test_exact_labels(cls, clicks):
    X, y = clicks
    if cls.__name__ in NUMERIC_ONLY:
        X = X[["age", "price", "seconds"]]
    wanted = np.array([1, 0, 0, 1, 1] * 8)
    made, labels = make(cls, random_state=0).fit(X, y).sample(y=wanted)
    assert (labels == wanted).all()
    assert len(made) == len(wanted)


@pytest.mark.parametrize("cls", sorted(NUMERIC_ONLY))
def test_numeric_only_names_the_column(cls, clicks):
    with pytest.raises(ValueError, match=r"'score'|'device'|'city'"):
        getattr(skgen, cls)().fit_resample(*clicks)


def test_grid_search_over_generators(clicks):
    X, y = clicks
    encode = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["device", "city", "weekend"]),
        (SimpleImputer(), make_column_selector(dtype_include="number")),
    )
    pipe = make_pipeline(
        skgen.RandomOverSampler(random_state=0),
        encode,
        LogisticRegression(max_iter=500),
    )
    scores = cross_val_score(pipe, X, y, scoring="roc_auc", cv=3, error_score="raise")
    assert np.isfinite(scores).all()
    grid = {"randomoversampler": [make(cls, random_state=0) for cls in MIXED]}
    search = GridSearchCV(pipe, grid, scoring="roc_auc", cv=2, error_score="raise")
    assert search.fit(X, y).best_score_ > 0.5
