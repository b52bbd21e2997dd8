"""The order in which a chain of columns is drawn."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import numpy as np

from skgen.table import ColumnSpec


def visit_order(
    order: Any,
    fields: Sequence[ColumnSpec],
    columns: Iterable[Hashable],
    cardinalities: Sequence[int] | None = None,
) -> list[int]:
    """Return the positions of columns in the order in which they are drawn.

    "auto" is the order of the table, "cardinality" that of `cardinalities`, the
    smallest first. With a list of names, other columns follow in the table's order;
    `columns` are all names of the table, constant columns among them.

    Examples
    --------
    >>> from skgen._visit_order import visit_order
    >>> from skgen.table import ColumnSpec
    >>> a, b = (
    ...     ColumnSpec(name, "category", None, (i,), False, False)
    ...     for i, name in enumerate("ab")
    ... )
    >>> visit_order(["b"], [a, b], ["a", "b"])
    [1, 0]
    """
    if isinstance(order, str) and order == "auto":
        return list(range(len(fields)))
    if isinstance(order, str) and order == "cardinality":
        return np.argsort(np.asarray(cardinalities), kind="stable").tolist()
    order, columns = list(order), list(columns)
    unknown = [name for name in order if name not in columns]
    if unknown:
        raise ValueError(
            f"visit_order names {unknown}, which are no columns of the table. Its "
            f"columns are {columns}."
        )
    if len(set(order)) < len(order):
        twice = next(name for name in order if order.count(name) > 1)
        raise ValueError(f"visit_order names {twice!r} twice: name it once.")
    position = {field.name: i for i, field in enumerate(fields)}
    rest = [name for name in position if name not in order]
    # A constant column may be named, but there is nothing to draw.
    return [position[name] for name in (*order, *rest) if name in position]
