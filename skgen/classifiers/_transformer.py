"""A transformer whose tokens are columns."""

from __future__ import annotations

from numbers import Integral
from typing import TYPE_CHECKING, Any

from sklearn.utils._param_validation import Interval

from skgen.classifiers._base import NeuralClickClassifier
from skgen.classifiers._columns import ColumnEncoder
from skgen.classifiers._docs import document

if TYPE_CHECKING:
    from skgen.classifiers._networks import ClickNetwork


@document
class TransformerClassifier(NeuralClickClassifier):
    """Transformer whose tokens are the columns of a row [1]_ [2]_.

    Each category, list and number is a vector of the same size, and so is a summary,
    which is the same for all rows. In each layer every token attends to all the others,
    normalisation coming first. The log-odds are read from the summary. The order of the
    columns is of no effect but for what the seed makes of it.

    Parameters
    ----------
    embedding_dim : int, default=32
        Size of a token; a multiple of `n_heads`.

    n_layers : int, default=2
        Layers of attention.

    n_heads : int, default=4
        Heads of each layer.

    feedforward_dim : int, default=64
        Width of the hidden layer after each attention.

    dropout : float in [0, 1), default=0.0
        In attention, and after it and each hidden layer.

    <parameters>

    Attributes
    ----------
    <attributes>

    See Also
    --------
    DeepFMClassifier : Faster, and made for products of two columns.

    Notes
    -----
    <notes>

    References
    ----------
    .. [1] W. Song et al., "AutoInt: Automatic Feature Interaction Learning via
       Self-Attentive Neural Networks", International Conference on Information and
       Knowledge Management, 2019.

    .. [2] Y. Gorishniy, I. Rubachev, V. Khrulkov, A. Babenko, "Revisiting Deep Learning
       Models for Tabular Data", Advances in Neural Information Processing Systems 34,
       2021, section 3.3.

    Examples
    --------
    >>> from skgen.classifiers import TransformerClassifier
    >>> from skgen.datasets import make_clicks
    >>> X, y = make_clicks(n_samples=2000, return_X_y=True, random_state=0)
    >>> classifier = TransformerClassifier(n_layers=1, epochs=2, random_state=0)
    >>> classifier.fit(X, y).predict_proba(X[:5]).shape
    (5, 2)
    """

    _parameter_constraints: dict = {
        **NeuralClickClassifier._parameter_constraints,
        "n_layers": [Interval(Integral, 1, None, closed="left")],
        "n_heads": [Interval(Integral, 1, None, closed="left")],
        "feedforward_dim": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        *,
        embedding_dim: int = 32,
        n_layers: int = 2,
        n_heads: int = 4,
        feedforward_dim: int = 64,
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
        self.n_layers = n_layers
        self.n_heads = n_heads
        self.feedforward_dim = feedforward_dim

    def _make_network(self, encoder: ColumnEncoder) -> ClickNetwork:
        from skgen.classifiers._networks import TabularTransformer

        if self.embedding_dim % self.n_heads:
            raise ValueError(
                f"embedding_dim={self.embedding_dim} is no multiple of "
                f"n_heads={self.n_heads}: choose one that is, or fewer heads."
            )
        return TabularTransformer(
            *encoder.sizes_,
            embedding_dim=self.embedding_dim,
            n_layers=self.n_layers,
            n_heads=self.n_heads,
            feedforward_dim=self.feedforward_dim,
            dropout=self.dropout,
        )
