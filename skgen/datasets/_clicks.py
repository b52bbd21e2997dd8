"""A simulator of ad impressions whose click probabilities are known."""

from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, logit, ndtr
from sklearn.utils import Bunch, check_random_state
from sklearn.utils._param_validation import Interval, validate_params

_RANK = 4  # of the taste of users for ads
_N_RESIDENCES, _N_CITIES = 34, 340
_N_GROUPS, _N_SERIES, _N_DEVICES = 7, 26, 256
_N_SLOTS, _N_CREATIVES, _N_INTERACTIONS = 55, 9, 3
_N_TAGS, _N_CLASSES = 37, 21
_N_INTERESTS = 60  # the classes of apps, and classes of news that no app has
_MAX_INTERESTS, _MAX_CLICKED, _MAX_CLOSED = 5, 5, 2
_N_SNAPSHOTS = 2  # of a user's history, in the first and second half of the week
_FIRST_MINUTE = np.datetime64("2022-06-03T00:00", "m")
_N_DAYS = 7
_TARGETED = 0.3  # share of impressions chosen by the user's interests
_ZERO_DURATION = 0.92
_WIFI = 5  # index of the last network type
_PEAK_HOUR = 21

_Array = NDArray[Any]

_DESCR = """\
Simulated ad impressions
------------------------

Rows in the shape of the advertising table of the DIGIX 2022 challenge (cross-domain
click-through rate): users, devices, ads, lists of past clicks, one week of
impressions. All values are drawn at random; none is taken from that table.
"""


@dataclass(frozen=True)
class _Users:
    """What is known of each user; every array has one entry for each user."""

    activity: _Array
    taste: _Array
    bias: _Array
    age: _Array
    gender: _Array
    city: _Array
    device: _Array
    emui: _Array
    refresh_rate: _Array
    life_cycle: _Array
    interests: _Array  # of shape (n_users, _MAX_INTERESTS), the strongest first
    n_interests: _Array


@dataclass(frozen=True)
class _Ads:
    """What is known of each ad, and the chain ad - task - advertiser - app - tag."""

    popularity: _Array
    factors: _Array
    bias: _Array
    creative: _Array
    task: _Array
    advertiser: _Array
    app: _Array
    tag: _Array
    category: _Array
    interaction: _Array
    score: _Array
    app_reach: _Array


def _zipf(n: int, exponent: float, rng: np.random.RandomState) -> _Array:
    """Popularity of `n` levels by Zipf's law, in random order."""
    weights = np.arange(1.0, n + 1) ** -exponent
    return rng.permutation(weights / weights.sum())


def _draw(weights: _Array, size: Any, rng: np.random.RandomState) -> _Array:
    """Draw levels with the given weights."""
    cumulative = np.cumsum(weights)
    uniform = rng.random_sample(size) * cumulative[-1]
    return np.minimum(
        np.searchsorted(cumulative, uniform, side="right"), len(weights) - 1
    )


def _nest(n: int, n_parents: int, rng: np.random.RandomState) -> _Array:
    """Give each of `n` levels one parent; each parent has a child while they last."""
    rest = _draw(_zipf(n_parents, 0.7, rng), max(n - n_parents, 0), rng)
    return rng.permutation(np.concatenate([np.arange(min(n, n_parents)), rest]))


def _draw_users(
    n_users: int, interest_factors: _Array, rng: np.random.RandomState
) -> _Users:
    taste = rng.standard_normal((n_users, _RANK))
    age = np.clip(
        np.rint(5 + 0.7 * taste[:, 0] + rng.standard_normal(n_users)), 2, 8
    ).astype(np.int8)
    gender = (0.5 * taste[:, 1] + rng.standard_normal(n_users) > 0).astype(np.intp)
    gender[rng.random_sample(n_users) < 0.03] = 2  # undisclosed
    # Devices are numbered from the oldest to the newest; the young have newer ones
    newness = ndtr(0.4 * (5 - age) / 1.2 + 0.9 * rng.standard_normal(n_users))
    sold = np.cumsum(_zipf(_N_DEVICES, 0.8, rng))
    device = np.minimum(np.searchsorted(sold, newness), _N_DEVICES - 1)
    emui = 11 + 26 * device / _N_DEVICES + 2 * rng.standard_normal(n_users)
    # The Gumbel maxima draw interests without replacement, by softmax of the taste
    liking = taste @ interest_factors.T / 2 + rng.gumbel(size=(n_users, _N_INTERESTS))
    interests = np.argsort(-liking, axis=1)[:, :_MAX_INTERESTS]
    loyal = rng.random_sample(n_users) < 0.85
    return _Users(
        activity=rng.lognormal(size=n_users),
        taste=taste,
        bias=rng.standard_normal(n_users),
        age=age,
        gender=gender,
        city=_draw(_zipf(_N_CITIES, 0.8, rng), n_users, rng),
        device=device,
        emui=np.clip(np.rint(emui), 11, 37).astype(np.int8),
        refresh_rate=rng.beta(2, 2, size=n_users),
        life_cycle=np.where(loyal, 17, rng.randint(0, 17, n_users)).astype(np.int8),
        interests=interests,
        n_interests=1 + rng.binomial(_MAX_INTERESTS - 1, 0.5, n_users),
    )


def _draw_ads(n_ads: int, interest_factors: _Array, rng: np.random.RandomState) -> _Ads:
    n_tasks = max(1, round(0.9 * n_ads))
    n_advertisers = max(1, n_ads // 12)
    n_apps = max(1, n_ads // 20)
    task = _nest(n_ads, n_tasks, rng)
    advertiser = _nest(n_tasks, n_advertisers, rng)[task]
    app = _nest(n_advertisers, n_apps, rng)[advertiser]
    tag = _nest(n_apps, _N_TAGS, rng)[app]
    category = _nest(_N_TAGS, _N_CLASSES, rng)[tag]
    noise = rng.standard_normal((n_ads, _RANK))
    score = np.round(6 + 4 * rng.beta(4, 2, n_apps), 1)
    score[rng.random_sample(n_apps) < 0.1] = 0.0  # not rated yet
    return _Ads(
        popularity=_zipf(n_ads, 1.0, rng),
        factors=0.8 * interest_factors[category] + 0.6 * noise,
        bias=rng.standard_normal(n_ads),
        creative=_draw(_zipf(_N_CREATIVES, 1.0, rng), n_ads, rng),
        task=task,
        advertiser=advertiser,
        app=app,
        tag=tag,
        category=category,
        interaction=_draw(_zipf(_N_INTERACTIONS, 1.0, rng), n_tasks, rng)[task],
        score=score[app],
        app_reach=rng.beta(1, 6, n_apps)[app],
    )


def _draw_minutes(n_samples: int, rng: np.random.RandomState) -> _Array:
    """Minutes since the week began, in order, few of them at night."""
    hours = np.arange(24)
    by_hour = 1.1 + np.cos(2 * np.pi * (hours - _PEAK_HOUR + 4) / 24)
    hour = _draw(by_hour, n_samples, rng)
    day = rng.randint(0, _N_DAYS, n_samples)
    return np.sort((day * 24 + hour) * 60 + rng.randint(0, 60, n_samples))


def _choose_ads(
    user: _Array, users: _Users, ads: _Ads, rng: np.random.RandomState
) -> _Array:
    """Ads by popularity alone, or by popularity within one of the user's interests."""
    n_samples = len(user)
    chosen = _draw(ads.popularity, n_samples, rng)
    # Ads of one category lie side by side, so that one search serves all categories
    order = np.argsort(ads.category, kind="stable")
    cumulative = np.cumsum(ads.popularity[order])
    edges = np.searchsorted(ads.category[order], np.arange(_N_CLASSES + 1))
    which = (rng.random_sample(n_samples) * users.n_interests[user]).astype(np.intp)
    interest = users.interests[user, which]
    targeted = (rng.random_sample(n_samples) < _TARGETED) & (interest < _N_CLASSES)
    category = np.where(targeted, interest, 0)
    first, end = edges[category], edges[category + 1]
    targeted &= end > first
    bounds = np.concatenate([[0.0], cumulative])
    low, high = bounds[first], bounds[end]
    uniform = low + rng.random_sample(n_samples) * (high - low)
    found = np.searchsorted(cumulative, uniform, side="right")
    found = np.clip(found, first, np.maximum(end - 1, first))
    # An empty category has no ad to clip to; its rows stay untargeted
    return np.where(targeted, order[np.minimum(found, len(order) - 1)], chosen)


def _choose_slots(creative: _Array, rng: np.random.RandomState) -> _Array:
    """Slots by popularity, among those that take the ad's type of creative."""
    popularity = _zipf(_N_SLOTS, 1.0, rng)
    takes = rng.random_sample((_N_CREATIVES, _N_SLOTS)) < 0.4
    slot = np.empty(len(creative), dtype=np.intp)
    for kind in range(_N_CREATIVES):
        rows = np.flatnonzero(creative == kind)
        # A slot that takes everything is rare, one that takes nothing does not exist
        slot[rows] = _draw(popularity * (takes[kind] + 0.02), len(rows), rng)
    return slot


def _choose_networks(
    hour: _Array, device: _Array, rng: np.random.RandomState
) -> _Array:
    """Network types: Wi-Fi at home, else one of five others, faster if newer."""
    at_home = 0.5 + 0.25 * np.cos(2 * np.pi * (hour - _PEAK_HOUR) / 24)
    mobile = rng.binomial(_WIFI - 1, 0.3 + 0.5 * device / _N_DEVICES)
    return np.where(rng.random_sample(len(hour)) < at_home, _WIFI, mobile)


def _join(members: _Array, lengths: _Array, names: _Array) -> _Array:
    """One caret-separated string for each row of `members`, without repeats."""
    text = [str(name) for name in names]
    return np.array(
        [
            "^".join(dict.fromkeys(text[m] for m in row[:length]))
            for row, length in zip(members.tolist(), lengths.tolist(), strict=True)
        ],
        dtype=object,
    )


def _draw_histories(
    users: _Users, ads: _Ads, rng: np.random.RandomState
) -> tuple[_Array, _Array, _Array, _Array]:
    """Ads that each user clicked and closed, for each snapshot of the history."""
    taste = np.repeat(users.taste, _N_SNAPSHOTS, axis=0)
    n = len(taste)
    seen = _draw(ads.popularity, (n, 15), rng)
    liking = np.einsum("ur,ucr->uc", taste, ads.factors[seen]) + rng.gumbel(
        size=seen.shape
    )
    ranked = np.take_along_axis(seen, np.argsort(-liking, axis=1), axis=1)
    n_clicked = 1 + rng.binomial(_MAX_CLICKED - 1, 0.6, n)
    n_closed = 1 + rng.binomial(_MAX_CLOSED - 1, 0.2, n)
    return ranked[:, :_MAX_CLICKED], n_clicked, ranked[:, ::-1], n_closed


def _categories(codes: _Array, names: _Array, missing: _Array | None = None) -> Any:
    """Give codes their names as a category that has the levels that occur."""
    order = np.argsort(names, kind="stable")
    occurs = np.bincount(codes, minlength=len(names))[order] > 0
    position = np.empty(len(names), dtype=np.intp)
    position[order] = np.cumsum(occurs) - 1
    codes = position[codes]
    if missing is not None:
        codes[missing] = -1
    return pd.Categorical.from_codes(codes, pd.Index(names[order][occurs]))


def _calibrate(log_odds: _Array, class_sep: float, click_rate: float) -> _Array:
    """Scale the log-odds and add the intercept that brings the mean click rate."""
    log_odds = log_odds - log_odds.mean()
    scale = log_odds.std()
    # Equal odds leave nothing to scale, only rounding errors
    log_odds *= class_sep / scale if scale > 1e-8 else 0.0
    # All probabilities lie below the rate at one end and above it at the other
    centre = logit(click_rate)
    intercept = brentq(
        lambda b: expit(log_odds + b).mean() - click_rate,
        centre - log_odds.max() - 1,
        centre - log_odds.min() + 1,
    )
    return expit(log_odds + intercept)


@validate_params(
    {
        "n_samples": [Interval(Integral, 1, None, closed="left")],
        "n_users": [Interval(Integral, 1, None, closed="left")],
        "n_ads": [Interval(Integral, 1, None, closed="left")],
        "click_rate": [Interval(Real, 0, 1, closed="neither")],
        "class_sep": [Interval(Real, 0, None, closed="left")],
        "missing_rate": [Interval(Real, 0, 1, closed="left")],
        "return_X_y": ["boolean"],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
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
        Number of users to draw from. Few of them bring most of the impressions, and
        some may bring none.

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
        feature_names : list of str
            The names of the columns of `data`.
        target_names : list of str
            The names of the classes: not clicked, clicked.
        DESCR : str
            The description of the data set.

    (data, target) : tuple if ``return_X_y=True``
        The DataFrame and the Series described above.

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
    Columns by kind; levels are integer codes, as in the original.

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
    is of one `series_dev`, which is of one `series_group`; and each level of
    `adv_id`, `task_id`, `adv_prim_id`, `spread_app_id`, `hispace_app_tags` belongs
    to one level of the next, the last to one `app_second_class`. All columns about
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
    known to whoever knows the users and the ads. Missing values hide nothing:
    `user_id` and `adv_id` tell what was there.

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

    interest_factors = rng.standard_normal((_N_INTERESTS, _RANK))
    users = _draw_users(n_users, interest_factors, rng)
    ads = _draw_ads(n_ads, interest_factors, rng)
    city_residence = _nest(_N_CITIES, _N_RESIDENCES, rng)
    city_rank = rng.choice([2, 3, 4, 5], size=_N_CITIES, p=[0.1, 0.2, 0.3, 0.4])
    device_series = np.sort(_nest(_N_DEVICES, _N_SERIES, rng))
    series_group = np.sort(_nest(_N_SERIES, _N_GROUPS, rng))
    device_size = rng.randint(1008, 2580, _N_DEVICES)

    minute = _draw_minutes(n_samples, rng)
    hour = minute // 60 % 24
    user = _draw(users.activity, n_samples, rng)
    ad = _choose_ads(user, users, ads, rng)
    slot = _choose_slots(ads.creative[ad], rng)
    network = _choose_networks(hour, users.device[user], rng)
    refresh = rng.binomial(9, users.refresh_rate[user])
    browses = (1 - _ZERO_DURATION) * (1 + refresh) / (1 + refresh).mean()
    duration = np.where(
        rng.random_sample(n_samples) < browses,
        np.round(rng.lognormal(4, 1, n_samples), 1),
        0.0,
    )
    installed = rng.random_sample(n_samples) < ads.app_reach[ad]

    interested = np.zeros((n_users, _N_INTERESTS), dtype=bool)
    kept = np.arange(_MAX_INTERESTS) < users.n_interests[:, None]
    interested[np.nonzero(kept)[0], users.interests[kept]] = True
    category, gender = ads.category[ad], users.gender[user]
    log_odds = (
        0.5 * np.einsum("nr,nr->n", users.taste[user], ads.factors[ad])
        + 0.4 * (users.bias[user] + ads.bias[ad])
        + 0.7 * rng.standard_normal(_N_SLOTS)[slot]
        + 0.4 * np.cos(2 * np.pi * (hour - _PEAK_HOUR) / 24)
        + 0.2 * (users.age[user] - 5)
        + 0.3 * rng.standard_normal((3, _N_CLASSES))[gender, category]
        + 0.3 * rng.standard_normal(_N_CREATIVES)[ads.creative[ad]]
        + 0.8 * interested[user, category]
        + 0.3 * (network == _WIFI)
        - 0.8 * installed
        + 0.6 * (duration > 0)
    )
    probability = _calibrate(log_odds, class_sep, click_rate)
    label = (rng.random_sample(n_samples) < probability).astype(np.int64)

    def codes(first: int, n: int) -> _Array:
        # Shuffled, so that a code tells neither popularity nor its parent
        return first + rng.permutation(n)

    def missing() -> _Array:
        return rng.random_sample(n_samples) < missing_rate

    def one_of(levels: _Array, first: int, gone: _Array | None = None) -> Any:
        return _categories(levels, codes(first, int(levels.max()) + 1), gone)

    task_codes = codes(10_001, int(ads.task.max()) + 1)
    advertiser_codes = codes(1_001, int(ads.advertiser.max()) + 1)
    app_codes = codes(101, int(ads.app.max()) + 1)
    # Interests and classes of apps share their codes, so that they can be compared
    interest_codes = 11 + np.arange(_N_INTERESTS)

    # Strings are made once for each user and snapshot; rows only point at them
    clicked, n_clicked, closed, n_closed = _draw_histories(users, ads, rng)
    snapshot = user * _N_SNAPSHOTS + minute * _N_SNAPSHOTS // (_N_DAYS * 24 * 60)
    histories = {
        f"ad_{what}_list_v00{version}": _join(of[acted], lengths, names)[snapshot]
        for what, acted, lengths in (
            ("click", clicked, n_clicked),
            ("close", closed, n_closed),
        )
        for version, (of, names) in enumerate(
            (
                (ads.task, task_codes),
                (ads.advertiser, advertiser_codes),
                (ads.app, app_codes),
            ),
            start=1,
        )
    }
    interests = _join(users.interests, users.n_interests, interest_codes)[user]
    interests[missing()] = np.nan

    city, device = users.city[user], users.device[user]
    series = device_series[device]
    data = pd.DataFrame(
        {
            "user_id": _categories(user, codes(100_001, n_users)),
            "age": users.age[user],
            "gender": _categories(gender, 2 + np.arange(3), missing()),
            "residence": one_of(city_residence[city], 11),
            "city": one_of(city, 101),
            "city_rank": city_rank[city].astype(np.int8),
            "series_dev": one_of(series, 11),
            "series_group": one_of(series_group[series], 2),
            "emui_dev": users.emui[user],
            "device_name": one_of(device, 101),
            "device_size": device_size[device].astype(np.int16),
            "net_type": _categories(network, 2 + np.arange(_WIFI + 1)),
            "task_id": _categories(ads.task[ad], task_codes),
            "adv_id": _categories(ad, codes(10_001, n_ads)),
            "creat_type_cd": one_of(ads.creative[ad], 2),
            "adv_prim_id": _categories(ads.advertiser[ad], advertiser_codes),
            "inter_type_cd": one_of(ads.interaction[ad], 3),
            "slot_id": one_of(slot, 12),
            "site_id": _categories(np.zeros_like(user), np.array([1])),
            "spread_app_id": _categories(ads.app[ad], app_codes),
            "hispace_app_tags": one_of(ads.tag[ad], 12),
            "app_second_class": _categories(category, interest_codes[:_N_CLASSES]),
            "app_score": np.where(missing(), np.nan, ads.score[ad]),
            **histories,
            "pt_d": (_FIRST_MINUTE + minute).astype("datetime64[ns]"),
            "u_newsCatInterestsST": interests,
            "u_refreshTimes": refresh.astype(np.int8),
            "u_feedLifeCycle": users.life_cycle[user],
            "browse_duration": duration,
            "app_installed": installed,
        }
    )
    target = pd.Series(label, name="label")
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        probability=probability,
        feature_names=list(data.columns),
        target_names=["not clicked", "clicked"],
        DESCR=_DESCR,
    )
