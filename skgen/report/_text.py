"""Text that a page may hold."""

from __future__ import annotations

import re

# Neither XML nor HTML may hold these, nor can surrogates be encoded.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def clean_text(text: str) -> str:
    """Replace characters that a page may not hold.

    Parameters
    ----------
    text : str

    Returns
    -------
    text : str
    """
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
