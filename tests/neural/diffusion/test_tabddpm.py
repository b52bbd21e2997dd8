import itertools
import pickle

import numpy as np
import pandas as pd
import pytest
import torch
from imblearn.utils.estimator_checks import parametrize_with_checks
from scipy.stats import ks_2samp
from sklearn.base import clone

from skgen.deep.device import seeded
from skgen.neural.diffusion.network import TabularDiffusion
from skgen.neural.diffusion.schedules import alpha_bars
from skgen.neural.diffusion.tabddpm import TabDDPM

MODES = ("multinomial", "embedding")
QUICK = {"epochs": 3, "hidden_dims": (32,), "n_sampling_steps": 8, "random_state": 0}


@parametrize_with_checks([TabDDPM(categorical=mode, **QUICK) for mode in MODES])
def test_imblearn_checks(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def mixture():
    """Two classes, two components each, and a number with a point mass."""
    rng = np.random.RandomState(0)
    y = (rng.rand(4000) < 0.3).astype(int)
    side = rng.choice([-1, 1], size=4000)
    frame = pd.DataFrame(
        {
            "a": side * 2 + rng.normal(size=4000) * 0.5,
            "b": side * np.where(y == 1, -2, 2) + rng.normal(size=4000) * 0.5,
            "city": np.where(
                side > 0, "Oslo", rng.choice(["Rome", "Bari"], 4000, p=[0.8, 0.2])
            ),
            "seconds": np.where(rng.rand(4000) < 0.6, 0, rng.exponential(size=4000)),
            "score": side + rng.normal(size=4000),
        }
    )
    frame.loc[rng.rand(4000) < 0.2, "score"] = np.nan
    return frame, y


@pytest.fixture(scope="module", params=MODES)
def made(request, mixture):
    """Rows drawn by a generator of each mode, trained for a few seconds."""
    generator = TabDDPM(
        categorical=request.param, epochs=40, hidden_dims=(96, 96), random_state=0
    ).fit(*mixture)
    return generator.sample(y=mixture[1])


def test_marginals_given_the_label(mixture, made):
    X, y = mixture
    X_new, y_new = made
    for label in (0, 1):
        real, drawn = X[y == label], X_new[y_new == label]
        for name in ("a", "b", "seconds", "score"):
            distance = ks_2samp(real[name].dropna(), drawn[name].dropna()).statistic
            assert distance < 0.08
        shares = [rows["city"].value_counts(normalize=True) for rows in (real, drawn)]
        assert (shares[0] - shares[1]).abs().max() < 0.05
        assert abs((drawn["seconds"] == 0).mean() - 0.6) < 0.05
        assert abs(drawn["score"].isna().mean() - 0.2) < 0.05


def test_dependence_given_the_label(mixture, made):
    X, y = mixture
    X_new, y_new = made
    for label in (0, 1):
        real, drawn = X[y == label], X_new[y_new == label]
        for pair in (["a", "b"], ["a", "score"]):
            r, r_new = (rows[pair].corr().iloc[0, 1] for rows in (real, drawn))
            assert abs(r - r_new) < 0.17
    assert ((X_new["a"] > 0) == (X_new["city"] == "Oslo")).mean() > 0.92


def test_each_class_has_its_own_rows(made):
    X_new, y_new = made
    same_side = (X_new["a"] > 0) == (X_new["b"] > 0)
    assert same_side[y_new == 0].mean() > 0.86
    assert same_side[y_new == 1].mean() < 0.14


def test_exact_labels(mixture, made):
    assert (made[1] == mixture[1]).all()


def test_begins_with_the_velocity_of_normal_rows():
    """The network is zero at first, what is left is known in closed form."""
    rng = np.random.RandomState(0)
    covariance = np.array([[1.0, 0.8], [0.8, 1.0]])
    rows = torch.from_numpy(rng.multivariate_normal([0.5, 0.0], covariance, 50_000))
    alpha_bar = torch.from_numpy(alpha_bars("cosine", 1000)).float()
    process = TabularDiffusion(
        rows,
        torch.zeros(len(rows), dtype=torch.long),
        None,
        torch.zeros(1, 0),
        alpha_bar,
        hidden_dims=(4,),
        time_dim=2,
        n_frequencies=0,
        dropout=0.0,
    )
    x = torch.randn(20, 2)
    for t in (1, 300, 999):
        a = alpha_bar[t].item()
        time = torch.full((20,), t)
        found, _ = process(x, None, time, torch.zeros(20, dtype=torch.long))
        gain = (
            np.sqrt(a)
            * covariance
            @ np.linalg.inv(a * covariance + (1 - a) * np.eye(2))
        )
        guess = [0.5, 0.0] + (x.numpy() - np.sqrt(a) * np.array([0.5, 0.0])) @ gain.T
        noise = (x.numpy() - np.sqrt(a) * guess) / np.sqrt(1 - a)
        wanted = np.sqrt(a) * noise - np.sqrt(1 - a) * guess
        np.testing.assert_allclose(found.detach().numpy(), wanted, atol=0.05)


@pytest.mark.parametrize("eta", [0.0, 1.0])
def test_sampling_recovers_normal_rows_whose_denoiser_is_known(eta):
    class Known(TabularDiffusion):
        """The velocity of independent rows N(mean of the class, 0.5**2)."""

        def forward(self, x, state, time, labels):
            a = self.alpha_bar[time][:, None]
            mean = torch.tensor([[-1.0, 0.5], [1.0, 0.0]])[labels]
            gain = a.sqrt() * 0.25 / (a * 0.25 + 1 - a)
            guess = mean + gain * (x - a.sqrt() * mean)
            return (a.sqrt() * x - guess) / (1 - a).sqrt(), x[:, :0]

    alpha_bar = torch.from_numpy(alpha_bars("cosine", 1000)).float()
    process = Known(
        torch.randn(10, 2),
        torch.arange(10) % 2,
        None,
        torch.zeros(2, 0),
        alpha_bar,
        hidden_dims=(4,),
        time_dim=2,
        n_frequencies=0,
        dropout=0.0,
    )
    labels = torch.repeat_interleave(torch.arange(2), 10_000)
    with seeded(0):
        x, codes = process.sample(labels, n_steps=100, eta=eta)
    assert codes.shape == (20_000, 0)
    for label, mean in enumerate([[-1.0, 0.5], [1.0, 0.0]]):
        group = x[labels == label]
        np.testing.assert_allclose(group.mean(0), mean, atol=0.03)
        np.testing.assert_allclose(group.std(0), 0.5, atol=0.03)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("columns", [["a", "b"], ["city"], ["a", "city"]])
def test_columns_of_one_kind(mixture, mode, columns):
    X, y = mixture
    X_new, _ = TabDDPM(categorical=mode, **QUICK).fit(X[columns], y).sample(50)
    assert list(X_new.columns) == columns
    assert (X_new.dtypes == X[columns].dtypes).all()


def test_without_labels(mixture):
    X, _ = mixture
    assert TabDDPM(**QUICK).fit(X).sample(7).shape == (7, 5)


@pytest.mark.parametrize("mode", MODES)
def test_repeats_for_a_seed(mixture, mode):
    torch_state = torch.get_rng_state()
    first = TabDDPM(categorical=mode, **QUICK).fit(*mixture)
    second = clone(first).fit(*mixture)
    assert first.loss_curve_ == second.loss_curve_
    once, again = first.sample(50)[0], second.sample(50)[0]
    pd.testing.assert_frame_equal(once, again)
    assert not first.sample(50)[0].equals(once)
    fixed = [first.sample(50, random_state=3)[0] for _ in range(2)]
    pd.testing.assert_frame_equal(*fixed)
    assert (torch.get_rng_state() == torch_state).all()


@pytest.mark.parametrize("mode", MODES)
def test_pickle(mixture, mode):
    generator = TabDDPM(categorical=mode, **QUICK).fit(*mixture)
    again = pickle.loads(pickle.dumps(generator))
    pd.testing.assert_frame_equal(generator.sample(30)[0], again.sample(30)[0])


@pytest.mark.parametrize("mode", MODES)
def test_warm_start_continues(mixture, mode):
    generator = TabDDPM(categorical=mode, warm_start=True, **QUICK).fit(*mixture)
    first = generator.validation_loss_curve_[-1]
    generator.fit(*mixture)
    assert generator.validation_loss_curve_[-1] < first


def test_loss_falls_and_stops_early(mixture):
    X, y = mixture
    generator = TabDDPM(
        epochs=40, hidden_dims=(32,), n_iter_no_change=2, tol=0.1, random_state=0
    ).fit(X, y)
    assert generator.n_iter_ < 40
    assert generator.loss_curve_[-1] < generator.loss_curve_[0]
    assert len(generator.validation_loss_curve_) == generator.n_iter_
    generator.set_params(early_stopping=False, epochs=2).fit(X, y)
    assert generator.validation_loss_curve_ is None
    assert generator.n_iter_ == 2


def test_options_of_the_paper_are_reachable(mixture):
    generator = TabDDPM(
        hidden_dims=(512, 1024, 1024, 1024, 1024, 512),
        n_timesteps=100,
        schedule="linear",
        n_sampling_steps=None,
        batch_size=256,
        epochs=1,
        random_state=0,
    )
    X, y = mixture
    X_new, _ = generator.fit(X[:300], y[:300]).sample(5)
    assert len(X_new) == 5
    assert len(generator._network.alpha_bar) == 101


def test_number_of_sampling_steps(mixture):
    generator = TabDDPM(**QUICK).fit(*mixture)
    calls = []
    hook = generator._network.network.register_forward_hook(
        lambda module, inputs, out: calls.append(inputs[1][0].item())
    )
    generator.set_params(n_sampling_steps=4).sample(3)
    assert calls == [1000, 750, 500, 250]
    calls.clear()
    generator.set_params(n_sampling_steps=None, n_timesteps=1000).sample(3)
    assert len(calls) == 1000
    hook.remove()


def test_eta_zero_draws_nothing_on_the_way(mixture, monkeypatch):
    generator = TabDDPM(categorical="embedding", **QUICK).fit(*mixture)
    monkeypatch.setattr(torch, "randn_like", None)
    assert len(generator.set_params(eta=0.0).sample(3)[0]) == 3
    with pytest.raises(TypeError):
        generator.set_params(eta=1.0).sample(3)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("max_levels", [32, None])
def test_many_levels(mode, max_levels):
    rng = np.random.RandomState(0)
    user = rng.zipf(1.3, size=3000) % 2000
    X = pd.DataFrame({"user": user.astype(str), "x": rng.normal(size=3000)})
    params = {**QUICK, "epochs": 1, "batch_size": 256, "structure": None}
    generator = TabDDPM(categorical=mode, max_levels=max_levels, **params).fit(X)
    made = generator.sample(2000)
    assert set(made["user"]) <= set(X["user"])
    rare = X["user"].value_counts()[32:].index
    assert made["user"].isin(rare).mean() > 0.02
    width = generator._network.log_shares.shape[1]
    assert width == (32 if max_levels else X["user"].nunique())


@pytest.mark.parametrize("mode", MODES)
def test_starts_with_each_class_own_shares(mixture, mode):
    X, y = mixture
    X = pd.DataFrame({"city": np.where(y == 1, "Rome", "Oslo"), "a": X["a"]})
    X.loc[::10, "city"] = "Bari"
    generator = TabDDPM(categorical=mode, **QUICK, learning_rate=1e-12).fit(X, y)
    X_new, y_new = generator.set_params(n_sampling_steps=100).sample(y=y)
    for label, city in enumerate(["Oslo", "Rome"]):
        shares = X_new["city"][y_new == label].value_counts(normalize=True)
        assert shares[city] == pytest.approx(0.9, abs=0.03)
        assert shares["Bari"] == pytest.approx(0.1, abs=0.03)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"schedule": "sigmoid"}, "schedule"),
        ({"categorical": "gaussian"}, "categorical"),
        ({"n_timesteps": 1}, "n_timesteps"),
        ({"n_sampling_steps": 0}, "n_sampling_steps"),
        ({"eta": 1.5}, "eta"),
        ({"max_levels": 1}, "max_levels"),
        ({"hidden_dims": ()}, r"hidden_dims=\(\) .*at least one"),
        ({"hidden_dims": (64, 0)}, r"hidden_dims=\(64, 0\)"),
        ({"time_dim": 7}, "time_dim=7 .* even"),
        ({"device": "cuda:99"}, "cuda:99"),
    ],
)
def test_bad_parameters(mixture, params, message):
    X, y = mixture
    with pytest.raises(ValueError, match=message):
        TabDDPM(**{**QUICK, **params}).fit(X[:100], y[:100])


def test_loss_that_is_no_number_is_an_error(mixture):
    X, y = mixture
    generator = TabDDPM(
        **QUICK, learning_rate=1e30, max_grad_norm=None, early_stopping=False
    )
    with pytest.raises(FloatingPointError, match="at step"):
        generator.fit(X[:400], y[:400])


@pytest.mark.parametrize(
    ("mode", "eta"), list(itertools.product(MODES, (0.0, 0.5, 1.0)))
)
def test_every_sampler_gives_rows_of_the_table(mixture, mode, eta):
    X, y = mixture
    X_new, _ = TabDDPM(categorical=mode, eta=eta, **QUICK).fit(X, y).sample(40)
    assert set(X_new["city"]) <= set(X["city"])
    for name in ("a", "b", "seconds", "score"):
        assert X_new[name].dropna().between(X[name].min(), X[name].max()).all()
