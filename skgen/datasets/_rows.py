"""The rows of a file: malformed lines are counted, the others sampled."""

from __future__ import annotations

import warnings
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

SHOWN = 120  # characters of a malformed line


class RowFilter:
    """Counts the malformed lines of a file, and samples the other rows in one pass.

    `sample` is the number of rows, drawn without replacement, or the probability with
    which each is kept (all if None); `max_malformed` the largest share of malformed
    lines.
    """

    def __init__(
        self,
        path: Path,
        *,
        sample: int | float | None = None,
        max_malformed: float = 0.01,
        random_state: Any = None,
    ) -> None:
        self.path = path
        self.sample = sample
        self.max_malformed = max_malformed
        self.n_malformed = 0
        self.n_read = 0
        self._first: tuple[int, str] | None = None
        self._rng = check_random_state(random_state)
        self._keys: list[NDArray[np.float64]] = []
        self._smallest = np.empty(0)

    def reject(self, count: int, line: int, what: str) -> None:
        """Count `count` malformed lines, the first of which is `line`."""
        self.n_malformed += count
        if self._first is None or line < self._first[0]:
            self._first = (line, what)

    def choose(self, n_rows: int) -> NDArray[np.bool_]:
        """Return a mask of the next rows that can still be among those sampled."""
        self.n_read += n_rows
        if self.sample is None or not n_rows:
            return np.ones(n_rows, dtype=bool)
        keys = self._rng.random_sample(n_rows)
        if not isinstance(self.sample, Integral):
            return keys < self.sample
        # The rows with the smallest keys are sampled. A key that is not among the
        # smallest so far never will be.
        n_sampled = int(self.sample)
        smallest = np.concatenate([self._smallest, keys])
        if len(smallest) > n_sampled:
            smallest = np.partition(smallest, n_sampled - 1)[:n_sampled]
        self._smallest = smallest
        kept = keys <= smallest.max()
        self._keys.append(keys[kept])
        return kept

    def settle(self) -> NDArray[np.bool_] | None:
        """Return a mask of the sampled rows among those kept; None means all.

        Warns of malformed lines; raises if they are too many, or the rows too few.
        """
        self._report()
        if not isinstance(self.sample, Integral):
            return None
        if self.n_read < int(self.sample):
            raise ValueError(
                f"sample={self.sample} rows were asked for, but {self.path} has "
                f"{self.n_read} that can be read: ask for fewer, or leave sample out."
            )
        sampled: NDArray[np.bool_] = np.concatenate(self._keys) <= self._smallest.max()
        return sampled

    def _report(self) -> None:
        if self._first is None:
            if self.n_read == 0:
                raise ValueError(f"{self.path} has no rows.")
            return
        line, what = self._first
        total = self.n_malformed + self.n_read
        message = (
            f"{self.path}: {self.n_malformed} of {total} lines are malformed "
            f"({self.n_malformed / total:.2%}), first line {line}: {what}"
        )
        if self.n_malformed > self.max_malformed * total:
            raise ValueError(
                f"{message}. More than max_malformed={self.max_malformed} of the lines "
                "cannot be read: is the download complete, and is it the file that "
                "this function reads? Otherwise raise max_malformed."
            )
        warnings.warn(f"{message}. They are left out.", UserWarning, stacklevel=3)
