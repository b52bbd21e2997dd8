"""Avazu's rows against pandas' own reading."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from skgen.datasets import read_avazu
from skgen.datasets._avazu import _HASHED, COLUMNS


@pytest.fixture
def table():
    rng = np.random.RandomState(0)
    n = 100
    made = {"id": [str(10**19 + i) for i in range(n)], "click": rng.randint(0, 2, n)}
    for name in COLUMNS[1:]:
        if name == "hour":
            made[name] = [f"1410{d}{d:02d}" for d in rng.randint(21, 24, n)]
        elif name in _HASHED:
            made[name] = [f"{k:08x}" for k in rng.randint(0, 99, n)]
        else:
            made[name] = rng.randint(-1, 200, n)
    return pd.DataFrame(made)


@pytest.fixture
def path(tmp_path, table):
    path = tmp_path / "train.gz"
    table.to_csv(path, index=False)
    return path


def test_all_columns(path, table):
    data = read_avazu(path)
    assert data.feature_names == COLUMNS[1:]
    assert len(data.feature_names) == 22
    assert data.target.tolist() == table["click"].tolist()
    hours = pd.to_datetime(table["hour"], format="%y%m%d%H")
    assert data.data["hour"].tolist() == hours.tolist()
    for name in COLUMNS[2:]:
        assert data.data[name].tolist() == table[name].tolist()
        assert data.data[name].dtype == "category"


def test_ids_are_read_if_asked_for(path, table):
    X, y = read_avazu(path, columns=["id"], sample=0.5, random_state=0, return_X_y=True)
    assert set(X["id"]) <= set(table["id"])
    assert 30 < len(y) < 70


def test_what_is_wrong(tmp_path, path, table):
    with pytest.raises(FileNotFoundError, match="avazu-ctr-prediction"):
        read_avazu(tmp_path / "nowhere.gz")
    table.assign(click=2).to_csv(path, index=False)
    with pytest.raises(ValueError, match=r"'click' holds \[2\]"):
        read_avazu(path)
