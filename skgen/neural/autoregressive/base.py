"""What the generators that draw rows column by column have in common."""

from __future__ import annotations

from abc import ABCMeta
from collections.abc import Callable
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import Interval, StrOptions

from skgen._visit_order import visit_order
from skgen.deep.base import EarlyStoppingGenerator
from skgen.encodings.bins import RowEncoder, RowValues
from skgen.rows import Rows

if TYPE_CHECKING:
    import torch

_PARAMETERS = """
    visit_order : {"auto", "cardinality"} or array-like of column names, default="auto"
        The order in which columns are drawn. "auto" is the order of the table,
        "cardinality" begins with the columns of the fewest values. Columns that are not
        named follow in the table's order. A column that a constraint rewrites goes by
        its new name.

    n_bins : int, default=64
        Maximum number of quantile bins of a number; they have 32 rows on average, or
        more. Each holds up to 16 cells of 16 rows or more, which are told apart too.

    max_levels : int or None, default=256
        Maximum number of categories of a column that are told apart. Rarer ones share
        buckets of categories with similar rows, and are drawn by their frequency in the
        bucket. No limit if None: memory and time then grow with the number of
        categories.

    temperature : float, default=1.0
        Divides the logits in sampling, and multiplies the variances of normal
        distributions. Below 1, frequent values become more frequent; above 1, rare
        ones do. May be changed after `fit`.
""".strip("\n")

_VISIT_ORDER = """
    visit_order_ : list
        The names of the columns, as drawn. Constant columns are left out.
""".strip("\n")


class ColumnChainGenerator(EarlyStoppingGenerator, metaclass=ABCMeta):
    """Base class of the networks that draw one column after another.

    Warning: this class should not be used directly. Use derived classes instead.
    """

    visit_order: Any = "auto"
    n_bins: int = 64
    max_levels: int | None = 256
    dropout: float = 0.1
    temperature: float = 1.0
    epochs: int = 50
    batch_size: int = 256
    learning_rate: float = 0.002
    weight_decay: float = 0.01
    ema_decay: float | None = 0.99
    n_iter_no_change: int = 5

    _shared_docs = {
        **EarlyStoppingGenerator._shared_docs,
        "chain parameters": _PARAMETERS,
        "visit order": _VISIT_ORDER,
    }
    _parameter_constraints = {
        **EarlyStoppingGenerator._parameter_constraints,
        "visit_order": ["array-like", StrOptions({"auto", "cardinality"})],
        "n_bins": [Interval(Integral, 1, None, closed="left")],
        "max_levels": [Interval(Integral, 2, None, closed="left"), None],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "temperature": [Interval(Real, 0, None, closed="neither")],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "ema_decay": [Interval(Real, 0, 1, closed="left"), None],
    }

    def _prepare_columns(self, rows: Rows, rng: np.random.RandomState) -> None:
        """Learn which values columns have, and in which order they are drawn."""
        encoder = RowEncoder(n_bins=self.n_bins, max_levels=self.max_levels)
        self._encoder = encoder.fit(rows.table, rows.labels, rng)
        fields = rows.table.fields
        n_values = [column.n_values for column in self._encoder.columns_]
        self._chain = visit_order(self.visit_order, fields, rows.columns, n_values)
        self.visit_order_ = [fields[i].name for i in self._chain]

    def _draw_in_parts(
        self,
        labels: NDArray[np.intp],
        rng: np.random.RandomState,
        n_rows: int,
        draw: Callable[[slice, torch.Tensor], tuple[torch.Tensor, torch.Tensor]],
    ) -> RowValues:
        """Draw at most `n_rows` rows at a time.

        `draw` takes the positions of rows and their labels, on the device; it returns
        the values and the members of lists of all columns.
        """
        columns = self._encoder.columns_
        n_members = sum(len(column.members) for column in columns)
        values = np.empty((len(labels), len(columns)), dtype=np.int32)
        members = np.empty((len(labels), n_members), dtype=np.int8)
        with self._sampling_context(rng) as device:
            import torch

            for start in range(0, len(labels), n_rows):
                part = slice(start, start + n_rows)
                drawn = draw(part, torch.from_numpy(labels[part]).to(device))
                values[part], members[part] = (each.cpu() for each in drawn)
        return RowValues(values, members)
