"""The tokens of whole rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skgen.language._column_tokens import (
    ColumnTokens,
    GroupedNumberTokens,
    LevelTokens,
    make_column_tokens,
)
from skgen.language._grammar import GrammarBuilder
from skgen.language._tokenizers import Tokenizer
from skgen.language.tokens import LABEL, RowText, distinct

# Columns named in a message.
N_NAMED = 3


class TokenBatch(NamedTuple):
    """Some rows as tokens, padded to the longest.

    Attributes
    ----------
    tokens : ndarray of int64 of shape (n_samples, n_tokens)

    slots : ndarray of int64 of shape (n_samples, n_tokens)
        Places of the tokens, see `Grammar.slots`.

    edges : ndarray of int64 of shape (n_samples, n_tokens)
        The edges of the grammar that tokens take where others could have been taken:
        what a model has to learn. -1 elsewhere.
    """

    tokens: NDArray[np.int64]
    slots: NDArray[np.int64]
    edges: NDArray[np.int64]

    def lengths(self) -> NDArray[np.intp]:
        """Return the number of tokens of each row up to the last to be learned."""
        width = self.edges.shape[1]
        return width - np.argmax(self.edges[:, ::-1] >= 0, axis=1)

    def take(self, rows: NDArray[np.intp], width: int) -> TokenBatch:
        """Return some rows, cut off at a number of tokens."""
        return TokenBatch(*(array[rows, :width] for array in self))


# Tokens, slots and edges, as in `TokenBatch`.
Piece = tuple[list[int], list[int], list[int]]


class RowTokens:
    """Write the rows of a table as tokens.

    Parameters
    ----------
    text : RowText

    frame : DataFrame of shape (n_samples, n_features)
        The rows that say which values are frequent.

    tokenizer : Tokenizer

    precision : int or None
        See :func:`skgen.language._numbers.make_grid`.

    Attributes
    ----------
    columns : list of ColumnTokens

    ranked : list of (tokens, ranks)
        For each column of numbers that has words, the tokens that begin them and the
        places of these numbers among the rows.

    prompts : list of list of int
        The tokens that begin a row of each label.

    grammar : Grammar

    longest : int
        Number of tokens of the longest row that is admissible.
    """

    def __init__(
        self,
        text: RowText,
        frame: pd.DataFrame,
        tokenizer: Tokenizer,
        *,
        precision: int | None,
    ) -> None:
        self.text = text
        self.tokenizer = tokenizer
        builder = GrammarBuilder()
        self.columns: list[ColumnTokens] = []
        self.ranked: list[tuple[list[int], list[float]]] = []
        for column, values in zip(text.columns, text.values(frame), strict=True):
            counts = Counter(value for value in values if value is not None)
            tokens = make_column_tokens(
                column,
                counts,
                precision=precision,
                tokenizer=tokenizer,
                builder=builder,
            )
            self.columns.append(tokens)
            if isinstance(tokens, GroupedNumberTokens):
                self.ranked.append(tokens.ranked(counts))
        start = [tokenizer.special("<ROW>")]
        self.prompts = [start]
        if text.labels:
            once = dict.fromkeys(text.labels, 1)
            label = LevelTokens(
                LABEL, "<CAT>", once, False, tokenizer, builder, is_label=True
            )
            self.prompts = [start + label.encode(value) for value in text.labels]
        n_prompt = max(map(len, self.prompts))
        entries = [column.entry for column in self.columns]
        self.grammar = builder.build(entries, n_prompt)
        self.longest = n_prompt + sum(column.longest for column in self.columns)

    def check_length(self, n_positions: int) -> None:
        """Raise if a row may be longer than a context window.

        Parameters
        ----------
        n_positions : int
            Tokens that the window holds.

        Raises
        ------
        ValueError
            Says how long a row may be, and which columns make it so.
        """
        if self.longest <= n_positions:
            return
        longest = sorted(self.columns, key=lambda column: -column.longest)[:N_NAMED]
        named = ", ".join(f"{c.title!r} ({c.longest} tokens)" for c in longest)
        raise ValueError(
            f"A row may take {self.longest} tokens, but the context window holds "
            f"{n_positions}. The longest columns are {named}. Drop or shorten them, or "
            "choose a model with a larger window (n_positions, if model=None)."
        )

    def encode(self, frame: pd.DataFrame, labels: NDArray[np.intp]) -> EncodedRows:
        """Write rows as tokens.

        Parameters
        ----------
        frame : DataFrame of shape (n_samples, n_features)

        labels : ndarray of shape (n_samples,)

        Returns
        -------
        rows : EncodedRows
        """
        pieces, index = [], []
        for column, values in zip(self.columns, self.text.values(frame), strict=True):
            codes, texts = distinct(values)
            pieces.append([self._piece(column, text) for text in texts])
            index.append(codes)
        prompts = labels if len(self.prompts) > 1 else np.zeros_like(labels)
        return EncodedRows(self.prompts, prompts, pieces, np.array(index).T)

    def _piece(self, column: ColumnTokens, text: str | None) -> Piece:
        tokens = column.encode(text)
        edges = self.grammar.walk(column.entry, tokens)
        nodes = self.grammar.source(np.array(edges))
        slots = self.grammar.slots[nodes].tolist()
        free = self.grammar.n_choices(nodes) > 1
        return tokens, slots, np.where(free, edges, -1).tolist()

    def write(self, edges: NDArray[np.int64], labels: NDArray[np.intp]) -> list[str]:
        """Return the text of rows that were drawn.

        Parameters
        ----------
        edges : ndarray of shape (n_samples, n_tokens)
            The edges of each row, -1 after the last.

        labels : ndarray of shape (n_samples,)

        Returns
        -------
        lines : list of str
        """
        emits = self.grammar.emits
        lines = []
        for label, row in zip(labels.tolist(), edges.tolist(), strict=True):
            begin = self.text.label(label) if self.text.labels else ""
            body = "".join([emits[edge] for edge in row if edge >= 0])
            lines.append(f"<ROW>{begin}{body}<ENDROW>")
        return lines


class EncodedRows:
    """Rows of which each column's tokens are known; put together in any order.

    Parameters
    ----------
    prompts : list of list of int

    labels : ndarray of shape (n_samples,)
        The prompt of each row.

    pieces : list of list of (tokens, slots, edges)
        The different values of each column.

    index : ndarray of shape (n_samples, n_columns)
        The value of each column in each row.
    """

    def __init__(
        self,
        prompts: list[list[int]],
        labels: NDArray[np.intp],
        pieces: list[list[Piece]],
        index: NDArray[np.intp],
    ) -> None:
        self._prompts = prompts
        self._labels = labels
        self._pieces = pieces
        self._index = index

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._index)

    def assemble(
        self, rows: NDArray[np.intp], orders: Sequence[Sequence[int]] | None = None
    ) -> TokenBatch:
        """Put rows together.

        Parameters
        ----------
        rows : ndarray of shape (n_rows,)

        orders : sequence of sequence of int, default=None
            The order of the columns in each row; None is that of the table.

        Returns
        -------
        batch : TokenBatch
        """
        fixed = range(len(self._pieces))
        parts: list[Piece] = []
        for i, row in enumerate(rows.tolist()):
            tokens = list(self._prompts[self._labels[row]])
            slots = list(range(len(tokens)))
            edges = [-1] * len(tokens)
            values = self._index[row]
            for column in fixed if orders is None else orders[i]:
                piece = self._pieces[column][values[column]]
                tokens += piece[0]
                slots += piece[1]
                edges += piece[2]
            parts.append((tokens, slots, edges))
        width = max(len(part[0]) for part in parts)
        batch = TokenBatch(
            np.zeros((len(rows), width), dtype=np.int64),
            np.zeros((len(rows), width), dtype=np.int64),
            np.full((len(rows), width), -1),
        )
        for i, part in enumerate(parts):
            for array, values in zip(batch, part, strict=True):
                array[i, : len(part[0])] = values
        return batch
