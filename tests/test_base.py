"""The contract of all generators, on two small ones."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from imblearn.pipeline import Pipeline
from imblearn.utils.estimator_checks import parametrize_with_checks
from scipy import sparse
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skgen._copies import hash_rows
from skgen.base import BaseGenerator
from skgen.constraints import FixedCombinations, Inequality, Range
from skgen.metrics import get_scorer
from skgen.strategies import augment, replace


class Bootstrap(BaseGenerator):
    """Training rows of the label, drawn with replacement."""

    def _fit(self, rows, rng):
        table, labels = rows.table, rows.labels
        self.table_ = table
        self.rows_ = [np.flatnonzero(labels == k) for k in range(len(self.classes_))]

    def _sample(self, labels, rng, given=None):
        rows = np.empty(len(labels), dtype=np.intp)
        for label in np.unique(labels):
            asked = labels == label
            rows[asked] = rng.choice(self.rows_[label], size=asked.sum())
        return self.table_.take(rows)


class Noise(BaseGenerator):
    """Any number in the observed range and any code."""

    def _fit(self, rows, rng):
        table = rows.table
        self.table_ = table.take(np.arange(0))
        self.low_, self.high_ = table.numeric.min(axis=0), table.numeric.max(axis=0)

    def _sample(self, labels, rng, given=None):
        shape = len(labels), len(self.low_)
        codes = rng.randint(
            self.table_.cardinalities, size=(len(labels), self.table_.codes.shape[1])
        )
        return self.table_.like(rng.uniform(self.low_, self.high_, size=shape), codes)


class Broken(Bootstrap):
    """Stops in the middle where `broken` says so."""

    broken = True

    def _fit(self, rows, rng):
        super()._fit(rows, rng)
        if self.broken:
            raise KeyboardInterrupt


@parametrize_with_checks([Bootstrap(random_state=0), Noise(random_state=0)])
def test_imblearn_checks(estimator, check):
    check(estimator)


def mixed_table(n_samples=120, seed=0):
    rng = np.random.RandomState(seed)
    floor = rng.randint(1, 50, size=n_samples)
    country = rng.choice(["FR", "PE", "NO"], size=n_samples)
    city = {"FR": ["Paris", "Lyon"], "PE": ["Lima", None], "NO": ["Oslo", "Bergen"]}
    X = pd.DataFrame(
        {
            "price": rng.lognormal(size=n_samples).round(2),
            "floor": floor,
            "bid": floor + rng.randint(0, 20, size=n_samples),
            "country": country,
            "city": [city[c][rng.randint(2)] for c in country],
            "device": pd.Categorical(
                rng.choice(["app", "web"], size=n_samples),
                categories=["web", "app", "tv"],
            ),
            "vip": rng.uniform(size=n_samples) < 0.3,
            "seen": pd.Timestamp("2020-01-01")
            + pd.to_timedelta(rng.randint(0, 10_000, size=n_samples), unit="min"),
            "age": pd.array(rng.randint(18, 90, size=n_samples), dtype="Int16"),
        },
        index=np.arange(n_samples)[::-1],
    )
    X.loc[X.index[::9], "age"] = pd.NA
    X.loc[X.index[::7], "price"] = np.nan
    y = pd.Series(np.where(rng.uniform(size=n_samples) < 0.25, "click", "none"))
    y[:4] = ["click", "click", "none", "none"]
    return X, y.rename("event").set_axis(X.index)


def _in_rows(X, rows):
    """Whether each row is one of others."""
    return np.isin(hash_rows(X), hash_rows(rows))


# sample


def test_labels_are_those_asked_for_in_their_order():
    X, y = mixed_table()
    generator = Bootstrap(random_state=0).fit(X, y)
    wanted = ["none", "click", "click", "none", "click"]
    X_new, y_new = generator.sample(y=wanted)
    assert y_new.tolist() == wanted
    assert y_new.name == "event"
    assert y_new.dtype == y.dtype
    pd.testing.assert_series_equal(X_new.dtypes, X.dtypes)
    for label in ("click", "none"):
        rows = X_new[(y_new == label).to_numpy()]
        assert _in_rows(rows, X[y == label]).all()
    # Both may be given where they agree.
    assert generator.sample(5, y=wanted)[1].tolist() == wanted
    pd.testing.assert_series_equal(generator.sample(y=y)[1], y.reset_index(drop=True))


def test_labels_are_drawn_as_often_as_in_training():
    X, y = mixed_table()
    generator = Bootstrap(random_state=0).fit(X, y)
    X_new, y_new = generator.sample()
    assert len(X_new) == len(y_new) == len(X)
    share, n_drawn = (y == "click").mean(), 20_000
    drawn = (generator.sample(n_drawn, random_state=1)[1] == "click").mean()
    assert abs(drawn - share) < 5 * np.sqrt(share * (1 - share) / n_drawn)


def test_a_table_without_labels():
    X, _ = mixed_table()
    generator = Noise(random_state=0).fit(X)
    X_new = generator.sample(7)
    assert isinstance(X_new, pd.DataFrame)
    assert len(X_new) == 7
    assert len(generator.sample()) == len(X)
    assert generator.classes_.tolist() == [0]
    with pytest.raises(ValueError, match="fitted without y"):
        generator.sample(y=[0, 0])


@pytest.mark.parametrize("method", ["fit", "fit_resample"])
def test_streams_of_samples(method):
    X, y = mixed_table()

    def fitted(seed=3):
        generator = Bootstrap(random_state=seed)
        getattr(generator, method)(X, y)
        return generator

    generator = fitted()
    first, second = generator.sample(50)[0], generator.sample(50)[0]
    assert not first.equals(second)
    again = fitted()
    pd.testing.assert_frame_equal(again.sample(50)[0], first)
    # A sample with a seed of its own leaves the stream alone.
    seeded = again.sample(50, random_state=8)[0]
    pd.testing.assert_frame_equal(again.sample(50)[0], second)
    pd.testing.assert_frame_equal(again.sample(50, random_state=8)[0], seeded)
    assert not seeded.equals(first)
    assert not fitted(4).sample(50)[0].equals(first)
    stream = np.random.RandomState(8)
    pd.testing.assert_frame_equal(again.sample(50, random_state=stream)[0], seeded)
    assert not again.sample(50, random_state=stream)[0].equals(seeded)


@pytest.mark.parametrize("generator", [Bootstrap(), Noise()])
def test_the_global_stream_is_left_alone(generator):
    X, y = mixed_table()
    before = np.random.get_state()
    generator.set_params(random_state=0, reject_copies="auto")
    generator.fit_resample(X, y)
    generator.fit(X, y).sample(10)
    generator.sample(10, random_state=1)
    after = np.random.get_state()
    np.testing.assert_array_equal(before[1], after[1])
    assert before[2] == after[2]


def test_sampling_takes_nothing_from_the_stream_given_to_fit():
    X, y = mixed_table()
    stream = np.random.RandomState(0)
    generator = Noise(random_state=stream).fit(X, y)
    position = stream.get_state()[2]
    first = generator.sample(30)[0]
    assert stream.get_state()[2] == position
    assert not generator.sample(30)[0].equals(first)


@pytest.mark.parametrize(
    "generator", [Bootstrap(random_state=0), Noise(random_state=0)]
)
def test_sample_before_fit(generator):
    with pytest.raises(NotFittedError, match=type(generator).__name__):
        clone(generator).sample(3)


@pytest.mark.parametrize("n_samples", [0, -1, 2.5, "3", True, np.nan])
def test_bad_n_samples(n_samples):
    X, y = mixed_table()
    generator = Bootstrap(random_state=0).fit(X, y)
    with pytest.raises(ValueError, match=f"n_samples={n_samples!r}.*one row or more"):
        generator.sample(n_samples)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"y": ["click", "sale"]}, r"\['sale'\] were not learned.*'click', 'none'"),
        ({"y": [1, 2]}, r"\[1, 2\] were not learned"),
        ({"y": []}, "y is empty"),
        ({"y": "click"}, "Expected one label for each row"),
        ({"n_samples": 3, "y": ["click"]}, "n_samples=3, but y has 1 labels"),
        ({"n_samples": 3, "random_state": "x"}, "cannot be used to seed"),
    ],
)
def test_bad_labels(given, message):
    X, y = mixed_table()
    generator = Bootstrap(random_state=0).fit(X, y)
    with pytest.raises(ValueError, match=message):
        generator.sample(**given)


# fit_resample


NUMBERS = np.random.RandomState(0).normal(size=(40, 3)).round(2)
CONTAINERS = {
    "array": NUMBERS,
    "float32": NUMBERS.astype("f4"),
    "integers": (NUMBERS * 9).astype("i8"),
    "object array": mixed_table(40)[0][["price", "floor", "city", "vip"]].to_numpy(),
    "list": NUMBERS.tolist(),
    "mixed list": mixed_table(40)[0][["floor", "country"]].to_numpy().tolist(),
    "csr matrix": sparse.csr_matrix(NUMBERS * (NUMBERS > 0)),
    "csc array": sparse.csc_array(NUMBERS * (NUMBERS > 0)),
    "DataFrame": mixed_table(40)[0],
    "integer columns": pd.DataFrame(NUMBERS),
    "columns of tuples": pd.DataFrame(
        NUMBERS, columns=pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)])
    ),
    "sparse DataFrame": pd.DataFrame(NUMBERS * (NUMBERS > 0)).astype(
        pd.SparseDtype(float, 0.0)
    ),
}


@pytest.mark.parametrize("generator", [Bootstrap(), Noise()])
@pytest.mark.parametrize("kind", CONTAINERS)
def test_the_rows_come_back_untouched_and_in_order(kind, generator):
    X = CONTAINERS[kind]
    y = np.array([0] * 25 + [1] * 15)
    before = pickle.dumps(X)
    X_new, y_new = clone(generator).set_params(random_state=0).fit_resample(X, y)
    assert pickle.dumps(X) == before
    assert type(X_new) is type(X)
    np.testing.assert_array_equal(y_new, [0] * 25 + [1] * 15 + [1] * 10)
    if isinstance(X, pd.DataFrame):
        head = X_new.iloc[:40]
        pd.testing.assert_frame_equal(head, X.reset_index(drop=True))
        pd.testing.assert_index_equal(X_new.index, pd.RangeIndex(50))
    elif sparse.issparse(X):
        assert X_new.format == X.format
        assert X_new.dtype == X.dtype
        assert (X_new.tocsr()[:40] != X.tocsr()).nnz == 0
    elif isinstance(X, list):
        assert len(X_new) == 50
        assert [type(v) for row in X_new for v in row] == [type(v) for v in X[0]] * 50
        assert X_new[:40] == X
    else:
        assert X_new.dtype == X.dtype
        pd.testing.assert_frame_equal(pd.DataFrame(X_new[:40]), pd.DataFrame(X))
    # The rows that sample gives look the same.
    drawn = clone(generator).set_params(random_state=0).fit(X, y).sample(5)[0]
    assert type(drawn) is type(X)
    assert np.shape(drawn) == (5, np.shape(X)[1])


LABELS = np.array([0] * 25 + [1] * 15)
WORDS = np.where(LABELS, "yes", "no")
TARGETS = {
    "list": LABELS.tolist(),
    "strings": WORDS,
    "list of strings": WORDS.tolist(),
    "booleans": LABELS > 0,
    "Series": pd.Series(WORDS, name="t", index=LABELS),
    "categorical": pd.Series(pd.Categorical(WORDS, categories=["yes", "no", "may"])),
    "nullable": pd.Series(LABELS, dtype="Int8"),
    "string": pd.Series(WORDS, dtype="string"),
    "pyarrow": pd.Series(LABELS, dtype="int64[pyarrow]"),
    "DataFrame": pd.DataFrame({"t": WORDS}),
    "one-versus-all": np.eye(3, dtype=int)[np.r_[LABELS[:-4], [2] * 4]],
    "one-versus-all DataFrame": pd.DataFrame(np.eye(2)[LABELS], columns=["n", "p"]),
    "one-versus-all sparse": sparse.csr_matrix(np.eye(2, dtype=int)[LABELS]),
}


@pytest.mark.parametrize("kind", TARGETS)
def test_labels_come_back_like_those_given(kind):
    y = TARGETS[kind]
    generator = Bootstrap(random_state=0)
    X_new, y_new = generator.fit_resample(NUMBERS, y)
    assert type(y_new) is type(y)
    assert len(X_new) == np.shape(y_new)[0]
    if isinstance(y, pd.Series | pd.DataFrame):
        expected = y.reset_index(drop=True)
        assert y_new.iloc[:40].equals(expected)
        assert (np.array(y_new.dtypes) == np.array(y.dtypes)).all()
        assert getattr(y_new, "name", None) == getattr(y, "name", None)
        assert (y_new.iloc[40:] == y.iloc[-15]).to_numpy()[0].all()
    elif sparse.issparse(y):
        assert (y_new[:40] != y).nnz == 0
    else:
        np.testing.assert_array_equal(y_new[:40], y)
        assert np.asarray(y_new).dtype == np.asarray(y).dtype
    drawn = generator.sample(9)[1]
    assert type(drawn) is type(y)
    given = y[:4] if not hasattr(y, "iloc") else y.iloc[:4]
    X_given, y_given = generator.fit(NUMBERS, y).sample(y=given)
    assert len(X_given) == 4
    if sparse.issparse(y):
        y_given, given = y_given.toarray(), given.toarray()
    np.testing.assert_array_equal(np.asarray(y_given), np.asarray(given))


def test_a_one_versus_all_encoding_is_resampled_by_class():
    y = TARGETS["one-versus-all"]
    X_new, y_new = Bootstrap(random_state=0).fit_resample(NUMBERS, y)
    assert y_new.sum(axis=0).tolist() == [25, 25, 25]
    assert (y_new.sum(axis=1) == 1).all()
    third = NUMBERS[-4:]
    assert all((third == row).all(axis=1).any() for row in X_new[y_new[:, 2] == 1])


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("auto", {0: 0, 1: 68, 2: 72}),
        ("minority", {0: 0, 1: 0, 2: 72}),
        ("not minority", {0: 0, 1: 68, 2: 0}),
        ("all", {0: 0, 1: 68, 2: 72}),
        ({0: 81, 2: 12}, {0: 1, 1: 0, 2: 4}),
        ({2: 8}, {0: 0, 1: 0, 2: 0}),
        (lambda y: {1: 2 * np.sum(y == 1)}, {0: 0, 1: 12, 2: 0}),
        (augment({0: 0.25, 2: 2.0}), {0: 20, 1: 0, 2: 16}),
    ],
)
def test_sampling_strategies(strategy, expected):
    rng = np.random.RandomState(0)
    X, y = rng.normal(size=(100, 2)), np.repeat([0, 1, 2], [80, 12, 8])
    y[-1], y[0] = 0, 2
    generator = Bootstrap(sampling_strategy=strategy, random_state=0)
    X_new, y_new = generator.fit_resample(X, y)
    np.testing.assert_array_equal(X_new[:100], X)
    np.testing.assert_array_equal(y_new[:100], y)
    counts = np.bincount(y_new[100:], minlength=3)
    assert dict(enumerate(counts.tolist())) == expected
    for row, label in zip(X_new[100:], y_new[100:], strict=True):
        assert (X[y == label] == row).all(axis=1).any()


def test_a_ratio():
    X, y = np.random.RandomState(0).normal(size=(100, 2)), np.repeat([0, 1], [80, 20])
    _, y_new = Bootstrap(sampling_strategy=0.5, random_state=0).fit_resample(X, y)
    assert np.bincount(y_new).tolist() == [80, 40]


def test_replace_gives_synthetic_rows_alone():
    X, y = mixed_table()
    generator = Noise(sampling_strategy=replace(), random_state=0)
    X_new, y_new = generator.fit_resample(X, y)
    assert len(X_new) == len(X)
    assert y_new.value_counts().to_dict() == y.value_counts().to_dict()
    assert not _in_rows(X_new, X).any()
    pd.testing.assert_series_equal(X_new.dtypes, X.dtypes)
    assert y_new.name == "event"


def test_only_the_classes_that_get_rows_are_learned_from():
    X, y = mixed_table()
    generator = Bootstrap(fit_classes="resampled", random_state=0)
    X_new, y_new = generator.fit_resample(X, y)
    assert generator.classes_.tolist() == ["click"]
    assert len(generator.table_) == (y == "click").sum()
    new = X_new.iloc[len(X) :]
    assert (y_new.iloc[len(X) :] == "click").all()
    assert _in_rows(new, X[y == "click"]).all()
    assert generator.training_rows_ is X
    # What is drawn later comes from what was learned.
    assert generator.sample(5)[1].tolist() == ["click"] * 5
    with pytest.raises(ValueError, match=r"\['none'\] were not learned"):
        generator.sample(y=["none"])
    # By default, and in fit, all rows are.
    everything = Bootstrap(random_state=0)
    everything.fit_resample(X, y)
    assert everything.classes_.tolist() == ["click", "none"]
    assert len(generator.fit(X, y).classes_) == 2


# reject_copies


class Stubborn(Bootstrap):
    """Copies at first, the code of another row later."""

    def _fit(self, rows, rng):
        super()._fit(rows, rng)
        self.calls_ = 0

    def _sample(self, labels, rng, given=None):
        drawn = super()._sample(labels, rng)
        self.calls_ += 1
        if self.calls_ % 5:
            return drawn
        return drawn.like(drawn.numeric + 0.005, drawn.codes)


def test_copies_are_drawn_again():
    rng = np.random.RandomState(0)
    X = pd.DataFrame({"a": rng.normal(size=60), "b": rng.choice(["x", None], size=60)})
    generator = Stubborn(random_state=0).fit(X)
    assert _in_rows(generator.sample(20), X).all()
    generator = Stubborn(reject_copies=True, random_state=0).fit(X)
    assert not _in_rows(generator.sample(20), X).any()
    assert generator.calls_ == 5


def test_what_cannot_be_redrawn_is_counted():
    X, y = mixed_table()
    generator = Bootstrap(reject_copies=True, random_state=0).fit(X, y)
    message = "9 of 9 synthetic rows still equal training rows after 20 tries.*fewer"
    with pytest.raises(ValueError, match=message):
        generator.sample(9)
    with pytest.raises(ValueError, match="still equal training rows"):
        Bootstrap(reject_copies=True, random_state=0).fit_resample(X, y)


class RarelyCopies(Noise):
    """Noise, but for a training row among `period`."""

    period = 40

    def _fit(self, rows, rng):
        super()._fit(rows, rng)
        self.training_, self.n_drawn_ = rows.table, 0

    def _sample(self, labels, rng, given=None):
        noise = super()._sample(labels, rng)
        copied = (self.n_drawn_ + np.arange(len(labels))) % self.period == 0
        self.n_drawn_ += len(labels)
        noise.numeric[copied] = self.training_.numeric[7]
        noise.codes[copied] = self.training_.codes[7]
        return noise


def test_auto_redraws_rare_copies_of_rows_that_occur_once():
    rng = np.random.RandomState(0)
    X = pd.DataFrame(rng.normal(size=(50, 2)))
    generator = RarelyCopies(reject_copies=False, random_state=0).fit(X)
    assert _in_rows(generator.sample(39), X).sum() == 1
    generator = RarelyCopies(reject_copies="auto", random_state=0).fit(X)
    assert _in_rows(generator.sample(39), X).sum() == 0
    # Where copies are many they are redrawn too, and those left are no error.
    RarelyCopies.period = 10
    try:
        generator = RarelyCopies(reject_copies="auto", random_state=0).fit(X)
        assert _in_rows(generator.sample(40), X).sum() < 4
    finally:
        RarelyCopies.period = 40
    # The copies of a row that occurs twice stay.
    X.iloc[8] = X.iloc[7]
    generator = RarelyCopies(reject_copies="auto", random_state=0).fit(X)
    assert _in_rows(generator.sample(39), X).sum() == 1


def test_hash_rows():
    X = pd.DataFrame(
        {
            "s": ["a", None, "a", "b", np.nan],
            "o": pd.Series([1, True, 1.0, "1", b"a"], dtype=object),
            "x": [1.0, np.nan, 1.0, 2.0, np.nan],
            "p": pd.arrays.SparseArray([0.0, 1.0, 0.0, 0.0, 1.0]),
        }
    )
    hashes = hash_rows(X)
    assert hashes[0] == hashes[2]
    assert len(np.unique(hashes)) == 4
    missing = X[["s", "x"]]
    assert hash_rows(missing)[1] == hash_rows(missing)[4]
    # Each row by itself: the rows beside it do not matter, nor does the index.
    for i in range(len(X)):
        assert hash_rows(X.iloc[[i]])[0] == hashes[i]
    np.testing.assert_array_equal(hash_rows(X[::-1]), hashes[::-1])


# constraints


def test_constraints_hold_in_what_a_careless_generator_draws():
    X, y = mixed_table(300)
    rules = [
        FixedCombinations(["country", "city"]),
        Inequality("floor", "bid"),
        Range("price", 0.5, None),
    ]
    X["price"] = X["price"].clip(lower=0.5)
    generator = Noise(constraints=rules, random_state=0).fit(X, y)
    X_new, _ = generator.sample(1000)
    pairs = set(zip(X["country"], X["city"].fillna("?"), strict=True))
    new_pairs = set(zip(X_new["country"], X_new["city"].fillna("?"), strict=True))
    assert new_pairs <= pairs
    assert (X_new["floor"] <= X_new["bid"]).all()
    assert X_new["price"].dropna().ge(0.5).all()
    assert X_new.columns.tolist() == X.columns.tolist()
    pd.testing.assert_series_equal(X_new.dtypes, X.dtypes)
    for name in ["floor", "bid", "price", "seen", "age"]:
        assert X_new[name].dropna().between(X[name].min(), X[name].max()).all()
    # Without them the same generator breaks each.
    free, _ = Noise(structure=None, random_state=0).fit(X, y).sample(1000)
    free_pairs = set(zip(free["country"], free["city"].fillna("?"), strict=True))
    assert not free_pairs <= pairs
    assert not (free["floor"] <= free["bid"]).all()
    # The constraints given are not the ones fitted.
    assert not hasattr(rules[1], "name_")
    assert generator.constraints_[1].name_ == "bid - floor"
    # Training rows still come back untouched.
    X_both, _ = Noise(constraints=rules, random_state=0).fit_resample(X, y)
    pd.testing.assert_frame_equal(X_both.iloc[: len(X)], X.reset_index(drop=True))


@pytest.mark.parametrize("method", ["fit", "fit_resample"])
def test_a_constraint_that_training_rows_break(method):
    X, y = mixed_table()
    generator = Noise(constraints=[Inequality("bid", "floor")])
    with pytest.raises(ValueError, match=r"'bid' <= 'floor' does not hold.*Drop or re"):
        getattr(generator, method)(X, y)
    with pytest.raises(NotFittedError):
        generator.sample(3)


# batches


@pytest.mark.parametrize("n_rows", [1, 6, 7, 8, 30])
def test_batches(monkeypatch, n_rows):
    X, y = mixed_table()
    generator = Bootstrap(random_state=0).fit(X, y)
    monkeypatch.setattr(Bootstrap, "_rows_per_batch", 7)
    wanted = np.where(np.arange(n_rows) % 3, "click", "none")
    X_new, y_new = generator.sample(y=wanted)
    assert y_new.tolist() == wanted.tolist()
    pd.testing.assert_index_equal(X_new.index, pd.RangeIndex(n_rows))
    pd.testing.assert_series_equal(X_new.dtypes, X.dtypes)
    for label in np.unique(wanted):
        assert _in_rows(X_new[wanted == label], X[y == label]).all()


# pickles, clones, searches


@pytest.mark.parametrize("generator", [Bootstrap(), Noise()])
def test_pickle(generator):
    X, y = mixed_table()
    rules = [FixedCombinations(["country", "city"]), Inequality("floor", "bid")]
    generator = clone(generator).set_params(constraints=rules, random_state=0)
    generator.fit(X, y)
    assert generator.training_rows_ is X
    again = pickle.loads(pickle.dumps(generator))
    assert not hasattr(again, "training_rows_")
    assert generator.training_rows_ is X
    for _ in range(2):
        (one, one_y), (other, other_y) = generator.sample(30), again.sample(30)
        pd.testing.assert_frame_equal(one, other)
        pd.testing.assert_series_equal(one_y, other_y)


def test_a_pickle_of_what_draws_from_no_rows_holds_none():
    rng = np.random.RandomState(0)
    small, large = (pd.DataFrame(rng.normal(size=(n, 5))) for n in (100, 10_000))
    sizes = [len(pickle.dumps(Noise(random_state=0).fit(X))) for X in (small, large)]
    assert sizes[1] < 1.1 * sizes[0]


def test_clone_is_not_fitted():
    X, y = mixed_table()
    rules = (Inequality("floor", "bid"),)
    generator = Noise(
        sampling_strategy={"click": 100},
        categorical_features=["floor"],
        constraints=rules,
        fit_classes="resampled",
        reject_copies="auto",
        random_state=5,
    ).fit(X, y)
    copy = clone(generator)
    params = copy.get_params()
    assert params.pop("constraints")[0].get_params() == rules[0].get_params()
    expected = generator.get_params()
    assert expected.pop("constraints") is rules
    assert params == expected
    with pytest.raises(NotFittedError):
        copy.sample(1)


def test_attributes():
    X, y = mixed_table()
    generator = Bootstrap(random_state=0).fit(X, y)
    assert generator.n_features_in_ == X.shape[1]
    assert generator.feature_names_in_.tolist() == X.columns.tolist()
    assert generator.classes_.tolist() == ["click", "none"]
    generator.fit(NUMBERS)
    assert generator.n_features_in_ == 3
    assert not hasattr(generator, "feature_names_in_")


def _classifier(X):
    text = X.select_dtypes(include=["object", "string", "category"]).columns
    numbers = ["floor", "bid"]
    return make_pipeline(
        make_column_transformer(
            (OneHotEncoder(handle_unknown="ignore"), list(text)),
            (StandardScaler(), numbers),
        ),
        LogisticRegression(max_iter=200),
    )


def test_pipelines_and_searches_on_a_mixed_table():
    X, y = mixed_table(200)
    y[(X["country"] == "FR") & (X["floor"] > 10)] = "click"
    pipe = Pipeline(
        [("generator", Bootstrap(random_state=0)), ("model", _classifier(X))]
    )
    scores = cross_val_score(pipe, X, y, scoring="roc_auc", cv=3)
    assert (scores > 0.6).all()
    search = GridSearchCV(
        pipe,
        {
            "generator": [Bootstrap(random_state=0), Noise(random_state=0)],
            "generator__sampling_strategy": ["auto", replace()],
        },
        scoring="roc_auc",
        cv=3,
        error_score="raise",
    ).fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    # A model that learns from noise alone is worse than one that learns from rows.
    by_params = {
        (type(p["generator"]), p["generator__sampling_strategy"]): score
        for p, score in zip(
            search.cv_results_["params"],
            search.cv_results_["mean_test_score"],
            strict=True,
        )
    }
    assert by_params[Bootstrap, replace()] > by_params[Noise, replace()] + 0.05
    assert set(search.best_estimator_.predict(X)) <= {"click", "none"}


# bad input


def _bad_inputs():
    X, y = mixed_table()
    one = y.where(y == "none", "none")
    single = y.copy()
    single.iloc[0] = "sale"
    infinite = X.assign(price=X["price"].where(X["price"] < 3, -np.inf))
    missing = y.copy()
    missing.iloc[3] = None
    text = [f"id{i}" for i in range(len(X))]
    return {
        "empty table": (X.iloc[:0], y.iloc[:0], r"0 sample\(s\)"),
        "no columns": (X.iloc[:, :0], y, r"0 feature\(s\)"),
        "one class": (X, one, "class"),
        "a class with one row": (X, single, "'sale' has a single row.*merge"),
        "lengths": (X, y.iloc[:-1], "119 labels for 120 rows"),
        "infinity": (infinite, y, "'price' contains infinity.*Replace"),
        "identifier": (X.assign(user=text), y, "'user' identifies rows.*Drop it"),
        "lists": (X.assign(tags=[[1]] * len(X)), y, "'tags' holds list objects"),
        "complex": (X.assign(wave=1j), y, "'wave': complex data not supported"),
        "columns twice": (
            pd.concat([X, X[["age"]]], axis=1),
            y,
            "'age' occurs more than once",
        ),
        "continuous labels": (X, np.linspace(0, 1, len(X)), "continuous"),
        "missing labels": (X, missing, "missing labels, the first in row 3"),
        "several labels": (
            X,
            np.ones((len(X), 2), dtype=int),
            "one-versus-all|multilabel",
        ),
        "nothing varies": (X.assign(**dict.fromkeys(X, 1)), y, "9 feature.*constant"),
        "one dimension": (X["age"].to_numpy(dtype=float, na_value=0), y, "dimension"),
    }


@pytest.mark.parametrize("method", ["fit", "fit_resample"])
@pytest.mark.parametrize("kind", _bad_inputs())
def test_bad_tables_and_targets(kind, method):
    X, y, message = _bad_inputs()[kind]
    generator = Noise(structure=None, random_state=0)
    with pytest.raises(ValueError, match=message):
        getattr(generator, method)(X, y)
    with pytest.raises(NotFittedError):
        generator.sample(1)


def test_a_single_row_without_labels():
    with pytest.raises(ValueError, match=r"single row.*n_samples = 1"):
        Noise().fit(pd.DataFrame({"x": [1.0]}))


def test_no_target_to_resample():
    with pytest.raises(ValueError, match="y is None"):
        Noise().fit_resample(NUMBERS, None)


@pytest.mark.parametrize(
    ("strategy", "message"),
    [
        ({"none": 3}, "3 rows of class 'none', fewer than the"),
        ({"sale": 300}, "class 'sale', which does not occur"),
        (augment({"sale": 1.0}), "'sale'"),
        (0.01, "ratio"),
        ("nonsense", "sampling_strategy"),
    ],
)
def test_bad_strategies(strategy, message):
    X, y = mixed_table()
    with pytest.raises(ValueError, match=message):
        Noise(sampling_strategy=strategy).fit_resample(X, y)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"categorical_features": ["nope"]}, "'nope', which is no column"),
        ({"categorical_features": [99]}, "99, which is no column"),
        ({"categorical_features": [True, False]}, "mask of 2 entries"),
        ({"categorical_features": 3}, "categorical_features"),
        ({"fit_classes": "some"}, "fit_classes"),
        ({"reject_copies": "often"}, "reject_copies"),
        ({"constraints": "low"}, "constraints"),
        ({"random_state": "seed"}, "random_state"),
    ],
)
def test_bad_parameters(parameters, message):
    X, y = mixed_table()
    with pytest.raises(ValueError, match=message):
        Noise(**parameters).fit(X, y)


def test_columns_that_changed():
    X, y = mixed_table()
    generator = Noise(structure=None, random_state=0).fit(X, y)
    generator.schema_.transform(X)
    with pytest.raises(ValueError, match=r"missing \['age'\] and new \['old'\]"):
        generator.schema_.transform(X.rename(columns={"age": "old"}))
    with pytest.raises(ValueError, match="'floor' stands where 'price' stood"):
        generator.schema_.transform(X[["floor", "price", *X.columns[2:]]])
    score = get_scorer("ks_statistic")
    with pytest.raises(ValueError, match=r"missing \['old'\], unexpected \['age'\]"):
        score(generator, X.rename(columns={"age": "old"}), y)
    with pytest.raises(NotFittedError):
        score(Noise(), X, y)


@pytest.mark.parametrize("method", ["fit", "fit_resample"])
def test_an_interrupted_fit_leaves_the_estimator_as_it_was(method):
    X, y = mixed_table()
    generator = Broken(random_state=0)
    with pytest.raises(KeyboardInterrupt):
        getattr(generator, method)(X, y)
    with pytest.raises(NotFittedError):
        generator.sample(3)
    # A generator that was fitted before stays fitted as it was.
    generator.broken = False
    getattr(generator, method)(X, y)
    assert len(generator.sample(3)[0]) == 3
    expected = generator.sample(9, random_state=0)[0]
    generator.broken = True
    before = dict(generator.__dict__)
    with pytest.raises(KeyboardInterrupt):
        getattr(generator, method)(X.iloc[:50, :3], y[:50])
    assert generator.__dict__ == before
    pd.testing.assert_frame_equal(generator.sample(9, random_state=0)[0], expected)


def test_categorical_features_reach_the_normal_form():
    X, y = mixed_table()
    generator = Noise(
        categorical_features=["age", "floor"], structure=None, random_state=0
    ).fit(X, y)
    kinds = {field.name: field.kind for field in generator.schema_.fields_}
    assert kinds["age"] == kinds["floor"] == "category"
    assert kinds["bid"] == "integer"
    X_new, _ = generator.sample(500)
    assert set(X_new["age"].dropna()) <= set(X["age"].dropna())
