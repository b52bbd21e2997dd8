"""The tokens of the numbers of a column."""

from __future__ import annotations

from collections import Counter

import numpy as np

from skgen.language._column_text import NumberText
from skgen.language._column_tokens import ColumnTokens
from skgen.language._grammar import EXIT, GrammarBuilder
from skgen.language._numbers import DIGITS, Grid, NumberLanguage, Place
from skgen.language._tokenizers import Tokenizer

# Minimum number of rows of a number that is a word, and maximum number of such words.
MIN_WORD_ROWS = 8
MAX_NUMBER_WORDS = 128
# Numbers that begin with the same first token are at most this share of the rows.
LEADING_SHARE = 1 / 32
MIN_LEADING_ROWS = 8


class NumberTokens(ColumnTokens):
    """A column of numbers, character by character.

    `counts` has the number of rows of each value; the numbers that may be drawn are
    those of the grid, point masses and frequent values.
    """

    def __init__(
        self,
        column: NumberText,
        counts: dict[str, int],
        grid: Grid,
        tokenizer: Tokenizer,
        builder: GrammarBuilder,
    ) -> None:
        super().__init__(column.title, column.kind, tokenizer)
        self._grid = grid
        frequent = [
            text
            for text, count in Counter(counts).most_common(MAX_NUMBER_WORDS)
            if count >= MIN_WORD_ROWS
        ]
        self._exact = list(dict.fromkeys([*column.masses, *frequent]))
        value = self._enter(builder, column.has_missing)
        self._add_values(counts, value, builder)

    def _add_values(
        self, counts: dict[str, int], value: int, builder: GrammarBuilder
    ) -> None:
        language = NumberLanguage(self._grid, self._exact)
        nodes = {language.start: builder.node()}
        builder.edge(
            value, self._opener, nodes[language.start], f"{self._before}{self.kind}"
        )
        waiting = [language.start]
        while waiting:
            state = waiting.pop()
            if language.accepts(state):
                builder.edge(nodes[state], self._end, EXIT, "<ENDCOL>")
            for character in language.characters(state):
                after = language.step(state, character)
                if after not in nodes:
                    nodes[after] = builder.node()
                    waiting.append(after)
                token = self._tokenizer.character(character)
                builder.edge(nodes[state], token, nodes[after], character)
        longest = max([self._grid.width + 2, *map(len, self._exact)])
        self.longest = len(self._name) + longest + 2

    def _encode(self, text: str) -> list[int]:
        if text not in self._exact:
            text = self._grid.text(self._multiple(text))
        characters = [self._tokenizer.character(character) for character in text]
        return [self._opener, *characters, self._end]

    def _multiple(self, text: str) -> int:
        return self._grid.multiple(float(text))


class GroupedNumberTokens(NumberTokens):
    """A column of numbers: words for frequent ones, groups of digits for others.

    The first token holds the leading digits, as many as tell numbers of the same size
    apart, and says how many follow; the others hold two digits each.
    """

    def _add_values(
        self, counts: dict[str, int], value: int, builder: GrammarBuilder
    ) -> None:
        self._words: dict[str, int] = {}
        self._leads: dict[tuple[bool, str], int] = {}
        rest = Counter[int]()
        for text, count in counts.items():
            if text not in self._exact:
                rest[self._multiple(text)] += count
        language = NumberLanguage(self._grid)
        leads = self._find_leads(language, rest)
        for text in self._exact:
            self._add_word(builder, value, text)
        nodes: dict[tuple[frozenset, bool], int] = {}
        for key, place in leads.items():
            text = self._lead_text(*key)
            printed = f"{self._before}{self.kind}{text}"
            token = self._tokenizer.word((self._key, "lead", *key), printed)
            assert token is not None
            self._leads[key] = token
            node = self._add_groups(builder, language, nodes, frozenset([place]), True)
            builder.edge(value, token, node, printed)
        self.longest = len(self._name) + 2 + -(-self._grid.width // 2)

    def ranked(self, counts: dict[str, int]) -> tuple[list[int], list[float]]:
        """Return the tokens that begin numbers, and the ranks of these numbers.

        A rank is the share of the rows with smaller numbers, given the rows of each
        value.
        """
        values = np.array([float(text) for text in counts])
        order = np.argsort(values)
        values = values[order]
        shares = np.cumsum(np.fromiter(counts.values(), float)[order])
        tokens = [*self._words.values(), *self._leads.values()]
        begun = [float(text) for text in self._words]
        for negative, prefix in self._leads:
            # The middle of the possible continuations.
            digits = prefix.ljust(self._grid.width, "5")
            sign = -1 if negative else 1
            begun.append(sign * int(digits) / 10**self._grid.decimals)
        ranks = np.interp(begun, values, shares / shares[-1])
        return tokens, ranks.tolist()

    def _add_word(self, builder: GrammarBuilder, value: int, text: str) -> None:
        if text in self._words:
            return
        word = self._word(text)
        assert word is not None
        self._words[text] = word
        builder.edge(value, word, EXIT, self._whole(text))

    def _find_leads(
        self, language: NumberLanguage, rest: Counter[int]
    ) -> dict[tuple[bool, str], Place]:
        """Split digits until few rows share them."""
        grid = self._grid
        most = max(MIN_LEADING_ROWS, LEADING_SHARE * rest.total())
        leads = {}
        for negative in (False, True):
            prefixes = Counter[str]()
            for multiple, count in rest.items():
                if (multiple < 0) == negative:
                    digits = grid.digits(multiple)
                    for n in range(grid.width + 1):
                        prefixes[digits[:n]] += count
            openings = {p.n_digits: p for p in language.openings(negative)}
            # Zeros that are not written take no step.
            waiting: list[tuple[str, Place | None]] = [("", None)]
            while waiting:
                prefix, place = waiting.pop()
                splits = place is None or prefixes[prefix] > most
                if not splits or len(prefix) == grid.width:
                    assert place is not None
                    leads[negative, prefix] = place
                    continue
                if place is not None and language.accepts(frozenset([place])):
                    self._exact.append(self._lead_text(negative, prefix))
                for digit in DIGITS:
                    unwritten = not (prefix + digit).strip("0")
                    n = len(prefix)
                    if place is None and unwritten and n < grid.n_whole - 1:
                        # A number may still begin at a later digit.
                        if any(k > n for k in openings):
                            waiting.append((prefix + digit, None))
                        continue
                    if place is None and n not in openings:
                        continue
                    state = frozenset([openings[n] if place is None else place])
                    if n == grid.n_whole:
                        state = language.step(state, ".")
                    state = language.step(state, digit)
                    waiting.extend((prefix + digit, item) for item in state)
        return leads

    def _lead_text(self, negative: bool, prefix: str) -> str:
        n_whole = self._grid.n_whole
        whole = prefix[:n_whole].lstrip("0")
        if len(prefix) >= n_whole:
            whole = whole or "0"
        decimals = prefix[n_whole:]
        sign = "-" if negative else ""
        return f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}"

    def _add_groups(
        self,
        builder: GrammarBuilder,
        language: NumberLanguage,
        nodes: dict[tuple[frozenset, bool], int],
        state: frozenset,
        leading: bool,
    ) -> int:
        """Return the node of a state, with all that may follow."""
        key = (state, leading)
        if key in nodes:
            return nodes[key]
        nodes[key] = node = builder.node()
        if leading and language.accepts(state):
            builder.edge(node, self._end, EXIT, "<ENDCOL>")
        for one, after_one in _digits(language, state):
            if language.accepts(after_one):
                self._add_group(builder, node, one, EXIT)
            for two, after_two in _digits(language, after_one):
                if language.accepts(after_two):
                    self._add_group(builder, node, one + two, EXIT)
                if _digits(language, after_two):
                    after = self._add_groups(builder, language, nodes, after_two, False)
                    self._add_group(builder, node, one + two, after)
        return node

    def _add_group(
        self, builder: GrammarBuilder, node: int, digits: str, after: int
    ) -> None:
        text = f"{digits}<ENDCOL>" if after == EXIT else digits
        builder.edge(node, self._group(digits, after == EXIT), after, text)

    def _group(self, digits: str, ends: bool) -> int:
        text = f"{digits}<ENDCOL>" if ends else digits
        token = self._tokenizer.word(("digits", text), text)
        assert token is not None
        return token

    def _encode(self, text: str) -> list[int]:
        if text in self._words:
            return [self._words[text]]
        multiple = self._multiple(text)
        text = self._grid.text(multiple)
        if text in self._words:
            return [self._words[text]]
        digits = self._grid.digits(multiple)
        n = 1
        while (multiple < 0, digits[:n]) not in self._leads:
            n += 1
        lead = (multiple < 0, digits[:n])
        tokens = [self._leads[lead]]
        rest = text[len(self._lead_text(*lead)) :]
        if not rest:
            return [*tokens, self._end]
        while rest:
            # Two digits, and the point if it stands before or between them.
            size = 3 if "." in rest[:2] else 2
            tokens.append(self._group(rest[:size], len(rest) <= size))
            rest = rest[size:]
        return tokens


def _digits(language: NumberLanguage, state: frozenset) -> list[tuple[str, frozenset]]:
    """Return each digit that may follow, with the point if it stands before."""
    found = []
    for before in ("", "."):
        start = language.walk(state, before)
        for digit in DIGITS if start else "":
            after = language.step(start, digit)
            if after:
                found.append((before + digit, after))
    return found
