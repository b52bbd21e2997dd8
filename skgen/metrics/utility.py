"""Measures of what a synthetic table is good for."""

from skgen.metrics._combined import combined_score, js_fidelity
from skgen.metrics._importance import feature_importance_agreement
from skgen.metrics._training import (
    train_real_test_real,
    train_synthetic_test_real,
    utility_ratio,
)

__all__ = [
    "combined_score",
    "feature_importance_agreement",
    "js_fidelity",
    "train_real_test_real",
    "train_synthetic_test_real",
    "utility_ratio",
]
