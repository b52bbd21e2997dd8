"""Codecs for one column: any kind of values to numbers and codes, and back.

Each codec learns one column (`fit`), writes it as a block of numbers and a block of
codes (`transform`) and reads it back (`inverse_transform`). `make_codec` chooses by the
column's kind.
"""

from skgen.columns._base import Block, ColumnCodec
from skgen.columns._category import CategoryCodec, ConstantCodec
from skgen.columns._choice import make_codec
from skgen.columns._kinds import infer_kind, is_numeric_kind
from skgen.columns._list import ListColumnCodec
from skgen.columns._number import NumberCodec
from skgen.columns._time import TimeCodec, from_arrow

__all__ = [
    "Block",
    "CategoryCodec",
    "ColumnCodec",
    "ConstantCodec",
    "ListColumnCodec",
    "NumberCodec",
    "TimeCodec",
    "from_arrow",
    "infer_kind",
    "is_numeric_kind",
    "make_codec",
]
