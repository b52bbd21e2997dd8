"""The DIGIX logs: what is read, and what the feeds knew before an impression."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from skgen.datasets import make_clicks, read_digix
from skgen.datasets._digix import ADS, FEEDS, PROFILE
from skgen.preprocessing import ClickAggregator

N_ADS, N_FEEDS = 300, 400


@pytest.fixture(scope="module")
def ads():
    X, y = make_clicks(N_ADS, n_users=40, return_X_y=True, random_state=0)
    X = X.drop(columns=["browse_duration", "app_installed"])
    X["pt_d"] = X["pt_d"].dt.strftime("%Y%m%d%H%M")
    X.insert(0, "log_id", np.arange(N_ADS) + 5000)
    X.insert(1, "label", y.to_numpy())
    assert list(X.columns) == [*list(ADS)[:1], "label", *list(ADS)[1:]]
    return X


@pytest.fixture(scope="module")
def feeds(ads):
    rng = np.random.RandomState(0)
    users = ads["user_id"].astype(int).unique()[:-2]
    minutes = pd.to_timedelta(rng.randint(0, 9 * 24 * 60, N_FEEDS), unit="min")
    made = {}
    for name, kind in FEEDS.items():
        if kind == "list":
            made[name] = [
                "^".join(map(str, rng.randint(0, 9, 3))) for _ in range(N_FEEDS)
            ]
        elif kind == "category":
            made[name] = rng.choice(["d1f", "7", "x"], N_FEEDS)
        else:
            made[name] = rng.randint(0, 9, N_FEEDS)
    made["u_userId"] = rng.choice(np.append(users, 999), N_FEEDS)
    made["e_et"] = (pd.Timestamp("2022-06-02") + minutes).strftime("%Y%m%d%H%M")
    made["label"] = rng.choice([-1, 1], N_FEEDS)
    return pd.DataFrame(made)


@pytest.fixture
def files(tmp_path, ads, feeds):
    paths = tmp_path / "train_data_ads.csv", tmp_path / "train_data_feeds.csv"
    ads.to_csv(paths[0], index=False)
    feeds.to_csv(paths[1], index=False)
    return paths


def test_the_table_of_the_simulator_comes_back(files, ads):
    assert len(ADS) + 1 == 35
    X, y = read_digix(files[0], return_X_y=True)
    wanted = make_clicks(N_ADS, n_users=40, return_X_y=True, random_state=0)[0]
    wanted = wanted.drop(columns=["browse_duration", "app_installed"])
    assert list(X.columns) == list(wanted.columns)
    for name in X:
        if ADS[name] == "id":
            assert X[name].cat.categories.dtype == np.int64
            as_float = X[name].astype(float), wanted[name].astype(float)
            np.testing.assert_array_equal(*as_float)
        elif ADS[name] == "list":
            assert X[name].dtype == object
            assert X[name].fillna("").tolist() == wanted[name].fillna("").tolist()
        else:
            assert X[name].dtype == wanted[name].dtype
            assert X[name].equals(wanted[name])
    assert y.tolist() == ads["label"].tolist()
    assert y.name == "label"


def test_the_bunch(files, feeds):
    data = read_digix(*files)
    assert data.target_names == ["not clicked", "clicked"]
    assert data.n_malformed == 0
    assert data.feature_names == list(data.data.columns)
    assert data.data.shape == (N_ADS, 33 + len(PROFILE))
    assert "DIGIX" in data.DESCR
    assert len(FEEDS) == 28
    assert list(data.feeds.columns) == list(FEEDS)
    assert data.feeds["label"].tolist() == feeds["label"].tolist()
    assert read_digix(files[0]).feeds is None


def test_the_feeds_tell_what_was_known_before(files, ads, feeds):
    X, y = read_digix(*files, return_X_y=True)
    assert len(X) == len(y) == N_ADS
    # Texts of minutes are in the order of time.
    times = feeds["e_et"].astype(str)
    n_known = 0
    for i in range(N_ADS):
        mine = feeds["u_userId"] == int(ads["user_id"][i])
        before = times[mine & (times < str(ads["pt_d"][i]))]
        for name in PROFILE:
            got = X[f"feeds_{name}"][i]
            if before.empty:
                assert pd.isna(got)
                continue
            # Any of those of the last minute.
            assert got in set(feeds.loc[before.index[before == before.max()], name])
        n_known += not before.empty
    assert 50 < n_known < N_ADS


def test_columns_are_chosen_and_the_join_still_works(files):
    X, _ = read_digix(*files, columns=["age", "adv_id"], return_X_y=True)
    assert list(X.columns) == ["age", "adv_id", *(f"feeds_{name}" for name in PROFILE)]
    full, _ = read_digix(*files, return_X_y=True)
    assert_frame_equal(X, full[X.columns])
    X, _ = read_digix(files[0], columns=["log_id"], return_X_y=True)
    assert X["log_id"].tolist() == list(range(5000, 5000 + N_ADS))


def test_rows_and_samples(files):
    full, labels = read_digix(files[0], return_X_y=True)
    X, y = read_digix(files[0], n_rows=20, return_X_y=True)
    assert X["pt_d"].equals(full["pt_d"][:20])
    X, y = read_digix(files[0], sample=50, random_state=0, return_X_y=True)
    assert len(X) == len(y) == 50
    # No levels but those that occur.
    assert set(X["user_id"]) == set(X["user_id"].cat.categories)
    log_ids = read_digix(
        files[0], sample=50, random_state=0, columns=["log_id"], return_X_y=True
    )[0]
    at = log_ids["log_id"].to_numpy() - 5000
    assert y.tolist() == labels[at].tolist()
    assert X["pt_d"].tolist() == full["pt_d"][at].tolist()


def test_the_feeds_go_into_the_aggregator(files):
    data = read_digix(*files)
    aggregator = ClickAggregator(
        user="user_id",
        log_user="u_userId",
        click="label",
        categories="i_cat",
        time="pt_d",
        log_time="e_et",
    )
    with pytest.warns(UserWarning, match=r"'e_et'.* after \d+ of 300 .*'pt_d'"):
        aggregator.fit(data.data, log=data.feeds)
    with pytest.warns(UserWarning, match="'e_et'"):
        features = aggregator.transform(data.data)
    counts = data.feeds["u_userId"].astype(int).value_counts()
    users = data.data["user_id"].astype(int)
    np.testing.assert_array_equal(features[:, 0], users.map(counts).fillna(0))


def test_where_the_data_is_and_what_is_wrong(files, tmp_path, ads, feeds):
    with pytest.raises(FileNotFoundError, match=r"nowhere.csv.*kaggle.com/datasets"):
        read_digix(tmp_path / "nowhere.csv")
    with pytest.raises(FileNotFoundError, match=r"kaggle.com"):
        read_digix(files[0], tmp_path / "nowhere.csv")
    with pytest.raises(IsADirectoryError, match="is a folder"):
        read_digix(tmp_path)
    with pytest.raises(ValueError, match="no columns"):
        read_digix(files[1])
    with pytest.raises(ValueError, match="'sample' parameter"):
        read_digix(files[0], sample=1.5)
    three = tmp_path / "three.csv"
    ads.assign(label=np.arange(N_ADS) % 3).to_csv(three, index=False)
    with pytest.raises(ValueError, match=r"label column 'label' holds \[0, 1, 2\]"):
        read_digix(three)
    others = tmp_path / "others.csv"
    feeds.assign(u_userId=1).to_csv(others, index=False)
    with pytest.warns(UserWarning, match="No impression has an earlier row"):
        X, _ = read_digix(files[0], others, return_X_y=True)
    assert X["feeds_u_click_ca2_news"].isna().all()
