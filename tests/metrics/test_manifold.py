import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist
from sklearn.preprocessing import OneHotEncoder

from skgen.metrics import (
    alpha_precision,
    beta_recall,
    knn_f1,
    knn_precision,
    knn_recall,
    precision_recall_distance_curve,
)

METRICS = [knn_precision, knn_recall, knn_f1, alpha_precision, beta_recall]


def mixed_table(n_rows, seed, shift=0.0):
    rng = np.random.RandomState(seed)
    frame = pd.DataFrame(
        {
            "x": rng.normal(shift, size=n_rows),
            "n": rng.poisson(3, n_rows),
            "c": rng.choice(list("abcd"), n_rows),
            "b": rng.uniform(size=n_rows) < 0.3,
        }
    )
    frame.loc[rng.uniform(size=n_rows) < 0.1, "c"] = None
    return frame


def vectors(real, synthetic):
    """Rows as vectors whose distances are those of the metrics, by scikit-learn."""
    numbers = ["x", "n"]
    low, span = real[numbers].min(), real[numbers].max() - real[numbers].min()
    encoder = OneHotEncoder(sparse_output=False)
    encoder.fit(pd.concat([real, synthetic])[["c", "b"]].astype(str))
    return [
        np.hstack(
            [
                (t[numbers] - low) / span,
                encoder.transform(t[["c", "b"]].astype(str)) / np.sqrt(2),
            ]
        )
        for t in (real, synthetic)
    ]


def kth(distances, k):
    return np.sort(distances, axis=1)[:, k]  # the first is the row itself


@pytest.fixture(scope="module")
def tables():
    return mixed_table(120, 0), mixed_table(90, 1, shift=0.8)


def test_precision_and_recall_match_brute_force(tables):
    a, b = vectors(*tables)
    across = cdist(a, b)
    for k in (1, 4):
        inside = across <= kth(cdist(a, a), k)[:, None] + 1e-9
        precision = inside.any(axis=0).mean()
        inside = across <= kth(cdist(b, b), k)[None, :] + 1e-9
        recall = inside.any(axis=1).mean()
        assert 0 < precision < 1
        assert knn_precision(*tables, n_neighbors=k) == pytest.approx(precision)
        assert knn_recall(*tables, n_neighbors=k) == pytest.approx(recall)
        f1 = 2 / (1 / precision + 1 / recall)
        assert knn_f1(*tables, n_neighbors=k) == pytest.approx(f1)
        assert knn_recall(*tables[::-1], n_neighbors=k) <= 1


def test_curve_matches_brute_force(tables):
    a, b = vectors(*tables)
    across = cdist(a, b)
    precision, recall, thresholds = precision_recall_distance_curve(*tables)
    assert thresholds[0] == 0
    assert np.all(np.diff(thresholds) > 0)
    for t in (0.05, 0.4, 1.05, 3.0):
        at = np.searchsorted(thresholds, t, side="right") - 1
        assert precision[at] == pytest.approx((across.min(axis=0) <= t).mean())
        assert recall[at] == pytest.approx((across.min(axis=1) <= t).mean())
    assert precision[-1] == recall[-1] == 1
    copy = precision_recall_distance_curve(tables[0], tables[0])
    assert [part.tolist() for part in copy] == [[1.0], [1.0], [0.0]]


def integrate(share_of, n=4000):
    """Return 1 - 2 times the integral of |share(alpha) - alpha|, by midpoints."""
    alphas = (np.arange(n) + 0.5) / n
    return 1 - 2 * np.mean([abs(share_of(alpha) - alpha) for alpha in alphas])


def radius(distances, alpha):
    return np.quantile(distances, alpha, method="inverted_cdf")


def test_alpha_precision_matches_the_definition(tables):
    a, b = vectors(*tables)
    center = a.mean(axis=0)
    of_real, of_synthetic = (np.linalg.norm(t - center, axis=1) for t in (a, b))
    expected = integrate(
        lambda alpha: np.mean(of_synthetic <= radius(of_real, alpha) + 1e-12)
    )
    assert alpha_precision(*tables) == pytest.approx(expected, abs=1e-3)


def test_beta_recall_matches_the_definition():
    # Numbers alone: of synthetic rows at the same distance, any may be the nearest.
    rng = np.random.RandomState(0)
    a, b = rng.normal(size=(90, 3)), rng.normal(0.5, 0.8, size=(70, 3))
    low, span = a.min(axis=0), np.ptp(a, axis=0)
    real, synthetic = (a - low) / span, (b - low) / span
    across = cdist(real, synthetic)
    covered = across.min(axis=1) <= kth(cdist(real, real), 3)
    centered = np.linalg.norm(synthetic - synthetic.mean(axis=0), axis=1)
    of_nearest = centered[across.argmin(axis=1)]
    expected = integrate(
        lambda beta: np.mean(covered & (of_nearest <= radius(centered, beta) + 1e-12))
    )
    assert beta_recall(a, b, n_neighbors=3) == pytest.approx(expected, abs=1e-3)


def test_shifted_uniforms_match_the_closed_form():
    # Of distances uniform in [0, 1] and all at 0 (or beyond), the integral is 1/2.
    real = np.random.RandomState(0).uniform(size=(3000, 1))
    assert alpha_precision(real, np.full((9, 1), real.mean())) < 0.01
    assert alpha_precision(real, real + 5) < 0.01
    half = np.where(np.arange(3000)[:, None] % 2, real, 9.0)
    # P = alpha / 2: 1 - 2 * (1 / 4)
    assert alpha_precision(real, half) == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("metric", METRICS)
def test_worse_tables_score_worse(metric):
    real, fresh = np.random.RandomState(0).normal(size=(2, 600, 2))
    rng = np.random.RandomState(1)
    values = []
    for share in (0, 0.3, 0.8):
        table = fresh.copy()
        rows = rng.uniform(size=600) < share
        if "recall" in metric.__name__:
            table *= 1 - share  # the outskirts are lost
        else:
            table[rows] += 20
        values.append(metric(real, table))
    assert values[0] > 0.9
    assert np.all(np.diff(values) < 0)


@pytest.mark.parametrize("metric", METRICS)
def test_subsample_repeats_for_a_seed(metric):
    real, synthetic = mixed_table(200, 0), mixed_table(200, 1, shift=0.3)
    values = [
        metric(real, synthetic, max_samples=40, random_state=s) for s in (0, 0, 1, 2, 3)
    ]
    assert values[0] == values[1]
    assert len(set(values)) > 1


@pytest.mark.parametrize("metric", [knn_precision, knn_recall, knn_f1, beta_recall])
def test_too_few_rows_for_the_neighbors(metric):
    with pytest.raises(ValueError, match=r"has 3 rows.*fewer n_neighbors"):
        metric(np.eye(3), np.eye(3), n_neighbors=3)
