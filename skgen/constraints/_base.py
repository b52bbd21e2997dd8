"""What all constraints have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from skgen.table import check_unique_columns


class Constraint(TransformerMixin, BaseEstimator, ABC):
    """Base class of the constraints.

    A subclass learns in `_fit`, which returns the column names of the rewritten table,
    and rewrites in `_transform` and `_inverse_transform`.

    Attributes
    ----------
    n_features_in_ : int
        Number of columns seen in :meth:`fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,), dtype=object
        Names of the columns seen in :meth:`fit`; any hashable, not only strings.
    columns : sequence of hashable
        Names of the columns that the rule is about.
    """

    _parameter_constraints: dict = {}

    # A parameter of some subclasses, a property of others.
    if TYPE_CHECKING:

        @property
        def columns(self) -> Sequence[Hashable]: ...

    def fit(self, X: pd.DataFrame, y: object = None) -> Self:
        """Learn the rule from a table, which must obey it.

        Parameters
        ----------
        X : DataFrame of shape (n_samples, n_features)
            The table.
        y : None
            Ignored.

        Returns
        -------
        self : Constraint
            The fitted constraint.

        Raises
        ------
        ValueError
            If the table lacks a column, holds kinds that do not fit the rule, or has
            rows that break it.
        """
        self._validate_params()
        check_table(X)
        self._columns_in = X.columns
        self.n_features_in_ = X.shape[1]
        # Names may be tuples, of which NumPy and pandas would make further axes.
        self.feature_names_in_ = np.empty(X.shape[1], dtype=object)
        self.feature_names_in_[:] = list(X.columns)
        self._columns_out = pd.Index(
            self._fit(X), name=X.columns.name, tupleize_cols=False
        )
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Rewrite a table.

        Parameters
        ----------
        X : DataFrame of shape (n_samples, n_features)
            A table with the columns seen in :meth:`fit`. It is not modified.

        Returns
        -------
        DataFrame
            The table in which the rule cannot break, under the same index.

        Raises
        ------
        ValueError
            If the columns differ from those of :meth:`fit`, or rows break the rule.
        """
        check_is_fitted(self)
        check_table(X)
        check_columns(X, self._columns_in, f"{self!r}.transform")
        return self._transform(X)

    def inverse_transform(
        self, X: pd.DataFrame, *, random_state: Any = None
    ) -> pd.DataFrame:
        """Bring a rewritten table back to the original columns.

        Parameters
        ----------
        X : DataFrame
            A table with the columns and dtypes that :meth:`transform` gives, whose
            values may be recombined across columns. It is not modified.
        random_state : int, RandomState instance or None, default=None
            For rules that draw values, such as new ids.

        Returns
        -------
        DataFrame of shape (n_samples, n_features)
            A table that obeys the rule, with the columns, order and dtypes of
            :meth:`fit` and the same index as `X`.

        Raises
        ------
        ValueError
            If the columns differ from those that :meth:`transform` gives.
        """
        check_is_fitted(self)
        check_table(X)
        check_columns(X, self._columns_out, f"{self!r}.inverse_transform")
        out = self._inverse_transform(X, check_random_state(random_state))
        out.columns = self._columns_in
        return out

    def separate(
        self, X: pd.DataFrame, groups: NDArray, rng: np.random.RandomState
    ) -> pd.DataFrame:
        """Exchange values between drawn rows where rows together break the rule.

        Parameters
        ----------
        X : DataFrame of shape (n_samples, n_columns)
            Rows as :meth:`transform` writes them.
        groups : ndarray of shape (n_samples,)
            Values are exchanged between rows of one group, such as those of one label.
        rng : RandomState

        Returns
        -------
        X : DataFrame of shape (n_samples, n_columns)
            The same rows unless the rule is about several rows, such as a key.
        """
        return X

    @abstractmethod
    def _fit(self, X: pd.DataFrame) -> list[Hashable]:
        """Learn the rule and return the column names of the rewritten table."""

    @abstractmethod
    def _transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Rewrite a checked table."""

    @abstractmethod
    def _inverse_transform(
        self, X: pd.DataFrame, random_state: np.random.RandomState
    ) -> pd.DataFrame:
        """Bring back a checked table; the caller sets the names of the columns."""

    def _positions(self, X: pd.DataFrame, names: Sequence[Hashable]) -> list[int]:
        """Positions of the columns, or an error that names the missing ones."""
        position: dict[Hashable, int] = {c: i for i, c in enumerate(X.columns)}
        missing = [name for name in names if name not in position]
        if missing:
            raise ValueError(
                f"{self!r} names columns that are not in the table: {missing}. The "
                f"columns there are: {list(X.columns)}. Correct the name; where an "
                "earlier constraint rewrites that column, put this one before it."
            )
        return [position[name] for name in names]


def check_table(X: pd.DataFrame) -> None:
    if not isinstance(X, pd.DataFrame):
        raise TypeError(
            f"A constraint works on a pandas DataFrame, got {type(X).__name__}. "
            "Convert it with pd.DataFrame(X)."
        )
    check_unique_columns(X.columns)


def check_columns(X: pd.DataFrame, expected: pd.Index, where: str) -> None:
    found, wanted = list(X.columns), list(expected)
    if found != wanted:
        raise ValueError(
            f"The columns given to {where} are not those of fit, in the same order: "
            f"missing {[c for c in wanted if c not in found]}, unexpected "
            f"{[c for c in found if c not in wanted]}. Expected {wanted}, got {found}."
        )


def describe_rows(X: pd.DataFrame, rows: np.ndarray, at: Sequence[int]) -> str:
    """Return the number of the rows, and the values of the first."""
    first = int(np.argmax(rows))
    index = X.index[[first]].tolist()[0]
    shown = ", ".join(
        f"{X.columns[i]!r} = {X.iloc[[first], i].tolist()[0]!r}" for i in at
    )
    return f"{int(rows.sum())} of {len(X)} rows, first at index {index!r}: {shown}"


def rule_broken(
    rule: str, X: pd.DataFrame, broken: np.ndarray, at: Sequence[int]
) -> ValueError:
    return ValueError(
        f"{rule} does not hold in {describe_rows(X, broken, at)}. Drop or repair "
        "these rows, or leave the constraint out."
    )


def free_name(name: str, taken: pd.Index) -> str:
    """Return `name`, with a number after it if a column has it already."""
    free, number = name, 2
    while free in taken:
        free, number = f"{name} ({number})", number + 1
    return free
