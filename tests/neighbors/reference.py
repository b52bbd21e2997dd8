"""Tables, and neighbours by brute force."""

from __future__ import annotations

import numpy as np
import pandas as pd


def clouds(n_majority=150, n_minority=30, seed=0):
    """Two overlapping normal clouds in the plane, of correlated columns."""
    rng = np.random.RandomState(seed)
    X = rng.normal(size=(n_majority + n_minority, 2)) @ [[1.0, 0.8], [0.0, 0.6]]
    y = np.repeat([0, 1], [n_majority, n_minority])
    X[y == 1] += 1.2
    return X, y


def mixed(n=400, seed=0):
    """Continuous numbers and two categories that depend on them."""
    rng = np.random.RandomState(seed)
    a = rng.normal(size=n)
    b = a + rng.normal(size=n)
    city = np.array(["Bern", "Oslo", "Rome"])[
        np.digitize(a + rng.normal(size=n), [0, 1])
    ]
    flag = np.where(b + rng.normal(size=n) > 0.5, "yes", "no")
    y = np.r_[np.zeros(n - n // 4, int), np.ones(n // 4, int)]
    return pd.DataFrame({"a": a, "b": b, "city": city, "flag": flag}), y


def brute_neighbors(distances, k):
    """Nearest others by a square matrix of distances."""
    distances = distances + np.diag(np.full(len(distances), np.inf))
    return np.argsort(distances, axis=1)[:, :k]


def euclidean(X):
    return np.linalg.norm(X[:, None] - X[None], axis=2)


def segments(points, X, neighbors, rows, low, high):
    """Say which points lie at x_i + t (x_j - x_i), with i in rows and low <= t <= high.

    Returns a boolean array of shape (n_points, n_rows, n_neighbors).
    """
    start = X[rows][None, :, None]
    along = X[neighbors[rows]][None] - start
    gap = points[:, None, None] - start
    t = (gap * along).sum(-1) / (along**2).sum(-1)
    off = np.abs(gap - t[..., None] * along).max(-1)
    return (off < 1e-8) & (t >= low - 1e-9) & (t <= high + 1e-9)
