import numpy as np
import pandas as pd
import pytest
import torch
from scipy import stats

from skgen.encodings.marginals import Marginal
from skgen.neural.gan import CTGAN, CopulaGAN
from skgen.neural.gan.conditions import Conditions
from skgen.neural.gan.copula_gan import to_normal
from skgen.neural.gan.networks import Critic, Generator, gradient_penalty
from skgen.neural.segments import Segments

GANS = [CTGAN, CopulaGAN]
# A number of two modes and a mass, another of one mode, and a code of three levels.
WIDTHS, N_MODES = [1, 3, 3], [(1, 2), (0, 1)]


def mixture(n=2000, seed=0):
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


@pytest.fixture(scope="module", params=GANS, ids=["CTGAN", "CopulaGAN"])
def fitted(request):
    X, y = mixture(1500)
    sizes = {"generator_dim": (64, 64), "discriminator_dim": (64, 64)}
    params = {"epochs": 240, "batch_size": 150, "random_state": 0, **sizes}
    return request.param(**params).fit(X, y), X, y


def test_penalty_of_a_linear_critic_is_its_weight():
    critic = Critic(3, (), pac=2, dropout=0.0)
    real, made = torch.randn(8, 3), torch.randn(8, 3)
    norm = critic.exit.weight.norm()
    torch.testing.assert_close(critic.gradient(real), critic.exit.weight.expand(4, 6))
    torch.testing.assert_close(gradient_penalty(critic, real, made), (norm - 1) ** 2)


@pytest.mark.parametrize("pac", [1, 4])
def test_penalty_is_that_of_autograd(pac):
    torch.manual_seed(0)
    critic = Critic(5, (16, 8), pac=pac, dropout=0.0)
    rows = torch.randn(12, 5, requires_grad=True)
    scores = critic(rows)
    (wanted,) = torch.autograd.grad(scores.sum(), rows, create_graph=True)
    wanted = wanted.reshape(12 // pac, -1)
    found = critic.gradient(rows)
    torch.testing.assert_close(found, wanted)
    # And so is its derivative by the weights.
    weights = [critic.exit.weight, *(layer.weight for layer in critic.layers)]
    of_wanted = torch.autograd.grad(((wanted.norm(dim=1) - 1) ** 2).mean(), weights)
    of_found = torch.autograd.grad(((found.norm(dim=1) - 1) ** 2).mean(), weights)
    for one, other in zip(of_found, of_wanted, strict=True):
        torch.testing.assert_close(one, other)


def test_penalty_lies_between_real_and_generated_rows(monkeypatch):
    critic = Critic(2, (), pac=2, dropout=0.0)
    seen = []
    gradient = Critic.gradient
    monkeypatch.setattr(
        Critic, "gradient", lambda self, x: seen.append(x) or gradient(self, x)
    )
    gradient_penalty(critic, torch.ones(2000, 2), torch.zeros(2000, 2))
    shares = seen[0].reshape(1000, 4)
    # One share for a group, uniform on [0, 1].
    assert (shares == shares[:, :1]).all()
    assert stats.kstest(shares[:, 0], "uniform").pvalue > 1e-4


def make_conditions(n=4000, seed=0):
    rng = np.random.RandomState(seed)
    labels = (rng.rand(n) < 0.1).astype(np.intp)
    levels = np.zeros((n, 3), dtype=np.int32)
    levels[:, 1] = rng.choice(3, n, p=[0.9, 0.09, 0.01])
    levels[:, 2] = np.where(labels, rng.choice(2, n), 1)
    return Conditions(levels, labels, [1, 2], WIDTHS_OF_LEVELS, 2), levels, labels


WIDTHS_OF_LEVELS = [1, 3, 2]


@pytest.mark.parametrize("log_frequency", [True, False])
def test_training_by_sampling_follows_the_formula(log_frequency):
    torch.manual_seed(0)
    conditions, levels, labels = make_conditions()
    asked = torch.ones(60_000, dtype=torch.long)
    condition = conditions.draw(asked, log_frequency=log_frequency)
    vector = condition.vector
    assert vector.shape == (60_000, 2 + 3 + 2)
    assert (vector[:, :2] == torch.tensor([0.0, 1.0])).all()
    of_columns = torch.stack([vector[:, 2:5].sum(1), vector[:, 5:].sum(1)], dim=1)
    assert set(of_columns.sum(1).tolist()) == {0.0, 1.0}
    # Each column, and the label alone, as often.
    assert torch.allclose(of_columns.mean(0), torch.tensor(1 / 3), atol=0.01)
    for column, part in ((1, vector[:, 2:5]), (2, vector[:, 5:])):
        counts = np.bincount(
            levels[labels == 1, column], minlength=WIDTHS_OF_LEVELS[column]
        )
        weights = np.log1p(counts) if log_frequency else counts
        found = part.sum(0).numpy() / part.sum().item()
        np.testing.assert_allclose(found, weights / weights.sum(), atol=0.015)


def test_rows_meet_their_conditions_and_are_drawn_evenly():
    torch.manual_seed(0)
    conditions, levels, labels = make_conditions()
    sorted_rows = torch.from_numpy(conditions.sort_rows(levels, labels))
    asked = torch.randint(2, (40_000,))
    condition = conditions.draw(asked, log_frequency=True)
    rows = conditions.draw_rows(condition, sorted_rows).numpy()
    assert (labels[rows] == asked.numpy()).all()
    vector = condition.vector.numpy()
    for column, start in ((1, 2), (2, 5)):
        part = vector[:, start : start + WIDTHS_OF_LEVELS[column]]
        asks = part.any(axis=1)
        assert (levels[rows[asks], column] == part[asks].argmax(axis=1)).all()
    # The rows of a level are equally likely.
    rare = vector[:, 4] == 1
    rare &= asked.numpy() == 0
    candidates = np.flatnonzero((levels[:, 1] == 2) & (labels == 0))
    counts = np.bincount(rows[rare], minlength=4000)[candidates]
    assert counts.sum() == rare.sum() > 1000
    assert stats.chisquare(counts).pvalue > 1e-4


def test_a_level_that_a_label_lacks_is_never_asked_for():
    conditions, _, _ = make_conditions()
    condition = conditions.draw(
        torch.zeros(20_000, dtype=torch.long), log_frequency=True
    )
    assert condition.vector[:, 5].sum() == 0
    assert condition.vector[:, 6].sum() > 0


def test_cross_entropy_is_that_of_the_column_asked_for():
    conditions, _, _ = make_conditions()
    segments = Segments(sorted(WIDTHS_OF_LEVELS))
    conditions = Conditions(
        np.array([[0, 1, 2], [0, 0, 1], [0, 1, 0]], dtype=np.int32).repeat(4, axis=0),
        np.array([0, 1] * 6),
        [1, 2],
        [1, 2, 3],
        2,
    )
    torch.manual_seed(0)
    condition = conditions.draw(torch.randint(2, (300,)), log_frequency=False)
    logits = torch.randn(300, 6)
    found = conditions.cross_entropy(segments, logits, condition)
    for i, vector in enumerate(condition.vector):
        wanted = 0.0
        for start, width, at in ((2, 2, 1), (4, 3, 3)):
            if vector[start : start + width].any():
                level = vector[start : start + width].argmax()
                wanted = -logits[i, at : at + width].log_softmax(0)[level].item()
        assert found[i].item() == pytest.approx(wanted, rel=1e-4, abs=1e-6)


def test_a_number_follows_the_mode_that_is_drawn():
    torch.manual_seed(0)
    generator = Generator(
        WIDTHS, N_MODES, 2, embedding_dim=4, condition_dim=2, hidden_dims=(8,)
    ).eval()
    inside = torch.tensor([[-0.5, 0.5, 0.25]]).expand(500, -1)
    labels = torch.zeros(500, dtype=torch.long)
    alpha, levels = generator.hard_rows(inside, torch.zeros(500, 7), labels)
    wanted = torch.tensor([-0.5, 0.5, 0.0])[levels[:, 1]]
    assert set(levels[:, 1].tolist()) == {0, 1, 2}
    assert (alpha[:, 0] == wanted).all()
    assert (alpha[:, 1] == 0.25).all()
    soft = generator.soft_rows(inside, torch.zeros(500, 7), 0.2)
    torch.testing.assert_close(soft[:, 0], 0.5 * (soft[:, 4] - soft[:, 3]))


def test_calibration_gives_levels_their_frequencies():
    torch.manual_seed(0)
    generator = Generator(
        WIDTHS, N_MODES, 2, embedding_dim=4, condition_dim=2, hidden_dims=(8,)
    )
    logits = 2 * torch.randn(20_000, 7)
    wanted = torch.tensor([1.0, 0.7, 0.3, 0.0, 0.05, 0.15, 0.8])
    generator.calibrate(logits, 1, wanted)
    labels = torch.ones(20_000, dtype=torch.long)
    inside = torch.zeros(20_000, 3)
    _, levels = generator.hard_rows(inside, logits, labels)
    found = generator.segments.one_hot(levels).mean(0)
    torch.testing.assert_close(found, wanted, atol=0.01, rtol=0)
    # The other label is as it was.
    assert (generator.corrections[0] == 0).all()


def test_norms_are_those_of_the_present_weights():
    torch.manual_seed(0)
    generator = Generator(
        WIDTHS, N_MODES, 2, embedding_dim=4, condition_dim=2, hidden_dims=(8,)
    )
    with torch.no_grad():
        generator.blocks[0][0].bias += 5
    condition = torch.tensor([[1.0, 0.0]]).expand(500, -1)
    generator.renew_norms(lambda: condition)
    norm = generator.blocks[0][1]
    linear = generator.blocks[0][0]
    mean = linear.bias + linear.weight[:, 4]
    torch.testing.assert_close(norm.running_mean, mean, atol=0.05, rtol=0)
    assert norm.momentum == 0.1


@pytest.mark.parametrize("label", [0, 1])
def test_each_class_has_its_own_distribution(fitted, label):
    generator, X, y = fitted
    made, labels = generator.sample(y=np.full(3000, label))
    assert (labels == label).all()
    real = X[y == label]
    for name in ("a", "b", "seconds"):
        assert stats.ks_2samp(made[name], real[name]).statistic < 0.08
    zero = (made["seconds"] == 0).mean()
    assert zero == pytest.approx((real["seconds"] == 0).mean(), abs=0.05)
    for name in ("sign", "colour"):
        share = made[name].value_counts(normalize=True)
        wanted = real[name].value_counts(normalize=True)
        assert (share - wanted).abs().max() < 0.05


@pytest.mark.parametrize("label", [0, 1])
def test_dependence_is_recovered(fitted, label):
    generator, X, y = fitted
    made, _ = generator.sample(y=np.full(3000, label))
    real = X[y == label]
    wanted = real["a"].corr(real["b"])
    assert made["a"].corr(made["b"]) == pytest.approx(wanted, abs=0.2)
    # A category that follows from a number.
    agree = (made["a"] > 4 * label) == (made["sign"] == "high")
    assert agree.mean() > 0.75


def test_labels_come_in_the_order_asked_for(fitted):
    wanted = np.array([1, 0, 0, 1, 1] * 8)
    made, labels = fitted[0].sample(y=wanted)
    assert (labels == wanted).all()
    assert stats.ttest_ind(made["a"][wanted == 1], made["a"][wanted == 0])[1] < 1e-6


def test_curves(fitted):
    curves = fitted[0].loss_curve_
    assert set(curves) == {"generator", "discriminator"}
    assert all(len(curve) == 240 for curve in curves.values())
    assert fitted[0].validation_loss_curve_ is None


def test_marginals_of_the_copula(fitted):
    generator, X, _ = fitted
    if isinstance(generator, CopulaGAN):
        assert set(generator.marginals_) == {"a", "b", "seconds"}
        table = generator.schema_.transform(X)
        normal = generator._map(table, to_normal)
        back = generator._map(normal, Marginal.from_normal)
        scale = table.numeric.std(axis=0)
        assert (np.abs(back.numeric - table.numeric) / scale).max() < 0.05
        active = table.active(0)
        assert stats.kstest(normal.numeric[active, 0], "norm").statistic < 0.05
        assert generator.marginals_["seconds"].family == "gamma"


def test_correction_of_marginals_can_be_left_out():
    X, y = mixture(500)
    plain = CTGAN(epochs=2, calibrate=False, random_state=0).fit(X, y)
    assert not plain._maps
    assert (plain._generator.corrections == 0).all()
    assert len(plain.sample(30)[0]) == 30


@pytest.mark.parametrize("cls", GANS)
def test_repeats_for_a_seed(cls):
    X, y = mixture(300)
    state, of_torch = np.random.get_state()[1].copy(), torch.get_rng_state()
    first = cls(epochs=3, random_state=7).fit(X, y)
    second = cls(epochs=3, random_state=7).fit(X, y)
    pd.testing.assert_frame_equal(first.sample(100)[0], second.sample(100)[0])
    assert first.loss_curve_ == second.loss_curve_
    assert (np.random.get_state()[1] == state).all()
    assert (torch.get_rng_state() == of_torch).all()


@pytest.mark.parametrize("cls", GANS)
def test_warm_start_continues(cls):
    X, y = mixture(1000)
    generator = cls(epochs=3, warm_start=True, random_state=0).fit(X, y)
    weights = generator._generator.exit.weight.clone()
    # So small a step changes next to nothing.
    generator.set_params(epochs=1, generator_lr=1e-9).fit(X[:700], y[:700])
    found = generator._generator.exit.weight
    assert generator.n_iter_ == 1
    torch.testing.assert_close(found, weights, atol=1e-6, rtol=0)
    assert len(generator.sample(50)[0]) == 50


@pytest.mark.parametrize("pac", [1, 7])
def test_several_rows_at_a_time(pac):
    X, y = mixture(300)
    params = {"epochs": 2, "discriminator_steps": 2, "dropout": 0.5}
    generator = CTGAN(pac=pac, random_state=0, **params).fit(X, y)
    layer = generator._discriminator.layers[0]
    assert layer.in_features % pac == 0
    assert len(generator.sample(30)[0]) == 30


def test_more_rows_in_a_group_than_there_are():
    X, y = mixture(40)
    with pytest.raises(ValueError, match=r"pac=50 .* 40"):
        CTGAN(pac=50).fit(X, y)
    with pytest.raises(ValueError, match="batch_size=5 is less than pac=10"):
        CTGAN(pac=10, batch_size=5).fit(X, y)


def test_a_batch_larger_than_the_class():
    X, y = mixture(200)
    y[:] = 0
    y[:2] = 1
    generator = CTGAN(epochs=2, batch_size=150, random_state=0).fit(X, y)
    made, labels = generator.sample(y=[1] * 20)
    assert (labels == 1).all()
    assert len(made) == 20


def test_numbers_alone_and_categories_alone():
    X, y = mixture(300)
    for columns in (["a", "b"], ["sign", "colour"]):
        for cls in GANS:
            made, _ = cls(epochs=2, random_state=0).fit(X[columns], y).sample(50)
            assert made.shape == (50, 2)
    made = CTGAN(epochs=2, random_state=0).fit(X).sample(50)
    assert made.shape == (50, 5)


def test_a_column_that_is_missing():
    X, y = mixture(300)
    X["none"] = np.nan
    X["nearly"] = np.where(np.arange(300) < 2, 1.0, np.nan)
    made, _ = CTGAN(epochs=2, random_state=0).fit(X, y).sample(20)
    assert made["none"].isna().all()
    assert set(made["nearly"].dropna()) <= {1.0}


def test_a_loss_that_is_no_number_names_the_step():
    X, y = mixture(300)
    wild = CTGAN(epochs=20, generator_lr=1e30, discriminator_lr=1e30, random_state=0)
    with pytest.raises(FloatingPointError, match=r"at step \d+ \(epoch \d+\)"):
        wild.fit(X, y)


def test_many_levels():
    rng = np.random.RandomState(0)
    n = 3000
    X = pd.DataFrame(
        {"user": rng.zipf(1.3, n) % 2000, "age": rng.normal(size=n)}
    ).astype({"user": str})
    generator = CTGAN(epochs=1, max_levels=32, structure=None, random_state=0).fit(X)
    assert generator._generator.segments.width < 32 + 20
    made = generator.sample(n)
    assert set(made["user"]) <= set(X["user"])
    # Also the rare ones come back.
    assert made["user"].nunique() > 100
