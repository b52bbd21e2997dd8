"""The mobile ads of Avazu."""

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
    Times,
    check_binary,
    find_file,
    pack,
    read_delimited,
    select_columns,
)

SOURCE = (
    "Avazu's click logs (train.gz) are at "
    "https://www.kaggle.com/c/avazu-ctr-prediction/data."
)
_HASHED = {
    *("id", "site_id", "site_domain", "site_category", "app_id", "app_domain"),
    *("app_category", "device_id", "device_ip", "device_model"),
}
COLUMNS = [
    *("id", "hour", "C1", "banner_pos", "site_id", "site_domain", "site_category"),
    *("app_id", "app_domain", "app_category", "device_id", "device_ip"),
    *("device_model", "device_type", "device_conn_type"),
    *(f"C{i}" for i in range(14, 22)),
]
_LABEL = "click"

_DESCR = """\
Avazu mobile ads
----------------

Ten days of mobile ads in October 2014, one row for each ad shown, in the order of
time. The target tells whether the ad was clicked. Both classes are subsampled by
strategies that are not told; the columns C1 and C14 to C21 are anonymous categories.

Avazu, Kaggle 2014. The files may not be redistributed; see the terms of the challenge.
"""


@validate_params(
    {"path": PATH_CONSTRAINTS, **READER_CONSTRAINTS},
    prefer_skip_nested_validation=True,
)
def read_avazu(
    path: str | os.PathLike,
    *,
    columns: Sequence[str] | None = None,
    n_rows: int | None = None,
    sample: int | float | None = None,
    max_malformed: float = 0.01,
    random_state: Any = None,
    return_X_y: bool = False,
) -> Any:
    """Read the mobile ads of Avazu's Kaggle challenge.

    Parameters
    ----------
    path : path-like
        The file `train.gz` (40.4 million rows) or `train.csv`, as it is or compressed
        (``.gz``, ``.bz2``, ``.zst``).

    columns : list of str, default=None
        The columns to read. None is all but `id`, which numbers the rows. The target is
        read in any case.

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

        data : DataFrame of shape (n_samples, 22)
            `hour` is a datetime; all others are categories, of strings where they are
            hashed and of integers elsewhere.
        target : Series of shape (n_samples,)
            `click`, 1 for an ad that was clicked, else 0.
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
        If the file lacks columns, has too many malformed lines, or labels that are not
        0 or 1.

    Warns
    -----
    UserWarning
        If lines are left out.

    See Also
    --------
    read_criteo : Display ads, with counts beside categories.

    Examples
    --------
    >>> from skgen.datasets import read_avazu
    >>> X, y = read_avazu(
    ...     "train.gz", sample=0.01, random_state=0, return_X_y=True
    ... )  # doctest: +SKIP
    """
    file = find_file(path, SOURCE)
    readers: dict[str, ColumnReader] = {_LABEL: Numbers("int8", required=True)}
    for name in select_columns(columns, COLUMNS[1:], COLUMNS):
        readers[name] = (
            Times("%y%m%d%H")
            if name == "hour"
            else Categories(integer=name not in _HASHED)
        )
    X, n_malformed = read_delimited(
        file,
        readers,
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
