import pickle
from collections import Counter
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from imblearn.over_sampling import RandomOverSampler
from imblearn.utils import check_sampling_strategy
from sklearn.base import clone

from skgen.strategies import (
    Augment,
    Replace,
    augment,
    replace,
    resolve_sampling_strategy,
)

BINARY = np.repeat([0, 1], [90, 10])
TARGETS = {
    "binary": BINARY,
    "text": np.repeat(["yes", "no"], [7, 93]),
    "objects": np.repeat(np.array(["yes", "no"], dtype=object), [7, 93]),
    "boolean": BINARY.astype(bool),
    "floats": np.repeat([0.0, 1.0], [30, 20]),
    "balanced": np.repeat([0, 1], [20, 20]),
    "three": np.repeat([2, -1, 5], [50, 20, 20]),
    "four": np.repeat(list("abcd"), [1, 5, 9, 9]),
}
targets = pytest.mark.parametrize("y", TARGETS.values(), ids=TARGETS.keys())


def counts_of(y):
    return dict(zip(*np.unique(y, return_counts=True), strict=True))


@targets
@pytest.mark.parametrize(
    "strategy", ["auto", "minority", "not minority", "not majority", "all"]
)
def test_names_mean_what_they_mean_to_imblearn(y, strategy):
    assert resolve_sampling_strategy(strategy, y) == dict(
        check_sampling_strategy(strategy, y, "over-sampling")
    )


@pytest.mark.parametrize("y", [y for y in TARGETS.values() if len(set(y)) == 2])
@pytest.mark.parametrize("ratio", [0.005, 0.1, 0.11, 0.12, 0.5, 0.66, 0.7, 1.0, 1])
def test_ratios_mean_what_they_mean_to_imblearn(y, ratio):
    try:
        expected = dict(check_sampling_strategy(ratio, y, "over-sampling"))
    except ValueError:
        with pytest.raises(ValueError, match="adds no rows to class"):
            resolve_sampling_strategy(ratio, y)
    else:
        assert resolve_sampling_strategy(ratio, y) == expected


@targets
@pytest.mark.parametrize("more", [0, 1, 30])
@pytest.mark.parametrize(
    "wrap",
    [
        dict,
        Counter,
        MappingProxyType,
        lambda d: lambda y: d,
        lambda d: lambda y: MappingProxyType(d),
    ],
    ids=["dict", "Counter", "proxy", "callable", "callable of a proxy"],
)
def test_mappings_mean_what_they_mean_to_imblearn(y, more, wrap):
    desired = {label: n + more for label, n in counts_of(y).items()}
    desired.popitem()
    expected = check_sampling_strategy(desired, y, "over-sampling")
    resolved = resolve_sampling_strategy(wrap(desired), y)
    assert resolved == dict(expected)
    assert list(resolved) == sorted(desired)
    assert all(type(n) is int for n in resolved.values())


def test_labels_are_matched_by_equality_and_come_back_as_in_y():
    y = np.repeat([0, 1], [9, 3]).astype(np.int8)
    for label in (1, np.int64(1), 1.0):
        resolved = resolve_sampling_strategy({label: 5}, y)
        assert resolved == {1: 2}
        assert [type(key) for key in resolved] == [np.int8]
    text = np.array(["a", "b", "b"], dtype=object)
    assert [type(k) for k in resolve_sampling_strategy({np.str_("a"): 2}, text)] == [
        str
    ]


@pytest.mark.parametrize(
    "y",
    [
        BINARY.tolist(),
        pd.Series(BINARY),
        pd.Series(BINARY, dtype="Int64"),
        pd.Series(BINARY, dtype="category"),
    ],
    ids=["list", "int64", "Int64", "category"],
)
def test_containers_of_labels(y):
    assert resolve_sampling_strategy("auto", y) == {1: 80}
    assert resolve_sampling_strategy(augment({1: 0.5}), y) == {1: 5}
    assert resolve_sampling_strategy(replace(), y) == {0: 90, 1: 10}


@pytest.mark.parametrize(
    ("strategy", "messages"),
    [
        ({1: 4}, ["4 rows of class 1", "fewer than the 10 in y", "10 or more"]),
        (lambda y: {1: 4}, ["4 rows of class 1", "fewer than the 10 in y"]),
        (MappingProxyType({1: 4}), ["4 rows of class 1", "fewer than the 10 in y"]),
        ({1: -4}, ["negative", "-4 rows of class 1", "10 or more"]),
        ({1: 12.5}, ["whole number", "class 1", "12.5"]),
        ({1: True}, ["whole number", "class 1", "True"]),
        ({"1": 40}, ["'1'", "does not occur", "[0, 1]"]),
        (lambda y: {2: 40}, ["class 2", "does not occur", "[0, 1]"]),
        (lambda y: [1, 2], ["returned [1, 2]", "must return a mapping"]),
        (0.05, ["0.05", "class 1", "10 rows beside 90 of class 0", "0.1111"]),
        (0.0, ["(0, 1]", "0.0"]),
        (1.5, ["(0, 1]", "1.5"]),
        (float("nan"), ["(0, 1]", "nan"]),
        ("majority", ["majority"]),
        ("every", ["every"]),
        ([1], ["list"]),
        (None, ["sampling_strategy must be", "None"]),
    ],
)
def test_errors_name_the_class_its_count_and_the_remedy(strategy, messages):
    with pytest.raises(ValueError) as info:  # noqa: PT011
        resolve_sampling_strategy(strategy, BINARY)
    for message in messages:
        assert message in str(info.value)


def test_a_ratio_for_three_classes():
    with pytest.raises(ValueError, match=r"3 classes: \[-1, 2, 5\].*use a dict"):
        resolve_sampling_strategy(0.5, TARGETS["three"])


@pytest.mark.parametrize("strategy", ["auto", 0.5, {1: 5}, replace(), augment({1: 1})])
def test_one_class(strategy):
    with pytest.raises(
        ValueError, match=r"more than 1 class.* 1 class: .*fit and sample"
    ):
        resolve_sampling_strategy(strategy, [1, 1, 1])


def test_the_strategy_is_left_as_it_was():
    desired = {1: 40}
    resolve_sampling_strategy(desired, BINARY)
    assert desired == {1: 40}


# -------------------------------------------------------------------------- augment


@given(st.floats(1e-6, 3.0), st.integers(1, 1000))
def test_augment_adds_the_nearest_number_of_rows(fraction, n):
    y = ["a"] * n + ["b"]
    n_new = fraction * n
    if n_new <= 0.5:
        with pytest.raises(ValueError, match="rounds to 0 rows"):
            augment({"a": fraction})(y)
    else:
        added = augment({"a": fraction})(y)["a"] - n
        assert abs(added - n_new) <= 0.5


@targets
def test_augment_in_imblearn(y):
    counts = counts_of(y)
    label = max(counts, key=counts.get)  # any class may grow, the majority too
    strategy = augment({label: 0.25})
    sampler = RandomOverSampler(sampling_strategy=strategy, random_state=0)
    _, y_new = sampler.fit_resample(np.arange(len(y)).reshape(-1, 1), y)
    n_new = round(0.25 * counts[label])
    assert counts_of(y_new) == {**counts, label: counts[label] + n_new}
    assert resolve_sampling_strategy(strategy, y) == {label: n_new}
    assert clone(sampler).sampling_strategy == strategy


def test_augment_several_classes_and_none_else():
    y = np.repeat([0, 1, 2], [100, 20, 40])
    assert augment({0: 0.5, 2: 1.5})(y) == {0: 150, 2: 100}
    assert resolve_sampling_strategy(augment({0: 0.5, 2: 1.5}), y) == {0: 50, 2: 60}


def test_augment_is_a_value():
    strategy = augment({1: 0.25, 0: 0.5})
    assert isinstance(strategy, Augment)
    assert strategy.keep_original
    assert repr(strategy) == "Augment({1: 0.25, 0: 0.5})"
    assert eval(repr(strategy)) == strategy
    same = pickle.loads(pickle.dumps(strategy))
    assert same == strategy == Augment({0: 0.5, 1: 0.25})
    assert hash(same) == hash(strategy)
    assert strategy != augment({1: 0.25})
    assert strategy != {1: 0.25, 0: 0.5}
    assert strategy != replace()
    fractions = {1: 0.25}
    strategy = augment(fractions)
    fractions[1] = 9.0
    assert strategy == augment({1: 0.25})


@pytest.mark.parametrize(
    "fraction", [0, 0.0, -0.25, float("nan"), float("inf"), "0.25", None, True]
)
def test_augment_bad_fractions(fraction):
    with pytest.raises(ValueError, match=r"fraction of class 'click'.*above 0"):
        augment({"click": fraction})


@pytest.mark.parametrize("fractions", [{}, 0.25, [0.25], None])
def test_augment_without_classes(fractions):
    with pytest.raises(ValueError, match="must map at least one label"):
        augment(fractions)


def test_augment_bad_labels_and_roundings():
    with pytest.raises(ValueError, match=r"class 2.*does not occur.*\[0, 1\]"):
        augment({2: 0.25})(BINARY)
    with pytest.raises(
        ValueError, match=r"0.04 of the 10 rows of class 1 rounds to 0 rows.*above 0.05"
    ):
        resolve_sampling_strategy(augment({1: 0.04}), BINARY)


# -------------------------------------------------------------------------- replace


@targets
def test_replace_asks_for_as_many_new_rows_as_there_are(y):
    assert resolve_sampling_strategy(replace(), y) == counts_of(y)
    assert replace()(y) == {label: 2 * n for label, n in counts_of(y).items()}


def test_replace_is_a_value():
    strategy = replace()
    assert isinstance(strategy, Replace)
    assert not strategy.keep_original
    assert repr(strategy) == "Replace()"
    assert pickle.loads(pickle.dumps(strategy)) == strategy == Replace()
    assert hash(strategy) == hash(Replace())
    assert strategy != augment({1: 0.25})
