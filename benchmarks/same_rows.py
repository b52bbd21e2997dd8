"""Hash the rows of every generator, and compare them with those of another checkout.

    python benchmarks/same_rows.py                       # one line for each draw
    python benchmarks/same_rows.py --before ../before    # what differs from a checkout

Three tables are made here, three seeds each; settings are small, since it is the rows
that count and not their quality.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

SETTINGS = {
    "AutoregressiveNet": {"epochs": 3, "hidden_dim": 16, "max_hidden_layers": 2},
    "AutoregressiveTransformer": {"epochs": 3, "embedding_dim": 16, "n_layers": 1},
    "CTGAN": {"epochs": 2, "max_modes": 2},
    "CopulaGAN": {"epochs": 2, "max_modes": 2},
    "FlowMatching": {"epochs": 3, "hidden_dims": (32,), "nfe": 8},
    "ForestFlow": {"n_t": 3, "duplicate_K": 2, "n_estimators": 4},
    "TVAE": {"epochs": 2, "max_modes": 2},
    "TabDDPM": {"epochs": 3, "hidden_dims": (32,), "n_sampling_steps": 5},
    "TabularGPT2": {"epochs": 1, "n_embd": 16, "n_layer": 1, "precision": 2},
}
LEFT_OUT = {"SDVSampler", "Histories"}  # another package's rows; whole histories


def make_tables() -> dict[str, tuple[pd.DataFrame, np.ndarray]]:
    rng = np.random.RandomState(0)
    n = 400
    y = (rng.rand(n) < 0.2).astype(int)
    numbers = pd.DataFrame(rng.normal(size=(n, 5)) + y[:, None], columns=list("abcde"))
    mixed = pd.DataFrame(
        {
            "age": rng.randint(18, 90, n),
            "price": rng.lognormal(size=n).round(2),
            "seconds": np.where(rng.rand(n) < 0.7, 0.0, rng.exponential(size=n)),
            "score": np.where(rng.rand(n) < 0.1, np.nan, rng.normal(size=n) + y),
            "device": pd.Categorical(rng.choice(["phone", "tablet"], n)),
            "city": rng.choice(["Oslo", "Rome", None], n),
            "weekend": rng.rand(n) < 0.3,
            "time": pd.Timestamp("2024-05-01")
            + pd.to_timedelta(rng.randint(0, 10_000, n), unit="min"),
        }
    )
    clicks = pd.DataFrame(
        {
            "user": rng.choice([f"u{i}" for i in range(60)], n),
            "ad": rng.choice([f"a{i}" for i in range(20)], n),
            "hour": rng.randint(0, 24, n),
            "tags": [
                "^".join(rng.permutation(list("abcdefgh"))[: 1 + i % 4])
                for i in range(n)
            ],
            "bid": rng.gamma(2, size=n),
        }
    )
    return {"numbers": (numbers, y), "mixed": (mixed, y), "clicks": (clicks, y)}


def print_hashes() -> None:
    import skgen

    warnings.simplefilter("ignore")
    for name in sorted(skgen.__all__):
        if not isinstance(getattr(skgen, name), type) or name in LEFT_OUT:
            continue
        for table, (X, y) in make_tables().items():
            for seed in range(3):
                generator = getattr(skgen, name)(
                    **SETTINGS.get(name, {}), random_state=seed
                )
                if "structure" in generator.get_params():
                    generator.set_params(structure=None)
                try:
                    X_new, y_new = generator.fit_resample(X, y)
                    more, labels = generator.sample(50)
                    text = X_new.to_csv() + more.to_csv() + f"{y_new}{labels}"
                    said = hashlib.sha256(text.encode()).hexdigest()[:16]
                except ValueError as error:
                    said = f"{type(error).__name__}: {str(error)[:60]!r}"
                print(f"{name} {table} {seed} {said}", flush=True)


def hashes(checkout: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, __file__],
        env=os.environ | {"PYTHONPATH": str(checkout), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout.splitlines()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", type=Path, help="another checkout of skgen")
    before = parser.parse_args().before
    if before is None:
        print_hashes()
        return
    now, then = hashes(Path(__file__).parents[1]), hashes(before.resolve())
    differ = sorted(set(then) ^ set(now))
    print("\n".join(differ))
    n_differ = len(set(then) - set(now))
    print(f"{len(now)} draws now, {len(then)} before, {n_differ} differ")
    sys.exit(bool(differ))


if __name__ == "__main__":
    main()
