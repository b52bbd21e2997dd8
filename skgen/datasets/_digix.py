"""The advertising and feed logs of the DIGIX 2022 challenge."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ._column_readers import Categories, ColumnReader, Lists, Numbers, Times
from ._delimited import read_delimited
from ._reading import (
    PATH,
    click_reader,
    find_file,
    pack,
    read_labelled,
    select_columns,
)

SOURCE = (
    "DIGIX 2022, the files train_data_ads.csv and train_data_feeds.csv, is on Kaggle: "
    "https://www.kaggle.com/datasets/xiaojiu1414/digix-global-ai-challenge (download "
    "with `kaggle datasets download xiaojiu1414/digix-global-ai-challenge`)."
)
# 35 columns: log_id, which numbers the rows, the label, and these.
ADS = {
    "log_id": "int64",
    "user_id": "id",
    "age": "int8",
    "gender": "id",
    "residence": "id",
    "city": "id",
    "city_rank": "int8",
    "series_dev": "id",
    "series_group": "id",
    "emui_dev": "int8",
    "device_name": "id",
    "device_size": "int16",
    "net_type": "id",
    "task_id": "id",
    "adv_id": "id",
    "creat_type_cd": "id",
    "adv_prim_id": "id",
    "inter_type_cd": "id",
    "slot_id": "id",
    "site_id": "id",
    "spread_app_id": "id",
    "hispace_app_tags": "id",
    "app_second_class": "id",
    "app_score": "float64",
    "ad_click_list_v001": "list",
    "ad_click_list_v002": "list",
    "ad_click_list_v003": "list",
    "ad_close_list_v001": "list",
    "ad_close_list_v002": "list",
    "ad_close_list_v003": "list",
    "pt_d": "minute",
    "u_newsCatInterestsST": "list",
    "u_refreshTimes": "int8",
    "u_feedLifeCycle": "int8",
}
PROFILE = {
    "u_phonePrice": "int8",
    "u_browserLifeCycle": "int8",
    "u_browserMode": "int8",
    "u_feedLifeCycle": "int8",
    "u_refreshTimes": "int8",
    "u_newsCatInterests": "list",
    "u_newsCatDislike": "list",
    "u_newsCatInterestsST": "list",
    "u_click_ca2_news": "list",
}
FEEDS = {
    "u_userId": "id",
    **PROFILE,
    "i_docId": "category",
    "i_s_sourceId": "category",
    "i_regionEntity": "category",
    "i_cat": "category",
    "i_entities": "list",
    "i_dislikeTimes": "int16",
    "i_upTimes": "int16",
    "i_dtype": "category",
    "e_ch": "category",
    "e_m": "category",
    "e_po": "category",
    "e_pl": "category",
    "e_rn": "category",
    "e_section": "category",
    "e_et": "minute",
    "label": "int8",
    "cillabel": "int8",
    "pro": "int16",
}
_LABEL, _USER, _TIME = "label", "user_id", "pt_d"
_FEED_USER, _FEED_TIME = "u_userId", "e_et"
_MINUTE = "%Y%m%d%H%M"
_PREFIX = "feeds_"

_DESCR = """\
DIGIX 2022: advertisement - information flow cross-domain click-through rate
----------------------------------------------------------------------------

Impressions of ads on Huawei devices in June 2022, one row each, and what the same
users read in the news feed. The target tells whether the ad was clicked. All values
are codes.

Huawei DIGIX Global AI Challenge 2022. The files may not be redistributed; see the
terms of the challenge.
"""


def _reader(kind: str, *, required: bool = False) -> ColumnReader:
    if kind == "list":
        return Lists()
    if kind == "minute":
        return Times(_MINUTE, required=required)
    if kind in {"id", "category"}:
        return Categories(integer=kind == "id", required=required)
    return Numbers(kind, required=required)


@click_reader(ads=PATH, feeds=[*PATH, None])
def read_digix(
    ads: str | os.PathLike,
    feeds: str | os.PathLike | None = None,
    *,
    columns: Sequence[str] | None = None,
    n_rows: int | None = None,
    sample: int | float | None = None,
    max_malformed: float = 0.01,
    random_state: Any = None,
    return_X_y: bool = False,
) -> Any:
    """Read the ad impressions of DIGIX 2022, and the profiles of their users.

    Parameters
    ----------
    ads : path-like
        The file `train_data_ads.csv` (35 columns, 7.7 million rows in training), as it
        is or compressed (``.gz``, ``.bz2``, ``.zst``).

    feeds : path-like, default=None
        The file `train_data_feeds.csv` (28 columns) of what users did in the news feed.
        If given, each impression gets nine columns of its user, from the user's last
        row in the feeds **before** the impression (see Notes).

    columns : list of str, default=None
        The columns to read. None is all but `log_id`, which
        numbers the rows. The target is read in any case.

    <options>

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        With these attributes:

        data : DataFrame of shape (n_samples, n_features)
            The impressions in the order of the file, 33 columns by default and 42
            with `feeds`. Codes are categories of integers; `pt_d` is a datetime to the
            minute; the lists of clicked and closed ads and of interests are strings
            such as ``"30157^31013"`` in object columns, where equal lists are one
            object; all others are integers, floats where some are missing.
        target : Series of shape (n_samples,)
            `label`, 1 for an ad that was clicked, else 0.
        feeds : DataFrame or None
            All columns of the feeds, for
            :class:`~skgen.preprocessing.ClickAggregator`; `e_et` is a datetime.
        <names>
        <n_malformed>
    <description>

    <errors>
        If no impression has an earlier row in the feeds.

    See Also
    --------
    make_clicks : Simulated impressions in this shape, for which no file is needed.
    skgen.preprocessing.ClickAggregator : Features of users from the whole feed log.

    Notes
    -----
    The feeds hold many rows for each user, and most impressions are followed by later
    ones. These may be an effect of the impression, so that joining them would be target
    leakage: each impression is joined with the latest row of the same user that is at
    least a minute earlier, and gets missing values if there is none. The columns
    are `u_phonePrice`, `u_browserLifeCycle`, `u_browserMode`, `u_feedLifeCycle`,
    `u_refreshTimes`, `u_newsCatInterests`, `u_newsCatDislike`, `u_newsCatInterestsST`
    and `u_click_ca2_news`, each with the prefix ``feeds_``. The number of
    impressions does not change.

    References
    ----------
    .. [1] Huawei DIGIX Global AI Challenge 2022, "Advertisement - information flow
       cross-domain CTR estimation".

    Examples
    --------
    >>> from skgen.datasets import read_digix
    >>> X, y = read_digix(
    ...     "train_data_ads.csv", "train_data_feeds.csv", sample=100_000,
    ...     random_state=0, return_X_y=True,
    ... )  # doctest: +SKIP
    """
    path = find_file(ads, SOURCE)
    feeds_path = None if feeds is None else find_file(feeds, SOURCE)
    default = [name for name in ADS if name != "log_id"]
    wanted = select_columns(columns, default, list(ADS))
    joined_by = set() if feeds_path is None else {_USER, _TIME}
    X, y, n_malformed = read_labelled(
        path,
        {
            name: _reader(kind, required=name in joined_by)
            for name, kind in ADS.items()
            if name in {*wanted, *joined_by}
        },
        _LABEL,
        n_rows=n_rows,
        sample=sample,
        max_malformed=max_malformed,
        random_state=random_state,
    )
    log = None
    if feeds_path is not None:
        kinds = {_FEED_USER: FEEDS[_FEED_USER], **PROFILE, _FEED_TIME: "minute"}
        log, n_malformed_feeds = read_delimited(
            feeds_path,
            {
                name: _reader(kind, required=name in {_FEED_USER, _FEED_TIME})
                for name, kind in (kinds if return_X_y else FEEDS).items()
            },
            max_malformed=max_malformed,
        )
        n_malformed += n_malformed_feeds
        _add_profiles(X, log, feeds_path)
        X = X.drop(columns=list(joined_by.difference(wanted)))
    return pack(
        X,
        y,
        return_X_y=return_X_y,
        description=_DESCR,
        n_malformed=n_malformed,
        feeds=log,
    )


def _add_profiles(X: pd.DataFrame, log: pd.DataFrame, path: Path) -> None:
    """Add to each impression the profile in the last earlier row of its user."""
    left = pd.DataFrame(
        {"user": X[_USER].astype("int64"), "time": X[_TIME], "row": range(len(X))}
    ).sort_values("time", kind="stable")
    right = pd.DataFrame(
        {"user": log[_FEED_USER].astype("int64"), "time": log[_FEED_TIME]}
    )
    right["last"] = range(len(log))
    right = right[right["user"].isin(left["user"].unique())]
    matched = pd.merge_asof(
        left,
        right.sort_values("time", kind="stable"),
        on="time",
        by="user",
        allow_exact_matches=False,
    )
    last = matched.set_index("row")["last"].sort_index()
    if last.isna().all():
        warnings.warn(
            f"No impression has an earlier row of its user in {path}, by "
            f"{_FEED_USER!r} and {_FEED_TIME!r}: the columns from it are all missing. "
            "Are both files of the same part, training or test?",
            UserWarning,
            stacklevel=3,
        )
    # -1 is no row of the log, which makes the values missing.
    rows = last.fillna(-1).astype("int64").to_numpy()
    for name in PROFILE:
        X[_PREFIX + name] = log[name].reindex(rows).array
