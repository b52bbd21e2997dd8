"""How displays come to the rows and columns that they draw."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from skgen.metrics._columns import Alignment, align, as_frames, pooled_columns
from skgen.metrics._measure import Sample, with_labels
from skgen.metrics.scorers import get_scorer

Drawn = dict[str, tuple[int, int]]  # rows drawn of each table, and all its rows


class PooledColumn(NamedTuple):
    """A column of both tables: its kind, and the real rows' values before the others.

    The kind is "numeric", "datetime", "datetime with time zone", "timedelta" or
    "categorical".
    """

    kind: str
    values: pd.Series
    n_real: int


def draw_rows(generator: Any, X: Any, y: Any, random_state: Any) -> Sample:
    """Sample as many rows as the given ones, or as the training rows if X is None."""
    if X is None:
        if y is not None:
            raise ValueError("y was given without X: give the rows of these labels.")
        X = getattr(generator, "training_rows_", None)
        if X is None:
            raise ValueError(
                f"This {type(generator).__name__} holds no training rows "
                "(training_rows_): fit it, or give X, as a pickled generator leaves "
                "them behind."
            )
    # Any scorer draws the rows alike.
    scorer = get_scorer("js_divergence", random_state=random_state)
    return scorer._draw(generator, X, y, None)


def draw_tables(
    generator: Any, X: Any, y: Any, random_state: Any
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return real rows and as many sampled ones, labels being the last column."""
    tables = with_labels(draw_rows(generator, X, y, random_state))
    return tables["real"], tables["synthetic"]


def pooled_column(real: Any, synthetic: Any, column: Hashable) -> PooledColumn:
    """Return one column of both tables, checked as all measures check it."""
    frames = as_frames({"real": real, "synthetic": synthetic})
    at = positions(frames["real"].columns, [column])[0]
    parts = {name: frame.iloc[:, [at]] for name, frame in frames.items()}
    _, kind, values = next(iter(pooled_columns(parts)))
    return PooledColumn(kind, values, len(parts["real"]))


def positions(names: pd.Index, wanted: Sequence[Hashable]) -> list[int]:
    """Return the positions of the wanted columns."""
    found = []
    for name in wanted:
        at = np.flatnonzero([n == name for n in names])
        if len(at) != 1:
            how = (
                "occurs more than once" if len(at) else "is not a column of the tables"
            )
            raise ValueError(f"{name!r} {how}. Their columns are {list(names)}.")
        found.append(int(at[0]))
    return found


def sample_rows(
    table: Any, max_samples: int | None, rng: np.random.RandomState
) -> tuple[Any, tuple[int, int]]:
    """Return at most `max_samples` rows, their number and that of all."""
    total = len(table)
    if max_samples is not None and max_samples < total:
        rows = np.sort(rng.permutation(total)[:max_samples])
        table = table.iloc[rows] if hasattr(table, "iloc") else table[rows]
    return table, (len(table), total)


def sampled_alignment(
    real: Any, synthetic: Any, max_samples: int | None, rng: np.random.RandomState
) -> tuple[Alignment, Drawn]:
    """Align both tables, with at most `max_samples` rows left in each."""
    tables = align(real=real, synthetic=synthetic)
    drawn = {}
    for name in ("real", "synthetic"):
        total = len(tables[name])
        tables = tables.subsample(name, max_samples, rng)
        drawn[name] = (len(tables[name]), total)
    return tables, drawn


def frames_of(real: Any, synthetic: Any, held_out: Any) -> dict[str, pd.DataFrame]:
    """Return the tables as frames, held-out rows being among them if given."""
    given = {"real": real, "synthetic": synthetic}
    if held_out is not None:
        given["held_out"] = held_out
    return as_frames(given)
