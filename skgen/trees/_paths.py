"""Gaussian paths from noise to data."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Path(ABC):
    r"""How noise turns into data: :math:`x_t = \alpha_t x_1 + \sigma_t x_0`.

    Time runs from 0, all noise, to 1, all data. The noise :math:`x_0` is standard
    normal and independent of the data :math:`x_1`.
    """

    @abstractmethod
    def mean(self, t: Array | float) -> Array | float:
        r"""Return :math:`\alpha_t`."""

    @abstractmethod
    def deviation(self, t: Array | float) -> Array | float:
        r"""Return :math:`\sigma_t`."""

    @abstractmethod
    def target(self, data: Array, noise: Array) -> Array:
        """Return what the trees regress on the point."""

    @abstractmethod
    def velocity(self, t: float, point: Array, predicted: Array) -> Array:
        """Return the velocity of the flow, given the predicted target."""

    @abstractmethod
    def data(self, t: float, point: Array, predicted: Array) -> Array:
        """Return the expected data, given the predicted target."""

    def times(self, n_t: int) -> NDArray[np.float64]:
        """Return the times of `n_t` steps, ends included."""
        return np.linspace(0.0, 1.0, n_t + 1)

    def point(self, t: Array | float, data: Array, noise: Array) -> Array:
        """Return the point at a time between noise and data."""
        return self.mean(t) * data + self.deviation(t) * noise

    def back(self, start: float, stop: float, point: Array, noise: Array) -> Array:
        """Return the point at an earlier time, with new noise on top.

        The distribution of points at `start` becomes that at `stop`.
        """
        share = self.mean(stop) / self.mean(start)
        variance = self.deviation(stop) ** 2 - (share * self.deviation(start)) ** 2
        return share * point + np.sqrt(variance) * noise


class LinearPath(Path):
    r"""Straight lines, :math:`\alpha_t = t` and :math:`\sigma_t = 1 - t`.

    The independent coupling of conditional flow matching with :math:`\sigma = 0`: the
    target is the velocity :math:`x_1 - x_0`.

    References
    ----------
    A. Tong et al., "Improving and Generalizing Flow-Based Generative Models with
    Minibatch Optimal Transport", Transactions on Machine Learning Research, 2024,
    section 3.2.1 (equations 14 and 15 with sigma zero).
    """

    def mean(self, t: Array | float) -> Array | float:
        """Return the share of the data."""
        return t

    def deviation(self, t: Array | float) -> Array | float:
        """Return the share of the noise."""
        return 1.0 - t

    def target(self, data: Array, noise: Array) -> Array:
        """Return the velocity of the line."""
        return data - noise

    def velocity(self, t: float, point: Array, predicted: Array) -> Array:
        """Return the prediction."""
        return predicted

    def data(self, t: float, point: Array, predicted: Array) -> Array:
        """Return the end of the line."""
        return point + (1.0 - t) * predicted


class VariancePreservingPath(Path):
    r"""The variance-preserving diffusion, :math:`\alpha_t^2 + \sigma_t^2 = 1`.

    With :math:`s = 1 - t`, :math:`\log\alpha_t = -s^2 (\beta_1 - \beta_0) / 4 - s
    \beta_0 / 2`. The target is the noise.

    Parameters
    ----------
    beta_min, beta_max : float, default=0.1 and 20.0
        :math:`\beta_0` and :math:`\beta_1`, the rate of noise at the data's and at the
        noise's end.

    first : float, default=1e-3
        Least :math:`s`, where the deviation does not yet vanish.

    References
    ----------
    Y. Song et al., "Score-Based Generative Modeling through Stochastic Differential
    Equations", ICLR 2021, equations 11, 13 and 33.
    """

    def __init__(
        self, beta_min: float = 0.1, beta_max: float = 20.0, first: float = 1e-3
    ) -> None:
        self.beta_min = beta_min
        self.beta_max = beta_max
        self.first = first

    def times(self, n_t: int) -> NDArray[np.float64]:
        """Return the times of `n_t` steps; the last ends shortly before the data."""
        return np.linspace(0.0, 1.0 - self.first, n_t + 1)

    def rate(self, t: Array | float) -> Array | float:
        r"""Return :math:`\beta_t`."""
        return self.beta_min + (1.0 - t) * (self.beta_max - self.beta_min)

    def mean(self, t: Array | float) -> Array | float:
        """Return the share of the data."""
        s = 1.0 - t
        return np.exp(
            -0.25 * s**2 * (self.beta_max - self.beta_min) - 0.5 * s * self.beta_min
        )

    def deviation(self, t: Array | float) -> Array | float:
        """Return the share of the noise."""
        return np.sqrt(-np.expm1(2 * np.log(self.mean(t))))

    def target(self, data: Array, noise: Array) -> Array:
        """Return the noise."""
        return noise

    def velocity(self, t: float, point: Array, predicted: Array) -> Array:
        """Return the velocity of the probability flow."""
        return 0.5 * self.rate(t) * (point - predicted / self.deviation(t))

    def data(self, t: float, point: Array, predicted: Array) -> Array:
        """Return the point without its noise."""
        return (point - self.deviation(t) * predicted) / self.mean(t)

    def diffuse(
        self, start: float, stop: float, point: Array, predicted: Array, noise: Array
    ) -> Array:
        """Take a step of the Euler-Maruyama method against the diffusion."""
        h, rate = stop - start, self.rate(start)
        drift = rate * (0.5 * point - predicted / self.deviation(start))
        return point + h * drift + np.sqrt(h * rate) * noise


PATHS: dict[str, type[Path]] = {"flow": LinearPath, "vp": VariancePreservingPath}
