"""Vectors against distances by hand."""

from __future__ import annotations

import numpy as np
from sklearn.neighbors import NearestNeighbors

from skgen._nearest import find_nearest
from skgen.encodings.one_hot import embed


def test_embedding_distances_dense_and_sparse(monkeypatch):
    def euclidean(X):
        return np.linalg.norm(X[:, None] - X[None], axis=2)

    rng = np.random.RandomState(0)
    numeric, codes = rng.normal(size=(40, 2)), rng.randint(0, 4, size=(40, 3))
    expected = euclidean(numeric) ** 2
    expected += 2.5**2 * (codes[:, None] != codes[None]).sum(-1)
    dense = embed(numeric, codes, 2.5)
    np.testing.assert_allclose(euclidean(dense) ** 2, expected, atol=1e-9)
    monkeypatch.setattr("skgen.encodings.one_hot.MAX_DENSE_ENTRIES", 0)
    vectors = embed(numeric, codes, 2.5)
    assert vectors.nnz == 40 * 5
    np.testing.assert_array_equal(vectors.toarray(), dense)


def test_embedding_keeps_small_differences_of_large_numbers():
    # Times in milliseconds; their squares have no place for the differences.
    rng = np.random.RandomState(0)
    numeric = 1.7e12 + rng.permutation(2000).astype(float)[:, None] ** 2
    codes = np.zeros((2000, 20), dtype=int)
    search = NearestNeighbors(n_neighbors=2, algorithm="brute")
    vectors = embed(numeric, codes)
    found = find_nearest(search.fit(vectors), vectors)[:, 1]
    gaps = np.abs(numeric - numeric.T) + np.diag(np.full(2000, np.inf))
    np.testing.assert_array_equal(found, gaps.argmin(axis=1))
