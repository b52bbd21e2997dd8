"""Displays as SVG that stands in a page, in its colours of text."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from skgen.report._text import clean_text

# A colour that no display uses, replaced by the page's colour of text.
_INK = "#010203"
_SETTINGS: dict[Any, Any] = {
    "axes.edgecolor": _INK,
    "axes.facecolor": "none",
    "axes.labelcolor": _INK,
    "axes.titlecolor": _INK,
    "axes.titlesize": 10,
    "figure.edgecolor": "none",
    "figure.facecolor": "none",
    "font.family": ["sans-serif"],
    "font.size": 10,
    "legend.edgecolor": _INK,
    "legend.facecolor": "none",
    "legend.frameon": False,
    "legend.labelcolor": _INK,
    "patch.edgecolor": _INK,
    "savefig.facecolor": "none",
    "svg.fonttype": "none",
    "text.color": _INK,
    # A dollar in the name of a column is a dollar.
    "text.parse_math": False,
    "text.usetex": False,
    "xtick.color": _INK,
    "xtick.labelcolor": _INK,
    "ytick.color": _INK,
    "ytick.labelcolor": _INK,
}
_WIDTH = 4.8  # inches, of 72 px
_XLINK = "{http://www.w3.org/1999/xlink}"


@dataclass(frozen=True)
class Picture:
    """A picture in a page.

    `svg` is an element without ids that other pictures use, empty if there is no
    picture; `text` describes it, or says why there is none. A `wide` picture scrolls on
    a phone.
    """

    title: str
    svg: str
    text: str
    wide: bool = False


class Painter:
    """Draws displays, and keeps their ids apart.

    matplotlib's settings and its figures stay as they were.
    """

    def __init__(self) -> None:
        # Before hours of measuring.
        try:
            import matplotlib  # noqa: F401
        except ImportError as error:
            raise ImportError(
                "The pictures of a report need matplotlib: install it with "
                '`pip install "skgen[report]"`, or set pictures=False.'
            ) from error
        self._n_drawn = 0

    def draw(
        self,
        title: str,
        make: Callable[..., Any],
        *args: Any,
        wide: bool = False,
        **kw: Any,
    ) -> Picture:
        """Draw the display ``make(*args, **kw)``, unless it refuses the tables."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)
                display = make(*args, **kw)
                svg = self._draw(display, wide)
        except ValueError as error:
            reason = " ".join(str(error).split())
            return Picture(title, "", f"Not drawn: {reason}", wide)
        return Picture(title, svg, " ".join(display.describe().split()), wide)

    def _draw(self, display: Any, wide: bool) -> str:
        self._n_drawn += 1
        with _settings(salt=f"picture-{self._n_drawn}") as pyplot:
            display.plot()
            figure = display.figure_
            if not wide:
                # As small as that, text can be read on a phone.
                width, height = figure.get_size_inches()
                figure.set_size_inches(_WIDTH, height * _WIDTH / width)
            file = io.StringIO()
            try:
                figure.savefig(file, format="svg", metadata={"Date": None})
            finally:
                pyplot.close(figure)
        return clean_svg(file.getvalue(), prefix=f"p{self._n_drawn}-")


@contextmanager
def _settings(salt: str) -> Iterator[Any]:
    import matplotlib
    from matplotlib import pyplot

    with matplotlib.rc_context():
        # Pages look alike, whatever the settings of who makes them.
        matplotlib.rcdefaults()
        matplotlib.rcParams.update({**_SETTINGS, "svg.hashsalt": salt})
        yield pyplot


def clean_svg(text: str, *, prefix: str) -> str:
    """Turn the text of an SVG file into an element of a page.

    It has no namespaces, metadata, size, nor ids that nothing refers to; `prefix` is
    put before the others, so that no two pictures share one. It is hidden from screen
    readers, and the colour of the ink is ``currentColor``.
    """
    text = clean_text(text)
    root = ElementTree.fromstring(text)
    used = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', text))
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag.endswith("}metadata"):
                parent.remove(child)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        attributes = dict(element.attrib)
        element.attrib.clear()
        for name, value in attributes.items():
            if name == "id":
                if value not in used:
                    continue
                value = prefix + value
            name = name.replace(_XLINK, "")
            if name == "href":
                value = re.sub(r"^#", f"#{prefix}", value)
            value = value.replace("url(#", f"url(#{prefix}").replace(
                _INK, "currentColor"
            )
            element.set(name, value)
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.set("aria-hidden", "true")
    root.set("focusable", "false")
    return ElementTree.tostring(root, encoding="unicode")
