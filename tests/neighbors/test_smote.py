"""SMOTE and SVMSMOTE against imbalanced-learn and brute force."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from imblearn import over_sampling
from scipy import stats
from sklearn.base import clone
from sklearn.datasets import make_blobs, make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import NearestNeighbors
from sklearn.svm import SVC

from skgen.neighbors import GMMSMOTE, SMOTE, SVMSMOTE

from .reference import brute_neighbors, clouds, euclidean, segments


def test_smote_uses_all_nearest_neighbors_and_no_others():
    X, y = clouds(n_minority=20)
    new = SMOTE(k_neighbors=3, random_state=0).fit(X, y).sample(y=np.ones(3000))[0]
    own = X[y == 1]
    neighbors = brute_neighbors(euclidean(own), 3)
    theirs = NearestNeighbors(n_neighbors=4).fit(own)
    theirs = theirs.kneighbors(own, return_distance=False)[:, 1:]
    np.testing.assert_array_equal(neighbors, theirs)
    hits = segments(new, own, neighbors, np.arange(20), 0, 1)
    assert hits.any(axis=(1, 2)).all()
    assert hits.any(axis=0).all()


def test_smote_agrees_with_imblearn():
    X, y = make_classification(
        1200, n_features=4, weights=[0.9], flip_y=0, random_state=0
    )
    new = SMOTE(random_state=0).fit(X, y).sample(y=np.ones(3000, dtype=int))[0]
    theirs = over_sampling.SMOTE(random_state=1, sampling_strategy="all")
    reference = theirs.fit_resample(X, y)[0][len(X) :]
    for column in range(4):
        assert stats.ks_2samp(new[:, column], reference[:, column]).pvalue > 1e-3
    products = [rows[:, 0] * rows[:, 1] for rows in (new, reference)]
    assert stats.ks_2samp(*products).pvalue > 1e-3


def test_smote_row_is_no_neighbor_of_itself_among_copies():
    X = np.r_[np.zeros((9, 2)), np.random.RandomState(0).normal(5, 1, size=(9, 2))]
    X, y = np.r_[X, X + 20], np.repeat([0, 1], 18)
    gen = SMOTE(k_neighbors=2).fit(X, y)
    gen.sample(y=[0])
    neighbors = gen._neighbors(0, np.arange(18))
    assert neighbors.shape == (18, 2)
    assert (neighbors != np.arange(18)[:, None]).all()


def test_smote_rounds_integers_and_keeps_times_in_range():
    rng = np.random.RandomState(0)
    X = pd.DataFrame(
        {
            "n": rng.randint(0, 4, size=60),
            "day": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(rng.randint(90, size=60), "D"),
        }
    )
    y = np.repeat([0, 1], [40, 20])
    new = SMOTE(random_state=0).fit_resample(X, y)[0].iloc[60:]
    assert new["n"].dtype == X["n"].dtype
    assert new["n"].between(0, 3).all()
    assert (new["day"] == new["day"].dt.normalize()).all()
    assert new["day"].between(X["day"].min(), X["day"].max()).all()


NUMERIC = [SMOTE, SVMSMOTE, GMMSMOTE]


@pytest.mark.parametrize("generator", NUMERIC)
@pytest.mark.parametrize(
    ("values", "problem"),
    [
        (["a", "b"] * 20, "is a category"),
        ([True, False] * 20, "is a boolean"),
        ([1.5, np.nan, 2.5, 0.25] * 10, "has missing values"),
        ([1, "x"] * 20, "is a mixed"),
    ],
)
def test_numeric_generators_refuse_other_columns(generator, values, problem):
    X = pd.DataFrame({"ok": np.arange(40.0), "bad one": values})
    match = rf"column 'bad one' {problem}.*SMOTENC"
    with pytest.raises(ValueError, match=match):
        generator().fit(X, np.repeat([0, 1], 20))


def test_numeric_generators_refuse_categorical_features():
    X, y = clouds()
    with pytest.raises(ValueError, match="column 1 is a category"):
        SMOTE(categorical_features=[1]).fit(X, y)


# ------------------------------------------------------------------------- SVMSMOTE


def svm_reference(X, y, label, m=10, k=5):
    """Endangered and safe support vectors of a class, and neighbours in the class."""
    support = SVC().fit(X, y).support_
    others = y[brute_neighbors(euclidean(X), m)] != label
    n_others = others.sum(axis=1)[support[y[support] == label]]
    members = np.flatnonzero(y == label)
    rows = np.searchsorted(members, support[y[support] == label])
    neighbors = brute_neighbors(euclidean(X[members]), k)
    in_danger = rows[(n_others >= m / 2) & (n_others < m)]
    return X[members], neighbors, in_danger, rows[n_others < m / 2]


def test_svmsmote_goes_inwards_from_endangered_and_outwards_from_safe_vectors():
    X, y = clouds(n_majority=200, n_minority=80, seed=4)
    own, neighbors, in_danger, safe = svm_reference(X, y, 1)
    assert min(len(in_danger), len(safe)) > 5
    gen = SVMSMOTE(out_step=0.3, random_state=0).fit(X, y)
    shares = []
    for seed in range(150):
        new = gen.sample(y=np.ones(100), random_state=seed)[0]
        clipped = ((new == X.min(axis=0)) | (new == X.max(axis=0))).any(axis=1)
        inside = segments(new, own, neighbors, in_danger, 0, 1).any(axis=(1, 2))
        outside = segments(new, own, neighbors, safe, -0.3, 0).any(axis=(1, 2))
        assert (inside | outside | clipped).all()
        # Ties of both kinds do not occur, and only extrapolated rows are clipped.
        assert not (inside & outside).any()
        assert not (inside & clipped).any()
        shares.append(inside.mean())
        # The kinds are not sorted: any label may be asked for at any place.
        assert np.diff(inside.astype(int)).astype(bool).sum() > 10
    # imblearn takes int(share * 101) of 100 rows.
    expected = stats.beta(10, 10)
    assert stats.kstest(np.array(shares), expected.cdf).pvalue > 1e-3


def test_svmsmote_meets_the_number_when_there_is_one_kind_only():
    X, y = make_blobs([60, 30], centers=[[-6, 0], [6, 0]], random_state=0)
    own, neighbors, in_danger, safe = svm_reference(X, y, 1)
    assert not len(in_danger)
    X_new, y_new = SVMSMOTE(random_state=0).fit_resample(X, y)
    np.testing.assert_array_equal(np.bincount(y_new), [60, 60])
    new = X_new[90:]
    free = ((new > X.min(axis=0)) & (new < X.max(axis=0))).all(axis=1)
    assert segments(new[free], own, neighbors, safe, -0.5, 0).any(axis=(1, 2)).all()
    assert free.sum() > 3


def test_svmsmote_names_a_class_whose_support_vectors_are_noise():
    rng = np.random.RandomState(0)
    X = np.r_[rng.uniform(0, 10, size=(300, 2)), [[2, 2], [2, 8], [8, 2], [8, 8]]]
    y = np.array(["common", "rare"])[np.repeat([0, 1], [300, 4])]
    with pytest.raises(ValueError, match=r"class 'rare' are noise.*use SMOTE"):
        SVMSMOTE(k_neighbors=2, m_neighbors=3).fit_resample(X, y)


def test_svmsmote_errors():
    X, y = clouds(n_majority=8, n_minority=7)
    with pytest.raises(ValueError, match="no attribute support_"):
        SVMSMOTE(svm_estimator=LogisticRegression()).fit(X, y)
    with pytest.raises(ValueError, match="15 rows, but m_neighbors = 20"):
        SVMSMOTE(m_neighbors=20).fit(X, y)
    with pytest.raises(ValueError, match="out_step"):
        SVMSMOTE(out_step=2).fit(X, y)
    gen = SVMSMOTE(svm_estimator=SVC(C=7), m_neighbors=NearestNeighbors(n_neighbors=4))
    assert clone(gen).fit(X, y).svm_estimator_.C == 7
