"""Seconds and peak memory of the measures that search for nearest neighbours.

python benchmarks/metrics.py --rows 100000

Each line is a process of its own. The peer is scikit-learn's brute-force search on
one-hot encoded rows.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import OneHotEncoder

from skgen import metrics
from skgen._nearest import nearest
from skgen.metrics._columns import align
from skgen.metrics._places import place

N_NUMERIC = 20
# Ids of thousands of levels among columns of a few, as in click data.
N_LEVELS = [2, 2, 3, 4, 5, 6, 7, 8, 10, 10, 12, 15, 20, 30, 50, 100, 300, 1000, 5000]


def make_rows(n_rows: int, seed: int) -> pd.DataFrame:
    """Return 40 columns: 20 numbers, 19 categories and a boolean; some missing."""
    rng = np.random.RandomState(seed)
    columns: dict[str, object] = {}
    for i in range(N_NUMERIC):
        values = rng.gamma(1 + i % 4, size=n_rows)
        if i % 5 == 0:
            values[rng.uniform(size=n_rows) < 0.1] = np.nan
        columns[f"number {i}"] = values
    for i, n_levels in enumerate(N_LEVELS):
        # The frequencies of the levels fall like 1 / rank.
        shares = 1 / np.arange(1, n_levels + 1)
        codes = rng.choice(n_levels, n_rows, p=shares / shares.sum())
        columns[f"category {i}"] = pd.Categorical.from_codes(codes, range(n_levels))
    columns["boolean"] = rng.uniform(size=n_rows) < 0.3
    return pd.DataFrame(columns)


def search(real: pd.DataFrame, synthetic: pd.DataFrame) -> object:
    points = place(align(real=real, synthetic=synthetic))
    return nearest(points["real"], points["synthetic"], 2)


def peer_search(real: pd.DataFrame, synthetic: pd.DataFrame) -> object:
    numbers = [c for c in real if c.startswith("number")]
    categories = [c for c in real if c not in numbers]
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    encoder.fit(real[categories].astype(str))
    a, b = (
        np.hstack(
            [
                table[numbers].fillna(0).to_numpy() / real[numbers].max().to_numpy(),
                encoder.transform(table[categories].astype(str)) * np.sqrt(0.5),
            ]
        )
        for table in (real, synthetic)
    )
    return NearestNeighbors(n_neighbors=2, algorithm="brute").fit(a).kneighbors(b)


def measure(
    function: Callable[[pd.DataFrame, pd.DataFrame], object], n_rows: int
) -> tuple[float, float, float]:
    """Return seconds, processor seconds and peak GB."""
    real, synthetic = make_rows(n_rows, 0), make_rows(n_rows, 1)
    start, cpu = time.perf_counter(), time.process_time()
    function(real, synthetic)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    return seconds, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def alone(
    function: Callable[[pd.DataFrame, pd.DataFrame], object], n_rows: int
) -> tuple[float, float, float]:
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(measure, (function, n_rows))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--peer-rows", type=int, default=5_000)
    parser.add_argument("--curve-rows", type=int, default=10_000)
    args = parser.parse_args()
    lines = [
        ("2 nearest neighbours", search, args.rows),
        ("2 nearest neighbours", search, args.peer_rows),
        ("the same, scikit-learn, one-hot", peer_search, args.peer_rows),
        ("knn_f1", metrics.knn_f1, args.curve_rows),
        (
            "precision_recall_distance_curve",
            metrics.precision_recall_distance_curve,
            args.curve_rows,
        ),
    ]
    print(f"{'':32} {'rows':>17} {'seconds':>8} {'cpu s':>7} {'peak GB':>8}")
    for name, function, n_rows in lines:
        seconds, cpu, peak = alone(function, n_rows)
        size = f"{n_rows} x {n_rows}"
        print(f"{name:32} {size:>17} {seconds:8.1f} {cpu:7.1f} {peak:8.2f}", flush=True)


if __name__ == "__main__":
    main()
