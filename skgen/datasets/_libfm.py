"""Files in the format of libFM, and the Frappe log."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from itertools import islice
from numbers import Integral
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse
from sklearn.utils._param_validation import Interval

from ._column_readers import Categories
from ._reading import (
    PATH,
    check_binary,
    click_reader,
    find_file,
    pack,
    read_labelled,
    select_columns,
)
from ._rows import SHOWN, RowFilter

_SOURCE = (
    "Files of this format are made by libFM's tools (http://www.libfm.org) and come "
    "with many papers on factorization machines."
)
_FRAPPE_SOURCE = (
    "The Frappe split of FuxiCTR and BARS (Frappe_x1: train.csv, valid.csv, test.csv) "
    "is at https://huggingface.co/datasets/reczoo/Frappe_x1, its libFM form at "
    "https://github.com/hexiangnan/neural_factorization_machine, the log itself at "
    "https://www.baltrunas.info/context-aware."
)
FRAPPE = [
    *("user", "item", "daytime", "weekday", "isweekend", "homework", "cost"),
    *("weather", "country", "city"),
]
_LABEL = "label"
_LINES = 50_000  # parsed at a time
_NUMBER = rb"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_LINE = re.compile(rb"%b(?:[ \t]+\d+:%b)*[ \t]*(?:#.*)?" % (_NUMBER, _NUMBER))

_DESCR = """\
A file in the format of libFM
-----------------------------

Rows of ``label index:value index:value ...``.
"""

_FRAPPE_DESCR = """\
Frappe
------

96,203 uses of 4,082 apps by 957 users, each with its context, and two apps drawn at
random for each of them that the user did not use there. The target tells whether the
user used the app in that context. All values are codes.

Baltrunas, L., Church, K., Karatzoglou, A., Oliver, N. (2015). Frappe: Understanding
the Usage and Perception of Mobile App Recommendations In-The-Wild. arXiv:1505.03014.
"""


class _Rows(NamedTuple):
    """Labels and entries; those of row i start at ``starts[i]``."""

    labels: NDArray[np.float64]
    starts: NDArray[np.intp]
    indices: NDArray[np.int64]
    values: NDArray[np.float64]
    n_malformed: int


@click_reader(
    path=PATH,
    fields=["array-like", None],
    n_features=[Interval(Integral, 1, None, closed="left"), None],
)
def read_libfm(
    path: str | os.PathLike,
    *,
    fields: Sequence[str] | None = None,
    n_features: int | None = None,
    n_rows: int | None = None,
    sample: int | float | None = None,
    max_malformed: float = 0.01,
    random_state: Any = None,
    return_X_y: bool = False,
) -> Any:
    r"""Read rows of ``label index:value index:value ...``, the format of libFM.

    Parameters
    ----------
    path : path-like
        The file, as it is or compressed (``.gz``, ``.bz2``, ``.zst``). What follows a
        ``#`` in a line is a comment.

    fields : list of str, default=None
        The names of the fields, if each line has one entry of each, in this order
        (other lines are malformed). `data` is then a DataFrame with a column for each
        field. None gives a sparse matrix.

    n_features : int, default=None
        Number of columns of the sparse matrix, for parts of a data set that lack some
        indices. None is one more than the largest index. Not used with `fields`.

    <options>

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        With these attributes:

        data : sparse matrix of shape (n_samples, n_features) or DataFrame
            A CSR matrix of floats, column j of which is index j of the file. With
            `fields`, a DataFrame: a field whose values are all 1 is categorical, its
            categories being the indices; one that has a single index is a number.
        target : Series of shape (n_samples,)
            The labels as in the file: integers if all of them are, else floats.
        feature_names : list of str
            The names of the fields; empty for a sparse matrix.
        target_names : list of str
            Empty: the format names no classes.
        <n_malformed>
    <description>

    Raises
    ------
    FileNotFoundError
        If the file does not exist.
    ValueError
        If the file has too many malformed lines, an index twice in a line or beyond
        `n_features`, an index that belongs to two fields, or a field of several indices
        with a value other than 1.

    Warns
    -----
    UserWarning
        If lines are left out.

    See Also
    --------
    read_frappe : The fields of the Frappe log by their names.
    sklearn.datasets.load_svmlight_file : Stricter: indices have to be sorted.

    References
    ----------
    .. [1] S. Rendle, "Factorization Machines with libFM", ACM Transactions on
       Intelligent Systems and Technology 3(3), 2012.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from skgen.datasets import read_libfm
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "train.libfm")
    ...     _ = path.write_text("1 0:1 3:1\n-1 1:1 2:1\n")
    ...     X, y = read_libfm(path, return_X_y=True)
    ...     by_field, _ = read_libfm(path, fields=["user", "item"], return_X_y=True)
    >>> X.toarray()
    array([[1., 0., 0., 1.],
           [0., 1., 1., 0.]])
    >>> by_field
      user item
    0    0    3
    1    1    2
    """
    file = find_file(path, _SOURCE)
    names = None if fields is None else _check_fields(fields)
    rows = _read_rows(
        file,
        names,
        n_rows,
        sample=sample,
        max_malformed=max_malformed,
        random_state=random_state,
    )
    labels = rows.labels
    if (labels == np.rint(labels)).all():
        labels = labels.astype(np.int64)
    return pack(
        _to_matrix(rows, n_features, file)
        if names is None
        else _to_frame(rows, names, file),
        pd.Series(labels, name=_LABEL),
        return_X_y=return_X_y,
        description=_DESCR,
        n_malformed=rows.n_malformed,
        target_names=(),
    )


@click_reader(path=PATH)
def read_frappe(
    path: str | os.PathLike,
    *,
    columns: Sequence[str] | None = None,
    n_rows: int | None = None,
    sample: int | float | None = None,
    max_malformed: float = 0.01,
    random_state: Any = None,
    return_X_y: bool = False,
) -> Any:
    """Read a part of the Frappe log of apps used: training, validation or test rows.

    Parameters
    ----------
    path : path-like
        One file of the split Frappe_x1 (202,027 rows for training, 57,722 for
        validation, 28,860 for testing), or of its libFM form, in which each line is
        ``label index:1 index:1 ...`` with an entry for each column in turn. The first
        line tells which of the two it is.

    columns : list of str, default=None
        The columns to read, of `user`, `item`, `daytime`, `weekday`, `isweekend`,
        `homework`, `cost`, `weather`, `country` and `city`; all if None. The target is
        read in any case.

    <options>

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        With these attributes:

        data : DataFrame of shape (n_samples, 10)
            Categories of integers. In both forms of the file the codes of a column
            differ from those of the others.
        target : Series of shape (n_samples,)
            `label`, 1 for an app that was used, else 0 (-1 in the libFM form).
        feature_names : list of str
            The names of the columns of `data`.
        target_names : list of str
            The names of the classes: not used, used.
        <n_malformed>
    <description>

    <errors>

    See Also
    --------
    read_libfm : Other files in the format of libFM.

    References
    ----------
    .. [1] L. Baltrunas, K. Church, A. Karatzoglou, N. Oliver, "Frappe: Understanding
       the Usage and Perception of Mobile App Recommendations In-The-Wild",
       arXiv:1505.03014, 2015.

    .. [2] W. Cheng, Y. Shen, L. Huang, "Adaptive Factorization Network: Learning
       Adaptive-Order Feature Interactions", AAAI 2020, which made the split.

    Examples
    --------
    >>> from skgen.datasets import read_frappe
    >>> X, y = read_frappe("Frappe_x1/train.csv", return_X_y=True)  # doctest: +SKIP
    """
    file = find_file(path, _FRAPPE_SOURCE)
    wanted = select_columns(columns, FRAPPE, FRAPPE)
    options = {
        "n_rows": n_rows,
        "sample": sample,
        "max_malformed": max_malformed,
        "random_state": random_state,
    }
    if _is_libfm(file):
        rows = _read_rows(file, FRAPPE, **options)
        X, n_malformed = _to_frame(rows, FRAPPE, file)[wanted], rows.n_malformed
        y = pd.Series(rows.labels, name=_LABEL).replace(-1, 0)
        check_binary(y, _LABEL, file)
    else:
        readers = {name: Categories(integer=True) for name in wanted}
        X, y, n_malformed = read_labelled(file, readers, _LABEL, **options)
    return pack(
        X,
        y.astype("int8"),
        return_X_y=return_X_y,
        description=_FRAPPE_DESCR,
        n_malformed=n_malformed,
        target_names=("not used", "used"),
    )


def _check_fields(fields: Sequence[str]) -> list[str]:
    names = list(fields)
    if not names or len(set(names)) < len(names):
        raise ValueError(
            f"fields={names} has to name each field once, in the order of the entries."
        )
    return names


def _lines(path: Path) -> Generator[bytes, None, None]:
    with (
        pa.input_stream(str(path), compression="detect") as stream,
        io.BufferedReader(stream, 1 << 20) as lines,
    ):
        yield from lines


def _is_libfm(path: Path) -> bool:
    with closing(_lines(path)) as lines:
        first = next(lines, b"").strip()
    return bool(_LINE.fullmatch(first)) and b":" in first


def _read_rows(
    path: Path, fields: list[str] | None, n_rows: int | None, **options: Any
) -> _Rows:
    """Read all rows, or a sample; `options` are those of `RowFilter`."""
    selected = RowFilter(path, **options)
    parts = [_parse([])]
    lines = islice(_good_lines(path, fields, selected), n_rows)
    while block := list(islice(lines, _LINES)):
        kept = selected.choose(len(block))
        parts.append(_parse([block[i] for i in np.flatnonzero(kept)]))
    chosen = selected.settle()
    labels, counts, indices, values = (
        np.concatenate(each) for each in zip(*parts, strict=True)
    )
    if chosen is not None:
        entries = np.repeat(chosen, counts)
        labels, counts = labels[chosen], counts[chosen]
        indices, values = indices[entries], values[entries]
    starts = np.concatenate([[0], np.cumsum(counts)])
    return _Rows(labels, starts, indices, values, selected.n_malformed)


def _good_lines(
    path: Path, fields: list[str] | None, selected: RowFilter
) -> Iterator[bytes]:
    """Yield the lines of the format, and count the others."""
    for number, line in enumerate(_lines(path), start=1):
        text = line.strip()
        if not text or text.startswith(b"#"):
            continue
        shown = repr(text[:SHOWN].decode(errors="replace"))
        if not _LINE.fullmatch(text):
            selected.reject(1, number, f"not 'label index:value ...', {shown}")
            continue
        text = text.partition(b"#")[0]
        if fields is not None and text.count(b":") != len(fields):
            what = f"{text.count(b':')} entries instead of {len(fields)}, {shown}"
            selected.reject(1, number, what)
            continue
        yield text


def _parse(lines: list[bytes]) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """Return labels, numbers of entries, indices and values."""
    counts = np.array([line.count(b":") for line in lines], dtype=np.intp)
    tokens = b" ".join(lines).replace(b":", b" ").split()
    numbers = np.array(tokens, dtype="S").astype(np.float64).reshape(-1)
    at = np.zeros(len(lines), dtype=np.intp)
    np.cumsum(2 * counts[:-1] + 1, out=at[1:])
    labels = numbers[at]
    entries = np.delete(numbers, at).reshape(-1, 2)
    return labels, counts, entries[:, 0].astype(np.int64), entries[:, 1]


def _to_matrix(rows: _Rows, n_features: int | None, path: Path) -> Any:
    n_found = int(rows.indices.max(initial=-1)) + 1
    if n_features is not None and n_found > n_features:
        raise ValueError(
            f"{path} has index {n_found - 1}, which n_features={n_features} leaves no "
            f"column for: give at least {n_found}, or None."
        )
    matrix = sparse.csr_matrix(
        (rows.values, rows.indices, rows.starts),
        shape=(len(rows.labels), n_features or max(n_found, 1)),
    )
    n_entries = matrix.nnz
    matrix.sum_duplicates()
    if matrix.nnz < n_entries:
        raise ValueError(
            f"{path} has lines that name an index twice: write each index once."
        )
    return matrix


def _to_frame(rows: _Rows, fields: list[str], path: Path) -> pd.DataFrame:
    indices = rows.indices.reshape(-1, len(fields))
    values = rows.values.reshape(-1, len(fields))
    owner: dict[int, str] = {}
    made: dict[str, Any] = {}
    for j, name in enumerate(fields):
        column = pd.Categorical(indices[:, j])
        for index in column.categories.tolist():
            if index in owner:
                raise ValueError(
                    f"{path}: index {index} is an entry of {owner[index]!r} and of "
                    f"{name!r}. The entries of a line have to stand in the order of "
                    "the fields; without fields, rows of any order are read."
                )
            owner[index] = name
        if (values[:, j] == 1).all():
            made[name] = column
        elif len(column.categories) == 1:
            made[name] = values[:, j]
        else:
            other = values[values[:, j] != 1, j][0]
            raise ValueError(
                f"{path}: field {name!r} has {len(column.categories)} indices and a "
                f"value of {other}. A category has the value 1, a number a single "
                "index; without fields, any values are read."
            )
    return pd.DataFrame(made)
