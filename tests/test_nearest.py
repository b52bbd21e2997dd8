import numpy as np
import pytest

import skgen._nearest as search
from skgen._nearest import Points, nearest, squared_distances, within_any


def draw(n_rows, seed, n_levels=(2, 5, 40)):
    rng = np.random.RandomState(seed)
    # Coarse numbers, so that there are ties and equal rows.
    numbers = rng.randint(0, 6, size=(n_rows, 2)) / 5
    codes = np.column_stack([rng.randint(0, n, n_rows) for n in n_levels])
    return Points(numbers, codes, np.array([1.0, 0.25, 2.0]))


def brute_force(known, queries):
    squared = np.zeros((len(queries), len(known)))
    for i in range(len(queries)):
        squared[i] = ((queries.numbers[i] - known.numbers) ** 2).sum(axis=1)
        squared[i] += ((queries.codes[i] != known.codes) * known.weights).sum(axis=1)
    return squared


@pytest.fixture(
    params=[0.0, 1 / 20, 2.0], ids=["dense", "both", "sparse"], autouse=True
)
def _share(request, monkeypatch):
    monkeypatch.setattr(search, "_MIN_DENSE_SHARE", request.param)


@pytest.mark.parametrize(("n_known", "n_queries"), [(1, 1), (3, 70), (1500, 60)])
@pytest.mark.parametrize("chunk", [2**24, 4000])
def test_neighbors_match_brute_force(n_known, n_queries, chunk, monkeypatch):
    monkeypatch.setattr(search, "_CHUNK_ENTRIES", chunk)
    known, queries = draw(n_known, 0), draw(n_queries, 1)
    expected = np.sqrt(brute_force(known, queries))
    for k in {1, min(3, n_known)}:
        distances, indices = nearest(known, queries, k)
        np.testing.assert_allclose(
            distances, np.sort(expected, axis=1)[:, :k], atol=1e-12
        )
        found = np.take_along_axis(expected, indices, axis=1)
        np.testing.assert_allclose(found, distances, atol=1e-12)
        assert all(len(set(row)) == k for row in indices)


def test_squared_distances_match_brute_force():
    known, queries = draw(40, 0), draw(30, 1)
    parts = [squared.copy() for _, squared in squared_distances(known, queries)]
    expected = brute_force(known, queries)
    np.testing.assert_allclose(np.concatenate(parts), expected, atol=1e-12)


def test_no_row_is_its_own_neighbor():
    points = draw(300, 0)
    expected = brute_force(points, points)
    np.fill_diagonal(expected, np.inf)
    own = np.arange(0, 300, 7)
    distances, indices = nearest(points, points.take(own), 2, own=own)
    nearest_two = np.sqrt(np.sort(expected[own], axis=1)[:, :2])
    np.testing.assert_allclose(distances, nearest_two, atol=1e-12)
    assert not (indices == own[:, None]).any()


def test_balls_match_brute_force():
    known, queries = draw(200, 0), draw(150, 1)
    radii = np.random.RandomState(2).choice([0, 0.2, 1.0, 1.04**0.5], 200)
    expected = (brute_force(known, queries) <= radii**2 + 1e-10).any(axis=1)
    assert 0 < expected.mean() < 1
    np.testing.assert_array_equal(within_any(known, radii, queries), expected)


def test_smallest_of_rows_that_are_no_multiple_of_a_block():
    values = np.random.RandomState(0).uniform(size=(20, 64 * 13 + 9))
    values[:, -1] = -1  # in the remainder
    columns = search._smallest(values, 4)
    found = np.sort(np.take_along_axis(values, columns, axis=1), axis=1)
    np.testing.assert_array_equal(found, np.sort(values, axis=1)[:, :4])
