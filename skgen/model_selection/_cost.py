"""Seconds and memory of a block of code."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import psutil


@dataclass
class Cost:
    """Seconds that a block took, and megabytes that the process grew at most."""

    seconds: float = np.nan
    memory_mb: float = np.nan


@contextmanager
def watch_cost() -> Iterator[Cost]:
    """Measure a block; memory is sampled every 5 ms."""
    cost = Cost()
    process = psutil.Process()
    finished = threading.Event()
    gc.collect()
    before = process.memory_info().rss
    peak = before

    def watch() -> None:
        nonlocal peak
        while not finished.wait(0.005):
            peak = max(peak, process.memory_info().rss)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    start = time.perf_counter()
    try:
        yield cost
    finally:
        cost.seconds = time.perf_counter() - start
        finished.set()
        watcher.join()
        peak = max(peak, process.memory_info().rss)
        cost.memory_mb = (peak - before) / 1e6
