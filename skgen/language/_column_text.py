"""The values of a column as texts, and back."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skgen.columns import Block, ColumnCodec, ListColumnCodec, NumberCodec
from skgen.table import ColumnSpec, Table

SPECIAL_TOKENS = (
    "<ROW>",
    "<ENDROW>",
    "<COL>",
    "<ENDCOL>",
    "<NUM>",
    "<CAT>",
    "<LIST>",
    "<PAD>",
)
# Smaller and greater numbers are written with an exponent.
SMALLEST_POSITIONAL = 1e-7
GREATEST_POSITIONAL = 1e16

_SPECIAL = re.compile("|".join(map(re.escape, SPECIAL_TOKENS)))


def format_number(value: float, decimals: int | None = None) -> str:
    """Return the shortest text that reads back as the same number.

    The number is rounded to `decimals` first, unless they are None.

    Examples
    --------
    >>> from skgen.language._column_text import format_number
    >>> format_number(64.0), format_number(0.1 + 0.2, 6), format_number(1e-30)
    ('64', '0.3', '1e-30')
    """
    if decimals is not None:
        value = float(np.round(value, decimals))
    size = abs(value)
    if size < GREATEST_POSITIONAL and value == int(value):
        return str(int(value))
    if SMALLEST_POSITIONAL <= size < GREATEST_POSITIONAL:
        return np.format_float_positional(value, trim="-")
    return repr(float(value))


def unique_texts(values: Iterable[Any], what: str) -> list[str]:
    """Return a text for each of some different values, no two the same.

    By `str`; by `repr` if two values are the same to `str`, such as 1 and "1". `what`
    names the values in the error if they are the same to both.
    """
    values = list(values)
    texts = [str(value) for value in values]
    if len(set(texts)) < len(texts):
        texts = [repr(value) for value in values]
    seen: set[str] = set()
    for text in texts:
        if text in seen:
            raise ValueError(
                f"{what}: two different values are written {text!r}, so that their "
                "text does not tell them apart. Rename one of them."
            )
        seen.add(text)
        check_no_special_token(text, what)
    return texts


def check_no_special_token(text: str, what: str) -> None:
    """Raise if a text contains a special token; `what` names it in the message."""
    found = _SPECIAL.search(text)
    if found:
        raise ValueError(
            f"{what}: {text!r} contains {found.group()}, which marks the parts of a "
            f"row. Replace it in the table, for example by "
            f"{found.group().strip('<>')!r}."
        )


def distinct(texts: NDArray[np.object_]) -> tuple[NDArray[np.intp], list[str | None]]:
    """Return the code of each text, and the different texts in order of occurrence.

    A missing value is None, which has a code too.
    """
    # pandas.factorize confuses texts that differ only after a null character.
    numbers: dict[str | None, int] = {}
    codes = [numbers.setdefault(text, len(numbers)) for text in texts.tolist()]
    return np.array(codes, dtype=np.intp), list(numbers)


class ColumnText(ABC):
    """The values of one column as texts.

    `title` is the column's name in the text, `kind` the token before its values (<NUM>,
    <CAT> or <LIST>); `has_missing` says whether values may be missing.
    """

    field: ColumnSpec
    title: str
    kind: str
    has_missing: bool

    @abstractmethod
    def write(self, block: Block, column: pd.Series) -> NDArray[np.object_]:
        """Return the text of each value, None where it is missing."""

    @abstractmethod
    def read(self, texts: NDArray[np.object_], table: Table) -> None:
        """Write values into a table, given their texts (None where missing)."""

    def _what(self) -> str:
        return f"Column {self.field.name!r}"


class LevelText(ColumnText):
    """A column of finitely many values.

    `levels` are their texts in the order of their codes, without the missing one.
    """

    def __init__(self, field: ColumnSpec, title: str, codec: ColumnCodec) -> None:
        self.field = field
        self.title = title
        self.kind = "<NUM>" if isinstance(codec, NumberCodec) else "<CAT>"
        self.has_missing = codec.missing is not None
        n_levels = codec.cardinalities[0]
        codes = np.arange(n_levels, dtype=np.int32)[:, None]
        block = Block(np.empty((n_levels, 0)), codes)
        values = codec.inverse_transform(block, np.random.RandomState(0))
        kept = np.delete(
            np.arange(n_levels), [] if codec.missing is None else [codec.missing]
        )
        if isinstance(codec, NumberCodec):
            decimals = codec.decimals_
            listed: list[Any] = [
                format_number(value, decimals) for value in codec.values_[kept]
            ]
        else:
            listed = [values.iloc[i] for i in kept]
        self.levels = unique_texts(listed, self._what())
        texts = np.empty(n_levels, dtype=object)
        texts[kept] = self.levels
        self._texts = texts
        self._codes = {text: code for code, text in enumerate(texts)}

    def write(self, block: Block, column: pd.Series) -> NDArray[np.object_]:
        return self._texts[block.codes[:, 0]]

    def read(self, texts: NDArray[np.object_], table: Table) -> None:
        codes, uniques = distinct(texts)
        found = np.empty(len(uniques), dtype=np.int32)
        for i, text in enumerate(uniques):
            if text not in self._codes:
                raise ValueError(
                    f"{self._what()}: {text!r} is none of its values in fit. Write one "
                    f"of them, such as {self.levels[0]!r}."
                )
            found[i] = self._codes[text]
        table.codes[:, self.field.codes[0]] = found[codes]


class NumberText(ColumnText):
    """A column of numbers.

    `decimals` is None if they have more than six; `low` and `high` are the range of the
    numbers without a code, `masses` the texts of those with one.
    """

    kind = "<NUM>"

    def __init__(self, field: ColumnSpec, title: str, codec: ColumnCodec) -> None:
        # A time is a number of steps.
        number: Any = getattr(codec, "_number", codec)
        self.field = field
        self.title = title
        self.has_missing = number.missing is not None
        self.decimals = number.decimals_
        self.low, self.high = (
            float(format_number(bound, self.decimals)) for bound in number.range_
        )
        self._codes = {
            format_number(value, self.decimals): code
            for code, value in enumerate(number.values_)
            if not np.isnan(value)
        }
        self.masses = list(self._codes)
        self._missing = number.missing

    def write(self, block: Block, column: pd.Series) -> NDArray[np.object_]:
        values = block.numeric[:, 0]
        missing = np.zeros(len(values), dtype=bool)
        if self._missing is not None:
            missing = block.codes[:, 0] == self._missing
        different, index = np.unique(values, return_inverse=True)
        texts = np.empty(len(different), dtype=object)
        texts[:] = [format_number(value, self.decimals) for value in different]
        written = texts[index]
        written[missing] = None
        for text in distinct(written[~missing])[1]:
            self._number(text)
        return written

    def read(self, texts: NDArray[np.object_], table: Table) -> None:
        codes, uniques = distinct(texts)
        numbers = np.empty(len(uniques))
        levels = np.empty(len(uniques), dtype=np.int32)
        for i, text in enumerate(uniques):
            numbers[i] = self._number(text)
            written = format_number(numbers[i], self.decimals)
            levels[i] = self._codes.get(written, 0)
            if text is None and self._missing is not None:
                levels[i] = self._missing
        table.numeric[:, self.field.number] = numbers[codes]
        if self.field.gated:
            table.codes[:, self.field.codes[0]] = levels[codes]

    def _number(self, text: str | None) -> float:
        if text is None:
            if not self.has_missing:
                raise ValueError(
                    f"{self._what()} has no missing values in fit, but one in the text."
                )
            return self.low
        try:
            value = float(text)
        except ValueError:
            raise ValueError(
                f"{self._what()}: {text!r} is no number. Write one such as "
                f"{format_number(self.low, self.decimals)!r}."
            ) from None
        if not self.low <= value <= self.high:
            if format_number(value, self.decimals) in self._codes:
                return value
            raise ValueError(
                f"{self._what()}: {text} lies outside the range seen in fit, "
                f"{format_number(self.low)} to {format_number(self.high)}. Clip it, or "
                "fit on rows that hold such values."
            )
        return value


class ListText(ColumnText):
    """A column of delimited lists, which are texts already."""

    kind = "<LIST>"

    def __init__(
        self, field: ColumnSpec, title: str, codec: ListColumnCodec, column: pd.Series
    ) -> None:
        self.field = field
        self.title = title
        self.delimiter = codec.delimiter
        self.has_missing = codec.missing is not None
        self._dtype = column.dtype
        missing = column[column.isna()]
        self._missing = missing.iloc[0] if len(missing) else None

    def split(self, text: str) -> list[str]:
        """Return the members of a list; the empty text has none."""
        return text.split(self.delimiter) if text else []

    def write(self, block: Block, column: pd.Series) -> NDArray[np.object_]:
        texts = np.asarray(column.astype(object), dtype=object).copy()
        texts[column.isna().to_numpy()] = None
        for text in distinct(texts)[1]:
            self._check(text)
        return texts

    def read(self, texts: NDArray[np.object_], table: Table) -> None:
        """Write nothing: a normal form of lists would not hold their order."""
        for text in distinct(texts)[1]:
            self._check(text)

    def restore(self, texts: NDArray[np.object_]) -> pd.Series:
        """Return lists in the dtype of the column."""
        lists = pd.Series(texts, dtype=object)
        missing = np.array([text is None for text in texts], dtype=bool)
        lists[missing] = self._missing
        return lists.astype(self._dtype)

    def _check(self, text: str | None) -> None:
        if text is not None:
            check_no_special_token(str(text), self._what())
        elif not self.has_missing:
            raise ValueError(
                f"{self._what()} has no missing lists in fit, but one in the text."
            )
