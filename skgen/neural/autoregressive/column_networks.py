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

    Attributes
    ----------
    n_hidden_layers : int
        Hidden layers; none is a logistic regression.

    width : int
        Units of each.

    feedforward : bool
        Whether the layers are residual blocks of two linear layers.

    attention : bool
        Whether the last layer attends to the columns before.
    """

    n_hidden_layers: int
    width: int
    feedforward: bool
    attention: bool


def architecture(
    place: int, n_columns: int, *, max_hidden_layers: int, max_width: int
) -> Architecture:
    """Return what the network of a column is made of.

    Depth and width grow linearly with the column's place. From a third of the columns
    on, layers are residual; the last third attends to the columns before.

    Parameters
    ----------
    place : int
        Number of columns before.

    n_columns : int

    max_hidden_layers : int
        Hidden layers of the last column.

    max_width : int
        Their units.

    Returns
    -------
    architecture : Architecture

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
    """A normalised feed-forward layer, added to its input.

    Parameters
    ----------
    width : int

    dropout : float in [0, 1)
    """

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
    """Attention of a row's features to its columns.

    Parameters
    ----------
    width : int

    dropout : float in [0, 1)
    """

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.of_tokens = nn.LayerNorm(width)
        self.query = nn.Linear(width, width)
        self.keys = nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, tokens: Tensor) -> Tensor:
        """Add what is attended to.

        Parameters
        ----------
        x : Tensor of shape (n_samples, width)

        tokens : Tensor of shape (n_samples, n_columns, width)

        Returns
        -------
        x : Tensor of shape (n_samples, width)
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
    """Distribution of one column given the label and some columns.

    Parameters
    ----------
    known : sequence of ColumnValues
        The columns before.

    n_classes : int
        Number of labels.

    architecture : Architecture

    head : callable
        Takes the number of features, returns a `ColumnHead` or a `NumberHead`.

    dropout : float in [0, 1)
        Of hidden units.

    prefix_dropout : float in [0, 1)
        Share of the columns before that are left out of a row at random in training.
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
        """Return what the head sees.

        Parameters
        ----------
        labels : Tensor of int of shape (n_samples,)

        values : sequence of Tensor of int of shape (n_samples,)
            Of each column before.

        members : sequence of Tensor of shape (n_samples, n_members)
            Of each column before.

        Returns
        -------
        features : Tensor of shape (n_samples, width)
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

        Parameters
        ----------
        features : Tensor of shape (n_samples, width)

        values : Tensor of int of shape (n_samples,)

        members : Tensor of shape (n_samples, n_members)

        z : Tensor of shape (n_samples,)
            Standardized numbers, for a `NumberHead`.

        Returns
        -------
        log_prob : Tensor of shape (n_samples,)
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
