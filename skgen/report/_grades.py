"""Whether a value is worse than that of fresh real rows, beyond chance."""

from __future__ import annotations

import math
from enum import StrEnum

from skgen.report._definitions import Definition

# Below this, chance hides a table of copies.
MIN_ROWS = 40
# Standard deviations that are put down to chance. A report has a dozen measures of
# privacy, and one false alarm among them would be one too many.
Z = {"likeness": 2.0, "usefulness": 2.0, "privacy": 3.0}


class Grade(StrEnum):
    """How a value stands to that of fresh real rows."""

    good = "good"
    fair = "fair"
    poor = "poor"
    unknown = "unknown"


_SEVERITY = {Grade.unknown: 0, Grade.good: 1, Grade.fair: 2, Grade.poor: 3}


def worst(grades: list[Grade]) -> Grade:
    """Return the worst of some grades; unknown if there is no other."""
    return max(grades, key=_SEVERITY.__getitem__, default=Grade.unknown)


def grade(
    definition: Definition,
    value: float,
    fresh: float | None,
    n_rows: int,
    *,
    noise: float | None = None,
) -> Grade:
    """Compare a value with that of fresh real rows.

    Parameters
    ----------
    definition : Definition
        The measure, with its margins.

    value : float
        Its value for the synthetic rows.

    fresh : float or None
        Its value for fresh real rows, if it is known.

    n_rows : int
        Number of rows that both rest on, the smaller one.

    noise : float, default=None
        Takes the place of the definition's, where it depends on the tables.

    Returns
    -------
    grade : Grade
        Good if the value is worse by no more than the margin `fair` and chance, fair
        if by no more than `poor` and chance, else poor; unknown for fewer than 40 rows
        or without the value of fresh rows.
    """
    if fresh is None or n_rows < MIN_ROWS:
        return Grade.unknown
    sign = definition.measure.sign
    reference = fresh
    if definition.center is not None:
        # Chance may make fresh rows look better than they are.
        reference = sign * min(sign * fresh, sign * definition.center)
    worse = sign * (reference - value)
    if definition.relative and reference != 0:
        worse /= abs(reference)
    if noise is None:
        noise = definition.noise
    if noise is None:
        noise = math.sqrt(max(reference * (1 - reference), 1 / n_rows))
    if definition.center is None:
        noise *= math.sqrt(2)  # that of fresh rows is a draw, too
    chance = Z[definition.question] * noise / math.sqrt(n_rows)
    if worse <= definition.fair + chance:
        return Grade.good
    return Grade.fair if worse <= definition.poor + chance else Grade.poor
