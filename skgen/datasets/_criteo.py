"""The display ads of Criteo."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from ._column_readers import Categories, Numbers
from ._reading import (
    PATH,
    click_reader,
    find_file,
    pack,
    read_labelled,
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
ad was clicked. Rows that were not clicked are subsampled at an undisclosed rate.

Criteo. The files may not be redistributed; see the terms of the data sets.
"""


@click_reader(path=PATH)
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

    <options>

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        With these attributes:

        data : DataFrame of shape (n_samples, 39)
            `I1` to `I13` are floats, since many are missing; `C1` to `C26` are
            categories of strings, missing where the file has none.
        target : Series of shape (n_samples,)
            `label`, 1 for an ad that was clicked, else 0.
        <names>
        <n_malformed>
    <description>

    <errors>

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
    names = [*NUMBERS, *CATEGORIES]
    X, y, n_malformed = read_labelled(
        file,
        {
            name: Numbers("float64") if name in NUMBERS else Categories()
            for name in select_columns(columns, names, names)
        },
        _LABEL,
        names=[_LABEL, *names],
        delimiter="\t",
        n_rows=n_rows,
        sample=sample,
        max_malformed=max_malformed,
        random_state=random_state,
    )
    return pack(
        X, y, return_X_y=return_X_y, description=_DESCR, n_malformed=n_malformed
    )
