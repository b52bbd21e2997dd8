"""The click classifiers against deepctr-torch and fuxictr.

    python benchmarks/ctr.py --peers .venv-peers/bin/python --seeds 0 1 2
    python benchmarks/ctr.py --peers PYTHON --data FOLDER --tables clicks bank adult

DNN and DeepFM have those of deepctr-torch 0.3 as peers (the DNN is its DeepFM without
linear and pairwise terms), MaskNet the same net assembled from fuxictr 2.3's layers,
trained in batches of tensors in memory. Both learn from the same 75 % of the rows of a
table, with the same embedding size, widths, learning rate, batch size and number of
epochs; all else is the defaults of each. A tenth of these rows say after which epoch a
model was the best, by AUC, and its AUC on the other 25 % is that epoch's. Both are
given the same columns: categories as codes, lists as the category of the whole list,
numbers as normal quantiles. ``clicks`` is the simulator, whose best AUC is known, with
so many clicks that AUCs can be told apart; the other tables are those of
``tables.py``, from the folder ``--data``.

``epoch_s`` is the time of `fit` over the number of epochs, what comes before the first
and the scores of each included; ``GB`` the most memory that the process held. Each runs
in a process of its own, on ``--cores`` processors (1). The columns ``-peer`` and
``/peer`` are differences and ratios within a table and a seed. Several seeds also print
standard deviations.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from runner import deliver, has_package, run_alone
from sklearn.base import clone
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import QuantileTransformer
from tables import TABLES, read_table

CHUNK = 10_000  # rows that go through a network at a time, to be scored
CHECKED = 0.1  # share of the training rows that say which epoch is the best

PEERS = {
    "DNN": "deepctr_torch",
    "DeepFM": "deepctr_torch",
    "MaskNet-parallel": "fuxictr",
    "MaskNet-serial": "fuxictr",
    "Transformer": None,
}


def prepare(args: argparse.Namespace, table: str, seed: int, file: Path) -> dict:
    """Write codes, numbers and labels of a split; return what the judge needs."""
    probability = None
    if table == "clicks":
        from skgen.datasets import make_clicks

        bunch = make_clicks(args.rows, click_rate=args.click_rate, random_state=seed)
        X, y, probability = bunch.data, bunch.target, bunch.probability
    else:
        X, y = read_table(table, args.data)
        if args.rows < len(X):
            X, _, y, _ = train_test_split(
                X, y, train_size=args.rows, random_state=seed, stratify=y
            )
    training, held = train_test_split(
        np.arange(len(X)), test_size=0.25, random_state=seed, stratify=y
    )
    learned, checked = train_test_split(
        training, test_size=CHECKED, random_state=seed, stratify=y.iloc[training]
    )
    codes, numbers = [], []
    for name in X:
        column = X[name]
        if column.dtype.kind == "M":
            codes.append(column.dt.hour)
            column = column.astype("int64")
        if pd.api.types.is_numeric_dtype(column) and column.dtype != bool:
            numbers.append(column.astype(float).fillna(column[training].median()))
            continue
        levels = pd.Index(column.iloc[training].dropna().astype(str).unique())
        # Code 0 is what the training rows do not have.
        codes.append(levels.get_indexer(column.astype(str)) + 1)
    scaler = QuantileTransformer(output_distribution="normal", random_state=0)
    block = np.column_stack(numbers)
    block = scaler.fit(block[training]).transform(block)
    np.savez(
        file,
        codes=np.column_stack(codes).astype(np.int64),
        numbers=block.astype(np.float32),
        y=y.to_numpy(),
        training=training,
        learned=learned,
        checked=checked,
        held=held,
    )
    best = np.nan
    if probability is not None:
        best = roc_auc_score(y.iloc[held], probability[held])
    return {"y_held": y.to_numpy()[held], "best_AUC": best}


def learn(args: argparse.Namespace) -> None:
    """Fit one model; write the probabilities of held-out rows, print seconds."""
    import torch

    torch.set_num_threads(args.cores)
    with np.load(args.input) as file:
        split = dict(file)
    package, _, name = args.learn.partition(".")
    fit = {"skgen": own, "deepctr_torch": deepctr, "fuxictr": fuxictr}[package]
    seconds, found = fit(args, split, name)
    rows = pd.DataFrame({"probability": found})
    deliver(rows, np.zeros(len(rows)), args.output, epoch_s=seconds / args.epochs)


def own(args: argparse.Namespace, split: dict, name: str) -> tuple[float, np.ndarray]:
    """Run a classifier of skgen."""
    from skgen import classifiers

    codes, numbers = (
        pd.DataFrame(split[part]).add_prefix(part) for part in ("codes", "numbers")
    )
    X = pd.concat([codes.astype("category"), numbers], axis=1)
    name, _, model_type = name.partition("-")
    params: dict[str, Any] = {
        "embedding_dim": args.embedding_dim,
        "learning_rate": args.learning_rate,
        "batch_size": args.batch_size,
        "epochs": args.epochs,
        "hidden_units": args.hidden_units,
        "early_stopping": "auc",
        "validation_fraction": CHECKED,
        "n_iter_no_change": args.epochs,
        "n_jobs": args.cores,
        "random_state": args.seed,
    }
    if model_type:
        params |= {"model_type": model_type, "block_dim": args.block_dim}
        params |= {"n_blocks": args.n_blocks, "reduction_ratio": 1.0}
    classifier = getattr(classifiers, f"{name}Classifier")()
    known = classifier.get_params()
    classifier.set_params(**{k: v for k, v in params.items() if k in known})
    # What a first fit imports is no part of an epoch.
    few = np.concatenate([np.flatnonzero(split["y"] == i)[:50] for i in (0, 1)])
    clone(classifier).set_params(epochs=1).fit(X.iloc[few], split["y"][few])
    start = time.perf_counter()
    classifier.fit(X.iloc[split["training"]], split["y"][split["training"]])
    seconds = time.perf_counter() - start
    return seconds, classifier.predict_proba(X.iloc[split["held"]])[:, 1]


class Best:
    """Probabilities of held-out rows after the best epoch; what they cost is no part.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        Labels of the rows that say which epoch is the best.
    """

    def __init__(self, y: np.ndarray) -> None:
        self.y = y
        self.best = -np.inf
        self.seconds = 0.0

    def check(self, predict: Callable[[], np.ndarray]) -> None:
        """Score an epoch."""
        self.auc = roc_auc_score(self.y, predict())

    def keep(self, predict: Callable[[], np.ndarray]) -> None:
        """Keep what the best epoch says of held-out rows."""
        if self.auc > self.best:
            start = time.perf_counter()
            self.best, self.found = self.auc, predict()
            self.seconds += time.perf_counter() - start


def deepctr(
    args: argparse.Namespace, split: dict, name: str
) -> tuple[float, np.ndarray]:
    """Run a model of deepctr-torch."""
    import torch
    from deepctr_torch.callbacks import Callback
    from deepctr_torch.inputs import DenseFeat, SparseFeat
    from deepctr_torch.models import DeepFM

    codes, numbers = split["codes"], split["numbers"]
    fields = [
        SparseFeat(f"c{i}", int(codes[:, i].max()) + 1, args.embedding_dim)
        for i in range(codes.shape[1])
    ]
    fields += [DenseFeat(f"n{i}") for i in range(numbers.shape[1])]

    def rows(index: np.ndarray) -> dict:
        named = {f"c{i}": codes[index, i] for i in range(codes.shape[1])}
        return named | {f"n{i}": numbers[index, i] for i in range(numbers.shape[1])}

    model = DeepFM(
        fields if name == "DeepFM" else [],
        fields,
        use_fm=name == "DeepFM",
        dnn_hidden_units=tuple(args.hidden_units),
        seed=args.seed,
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=args.learning_rate)
    model.compile(optimizer, "binary_crossentropy")
    y, best = split["y"], Best(split["y"][split["checked"]])
    checked, held = rows(split["checked"]), rows(split["held"])

    class Check(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            best.check(lambda: model.predict(checked, CHUNK)[:, 0])
            best.keep(lambda: model.predict(held, CHUNK)[:, 0])
            model.train()

    start = time.perf_counter()
    model.fit(
        rows(split["learned"]),
        y[split["learned"]].astype(np.float32),
        batch_size=args.batch_size,
        epochs=args.epochs,
        verbose=0,
        callbacks=[Check()],
    )
    return time.perf_counter() - start - best.seconds, best.found


def fuxictr(
    args: argparse.Namespace, split: dict, name: str
) -> tuple[float, np.ndarray]:
    """Run MaskNet, made of the layers of fuxictr."""
    import torch
    from torch import nn

    model = _make_masknet(args, split, name.endswith("parallel"))
    optimizer = torch.optim.Adam(model.parameters(), lr=args.learning_rate)
    loss = nn.BCEWithLogitsLoss()
    blocks = [split["codes"].astype(np.float32), split["numbers"]]
    X = torch.from_numpy(np.hstack(blocks))
    y = torch.from_numpy(split["y"].astype(np.float32))
    learned = torch.from_numpy(split["learned"])
    best = Best(split["y"][split["checked"]])

    def predict(part: str) -> np.ndarray:
        with torch.no_grad():
            parts = torch.from_numpy(split[part]).split(CHUNK)
            found = torch.cat([model(X[rows]) for rows in parts])
        return found.sigmoid().double().numpy()

    start = time.perf_counter()
    X_learned, y_learned = X[learned], y[learned]
    for _ in range(args.epochs):
        for batch in torch.randperm(len(learned)).split(args.batch_size):
            optimizer.zero_grad()
            loss(model(X_learned[batch]), y_learned[batch]).backward()
            optimizer.step()
        best.check(lambda: predict("checked"))
        best.keep(lambda: predict("held"))
    return time.perf_counter() - start - best.seconds, best.found


def _make_masknet(args: argparse.Namespace, split: dict, parallel: bool) -> Any:
    import torch
    from fuxictr.features import FeatureMap
    from fuxictr.pytorch.layers import FeatureEmbedding, MLP_Block
    from torch import nn

    torch.manual_seed(args.seed)
    codes, n_numbers = split["codes"], split["numbers"].shape[1]
    features = FeatureMap("split", "")
    for i, top in enumerate(codes.max(axis=0)):
        spec = {"type": "categorical", "vocab_size": int(top) + 1}
        features.features[f"c{i}"] = spec | {"source": ""}
    for i in range(n_numbers):
        features.features[f"n{i}"] = {"type": "numeric", "source": ""}
    n_fields = codes.shape[1] + n_numbers
    width = n_fields * args.embedding_dim

    class Block(nn.Module):
        def __init__(self, in_features: int) -> None:
            super().__init__()
            self.mask = MLP_Block(width, [in_features], output_dim=in_features)
            self.hidden = nn.Linear(in_features, args.block_dim, bias=False)
            self.norm = nn.LayerNorm(args.block_dim)

        def forward(self, embedded: Any, masked: Any) -> Any:
            return self.norm(self.hidden(self.mask(embedded) * masked)).relu()

    class MaskNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = FeatureEmbedding(features, args.embedding_dim)
            self.norms = nn.ModuleList(
                nn.LayerNorm(args.embedding_dim) for _ in range(n_fields)
            )
            first = [width] * args.n_blocks
            if not parallel:
                first[1:] = [args.block_dim] * (args.n_blocks - 1)
            self.blocks = nn.ModuleList(Block(each) for each in first)
            if parallel:
                wide = args.block_dim * args.n_blocks
                self.head = MLP_Block(wide, list(args.hidden_units), output_dim=1)
            else:
                self.head = nn.Linear(args.block_dim, 1)

        def forward(self, X: Any) -> Any:
            named = dict(zip(features.features, X.unbind(1), strict=True))
            fields = self.embedding(named)
            embedded = fields.flatten(1)
            hidden = torch.cat(
                [norm(fields[:, i]) for i, norm in enumerate(self.norms)], dim=1
            )
            if parallel:
                hidden = torch.cat([b(embedded, hidden) for b in self.blocks], dim=1)
            else:
                for block in self.blocks:
                    hidden = block(embedded, hidden)
            return self.head(hidden).squeeze(1)

    return MaskNet()


def compare(args: argparse.Namespace) -> list[dict]:
    """Judge each model on each table, and its peer beside it."""
    settings = ("epochs", "batch_size", "embedding_dim", "learning_rate", "cores")
    shared = {name: getattr(args, name) for name in settings}
    shared |= {"block_dim": args.block_dim, "n_blocks": args.n_blocks}
    results = []
    for table in args.tables:
        for seed in args.seeds:
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / "split.npz"
                truth = prepare(args, table, seed, file)

                def run(python: str, model: str, seed: int, truth: dict, file: Path):
                    cost, rows = run_alone(
                        python,
                        __file__,
                        learn=model,
                        seed=seed,
                        input=file,
                        widths=",".join(map(str, args.hidden_units)),
                        **shared,
                    )
                    found = rows["probability"].to_numpy()
                    return cost | {
                        "AUC": roc_auc_score(truth["y_held"], found),
                        "best_AUC": truth["best_AUC"],
                        "log_loss": log_loss(truth["y_held"], found),
                    }

                for name in args.models:
                    key = {"table": table, "seed": seed}
                    mine = run(sys.executable, f"skgen.{name}", seed, truth, file)
                    results.append(key | {"model": f"skgen.{name}"} | mine)
                    package = PEERS[name]
                    if package and args.peers and has_package(args.peers, package):
                        model = f"{package}.{name}"
                        theirs = run(args.peers, model, seed, truth, file)
                        results[-1]["AUC-peer"] = mine["AUC"] - theirs["AUC"]
                        ratio = mine["epoch_s"] / theirs["epoch_s"]
                        results[-1]["epoch_s/peer"] = ratio
                        results.append(key | {"model": model} | theirs)
                    print(results[-2:], file=sys.stderr, flush=True)
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, help="folder of the tables")
    parser.add_argument("--peers", help="Python of the environment with the peers")
    parser.add_argument("--tables", nargs="+", help=f"clicks, {', '.join(TABLES)}")
    parser.add_argument("--models", nargs="+", default=list(PEERS), choices=PEERS)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--rows", type=int, default=100_000, help="of a table, at most")
    parser.add_argument("--click-rate", type=float, default=0.2, help="of clicks")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--batch-size", type=int, default=1024)
    parser.add_argument("--embedding-dim", type=int, default=16)
    parser.add_argument("--widths", default="256,128", help="of hidden layers")
    parser.add_argument("--block-dim", type=int, default=64, help="of mask blocks")
    parser.add_argument("--n-blocks", type=int, default=3, help="of MaskNet")
    parser.add_argument("--learning-rate", type=float, default=0.001)
    parser.add_argument("--cores", type=int, default=1, help="processors for each run")
    # What a process of its own is told.
    parser.add_argument("--learn", help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--input", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--output", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    args.hidden_units = [int(width) for width in args.widths.split(",")]
    if args.learn:
        learn(args)
        return
    if hasattr(os, "sched_setaffinity"):
        # The processes that this one starts have the same processors.
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: args.cores])
    if args.tables is None:
        args.tables = ["clicks", *(TABLES if args.data else ())]
    frame = pd.DataFrame(compare(args)).drop(columns="seed")
    by_model = frame.groupby(["table", "model"], sort=False)
    print(by_model.mean().round(4).to_string())
    if len(args.seeds) > 1:
        print("\nStandard deviations over the seeds:")
        print(by_model[["AUC", "epoch_s"]].std().round(4).to_string())


if __name__ == "__main__":
    main()
