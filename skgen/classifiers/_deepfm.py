"""A factorization machine and a multilayer perceptron on the same embeddings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from skgen.classifiers._base import NeuralClickClassifier
from skgen.classifiers._columns import ColumnEncoder
from skgen.classifiers._docs import document

if TYPE_CHECKING:
    from skgen.classifiers._networks import ClickNetwork


@document
class DeepFMClassifier(NeuralClickClassifier):
    """Factorization machine and multilayer perceptron on the same embeddings [1]_.

    The log-odds are the sum of a weight for each level and number, the scalar products
    of the vectors of all pairs of columns, and a perceptron of these vectors. A
    delimited list has the mean of its members' vectors. A number has a vector of its
    own, times its value, in the products, and enters the perceptron as it is.

    Parameters
    ----------
    embedding_dim : int, default=16
        Size of the vector of a level.

    hidden_units : sequence of int, default=(256, 128)
        Width of each hidden layer.

    dropout : float in [0, 1), default=0.0
        After each hidden layer.

    <parameters>

    Attributes
    ----------
    <attributes>

    See Also
    --------
    DNNClassifier : The perceptron alone.
    MaskNetClassifier : Multiplies columns by masks instead.

    Notes
    -----
    <notes>

    References
    ----------
    .. [1] H. Guo, R. Tang, Y. Ye, Z. Li, X. He, "DeepFM: A Factorization-Machine based
       Neural Network for CTR Prediction", International Joint Conference on Artificial
       Intelligence, 2017, equations 1 to 4.

    Examples
    --------
    >>> from skgen.classifiers import DeepFMClassifier
    >>> from skgen.datasets import make_clicks
    >>> X, y = make_clicks(n_samples=2000, return_X_y=True, random_state=0)
    >>> classifier = DeepFMClassifier(hidden_units=(32,), epochs=3, random_state=0)
    >>> classifier.fit(X, y).predict_proba(X[:5]).shape
    (5, 2)
    """

    _parameter_constraints: dict = {
        **NeuralClickClassifier._parameter_constraints,
        "hidden_units": ["array-like"],
    }

    def __init__(
        self,
        *,
        embedding_dim: int = 16,
        hidden_units: Sequence[int] = (256, 128),
        dropout: float = 0.0,
        learning_rate: float = 0.001,
        l2_reg_embedding: float = 0.001,
        batch_size: Any = "auto",
        epochs: int = 50,
        early_stopping: str | None = "auc",
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 3,
        tol: float = 1e-4,
        class_weight: Any = None,
        min_frequency: int = 2,
        categorical_features: Any = "auto",
        device: str = "auto",
        n_jobs: int | None = None,
        verbose: int | bool = False,
        random_state: Any = None,
    ) -> None:
        super().__init__(
            embedding_dim=embedding_dim,
            dropout=dropout,
            learning_rate=learning_rate,
            l2_reg_embedding=l2_reg_embedding,
            batch_size=batch_size,
            epochs=epochs,
            early_stopping=early_stopping,
            validation_fraction=validation_fraction,
            n_iter_no_change=n_iter_no_change,
            tol=tol,
            class_weight=class_weight,
            min_frequency=min_frequency,
            categorical_features=categorical_features,
            device=device,
            n_jobs=n_jobs,
            verbose=verbose,
            random_state=random_state,
        )
        self.hidden_units = hidden_units

    def _make_network(self, encoder: ColumnEncoder) -> ClickNetwork:
        from skgen.classifiers._networks import DeepFM

        return DeepFM(
            *encoder.sizes_,
            embedding_dim=self.embedding_dim,
            hidden_units=tuple(self.hidden_units),
            dropout=self.dropout,
        )
