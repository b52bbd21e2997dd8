"""One kind of entity of a table, such as users: their ids and what these determine."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_datetime64_any_dtype, is_float_dtype

from skgen.lists import list_delimiter
from skgen.structure._dependencies import MAX_EXCEPTIONS, count_exceptions
from skgen.structure._ids import IdForm, learn_form, new_ids

# A column is an open population where the next row brings a new id with at least this
# probability (Good-Turing: the share of rows whose id occurs once).
OPEN_SHARE = 0.1
# How many offending ids an error shows.
MAX_SHOWN = 3


class EntityTable:
    """The entities of one kind that occur in a table.

    Ids seen often are kept: they are categories, and what they determine is looked up
    in `profiles`. The others are one category for each class of their number of rows
    (1, 2 to 3, 4 to 7, ...), and become new ids of as many rows.

    Parameters
    ----------
    key : hashable
        The column of ids.

    attributes : sequence of hashable
        Columns that the id determines.

    varying : sequence of hashable
        Columns that are mostly the same for an id, taken from its own rows.

    ids : {"auto", "keep", "fresh"}

    min_count : int
        Ids seen fewer times are not kept, if the population is open.

    Attributes
    ----------
    ids_ : Index of length n_ids
        The ids, by decreasing number of rows.

    counts_ : ndarray of int of shape (n_ids,)
        Rows of each.

    kept_ : ndarray of bool of shape (n_ids,)
        Whether an id may occur in synthetic rows.

    new_share_ : float
        Probability that the next row brings an id not seen before.

    form_ : IdForm
        Form of the ids.

    aliases_ : dict of column to (IdForm, Index)
        Attributes that identify the same entities, as an e-mail address beside the id
        of a user: made anew together with the id.

    profiles_ : DataFrame
        Each combination of an id that is kept and its attributes, with the number of
        rows (``"n_rows"`` is in `weights_`); the attributes in their rewritten form.
    """

    def __init__(
        self,
        key: Hashable,
        attributes: Sequence[Hashable],
        varying: Sequence[Hashable] = (),
        *,
        ids: str = "auto",
        min_count: int = 2,
    ) -> None:
        self.key = key
        self.determined = list(attributes)
        self.attributes = [*attributes, *varying]
        self.ids = ids
        self.min_count = min_count

    def fit(self, X: pd.DataFrame) -> EntityTable:
        """Learn the ids, and which of them are kept."""
        column = X[self.key]
        counts = column.value_counts(sort=False)
        order = np.argsort(-counts.to_numpy(), kind="stable")
        self.ids_ = pd.Index(counts.index.to_numpy()[order])
        self.counts_ = counts.to_numpy()[order].astype(np.int64)
        self.dtype_ = column.dtype
        n_rows = max(1, int(self.counts_.sum()))
        self.new_share_ = float((self.counts_ == 1).sum() / n_rows)
        closed = isinstance(column.dtype, pd.CategoricalDtype)
        self.form_ = IdForm("text")
        if len(self.ids_) and not closed:
            self.form_ = learn_form(pd.Series(self._whole_ids(), name=self.key))
        self.open_ = (
            not closed and self.form_.is_id_like and self.new_share_ >= OPEN_SHARE
        )
        self.kept_ = np.ones(len(self.ids_), dtype=bool)
        if self.ids == "fresh":
            self.form_ = learn_form(pd.Series(self._whole_ids(), name=self.key))
            self.kept_[:] = False
        elif self.ids == "auto" and self.open_:
            self.kept_ = self.counts_ >= self.min_count
        texts = self.ids_.astype(str)
        self.texts_ = np.asarray(texts, dtype=object)
        if not texts.is_unique:
            self.texts_ = np.array([f"id {i}" for i in range(len(texts))], dtype=object)
        self.has_missing_ = bool(column.isna().any())
        self.is_list_ = not closed and list_delimiter(column) is not None
        self.aliases_: dict[Hashable, tuple[IdForm, pd.Index]] = {}
        return self

    def _whole_ids(self) -> pd.Index:
        """Return the ids, as integers where they are floats for missing ones' sake."""
        if not is_float_dtype(self.ids_.dtype):
            return self.ids_
        whole = self.ids_.to_numpy(dtype=np.float64)
        if np.array_equal(whole, np.round(whole)):
            return pd.Index(whole.astype(np.int64))
        return self.ids_

    def check(self, X: pd.DataFrame) -> None:
        """Raise if the id does not determine an attribute."""
        key = pd.factorize(X[self.key])[0].astype(np.int64)
        for name in self.determined:
            codes = pd.factorize(X[name])[0].astype(np.int64)
            self._look_for_alias(X[name], key, codes)
            n_rows, n_exceptions = count_exceptions(key, codes)
            if n_exceptions <= MAX_EXCEPTIONS * max(n_rows, 1):
                continue
            several = X[name].groupby(X[self.key], observed=True).nunique(dropna=False)
            worst = several[several > 1].sort_values(ascending=False)
            raise ValueError(
                f"Column {self.key!r} does not determine column {name!r}: "
                f"{n_exceptions} of the {n_rows} rows whose id occurs more than once "
                f"differ from their id's most frequent value, such as those of "
                f"{worst.index[:MAX_SHOWN].tolist()}. Leave {name!r} out of the "
                "entity, or repair these rows; what changes over time is a history."
            )

    def _look_for_alias(
        self, column: pd.Series, key: NDArray[np.int64], codes: NDArray[np.int64]
    ) -> None:
        """Remember an attribute that is another id of the same entities."""
        n_pairs = len(np.unique(key * (codes.max() + 2) + codes))
        one_to_one = n_pairs == len(self.ids_) == column.nunique()
        if not one_to_one or self.kept_.all():
            return
        values = pd.Series(column.dropna().unique(), name=column.name)
        if is_float_dtype(values.dtype) or is_datetime64_any_dtype(values.dtype):
            return
        form = learn_form(values)
        if form.is_id_like or form.kind == "name":
            self.aliases_[column.name] = (form, pd.Index(values))

    @property
    def all_kept(self) -> bool:
        """Whether each row's id is kept and known."""
        return bool(self.kept_.all()) and not self.has_missing_

    def codes(self, column: pd.Series) -> NDArray[np.int64]:
        """Return the position of each id in `ids_`, -1 where it is missing or new."""
        return self.ids_.get_indexer(pd.Index(column.to_numpy())).astype(np.int64)

    def rewrite(self, column: pd.Series) -> pd.Series:
        """Return ids as categories: those that are kept, and classes of the others."""
        codes = self.codes(column)
        out = np.empty(len(codes), dtype=object)
        known = codes >= 0
        out[known] = self.texts_[codes[known]]
        rare = np.flatnonzero(~known | ~self.kept_[codes])
        rare = rare[column.notna().to_numpy()[rare]]
        counts = column.map(column.value_counts()).to_numpy()
        out[rare] = marker(counts[rare].astype(np.int64))
        rewritten = pd.Series(out, index=column.index, name=column.name, dtype=object)
        # A delimited list that is kept as a whole must not be taken apart.
        return rewritten.astype("category") if self.is_list_ else rewritten

    def learn_profiles(self, rewritten: pd.DataFrame) -> None:
        """Learn what the ids that are kept determine, in the rewritten table."""
        position = pd.Index(self.texts_[self.kept_]).get_indexer(
            pd.Index(rewritten[self.key].to_numpy(dtype=object))
        )
        columns = rewritten.loc[position >= 0, self.attributes].reset_index(drop=True)
        of_rows = position[position >= 0].astype(np.int64)
        combined = of_rows.copy()
        for name in self.attributes:
            codes, _ = pd.factorize(columns[name], use_na_sentinel=False)
            combined = pd.factorize(combined * (codes.max(initial=0) + 1) + codes)[0]
        _, first, counts = np.unique(combined, return_index=True, return_counts=True)
        order = np.argsort(of_rows[first], kind="stable")
        first, counts = first[order], counts[order]
        self.profiles_ = columns.iloc[first].reset_index(drop=True)
        self.weights_ = counts.astype(np.float64)
        self._of_profiles = of_rows[first]
        n_kept = int(self.kept_.sum())
        self._starts = np.searchsorted(self._of_profiles, np.arange(n_kept + 1))
        self._cumulative = np.r_[0.0, np.cumsum(self.weights_)]

    def kept_position(self, texts: NDArray) -> NDArray[np.int64]:
        """Return the position of each text among the ids that are kept, or -1."""
        kept = pd.Index(self.texts_[self.kept_])
        return kept.get_indexer(pd.Index(texts)).astype(np.int64)

    def first_profile(self, positions: NDArray[np.int64]) -> NDArray[np.intp]:
        """Return the first row of `profiles_` of each id, 0 where it is not kept."""
        return np.where(positions >= 0, self._starts[positions], 0)

    def draw_profiles(
        self, positions: NDArray[np.int64], rng: np.random.RandomState
    ) -> NDArray[np.int64]:
        """Draw a row of `profiles_` for each id that is kept, by frequency."""
        low = self._cumulative[self._starts[positions]]
        high = self._cumulative[self._starts[positions + 1]]
        at = low + rng.uniform(size=len(positions)) * (high - low)
        found = np.searchsorted(self._cumulative, at, side="right") - 1
        return np.clip(
            found, self._starts[positions], self._starts[positions + 1] - 1
        ).astype(np.int64)

    def draw_matching(
        self,
        wanted: pd.DataFrame,
        rng: np.random.RandomState,
    ) -> NDArray[np.int64]:
        """Draw a row of `profiles_` that has the wanted values, -1 if there is none."""
        if not len(self.profiles_) or not len(wanted):
            return np.full(len(wanted), -1, dtype=np.int64)
        both = pd.concat([self.profiles_[wanted.columns], wanted], ignore_index=True)
        groups = both.groupby(
            list(wanted.columns), sort=False, dropna=False, observed=True
        ).ngroup()
        n_profiles = len(self.profiles_)
        have = groups.to_numpy()[:n_profiles]
        want = groups.to_numpy()[n_profiles:]
        order = np.argsort(have, kind="stable")
        cumulative = np.r_[0.0, np.cumsum(self.weights_[order])]
        start = np.searchsorted(have[order], want, side="left")
        stop = np.searchsorted(have[order], want, side="right")
        low, high = cumulative[start], cumulative[stop]
        at = low + rng.uniform(size=len(want)) * (high - low)
        found = np.searchsorted(cumulative, at, side="right") - 1
        found = np.clip(found, start, np.maximum(stop - 1, start))
        found = order[np.minimum(found, n_profiles - 1)]
        return np.where(stop > start, found, -1).astype(np.int64)

    def restore(self, texts: NDArray) -> NDArray:
        """Return the ids that are kept, as the user wrote them; others stay texts."""
        out = np.array(texts, dtype=object)
        position = self.kept_position(texts)
        known = position >= 0
        out[known] = np.asarray(self.ids_[self.kept_], dtype=object)[position[known]]
        return out

    def sizes(
        self, class_of_count: int, n_rows: int, rng: np.random.RandomState
    ) -> NDArray[np.int64]:
        """Return numbers of rows of new ids, as in training, with sum `n_rows`."""
        rare = self.counts_[~self.kept_]
        pool = rare[count_class(rare) == class_of_count]
        if not len(pool):
            pool = np.array([2**class_of_count])
        sizes: list[int] = []
        total = 0
        while total < n_rows:
            for size in rng.permutation(pool).tolist():
                sizes.append(min(size, n_rows - total))
                total += sizes[-1]
                if total == n_rows:
                    break
        return np.array(sizes, dtype=np.int64)

    def new_ids(
        self, n_ids: int, rng: np.random.RandomState
    ) -> dict[Hashable, NDArray]:
        """Make ids that do not occur in training, for the key and its aliases."""
        forms = {self.key: (self.form_, self._whole_ids()), **self.aliases_}
        return {
            name: new_ids(form, n_ids, taken, rng, name=name)
            for name, (form, taken) in forms.items()
        }


def count_class(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the class of a number of rows: 1, 2 to 3, 4 to 7, ... are 0, 1, 2, ..."""
    return np.floor(np.log2(np.maximum(counts, 1))).astype(np.int64)


def marker(counts: NDArray[np.int64]) -> NDArray[Any]:
    """Return the category that stands for new ids of a number of rows."""
    return np.array([f"(new, {2**c} rows)" for c in count_class(counts)], dtype=object)


def marker_class(texts: NDArray) -> NDArray[np.int64]:
    """Return the class that a category stands for, -1 if it is no such category."""
    codes, uniques = pd.factorize(np.asarray(texts, dtype=object))
    classes = np.full(len(uniques) + 1, -1, dtype=np.int64)
    for i, text in enumerate(uniques):
        if isinstance(text, str) and text.startswith("(new, "):
            classes[i] = int(np.log2(int(text[6:].split(" ", 1)[0])))
    return classes[codes]
