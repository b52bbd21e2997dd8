"""Columns whose values are given, so that the others are drawn to fit them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_integer_dtype

from skgen.constraints import Constraint
from skgen.encodings.bins import RowEncoder, RowValues
from skgen.table import Table, TableSchema, check_unique_columns


@dataclass(frozen=True)
class GivenColumns:
    """Rows of which some columns are known.

    Attributes
    ----------
    frame : DataFrame of shape (n_samples, n_given)
        The values as they were given, in the dtypes of the table learned from.

    rows : RowValues of n_samples rows
        What is not given holds anything.

    columns : list of int
        Positions of the given columns among those that are drawn.
    """

    frame: pd.DataFrame
    rows: RowValues
    columns: list[int]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.frame)

    def take(self, rows: NDArray[np.intp]) -> GivenColumns:
        """Return some of the rows."""
        values = RowValues(self.rows.values[rows], self.rows.members[rows])
        return replace(self, frame=self.frame.iloc[rows], rows=values)

    def write(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a table with the given values in their columns."""
        out = frame.copy(deep=False)
        for name in self.frame:
            out[name] = self.frame[name].set_axis(frame.index)
        return out


def encode_given(
    given: Any,
    schema: TableSchema,
    encoder: RowEncoder,
    columns: Iterable[Hashable],
    constraints: Iterable[Constraint],
) -> GivenColumns:
    """Write given columns as values.

    Parameters
    ----------
    given : DataFrame of shape (n_samples, n_given)

    schema : TableSchema
        The normal form.

    encoder : RowEncoder

    columns : iterable of hashable
        Names of the table's columns.

    constraints : iterable of Constraint
        The columns that they name cannot be given.

    Returns
    -------
    given : GivenColumns

    Raises
    ------
    TypeError
        If `given` is no DataFrame.

    ValueError
        If it has no rows or columns, a column that is unknown or that a constraint
        rewrites, or a value that was not seen; names the column and the value.
    """
    if not isinstance(given, pd.DataFrame):
        raise TypeError(
            f"given is a {type(given).__name__}: pass a DataFrame of the columns that "
            "are known, such as pd.DataFrame({'age': [31, 52]})."
        )
    if given.shape[0] == 0 or given.shape[1] == 0:
        raise ValueError(
            f"given has shape {given.shape}: give one row and one column or more, or "
            "leave given out."
        )
    check_unique_columns(given.columns)
    names = list(columns)
    unknown = [name for name in given if name not in names]
    if unknown:
        raise ValueError(
            f"given has the columns {unknown}, which are not in the table. Its columns "
            f"are {names}."
        )
    ruled = _ruled(constraints)
    for name in given:
        if name in ruled or name not in schema.codecs_:
            raise ValueError(
                f"Column {name!r} belongs to a constraint, which rewrites it: it "
                "cannot be given. Leave it out of given, or the constraint out of fit."
            )
    table = encoder.blank(len(given))
    places = {field.name: i for i, field in enumerate(schema.fields_)}
    dtypes = dict(zip(schema.dtypes_.index, schema.dtypes_, strict=True))
    known = []
    kept = {}
    for name in given:
        column = given[name].reset_index(drop=True)
        if isinstance(column.dtype, pd.SparseDtype):
            column = column.astype(column.dtype.subtype)
        block = schema.codecs_[name].transform(column)
        kept[name] = _cast(column, dtypes[name])
        if name not in places:
            continue
        known.append(places[name])
        field = schema.fields_[places[name]]
        table.codes[:, list(field.codes)] = block.codes
        if field.number is not None:
            table.numeric[:, field.number] = block.numeric[:, 0]
            _check_range(column, table, field.number, encoder.range(field.number))
    rows = encoder.transform(table)
    return GivenColumns(pd.DataFrame(kept), rows, sorted(known))


def _cast(column: pd.Series, dtype: Any) -> pd.Series:
    cast = column.astype(dtype)
    if is_integer_dtype(dtype) and (cast != column).any():
        value = column[cast != column].tolist()[0]
        raise ValueError(
            f"Column {column.name!r}: the value {value!r} is no whole number, as all "
            "were in fit. Round it."
        )
    return cast


def _ruled(constraints: Iterable[Constraint]) -> set[Hashable]:
    """Return whatever constraints name; columns are among it."""
    named: set[Hashable] = set()
    for constraint in constraints:
        for value in constraint.get_params(deep=False).values():
            if isinstance(value, list | tuple | np.ndarray | pd.Index):
                named.update(value)
            if isinstance(value, Hashable):
                named.add(value)
    return named


def _check_range(
    column: pd.Series, table: Table, number: int, seen: tuple[float, float]
) -> None:
    values = table.numeric[:, number]
    outside = table.active(number) & ((values < seen[0]) | (values > seen[1]))
    if outside.any():
        value = column[outside].tolist()[0]
        raise ValueError(
            f"Column {column.name!r}: the value {value!r} lies outside the range seen "
            "in fit, of which nothing was learned. Clip it, or fit on rows that hold "
            "such values."
        )
