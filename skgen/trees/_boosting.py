"""Functions of several outputs, learned by gradient-boosted trees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import xgboost as xgb
from numpy.typing import NDArray

from skgen._random import draw_seed


class Pairs(NamedTuple):
    """What trees learn from.

    Attributes
    ----------
    features : ndarray of float32 of shape (n_samples, n_features)

    targets : ndarray of float32 of shape (n_samples, n_outputs)

    weights : ndarray of float32 of shape (n_samples, n_outputs) or None
        What each target counts; None if all count the same.
    """

    features: NDArray[np.float32]
    targets: NDArray[np.float32]
    weights: NDArray[np.float32] | None = None


Draw = Callable[[np.random.RandomState], Pairs]


@dataclass(frozen=True)
class Boosting:
    """How a field is boosted.

    Attributes
    ----------
    params : dict
        XGBoost's parameters.

    n_estimators : int
        Trees of each output.

    n_draws : int
        Draws of features and targets.

    fresh : bool
        Whether each draw serves some of the trees and is then forgotten; else all
        draws serve all trees.

    early_stopping_rounds : int or None
        Trees without a gain on a held-out draw after which boosting stops.
    """

    params: dict[str, Any]
    n_estimators: int
    n_draws: int
    fresh: bool
    early_stopping_rounds: int | None


class Field:
    """Boosted trees of each output, or one booster for all of them.

    Parameters
    ----------
    boosters : list of Booster
    """

    def __init__(self, boosters: list[xgb.Booster]) -> None:
        self.boosters = boosters

    def predict(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the outputs, of shape (n_samples, n_outputs)."""
        outputs = [booster.inplace_predict(features) for booster in self.boosters]
        return np.column_stack(outputs)


def fit_field(draw: Draw, boosting: Boosting, seed: int) -> Field:
    """Boost a field on draws of its features and targets.

    Parameters
    ----------
    draw : callable
        Takes a RandomState, and returns `Pairs`. It is called again with the same
        state: draws are made anew rather than kept.

    boosting : Boosting

    seed : int

    Returns
    -------
    field : Field
    """
    rng = np.random.RandomState(seed)
    seeds = [draw_seed(rng) for _ in range(boosting.n_draws)]
    stages = [seeds]
    if boosting.fresh:
        stages = [[seed] for seed in seeds[: boosting.n_estimators]]
    n_trees = np.diff(
        np.linspace(0, boosting.n_estimators, len(stages) + 1).astype(int)
    )
    joint = boosting.params.get("multi_strategy") == "multi_output_tree"
    held_out = None
    if boosting.early_stopping_rounds is not None:
        held_out = draw(np.random.RandomState(draw_seed(rng)))
    bins = {name: boosting.params[name] for name in ("max_bin", "nthread")}
    growing: list[_GrowingTrees] = []
    for stage, rounds in zip(stages, n_trees.tolist(), strict=True):
        iterator = _Draws(draw, stage)
        data = xgb.QuantileDMatrix(iterator, **bins)
        outputs: list[Any] = list(range(iterator.targets[0].shape[1]))
        if joint:
            outputs = [slice(None)]
        if not growing:
            growing = [_GrowingTrees(boosting) for _ in outputs]
        check = None
        if held_out is not None:
            check = xgb.QuantileDMatrix(held_out.features, ref=data, **bins)
        for trees, output in zip(growing, outputs, strict=True):
            _set_target(data, iterator.targets, iterator.weights, output)
            if held_out is not None and check is not None:
                weights = None if held_out.weights is None else [held_out.weights]
                _set_target(check, [held_out.targets], weights, output)
            trees.grow(data, rounds, check)
    return Field([trees.finish() for trees in growing])


def _set_target(
    data: xgb.QuantileDMatrix,
    targets: list[NDArray],
    weights: list[NDArray] | None,
    output: Any,
) -> None:
    """Give the draws' targets of one output, or of all, and what they count."""
    data.set_label(np.concatenate([part[:, output] for part in targets]))
    if weights and not isinstance(output, slice):
        data.set_weight(np.concatenate([part[:, output] for part in weights]))


class _Draws(xgb.DataIter):
    """Draws one after another, each made anew whenever it is read.

    The first pass keeps the targets, which XGBoost is given one output at a time.
    """

    def __init__(self, draw: Draw, seeds: list[int]) -> None:
        super().__init__()
        self.draw = draw
        self.seeds = seeds
        self.targets: list[NDArray] = []
        self.weights: list[NDArray] = []
        self.place = 0
        self.first: NDArray | None = None

    def next(self, input_data: Callable) -> bool:
        """Give the next draw."""
        if self.place == len(self.seeds):
            return False
        if self.first is not None and len(self.seeds) == 1:
            # A single draw is kept for the passes after the first.
            features = self.first
        else:
            rng = np.random.RandomState(self.seeds[self.place])
            features, targets, weights = self.draw(rng)
            if len(self.targets) == self.place:
                self.targets.append(targets)
                if weights is not None:
                    self.weights.append(weights)
            if len(self.seeds) == 1:
                self.first = features
        input_data(data=features)
        self.place += 1
        return True

    def reset(self) -> None:
        """Begin anew."""
        self.place = 0


class _GrowingTrees:
    """A booster that grows in stages, until a held-out draw gains no more."""

    def __init__(self, boosting: Boosting) -> None:
        self.params = boosting.params
        self.booster: xgb.Booster | None = None
        self.stop: xgb.callback.EarlyStopping | None = None
        if boosting.early_stopping_rounds is not None:
            self.stop = xgb.callback.EarlyStopping(
                rounds=boosting.early_stopping_rounds,
                metric_name="rmse",
                data_name="held_out",
            )

    def grow(
        self, data: xgb.QuantileDMatrix, rounds: int, check: xgb.QuantileDMatrix | None
    ) -> None:
        """Add trees."""
        if self.stop is None or check is None:
            self.booster = xgb.train(self.params, data, rounds, xgb_model=self.booster)
        elif self.booster is None or self.stop.current_rounds < self.stop.rounds:
            # The callback goes on counting from one stage to the next.
            self.booster = xgb.train(
                self.params,
                data,
                rounds,
                evals=[(check, "held_out")],
                verbose_eval=False,
                xgb_model=self.booster,
                callbacks=[self.stop],
            )

    def finish(self) -> xgb.Booster:
        """Return the booster, cut off after the best of its trees."""
        booster = self.booster
        assert booster is not None
        if self.stop is not None:
            errors = self.stop.stopping_history["held_out"]["rmse"]
            booster = booster[: int(np.argmin(errors)) + 1]
        # A cut booster holds the caches of its data no more, nor does a copied one.
        booster.reset()
        return booster
