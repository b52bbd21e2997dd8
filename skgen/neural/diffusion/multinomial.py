"""Multinomial diffusion of codes."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from skgen.neural.diffusion.categories import CategoryDiffusion

# Stands for probability zero where its logarithm is taken.
TINY = 1e-30


class MultinomialDiffusion(CategoryDiffusion):
    r"""Codes that noise replaces by categories drawn uniformly.

    A code of :math:`K` categories keeps its category with probability
    :math:`\bar\alpha_t`, else one of all :math:`K` is drawn. The loss is the
    Kullback-Leibler divergence of the posterior of an earlier time, :math:`q(x_s \mid
    x_t, x_0)`, from the same with the network's probabilities in the place of
    :math:`x_0` [1]_.

    Parameters
    ----------
    n_timesteps : int, default=1
        Steps of the diffusion. The loss is as many times the divergence at one of them:
        an estimate of the sum, a bound of the negative log-likelihood.

    dim : int, default=16
        Of the vector by which the network sees a category.

    References
    ----------
    .. [1] E. Hoogeboom, D. Nielsen, P. Jaini, P. Forré, M. Welling, "Argmax Flows and
       Multinomial Diffusion: Learning Categorical Distributions", Advances in Neural
       Information Processing Systems 34, 2021, equations 11 to 15.
    """

    offsets: Tensor
    uniform: Tensor

    def __init__(
        self, cardinalities: Sequence[int], *, n_timesteps: int = 1, dim: int = 16
    ) -> None:
        super().__init__(cardinalities)
        self.n_timesteps = n_timesteps
        sizes = torch.tensor(self.cardinalities)
        self.register_buffer("offsets", sizes.cumsum(0) - sizes)
        self.register_buffer("uniform", (1.0 / sizes).repeat_interleave(sizes))
        self.embedding = nn.Embedding(self.n_levels, dim)
        self.n_features = len(self.cardinalities) * dim

    def start(self, n_samples: int, device: torch.device) -> Tensor:
        """Draw uniform codes."""
        sizes = torch.tensor(self.cardinalities, device=device)
        uniform = torch.rand(n_samples, len(sizes), device=device)
        return torch.minimum((uniform * sizes).long(), sizes - 1)

    def diffuse(self, codes: Tensor, alpha_bar: Tensor) -> Tensor:
        """Replace codes by uniform ones where noise hits."""
        kept = torch.rand(codes.shape, device=codes.device) < alpha_bar
        return torch.where(kept, codes, self.start(len(codes), codes.device))

    def features(self, state: Tensor) -> Tensor:
        """Return the vectors of the noisy categories."""
        return self.embedding(state + self.offsets).flatten(1)

    def log_posterior(
        self,
        state: Tensor,
        log_probabilities: Tensor,
        alpha_bar: Tensor,
        alpha_bar_next: Tensor,
    ) -> Tensor:
        r"""Return :math:`\log q(x_s \mid x_t, x_0)` of each category.

        Shapes: `alpha_bar`, `alpha_bar_next` (n_samples, 1) or () to `log_posterior`
        (n_samples, n_levels).

        Parameters
        ----------
        state : Tensor of int of shape (n_samples, n_codes)
            Noisy codes :math:`x_t`.

        log_probabilities : Tensor of shape (n_samples, n_levels)
            Of the codes :math:`x_0`; a column's probabilities sum to one.
        """
        alpha = alpha_bar / alpha_bar_next
        # q(x_t | x_s), up to a factor: noise, and more of it where x_s is x_t.
        likelihood = ((1 - alpha) * self.uniform).expand(len(state), -1)
        likelihood = likelihood.scatter_add(
            1, state + self.offsets, alpha.expand(state.shape).contiguous()
        )
        prior = alpha_bar_next * log_probabilities.exp()
        prior = prior + (1 - alpha_bar_next) * self.uniform
        log_joint = likelihood.clamp(min=TINY).log() + prior.clamp(min=TINY).log()
        return self._log_softmax(log_joint)

    def loss(
        self,
        state: Tensor,
        logits: Tensor,
        codes: Tensor,
        alpha_bar: Tensor,
        alpha_bar_next: Tensor,
    ) -> Tensor:
        """Return the divergences of the posteriors, in nats."""
        known = torch.full_like(logits, -torch.inf)
        known.scatter_(1, codes + self.offsets, 0.0)
        guess = self._log_softmax(logits)
        log_q = self.log_posterior(state, known, alpha_bar, alpha_bar_next)
        log_p = self.log_posterior(state, guess, alpha_bar, alpha_bar_next)
        terms = log_q.exp() * (log_q - log_p)
        parts = terms.split(self.cardinalities, dim=1)
        return self.n_timesteps * torch.stack([part.sum(1) for part in parts], dim=1)

    def reverse_step(
        self,
        state: Tensor,
        logits: Tensor,
        alpha_bar: Tensor,
        alpha_bar_next: Tensor,
        eta: float,
    ) -> Tensor:
        """Draw codes from the posterior; `eta` is ignored."""
        log_p = self.log_posterior(
            state, self._log_softmax(logits), alpha_bar, alpha_bar_next
        )
        # The greatest of log-probabilities with Gumbel noise is a draw.
        waiting = torch.empty_like(log_p).exponential_().clamp(min=TINY)
        parts = (log_p - waiting.log()).split(self.cardinalities, dim=1)
        return torch.stack([part.argmax(1) for part in parts], dim=1)

    def decode(self, state: Tensor, logits: Tensor, alpha_bar: Tensor) -> Tensor:
        """Draw codes without noise."""
        return self.reverse_step(
            state, logits, alpha_bar, torch.ones_like(alpha_bar), 1.0
        )

    def _log_softmax(self, logits: Tensor) -> Tensor:
        parts = logits.split(self.cardinalities, dim=1)
        return torch.cat([part.log_softmax(1) for part in parts], dim=1)
