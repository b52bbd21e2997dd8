"""Generative adversarial networks of tables."""

from skgen.neural.gan.copula_gan import CopulaGAN
from skgen.neural.gan.ctgan import CTGAN

__all__ = ["CTGAN", "CopulaGAN"]
