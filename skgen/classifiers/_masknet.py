"""Embeddings multiplied by masks."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from sklearn.utils._param_validation import Interval, StrOptions

from skgen.classifiers._base import NeuralClickClassifier
from skgen.classifiers._columns import ColumnEncoder
from skgen.classifiers._docs import document

if TYPE_CHECKING:
    from skgen.classifiers._networks import ClickNetwork


@document
class MaskNetClassifier(NeuralClickClassifier):
    """Embeddings and hidden layers, multiplied by instance-guided masks [1]_.

    A mask is a small perceptron of the row's embedding, as wide as the layer that it is
    multiplied with. A mask block multiplies, and transforms the product with a linear
    layer, layer normalisation and rectified linear units. The first layer that is
    masked is the embedding, each column's vector normalised by itself.

    Parameters
    ----------
    model_type : {"parallel", "serial"}, default="parallel"
        "parallel" masks the embedding in several blocks, the outputs of which go,
        side by side, through a perceptron. In "serial" each block masks the output of
        the one before.

    embedding_dim : int, default=16
        Size of the vector of a level or a number.

    n_blocks : int, default=3
        Number of mask blocks.

    block_dim : int, default=64
        Width of a block's output.

    reduction_ratio : float, default=1.0
        Width of the hidden layer of a mask, in units of its output.

    hidden_units : sequence of int, default=(128, 64)
        Width of each hidden layer after the parallel blocks; of no effect in "serial".

    dropout : float in [0, 1), default=0.0
        After each block and hidden layer.

    <parameters>

    Attributes
    ----------
    <attributes>

    See Also
    --------
    DeepFMClassifier : Multiplies the vectors of pairs of columns.

    Notes
    -----
    The vector of a number is a direction times the number, plus a constant: after
    normalisation, without the constant, its sign alone would be left.

    <notes>

    References
    ----------
    .. [1] Z. Wang, Q. She, J. Zhang, "MaskNet: Introducing Feature-Wise Multiplication
       to CTR Ranking Models by Instance-Guided Mask", DLP-KDD, 2021, section 3.

    Examples
    --------
    >>> from skgen.classifiers import MaskNetClassifier
    >>> from skgen.datasets import make_clicks
    >>> X, y = make_clicks(n_samples=2000, return_X_y=True, random_state=0)
    >>> classifier = MaskNetClassifier(block_dim=16, epochs=3, random_state=0)
    >>> classifier.fit(X, y).predict_proba(X[:5]).shape
    (5, 2)
    """

    _parameter_constraints: dict = {
        **NeuralClickClassifier._parameter_constraints,
        "model_type": [StrOptions({"parallel", "serial"})],
        "n_blocks": [Interval(Integral, 1, None, closed="left")],
        "block_dim": [Interval(Integral, 1, None, closed="left")],
        "reduction_ratio": [Interval(Real, 0, None, closed="neither")],
        "hidden_units": ["array-like"],
    }

    def __init__(
        self,
        *,
        model_type: str = "parallel",
        embedding_dim: int = 16,
        n_blocks: int = 3,
        block_dim: int = 64,
        reduction_ratio: float = 1.0,
        hidden_units: Sequence[int] = (128, 64),
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
        self.model_type = model_type
        self.n_blocks = n_blocks
        self.block_dim = block_dim
        self.reduction_ratio = reduction_ratio
        self.hidden_units = hidden_units

    def _make_network(self, encoder: ColumnEncoder) -> ClickNetwork:
        from skgen.classifiers._networks import MaskNet

        return MaskNet(
            *encoder.sizes_,
            model_type=self.model_type,
            embedding_dim=self.embedding_dim,
            n_blocks=self.n_blocks,
            block_dim=self.block_dim,
            reduction_ratio=self.reduction_ratio,
            hidden_units=tuple(self.hidden_units),
            dropout=self.dropout,
        )
