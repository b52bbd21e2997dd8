"""Constraints: rewrite a table so that a rule between its columns cannot break.

Each constraint replaces columns by others in which the rule always holds, so that a
generator may combine their values in any way. Several are applied in order and inverted
in reverse order; since a rewritten column has another name, a constraint that reads a
column comes before the one that rewrites it.
"""

from skgen.constraints._base import Constraint
from skgen.constraints._combinations import FixedCombinations
from skgen.constraints._inequality import Inequality
from skgen.constraints._range import Range

__all__ = ["Constraint", "FixedCombinations", "Inequality", "Range"]
