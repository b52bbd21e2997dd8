"""Files of libFM, and the Frappe log in both of its forms."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.datasets import dump_svmlight_file, load_svmlight_file

from skgen.datasets import _libfm, read_frappe, read_libfm
from skgen.datasets._libfm import FRAPPE


@pytest.fixture(params=[3, 50_000])
def lines_at_a_time(request, monkeypatch):
    monkeypatch.setattr(_libfm, "_LINES", request.param)


@pytest.mark.usefixtures("lines_at_a_time")
def test_a_sparse_file_is_read_as_scikit_learn_does(tmp_path):
    X = sparse.random(40, 30, density=0.2, format="csr", random_state=0)
    y = np.random.RandomState(0).normal(size=40)
    path = tmp_path / "train.libfm"
    dump_svmlight_file(X, y, str(path), comment="made here")
    got, labels = read_libfm(path, n_features=30, return_X_y=True)
    wanted, wanted_labels = load_svmlight_file(str(path), n_features=30)
    assert (got != wanted).nnz == 0
    np.testing.assert_array_equal(labels, wanted_labels)
    data = read_libfm(path)
    assert data.data.shape[1] == X.indices.max() + 1
    assert data.target_names == data.feature_names == []


def frappe(n=60):
    """Rows of ten fields, each with indices of its own."""
    rng = np.random.RandomState(0)
    start = 100 * np.arange(len(FRAPPE))
    codes = start + rng.randint(0, 20, (n, len(FRAPPE)))
    return pd.DataFrame(codes, columns=FRAPPE), rng.randint(0, 2, n)


def write_libfm(path, X, y):
    rows = zip(X.to_numpy(), y, strict=True)
    text = [f"{2 * c - 1} " + " ".join(f"{i}:1" for i in row) for row, c in rows]
    path.write_text("\n".join(text) + "\n")
    return path


@pytest.mark.usefixtures("lines_at_a_time")
@pytest.mark.parametrize("form", ["csv", "csv of floats", "libfm"])
def test_the_forms_of_frappe_agree(tmp_path, form):
    X, y = frappe()
    path = tmp_path / "train"
    if form == "libfm":
        write_libfm(path, X, y)
    else:
        table = X.assign(label=y)[["label", *FRAPPE]]
        table = table.astype(float) if "floats" in form else table
        table.to_csv(path, index=False)
    data = read_frappe(path)
    assert data.feature_names == FRAPPE
    assert (data.data.astype(int).to_numpy() == X.to_numpy()).all()
    assert data.target.tolist() == y.tolist()
    assert all(dtype == "category" for dtype in data.data.dtypes)
    some, labels = read_frappe(
        path,
        columns=["item", "city"],
        n_rows=30,
        sample=10,
        random_state=0,
        return_X_y=True,
    )
    assert list(some.columns) == ["item", "city"]
    rows = pd.MultiIndex.from_frame(X[:30][["item", "city"]])
    assert pd.MultiIndex.from_frame(some.astype(int)).isin(rows).all()
    assert len(labels) == 10


def test_fields_by_position(tmp_path):
    path = tmp_path / "rows.libfm"
    path.write_text("1 3:1 9:0.5 7:1\n0 4:1 9:2 8:1\n")
    X, y = read_libfm(path, fields=["user", "price", "item"], return_X_y=True)
    assert X["user"].tolist() == [3, 4]
    assert X["price"].tolist() == [0.5, 2.0]
    assert X["price"].dtype == float
    assert X["item"].dtype == "category"
    assert y.tolist() == [1, 0]


def test_malformed_lines(tmp_path):
    X, y = frappe(200)
    path = write_libfm(tmp_path / "train.libfm", X, y)
    path.write_text(path.read_text() + "1 5:1 107:1\n-1 5:1 10")
    with pytest.warns(
        UserWarning, match="2 of 202 .* first line 201: 2 entries instead"
    ):
        data = read_frappe(path)
    assert len(data.data) == 200
    assert data.n_malformed == 2
    with pytest.warns(
        UserWarning, match="1 of 202 .* line 202: not 'label index:value"
    ):
        read_libfm(path)
    with pytest.raises(ValueError, match=r"max_malformed=0\.0"):
        read_frappe(path, max_malformed=0.0)


@pytest.mark.parametrize(
    ("text", "params", "match"),
    [
        ("1 3:1 3:1\n", {}, "name an index twice"),
        ("1 3:1\n", {"n_features": 2}, "index 3, which n_features=2"),
        ("1 1:1 2:1\n1 2:1 1:1\n", {"fields": ["a", "b"]}, "index 1 .* 'a' and of 'b'"),
        ("1 1:2\n1 2:1\n", {"fields": ["a"]}, "'a' has 2 indices and a value of 2.0"),
        ("1 1:2\n", {"fields": ["a", "a"]}, "name each field once"),
        ("\n", {}, "has no rows"),
        ("x\n", {}, "1 of 1 lines"),
        ("1 1:1\n", {"sample": 3}, "sample=3 rows were asked for"),
    ],
)
def test_files_that_do_not_fit(tmp_path, text, params, match):
    path = tmp_path / "rows.libfm"
    path.write_text(text)
    with pytest.raises(ValueError, match=match):
        read_libfm(path, **params)


def test_labels_and_where_the_data_is(tmp_path):
    X, _ = frappe(9)
    path = write_libfm(tmp_path / "train.libfm", X, np.arange(9) % 3)
    with pytest.raises(ValueError, match="label column 'label' holds"):
        read_frappe(path)
    with pytest.raises(FileNotFoundError, match=r"huggingface\.co/.*Frappe_x1"):
        read_frappe(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match="libfm"):
        read_libfm(tmp_path / "nowhere")
