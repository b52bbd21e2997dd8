"""The one training loop of all neural generators."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.optim import Optimizer

from skgen._progress import progress_bar
from skgen._random import draw_seed
from skgen.deep.averaging import MovingAverage
from skgen.deep.device import seeded
from skgen.deep.epochs import Epochs, Losses, Rates, check_finite


@dataclass
class TrainingHistory:
    """What happened in a training.

    Attributes
    ----------
    losses : dict of str to list of float
        Mean of each loss over the steps of each epoch.

    validation_losses : list of float
        Loss on the held-out rows after each epoch; empty without `validation_loss`.

    validation_scores : dict of str to list of float
        Scores of the held-out rows after each epoch; empty without
        `validation_scores`.

    n_epochs : int
        Number of completed epochs.

    best_epoch : int
        The epoch, counted from 1, whose weights are kept.

    interrupted : bool
        Whether a KeyboardInterrupt ended the training.
    """

    losses: dict[str, list[float]] = field(default_factory=dict)
    validation_losses: list[float] = field(default_factory=list)
    validation_scores: dict[str, list[float]] = field(default_factory=dict)
    n_epochs: int = 0
    best_epoch: int = 0
    interrupted: bool = False

    def _add(self, means: Mapping[str, float], found: Mapping[str, float]) -> None:
        """Add the losses of an epoch and what its validation found."""
        self.n_epochs += 1
        for name, mean in means.items():
            self.losses.setdefault(name, []).append(mean)
        for name, value in found.items():
            if name == "validation":
                self.validation_losses.append(value)
            else:
                self.validation_scores.setdefault(name, []).append(value)


def update(
    optimizer: Optimizer, loss: Tensor, *, max_grad_norm: float | None = None
) -> Tensor:
    """Take a step down a loss; return it without its graph.

    The gradient of all the optimizer's parameters is scaled down to a Euclidean norm of
    at most `max_grad_norm`; no limit if None.
    """
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    if max_grad_norm is not None:
        weights = [p for group in optimizer.param_groups for p in group["params"]]
        nn.utils.clip_grad_norm_(weights, max_grad_norm)
    optimizer.step()
    return loss.detach()


def cosine_schedule(progress: float) -> float:
    """Return half a period of a cosine: 1 at progress 0, 0 at progress 1."""
    return 0.5 * (1 + math.cos(math.pi * progress))


def hold_out(
    labels: NDArray[np.intp], fraction: float, random_state: np.random.RandomState
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Split rows, each class as evenly as its size permits.

    Returns positions of training rows and of held-out rows: `fraction` of the rows, at
    least one. Of each class of two rows or more, at least one is a training row.
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


def make_optimizer(
    parameters: Iterable[Any],
    *,
    lr: float,
    weight_decay: float = 0.0,
    kind: Callable[..., Optimizer] = torch.optim.AdamW,
    fused: bool = True,
    **options: Any,
) -> Optimizer:
    """Return an optimizer, by default AdamW, of weights or groups of weights.

    The fused implementation is used on the CPU and on CUDA devices; its weights differ
    from the other's in the last bits. `options` are other parameters of `kind`.
    """
    parameters = list(parameters)
    first = parameters[0]
    weight = first["params"][0] if isinstance(first, dict) else first
    fused = fused and weight.device.type in {"cpu", "cuda"}
    return kind(parameters, lr=lr, weight_decay=weight_decay, fused=fused, **options)


def mean_loss(
    loss: Callable[[Tensor], Tensor],
    rows: Tensor,
    *,
    batch_size: int | None = None,
    min_rows: int = 1,
) -> Tensor:
    """Return the mean loss of rows, `batch_size` at a time; all at once if None.

    `loss` takes positions of rows and returns the mean of their loss. Fewer than
    `min_rows` rows are repeated: with random noise in the loss, the mean of several
    draws is more precise.
    """
    rows = rows.repeat(max(1, -(-min_rows // len(rows))))
    if batch_size is None:
        return loss(rows)
    losses = [loss(part) * len(part) for part in rows.split(batch_size)]
    return torch.stack(losses).sum() / len(rows)


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
    validation_scores: Callable[[Tensor], Mapping[str, float]] | None = None,
    monitor: str | None = "loss",
    held_out: NDArray[np.intp] | None = None,
    validation_fraction: float = 0.1,
    n_iter_no_change: int = 10,
    tol: float = 1e-4,
    labels: NDArray[np.intp] | None = None,
    drop_last: bool = False,
    verbose: int | bool = False,
    desc: str | None = None,
) -> TrainingHistory:
    """Train a network in epochs of batches, and leave the best weights in it.

    To be called inside :func:`seeded`. A batch is positions of rows; the step
    makes of them what it needs (codes, one-hot vectors, noise), for one batch at a
    time.

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
        Maximum number of passes through the rows.

    batch_size : int
        Maximum number of rows in a batch. Batches of an epoch differ by one row at
        most.

    random_state : RandomState
        Shuffles and holds out.

    optimizers : sequence of Optimizer, default=()
        Optimizers whose learning rates follow the schedule.

    schedule : callable, default=None
        Takes the share of the steps that are done, returns the factor of the learning
        rates. None keeps them.

    ema_decay : float in [0, 1), default=None
        Decay of the moving average of the weights, which takes their place for the
        validation and at the end. None averages nothing.

    validation_loss : callable, default=None
        Takes the positions of the held-out rows, returns the mean of their loss. It is
        called after each epoch without gradients, in evaluation mode, and with the same
        random numbers each time.

    validation_scores : callable, default=None
        Takes the same and is called likewise; returns scores by name, greater is
        better. With neither this nor `validation_loss`, no rows are held out and
        the weights of the last epoch are kept.

    monitor : str or None, default="loss"
        What decides which weights are best and when training ends: "loss" is the
        validation loss, another name that score. None runs all epochs and keeps the
        last weights.

    held_out : ndarray of int of shape (n_held_out,), default=None
        Positions of the held-out rows, of the `n_samples`; the others are learned
        from. None draws them.

    validation_fraction : float in (0, 0.5], default=0.1
        Share of the rows that is drawn.

    n_iter_no_change : int, default=10
        Training ends after this many epochs without an improvement by `tol`.

    tol : float, default=1e-4

    labels : ndarray of shape (n_samples,), default=None
        Classes, of which the same share is drawn.

    drop_last : bool, default=False
        Whether all batches have `batch_size` rows and the remainder of an epoch is
        left out; if there are fewer rows, all of them are the batch.

    verbose : int or bool, default=False
        Whether a progress bar shows epochs and losses.

    desc : str, default=None
        Label of the progress bar.

    Returns
    -------
    history : TrainingHistory

    Raises
    ------
    FloatingPointError
        If a loss, or what is monitored, is infinite or NaN; names it, the step and the
        epoch.

    KeyboardInterrupt
        Before the first epoch is complete. Later it ends the training, with a warning,
        and the best weights are kept.
    """
    training, validation = np.arange(n_samples), None
    if validation_loss is not None or validation_scores is not None:
        training, held_out = _split(
            n_samples, held_out, labels, validation_fraction, random_state
        )
        validation = _Validation(network, held_out, validation_loss, validation_scores)
    monitor = None if validation is None else monitor
    seed = draw_seed(random_state)
    epoch_of = Epochs(
        training,
        batch_size,
        random_state,
        drop_last=drop_last,
        rates=Rates(optimizers, schedule, epochs),
        average=None if ema_decay is None else MovingAverage(network, ema_decay),
    )
    history = TrainingHistory()
    kept: dict[str, Tensor] = {}
    best = math.inf
    with (
        progress_bar(verbose=verbose, total=epochs, desc=desc, unit="epoch") as bar,
        _stop_on_interrupt(history, epochs),
    ):
        for epoch in range(1, epochs + 1):
            means = epoch_of.run(epoch, network, step)
            state = _snapshot(network, epoch_of.average)
            found = {} if validation is None else validation.of(state, seed)
            cost = 0.0 if monitor is None else _cost(found, monitor, epoch)
            # From here to the end of the epoch nothing can fail.
            history._add(means, found)
            if monitor is None or not kept or cost < best - tol:
                best, kept, history.best_epoch = cost, state, epoch
            shown = {k: f"{v:.4g}" for k, v in {**means, **found}.items()}
            bar.set_postfix(shown, refresh=False)
            bar.update()
            stale = epoch - history.best_epoch
            if monitor is not None and stale >= n_iter_no_change:
                break
    network.load_state_dict(kept)
    network.eval()
    return history


def _split(
    n_samples: int,
    held_out: NDArray[np.intp] | None,
    labels: NDArray[np.intp] | None,
    fraction: float,
    random_state: np.random.RandomState,
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the positions of training rows and of held-out rows."""
    if held_out is not None:
        return np.setdiff1d(np.arange(n_samples), held_out), held_out
    classes = np.zeros(n_samples, dtype=np.intp) if labels is None else labels
    return hold_out(classes, fraction, random_state)


@contextmanager
def _stop_on_interrupt(history: TrainingHistory, epochs: int) -> Iterator[None]:
    """End a training at a KeyboardInterrupt if there are weights to keep."""
    try:
        yield
    except KeyboardInterrupt:
        if not history.best_epoch:
            raise
        history.interrupted = True
        warnings.warn(
            f"Training was interrupted after {history.n_epochs} of {epochs} "
            f"epochs: the weights are those of epoch {history.best_epoch}.",
            stacklevel=4,
        )


def _snapshot(network: nn.Module, average: MovingAverage | None) -> dict[str, Tensor]:
    if average is not None:
        return average.state_dict(network)
    return {name: value.clone() for name, value in network.state_dict().items()}


@dataclass
class _Validation:
    """Loss and scores of the held-out rows, under the weights that would be kept."""

    network: nn.Module
    rows: NDArray[np.intp]
    loss: Callable[[Tensor], Tensor] | None
    scores: Callable[[Tensor], Mapping[str, float]] | None

    def of(self, state: dict[str, Tensor], seed: int) -> dict[str, float]:
        """Return the scores by name, and the loss as "validation"."""
        rows = torch.from_numpy(self.rows).to(next(self.network.parameters()).device)
        present = _snapshot(self.network, None)
        self.network.load_state_dict(state)
        self.network.eval()
        found = {}
        try:
            with torch.no_grad(), seeded(seed, rows.device):
                if self.loss is not None:
                    found["validation"] = float(self.loss(rows))
                if self.scores is not None:
                    found.update(self.scores(rows))
        finally:
            self.network.load_state_dict(present)
        return found


def _cost(found: Mapping[str, float], monitor: str, epoch: int) -> float:
    """Return what is monitored, less is better."""
    name = "validation" if monitor == "loss" else monitor
    if name not in found:
        raise ValueError(
            f"monitor={monitor!r} is not among the validation measures "
            f"{sorted(found)}: choose one of them, or 'loss' with a validation_loss."
        )
    check_finite(name, found[name], f"after epoch {epoch}")
    return found[name] if monitor == "loss" else -found[name]
