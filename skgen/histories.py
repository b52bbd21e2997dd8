"""Histories: the rows of each entity, drawn one after another."""

from __future__ import annotations

from collections.abc import Hashable
from numbers import Integral
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_datetime64_any_dtype, is_numeric_dtype
from sklearn.base import BaseEstimator, clone
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from skgen._random import draw_seed, spawn
from skgen._sklearn import validated
from skgen.structure import CompositeKey, Entity, Key, Structure, find_structure

# A column is the same in all rows of an entity if it changes in at most this share of
# the steps from one row to the next.
MAX_CHANGES = 0.005
# A number of at most this many values is brought to the nearest of them.
MAX_DISTINCT = 100
# Names of the columns of steps, which a user's table does not have.
POSITION, GAP, LABEL = "(position)", "(gap)", "(label)"
PACE = "(pace)"
N_ROWS, FIRST = "(n_rows)", "(first)"


class Histories(BaseEstimator):
    """Draw whole histories, such as all impressions of a user in the order of time.

    An entity (a user) is drawn first: what is the same in all of its rows, the number
    of its rows, and when it begins. Then its rows follow one after another, each given
    the row before, its position in the history, and what is the same in all rows: the
    time that passes, the other columns, the label.

    Parameters
    ----------
    generator : generator, default=None
        Draws entities and rows; it must take columns that are given. None is
        :class:`~skgen.AutoregressiveTrees`;
        :class:`~skgen.AutoregressiveTransformer` serves as well.

    group : hashable
        Name of the column that identifies the entity.

    order : hashable
        Name of the column that orders its rows: a time or a number.

    ids : {"fresh", "keep"}, default="fresh"
        "fresh" draws new entities, with new ids of the same form. "keep" gives the
        training entities new histories, each of its own number of rows and with its own
        attributes.

    max_rows : int or None, default=None
        Rows of an entity from which on a history is cut. None is no limit.

    random_state : int, RandomState instance or None, default=None
        Seeds fitting and the stream of samples. An int makes both repeat exactly.

    Attributes
    ----------
    static_ : list
        Names of the columns that are the same in all rows of an entity.

    entities_ : generator
        The fitted generator of entities.

    steps_ : generator
        The fitted generator of rows given the row before.

    See Also
    --------
    skgen.structure.Entity : Rows of one entity without an order.

    Notes
    -----
    This is a Markov chain of first order given the entity. Combinations of the entity
    and another id that never repeat in training (a user rates a film once, see
    :class:`~skgen.structure.CompositeKey`) do not repeat in synthetic rows either.

    Sequential models of this kind: SDV's PAR [1]_ and the conditional
    autoregressive networks of TabularARGN [2]_.

    References
    ----------
    .. [1] K. Zhang, N. Patki, K. Veeramachaneni, "Sequential models in the Synthetic
       Data Vault", arXiv:2207.14406, 2022.

    .. [2] P. Tiwald et al., "TabularARGN: a flexible and efficient auto-regressive
       framework for generating high-fidelity synthetic data", arXiv:2501.12012, 2025.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from skgen import Histories
    >>> rng = np.random.RandomState(0)
    >>> user = np.repeat(np.arange(100), 5)
    >>> X = pd.DataFrame({"user": user, "age": rng.randint(18, 80, 100)[user]})
    >>> X["time"] = rng.rand(500).cumsum()
    >>> made = Histories(group="user", order="time", random_state=0).fit(X).sample(20)
    >>> int(made.groupby("user")["age"].nunique().max())
    1
    """

    _parameter_constraints: dict = {
        "generator": [HasMethods(["fit", "sample"]), None],
        "ids": [StrOptions({"keep", "fresh"})],
        "max_rows": [Interval(Integral, 1, None, closed="left"), None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        generator: Any = None,
        *,
        group: Hashable,
        order: Hashable,
        ids: str = "fresh",
        max_rows: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.generator = generator
        self.group = group
        self.order = order
        self.ids = ids
        self.max_rows = max_rows
        self.random_state = random_state

    @validated
    def fit(self, X: pd.DataFrame, y: Any = None) -> Self:
        """Learn entities, and rows given the row before.

        Parameters
        ----------
        X : DataFrame of shape (n_samples, n_features)
            The rows of all entities, in any order.

        y : array-like of shape (n_samples,), default=None
            The labels.

        Returns
        -------
        self : Histories

        Raises
        ------
        ValueError
            If a column is missing from the table, `group` or `order` has missing
            values, or `order` is neither a time nor a number.
        """
        self._check(X)
        rng = check_random_state(self.random_state)
        frame = X.reset_index(drop=True)
        if y is not None:
            frame = frame.assign(**{LABEL: np.asarray(y)})
        by = frame[[self.group, self.order]].set_axis(["group", "order"], axis=1)
        frame = frame.loc[by.sort_values(["group", "order"], kind="stable").index]
        frame = frame.reset_index(drop=True)
        starts = np.flatnonzero(frame[self.group] != frame[self.group].shift())
        static = self._find_static(frame)
        self._columns, self._dtypes = list(X.columns), dict(X.dtypes)
        self._names = list(frame.columns)
        self._has_labels = y is not None
        self._n_training = len(X)
        self.static_ = static
        self._fit_entities(frame, starts, rng)
        self._fit_steps(frame, starts, rng)
        self._rng = spawn(rng)
        return self

    def _check(self, X: pd.DataFrame) -> None:
        if not isinstance(X, pd.DataFrame):
            raise TypeError(
                f"Histories need a DataFrame, got {type(X).__name__}: its columns are "
                "named by group and order."
            )
        for name in (self.group, self.order):
            if name not in X.columns:
                raise ValueError(
                    f"{name!r} is no column of the table. Its columns are "
                    f"{list(X.columns)}."
                )
            if X[name].isna().any():
                raise ValueError(
                    f"Column {name!r} has {int(X[name].isna().sum())} missing values: "
                    "drop these rows, whose entity or place is not known."
                )
        kind = X[self.order].dtype
        if not (is_datetime64_any_dtype(kind) or is_numeric_dtype(kind)):
            raise ValueError(
                f"Column {self.order!r} has dtype {kind}, which is neither a time nor "
                "a number. Convert it with pandas.to_datetime."
            )

    def _find_static(self, frame: pd.DataFrame) -> list[Hashable]:
        """Return the columns that do not change within an entity."""
        inside = (frame[self.group] == frame[self.group].shift()).to_numpy()
        static: list[Hashable] = []
        for name in frame.columns.drop([self.group, self.order]):
            values = pd.factorize(frame[name], use_na_sentinel=False)[0]
            changes = np.r_[False, values[1:] != values[:-1]] & inside
            if changes.sum() <= MAX_CHANGES * max(1, inside.sum()):
                static.append(name)
        return static

    def _new_generator(self, rng: np.random.RandomState, **params: Any) -> Any:
        generator = self.generator
        if generator is None:
            # Families of generators are imported where they are used.
            from skgen.trees import AutoregressiveTrees

            generator = AutoregressiveTrees()
        generator = clone(generator)
        return generator.set_params(random_state=draw_seed(rng), **params)

    def _fit_entities(
        self, frame: pd.DataFrame, starts: NDArray[np.intp], rng: np.random.RandomState
    ) -> None:
        """Learn the table of entities."""
        first = frame.iloc[starts].reset_index(drop=True)
        entities = first[[self.group, *self.static_]].copy()
        entities[N_ROWS] = np.diff(np.r_[starts, len(frame)])
        entities[FIRST] = to_number(first[self.order])
        self._training_entities = entities
        self._n_entities = len(entities)
        self.entities_ = None
        others = find_structure(entities.drop(columns=self.group))
        # Ids of new entities may be new ones, of which rows would know nothing.
        ids = [
            rule.columns[0] for rule in others.rules if isinstance(rule, Entity | Key)
        ]
        self._told = [name for name in self.static_ if name not in ids]
        varies = entities.drop(columns=self.group).nunique().max() > 1
        if self.ids == "fresh" and varies:
            key = Structure([Entity(self.group, self.static_, ids="fresh")])
            self.entities_ = self._new_generator(rng, structure=key.add(*others.rules))
            self.entities_.fit(entities)

    def _fit_steps(
        self, frame: pd.DataFrame, starts: NDArray[np.intp], rng: np.random.RandomState
    ) -> None:
        """Learn rows given the row before."""
        moving = [
            name
            for name in frame.columns
            if name not in {self.group, self.order, *self.static_}
        ]
        numbers = to_number(frame[self.order])
        gaps = np.diff(numbers, prepend=numbers[:1])
        begins = np.zeros(len(frame), dtype=bool)
        begins[starts] = True
        gaps[begins] = 0
        steps = frame[moving].copy()
        steps.insert(0, GAP, gaps)
        structure = find_structure(frame[moving]) if moving else Structure([])
        determined = {
            name
            for rule in structure.rules
            if isinstance(rule, Entity)
            for name in rule.attributes
        }
        self._lagged = [name for name in moving if name not in determined]
        sizes = np.diff(np.r_[starts, len(frame)])
        place = np.arange(len(frame)) - np.repeat(starts, sizes)
        # The last time in training: no history goes beyond.
        self._end = numbers.max()
        since = np.where(begins, numbers, np.r_[numbers[:1], numbers[:-1]])
        known = self._known(
            frame[self._told],
            place,
            np.repeat(sizes, sizes) - place,
            self._end - since,
            steps[[GAP, *self._lagged]],
        )
        # The first row of a history has none before it.
        for name in known.columns[-1 - len(self._lagged) :]:
            before = known[name].shift()
            known[name] = before.mask(begins)
        self._seen = {name: Seen(known[name]) for name in known}
        self._moving = moving
        table = pd.concat([known, steps], axis=1)
        self.steps_ = self._new_generator(
            rng,
            structure=structure.drop(*known.columns),
            visit_order=[name for name in table.columns if table[name].nunique() > 1],
        )
        if "reject_copies" in self.steps_.get_params():
            self.steps_.set_params(reject_copies=False)
        self.steps_.fit(table)
        self._known_names = [
            name for name in known.columns if name in self.steps_.visit_order_
        ]
        self._fit_pairs(frame)

    def _known(
        self,
        static: pd.DataFrame,
        place: NDArray[np.intp],
        rows_left: NDArray[np.int64],
        time_left: NDArray[np.float64],
        last: pd.DataFrame,
    ) -> pd.DataFrame:
        """Return what is known when a row is drawn."""
        known = static.reset_index(drop=True).copy()
        # Positions are told apart by their order of magnitude.
        known[POSITION] = np.minimum(place, 3) + np.floor(np.log2(1 + place))
        # The time that is left for each row that is left, likewise.
        known[PACE] = np.floor(np.log2(1e-9 + np.maximum(time_left, 0) / rows_left))
        for name in last:
            known[f"{name} before"] = last[name].to_numpy()
        return known

    def _fit_pairs(self, frame: pd.DataFrame) -> None:
        """Learn the ids that an entity never meets twice."""
        found = find_structure(frame.drop(columns=self.order))
        self._pairs: Structure | None = None
        keys = [
            rule
            for rule in found.rules
            if isinstance(rule, CompositeKey) and self.group in rule.columns
        ]
        others = [name for rule in keys for name in rule.columns if name != self.group]
        if keys:
            entities = [
                rule
                for rule in found.rules
                if isinstance(rule, Entity) and rule.key in others
            ]
            ordered = [CompositeKey([self.group, name]) for name in others]
            self._pairs = Structure([*entities, *ordered], ids="keep").fit(frame)

    def sample(self, n_samples: int | None = None, *, random_state: Any = None) -> Any:
        """Draw histories until there are enough rows; the last one may be cut.

        Parameters
        ----------
        n_samples : int, default=None
            Number of rows. None is the number of training rows.

        random_state : int, RandomState instance or None, default=None
            None continues the stream that `fit` started.

        Returns
        -------
        X : DataFrame of shape (n_samples, n_features)
            The rows, history after history, each in its order.

        y : ndarray of shape (n_samples,)
            Their labels; left out after `fit` without `y`.

        Raises
        ------
        NotFittedError
            Before `fit`.

        ValueError
            If entities are kept, and more rows are asked for than they have.
        """
        check_is_fitted(self, "steps_")
        rng = self._rng if random_state is None else check_random_state(random_state)
        n_samples = self._n_training if n_samples is None else n_samples
        if self.ids == "keep" and n_samples > self._n_training:
            raise ValueError(
                f"{n_samples} rows were asked for, but the {self._n_entities} entities "
                f"that are kept have {self._n_training}: ask for fewer, or set "
                "ids='fresh'."
            )
        entities = self._draw_entities(n_samples, rng)
        rows = self._draw_rows(entities, rng).iloc[:n_samples][self._names]
        if self._pairs is not None:
            rewritten = self._pairs.transform(rows)
            labels = np.zeros(len(rows), dtype=np.intp)
            if self._has_labels:
                labels = pd.factorize(rows[LABEL])[0]
            rewritten = self._pairs.separate(rewritten, labels, rng)
            rows = self._pairs.inverse_transform(rewritten, random_state=rng)
        rows = rows.reset_index(drop=True)
        X = rows[self._columns].astype(
            {name: dtype for name, dtype in self._dtypes.items() if name != self.group}
        )
        return (X, rows[LABEL].to_numpy()) if self._has_labels else X

    def _draw_entities(self, n_rows: int, rng: np.random.RandomState) -> pd.DataFrame:
        """Draw entities that have at least `n_rows` rows in all."""
        n_entities = 10 + int(1.2 * n_rows * self._n_entities / self._n_training)
        while True:
            entities = self._draw_some(n_entities, rng)
            if self.max_rows is not None:
                entities[N_ROWS] = entities[N_ROWS].clip(upper=self.max_rows)
            total = entities[N_ROWS].cumsum()
            if total.iloc[-1] >= n_rows or self.ids == "keep":
                break
            n_entities *= 2
        enough = int(np.searchsorted(total, n_rows)) + 1
        return entities.iloc[:enough].reset_index(drop=True)

    def _draw_some(self, n_entities: int, rng: np.random.RandomState) -> pd.DataFrame:
        """Draw new entities; or all of those in training, in another order."""
        if self.entities_ is not None:
            return self.entities_.sample(n_entities, random_state=draw_seed(rng))
        if self.ids == "keep":
            order = rng.permutation(len(self._training_entities))
            return self._training_entities.iloc[order].reset_index(drop=True)
        # The entities differ by their ids alone.
        rows = rng.randint(len(self._training_entities), size=n_entities)
        same = self._training_entities.drop(columns=self.group).iloc[rows]
        key = Key(self.group).fit(self._training_entities)
        return key.inverse_transform(same.reset_index(drop=True), random_state=rng)

    def _draw_rows(
        self, entities: pd.DataFrame, rng: np.random.RandomState
    ) -> pd.DataFrame:
        """Draw the rows of all entities, position after position."""
        n_rows = entities[N_ROWS].to_numpy().astype(np.int64)
        last = pd.DataFrame(index=range(len(entities)))
        for name in [GAP, *self._lagged]:
            last[name] = pd.Series(
                np.nan if name == GAP else None, index=last.index, dtype=object
            )
        time = entities[FIRST].to_numpy(dtype=np.float64).copy()
        drawn = []
        for place in range(int(n_rows.max())):
            active = np.flatnonzero(n_rows > place)
            known = self._known(
                entities[self._told].iloc[active],
                np.full(len(active), place),
                n_rows[active] - place,
                self._end - time[active],
                last.iloc[active],
            )
            given = pd.DataFrame(
                {
                    name: self._seen[name].admit(known[name])
                    for name in self._known_names
                }
            )
            step = self.steps_.sample(given=given, random_state=draw_seed(rng))
            step = step.set_axis(active)
            if place:
                time[active] += step[GAP].to_numpy(dtype=np.float64)
            part = step[self._moving].copy()
            part[self.order] = time[active]
            part["(entity)"] = active
            drawn.append(part)
            for name in [GAP, *self._lagged]:
                values = last[name].to_numpy(dtype=object, copy=True)
                values[active] = step[name].to_numpy(dtype=object)
                last[name] = values
        rows = pd.concat(drawn)
        rows = rows.sort_values("(entity)", kind="stable").reset_index(drop=True)
        of_rows = rows.pop("(entity)").to_numpy()
        first = entities[FIRST].to_numpy(dtype=np.float64)
        # A history that runs beyond the last time is compressed.
        reach = np.maximum(time - first, 1e-12)
        factor = np.minimum(1.0, (self._end - first) / reach)[of_rows]
        rows[self.order] = first[of_rows] + (rows[self.order] - first[of_rows]) * factor
        rows[self.order] = from_number(rows[self.order], self._dtypes[self.order])
        for column in [self.group, *self.static_]:
            rows[column] = entities[column].to_numpy()[of_rows]
        return rows


class Seen:
    """The values of a column in training, to which others are brought.

    Parameters
    ----------
    column : Series
    """

    def __init__(self, column: pd.Series) -> None:
        self.dtype = column.dtype
        self.is_number = is_numeric_dtype(column.dtype) or is_datetime64_any_dtype(
            column.dtype
        )
        values = column.dropna()
        if self.is_number:
            self.low: Any = values.min() if len(values) else 0
            self.high: Any = values.max() if len(values) else 0
            distinct = np.unique(values)
            few = len(distinct) <= MAX_DISTINCT and distinct.dtype.kind in "iuf"
            self.steps = distinct if few else None
        else:
            self.values = set(values)

    def admit(self, column: pd.Series) -> pd.Series:
        """Bring numbers to the range, or to the few values, that were seen.

        Other categories become missing.
        """
        if self.is_number and self.steps is not None and len(self.steps):
            numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
            middles = (self.steps[1:] + self.steps[:-1]) / 2
            near = self.steps[np.searchsorted(middles, numbers)].astype(np.float64)
            near[np.isnan(numbers)] = np.nan
            return pd.Series(near, column.index).astype(self.dtype)
        if self.is_number:
            return column.astype(self.dtype).clip(self.low, self.high)
        return column.where(column.isin(self.values)).astype(self.dtype)


def to_number(column: pd.Series) -> NDArray[np.float64]:
    """Return times as seconds, numbers as they are."""
    if is_datetime64_any_dtype(column.dtype):
        column = (column - pd.Timestamp(0, tz=column.dt.tz)).dt.total_seconds()
    return np.asarray(column, dtype=np.float64)


def from_number(numbers: pd.Series, dtype: Any) -> pd.Series:
    """Return seconds as times, numbers in their dtype."""
    if is_datetime64_any_dtype(dtype):
        zone = getattr(dtype, "tz", None)
        times = pd.to_datetime(numbers.round(6), unit="s", utc=zone is not None)
        return times.astype(dtype) if zone is None else times.dt.tz_convert(zone)
    return numbers.round().astype(dtype) if dtype.kind in "iu" else numbers
