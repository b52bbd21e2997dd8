"""Fixed-step solvers of ordinary differential equations."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

# An array of NumPy or a tensor of torch: anything that adds and scales.
Velocity = Callable[[float, Any], Any]


def _euler(velocity: Velocity, t: float, h: float, x: Any) -> Any:
    return x + h * velocity(t, x)


def _midpoint(velocity: Velocity, t: float, h: float, x: Any) -> Any:
    return x + h * velocity(t + 0.5 * h, x + 0.5 * h * velocity(t, x))


def _heun(velocity: Velocity, t: float, h: float, x: Any) -> Any:
    first = velocity(t, x)
    second = velocity(t + h, x + h * first)
    return x + 0.5 * h * (first + second)


def _rk4(velocity: Velocity, t: float, h: float, x: Any) -> Any:
    first = velocity(t, x)
    second = velocity(t + 0.5 * h, x + 0.5 * h * first)
    third = velocity(t + 0.5 * h, x + 0.5 * h * second)
    fourth = velocity(t + h, x + h * third)
    return x + h / 6 * (first + 2 * second + 2 * third + fourth)


SOLVERS = {"euler": _euler, "midpoint": _midpoint, "heun": _heun, "rk4": _rk4}
# Evaluations of the velocity in one step.
STAGES = {"euler": 1, "midpoint": 2, "heun": 2, "rk4": 4}


def n_steps_of(solver: str, n_evaluations: int) -> int:
    """Return how many steps a number of evaluations makes, one at least.

    Parameters
    ----------
    solver : {"euler", "midpoint", "heun", "rk4"}
    """
    return max(1, n_evaluations // STAGES[solver])


def integrate(
    velocity: Velocity, state: Any, times: Iterable[float], solver: str = "euler"
) -> Any:
    r"""Carry a state along :math:`dx/dt = v(t, x)` through given times.

    Parameters
    ----------
    velocity : callable
        :math:`v`, a function of the time and the state.

    state : ndarray or Tensor
        The state at the first time. It is not changed.

    times : iterable of float
        Increasing or decreasing.

    solver : {"euler", "midpoint", "heun", "rk4"}, default="euler"
        Runge-Kutta method: of first order, two of second, the classical one of fourth.

    Returns
    -------
    state : ndarray or Tensor
        The state at the last time.

    References
    ----------
    E. Hairer, S. P. Nørsett, G. Wanner, "Solving Ordinary Differential Equations I",
    2nd edition, Springer, 1993, section II.1.

    Examples
    --------
    >>> import numpy as np
    >>> from skgen._ode import integrate
    >>> end = integrate(lambda t, x: -x, np.ones(1), np.linspace(0, 1, 11), "rk4")
    >>> bool(abs(end[0] - np.exp(-1)) < 1e-6)
    True
    """
    step = SOLVERS[solver]
    for start, stop in pairwise(times):
        state = step(velocity, start, stop - start, state)
    return state
