"""Delimited files: lines that cannot be read, samples, kinds of columns."""

from __future__ import annotations

import gzip
import warnings

import numpy as np
import pandas as pd
import pytest

from skgen.datasets import _delimited
from skgen.datasets._column_readers import Categories, Lists, Numbers, Times
from skgen.datasets._delimited import read_delimited
from skgen.datasets._rows import RowFilter


@pytest.fixture
def write(tmp_path):
    def write(text, name="table.csv"):
        path = tmp_path / name
        data = text if isinstance(text, bytes) else text.encode()
        path.write_bytes(gzip.compress(data) if name.endswith("gz") else data)
        return path

    return write


def readers():
    return {
        "n": Numbers("int8"),
        "x": Numbers("float64"),
        "c": Categories(),
        "i": Categories(integer=True),
        "l": Lists(),
        "t": Times("%Y%m%d%H%M"),
    }


HEADER = "n,x,c,i,l,t\n"
LINE = "1,0.5,a,7,1^2,202206030326\n"


@pytest.mark.parametrize("name", ["table.csv", "table.csv.gz"])
def test_each_kind_of_column(write, name):
    text = HEADER + LINE + "-3,,b,10,,202206040000\n" + "2,1e2,,9,1^2,\n"
    frame, n_malformed = read_delimited(write(text, name), readers())
    assert n_malformed == 0
    assert frame["n"].dtype == np.int8
    assert frame["n"].tolist() == [1, -3, 2]
    np.testing.assert_array_equal(frame["x"], [0.5, np.nan, 100])
    assert frame["c"].cat.categories.tolist() == ["a", "b"]
    assert frame["c"].isna().tolist() == [False, False, True]
    # In the order of numbers, not of texts.
    assert frame["i"].cat.categories.tolist() == [7, 9, 10]
    assert frame["l"].dtype == object
    assert frame["l"][0] is frame["l"][2]
    assert pd.isna(frame["l"][1])
    assert frame["t"].dtype == "datetime64[ns]"
    assert frame["t"][0] == pd.Timestamp("2022-06-03 03:26")
    assert pd.isna(frame["t"][2])


def test_integers_that_are_missing_or_large_are_no_bytes(write):
    frame, _ = read_delimited(write("n\n1\n300\n"), {"n": Numbers("int8")})
    assert frame["n"].tolist() == [1, 300]
    frame, _ = read_delimited(write("n,m\n1,1\n,2\n"), {"n": Numbers("int8")})
    assert frame["n"].dtype == float
    np.testing.assert_array_equal(frame["n"], [1, np.nan])


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("1,0.5,a\n", r"first line 4: 3 values instead of 6, '1,0.5,a'"),
        ("1,0.5,a,7,1^2,202206030326,9\n", "first line 4: 7 values instead of 6"),
        ("one,0.5,a,7,1^2,202206030326\n", "first line 4: column 'n' holds 'one'"),
        ("1,0.5,a,7.5,1^2,202206030326\n", "first line 4: column 'i' holds '7.5'"),
        ("1,0.5,a,7,1^2,202299030326\n", "column 't' holds '202299030326'"),
        (b"1,0.5,\xff,7,1^2,202206030326\n", "first line 4: column 'c' holds"),
    ],
)
def test_malformed_lines_are_counted_and_the_first_shown(write, bad, said):
    bad = bad if isinstance(bad, bytes) else bad.encode()
    good = LINE.encode()
    path = write(HEADER.encode() + 2 * good + bad + 300 * good + bad)
    with pytest.warns(UserWarning, match=f"2 of 304 lines are malformed.*{said}"):
        frame, n_malformed = read_delimited(path, readers())
    assert (len(frame), n_malformed) == (302, 2)
    with pytest.raises(ValueError, match=f"{said}.*max_malformed=0.001"):
        read_delimited(path, readers(), max_malformed=0.001)


def test_the_number_of_the_line_counts_what_was_skipped(write):
    lines = [HEADER, LINE, "1,2\n", "\n", LINE, "x,0.5,a,7,1,202206030326\n"]
    path = write("".join(lines))
    with pytest.warns(UserWarning, match="first line 3"):
        read_delimited(path, readers(), max_malformed=1)
    path = write("".join([HEADER, "\n", LINE, "\n", lines[-1], "1,2\n"]))
    with pytest.warns(UserWarning, match="2 of 3 .*first line 3: column 'n'"):
        frame, _ = read_delimited(path, readers(), max_malformed=1)
    assert len(frame) == 1


def test_a_download_that_broke_off(write):
    path = write(HEADER + LINE * 500 + LINE[:9])
    with pytest.warns(UserWarning, match="1 of 501 .* first line 502"):
        assert len(read_delimited(path, readers())[0]) == 500


def test_columns_rows_and_blocks(write, monkeypatch):
    monkeypatch.setattr(_delimited, "BLOCK_SIZE", 1000)
    rng = np.random.RandomState(0)
    table = pd.DataFrame(
        {
            "a": rng.randint(0, 400, 900),
            "b": rng.rand(900),
            "c": rng.choice(list("xyz"), 900),
        }
    )
    path = write(table.to_csv(index=False))
    made = {"c": Categories(), "a": Categories(integer=True), "b": Numbers("float64")}
    frame, _ = read_delimited(path, dict(made))
    assert frame["a"].astype(int).tolist() == table["a"].tolist()
    assert frame["a"].cat.categories.tolist() == sorted(set(table["a"]))
    assert frame["c"].astype(str).tolist() == table["c"].tolist()
    np.testing.assert_allclose(frame["b"], table["b"])


def test_first_rows_and_malformed_lines_behind_them(write, monkeypatch):
    monkeypatch.setattr(_delimited, "BLOCK_SIZE", 64)
    numbers = "".join(f"{i},0\n" for i in range(100))
    path = write(f"a,b\n{numbers}1\n{numbers}")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        frame, n_malformed = read_delimited(path, {"a": Numbers("int8")}, n_rows=40)
    assert frame["a"].tolist() == list(range(40))
    assert n_malformed == 0
    with pytest.warns(UserWarning, match="first line 102"):
        frame, _ = read_delimited(path, {"a": Numbers("int8")}, n_rows=120)
    assert len(frame) == 120


@pytest.mark.parametrize("sample", [25, 1, 200])
def test_a_number_of_rows_drawn_is_exact_and_in_order(write, monkeypatch, sample):
    monkeypatch.setattr(_delimited, "BLOCK_SIZE", 64)
    path = write("a\n" + "".join(f"{i}\n" for i in range(200)))

    def draw(seed):
        made = {"a": Numbers("int16")}
        return read_delimited(path, made, sample=sample, random_state=seed)[0]["a"]

    rows = draw(0).to_numpy()
    assert len(rows) == sample
    assert (np.diff(rows) > 0).all()
    np.testing.assert_array_equal(rows, draw(0))
    if sample == 25:
        drawn = np.bincount(np.concatenate([draw(s) for s in range(60)]), minlength=200)
        # Each row is drawn with probability 1/8.
        assert abs(drawn[:100].sum() / drawn.sum() - 0.5) < 0.06
        assert drawn.max() < 25


def test_a_share_of_rows_and_too_many():
    rows = RowFilter("f", sample=0.3, random_state=0)
    kept = sum(rows.choose(1000).sum() for _ in range(10))
    assert abs(kept - 3000) < 5 * np.sqrt(10_000 * 0.21)
    rows = RowFilter("f", sample=50, random_state=0)
    rows.choose(20)
    with pytest.raises(ValueError, match="sample=50 rows were asked for, but f has 20"):
        rows.settle()


def test_a_sample_where_the_first_lines_are_all_malformed(write, monkeypatch):
    monkeypatch.setattr(_delimited, "BLOCK_SIZE", 16)
    path = write("a\n" + "x\n" * 20 + "".join(f"{i}\n" for i in range(60)))
    with pytest.warns(UserWarning, match="20 of 80 lines"):
        frame, _ = read_delimited(
            path, {"a": Numbers("int8")}, sample=9, max_malformed=0.5, random_state=0
        )
    assert len(frame) == 9


def test_names_that_the_file_lacks(write):
    path = write("a,b\n1,2\n")
    with pytest.raises(ValueError, match=r"no columns \['c'\].*\['a', 'b'\]"):
        read_delimited(path, {"c": Categories()})


@pytest.mark.parametrize("text", ["a,b\n", ""])
def test_an_empty_file(write, text):
    with pytest.raises(ValueError, match=r"has no rows|no columns"):
        read_delimited(write(text), {"a": Categories()})
