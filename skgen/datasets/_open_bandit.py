"""The small sample of the Open Bandit Dataset."""

from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd
from sklearn.utils._param_validation import StrOptions

from skgen._docs import checked

from ._reading import PARAGRAPHS, pack

_CAMPAIGNS = ("all", "men", "women")
_POLICIES = ("random", "bts")
_INSTALL = "`pip install --no-deps obp==0.4.1`"
_AFFINITY = "user-item_affinity_"
_CATEGORICAL = [
    *("campaign", "policy", "item_id", "position"),
    *(f"user_feature_{i}" for i in range(4)),
    *(f"item_feature_{i}" for i in range(1, 4)),
]

_DESCR = """\
Open Bandit Dataset, small sample
---------------------------------

Impressions of fashion items recommended on ZOZOTOWN between 2019-11-24 and
2019-11-30, 10,000 for each of three campaigns ("all", "men", "women") under each
of two policies that chose the item: uniformly at random ("random") or by
Bernoulli Thompson sampling ("bts"). The target tells whether the item was clicked.

Licence: CC BY 4.0, ZOZO, Inc. Source: https://research.zozo.com/data.html

Saito, Y., Aihara, S., Matsutani, M., Narita, Y. (2021). Open Bandit Dataset and
Pipeline: Towards Realistic and Reproducible Off-Policy Evaluation. NeurIPS
Datasets and Benchmarks.
"""


def _data_dir() -> Path:
    """Return the folder of the data files in the package `obp`, without importing it.

    find_spec only locates a top-level package; importing obp needs torch.
    """
    spec = find_spec("obp")
    if spec is None:
        raise ImportError(
            "The Open Bandit sample comes with the package 'obp', which is not "
            f"installed: {_INSTALL}."
        )
    for location in spec.submodule_search_locations or ():
        path = Path(location) / "dataset" / "obd"
        if path.is_dir():
            return path
    raise ImportError(
        "The installed package 'obp' lacks the Open Bandit sample (dataset/obd); the "
        f"version that carries it is installed by {_INSTALL}."
    )


def _read_one(root: Path, campaign: str, policy: str, affinity: str) -> pd.DataFrame:
    """Read one campaign's log under one policy, with its items' features."""
    log = pd.read_csv(root / policy / campaign / f"{campaign}.csv", index_col=0)
    # Hashes are salted file by file, so that one item has other hashes under each
    # policy; the copy of the random policy serves both.
    items = pd.read_csv(root / "random" / campaign / "item_context.csv", index_col=0)

    counts = log.filter(regex=f"^{_AFFINITY}").astype("int16")
    log = log.drop(columns=counts.columns)
    frame = log.merge(items, on="item_id", how="left", validate="many_to_one")
    if affinity == "full":
        frame = pd.concat([frame, counts], axis=1)
    else:
        shown = counts.columns.get_indexer(
            pd.Index(_AFFINITY + frame["item_id"].astype(str))
        )
        frame["affinity"] = counts.to_numpy()[range(len(frame)), shown]
        frame["affinity_total"] = counts.sum(axis=1).astype("int16")

    # An item number means another item in another campaign
    frame["item_id"] = f"{campaign}-" + frame["item_id"].astype(str)
    frame["timestamp"] = pd.to_datetime(frame["timestamp"], utc=True)
    frame.insert(1, "campaign", campaign)
    frame.insert(2, "policy", policy)
    return frame


def _by_campaign_and_number(item: str) -> tuple[str, int]:
    campaign, number = item.rsplit("-", 1)
    return campaign, int(number)


@checked(
    PARAGRAPHS,
    campaign=[StrOptions(set(_CAMPAIGNS)), None],
    policy=[StrOptions(set(_POLICIES)), None],
    affinity=[StrOptions({"item", "full"})],
    return_X_y=["boolean"],
)
def load_open_bandit(
    campaign: str | None = None,
    policy: str | None = None,
    *,
    affinity: str = "item",
    return_X_y: bool = False,
) -> Any:
    """Load the small sample of the Open Bandit Dataset: real clicks on real items.

    The sample is read from the data files of the PyPI package `obp`, which is never
    imported: ``pip install --no-deps obp==0.4.1`` is enough.

    =================   =============================
    Classes             2
    Samples total       60,000 (10,000 for each file)
    Clicks              287 (0.48 %)
    Dimensionality      15 (all six files together)
    =================   =============================

    Parameters
    ----------
    campaign : {"all", "men", "women"} or None, default=None
        The campaign to load. ``"all"`` is the name of one campaign (the one that
        shows all items); ``None`` loads the three campaigns together.

    policy : {"random", "bts"} or None, default=None
        The policy that chose the items: uniformly at random, or Bernoulli Thompson
        sampling. ``None`` loads the rows of both.

    affinity : {"item", "full"}, default="item"
        The files count, for each user and each item of the campaign, the past clicks
        that indicate an affinity.

        - ``"item"``: two columns, `affinity` with the shown item and
          `affinity_total` over all items.
        - ``"full"``: the columns as in the files, `user-item_affinity_0` and so on,
          one for each item (80, 34 or 46). Items differ between campaigns, so that
          this needs one `campaign`.

    return_X_y : bool, default=False
        Whether to return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        With these attributes:

        data : DataFrame of shape (n_samples, n_features)
            The rows in order of time. `timestamp` is a datetime in UTC;
            `campaign` and `policy` are columns if several are loaded;
            `item_id` (``"men-12"``: item numbers mean other items in other
            campaigns), `position` (1, 2, 3: left, centre, right),
            `user_feature_0` to `user_feature_3` and `item_feature_1` to
            `item_feature_3` are categories; `item_feature_0` is a float; affinities
            are integers.
        target : Series of shape (n_samples,)
            `click`, 1 for an item that was clicked, else 0.
        propensity_score : Series of shape (n_samples,)
            The probability with which the policy chose the item. It is no column of
            `data`: it describes the logging policy, not the impression, and is unknown
            for items that another policy chooses.
        frame : DataFrame of shape (n_samples, n_features + 1)
            `data` and `target` together.
        <names>
    <description>

    Raises
    ------
    ImportError
        If the package `obp` is not installed or lacks the files.
    ValueError
        If a parameter has an unknown value, or if ``affinity="full"`` without a
        campaign.

    See Also
    --------
    make_clicks : Simulated impressions with known click probabilities.

    Notes
    -----
    `item_feature_1` to `item_feature_3` are hashes salted file by file. Within a
    campaign, the two policies' hashes are in one-to-one correspondence, and both get
    those of the random policy; between campaigns they cannot be compared. The hashes
    of the users' features are the same in all files.

    References
    ----------
    .. [1] Y. Saito, S. Aihara, M. Matsutani, Y. Narita, "Open Bandit Dataset and
       Pipeline: Towards Realistic and Reproducible Off-Policy Evaluation", NeurIPS
       Datasets and Benchmarks, 2021. Data: ZOZO, Inc., CC BY 4.0.

    Examples
    --------
    >>> from skgen.datasets import load_open_bandit
    >>> X, y = load_open_bandit(return_X_y=True)
    >>> X.shape, int(y.sum())
    ((60000, 15), 287)
    """
    if affinity == "full" and campaign is None:
        raise ValueError(
            "affinity='full' has one column for each item, and the items differ "
            "between campaigns: give campaign='all', 'men' or 'women', or use "
            "affinity='item'."
        )
    root = _data_dir()
    campaigns = _CAMPAIGNS if campaign is None else (campaign,)
    policies = _POLICIES if policy is None else (policy,)
    frame = pd.concat(
        [_read_one(root, c, p, affinity) for c, p in product(campaigns, policies)],
        ignore_index=True,
    ).sort_values("timestamp", kind="stable", ignore_index=True)

    frame["timestamp"] = frame["timestamp"].astype("datetime64[ns, UTC]")
    items = sorted(frame["item_id"].unique(), key=_by_campaign_and_number)
    categories = {"item_id": items, "campaign": campaigns, "policy": policies}
    for name in _CATEGORICAL:
        frame[name] = pd.Categorical(frame[name], categories=categories.get(name))
    single = [n for n, v in (("campaign", campaign), ("policy", policy)) if v]

    target = frame.pop("click")
    propensity_score = frame.pop("propensity_score")
    data = frame.drop(columns=single)
    return pack(
        data,
        target,
        return_X_y=return_X_y,
        description=_DESCR,
        propensity_score=propensity_score,
        frame=pd.concat([data, target], axis=1),
    )
