"""Denoising diffusion of tables."""

from skgen.neural.diffusion.tabddpm import TabDDPM

__all__ = ["TabDDPM"]
