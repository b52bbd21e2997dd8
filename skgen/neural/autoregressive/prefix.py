"""The columns before, as a network in training sees them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from skgen.encodings.bins import ColumnValues, RowValues


class TrainingRows:
    """Training rows, and what networks drew in the place of their values."""

    def __init__(
        self, columns: Sequence[ColumnValues], rows: RowValues, device: torch.device
    ) -> None:
        self.values = torch.from_numpy(rows.values).to(device)
        self.members = torch.from_numpy(rows.members).to(device)
        self.spans = member_spans(columns)
        self._drawn: dict[int, tuple[Tensor, Tensor]] = {}
        self._places = {
            i: torch.from_numpy(column.places[column.n_masses :]).float().to(device)
            for i, column in enumerate(columns)
            if column.n_masses < column.n_values
        }
        self._n_masses = [column.n_masses for column in columns]

    def column(self, i: int, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return the true values and members of a column."""
        members = self.members[rows][:, self.spans[i]]
        return self.values[rows, i].long(), members.float()

    def set_drawn(self, i: int, values: Tensor, members: Tensor) -> None:
        """Keep what a column's own network drew for all rows."""
        self._drawn[i] = (values.to(torch.int32), members.to(torch.int8))

    def prefix(
        self,
        columns: Sequence[int],
        rows: Tensor,
        *,
        drawn_share: float = 0.0,
        noise: float = 0.0,
    ) -> tuple[list[Tensor], list[Tensor]]:
        """Return values and members of the columns before, with noise, as lists.

        A share `drawn_share` of the values is replaced by drawn ones; `noise` is the
        standard deviation of what is added to the normal scores of numbers.
        """
        values, members = [], []
        for i in columns:
            value, of_list = self.column(i, rows)
            if drawn_share:
                drawn, of_drawn = self._drawn[i]
                replaced = torch.rand(len(rows), device=rows.device) < drawn_share
                value = torch.where(replaced, drawn[rows].long(), value)
                of_list = torch.where(
                    replaced[:, None], of_drawn[rows].float(), of_list
                )
            if noise and i in self._places:
                value = self._shift(i, value, noise)
            values.append(value)
            members.append(of_list)
        return values, members

    def _shift(self, i: int, value: Tensor, noise: float) -> Tensor:
        """Move numbers to the cells nearest to their noisy normal scores."""
        places, n_masses = self._places[i], self._n_masses[i]
        cell = (value - n_masses).clamp(min=0)
        wanted = places[cell] + noise * torch.randn(len(value), device=value.device)
        borders = 0.5 * (places[1:] + places[:-1])
        moved = torch.searchsorted(borders, wanted) + n_masses
        return torch.where(value < n_masses, value, moved)


def member_spans(columns: Sequence[ColumnValues]) -> list[slice]:
    """Return the positions of each column's members among those of all columns."""
    spans, end = [], 0
    for column in columns:
        start, end = end, end + len(column.members)
        spans.append(slice(start, end))
    return spans
