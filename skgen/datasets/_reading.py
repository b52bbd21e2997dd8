"""What the readers of click files share: parameters, docstrings, labels, results."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils import Bunch
from sklearn.utils._param_validation import Interval

from skgen._docs import checked

from ._column_readers import ColumnReader, Numbers
from ._delimited import read_delimited

PATH: list = [str, os.PathLike]
OPTIONS: dict[str, list] = {
    "columns": ["array-like", None],
    "n_rows": [Interval(Integral, 1, None, closed="left"), None],
    "sample": [
        Interval(Integral, 1, None, closed="left"),
        Interval(Real, 0, 1, closed="neither"),
        None,
    ],
    "max_malformed": [Interval(Real, 0, 1, closed="both")],
    "random_state": ["random_state"],
    "return_X_y": ["boolean"],
}
PARAGRAPHS = {
    "options": """
    n_rows : int, default=None
        Number of lines to read from the start of the file; all if None.

    sample : int or float, default=None
        Rows drawn at random from those read, in the order of the file: an int is their
        number, a float the probability with which each is kept. The others take no
        memory. None keeps all.

    max_malformed : float, default=0.01
        Largest share of malformed lines in a file, in [0, 1]: lines that are not of the
        format, have too few or too many values, or a value that is not of its column's
        kind, such as the last line of an incomplete download. Up to this share, they
        are left out with a warning that counts them and shows the first.

    random_state : int, RandomState instance or None, default=None
        Draws the sample.

    return_X_y : bool, default=False
        Whether to return ``(data, target)`` instead of a Bunch.""",
    "names": """
        feature_names : list of str
            The names of the columns of `data`.
        target_names : list of str
            The names of the classes: not clicked, clicked.""",
    "n_malformed": """
        n_malformed : int
            Number of lines left out.""",
    "description": """
        DESCR : str
            The description of the data set.

    (data, target) : tuple if ``return_X_y=True``
        The two described above.""",
    "errors": """
    Raises
    ------
    FileNotFoundError
        If a file does not exist; the message says where the data set is obtained.
    ValueError
        If a file lacks columns, has too many malformed lines, or labels that are not 0
        or 1.

    Warns
    -----
    UserWarning
        If lines are left out.""",
}


def click_reader(**constraints: list) -> Callable[[Callable], Callable]:
    """Decorate a reader: check its parameters, and fill its docstring."""
    return checked(PARAGRAPHS, **constraints, **OPTIONS)


def find_file(path: Any, source: str) -> Path:
    """Return the path of a file; raise, and say where to get it, if there is none."""
    found = Path(path).expanduser()
    if not found.exists():
        raise FileNotFoundError(f"There is no file {str(found)!r}. {source}")
    if found.is_dir():
        raise IsADirectoryError(
            f"{str(found)!r} is a folder: give the path of one file in it. {source}"
        )
    return found


def select_columns(
    columns: Iterable[str] | None, default: Sequence[str], available: Sequence[str]
) -> list[str]:
    """Return the names of the columns to read, in the order of the file."""
    if columns is None:
        return list(default)
    if isinstance(columns, str):
        raise ValueError(f"columns={columns!r} is one name: give a list of names.")
    wanted = list(columns)
    unknown = [name for name in wanted if name not in available]
    if unknown:
        raise ValueError(
            f"columns names {unknown}, which the file does not have. Its columns are "
            f"{list(available)}."
        )
    return [name for name in available if name in wanted]


def read_labelled(
    path: Path, readers: Mapping[str, ColumnReader], label: str, **options: Any
) -> tuple[pd.DataFrame, pd.Series, int]:
    """Return the columns, the label of 0 or 1, and the number of malformed lines."""
    required = {label: Numbers("int8", required=True)}
    X, n_malformed = read_delimited(path, required | dict(readers), **options)
    y = X.pop(label)
    check_binary(y, label, path)
    return X, y, n_malformed


def check_binary(labels: Any, name: str, path: Path) -> None:
    """Raise if a label is not 0 or 1."""
    found = np.unique(labels)
    if not np.isin(found, [0, 1]).all():
        raise ValueError(
            f"{path}: the label column {name!r} holds {found[:5].tolist()}"
            f"{' and more' if len(found) > 5 else ''}; it has to be 0 (not clicked) or "
            "1 (clicked). Is it the file that this function reads?"
        )


def pack(
    data: Any,
    target: pd.Series,
    *,
    return_X_y: bool,
    description: str,
    target_names: Sequence[str] = ("not clicked", "clicked"),
    **more: Any,
) -> Any:
    """Return ``(data, target)`` or a Bunch, as scikit-learn's loaders do."""
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        **more,
        feature_names=list(getattr(data, "columns", [])),
        target_names=list(target_names),
        DESCR=description,
    )
