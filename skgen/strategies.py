"""Sampling strategies: how many new rows each class gets."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from imblearn.utils import check_sampling_strategy
from numpy.typing import ArrayLike

__all__ = [
    "Augment",
    "Replace",
    "SamplingStrategy",
    "augment",
    "replace",
    "resolve_sampling_strategy",
]


class SamplingStrategy(ABC):
    """Base class of the callables for ``sampling_strategy``.

    Attributes
    ----------
    keep_original : bool
        Whether the original rows are returned beside the synthetic ones. Samplers of
        imbalanced-learn do not know this attribute, and keep them.
    """

    keep_original: ClassVar[bool] = True

    @abstractmethod
    def __call__(self, y: ArrayLike) -> dict[Hashable, int]:
        """Return the desired number of rows of each class, original rows included.

        Parameters
        ----------
        y : array-like of shape (n_samples,)
            The labels.

        Returns
        -------
        dict of label to int
            The desired numbers of rows; other classes get no new rows.
        """


@dataclass(repr=False)
class Augment(SamplingStrategy):
    r"""Add to some classes a fraction of their own number of rows.

    Parameters
    ----------
    fractions : mapping of label to float
        For each class to enlarge, the number of new rows divided by its number of
        rows; 0.25 adds a quarter. Greater than 0 and finite; a fraction above 1 more
        than doubles the class. Other classes get no new rows.

    Raises
    ------
    ValueError
        If no class is named or a fraction is not a finite number above 0; when
        called, if a label does not occur in `y`, or a fraction of a class rounds to
        0 rows.

    See Also
    --------
    augment : The same, as a function.
    Replace : Synthetic rows replace the original ones.

    Notes
    -----
    A class of :math:`n` rows grows to :math:`n + \mathrm{round}(f n)` rows, where a
    half rounds to the even neighbour, as Python's :func:`round` does.

    Examples
    --------
    >>> from skgen.strategies import Augment
    >>> strategy = Augment({1: 0.25})
    >>> strategy([0] * 90 + [1] * 8)
    {1: 10}
    >>> strategy
    Augment({1: 0.25})
    """

    fractions: Mapping[Hashable, float]

    def __post_init__(self) -> None:
        if not isinstance(self.fractions, Mapping) or not self.fractions:
            raise ValueError(
                "fractions must map at least one label to a fraction, as in "
                f"augment({{1: 0.25}}); got {self.fractions!r}."
            )
        for label, fraction in self.fractions.items():
            if (
                not isinstance(fraction, Real)
                or isinstance(fraction, bool)
                or not 0 < fraction < float("inf")
            ):
                raise ValueError(
                    f"The fraction of class {label!r} must be a finite number above "
                    f"0, got {fraction!r}. Leave the class out to add no rows to it."
                )
        self.fractions = dict(self.fractions)

    def __call__(self, y: ArrayLike) -> dict[Hashable, int]:
        """Return the numbers of present and new rows of the classes in `fractions`."""
        counts = _class_counts(y)
        desired = {}
        for label, fraction in self.fractions.items():
            _check_label(label, counts)
            n_new = round(fraction * counts[label])
            if n_new == 0:
                raise ValueError(
                    f"{fraction!r} of the {counts[label]} rows of class {label!r} "
                    "rounds to 0 rows. Raise the fraction above "
                    f"{0.5 / counts[label]:.3g}, or leave the class out."
                )
            desired[label] = counts[label] + n_new
        return desired

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.fractions!r})"

    def __hash__(self) -> int:
        return hash((type(self), frozenset(self.fractions.items())))


@dataclass(frozen=True)
class Replace(SamplingStrategy):
    """Replace the rows of each class by as many synthetic ones.

    A call returns twice the numbers of rows, since imbalanced-learn's over-sampling
    counts the original rows too; generators then leave those out, as
    ``keep_original`` is False.

    See Also
    --------
    replace : The same, as a function.
    Augment : Synthetic rows beside the original ones.

    Examples
    --------
    >>> from skgen.strategies import Replace
    >>> Replace()(["no", "no", "yes"])
    {'no': 4, 'yes': 2}
    >>> Replace().keep_original
    False
    """

    keep_original: ClassVar[bool] = False

    def __call__(self, y: ArrayLike) -> dict[Hashable, int]:
        """Return twice the number of rows of each class."""
        return {label: 2 * count for label, count in _class_counts(y).items()}


def augment(fractions: Mapping[Hashable, float]) -> Augment:
    """Strategy that adds to some classes a fraction of their own number of rows.

    Parameters
    ----------
    fractions : mapping of label to float
        Number of new rows per present row, for each class to enlarge; greater than 0.

    Returns
    -------
    Augment
        A callable for `sampling_strategy`.

    Raises
    ------
    ValueError
        If no class is named or a fraction is not a finite number above 0.

    See Also
    --------
    replace : Synthetic rows replace the original ones.

    Examples
    --------
    A quarter more positives, with any sampler of imbalanced-learn:

    >>> import numpy as np
    >>> from imblearn.over_sampling import RandomOverSampler
    >>> from skgen.strategies import augment
    >>> X, y = np.arange(100).reshape(-1, 1), np.repeat([0, 1], [80, 20])
    >>> sampler = RandomOverSampler(sampling_strategy=augment({1: 0.25}))
    >>> np.bincount(sampler.fit_resample(X, y)[1])
    array([80, 25])
    """
    return Augment(fractions)


def replace() -> Replace:
    """Strategy that replaces the rows of each class by as many synthetic ones.

    Returns
    -------
    Replace
        A callable for `sampling_strategy`.

    See Also
    --------
    augment : Synthetic rows beside the original ones.

    Examples
    --------
    >>> from skgen.strategies import replace
    >>> replace()
    Replace()
    """
    return Replace()


def resolve_sampling_strategy(
    sampling_strategy: float | str | Mapping[Hashable, int] | Callable[..., Any],
    y: ArrayLike,
) -> dict[Hashable, int]:
    """Return the number of new rows of each class.

    The meanings are those of :func:`imblearn.utils.check_sampling_strategy` for
    over-sampling; the errors also name the class, its number of rows and the remedy.

    Parameters
    ----------
    sampling_strategy : float, str, mapping or callable
        A ratio of minority to majority rows after resampling (two classes only); the
        classes to bring up to the majority's number of rows; a mapping of label to
        the desired number of rows, original rows included; or a callable that takes
        `y` and returns such a mapping.
    y : array-like of shape (n_samples,)
        The labels.

    Returns
    -------
    dict of label to int
        New rows for each class in the strategy, 0 included, in the order of the
        labels. The keys are the labels as ``np.unique(y)`` gives them.

    Raises
    ------
    ValueError
        If `y` has one class only, or the strategy names a label that does not occur
        in `y`, asks for fewer rows than `y` has, is a ratio for more than two classes
        or not above the present ratio, or is of none of the kinds above.

    See Also
    --------
    augment : A strategy that adds a fraction of a class's own number of rows.
    replace : A strategy that replaces the original rows.

    Examples
    --------
    >>> from skgen.strategies import augment, resolve_sampling_strategy
    >>> y = ["no"] * 90 + ["yes"] * 10
    >>> {str(k): n for k, n in resolve_sampling_strategy("auto", y).items()}
    {'yes': 80}
    >>> {str(k): n for k, n in resolve_sampling_strategy({"yes": 30}, y).items()}
    {'yes': 20}
    >>> {str(k): n for k, n in resolve_sampling_strategy(0.5, y).items()}
    {'yes': 35}
    """
    y = np.asarray(y)
    counts = _class_counts(y)
    if len(counts) < 2:
        raise ValueError(
            "The target 'y' needs to have more than 1 class to resample, got "
            f"{len(counts)} class: {list(counts)}. Pass rows of at least two "
            "classes, or call fit and sample to generate rows of a single class."
        )
    asked: Any = sampling_strategy
    if callable(asked) and not isinstance(asked, Mapping):
        asked = asked(y)
        if not isinstance(asked, Mapping):
            raise ValueError(
                f"sampling_strategy={sampling_strategy!r} returned {asked!r}. A "
                "callable must return a mapping of label to desired number of rows."
            )
    if isinstance(asked, Mapping):
        asked = _check_desired(asked, counts)
    elif isinstance(asked, Real):
        _check_ratio(float(asked), counts)
    elif not isinstance(asked, (str, list)):
        raise ValueError(
            "sampling_strategy must be a float, a str, a mapping of label to "
            "desired number of rows, or a callable that returns one; got "
            f"{sampling_strategy!r}."
        )
    n_new = check_sampling_strategy(asked, y, "over-sampling")
    # The keys of imblearn's result are those of the mapping: use the labels of y.
    return {label: int(n_new[label]) for label in np.unique(y) if label in n_new}


def _class_counts(y: ArrayLike) -> dict[Any, int]:
    """Count the rows per class; the keys are Python scalars, for readable messages."""
    labels, counts = np.unique(np.asarray(y), return_counts=True)
    return dict(zip(labels.tolist(), counts.tolist(), strict=True))


def _check_label(label: Hashable, counts: dict[Any, int]) -> None:
    if label not in counts:
        raise ValueError(
            f"sampling_strategy names the class {label!r}, which does not occur in "
            f"y. Its classes are {list(counts)}."
        )


def _check_desired(
    desired: Mapping[Hashable, Any], counts: dict[Any, int]
) -> dict[Hashable, int]:
    """Return `desired` as a dict of ints; raise if it cannot be reached by adding."""
    checked = {}
    for label, n_desired in desired.items():
        _check_label(label, counts)
        if not isinstance(n_desired, Integral) or isinstance(n_desired, bool):
            raise ValueError(
                "sampling_strategy must ask for a whole number of rows of class "
                f"{label!r}, got {n_desired!r}."
            )
        if n_desired < 0:
            raise ValueError(
                "The number of samples in a class cannot be negative, but "
                f"sampling_strategy asks for {n_desired} rows of class {label!r}. "
                f"Ask for {counts[label]} or more."
            )
        if n_desired < counts[label]:
            raise ValueError(
                f"sampling_strategy asks for {n_desired} rows of class {label!r}, "
                f"fewer than the {counts[label]} in y. A generator only adds "
                f"rows: ask for {counts[label]} or more (original rows included), "
                "or under-sample the class first."
            )
        checked[label] = int(n_desired)
    return checked


def _check_ratio(ratio: float, counts: dict[Any, int]) -> None:
    """Check that a ratio of minority to majority rows asks for new rows."""
    if not 0 < ratio <= 1:
        raise ValueError(
            "When 'sampling_strategy' is a float, it should be in the range (0, 1]: "
            f"minority rows per majority row after resampling. Got {ratio!r}."
        )
    if len(counts) > 2:
        raise ValueError(
            f'"sampling_strategy" can be a float only when the type of target is '
            f"binary, but y has {len(counts)} classes: {list(counts)}. For "
            "multi-class, use a dict of label to desired number of rows."
        )
    # The first class wins a tie, as in imblearn.
    majority = max(counts, key=counts.__getitem__)
    (minority,) = counts.keys() - {majority}
    present, largest = counts[minority], counts[majority]
    if int(largest * ratio - present) <= 0:
        raise ValueError(
            f"The specified ratio {ratio!r} adds no rows to class {minority!r}, "
            f"which has {present} rows beside {largest} of class {majority!r} "
            f"(a ratio of {present / largest:.4g}). Please increase the ratio, or "
            "ask for a number of rows per class with a dict."
        )
