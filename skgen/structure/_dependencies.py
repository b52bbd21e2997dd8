"""Which columns determine which, with the evidence for it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

# A dependency may have exceptions in at most this share of the rows ...
MAX_EXCEPTIONS = 0.005
# ... and in at most this share of those that chance would give, which must be at least
# this many.
MAX_CHANCE_SHARE = 0.05
MIN_CHANCE_EXCEPTIONS = 20
# Neighbouring rows of one id must agree in at least this share of the pairs, else a
# dependency is not weighed.
MIN_AGREEMENT = 0.97


@dataclass(frozen=True)
class Evidence:
    """What speaks for a rule.

    Attributes
    ----------
    n_rows : int
        Rows in which the rule could have failed.

    n_exceptions : int
        Rows of these in which it failed.

    by_chance : float
        Exceptions that unrelated columns would have shown.
    """

    n_rows: int
    n_exceptions: int
    by_chance: float

    @property
    def convinces(self) -> bool:
        """Whether the rule holds, and would not hold by chance."""
        return (
            self.by_chance >= MIN_CHANCE_EXCEPTIONS
            and self.n_exceptions <= MAX_EXCEPTIONS * self.n_rows
            and self.n_exceptions <= MAX_CHANCE_SHARE * self.by_chance
        )


def factorize(frame: pd.DataFrame) -> dict[Hashable, NDArray[np.int64]]:
    """Return an integer code for each value of each column, -1 where it is missing."""
    codes = {}
    for name in frame:
        column = frame[name]
        if isinstance(column.dtype, pd.SparseDtype):
            column = column.astype(column.dtype.subtype)
        try:
            codes[name] = pd.factorize(column)[0].astype(np.int64)
        except TypeError:  # lists and other objects without a hash
            codes[name] = pd.factorize(column.map(repr))[0].astype(np.int64)
    return codes


def count_exceptions(
    key: NDArray[np.int64], attribute: NDArray[np.int64]
) -> tuple[int, int]:
    """Count the rows whose attribute is not the most frequent one of their key.

    Parameters
    ----------
    key, attribute : ndarray of int of shape (n_rows,)
        Codes. A missing key (-1) says nothing; a missing attribute is a value.

    Returns
    -------
    n_rows : int
        Rows whose key occurs at least twice.

    n_exceptions : int
    """
    present = key >= 0
    key, attribute = key[present], attribute[present] + 1
    if not len(key):
        return 0, 0
    width = attribute.max() + 1
    pairs, counts = np.unique(key * width + attribute, return_counts=True)
    keys = pairs // width
    first = np.flatnonzero(np.r_[True, np.diff(keys) > 0])
    totals = np.add.reduceat(counts, first)
    most = np.maximum.reduceat(counts, first)
    repeated = totals > 1
    return int(totals[repeated].sum()), int((totals - most)[repeated].sum())


def weigh_dependency(
    key: NDArray[np.int64], attribute: NDArray[np.int64], rng: np.random.RandomState
) -> Evidence:
    """Test on one half of the rows what the other half says of each key.

    Parameters
    ----------
    key, attribute : ndarray of int of shape (n_rows,)
        Codes, -1 where a value is missing.

    rng : RandomState
        Splits the rows, and shuffles the attribute to see what chance would give.

    Returns
    -------
    evidence : Evidence
    """
    present = np.flatnonzero(key >= 0)
    if len(present) < 2:
        return Evidence(0, 0, 0.0)
    rows = rng.permutation(present)
    learned, tested = rows[: len(rows) // 2], rows[len(rows) // 2 :]
    width = int(attribute.max()) + 2
    pairs, counts = np.unique(
        key[learned] * width + attribute[learned] + 1, return_counts=True
    )
    keys = pairs // width
    order = np.lexsort((counts, keys))
    last = np.r_[np.diff(keys[order]) > 0, True]
    best = np.full(key.max() + 1, -2)
    best[keys[order][last]] = pairs[order][last] % width - 1
    tested = tested[best[key[tested]] > -2]
    found = attribute[tested]
    expected = best[key[tested]]
    by_chance = (rng.permutation(found) != expected).sum()
    return Evidence(len(tested), int((found != expected).sum()), float(by_chance))


def find_dependencies(
    codes: Mapping[Hashable, NDArray[np.int64]],
    keys: Iterable[Hashable],
    attributes: Iterable[Hashable],
    rng: np.random.RandomState,
) -> dict[tuple[Hashable, Hashable], Evidence]:
    """Find which keys determine which attributes.

    Parameters
    ----------
    codes : dict of column to ndarray of int of shape (n_rows,)

    keys, attributes : iterable of columns
        Those that may determine, and those that may be determined.

    rng : RandomState

    Returns
    -------
    dependencies : dict of (key, attribute) to Evidence
    """
    attributes = list(attributes)
    found = {}
    for key in keys:
        order = np.argsort(codes[key], kind="stable")
        of_rows = codes[key][order]
        same = np.flatnonzero((of_rows[1:] == of_rows[:-1]) & (of_rows[1:] >= 0))
        if not len(same):
            continue
        first, second = order[same], order[same + 1]
        for attribute in attributes:
            if attribute == key:
                continue
            values = codes[attribute]
            if np.mean(values[first] == values[second]) < MIN_AGREEMENT:
                continue
            evidence = weigh_dependency(codes[key], values, rng)
            n_rows, n_exceptions = count_exceptions(codes[key], values)
            holds = evidence.convinces and n_exceptions <= MAX_EXCEPTIONS * n_rows
            if holds and not _rests_on_one(codes[key], values):
                found[key, attribute] = evidence
    return found


def _rests_on_one(key: NDArray[np.int64], attribute: NDArray[np.int64]) -> bool:
    """Say whether it is one frequent key alone that has one value."""
    present = key[key >= 0]
    others = key != np.bincount(present).argmax()
    n_rows, n_exceptions = count_exceptions(key[others], attribute[others])
    enough = MIN_CHANCE_EXCEPTIONS
    return n_rows < enough or n_exceptions > 2 * MAX_EXCEPTIONS * n_rows
