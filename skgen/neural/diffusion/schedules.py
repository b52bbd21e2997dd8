"""How much of a row is left after each step of a diffusion."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Maximum share of the variance that one step may replace.
MAX_BETA = 0.999
# Offset of the cosine, which keeps the first steps from being too small.
COSINE_OFFSET = 0.008
# First and last variance of the linear schedule, for 1000 steps.
LINEAR_BETAS = (1e-4, 0.02)


def alpha_bars(schedule: str, n_timesteps: int) -> NDArray[np.float64]:
    r"""Return the share of the variance that is left of a row after each step.

    With the variance :math:`\beta_t` of the noise that step :math:`t` adds,
    :math:`\bar\alpha_t = \prod_{s \le t} (1 - \beta_s)`.

    Parameters
    ----------
    schedule : {"cosine", "linear"}
        "cosine": :math:`\bar\alpha_t = f(t) / f(0)` with
        :math:`f(t) = \cos^2\left(\frac{t/T + s}{1 + s} \frac{\pi}{2}\right)`,
        :math:`s = 0.008` and no :math:`\beta_t` above 0.999 [2]_. "linear":
        :math:`\beta_t` from :math:`10^{-4}` to 0.02 in 1000 steps [1]_; with fewer
        steps they grow in proportion.

    Returns
    -------
    alpha_bar : ndarray of shape (n_timesteps + 1,)
        Falls from 1, before the first step.

    References
    ----------
    .. [1] J. Ho, A. Jain, P. Abbeel, "Denoising Diffusion Probabilistic Models",
       Advances in Neural Information Processing Systems 33, 2020, section 4.

    .. [2] A. Nichol, P. Dhariwal, "Improved Denoising Diffusion Probabilistic Models",
       International Conference on Machine Learning, 2021, equation 17.
    """
    if schedule == "cosine":
        time = np.arange(n_timesteps + 1) / n_timesteps
        level = np.cos((time + COSINE_OFFSET) / (1 + COSINE_OFFSET) * np.pi / 2) ** 2
        betas = 1 - level[1:] / level[:-1]
    else:
        first, last = (beta * 1000 / n_timesteps for beta in LINEAR_BETAS)
        betas = np.linspace(first, last, n_timesteps)
    left = np.cumprod(1 - np.minimum(betas, MAX_BETA))
    return np.concatenate([[1.0], left])


def sampling_times(n_timesteps: int, n_steps: int) -> list[int]:
    """Return the steps of a diffusion at which a sampler stops, in equal strides.

    Parameters
    ----------
    n_timesteps : int
        Steps of the diffusion.

    n_steps : int
        Steps of the sampler; more than `n_timesteps` are as many.

    Returns
    -------
    times : list of int
        From `n_timesteps` down to 0.
    """
    n_steps = min(n_steps, n_timesteps)
    return np.linspace(n_timesteps, 0, n_steps + 1).round().astype(int).tolist()
