"""Training of a click network by skorch, on rows that stay in memory."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import log_loss, roc_auc_score
from skorch import NeuralNetBinaryClassifier
from skorch.callbacks import Callback, EarlyStopping
from skorch.helper import predefined_split
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional
from torch.utils.data import Dataset

from skgen._progress import progress_bar
from skgen.classifiers._columns import EncodedColumns
from skgen.classifiers._networks import ClickNetwork

# Rows that go through a network at a time where there is nothing to learn.
CHUNK_ROWS = 16_384
# From so many levels on a step updates those alone that its batch has. With 30,000
# levels of 16 numbers and a batch of 1024 rows and 27 columns a step of Adam took 11 ms
# and a sparse one 30 ms; with 1,000,000 levels 137 ms and 24 ms.
SPARSE_LEVELS = 200_000


class Rows:
    """Encoded rows, as tensors on a device.

    Parameters
    ----------
    encoded : EncodedColumns

    device : torch.device
    """

    def __init__(self, encoded: EncodedColumns, device: torch.device) -> None:
        self.device = device
        self.tensors = {
            name: torch.from_numpy(array).to(device)
            for name, array in vars(encoded).items()
        }

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.tensors["codes"])

    def take(self, index: Tensor) -> dict[str, Tensor]:
        """Return what a network takes of some of the rows."""
        tensors = self.tensors
        wholes = tensors["lists"][index].flatten()
        lengths = tensors["lengths"][wholes]
        bounds = lengths.cumsum(0) - lengths
        shifts = torch.repeat_interleave(tensors["starts"][wholes] - bounds, lengths)
        places = shifts + torch.arange(len(shifts), device=self.device)
        return {
            "codes": tensors["codes"][index],
            "members": tensors["members"][places],
            "bounds": bounds.int(),
            "numbers": tensors["numbers"][index],
        }


class LabelledRows(Dataset):
    """Some of the rows, with labels and weights.

    Parameters
    ----------
    index : ndarray of int of shape (n_samples,)
        Their places among all rows.

    target : ndarray of shape (n_samples,)
        Labels, 0 or 1.

    weights : ndarray of shape (n_samples,)
        They are scaled to mean 1.

    device : torch.device
    """

    def __init__(
        self,
        index: NDArray[np.intp],
        target: NDArray[np.intp],
        weights: NDArray[np.float64],
        device: torch.device,
    ) -> None:
        self.index = torch.from_numpy(index).to(device)
        self.target = torch.from_numpy(target.astype(np.float32)).to(device)
        scaled = (weights / weights.mean()).astype(np.float32)
        self.weights = torch.from_numpy(scaled).to(device)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.index)


class BatchIterator:
    """Batches of rows: their index, and their labels and weights.

    Parameters
    ----------
    rows : LabelledRows

    batch_size : int
        Greatest number of rows in a batch. Batches differ by one row at most.

    shuffle : bool, default=False
        Whether the rows come in a new random order each time.
    """

    def __init__(
        self, rows: LabelledRows, batch_size: int, shuffle: bool = False
    ) -> None:
        self.rows = rows
        self.n_batches = math.ceil(len(rows) / batch_size)
        self.shuffle = shuffle

    def __iter__(self) -> Iterator[tuple[Tensor, tuple[Tensor, Tensor]]]:
        """Go once through the rows."""
        rows = self.rows
        order = torch.randperm(len(rows)) if self.shuffle else torch.arange(len(rows))
        for part in order.to(rows.index.device).tensor_split(self.n_batches):
            yield rows.index[part], (rows.target[part], rows.weights[part])


class NetworkOfRows(nn.Module):
    """A network that takes the index of rows.

    skorch asks for batches of tensors of one length each, which the members of lists
    are not.

    Parameters
    ----------
    network : ClickNetwork

    rows : Rows
    """

    def __init__(self, network: ClickNetwork, rows: Rows) -> None:
        super().__init__()
        self.network = network
        self.rows = rows

    def forward(self, index: Tensor) -> Tensor:
        """Return the log-odds of rows."""
        return self.network(**self.rows.take(index))


class WeightedLogLoss(nn.Module):
    """Mean of the log loss of each row times its weight."""

    def forward(self, log_odds: Tensor, labelled: tuple[Tensor, Tensor]) -> Tensor:
        """Return the loss, given labels and weights."""
        target, weights = labelled
        return functional.binary_cross_entropy_with_logits(
            log_odds, target, weight=weights
        )


class LazyAdam(torch.optim.Optimizer):
    """Adam that updates the rows of a table for which there is a sparse gradient.

    Parameters
    ----------
    groups : list of dict
        First that of the table, with its "weight_decay"; then that of all others.

    lr : float

    fused : bool
        Whether Adam of the others is.
    """

    def __init__(self, groups: list[dict[str, Any]], lr: float, fused: bool) -> None:
        super().__init__(groups, {"lr": lr})
        table, others = self.param_groups
        (self._table,) = table["params"]
        self._decay = table["weight_decay"]
        self._of_table = torch.optim.SparseAdam([self._table], lr=lr)
        self._of_others = torch.optim.Adam(others["params"], lr=lr, fused=fused)

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """Compute loss and gradients by a callable, and take a step."""
        with torch.enable_grad():
            loss = closure()
        gradient = self._table.grad
        if gradient is not None:
            gradient = gradient.coalesce()
            rows = gradient.indices()
            values = gradient.values() + self._decay * self._table[rows[0]]
            self._table.grad = torch.sparse_coo_tensor(
                rows,
                values,
                gradient.shape,
                check_invariants=False,
                is_coalesced=True,
            )
        self._of_table.step()
        self._of_others.step()
        return loss


class ValidationScores(Callback):
    """Write AUC and log loss of the held-out rows to the history.

    Parameters
    ----------
    offset : float
        What class weights add to the log-odds, to be taken away for the log loss.
    """

    def __init__(self, offset: float) -> None:
        self.offset = offset

    def on_epoch_begin(self, net: Any, **kwargs: Any) -> None:
        """Forget the epoch before."""
        self._log_odds: list[Tensor] = []

    def on_batch_end(self, net: Any, training: bool = False, **kwargs: Any) -> None:
        """Keep what the network said of held-out rows."""
        if not training:
            self._log_odds.append(kwargs["y_pred"].detach())

    def on_epoch_end(self, net: Any, **kwargs: Any) -> None:
        """Compute the scores."""
        held_out: LabelledRows = kwargs["dataset_valid"]
        log_odds = (torch.cat(self._log_odds).double() - self.offset).cpu()
        target = held_out.target.cpu().numpy()
        weights = held_out.weights.cpu().numpy()
        auc = roc_auc_score(target, log_odds, sample_weight=weights)
        loss = log_loss(target, log_odds.sigmoid().numpy(), sample_weight=weights)
        net.history.record("auc", float(auc))
        net.history.record("log_loss", float(loss))


class Progress(Callback):
    """Show epochs in a bar, and end a training that came to nothing.

    Parameters
    ----------
    verbose : int or bool

    desc : str
    """

    def __init__(self, verbose: int | bool, desc: str) -> None:
        self.verbose = verbose
        self.desc = desc

    def on_train_begin(self, net: Any, **kwargs: Any) -> None:
        """Show the bar."""
        self._bar = progress_bar(
            verbose=self.verbose, total=net.max_epochs, desc=self.desc, unit="epoch"
        )

    def on_epoch_end(self, net: Any, **kwargs: Any) -> None:
        """Move the bar."""
        epoch = net.history[-1]
        if not math.isfinite(epoch["train_loss"]):
            self._bar.close()
            raise FloatingPointError(
                f"The loss became {epoch['train_loss']} in epoch {epoch['epoch']}: "
                "lower the learning rate."
            )
        shown = {
            name: f"{epoch[name]:.4g}"
            for name in ("train_loss", "auc", "log_loss")
            if name in epoch
        }
        self._bar.set_postfix(shown, refresh=False)
        self._bar.update()

    def on_train_end(self, net: Any, **kwargs: Any) -> None:
        """Leave the bar."""
        self._bar.close()


@dataclass(frozen=True)
class Training:
    """What happened in a training.

    Attributes
    ----------
    losses : list of float
        Mean loss of each epoch.

    scores : dict of str to list of float
        AUC and log loss of the held-out rows after each epoch; empty without any.

    best_epoch : int
        The epoch, counted from 1, whose weights the network has.
    """

    losses: list[float]
    scores: dict[str, list[float]]
    best_epoch: int


def train(
    network: ClickNetwork,
    rows: Rows,
    training: LabelledRows,
    held_out: LabelledRows | None,
    *,
    monitor: str | None,
    learning_rate: float,
    l2_reg_embedding: float,
    batch_size: int,
    epochs: int,
    n_iter_no_change: int,
    tol: float,
    offset: float,
    verbose: int | bool,
    desc: str,
) -> Training:
    """Train a network, and leave the best weights in it.

    To be called inside :func:`skgen.deep.training.seeded`.

    Parameters
    ----------
    network : ClickNetwork
        On the device of the rows.

    rows : Rows
        All rows.

    training : LabelledRows
        Those to learn from.

    held_out : LabelledRows or None
        Those that say when to stop; None goes through all epochs.

    monitor : {"auc", "log_loss"} or None
        The score to watch.

    learning_rate, l2_reg_embedding, batch_size, epochs, n_iter_no_change, tol
        See the estimators.

    offset : float
        See :class:`ValidationScores`.

    verbose : int or bool

    desc : str
        Stands before the progress bar.

    Returns
    -------
    training : Training

    Raises
    ------
    FloatingPointError
        If the loss is infinite or no number.

    KeyboardInterrupt
        Before the first epoch came to its end. Later it ends the training, with a
        warning.
    """
    callbacks: list[tuple[str, Callback]] = []
    stopping = None
    if held_out is not None:
        stopping = EarlyStopping(
            monitor=monitor,
            lower_is_better=monitor == "log_loss",
            patience=n_iter_no_change,
            threshold=tol,
            threshold_mode="abs",
            load_best=True,
        )
        callbacks.append(("scores", ValidationScores(offset)))
    callbacks.append(("progress", Progress(verbose, desc)))
    if stopping is not None:
        callbacks.append(("early_stopping", stopping))
    on_mps = rows.device.type == "mps"
    levels = network.embedding
    levels.sparse = len(levels.weight) >= SPARSE_LEVELS and not on_mps
    net = NeuralNetBinaryClassifier(
        NetworkOfRows(network, rows),
        criterion=WeightedLogLoss,
        optimizer=LazyAdam if levels.sparse else torch.optim.Adam,
        optimizer__param_groups=[
            ("network.embedding.*", {"weight_decay": l2_reg_embedding}),
        ],
        optimizer__fused=not on_mps,
        lr=learning_rate,
        max_epochs=epochs,
        batch_size=batch_size,
        iterator_train=BatchIterator,
        iterator_train__shuffle=True,
        iterator_valid=BatchIterator,
        iterator_valid__batch_size=CHUNK_ROWS,
        train_split=None if held_out is None else predefined_split(held_out),
        callbacks=callbacks,
        callbacks__valid_acc=None,
        callbacks__print_log=None,
        device=None,
        verbose=0,
    )
    net.fit(training, None)
    done = [epoch for epoch in net.history if "train_loss" in epoch]
    if held_out is not None:
        done = [epoch for epoch in done if monitor in epoch]
    if not done:
        raise KeyboardInterrupt
    stopped = stopping is not None and stopping.misses_ >= n_iter_no_change
    best = len(done) if stopping is None else stopping.best_epoch_
    if len(done) < epochs and not stopped:
        warnings.warn(
            f"Training was interrupted after {len(done)} of {epochs} epochs: the "
            f"weights are those of epoch {best}.",
            stacklevel=2,
        )
    scores = {}
    if held_out is not None:
        scores = {name: [epoch[name] for epoch in done] for name in ("auc", "log_loss")}
    network.eval()
    return Training([epoch["train_loss"] for epoch in done], scores, best)


@torch.no_grad()
def predict_log_odds(
    network: ClickNetwork, rows: Rows, index: NDArray[np.intp] | None = None
) -> NDArray[np.float64]:
    """Return the log-odds of rows.

    Parameters
    ----------
    network : ClickNetwork
        On the device of the rows.

    rows : Rows

    index : ndarray of int of shape (n_samples,), default=None
        Which of them; None is all.

    Returns
    -------
    log_odds : ndarray of shape (n_samples,)
    """
    network.eval()
    weights: dict[str, Tensor] = dict(network.named_parameters())
    if rows.device.type == "cpu":
        # In double precision a row's log-odds do not depend on the rows beside it. The
        # vectors of levels are looked up, not summed.
        for name in weights:
            if name != "embedding.weight":
                weights[name] = weights[name].double()
    index = np.arange(len(rows)) if index is None else index
    parts = torch.from_numpy(index).to(rows.device).split(CHUNK_ROWS)
    log_odds = [functional_call(network, weights, (), rows.take(p)) for p in parts]
    return torch.cat(log_odds).cpu().double().numpy()
