"""CTGAN on normal scores."""

from __future__ import annotations

@_document
class CopulaGAN(CTGAN):
    """CTGAN of a table whose numbers are brought to normal distributions first.

    The marginal distribution of each number is fitted as in a Gaussian copula, and the
    number replaced by the standard normal of the same rank; a `CTGAN` learns the rows.
    Numbers that are skewed, or of long tails, are easier to learn like this.

    Parameters
    ----------
    marginals : {"auto", "beta", "gamma", "norm", "truncnorm", "uniform", \
            "empirical"}, default="auto"
        Distribution of the numbers; "auto" takes the family that fits best, and the
        empirical one if none fits, see :class:`~skgen.copula.GaussianCopula`.

    <GAN parameters>

    <neural parameters>

    <parameters>

    Attributes
    ----------
    marginals_ : dict of column to Marginal
        The distributions of the numbers where they are neither missing nor at a point
        mass, with `family` and `params`.

    <neural attributes>

    <attributes>

    See Also
    --------
    CTGAN : The network, and its references.
    skgen.copula.GaussianCopula : The marginal distributions.

    Examples
    --------
    >>> from sklearn.datasets import make_classification
    >>> from skgen import CopulaGAN
    >>> X, y = make_classification(n_samples=500, weights=[0.9], flip_y=0,
    ...                            random_state=0)
    >>> gan = CopulaGAN(epochs=5, random_state=0).fit(X, y)
    >>> gan.sample(10)[0].shape
    (10, 20)
    """

    _parameter_constraints: dict = {
        **CTGAN._parameter_constraints,
        "marginals": [StrOptions({"auto", "empirical", *FAMILIES})],
    }

    def __init__(
        self,
        *,
        marginals: str = "auto",
        embedding_dim: int = 128,
        generator_dim: Sequence[int] = (256, 256),
        discriminator_dim: Sequence[int] = (256, 256),
        generator_lr: float = 0.001,
        discriminator_lr: float = 0.001,
        weight_decay: float = 1e-6,
        discriminator_steps: int = 1,
        pac: int = 1,
        gradient_penalty: float = 10.0,
        dropout: float = 0.0,
        tau: float = 0.2,
        ema_decay: float | None = 0.99,
        calibrate: bool = True,
        max_modes: int = 10,
        weight_threshold: float = 0.005,
        max_levels: int = 256,
        epochs: int = 300,
        batch_size: int = 500,
        max_grad_norm: float | None = None,
        device: str = "auto",
        verbose: int | bool = False,
        warm_start: bool = False,
        sampling_strategy: Any = "auto",
        categorical_features: Any = "auto",
        constraints: Sequence[Constraint] = (),
        fit_classes: str = "all",
        reject_copies: Any = False,
        random_state: Any = None,
    ) -> None:
        super().__init__(
            embedding_dim=embedding_dim,
            generator_dim=generator_dim,
            discriminator_dim=discriminator_dim,
            generator_lr=generator_lr,
            discriminator_lr=discriminator_lr,
            weight_decay=weight_decay,
            discriminator_steps=discriminator_steps,
            pac=pac,
            gradient_penalty=gradient_penalty,
            dropout=dropout,
            tau=tau,
            ema_decay=ema_decay,
            calibrate=calibrate,
            max_modes=max_modes,
            weight_threshold=weight_threshold,
            max_levels=max_levels,
            epochs=epochs,
            batch_size=batch_size,
            max_grad_norm=max_grad_norm,
            device=device,
            verbose=verbose,
            warm_start=warm_start,
            sampling_strategy=sampling_strategy,
            categorical_features=categorical_features,
            constraints=constraints,
            fit_classes=fit_classes,
            reject_copies=reject_copies,
            random_state=random_state,
        )
        self.marginals = marginals

    def _normalize(self, table: Table) -> Table:
        """Replace numbers by standard normals of the same rank."""
        if not self._continues:
            self.marginals_: dict[Any, Marginal] = {
                field.name: fit_marginal(
                    table.numeric[table.active(field.number), field.number],
                    self.marginals,
                )
                for field in table.fields
                if field.number is not None and table.active(field.number).any()
            }
        return self._through(table, to_normal=True)

    def _restore(self, table: Table) -> Table:
        """Replace standard normals by quantiles."""
        return self._through(table, to_normal=False)

    def _through(self, table: Table, *, to_normal: bool) -> Table:
        numeric = table.numeric.copy()
        for field in table.fields:
            if field.number is None or field.name not in self.marginals_:
                continue
            marginal = self.marginals_[field.name]
            rows = np.flatnonzero(table.active(field.number))
            values = table.numeric[rows, field.number]
            if to_normal:
                # Equal quantiles have one score, in the middle of theirs.
                knots, at = np.unique(marginal.values, return_inverse=True)
                scores = np.bincount(at, marginal.scores) / np.bincount(at)
                numeric[rows, field.number] = np.interp(values, knots, scores)
            else:
                numeric[rows, field.number] = marginal.from_normal(values)
        return table.like(numeric, table.codes)
