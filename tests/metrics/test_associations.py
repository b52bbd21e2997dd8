import numpy as np
import pandas as pd
import pytest
from sdmetrics.column_pairs import ContingencySimilarity, CorrelationSimilarity
from sklearn.metrics import mutual_info_score, normalized_mutual_info_score

from skgen.metrics import (
    contingency_similarity,
    correlation_similarity,
    mutual_information_difference,
)


def categories(n_rows, seed, dependence):
    rng = np.random.RandomState(seed)
    a = rng.randint(0, 4, n_rows)
    b = np.where(rng.uniform(size=n_rows) < dependence, a, rng.randint(0, 4, n_rows))
    c = rng.randint(0, 3, n_rows)
    return pd.DataFrame({"a": a, "b": b, "c": c}).astype(str)


def numbers(n_rows, seed, correlation):
    rng = np.random.RandomState(seed)
    x, y, z = rng.normal(size=(3, n_rows))
    y = correlation * x + np.sqrt(1 - correlation**2) * y
    return pd.DataFrame({"x": x, "y": np.exp(y), "z": z})


@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_correlations_match_sdmetrics(method):
    real, synthetic = numbers(300, 0, 0.8), numbers(200, 1, -0.3)
    pairs = correlation_similarity(real, synthetic, method=method, per_pair=True)
    for i, j in (("x", "y"), ("x", "z"), ("y", "z")):
        expected = CorrelationSimilarity.compute(
            real[[i, j]], synthetic[[i, j]], coefficient=method.title()
        )
        assert pairs.loc[i, j] == pytest.approx(expected)
    mean = correlation_similarity(real, synthetic, method=method)
    assert mean == pytest.approx(pairs.to_numpy()[np.triu_indices(3, 1)].mean())


def test_contingency_matches_sdmetrics():
    real, synthetic = categories(300, 0, 0.8), categories(200, 1, 0.1)
    pairs = contingency_similarity(real, synthetic, per_pair=True)
    for i, j in (("a", "b"), ("a", "c"), ("b", "c")):
        expected = ContingencySimilarity.compute(real[[i, j]], synthetic[[i, j]])
        assert pairs.loc[i, j] == pytest.approx(expected)
        assert pairs.loc[j, i] == pairs.loc[i, j]


def test_information_matches_scikit_learn():
    real, synthetic = categories(300, 0, 0.8), categories(200, 1, 0.1)
    for normalized, score in (
        (True, normalized_mutual_info_score),
        (False, lambda a, b: mutual_info_score(a, b) / np.log(2)),
    ):
        pairs = mutual_information_difference(
            real, synthetic, normalized=normalized, per_pair=True
        )
        for i, j in (("a", "b"), ("a", "c"), ("b", "c")):
            expected = abs(score(real[i], real[j]) - score(synthetic[i], synthetic[j]))
            assert pairs.loc[i, j] == pytest.approx(expected, abs=1e-12)


def test_information_of_a_bivariate_normal_approaches_the_closed_form():
    # I = -log(1 - r^2) / 2; a constant column has none.
    real = numbers(100_000, 0, 0.8)[["x", "y"]]
    constant = pd.DataFrame({"x": [0.0, 0.0], "y": [0.0, 0.0]})
    value = mutual_information_difference(real, constant, n_bins=50, normalized=False)
    assert value == pytest.approx(-np.log2(1 - 0.64) / 2, rel=0.05)


@pytest.mark.parametrize(
    ("metric", "sign", "floor"),
    [
        (correlation_similarity, 1, 0.97),
        (contingency_similarity, 1, 0.85),
        (mutual_information_difference, -1, -0.02),
    ],
)
def test_worse_tables_score_worse(metric, sign, floor):
    real = numbers(3000, 0, 0.9)
    values = [sign * metric(real, numbers(3000, 1, r)) for r in (0.9, 0.7, 0.3)]
    assert values[0] > floor
    assert np.all(np.diff(values) < 0)


def test_missing_numbers_are_left_out_of_correlations():
    real = numbers(100, 0, 0.8)
    more = pd.DataFrame({"x": [np.nan, 5.0], "y": [1.0, np.nan], "z": [0.0, 0.0]})
    with_missing = pd.concat([real, more], ignore_index=True)
    pairs = correlation_similarity(real, with_missing, per_pair=True)
    assert pairs.loc["x", "y"] == pytest.approx(1)


def test_too_few_columns():
    table = pd.DataFrame({"a": ["x", "y"], "b": [1.0, 2.0]})
    with pytest.raises(ValueError, match=r"1 are numeric.*contingency_similarity"):
        correlation_similarity(table, table)
    for metric in (contingency_similarity, mutual_information_difference):
        with pytest.raises(ValueError, match="only column, 'a'"):
            metric(table[["a"]], table[["a"]])
