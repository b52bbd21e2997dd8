"""Criteo's rows against pandas' own reading."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from skgen.datasets import read_criteo

NAMES = ["label", *(f"I{i}" for i in range(1, 14)), *(f"C{i}" for i in range(1, 27))]


@pytest.fixture(scope="module")
def table():
    rng = np.random.RandomState(0)
    n = 200
    made = {"label": rng.randint(0, 2, n)}
    for name in NAMES[1:]:
        present = rng.rand(n) < 0.7
        if name.startswith("I"):
            made[name] = np.where(present, rng.randint(-2, 3000, n).astype(str), "")
        else:
            made[name] = np.where(
                present, [f"{k:08x}" for k in rng.randint(0, 99, n)], ""
            )
    return pd.DataFrame(made)


@pytest.fixture(params=["train.txt", "day_0.gz"])
def path(request, tmp_path, table):
    path = tmp_path / request.param
    table.to_csv(path, sep="\t", index=False, header=False)
    return path


def test_all_columns(path, table):
    data = read_criteo(path)
    assert data.feature_names == NAMES[1:]
    assert data.target.tolist() == table["label"].tolist()
    for name in NAMES[1:]:
        if name.startswith("I"):
            wanted = pd.to_numeric(table[name]).to_numpy(dtype=float)
            np.testing.assert_array_equal(data.data[name], wanted)
        else:
            # Hashes stay texts, also those of digits alone.
            assert (
                data.data[name].astype(object).fillna("").tolist()
                == table[name].tolist()
            )


def test_some_columns_and_rows(path):
    X, y = read_criteo(path, columns=["C3", "I2"], n_rows=50, return_X_y=True)
    assert list(X.columns) == ["I2", "C3"]
    assert len(X) == len(y) == 50


def test_what_is_wrong(tmp_path, table):
    with pytest.raises(FileNotFoundError, match="criteo-display-ad-challenge"):
        read_criteo(tmp_path / "train.txt")
    path = tmp_path / "three.txt"
    table.assign(label=np.arange(200) % 3).to_csv(
        path, sep="\t", index=False, header=False
    )
    with pytest.raises(ValueError, match="label column 'label' holds"):
        read_criteo(path)
    table.drop(columns="C26").to_csv(path, sep="\t", index=False, header=False)
    with pytest.raises(ValueError, match=r"200 of 200 .*39 values instead of 40"):
        read_criteo(path)
