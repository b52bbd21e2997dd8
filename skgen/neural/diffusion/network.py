"""The denoising network of rows of numbers and codes, and how it draws rows."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from skgen.deep.layers import ConditionalMLP
from skgen.deep.velocity import GaussianVelocity
from skgen.neural.diffusion import gaussian
from skgen.neural.diffusion.categories import CategoryDiffusion
from skgen.neural.diffusion.schedules import sampling_times

# Number of steps in which the network measures time.
TIME_SCALE = 1000.0


class TabularDiffusion(nn.Module):
    """Gaussian diffusion of numbers beside a diffusion of codes, with one network.

    The network adds to what is known in closed form: the velocity of normal rows with
    the class's mean and covariance, and each category's share of the class. Shapes:
    `labels` (n_samples,).

    Parameters
    ----------
    rows : Tensor of shape (n_samples, n_numbers)
        The numbers of the rows that are learned from, each standard normal.

    categories : CategoryDiffusion or None
        The diffusion of the codes; None if there are none.

    log_shares : Tensor of shape (n_classes, n_levels)
        Logarithm of each category's share of the rows of each class.

    alpha_bar : Tensor of shape (n_timesteps + 1,)
        Share of the variance that is left after each step.

    hidden_dims, time_dim, dropout
        See `ConditionalMLP`.

    n_frequencies : int
        Sines and cosines of each number that the network sees.
    """

    alpha_bar: Tensor
    frequencies: Tensor
    log_shares: Tensor

    def __init__(
        self,
        rows: Tensor,
        labels: Tensor,
        categories: CategoryDiffusion | None,
        log_shares: Tensor,
        alpha_bar: Tensor,
        *,
        hidden_dims: Sequence[int],
        time_dim: int,
        n_frequencies: int,
        dropout: float,
    ) -> None:
        super().__init__()
        n_numbers = rows.shape[1]
        self.n_numbers = n_numbers
        self.categories = categories
        self.n_timesteps = len(alpha_bar) - 1
        n_classes, n_levels = log_shares.shape
        self.normal = GaussianVelocity(rows, labels, n_classes, "trigonometric")
        n_features = n_numbers * (1 + 2 * n_frequencies)
        if categories is not None:
            n_features += categories.n_features
        self.network = ConditionalMLP(
            n_features,
            n_numbers + n_levels,
            n_classes=n_classes,
            hidden_dims=hidden_dims,
            time_dim=time_dim,
            dropout=dropout,
        )
        self.register_buffer("alpha_bar", alpha_bar)
        self.register_buffer("log_shares", log_shares)
        frequencies = math.pi * 2.0 ** torch.arange(n_frequencies)
        self.register_buffer("frequencies", frequencies)

    def forward(
        self, x: Tensor, state: Tensor | None, time: Tensor, labels: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return velocities of numbers and logits of categories.

        Shapes: `x` (n_samples, n_numbers), `time` (n_samples,), `labels` (n_samples,)
        to `velocities` (n_samples, n_numbers), `logits` (n_samples, n_levels).

        Parameters
        ----------
        state : Tensor of n_samples rows or None
            The noisy state of the codes.
        """
        features = [x]
        if len(self.frequencies) and self.n_numbers:
            angles = torch.special.ndtr(x)[..., None] * self.frequencies
            features += [angles.sin().flatten(1), angles.cos().flatten(1)]
        if self.categories is not None and state is not None:
            features.append(self.categories.features(state))
        scaled = time.to(x.dtype) * (TIME_SCALE / self.n_timesteps)
        out = self.network(torch.cat(features, dim=1), scaled, labels)
        velocities, logits = out[:, : self.n_numbers], out[:, self.n_numbers :]
        if self.n_numbers:
            velocities = velocities + self._normal_velocity(x, time, labels)
        return velocities, logits + self.log_shares[labels]

    def _normal_velocity(self, x: Tensor, time: Tensor, labels: Tensor) -> Tensor:
        """Return the velocity of normal rows."""
        # On a trigonometric path x_t = cos(u) noise + sin(u) row, by the angle, and
        # with the other sign, it is the diffusion's.
        share = torch.asin(self.alpha_bar[time].sqrt()) / (math.pi / 2)
        return -self.normal(x, share, labels) / (math.pi / 2)

    def loss(self, x: Tensor, counts: Tensor, codes: Tensor, labels: Tensor) -> Tensor:
        """Return the mean over rows and columns, at one time for each row.

        Shapes: `x` (n_samples, n_numbers), `codes` (n_samples, n_codes), `labels`
        (n_samples,) to `loss` ().

        Parameters
        ----------
        counts : Tensor of bool of shape (n_samples, n_numbers)
            Whether a number is to be learned.
        """
        # One time in each of equal parts of the steps: less noise in the loss.
        n_samples, device = len(x), x.device
        places = torch.randperm(n_samples, device=device)
        places = places + torch.rand(n_samples, device=device)
        time = (places / n_samples * self.n_timesteps).long() + 1
        time.clamp_(max=self.n_timesteps)
        alpha_bar = self.alpha_bar[time][:, None]
        noise = torch.randn_like(x)
        x_t = gaussian.diffuse(x, noise, alpha_bar)
        state = None
        if self.categories is not None:
            state = self.categories.diffuse(codes, alpha_bar)
        velocities, logits = self(x_t, state, time, labels)
        losses = counts * (velocities - gaussian.velocity(x, noise, alpha_bar)) ** 2
        if self.categories is not None and state is not None:
            alpha_bar_next = self.alpha_bar[time - 1][:, None]
            of_codes = self.categories.loss(
                state, logits, codes, alpha_bar, alpha_bar_next
            )
            losses = torch.cat([losses, of_codes], dim=1)
        return losses.mean()

    def sample(
        self, labels: Tensor, *, n_steps: int, eta: float
    ) -> tuple[Tensor, Tensor]:
        """Draw rows.

        Shapes: `labels` (n_samples,) to `x` (n_samples, n_numbers), `codes` (n_samples,
        n_codes).
        """
        device = labels.device
        x = torch.randn(len(labels), self.n_numbers, device=device)
        state = codes = None
        if self.categories is not None:
            state = self.categories.start(len(labels), device)
        times = sampling_times(self.n_timesteps, n_steps)
        for now, then in itertools.pairwise(times):
            time = torch.full((len(labels),), now, device=device)
            velocities, logits = self(x, state, time, labels)
            alpha_bar, alpha_bar_next = self.alpha_bar[now], self.alpha_bar[then]
            guess = gaussian.denoise(x, velocities, alpha_bar)
            x = gaussian.reverse_step(x, guess, alpha_bar, alpha_bar_next, eta)
            if self.categories is None or state is None:
                continue
            if then > 0:
                state = self.categories.reverse_step(
                    state, logits, alpha_bar, alpha_bar_next, eta
                )
            else:
                codes = self.categories.decode(state, logits, alpha_bar)
        if codes is None:
            codes = torch.empty(len(labels), 0, dtype=torch.long, device=device)
        return x, codes
