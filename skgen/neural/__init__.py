"""Generators that are neural networks."""

from skgen.neural.autoregressive import AutoregressiveNet, AutoregressiveTransformer
from skgen.neural.diffusion import TabDDPM
from skgen.neural.flow import FlowMatching
from skgen.neural.gan import CTGAN, CopulaGAN
from skgen.neural.vae import TVAE

__all__ = [
    "CTGAN",
    "TVAE",
    "AutoregressiveNet",
    "AutoregressiveTransformer",
    "CopulaGAN",
    "FlowMatching",
    "TabDDPM",
]
