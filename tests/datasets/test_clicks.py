import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pandas.api import types
from scipy.special import logit, ndtr
from scipy.stats import kstest
from sklearn.metrics import roc_auc_score
from xgboost import XGBClassifier

from skgen.datasets import make_clicks

COLUMNS = [
    *("user_id", "age", "gender", "residence", "city", "city_rank", "series_dev"),
    *("series_group", "emui_dev", "device_name", "device_size", "net_type"),
    *("task_id", "adv_id", "creat_type_cd", "adv_prim_id", "inter_type_cd"),
    *("slot_id", "site_id", "spread_app_id", "hispace_app_tags"),
    *("app_second_class", "app_score"),
    *("ad_click_list_v001", "ad_click_list_v002", "ad_click_list_v003"),
    *("ad_close_list_v001", "ad_close_list_v002", "ad_close_list_v003"),
    *("pt_d", "u_newsCatInterestsST", "u_refreshTimes", "u_feedLifeCycle"),
    *("browse_duration", "app_installed"),
]
INTEGERS = {
    "age": (2, 8),
    "city_rank": (2, 5),
    "emui_dev": (11, 37),
    "device_size": (1008, 2579),
    "u_refreshTimes": (0, 9),
    "u_feedLifeCycle": (0, 17),
}
FLOATS = ["app_score", "browse_duration"]
LISTS = [
    *(f"ad_{what}_list_v00{i}" for what in ("click", "close") for i in (1, 2, 3)),
    "u_newsCatInterestsST",
]
WITH_MISSING = ["gender", "app_score", "u_newsCatInterestsST"]


def within_binomial_error(n_hits: int, n: int, p: float) -> bool:
    return abs(n_hits - n * p) <= 4 * np.sqrt(n * p * (1 - p))


@pytest.fixture(scope="module")
def clicks():
    return make_clicks(n_samples=40_000, random_state=0)


def test_shape_and_bunch(clicks):
    assert list(clicks.data) == clicks.feature_names == COLUMNS
    assert len(COLUMNS) == 35
    assert clicks.data.shape == (40_000, 35)
    assert clicks.target.name == "label"
    assert types.is_integer_dtype(clicks.target)
    assert set(clicks.target) == {0, 1}
    assert clicks.probability.shape == (40_000,)
    assert clicks.target_names == ["not clicked", "clicked"]
    assert "DIGIX" in clicks.DESCR


def test_same_seed_same_rows():
    first = make_clicks(500, random_state=3)
    np.random.seed(0)
    state = np.random.get_state()[1].copy()
    X, y = make_clicks(500, random_state=np.random.RandomState(3), return_X_y=True)
    assert_array_equal(np.random.get_state()[1], state)
    pd.testing.assert_frame_equal(X, first.data)
    pd.testing.assert_series_equal(y, first.target)
    other = make_clicks(500, random_state=4)
    assert not np.array_equal(first.probability, other.probability)
    assert not np.array_equal(first.data["pt_d"], other.data["pt_d"])


@pytest.mark.parametrize("click_rate", [0.003, 0.02, 0.5, 0.97])
def test_click_rate(click_rate):
    clicks = make_clicks(20_000, click_rate=click_rate, random_state=0)
    assert clicks.probability.mean() == pytest.approx(click_rate, abs=1e-9)
    # Given the probabilities, the clicks vary less than binomially
    assert within_binomial_error(clicks.target.sum(), 20_000, click_rate)


def test_probability_is_calibrated(clicks):
    p, y = clicks.probability, clicks.target.to_numpy()
    for rows in np.array_split(np.argsort(p), 10):
        error = np.sqrt((p[rows] * (1 - p[rows])).sum())
        assert abs(y[rows].sum() - p[rows].sum()) < 4 * error


@pytest.mark.parametrize("seed", range(4))
def test_best_reachable_auc(seed):
    clicks = make_clicks(20_000, random_state=seed)
    assert 0.75 < roc_auc_score(clicks.target, clicks.probability) < 0.85


@pytest.mark.parametrize("class_sep", [0.5, 2.0])
def test_class_sep(class_sep):
    clicks = make_clicks(50_000, class_sep=class_sep, random_state=0)
    assert logit(clicks.probability).std() == pytest.approx(class_sep)
    auc = roc_auc_score(clicks.target, clicks.probability)
    assert auc == pytest.approx(ndtr(class_sep / np.sqrt(2)), abs=0.04)


def test_without_class_sep_clicks_are_chance():
    clicks = make_clicks(1_000, class_sep=0, random_state=0)
    assert_allclose(clicks.probability, 0.02)


def test_kinds_and_ranges(clicks):
    X = clicks.data
    for name, (low, high) in INTEGERS.items():
        assert types.is_integer_dtype(X[name]), name
        assert X[name].between(low, high).all(), name
        assert X[name].nunique() > 1, name
    for name in FLOATS:
        assert types.is_float_dtype(X[name]), name
    for name in LISTS:
        assert types.is_string_dtype(X[name].dropna()), name
    assert types.is_bool_dtype(X["app_installed"])
    assert 0.02 < X["app_installed"].mean() < 0.5
    rated = X["app_score"].dropna()
    assert ((rated == 0) | rated.between(6, 10)).all()
    others = set(COLUMNS) - set(INTEGERS) - set(FLOATS) - set(LISTS)
    for name in others - {"pt_d", "app_installed"}:
        assert isinstance(X[name].dtype, pd.CategoricalDtype), name
        levels = X[name].cat.categories
        assert types.is_integer_dtype(levels), name
        assert levels.is_monotonic_increasing, name
        assert set(levels) == set(X[name].dropna()), name
    assert list(X["site_id"].cat.categories) == [1]
    assert X["user_id"].nunique() > 2_500
    assert X["adv_id"].nunique() > 1_500
    assert X["task_id"].nunique() > 1_200


def test_time(clicks):
    time = clicks.data["pt_d"]
    assert types.is_datetime64_dtype(time)
    assert time.is_monotonic_increasing
    assert time.dt.second.max() == 0
    assert time.dt.date.nunique() == 7
    by_hour = time.dt.hour.value_counts()
    assert len(by_hour) == 24
    assert by_hour.max() > 3 * by_hour.min()


@pytest.mark.parametrize(
    ("child", "parent"),
    [
        ("city", "residence"),
        ("city", "city_rank"),
        ("device_name", "series_dev"),
        ("device_name", "device_size"),
        ("series_dev", "series_group"),
        ("adv_id", "task_id"),
        ("adv_id", "creat_type_cd"),
        ("task_id", "adv_prim_id"),
        ("task_id", "inter_type_cd"),
        ("adv_prim_id", "spread_app_id"),
        ("spread_app_id", "hispace_app_tags"),
        ("spread_app_id", "app_score"),
        ("hispace_app_tags", "app_second_class"),
        *(
            ("user_id", name)
            for name in ("age", "gender", "city", "device_name", "emui_dev")
        ),
        ("user_id", "u_newsCatInterestsST"),
        ("user_id", "u_feedLifeCycle"),
    ],
)
def test_nesting(clicks, child, parent):
    parents = clicks.data.groupby(child, observed=True)[parent].nunique()
    assert parents.max() == 1
    assert clicks.data[parent].nunique() > 1


def test_popularity_has_a_long_tail(clicks):
    shown = clicks.data["adv_id"].value_counts()
    assert shown.iloc[:200].sum() > 0.5 * len(clicks.data)
    assert (shown < 5).sum() > 200


def test_lists_hold_codes_of_their_columns():
    # So few ads that each is shown
    X = make_clicks(20_000, n_ads=60, random_state=0).data
    for what, longest in (("click", 5), ("close", 2)):
        for version, name in enumerate(("task_id", "adv_prim_id", "spread_app_id"), 1):
            lists = X[f"ad_{what}_list_v00{version}"].str.split("^")
            assert set(lists.explode().astype(int)) <= set(X[name].cat.categories)
            assert lists.str.len().max() <= longest
            assert (lists.map(len) == lists.map(lambda v: len(set(v)))).all()


def test_history_changes_once_in_the_week(clicks):
    X = clicks.data
    lists = X.groupby("user_id", observed=True)["ad_click_list_v001"].nunique()
    assert lists.max() == 2


def test_interests_matter(clicks):
    X = clicks.data[clicks.data["u_newsCatInterestsST"].notna()]
    lists = X["u_newsCatInterestsST"].str.split("^")
    lengths = lists.str.len()
    assert lengths.min() == 1
    assert lengths.max() == 5
    assert lists.explode().astype(int).between(11, 70).all()
    overlap = np.array(
        [str(k) in v for k, v in zip(X["app_second_class"], lists, strict=True)]
    )
    assert 0.1 < overlap.mean() < 0.6
    p = clicks.probability[X.index]
    assert p[overlap].mean() > 1.3 * p[~overlap].mean()


def test_missing_values(clicks):
    n_missing = clicks.data.isna().sum()
    assert (n_missing.drop(WITH_MISSING) == 0).all()
    for name in WITH_MISSING:
        assert within_binomial_error(n_missing[name], 40_000, 0.05), name
    complete = make_clicks(1_000, missing_rate=0, random_state=0)
    assert not complete.data.isna().any(axis=None)


def test_point_mass(clicks):
    duration = clicks.data["browse_duration"]
    assert within_binomial_error((duration == 0).sum(), 40_000, 0.92)
    tail = duration[duration > 0]
    # Rounding to tenths of a second is far below what the test can see
    assert kstest(np.log(tail), "norm", args=(4, 1)).pvalue > 1e-3
    assert (clicks.data["u_feedLifeCycle"] == 17).mean() > 0.7


def test_probability_is_a_function_of_the_row():
    clicks = make_clicks(20_000, n_users=5, n_ads=5, random_state=0)
    X = clicks.data
    inputs = [
        *(X[name] for name in ("user_id", "adv_id", "slot_id", "net_type")),
        *(X["app_installed"], X["browse_duration"] > 0, X["pt_d"].dt.hour),
    ]
    p = pd.Series(clicks.probability).groupby(inputs, observed=True)
    assert p.size().max() > 10
    assert_allclose(p.max(), p.min())


def test_signal_can_be_learnt():
    X, y = make_clicks(
        40_000, click_rate=0.04, class_sep=1.5, return_X_y=True, random_state=0
    )
    names = ["age", "slot_id", "net_type", "creat_type_cd", "app_installed"]
    X = X[names].assign(
        hour=X["pt_d"].dt.hour,
        browsed=X["browse_duration"] > 0,
        ad=X["adv_id"].cat.codes,
    )
    train = np.random.RandomState(0).random_sample(len(X)) < 0.5
    model = XGBClassifier(
        n_estimators=60,
        max_depth=4,
        learning_rate=0.1,
        enable_categorical=True,
        n_jobs=1,
        random_state=0,
    ).fit(X[train], y[train])
    assert roc_auc_score(y[~train], model.predict_proba(X[~train])[:, 1]) > 0.6


@pytest.mark.parametrize("n_samples", [1, 2, 30])
def test_small(n_samples):
    clicks = make_clicks(n_samples, n_users=1, n_ads=1, random_state=0)
    assert clicks.data.shape == (n_samples, 35)
    assert clicks.probability.mean() == pytest.approx(0.02)


@pytest.mark.parametrize(
    "params",
    [
        {"n_samples": 0},
        {"n_samples": 10.5},
        {"n_users": 0},
        {"n_ads": -1},
        {"click_rate": 0},
        {"click_rate": 1.0},
        {"class_sep": -0.1},
        {"missing_rate": 1.0},
        {"return_X_y": "yes"},
        {"random_state": "seed"},
    ],
    ids=str,
)
def test_bad_parameter(params):
    ((name, value),) = params.items()
    with pytest.raises(ValueError, match=f"'{name}' parameter .* Got {value!r}"):
        make_clicks(**params)
