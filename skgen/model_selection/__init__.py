"""Comparison of generators by what they do for a classifier."""

from skgen.model_selection._augmentation import augmentation_study
from skgen.model_selection._compare import compare
from skgen.model_selection._findings import describe_study
from skgen.model_selection._interval import corrected_t_interval

__all__ = [
    "augmentation_study",
    "compare",
    "corrected_t_interval",
    "describe_study",
]
