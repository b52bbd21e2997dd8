"""skgen: generators for tables as scikit-learn / imbalanced-learn samplers.

Names resolve on first use, so that ``import skgen`` loads no heavy library.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0.dev0"

_MODULES = {
    "AutoregressiveNet": "skgen.neural.autoregressive.net",
    "AutoregressiveTransformer": "skgen.neural.autoregressive.transformer",
    "AutoregressiveTrees": "skgen.trees.autoregressive",
    "CTGAN": "skgen.neural.gan",
    "CopulaGAN": "skgen.neural.gan",
    "GaussianCopula": "skgen.copula",
    "FlowMatching": "skgen.neural.flow.flow_matching",
    "ForestFlow": "skgen.trees.flow",
    "GMMSMOTE": "skgen.neighbors",
    "Hybrid": "skgen.hybrid",
    "RandomOverSampler": "skgen.neighbors",
    "SMOTE": "skgen.neighbors",
    "SMOTEN": "skgen.neighbors",
    "SMOTENC": "skgen.neighbors",
    "SDVSampler": "skgen.sdv",
    "SVMSMOTE": "skgen.neighbors",
    "TVAE": "skgen.neural.vae.tvae",
    "TabDDPM": "skgen.neural.diffusion.tabddpm",
    "TabularGPT2": "skgen.language",
}
_SUBMODULES = (
    "classifiers",
    "constraints",
    "datasets",
    "metrics",
    "model_selection",
    "plotting",
    "preprocessing",
    "report",
    "strategies",
    "table",
)

__all__ = sorted([*_MODULES, *_SUBMODULES])


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        value = getattr(importlib.import_module(_MODULES[name]), name)
    elif name in _SUBMODULES:
        value = importlib.import_module(f"skgen.{name}")
    else:
        raise AttributeError(f"module 'skgen' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
