"""Distributions of a column's value as the last layer of a network."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from skgen.encodings.bins import ColumnValues

# Pseudocount added to each count that initialises a head.
PRIOR_ROWS = 0.1
# Initial shares of members lie between this and one minus this.
MIN_RATE = 1e-4
# Minimum distance of uniform draws from 0 and 1.
EDGE = 1e-7
# Distance of a logarithm's origin from the smallest number, in units of the range.
ORIGIN_DISTANCE = 1e-3
# Minimum logarithm of a scale, in units of the standard deviation of all numbers.
MIN_LOG_SCALE = -7.0
# Number of cosines of a bin's rank.
N_WAVES = 16
# Hidden units between the features and the cells of a bin.
CELL_UNITS = 32


def draw(logits: Tensor, temperature: float = 1.0) -> Tensor:
    """Draw one column of logits, of shape (n_samples, n_columns), for each row.

    A temperature below 1 prefers likely ones; one above 1 is nearer to uniform.
    """
    shares = functional.softmax(logits / temperature, dim=1)
    return torch.multinomial(shares, 1)[:, 0]


class ColumnHead(nn.Module):
    """Distribution of a column's value, given features of what is known.

    A softmax over levels (categories, point masses and bins), a softmax over the cells
    of the level that was drawn, and, for lists, the members one after another, each
    given the level and the members before [1]_.

    References
    ----------
    .. [1] B. J. Frey, G. E. Hinton, P. Dayan, "Does the Wake-Sleep Algorithm Produce
       Good Density Estimators?", Advances in Neural Information Processing Systems 8,
       1995.
    """

    level_of: Tensor
    cell_of: Tensor
    value_at: Tensor

    def __init__(self, in_features: int, column: ColumnValues) -> None:
        super().__init__()
        level_of, cell_of = column.level_of, column.cell_of
        n_levels, n_cells = int(level_of.max()) + 1, int(cell_of.max()) + 1
        self.register_buffer("level_of", torch.from_numpy(level_of))
        self.register_buffer("cell_of", torch.from_numpy(cell_of))
        table = np.zeros((n_levels, n_cells))
        np.add.at(table, (level_of, cell_of), column.counts + PRIOR_ROWS)
        value_at = np.zeros((n_levels, n_cells), dtype=np.int64)
        value_at[level_of, cell_of] = np.arange(len(level_of))
        self.register_buffer("value_at", torch.from_numpy(value_at))
        self.levels = nn.Linear(in_features, n_levels)
        _begin(self.levels, table.sum(axis=1))
        self.waves = None
        if column.n_masses < column.n_values:
            self.waves = WaveHead(in_features, column)
        self.cells = None
        if n_cells > 1:
            self.cells = CellHead(in_features, table)
        self.members = None
        if column.members:
            self.members = MemberHead(in_features, n_levels, column.rates)

    def level_logits(self, features: Tensor) -> Tensor:
        """Return the logits of the levels, of shape (n_samples, n_levels)."""
        logits = self.levels(features)
        return logits if self.waves is None else logits + self.waves(features)

    def log_prob(self, features: Tensor, values: Tensor, members: Tensor) -> Tensor:
        """Return the log-probability of each row's value, of shape (n_samples,).

        `features` have the shape (n_samples, in_features), `values` are int of shape
        (n_samples,), `members` have the shape (n_samples, n_members).
        """
        level = self.level_of[values]
        logits = self.level_logits(features)
        total = -functional.cross_entropy(logits, level, reduction="none")
        if self.cells is not None:
            logits = self.cells(features, level)
            total = total - functional.cross_entropy(
                logits, self.cell_of[values], reduction="none"
            )
        if self.members is not None:
            total = total + self.members.log_prob(features, level, members)
        return total

    def sample(
        self, features: Tensor, temperature: float = 1.0
    ) -> tuple[Tensor, Tensor]:
        """Draw values, of shape (n_samples,), and members, (n_samples, n_members)."""
        level = draw(self.level_logits(features), temperature)
        cell = torch.zeros_like(level)
        if self.cells is not None:
            cell = draw(self.cells(features, level), temperature)
        members = features.new_zeros((len(features), 0))
        if self.members is not None:
            members = self.members.sample(features, level, temperature)
        return self.value_at[level, cell], members


class WaveHead(nn.Module):
    """Logits of quantile bins that change smoothly from each to the next.

    They are learned first: few rows inform about a single bin, many about a wave.
    """

    waves: Tensor

    def __init__(self, in_features: int, column: ColumnValues) -> None:
        super().__init__()
        n_levels = int(column.level_of.max()) + 1
        bounds, bins = column.bounds, column.level_of[column.n_masses :]
        rank = np.zeros(n_levels)
        np.maximum.at(rank, bins, 0.5 * bounds[:, 1])
        low = np.ones(n_levels)
        np.minimum.at(low, bins, bounds[:, 0])
        rank += 0.5 * low
        waves = np.zeros((N_WAVES, n_levels))
        at = np.unique(bins)
        waves[:, at] = np.cos(np.pi * np.arange(N_WAVES)[:, None] * rank[at])
        self.register_buffer("waves", torch.from_numpy(waves).float())
        self.amplitudes = nn.Linear(in_features, N_WAVES, bias=False)
        nn.init.zeros_(self.amplitudes.weight)

    def forward(self, features: Tensor) -> Tensor:
        """Return logits, of shape (n_samples, n_levels)."""
        return self.amplitudes(features) @ self.waves


class CellHead(nn.Module):
    """Logits of the cells of a level, given the level.

    `counts`, of shape (n_levels, n_cells), are the rows in each cell; 0 where a level
    has no such cell.
    """

    def __init__(self, in_features: int, counts: NDArray[np.float64]) -> None:
        super().__init__()
        n_levels, n_cells = counts.shape
        self.inner = nn.Linear(in_features, CELL_UNITS)
        self.of_level = nn.Embedding(n_levels, CELL_UNITS)
        self.outer = nn.Linear(CELL_UNITS, n_cells, bias=False)
        nn.init.zeros_(self.outer.weight)
        with np.errstate(divide="ignore"):
            logits = np.log(counts / counts.sum(axis=1, keepdims=True))
        self.start = nn.Embedding.from_pretrained(
            torch.from_numpy(np.maximum(logits, -1e9)).float(), freeze=True
        )

    def forward(self, features: Tensor, level: Tensor) -> Tensor:
        """Return logits, of shape (n_samples, n_cells)."""
        hidden = functional.silu(self.inner(features) + self.of_level(level))
        return self.outer(hidden) + self.start(level)


class MemberHead(nn.Module):
    """Members of a list, each given the list's level and the members before.

    `rates`, of shape (n_members,), are the shares of rows that have each member.
    """

    before: Tensor

    def __init__(
        self, in_features: int, n_levels: int, rates: NDArray[np.float64]
    ) -> None:
        super().__init__()
        n_members = len(rates)
        self.inner = nn.Linear(in_features, n_members)
        rates = np.clip(rates, MIN_RATE, 1 - MIN_RATE)
        _begin(self.inner, rates / (1 - rates))
        self.of_level = nn.Embedding(n_levels, n_members)
        nn.init.zeros_(self.of_level.weight)
        self.links = nn.Parameter(torch.zeros(n_members, n_members))
        self.register_buffer("before", torch.ones(n_members, n_members).tril(-1))

    def log_prob(self, features: Tensor, level: Tensor, members: Tensor) -> Tensor:
        """Return the log-probability of each row's members."""
        logits = self.inner(features) + self.of_level(level)
        logits = logits + members @ (self.links * self.before).T
        return -functional.binary_cross_entropy_with_logits(
            logits, members, reduction="none"
        ).sum(dim=1)

    def sample(
        self, features: Tensor, level: Tensor, temperature: float = 1.0
    ) -> Tensor:
        """Draw the members, of shape (n_samples, n_members)."""
        logits = self.inner(features) + self.of_level(level)
        members = torch.zeros_like(logits)
        uniform = torch.rand_like(logits)
        links = self.links * self.before
        for i in range(logits.shape[1]):
            logit = logits[:, i] + members[:, :i] @ links[i, :i]
            chance = torch.sigmoid(logit / temperature)
            members[:, i] = (uniform[:, i] < chance).to(members.dtype)
        return members


class NumberScale:
    """Numbers, or their logarithms, with mean 0 and standard deviation 1.

    If some numbers are not positive, the logarithms are those of the distances from
    just below the smallest. `range` holds the smallest and greatest standardized
    number.
    """

    def __init__(self, numbers: NDArray[np.float64], *, logarithm: bool) -> None:
        least, greatest = float(numbers.min()), float(numbers.max())
        self.logarithm = logarithm
        self.origin = 0.0
        if logarithm and least <= 0:
            self.origin = least - ORIGIN_DISTANCE * (greatest - least or 1.0)
        self.least, self.greatest = least, greatest
        self.mean, self.deviation = 0.0, 1.0
        z = self.transform(numbers)
        self.mean, self.deviation = float(z.mean()), float(z.std()) or 1.0
        ends = self.transform(np.array([least, greatest]))
        self.range = (float(ends[0]), float(ends[1]))

    def transform(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """Standardize; numbers beyond the range are clipped."""
        z = np.clip(numbers, self.least, self.greatest)
        if self.logarithm:
            z = np.log(z - self.origin)
        return (z - self.mean) / self.deviation

    def inverse_transform(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the numbers, inside the range."""
        numbers = self.mean + self.deviation * z
        if self.logarithm:
            numbers = self.origin + np.exp(numbers)
        return np.clip(numbers, self.least, self.greatest)


class NumberHead(nn.Module):
    """Mixture of normal distributions of a standardized number.

    A softmax says which point mass the value is, or that it is a number; a number is
    drawn from the mixture, inside the range of `numbers`, those of the training rows.
    """

    firsts: Tensor

    def __init__(
        self,
        in_features: int,
        column: ColumnValues,
        numbers: NDArray[np.float64],
        *,
        n_components: int = 1,
        logarithm: bool = False,
    ) -> None:
        super().__init__()
        self.n_masses = column.n_masses
        self.n_components = n_components
        self.scale = NumberScale(numbers, logarithm=logarithm)
        firsts = self.scale.transform(column.firsts)
        self.register_buffer("firsts", torch.from_numpy(firsts).float())
        self.masses = None
        if column.n_masses:
            counts = column.counts[: column.n_masses]
            rest = column.counts[column.n_masses :].sum()
            self.masses = nn.Linear(in_features, column.n_masses + 1)
            _begin(self.masses, np.append(counts, rest) + PRIOR_ROWS)
        self.outer = nn.Linear(in_features, 3 * n_components)
        nn.init.zeros_(self.outer.weight)
        # Log-shares, centres and log-scales; the initial centres are quantiles.
        start = np.zeros((3, n_components))
        if n_components > 1:
            shares = (np.arange(n_components) + 0.5) / n_components
            start[1] = np.quantile(self.scale.transform(numbers), shares)
            start[2] = -math.log(n_components)
        self.outer.bias.data.copy_(torch.from_numpy(start.ravel()))

    def log_prob(self, features: Tensor, values: Tensor, z: Tensor) -> Tensor:
        """Return the log-probability of each mass, or the log-density of each number.

        The density is that of the standardized number `z`, of shape (n_samples,), on
        the whole real line; the `z` of a point mass is ignored.
        """
        log_share, centre, log_scale = self.components(features)
        error = (z[:, None] - centre) * torch.exp(-log_scale)
        parts = log_share - log_scale - 0.5 * error**2 - 0.5 * math.log(2 * math.pi)
        density = torch.logsumexp(parts, dim=1)
        if self.masses is None:
            return density
        of_mass = -functional.cross_entropy(
            self.masses(features), values.clamp(max=self.n_masses), reduction="none"
        )
        return of_mass + torch.where(values < self.n_masses, 0.0, density)

    def sample(
        self, features: Tensor, temperature: float = 1.0
    ) -> tuple[Tensor, Tensor]:
        """Draw a value for each row, and its standardized number.

        Logits are divided by the temperature, and variances multiplied. The number of a
        point mass has no meaning.
        """
        log_share, centre, log_scale = self.components(features)
        scale = torch.exp(log_scale) * math.sqrt(temperature)
        least, greatest = self.scale.range
        low = torch.special.ndtr((least - centre) / scale)
        high = torch.special.ndtr((greatest - centre) / scale)
        # A component far from the range has almost no probability there.
        inside = torch.log((high - low).clamp(min=torch.finfo(low.dtype).tiny))
        component = draw(log_share / temperature + inside)[:, None]
        low, high, centre, scale = (
            part.gather(1, component)[:, 0] for part in (low, high, centre, scale)
        )
        place = low + (high - low) * torch.rand_like(low)
        z = centre + scale * torch.special.ndtri(place.clamp(EDGE, 1 - EDGE))
        z = z.clamp(least, greatest)
        cell = torch.searchsorted(self.firsts, z.contiguous(), right=True) - 1
        values = self.n_masses + cell.clamp(min=0)
        if self.masses is not None:
            which = draw(self.masses(features), temperature)
            values = torch.where(which < self.n_masses, which, values)
        return values, z

    def components(self, features: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return log-shares, centres and log-scales of the components."""
        out = self.outer(features).reshape(len(features), 3, self.n_components)
        log_share = functional.log_softmax(out[:, 0], dim=1)
        return log_share, out[:, 1], out[:, 2].clamp(min=MIN_LOG_SCALE)


def _begin(layer: nn.Linear, weights: NDArray[np.float64]) -> None:
    """Initialise a layer to the logarithms of some weights, whatever its input."""
    nn.init.zeros_(layer.weight)
    layer.bias.data.copy_(torch.from_numpy(np.log(weights)))
