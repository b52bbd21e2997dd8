"""The networks of TVAE, and the terms of its loss."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from skgen.deep.layers import MLP
from skgen.neural.segments import Segments

MIN_SIGMA = 0.01


def kl_divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    r"""Return the divergence of normals from the standard normal.

    .. math:: \frac12 \sum_j (\mu_j^2 + \sigma_j^2 - \log \sigma_j^2 - 1)

    Shapes: `mean`, `log_variance` (n_samples, embedding_dim) to `divergence`
    (n_samples,).
    """
    terms = mean**2 + log_variance.exp() - log_variance - 1
    return 0.5 * terms.sum(1)


class VAE(nn.Module):
    """Conditional variational autoencoder of encoded rows.

    Parameters
    ----------
    widths : sequence of int
        Width of each segment, increasing.

    n_modes : sequence of (int, int)
        The segment of each number, and how many of its first entries are modes; what
        follows are point masses, in which the number does not count.

    reconstruction : {"likelihood", "mse"}
    """

    modes_at: Tensor
    modes_of: Tensor
    first_mode: Tensor

    def __init__(
        self,
        widths: Sequence[int],
        n_modes: Sequence[tuple[int, int]],
        n_classes: int,
        *,
        embedding_dim: int,
        compress_dims: Sequence[int],
        decompress_dims: Sequence[int],
        reconstruction: str = "likelihood",
    ) -> None:
        super().__init__()
        self.segments = Segments(widths)
        self.n_classes = n_classes
        self.embedding_dim = embedding_dim
        self.reconstruction = reconstruction
        self.n_numbers = len(n_modes)
        counts = torch.tensor([count for _, count in n_modes], dtype=torch.long)
        places = torch.tensor([place for place, _ in n_modes], dtype=torch.long)
        self.register_buffer("modes_at", places, persistent=False)
        self.register_buffer("modes_of", counts, persistent=False)
        ends = counts.cumsum(0)
        self.register_buffer("first_mode", ends - counts, persistent=False)
        n_means = int(counts.sum())
        width = self.n_numbers + self.segments.width
        self.encoder = MLP(
            width + n_classes, compress_dims, 2 * embedding_dim, activation=nn.ReLU
        )
        self.decoder = MLP(
            embedding_dim + n_classes,
            decompress_dims,
            n_means + self.segments.width,
            activation=nn.ReLU,
        )
        self.n_means = n_means
        self.log_sigma = nn.Parameter(torch.full((n_means,), -1.0))

    def encode(
        self, alpha: Tensor, levels: Tensor, labels: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return mean and log-variance of the latent variables given rows.

        Shapes: `alpha` (n_samples, n_numbers), `levels` (n_samples, n_segments),
        `labels` (n_samples,) to `mean, log_variance` (n_samples, embedding_dim).
        """
        rows = torch.cat(
            [alpha, self.segments.one_hot(levels), self._one_hot(labels)], dim=1
        )
        mean, log_variance = self.encoder(rows).chunk(2, dim=1)
        return mean, log_variance.clamp(-12.0, 4.0)

    def decode(self, latent: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Return the mean of each number in each mode, and logits of the segments.

        Shapes: `latent` (n_samples, embedding_dim), `labels` (n_samples,) to `means`
        (n_samples, n_means), `logits` (n_samples, width).
        """
        out = self.decoder(torch.cat([latent, self._one_hot(labels)], dim=1))
        means, logits = out.split([self.n_means, self.segments.width], dim=1)
        return means.tanh(), logits

    def reconstruction_loss(
        self, alpha: Tensor, levels: Tensor, means: Tensor, logits: Tensor
    ) -> Tensor:
        """Return what is lost of each row.

        Shapes: `alpha` (n_samples, n_numbers), `levels` (n_samples, n_segments).

        Parameters
        ----------
        means, logits : Tensor
            From `decode`.

        Returns
        -------
        loss : Tensor of shape (n_samples,)
            The negative log-likelihood, or the sum of squared errors.
        """
        entry, counts = self._modes(levels)
        error = (alpha - means.gather(1, entry)) ** 2
        if self.reconstruction == "mse":
            wrong = self.segments.softmax(logits) - self.segments.one_hot(levels)
            return (error * counts).sum(1) + (wrong**2).sum(1)
        log_sigma = self._log_sigma()[entry]
        of_numbers = 0.5 * error * (-2 * log_sigma).exp() + log_sigma
        of_numbers = (of_numbers + 0.5 * math.log(2 * math.pi)) * counts
        of_segments = self.segments.cross_entropy(logits, levels)
        return of_numbers.sum(1) + of_segments.sum(1)

    def loss(
        self, alpha: Tensor, levels: Tensor, labels: Tensor, loss_factor: float
    ) -> Tensor:
        """Return the mean of the weighted reconstruction loss and the divergence.

        Shapes: `loss` ().

        Parameters
        ----------
        alpha, levels, labels : Tensor
            See `encode`.

        loss_factor : float
            Weight of the reconstruction; 1 is the evidence lower bound.
        """
        mean, log_variance = self.encode(alpha, levels, labels)
        noise = torch.randn_like(mean)
        latent = mean + noise * (0.5 * log_variance).exp()
        lost = self.reconstruction_loss(alpha, levels, *self.decode(latent, labels))
        return (loss_factor * lost + kl_divergence(mean, log_variance)).mean()

    def draw(self, latent: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Draw rows given latent variables.

        Shapes: `latent` (n_samples, embedding_dim), `labels` (n_samples,) to `alpha`
        (n_samples, n_numbers), `levels` (n_samples, n_segments).
        """
        means, logits = self.decode(latent, labels)
        levels = self.segments.draw(logits)
        entry, _ = self._modes(levels)
        alpha = means.gather(1, entry)
        if self.reconstruction == "likelihood":
            alpha = alpha + torch.randn_like(alpha) * self._log_sigma()[entry].exp()
        return alpha, levels

    def _modes(self, levels: Tensor) -> tuple[Tensor, Tensor]:
        """Return the entry of each number's mode among the means, and if it counts."""
        drawn = levels[:, self.modes_at]
        counts = drawn < self.modes_of
        return self.first_mode + torch.minimum(drawn, self.modes_of - 1), counts

    def _log_sigma(self) -> Tensor:
        return self.log_sigma.clamp(min=math.log(MIN_SIGMA))

    def _one_hot(self, labels: Tensor) -> Tensor:
        return nn.functional.one_hot(labels, self.n_classes).float()
