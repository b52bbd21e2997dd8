"""The tables of a report: checked, and reduced to what it compares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from skgen._random import draw_seed
from skgen.metrics._columns import align


@dataclass(frozen=True)
class Tables:
    """Real, synthetic and perhaps held-out rows, and those that are compared.

    `whole` has the tables as given, the target being categorical, and `drawn` at most
    `max_rows` of each, both by "real", "synthetic" and "held_out". `reference` are the
    real rows that others are compared with, the held-out ones or, without them, one
    half of the real rows; `fresh` are other real rows, and `synthetic` as many
    synthetic ones. `seed` draws whatever is drawn.
    """

    whole: dict[str, pd.DataFrame]
    drawn: dict[str, pd.DataFrame]
    reference: pd.DataFrame
    fresh: pd.DataFrame
    synthetic: pd.DataFrame
    target: Any
    seed: int

    @property
    def held_out(self) -> pd.DataFrame | None:
        """Rows drawn of those held out, if there are any."""
        return self.drawn.get("held_out")

    def fewer(self, n_rows: int) -> dict[str, pd.DataFrame]:
        """Return at most `n_rows` of the rows drawn of each table."""
        rng = np.random.RandomState(self.seed)
        return {name: _draw(table, n_rows, rng) for name, table in self.drawn.items()}

    @property
    def equal(self) -> tuple[pd.DataFrame, pd.DataFrame | None]:
        """Equally many synthetic and held-out rows."""
        synthetic, held_out = self.drawn["synthetic"], self.held_out
        if held_out is None:
            return synthetic, None
        rng = np.random.RandomState(self.seed)
        n_rows = min(len(synthetic), len(held_out))
        return _draw(synthetic, n_rows, rng), _draw(held_out, n_rows, rng)

    def split(self, table: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
        """Return the columns without the target, and the labels."""
        return table.drop(columns=self.target), np.asarray(table[self.target])


def prepare(
    real: Any,
    synthetic: Any,
    held_out: Any,
    *,
    target: Any,
    max_rows: int,
    random_state: np.random.RandomState,
) -> Tables:
    """Check the tables, and draw the rows that are compared."""
    given = {"real": real, "synthetic": synthetic, "held_out": held_out}
    whole = {name: _frame(table) for name, table in given.items() if table is not None}
    whole = _name_columns(whole, given)
    align(**whole)
    columns = whole["real"].columns
    if columns.has_duplicates:
        repeated = columns[columns.duplicated()].tolist()[0]
        raise ValueError(
            f"The column name {repeated!r} occurs more than once: rename the columns."
        )
    if target is not None:
        whole = _with_labels(whole, target)
    seed = draw_seed(random_state)
    rng = np.random.RandomState(seed)
    drawn = {name: _draw(table, max_rows, rng) for name, table in whole.items()}
    if "held_out" in drawn:
        reference, fresh = drawn["held_out"], drawn["real"]
    else:
        order = rng.permutation(len(drawn["real"]))
        halves = np.array_split(order, 2)
        reference, fresh = (
            drawn["real"].iloc[np.sort(half)].reset_index(drop=True) for half in halves
        )
        if fresh.empty:
            raise ValueError(
                "real has one row, and the report compares one half of it with the "
                "other: give more rows."
            )
    n_rows = min(len(fresh), len(drawn["synthetic"]))
    return Tables(
        whole=whole,
        drawn=drawn,
        reference=reference,
        fresh=_draw(fresh, n_rows, rng),
        synthetic=_draw(drawn["synthetic"], n_rows, rng),
        target=target,
        seed=seed,
    )


def _frame(table: Any) -> pd.DataFrame:
    if isinstance(table, pd.DataFrame):
        return table.reset_index(drop=True)
    return pd.DataFrame(np.asarray(table))


def _name_columns(
    frames: dict[str, pd.DataFrame], given: dict[str, Any]
) -> dict[str, pd.DataFrame]:
    """Give arrays the names of the DataFrames beside them."""
    named = [f for name, f in frames.items() if isinstance(given[name], pd.DataFrame)]
    if not named:
        return frames
    columns = named[0].columns
    return {
        name: frame
        if isinstance(given[name], pd.DataFrame) or frame.shape[1] != len(columns)
        else frame.set_axis(columns, axis=1)
        for name, frame in frames.items()
    }


def _with_labels(
    frames: dict[str, pd.DataFrame], target: Any
) -> dict[str, pd.DataFrame]:
    """Check the target, and make it categorical with equal categories in all tables."""
    columns = list(frames["real"].columns)
    if target not in columns:
        raise ValueError(
            f"The target {target!r} is not a column of the tables, whose columns are "
            f"{', '.join(map(str, columns))}."
        )
    if len(columns) == 1:
        raise ValueError(
            f"The target {target!r} is the only column: give columns beside it, or "
            "no target."
        )
    for name, frame in frames.items():
        missing = frame[target].isna().to_numpy()
        if missing.any():
            raise ValueError(
                f"The target {target!r} is missing in {missing.sum()} row(s) of "
                f"{name}, the first being row {missing.argmax()}: drop or label them."
            )
    known = frames["real"][target].astype(object)
    if _is_continuous(frames["real"][target]):
        raise ValueError(
            f"The target {target!r} is continuous ({known.nunique()} values in "
            f"{len(known)} rows): choose a column of classes, or leave the target out."
        )
    labels = list(pd.unique(known))
    for name, frame in frames.items():
        values = frame[target].astype(object)
        unknown = [label for label in pd.unique(values) if label not in labels]
        if unknown:
            raise ValueError(
                f"The target {target!r} holds {unknown[:5]} in {name}, which no real "
                f"row has; its labels there are {labels[:5]}. Give the tables the same "
                "labels, of the same type."
            )
    dtype = pd.CategoricalDtype(sorted(labels, key=lambda label: (str(label), label)))
    return {
        name: _assign(frame, target, frame[target].astype(object).astype(dtype))
        for name, frame in frames.items()
    }


def _is_continuous(labels: pd.Series) -> bool:
    if not pd.api.types.is_float_dtype(labels.dtype):
        return False
    values = labels.to_numpy(dtype=float)
    return bool((values != np.floor(values)).any())


def _assign(frame: pd.DataFrame, name: Any, values: pd.Series) -> pd.DataFrame:
    frame = frame.copy(deep=False)
    frame[name] = values
    return frame


def _draw(table: pd.DataFrame, n_rows: int, rng: np.random.RandomState) -> pd.DataFrame:
    """Draw rows at random, and leave them in their order."""
    if len(table) <= n_rows:
        return table
    kept = np.sort(rng.permutation(len(table))[:n_rows])
    return table.iloc[kept].reset_index(drop=True)
