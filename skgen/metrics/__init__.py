"""Measures of synthetic tables, each a function and a scorer."""

from skgen.metrics import fidelity, privacy, utility
from skgen.metrics._pareto import pareto_front
from skgen.metrics._structure import compare_histories, compare_rules
from skgen.metrics.fidelity import *  # noqa: F403
from skgen.metrics.privacy import *  # noqa: F403
from skgen.metrics.scorers import GeneratorScorer, get_scorer, get_scorer_names
from skgen.metrics.utility import *  # noqa: F403

__all__ = [
    "GeneratorScorer",
    "compare_histories",
    "compare_rules",
    "get_scorer",
    "get_scorer_names",
    "pareto_front",
    *fidelity.__all__,
    *privacy.__all__,
    *utility.__all__,
]
