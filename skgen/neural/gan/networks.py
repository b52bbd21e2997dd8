"""The networks of CTGAN, and the step that they learn by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from skgen.deep.training import update
from skgen.neural.gan.conditions import Condition, Conditions
from skgen.neural.segments import EncodedRows, Segments

NEGATIVE_SLOPE = 0.2
# Share of a batch that the gradient penalty is estimated from: it costs as much as the
# scores, and its mean needs fewer rows.
PENALTY_SHARE = 0.25
# Turns in which logits are corrected, what is added to frequencies, and the greatest
# correction.
N_CALIBRATIONS = 15
RARE = 1e-5
MAX_SHIFT = 10.0
# Batches over which the means and variances of hidden layers are taken.
N_NORM_BATCHES = 10


class Generator(nn.Module):
    r"""From noise and a condition to an encoded row.

    .. math::
        h_{i+1} = h_i \oplus \mathrm{ReLU}(\mathrm{BN}(\mathrm{FC}(h_i)))

    Parameters
    ----------
    widths : sequence of int
        Width of each segment, increasing.

    n_modes : sequence of (int, int)
        The segment of each number, and how many of its first entries are modes; what
        follows are point masses, in which the number does not count.

    Attributes
    ----------
    corrections : Tensor of shape (n_classes, width)
        What `hard_rows` adds to the logits of each label's rows, see `calibrate`.
    """

    places: Tensor
    belongs: Tensor
    corrections: Tensor

    def __init__(
        self,
        widths: Sequence[int],
        n_modes: Sequence[tuple[int, int]],
        n_classes: int,
        *,
        embedding_dim: int,
        condition_dim: int,
        hidden_dims: Sequence[int],
    ) -> None:
        super().__init__()
        self.segments = Segments(widths)
        self.embedding_dim = embedding_dim
        self.n_numbers = len(n_modes)
        offsets = self.segments.offsets
        runs = [offsets[place] + torch.arange(count) for place, count in n_modes]
        places = torch.cat([*runs, torch.zeros(0, dtype=torch.long)])
        belongs = torch.zeros(len(places), self.n_numbers)
        numbers = [i for i, (_, count) in enumerate(n_modes) for _ in range(count)]
        belongs[torch.arange(len(places)), numbers] = 1.0
        self.register_buffer("places", places, persistent=False)
        self.register_buffer("belongs", belongs, persistent=False)
        none = torch.zeros(n_classes, self.segments.width)
        self.register_buffer("corrections", none, persistent=False)
        width = embedding_dim + condition_dim
        blocks = []
        for dim in hidden_dims:
            linear, norm = nn.Linear(width, dim), nn.BatchNorm1d(dim)
            blocks.append(nn.Sequential(linear, norm, nn.ReLU()))
            width += dim
        self.blocks = nn.ModuleList(blocks)
        self.exit = nn.Linear(width, len(places) + self.segments.width)

    def forward(self, condition: Tensor) -> tuple[Tensor, Tensor]:
        """Draw what rows are made of.

        Shapes: `condition` (n_samples, condition_dim) to `logits` (n_samples, width).

        Returns
        -------
        inside : Tensor of shape (n_samples, total number of modes)
            Where the number would be in each of its modes.
        """
        noise = torch.randn(len(condition), self.embedding_dim, device=condition.device)
        hidden = torch.cat([noise, condition], dim=1)
        for block in self.blocks:
            hidden = torch.cat([hidden, block(hidden)], dim=1)
        out = self.exit(hidden)
        inside, logits = out.split([len(self.places), self.segments.width], dim=1)
        return inside.tanh(), logits

    def soft_rows(self, inside: Tensor, logits: Tensor, tau: float) -> Tensor:
        """Return rows through which gradients pass.

        Shapes: `rows` (n_samples, n_numbers + width).

        Parameters
        ----------
        tau : float
            Temperature of the Gumbel-softmax.
        """
        chosen = self.segments.gumbel_softmax(logits, tau)
        # Masses have no part in it: there the number is 0.
        alpha = (inside * chosen[:, self.places]) @ self.belongs
        return torch.cat([alpha, chosen], dim=1)

    def hard_rows(
        self, inside: Tensor, logits: Tensor, labels: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return rows whose segments are drawn.

        Shapes: `labels` (n_samples,) to `alpha` (n_samples, n_numbers), `levels`
        (n_samples, n_segments).
        """
        levels = self.segments.draw(logits + self.corrections[labels])
        chosen = self.segments.one_hot(levels)
        return (inside * chosen[:, self.places]) @ self.belongs, levels

    @torch.no_grad()
    def calibrate(self, logits: Tensor, label: int, wanted: Tensor) -> None:
        """Correct the logits of a label until categories have the wanted shares.

        Where the categories of a segment are drawn too rarely, the logarithm of the
        ratio is added to their logits, in turns.

        Parameters
        ----------
        logits : Tensor of shape (n_samples, width)
            Of generated rows of the label.

        wanted : Tensor of shape (width,)
            Mean probabilities.
        """
        correction = torch.zeros_like(wanted)
        for _ in range(N_CALIBRATIONS):
            found = self.segments.softmax(logits + correction).mean(0)
            ratio = (wanted + RARE) / (found + RARE)
            correction = (correction + ratio.log()).clamp(-MAX_SHIFT, MAX_SHIFT)
        self.corrections[label] = correction

    @torch.no_grad()
    def renew_norms(self, draw: Callable[[], Tensor]) -> None:
        """Measure means and variances of hidden layers for the present weights.

        Parameters
        ----------
        draw : callable
            Returns the conditional vectors of a batch, as in training.
        """
        norms = [m for m in self.modules() if isinstance(m, nn.BatchNorm1d)]
        momenta = [norm.momentum for norm in norms]
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None
        self.train()
        for _ in range(N_NORM_BATCHES):
            self(draw())
        self.eval()
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum


class Critic(nn.Module):
    """Scores groups of `pac` rows.

    Linear layers, each but the last followed by a leaky rectifier and dropout.

    Parameters
    ----------
    in_features : int
        Of one row and its condition.
    """

    def __init__(
        self, in_features: int, hidden_dims: Sequence[int], *, pac: int, dropout: float
    ) -> None:
        super().__init__()
        self.pac = pac
        self.dropout = dropout
        width = in_features * pac
        layers = []
        for dim in hidden_dims:
            layers.append(nn.Linear(width, dim))
            width = dim
        self.layers = nn.ModuleList(layers)
        self.exit = nn.Linear(width, 1)

    def forward(self, rows: Tensor) -> Tensor:
        """Score.

        Shapes: `rows` (n_groups * pac, in_features) to `scores` (n_groups, 1).
        """
        hidden = rows.reshape(len(rows) // self.pac, -1)
        for layer in self.layers:
            hidden = nn.functional.leaky_relu(layer(hidden), NEGATIVE_SLOPE)
            hidden = nn.functional.dropout(hidden, self.dropout, self.training)
        return self.exit(hidden)

    def gradient(self, rows: Tensor) -> Tensor:
        """Return the gradient of the scores by the rows.

        Between the kinks of the rectifiers the critic is linear: its gradient is a
        product of weights and slopes, and is differentiated by the weights without a
        graph of the backward pass. Shapes: `rows` (n_groups * pac, in_features) to
        `gradient` (n_groups, pac * in_features).
        """
        slopes = []
        with torch.no_grad():
            hidden = rows.reshape(len(rows) // self.pac, -1)
            for layer in self.layers:
                hidden = layer(hidden)
                slope = (hidden > 0).to(hidden.dtype)
                slope.mul_(1 - NEGATIVE_SLOPE).add_(NEGATIVE_SLOPE)
                slope = nn.functional.dropout(slope, self.dropout, self.training)
                slopes.append(slope)
                hidden = hidden * slope
        gradient = self.exit.weight.expand(len(hidden), -1)
        weights = [layer.get_parameter("weight") for layer in self.layers]
        for weight, slope in zip(weights[::-1], slopes[::-1], strict=True):
            gradient = (gradient * slope) @ weight
        return gradient


def gradient_penalty(critic: Critic, real: Tensor, fake: Tensor) -> Tensor:
    r"""Return how far slopes between real and generated rows are from 1.

    .. math:: E (\|\nabla_x C(x)\| - 1)^2, \quad x = u r + (1 - u) f, \quad
        u \sim U(0, 1)

    Shapes: `real`, `fake` (n_groups * pac, in_features) to `penalty` ().

    References
    ----------
    I. Gulrajani, F. Ahmed, M. Arjovsky, V. Dumoulin, A. Courville, "Improved Training
    of Wasserstein GANs", Advances in Neural Information Processing Systems 30, 2017,
    equation 3.
    """
    n_groups = len(real) // critic.pac
    share = torch.rand(n_groups, 1, device=real.device).repeat_interleave(critic.pac, 0)
    slopes = critic.gradient(torch.lerp(fake, real, share)).norm(dim=1)
    return ((slopes - 1) ** 2).mean()


@dataclass
class AdversarialStep:
    """`critic_steps` steps of the critic, and one of the generator.

    `sorted_rows` are from `Conditions.sort_rows`, the optimizers those of generator and
    critic; `penalty` weighs the gradient penalty, `tau` is the temperature of the
    Gumbel-softmax.
    """

    generator: Generator
    critic: Critic
    conditions: Conditions
    encoded: EncodedRows
    sorted_rows: Tensor
    optimizers: tuple[Optimizer, Optimizer]
    critic_steps: int
    penalty: float
    tau: float
    max_grad_norm: float | None

    def draw_condition(self, n_rows: int) -> Condition:
        """Draw labels and categories by the logarithms of their frequencies."""
        weights = self.conditions.label_weights
        labels = torch.multinomial(weights, n_rows, replacement=True)
        return self.conditions.draw(labels, log_frequency=True)

    def __call__(self, rows: Tensor) -> dict[str, Tensor]:
        """Update both networks.

        Shapes: `losses` ().

        Parameters
        ----------
        rows : Tensor of shape (n_rows,)
            Their number is that of the rows drawn, rounded down to whole groups.
        """
        n_rows = len(rows) // self.critic.pac * self.critic.pac
        for _ in range(self.critic_steps):
            condition = self.draw_condition(n_rows)
            inside, logits = self.generator(condition.vector)
            made = self.generator.soft_rows(inside, logits, self.tau)
            made = torch.cat([made, condition.vector], dim=1)
            of_critic = self._update_critic(condition, made.detach())
        # What the critic scored last serves once more: no step of the generator has
        # been taken since.
        missed = self.conditions.cross_entropy(
            self.generator.segments, logits, condition
        )
        self.critic.requires_grad_(False)
        loss = missed.mean() - self.critic(made).mean()
        of_generator = update(
            self.optimizers[0], loss, max_grad_norm=self.max_grad_norm
        )
        self.critic.requires_grad_(True)
        return {"generator": of_generator, "discriminator": of_critic}

    def _update_critic(self, condition: Condition, made: Tensor) -> Tensor:
        at = self.conditions.draw_rows(condition, self.sorted_rows)
        alpha, levels, _ = self.encoded[at]
        one_hot = self.generator.segments.one_hot(levels)
        real = torch.cat([alpha, one_hot, condition.vector], dim=1)
        of_real, of_made = self.critic(torch.cat([real, made])).chunk(2)
        loss = of_made.mean() - of_real.mean()
        if self.penalty:
            n_groups = len(made) // self.critic.pac
            few = max(1, int(PENALTY_SHARE * n_groups)) * self.critic.pac
            slopes = gradient_penalty(self.critic, real[:few], made[:few])
            loss = loss + self.penalty * slopes
        return update(self.optimizers[1], loss, max_grad_norm=self.max_grad_norm)
