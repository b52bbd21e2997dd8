"""The measures as scikit-learn scorers of generators.

The one place where the sign of a measure is decided: a scorer returns the measure
times its sign, so that higher is always better.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.utils import _safe_indexing, check_random_state
from sklearn.utils.validation import _num_samples, check_is_fitted

from skgen.metrics import fidelity, privacy, utility


class Draw(NamedTuple):
    """Held-out rows, and as many that the generator sampled."""

    generator: Any
    X: Any
    y: Any
    X_synthetic: Any
    y_synthetic: Any


def _labelled_tables(draw: Draw) -> dict[str, Any]:
    if draw.y is None:
        return {"real": draw.X, "synthetic": draw.X_synthetic}
    return {
        "real": _append_label(draw.X, draw.y),
        "synthetic": _append_label(draw.X_synthetic, draw.y_synthetic),
    }


def _append_label(X: Any, y: Any) -> pd.DataFrame:
    """Return the table with its label as a categorical last column."""
    table = X.copy(deep=False) if isinstance(X, pd.DataFrame) else pd.DataFrame(X)
    name = "label"
    while name in table.columns:
        name += "_"
    table[name] = pd.Categorical(np.asarray(y))
    return table


def _held_out_rows_and_labels(draw: Draw) -> dict[str, Any]:
    return {"real": draw.X, "y_real": draw.y}


def _tables_and_labels(draw: Draw) -> dict[str, Any]:
    return {
        **_held_out_rows_and_labels(draw),
        "synthetic": draw.X_synthetic,
        "y_synthetic": draw.y_synthetic,
    }


_NEED_LABELS = (_held_out_rows_and_labels, _tables_and_labels)


def _training_rows(draw: Draw) -> dict[str, Any]:
    training_rows = getattr(draw.generator, "training_rows_", None)
    if training_rows is None:
        raise ValueError(
            f"This {type(draw.generator).__name__} no longer holds its training rows "
            "(training_rows_), which a pickled generator leaves behind: call the "
            "function in skgen.metrics with the training rows as `real`."
        )
    return {"real": training_rows, "synthetic": draw.X_synthetic}


def _training_and_held_out_rows(draw: Draw) -> dict[str, Any]:
    return {**_training_rows(draw), "held_out": draw.X}


class _Measure(NamedTuple):
    function: Callable[..., float]
    sign: int
    tables: Callable[[Draw], dict[str, Any]]


# For each function: the sign that makes higher better, and what it is given.
MEASURES = {
    function.__name__: _Measure(function, sign, tables)
    for function, sign, tables in (
        (fidelity.alpha_precision, 1, _labelled_tables),
        (fidelity.beta_recall, 1, _labelled_tables),
        (utility.combined_score, 1, _tables_and_labels),
        (fidelity.contingency_similarity, 1, _labelled_tables),
        (privacy.copies, -1, _training_rows),
        (fidelity.correlation_difference, -1, _labelled_tables),
        (fidelity.correlation_similarity, 1, _labelled_tables),
        (privacy.dcr_ratio, 1, _training_rows),
        (privacy.dcr_share, -1, _training_and_held_out_rows),
        (privacy.density_membership_inference, -1, _training_and_held_out_rows),
        (fidelity.detection, -1, _labelled_tables),
        (privacy.distance_membership_inference, -1, _training_and_held_out_rows),
        (privacy.distance_to_closest_record, 1, _training_rows),
        (fidelity.earth_movers_distance, -1, _labelled_tables),
        (privacy.epsilon_identifiability, -1, _training_and_held_out_rows),
        (utility.feature_importance_agreement, 1, _tables_and_labels),
        (fidelity.hellinger_distance, -1, _labelled_tables),
        (privacy.hitting_rate, -1, _training_and_held_out_rows),
        (privacy.inference_risk, -1, _training_and_held_out_rows),
        (fidelity.js_divergence, -1, _labelled_tables),
        (utility.js_fidelity, 1, _labelled_tables),
        (fidelity.kde_overlap, 1, _labelled_tables),
        (fidelity.kl_divergence, -1, _labelled_tables),
        (fidelity.knn_f1, 1, _labelled_tables),
        (fidelity.knn_precision, 1, _labelled_tables),
        (fidelity.knn_recall, 1, _labelled_tables),
        (fidelity.ks_statistic, -1, _labelled_tables),
        (privacy.linkability_risk, -1, _training_and_held_out_rows),
        (fidelity.mutual_information_difference, -1, _labelled_tables),
        (privacy.nndr, 1, _training_rows),
        (privacy.privacy_loss, -1, _training_and_held_out_rows),
        (fidelity.propensity_auc, -1, _labelled_tables),
        (privacy.singling_out_risk, -1, _training_and_held_out_rows),
        (fidelity.total_variation, -1, _labelled_tables),
        (utility.train_real_test_real, 1, _held_out_rows_and_labels),
        (utility.train_synthetic_test_real, 1, _tables_and_labels),
        (utility.utility_ratio, 1, _tables_and_labels),
    )
}

# What a scorer gives the function itself, or what would not return a number.
_NOT_OPTIONS = {
    "real",
    "synthetic",
    "held_out",
    "y_real",
    "y_synthetic",
    "train",
    "y_train",
    "per_column",
    "per_pair",
    "return_baseline",
}


def get_scorer_names() -> list[str]:
    """Return the names of the scorers, sorted.

    Returns
    -------
    names : list of str
        Names that `get_scorer` takes.

    Examples
    --------
    >>> from skgen.metrics import get_scorer_names
    >>> get_scorer_names()[:3]
    ['alpha_precision', 'beta_recall', 'combined_score']
    """
    return sorted(MEASURES)


def get_scorer(name: str, **options: Any) -> GeneratorScorer:
    """Return the scorer of a generator by its name.

    Parameters
    ----------
    name : str
        One of `get_scorer_names`, the name of a function of `skgen.metrics`.

    **options : dict
        Keyword parameters of that function, `random_state` and `max_samples`, e.g.
        ``max_samples=2000``. Where the function has none, it is the number of rows
        that are sampled, and of held-out rows that they are compared with, at most.

    Returns
    -------
    scorer : GeneratorScorer
        Callable ``scorer(generator, X_held_out, y_held_out=None)`` whose result is
        the higher, the better.

    Raises
    ------
    ValueError
        If there is no such scorer, or it has no such option.

    See Also
    --------
    get_scorer_names : All names.
    GeneratorScorer : How the scores are computed, and their signs.

    Examples
    --------
    >>> from skgen.metrics import get_scorer
    >>> get_scorer("detection", max_samples=2000)
    GeneratorScorer('detection', max_samples=2000, random_state=0)
    """
    return GeneratorScorer(name, **options)


class GeneratorScorer:
    """Score of a fitted generator, by a measure of `skgen.metrics`.

    As many rows as are held out are sampled from the generator and compared. Made for
    `scoring=`, alone or in a dict, of `GridSearchCV` and `cross_validate`.

    Parameters
    ----------
    name : str
        One of `get_scorer_names`.

    random_state : int, RandomState instance or None, default=0
        Seeds ``generator.sample`` and the measure. The int makes scoring repeat; with
        None, each call draws anew.

    **options : dict
        Further keyword parameters of the function of that name.

    Raises
    ------
    ValueError
        If there is no such scorer, or it has no such option.

    See Also
    --------
    get_scorer : Returns a scorer by its name.

    Notes
    -----
    The score is the measure times its sign, higher being better:

    ===============================  ====  =======================================
    name                             sign  synthetic rows are compared with
    ===============================  ====  =======================================
    `alpha_precision`                 +1   held-out rows, the label being a column
    `beta_recall`                     +1   held-out rows, the label being a column
    `combined_score`                  +1   held-out rows and labels
    `contingency_similarity`          +1   held-out rows, the label being a column
    `copies`                          -1   training rows
    `correlation_difference`          -1   held-out rows, the label being a column
    `correlation_similarity`          +1   held-out rows
    `dcr_ratio`                       +1   training rows
    `dcr_share`                       -1   training rows and held-out rows
    `density_membership_inference`    -1   training rows and held-out rows
    `detection`                       -1   held-out rows, the label being a column
    `distance_membership_inference`   -1   training rows and held-out rows
    `distance_to_closest_record`      +1   training rows
    `earth_movers_distance`           -1   held-out rows, the label being a column
    `epsilon_identifiability`         -1   training rows and held-out rows
    `feature_importance_agreement`    +1   held-out rows and labels
    `hellinger_distance`              -1   held-out rows, the label being a column
    `hitting_rate`                    -1   training rows and held-out rows
    `inference_risk`                  -1   training rows and held-out rows
    `js_divergence`                   -1   held-out rows, the label being a column
    `js_fidelity`                     +1   held-out rows, the label being a column
    `kde_overlap`                     +1   held-out rows
    `kl_divergence`                   -1   held-out rows, the label being a column
    `knn_f1`                          +1   held-out rows, the label being a column
    `knn_precision`                   +1   held-out rows, the label being a column
    `knn_recall`                      +1   held-out rows, the label being a column
    `ks_statistic`                    -1   held-out rows
    `linkability_risk`                -1   training rows and held-out rows
    `mutual_information_difference`   -1   held-out rows, the label being a column
    `nndr`                            +1   training rows
    `privacy_loss`                    -1   training rows and held-out rows
    `propensity_auc`                  -1   held-out rows, the label being a column
    `singling_out_risk`               -1   training rows and held-out rows
    `total_variation`                 -1   held-out rows, the label being a column
    `train_real_test_real`            +1   nothing: held-out rows with one another
    `train_synthetic_test_real`       +1   held-out rows and labels
    `utility_ratio`                   +1   held-out rows and labels
    ===============================  ====  =======================================

    Training rows are the generator's `training_rows_`, which it does not keep when
    it is pickled. The label is a category, whatever its dtype; without `y_held_out`,
    the rows are compared without it. With ``ratio="second/first"``, the sign of
    `nndr` is -1. A score of `dcr_share` above -0.5, or of privacy above that of fresh
    real rows, is no merit: noise gets it too.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.base import BaseEstimator
    >>> from sklearn.utils import check_random_state
    >>> from skgen.metrics import get_scorer
    >>> class Normal(BaseEstimator):
    ...     def fit(self, X, y=None):
    ...         self.mean_, self.std_ = np.mean(X, axis=0), np.std(X, axis=0)
    ...         return self
    ...     def sample(self, n_samples, *, random_state=None):
    ...         rng = check_random_state(random_state)
    ...         size = (n_samples, len(self.mean_))
    ...         return rng.normal(self.mean_, self.std_, size=size)
    >>> X, X_held_out = np.random.RandomState(0).normal(size=(2, 1000, 3))
    >>> score = get_scorer("ks_statistic")(Normal().fit(X), X_held_out)
    >>> round(score, 1) + 0
    0.0
    """

    def __init__(
        self,
        name: str,
        *,
        random_state: int | np.random.RandomState | None = 0,
        **options: Any,
    ) -> None:
        self.name = name
        self.random_state = random_state
        self.options = options
        self._check_options()

    def _check_options(self) -> None:
        if self.name not in MEASURES:
            raise ValueError(
                f"{self.name!r} is not a scorer: choose among {get_scorer_names()}."
            )
        allowed = {*self._option_names(), "max_samples"}
        for option in self.options:
            if option not in allowed:
                raise ValueError(
                    f"{option!r} is not an option of the scorer {self.name!r}: it "
                    f"takes {sorted({*allowed, 'random_state'})}."
                )

    def _option_names(self) -> set[str]:
        function = MEASURES[self.name].function
        return set(inspect.signature(function).parameters) - _NOT_OPTIONS

    def _sign(self) -> int:
        # The one option that turns a measure over.
        if self.options.get("ratio") == "second/first":
            return -1
        return MEASURES[self.name].sign

    def __call__(
        self, generator: Any, X_held_out: Any, y_held_out: Any = None
    ) -> float:
        """Score a fitted generator.

        Parameters
        ----------
        generator : generator
            Fitted generator, whose ``sample(n_samples=..., random_state=...)`` returns
            rows and labels, or rows alone when it was fitted without labels.

        X_held_out : DataFrame or array-like of shape (n_rows, n_columns)
            Rows that the generator has not seen.

        y_held_out : array-like of shape (n_rows,), default=None
            Their labels.

        Returns
        -------
        score : float
            The measure times its sign; higher is better.

        Raises
        ------
        NotFittedError
            If the generator is not fitted.

        ValueError
            If labels or training rows are needed and missing, or the measure refuses
            the tables.
        """
        measure = MEASURES[self.name]
        options, known = dict(self.options), self._option_names()
        max_samples = None
        if "max_samples" not in known:
            max_samples = options.pop("max_samples", None)
        draw = self._draw(generator, X_held_out, y_held_out, max_samples)
        if draw.y is None and measure.tables in _NEED_LABELS:
            raise ValueError(
                f"{self.name} needs labels: fit the generator with y, and give "
                "y_held_out."
            )
        if "random_state" in known:
            options["random_state"] = self.random_state
        return self._sign() * float(measure.function(**measure.tables(draw), **options))

    def _draw(self, generator: Any, X: Any, y: Any, max_samples: int | None) -> Draw:
        if not hasattr(generator, "sample"):
            raise TypeError(
                f"{type(generator).__name__} has no method `sample`: score the "
                "generator itself, not a pipeline around it."
            )
        check_is_fitted(generator)
        if max_samples is not None and max_samples < _num_samples(X):
            rng = check_random_state(self.random_state)
            rows = np.sort(rng.permutation(_num_samples(X))[:max_samples])
            X = _safe_indexing(X, rows)
            y = None if y is None else _safe_indexing(y, rows)
        sampled = generator.sample(
            n_samples=_num_samples(X), random_state=self.random_state
        )
        # A generator that was fitted without labels returns the rows alone.
        X_synthetic, y_synthetic = (
            sampled if isinstance(sampled, tuple) else (sampled, None)
        )
        if y is not None and y_synthetic is None:
            raise ValueError(
                f"{type(generator).__name__} was fitted without y and samples no "
                "labels: fit it with y, or leave y_held_out out."
            )
        return Draw(generator, X, y, X_synthetic, y_synthetic)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the name, the options and `random_state`, as for an estimator.

        Parameters
        ----------
        deep : bool, default=True
            Ignored, as options are values.

        Returns
        -------
        params : dict
            The parameters by name.
        """
        return {"name": self.name, "random_state": self.random_state, **self.options}

    def set_params(self, **params: Any) -> GeneratorScorer:
        """Set the name, options or `random_state`.

        Parameters
        ----------
        **params : dict
            The parameters by name.

        Returns
        -------
        self : GeneratorScorer
            The scorer itself.
        """
        changed = GeneratorScorer(**{**self.get_params(), **params})
        self.__dict__.update(changed.__dict__)
        return self

    def __repr__(self) -> str:
        options = {**self.options, "random_state": self.random_state}
        settings = ", ".join(f"{key}={value!r}" for key, value in options.items())
        return f"{type(self).__name__}({self.name!r}, {settings})"
