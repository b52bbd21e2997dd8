"""Aligned tables as the DataFrames that the package anonymeter takes."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skgen.metrics._bins import quantile_bins
from skgen.metrics._columns import Alignment


def draw_rows(
    frame: pd.DataFrame, n_rows: int, rng: np.random.RandomState
) -> pd.DataFrame:
    rows = np.sort(rng.permutation(len(frame))[:n_rows])
    return frame.iloc[rows].reset_index(drop=True)


def _text(codes: NDArray[np.int64] | None) -> pd.Series:
    return pd.Series(codes).astype(str).astype(object)


def _columns(
    tables: Alignment, name: str
) -> Iterator[tuple[int, NDArray[np.float64] | None, NDArray[np.int64] | None]]:
    """Yield the place, and the numbers or the codes, of each column."""
    numbers, codes = iter(tables[name].numeric.T), iter(tables[name].codes.T)
    for place, is_numeric in enumerate(tables.is_numeric):
        yield place, *((next(numbers), None) if is_numeric else (None, next(codes)))


def frame_with_nulls(tables: Alignment, name: str) -> pd.DataFrame:
    """Return one column for each, under its place, with nulls for missing numbers."""
    frame = {}
    for place, numbers, codes in _columns(tables, name):
        if codes is not None:
            frame[str(place)] = _text(codes)
        else:
            frame[str(place)] = pd.Series(numbers).astype("Float64")
    return pd.DataFrame(frame)


def frame_without_nulls(tables: Alignment, name: str) -> pd.DataFrame:
    """Return the columns under their places, and indicators of missing numbers."""
    medians = {
        place: 0.0 if np.isnan(numbers).all() else float(np.nanmedian(numbers))
        for place, numbers, _ in _columns(tables, "real")
        if numbers is not None
    }
    missing = {f"{place} missing" for place in _missing_places(tables)}
    frame: dict[str, Any] = {}
    for place, numbers, codes in _columns(tables, name):
        if numbers is None:
            frame[str(place)] = _text(codes)
            continue
        is_missing = np.isnan(numbers)
        frame[str(place)] = np.where(is_missing, medians[place], numbers)
        if f"{place} missing" in missing:
            frame[f"{place} missing"] = _text(is_missing.astype(np.int64))
    return pd.DataFrame(frame)


def _missing_places(tables: Alignment) -> NDArray[np.intp]:
    return np.flatnonzero(tables.is_numeric)[tables.missing_columns()]


def place_of(tables: Alignment, name: Hashable) -> int:
    if name not in tables.names:
        raise ValueError(
            f"{name!r} is no column of the table: choose among {tables.names}."
        )
    return tables.names.index(name)


def frame_columns(tables: Alignment, names: Sequence[Hashable]) -> list[str]:
    """Return the names, in `frame_without_nulls`, of some columns."""
    places = [place_of(tables, name) for name in names]
    missing = set(_missing_places(tables).tolist())
    indicators = [f"{place} missing" for place in places if place in missing]
    return [*map(str, places), *indicators]


def secret_columns(tables: Alignment, place: int, n_bins: int) -> dict[str, pd.Series]:
    """Return a column as text, a number by its bin."""
    at = int(np.count_nonzero(tables.is_numeric[:place] == tables.is_numeric[place]))
    if not tables.is_numeric[place]:
        return {name: _text(t.codes[:, at]) for name, t in tables.tables.items()}
    known = tables["real"].numeric[:, at]
    return {
        name: _text(quantile_bins(known, t.numeric[:, at], n_bins)[1])
        for name, t in tables.tables.items()
    }
