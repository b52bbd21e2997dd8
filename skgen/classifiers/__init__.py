"""Classifiers of click tables: neural networks on raw columns, and the baselines."""

from skgen.classifiers._baselines import baseline_classifiers
from skgen.classifiers._deepfm import DeepFMClassifier
from skgen.classifiers._dnn import DNNClassifier
from skgen.classifiers._masknet import MaskNetClassifier
from skgen.classifiers._transformer import TransformerClassifier

__all__ = [
    "DNNClassifier",
    "DeepFMClassifier",
    "MaskNetClassifier",
    "TransformerClassifier",
    "baseline_classifiers",
]
