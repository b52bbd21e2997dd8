"""Flow matching by a neural network."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logsumexp
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions, validate_params
from sklearn.utils.validation import (
    _check_feature_names,
    check_consistent_length,
    check_is_fitted,
)

from skgen._containers import LabelContainer, TableContainer
from skgen._ode import SOLVERS, integrate, n_steps_of
from skgen.deep.base import EarlyStoppingGenerator
from skgen.deep.optional import require
from skgen.encodings.latent import LatentEncoder
from skgen.rows import Given, Rows
from skgen.table import Table

if TYPE_CHECKING:
    import torch

# Rows that are integrated together, which bounds the memory.
BATCH_ROWS = 10_000
# Least number of points at which the validation loss is taken.
MIN_VALIDATION_POINTS = 1000
# Maximum number of latent variables for which trace="auto" is exact.
MAX_EXACT_TRACE = 8

MATCHERS = {
    "independent": "ConditionalFlowMatcher",
    "ot": "ExactOptimalTransportConditionalFlowMatcher",
    "sb": "SchrodingerBridgeConditionalFlowMatcher",
    "vp": "VariancePreservingConditionalFlowMatcher",
    "target": "TargetConditionalFlowMatcher",
}


class FlowMatching(EarlyStoppingGenerator):
    r"""Flow matching: a neural velocity field that carries noise to rows.

    Each column is made one standard normal variable by its ranks. A network learns the
    velocity of a flow from independent normal noise to these variables, given the
    label; to draw a row is to solve an ordinary differential equation, and so is to
    tell how likely one is, see :meth:`score_samples`.

    Parameters
    ----------
    matcher : {"independent", "ot", "sb", "vp", "target"}, default="independent"
        How noise and rows are paired and what lies between, by torchcfm's conditional
        flow matchers: straight lines between independent pairs [1]_; between pairs of
        optimal transport in each batch [2]_; a Schrödinger bridge between such pairs
        [2]_; trigonometric paths, which preserve the variance [3]_; or conditional
        paths of Lipman et al. [1]_. Transport is among the rows of one class, so that a
        class's noise stays normal.

    sigma : float or None, default=None
        Standard deviation of the noise about the paths, as torchcfm defines it for each
        matcher. None is torchcfm's default: 1 for "sb", which needs a positive one, and
        0 for the others.

    hidden_dims : sequence of int, default=(256, 256)
        Widths of the residual blocks.

    time_dim : int, default=64
        Even number of features of the embedding of time and label.

    n_frequencies : int, default=5
        Sines and cosines of each variable that the network sees, beside the variable.

    dequantization_width : float in (0, 1], default=0.5
        Width of the interval in which a shared value (a category, a point mass,
        missing, a tie) is placed at random, as a share of the interval that stands for
        it. Less than 1 leaves room between values, so that a small error of the flow
        makes no other value.

    dropout : float in [0, 1), default=0.0
        Share of the hidden units left out at random in a step.

    solver : {"euler", "midpoint", "heun", "rk4"}, default="heun"
        Runge-Kutta method that solves the differential equation.

    nfe : int, default=40
        Number of function evaluations: how often the network is asked on the way from
        noise to rows. A step takes one with "euler", two with "midpoint" and "heun",
        four with "rk4".

    <AdamW training>

    <early stopping>

    <neural parameters>

    <parameters>

    Attributes
    ----------
    <neural attributes>

    <attributes>

    See Also
    --------
    skgen.trees.AutoregressiveTrees : Faster; copies values of training rows.
    skgen.copula.GaussianCopula : Marginals and one matrix of correlations.

    Notes
    -----
    *Objective.* With :math:`x_0` noise, :math:`x_1` a row of label :math:`y`,
    :math:`t` uniform on [0, 1] and :math:`u_t` the velocity of the path between them,
    the network :math:`v` minimises :math:`E \| v(x_t, t, y) - u_t \|^2` [1]_.

    *Columns.* A value is the share of smaller values, a random place inside the
    interval of the rows that share it (drawn afresh in each step), put through the
    normal quantile function: the distributional transform [7]_. Point masses and
    missing values are intervals of their number's variable, categories of a column
    intervals in an order in which neighbours occur beside the same things. So
    independent variables would have the columns' distributions, nothing depends on
    units, and memory follows the rows, not the categories.

    *Velocity.* The network adds to the velocity in closed form of a normal
    distribution with the class's mean and covariance, as Karras et al. [4]_ let
    networks add to what is known.

    *Limits.* Ranks close the gaps of a distribution: modes that lie far apart in a
    column touch in its variable, and the border between them takes many steps to learn.

    References
    ----------
    .. [1] Y. Lipman, R. T. Q. Chen, H. Ben-Hamu, M. Nickel, M. Le, "Flow Matching for
       Generative Modeling", International Conference on Learning Representations, 2023.

    .. [2] A. Tong et al., "Improving and Generalizing Flow-Based Generative Models with
       Minibatch Optimal Transport", Transactions on Machine Learning Research, 2024.

    .. [3] M. S. Albergo, E. Vanden-Eijnden, "Building Normalizing Flows with Stochastic
       Interpolants", International Conference on Learning Representations, 2023.

    .. [4] T. Karras, M. Aittala, T. Aila, S. Laine, "Elucidating the Design Space of
       Diffusion-Based Generative Models", Advances in Neural Information Processing
       Systems 35, 2022.

    .. [5] R. T. Q. Chen, Y. Rubanova, J. Bettencourt, D. Duvenaud, "Neural Ordinary
       Differential Equations", Advances in Neural Information Processing Systems 31,
       2018.

    .. [6] W. Grathwohl, R. T. Q. Chen, J. Bettencourt, I. Sutskever, D. Duvenaud,
       "FFJORD: Free-Form Continuous Dynamics for Scalable Reversible Generative
       Models", International Conference on Learning Representations, 2019.

    .. [7] L. Rüschendorf, "On the distributional transform, Sklar's theorem, and the
       empirical copula process", Journal of Statistical Planning and Inference 139,
       3921-3927, 2009.

    Examples
    --------
    >>> from sklearn.datasets import make_moons
    >>> from skgen import FlowMatching
    >>> X, y = make_moons(500, noise=0.1, random_state=0)
    >>> flow = FlowMatching(epochs=20, random_state=0).fit(X, y)
    >>> X_new, y_new = flow.sample(100)
    >>> X_new.shape
    (100, 2)
    >>> flow.score_samples(X[:3], y[:3]).shape
    (3,)
    """

    matcher: str = "independent"
    sigma: float | None = None
    hidden_dims: Sequence[int] = (256, 256)
    time_dim: int = 64
    n_frequencies: int = 5
    dequantization_width: float = 0.5
    dropout: float = 0.0
    solver: str = "heun"
    nfe: int = 40
    epochs: int = 150
    batch_size: int = 512
    learning_rate: float = 0.003
    weight_decay: float = 0.0
    ema_decay: float | None = 0.995

    _parameter_constraints = {
        **EarlyStoppingGenerator._parameter_constraints,
        "matcher": [StrOptions(set(MATCHERS))],
        "sigma": [Interval(Real, 0, None, closed="left"), None],
        "hidden_dims": ["array-like"],
        "time_dim": [Interval(Integral, 2, None, closed="left")],
        "n_frequencies": [Interval(Integral, 0, None, closed="left")],
        "dequantization_width": [Interval(Real, 0, 1, closed="right")],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "solver": [StrOptions(set(SOLVERS))],
        "nfe": [Interval(Integral, 1, None, closed="left")],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "ema_decay": [Interval(Real, 0, 1, closed="left"), None],
    }

    def _fit(self, rows: Rows, rng: np.random.RandomState) -> None:
        """Learn the velocity of the flow."""
        table, labels = rows.table, rows.labels
        with self._training_context(rng) as device:
            import torch

            from skgen.deep.training import make_optimizer, mean_loss

            match = self._make_matcher()
            classes = torch.from_numpy(labels).to(device)
            if not rows.continues:
                self._encoder = LatentEncoder().fit(table, labels, rng)
                self._network = self._make_network(table, labels, rng).to(device)
                self._ranges = [
                    (values[active].min(), values[active].max())
                    for values, active in (
                        (table.numeric[:, number], table.active(number))
                        for number in range(table.numeric.shape[1])
                    )
                ]
            network = self._network
            optimizer = make_optimizer(
                network.parameters(),
                lr=self.learning_rate,
                weight_decay=self.weight_decay,
                fused=False,
            )

            def loss(rows: torch.Tensor) -> torch.Tensor:
                # The global stream, which the context has seeded.
                latent = self._encoder.transform(
                    table.take(rows.cpu().numpy()),
                    check_random_state(None),
                    self.dequantization_width,
                )
                x = torch.from_numpy(latent).float().to(device)
                of_rows = classes[rows]
                time, x, velocity, of_rows = match(x, of_rows)
                return ((network(x, time, of_rows) - velocity) ** 2).mean()

            self._train_network(
                network,
                loss,
                labels,
                rng,
                optimizer=optimizer,
                validation_loss=lambda rows: mean_loss(
                    loss, rows, min_rows=MIN_VALIDATION_POINTS
                ),
                ema_decay=self.ema_decay,
            )

    def _make_matcher(self) -> Any:
        """Return what draws times, points and velocities for the rows of a batch."""
        import torch

        matchers = require("torchcfm.conditional_flow_matching", "flow")
        if self.matcher == "sb" and self.sigma == 0:
            raise ValueError(
                "sigma=0 leaves nothing of a Schrödinger bridge: choose sigma > 0, or "
                "matcher='ot', which is its limit."
            )
        options = {} if self.sigma is None else {"sigma": self.sigma}
        matcher = getattr(matchers, MATCHERS[self.matcher])(**options)
        n_groups = len(self.classes_) if self.matcher in {"ot", "sb"} else 1

        def match(rows: torch.Tensor, labels: torch.Tensor) -> tuple:
            groups = [torch.arange(len(rows), device=rows.device)]
            if n_groups > 1:
                groups = [
                    torch.nonzero(labels == label)[:, 0] for label in labels.unique()
                ]
            parts = []
            for group in groups:
                x = rows[group]
                # One time in each of equal parts of [0, 1]: less noise in the loss.
                places = torch.randperm(len(x)) + torch.rand(len(x))
                time = (places / len(x)).to(x).clamp(max=1 - 1e-6)
                part = matcher.sample_location_and_conditional_flow(
                    torch.randn_like(x), x, time
                )
                parts.append((*part, labels[group]))
            return tuple(torch.cat(tensors) for tensors in zip(*parts, strict=True))

        return match

    def _make_network(
        self, table: Table, labels: NDArray[np.intp], rng: np.random.RandomState
    ) -> torch.nn.Module:
        import torch

        from skgen.deep.velocity import VelocityNetwork

        return VelocityNetwork(
            torch.from_numpy(
                self._encoder.transform(table, rng, self.dequantization_width)
            ),
            torch.from_numpy(labels),
            len(self.classes_),
            path="trigonometric" if self.matcher == "vp" else "linear",
            hidden_dims=tuple(self.hidden_dims),
            time_dim=self.time_dim,
            n_frequencies=self.n_frequencies,
            dropout=self.dropout,
        )

    def _sample(
        self,
        labels: NDArray[np.intp],
        rng: np.random.RandomState,
        given: Given | None = None,
    ) -> Table:
        """Carry noise to rows."""
        with self._sampling_context(rng) as device:
            import torch

            latent = np.empty((len(labels), self._encoder.n_latents_))
            n_steps = n_steps_of(self.solver, self.nfe)
            times = np.linspace(0.0, 1.0, n_steps + 1).tolist()
            for start in range(0, len(labels), BATCH_ROWS):
                part = slice(start, start + BATCH_ROWS)
                of_rows = torch.from_numpy(labels[part]).to(device)

                def velocity(
                    time: float, x: torch.Tensor, of_rows: torch.Tensor = of_rows
                ) -> torch.Tensor:
                    return self._network(x, x.new_full((len(x),), time), of_rows)

                noise = torch.randn(len(of_rows), latent.shape[1], device=device)
                latent[part] = integrate(velocity, noise, times, self.solver).cpu()
        return self._encoder.inverse_transform(latent)

    @validate_params(
        {
            "self": "no_validation",
            "X": "no_validation",
            "y": "no_validation",
            "trace": [StrOptions({"auto", "exact", "hutchinson"})],
            "n_draws": [Interval(Integral, 1, None, closed="left")],
            "random_state": ["random_state"],
        },
        prefer_skip_nested_validation=True,
    )
    def score_samples(
        self,
        X: Any,
        y: Any = None,
        *,
        trace: str = "auto",
        n_draws: int = 1,
        random_state: Any = 0,
    ) -> NDArray[np.float64]:
        r"""Return the log-likelihood of each row.

        The flow is solved from the row back to noise, and the logarithm of its density
        changes by the divergence of the velocity, :math:`d \log p / dt = - \nabla \cdot
        v` [5]_. To this comes the Jacobian of the transform of the columns. Numbers
        count by a density in the units of their columns; categories,
        point masses and missing values by a probability; so rows of one table are
        comparable where the same columns are numbers, and a row's likelihood is that of
        the row and not of one of its latent points.

        Parameters
        ----------
        X : {DataFrame, array-like} of shape (n_samples, n_features)
            Rows of the columns seen in `fit`.

        y : array-like of shape (n_samples,), default=None
            Labels: the likelihood is that of the row given its label. None is the
            likelihood of the row alone, which sums over all labels by their frequency
            in training.

        trace : {"auto", "exact", "hutchinson"}, default="auto"
            How the divergence is taken: exactly, at the cost of a derivative for each
            column; or by Hutchinson's estimator [6]_, :math:`\epsilon^\top (\partial v
            / \partial x) \epsilon` with random signs :math:`\epsilon`, which is
            unbiased for the logarithm. "auto" is exact up to 8 latent variables.

        n_draws : int, default=1
            Points for which a row is taken. A row that has categories, masses or
            missing values is a box of points: the mean density of several is more
            precise, and one point tends to give less, since the mean of a logarithm is
            less than the logarithm of the mean. Rows of different numbers alone are one
            point.

        random_state : int, RandomState instance or None, default=0
            Seeds the points and the signs.

        Returns
        -------
        log_likelihood : ndarray of shape (n_samples,)
            In nats; minus infinity where a number is outside of the range seen in
            `fit`, which synthetic rows never leave.

        Raises
        ------
        NotFittedError
            Before `fit`.

        ValueError
            If the columns differ from those seen in `fit`, a category or a label was
            not seen there, or `y` is given to a flow that was fitted without labels.

        Examples
        --------
        >>> import numpy as np
        >>> from skgen.neural.flow.flow_matching import FlowMatching
        >>> X = np.random.RandomState(0).normal(size=(2000, 1))
        >>> flow = FlowMatching(epochs=5, random_state=0).fit(X)
        >>> scores = flow.score_samples([[-2.0], [0.0], [2.0]])
        >>> int(scores.argmax())
        1
        """
        check_is_fitted(self, "schema_")
        rng = check_random_state(random_state)
        _check_feature_names(self, X, reset=False)
        frame = self._apply_rules(TableContainer(X).frame)
        table = self.schema_.transform(frame)
        if y is None:
            shares = np.log(self._class_counts / self._class_counts.sum())
            by_label = [
                share
                + self._log_likelihood(
                    table, np.full(len(table), label), trace, n_draws, rng
                )
                for label, share in enumerate(shares)
            ]
            return logsumexp(by_label, axis=0)
        if self._label_container is None:
            raise ValueError(
                "y was given, but the flow was fitted without labels: fit it with "
                "them, or leave y out."
            )
        check_consistent_length(frame, y)
        given = LabelContainer(y).labels
        labels = pd.Index(self.classes_).get_indexer(pd.Index(given))
        if (labels < 0).any():
            unknown = pd.unique(given[labels < 0]).tolist()
            raise ValueError(
                f"The labels {unknown} were not learned. Labels learned from: "
                f"{self.classes_.tolist()}."
            )
        return self._log_likelihood(table, labels, trace, n_draws, rng)

    def _log_likelihood(
        self,
        table: Table,
        labels: NDArray[np.intp],
        trace: str,
        n_draws: int,
        rng: np.random.RandomState,
    ) -> NDArray[np.float64]:
        """Return the log-likelihood of rows given their labels."""
        exact = trace == "exact" or (
            trace == "auto" and self._encoder.n_latents_ <= MAX_EXACT_TRACE
        )
        ratios = np.empty((n_draws, len(table)))
        with self._sampling_context(rng) as device:
            import torch

            from skgen.neural.flow.divergence import log_density

            for draw in range(n_draws):
                latent = self._encoder.transform(table, rng)
                for start in range(0, len(table), BATCH_ROWS):
                    part = slice(start, start + BATCH_ROWS)
                    x = torch.from_numpy(latent[part]).float().to(device)
                    log_q = log_density(
                        self._network,
                        x,
                        torch.from_numpy(labels[part]).to(device),
                        solver=self.solver,
                        n_steps=n_steps_of(self.solver, self.nfe),
                        exact=exact,
                    )
                    ratios[draw, part] = log_q.cpu().double()
                ratios[draw] += 0.5 * (latent**2 + np.log(2 * np.pi)).sum(axis=1)
        total = logsumexp(ratios, axis=0) - np.log(n_draws)
        total += self._encoder.log_density(table)
        return np.where(self._inside(table), total, -np.inf)

    def _inside(self, table: Table) -> NDArray[np.bool_]:
        """Return which rows have all numbers within the range seen in `fit`."""
        inside = np.ones(len(table), dtype=bool)
        for number, (low, high) in enumerate(self._ranges):
            values = table.numeric[:, number]
            inside &= ~table.active(number) | ((values >= low) & (values <= high))
        return inside
