"""Generators on trees."""

from skgen.trees.autoregressive import AutoregressiveTrees
from skgen.trees.flow import ForestFlow

__all__ = ["AutoregressiveTrees", "ForestFlow"]
