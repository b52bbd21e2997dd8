"""How the report writes numbers."""

from __future__ import annotations

import math
from typing import Any


def number(value: float | None, *, percent: bool = False) -> str:
    """Write a number with as many digits as a reader needs.

    Parameters
    ----------
    value : float or None

    percent : bool, default=False
        Whether it is a share to be written in per cent.

    Returns
    -------
    text : str
        A dash where there is no value.

    Examples
    --------
    >>> from skgen.report._numbers import number
    >>> number(0.12345), number(12345.678), number(0.00012), number(None)
    ('0.123', '12,346', '0.00012', '–')
    >>> number(0.0512, percent=True)
    '5.1 %'
    """
    if value is None or not math.isfinite(value):
        return "–"
    if percent:
        return "100 %" if value == 1 else f"{number_of_digits(100 * value, 1)} %"
    return number_of_digits(value, 3)


def number_of_digits(value: float, digits: int) -> str:
    """Write a number with some digits after the point, or two that are not zero.

    Parameters
    ----------
    value : float

    digits : int
        Digits after the point of numbers below 100.

    Returns
    -------
    text : str
    """
    size = abs(value)
    if size == 0:
        return "0"
    if size >= 1e15 or size < 10 ** -(digits + 3):
        return f"{value:.2g}"
    if size < 10**-digits:
        return f"{value:.{1 - math.floor(math.log10(size))}f}"
    if size >= 1000:
        return f"{value:,.0f}"
    return f"{value:.{1 if size >= 100 else digits}f}"


def count(value: Any) -> str:
    """Write a number of rows.

    Parameters
    ----------
    value : int

    Returns
    -------
    text : str
    """
    return f"{int(value):,}"
