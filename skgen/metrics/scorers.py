"""The measures as scikit-learn scorers of generators.

The one place where the sign of a measure is decided: a scorer returns the measure
times its sign, so that higher is always better.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils import _safe_indexing, check_random_state
from sklearn.utils.validation import _num_samples, check_is_fitted

from skgen._docs import fill
from skgen.metrics._measure import Sample
from skgen.metrics._registry import MEASURES

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
    ['alpha_precision', 'beta_recall', 'blind_detection']
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

    <measures>

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
        return MEASURES[self.name].parameters - _NOT_OPTIONS

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
        measure, options = MEASURES[self.name], dict(self.options)
        max_samples = None
        if "max_samples" not in measure.parameters:
            max_samples = options.pop("max_samples", None)
        sample = self._draw(generator, X_held_out, y_held_out, max_samples)
        if "training rows" in measure.needs and sample.training_rows is None:
            raise ValueError(
                f"This {type(generator).__name__} no longer holds its training rows "
                "(training_rows_), which a pickled generator leaves behind: call the "
                "function in skgen.metrics with the training rows as `real`."
            )
        value = measure.score(sample, random_state=self.random_state, **options)
        return self._sign() * value

    def _draw(self, generator: Any, X: Any, y: Any, max_samples: int | None) -> Sample:
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
        training_rows = getattr(generator, "training_rows_", None)
        return Sample(X, y, X_synthetic, y_synthetic, training_rows)

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


def _table() -> str:
    """Return the table of all measures: name, sign and what they compare."""
    rows = [("name", "sign", "synthetic rows are compared with")]
    for name in get_scorer_names():
        measure = MEASURES[name]
        rows.append((f"`{name}`", f" {measure.sign:+d}", measure.compared_with))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rule = "  ".join("=" * width for width in widths)
    lines = [
        "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([rule, lines[0], rule, *lines[1:], rule])


GeneratorScorer.__doc__ = fill(GeneratorScorer.__doc__, {"measures": _table()})
