"""The neural generators against SDV's and themselves, on real tables.

By default, the defaults of each generator on each table, measured as in ``trees.py``:
75 % of the rows to learn from, the rest to judge by.

    python benchmarks/neural.py --data FOLDER --tables shoppers

``--pairs`` sets each beside its peer, in the environment that ``make peers`` builds:

    python benchmarks/neural.py --pairs --data FOLDER --peers .venv-peers/bin/python \
        --seeds 0 1 2

CTGAN, CopulaGAN and TVAE have those of SDV 2.0 as peers. Both learn from the same rows
for the same number of epochs (``--epochs``, 300; early stopping is off) in batches of
the same size (``--batch-size``, 500), one after the other on the same processors
(``--cores``, 2), and draw as many rows as they learned from. The peer is told which
columns are categories, the label among them. All else is the defaults of each.
``epoch_s`` is the time of `fit` over the number of epochs, so that it bears a share of
what comes before the first, and ``epoch_cpu_s`` the same in seconds of all processors,
which other work on the machine changes less; ``GB`` is the most memory that the process
held, libraries included, and ``start_GB`` what it held before it fitted. The columns
``/peer`` are ratios within a table and a seed. Several seeds also print standard
deviations.

TabDDPM has no peer that installs by itself beside Python 3.11 and torch 2.13: the
authors' code is not on PyPI, and synthcity 0.2.12 asks for torch below 2.3. The fork
schneiderkamplab-synthcity 0.2.16 takes torch 2.13 but asks for some 30 packages more,
torchvision among them. Its TabDDPM needs none of most of these: it runs where the fork
is installed by ``pip install --no-deps``, beside the few packages that its import asks
for. ``--pairs`` takes it as peer where it is there, with the same ``--n-timesteps``,
and leaves it out with a warning where it is not. It takes a category of more than ten
levels for a number.

``--levels`` fits each generator for one epoch to 100,000 made rows, a column of 20,000
levels beside ten others, and draws as many; with ``--peers``, also SDV's, which hold a
column for each level (``--levels-rows`` and ``--n-levels`` make the table smaller).
``--stream`` draws 100,000 and 1,000,000 rows from each: ``result_GB`` is what the rows
and labels take, and ``beyond_GB`` the most that the process held while it drew, beyond
what it held before and the result.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time

import numpy as np
import pandas as pd
from runner import (
    LOOK_EVERY,
    deliver,
    has_package,
    judge,
    make_parser,
    own_memory,
    print_means,
    run_alone,
)
from sklearn.model_selection import train_test_split
from tables import split_table

PEERS = {
    "skgen.CTGAN": "sdv.CTGAN",
    "skgen.CopulaGAN": "sdv.CopulaGAN",
    "skgen.TVAE": "sdv.TVAE",
    "skgen.TabDDPM": "synthcity.TabDDPM",
}
GENERATORS = (*PEERS, "skgen.FlowMatching")
STREAM_TRAINING_ROWS = 10_000
KEPT_ROWS = 1_000  # of those that --levels and --stream draw


def split_rows(args: argparse.Namespace) -> tuple:
    """Return the rows to learn from, those held out, and the labels of both."""
    X, X_held, y, y_held = split_table(args.table, args.data, args.seed)
    if args.rows and args.rows < len(X):
        X, _, y, _ = train_test_split(
            X, y, train_size=args.rows, random_state=args.seed, stratify=y
        )
    return X, X_held, y, y_held


def make_table(n_rows: int, n_levels: int, seed: int) -> tuple:
    """Return a column of many levels beside six numbers and four of few, and a label.

    Every level occurs; the later ones are rarer, as ids are.
    """
    rng = np.random.RandomState(seed)
    factors = rng.standard_normal((n_rows, 3))
    values = factors @ rng.standard_normal((3, 10))
    values += rng.standard_normal(values.shape)
    columns: dict[str, object] = {f"x{i}": values[:, i] for i in range(6)}
    for i, n in enumerate((2, 5, 20, 100)):
        edges = np.quantile(values[:, 6 + i], np.linspace(0, 1, n + 1)[1:-1])
        columns[f"c{i}"] = pd.Categorical(np.searchsorted(edges, values[:, 6 + i]))
    ids = np.arange(n_rows)
    rare = np.floor(n_levels ** rng.uniform(size=n_rows)).astype(int) - 1
    ids = rng.permutation(np.where(ids < n_levels, ids, rare))
    columns["id"] = pd.Categorical([f"u{number}" for number in ids])
    label = (factors[:, 0] + rng.standard_normal(n_rows) > 1.8).astype(int)
    return pd.DataFrame(columns), pd.Series(label)


def generate(args: argparse.Namespace) -> None:
    """Fit one generator, write its rows, print seconds and memory."""
    if args.levels or args.stream:
        X, y = make_table(args.made_rows, args.n_levels, args.seed)
        n_drawn = args.n_drawn
    else:
        X, X_held, y, _ = split_rows(args)
        # As many as are held out at least, since the judge compares as many.
        n_drawn = max(len(X), len(X_held))
    package, _, name = args.generate.partition(".")
    draw = {"skgen": own, "sdv": sdv, "synthcity": synthcity}[package]
    draw(args, X, y, n_drawn, name)


def own(
    args: argparse.Namespace, X: pd.DataFrame, y: pd.Series, n_drawn: int, name: str
) -> None:
    """Run a generator of skgen."""
    import torch  # noqa: F401  # else `fit` would import it

    import skgen

    generator = getattr(skgen, name)(random_state=args.seed)
    settings = {}
    if args.epochs:
        settings["epochs"] = args.epochs
    if args.pairs:
        settings |= {
            "early_stopping": False,
            "batch_size": args.batch_size,
            "n_timesteps": args.n_timesteps,
        }
    known = generator.get_params()
    generator.set_params(**{k: v for k, v in settings.items() if k in known})
    start_GB, start = own_memory(), Clock()
    generator.fit(X, y)
    costs = start.read(generator.n_iter_)
    fitted = time.perf_counter()
    with PeakMemory() as memory:
        rows, labels = generator.sample(n_drawn)
    done = time.perf_counter()
    costs |= {"sample_s": done - fitted, "start_GB": start_GB}
    if args.stream:
        result = rows.memory_usage(deep=True).sum() + labels.memory_usage(deep=True)
        costs["result_GB"] = result / 1e9
        costs["beyond_GB"] = memory.peak - memory.before - result / 1e9
    if args.levels or args.stream:
        rows, labels = rows[:KEPT_ROWS], labels[:KEPT_ROWS]
    deliver(rows, labels, args.output, **costs)


class Clock:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self.wall, self.processors = time.perf_counter(), time.process_time()

    def read(self, n_epochs: int) -> dict[str, float]:
        """Return the seconds in all, and of each epoch."""
        wall = time.perf_counter() - self.wall
        processors = time.process_time() - self.processors
        return {
            "fit_s": wall,
            "epoch_s": wall / n_epochs,
            "epoch_cpu_s": processors / n_epochs,
        }


class PeakMemory:
    """Watch the GB that this process holds: before, and the most until the end."""

    def __enter__(self) -> PeakMemory:
        self.before = self.peak = own_memory()
        self._done = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)
        self._watch.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._done.set()
        self._watch.join()
        self.peak = max(self.peak, own_memory())

    def _look(self) -> None:
        while not self._done.wait(LOOK_EVERY):
            self.peak = max(self.peak, own_memory())


def sdv(
    args: argparse.Namespace, X: pd.DataFrame, y: pd.Series, n_drawn: int, name: str
) -> None:
    """Run a synthesizer of SDV."""
    import torch
    from sdv import single_table
    from sdv.metadata import Metadata

    # Its networks begin with weights from the global streams.
    np.random.seed(args.seed)
    torch.manual_seed(args.seed)
    frame = X.assign(label=y.astype(str))
    frame = frame.astype(dict.fromkeys(frame.select_dtypes("category"), object))
    numbers = set(frame.select_dtypes("number").columns)
    columns = {
        c: {"sdtype": "numerical" if c in numbers else "categorical"} for c in frame
    }
    metadata = Metadata.load_from_dict(
        {"tables": {"table": {"columns": columns}}, "relationships": []}
    )
    start_GB, start = own_memory(), Clock()
    synthesizer = getattr(single_table, f"{name}Synthesizer")(
        metadata, epochs=args.epochs, batch_size=args.batch_size
    )
    synthesizer.fit({"table": frame})
    costs = start.read(args.epochs)
    fitted = time.perf_counter()
    rows = synthesizer.sample(n_drawn)["table"]
    done = time.perf_counter()
    labels = rows.pop("label").astype(int)
    deliver(
        rows,
        labels,
        args.output,
        **costs,
        sample_s=done - fitted,
        start_GB=start_GB,
    )


def synthcity(
    args: argparse.Namespace, X: pd.DataFrame, y: pd.Series, n_drawn: int, name: str
) -> None:
    """Run the TabDDPM of synthcity, which takes numbers alone."""
    from synthcity.plugins.core.dataloader import GenericDataLoader
    from synthcity.plugins.generic.plugin_ddpm import TabDDPMPlugin

    frame, levels = X.copy(), {}
    for c in frame.columns.difference(frame.select_dtypes("number").columns):
        frame[c], levels[c] = pd.factorize(frame[c], sort=True)
    frame["label"] = y
    output = args.output.resolve()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)  # it leaves a folder of its own where it runs
        start_GB, start = own_memory(), Clock()
        model = TabDDPMPlugin(
            is_classification=True,
            n_iter=args.epochs,
            batch_size=args.batch_size,
            num_timesteps=args.n_timesteps,
            random_state=args.seed,
        )
        model.fit(GenericDataLoader(frame, target_column="label"))
        costs = start.read(args.epochs)
        fitted = time.perf_counter()
        rows = model.generate(count=n_drawn, random_state=args.seed).dataframe()
        done = time.perf_counter()
        os.chdir(output.parent)
    labels = rows.pop("label").astype(int)
    for c in X:
        if c in levels:
            codes = rows[c].round().clip(0, len(levels[c]) - 1).astype(int)
            rows[c] = np.asarray(levels[c])[codes]
        elif pd.api.types.is_integer_dtype(X[c]):
            rows[c] = rows[c].round()
    deliver(
        rows,
        labels,
        output,
        **costs,
        sample_s=done - fitted,
        start_GB=start_GB,
    )


def compare(args: argparse.Namespace, shared: dict) -> None:
    """Judge each generator on each table, and its peer beside it."""
    names = args.generators or (tuple(PEERS) if args.pairs else GENERATORS)
    peers = {}
    if args.pairs and args.peers:
        for name in names:
            peer = PEERS.get(name)
            if peer and has_package(args.peers, peer.partition(".")[0]):
                peers[name] = peer
            else:
                print(f"{name} has no peer in {args.peers}.", file=sys.stderr)
    results = []
    for table in args.tables:
        for seed in args.seeds:
            split = split_rows(
                argparse.Namespace(**(vars(args) | {"table": table, "seed": seed}))
            )

            def run(python: str, name: str, key: dict, split: tuple) -> dict:
                cost, rows = run_alone(python, __file__, **shared, generate=name, **key)
                measures = judge(rows, split, key["seed"])
                return key | {"generator": name} | cost | measures

            key = {"table": table, "seed": seed}
            for name in names:
                found = [run(sys.executable, name, key, split)]
                if name in peers:
                    found.append(run(args.peers, peers[name], key, split))
                    for cost in ("epoch_s", "epoch_cpu_s", "GB"):
                        found[0][f"{cost}/peer"] = found[0][cost] / found[1][cost]
                for result in found:
                    print(result, file=sys.stderr, flush=True)
                results += found
    print_means(results)
    if len(args.seeds) > 1:
        print("\nStandard deviations over the seeds:")
        frame = pd.DataFrame(results).groupby(["table", "generator"], sort=False)
        print(
            frame[["epoch_cpu_s", "C2ST", "TSTR", "trend_%"]].std().round(3).to_string()
        )


def run_made(args: argparse.Namespace, shared: dict) -> None:
    """Print what each generator costs on a made table."""
    sizes = args.stream_rows if args.stream else [args.levels_rows]
    records = []
    own_names = args.generators or GENERATORS
    runs = [(sys.executable, name) for name in own_names]
    if args.peers and args.levels:
        peers = [PEERS[name] for name in own_names if name in PEERS]
        runs += [(args.peers, peer) for peer in peers if peer.startswith("sdv.")]
    for python, name in runs:
        for n_drawn in sizes:
            try:
                cost, _ = run_alone(
                    python,
                    __file__,
                    **shared,
                    generate=name,
                    n_drawn=n_drawn,
                    seed=args.seeds[0],
                )
            except SystemExit as error:
                print(str(error)[-500:], file=sys.stderr)
                continue
            records.append({"generator": name, "drawn": n_drawn} | cost)
            print(records[-1], file=sys.stderr, flush=True)
    print(pd.DataFrame(records).round(3).to_string(index=False))


def main() -> None:
    parser = make_parser(__doc__, (), needs_data=False)
    parser.set_defaults(tables=["shoppers"])
    parser.add_argument("--pairs", action="store_true", help="run beside the peers")
    parser.add_argument(
        "--epochs", type=int, help="300 with --pairs, else 1 or default"
    )
    parser.add_argument("--batch-size", type=int, default=500, help="of the pairs")
    parser.add_argument("--n-timesteps", type=int, default=1_000, help="of the pairs")
    parser.add_argument("--rows", type=int, help="learn from so many rows at most")
    parser.add_argument("--cores", type=int, default=2, help="processors for each run")
    parser.add_argument("--levels", action="store_true", help="a column of many levels")
    parser.add_argument("--levels-rows", type=int, default=100_000)
    parser.add_argument("--n-levels", type=int, default=20_000)
    parser.add_argument("--stream", action="store_true", help="memory of sampling")
    parser.add_argument(
        "--stream-rows", nargs="+", type=int, default=[100_000, 1_000_000]
    )
    # What a process of its own is told.
    parser.add_argument("--made-rows", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--n-drawn", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.generate:
        generate(args)
        return
    if hasattr(os, "sched_setaffinity"):
        # The processes that this one starts have the same processors.
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: args.cores])
    if args.levels or args.stream:
        shared = {"epochs": args.epochs or 1}
        if args.levels:
            shared |= {"levels": True, "made_rows": args.levels_rows}
            shared["n_levels"] = args.n_levels
        else:
            shared |= {"stream": True, "made_rows": STREAM_TRAINING_ROWS}
            shared["n_levels"] = 100
        run_made(args, shared)
        return
    if args.data is None:
        parser.error("the following argument is required: --data")
    shared = {"data": args.data}
    if args.pairs:
        args.epochs = args.epochs or 300
        shared |= {"pairs": True, "batch_size": args.batch_size}
        shared["n_timesteps"] = args.n_timesteps
    shared |= {
        name: getattr(args, name) for name in ("epochs", "rows") if getattr(args, name)
    }
    compare(args, shared)


if __name__ == "__main__":
    main()
