"""Correction of a trained generator's marginal distributions, class by class."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from skgen.neural.gan.conditions import Conditions
from skgen.neural.gan.networks import Generator
from skgen.table import Table

# Rows drawn of each class: at most, at least; between these, a share of the total, but
# no more than there are training rows.
MAX_ROWS, MIN_ROWS, TOTAL_ROWS = 4000, 200, 100_000
# Numbers of a class from which its own quantiles are taken; fewer share those of all.
MIN_QUANTILE_ROWS = 100
MAX_QUANTILES = 1000
ROWS_PER_QUANTILE = 5


class QuantileMap:
    """Monotone map from the quantiles of one sample to those of another."""

    def __init__(self, found: NDArray[np.float64], wanted: NDArray[np.float64]) -> None:
        few = min(len(found), len(wanted)) // ROWS_PER_QUANTILE
        shares = np.linspace(0, 1, max(2, min(MAX_QUANTILES, few)))
        self.found = np.quantile(found, shares)
        self.wanted = np.quantile(wanted, shares)

    def __call__(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map values, linearly between the quantiles."""
        return np.interp(values, self.found, self.wanted)


def n_calibration_rows(n_samples: int, n_classes: int) -> int:
    """Return the number of rows to draw of each class."""
    return max(MIN_ROWS, min(MAX_ROWS, TOTAL_ROWS // n_classes, n_samples))


@torch.no_grad()
def calibrate_levels(
    generator: Generator,
    conditions: Conditions,
    levels: NDArray[np.int32],
    labels: NDArray[np.intp],
    n_rows: int,
) -> None:
    """Make modes, point masses and categories as frequent as they are in each class."""
    offsets = generator.segments.offsets.cpu().numpy()
    width = generator.segments.width
    for label in range(len(generator.corrections)):
        own = (levels[labels == label] + offsets).ravel()
        wanted = np.bincount(own, minlength=width) / (labels == label).sum()
        of_rows = torch.full((n_rows,), label, device=generator.corrections.device)
        condition = conditions.draw(of_rows, log_frequency=False)
        _, logits = generator(condition.vector)
        generator.calibrate(logits, label, torch.from_numpy(wanted).to(logits))


def quantile_maps(
    table: Table,
    labels: NDArray[np.intp],
    draw: Callable[[NDArray[np.intp]], Table],
    n_rows: int,
    rng: np.random.RandomState,
) -> dict[tuple[int, int], QuantileMap]:
    """Return, by label and number, what maps generated quantiles to the real ones.

    `draw` generates one row for each label.
    """
    maps = {}
    counts = np.bincount(labels)
    of_made = np.repeat(np.arange(len(counts)), n_rows)
    made = draw(of_made)
    shares = counts / len(labels)
    for number in range(table.numeric.shape[1]):
        there, active = table.active(number), made.active(number)
        numbers, generated = table.numeric[:, number], made.numeric[:, number]
        # As frequent as they are, the classes are one sample.
        odds = (active * shares[of_made]).cumsum()
        if not there.any() or not odds[-1]:
            continue
        positions = rng.uniform(size=n_rows) * odds[-1]
        every = generated[np.searchsorted(odds, positions, side="right")]
        shared = QuantileMap(every, numbers[there])
        for label in range(len(counts)):
            wanted = numbers[there & (labels == label)]
            found = generated[active & (of_made == label)]
            few = min(len(wanted), len(found)) < MIN_QUANTILE_ROWS
            maps[label, number] = shared if few else QuantileMap(found, wanted)
    return maps
