"""Columns of a delimited file, collected block by block."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Parsed = tuple[NDArray[Any], NDArray[np.bool_]]


class ColumnReader(ABC):
    """Collects one column, block by block.

    A block holds its distinct texts and, for each row, the position of its text (-1 if
    missing), so that each text is parsed once. With `required`, a line without this
    value is malformed.
    """

    missing: Any = np.nan

    def __init__(self, *, required: bool = False) -> None:
        self.required = required
        # One buffer that grows: many small arrays would fragment the memory.
        self._buffer = bytearray()
        self._dtype = np.dtype(np.int8)

    @abstractmethod
    def parse(self, texts: list[bytes]) -> Parsed:
        """Return the value of each text, and a mask of the texts without one."""

    def append(self, codes: NDArray[np.int32], values: NDArray[Any]) -> None:
        """Add rows: positions in `values`, -1 where the value is missing."""
        if (codes < 0).any():
            values = np.append(values, self.missing)
        self._store(values[codes])

    def _store(self, part: NDArray[Any]) -> None:
        """Add values to the buffer, which takes on a dtype that holds all of them."""
        if not self._buffer:
            self._dtype = part.dtype
        dtype = np.result_type(self._dtype, part.dtype)
        if dtype != self._dtype:
            self._buffer = bytearray(self._collect().astype(dtype).view(np.uint8))
            self._dtype = dtype
        self._buffer.extend(part.astype(dtype, copy=False).view(np.uint8))

    def _collect(self, chosen: NDArray[np.bool_] | None = None) -> NDArray[Any]:
        """Return the values of all or the chosen rows, and empty the buffer."""
        buffer, self._buffer = self._buffer, bytearray()
        values = np.frombuffer(buffer, dtype=self._dtype)
        return values if chosen is None else values[chosen]

    def finish(self, chosen: NDArray[np.bool_] | None = None) -> Any:
        """Return the column of all or the chosen rows, and release it."""
        return self._collect(chosen)


class Numbers(ColumnReader):
    """Numbers of a dtype; a larger integer or a float dtype if some do not fit."""

    def __init__(self, dtype: str, *, required: bool = False) -> None:
        super().__init__(required=required)
        self.dtype = np.dtype(dtype)

    def parse(self, texts: list[bytes]) -> Parsed:
        values, bad = _to_numbers(texts)
        if self.dtype.kind in "iu" and not bad.all():
            bad |= values != np.rint(values)
            good = np.where(bad, 0, values)
            bounds = np.iinfo(self.dtype)
            fits = good.min() >= bounds.min and good.max() <= bounds.max
            return good.astype(self.dtype if fits else np.int64), bad
        return values.astype(self.dtype if self.dtype.kind == "f" else float), bad


class Times(ColumnReader):
    """Points in time, written in a format of `strptime`."""

    missing = np.datetime64("NaT", "ns")

    def __init__(self, time_format: str, *, required: bool = False) -> None:
        super().__init__(required=required)
        self.time_format = time_format

    def parse(self, texts: list[bytes]) -> Parsed:
        decoded, bad = _decode(texts)
        times = pd.to_datetime(
            pd.Series(decoded, dtype=object), format=self.time_format, errors="coerce"
        )
        values = times.to_numpy().astype("datetime64[ns]")
        return values, bad | np.isnat(values)


class Categories(ColumnReader):
    """A categorical column of integers or strings, the categories in sorted order."""

    def __init__(self, *, integer: bool = False, required: bool = False) -> None:
        super().__init__(required=required)
        self.integer = integer
        self._codes: dict[Any, int] = {}

    def parse(self, texts: list[bytes]) -> Parsed:
        return _to_integers(texts) if self.integer else _decode(texts)

    def append(self, codes: NDArray[np.int32], values: NDArray[Any]) -> None:
        occurs = np.zeros(len(values) + 1, dtype=bool)
        occurs[codes] = True
        known = self._codes
        new_codes = np.full(len(values) + 1, -1, dtype=np.int32)
        found = np.flatnonzero(occurs[:-1])
        for i, value in zip(found.tolist(), values[found].tolist(), strict=True):
            new_codes[i] = known.setdefault(value, len(known))
        self._store(new_codes[codes].astype(np.min_scalar_type(-len(known) - 1)))

    def _collect_sorted(
        self, chosen: NDArray[np.bool_] | None
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the codes of the rows and the sorted categories; release both."""
        codes = self._collect(chosen)
        values = np.empty(len(self._codes), dtype=np.int64 if self.integer else object)
        values[:] = list(self._codes)
        self._codes = {}
        order = np.argsort(values, kind="stable")
        rank = np.empty(len(values) + 1, dtype=np.min_scalar_type(-len(values) - 1))
        rank[order] = np.arange(len(values))
        rank[-1] = -1
        return rank[codes], values[order]

    def finish(self, chosen: NDArray[np.bool_] | None = None) -> Any:
        codes, values = self._collect_sorted(chosen)
        occurs = np.zeros(len(values) + 1, dtype=bool)
        occurs[codes] = True
        occurs = occurs[:-1]
        if not occurs.all():
            rank = np.append(np.cumsum(occurs) - 1, -1).astype(codes.dtype)
            codes, values = rank[codes], values[occurs]
        return pd.Categorical.from_codes(codes, pd.Index(values))


class Lists(Categories):
    """Delimited lists: strings, equal ones being one object."""

    def finish(self, chosen: NDArray[np.bool_] | None = None) -> Any:
        codes, values = self._collect_sorted(chosen)
        texts = np.append(values, np.array([np.nan], dtype=object))
        # A Series of objects, as pandas 3 would copy each of them into a string column.
        return pd.Series(texts[codes], dtype=object, copy=False)


def _decode(texts: list[bytes]) -> Parsed:
    values = np.empty(len(texts), dtype=object)
    bad = np.zeros(len(texts), dtype=bool)
    for i, text in enumerate(texts):
        try:
            values[i] = text.decode()
        except UnicodeDecodeError:
            bad[i] = True
    return values, bad


def _to_numbers(texts: list[bytes]) -> Parsed:
    try:
        values = np.array(texts, dtype="S").astype(np.float64)
    except ValueError:
        values = np.array([_to_number(text) for text in texts], dtype=np.float64)
    values = values.reshape(-1)
    return values, ~np.isfinite(values)


def _to_number(text: bytes) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan


def _to_integers(texts: list[bytes]) -> Parsed:
    """Parse integers, also those written as 7.0."""
    values = np.zeros(len(texts), dtype=np.int64)
    bad = np.zeros(len(texts), dtype=bool)
    for i, text in enumerate(texts):
        try:
            values[i] = int(text)
        except (ValueError, OverflowError):
            number = _to_number(text)
            bad[i] = number != np.rint(number) or not abs(number) < 2**53
            values[i] = 0 if bad[i] else int(number)
    return values, bad
