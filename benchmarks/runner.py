"""What the benchmarks share: a generator in a process of its own, and its judge."""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
from tables import TABLES

LOOK_EVERY = 0.5  # seconds between two looks at the memory of a process and its own


def make_parser(
    doc: str, generators: tuple[str, ...], *, needs_data: bool = True
) -> argparse.ArgumentParser:
    """Return a parser of the options that the benchmarks of generators share."""
    parser = argparse.ArgumentParser(description=doc.split("\n")[0])
    parser.add_argument(
        "--data", type=Path, required=needs_data, help="folder of the tables"
    )
    parser.add_argument("--peers", help="Python of the environment with the peers")
    parser.add_argument("--tables", nargs="+", default=TABLES)
    parser.add_argument("--generators", nargs="+", default=generators)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    # What a process of its own is told: the generator, its table and its seed.
    for hidden, kind in (
        ("--generate", str),
        ("--table", str),
        ("--output", Path),
        ("--seed", int),
    ):
        parser.add_argument(hidden, type=kind, help=argparse.SUPPRESS)
    return parser


def has_package(python: str, package: str) -> bool:
    """Say whether an environment has a package."""
    code = (
        "import importlib.util, sys;"
        f"sys.exit(importlib.util.find_spec({package!r}) is None)"
    )
    return subprocess.run([python, "-c", code], check=False).returncode == 0


def run_alone(python: str, script: str, **options: Any) -> tuple[dict, pd.DataFrame]:
    """Run a script that ends with `deliver`; return its costs and its rows.

    The peak memory is that of the process and of all its own, workers included.
    """
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "rows.pkl"
        command = [python, script, "--output", str(output)]
        for name, value in options.items():
            command.append(f"--{name.replace('_', '-')}")
            if value is not True:
                command.append(str(value))
        with (
            open(Path(folder) / "out", "w+") as out,
            open(Path(folder) / "error", "w+") as error,
        ):
            process = subprocess.Popen(command, stdout=out, stderr=error, text=True)
            peak = watch_memory(process)
            out.seek(0)
            error.seek(0)
            if process.returncode:
                raise SystemExit(f"{' '.join(command)} failed:\n{error.read()}")
            cost = json.loads(out.read().splitlines()[-1])
        cost["GB"] = max(peak, cost["GB"])
        return cost, pd.read_pickle(output)


def watch_memory(process: subprocess.Popen) -> float:
    """Return the most GB that a process and its own held together until it ended."""
    peak = 0
    while process.poll() is None:
        held = 0
        try:
            top = psutil.Process(process.pid)
            for each in (top, *top.children(recursive=True)):
                try:
                    full = each.memory_full_info()
                except psutil.Error:
                    continue
                # Pages that workers share count once, where the system tells them.
                held += getattr(full, "pss", full.rss)
        except psutil.Error:
            pass
        peak = max(peak, held)
        time.sleep(LOOK_EVERY)
    return peak / 1e9


def own_memory() -> float:
    """Return the GB that this process holds."""
    return psutil.Process().memory_info().rss / 1e9


def own_peak() -> float:
    """Return the most GB that this process held."""
    # On Linux, ru_maxrss begins with the memory of the process that started this one.
    status = Path("/proc/self/status")
    if status.exists():
        line = next(x for x in status.read_text().splitlines() if "VmHWM" in x)
        return int(line.split()[1]) * 1024 / 1e9
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9


def deliver(rows: pd.DataFrame, labels: Any, output: Path, **costs: float) -> None:
    """Write the rows that a generator drew; print its costs and the peak memory."""
    rows.reset_index(drop=True).assign(label=np.asarray(labels)).to_pickle(output)
    print(json.dumps({**costs, "GB": own_peak()}))


def judge(synthetic: pd.DataFrame, split: tuple, seed: int) -> dict:
    """Return the measures of synthetic rows, the label among their columns.

    `split` holds the rows to learn from, those held out, and the labels of both.
    """
    from skgen.metrics import (
        copies,
        dcr_share,
        detection,
        train_synthetic_test_real,
    )

    X, X_held, y, y_held = split
    labels = synthetic.pop("label")
    synthetic = synthetic[X.columns].astype(X.dtypes)
    real, held = X.assign(label=y), X_held.assign(label=y_held)
    made = synthetic.assign(label=labels)
    for frame in (real, held, made):
        frame["label"] = frame["label"].astype(bool)
    utility = [
        train_synthetic_test_real(X_held, rows, y_real=y_held, y_synthetic=target)
        for rows, target in ((synthetic, labels), (X, y))
    ]
    return {
        "C2ST": detection(
            held, made.sample(len(held), random_state=seed), random_state=seed
        ),
        "TSTR": utility[0],
        "of_real": utility[0] / utility[1],
        "trend_%": trend(real, made),
        "copies_%": 100 * copies(X, synthetic),
        "fresh_%": 100 * copies(X, X_held),
        "nearer": dcr_share(X, synthetic, held_out=X_held, random_state=seed),
    }


def trend(real: pd.DataFrame, synthetic: pd.DataFrame) -> float:
    """Return 100 x (1 - SDMetrics column-pair score); NaN without sdmetrics."""
    try:
        from sdmetrics.reports.single_table import QualityReport
    except ImportError:
        return float("nan")
    numeric = set(real.select_dtypes("number").columns)
    columns = {
        c: {"sdtype": "numerical" if c in numeric else "categorical"} for c in real
    }
    report = QualityReport()
    frames = [
        frame.astype(dict.fromkeys(frame.select_dtypes("category"), object))
        for frame in (real.reset_index(drop=True), synthetic.reset_index(drop=True))
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        report.generate(*frames, {"columns": columns}, verbose=False)
    scores = report.get_properties().set_index("Property")["Score"]
    return 100 * (1 - scores["Column Pair Trends"])


def print_means(results: list[dict]) -> None:
    """Print the means over the seeds, one row for each table and generator."""
    frame = pd.DataFrame(results).drop(columns="seed")
    mean = frame.groupby(["table", "generator"], sort=False).mean()
    print(mean.round(3).to_string())
