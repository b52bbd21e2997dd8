"""How the report writes numbers and sentences."""

from __future__ import annotations

import math
import re
from typing import Any

# Neither XML nor HTML may hold these, nor can surrogates be encoded.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def number(value: float | None, *, percent: bool = False) -> str:
    """Write a number, or a share in per cent, with as many digits as a reader needs.

    Examples
    --------
    >>> from skgen.report._text import number
    >>> number(0.12345), number(12345.678), number(0.00012), number(None)
    ('0.123', '12,346', '0.00012', '–')
    >>> number(0.0512, percent=True)
    '5.1 %'
    """
    if value is None or not math.isfinite(value):
        return "–"
    if percent:
        return "100 %" if value == 1 else f"{_with_digits(100 * value, 1)} %"
    return _with_digits(value, 3)


def _with_digits(value: float, digits: int) -> str:
    """Write some digits after the point, or two that are not zero."""
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
    """Write a number of rows."""
    return f"{int(value):,}"


def join(parts: list[str]) -> str:
    """Join parts of a sentence by commas and "and"."""
    if len(parts) == 1:
        return parts[0]
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def lower_first(title: str) -> str:
    """Write a title inside a sentence."""
    return title[0].lower() + title[1:]


def clean_text(text: str) -> str:
    """Replace characters that a page may not hold."""
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
