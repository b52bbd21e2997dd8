"""Delimited lists such as ``"12^35^7"``: their delimiter, and one codec for all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

DELIMITERS = ("^", "|", ";", ",")
# 12,5 or 1,234,567.8
COMMA_NUMBER = re.compile(r"[-+]?(\d*,\d+|\d{1,3}(,\d{3})*(\.\d*)?|\d+)")
MAX_REDRAWS = 8
# Lists of at least this many rows are reproduced as a whole.
MIN_WHOLE_ROWS = 2


def find_delimiter(
    values: Iterable[str],
    delimiters: Sequence[str] = DELIMITERS,
    *,
    n_rows: int | None = None,
) -> str | None:
    """Return the first delimiter by which the values of a column are lists, or None.

    A delimiter joins members that recur and combine freely: there are more different
    values than different members, and each member occurs at least twice on average.
    ``"Paris, France"`` fails the first test (a few fixed values), free text fails the
    second. ``^`` and ``|``, which join nothing else, are also taken for delimiters if
    more than half of `n_rows`, the number of rows that have these values, have a
    different one. Numbers with a decimal comma or with commas between thousands are no
    lists.

    >>> from skgen.lists import find_delimiter
    >>> find_delimiter(["1^2", "2^3", "1^3", "3", "1^2^3"])
    '^'
    >>> find_delimiter(["Paris, France", "Rome, Italy"]) is None
    True
    """
    wholes = pd.Index(pd.unique(pd.Series(list(values), dtype=object)))
    for delimiter in delimiters:
        n_joined = sum(delimiter in whole for whole in wholes)
        if n_joined < max(2, 0.1 * len(wholes)):
            continue
        if delimiter == "," and all(COMMA_NUMBER.fullmatch(w) for w in wholes):
            continue
        if delimiter in "^|" and n_rows is not None and 2 * len(wholes) > n_rows:
            return delimiter
        members = [member for whole in wholes for member in whole.split(delimiter)]
        n_members = len(set(members))
        if len(wholes) > n_members and len(members) >= 2 * n_members:
            return delimiter
    return None


def list_delimiter(column: pd.Series) -> str | None:
    """Return the delimiter of a column of text, None if it does not hold lists.

    A column of categorical dtype, a closed set of values, does not.

    >>> import pandas as pd
    >>> from skgen.lists import list_delimiter
    >>> tags = pd.Series(["1^2", "2^3", "1^3", "3", None, "1^2^3"])
    >>> list_delimiter(tags)
    '^'
    >>> list_delimiter(tags.astype("category")) is None
    True
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        return None
    present = column.dropna()
    uniques = present.unique()
    if not all(isinstance(value, str) for value in uniques[:100]):
        return None
    return find_delimiter((str(value) for value in uniques), n_rows=len(present))


class ListCodec:
    """Turn delimited lists into indicators of their frequent members, and back.

    The most frequent members, those that make up the share `coverage` of all
    occurrences but at most `max_members` (no limit if None), get an indicator each; the
    others are only counted. The inverse draws, by frequency, a list that occurred at
    least twice and has these indicators and this length. If there is none, it joins the
    indicated members in their usual order and as many rare members as the length asks
    for, drawn by frequency: a list of a single row is reproduced only by chance.

    Parameters
    ----------
    delimiter : str
        What separates the members.

    coverage : float in (0, 1], default=0.9
        Share of all occurrences of members that those with an indicator make up.

    max_members : int or None, default=32
        Maximum number of indicators. No limit if None.

    Attributes
    ----------
    members_ : ndarray of str of shape (n_members,)
        The members that have an indicator, the most frequent first.

    rare_members_ : ndarray of str of shape (n_rare,)
        The others.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.lists import ListCodec
    >>> codec = ListCodec("^").fit(pd.Series(["1^2", "2^1", "1", ""]))
    >>> codec.members_
    array(['1', '2'], dtype=object)
    >>> indicators, lengths = codec.transform(pd.Series(["2", "1^2", None]))
    >>> indicators
    array([[0, 1],
           [1, 1],
           [0, 0]], dtype=int8)
    >>> lengths
    array([ 1.,  2., nan])
    """

    def __init__(
        self, delimiter: str, *, coverage: float = 0.9, max_members: int | None = 32
    ) -> None:
        self.delimiter = delimiter
        self.coverage = coverage
        self.max_members = max_members

    def split(self, value: str) -> list[str]:
        """Return the members of one list; the empty string has none."""
        return value.split(self.delimiter) if value else []

    def fit(self, lists: pd.Series) -> ListCodec:
        """Learn the members, their frequencies and their usual order.

        `lists` has a text or a missing value for each row.
        """
        codes, wholes = pd.factorize(lists)
        weights = np.bincount(codes[codes >= 0], minlength=len(wholes))
        split = [self.split(str(whole)) for whole in wholes]
        occurrences = pd.DataFrame(
            {
                "member": [member for members in split for member in members],
                "weight": np.repeat(weights, [len(members) for members in split]),
                "place": [
                    place / max(1, len(members) - 1)
                    for members in split
                    for place in range(len(members))
                ],
            }
        ).astype({"member": object, "place": float})
        occurrences["place"] *= occurrences["weight"]
        members = occurrences.groupby("member", sort=True)[["weight", "place"]].sum()
        members = members.sort_values("weight", ascending=False, kind="stable")
        covered = members["weight"].cumsum() / max(1, members["weight"].sum())
        n_members = int((covered < self.coverage).sum()) + 1
        if self.max_members is not None:
            n_members = min(n_members, self.max_members)
        n_members = min(n_members, len(members))
        names = members.index.to_numpy(dtype=object)
        self.members_: NDArray[np.object_] = names[:n_members]
        self.rare_members_: NDArray[np.object_] = names[n_members:]
        rare = members["weight"].to_numpy(dtype=float)[n_members:]
        self._rare_cdf = np.cumsum(rare) / rare.sum() if len(rare) else rare
        place = (members["place"] / members["weight"]).to_numpy()[:n_members]
        self._order = np.argsort(place, kind="stable")
        self._keep_wholes(wholes[weights >= MIN_WHOLE_ROWS], weights)
        return self

    def _keep_wholes(self, wholes: pd.Index, weights: NDArray) -> None:
        """Sort the lists of several rows by their indicators and length."""
        keys = self._keys(*self._describe(wholes))
        order = np.argsort(keys, kind="stable")
        self._wholes: NDArray[np.object_] = np.asarray(wholes, dtype=object)[order]
        mass = weights[weights >= MIN_WHOLE_ROWS][order]
        self._whole_mass = np.concatenate([[0.0], np.cumsum(mass, dtype=float)])
        self._spans: dict[bytes, tuple[int, int]] = {}
        for at, key in enumerate(keys[order].tolist()):
            start = self._spans.get(key, (at, at))[0]
            self._spans[key] = (start, at + 1)

    @staticmethod
    def _keys(indicators: NDArray, lengths: NDArray) -> NDArray:
        """Write indicators and length of each row as one value of fixed size."""
        packed = np.packbits(indicators.astype(bool), axis=1)
        counts = np.asarray(lengths, dtype="<i4").reshape(-1, 1).view(np.uint8)
        joined = np.ascontiguousarray(np.hstack([packed, counts]))
        return joined.view(f"V{joined.shape[1]}").ravel()

    def transform(self, lists: pd.Series) -> tuple[NDArray[np.int8], NDArray]:
        """Return the indicators and the number of different members of each list.

        The indicators have the shape (n_samples, n_members). Lengths count the rare
        members too, and are NaN where the list is missing.
        """
        codes, wholes = pd.factorize(lists)
        indicators, lengths = self._describe(wholes)
        # A missing list has code -1: the last row, without members.
        indicators = np.pad(indicators, ((0, 1), (0, 0)))
        return indicators[codes], np.append(lengths, np.nan)[codes]

    def _describe(self, wholes: pd.Index) -> tuple[NDArray[np.int8], NDArray]:
        """Return indicators and lengths of lists, none of them missing."""
        place = {member: j for j, member in enumerate(self.members_)}
        indicators = np.zeros((len(wholes), len(self.members_)), dtype=np.int8)
        lengths = np.zeros(len(wholes))
        for i, whole in enumerate(wholes):
            members = set(self.split(str(whole)))
            lengths[i] = len(members)
            for member in members:
                if member in place:
                    indicators[i, place[member]] = 1
        return indicators, lengths

    def inverse_transform(
        self,
        indicators: NDArray,
        lengths: NDArray,
        random_state: np.random.RandomState,
    ) -> NDArray[np.object_]:
        """Return lists, as texts, that have the indicated members.

        Where there are more of them than `lengths`, all are in the list; where there
        are fewer, rare members are added. NaN as the length gives a missing list, NaN.
        """
        named = indicators.sum(axis=1, dtype=np.int64)
        wanted = np.nan_to_num(lengths, nan=0.0).astype(np.int64)
        wanted = np.maximum(wanted, named)
        # Rows repeat a few patterns: look each one up once.
        keys, pattern = np.unique(self._keys(indicators, wanted), return_inverse=True)
        spans = np.array([self._spans.get(key, (0, 0)) for key in keys.tolist()])
        start, stop = spans.reshape(-1, 2)[pattern].T
        known = stop > start
        low, high = self._whole_mass[start[known]], self._whole_mass[stop[known]]
        mass = low + (high - low) * random_state.uniform(size=len(low))
        at = np.searchsorted(self._whole_mass, mass, side="right") - 1
        lists = np.empty(len(lengths), dtype=object)
        lists[known] = self._wholes[np.clip(at, start[known], stop[known] - 1)]
        lists[~known] = self._compose(
            indicators[~known], (wanted - named)[~known], random_state
        )
        lists[np.isnan(lengths)] = np.nan
        return lists

    def _compose(
        self,
        indicators: NDArray,
        n_rare: NDArray[np.int64],
        random_state: np.random.RandomState,
    ) -> NDArray[np.object_]:
        """Join the indicated members and `n_rare` rare ones."""
        n_rare = np.minimum(n_rare, len(self.rare_members_))
        ordered = indicators[:, self._order].astype(bool)
        names = self.members_[self._order]
        lists = np.empty(len(ordered), dtype=object)
        for i, row in enumerate(ordered):
            lists[i] = self.delimiter.join(names[row])
        filled = np.flatnonzero(n_rare)
        for row, tail in zip(
            filled, self._draw_rare(n_rare[filled], random_state), strict=True
        ):
            head = lists[row]
            lists[row] = f"{head}{self.delimiter}{tail}" if head else tail
        return lists

    def _draw_rare(
        self, counts: NDArray[np.int64], random_state: np.random.RandomState
    ) -> list[str]:
        """Draw `counts` different rare members for each row, and join them."""
        rows = np.repeat(np.arange(len(counts)), counts)
        drawn = np.full(len(rows), -1)
        again = np.arange(len(rows))
        for _ in range(MAX_REDRAWS):
            at = np.searchsorted(self._rare_cdf, random_state.uniform(size=len(again)))
            drawn[again] = np.minimum(at, len(self.rare_members_) - 1)
            keys = rows * len(self.rare_members_) + drawn
            once = np.zeros(len(rows), dtype=bool)
            once[np.unique(keys, return_index=True)[1]] = True
            again = np.flatnonzero(~once)
            if not len(again):
                break
        stops = np.cumsum(counts)
        # In a row that needs most of the members, further draws seldom help: repeated
        # members are replaced by the most frequent of those that are left.
        for row in np.unique(rows[again]):
            mine = np.arange(stops[row] - counts[row], stops[row])
            twice = np.intersect1d(mine, again)
            others = np.delete(drawn[mine], twice - mine[0])
            drawn[twice] = np.setdiff1d(mine - mine[0], others)[: len(twice)]
        names = self.rare_members_[drawn].tolist()
        return [
            self.delimiter.join(names[start:stop])
            for start, stop in zip(stops - counts, stops, strict=True)
        ]
