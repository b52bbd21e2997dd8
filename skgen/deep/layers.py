"""Layers that the neural generators share."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn


class MLP(nn.Sequential):
    """Multilayer perceptron.

    Parameters
    ----------
    hidden_dims : sequence of int
        Width of each hidden layer.

    activation : callable, default=nn.SiLU
        Returns the module after each hidden layer.

    dropout : float in [0, 1), default=0.0
        After each hidden layer.
    """

    def __init__(
        self,
        in_features: int,
        hidden_dims: Sequence[int],
        out_features: int,
        *,
        activation: type[nn.Module] = nn.SiLU,
        dropout: float = 0.0,
    ) -> None:
        layers: list[nn.Module] = []
        for width in hidden_dims:
            layers += [nn.Linear(in_features, width), activation()]
            if dropout:
                layers.append(nn.Dropout(dropout))
            in_features = width
        layers.append(nn.Linear(in_features, out_features))
        super().__init__(*layers)


def sinusoidal_embedding(
    time: Tensor, dim: int, max_period: float = 10_000.0
) -> Tensor:
    """Return cosines and sines of a time, at frequencies in geometric progression.

    Shapes: `embedding` (n_samples, dim).

    Parameters
    ----------
    time : Tensor of shape (n_samples,)
        In steps: of the order of 1000 at the end.

    dim : int
        Even number of features.

    max_period : float, default=10_000.0
        Period of the slowest, in steps, divided by 2 pi. That of the fastest is 1.

    References
    ----------
    .. [1] A. Vaswani et al., "Attention Is All You Need", Advances in Neural
       Information Processing Systems 30, 2017, section 3.5.
    """
    half = dim // 2
    places = torch.arange(half, device=time.device, dtype=time.dtype)
    angles = time[:, None] * torch.exp(-math.log(max_period) * places / half)
    return torch.cat([torch.cos(angles), torch.sin(angles)], dim=1)


class ConditionEmbedding(nn.Module):
    """Embedding of a time and a label: what tells a network where it is.

    Parameters
    ----------
    dim : int
        Even number of features.

    n_classes : int, default=1
        Number of labels; with one there is nothing to embed.
    """

    def __init__(self, dim: int, n_classes: int = 1) -> None:
        super().__init__()
        self.dim = dim
        self.of_time = MLP(dim, (dim,), dim)
        self.of_label = nn.Embedding(n_classes, dim) if n_classes > 1 else None

    def forward(self, time: Tensor, labels: Tensor) -> Tensor:
        """Embed.

        Shapes: `labels` (n_samples,) to `embedding` (n_samples, dim).

        Parameters
        ----------
        time : Tensor of shape (n_samples,)
            In steps: of the order of 1000 at the end.
        """
        embedding = self.of_time(sinusoidal_embedding(time, self.dim))
        if self.of_label is not None:
            embedding = embedding + self.of_label(labels)
        return nn.functional.silu(embedding)


class ConditionalBlock(nn.Module):
    """Residual block, whose hidden layer the condition scales and shifts [1]_.

    Parameters
    ----------
    dim : int
        Number of features, in and out.

    condition_dim : int
        Number of features of the condition.

    References
    ----------
    .. [1] E. Perez, F. Strub, H. de Vries, V. Dumoulin, A. Courville, "FiLM: Visual
       Reasoning with a General Conditioning Layer", AAAI Conference on Artificial
       Intelligence, 2018.
    """

    def __init__(self, dim: int, condition_dim: int, *, dropout: float = 0.0) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.modulation = nn.Linear(condition_dim, 2 * dim)
        self.inner = nn.Linear(dim, dim)
        self.dropout = nn.Dropout(dropout)
        self.outer = nn.Linear(dim, dim)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """Transform features, given the condition.

        Shapes: `x` (n_samples, dim), `condition` (n_samples, condition_dim) to `out`
        (n_samples, dim).
        """
        scale, shift = self.modulation(condition).chunk(2, dim=1)
        hidden = self.inner(self.norm(x)) * (1 + scale) + shift
        return x + self.outer(self.dropout(nn.functional.silu(hidden)))


class ConditionalMLP(nn.Module):
    """Residual network of a row, a time and a label: velocities, noise or scores.

    Parameters
    ----------
    n_classes : int, default=1
        Number of labels.

    hidden_dims : sequence of int, default=(256, 256, 256)
        Width of each residual block. Where the width changes a linear layer stands
        between.

    time_dim : int, default=64
        Even number of features of the embedding of time and label.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        *,
        n_classes: int = 1,
        hidden_dims: Sequence[int] = (256, 256, 256),
        time_dim: int = 64,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.condition = ConditionEmbedding(time_dim, n_classes)
        self.entry = nn.Linear(in_features, hidden_dims[0])
        layers: list[nn.Module] = []
        width = hidden_dims[0]
        for dim in hidden_dims:
            layers.append(nn.Identity() if dim == width else nn.Linear(width, dim))
            layers.append(ConditionalBlock(dim, time_dim, dropout=dropout))
            width = dim
        self.layers = nn.ModuleList(layers)
        self.norm = nn.LayerNorm(width)
        self.exit = nn.Linear(width, out_features)
        # The network begins with zero, the mean of what it predicts.
        nn.init.zeros_(self.exit.weight)
        nn.init.zeros_(self.exit.bias)

    def forward(self, x: Tensor, time: Tensor, labels: Tensor) -> Tensor:
        """Predict.

        Shapes: `x` (n_samples, in_features), `labels` (n_samples,) to `out` (n_samples,
        out_features).

        Parameters
        ----------
        time : Tensor of shape (n_samples,)
            In steps: of the order of 1000 at the end.
        """
        condition = self.condition(time, labels)
        hidden = self.entry(x)
        for layer in self.layers:
            if isinstance(layer, ConditionalBlock):
                hidden = layer(hidden, condition)
            else:
                hidden = layer(hidden)
        return self.exit(nn.functional.silu(self.norm(hidden)))
