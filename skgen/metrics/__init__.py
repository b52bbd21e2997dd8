"""Measures of synthetic tables, each a function and a scorer."""

from skgen.metrics.fidelity import (
    correlation_difference,
    detection,
    js_divergence,
    ks_statistic,
)
from skgen.metrics.privacy import copies, dcr_share, distance_to_closest_record, nndr
from skgen.metrics.scorers import GeneratorScorer, get_scorer, get_scorer_names
from skgen.metrics.utility import train_synthetic_test_real

__all__ = [
    "GeneratorScorer",
    "copies",
    "correlation_difference",
    "dcr_share",
    "detection",
    "distance_to_closest_record",
    "get_scorer",
    "get_scorer_names",
    "js_divergence",
    "ks_statistic",
    "nndr",
    "train_synthetic_test_real",
]
