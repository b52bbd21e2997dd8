"""What the contract hands to a generator: rows to learn, and columns that are given."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_integer_dtype

from skgen.table import Table, TableSchema, check_unique_columns


@dataclass(frozen=True)
class Rows:
    """The rows that a generator learns from.

    Attributes
    ----------
    table : Table of n_samples rows
        The rows in the normal form.

    labels : ndarray of int of shape (n_samples,)
        Index into `classes_` for each row; zeros if there are no labels.

    frame : DataFrame of shape (n_samples, n_columns)
        The same rows in the columns that constraints and structure leave.

    schema : TableSchema
        What brings `frame` to the normal form and back.

    columns : Index
        Names of the columns that constraints leave; structure may have taken some.

    all_rows : DataFrame of shape (n_all, n_columns)
        All rows passed to the fit, those of classes that are not learned among them.

    all_labels : ndarray of shape (n_all,)
        Their labels, as the user writes them.

    continues : bool
        Whether this fit goes on from the present weights (`warm_start`).
    """

    table: Table
    labels: NDArray[np.intp]
    frame: pd.DataFrame
    schema: TableSchema
    columns: pd.Index
    all_rows: pd.DataFrame
    all_labels: NDArray
    continues: bool = False

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.labels)


@dataclass(frozen=True)
class Given:
    """Rows to be drawn of which some columns are known.

    Attributes
    ----------
    frame : DataFrame of shape (n_samples, n_given)
        The known values, in the dtypes of the table learned from.

    table : Table of n_samples rows
        The known columns in the normal form; the others are zeros.

    fields : tuple of int
        Positions of the known columns in `table.fields`, in increasing order.
    """

    frame: pd.DataFrame
    table: Table
    fields: tuple[int, ...]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.frame)

    def take(self, rows: NDArray[np.intp]) -> Given:
        """Return some of the rows."""
        return replace(self, frame=self.frame.iloc[rows], table=self.table.take(rows))

    def write(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a table with the known values in their columns."""
        out = frame.copy(deep=False)
        for name in self.frame:
            out[name] = self.frame[name].set_axis(frame.index)
        return out


def read_given(
    given: Any,
    schema: TableSchema,
    *,
    columns: Iterable[Hashable],
    rewritten: Iterable[Hashable] = (),
) -> Given:
    """Check known columns and bring them to the normal form.

    Parameters
    ----------
    given : DataFrame of shape (n_samples, n_given)

    schema : TableSchema
        The normal form.

    columns : iterable of hashable
        Names of the table's columns.

    rewritten : iterable of hashable
        Columns that a constraint rewrites, which cannot be given.

    Returns
    -------
    given : Given

    Raises
    ------
    TypeError
        If `given` is not a DataFrame.

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
            f"given has shape {given.shape}: give at least one row and one column, or "
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
    hidden = set(rewritten)
    table = schema.blank(len(given))
    positions = {field.name: i for i, field in enumerate(schema.fields_)}
    dtypes = dict(zip(schema.dtypes_.index, schema.dtypes_, strict=True))
    known = []
    kept = {}
    for name in given:
        if name in hidden or name not in schema.codecs_:
            raise ValueError(
                f"Column {name!r} belongs to a constraint, or to a rule that was found "
                "in the table, which rewrites it: it cannot be given. Leave it out of "
                "given, or fit without the constraint, or with structure=None."
            )
        column = given[name].reset_index(drop=True)
        if isinstance(column.dtype, pd.SparseDtype):
            column = column.astype(column.dtype.subtype)
        codec = schema.codecs_[name]
        block = codec.transform(column)
        kept[name] = _cast(column, dtypes[name])
        if name not in positions:
            continue
        known.append(positions[name])
        field = schema.fields_[positions[name]]
        table.codes[:, list(field.codes)] = block.codes
        if field.number is not None:
            table.numeric[:, field.number] = block.numeric[:, 0]
            _check_range(column, table, field.number, codec.range_)
    return Given(pd.DataFrame(kept), table, tuple(sorted(known)))


def _cast(column: pd.Series, dtype: Any) -> pd.Series:
    cast = column.astype(dtype)
    if is_integer_dtype(dtype) and (cast != column).any():
        value = column[cast != column].tolist()[0]
        raise ValueError(
            f"Column {column.name!r}: the value {value!r} is no whole number, as all "
            "were in fit. Round it."
        )
    return cast


def _check_range(
    column: pd.Series, table: Table, number: int, seen: tuple[float, float] | None
) -> None:
    low, high = (np.inf, -np.inf) if seen is None else seen
    values = table.numeric[:, number]
    outside = table.active(number) & ((values < low) | (values > high))
    if outside.any():
        value = column[outside].tolist()[0]
        raise ValueError(
            f"Column {column.name!r}: the value {value!r} lies outside the range seen "
            "in fit, of which nothing was learned. Clip it, or fit on rows that hold "
            "such values."
        )
