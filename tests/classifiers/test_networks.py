"""Networks against their equations."""

from itertools import combinations, pairwise

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from skgen.classifiers._columns import Sizes  # noqa: E402
from skgen.classifiers._networks import (  # noqa: E402
    DNN,
    DeepFM,
    FieldEmbedding,
    MaskNet,
    TabularTransformer,
    pairwise_term,
)

SIZES = Sizes(n_codes=12, n_categorical=3, n_lists=2, n_numbers=2)


@pytest.fixture
def rows():
    rng = np.random.RandomState(0)
    lengths = [1, 3, 2, 1, 2, 2, 1, 1]  # two lists in each of four rows
    return {
        "codes": torch.from_numpy(rng.randint(12, size=(4, 3)).astype(np.int32)),
        "members": torch.from_numpy(rng.randint(12, size=13).astype(np.int32)),
        "bounds": torch.tensor(np.cumsum([0, *lengths[:-1]]), dtype=torch.int32),
        "numbers": torch.from_numpy(rng.normal(size=(4, 2))),
    }


def randomise(network):
    """Draw all weights anew, so that none is near zero, in double precision."""
    generator = torch.Generator().manual_seed(0)
    for weight in network.parameters():
        weight.data.normal_(generator=generator)
    return network.double().eval()


def arrays(module):
    return {name: value.detach().numpy() for name, value in module.named_parameters()}


def fields_of(table, rows):
    """Look the vectors up by hand: those of codes, and means of members."""
    bounds = [*rows["bounds"].tolist(), len(rows["members"])]
    members = rows["members"].numpy()
    means = [table[members[start:end]].mean(axis=0) for start, end in pairwise(bounds)]
    means = np.reshape(means, (4, 2, -1))
    return np.concatenate([table[rows["codes"].numpy()], means], axis=1)


def relu(x):
    return np.maximum(x, 0)


def normalise(x):
    centred = x - x.mean(axis=-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5)


def perceptron(weights, prefix, x):
    """Apply the layers named `prefix`.0, .2, ... with rectified units between."""
    names = sorted(
        (n for n in weights if n.startswith(prefix) and n.endswith("weight")),
        key=lambda name: int(name.split(".")[-2]),
    )
    for i, name in enumerate(names):
        x = (relu(x) if i else x) @ weights[name].T + weights[name[:-6] + "bias"]
    return x


def test_embedding_looks_up_codes_and_averages_members(rows):
    embedding = randomise(FieldEmbedding(SIZES, 5))
    expected = fields_of(arrays(embedding)["weight"], rows)
    found = embedding(rows["codes"], rows["members"], rows["bounds"])
    np.testing.assert_allclose(found.detach(), expected)


def test_embedding_without_categories_or_lists():
    embedding = FieldEmbedding(Sizes(0, 0, 0, 0), 5)
    nothing = torch.zeros(4, 0, dtype=torch.int32)
    assert embedding(nothing, nothing[0], nothing[0]).shape == (4, 0, 5)


@pytest.mark.parametrize("n_fields", [1, 2, 7])
def test_pairwise_term_is_the_double_sum(n_fields):
    vectors = np.random.RandomState(0).normal(size=(6, n_fields, 4))
    expected = [
        sum(row[i] @ row[j] for i, j in combinations(range(n_fields), 2))
        for row in vectors
    ]
    tensor = torch.from_numpy(vectors)
    found = pairwise_term(tensor.sum(dim=1), (tensor**2).sum(dim=1))
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_dnn(rows):
    network = randomise(DNN(SIZES, embedding_dim=4, hidden_units=(7, 5), dropout=0.5))
    weights = arrays(network)
    fields = fields_of(weights["embedding.weight"], rows)
    entry = np.hstack([fields.reshape(4, -1), rows["numbers"]])
    expected = weights["intercept"] + perceptron(weights, "deep", entry)[:, 0]
    np.testing.assert_allclose(network(**rows).detach(), expected)


def test_deepfm(rows):
    network = randomise(DeepFM(SIZES, embedding_dim=4, hidden_units=(7,), dropout=0))
    weights = arrays(network)
    fields = fields_of(weights["embedding.weight"], rows)
    numbers = rows["numbers"].numpy()
    vectors, linear = fields[:, :, :-1], fields[:, :, -1]
    expected = weights["intercept"] + linear.sum(axis=1)
    expected = expected + numbers @ weights["number_weights"]
    entry = np.hstack([vectors.reshape(4, -1), numbers])
    expected += perceptron(weights, "deep", entry)[:, 0]
    for row in range(4):
        scaled = numbers[row, :, None] * weights["number_vectors"]
        of_row = np.vstack([vectors[row], scaled])
        expected[row] += sum(a @ b for a, b in combinations(of_row, 2))
    np.testing.assert_allclose(network(**rows).detach(), expected)


@pytest.mark.parametrize("model_type", ["parallel", "serial"])
def test_masknet(rows, model_type):
    network = randomise(
        MaskNet(
            SIZES,
            model_type=model_type,
            embedding_dim=4,
            n_blocks=2,
            block_dim=6,
            reduction_ratio=1.5,
            hidden_units=(5,),
            dropout=0.5,
        )
    )
    weights = arrays(network)
    numbers = rows["numbers"].numpy()[:, :, None]
    tokens = weights["tokens.bias"] + numbers * weights["tokens.weight"]
    fields = fields_of(weights["embedding.weight"], rows)
    fields = np.concatenate([fields, tokens], axis=1)
    embedded = fields.reshape(4, -1)
    hidden = normalise(fields) * weights["norm.weight"] + weights["norm.bias"]
    hidden = first = hidden.reshape(4, -1)
    outputs, start = [], 0
    for i in range(2):
        name = f"blocks.{i}"
        masked = first if model_type == "parallel" else hidden
        # The aggregation layer is wider than what is masked by the ratio.
        rows_of_mask = slice(start, start + int(1.5 * masked.shape[1]))
        start = rows_of_mask.stop
        aggregated = embedded @ weights["aggregation.weight"][rows_of_mask].T
        aggregated = relu(aggregated + weights["aggregation.bias"][rows_of_mask])
        mask = aggregated @ weights[f"{name}.mask.weight"].T
        mask = mask + weights[f"{name}.mask.bias"]
        product = (mask * masked) @ weights[f"{name}.hidden.weight"].T
        scaled = normalise(product) * weights[f"{name}.norm.weight"]
        hidden = relu(scaled + weights[f"{name}.norm.bias"])
        outputs.append(hidden)
    assert start == len(weights["aggregation.weight"])
    if model_type == "parallel":
        hidden = np.hstack(outputs)
    expected = weights["intercept"] + perceptron(weights, "head", hidden)[:, 0]
    np.testing.assert_allclose(network(**rows).detach(), expected)


def make_transformer():
    return randomise(
        TabularTransformer(
            SIZES,
            embedding_dim=8,
            n_layers=2,
            n_heads=2,
            feedforward_dim=16,
            dropout=0.5,
        )
    )


def test_transformer_reads_tokens_in_any_order():
    network = make_transformer()
    tokens = torch.randn(
        5, 7, 8, dtype=torch.double, generator=torch.Generator().manual_seed(1)
    )
    read = network.read(tokens).detach()
    shuffled = network.read(tokens[:, torch.tensor([3, 0, 6, 5, 1, 2, 4])]).detach()
    np.testing.assert_allclose(shuffled, read)
    # Not because it looks at none of them.
    tokens[:, 2, 0] += 1
    assert ((network.read(tokens) - read).abs() > 1e-6).all()


def test_transformer_tells_columns_apart(rows):
    network = make_transformer()
    swapped = rows | {"codes": rows["codes"][:, [1, 0, 2]]}
    assert (network(**rows) - network(**swapped)).abs().max() > 1e-6
    # With the constants of the columns exchanged as well all is as before.
    bias = network.column_bias.data
    bias[[0, 1]] = bias[[1, 0]]
    exchanged = network(**swapped).detach()
    bias[[0, 1]] = bias[[1, 0]]
    np.testing.assert_allclose(exchanged, network(**rows).detach())
