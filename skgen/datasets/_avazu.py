"""The mobile ads of Avazu."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from ._column_readers import Categories, Times
from ._reading import (
    PATH,
    click_reader,
    find_file,
    pack,
    read_labelled,
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
undisclosed strategies; the columns C1 and C14 to C21 are anonymous categories.

Avazu, Kaggle 2014. The files may not be redistributed; see the terms of the challenge.
"""


@click_reader(path=PATH)
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

    <options>

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        With these attributes:

        data : DataFrame of shape (n_samples, 22)
            `hour` is a datetime; all others are categories, of strings where they are
            hashed and of integers elsewhere.
        target : Series of shape (n_samples,)
            `click`, 1 for an ad that was clicked, else 0.
        <names>
        <n_malformed>
    <description>

    <errors>

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
    X, y, n_malformed = read_labelled(
        file,
        {
            name: Categories(integer=name not in _HASHED)
            if name != "hour"
            else Times("%y%m%d%H")
            for name in select_columns(columns, COLUMNS[1:], COLUMNS)
        },
        _LABEL,
        n_rows=n_rows,
        sample=sample,
        max_malformed=max_malformed,
        random_state=random_state,
    )
    return pack(
        X, y, return_X_y=return_X_y, description=_DESCR, n_malformed=n_malformed
    )
