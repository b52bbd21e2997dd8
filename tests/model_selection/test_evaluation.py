"""Fidelity and privacy of the rows that are compared."""

import dataclasses
import functools

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import SMOTE as ImblearnSMOTE
from imblearn.over_sampling import RandomOverSampler as ImblearnRandomOverSampler
from imblearn.under_sampling import RandomUnderSampler

from skgen.metrics._registry import MEASURES
from skgen.model_selection import compare
from skgen.neighbors import RandomOverSampler

FEW = ["ks_statistic", "copies"]


def test_added_rows_are_compared_with_rows_of_their_class():
    rng = np.random.RandomState(0)
    n = 600
    y = (np.arange(n) % 6 == 0).astype(int)
    # The classes lie far apart: clicks would differ from all test rows together.
    X = pd.DataFrame(rng.normal(size=(n, 2)) + 50 * y[:, None])
    result = compare(
        X,
        y,
        [ImblearnSMOTE(), ImblearnRandomOverSampler()],
        cv=3,
        metrics=["ks_statistic", "dcr_share", "copies"],
        random_state=0,
    )
    assert (result["ks_statistic"].iloc[1:] < 0.4).all()
    assert result["copies"].iloc[1:].tolist() == pytest.approx([0, 1], abs=0.05)


def test_no_fidelity_where_rows_were_taken_away(clicks):
    X, y = clicks
    result = compare(X, y, [RandomUnderSampler()], cv=3, metrics=FEW, random_state=0)
    assert result.loc["RandomUnderSampler", FEW].isna().all()
    assert result.loc["RandomUnderSampler", "roc_auc_diff"] != 0


def test_fit_on_one_class_is_measured_on_it(clicks):
    X, y = clicks
    # Age tells the classes apart: rows of both would differ from clicks alone.
    X["age"] = np.where(y == 1, 90, 10) + X["age"] % 5
    generators = {"clicks": RandomOverSampler(fit_classes="resampled")}
    result = compare(X, y, generators, cv=3, metrics=["ks_statistic"], random_state=0)
    assert result.loc["clicks", "ks_statistic"] < 0.5


def test_no_ks_statistic_without_numbers():
    rng = np.random.RandomState(0)
    X = pd.DataFrame(
        {"a": rng.choice(list("xyz"), 90), "b": rng.choice(list("uv"), 90)}
    )
    y = np.arange(90) % 3 == 0
    result = compare(X, y, [RandomOverSampler()], cv=3, metrics=FEW, random_state=0)
    assert np.isnan(result.loc["RandomOverSampler", "ks_statistic"])
    assert result.loc["RandomOverSampler", "copies"] == 1


@pytest.mark.parametrize(
    ("max_samples", "n_drawn"), [(20, 20), ("auto", 160), (None, 160), (10_000, 160)]
)
def test_rows_that_are_drawn_and_compared(clicks, max_samples, n_drawn, monkeypatch):
    tables = {}

    def spy(name, measure):
        @functools.wraps(measure.function)
        def function(**given):
            tables[name] = {k: len(v) for k, v in given.items() if np.ndim(v) == 2}
            return measure.function(**given)

        return dataclasses.replace(measure, function=function)

    for name in ("js_divergence", "dcr_share"):
        monkeypatch.setitem(MEASURES, name, spy(name, MEASURES[name]))
    names = ["js_divergence", "dcr_share"]
    compare(
        *clicks, [RandomOverSampler()], cv=2, metrics=names, max_samples=max_samples
    )
    assert tables["js_divergence"] == {"real": n_drawn, "synthetic": n_drawn}
    # Training and test rows stay whole, as any left out would lengthen the distances.
    assert tables["dcr_share"] == {"real": 160, "synthetic": n_drawn, "held_out": 160}
