"""Densities by the instantaneous change of variables."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from skgen._ode import integrate

Velocity = Callable[[Tensor, Tensor, Tensor], Tensor]


def divergence(velocity: Tensor, x: Tensor, *, signs: Tensor | None = None) -> Tensor:
    """Return the divergence of a velocity field at each row.

    Shapes: `divergence` (n_samples,).

    Parameters
    ----------
    velocity : Tensor of shape (n_samples, n_latents)
        With its graph from `x`; a row's depends on that row of `x` alone.

    x : Tensor of shape (n_samples, n_latents)
        Requires a gradient.

    signs : Tensor of shape (n_samples, n_latents), default=None
        Random signs, for Hutchinson's estimate [1]_. None takes every derivative.

    References
    ----------
    .. [1] M. F. Hutchinson, "A Stochastic Estimator of the Trace of the Influence
       Matrix for Laplacian Smoothing Splines", Communications in Statistics -
       Simulation and Computation 19, 433-450, 1990.
    """
    if signs is not None:
        (product,) = torch.autograd.grad(velocity, x, signs)
        return (product * signs).sum(1)
    total = torch.zeros_like(x[:, 0])
    for i in range(x.shape[1]):
        (gradient,) = torch.autograd.grad(
            velocity[:, i].sum(), x, retain_graph=i + 1 < x.shape[1]
        )
        total = total + gradient[:, i]
    return total


def log_density(
    velocity: Velocity,
    x: Tensor,
    labels: Tensor,
    *,
    solver: str,
    n_steps: int,
    exact: bool,
) -> Tensor:
    r"""Return the log-density of points that a flow carries standard normal noise to.

    With :math:`x(1)` the point and :math:`dx / dt = v`, it is :math:`\log \phi(x(0)) -
    \int_0^1 \nabla \cdot v \, dt` [1]_, solved back from the point. Shapes: `x`
    (n_samples, n_latents), `labels` (n_samples,) to `log_density` (n_samples,).

    Parameters
    ----------
    velocity : callable
        Takes points, times and labels of rows; returns velocities.

    solver : {"euler", "midpoint", "heun", "rk4"}

    exact : bool
        Whether every derivative is taken, or one along random signs, the same on
        the whole way [2]_.

    References
    ----------
    .. [1] R. T. Q. Chen, Y. Rubanova, J. Bettencourt, D. Duvenaud, "Neural Ordinary
       Differential Equations", Advances in Neural Information Processing Systems 31,
       2018, theorem 1.

    .. [2] W. Grathwohl, R. T. Q. Chen, J. Bettencourt, I. Sutskever, D. Duvenaud,
       "FFJORD: Free-Form Continuous Dynamics for Scalable Reversible Generative
       Models", International Conference on Learning Representations, 2019, section 3.1.
    """
    signs = None if exact else (torch.rand_like(x) < 0.5).to(x) * 2 - 1

    def field(time: float, state: Tensor) -> Tensor:
        with torch.enable_grad():
            point = state[:, :-1].detach().requires_grad_()
            moved = velocity(point, point.new_full((len(point),), time), labels)
            change = divergence(moved, point, signs=signs)
        return torch.cat([moved.detach(), change.detach()[:, None]], dim=1)

    state = torch.cat([x, torch.zeros_like(x[:, :1])], dim=1)
    times = torch.linspace(1.0, 0.0, n_steps + 1, dtype=torch.float64).tolist()
    state = integrate(field, state, times, solver)
    noise, minus_integral = state[:, :-1], state[:, -1]
    log_normal = -0.5 * (noise**2 + math.log(2 * math.pi)).sum(1)
    return log_normal + minus_integral
