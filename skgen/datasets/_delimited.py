"""Large delimited files, read block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

from ._column_readers import ColumnReader
from ._rows import SHOWN, RowFilter

BLOCK_SIZE = 1 << 20  # bytes read at a time


def read_delimited(
    path: Path,
    readers: Mapping[str, ColumnReader],
    *,
    names: Sequence[str] | None = None,
    delimiter: str = ",",
    n_rows: int | None = None,
    **options: Any,
) -> tuple[pd.DataFrame, int]:
    """Return the columns of `readers` and the number of malformed lines.

    `names` are those of all columns if the file has no header, `n_rows` is the number
    of lines to read, `options` are those of `RowFilter`. A line is malformed if it has
    too few or too many values, or one that is not of its column's kind.
    """
    stream = _Blocks(path, list(readers), names, delimiter)
    rows = RowFilter(path, **options)
    n_parsed = 0
    for block in stream:
        bad = np.zeros(block.num_rows, dtype=bool)
        parsed = {}
        for name, reader in readers.items():
            codes, texts = _read_column(block, name)
            values, unread = reader.parse(texts)
            wrong = np.append(unread, reader.required)[codes]
            new = wrong & ~bad
            if new.any():
                code = codes[np.argmax(new)]
                text = "" if code < 0 else texts[code].decode(errors="replace")
                line = stream.line(n_parsed + int(np.argmax(new)))
                what = f"column {name!r} holds {text[:SHOWN]!r}"
                rows.reject(int(new.sum()), line, what)
            bad |= wrong
            parsed[name] = codes, values
        kept = np.flatnonzero(~bad)
        if n_rows is not None:
            kept = kept[: n_rows - rows.n_read]
        n_parsed += block.num_rows
        kept = kept[rows.choose(len(kept))]
        for name, reader in readers.items():
            codes, values = parsed.pop(name)
            reader.append(codes[kept], values)
        if rows.n_read == n_rows:
            break
    # The stream reads ahead, so that what it skipped may lie beyond the last row.
    for line, what in stream.skipped(None if rows.n_read != n_rows else n_parsed):
        rows.reject(1, line, what)
    chosen = rows.settle()
    columns = {name: reader.finish(chosen) for name, reader in readers.items()}
    return pd.DataFrame(columns, copy=False), rows.n_malformed


def _read_column(
    block: pa.RecordBatch, name: str
) -> tuple[NDArray[np.int32], list[bytes]]:
    """Return the position of each row's text (-1 if missing), and the texts."""
    array = block.column(name)
    codes = array.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return codes, array.dictionary.to_pylist()


class _Blocks:
    """The rows of a delimited file, block by block, and the lines that are no rows."""

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
            header = _read_header(path, delimiter)
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
            # Only a single thread numbers the malformed lines.
            read_options=csv.ReadOptions(
                use_threads=False, block_size=BLOCK_SIZE, column_names=names
            ),
            parse_options=csv.ParseOptions(
                delimiter=delimiter, invalid_row_handler=self._skip
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

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        try:
            with self._open() as stream:
                yield from (block for block in stream if block.num_rows)
        except pa.ArrowInvalid as error:
            if "Empty CSV file" in str(error):
                return
            message = f"{self._path} cannot be read as delimited text: {error}"
            raise ValueError(message) from error

    def line(self, row: int) -> int:
        """Return the line, from 1, of a row, from 0; Arrow skips blank lines."""
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


def _read_header(path: Path, delimiter: str) -> list[str]:
    with pa.input_stream(str(path), compression="detect") as stream:
        start = stream.read(1 << 16)
    line = start.partition(b"\n")[0].decode("utf-8-sig", errors="replace")
    return [name.strip().strip('"') for name in line.rstrip("\r").split(delimiter)]
