import numpy as np
import pandas as pd
import pytest
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from skgen.table import TableSchema
from skgen.trees._encoding import (
    N_BINS,
    FeatureEncoder,
    level_positions,
    response,
)


def to_table(frame):
    schema = TableSchema().fit(frame)
    return schema.transform(frame)


def test_squared_error_on_the_response_is_gini():
    rng = np.random.RandomState(0)
    frame = pd.DataFrame({"kind": rng.choice(list("abcd"), 500)})
    table = to_table(frame)
    features = rng.normal(size=(500, 3)) + table.codes * [1.0, 0.5, 0.0]
    labels = np.zeros(500, int)
    outputs = response(table, table.fields[0], (), labels, rng)
    params = {"max_depth": 4, "random_state": 0}
    regressor = DecisionTreeRegressor(**params).fit(features, outputs)
    classifier = DecisionTreeClassifier(**params).fit(features, table.codes[:, 0])
    assert (regressor.apply(features) == classifier.apply(features)).all()


def test_response_of_a_gated_number():
    rng = np.random.RandomState(0)
    seconds = np.where(rng.rand(400) < 0.7, 0.0, rng.exponential(size=400))
    table = to_table(pd.DataFrame({"seconds": seconds}))
    outputs = response(table, table.fields[0], (), np.zeros(400, int), rng)
    idle = seconds == 0
    assert (outputs[idle, : N_BINS + 1] == 0).all()
    assert (outputs[~idle, :N_BINS].sum(axis=1) == 1).all()
    assert (outputs[:, -1] == idle).all()


def test_level_positions_order_by_the_mean_response():
    rng = np.random.RandomState(0)
    levels = rng.randint(6, size=3000).astype(np.int32)
    target = (
        np.array([0.3, 0.1, 0.9, 0.5, 0.7, 0.2])[levels] + rng.normal(size=3000) / 9
    )
    places = level_positions(levels, 6, target[:, None], np.ones(3000))[:, 0]
    means = np.array([target[levels == k].mean() for k in range(6)])
    order = np.argsort(places)
    assert (order == np.argsort(means)).all() or (
        order[::-1] == np.argsort(means)
    ).all()


def test_rare_levels_are_shrunk():
    levels = np.array([0] * 500 + [1] * 500 + [2], dtype=np.int32)
    target = np.array([0.0] * 500 + [1.0] * 500 + [50.0])[:, None]
    places = np.abs(level_positions(levels, 3, target, np.ones(1001))[:, 0])
    unshrunk = 50.0 - target.mean()
    assert places[2] < unshrunk / 5


@pytest.mark.parametrize("n_levels", [5, 100])
def test_features_write_each_level_at_its_place(n_levels):
    rng = np.random.RandomState(0)
    frame = pd.DataFrame(
        {"x": rng.normal(size=2000), "c": rng.randint(n_levels, size=2000).astype(str)}
    )
    table = to_table(frame)
    outputs = rng.normal(size=(2000, 3))
    encoder = FeatureEncoder(table.fields).fit(table, outputs, np.ones(2000))
    labels = rng.randint(2, size=2000)
    features = encoder.transform(table, labels)
    assert features.shape[1] == 2 + (2 if n_levels > 32 else 1)
    assert (features[:, 0] == labels).all()
    np.testing.assert_allclose(features[:, 1], frame["x"], rtol=1e-6)
    first = pd.Series(features[:, 2]).groupby(table.codes[:, 0]).nunique()
    assert (first == 1).all()


def test_lists_are_weighed_by_their_covariance_with_the_response():
    rng = np.random.RandomState(0)
    has = rng.rand(3000, 6) < 0.4
    lists = pd.Series(["^".join(str(j) for j in np.flatnonzero(row)) for row in has])
    table = to_table(pd.DataFrame({"interests": lists}))
    assert table.fields[0].kind == "list"
    outputs = has[:, [2]] * 1.0 + rng.normal(size=(3000, 1)) / 5
    encoder = FeatureEncoder(table.fields).fit(table, outputs, np.ones(3000))
    score = encoder.transform(table, np.zeros(3000, int))[:, 1]
    assert abs(np.corrcoef(score, has[:, 2])[0, 1]) > 0.95
