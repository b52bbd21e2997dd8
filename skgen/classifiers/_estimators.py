"""The neural click classifiers."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import TYPE_CHECKING, ClassVar

from sklearn.utils._param_validation import Interval, StrOptions

from skgen.classifiers._base import NeuralClickClassifier
from skgen.classifiers._columns import Sizes

if TYPE_CHECKING:
    from skgen.classifiers._networks import ClickNetwork

_POSITIVE = [Interval(Integral, 1, None, closed="left")]


class DNNClassifier(NeuralClickClassifier):
    """Multilayer perceptron on embeddings of the columns.

    Each category has an embedding vector, a delimited list the mean of the vectors of
    its members; vectors and numbers are concatenated and go through hidden layers with
    rectified linear units. This is the deep part of Wide & Deep learning [1]_.

    Parameters
    ----------
    <perceptron>

    <parameters>

    Attributes
    ----------
    <attributes>

    See Also
    --------
    DeepFMClassifier : Adds the products of all pairs of columns.
    sklearn.neural_network.MLPClassifier : The same for tables of numbers.

    Notes
    -----
    <notes>

    References
    ----------
    .. [1] H.-T. Cheng et al., "Wide & Deep Learning for Recommender Systems", Workshop
       on Deep Learning for Recommender Systems, 2016, section 3.2.

    Examples
    --------
    >>> from skgen.classifiers import DNNClassifier
    >>> from skgen.datasets import make_clicks
    >>> X, y = make_clicks(n_samples=2000, return_X_y=True, random_state=0)
    >>> classifier = DNNClassifier(hidden_units=(32,), epochs=3, random_state=0)
    >>> classifier.fit(X, y).predict_proba(X[:5]).shape
    (5, 2)
    """

    hidden_units: Sequence[int] = (256, 128)

    _parameter_constraints: ClassVar[dict] = {
        **NeuralClickClassifier._parameter_constraints,
        "hidden_units": ["array-like"],
    }

    def _make_network(self, sizes: Sizes) -> ClickNetwork:
        from skgen.classifiers._networks import DNN

        return DNN(
            sizes,
            embedding_dim=self.embedding_dim,
            hidden_units=tuple(self.hidden_units),
            dropout=self.dropout,
        )


class DeepFMClassifier(NeuralClickClassifier):
    """Factorization machine and multilayer perceptron on the same embeddings [1]_.

    The log-odds are the sum of a weight for each category and number, the scalar
    products of the vectors of all pairs of columns, and the output of a perceptron on
    these vectors. A delimited list has the mean of its members' vectors. In the
    products a number has a vector of its own, multiplied by its value; the perceptron
    takes the number itself.

    Parameters
    ----------
    <perceptron>

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

    hidden_units: Sequence[int] = (256, 128)

    _parameter_constraints: ClassVar[dict] = DNNClassifier._parameter_constraints

    def _make_network(self, sizes: Sizes) -> ClickNetwork:
        from skgen.classifiers._networks import DeepFM

        return DeepFM(
            sizes,
            embedding_dim=self.embedding_dim,
            hidden_units=tuple(self.hidden_units),
            dropout=self.dropout,
        )


class MaskNetClassifier(NeuralClickClassifier):
    """Embeddings and hidden layers, multiplied by instance-guided masks [1]_.

    A mask is the output of a small perceptron on the row's embedding; it has the width
    of the layer that it multiplies. A mask block transforms the product by a linear
    layer, layer normalisation and rectified linear units. The first masked layer is the
    embedding, in which each column's vector is normalised by itself.

    Parameters
    ----------
    model_type : {"parallel", "serial"}, default="parallel"
        "parallel" masks the embedding in several blocks, whose outputs are concatenated
        and go through a perceptron. In "serial" each block masks the output of the
        previous one.

    embedding_dim : int, default=16
        Size of the vector of a category or a number.

    n_blocks : int, default=3
        Number of mask blocks.

    block_dim : int, default=64
        Width of a block's output.

    reduction_ratio : float, default=1.0
        Width of the hidden layer of a mask, as a ratio to the width of its output.

    hidden_units : sequence of int, default=(128, 64)
        Width of each hidden layer after the parallel blocks; ignored in "serial".

    dropout : float in [0, 1), default=0.0
        Dropout after each block and hidden layer.

    <parameters>

    Attributes
    ----------
    <attributes>

    See Also
    --------
    DeepFMClassifier : Multiplies the vectors of pairs of columns.

    Notes
    -----
    The vector of a number is a direction times the number, plus a constant. Without the
    constant, normalisation would keep only the number's sign.

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

    model_type: str = "parallel"
    n_blocks: int = 3
    block_dim: int = 64
    reduction_ratio: float = 1.0
    hidden_units: Sequence[int] = (128, 64)

    _parameter_constraints: ClassVar[dict] = {
        **DNNClassifier._parameter_constraints,
        "model_type": [StrOptions({"parallel", "serial"})],
        "n_blocks": _POSITIVE,
        "block_dim": _POSITIVE,
        "reduction_ratio": [Interval(Real, 0, None, closed="neither")],
    }

    def _make_network(self, sizes: Sizes) -> ClickNetwork:
        from skgen.classifiers._networks import MaskNet

        return MaskNet(
            sizes,
            model_type=self.model_type,
            embedding_dim=self.embedding_dim,
            n_blocks=self.n_blocks,
            block_dim=self.block_dim,
            reduction_ratio=self.reduction_ratio,
            hidden_units=tuple(self.hidden_units),
            dropout=self.dropout,
        )


class TransformerClassifier(NeuralClickClassifier):
    """Transformer whose tokens are the columns of a row [1]_ [2]_.

    Each category, list and number is a vector of the same size; a summary token, the
    same for all rows, is added. In each layer every token attends to all tokens, after
    layer normalisation. The log-odds are a function of the summary token. The order of
    the columns has no effect except on the random initial weights.

    Parameters
    ----------
    embedding_dim : int, default=32
        Size of a token; a multiple of `n_heads`.

    n_layers : int, default=2
        Number of attention layers.

    n_heads : int, default=4
        Attention heads in each layer.

    feedforward_dim : int, default=64
        Width of the hidden layer after each attention.

    dropout : float in [0, 1), default=0.0
        Dropout in attention, and after it and each hidden layer.

    <parameters>

    Attributes
    ----------
    <attributes>

    See Also
    --------
    DeepFMClassifier : Faster; models products of two columns.

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

    embedding_dim: int = 32
    n_layers: int = 2
    n_heads: int = 4
    feedforward_dim: int = 64

    _parameter_constraints: ClassVar[dict] = {
        **NeuralClickClassifier._parameter_constraints,
        "n_layers": _POSITIVE,
        "n_heads": _POSITIVE,
        "feedforward_dim": _POSITIVE,
    }

    def _make_network(self, sizes: Sizes) -> ClickNetwork:
        from skgen.classifiers._networks import TabularTransformer

        if self.embedding_dim % self.n_heads:
            raise ValueError(
                f"embedding_dim={self.embedding_dim} is not a multiple of "
                f"n_heads={self.n_heads}: choose one that is, or fewer heads."
            )
        return TabularTransformer(
            sizes,
            embedding_dim=self.embedding_dim,
            n_layers=self.n_layers,
            n_heads=self.n_heads,
            feedforward_dim=self.feedforward_dim,
            dropout=self.dropout,
        )
