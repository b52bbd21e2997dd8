"""The tokens of whole rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skgen.language._column_text import (
    ColumnText,
    LevelText,
    ListText,
    NumberText,
    distinct,
)
from skgen.language._column_tokens import ColumnTokens, LevelTokens, ListTokens
from skgen.language._grammar import GrammarBuilder
from skgen.language._number_tokens import GroupedNumberTokens, NumberTokens
from skgen.language._numbers import make_grid
from skgen.language._tokenizers import Tokenizer
from skgen.language.tokens import LABEL, RowText

# Number of columns named in a message.
N_NAMED = 3


class TokenBatch(NamedTuple):
    """Some rows as tokens, int64 of shape (n_samples, n_tokens), padded to the longest.

    `slots` are those of `Grammar`; `edges` are the edges of the grammar where others
    could have been taken, which a model has to learn, and -1 elsewhere.
    """

    tokens: NDArray[np.int64]
    slots: NDArray[np.int64]
    edges: NDArray[np.int64]

    def lengths(self) -> NDArray[np.intp]:
        """Return the number of tokens of each row up to the last that is learned."""
        width = self.edges.shape[1]
        return width - np.argmax(self.edges[:, ::-1] >= 0, axis=1)

    def take(self, rows: NDArray[np.intp], width: int) -> TokenBatch:
        """Return some rows, cut off at a number of tokens."""
        return TokenBatch(*(array[rows, :width] for array in self))


# Tokens, slots and edges, as in `TokenBatch`.
Piece = tuple[list[int], list[int], list[int]]


class RowTokens:
    """Write the rows of a table as tokens; `frame` says which values are frequent.

    `ranked` has, for each column of numbers with words, the tokens that begin them and
    their ranks; `prompts` the tokens that begin a row of each label; `longest` is the
    number of tokens of the longest admissible row.
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
            tokens = _column_tokens(
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
        """Raise if a row may exceed a context window; name the longest columns."""
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
        """Write rows as tokens."""
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

        `edges`, of shape (n_samples, n_tokens), are -1 after a row's last.
        """
        emits = self.grammar.emits
        lines = []
        for label, row in zip(labels.tolist(), edges.tolist(), strict=True):
            begin = self.text.label(label) if self.text.labels else ""
            body = "".join([emits[edge] for edge in row if edge >= 0])
            lines.append(f"<ROW>{begin}{body}<ENDROW>")
        return lines


class EncodedRows:
    """Rows whose columns are encoded; put together in any order.

    `pieces` are the different values of each column, `index`, of shape (n_samples,
    n_columns), says which a row has, `labels` which prompt.
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

    @property
    def n_columns(self) -> int:
        """Number of columns."""
        return len(self._pieces)

    def assemble(
        self, rows: NDArray[np.intp], orders: Sequence[Sequence[int]] | None = None
    ) -> TokenBatch:
        """Put rows together, each in its order of columns; None is the table's."""
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


def _column_tokens(
    column: ColumnText,
    counts: Counter[str],
    *,
    precision: int | None,
    tokenizer: Tokenizer,
    builder: GrammarBuilder,
) -> ColumnTokens:
    """Return the tokens of a column, given how many rows have each value."""
    counts = counts.copy()
    if isinstance(column, NumberText):
        present = np.array(
            [float(text) for text in counts if text not in column.masses]
        )
        grid = make_grid(
            present,
            column.low,
            column.high,
            decimals=column.decimals,
            precision=precision,
        )
        if grid is not None:
            of_numbers = GroupedNumberTokens if tokenizer.has_words else NumberTokens
            return of_numbers(column, counts, grid, tokenizer, builder)
        # Numbers of such different sizes are drawn from those that were seen.
        counts.update(dict.fromkeys(column.masses, 0))
    elif isinstance(column, LevelText):
        counts.update(dict.fromkeys(column.levels, 0))
    elif isinstance(column, ListText):
        split = [column.split(text) for text in counts]
        if any(split) and all("" not in members for members in split):
            return ListTokens(column, counts, tokenizer, builder)
        # An empty member leaves no trace in the text: such lists are kept whole.
    return LevelTokens(
        column.title, column.kind, counts, column.has_missing, tokenizer, builder
    )
