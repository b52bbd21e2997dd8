"""The codec for a column, chosen by what it holds."""

from __future__ import annotations

import pandas as pd
from pandas.api import types

from skgen.columns._base import ColumnCodec
from skgen.columns._category import CategoryCodec, ConstantCodec
from skgen.columns._kinds import infer_kind, is_numeric_kind
from skgen.columns._list import ListColumnCodec
from skgen.columns._number import MAX_EXACT_INTEGER, NumberCodec, to_float
from skgen.columns._time import TimeCodec
from skgen.lists import list_delimiter

# A text column with more different values than this share identifies rows.
MAX_DISTINCT_SHARE = 0.95
MIN_ROWS_FOR_IDENTIFIER = 20


def make_codec(
    column: pd.Series, *, categorical: bool = False, point_masses: bool = True
) -> ColumnCodec:
    """Return the fitted codec for a column.

    With `categorical`, its values are categories, whatever their dtype; without
    `point_masses`, frequent numbers are no codes. Raises if the column has infinite
    values, identifies rows, or holds objects that cannot be hashed.
    """
    kind = infer_kind(column)
    if kind in {"integer", "float"}:
        to_float(column)
    if kind != "mixed" and column.nunique(dropna=False) == 1:
        return ConstantCodec().fit(column)
    if is_numeric_kind(kind) and categorical:
        return CategoryCodec().fit(column)
    if kind == "integer" and _exceeds_exact(column):
        kind = "category"
    if kind in {"integer", "float"}:
        return NumberCodec(kind, point_masses=point_masses).fit(column)
    if is_numeric_kind(kind):
        return TimeCodec(kind, point_masses=point_masses).fit(column)
    if kind == "category" and not categorical:
        delimiter = list_delimiter(column)
        if delimiter is not None:
            lists = ListColumnCodec(delimiter, point_masses=point_masses)
            return lists.fit(column)
    codec = CategoryCodec(kind).fit(column)
    if codec.cardinalities == (1,):
        return ConstantCodec().fit(column)
    _check_no_identifier(column, int(codec.categories_.notna().sum()))
    return codec


def _check_no_identifier(column: pd.Series, n_categories: int) -> None:
    n_present = int(column.notna().sum())
    if (
        n_present < MIN_ROWS_FOR_IDENTIFIER
        or n_categories <= MAX_DISTINCT_SHARE * n_present
    ):
        return
    remedy = (
        "if it holds numbers or dates, convert it with pandas.to_numeric or "
        "pandas.to_datetime"
    )
    if types.is_integer_dtype(column.dtype):
        remedy = "if its size is meaningful, convert it to float"
    elif isinstance(column.dtype, pd.CategoricalDtype):
        remedy += "; if it holds delimited lists, convert it to object"
    raise ValueError(
        f"Column {column.name!r} identifies rows: {n_categories} different values in "
        f"{n_present} rows, such as {column.dropna().tolist()[0]!r}. Drop it, or, "
        f"{remedy}."
    )


def _exceeds_exact(column: pd.Series) -> bool:
    present = column.dropna()
    return max(abs(int(present.min())), abs(int(present.max()))) > MAX_EXACT_INTEGER
