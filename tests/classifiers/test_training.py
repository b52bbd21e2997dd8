"""Batches of rows in memory, and steps that leave most of a table alone."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("skorch")

from skgen.classifiers._columns import ColumnEncoder  # noqa: E402
from skgen.classifiers._training import (  # noqa: E402
    BatchIterator,
    LabelledRows,
    LazyAdam,
    Rows,
    WeightedLogLoss,
)

CPU = torch.device("cpu")


def test_a_batch_has_the_members_of_its_rows():
    lists = ["1^2", "2^3", "1^3", "3", "1^2^3", None]
    X = pd.DataFrame({"tags": lists, "more": lists[::-1], "age": np.arange(6.0)})
    encoded = ColumnEncoder((), min_frequency=1).fit(X, np.ones(6)).transform(X)
    index = torch.tensor([4, 0, 5])
    batch = Rows(encoded, CPU).take(index)
    bounds = [*batch["bounds"].tolist(), len(batch["members"])]
    found = [batch["members"][start:end].tolist() for start, end in pairwise(bounds)]
    expected = []
    for row in index.tolist():
        for column in range(2):
            whole = encoded.lists[row, column]
            start = encoded.starts[whole]
            end = start + encoded.lengths[whole]
            expected.append(encoded.members[start:end].tolist())
    assert found == expected
    assert [len(members) for members in found] == [3, 2, 2, 1, 1, 2]
    assert (batch["numbers"].numpy() == encoded.numbers[index]).all()


@pytest.mark.parametrize("shuffle", [False, True])
def test_an_epoch_is_every_row_once(shuffle):
    index = np.array([7, 3, 5, 2, 9, 11, 4])
    rows = LabelledRows(index, index % 2, index.astype(float), CPU)
    batches = list(BatchIterator(rows, batch_size=3, shuffle=shuffle))
    assert [len(batch) for batch, _ in batches] == [3, 2, 2]
    seen = torch.cat([batch for batch, _ in batches])
    assert sorted(seen.tolist()) == sorted(index.tolist())
    assert (seen.tolist() == index.tolist()) is not shuffle
    for batch, (target, weights) in batches:
        assert (target == batch % 2).all()
        np.testing.assert_allclose(weights, batch / index.mean(), rtol=1e-6)


def test_loss_is_the_mean_of_weighted_losses():
    log_odds, target = torch.tensor([1.0, -2.0]), torch.tensor([1.0, 1.0])
    found = WeightedLogLoss()(log_odds, (target, torch.tensor([0.5, 1.5])))
    expected = (0.5 * np.log1p(np.exp(-1)) + 1.5 * np.log1p(np.exp(2))) / 2
    assert float(found) == pytest.approx(expected)


def test_lazy_adam_is_adam_of_the_rows_that_were_looked_up():
    start = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
    table = torch.nn.Parameter(start.clone())
    other = torch.nn.Parameter(torch.ones(3))
    rows = torch.nn.Parameter(start[[1, 4]].clone())
    other_twin = torch.nn.Parameter(torch.ones(3))
    lazy = LazyAdam(
        [{"params": [table], "weight_decay": 0.1}, {"params": [other]}],
        lr=0.05,
        fused=False,
    )
    adam = torch.optim.Adam(
        [{"params": [rows], "weight_decay": 0.1}, {"params": [other_twin]}], lr=0.05
    )
    # Row 1 is looked up twice, whose gradients add up.
    places = torch.tensor([1, 4, 1])

    def closure():
        lazy.zero_grad()
        found = torch.nn.functional.embedding(places, table, sparse=True)
        loss = ((found * other) ** 2).sum()
        loss.backward()
        return loss

    for _ in range(20):
        lazy.step(closure)
        adam.zero_grad()
        ((rows[[0, 1, 0]] * other_twin) ** 2).sum().backward()
        adam.step()
    np.testing.assert_allclose(table.detach()[[1, 4]], rows.detach(), atol=1e-5)
    np.testing.assert_allclose(other.detach(), other_twin.detach(), atol=1e-5)
    assert (table.detach()[[0, 2, 3]] == start[[0, 2, 3]]).all()
    assert (table.detach()[[1, 4]] - start[[1, 4]]).abs().min() > 0.01
