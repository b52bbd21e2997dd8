"""A small click log."""

import numpy as np
import pandas as pd
import pytest

N = 400


@pytest.fixture(scope="module")
def clicks():
    rng = np.random.RandomState(0)
    y = np.where(rng.rand(N) < 0.2, "click", "none")
    X = pd.DataFrame(
        {
            "age": rng.randint(18, 90, N),
            "seconds": np.where(rng.rand(N) < 0.6, 0.0, rng.exponential(size=N)),
            "score": np.where(rng.rand(N) < 0.1, np.nan, rng.normal(size=N)),
            "city": rng.choice(["Oslo", "Rome", None], N),
            "tags": [
                "^".join(t for t in "abcde" if rng.rand() < 0.4) for _ in range(N)
            ],
            "site": 1,
        }
    )
    return X, y
