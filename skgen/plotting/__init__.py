"""Pictures of real and synthetic tables, as scikit-learn displays."""

from skgen.plotting._associations import AssociationDisplay
from skgen.plotting._categories import CategoryDisplay
from skgen.plotting._chain import ChainDecayDisplay
from skgen.plotting._class_balance import ClassBalanceDisplay
from skgen.plotting._coverage import CumulativeCoverageDisplay
from skgen.plotting._density import DensityDisplay
from skgen.plotting._embedding import EmbeddingDisplay
from skgen.plotting._fidelity_privacy import FidelityPrivacyDisplay
from skgen.plotting._importances import FeatureImportanceDisplay
from skgen.plotting._loss_curve import LossCurveDisplay
from skgen.plotting._marginals import MarginalsDisplay
from skgen.plotting._precision_recall import PrecisionRecallDistanceDisplay
from skgen.plotting._rows_per_id import RowsPerIdDisplay

__all__ = [
    "AssociationDisplay",
    "CategoryDisplay",
    "ChainDecayDisplay",
    "ClassBalanceDisplay",
    "CumulativeCoverageDisplay",
    "DensityDisplay",
    "EmbeddingDisplay",
    "FeatureImportanceDisplay",
    "FidelityPrivacyDisplay",
    "LossCurveDisplay",
    "MarginalsDisplay",
    "PrecisionRecallDistanceDisplay",
    "RowsPerIdDisplay",
]
