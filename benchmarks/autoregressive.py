"""Generators that draw a row column by column, against mostlyai-engine's TabularARGN.

By default, the defaults of each on each table, measured as in ``trees.py``: 75 % of the
rows to learn from, the rest to judge by.

    python benchmarks/autoregressive.py --data FOLDER --peers .venv-peers/bin/python

The peer learns from the same rows, the label among their columns, with its defaults but
one: its protection of rare values is off, since it replaces levels that the judge
knows. By default it learns columns in random orders, as ours does with
``order="random"``; ``/fixed`` learns them in the order of the table, as ours does by
default. All have the same processors (``--cores``, 2), one after the other. ``GB`` is
the most memory that the process and its own held, libraries included.

``--chain`` prints how well the first 1, 2, ... columns in the order of their generation
can be told from held-out rows: the AUC of a classifier, 0.5 is best. It may change by
the number of columns alone, which is why generators of the same order stand side by
side.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

import pandas as pd
from runner import deliver, judge, make_parser, print_means, run_alone
from tables import split_table

PEERS = ("mostlyai.TabularARGN", "mostlyai.TabularARGN/fixed")
SETTINGS: dict[str, dict] = {
    "skgen.AutoregressiveTransformer": {},
    "skgen.AutoregressiveTransformer/random": {"order": "random"},
    "skgen.AutoregressiveNet": {},
    "skgen.AutoregressiveTrees": {},
}


def generate(args: argparse.Namespace) -> None:
    """Fit one generator, write its rows, print seconds and memory."""
    X, X_held, y, _ = split_table(args.table, args.data, args.seed)
    # As many as are held out at least, since the judge compares as many.
    n_drawn = max(len(X), len(X_held))
    draw = mostlyai if args.generate in PEERS else own
    draw(args, X, y, n_drawn)


def own(args: argparse.Namespace, X: pd.DataFrame, y: pd.Series, n_drawn: int) -> None:
    """Run a generator of skgen."""
    import torch  # noqa: F401  # else `fit` would import it

    import skgen

    name = args.generate.partition(".")[2].partition("/")[0]
    generator = getattr(skgen, name)(random_state=args.seed, **SETTINGS[args.generate])
    start = time.perf_counter()
    generator.fit(X, y)
    fitted = time.perf_counter()
    rows, labels = generator.sample(n_drawn)
    done = time.perf_counter()
    visited = getattr(generator, "visit_order_", list(X.columns))
    rows = rows[[*visited, *(c for c in rows if c not in visited)]]
    deliver(rows, labels, args.output, fit_s=fitted - start, sample_s=done - fitted)


def mostlyai(
    args: argparse.Namespace, X: pd.DataFrame, y: pd.Series, n_drawn: int
) -> None:
    """Run TabularARGN."""
    from mostlyai.engine import TabularARGN

    # It takes a label of two numbers for a number, and draws others between.
    frame = X.assign(label=y.astype(str)).reset_index(drop=True)
    frame = frame.astype(dict.fromkeys(frame.select_dtypes("category"), str))
    start = time.perf_counter()
    model = TabularARGN(
        enable_flexible_generation=args.generate == PEERS[0],
        value_protection=False,
        random_state=args.seed,
    )
    model.fit(frame)
    fitted = time.perf_counter()
    rows = model.sample(n_samples=n_drawn)
    done = time.perf_counter()
    labels = rows.pop("label").astype(int)
    for c in X:
        if isinstance(X[c].dtype, pd.CategoricalDtype):
            levels = {str(level): level for level in X[c].cat.categories}
            rows[c] = rows[c].map(levels)
        elif X[c].dtype == bool:
            # It comes back as text, of which all is true.
            rows[c] = rows[c].astype(str).str.lower() == "true"
    deliver(rows, labels, args.output, fit_s=fitted - start, sample_s=done - fitted)


def compare(args: argparse.Namespace) -> None:
    """Judge each generator on each table, and the peer beside it."""
    runs = [(sys.executable, name) for name in args.generators]
    if args.peers:
        runs += [(args.peers, name) for name in PEERS]
    results = []
    for table in args.tables:
        for seed in args.seeds:
            split = split_table(table, args.data, seed)
            for python, name in runs:
                key = {"table": table, "seed": seed}
                cost, rows = run_alone(
                    python, __file__, data=args.data, generate=name, **key
                )
                found = key | {"generator": name} | cost | judge(rows, split, seed)
                print(found, file=sys.stderr, flush=True)
                results.append(found)
    print_means(results)


def decay(args: argparse.Namespace) -> None:
    """Print how well the first columns can be told from held-out ones."""
    from skgen.plotting import ChainDecayDisplay

    for table in args.tables:
        curves: dict[str, list[pd.Series]] = {}
        for seed in args.seeds:
            _, X_held, _, y_held = split_table(table, args.data, seed)
            for name in args.generators:
                cost, rows = run_alone(
                    sys.executable,
                    __file__,
                    data=args.data,
                    generate=name,
                    table=table,
                    seed=seed,
                )
                print(table, seed, name, cost, file=sys.stderr, flush=True)
                # The label comes first.
                order = ["label", *(c for c in rows if c != "label")]
                held = X_held.assign(label=y_held)[order]
                made = rows[order].astype(held.dtypes)
                display = ChainDecayDisplay.from_samples(
                    held,
                    made,
                    n_columns=range(1, len(order) + 1),
                    max_samples=None,
                    random_state=seed,
                )
                curve = pd.Series(display.values, display.order)
                curves.setdefault(name.partition(".")[2], []).append(curve)
        means = {name: sum(found) / len(found) for name, found in curves.items()}
        print(f"\n{table}: AUC of telling the first columns from held-out ones")
        print(pd.DataFrame(means, index=means[next(iter(means))].index).round(3))


def main() -> None:
    parser = make_parser(__doc__, tuple(SETTINGS))
    parser.set_defaults(tables=["shoppers", "bank"])
    parser.add_argument("--cores", type=int, default=2, help="processors for each run")
    parser.add_argument(
        "--chain", action="store_true", help="the decay along the chain of columns"
    )
    args = parser.parse_args()
    if args.generate:
        generate(args)
        return
    if hasattr(os, "sched_setaffinity"):
        # The processes that this one starts have the same processors.
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: args.cores])
    if args.chain:
        decay(args)
        return
    compare(args)


if __name__ == "__main__":
    main()
