"""Rules of tables that no model should have to learn: found, or written by hand."""

from skgen.structure._dependencies import Evidence
from skgen.structure._entities import CompositeKey, Entity
from skgen.structure._find import find_structure
from skgen.structure._key import Key
from skgen.structure._missing import MissingTogether
from skgen.structure._numbers import Equal, Intervals, Sum
from skgen.structure._structure import Structure
from skgen.structure._time_parts import TimeParts

__all__ = [
    "CompositeKey",
    "Entity",
    "Equal",
    "Evidence",
    "Intervals",
    "Key",
    "MissingTogether",
    "Structure",
    "Sum",
    "TimeParts",
    "find_structure",
]
