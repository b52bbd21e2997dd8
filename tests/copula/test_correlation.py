import numpy as np
import pytest
from scipy import integrate, optimize, stats

from skgen.copula._correlation import MAX_CORRELATION, solve_moments
from skgen.copula._scores import intervals


def both_above(c, d, correlation):
    """P(Z_1 > c, Z_2 > d), by the conditional distribution of Z_2."""
    width = np.sqrt(1 - correlation**2)
    value, _ = integrate.quad(
        lambda z: stats.norm.pdf(z) * stats.norm.sf((d - correlation * z) / width),
        c,
        c + 12,
        epsabs=1e-15,
        epsrel=1e-10,
        limit=200,
    )
    return value


@pytest.mark.parametrize("correlation", [-0.9, -0.3, 0.0, 0.5, 0.95])
def test_moment_equation_agrees_with_the_bivariate_normal(correlation):
    first, second = intervals(np.array([30, 50, 20])), intervals(np.array([10, 90]))
    law = stats.multivariate_normal([0, 0], [[1, correlation], [correlation, 1]])
    ends = np.array([-12, *first.cuts, 12]), np.array([-12, *second.cuts, 12])
    moment = 0.0
    for i, score in enumerate(first.scores):
        for j, other in enumerate(second.scores):
            corner = [ends[0][i + 1], ends[1][j + 1]]
            inside = law.cdf(corner, lower_limit=[ends[0][i], ends[1][j]])
            moment += score * other * inside
    moments = np.array([[0, 0], [moment, 0]])
    solved = solve_moments(moments, [first, second], 10**9)
    assert solved[1, 0] == solved[0, 1] == pytest.approx(correlation, abs=2e-3)


def test_many_pairs_at_once_are_those_one_by_one():
    rng = np.random.RandomState(0)
    sizes = [2, 2, 5, 3, 1, 2, 16, 5]
    cuts = [intervals(rng.randint(5, 500, size=size)) for size in sizes]
    deviations = np.sqrt([cut.variance for cut in cuts])
    moments = rng.uniform(-0.5, 0.5, (8, 8)) * np.outer(deviations, deviations)
    solved = solve_moments(moments, cuts, 10**6)
    for i in range(8):
        for j in range(i):
            alone = solve_moments(
                moments[np.ix_([j, i], [j, i])].copy(), [cuts[j], cuts[i]], 10**6
            )
            assert solved[i, j] == solved[j, i] == pytest.approx(alone[1, 0], abs=1e-9)
    assert not solved[4].any()
    assert not np.diag(solved).any()


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.02, 0.3), (0.01, 0.02)])
@pytest.mark.parametrize("correlation", [-0.4, 0.2, 0.7, 0.95])
def test_binary_pairs_agree_with_the_bivariate_normal_distribution(shares, correlation):
    counts = [np.round(1e6 * np.array([1 - share, share])) for share in shares]
    first, second = (intervals(count) for count in counts)
    both = both_above(first.cuts[0], second.cuts[0], correlation)
    covariance = both - shares[0] * shares[1]
    moment = covariance * np.diff(first.scores)[0] * np.diff(second.scores)[0]
    solved = solve_moments(np.array([[0, 0], [moment, 0]]), [first, second], 10**12)
    # Nearly empty corners say little of the correlation: compare what they hold.
    found = both_above(first.cuts[0], second.cuts[0], solved[1, 0])
    assert found == pytest.approx(both, abs=1e-6)
    if min(both, *(np.array(shares) - both)) > 1e-4:
        assert solved[1, 0] == pytest.approx(correlation, abs=1e-4)


@pytest.mark.parametrize(("rows", "n_samples"), [((60, 90), 1000), ((10, 20), 1000)])
def test_levels_that_never_meet_are_taken_to_meet_in_half_a_row(rows, n_samples):
    first, second = (intervals(np.array([n_samples - n, n])) for n in rows)
    shares = np.array(rows) / n_samples
    moment = -shares.prod() * np.diff(first.scores)[0] * np.diff(second.scores)[0]
    solved = solve_moments(np.array([[0, 0], [moment, 0]]), [first, second], n_samples)[
        1, 0
    ]
    if n_samples * shares.prod() < 0.5:
        # Half a row is more than chance lets one expect: nothing was learned.
        assert solved == pytest.approx(0, abs=1e-6)
        return

    def excess(correlation):
        both = both_above(first.cuts[0], second.cuts[0], correlation)
        return both - 0.5 / n_samples

    assert solved == pytest.approx(optimize.brentq(excess, -0.95, 0), abs=1e-4)


def test_identical_codes_are_as_dependent_as_latents_can_be():
    cut = intervals(np.array([400, 600]))
    solved = solve_moments(np.full((2, 2), cut.variance), [cut, cut], 10**9)
    assert solved[1, 0] == pytest.approx(MAX_CORRELATION, abs=1e-6)
