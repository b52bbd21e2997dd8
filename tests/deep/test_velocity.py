import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal

from skgen._ode import integrate
from skgen.deep.device import seeded
from skgen.deep.velocity import GaussianVelocity, VelocityNetwork
from skgen.neural.flow.divergence import divergence, log_density


@pytest.fixture(scope="module")
def rows():
    rng = np.random.RandomState(0)
    factor = rng.normal(size=(3, 3))
    first = rng.normal(size=(4000, 3)) @ factor.T + [1, -1, 0]
    second = 0.5 * rng.normal(size=(2000, 3)) + [0, 2, 1]
    labels = np.repeat([0, 1], [4000, 2000])
    return torch.from_numpy(np.concatenate([first, second])), torch.from_numpy(labels)


def covariances(field):
    axes, variances = field.axes.double(), field.variances.double()
    return (axes @ torch.diag_embed(variances) @ axes.transpose(1, 2)).numpy()


@pytest.mark.parametrize("path", ["linear", "trigonometric"])
def test_gaussian_velocity_is_the_conditional_mean(rows, path):
    field = GaussianVelocity(*rows, 2, path)
    for label, group in enumerate(np.split(rows[0].numpy(), [4000])):
        np.testing.assert_allclose(field.mean[label], group.mean(0), atol=1e-5)
        np.testing.assert_allclose(
            covariances(field)[label], np.cov(group.T), 0.05, 0.02
        )
    x = torch.randn(5, 3)
    labels = torch.tensor([0, 1, 0, 1, 1])
    for t in (0.0, 0.3, 0.9, 1.0):
        found = field(x, torch.full((5,), t), labels)
        if path == "linear":
            a, b, da, db = 1 - t, t, -1, 1
        else:
            angle = np.pi / 2 * t
            a, b = np.cos(angle), np.sin(angle)
            da, db = -np.pi / 2 * b, np.pi / 2 * a
        for i, label in enumerate(labels):
            # Regression of the velocity on the point, both jointly normal.
            mean = field.mean[label].double().numpy()
            covariance = covariances(field)[label]
            between = da * a * np.eye(3) + db * b * covariance
            of_point = a**2 * np.eye(3) + b**2 * covariance
            slope = between @ np.linalg.inv(of_point)
            wanted = db * mean + slope @ (x[i].numpy() - b * mean)
            np.testing.assert_allclose(found[i], wanted, rtol=1e-3, atol=1e-4)


@pytest.fixture(scope="module")
def network(rows):
    with seeded(0):
        return VelocityNetwork(
            *rows,
            2,
            path="linear",
            hidden_dims=(16,),
            time_dim=8,
            n_frequencies=2,
            dropout=0.0,
        )


def test_flow_carries_noise_to_the_normal_distribution(rows, network):
    # The network itself is zero before it is trained.
    with seeded(0):
        noise = torch.randn(20_000, 3)
    labels = torch.zeros(20_000, dtype=torch.long)
    with torch.no_grad():
        made = integrate(
            lambda t, x: network(x, x.new_full((len(x),), t), labels),
            noise,
            np.linspace(0, 1, 21).tolist(),
            "rk4",
        ).numpy()
    error = 5 * np.sqrt(np.diag(covariances(network.gaussian)[0]) / 20_000)
    assert (np.abs(made.mean(0) - network.gaussian.mean[0].numpy()) < error).all()
    np.testing.assert_allclose(
        np.cov(made.T), covariances(network.gaussian)[0], rtol=0.1, atol=0.05
    )


@pytest.mark.parametrize(("exact", "tolerance"), [(True, 2e-3), (False, 0.1)])
def test_log_density_of_a_normal_distribution(network, exact, tolerance):
    x = torch.randn(2000, 3) + network.gaussian.mean[1]
    labels = torch.arange(2000) % 2
    with seeded(0):
        found = log_density(
            network, x, labels, solver="rk4", n_steps=50, exact=exact
        ).numpy()
    for label in (0, 1):
        of_label = (labels == label).numpy()
        wanted = multivariate_normal.logpdf(
            x[of_label].double().numpy(),
            network.gaussian.mean[label].double().numpy(),
            covariances(network.gaussian)[label],
        )
        error = found[of_label] - wanted
        if exact:
            assert np.abs(error).max() < tolerance
        # Hutchinson's estimate is unbiased.
        assert abs(error.mean()) < max(5 * error.std() / np.sqrt(len(error)), 2e-3)


def test_divergence():
    x = torch.randn(6, 3, dtype=torch.float64).requires_grad_()
    velocity = torch.stack(
        [x[:, 0] ** 2 + x[:, 1], torch.sin(x[:, 1]) * x[:, 2], x[:, 2] * x[:, 0]], 1
    )
    wanted = 2 * x[:, 0] + torch.cos(x[:, 1]) * x[:, 2] + x[:, 0]
    torch.testing.assert_close(divergence(velocity, x), wanted)
    # The mean over all eight vectors of signs is the trace.
    estimates = []
    for i in range(8):
        signs = torch.tensor([(i >> k & 1) * 2 - 1 for k in range(3)]).expand(6, 3)
        y = x.detach().requires_grad_()
        moved = torch.stack(
            [y[:, 0] ** 2 + y[:, 1], torch.sin(y[:, 1]) * y[:, 2], y[:, 2] * y[:, 0]], 1
        )
        estimates.append(divergence(moved, y, signs=signs.double()))
    torch.testing.assert_close(torch.stack(estimates).mean(0), wanted.detach())
