"""Pages from templates."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from importlib import metadata, resources
from pathlib import Path
from typing import Any

from skgen.report._numbers import count, number
from skgen.report._text import clean_text

_PACKAGES = (
    "numpy",
    "scipy",
    "pandas",
    "scikit-learn",
    "xgboost",
    "anonymeter",
    "matplotlib",
)
_WORDS = {
    "good": "no worse",
    "fair": "a little worse",
    "poor": "clearly worse",
    "unknown": "not judged",
}
_SYMBOLS = {"good": "✓", "fair": "≈", "poor": "✗", "unknown": "?"}


def render(template: str, **content: Any) -> str:
    """Fill a template.

    Parameters
    ----------
    template : str
        Its name.

    **content : dict
        What it shows; text is escaped.

    Returns
    -------
    html : str

    Raises
    ------
    ImportError
        If Jinja2 is missing.
    """
    try:
        import jinja2
        from markupsafe import Markup
    except ImportError as error:
        raise ImportError(
            "A report needs the package Jinja2: install it with "
            '`pip install "skgen[report]"`.'
        ) from error
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_read),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=number, count=count)
    environment.globals.update(
        style=Markup(_read("report.css")),
        script=Markup(_read("report.js")),
        # Drawn by matplotlib, which escapes what it writes, and parsed since.
        drawing=Markup,
        words=_WORDS,
        symbols=_SYMBOLS,
    )
    return clean_text(environment.get_template(template).render(**content))


def _read(name: str) -> str:
    return (
        resources.files("skgen.report").joinpath("templates", name).read_text("utf-8")
    )


def save(html: str, path: str | Path) -> Path:
    """Write a page to a file.

    Parameters
    ----------
    html : str

    path : str or Path

    Returns
    -------
    path : Path
    """
    path = Path(path)
    path.write_text(html, encoding="utf-8")
    return path


def versions() -> dict[str, str]:
    """Return the versions of what computes, and the time.

    Returns
    -------
    versions : dict of str to str
    """
    from skgen import __version__

    found = {"skgen": __version__, "Python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed"
    found["Made at"] = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return found
