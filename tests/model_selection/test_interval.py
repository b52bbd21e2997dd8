import numpy as np
import pytest
from scipy import stats

from skgen.model_selection import corrected_t_interval


def interval(differences, ratio, level=0.95):
    """The corrected resampled t-interval, by scipy's distribution."""
    differences = np.asarray(differences)
    k = len(differences)
    scale = np.sqrt((1 / k + ratio) * differences.var(ddof=1))
    return stats.t(df=k - 1, loc=differences.mean(), scale=scale).interval(level)


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_corrected_interval_is_that_of_scipy(level):
    differences = np.random.RandomState(0).normal(0.01, 0.02, 5)
    found = corrected_t_interval(
        differences, n_train=800, n_test=200, confidence_level=level
    )
    assert found == pytest.approx(interval(differences, 0.25, level))


def test_corrected_interval_by_hand():
    # Mean 2, variance 2.5, t = 2.776445 with 4 degrees of freedom (from a table).
    low, high = corrected_t_interval([0, 1, 2, 3, 4], n_train=80, n_test=20)
    half = 2.776445 * np.sqrt((0.2 + 0.25) * 2.5)
    assert (low, high) == pytest.approx((2 - half, 2 + half), abs=1e-5)


def test_correction_widens_the_ordinary_interval():
    differences = [0.1, 0.3, 0.2]
    ordinary = stats.ttest_1samp(differences, 0).confidence_interval(0.95)
    low, high = corrected_t_interval(differences, n_train=2, n_test=1)
    # (1/3 + 1/2) in the place of 1/3
    assert (high - low) / (ordinary.high - ordinary.low) == pytest.approx(2.5**0.5)


def test_corrected_interval_covers_as_often_as_it_says():
    # Folds correlated by n_test / (n_test + n_train), as the correction assumes.
    rng = np.random.RandomState(0)
    shared = rng.normal(size=(2_000, 1)) * np.sqrt(0.2)
    draws = shared + rng.normal(size=(2_000, 5)) * np.sqrt(0.8)
    intervals = [corrected_t_interval(d, n_train=80, n_test=20) for d in draws]
    covered = np.mean([low < 0 < high for low, high in intervals])
    assert covered == pytest.approx(0.95, abs=0.015)


@pytest.mark.parametrize("differences", [[0.1], [0.1, np.nan, 0.2]])
def test_no_interval_without_enough_folds(differences):
    assert np.isnan(corrected_t_interval(differences, n_train=8, n_test=2)).all()
