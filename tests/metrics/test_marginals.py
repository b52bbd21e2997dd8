import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats
from sdmetrics.single_column import TVComplement

from skgen.metrics import (
    earth_movers_distance,
    hellinger_distance,
    kde_overlap,
    kl_divergence,
    total_variation,
)

BINNED = [total_variation, hellinger_distance, kl_divergence]


def levels(n_rows, seed, shares):
    values = np.random.RandomState(seed).choice(len(shares), n_rows, p=shares)
    return pd.DataFrame({"x": pd.Series(values).map("level {}".format)})


@pytest.fixture(scope="module")
def pair():
    return levels(400, 0, [0.5, 0.3, 0.2]), levels(300, 1, [0.2, 0.2, 0.5, 0.1][:4])


def shares(table):
    counts = table["x"].value_counts().reindex([f"level {i}" for i in range(4)])
    return counts.fillna(0).to_numpy() / len(table)


def test_total_variation_matches_sdmetrics(pair):
    expected = 1 - TVComplement.compute(pair[0]["x"], pair[1]["x"])
    assert total_variation(*pair) == pytest.approx(expected)


def test_hellinger_matches_the_bhattacharyya_coefficient(pair):
    p, q = (shares(table) for table in pair)
    expected = np.sqrt(1 - np.sum(np.sqrt(p * q)))
    assert hellinger_distance(*pair) == pytest.approx(expected)


def test_kl_matches_scipy(pair):
    p, q = (shares(table) for table in pair)
    expected = stats.entropy(p, q, base=2)
    assert kl_divergence(*pair, pseudocount=0) == pytest.approx(expected)
    smooth = stats.entropy(p * 400 + 2, q * 300 + 2, base=2)
    assert kl_divergence(*pair, pseudocount=2) == pytest.approx(smooth)
    # the other way, a level is missing
    assert kl_divergence(*pair[::-1], pseudocount=0) == np.inf
    assert np.isfinite(kl_divergence(*pair[::-1]))


def test_kl_of_two_gaussians_approaches_the_closed_form():
    # KL(N(0, 1) | N(d, 1)) = d^2 / 2 nats; bins lose a little.
    real, synthetic = np.random.RandomState(0).normal(size=(2, 100_000, 1))
    expected = 0.5**2 / 2 / np.log(2)
    value = kl_divergence(real, synthetic + 0.5, n_bins=100)
    assert value == pytest.approx(expected, rel=0.03)
    assert kl_divergence(real, synthetic + 0.5, n_bins=3) < value


def test_binned_distances_of_two_gaussians_match_the_closed_form():
    real, synthetic = np.random.RandomState(0).normal(size=(2, 100_000, 1))
    value = total_variation(real, synthetic + 1, n_bins=200)
    assert value == pytest.approx(2 * stats.norm.cdf(0.5) - 1, abs=0.02)
    value = hellinger_distance(real, synthetic + 1, n_bins=200)
    assert value == pytest.approx(np.sqrt(1 - np.exp(-1 / 8)), abs=0.02)


@pytest.mark.parametrize("metric", [*BINNED, earth_movers_distance])
def test_noise_floor_and_limits(metric):
    real, fresh = np.random.RandomState(0).normal(size=(2, 20_000, 2))
    assert metric(real, real) == pytest.approx(0, abs=1e-12)
    values = [metric(real, fresh + shift) for shift in (0, 0.1, 0.5, 2)]
    assert values[0] < 0.02
    assert np.all(np.diff(values) > 0)
    if metric in (total_variation, hellinger_distance):
        assert metric(real, fresh + 99) == pytest.approx(1)


@pytest.mark.parametrize("metric", [*BINNED, earth_movers_distance])
def test_missing_values_are_seen(metric):
    x = np.random.RandomState(0).normal(size=(1000, 1))
    absent = x.copy()
    absent[:500] = np.nan
    assert metric(x, absent) > 0.2
    assert metric(absent, absent) == pytest.approx(0, abs=1e-12)
    assert metric(x, np.full((9, 1), np.nan)) > 0.9


@pytest.mark.parametrize("metric", [*BINNED, earth_movers_distance, kde_overlap])
def test_per_column_and_mean(metric):
    rng = np.random.RandomState(0)
    real, synthetic = (
        pd.DataFrame({"a": rng.normal(size=90), "b": rng.poisson(2, 90)})
        for _ in range(2)
    )
    columns = metric(real, synthetic, per_column=True)
    assert columns.index.tolist() == ["a", "b"]
    assert metric(real, synthetic) == pytest.approx(columns.mean())


# earth_movers_distance


def test_transport_matches_scipy_in_both_units():
    rng = np.random.RandomState(0)
    real, synthetic = rng.gamma(2, size=300), rng.gamma(3, size=200)
    expected = stats.wasserstein_distance(real, synthetic)
    tables = real.reshape(-1, 1) * 60, synthetic.reshape(-1, 1) * 60
    assert earth_movers_distance(*tables, scale=None) == pytest.approx(expected * 60)
    assert earth_movers_distance(*tables) == pytest.approx(expected / np.ptp(real))
    dates = [
        pd.DataFrame({"t": pd.Timestamp("2024-01-01") + pd.to_timedelta(t[:, 0], "s")})
        for t in tables
    ]
    assert earth_movers_distance(*dates, scale=None) == pytest.approx(
        expected * 60, rel=1e-6
    )


def test_transport_of_categories_is_total_variation(pair):
    assert earth_movers_distance(*pair) == pytest.approx(total_variation(*pair))


def test_transport_counts_missing_shares_and_constants():
    real = pd.DataFrame({"x": [0.0, 1.0, None, None], "constant": [5.0] * 4})
    synthetic = pd.DataFrame({"x": [0.5, 0.5, 0.5, None], "constant": [5.0, 5, 6, 9]})
    values = earth_movers_distance(real, synthetic, per_column=True)
    assert values["x"] == pytest.approx(0.5 + 0.25)
    assert values["constant"] == 0.5


def test_raw_transport_refuses():
    with pytest.raises(ValueError, match="'x' of synthetic has missing values alone"):
        earth_movers_distance(
            pd.DataFrame({"x": [1.0]}), pd.DataFrame({"x": [np.nan]}), scale=None
        )
    table = pd.DataFrame({"c": ["a"]})
    with pytest.raises(ValueError, match=r"\['c'\] is numeric.*scale='range'"):
        earth_movers_distance(table, table, scale=None)


# kde_overlap


def test_overlap_matches_scipy():
    rng = np.random.RandomState(0)
    real, synthetic = rng.gamma(2, size=300), rng.normal(2, 1, size=200)
    f = stats.gaussian_kde(real)
    width = np.sqrt(f.covariance[0, 0])
    g = stats.gaussian_kde(synthetic, bw_method=width / synthetic.std(ddof=1))
    x = np.linspace(-6, 14, 40_001)
    expected = integrate.trapezoid(np.minimum(f(x), g(x)), x)
    value = kde_overlap(real.reshape(-1, 1), synthetic.reshape(-1, 1))
    assert value == pytest.approx(expected, abs=1e-3)


def test_overlap_of_two_gaussians_matches_the_closed_form():
    real, synthetic = np.random.RandomState(0).normal(size=(2, 200_000, 1))
    smooth = np.sqrt(1 + 200_000**-0.4)  # the kernel widens both
    for d in (0.5, 2.0):
        value = kde_overlap(real, synthetic + d)
        assert value == pytest.approx(2 * stats.norm.cdf(-d / 2 / smooth), abs=0.01)


def test_overlap_of_equal_disjoint_missing_and_constant_columns():
    x = np.random.RandomState(0).standard_cauchy(size=(1000, 1))
    assert kde_overlap(x, x) == pytest.approx(1, abs=1e-6)
    assert kde_overlap(x, x + 1e9) == pytest.approx(0, abs=1e-6)
    half = x.copy()
    half[:500] = np.nan
    assert kde_overlap(half, half) == pytest.approx(1, abs=1e-6)
    assert kde_overlap(half, np.full((5, 1), np.nan)) == pytest.approx(0.5)
    assert kde_overlap([[1.0]] * 4, [[1.0], [1.0], [1.0], [2.0]]) == 0.75
    assert kde_overlap([[1.0]], [[1.0]]) == 1


def test_overlap_falls_with_a_shift():
    real, synthetic = np.random.RandomState(0).normal(size=(2, 5000, 1))
    values = [kde_overlap(real, synthetic + shift) for shift in (0, 0.5, 1, 3)]
    assert values[0] > 0.95
    assert np.all(np.diff(values) < 0)
