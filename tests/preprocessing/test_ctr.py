"""A click table as numbers: which column goes where, and who sees which label."""

from __future__ import annotations

import pickle

import category_encoders
import numpy as np
import pandas as pd
import pytest
import sklearn
from scipy import sparse
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    StratifiedKFold,
    cross_val_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler, TargetEncoder
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.fixes import parse_version

from skgen.datasets import make_clicks
from skgen.preprocessing import CTRPreprocessor, ListEncoder
from skgen.preprocessing._crossfit import CrossFitEncoder


@parametrize_with_checks([CTRPreprocessor(), CTRPreprocessor(sparse_output=True)])
def test_checks_of_scikit_learn(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def clicks():
    return make_clicks(
        2000,
        n_ads=60,
        class_sep=3.0,
        click_rate=0.2,
        return_X_y=True,
        random_state=0,
    )


@pytest.fixture(scope="module")
def users():
    rng = np.random.RandomState(0)
    X = pd.DataFrame(
        {
            "user": [f"u{i}" for i in rng.zipf(1.5, 600) % 60],
            "item": rng.randint(0, 50, 600).astype(str),
        }
    )
    return X, rng.randint(0, 2, 600)


def plain(**params):
    """Nothing but the encoding of columns with many levels."""
    params = {"scaler": None, "dtype": np.float64, "cardinality_threshold": 0, **params}
    return CTRPreprocessor(list_features=(), **params)


def reference_encoder(folds, **params):
    """scikit-learn's own encoder on these folds; before 1.9 it made them itself."""
    if parse_version(sklearn.__version__) >= parse_version("1.9"):
        return TargetEncoder(cv=folds, **params)
    return TargetEncoder(
        cv=folds.n_splits, shuffle=True, random_state=folds.random_state, **params
    )


# --- The encoding by the label ---


@pytest.mark.parametrize("smooth", ["auto", 0.0, 7.5])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_cross_fitting_is_that_of_scikit_learn(users, smooth, n_classes):
    X, _ = users
    y = np.random.RandomState(1).randint(0, n_classes, len(X))
    folds = StratifiedKFold(4, shuffle=True, random_state=3)
    reference = reference_encoder(folds, smooth=smooth)
    ours = plain(smooth=smooth, cv=4, random_state=3)
    np.testing.assert_allclose(ours.fit_transform(X, y), reference.fit_transform(X, y))
    new = pd.DataFrame({"user": ["u1", "u2", "nobody"], "item": ["3", None, "4"]})
    np.testing.assert_allclose(ours.transform(new), reference.transform(new))
    if n_classes == 3:
        assert list(ours.get_feature_names_out()) == list(
            reference.get_feature_names_out()
        )


def test_numbers_as_labels(users):
    X, _ = users
    y = np.random.RandomState(1).normal(size=len(X))
    reference = reference_encoder(KFold(5, shuffle=True, random_state=0))
    ours = plain(random_state=0).fit_transform(X, y)
    np.testing.assert_allclose(ours, reference.fit_transform(X, y))


def test_any_encoder_is_cross_fitted(users):
    # The m-estimate is what scikit-learn calls smooth.
    X, y = users
    encoder = category_encoders.MEstimateEncoder(m=7.5)
    theirs = plain(high_cardinality=encoder, random_state=0)
    ours = plain(smooth=7.5, random_state=0)
    np.testing.assert_allclose(theirs.fit_transform(X, y), ours.fit_transform(X, y))
    np.testing.assert_allclose(theirs.transform(X), ours.transform(X))
    sigmoid = plain(high_cardinality=category_encoders.TargetEncoder())
    alone = category_encoders.TargetEncoder(cols=list(X)).fit(X, y)
    np.testing.assert_allclose(sigmoid.fit(X, y).transform(X), alone.transform(X))


def test_a_row_of_catboost_is_encoded_by_those_before(users):
    X, y = users
    ours = plain(high_cardinality="catboost", smooth=2, random_state=5)
    encoded = ours.fit_transform(X, y)[:, 0]
    order = np.random.RandomState(5).permutation(len(X))
    clicked = {}
    for row in order:
        sum_, count = clicked.get(X["user"][row], (0, 0))
        assert encoded[row] == pytest.approx((sum_ + 2 * y.mean()) / (count + 2))
        clicked[X["user"][row]] = sum_ + y[row], count + 1


@pytest.mark.parametrize("how", ["target", "catboost"])
def test_training_rows_do_not_see_their_own_label(how):
    rng = np.random.RandomState(0)
    X = pd.DataFrame({"user": rng.randint(0, 1000, 3000).astype(str)})
    y = rng.randint(0, 2, 3000)
    ours = plain(high_cardinality=how, random_state=0)
    # By chance for the training rows, which the encoding of new rows knows by heart.
    assert roc_auc_score(y, ours.fit_transform(X, y)[:, 0]) == pytest.approx(
        0.5, abs=0.04
    )
    assert roc_auc_score(y, ours.transform(X)[:, 0]) > 0.65


@pytest.mark.parametrize("how", ["target", "catboost"])
def test_a_label_flipped_leaves_its_own_code(users, how):
    X, y = users
    flipped = y.copy()
    flipped[17] = 1 - y[17]
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    cv = list(folds.split(X, y))
    ours = plain(high_cardinality=how, cv=cv, random_state=0)
    one, other = (ours.fit_transform(X, labels)[17] for labels in (y, flipped))
    # CatBoost's prior is the mean of all labels.
    np.testing.assert_allclose(one, other, atol=0 if how == "target" else 1e-2)


def test_counts_need_no_label(users):
    X, _ = users
    ours = plain(high_cardinality="count").fit(X)
    shares = X["user"].map(X["user"].value_counts(normalize=True))
    np.testing.assert_allclose(ours.transform(X)[:, 0], shares)
    unknown = pd.DataFrame({"user": ["nobody"], "item": ["1"]})
    assert ours.transform(unknown)[0, 0] == 0


def test_no_label_no_encoding_by_it(users):
    X, y = users
    with pytest.raises(ValueError, match=r"requires y .*\['user', 'item'\].*'count'"):
        plain().fit(X)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        plain().fit(X, y[:-1])
    with pytest.raises(ValueError, match="test folds of cv have to hold each row once"):
        plain(cv=[(np.arange(300), np.arange(300, 500))]).fit(X, y)
    with pytest.raises(ValueError, match=r"smooth=0.0 .*'catboost'"):
        plain(high_cardinality="catboost", smooth=0.0).fit(X, y)
    one_to_many = category_encoders.BinaryEncoder()
    with pytest.raises(ValueError, match=r"BinaryEncoder makes .* columns of 2"):
        plain(high_cardinality=one_to_many).fit(X, y)


def test_levels_are_told_apart_by_their_text(users):
    y = np.array([0, 1, 1, 1])
    X = pd.DataFrame({"a": pd.Series([7, "7", 8, 9], dtype=object)})
    ours = plain(one_hot_features=["a"]).fit(X, y)
    assert list(ours.get_feature_names_out()) == ["a_7", "a_8", "a_9"]
    new = pd.DataFrame({"a": [7.0, np.nan]})
    assert ours.transform(new).tolist() == [[1, 0, 0], [0, 0, 0]]


# --- Which column goes where ---


def test_every_column_of_a_click_table_has_its_place(clicks):
    X, y = clicks
    ours = CTRPreprocessor(random_state=0).fit(X, y)
    placed = [name for names in ours.columns_.values() for name in names]
    assert sorted(placed) == sorted(X.columns)
    assert ours.columns_["lists"] == [
        *(f"ad_click_list_v00{i}" for i in (1, 2, 3)),
        *(f"ad_close_list_v00{i}" for i in (1, 2, 3)),
        "u_newsCatInterestsST",
    ]
    assert ours.columns_["times"] == ["pt_d"]
    for name in ours.columns_["one_hot"]:
        assert X[name].nunique() <= 30
    for name in ours.columns_["high_cardinality"]:
        assert X[name].nunique() > 30
    encoded = ours.transform(X)
    assert encoded.dtype == np.float32
    assert encoded.shape == (len(X), len(ours.get_feature_names_out()))
    assert np.isfinite(encoded).all()


def test_blocks_hold_what_their_encoders_make(clicks):
    X, y = clicks
    ours = CTRPreprocessor(dtype=np.float64, random_state=0).set_output(
        transform="pandas"
    )
    made = ours.fit(X, y).transform(X)
    assert made.index.equals(X.index)
    one_hot = OneHotEncoder(sparse_output=False).fit(X[["net_type"]])
    names = [f"net_type_{level}" for level in one_hot.categories_[0]]
    np.testing.assert_array_equal(made[names], one_hot.transform(X[["net_type"]]))
    scaled = StandardScaler().fit_transform(X[["age"]])
    np.testing.assert_allclose(made[["age"]], scaled)
    missing = X["app_score"].isna()
    assert (made["app_score"][missing].abs() < 1e-12).all()
    assert made["missingindicator_app_score"].tolist() == missing.tolist()
    lists = ListEncoder(max_members=32, sparse_output=False)
    tags = lists.fit_transform(X[["u_newsCatInterestsST"]])
    np.testing.assert_array_equal(made[lists.get_feature_names_out()], tags)
    hours = StandardScaler().fit_transform(X["pt_d"].dt.hour.to_frame())
    np.testing.assert_allclose(made[["pt_d_hour"]], hours)


def test_columns_by_name_position_and_mask(clicks):
    X, y = clicks
    X = X[["user_id", "age", "gender", "city_rank", "u_newsCatInterestsST"]]
    ours = CTRPreprocessor(
        categorical_features=["age", 3],
        cardinality_threshold=5,
        one_hot_features=["user_id"],
        high_cardinality_features=[False, False, True, False, False],
        list_features=["u_newsCatInterestsST"],
    ).fit(X, y)
    assert ours.columns_ == {
        "one_hot": ["user_id", "city_rank"],
        "high_cardinality": ["age", "gender"],
        "lists": ["u_newsCatInterestsST"],
    }
    with pytest.raises(ValueError, match="'gender' is named for 2 encodings"):
        clone(ours).set_params(one_hot_features=["gender"]).fit(X, y)
    with pytest.raises(ValueError, match="one_hot_features asks for 'agee'"):
        clone(ours).set_params(one_hot_features=["agee"]).fit(X, y)


def test_arrays_have_positions(users):
    X, y = users
    mixed = np.column_stack([X.to_numpy(dtype=object), np.arange(len(X))])
    ours = CTRPreprocessor(categorical_features=[0], cardinality_threshold=55)
    names = list(ours.fit(mixed, y).get_feature_names_out())
    assert ours.columns_["numbers"] == ["x2"]
    assert names[-1] == "x2"
    assert "x1_7" in names
    numbers = np.random.RandomState(0).normal(size=(50, 3))
    np.testing.assert_allclose(
        CTRPreprocessor(dtype=np.float64).fit_transform(numbers),
        StandardScaler().fit_transform(numbers),
    )


# --- What comes out ---


def test_sparse_and_dense_agree(clicks):
    X, y = clicks
    dense = CTRPreprocessor(random_state=0).fit_transform(X, y)
    thin = CTRPreprocessor(random_state=0, sparse_output=True).fit_transform(X, y)
    assert isinstance(thin, sparse.csr_matrix)
    assert thin.dtype == dense.dtype == np.float32
    np.testing.assert_array_equal(thin.toarray(), dense)


def test_an_int_seed_repeats_and_pickles(clicks):
    X, y = clicks
    first = CTRPreprocessor(random_state=0)
    encoded = first.fit_transform(X, y)
    np.testing.assert_array_equal(encoded, clone(first).fit_transform(X, y))
    again = pickle.loads(pickle.dumps(first))
    np.testing.assert_array_equal(first.transform(X), again.transform(X))
    other = CTRPreprocessor(random_state=1).fit_transform(X, y)
    assert (encoded != other).any()


@pytest.mark.parametrize("scaler", ["minmax", "quantile", None])
@pytest.mark.parametrize("imputer", ["median", None])
def test_scaling_and_filling(scaler, imputer):
    X = pd.DataFrame({"a": [0.0, 1.0, np.nan, 10.0] * 5, "b": [True, False] * 10})
    ours = CTRPreprocessor(scaler=scaler, imputer=imputer).set_output(
        transform="pandas"
    )
    made = ours.fit_transform(X)
    assert made["a"].isna().any() == (imputer is None)
    assert ("missingindicator_a" in made) == (imputer is not None)
    if scaler == "minmax":
        assert made["a"].min() == 0
        assert made["a"].max() == 1
    if scaler is None:
        assert made["a"].iloc[3] == 10


def test_names_are_unique_and_errors_say_what_to_do():
    X = pd.DataFrame(
        {"t": pd.date_range("2024-01-01", periods=6), "t_hour": [1, 2, 3, 4, 5, 6]}
    )
    ours = CTRPreprocessor().set_output(transform="pandas")
    assert list(ours.fit_transform(X)) == ["t", "t_hour", "t_weekday", "t_hour (2)"]
    X["t_hour"] = [1, 2, np.inf, 4, 5, 6]
    with pytest.raises(ValueError, match="'t_hour' contains infinity"):
        CTRPreprocessor().fit(X)
    with pytest.raises(TypeError, match=r"Sparse data .*toarray"):
        CTRPreprocessor().fit(sparse.eye(4, format="csr"))


def test_a_column_may_be_empty_or_constant():
    X = pd.DataFrame({"a": [np.nan] * 6, "b": ["x"] * 6, "c": [None] * 6, "d": [3] * 6})
    made = CTRPreprocessor().fit_transform(X)
    assert np.isfinite(made).all()


def test_pipelines_and_searches(clicks):
    X, y = clicks
    pipe = make_pipeline(
        CTRPreprocessor(random_state=0), LogisticRegression(max_iter=300)
    )
    scores = cross_val_score(pipe, X, y, cv=2, scoring="roc_auc", error_score="raise")
    assert scores.mean() > 0.55
    grid = {"ctrpreprocessor__high_cardinality": ["target", "catboost", "count"]}
    search = GridSearchCV(pipe, grid, cv=2, scoring="roc_auc", error_score="raise")
    assert search.fit(X, y).best_score_ > 0.55


def test_the_cross_fitted_step_says_what_it_wants():
    assert CrossFitEncoder(TargetEncoder()).__sklearn_tags__().target_tags.required
    counts = CrossFitEncoder(category_encoders.CountEncoder())
    assert not counts.__sklearn_tags__().target_tags.required
