"""CTRPreprocessor and read_digix on a million rows: seconds and peak memory.

python benchmarks/preprocessing.py --rows 1000000

Each line is a process of its own. Its peak is all the memory of that process; for the
reader, also as a multiple of the memory of the frame that it returns, after taking off
what the process held before.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from runner import own_memory, own_peak

from skgen.datasets import make_clicks, read_digix
from skgen.preprocessing import CTRPreprocessor

ENCODINGS = {
    "target": {},
    "target, sparse": {"sparse_output": True},
    "catboost": {"high_cardinality": "catboost"},
    "count": {"high_cardinality": "count"},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--encodings", nargs="*", default=["target", "target, sparse"])
    parser.add_argument("--encoding", help=argparse.SUPPRESS)
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.encoding:
        print(json.dumps(encode(args.encoding, args.rows)))
    elif args.write:
        print(json.dumps(write(args.write, args.rows)))
    elif args.read:
        print(json.dumps(read(args.read)))
    else:
        lines = [
            {"what": f"CTRPreprocessor, {name}"} | run(args.rows, "--encoding", name)
            for name in args.encodings
        ]
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder, "train_data_ads.csv"))
            size = run(args.rows, "--write", path)["MB"]
            what = {"what": f"read_digix, {size:.0f} MB"}
            lines.append(what | run(args.rows, "--read", path))
        print(pd.DataFrame(lines).round(2).fillna("").to_string(index=False))


def run(rows: int, *options: str) -> dict:
    """Return what this script prints in a process of its own."""
    command = [sys.executable, __file__, "--rows", str(rows), *options]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def encode(name: str, rows: int) -> dict:
    X, y = make_clicks(rows, return_X_y=True, random_state=0)
    preprocessor = CTRPreprocessor(random_state=0, **ENCODINGS[name])
    start = time.perf_counter()
    n_columns = preprocessor.fit_transform(X, y).shape[1]
    fitted = time.perf_counter()
    preprocessor.transform(X)
    done = time.perf_counter()
    return {
        "rows": rows,
        "columns": n_columns,
        "fit_transform s": fitted - start,
        "transform s": done - fitted,
        "s": done - start,
        "peak GB": own_peak(),
    }


def write(path: Path, rows: int) -> dict:
    """Write simulated impressions in the form of the file of the challenge."""
    X, y = make_clicks(rows, return_X_y=True, random_state=0)
    X = X.drop(columns=["browse_duration", "app_installed"])
    X["pt_d"] = X["pt_d"].dt.strftime("%Y%m%d%H%M")
    X.insert(0, "log_id", np.arange(rows) + 100_000)
    X.insert(1, "label", y)
    X.to_csv(path, index=False)
    return {"MB": path.stat().st_size / 1e6}


def read(path: Path) -> dict:
    before = own_memory()
    start = time.perf_counter()
    X, _ = read_digix(path, return_X_y=True)
    seconds = time.perf_counter() - start
    frame = sum(memory(X[name]) for name in X) / 1e9
    return {
        "rows": len(X),
        "columns": X.shape[1],
        "s": seconds,
        "peak GB": own_peak(),
        "frame GB": frame,
        "peak / frame": (own_peak() - before) / frame,
    }


def memory(column: pd.Series) -> int:
    """Return the bytes of a column; a text that many rows share counts once."""
    if column.dtype != object:
        return column.memory_usage(index=False, deep=True)
    return column.memory_usage(index=False) + sum(map(sys.getsizeof, column.unique()))


if __name__ == "__main__":
    main()
