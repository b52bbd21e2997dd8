"""What is done to the training rows, and the splits, of an augmentation study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skgen._random import draw_seed
from skgen.model_selection._splits import check_split, draw_split
from skgen.strategies import (
    SamplingStrategy,
    augment,
    replace,
    resolve_sampling_strategy,
)

ORIGINAL = "original"


class Scenario(NamedTuple):
    """Synthetic rows of each class, and whether the real rows are kept beside them."""

    n_new: tuple[int, int]
    keeps_original: bool


@dataclass(frozen=True)
class Repeat:
    """Positions of the rows of a repeat, its seeds, and the numbers of rows to draw."""

    train: NDArray[np.intp]
    validation: NDArray[np.intp]
    test: NDArray[np.intp]
    generator_seed: int
    classifier_seed: int
    scenarios: Mapping[str, Scenario]
    n_drawn: tuple[int, int]

    @property
    def key(self) -> tuple[Any, ...]:
        """What the scores of a cell depend on, whatever the other scenarios."""
        parts = (self.train, self.validation, self.test)
        return *parts, self.generator_seed, self.classifier_seed


def name_scenarios(
    scenarios: Mapping[str, Any] | Sequence[str] | None, classes: NDArray
) -> dict[str, Any]:
    """Return sampling strategies by name."""
    negative, positive = classes.tolist()
    published = {
        "S1": augment({positive: 0.25}),
        "S2": augment({positive: 0.5}),
        "S3": augment({negative: 0.25}),
        "S4": augment({negative: 0.5}),
        "S5": replace(),
    }
    if scenarios is None:
        return published
    if isinstance(scenarios, Mapping):
        named = dict(scenarios)
    else:
        unknown = [name for name in scenarios if name not in published]
        if unknown:
            raise ValueError(
                f"There is no scenario {unknown[0]!r}: choose among {list(published)}, "
                "or give sampling strategies by name."
            )
        named = {name: published[name] for name in scenarios}
        if len(named) < len(scenarios):
            raise ValueError(f"A scenario repeats in {list(scenarios)}: leave one out.")
    if not named:
        raise ValueError("There is no scenario to compare: give one or more.")
    if ORIGINAL in named:
        raise ValueError(
            f"A scenario is called {ORIGINAL!r}, the name of the baseline that is "
            "always compared: choose another name."
        )
    return named


def make_repeats(
    codes: NDArray[np.intp],
    classes: NDArray,
    scenarios: Mapping[str, Any],
    *,
    n_repeats: int,
    validation_size: float,
    test_size: float,
    split: Any,
    rng: np.random.RandomState,
) -> list[Repeat]:
    """Split the rows, draw the seeds and resolve the scenarios of each repeat."""
    if split is not None:
        parts = check_split(split, len(codes))
    elif validation_size + test_size >= 1:
        raise ValueError(
            f"validation_size={validation_size} and test_size={test_size} leave no "
            "rows to train on: choose smaller shares."
        )
    repeats = []
    for _ in range(n_repeats):
        if split is None:
            parts = draw_split(codes, validation_size, test_size, rng)
        for name, part in zip(("training", "test"), parts[::2], strict=True):
            if len(np.unique(codes[part])) < 2:
                raise ValueError(
                    f"The {name} rows are all of one class: give more rows, or another "
                    "split."
                )
        train, validation, test = parts
        seeds = draw_seed(rng), draw_seed(rng)
        resolved = {
            name: _resolve(strategy, classes[codes[train]], classes)
            for name, strategy in scenarios.items()
        }
        # At least as many rows as are learned from, so that the rows drawn are the
        # same when scenarios are added.
        n_rows = [np.bincount(codes[train]).tolist()]
        n_rows += [list(each.n_new) for each in resolved.values()]
        n_negative, n_positive = np.max(n_rows, axis=0).tolist()
        n_drawn = (n_negative, n_positive)
        repeats.append(Repeat(train, validation, test, *seeds, resolved, n_drawn))
    return repeats


def _resolve(strategy: Any, labels: NDArray, classes: NDArray) -> Scenario:
    n_new = resolve_sampling_strategy(strategy, labels)
    n_negative, n_positive = (n_new.get(label, 0) for label in classes)
    keeps = not isinstance(strategy, SamplingStrategy) or strategy.keep_original
    return Scenario((n_negative, n_positive), keeps)
