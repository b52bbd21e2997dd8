import numpy as np
import pytest

from skgen.structure._dependencies import (
    Evidence,
    count_exceptions,
    find_dependencies,
    weigh_dependency,
)


@pytest.fixture
def users():
    rng = np.random.RandomState(0)
    user = rng.randint(300, size=3000)
    return rng, user, rng.randint(5, size=300)[user]


def test_exceptions_are_rows_off_the_most_frequent_value():
    key = np.array([0, 0, 0, 1, 1, 2, -1, -1])
    attribute = np.array([5, 5, 7, -1, -1, 3, 1, 2])
    # Key 2 occurs once, and a missing key says nothing.
    assert count_exceptions(key, attribute) == (5, 1)


def test_a_dependency_has_no_exceptions_and_chance_would(users):
    rng, user, city = users
    evidence = weigh_dependency(user, city, rng)
    assert evidence.n_exceptions == 0
    assert evidence.by_chance == pytest.approx(0.8 * evidence.n_rows, rel=0.1)
    assert evidence.convinces


@pytest.mark.parametrize(("share", "found"), [(0.001, True), (0.01, False)])
def test_exceptions_in_at_most_half_a_percent_of_the_rows(users, share, found):
    rng, user, city = users
    city = np.where(rng.rand(3000) < share, rng.randint(5, size=3000), city)
    edges = find_dependencies({"u": user, "c": city}, ["u"], ["c"], rng)
    assert bool(edges) is found


def test_one_frequent_key_is_no_dependency():
    rng = np.random.RandomState(0)
    # Of half of the rows the key is 0 and the attribute 0; the others are unrelated.
    key = np.where(rng.rand(4000) < 0.5, 0, rng.randint(1, 2000, size=4000))
    attribute = np.where(key == 0, 0, rng.randint(4, size=4000))
    assert find_dependencies({"k": key, "a": attribute}, ["k"], ["a"], rng) == {}


def test_little_evidence_does_not_convince():
    assert not Evidence(n_rows=100, n_exceptions=0, by_chance=5.0).convinces
    assert Evidence(n_rows=100, n_exceptions=0, by_chance=50.0).convinces
