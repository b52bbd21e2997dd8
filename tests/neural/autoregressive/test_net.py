import pickle

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import stats
from sklearn.base import clone

from skgen.encodings.bins import RowEncoder
from skgen.neural.autoregressive.heads import ColumnHead, NumberHead
from skgen.neural.autoregressive.net import AutoregressiveNet
from skgen.plotting import ChainDecayDisplay, LossCurveDisplay
from skgen.table import TableSchema

SMALL = {"hidden_dim": 16, "max_hidden_layers": 2, "epochs": 3, "random_state": 0}
HEADS = ["bins", "normal", "log-normal", "mixture"]
N = 400


def encoded(X, **params):
    table = TableSchema().fit(X).transform(X)
    rng = np.random.RandomState(0)
    encoder = RowEncoder(**params).fit(table, np.zeros(len(X), dtype=int), rng)
    return table, encoder


def test_values_and_back(clicks):
    X, _ = clicks
    schema = TableSchema().fit(X)
    table = schema.transform(X)
    labels, rng = np.zeros(N, dtype=int), np.random.RandomState(0)
    encoder = RowEncoder(n_bins=8, n_cells=4).fit(table, labels, rng)
    rows = encoder.transform(table)
    back = encoder.inverse_transform(rows, labels, rng)
    assert (back.codes == table.codes).all()
    for column in encoder.columns_:
        number = column.field.number
        if number is None:
            continue
        active = table.active(number)
        assert (back.numeric[~active, number] == table.numeric[~active, number]).all()
        # A number comes back in its cell, of one in ten rows or fewer.
        true, found = table.numeric[active, number], back.numeric[active, number]
        assert abs(stats.rankdata(true) - stats.rankdata(found)).max() < 0.1 * N
        assert stats.ks_2samp(true, found).statistic < 0.06
        levels = np.unique(column.level_of[column.n_masses :])
        assert len(levels) <= 8
        assert column.cell_of.max() <= 3
        counts = np.bincount(column.level_of, weights=column.counts)
        assert counts.sum() == N


def test_cells_hold_their_values():
    # Of repeated values, each has a cell of its own and comes back as it is.
    rng = np.random.RandomState(0)
    X = pd.DataFrame({"x": rng.choice(np.sqrt(np.arange(1, 60)), 2000)})
    table, encoder = encoded(X, n_bins=8, n_cells=16)
    back = encoder.inverse_transform(
        encoder.transform(table), np.zeros(2000, dtype=int), rng
    )
    np.testing.assert_array_equal(back.numeric, table.numeric)


def test_a_smaller_or_greater_number_counts_as_the_end():
    X = pd.DataFrame({"x": np.random.RandomState(0).normal(size=100)})
    table, encoder = encoded(X, n_bins=4, n_cells=2)
    beyond = table.like(np.array([[-99.0], [99.0]]), np.empty((2, 0)))
    values = encoder.transform(beyond).values[:, 0]
    assert values.tolist() == [0, encoder.columns_[0].n_values - 1]


def mixture(n, seed):
    """Return two classes; the number and the category follow the label."""
    rng = np.random.RandomState(seed)
    y = (rng.rand(n) < 0.3).astype(int)
    group = (rng.rand(n) < np.where(y == 1, 0.8, 0.2)).astype(int)
    x = np.where(group == 1, 3.0, -1.0) + np.where(group == 1, 0.5, 1.0) * rng.normal(
        size=n
    )
    X = pd.DataFrame({"x": x, "group": np.array(["a", "b"])[group]})
    X["z"] = X["x"] + 0.5 * rng.normal(size=n)
    return X, y


@pytest.mark.parametrize("head", ["auto", "mixture"])
def test_recovers_a_mixture(head):
    X, y = mixture(3000, 0)
    generator = AutoregressiveNet(
        head=head, epochs=20, hidden_dim=32, random_state=0
    ).fit(X, y)
    drawn, labels = generator.sample(4000)
    true, _ = mixture(4000, 1)
    assert abs(labels.mean() - 0.3) < 0.03
    for label, share in ((0, 0.2), (1, 0.8)):
        assert abs((drawn["group"][labels == label] == "b").mean() - share) < 0.06
    for group in "ab":
        found, known = (t["x"][t["group"] == group] for t in (drawn, true))
        assert stats.ks_2samp(found, known).statistic < 0.08
    error = drawn["z"] - drawn["x"]
    assert abs(error.mean()) < 0.1
    assert 0.4 < error.std() < 0.75


def test_one_normal_where_the_truth_is_normal():
    rng = np.random.RandomState(0)
    a = rng.normal(2.0, 3.0, size=4000)
    b = 0.5 * a + rng.normal(size=4000)
    X = pd.DataFrame({"a": a, "b": b, "c": np.exp(0.5 * b)})
    drawn = (
        AutoregressiveNet(head="normal", epochs=15, random_state=0)
        .fit(X[["a", "b"]])
        .sample(4000)
    )
    assert stats.kstest(drawn["a"], stats.norm(2.0, 3.0).cdf).statistic < 0.04
    assert drawn[["a", "b"]].corr().iloc[0, 1] == pytest.approx(
        X["a"].corr(X["b"]), abs=0.04
    )
    drawn = (
        AutoregressiveNet(head="log-normal", epochs=15, random_state=0)
        .fit(X[["c"]])
        .sample(4000)
    )
    sigma = 0.5 * np.hypot(1.5, 1.0)
    expected = stats.lognorm(sigma, scale=np.exp(0.5))
    assert stats.kstest(drawn["c"], expected.cdf).statistic < 0.04


@pytest.mark.parametrize("head", HEADS)
def test_heads(clicks, head):
    X, y = clicks
    generator = AutoregressiveNet(**SMALL, head=head).fit(X, y)
    kinds = {
        name: type(network.head)
        for name, network in zip(
            generator.visit_order_, generator._network, strict=True
        )
    }
    number = ColumnHead if head == "bins" else NumberHead
    assert [kinds[name] for name in ("age", "seconds", "score")] == [number] * 3
    assert kinds["city"] is kinds["tags"] is ColumnHead
    drawn, _ = generator.sample(300)
    assert (drawn.dtypes == X.dtypes).all()
    for name in ("age", "seconds", "score"):
        present = drawn[name].dropna()
        assert present.between(X[name].min(), X[name].max()).all()
    assert (drawn["seconds"] == 0).mean() == pytest.approx(0.6, abs=0.15)
    assert drawn["score"].isna().mean() == pytest.approx(0.1, abs=0.08)


def test_attributes_describe_the_training(clicks):
    generator = AutoregressiveNet(**SMALL, tol=0.0).fit(*clicks)
    names = generator.visit_order_
    assert names == ["age", "seconds", "score", "city", "tags"]
    for name in names:
        curve = generator.validation_loss_curves_[name]
        assert len(curve) == len(generator.loss_curve_[name])
        assert len(curve) == generator.n_iter_[name]
        assert generator.column_losses_[name] == min(curve)
        assert curve[generator.best_iter_[name] - 1] == min(curve)
    assert "validation_loss_curve_" not in vars(generator)
    LossCurveDisplay.from_estimator(generator)
    without = AutoregressiveNet(**SMALL, early_stopping=False).fit(*clicks)
    assert without.validation_loss_curves_ is None
    assert set(without.n_iter_.values()) == {3}
    assert without.column_losses_ == {n: c[-1] for n, c in without.loss_curve_.items()}


def test_losses_are_those_of_the_truth():
    # The entropy of a fair coin, and of a copy of it.
    rng = np.random.RandomState(0)
    coin = rng.choice(["head", "tail"], 4000)
    X = pd.DataFrame({"coin": coin, "copy": coin, "other": rng.permutation(coin)})
    generator = AutoregressiveNet(epochs=5, hidden_dim=32, random_state=0).fit(X)
    losses = generator.column_losses_
    assert losses["coin"] == pytest.approx(np.log(2), abs=0.01)
    assert losses["other"] == pytest.approx(np.log(2), abs=0.01)
    assert losses["copy"] < 0.05


def test_the_chain_can_be_drawn(clicks):
    X, y = clicks
    generator = AutoregressiveNet(**SMALL, visit_order=["tags", "city"]).fit(X, y)
    display = ChainDecayDisplay.from_estimator(
        generator, X, y, measure="total_variation", random_state=0
    )
    assert display.order[:3] == ["label", "tags", "city"]
    assert len(display.values) == 7
    assert np.isfinite(display.values).all()


@pytest.mark.parametrize(
    "params",
    [{"scheduled_sampling": 0.3}, {"prefix_noise": 0.2}, {"prefix_dropout": 0.3}],
)
def test_measures_against_decay_change_the_training(clicks, params):
    off = {"scheduled_sampling": 0.0, "prefix_noise": 0.0, "prefix_dropout": 0.0}
    plain = AutoregressiveNet(**SMALL, **off).fit(*clicks)
    other = AutoregressiveNet(**SMALL, **off | params).fit(*clicks)
    assert plain.loss_curve_["age"] == pytest.approx(other.loss_curve_["age"], rel=0.1)
    assert plain.loss_curve_["tags"] != other.loss_curve_["tags"]
    other.sample(20)


def test_repeats_for_a_seed(clicks):
    torch_state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].copy()
    generator = AutoregressiveNet(**SMALL, scheduled_sampling=0.1).fit(*clicks)
    again = clone(generator).fit(*clicks)
    assert generator.loss_curve_ == again.loss_curve_
    first = generator.sample(50)[0]
    pd.testing.assert_frame_equal(first, again.sample(50)[0])
    assert not first.equals(generator.sample(50)[0])
    assert (torch.get_rng_state() == torch_state).all()
    assert (np.random.get_state()[1] == numpy_state).all()


@pytest.mark.parametrize("head", HEADS)
def test_pickle_and_exact_labels(clicks, head):
    generator = AutoregressiveNet(**SMALL, head=head).fit(*clicks)
    again = pickle.loads(pickle.dumps(generator))
    wanted = np.array(["click", "none", "none"] * 5)
    first, labels = generator.sample(y=wanted, random_state=1)
    assert (labels == wanted).all()
    pd.testing.assert_frame_equal(first, again.sample(y=wanted, random_state=1)[0])


@pytest.mark.parametrize("head", ["bins", "mixture"])
def test_warm_start(clicks, head):
    X, y = clicks
    generator = AutoregressiveNet(
        **SMALL, head=head, early_stopping=False, dropout=0.0, warm_start=True
    ).fit(X, y)
    first = generator.column_losses_
    generator.fit(X, y)
    assert np.mean(list(generator.column_losses_.values())) < np.mean(
        list(first.values())
    )
    with pytest.raises(ValueError, match="'city': the value 'Bonn' was not seen"):
        generator.fit(X.assign(city="Bonn"), y)


def test_bad_parameters(clicks):
    with pytest.raises(ValueError, match="hidden_dim=10 is no multiple of 4"):
        AutoregressiveNet(hidden_dim=10).fit(*clicks)
    with pytest.raises(ValueError, match=r"visit_order names \['town'\]"):
        AutoregressiveNet(visit_order=["town"]).fit(*clicks)
    with pytest.raises(ValueError, match="visit_order names 'age' twice"):
        AutoregressiveNet(visit_order=["age", "age"]).fit(*clicks)
    with pytest.raises(ValueError, match="'temperature' parameter"):
        AutoregressiveNet(temperature=0.0).fit(*clicks)
    generator = AutoregressiveNet(**SMALL).fit(*clicks).set_params(temperature=-1)
    with pytest.raises(ValueError, match="'temperature' parameter"):
        generator.sample(3)
