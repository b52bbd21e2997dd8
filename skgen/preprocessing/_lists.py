"""Delimited lists as indicators of their frequent members."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted

from skgen._sklearn import validated
from skgen.lists import DELIMITERS, ListCodec, find_delimiter
from skgen.preprocessing._categories import factorize_texts
from skgen.preprocessing._frames import to_frame

# If no row of a column has two members.
FALLBACK = DELIMITERS[0]
# Distinct lists whose indicators are computed at a time.
MAX_LISTS = 10_000


@dataclass(kw_only=True, eq=False, repr=False)
class ListEncoder(TransformerMixin, BaseEstimator):
    """Encode delimited lists such as ``"12^35^7"`` as indicators of their members.

    For each column, the members that together make `coverage` of all mentions get an
    indicator each; the number of other members in the list is one more column.

    Parameters
    ----------
    delimiter : str, default="auto"
        Separator of the members in all columns. "auto" finds for each column
        which of ``^``, ``|``, ``;`` and ``,`` joins members that recur and combine
        freely, and takes ``^`` where none does.

    coverage : float, default=0.9
        Share of all mentions in a column that its indicated members cover, in (0, 1].

    max_members : int or None, default=None
        Maximum number of indicated members of a column. No limit if None.

    sparse_output : bool, default=True
        Whether to return a sparse matrix instead of an array. Its memory is
        proportional to the number of mentions, not to rows times members.

    dtype : dtype, default=numpy.float64
        Dtype of the output.

    random_state : int, RandomState instance or None, default=None
        Draws the rare members in `inverse_transform`.

    Attributes
    ----------
    delimiters_ : list of str
        The delimiter of each column.

    members_ : list of ndarray of str
        For each column, the members that have an indicator, the most frequent first.

    n_features_in_ : int
        Number of columns seen in `fit`.

    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns; only if all of them are strings.

    See Also
    --------
    CTRPreprocessor : Encodes all columns of a click table, lists among them.
    sklearn.preprocessing.MultiLabelBinarizer : For labels; all members, of all rows.

    Notes
    -----
    For each column the output has its indicators, ``<name>_<member>``; then
    ``<name>_rare``, the number of other members, including those not seen in
    training; and ``<name>_missing`` if training rows had missing values. The
    empty list is a list of no members. A repeated member counts once. Numbers are
    lists of one member.

    `inverse_transform` draws, by frequency, a list of at least two training rows with
    these indicators and this number of rare members. If there is none, it joins the
    indicated members in their usual order and draws rare ones by their frequency.
    Generators read and write lists in the same way
    (:class:`skgen.lists.ListCodec`).

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.preprocessing import ListEncoder
    >>> X = pd.DataFrame({"tags": ["a^b", "a", "b^a^c", "b^a", ""]})
    >>> encoder = ListEncoder(coverage=0.8, sparse_output=False).fit(X)
    >>> encoder.get_feature_names_out()
    array(['tags_a', 'tags_b', 'tags_rare'], dtype=object)
    >>> encoder.transform(X)
    array([[1., 1., 0.],
           [1., 0., 0.],
           [1., 1., 1.],
           [1., 1., 0.],
           [0., 0., 0.]])
    """

    delimiter: str = "auto"
    coverage: float = 0.9
    max_members: int | None = None
    sparse_output: bool = True
    dtype: Any = np.float64
    random_state: Any = None

    _parameter_constraints: ClassVar[dict] = {
        "delimiter": [str],
        "coverage": [Interval(Real, 0, 1, closed="right")],
        "max_members": [Interval(Integral, 1, None, closed="left"), None],
        "sparse_output": ["boolean"],
        "dtype": "no_validation",
        "random_state": ["random_state"],
    }

    @validated
    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn which members are frequent.

        Parameters
        ----------
        X : {DataFrame, array-like} of shape (n_samples, n_features)
            A list in each cell, as a string; missing values are allowed.

        y : None
            Ignored.

        Returns
        -------
        self : ListEncoder

        Raises
        ------
        ValueError
            If a cell holds a list object instead of a string, or the delimiter is
            empty.
        """
        if not self.delimiter:
            raise ValueError(
                "delimiter='' is empty: give the character between members, "
                "such as '^', or 'auto'."
            )
        frame = to_frame(self, X, reset=True)
        self.delimiters_ = []
        self._codecs = []
        self._with_missing = []
        for name in frame:
            codes, wholes = _to_lists(frame[name])
            delimiter = self.delimiter
            if delimiter == "auto":
                n_rows = int((codes >= 0).sum())
                delimiter = find_delimiter(wholes, n_rows=n_rows) or FALLBACK
            codec = ListCodec(
                delimiter, coverage=self.coverage, max_members=self.max_members
            )
            texts = np.array([*wholes, None], dtype=object)
            self._codecs.append(codec.fit(pd.Series(texts[codes], dtype=object)))
            self._with_missing.append(bool((codes < 0).any()))
            self.delimiters_.append(delimiter)
        return self

    @property
    def members_(self) -> list[NDArray[np.object_]]:
        """The members that have an indicator, for each column."""
        return [codec.members_ for codec in self._codecs]

    def transform(self, X: Any) -> Any:
        """Encode lists as indicators of frequent members and counts of the others.

        Parameters
        ----------
        X : {DataFrame, array-like} of shape (n_samples, n_features)
            A list in each cell, as a string.

        Returns
        -------
        X_out : {ndarray, CSR matrix} of shape (n_samples, n_features_out)
        """
        check_is_fitted(self)
        frame = to_frame(self, X, reset=False)
        blocks = [
            self._encode(frame[name], codec, missing)
            for name, codec, missing in zip(
                frame, self._codecs, self._with_missing, strict=True
            )
        ]
        whole = sparse.hstack(blocks, format="csr", dtype=self.dtype)
        return whole if self.sparse_output else whole.toarray()

    def _encode(self, column: pd.Series, codec: ListCodec, missing: bool) -> Any:
        codes, wholes = _to_lists(column)
        texts = pd.Series([*wholes, None], dtype=object)
        parts = []
        for start in range(0, len(texts), MAX_LISTS):
            indicators, lengths = codec.transform(texts[start : start + MAX_LISTS])
            rare = np.nan_to_num(lengths) - indicators.sum(axis=1)
            columns = [sparse.csr_matrix(indicators), rare[:, None]]
            if missing:
                columns.append(np.isnan(lengths)[:, None])
            parts.append(sparse.hstack(columns, format="csr", dtype=self.dtype))
        # The last one is the missing list, code -1.
        return sparse.vstack(parts, format="csr")[codes % len(texts)]

    def inverse_transform(self, X: Any) -> NDArray[np.object_]:
        """Return lists that have the indicated members.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features_out)
            As returned by `transform`. Indicators of at least 0.5 count, and the number
            of rare members is rounded.

        Returns
        -------
        X_original : ndarray of object of shape (n_samples, n_features)
            Lists as strings, NaN where missing.

        Raises
        ------
        ValueError
            If `X` has another number of columns than `transform` returns.
        """
        check_is_fitted(self)
        rng = check_random_state(self.random_state)
        matrix = sparse.csc_matrix(X)
        n_out = len(self.get_feature_names_out())
        if matrix.shape[1] != n_out:
            raise ValueError(
                f"X has {matrix.shape[1]} columns, but the transformed table has "
                f"{n_out}: pass what transform returned."
            )
        lists = np.empty((matrix.shape[0], self.n_features_in_), dtype=object)
        start = 0
        for j, (codec, missing) in enumerate(
            zip(self._codecs, self._with_missing, strict=True)
        ):
            n_members = len(codec.members_)
            stop = start + n_members + 1 + missing
            block = matrix[:, start:stop].toarray()
            indicators = (block[:, :n_members] >= 0.5).astype(np.int8)
            n_rare = np.rint(block[:, n_members]).clip(min=0)
            lengths = indicators.sum(axis=1) + n_rare
            if missing:
                lengths = np.where(block[:, -1] >= 0.5, np.nan, lengths)
            lists[:, j] = codec.inverse_transform(indicators, lengths, rng)
            start = stop
        return lists

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the names of the columns that `transform` returns.

        Parameters
        ----------
        input_features : array-like of str or None, default=None
            Names of the columns; by default those seen in `fit`, else x0, x1, ...

        Returns
        -------
        feature_names_out : ndarray of str
        """
        check_is_fitted(self)
        names = _check_feature_names_in(self, input_features)
        made = []
        for name, codec, missing in zip(
            names, self._codecs, self._with_missing, strict=True
        ):
            made += [f"{name}_{member}" for member in codec.members_]
            made.append(f"{name}_rare")
            if missing:
                made.append(f"{name}_missing")
        return np.array(made, dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        return tags


def _to_lists(column: pd.Series) -> tuple[NDArray[np.intp], list[str]]:
    """Return the code of each row's list, -1 where missing, and the lists."""
    try:
        return factorize_texts(column)
    except TypeError:
        example = next(
            (v for v in column if isinstance(v, list | tuple | set | np.ndarray)), None
        )
        raise ValueError(
            f"Column {column.name!r} holds {type(example).__name__} objects, such as "
            f"{example!r}. Join the members to one string first: "
            "column.map('^'.join)."
        ) from None
