"""Large delimited files as lean columns: what the readers of data sets share."""

from __future__ import annotations

import os
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv
from sklearn.utils import Bunch, check_random_state
from sklearn.utils._param_validation import Interval

BLOCK_SIZE = 1 << 20  # bytes read at a time
SHOWN = 120  # characters of a malformed line

Levels = tuple[NDArray[Any], NDArray[np.bool_]]

# For `validate_params` of the readers.
PATH_CONSTRAINTS: list = [str, os.PathLike]
READER_CONSTRAINTS: dict[str, list] = {
    "columns": ["array-like", None],
    "n_rows": [Interval(Integral, 1, None, closed="left"), None],
    "sample": [
        Interval(Integral, 1, None, closed="left"),
        Interval(Real, 0, 1, closed="neither"),
        None,
    ],
    "max_malformed": [Interval(Real, 0, 1, closed="both")],
    "random_state": ["random_state"],
    "return_X_y": ["boolean"],
}


# --- Columns --------------------------------------------------------------------------


class ColumnReader(ABC):
    """Collects one column, block by block.

    A block comes as the texts that occur in it and, for each row, the position of its
    text, -1 where there is none: rows outnumber texts, so that texts are read once.

    Parameters
    ----------
    required : bool, default=False
        Whether a line without this value is malformed.
    """

    def __init__(self, *, required: bool = False) -> None:
        self.required = required
        # One piece of memory that grows: many small ones would not be given back.
        self._buffer = bytearray()
        self._dtype = np.dtype(np.int8)

    @abstractmethod
    def read(self, texts: list[bytes]) -> Levels:
        """Return what each text means, and which of them mean nothing."""

    def append(self, codes: NDArray[np.int32], values: NDArray[Any]) -> None:
        """Add rows: positions in `values`, -1 where the value is missing."""
        missing = codes < 0
        if missing.any():
            values = np.append(values, self._missing())
        self._store(values[codes])

    def take(self, kept: NDArray[np.bool_]) -> None:
        """Keep some of the rows."""
        self._store(self._collect()[kept])

    def _missing(self) -> Any:
        return np.nan

    def _store(self, part: NDArray[Any]) -> None:
        """Add a part; the dtype becomes one that holds all of them."""
        if not self._buffer:
            self._dtype = part.dtype
        dtype = np.result_type(self._dtype, part.dtype)
        if dtype != self._dtype:
            self._buffer = bytearray(self._collect().astype(dtype).view(np.uint8))
            self._dtype = dtype
        self._buffer.extend(part.astype(dtype, copy=False).view(np.uint8))

    def _collect(self) -> NDArray[Any]:
        """Return all rows stored so far, and forget them."""
        buffer, self._buffer = self._buffer, bytearray()
        return np.frombuffer(buffer, dtype=self._dtype)

    def finish(self) -> Any:
        """Return the column, and forget it."""
        return self._collect()


class Numbers(ColumnReader):
    """Numbers of a dtype; floats where some are missing or do not fit."""

    def __init__(self, dtype: str, *, required: bool = False) -> None:
        super().__init__(required=required)
        self.dtype = np.dtype(dtype)

    def read(self, texts: list[bytes]) -> Levels:
        values, bad = _to_numbers(texts)
        if self.dtype.kind in "iu" and not bad.all():
            bad |= values != np.rint(values)
            good = np.where(bad, 0, values)
            bounds = np.iinfo(self.dtype)
            if good.min() >= bounds.min and good.max() <= bounds.max:
                return good.astype(self.dtype), bad
            return good.astype(np.int64), bad
        return values.astype(self.dtype if self.dtype.kind == "f" else float), bad


class Times(ColumnReader):
    """Points in time, written by a format of `strptime`."""

    def __init__(self, time_format: str, *, required: bool = False) -> None:
        super().__init__(required=required)
        self.time_format = time_format

    def read(self, texts: list[bytes]) -> Levels:
        decoded, bad = _decode(texts)
        times = pd.to_datetime(
            pd.Series(decoded, dtype=object), format=self.time_format, errors="coerce"
        )
        values = times.to_numpy().astype("datetime64[ns]")
        return values, bad | np.isnat(values)

    def _missing(self) -> Any:
        return np.datetime64("NaT", "ns")

    def finish(self) -> Any:
        return self._collect()


class Categories(ColumnReader):
    """Categories in the order of their levels, which are integers or strings."""

    def __init__(self, *, integer: bool = False, required: bool = False) -> None:
        super().__init__(required=required)
        self.integer = integer
        self._levels: dict[Any, int] = {}

    def read(self, texts: list[bytes]) -> Levels:
        return _to_integers(texts) if self.integer else _decode(texts)

    def append(self, codes: NDArray[np.int32], values: NDArray[Any]) -> None:
        occurs = np.zeros(len(values) + 1, dtype=bool)
        occurs[codes] = True
        known = self._levels
        place = np.full(len(values) + 1, -1, dtype=np.int32)
        new = np.flatnonzero(occurs[:-1])
        for i, value in zip(new.tolist(), values[new].tolist(), strict=True):
            place[i] = known.setdefault(value, len(known))
        self._store(place[codes].astype(np.min_scalar_type(-len(known) - 1)))

    def _ordered(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the codes of the rows and the levels, sorted; forget both."""
        codes = self._collect()
        dtype = np.int64 if self.integer else object
        levels = np.empty(len(self._levels), dtype=dtype)
        levels[:] = list(self._levels)
        self._levels = {}
        order = np.argsort(levels, kind="stable")
        place = np.empty(len(levels) + 1, dtype=np.min_scalar_type(-len(levels) - 1))
        place[order] = np.arange(len(levels))
        place[-1] = -1
        return place[codes], levels[order]

    def finish(self) -> Any:
        codes, levels = self._ordered()
        occurs = np.zeros(len(levels) + 1, dtype=bool)
        occurs[codes] = True
        occurs = occurs[:-1]
        if not occurs.all():
            place = np.append(np.cumsum(occurs) - 1, -1).astype(codes.dtype)
            codes, levels = place[codes], levels[occurs]
        return pd.Categorical.from_codes(codes, pd.Index(levels))


class Lists(Categories):
    """Delimited lists: strings, of which those that are equal are one object."""

    def finish(self) -> Any:
        codes, levels = self._ordered()
        texts = np.append(levels, np.array([np.nan], dtype=object))
        # By name, as pandas 3 would copy each of them into a column of strings.
        return pd.Series(texts[codes], dtype=object, copy=False)


def _decode(texts: list[bytes]) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    values = np.empty(len(texts), dtype=object)
    bad = np.zeros(len(texts), dtype=bool)
    for i, text in enumerate(texts):
        try:
            values[i] = text.decode()
        except UnicodeDecodeError:
            bad[i] = True
    return values, bad


def _to_numbers(texts: list[bytes]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
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


def _to_integers(texts: list[bytes]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Read integers, also those written as 7.0."""
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


# --- Rows -----------------------------------------------------------------------------


class Malformed:
    """Counts the lines that cannot be read, and keeps the first of them.

    Parameters
    ----------
    path : str
        The file, for messages.

    max_malformed : float
        Largest share of malformed lines, in [0, 1].
    """

    def __init__(self, path: str, max_malformed: float) -> None:
        self.path = path
        self.max_malformed = max_malformed
        self.count = 0
        self._first: tuple[int, str] | None = None

    def add(self, count: int, line: int, what: str) -> None:
        """Add `count` lines, the first of which is `line`."""
        self.count += count
        if self._first is None or line < self._first[0]:
            self._first = (line, what)

    def report(self, n_read: int) -> None:
        """Warn of the lines left out; refuse the file if they are too many."""
        if self._first is None:
            return
        line, what = self._first
        total = self.count + n_read
        said = (
            f"{self.path}: {self.count} of {total} lines are malformed "
            f"({self.count / total:.2%}), first line {line}: {what}"
        )
        if self.count > self.max_malformed * total:
            raise ValueError(
                f"{said}. More than max_malformed={self.max_malformed} of the lines "
                "cannot be read: is the download complete, and is it the file that "
                "this function reads? Otherwise raise max_malformed."
            )
        warnings.warn(f"{said}. They are left out.", UserWarning, stacklevel=2)


class RowSampler:
    """Chooses rows at random, without replacement, while they pass by.

    Parameters
    ----------
    sample : int, float or None
        Number of rows, or the probability with which each row is kept; None keeps all.

    random_state : int, RandomState instance or None
        Draws the rows.
    """

    def __init__(self, sample: int | float | None, random_state: Any) -> None:
        self.sample = sample
        self._rng = check_random_state(random_state)
        self._count = isinstance(sample, Integral)
        self._keys: list[NDArray[np.float64]] = []
        self._smallest = np.empty(0)
        self.n_seen = 0

    def choose(self, n_rows: int) -> NDArray[np.bool_]:
        """Return which of the next rows may be among those chosen."""
        self.n_seen += n_rows
        if self.sample is None:
            return np.ones(n_rows, dtype=bool)
        keys = self._rng.random_sample(n_rows)
        if not self._count:
            return keys < self.sample
        # The rows with the smallest keys are chosen; those that are not among them so
        # far never will be.
        n_chosen = int(self.sample)
        smallest = np.concatenate([self._smallest, keys])
        if len(smallest) > n_chosen:
            smallest = np.partition(smallest, n_chosen - 1)[:n_chosen]
        self._smallest = smallest
        kept = keys <= smallest.max()
        self._keys.append(keys[kept])
        return kept

    def settle(self, path: str) -> NDArray[np.bool_] | None:
        """Return which of the rows kept are chosen in the end; None is all."""
        if not self._count:
            return None
        if self.n_seen < self.sample:  # type: ignore[operator]
            raise ValueError(
                f"sample={self.sample} rows are wanted, but {path} has {self.n_seen} "
                "that can be read. Ask for fewer, or leave sample out."
            )
        chosen: NDArray[np.bool_] = np.concatenate(self._keys) <= self._smallest.max()
        return chosen


def find_file(path: Any, source: str) -> Path:
    """Return the path of a file; say where to get it if it is not there."""
    found = Path(path).expanduser()
    if not found.exists():
        raise FileNotFoundError(f"There is no file {str(found)!r}. {source}")
    if found.is_dir():
        raise IsADirectoryError(
            f"{str(found)!r} is a folder: give the path of one file in it. {source}"
        )
    return found


def select_columns(
    columns: Iterable[str] | None, default: Sequence[str], available: Sequence[str]
) -> list[str]:
    """Return the names of the columns to read, in the order of the file."""
    if columns is None:
        return list(default)
    if isinstance(columns, str):
        raise ValueError(f"columns={columns!r} is one name: give a list of names.")
    wanted = list(columns)
    unknown = [name for name in wanted if name not in available]
    if unknown:
        raise ValueError(
            f"columns names {unknown}, which the file does not have. Its columns are "
            f"{list(available)}."
        )
    return [name for name in available if name in wanted]


def read_delimited(
    path: Path,
    readers: Mapping[str, ColumnReader],
    *,
    names: Sequence[str] | None = None,
    delimiter: str = ",",
    n_rows: int | None = None,
    sample: int | float | None = None,
    max_malformed: float = 0.01,
    random_state: Any = None,
) -> tuple[pd.DataFrame, int]:
    """Read columns of a delimited file, compressed or not.

    Parameters
    ----------
    path : Path
        The file. ``.gz``, ``.bz2`` and ``.zst`` are decompressed on the way.

    readers : dict of str to ColumnReader
        The columns to read, by name.

    names : sequence of str, default=None
        The names of all columns where the file has no header; None takes its header.

    delimiter : str, default=","
        What separates the values of a line.

    n_rows : int, default=None
        Number of lines to read; all if None.

    sample : int, float or None, default=None
        As in `RowSampler`; of the lines read.

    max_malformed : float, default=0.01
        Largest share of malformed lines: of those that have too few or too many
        values, or a value that is not of its column's kind.

    random_state : int, RandomState instance or None, default=None
        Draws the sample.

    Returns
    -------
    frame : DataFrame
        The columns, in the order of `readers`.

    n_malformed : int
        Number of lines left out.

    Raises
    ------
    ValueError
        If the file is empty or lacks a column, or has too many malformed lines.
    """
    stream = _Blocks(path, list(readers), names, delimiter)
    malformed = Malformed(str(path), max_malformed)
    sampler = RowSampler(sample, random_state)
    n_read = n_parsed = 0
    for block in stream:
        bad = np.zeros(len(block), dtype=bool)
        read = {}
        for name, reader in readers.items():
            codes, texts = block.column(name)
            values, unread = reader.read(texts)
            wrong = np.append(unread, reader.required)[codes]
            if wrong.any():
                _note(malformed, stream, name, codes, texts, wrong & ~bad, n_parsed)
                bad |= wrong
            read[name] = codes, values
        kept = np.flatnonzero(~bad)
        if n_rows is not None:
            kept = kept[: n_rows - n_read]
        n_read += len(kept)
        n_parsed += len(block)
        kept = kept[sampler.choose(len(kept))]
        for name, reader in readers.items():
            codes, values = read.pop(name)
            reader.append(codes[kept], values)
        if n_read == n_rows:
            break
    # The stream reads ahead, so that what it skipped may lie beyond the last row.
    for line, what in stream.skipped(None if n_read != n_rows else n_parsed):
        malformed.add(1, line, what)
    if n_read == 0 and not malformed.count:
        raise ValueError(f"{path} has no rows.")
    malformed.report(n_read)
    chosen = sampler.settle(str(path))
    made = {}
    for name, reader in readers.items():
        if chosen is not None:
            reader.take(chosen)
        made[name] = reader.finish()
    return pd.DataFrame(made, copy=False), malformed.count


def _note(
    malformed: Malformed,
    stream: _Blocks,
    name: str,
    codes: NDArray[np.int32],
    texts: list[bytes],
    wrong: NDArray[np.bool_],
    n_before: int,
) -> None:
    """Count the rows whose value in this column cannot be read."""
    if not wrong.any():
        return
    first = int(np.argmax(wrong))
    shown = texts[codes[first]].decode(errors="replace") if codes[first] >= 0 else ""
    malformed.add(
        int(wrong.sum()),
        stream.line(n_before + first),
        f"column {name!r} holds {shown[:SHOWN]!r}",
    )


class _Block:
    """Some rows of the file, each column as texts and positions in them."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        self._batch = batch

    def __len__(self) -> int:
        return int(self._batch.num_rows)

    def column(self, name: str) -> tuple[NDArray[np.int32], list[bytes]]:
        """Return the position of each row's text, and the texts."""
        array = self._batch.column(name)
        codes = array.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        return codes, array.dictionary.to_pylist()


class _Blocks:
    """The rows of a delimited file, some at a time, and the lines that hold none."""

    def __init__(
        self,
        path: Path,
        wanted: list[str],
        names: Sequence[str] | None,
        delimiter: str,
    ) -> None:
        self._path = path
        self._n_header = 0 if names else 1
        self._malformed: list[tuple[int, str]] = []
        if names is None:
            header = read_header(path, delimiter)
            lacking = [name for name in wanted if name not in header]
            if lacking:
                raise ValueError(
                    f"{path} has no columns {lacking}; its first line names "
                    f"{header[:8]}{' and more' if len(header) > 8 else ''}. Is it the "
                    "file that this function reads?"
                )
        text = pa.dictionary(pa.int32(), pa.binary())
        self._open: Callable[[], csv.CSVStreamingReader] = lambda: csv.open_csv(
            pa.input_stream(str(path), compression="detect"),
            # On one thread, which tells the number of a malformed line.
            read_options=csv.ReadOptions(
                use_threads=False, block_size=BLOCK_SIZE, column_names=names
            ),
            parse_options=csv.ParseOptions(
                delimiter=delimiter,
                invalid_row_handler=self._skip,
            ),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(wanted, text),
                include_columns=wanted,
                strings_can_be_null=True,
                null_values=[""],
            ),
        )

    def _skip(self, row: Any) -> str:
        what = (
            f"{row.actual_columns} values instead of {row.expected_columns}, "
            f"{row.text[:SHOWN]!r}"
        )
        self._malformed.append((row.number, what))
        return "skip"

    def __iter__(self) -> Iterator[_Block]:
        try:
            with self._open() as stream:
                for batch in stream:
                    if batch.num_rows:
                        yield _Block(batch)
        except pa.ArrowInvalid as error:
            if "Empty CSV file" in str(error):
                return
            message = f"{self._path} cannot be read as delimited text: {error}"
            raise ValueError(message) from error

    def line(self, row: int) -> int:
        """Return the number of the line, from 1, that holds a row, from 0.

        Blank lines, which Arrow passes over, do not count.
        """
        line = row + 1 + self._n_header
        for malformed, _ in self._malformed:
            if malformed > line:
                break
            line += 1
        return line

    def skipped(self, n_rows: int | None) -> list[tuple[int, str]]:
        """Return the malformed lines among the first rows, and what they hold."""
        if n_rows is None:
            return self._malformed
        last = self.line(n_rows - 1)
        return [each for each in self._malformed if each[0] <= last]


def read_header(path: Path, delimiter: str) -> list[str]:
    """Return the names in the first line of a file."""
    with pa.input_stream(str(path), compression="detect") as stream:
        start = stream.read(1 << 16)
    line = start.partition(b"\n")[0].decode("utf-8-sig", errors="replace")
    return [name.strip().strip('"') for name in line.rstrip("\r").split(delimiter)]


# --- What is returned -----------------------------------------------------------------


def check_binary(labels: Any, name: str, path: Path) -> None:
    """Refuse a label that is not 0 or 1."""
    found = np.unique(labels)
    if not np.isin(found, [0, 1]).all():
        raise ValueError(
            f"{path}: the label column {name!r} holds {found[:5].tolist()}"
            f"{' and more' if len(found) > 5 else ''}; it has to be 0 (not clicked) or "
            "1 (clicked). Is it the file that this function reads?"
        )


def pack(
    data: Any,
    target: pd.Series,
    *,
    return_X_y: bool,
    description: str,
    n_malformed: int,
    target_names: Sequence[str] = ("not clicked", "clicked"),
    **more: Any,
) -> Any:
    """Return ``(data, target)`` or a Bunch, as scikit-learn's loaders do."""
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        **more,
        feature_names=list(getattr(data, "columns", [])),
        target_names=list(target_names),
        n_malformed=n_malformed,
        DESCR=description,
    )
