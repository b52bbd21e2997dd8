"""The columns before, as a network in training sees them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from skgen.encodings.bins import ColumnValues, RowValues


class TrainingRows:
    """Rows to learn from, and what was drawn in the place of their values.

    Parameters
    ----------
    columns : sequence of ColumnValues

    rows : RowValues of n_samples rows

    device : device
    """

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
        """Return the columns before, not all of them true.

        Parameters
        ----------
        columns : sequence of int

        rows : Tensor of int of shape (n_samples,)

        drawn_share : float in [0, 1], default=0.0
            Share of the values that are replaced by drawn ones.

        noise : float, default=0.0
            Standard deviation of the noise on the normal quantiles of numbers.

        Returns
        -------
        values : list of Tensor of int of shape (n_samples,)

        members : list of Tensor of shape (n_samples, n_members)
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
        """Move numbers to the cells nearest to noisy quantiles."""
        places, n_masses = self._places[i], self._n_masses[i]
        cell = (value - n_masses).clamp(min=0)
        wanted = places[cell] + noise * torch.randn(len(value), device=value.device)
        borders = 0.5 * (places[1:] + places[:-1])
        moved = torch.searchsorted(borders, wanted) + n_masses
        return torch.where(value < n_masses, value, moved)


def member_spans(columns: Sequence[ColumnValues]) -> list[slice]:
    """Return where the members of each column stand among those of all."""
    spans, end = [], 0
    for column in columns:
        start, end = end, end + len(column.members)
        spans.append(slice(start, end))
    return spans
