"""The rules of a table, as one transformer."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping, Sequence
from inspect import signature
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils._param_validation import StrOptions

from skgen.constraints import Constraint, FixedCombinations, Inequality, Range
from skgen.structure._dependencies import Evidence
from skgen.structure._entities import CompositeKey, Entities, Entity
from skgen.structure._key import Key
from skgen.structure._missing import MissingTogether
from skgen.structure._numbers import Equal, Intervals, Sum
from skgen.structure._time_parts import TimeParts

RULES: dict[str, type[Constraint]] = {
    cls.__name__: cls
    for cls in (
        Key,
        TimeParts,
        Sum,
        Equal,
        Intervals,
        MissingTogether,
        Inequality,
        FixedCombinations,
        Range,
        Entity,
        CompositeKey,
    )
}
# Rules of entities act together, after all others.
OF_ENTITIES = (Entity, CompositeKey)
FORMAT = 1


class Structure(Constraint):
    """The rules of a table: what no model should have to learn.

    :func:`find_structure` finds them; they can be written by hand as well, left out
    (:meth:`drop`) and added (:meth:`add`). Generators take it as ``structure=``: the
    table is rewritten so that the rules cannot break, and brought back after sampling.

    Parameters
    ----------
    rules : sequence of Constraint, default=()
        The rules, applied in this order; those of entities last and together.

    evidence : sequence of Evidence or None, default=()
        What speaks for each rule; None where it was given by hand.

    histories : sequence of (hashable, hashable), default=()
        Pairs of an id and a time: rows of one id follow one another in this order. They
        are not rules of rows: :class:`skgen.Histories` draws them.

    ids : {"auto", "keep", "fresh"} or dict of column to these, default=None
        What becomes of ids, see :class:`Entity`; takes precedence over what the
        entities say. None leaves it to them.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.structure import Entity, Structure
    >>> X = pd.DataFrame({"user": ["a", "b", "a"], "city": ["Rome", "Oslo", "Rome"]})
    >>> structure = Structure([Entity("user", ["city"])])
    >>> print(structure)
    'user' determines 'city'.
    >>> structure.fit(X).transform(X).columns.tolist()
    ['user']
    >>> Structure.from_json(structure.to_json())
    Structure(rules=[Entity(attributes=['city'], key='user')])
    """

    _parameter_constraints: dict = {
        "rules": ["array-like"],
        "evidence": ["array-like"],
        "histories": ["array-like"],
        "ids": [StrOptions({"auto", "keep", "fresh"}), dict, None],
    }

    def __init__(
        self,
        rules: Sequence[Constraint] = (),
        *,
        evidence: Sequence[Evidence | None] = (),
        histories: Sequence[tuple[Hashable, Hashable]] = (),
        ids: str | Mapping[Hashable, str] | None = None,
    ) -> None:
        self.rules = rules
        self.evidence = evidence
        self.histories = histories
        self.ids = ids

    @property
    def columns(self) -> list[Hashable]:
        """Names of the columns that some rule is about."""
        return list(dict.fromkeys(name for rule in self.rules for name in rule.columns))

    def _fit(self, X: pd.DataFrame) -> list[Hashable]:
        self.rules_: list[Constraint] = []
        rewritten = X
        for rule in [*self._others(), *self._joint()]:
            fitted = clone(rule).fit(rewritten)
            rewritten = fitted.transform(rewritten)
            self.rules_.append(fitted)
        return list(rewritten.columns)

    def _others(self) -> list[Constraint]:
        return [rule for rule in self.rules if not isinstance(rule, OF_ENTITIES)]

    def _joint(self) -> list[Constraint]:
        entities = [rule for rule in self.rules if isinstance(rule, Entity)]
        keys = [rule for rule in self.rules if isinstance(rule, CompositeKey)]
        if not entities and not keys:
            return []
        return [Entities(entities, keys, self.ids)]

    def _transform(self, X: pd.DataFrame) -> pd.DataFrame:
        for rule in self.rules_:
            X = rule.transform(X)
        return X

    def _inverse_transform(
        self, X: pd.DataFrame, random_state: np.random.RandomState
    ) -> pd.DataFrame:
        for rule in reversed(self.rules_):
            X = rule.inverse_transform(X, random_state=random_state)
        return X

    def separate(
        self, X: pd.DataFrame, groups: NDArray, rng: np.random.RandomState
    ) -> pd.DataFrame:
        """Exchange ids between drawn rows of one group until no combination repeats."""
        # Only rules of entities, which come last, are about several rows.
        return self.rules_[-1].separate(X, groups, rng) if self.rules_ else X

    def drop(self, *columns: Hashable) -> Self:
        """Return the structure without the rules about some columns.

        Parameters
        ----------
        *columns : hashable
            Rules that name any of them are left out.

        Returns
        -------
        structure : Structure
        """
        kept = [not set(columns) & set(rule.columns) for rule in self.rules]
        evidence = [*self.evidence, *[None] * (len(self.rules) - len(self.evidence))]
        return type(self)(
            [rule for rule, keep in zip(self.rules, kept, strict=True) if keep],
            evidence=[e for e, keep in zip(evidence, kept, strict=True) if keep],
            histories=[pair for pair in self.histories if not set(columns) & set(pair)],
            ids=self.ids,
        )

    def add(self, *rules: Constraint) -> Self:
        """Return the structure with more rules.

        Parameters
        ----------
        *rules : Constraint

        Returns
        -------
        structure : Structure
        """
        evidence = [*self.evidence, *[None] * (len(self.rules) - len(self.evidence))]
        evidence += [None] * len(rules)
        return type(self)(
            [*self.rules, *rules],
            evidence=evidence,
            histories=self.histories,
            ids=self.ids,
        )

    def to_json(self) -> str:
        """Return the rules as JSON text, which :meth:`from_json` reads.

        Raises
        ------
        ValueError
            If a column's name is neither text nor a number.
        """
        written = []
        for i, rule in enumerate(self.rules):
            params = _changed_params(rule)
            evidence = self.evidence[i] if i < len(self.evidence) else None
            entry: dict[str, Any] = {"rule": type(rule).__name__, "params": params}
            if evidence is not None:
                entry["evidence"] = vars(evidence)
            written.append(entry)
        try:
            return json.dumps(
                {
                    "format": FORMAT,
                    "ids": self.ids,
                    "rules": written,
                    "histories": [list(pair) for pair in self.histories],
                }
            )
        except TypeError as error:
            raise ValueError(
                f"A structure with such column names cannot be written: {error}. "
                "Rename the columns to text."
            ) from None

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a structure from JSON text.

        Parameters
        ----------
        text : str
            As :meth:`to_json` writes it.

        Raises
        ------
        ValueError
            If it is not such text, or names an unknown rule.
        """
        try:
            data = json.loads(text)
            if data["format"] != FORMAT:
                raise KeyError("format")
            rules, evidence = [], []
            for entry in data["rules"]:
                rules.append(RULES[entry["rule"]](**entry["params"]))
                found = entry.get("evidence")
                evidence.append(None if found is None else Evidence(**found))
        except (KeyError, TypeError, json.JSONDecodeError) as error:
            raise ValueError(
                f"This is no structure that Structure.to_json wrote: {error!r}. The "
                f"rules are {sorted(RULES)}."
            ) from None
        return cls(
            rules,
            evidence=evidence if any(evidence) else (),
            histories=tuple((group, order) for group, order in data["histories"]),
            ids=data["ids"],
        )

    def __str__(self) -> str:
        """Return a sentence for each rule."""
        lines = []
        for i, rule in enumerate(self.rules):
            line = describe(rule)
            evidence = self.evidence[i] if i < len(self.evidence) else None
            if evidence is not None:
                line += (
                    f" ({evidence.n_rows:,} rows tested, {evidence.n_exceptions:,} "
                    f"exceptions; {evidence.by_chance:,.0f} by chance)"
                )
            lines.append(line + ".")
        lines += [
            f"Rows of one {group!r} follow one another in {order!r} (skgen.Histories)."
            for group, order in self.histories
        ]
        return "\n".join(lines or ["No rules."])


def _changed_params(rule: Constraint) -> dict[str, Any]:
    """Return the parameters that differ from their defaults, as JSON takes them."""
    parameters = signature(type(rule)).parameters
    params = {}
    for name, value in rule.get_params(deep=False).items():
        if value is parameters[name].default:
            continue
        listed = isinstance(value, tuple | pd.Index | np.ndarray)
        params[name] = list(value) if listed else value
    return params


def describe(rule: Constraint) -> str:
    """Return what a rule says, as the beginning of a sentence."""
    match rule:
        case Key():
            return f"{rule.column!r} is a key: a different value in every row"
        case CompositeKey():
            return f"No combination of {_names(rule.columns)} repeats"
        case Entity():
            said = f"{rule.key!r} identifies entities"
            if len(rule.attributes):
                said = f"{rule.key!r} determines {_names(rule.attributes)}"
            if len(rule.varying):
                said += f", and its rows mostly share {_names(rule.varying)}"
            return said
        case Equal():
            return f"{rule.second!r} equals {rule.first!r} in part of the rows"
        case Sum():
            added = " + ".join(repr(name) for name in rule.parts)
            less = "".join(f" - {name!r}" for name in rule.minus)
            return f"{rule.total!r} = {added}{less}"
        case Intervals():
            return f"{rule.category!r} follows from intervals of {rule.number!r}"
        case MissingTogether():
            return f"{_names(rule.columns)} are missing in the same rows"
        case TimeParts():
            parts = [f"{name!r} ({part})" for name, part in rule.parts.items()]
            return f"{', '.join(parts)} follow from the time {rule.time!r}"
        case Inequality():
            return f"{rule.low!r} <= {rule.high!r}"
    return repr(rule)


def _names(names: Sequence[Hashable]) -> str:
    texts = [repr(name) for name in names]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
