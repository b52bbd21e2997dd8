"""Optional packages."""

from __future__ import annotations

import importlib
from typing import Any


def require(package: str, extra: str) -> Any:
    """Import an optional package, or raise an ImportError that names its extra."""
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        raise ImportError(
            f"This needs {package}: pip install 'skgen[{extra}]'.",
            name=package,
        ) from None
