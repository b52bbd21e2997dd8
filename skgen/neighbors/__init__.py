"""Over-sampling by class and by nearest neighbours: imbalanced-learn's algorithms."""

from __future__ import annotations

from skgen.neighbors._gmm import GMMSMOTE
from skgen.neighbors._mixed import SMOTENC
from skgen.neighbors._nominal import SMOTEN
from skgen.neighbors._random import RandomOverSampler
from skgen.neighbors._smote import SMOTE, SVMSMOTE

__all__ = ["GMMSMOTE", "SMOTE", "SMOTEN", "SMOTENC", "SVMSMOTE", "RandomOverSampler"]
