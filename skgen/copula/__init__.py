"""Gaussian copula: marginals of any shape, dependence through latent normals."""

from skgen.copula._generator import GaussianCopula
from skgen.encodings.marginals import Marginal, fit_marginal

__all__ = ["GaussianCopula", "Marginal", "fit_marginal"]
