import itertools

import numpy as np
import pytest
import torch

from skgen.deep.device import seeded
from skgen.neural.diffusion import gaussian
from skgen.neural.diffusion.schedules import alpha_bars, sampling_times

ALPHA_BAR = torch.from_numpy(alpha_bars("cosine", 20))


@pytest.fixture(autouse=True)
def _seed():
    with seeded(0):
        yield


@pytest.mark.parametrize("schedule", ["cosine", "linear"])
def test_closed_form_is_the_chain_step_by_step(schedule):
    alpha_bar = torch.from_numpy(alpha_bars(schedule, 20))
    start = torch.tensor([1.5, -0.5], dtype=torch.float64).expand(50_000, 2)
    x = start
    for t in range(1, 21):
        beta = 1 - alpha_bar[t] / alpha_bar[t - 1]
        x = (1 - beta).sqrt() * x + beta.sqrt() * torch.randn_like(x)
        closed = gaussian.diffuse(start, torch.randn_like(x), alpha_bar[t])
        for found in (x, closed):
            variance = 1 - alpha_bar[t]
            mean = alpha_bar[t].sqrt() * start[0]
            error = 5 * (variance / len(x)).sqrt()
            assert ((found.mean(0) - mean).abs() < error).all()
            relative = found.var(0) / variance - 1
            assert (relative.abs() < 5 * np.sqrt(2 / len(x))).all()


def test_velocity_and_place_tell_the_row():
    x, noise = torch.randn(2, 50, 3, dtype=torch.float64)
    alpha_bar = torch.rand(50, 1, dtype=torch.float64)
    v = gaussian.velocity(x, noise, alpha_bar)
    x_t = gaussian.diffuse(x, noise, alpha_bar)
    torch.testing.assert_close(gaussian.denoise(x_t, v, alpha_bar), x)


def test_velocity_of_standard_normal_rows_has_mean_zero():
    x, noise = torch.randn(2, 200_000, dtype=torch.float64)
    x_t = gaussian.diffuse(x, noise, torch.tensor(0.3))
    v = gaussian.velocity(x, noise, torch.tensor(0.3))
    assert abs(np.corrcoef(x_t, v)[0, 1]) < 5 / np.sqrt(200_000)


@pytest.mark.parametrize(("t", "s"), [(12, 11), (12, 5), (20, 1)])
def test_ancestral_step_is_the_posterior_of_ho_et_al(t, s):
    x_t, x = torch.randn(2, 40, 3, dtype=torch.float64)
    with seeded(1):
        noise = torch.randn_like(x)
    with seeded(1):
        found = gaussian.reverse_step(x_t, x, ALPHA_BAR[t], ALPHA_BAR[s], 1.0)
    beta = 1 - ALPHA_BAR[t] / ALPHA_BAR[s]
    # Equations 6 and 7.
    mean = ALPHA_BAR[s].sqrt() * beta / (1 - ALPHA_BAR[t]) * x
    mean += (1 - beta).sqrt() * (1 - ALPHA_BAR[s]) / (1 - ALPHA_BAR[t]) * x_t
    variance = (1 - ALPHA_BAR[s]) / (1 - ALPHA_BAR[t]) * beta
    torch.testing.assert_close(found, mean + variance.sqrt() * noise)


@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
def test_the_last_step_is_the_guess(eta):
    x_t, x = torch.randn(2, 40, 3, dtype=torch.float64)
    found = gaussian.reverse_step(x_t, x, ALPHA_BAR[1], ALPHA_BAR[0], eta)
    torch.testing.assert_close(found, x)


def test_step_without_eta_is_deterministic():
    x_t, x = torch.randn(2, 40, 3, dtype=torch.float64)
    first, second = (
        gaussian.reverse_step(x_t, x, ALPHA_BAR[9], ALPHA_BAR[4], 0.0) for _ in range(2)
    )
    assert torch.equal(first, second)


@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
def test_recovers_a_normal_distribution_whose_denoiser_is_known(eta):
    """For normal rows, the mean given the noisy place is linear."""
    mean = torch.tensor([1.0, -2.0], dtype=torch.float64)
    covariance = torch.tensor([[0.8, 0.5], [0.5, 0.9]], dtype=torch.float64)
    alpha_bar = torch.from_numpy(alpha_bars("cosine", 1000))
    x = torch.randn(40_000, 2, dtype=torch.float64)
    times = sampling_times(1000, 200)
    for now, then in itertools.pairwise(times):
        a = alpha_bar[now]
        noisy = a * covariance + (1 - a) * torch.eye(2)
        gain = a.sqrt() * covariance @ torch.linalg.inv(noisy)
        guess = mean + (x - a.sqrt() * mean) @ gain.T
        x = gaussian.reverse_step(x, guess, a, alpha_bar[then], eta)
    assert (x.mean(0) - mean).abs().max() < 0.03
    assert (torch.cov(x.T) - covariance).abs().max() < 0.03
