"""As many rows of each class, untouched."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from skgen.datasets import make_clicks, sample_balanced


def test_rows_stay_as_they_are():
    X, y = make_clicks(2000, click_rate=0.1, return_X_y=True, random_state=0)
    X_new, y_new = sample_balanced(X, y, random_state=0)
    assert y_new.value_counts().tolist() == [int(y.sum())] * 2
    assert (X_new.dtypes == X.dtypes).all()
    assert X_new.index.is_monotonic_increasing
    assert X_new.index.is_unique
    pd.testing.assert_frame_equal(X_new, X.loc[X_new.index])
    pd.testing.assert_series_equal(y_new, y.loc[y_new.index])
    assert set(y.index[y == 1]) <= set(y_new.index)
    again = sample_balanced(X, y, random_state=0)[0]
    assert again.index.equals(X_new.index)
    assert not sample_balanced(X, y, random_state=1)[0].index.equals(X_new.index)


def test_containers_and_strategies():
    y = np.array([0] * 90 + [1] * 10)
    X = np.arange(100).reshape(-1, 1)
    X_new, y_new = sample_balanced(X, y, sampling_strategy=0.5, random_state=0)
    assert np.bincount(y_new).tolist() == [20, 10]
    assert (y_new == y[X_new.ravel()]).all()
    thin, labels = sample_balanced(sparse.csr_matrix(X), y.tolist(), random_state=0)
    assert thin.shape == (20, 1)
    assert sorted(labels) == [0] * 10 + [1] * 10
    counts = sample_balanced(X, y, sampling_strategy={0: 7, 1: 3}, random_state=0)[1]
    assert np.bincount(counts).tolist() == [7, 3]


def test_what_cannot_be():
    X = np.zeros((4, 1))
    with pytest.raises(ValueError, match="more than 1 class"):
        sample_balanced(X, [1, 1, 1, 1])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        sample_balanced(X, [0, 1])
    with pytest.raises(ValueError, match="'sampling_strategy'"):
        sample_balanced(X, [0, 0, 1, 1], sampling_strategy=2.0)
