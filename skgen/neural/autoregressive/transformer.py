"""One Transformer that draws rows column by column."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import Interval, StrOptions

from skgen._visit_order import visit_order
from skgen.deep.base import EarlyStoppingGenerator
from skgen.encodings.bins import RowEncoder, RowValues
from skgen.rows import Given, Rows
from skgen.table import Table

if TYPE_CHECKING:
    import torch

# Rows that are drawn together, and numbers that their keys and values take, which bound
# the memory.
BATCH_ROWS = 4096
BATCH_NUMBERS = 2**25
# Parts of the held-out rows, each in a random order of its own.
VALIDATION_ORDERS = 16


class AutoregressiveTransformer(EarlyStoppingGenerator):
    """Draw rows column by column, each from a distribution that one Transformer gives.

    The label comes first. A Transformer with causal attention [1]_ reads the label and
    the columns before, and predicts the distribution of the next one. All columns of a
    row are learned in one pass.

    Parameters
    ----------
    order : {"fixed", "random"}, default="fixed"
        In which orders columns are learned. "fixed": in `visit_order` alone. "random":
        each batch in another order, so that any columns can be given to `sample`, at
        some cost to the fidelity of rows that are drawn whole.

    visit_order : {"auto", "cardinality"} or array-like of column names, default="auto"
        The order in which columns are drawn. "auto" is that of the table,
        "cardinality" begins with the columns of the fewest values. Columns that are not
        named follow in the table's order. A column that a constraint rewrites goes by
        its new name.

    embedding_dim : int, default=64
        Number of features of a column inside the network; a multiple of `n_heads`.

    n_layers : int, default=2
        Number of blocks of attention and feed-forward layers.

    n_heads : int, default=4
        Number of heads of each attention.

    dropout : float in [0, 1), default=0.1
        Share of the outputs of attention and feed-forward layers that are left out at
        random in a step.

    n_bins : int, default=64
        Greatest number of quantile bins of a number; they have 32 rows on average, or
        more. Each holds up to 16 cells of 16 rows or more, which are told apart too.

    max_levels : int or None, default=256
        Greatest number of levels of a category that are told apart. Rarer ones share
        buckets of levels that occur beside similar things, and return by their
        frequency in the bucket. None tells all apart: the memory of a step then grows
        with `batch_size` times the number of levels.

    temperature : float, default=1.0
        What logits are divided by in sampling. Below 1, frequent values become more
        frequent; above, rare ones do. May be changed after `fit`.

    epochs : int, default=50
        Greatest number of passes through the rows.

    batch_size : int, default=256
        Greatest number of rows in a step.

    learning_rate : float, default=0.002
        Of AdamW, at the start; it falls to zero by a cosine.

    weight_decay : float, default=0.01
        Of AdamW.

    ema_decay : float in [0, 1) or None, default=0.99
        Decay of the moving average of the weights, which takes their place. None
        averages nothing.

    <early stopping>

    <neural parameters>

    <parameters>

    Attributes
    ----------
    visit_order_ : list
        The names of the columns, as drawn. Constant columns are left out.

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
        In `fit`, if the loss becomes infinite or no number.

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

    *A second table.* With `warm_start=True` a second `fit` continues from the weights
    of the first, on a table of the same columns: fine-tuning.

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
    visit_order: Any = "auto"
    embedding_dim: int = 64
    n_layers: int = 2
    n_heads: int = 4
    dropout: float = 0.1
    n_bins: int = 64
    max_levels: int | None = 256
    temperature: float = 1.0
    epochs: int = 50
    batch_size: int = 256
    learning_rate: float = 0.002
    weight_decay: float = 0.01
    ema_decay: float | None = 0.99
    n_iter_no_change: int = 5

    _takes_given = True
    _parameter_constraints = {
        **EarlyStoppingGenerator._parameter_constraints,
        "order": [StrOptions({"fixed", "random"})],
        "visit_order": ["array-like", StrOptions({"auto", "cardinality"})],
        "embedding_dim": [Interval(Integral, 1, None, closed="left")],
        "n_layers": [Interval(Integral, 1, None, closed="left")],
        "n_heads": [Interval(Integral, 1, None, closed="left")],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "n_bins": [Interval(Integral, 1, None, closed="left")],
        "max_levels": [Interval(Integral, 2, None, closed="left"), None],
        "temperature": [Interval(Real, 0, None, closed="neither")],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "ema_decay": [Interval(Real, 0, 1, closed="left"), None],
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

            from skgen.deep.training import cosine_schedule, update

            if not rows.continues:
                self._prepare(rows, rng)
                self._network.to(device)
            network = self._network
            encoded = self._encoder.transform(table)
            values = torch.from_numpy(encoded.values).to(device)
            members = torch.from_numpy(encoded.members).to(device)
            classes = torch.from_numpy(labels).to(device)
            optimizer = torch.optim.AdamW(
                network.parameters(),
                lr=self.learning_rate,
                weight_decay=self.weight_decay,
                fused=True,
            )

            def loss(rows: torch.Tensor) -> torch.Tensor:
                order = self._chain
                if self.order == "random":
                    order = torch.randperm(len(order)).tolist()
                return -network.log_prob(
                    values[rows].long(), members[rows].float(), classes[rows], order
                ).mean()

            def step(rows: torch.Tensor) -> dict[str, torch.Tensor]:
                norm = self.max_grad_norm
                return {"loss": update(optimizer, loss(rows), max_grad_norm=norm)}

            def validation_loss(rows: torch.Tensor) -> torch.Tensor:
                size = -(-len(rows) // VALIDATION_ORDERS)
                if self.order == "fixed":
                    size = BATCH_ROWS
                losses = [loss(part) * len(part) for part in rows.split(size)]
                return torch.stack(losses).sum() / len(rows)

            self._train(
                network,
                step,
                labels,
                rng,
                validation_loss=validation_loss,
                optimizers=[optimizer],
                schedule=cosine_schedule,
                ema_decay=self.ema_decay,
            )

    def _prepare(self, rows: Rows, rng: np.random.RandomState) -> None:
        """Learn what values columns have, and make the network."""
        from skgen.neural.autoregressive.row_transformer import RowTransformer

        table = rows.table
        encoder = RowEncoder(n_bins=self.n_bins, max_levels=self.max_levels)
        self._encoder = encoder.fit(table, rows.labels, rng)
        columns = self._encoder.columns_
        n_values = [column.n_values for column in columns]
        self._chain = visit_order(
            self.visit_order, table.fields, rows.columns, n_values
        )
        self.visit_order_ = [table.fields[i].name for i in self._chain]
        self._network = RowTransformer(
            columns,
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
                values = torch.from_numpy(known.values[part]).long().to(device)
                members = torch.from_numpy(known.members[part]).float().to(device)
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
        # It may have been changed since `fit`.
        self._validate_params()
        network, order, known = self._network, self._chain, None
        if given is not None:
            order = self._order_given(given.fields)
            known = self._encoder.transform(given.table)
        n_samples, n_rows = len(labels), self._batch_rows()
        values = np.empty((n_samples, network.n_columns), dtype=np.int32)
        members = np.empty((n_samples, network.n_members), dtype=np.int8)
        with self._sampling_context(rng) as device:
            import torch

            for start in range(0, n_samples, n_rows):
                part = slice(start, start + n_rows)
                tensors = None
                if known is not None:
                    tensors = (
                        torch.from_numpy(known.values[part]).long().to(device),
                        torch.from_numpy(known.members[part]).float().to(device),
                    )
                drawn = network.sample(
                    torch.from_numpy(labels[part]).to(device),
                    order,
                    temperature=float(self.temperature),
                    given=tensors,
                    n_given=0 if given is None else len(given.fields),
                )
                values[part], members[part] = (each.cpu() for each in drawn)
        return self._encoder.inverse_transform(RowValues(values, members), labels, rng)

    def _batch_rows(self) -> int:
        width = 2 * self.n_layers * self.embedding_dim * self._network.n_columns
        return min(BATCH_ROWS, max(1, BATCH_NUMBERS // width))
