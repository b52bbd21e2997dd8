"""Time of `import skgen` against `import sklearn, pandas`, each in a fresh Python.

python benchmarks/import_time.py
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

STATEMENTS = ("import sklearn, pandas", "import skgen", "import skgen; skgen.SMOTENC")


def seconds(statement: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True)
    return time.perf_counter() - start


def main() -> None:
    times: dict[str, list[float]] = {statement: [] for statement in STATEMENTS}
    for _ in range(11):
        for statement in STATEMENTS:
            times[statement].append(seconds(statement))
    base = statistics.median(times[STATEMENTS[0]][1:])
    for statement, taken in times.items():
        median = statistics.median(taken[1:])
        print(f"{statement:32} {median:6.2f} s   {median / base:5.2f} x")


if __name__ == "__main__":
    main()
