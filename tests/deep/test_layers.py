import math

import pytest
import torch
from torch import nn

from skgen.deep.device import seeded
from skgen.deep.layers import (
    MLP,
    ConditionalBlock,
    ConditionalMLP,
    ConditionEmbedding,
    sinusoidal_embedding,
)


def test_mlp_widths():
    network = MLP(5, (7, 3), 2, dropout=0.5)
    widths = [
        (layer.in_features, layer.out_features)
        for layer in network
        if isinstance(layer, nn.Linear)
    ]
    assert widths == [(5, 7), (7, 3), (3, 2)]
    assert sum(isinstance(layer, nn.Dropout) for layer in network) == 2


def test_sinusoidal_embedding_by_its_definition():
    time = torch.tensor([0.0, 3.0, 1000.0])
    found = sinusoidal_embedding(time, 6)
    for row, t in zip(found, time.tolist(), strict=True):
        angles = [t / 10_000 ** (i / 3) for i in range(3)]
        wanted = [math.cos(a) for a in angles] + [math.sin(a) for a in angles]
        assert row.tolist() == pytest.approx(wanted, abs=1e-3)


def test_condition_depends_on_time_and_label():
    with seeded(0):
        embed = ConditionEmbedding(8, n_classes=2)
    time, labels = torch.tensor([0.0, 0.0, 9.0]), torch.tensor([0, 1, 0])
    first, other_label, other_time = embed(time, labels)
    assert not torch.allclose(first, other_label)
    assert not torch.allclose(first, other_time)
    assert ConditionEmbedding(8).of_label is None


def test_block_is_an_identity_without_its_last_layer():
    block = ConditionalBlock(6, 4)
    nn.init.zeros_(block.outer.weight)
    nn.init.zeros_(block.outer.bias)
    x = torch.randn(3, 6)
    assert torch.equal(block(x, torch.randn(3, 4)), x)


def test_conditional_mlp_begins_with_zero_and_learns():
    with seeded(0):
        network = ConditionalMLP(3, 2, n_classes=2, hidden_dims=(16, 32))
        x, time = torch.randn(64, 3), 1000 * torch.rand(64)
        labels = torch.randint(2, (64,))
    assert (network(x, time, labels) == 0).all()
    target = torch.stack([time / 1000, 2.0 * labels - 1], dim=1)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-2)
    for _ in range(200):
        loss = ((network(x, time, labels) - target) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.02


def test_rows_do_not_see_each_other():
    with seeded(0):
        network = ConditionalMLP(3, 2, n_classes=2, hidden_dims=(16,))
        nn.init.normal_(network.exit.weight)
        x, time, labels = torch.randn(5, 3), torch.rand(5), torch.arange(5) % 2
    together = network(x, time, labels)
    alone = network(x[2:3], time[2:3], labels[2:3])
    torch.testing.assert_close(together[2:3], alone)
