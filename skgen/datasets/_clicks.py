"""A simulator of ad impressions whose click probabilities are known."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import expit, logit
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval

from skgen._docs import checked

from ._click_population import (
    N_CLASSES,
    N_INTERESTS,
    N_SNAPSHOTS,
    RANK,
    Ads,
    Array,
    Hierarchies,
    Users,
    draw_ads,
    draw_hierarchies,
    draw_histories,
    draw_users,
)
from ._impressions import (
    N_DAYS,
    WIFI,
    Impressions,
    draw_impressions,
    draw_log_odds,
)
from ._reading import PARAGRAPHS, pack

_DESCR = """\
Simulated ad impressions
------------------------

Rows in the shape of the advertising table of the DIGIX 2022 challenge (cross-domain
click-through rate): users, devices, ads, lists of past clicks, one week of
impressions. All values are drawn at random; none is taken from that table.
"""


@checked(
    PARAGRAPHS,
    n_samples=[Interval(Integral, 1, None, closed="left")],
    n_users=[Interval(Integral, 1, None, closed="left")],
    n_ads=[Interval(Integral, 1, None, closed="left")],
    click_rate=[Interval(Real, 0, 1, closed="neither")],
    class_sep=[Interval(Real, 0, None, closed="left")],
    missing_rate=[Interval(Real, 0, 1, closed="left")],
    return_X_y=["boolean"],
    random_state=["random_state"],
)
def make_clicks(
    n_samples: int = 10_000,
    *,
    n_users: int = 3_000,
    n_ads: int = 2_000,
    click_rate: float = 0.02,
    class_sep: float = 1.2,
    missing_rate: float = 0.05,
    return_X_y: bool = False,
    random_state: int | np.random.RandomState | None = None,
) -> Any:
    r"""Simulate ad impressions with known click probabilities.

    The table has the shape of the advertising data of the DIGIX 2022 challenge [1]_:
    35 columns about users, devices, ads, places in the page, lists of what the user
    clicked and closed before, and rare clicks. All values are drawn at random.

    Parameters
    ----------
    n_samples : int, default=10_000
        Number of impressions.

    n_users : int, default=3_000
        Number of users to draw from. Few of them make most of the impressions, and
        some may make none.

    n_ads : int, default=2_000
        Number of ads to draw from. Their popularity follows Zipf's law; some may not
        be shown at all.

    click_rate : float, default=0.02
        Mean of the click probabilities, between 0 and 1 (exclusive). The share of
        clicks differs from it by chance.

    class_sep : float, default=1.2
        Standard deviation of the log-odds of a click. With 0 clicks are pure chance;
        for rare clicks, the best reachable ROC AUC is about
        :math:`\Phi(\mathtt{class\_sep} / \sqrt 2)`, 0.80 by default.

    missing_rate : float, default=0.05
        Probability that a value of `gender`, `app_score` or `u_newsCatInterestsST`
        is missing, independently of everything else. Other columns are complete.

    return_X_y : bool, default=False
        Whether to return ``(data, target)`` instead of a Bunch.

    random_state : int, RandomState instance or None, default=None
        Seed of the users, the ads and the impressions.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        With these attributes:

        data : DataFrame of shape (n_samples, 35)
            The impressions, in order of time. See Notes for the columns.
        target : Series of shape (n_samples,)
            `label`, 1 for a click, else 0.
        probability : ndarray of shape (n_samples,)
            The true probability of a click, given the row. No model can be expected
            to score better than ``roc_auc_score(target, probability)``.
        <names>
    <description>

    Raises
    ------
    ValueError
        If a parameter is out of range.

    See Also
    --------
    load_open_bandit : Real impressions and clicks.
    sklearn.datasets.make_classification : Numeric columns in clusters.

    Notes
    -----
    Columns by kind; categories are integer codes, as in the original.

    ========  =================================================================
    kind      columns
    ========  =================================================================
    category  `user_id`, `gender`, `residence`, `city`, `series_dev`,
              `series_group`, `device_name`, `net_type`, `task_id`, `adv_id`,
              `creat_type_cd`, `adv_prim_id`, `inter_type_cd`, `slot_id`,
              `site_id` (constant), `spread_app_id`, `hispace_app_tags`,
              `app_second_class`
    integer   `age` (band, 2 to 8), `city_rank` (2 to 5), `emui_dev`,
              `device_size`, `u_refreshTimes` (0 to 9),
              `u_feedLifeCycle` (0 to 17, most often 17)
    float     `app_score` (0 if not rated, else 6 to 10), `browse_duration`
              (seconds; 92 % zeros, then a lognormal tail)
    boolean   `app_installed`
    datetime  `pt_d` (one week, by the minute)
    list      `ad_click_list_v001` to `v003` (tasks, advertisers and apps that
              the user clicked), `ad_close_list_v001` to `v003` (the same,
              closed), `u_newsCatInterestsST` (classes of interest): strings
              such as ``"30157^31013"``
    ========  =================================================================

    The original has 35 columns, too. Here `label` is the target and `log_id`, which
    numbers the rows, is left out; `browse_duration` and `app_installed` are added
    for kinds that the original lacks.

    Each `city` lies in one `residence` and has one `city_rank`; each `device_name`
    is of one `series_dev`, which is of one `series_group`; and each category of
    `adv_id`, `task_id`, `adv_prim_id`, `spread_app_id`, `hispace_app_tags` belongs
    to one category of the next, the last to one `app_second_class`. All columns about
    users, but not their lists of clicked and closed ads, are functions of `user_id`,
    apart from missing values and `u_refreshTimes`.

    With user :math:`u`, ad :math:`a` of class :math:`k`, slot :math:`s` and hour
    :math:`h`, and up to scale and intercept, the log-odds of a click are

    .. math::

        \tfrac12 \theta_u^\top \phi_a + 0.4\,(\beta_u + \beta_a) + 0.7\,\sigma_s
        + 0.4 \cos \tfrac{2\pi (h - 21)}{24} + 0.2\,(\mathrm{age}_u - 5)
        + 0.3\,\gamma_{\mathrm{gender}_u, k} + 0.3\,\kappa_{\mathrm{creative}_a}
        + 0.8\,[k \in \mathrm{interests}_u] + 0.3\,[\mathrm{wifi}]
        - 0.8\,[\mathrm{installed}] + 0.6\,[\mathrm{browsed}],

    where the Greek letters are standard normal (:math:`\theta_u`, :math:`\phi_a` of
    4 dimensions; :math:`\phi_a` near the mean of its class, from which the interests
    are drawn, too). Every term is a function of the row, so that the probability is
    known if the users and the ads are. Missing values hide nothing,
    since `user_id` and `adv_id` determine them.

    References
    ----------
    .. [1] Huawei DIGIX Global AI Challenge 2022, "Advertisement - information flow
       cross-domain CTR estimation".

    Examples
    --------
    >>> from sklearn.metrics import roc_auc_score
    >>> from skgen.datasets import make_clicks
    >>> clicks = make_clicks(n_samples=20_000, random_state=0)
    >>> clicks.data.shape
    (20000, 35)
    >>> 0.75 < roc_auc_score(clicks.target, clicks.probability) < 0.85
    True
    >>> X, y = make_clicks(n_samples=500, return_X_y=True, random_state=0)
    >>> lists = X["u_newsCatInterestsST"].dropna().str.split("^")
    >>> int(lists.str.len().max())
    5
    """
    rng = check_random_state(random_state)
    interest_factors = rng.standard_normal((N_INTERESTS, RANK))
    users = draw_users(n_users, interest_factors, rng)
    ads = draw_ads(n_ads, interest_factors, rng)
    hierarchies = draw_hierarchies(rng)
    shown = draw_impressions(n_samples, users, ads, rng)
    log_odds = draw_log_odds(shown, users, ads, rng)
    probability = _calibrate(log_odds, class_sep, click_rate)
    label = (rng.random_sample(n_samples) < probability).astype(np.int64)
    return pack(
        _to_frame(
            *(shown, users, ads, hierarchies),
            _Coder(n_samples, missing_rate, rng),
        ),
        pd.Series(label, name="label"),
        return_X_y=return_X_y,
        description=_DESCR,
        probability=probability,
    )


@dataclass(frozen=True)
class _Coder:
    """Names categories by integer codes, and draws which values are missing."""

    n_samples: int
    missing_rate: float
    rng: np.random.RandomState

    def codes(self, first: int, n: int) -> Array:
        """Return `n` codes from `first`, shuffled so that they carry no information."""
        return first + self.rng.permutation(n)

    def missing(self) -> Array:
        return self.rng.random_sample(self.n_samples) < self.missing_rate

    def coded(self, values: Array, first: int) -> Any:
        return _categories(values, self.codes(first, int(values.max()) + 1))


def _to_frame(
    shown: Impressions,
    users: Users,
    ads: Ads,
    hierarchies: Hierarchies,
    coder: _Coder,
) -> pd.DataFrame:
    """Return the table, in which codes stand for users, ads and their attributes."""
    task_codes = coder.codes(10_001, int(ads.task.max()) + 1)
    advertiser_codes = coder.codes(1_001, int(ads.advertiser.max()) + 1)
    app_codes = coder.codes(101, int(ads.app.max()) + 1)
    # Interests and classes of apps share their codes, so that they can be compared.
    interest_codes = 11 + np.arange(N_INTERESTS)
    names = [task_codes[ads.task], advertiser_codes[ads.advertiser], app_codes[ads.app]]
    histories = _histories(shown, users, ads, names, coder.rng)
    interests = _join(users.interests, users.n_interests, interest_codes)[shown.user]
    interests[coder.missing()] = np.nan
    first_minute = np.datetime64("2022-06-03T00:00", "m")
    ad, ad_class = shown.ad, ads.category[shown.ad]
    return pd.DataFrame(
        {
            **_user_columns(shown.user, users, hierarchies, coder),
            "net_type": _categories(shown.network, 2 + np.arange(WIFI + 1)),
            "task_id": _categories(ads.task[ad], task_codes),
            "adv_id": _categories(ad, coder.codes(10_001, len(ads.task))),
            "creat_type_cd": coder.coded(ads.creative[ad], 2),
            "adv_prim_id": _categories(ads.advertiser[ad], advertiser_codes),
            "inter_type_cd": coder.coded(ads.interaction[ad], 3),
            "slot_id": coder.coded(shown.slot, 12),
            "site_id": _categories(np.zeros_like(ad), np.array([1])),
            "spread_app_id": _categories(ads.app[ad], app_codes),
            "hispace_app_tags": coder.coded(ads.tag[ad], 12),
            "app_second_class": _categories(ad_class, interest_codes[:N_CLASSES]),
            "app_score": np.where(coder.missing(), np.nan, ads.score[ad]),
            **histories,
            "pt_d": (first_minute + shown.minute).astype("datetime64[ns]"),
            "u_newsCatInterestsST": interests,
            "u_refreshTimes": shown.refresh.astype(np.int8),
            "u_feedLifeCycle": users.life_cycle[shown.user],
            "browse_duration": shown.duration,
            "app_installed": shown.installed,
        }
    )


def _user_columns(
    user: Array, users: Users, hierarchies: Hierarchies, coder: _Coder
) -> dict[str, Any]:
    city, device = users.city[user], users.device[user]
    series, gender = hierarchies.series[device], users.gender[user]
    return {
        "user_id": _categories(user, coder.codes(100_001, len(users.age))),
        "age": users.age[user],
        "gender": _categories(gender, 2 + np.arange(3), coder.missing()),
        "residence": coder.coded(hierarchies.residence[city], 11),
        "city": coder.coded(city, 101),
        "city_rank": hierarchies.city_rank[city].astype(np.int8),
        "series_dev": coder.coded(series, 11),
        "series_group": coder.coded(hierarchies.group[series], 2),
        "emui_dev": users.emui[user],
        "device_name": coder.coded(device, 101),
        "device_size": hierarchies.device_size[device].astype(np.int16),
    }


def _histories(
    shown: Impressions,
    users: Users,
    ads: Ads,
    names: list[Array],
    rng: np.random.RandomState,
) -> dict[str, Array]:
    """Return lists of the ads that the user clicked and closed, by three kinds of code.

    `names` are the codes of each ad's task, advertiser and app.
    """
    clicked, n_clicked, closed, n_closed = draw_histories(users, ads, rng)
    # Strings are made once for each user and snapshot; rows refer to them.
    week = N_DAYS * 24 * 60
    snapshot = shown.user * N_SNAPSHOTS + shown.minute * N_SNAPSHOTS // week
    lists = {"click": (clicked, n_clicked), "close": (closed, n_closed)}
    return {
        f"ad_{what}_list_v00{version}": _join(acted, lengths, of_ad)[snapshot]
        for what, (acted, lengths) in lists.items()
        for version, of_ad in enumerate(names, start=1)
    }


def _calibrate(log_odds: Array, class_sep: float, click_rate: float) -> Array:
    """Scale the log-odds and add the intercept that brings the mean click rate."""
    log_odds = log_odds - log_odds.mean()
    scale = log_odds.std()
    # The spread of equal log-odds is rounding error.
    log_odds *= class_sep / scale if scale > 1e-8 else 0.0
    # All probabilities are below the rate at one end and above it at the other.
    centre = logit(click_rate)
    intercept = brentq(
        lambda b: expit(log_odds + b).mean() - click_rate,
        centre - log_odds.max() - 1,
        centre - log_odds.min() + 1,
    )
    return expit(log_odds + intercept)


def _join(members: Array, lengths: Array, names: Array) -> Array:
    """One caret-separated string for each row of `members`, without repeats."""
    text = [str(name) for name in names]
    return np.array(
        [
            "^".join(dict.fromkeys(text[m] for m in row[:length]))
            for row, length in zip(members.tolist(), lengths.tolist(), strict=True)
        ],
        dtype=object,
    )


def _categories(codes: Array, names: Array, missing: Array | None = None) -> Any:
    """Name positions; the categories are the names that occur, sorted."""
    order = np.argsort(names, kind="stable")
    occurs = np.bincount(codes, minlength=len(names))[order] > 0
    position = np.empty(len(names), dtype=np.intp)
    position[order] = np.cumsum(occurs) - 1
    codes = position[codes]
    if missing is not None:
        codes[missing] = -1
    return pd.Categorical.from_codes(codes, pd.Index(names[order][occurs]))
