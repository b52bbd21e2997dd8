"""What a log tells of users, against a count by hand."""

from __future__ import annotations

import pickle
import warnings
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from scipy.stats import entropy
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from skgen.preprocessing import ClickAggregator, CTRPreprocessor

ALL = {
    "click": "label",
    "refresh_times": "u_refreshTimes",
    "dislikes": "i_dislikeTimes",
    "upvotes": "i_upTimes",
    "categories": "i_cat",
}


@parametrize_with_checks([ClickAggregator()])
def test_checks_of_scikit_learn(estimator, check):
    check(estimator)


@pytest.fixture
def log():
    rng = np.random.RandomState(0)
    n = 500
    return pd.DataFrame(
        {
            "u_userId": rng.randint(100, 130, n),
            "label": rng.choice([-1, 1], n, p=[0.8, 0.2]),
            "u_refreshTimes": np.where(rng.rand(n) < 0.1, np.nan, rng.randint(0, 9, n)),
            "i_dislikeTimes": rng.randint(0, 3, n),
            "i_upTimes": rng.randint(0, 5, n),
            "i_cat": rng.choice(["news", "sport", "art", None], n),
            "e_et": pd.Timestamp("2022-06-01")
            + pd.to_timedelta(rng.randint(0, 10_000, n), unit="min"),
        }
    )


@pytest.fixture
def ads():
    rng = np.random.RandomState(1)
    n = 90
    start = pd.Timestamp("2022-06-09")
    return pd.DataFrame(
        {
            "user_id": rng.randint(95, 130, n),
            "pt_d": start + pd.to_timedelta(rng.randint(0, 1_000, n), unit="min"),
            "slot": rng.randint(0, 4, n),
        }
    )


def make(**params):
    return ClickAggregator(user="user_id", log_user="u_userId", **{**ALL, **params})


def test_features_are_those_counted_by_hand(log, ads):
    aggregator = make(smoothing=5.0).set_output(transform="pandas").fit(ads, log=log)
    made = aggregator.transform(ads)
    made.columns = made.columns.str.removeprefix("user_id_")
    rate = (log["label"] == 1).mean()
    for i, user in enumerate(ads["user_id"]):
        got, mine = made.iloc[i], log[log["u_userId"] == user]
        clicks = (mine["label"] == 1).sum()
        assert got["impressions"] == len(mine)
        assert got["clicks"] == clicks
        assert got["ctr"] == pytest.approx((clicks + 5 * rate) / (len(mine) + 5))
        assert got["dislikes"] == mine["i_dislikeTimes"].sum()
        assert got["upvotes"] == mine["i_upTimes"].sum()
        counts = Counter(mine["i_cat"].dropna())
        assert got["unique_categories"] == len(counts)
        if not len(mine):
            assert got["mean_refresh_times"] == pytest.approx(
                log["u_refreshTimes"].mean()
            )
            assert pd.isna(got["most_common_category"])
            assert got["category_entropy"] == 0
            continue
        assert got["mean_refresh_times"] == pytest.approx(mine["u_refreshTimes"].mean())
        assert counts[got["most_common_category"]] == max(counts.values())
        assert got["category_entropy"] == pytest.approx(entropy(list(counts.values())))
    assert (made["impressions"] == 0).any()  # users that the log does not know


def test_lists_of_categories_count_each_member():
    log = pd.DataFrame({"u": [1, 1, 2, 2], "c": ["a^b", "b^c", "a", "a^c"]})
    aggregator = ClickAggregator(user="u", categories="c").fit(log)
    names = list(aggregator.get_feature_names_out())
    made = pd.DataFrame(aggregator.transform(log), columns=names)
    assert aggregator.categories_.tolist() == ["a", "b", "c"]
    assert made["u_unique_categories"].tolist() == [3, 3, 2, 2]
    assert made["u_most_common_category"].tolist() == [1, 1, 0, 0]
    assert made["u_category_entropy"][2] == pytest.approx(entropy([2, 1]))


def test_ids_of_any_dtype_are_one_user_and_rows_stay_rows():
    log = pd.DataFrame({"u": ["7", "7", "8"], "click": [1, 0, 0]})
    X = pd.DataFrame({"u": [7.0, 8.0, np.nan, 7.0, 9.0]})
    made = ClickAggregator(user="u", click="click", smoothing=0).fit(X, log=log)
    assert made.transform(X)[:, 0].tolist() == [2, 1, 0, 2, 0]
    # One profile for each id, however often it is in the log.
    assert made.profiles_.index.tolist() == ["7", "8"]
    mixed = pd.DataFrame({"u": pd.Series([7, "7", 7.0], dtype=object)})
    assert ClickAggregator(user="u").fit(mixed).profiles_["impressions"].tolist() == [3]


def test_a_log_that_goes_on_after_the_rows_is_named(log, ads):
    aggregator = make(time="pt_d", log_time="e_et")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        aggregator.fit(ads, log=log).transform(ads)
    ads.loc[:9, "pt_d"] = pd.Timestamp("2022-06-02")
    with pytest.warns(UserWarning, match=r"'e_et'.*after 10 of 90 .*'pt_d'") as caught:
        aggregator.transform(ads)
    assert caught[0].filename == __file__
    with pytest.warns(UserWarning, match=r"log\[log\['e_et'\] < X\['pt_d'\]"):
        clone(aggregator).fit(ads, log=log)


def test_rows_of_the_log_without_a_user_are_counted(log, ads):
    log["u_userId"] = log["u_userId"].where(np.arange(len(log)) > 3)
    with pytest.warns(UserWarning, match="4 of 500 rows .* 'u_userId', first at"):
        aggregator = make().fit(ads, log=log)
    assert aggregator.profiles_["impressions"].sum() == 496
    assert aggregator.defaults_["ctr"] == pytest.approx((log["label"] == 1).mean())


@pytest.mark.parametrize(
    ("column", "values", "match"),
    [
        ("label", [0, 1, 2], r"'label' of the log.*holds \[0.0, 1.0, 2.0\]"),
        ("label", [0, 1, np.nan], "'label' of the log"),
        ("i_upTimes", ["x", "y", "z"], "'i_upTimes' of the log, which upvotes names"),
    ],
)
def test_values_that_do_not_fit_are_named(log, ads, column, values, match):
    log[column] = np.resize(np.array(values, dtype=object), len(log))
    with pytest.raises(ValueError, match=match):
        make().fit(ads, log=log)


def test_columns_that_are_not_there_are_named(log, ads):
    with pytest.raises(ValueError, match="log_user asks for 'user'"):
        ClickAggregator(user="user_id", log_user="user").fit(ads, log=log)
    with pytest.raises(ValueError, match="time asks for 'when'"):
        make(time="when").fit(ads, log=log)


def test_only_the_training_rows_of_the_log_are_looked_at(log, ads):
    before = make().fit(ads, log=log)
    first = before.transform(ads)
    log["label"] = 1
    np.testing.assert_array_equal(before.transform(ads), first)


def test_pipelines_and_searches(log, ads):
    y = np.arange(len(ads)) % 2
    pipe = Pipeline(
        [
            ("users", make().set_output(transform="pandas")),
            ("encode", CTRPreprocessor()),
            ("classify", LogisticRegression()),
        ]
    )
    grid = {"users__smoothing": [1.0, 20.0]}
    search = GridSearchCV(pipe, grid, cv=2, error_score="raise")
    search.fit(ads, y, users__log=log)
    assert search.predict_proba(ads).shape == (90, 2)
    names = search.best_estimator_[:-1].get_feature_names_out()
    assert {"user_id_ctr", "user_id_most_common_category_news"} <= {
        name.split("__")[-1] for name in names
    }
    beside = make_column_transformer(
        (ClickAggregator(), ["user_id"]), remainder="passthrough"
    )
    alone = make_pipeline(beside, LogisticRegression())
    X = ads[["user_id", "slot"]]
    assert cross_val_predict(alone, X, y, cv=3).shape == (90,)


def test_frames_arrays_and_pickles(log, ads):
    aggregator = make().fit(ads, log=log)
    array = aggregator.transform(ads)
    again = pickle.loads(pickle.dumps(aggregator)).transform(ads)
    np.testing.assert_array_equal(array, again)
    frame = aggregator.set_output(transform="pandas").transform(ads[::-1])
    assert frame.index.equals(ads.index[::-1])
    levels = frame["user_id_most_common_category"].cat
    assert levels.categories.tolist() == aggregator.categories_.tolist()
    at = list(frame.columns).index("user_id_most_common_category")
    np.testing.assert_array_equal(levels.codes[::-1], array[:, at])
