"""One Transformer that draws rows column by column."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import Interval, StrOptions

from skgen.encodings.bins import RowValues
from skgen.neural.autoregressive.base import ColumnChainGenerator
from skgen.rows import Given, Rows
from skgen.table import Table

if TYPE_CHECKING:
    import torch

# Maximum number of rows that are drawn together, and of floats that their keys and
# values take: a bound on the memory.
BATCH_ROWS = 4096
BATCH_NUMBERS = 2**25
# Parts of the held-out rows, each in a random order of its own.
VALIDATION_ORDERS = 16


class AutoregressiveTransformer(ColumnChainGenerator):
    """Draw rows column by column, each from a distribution that one Transformer gives.

    The label comes first. A Transformer with causal attention [1]_ reads the label and
    the columns before, and predicts the distribution of the next one. All columns of a
    row are learned in one pass.

    Parameters
    ----------
    order : {"fixed", "random"}, default="fixed"
        In which orders columns are learned. "fixed": only in `visit_order`. "random":
        each batch in another order, so that any columns can be given to `sample`, at
        some cost to the fidelity of rows drawn without.

    <chain parameters>

    embedding_dim : int, default=64
        Number of features of a column inside the network; a multiple of `n_heads`.

    n_layers : int, default=2
        Number of blocks of attention and feed-forward layers.

    n_heads : int, default=4
        Number of heads of each attention.

    dropout : float in [0, 1), default=0.1
        Share of the outputs of attention and feed-forward layers that are left out at
        random in a step.

    <AdamW training>

    <early stopping>

    <neural parameters>

    <parameters>

    Attributes
    ----------
    <visit order>

    <neural attributes>

    <attributes>

    Raises
    ------
    ImportError
        If torch is not installed.

    ValueError
        In `fit`, if `visit_order` names an unknown column, or `embedding_dim` is no
        multiple of `n_heads`.

    FloatingPointError
        In `fit`, if the loss becomes infinite or NaN.

    See Also
    --------
    skgen.neural.autoregressive.net.AutoregressiveNet : A network for each column.
    skgen.trees.AutoregressiveTrees : Trees for each column; faster.
    skgen.plotting.ChainDecayDisplay : Fidelity of the first columns.

    Notes
    -----
    *Values.* A category is predicted by a softmax. A number is one of its point masses,
    that it is missing, or one of its quantile bins, and inside a bin one of its cells,
    predicted given the bin; inside a cell it is drawn between neighbouring values of
    the table. A list is its length and then its members, each given the length and the
    members before it [2]_.

    *Orders.* As in XLNet [3]_ and [4]_, with `order="random"` the network is told which
    column is next. ``sample(given=...)`` puts the given columns first.

    *Sampling.* Keys and values of the columns before are kept, so that a column costs
    the network one position for each row.

    *Fine-tuning.* With `warm_start=True` a second `fit` continues from the weights
    of the first, on a table of the same columns.

    References
    ----------
    .. [1] A. Vaswani et al., "Attention Is All You Need", Advances in Neural
       Information Processing Systems 30, 2017, equation 1.

    .. [2] B. J. Frey, G. E. Hinton, P. Dayan, "Does the Wake-Sleep Algorithm Produce
       Good Density Estimators?", Advances in Neural Information Processing Systems 8,
       1995.

    .. [3] Z. Yang et al., "XLNet: Generalized Autoregressive Pretraining for Language
       Understanding", Advances in Neural Information Processing Systems 32, 2019,
       equation 3.

    .. [4] B. Uria, I. Murray, H. Larochelle, "A Deep and Tractable Density Estimator",
       International Conference on Machine Learning, 2014.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from skgen import AutoregressiveTransformer
    >>> rng = np.random.RandomState(0)
    >>> X = pd.DataFrame({"age": rng.normal(size=300)})
    >>> X["city"] = rng.choice(["Oslo", "Rome"], 300)
    >>> y = (X["age"] > 1).astype(int)
    >>> generator = AutoregressiveTransformer(
    ...     order="random", epochs=5, random_state=0
    ... ).fit(X, y)
    >>> generator.sample(y=[1, 0, 1])[1].tolist()
    [1, 0, 1]
    >>> generator.sample(given=pd.DataFrame({"city": ["Rome", "Oslo"]}))[0]
    age  city
    0 ...  Rome
    1 ...  Oslo
    """

    order: str = "fixed"
    embedding_dim: int = 64
    n_layers: int = 2
    n_heads: int = 4

    _takes_given = True
    _parameter_constraints = {
        **ColumnChainGenerator._parameter_constraints,
        "order": [StrOptions({"fixed", "random"})],
        "embedding_dim": [Interval(Integral, 1, None, closed="left")],
        "n_layers": [Interval(Integral, 1, None, closed="left")],
        "n_heads": [Interval(Integral, 1, None, closed="left")],
    }

    def _fit(self, rows: Rows, rng: np.random.RandomState) -> None:
        """Learn the distribution of each column given those before it."""
        table, labels = rows.table, rows.labels
        if self.embedding_dim % self.n_heads:
            raise ValueError(
                f"embedding_dim={self.embedding_dim} is no multiple of "
                f"n_heads={self.n_heads}: choose one that is."
            )
        with self._training_context(rng) as device:
            import torch

            from skgen.deep.training import mean_loss

            if not rows.continues:
                self._prepare(rows, rng)
                self._network.to(device)
            network = self._network
            encoded = self._encoder.transform(table)
            values = torch.from_numpy(encoded.values).to(device)
            members = torch.from_numpy(encoded.members).to(device)
            classes = torch.from_numpy(labels).to(device)

            def loss(batch: torch.Tensor) -> torch.Tensor:
                order = self._chain
                if self.order == "random":
                    order = torch.randperm(len(order)).tolist()
                return -network.log_prob(
                    values[batch].long(), members[batch].float(), classes[batch], order
                ).mean()

            def validation_loss(held_out: torch.Tensor) -> torch.Tensor:
                size = BATCH_ROWS
                if self.order == "random":
                    size = -(-len(held_out) // VALIDATION_ORDERS)
                return mean_loss(loss, held_out, batch_size=size)

            self._train_network(
                network,
                loss,
                labels,
                rng,
                validation_loss=validation_loss,
                ema_decay=self.ema_decay,
            )

    def _prepare(self, rows: Rows, rng: np.random.RandomState) -> None:
        """Learn the values and the order of columns, and make the network."""
        from skgen.neural.autoregressive.row_transformer import RowTransformer

        self._prepare_columns(rows, rng)
        self._network = RowTransformer(
            self._encoder.columns_,
            len(self.classes_),
            dim=self.embedding_dim,
            n_layers=self.n_layers,
            n_heads=self.n_heads,
            dropout=self.dropout,
        )

    def _order_given(self, known: Sequence[int]) -> list[int]:
        """Return the columns with those that are known first."""
        if self.order == "random" or set(self._chain[: len(known)]) == set(known):
            rest = [i for i in self._chain if i not in known]
            return [i for i in self._chain if i in known] + rest
        names = [self._encoder.columns_[i].field.name for i in known]
        raise ValueError(
            f"The columns {names} are given, but with order='fixed' only the first in "
            f"the order {self.visit_order_} can be: fit with order='random', or with a "
            "visit_order that begins with them."
        )

    def _sample_labels(
        self, given: Given, rng: np.random.RandomState
    ) -> NDArray[np.intp]:
        """Draw labels by their probability given the known columns."""
        n_classes, columns = len(self.classes_), list(given.fields)
        order = self._order_given(columns)
        known = self._encoder.transform(given.table)
        scores = np.empty((len(given), n_classes))
        scores[:] = np.log(self._class_counts / self._class_counts.sum())
        n_rows = self._batch_rows()
        with self._sampling_context(rng) as device:
            import torch

            for start in range(0, len(given), n_rows):
                part = slice(start, start + n_rows)
                values, members = _to_device(known, part, device)
                for label in range(n_classes):
                    labels = torch.full_like(values[:, 0], label)
                    found = self._network.log_prob(values, members, labels, order)
                    of_known = found[:, columns].sum(dim=1)
                    scores[part, label] += of_known.cpu().numpy()
        # The greatest of scores with Gumbel noise is a draw by their softmax.
        return (scores + rng.gumbel(size=scores.shape)).argmax(axis=1)

    def _sample(
        self,
        labels: NDArray[np.intp],
        rng: np.random.RandomState,
        given: Given | None = None,
    ) -> Table:
        """Draw rows column by column, the known columns first."""
        # The temperature may have been changed since `fit`.
        self._validate_params()
        network, order, known = self._network, self._chain, None
        if given is not None:
            order = self._order_given(given.fields)
            known = self._encoder.transform(given.table)
        n_known = 0 if given is None else len(given.fields)

        def draw(
            part: slice, classes: torch.Tensor
        ) -> tuple[torch.Tensor, torch.Tensor]:
            return network.sample(
                classes,
                order,
                temperature=float(self.temperature),
                given=None
                if known is None
                else _to_device(known, part, classes.device),
                n_given=n_known,
            )

        drawn = self._draw_in_parts(labels, rng, self._batch_rows(), draw)
        return self._encoder.inverse_transform(drawn, labels, rng)

    def _batch_rows(self) -> int:
        width = 2 * self.n_layers * self.embedding_dim * self._network.n_columns
        return min(BATCH_ROWS, max(1, BATCH_NUMBERS // width))


def _to_device(
    rows: RowValues, part: slice, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return values and members of some rows as the network takes them."""
    import torch

    values = torch.from_numpy(rows.values[part]).long().to(device)
    return values, torch.from_numpy(rows.members[part]).float().to(device)
