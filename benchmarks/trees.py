"""AutoregressiveTrees against its peers, on three real tables.

Each generator learns 75 % of the rows in a process of its own and draws as many rows as
it learned from; the other 25 % judge:

- C2ST: 5-fold AUC of XGBoost telling held-out rows from as many synthetic ones;
- TSTR: ROC AUC on held-out rows of XGBoost trained on synthetic rows, and its ratio to
  that of XGBoost trained on real rows;
- trend: 100 x (1 - SDMetrics column-pair score) against the rows learned from;
- copies: share of synthetic rows that equal a training row, and beside it the share of
  held-out rows that do;
- nearer: share of synthetic rows nearer to training than to held-out rows.

Peers run in the environment that ``make peers`` builds:

    python benchmarks/trees.py --data FOLDER --peers .venv-peers/bin/python
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from tables import TABLES, split_table

GENERATORS = ("skgen.AutoregressiveTrees", "skgen.GaussianCopula", "skgen.SMOTENC")
PEERS = ("imblearn.SMOTENC", "sdv.GaussianCopula")


def generate(args: argparse.Namespace) -> None:
    """Fit one generator, write its rows, print seconds and peak memory."""
    import resource
    import time

    X, _, y, _ = split_table(args.table, args.data, args.seed)
    package, name = args.generate.split(".")
    n_rows = len(X)
    if package == "skgen":
        import skgen

        generator = getattr(skgen, name)(random_state=args.seed)
        start = time.perf_counter()
        generator.fit(X, y)
        fitted = time.perf_counter()
        rows, labels = generator.sample(n_rows)
    elif package == "imblearn":
        from imblearn.over_sampling import SMOTENC

        categorical = X.select_dtypes(exclude="number").columns.tolist()
        counts = y.value_counts()
        start = fitted = time.perf_counter()
        wanted = {label: 2 * count for label, count in counts.items()}
        smote = SMOTENC(categorical, sampling_strategy=wanted, random_state=args.seed)
        rows, labels = smote.fit_resample(X, y)
        rows, labels = rows.iloc[n_rows:], labels.iloc[n_rows:]
    else:
        from sdv.metadata import Metadata
        from sdv.single_table import GaussianCopulaSynthesizer

        frame = X.assign(label=y.astype(str))
        frame = frame.astype(dict.fromkeys(frame.select_dtypes("category"), object))
        numeric = set(frame.select_dtypes("number").columns)
        sdtype = {
            c: {"sdtype": "numerical" if c in numeric else "categorical"} for c in frame
        }
        metadata = Metadata.load_from_dict(
            {"tables": {"table": {"columns": sdtype}}, "relationships": []}
        )
        synthesizer = GaussianCopulaSynthesizer(metadata)
        start = time.perf_counter()
        synthesizer.fit({"table": frame})
        fitted = time.perf_counter()
        rows = synthesizer.sample(n_rows)
        rows = rows["table"] if isinstance(rows, dict) else rows
        labels = rows.pop("label").astype(int)
    done = time.perf_counter()
    rows.reset_index(drop=True).assign(label=np.asarray(labels)).to_pickle(args.output)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps({"fit_s": fitted - start, "sample_s": done - fitted, "GB": peak}))


def judge(synthetic: pd.DataFrame, table: str, data: Path, seed: int) -> dict:
    """Return the measures of synthetic rows, the label among their columns."""
    from skgen.metrics import (
        copies,
        dcr_share,
        detection,
        train_synthetic_test_real,
    )

    X, X_held, y, y_held = split_table(table, data, seed)
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
    result = {
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
    return result


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--peers", help="Python of the environment with the peers")
    parser.add_argument("--tables", nargs="+", default=TABLES)
    parser.add_argument("--generators", nargs="+", default=GENERATORS)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    for hidden in ("--generate", "--table", "--output", "--seed"):
        kind = int if hidden == "--seed" else str
        parser.add_argument(hidden, type=kind, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.generate:
        generate(args)
        return
    runs = [(sys.executable, name) for name in args.generators]
    if args.peers:
        runs += [(args.peers, name) for name in PEERS]
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for table in args.tables:
            for seed in args.seeds:
                for python, name in runs:
                    output = Path(folder) / "rows.pkl"
                    command = [python, __file__, "--data", str(args.data)]
                    command += ["--generate", name, "--table", table]
                    command += ["--seed", str(seed), "--output", str(output)]
                    done = subprocess.run(command, capture_output=True, text=True)
                    if done.returncode:
                        raise SystemExit(f"{name} on {table} failed:\n{done.stderr}")
                    cost = json.loads(done.stdout.splitlines()[-1])
                    rows = pd.read_pickle(output)
                    measures = judge(rows, table, args.data, seed)
                    key = {"table": table, "generator": name, "seed": seed}
                    results.append(key | cost | measures)
                    print(results[-1], file=sys.stderr, flush=True)
    frame = pd.DataFrame(results).drop(columns="seed")
    mean = frame.groupby(["table", "generator"], sort=False).mean()
    print(mean.round(3).to_string())


if __name__ == "__main__":
    main()
