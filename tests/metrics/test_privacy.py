import tracemalloc

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sdmetrics.single_table import NewRowSynthesis
from sklearn.neighbors import NearestNeighbors

from skgen import _nearest
from skgen.metrics import (
    copies,
    dcr_ratio,
    dcr_share,
    distance_to_closest_record,
    epsilon_identifiability,
    hitting_rate,
    nndr,
    privacy_loss,
)

METRICS = [
    distance_to_closest_record,
    nndr,
    copies,
    lambda real, synthetic: dcr_share(real, synthetic, held_out=real),
]


def mixed_table(n_rows, seed, n_levels=4):
    rng = np.random.RandomState(seed)
    frame = pd.DataFrame(
        {
            "x": rng.normal(size=n_rows),
            "count": rng.poisson(2, n_rows),
            "date": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(rng.randint(0, 99, n_rows), unit="D"),
            "id": pd.Series(rng.randint(0, n_levels, n_rows)).map("id{}".format),
            "flag": rng.uniform(size=n_rows) < 0.3,
            "constant": 7.0,
        }
    )
    frame.loc[rng.uniform(size=n_rows) < 0.2, "x"] = np.nan
    frame.loc[rng.uniform(size=n_rows) < 0.2, "id"] = None
    return frame


def brute_force_distances(train, synthetic):
    """One distance for each synthetic and training row, value by value."""
    distances = np.zeros((len(synthetic), len(train)))
    for column in train:
        known = train[column].dropna()
        is_number = column in ("x", "count", "date", "constant")
        for i, a in enumerate(synthetic[column]):
            for j, b in enumerate(train[column]):
                if pd.isna(a) and pd.isna(b):
                    squared = 0
                elif not is_number:
                    squared = a is None or b is None or a != b
                elif known.min() == known.max():
                    squared = a != b
                else:
                    span = known.max() - known.min()
                    if pd.isna(a) or pd.isna(b):
                        there = b if pd.isna(a) else a
                        squared = 1 + ((there - known.min()) / span - 0.5) ** 2
                    else:
                        squared = ((a - b) / span) ** 2
                distances[i, j] += squared
    return np.sort(np.sqrt(distances), axis=1)


@pytest.mark.parametrize("n_levels", [4, 400], ids=["dense", "sparse"])
def test_distances_match_brute_force(n_levels):
    train, synthetic = mixed_table(70, 0, n_levels), mixed_table(50, 1, n_levels)
    synthetic = pd.concat([synthetic, train.tail(3)], ignore_index=True)
    synthetic.loc[0, "constant"] = 8.0
    synthetic.loc[1, "x"] = 99.0
    first, second = brute_force_distances(train, synthetic)[:, :2].T
    assert distance_to_closest_record(train, synthetic) == pytest.approx(
        np.median(first)
    )
    assert nndr(train, synthetic) == pytest.approx(np.median(first / second))


def test_dense_and_sparse_indicators_agree(monkeypatch):
    train, synthetic, held_out = (mixed_table(n, n) for n in (200, 90, 150))
    synthetic = pd.concat([synthetic, train.tail(20)], ignore_index=True)

    def results():
        return [
            distance_to_closest_record(train, synthetic),
            nndr(train, synthetic),
            dcr_share(train, synthetic, held_out=held_out, random_state=0),
        ]

    dense = results()
    monkeypatch.setattr(_nearest, "_MIN_DENSE_SHARE", 2.0)
    assert results() == pytest.approx(dense, abs=1e-12)
    monkeypatch.setattr(_nearest, "_CHUNK_ENTRIES", 1500)
    assert results() == pytest.approx(dense, abs=1e-12)


def test_copies_are_at_the_distance_zero_exactly():
    train = mixed_table(500, 0)
    train["x"] = train["x"] * 1e6 + 1e9  # where fast distances cancel
    assert distance_to_closest_record(train, train.tail(100)) == 0.0


def test_copies_are_found_beside_near_copies():
    rows = np.random.RandomState(0).uniform(size=(200, 3))
    train = np.concatenate([rows + 1e-10, rows])
    assert distance_to_closest_record(train, rows) == 0.0


def test_training_column_without_a_value():
    train = pd.DataFrame({"x": [np.nan, np.nan], "y": [0.0, 1.0]})
    synthetic = pd.DataFrame({"x": [3.0], "y": [0.0]})
    assert distance_to_closest_record(train, synthetic) == pytest.approx(1)
    assert distance_to_closest_record(train, train) == 0


def test_distance_grows_with_noise():
    train = np.random.RandomState(0).normal(size=(300, 4))
    noise = np.random.RandomState(1).normal(size=(300, 4))
    distances = [
        distance_to_closest_record(train, train + scale * noise)
        for scale in (0, 0.01, 0.1, 1)
    ]
    assert distances[0] == 0
    assert np.all(np.diff(distances) > 0)


def test_many_levels_stay_in_bounded_memory():
    rng = np.random.RandomState(0)
    users = rng.randint(0, 4000, size=(2, 20_000))
    apps = rng.randint(0, 1000, size=(2, 20_000))
    train, synthetic = (
        pd.DataFrame({"user": u.astype(str), "app": a.astype(str)})
        for u, a in zip(users, apps, strict=True)
    )
    tracemalloc.start()
    distance = distance_to_closest_record(
        train, synthetic, max_samples=1000, random_state=0
    )
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert distance == pytest.approx(1)  # the same user or app, hardly ever both
    assert peak < 300e6  # the indicators alone would take 1.6 GB, if dense


# dcr_share


def test_fresh_rows_get_one_half_whatever_the_sizes():
    rng = np.random.RandomState(0)
    train, held_out = rng.normal(size=(3000, 3)), rng.normal(size=(1000, 3))
    fresh = rng.normal(size=(3000, 3))
    for real, other in ((train, held_out), (held_out, train)):
        share = dcr_share(real, fresh, held_out=other, random_state=0)
        assert share == pytest.approx(0.5, abs=0.03)


def test_share_of_copies_and_of_held_out_rows():
    train, held_out = (np.random.RandomState(s).normal(size=(200, 3)) for s in (0, 1))
    assert dcr_share(train, train, held_out=held_out) == 1
    assert dcr_share(train, held_out, held_out=held_out) == 0
    half = np.concatenate([train, held_out])
    assert dcr_share(train, half, held_out=held_out) == 0.5
    assert dcr_share(train, half, held_out=train) == 0.5  # all ties


def test_share_matches_a_loop():
    rng = np.random.RandomState(0)
    # Coarse numbers, so that many distances tie.
    train, synthetic, held_out = rng.randint(0, 4, size=(3, 60, 3)).astype(float)
    train[:2] = [[0] * 3, [3] * 3]
    wins = 0.0
    for row in synthetic:
        a, b = (np.min(np.sum((t - row) ** 2, axis=1)) for t in (train, held_out))
        wins += 1 if a < b else 0.5 if a == b else 0
    assert dcr_share(train, synthetic, held_out=held_out) == wins / 60


def test_categorical_ties_are_ties():
    levels = np.array([f"level {i}" for i in range(300)])
    rng = np.random.RandomState(0)
    train, held_out, synthetic = (
        pd.DataFrame(
            {f"c{i}": rng.choice(levels[j::3], 20) for i in range(7)}, dtype=object
        )
        for j in range(3)
    )
    assert dcr_share(train, synthetic, held_out=held_out) == 0.5
    assert distance_to_closest_record(train, synthetic) == pytest.approx(np.sqrt(7))


@pytest.mark.parametrize("seed", range(10))
def test_distances_that_round_differently_are_ties(seed):
    point = np.random.RandomState(seed).uniform(-1, 1, size=7)
    ends = np.full((2, 7), [[-9], [9]])
    train, held_out = np.vstack([ends, point]), np.vstack([ends, -point[::-1]])
    assert dcr_share(train, np.zeros((1, 7)), held_out=held_out) == 0.5


def test_share_repeats_for_a_seed():
    train, held_out, synthetic = (mixed_table(n, n) for n in (300, 100, 200))
    options = {"held_out": held_out, "max_samples": 50}
    shares = [
        dcr_share(train, synthetic, random_state=seed, **options) for seed in range(5)
    ]
    assert shares[0] == dcr_share(train, synthetic, random_state=0, **options)
    assert len(set(shares)) > 1


def test_held_out_columns_must_match():
    train = mixed_table(20, 0)
    with pytest.raises(ValueError, match=r"held_out differ.*\['flag'\]"):
        dcr_share(train, train, held_out=train.drop(columns="flag"))


# nndr


def test_ratio_by_hand():
    train = np.array([[0.0], [4.0], [10.0], [10.0]])
    assert nndr(train, [[1.0]]) == pytest.approx(1 / 3)
    assert nndr(train, [[0.0]]) == 0  # points at one row
    assert nndr(train, [[10.0]]) == 1  # two rows alike
    assert nndr(train, [[2.0]]) == pytest.approx(1)


def test_ratio_of_copies_and_fresh_rows():
    train, fresh = (np.random.RandomState(s).normal(size=(500, 3)) for s in (0, 1))
    assert nndr(train, train) == 0
    assert 0.6 < nndr(train, fresh) < 0.9


def test_ratio_needs_two_rows():
    with pytest.raises(ValueError, match="real has one row"):
        nndr([[1.0]], [[1.0], [2.0]])


# copies


def test_copies_match_sdmetrics():
    train, synthetic = mixed_table(300, 0), mixed_table(200, 1)
    mixed = pd.concat([synthetic, train.sample(70, random_state=0)])
    mixed = mixed[["count", "id", "flag", "date"]].reset_index(drop=True)
    train = train[["count", "id", "flag", "date"]]
    # sdmetrics knows strings by their object dtype
    train, mixed = (t.astype({"id": object}) for t in (train, mixed))
    metadata = {
        "columns": {
            "count": {"sdtype": "numerical"},
            "id": {"sdtype": "categorical"},
            "flag": {"sdtype": "boolean"},
            "date": {"sdtype": "datetime"},
        }
    }
    new = NewRowSynthesis.compute(
        train, mixed, metadata, numerical_match_tolerance=1e-9
    )
    assert copies(train, mixed) == pytest.approx(1 - new)


CELL = st.sampled_from([0, 1, 2, None])


@given(
    st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=20),
    st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=20),
)
@settings(deadline=None, max_examples=60)
def test_copies_match_a_set(real, synthetic):
    known = set(real)
    expected = np.mean([row in known for row in synthetic])
    tables = [
        pd.DataFrame(rows, columns=list("abc")).astype(
            {"a": "Float64", "b": "Int64", "c": "category"}
        )
        for rows in (real, synthetic)
    ]
    assert copies(*tables) == expected


def test_copies_are_exact():
    real = pd.DataFrame({"x": [0.1, 0.2], "y": ["a", "b"]})
    assert copies(real, real.assign(x=np.nextafter(real["x"], 1))) == 0
    assert copies(real, real.assign(y=["b", "a"])) == 0
    assert copies(real, real) == 1
    big = pd.DataFrame({"id": [2**60, 2**60 + 2]})
    assert copies(big, big + 1) == 0
    assert copies(big, big.astype("Int64")) == 1
    start = pd.DataFrame({"t": pd.to_datetime(["2024-01-01"])})
    assert copies(start, start + pd.Timedelta(1, unit="ns")) == 0
    zero = pd.DataFrame({"x": [0.0]})
    assert copies(zero, -zero) == 1


def test_missing_equals_missing():
    real = pd.DataFrame({"x": [np.nan, 1], "y": ["a", None], "z": [pd.NaT, pd.NaT]})
    assert copies(real, real) == 1
    assert copies(real, real.astype({"y": "string"})) == 1
    assert copies(real, real.fillna({"x": 1})) == 0.5


def test_copies_across_dtypes():
    real = pd.DataFrame({"x": [1, 2], "y": pd.Categorical(["a", "b"])})
    synthetic = pd.DataFrame({"x": [1.0, 2.5], "y": ["a", "b"]})
    assert copies(real, synthetic) == 0.5


# All


@pytest.mark.parametrize("metric", METRICS)
def test_refused_tables(metric):
    train = mixed_table(20, 0)
    with pytest.raises(ValueError, match="different order"):
        metric(train, train[train.columns[::-1]])
    with pytest.raises(ValueError, match="'count' of synthetic holds infinities"):
        metric(train, train.assign(count=-np.inf))
    with pytest.raises(ValueError, match="synthetic is empty"):
        metric(train, train.iloc[:0])


@pytest.mark.parametrize("metric", [distance_to_closest_record, nndr])
def test_subsample_repeats_for_a_seed(metric):
    train, synthetic = mixed_table(100, 0), mixed_table(300, 1)
    values = [metric(train, synthetic, max_samples=9, random_state=s) for s in range(5)]
    assert values[0] == metric(train, synthetic, max_samples=9, random_state=0)
    assert len(set(values)) > 1
    with pytest.raises(ValueError, match="max_samples"):
        metric(train, synthetic, max_samples=0)


# dcr_ratio


def test_dcr_ratio_matches_brute_force():
    train, synthetic = mixed_table(60, 0), mixed_table(40, 1)
    across = brute_force_distances(train, synthetic)[:, 0]
    among = brute_force_distances(train, train)[:, 1]  # the first is the row itself
    expected = np.median(across) / np.median(among)
    assert dcr_ratio(train, synthetic) == pytest.approx(expected)


def test_dcr_ratio_of_fresh_rows_and_copies():
    train, fresh, held_out = np.random.RandomState(0).normal(size=(3, 2000, 3))
    value, baseline = dcr_ratio(train, fresh, held_out=held_out, return_baseline=True)
    assert value == pytest.approx(1, abs=0.05)
    assert baseline == pytest.approx(1, abs=0.05)
    assert dcr_ratio(train, train) == 0
    values = [dcr_ratio(train, train + s * fresh) for s in (0, 0.01, 0.1, 1)]
    assert np.all(np.diff(values) > 0)
    sampled = dcr_ratio(train, fresh, max_samples=300, random_state=0)
    assert sampled == pytest.approx(value, abs=0.2)


def test_dcr_ratio_of_repeated_rows():
    train = np.repeat(np.arange(5.0), 2).reshape(-1, 1)
    assert dcr_ratio(train, train) == 1
    with pytest.raises(ValueError, match="More than half of the rows of real"):
        dcr_ratio(train, train + 0.5)


# privacy_loss


def test_loss_matches_scikit_learn():
    rng = np.random.RandomState(0)
    train, held_out, synthetic = rng.uniform(size=(3, 100, 3))
    train[:2] = held_out[:2] = [[0] * 3, [1] * 3]  # the ranges are 1
    means = []
    for known in (held_out, train):
        search = NearestNeighbors(n_neighbors=2).fit(known)
        first, second = search.kneighbors(synthetic)[0].T
        means.append(np.mean(first / second))
    value = privacy_loss(train, synthetic, held_out=held_out)
    assert value == pytest.approx(means[0] - means[1])


def test_loss_grows_with_the_share_of_copies():
    train, held_out, fresh = np.random.RandomState(0).normal(size=(3, 1000, 3))
    values = [
        privacy_loss(train, np.concatenate([train[:n], fresh[n:]]), held_out=held_out)
        for n in (0, 300, 1000)
    ]
    assert values[0] == pytest.approx(0, abs=0.03)
    assert np.all(np.diff(values) > 0.1)
    assert values[2] == pytest.approx(nndr_mean(held_out, train))
    fewer = privacy_loss(train, fresh, held_out=held_out[:200], random_state=0)
    assert fewer == pytest.approx(0, abs=0.05)


def nndr_mean(known, queries):
    low, span = queries.min(axis=0), np.ptp(queries, axis=0)
    search = NearestNeighbors(n_neighbors=2).fit((known - low) / span)
    first, second = search.kneighbors((queries - low) / span)[0].T
    return np.mean(first / second)


# nndr in its other form


def test_second_over_first():
    train, fresh = (np.random.RandomState(s).normal(size=(501, 3)) for s in (0, 1))
    value = nndr(train, fresh, ratio="second/first")
    assert value == pytest.approx(1 / nndr(train, fresh))
    assert nndr(train, train, ratio="second/first") == np.inf
    with pytest.raises(ValueError, match="ratio"):
        nndr(train, fresh, ratio="third")


# epsilon_identifiability


def test_identifiability_matches_a_loop():
    rng = np.random.RandomState(0)

    def draw():
        return pd.DataFrame(
            {
                "x": rng.randint(0, 30, 80).astype(float),
                "c": rng.choice(list("aaab"), 80),
                "constant": 1.0,
            }
        )

    train, synthetic = draw(), draw()[:50]
    weights = [1 / stats.entropy(train[c].value_counts()) ** 2 for c in ("x", "c")]
    span = np.ptp(train["x"])

    def squared(a, b):
        number = ((a["x"] - b["x"]) / span) ** 2
        return weights[0] * number + weights[1] * (a["c"] != b["c"])

    hits = 0
    for i, row in train.iterrows():
        to_synthetic = min(squared(row, s) for _, s in synthetic.iterrows())
        among = min(squared(row, r) for j, r in train.iterrows() if j != i)
        hits += to_synthetic < among - 1e-12
    assert 0 < hits < 80
    assert epsilon_identifiability(train, synthetic) == hits / 80


def test_identifiability_of_fresh_rows_and_copies():
    train, fresh, held_out = np.random.RandomState(0).normal(size=(3, 2000, 3))
    assert epsilon_identifiability(train, fresh) == pytest.approx(0.5, abs=0.04)
    assert epsilon_identifiability(train, train) == 1
    values = [epsilon_identifiability(train, train + s * fresh) for s in (0, 0.1, 3)]
    assert np.all(np.diff(values) < 0)
    # no more synthetic rows than the baseline has
    value, baseline = epsilon_identifiability(
        train, fresh, held_out=held_out[:200], return_baseline=True, random_state=0
    )
    assert value == pytest.approx(baseline, abs=0.03)
    assert value == pytest.approx(200 / 2200, abs=0.03)


# hitting_rate


@pytest.mark.parametrize("threshold", [0, 0.05, 0.3, 1])
def test_hits_match_a_loop(threshold):
    train, synthetic = mixed_table(80, 0), mixed_table(70, 1)
    synthetic = pd.concat([synthetic, train.tail(5)], ignore_index=True)
    synthetic.loc[0, "constant"] = 8.0
    hits = 0
    for _, row in train.iterrows():
        hit = pd.Series(True, index=synthetic.index)
        for column in train:
            other = synthetic[column]
            if pd.isna(row[column]):
                hit &= other.isna()
            elif column in ("id", "flag", "constant"):
                hit &= other == row[column]
            else:
                span = train[column].max() - train[column].min()
                hit &= (other - row[column]).abs() <= threshold * span
        hits += hit.any()
    assert hitting_rate(train, synthetic, threshold=threshold) == hits / 80
    assert 5 <= hits < 80


def test_hits_of_copies_and_fewer_rows():
    train, fresh = (np.random.RandomState(s).normal(size=(500, 2)) for s in (0, 1))
    assert hitting_rate(train, train) == 1
    assert hitting_rate(train, train, threshold=0) == 1
    values = [hitting_rate(train, train + s * fresh) for s in (0, 0.2, 3)]
    assert np.all(np.diff(values) < 0)
    value, baseline = hitting_rate(
        train, fresh, held_out=train[:100] + 50, return_baseline=True, random_state=0
    )
    assert value < hitting_rate(train, fresh)
    assert baseline == 0
