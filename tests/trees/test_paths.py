"""Paths against torchcfm and closed forms."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from torchcfm.conditional_flow_matching import ConditionalFlowMatcher

from skgen.trees._paths import PATHS, LinearPath, VariancePreservingPath


@pytest.fixture
def pairs():
    rng = np.random.RandomState(0)
    return rng.normal(2, 3, size=(50, 4)), rng.standard_normal((50, 4))


def test_lines_are_those_of_torchcfm(pairs):
    data, noise = pairs
    t = np.random.RandomState(1).uniform(size=50)
    matcher = ConditionalFlowMatcher(sigma=0.0)
    _, point, velocity = matcher.sample_location_and_conditional_flow(
        torch.from_numpy(noise), torch.from_numpy(data), torch.from_numpy(t)
    )
    path = LinearPath()
    np.testing.assert_allclose(path.point(t[:, None], data, noise), point)
    np.testing.assert_allclose(path.target(data, noise), velocity)


@pytest.mark.parametrize("name", PATHS)
def test_ends_are_noise_and_data(name, pairs):
    data, noise = pairs
    path = PATHS[name]()
    times = path.times(10)
    assert len(times) == 11
    assert (np.diff(times) > 0).all()
    # Of the diffusion, a little of each is left at the other's end.
    np.testing.assert_allclose(path.point(times[0], data, noise), noise, atol=0.1)
    np.testing.assert_allclose(path.point(times[-1], data, noise), data, atol=0.1)


@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize("t", [0.2, 0.9])
def test_velocity_is_the_derivative_of_the_path(name, t, pairs):
    data, noise = pairs
    path = PATHS[name]()
    h = 1e-6
    before, after = (path.point(t + step, data, noise) for step in (-h, h))
    point, target = path.point(t, data, noise), path.target(data, noise)
    velocity = path.velocity(t, point, target)
    np.testing.assert_allclose(velocity, (after - before) / (2 * h), rtol=1e-5)
    np.testing.assert_allclose(path.data(t, point, target), data, rtol=1e-8)


def test_variance_is_preserved():
    path = VariancePreservingPath()
    t = path.times(20)
    np.testing.assert_allclose(path.mean(t) ** 2 + path.deviation(t) ** 2, 1.0)
    # d log(mean) / dt is half the rate of the noise.
    h = 1e-6
    slope = (np.log(path.mean(t + h)) - np.log(path.mean(t - h))) / (2 * h)
    np.testing.assert_allclose(slope, path.rate(t) / 2, rtol=1e-6)


@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize("times", [(0.9, 0.8), (0.5, 0.1), (0.1, 0.0)])
def test_noise_put_back_makes_the_earlier_distribution(name, times):
    path = PATHS[name]()
    start, stop = times
    rng = np.random.RandomState(0)
    data, noise, more = 2.0 + 0.5 * rng.standard_normal((3, 200_000)) * [[1], [2], [2]]
    noise, more = noise - 2.0, more - 2.0
    found = path.back(start, stop, path.point(start, data, noise), more)
    mean = path.mean(stop) * 2.0
    variance = path.mean(stop) ** 2 * 0.25 + path.deviation(stop) ** 2
    assert found.mean() == pytest.approx(mean, abs=5 * np.sqrt(variance / 200_000))
    assert found.var() == pytest.approx(variance, rel=0.02)


def test_diffusion_of_normal_data_stays_normal():
    # Of standard normal data, E[noise | point] is the deviation times the point.
    path = VariancePreservingPath()
    rng = np.random.RandomState(0)
    point = rng.standard_normal(50_000)
    times = path.times(400)
    for start, stop in pairwise(times):
        predicted = path.deviation(start) * point
        np.testing.assert_allclose(path.velocity(start, point, predicted), 0, atol=1e-9)
        noise = rng.standard_normal(50_000)
        point = path.diffuse(start, stop, point, predicted, noise)
    assert point.mean() == pytest.approx(0, abs=0.03)
    assert point.var() == pytest.approx(1, abs=0.05)
