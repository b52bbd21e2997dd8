"""The one training loop of all neural generators."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.optim import Optimizer

from skgen._progress import progress_bar
from skgen._random import draw_seed
from skgen.deep.device import seeded

# Where a look at a loss makes the processor wait for the device, losses are looked at
# once in so many steps.
CHECK_EVERY = 50

Losses = Mapping[str, Tensor]


@dataclass
class TrainingHistory:
    """What happened in a training.

    Attributes
    ----------
    losses : dict of str to list of float
        Mean of each loss over the steps of each epoch.

    validation_losses : list of float
        Loss on the held-out rows after each epoch; empty if none are held out.

    n_epochs : int
        Epochs that came to their end.

    best_epoch : int
        The epoch, counted from 1, whose weights are kept.

    interrupted : bool
        Whether the keyboard ended the training.
    """

    losses: dict[str, list[float]] = field(default_factory=dict)
    validation_losses: list[float] = field(default_factory=list)
    n_epochs: int = 0
    best_epoch: int = 0
    interrupted: bool = False


def update(
    optimizer: Optimizer, loss: Tensor, *, max_grad_norm: float | None = None
) -> Tensor:
    """Take a step down a loss.

    Parameters
    ----------
    optimizer : Optimizer

    loss : Tensor of shape ()

    max_grad_norm : float, default=None
        Greatest Euclidean norm of the gradient of all the optimizer's parameters; a
        greater one is scaled down. None is no limit.

    Returns
    -------
    loss : Tensor of shape ()
        The same, without its graph.
    """
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    if max_grad_norm is not None:
        weights = [p for group in optimizer.param_groups for p in group["params"]]
        nn.utils.clip_grad_norm_(weights, max_grad_norm)
    optimizer.step()
    return loss.detach()


def cosine_schedule(progress: float) -> float:
    """Return half a period of a cosine: 1 at the start of the training, 0 at its end.

    Parameters
    ----------
    progress : float in [0, 1]
        Share of the steps that are done.

    Returns
    -------
    factor : float
        Of the learning rate.
    """
    return 0.5 * (1 + math.cos(math.pi * progress))


def hold_out(
    labels: NDArray[np.intp], fraction: float, random_state: np.random.RandomState
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Split rows, each class as evenly as its size permits.

    Parameters
    ----------
    labels : ndarray of shape (n_samples,)

    fraction : float in (0, 0.5]
        Share of the rows held out; one row at least.

    random_state : RandomState

    Returns
    -------
    training : ndarray of int
        At least one row of each class of two.

    held_out : ndarray of int
    """
    order = random_state.permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]
    n_held_out = max(1, int(fraction * len(labels)))
    # Equal strides through the sorted rows: never two neighbours.
    start = random_state.uniform()
    places = ((start + np.arange(n_held_out)) * len(labels) / n_held_out).astype(int)
    held_out = np.zeros(len(labels), dtype=bool)
    held_out[places] = True
    return np.sort(order[~held_out]), np.sort(order[held_out])


class MovingAverage:
    """Exponential moving average of a network's weights.

    The average forgets faster in the beginning: after `n` steps by the factor
    ``min(decay, (1 + n) / (10 + n))``, so that a short training is not an average of
    initial weights.

    Parameters
    ----------
    network : Module

    decay : float in [0, 1)
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


def train(
    network: nn.Module,
    step: Callable[[Tensor], Losses],
    n_samples: int,
    *,
    epochs: int,
    batch_size: int,
    random_state: np.random.RandomState,
    optimizers: Sequence[Optimizer] = (),
    schedule: Callable[[float], float] | None = None,
    ema_decay: float | None = None,
    validation_loss: Callable[[Tensor], Tensor] | None = None,
    validation_fraction: float = 0.1,
    n_iter_no_change: int = 10,
    tol: float = 1e-4,
    labels: NDArray[np.intp] | None = None,
    drop_last: bool = False,
    verbose: int | bool = False,
    desc: str | None = None,
) -> TrainingHistory:
    """Train a network in epochs of batches, and leave the best weights in it.

    To be called inside :func:`seeded`. A batch is nothing but the indices of rows; what
    is made of them (codes, one-hot vectors, noise) is the step's affair and lives as
    long as the batch.

    Parameters
    ----------
    network : Module
        What is learned, on its device; the parts of a model that has several, such as
        generator and discriminator, in a `ModuleDict`.

    step : callable
        Takes the rows of a batch, a Tensor of int64 on the network's device; updates
        the weights (see :func:`update`); returns its losses by name, each a Tensor of
        shape () without a graph.

    n_samples : int
        Number of rows.

    epochs : int
        Greatest number of passes through the rows.

    batch_size : int
        Greatest number of rows in a batch. Batches of an epoch differ by one row at
        most.

    random_state : RandomState
        Shuffles and holds out.

    optimizers : sequence of Optimizer, default=()
        Those whose learning rates follow the schedule.

    schedule : callable, default=None
        Takes the share of the steps that are done, returns the factor of the learning
        rates. None keeps them.

    ema_decay : float in [0, 1), default=None
        Decay of the moving average of the weights, which takes their place for the
        validation and at the end. None averages nothing.

    validation_loss : callable, default=None
        Takes held-out rows, returns the mean of their loss. It is called without
        gradients, in the mode of evaluation, with the same random numbers each time.
        None holds out no rows and ends after the last epoch.

    validation_fraction : float in (0, 0.5], default=0.1
        Share of the rows held out.

    n_iter_no_change : int, default=10
        The training ends when the validation loss was not less than its minimum so far
        by `tol` in so many epochs.

    tol : float, default=1e-4

    labels : ndarray of shape (n_samples,), default=None
        Classes, of which the same share is held out.

    drop_last : bool, default=False
        Whether all batches have `batch_size` rows, and what is left of an epoch is
        left out; if there are fewer rows, all of them are the batch.

    verbose : int or bool, default=False
        Whether a progress bar shows epochs and losses.

    desc : str, default=None
        Stands before the bar.

    Returns
    -------
    history : TrainingHistory

    Raises
    ------
    FloatingPointError
        If a loss is infinite or no number; names the loss, the step and the epoch.

    KeyboardInterrupt
        Before the first epoch came to its end. Later it ends the training, with a
        warning, and the best weights are kept.
    """
    device = next(network.parameters()).device
    training = np.arange(n_samples)
    held_out = None
    if validation_loss is not None:
        classes = np.zeros(n_samples, dtype=np.intp) if labels is None else labels
        training, rows = hold_out(classes, validation_fraction, random_state)
        held_out = torch.from_numpy(rows).to(device)
    validation_seed = draw_seed(random_state)
    average = None if ema_decay is None else MovingAverage(network, ema_decay)
    n_batches = math.ceil(len(training) / batch_size)
    if drop_last:
        n_batches = max(1, len(training) // batch_size)
    base_rates = [[group["lr"] for group in o.param_groups] for o in optimizers]
    history = TrainingHistory()
    kept: dict[str, Tensor] = {}
    best = math.inf
    with progress_bar(verbose=verbose, total=epochs, desc=desc, unit="epoch") as bar:
        try:
            for epoch in range(1, epochs + 1):
                network.train()
                batches = _batches(
                    training, n_batches, batch_size, drop_last, random_state
                )
                watch = _LossWatch(epoch, (epoch - 1) * n_batches, device)
                for i, batch in enumerate(batches):
                    if schedule is not None:
                        done = (epoch - 1 + i / n_batches) / epochs
                        _set_rates(optimizers, base_rates, schedule(done))
                    watch.add(step(torch.from_numpy(batch).to(device)))
                    if average is not None:
                        average.update(network)
                means = watch.means()
                state = _snapshot(network, average)
                if validation_loss is not None and held_out is not None:
                    value = _validate(
                        network, state, validation_loss, held_out, validation_seed
                    )
                    if not math.isfinite(value):
                        raise FloatingPointError(_complaint("validation", value, epoch))
                # From here to the end of the epoch nothing can fail.
                for name, mean in means.items():
                    history.losses.setdefault(name, []).append(mean)
                history.n_epochs = epoch
                if validation_loss is None:
                    kept, history.best_epoch = state, epoch
                else:
                    history.validation_losses.append(value)
                    means["validation"] = value
                    if value < best - tol or not kept:
                        best, kept, history.best_epoch = value, state, epoch
                shown = {name: f"{mean:.4g}" for name, mean in means.items()}
                bar.set_postfix(shown, refresh=False)
                bar.update()
                if (
                    validation_loss is not None
                    and epoch - history.best_epoch >= n_iter_no_change
                ):
                    break
        except KeyboardInterrupt:
            if not kept:
                raise
            history.interrupted = True
            warnings.warn(
                f"Training was interrupted after {history.n_epochs} of {epochs} "
                f"epochs: the weights are those of epoch {history.best_epoch}.",
                stacklevel=2,
            )
    network.load_state_dict(kept)
    network.eval()
    return history


def _batches(
    rows: NDArray[np.intp],
    n_batches: int,
    batch_size: int,
    drop_last: bool,
    random_state: np.random.RandomState,
) -> list[NDArray[np.intp]]:
    shuffled = rows[random_state.permutation(len(rows))]
    if drop_last:
        shuffled = shuffled[: n_batches * batch_size]
    return np.array_split(shuffled, n_batches)


def _set_rates(
    optimizers: Sequence[Optimizer], base_rates: list[list[float]], factor: float
) -> None:
    for optimizer, rates in zip(optimizers, base_rates, strict=True):
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * factor


def _snapshot(network: nn.Module, average: MovingAverage | None) -> dict[str, Tensor]:
    if average is not None:
        return average.state_dict(network)
    return {name: value.clone() for name, value in network.state_dict().items()}


def _validate(
    network: nn.Module,
    state: dict[str, Tensor],
    validation_loss: Callable[[Tensor], Tensor],
    rows: Tensor,
    seed: int,
) -> float:
    """Return the loss of the weights that would be kept."""
    present = _snapshot(network, None)
    network.load_state_dict(state)
    network.eval()
    try:
        with torch.no_grad(), seeded(seed, rows.device):
            return float(validation_loss(rows))
    finally:
        network.load_state_dict(present)


def _complaint(name: str, value: float, epoch: int, step: int | None = None) -> str:
    where = f"after epoch {epoch}"
    if step is not None:
        where = f"at step {step} (epoch {epoch})"
    return (
        f"The loss {name!r} became {value} {where}: lower the learning rate, or set "
        "max_grad_norm to a smaller number."
    )


class _LossWatch:
    """Losses of an epoch; raises when one is infinite or no number."""

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
            self._look()

    def means(self) -> dict[str, float]:
        """Return the mean of each loss."""
        self._look()
        return {name: float(np.mean(values)) for name, values in self._seen.items()}

    def _look(self) -> None:
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
                if not math.isfinite(value):
                    raise FloatingPointError(
                        _complaint(name, value, self._epoch, self._n_steps)
                    )
                self._seen.setdefault(name, []).append(value)
