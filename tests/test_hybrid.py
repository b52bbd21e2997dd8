"""Chained and cleaned generators against imbalanced-learn's cleaners."""

from __future__ import annotations

import pickle
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from imblearn.base import BaseSampler
from imblearn.pipeline import make_pipeline
from imblearn.under_sampling import (
    ClusterCentroids,
    EditedNearestNeighbours,
    RandomUnderSampler,
    TomekLinks,
)
from imblearn.utils.estimator_checks import parametrize_with_checks
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from threadpoolctl import threadpool_limits

from skgen.constraints import Inequality
from skgen.hybrid import Hybrid
from skgen.neighbors import SMOTE, SMOTEN, SMOTENC, SVMSMOTE, RandomOverSampler
from skgen.strategies import augment, replace


@pytest.fixture(autouse=True)
def _one_thread():
    with threadpool_limits(1):
        yield


@parametrize_with_checks([Hybrid(random_state=0)])
def test_imblearn_checks(estimator, check):
    check(estimator)


def clouds(n_majority=150, n_minority=40, seed=0):
    rng = np.random.RandomState(seed)
    X = rng.normal(size=(n_majority + n_minority, 2)) * [1, 20]
    y = np.repeat([0, 1], [n_majority, n_minority])
    X[y == 1] += [1.0, 5.0]
    return X, y


def mixed(n=200, seed=0):
    rng = np.random.RandomState(seed)
    X = pd.DataFrame(
        {
            "price": rng.lognormal(size=n),
            "clicks": rng.poisson(2, size=n),
            "city": rng.choice(["Bern", "Oslo", "Rome"], n),
            "seen": pd.Timestamp("2024-05-01")
            + pd.to_timedelta(rng.randint(1000, size=n), "h"),
        }
    )
    X.loc[::6, "price"] = np.nan
    X.loc[::7, "city"] = None
    return X, pd.Series(np.where(np.arange(n) % 5 == 0, "click", "none"), name="y")


def removed_by(cleaner, X, y, n_real):
    """Which rows a cleaner removes from numbers in units of the real deviation."""
    cleaner = clone(cleaner)
    cleaner.fit_resample(X / X[:n_real].std(axis=0), y)
    removed = np.ones(len(X), dtype=bool)
    removed[cleaner.sample_indices_] = False
    return removed


LINKS = TomekLinks(sampling_strategy="all")


class RecordingSMOTENC(SMOTENC):
    """Records the rows it learns."""

    learned: ClassVar[list] = []

    def fit(self, X, y=None):
        self.learned.append((X.copy(), None if y is None else np.array(y)))
        return super().fit(X, y)


class KeepNothing(BaseSampler):
    """Removes all rows."""

    _sampling_type = "bypass"
    _parameter_constraints: dict = {}

    def __init__(self):
        super().__init__()

    def _fit_resample(self, X, y):
        self.sample_indices_ = np.arange(0)
        return X[:0], y[:0]


# ------------------------------------------------------------------------- cleaning


def test_no_synthetic_row_is_in_a_tomek_link():
    X, y = clouds()
    raw = Hybrid(generator=SMOTE(), cleaner="passthrough", random_state=0)
    X_new, y_new = raw.fit_resample(X, y)
    assert removed_by(LINKS, X_new, y_new, len(X))[len(X) :].sum() > 3
    X_new, y_new = Hybrid(generator=SMOTE(), random_state=0).fit_resample(X, y)
    assert not removed_by(LINKS, X_new, y_new, len(X))[len(X) :].any()
    np.testing.assert_array_equal(np.bincount(y_new), [150, 150])
    np.testing.assert_array_equal(X_new[: len(X)], X)
    np.testing.assert_array_equal(y_new[: len(X)], y)


@pytest.mark.parametrize("container", [np.asarray, pd.DataFrame, np.ndarray.tolist])
def test_clean_all_removes_the_real_rows_that_imblearn_removes(container):
    X, y = clouds()
    kept = Hybrid(generator=SMOTE(), random_state=0).fit_resample(X, y)
    gen = Hybrid(generator=SMOTE(), clean="all", random_state=0)
    X_new, y_new = gen.fit_resample(container(X), y)
    removed = removed_by(LINKS, *kept, len(X))
    assert removed.sum() > 5
    np.testing.assert_array_equal(np.asarray(X_new), kept[0][~removed])
    np.testing.assert_array_equal(y_new, kept[1][~removed])
    if isinstance(X_new, pd.DataFrame):
        np.testing.assert_array_equal(X_new.index, np.arange(len(X_new)))


@pytest.mark.parametrize("cleaner", [LINKS, EditedNearestNeighbours()])
def test_clean_all_without_synthetic_rows_is_the_cleaner(cleaner):
    X, y = clouds(100, 100)
    scaled = clone(cleaner).fit_resample(X / X.std(axis=0), y)
    X_new, y_new = Hybrid(cleaner=cleaner, clean="all").fit_resample(X, y)
    assert len(X_new) < len(X)
    np.testing.assert_allclose(X_new, scaled[0] * X.std(axis=0))
    np.testing.assert_array_equal(y_new, scaled[1])


def test_clean_all_with_replaced_rows_returns_the_synthetic_ones():
    X, y = clouds()
    gen = Hybrid(clean="all", sampling_strategy=replace(), random_state=0)
    np.testing.assert_array_equal(np.bincount(gen.fit_resample(X, y)[1]), [150, 40])


class OtherTomekLinks(TomekLinks):
    """The same cleaner, used as any other is: on all rows, in every round."""


@pytest.mark.parametrize("table", [clouds, mixed])
@pytest.mark.parametrize("clean", ["synthetic", "all"])
@pytest.mark.parametrize("strategy", ["all", "auto", "not majority"])
def test_the_search_for_links_gives_what_the_cleaner_gives(table, clean, strategy):
    X, y = table()
    found = [
        Hybrid(
            cleaner=cleaner(sampling_strategy=strategy), clean=clean, random_state=0
        ).fit_resample(X, y)
        for cleaner in (TomekLinks, OtherTomekLinks)
    ]
    for ours, theirs in zip(*found, strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(ours), pd.DataFrame(theirs))


def test_sample_is_cleaned_beside_the_training_rows():
    X, y = clouds()
    gen = Hybrid(generator=SMOTE(), random_state=0).fit(X, y)
    labels = np.random.RandomState(0).randint(2, size=80)
    X_new, y_new = gen.sample(y=labels)
    np.testing.assert_array_equal(y_new, labels)
    together = np.r_[X, X_new], np.r_[y, labels]
    assert not removed_by(LINKS, *together, len(X))[len(X) :].any()


def test_other_cleaners():
    X, y = clouds()
    for cleaner in (
        EditedNearestNeighbours(sampling_strategy="all", kind_sel="mode"),
        RandomUnderSampler(sampling_strategy={0: 120}),
    ):
        gen = Hybrid(generator=SMOTE(), cleaner=cleaner, random_state=0)
        first, second = gen.fit_resample(X, y), clone(gen).fit_resample(X, y)
        np.testing.assert_array_equal(np.bincount(first[1]), [150, 150])
        np.testing.assert_array_equal(first[0], second[0])


def test_rows_that_are_always_removed_are_counted():
    X, y = clouds()
    gen = Hybrid(cleaner=KeepNothing()).fit(X, y)
    match = r"7 of 7 synthetic rows are missing: after 100 tries KeepNothing\(\)"
    with pytest.raises(ValueError, match=match):
        gen.sample(7)


def test_cleaner_that_makes_rows_of_its_own_is_refused():
    X, y = clouds()
    gen = Hybrid(cleaner=ClusterCentroids(voting="soft"), random_state=0)
    with pytest.raises(ValueError, match=r"ClusterCentroids.*no sample_indices_"):
        gen.fit_resample(X, y)


def test_mixed_columns_are_cleaned_on_scaled_numbers_and_categories():
    X, y = mixed()
    X_new, y_new = Hybrid(random_state=0).fit_resample(X, y)
    pd.testing.assert_frame_equal(X_new.iloc[:200], X)
    pd.testing.assert_series_equal(X_new.dtypes, X.dtypes)
    assert (y_new.value_counts() == 160).all()
    assert set(X_new["city"].dropna()) == {"Bern", "Oslo", "Rome"}
    # The vectors by hand: missing numbers hold the median and have a category.
    price, hours = X_new["price"], (X_new["seen"] - X["seen"].min()).dt.total_seconds()
    numbers = [price.fillna(X["price"].median()), X_new["clicks"], hours]
    numbers = np.column_stack([v / v[:200].std(ddof=0) for v in numbers])
    categories = [X_new["city"].fillna("none"), price.isna().astype(str)]
    flags = pd.get_dummies(pd.concat(categories, axis=1)).to_numpy() / np.sqrt(2)
    vectors = np.hstack([numbers, flags])
    cleaner = clone(LINKS)
    cleaner.fit_resample(vectors, y_new)
    assert len(cleaner.sample_indices_) < len(vectors)
    assert np.isin(np.arange(200, 320), cleaner.sample_indices_).all()


def test_without_labels_nothing_is_cleaned():
    X, _ = mixed()
    new = Hybrid(cleaner=KeepNothing(), random_state=0).fit(X).sample(30)
    assert list(new.columns) == list(X.columns)
    assert len(new) == 30


def test_fit_classes_hides_rows_from_the_generator_but_not_from_the_cleaner():
    X, y = clouds()
    RecordingSMOTENC.learned.clear()
    gen = Hybrid(generator=RecordingSMOTENC(), fit_classes="resampled", random_state=0)
    X_new, y_new = gen.fit_resample(X, y)
    np.testing.assert_array_equal(RecordingSMOTENC.learned[0][0], X[y == 1])
    assert not removed_by(LINKS, X_new, y_new, len(X))[len(X) :].any()
    raw = clone(gen).set_params(cleaner="passthrough").fit_resample(X, y)
    assert removed_by(LINKS, *raw, len(X))[len(X) :].any()


# --------------------------------------------------------------------------- chains


def test_final_generator_learns_real_and_synthetic_rows():
    X, y = clouds()
    RecordingSMOTENC.learned.clear()
    gen = Hybrid(
        generator=RecordingSMOTENC(),
        final_generator=RecordingSMOTENC(),
        cleaner="passthrough",
        share=0.3,
        random_state=0,
    ).fit(X, y)
    (first, first_y), (second, second_y) = RecordingSMOTENC.learned
    np.testing.assert_allclose(first, X)
    np.testing.assert_array_equal(first_y, y)
    np.testing.assert_allclose(second[: len(X)], X)
    np.testing.assert_array_equal(np.bincount(second_y[len(X) :]), [45, 12])
    assert not second[len(X) :].isin(X.ravel()).to_numpy().any()
    assert gen.final_generator_.n_features_in_ == 2


def test_share_of_the_first_generator():
    X, y = clouds()
    gen = Hybrid(
        generator=RandomOverSampler(),
        final_generator=SMOTE(),
        cleaner="passthrough",
        share=0.3,
        random_state=0,
    ).fit(X, y)
    labels = np.tile([0, 1], 1000)
    new = gen.sample(y=labels)[0]
    copies = np.isin(new[:, 0], X[:, 0])
    # SMOTE repeats a row too, where the first generator has repeated it.
    for label in (0, 1):
        assert copies[labels == label].mean() > 0.3 - 0.05
    assert copies.mean() < 0.5
    # Each row keeps its label.
    for row, label in zip(new[copies], labels[copies], strict=True):
        assert y[(row == X).all(axis=1)] == label


def test_three_generators():
    X, y = mixed()
    X = X.drop(columns="seen")
    inner = Hybrid(final_generator=SMOTEN(), cleaner="passthrough")
    gen = Hybrid(generator=inner, final_generator=RandomOverSampler(), random_state=0)
    assert (gen.fit_resample(X, y)[1].value_counts() == 160).all()


def test_generators_with_other_normal_forms():
    # Few integers are categories to SMOTENC, numbers to SMOTE.
    rng = np.random.RandomState(0)
    X = pd.DataFrame({"n": rng.choice([1, 5, 10], 120), "a": rng.normal(0, 99, 120)})
    gen = Hybrid(generator=SMOTENC(), final_generator=SMOTE(), random_state=0)
    new = gen.fit(X, np.repeat([0, 1], [80, 40])).sample(500)[0]
    assert new["n"].dtype == X["n"].dtype
    assert new["n"].between(1, 10).all()
    assert not new["n"].isin([1, 5, 10]).all()


# ----------------------------------------------------------------------- parameters


def test_parts_are_reached_by_their_parameters():
    gen = Hybrid(generator=SMOTE(), cleaner=EditedNearestNeighbours())
    gen.set_params(generator__k_neighbors=3, cleaner__n_neighbors=4)
    X, y = clouds()
    gen.fit_resample(X, y)
    assert gen.generator_.k_neighbors == 3
    assert gen.cleaner_.n_neighbors == 4
    assert clone(gen).get_params()["generator__k_neighbors"] == 3
    # The parts themselves stay as they were given.
    assert not hasattr(gen.generator, "schema_")
    assert gen.generator.random_state is None


def test_grid_search_over_parts():
    X, y = clouds()
    pipeline = make_pipeline(Hybrid(random_state=0), LogisticRegression())
    grid = {
        "hybrid__generator": [SMOTE(), RandomOverSampler()],
        "hybrid__final_generator": [None, SMOTE(k_neighbors=2)],
    }
    search = GridSearchCV(pipeline, grid, cv=2, error_score="raise").fit(X, y)
    assert len(search.cv_results_["params"]) == 4


@pytest.mark.parametrize(
    ("params", "match"),
    [
        ({"generator": SMOTE(k_neighbors=0)}, "k_neighbors"),
        ({"generator": LogisticRegression()}, "generator"),
        ({"cleaner": "tomek"}, "cleaner"),
        ({"clean": "none"}, "clean"),
        ({"share": 1.0}, "share"),
    ],
)
def test_parameters_are_validated(params, match):
    with pytest.raises(ValueError, match=f"'{match}' parameter"):
        Hybrid(**params).fit(*clouds())


def test_repeats_for_a_seed_and_survives_pickle():
    X, y = mixed()
    state = pickle.dumps(np.random.get_state())
    gen = Hybrid(final_generator=SMOTENC(k_neighbors=3), random_state=5).fit(X, y)
    other = pickle.loads(pickle.dumps(clone(gen).fit(X, y)))
    for _ in range(2):
        a, b = gen.sample(40), other.sample(40)
        pd.testing.assert_frame_equal(a[0], b[0])
        pd.testing.assert_series_equal(a[1], b[1])
    assert not gen.sample(40)[0].equals(gen.sample(40)[0])
    assert pickle.dumps(np.random.get_state()) == state


def test_categorical_features_reach_the_generator():
    X, y = clouds()
    X[:, 1] = np.random.RandomState(0).choice([10, 20, 50], len(X)) + (X[:, 0] > 0)
    gen = Hybrid(generator=SMOTENC(), categorical_features=[1], random_state=0)
    new = gen.fit_resample(X, y)[0]
    assert gen.generator_.categorical_features == [1]
    assert set(new[:, 1]) == set(X[:, 1])
    with pytest.raises(ValueError, match="column 1 is a category"):
        clone(gen).set_params(generator=SMOTE()).fit(X, y)


def test_errors_of_a_generator_name_the_users_labels():
    X, y = clouds(n_minority=4)
    gen = Hybrid(generator=SMOTE())
    with pytest.raises(ValueError, match="'rare' has 4 rows"):
        gen.fit_resample(X, np.array(["common", "rare"])[y])
    gen = Hybrid(generator=SVMSMOTE(), fit_classes="resampled")
    with pytest.raises(ValueError, match="one class only"):
        gen.fit_resample(X, y)


def test_constraints_and_copies():
    X, y = mixed()
    X["end"] = X["seen"] + pd.to_timedelta(X["clicks"] + 1, "h")
    gen = Hybrid(
        constraints=[Inequality("seen", "end")],
        sampling_strategy=augment({"click": 2.0}),
        reject_copies=True,
        random_state=0,
    )
    new = gen.fit_resample(X, y)[0].iloc[len(X) :]
    assert len(new) == 80
    assert (new["seen"] <= new["end"]).all()
    assert not new.merge(X, how="inner").size
