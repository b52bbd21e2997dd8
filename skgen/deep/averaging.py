"""Moving average of a network's weights."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class MovingAverage:
    """Exponential moving average of a network's weights.

    The average forgets faster in the beginning: after `n` steps by the factor
    ``min(decay, (1 + n) / (10 + n))``, so that a short training is not an average of
    initial weights.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self._decay = decay
        self._n_updates = 0
        self._weights = {
            name: weight.detach().clone() for name, weight in network.named_parameters()
        }

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        """Add the network's present weights."""
        self._n_updates += 1
        decay = min(self._decay, (1 + self._n_updates) / (10 + self._n_updates))
        for name, weight in network.named_parameters():
            self._weights[name].lerp_(weight, 1 - decay)

    def state_dict(self, network: nn.Module) -> dict[str, Tensor]:
        """Return the averaged weights and the network's present buffers."""
        state = {name: value.clone() for name, value in network.state_dict().items()}
        state.update((name, value.clone()) for name, value in self._weights.items())
        return state
