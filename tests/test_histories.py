import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from skgen import AutoregressiveTransformer, Histories

MOVES = np.array([[0.8, 0.2, 0.0], [0.1, 0.6, 0.3], [0.5, 0.0, 0.5]])


def make_visits(n_users=400, seed=0):
    """A Markov chain of pages; minutes between visits depend on the page before."""
    rng = np.random.RandomState(seed)
    rows = []
    for user in range(n_users):
        page, minutes = rng.randint(3), rng.uniform(0, 1000)
        country = rng.choice(["it", "no"])
        for _ in range(1 + rng.poisson(6)):
            rows.append((f"user_{user:04d}", country, minutes, f"page {page}"))
            minutes += rng.exponential([1.0, 10.0, 100.0][page])
            page = rng.choice(3, p=MOVES[page])
    X = pd.DataFrame(rows, columns=["user", "country", "minutes", "page"])
    X["time"] = pd.Timestamp("2024-05-01") + pd.to_timedelta(X.pop("minutes"), "min")
    X["time"] = X["time"].dt.round("s")
    y = (X["page"] == "page 2").astype(int) ^ (rng.rand(len(X)) < 0.1)
    return X, y.to_numpy()


@pytest.fixture(scope="module")
def drawn():
    X, y = make_visits()
    histories = Histories(group="user", order="time", random_state=0).fit(X, y)
    return X, y, histories, *histories.sample(random_state=1)


def steps(X):
    X = X.sort_values(["user", "time"], kind="stable")
    inside = X["user"] == X["user"].shift()
    gap = X["time"].diff().dt.total_seconds() / 60
    return pd.DataFrame({"page": X["page"], "last": X["page"].shift(), "gap": gap})[
        inside
    ]


def test_what_comes_back_is_what_went_in(drawn):
    X, y, histories, made, labels = drawn
    assert len(made) == len(labels) == len(X)
    assert list(made) == list(X)
    pd.testing.assert_series_equal(made.dtypes, X.dtypes)
    assert set(made["page"]) <= set(X["page"])
    assert set(labels) == set(y)
    assert histories.static_ == ["country"]


def test_entities_are_new_and_have_one_set_of_attributes(drawn):
    X, _, _, made, _ = drawn
    assert not made["user"].isin(X["user"]).any()
    assert made["user"].str.fullmatch(r"user_\d{4}").all()
    assert (made.groupby("user")["country"].nunique() == 1).all()
    assert made.groupby("user")["time"].apply(lambda t: t.is_monotonic_increasing).all()


def test_times_stay_in_the_observed_range(drawn):
    X, _, _, made, _ = drawn
    assert X["time"].min() <= made["time"].min()
    assert made["time"].max() <= X["time"].max()


def test_rows_per_entity_follow_training(drawn):
    X, _, _, made, _ = drawn
    sizes = [frame["user"].value_counts() for frame in (X, made)]
    assert ks_2samp(*sizes).pvalue > 0.01
    assert abs(sizes[0].mean() - sizes[1].mean()) < 0.5


def test_transitions_are_those_of_the_chain(drawn):
    _, _, _, made, _ = drawn
    moves = steps(made)
    found = pd.crosstab(moves["last"], moves["page"], normalize="index").to_numpy()
    np.testing.assert_allclose(found, MOVES, atol=0.06)


def test_gaps_depend_on_the_row_before(drawn):
    _, _, _, made, _ = drawn
    means = steps(made).groupby("last")["gap"].mean()
    np.testing.assert_allclose(means / [1.0, 10.0, 100.0], 1, atol=0.25)


def test_labels_belong_to_their_rows(drawn):
    _, _, _, made, labels = drawn
    rates = pd.Series(labels).groupby(made["page"].to_numpy()).mean()
    np.testing.assert_allclose(rates, [0.1, 0.1, 0.9], atol=0.04)


def test_repeats_for_a_seed():
    X, _ = make_visits(60)
    first = Histories(group="user", order="time", random_state=3).fit(X)
    second = clone(first).fit(X)
    pd.testing.assert_frame_equal(first.sample(50), second.sample(50))
    assert not first.sample(50).equals(first.sample(50))
    pd.testing.assert_frame_equal(
        first.sample(50, random_state=0), second.sample(50, random_state=0)
    )


def test_entities_that_are_kept_have_new_histories():
    X, _ = make_visits(60)
    histories = Histories(group="user", order="time", ids="keep", random_state=0).fit(X)
    made = histories.sample()
    counts = [frame["user"].value_counts().sort_index() for frame in (X, made)]
    pd.testing.assert_series_equal(*counts)
    own = X.drop_duplicates("user").set_index("user")["country"]
    assert (made["user"].map(own) == made["country"]).all()
    assert not made["time"].isin(X["time"]).all()
    with pytest.raises(ValueError, match="60 entities that are kept"):
        histories.sample(len(X) + 1)


def test_what_an_entity_meets_once_is_met_once():
    rng = np.random.RandomState(0)
    film = np.concatenate([rng.choice(60, size=20, replace=False) for _ in range(150)])
    genre = rng.choice(["drama", "comedy"], size=60)
    X = pd.DataFrame(
        {
            "user": np.repeat(np.arange(150), 20),
            "time": np.tile(np.arange(20), 150),
            "film": [f"f{i}" for i in film],
            "genre": genre[film],
        }
    )
    made = Histories(group="user", order="time", random_state=0).fit(X).sample(2000)
    assert not made.duplicated(["user", "film"]).any()
    assert (made.groupby("film")["genre"].nunique() == 1).all()
    assert made["time"].dtype == X["time"].dtype


def test_other_generators_that_take_given_columns():
    X, _ = make_visits(60)
    network = AutoregressiveTransformer(
        epochs=2, embedding_dim=16, n_layers=1, order="fixed"
    )
    histories = Histories(network, group="user", order="time", random_state=0)
    made = histories.fit(X).sample(40)
    assert made.shape == (40, 4)
    assert (made.groupby("user")["country"].nunique() == 1).all()


def test_long_histories_are_cut():
    X, _ = make_visits(60)
    histories = Histories(group="user", order="time", max_rows=3, random_state=0)
    assert histories.fit(X).sample(50)["user"].value_counts().max() <= 3


def test_bad_input():
    X, _ = make_visits(20)
    with pytest.raises(NotFittedError):
        Histories(group="user", order="time").sample()
    with pytest.raises(TypeError, match="need a DataFrame"):
        Histories(group=0, order=1).fit(np.eye(3))
    with pytest.raises(ValueError, match="'person' is no column"):
        Histories(group="person", order="time").fit(X)
    with pytest.raises(ValueError, match="'page' has dtype"):
        Histories(group="user", order="page").fit(X)
    gone = X.assign(user=X["user"].where(X.index > 2))
    with pytest.raises(ValueError, match="'user' has 3 missing values"):
        Histories(group="user", order="time").fit(gone)
