"""SMOTENC against imbalanced-learn and brute force."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from imblearn import over_sampling
from scipy import stats

from skgen.neighbors import SMOTENC

from .reference import brute_neighbors, euclidean, mixed, segments


def smotenc_distances(X, numbers, categories):
    """Chawla's distance by brute force."""
    weight = np.median(X[numbers].to_numpy().std(axis=0))
    squares = euclidean(X[numbers].to_numpy()) ** 2
    for name in categories:
        values = X[name].to_numpy()
        squares += weight**2 * (values[:, None] != values[None])
    return np.sqrt(squares)


def test_smotenc_majority_of_the_nearest_by_brute_force():
    X, y = mixed(n=240)
    gen = SMOTENC(k_neighbors=4, random_state=0).fit(X, y)
    new = gen.sample(y=np.ones(800))[0]
    own = X[y == 1].reset_index(drop=True)
    neighbors = brute_neighbors(smotenc_distances(own, ["a", "b"], ["city", "flag"]), 4)
    hits = segments(
        new[["a", "b"]].to_numpy(),
        own[["a", "b"]].to_numpy(),
        neighbors,
        np.arange(len(own)),
        0,
        1,
    ).any(axis=2)
    assert hits.any(axis=1).all()
    for name in ("city", "flag"):
        winners = [set(own.loc[rows, name].mode()) for rows in neighbors]
        for value, bases in zip(new[name], hits, strict=True):
            assert any(value in winners[base] for base in np.flatnonzero(bases))


def test_smotenc_agrees_with_imblearn():
    X, y = mixed(n=1600)
    n_new = 800
    new = SMOTENC(random_state=0).fit(X, y).sample(y=np.ones(n_new))[0]
    reference = over_sampling.SMOTENC(["city", "flag"], random_state=1)
    reference = reference.fit_resample(X, y)[0].iloc[len(X) :]
    for name in ("a", "b"):
        assert stats.ks_2samp(new[name], reference[name]).pvalue > 1e-3
    cells = [rows["city"] + rows["flag"] for rows in (new, reference)]
    counts = pd.concat([c.value_counts() for c in cells], axis=1).fillna(0)
    counts = counts[counts.sum(axis=1) >= 10]
    assert stats.chi2_contingency(counts).pvalue > 1e-3


def test_smotenc_breaks_ties_between_categories_at_random():
    X = pd.DataFrame({"a": np.r_[0.0, 0.1, 0.3], "c": ["x", "y", "z"]})
    X = pd.concat([X, X.assign(a=X["a"] + 9)])
    y = np.repeat([0, 1], 3)
    gen = SMOTENC(k_neighbors=2, random_state=0).fit(X, y)
    new = gen.sample(y=np.zeros(3000))[0]
    # Each row's neighbours are the two others: every category is as frequent.
    assert stats.chisquare(new["c"].value_counts()).pvalue > 1e-3


@pytest.mark.parametrize("k", [3, 5])
def test_smotenc_no_filler_of_missing_numbers_leaks(k):
    # Two classes in two places, with values near 0 and near 100, as many of each: what
    # stands in for a missing value is near 0, and must not show in the other place.
    # Each group has three rows without the number, which have two such neighbours: the
    # majority of three, not of five.
    rng = np.random.RandomState(0)
    side, y = np.repeat([0, 1, 0, 1], 15), np.repeat([0, 1], 30)
    X = pd.DataFrame({"place": 900.0 * side + rng.normal(size=60)})
    X["value"] = 100.0 * side + rng.uniform(size=60)
    X["spent"] = 100.0 * side + rng.uniform(1, 2, size=60)
    for start in range(0, 60, 15):
        X.loc[start : start + 2, "value"] = np.nan
        X.loc[start + 3 : start + 5, "spent"] = 0.0
    gen = SMOTENC(k_neighbors=k, random_state=0).fit(X, y)
    table = gen._sample(np.tile([0, 1], 1000), np.random.RandomState(0))
    assert table.gates.tolist() == [-1, 0, 1]
    right = table.numeric[:, 0] > 450
    for number, filler in ((1, X["value"].quantile(interpolation="lower")), (2, 0)):
        values, active = table.numeric[:, number], table.active(number)
        # Rows of the two places are no neighbours: what lies between is a filler.
        assert (values[active & ~right] <= 2).all()
        assert (values[active & ~right] >= number - 1).all()
        assert (values[active & right] >= 99 + number).all()
        assert len(np.unique(values[active])) > 0.8 * active.sum()
        # Where it does not count, a number is what the normal form prescribes.
        np.testing.assert_allclose(values[~active], filler)
        if k == 3:
            assert active.mean() == pytest.approx(0.8, abs=0.05)
        else:
            assert active.all()
    new = gen.sample(1000)[0]
    assert not new["value"].between(1, 100).any()


def test_smotenc_interpolates_gated_numbers():
    X, y = mixed(n=400)
    X.loc[::4, "b"] = np.nan
    new = SMOTENC(random_state=0).fit(X, y).sample(y=np.ones(500))[0]
    kept = new["b"].dropna()
    assert len(kept) > 300
    assert kept.isin(X["b"]).mean() < 0.05


def test_smotenc_takes_columns_of_any_kind():
    rng = np.random.RandomState(0)
    n = 200
    X = pd.DataFrame(
        {
            "price": rng.lognormal(size=n),
            "clicks": rng.poisson(1, size=n),
            "vip": rng.uniform(size=n) < 0.2,
            "city": pd.Categorical(
                rng.choice(["a", "b", "c"], n), ["c", "b", "a", "d"]
            ),
            "tags": rng.choice(["1^2", "2^3^4", "5", "1^5"], n),
            "seen": pd.Timestamp("2024-05-01")
            + pd.to_timedelta(rng.randint(1000, size=n), "h"),
            "same": 3,
        }
    )
    X.loc[::9, "city"] = None
    y = pd.Series(np.where(rng.uniform(size=n) < 0.2, "click", "none"), name="y")
    X_new, y_new = SMOTENC(random_state=0).fit_resample(X, y)
    pd.testing.assert_frame_equal(X_new.iloc[:n], X)
    pd.testing.assert_series_equal(X_new.dtypes, X.dtypes)
    assert y_new.value_counts().nunique() == 1
    new = X_new.iloc[n:]
    assert new["price"].between(X["price"].min(), X["price"].max()).all()
    assert set(new["clicks"]) <= set(X["clicks"])
    assert new["vip"].dtype == bool


def test_smotenc_needs_memory_for_rows_not_levels():
    rng = np.random.RandomState(0)
    n = 5000
    X = pd.DataFrame(
        {
            "a": rng.normal(size=n),
            "user": pd.Categorical(rng.randint(0, 20_000, size=n)),
            "app": pd.Categorical(rng.zipf(1.5, size=n).clip(max=20_000)),
        }
    )
    y = (np.arange(n) < 500).astype(int)
    tracemalloc.start()
    new, _ = SMOTENC(random_state=0).fit(X, y).sample(n)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < n * X["user"].nunique() * 8
    assert new["user"].isin(X["user"]).all()


def test_smotenc_categories_count_where_numbers_are_constant():
    # In class 1 the numbers do not vary: the median deviation is 0.
    rng = np.random.RandomState(0)
    group = np.r_[rng.randint(2, size=60), np.repeat([0, 1], [45, 15])]
    X = pd.DataFrame({"a": np.r_[rng.normal(size=60), np.ones(60)]})
    for name in "uvw":
        X[name] = np.array(["s", "t"])[group]
    new = (
        SMOTENC(random_state=0).fit(X, np.repeat([0, 1], 60)).sample(y=np.ones(2000))[0]
    )
    assert (new["u"] == new["v"]).all()
    assert (new["u"] == "t").mean() == pytest.approx(0.25, abs=0.05)
    assert (new["a"] == 1).all()
