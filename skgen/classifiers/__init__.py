"""Classifiers of click tables: neural networks on raw columns, and the baselines."""

from skgen.classifiers._baselines import baseline_classifiers
from skgen.classifiers._estimators import (
    DeepFMClassifier,
    DNNClassifier,
    MaskNetClassifier,
    TransformerClassifier,
)

__all__ = [
    "DNNClassifier",
    "DeepFMClassifier",
    "MaskNetClassifier",
    "TransformerClassifier",
    "baseline_classifiers",
]
