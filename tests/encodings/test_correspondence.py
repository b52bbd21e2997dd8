import numpy as np
import pandas as pd
from scipy import sparse

from skgen.encodings.correspondence import N_BINS, bin_codes, correspondence, indicators
from skgen.table import TableSchema


def to_table(frame):
    return TableSchema().fit(frame).transform(frame)


def test_bins_are_quantile_bins():
    values = np.random.RandomState(0).permutation(800).astype(float)
    assert (bin_codes(values) == values // 100).all()


def test_equal_values_share_a_bin():
    bins = bin_codes(np.array([1.0] * 90 + [2.0] * 10))
    assert len(set(bins[:90])) == 1
    assert len(set(bins[90:])) == 1


def test_indicators_count_levels_and_bins():
    rng = np.random.RandomState(0)
    frame = pd.DataFrame(
        {
            "x": rng.normal(size=300),
            "c": rng.choice(list("abc"), 300),
            "b": [0, 1] * 150,
        }
    )
    table = to_table(frame.astype({"b": bool}))
    labels = rng.randint(3, size=300)
    matrix = indicators(table, table.fields, labels)
    dense = matrix.toarray()
    assert dense.shape == (300, 3 + N_BINS + 3 + 2)
    assert (dense[:, :3].argmax(axis=1) == labels).all()
    assert (dense[:, 3 + N_BINS : 6 + N_BINS].argmax(axis=1) == table.codes[:, 0]).all()
    assert (dense[:, -1] == frame["b"]).all()


def test_correspondence_finds_groups_of_levels():
    rng = np.random.RandomState(0)
    group = rng.randint(2, size=40)
    levels = rng.randint(40, size=20_000).astype(np.int32)
    beside = np.where(rng.rand(20_000) < 0.8, group[levels], 1 - group[levels])
    context = sparse.csr_matrix(np.eye(2)[beside])
    places = correspondence(levels, 40, context, rng)[:, 0]
    low, high = sorted([places[group == 0].mean(), places[group == 1].mean()])
    assert places[group == 0].std() < (high - low) / 4
    assert (
        (places > (low + high) / 2)
        == (group == np.argmax([places[group == 0].mean(), places[group == 1].mean()]))
    ).all()
