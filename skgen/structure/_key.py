"""A column with a different value in every row."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import pandas as pd

from skgen.constraints import Constraint
from skgen.structure._ids import learn_form, new_ids


class Key(Constraint):
    """A column with a different value in every row, such as the id of an impression.

    It leaves the table before anything is learned. Synthetic rows get new values of
    the same form, which differ from each other and from those of the training rows:
    UUIDs, hexadecimal codes of the same length, numbers of the same range, text before
    a number (``user_00123``); contiguous numbers continue. Names, e-mail addresses and
    phone numbers need the package faker.

    Parameters
    ----------
    column : hashable
        Name of the column.

    locale : str, default=None
        For names, e-mail addresses and phone numbers, as in faker: "de_DE".

    Raises
    ------
    ValueError
        In `fit`, if a value is missing or occurs twice.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.structure import Key
    >>> X = pd.DataFrame({"row": [7, 8, 9], "age": [30, 41, 27]})
    >>> key = Key("row").fit(X)
    >>> key.inverse_transform(key.transform(X), random_state=0)
       row  age
    0   10   30
    1   11   41
    2   12   27
    """

    _parameter_constraints: dict = {"locale": [str, None]}

    def __init__(self, column: Hashable, *, locale: str | None = None) -> None:
        self.column = column
        self.locale = locale

    @property
    def columns(self) -> list[Hashable]:
        """Name of the column."""
        return [self.column]

    def _fit(self, X: pd.DataFrame) -> list[Hashable]:
        (self._at,) = self._positions(X, [self.column])
        values = X.iloc[:, self._at]
        if values.isna().any() or not values.is_unique:
            twice = values[values.duplicated() | values.isna()].tolist()[0]
            raise ValueError(
                f"Column {self.column!r} is no key: the value {twice!r} is missing or "
                "occurs more than once. Leave the rule out, or repair the rows."
            )
        self._dtype = values.dtype
        self._taken = pd.Index(values)
        self._form = learn_form(values)
        return [name for name in X.columns if name != self.column]

    def _transform(self, X: pd.DataFrame) -> pd.DataFrame:
        return X.drop(columns=[self.column])

    def _inverse_transform(
        self, X: pd.DataFrame, random_state: np.random.RandomState
    ) -> pd.DataFrame:
        made = new_ids(
            self._form,
            len(X),
            self._taken,
            random_state,
            name=self.column,
            locale=self.locale,
        )
        dtype = self._dtype
        if isinstance(dtype, pd.CategoricalDtype):
            dtype = pd.CategoricalDtype([*dtype.categories, *made], dtype.ordered)
        values = pd.Series(made, index=X.index).astype(dtype)
        out = X.copy(deep=False)
        out.insert(self._at, self.column, values)
        return out
