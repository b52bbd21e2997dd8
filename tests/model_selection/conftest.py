import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def clicks():
    """Mixed columns, one click in eight."""
    rng = np.random.RandomState(0)
    n = 320
    X = pd.DataFrame(
        {
            "price": rng.gamma(2, 3, n).round(2),
            "age": rng.randint(18, 80, n),
            "device": rng.choice(["phone", "tablet", "pc"], n),
            "seen": rng.rand(n) < 0.5,
        }
    )
    log_odds = 2 * (X["device"] == "phone") + 0.3 * X["price"] - 5
    y = pd.Series((rng.rand(n) < 1 / (1 + np.exp(-log_odds))).astype(int), name="click")
    return X, y
