"""SMOTEN against imbalanced-learn."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from imblearn import over_sampling
from imblearn.metrics.pairwise import ValueDifferenceMetric
from scipy import stats
from sklearn.preprocessing import OrdinalEncoder

from skgen.neighbors import SMOTEN
from skgen.neighbors._nominal import class_proportions, value_difference


def nominal(n=300, n_classes=2, seed=0):
    rng = np.random.RandomState(seed)
    y = rng.randint(n_classes, size=n)
    codes = [
        np.minimum(rng.poisson(1 + y), 4),
        rng.randint(6, size=n),
        (y + rng.randint(3, size=n)) % 5,
    ]
    X = pd.DataFrame(np.column_stack(codes), columns=list("abc"))
    return X.map(lambda value: f"v{value}"), y


@pytest.mark.parametrize("n_classes", [2, 4])
def test_value_difference_equals_imblearn(n_classes):
    X, y = nominal(n_classes=n_classes)
    encoder = OrdinalEncoder(dtype=np.int32)
    codes = encoder.fit_transform(X)
    cardinalities = np.array([len(c) for c in encoder.categories_])
    metric = ValueDifferenceMetric(n_categories=cardinalities).fit(codes, y)
    proportions = class_proportions(codes, y, cardinalities, n_classes)
    for ours, theirs in zip(proportions, metric.proba_per_class_, strict=True):
        np.testing.assert_allclose(ours, theirs)
    np.testing.assert_allclose(
        value_difference(codes[:40], codes, proportions),
        metric.pairwise(codes[:40], codes),
        atol=1e-12,
    )


@pytest.mark.parametrize("n_classes", [2, 3])
def test_smoten_neighbors_are_the_nearest_by_imblearns_metric(n_classes):
    X, y = nominal(n_classes=n_classes)
    codes = OrdinalEncoder(dtype=np.int32).fit_transform(X)
    distances = ValueDifferenceMetric().fit(codes, y).pairwise(codes[y == 1])
    gen = SMOTEN(random_state=0).fit(X, y)
    found = np.take_along_axis(
        distances, gen._neighbors(1, np.arange((y == 1).sum())), axis=1
    )
    expected = np.sort(distances + np.diag(np.full(len(distances), np.inf)), axis=1)
    np.testing.assert_allclose(np.sort(found, axis=1), expected[:, :5], atol=1e-7)


def test_smoten_agrees_with_imblearn():
    # Five voters on two values: no ties, which imblearn breaks by the order of values.
    rng = np.random.RandomState(0)
    y = (np.arange(900) < 200).astype(int)
    draws = rng.uniform(size=(900, 3)) < 0.3 + 0.3 * y[:, None] * [0.5, 1, 1.3]
    X = pd.DataFrame(np.where(draws, "x", "o"), columns=list("abc"))
    new = SMOTEN(k_neighbors=4, random_state=0).fit(X, y).sample(y=np.ones(500))[0]
    theirs = over_sampling.SMOTEN(k_neighbors=4, random_state=1)
    reference = pd.DataFrame(theirs.fit_resample(X, y)[0]).iloc[900:]
    cells = [rows.sum(axis=1).value_counts() for rows in (new, reference)]
    counts = pd.concat(cells, axis=1).fillna(0)
    assert stats.chi2_contingency(counts).pvalue > 1e-3


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_smoten_chunks_do_not_change_the_result(n_jobs):
    X, y = nominal(n=1200, n_classes=3)
    whole = SMOTEN(k_neighbors=9, chunk_size=10_000, random_state=0).fit(X, y)
    parts = SMOTEN(k_neighbors=9, chunk_size=64, n_jobs=n_jobs, random_state=0)
    parts.fit(X, y)
    rows = np.arange((y == 1).sum())
    np.testing.assert_array_equal(whole._neighbors(1, rows), parts._neighbors(1, rows))
    pd.testing.assert_frame_equal(whole.sample(300)[0], parts.sample(300)[0])


def test_smoten_needs_no_square_matrix():
    X, y = nominal(n=12_000, n_classes=3)
    gen = SMOTEN(chunk_size=500, random_state=0).fit(X, y)
    tracemalloc.start()
    gen.sample(y=[0, 0])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.25 * (y == 0).sum() ** 2 * 8


def test_smoten_without_labels_counts_differences():
    group = np.repeat([0, 1], [80, 20])
    X = pd.DataFrame({name: np.array(["s", "t"])[group] for name in "uvw"})
    new = SMOTEN(random_state=0).fit(X).sample(2000)
    assert (new["u"] == new["v"]).all()
    assert (new["u"] == "t").mean() == pytest.approx(0.2, abs=0.05)


def test_smoten_takes_numbers_as_categories():
    X = np.random.RandomState(0).choice([0.5, 2.25, 7.0], size=(60, 2))
    new = SMOTEN(random_state=0).fit_resample(X, np.repeat([0, 1], [45, 15]))[0]
    assert set(np.unique(new)) == {0.5, 2.25, 7.0}
