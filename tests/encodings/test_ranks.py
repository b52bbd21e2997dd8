import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest

from skgen.encodings.ranks import NumberRanks
from skgen.table import TableSchema


@pytest.fixture
def table():
    rng = np.random.RandomState(0)
    X = pd.DataFrame(
        {
            "seconds": np.where(rng.rand(2000) < 0.6, 0, rng.exponential(size=2000)),
            "score": np.where(rng.rand(2000) < 0.2, np.nan, rng.normal(size=2000)),
            "age": rng.randint(18, 90, 2000),
            "city": rng.choice(["Oslo", "Rome"], 2000),
        }
    )
    return TableSchema().fit(X).transform(X)


def test_standard_normal(table):
    latent = NumberRanks().fit(table).transform(table, np.random.RandomState(0))
    for column in latent.T:
        assert kstest(column, "norm").pvalue > 1e-3


def test_round_trip(table):
    ranks = NumberRanks().fit(table)
    latent = ranks.transform(table, np.random.RandomState(0))
    back = table.empty(len(table))
    back.codes[:] = table.codes
    ranks.write(latent, back)
    np.testing.assert_allclose(back.numeric, table.numeric)
    # What does not count is exact, and follows the code alone.
    idle = ~ranks.counts(table)
    ranks.write(-latent, back)
    np.testing.assert_array_equal(back.numeric[idle], table.numeric[idle])


def test_ranks_are_those_among_the_values_that_count(table):
    ranks = NumberRanks().fit(table)
    first, second = (ranks.transform(table, np.random.RandomState(i)) for i in (0, 1))
    counts = ranks.counts(table)
    np.testing.assert_array_equal(
        counts, np.column_stack([table.active(i) for i in range(3)])
    )
    seconds = counts[:, 0]
    np.testing.assert_array_equal(first[seconds, 0], second[seconds, 0])
    order = np.argsort(table.numeric[seconds, 0])
    assert (np.diff(first[seconds, 0][order]) > 0).all()
    # The others are noise, drawn afresh.
    assert abs(np.corrcoef(first[~seconds, 0], second[~seconds, 0])[0, 1]) < 0.15


def test_a_number_that_never_counts(table):
    gate = table.gates[0]
    part = table.take(table.codes[:, gate] == 1)
    ranks = NumberRanks().fit(part)
    back = part.empty(len(part))
    back.codes[:] = part.codes
    ranks.write(ranks.transform(part, np.random.RandomState(0)), back)
    np.testing.assert_array_equal(back.numeric[:, 0], part.numeric[:, 0])
    assert 0 not in ranks.axes_
