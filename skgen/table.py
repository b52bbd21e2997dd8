"""The normal form: any table as a block of numbers and a block of codes."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from skgen.columns import Block, ColumnCodec, make_codec


@dataclass(frozen=True)
class ColumnSpec:
    """Where one column of the user's table stands in the normal form.

    Attributes
    ----------
    name : hashable
        The column's name.

    kind : str
        What it holds: "float", "integer", "boolean", "category", "mixed", "datetime",
        "timedelta", "date" or "list".

    number : int or None
        Its column in `Table.numeric`; None if it has no number.

    codes : tuple of int
        Its columns in `Table.codes`.

    gated : bool
        Whether the number counts only where the first code is 0.

    ordered : bool
        Whether its categories have an order.

    missing : int or None
        Code of a missing value in its first column of codes; None if none is missing.
    """

    name: Hashable
    kind: str
    number: int | None
    codes: tuple[int, ...]
    gated: bool
    ordered: bool
    missing: int | None = None


@dataclass(frozen=True)
class Table:
    """Rows in the normal form: what every generator sees.

    Attributes
    ----------
    numeric : ndarray of float64 of shape (n_samples, n_numeric)
        The numbers. One that does not count (see `active`) holds its point mass, or,
        where it is missing, its column's median: there are no missing values here.

    codes : ndarray of int32 of shape (n_samples, n_codes)
        The codes: 0, ..., cardinality - 1 in each column.

    cardinalities : ndarray of int of shape (n_codes,)
        Number of categories of each column of codes.

    fields : tuple of ColumnSpec
        The columns of the user's table, in their order, constant ones left out.
    """

    numeric: NDArray[np.float64]
    codes: NDArray[np.int32]
    cardinalities: NDArray[np.intp]
    fields: tuple[ColumnSpec, ...]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.codes)

    @property
    def gates(self) -> NDArray[np.intp]:
        """Column of codes that gates each number; -1 where the number always counts."""
        gates = np.full(self.numeric.shape[1], -1, dtype=np.intp)
        for field in self.fields:
            if field.gated and field.number is not None:
                gates[field.number] = field.codes[0]
        return gates

    @property
    def ordered(self) -> NDArray[np.bool_]:
        """Whether the categories of each column of codes have an order."""
        ordered = np.zeros(self.codes.shape[1], dtype=bool)
        for field in self.fields:
            ordered[list(field.codes)] = field.ordered
        return ordered

    def active(self, number: int) -> NDArray[np.bool_]:
        """Say in which rows a number, a column of `numeric`, counts.

        It does not where the value is missing or one of the column's point masses.
        """
        gate = self.gates[number]
        if gate < 0:
            return np.ones(len(self), dtype=bool)
        return self.codes[:, gate] == 0

    def take(self, rows: NDArray) -> Table:
        """Return some of the rows, by index or by mask."""
        return self.like(self.numeric[rows], self.codes[rows])

    def like(self, numeric: NDArray, codes: NDArray) -> Table:
        """Return other rows with the same columns."""
        return Table(
            np.asarray(numeric, dtype=np.float64),
            np.asarray(codes, dtype=np.int32),
            self.cardinalities,
            self.fields,
        )

    def empty(self, n_samples: int) -> Table:
        """Return `n_samples` rows with the same columns, to be filled in place."""
        return self.like(
            np.empty((n_samples, self.numeric.shape[1])),
            np.empty((n_samples, self.codes.shape[1]), dtype=np.int32),
        )


class TableSchema(BaseEstimator):
    """Bring a DataFrame to the normal form and back.

    Integers round; booleans, strings and categories become codes; points in time become
    numbers; a missing number becomes a code beside the number, a missing category a
    category; a number with point masses becomes a number and the code of its mass; a
    constant column is left out and put back; text that is a delimited list becomes
    indicators of its frequent members and its length.

    Parameters
    ----------
    categorical_features : "auto" or array-like, default="auto"
        Which columns are categories: by dtype ("auto": text, category and boolean
        columns), or by names, indices or a boolean mask, beside those that cannot be
        numbers.

    point_masses : bool, default=True
        Whether a number's frequent values become codes.

    Attributes
    ----------
    codecs_ : dict of name to ColumnCodec
        One for each column.

    fields_ : tuple of ColumnSpec
        Where the columns that are not constant stand in the normal form.

    dtypes_ : Series
        The dtypes of the columns.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from skgen.table import TableSchema
    >>> X = pd.DataFrame({"age": [31, 52, 47], "city": ["Rome", "Paris", "Oslo"]})
    >>> schema = TableSchema().fit(X)
    >>> table = schema.transform(X)
    >>> table.numeric.ravel()
    array([31., 52., 47.])
    >>> table.codes.ravel()
    array([2, 1, 0], dtype=int32)
    >>> schema.inverse_transform(table, random_state=np.random.RandomState(0))
       age   city
    0   31   Rome
    1   52  Paris
    2   47   Oslo
    """

    def __init__(
        self, *, categorical_features: Any = "auto", point_masses: bool = True
    ) -> None:
        self.categorical_features = categorical_features
        self.point_masses = point_masses

    def fit(self, X: pd.DataFrame, y: Any = None) -> TableSchema:
        """Learn the columns.

        Parameters
        ----------
        X : DataFrame of shape (n_samples, n_features)

        y : None
            Ignored.

        Returns
        -------
        self : TableSchema

        Raises
        ------
        ValueError
            If the table has no rows or a column twice; if a column has infinite
            values, identifies rows or holds objects that are no values; if
            `categorical_features` names what is not there.
        """
        check_unique_columns(X.columns)
        if len(X) == 0:
            raise ValueError("The table has no rows: pass at least one.")
        categorical = resolve_columns(self.categorical_features, X.columns)
        self.codecs_: dict[Hashable, ColumnCodec] = {
            name: make_codec(
                _dense(X.iloc[:, i]),
                categorical=name in categorical,
                point_masses=self.point_masses,
            )
            for i, name in enumerate(X.columns)
        }
        self.dtypes_ = X.dtypes
        self.fields_ = tuple(
            ColumnSpec(
                name,
                codec.kind,
                number.start if codec.has_number else None,
                tuple(range(codes.start, codes.stop)),
                codec.gated,
                codec.ordered,
                codec.missing,
            )
            for name, (codec, number, codes) in zip(
                self.codecs_, self._slices(), strict=True
            )
            if codec.has_number or codec.cardinalities
        )
        self._cardinalities = np.array(
            [n for codec in self.codecs_.values() for n in codec.cardinalities],
            dtype=np.intp,
        )
        return self

    def transform(self, X: pd.DataFrame) -> Table:
        """Write a DataFrame in the normal form.

        Parameters
        ----------
        X : DataFrame of shape (n_samples, n_features)
            With the columns seen in `fit`.

        Returns
        -------
        table : Table of n_samples rows

        Raises
        ------
        ValueError
            If the columns differ from those seen in `fit`, or a value has no code.
        """
        check_is_fitted(self)
        check_same_columns(self.dtypes_.index, X.columns)
        table = self.blank(len(X))
        for i, (codec, number, codes) in enumerate(self._slices()):
            block = codec.transform(_dense(X.iloc[:, i]))
            table.numeric[:, number] = block.numeric
            table.codes[:, codes] = block.codes
        return table

    def _slices(self) -> Iterator[tuple[ColumnCodec, slice, slice]]:
        """Yield each column's codec, and its slices of numbers and codes."""
        number = code = 0
        for codec in self.codecs_.values():
            numbers = slice(number, number := number + codec.has_number)
            codes = slice(code, code := code + len(codec.cardinalities))
            yield codec, numbers, codes

    def blank(self, n_samples: int) -> Table:
        """Return rows of zeros."""
        return Table(
            np.zeros((n_samples, sum(c.has_number for c in self.codecs_.values()))),
            np.zeros((n_samples, len(self._cardinalities)), dtype=np.int32),
            self._cardinalities,
            self.fields_,
        )

    def inverse_transform(
        self, table: Table, *, random_state: np.random.RandomState
    ) -> pd.DataFrame:
        """Read a DataFrame from the normal form.

        Parameters
        ----------
        table : Table of n_samples rows

        random_state : RandomState
            Draws what the normal form leaves open: the rare members of lists.

        Returns
        -------
        X : DataFrame of shape (n_samples, n_features)
            Columns, order and dtypes as seen in `fit`.
        """
        check_is_fitted(self)
        columns = []
        for (codec, number, codes), dtype in zip(
            self._slices(), self.dtypes_, strict=True
        ):
            block = Block(table.numeric[:, number], table.codes[:, codes])
            column = codec.inverse_transform(block, random_state)
            if isinstance(dtype, pd.SparseDtype):
                column = column.astype(dtype)
            columns.append(column)
        frame = pd.concat(columns, axis=1)
        frame.columns = self.dtypes_.index
        return frame


def resolve_columns(selection: Any, columns: pd.Index) -> set[Hashable]:
    """Return the names of the columns selected by names, indices or a boolean mask.

    "auto" and None select none.
    """
    if selection is None or (isinstance(selection, str) and selection == "auto"):
        return set()
    alone = isinstance(selection, str) or np.isscalar(selection)
    chosen: Sequence[Any] = [selection] if alone else list(selection)
    if chosen and all(isinstance(value, bool | np.bool_) for value in chosen):
        if len(chosen) != len(columns):
            raise ValueError(
                f"categorical_features is a mask of {len(chosen)} entries, but the "
                f"table has {len(columns)} columns: give one entry for each column."
            )
        return {name for name, flag in zip(columns, chosen, strict=True) if flag}
    # A part of a tuple or of a date is in the Index, but no name.
    known = set(columns)
    names = set()
    for value in chosen:
        if isinstance(value, Hashable) and value in known:
            names.add(value)
        elif isinstance(value, int | np.integer) and -len(columns) <= value < len(
            columns
        ):
            names.add(columns[int(value)])
        else:
            raise ValueError(
                f"categorical_features asks for {value!r}, which is no column of the "
                f"table. Its columns are {list(columns)}."
            )
    return names


def check_unique_columns(columns: pd.Index) -> None:
    """Raise if a table names a column twice."""
    if not columns.is_unique:
        twice = columns[columns.duplicated()].tolist()[0]
        raise ValueError(
            f"Column {twice!r} occurs more than once: rename it, so that every column "
            "has a name of its own."
        )


def check_same_columns(seen: pd.Index, given: pd.Index) -> None:
    """Raise unless a table has the columns seen in `fit`, in their order."""
    check_unique_columns(given)
    if seen.equals(given) or list(seen) == list(given):
        return
    missing = [name for name in seen if name not in given]
    new = [name for name in given if name not in seen]
    if missing or new:
        parts = []
        if missing:
            parts.append(f"missing {missing}")
        if new:
            parts.append(f"new {new}")
        raise ValueError(
            f"The columns changed since fit: {' and '.join(parts)}. Pass the columns "
            "seen in fit, or fit again."
        )
    at = next(i for i, name in enumerate(seen) if given[i] != name)
    raise ValueError(
        f"The columns are in another order than in fit: column {given[at]!r} stands "
        f"where {seen[at]!r} stood. Reorder them, or fit again."
    )


def _dense(column: pd.Series) -> pd.Series:
    if isinstance(column.dtype, pd.SparseDtype):
        return column.astype(column.dtype.subtype)
    return column
