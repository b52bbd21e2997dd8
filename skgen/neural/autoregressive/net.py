"""Networks, one for each column, that draw rows column by column."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import Interval, StrOptions

from skgen.encodings.bins import ColumnValues
from skgen.neural.autoregressive.base import ColumnChainGenerator
from skgen.rows import Given, Rows
from skgen.table import Table

if TYPE_CHECKING:
    import torch

    from skgen.neural.autoregressive.heads import ColumnHead, NumberHead
    from skgen.neural.autoregressive.prefix import TrainingRows

# Maximum number of rows that are drawn together: a bound on the memory.
BATCH_ROWS = 10_000
# Epochs of a column after which scheduled sampling reaches its share.
SCHEDULE_EPOCHS = 5


class AutoregressiveNet(ColumnChainGenerator):
    """Draw rows column by column, each from a distribution that its own network gives.

    The label comes first. Each column has a small network, which reads the label and
    the columns before and predicts a distribution. The first is a logistic regression;
    depth and width grow with the column's position, later networks have residual
    feed-forward layers, the last ones attend to the columns before.

    Parameters
    ----------
    head : {"auto", "bins", "normal", "log-normal", "mixture"}, default="auto"
        Distribution of a number. "bins": one of its quantile bins, and there one of
        its cells, given the bin; "normal" and "log-normal"; "mixture":
        `n_components` normal distributions [2]_. "auto" is "bins", which makes no
        assumption. Missing values and point masses have probabilities of their own.
        Categories always have a softmax, the lengths of lists "bins".

    n_components : int, default=5
        Number of components of "mixture".

    <chain parameters>

    max_hidden_layers : int, default=6
        Hidden layers of the last column's network.

    hidden_dim : int, default=128
        Units of each of them; a multiple of 4. The first column's network has 32 at
        most.

    dropout : float in [0, 1), default=0.1
        Share of the hidden units left out at random in a step.

    prefix_dropout : float in [0, 1), default=0.1
        Share of the columns before that are left out at random in a step.

    prefix_noise : float, default=0.05
        Standard deviation of the noise that a step adds to the numbers before, in
        units of standard normal variables.

    scheduled_sampling : float in [0, 1], default=0.0
        Share of the values before that are replaced, in a step, by values that their
        own networks draw [1]_; it grows to this in the first 5 epochs of a column.

    <AdamW training>

    <early stopping>

    <neural parameters>

    <parameters>

    Attributes
    ----------
    <visit order>

    column_losses_ : dict
        For each column, the smallest loss on held-out rows (without `early_stopping`,
        the last on all rows): the negative log-likelihood of its value given the true
        values before, in nats.

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
        In `fit`, if the loss becomes infinite or NaN.

    See Also
    --------
    skgen.AutoregressiveTransformer : One network for all columns.
    skgen.trees.AutoregressiveTrees : Trees for each column; faster.
    skgen.plotting.ChainDecayDisplay : Fidelity of the first 1, 2, ... columns.

    Notes
    -----
    *Decay.* Networks are trained on real values of the columns before, but sample given
    drawn ones, so that errors accumulate along the chain, as
    ``ChainDecayDisplay.from_estimator(generator, X_held_out, y_held_out)`` shows.
    Against this, each column stops early by its own held-out loss, and
    `prefix_dropout`, `prefix_noise` and `scheduled_sampling` train a network with
    columns before that are not exact.

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
    max_hidden_layers: int = 6
    hidden_dim: int = 128
    prefix_dropout: float = 0.1
    prefix_noise: float = 0.05
    scheduled_sampling: float = 0.0

    _parameter_constraints = {
        **ColumnChainGenerator._parameter_constraints,
        "head": [StrOptions({"auto", "bins", "normal", "log-normal", "mixture"})],
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "max_hidden_layers": [Interval(Integral, 0, None, closed="left")],
        "hidden_dim": [Interval(Integral, 1, None, closed="left")],
        "prefix_dropout": [Interval(Real, 0, 1, closed="left")],
        "prefix_noise": [Interval(Real, 0, None, closed="left")],
        "scheduled_sampling": [Interval(Real, 0, 1, closed="both")],
    }

    def _fit(self, rows: Rows, rng: np.random.RandomState) -> None:
        """Learn one column after another."""
        table, labels = rows.table, rows.labels
        if self.hidden_dim % 4:
            raise ValueError(
                f"hidden_dim={self.hidden_dim} is no multiple of 4, the number of "
                "attention heads: choose one that is."
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
        self._describe_training(*curves)

    def _prepare(self, rows: Rows, rng: np.random.RandomState) -> None:
        """Learn the values and the order of columns, and make the networks."""
        import torch

        from skgen.neural.autoregressive.column_networks import (
            ColumnNetwork,
            architecture,
        )

        self._prepare_columns(rows, rng)
        columns = self._encoder.columns_
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
                    self._make_head(rows.table, columns[i]),
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
        from skgen.deep.training import mean_loss

        network: Any = self._network[place]
        known, column = self._chain[:place], self._chain[place]
        n_batches = -(-len(classes) // self.batch_size)
        n_steps = 0

        def loss(batch: torch.Tensor, **noise: float) -> torch.Tensor:
            prefix = rows.prefix(known, batch, **noise)
            features = network.features(classes[batch], *prefix)
            values, members = rows.column(column, batch)
            return -network.log_prob(features, values, members, numbers[batch]).mean()

        def noisy_loss(batch: torch.Tensor) -> torch.Tensor:
            nonlocal n_steps
            n_steps += 1
            grown = min(1.0, n_steps / (SCHEDULE_EPOCHS * n_batches))
            share = grown * self.scheduled_sampling
            return loss(batch, drawn_share=share, noise=self.prefix_noise)

        self._train_network(
            network,
            noisy_loss,
            classes.cpu().numpy(),
            rng,
            validation_loss=partial(mean_loss, loss, batch_size=BATCH_ROWS),
            ema_decay=self.ema_decay,
        )

    def _draw_column(
        self, place: int, rows: TrainingRows, classes: torch.Tensor
    ) -> None:
        """Draw a column for all training rows, given the real columns before."""
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

    def _describe_training(
        self, losses: dict, validation: dict, n_iter: dict, best: dict
    ) -> None:
        """Set the attributes that describe the training."""
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
        # The temperature may have been changed since `fit`.
        self._validate_params()
        numbers: dict[int, NDArray[np.float64]] = {}

        def draw(
            part: slice, classes: torch.Tensor
        ) -> tuple[torch.Tensor, torch.Tensor]:
            values, members, found = self._draw_columns(classes)
            for number, column in found.items():
                numbers.setdefault(number, np.empty(len(labels)))[part] = column
            return values, members

        drawn = self._draw_in_parts(labels, rng, BATCH_ROWS, draw)
        table = self._encoder.inverse_transform(drawn, labels, rng)
        for number, values in numbers.items():
            active = table.active(number)
            table.numeric[active, number] = values[active]
        return table

    def _draw_columns(
        self, classes: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, dict[int, NDArray[np.float64]]]:
        """Return values and members of all columns, and the numbers of number heads."""
        import torch

        values: list[torch.Tensor] = []
        members: list[torch.Tensor] = []
        numbers = {}
        for place, i in enumerate(self._chain):
            network: Any = self._network[place]
            features = network.features(classes, values, members)
            value, of_list, z = network.sample(features, float(self.temperature))
            values.append(value)
            members.append(of_list)
            number = self._encoder.columns_[i].field.number
            if z is not None and number is not None:
                z = z.double().cpu().numpy()
                numbers[number] = network.scale.inverse_transform(z)
        in_table = np.argsort(self._chain)
        return (
            torch.stack([values[place] for place in in_table], dim=1),
            torch.cat([members[place] for place in in_table], dim=1),
            numbers,
        )
