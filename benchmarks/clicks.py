"""Generators on click logs, judged blind to the names of ids.

    python benchmarks/clicks.py --data FOLDER
    python benchmarks/clicks.py --data FOLDER --peers .venv-peers/bin/python --seeds 0 1
    python benchmarks/clicks.py --data FOLDER --generators AutoregressiveTrees CTGAN

FOLDER holds click logs as gzip-compressed CSV files with the label `click`; without it
the simulator `make_clicks` is used. Half of the rows, at most 6,000, are learned from,
and as many others judge. One row for each table, generator and seed:

- C2ST: 5-fold AUC of XGBoost telling held-out from synthetic rows, ids coded by their
  rank of frequency in both tables together, ties at random, beside whether the id
  occurs once in its own table; `floor` is that of the training rows.
- TSTR: AUC on held-out rows of XGBoost trained on synthetic rows; `real` on real ones.
- copies: percentage of rows equal to a training row, beside that of held-out rows.
- kept: share of rows in which what ids determine in training is determined.
- once: greatest difference in the share of rows whose id occurs once; per id: mean
  total variation between the distributions of the number of rows of an id.
- CPU seconds of fit and sample.
"""

from __future__ import annotations

import argparse
import pickle
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

DEFAULT = ["AutoregressiveTrees", "GaussianCopula", "SMOTENC"]
PEERS = ["sdv.GaussianCopula", "imblearn.SMOTENC"]


def read_table(path: Path) -> tuple[pd.DataFrame, np.ndarray]:
    """Read a click log: numbers and times where all values are, text else."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    y = frame.pop("click").astype(int).to_numpy()
    for name in frame:
        present = frame[name][frame[name] != ""]
        named = any(part in str(name).lower() for part in ("id", "c1", "c2", "hour"))
        numbers = pd.to_numeric(present, errors="coerce")
        digits = present.str.fullmatch(r"-?\d+(\.\d+)?").all()
        if digits and not named and not present.str.match("0[0-9]").any():
            frame[name] = numbers.reindex(frame.index)
        elif present.str.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d").all():
            frame[name] = pd.to_datetime(frame[name])
    return frame, y


def make_table() -> tuple[pd.DataFrame, np.ndarray]:
    from skgen.datasets import make_clicks

    clicks = make_clicks(20_000, random_state=0)
    return clicks.data, np.asarray(clicks.target)


def draw(name: str, X: pd.DataFrame, y: np.ndarray, seed: int) -> tuple:
    """Fit a generator and sample as many rows; peers run in their own process."""
    if name.startswith("sdv."):
        from sdv.metadata import Metadata
        from sdv.single_table import GaussianCopulaSynthesizer

        frame = X.assign(click=y)
        metadata = Metadata.detect_from_dataframe(frame)
        synthesizer = GaussianCopulaSynthesizer(metadata)
        synthesizer.fit(frame)
        made = synthesizer.sample(len(frame))
        return made.drop(columns="click"), made["click"].to_numpy()
    if name.startswith("imblearn."):
        from imblearn.over_sampling import SMOTENC

        numeric = X.select_dtypes("number").columns
        filled = X.assign(**{c: X[c].fillna(X[c].median()) for c in numeric})
        times = filled.select_dtypes("datetime").columns
        filled = filled.assign(**{c: filled[c].astype("int64") for c in times})
        categories = [i for i, c in enumerate(X) if c not in [*numeric, *times]]
        wanted = {label: 2 * int((y == label).sum()) for label in (0, 1)}
        sampler = SMOTENC(categories, sampling_strategy=wanted, random_state=seed)
        made, labels = sampler.fit_resample(filled, y)
        made, labels = made.iloc[len(X) :].reset_index(drop=True), labels[len(X) :]
        return made.assign(**{c: pd.to_datetime(made[c]) for c in times}), labels
    import skgen

    return getattr(skgen, name)(random_state=seed).fit(X, y).sample(len(X))


def timed(name: str, X: pd.DataFrame, y: np.ndarray, seed: int) -> tuple:
    started = time.process_time()
    made, labels = draw(name, X, y, seed)
    return made, np.asarray(labels), time.process_time() - started


def run_peer(python: str, name: str, X: pd.DataFrame, y: np.ndarray, seed: int):
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder, "given"), Path(folder, "made")
        given.write_bytes(pickle.dumps((name, X, y, seed)))
        done = subprocess.run(
            [python, __file__, "--run", str(given), str(made)],
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(done.stderr.strip().splitlines()[-1])
        return pickle.loads(made.read_bytes())


def once_difference(X: pd.DataFrame, made: pd.DataFrame) -> float:
    """Return the greatest difference in the share of rows whose id occurs once."""
    found = [0.0]
    for name in X.select_dtypes(["object", "category"]):
        if X[name].nunique() > 50:
            shares = [(t[name].value_counts() == 1).sum() / len(t) for t in (X, made)]
            found.append(abs(shares[0] - shares[1]))
    return max(found)


def judge(X, y, held, y_held, made, labels, seed) -> dict[str, float]:
    from skgen.metrics import (
        blind_detection,
        copies,
        id_frequency_distance,
        rules_kept,
        train_synthetic_test_real,
    )

    n = min(len(held), len(made))
    rows = np.random.RandomState(seed).permutation(len(made))[:n]
    part = made.iloc[rows].reset_index(drop=True)

    def with_label(frame: pd.DataFrame, target: np.ndarray) -> pd.DataFrame:
        return frame.assign(click=np.asarray(target))

    return {
        "C2ST": blind_detection(
            with_label(held, y_held), with_label(part, labels[rows]), random_state=seed
        ),
        "floor": blind_detection(
            with_label(held, y_held), with_label(X, y), random_state=seed
        ),
        "TSTR": train_synthetic_test_real(
            held, made, y_real=y_held, y_synthetic=labels
        ),
        "real": train_synthetic_test_real(held, X, y_real=y_held, y_synthetic=y),
        "copies": 100 * copies(X, made),
        "of held-out": 100 * copies(X, held),
        "kept": rules_kept(X, made),
        "once": once_difference(X, made),
        "per id": id_frequency_distance(X, made),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--peers", help="a Python that has the peers")
    parser.add_argument("--generators", nargs="+", default=DEFAULT)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--rows", type=int, default=6000)
    parser.add_argument("--run", nargs=2, type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    if args.run:
        given, made = args.run
        made.write_bytes(pickle.dumps(timed(*pickle.loads(given.read_bytes()))))
        return
    tables = {"make_clicks": make_table}
    if args.data:
        paths = sorted(args.data.glob("*.csv.gz"))
        tables = {
            path.name.split(".")[0]: lambda p=path: read_table(p) for path in paths
        }
    names = [*args.generators, *(PEERS if args.peers else [])]
    printed = False
    for table, read in tables.items():
        frame, target = read()
        for seed in args.seeds:
            order = np.random.RandomState(seed).permutation(len(frame))
            n = min(args.rows, len(order) // 2)
            parts = [
                (frame.iloc[rows].reset_index(drop=True), target[rows])
                for rows in (order[:n], order[n : 2 * n])
            ]
            (X, y), (held, y_held) = parts
            for name in names:
                try:
                    if name in PEERS:
                        made, labels, seconds = run_peer(args.peers, name, X, y, seed)
                    else:
                        made, labels, seconds = timed(name, X, y, seed)
                    found = judge(X, y, held, y_held, made, labels, seed)
                except (ValueError, RuntimeError) as error:
                    print(f"{table:12}{name:22}{seed:5}  {error}"[:150], flush=True)
                    continue
                found["CPU s"] = seconds
                if not printed:
                    heads = "".join(f"{head:>12}" for head in found)
                    print(f"{'table':12}{'generator':22}{'seed':>5}{heads}")
                    printed = True
                cells = "".join(f"{value:12.3f}" for value in found.values())
                print(f"{table:12}{name:22}{seed:5}{cells}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
