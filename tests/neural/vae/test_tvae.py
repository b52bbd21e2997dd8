import numpy as np
import pandas as pd
import pytest
import torch
from scipy import stats
from torch.distributions import Normal, kl_divergence

from skgen.neural import segments
from skgen.neural.vae import networks
from skgen.neural.vae.networks import VAE
from skgen.neural.vae.tvae import TVAE

# A number of two modes and a mass, another of one mode, and a code of three levels.
WIDTHS, N_MODES = [1, 3, 3], [(1, 2), (0, 1)]


def make_network(**params):
    torch.manual_seed(0)
    sizes = {"embedding_dim": 4, "compress_dims": (8,), "decompress_dims": (8,)}
    return VAE(WIDTHS, N_MODES, 2, **{**sizes, **params})


def make_rows(n=50):
    torch.manual_seed(1)
    levels = torch.stack([torch.randint(width, (n,)) for width in WIDTHS], dim=1)
    alpha = torch.rand(n, 2) * 2 - 1
    alpha[levels[:, 1] == 2, 0] = 0
    return alpha, levels, torch.randint(2, (n,))


def mixture(n=3000, seed=0):
    """Two classes, each with its own normal, categories and masses."""
    rng = np.random.RandomState(seed)
    y = (rng.rand(n) < 0.3).astype(int)
    a = rng.normal(4 * y, 1)
    X = pd.DataFrame(
        {
            "a": a,
            "b": 2 * a + rng.normal(size=n),
            "sign": np.where(a > 4 * y, "high", "low"),
            "colour": rng.choice(["red", "green", "blue"], n, p=[0.7, 0.2, 0.1]),
            "seconds": np.where(rng.rand(n) < 0.2 + 0.5 * y, 0.0, rng.gamma(2, size=n)),
        }
    )
    return X, y


@pytest.fixture(scope="module")
def fitted():
    X, y = mixture()
    return TVAE(epochs=80, batch_size=200, random_state=0).fit(X, y), X, y


def test_divergence_is_the_closed_form():
    mean, log_variance = torch.randn(20, 3), torch.randn(20, 3)
    wanted = kl_divergence(
        Normal(mean, (0.5 * log_variance).exp()), Normal(0.0, 1.0)
    ).sum(1)
    torch.testing.assert_close(networks.kl_divergence(mean, log_variance), wanted)


def test_reconstruction_is_the_log_likelihood():
    network = make_network()
    network.log_sigma = torch.nn.Parameter(
        torch.tensor([-1.0, -0.5, -2.0]), requires_grad=False
    )
    alpha, levels, labels = make_rows()
    with torch.no_grad():
        means, logits = network.decode(torch.randn(50, 4), labels)
        loss = network.reconstruction_loss(alpha, levels, means, logits)
    for i in range(50):
        wanted, mode = 0.0, int(levels[i, 1])
        if mode < 2:
            normal = Normal(means[i, mode], network.log_sigma[mode].exp())
            wanted -= normal.log_prob(alpha[i, 0])
        normal = Normal(means[i, 2], network.log_sigma[2].exp())
        wanted -= normal.log_prob(alpha[i, 1])
        wanted -= logits[i, 1:4].log_softmax(0)[levels[i, 1]]
        wanted -= logits[i, 4:7].log_softmax(0)[levels[i, 2]]
        assert float(loss[i]) == pytest.approx(float(wanted), rel=1e-4)


def test_reconstruction_by_squared_errors():
    network = make_network(reconstruction="mse")
    alpha, levels, labels = make_rows()
    with torch.no_grad():
        means, logits = network.decode(torch.randn(50, 4), labels)
        loss = network.reconstruction_loss(alpha, levels, means, logits)
    one_hot = network.segments.one_hot(levels)
    wanted = ((network.segments.softmax(logits) - one_hot) ** 2).sum(1)
    wanted += (alpha[:, 1] - means[:, 2]) ** 2
    for mode in (0, 1):
        rows = levels[:, 1] == mode
        wanted[rows] += (alpha[rows, 0] - means[rows, mode]) ** 2
    torch.testing.assert_close(loss, wanted)


def test_loss_is_the_negative_evidence_lower_bound():
    network = make_network()
    rows = make_rows()
    with torch.no_grad():
        torch.manual_seed(3)
        loss = network.loss(*rows, 1.5)
        torch.manual_seed(3)
        mean, log_variance = network.encode(*rows)
        latent = mean + torch.randn_like(mean) * (0.5 * log_variance).exp()
        lost = network.reconstruction_loss(
            rows[0], rows[1], *network.decode(latent, rows[2])
        )
        divergence = networks.kl_divergence(mean, log_variance)
    assert float(loss) == pytest.approx(float((1.5 * lost + divergence).mean()))


def test_draws_have_the_learned_spread():
    network = make_network()
    network.log_sigma.data = torch.tensor([-1.0, -0.5, -2.0])
    latent = torch.zeros(1, 4).expand(40_000, -1)
    labels = torch.zeros(40_000, dtype=torch.long)
    with torch.no_grad():
        alpha, levels = network.draw(latent, labels)
        means, logits = network.decode(latent[:1], labels[:1])
    assert float(alpha[:, 1].mean()) == pytest.approx(float(means[0, 2]), abs=0.005)
    assert float(alpha[:, 1].std()) == pytest.approx(np.exp(-2), rel=0.02)
    for mode in (0, 1):
        spread = alpha[levels[:, 1] == mode, 0].std()
        assert float(spread) == pytest.approx(np.exp([-1, -0.5][mode]), rel=0.05)
    share = (levels[:, 2] == 1).float().mean()
    wanted = logits[0, 4:7].softmax(0)[1]
    assert float(share) == pytest.approx(float(wanted), abs=0.01)


@pytest.mark.parametrize("label", [0, 1])
def test_each_class_has_its_own_distribution(fitted, label):
    generator, X, y = fitted
    made, labels = generator.sample(y=np.full(3000, label))
    assert (labels == label).all()
    real = X[y == label]
    for name in ("a", "b", "seconds"):
        assert stats.ks_2samp(made[name], real[name]).statistic < 0.1
    zero = (made["seconds"] == 0).mean()
    assert zero == pytest.approx((real["seconds"] == 0).mean(), abs=0.07)
    for name in ("sign", "colour"):
        share = made[name].value_counts(normalize=True)
        wanted = real[name].value_counts(normalize=True)
        assert (share - wanted).abs().max() < 0.07


@pytest.mark.parametrize("label", [0, 1])
def test_dependence_is_recovered(fitted, label):
    generator, X, y = fitted
    made, _ = generator.sample(y=np.full(3000, label))
    real = X[y == label]
    wanted = real["a"].corr(real["b"])
    assert made["a"].corr(made["b"]) == pytest.approx(wanted, abs=0.15)
    # A category that follows from a number.
    agree = (made["a"] > 4 * label) == (made["sign"] == "high")
    assert agree.mean() > 0.75


def test_curves(fitted):
    generator, _, _ = fitted
    assert len(generator.loss_curve_) == generator.n_iter_ <= 80
    assert generator.loss_curve_[-1] < generator.loss_curve_[0]
    assert len(generator.validation_loss_curve_) == generator.n_iter_
    best = int(np.argmin(generator.validation_loss_curve_))
    assert abs(generator.best_iter_ - 1 - best) <= 10


def test_repeats_for_a_seed():
    X, y = mixture(300)
    state, of_torch = np.random.get_state()[1].copy(), torch.get_rng_state()
    first = TVAE(epochs=3, random_state=7).fit(X, y)
    second = TVAE(epochs=3, random_state=7).fit(X, y)
    pd.testing.assert_frame_equal(first.sample(100)[0], second.sample(100)[0])
    assert first.loss_curve_ == second.loss_curve_
    assert (np.random.get_state()[1] == state).all()
    assert (torch.get_rng_state() == of_torch).all()


def test_warm_start_continues():
    X, y = mixture(1000)
    params = {"random_state": 0, "early_stopping": False}
    generator = TVAE(epochs=20, warm_start=True, **params).fit(X, y)
    before = generator.loss_curve_
    generator.set_params(epochs=1).fit(X, y)
    assert generator.loss_curve_[0] < 0.9 * before[0]
    cold = TVAE(epochs=1, **params).fit(X, y)
    assert generator.loss_curve_[0] < cold.loss_curve_[0]


def test_classes_of_two_rows():
    X, y = mixture(200)
    y[:] = 0
    y[:2] = 1
    made, labels = TVAE(epochs=2, random_state=0).fit(X, y).sample(y=[1] * 20)
    assert len(made) == 20
    assert (labels == 1).all()


def test_small_variant_for_clicks():
    X, y = mixture(1000)
    small = TVAE(
        embedding_dim=16,
        compress_dims=(32, 32),
        decompress_dims=(32, 32),
        reconstruction="mse",
        prior="normal",
        batch_size=50,
        epochs=50,
        random_state=0,
    ).fit(X, y)
    made, _ = small.sample(y=np.ones(1000, dtype=int))
    assert abs(made["a"].mean() - X["a"][y == 1].mean()) < 0.5
    assert sum(p.numel() for p in small._network.parameters()) < 7000


def test_numbers_alone_and_categories_alone():
    X, y = mixture(300)
    for columns in (["a", "b"], ["sign", "colour"]):
        made, _ = TVAE(epochs=2, random_state=0).fit(X[columns], y).sample(50)
        assert made.shape == (50, 2)


def test_a_column_that_is_missing():
    X, y = mixture(300)
    X["none"] = np.nan
    made, _ = TVAE(epochs=2, random_state=0).fit(X, y).sample(20)
    assert made["none"].isna().all()


def test_a_loss_that_is_no_number_names_the_step():
    X, y = mixture(300)
    params = {"learning_rate": 1e20, "max_grad_norm": None, "early_stopping": False}
    wild = TVAE(epochs=20, random_state=0, **params)
    with pytest.raises(FloatingPointError, match=r"at step \d+ \(epoch \d+\)"):
        wild.fit(X, y)


def test_sampling_streams_in_batches(fitted, monkeypatch):
    generator = fitted[0]
    seen = []
    draw = VAE.draw
    monkeypatch.setattr(segments, "MAX_BATCH_ENTRIES", 1)
    monkeypatch.setattr(
        VAE, "draw", lambda self, z, y: seen.append(len(z)) or draw(self, z, y)
    )
    made, _ = generator.sample(1700)
    assert seen == [500, 500, 500, 200]
    assert len(made) == 1700
