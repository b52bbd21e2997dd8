"""The noise of the inference risk."""

from __future__ import annotations

import math
from collections.abc import Hashable

import numpy as np
import pandas as pd
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import MinMaxScaler

from skgen.metrics._columns import align

_N_BINS = 10  # as in `inference_risk`


def guess_noise(tables: dict[str, pd.DataFrame], secret: Hashable) -> float:
    r"""Return the standard deviation of the inference risk of one attack.

    The risk is :math:`(\tau - \tau_c) / (1 - \tau_c)`. For fresh rows, both rates of
    success are about the rate :math:`\tau` at which the nearest synthetic row has the
    secret of a held-out row, so that the standard deviation for :math:`n` attacks is
    about :math:`\sqrt{2 \tau / (1 - \tau)} / \sqrt n`: large for a secret that is
    nearly always the same, such as a rare label. `tables` has the names "real",
    "synthetic" and "held_out".
    """
    known = align(**{k: table.drop(columns=[secret]) for k, table in tables.items()})
    features = known.features("real")
    scaler = MinMaxScaler().fit(features["real"])
    secrets = _codes({name: table[[secret]] for name, table in tables.items()})
    guesser = KNeighborsClassifier(n_neighbors=1, algorithm="brute")
    guesser.fit(scaler.transform(features["synthetic"]), secrets["synthetic"])
    guesses = guesser.predict(scaler.transform(features["held_out"]))
    n_right, n_rows = np.sum(guesses == secrets["held_out"]), len(guesses)
    rate = (n_right + 1) / (n_rows + 2)
    return math.sqrt(2 * rate / (1 - rate))


def _codes(tables: dict[str, pd.DataFrame]) -> dict[str, np.ndarray]:
    """Return a column as codes: of its categories, or of quantile bins."""
    aligned = align(**tables)
    if not aligned.is_numeric[0]:
        return {name: aligned[name].codes[:, 0] for name in tables}
    numbers = {name: aligned[name].numeric[:, 0] for name in tables}
    shares = np.linspace(0, 1, _N_BINS + 1)[1:-1]
    observed = numbers["real"][~np.isnan(numbers["real"])]
    edges = np.quantile(observed, shares) if len(observed) else np.zeros(0)
    # Missing numbers have a bin of their own.
    return {
        name: np.where(np.isnan(x), _N_BINS, np.searchsorted(edges, x))
        for name, x in numbers.items()
    }
