"""GMMSMOTE against brute force and Gaussian mixtures."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import make_blobs
from sklearn.mixture import GaussianMixture
from sklearn.preprocessing import StandardScaler

from skgen.neighbors import GMMSMOTE, SMOTE

from .reference import brute_neighbors, clouds, euclidean, segments


def three_blobs():
    centers = np.array([[0, 0], [12, 0], [0, 12]])
    X, y = make_blobs([25, 25, 25, 150], centers=[*centers, [30, 30]], random_state=0)
    return X, (y == 3).astype(int), centers


def distance_to_centers(X, centers):
    return np.linalg.norm(X[:, None] - centers, axis=2).min(axis=1)


def test_gmmsmote_stays_in_the_components_where_smote_bridges():
    X, y, centers = three_blobs()
    radius = distance_to_centers(X[y == 0], centers).max()
    gen = GMMSMOTE(k_neighbors=20, random_state=0).fit(X, y)
    new = gen.sample(y=np.zeros(2000))[0]
    assert gen.n_components_ == {0: 3}
    assert (distance_to_centers(new, centers) <= radius).all()
    # Every blob is drawn from.
    at = np.linalg.norm(new[:, None] - centers, axis=2).argmin(axis=1)
    assert np.bincount(at).min() > 500
    bridged = SMOTE(k_neighbors=30, random_state=0).fit(X, y)
    bridged = bridged.sample(y=np.zeros(2000))[0]
    assert (distance_to_centers(bridged, centers) > radius).any()


def test_gmmsmote_neighbors_are_the_nearest_in_the_component():
    X, y, centers = three_blobs()
    own = X[y == 0]
    new = GMMSMOTE(k_neighbors=4, random_state=0).fit(X, y).sample(y=np.zeros(1500))[0]
    member = np.linalg.norm(own[:, None] - centers, axis=2).argmin(axis=1)
    apart = np.where(member[:, None] == member, 0, np.inf)
    neighbors = brute_neighbors(euclidean(own) + apart, 4)
    hits = segments(new, own, neighbors, np.arange(len(own)), 0, 1)
    assert hits.any(axis=(1, 2)).all()


@pytest.mark.parametrize("covariance_type", ["full", "diag"])
def test_gmmsmote_minimises_the_bic(covariance_type):
    rng = np.random.RandomState(2)
    X = np.r_[rng.normal(size=(80, 2)) * [1, 6], rng.normal(size=(80, 2)) * [6, 1] + 5]
    y = np.repeat([0, 1], [120, 40])
    gen = GMMSMOTE(max_components=5, covariance_type=covariance_type, random_state=0)
    gen.fit(X, y).sample(y=[0])
    points = StandardScaler().fit_transform(X[y == 0])
    scores = [
        GaussianMixture(
            n, covariance_type=covariance_type, reg_covar=1e-3, n_init=3, random_state=1
        )
        .fit(points)
        .bic(points)
        for n in range(1, 6)
    ]
    assert gen.n_components_ == {0: 1 + int(np.argmin(scores))}


def test_gmmsmote_with_one_component_is_smote():
    X, y = clouds()
    one = GMMSMOTE(max_components=1, random_state=0).fit_resample(X, y)[0]
    np.testing.assert_array_equal(one, SMOTE(random_state=0).fit_resample(X, y)[0])


def test_gmmsmote_dissolves_components_that_are_too_small():
    X, y, centers = three_blobs()
    lonely = np.array([[60.0, -40.0], [60.5, -40.0]])
    X, y = np.r_[lonely, X], np.r_[0, 0, y]
    gen = GMMSMOTE(k_neighbors=5, random_state=0).fit(X, y)
    new = gen.sample(y=np.zeros(3000))[0]
    own = X[y == 0]
    # They join the nearest blob, around (12, 0), and none is repeated.
    member = np.linalg.norm(own[:, None] - centers, axis=2).argmin(axis=1)
    member[:2] = 1
    apart = np.where(member[:, None] == member, 0, np.inf)
    neighbors = brute_neighbors(euclidean(own) + apart, 5)
    hits = segments(new, own, neighbors, np.arange(len(own)), 0, 1)
    assert hits.any(axis=(1, 2)).all()
    assert hits[:, :2].any(axis=0).all()
    assert not (euclidean_between(new, lonely) == 0).any()


def euclidean_between(a, b):
    return np.linalg.norm(a[:, None] - b[None], axis=2)
