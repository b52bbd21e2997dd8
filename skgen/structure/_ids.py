"""The form of identifiers, and new ones of that form."""

from __future__ import annotations

import re
import string
import uuid
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_integer_dtype

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
PHONE = re.compile(r"\+?[\d()][\d ()./-]{6,}\d")
NUMBERED = re.compile(r"(.*?)(\d+)")
NAMES = re.compile(
    r"(^|_|\b)(first|last|full|middle|sur|family|given|customer|contact|person|user)"
    r"_?name($|_|\b)|^names?$",
    re.IGNORECASE,
)
# A form is learned from at most this many identifiers.
MAX_EXAMPLES = 10_000
# Identifiers are continued, not redrawn, where they fill this share of their range.
CONTIGUOUS_SHARE = 0.9
MAX_ROUNDS = 50


@dataclass(frozen=True)
class IdForm:
    """The form that the identifiers of a column have.

    Attributes
    ----------
    kind : {"integer", "contiguous", "numbered", "uuid", "pattern", "email", "phone", \
            "name", "text"}
        "contiguous" integers fill their range, so that new ones continue it;
        "numbered" is text of a fixed beginning before a number, as ``user_00123``;
        "pattern" is text of one length whose characters come from a known set at each
        position, as hexadecimal hashes; "text" is anything else.

    details : tuple
        What is needed to make identifiers of this form.
    """

    kind: str
    details: tuple = ()

    @property
    def is_id_like(self) -> bool:
        """Whether values of this form are identifiers and not words."""
        return self.kind not in {"text", "name"}


def learn_form(values: pd.Series) -> IdForm:
    """Learn the form of the identifiers in a column.

    Parameters
    ----------
    values : Series
        The distinct identifiers, none missing.

    Returns
    -------
    form : IdForm

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.structure._ids import learn_form
    >>> learn_form(pd.Series(["user_007", "user_012", "user_113"]))
    IdForm(kind='numbered', details=('user_', 3, 7, 113))
    """
    if is_integer_dtype(values.dtype):
        low, high = int(values.min()), int(values.max())
        full = len(values) >= CONTIGUOUS_SHARE * (high - low + 1)
        return IdForm("contiguous" if full else "integer", (low, high))
    texts = values.astype(str)
    if len(texts) > MAX_EXAMPLES:
        texts = texts.iloc[:: len(texts) // MAX_EXAMPLES + 1]
    examples = texts.tolist()
    if all(UUID.fullmatch(text) for text in examples):
        return IdForm("uuid")
    if all(EMAIL.fullmatch(text) for text in examples):
        return IdForm("email")
    numbered = _numbered(examples)
    if numbered is not None:
        return numbered
    lengths = {len(text) for text in examples}
    if len(lengths) == 1 and _is_code(examples):
        return IdForm("pattern", _alphabets(examples))
    if all(PHONE.fullmatch(text) for text in examples):
        return IdForm("phone")
    if NAMES.search(str(values.name)) and all(t[:1].isalpha() for t in examples):
        return IdForm("name")
    return IdForm("text")


def _numbered(examples: list[str]) -> IdForm | None:
    """Return the form of a fixed beginning before a number, if it is that."""
    matches = [NUMBERED.fullmatch(text) for text in examples]
    if not all(matches):
        return None
    heads = {match[1] for match in matches if match is not None}
    digits = [match[2] for match in matches if match is not None]
    if len(heads) > 1 or max(map(len, digits)) > 18:
        return None
    head = heads.pop()
    padded = any(text[0] == "0" and len(text) > 1 for text in digits)
    width = len(digits[0]) if padded else 0
    if padded and any(len(text) != width for text in digits):
        return None
    numbers = [int(text) for text in digits]
    return IdForm("numbered", (head, width, min(numbers), max(numbers)))


def _is_code(examples: list[str]) -> bool:
    """Say whether texts of one length are codes: digits occur, blanks do not."""
    joined = "".join(examples)
    return " " not in joined and any(c.isdigit() for c in joined)


def _alphabets(examples: list[str]) -> tuple[str, ...]:
    """Return the characters that occur at each position, widened to their class."""
    classes = [
        string.digits,
        string.digits + "abcdef",
        string.digits + "ABCDEF",
        string.ascii_lowercase,
        string.ascii_uppercase,
    ]
    alphabets = []
    for characters in zip(*examples, strict=True):
        seen = set(characters)
        wide = [chars for chars in classes if seen <= set(chars)]
        fixed = "".join(sorted(seen))
        alphabets.append(min(wide, key=len) if wide and len(seen) > 1 else fixed)
    return tuple(alphabets)


def new_ids(
    form: IdForm,
    n_ids: int,
    taken: pd.Index,
    rng: np.random.RandomState,
    *,
    name: Any = None,
    locale: str | None = None,
) -> NDArray:
    """Make identifiers of a form that differ from each other and from those there are.

    Parameters
    ----------
    form : IdForm

    n_ids : int

    taken : Index
        Identifiers that must not be made.

    rng : RandomState

    name : hashable, default=None
        The column, for messages.

    locale : str, default=None
        For names, addresses and phone numbers, as faker writes it: "de_DE".

    Returns
    -------
    ids : ndarray of shape (n_ids,)
        Integers, or text.

    Raises
    ------
    ImportError
        If the identifiers are names, e-mail addresses or phone numbers, and the package
        faker is not installed.
    """
    if form.kind == "contiguous":
        return form.details[1] + 1 + np.arange(n_ids)
    made: dict[Any, None] = {}
    n_missing, spread = n_ids, 1
    for _ in range(MAX_ROUNDS):
        if n_missing <= 0:
            break
        candidates = pd.Index(_propose(form, 2 * n_missing + 10, spread, rng, locale))
        for value in candidates[~candidates.isin(taken)]:
            made.setdefault(value)
        n_missing, spread = n_ids - len(made), 2 * spread
    if n_missing > 0:
        raise ValueError(
            f"Column {name!r}: there are not {n_ids} new identifiers of the form of "
            "the old ones. Ask for fewer rows, or keep the ids (ids='keep')."
        )
    ids = list(made)[:n_ids]
    whole = is_integer_dtype(taken.dtype)
    return np.array(ids, dtype=np.int64 if whole else object)


def _propose(
    form: IdForm, n_ids: int, spread: int, rng: np.random.RandomState, locale: Any
) -> Any:
    """Draw identifiers, some of which may be taken; `spread` widens a full range."""
    if form.kind in {"integer", "numbered"}:
        low, high = form.details[-2:]
        if spread > 1:
            high = low + max(high - low + 1, n_ids) * spread
        numbers = rng.randint(low, high + 1, size=n_ids, dtype=np.int64)
        if form.kind == "integer":
            return numbers
        head, width = form.details[:2]
        return [f"{head}{number:0{width}d}" for number in numbers]
    if form.kind == "uuid":
        return [str(uuid.UUID(bytes=rng.bytes(16), version=4)) for _ in range(n_ids)]
    if form.kind == "pattern":
        columns = [rng.choice(list(chars), size=n_ids) for chars in form.details]
        return ["".join(parts) for parts in zip(*columns, strict=True)]
    if form.kind in {"email", "phone", "name"}:
        return _fake(form.kind, n_ids, rng, locale)
    return [f"new_{number}" for number in rng.randint(10 * n_ids * spread, size=n_ids)]


def _fake(
    kind: str, n_ids: int, rng: np.random.RandomState, locale: str | None
) -> list[str]:
    if find_spec("faker") is None:
        raise ImportError(
            f"New values of the kind {kind!r} need the package faker: pip install "
            "'skgen[faker]'; or drop the column, or keep its values (ids='keep').",
            name="faker",
        )
    from faker import Faker

    faker = Faker(locale)
    faker.seed_instance(int(rng.randint(2**31 - 1)))
    make = {
        "email": lambda: faker.unique.email(),
        "phone": lambda: faker.unique.phone_number(),
        "name": lambda: faker.name(),
    }[kind]
    return [make() for _ in range(n_ids)]
