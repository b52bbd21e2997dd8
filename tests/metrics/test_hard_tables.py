"""What all measures do with tables that are hard to measure, and with real rows."""

import inspect
import sys

import numpy as np
import pandas as pd
import pytest

import skgen.metrics
from skgen.datasets import load_open_bandit
from skgen.metrics import fidelity, privacy, utility

# They need a package: tests/metrics/test_anonymeter.py
OF_ANONYMETER = {"inference_risk", "linkability_risk", "singling_out_risk"}
FIDELITY = sorted(fidelity.__all__)
PRIVACY = sorted(set(privacy.__all__) - OF_ANONYMETER)
UTILITY = sorted(utility.__all__)
ALL = [*FIDELITY, *PRIVACY, *UTILITY]
# Whether copies of the training rows get a higher value than fresh rows.
COPIES_ARE_HIGHER = {
    "copies": True,
    "dcr_ratio": False,
    "dcr_share": True,
    "density_membership_inference": True,
    "distance_membership_inference": True,
    "distance_to_closest_record": False,
    "epsilon_identifiability": True,
    "hitting_rate": True,
    "nndr": False,
    "privacy_loss": True,
}


def call(name, real, synthetic, held_out, seed=0, **options):
    """Call a measure with what it needs, labels and held-out rows included."""
    measure = getattr(skgen.metrics, name)
    known = inspect.signature(measure).parameters
    tables = {"real": real, "synthetic": synthetic}
    if "held_out" in known:
        tables["held_out"] = held_out
    if "random_state" in known:
        options["random_state"] = seed
    for table in ("real", "synthetic"):
        if f"y_{table}" in known:
            options[f"y_{table}"] = np.arange(len(tables[table])) % 2
    if "synthetic" not in known:
        del tables["synthetic"]
    return measure(**tables, **options)


def hard_table(n_rows, seed):
    """Every dtype, missing values, a constant column and one of 5,000 levels."""
    rng = np.random.RandomState(seed)
    frame = pd.DataFrame(
        {
            "float": rng.standard_cauchy(n_rows),
            "mass": rng.gamma(2, size=n_rows) * (rng.uniform(size=n_rows) < 0.1),
            "huge": rng.normal(1e12, 1.0, n_rows),
            "bool": rng.uniform(size=n_rows) < 0.3,
            "category": pd.Categorical(rng.choice(list("abc"), n_rows)),
            "string": pd.array(rng.choice(["x", "y"], n_rows), dtype="string"),
            "id": pd.Series(rng.randint(0, 5000, n_rows)).map("id{}".format),
            "date": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(rng.randint(0, 10**6, n_rows), unit="s"),
            "duration": pd.to_timedelta(rng.exponential(9, n_rows), unit="s"),
            "nullable": pd.array(rng.randint(0, 9, n_rows), dtype="Int64"),
            "constant": 1.0,
            "same": "x",
            "empty": np.nan,
        }
    )
    for column in ("float", "category", "string", "id", "date", "nullable"):
        frame.loc[rng.uniform(size=n_rows) < 0.1, column] = None
    return frame


@pytest.fixture(scope="module")
def hard():
    return [hard_table(300, seed) for seed in range(3)]


def is_finite(value):
    parts = value if isinstance(value, tuple) else (value,)
    return all(np.isfinite(part).all() for part in parts)


@pytest.mark.parametrize("name", ALL)
def test_hard_tables_get_finite_values(name, hard):
    value = call(name, *hard)
    assert is_finite(value)
    assert is_finite(call(name, hard[0], hard[0], hard[2]))


@pytest.mark.parametrize("name", ALL)
def test_missing_on_one_side(name, hard):
    real, synthetic, held_out = hard
    synthetic = synthetic.assign(float=np.nan, category=None, date=pd.NaT)
    real = real.ffill().bfill()
    assert is_finite(call(name, real, synthetic, held_out))


@pytest.mark.parametrize("name", ALL)
def test_a_table_of_constants(name):
    table = pd.DataFrame({"a": [1.0] * 40, "b": ["x"] * 40, "c": [2] * 40})
    other = table.assign(a=2.0)
    for synthetic in (table, other):
        if name == "dcr_ratio" and synthetic is other:
            with pytest.raises(ValueError, match="More than half of the rows of real"):
                call(name, table, synthetic, table)
        else:
            assert is_finite(call(name, table, synthetic, table))


@pytest.mark.parametrize("name", ALL)
def test_one_row(name, hard):
    row = hard[0].iloc[:1]
    try:
        value = call(name, row, hard[1].iloc[:1], hard[2].iloc[:1])
    except ValueError as error:
        # What cannot be computed is refused in words, with a remedy.
        assert "give" in str(error)  # noqa: PT017
    else:
        assert is_finite(value)


@pytest.mark.parametrize("name", ALL)
def test_tables_stay_as_they_were(name, hard):
    before = [table.copy(deep=True) for table in hard]
    state = np.random.get_state()[1].copy()
    call(name, *hard)
    for table, copy in zip(hard, before, strict=True):
        pd.testing.assert_frame_equal(table, copy)
    assert (np.random.get_state()[1] == state).all()


@pytest.mark.parametrize("name", [n for n in ALL if n != "train_real_test_real"])
def test_other_columns_are_refused_by_name(name, hard):
    real, synthetic, held_out = hard
    with pytest.raises(ValueError, match="'mass'"):
        call(name, real, synthetic.drop(columns="mass"), held_out)
    with pytest.raises(ValueError, match=r"'mass'.*infinit"):
        call(name, real, synthetic.assign(mass=np.inf), held_out)


@pytest.mark.parametrize("name", sorted(OF_ANONYMETER))
def test_missing_package_is_named(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "anonymeter", None)
    with pytest.raises(ImportError, match=r"anonymeter.*pip install skgen\[privacy\]"):
        call(name, [[1.0]], [[1.0]], [[1.0]])


# On real rows


@pytest.fixture(scope="module")
def rows():
    X = load_open_bandit(return_X_y=True)[0]
    # Different rows: a copy of a row that many share gives nobody away.
    X = X.drop_duplicates().sample(frac=1, random_state=0, ignore_index=True)
    size = min(len(X) // 3, 500)
    return [X.iloc[i * size : (i + 1) * size].reset_index(drop=True) for i in range(3)]


def test_every_measure_of_privacy_claims_something():
    assert set(COPIES_ARE_HIGHER) == set(PRIVACY)


@pytest.mark.parametrize("name", PRIVACY)
def test_copies_of_real_rows_are_flagged_and_fresh_rows_are_not(name, rows):
    train, held_out, fresh = rows
    sign = 1 if COPIES_ARE_HIGHER[name] else -1
    excess = []
    for synthetic in (train, fresh):
        value, baseline = call(name, train, synthetic, held_out, return_baseline=True)
        excess.append(sign * (value - baseline))
    assert excess[0] > 0.1
    assert excess[1] < 0.07


@pytest.mark.parametrize("name", PRIVACY)
def test_baseline_is_the_value_of_held_out_rows(name, hard):
    train, synthetic, held_out = hard
    value, baseline = call(name, train, synthetic, held_out, return_baseline=True)
    assert value == call(name, train, synthetic, held_out)
    if "held_out" not in inspect.signature(getattr(skgen.metrics, name)).parameters:
        pytest.fail("takes no held-out rows")
    assert baseline >= 0 or name == "privacy_loss"
    assert (value, baseline) == call(
        name, train, synthetic, held_out, return_baseline=True
    )


@pytest.mark.parametrize("name", PRIVACY)
def test_baseline_needs_held_out_rows(name, hard):
    train, synthetic, _ = hard
    measure = getattr(skgen.metrics, name)
    required = inspect.signature(measure).parameters["held_out"].default
    if required is inspect.Parameter.empty:
        with pytest.raises(ValueError, match="held_out has"):
            measure(train, synthetic, held_out=train[:1], return_baseline=True)
    else:
        with pytest.raises(ValueError, match="give some as held_out"):
            measure(train, synthetic, return_baseline=True)
