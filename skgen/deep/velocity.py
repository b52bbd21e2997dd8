"""The velocity field of a flow: that of normal rows, and what a network adds."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from skgen.deep.layers import ConditionalMLP

# The network sees time as diffusion models count it.
TIME_SCALE = 1000.0
# Variances of rows that do not vary.
MIN_VARIANCE = 1e-4


class GaussianVelocity(nn.Module):
    r"""Velocity that carries noise to normal rows, in closed form.

    For a path :math:`x_t = a_t x_0 + b_t x_1`, noise :math:`x_0 \sim N(0, I)` and
    independent rows :math:`x_1 \sim N(\mu, Q \Lambda Q^\top)` the velocity
    :math:`E[\dot a_t x_0 + \dot b_t x_1 \mid x_t]` is

    .. math::
        \dot b_t \mu + Q \frac{\dot a_t a_t + \dot b_t b_t \Lambda}
        {a_t^2 + b_t^2 \Lambda} Q^\top (x_t - b_t \mu).

    Shapes: `rows` (n_samples, n_latents).

    Parameters
    ----------
    labels : Tensor of int of shape (n_samples,)
        Each class has a mean and a covariance of its own, the latter with the pooled
        one as a prior that weighs as much as `n_latents` rows.

    path : {"linear", "trigonometric"}
        :math:`a_t = 1 - t, b_t = t`, or :math:`a_t = \cos(\pi t / 2),
        b_t = \sin(\pi t / 2)`.
    """

    mean: Tensor
    variances: Tensor
    axes: Tensor

    def __init__(self, rows: Tensor, labels: Tensor, n_classes: int, path: str) -> None:
        super().__init__()
        self.path = path
        rows = rows.double()
        n_latents = rows.shape[1]
        groups = [rows[labels == label] for label in range(n_classes)]
        means = torch.stack([group.mean(0) for group in groups])
        scatters = [
            (group - mean).T @ (group - mean)
            for group, mean in zip(groups, means, strict=True)
        ]
        pooled = torch.stack(scatters).sum(0) / len(rows)
        covariances = [
            (scatter + n_latents * pooled) / (len(group) + n_latents)
            for scatter, group in zip(scatters, groups, strict=True)
        ]
        variances, axes = torch.linalg.eigh(torch.stack(covariances))
        self.register_buffer("mean", means.float())
        self.register_buffer("variances", variances.clamp(min=MIN_VARIANCE).float())
        self.register_buffer("axes", axes.float())

    def coefficients(self, time: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return a, b and their derivatives by time."""
        if self.path == "linear":
            one = torch.ones_like(time)
            return 1 - time, time, -one, one
        angle = math.pi / 2 * time
        a, b = torch.cos(angle), torch.sin(angle)
        return a, b, -math.pi / 2 * b, math.pi / 2 * a

    def forward(self, x: Tensor, time: Tensor, labels: Tensor) -> Tensor:
        """Return velocities.

        Shapes: `x` (n_samples, n_latents), `time` (n_samples,), `labels` (n_samples,)
        to `velocity` (n_samples, n_latents).
        """
        a, b, da, db = (c[:, None] for c in self.coefficients(time))
        mean, variances = self.mean[labels], self.variances[labels]
        rate = (da * a + db * b * variances) / (a**2 + b**2 * variances)
        turned = rate * self._turn(x - b * mean, labels, self.axes)
        return db * mean + self._turn(turned, labels, self.axes.transpose(1, 2))

    def _turn(self, x: Tensor, labels: Tensor, matrices: Tensor) -> Tensor:
        """Multiply each row by the matrix of its class."""
        if len(matrices) == 1:
            return x @ matrices[0]
        # Every class for every row, and one of them taken: as a rule they are few.
        index = labels[:, None, None].expand(-1, 1, x.shape[1])
        every = torch.einsum("nd,cde->nce", x, matrices)
        return every.gather(1, index)[:, 0]


class VelocityNetwork(nn.Module):
    r"""Velocity of a flow from noise to rows, given their label.

    The network adds to the velocity of normal rows, as Karras et al. [1]_ let networks
    add to what is known in closed form: it begins where a Gaussian copula ends. Each
    latent variable comes with waves of its uniform transform [2]_, since the categories
    of a column end at sharp thresholds. Shapes: `rows` (n_samples, n_latents),
    `labels` (n_samples,).

    Parameters
    ----------
    path : {"linear", "trigonometric"}

    n_frequencies : int
        Number of sines and of cosines of each variable, doubling in frequency.

    References
    ----------
    .. [1] T. Karras, M. Aittala, T. Aila, S. Laine, "Elucidating the Design Space of
       Diffusion-Based Generative Models", Advances in Neural Information Processing
       Systems 35, 2022, section 5.

    .. [2] M. Tancik et al., "Fourier Features Let Networks Learn High Frequency
       Functions in Low Dimensional Domains", Advances in Neural Information Processing
       Systems 33, 2020.
    """

    frequencies: Tensor

    def __init__(
        self,
        rows: Tensor,
        labels: Tensor,
        n_classes: int,
        *,
        path: str,
        hidden_dims: Sequence[int],
        time_dim: int,
        n_frequencies: int,
        dropout: float,
    ) -> None:
        super().__init__()
        n_latents = rows.shape[1]
        self.gaussian = GaussianVelocity(rows, labels, n_classes, path)
        self.network = ConditionalMLP(
            n_latents * (1 + 2 * n_frequencies),
            n_latents,
            n_classes=n_classes,
            hidden_dims=hidden_dims,
            time_dim=time_dim,
            dropout=dropout,
        )
        frequencies = math.pi * 2.0 ** torch.arange(n_frequencies)
        self.register_buffer("frequencies", frequencies)

    def forward(self, x: Tensor, time: Tensor, labels: Tensor) -> Tensor:
        """Return velocities.

        Shapes: `x` (n_samples, n_latents), `labels` (n_samples,) to `velocity`
        (n_samples, n_latents).

        Parameters
        ----------
        time : Tensor of shape (n_samples,)
            From 0, noise, to 1, rows.
        """
        features = x
        if len(self.frequencies):
            angles = torch.special.ndtr(x)[..., None] * self.frequencies
            waves = torch.cat([torch.sin(angles), torch.cos(angles)], dim=2)
            features = torch.cat([x, waves.flatten(1)], dim=1)
        residual = self.network(features, time * TIME_SCALE, labels)
        return self.gaussian(x, time, labels) + residual
