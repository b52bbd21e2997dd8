"""The networks of single columns, and the columns before as they see them."""

import numpy as np
import torch
from scipy import stats

from skgen.encodings.bins import RowEncoder
from skgen.neural.autoregressive.column_networks import ColumnNetwork, architecture
from skgen.neural.autoregressive.heads import ColumnHead
from skgen.neural.autoregressive.net import AutoregressiveNet
from skgen.neural.autoregressive.prefix import TrainingRows
from skgen.table import TableSchema

N = 400


def encoded(X, **params):
    table = TableSchema().fit(X).transform(X)
    rng = np.random.RandomState(0)
    encoder = RowEncoder(**params).fit(table, np.zeros(len(X), dtype=int), rng)
    return table, encoder


def test_networks_grow():
    made = [
        architecture(place, 12, max_hidden_layers=6, max_width=128)
        for place in range(12)
    ]
    layers = [m.n_hidden_layers for m in made]
    widths = [m.width for m in made]
    assert layers == sorted(layers)
    assert widths == sorted(widths)
    assert (layers[0], layers[-1], widths[0], widths[-1]) == (0, 6, 32, 128)
    assert not made[0].feedforward
    assert not made[0].attention
    assert made[-1].feedforward
    assert made[-1].attention


def test_the_first_network_is_a_logistic_regression(clicks):
    # Its logits are a bias and a vector of the label.
    _, encoder = encoded(clicks[0])
    first = architecture(0, 5, max_hidden_layers=6, max_width=128)
    network = ColumnNetwork(
        [],
        3,
        first,
        lambda width: ColumnHead(width, encoder.columns_[3]),
        dropout=0.1,
        prefix_dropout=0.0,
    )
    labels = torch.tensor([0, 1, 2, 1])
    with torch.no_grad():
        logits = network.head.levels(network.features(labels, [], []))
        head = network.head.levels
        weights = network.label.weight @ head.weight.T
    torch.testing.assert_close(logits, head.bias + weights[labels])


def test_networks_see_the_columns_before_alone(clicks):
    X, y = clicks
    generator = AutoregressiveNet(epochs=1, hidden_dim=16, random_state=0).fit(X, y)
    rows = generator._encoder.transform(generator.schema_.transform(X))
    training = TrainingRows(generator._encoder.columns_, rows, torch.device("cpu"))
    every = torch.arange(N)
    labels = torch.zeros(N, dtype=torch.long)
    networks = generator._network.eval()
    with torch.no_grad():
        for changed in range(5):
            other = rows._replace(
                values=rows.values.copy(), members=rows.members.copy()
            )
            n_values = generator._encoder.columns_[changed].n_values
            other.values[:, changed] = (other.values[:, changed] + 1) % n_values
            span = training.spans[changed]
            other.members[:, span] = 1 - other.members[:, span]
            moved = TrainingRows(
                generator._encoder.columns_, other, torch.device("cpu")
            )
            for place, network in enumerate(networks):
                known = generator._chain[:place]
                before = network.features(labels, *training.prefix(known, every))
                after = network.features(labels, *moved.prefix(known, every))
                assert (before == after).all() == (place <= changed)


def test_noise_and_drawn_values_in_the_prefix(clicks):
    table, encoder = encoded(clicks[0], n_bins=16, n_cells=4)
    rows = encoder.transform(table)
    training = TrainingRows(encoder.columns_, rows, torch.device("cpu"))
    every, columns = torch.arange(N), list(range(5))
    values, members = training.prefix(columns, every)
    true = [training.column(i, every) for i in columns]
    assert all((v == t[0]).all() for v, t in zip(values, true, strict=True))
    assert all((m == t[1]).all() for m, t in zip(members, true, strict=True))
    torch.manual_seed(0)
    # Little noise moves numbers little, more moves them more, and no mass at all.
    places = torch.from_numpy(encoder.columns_[0].places)
    for noise in (0.2, 0.4):
        noisy, _ = training.prefix(columns, every, noise=noise)
        error = places[noisy[0]] - places[values[0]]
        assert 0.5 * noise < error.std() < 1.5 * noise
    masses = values[1] < encoder.columns_[1].n_masses
    assert (noisy[1][masses] == values[1][masses]).all()
    assert (noisy[1][~masses] >= encoder.columns_[1].n_masses).all()
    assert (noisy[3] == values[3]).all()
    for i in columns:
        # Something that is never true stands for what was drawn.
        training.set_drawn(i, torch.full((N,), 99), 0 * true[i][1])
    drawn, _ = training.prefix(columns, every, drawn_share=0.25)
    shares = [float((column == 99).float().mean()) for column in drawn]
    assert all(stats.binomtest(int(s * N), N, 0.25).pvalue > 1e-4 for s in shares)
