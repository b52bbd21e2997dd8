import pickle

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import stats
from sklearn.base import clone

from skgen.constraints import FixedCombinations
from skgen.deep.device import seeded
from skgen.encodings.bins import RowEncoder
from skgen.neural.autoregressive.row_transformer import Cache, RowTransformer
from skgen.neural.autoregressive.transformer import AutoregressiveTransformer
from skgen.table import TableSchema

# Without structure, so that every column can be given.
SMALL = {
    "embedding_dim": 16,
    "n_layers": 1,
    "epochs": 3,
    "structure": None,
    "random_state": 0,
}
N = 400


@pytest.fixture(scope="module")
def fitted(clicks):
    return AutoregressiveTransformer(**SMALL, order="random").fit(*clicks)


@pytest.fixture(scope="module")
def network(clicks):
    """Return a network of random weights, values and members for it."""
    table = TableSchema().fit(clicks[0]).transform(clicks[0])
    rng = np.random.RandomState(0)
    encoder = RowEncoder(n_bins=8, n_cells=4).fit(table, np.zeros(N, int), rng)
    with seeded(0):
        made = RowTransformer(
            encoder.columns_, 2, dim=16, n_layers=2, n_heads=2, dropout=0.1
        )
        with torch.no_grad():
            for weight in made.parameters():
                weight.add_(0.3 * torch.randn_like(weight))
    rows = encoder.transform(table)
    values = torch.from_numpy(rows.values[:40]).long()
    members = torch.from_numpy(rows.members[:40]).float()
    return made.eval(), values, members


ORDERS = [[0, 1, 2, 3, 4], [3, 1, 4, 0, 2], [4, 3, 2, 1, 0]]


@pytest.mark.parametrize("order", ORDERS)
def test_no_column_sees_itself_or_later_columns(network, order):
    made, values, members = network
    labels = torch.arange(40) % 2
    with torch.no_grad():
        before = made.features(values, members, labels, order)
        for place, column in enumerate(order):
            changed, others = values.clone(), members.clone()
            n_values = len(made.heads[column].level_of)
            changed[:, column] = (changed[:, column] + 1) % n_values
            span = made.spans[column]
            others[:, span] = 1 - others[:, span]
            after = made.features(changed, others, labels, order)
            same = after[:, : place + 1] == before[:, : place + 1]
            assert same.all()
            if place + 1 < len(order):
                # All later ones see it.
                moved = (after - before)[:, place + 1 :].abs().amax(dim=(0, 2))
                assert (moved > 1e-4).all()
        moved = made.features(values, members, 1 - labels, order) - before
        assert (moved.abs().amax(dim=(0, 2)) > 1e-4).all()


@pytest.mark.parametrize("order", ORDERS)
def test_log_prob_of_a_column_depends_only_on_columns_before(network, order):
    made, values, members = network
    labels = torch.zeros(40, dtype=torch.long)
    with torch.no_grad():
        before = made.log_prob(values, members, labels, order)
        for place, column in enumerate(order):
            changed = values.clone()
            changed[:, column] = 0
            after = made.log_prob(changed, members, labels, order)
            earlier = order[:place]
            assert (after[:, earlier] == before[:, earlier]).all()


@pytest.mark.parametrize("order", ORDERS)
def test_cached_features_are_those_of_a_full_pass(network, order):
    made, values, members = network
    labels = torch.arange(40) % 2
    with torch.no_grad():
        full = made.features(values, members, labels, order)
        caches = [Cache(made.n_columns) for _ in made.blocks]
        tokens = [made.label(labels)]
        for i in order[:-1]:
            tokens.append(made.embeddings[i](values[:, i], members[:, made.spans[i]]))
        for place, i in enumerate(order):
            x = (tokens[place] + made.following.weight[i])[:, None]
            for block, cache in zip(made.blocks, caches, strict=True):
                x = block(x, cache)
            one = made.norm(x[:, 0])
            torch.testing.assert_close(one, full[:, place], rtol=1e-4, atol=1e-5)
            logits = made.heads[i].level_logits(one)
            wanted = made.heads[i].level_logits(full[:, place])
            torch.testing.assert_close(logits, wanted, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("order", ORDERS)
def test_rows_are_drawn_from_the_probabilities_of_the_full_pass(network, order):
    made, _, _ = network
    n = 4000
    labels = torch.ones(n, dtype=torch.long)
    with torch.no_grad(), seeded(0):
        drawn, of_lists = made.sample(labels, order)
        # The second column in the order, where the first has its most frequent value.
        first, second = order[:2]
        value = drawn[:, first].mode().values
        rows = drawn[:, first] == value
        rows &= (of_lists[:, made.spans[first]] == 0).all(dim=1)
        rows = torch.nonzero(rows)[:, 0]
        n_values = len(made.heads[second].level_of)
        features = made.features(
            drawn[rows[:1]], of_lists[rows[:1]], labels[:1], order
        )[:, 1]
        head = made.heads[second]
        shares = torch.softmax(head.level_logits(features), dim=1)[0].numpy()
    level = head.level_of[drawn[rows, second]].numpy()
    counts = np.bincount(level, minlength=len(shares))
    assert n_values >= len(shares) > 1
    likely = shares * len(rows) > 5
    statistic = (
        (counts - shares * len(rows))[likely] ** 2 / (shares * len(rows))[likely]
    ).sum()
    assert stats.chi2.sf(statistic, likely.sum()) > 1e-4


def test_given_columns_stay_in_sampling(network):
    made, values, members = network
    labels = torch.zeros(40, dtype=torch.long)
    order = [3, 4, 0, 1, 2]
    with torch.no_grad(), seeded(0):
        drawn, of_lists = made.sample(labels, order, given=(values, members), n_given=2)
    assert (drawn[:, [3, 4]] == values[:, [3, 4]]).all()
    assert (of_lists == members).all()
    assert not (drawn[:, 0] == values[:, 0]).all()


def mixture(n, seed):
    """Return two classes; the number and the category follow the label."""
    rng = np.random.RandomState(seed)
    y = (rng.rand(n) < 0.3).astype(int)
    group = (rng.rand(n) < np.where(y == 1, 0.8, 0.2)).astype(int)
    x = np.where(group == 1, 3.0, -1.0) + np.where(group == 1, 0.5, 1.0) * rng.normal(
        size=n
    )
    X = pd.DataFrame({"group": np.array(["a", "b"])[group], "x": x, "z": x**2})
    X["z"] += 0.1 * rng.normal(size=n)
    return X, y


@pytest.fixture(scope="module", params=["fixed", "random"])
def mixed(request):
    generator = AutoregressiveTransformer(
        embedding_dim=32,
        epochs=15,
        batch_size=64,
        order=request.param,
        random_state=0,
    )
    return generator.fit(*mixture(2500, 0))


def test_recovers_a_mixture(mixed):
    X, y = mixed.sample(4000)
    true, _ = mixture(4000, 1)
    assert abs(y.mean() - 0.3) < 0.03
    for label, share in ((0, 0.2), (1, 0.8)):
        assert abs((X["group"][y == label] == "b").mean() - share) < 0.06
    for group in "ab":
        found, known = (t["x"][t["group"] == group] for t in (X, true))
        assert stats.ks_2samp(found, known).statistic < 0.06
    # The number z is x squared, but for noise.
    error = X["z"] - X["x"] ** 2
    assert error.abs().median() < 0.4
    assert stats.ks_2samp(X["z"], true["z"]).statistic < 0.06


def test_conditional_of_a_mixture():
    X, y = mixture(6000, 0)
    generator = AutoregressiveTransformer(
        embedding_dim=32, epochs=20, order="random", random_state=0
    ).fit(X, y)
    # The last column is given, the first ones are drawn: Bayes' rule knows how.
    place = np.array([1.0] * 2000 + [2.0] * 2000)
    drawn, labels = generator.sample(given=pd.DataFrame({"x": place}))
    assert (drawn["x"] == place).all()
    for x in (1.0, 2.0):
        share = np.array([0.7 * 0.8 + 0.3 * 0.2, 0.7 * 0.2 + 0.3 * 0.8])
        of_group = share * stats.norm.pdf(x, [-1.0, 3.0], [1.0, 0.5])
        expected = of_group[1] / of_group.sum()
        rows = drawn["x"] == x
        assert abs((drawn["group"][rows] == "b").mean() - expected) < 0.12
        # Given the group, the label does not depend on x.
        with_label = np.array([0.06, 0.24]) / share
        chance = (with_label * of_group).sum() / of_group.sum()
        assert abs(labels[rows].mean() - chance) < 0.12
        assert abs(drawn["z"][rows].median() - x**2) < 0.4


def test_a_prefix_of_a_fixed_order_can_be_given(clicks):
    X, y = clicks
    generator = AutoregressiveTransformer(**SMALL, visit_order=["city", "tags"])
    generator.fit(X, y)
    assert generator.visit_order_ == ["city", "tags", "age", "seconds", "score"]
    given = X.loc[:20, ["tags", "city"]]
    drawn, _ = generator.sample(given=given)
    pd.testing.assert_frame_equal(drawn[["tags", "city"]], given)
    with pytest.raises(ValueError, match=r"\['age'\] are given.*order='random'"):
        generator.sample(given=X[["age"]])


def test_any_columns_can_be_given(clicks, fitted):
    X, y = clicks
    for names in (["score"], ["site"], ["tags", "age"], list(X.columns)):
        given = X.loc[10:29, names]
        drawn, labels = fitted.sample(given=given, y=y[:20])
        assert (labels == y[:20]).all()
        assert list(drawn.columns) == list(X.columns)
        assert (drawn.dtypes == X.dtypes).all()
        pd.testing.assert_frame_equal(drawn[names], given.reset_index(drop=True))
    again = fitted.sample(given=given, random_state=3)[0]
    pd.testing.assert_frame_equal(again, fitted.sample(given=given, random_state=3)[0])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"city": ["Oslo", "Bonn"]}, "Column 'city': the value 'Bonn' was not seen"),
        ({"age": [30, 300]}, "Column 'age': the value 300 lies outside the range"),
        ({"age": [30.5]}, "Column 'age': the value 30.5 is no whole number"),
        ({"site": [2]}, "Column 'site': the value 2 was not seen"),
        ({"age": [np.nan]}, "Column 'age' has missing values, which were not seen"),
        ({"town": ["Oslo"]}, r"columns \['town'\], which are not in the table"),
        ({"age": []}, r"given has shape \(0, 1\)"),
        ({}, r"given has shape \(0, 0\)"),
    ],
)
def test_what_cannot_be_given(fitted, given, message):
    with pytest.raises(ValueError, match=message):
        fitted.sample(given=pd.DataFrame(given))


def test_bad_requests(clicks, fitted):
    X, _ = clicks
    given = X[["city"]].head(5)
    with pytest.raises(TypeError, match="given is a dict: pass a DataFrame"):
        fitted.sample(given={"city": ["Oslo"]})
    with pytest.raises(ValueError, match="n_samples=3, but given has 5 rows"):
        fitted.sample(3, given=given)
    with pytest.raises(ValueError, match="y has 2 labels, but given has 5 rows"):
        fitted.sample(given=given, y=["click", "none"])
    with pytest.raises(ValueError, match=r"labels \['buy'\] were not learned"):
        fitted.sample(given=given, y=["buy"] * 5)
    twice = pd.concat([given, given], axis=1)
    with pytest.raises(ValueError, match="Column 'city' occurs more than once"):
        fitted.sample(given=twice)


@pytest.mark.parametrize("temperature", [0, 0.0, -1.0])
def test_temperature_must_be_positive(clicks, fitted, temperature):
    with pytest.raises(ValueError, match="'temperature' parameter"):
        AutoregressiveTransformer(**SMALL, temperature=temperature).fit(*clicks)
    later = pickle.loads(pickle.dumps(fitted)).set_params(temperature=temperature)
    with pytest.raises(ValueError, match="'temperature' parameter"):
        later.sample(5)


def test_low_temperature_prefers_frequent_values(clicks):
    X, _ = clicks
    X = X.assign(city=np.where(np.arange(N) % 4 == 0, "Oslo", "Rome"))
    generator = AutoregressiveTransformer(**SMALL).fit(X)
    often = (generator.sample(1000)["city"] == "Rome").mean()
    generator.set_params(temperature=0.3)
    assert (generator.sample(1000)["city"] == "Rome").mean() > often + 0.1


def test_constrained_columns_cannot_be_given():
    rng = np.random.RandomState(0)
    city = rng.choice(["Oslo", "Rome"], N)
    X = pd.DataFrame({"city": city, "x": rng.normal(size=N)})
    X["country"] = X["city"].map({"Oslo": "Norway", "Rome": "Italy"})
    rule = FixedCombinations(["city", "country"])
    generator = AutoregressiveTransformer(
        **SMALL, order="random", constraints=[rule]
    ).fit(X)
    with pytest.raises(ValueError, match="Column 'city' belongs to a constraint"):
        generator.sample(given=X[["city"]])
    drawn = generator.sample(given=X[["x"]])
    assert (drawn["x"] == X["x"]).all()
    assert (
        drawn["country"] == drawn["city"].map({"Oslo": "Norway"}).fillna("Italy")
    ).all()


def test_copies_are_drawn_again_beside_given_columns(clicks):
    X, _ = clicks
    X = X[["age", "city"]]
    generator = AutoregressiveTransformer(
        **SMALL, order="random", reject_copies="auto"
    ).fit(X)
    drawn = generator.sample(given=X[["city"]])
    pd.testing.assert_series_equal(drawn["city"], X["city"])


def test_array_in_array_out():
    rng = np.random.RandomState(0)
    X = rng.normal(size=(100, 3))
    generator = AutoregressiveTransformer(**SMALL, order="random").fit(X)
    drawn = generator.sample(given=pd.DataFrame({1: X[:7, 1]}))
    assert drawn.shape == (7, 3)
    np.testing.assert_array_equal(drawn[:, 1], X[:7, 1])


def test_repeats_for_a_seed(clicks):
    torch_state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].copy()
    generator = AutoregressiveTransformer(**SMALL, order="random").fit(*clicks)
    again = clone(generator).fit(*clicks)
    assert generator.loss_curve_ == again.loss_curve_
    assert generator.validation_loss_curve_ == again.validation_loss_curve_
    first = generator.sample(50)[0]
    pd.testing.assert_frame_equal(first, again.sample(50)[0])
    assert not first.equals(generator.sample(50)[0])
    assert (torch.get_rng_state() == torch_state).all()
    assert (np.random.get_state()[1] == numpy_state).all()


def test_pickle(clicks, fitted):
    again = pickle.loads(pickle.dumps(fitted))
    once = fitted.sample(30, random_state=1)[0]
    pd.testing.assert_frame_equal(once, again.sample(30, random_state=1)[0])


def test_exact_labels(fitted):
    wanted = np.array(["click", "none", "none"] * 5)
    assert (fitted.sample(y=wanted)[1] == wanted).all()


def test_fine_tuning_on_a_second_table():
    X, y = mixture(2000, 0)
    generator = AutoregressiveTransformer(
        embedding_dim=16, n_layers=1, epochs=10, random_state=0, warm_start=True
    ).fit(X, y)
    n_iter = generator.n_iter_
    # In the second table all of one group have a lower number.
    other = X[X["group"] == "a"].reset_index(drop=True)
    generator.set_params(epochs=6).fit(other, y[X["group"] == "a"])
    assert generator.n_iter_ <= 6 < n_iter
    tuned = generator.sample(2000)[0]
    assert (tuned["group"] == "a").mean() > 0.93
    assert abs(tuned["x"].mean() - other["x"].mean()) < 0.3
    with pytest.raises(ValueError, match="'group': the value 'c' was not seen"):
        generator.fit(X.assign(group="c"), y)


def test_many_levels():
    rng = np.random.RandomState(0)
    n = 12_000
    user = rng.permutation(n) % 10_000
    X = pd.DataFrame({"user": user.astype(str), "even": user % 2 == 0})
    generator = AutoregressiveTransformer(
        **SMALL | {"epochs": 1}, max_levels=64, ids="keep"
    ).fit(X)
    assert max(w.numel() for w in generator._network.parameters()) <= 64 * 32
    assert set(generator.sample(1000)["user"]) <= set(X["user"])


def test_bad_parameters(clicks):
    with pytest.raises(
        ValueError, match="embedding_dim=10 is no multiple of n_heads=4"
    ):
        AutoregressiveTransformer(embedding_dim=10).fit(*clicks)
    with pytest.raises(ValueError, match=r"visit_order names \['town'\]"):
        AutoregressiveTransformer(visit_order=["town"]).fit(*clicks)
    with pytest.raises(ValueError, match="visit_order names 'age' twice"):
        AutoregressiveTransformer(visit_order=["age", "age"]).fit(*clicks)


def test_cardinality_order(clicks):
    generator = AutoregressiveTransformer(**SMALL, visit_order="cardinality")
    generator.fit(*clicks)
    n_values = {c.field.name: c.n_values for c in generator._encoder.columns_}
    visited = [n_values[name] for name in generator.visit_order_]
    assert visited == sorted(visited)


def test_a_single_column_and_a_table_of_missing_numbers():
    rng = np.random.RandomState(0)
    for X in (
        pd.DataFrame({"a": rng.normal(size=50)}),
        pd.DataFrame({"a": np.where(rng.rand(50) < 0.5, np.nan, 1.0)}),
        pd.DataFrame({"a": rng.choice(["x", "y"], 50)}),
    ):
        assert AutoregressiveTransformer(**SMALL).fit(X).sample(10).shape == (10, 1)
