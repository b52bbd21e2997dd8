import numpy as np
import pandas as pd
import pytest

from skgen.model_selection import describe_study


def make_result(intervals, score="roc_auc"):
    """Make a study of one generator: S1 by three classifiers."""
    rows = {}
    for i, (low, high) in enumerate(intervals):
        rows[f"c{i}", "none", "original"] = [0.5, np.nan, np.nan, np.nan]
        rows[f"c{i}", "g", "S1"] = [0.5, (low + high) / 2, low, high]
    index = pd.MultiIndex.from_tuples(
        list(rows), names=["classifier", "generator", "scenario"]
    )
    columns = [score, *(f"{score}_{end}" for end in ("diff", "low", "high"))]
    return pd.DataFrame(list(rows.values()), index=index, columns=columns)


def test_gains_and_losses_are_named():
    said = describe_study(make_result([(0.01, 0.03), (-0.2, -0.1), (-0.01, 0.01)]))
    assert said[0] == (
        "S1: roc_auc changed by -0.0433 on average; 1 gain (g with c0) and 1 loss (g "
        "with c1) are shown (3 pairs of a generator and a classifier)."
    )
    assert said[1].startswith("Of 3 intervals of 95 %")
    assert said[1].endswith("by chance alone; 2 do.")


def test_less_log_loss_is_a_gain():
    said = describe_study(make_result([(-0.2, -0.1)], "log_loss"), score="log_loss")
    assert "1 gain (g with c0) and no loss are shown" in said[0]


@pytest.mark.parametrize(
    ("interval", "sentence"),
    [
        ((-1.0, 1.0), "no gain and no loss is shown"),
        ((np.nan, np.nan), "1 of 1 pairs failed"),
    ],
)
def test_nothing_is_claimed(interval, sentence):
    assert sentence in describe_study(make_result([interval]))[0]


def test_one_repeat_shows_nothing():
    result = make_result([(0.1, 0.1)])
    result[["roc_auc_low", "roc_auc_high"]] = np.nan
    said = describe_study(result)
    assert "changed by +0.1000" in said[0]
    assert "no intervals" in said[1]
