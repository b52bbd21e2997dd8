import re

import joblib
import numpy as np
import pytest

from .conftest import run, table


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["compare"], "Give either a table or --dataset"),
        (
            ["compare", "TABLE", "--dataset", "clicks"],
            "Give either a table or --dataset",
        ),
        (["compare", "TABLE"], "Give --target"),
        (["compare", "--dataset", "clicks", "-t", "y"], "has its own"),
        (["compare", "nowhere.csv", "-t", "label"], "no file nowhere.csv"),
        (["compare", __file__, "-t", "label"], "unknown format"),
        (["compare", "TABLE", "-t", "click"], "--target names 'click', which is no"),
        (["compare", "TABLE", "-t", "label", "--drop", "a"], "--drop names 'a'"),
        (["compare", "TABLE", "-t", "label", "--drop", "label"], "names the target"),
        (["compare", "TABLE", "-t", "label", "-g", "gan3"], "no generator 'gan3'"),
        (["compare", "TABLE", "-t", "label", "-g", "smotenc,smotenc"], "given 2 times"),
        (["compare", "TABLE", "-t", "label", "-o", "x.txt"], "unknown format"),
        (["compare", "TABLE", "-t", "label", "-o", "no/x.csv"], "no folder"),
        (
            [
                *("compare", "TABLE", "-t", "label", "-g", "smotenc", "--cv", 2),
                *("--n-jobs", 1, "--sampling-strategy", 0.001),
            ],
            "'SMOTENC' failed in fold 0: ValueError: .*increase the ratio",
        ),
        (["compare", "TABLE", "-t", "label", "--report", "x.pdf"], "unknown format"),
        (["report", "TABLE", "no.csv", "-o", "x.html"], "no file no.csv"),
        (["report", "TABLE", "TABLE", "-o", "x.txt"], "unknown format"),
        (
            ["report", "TABLE", "TABLE", "-t", "no", "-o", "x.html"],
            "--target names 'no'",
        ),
        (["study", "TABLE", "-t", "label", "-c", "x"], "no classifier 'x': choose"),
        (["study", "TABLE", "-t", "label", "-c", "mlp,MLP"], "'MLP' is given twice"),
        (["study", "TABLE", "-t", "label", "-s", "S7"], "no scenario 'S7'"),
        (["fit", "TABLE", "-t", "no", "-o", "m.pkl"], "--target names 'no'"),
        (["sample", "nowhere.pkl", "-o", "x.csv"], "no file nowhere.pkl"),
        (["sample", "TABLE", "-o", "x.csv"], "cannot be read as a file of `skgen fit`"),
        (["sample", "TABLE", "-o", "x.xlsx"], "unknown format"),
    ],
)
def test_errors_are_one_line(clicks, args, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run(*(clicks if arg == "TABLE" else arg for arg in args))
    assert result.exit_code == 2
    assert result.stdout == ""
    *progress, line = result.stderr.strip().splitlines()
    assert all(part.startswith("Comparing") for part in progress)
    assert re.match(rf"Error: .*{message}", line), line


def test_missing_labels_are_an_error(tmp_path):
    frame = table(50)
    frame["label"] = frame["label"].astype(float)
    frame.loc[[3, 9], "label"] = np.nan
    frame.to_csv(tmp_path / "table.csv", index=False)
    result = run("compare", tmp_path / "table.csv", "-t", "label")
    assert result.exit_code == 2
    assert "'label' has 2 missing labels, the first in row 3" in result.stderr


def test_other_pickles_are_no_models(tmp_path):
    joblib.dump({"a": 1}, tmp_path / "other.pkl")
    result = run("sample", tmp_path / "other.pkl", "-o", tmp_path / "x.csv")
    assert result.exit_code == 2
    assert "is no file of `skgen fit`" in result.stderr


def test_a_missing_package_is_one_line(monkeypatch):
    def missing(*args, **kwargs):
        raise ImportError("No data set: pip install it")

    monkeypatch.setattr("skgen.datasets.load_open_bandit", missing)
    result = run("compare", "--dataset", "open-bandit")
    assert result.exit_code == 2
    assert result.stderr.strip() == "Error: No data set: pip install it"
