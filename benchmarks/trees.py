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
import sys
import time

from runner import deliver, judge, make_parser, print_means, run_alone
from tables import split_table

GENERATORS = ("skgen.AutoregressiveTrees", "skgen.GaussianCopula", "skgen.SMOTENC")
PEERS = ("imblearn.SMOTENC", "sdv.GaussianCopula")


def generate(args: argparse.Namespace) -> None:
    """Fit one generator, write its rows, print seconds and peak memory."""
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
    deliver(rows, labels, args.output, fit_s=fitted - start, sample_s=done - fitted)


def main() -> None:
    args = make_parser(__doc__, GENERATORS).parse_args()
    if args.generate:
        generate(args)
        return
    runs = [(sys.executable, name) for name in args.generators]
    if args.peers:
        runs += [(args.peers, name) for name in PEERS]
    results = []
    for table in args.tables:
        for seed in args.seeds:
            split = split_table(table, args.data, seed)
            for python, name in runs:
                cost, rows = run_alone(
                    python,
                    __file__,
                    data=args.data,
                    generate=name,
                    table=table,
                    seed=seed,
                )
                key = {"table": table, "generator": name, "seed": seed}
                results.append(key | cost | judge(rows, split, seed))
                print(results[-1], file=sys.stderr, flush=True)
    print_means(results)


if __name__ == "__main__":
    main()
