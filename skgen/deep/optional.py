"""Optional packages."""

from __future__ import annotations

import importlib
from typing import Any


def require(package: str, extra: str) -> Any:
    """Import an optional package.

    Parameters
    ----------
    package : str

    extra : str
        The extra of skgen that brings it.

    Returns
    -------
    module : module

    Raises
    ------
    ImportError
        If it is not installed; says what to install.
    """
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        raise ImportError(
            f"This needs {package}: pip install 'skgen[{extra}]'.",
            name=package,
        ) from None
