"""Tokens for the texts of a table: fitted to it, or those of a pretrained model."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable
from typing import Any

from skgen.language._column_text import SPECIAL_TOKENS


class Tokenizer(ABC):
    """Integers for pieces of text.

    `merged`: one token holds a column's name and the beginning of its value;
    `has_words`: there are tokens for whole values.
    """

    merged = False
    has_words = False

    @property
    @abstractmethod
    def n_tokens(self) -> int:
        """Number of tokens."""

    @abstractmethod
    def special(self, token: str) -> int:
        """Return the integer of a special token."""

    @abstractmethod
    def name(self, title: str) -> list[int]:
        """Return the tokens that name a column, before its value; none if merged."""

    @abstractmethod
    def opener(self, title: str, kind: str) -> int:
        """Return the token that opens a value of a column."""

    @abstractmethod
    def word(self, key: Hashable, text: str) -> int | None:
        """Return a token for a piece of text of a column, None if it is spelled."""

    @abstractmethod
    def spell(self, text: str) -> list[int]:
        """Return the tokens of any text."""

    @abstractmethod
    def force(self, text: str) -> int:
        """Return one token for a text whose spelling would be ambiguous."""

    @abstractmethod
    def character(self, character: str) -> int:
        """Return one token for a character."""


class FittedTokenizer(Tokenizer):
    """Tokens made for a table: values are words, and rare ones are spelled.

    `texts` has the text of each token. Two tokens may have the same text: "3" may stand
    for one that is followed by another digit or not.
    """

    has_words = True

    def __init__(self, *, merged: bool) -> None:
        self.merged = merged
        self.texts: list[str] = []
        self._tokens: dict[Hashable, int] = {}
        for token in SPECIAL_TOKENS:
            self._token(token, token)

    def _token(self, key: Hashable, text: str) -> int:
        if key not in self._tokens:
            self._tokens[key] = len(self.texts)
            self.texts.append(text)
        return self._tokens[key]

    @property
    def n_tokens(self) -> int:
        return len(self.texts)

    def special(self, token: str) -> int:
        return self._tokens[token]

    def name(self, title: str) -> list[int]:
        return [] if self.merged else [self._token(("name", title), f"<COL>{title}")]

    def opener(self, title: str, kind: str) -> int:
        if self.merged:
            return self._token(("opener", title), f"<COL>{title}{kind}")
        return self.special(kind)

    def word(self, key: Hashable, text: str) -> int | None:
        return self._token(("word", key), text)

    def spell(self, text: str) -> list[int]:
        return [self.character(character) for character in text]

    def force(self, text: str) -> int:
        return self._token(("forced", text), text)

    def character(self, character: str) -> int:
        return self._token(("character", character), character)


class PretrainedTokenizer(Tokenizer):
    """The tokens of a pretrained model, extended in place by the special ones."""

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer
        tokenizer.add_tokens(list(SPECIAL_TOKENS), special_tokens=True)

    @property
    def n_tokens(self) -> int:
        return len(self.tokenizer)

    def special(self, token: str) -> int:
        return self.tokenizer.convert_tokens_to_ids(token)

    def name(self, title: str) -> list[int]:
        return [self.special("<COL>"), *self.spell(title)]

    def opener(self, title: str, kind: str) -> int:
        return self.special(kind)

    def word(self, key: Hashable, text: str) -> int | None:
        return None

    def spell(self, text: str) -> list[int]:
        tokens = self.tokenizer.encode(text, add_special_tokens=False)
        unknown = self.tokenizer.unk_token_id
        if text and (not tokens or unknown in tokens):
            return [self.force(text)]
        return tokens

    def force(self, text: str) -> int:
        """Return a token for a text, a new one if there is none."""
        # A token that exists is not added again.
        if text not in self.tokenizer.get_vocab():
            self.tokenizer.add_tokens([text])
        return self.tokenizer.convert_tokens_to_ids(text)

    def character(self, character: str) -> int:
        return self.force(character)
