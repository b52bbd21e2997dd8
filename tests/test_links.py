"""Tomek links against imbalanced-learn and brute force."""

from __future__ import annotations

import numpy as np
import pytest
from imblearn.under_sampling import TomekLinks
from scipy import sparse

from skgen._links import TomekSearch


def brute_links(X, y):
    """Which rows are in a link, the first of equally near rows being the nearest."""
    distances = ((X[:, None] - X[None]) ** 2).sum(-1)
    np.fill_diagonal(distances, np.inf)
    nearest = distances.argmin(axis=1)
    mutual = nearest[nearest] == np.arange(len(X))
    return mutual & (y[nearest] != y)


@pytest.mark.parametrize("width", [2, 30])
def test_links_are_those_of_imblearn(width):
    rng = np.random.RandomState(0)
    X, y = rng.normal(size=(400, width)), rng.randint(3, size=400)
    cleaner = TomekLinks(sampling_strategy="all")
    cleaner.fit_resample(X, y)
    search = TomekSearch()
    search.update(X)
    linked = search.linked(y, np.arange(400))
    assert linked.sum() > 40
    np.testing.assert_array_equal(np.flatnonzero(~linked), cleaner.sample_indices_)
    some = rng.choice(400, 50)
    np.testing.assert_array_equal(search.linked(y, some), linked[some])


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize("decimals", [0, 1, 8])
@pytest.mark.parametrize("n_judged", [30, 150])
def test_links_are_followed_while_rows_are_replaced(container, decimals, n_judged):
    # Rounded numbers give rows at the same distance, and copies.
    rng = np.random.RandomState(1)
    X, y = rng.normal(size=(150, 2)).round(decimals), rng.randint(2, size=150)
    judged = np.arange(150 - n_judged, 150)
    search, fresh = TomekSearch(), None
    for _ in range(30):
        search.update(container(X), fresh)
        expected = brute_links(X, y)[judged]
        found = search.linked(y, judged)
        if decimals == 8:
            np.testing.assert_array_equal(found, expected)
        else:
            assert_links(X, y, judged[found])
        fresh = np.append(judged[found], rng.choice(judged, 2))
        X[fresh] = rng.normal(size=(len(fresh), 2)).round(decimals)


def assert_links(X, y, linked):
    """Each of these rows has a rival that no other row separates from it."""
    distances = ((X[:, None] - X[None]) ** 2).sum(-1)
    np.fill_diagonal(distances, np.inf)
    least = distances.min(axis=1)
    link = np.isclose(distances, least[:, None]) & np.isclose(distances, least)
    link &= y[:, None] != y
    assert link.any(axis=1)[linked].all()


def test_a_copy_of_a_row_of_another_class_is_linked():
    X, y = np.array([[0.0], [5.0], [5.0], [9.0]]), np.array([0, 0, 1, 1])
    search = TomekSearch()
    search.update(X)
    assert search.linked(y, np.arange(4)).tolist() == [False, True, True, False]


def test_only_what_may_be_linked_is_searched(monkeypatch):
    rng = np.random.RandomState(0)
    X, y = rng.normal(size=(2000, 2)), rng.randint(2, size=2000)
    counts = []
    search = TomekSearch()
    plain = search._search

    def counting(rows, among):
        counts.append(len(rows) if among is None else 0)
        return plain(rows, among)

    monkeypatch.setattr(search, "_search", counting)
    search.update(X)
    search.linked(y, np.arange(1900, 2000))
    assert 100 < sum(counts) <= 200
    counts.clear()
    search.update(X, np.array([1999]))
    search.linked(y, np.arange(1900, 2000))
    assert sum(counts) < 10
