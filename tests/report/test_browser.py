"""The page in headless Chromium."""

import pytest

from .browser import CHROMIUM, Browser

pytestmark = pytest.mark.skipif(
    CHROMIUM is None,
    reason="Chromium is not installed (Debian: apt-get install chromium)",
)

# What sticks out of the window, unless it is in a box that scrolls.
CUT_OFF = """
[...document.querySelectorAll("main *, header *, footer *")].filter((element) => {
  const box = element.getBoundingClientRect();
  return box.right > innerWidth + 1 && box.width > 0
    && !element.closest(".scroll, .wide, .skip");
}).map((element) => element.outerHTML.slice(0, 100))
"""


@pytest.fixture(scope="module")
def browser():
    with Browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def path(pictured, tmp_path_factory):
    return pictured.save(tmp_path_factory.mktemp("pages") / "report.html")


@pytest.mark.parametrize("width", [380, 800, 1280])
@pytest.mark.parametrize("dark", [False, True])
def test_nothing_is_cut_off_or_wrong(browser, path, width, dark):
    browser.open(path, width=width, dark=dark)
    browser.run("document.querySelectorAll('details').forEach((d) => d.open = true)")
    assert browser.run("document.documentElement.scrollWidth") <= width
    assert browser.run(CUT_OFF) == []
    assert browser.errors == []
    assert all(
        url.startswith("data:") or url == path.as_uri() for url in browser.requests
    )


def test_text_is_readable_in_both_schemes(browser, path):
    """Text and what lies behind it have a contrast of 4.5, as WCAG asks."""
    script = """
    (() => {
      const light = (color) => {
        const [r, g, b] = color.match(/[\\d.]+/g).slice(0, 3).map((value) => {
          const x = value / 255;
          return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const behind = (element) => {
        for (let e = element; e; e = e.parentElement) {
          const color = getComputedStyle(e).backgroundColor;
          if (!color.endsWith(", 0)")) return color;
        }
      };
      const texts = [...document.querySelectorAll(
        "p, a, td, th, .badge, dt, dd, figcaption, caption, svg text")]
        // The numbers in a heat map stand on its cells.
        .filter((e) => !e.closest(".wide svg"));
      return Math.min(...texts.map((e) => {
        const style = getComputedStyle(e);
        const svg = e.closest("svg");
        const pair = [light(svg ? style.fill : style.color), light(behind(e))];
        return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
      }));
    })()
    """
    for dark in (False, True):
        browser.open(path, width=800, dark=dark)
        assert browser.run(script) >= 4.5


def test_tables_sort_by_keyboard(browser, path):
    browser.open(path, width=1280)
    values = """[...document.querySelector("#privacy ~ .scroll table").tBodies[0].rows]
        .map((row) => Number(row.cells[1].dataset.value))"""
    state = """document.querySelector("#privacy ~ .scroll table")
        .tHead.rows[0].cells[1].ariaSort"""
    assert browser.run(state) == "none"
    browser.run(
        'document.querySelector("#privacy ~ .scroll th:nth-child(2) button").focus()'
    )
    browser.press("Enter")
    assert browser.run(state) == "ascending"
    ascending = browser.run(values)
    assert ascending == sorted(ascending)
    browser.press(" ")
    assert browser.run(state) == "descending"
    assert browser.run(values) == ascending[::-1]
    outline = browser.run("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_keyboard_skips_to_the_verdict(browser, path):
    browser.open(path, width=800)
    browser.press("Tab")
    assert browser.run("document.activeElement.className") == "skip"
    assert browser.run("document.activeElement.getBoundingClientRect().left") >= 0
    browser.press("Enter")
    assert browser.run("document.activeElement.id") == "main"


def test_links_open_what_is_folded(browser, path):
    browser.open(path, width=800)
    assert not browser.run("document.querySelector('#column-2').open")
    browser.run("document.querySelector('a[href=\"#column-2\"]').click()")
    assert browser.run(
        "new Promise((done) => setTimeout("
        "() => done(document.querySelector('#column-2').open), 100))"
    )


def test_paper_holds_every_column(browser, path):
    browser.open(path, width=800)
    folded = "document.querySelectorAll('details:not([open])').length"
    before = browser.run(folded)
    browser.run(f"addEventListener('beforeprint', () => window.seen = {folded})")
    assert browser.print().startswith(b"%PDF")
    assert before > 0
    assert browser.run("window.seen") == 0
    assert browser.run(folded) == before
