import numpy as np
import pandas as pd

from skgen.classifiers import baseline_classifiers
from skgen.cli._tables import read_table
from skgen.model_selection import augmentation_study
from skgen.neighbors import SMOTENC

from .conftest import run


def test_study_is_that_of_python(clicks, tmp_path):
    output, folder = tmp_path / "result.csv", tmp_path / "cells"
    arguments = [
        *("study", clicks, "--target", "label", "--repeats", 2, "--quiet"),
        *("--generators", "smote-nc", "-c", "logistic-regression", "-s", "S1,S4"),
        *("--output", output, "--directory", folder),
    ]
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    assert "S4: roc_auc changed by" in result.stdout
    found = pd.read_csv(output, index_col=[0, 1, 2])
    assert list(found.index) == [
        ("LogisticRegression", "none", "original"),
        ("LogisticRegression", "SMOTENC", "S1"),
        ("LogisticRegression", "SMOTENC", "S4"),
    ]
    frame = read_table(clicks)
    wanted = augmentation_study(
        frame.drop(columns="label"),
        frame["label"],
        [SMOTENC()],
        {"LogisticRegression": baseline_classifiers()["LogisticRegression"]},
        scenarios=["S1", "S4"],
        n_repeats=2,
        random_state=0,
    )
    np.testing.assert_allclose(found["roc_auc"], wanted["roc_auc"])
    kept = set(folder.iterdir())
    assert run(*arguments).exit_code == 0
    assert set(folder.iterdir()) == kept
