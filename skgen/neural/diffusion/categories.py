"""What a diffusion of categories has to do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor, nn


class CategoryDiffusion(nn.Module, ABC):
    """Noise on codes, and the steps back.

    A denoising network sees the features of a noisy state and answers with logits of
    each column's categories: how likely they are given the label and all *other*
    columns. What the noisy state tells of its own column is added in closed form.

    Parameters
    ----------
    cardinalities : sequence of int
        Number of categories of each column of codes.
    """

    n_features: int

    def __init__(self, cardinalities: Sequence[int]) -> None:
        super().__init__()
        self.cardinalities = [int(n) for n in cardinalities]

    @property
    def n_levels(self) -> int:
        """Number of categories of all columns together: of logits."""
        return sum(self.cardinalities)

    @abstractmethod
    def start(self, n_samples: int, device: torch.device) -> Tensor:
        """Draw states of which nothing is left but noise."""

    @abstractmethod
    def diffuse(self, codes: Tensor, alpha_bar: Tensor) -> Tensor:
        """Draw noisy states.

        Shapes: `codes` (n_samples, n_codes), `alpha_bar` (n_samples, 1).
        """

    @abstractmethod
    def features(self, state: Tensor) -> Tensor:
        """Return what the network sees, of shape (n_samples, n_features)."""

    @abstractmethod
    def loss(
        self,
        state: Tensor,
        logits: Tensor,
        codes: Tensor,
        alpha_bar: Tensor,
        alpha_bar_next: Tensor,
    ) -> Tensor:
        """Return what each column's logits cost.

        Shapes: `logits` (n_samples, n_levels) to `loss` (n_samples, n_codes).

        Parameters
        ----------
        codes : Tensor of int of shape (n_samples, n_codes)
            Those that the states were made of.

        alpha_bar, alpha_bar_next : Tensor of shape (n_samples, 1)
            At the states' times, and a step earlier.
        """

    @abstractmethod
    def reverse_step(
        self,
        state: Tensor,
        logits: Tensor,
        alpha_bar: Tensor,
        alpha_bar_next: Tensor,
        eta: float,
    ) -> Tensor:
        """Draw the states of an earlier time; `alpha_bar` are of shape ()."""

    @abstractmethod
    def decode(self, state: Tensor, logits: Tensor, alpha_bar: Tensor) -> Tensor:
        """Return the codes of the last states, of shape (n_samples, n_codes)."""
