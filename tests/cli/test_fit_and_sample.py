import numpy as np
import pandas as pd
import pytest

from skgen.cli._tables import read_table

from .conftest import run, table


@pytest.fixture(scope="module")
def model(clicks, tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "model.pkl"
    result = run(
        *("fit", clicks, "-t", "label", "-g", "gaussian-copula", "-o", path),
        *("--categorical", "slot"),
    )
    assert result.exit_code == 0, result.output
    assert "400 rows" in result.stdout
    assert "trusted sources" in result.stdout
    return path


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet"])
def test_sampled_table_looks_like_the_learned_one(model, tmp_path, suffix):
    output = tmp_path / f"rows{suffix}"
    result = run("sample", model, "-n", 150, "-o", output)
    assert result.exit_code == 0, result.output
    frame = read_table(output)
    real = table()
    assert list(frame.columns) == list(real.columns)
    assert len(frame) == 150
    for name in real.columns:
        kind = "i" if name == "slot" and suffix == ".parquet" else real[name].dtype.kind
        assert np.asarray(frame[name]).dtype.kind == kind, name
    for name in ("label", "device", "flag", "slot"):
        assert set(frame[name]) <= set(real[name])
    assert frame["price"].between(real["price"].min(), real["price"].max()).all()


def test_sampling_repeats_for_a_seed(model, tmp_path):
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        assert (
            run("sample", model, "-o", tmp_path / name, "--seed", seed).exit_code == 2
        )
        path = tmp_path / f"{name}.csv"
        assert run("sample", model, "-o", path, "--seed", seed).exit_code == 0
    a, b, c = (pd.read_csv(tmp_path / f"{name}.csv") for name in "abc")
    assert len(a) == 400
    pd.testing.assert_frame_equal(a, b)
    assert not a.equals(c)


def test_fit_without_a_target(clicks, tmp_path):
    model, rows = tmp_path / "model.pkl", tmp_path / "rows.csv"
    fitted = run(
        *("fit", clicks, "-g", "random-over-sampler", "-o", model),
        *("--drop", "label,flag", "--max-rows", 100),
    )
    assert fitted.exit_code == 0, fitted.output
    assert "100 rows" in fitted.stdout
    assert run("sample", model, "-n", 7, "-o", rows).exit_code == 0
    frame = pd.read_csv(rows)
    assert list(frame.columns) == ["age", "device", "price", "time", "slot"]
    assert len(frame) == 7
