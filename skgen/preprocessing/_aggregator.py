"""Features of users from a feed log."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import xlogy
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils._param_validation import Interval
from sklearn.utils._set_output import _get_output_config
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted

from skgen._containers import TableContainer
from skgen._sklearn import validated
from skgen.columns._number import to_float
from skgen.lists import find_delimiter
from skgen.preprocessing._categories import factorize_texts
from skgen.preprocessing._frames import find_columns, to_frame

MOST_COMMON = "most_common_category"


@dataclass(kw_only=True, eq=False, repr=False)
class ClickAggregator(TransformerMixin, BaseEstimator):
    r"""Describe the user of each row by aggregates of a log.

    `fit` aggregates the log; `transform` looks up the user of each row. A user without
    rows in the log gets the rates of all users and zero counts.

    Parameters
    ----------
    user : str or int, default=0
        Column of the user ids in `X`, by name or position. Ids are compared as
        texts: 7, 7.0 and "7" are one user.

    log_user : str or int, default=None
        Column of the user ids in the log; `user` if None.

    click : str or int, default=None
        Column of the log with clicks: 0 and 1, or -1 and 1.

    refresh_times, dislikes, upvotes : str or int, default=None
        Columns of the log with these numbers.

    categories : str or int, default=None
        Column of the log with the category of the item shown, or a delimited list of
        categories.

    time, log_time : str or int, default=None
        Columns of the time of a row in `X` and in the log, of the same kind. If both
        are given, a log that ends after rows of `X` causes a warning.

    smoothing : float, default=10.0
        Weight of the rate of all rows in a user's CTR, as a number of impressions.

    Attributes
    ----------
    profiles_ : DataFrame of shape (n_users, n_features_out)
        The features of each user of the log, indexed by the text of the id.

    defaults_ : Series of shape (n_features_out,)
        The features of a user without rows in the log.

    categories_ : ndarray of str
        The categories, sorted; only if `categories` is given.

    log_end_ : object
        The last time in the log; only if `log_time` is given.

    n_features_in_ : int
        Number of columns seen in `fit`.

    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns; only if all of them are strings.

    See Also
    --------
    skgen.datasets.read_digix : Ads and a feed log of the same users.
    CTRPreprocessor : Encodes the columns of the ads themselves.

    Notes
    -----
    The features, each with the name of the user column before it:

    - `impressions`: number of rows in the log;
    - `clicks`, and `ctr`: :math:`(c + m p) / (n + m)` for :math:`c` clicks in :math:`n`
      impressions, the rate :math:`p` of the whole log and `smoothing` :math:`m`;
    - `mean_refresh_times`; `dislikes` and `upvotes`, which are sums;
    - `unique_categories`, `most_common_category` (the first of several) and
      `category_entropy`, :math:`-\sum_k q_k \log q_k` for shares :math:`q_k` of the
      user's mentions, in nats.

    In an array, `most_common_category` is a position in `categories_`, -1 for none;
    with ``set_output(transform="pandas")`` it is a categorical column.

    `y` is ignored. The log must be known when the ad is shown: a log that contains the
    labels to be predicted, or their consequences, is leakage. If the training rows are
    their own log (``log=None``), `click` must not be the label.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.preprocessing import ClickAggregator
    >>> log = pd.DataFrame({
    ...     "user": [1, 1, 1, 2], "clicked": [1, 0, 1, 0], "topic": list("aabc"),
    ... })
    >>> ads = pd.DataFrame({"user": [2, 1, 3]})
    >>> aggregator = ClickAggregator(
    ...     user="user", click="clicked", categories="topic", smoothing=1,
    ... ).set_output(transform="pandas")
    >>> features = aggregator.fit(ads, log=log).transform(ads)
    >>> features[["user_impressions", "user_ctr", "user_most_common_category"]]
       user_impressions  user_ctr user_most_common_category
    0               1.0     0.250                         c
    1               3.0     0.625                         a
    2               0.0     0.500                       NaN
    """

    user: str | int = 0
    log_user: str | int | None = None
    click: str | int | None = None
    refresh_times: str | int | None = None
    dislikes: str | int | None = None
    upvotes: str | int | None = None
    categories: str | int | None = None
    time: str | int | None = None
    log_time: str | int | None = None
    smoothing: float = 10.0

    _parameter_constraints: ClassVar[dict] = {
        "user": [str, Integral],
        "log_user": [str, Integral, None],
        "click": [str, Integral, None],
        "refresh_times": [str, Integral, None],
        "dislikes": [str, Integral, None],
        "upvotes": [str, Integral, None],
        "categories": [str, Integral, None],
        "time": [str, Integral, None],
        "log_time": [str, Integral, None],
        "smoothing": [Interval(Real, 0, None, closed="left")],
    }

    @validated
    def fit(self, X: Any, y: Any = None, *, log: Any = None) -> Self:
        """Aggregate the log.

        Parameters
        ----------
        X : {DataFrame, array-like} of shape (n_samples, n_features)
            The training rows.

        y : None
            Ignored.

        log : {DataFrame, array-like} of shape (n_log_rows, n_log_columns), default=None
            The log, with any number of rows for each user; `X` itself if None.

        Returns
        -------
        self : ClickAggregator

        Raises
        ------
        ValueError
            If a column does not exist, or `click` does not hold two values.

        Warns
        -----
        UserWarning
            If the log ends after rows of `X`, or has rows without a user, which only
            count in the rates of all users.
        """
        frame = to_frame(self, X, reset=True)
        self._user = self._name("user", frame)
        self._time = self._name("time", frame)
        rows = frame if log is None else TableContainer(log).frame
        codes, users = self._users(rows)
        features = self._count(rows, codes, len(users))
        self.profiles_ = pd.DataFrame(
            {name: values for name, (values, _) in features.items()},
            index=pd.Index(users, dtype=object),
        )
        self.defaults_ = pd.Series({name: rest for name, (_, rest) in features.items()})
        times = self._name("log_time", rows)
        if times is not None:
            self.log_end_ = rows[times].max()
            self._warn_of_later_rows(frame, stacklevel=3)
        return self

    def transform(self, X: Any) -> Any:
        """Return the features of the user of each row.

        Parameters
        ----------
        X : {DataFrame, array-like} of shape (n_samples, n_features)
            Rows with the columns seen in `fit`.

        Returns
        -------
        X_out : ndarray of shape (n_samples, n_features_out)

        Warns
        -----
        UserWarning
            If the log ends after rows of `X`.
        """
        check_is_fitted(self)
        frame = to_frame(self, X, reset=False)
        self._warn_of_later_rows(frame, stacklevel=3)
        codes, users = factorize_texts(frame[self._user])
        place = np.append(self.profiles_.index.get_indexer(pd.Index(users)), -1)
        table = np.vstack([self.profiles_.to_numpy(), self.defaults_.to_numpy()])
        # The last row of the table is that of unknown users, who have place -1.
        out = table[place[codes]]
        if _get_output_config("transform", self)["dense"] != "pandas":
            return out
        made = pd.DataFrame(out, columns=self.get_feature_names_out())
        if MOST_COMMON in self.profiles_:
            at = self.profiles_.columns.get_loc(MOST_COMMON)
            made[made.columns[at]] = pd.Categorical.from_codes(
                out[:, at].astype(np.intp), pd.Index(self.categories_)
            )
        if isinstance(X, pd.DataFrame):
            made.index = X.index
        return made

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the names of the columns that `transform` returns.

        Parameters
        ----------
        input_features : array-like of str or None, default=None
            The names seen in `fit`, if given.

        Returns
        -------
        feature_names_out : ndarray of str
        """
        check_is_fitted(self)
        _check_feature_names_in(self, input_features)
        made = [f"{self._user}_{name}" for name in self.profiles_.columns]
        return np.array(made, dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        return tags

    # --- The log ---

    def _name(self, parameter: str, frame: pd.DataFrame) -> Any:
        """Return the name of the column that a parameter selects, None if None."""
        value = getattr(self, parameter)
        if value is None:
            return None
        return next(iter(find_columns([value], frame, parameter)))

    def _users(self, log: pd.DataFrame) -> tuple[NDArray[np.intp], list[str]]:
        parameter = "user" if self.log_user is None else "log_user"
        name = self._name(parameter, log)
        codes, users = factorize_texts(log[name])
        lacking = codes < 0
        if lacking.any():
            warnings.warn(
                f"{int(lacking.sum())} of {len(codes)} rows of the log have no user in "
                f"column {name!r}, first at index "
                f"{log.index[int(np.argmax(lacking))]!r}: they only count in "
                "the rates of all users.",
                UserWarning,
                stacklevel=4,
            )
        return codes, users

    def _count(
        self, log: pd.DataFrame, codes: NDArray[np.intp], n_users: int
    ) -> dict[str, tuple[NDArray[np.float64], float]]:
        """Return the values of users, and that of unknown users, by feature."""

        def total(values: NDArray | None = None) -> NDArray[np.float64]:
            # Rows without a user fall into the last bin.
            weights = None if values is None else np.nan_to_num(values)
            bins = np.where(codes < 0, n_users, codes)
            counts = np.bincount(bins, weights=weights, minlength=n_users + 1)
            return counts[:n_users].astype(np.float64)

        impressions = total()
        made: dict[str, tuple[NDArray[np.float64], float]] = {
            "impressions": (impressions, 0.0)
        }
        if self.click is not None:
            clicked = self._clicked(log)
            rate = float(clicked.mean())
            clicks = total(clicked)
            weight = impressions + self.smoothing
            smoothed = (clicks + self.smoothing * rate) / np.where(weight, weight, 1)
            made["clicks"] = clicks, 0.0
            made["ctr"] = smoothed, rate
        if self.refresh_times is not None:
            times = self._numbers("refresh_times", log)
            known = total(~np.isnan(times))
            mean = float(np.nanmean(times)) if (~np.isnan(times)).any() else 0.0
            means = np.where(known > 0, total(times) / np.maximum(known, 1), mean)
            made["mean_refresh_times"] = means, mean
        for name in ("dislikes", "upvotes"):
            if getattr(self, name) is not None:
                made[name] = total(self._numbers(name, log)), 0.0
        if self.categories is not None:
            made |= self._count_categories(log, codes, n_users)
        return made

    def _numbers(self, parameter: str, log: pd.DataFrame) -> NDArray[np.float64]:
        column = log[self._name(parameter, log)]
        try:
            return to_float(pd.to_numeric(column))
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"Column {column.name!r} of the log, which {parameter} names, does not "
                f"hold numbers: {error}"
            ) from None

    def _clicked(self, log: pd.DataFrame) -> NDArray[np.float64]:
        clicked = self._numbers("click", log)
        found = np.unique(clicked)
        if not (np.isin(found, [0, 1]).all() or np.isin(found, [-1, 1]).all()):
            raise ValueError(
                f"Column {self._name('click', log)!r} of the log, which click names, "
                f"holds {found[:5].tolist()}: each row must hold 1 (clicked), or "
                "0 or -1 (not clicked). Map its values to 0 and 1."
            )
        return (clicked > 0).astype(np.float64)

    def _count_categories(
        self, log: pd.DataFrame, codes: NDArray[np.intp], n_users: int
    ) -> dict[str, tuple[NDArray[np.float64], float]]:
        places, wholes = factorize_texts(log[self._name("categories", log)])
        delimiter = find_delimiter(wholes, n_rows=int((places >= 0).sum()))
        split = [w.split(delimiter) if delimiter else [w] for w in wholes]
        members = [[member for member in each if member] for each in split]
        self.categories_ = np.array(sorted(set().union(*members)), dtype=object)
        position = {member: j for j, member in enumerate(self.categories_)}
        mentioned = sparse.csr_matrix(
            (
                np.ones(sum(len(each) for each in members)),
                [position[member] for each in members for member in each],
                np.concatenate([[0], np.cumsum([len(each) for each in members])]),
            ),
            shape=(len(wholes), len(self.categories_)),
        )
        both = (codes >= 0) & (places >= 0)
        read = sparse.csr_matrix(
            (np.ones(both.sum()), (codes[both], places[both])),
            shape=(n_users, len(wholes)),
        )
        counts = (read @ mentioned).tocsr()
        mentions = np.asarray(counts.sum(axis=1)).ravel()
        weighed = counts.copy()
        weighed.data = xlogy(counts.data, counts.data)
        spread = np.asarray(weighed.sum(axis=1)).ravel() / np.maximum(mentions, 1)
        entropy = np.log(np.maximum(mentions, 1)) - spread
        most = np.full(n_users, -1.0)
        if len(self.categories_):
            top = np.asarray(counts.argmax(axis=1)).ravel()
            most = np.where(mentions > 0, top, -1).astype(np.float64)
        return {
            "unique_categories": (np.diff(counts.indptr).astype(np.float64), 0.0),
            MOST_COMMON: (most, -1.0),
            "category_entropy": (np.maximum(entropy, 0), 0.0),
        }

    def _warn_of_later_rows(self, frame: pd.DataFrame, *, stacklevel: int) -> None:
        """Warn if the log ends after some of the rows."""
        if self._time is None or not hasattr(self, "log_end_"):
            return
        before = (frame[self._time] < self.log_end_).to_numpy()
        if not before.any():
            return
        warnings.warn(
            f"The log ends ({self.log_time!r}: {self.log_end_}) after "
            f"{int(before.sum())} of {len(before)} rows that it describes "
            f"({self._time!r}: from {frame[self._time].min()}): their features may "
            "leak what was not known then. Give the part of the log before the rows: "
            f"log[log[{self.log_time!r}] < X[{self._time!r}].min()].",
            UserWarning,
            stacklevel=stacklevel + 1,
        )
