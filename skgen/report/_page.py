"""Pages from templates."""

from __future__ import annotations

import platform
from abc import ABCMeta, abstractmethod
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from importlib import metadata, resources
from pathlib import Path
from typing import Any

from skgen.report._text import clean_text, number

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


@dataclass(kw_only=True, eq=False, repr=False)
class Page(metaclass=ABCMeta):
    """Base class of the reports: one HTML page.

    Warning: This class should not be used directly. Use derived classes instead.
    """

    settings: dict[str, str]
    title: str

    @abstractmethod
    def _in_one_sentence(self) -> str:
        """Return the verdict."""

    @abstractmethod
    def to_html(self) -> str:
        """Return the page.

        Returns
        -------
        html : str
            One HTML document that needs no network.

        Raises
        ------
        ImportError
            If Jinja2 is missing.
        """

    def save(self, path: str | Path) -> Path:
        """Write the page to a file.

        Parameters
        ----------
        path : str or Path
            The file.

        Returns
        -------
        path : Path
            The file.
        """
        path = Path(path)
        path.write_text(self.to_html(), encoding="utf-8")
        return path

    def _repr_html_(self) -> str:
        # A frame of its own, so that the page's style stays out of a notebook.
        return (
            f'<iframe srcdoc="{escape(self.to_html())}" title="{escape(self.title)}" '
            'style="width: 100%; height: 40em; border: 0"></iframe>'
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self._in_one_sentence()}>"


def render(template: str, **content: Any) -> str:
    """Fill a template with content, whose text is escaped."""
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
    environment.filters["number"] = number
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


def versions() -> dict[str, str]:
    """Return the versions of what computes, and the time."""
    from skgen import __version__

    found = {"skgen": __version__, "Python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed"
    found["Made at"] = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return found
