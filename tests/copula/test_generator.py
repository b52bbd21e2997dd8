import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from imblearn.pipeline import make_pipeline
from imblearn.utils.estimator_checks import parametrize_with_checks
from scipy import stats
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

from skgen.copula import GaussianCopula
from skgen.datasets import make_clicks


@parametrize_with_checks([GaussianCopula(random_state=0)])
def test_imblearn_checks(estimator, check):
    check(estimator)


def normal(n_samples, correlation, seed=0):
    correlation = np.asarray(correlation)
    rng = np.random.RandomState(seed)
    return rng.multivariate_normal(np.zeros(len(correlation)), correlation, n_samples)


def mixed(n_samples=600, seed=0):
    rng = np.random.RandomState(seed)
    z = normal(n_samples, [[1, 0.6, -0.4], [0.6, 1, 0.2], [-0.4, 0.2, 1]], seed)
    duration = np.where(z[:, 1] < 0.3, 0.0, np.exp(z[:, 2]))
    price = np.round(50 + 10 * z[:, 0], 2)
    price[rng.rand(n_samples) < 0.1] = np.nan
    X = pd.DataFrame(
        {
            "price": price,
            "duration": duration,
            "pages": rng.poisson(200, n_samples),
            "city": rng.choice(["Oslo", "Rome", None], n_samples),
            "member": z[:, 0] > 0,
            "level": pd.Categorical.from_codes(
                np.digitize(z[:, 1], [-1, 0, 1]), list("abcd"), ordered=True
            ),
        }
    )
    return X, np.where(rng.rand(n_samples) < 0.25, "click", "none")


# --- dependence ---


def test_normal_correlation_is_recovered():
    truth = np.array([[1, 0.7, -0.3], [0.7, 1, 0.1], [-0.3, 0.1, 1]])
    X = normal(10_000, truth)
    copula = GaussianCopula(random_state=0).fit(X)
    # Four standard errors, (1 - r^2) / sqrt(n).
    bound = 4 * (1 - truth**2) / np.sqrt(10_000) + 1e-9
    assert (np.abs(copula.correlation_[0].to_numpy() - truth) < bound).all()
    drawn = np.corrcoef(copula.sample(10_000), rowvar=False)
    assert (np.abs(drawn - truth) < np.sqrt(2) * bound).all()


def test_dependence_does_not_depend_on_the_marginals():
    X = normal(2000, [[1, 0.6], [0.6, 1]])
    plain = GaussianCopula(random_state=0).fit(X)
    bent = GaussianCopula(random_state=0, marginals="norm").fit(
        np.column_stack([np.exp(X[:, 0]), X[:, 1] ** 3])
    )
    np.testing.assert_allclose(plain.correlation_[0], bent.correlation_[0])


@pytest.mark.parametrize("cuts", [[0.0], [1.3], [-1, 0.2, 0.9], np.linspace(-2, 2, 18)])
def test_latent_correlation_of_discretised_normals(cuts):
    z = normal(20_000, [[1, 0.6, 0.6], [0.6, 1, 0.6], [0.6, 0.6, 1]])
    X = pd.DataFrame(
        {
            "a": pd.Categorical(np.digitize(z[:, 0], cuts), ordered=True),
            "b": pd.Categorical(np.digitize(z[:, 1], [-0.4, 0.8]), ordered=True),
            "c": z[:, 2],
        }
    )
    latent = GaussianCopula().fit(X).correlation_[0]
    # The tetrachoric correlation's standard error at these cuts is below 0.015.
    assert np.abs(latent.to_numpy() - np.where(np.eye(3), 1, 0.6)).max() < 0.045


def test_nominal_levels_are_ordered_by_what_they_go_with():
    rng = np.random.RandomState(0)
    z = normal(8000, [[1, 0.8], [0.8, 1]])
    names = rng.permutation([f"app {i}" for i in range(12)])
    levels = np.digitize(z[:, 0], stats.norm.ppf(np.arange(1, 12) / 12))
    X = pd.DataFrame({"app": names[levels], "price": z[:, 1]})
    copula = GaussianCopula(random_state=0).fit(X)
    assert abs(copula.correlation_[0].loc["app", "price"]) == pytest.approx(
        0.8, abs=0.02
    )
    means = copula.sample(8000).groupby("app")["price"].mean()
    expected = X.groupby("app")["price"].mean()
    np.testing.assert_allclose(means[expected.index], expected, atol=0.15)


def test_rare_nominal_levels_show_no_dependence_by_chance():
    rng = np.random.RandomState(0)
    X = pd.DataFrame({"id": rng.randint(1000, size=3000), "price": rng.rand(3000)})
    X["id"] = X["id"].astype(str)
    latent = GaussianCopula().fit(X).correlation_[0]
    assert abs(latent.loc["id", "price"]) < 4 / np.sqrt(3000)


def test_numbered_categories_are_reordered_and_counts_are_not():
    rng = np.random.RandomState(0)
    count = rng.poisson(3, 6000).clip(0, 9)
    shuffled = rng.permutation(10)[count]
    X = pd.DataFrame(
        {"count": count, "kind": shuffled, "z": count + rng.normal(size=6000)}
    )
    latent = GaussianCopula(structure=None).fit(X).correlation_[0].abs()
    truth = GaussianCopula(structure=None).fit(X[["count", "z"]]).correlation_[0].abs()
    assert latent.loc["count", "z"] == pytest.approx(truth.loc["count", "z"], abs=0.01)
    assert latent.loc["kind", "z"] > 0.9 * latent.loc["count", "z"]


def test_gated_number_keeps_marginal_and_dependence_where_it_counts():
    z = normal(20_000, [[1, 0.5, 0.6], [0.5, 1, 0], [0.6, 0, 1]])
    # The gate depends on x, and so does the number where it counts.
    duration = np.where(z[:, 1] < 0.2, 0.0, np.exp(z[:, 2]))
    X = pd.DataFrame({"x": z[:, 0], "duration": duration})
    copula = GaussianCopula(random_state=0).fit(X)
    latent = copula.correlation_[0]
    assert latent.loc["x", "duration"] == pytest.approx(0.6, abs=0.03)
    assert abs(latent.loc["x", "duration[0]"]) == pytest.approx(0.5, abs=0.03)
    drawn = copula.sample(20_000)
    share = stats.norm.cdf(0.2)
    error = np.sqrt(2 * share * (1 - share) / 20_000)
    assert abs((drawn["duration"] == 0).mean() - share) < 4 * error
    counts = drawn["duration"] > 0
    assert stats.kstest(drawn["duration"][counts], "lognorm", args=(1,)).pvalue > 1e-3
    rho = stats.spearmanr(drawn["x"][counts], drawn["duration"][counts]).statistic
    real = X[X["duration"] > 0]
    truth = stats.spearmanr(real["x"], real["duration"]).statistic
    assert rho == pytest.approx(truth, abs=0.04)


@pytest.mark.parametrize("cuts", [[1.0], [-1, 0, 1], [0.2, 0.4]])
def test_gated_number_beside_a_code_that_its_gate_goes_with(cuts):
    # The levels on the rows where the number counts are not those on all rows.
    z = normal(30_000, [[1, 0.9, 0.4], [0.9, 1, 0], [0.4, 0, 1]])
    X = pd.DataFrame(
        {
            "level": pd.Categorical(np.digitize(z[:, 0], cuts), ordered=True),
            "duration": np.where(z[:, 1] < 0, 0.0, np.exp(z[:, 2])),
        }
    )
    latent = GaussianCopula().fit(X).correlation_[0]
    assert latent.loc["level", "duration"] == pytest.approx(0.4, abs=0.04)


@pytest.mark.parametrize("truth", [-0.8, 0.9])
def test_strong_correlation_of_binary_columns(truth):
    z = normal(20_000, [[1, truth], [truth, 1]])
    latent = GaussianCopula().fit(z > 0.5).correlation_[0]
    # Halved at the median the closed form is sin(pi / 2 (2 P(agree) - 1)).
    halves = GaussianCopula().fit(z > 0).correlation_[0]
    agree = ((z[:, 0] > 0) == (z[:, 1] > 0)).mean()
    assert halves.iloc[0, 1] == pytest.approx(np.sin(np.pi * (agree - 0.5)), abs=0.005)
    assert latent.iloc[0, 1] == pytest.approx(truth, abs=0.02)


def test_classes_keep_their_own_distributions():
    first = normal(4000, [[1, 0.8], [0.8, 1]])
    second = 5 + np.exp(normal(4000, [[1, -0.5], [-0.5, 1]], seed=1))
    X, y = np.vstack([first, second]), np.repeat([0, 1], 4000)
    copula = GaussianCopula(random_state=0).fit(X, y)
    drawn, labels = copula.sample(8000)
    for label, truth, part in [(0, 0.8, first), (1, -0.5, second)]:
        latent = copula.correlation_[label].iloc[0, 1]
        assert latent == pytest.approx(truth, abs=0.05)
        for column in range(2):
            rows = drawn[labels == label, column]
            assert stats.ks_2samp(rows, part[:, column]).pvalue > 1e-3


def test_small_class_follows_the_pooled_correlation():
    truth = [[1, 0.8, 0.8], [0.8, 1, 0.8], [0.8, 0.8, 1]]
    X = np.vstack([normal(5000, truth), np.random.RandomState(0).normal(size=(6, 3))])
    y = np.repeat([0, 1], [5000, 6])
    small = GaussianCopula().fit(X, y).correlation_[1].to_numpy()
    raw = GaussianCopula(shrinkage=0.0).fit(X, y).correlation_[1].to_numpy()
    below = np.tril_indices(3, -1)
    assert np.abs(small[below] - 0.8).max() < np.abs(raw[below] - 0.8).max()


def test_shrinkage_is_a_weight():
    X = normal(1000, [[1, 0.6], [0.6, 1]])
    kept = [
        GaussianCopula(shrinkage=weight).fit(X).correlation_[0].iloc[0, 1]
        for weight in (0, 0.5, 1)
    ]
    assert kept[0] == pytest.approx(0.6, abs=0.08)
    assert kept[1] == pytest.approx(kept[0] / 2)
    assert kept[2] == 0
    X = np.vstack([X, normal(1000, [[1, -0.2], [-0.2, 1]], seed=1)])
    matrices = GaussianCopula(shrinkage=0).fit(X, np.repeat([0, 1], 1000)).correlation_
    assert matrices[1].iloc[0, 1] == pytest.approx(-0.2, abs=0.12)


def test_more_columns_than_rows():
    X = np.random.RandomState(0).normal(size=(12, 30))
    copula = GaussianCopula(random_state=0).fit(X, np.repeat([0, 1], [5, 7]))
    assert np.isfinite(copula.sample(20)[0]).all()


# --- lists ---


def test_click_table_keeps_how_members_of_lists_go_together():
    X, y = make_clicks(2000, return_X_y=True, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        copula = GaussianCopula(random_state=0).fit(X, y)
        # Many rows, so that the noise is that of the table alone.
        drawn, _ = copula.sample(y=np.tile(y, 10))
    name = "u_newsCatInterestsST"
    real, synthetic = (
        frame[name].astype(str).str.get_dummies("^") for frame in (X, drawn)
    )
    members = real.columns[(real.mean() > 0.05) & (real.mean() < 0.95)]
    assert len(members) >= 8
    below = np.tril_indices(len(members), -1)
    truth = np.corrcoef(real[members], rowvar=False)[below]
    got = np.corrcoef(synthetic[members], rowvar=False)[below]
    # Without dependence a phi coefficient scatters by 1 / sqrt(n); more is kept.
    error = np.sqrt(np.mean((got - truth) ** 2))
    assert error < 1.5 / np.sqrt(2000) < np.sqrt(np.mean(truth**2))
    assert np.corrcoef(got, truth)[0, 1] > 0.9


# --- categories ---


def test_frequencies_are_those_of_the_class():
    rng = np.random.RandomState(0)
    y = np.repeat([0, 1], 3000)
    shares = np.array([[0.7, 0.2, 0.1, 0.0], [0.0, 0.3, 0.3, 0.4]])
    levels = np.array(["a", "b", "c", "d"])
    city = np.concatenate([rng.choice(levels, 3000, p=p) for p in shares])
    X = pd.DataFrame({"city": city, "x": rng.normal(size=6000)})
    drawn, labels = (
        GaussianCopula(random_state=0).fit(X, y).sample(y=np.repeat([0, 1], 20_000))
    )
    for label in range(2):
        seen = X["city"][y == label].value_counts(normalize=True)
        got = drawn["city"][labels == label].value_counts(normalize=True)
        # Never a level that the class did not show; the others by binomial error.
        assert set(got.index) == set(seen.index)
        error = np.sqrt(seen * (1 - seen) / 20_000)
        assert ((got - seen).abs() < 4 * error).all()


def test_many_levels():
    rng = np.random.RandomState(0)
    X = pd.DataFrame(
        {"app": rng.randint(20_000, size=60_000).astype(str), "x": rng.rand(60_000)}
    )
    drawn = GaussianCopula(random_state=0).fit(X).sample(60_000)
    assert set(drawn["app"]) <= set(X["app"])
    shares = X["app"].value_counts(normalize=True)
    expected = (1 - (1 - shares) ** 60_000).sum()
    assert drawn["app"].nunique() == pytest.approx(expected, rel=0.01)


# --- the contract ---


def test_mixed_table_stays_inside_range_and_set():
    X, y = mixed()
    copula = GaussianCopula(random_state=0).fit(X, y)
    drawn, labels = copula.sample(3000)
    assert drawn.dtypes.equals(X.dtypes)
    for name in ("price", "duration", "pages"):
        assert drawn[name].min() >= X[name].min()
        assert drawn[name].max() <= X[name].max()
    assert set(drawn["level"]) <= set(X["level"])
    for label in ("click", "none"):
        missing = X["price"][y == label].isna().mean()
        got = drawn["price"][labels == label].isna().mean()
        assert got == pytest.approx(missing, abs=0.05)
    assert set(copula.marginals_["none"]) == {"price", "duration", "pages"}
    assert list(copula.correlation_["none"].columns) == [
        "price", "duration", "pages", "price[0]", "duration[0]", "city", "member",
        "level",
    ]  # fmt: skip


def test_number_that_never_counts_in_a_class():
    rng = np.random.RandomState(0)
    y = np.repeat([0, 1], 200)
    X = pd.DataFrame({"x": rng.normal(size=400), "price": rng.normal(size=400)})
    X.loc[y == 1, "price"] = np.nan
    copula = GaussianCopula(random_state=0).fit(X, y)
    assert "price" not in copula.marginals_[1]
    drawn, labels = copula.sample(500)
    assert drawn["price"][labels == 1].isna().all()
    assert drawn["price"][labels == 0].notna().all()


def test_repeats_for_a_seed_and_survives_pickle_and_clone():
    X, y = mixed()
    copula = GaussianCopula(marginals={"price": "norm"}, random_state=3)
    first = copula.fit(X, y).sample(200)
    again = clone(copula).fit(X, y)
    copy = pickle.loads(pickle.dumps(again))
    second, third = again.sample(200), copy.sample(200)
    for drawn in second, third:
        pd.testing.assert_frame_equal(first[0], drawn[0])
        np.testing.assert_array_equal(first[1], drawn[1])
    assert clone(copula).get_params() == copula.get_params()


def test_in_a_pipeline():
    X = normal(400, [[1, 0.3], [0.3, 1]])
    y = (X[:, 0] + np.random.RandomState(0).normal(size=400) > 1.2).astype(int)
    pipe = make_pipeline(GaussianCopula(random_state=0), LogisticRegression())
    assert cross_val_score(pipe, X, y, scoring="roc_auc").mean() > 0.7


# --- parameters ---


def test_marginals_by_column():
    X, y = mixed()
    marginals = {"price": "norm", "duration": "empirical", "pages": "beta"}
    copula = GaussianCopula(marginals=marginals).fit(X, y)
    for label in ("click", "none"):
        chosen = copula.marginals_[label]
        assert {name: chosen[name].family for name in chosen} == marginals


def test_marginals_of_a_column_that_takes_few_values_or_one():
    X = pd.DataFrame({"x": np.arange(100.0), "few": np.arange(100) % 3, "one": 1})
    copula = GaussianCopula(marginals={"few": "norm", "one": "norm"}).fit(X)
    assert list(copula.marginals_[0]) == ["x"]


@pytest.mark.parametrize(
    ("marginals", "message"),
    [
        ({"prize": "norm"}, "'prize'.*no column"),
        ({"price": "cauchy"}, "'cauchy' for column 'price'"),
        ({"city": "norm"}, "'city'.*no number"),
        ({"member": "empirical"}, "'member'.*no number"),
        ("cauchy", "'marginals' parameter"),
    ],
)
def test_bad_marginals(marginals, message):
    X, y = mixed()
    with pytest.raises(ValueError, match=message):
        GaussianCopula(marginals=marginals).fit(X, y)


@pytest.mark.parametrize("shrinkage", [-0.1, 1.5, "some", None])
def test_bad_shrinkage(shrinkage):
    X, y = mixed()
    with pytest.raises(ValueError, match="'shrinkage' parameter"):
        GaussianCopula(shrinkage=shrinkage).fit(X, y)
