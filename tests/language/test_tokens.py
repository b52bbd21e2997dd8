"""Rows as text and back."""

import re
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skgen.language._column_text import (
    SPECIAL_TOKENS,
    check_no_special_token,
    format_number,
    unique_texts,
)
from skgen.language.tokens import RowText, parse_row
from skgen.table import TableSchema

# Pieces that look like what marks a row, quotes, delimiters, any characters.
PIECES = st.sampled_from(
    [
        "<", ">", "<row>", "< ROW >", "<COL", "ENDCOL>", "&lt;COL&gt;", "^", "|", ",",
        ";", '"', "'", "\\", "\n", "\t", " ", "", "nan", "None", "é", "漢字", "🦉",
        "\u2028", "-0", "1e5",
    ]
)  # fmt: skip
TEXTS = st.one_of(st.lists(PIECES, max_size=4).map("".join), st.text(max_size=6))
# The normal form takes texts for one that differ after a null character only.
PLAIN = TEXTS.filter(
    lambda text: not any(token in text for token in (*SPECIAL_TOKENS, "\0"))
)
QUICK = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)


def round_trip(X):
    text = RowText(TableSchema().fit(X), X, None)
    lines = text.write(X, None)
    again, labels = text.read(lines)
    assert labels is None
    pd.testing.assert_frame_equal(again, X)
    return lines


@QUICK
@given(st.lists(PLAIN, min_size=2, max_size=12, unique=True), st.booleans())
def test_categories_come_back(values, with_missing):
    column = [*values, *values, *([None] if with_missing else [])]
    round_trip(pd.DataFrame({"a": pd.Categorical(column)}))
    round_trip(pd.DataFrame({"a": np.array(column, dtype=object)}))


@QUICK
@given(
    st.lists(
        st.floats(allow_nan=True, allow_infinity=False), min_size=2, max_size=12
    ).filter(lambda v: len({x for x in v if x == x}) > 1),
    st.sampled_from(["float64", "float32", "Float64"]),
)
def test_numbers_come_back(values, dtype):
    with np.errstate(over="ignore"):
        column = pd.Series(values).astype(dtype)
    present = column.dropna()
    if np.isinf(present.to_numpy(float)).any() or present.nunique() < 2:
        return
    round_trip(pd.DataFrame({"a": column}))


@QUICK
@given(st.lists(st.integers(-(2**60), 2**60), min_size=2, max_size=12, unique=True))
def test_whole_numbers_come_back(values):
    round_trip(pd.DataFrame({"a": values}))


@QUICK
@given(st.lists(st.lists(st.sampled_from("abc\"' é<>"), max_size=4), min_size=1))
def test_lists_come_back_in_their_order(lists):
    rows = ["^".join(members) for members in lists]
    # What makes the column one of lists, whatever the rows drawn.
    rows += ["a^b", "b^c", "a^c", "c^b^a", "b^a", "c", "a", "b", None]
    X = pd.DataFrame({"a": np.array(rows, dtype=object)})
    schema = TableSchema().fit(X)
    assert schema.fields_[0].kind == "list"
    round_trip(X)


def test_all_kinds_come_back():
    n = 60
    rng = np.random.RandomState(0)
    X = pd.DataFrame(
        {
            "number": rng.normal(size=n),
            "gaps": np.where(rng.rand(n) < 0.4, np.nan, rng.normal(size=n)),
            "zeros": np.where(rng.rand(n) < 0.5, 0.0, 0.5 + rng.rand(n)).round(2),
            "few": rng.choice([0.2, 1.0, 64.5], n),
            "flag": rng.rand(n) < 0.5,
            "nullable": pd.array(rng.randint(0, 9, n), dtype="Int8"),
            "small": rng.rand(n).astype("float32"),
            "mixed": np.array([1, "1", True, 1.5, "x", None] * 10, dtype=object),
            "string": pd.array(["a", "b", None] * 20, dtype="string"),
            "time": pd.Timestamp("2024-05-01", tz="Europe/Rome")
            + pd.to_timedelta(rng.randint(0, 10_000, n), unit="min"),
            "span": pd.to_timedelta(rng.randint(0, 10_000, n), unit="s"),
            "day": [date(2024, 1, 1 + i % 28) for i in range(n)],
            "ordered": pd.Categorical(["lo", "hi"] * 30, ["lo", "hi", "no"], True),
            7: rng.randint(-5, 500, n),
            "site": "constant",
        }
    )
    X.loc[3, "nullable"] = pd.NA
    line = round_trip(X)[3]
    assert "<COL>nullable<ENDCOL>" in line
    assert "<COL>7<NUM>" in line
    assert "site" not in line


def test_text_of_a_row():
    X = pd.DataFrame(
        {"age": [32, 51, 20], "interests": ["sports^reading", "reading^art", ""]}
    )
    X = pd.concat([X, X.assign(interests=["art^sports", "art", "sports"])])
    X = X.reset_index(drop=True)
    text = RowText(TableSchema().fit(X), X, np.array(["no", "yes"]))
    lines = text.write(X, np.array([1, 0, 0, 1, 0, 1]))
    assert lines[0] == (
        "<ROW><COL>label<CAT>yes<ENDCOL><COL>age<NUM>32<ENDCOL>"
        "<COL>interests<LIST>sports^reading<ENDCOL><ENDROW>"
    )
    frame, labels = text.read(lines)
    assert labels.tolist() == [1, 0, 0, 1, 0, 1]
    pd.testing.assert_frame_equal(frame, X)


def test_columns_are_read_in_any_order():
    X = pd.DataFrame({"a": [1.5, 2.5, 3.0], "b": ["x", "y", "x"]})
    text = RowText(TableSchema().fit(X), X, None)
    line = "<ROW><COL>b<CAT>y<ENDCOL><COL>a<NUM>2.5<ENDCOL><ENDROW>"
    pd.testing.assert_frame_equal(
        text.read([line])[0], X.iloc[[1]].reset_index(drop=True)
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("<ROW><COL>a<NUM>2.5<ENDCOL>", "Line 0 is no row"),
        ("a=2.5, b=x", "Line 0 is no row"),
        ("<ROW><COL>a<NUM>2.5<ENDCOL><ENDROW>", "has the columns ['a']"),
        (
            "<ROW><COL>a<NUM>2.5<ENDCOL><COL>a<NUM>2.5<ENDCOL><ENDROW>",
            "has the columns ['a', 'a']",
        ),
        ("<ROW><COL>a<NUM>9<ENDCOL><COL>b<CAT>x<ENDCOL><ENDROW>", "outside the range"),
        ("<ROW><COL>a<NUM>two<ENDCOL><COL>b<CAT>x<ENDCOL><ENDROW>", "is no number"),
        ("<ROW><COL>a<NUM>2.5<ENDCOL><COL>b<CAT>z<ENDCOL><ENDROW>", "'z' is none of"),
        ("<ROW><COL>a<NUM>2.5<ENDCOL><COL>b<ENDCOL><ENDROW>", "None is none of"),
        ("<ROW><COL>a<ENDCOL><COL>b<CAT>x<ENDCOL><ENDROW>", "has no missing values"),
        (
            "<ROW><COL>a<CAT>2<ENDCOL><COL>b<CAT>x<ENDCOL><ENDROW>",
            "where <NUM> belongs",
        ),
    ],
)
def test_what_is_no_row_is_an_error(line, message):
    X = pd.DataFrame({"a": [1.5, 2.5, 3.0], "b": ["x", "y", "x"]})
    text = RowText(TableSchema().fit(X), X, None)
    with pytest.raises(ValueError, match=re.escape(message)):
        text.read([line])


def test_a_row_without_its_label_is_an_error():
    X = pd.DataFrame({"a": [1.5, 2.5, 3.0]})
    text = RowText(TableSchema().fit(X), X, np.array([0, 1]))
    for line in (
        "<ROW><COL>a<NUM>2.5<ENDCOL><ENDROW>",
        "<ROW><ENDROW>",
        "<ROW><COL>label<CAT>2<ENDCOL><COL>a<NUM>2.5<ENDCOL><ENDROW>",
    ):
        with pytest.raises(ValueError, match="begins with its label"):
            text.read([line])


@pytest.mark.parametrize("token", SPECIAL_TOKENS)
def test_special_tokens_in_values_and_names_are_errors(token):
    X = pd.DataFrame({"a": ["x", f"no {token}!", "x", f"no {token}!"]})
    with pytest.raises(ValueError, match=f"Column 'a': .*contains {token}"):
        RowText(TableSchema().fit(X), X, None)
    X = pd.DataFrame({f"the {token}": [1, 2, 3]})
    with pytest.raises(ValueError, match=f"names of the columns.*contains {token}"):
        RowText(TableSchema().fit(X), X, None)
    X = pd.DataFrame({"a": [1, 2, 3]})
    with pytest.raises(ValueError, match=f"labels.*contains {token}"):
        RowText(TableSchema().fit(X), X, np.array(["x", token]))


def test_special_tokens_in_lists_are_errors():
    X = pd.DataFrame({"a": ["a^b", "b^c", "a^c", "c^b", "a", "c^<PAD>", "<PAD>"]})
    text = RowText(TableSchema().fit(X), X, None)
    with pytest.raises(ValueError, match=r"Column 'a': .*contains <PAD>"):
        text.write(X, None)


def test_unique_texts():
    assert unique_texts([1, "a"], "x") == ["1", "a"]
    assert unique_texts([1, "1"], "x") == ["1", "'1'"]

    class Same:
        def __repr__(self):
            return "same"

    with pytest.raises(ValueError, match="written 'same'"):
        unique_texts([Same(), Same()], "x")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_written_exactly(value):
    assert float(format_number(value)) == value


@given(st.text())
def test_a_part_of_a_special_token_is_no_error(text):
    if not any(token in text for token in SPECIAL_TOKENS):
        check_no_special_token(text, "x")


def test_parse_row_takes_empty_values():
    assert parse_row("<ROW><COL><CAT><ENDCOL><ENDROW>") == [("", "<CAT>", "")]
    assert parse_row("<ROW><ENDROW>") == []
