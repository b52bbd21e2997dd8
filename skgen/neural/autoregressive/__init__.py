"""Networks that draw the columns one after another."""

from skgen.neural.autoregressive.net import AutoregressiveNet
from skgen.neural.autoregressive.transformer import AutoregressiveTransformer

__all__ = ["AutoregressiveNet", "AutoregressiveTransformer"]
