"""Generators in sequence, then cleaning of what they draw."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from imblearn.under_sampling import TomekLinks
from imblearn.utils import check_sampling_strategy
from numpy.typing import NDArray
from sklearn import config_context
from sklearn.base import clone
from sklearn.utils import _safe_indexing
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions

from skgen._containers import interleave
from skgen._links import TomekSearch
from skgen._random import draw_seed
from skgen.base import BaseGenerator
from skgen.encodings.one_hot import embed
from skgen.rows import Given, Rows
from skgen.table import Table, TableSchema

__all__ = ["Hybrid"]

# Maximum number of times that rows which the cleaner removes are drawn again.
MAX_ROUNDS = 100


class Hybrid(BaseGenerator):
    """Draw with one generator or two, and remove what a cleaner rejects.

    Any generator, then optionally another that learns from the training rows and the
    rows of the first, then any cleaner of imbalanced-learn, on columns of any kind.

    Parameters
    ----------
    generator : generator, default=None
        Learns the training rows. None is :class:`~skgen.neighbors.SMOTENC` with its
        defaults.

    final_generator : generator, default=None
        Learns the training rows and rows that `generator` draws. None draws all rows
        with `generator`. A chain of three is a `Hybrid` with a `Hybrid` as generator.

    cleaner : sampler or "passthrough", default=None
        Any sampler of imbalanced-learn that has `sample_indices_` after
        `fit_resample`, such as :class:`~imblearn.under_sampling.TomekLinks` or
        :class:`~imblearn.under_sampling.EditedNearestNeighbours`. None is
        ``TomekLinks(sampling_strategy="all")``; "passthrough" removes no rows.

    clean : {"synthetic", "all"}, default="synthetic"
        Which rows are removed: only synthetic ones, or also those among the original
        rows that `fit_resample` returns, as in
        :class:`~imblearn.combine.SMOTETomek`.

    share : float in (0, 1), default=0.5
        Share of the synthetic rows which `generator` draws if there is a
        `final_generator`, which draws the others.

    <parameters>

    Attributes
    ----------
    generator_ : generator
        The fitted first generator.

    final_generator_ : generator or None
        The fitted second one.

    cleaner_ : sampler or None
        The cleaner as last used. A `TomekLinks` is not fitted: its links are searched
        without it.

    <attributes>

    Raises
    ------
    ValueError
        In sampling, if some rows are still rejected after 100 tries, or the cleaner has
        no `sample_indices_`; and what the generators raise.

    See Also
    --------
    skgen.neighbors.SMOTENC : The default generator.
    imblearn.combine.SMOTETomek : SMOTE and Tomek links, for numbers only.

    Notes
    -----
    With a `final_generator`, `fit` goes through these steps:

    1. `generator` learns the training rows;
    2. it draws, of each class, `share` times as many rows as the class has;
    3. `final_generator` learns the training rows together with these.

    Then a synthetic row comes from `generator` with probability `share`, otherwise from
    `final_generator`.

    The cleaner sees the training rows, then the synthetic ones, as vectors: numbers in
    units of their standard deviation, categories one-hot encoded so that two different
    ones are at distance 1, as far as numbers that differ by a standard deviation. A
    synthetic row that it removes is drawn again with the same label, until it removes
    none, at most 100 times; so the labels asked for are met. With
    ``clean="all"``, `fit_resample` leaves out the original rows that the cleaner
    removes from the final set. With one class nothing is cleaned.
    ``fit_classes="resampled"`` hides rows from the generators, not from the cleaner.

    Tomek links are searched only for the rows that may be removed and, from one try to
    the next, for those that have changed. Among neighbours at the same distance, the
    row that comes first is the nearest, and a copy of a row of another class is linked
    with it; imbalanced-learn leaves the choice open.

    Parameters of the parts are reached as ``generator__k_neighbors`` and the like.
    Their `random_state` is set from that of the `Hybrid`. `categorical_features` is
    passed on to generators that have "auto". Give `constraints` to the `Hybrid`.

    References
    ----------
    .. [1] G. E. A. P. A. Batista, A. L. C. Bazzan, M. C. Monard, "Balancing Training
       Data for Automated Annotation of Keywords: a Case Study," Proc. II Brazilian
       Workshop on Bioinformatics, 10-18, 2003.

    .. [2] I. Tomek, "Two modifications of CNN," IEEE Transactions on Systems, Man, and
       Cybernetics, 6(11), 769-772, 1976.

    Examples
    --------
    >>> import numpy as np
    >>> from imblearn.under_sampling import EditedNearestNeighbours
    >>> from sklearn.datasets import make_classification
    >>> from skgen.hybrid import Hybrid
    >>> from skgen.neighbors import SMOTE
    >>> X, y = make_classification(weights=[0.9], flip_y=0, random_state=0)
    >>> gen = Hybrid(
    ...     generator=SMOTE(), cleaner=EditedNearestNeighbours(), random_state=0
    ... )
    >>> gen = gen.set_params(generator__k_neighbors=3)
    >>> X_new, y_new = gen.fit_resample(X, y)
    >>> np.bincount(y), np.bincount(y_new)
    (array([91,  9]), array([91, 91]))
    """

    generator: Any = None
    final_generator: Any = None
    cleaner: Any = None
    clean: str = "synthetic"
    share: float = 0.5

    _parameter_constraints = {
        **BaseGenerator._parameter_constraints,
        "generator": [HasMethods(["fit", "sample"]), None],
        "final_generator": [HasMethods(["fit", "sample"]), None],
        "cleaner": [HasMethods(["fit_resample"]), StrOptions({"passthrough"}), None],
        "clean": [StrOptions({"synthetic", "all"})],
        "share": [Interval(Real, 0, 1, closed="neither")],
    }

    def fit_resample(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Learn the rows, and add synthetic ones as `sampling_strategy` says.

        Parameters
        ----------
        X : {DataFrame, array-like, sparse matrix} of shape (n_samples, n_features)
            Columns of any kind; missing values are allowed.

        y : array-like of shape (n_samples,)
            The labels, or their one-versus-all encoding.

        Returns
        -------
        X_resampled : same type as X, of shape (n_samples_new, n_features)
            The rows of `X`, in order, without those that the cleaner removes if
            ``clean="all"``; then the synthetic ones.

        y_resampled : same type as y, of shape (n_samples_new,)
            Their labels.

        Raises
        ------
        ValueError
            As in `fit` and `sample`; if `sampling_strategy` names an unknown label or
            asks for fewer rows than there are.
        """
        X_new, y_new = super().fit_resample(X, y)
        keep_original = getattr(self.sampling_strategy, "keep_original", True)
        if self.clean == "synthetic" or not keep_original or self._real is None:
            return X_new, y_new
        if self._kept_real is None:
            # No synthetic row was drawn: only the real rows are cleaned.
            none = np.zeros(0, dtype=np.intp)
            self._judge(pd.DataFrame(), none, None, TomekSearch(), self._rng)
            assert self._kept_real is not None
        n_synthetic = np.shape(X_new)[0] - len(self._kept_real)
        kept = np.flatnonzero(np.append(self._kept_real, np.ones(n_synthetic, bool)))
        return _take(X_new, kept), _take(y_new, kept)

    def _make_schema(self, columns: pd.Index, categorical: list) -> TableSchema:
        # For the cleaner: each generator learns the frame, in a normal form of its own.
        return TableSchema(categorical_features=categorical, point_masses=False)

    def _fit(self, rows: Rows, rng: np.random.RandomState) -> None:
        # The cleaner sees all rows, whatever `fit_classes` is.
        self._real: tuple[Table, NDArray] | None = None
        self._kept_real: NDArray[np.bool_] | None = None
        if self.cleaner != "passthrough" and len(pd.unique(rows.all_labels)) > 1:
            self._real = rows.schema.transform(rows.all_rows), rows.all_labels
        frame, labels = rows.frame, rows.labels
        categorical = rows.schema.categorical_features
        self.generator_ = self._fit_generator(
            self.generator, frame, labels, categorical, rng
        )
        self.final_generator_ = None
        if self.final_generator is None:
            return
        counts = np.round(self.share * np.bincount(labels)).astype(np.intp)
        extra = np.repeat(np.arange(len(counts)), counts)
        if len(extra):
            drawn = self._sample_generator(self.generator_, extra, rng)
            frame = pd.concat([frame, drawn], ignore_index=True)
            labels = np.concatenate([labels, extra])
        self.final_generator_ = self._fit_generator(
            self.final_generator, frame, labels, categorical, rng
        )

    def _fit_generator(
        self,
        generator: Any,
        rows: pd.DataFrame,
        labels: NDArray[np.intp],
        categorical: list,
        rng: np.random.RandomState,
    ) -> Any:
        if generator is None:
            # The other generators do not need it.
            from skgen.neighbors import SMOTENC

            generator = SMOTENC()
        generator = _clone_seeded(generator, rng)
        given = generator.get_params(deep=False).get("categorical_features")
        if categorical and isinstance(given, str) and given == "auto":
            generator.set_params(categorical_features=categorical)
        y = None if len(self.classes_) == 1 else self.classes_[labels]
        # The parts check their parameters themselves: they come from the user.
        with config_context(skip_parameter_validation=False):
            return generator.fit(rows, y)

    def _sample(
        self,
        labels: NDArray[np.intp],
        rng: np.random.RandomState,
        given: Given | None = None,
    ) -> pd.DataFrame:
        """Draw one row for each label that the cleaner keeps."""
        rows = self._propose(labels, rng)
        if self._real is None:
            return rows
        search = TomekSearch(getattr(self.cleaner, "n_jobs", None))
        fresh: NDArray[np.intp] | None = None
        for attempt in range(MAX_ROUNDS + 1):
            # All rows, as new ones may have become the neighbours of those kept.
            kept = self._judge(rows, labels, fresh, search, rng)
            fresh = np.flatnonzero(~kept)
            if not len(fresh):
                return rows
            if attempt < MAX_ROUNDS:
                drawn = self._propose(labels[fresh], rng)
                rows = interleave([rows[kept], drawn], [np.flatnonzero(kept), fresh])
        raise ValueError(
            f"{np.count_nonzero(~kept)} of {len(labels)} synthetic rows are missing: "
            f"after {MAX_ROUNDS} tries {self.cleaner_!r} still removes what is drawn. "
            "Ask for fewer rows, or give a milder cleaner or a generator whose classes "
            "overlap less."
        )

    def _propose(
        self, labels: NDArray[np.intp], rng: np.random.RandomState
    ) -> pd.DataFrame:
        """Draw rows that the cleaner has not seen."""
        if self.final_generator_ is None:
            return self._sample_generator(self.generator_, labels, rng)
        first = rng.uniform(size=len(labels)) < self.share
        parts, positions = [], []
        for generator, chosen in (
            (self.generator_, first),
            (self.final_generator_, ~first),
        ):
            if chosen.any():
                parts.append(self._sample_generator(generator, labels[chosen], rng))
                positions.append(np.flatnonzero(chosen))
        return interleave(parts, positions)

    def _sample_generator(
        self, generator: Any, labels: NDArray[np.intp], rng: np.random.RandomState
    ) -> pd.DataFrame:
        seed = draw_seed(rng)
        if len(self.classes_) == 1:
            return generator.sample(len(labels), random_state=seed)
        return generator.sample(y=self.classes_[labels], random_state=seed)[0]

    def _judge(
        self,
        rows: pd.DataFrame,
        labels: NDArray[np.intp],
        fresh: NDArray[np.intp] | None,
        search: TomekSearch,
        rng: np.random.RandomState,
    ) -> NDArray[np.bool_]:
        """Say which synthetic rows the cleaner keeps, and store which real ones.

        `fresh` are the positions of those drawn since the last round (None in the
        first), `search` the links found so far.
        """
        assert self._real is not None
        real, targets = self._real
        n_real = len(real)
        targets = np.concatenate([targets, self.classes_[labels]])
        cleaner = self.cleaner
        if cleaner is None:
            cleaner = TomekLinks(sampling_strategy="all")
        self.cleaner_ = _clone_seeded(cleaner, rng)
        table = self.schema_.transform(rows) if len(rows) else real.empty(0)
        scale = real.numeric.std(axis=0)
        scale[scale == 0] = 1
        vectors = embed(
            np.vstack([real.numeric, table.numeric]) / scale,
            np.vstack([real.codes, table.codes]),
        )
        if type(cleaner) is TomekLinks:
            search.update(vectors, None if fresh is None else n_real + fresh)
            sampling_strategy = check_sampling_strategy(
                self.cleaner_.sampling_strategy, targets, self.cleaner_._sampling_type
            )
            judged = np.isin(targets, list(sampling_strategy))
            judged[:n_real] &= self.clean == "all"
            kept = ~judged
            kept[judged] = ~search.linked(targets, np.flatnonzero(judged))
        else:
            self.cleaner_.fit_resample(vectors, targets)
            if not hasattr(self.cleaner_, "sample_indices_"):
                raise ValueError(
                    f"cleaner={self.cleaner!r} does not say which rows it keeps: it "
                    "has no sample_indices_ after fit_resample. Use a sampler that "
                    "selects rows, such as imblearn.under_sampling.TomekLinks."
                )
            kept = np.zeros(len(targets), dtype=bool)
            kept[self.cleaner_.sample_indices_] = True
        self._kept_real = kept[:n_real]
        return kept[n_real:]


def _clone_seeded(estimator: Any, rng: np.random.RandomState) -> Any:
    """Return a clone whose random numbers depend only on `rng`."""
    estimator = clone(estimator)
    if "random_state" in estimator.get_params(deep=False):
        estimator.set_params(random_state=draw_seed(rng))
    return estimator


def _take(values: Any, rows: NDArray[np.intp]) -> Any:
    """Return some rows of any container, numbered anew."""
    taken = _safe_indexing(values, rows)
    if isinstance(taken, pd.DataFrame | pd.Series):
        return taken.reset_index(drop=True)
    return taken
