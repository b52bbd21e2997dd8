"""Gaussian diffusion of codes in a learned embedding."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from skgen.neural.diffusion import gaussian
from skgen.neural.diffusion.categories import CategoryDiffusion


class EmbeddingDiffusion(CategoryDiffusion):
    r"""Codes as learned vectors, to which Gaussian noise is added.

    Level :math:`k` is a vector :math:`e_k` of length :math:`\sqrt{d}` in
    :math:`d = 1 + \lceil \log_2 K \rceil` dimensions. Bayes' rule gives the categories'
    probabilities at a noisy point,

    .. math::
        p(k \mid x_t) \propto p(k) \exp\left(
        \frac{\sqrt{\bar\alpha_t} \langle x_t, e_k \rangle}{1 - \bar\alpha_t}\right),

    with :math:`p(k)` from the network. Vectors and network are learned by the
    cross-entropy of the true category; the guess of the vector without noise is
    :math:`\sum_k p(k \mid x_t) e_k` [1]_. At the end a place is decoded to its most
    likely category.

    References
    ----------
    .. [1] S. Dieleman et al., "Continuous Diffusion for Categorical Data",
       arXiv:2211.15089, 2022, section 3.
    """

    def __init__(self, cardinalities: Sequence[int]) -> None:
        super().__init__(cardinalities)
        self.dims = [1 + math.ceil(math.log2(n)) for n in self.cardinalities]
        self.n_features = sum(self.dims)
        self.weights = nn.ParameterList(
            torch.randn(n, dim)
            for n, dim in zip(self.cardinalities, self.dims, strict=True)
        )

    def vectors(self, code: int) -> Tensor:
        """Return the vectors of a column's categories, of shape (n_levels, dim)."""
        unit = nn.functional.normalize(self.weights[code], dim=1)
        return math.sqrt(self.dims[code]) * unit

    def start(self, n_samples: int, device: torch.device) -> Tensor:
        """Draw standard normal points."""
        return torch.randn(n_samples, self.n_features, device=device)

    def diffuse(self, codes: Tensor, alpha_bar: Tensor) -> Tensor:
        """Add noise to the categories' vectors."""
        x = torch.cat(
            [
                nn.functional.embedding(column, self.vectors(code))
                for code, column in enumerate(codes.T)
            ],
            dim=1,
        )
        return gaussian.diffuse(x, torch.randn_like(x), alpha_bar)

    def features(self, state: Tensor) -> Tensor:
        """Return the points."""
        return state

    def loss(
        self,
        state: Tensor,
        logits: Tensor,
        codes: Tensor,
        alpha_bar: Tensor,
        alpha_bar_next: Tensor,
    ) -> Tensor:
        """Return the cross-entropies, in nats."""
        losses = [
            nn.functional.cross_entropy(scores, column, reduction="none")
            for scores, column in zip(
                self.scores(state, logits, alpha_bar), codes.T, strict=True
            )
        ]
        return torch.stack(losses, dim=1)

    def reverse_step(
        self,
        state: Tensor,
        logits: Tensor,
        alpha_bar: Tensor,
        alpha_bar_next: Tensor,
        eta: float,
    ) -> Tensor:
        """Take a step towards the mean of the categories' vectors."""
        x = torch.cat(
            [
                scores.softmax(1) @ self.vectors(code)
                for code, scores in enumerate(self.scores(state, logits, alpha_bar))
            ],
            dim=1,
        )
        return gaussian.reverse_step(state, x, alpha_bar, alpha_bar_next, eta)

    def decode(self, state: Tensor, logits: Tensor, alpha_bar: Tensor) -> Tensor:
        """Return the most likely categories."""
        scores = self.scores(state, logits, alpha_bar)
        return torch.stack([each.argmax(1) for each in scores], dim=1)

    def scores(self, state: Tensor, logits: Tensor, alpha_bar: Tensor) -> list[Tensor]:
        """Return each column's log-probabilities at noisy points, up to constants."""
        strength = alpha_bar.sqrt() / (1 - alpha_bar)
        places = (strength * state).split(self.dims, dim=1)
        return [
            part + place @ self.vectors(code).T
            for code, (part, place) in enumerate(
                zip(logits.split(self.cardinalities, dim=1), places, strict=True)
            )
        ]
