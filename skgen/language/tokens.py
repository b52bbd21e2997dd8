"""Rows as text, and back."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skgen.columns import Block, ListColumnCodec
from skgen.language._column_text import (
    ColumnText,
    LevelText,
    ListText,
    NumberText,
    unique_texts,
)
from skgen.table import Table, TableSchema

LABEL = "label"

_COLUMN = re.compile(
    r"<COL>(?P<name>.*?)(?:(?P<kind><NUM>|<CAT>|<LIST>)(?P<value>.*?))?<ENDCOL>",
    re.DOTALL,
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
        names = (field.name for field in schema.fields_)
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
        # Only lists use the random state, and they are replaced below.
        frame = schema.inverse_transform(table, random_state=np.random.RandomState(0))
        for column, texts in zip(self.columns, values, strict=True):
            if isinstance(column, ListText):
                frame[column.field.name] = column.restore(texts)
        return frame


def write_column(column: ColumnText, value: str | None) -> str:
    """Return the text of one column of a row; the value is None if missing."""
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
