"""Generative adversarial networks of tables."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import Interval

from skgen.deep.base import NeuralGenerator
from skgen.encodings.modes import ModeEncoder
from skgen.rows import Given, Rows
from skgen.table import Table

if TYPE_CHECKING:
    import torch

    from skgen.neural.gan.calibration import QuantileMap
    from skgen.neural.gan.networks import AdversarialStep

# Decay of Adam's moments.
BETAS = (0.5, 0.9)


class CTGAN(NeuralGenerator):
    """Conditional generative adversarial network of tables (CTGAN).

    A generator makes rows of noise, and a discriminator learns to score real rows
    higher than these; each learns from the other. Both are told the label and a
    category of one column, which the row has to have, and in training rare categories
    are asked for more often than they occur.

    Parameters
    ----------
    <GAN parameters>

    <mode encoding>

    epochs : int, default=300
        Number of epochs, each with as many rows as the table has.

    batch_size : int, default=500
        Rows in a batch; all rows if there are fewer.

    <neural parameters>

    <parameters>

    Attributes
    ----------
    <neural attributes>

    <attributes>

    See Also
    --------
    CopulaGAN : The same, for numbers brought to normal distributions.
    skgen.neural.vae.tvae.TVAE : A variational autoencoder: faster, stops early.

    Notes
    -----
    Mode-specific normalisation, conditional vector and training by sampling are those
    of [1]_, the loss is Wasserstein's with gradient penalty [2]_, the discriminator may
    see several rows at a time [3]_. It differs from these in the following:

    - The label is not a column but a part of every condition, so that `sample(y=...)`
      is exact. In training it is drawn by the logarithm of its frequency. In one of
      (columns + 1) rows it is the whole condition.
    - A row that has a number at a point mass, or none, has a mode of its own for it.
    - The place of a number inside its mode is a variable for each mode, not one for
      all, so that it can follow the mode that is drawn.
    - Rows are drawn with averaged weights, and categories by their probabilities.
    - Marginal distributions are corrected after the training (`calibrate`).
    - ``pac``, ``dropout`` and the learning rates have other defaults. Those of the
      paper are ``pac=10, dropout=0.5, generator_lr=2e-4, discriminator_lr=2e-4``.

    The losses say little about the quality of the rows; there is no early stopping.

    References
    ----------
    .. [1] L. Xu, M. Skoularidou, A. Cuesta-Infante, K. Veeramachaneni, "Modeling
       Tabular Data Using Conditional GAN", Advances in Neural Information Processing
       Systems 32, 2019, sections 4.2 to 4.4.

    .. [2] I. Gulrajani, F. Ahmed, M. Arjovsky, V. Dumoulin, A. Courville, "Improved
       Training of Wasserstein GANs", Advances in Neural Information Processing Systems
       30, 2017.

    .. [3] Z. Lin, A. Khetan, G. Fanti, S. Oh, "PacGAN: The Power of Two Samples in
       Generative Adversarial Networks", Advances in Neural Information Processing
       Systems 31, 2018.

    Examples
    --------
    >>> from sklearn.datasets import make_classification
    >>> from skgen import CTGAN
    >>> X, y = make_classification(n_samples=500, weights=[0.9], flip_y=0,
    ...                            random_state=0)
    >>> X_new, y_new = CTGAN(epochs=5, random_state=0).fit_resample(X, y)
    >>> X_new.shape
    (902, 20)
    """

    embedding_dim: int = 128
    generator_dim: Sequence[int] = (256, 256)
    discriminator_dim: Sequence[int] = (256, 256)
    generator_lr: float = 0.001
    discriminator_lr: float = 0.001
    weight_decay: float = 1e-06
    discriminator_steps: int = 1
    pac: int = 1
    gradient_penalty: float = 10.0
    dropout: float = 0.0
    tau: float = 0.2
    ema_decay: float | None = 0.99
    calibrate: bool = True
    max_modes: int = 10
    weight_threshold: float = 0.005
    max_levels: int = 256
    epochs: int = 300
    batch_size: int = 500
    max_grad_norm: float | None = None

    _parameter_constraints = {
        **NeuralGenerator._parameter_constraints,
        "embedding_dim": [Interval(Integral, 1, None, closed="left")],
        "generator_dim": ["array-like"],
        "discriminator_dim": ["array-like"],
        "generator_lr": [Interval(Real, 0, None, closed="neither")],
        "discriminator_lr": [Interval(Real, 0, None, closed="neither")],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "discriminator_steps": [Interval(Integral, 1, None, closed="left")],
        "pac": [Interval(Integral, 1, None, closed="left")],
        "gradient_penalty": [Interval(Real, 0, None, closed="left")],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "tau": [Interval(Real, 0, None, closed="neither")],
        "ema_decay": [Interval(Real, 0, 1, closed="left"), None],
        "calibrate": ["boolean"],
        "max_modes": [Interval(Integral, 1, None, closed="left")],
        "weight_threshold": [Interval(Real, 0, 1, closed="left")],
        "max_levels": [Interval(Integral, 2, None, closed="left")],
    }

    def _fit(self, rows: Rows, rng: np.random.RandomState) -> None:
        """Learn generator and discriminator, then correct the marginals."""
        table, labels = rows.table, rows.labels
        self._check_pac(len(table))
        with self._training_context(rng) as device:
            import torch

            from skgen.deep.training import cosine_schedule
            from skgen.neural.gan import calibration
            from skgen.neural.gan.conditions import Conditions

            if not rows.continues:
                self._encoder = ModeEncoder(
                    max_modes=self.max_modes,
                    weight_threshold=self.weight_threshold,
                    max_levels=self.max_levels,
                ).fit(table, labels, rng)
            alpha, levels = self._encoder.transform(table, rng)
            self._conditions = Conditions(
                levels,
                labels,
                [
                    i
                    for i, each in enumerate(self._encoder.segments_)
                    if each.number is None
                ],
                self._encoder.widths_,
                len(self.classes_),
            ).to(device)
            if not rows.continues:
                self._make_networks(device)
            generator = self._generator
            step = self._make_step(alpha, levels, labels, device)
            self._train(
                torch.nn.ModuleDict(
                    {"generator": generator, "discriminator": self._discriminator}
                ),
                step,
                labels,
                rng,
                optimizers=step.optimizers,
                schedule=cosine_schedule,
                ema_decay=self.ema_decay,
                batch_size=self.batch_size // self.pac * self.pac,
                drop_last=True,
            )
            size = max(2, min(self.batch_size, len(table)))
            generator.renew_norms(lambda: step.draw_condition(size).vector)
            generator.corrections.zero_()
            self._maps: dict[tuple[int, int], QuantileMap] = {}
            if self.calibrate:
                n_rows = calibration.n_calibration_rows(len(table), len(self.classes_))
                calibration.calibrate_levels(
                    generator, self._conditions, levels, labels, n_rows
                )
                self._maps = calibration.quantile_maps(
                    table,
                    labels,
                    lambda of_rows: self._draw_table(of_rows, rng, device),
                    n_rows,
                    rng,
                )

    def _check_pac(self, n_samples: int) -> None:
        if self.batch_size < self.pac:
            raise ValueError(
                f"batch_size={self.batch_size} is less than pac={self.pac}: a batch "
                "is made of groups of pac rows. Raise the one or lower the other."
            )
        if n_samples < self.pac:
            raise ValueError(
                f"pac={self.pac} groups more rows than there are: the table has "
                f"{n_samples}. Set pac to {n_samples} or less, or add rows."
            )

    def _make_networks(self, device: torch.device) -> None:
        from skgen.neural.gan.networks import Critic, Generator

        encoder, width = self._encoder, self._conditions.width
        self._generator = Generator(
            encoder.widths_,
            encoder.n_modes_,
            len(self.classes_),
            embedding_dim=self.embedding_dim,
            condition_dim=width,
            hidden_dims=tuple(self.generator_dim),
        ).to(device)
        self._discriminator = Critic(
            encoder.n_numbers_ + sum(encoder.widths_) + width,
            tuple(self.discriminator_dim),
            pac=self.pac,
            dropout=self.dropout,
        ).to(device)

    def _make_step(
        self,
        alpha: NDArray[np.float32],
        levels: NDArray[np.int32],
        labels: NDArray[np.intp],
        device: torch.device,
    ) -> AdversarialStep:
        import torch

        from skgen.deep.training import make_optimizer
        from skgen.neural.gan.networks import AdversarialStep
        from skgen.neural.segments import EncodedRows

        def optimizer(network: torch.nn.Module, lr: float) -> torch.optim.Optimizer:
            return make_optimizer(
                network.parameters(),
                lr=lr,
                weight_decay=self.weight_decay,
                kind=torch.optim.Adam,
                betas=BETAS,
            )

        sorted_rows = self._conditions.sort_rows(levels, labels)
        return AdversarialStep(
            self._generator,
            self._discriminator,
            self._conditions,
            EncodedRows(alpha, levels, labels, device),
            torch.from_numpy(sorted_rows).to(device),
            (
                optimizer(self._generator, self.generator_lr),
                optimizer(self._discriminator, self.discriminator_lr),
            ),
            critic_steps=self.discriminator_steps,
            penalty=self.gradient_penalty,
            tau=self.tau,
            max_grad_norm=self.max_grad_norm,
        )

    def _draw_table(
        self, labels: NDArray[np.intp], rng: np.random.RandomState, device: torch.device
    ) -> Table:
        """Draw rows of the network's distribution."""
        import torch

        from skgen.neural.segments import draw_table

        generator = self._generator

        @torch.no_grad()
        def draw(of_rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            condition = self._conditions.draw(of_rows, log_frequency=False)
            inside, logits = generator(condition.vector)
            return generator.hard_rows(inside, logits, of_rows)

        return draw_table(self._encoder, draw, labels, rng, device)

    def _sample(
        self,
        labels: NDArray[np.intp],
        rng: np.random.RandomState,
        given: Given | None = None,
    ) -> Table:
        """Generate rows from noise."""
        with self._sampling_context(rng) as device:
            table = self._draw_table(labels, rng, device)
        for (label, number), quantiles in self._maps.items():
            rows = np.flatnonzero(table.active(number) & (labels == label))
            table.numeric[rows, number] = quantiles(table.numeric[rows, number])
        return table
