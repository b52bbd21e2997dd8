"""The display ads of Criteo."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from sklearn.utils._param_validation import validate_params

from ._reading import (
    PATH_CONSTRAINTS,
    READER_CONSTRAINTS,
    Categories,
    ColumnReader,
    Numbers,
    check_binary,
    find_file,
    pack,
    read_delimited,
    select_columns,
)

SOURCE = (
    "Criteo's Display Advertising Challenge (train.txt) is at "
    "https://www.kaggle.com/c/criteo-display-ad-challenge, and the Criteo 1TB Click "
    "Logs (day_0.gz to day_23.gz) at "
    "https://ailab.criteo.com/criteo-1tb-click-logs-dataset/."
)
NUMBERS = [f"I{i}" for i in range(1, 14)]
CATEGORIES = [f"C{i}" for i in range(1, 27)]
_LABEL = "label"

_DESCR = """\
Criteo display ads
------------------

One row for each ad shown, in the order of time: 13 counts (I1 to I13) and 26 hashed
categories (C1 to C26), whose meaning is not disclosed. The target tells whether the
ad was clicked. Rows that were not clicked are subsampled at a rate that is not told.

Criteo. The files may not be redistributed; see the terms of the data sets.
"""


@validate_params(
    {"path": PATH_CONSTRAINTS, **READER_CONSTRAINTS},
    prefer_skip_nested_validation=True,
)
def read_criteo(
    path: str | os.PathLike,
    *,
    columns: Sequence[str] | None = None,
    n_rows: int | None = None,
    sample: int | float | None = None,
    max_malformed: float = 0.01,
    random_state: Any = None,
    return_X_y: bool = False,
) -> Any:
    """Read the display ads of Criteo: the Kaggle challenge or the 1TB click logs.

    Parameters
    ----------
    path : path-like
        The file `train.txt` of the challenge (45.8 million rows) or a day of the click
        logs, such as `day_0.gz`: the label and 39 values between tabs, no header.
        Compressed files (``.gz``, ``.bz2``, ``.zst``) are read as they are.

    columns : list of str, default=None
        The columns to read, of `I1` to `I13` and `C1` to `C26`; all if None. The target
        is read in any case.

    n_rows : int, default=None
        Number of lines to read from the start of the file; all if None.

    sample : int or float, default=None
        Rows drawn at random from those read, in the order of the file: an int is their
        number, a float the probability with which each is kept. The others take no
        memory. None keeps all.

    max_malformed : float, default=0.01
        Largest share of malformed lines, in [0, 1]: of those that have too few or too
        many values, or one that is not of its column's kind. Up to this share they are
        left out with a warning that counts them and shows the first.

    random_state : int, RandomState instance or None, default=None
        Draws the sample.

    return_X_y : bool, default=False
        Whether to return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        With these attributes:

        data : DataFrame of shape (n_samples, 39)
            `I1` to `I13` are floats, since many are missing; `C1` to `C26` are
            categories of strings, missing where the file has none.
        target : Series of shape (n_samples,)
            `label`, 1 for an ad that was clicked, else 0.
        feature_names : list of str
            The names of the columns of `data`.
        target_names : list of str
            The names of the classes: not clicked, clicked.
        n_malformed : int
            Number of lines left out.
        DESCR : str
            The description of the data set.

    (data, target) : tuple if ``return_X_y=True``
        The DataFrame and the Series described above.

    Raises
    ------
    FileNotFoundError
        If the file is not there; says where the data set is obtained.
    ValueError
        If the file has too many malformed lines, or labels that are not 0 or 1.

    Warns
    -----
    UserWarning
        If lines are left out.

    See Also
    --------
    read_avazu : Mobile ads, all columns of which are categories.

    Examples
    --------
    >>> from skgen.datasets import read_criteo
    >>> X, y = read_criteo(
    ...     "train.txt", n_rows=1_000_000, return_X_y=True
    ... )  # doctest: +SKIP
    """
    file = find_file(path, SOURCE)
    names = [_LABEL, *NUMBERS, *CATEGORIES]
    readers: dict[str, ColumnReader] = {_LABEL: Numbers("int8", required=True)}
    for name in select_columns(columns, names[1:], names[1:]):
        readers[name] = Numbers("float64") if name in NUMBERS else Categories()
    X, n_malformed = read_delimited(
        file,
        readers,
        names=names,
        delimiter="\t",
        n_rows=n_rows,
        sample=sample,
        max_malformed=max_malformed,
        random_state=random_state,
    )
    y = X.pop(_LABEL)
    check_binary(y, _LABEL, file)
    return pack(
        X, y, return_X_y=return_X_y, description=_DESCR, n_malformed=n_malformed
    )
