"""What all neural generators have in common; loads torch on first use."""

from __future__ import annotations

from abc import ABCMeta
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import Interval

from skgen._random import draw_seed
from skgen.base import BaseGenerator
from skgen.deep.docs import SHARED
from skgen.deep.optional import require

if TYPE_CHECKING:
    import torch


class NeuralGenerator(BaseGenerator, metaclass=ABCMeta):
    """Base class of all neural generators.

    A subclass keeps its networks as attributes. `_fit` works inside
    :meth:`_training_context` and calls :meth:`_train`; `_sample` works inside
    :meth:`_sampling_context`. Everything else is as in `BaseGenerator`.

    Warning: this class should not be used directly. Use derived classes instead.
    """

    epochs: Any
    batch_size: Any
    max_grad_norm: float | None = 1.0
    device: str = "auto"
    verbose: int | bool = False
    warm_start: bool = False

    _shared_docs = {**BaseGenerator._shared_docs, **SHARED}
    _parameter_constraints = {
        **BaseGenerator._parameter_constraints,
        "epochs": [Interval(Integral, 1, None, closed="left")],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "max_grad_norm": [Interval(Real, 0, None, closed="neither"), None],
        "device": [str],
        "verbose": ["verbose"],
        "warm_start": ["boolean"],
    }

    @contextmanager
    def _training_context(self, rng: np.random.RandomState) -> Iterator[torch.device]:
        """Set the global random streams aside, seeded from `rng`; yield the device.

        Networks are made inside, so that their initial weights repeat.
        """
        require("torch", "deep")
        from skgen.deep.device import resolve_device, seeded

        device = resolve_device(self.device)
        with seeded(draw_seed(rng), device):
            # With `warm_start` there are networks, which a pickle left elsewhere. If
            # this fit fails, the former ones must be as they were.
            for name, network in self._networks().items():
                setattr(self, name, deepcopy(network))
            self._place_networks(device)
            yield device

    @contextmanager
    def _sampling_context(self, rng: np.random.RandomState) -> Iterator[torch.device]:
        """As for training, without gradients and with the networks in evaluation."""
        torch = require("torch", "deep")
        from skgen.deep.device import resolve_device, seeded

        try:
            device = resolve_device(self.device)
        except ValueError:
            # Learned on a device that this machine does not have.
            device = torch.device("cpu")
        self._place_networks(device)
        for network in self._networks().values():
            network.eval()
        with torch.no_grad(), seeded(draw_seed(rng), device):
            yield device

    def _networks(self) -> dict[str, torch.nn.Module]:
        """Return the attributes that are networks."""
        torch = require("torch", "deep")
        return {
            name: value
            for name, value in self.__dict__.items()
            if isinstance(value, torch.nn.Module)
        }

    def _place_networks(self, device: torch.device) -> None:
        for network in self._networks().values():
            network.to(device)

    def _train(
        self,
        network: torch.nn.Module,
        step: Callable[[torch.Tensor], Any],
        labels: NDArray[np.intp],
        rng: np.random.RandomState,
        *,
        validation_loss: Callable[[torch.Tensor], torch.Tensor] | None = None,
        **options: Any,
    ) -> None:
        """Train by the estimator's parameters, and set the attributes that describe it.

        The parameters are those of :func:`skgen.deep.training.train`.
        """
        from skgen.deep.training import train

        options.setdefault("epochs", self.epochs)
        options.setdefault("batch_size", self.batch_size)
        history = train(
            network,
            step,
            len(labels),
            random_state=rng,
            validation_loss=validation_loss,
            labels=labels,
            verbose=self.verbose,
            desc=type(self).__name__,
            **options,
        )
        curves = history.losses
        self.loss_curve_: list[float] | dict[str, list[float]] = (
            next(iter(curves.values())) if len(curves) == 1 else curves
        )
        self.validation_loss_curve_: list[float] | None = (
            None if validation_loss is None else history.validation_losses
        )
        self.n_iter_ = history.n_epochs
        self.best_iter_ = history.best_epoch

    def __getstate__(self) -> dict:
        """Put the weights of a pickle on the CPU."""
        state = super().__getstate__()
        if "schema_" in state:
            for name, network in self._networks().items():
                if any(p.device.type != "cpu" for p in network.parameters()):
                    state[name] = deepcopy(network).cpu()
        return state


class EarlyStoppingGenerator(NeuralGenerator, metaclass=ABCMeta):
    """Base class of the neural generators that stop early by default.

    Warning: this class should not be used directly. Use derived classes instead.
    """

    early_stopping: bool = True
    validation_fraction: float = 0.1
    n_iter_no_change: int = 10
    tol: float = 1e-4

    _parameter_constraints = {
        **NeuralGenerator._parameter_constraints,
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 0.5, closed="right")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
    }

    def _train(
        self,
        network: torch.nn.Module,
        step: Callable[[torch.Tensor], Any],
        labels: NDArray[np.intp],
        rng: np.random.RandomState,
        *,
        validation_loss: Callable[[torch.Tensor], torch.Tensor] | None = None,
        **options: Any,
    ) -> None:
        """As in the base class; held-out rows are used if `early_stopping` is true."""
        if self.early_stopping and validation_loss is not None:
            options.setdefault("validation_fraction", self.validation_fraction)
            options.setdefault("n_iter_no_change", self.n_iter_no_change)
            options.setdefault("tol", self.tol)
        else:
            validation_loss = None
        super()._train(
            network, step, labels, rng, validation_loss=validation_loss, **options
        )

    def _train_network(
        self,
        network: torch.nn.Module,
        loss: Callable[[torch.Tensor], torch.Tensor],
        labels: NDArray[np.intp],
        rng: np.random.RandomState,
        *,
        optimizer: torch.optim.Optimizer | None = None,
        validation_loss: Callable[[torch.Tensor], torch.Tensor] | None = None,
        **options: Any,
    ) -> None:
        """Train one network by one loss; the learning rate falls as half a cosine.

        Parameters
        ----------
        network : Module
            On its device.

        loss : callable
            Takes the positions of a batch's rows, a Tensor of int64 on the network's
            device; returns the mean of their loss, a Tensor of shape () with its graph.

        labels : ndarray of shape (n_samples,)

        rng : RandomState

        optimizer : Optimizer, default=None
            None is AdamW of the network's weights, with the estimator's
            `learning_rate` and `weight_decay`.

        validation_loss : callable, default=None
            Takes the positions of held-out rows, returns the mean of their loss, as
            :func:`skgen.deep.training.mean_loss` computes. None is `loss`.

        options
            Other parameters of :func:`skgen.deep.training.train`, such as `ema_decay`;
            `epochs` and `batch_size` are the estimator's by default.
        """
        from skgen.deep.training import cosine_schedule, make_optimizer, update

        if optimizer is None:
            params = self.get_params(deep=False)
            optimizer = make_optimizer(
                network.parameters(),
                lr=params["learning_rate"],
                weight_decay=params["weight_decay"],
            )

        def step(rows: torch.Tensor) -> dict[str, torch.Tensor]:
            norm = self.max_grad_norm
            return {"loss": update(optimizer, loss(rows), max_grad_norm=norm)}

        options.setdefault("schedule", cosine_schedule)
        self._train(
            network,
            step,
            labels,
            rng,
            validation_loss=validation_loss or loss,
            optimizers=[optimizer],
            **options,
        )
