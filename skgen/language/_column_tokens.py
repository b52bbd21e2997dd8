"""The tokens of a column's values: their grammar, and the way from text to tokens."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter

from skgen.language._column_text import ListText, check_no_special_token
from skgen.language._grammar import EXIT, GrammarBuilder
from skgen.language._tokenizers import Tokenizer

# Maximum number of values of a column that are words; the others are spelled.
MAX_WORDS = 512


class ColumnTokens(ABC):
    """Tokens of one column.

    `entry` is its first node in the grammar, `longest` the number of tokens of its
    longest value, with the column's name.
    """

    entry: int
    longest: int

    def __init__(
        self, title: str, kind: str, tokenizer: Tokenizer, *, is_label: bool = False
    ) -> None:
        self.title = title
        # A column may have the same name as the label.
        self._key = (title, is_label)
        self.kind = kind
        self._tokenizer = tokenizer
        self._name = tokenizer.name(title)
        self._opener = tokenizer.opener(title, kind)
        self._end = tokenizer.special("<ENDCOL>")
        # Text before a value, if no token of its own writes it.
        self._before = f"<COL>{title}" if tokenizer.merged else ""
        self._missing: int | None = None

    def encode(self, text: str | None) -> list[int]:
        """Return the tokens of a column with some value, None for a missing one."""
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

    `counts` has the number of rows of each value.
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


class ListTokens(ColumnTokens):
    """A column of lists: words for frequent members, and a trie of the others.

    A drawn list has members that were seen, at most as many as the longest list seen,
    and none twice unless a list seen had one twice.
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
        """Return the tokens of a member before another, and of a last member."""
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

    Unless values may repeat, each edge has a budget: the number of values whose
    spelling uses it.
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
