"""Finding the rules of a table."""

from __future__ import annotations

import re
from collections.abc import Hashable
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils import check_random_state

from skgen.columns import infer_kind
from skgen.constraints import Constraint, Inequality
from skgen.lists import list_delimiter
from skgen.structure._dependencies import (
    MAX_EXCEPTIONS,
    MIN_CHANCE_EXCEPTIONS,
    Evidence,
    factorize,
    find_dependencies,
)
from skgen.structure._entities import CompositeKey, Entity
from skgen.structure._entity import OPEN_SHARE
from skgen.structure._ids import learn_form
from skgen.structure._key import Key
from skgen.structure._missing import MissingTogether
from skgen.structure._numbers import Equal, Intervals, Sum, find_intervals
from skgen.structure._structure import Structure
from skgen.structure._time_parts import PARTS, TimeParts, repeats

ID_NAME = re.compile(
    r"(^|[_\W])(id|ids|uid|uuid|guid|key|hash|nr|no|number|index|code)($|[_\W])|"
    r"[a-z](Id|ID|Key|Uid)$|^(Id|ID)$|_?id$",
)
MIN_ROWS = 50
# An equality or an order is a rule from this share of the rows on.
MIN_SHARE = 0.1
MIN_VIOLATIONS = 0.1
# Sums are looked for in this many rows first, and pairs that never repeat.
FIRST_ROWS = 300
FIRST_PAIRS = 20_000
MIN_DISTINCT_NUMBERS = 20
# Rows of an id are a history if an id has this many on average, and if consecutive rows
# share a value in this share of the steps more than other rows of the id.
MIN_HISTORY = 3
MIN_SHARE_OF_STEPS = 0.02
# Lists belong to an id if two of its rows share them with this probability.
MIN_ALIKE = 0.3


def find_structure(
    X: pd.DataFrame, y: Any = None, *, max_rows: int = 200_000, random_state: Any = 0
) -> Structure:
    """Find the rules of a table, with the evidence for each.

    Found are keys (a different value in every row) and composite keys (combinations
    that never repeat); entities, which are ids and the columns that they determine in
    at least 99.5 % of the rows, with hierarchies (site, domain, category); columns
    that are one to one; open populations of ids; categories that are intervals of a
    number; numbers that are equal beyond chance, sums, and orders such as ``start <=
    end``; parts of a time, such as its weekday; columns missing in the same rows.

    What a key determines is learned on one half of the rows and tested on the other.
    Each rule has to hold where unrelated columns (one of them shuffled) would break it
    in at least 20 rows.

    Parameters
    ----------
    X : DataFrame of shape (n_samples, n_features)

    y : None
        Ignored.

    max_rows : int, default=200_000
        Rules are looked for in at most this many rows, drawn at random, and confirmed
        on all.

    random_state : int, RandomState instance or None, default=0
        Draws rows, halves and shuffles.

    Returns
    -------
    structure : Structure
        The rules; ``print`` shows them as sentences.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from skgen.structure import find_structure
    >>> rng = np.random.RandomState(0)
    >>> user = rng.randint(50, size=500)
    >>> city = rng.choice(["Oslo", "Rome", "Paris"], size=50)[user]
    >>> X = pd.DataFrame({"user_id": user, "city": city, "age": rng.normal(size=500)})
    >>> find_structure(X).rules
    [Entity(attributes=['city'], key='user_id')]
    """
    rng = check_random_state(random_state)
    if len(X) < MIN_ROWS:
        return Structure([])
    sample = X
    if len(X) > max_rows:
        sample = X.iloc[np.sort(rng.choice(len(X), size=max_rows, replace=False))]
    search = _Search(sample.reset_index(drop=True), rng)
    confirmed, evidence = [], []
    rewritten = X
    for rule, found in search.run():
        # Rules about the same column act one after another.
        try:
            fitted = clone(rule).fit(rewritten)
        except ValueError:
            continue
        if not isinstance(rule, Entity | CompositeKey):
            rewritten = fitted.transform(rewritten)
        confirmed.append(rule)
        evidence.append(found)
    return Structure(
        confirmed, evidence=evidence, histories=search.histories(confirmed)
    )


class _Search:
    """The search for rules in a table.

    Parameters
    ----------
    X : DataFrame

    rng : RandomState
    """

    def __init__(self, X: pd.DataFrame, rng: np.random.RandomState) -> None:
        self.X = X
        self.rng = rng
        self.codes = factorize(X)
        self.n_values = {name: int(c.max()) + 1 for name, c in self.codes.items()}
        self.kinds = {name: _kind(X[name]) for name in X}
        # Columns that a rule takes out of the table, or rewrites.
        self.taken: set[Hashable] = {
            name for name, n_values in self.n_values.items() if n_values < 2
        }
        self.numbers = [
            name
            for name, kind in self.kinds.items()
            if kind in {"integer", "float"} and not self._is_sparse(name)
        ]
        self.lists = {
            name
            for name, kind in self.kinds.items()
            if kind == "category" and list_delimiter(X[name]) is not None
        }

    def _is_sparse(self, name: Hashable) -> bool:
        return isinstance(self.X[name].dtype, pd.SparseDtype)

    def run(self) -> list[tuple[Constraint, Evidence]]:
        """Return the rules in the order in which they are applied."""
        found: list[tuple[Constraint, Evidence]] = []
        for look in (
            self.keys,
            self.time_parts,
            self.sums,
            self.equalities,
            self.intervals,
            self.orders,
            self.missing,
            self.entities,
        ):
            found += look()
        return found

    def histories(
        self, rules: list[Constraint]
    ) -> tuple[tuple[Hashable, Hashable], ...]:
        """Ids whose rows resemble the row before more than other rows of the id."""
        times = [name for name, kind in self.kinds.items() if kind == "datetime"]
        entities = [rule for rule in rules if isinstance(rule, Entity)]
        told = {name for rule in entities for name in rule.attributes}
        moving = [
            name
            for name in self.X
            if self.n_values[name] > 1 and name not in {*times, *self.taken}
        ]
        found = []
        for rule in entities:
            key = self.codes[rule.key]
            n_rows = (key >= 0).sum() / max(1, self.n_values[rule.key])
            if rule.key in told or n_rows < MIN_HISTORY or not len(rule.attributes):
                continue
            names = [n for n in moving if n not in told and n != rule.key]
            for time in times:
                by_time = pd.Series(self.X[time]).rank().to_numpy()
                order = np.lexsort((by_time, key))
                mixed = np.lexsort((self.rng.uniform(size=len(key)), key))
                if any(self._resembles(key, n, order, mixed) for n in names):
                    found.append((rule.key, time))
        return tuple(found)

    def _resembles(
        self,
        key: NDArray[np.int64],
        name: Hashable,
        order: NDArray[np.intp],
        mixed: NDArray[np.intp],
    ) -> bool:
        """Say whether rows share a value with the row before more than by chance."""
        shares = []
        for rows in (order, mixed):
            same = np.flatnonzero(key[rows][1:] == key[rows][:-1])
            values = self.codes[name][rows]
            shares.append(np.mean(values[same] == values[same + 1]))
        spread = np.sqrt(2 * shares[1] * (1 - shares[1]) / max(1, len(same)))
        return bool(shares[0] - shares[1] > max(MIN_SHARE_OF_STEPS, 5 * spread))

    def free(self, names: list[Hashable]) -> list[Hashable]:
        """Return the columns that no rule has taken."""
        return [name for name in names if name not in self.taken]

    def keys(self) -> list[tuple[Constraint, Evidence]]:
        """Columns with a different value in every row that are identifiers by form."""
        n_rows, found = len(self.X), []
        for name, kind in self.kinds.items():
            column = self.X[name]
            if self.n_values[name] < n_rows or kind not in {"integer", "category"}:
                continue
            if name in self.lists or self._is_sparse(name):
                continue
            form = learn_form(column)
            named = bool(ID_NAME.search(str(name)))
            if form.is_id_like and (kind == "category" or named):
                found.append((Key(name), Evidence(n_rows, 0, float(n_rows))))
                self.taken.add(name)
        if len(self.taken) == self.X.shape[1]:
            # A table of nothing but keys has nothing else to be learned from.
            self.taken -= {rule.columns[0] for rule, _ in found}
            return []
        return found

    def time_parts(self) -> list[tuple[Constraint, Evidence]]:
        """Columns that repeat the hour, the weekday, ... of a time."""
        found = []
        times = [name for name, kind in self.kinds.items() if kind == "datetime"]
        for time in times:
            column = self.X[time]
            if column.isna().any() or not hasattr(column, "dt"):
                continue
            parts: dict[Hashable, str] = {}
            worst = Evidence(0, 0, np.inf)
            for name in self.free(list(self.X)):
                if name == time or self.n_values[name] > 400 or name in times:
                    continue
                few = self.X[name].iloc[:FIRST_ROWS]
                for part, take in PARTS.items():
                    if not repeats(few, take(column.iloc[:FIRST_ROWS])).mean() > 0.95:
                        continue
                    value = take(column)
                    wrong = int((~repeats(self.X[name], value)).sum())
                    if wrong > MAX_EXCEPTIONS * len(column):
                        continue
                    shuffled = value.iloc[self.rng.permutation(len(value))]
                    chance = float(
                        (~repeats(self.X[name], shuffled.set_axis(value.index))).sum()
                    )
                    evidence = Evidence(len(column), wrong, chance)
                    if evidence.convinces:
                        parts[name] = part
                        worst = min(worst, evidence, key=lambda e: e.by_chance)
                        break
            if parts:
                found.append((TimeParts(time, parts), worst))
                self.taken |= set(parts)
        return found

    def _values(self, name: Hashable) -> NDArray[np.float64]:
        return self.X[name].to_numpy(dtype=np.float64, na_value=np.nan)

    def _varied_numbers(self) -> list[Hashable]:
        return [
            name
            for name in self.free(self.numbers)
            if self.n_values[name] >= MIN_DISTINCT_NUMBERS
        ]

    def sums(self) -> list[tuple[Constraint, Evidence]]:
        """Numbers that are the sum of two others."""
        names = [
            name for name in self._varied_numbers() if not self.X[name].isna().any()
        ]
        if len(names) < 3:
            return []
        values = np.column_stack([self._values(name) for name in names])
        first = values[:FIRST_ROWS]
        scale = 1e-9 * (1 + np.abs(first).max(axis=0))
        found: list[tuple[Constraint, Evidence]] = []
        for i, j in combinations(range(len(names)), 2):
            added = first[:, i] + first[:, j]
            close = np.abs(first - added[:, None]) <= scale
            for k in np.flatnonzero(close.mean(axis=0) >= 1 - MAX_EXCEPTIONS):
                if k in (i, j) or {names[i], names[j], names[k]} & self.taken:
                    continue
                evidence = self._weigh_sum(values, int(k), i, j)
                if evidence.convinces:
                    found.append((Sum(names[k], [names[i], names[j]]), evidence))
                    self.taken.add(names[k])
        return found

    def _weigh_sum(self, values: NDArray, k: int, i: int, j: int) -> Evidence:
        """Compare a sum with that of a part that is shuffled."""
        tolerance = 1e-9 * (1 + np.abs(values[:, k]))
        wrong = np.abs(values[:, i] + values[:, j] - values[:, k]) > tolerance
        chance = np.inf
        for a, b in ((i, j), (j, i)):
            shuffled = values[self.rng.permutation(len(values)), b]
            off = np.abs(values[:, a] + shuffled - values[:, k]) > tolerance
            chance = min(chance, float(off.sum()))
        return Evidence(len(values), int(wrong.sum()), chance)

    def equalities(self) -> list[tuple[Constraint, Evidence]]:
        """Numbers that equal another in more rows than by chance.

        Each column equals at most one before it, that with which it is equal most
        often. The last columns come first, so that what a column is compared with is
        not rewritten yet.
        """
        names = self._varied_numbers()
        best: dict[Hashable, tuple[float, Hashable, Evidence]] = {}
        for first, second in combinations(names, 2):
            if self.X[second].isna().any():
                continue
            a, b = self._values(first), self._values(second)
            # Point masses are equal by chance: they are left out.
            usual = (a != _most_frequent(a)) | (b != _most_frequent(b))
            equal = (a == b) & usual
            share = float(equal.mean())
            if share < MIN_SHARE or share <= best.get(second, (0.0,))[0]:
                continue
            chance = float(((a == self.rng.permutation(b)) & usual).sum())
            if equal.sum() - chance >= max(MIN_CHANCE_EXCEPTIONS, 2 * chance):
                evidence = Evidence(len(a), int((~equal).sum()), len(a) - chance)
                best[second] = (share, first, evidence)
        self.taken |= set(best)
        return [
            (Equal(best[second][1], second), best[second][2])
            for second in reversed(names)
            if second in best
        ]

    def intervals(self) -> list[tuple[Constraint, Evidence]]:
        """Categories that follow from intervals of a number."""
        found: list[tuple[Constraint, Evidence]] = []
        for name in self.free(list(self.X)):
            n_values = self.n_values[name]
            if n_values > 1000 or name in self.lists or self._is_sparse(name):
                continue
            if self.X[name].isna().any():
                continue
            for number in self.free(self.numbers):
                if number == name or self.n_values[number] < n_values:
                    continue
                if self.kinds[name] in {"integer", "float"} and (
                    self.n_values[number] == n_values
                    or n_values >= MIN_DISTINCT_NUMBERS
                ):
                    continue
                part = self.X.iloc[:FIRST_ROWS]
                if find_intervals(part[number], part[name]) is None:
                    continue
                if find_intervals(self.X[number], self.X[name]) is None:
                    continue
                codes = self.codes[name]
                chance = float((codes != self.rng.permutation(codes)).sum())
                evidence = Evidence(len(codes), 0, chance)
                if evidence.convinces and number not in self.taken:
                    found.append((Intervals(number, name), evidence))
                    self.taken.add(name)
                    break
        return found

    def orders(self) -> list[tuple[Constraint, Evidence]]:
        """Numbers or times of which one is never greater than the other."""
        found: list[tuple[Constraint, Evidence]] = []
        times = [
            name
            for name, kind in self.kinds.items()
            if kind == "datetime" and not self.X[name].isna().any()
        ]
        for names in (self._varied_numbers(), self.free(times)):
            for a, b in combinations(names, 2):
                for low, high in ((a, b), (b, a)):
                    if {low, high} & self.taken:
                        continue
                    if self.X[low].dtype != self.X[high].dtype:
                        continue
                    below, above = self.X[low], self.X[high]
                    if bool((below > above).any()):
                        continue
                    shuffled = above.iloc[self.rng.permutation(len(above))]
                    broken = below.to_numpy() > shuffled.to_numpy()
                    if broken.mean() >= MIN_VIOLATIONS:
                        evidence = Evidence(len(below), 0, float(broken.sum()))
                        found.append((Inequality(low, high), evidence))
                        self.taken |= {low, high}
        return found

    def missing(self) -> list[tuple[Constraint, Evidence]]:
        """Columns whose values are missing in the same rows."""
        masks: dict[bytes, list[Hashable]] = {}
        for name in self.free(list(self.X)):
            mask = self.X[name].isna().to_numpy()
            if mask.any() and not mask.all() and not self._is_sparse(name):
                masks.setdefault(np.packbits(mask).tobytes(), []).append(name)
        found: list[tuple[Constraint, Evidence]] = []
        for names in masks.values():
            mask = self.X[names[0]].isna().to_numpy()
            broken = float((mask != self.rng.permutation(mask)).sum())
            if len(names) > 1 and broken >= MIN_CHANCE_EXCEPTIONS:
                evidence = Evidence(len(mask), 0, broken)
                found.append((MissingTogether(names), evidence))
        return found

    def entities(self) -> list[tuple[Constraint, Evidence]]:
        """Ids and what they determine; open populations; keys of several columns."""
        keys = [
            name
            for name in self.free(list(self.X))
            if self.kinds[name] in {"integer", "category", "boolean"}
            and name not in self.lists
            and self.n_values[name] >= 3
        ]
        attributes = self.free(list(self.X))
        edges = find_dependencies(self.codes, keys, attributes, self.rng)
        determined = _directed(edges, keys)
        follow = {name for _, name in edges}
        found: list[tuple[Constraint, Evidence]] = []
        ids: list[Hashable] = []
        for key in keys:
            names = determined.get(key, [])
            if not names and not self._is_open(key):
                continue
            ids.append(key)
            weakest = [edges[key, name] for name in names]
            evidence = min(
                weakest or [Evidence(len(self.X), 0, float(len(self.X)))],
                key=lambda e: e.by_chance,
            )
            varying: tuple[Hashable, ...] = ()
            if names and not self._is_open(key):
                varying = self._varying(key, follow)
            self.taken |= set(varying)
            found.append((Entity(key, names, varying=varying), evidence))
        found += self._whole_lists()
        pairs = self._composite_keys(keys)
        # What is part of a key is an id, whether or not it determines anything.
        for rule, evidence in pairs:
            for name in rule.columns:
                if name not in ids:
                    ids.append(name)
                    found.append((Entity(name), evidence))
        return found + pairs

    def _varying(self, key: Hashable, follow: set[Hashable]) -> tuple[Hashable, ...]:
        """Delimited lists that are mostly the same in the rows of one id."""
        order = np.argsort(self.codes[key], kind="stable")
        of_rows = self.codes[key][order]
        same = np.flatnonzero((of_rows[1:] == of_rows[:-1]) & (of_rows[1:] >= 0))
        found = []
        for name in self.free([name for name in self.X if name in self.lists]):
            if name in follow:
                continue
            values = self.codes[name]
            alike = np.mean(values[order][same] == values[order][same + 1])
            chance = np.square(np.bincount(values + 1) / len(values)).sum()
            if len(same) and alike >= MIN_ALIKE and chance <= alike / 4:
                found.append(name)
        return tuple(found)

    def _whole_lists(self) -> list[tuple[Constraint, Evidence]]:
        """Delimited lists that recur as wholes, and the lists that follow from them."""
        names = [
            name for name in self.free(list(self.lists)) if not self._is_open(name)
        ]
        edges = find_dependencies(self.codes, names, names, self.rng)
        determined = _directed(edges, names)
        follow = {name for names in determined.values() for name in names}
        found: list[tuple[Constraint, Evidence]] = []
        for name in names:
            attributes = determined.get(name, [])
            evidence = [edges[name, attribute] for attribute in attributes]
            if name not in follow or attributes:
                weakest = min(
                    evidence or [Evidence(len(self.X), 0, float(len(self.X)))],
                    key=lambda e: e.by_chance,
                )
                found.append((Entity(name, attributes), weakest))
        return found

    def _is_open(self, name: Hashable) -> bool:
        """Say whether a column without attributes is an open population of ids."""
        column = self.X[name]
        if isinstance(column.dtype, pd.CategoricalDtype) or self._is_sparse(name):
            return False
        counts = np.bincount(self.codes[name][self.codes[name] >= 0])
        if (counts == 1).sum() < OPEN_SHARE * len(column):
            return False
        if name in self.lists:
            return True
        if self.kinds[name] == "integer" and not ID_NAME.search(str(name)):
            return False
        values = column.dropna()
        return learn_form(values.drop_duplicates()).is_id_like

    def _composite_keys(
        self, names: list[Hashable]
    ) -> list[tuple[Constraint, Evidence]]:
        """Pairs of columns that never occur twice, where chance would repeat some."""
        found: list[tuple[Constraint, Evidence]] = []
        some = self.rng.permutation(len(self.X))[:FIRST_PAIRS]
        for a, b in combinations(names, 2):
            if min(self.n_values[a], self.n_values[b]) < MIN_DISTINCT_NUMBERS:
                continue
            first, second = self.codes[a], self.codes[b]
            if n_repeats(first[some], second[some]) or n_repeats(first, second):
                continue
            chance = n_repeats(first, self.rng.permutation(second))
            if chance >= MIN_CHANCE_EXCEPTIONS:
                evidence = Evidence(len(first), 0, float(chance))
                found.append((CompositeKey([a, b]), evidence))
        return found


def _kind(column: pd.Series) -> str:
    """Say what a column holds; whole numbers beside missing ones are integers."""
    kind = infer_kind(column)
    if kind == "float" and not isinstance(column.dtype, pd.SparseDtype):
        present = column.dropna().to_numpy(dtype=np.float64)
        if len(present) and np.array_equal(present, np.round(present)):
            return "integer"
    return kind


def _directed(
    edges: dict[tuple[Hashable, Hashable], Evidence], keys: list[Hashable]
) -> dict[Hashable, list[Hashable]]:
    """Return what each key determines by itself and not by way of another key.

    Of columns that determine each other, the first is the key of the others.
    """
    determined: dict[Hashable, set[Hashable]] = {}
    for key, attribute in edges:
        determined.setdefault(key, set()).add(attribute)
    for position, key in enumerate(keys):
        for other in keys[position + 1 :]:
            if other in determined.get(key, ()) and key in determined.get(other, ()):
                determined[key] |= determined.pop(other) - {key}
                for names in determined.values():
                    # Only the first of them counts as a key from here on.
                    names.discard(other) if key in names else None
    out = {}
    for key, names in determined.items():
        through = {
            further
            for name in names
            if name in determined
            for further in determined[name]
        }
        out[key] = [
            name
            for name in dict.fromkeys(n for _, n in edges)
            if name in names - through
        ]
    return out


def n_repeats(first: NDArray[np.int64], second: NDArray[np.int64]) -> int:
    """Count the rows whose pair of values occurred before."""
    present = (first >= 0) & (second >= 0)
    pairs = first[present] * (second.max() + 1) + second[present]
    return len(pairs) - len(np.unique(pairs))


def _most_frequent(values: NDArray[np.float64]) -> float:
    present, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    return float(present[counts.argmax()]) if len(present) else np.nan
