"""RandomOverSampler against imbalanced-learn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from imblearn import over_sampling
from scipy import stats
from sklearn.neighbors import NearestNeighbors

from skgen._copies import hash_rows
from skgen.constraints import FixedCombinations, Range
from skgen.datasets import make_clicks
from skgen.neighbors import RandomOverSampler

from .reference import clouds, mixed


def test_random_over_sampler_repeats_rows_of_the_class_equally_often():
    X, y = mixed(n=80)
    X.loc[::7, "a"] = np.nan
    X_new, _ = RandomOverSampler(random_state=0).fit(X, y).sample(y=np.ones(4000))
    own = X[y == 1].reset_index(names="row")
    found = X_new.merge(own, how="left", on=list(X.columns))
    assert found["row"].notna().all()
    counts = found["row"].value_counts()
    assert len(counts) == (y == 1).sum()
    assert stats.chisquare(counts).pvalue > 1e-3


@pytest.mark.parametrize("shrinkage", [None, {0: 0.5, 1: 0}])
@pytest.mark.parametrize("fit_classes", ["all", "resampled"])
def test_random_over_sampler_repeats_rows_as_they_were(shrinkage, fit_classes):
    # Among them are lists of rare members, which the normal form does not keep.
    X, y = make_clicks(1500, click_rate=0.1, random_state=0, return_X_y=True)
    gen = RandomOverSampler(
        shrinkage=shrinkage,
        fit_classes=fit_classes,
        constraints=[Range("age", low=0), FixedCombinations(["city", "city_rank"])],
        random_state=0,
    )
    X_new, y_new = gen.fit_resample(X, y)
    new = X_new.iloc[len(X) :]
    assert len(new) > 1000
    assert (y_new.iloc[len(X) :] == 1).all()
    assert np.isin(hash_rows(new), hash_rows(X[y == 1])).all()
    pd.testing.assert_series_equal(X_new.dtypes, X.dtypes)
    if fit_classes == "resampled":
        return
    X_new, y_new = gen.sample(800)
    for label in (0, 1):
        copies = np.isin(hash_rows(X_new[y_new == label]), hash_rows(X[y == label]))
        assert copies.all() == (shrinkage is None or label == 1)


def test_random_over_sampler_keeps_no_reference_to_the_rows():
    X, y = clouds()
    gen = RandomOverSampler(random_state=0).fit(X, y)
    expected = gen.sample(50, random_state=0)[0]
    X[:] = -1.0
    np.testing.assert_array_equal(gen.sample(50, random_state=0)[0], expected)


def test_shrinkage_agrees_with_imblearn():
    X, y = clouds(n_majority=1000, n_minority=200)
    for shrinkage in (1.5, {1: 1.5}):
        ours = RandomOverSampler(shrinkage=shrinkage, random_state=0)
        theirs = over_sampling.RandomOverSampler(
            shrinkage=1.5, random_state=1, sampling_strategy={1: 3200}
        )
        new = ours.fit(X, y).sample(y=np.ones(3000, dtype=int))[0]
        reference = theirs.fit_resample(X, y)[0][len(X) :]
        reference = np.clip(reference, X.min(axis=0), X.max(axis=0))
        for values, expected in zip(new.T, reference.T, strict=True):
            assert stats.ks_2samp(values, expected).pvalue > 1e-3
        # The noise itself, which the spread of the rows would hide.
        nearest = NearestNeighbors(n_neighbors=1).fit(X[y == 1])
        distances = [nearest.kneighbors(rows)[0].ravel() for rows in (new, reference)]
        assert stats.ks_2samp(*distances).pvalue > 1e-3
        assert min(distances[0].mean(), distances[1].mean()) > 0.01


def test_shrinkage_leaves_categories_and_missing_values():
    X, y = mixed(n=200)
    X["b"] = X["b"].where(np.arange(200) % 3 > 0)
    gen = RandomOverSampler(shrinkage=0.5, random_state=0).fit(X, y)
    new = gen.sample(y=np.ones(2000))[0]
    # Only what is clipped to the range may equal a training value.
    assert new["a"].isin(X["a"]).mean() < 0.02
    assert new["b"].isna().mean() == pytest.approx(1 / 3, abs=0.05)
    assert new["b"].dropna().isin(X["b"]).mean() < 0.02
    rows = X.loc[y == 1, ["city", "flag"]].drop_duplicates()
    assert len(new.merge(rows, on=["city", "flag"])) == 2000


def test_shrinkage_of_zero_is_the_plain_bootstrap():
    X, y = clouds()
    plain = RandomOverSampler(random_state=0).fit_resample(X, y)[0]
    zero = RandomOverSampler(shrinkage=0, random_state=0).fit_resample(X, y)[0]
    np.testing.assert_array_equal(plain, zero)


def test_shrinkage_errors():
    X, y = clouds()
    with pytest.raises(ValueError, match="no entry for class 1"):
        RandomOverSampler(shrinkage={0: 1.0}).fit_resample(X, y)
    for bad in (-1.0, np.nan, "much"):
        with pytest.raises(ValueError, match=r"shrinkage of class 1 is"):
            RandomOverSampler(shrinkage={1: bad}).fit(X, y)
    with pytest.raises(ValueError, match="shrinkage"):
        RandomOverSampler(shrinkage=-0.5).fit(X, y)
