import numpy as np
import pytest
from scipy import stats

from skgen.copula import fit_marginal


@pytest.mark.parametrize(
    ("family", "truth"),
    [
        ("gamma", stats.gamma(2.5, scale=3)),
        ("beta", stats.beta(2, 5)),
        ("uniform", stats.uniform(-2, 7)),
        ("norm", stats.norm(10, 4)),
        ("truncnorm", stats.truncnorm(-0.3, 1.2)),
    ],
)
def test_family_is_found_on_its_own_sample(family, truth):
    values = truth.rvs(4000, random_state=1)
    marginal = fit_marginal(values)
    assert marginal.family == family
    drawn = marginal.from_normal(np.random.RandomState(0).normal(size=4000))
    # Fitted from 4,000 rows and judged on 4,000: 5 % point of the two-sample test.
    assert stats.kstest(drawn, truth.cdf).statistic < 1.358 * np.sqrt(2 / 4000)
    assert drawn.min() >= values.min()
    assert drawn.max() <= values.max()


def test_gamma_parameters_agree_with_scipy():
    values = stats.gamma(2.5, scale=3).rvs(3000, random_state=1)
    shape, _, scale = stats.gamma.fit(values, floc=0)
    params = fit_marginal(values, "gamma").params
    assert params["a"] == pytest.approx(shape, rel=1e-6)
    assert params["scale"] == pytest.approx(scale, rel=1e-6)


def test_truncnorm_parameters_maximise_the_likelihood():
    values = stats.truncnorm(-0.5, 1.5, loc=3, scale=2).rvs(2000, random_state=0)
    params = fit_marginal(values, "truncnorm").params
    best = stats.truncnorm.logpdf(values, **params).sum()
    for loc, scale in [(0.1, 0), (-0.1, 0), (0, 0.1), (0, -0.1)]:
        mean, width = params["loc"] + loc, params["scale"] + scale
        ends = (values.min() - mean) / width, (values.max() - mean) / width
        assert stats.truncnorm.logpdf(values, *ends, mean, width).sum() <= best + 1e-4


def test_empirical_where_no_family_fits():
    rng = np.random.RandomState(0)
    values = np.concatenate([rng.normal(-5, 1, 1000), rng.normal(5, 0.2, 1000)])
    assert fit_marginal(values).family == "empirical"


def test_empirical_is_exact_at_observed_quantiles():
    values = np.random.RandomState(0).lognormal(size=999)
    marginal = fit_marginal(values, "empirical")
    shares = (np.arange(999) + 0.5) / 999
    expected = np.quantile(values, shares, method="hazen")
    np.testing.assert_allclose(
        marginal.from_normal(stats.norm.ppf(shares)), expected, rtol=1e-12
    )
    np.testing.assert_allclose(expected, np.sort(values))


def test_empirical_of_many_rows_is_bounded_and_keeps_the_ends():
    values = np.random.RandomState(0).standard_cauchy(50_000)
    marginal = fit_marginal(values, "empirical")
    assert len(marginal.values) == 10_000
    assert marginal.values[[0, -1]].tolist() == [values.min(), values.max()]
    drawn = marginal.from_normal(np.random.RandomState(1).normal(size=50_000))
    assert stats.kstest(drawn, values).pvalue > 0.01


@pytest.mark.parametrize("family", ["beta", "gamma", "norm", "truncnorm", "uniform"])
def test_degenerate_number_falls_back_to_empirical(family):
    marginal = fit_marginal(np.full(5, 2.0), family)
    assert marginal.family == "empirical"
    assert marginal.from_normal(np.array([-1.0, 3.0])).tolist() == [2.0, 2.0]


@pytest.mark.parametrize("family", ["beta", "gamma", "norm", "truncnorm", "uniform"])
@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_forced_family_stays_inside_the_range(family, scale):
    values = scale * np.random.RandomState(0).standard_t(2, size=200)
    drawn = fit_marginal(values, family).from_normal(np.linspace(-9, 9, 99))
    assert np.isfinite(drawn).all()
    assert (np.diff(drawn) >= 0).all()
    assert drawn[0] >= values.min()
    assert drawn[-1] <= values.max()
