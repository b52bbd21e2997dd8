import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from skgen.cli import app
from skgen.datasets import make_clicks

DATES = ["2024-05-01 10:00:00", "2024-05-02 23:30:00"]


def run(*args):
    return CliRunner().invoke(app, [str(arg) for arg in args])


def table(n=400, seed=0):
    """Clicks in a few columns, the target amid them."""
    data = make_clicks(n, click_rate=0.1, n_users=30, n_ads=20, random_state=seed)
    rng = np.random.RandomState(seed)
    return pd.DataFrame(
        {
            "age": data.data["age"].to_numpy().astype(int),
            "device": rng.choice(["phone", "tablet", "pc"], n),
            "label": data.target.to_numpy().astype(int),
            "price": rng.gamma(2, 3, n).round(2),
            "time": rng.choice(pd.to_datetime(DATES), n),
            "flag": rng.rand(n) < 0.3,
            "slot": rng.randint(1, 5, n),
        }
    )


@pytest.fixture(scope="session")
def clicks(tmp_path_factory):
    path = tmp_path_factory.mktemp("tables") / "clicks.csv"
    table().to_csv(path, index=False)
    return path
