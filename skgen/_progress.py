"""The one progress bar."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tqdm.auto import tqdm


def progress_bar(
    iterable: Iterable[Any] | None = None,
    *,
    verbose: int | bool,
    total: int | None = None,
    desc: str | None = None,
    unit: str = "it",
) -> tqdm:
    """Return a progress bar on the standard error stream, or in a notebook.

    It iterates over `iterable`; without one, it is moved by its method `update`, in a
    `with` statement. Nothing is shown if `verbose` is 0.

    >>> from skgen._progress import progress_bar
    >>> [2 * step for step in progress_bar(range(3), verbose=0)]
    [0, 2, 4]
    """
    return tqdm(iterable, total=total, desc=desc, unit=unit, disable=not verbose)
