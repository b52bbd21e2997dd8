"""Generators that treat the rows of a table as text."""

from skgen.language.generator import TabularGPT2

__all__ = ["TabularGPT2"]
