"""Measures of how closely a synthetic table follows a real one."""

from skgen.metrics._associations import (
    contingency_similarity,
    correlation_difference,
    correlation_similarity,
    mutual_information_difference,
)
from skgen.metrics._bins import (
    hellinger_distance,
    js_divergence,
    kl_divergence,
    total_variation,
)
from skgen.metrics._manifold import (
    knn_f1,
    knn_precision,
    knn_recall,
    precision_recall_distance_curve,
)
from skgen.metrics._marginals import (
    earth_movers_distance,
    kde_overlap,
    ks_statistic,
)
from skgen.metrics._structure import (
    blind_detection,
    id_frequency_distance,
    rules_kept,
)
from skgen.metrics._two_sample import detection, propensity_auc
from skgen.metrics._typical import alpha_precision, beta_recall

__all__ = [
    "alpha_precision",
    "beta_recall",
    "blind_detection",
    "contingency_similarity",
    "correlation_difference",
    "correlation_similarity",
    "detection",
    "earth_movers_distance",
    "hellinger_distance",
    "id_frequency_distance",
    "js_divergence",
    "kde_overlap",
    "kl_divergence",
    "knn_f1",
    "knn_precision",
    "knn_recall",
    "ks_statistic",
    "mutual_information_difference",
    "precision_recall_distance_curve",
    "propensity_auc",
    "rules_kept",
    "total_variation",
]
