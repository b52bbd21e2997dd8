import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def plt():
    """Pyplot without a screen; what the test drew is closed."""
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    before = matplotlib.rcParams.copy()
    yield pyplot
    pyplot.close("all")
    assert dict(matplotlib.rcParams) == dict(before)


def make_clicks(n, seed):
    rng = np.random.RandomState(seed)
    y = (rng.rand(n) < 0.3).astype(int)
    X = pd.DataFrame(
        {
            "age": rng.randint(18, 90, n),
            "price": rng.lognormal(sigma=2, size=n),
            "score": np.where(rng.rand(n) < 0.1, np.nan, rng.normal(size=n) + y),
            "device": pd.Categorical(rng.choice(["phone", "tablet"], n)),
            "city": rng.choice(["Oslo", "Rome", None], n, p=[0.5, 0.3, 0.2]),
            "weekend": rng.rand(n) < 0.3,
            "time": pd.Timestamp("2024-05-01")
            + pd.to_timedelta(rng.randint(0, 40_000, n), unit="min"),
            "dwell": pd.to_timedelta(rng.gamma(2, 3000, n).round(), unit="s"),
            "ad $ id": [f"ad{v}" for v in (rng.pareto(0.6, n) * 3).astype(int) % 5000],
            "site": 1,
        }
    )
    return X, y


@pytest.fixture(scope="session")
def clicks():
    """Real rows and labels, and others of the same distribution."""
    return (*make_clicks(600, 0), *make_clicks(400, 1))
