import numpy as np
import pandas as pd
import pytest

from skgen.copula import GaussianCopula
from skgen.model_selection import compare
from skgen.neighbors import RandomOverSampler
from skgen.report import ComparisonReport

from .test_report import Page


@pytest.fixture(scope="module")
def compared(real):
    X, y = real.drop(columns="clicked"), real["clicked"]
    generators = {
        "copies <b>": RandomOverSampler(sampling_strategy={0: 200, 1: 400}),
        "copula": GaussianCopula(sampling_strategy={0: 400, 1: 400}),
    }
    return X, y, compare(X, y, generators, cv=2, random_state=0)


def result_of(roc_auc):
    row = {}
    for name in ("roc_auc", "average_precision", "f1", "log_loss"):
        low, high = roc_auc if name == "roc_auc" else (-1.0, 1.0)
        row |= {name: 0.5, f"{name}_low": low, f"{name}_high": high}
        row[f"{name}_diff"] = (low + high) / 2
    return pd.DataFrame.from_dict({"no resampling": row, "G": row}, orient="index")


@pytest.mark.parametrize(
    ("roc_auc", "grade", "headline"),
    [
        ((-1, 1), "unknown", "G shows no gain over no resampling without a loss."),
        ((0.1, 0.2), "good", "G shows a gain over no resampling."),
        ((-0.2, -0.1), "poor", "G shows no gain over no resampling without a loss."),
        ((np.nan, np.nan), "unknown", "G shows no gain over no resampling without"),
    ],
)
def test_usefulness_follows_the_intervals(roc_auc, grade, headline):
    report = ComparisonReport.from_results(result_of(roc_auc), pictures=False)
    assert report.answers[0].usefulness == grade
    assert report.headline.startswith(headline)
    # Without rows, there is nothing to judge likeness and privacy by.
    assert report.answers[0].privacy == "unknown"
    Page(report.to_html())


def test_generators_stand_side_by_side(compared):
    X, y, results = compared
    report = ComparisonReport.from_results(results, X=X, y=y, cv=2)
    copies, copula = report.answers
    assert copies.privacy == "poor"
    assert copula.privacy == "good"
    assert "copies <b> leaks training rows." in report.headline
    assert report.fresh["copies"] == 0
    assert report.fresh["dcr_share"] == pytest.approx(0.5, abs=0.15)
    html = report.to_html()
    page = Page(html)
    assert not page.all("b")
    for tag in ("main", "nav", "h1"):
        assert len(page.all(tag)) == 1
    values = {
        (row[0][1], cell[0]["data-value"])
        for table in page.tables
        for row in table
        for cell in row[1:]
        if cell[0].get("data-value")
    }
    for generator, row in results.iterrows():
        for name in ("roc_auc", "log_loss", "detection", "dcr_share", "seconds"):
            if np.isfinite(row[name]) and (
                generator != "no resampling" or name != "seconds"
            ):
                assert (generator, repr(float(row[name]))) in values, name
    assert "http" not in html.replace('http-equiv="', "")


def test_other_results_are_refused():
    results = result_of((-1, 1))
    with pytest.raises(ValueError, match=r"lack the column\(s\) \['f1'\]"):
        ComparisonReport.from_results(results.drop(columns="f1"))
    with pytest.raises(ValueError, match="no generator"):
        ComparisonReport.from_results(results[:1])
