"""What holds for all constraints."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from skgen.constraints import Constraint, FixedCombinations, Inequality, Range

from .tables import apply, as_tuples, assert_in_range, assert_ordered, invert, recombine


@pytest.fixture
def clicks():
    rng = np.random.RandomState(0)
    n = 300
    country = rng.randint(3, size=n)
    floor = rng.gamma(2.0, 1.0, size=n)
    start = pd.Timestamp("2024-03-01", tz="Europe/Paris") + pd.to_timedelta(
        rng.randint(10**6, size=n), unit="s"
    )
    seen = rng.randint(1, 30, size=n)
    return pd.DataFrame(
        {
            "country": pd.Categorical.from_codes(country, ["FR", "PE", "ES", "XX"]),
            "floor": floor,
            "city": [f"city{c}{rng.randint(2)}" for c in country],
            "bid": floor + rng.gamma(1.0, 1.0, size=n) * (rng.rand(n) < 0.5),
            "start": start,
            "clicked": pd.Series(start).where(rng.rand(n) < 0.3)
            + pd.to_timedelta(rng.randint(60, size=n), unit="s"),
            "seen": seen,
            "clicks": pd.array(rng.randint(0, seen + 1), dtype="Int64"),
            "cap": seen + rng.randint(5, size=n),
            "share": rng.rand(n),
        }
    )


def test_constraints_compose(clicks):
    rules = [
        FixedCombinations(["country", "city"]),
        Range("seen", "clicks", "cap"),
        Range("share", 0, 1),
        Range("bid", 0, None),
        Inequality("floor", "bid"),
        Inequality("start", "clicked"),
    ]
    fitted, Z = apply(rules, clicks)
    assert_frame_equal(invert(fitted, Z), clicks)
    pairs = set(as_tuples(clicks[["country", "city"]]))
    for seed in range(5):
        B = invert(fitted, recombine(Z, seed))
        assert (B.dtypes == clicks.dtypes).all()
        assert set(as_tuples(B[["country", "city"]])) <= pairs
        for low, high in [
            ("floor", "bid"),
            ("clicks", "seen"),
            ("seen", "cap"),
            ("start", "clicked"),
        ]:
            assert_ordered(B, low, high)
        assert_in_range(B.drop(columns=["country", "city"]), clicks.iloc[:, 6:])
        assert B["share"].between(0, 1).all()


def test_a_chain_is_listed_from_its_upper_end(clicks):
    upper, lower = Inequality("seen", "cap"), Inequality("clicks", "seen")
    fitted, Z = apply([upper, lower], clicks)
    B = invert(fitted, recombine(Z, 0))
    assert_ordered(B, "clicks", "seen")
    assert_ordered(B, "seen", "cap")
    with pytest.raises(ValueError, match="put this one before it"):
        apply([lower, upper], clicks)


ALL = [
    FixedCombinations(["country", "city"]),
    Inequality("floor", "bid"),
    Range("seen", "clicks", "cap"),
    Range("share", 0, 1),
    Range("start", pd.Timestamp("2024-01-01", tz="UTC")),
]


@pytest.mark.parametrize("rule", ALL, ids=repr)
def test_estimator_conventions(rule, clicks):
    copy = clone(rule)
    assert isinstance(copy, Constraint)
    assert repr(copy) == repr(rule)
    with pytest.raises(NotFittedError):
        copy.transform(clicks)
    with pytest.raises(NotFittedError):
        copy.inverse_transform(clicks)
    before = clicks.copy(deep=True)
    assert copy.fit(clicks) is copy
    assert copy.get_params() == rule.get_params()
    assert copy.n_features_in_ == clicks.shape[1]
    assert copy.feature_names_in_.tolist() == clicks.columns.tolist()
    Z = copy.transform(clicks)
    rewritten = Z.copy(deep=True)
    B = pickle.loads(pickle.dumps(copy)).inverse_transform(Z)
    assert_frame_equal(B, clicks)
    assert_frame_equal(Z, rewritten)
    assert_frame_equal(clicks, before)


@pytest.mark.parametrize("rule", ALL, ids=repr)
def test_other_columns_row_order_and_no_rows(rule, clicks):
    fitted = clone(rule).fit(clicks)
    Z = fitted.transform(clicks)
    with pytest.raises(ValueError, match=r"missing \['share'\]"):
        fitted.transform(clicks.drop(columns="share"))
    with pytest.raises(ValueError, match=r"unexpected \['new'\]"):
        fitted.inverse_transform(Z.assign(new=1))
    with pytest.raises(TypeError, match="DataFrame"):
        fitted.transform(clicks.to_numpy())
    # Duplicate index labels are no obstacle, nor is an empty batch.
    twice = pd.concat([Z, Z])
    assert_frame_equal(fitted.inverse_transform(twice), pd.concat([clicks, clicks]))
    assert_frame_equal(fitted.inverse_transform(Z.iloc[:0]), clicks.iloc[:0])


@pytest.mark.parametrize(
    "rule", [FixedCombinations(["x", "no"]), Inequality("no", "x"), Range("no", 0)]
)
def test_missing_and_repeated_columns(rule):
    X = pd.DataFrame({"x": [1], "y": [2]})
    with pytest.raises(ValueError, match=r"\['no'\].*columns there are: \['x', 'y'\]"):
        rule.fit(X)
    with pytest.raises(ValueError, match=r"'x' occurs more than once"):
        rule.fit(X.set_axis(["x", "x"], axis=1))


def test_labels_may_be_tuples():
    X = pd.DataFrame({("a", 1): [1, 2], ("a", 2): [3, 4], ("b", 1): [0, 0]})
    assert isinstance(X.columns, pd.MultiIndex)
    rules, Z = apply(
        [
            Inequality(("a", 1), ("a", 2)),
            FixedCombinations([("a", 1), ("b", 1)]),
        ],
        X,
    )
    assert Z.shape == (2, 2)
    assert_frame_equal(invert(rules, Z), X)
