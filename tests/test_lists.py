"""Delimited lists: what they name and how long they are survives."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skgen.lists import ListCodec, find_delimiter
from skgen.table import TableSchema

PROPERTY = settings(max_examples=100, deadline=None, derandomize=True)
MEMBERS = [f"m{i}" for i in range(60)]


def _lists(rng, n_rows, n_members=12, most=4, delimiter="^"):
    """Lists of distinct members, in alphabetical order."""
    names = np.sort(np.array(MEMBERS[:n_members]))
    weights = 1 / np.arange(1, n_members + 1)
    return [
        delimiter.join(
            sorted(
                rng.choice(
                    names,
                    size=rng.randint(1, most + 1),
                    replace=False,
                    p=weights / weights.sum(),
                )
            )
        )
        for _ in range(n_rows)
    ]


@st.composite
def columns_of_lists(draw):
    """Lists of distinct members in any order, some of them empty or missing."""
    delimiter = draw(st.sampled_from(["^", "|", ";", ","]))
    pool = st.sampled_from(MEMBERS[: draw(st.integers(1, 60))])
    members = st.lists(pool, max_size=6, unique=True)
    lists = draw(st.lists(st.none() | members, min_size=1, max_size=40))
    joined = [None if one is None else delimiter.join(one) for one in lists]
    return delimiter, lists, pd.Series(joined, dtype=object)


@PROPERTY
@given(
    column=columns_of_lists(),
    coverage=st.sampled_from([0.1, 0.5, 0.9, 1.0]),
    max_members=st.sampled_from([1, 3, 32, None]),
    seed=st.integers(0, 2**32 - 1),
)
def test_frequent_members_and_length_survive(column, coverage, max_members, seed):
    delimiter, lists, joined = column
    codec = ListCodec(delimiter, coverage=coverage, max_members=max_members)
    codec.fit(joined)
    indicators, lengths = codec.transform(joined)
    back = codec.inverse_transform(indicators, lengths, np.random.RandomState(seed))

    frequent, rare = set(codec.members_), set(codec.rare_members_)
    assert not frequent & rare
    assert frequent | rare == {m for one in lists if one for m in one}
    for one, text, length in zip(lists, back, lengths, strict=True):
        if one is None:
            assert np.isnan(length)
            assert np.isnan(text)
            continue
        members = codec.split(text)
        assert length == len(one) == len(members) == len(set(members))
        assert set(members) & frequent == set(one) & frequent
        assert set(members) <= frequent | rare


@PROPERTY
@given(column=columns_of_lists(), seed=st.integers(0, 2**32 - 1))
def test_any_indicators_and_lengths_give_lists_of_seen_members(column, seed):
    delimiter, _, joined = column
    codec = ListCodec(delimiter, coverage=0.6).fit(joined)
    rng = np.random.RandomState(seed)
    indicators = rng.randint(2, size=(30, len(codec.members_)))
    lengths = rng.randint(0, 100, size=30).astype(float)
    lengths[::7] = np.nan
    back = codec.inverse_transform(indicators, lengths, rng)
    for row, text, length in zip(indicators, back, lengths, strict=True):
        if np.isnan(length):
            assert np.isnan(text)
            continue
        members = codec.split(text)
        assert len(members) == len(set(members))
        assert set(codec.members_[row == 1]) == set(members) & set(codec.members_)
        # Indicators win; else the length does, as far as there are rare members.
        n_rare = min(max(int(length) - row.sum(), 0), len(codec.rare_members_))
        assert len(members) == row.sum() + n_rare


def test_members_are_ranked_by_mentions_up_to_the_coverage():
    lists = pd.Series(["a^b"] * 6 + ["a^c"] * 3 + ["a^d"])
    codec = ListCodec("^", coverage=0.8).fit(lists)
    # Of 20 mentions a has 10, b 6: together the 80 % asked for.
    assert codec.members_.tolist() == ["a", "b"]
    assert codec.rare_members_.tolist() == ["c", "d"]
    assert ListCodec("^", coverage=0.81).fit(lists).members_.tolist() == ["a", "b", "c"]
    assert ListCodec("^", max_members=1).fit(lists).members_.tolist() == ["a"]


def test_rare_members_are_drawn_by_their_frequency():
    lists = pd.Series(["top"] * 90_000 + ["often"] * 750 + ["seldom"] * 250)
    codec = ListCodec("^", max_members=1).fit(lists)
    n_draws = 20_000
    back = codec.inverse_transform(
        np.zeros((n_draws, 1)), np.ones(n_draws), np.random.RandomState(0)
    )
    share = np.mean(back == "often")
    assert abs(share - 0.75) < 5 * np.sqrt(0.75 * 0.25 / n_draws)
    # Both, although one of them is drawn 999 times out of 1000.
    lists = pd.Series(["top"] * 90_000 + ["often"] * 999 + ["seldom"])
    codec = ListCodec("^", max_members=1).fit(lists)
    back = codec.inverse_transform(
        np.zeros((500, 1)), np.full(500, 2.0), np.random.RandomState(0)
    )
    assert {frozenset(text.split("^")) for text in back} == {
        frozenset({"often", "seldom"})
    }


def test_members_stand_in_their_usual_order():
    lists = pd.Series(["z^m^a"] * 5 + ["z^a"] * 3 + ["m^a"] * 2)
    codec = ListCodec("^", coverage=1.0).fit(lists)
    indicators, lengths = codec.transform(pd.Series(["a^m^z", "a^z", "m"]))
    back = codec.inverse_transform(indicators, lengths, np.random.RandomState(0))
    assert back.tolist() == ["z^m^a", "z^a", "m"]


def test_a_member_named_twice_counts_once():
    lists = pd.Series(["a^a^b", "b", "a^b^c", "c^a"])
    codec = ListCodec("^", coverage=1.0).fit(lists)
    indicators, lengths = codec.transform(lists)
    assert lengths.tolist() == [2, 1, 3, 2]
    back = codec.inverse_transform(indicators, lengths, np.random.RandomState(0))
    assert [set(text.split("^")) for text in back] == [
        {"a", "b"},
        {"b"},
        {"a", "b", "c"},
        {"a", "c"},
    ]


def test_empty_missing_and_unknown_lists():
    codec = ListCodec("|").fit(pd.Series(["a|b", "", None, "a"]))
    indicators, lengths = codec.transform(pd.Series(["", None, np.nan, "x|y", "x|a"]))
    np.testing.assert_array_equal(lengths, [0, np.nan, np.nan, 2, 2])
    np.testing.assert_array_equal(indicators, [[0, 0]] * 4 + [[1, 0]])
    back = codec.inverse_transform(indicators, lengths, np.random.RandomState(0))
    assert back[0] == ""
    only_empty = ListCodec("|").fit(pd.Series(["", None]))
    indicators, lengths = only_empty.transform(pd.Series(["", None]))
    back = only_empty.inverse_transform(indicators, lengths, np.random.RandomState(0))
    assert back[0] == ""
    assert np.isnan(back[1])


@pytest.mark.parametrize("delimiter", ["^", "|", ";", ","])
def test_find_delimiter(delimiter):
    lists = _lists(np.random.RandomState(0), 200, delimiter=delimiter)
    assert find_delimiter(lists) == delimiter
    assert find_delimiter(lists, delimiters=["#"]) is None


@pytest.mark.parametrize(
    "values",
    [
        [],
        ["a", "b", "c"],
        ["Paris, France", "Rome, Italy", "Oslo, Norway"],
        ["one, two and three", "four, five and six", "seven, eight"],
        ["a^b"],
        [""],
    ],
)
def test_what_is_no_list(values):
    assert find_delimiter(values) is None


@pytest.mark.parametrize("dtype", ["object", "string", "string[pyarrow]"])
@pytest.mark.parametrize("missing", [False, True])
def test_a_column_of_lists_in_a_table(dtype, missing):
    rng = np.random.RandomState(0)
    column = pd.Series(_lists(rng, 300), dtype=dtype)
    if missing:
        column[::5] = None
        column[1::5] = ""
    X = pd.DataFrame({"tags": column, "x": rng.normal(size=300)})
    schema = TableSchema().fit(X)
    table = schema.transform(X)
    field = table.fields[0]
    assert (field.kind, field.number) == ("list", None)
    # The length takes few values: a code, before the indicators.
    n_lengths = X["tags"].map(lambda s: len(s.split("^")) if s else 0, "ignore")
    assert table.cardinalities[0] == n_lengths.nunique(dropna=False)
    assert table.cardinalities[1:].tolist() == [2] * (len(field.codes) - 1)

    back = schema.inverse_transform(table, random_state=rng)
    assert back.dtypes.equals(X.dtypes)
    np.testing.assert_array_equal(back["tags"].isna(), column.isna())
    frequent = set(schema.codecs_["tags"]._lists.members_)
    assert len(frequent) > 5
    n_exact = 0
    for text, other in zip(back["tags"].dropna(), column.dropna(), strict=True):
        got, seen = set(text.split("^")), set(other.split("^"))
        assert len(text.split("^")) == len(other.split("^"))
        assert got & frequent == seen & frequent
        n_exact += seen <= frequent
        if seen <= frequent:
            assert got == seen
    assert n_exact > 100


def test_the_length_of_long_lists_is_a_number():
    rng = np.random.RandomState(0)
    lists = [
        "^".join(rng.choice(MEMBERS, size=rng.randint(1, 60), replace=False))
        for _ in range(200)
    ]
    X = pd.DataFrame({"tags": lists})
    X.loc[::10, "tags"] = None
    schema = TableSchema().fit(X)
    table = schema.transform(X)
    (field,) = table.fields
    assert (field.kind, field.number, field.gated) == ("list", 0, True)
    np.testing.assert_array_equal(table.active(0), X["tags"].notna())
    lengths = X["tags"].dropna().str.split("^").str.len()
    np.testing.assert_array_equal(table.numeric[table.active(0), 0], lengths)
    back = schema.inverse_transform(table, random_state=rng)["tags"]
    np.testing.assert_array_equal(back.dropna().str.split("^").str.len(), lengths)


def test_categories_are_a_closed_set_even_where_they_are_lists():
    rng = np.random.RandomState(0)
    column = pd.Series(_lists(rng, 400, n_members=5), dtype="category")
    X = pd.DataFrame({"tags": column})
    schema = TableSchema().fit(X)
    table = schema.transform(X)
    assert table.fields[0].kind == "category"
    pd.testing.assert_frame_equal(schema.inverse_transform(table, random_state=rng), X)
    codes = rng.randint(table.cardinalities[0], size=(100, 1))
    back = schema.inverse_transform(
        table.like(np.empty((100, 0)), codes), random_state=rng
    )
    assert back["tags"].notna().all()
    assert back["tags"].dtype == column.dtype


def test_named_as_categorical_a_list_is_one_category():
    rng = np.random.RandomState(0)
    X = pd.DataFrame({"tags": _lists(rng, 300)})
    schema = TableSchema(categorical_features=["tags"]).fit(X)
    table = schema.transform(X)
    assert table.cardinalities.tolist() == [X["tags"].nunique()]
    pd.testing.assert_frame_equal(schema.inverse_transform(table, random_state=rng), X)


@pytest.mark.parametrize(
    "values",
    [["12,5", "5,12", "12,12", "5,5", "5"], ["1,234", "12,345,678.5", "234,001", "7"]],
)
def test_numbers_with_commas_are_no_lists(values):
    assert find_delimiter(values, n_rows=len(values)) is None


def test_carets_join_rare_members_where_rows_hold_wholes_of_their_own():
    values = [f"{i}^{1000 + i}" for i in range(50)]
    assert find_delimiter(values) is None
    assert find_delimiter(values, n_rows=5000) is None
    assert find_delimiter(values, n_rows=60) == "^"
