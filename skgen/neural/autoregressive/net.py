"""A network for each column, which draw rows column by column."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import Interval, StrOptions

from skgen._visit_order import visit_order
from skgen.deep.base import EarlyStoppingGenerator
from skgen.encodings.bins import ColumnValues, RowEncoder, RowValues
from skgen.rows import Given, Rows
from skgen.table import Table

if TYPE_CHECKING:
    import torch

    from skgen.neural.autoregressive.heads import ColumnHead, NumberHead
    from skgen.neural.autoregressive.prefix import TrainingRows

# Rows that are drawn together, which bounds the memory.
BATCH_ROWS = 10_000
# In so many epochs scheduled sampling reaches its share.
SCHEDULE_EPOCHS = 5


class AutoregressiveNet(EarlyStoppingGenerator):
    """Draw rows column by column, each from a distribution that its own network gives.

    The label comes first. Each column has a small network, which reads the label and
    the columns before and predicts a distribution. The first is a logistic regression;
    depth and width grow with the column's place, later networks have residual
    feed-forward layers, the last ones attend to the columns before.

    Parameters
    ----------
    head : {"auto", "bins", "normal", "log-normal", "mixture"}, default="auto"
        Distribution of a number. "bins": one of its quantile bins, and there one of
        its cells, given the bin; "normal" and "log-normal"; "mixture":
        `n_components` normal distributions. "auto" is "bins", which makes no
        assumption. Missing values and point masses have probabilities of their own
        beside. Categories always have a softmax, the lengths of lists "bins".

    n_components : int, default=5
        Components of "mixture".

    n_bins : int, default=64
        Greatest number of quantile bins of a number; they have 32 rows on average, or
        more. Each holds up to 16 cells of 16 rows or more, which are told apart too.

    max_levels : int or None, default=256
        Greatest number of levels of a category that are told apart. Rarer ones share
        buckets of levels that occur beside similar things, and return by their
        frequency in the bucket. None tells all apart.

    visit_order : {"auto", "cardinality"} or array-like of column names, default="auto"
        The order in which columns are drawn. "auto" is that of the table,
        "cardinality" begins with the columns of the fewest values. Columns that are not
        named follow in the table's order. A column that a constraint rewrites goes by
        its new name.

    max_hidden_layers : int, default=6
        Hidden layers of the last column's network.

    hidden_dim : int, default=128
        Units of each of them; a multiple of 4. The first network has 32, if that is
        less.

    dropout : float in [0, 1), default=0.1
        Share of the hidden units left out at random in a step.

    prefix_dropout : float in [0, 1), default=0.1
        Share of the columns before that are left out at random in a step.

    prefix_noise : float, default=0.05
        Standard deviation of noise on the numbers before, in a step; they count as
        standard normal variables.

    scheduled_sampling : float in [0, 1], default=0.0
        Share of the values before that are replaced, in a step, by values that their
        own networks draw [1]_; it grows to this in the first 5 epochs of a column.

    temperature : float, default=1.0
        What logits are divided by in sampling, and variances multiplied by. Below 1,
        frequent values become more frequent; above, rare ones do. May be changed after
        `fit`.

    epochs : int, default=50
        Greatest number of passes through the rows, for each column.

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

    column_losses_ : dict
        For each column, the least loss on held-out rows (on all rows without
        `early_stopping`, then the last): the negative log-likelihood of its value given
        the true values before, in nats.

    loss_curve_ : dict of list of float
        For each column, the mean loss of each epoch.

    validation_loss_curves_ : dict of list of float or None
        For each column, the loss on held-out rows after each epoch; None if none were
        held out.

    n_iter_ : dict of int
        For each column, its number of epochs.

    best_iter_ : dict of int
        For each column, the epoch, counted from 1, whose weights were kept.

    <attributes>

    Raises
    ------
    ImportError
        If torch is not installed.

    ValueError
        In `fit`, if `visit_order` names an unknown column, or `hidden_dim` is no
        multiple of 4.

    FloatingPointError
        In `fit`, if the loss becomes infinite or no number.

    See Also
    --------
    skgen.AutoregressiveTransformer : One network for all columns.
    skgen.trees.AutoregressiveTrees : Trees for each column; faster.
    skgen.plotting.ChainDecayDisplay : Fidelity of the first 1, 2, ... columns.

    Notes
    -----
    *Decay.* Networks learn from true columns before and draw from their own, so that
    errors add up along the chain. What shows it is
    ``ChainDecayDisplay.from_estimator(generator, X_held_out, y_held_out)``, which
    follows `visit_order_`. What is done against it: each column stops early by its own
    held-out loss, and `prefix_dropout`, `prefix_noise` and `scheduled_sampling`
    make a network used to columns before that are not quite true.

    References
    ----------
    .. [1] S. Bengio, O. Vinyals, N. Jaitly, N. Shazeer, "Scheduled Sampling for
       Sequence Prediction with Recurrent Neural Networks", Advances in Neural
       Information Processing Systems 28, 2015.

    .. [2] B. Uria, I. Murray, H. Larochelle, "RNADE: The real-valued neural
       autoregressive density-estimator", Advances in Neural Information Processing
       Systems 26, 2013, equation 9.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from skgen import AutoregressiveNet
    >>> rng = np.random.RandomState(0)
    >>> X = pd.DataFrame({"age": rng.normal(size=300)})
    >>> X["city"] = rng.choice(["Oslo", "Rome"], 300)
    >>> y = (X["age"] > 1).astype(int)
    >>> generator = AutoregressiveNet(epochs=5, random_state=0).fit(X, y)
    >>> generator.visit_order_
    ['age', 'city']
    >>> generator.sample(y=[1, 0, 1])[1].tolist()
    [1, 0, 1]
    """

    head: str = "auto"
    n_components: int = 5
    n_bins: int = 64
    max_levels: int | None = 256
    visit_order: Any = "auto"
    max_hidden_layers: int = 6
    hidden_dim: int = 128
    dropout: float = 0.1
    prefix_dropout: float = 0.1
    prefix_noise: float = 0.05
    scheduled_sampling: float = 0.0
    temperature: float = 1.0
    epochs: int = 50
    batch_size: int = 256
    learning_rate: float = 0.002
    weight_decay: float = 0.01
    ema_decay: float | None = 0.99
    n_iter_no_change: int = 5

    _parameter_constraints = {
        **EarlyStoppingGenerator._parameter_constraints,
        "head": [StrOptions({"auto", "bins", "normal", "log-normal", "mixture"})],
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "n_bins": [Interval(Integral, 1, None, closed="left")],
        "max_levels": [Interval(Integral, 2, None, closed="left"), None],
        "visit_order": ["array-like", StrOptions({"auto", "cardinality"})],
        "max_hidden_layers": [Interval(Integral, 0, None, closed="left")],
        "hidden_dim": [Interval(Integral, 1, None, closed="left")],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "prefix_dropout": [Interval(Real, 0, 1, closed="left")],
        "prefix_noise": [Interval(Real, 0, None, closed="left")],
        "scheduled_sampling": [Interval(Real, 0, 1, closed="both")],
        "temperature": [Interval(Real, 0, None, closed="neither")],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "ema_decay": [Interval(Real, 0, 1, closed="left"), None],
    }

    def _fit(self, rows: Rows, rng: np.random.RandomState) -> None:
        """Learn one column after another."""
        table, labels = rows.table, rows.labels
        if self.hidden_dim % 4:
            raise ValueError(
                f"hidden_dim={self.hidden_dim} is no multiple of 4, the number of "
                "heads of the attention: choose one that is."
            )
        with self._training_context(rng) as device:
            import torch

            from skgen.neural.autoregressive.prefix import TrainingRows

            if not rows.continues:
                self._prepare(rows, rng)
                self._network.to(device)
            encoded = self._encoder.transform(table)
            training = TrainingRows(self._encoder.columns_, encoded, device)
            classes = torch.from_numpy(labels).to(device)
            curves: list[dict] = [{}, {}, {}, {}]
            for place, name in enumerate(self.visit_order_):
                numbers = self._standardized(table, place).to(device)
                self._fit_column(place, training, numbers, classes, rng)
                if self.scheduled_sampling:
                    self._draw_column(place, training, classes)
                found = (
                    self.loss_curve_,
                    self.validation_loss_curve_,
                    self.n_iter_,
                    self.best_iter_,
                )
                for curve, value in zip(curves, found, strict=True):
                    curve[name] = value
        self._tell(*curves)

    def _prepare(self, rows: Rows, rng: np.random.RandomState) -> None:
        """Learn what values columns have, and make the networks."""
        import torch

        from skgen.neural.autoregressive.column_networks import (
            ColumnNetwork,
            architecture,
        )

        table = rows.table
        encoder = RowEncoder(n_bins=self.n_bins, max_levels=self.max_levels)
        self._encoder = encoder.fit(table, rows.labels, rng)
        columns = self._encoder.columns_
        n_values = [column.n_values for column in columns]
        self._chain = visit_order(
            self.visit_order, table.fields, rows.columns, n_values
        )
        self.visit_order_ = [table.fields[i].name for i in self._chain]
        networks = []
        for place, i in enumerate(self._chain):
            networks.append(
                ColumnNetwork(
                    [columns[j] for j in self._chain[:place]],
                    len(self.classes_),
                    architecture(
                        place,
                        len(columns),
                        max_hidden_layers=self.max_hidden_layers,
                        max_width=self.hidden_dim,
                    ),
                    self._make_head(table, columns[i]),
                    dropout=self.dropout,
                    prefix_dropout=self.prefix_dropout,
                )
            )
        self._network = torch.nn.ModuleList(networks)

    def _make_head(
        self, table: Table, column: ColumnValues
    ) -> Callable[[int], ColumnHead | NumberHead]:
        """Return what makes a column's head from the number of features."""
        from skgen.neural.autoregressive.heads import ColumnHead, NumberHead

        number = column.field.number
        if (
            number is None
            or column.members
            or self.head in ("auto", "bins")
            or not table.active(number).any()
        ):
            return partial(ColumnHead, column=column)
        return partial(
            NumberHead,
            column=column,
            numbers=table.numeric[table.active(number), number],
            n_components=self.n_components if self.head == "mixture" else 1,
            logarithm=self.head == "log-normal",
        )

    def _standardized(self, table: Table, place: int) -> torch.Tensor:
        """Return the standardized numbers of a column, zeros if it needs none."""
        import torch

        network: Any = self._network[place]
        if network.scale is None:
            return torch.zeros(len(table))
        number = self._encoder.columns_[self._chain[place]].field.number
        return torch.from_numpy(
            network.scale.transform(table.numeric[:, number])
        ).float()

    def _fit_column(
        self,
        place: int,
        rows: TrainingRows,
        numbers: torch.Tensor,
        classes: torch.Tensor,
        rng: np.random.RandomState,
    ) -> None:
        """Train the network of one column."""
        import torch

        from skgen.deep.training import cosine_schedule, update

        network: Any = self._network[place]
        known, column = self._chain[:place], self._chain[place]
        n_batches = -(-len(classes) // self.batch_size)
        n_steps = 0
        optimizer = torch.optim.AdamW(
            network.parameters(),
            lr=self.learning_rate,
            weight_decay=self.weight_decay,
            fused=True,
        )

        def loss(batch: torch.Tensor, **noise: float) -> torch.Tensor:
            prefix = rows.prefix(known, batch, **noise)
            features = network.features(classes[batch], *prefix)
            values, members = rows.column(column, batch)
            return -network.log_prob(features, values, members, numbers[batch]).mean()

        def step(batch: torch.Tensor) -> dict[str, torch.Tensor]:
            nonlocal n_steps
            n_steps += 1
            grown = min(1.0, n_steps / (SCHEDULE_EPOCHS * n_batches))
            value = loss(
                batch,
                drawn_share=grown * self.scheduled_sampling,
                noise=self.prefix_noise,
            )
            norm = self.max_grad_norm
            return {"loss": update(optimizer, value, max_grad_norm=norm)}

        def validation_loss(batch: torch.Tensor) -> torch.Tensor:
            parts = batch.split(BATCH_ROWS)
            return torch.stack([loss(p) * len(p) for p in parts]).sum() / len(batch)

        self._train(
            network,
            step,
            classes.cpu().numpy(),
            rng,
            validation_loss=validation_loss,
            optimizers=[optimizer],
            schedule=cosine_schedule,
            ema_decay=self.ema_decay,
        )

    def _draw_column(
        self, place: int, rows: TrainingRows, classes: torch.Tensor
    ) -> None:
        """Let a column's network draw for all training rows, given what is true."""
        import torch

        network: Any = self._network[place]
        drawn = []
        with torch.no_grad():
            for part in torch.arange(len(classes), device=classes.device).split(
                BATCH_ROWS
            ):
                prefix = rows.prefix(self._chain[:place], part)
                features = network.features(classes[part], *prefix)
                drawn.append(network.sample(features)[:2])
        values, members = (torch.cat(parts) for parts in zip(*drawn, strict=True))
        rows.set_drawn(self._chain[place], values, members)

    def _tell(self, losses: dict, validation: dict, n_iter: dict, best: dict) -> None:
        """Set the attributes that tell of the training."""
        self.loss_curve_: Any = losses
        self.n_iter_: Any = n_iter
        self.best_iter_: Any = best
        del self.validation_loss_curve_
        self.validation_loss_curves_ = validation if self.early_stopping else None
        curves = validation if self.early_stopping else losses
        self.column_losses_ = {
            name: curve[best[name] - 1] for name, curve in curves.items()
        }

    def _sample(
        self,
        labels: NDArray[np.intp],
        rng: np.random.RandomState,
        given: Given | None = None,
    ) -> Table:
        """Draw rows column by column."""
        # It may have been changed since `fit`.
        self._validate_params()
        columns = self._encoder.columns_
        n_samples, n_members = len(labels), sum(len(c.members) for c in columns)
        drawn = RowValues(
            np.empty((n_samples, len(columns)), dtype=np.int32),
            np.empty((n_samples, n_members), dtype=np.int8),
        )
        numbers: dict[int, NDArray[np.float64]] = {}
        with self._sampling_context(rng) as device:
            for start in range(0, n_samples, BATCH_ROWS):
                part = slice(start, start + BATCH_ROWS)
                self._sample_part(labels[part], part, drawn, numbers, device)
        table = self._encoder.inverse_transform(drawn, labels, rng)
        for number, values in numbers.items():
            active = table.active(number)
            table.numeric[active, number] = values[active]
        return table

    def _sample_part(
        self,
        labels: NDArray[np.intp],
        part: slice,
        drawn: RowValues,
        numbers: dict[int, NDArray[np.float64]],
        device: torch.device,
    ) -> None:
        """Fill some rows in place."""
        import torch

        from skgen.neural.autoregressive.prefix import member_spans

        spans = member_spans(self._encoder.columns_)
        classes = torch.from_numpy(labels).to(device)
        values: list[torch.Tensor] = []
        members: list[torch.Tensor] = []
        for place, i in enumerate(self._chain):
            network: Any = self._network[place]
            features = network.features(classes, values, members)
            value, of_list, z = network.sample(features, float(self.temperature))
            values.append(value)
            members.append(of_list)
            drawn.values[part, i] = value.cpu()
            drawn.members[part, spans[i]] = of_list.cpu()
            number = self._encoder.columns_[i].field.number
            if z is not None and number is not None:
                found = network.scale.inverse_transform(z.double().cpu().numpy())
                full = numbers.setdefault(number, np.empty(len(drawn.values)))
                full[part] = found
