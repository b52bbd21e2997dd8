"""Rules of ids: what they determine, and which of their combinations repeat."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions

from skgen.constraints import Constraint
from skgen.structure._entity import EntityTable, marker, marker_class

# Rounds of exchanges after which a pair that repeats is left as it is.
MAX_ROUNDS = 30
# Ids are exchanged between neighbours of this distance first.
FIRST_WINDOW = 10


class Entity(Constraint):
    """An id, such as that of a user, and the columns that it determines.

    In synthetic rows what the id determines is determined: an id that is kept has its
    own attributes, and a new id has one set of attributes in all of its rows.

    Parameters
    ----------
    key : hashable
        Name of the column of ids.

    attributes : sequence of hashable, default=()
        Names of the columns that an id determines, exactly or in at least 99.5 % of
        the rows. Rare exceptions occur as rarely as in training.

    varying : sequence of hashable, default=()
        Names of columns that are mostly, not always, the same in the rows of one id,
        such as lists of what a user clicked before. Ids that are kept take them from
        one of their own training rows.

    ids : {"auto", "keep", "fresh"}, default="auto"
        "keep" draws the ids of the training rows. "fresh" makes new ones of the same
        form, as many for each number of rows as in training. "auto" keeps the ids that
        occur at least `min_count` times and makes the others anew, if the ids are an
        open population: if the probability that the next row brings an id not seen
        before is at least 10 % (estimated as by Good and Turing: the share of rows
        whose id occurs once). Else all ids are kept.

    min_count : int, default=2
        With ``ids="auto"``, the number of rows from which on an id is kept.

    Raises
    ------
    ValueError
        In `fit`, if a column is missing from the table or is not determined.

    See Also
    --------
    skgen.structure.find_structure : Finds the entities of a table.

    References
    ----------
    .. [1] I. J. Good, "The population frequencies of species and the estimation of
       population parameters", Biometrika 40, 237-264, 1953.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.structure import Entity
    >>> X = pd.DataFrame({"user": ["a", "b", "a"], "city": ["Rome", "Oslo", "Rome"]})
    >>> Entity("user", ["city"]).fit(X).transform(X)
      user
    0    a
    1    b
    2    a
    """

    _parameter_constraints: dict = {
        "key": "no_validation",
        "attributes": ["array-like"],
        "varying": ["array-like"],
        "ids": [StrOptions({"auto", "keep", "fresh"})],
        "min_count": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        key: Hashable,
        attributes: Sequence[Hashable] = (),
        *,
        varying: Sequence[Hashable] = (),
        ids: str = "auto",
        min_count: int = 2,
    ) -> None:
        self.key = key
        self.attributes = attributes
        self.varying = varying
        self.ids = ids
        self.min_count = min_count

    @property
    def columns(self) -> list[Hashable]:
        """Names of the key and of what belongs to it."""
        return [self.key, *self.attributes, *self.varying]

    def _fit(self, X: pd.DataFrame) -> list[Hashable]:
        self._joint = Entities([self]).fit(X)
        return list(self._joint.transform(X.iloc[:0]).columns)

    def _transform(self, X: pd.DataFrame) -> pd.DataFrame:
        return self._joint.transform(X)

    def _inverse_transform(
        self, X: pd.DataFrame, random_state: np.random.RandomState
    ) -> pd.DataFrame:
        return self._joint.inverse_transform(X, random_state=random_state)


class CompositeKey(Constraint):
    """Columns whose combination never repeats, as user and film in a log of ratings.

    Synthetic combinations neither repeat nor equal a training combination. Where one
    would, the value of the last column is exchanged with that of another row, together
    with what it determines.

    Parameters
    ----------
    key : sequence of hashable
        Names of at least two columns.

    Raises
    ------
    ValueError
        In `fit`, if a combination occurs twice.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.structure import CompositeKey
    >>> X = pd.DataFrame({"user": ["a", "b", "a"], "film": [1, 1, 2]})
    >>> CompositeKey(["user", "film"]).fit(X).columns
    ['user', 'film']
    """

    _parameter_constraints: dict = {"key": ["array-like"]}

    def __init__(self, key: Sequence[Hashable]) -> None:
        self.key = key

    @property
    def columns(self) -> list[Hashable]:
        """Names of the columns."""
        return list(self.key)

    def _fit(self, X: pd.DataFrame) -> list[Hashable]:
        self._joint = Entities((), composite_keys=[self]).fit(X)
        return list(X.columns)

    def separate(
        self, X: pd.DataFrame, groups: NDArray, rng: np.random.RandomState
    ) -> pd.DataFrame:
        """Exchange ids between drawn rows of one group until no combination repeats."""
        return self._joint.separate(X, groups, rng)

    def _transform(self, X: pd.DataFrame) -> pd.DataFrame:
        return X

    def _inverse_transform(
        self, X: pd.DataFrame, random_state: np.random.RandomState
    ) -> pd.DataFrame:
        return self._joint.inverse_transform(X, random_state=random_state)


class Entities(Constraint):
    """All entities of a table together, since they share rows and attributes.

    Ids become categories (`EntityTable`); what all ids of a kind determine leaves the
    table. On the way back, what ids that are kept determine is looked up, from the
    finest kind of entity (device) to the coarsest (manufacturer); new ids are made from
    the coarsest to the finest, of rows whose attributes are alike; and combinations
    that would repeat are exchanged.

    Parameters
    ----------
    entities : sequence of Entity

    composite_keys : sequence of CompositeKey, default=()

    ids : {"auto", "keep", "fresh"} or dict of column to these, default=None
        Takes precedence over `ids` of the entities.
    """

    _parameter_constraints: dict = {
        "entities": ["array-like"],
        "composite_keys": ["array-like"],
        "ids": [StrOptions({"auto", "keep", "fresh"}), dict, None],
    }

    def __init__(
        self,
        entities: Sequence[Entity],
        composite_keys: Sequence[CompositeKey] = (),
        ids: str | Mapping[Hashable, str] | None = None,
    ) -> None:
        self.entities = entities
        self.composite_keys = composite_keys
        self.ids = ids

    @property
    def columns(self) -> list[Hashable]:
        """Names of all keys and attributes."""
        rules = [*self.entities, *self.composite_keys]
        return list(dict.fromkeys(name for rule in rules for name in rule.columns))

    def _fit(self, X: pd.DataFrame) -> list[Hashable]:
        self._positions(X, self.columns)
        self._tables = [
            EntityTable(
                entity.key,
                attributes,
                entity.varying,
                ids=self._ids_of(entity),
                min_count=entity.min_count,
            ).fit(X)
            for entity, attributes in _closures(self.entities)
        ]
        # From fine to coarse: what an entity determines comes after it.
        self._tables.sort(key=lambda table: -len(table.attributes))
        for table in self._tables:
            table.check(X)
        self._dtypes = {
            name: X[name].dtype for name in self.columns if name in X.columns
        }
        self._dropped = {
            name
            for table in self._tables
            for name in (table.attributes if table.all_kept else table.aliases_)
        }
        rewritten = self._rewrite(X)
        for table in self._tables:
            table.learn_profiles(rewritten)
        determined = {table.key: table.attributes for table in self._tables}
        self._belonging = {
            name: [name, *determined.get(name, [])]
            for name in {key.columns[-1] for key in self.composite_keys}
        }
        self._by_likeness = self._likeness(X)
        self._seen = {
            tuple(key.columns): self._learn_combinations(X, key.columns)
            for key in self.composite_keys
        }
        return [name for name in X.columns if name not in self._dropped]

    def _ids_of(self, entity: Entity) -> str:
        if isinstance(self.ids, Mapping):
            return self.ids.get(entity.key, entity.ids)
        return entity.ids if self.ids is None else self.ids

    def _learn_combinations(
        self, X: pd.DataFrame, columns: list[Hashable]
    ) -> NDArray[np.uint64]:
        hashes = _hash_rows(X, columns)
        repeated = pd.Series(hashes).duplicated().to_numpy()
        if repeated.any():
            row = int(repeated.argmax())
            shown = X[columns].iloc[[row]].to_dict("list").values()
            values = [value for (value,) in shown]
            raise ValueError(
                f"The columns {columns} are no key: {int(repeated.sum())} rows repeat "
                f"a combination, such as {values}. Leave the rule out, or drop the "
                "rows that repeat."
            )
        return np.sort(hashes)

    def _rewrite(self, X: pd.DataFrame) -> pd.DataFrame:
        out = X.copy(deep=False)
        for table in self._tables:
            out[table.key] = table.rewrite(X[table.key])
        return out

    def _transform(self, X: pd.DataFrame) -> pd.DataFrame:
        return self._rewrite(X).drop(columns=list(self._dropped))

    def _inverse_transform(
        self, X: pd.DataFrame, random_state: np.random.RandomState
    ) -> pd.DataFrame:
        rng = check_random_state(random_state)
        values = {
            name: X[name].to_numpy(dtype=object, copy=True)
            if name in X.columns
            else np.full(len(X), None, dtype=object)
            for name in self._dtypes
        }
        self._look_up(values, rng)
        self._make_new(values, rng)
        columns = []
        for name in self._columns_in:
            if name in values:
                columns.append(_as_dtype(values[name], self._dtypes[name], X.index))
            else:
                columns.append(X[name])
        return pd.concat(columns, axis=1, keys=range(len(columns)))

    def find_repeats(self, X: pd.DataFrame) -> NDArray[np.intp]:
        """Return the rewritten rows whose combination is no longer free.

        Parameters
        ----------
        X : DataFrame
            Rows as `transform` writes them. New ids, which are still to be made, do
            not repeat.

        Returns
        -------
        rows : ndarray of int
            Positions of rows whose combination occurred before, in `X` or in training.
        """
        tables = {table.key: table for table in self._tables}
        repeats = np.zeros(len(X), dtype=bool)
        for key in self.composite_keys:
            if any(name not in X.columns for name in key.columns):
                continue
            decided = np.ones(len(X), dtype=bool)
            values = {}
            for name in key.columns:
                values[name] = X[name].to_numpy(dtype=object)
                if name in tables:
                    decided &= tables[name].kept_position(values[name]) >= 0
                    values[name] = tables[name].restore(values[name])
            repeats |= decided & self._repeats(values, key.columns)
        return np.flatnonzero(repeats)

    def separate(
        self, X: pd.DataFrame, groups: NDArray, rng: np.random.RandomState
    ) -> pd.DataFrame:
        """Exchange ids between drawn rows of one group until no combination repeats."""
        for key in self.composite_keys:
            order = self._exchange_order(X, key.columns[-1], groups, rng)
            moved = [
                name for name in self._belonging[key.columns[-1]] if name in X.columns
            ]
            X = X.copy(deep=False)
            moving = {name: X[name].to_numpy(dtype=object, copy=True) for name in moved}
            dtypes = {name: X[name].dtype for name in moved}
            for attempt in range(MAX_ROUNDS):
                repeats = self.find_repeats(X)
                if not len(repeats):
                    break
                rows, others = _choose_partners(
                    repeats, order, groups, FIRST_WINDOW * 2**attempt, rng
                )
                # Exchanges are undone that leave a combination which repeats.
                for keep in (False, True):
                    if keep:
                        again = np.isin([rows, others], self.find_repeats(X)).any(
                            axis=0
                        )
                        rows, others = rows[again], others[again]
                    for name, column in moving.items():
                        column[rows], column[others] = column[others], column[rows]
                        X[name] = pd.Series(column, X.index).astype(dtypes[name])
        return X

    def _exchange_order(
        self,
        X: pd.DataFrame,
        name: Hashable,
        groups: NDArray,
        rng: np.random.RandomState,
    ) -> NDArray[np.intp]:
        """Return the rows such that ids with the same attributes are neighbours."""
        keys: list[NDArray] = [rng.uniform(size=len(X))]
        for table in self._tables:
            if table.key != name:
                continue
            position = table.kept_position(X[name].to_numpy(dtype=object))
            first = np.minimum(table.first_profile(position), len(table.profiles_) - 1)
            for attribute in reversed(self._by_likeness[name]):
                codes = pd.factorize(table.profiles_[attribute], sort=True)[0]
                keys.append(codes[first] if len(codes) else first)
        return np.lexsort([*keys, groups])

    def _likeness(self, X: pd.DataFrame) -> dict[Hashable, list[Hashable]]:
        """Order what the last id of each composite key determines.

        First comes what two rows of one first id have in common most often, beyond
        what any two rows have.
        """
        ordered = {}
        for key in self.composite_keys:
            of_rows = pd.factorize(X[key.columns[0]])[0]
            order = np.argsort(of_rows, kind="stable")
            same = np.flatnonzero(np.diff(of_rows[order]) == 0)
            lifts = {}
            for name in self._belonging[key.columns[-1]][1:]:
                codes = pd.factorize(X[name])[0]
                alike = codes[order][same] == codes[order][same + 1]
                chance = np.square(np.bincount(codes + 1) / len(codes)).sum()
                lifts[name] = float(np.mean(alike) if len(same) else 0.0) - chance
            ordered[key.columns[-1]] = sorted(lifts, key=lambda name: -lifts[name])
        return ordered

    def _repeats(
        self, values: Mapping[Hashable, NDArray], columns: list[Hashable]
    ) -> NDArray[np.bool_]:
        """Say which rows have a combination that occurred before."""
        seen = self._seen[tuple(columns)]
        frame = pd.DataFrame({i: values[name] for i, name in enumerate(columns)})
        hashes = _hash_rows(frame, list(frame.columns))
        at = np.minimum(np.searchsorted(seen, hashes), len(seen) - 1)
        return pd.Series(hashes).duplicated().to_numpy() | (seen[at] == hashes)

    def _look_up(
        self, values: dict[Hashable, NDArray], rng: np.random.RandomState
    ) -> None:
        """Write what the ids that are kept determine, in place."""
        n_rows = len(next(iter(values.values())))
        fixed = {name: np.zeros(n_rows, dtype=bool) for name in values}
        for table in self._tables:
            position = table.kept_position(values[table.key])
            rows = np.flatnonzero(position >= 0)
            profiles = table.draw_profiles(position[rows], rng)
            self._settle(table, values, fixed, rows, profiles, rng)
            still = profiles >= 0
            rows, profiles = rows[still], profiles[still]
            for name in table.attributes:
                free = ~fixed[name][rows]
                found = table.profiles_[name].to_numpy(dtype=object)
                values[name][rows[free]] = found[profiles[free]]
                fixed[name][rows] = True
            fixed[table.key][rows] = True

    def _settle(
        self,
        table: EntityTable,
        values: dict[Hashable, NDArray],
        fixed: dict[Hashable, NDArray[np.bool_]],
        rows: NDArray[np.intp],
        profiles: NDArray[np.int64],
        rng: np.random.RandomState,
    ) -> None:
        """Draw another id where attributes are known already and differ, in place."""
        shared = [name for name in table.attributes if fixed[name].any()]
        if not shared:
            return
        differs = np.zeros(len(rows), dtype=bool)
        for name in shared:
            own = table.profiles_[name].to_numpy(dtype=object)[profiles]
            differs |= fixed[name][rows] & (own != values[name][rows])
        differs &= ~fixed[table.key][rows]
        if not differs.any():
            return
        at, before = np.flatnonzero(differs), profiles.copy()
        # Rows whose known attributes are the same columns are settled together.
        pattern = np.column_stack([fixed[name][rows[at]] for name in shared])
        for of_rows in np.unique(pattern, axis=0):
            group = at[(pattern == of_rows).all(axis=1)]
            names = [name for name, fix in zip(shared, of_rows, strict=True) if fix]
            wanted = pd.DataFrame({name: values[name][rows[group]] for name in names})
            profiles[group] = table.draw_matching(wanted, rng)
        found = at[profiles[at] >= 0]
        kept = table.texts_[table.kept_]
        values[table.key][rows[found]] = kept[table._of_profiles[profiles[found]]]
        # No id that is kept has these attributes: a new one does, if there may be any.
        lost = at[profiles[at] < 0]
        if table.all_kept:
            profiles[lost] = before[lost]
        else:
            values[table.key][rows[lost]] = marker(np.ones(len(lost), dtype=np.int64))

    def _make_new(
        self, values: dict[Hashable, NDArray], rng: np.random.RandomState
    ) -> None:
        """Make the ids that are not kept, each of rows with one set of attributes."""
        for table in reversed(self._tables):
            texts = values[table.key]
            classes = marker_class(texts)
            ids = table.restore(texts)
            n_new = 0
            groups = np.full(len(texts), -1, dtype=np.int64)
            for of_count in np.unique(classes[classes >= 0]):
                rows = np.flatnonzero(classes == of_count)
                rows = _alike_together(rows, values, table.attributes, rng)
                sizes = table.sizes(int(of_count), len(rows), rng)
                groups[rows] = n_new + np.repeat(np.arange(len(sizes)), sizes)
                first = rows[np.cumsum(sizes) - sizes]
                if of_count > 0:
                    for name in table.attributes:
                        values[name][rows] = np.repeat(values[name][first], sizes)
                n_new += len(sizes)
            values[table.key] = ids
            rows = np.flatnonzero(groups >= 0)
            if len(rows):
                for name, made in table.new_ids(n_new, rng).items():
                    values[name][rows] = made[groups[rows]]


def _closures(
    entities: Sequence[Entity],
) -> list[tuple[Entity, list[Hashable]]]:
    """Return each entity with all that it determines, by way of others too."""
    direct = {entity.key: list(entity.attributes) for entity in entities}
    out = []
    taken: set[Hashable] = set()
    for entity in entities:
        found: dict[Hashable, None] = {}
        waiting = list(direct[entity.key])
        while waiting:
            name = waiting.pop(0)
            if name in found or name == entity.key:
                continue
            found[name] = None
            waiting += direct.get(name, [])
        # Two keys that determine each other are one entity, known by the first.
        cycle = any(entity.key in direct.get(name, []) for name in found)
        if cycle and entity.key in taken:
            continue
        if cycle:
            taken.update(found)
        out.append((entity, list(found)))
    return out


def _choose_partners(
    rows: NDArray[np.intp],
    order: NDArray[np.intp],
    groups: NDArray,
    window: int,
    rng: np.random.RandomState,
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return some of the rows, and for each a neighbour of its group, all different."""
    position = np.empty(len(order), dtype=np.intp)
    position[order] = np.arange(len(order))
    rows = rng.permutation(rows)
    in_order = groups[order]
    low = np.maximum(position[rows] - window, np.searchsorted(in_order, groups[rows]))
    stop = np.searchsorted(in_order, groups[rows], side="right")
    high = np.minimum(position[rows] + window + 1, stop)
    others = order[low + (rng.uniform(size=len(rows)) * (high - low)).astype(np.intp)]
    rows, others = rows[rows != others], others[rows != others]
    pairs = np.stack([rows, others], axis=1).ravel()
    _, first = np.unique(pairs, return_index=True)
    new = np.zeros(len(pairs), dtype=bool)
    new[first] = True
    free = new.reshape(-1, 2).all(axis=1)
    return rows[free], others[free]


def _alike_together(
    rows: NDArray[np.intp],
    values: dict[Hashable, NDArray],
    names: Sequence[Hashable],
    rng: np.random.RandomState,
) -> NDArray[np.intp]:
    """Return rows in an order in which rows with the same attributes meet."""
    keys: list[NDArray] = [rng.uniform(size=len(rows))]
    for name in reversed(names):
        codes, uniques = pd.factorize(values[name][rows], use_na_sentinel=False)
        keys.append(rng.permutation(len(uniques))[codes])
    return rows[np.lexsort(keys)]


def _hash_rows(X: pd.DataFrame, columns: list[Hashable]) -> NDArray[np.uint64]:
    """Return a hash of the combination that each row has."""
    texts = pd.DataFrame({i: X[name].astype(str) for i, name in enumerate(columns)})
    return np.asarray(pd.util.hash_pandas_object(texts, index=False), dtype=np.uint64)


def _as_dtype(values: NDArray, dtype: Any, index: pd.Index) -> pd.Series:
    """Return values in the dtype of the table, new categories added to the old ones."""
    if isinstance(dtype, pd.CategoricalDtype):
        present = pd.unique(pd.Series(values).dropna())
        new = [value for value in present if value not in dtype.categories]
        dtype = pd.CategoricalDtype(
            [*dtype.categories, *new] if new else dtype.categories, dtype.ordered
        )
    return pd.Series(values, index=index, dtype=object).astype(dtype)
