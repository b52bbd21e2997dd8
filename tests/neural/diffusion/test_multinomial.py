import itertools

import numpy as np
import pytest
import torch

from skgen.deep.device import seeded
from skgen.neural.diffusion.multinomial import MultinomialDiffusion
from skgen.neural.diffusion.schedules import alpha_bars, sampling_times

SIZES = (3, 4)
ALPHA_BAR = alpha_bars("cosine", 5)


@pytest.fixture(autouse=True)
def _seed():
    with seeded(0):
        yield


@pytest.fixture
def process():
    return MultinomialDiffusion(SIZES).double()


def chain(n_levels, start, end):
    """Multiply the transition matrices of the steps after start, up to end."""
    matrix = np.eye(n_levels)
    for t in range(start + 1, end + 1):
        beta = 1 - ALPHA_BAR[t] / ALPHA_BAR[t - 1]
        step = (1 - beta) * np.eye(n_levels) + beta / n_levels
        matrix = matrix @ step
    return matrix


def posterior(n_levels, x_t, x_0, t, s):
    """Return the law of x_s by Bayes' rule on the chain."""
    joint = chain(n_levels, 0, s)[x_0] * chain(n_levels, s, t)[:, x_t]
    return joint / joint.sum()


def at(t):
    return torch.tensor(ALPHA_BAR[t])


def every_pair():
    """Return all noisy codes and all codes, of both columns."""
    rows = itertools.product(*(range(n) for n in SIZES + SIZES))
    codes = torch.tensor(list(rows))
    return codes[:, :2], codes[:, 2:]


@pytest.mark.parametrize(("t", "s"), [(1, 0), (3, 2), (5, 4), (5, 2), (4, 0)])
def test_posterior_by_enumeration(process, t, s):
    x_t, x_0 = every_pair()
    known = torch.full((len(x_0), sum(SIZES)), -torch.inf, dtype=torch.float64)
    known[torch.arange(len(x_0)), x_0[:, 0]] = 0.0
    known[torch.arange(len(x_0)), 3 + x_0[:, 1]] = 0.0
    found = process.log_posterior(x_t, known, at(t), at(s)).exp().numpy()
    for row in range(len(x_0)):
        for column, part in enumerate(np.split(found[row], [3])):
            wanted = posterior(
                SIZES[column], int(x_t[row, column]), int(x_0[row, column]), t, s
            )
            np.testing.assert_allclose(part, wanted, atol=1e-12)


@pytest.mark.parametrize(("t", "s"), [(1, 0), (3, 2), (5, 2)])
def test_loss_by_brute_force(process, t, s):
    x_t, x_0 = every_pair()
    logits = torch.randn(len(x_0), sum(SIZES), dtype=torch.float64)
    found = process.loss(x_t, logits, x_0, at(t), at(s))
    assert found.shape == x_0.shape
    for row in range(len(x_0)):
        for column, scores in enumerate(np.split(logits[row].numpy(), [3])):
            n_levels, noisy = SIZES[column], int(x_t[row, column])
            guess = np.exp(scores) / np.exp(scores).sum()
            p = (guess @ chain(n_levels, 0, s)) * chain(n_levels, s, t)[:, noisy]
            p /= p.sum()
            q = posterior(n_levels, noisy, int(x_0[row, column]), t, s)
            seen = q > 1e-12
            divergence = (q[seen] * np.log(q[seen] / p[seen])).sum()
            assert found[row, column].item() == pytest.approx(divergence, rel=1e-5)


def test_loss_is_zero_for_the_truth_and_counts_all_steps():
    x_t, x_0 = every_pair()
    sure = torch.full((len(x_0), 7), -50.0)
    sure.scatter_(1, x_0 + torch.tensor([0, 3]), 50.0)
    unsure = torch.zeros(len(x_0), 7)
    one, five = MultinomialDiffusion(SIZES), MultinomialDiffusion(SIZES, n_timesteps=5)
    alpha_bars = torch.tensor(ALPHA_BAR[3]).float(), torch.tensor(ALPHA_BAR[2]).float()
    assert one.loss(x_t, sure, x_0, *alpha_bars).abs().max() < 1e-5
    loss = one.loss(x_t, unsure, x_0, *alpha_bars)
    assert (loss > 0.01).any()
    torch.testing.assert_close(five.loss(x_t, unsure, x_0, *alpha_bars), 5 * loss)


@pytest.mark.parametrize("t", [1, 3, 5])
def test_forward_process_is_the_chain(process, t):
    codes = torch.tensor([[2, 1]]).expand(60_000, 2)
    noisy = process.diffuse(codes, at(t)).numpy()
    for column, n_levels in enumerate(SIZES):
        wanted = chain(n_levels, 0, t)[int(codes[0, column])]
        found = np.bincount(noisy[:, column], minlength=n_levels) / len(noisy)
        error = 5 * np.sqrt(wanted * (1 - wanted) / len(noisy))
        assert (np.abs(found - wanted) <= error).all()


@pytest.mark.parametrize("n_steps", [1, 3, 20])
def test_reverse_process_recovers_the_marginals(n_steps):
    process = MultinomialDiffusion(SIZES)
    shares = [np.array([0.7, 0.05, 0.25]), np.array([0.1, 0.2, 0.3, 0.4])]
    logits = torch.from_numpy(np.log(np.concatenate(shares))).float()
    logits = logits.expand(60_000, -1)
    alpha_bar = torch.from_numpy(alpha_bars("cosine", 100)).float()
    state = process.start(len(logits), torch.device("cpu"))
    times = sampling_times(100, n_steps)
    for now, then in itertools.pairwise(times):
        if then:
            state = process.reverse_step(
                state, logits, alpha_bar[now], alpha_bar[then], 1.0
            )
        else:
            state = process.decode(state, logits, alpha_bar[now])
    for column, share in enumerate(shares):
        found = np.bincount(state[:, column].numpy(), minlength=len(share)) / len(state)
        assert (np.abs(found - share) < 5 * np.sqrt(share / len(state))).all()


def test_features_tell_levels_and_columns_apart():
    process = MultinomialDiffusion(SIZES, dim=5)
    features = process.features(torch.tensor([[0, 0], [1, 0], [0, 3]]))
    assert features.shape == (3, process.n_features) == (3, 10)
    assert torch.equal(features[0, 5:], features[1, 5:])
    assert not torch.equal(features[0, :5], features[1, :5])
    assert not torch.equal(features[0, :5], features[0, 5:])
