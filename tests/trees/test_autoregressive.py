import pickle

import numpy as np
import pandas as pd
import pytest
from imblearn.utils.estimator_checks import parametrize_with_checks
from scipy.stats import ks_2samp, norm
from sklearn.metrics import roc_auc_score
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier

from skgen import AutoregressiveTrees
from skgen.constraints import FixedCombinations
from skgen.datasets import make_clicks
from skgen.metrics import dcr_share, detection


@parametrize_with_checks(
    [
        AutoregressiveTrees(random_state=0),
        AutoregressiveTrees(n_estimators=1, smoothing=True, random_state=0),
    ]
)
def test_imblearn_checks(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def mixture():
    """Two classes, two components each, and a number with a point mass."""
    rng = np.random.RandomState(0)
    y = (rng.rand(6000) < 0.3).astype(int)
    side = rng.choice([-1, 1], size=6000)
    frame = pd.DataFrame(
        {
            "a": side * 2 + rng.normal(size=6000) * 0.5,
            "b": side * np.where(y == 1, -2, 2) + rng.normal(size=6000) * 0.5,
            "city": np.where(side > 0, "Oslo", "Rome"),
            "seconds": np.where(rng.rand(6000) < 0.6, 0, rng.exponential(size=6000)),
            "n": rng.poisson(40, size=6000),
        }
    )
    return frame, y


def test_marginals_given_the_label(mixture):
    X, y = mixture
    X_new, y_new = AutoregressiveTrees(random_state=0).fit(X, y).sample(6000)
    for label in (0, 1):
        real, made = X[y == label], X_new[y_new == label]
        for name in ("a", "b", "seconds", "n"):
            # The bound is exceeded once in a thousand when the distributions agree.
            assert ks_2samp(real[name], made[name]).pvalue > 1e-3


def test_dependence_given_the_label(mixture):
    X, y = mixture
    X_new, y_new = AutoregressiveTrees(random_state=0).fit(X, y).sample(6000)
    for label in (0, 1):
        real, made = X[y == label], X_new[y_new == label]
        r = np.corrcoef(real["a"], real["b"])[0, 1]
        r_new = np.corrcoef(made["a"], made["b"])[0, 1]
        error = 4 / np.sqrt(len(made))
        assert abs(np.arctanh(r) - np.arctanh(r_new)) < error + 0.15
    right = (X_new["a"] > 0) == (X_new["city"] == "Oslo")
    assert right.mean() > 0.99


def test_point_mass_is_exact(mixture):
    X, y = mixture
    X_new, _ = AutoregressiveTrees(random_state=0).fit(X, y).sample(6000)
    share, share_new = (X["seconds"] == 0).mean(), (X_new["seconds"] == 0).mean()
    assert abs(share - share_new) < 5 * np.sqrt(share * (1 - share) * 2 / 6000)


def test_hard_to_tell_from_fresh_rows(mixture):
    X, y = mixture
    learned, held = np.arange(6000) < 4000, np.arange(6000) >= 4000
    generator = AutoregressiveTrees(random_state=0).fit(X[learned], y[learned])
    assert detection(X[held], generator.sample(2000)[0], random_state=0) < 0.6


def test_larger_leaves_reveal_less_of_the_rows(mixture):
    X, y = mixture
    learned, held = np.arange(6000) < 3000, np.arange(6000) >= 3000
    shares = []
    for leaf in (2, 20, 200):
        generator = AutoregressiveTrees(min_samples_leaf=leaf, random_state=0)
        made, _ = generator.fit(X[learned], y[learned]).sample(6000)
        shares.append(dcr_share(X[learned], made, held_out=X[held], random_state=0))
    assert shares[0] > shares[1] > shares[2]


def test_smaller_leaves_follow_the_rows_more_closely():
    rng = np.random.RandomState(0)
    x = rng.uniform(-3, 3, size=3000)
    X = pd.DataFrame({"x": x, "y": np.sin(3 * x) + 0.05 * rng.normal(size=3000)})
    errors = []
    for leaf in (5, 50, 500):
        generator = AutoregressiveTrees(min_samples_leaf=leaf, random_state=0).fit(X)
        made = generator.sample(3000)
        errors.append(np.mean((made["y"] - np.sin(3 * made["x"])) ** 2))
    assert errors[0] < errors[1] < errors[2]


def test_one_leaf_draws_columns_independently():
    rng = np.random.RandomState(0)
    x = rng.normal(size=2000)
    X = pd.DataFrame({"x": x, "y": x})
    generator = AutoregressiveTrees(
        min_samples_leaf=1500, structure=None, random_state=0
    ).fit(X)
    made = generator.sample(2000)
    assert abs(np.corrcoef(made["x"], made["y"])[0, 1]) < 5 / np.sqrt(2000)


def test_smoothing_draws_between_donors():
    rng = np.random.RandomState(0)
    X = pd.DataFrame({"x": rng.normal(size=1000), "y": rng.normal(size=1000)})
    copied = AutoregressiveTrees(smoothing=False, random_state=0).fit(X).sample(1000)
    assert copied["x"].isin(X["x"]).all()
    smooth = AutoregressiveTrees(smoothing="auto", random_state=0).fit(X).sample(1000)
    assert smooth["x"].isin(X["x"]).mean() < 0.01
    assert smooth["x"].between(X["x"].min(), X["x"].max()).all()
    assert ks_2samp(smooth["x"], X["x"]).pvalue > 1e-3


def test_smoothing_auto_leaves_repeated_values():
    rng = np.random.RandomState(0)
    prices = np.round(rng.lognormal(size=60), 3)
    X = pd.DataFrame({"price": rng.choice(prices, 3000), "x": rng.normal(size=3000)})
    made = AutoregressiveTrees(random_state=0).fit(X).sample(3000)
    assert made["price"].isin(prices).all()
    made = AutoregressiveTrees(smoothing=True, random_state=0).fit(X).sample(3000)
    assert not made["price"].isin(prices).all()


def test_smoothing_keeps_point_masses(mixture):
    X, y = mixture
    made, _ = AutoregressiveTrees(smoothing=True, random_state=0).fit(X, y).sample(6000)
    positive = X.loc[X["seconds"] > 0, "seconds"]
    assert made.loc[made["seconds"] != 0, "seconds"].min() >= positive.min()


def test_rare_label_is_not_drowned():
    rng = np.random.RandomState(0)
    y = (rng.rand(20_000) < 0.01).astype(int)
    X = pd.DataFrame(rng.normal(size=(20_000, 8)), columns=list("abcdefgh"))
    X["h"] += 1.5 * y
    made, labels = (
        AutoregressiveTrees(random_state=0).fit(X, y).sample(y=np.repeat([0, 1], 2000))
    )
    auc = roc_auc_score(labels, made["h"])
    # The area under the curve of two normals 1.5 standard deviations apart.
    assert abs(auc - norm.cdf(1.5 / np.sqrt(2))) < 0.06


def test_high_cardinality_stays_informative():
    rng = np.random.RandomState(0)
    group_of_user, group_of_app = rng.randint(8, size=400), rng.randint(8, size=1500)
    users = rng.randint(400, size=30_000)
    apps = rng.randint(1500, size=30_000)
    own = rng.rand(30_000) < 0.8
    for group in range(8):
        rows = np.flatnonzero(own & (group_of_user[users] == group))
        apps[rows] = rng.choice(np.flatnonzero(group_of_app == group), len(rows))
    X = pd.DataFrame({"user": users, "app": apps}).astype("category")
    made = AutoregressiveTrees(random_state=0).fit(X).sample(30_000)

    def agreement(frame):
        user, app = frame["user"].astype(int), frame["app"].astype(int)
        return np.mean(group_of_user[user] == group_of_app[app])

    independent = 1 / 8
    kept = (agreement(made) - independent) / (agreement(X) - independent)
    assert kept > 0.6


def test_visit_order(mixture):
    X, y = mixture
    generator = AutoregressiveTrees(
        random_state=0, visit_order=["n", "city"], structure=None
    )
    assert generator.fit(X, y).visit_order_ == ["n", "city", "a", "b", "seconds"]
    assert list(generator.sample(5)[0].columns) == list(X.columns)


def test_visit_order_passes_over_what_others_determine(mixture):
    X, y = mixture
    X = X.assign(twice=(X["n"] > 1).map({True: "many", False: "few"}))
    generator = AutoregressiveTrees(random_state=0, visit_order=["twice", "n"])
    assert generator.fit(X, y).visit_order_[0] == "n"
    assert list(generator.sample(5)[0].columns) == list(X.columns)


@pytest.mark.parametrize(
    ("order", "message"),
    [(["n", "street"], "street"), (["n", "n"], "'n' twice")],
)
def test_bad_visit_order(mixture, order, message):
    with pytest.raises(ValueError, match=message):
        AutoregressiveTrees(visit_order=order).fit(*mixture)


def test_visit_order_names_columns_as_the_constraints_leave_them(mixture):
    X, y = mixture
    X = X.assign(land=X["city"].map({"Oslo": "Norway", "Rome": "Italy"}))
    rule = FixedCombinations(["land", "city"])
    generator = AutoregressiveTrees(
        constraints=[rule], visit_order=["land+city"], structure=None
    )
    assert generator.fit(X, y).visit_order_[0] == "land+city"
    with pytest.raises(ValueError, match=r"names \['city'\].*'land\+city'"):
        generator.set_params(visit_order=["city"]).fit(X, y)


def test_given_columns_condition_the_others():
    rng = np.random.RandomState(0)
    x = rng.normal(size=6000)
    X = pd.DataFrame({"x": x, "y": x + rng.normal(size=6000)})
    y = (X["y"] + rng.normal(size=6000) > 0).astype(int)
    generator = AutoregressiveTrees(min_samples_leaf=20, random_state=0).fit(X, y)
    given = pd.DataFrame({"y": np.sqrt(2) * rng.normal(size=6000).clip(-2, 2)})
    made, labels = generator.sample(given=given, random_state=1)
    np.testing.assert_array_equal(made["y"], given["y"])
    # x given y is normal of mean y / 2 and variance 1 / 2.
    slope, intercept = np.polyfit(made["y"], made["x"], 1)
    assert slope == pytest.approx(0.5, abs=0.04)
    assert intercept == pytest.approx(0, abs=0.04)
    error = made["x"] - made["y"] / 2
    assert error.std() == pytest.approx(np.sqrt(0.5), abs=0.04)
    expected = norm.cdf(made["y"])
    for low in (0.0, 0.25, 0.5, 0.75):
        rows = (expected >= low) & (expected < low + 0.25)
        assert labels[rows].mean() == pytest.approx(expected[rows].mean(), abs=0.05)
    again, _ = generator.sample(given=given, random_state=1)
    pd.testing.assert_frame_equal(made, again)


def test_given_columns_that_come_first_need_no_other_trees():
    X = pd.DataFrame(
        np.random.RandomState(0).normal(size=(500, 3)), columns=list("abc")
    )
    generator = AutoregressiveTrees(random_state=0).fit(X)
    made = generator.sample(given=X[["a"]].head(50))
    np.testing.assert_array_equal(made["a"], X["a"].head(50))
    assert generator._models_given == {}
    generator.sample(given=X[["c"]].head(50))
    assert list(generator._models_given) == [(2,)]


def test_repeats_for_a_seed_whatever_the_jobs(mixture):
    X, y = mixture
    first = AutoregressiveTrees(random_state=3, n_jobs=1).fit(X, y).sample(100)
    second = AutoregressiveTrees(random_state=3, n_jobs=2).fit(X, y).sample(100)
    pd.testing.assert_frame_equal(first[0], second[0])
    other = AutoregressiveTrees(random_state=4).fit(X, y).sample(100)
    assert not first[0].equals(other[0])


def test_pickle_samples_the_same(mixture):
    generator = AutoregressiveTrees(random_state=0).fit(*mixture)
    again = pickle.loads(pickle.dumps(generator))
    pd.testing.assert_frame_equal(generator.sample(50)[0], again.sample(50)[0])


def test_max_samples_bounds_growth_and_not_the_donors():
    rng = np.random.RandomState(0)
    X = pd.DataFrame({"x": rng.normal(size=5000), "y": rng.normal(size=5000)})
    generator = AutoregressiveTrees(
        max_samples=500, min_samples_leaf=50, smoothing=False, random_state=0
    ).fit(X)
    grown = [
        tree.tree_.n_node_samples[0]
        for model in generator._models
        for tree in model.trees
    ]
    assert max(grown) <= 100
    made = generator.sample(20_000)
    assert made["x"].nunique() > 4000


def test_copies_of_single_rows_are_redrawn():
    rng = np.random.RandomState(0)
    X = pd.DataFrame(rng.randint(100, size=(3000, 3)), columns=list("abc"))
    X["d"] = X["a"] * 2
    keys = pd.MultiIndex.from_frame(X)
    repeated = keys.duplicated(keep=False)
    once = keys[~repeated]

    def n_copies(**params):
        generator = AutoregressiveTrees(
            min_samples_leaf=5, structure=None, random_state=0, **params
        ).fit(X)
        return pd.MultiIndex.from_frame(generator.sample(3000)).isin(once).sum()

    assert 10 < n_copies(reject_copies=False) < 0.05 * 3000
    # At most as many copies as fresh rows would have.
    assert n_copies() <= repeated.sum() + 0.003 * 3000
    assert n_copies(reject_copies=True) == 0


def test_synthetic_clicks_train_a_classifier():
    clicks = make_clicks(12_000, click_rate=0.05, random_state=0)
    X, y = clicks.data, clicks.target.to_numpy()
    X_train, y_train = X[:8000], y[:8000]
    made, labels = (
        AutoregressiveTrees(random_state=0).fit(X_train, y_train).sample(8000)
    )
    assert (made.dtypes == X.dtypes).all()
    columns = ["age", "slot_id", "net_type", "app_score", "u_refreshTimes"]

    def auc(frame, target):
        model = XGBClassifier(n_estimators=50, max_depth=3, random_state=0)
        model.fit(frame[columns].astype(float), target)
        scores = model.predict_proba(X[8000:][columns].astype(float))[:, 1]
        return roc_auc_score(y[8000:], scores)

    assert auc(made, labels) > 0.5 + 0.6 * (auc(X_train, y_train) - 0.5)


def test_independent_of_the_name_of_the_classes(mixture):
    X, y = mixture
    names = np.array(["no", "yes"])
    made, labels = AutoregressiveTrees(random_state=0).fit(X, names[y]).sample(500)
    plain, codes = AutoregressiveTrees(random_state=0).fit(X, y).sample(500)
    pd.testing.assert_frame_equal(made, plain)
    assert (labels == names[codes]).all()


def test_a_tree_sees_the_label_through_the_columns(mixture):
    X, y = mixture
    made, labels = AutoregressiveTrees(random_state=0).fit(X, y).sample(6000)
    tree = DecisionTreeClassifier(max_depth=4, random_state=0)
    tree.fit(made[["a", "b"]], labels)
    assert tree.score(X[["a", "b"]], y) > 0.97
