import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from skgen import metrics
from skgen.copula import GaussianCopula
from skgen.report import Report
from skgen.report._pictures import clean_svg
from skgen.report._text import number

from .conftest import FAST

VOID = {"meta", "br", "img", "input", "hr", "link"}


class Page(HTMLParser):
    """What a page holds, and whether its elements are closed."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.headings = [], [], []
        self.text, self.tables, self._row = [], [], None
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append([int(tag[1]), ""])
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])
        if tag in ("td", "th"):
            self.tables[-1][-1].append([dict(attrs), ""])

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("style", "script"):
            return
        self.text.append(data)
        if any(re.fullmatch("h[1-6]", tag) for tag in self.open):
            self.headings[-1][1] += data
        if {"td", "th"} & set(self.open):
            self.tables[-1][-1][-1][1] += data

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


@pytest.fixture(scope="module")
def page(pictured):
    return Page(pictured.to_html())


# --- The verdict ----------------------------------------------------------------------


def test_fresh_rows_are_fine(reports):
    verdict = reports["fresh"].verdict
    assert {f.grade for f in verdict.findings.values()} == {"good"}
    assert verdict.headline == (
        "This table is like the real one, is as useful, and shows no measurable "
        "leakage of training rows."
    )
    assert "can stand in for the real table" in verdict.advice


def test_copies_are_a_leak(reports):
    report = reports["copies"]
    verdict = report.verdict
    assert verdict.findings["privacy"].grade == "poor"
    assert verdict.findings["likeness"].grade == "good"
    assert verdict.headline.endswith("and leaks training rows.")
    assert verdict.advice.startswith("Do not release it")
    assert "100 % of the synthetic rows are exactly equal" in report.to_html()
    privacy = report.measures[report.measures["question"] == "privacy"]
    assert set(privacy["grade"]) == {"poor"}


def test_noise_is_unlike_and_less_useful(reports):
    findings = reports["noise"].verdict.findings
    assert findings["likeness"].grade == "poor"
    assert findings["likeness"].answer == "No"
    assert findings["usefulness"].grade == "poor"
    assert findings["privacy"].grade == "good"
    assert "Do not use it in place of" in reports["noise"].verdict.advice


def test_without_held_out_rows_privacy_is_not_known(real, fresh):
    report = Report.from_samples(
        real, fresh, target="clicked", metrics=FAST, pictures=False
    )
    assert report.verdict.findings["privacy"].grade == "unknown"
    assert report.verdict.findings["likeness"].grade == "good"
    assert "No held-out rows were given" in report.to_html()
    assert report.settings["Held-out rows"] == "none"
    assert np.isnan(report.measures.loc["dcr_share", "value"])
    assert "needs held-out real rows" in report.measures.loc["dcr_share", "reading"]
    # Copies are counted nevertheless, but not graded.
    copied = Report.from_samples(real, real, metrics=["copies"], pictures=False)
    assert (
        "100 % of the synthetic rows" in copied.verdict.findings["privacy"].sentences[1]
    )


def test_few_held_out_rows_are_not_judged(real, held_out):
    report = Report.from_samples(
        real,
        real,
        target="clicked",
        held_out=held_out[:20],
        metrics=FAST,
        pictures=False,
    )
    assert report.verdict.findings["privacy"].grade == "unknown"
    assert "has 20 rows" in report.verdict.findings["privacy"].sentences[0]


def test_a_missing_label_is_useless(real, held_out, fresh):
    synthetic = fresh[fresh["clicked"] == 0]
    report = Report.from_samples(
        real,
        synthetic,
        target="clicked",
        held_out=held_out,
        metrics=FAST,
        pictures=False,
    )
    finding = report.verdict.findings["usefulness"]
    assert finding.grade == "poor"
    assert "No synthetic row has clicked 1" in finding.sentences[0]
    reading = report.measures.loc["train_synthetic_test_real", "reading"]
    assert reading.startswith("Not measured: ")


def test_useless_labels_tell_nothing(real, held_out, fresh):
    rng = np.random.RandomState(0)
    tables = [
        table.assign(clicked=rng.randint(2, size=len(table)))
        for table in (real, fresh, held_out)
    ]
    report = Report.from_samples(
        tables[0],
        tables[1],
        target="clicked",
        held_out=tables[2],
        metrics=["train_synthetic_test_real"],
        pictures=False,
    )
    assert report.verdict.findings["usefulness"].grade == "unknown"


# --- The numbers ----------------------------------------------------------------------


def test_values_are_those_of_the_metrics(reports, real, held_out, fresh):
    report = reports["fresh"]
    seed = int(re.search(r"seed of the measures: (\d+)", str(report.settings))[1])
    # The target is a category, whatever its dtype.
    tables = [t.astype({"clicked": "category"}) for t in (real, fresh, held_out)]
    expected = {
        "total_variation": metrics.total_variation(tables[2], tables[1]),
        "detection": metrics.detection(tables[2], tables[1], random_state=seed),
        "copies": metrics.copies(real, fresh),
        "dcr_share": metrics.dcr_share(
            *tables[:2], held_out=tables[2], random_state=seed
        ),
    }
    for name, value in expected.items():
        assert report.measures.loc[name, "value"] == pytest.approx(value), name
    train, test = tables[0], tables[2]
    assert report.measures.loc[
        "train_synthetic_test_real", "fresh"
    ] == metrics.train_real_test_real(
        test.drop(columns="clicked"),
        y_real=np.asarray(test["clicked"]),
        train=train.drop(columns="clicked"),
        y_train=np.asarray(train["clicked"]),
    )


def test_a_report_repeats(real, held_out, fresh):
    columns = ["age", "device", "clicked"]
    first, second = (
        Report.from_samples(
            real[columns],
            fresh[columns],
            target="clicked",
            held_out=held_out[columns],
            metrics=["detection", "dcr_share", "utility_ratio"],
            random_state=3,
        )
        for _ in range(2)
    )
    pd.testing.assert_frame_equal(first.measures, second.measures)
    time = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2} UTC")
    assert time.sub("", first.to_html()) == time.sub("", second.to_html())


def test_many_rows_are_sampled_and_that_is_said(real, held_out, fresh):
    report = Report.from_samples(
        real,
        pd.concat([fresh, real[:1]]),
        held_out=held_out,
        metrics=["total_variation", "copies", "dcr_share"],
        max_rows=100,
        max_samples=50,
        pictures=False,
    )
    html = report.to_html()
    assert "Of 400 real rows, 100 were drawn at random" in html
    assert "compare at most 50 rows of each table" in html
    assert report.settings["Synthetic rows"] == "401, of which 100 were used"
    # Copies are counted in all rows.
    assert report.measures.loc["copies", "value"] == 1 / 401


def test_from_estimator(real, held_out):
    X, y = real.drop(columns="clicked"), real["clicked"]
    generator = GaussianCopula(random_state=0).fit(X, y)
    report = Report.from_estimator(
        generator,
        X,
        y,
        X_held_out=held_out.drop(columns="clicked"),
        y_held_out=held_out["clicked"],
        metrics=["copies", "train_synthetic_test_real"],
        pictures=False,
    )
    assert report.title == "Report on GaussianCopula"
    assert report.measures["value"].notna().all()
    with pytest.raises(ValueError, match="fitted with labels: give them as y"):
        Report.from_estimator(generator, X)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1, "1.000"), (-0.5, "-0.500"), (3e-20, "3e-20"), (np.nan, "–")],
)
def test_numbers(value, text):
    assert number(value) == text


# --- Bad input ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (lambda t: t.drop(columns="age"), {}, r"missing \['age'\]"),
        (lambda t: t.assign(age=t["age"].astype(str)), {}, "Column 'age' is numeric"),
        (lambda t: t.assign(income=np.inf), {}, "'income' of synthetic holds infin"),
        (lambda t: t.assign(clicked=t["clicked"] + 1), {}, r"'clicked' holds \[2\]"),
        (lambda t: t.assign(clicked=t["clicked"].replace(1, np.nan)), {}, "is missing"),
        (lambda t: t, {"target": "age"}, "'age' is missing"),
        (lambda t: t, {"target": "income"}, "'income' is continuous"),
        (lambda t: t, {"target": "click"}, "'click' is not a column"),
        (lambda t: t, {"metrics": ["accuracy"]}, "'accuracy' is not a measure"),
        (lambda t: t[:0], {}, "synthetic is empty"),
    ],
)
def test_bad_tables_are_refused(real, fresh, change, options, message):
    options = {"target": "clicked", "pictures": False, **options}
    with pytest.raises(ValueError, match=message):
        Report.from_samples(real, change(fresh), **options)


def test_repeated_column_names_are_refused(real):
    table = pd.concat([real, real[["age"]]], axis=1)
    with pytest.raises(ValueError, match="'age' occurs more than once"):
        Report.from_samples(table, table)


def test_hard_columns_are_handled(real, held_out, fresh):
    """Missing values in one table, constants, and a column without any value."""
    synthetic = fresh.assign(
        age=np.nan, income=5.0, site="b", device=fresh["device"].fillna("pc")
    )
    report = Report.from_samples(
        real, synthetic, target="clicked", held_out=held_out, metrics=FAST
    )
    assert report.measures["value"].notna().all()
    remarks = {column.name: " ".join(column.remarks) for column in report.columns}
    assert "All values of the synthetic table are missing" in remarks["age"]
    assert "synthetic table has a single value, 5.0" in remarks["income"]
    assert "No real row has the synthetic value(s) b." in remarks["site"]
    assert "missing only in the real table" in remarks["device"]
    html = report.to_html()
    assert not re.search(r"\bnan\b", html, re.IGNORECASE)
    Page(html)


def test_arrays_and_one_column():
    rng = np.random.RandomState(0)
    real, held_out, synthetic = rng.normal(size=(3, 100, 1))
    report = Report.from_samples(
        real, synthetic, held_out=held_out, metrics=FAST, pictures=False
    )
    assert "Not measured" in report.measures.loc["contingency_similarity", "reading"]
    assert report.verdict.findings["likeness"].grade == "good"


# --- The page -------------------------------------------------------------------------


def test_landmarks_and_headings(page):
    for tag in ("main", "header", "footer", "nav", "h1", "title"):
        assert len(page.all(tag)) == 1, tag
    assert page.all("html")[0]["lang"] == "en"
    assert any(meta.get("name") == "viewport" for meta in page.all("meta"))
    levels = [level for level, _ in page.headings]
    assert levels[0] == 1
    assert max(np.diff(levels)) <= 1
    assert all(text.strip() for _, text in page.headings)
    titles = [text for level, text in page.headings if level == 2]
    assert titles[:4] == [
        "Verdict",
        "Is it like the real table?",
        "Is it as useful?",
        "Does it leak training rows?",
    ]


def test_links_lead_somewhere_and_ids_are_unique(page):
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = {attrs["href"] for attrs in page.all("a")}
    assert links
    assert all(link.startswith("#") and link[1:] in ids for link in links)
    for _, attrs in page.elements:
        if "aria-labelledby" in attrs:
            assert attrs["aria-labelledby"] in ids


def test_pictures_have_words(page, pictured):
    images = [attrs for _, attrs in page.elements if attrs.get("role") == "img"]
    pictures = [p for group in pictured.pictures.values() for p in group]
    pictures += [column.picture for column in pictured.columns]
    assert all(picture.svg for picture in pictures)
    assert len(images) == len(pictures)
    assert all(len(image["aria-label"]) > 20 for image in images)
    assert all(svg["aria-hidden"] == "true" for svg in page.all("svg"))


def test_nothing_is_loaded(page, pictured):
    html = pictured.to_html()
    assert "http://" not in html
    assert "https://" not in html
    for tag, attrs in page.elements:
        for name in ("src", "href", "srcset", "data", "action"):
            value = attrs.get(name, "")
            assert tag == "a" or not value or value.startswith(("data:", "#")), value
    policy = next(m for m in page.all("meta") if "http-equiv" in m)
    assert "default-src 'none'" in policy["content"]
    assert "@import" not in html


def test_tables_hold_the_values(page, pictured):
    shown = {}
    for table in page.tables:
        for row in table:
            if len(row) == 6 and "data-value" in row[1][0]:
                shown[row[0][1]] = row
    assert len(shown) == len(pictured.measurements)
    for measurement in pictured.measurements:
        row = shown[measurement.definition.title]
        values = measurement.value, measurement.fresh
        for cell, value in zip(row[1:3], values, strict=True):
            if value is None:
                assert cell[0]["data-value"] == ""
            else:
                assert float(cell[0]["data-value"]) == value
                assert cell[1] == number(value)


def test_everything_is_defined_and_can_be_repeated(page, pictured):
    text = " ".join(page.text)
    for measurement in pictured.measurements:
        assert f"skgen.metrics.{measurement.definition.name}" in text
        assert measurement.definition.misses in text
        for paper in measurement.definition.papers:
            assert paper in text
    for name in ("skgen", "Python", "numpy", "pandas", "scikit-learn", "max_samples"):
        assert name in pictured.settings
    assert "random_state=0" in pictured.settings["Command"]


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", 'a" onload="x', "$x^$"])
def test_hostile_names_are_text(real, held_out, fresh, text):
    def rename(table):
        table = table[["age", "device", "clicked"]].rename(
            columns={"age": text, "clicked": text + "!"}
        )
        return table.assign(device=table["device"].replace({"pc": f"{text}\x00"}))

    report = Report.from_samples(
        rename(real),
        rename(fresh),
        target=text + "!",
        held_out=rename(held_out),
        metrics=["total_variation", "copies"],
        title=text,
    )
    html = report.to_html()
    page = Page(html)
    assert len(page.all("script")) == 1
    assert not any("onload" in attrs for _, attrs in page.elements)
    assert text in " ".join(page.text)
    assert "\x00" not in html
    assert all(column.picture.svg for column in report.columns)


def test_forty_columns_are_below_five_megabytes():
    rng = np.random.RandomState(0)

    def make():
        table = pd.DataFrame(
            rng.normal(size=(300, 30)), columns=[f"x{i}" for i in range(30)]
        )
        for i in range(10):
            table[f"c{i}"] = rng.choice([f"level {k}" for k in range(30)], 300)
        return table

    report = Report.from_samples(
        make(), make(), held_out=make(), metrics=["total_variation", "copies"]
    )
    html = report.to_html()
    assert len(html.encode()) < 5e6
    assert html.count("<details") == 40


def test_pictures_leave_matplotlib_alone(real, fresh):
    matplotlib = pytest.importorskip("matplotlib")
    from matplotlib import pyplot

    with matplotlib.rc_context({"font.size": 7, "axes.facecolor": "red"}):
        before, figures = dict(matplotlib.rcParams), pyplot.get_fignums()
        Report.from_samples(real, fresh, metrics=["copies"])
        assert dict(matplotlib.rcParams) == before
        assert pyplot.get_fignums() == figures


def test_svg_ids_do_not_meet():
    text = (
        '<svg xmlns="http://www.w3.org/2000/svg" '
        'xmlns:xlink="http://www.w3.org/1999/xlink" width="3" height="2">'
        '<metadata>x</metadata><g id="unused"><path id="m"/></g>'
        '<use xlink:href="#m" style="fill: #010203; clip-path: url(#m)"/></svg>'
    )
    assert clean_svg(text, prefix="p1-") == (
        '<svg aria-hidden="true" focusable="false"><g><path id="p1-m" /></g>'
        '<use href="#p1-m" style="fill: currentColor; clip-path: url(#p1-m)" /></svg>'
    )


def test_missing_packages_are_named(monkeypatch, reports):
    monkeypatch.setitem(__import__("sys").modules, "jinja2", None)
    with pytest.raises(ImportError, match=r"pip install \"skgen\[report\]\""):
        reports["fresh"].to_html()


def test_saved_page(reports, tmp_path):
    path = reports["fresh"].save(tmp_path / "page.html")
    assert path.read_text("utf-8") == reports["fresh"].to_html()
