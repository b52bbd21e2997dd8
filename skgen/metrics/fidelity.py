"""Measures of how closely a synthetic table follows a real one."""

from skgen.metrics._associations import (
    contingency_similarity,
    correlation_difference,
    correlation_similarity,
    mutual_information_difference,
)
from skgen.metrics._manifold import (
    alpha_precision,
    beta_recall,
    knn_f1,
    knn_precision,
    knn_recall,
    precision_recall_distance_curve,
)
from skgen.metrics._marginals import (
    earth_movers_distance,
    hellinger_distance,
    js_divergence,
    kde_overlap,
    kl_divergence,
    ks_statistic,
    total_variation,
)
from skgen.metrics._two_sample import detection, propensity_auc

__all__ = [
    "alpha_precision",
    "beta_recall",
    "contingency_similarity",
    "correlation_difference",
    "correlation_similarity",
    "detection",
    "earth_movers_distance",
    "hellinger_distance",
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
    "total_variation",
]
