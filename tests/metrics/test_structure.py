import numpy as np
import pandas as pd
import pytest

from skgen import AutoregressiveTrees
from skgen.metrics import (
    blind_detection,
    compare_histories,
    compare_rules,
    detection,
    get_scorer,
    id_frequency_distance,
    rules_kept,
)
from skgen.structure import Equal, Structure


def make_log(seed, n=3000):
    rng = np.random.RandomState(seed)
    weights = 1 / np.arange(1, 5001)
    user = rng.choice(5000, size=n, p=weights / weights.sum())
    start = rng.randint(100, size=n)
    return pd.DataFrame(
        {
            "user": [f"u{i}" for i in user],
            "city": [f"c{i % 9}" for i in user],
            "start": start,
            "end": start + rng.randint(50, size=n),
        }
    )


def test_names_do_not_count_and_frequencies_do():
    real, fresh = make_log(0), make_log(1)
    renamed = fresh.assign(user="new" + fresh["user"])
    assert detection(real, renamed, random_state=0) > 0.9
    kept = blind_detection(real, fresh, random_state=0)
    assert 0.4 < kept < 0.6
    once = fresh.assign(user=[f"n{i}" for i in range(len(fresh))])
    assert blind_detection(real, once, random_state=0) > 0.8


def test_rows_per_id():
    real = pd.DataFrame({"u": [f"a{i}" for i in range(60)] + ["b"] * 40})
    other = pd.DataFrame({"u": [f"c{i // 2}" for i in range(100)]})
    # 60 % of the rows have an id of their own and 40 % one of 20 rows or more.
    assert id_frequency_distance(real, other) == pytest.approx(1.0)
    mixed = pd.DataFrame({"u": [f"a{i}" for i in range(80)] + ["b"] * 20})
    assert id_frequency_distance(real, mixed) == pytest.approx(0.2)
    assert id_frequency_distance(real[["u"]].iloc[60:], real[["u"]].iloc[60:]) == 0.0


def test_rules_hold_in_held_out_rows_and_not_in_shuffled_ones():
    real, held_out = make_log(0), make_log(1)
    rng = np.random.RandomState(2)
    shuffled = real.apply(lambda column: rng.permutation(column))
    found = compare_rules(real, shuffled, held_out=held_out).set_index("rule")
    assert list(found.index) == ["'start' <= 'end'", "'user' determines 'city'"]
    assert (found[["real", "held_out"]] == 1.0).all(axis=None)
    orders = (shuffled["start"] <= shuffled["end"]).mean()
    assert found.loc["'start' <= 'end'", "synthetic"] == pytest.approx(orders)
    assert rules_kept(real, shuffled) == pytest.approx(found["synthetic"].mean())


def test_equal_numbers_are_counted():
    a = np.arange(100.0)
    real = pd.DataFrame({"a": a, "b": np.where(a < 30, a, a + 0.5)})
    never = real.assign(b=a + 0.5)
    structure = Structure([Equal("a", "b")])
    assert rules_kept(real, never, structure=structure) == pytest.approx(0.7)


def test_as_scorers():
    X = make_log(0)
    generator = AutoregressiveTrees(random_state=0).fit(X)
    held_out = make_log(1)
    assert get_scorer("rules_kept")(generator, held_out) > 0.99
    assert get_scorer("blind_detection")(generator, held_out) > -0.7
    assert get_scorer("id_frequency_distance")(generator, held_out) > -0.1


def test_histories():
    rng = np.random.RandomState(0)
    user = np.repeat(np.arange(200), 5)
    X = pd.DataFrame({"user": user, "time": rng.exponential(size=1000).cumsum()})
    X["page"] = np.where(np.arange(1000) % 2, "a", "b")
    slower = X.assign(time=X["time"] * 3)
    found = compare_histories(X, slower, group="user", order="time", held_out=X)
    assert (found["held_out"] == 0).all()
    assert found.loc["rows", "synthetic"] == 0
    # Exponential gaps of means 1 and 3: the greatest difference of their distributions.
    t = np.log(3) * 1.5
    expected = np.exp(-t / 3) - np.exp(-t)
    assert found.loc["gaps", "synthetic"] == pytest.approx(expected, abs=0.03)
    stuck = X.assign(page="a")
    found = compare_histories(X, stuck, group="user", order="time")
    assert found.loc["page: repeats", "synthetic"] == 1.0
