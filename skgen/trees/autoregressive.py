"""Sequential synthesis by decision trees."""

from __future__ import annotations

from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.utils._param_validation import Interval, StrOptions

from skgen._random import draw_seed
from skgen._visit_order import visit_order
from skgen.base import BaseGenerator
from skgen.rows import Given, Rows
from skgen.table import ColumnSpec, Table
from skgen.trees._encoding import FeatureEncoder, response
from skgen.trees._leaf_donors import DonorTree

# A number is smoothed by default where so many of its values are different.
DISTINCT_SHARE = 0.5
# A number tells rows apart more than a category does: its leaves hold more rows.
ROWS_OF_NUMBERS = 4
# Leaves are not made coarser than this, and in larger tables not at all.
MAX_MIN_ROWS = 40
MAX_REGROWN_ROWS = 100_000


class ColumnModel(NamedTuple):
    """What draws one column, given the label and the columns before."""

    field: ColumnSpec
    encoder: FeatureEncoder
    trees: list[DonorTree]
    smooth: bool


class AutoregressiveTrees(BaseGenerator):
    """Draw rows column by column, each from training rows that share a tree leaf.

    The label comes first. Then, for each column in turn, decision trees are grown that
    predict it from the label and the columns before; a synthetic row falls into a leaf
    of one of them and takes the column's value from one of the training rows there.

    Parameters
    ----------
    min_samples_leaf : int, default=5
        Least number of training rows from which a category is drawn; a number is drawn
        from four times as many. Fewer follow the training rows more closely, more
        reveal less of them. In tables of a few continuous columns, where nothing else
        hides a row, more are advisable.

    max_depth : int or None, default=None
        Greatest depth of a tree.

    n_estimators : int, default=5
        Trees for each column, each grown on a bootstrap sample; a value comes from one
        of them at random.

    max_samples : int or None, default=100_000
        Most rows on which a column's trees are grown, all of them together. Every
        training row lends its values, whatever this number. None is no limit.

    visit_order : "auto" or array-like of column names, default="auto"
        The order in which columns are drawn; "auto" is the order of the table.
        Columns that are not named follow in the table's order. A column that a
        constraint rewrites goes by its new name.

    smoothing : "auto" or bool, default="auto"
        Whether a number is drawn between two neighbouring donors instead of copied.
        "auto" smooths the columns in which at least half of the values are different,
        so that a value does not tell which row it came from. Point masses are kept.

    <parameters>

    n_jobs : int or None, default=None
        Number of columns learned at the same time, in threads.

    Attributes
    ----------
    min_samples_leaf_ : int
        Number of rows from which values are drawn: `min_samples_leaf`, doubled while
        more synthetic rows equal training rows than fresh rows would.

    visit_order_ : list
        The names of the columns, as drawn. Constant columns are left out.

    <attributes>

    See Also
    --------
    GaussianCopula : Marginals and one matrix of correlations.
    SMOTENC : Interpolates between neighbours.

    Notes
    -----
    Known in official statistics as sequential synthesis by classification and
    regression trees [1]_, [2]_. Four things are added. A number is asked for by the
    indicators of its quantile bins, so that leaves agree on its distribution and not on
    its mean alone. Levels of categories are ordered for each tree by the response [3]_,
    so that thousands of levels cost a column and not thousands. Rows of rare classes
    weigh more, by the square root of the ratio of frequencies, else no tree would ever
    split on a label of one row in a hundred. And inside a leaf, donors of the row's own
    label come first.

    A pickle holds the training rows in the normal form, since they lend their values:
    share it as you would share them.

    References
    ----------
    .. [1] J. P. Reiter, "Using CART to generate partially synthetic public use
       microdata", Journal of Official Statistics 21, 441-462, 2005.

    .. [2] B. Nowok, G. M. Raab, C. Dibben, "synthpop: bespoke creation of synthetic
       data in R", Journal of Statistical Software 74(11), 2016.

    .. [3] M. N. Wright, I. R. König, "Splitting on categorical predictors in random
       forests", PeerJ 7:e6339, 2019.

    Examples
    --------
    >>> from collections import Counter
    >>> from sklearn.datasets import make_classification
    >>> from skgen import AutoregressiveTrees
    >>> X, y = make_classification(n_samples=1000, weights=[0.9], flip_y=0,
    ...                            random_state=0)
    >>> X_new, y_new = AutoregressiveTrees(random_state=0).fit_resample(X, y)
    >>> sorted(Counter(y_new.tolist()).items())
    [(0, 901), (1, 901)]
    """

    min_samples_leaf: int = 5
    max_depth: int | None = None
    n_estimators: int = 5
    max_samples: int | None = 100000
    visit_order: Any = "auto"
    smoothing: Any = "auto"
    reject_copies: Any = "auto"
    n_jobs: int | None = None

    _takes_given = True
    # Values are drawn evenly within a batch.
    _rows_per_batch = 1_000_000
    _parameter_constraints = {
        **BaseGenerator._parameter_constraints,
        "min_samples_leaf": [Interval(Integral, 1, None, closed="left")],
        "max_depth": [Interval(Integral, 1, None, closed="left"), None],
        "n_estimators": [Interval(Integral, 1, None, closed="left")],
        "max_samples": [Interval(Integral, 1, None, closed="left"), None],
        "visit_order": ["array-like", StrOptions({"auto"})],
        "smoothing": ["boolean", StrOptions({"auto"})],
        "n_jobs": [Integral, None],
    }

    def _fit(self, rows: Rows, rng: np.random.RandomState) -> None:
        order = visit_order(self.visit_order, rows.table.fields, rows.columns)
        self._order = [rows.table.fields[position] for position in order]
        self.visit_order_ = [field.name for field in self._order]
        self._table = rows.table
        self._labels = rows.labels
        self._grow(self.min_samples_leaf, rng)

    def _grow(self, min_samples_leaf: int, rng: np.random.RandomState) -> None:
        """Grow the trees of all columns."""
        self.min_samples_leaf_ = min_samples_leaf
        self._models = self._grow_columns(self._order, 0, rng)
        # Trees of other orders are grown when columns are given.
        self._seed = draw_seed(rng)
        self._models_given: dict[tuple[int, ...], list[ColumnModel]] = {}

    def _grow_columns(
        self, order: list[ColumnSpec], n_known: int, rng: np.random.RandomState
    ) -> list[ColumnModel]:
        """Grow the trees of the columns that follow the known ones."""
        counts = np.bincount(self._labels)
        weights = np.sqrt(counts.max() / counts)[self._labels]
        return Parallel(n_jobs=self.n_jobs, require="sharedmem")(
            delayed(self._fit_column)(
                self._table, self._labels, weights, order[:place], field, draw_seed(rng)
            )
            for place, field in list(enumerate(order))[n_known:]
        )

    def _fit_column(
        self,
        table: Table,
        labels: NDArray[np.intp],
        weights: NDArray[np.float64],
        before: list[ColumnSpec],
        field: ColumnSpec,
        seed: int,
    ) -> ColumnModel:
        rng = np.random.RandomState(seed)
        n_samples = len(table)
        draws = self._bootstraps(n_samples, rng)
        grown = np.unique(np.concatenate(draws))
        sub, sub_labels = table.take(grown), labels[grown]
        wanted = response(sub, field, before, sub_labels, rng)
        encoder = FeatureEncoder(before).fit(sub, wanted, weights[grown])
        features = encoder.transform(table, labels)
        values = None if field.number is None else table.numeric[:, field.number]
        at = np.full(n_samples, -1)
        at[grown] = np.arange(len(grown))
        min_rows = self.min_samples_leaf_
        if field.number is not None:
            min_rows *= ROWS_OF_NUMBERS
        trees = []
        for rows in draws:
            tree = DonorTree(
                min_samples_leaf=min_rows,
                max_depth=self.max_depth,
                seed=draw_seed(rng),
            )
            trees.append(tree.fit(features, wanted, weights, rows, at, labels, values))
        return ColumnModel(field, encoder, trees, self._smooths(table, field))

    def _coarsen(self, rng: np.random.RandomState) -> bool:
        """Grow trees with twice as many rows in a leaf."""
        wanted = 2 * self.min_samples_leaf_
        if wanted > MAX_MIN_ROWS or len(self._labels) > MAX_REGROWN_ROWS:
            return False
        self._grow(wanted, rng)
        return True

    def _bootstraps(
        self, n_samples: int, rng: np.random.RandomState
    ) -> list[NDArray[np.intp]]:
        """Return the rows on which each tree is grown."""
        if self.n_estimators == 1 and (
            self.max_samples is None or n_samples <= self.max_samples
        ):
            return [np.arange(n_samples)]
        size = n_samples
        if self.max_samples is not None:
            size = max(1, min(n_samples, self.max_samples // self.n_estimators))
        return [rng.randint(n_samples, size=size) for _ in range(self.n_estimators)]

    def _smooths(self, table: Table, field: ColumnSpec) -> bool:
        if field.number is None or self.smoothing is False:
            return False
        if self.smoothing is True:
            return True
        values = table.numeric[table.active(field.number), field.number]
        return len(np.unique(values)) >= DISTINCT_SHARE * len(values)

    def _sample(
        self,
        labels: NDArray[np.intp],
        rng: np.random.RandomState,
        given: Given | None = None,
    ) -> Table:
        out = self._table.empty(len(labels))
        models = self._models
        if given is not None:
            models = self._trees_given(given.fields)
            for field in (out.fields[i] for i in given.fields):
                out.codes[:, list(field.codes)] = given.table.codes[
                    :, list(field.codes)
                ]
                if field.number is not None:
                    out.numeric[:, field.number] = given.table.numeric[:, field.number]
        for model in models:
            features = model.encoder.transform(out, labels)
            self._draw_column(out, model, features, labels, rng)
        return out

    def _trees_given(self, fields: tuple[int, ...]) -> list[ColumnModel]:
        """Return the trees of the other columns, which come after the known ones."""
        known = [self._table.fields[i] for i in fields]
        rest = [field for field in self._order if field not in known]
        if set(known) == set(self._order[: len(known)]):
            return self._models[len(known) :]
        if fields not in self._models_given:
            # The seed depends on the columns alone, not on what was drawn before.
            rng = np.random.RandomState([self._seed, *fields])
            self._models_given[fields] = self._grow_columns(
                known + rest, len(known), rng
            )
        return self._models_given[fields]

    def _sample_labels(
        self, given: Given, rng: np.random.RandomState
    ) -> NDArray[np.intp]:
        """Draw labels from training rows that share a leaf of trees for the label."""
        known = [self._table.fields[i] for i in given.fields]
        n_samples, blind = len(self._table), np.zeros_like(self._labels)
        weights = np.ones(n_samples)
        wanted = np.eye(len(self.classes_))[self._labels]
        encoder = FeatureEncoder(known).fit(self._table, wanted, weights)
        features = encoder.transform(self._table, blind)
        asked = np.zeros(len(given), dtype=np.intp)
        sought = encoder.transform(given.table, asked)
        labels = np.empty(len(given), dtype=np.intp)
        draws = self._bootstraps(n_samples, np.random.RandomState(self._seed))
        which = rng.randint(len(draws), size=len(given))
        used = np.zeros(n_samples, dtype=np.int64)
        for i, rows in enumerate(draws):
            mine = np.flatnonzero(which == i)
            tree = DonorTree(
                min_samples_leaf=self.min_samples_leaf_,
                max_depth=self.max_depth,
                seed=self._seed,
            ).fit(features, wanted, weights, rows, np.arange(n_samples), blind, None)
            donors, _ = tree.draw(sought[mine], asked[mine], blind, used, rng)
            labels[mine] = self._labels[donors]
        return labels

    def _draw_column(
        self,
        out: Table,
        model: ColumnModel,
        features: NDArray[np.float32],
        labels: NDArray[np.intp],
        rng: np.random.RandomState,
    ) -> None:
        """Fill a column of `out` in place."""
        n_samples, field = len(out), model.field
        which = rng.randint(len(model.trees), size=n_samples)
        used = np.zeros(len(self._labels), dtype=np.int64)
        donors = np.empty(n_samples, dtype=np.intp)
        others = np.empty(n_samples, dtype=np.intp)
        for i, tree in enumerate(model.trees):
            rows = np.flatnonzero(which == i)
            donors[rows], others[rows] = tree.draw(
                features[rows], labels[rows], self._labels, used, rng
            )
        for code in field.codes:
            out.codes[:, code] = self._table.codes[donors, code]
        if field.number is None:
            return
        numbers = self._table.numeric[:, field.number]
        values = numbers[donors]
        if model.smooth:
            # Half of the way at most: each donor keeps its share of the values.
            active = self._table.active(field.number)
            way = np.where(active[donors] & active[others], 0.5, 0.0)
            values += way * rng.uniform(size=n_samples) * (numbers[others] - values)
        out.numeric[:, field.number] = values
