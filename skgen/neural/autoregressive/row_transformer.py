"""A Transformer over the columns of a row, each predicted from those before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from skgen.encodings.bins import ColumnValues
from skgen.neural.autoregressive.column_embedding import ColumnEmbedding
from skgen.neural.autoregressive.heads import ColumnHead
from skgen.neural.autoregressive.prefix import member_spans

# Width of the hidden layer of a block's feed-forward part, in units of the block's.
FEEDFORWARD = 2


class Block(nn.Module):
    """Causal self-attention and a feed-forward part, each after a normalisation [1]_.

    References
    ----------
    .. [1] A. Radford et al., "Language Models are Unsupervised Multitask Learners",
       2019, section 2.3.
    """

    def __init__(self, dim: int, n_heads: int, dropout: float) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.before_attention = nn.LayerNorm(dim)
        self.projection = nn.Linear(dim, 3 * dim)
        self.out = nn.Linear(dim, dim)
        self.before_feedforward = nn.LayerNorm(dim)
        self.inner = nn.Linear(dim, FEEDFORWARD * dim)
        self.outer = nn.Linear(FEEDFORWARD * dim, dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, cache: Cache | None = None) -> Tensor:
        """Transform the columns of rows, of shape (n_samples, n_columns, dim).

        With a cache of the columns before, `x` holds the next column alone, which is
        added.
        """
        n_samples, n_columns, dim = x.shape
        shape = (n_samples, n_columns, 3, self.n_heads, dim // self.n_heads)
        mixed = self.projection(self.before_attention(x)).reshape(shape)
        query, key, value = mixed.permute(2, 0, 3, 1, 4)
        if cache is not None:
            key, value = cache.extend(key, value)
        attended = functional.scaled_dot_product_attention(
            query, key, value, is_causal=cache is None
        )
        attended = attended.transpose(1, 2).reshape(n_samples, n_columns, dim)
        x = x + self.dropout(self.out(attended))
        hidden = functional.gelu(self.inner(self.before_feedforward(x)))
        return x + self.dropout(self.outer(hidden))


class Cache:
    """Keys and values of the columns so far, so that none is computed twice."""

    def __init__(self, n_columns: int) -> None:
        self._n_columns = n_columns
        self._n_held = 0

    def extend(self, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Add those of the next column; return all, of shape (..., n_held, dim)."""
        if not self._n_held:
            *shape, _, dim = key.shape
            self._key = key.new_empty((*shape, self._n_columns, dim))
            self._value = torch.empty_like(self._key)
        at = slice(self._n_held, self._n_held + key.shape[2])
        self._key[:, :, at], self._value[:, :, at] = key, value
        self._n_held = at.stop
        return self._key[:, :, : at.stop], self._value[:, :, : at.stop]


class RowTransformer(nn.Module):
    """Distribution of each column given the label and the columns before it.

    The input at a position is the embedding of the column before (of the label, at the
    first), and which column is next; its output is the input of the next column's head.
    """

    def __init__(
        self,
        columns: Sequence[ColumnValues],
        n_classes: int,
        *,
        dim: int,
        n_layers: int,
        n_heads: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.n_columns = len(columns)
        self.n_members = sum(len(column.members) for column in columns)
        self.spans = member_spans(columns)
        self.label = nn.Embedding(n_classes, dim)
        self.following = nn.Embedding(self.n_columns, dim)
        for embedding in (self.label, self.following):
            nn.init.normal_(embedding.weight, std=0.1)
        self.embeddings = nn.ModuleList(ColumnEmbedding(c, dim) for c in columns)
        self.blocks = nn.ModuleList(
            Block(dim, n_heads, dropout) for _ in range(n_layers)
        )
        self.norm = nn.LayerNorm(dim)
        self.heads = nn.ModuleList(ColumnHead(dim, column) for column in columns)

    def features(
        self, values: Tensor, members: Tensor, labels: Tensor, order: Sequence[int]
    ) -> Tensor:
        """Return the input of each column's head.

        `values`, int of shape (n_samples, n_columns), and `members`, of shape
        (n_samples, n_members), are in the table's order; the features, of shape
        (n_samples, n_columns, dim), in `order`, in which each column is predicted from
        those before it.
        """
        tokens = [self.label(labels)]
        tokens += [self._embed(i, values[:, i], members) for i in order[:-1]]
        following = torch.as_tensor(order, device=values.device)
        x = torch.stack(tokens, dim=1) + self.following(following)
        for block in self.blocks:
            x = block(x)
        return self.norm(x)

    def log_prob(
        self, values: Tensor, members: Tensor, labels: Tensor, order: Sequence[int]
    ) -> Tensor:
        """Return the log-probability of each column given those before it in `order`.

        It has the shape (n_samples, n_columns), in the order of the table.
        """
        features = self.features(values, members, labels, order)
        found = [torch.empty(0)] * self.n_columns
        for place, i in enumerate(order):
            head: Any = self.heads[i]
            found[i] = head.log_prob(
                features[:, place], values[:, i], members[:, self.spans[i]]
            )
        return torch.stack(found, dim=1)

    def sample(
        self,
        labels: Tensor,
        order: Sequence[int],
        *,
        temperature: float = 1.0,
        given: tuple[Tensor, Tensor] | None = None,
        n_given: int = 0,
    ) -> tuple[Tensor, Tensor]:
        """Draw one row for each label, column by column.

        `given` are values and members of rows in which the first `n_given` columns of
        `order` are known. Returns int values of shape (n_samples, n_columns), and
        members of shape (n_samples, n_members).
        """
        n_samples = len(labels)
        if given is None:
            values = labels.new_zeros((n_samples, self.n_columns))
            members = torch.zeros((n_samples, self.n_members), device=labels.device)
        else:
            values, members = (part.clone() for part in given)
        caches = [Cache(self.n_columns) for _ in self.blocks]
        token = self.label(labels)
        for place, i in enumerate(order):
            x = (token + self.following.weight[i])[:, None]
            for block, cache in zip(self.blocks, caches, strict=True):
                x = block(x, cache)
            if place >= n_given:
                head: Any = self.heads[i]
                values[:, i], members[:, self.spans[i]] = head.sample(
                    self.norm(x[:, 0]), temperature
                )
            token = self._embed(i, values[:, i], members)
        return values, members

    def _embed(self, i: int, values: Tensor, members: Tensor) -> Tensor:
        return self.embeddings[i](values, members[:, self.spans[i]])
