import numpy as np
import pytest

from skgen.neural.diffusion.schedules import alpha_bars, sampling_times


def test_cosine_by_equation_17_of_nichol_and_dhariwal():
    alpha_bar = alpha_bars("cosine", 1000)
    time = np.arange(1001) / 1000
    level = np.cos((time + 0.008) / 1.008 * np.pi / 2) ** 2
    # Only the last step is held back.
    np.testing.assert_allclose(alpha_bar[:-1], (level / level[0])[:-1], rtol=1e-9)
    assert 1 - alpha_bar[-1] / alpha_bar[-2] == pytest.approx(0.999)


def test_linear_by_section_4_of_ho_et_al():
    alpha_bar = alpha_bars("linear", 1000)
    betas = 1 - alpha_bar[1:] / alpha_bar[:-1]
    np.testing.assert_allclose(betas, np.linspace(1e-4, 0.02, 1000), rtol=1e-9)
    assert alpha_bar[-1] == pytest.approx(4.04e-5, rel=1e-2)


def test_linear_adds_as_much_noise_in_fewer_steps():
    betas = 1 - alpha_bars("linear", 100)[1:] / alpha_bars("linear", 100)[:-1]
    np.testing.assert_allclose(betas, np.linspace(1e-3, 0.2, 100), rtol=1e-9)
    few, many = np.log(alpha_bars("linear", 100)), np.log(alpha_bars("linear", 1000))
    np.testing.assert_allclose(few[50], many[500], rtol=0.05)


@pytest.mark.parametrize("schedule", ["cosine", "linear"])
@pytest.mark.parametrize("n_timesteps", [2, 7, 100, 1000])
def test_falls_from_one_to_almost_nothing(schedule, n_timesteps):
    alpha_bar = alpha_bars(schedule, n_timesteps)
    assert alpha_bar.shape == (n_timesteps + 1,)
    assert alpha_bar[0] == 1
    assert (np.diff(alpha_bar) < 0).all()
    assert 0 < alpha_bar[-1] < 1e-3


@pytest.mark.parametrize(
    ("n_timesteps", "n_steps", "times"),
    [
        (1000, 4, [1000, 750, 500, 250, 0]),
        (5, 5, [5, 4, 3, 2, 1, 0]),
        (5, 50, [5, 4, 3, 2, 1, 0]),
        (7, 1, [7, 0]),
    ],
)
def test_sampling_times(n_timesteps, n_steps, times):
    assert sampling_times(n_timesteps, n_steps) == times


@pytest.mark.parametrize("n_steps", [3, 50, 333, 999])
def test_sampling_times_never_stand_still(n_steps):
    assert (np.diff(sampling_times(1000, n_steps)) < 0).all()
