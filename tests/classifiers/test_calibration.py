"""Platt scaling with a prior."""

import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from skgen.classifiers._calibration import fit_calibration


@pytest.fixture
def held_out():
    rng = np.random.RandomState(0)
    log_odds = rng.normal(-1, 2, size=20_000)
    target = (rng.uniform(size=20_000) < expit(0.5 * log_odds - 1)).astype(float)
    return log_odds, target


def test_finds_the_line(held_out):
    log_odds, target = held_out
    found = fit_calibration(log_odds, target, np.full(len(target), 3.0))
    exact = LogisticRegression(C=1e9).fit(log_odds[:, None], target)
    assert found.slope == pytest.approx(exact.coef_[0, 0], abs=0.005)
    assert found.intercept == pytest.approx(exact.intercept_[0], abs=0.005)


def test_weights_are_repetitions(held_out):
    log_odds, target = (values[:300] for values in held_out)
    times = np.random.RandomState(1).randint(1, 4, size=300)
    weighted = fit_calibration(log_odds, target, times.astype(float))
    repeated = fit_calibration(
        log_odds.repeat(times), target.repeat(times), np.ones(times.sum())
    )
    # The prior alone knows that there are fewer rows.
    assert weighted.slope == pytest.approx(repeated.slope, abs=0.03)
    assert weighted.intercept == pytest.approx(repeated.intercept, abs=0.03)


def test_few_rows_change_little():
    found = fit_calibration(np.array([-3.0, 2.0]), np.array([0.0, 1.0]), np.ones(2))
    assert 0.8 < found.slope < 1.5
    assert abs(found.intercept) < 0.3


def test_the_order_stays_even_where_it_is_wrong(held_out):
    log_odds, target = held_out
    found = fit_calibration(-log_odds, target, np.ones(len(target)))
    assert 0 < found.slope < 0.1
    assert expit(found.intercept) == pytest.approx(target.mean(), abs=0.02)
