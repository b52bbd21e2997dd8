"""The steps of an epoch: batches, learning rates, losses."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.optim import Optimizer

from skgen.deep.averaging import MovingAverage

# Reading a loss makes the CPU wait for the device: steps between two reads.
CHECK_EVERY = 50

Losses = Mapping[str, Tensor]


class Epochs:
    """Runs the steps of an epoch: batches, learning rates, moving average."""

    def __init__(
        self,
        rows: NDArray[np.intp],
        batch_size: int,
        random_state: np.random.RandomState,
        *,
        drop_last: bool,
        rates: Rates,
        average: MovingAverage | None,
    ) -> None:
        self.average = average
        self._rows = rows
        self._rng = random_state
        self._rates = rates
        self._n_batches = math.ceil(len(rows) / batch_size)
        self._n_taken = len(rows)
        if drop_last:
            self._n_batches = max(1, len(rows) // batch_size)
            self._n_taken = min(len(rows), self._n_batches * batch_size)

    def run(
        self, epoch: int, network: nn.Module, step: Callable[[Tensor], Losses]
    ) -> dict[str, float]:
        """Train for an epoch; return the mean of each loss."""
        device = next(network.parameters()).device
        network.train()
        shuffled = self._rows[self._rng.permutation(len(self._rows))]
        batches = np.array_split(shuffled[: self._n_taken], self._n_batches)
        losses = EpochLosses(epoch, (epoch - 1) * self._n_batches, device)
        for i, batch in enumerate(batches):
            self._rates.set(epoch - 1 + i / self._n_batches)
            losses.add(step(torch.from_numpy(batch).to(device)))
            if self.average is not None:
                self.average.update(network)
        return losses.means()


class Rates:
    """Learning rates of optimizers, which a schedule multiplies."""

    def __init__(
        self,
        optimizers: Sequence[Optimizer],
        schedule: Callable[[float], float] | None,
        epochs: int,
    ) -> None:
        self._schedule = schedule
        self._epochs = epochs
        groups = [group for each in optimizers for group in each.param_groups]
        self._initial = [(group, group["lr"]) for group in groups]

    def set(self, epochs_done: float) -> None:
        """Set the rates for a moment of the training."""
        if self._schedule is not None:
            factor = self._schedule(epochs_done / self._epochs)
            for group, rate in self._initial:
                group["lr"] = rate * factor


def check_finite(name: str, value: float, where: str) -> None:
    """Raise FloatingPointError if a loss is infinite or NaN."""
    if not math.isfinite(value):
        raise FloatingPointError(
            f"The loss {name!r} became {value} {where}: lower the learning rate, or "
            "set max_grad_norm to a smaller number."
        )


class EpochLosses:
    """Losses of an epoch; raises FloatingPointError when one is infinite or NaN."""

    def __init__(self, epoch: int, n_steps_before: int, device: torch.device) -> None:
        self._epoch = epoch
        self._n_steps = n_steps_before
        self._every = 1 if device.type == "cpu" else CHECK_EVERY
        self._waiting: list[Losses] = []
        self._seen: dict[str, list[float]] = {}

    def add(self, losses: Losses) -> None:
        """Take the losses of a step."""
        self._waiting.append(losses)
        if len(self._waiting) >= self._every:
            self._read()

    def means(self) -> dict[str, float]:
        """Return the mean of each loss."""
        self._read()
        return {name: float(np.mean(values)) for name, values in self._seen.items()}

    def _read(self) -> None:
        if not self._waiting:
            return
        names = list(self._waiting[0])
        values = torch.stack(
            [torch.stack([losses[name] for name in names]) for losses in self._waiting]
        ).tolist()
        self._waiting = []
        for row in values:
            self._n_steps += 1
            for name, value in zip(names, row, strict=True):
                where = f"at step {self._n_steps} (epoch {self._epoch})"
                check_finite(name, value, where)
                self._seen.setdefault(name, []).append(value)
