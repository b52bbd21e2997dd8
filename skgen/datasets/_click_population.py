"""Users and ads of simulated click logs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

RANK = 4  # of the taste of users for ads
N_CITIES, N_DEVICES, N_SERIES = 340, 256, 26
N_CREATIVES, N_TAGS, N_CLASSES = 9, 37, 21  # of ads and their apps
N_INTERESTS = 60  # the classes of apps, and classes of news that no app has
MAX_INTERESTS, MAX_CLICKED, MAX_CLOSED = 5, 5, 2  # of a user
N_SNAPSHOTS = 2  # of a user's history, in the first and second half of the week

Array = NDArray[Any]


@dataclass(frozen=True)
class Users:
    """Attributes of each user; every array has one entry for each user."""

    activity: Array
    taste: Array
    bias: Array
    age: Array
    gender: Array
    city: Array
    device: Array
    emui: Array
    refresh_rate: Array
    life_cycle: Array
    interests: Array  # of shape (n_users, MAX_INTERESTS), the strongest first
    n_interests: Array


@dataclass(frozen=True)
class Ads:
    """Attributes of each ad, and the hierarchy ad, task, advertiser, app, tag."""

    popularity: Array
    factors: Array
    bias: Array
    creative: Array
    task: Array
    advertiser: Array
    app: Array
    tag: Array
    category: Array
    interaction: Array
    score: Array
    app_reach: Array


def zipf(n: int, exponent: float, rng: np.random.RandomState) -> Array:
    """Return the popularity of `n` categories by Zipf's law, in random order."""
    weights = np.arange(1.0, n + 1) ** -exponent
    return rng.permutation(weights / weights.sum())


def draw(weights: Array, size: Any, rng: np.random.RandomState) -> Array:
    """Draw positions with the given weights."""
    cumulative = np.cumsum(weights)
    uniform = rng.random_sample(size) * cumulative[-1]
    return np.minimum(
        np.searchsorted(cumulative, uniform, side="right"), len(weights) - 1
    )


def nest(n: int, n_parents: int, rng: np.random.RandomState) -> Array:
    """Return a parent of each of `n` categories, each parent used if `n` suffices."""
    rest = draw(zipf(n_parents, 0.7, rng), max(n - n_parents, 0), rng)
    return rng.permutation(np.concatenate([np.arange(min(n, n_parents)), rest]))


@dataclass(frozen=True)
class Hierarchies:
    """The parent of each city, device and series, and attributes of cities, devices."""

    residence: Array
    city_rank: Array
    series: Array
    group: Array
    device_size: Array


def draw_hierarchies(rng: np.random.RandomState) -> Hierarchies:
    return Hierarchies(
        residence=nest(N_CITIES, 34, rng),
        city_rank=rng.choice([2, 3, 4, 5], size=N_CITIES, p=[0.1, 0.2, 0.3, 0.4]),
        series=np.sort(nest(N_DEVICES, N_SERIES, rng)),
        group=np.sort(nest(N_SERIES, 7, rng)),
        device_size=rng.randint(1008, 2580, N_DEVICES),
    )


def draw_users(
    n_users: int, interest_factors: Array, rng: np.random.RandomState
) -> Users:
    taste = rng.standard_normal((n_users, RANK))
    age = np.clip(
        np.rint(5 + 0.7 * taste[:, 0] + rng.standard_normal(n_users)), 2, 8
    ).astype(np.int8)
    gender = (0.5 * taste[:, 1] + rng.standard_normal(n_users) > 0).astype(np.intp)
    gender[rng.random_sample(n_users) < 0.03] = 2  # undisclosed
    # Devices are numbered from the oldest to the newest; the young have newer ones
    newness = ndtr(0.4 * (5 - age) / 1.2 + 0.9 * rng.standard_normal(n_users))
    sold = np.cumsum(zipf(N_DEVICES, 0.8, rng))
    device = np.minimum(np.searchsorted(sold, newness), N_DEVICES - 1)
    emui = 11 + 26 * device / N_DEVICES + 2 * rng.standard_normal(n_users)
    # The Gumbel maxima draw interests without replacement, by softmax of the taste
    liking = taste @ interest_factors.T / 2 + rng.gumbel(size=(n_users, N_INTERESTS))
    interests = np.argsort(-liking, axis=1)[:, :MAX_INTERESTS]
    loyal = rng.random_sample(n_users) < 0.85
    return Users(
        activity=rng.lognormal(size=n_users),
        taste=taste,
        bias=rng.standard_normal(n_users),
        age=age,
        gender=gender,
        city=draw(zipf(N_CITIES, 0.8, rng), n_users, rng),
        device=device,
        emui=np.clip(np.rint(emui), 11, 37).astype(np.int8),
        refresh_rate=rng.beta(2, 2, size=n_users),
        life_cycle=np.where(loyal, 17, rng.randint(0, 17, n_users)).astype(np.int8),
        interests=interests,
        n_interests=1 + rng.binomial(MAX_INTERESTS - 1, 0.5, n_users),
    )


def draw_ads(n_ads: int, interest_factors: Array, rng: np.random.RandomState) -> Ads:
    n_tasks = max(1, round(0.9 * n_ads))
    n_advertisers = max(1, n_ads // 12)
    n_apps = max(1, n_ads // 20)
    task = nest(n_ads, n_tasks, rng)
    advertiser = nest(n_tasks, n_advertisers, rng)[task]
    app = nest(n_advertisers, n_apps, rng)[advertiser]
    tag = nest(n_apps, N_TAGS, rng)[app]
    category = nest(N_TAGS, N_CLASSES, rng)[tag]
    noise = rng.standard_normal((n_ads, RANK))
    score = np.round(6 + 4 * rng.beta(4, 2, n_apps), 1)
    score[rng.random_sample(n_apps) < 0.1] = 0.0  # not rated yet
    return Ads(
        popularity=zipf(n_ads, 1.0, rng),
        factors=0.8 * interest_factors[category] + 0.6 * noise,
        bias=rng.standard_normal(n_ads),
        creative=draw(zipf(N_CREATIVES, 1.0, rng), n_ads, rng),
        task=task,
        advertiser=advertiser,
        app=app,
        tag=tag,
        category=category,
        interaction=draw(zipf(3, 1.0, rng), n_tasks, rng)[task],
        score=score[app],
        app_reach=rng.beta(1, 6, n_apps)[app],
    )


def draw_histories(
    users: Users, ads: Ads, rng: np.random.RandomState
) -> tuple[Array, Array, Array, Array]:
    """Draw ads that each user clicked and closed, for each snapshot of the history.

    Returns clicked ads and their numbers, closed ads and their numbers.
    """
    taste = np.repeat(users.taste, N_SNAPSHOTS, axis=0)
    n = len(taste)
    seen = draw(ads.popularity, (n, 15), rng)
    liking = np.einsum("ur,ucr->uc", taste, ads.factors[seen]) + rng.gumbel(
        size=seen.shape
    )
    ranked = np.take_along_axis(seen, np.argsort(-liking, axis=1), axis=1)
    n_clicked = 1 + rng.binomial(MAX_CLICKED - 1, 0.6, n)
    n_closed = 1 + rng.binomial(MAX_CLOSED - 1, 0.2, n)
    return ranked[:, :MAX_CLICKED], n_clicked, ranked[:, ::-1], n_closed
