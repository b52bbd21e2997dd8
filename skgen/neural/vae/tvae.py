"""Variational autoencoders of tables."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from numbers import Integral, Real
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from sklearn.utils._param_validation import Interval, StrOptions

from skgen._random import draw_seed
from skgen.deep.base import EarlyStoppingGenerator
from skgen.encodings.modes import ModeEncoder
from skgen.rows import Given, Rows
from skgen.table import Table

if TYPE_CHECKING:
    import torch

    from skgen.neural.segments import EncodedRows
    from skgen.neural.vae.networks import VAE

# How far the logarithm of a standard deviation can fall in the training. Adam moves a
# weight by its learning rate in a step, and that of the networks is too small where
# steps are few; but where it falls fast, the latent variables tell the places of
# numbers inside their modes before they tell what columns have in common.
SIGMA_WAY = 3.0
MAX_SIGMA_RATE = 0.02
# Rows whose loss is computed at a time, where there is nothing to learn.
CHUNK_ROWS = 5000
# Points in the latent space from which a class's mixture is learned: at least, by
# drawing rows several times, and at most.
MIN_MIXTURE_POINTS = 1000
MAX_MIXTURE_POINTS = 5000
# More improve rows by less than another seed does, and take as long as the networks.
MAX_MIXTURE_ITER = 20
# Rows that a component of the mixture should have.
ROWS_PER_COMPONENT = 100
# Divergence, in nats a row, from which a latent variable tells something.
ACTIVE_DIVERGENCE = 0.01


class _Mixture(NamedTuple):
    """Gaussian mixture of a class's latent variables."""

    weights: NDArray[np.float64]
    means: NDArray[np.float64]
    factors: NDArray[np.float64]

    def draw(self, n_samples: int, rng: np.random.RandomState) -> NDArray[np.float64]:
        points = rng.standard_normal((n_samples, self.means.shape[1]))
        which = rng.choice(len(self.weights), size=n_samples, p=self.weights)
        for i, (mean, factor) in enumerate(zip(self.means, self.factors, strict=True)):
            rows = which == i
            points[rows] = points[rows] @ factor.T + mean
        return points


class TVAE(EarlyStoppingGenerator):
    """Variational autoencoder of tables (TVAE).

    An encoder writes a row as a normal distribution of latent variables, a decoder
    reads a row from a draw of it, and both learn to keep the row while the latent
    variables stay close to standard normals. A synthetic row is decoded from latent
    variables that no row gave. Encoder and decoder know the label.

    Parameters
    ----------
    embedding_dim : int, default=128
        Number of latent variables.

    compress_dims : sequence of int, default=(128, 128)
        Width of each hidden layer of the encoder.

    decompress_dims : sequence of int, default=(128, 128)
        Width of each hidden layer of the decoder.

    reconstruction : {"likelihood", "mse"}, default="likelihood"
        What the decoder loses of a row: its negative log-likelihood (cross-entropy of
        modes and categories, normal density with learned standard deviation of the
        numbers inside their modes), or the sum of squared errors of its numbers and
        probabilities. With "likelihood" a number is drawn from its normal distribution,
        with "mse" it is the mean.

    loss_factor : float, default=2.0
        Weight of the reconstruction against the divergence of the latent variables. 1
        is the evidence lower bound; more makes use of more latent variables.

    prior : {"mixture", "normal"}, default="mixture"
        What the latent variables of synthetic rows are drawn from: a Gaussian mixture,
        fitted after the training to those of each class's rows, or the standard
        normal.

    n_components : int, default=20
        Components of the mixture of each class; one for each 100 of its rows at most.

    <mode encoding>

    epochs : int, default=300
        Maximum number of passes through the rows.

    batch_size : int, default=500
        Rows in a batch; all rows if there are fewer.

    learning_rate : float, default=0.001
        Of Adam. It falls to zero over `epochs` as half a period of a cosine.

    l2scale : float, default=1e-5
        Weight decay.

    <early stopping>

    <neural parameters>

    <parameters>

    Attributes
    ----------
    <neural attributes>

    <attributes>

    See Also
    --------
    skgen.neural.gan.ctgan.CTGAN : Learns by an adversary what rows look like.

    Notes
    -----
    Encoding and losses are those of [1]_, with these changes. The label is not a
    column but a condition, so that `sample(y=...)` is exact. A row that has a number at
    a point mass, or none, has a mode of its own for it, and no error inside the mode.
    The place of a number inside its mode has a mean and a standard deviation for each
    mode, not one for all. Numbers are drawn from their normals, and latent variables
    from what encoded rows have in aggregate [2]_: the training leaves that near the
    standard normal, but not on it, and where it is empty the decoder has learned
    nothing.

    A small autoencoder, as used for click data, is ``TVAE(embedding_dim=16,
    compress_dims=(32, 32), decompress_dims=(32, 32), reconstruction="mse",
    prior="normal", epochs=50)``.

    References
    ----------
    .. [1] L. Xu, M. Skoularidou, A. Cuesta-Infante, K. Veeramachaneni, "Modeling
       Tabular Data Using Conditional GAN", Advances in Neural Information Processing
       Systems 32, 2019, sections 4.2 and 4.5.

    .. [2] P. Ghosh, M. S. M. Sajjadi, A. Vergari, M. Black, B. Schölkopf, "From
       Variational to Deterministic Autoencoders", International Conference on Learning
       Representations, 2020, section 4.

    .. [3] D. P. Kingma, M. Welling, "Auto-Encoding Variational Bayes", International
       Conference on Learning Representations, 2014.

    Examples
    --------
    >>> from sklearn.datasets import make_classification
    >>> from skgen import TVAE
    >>> X, y = make_classification(n_samples=500, weights=[0.9], flip_y=0,
    ...                            random_state=0)
    >>> X_new, y_new = TVAE(epochs=5, random_state=0).fit_resample(X, y)
    >>> X_new.shape
    (902, 20)
    """

    embedding_dim: int = 128
    compress_dims: Sequence[int] = (128, 128)
    decompress_dims: Sequence[int] = (128, 128)
    reconstruction: str = "likelihood"
    loss_factor: float = 2.0
    prior: str = "mixture"
    n_components: int = 20
    max_modes: int = 10
    weight_threshold: float = 0.005
    max_levels: int = 256
    epochs: int = 300
    batch_size: int = 500
    learning_rate: float = 0.001
    l2scale: float = 1e-05

    _parameter_constraints = {
        **EarlyStoppingGenerator._parameter_constraints,
        "embedding_dim": [Interval(Integral, 1, None, closed="left")],
        "compress_dims": ["array-like"],
        "decompress_dims": ["array-like"],
        "reconstruction": [StrOptions({"likelihood", "mse"})],
        "loss_factor": [Interval(Real, 0, None, closed="neither")],
        "prior": [StrOptions({"mixture", "normal"})],
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "max_modes": [Interval(Integral, 1, None, closed="left")],
        "weight_threshold": [Interval(Real, 0, 1, closed="left")],
        "max_levels": [Interval(Integral, 2, None, closed="left")],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "l2scale": [Interval(Real, 0, None, closed="left")],
    }

    def _fit(self, rows: Rows, rng: np.random.RandomState) -> None:
        """Learn encoder and decoder, then where latent variables lie."""
        table, labels = rows.table, rows.labels
        with self._training_context(rng) as device:
            import torch

            from skgen.deep.training import make_optimizer, mean_loss
            from skgen.neural.segments import EncodedRows

            if not rows.continues:
                self._encoder = ModeEncoder(
                    max_modes=self.max_modes,
                    weight_threshold=self.weight_threshold,
                    max_levels=self.max_levels,
                ).fit(table, labels, rng)
                self._network = self._make_network().to(device)
            network = self._network
            encoded = EncodedRows(*self._encoder.transform(table, rng), labels, device)
            n_steps = self.epochs * -(-len(labels) // self.batch_size)
            rate = min(MAX_SIGMA_RATE, 2 * SIGMA_WAY / n_steps)
            optimizer = make_optimizer(
                [
                    {"params": list(network.encoder.parameters())},
                    {"params": list(network.decoder.parameters())},
                    # The schedule halves it on average.
                    {"params": [network.log_sigma], "lr": rate},
                ],
                lr=self.learning_rate,
                weight_decay=self.l2scale,
                kind=torch.optim.Adam,
            )

            def loss(rows: torch.Tensor) -> torch.Tensor:
                return network.loss(*encoded[rows], self.loss_factor)

            self._train_network(
                network,
                loss,
                labels,
                rng,
                optimizer=optimizer,
                validation_loss=lambda rows: mean_loss(
                    loss, rows, batch_size=CHUNK_ROWS
                ),
            )
            self._mixtures: list[_Mixture] = []
            if self.prior == "mixture":
                with torch.no_grad():
                    self._fit_mixtures(encoded, labels, rng)

    def _make_network(self) -> VAE:
        from skgen.neural.vae.networks import VAE

        return VAE(
            self._encoder.widths_,
            self._encoder.n_modes_,
            len(self.classes_),
            embedding_dim=self.embedding_dim,
            compress_dims=tuple(self.compress_dims),
            decompress_dims=tuple(self.decompress_dims),
            reconstruction=self.reconstruction,
        )

    def _fit_mixtures(
        self, encoded: EncodedRows, labels: NDArray[np.intp], rng: np.random.RandomState
    ) -> None:
        """Fit a mixture to the latent variables of each class."""
        import torch

        points, divergence = [], torch.zeros(self.embedding_dim)
        for label, count in enumerate(np.bincount(labels).tolist()):
            rows = np.flatnonzero(labels == label)
            if count > MAX_MIXTURE_POINTS:
                rows = rng.choice(rows, MAX_MIXTURE_POINTS, replace=False)
            # A class of few rows is drawn from several times.
            rows = np.tile(rows, -(-MIN_MIXTURE_POINTS // len(rows)))
            drawn = []
            for part in torch.from_numpy(rows).split(CHUNK_ROWS):
                at = part.to(encoded.labels.device)
                mean, log_variance = self._network.encode(*encoded[at])
                noise = torch.randn_like(mean) * (0.5 * log_variance).exp()
                drawn.append((mean + noise).cpu())
                terms = 0.5 * (mean**2 + log_variance.exp() - log_variance - 1)
                divergence += terms.sum(0).cpu() * count / len(rows) / len(labels)
            points.append(torch.cat(drawn).double().numpy())
        # What says nothing of a row stays a standard normal.
        self._active = np.flatnonzero((divergence > ACTIVE_DIVERGENCE).numpy())
        for label, count in enumerate(np.bincount(labels).tolist()):
            active = points[label][:, self._active]
            n_components = min(self.n_components, 1 + count // ROWS_PER_COMPONENT)
            self._mixtures.append(_fit_mixture(active, n_components, rng))

    def _sample(
        self,
        labels: NDArray[np.intp],
        rng: np.random.RandomState,
        given: Given | None = None,
    ) -> Table:
        """Decode latent variables."""
        with self._sampling_context(rng) as device:
            import torch

            from skgen.neural.segments import draw_table

            def draw(of_rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
                latent = torch.randn(len(of_rows), self.embedding_dim, device=device)
                if self._mixtures and len(self._active):
                    points = self._draw_active(of_rows.cpu().numpy(), rng)
                    at = torch.from_numpy(self._active).to(device)
                    latent[:, at] = torch.from_numpy(points).to(latent)
                return self._network.draw(latent, of_rows)

            return draw_table(self._encoder, draw, labels, rng, device)

    def _draw_active(
        self, labels: NDArray[np.intp], rng: np.random.RandomState
    ) -> NDArray[np.float64]:
        points = np.empty((len(labels), len(self._active)))
        for label, mixture in enumerate(self._mixtures):
            rows = np.flatnonzero(labels == label)
            points[rows] = mixture.draw(len(rows), rng)
        return points


def _fit_mixture(
    points: NDArray[np.float64], n_components: int, rng: np.random.RandomState
) -> _Mixture:
    n_active = points.shape[1]
    if n_active == 0:
        return _Mixture(np.ones(1), np.zeros((1, 0)), np.zeros((1, 0, 0)))
    mixture = GaussianMixture(
        n_components,
        reg_covar=1e-3,
        max_iter=MAX_MIXTURE_ITER,
        init_params="k-means++",
        random_state=draw_seed(rng),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        mixture.fit(points)
    return _Mixture(
        mixture.weights_,
        mixture.means_,
        np.linalg.cholesky(mixture.covariances_),
    )
