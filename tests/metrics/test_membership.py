import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.spatial import KDTree
from sklearn.metrics import roc_auc_score

from skgen.metrics import density_membership_inference, distance_membership_inference

ATTACKS = [distance_membership_inference, density_membership_inference]


def scaled(train, *others):
    low, span = train.min(axis=0), np.ptp(train, axis=0)
    return [(t - low) / span for t in (train, *others)]


def test_distance_attack_matches_a_tree():
    rng = np.random.RandomState(0)
    train, held_out, synthetic = rng.normal(size=(3, 150, 3))
    synthetic[:60] = train[:60] + 0.01
    a, h, s = scaled(train, held_out, synthetic)
    tree = KDTree(s)
    scores = np.concatenate([-tree.query(a)[0], -tree.query(h)[0]])
    expected = roc_auc_score([1] * 150 + [0] * 150, scores)
    value = distance_membership_inference(train, synthetic, held_out=held_out)
    assert value == pytest.approx(expected)


def test_density_attack_matches_a_tree():
    rng = np.random.RandomState(0)
    train, held_out, synthetic = rng.normal(size=(3, 150, 3))
    synthetic[:60] = train[:60] + 0.01
    order = np.random.RandomState(7).permutation(150)
    a, h, s = scaled(train, held_out, synthetic)
    reference, attacked = h[order[:75]], h[order[75:]]
    k = 3
    scores = [
        np.log(KDTree(reference).query(x, k)[0][:, -1])
        - np.log(KDTree(s).query(x, k)[0][:, -1])
        for x in (a, attacked)
    ]
    expected = roc_auc_score([1] * 150 + [0] * 75, np.concatenate(scores))
    value = density_membership_inference(
        train, synthetic, held_out=held_out, n_neighbors=k, random_state=7
    )
    assert value == pytest.approx(expected)


def test_density_attack_finds_the_closed_form_of_shifted_members():
    # The synthetic density is that of the members: the ratio of two normal densities
    # is the best attack, with the AUC Phi(d / sqrt 2).
    rng = np.random.RandomState(0)
    train, synthetic = rng.normal(1, size=(2, 4000, 1))
    held_out = rng.normal(size=(8000, 1))
    value = density_membership_inference(
        train, synthetic, held_out=held_out, n_neighbors=100, random_state=0
    )
    assert value == pytest.approx(stats.norm.cdf(1 / np.sqrt(2)), abs=0.02)


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_grows_with_the_share_of_copies(attack):
    rng = np.random.RandomState(0)
    train, held_out, fresh = rng.normal(size=(3, 800, 4))
    values = []
    for n_copies in (0, 300, 800):
        table = np.concatenate([train[:n_copies], fresh[n_copies:]])
        value, baseline = attack(
            train, table, held_out=held_out, return_baseline=True, random_state=0
        )
        assert baseline == pytest.approx(0.5, abs=0.05)
        values.append(value)
    assert values[0] == pytest.approx(0.5, abs=0.05)
    assert np.all(np.diff(values) > 0.05)


@pytest.mark.parametrize("attack", ATTACKS)
def test_categories_alone(attack):
    rng = np.random.RandomState(0)
    tables = [pd.DataFrame(rng.randint(0, 3, (200, 3))).astype(str) for _ in range(3)]
    tables = [t.set_axis(list("abc"), axis=1) for t in tables]
    value = attack(tables[0], tables[2], held_out=tables[1], random_state=0)
    assert value == pytest.approx(0.5, abs=0.06)  # all is tied


def test_too_few_rows():
    X = np.eye(8)
    with pytest.raises(ValueError, match=r"held_out has 8 rows.*5 neighbours"):
        density_membership_inference(X, X, held_out=X, n_neighbors=5)
    with pytest.raises(ValueError, match="synthetic has 2 rows for 4 neighbours"):
        density_membership_inference(X, X[:2], held_out=X, n_neighbors=4)
