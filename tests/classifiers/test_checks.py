"""scikit-learn's checks of estimators."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from skgen.classifiers import (
    DeepFMClassifier,
    DNNClassifier,
    MaskNetClassifier,
    TransformerClassifier,
)

pytest.importorskip("torch")

# Small networks and large steps, as what is checked is the contract. One batch holds
# all rows: else a row that occurs twice falls into two batches, a weight into one.
QUICK = {
    DNNClassifier: {"hidden_units": (16,), "embedding_dim": 4},
    DeepFMClassifier: {"hidden_units": (16,), "embedding_dim": 4},
    MaskNetClassifier: {"hidden_units": (16,), "embedding_dim": 4, "block_dim": 16},
    TransformerClassifier: {
        "embedding_dim": 8,
        "n_layers": 1,
        "n_heads": 2,
        "feedforward_dim": 16,
    },
}


def expected_failures(classifier):
    return {
        f"check_sample_weight_equivalence_on_{kind}_data": (
            "Sums in single precision differ in the last digit; see "
            "test_estimators.test_weights_are_repetitions."
        )
        for kind in ("dense", "sparse")
    }


@parametrize_with_checks(
    [
        cls(
            **params,
            epochs=60,
            learning_rate=0.05,
            batch_size=1000,
            early_stopping=None,
            n_jobs=1,
            random_state=0,
        )
        for cls, params in QUICK.items()
    ],
    expected_failed_checks=expected_failures,
)
def test_sklearn_checks(estimator, check):
    check(estimator)
