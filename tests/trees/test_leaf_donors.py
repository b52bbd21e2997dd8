import numpy as np
import pytest

from skgen.trees._leaf_donors import DonorTree, draw_evenly


def unused(labels):
    return np.zeros(len(labels), dtype=np.int64)


def grow(features, labels, values=None, **params):
    params = {"min_samples_leaf": 5, "max_depth": None, "seed": 0} | params
    n_samples = len(features)
    rows = np.arange(n_samples)
    response = (features[:, [0]] > 0).astype(float)
    return DonorTree(**params).fit(
        features.astype(np.float32),
        response,
        np.ones(n_samples),
        rows,
        rows,
        labels,
        values,
    )


@pytest.fixture
def rows():
    rng = np.random.RandomState(0)
    features = rng.normal(size=(200, 1)).astype(np.float32)
    return features, rng.randint(2, size=200)


def test_donors_share_the_leaf(rows):
    features, labels = rows
    tree = grow(features, labels)
    rng = np.random.RandomState(1)
    donors, neighbours = tree.draw(features, labels, labels, unused(labels), rng)
    assert ((features[donors] > 0) == (features > 0)).all()
    assert ((features[neighbours] > 0) == (features > 0)).all()


def test_every_row_of_a_leaf_is_lent(rows):
    features, labels = rows
    tree = grow(features, labels)
    rng = np.random.RandomState(1)
    asked = np.full((200_000, 1), 1.0, dtype=np.float32)
    donors, _ = tree.draw(asked, np.zeros(200_000, int), labels, unused(labels), rng)
    assert set(donors) == set(np.flatnonzero(features[:, 0] > 0))


def test_share_confined_to_the_own_label(rows):
    features, labels = rows
    tree = grow(features, labels)
    leaf = np.flatnonzero(features[:, 0] > 0)
    own = (labels[leaf] == 1).sum()
    expected = (own + own / len(leaf)) / (own + 1)
    asked = np.full((50_000, 1), 1.0, dtype=np.float32)
    rng = np.random.RandomState(2)
    donors, _ = tree.draw(asked, np.ones(50_000, int), labels, unused(labels), rng)
    observed = (labels[donors] == 1).mean()
    error = np.sqrt(expected * (1 - expected) / 50_000)
    assert abs(observed - expected) < 5 * error


def test_a_leaf_without_the_label_still_lends(rows):
    features, _ = rows
    labels = (features[:, 0] > 0).astype(int)
    tree = grow(features, labels)
    asked = np.full((100, 1), 1.0, dtype=np.float32)
    donors, _ = tree.draw(
        asked, np.zeros(100, int), labels, unused(labels), np.random.RandomState(0)
    )
    assert (features[donors] > 0).all()


def test_neighbours_stand_next_in_value_and_share_the_label(rows):
    features, labels = rows
    values = np.random.RandomState(5).normal(size=200)
    tree = grow(features, labels, values)
    donors, neighbours = tree.draw(
        features, labels, labels, unused(labels), np.random.RandomState(3)
    )
    assert (labels[donors] == labels[neighbours]).all()
    for donor, neighbour in zip(donors, neighbours, strict=True):
        cell = values[
            (labels == labels[donor]) & ((features > 0) == (features[donor] > 0))[:, 0]
        ]
        low, high = sorted([values[donor], values[neighbour]])
        assert ((cell > low) & (cell < high)).sum() == 0


def test_min_samples_leaf_counts_rows(rows):
    features, labels = rows
    tree = grow(features, labels, min_samples_leaf=30)
    leaves = tree.tree_.apply(features)
    assert np.bincount(leaves)[np.unique(leaves)].min() >= 30


def test_members_are_drawn_in_turn():
    groups = np.repeat([0, 1, 2], [3, 1, 4])
    used = np.zeros(8, dtype=np.int64)
    rng = np.random.RandomState(0)
    wanted = np.array([2, 0, 2, 2, 0, 2, 1, 2])
    members = draw_evenly(wanted, groups, used, rng)
    assert (groups[members] == wanted).all()
    assert np.bincount(members, minlength=8)[4:].tolist() in (
        [2, 1, 1, 1], [1, 2, 1, 1], [1, 1, 2, 1], [1, 1, 1, 2]
    )  # fmt: skip
    used += np.bincount(members, minlength=8)
    # The one of group 0 that was left out comes first in the next draw.
    (left,) = np.flatnonzero(used[:3] == 0)
    assert draw_evenly(np.array([0]), groups, used, rng).tolist() == [left]


def test_drawing_as_many_rows_uses_each_donor_once(rows):
    features, labels = rows
    tree = grow(features, labels)
    used = unused(labels)
    tree.draw(features, labels, labels, used, np.random.RandomState(0))
    assert used.sum() == len(labels)
    assert used.max() <= 2
    assert (used == 1).mean() > 0.9
