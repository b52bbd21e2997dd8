"""Rows as numbers inside modes and one-hot segments: mode-specific normalisation."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import BayesianGaussianMixture

from skgen._random import draw_seed
from skgen.encodings.rare_levels import LevelGroups
from skgen.table import Table

# The modes of a number are learned from so many quantiles at most: no slower for many
# rows, and as good as from all.
MAX_MIXTURE_POINTS = 1000
# More find fewer modes, but no better ones.
MAX_MIXTURE_ITER = 50
# Rows whose modes are drawn at a time.
BATCH_ROWS = 100_000
# A number lies so many standard deviations of its mode from the mode's mean at most.
REACH = 4.0


@dataclass(frozen=True)
class Modes:
    """The modes of a number.

    Attributes
    ----------
    weights, means, scales : ndarray of shape (n_modes,)
        Of the components of a Gaussian mixture.
    """

    weights: NDArray[np.float64]
    means: NDArray[np.float64]
    scales: NDArray[np.float64]

    def __len__(self) -> int:
        """Return the number of modes."""
        return len(self.means)

    def draw(
        self, values: NDArray[np.float64], rng: np.random.RandomState
    ) -> NDArray[np.intp]:
        """Draw the mode of each value by its posterior probability.

        Parameters
        ----------
        values : ndarray of shape (n_samples,)

        rng : RandomState

        Returns
        -------
        modes : ndarray of int of shape (n_samples,)
        """
        modes = np.zeros(len(values), dtype=np.intp)
        if len(self) == 1:
            return modes
        constants = np.log(self.weights) - np.log(self.scales)
        for start in range(0, len(values), BATCH_ROWS):
            part = slice(start, start + BATCH_ROWS)
            z = (values[part, None] - self.means) / self.scales
            scores = constants - 0.5 * z**2
            # The greatest of log-probabilities and Gumbel noise is a draw.
            modes[part] = np.argmax(scores + rng.gumbel(size=scores.shape), axis=1)
        return modes


def fit_modes(
    values: NDArray[np.float64],
    *,
    max_modes: int,
    weight_threshold: float,
    rng: np.random.RandomState,
) -> Modes:
    """Fit a variational Gaussian mixture to a number.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        May be empty.

    max_modes : int
        Number of components of the mixture.

    weight_threshold : float
        Components of no greater weight are left out; the heaviest one stays.

    rng : RandomState
        Seeds the mixture.

    Returns
    -------
    modes : Modes
    """
    if len(values) > MAX_MIXTURE_POINTS:
        shares = (np.arange(MAX_MIXTURE_POINTS) + 0.5) / MAX_MIXTURE_POINTS
        values = np.quantile(values, shares)
    n_components = min(max_modes, len(np.unique(values)))
    if n_components < 2:
        middle = values[:1] if len(values) else np.zeros(1)
        return Modes(np.ones(1), middle, np.ones(1))
    center, scale = values.mean(), values.std()
    mixture = BayesianGaussianMixture(
        n_components=n_components,
        weight_concentration_prior_type="dirichlet_process",
        weight_concentration_prior=1e-3,
        init_params="k-means++",
        max_iter=MAX_MIXTURE_ITER,
        random_state=draw_seed(rng),
    )
    with warnings.catch_warnings():
        # Modes need not be those of the very maximum.
        warnings.simplefilter("ignore", ConvergenceWarning)
        mixture.fit(((values - center) / scale)[:, None])
    weights = mixture.weights_
    kept = weights > min(weight_threshold, weights.max() * (1 - 1e-9))
    return Modes(
        weights[kept] / weights[kept].sum(),
        center + scale * mixture.means_[kept, 0],
        scale * np.sqrt(mixture.covariances_[kept, 0, 0]),
    )


@dataclass(frozen=True)
class Segment:
    """A part of an encoded row of which one entry is 1 and the others are 0.

    Attributes
    ----------
    number : int or None
        The number whose modes, and whose point masses after them, the entries are.

    code : int or None
        The code whose levels the entries are.

    width : int
        Number of entries.
    """

    number: int | None
    code: int | None
    width: int


class ModeEncoder:
    r"""Write rows as numbers inside modes, and modes and levels as indices.

    By mode-specific normalisation [1]_ a number :math:`x` is one of the modes :math:`k`
    of a Gaussian mixture, drawn by its posterior probability, and its place in it,

    .. math:: \alpha = (x - \eta_k) / (4 \phi_k),

    with the mode's mean :math:`\eta_k` and standard deviation :math:`\phi_k`. The point
    masses of a number and "missing" count as modes without width. The levels of a code
    of very many are grouped (:class:`~skgen.encodings.rare_levels.LevelGroups`).

    Parameters
    ----------
    max_modes : int, default=10
        Components of the mixtures.

    weight_threshold : float, default=0.005
        Components of no greater weight are left out.

    max_levels : int, default=256
        Greatest number of groups of a code's levels.

    Attributes
    ----------
    segments_ : list of Segment
        What one-hot vectors a row has, in the order of their widths.

    modes_ : list of Modes
        For each number.

    References
    ----------
    .. [1] L. Xu, M. Skoularidou, A. Cuesta-Infante, K. Veeramachaneni, "Modeling
       Tabular Data Using Conditional GAN", Advances in Neural Information Processing
       Systems 32, 2019, section 4.2.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from skgen.encodings.modes import ModeEncoder
    >>> from skgen.table import TableSchema
    >>> rng = np.random.RandomState(0)
    >>> age = np.append(rng.normal(20, 1, 100), rng.normal(60, 1, 100))
    >>> X = pd.DataFrame({"age": age, "city": ["Oslo", "Rome"] * 100})
    >>> table = TableSchema().fit(X).transform(X)
    >>> labels = np.zeros(200, dtype=int)
    >>> encoder = ModeEncoder(max_modes=2).fit(table, labels, rng)
    >>> np.sort(encoder.modes_[0].means.round())
    array([20., 60.])
    >>> alpha, levels = encoder.transform(table, rng)
    >>> back = encoder.inverse_transform(alpha, levels, labels, rng)
    >>> bool(np.abs(back.numeric - table.numeric).max() < 1e-4)
    True
    """

    def __init__(
        self,
        *,
        max_modes: int = 10,
        weight_threshold: float = 0.005,
        max_levels: int = 256,
    ) -> None:
        self.max_modes = max_modes
        self.weight_threshold = weight_threshold
        self.max_levels = max_levels

    def fit(
        self, table: Table, labels: NDArray[np.intp], rng: np.random.RandomState
    ) -> ModeEncoder:
        """Learn modes and groups.

        Parameters
        ----------
        table : Table of n_samples rows

        labels : ndarray of shape (n_samples,)

        rng : RandomState

        Returns
        -------
        self : ModeEncoder
        """
        self._template = table.take(np.arange(0))
        self._gates = table.gates
        self._groups = LevelGroups(max_levels=self.max_levels).fit(table, labels, rng)
        self.modes_ = []
        self._ranges: list[tuple[float, float]] = []
        # What stands in the number's place for each level of its gate.
        self._fillers: list[NDArray[np.float64]] = []
        segments = []
        for number, gate in enumerate(self._gates.tolist()):
            column = table.numeric[:, number]
            values = column[table.active(number)]
            modes = fit_modes(
                values,
                max_modes=self.max_modes,
                weight_threshold=self.weight_threshold,
                rng=rng,
            )
            self.modes_.append(modes)
            low, high = (values.min(), values.max()) if len(values) else (0.0, 0.0)
            self._ranges.append((low, high))
            n_masses = 0
            fillers = np.full(1, np.nan)
            if gate >= 0:
                n_masses = int(table.cardinalities[gate]) - 1
                fillers = np.full(n_masses + 1, np.median(column))
                fillers[table.codes[:, gate]] = column
            self._fillers.append(fillers)
            segments.append(Segment(number, None, len(modes) + n_masses))
        for code, width in enumerate(self._groups.cardinalities_.tolist()):
            if code not in self._gates:
                segments.append(Segment(None, code, width))
        # Those of equal width stand together, so that one softmax does for all.
        self.segments_ = sorted(segments, key=lambda segment: segment.width)
        return self

    @property
    def n_numbers_(self) -> int:
        """Number of numbers."""
        return len(self.modes_)

    @property
    def widths_(self) -> list[int]:
        """Width of each segment, increasing."""
        return [segment.width for segment in self.segments_]

    @property
    def n_modes_(self) -> list[tuple[int, int]]:
        """Segment of each number, and how many of its first entries are modes."""
        places = {s.number: i for i, s in enumerate(self.segments_)}
        return [(places[i], len(modes)) for i, modes in enumerate(self.modes_)]

    def transform(
        self, table: Table, rng: np.random.RandomState
    ) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """Write rows.

        Parameters
        ----------
        table : Table of n_samples rows

        rng : RandomState
            Draws the modes.

        Returns
        -------
        alpha : ndarray of float32 of shape (n_samples, n_numbers)
            Places inside the modes, in [-1, 1]; 0 where the number does not count.

        levels : ndarray of int32 of shape (n_samples, n_segments)
            The entry of each segment that is 1.
        """
        alpha = np.zeros((len(table), self.n_numbers_), dtype=np.float32)
        levels = np.empty((len(table), len(self.segments_)), dtype=np.int32)
        groups = self._groups.transform(table.codes)
        for place, segment in enumerate(self.segments_):
            if segment.number is None:
                levels[:, place] = groups[:, segment.code]
                continue
            number, modes = segment.number, self.modes_[segment.number]
            values = table.numeric[:, number]
            drawn = modes.draw(values, rng)
            inside = (values - modes.means[drawn]) / (REACH * modes.scales[drawn])
            gate = self._gates[number]
            if gate >= 0:
                active = table.active(number)
                inside[~active] = 0.0
                masses = table.codes[:, gate] + len(modes) - 1
                drawn = np.where(active, drawn, masses)
            alpha[:, number] = np.clip(inside, -1.0, 1.0)
            levels[:, place] = drawn
        return alpha, levels

    def inverse_transform(
        self,
        alpha: NDArray[np.float32],
        levels: NDArray[np.int32],
        labels: NDArray[np.intp],
        rng: np.random.RandomState,
    ) -> Table:
        """Read rows.

        Parameters
        ----------
        alpha : ndarray of shape (n_samples, n_numbers)

        levels : ndarray of int of shape (n_samples, n_segments)

        labels : ndarray of shape (n_samples,)

        rng : RandomState
            Draws the levels of groups.

        Returns
        -------
        table : Table of n_samples rows
            Numbers inside the observed ranges.
        """
        table = self._template.empty(len(alpha))
        groups = np.zeros(table.codes.shape, dtype=np.int32)
        for place, segment in enumerate(self.segments_):
            drawn = levels[:, place].astype(np.intp)
            if segment.number is None:
                groups[:, segment.code] = drawn
                continue
            number, modes = segment.number, self.modes_[segment.number]
            mode = np.minimum(drawn, len(modes) - 1)
            inside = REACH * modes.scales[mode] * alpha[:, number]
            values = np.clip(modes.means[mode] + inside, *self._ranges[number])
            gate = self._gates[number]
            if gate >= 0:
                masses = np.maximum(drawn - len(modes) + 1, 0)
                groups[:, gate] = masses
                values = np.where(masses, self._fillers[number][masses], values)
            table.numeric[:, number] = values
        table.codes[:] = self._groups.inverse_transform(groups, labels, rng)
        return table
