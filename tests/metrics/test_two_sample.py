import numpy as np
import pandas as pd
import pytest
from scipy import stats

from skgen.metrics import detection, propensity_auc


def test_propensity_matches_the_closed_form():
    # The best judge of N(0, 1) against N(d, 1) has the AUC Phi(d / sqrt 2).
    rng = np.random.RandomState(0)
    real, synthetic = rng.normal(size=(4000, 1)), rng.normal(1, size=(4000, 1))
    auc = propensity_auc(real, synthetic, random_state=0)
    assert auc == pytest.approx(stats.norm.cdf(1 / np.sqrt(2)), abs=0.015)


def test_propensity_sees_shares_of_levels():
    # P(higher score) for shares p and q of a level: 1/2 + (p - q) / 2.
    rng = np.random.RandomState(0)
    real, synthetic = (
        pd.DataFrame({"c": np.where(rng.uniform(size=5000) < p, "a", "b")})
        for p in (0.7, 0.4)
    )
    assert propensity_auc(real, synthetic, random_state=0) == pytest.approx(
        0.65, abs=0.02
    )


def test_propensity_misses_what_trees_see():
    rng = np.random.RandomState(0)
    real, spread = rng.normal(size=(2000, 1)), rng.normal(scale=3, size=(2000, 1))
    assert propensity_auc(real, spread, random_state=0) == pytest.approx(0.5, abs=0.04)
    assert detection(real, spread, random_state=0) > 0.7


def test_propensity_of_fresh_rows_with_rare_levels_and_missing_values():
    rng = np.random.RandomState(0)
    real, fresh = (
        pd.DataFrame(
            {
                "id": (rng.zipf(1.3, size=2000) % 10**6).astype(str),
                "x": np.where(
                    rng.uniform(size=2000) < 0.2, np.nan, rng.normal(size=2000)
                ),
                "constant": 1.0,
            }
        )
        for _ in range(2)
    )
    assert propensity_auc(real, fresh, random_state=0) == pytest.approx(0.5, abs=0.04)
    assert propensity_auc(real, fresh.assign(x=np.nan), random_state=0) > 0.85


def test_propensity_grows_with_the_shift():
    rng = np.random.RandomState(0)
    real, fresh = rng.normal(size=(2, 1000, 3))
    values = [propensity_auc(real, fresh + d, random_state=0) for d in (0, 0.2, 1)]
    assert values[0] < 0.54
    assert np.all(np.diff(values) > 0)


@pytest.mark.parametrize("metric", [detection, propensity_auc])
def test_a_copy_of_the_real_table_is_not_told_apart(metric):
    real = np.random.RandomState(0).normal(size=(500, 4))
    assert metric(real, real, random_state=0) < 0.5


def test_propensity_needs_a_row_per_fold():
    with pytest.raises(ValueError, match="synthetic has 2 rows for 5 folds"):
        propensity_auc(np.eye(9), np.eye(9)[:2])
