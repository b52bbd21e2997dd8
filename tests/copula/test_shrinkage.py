import numpy as np

from skgen.copula._shrinkage import nearest_correlation


def test_repaired_matrix_is_a_correlation_and_respects_precision():
    broken = np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1.0]])
    precision = np.array([[0, 1e4, 1.0], [1e4, 0, 1e4], [1.0, 1e4, 0]])
    repaired = nearest_correlation(broken, precision)
    np.testing.assert_allclose(np.diag(repaired), 1)
    np.linalg.cholesky(repaired)
    moved = np.abs(repaired - broken)
    assert moved[0, 1] < 0.1 * moved[0, 2]
