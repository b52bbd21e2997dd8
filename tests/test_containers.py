"""What comes back looks like what went in."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from skgen._containers import LabelContainer, TableContainer, check_labels

NUMBERS = np.array([[0.0, 1.5], [2.0, 0.0], [0.0, 0.0], [4.5, 3.0]])
MIXED = [[1, "a", 0.5], [2, "b", None], [3, "", 2.5]]


def _assert_same(found, expected):
    assert type(found) is type(expected)
    if isinstance(expected, pd.DataFrame):
        pd.testing.assert_frame_equal(found, expected)
    elif isinstance(expected, pd.Series):
        pd.testing.assert_series_equal(found, expected)
    elif isinstance(expected, list):
        assert found == expected
    elif sparse.issparse(expected):
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found.toarray(), expected.toarray())
    else:
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)


TABLES = {
    "float64": NUMBERS,
    "float16": NUMBERS.astype("f2"),
    "int8": NUMBERS.astype("i1"),
    "uint64": (NUMBERS * 2**61).astype("u8"),
    "bool": NUMBERS > 0,
    "str": np.array([["a", "bc"], ["", "é"]]),
    "bytes": np.array([[b"a", b"bc"], [b"", b"d"]]),
    "days": NUMBERS.astype("i8").astype("M8[D]"),
    "object": np.array(MIXED, dtype=object),
    "list of numbers": NUMBERS.tolist(),
    "list of strings": [["a", "b"], ["c", "d"]],
    "mixed list": MIXED,
    "csr matrix": sparse.csr_matrix(NUMBERS),
    "csc array": sparse.csc_array(NUMBERS.astype("f4")),
    "coo array": sparse.coo_array(NUMBERS),
    "lil matrix": sparse.lil_matrix(NUMBERS.astype("i4")),
    "DataFrame": pd.DataFrame(MIXED, columns=["n", "s", "x"]),
    "typed DataFrame": pd.DataFrame(
        {
            "i": pd.array([1, None, 3], dtype="Int8"),
            "c": pd.Categorical(["x", None, "x"], categories=["y", "x"], ordered=True),
            "t": pd.date_range("2020", periods=3, tz="Asia/Tokyo"),
            ("a", 1): pd.array([True, None, False], dtype="bool[pyarrow]"),
        }
    ),
    "sparse DataFrame": pd.DataFrame(NUMBERS).astype(pd.SparseDtype(float, 0.0)),
}


@pytest.mark.parametrize("kind", TABLES)
def test_a_table_and_back(kind):
    X = TABLES[kind]
    container = TableContainer(X)
    assert container.frame.shape == np.shape(X)
    template = container.template()
    assert len(template.frame) == 0
    rows = template.restore(container.frame)
    _assert_same(rows, X)
    both = template.append(X, rows)
    assert type(both) is type(X)
    for part in (slice(None, len(container.frame)), slice(len(container.frame), None)):
        if isinstance(X, pd.DataFrame):
            _assert_same(both.iloc[part].reset_index(drop=True), X)
        elif sparse.issparse(X):
            assert both.format == X.format
            _assert_same(type(X)(both.tocsr()[part]), X)
        else:
            _assert_same(both[part], X)


@pytest.mark.parametrize("kind", TABLES)
def test_no_rows_to_append(kind):
    X = TABLES[kind]
    container = TableContainer(X).template()
    none = container.restore(container.frame.reset_index(drop=True))
    assert np.shape(none)[0] == 0
    _assert_same(container.append(X, none), X)


def test_a_tuple_of_rows_gives_an_array():
    X = tuple(map(tuple, MIXED))
    container = TableContainer(X)
    both = container.append(X, container.restore(container.frame))
    _assert_same(both, np.array(MIXED * 2, dtype=object))


def test_a_row_index_is_counted_anew():
    X = pd.DataFrame({"x": [1, 2]}, index=["r", "r"])
    container = TableContainer(X)
    both = container.append(X, pd.DataFrame({"x": [3]}))
    _assert_same(both, pd.DataFrame({"x": [1, 2, 3]}))
    assert X.index.tolist() == ["r", "r"]


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (np.empty((0, 3)), r"0 sample\(s\) \(shape=\(0, 3\)\)"),
        (np.empty((3, 0)), r"0 feature\(s\) \(shape=\(3, 0\)\)"),
        (pd.DataFrame(), "minimum of 1 is required"),
        ([], "two-dimensional"),
        (np.arange(3), "got 1 dimension.*Reshape your data"),
        (pd.Series([1, 2]), "two-dimensional"),
        (np.zeros((2, 2, 2)), "got 3 dimension"),
        (5, "got 0 dimension"),
        (np.array([[1j]]), "Complex data not supported"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "'a' occurs more than once"),
        ([[1, 2], [3]], "inhomogeneous"),
    ],
)
def test_what_is_no_table(X, message):
    with pytest.raises(ValueError, match=message):
        TableContainer(X)


ONE_HOT = np.array([[1, 0, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0]])
WORDS = ["no", "yes", "no", "yes"]
TARGETS = {
    "int8": np.array([0, 1, 0, 1], dtype="i1"),
    "float": np.array([0.0, 1.0, 0.0, 1.0]),
    "bool": np.array([False, True, False, True]),
    "str": np.array(WORDS),
    "object": np.array(WORDS, dtype=object),
    "list": [0, 1, 0, 1],
    "list of strings": WORDS,
    "list of booleans": [False, True, False, True],
    "Series": pd.Series([0, 1, 0, 1], name="click", dtype="i2"),
    "Series of strings": pd.Series(WORDS, name=("a", 1)),
    "categorical": pd.Series(pd.Categorical(WORDS, categories=["yes", "no", "may"])),
    "string": pd.Series(WORDS, dtype="string"),
    "nullable": pd.Series([0, 1, 0, 1], dtype="Int64"),
    "boolean": pd.Series([False, True, False, True], dtype="boolean"),
    "pyarrow": pd.Series([0, 1, 0, 1], dtype="int64[pyarrow]"),
    "DataFrame": pd.DataFrame({"click": WORDS}),
    "one-versus-all": ONE_HOT,
    "one-versus-all of booleans": ONE_HOT.astype(bool),
    "one-versus-all list": ONE_HOT.tolist(),
    "one-versus-all DataFrame": pd.DataFrame(ONE_HOT, columns=["x", "y", "z"]),
    "one-versus-all sparse": sparse.csr_matrix(ONE_HOT),
}


@pytest.mark.parametrize("kind", TARGETS)
def test_a_target_and_back(kind):
    y = TARGETS[kind]
    container = LabelContainer(y)
    assert container.labels.shape == (4,)
    if kind.startswith("one"):
        np.testing.assert_array_equal(container.labels, [0, 2, 1, 0])
    template = container.template()
    assert len(template.labels) == 0
    labels = template.restore(container.labels)
    _assert_same(labels, y)
    both = template.append(y, labels)
    assert type(both) is type(y)
    if isinstance(y, pd.Series | pd.DataFrame):
        _assert_same(both, pd.concat([y, y], ignore_index=True))
    elif sparse.issparse(y):
        _assert_same(both, sparse.vstack([y, y], format=y.format))
    else:
        _assert_same(both[:4], y)
        _assert_same(both[4:], y)


def test_a_column_vector_gives_a_vector():
    y = np.array([[0], [1], [1]])
    container = LabelContainer(y)
    labels = container.restore(container.labels)
    _assert_same(labels, np.array([0, 1, 1]))
    _assert_same(container.append(y, labels), np.array([0, 1, 1, 0, 1, 1]))


@pytest.mark.parametrize(
    "y",
    [
        np.array([[1, 1], [0, 1]]),
        np.array([[0, 0], [0, 1]]),
        np.array([[2, -1], [0, 1]]),
        np.array([[0.5, 0.5], [0, 1]]),
    ],
)
def test_several_labels_for_a_row_are_refused(y):
    with pytest.raises(ValueError, match="one label for each row, or a one-versus-all"):
        LabelContainer(y)


@pytest.mark.parametrize("y", [1, "yes", np.zeros((2, 2, 2))])
def test_what_is_no_target(y):
    with pytest.raises(ValueError, match="Expected one label for each row"):
        LabelContainer(y)


@pytest.mark.parametrize(
    "y",
    [
        np.array([0, 1, 1]),
        ["no", "yes", "yes"],
        pd.Series([0, 1, 1], dtype="Int64"),
        pd.DataFrame({"no": [1, 0, 0], "yes": [0, 1, 1]}),
    ],
)
def test_labels_that_pass(y):
    labels = check_labels(y, 3, min_classes=2, min_rows=1)
    _assert_same(labels.restore(labels.labels), y)


@pytest.mark.parametrize(
    ("y", "options", "message"),
    [
        ([0, 1], {}, "y_real has 2 labels for 3 rows"),
        ([0, None, 1], {}, "y_real has 1 missing labels, the first in row 1"),
        ([0.5, 1.25, 2.0], {}, "Unknown label type"),
        ([1, 1, 1], {"min_classes": 2}, "one class only, 1: add rows of another"),
        ([1, 1, 1], {"min_classes": 2, "remedy": "use fit"}, "only, 1: use fit."),
        ([0, 1, 1], {"min_rows": 2}, r"the class 0 in 1 row\(s\) \(n_samples = 1\)"),
    ],
)
def test_labels_that_do_not_pass(y, options, message):
    with pytest.raises(ValueError, match=message):
        check_labels(y, 3, name="y_real", **options)
