"""Batches of rows, the weighted loss, scores of held-out rows, sparse updates."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.metrics import log_loss, roc_auc_score

torch = pytest.importorskip("torch")

from skgen.classifiers._columns import (  # noqa: E402
    ColumnEncoder,
    EncodedColumns,
    Sizes,
)
from skgen.classifiers._networks import FieldEmbedding  # noqa: E402
from skgen.classifiers._training import (  # noqa: E402
    LazyAdam,
    Rows,
    train_click_network,
    validation,
)
from skgen.deep.training import update  # noqa: E402

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


class OneWeight(torch.nn.Module):
    """A network whose log-odds are a weight times the first number of a row."""

    def __init__(self):
        super().__init__()
        self.embedding = FieldEmbedding(Sizes(1, 0, 0, 1), 2)
        self.slope = torch.nn.Parameter(torch.ones(()))

    def forward(self, codes, members, bounds, numbers):
        return self.slope * numbers[:, 0]


def rows_of(numbers):
    encoded = EncodedColumns(
        codes=np.zeros((len(numbers), 0), np.int32),
        lists=np.zeros((len(numbers), 0), np.int64),
        starts=np.zeros(0, np.int64),
        lengths=np.zeros(0, np.int64),
        members=np.zeros(0, np.int32),
        numbers=np.asarray(numbers, np.float32)[:, None],
    )
    return Rows(encoded, CPU)


def test_loss_is_the_mean_of_weighted_losses_of_training_rows():
    history = train_click_network(
        OneWeight(),
        rows_of([1.0, 5.0, -2.0]),
        np.array([1, 0, 1]),
        np.array([0.5, 9.0, 1.5]),
        learning_rate=0.1,
        l2_reg_embedding=0.0,
        batch_size=3,
        epochs=1,
        held_out=np.array([1]),
        validation_loss=lambda index: index.sum(),
        random_state=np.random.RandomState(0),
    )
    expected = (0.5 * np.log1p(np.exp(-1)) + 1.5 * np.log1p(np.exp(2))) / 2
    assert history.losses["loss"][0] == pytest.approx(expected)
    assert history.validation_losses == [1.0]


@pytest.mark.parametrize(
    ("score", "function"), [("auc", roc_auc_score), ("log_loss", log_loss)]
)
def test_validation_is_the_weighted_score_without_the_offset(score, function):
    rng = np.random.RandomState(0)
    numbers, target = rng.normal(size=50), rng.randint(2, size=50)
    weights, index = rng.uniform(size=50), np.arange(20, 50)
    found = validation(score, OneWeight(), rows_of(numbers), target, weights, 0.7)
    expected = function(
        target[index], expit(numbers[index] - 0.7), sample_weight=weights[index]
    )
    at = torch.from_numpy(index)
    value = (
        found["validation_scores"](at)["auc"]
        if score == "auc"
        else found["validation_loss"](at)
    )
    assert float(value) == pytest.approx(expected)


def test_validation_of_infinite_log_odds_is_not_a_number():
    rows = rows_of([np.inf, 1.0])
    found = validation("auc", OneWeight(), rows, np.array([0, 1]), np.ones(2), 0.0)
    assert np.isnan(found["validation_scores"](torch.arange(2))["auc"])


def test_lazy_adam_is_adam_of_the_rows_that_were_looked_up():
    start = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
    table = torch.nn.Parameter(start.clone())
    other = torch.nn.Parameter(torch.ones(3))
    rows = torch.nn.Parameter(start[[1, 4]].clone())
    other_twin = torch.nn.Parameter(torch.ones(3))
    lazy = LazyAdam(
        [{"params": [table], "weight_decay": 0.1}, {"params": [other]}],
        lr=0.05,
        weight_decay=0.0,
        fused=False,
    )
    adam = torch.optim.Adam(
        [{"params": [rows], "weight_decay": 0.1}, {"params": [other_twin]}], lr=0.05
    )
    # Row 1 is looked up twice, whose gradients add up.
    positions = torch.tensor([1, 4, 1])

    for _ in range(20):
        found = torch.nn.functional.embedding(positions, table, sparse=True)
        update(lazy, ((found * other) ** 2).sum())
        adam.zero_grad()
        ((rows[[0, 1, 0]] * other_twin) ** 2).sum().backward()
        adam.step()
    np.testing.assert_allclose(table.detach()[[1, 4]], rows.detach(), atol=1e-5)
    np.testing.assert_allclose(other.detach(), other_twin.detach(), atol=1e-5)
    assert (table.detach()[[0, 2, 3]] == start[[0, 2, 3]]).all()
    assert (table.detach()[[1, 4]] - start[[1, 4]]).abs().min() > 0.01
