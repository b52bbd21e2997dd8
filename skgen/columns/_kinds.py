"""What a column holds: the one answer for the whole package."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
from pandas.api import types

KIND_OF_DTYPES = {
    "b": "boolean",
    "i": "integer",
    "u": "integer",
    "f": "float",
    "M": "datetime",
    "m": "timedelta",
}
KIND_OF_OBJECTS = {
    "boolean": "boolean",
    "integer": "integer",
    "floating": "float",
    "mixed-integer-float": "float",
    "datetime": "datetime",
    "datetime64": "datetime",
    "date": "date",
    "timedelta": "timedelta",
    "timedelta64": "timedelta",
    "string": "category",
    "empty": "category",
}


def infer_kind(column: pd.Series) -> str:
    """Say what a column holds.

    Parameters
    ----------
    column : Series

    Returns
    -------
    kind : {"boolean", "integer", "float", "datetime", "timedelta", "date", \
            "category", "mixed"}
        By the dtype. The kind of an object column is that of its values: "category" if
        they are text or all missing, "mixed" if their types differ, as numbers and text
        do. Nested columns of Arrow are "mixed" too.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.columns import infer_kind
    >>> infer_kind(pd.Series([1, 2])), infer_kind(pd.Series(["a", None]))
    ('integer', 'category')

    Raises
    ------
    ValueError
        If the column holds complex numbers.
    """
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return "category"
    if isinstance(dtype, pd.ArrowDtype) and dtype.type is date:
        return "date"
    is_object = types.is_object_dtype(dtype)
    found = types.infer_dtype(column, skipna=True) if is_object else dtype.kind
    if found in {"complex", "c"}:
        raise ValueError(
            f"Column {column.name!r}: complex data not supported. Pass the real and "
            "the imaginary part as two columns."
        )
    if is_object:
        return KIND_OF_OBJECTS.get(found, "mixed")
    return KIND_OF_DTYPES.get(found, "mixed" if _is_nested(dtype) else "category")


def _is_nested(dtype: Any) -> bool:
    """Say whether Arrow holds lists, structs or dictionaries, which have no order."""
    if not isinstance(dtype, pd.ArrowDtype):
        return False
    return dtype.type in (list, dict) or hasattr(dtype.pyarrow_dtype, "value_type")


def is_numeric_kind(kind: str) -> bool:
    """Say whether columns of this kind are numbers, as points in time are."""
    return kind in {"integer", "float", "datetime", "timedelta", "date"}
