"""skgen: generators for tables as scikit-learn / imbalanced-learn samplers.

Names resolve on first use, so that ``import skgen`` loads no heavy library.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from skgen import (
        classifiers,
        constraints,
        datasets,
        metrics,
        model_selection,
        plotting,
        preprocessing,
        report,
        strategies,
        structure,
        table,
    )
    from skgen.copula import GaussianCopula
    from skgen.histories import Histories
    from skgen.hybrid import Hybrid
    from skgen.language import TabularGPT2
    from skgen.neighbors import (
        GMMSMOTE,
        SMOTE,
        SMOTEN,
        SMOTENC,
        SVMSMOTE,
        RandomOverSampler,
    )
    from skgen.neural import (
        CTGAN,
        TVAE,
        AutoregressiveNet,
        AutoregressiveTransformer,
        CopulaGAN,
        FlowMatching,
        TabDDPM,
    )
    from skgen.sdv import SDVSampler
    from skgen.trees import AutoregressiveTrees, ForestFlow

__version__ = "0.1.0.dev0"

_MODULES = {
    "AutoregressiveNet": "skgen.neural",
    "AutoregressiveTransformer": "skgen.neural",
    "AutoregressiveTrees": "skgen.trees",
    "CTGAN": "skgen.neural",
    "CopulaGAN": "skgen.neural",
    "FlowMatching": "skgen.neural",
    "ForestFlow": "skgen.trees",
    "GMMSMOTE": "skgen.neighbors",
    "GaussianCopula": "skgen.copula",
    "Histories": "skgen.histories",
    "Hybrid": "skgen.hybrid",
    "RandomOverSampler": "skgen.neighbors",
    "SDVSampler": "skgen.sdv",
    "SMOTE": "skgen.neighbors",
    "SMOTEN": "skgen.neighbors",
    "SMOTENC": "skgen.neighbors",
    "SVMSMOTE": "skgen.neighbors",
    "TVAE": "skgen.neural",
    "TabDDPM": "skgen.neural",
    "TabularGPT2": "skgen.language",
}

__all__ = [
    "CTGAN",
    "GMMSMOTE",
    "SMOTE",
    "SMOTEN",
    "SMOTENC",
    "SVMSMOTE",
    "TVAE",
    "AutoregressiveNet",
    "AutoregressiveTransformer",
    "AutoregressiveTrees",
    "CopulaGAN",
    "FlowMatching",
    "ForestFlow",
    "GaussianCopula",
    "Histories",
    "Hybrid",
    "RandomOverSampler",
    "SDVSampler",
    "TabDDPM",
    "TabularGPT2",
    "classifiers",
    "constraints",
    "datasets",
    "metrics",
    "model_selection",
    "plotting",
    "preprocessing",
    "report",
    "strategies",
    "structure",
    "table",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'skgen' has no attribute {name!r}")
    if name in _MODULES:
        value = getattr(importlib.import_module(_MODULES[name]), name)
    else:
        value = importlib.import_module(f"skgen.{name}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
