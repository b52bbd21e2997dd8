"""What all displays have in common."""

import builtins
import inspect
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

import skgen.plotting
from skgen import AutoregressiveTrees
from skgen.plotting import (
    AssociationDisplay,
    CategoryDisplay,
    ChainDecayDisplay,
    ClassBalanceDisplay,
    CumulativeCoverageDisplay,
    DensityDisplay,
    EmbeddingDisplay,
    FeatureImportanceDisplay,
    FidelityPrivacyDisplay,
    LossCurveDisplay,
    MarginalsDisplay,
    PrecisionRecallDistanceDisplay,
)

RESULTS = pd.DataFrame(
    {"detection": [0.5, 0.7, 0.9], "nndr": [0.3, 0.6, 0.5]}, index=list("abc")
)
MAKERS = {
    "density": lambda X, y, S, t: DensityDisplay.from_samples(
        X, S, column="price", max_samples=300, random_state=0
    ),
    "dates": lambda X, y, S, t: DensityDisplay.from_samples(X, S, column="time"),
    "constant": lambda X, y, S, t: DensityDisplay.from_samples(X, S, column="site"),
    "categories": lambda X, y, S, t: CategoryDisplay.from_samples(
        X, S, column="ad $ id"
    ),
    "coverage": lambda X, y, S, t: CumulativeCoverageDisplay.from_samples(
        X, S, column="ad $ id"
    ),
    "embedding": lambda X, y, S, t: EmbeddingDisplay.from_samples(X, S, max_samples=99),
    "tsne": lambda X, y, S, t: EmbeddingDisplay.from_samples(
        X, S, method="tsne", max_samples=50, random_state=0
    ),
    "precision and recall": lambda X, y, S, t: (
        PrecisionRecallDistanceDisplay.from_samples(X, S, held_out=S, max_samples=99)
    ),
    "importances": lambda X, y, S, t: FeatureImportanceDisplay.from_samples(
        X, S, y_real=y, y_synthetic=t, max_features=4
    ),
    "balance": lambda X, y, S, t: ClassBalanceDisplay.from_samples(y, t, y_resampled=y),
    "front": lambda X, y, S, t: FidelityPrivacyDisplay.from_results(
        RESULTS, fidelity="detection", privacy="nndr"
    ),
    "losses": lambda X, y, S, t: LossCurveDisplay(
        losses={"training": [2.0, 1.0], "validation": [3.0, 2.0]}, best_iter=2
    ),
    "chain": lambda X, y, S, t: ChainDecayDisplay.from_samples(
        X, S, measure="js_divergence", held_out=S
    ),
    "marginals": lambda X, y, S, t: MarginalsDisplay.from_samples(X, S),
    "associations": lambda X, y, S, t: AssociationDisplay.from_samples(X, S),
}
GRIDS = ("marginals", "associations")


@pytest.mark.parametrize("name", MAKERS)
def test_plot_returns_itself_on_new_or_given_axes(name, clicks, plt):
    display = MAKERS[name](*clicks)
    before = plt.get_fignums()
    assert display.plot() is display
    assert len(plt.get_fignums()) == len(before) + 1
    figure, ax = plt.subplots()
    assert display.plot(ax) is display
    assert display.figure_ is figure
    if name in GRIDS:
        assert all(one.figure is figure for one in display.axes_)
    else:
        assert display.ax_ is ax
    assert len(plt.get_fignums()) == len(before) + 2
    figure.savefig("/dev/null", format="png")


def tick_center(tick):
    box = tick.get_window_extent()
    return (box.y0 + box.y1) / 2


@pytest.mark.parametrize("name", MAKERS)
def test_text_lies_inside_and_not_upon_other_text(name, clicks, plt):
    """Titles, legends and names of the axes are neither cut off nor overlap."""
    display = MAKERS[name](*clicks).plot()
    figure = display.figure_
    figure.draw_without_rendering()
    renderer = figure.canvas.get_renderer()
    edges = figure.bbox.padded(1)
    for ax in getattr(display, "axes_", None) if name in GRIDS else [display.ax_]:
        boxes = [ax.title.get_window_extent(renderer)]
        if ax.get_legend() is not None:
            boxes.append(ax.get_legend().get_window_extent(renderer))
            assert boxes[1].y0 >= ax.bbox.y1 - 1, "the legend lies over the data"
        boxes.append(ax.xaxis.label.get_window_extent(renderer))
        boxes += [
            tick.get_window_extent(renderer)
            for tick in ax.get_yticklabels()
            if tick.get_text() and ax.bbox.y0 < tick_center(tick) < ax.bbox.y1
        ]
        for i, box in enumerate(boxes):
            if box.width == 0:
                continue
            assert edges.x0 <= box.x0, f"cut off at the left: {i}"
            assert box.x1 <= edges.x1, f"cut off at the right: {i}"
            assert edges.y0 <= box.y0, f"cut off below: {i}"
            assert box.y1 <= edges.y1, f"cut off above: {i}"
            assert not any(box.overlaps(other) for other in boxes[:i]), i


@pytest.mark.parametrize("name", MAKERS)
def test_words(name, clicks):
    text = MAKERS[name](*clicks).describe()
    assert text[0].isupper()
    assert text.endswith(".")
    assert "nan" not in text


@pytest.mark.parametrize("name", MAKERS)
def test_without_matplotlib(name, clicks, monkeypatch):
    found = builtins.__import__

    def refuse(module, *args, **kwargs):
        if module.split(".")[0] == "matplotlib":
            raise ImportError(module)
        return found(module, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    display = MAKERS[name](*clicks)
    assert display.describe()
    with pytest.raises(ImportError, match=r'plot needs.*pip install "skgen\[plot\]"'):
        display.plot()


def test_import_does_not_load_matplotlib():
    code = "import sys, skgen.plotting; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("name", skgen.plotting.__all__)
def test_documents_its_parameters(name):
    cls = getattr(skgen.plotting, name)
    for parameter in inspect.signature(cls).parameters:
        assert parameter in cls.__doc__
    for method in ("from_samples", "from_estimator", "from_results", "plot"):
        function = getattr(cls, method, None)
        if function is None:
            continue
        for parameter in set(inspect.signature(function).parameters) - {"self"}:
            assert parameter in function.__doc__, f"{method}: {parameter}"
        assert not re.search("^ *<", function.__doc__, re.MULTILINE), method
    assert not re.search("^ *<", cls.__doc__, re.MULTILINE)


def test_colours_differ_from_white_and_black_and_not_by_colour_alone(plt):
    from matplotlib.colors import to_rgb

    from skgen.plotting._bars import BARS
    from skgen.plotting._base import LINES

    def luminance(color):
        rgb = np.array(to_rgb(color))
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    for style in LINES[:3]:
        light = luminance(style["color"])
        assert 1.05 / (light + 0.05) >= 3
        assert (light + 0.05) / 0.05 >= 3
    assert len({style["linestyle"] for style in LINES}) == len(LINES)
    assert len({style.get("hatch") for style in BARS}) == len(BARS)


def test_text_follows_the_style_in_use(clicks, plt):
    with plt.style.context("dark_background"):
        display = DensityDisplay.from_samples(*clicks[::2], column="age").plot()
    assert display.figure_.get_facecolor()[:3] == (0, 0, 0)
    assert display.ax_.title.get_color() == "white"


@pytest.fixture(scope="module")
def fitted(clicks):
    X, y, _, _ = clicks
    return AutoregressiveTrees(random_state=0, n_estimators=1).fit(X, y)


COLUMN_DISPLAYS = [DensityDisplay, CategoryDisplay, CumulativeCoverageDisplay]
TABLE_DISPLAYS = [
    MarginalsDisplay,
    AssociationDisplay,
    EmbeddingDisplay,
    PrecisionRecallDistanceDisplay,
]


@pytest.mark.parametrize("cls", [*COLUMN_DISPLAYS, *TABLE_DISPLAYS])
def test_from_estimator_is_from_samples_of_its_rows(cls, fitted, clicks):
    _, _, X, _ = clicks
    options = {"column": "age"} if cls in COLUMN_DISPLAYS else {}
    display = cls.from_estimator(fitted, X, random_state=3, **options)
    if "random_state" in inspect.signature(cls.from_samples).parameters:
        options["random_state"] = 3
    synthetic, _ = fitted.sample(len(X), random_state=3)
    assert display.describe() == cls.from_samples(X, synthetic, **options).describe()
    # Training rows are the real rows where none are given.
    options["random_state"] = 3
    again = cls.from_estimator(fitted, fitted.training_rows_, **options)
    assert cls.from_estimator(fitted, **options).describe() == again.describe()


def test_labels_become_the_last_column(fitted, clicks):
    _, _, X, y = clicks
    display = MarginalsDisplay.from_estimator(fitted, X, y, random_state=0)
    last = display.displays[-1]
    assert last.column == "label"
    assert last.real_shares == pytest.approx([np.mean(y == 0), np.mean(y == 1)])
    balance = ClassBalanceDisplay.from_estimator(fitted, X, y, random_state=0)
    assert last.synthetic_shares == pytest.approx(balance.shares["synthetic"])


def test_importances_of_a_generator(fitted, clicks):
    _, _, X, y = clicks
    display = FeatureImportanceDisplay.from_estimator(fitted, X, y, random_state=0)
    synthetic, labels = fitted.sample(len(X), random_state=0)
    other = FeatureImportanceDisplay.from_samples(
        X, synthetic, y_real=y, y_synthetic=labels
    )
    pd.testing.assert_frame_equal(display.importances, other.importances)


def test_bad_generators(fitted, clicks):
    X, y, _, _ = clicks
    with pytest.raises(NotFittedError):
        EmbeddingDisplay.from_estimator(AutoregressiveTrees(), X)
    with pytest.raises(ValueError, match="holds no training rows"):
        EmbeddingDisplay.from_estimator(AutoregressiveTrees())
    with pytest.raises(ValueError, match="y was given without X"):
        EmbeddingDisplay.from_estimator(fitted, y=y)
    with pytest.raises(TypeError, match="no method `sample`"):
        EmbeddingDisplay.from_estimator(object(), X)
    with pytest.raises(ValueError, match="samples no labels"):
        ClassBalanceDisplay.from_estimator(AutoregressiveTrees().fit(X), X, y)


@pytest.mark.parametrize("name", GRIDS)
def test_grids_refuse_other_numbers_of_axes(name, clicks, plt):
    display = MAKERS[name](*clicks)
    _, axes = plt.subplots(1, 2)
    with pytest.raises(ValueError, match=r"2 axes were given for \d+ pictures"):
        display.plot(axes)
    figure = plt.figure()
    with pytest.raises(ValueError, match="not part of a grid"):
        display.plot(figure.add_axes((0, 0, 1, 1)))
    n = len(display.plot().axes_)
    _, axes = plt.subplots(1, n)
    assert list(display.plot(axes).axes_) == list(axes)


@pytest.mark.parametrize("name", [n for n in MAKERS if n not in ("front", "losses")])
def test_tables_that_differ(name, clicks):
    X, y, S, t = clicks
    if name == "balance":
        with pytest.raises(ValueError, match="y_synthetic is empty"):
            MAKERS[name](X, y, S, t[:0])
        return
    with pytest.raises(ValueError, match="unexpected"):
        MAKERS[name](X, y, S.assign(more=1), t)
