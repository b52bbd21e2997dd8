"""Encoded rows as tensors, and softmaxes of all their segments at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from skgen.encodings.modes import ModeEncoder
from skgen.table import Table

# Rows are drawn in batches whose one-hot vectors take about 16 MB.
MAX_BATCH_ENTRIES = 2**22
MIN_BATCH_ROWS = 500
# Its exponential is far from what float32 can hold.
MAX_LOGIT = 40.0
TINY = torch.finfo(torch.float32).tiny
EPSILON = torch.finfo(torch.float32).eps


class Segments(nn.Module):
    """The parts of a row that are one-hot vectors.

    Segments of equal width are computed together.

    Parameters
    ----------
    widths : sequence of int
        Width of each segment, increasing.
    """

    offsets: Tensor
    members: Tensor

    def __init__(self, widths: Sequence[int]) -> None:
        super().__init__()
        self.width = sum(widths)
        self.n_segments = len(widths)
        self._runs = [(width, len(list(run))) for width, run in groupby(widths)]
        ends = torch.tensor([0, *widths]).cumsum(0)
        self.register_buffer("offsets", ends[:-1], persistent=False)
        segment = torch.arange(len(widths)).repeat_interleave(ends.diff())
        members = nn.functional.one_hot(segment, max(1, len(widths))).float()
        members = members[:, : len(widths)]
        self.register_buffer("members", members, persistent=False)

    def _split(self, logits: Tensor) -> list[Tensor]:
        """Return the segments of each width, of shape (n_samples, n_of_them, width)."""
        parts = logits.split([width * count for width, count in self._runs], dim=1)
        return [
            part.unflatten(1, (count, width))
            for part, (width, count) in zip(parts, self._runs, strict=True)
        ]

    def softmax(self, logits: Tensor) -> Tensor:
        """Return the softmax inside each segment.

        Shapes: `logits` (n_samples, width) to `probabilities` (n_samples, width).
        """
        if not self._runs:
            return logits
        parts = [part.softmax(2).flatten(1) for part in self._split(logits)]
        return torch.cat(parts, dim=1)

    def gumbel_softmax(self, logits: Tensor, tau: float) -> Tensor:
        r"""Return a differentiable draw from each segment.

        .. math:: \mathrm{softmax}((l + g) / \tau),\quad g = -\log(-\log u),\
            u \sim U(0, 1)

        Shapes: `logits` (n_samples, width) to `draws` (n_samples, width).

        Parameters
        ----------
        tau : float
            Temperature: at 0 the draw is one-hot.
        """
        return self.softmax((logits + _gumbel(logits)) / tau)

    def log_normalizer(self, logits: Tensor) -> Tensor:
        """Return the logarithm of the sum of exponentials of each segment.

        One product of matrices: segments are too narrow for a softmax of each to be
        fast. Logits beyond 40 and -40 count as these. Shapes: `logits` (n_samples,
        width) to `log_normalizer` (n_samples, n_segments).
        """
        exponentials = logits.clamp(-MAX_LOGIT, MAX_LOGIT).exp()
        return (exponentials @ self.members).log()

    def cross_entropy(self, logits: Tensor, levels: Tensor) -> Tensor:
        """Return the negative log-probability of each segment's category.

        Shapes: `logits` (n_samples, width), `levels` (n_samples, n_segments) to
        `cross_entropy` (n_samples, n_segments).
        """
        chosen = logits.gather(1, levels + self.offsets)
        return self.log_normalizer(logits) - chosen.clamp(-MAX_LOGIT, MAX_LOGIT)

    def draw(self, logits: Tensor) -> Tensor:
        """Draw a category from each segment.

        Shapes: `logits` (n_samples, width) to `levels` (n_samples, n_segments).
        """
        return self.argmax(logits + _gumbel(logits))

    def argmax(self, logits: Tensor) -> Tensor:
        """Return the category of the greatest entry of each segment.

        Shapes: `logits` (n_samples, width) to `levels` (n_samples, n_segments).
        """
        if not self._runs:
            return logits.long()
        return torch.cat([part.argmax(2) for part in self._split(logits)], dim=1)

    def one_hot(self, levels: Tensor) -> Tensor:
        """Return one-hot vectors side by side.

        Shapes: `levels` (n_samples, n_segments) to `vectors` (n_samples, width).
        """
        vectors = torch.zeros(len(levels), self.width, device=levels.device)
        return vectors.scatter_(1, levels + self.offsets, 1.0)


def _gumbel(like: Tensor) -> Tensor:
    """Draw from the Gumbel distribution."""
    # Faster than Tensor.exponential_; neither 0 nor 1, whose logarithms are no use.
    uniform = torch.rand_like(like).clamp_(TINY, 1 - EPSILON)
    return uniform.log_().neg_().log_().neg_()


class EncodedRows:
    """Rows written by a `ModeEncoder`, on a device.

    Shapes: `alpha` (n_samples, n_numbers), `levels` (n_samples, n_segments), `labels`
    (n_samples,).
    """

    def __init__(
        self,
        alpha: NDArray[np.float32],
        levels: NDArray[np.int32],
        labels: NDArray[np.intp],
        device: torch.device,
    ) -> None:
        self.alpha = torch.from_numpy(alpha).to(device)
        self.levels = torch.from_numpy(levels).to(device)
        self.labels = torch.from_numpy(labels).to(device)

    def __getitem__(self, rows: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the numbers, categories and labels of some rows."""
        return self.alpha[rows], self.levels[rows].long(), self.labels[rows]


def draw_table(
    encoder: ModeEncoder,
    draw: Callable[[Tensor], tuple[Tensor, Tensor]],
    labels: NDArray[np.intp],
    rng: np.random.RandomState,
    device: torch.device,
) -> Table:
    """Draw encoded rows and decode them, in batches that bound the memory.

    Shapes: `labels` (n_samples,).

    Parameters
    ----------
    draw : callable
        Takes labels, a Tensor of int64 of shape (n_rows,); returns numbers and
        categories.
    """
    n_rows = max(MIN_BATCH_ROWS, MAX_BATCH_ENTRIES // (1 + sum(encoder.widths_)))
    tables = []
    for start in range(0, len(labels), n_rows):
        part = labels[start : start + n_rows]
        alpha, levels = draw(torch.from_numpy(part).to(device))
        tables.append(
            encoder.inverse_transform(
                alpha.cpu().numpy(), levels.cpu().numpy(), part, rng
            )
        )
    return tables[0].like(
        np.concatenate([table.numeric for table in tables]),
        np.concatenate([table.codes for table in tables]),
    )
