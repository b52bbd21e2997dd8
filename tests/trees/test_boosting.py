"""Boosted fields against XGBoost called directly."""

import numpy as np
import pytest
import xgboost as xgb

from skgen._random import draw_seed
from skgen.trees import _boosting
from skgen.trees._boosting import Boosting, Pairs, fit_field

PARAMS = {
    "max_depth": 4,
    "eta": 0.3,
    "tree_method": "hist",
    "max_bin": 64,
    "nthread": 1,
}


def draw(rng):
    x = rng.standard_normal((500, 3)).astype(np.float32)
    y = np.column_stack([x[:, 0] * x[:, 1], np.sin(2 * x[:, 2])])
    return Pairs(x, (y + rng.standard_normal(y.shape)).astype(np.float32))


def seeds_of(seed, n_draws):
    rng = np.random.RandomState(seed)
    return [draw_seed(rng) for _ in range(n_draws)]


def test_stored_draws_are_one_table():
    field = fit_field(draw, Boosting(PARAMS, 10, 3, False, None), 7)
    parts = [draw(np.random.RandomState(seed)) for seed in seeds_of(7, 3)]
    X, Y = (np.vstack([part[place] for part in parts]) for place in (0, 1))
    new = draw(np.random.RandomState(99))[0]
    for output in range(2):
        data = xgb.QuantileDMatrix(X, Y[:, output], max_bin=64, nthread=1)
        expected = xgb.train(PARAMS, data, 10).inplace_predict(new)
        # The quantiles of three batches are merged, those of one table are not.
        assert np.corrcoef(field.predict(new)[:, output], expected)[0, 1] > 0.98


def test_fresh_draws_continue_the_boosting():
    field = fit_field(draw, Boosting(PARAMS, 10, 2, True, None), 7)
    first, second = (draw(np.random.RandomState(seed)) for seed in seeds_of(7, 2))
    new = draw(np.random.RandomState(99))[0]
    for output in range(2):
        booster = None
        for X, Y, _ in (first, second):
            data = xgb.QuantileDMatrix(X, Y[:, output], max_bin=64, nthread=1)
            booster = xgb.train(PARAMS, data, 5, xgb_model=booster)
        expected = booster.inplace_predict(new)
        np.testing.assert_allclose(field.predict(new)[:, output], expected, rtol=1e-5)


@pytest.mark.parametrize(("fresh", "rows"), [(True, [500] * 4), (False, [2000])])
def test_rows_held_at_a_time(fresh, rows, monkeypatch):
    held = []

    class Matrix(xgb.QuantileDMatrix):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            held.append(self.num_row())

    monkeypatch.setattr(_boosting.xgb, "QuantileDMatrix", Matrix)
    fit_field(draw, Boosting(PARAMS, 8, 4, fresh, None), 0)
    assert held == rows


@pytest.mark.parametrize("fresh", [True, False])
def test_early_stopping_keeps_the_best_trees(fresh):
    # Deep trees with full steps learn the noise by heart.
    params = {**PARAMS, "max_depth": 8, "eta": 1.0}
    stopped = fit_field(draw, Boosting(params, 60, 4, fresh, 3), 0)
    grown = fit_field(draw, Boosting(params, 60, 4, fresh, None), 0)
    for some, every in zip(stopped.boosters, grown.boosters, strict=True):
        assert 1 <= some.num_boosted_rounds() < every.num_boosted_rounds() == 60
    X, Y, _ = draw(np.random.RandomState(99))
    errors = [((field.predict(X) - Y) ** 2).mean() for field in (stopped, grown)]
    assert errors[0] < errors[1]


def test_trees_of_all_outputs():
    params = {**PARAMS, "multi_strategy": "multi_output_tree"}
    field = fit_field(draw, Boosting(params, 30, 4, False, None), 0)
    assert len(field.boosters) == 1
    X, Y, _ = draw(np.random.RandomState(99))
    assert field.predict(X).shape == (500, 2)
    assert ((field.predict(X) - Y) ** 2).mean() < 0.9 * Y.var()


def test_more_draws_than_trees():
    field = fit_field(draw, Boosting(PARAMS, 3, 10, True, None), 0)
    assert [booster.num_boosted_rounds() for booster in field.boosters] == [3, 3]


def test_targets_of_no_weight_do_not_count():
    def spoilt(rng):
        x, y, _ = draw(rng)
        weights = np.ones_like(y)
        weights[::2, 1] = 0.0
        y[::2, 1] = 1e3
        return Pairs(x, y, weights)

    field = fit_field(spoilt, Boosting(PARAMS, 10, 2, False, None), 0)
    assert np.abs(field.predict(draw(np.random.RandomState(99))[0])).max() < 10
