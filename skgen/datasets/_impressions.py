"""Impressions of simulated click logs: who was shown which ad, when and where."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ._click_population import (
    MAX_INTERESTS,
    N_CLASSES,
    N_CREATIVES,
    N_DEVICES,
    N_INTERESTS,
    Ads,
    Array,
    Users,
    draw,
    zipf,
)

N_DAYS = 7
N_SLOTS = 55
WIFI = 5  # index of the last network type
PEAK_HOUR = 21


@dataclass(frozen=True)
class Impressions:
    """Each impression's minute, user, ad and circumstances."""

    minute: Array
    user: Array
    ad: Array
    slot: Array
    network: Array
    refresh: Array
    duration: Array
    installed: Array

    @property
    def hour(self) -> Array:
        return self.minute // 60 % 24


def draw_impressions(
    n_samples: int, users: Users, ads: Ads, rng: np.random.RandomState
) -> Impressions:
    minute = _draw_minutes(n_samples, rng)
    user = draw(users.activity, n_samples, rng)
    ad = _choose_ads(user, users, ads, rng)
    slot = _choose_slots(ads.creative[ad], rng)
    network = _choose_networks(minute // 60 % 24, users.device[user], rng)
    refresh = rng.binomial(9, users.refresh_rate[user])
    browses = 0.08 * (1 + refresh) / (1 + refresh).mean()
    duration = np.where(
        rng.random_sample(n_samples) < browses,
        np.round(rng.lognormal(4, 1, n_samples), 1),
        0.0,
    )
    installed = rng.random_sample(n_samples) < ads.app_reach[ad]
    return Impressions(minute, user, ad, slot, network, refresh, duration, installed)


def draw_log_odds(
    shown: Impressions, users: Users, ads: Ads, rng: np.random.RandomState
) -> Array:
    """Draw the effects on clicks; return the log-odds up to scale and intercept."""
    user, ad = shown.user, shown.ad
    interested = np.zeros((len(users.age), N_INTERESTS), dtype=bool)
    kept = np.arange(MAX_INTERESTS) < users.n_interests[:, None]
    interested[np.nonzero(kept)[0], users.interests[kept]] = True
    category, gender = ads.category[ad], users.gender[user]
    return (
        0.5 * np.einsum("nr,nr->n", users.taste[user], ads.factors[ad])
        + 0.4 * (users.bias[user] + ads.bias[ad])
        + 0.7 * rng.standard_normal(N_SLOTS)[shown.slot]
        + 0.4 * np.cos(2 * np.pi * (shown.hour - PEAK_HOUR) / 24)
        + 0.2 * (users.age[user] - 5)
        + 0.3 * rng.standard_normal((3, N_CLASSES))[gender, category]
        + 0.3 * rng.standard_normal(N_CREATIVES)[ads.creative[ad]]
        + 0.8 * interested[user, category]
        + 0.3 * (shown.network == WIFI)
        - 0.8 * shown.installed
        + 0.6 * (shown.duration > 0)
    )


def _draw_minutes(n_samples: int, rng: np.random.RandomState) -> Array:
    """Draw sorted minutes since the week began, few of them at night."""
    hours = np.arange(24)
    by_hour = 1.1 + np.cos(2 * np.pi * (hours - PEAK_HOUR + 4) / 24)
    hour = draw(by_hour, n_samples, rng)
    day = rng.randint(0, N_DAYS, n_samples)
    return np.sort((day * 24 + hour) * 60 + rng.randint(0, 60, n_samples))


def _choose_ads(
    user: Array, users: Users, ads: Ads, rng: np.random.RandomState
) -> Array:
    """Draw ads by popularity, overall or within one of the user's interests."""
    n_samples = len(user)
    chosen = draw(ads.popularity, n_samples, rng)
    # With ads sorted by category, one search serves all categories.
    order = np.argsort(ads.category, kind="stable")
    cumulative = np.cumsum(ads.popularity[order])
    edges = np.searchsorted(ads.category[order], np.arange(N_CLASSES + 1))
    which = (rng.random_sample(n_samples) * users.n_interests[user]).astype(np.intp)
    interest = users.interests[user, which]
    targeted = (rng.random_sample(n_samples) < 0.3) & (interest < N_CLASSES)
    category = np.where(targeted, interest, 0)
    first, end = edges[category], edges[category + 1]
    targeted &= end > first
    bounds = np.concatenate([[0.0], cumulative])
    low, high = bounds[first], bounds[end]
    uniform = low + rng.random_sample(n_samples) * (high - low)
    found = np.searchsorted(cumulative, uniform, side="right")
    found = np.clip(found, first, np.maximum(end - 1, first))
    # Rows of a category without ads stay untargeted.
    return np.where(targeted, order[np.minimum(found, len(order) - 1)], chosen)


def _choose_slots(creative: Array, rng: np.random.RandomState) -> Array:
    """Draw slots by popularity, mostly those that take the ad's type of creative."""
    popularity = zipf(N_SLOTS, 1.0, rng)
    takes = rng.random_sample((N_CREATIVES, N_SLOTS)) < 0.4
    slot = np.empty(len(creative), dtype=np.intp)
    for kind in range(N_CREATIVES):
        rows = np.flatnonzero(creative == kind)
        # Every slot keeps a small probability: a type of creative needs a slot.
        slot[rows] = draw(popularity * (takes[kind] + 0.02), len(rows), rng)
    return slot


def _choose_networks(hour: Array, device: Array, rng: np.random.RandomState) -> Array:
    """Draw network types: Wi-Fi at home, else one of five, faster on newer devices."""
    at_home = 0.5 + 0.25 * np.cos(2 * np.pi * (hour - PEAK_HOUR) / 24)
    mobile = rng.binomial(WIFI - 1, 0.3 + 0.5 * device / N_DEVICES)
    return np.where(rng.random_sample(len(hour)) < at_home, WIFI, mobile)
