"""Conditional vectors: what a generated row has to have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from skgen.neural.segments import MAX_LOGIT, Segments


class Condition(NamedTuple):
    """What each of some rows has to have.

    Shapes: `labels` (n_rows,).

    Attributes
    ----------
    entries : Tensor of int of shape (n_rows,)
        The kind of rows, see `Conditions`.

    vector : Tensor of shape (n_rows, width)
        Label and category as one-hot vectors side by side.
    """

    labels: Tensor
    entries: Tensor
    vector: Tensor


class Conditions(nn.Module):
    """Conditional vectors, drawn by frequencies.

    A row has to have its label, and a category of one column. The column is drawn with
    equal probabilities, and the category by its frequency in the rows of the label, or
    by the logarithm of that. Beside the columns stands one that all rows have in
    common: its condition is the label alone. Shapes: `levels` (n_samples, n_segments),
    `labels` (n_samples,).

    Parameters
    ----------
    columns : sequence of int
        The segments that conditions may ask for.

    widths : sequence of int
        Width of each segment.

    Attributes
    ----------
    width : int
        Of the vectors.
    """

    bounds: Tensor
    ends: Tensor
    log_ends: Tensor
    firsts: Tensor
    counts: Tensor
    asks: Tensor
    segments: Tensor
    levels: Tensor
    places: Tensor

    def __init__(
        self,
        levels: NDArray[np.int32],
        labels: NDArray[np.intp],
        columns: Sequence[int],
        widths: Sequence[int],
        n_classes: int,
    ) -> None:
        super().__init__()
        taken = np.array([widths[column] for column in columns], dtype=np.int64)
        self.n_classes = n_classes
        self.n_columns = len(columns) + 1
        self.width = n_classes + int(taken.sum())
        keys, found, firsts, counts = [], [], [], []
        for place in range(self.n_columns):
            kinds = self._kinds(levels, labels, columns, place)
            kind, first, count = np.unique(
                np.sort(kinds, kind="stable"), return_index=True, return_counts=True
            )
            label, level = np.divmod(kind, self._stride(levels, columns, place))
            keys.append(place * n_classes + label)
            found.append(level)
            firsts.append(first + place * len(labels))
            counts.append(count)
        key, count = np.concatenate(keys), np.concatenate(counts)
        self.columns = list(columns)
        column = key // n_classes
        # Where a category stands in the vector. The label alone takes no place.
        starts = n_classes + np.append([0], np.cumsum(taken) - taken)
        segments = np.array([0, *columns], dtype=np.int64)
        for name, values in (
            ("bounds", np.searchsorted(key, np.arange(self.n_columns * n_classes + 1))),
            ("ends", np.append(0.0, np.cumsum(count, dtype=float))),
            ("log_ends", np.append(0.0, np.cumsum(np.log1p(count)))),
            ("firsts", np.concatenate(firsts)),
            ("counts", count),
            ("asks", column > 0),
            ("segments", segments[column]),
            ("levels", np.concatenate(found)),
            ("places", starts[column] + np.concatenate(found)),
        ):
            self.register_buffer(name, torch.from_numpy(values), persistent=False)

    @property
    def label_weights(self) -> Tensor:
        """Logarithms of 1 + the number of rows of each label."""
        return self.counts[: self.n_classes].log1p()

    @staticmethod
    def _stride(levels: NDArray[np.int32], columns: Sequence[int], place: int) -> int:
        return int(levels[:, columns[place - 1]].max()) + 1 if place else 1

    @classmethod
    def _kinds(
        cls,
        levels: NDArray[np.int32],
        labels: NDArray[np.intp],
        columns: Sequence[int],
        place: int,
    ) -> NDArray[np.int64]:
        """Return a number for the label and the category of each row."""
        if place == 0:
            return labels.astype(np.int64)
        stride = cls._stride(levels, columns, place)
        return labels.astype(np.int64) * stride + levels[:, columns[place - 1]]

    def sort_rows(
        self, levels: NDArray[np.int32], labels: NDArray[np.intp]
    ) -> NDArray[np.int32]:
        """Return the rows sorted by label and category, for one column after another.

        Shapes: `rows` (n_columns * n_samples,).

        Parameters
        ----------
        levels, labels : ndarray
            Those that the conditions were made of.
        """
        orders = [
            np.argsort(self._kinds(levels, labels, self.columns, i), kind="stable")
            for i in range(self.n_columns)
        ]
        return np.concatenate(orders).astype(np.int32)

    def draw(self, labels: Tensor, *, log_frequency: bool) -> Condition:
        """Draw conditions for rows of given labels.

        Shapes: `labels` (n_rows,).

        Parameters
        ----------
        log_frequency : bool
            Whether categories are drawn by the logarithms of their frequencies.
        """
        device = labels.device
        column = torch.randint(self.n_columns, labels.shape, device=device)
        key = column * self.n_classes + labels
        low, high = self.bounds[key], self.bounds[key + 1]
        ends = self.log_ends if log_frequency else self.ends
        share = torch.rand(len(labels), dtype=ends.dtype, device=device)
        at = torch.lerp(ends[low], ends[high], share)
        entries = torch.searchsorted(ends, at, right=True) - 1
        entries = torch.minimum(torch.maximum(entries, low), high - 1)
        vector = torch.zeros(len(labels), self.width, device=device)
        vector.scatter_(1, labels[:, None], 1.0)
        asked = self.asks[entries].float()[:, None]
        # What asks for nothing adds 0.
        vector.scatter_add_(
            1, self.places[entries, None].clamp(max=self.width - 1), asked
        )
        return Condition(labels, entries, vector)

    def draw_rows(self, condition: Condition, rows: Tensor) -> Tensor:
        """Draw a row that meets each condition.

        Shapes: `rows` (n_rows,).

        Parameters
        ----------
        rows : Tensor of int
            From `sort_rows`.
        """
        count = self.counts[condition.entries]
        share = torch.rand(len(count), dtype=torch.float64, device=count.device)
        return rows[self.firsts[condition.entries] + (share * count).long()].long()

    def cross_entropy(
        self, segments: Segments, logits: Tensor, condition: Condition
    ) -> Tensor:
        """Return the negative log-probability of the categories asked for.

        Shapes: `logits` (n_rows, segments.width).

        Returns
        -------
        cross_entropy : Tensor of shape (n_rows,)
            0 where the condition is the label alone.
        """
        entries = condition.entries
        segment, level = self.segments[entries, None], self.levels[entries, None]
        asks = self.asks[entries, None]
        if not segments.n_segments:
            return logits.new_zeros(len(logits))
        level = torch.where(asks, level, 0)
        logits = logits.clamp(-MAX_LOGIT, MAX_LOGIT)
        chosen = logits.gather(1, segments.offsets[segment] + level)
        lost = segments.log_normalizer(logits).gather(1, segment) - chosen
        return (lost * asks)[:, 0]
