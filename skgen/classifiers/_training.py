"""Training of click networks on rows that stay in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.metrics import log_loss, roc_auc_score
from torch import Tensor
from torch.func import functional_call
from torch.nn.functional import binary_cross_entropy_with_logits

from skgen.classifiers._columns import EncodedColumns
from skgen.classifiers._networks import ClickNetwork
from skgen.deep.training import TrainingHistory, make_optimizer, train, update

# Rows in a forward pass of prediction.
CHUNK_ROWS = 16_384
# From this number of categories on a step updates only those of its batch. With 30,000
# categories of 16 numbers and a batch of 1024 rows and 27 columns a step of Adam took
# 11 ms and a sparse one 30 ms; with 1,000,000 categories 137 ms and 24 ms.
SPARSE_CATEGORIES = 200_000


class Rows:
    """Encoded rows, as tensors on a device."""

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
        """Return the input of a network for some of the rows."""
        tensors = self.tensors
        lists = tensors["lists"][index].flatten()
        lengths = tensors["lengths"][lists]
        bounds = lengths.cumsum(0) - lengths
        shifts = torch.repeat_interleave(tensors["starts"][lists] - bounds, lengths)
        positions = shifts + torch.arange(len(shifts), device=self.device)
        return {
            "codes": tensors["codes"][index],
            "members": tensors["members"][positions],
            "bounds": bounds.int(),
            "numbers": tensors["numbers"][index],
        }


class LazyAdam(torch.optim.Optimizer):
    """Adam that updates only the rows of a table that have a gradient.

    The first group is the table, whose gradient is sparse, with its "weight_decay"; the
    second are all other weights.
    """

    def __init__(
        self,
        groups: list[dict[str, Any]],
        *,
        lr: float,
        weight_decay: float,
        fused: bool,
    ) -> None:
        super().__init__(groups, {"lr": lr, "weight_decay": weight_decay})
        table, others = self.param_groups
        (self._table,) = table["params"]
        self._decay = table["weight_decay"]
        self._of_table = torch.optim.SparseAdam([self._table], lr=lr)
        self._of_others = torch.optim.Adam(others["params"], lr=lr, fused=fused)

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """Take a step by the present gradients."""
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


def make_click_optimizer(
    network: ClickNetwork, *, learning_rate: float, l2_reg_embedding: float
) -> torch.optim.Optimizer:
    """Return Adam with weight decay of the embedding table; sparse if it is large."""
    table = network.embedding.weight
    on_mps = table.device.type == "mps"
    network.embedding.sparse = len(table) >= SPARSE_CATEGORIES and not on_mps
    return make_optimizer(
        [
            {"params": [table], "weight_decay": l2_reg_embedding},
            {"params": [p for p in network.parameters() if p is not table]},
        ],
        lr=learning_rate,
        kind=LazyAdam if network.embedding.sparse else torch.optim.Adam,
    )


def train_click_network(
    network: ClickNetwork,
    rows: Rows,
    target: NDArray[np.intp],
    weights: NDArray[np.float64],
    *,
    learning_rate: float,
    l2_reg_embedding: float,
    **options: Any,
) -> TrainingHistory:
    """Train a network to minimise the weighted mean of the log loss.

    `target` holds labels 0 and 1; `options` are arguments of
    :func:`skgen.deep.training.train`.
    """
    optimizer = make_click_optimizer(
        network, learning_rate=learning_rate, l2_reg_embedding=l2_reg_embedding
    )
    labels = torch.from_numpy(target.astype(np.float32)).to(rows.device)
    importance = torch.from_numpy(weights.astype(np.float32)).to(rows.device)

    def step(index: Tensor) -> dict[str, Tensor]:
        loss = binary_cross_entropy_with_logits(
            network(**rows.take(index)), labels[index], weight=importance[index]
        )
        return {"loss": update(optimizer, loss)}

    try:
        return train(network, step, n_samples=len(rows), **options)
    except FloatingPointError as error:
        # The general message also names a parameter that click classifiers lack.
        what = str(error).partition(":")[0]
        raise FloatingPointError(f"{what}: lower the learning rate.") from None


def validation(
    score: str,
    network: ClickNetwork,
    rows: Rows,
    target: NDArray[np.intp],
    weights: NDArray[np.float64],
    offset: float,
) -> dict[str, Any]:
    """Return the arguments of `train` that watch "auc" or "log_loss".

    `offset` is subtracted from the log-odds.
    """

    def measure(index: Tensor, function: Callable[..., float]) -> float:
        at = index.cpu().numpy()
        log_odds = predict_log_odds(network, rows, at, double=False) - offset
        if not np.isfinite(log_odds).all():
            return np.nan
        return float(function(target[at], expit(log_odds), sample_weight=weights[at]))

    if score == "log_loss":
        return {"validation_loss": lambda index: torch.tensor(measure(index, log_loss))}
    return {
        "validation_scores": lambda index: {"auc": measure(index, roc_auc_score)},
        "monitor": "auc",
    }


@torch.no_grad()
def predict_log_odds(
    network: ClickNetwork,
    rows: Rows,
    index: NDArray[np.intp] | None = None,
    *,
    double: bool = True,
) -> NDArray[np.float64]:
    """Return the log-odds of the rows at some positions; of all rows if None.

    They are computed in double precision if `double` and on the CPU.
    """
    network.eval()
    weights: dict[str, Tensor] = dict(network.named_parameters())
    if double and rows.device.type == "cpu":
        # In double precision a row's log-odds do not depend on the rows beside it. The
        # vectors of categories are looked up, not summed.
        for name in weights:
            if name != "embedding.weight":
                weights[name] = weights[name].double()
    index = np.arange(len(rows)) if index is None else index
    parts = torch.from_numpy(index).to(rows.device).split(CHUNK_ROWS)
    log_odds = [functional_call(network, weights, (), rows.take(p)) for p in parts]
    return torch.cat(log_odds).cpu().double().numpy()
