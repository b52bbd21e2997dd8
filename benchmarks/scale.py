"""A generator on a million click rows: seconds and peak memory of fit and sample.

python benchmarks/scale.py --rows 1000000
"""

from __future__ import annotations

import argparse
import resource
import time

import skgen
from skgen.datasets import make_clicks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--generator", default="AutoregressiveTrees")
    parser.add_argument("--n-jobs", type=int, default=-1)
    args = parser.parse_args()
    X, y = make_clicks(args.rows, return_X_y=True, random_state=0)
    generator = getattr(skgen, args.generator)(random_state=0)
    if "n_jobs" in generator.get_params():
        generator.set_params(n_jobs=args.n_jobs)
    print(f"{args.generator}, {X.shape[0]} rows x {X.shape[1]} columns")
    report("table made", 0.0)
    start = time.perf_counter()
    generator.fit(X, y)
    report("fit", time.perf_counter() - start)
    start = time.perf_counter()
    rows, _ = generator.sample(args.rows)
    report(f"sample of {len(rows)}", time.perf_counter() - start)


def report(step: str, seconds: float) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{step:20} {seconds:8.1f} s   peak {peak:.2f} GB", flush=True)


if __name__ == "__main__":
    main()
