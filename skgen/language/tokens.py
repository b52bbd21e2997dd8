"""Rows as text, and back."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skgen.columns import Block, ColumnCodec, ListColumnCodec, NumberCodec
from skgen.table import ColumnSpec, Table, TableSchema

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
LABEL = "label"
# Beyond, numbers are written with an exponent.
SMALLEST_POSITIONAL = 1e-7
GREATEST_POSITIONAL = 1e16

_SPECIAL = re.compile("|".join(map(re.escape, SPECIAL_TOKENS)))
_COLUMN = re.compile(
    r"<COL>(?P<name>.*?)(?:(?P<kind><NUM>|<CAT>|<LIST>)(?P<value>.*?))?<ENDCOL>",
    re.DOTALL,
)


def format_number(value: float, decimals: int | None = None) -> str:
    """Return the shortest text that reads back as the same number.

    Parameters
    ----------
    value : float

    decimals : int or None, default=None
        Decimals that are looked at; None looks at all.

    Returns
    -------
    text : str

    Examples
    --------
    >>> from skgen.language.tokens import format_number
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

    Parameters
    ----------
    values : iterable

    what : str
        What the values are, for messages.

    Returns
    -------
    texts : list of str
        By `str`; by `repr` if two values are the same to `str`, such as 1 and "1".

    Raises
    ------
    ValueError
        If two values are the same to both, or a text contains a special token.
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
    """Raise if a text contains a special token.

    Parameters
    ----------
    text : str

    what : str
        What the text is, for the message.

    Raises
    ------
    ValueError
        Names the text and the token.
    """
    found = _SPECIAL.search(text)
    if found:
        raise ValueError(
            f"{what}: {text!r} contains {found.group()}, which marks the parts of a "
            f"row. Replace it in the table, for example by "
            f"{found.group().strip('<>')!r}."
        )


def distinct(texts: NDArray[np.object_]) -> tuple[NDArray[np.intp], list[str | None]]:
    """Return the different texts among some, and which each is.

    Parameters
    ----------
    texts : ndarray of object of shape (n_samples,)
        None where a value is missing.

    Returns
    -------
    codes : ndarray of int of shape (n_samples,)

    uniques : list of str or None
        In the order in which they first occur.
    """
    # pandas.factorize would take texts for one that differ after a null character.
    numbers: dict[str | None, int] = {}
    codes = [numbers.setdefault(text, len(numbers)) for text in texts.tolist()]
    return np.array(codes, dtype=np.intp), list(numbers)


class ColumnText(ABC):
    """The values of one column as texts.

    Attributes
    ----------
    field : ColumnSpec
        The column.

    title : str
        Its name in the text.

    kind : {"<NUM>", "<CAT>", "<LIST>"}
        The token that stands before its values.

    has_missing : bool
        Whether values may be missing.
    """

    field: ColumnSpec
    title: str
    kind: str
    has_missing: bool

    @abstractmethod
    def write(self, block: Block, column: pd.Series) -> NDArray[np.object_]:
        """Return the text of each value, None where it is missing.

        Parameters
        ----------
        block : Block of n_samples rows
            The column in the normal form.

        column : Series of shape (n_samples,)
            The column itself.
        """

    @abstractmethod
    def read(self, texts: NDArray[np.object_], table: Table) -> None:
        """Write values into a table, given their texts (None where missing)."""

    def _what(self) -> str:
        return f"Column {self.field.name!r}"


class LevelText(ColumnText):
    """A column of finitely many values.

    Attributes
    ----------
    levels : list of str
        Texts of the levels in the order of their codes, without the missing one.
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
        """Return the text of each level."""
        return self._texts[block.codes[:, 0]]

    def read(self, texts: NDArray[np.object_], table: Table) -> None:
        """Write codes into a table."""
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

    Attributes
    ----------
    decimals : int or None
        Decimals that the numbers have; None if more than six.

    low, high : float
        Range of the numbers that have no code.

    masses : list of str
        The numbers that have a code.
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
        """Return the shortest text of each number."""
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
        """Write numbers and codes into a table."""
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
    """A column of delimited lists, which are texts already.

    Attributes
    ----------
    delimiter : str
        What separates the members.
    """

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
        """Return the lists as they are."""
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


class RowText:
    """Rows as text: ``<ROW><COL>age<NUM>32<ENDCOL><COL>city<CAT>Rome<ENDCOL><ENDROW>``.

    A column begins with ``<COL>`` and its name, then a token that says what it holds
    and the value: ``<NUM>`` a number, ``<CAT>`` a category, ``<LIST>`` a delimited
    list. Where the value is missing there is neither token nor value. The label comes
    first. A time is a number: of the coarsest steps that are exact, since the earliest.

    Parameters
    ----------
    schema : TableSchema
        The normal form of the columns.

    frame : DataFrame of shape (n_samples, n_features)
        The rows that the schema was fitted to.

    classes : ndarray of shape (n_classes,) or None
        The labels; None writes rows without label.

    Attributes
    ----------
    columns : list of ColumnText
        The columns that are not constant, in their order.

    labels : list of str
        Texts of the labels; empty if there are none.

    Raises
    ------
    ValueError
        If a name or a value contains a special token, or two are written the same.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.language.tokens import RowText
    >>> from skgen.table import TableSchema
    >>> X = pd.DataFrame({"age": [31.5, None, 47], "city": ["Rome", "Oslo", ""]})
    >>> text = RowText(TableSchema().fit(X), X, None)
    >>> lines = text.write(X, None)
    >>> for line in lines:
    ...     print(line)
    <ROW><COL>age<NUM>31.5<ENDCOL><COL>city<CAT>Rome<ENDCOL><ENDROW>
    <ROW><COL>age<ENDCOL><COL>city<CAT>Oslo<ENDCOL><ENDROW>
    <ROW><COL>age<NUM>47<ENDCOL><COL>city<CAT><ENDCOL><ENDROW>
    >>> bool(text.read(lines)[0].equals(X))
    True
    """

    def __init__(
        self, schema: TableSchema, frame: pd.DataFrame, classes: NDArray | None
    ) -> None:
        self.schema = schema
        names: list[Hashable] = [field.name for field in schema.fields_]
        titles = unique_texts(names, "The names of the columns")
        self.columns: list[ColumnText] = []
        for field, title in zip(schema.fields_, titles, strict=True):
            codec = schema.codecs_[field.name]
            column: ColumnText
            if isinstance(codec, ListColumnCodec):
                column = ListText(field, title, codec, frame[field.name])
            elif field.number is not None:
                column = NumberText(field, title, codec)
            else:
                column = LevelText(field, title, codec)
            self.columns.append(column)
        self.labels: list[str] = []
        if classes is not None:
            self.labels = unique_texts(classes.tolist(), "The labels")

    def values(self, frame: pd.DataFrame) -> list[NDArray[np.object_]]:
        """Return the texts of the values of each column, None where missing.

        Parameters
        ----------
        frame : DataFrame of shape (n_samples, n_features)

        Returns
        -------
        values : list of ndarray of object of shape (n_samples,)

        Raises
        ------
        ValueError
            If a value was not seen in fit, or contains a special token.
        """
        table = self.schema.transform(frame)
        values = []
        for column in self.columns:
            field = column.field
            number = [] if field.number is None else [field.number]
            block = Block(table.numeric[:, number], table.codes[:, list(field.codes)])
            values.append(column.write(block, frame[field.name]))
        return values

    def write(self, frame: pd.DataFrame, labels: NDArray[np.intp] | None) -> list[str]:
        """Return the text of each row.

        Parameters
        ----------
        frame : DataFrame of shape (n_samples, n_features)

        labels : ndarray of shape (n_samples,) or None
            Index into the labels; None if there are none.

        Returns
        -------
        lines : list of str
        """
        parts: list[list[str]] = []
        if labels is not None:
            parts.append([self.label(code) for code in labels])
        for column, values in zip(self.columns, self.values(frame), strict=True):
            parts.append([write_column(column, value) for value in values])
        rows = zip(*parts, strict=True)
        return [f"<ROW>{''.join(row)}<ENDROW>" for row in rows]

    def label(self, code: int) -> str:
        """Return the text of a label's column."""
        return f"<COL>{LABEL}<CAT>{self.labels[code]}<ENDCOL>"

    def read(
        self, lines: Sequence[str]
    ) -> tuple[pd.DataFrame, NDArray[np.intp] | None]:
        """Read rows from text.

        Parameters
        ----------
        lines : sequence of str
            A row each; its columns in any order, but the label first.

        Returns
        -------
        frame : DataFrame of shape (n_samples, n_features)

        labels : ndarray of shape (n_samples,) or None
            Index into the labels; None if there are none.

        Raises
        ------
        ValueError
            If a line is no row, or a value was not seen in fit; names the line or the
            column.
        """
        places = {column.title: i for i, column in enumerate(self.columns)}
        codes = {text: code for code, text in enumerate(self.labels)}
        labels = np.zeros(len(lines), dtype=np.intp)
        values = np.empty((len(self.columns), len(lines)), dtype=object)
        for row, line in enumerate(lines):
            parts = parse_row(line, row)
            if self.labels:
                name, _, value = parts[0] if parts else ("", None, None)
                if name != LABEL or value not in codes:
                    raise ValueError(
                        f"Line {row}: a row begins with its label, such as "
                        f"{self.label(0)}."
                    )
                labels[row] = codes[value]
                parts = parts[1:]
            named = [part[0] for part in parts]
            if len(named) != len(places) or set(named) != set(places):
                raise ValueError(
                    f"Line {row} has the columns {named}, but a row has "
                    f"{list(places)}, each once."
                )
            for name, kind, value in parts:
                place = places[name]
                if kind is not None and kind != self.columns[place].kind:
                    raise ValueError(
                        f"Line {row}: column {name!r} has {kind} where "
                        f"{self.columns[place].kind} belongs."
                    )
                values[place, row] = value
        return self._restore(values), labels if self.labels else None

    def _restore(self, values: NDArray[np.object_]) -> pd.DataFrame:
        n_samples = values.shape[1]
        schema = self.schema
        cardinalities = [n for c in schema.codecs_.values() for n in c.cardinalities]
        n_numeric = sum(codec.has_number for codec in schema.codecs_.values())
        table = Table(
            np.zeros((n_samples, n_numeric)),
            np.zeros((n_samples, len(cardinalities)), dtype=np.int32),
            np.array(cardinalities, dtype=np.intp),
            schema.fields_,
        )
        for column, texts in zip(self.columns, values, strict=True):
            column.read(texts, table)
        # Lists alone would draw, and they are replaced.
        frame = schema.inverse_transform(table, random_state=np.random.RandomState(0))
        for column, texts in zip(self.columns, values, strict=True):
            if isinstance(column, ListText):
                frame[column.field.name] = column.restore(texts)
        return frame


def write_column(column: ColumnText, value: str | None) -> str:
    """Return the text of one column of a row.

    Parameters
    ----------
    column : ColumnText

    value : str or None
        The text of the value; None if it is missing.

    Returns
    -------
    text : str
    """
    if value is None:
        return f"<COL>{column.title}<ENDCOL>"
    return f"<COL>{column.title}{column.kind}{value}<ENDCOL>"


def parse_row(line: str, row: int = 0) -> list[tuple[str, str | None, str | None]]:
    """Take the text of a row apart.

    Parameters
    ----------
    line : str

    row : int, default=0
        Number of the line, for messages.

    Returns
    -------
    columns : list of (name, kind, value)
        Kind and value are None where the value is missing.

    Raises
    ------
    ValueError
        If the line is no row.

    Examples
    --------
    >>> from skgen.language.tokens import parse_row
    >>> parse_row("<ROW><COL>age<NUM>32<ENDCOL><COL>city<ENDCOL><ENDROW>")
    [('age', '<NUM>', '32'), ('city', None, None)]
    """
    columns = []
    at = len("<ROW>")
    if line.startswith("<ROW>"):
        while found := _COLUMN.match(line, at):
            columns.append((found["name"], found["kind"], found["value"]))
            at = found.end()
    if not line.startswith("<ROW>") or line[at:] != "<ENDROW>":
        raise ValueError(
            f"Line {row} is no row: {line[:200]!r}. A row is <ROW>, columns such as "
            "<COL>age<NUM>32<ENDCOL>, and <ENDROW>."
        )
    return columns
