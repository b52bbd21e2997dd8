"""Values of a column as vectors."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from skgen.encodings.bins import ColumnValues

# Number of cosines, and of sines, of a number's rank.
N_FREQUENCIES = 4


class ColumnEmbedding(nn.Module):
    """Embedding of a column's value: its category or bin, its rank, its members."""

    level_of: Tensor
    places: Tensor

    def __init__(self, column: ColumnValues, dim: int) -> None:
        super().__init__()
        self.register_buffer("level_of", torch.from_numpy(column.level_of))
        self.levels = nn.Embedding(int(column.level_of.max()) + 1, dim)
        nn.init.normal_(self.levels.weight, std=0.1)
        self.of_place = None
        if column.n_masses < column.n_values:
            features = _place_features(column)
            self.register_buffer("places", torch.from_numpy(features).float())
            self.of_place = nn.Linear(features.shape[1], dim, bias=False)
        self.of_members = None
        if column.members:
            self.of_members = nn.Linear(len(column.members), dim, bias=False)

    def forward(self, values: Tensor, members: Tensor) -> Tensor:
        """Embed values, int of shape (n_samples,), and members, (n_samples, n_members).

        Returns a Tensor of shape (n_samples, dim).
        """
        embedding = self.levels(self.level_of[values])
        if self.of_place is not None:
            embedding = embedding + self.of_place(self.places[values])
        if self.of_members is not None:
            embedding = embedding + self.of_members(members)
        return embedding


def _place_features(column: ColumnValues) -> NDArray[np.float64]:
    """Return features by which near numbers resemble each other; zeros for masses."""
    counts = np.arange(column.n_values) >= column.n_masses
    rank = np.zeros(column.n_values)
    rank[column.n_masses :] = column.bounds.mean(axis=1)
    angles = np.pi * rank[:, None] * 2.0 ** np.arange(N_FREQUENCIES)
    features = [column.places[:, None], np.cos(angles), np.sin(angles)]
    return np.hstack(features) * counts[:, None]
