"""Networks of click models; each returns the log-odds of rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from skgen.classifiers._columns import Sizes
from skgen.deep.layers import MLP


class FieldEmbedding(nn.Module):
    """A vector for each category, and the mean of the members' vectors for each list.

    All columns share one table of `n_codes` vectors. They start near zero (normal, of
    standard deviation `std`), so that rarely trained categories have little effect.
    """

    def __init__(self, sizes: Sizes, dim: int, *, std: float = 1e-4) -> None:
        super().__init__()
        self.n_categorical = sizes.n_categorical
        self.n_lists = sizes.n_lists
        self.n_fields = sizes.n_categorical + sizes.n_lists
        self.dim = dim
        # Whether the gradient holds only the rows of the table that were looked up.
        self.sparse = False
        self.weight = nn.Parameter(torch.empty(sizes.n_codes, dim).normal_(std=std))

    def forward(self, codes: Tensor, members: Tensor, bounds: Tensor) -> Tensor:
        """Return vectors, of shape (n_samples, n_categorical + n_lists, dim).

        `codes` have shape (n_samples, n_categorical); `members`, of shape (n_members,),
        are those of all lists, row by row, and `bounds`, of shape
        (n_samples * n_lists,), the position of each list's first member.
        """
        fields = []
        if self.n_categorical:
            fields.append(functional.embedding(codes, self.weight, sparse=self.sparse))
        if self.n_lists:
            means = functional.embedding_bag(
                members, self.weight, bounds, mode="mean", sparse=self.sparse
            )
            fields.append(means.view(-1, self.n_lists, self.dim))
        if not fields:
            return self.weight.new_zeros(len(codes), 0, self.dim)
        return fields[0] if len(fields) == 1 else torch.cat(fields, dim=1)


class NumberTokens(nn.Module):
    """A vector for each number: a direction, times the number, plus a constant [1]_.

    References
    ----------
    .. [1] Y. Gorishniy, I. Rubachev, V. Khrulkov, A. Babenko, "Revisiting Deep Learning
       Models for Tabular Data", Advances in Neural Information Processing Systems 34,
       2021, section 3.3.
    """

    def __init__(self, n_numbers: int, dim: int) -> None:
        super().__init__()
        bound = dim**-0.5
        self.weight = nn.Parameter(torch.empty(n_numbers, dim).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(n_numbers, dim).uniform_(-bound, bound))

    def forward(self, numbers: Tensor) -> Tensor:
        """Return the vectors of numbers, of shape (n_samples, n_numbers, dim)."""
        return torch.addcmul(self.bias, numbers[:, :, None], self.weight)


def pairwise_term(total: Tensor, squares: Tensor) -> Tensor:
    r"""Return the pairwise term of a factorization machine [1]_.

    .. math::

        \sum_{i < j} \langle v_i, v_j \rangle x_i x_j
        = \tfrac12 \sum_f \Big[ \big(\sum_i v_{if} x_i\big)^2
        - \sum_i (v_{if} x_i)^2 \Big]

    `total` is the sum of the vectors :math:`v_i x_i` and `squares` that of their
    squares, both of shape (n_samples, dim).

    References
    ----------
    .. [1] S. Rendle, "Factorization Machines", IEEE International Conference on Data
       Mining, 2010, lemma 3.1.
    """
    return 0.5 * (total * total - squares).sum(dim=1)


class ClickNetwork(nn.Module, ABC):
    """Base of the networks: from encoded columns to log-odds."""

    def __init__(self, sizes: Sizes, dim: int, *, std: float = 1e-4) -> None:
        super().__init__()
        self.embedding = FieldEmbedding(sizes, dim, std=std)
        self.intercept = nn.Parameter(torch.zeros(()))

    def forward(
        self, codes: Tensor, members: Tensor, bounds: Tensor, numbers: Tensor
    ) -> Tensor:
        """Return the log-odds of rows, of shape (n_samples,).

        `numbers` have shape (n_samples, n_numbers); for the others see
        :class:`FieldEmbedding`.
        """
        fields = self.embedding(codes, members, bounds)
        dtype = self.intercept.dtype
        return self.intercept + self.score(fields.to(dtype), numbers.to(dtype))

    @abstractmethod
    def score(self, fields: Tensor, numbers: Tensor) -> Tensor:
        """Return the log-odds without the intercept.

        `fields` have shape (n_samples, n_fields, dim), `numbers` (n_samples,
        n_numbers).
        """


class DNN(ClickNetwork):
    """Multilayer perceptron of vectors and numbers."""

    def __init__(
        self,
        sizes: Sizes,
        *,
        embedding_dim: int,
        hidden_units: Sequence[int],
        dropout: float,
    ) -> None:
        super().__init__(sizes, embedding_dim)
        width = self.embedding.n_fields * embedding_dim + sizes.n_numbers
        self.deep = MLP(width, hidden_units, 1, activation=nn.ReLU, dropout=dropout)

    def score(self, fields: Tensor, numbers: Tensor) -> Tensor:
        """Return the log-odds without the intercept."""
        return self.deep(torch.cat([fields.flatten(1), numbers], dim=1)).squeeze(1)


class DeepFM(ClickNetwork):
    """Sum of a factorization machine and a perceptron on the same vectors."""

    def __init__(
        self,
        sizes: Sizes,
        *,
        embedding_dim: int,
        hidden_units: Sequence[int],
        dropout: float,
    ) -> None:
        # The last entry of a vector is the category's weight in the linear term: one
        # lookup for both.
        super().__init__(sizes, embedding_dim + 1)
        width = self.embedding.n_fields * embedding_dim + sizes.n_numbers
        self.deep = MLP(width, hidden_units, 1, activation=nn.ReLU, dropout=dropout)
        self.number_vectors = nn.Parameter(
            torch.empty(sizes.n_numbers, embedding_dim).normal_(std=1e-2)
        )
        self.number_weights = nn.Parameter(torch.zeros(sizes.n_numbers))

    def score(self, fields: Tensor, numbers: Tensor) -> Tensor:
        """Return the log-odds without the intercept."""
        vectors = fields[:, :, :-1]
        deep = self.deep(torch.cat([vectors.flatten(1), numbers], dim=1)).squeeze(1)
        linear = fields[:, :, -1].sum(dim=1) + numbers @ self.number_weights
        return deep + linear + self.second_order(vectors, numbers)

    def second_order(self, vectors: Tensor, numbers: Tensor) -> Tensor:
        """Return the pairwise term; a number enters as its vector times its value."""
        total = vectors.sum(dim=1) + numbers @ self.number_vectors
        squares = (vectors**2).sum(dim=1) + numbers**2 @ self.number_vectors**2
        return pairwise_term(total, squares)


class FieldNorm(nn.Module):
    """Layer normalisation of each field's vector, with weights for each field."""

    def __init__(self, n_fields: int, dim: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(n_fields, dim))
        self.bias = nn.Parameter(torch.zeros(n_fields, dim))

    def forward(self, fields: Tensor) -> Tensor:
        """Normalise vectors, of shape (n_samples, n_fields, dim)."""
        scaled = functional.layer_norm(fields, fields.shape[-1:])
        return torch.addcmul(self.bias, scaled, self.weight)


class MaskBlock(nn.Module):
    r"""Product of a hidden layer with an instance-guided mask [1]_.

    .. math::

        V_{mask} &= W_{d2}\,\mathrm{ReLU}(W_{d1} V_{emb} + \beta_{d1}) + \beta_{d2} \\
        V_{output} &= \mathrm{ReLU}(\mathrm{LN}(W\,(V_{mask} \odot V_{input})))

    The aggregation, the first layer of the mask, is in :class:`MaskNet`.

    References
    ----------
    .. [1] Z. Wang, Q. She, J. Zhang, "MaskNet: Introducing Feature-Wise Multiplication
       to CTR Ranking Models by Instance-Guided Mask", DLP-KDD, 2021, equations 4 and 8.
    """

    def __init__(
        self,
        aggregated_features: int,
        in_features: int,
        out_features: int,
        *,
        dropout: float,
    ) -> None:
        super().__init__()
        self.mask = nn.Linear(aggregated_features, in_features)
        # Without bias, which the normalisation would subtract.
        self.hidden = nn.Linear(in_features, out_features, bias=False)
        self.norm = nn.LayerNorm(out_features)
        self.dropout = nn.Dropout(dropout)

    def forward(self, aggregated: Tensor, masked: Tensor) -> Tensor:
        """Mask a layer and transform it, to shape (n_samples, out_features)."""
        hidden = self.norm(self.hidden(self.mask(aggregated) * masked))
        return self.dropout(functional.relu(hidden))


class MaskNet(ClickNetwork):
    """Mask blocks, parallel below a perceptron of `hidden_units`, or serial."""

    def __init__(
        self,
        sizes: Sizes,
        *,
        model_type: str,
        embedding_dim: int,
        n_blocks: int,
        block_dim: int,
        reduction_ratio: float,
        hidden_units: Sequence[int],
        dropout: float,
    ) -> None:
        super().__init__(sizes, embedding_dim)
        n_fields = self.embedding.n_fields + sizes.n_numbers
        width = n_fields * embedding_dim
        self.parallel = model_type == "parallel"
        self.tokens = NumberTokens(sizes.n_numbers, embedding_dim)
        self.norm = FieldNorm(n_fields, embedding_dim)
        masked = [width] + [width if self.parallel else block_dim] * (n_blocks - 1)
        self.aggregated = [max(1, round(reduction_ratio * each)) for each in masked]
        # One layer for the first layers of all masks, which have the same input.
        self.aggregation = nn.Linear(width, sum(self.aggregated))
        self.blocks = nn.ModuleList(
            MaskBlock(*sizes, block_dim, dropout=dropout)
            for sizes in zip(self.aggregated, masked, strict=True)
        )
        self.head = MLP(
            n_blocks * block_dim if self.parallel else block_dim,
            hidden_units if self.parallel else (),
            1,
            activation=nn.ReLU,
            dropout=dropout,
        )

    def score(self, fields: Tensor, numbers: Tensor) -> Tensor:
        """Return the log-odds without the intercept."""
        fields = torch.cat([fields, self.tokens(numbers)], dim=1)
        hidden = self.norm(fields).flatten(1)
        aggregated = functional.relu(self.aggregation(fields.flatten(1)))
        masks = zip(self.blocks, aggregated.split(self.aggregated, dim=1), strict=True)
        if self.parallel:
            hidden = torch.cat([block(part, hidden) for block, part in masks], dim=1)
        else:
            for block, part in masks:
                hidden = block(part, hidden)
        return self.head(hidden).squeeze(1)


class TabularTransformer(ClickNetwork):
    """Transformer whose tokens are the columns of a row.

    `embedding_dim` is a multiple of `n_heads`.
    """

    def __init__(
        self,
        sizes: Sizes,
        *,
        embedding_dim: int,
        n_layers: int,
        n_heads: int,
        feedforward_dim: int,
        dropout: float,
    ) -> None:
        super().__init__(sizes, embedding_dim, std=1e-2)
        bound = embedding_dim**-0.5
        n_fields = self.embedding.n_fields
        self.tokens = NumberTokens(sizes.n_numbers, embedding_dim)
        self.column_bias = nn.Parameter(
            torch.empty(n_fields, embedding_dim).uniform_(-bound, bound)
        )
        self.summary = nn.Parameter(torch.empty(embedding_dim).uniform_(-bound, bound))
        layer = nn.TransformerEncoderLayer(
            embedding_dim,
            n_heads,
            feedforward_dim,
            dropout,
            activation="gelu",
            batch_first=True,
            norm_first=True,
        )
        self.encoder = nn.TransformerEncoder(
            layer, n_layers, nn.LayerNorm(embedding_dim), enable_nested_tensor=False
        )
        self.head = nn.Linear(embedding_dim, 1)

    def score(self, fields: Tensor, numbers: Tensor) -> Tensor:
        """Return the log-odds without the intercept."""
        tokens = torch.cat([fields + self.column_bias, self.tokens(numbers)], dim=1)
        return self.read(tokens)

    def read(self, tokens: Tensor) -> Tensor:
        """Return the log-odds from tokens, of shape (n_samples, n_tokens, dim).

        The order of the tokens has no effect.
        """
        summary = self.summary.expand(len(tokens), 1, -1)
        encoded = self.encoder(torch.cat([summary, tokens], dim=1))
        return self.head(functional.relu(encoded[:, 0])).squeeze(1)
