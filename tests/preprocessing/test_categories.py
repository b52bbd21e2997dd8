"""Categories as codes and indicators."""

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

from skgen.preprocessing._categories import (
    CategoryEncoder,
    Indicators,
    category_text,
    factorize_texts,
)


@pytest.mark.parametrize("value", [7, 7.0, "7", np.float32(7), np.int64(7)])
def test_numbers_and_their_texts_are_one_category(value):
    assert category_text(value) == "7"


def test_factorize_texts():
    codes, texts = factorize_texts(pd.Series([2, "1", None, 1, 2.0, 0.5], dtype=object))
    assert codes.tolist() == [0, 1, -1, 1, 0, 2]
    assert texts == ["2", "1", "0.5"]


def test_codes_are_those_of_an_ordinal_encoder():
    X = pd.DataFrame({"a": list("cabca"), "b": ["x", None, "y", "x", None]})
    new = pd.DataFrame({"a": ["b", "d", None], "b": ["y", "z", None]})
    found = CategoryEncoder().fit(X).transform(new)
    expected = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=2
    ).fit(X)
    np.testing.assert_array_equal(found, expected.transform(new))
    assert (found.dtypes == np.int32).all()


def test_indicators_are_those_of_a_one_hot_encoder():
    X = pd.DataFrame({"a": list("cabca"), "b": ["x", None, "y", "x", None]})
    new = pd.DataFrame({"a": ["b", "d", "a"], "b": ["y", "z", None]})
    found = Indicators().fit(X)
    expected = OneHotEncoder(handle_unknown="ignore").fit(X)
    np.testing.assert_array_equal(
        found.transform(new).toarray(), expected.transform(new).toarray()
    )
    assert list(found.get_feature_names_out()) == list(expected.get_feature_names_out())
