"""One network for each column of a row, which grows with the column's place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from skgen.encodings.bins import ColumnValues
from skgen.neural.autoregressive.column_embedding import ColumnEmbedding
from skgen.neural.autoregressive.heads import ColumnHead, NumberHead, NumberScale

# Width of the first networks, and what widths are multiples of.
MIN_WIDTH = 32
N_HEADS = 4


@dataclass(frozen=True)
class Architecture:
    """What the network of one column is made of.

    With no hidden layers it is a logistic regression; `feedforward` layers are residual
    blocks; with `attention` the last layer attends to the columns before.
    """

    n_hidden_layers: int
    width: int
    feedforward: bool
    attention: bool


def architecture(
    place: int, n_columns: int, *, max_hidden_layers: int, max_width: int
) -> Architecture:
    """Return what the network of a column is made of, given the columns before it.

    Depth and width grow linearly with the column's position. From a third of the
    columns on, layers are residual; the last third attends to the columns before.

    Examples
    --------
    >>> from skgen.neural.autoregressive.column_networks import architecture
    >>> architecture(0, 10, max_hidden_layers=6, max_width=128)
    Architecture(n_hidden_layers=0, width=32, feedforward=False, attention=False)
    >>> architecture(9, 10, max_hidden_layers=6, max_width=128)
    Architecture(n_hidden_layers=6, width=128, feedforward=True, attention=True)
    """
    share = place / max(1, n_columns - 1)
    least = min(MIN_WIDTH, max_width)
    width = least + share * (max_width - least)
    return Architecture(
        n_hidden_layers=round(share * max_hidden_layers),
        width=max(N_HEADS, N_HEADS * round(width / N_HEADS)),
        feedforward=share >= 1 / 3,
        attention=share >= 2 / 3,
    )


class ResidualBlock(nn.Module):
    """A feed-forward layer of normalised features, added to its input."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.inner = nn.Linear(width, 2 * width)
        self.outer = nn.Linear(2 * width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Transform features of shape (n_samples, width)."""
        hidden = functional.silu(self.inner(self.norm(x)))
        return x + self.dropout(self.outer(hidden))


class PrefixAttention(nn.Module):
    """Attention of a row's features to its columns."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.of_tokens = nn.LayerNorm(width)
        self.query = nn.Linear(width, width)
        self.keys = nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, tokens: Tensor) -> Tensor:
        """Add to `x`, of shape (n_samples, width), what it attends to.

        `tokens` have the shape (n_samples, n_columns, width).
        """
        n_samples, n_columns, width = tokens.shape
        shape = (n_samples, n_columns, 2, N_HEADS, width // N_HEADS)
        key, value = self.keys(self.of_tokens(tokens)).reshape(shape).unbind(dim=2)
        query = self.query(self.norm(x)).reshape(n_samples, N_HEADS, 1, -1)
        attended = functional.scaled_dot_product_attention(
            query, key.transpose(1, 2), value.transpose(1, 2)
        )
        return x + self.dropout(self.out(attended.reshape(n_samples, width)))


class ColumnNetwork(nn.Module):
    """Distribution of one column given the label and the `known` columns before.

    `head` takes the number of features and returns a `ColumnHead` or a `NumberHead`. In
    training, a share `prefix_dropout` of the columns before is left out of each row.
    """

    def __init__(
        self,
        known: Sequence[ColumnValues],
        n_classes: int,
        architecture: Architecture,
        head: Callable[[int], ColumnHead | NumberHead],
        *,
        dropout: float,
        prefix_dropout: float,
    ) -> None:
        super().__init__()
        width = architecture.width
        self.prefix_dropout = prefix_dropout
        self.label = nn.Embedding(n_classes, width)
        self.embeddings = nn.ModuleList(ColumnEmbedding(c, width) for c in known)
        layers: list[nn.Module] = []
        for _ in range(architecture.n_hidden_layers):
            if architecture.feedforward:
                layers.append(ResidualBlock(width, dropout))
            else:
                layers += [nn.Linear(width, width), nn.SiLU(), nn.Dropout(dropout)]
        self.layers = nn.Sequential(*layers)
        self.attention = None
        if architecture.attention:
            self.attention = PrefixAttention(width, dropout)
        self.norm = nn.LayerNorm(width) if architecture.feedforward else nn.Identity()
        self.head = head(width)

    @property
    def scale(self) -> NumberScale | None:
        """How the column's numbers are standardized, if they have a `NumberHead`."""
        return self.head.scale if isinstance(self.head, NumberHead) else None

    def features(
        self, labels: Tensor, values: Sequence[Tensor], members: Sequence[Tensor]
    ) -> Tensor:
        """Return the input of the head, of shape (n_samples, width).

        `values`, int of shape (n_samples,), and `members`, of shape (n_samples,
        n_members), are those of each column before.
        """
        tokens = [self.label(labels)]
        for embed, value, of_list in zip(self.embeddings, values, members, strict=True):
            tokens.append(embed(value, of_list))
        stacked = torch.stack(tokens, dim=1)
        if self.training and self.prefix_dropout:
            kept = (
                torch.rand(stacked.shape[:2], device=labels.device)
                >= self.prefix_dropout
            )
            kept[:, 0] = True
            stacked = stacked * kept[:, :, None].to(stacked)
        x = self.layers(stacked.sum(dim=1))
        if self.attention is not None:
            x = self.attention(x, stacked)
        return self.norm(x)

    def log_prob(
        self, features: Tensor, values: Tensor, members: Tensor, z: Tensor
    ) -> Tensor:
        """Return the log-probability, or log-density, of each row's value.

        `z` are the standardized numbers that a `NumberHead` needs, of shape
        (n_samples,).
        """
        if isinstance(self.head, NumberHead):
            return self.head.log_prob(features, values, z)
        return self.head.log_prob(features, values, members)

    def sample(
        self, features: Tensor, temperature: float = 1.0
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        """Draw a value for each row, the members, and the number of a `NumberHead`."""
        if isinstance(self.head, NumberHead):
            values, z = self.head.sample(features, temperature)
            return values, features.new_zeros((len(features), 0)), z
        return *self.head.sample(features, temperature), None
