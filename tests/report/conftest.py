import numpy as np
import pandas as pd
import pytest

from skgen.report import Report
from skgen.report._definitions import DEFINITIONS

# All but the attacks of anonymeter, which take seconds.
FAST = [
    "detection",
    "total_variation",
    "ks_statistic",
    "contingency_similarity",
    "train_synthetic_test_real",
    "utility_ratio",
    "copies",
    "hitting_rate",
    "distance_to_closest_record",
    "dcr_share",
    "privacy_loss",
    "distance_membership_inference",
]


def make_table(n_rows, seed):
    """Mixed columns that depend on one another, with missing values and a constant."""
    rng = np.random.RandomState(seed)
    age = rng.randint(18, 80, n_rows).astype(float)
    income = np.exp(rng.normal(size=n_rows) / 2 + age / 40)
    device = np.where(rng.rand(n_rows) < age / 100, "phone", "pc").astype(object)
    logit = (age - 50) / 8 + (device == "phone")
    label = (rng.rand(n_rows) < 1 / (1 + np.exp(-logit))).astype(int)
    age[rng.rand(n_rows) < 0.1] = np.nan
    device[rng.rand(n_rows) < 0.05] = None
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.randint(0, 365, n_rows), "D")
    return pd.DataFrame(
        {
            "age": age,
            "income": income,
            "device": device,
            "day": day,
            "site": "a",
            "clicked": label,
        }
    )


@pytest.fixture(scope="session")
def real():
    return make_table(400, seed=0)


@pytest.fixture(scope="session")
def held_out():
    return make_table(400, seed=1)


@pytest.fixture(scope="session")
def fresh():
    return make_table(400, seed=2)


@pytest.fixture(scope="session")
def noise(real):
    """Each column shuffled, and numbers shifted."""
    rng = np.random.RandomState(3)
    shuffled = real.apply(lambda column: rng.permutation(column.to_numpy()))
    shuffled["income"] = shuffled["income"] * 3 + 5
    return shuffled.astype(real.dtypes.to_dict())


@pytest.fixture(scope="session")
def reports(real, held_out, fresh, noise):
    """Reports without pictures on tables whose verdict is known."""
    return {
        name: Report.from_samples(
            real,
            synthetic,
            target="clicked",
            held_out=held_out,
            metrics=FAST,
            pictures=False,
        )
        for name, synthetic in (("fresh", fresh), ("copies", real), ("noise", noise))
    }


@pytest.fixture(scope="session")
def pictured(real, held_out, fresh):
    """A report with pictures and all measures, but for the slow attacks."""
    return Report.from_samples(
        real,
        fresh,
        target="clicked",
        held_out=held_out,
        metrics=[name for name in DEFINITIONS if not name.endswith("_risk")],
    )
