"""Variational autoencoders of tables."""

from skgen.neural.vae.tvae import TVAE

__all__ = ["TVAE"]
