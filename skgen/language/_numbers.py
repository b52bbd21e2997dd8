"""Texts of the numbers in a range, character by character."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# Integers of at most this many digits are exact as floats.
MAX_DIGITS = 15
DIGITS = "0123456789"


class Place(NamedTuple):
    """State of a number after some of its characters.

    `n_digits` have been passed, leading zeros included; `at_low` and `at_high` say
    whether they equal those of the smallest and of the greatest magnitude. `point`: the
    decimal point has been passed; `complete`: the last character is no zero that may be
    left out; `fresh`: no digit has been written yet.
    """

    negative: bool
    n_digits: int
    at_low: bool
    at_high: bool
    point: bool = False
    complete: bool = True
    fresh: bool = False


@dataclass(frozen=True)
class Grid:
    """Numbers of a range with some decimals: whole multiples of a power of ten.

    `first` and `last` are the smallest and the greatest multiple.

    Examples
    --------
    >>> from skgen.language._numbers import Grid
    >>> Grid(1, -3, 12).text(7)
    '0.7'
    """

    decimals: int
    first: int
    last: int

    @cached_property
    def width(self) -> int:
        """Digits of the greatest magnitude, with those of all decimals."""
        greatest = max(abs(self.first), abs(self.last))
        return max(len(str(greatest)), self.decimals + 1)

    @property
    def n_whole(self) -> int:
        """Digits before the decimal point."""
        return self.width - self.decimals

    def multiple(self, value: float) -> int:
        """Return the nearest multiple to a number."""
        nearest = round(value * 10.0**self.decimals)
        return min(max(nearest, self.first), self.last)

    def digits(self, multiple: int) -> str:
        """Return all digits of a multiple's magnitude, leading zeros too."""
        return str(abs(multiple)).zfill(self.width)

    def text(self, multiple: int) -> str:
        """Return the text of a multiple, without needless zeros."""
        digits = self.digits(multiple)
        whole = digits[: self.n_whole].lstrip("0") or "0"
        decimals = digits[self.n_whole :].rstrip("0")
        sign = "-" if multiple < 0 else ""
        return f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}"


def make_grid(
    values: NDArray[np.float64],
    low: float,
    high: float,
    *,
    decimals: int | None,
    precision: int | None,
) -> Grid | None:
    """Return the numbers that a column can hold, from `low` to `high`.

    `decimals` is None if the numbers have many. At most `precision` digits are kept,
    from the first of the interquartile range on; with None, all that 15 digits can
    hold. The grid is None if 15 digits are too few to tell the numbers apart.
    """
    greatest = max(abs(low), abs(high))
    most = MAX_DIGITS - len(str(int(greatest)))
    wanted = most if decimals is None else min(decimals, most)
    if precision is not None and len(values):
        spread = np.subtract(*np.quantile(values, [0.75, 0.25])) or high - low
        if spread > 0:
            first = int(np.floor(np.log10(spread)))
            wanted = min(wanted, max(0, precision - 1 - first))
    if wanted < 0:
        return None
    scale = 10.0**wanted
    # Products such as 0.29 * 100 miss the whole number that they stand for.
    bounds = np.array([low, high]) * scale
    nearest = np.rint(bounds)
    exact = np.isclose(bounds, nearest, rtol=1e-12, atol=1e-9)
    first = int(nearest[0] if exact[0] else np.ceil(bounds[0]))
    last = int(nearest[1] if exact[1] else np.floor(bounds[1]))
    grid = Grid(wanted, first, last)
    return grid if last > first else None


class NumberLanguage:
    """The texts of a grid's numbers and of some other numbers.

    A state is the set of possible continuations: places in numbers of the grid, and the
    remainders of the other texts. A text never ends in needless zeros.

    Examples
    --------
    >>> from skgen.language._numbers import Grid, NumberLanguage
    >>> language = NumberLanguage(Grid(0, 18, 90))
    >>> sorted(language.characters(language.start))
    ['1', '2', '3', '4', '5', '6', '7', '8', '9']
    >>> state = language.walk(language.start, "9")
    >>> language.accepts(state), sorted(language.characters(state))
    (False, ['0'])
    """

    def __init__(self, grid: Grid, others: Iterable[str] = ()) -> None:
        self.grid = grid
        self._bounds: dict[bool, tuple[str, str]] = {}
        if grid.last >= 0:
            low, high = max(0, grid.first), grid.last
            self._bounds[False] = (grid.digits(low), grid.digits(high))
        if grid.first < 0:
            low, high = max(1, -grid.last), -grid.first
            self._bounds[True] = (grid.digits(low), grid.digits(high))
        self._alive: dict[Place, bool] = {}
        start: set = {("rest", text) for text in others}
        start.update(self.openings(False))
        if True in self._bounds:
            start.add("-")
        self.start = frozenset(start)

    def openings(self, negative: bool) -> list[Place]:
        """Return the places before the first digit that is written."""
        if negative not in self._bounds:
            return []
        low, high = self._bounds[negative]
        places = []
        for n in range(self.grid.n_whole):
            if low[:n].strip("0"):
                break
            at_high = not high[:n].strip("0")
            place = Place(negative, n, True, at_high, fresh=True)
            if self._lives(place):
                places.append(place)
        return places

    def step(self, state: frozenset, character: str) -> frozenset:
        """Return the state after one more character; empty if none may follow."""
        after: set = set()
        for item in state:
            if item == "-":
                if character == "-":
                    after.update(self.openings(True))
            elif isinstance(item, Place):
                place = self._next(item, character)
                if place is not None and self._lives(place):
                    after.add(place)
            elif item[1][:1] == character:
                after.add(("rest", item[1][1:]))
        return frozenset(after)

    def walk(self, state: frozenset, text: str) -> frozenset:
        """Return the state after some characters."""
        for character in text:
            state = self.step(state, character)
        return state

    def accepts(self, state: frozenset) -> bool:
        """Return whether the text may end here."""
        return any(
            self._ends(item) if isinstance(item, Place) else item == ("rest", "")
            for item in state
        )

    def characters(self, state: frozenset) -> list[str]:
        """Return the characters that may follow."""
        return [c for c in DIGITS + ".-" + "e+" if self.step(state, c)]

    def _next(self, place: Place, character: str) -> Place | None:
        n, n_whole = place.n_digits, self.grid.n_whole
        if character == ".":
            if n != n_whole or place.point or not self.grid.decimals:
                return None
            return place._replace(point=True, complete=False)
        if character not in DIGITS or n == self.grid.width:
            return None
        if n >= n_whole and not place.point:
            return None
        if place.fresh and character == "0" and n < n_whole - 1:
            return None
        low, high = self._bounds[place.negative]
        if place.at_low and character < low[n]:
            return None
        if place.at_high and character > high[n]:
            return None
        return Place(
            place.negative,
            n + 1,
            place.at_low and character == low[n],
            place.at_high and character == high[n],
            place.point,
            not (place.point and character == "0"),
        )

    def _ends(self, place: Place) -> bool:
        n = place.n_digits
        if n < self.grid.n_whole or not place.complete:
            return False
        return not (place.at_low and self._bounds[place.negative][0][n:].strip("0"))

    def _lives(self, place: Place) -> bool:
        """Return whether a number can be completed."""
        if place not in self._alive:
            self._alive[place] = self._ends(place) or any(
                self._lives(after)
                for after in (self._next(place, c) for c in DIGITS + ".")
                if after is not None
            )
        return self._alive[place]
