import json
import re

import numpy as np
import pandas as pd
import pytest

from skgen.cli import Classifier, _screen
from skgen.cli._compare import choose_strategy
from skgen.model_selection import compare
from skgen.neighbors import SMOTENC, RandomOverSampler
from skgen.report._sentences import sentences

from .conftest import run, table

FAST = "random-over-sampler,smotenc"


@pytest.fixture(scope="module")
def compared(clicks, tmp_path_factory):
    output = tmp_path_factory.mktemp("results") / "result.csv"
    result = run(
        *("compare", clicks, "--target", "label", "-g", FAST, "--cv", 3),
        *("--n-jobs", 1, "--output", output),
    )
    assert result.exit_code == 0, result.output
    return result, pd.read_csv(output, index_col="generator")


def test_compare_is_that_of_python(compared):
    frame = table()
    expected = compare(
        frame.drop(columns="label"),
        frame["label"],
        [RandomOverSampler(), SMOTENC()],
        cv=3,
        random_state=0,
    )
    scores = slice("roc_auc", "distance_to_closest_record")
    pd.testing.assert_frame_equal(
        compared[1].loc[:, scores], expected.loc[:, scores], check_exact=False
    )


def test_compare_prints_the_scores_and_a_sentence_each(compared):
    result, frame = compared
    for generator, row in frame.iterrows():
        assert f"{row['roc_auc']:.4f}" in result.stdout
        if generator != "no resampling":
            assert f"{row['detection']:.3f}" in result.stdout
            difference = f"{row['roc_auc_diff']:+.4f}"
            half = (row["roc_auc_high"] - row["roc_auc_low"]) / 2
            assert f"{difference} ± {half:.4f}" in result.stdout
            assert len(re.findall(f"^{generator}: ", result.stdout, re.M)) == 1
    assert max(len(line.rstrip()) for line in result.stdout.splitlines()) <= 100
    assert "400 rows, 6 columns" in result.stdout
    assert "6/6" not in result.stdout
    assert "9/9" in result.stderr


def test_compare_writes_json_and_is_quiet(clicks, tmp_path):
    result = run(
        *(
            "compare",
            clicks,
            "-t",
            "label",
            "-g",
            "smotenc",
            "-g",
            "SMOTENC(k_neighbors=2)",
        ),
        *("--cv", 2, "--n-jobs", 1, "-q", "-o", tmp_path / "result.json"),
        *("--categorical", "slot,age", "--drop", "time", "--max-rows", 200),
        *("--sampling-strategy", 0.5, "--classifier", "logistic-regression"),
    )
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    assert "200 rows, 5 columns" in result.stdout
    assert "sampling_strategy=0.5" in result.stdout
    rows = json.loads((tmp_path / "result.json").read_text())
    assert [row["generator"] for row in rows] == [
        "no resampling",
        "smotenc",
        "SMOTENC(k_neighbors=2)",
    ]
    assert rows[0]["detection"] is None
    assert 0 <= rows[1]["detection"] <= 1


@pytest.mark.parametrize("classifier", list(Classifier))
def test_classifiers_take_mixed_columns_with_gaps(classifier, tmp_path):
    frame = table(200)
    frame.loc[::7, "price"] = np.nan
    frame.loc[::9, "device"] = None
    frame.to_csv(tmp_path / "gaps.csv.gz", index=False)
    result = run(
        *("compare", tmp_path / "gaps.csv.gz", "-t", "label", "--cv", 2, "--n-jobs", 1),
        *("-g", "RandomOverSampler", "--classifier", classifier.value, "-q"),
    )
    assert result.exit_code == 0, result.output
    assert classifier.value in result.stdout


def test_compare_on_simulated_clicks():
    result = run(
        *("compare", "--dataset", "clicks", "--max-rows", 600, "--cv", 2, "-q"),
        *("-g", "random-over-sampler", "--n-jobs", 1),
    )
    assert result.exit_code == 0, result.output
    assert "600 rows, 35 columns" in result.stdout
    # Two clicks in a hundred: equal classes would be nearly all synthetic.
    assert "sampling_strategy=0.1" in result.stdout


def result_of(roc_auc, log_loss):
    """A result whose other intervals hold zero."""
    row = {}
    for name in ("roc_auc", "average_precision", "f1", "log_loss"):
        low, high = {"roc_auc": roc_auc, "log_loss": log_loss}.get(name, (-1.0, 1.0))
        row |= {name: 0.5, f"{name}_low": low, f"{name}_high": high}
        row[f"{name}_diff"] = (low + high) / 2
    return pd.DataFrame.from_dict({"no resampling": row, "G": row}, orient="index")


@pytest.mark.parametrize(
    ("roc_auc", "log_loss", "sentence"),
    [
        ((-1, 1), (-1, 1), "no interval excludes zero"),
        ((0.1, 0.3), (-1, 1), "better ROC AUC (+0.2000) than no resampling."),
        ((-0.3, -0.1), (-1, 1), "worse ROC AUC (-0.2000) than no resampling; no gain"),
        ((-1, 1), (0.1, 0.3), "worse log loss (+0.2000) than no resampling; no gain"),
        (
            (0.1, 0.3),
            (0.1, 0.3),
            "better ROC AUC (+0.2000), worse log loss (+0.2000) than no resampling.",
        ),
        ((0.1, 0.3), (-0.3, -0.1), "better ROC AUC (+0.2000) and log loss (-0.2000)"),
        ((np.nan, np.nan), (np.nan, np.nan), "it failed"),
    ],
)
def test_sentences_are_honest(roc_auc, log_loss, sentence):
    first, *rest = sentences(result_of(roc_auc, log_loss))
    assert first.startswith(f"G: {sentence}")
    # Who looks at many intervals finds some.
    assert bool(rest) == ("better" in sentence or "worse" in sentence)


def test_tables_fit_on_the_screen(capsys):
    measured = dict.fromkeys([*_screen._QUALITY, "seconds", "memory_mb"], 1234.5)
    row = measured.copy()
    for name in ("roc_auc", "average_precision", "f1", "log_loss"):
        row |= {name: 0.5, f"{name}_diff": -0.2, f"{name}_low": -0.3}
        row[f"{name}_high"] = -0.1
    name = "AutoregressiveTrees(min_samples_leaf=20)"
    rows = {"no resampling": row, name: row}
    frame = pd.DataFrame.from_dict(rows, orient="index")
    y = pd.Series([0, 0, 1], name="click")
    _screen.print_result(
        *(frame, frame, y), strategy="auto", classifier=Classifier.xgboost, cv=5
    )
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert max(map(len, lines)) <= 100
    assert sum(line.count("-0.2000 ± 0.1000*") for line in lines) == 2 * 4


@pytest.mark.parametrize(
    ("text", "counts", "expected"),
    [
        (None, (990, 10), 0.1),
        (None, (800, 200), "auto"),
        (None, (990, 10, 10), "auto"),
        ("0.3", (990, 10), 0.3),
        ("minority", (990, 10), "minority"),
        ("{1: 500}", (990, 10), {1: 500}),
    ],
)
def test_sampling_strategy(text, counts, expected):
    y = pd.Series(np.repeat(np.arange(len(counts)), counts))
    assert choose_strategy(text, y) == expected


def test_compare_puts_generators_side_by_side_in_a_page(clicks, tmp_path):
    page = tmp_path / "page.html"
    result = run(
        *("compare", clicks, "-t", "label", "-g", FAST, "--cv", 2, "--n-jobs", 1),
        *("-q", "--report", page),
    )
    assert result.exit_code == 0, result.output
    assert f"The report is in {page}." in result.stdout
    html = page.read_text("utf-8")
    for text in (
        "RandomOverSampler and SMOTENC leak training rows.",
        "Fresh real rows",
        "SMOTENC: ",
        f"skgen compare {clicks} --target label --generators",
        "--cv 2 --seed 0",
    ):
        assert text in html
