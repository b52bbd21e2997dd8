"""Training, validation and test rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split


def draw_split(
    codes: NDArray[np.intp],
    validation_size: float,
    test_size: float,
    rng: np.random.RandomState,
) -> list[NDArray[np.intp]]:
    """Return positions of training, validation and test rows, stratified by class."""
    n_parts = 2 + (validation_size > 0)
    n_rarest = np.bincount(codes).min()
    if n_rarest < n_parts:
        raise ValueError(
            f"The rarer class has {n_rarest} row(s) for {n_parts} parts of the rows: "
            "give more rows."
        )
    rest, test = train_test_split(
        np.arange(len(codes)), test_size=test_size, stratify=codes, random_state=rng
    )
    train, validation = rest, rest[:0]
    if validation_size > 0:
        train, validation = train_test_split(
            rest,
            test_size=validation_size / (1 - test_size),
            stratify=codes[rest],
            random_state=rng,
        )
    return [np.sort(part) for part in (train, validation, test)]


def check_split(split: Any, n_rows: int) -> list[NDArray[np.intp]]:
    """Return the three parts of a split that was given, as positions."""
    names = ("training", "validation", "test")
    if len(split) != len(names):
        raise ValueError(
            f"split has {len(split)} parts: give the positions of training, validation "
            "(may be empty) and test rows."
        )
    parts = [np.asarray(part, dtype=np.intp).ravel() for part in split]
    for name, part in zip(names, parts, strict=True):
        if len(part) and (part.min() < 0 or part.max() >= n_rows):
            raise ValueError(
                f"The {name} rows of split are between {part.min()} and {part.max()}: "
                f"positions are 0 to {n_rows - 1}."
            )
        if not len(part) and name != "validation":
            raise ValueError(f"split has no {name} rows.")
    together = np.concatenate(parts)
    values, counts = np.unique(together, return_counts=True)
    if len(values) < len(together):
        raise ValueError(
            f"The row {values[counts.argmax()]} is {counts.max()} times in split: "
            "parts must not overlap."
        )
    return parts
