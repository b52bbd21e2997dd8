"""The default encoder of mixed columns."""

from __future__ import annotations

import numpy as np

from skgen.preprocessing._ctr import CTRPreprocessor

# Columns with more categories are encoded by the target.
MAX_INDICATORS = 30


def make_encoder(*, random_state: int | None = None) -> CTRPreprocessor:
    """Return an encoder of mixed columns for tree-based classifiers.

    It is a :class:`CTRPreprocessor` that leaves numbers unscaled and missing ones NaN,
    and treats a delimited list as one category. `random_state` draws the folds of
    cross-fitting.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.preprocessing._encode import make_encoder
    >>> X = pd.DataFrame({"age": [31, 52, 47], "city": ["Rome", None, "Oslo"]})
    >>> encoder = make_encoder().fit(X, [0, 1, 0])
    >>> encoder.transform(X)
    array([[ 0.,  1.,  0., 31.],
           [ 0.,  0.,  1., 52.],
           [ 1.,  0.,  0., 47.]])
    """
    return CTRPreprocessor(
        cardinality_threshold=MAX_INDICATORS,
        list_features=(),
        scaler=None,
        imputer=None,
        dtype=np.float64,
        random_state=random_state,
    )
