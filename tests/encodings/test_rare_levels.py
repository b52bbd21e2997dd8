import time

import numpy as np
import pandas as pd
import pytest

from skgen.encodings.rare_levels import LevelGroups
from skgen.table import TableSchema


def make_table(n=20_000, n_levels=3000, seed=0):
    rng = np.random.RandomState(seed)
    labels = (rng.rand(n) < 0.2).astype(np.intp)
    # Frequencies fall as a power of the rank; the label shifts the ranks.
    rank = (n_levels * rng.rand(n) ** (3 + labels)).astype(int)
    X = pd.DataFrame(
        {
            "site": pd.Series(rank).astype(str),
            "parity": np.where(rank % 2, "odd", "even"),
            "colour": rng.choice(["red", "green", "blue"], n),
            "price": rng.normal(size=n),
        }
    )
    return TableSchema().fit(X).transform(X), labels, rng


@pytest.fixture(scope="module")
def fitted():
    table, labels, rng = make_table()
    return LevelGroups(max_levels=64).fit(table, labels, rng), table, labels, rng


def test_few_levels_stay_as_they_are(fitted):
    groups, table, labels, rng = fitted
    assert groups.cardinalities_.tolist() == [64, 2, 3]
    made = groups.transform(table.codes)
    assert (made[:, 1:] == table.codes[:, 1:]).all()
    back = groups.inverse_transform(made, labels, rng)
    assert (back[:, 1:] == table.codes[:, 1:]).all()


def test_frequent_levels_come_back_as_themselves(fitted):
    groups, table, labels, rng = fitted
    made = groups.transform(table.codes)
    assert set(made[:, 0]) == set(range(64))
    back = groups.inverse_transform(made, labels, rng)
    counts = pd.Series(table.codes[:, 0]).value_counts()
    # Ties decide who is the 48th: those above it are clear.
    clear = np.isin(table.codes[:, 0], counts.index[counts > counts.iloc[48]])
    assert (back[clear, 0] == table.codes[clear, 0]).all()
    assert clear.any()


def test_way_back_stays_in_the_group(fitted):
    groups, table, labels, rng = fitted
    made = groups.transform(table.codes)
    back = groups.inverse_transform(made, labels, rng)
    assert (groups.transform(back) == made).all()


def test_any_level_comes_back_by_its_frequency_given_group_and_label(fitted):
    groups, table, labels, rng = fitted
    made = groups.transform(table.codes)
    bucket = 50
    inside = (made[:, 0] == bucket) & (labels == 1)
    n_draws = 40_000
    asked = np.tile(made[inside][:1], (n_draws, 1))
    back = groups.inverse_transform(asked, np.ones(n_draws, dtype=np.intp), rng)[:, 0]
    n_levels = table.cardinalities[0]
    wanted = np.bincount(table.codes[inside, 0], minlength=n_levels) / inside.sum()
    got = np.bincount(back, minlength=n_levels) / n_draws
    assert len(set(table.codes[inside, 0])) > 5
    assert (got > 0).tolist() == (wanted > 0).tolist()
    assert np.abs(got - wanted).max() < 4 * np.sqrt(0.25 / n_draws)


def test_a_label_new_to_the_bucket_takes_any_level_of_it():
    table, labels, rng = make_table(2000, 500)
    labels[:] = 0
    labels[:2] = 1
    groups = LevelGroups(max_levels=20).fit(table, labels, rng)
    asked = np.repeat(np.arange(20, dtype=np.int32), 100)
    asked = np.column_stack([asked, 0 * asked, 0 * asked])
    back = groups.inverse_transform(asked, np.ones(2000, dtype=np.intp), rng)
    assert (groups.transform(back) == asked).all()
    assert set(back[:, 0]) <= set(table.codes[:, 0])


def test_buckets_hold_similar_numbers_of_rows_and_similar_levels(fitted):
    groups, table, _, _ = fitted
    made = groups.transform(table.codes)[:, 0]
    sizes = np.bincount(made, minlength=64)[48:]
    assert sizes.min() > 0.4 * sizes.mean()
    assert sizes.max() < 2.5 * sizes.mean()
    # Parity is known for each level, and a bucket is of one parity mostly.
    odd = np.bincount(made, weights=table.codes[:, 1], minlength=64)[48:] / sizes
    assert (np.minimum(odd, 1 - odd) < 0.1).mean() > 0.7


def test_levels_without_rows_have_a_group_but_do_not_come_back():
    table, labels, rng = make_table(5000, 400)
    seen = table.codes[:, 0] % 3 > 0
    groups = LevelGroups(max_levels=32).fit(table.take(seen), labels[seen], rng)
    made = groups.transform(table.codes)
    assert made[:, 0].max() < 32
    back = groups.inverse_transform(made, labels, rng)
    assert set(back[:, 0]) <= set(table.codes[seen, 0])


@pytest.mark.parametrize("max_levels", [2, 3, 7])
def test_few_groups(max_levels):
    table, labels, rng = make_table(1000, 100)
    groups = LevelGroups(max_levels=max_levels).fit(table, labels, rng)
    made = groups.transform(table.codes)
    assert set(made[:, 0]) == set(range(max_levels))
    back = groups.inverse_transform(made, labels, rng)
    assert (groups.transform(back) == made).all()


def test_twenty_thousand_levels_take_seconds():
    table, labels, rng = make_table(100_000, 20_000)
    start = time.perf_counter()
    groups = LevelGroups().fit(table, labels, rng)
    made = groups.transform(table.codes)
    groups.inverse_transform(made, labels, rng)
    assert time.perf_counter() - start < 10
    assert groups.cardinalities_[0] == 256
