"""The value that fresh real rows get of a measure of privacy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.utils import _safe_indexing, check_random_state
from sklearn.utils.validation import _num_samples


def with_baseline(
    compute: Callable[[Any, Any, np.random.RandomState], float],
    synthetic: Any,
    held_out: Any,
    return_baseline: bool,
    *,
    halve: bool = False,
    random_state: int | np.random.RandomState | None = None,
) -> float | tuple[float, float]:
    """Return a measure, and its value for fresh rows if that is asked for.

    `compute` takes synthetic rows, held-out rows and a RandomState. With `halve`, it
    needs held-out rows itself: for the baseline, a random half of them takes the place
    of the synthetic rows, and the other half stays.
    """
    rng = check_random_state(random_state)
    value = compute(synthetic, held_out, rng)
    if not return_baseline:
        return value
    if held_out is None:
        raise ValueError(
            "return_baseline=True asks for the value of fresh real rows: give some as "
            "held_out."
        )
    if not halve:
        return value, compute(held_out, held_out, rng)
    n_rows = _num_samples(held_out)
    if n_rows < 2:
        raise ValueError(
            "held_out has one row, and the value of fresh rows takes two halves of "
            "it: give more rows, or return_baseline=False."
        )
    order = rng.permutation(n_rows)
    fresh, rest = (np.sort(half) for half in np.split(order, [n_rows // 2]))
    return value, compute(
        _safe_indexing(held_out, fresh), _safe_indexing(held_out, rest), rng
    )
