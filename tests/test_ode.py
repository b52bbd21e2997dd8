import math

import numpy as np
import pytest

from skgen._ode import STAGES, integrate, n_steps_of


@pytest.mark.parametrize(
    ("solver", "order"), [("euler", 1), ("midpoint", 2), ("heun", 2), ("rk4", 4)]
)
@pytest.mark.parametrize(("start", "end"), [(0.0, 1.0), (1.0, 0.0)])
def test_order(solver, order, start, end):
    # dx/dt = x cos(t) has the solution x(0) exp(sin(t)).
    x = np.array([1.0, -2.0])
    exact = x * math.exp(math.sin(end) - math.sin(start))
    errors = []
    for n_steps in (40, 80):
        times = np.linspace(start, end, n_steps + 1)
        found = integrate(lambda t, x: x * math.cos(t), x, times, solver)
        errors.append(np.abs(found - exact).max())
    assert math.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.2)


@pytest.mark.parametrize("solver", STAGES)
def test_uneven_times(solver):
    # x(1) = x(0) exp(-1) + 1 - exp(-1), and back again.
    x = np.array([[0.3], [4.0]])
    times = np.linspace(0, 1, 2001) ** 1.5
    end = integrate(lambda t, x: 1 - x, x, times, solver)
    np.testing.assert_allclose(end, 1 + (x - 1) * math.exp(-1), atol=2e-3)
    back = integrate(lambda t, x: 1 - x, end, times[::-1], solver)
    np.testing.assert_allclose(back, x, atol=5e-3)


@pytest.mark.parametrize("solver", STAGES)
def test_number_of_evaluations(solver):
    calls = []

    def velocity(t, x):
        calls.append(t)
        return x

    n_steps = n_steps_of(solver, 40)
    integrate(velocity, np.ones(1), np.linspace(0, 1, n_steps + 1), solver)
    assert len(calls) == 40
    assert 0 <= min(calls) <= max(calls) <= 1 + 1e-12
    assert n_steps_of(solver, 1) == 1
