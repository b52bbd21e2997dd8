"""ForestFlow against distributions that are known."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist
from sklearn.exceptions import NotFittedError

from skgen import ForestFlow
from skgen.constraints import Inequality
from skgen.trees import _boosting

QUICK = {"n_t": 4, "duplicate_K": 2, "n_estimators": 4, "random_state": 0}


def draw_mixture(n_samples, rng):
    """Draw from two normal distributions on one diagonal."""
    side = rng.choice([-1.0, 1.0], size=(n_samples, 1))
    return side + 0.4 * rng.standard_normal((n_samples, 2)) * [1.0, 0.5]


def energy_distance(a, b):
    return 2 * cdist(a, b).mean() - cdist(a, a).mean() - cdist(b, b).mean()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"noise": "fresh", "duplicate_K": 20, "n_estimators": 60},
        {"time_conditioning": "feature", "n_estimators": 60},
        {"diffusion_type": "vp", "n_t": 30, "solver": "euler"},
        {"diffusion_type": "vp", "n_t": 20},
        {"encoding": "min-max"},
        {"multi_strategy": "multi_output_tree"},
    ],
    ids=str,
)
def test_mixture_of_known_density(options):
    rng = np.random.RandomState(0)
    flow = ForestFlow(random_state=0, **options).fit(draw_mixture(2000, rng))
    made = flow.sample(1000)
    fresh = [draw_mixture(1000, rng) for _ in range(8)]
    between = [energy_distance(a, b) for a, b in pairwise(fresh)]
    found = np.mean([energy_distance(made, rows) for rows in fresh])
    # Between samples of 1,000 the distance is 0.003 +- 0.002, and it is 0.3 to a normal
    # distribution with the same moments.
    assert found < np.mean(between) + 0.03
    moments = rng.multivariate_normal(made.mean(0), np.cov(made.T), size=1000)
    assert energy_distance(moments, fresh[0]) > 3 * found


@pytest.mark.parametrize("solver", ["euler", "midpoint", "heun", "rk4"])
def test_integration_of_a_known_velocity(solver, monkeypatch):
    # Of correlated normal data the velocity is linear, in closed form.
    rng = np.random.RandomState(0)
    rows = rng.multivariate_normal([0, 0], [[1, 0.8], [0.8, 1]], size=3000)
    flow = ForestFlow(n_t=50, n_estimators=1, solver=solver, random_state=0).fit(rows)
    correlation = np.array([[1, 0.8], [0.8, 1]])

    def exact(level, point, labels, t):
        s = flow.times_[level]
        inner = s**2 * correlation + (1 - s) ** 2 * np.eye(2)
        gain = (s * correlation - (1 - s) * np.eye(2)) @ np.linalg.inv(inner)
        return point @ gain.T

    monkeypatch.setattr(flow, "_predict_level", exact)
    made = flow.sample(20_000)
    np.testing.assert_allclose(np.corrcoef(made.T)[0, 1], 0.8, atol=0.02)
    np.testing.assert_allclose(made.std(axis=0), rows.std(axis=0), rtol=0.05)


@pytest.mark.parametrize("conditioning", ["feature", "model"])
def test_classes_have_their_own_distribution(conditioning):
    rng = np.random.RandomState(0)
    y = np.repeat(["a", "b", "c"], [600, 300, 60])
    centres = {"a": [0, 0], "b": [3, -3], "c": [-3, 3]}
    X = np.array([centres[label] for label in y]) + 0.5 * rng.standard_normal((960, 2))
    flow = ForestFlow(class_conditioning=conditioning, random_state=0).fit(X, y)
    for label, centre in centres.items():
        made, labels = flow.sample(y=[label] * 300)
        assert set(labels) == {label}
        np.testing.assert_allclose(np.median(made, axis=0), centre, atol=0.25)


def test_categories_follow_each_other():
    rng = np.random.RandomState(0)
    city = rng.choice(list("abcde"), 1500, p=[0.4, 0.3, 0.15, 0.1, 0.05])
    country = np.where(np.isin(city, ["a", "c"]), "X", "Y")
    X = pd.DataFrame({"city": city, "country": country})
    made = ForestFlow(random_state=0).fit(X).sample(1500)
    shares = made["city"].value_counts(normalize=True)
    for level, share in X["city"].value_counts(normalize=True).items():
        assert shares[level] == pytest.approx(share, abs=0.05)
    right = np.isin(made["city"], ["a", "c"]) == (made["country"] == "X")
    assert right.mean() > 0.97


def test_jobs_change_nothing():
    X = draw_mixture(200, np.random.RandomState(0))
    alone = ForestFlow(**QUICK).fit(X).sample(50)
    beside = ForestFlow(**QUICK, n_jobs=2).fit(X).sample(50)
    np.testing.assert_array_equal(alone, beside)


def test_an_interrupted_fit_leaves_the_former_one(monkeypatch):
    X = draw_mixture(100, np.random.RandomState(0))
    flow = ForestFlow(**QUICK).fit(X)
    expected = flow.sample(3, random_state=0)

    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(_boosting, "fit_field", interrupt)
    with pytest.raises(KeyboardInterrupt):
        flow.fit(X)
    np.testing.assert_array_equal(flow.sample(3, random_state=0), expected)


@pytest.mark.parametrize(
    "options", [{"n_t": 1}, {"solver": "adams"}, {"diffusion_type": "ve"}]
)
def test_parameters_are_checked(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        ForestFlow(**options).fit(np.eye(4))


def test_class_too_small():
    with pytest.raises(ValueError, match="class 'b' has a single row"):
        ForestFlow().fit(np.arange(6.0).reshape(3, 2), ["a", "a", "b"])


@pytest.fixture(scope="module")
def pairs():
    rng = np.random.RandomState(0)
    return rng.multivariate_normal([5, 0], [[1, 0.8], [0.8, 1]], size=3000)


@pytest.mark.parametrize("diffusion_type", ["flow", "vp"])
def test_impute_draws_from_the_conditional_distribution(diffusion_type, pairs):
    flow = ForestFlow(diffusion_type=diffusion_type, n_t=20, random_state=0).fit(pairs)
    given = np.full((1500, 2), np.nan)
    given[:, 0] = np.repeat([4.0, 5.0, 6.0], 500)
    filled = flow.impute(given)
    np.testing.assert_array_equal(filled[:, 0], given[:, 0])
    # E[b | a] = 0.8 (a - 5), with the variance 1 - 0.8^2.
    for value, mean in ((4.0, -0.8), (5.0, 0.0), (6.0, 0.8)):
        drawn = filled[given[:, 0] == value, 1]
        assert drawn.mean() == pytest.approx(mean, abs=0.15)
        assert drawn.std() == pytest.approx(0.6, abs=0.1)


def test_impute_several_draws(pairs):
    flow = ForestFlow(**QUICK).fit(pairs[:300])
    given = pairs[300:340].copy()
    given[::2, 1] = np.nan
    given[1::4, 0] = np.nan
    first, second = flow.impute(given, n_draws=2, random_state=0)
    seen = ~np.isnan(given)
    for filled in (first, second):
        np.testing.assert_array_equal(filled[seen], given[seen])
        assert np.isfinite(filled).all()
    assert (first[~seen] != second[~seen]).all()
    again = flow.impute(given, n_draws=2, random_state=0)
    np.testing.assert_array_equal(again[1], second)


@pytest.fixture(scope="module")
def clicks():
    rng = np.random.RandomState(0)
    n = 500
    device = rng.choice(["phone", "tablet", "desktop"], n, p=[0.6, 0.3, 0.1])
    X = pd.DataFrame(
        {
            "device": pd.Categorical(device),
            "seconds": np.where(rng.rand(n) < 0.5, 0.0, rng.exponential(size=n)),
            "age": rng.randint(18, 80, n),
            "price": np.where(device == "phone", 1.0, 9.0) + rng.normal(0, 0.1, n),
            "time": pd.Timestamp("2024-05-01")
            + pd.to_timedelta(rng.randint(0, 9999, n), unit="min"),
        },
        index=rng.permutation(n) + 7,
    )
    return X, (rng.rand(n) < 0.3).astype(int)


def test_impute_mixed_columns(clicks):
    X, y = clicks
    flow = ForestFlow(random_state=0).fit(X, y)
    rng = np.random.RandomState(1)
    gaps = pd.DataFrame(rng.rand(*X.shape) < 0.2, X.index, X.columns)
    given = X.mask(gaps)
    filled = flow.impute(given, y)
    assert filled.notna().all(axis=None)
    assert filled.index.equals(X.index)
    assert (filled.dtypes == given.dtypes).all()
    for name in X:
        assert (filled[name][~gaps[name]] == X[name][~gaps[name]]).all()
    # The price tells the phones from the rest.
    known = gaps["device"] & ~gaps["price"]
    phones = filled["device"][known] == "phone"
    assert (phones == (X["price"][known] < 5)).mean() > 0.85


def test_impute_the_rows_that_were_learned():
    # That a value was missing must not be learned by heart.
    rng = np.random.RandomState(0)
    full = rng.multivariate_normal([5, 0], [[1, 0.9], [0.9, 1]], size=1000)
    X = pd.DataFrame(full.copy(), columns=["a", "b"])
    X["kind"] = np.where(full[:, 0] > 5, "high", None)
    X.loc[full[:, 0] < 4.5, "kind"] = "low"
    gaps = rng.rand(1000) < 0.5
    X.loc[gaps, "b"] = np.nan
    filled = ForestFlow(n_t=20, structure=None, random_state=0).fit(X).impute(X)
    assert filled.notna().all(axis=None)
    error = (filled["b"] - full[:, 1])[gaps]
    # A draw given a, against the value that was there: twice the conditional variance.
    assert error.std() == pytest.approx(np.sqrt(2 * (1 - 0.81)), abs=0.12)
    assert np.corrcoef(filled["b"][gaps], full[gaps, 0])[0, 1] > 0.8


def test_missing_values_are_drawn_as_often_as_seen():
    rng = np.random.RandomState(0)
    X = pd.DataFrame({"a": rng.normal(size=1000), "city": rng.choice(["x", "y"], 1000)})
    X.loc[X["a"] > 1, "city"] = None
    X.loc[rng.rand(1000) < 0.3, "a"] = np.nan
    made = ForestFlow(random_state=0).fit(X).sample(2000)
    for name in X:
        share = X[name].isna().mean()
        assert made[name].isna().mean() == pytest.approx(share, abs=0.05)
    assert made["city"].isna()[made["a"] > 1.1].mean() > 0.8
    assert made["city"].isna()[made["a"] < 0.5].mean() < 0.1


def test_impute_says_what_stays_missing():
    rng = np.random.RandomState(0)
    visited = rng.rand(400) < 0.5
    X = pd.DataFrame({"seconds": np.where(visited, rng.rand(400) + 1, np.nan)})
    X["visited"] = np.where(visited, "yes", "no")
    never = X[~visited].head(100)
    flow = ForestFlow(encoding="min-max", structure=None, random_state=0).fit(X)
    with pytest.warns(UserWarning, match="seconds"):
        filled = flow.impute(never)
    assert filled["seconds"].isna().any()
    filled = ForestFlow(structure=None, random_state=0).fit(X).impute(never)
    assert filled["seconds"].notna().all()


def test_impute_errors(clicks):
    X, y = clicks
    with pytest.raises(NotFittedError):
        ForestFlow().impute(X)
    flow = ForestFlow(**QUICK).fit(X, y)
    with pytest.raises(ValueError, match="pass the rows' labels"):
        flow.impute(X)
    with pytest.raises(ValueError, match="not learned"):
        flow.impute(X, np.full(len(X), 7))
    with pytest.raises(ValueError, match="missing \\['age'\\]"):
        flow.impute(X.drop(columns="age"), y)
    with pytest.raises(ValueError, match="n_draws"):
        flow.impute(X, y, n_draws=0)
    rule = Inequality("seconds", "price")
    ruled = ForestFlow(**QUICK, constraints=[rule])
    ordered = X.assign(price=X["price"] + X["seconds"])
    with pytest.raises(ValueError, match="without constraints"):
        ruled.fit(ordered, y).impute(ordered, y)
