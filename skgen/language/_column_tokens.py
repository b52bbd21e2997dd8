"""The tokens of a column's values: their grammar, and the way from text to tokens."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter

import numpy as np

from skgen.language._grammar import EXIT, GrammarBuilder
from skgen.language._numbers import (
    DIGITS,
    Grid,
    NumberLanguage,
    Place,
    make_grid,
)
from skgen.language._tokenizers import Tokenizer
from skgen.language.tokens import (
    ColumnText,
    LevelText,
    ListText,
    NumberText,
    check_no_special_token,
)

# The most frequent values of a column are words; the others are spelled.
MAX_WORDS = 512
# A number is a word if so many rows have it.
MIN_WORD_ROWS = 8
MAX_NUMBER_WORDS = 128
# The first digits of a number are those that at most this share of the rows begin with.
LEADING_SHARE = 1 / 32
MIN_LEADING_ROWS = 8


class ColumnTokens(ABC):
    """Tokens of one column.

    Attributes
    ----------
    entry : int
        The column's first node in the grammar.

    longest : int
        Number of tokens of the longest value, with the column's name.
    """

    entry: int
    longest: int

    def __init__(
        self, title: str, kind: str, tokenizer: Tokenizer, *, is_label: bool = False
    ) -> None:
        self.title = title
        # A column may be called as the label is.
        self._key = (title, is_label)
        self.kind = kind
        self._tokenizer = tokenizer
        self._name = tokenizer.name(title)
        self._opener = tokenizer.opener(title, kind)
        self._end = tokenizer.special("<ENDCOL>")
        # What stands before a value in the text, if no token says it before.
        self._before = f"<COL>{title}" if tokenizer.merged else ""
        self._missing: int | None = None

    def encode(self, text: str | None) -> list[int]:
        """Return the tokens of a column with some value, None for a missing one.

        Raises
        ------
        ValueError
            If the value has no tokens.
        """
        if text is None:
            assert self._missing is not None
            return [*self._name, self._missing]
        try:
            return [*self._name, *self._encode(text)]
        except KeyError as error:
            raise ValueError(
                f"Column {self.title!r}: {error.args[0]!r} was not seen in fit. Fit on "
                "rows that hold it."
            ) from None

    @abstractmethod
    def _encode(self, text: str) -> list[int]:
        """Return the tokens of a value."""

    def _enter(self, builder: GrammarBuilder, has_missing: bool) -> int:
        """Add the column's name; return the node before the value."""
        self.entry = builder.node()
        value = builder.chain(self.entry, self._name, f"<COL>{self.title}")
        if has_missing:
            text = f"{self._before}<ENDCOL>"
            word = self._tokenizer.word((self._key, "missing"), text)
            self._missing = self._end if word is None else word
            builder.edge(value, self._missing, EXIT, text)
        return value

    def _word(self, text: str) -> int | None:
        """Return a token for a whole value."""
        return self._tokenizer.word((self._key, "value", text), self._whole(text))

    def _whole(self, text: str) -> str:
        return f"{self._before}{self.kind}{text}<ENDCOL>"


class LevelTokens(ColumnTokens):
    """A column of finitely many values: words, and a trie of those that are spelled.

    Parameters
    ----------
    counts : dict of str to int
        Number of rows that have each value.
    """

    def __init__(
        self,
        title: str,
        kind: str,
        counts: dict[str, int],
        has_missing: bool,
        tokenizer: Tokenizer,
        builder: GrammarBuilder,
        *,
        is_label: bool = False,
    ) -> None:
        super().__init__(title, kind, tokenizer, is_label=is_label)
        value = self._enter(builder, has_missing)
        self._tokens: dict[str, list[int]] = {}
        ordered = sorted(counts, key=lambda text: -counts[text])
        spelled = []
        for i, text in enumerate(ordered):
            word = self._word(text) if i < MAX_WORDS else None
            if word is None:
                spelled.append(text)
                continue
            self._tokens[text] = [word]
            builder.edge(value, word, EXIT, self._whole(text))
        if spelled:
            root = builder.node()
            builder.edge(value, self._opener, root, f"{self._before}{kind}")
            spellings = spell_apart(spelled, tokenizer)
            for text, tokens in spellings.items():
                node = add_path(builder, root, tokens)
                builder.edge(node, self._end, EXIT, f"{text}<ENDCOL>")
                self._tokens[text] = [self._opener, *tokens, self._end]
        longest = max(map(len, self._tokens.values()), default=1)
        self.longest = len(self._name) + longest

    def _encode(self, text: str) -> list[int]:
        return self._tokens[text]


class NumberTokens(ColumnTokens):
    """A column of numbers, character by character.

    Parameters
    ----------
    column : NumberText

    counts : dict of str to int
        Number of rows that have each value.

    grid : Grid
        The numbers that may be drawn, beside point masses and frequent values.
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

    The first token has as many digits as tell numbers of the same size apart, and also
    says how many are to come; then there are two digits to a token.
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
        """Return the tokens that begin numbers, and the places of these numbers.

        Parameters
        ----------
        counts : dict of str to int
            Number of rows that have each value.

        Returns
        -------
        tokens : list of int

        ranks : list of float
            Share of the rows that have less.
        """
        values = np.array([float(text) for text in counts])
        order = np.argsort(values)
        values = values[order]
        shares = np.cumsum(np.fromiter(counts.values(), float)[order])
        tokens = [*self._words.values(), *self._leads.values()]
        begun = [float(text) for text in self._words]
        for negative, prefix in self._leads:
            # The middle of what may follow.
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
                        # What follows may still begin here.
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


class ListTokens(ColumnTokens):
    """A column of lists: words for frequent members, and a trie of the others.

    A list that is drawn has members that were seen, not more of them than any list
    seen, and none twice unless a list seen had one twice.
    """

    def __init__(
        self,
        column: ListText,
        lists: dict[str, int],
        tokenizer: Tokenizer,
        builder: GrammarBuilder,
    ) -> None:
        super().__init__(column.title, column.kind, tokenizer)
        self._column = column
        split = {text: column.split(text) for text in lists}
        counts = Counter[str]()
        for text, members in split.items():
            for member in members:
                counts[member] += lists[text]
        repeats = any(len(set(members)) < len(members) for members in split.values())
        most = max(map(len, split.values()))
        if not repeats:
            most = min(most, len(counts))
        value = self._enter(builder, column.has_missing)
        self._delimiter = self._separator()
        self._between = builder.budget(most - 1)
        self._first, self._later = builder.node(), builder.node()
        builder.edge(value, self._opener, self._first, f"{self._before}{self.kind}")
        self._empty: int | None = None
        if "" in lists:
            self._empty = self._word("")
            if self._empty is None:
                builder.edge(self._first, self._end, EXIT, "<ENDCOL>")
            else:
                builder.edge(value, self._empty, EXIT, self._whole(""))
        self._words: dict[str, tuple[int, int]] = {}
        self._spelled: dict[str, list[int]] = {}
        ordered = [member for member, _ in counts.most_common()]
        self._add_members(builder, ordered, repeats)
        self._longest_list(ordered, most)

    def _separator(self) -> int:
        return self._tokenizer.character(self._column.delimiter)

    def _add_members(
        self, builder: GrammarBuilder, members: list[str], repeats: bool
    ) -> None:
        spelled = []
        for i, member in enumerate(members):
            words = self._member_words(member) if i < MAX_WORDS else None
            if words is None:
                spelled.append(member)
                continue
            self._words[member] = words
            once = [] if repeats else [builder.budget(1)]
            joined = f"{member}{self._column.delimiter}"
            between = [self._between, *once]
            builder.edge(self._later, words[0], self._later, joined, between)
            builder.edge(self._later, words[1], EXIT, f"{member}<ENDCOL>", once)
        self._spelled = spell_apart(spelled, self._tokenizer)
        shared: dict[tuple[int, int], int] = {}
        for member, tokens in self._spelled.items():
            node = add_path(builder, self._later, tokens, shared, repeats)
            once = [] if repeats else [builder.budget(1)]
            joined = f"{member}{self._column.delimiter}"
            between = [self._between, *once]
            builder.edge(node, self._delimiter, self._later, joined, between)
            builder.edge(node, self._end, EXIT, f"{member}<ENDCOL>", once)
        builder.copy_edges(self._later, self._first)

    def _member_words(self, member: str) -> tuple[int, int] | None:
        """Return the tokens of a member that is followed by another, and of a last."""
        joined = f"{member}{self._column.delimiter}"
        word = self._tokenizer.word((self._key, "member", member), joined)
        last = self._tokenizer.word((self._key, "last", member), f"{member}<ENDCOL>")
        return None if word is None or last is None else (word, last)

    def _longest_list(self, members: list[str], most: int) -> None:
        lengths = sorted(
            (1 if m in self._words else len(self._spelled[m]) + 1 for m in members),
            reverse=True,
        )
        self.longest = len(self._name) + 2 + sum(lengths[:most])

    def _encode(self, text: str) -> list[int]:
        if not text:
            if self._empty is not None:
                return [self._empty]
            return [self._opener, self._end]
        members = self._column.split(text)
        tokens = [self._opener]
        for i, member in enumerate(members):
            ends = i == len(members) - 1
            if member in self._words:
                tokens.append(self._words[member][int(ends)])
                continue
            tokens += self._spelled[member]
            tokens.append(self._end if ends else self._delimiter)
        return tokens


def make_column_tokens(
    column: ColumnText,
    counts: Counter[str],
    *,
    precision: int | None,
    tokenizer: Tokenizer,
    builder: GrammarBuilder,
) -> ColumnTokens:
    """Return the tokens of a column.

    Parameters
    ----------
    column : ColumnText

    counts : Counter
        Number of rows that have each value.

    precision : int or None
        See :func:`skgen.language._numbers.make_grid`.

    tokenizer : Tokenizer

    builder : GrammarBuilder

    Returns
    -------
    tokens : ColumnTokens
    """
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


def spell_apart(texts: list[str], tokenizer: Tokenizer) -> dict[str, list[int]]:
    """Return the tokens of some texts, no two the same."""
    seen: set[tuple[int, ...]] = set()
    spelled = {}
    for text in texts:
        check_no_special_token(text, "A value")
        tokens = tokenizer.spell(text)
        if tuple(tokens) in seen:
            tokens = [tokenizer.force(text)]
        seen.add(tuple(tokens))
        spelled[text] = tokens
    return spelled


def add_path(
    builder: GrammarBuilder,
    root: int,
    tokens: list[int],
    budgets: dict[tuple[int, int], int] | None = None,
    repeats: bool = True,
) -> int:
    """Add a path to a trie, and return its last node.

    Unless values may repeat, each edge has a budget of as many uses as values are
    spelled by way of it.
    """
    node = root
    for token in tokens:
        after = builder.target(node, token)
        if after is None:
            after = builder.node()
            uses = []
            if budgets is not None and not repeats:
                budgets[node, token] = builder.budget(0)
                uses = [budgets[node, token]]
            builder.edge(node, token, after, "", uses)
        if budgets is not None and not repeats:
            builder.widen(budgets[node, token])
        node = after
    return node


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
