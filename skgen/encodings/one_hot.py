"""Rows of numbers and codes as vectors with Euclidean distances."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

# Vectors are dense, 256 MB at most, as long as this makes them faster to compare: two
# sparse ones take time in proportion to the square of their entries.
MAX_DENSE_ENTRIES = 2**25
MAX_DENSE_WIDTH = 3


def embed(
    numeric: NDArray, codes: NDArray, weight: float = 1.0
) -> NDArray[np.float64] | sparse.csr_matrix:
    r"""Return one vector for each row, numbers beside one-hot encoded codes.

    The squared Euclidean distance of two vectors is that of the numbers, plus the
    squared weight for each code in which the rows differ:

    .. math::
        \|e(a) - e(b)\|^2 = \sum_j (a_j - b_j)^2 + w^2 \sum_c [a_c \ne b_c].

    Parameters
    ----------
    numeric : ndarray of shape (n_samples, n_numeric)
        The numbers, on the scale on which they count.

    codes : ndarray of int of shape (n_samples, n_codes)
        The codes.

    weight : float, default=1.0
        What a differing code counts, in the unit of the numbers.

    Returns
    -------
    vectors : ndarray or csr_matrix of shape (n_samples, n_numeric + n_levels)
        Dense if that is small and faster to search.

    Examples
    --------
    >>> import numpy as np
    >>> from skgen.encodings.one_hot import embed
    >>> a, b = embed(np.array([[0.0], [3.0]]), np.array([[7], [9]]), weight=4.0)
    >>> float(np.linalg.norm(a - b))
    5.0
    """
    n_samples, n_numeric = numeric.shape
    # Only levels that occur take a place.
    places, width = [], n_numeric
    for column in codes.T:
        levels, place = np.unique(column, return_inverse=True)
        places.append(place + width)
        width += len(levels)
    indices = np.empty((n_samples, n_numeric + len(places)), dtype=np.int32)
    indices[:, :n_numeric] = np.arange(n_numeric)
    for i, place in enumerate(places, start=n_numeric):
        indices[:, i] = place
    # Two rows that differ in a code differ in two entries of its one-hot encoding.
    data = np.full(indices.shape, weight / np.sqrt(2))
    # Products of large numbers would swallow their differences in a search.
    data[:, :n_numeric] = numeric - numeric.mean(axis=0)
    starts = np.arange(n_samples + 1, dtype=np.int32) * np.int32(indices.shape[1])
    vectors = sparse.csr_matrix(
        (data.ravel(), indices.ravel(), starts), shape=(n_samples, width)
    )
    if (
        width <= max(MAX_DENSE_WIDTH * indices.shape[1] ** 2, 16)
        and n_samples * width <= MAX_DENSE_ENTRIES
    ):
        return vectors.toarray()
    vectors.eliminate_zeros()
    return vectors
