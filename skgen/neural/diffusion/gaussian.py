r"""Gaussian diffusion of numbers, and the steps back.

Noise replaces a row :math:`x_0` by :math:`x_t = \sqrt{\bar\alpha_t} x_0 +
\sqrt{1 - \bar\alpha_t} \epsilon` [1]_. What is learned is the velocity
:math:`v = \sqrt{\bar\alpha_t} \epsilon - \sqrt{1 - \bar\alpha_t} x_0` [2]_: its mean is
zero for standard normal rows, whatever the time. Functions take :math:`\bar\alpha` as
tensors that broadcast against rows.

References
----------
.. [1] J. Ho, A. Jain, P. Abbeel, "Denoising Diffusion Probabilistic Models", Advances
   in Neural Information Processing Systems 33, 2020, equation 4.

.. [2] T. Salimans, J. Ho, "Progressive Distillation for Fast Sampling of Diffusion
   Models", International Conference on Learning Representations, 2022, section 4.

.. [3] J. Song, C. Meng, S. Ermon, "Denoising Diffusion Implicit Models", International
   Conference on Learning Representations, 2021.
"""

from __future__ import annotations

import torch
from torch import Tensor


def diffuse(x: Tensor, noise: Tensor, alpha_bar: Tensor) -> Tensor:
    """Return rows of which `alpha_bar` of the variance is left, the rest noise."""
    return alpha_bar.sqrt() * x + (1 - alpha_bar).sqrt() * noise


def velocity(x: Tensor, noise: Tensor, alpha_bar: Tensor) -> Tensor:
    """Return the velocity of rows and the noise that was added."""
    return alpha_bar.sqrt() * noise - (1 - alpha_bar).sqrt() * x


def denoise(x_t: Tensor, v: Tensor, alpha_bar: Tensor) -> Tensor:
    """Return the rows that have a velocity at a noisy point."""
    return alpha_bar.sqrt() * x_t - (1 - alpha_bar).sqrt() * v


def reverse_step(
    x_t: Tensor, x: Tensor, alpha_bar: Tensor, alpha_bar_next: Tensor, eta: float
) -> Tensor:
    r"""Draw :math:`x_s` for an earlier time, given :math:`x_t` and a guess of the row.

    Equations 12 and 16 of [3]_. With ``eta=1`` this is the posterior :math:`q(x_s \mid
    x_t, x_0)`, the ancestral step of [1]_; with ``eta=0`` it is deterministic. Shapes:
    `x_t` (n_samples, n_features) to `x_s` (n_samples, n_features).

    Parameters
    ----------
    x : Tensor of shape (n_samples, n_features)
        Guess of the rows without noise.

    alpha_bar, alpha_bar_next : Tensor of shape ()
        At the present and at the earlier time, the first the smaller.
    """
    noise = (x_t - alpha_bar.sqrt() * x) / (1 - alpha_bar).sqrt()
    fresh = (1 - alpha_bar_next) / (1 - alpha_bar) * (1 - alpha_bar / alpha_bar_next)
    variance = eta**2 * fresh
    kept = (1 - alpha_bar_next - variance).clamp(min=0).sqrt()
    mean = alpha_bar_next.sqrt() * x + kept * noise
    return mean + variance.sqrt() * torch.randn_like(x) if eta else mean
