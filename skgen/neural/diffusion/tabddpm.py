"""Diffusion of rows by a neural network."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions

from skgen.deep.base import EarlyStoppingGenerator
from skgen.encodings.ranks import NumberRanks
from skgen.encodings.rare_levels import LevelGroups
from skgen.rows import Given, Rows
from skgen.table import Table

if TYPE_CHECKING:
    import torch

    from skgen.neural.diffusion.categories import CategoryDiffusion

# Rows that are drawn together, and logits of categories, which bound the memory.
BATCH_ROWS = 10_000
BATCH_LOGITS = 2**23
# Least number of points at which the validation loss is taken.
MIN_VALIDATION_POINTS = 4000
# Rows of the whole table that are added to each class's shares of categories.
PRIOR_ROWS = 1.0
# Share of a category that no row has.
MIN_SHARE = 1e-12


class TabDDPM(EarlyStoppingGenerator):
    r"""Denoising diffusion of numbers and categories.

    Noise replaces rows step by step; a network learns to take it off again, given the
    label. Numbers undergo Gaussian diffusion [1]_; categories either multinomial
    diffusion [2]_, as in the paper [3]_, or Gaussian diffusion in a learned embedding.

    Parameters
    ----------
    categorical : {"multinomial", "embedding"}, default="multinomial"
        Diffusion of the codes: categories, numbers of few values, and whether a number
        is missing or a point mass. "multinomial": noise replaces a category by one
        drawn uniformly [2]_. "embedding": categories are learned vectors of 1 +
        log2(number of categories) dimensions, to which Gaussian noise is added; in the
        end a vector is decoded to its most likely category [4]_.

    hidden_dims : sequence of int, default=(256, 256)
        Widths of the residual blocks. The paper's largest are
        ``(512, 1024, 1024, 1024, 1024, 512)``.

    time_dim : int, default=64
        Even number of features of the embedding of time and label.

    n_frequencies : int, default=4
        Sines and cosines of each number that the network sees, beside the number.

    dropout : float in [0, 1), default=0.0
        Share of the hidden units left out at random in a step.

    n_timesteps : int, default=1000
        Steps of the diffusion, at least 2.

    schedule : {"cosine", "linear"}, default="cosine"
        How the noise grows: by a squared cosine [5]_, or with variances that grow
        linearly [1]_.

    n_sampling_steps : int or None, default=50
        Steps from noise to rows, in equal strides through `n_timesteps`. None takes
        every step. May be changed after `fit`.

    eta : float in [0, 1], default=1.0
        Fresh noise in a sampling step of Gaussian diffusion: 1 is the ancestral sampler
        [1]_, 0 the deterministic one (DDIM) [6]_. Multinomial diffusion is always
        sampled from its posterior. May be changed after `fit`.

    max_levels : int or None, default=256
        Maximum number of categories of a code that are kept apart. Rarer ones share
        buckets of categories that occur beside similar things, and return by their
        frequency in the bucket. None keeps all apart: the memory of a step then grows
        with `batch_size` times the number of categories.

    <AdamW training>

    <early stopping>

    <neural parameters>

    <parameters>

    Attributes
    ----------
    <neural attributes>

    <attributes>

    Raises
    ------
    ImportError
        If torch is not installed.

    ValueError
        In `fit`, if `hidden_dims` is not a sequence of positive integers or `time_dim`
        is odd.

    FloatingPointError
        In `fit`, if the loss becomes infinite or NaN.

    See Also
    --------
    skgen.trees.AutoregressiveTrees : Faster; copies values of training rows.
    skgen.FlowMatching : Categories and numbers as one continuous space.

    Notes
    -----
    *Numbers* are put through the normal quantile function of their ranks. The network
    predicts the velocity :math:`v = \sqrt{\bar\alpha_t} \epsilon -
    \sqrt{1 - \bar\alpha_t} x_0` [7]_ and adds to that of a normal distribution with the
    class's mean and covariance, which is known in closed form. Where a number does not
    count, its code alone is learned.

    *Codes.* The network starts from each class's shares of categories. Multinomial
    diffusion minimises the bound of [2]_, its Kullback-Leibler divergences; the
    embedding the cross-entropy of the true category at a noisy point [4]_.

    *Loss.* The mean over columns: squared errors of velocities and losses of codes.

    *Sampling.* Measured on the online shoppers table (9,247 rows to learn from, one
    seed, defaults otherwise), for the same number of rows: C2ST is the AUC of XGBoost
    telling held-out rows from synthetic ones (0.5 is best), TSTR the AUC on held-out
    rows of XGBoost trained on synthetic ones (0.932 if trained on real ones), seconds
    are on one CPU core.

    ===========  ====  =====  =====  =====  =======
    categorical  eta   steps  C2ST   TSTR   seconds
    ===========  ====  =====  =====  =====  =======
    multinomial  1.0   10     0.642  0.912  2.5
    multinomial  1.0   25     0.593  0.920  7.0
    multinomial  1.0   50     0.572  0.917  12.6
    multinomial  0.0   50     0.580  0.910  13.1
    embedding    1.0   10     0.659  0.915  2.1
    embedding    1.0   25     0.607  0.917  5.0
    embedding    1.0   50     0.599  0.909  10.0
    embedding    1.0   200    0.593  0.911  42.9
    embedding    0.0   10     0.630  0.910  2.3
    embedding    0.0   25     0.605  0.905  5.7
    embedding    0.0   50     0.596  0.906  9.8
    ===========  ====  =====  =====  =====  =======

    Training took 94 seconds on one CPU core (multinomial) and 68 (embedding).

    References
    ----------
    .. [1] J. Ho, A. Jain, P. Abbeel, "Denoising Diffusion Probabilistic Models",
       Advances in Neural Information Processing Systems 33, 2020, equations 4, 6, 7.

    .. [2] E. Hoogeboom, D. Nielsen, P. Jaini, P. Forré, M. Welling, "Argmax Flows and
       Multinomial Diffusion: Learning Categorical Distributions", Advances in Neural
       Information Processing Systems 34, 2021, equations 11 to 15.

    .. [3] A. Kotelnikov, D. Baranchuk, I. Rubachev, A. Babenko, "TabDDPM: Modelling
       Tabular Data with Diffusion Models", International Conference on Machine
       Learning, 2023.

    .. [4] S. Dieleman et al., "Continuous Diffusion for Categorical Data",
       arXiv:2211.15089, 2022.

    .. [5] A. Nichol, P. Dhariwal, "Improved Denoising Diffusion Probabilistic Models",
       International Conference on Machine Learning, 2021, equation 17.

    .. [6] J. Song, C. Meng, S. Ermon, "Denoising Diffusion Implicit Models",
       International Conference on Learning Representations, 2021, equations 12, 16.

    .. [7] T. Salimans, J. Ho, "Progressive Distillation for Fast Sampling of Diffusion
       Models", International Conference on Learning Representations, 2022.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from skgen import TabDDPM
    >>> rng = np.random.RandomState(0)
    >>> X = pd.DataFrame({"age": rng.normal(size=300)})
    >>> X["city"] = rng.choice(["Oslo", "Rome"], 300)
    >>> y = (X["age"] > 1).astype(int)
    >>> generator = TabDDPM(epochs=10, random_state=0).fit(X, y)
    >>> X_new, y_new = generator.sample(100)
    >>> X_new.shape
    (100, 2)
    >>> generator.sample(y=[1, 0, 1])[1].tolist()
    [1, 0, 1]
    """

    categorical: str = "multinomial"
    hidden_dims: Sequence[int] = (256, 256)
    time_dim: int = 64
    n_frequencies: int = 4
    dropout: float = 0.0
    n_timesteps: int = 1000
    schedule: str = "cosine"
    n_sampling_steps: int | None = 50
    eta: float = 1.0
    max_levels: int | None = 256
    epochs: int = 150
    batch_size: int = 512
    learning_rate: float = 0.002
    weight_decay: float = 0.0
    ema_decay: float | None = 0.995

    _parameter_constraints = {
        **EarlyStoppingGenerator._parameter_constraints,
        "categorical": [StrOptions({"multinomial", "embedding"})],
        "hidden_dims": ["array-like"],
        "time_dim": [Interval(Integral, 2, None, closed="left")],
        "n_frequencies": [Interval(Integral, 0, None, closed="left")],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "n_timesteps": [Interval(Integral, 2, None, closed="left")],
        "schedule": [StrOptions({"cosine", "linear"})],
        "n_sampling_steps": [Interval(Integral, 1, None, closed="left"), None],
        "eta": [Interval(Real, 0, 1, closed="both")],
        "max_levels": [Interval(Integral, 2, None, closed="left"), None],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "ema_decay": [Interval(Real, 0, 1, closed="left"), None],
    }

    def _fit(self, rows: Rows, rng: np.random.RandomState) -> None:
        """Learn to take noise off rows."""
        table, labels = rows.table, rows.labels
        self._check_widths()
        with self._training_context(rng) as device:
            import torch

            from skgen.deep.training import mean_loss

            if not rows.continues:
                self._prepare(table, labels, rng)
                self._network.to(device)
            network = self._network
            groups = self._levels.transform(table.codes)
            codes = torch.from_numpy(groups.astype(np.int64)).to(device)
            counts = torch.from_numpy(self._ranks.counts(table)).to(device)
            classes = torch.from_numpy(labels).to(device)

            def loss(rows: torch.Tensor) -> torch.Tensor:
                # The global stream, which the context has seeded.
                latent = self._ranks.transform(
                    table.take(rows.cpu().numpy()), check_random_state(None)
                )
                x = torch.from_numpy(latent).float().to(device)
                return network.loss(x, counts[rows], codes[rows], classes[rows])

            self._train_network(
                network,
                loss,
                labels,
                rng,
                validation_loss=lambda rows: mean_loss(
                    loss,
                    rows,
                    batch_size=MIN_VALIDATION_POINTS,
                    min_rows=MIN_VALIDATION_POINTS,
                ),
                ema_decay=self.ema_decay,
            )

    def _check_widths(self) -> None:
        widths = list(self.hidden_dims)
        if not widths or not all(
            isinstance(width, Integral) and width >= 1 for width in widths
        ):
            raise ValueError(
                f"hidden_dims={self.hidden_dims!r} must hold at "
                "least one width, each a positive integer."
            )
        if self.time_dim % 2:
            raise ValueError(
                f"time_dim={self.time_dim} is odd: half of the features are sines, "
                "half are cosines. Give an even number."
            )

    def _prepare(
        self, table: Table, labels: NDArray[np.intp], rng: np.random.RandomState
    ) -> None:
        """Learn the columns' own distributions, and make the network."""
        import torch

        from skgen.neural.diffusion.embedding import EmbeddingDiffusion
        from skgen.neural.diffusion.multinomial import MultinomialDiffusion
        from skgen.neural.diffusion.network import TabularDiffusion
        from skgen.neural.diffusion.schedules import alpha_bars

        self._template = table.take(np.arange(0))
        self._ranks = NumberRanks().fit(table)
        most = np.iinfo(np.intp).max if self.max_levels is None else self.max_levels
        self._levels = LevelGroups(max_levels=most).fit(table, labels, rng)
        cardinalities = self._levels.cardinalities_.tolist()
        groups = self._levels.transform(table.codes)
        categories: CategoryDiffusion | None = None
        if len(cardinalities) and self.categorical == "multinomial":
            categories = MultinomialDiffusion(
                cardinalities, n_timesteps=self.n_timesteps
            )
        elif len(cardinalities):
            categories = EmbeddingDiffusion(cardinalities)
        shares = _log_shares(groups, cardinalities, labels, len(self.classes_))
        alpha_bar = alpha_bars(self.schedule, self.n_timesteps)
        self._network = TabularDiffusion(
            torch.from_numpy(self._ranks.transform(table, rng)),
            torch.from_numpy(labels),
            categories,
            torch.from_numpy(shares).float(),
            torch.from_numpy(alpha_bar).float(),
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
        """Take noise off until rows are left."""
        network = self._network
        latent = np.empty((len(labels), network.n_numbers))
        groups = np.empty((len(labels), len(self._levels.cardinalities_)), np.int32)
        steps = self.n_sampling_steps or self.n_timesteps
        n_levels = network.log_shares.shape[1]
        n_rows = min(BATCH_ROWS, max(1, BATCH_LOGITS // max(1, n_levels)))
        with self._sampling_context(rng) as device:
            import torch

            for start in range(0, len(labels), n_rows):
                part = slice(start, start + n_rows)
                x, codes = network.sample(
                    torch.from_numpy(labels[part]).to(device),
                    n_steps=steps,
                    eta=self.eta,
                )
                latent[part] = x.cpu()
                groups[part] = codes.cpu()
        table = self._template.empty(len(labels))
        table.codes[:] = self._levels.inverse_transform(groups, labels, rng)
        self._ranks.write(latent, table)
        return table


def _log_shares(
    groups: NDArray[np.int32],
    cardinalities: list[int],
    labels: NDArray[np.intp],
    n_classes: int,
) -> NDArray[np.float64]:
    """Return the logarithm of each category's share of the rows of each class."""
    blocks = [np.empty((n_classes, 0))]
    for column, n_levels in zip(groups.T, cardinalities, strict=True):
        counts = np.zeros((n_classes, n_levels))
        np.add.at(counts, (labels, column), 1.0)
        counts += PRIOR_ROWS * counts.sum(axis=0) / counts.sum()
        shares = counts / counts.sum(axis=1, keepdims=True)
        blocks.append(np.log(np.maximum(shares, MIN_SHARE)))
    return np.hstack(blocks)
