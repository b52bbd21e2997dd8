"""Lists as indicators: what is indicated, what is counted, and the way back."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.preprocessing import MultiLabelBinarizer
from sklearn.utils.estimator_checks import parametrize_with_checks

from skgen.lists import ListCodec
from skgen.preprocessing import ListEncoder
from skgen.preprocessing._lists import MAX_LISTS


@parametrize_with_checks([ListEncoder(), ListEncoder(sparse_output=False)])
def test_checks_of_scikit_learn(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def lists():
    rng = np.random.RandomState(0)
    weights = 1 / np.arange(1, 13)
    drawn = [
        rng.choice(12, size=rng.randint(0, 5), replace=False, p=weights / weights.sum())
        for _ in range(400)
    ]
    tags = pd.Series(["^".join(f"t{k}" for k in each) for each in drawn], dtype=object)
    tags[::17] = None
    ids = pd.Series(["|".join(map(str, each[:2])) for each in drawn], dtype=object)
    return pd.DataFrame({"tags": tags, "ids": ids})


def test_all_members_are_those_of_scikit_learn(lists):
    encoder = ListEncoder(coverage=1.0, sparse_output=False).fit(lists)
    names = list(encoder.get_feature_names_out())
    encoded = pd.DataFrame(encoder.transform(lists), columns=names)
    assert encoder.delimiters_ == ["^", "|"]
    for name, delimiter in (("tags", "^"), ("ids", "|")):
        split = [
            [] if text is None or text == "" else text.split(delimiter)
            for text in lists[name]
        ]
        binarizer = MultiLabelBinarizer().fit(split)
        wanted = binarizer.transform(split)
        made = encoded[[f"{name}_{member}" for member in binarizer.classes_]]
        np.testing.assert_array_equal(made, wanted)
        assert (encoded[f"{name}_rare"] == 0).all()
    assert encoded["tags_missing"].tolist() == lists["tags"].isna().tolist()
    assert "ids_missing" not in encoded


def test_members_cover_the_share_and_the_rest_is_counted(lists):
    encoder = ListEncoder(coverage=0.7, sparse_output=False).fit(lists[["tags"]])
    mentions = lists["tags"].dropna().str.split("^").explode()
    mentions = mentions[mentions != ""]
    shares = mentions.value_counts(normalize=True)
    members = encoder.members_[0]
    assert shares[members].sum() >= 0.7 > shares[members[:-1]].sum()
    encoded = encoder.transform(lists[["tags"]])
    lengths = (
        lists["tags"]
        .fillna("")
        .map(lambda text: len([t for t in text.split("^") if t]))
    )
    np.testing.assert_array_equal(encoded[:, :-1].sum(axis=1), lengths)


def test_it_says_what_the_codec_of_the_generators_says(lists):
    codec = ListCodec("^", coverage=0.6, max_members=None).fit(lists["tags"])
    encoder = ListEncoder(coverage=0.6, sparse_output=False).fit(lists[["tags"]])
    indicators, lengths = codec.transform(lists["tags"])
    encoded = encoder.transform(lists[["tags"]])
    np.testing.assert_array_equal(encoder.members_[0], codec.members_)
    np.testing.assert_array_equal(encoded[:, : len(codec.members_)], indicators)
    rare = np.nan_to_num(lengths) - indicators.sum(axis=1)
    np.testing.assert_array_equal(encoded[:, len(codec.members_)], rare)


@pytest.mark.parametrize("coverage", [0.5, 1.0])
def test_there_and_back(lists, coverage):
    encoder = ListEncoder(coverage=coverage, random_state=0).fit(lists)
    encoded = encoder.transform(lists)
    back = encoder.inverse_transform(encoded)
    again = encoder.transform(pd.DataFrame(back, columns=lists.columns))
    assert (again != encoded).nnz == 0
    repeated = encoder.inverse_transform(encoded.toarray())
    assert pd.DataFrame(back).equals(pd.DataFrame(repeated))


def test_sparse_and_dense_agree(lists):
    dense = ListEncoder(sparse_output=False, dtype=np.float32).fit_transform(lists)
    thin = ListEncoder(dtype=np.float32).fit_transform(lists)
    assert isinstance(thin, sparse.csr_matrix)
    assert dense.dtype == thin.dtype == np.float32
    np.testing.assert_array_equal(thin.toarray(), dense)


def test_more_lists_than_are_made_at_a_time():
    n = 2 * MAX_LISTS + 17
    X = pd.DataFrame({"pair": [f"a^{i}" for i in range(n)]})
    encoder = ListEncoder(max_members=3).fit(X)
    encoded = encoder.transform(X[::-1])
    assert encoded.shape == (n, 4)
    np.testing.assert_array_equal(encoded[:, 0].toarray().ravel(), 1)
    np.testing.assert_array_equal(encoded[:, :4].sum(axis=1), 2)


def test_unknown_members_count_as_rare_and_numbers_as_one_member():
    encoder = ListEncoder(sparse_output=False, coverage=1.0)
    encoder.fit(pd.DataFrame({"a": ["x^y", "y", "x"]}))
    assert encoder.transform(pd.DataFrame({"a": ["z^y^w", None]})).tolist() == [
        [0, 1, 2],
        [0, 0, 0],
    ]
    numbers = ListEncoder(sparse_output=False).fit(np.array([[7], [7], [8]]))
    assert list(numbers.get_feature_names_out()) == ["x0_7", "x0_8", "x0_rare"]
    # A column of integers becomes one of floats where values are missing.
    assert numbers.transform(np.array([[7.0], [np.nan]])).tolist() == [
        [1, 0, 0],
        [0, 0, 0],
    ]


def test_category_columns_and_the_given_delimiter():
    X = pd.DataFrame({"a": pd.Categorical(["x;y", "y", None, "x"])})
    encoder = ListEncoder(delimiter=";", coverage=1.0).set_output(transform="default")
    assert encoder.fit(X).members_[0].tolist() == ["x", "y"]


def test_frames_pickles_and_clones(lists):
    encoder = ListEncoder(sparse_output=False).set_output(transform="pandas")
    made = encoder.fit_transform(lists)
    assert list(made.columns) == list(encoder.get_feature_names_out())
    again = pickle.loads(pickle.dumps(encoder)).transform(lists)
    pd.testing.assert_frame_equal(made, again)
    assert clone(encoder).get_params() == encoder.get_params()


def test_errors_say_what_to_do(lists):
    with pytest.raises(ValueError, match=r"'a' holds list objects.*map\('\^'\.join\)"):
        ListEncoder().fit(pd.DataFrame({"a": [["x", "y"], ["x"]]}))
    with pytest.raises(ValueError, match="delimiter='' is empty"):
        ListEncoder(delimiter="").fit(lists)
    encoder = ListEncoder().fit(lists)
    with pytest.raises(ValueError, match="X has 2 columns"):
        encoder.inverse_transform(np.zeros((1, 2)))
    with pytest.raises(ValueError, match="'coverage'"):
        ListEncoder(coverage=1.5).fit(lists)
