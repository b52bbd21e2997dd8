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

    Parameters
    ----------
    iterable : iterable, default=None
        What to go through. None makes a bar that is moved by its method `update`, to
        be used in a `with` statement.

    verbose : int or bool
        Nothing is shown for 0.

    total : int, default=None
        Number of steps; that of `iterable` if it has a length.

    desc : str, default=None
        What is going on, shown before the bar.

    unit : str, default="it"
        What a step is.

    Returns
    -------
    bar : tqdm

    Examples
    --------
    >>> from skgen._progress import progress_bar
    >>> [2 * step for step in progress_bar(range(3), verbose=0)]
    [0, 2, 4]
    """
    return tqdm(iterable, total=total, desc=desc, unit=unit, disable=not verbose)
