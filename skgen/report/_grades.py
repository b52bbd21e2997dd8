"""Whether a value is worse than that of fresh real rows, beyond chance."""

from __future__ import annotations

import math
from enum import StrEnum

from skgen.report._definitions import Definition

# With fewer, even a table of copies is within chance.
MIN_ROWS = 40
# Standard deviations attributed to chance; more for privacy, as any one of its dozen
# measures decides.
Z = {"likeness": 2.0, "usefulness": 2.0, "privacy": 3.0}


class Grade(StrEnum):
    """How a value compares with that of fresh real rows."""

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

    Good if the value is worse by at most the margin `fair` and chance, fair if by at
    most `poor` and chance, else poor; unknown for fewer than 40 rows, of the smaller
    table, or without the value of fresh rows. `noise` replaces that of the definition
    where it depends on the tables.
    """
    if fresh is None or n_rows < MIN_ROWS:
        return Grade.unknown
    sign = definition.measure.sign
    reference = fresh
    if definition.center is not None:
        # By chance, fresh rows may seem better than they are.
        reference = sign * min(sign * fresh, sign * definition.center)
    worse = sign * (reference - value)
    if definition.relative and reference != 0:
        worse /= abs(reference)
    if noise is None:
        noise = definition.noise
    if noise is None:
        noise = math.sqrt(max(reference * (1 - reference), 1 / n_rows))
    if definition.center is None:
        noise *= math.sqrt(2)  # the value of fresh rows is random, too
    chance = Z[definition.question] * noise / math.sqrt(n_rows)
    if worse <= definition.fair + chance:
        return Grade.good
    return Grade.fair if worse <= definition.poor + chance else Grade.poor
