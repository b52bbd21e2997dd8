"""The one way to draw a seed."""

from __future__ import annotations

import numpy as np


def draw_seed(random_state: np.random.RandomState) -> int:
    """Draw a seed for another generator of random numbers.

    Parameters
    ----------
    random_state : RandomState

    Returns
    -------
    seed : int in [0, 2**31 - 1)
    """
    return int(random_state.randint(np.iinfo(np.int32).max))


def spawn(random_state: np.random.RandomState) -> np.random.RandomState:
    """Return a new stream that depends on the present one alone.

    Parameters
    ----------
    random_state : RandomState

    Returns
    -------
    random_state : RandomState
    """
    return np.random.RandomState(draw_seed(random_state))
