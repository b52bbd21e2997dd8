"""Flow matching against its peers and itself, on real tables.

By default, the defaults of ForestFlow and FlowMatching on each table, measured as in
``trees.py``: 75 % of the rows to learn from, the rest to judge by.

    python benchmarks/flow.py --data FOLDER --seeds 0 1 2

``--pairs`` sets ForestFlow beside ForestDiffusion 1.0.6 and forest_diffusion_mo 1.0.1,
which run in the environment that ``make peers`` builds:

    python benchmarks/flow.py --pairs --data FOLDER --peers .venv-peers/bin/python

All learn from the same rows (a stratified subsample of those to learn from), with the
same time steps, noise copies, number of trees, depth and step size of XGBoost, and draw
the same number of rows. "as published" is ForestFlow as in the paper: a model for
each column, time step and class, noise stored, min-max scaling, Euler steps; "defaults"
changes nothing but the three numbers above. The peers are told which columns are
categories (they make them indicators), whole numbers and booleans, and the class.
ForestDiffusion runs with its default data iterator; "ForestDiffusion:stored" is
``n_batch=0``, a little slower and larger. forest_diffusion_mo runs with a tree for each
column; "forest_diffusion_mo:multi" is one for all of them, its default, left out since
it took five times as long and 1.7 GB where the other took 0.2 (200 rows, two steps, two
copies, four trees). ``--peer-generators`` names others.

Each run has the same processors, ``--cores`` of them on Linux, and the same ``n_jobs``.
By default that is 2, for the peers two workers of one XGBoost thread each, their
quickest; ``--jobs 1`` is one process whose XGBoost takes all processors, their leanest.
A claim of time should hold against the first and one of memory against the second.
Leave OMP_NUM_THREADS unset. GB is the most memory that a process and its workers held
together, libraries included and shared pages counted once; start_GB is what the process
held before it fitted.

``--growth`` shows how the time of `fit` grows with rows and columns, on made tables of
which three quarters of the columns are numbers and the rest categories, for few time
steps, copies and trees, in which time is linear. The exponent is the slope of log
seconds on log rows; 1 is linear.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
import time

import numpy as np
import pandas as pd
from runner import (
    deliver,
    judge,
    make_parser,
    own_memory,
    print_means,
    run_alone,
)
from sklearn.model_selection import train_test_split
from tables import split_table

GENERATORS = ("skgen.ForestFlow", "skgen.FlowMatching")
PAIRS = ("skgen.ForestFlow:as-published", "skgen.ForestFlow:defaults")
PEERS = ("ForestDiffusion", "forest_diffusion_mo:single")

# What the paper and both peers do.
BOOSTING = {"max_depth": 7, "eta": 0.3, "reg_lambda": 0.0, "reg_alpha": 0.0}
AS_PUBLISHED = {
    **BOOSTING,
    "subsample": 1.0,
    "multi_strategy": "one_output_per_tree",
    "class_conditioning": "model",
    "time_conditioning": "model",
    "noise": "stored",
    "encoding": "min-max",
    "diffusion_type": "flow",
    "solver": "euler",
}
PAIR_NUMBERS = {"n_t": 10, "duplicate_K": 10, "n_estimators": 100}
GROWTH_NUMBERS = {"n_t": 3, "duplicate_K": 1, "n_estimators": 5}
GROWTH_DRAWN = 1_000  # rows drawn from each generator of the growth table


def split_rows(args: argparse.Namespace) -> tuple:
    """Return the rows to learn from, those held out, and the labels of both."""
    X, X_held, y, y_held = split_table(args.table, args.data, args.seed)
    if args.pairs and args.rows < len(X):
        X, _, y, _ = train_test_split(
            X, y, train_size=args.rows, random_state=args.seed, stratify=y
        )
    return X, X_held, y, y_held


def make_table(n_rows: int, n_columns: int, seed: int) -> tuple:
    """Return a table of dependent numbers and categories, and a label of 10 % ones."""
    rng = np.random.RandomState(seed)
    factors = rng.standard_normal((n_rows, 5))
    values = factors @ rng.standard_normal((5, n_columns))
    values += rng.standard_normal(values.shape)
    columns: dict[str, object] = {}
    for i in range(n_columns):
        score = values[:, i]
        if i % 4 == 3:
            # 3, 10 or 30 levels, the later ones rarer.
            levels = (3, 10, 30)[i // 4 % 3]
            score = np.exp(score - score.max())
            edges = np.quantile(score, np.linspace(0, 1, levels + 1)[1:-1] ** 0.5)
            columns[f"c{i}"] = pd.Categorical(np.searchsorted(edges, score))
        elif i % 4 == 2:
            columns[f"c{i}"] = np.exp(score / 2)
        else:
            columns[f"c{i}"] = score
    label = factors[:, 0] + rng.standard_normal(n_rows)
    label = label > np.quantile(label, 0.9)
    return pd.DataFrame(columns), pd.Series(label.astype(int))


def generate(args: argparse.Namespace) -> None:
    """Fit one generator, write its rows, print seconds and memory."""
    if args.growth:
        n_rows, n_columns = (int(number) for number in args.table.split("x"))
        X, y = make_table(n_rows, n_columns, args.seed)
        n_drawn = GROWTH_DRAWN
    else:
        X, X_held, y, _ = split_rows(args)
        # As many as are held out at least, since the judge compares as many.
        n_drawn = max(len(X), len(X_held))
    package, _, variant = args.generate.partition(":")
    draw = {
        "ForestDiffusion": forest_diffusion,
        "forest_diffusion_mo": forest_diffusion_mo,
    }.get(package, own)
    draw(args, X, y, n_drawn, package, variant)


def own(
    args: argparse.Namespace,
    X: pd.DataFrame,
    y: pd.Series,
    n_drawn: int,
    name: str,
    variant: str,
) -> None:
    """Run a generator of skgen."""
    import skgen

    generator = getattr(skgen, name.removeprefix("skgen."))(random_state=args.seed)
    numbers = {
        "n_t": args.n_t,
        "duplicate_K": args.duplicate_K,
        "n_estimators": args.n_estimators,
        "n_jobs": args.jobs,
    }
    settings = numbers if variant or args.growth else {"n_jobs": args.jobs}
    if variant == "as-published":
        settings = numbers | AS_PUBLISHED
    elif variant not in {"", "defaults"}:
        raise SystemExit(f"No variant {variant!r} of {name}.")
    there = generator.get_params()
    generator.set_params(**{k: v for k, v in settings.items() if k in there})
    start_GB, start = own_memory(), time.perf_counter()
    generator.fit(X, y)
    fitted = time.perf_counter()
    rows, labels = generator.sample(n_drawn)
    done = time.perf_counter()
    deliver(
        rows,
        labels,
        args.output,
        fit_s=fitted - start,
        sample_s=done - fitted,
        start_GB=start_GB,
    )


class Codes:
    """A table as the array of numbers that both peers ask for, and back.

    Categories come first: ForestDiffusion confuses the indicators of column 1 with
    those of column 11.
    """

    def __init__(self, X: pd.DataFrame) -> None:
        self.X = X
        numbers = X.select_dtypes("number").columns
        levels = {c: X[c].nunique() for c in X.columns.difference(numbers, sort=False)}
        many = [c for c, n in levels.items() if n > 2]
        two = [c for c in levels if c not in many]
        self.order = [*many, *two, *numbers]
        whole = [c for c in numbers if pd.api.types.is_integer_dtype(X[c])]
        self.kinds = {
            "cat_indexes": [self.order.index(c) for c in many],
            "bin_indexes": [self.order.index(c) for c in two],
            "int_indexes": [self.order.index(c) for c in whole],
        }
        self.levels: dict = {}
        columns = []
        for c in self.order:
            if c in levels:
                codes, self.levels[c] = pd.factorize(X[c], sort=True)
                columns.append(codes)
            else:
                columns.append(X[c])
        self.array = np.column_stack(columns).astype(float)

    def decode(self, array: np.ndarray) -> pd.DataFrame:
        """Return drawn numbers as a table with the columns and dtypes of the first."""
        columns = {}
        for i, c in enumerate(self.order):
            drawn = array[:, i]
            if c in self.levels:
                columns[c] = np.asarray(self.levels[c])[np.rint(drawn).astype(int)]
            elif pd.api.types.is_integer_dtype(self.X[c]):
                columns[c] = np.rint(drawn)
            else:
                columns[c] = drawn
        return pd.DataFrame(columns)[self.X.columns].astype(self.X.dtypes)


def forest_diffusion(
    args: argparse.Namespace,
    X: pd.DataFrame,
    y: pd.Series,
    n_drawn: int,
    name: str,
    variant: str,
) -> None:
    """Run ForestDiffusion, which fits when it is made."""
    from ForestDiffusion import ForestDiffusionModel

    codes = Codes(X)
    stored = {"n_batch": 0} if variant == "stored" else {}
    start_GB, start = own_memory(), time.perf_counter()
    model = ForestDiffusionModel(
        codes.array,
        label_y=y.to_numpy(),
        n_t=args.n_t,
        duplicate_K=args.duplicate_K,
        n_estimators=args.n_estimators,
        diffusion_type="flow",
        n_jobs=args.jobs,
        seed=args.seed,
        **BOOSTING,
        **stored,
        **codes.kinds,
    )
    fitted = time.perf_counter()
    drawn = model.generate(batch_size=n_drawn)
    done = time.perf_counter()
    deliver(
        codes.decode(drawn[:, :-1]),
        drawn[:, -1].astype(int),
        args.output,
        fit_s=fitted - start,
        sample_s=done - fitted,
        start_GB=start_GB,
    )


def forest_diffusion_mo(
    args: argparse.Namespace,
    X: pd.DataFrame,
    y: pd.Series,
    n_drawn: int,
    name: str,
    variant: str,
) -> None:
    """Run forest_diffusion_mo, which keeps its models in a folder."""
    from forest_diffusion_mo import ForestModel

    codes = Codes(X)
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.redirect_stdout(sys.stderr),
    ):
        start_GB, start = own_memory(), time.perf_counter()
        model = ForestModel(
            folder,
            n_t=args.n_t,
            diffusion_type="flow",
            multi_output=variant == "multi",
            xgb_hypers={**BOOSTING, "n_estimators": args.n_estimators},
            duplicate_K=args.duplicate_K,
            eps=0.0,
            n_jobs=args.jobs,
            seed=args.seed,
            **codes.kinds,
        )
        model.train(model.preprocess(codes.array, y.to_numpy()))
        fitted = time.perf_counter()
        # Without labels, it does not tell which it drew.
        labels = np.random.RandomState(args.seed).choice(y.to_numpy(), n_drawn)
        drawn = model.generate(n_drawn, label_y=labels)
        done = time.perf_counter()
    deliver(
        codes.decode(drawn[:, :-1]),
        drawn[:, -1].astype(int),
        args.output,
        fit_s=fitted - start,
        sample_s=done - fitted,
        start_GB=start_GB,
    )


def compare(args: argparse.Namespace, shared: dict) -> None:
    """Judge each generator on each table."""
    names = args.generators or (PAIRS if args.pairs else GENERATORS)
    runs = [(sys.executable, name) for name in names]
    if args.pairs and args.peers:
        runs += [(args.peers, name) for name in args.peer_generators]
    results = []
    for table in args.tables:
        for seed in args.seeds:
            split = split_rows(
                argparse.Namespace(**(vars(args) | {"table": table, "seed": seed}))
            )
            for python, name in runs:
                cost, rows = run_alone(
                    python,
                    __file__,
                    **shared,
                    generate=name,
                    table=table,
                    seed=seed,
                )
                key = {"table": table, "generator": name, "seed": seed}
                results.append(key | cost | judge(rows, split, seed))
                print(results[-1], file=sys.stderr, flush=True)
    print_means(results)


def grow(args: argparse.Namespace, shared: dict) -> None:
    """Print seconds and GB of fit by rows and columns, and the exponent in rows."""
    records = []
    for name in args.generators or GENERATORS[:1]:
        for n_columns in args.growth_columns:
            for n_rows in args.growth_rows:
                cost, _ = run_alone(
                    sys.executable,
                    __file__,
                    **shared,
                    generate=name,
                    table=f"{n_rows}x{n_columns}",
                    seed=args.seeds[0],
                )
                key = {"generator": name, "columns": n_columns, "rows": n_rows}
                records.append(key | cost)
                print(records[-1], file=sys.stderr, flush=True)
    index = ["generator", "columns"]
    table = pd.DataFrame(records).pivot(
        index=index, columns="rows", values=["fit_s", "GB"]
    )
    seconds = table["fit_s"]
    table["exponent", "all rows"] = exponents(seconds)
    if seconds.shape[1] > 2:
        table["exponent", "last two"] = exponents(seconds.iloc[:, -2:])
    print(table.round(2).to_string())


def exponents(seconds: pd.DataFrame) -> np.ndarray:
    """Return, for each row of a table, the slope of log seconds on log rows."""
    rows = np.log(seconds.columns.to_numpy(dtype=float))
    if len(rows) < 2:
        return np.full(len(seconds), np.nan)
    return np.polyfit(rows, np.log(seconds.to_numpy(dtype=float)).T, deg=1)[0]


def main() -> None:
    parser = make_parser(__doc__, (), needs_data=False)
    parser.set_defaults(tables=["shoppers"])
    parser.add_argument("--pairs", action="store_true", help="run beside the peers")
    parser.add_argument("--peer-generators", nargs="+", default=PEERS)
    parser.add_argument("--rows", type=int, default=1_200, help="of the pairs")
    for name in PAIR_NUMBERS:
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            dest=name,
            type=int,
            help=f"{PAIR_NUMBERS[name]} for pairs, {GROWTH_NUMBERS[name]} for growth",
        )
    parser.add_argument("--jobs", type=int, default=2, help="n_jobs of each")
    parser.add_argument("--cores", type=int, default=2, help="processors for each run")
    parser.add_argument("--growth", action="store_true", help="time by rows, columns")
    parser.add_argument(
        "--growth-rows", nargs="+", type=int, default=[1_000, 10_000, 100_000]
    )
    parser.add_argument("--growth-columns", nargs="+", type=int, default=[10, 30, 100])
    args = parser.parse_args()
    if args.generate:
        generate(args)
        return
    if not args.growth and args.data is None:
        parser.error("the following argument is required: --data")
    if hasattr(os, "sched_setaffinity"):
        # The processes that this one starts have the same processors.
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: args.cores])
    shared = {"jobs": args.jobs}
    for name, default in (GROWTH_NUMBERS if args.growth else PAIR_NUMBERS).items():
        if getattr(args, name) is None:
            setattr(args, name, default)
        if args.pairs or args.growth:
            shared[name] = getattr(args, name)
    if args.growth:
        grow(args, shared | {"growth": True})
        return
    shared["data"] = args.data
    if args.pairs:
        shared |= {"pairs": True, "rows": args.rows}
    compare(args, shared)


if __name__ == "__main__":
    main()
