"""Neighbour-based generators against imbalanced-learn, scikit-learn and brute force."""

from __future__ import annotations

import pickle
import tracemalloc

import numpy as np
import pandas as pd
import pytest
from imblearn import over_sampling
from imblearn.metrics.pairwise import ValueDifferenceMetric
from imblearn.utils.estimator_checks import parametrize_with_checks
from scipy import stats
from sklearn.base import clone
from sklearn.datasets import make_blobs, make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import OrdinalEncoder, StandardScaler
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

from skgen._embedding import embed
from skgen.neighbors import (
    GMMSMOTE,
    SMOTE,
    SMOTEN,
    SMOTENC,
    SVMSMOTE,
    RandomOverSampler,
    class_proportions,
    value_difference,
)

NUMERIC = [SMOTE, SVMSMOTE, GMMSMOTE]
ALL = [RandomOverSampler, *NUMERIC, SMOTENC, SMOTEN]


@pytest.fixture(autouse=True)
def _one_thread():
    # Small matrices: threads would wait for each other.
    with threadpool_limits(1):
        yield


@parametrize_with_checks([generator(random_state=0) for generator in ALL])
def test_imblearn_checks(estimator, check):
    check(estimator)


def clouds(n_majority=150, n_minority=30, seed=0):
    """Two overlapping normal clouds in the plane, of correlated columns."""
    rng = np.random.RandomState(seed)
    X = rng.normal(size=(n_majority + n_minority, 2)) @ [[1.0, 0.8], [0.0, 0.6]]
    y = np.repeat([0, 1], [n_majority, n_minority])
    X[y == 1] += 1.2
    return X, y


def mixed(n=400, seed=0):
    """Continuous numbers and two categories that depend on them."""
    rng = np.random.RandomState(seed)
    a = rng.normal(size=n)
    b = a + rng.normal(size=n)
    city = np.array(["Bern", "Oslo", "Rome"])[
        np.digitize(a + rng.normal(size=n), [0, 1])
    ]
    flag = np.where(b + rng.normal(size=n) > 0.5, "yes", "no")
    y = np.r_[np.zeros(n - n // 4, int), np.ones(n // 4, int)]
    return pd.DataFrame({"a": a, "b": b, "city": city, "flag": flag}), y


def brute_neighbors(distances, k):
    """Nearest others by a square matrix of distances."""
    distances = distances + np.diag(np.full(len(distances), np.inf))
    return np.argsort(distances, axis=1)[:, :k]


def euclidean(X):
    return np.linalg.norm(X[:, None] - X[None], axis=2)


def segments(points, X, neighbors, rows, low, high):
    """Say which points lie at x_i + t (x_j - x_i), with i in rows and low <= t <= high.

    Returns a boolean array of shape (n_points, n_rows, n_neighbors).
    """
    start = X[rows][None, :, None]
    along = X[neighbors[rows]][None] - start
    gap = points[:, None, None] - start
    t = (gap * along).sum(-1) / (along**2).sum(-1)
    off = np.abs(gap - t[..., None] * along).max(-1)
    return (off < 1e-8) & (t >= low - 1e-9) & (t <= high + 1e-9)


# --------------------------------------------------------------------------- shared


@pytest.mark.parametrize("generator", ALL)
def test_fit_sample_repeats_survives_pickle_and_leaves_the_global_seed(generator):
    X, y = clouds()
    state = pickle.dumps(np.random.get_state())
    first = generator(random_state=3).fit(X, y)
    second = pickle.loads(pickle.dumps(generator(random_state=3).fit(X, y)))
    for _ in range(2):
        a, b = first.sample(50), second.sample(50)
        np.testing.assert_array_equal(a[0], b[0])
        np.testing.assert_array_equal(a[1], b[1])
    # Once the neighbours are known, nothing changes.
    restored = pickle.loads(pickle.dumps(first))
    np.testing.assert_array_equal(
        first.sample(40, random_state=1)[0], restored.sample(40, random_state=1)[0]
    )
    assert not np.array_equal(first.sample(50)[0], first.sample(50)[0])
    assert pickle.dumps(np.random.get_state()) == state


@pytest.mark.parametrize("generator", ALL)
def test_labels_are_exactly_those_asked_for(generator):
    X, y = clouds()
    labels = np.array([1, 0, 0, 1, 1])
    X_new, y_new = generator(random_state=0).fit(X, y).sample(y=labels)
    assert X_new.shape == (5, 2)
    np.testing.assert_array_equal(y_new, labels)


@pytest.mark.parametrize("generator", [SMOTE, GMMSMOTE, SMOTENC, SMOTEN])
def test_class_with_too_few_rows_is_named(generator):
    X, y = clouds(n_minority=4)
    y = np.array(["no", "yes"])[y]
    with pytest.raises(ValueError, match=r"'yes' has 4 rows.*Lower k_neighbors to 3"):
        generator().fit_resample(X, y)
    _, y_new = generator(k_neighbors=3, random_state=0).fit_resample(X, y)
    assert (y_new == "yes").sum() == 150


@pytest.mark.parametrize("generator", [SMOTE, GMMSMOTE, SMOTENC, SMOTEN])
def test_small_class_that_gets_no_rows_is_no_error(generator):
    X, y = clouds()
    y[:3] = 2
    gen = generator(sampling_strategy={1: 60}, random_state=0)
    assert (gen.fit_resample(X, y)[1] == 1).sum() == 60


class CountingNeighbors(NearestNeighbors):
    sizes: list = []

    def fit(self, X, y=None):
        self.sizes.append(X.shape[0])
        return super().fit(X, y)


@pytest.mark.parametrize("generator", [SMOTE, SMOTENC])
def test_neighbors_are_searched_once_and_only_for_sampled_classes(generator):
    X, y = clouds()
    CountingNeighbors.sizes.clear()
    gen = generator(k_neighbors=CountingNeighbors(n_neighbors=4), random_state=0)
    X_new, _ = gen.fit_resample(X, y)
    gen.sample(y=[1, 1])
    assert CountingNeighbors.sizes == [30]
    # As in imbalanced-learn, the object's n_neighbors counts the row itself.
    X_int, _ = generator(k_neighbors=3, random_state=0).fit_resample(X, y)
    np.testing.assert_array_equal(X_new, X_int)


@pytest.mark.parametrize("generator", [SMOTE, SMOTENC, SMOTEN, GMMSMOTE])
@pytest.mark.parametrize("k", [0, 2.5, "five"])
def test_k_neighbors_is_validated(generator, k):
    with pytest.raises(ValueError, match="k_neighbors"):
        generator(k_neighbors=k).fit(*clouds())


@pytest.mark.parametrize("generator", ALL)
def test_without_labels(generator):
    X, _ = clouds()
    gen = generator(random_state=0)
    if generator is SVMSMOTE:
        with pytest.raises(ValueError, match="one class only"):
            gen.fit(X)
        return
    assert gen.fit(X).sample(7).shape == (7, 2)


def test_embedding_distances_dense_and_sparse(monkeypatch):
    rng = np.random.RandomState(0)
    numeric, codes = rng.normal(size=(40, 2)), rng.randint(0, 4, size=(40, 3))
    expected = euclidean(numeric) ** 2
    expected += 2.5**2 * (codes[:, None] != codes[None]).sum(-1)
    dense = embed(numeric, codes, 2.5)
    np.testing.assert_allclose(euclidean(dense) ** 2, expected, atol=1e-9)
    monkeypatch.setattr("skgen._embedding.MAX_DENSE_ENTRIES", 0)
    vectors = embed(numeric, codes, 2.5)
    assert vectors.nnz == 40 * 5
    np.testing.assert_array_equal(vectors.toarray(), dense)


# ---------------------------------------------------------------- RandomOverSampler


def test_random_over_sampler_repeats_rows_of_the_class_equally_often():
    X, y = mixed(n=80)
    X.loc[::7, "a"] = np.nan
    X_new, _ = RandomOverSampler(random_state=0).fit(X, y).sample(y=np.ones(4000))
    own = X[y == 1].reset_index(names="row")
    found = X_new.merge(own, how="left", on=list(X.columns))
    assert found["row"].notna().all()
    counts = found["row"].value_counts()
    assert len(counts) == (y == 1).sum()
    assert stats.chisquare(counts).pvalue > 1e-3


def test_shrinkage_agrees_with_imblearn():
    X, y = clouds(n_majority=1000, n_minority=200)
    for shrinkage in (1.5, {1: 1.5}):
        ours = RandomOverSampler(shrinkage=shrinkage, random_state=0)
        theirs = over_sampling.RandomOverSampler(
            shrinkage=1.5, random_state=1, sampling_strategy={1: 3200}
        )
        new = ours.fit(X, y).sample(y=np.ones(3000, dtype=int))[0]
        reference = theirs.fit_resample(X, y)[0][len(X) :]
        reference = np.clip(reference, X.min(axis=0), X.max(axis=0))
        for values, expected in zip(new.T, reference.T, strict=True):
            assert stats.ks_2samp(values, expected).pvalue > 1e-3
        # The noise itself, which the spread of the rows would hide.
        nearest = NearestNeighbors(n_neighbors=1).fit(X[y == 1])
        distances = [nearest.kneighbors(rows)[0].ravel() for rows in (new, reference)]
        assert stats.ks_2samp(*distances).pvalue > 1e-3
        assert min(distances[0].mean(), distances[1].mean()) > 0.01


def test_shrinkage_leaves_categories_and_missing_values():
    X, y = mixed(n=200)
    X["b"] = X["b"].where(np.arange(200) % 3 > 0)
    gen = RandomOverSampler(shrinkage=0.5, random_state=0).fit(X, y)
    new = gen.sample(y=np.ones(2000))[0]
    # Only what is clipped to the range may equal a training value.
    assert new["a"].isin(X["a"]).mean() < 0.02
    assert new["b"].isna().mean() == pytest.approx(1 / 3, abs=0.05)
    assert new["b"].dropna().isin(X["b"]).mean() < 0.02
    rows = X.loc[y == 1, ["city", "flag"]].drop_duplicates()
    assert len(new.merge(rows, on=["city", "flag"])) == 2000


def test_shrinkage_of_zero_is_the_plain_bootstrap():
    X, y = clouds()
    plain = RandomOverSampler(random_state=0).fit_resample(X, y)[0]
    zero = RandomOverSampler(shrinkage=0, random_state=0).fit_resample(X, y)[0]
    np.testing.assert_array_equal(plain, zero)


def test_shrinkage_errors():
    X, y = clouds()
    with pytest.raises(ValueError, match="no entry for class 1"):
        RandomOverSampler(shrinkage={0: 1.0}).fit_resample(X, y)
    for bad in (-1.0, np.nan, "much"):
        with pytest.raises(ValueError, match=r"shrinkage of class 1 is"):
            RandomOverSampler(shrinkage={1: bad}).fit(X, y)
    with pytest.raises(ValueError, match="shrinkage"):
        RandomOverSampler(shrinkage=-0.5).fit(X, y)


# ---------------------------------------------------------------------------- SMOTE


def test_smote_uses_all_nearest_neighbors_and_no_others():
    X, y = clouds(n_minority=20)
    new = SMOTE(k_neighbors=3, random_state=0).fit(X, y).sample(y=np.ones(3000))[0]
    own = X[y == 1]
    neighbors = brute_neighbors(euclidean(own), 3)
    theirs = NearestNeighbors(n_neighbors=4).fit(own)
    theirs = theirs.kneighbors(own, return_distance=False)[:, 1:]
    np.testing.assert_array_equal(neighbors, theirs)
    hits = segments(new, own, neighbors, np.arange(20), 0, 1)
    assert hits.any(axis=(1, 2)).all()
    assert hits.any(axis=0).all()


def test_smote_agrees_with_imblearn():
    X, y = make_classification(
        1200, n_features=4, weights=[0.9], flip_y=0, random_state=0
    )
    new = SMOTE(random_state=0).fit(X, y).sample(y=np.ones(3000, dtype=int))[0]
    theirs = over_sampling.SMOTE(random_state=1, sampling_strategy="all")
    reference = theirs.fit_resample(X, y)[0][len(X) :]
    for column in range(4):
        assert stats.ks_2samp(new[:, column], reference[:, column]).pvalue > 1e-3
    products = [rows[:, 0] * rows[:, 1] for rows in (new, reference)]
    assert stats.ks_2samp(*products).pvalue > 1e-3


def test_smote_row_is_no_neighbor_of_itself_among_copies():
    X = np.r_[np.zeros((9, 2)), np.random.RandomState(0).normal(5, 1, size=(9, 2))]
    X, y = np.r_[X, X + 20], np.repeat([0, 1], 18)
    gen = SMOTE(k_neighbors=2).fit(X, y)
    gen.sample(y=[0])
    neighbors = gen._neighbors(0)
    assert neighbors.shape == (18, 2)
    assert (neighbors != np.arange(18)[:, None]).all()


def test_smote_rounds_integers_and_keeps_times_in_range():
    rng = np.random.RandomState(0)
    X = pd.DataFrame(
        {
            "n": rng.randint(0, 4, size=60),
            "day": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(rng.randint(90, size=60), "D"),
        }
    )
    y = np.repeat([0, 1], [40, 20])
    new = SMOTE(random_state=0).fit_resample(X, y)[0].iloc[60:]
    assert new["n"].dtype == X["n"].dtype
    assert new["n"].between(0, 3).all()
    assert (new["day"] == new["day"].dt.normalize()).all()
    assert new["day"].between(X["day"].min(), X["day"].max()).all()


@pytest.mark.parametrize("generator", NUMERIC)
@pytest.mark.parametrize(
    ("values", "problem"),
    [
        (["a", "b"] * 20, "is a category"),
        ([True, False] * 20, "is a boolean"),
        ([1.5, np.nan, 2.5, 0.25] * 10, "has missing values"),
        ([1, "x"] * 20, "is a mixed"),
    ],
)
def test_numeric_generators_refuse_other_columns(generator, values, problem):
    X = pd.DataFrame({"ok": np.arange(40.0), "bad one": values})
    match = rf"column 'bad one' {problem}.*SMOTENC"
    with pytest.raises(ValueError, match=match):
        generator().fit(X, np.repeat([0, 1], 20))


def test_numeric_generators_refuse_categorical_features():
    X, y = clouds()
    with pytest.raises(ValueError, match="column 1 is a category"):
        SMOTE(categorical_features=[1]).fit(X, y)


@pytest.mark.parametrize("generator", NUMERIC)
def test_tags(generator):
    tags = generator().__sklearn_tags__().input_tags
    assert not any([tags.string, tags.categorical, tags.allow_nan])
    tags = SMOTENC().__sklearn_tags__().input_tags
    assert tags.string
    assert tags.categorical
    assert tags.allow_nan


# ------------------------------------------------------------------------- SVMSMOTE


def svm_reference(X, y, label, m=10, k=5):
    """Endangered and safe support vectors of a class, and neighbours in the class."""
    support = SVC().fit(X, y).support_
    others = y[brute_neighbors(euclidean(X), m)] != label
    n_others = others.sum(axis=1)[support[y[support] == label]]
    members = np.flatnonzero(y == label)
    rows = np.searchsorted(members, support[y[support] == label])
    neighbors = brute_neighbors(euclidean(X[members]), k)
    in_danger = rows[(n_others >= m / 2) & (n_others < m)]
    return X[members], neighbors, in_danger, rows[n_others < m / 2]


def test_svmsmote_goes_inwards_from_endangered_and_outwards_from_safe_vectors():
    X, y = clouds(n_majority=200, n_minority=80, seed=4)
    own, neighbors, in_danger, safe = svm_reference(X, y, 1)
    assert min(len(in_danger), len(safe)) > 5
    gen = SVMSMOTE(out_step=0.3, random_state=0).fit(X, y)
    shares = []
    for seed in range(150):
        new = gen.sample(y=np.ones(100), random_state=seed)[0]
        clipped = ((new == X.min(axis=0)) | (new == X.max(axis=0))).any(axis=1)
        inside = segments(new, own, neighbors, in_danger, 0, 1).any(axis=(1, 2))
        outside = segments(new, own, neighbors, safe, -0.3, 0).any(axis=(1, 2))
        assert (inside | outside | clipped).all()
        # Ties of both kinds do not occur, and only extrapolated rows are clipped.
        assert not (inside & outside).any()
        assert not (inside & clipped).any()
        shares.append(inside.mean())
        # The kinds are not sorted: any label may be asked for at any place.
        assert np.diff(inside.astype(int)).astype(bool).sum() > 10
    # imblearn takes int(share * 101) of 100 rows.
    expected = stats.beta(10, 10)
    assert stats.kstest(np.array(shares), expected.cdf).pvalue > 1e-3


def test_svmsmote_meets_the_number_when_there_is_one_kind_only():
    X, y = make_blobs([60, 30], centers=[[-6, 0], [6, 0]], random_state=0)
    own, neighbors, in_danger, safe = svm_reference(X, y, 1)
    assert not len(in_danger)
    X_new, y_new = SVMSMOTE(random_state=0).fit_resample(X, y)
    np.testing.assert_array_equal(np.bincount(y_new), [60, 60])
    new = X_new[90:]
    free = ((new > X.min(axis=0)) & (new < X.max(axis=0))).all(axis=1)
    assert segments(new[free], own, neighbors, safe, -0.5, 0).any(axis=(1, 2)).all()
    assert free.sum() > 3


def test_svmsmote_names_a_class_whose_support_vectors_are_noise():
    rng = np.random.RandomState(0)
    X = np.r_[rng.uniform(0, 10, size=(300, 2)), [[2, 2], [2, 8], [8, 2], [8, 8]]]
    y = np.array(["common", "rare"])[np.repeat([0, 1], [300, 4])]
    with pytest.raises(ValueError, match=r"class 'rare' are noise.*use SMOTE"):
        SVMSMOTE(k_neighbors=2, m_neighbors=3).fit_resample(X, y)


def test_svmsmote_errors():
    X, y = clouds(n_majority=8, n_minority=7)
    with pytest.raises(ValueError, match="no attribute support_"):
        SVMSMOTE(svm_estimator=LogisticRegression()).fit(X, y)
    with pytest.raises(ValueError, match="15 rows, but m_neighbors = 20"):
        SVMSMOTE(m_neighbors=20).fit(X, y)
    with pytest.raises(ValueError, match="out_step"):
        SVMSMOTE(out_step=2).fit(X, y)
    gen = SVMSMOTE(svm_estimator=SVC(C=7), m_neighbors=NearestNeighbors(n_neighbors=4))
    assert clone(gen).fit(X, y).svm_estimator_.C == 7


# ------------------------------------------------------------------------- GMMSMOTE


def three_blobs():
    centers = np.array([[0, 0], [12, 0], [0, 12]])
    X, y = make_blobs([25, 25, 25, 150], centers=[*centers, [30, 30]], random_state=0)
    return X, (y == 3).astype(int), centers


def distance_to_centers(X, centers):
    return np.linalg.norm(X[:, None] - centers, axis=2).min(axis=1)


def test_gmmsmote_stays_in_the_components_where_smote_bridges():
    X, y, centers = three_blobs()
    radius = distance_to_centers(X[y == 0], centers).max()
    gen = GMMSMOTE(k_neighbors=20, random_state=0).fit(X, y)
    new = gen.sample(y=np.zeros(2000))[0]
    assert gen.n_components_ == {0: 3}
    assert (distance_to_centers(new, centers) <= radius).all()
    # Every blob is drawn from.
    at = np.linalg.norm(new[:, None] - centers, axis=2).argmin(axis=1)
    assert np.bincount(at).min() > 500
    bridged = SMOTE(k_neighbors=30, random_state=0).fit(X, y)
    bridged = bridged.sample(y=np.zeros(2000))[0]
    assert (distance_to_centers(bridged, centers) > radius).any()


def test_gmmsmote_neighbors_are_the_nearest_in_the_component():
    X, y, centers = three_blobs()
    own = X[y == 0]
    new = GMMSMOTE(k_neighbors=4, random_state=0).fit(X, y).sample(y=np.zeros(1500))[0]
    member = np.linalg.norm(own[:, None] - centers, axis=2).argmin(axis=1)
    apart = np.where(member[:, None] == member, 0, np.inf)
    neighbors = brute_neighbors(euclidean(own) + apart, 4)
    hits = segments(new, own, neighbors, np.arange(len(own)), 0, 1)
    assert hits.any(axis=(1, 2)).all()


@pytest.mark.parametrize("covariance_type", ["full", "diag"])
def test_gmmsmote_minimises_the_bic(covariance_type):
    rng = np.random.RandomState(2)
    X = np.r_[rng.normal(size=(80, 2)) * [1, 6], rng.normal(size=(80, 2)) * [6, 1] + 5]
    y = np.repeat([0, 1], [120, 40])
    gen = GMMSMOTE(max_components=5, covariance_type=covariance_type, random_state=0)
    gen.fit(X, y).sample(y=[0])
    points = StandardScaler().fit_transform(X[y == 0])
    scores = [
        GaussianMixture(
            n, covariance_type=covariance_type, reg_covar=1e-3, n_init=3, random_state=1
        )
        .fit(points)
        .bic(points)
        for n in range(1, 6)
    ]
    assert gen.n_components_ == {0: 1 + int(np.argmin(scores))}


def test_gmmsmote_with_one_component_is_smote():
    X, y = clouds()
    one = GMMSMOTE(max_components=1, random_state=0).fit_resample(X, y)[0]
    np.testing.assert_array_equal(one, SMOTE(random_state=0).fit_resample(X, y)[0])


def test_gmmsmote_dissolves_components_that_are_too_small():
    X, y, centers = three_blobs()
    lonely = np.array([[60.0, -40.0], [60.5, -40.0]])
    X, y = np.r_[lonely, X], np.r_[0, 0, y]
    gen = GMMSMOTE(k_neighbors=5, random_state=0).fit(X, y)
    new = gen.sample(y=np.zeros(3000))[0]
    own = X[y == 0]
    # They join the nearest blob, around (12, 0), and none is repeated.
    member = np.linalg.norm(own[:, None] - centers, axis=2).argmin(axis=1)
    member[:2] = 1
    apart = np.where(member[:, None] == member, 0, np.inf)
    neighbors = brute_neighbors(euclidean(own) + apart, 5)
    hits = segments(new, own, neighbors, np.arange(len(own)), 0, 1)
    assert hits.any(axis=(1, 2)).all()
    assert hits[:, :2].any(axis=0).all()
    assert not (euclidean_between(new, lonely) == 0).any()


def euclidean_between(a, b):
    return np.linalg.norm(a[:, None] - b[None], axis=2)


# -------------------------------------------------------------------------- SMOTENC


def smotenc_distances(X, numbers, categories):
    """Chawla's distance by brute force."""
    weight = np.median(X[numbers].to_numpy().std(axis=0))
    squares = euclidean(X[numbers].to_numpy()) ** 2
    for name in categories:
        values = X[name].to_numpy()
        squares += weight**2 * (values[:, None] != values[None])
    return np.sqrt(squares)


def test_smotenc_majority_of_the_nearest_by_brute_force():
    X, y = mixed(n=240)
    gen = SMOTENC(k_neighbors=4, random_state=0).fit(X, y)
    new = gen.sample(y=np.ones(800))[0]
    own = X[y == 1].reset_index(drop=True)
    neighbors = brute_neighbors(smotenc_distances(own, ["a", "b"], ["city", "flag"]), 4)
    hits = segments(
        new[["a", "b"]].to_numpy(),
        own[["a", "b"]].to_numpy(),
        neighbors,
        np.arange(len(own)),
        0,
        1,
    ).any(axis=2)
    assert hits.any(axis=1).all()
    for name in ("city", "flag"):
        winners = [set(own.loc[rows, name].mode()) for rows in neighbors]
        for value, bases in zip(new[name], hits, strict=True):
            assert any(value in winners[base] for base in np.flatnonzero(bases))


def test_smotenc_agrees_with_imblearn():
    X, y = mixed(n=1600)
    n_new = 800
    new = SMOTENC(random_state=0).fit(X, y).sample(y=np.ones(n_new))[0]
    reference = over_sampling.SMOTENC(["city", "flag"], random_state=1)
    reference = reference.fit_resample(X, y)[0].iloc[len(X) :]
    for name in ("a", "b"):
        assert stats.ks_2samp(new[name], reference[name]).pvalue > 1e-3
    cells = [rows["city"] + rows["flag"] for rows in (new, reference)]
    counts = pd.concat([c.value_counts() for c in cells], axis=1).fillna(0)
    counts = counts[counts.sum(axis=1) >= 10]
    assert stats.chi2_contingency(counts).pvalue > 1e-3


def test_smotenc_breaks_ties_between_categories_at_random():
    X = pd.DataFrame({"a": np.r_[0.0, 0.1, 0.3], "c": ["x", "y", "z"]})
    X = pd.concat([X, X.assign(a=X["a"] + 9)])
    y = np.repeat([0, 1], 3)
    gen = SMOTENC(k_neighbors=2, random_state=0).fit(X, y)
    new = gen.sample(y=np.zeros(3000))[0]
    # Each row's neighbours are the two others: every category is as frequent.
    assert stats.chisquare(new["c"].value_counts()).pvalue > 1e-3


@pytest.mark.parametrize("k", [3, 5])
def test_smotenc_no_filler_of_missing_numbers_leaks(k):
    # Two classes in two places, with values near 0 and near 100, as many of each: the
    # median, which stands in for a missing value, is near 50. Each group has three rows
    # without the number, which have two such neighbours: the majority of three, not of
    # five.
    rng = np.random.RandomState(0)
    side, y = np.repeat([0, 1, 0, 1], 15), np.repeat([0, 1], 30)
    X = pd.DataFrame({"place": 900.0 * side + rng.normal(size=60)})
    X["value"] = 100.0 * side + rng.uniform(size=60)
    X["spent"] = 100.0 * side + rng.uniform(1, 2, size=60)
    for start in range(0, 60, 15):
        X.loc[start : start + 2, "value"] = np.nan
        X.loc[start + 3 : start + 5, "spent"] = 0.0
    gen = SMOTENC(k_neighbors=k, random_state=0).fit(X, y)
    table = gen._sample(np.tile([0, 1], 1000), np.random.RandomState(0))
    assert table.gates.tolist() == [-1, 0, 1]
    right = table.numeric[:, 0] > 450
    for number, filler in ((1, X["value"].median()), (2, 0)):
        values, active = table.numeric[:, number], table.active(number)
        # Rows of the two places are no neighbours: what lies between is a filler.
        assert (values[active & ~right] <= 2).all()
        assert (values[active & ~right] >= number - 1).all()
        assert (values[active & right] >= 99 + number).all()
        assert len(np.unique(values[active])) > 0.8 * active.sum()
        # Where it does not count, a number is what the normal form prescribes.
        np.testing.assert_allclose(values[~active], filler)
        if k == 3:
            assert active.mean() == pytest.approx(0.8, abs=0.05)
        else:
            assert active.all()
    new = gen.sample(1000)[0]
    assert not new["value"].between(1, 100).any()


def test_smotenc_interpolates_gated_numbers():
    X, y = mixed(n=400)
    X.loc[::4, "b"] = np.nan
    new = SMOTENC(random_state=0).fit(X, y).sample(y=np.ones(500))[0]
    kept = new["b"].dropna()
    assert len(kept) > 300
    assert kept.isin(X["b"]).mean() < 0.05


def test_smotenc_takes_columns_of_any_kind():
    rng = np.random.RandomState(0)
    n = 200
    X = pd.DataFrame(
        {
            "price": rng.lognormal(size=n),
            "clicks": rng.poisson(1, size=n),
            "vip": rng.uniform(size=n) < 0.2,
            "city": pd.Categorical(
                rng.choice(["a", "b", "c"], n), ["c", "b", "a", "d"]
            ),
            "tags": rng.choice(["1^2", "2^3^4", "5", "1^5"], n),
            "seen": pd.Timestamp("2024-05-01")
            + pd.to_timedelta(rng.randint(1000, size=n), "h"),
            "same": 3,
        }
    )
    X.loc[::9, "city"] = None
    y = pd.Series(np.where(rng.uniform(size=n) < 0.2, "click", "none"), name="y")
    X_new, y_new = SMOTENC(random_state=0).fit_resample(X, y)
    pd.testing.assert_frame_equal(X_new.iloc[:n], X)
    pd.testing.assert_series_equal(X_new.dtypes, X.dtypes)
    assert y_new.value_counts().nunique() == 1
    new = X_new.iloc[n:]
    assert new["price"].between(X["price"].min(), X["price"].max()).all()
    assert set(new["clicks"]) <= set(X["clicks"])
    assert new["vip"].dtype == bool


def test_smotenc_needs_memory_for_rows_not_levels():
    rng = np.random.RandomState(0)
    n = 5000
    X = pd.DataFrame(
        {
            "a": rng.normal(size=n),
            "user": pd.Categorical(rng.randint(0, 20_000, size=n)),
            "app": pd.Categorical(rng.zipf(1.5, size=n).clip(max=20_000)),
        }
    )
    y = (np.arange(n) < 500).astype(int)
    tracemalloc.start()
    new, _ = SMOTENC(random_state=0).fit(X, y).sample(n)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < n * X["user"].nunique() * 8
    assert new["user"].isin(X["user"]).all()


@pytest.mark.parametrize("generator", [SMOTENC, SMOTEN])
def test_neighbors_at_equal_distance_are_spread(generator):
    # All rows of a class differ in the only column, so all distances are the same. A
    # search alone would give everyone the same few neighbours.
    X, y = np.arange(200).reshape(-1, 1), np.repeat([0, 1], 100)
    gen = generator(categorical_features=[0], random_state=0).fit(X, y)
    new = gen.sample(y=np.zeros(6000))[0].ravel()
    counts = np.bincount(new, minlength=100)
    assert counts.sum() == counts[:100].sum() == 6000
    assert counts.max() < 240
    assert (counts > 0).sum() > 90


def test_smotenc_categories_count_where_numbers_are_constant():
    # In class 1 the numbers do not vary: the median deviation is 0.
    rng = np.random.RandomState(0)
    group = np.r_[rng.randint(2, size=60), np.repeat([0, 1], [45, 15])]
    X = pd.DataFrame({"a": np.r_[rng.normal(size=60), np.ones(60)]})
    for name in "uvw":
        X[name] = np.array(["s", "t"])[group]
    new = (
        SMOTENC(random_state=0).fit(X, np.repeat([0, 1], 60)).sample(y=np.ones(2000))[0]
    )
    assert (new["u"] == new["v"]).all()
    assert (new["u"] == "t").mean() == pytest.approx(0.25, abs=0.05)
    assert (new["a"] == 1).all()


# --------------------------------------------------------------------------- SMOTEN


def nominal(n=300, n_classes=2, seed=0):
    rng = np.random.RandomState(seed)
    y = rng.randint(n_classes, size=n)
    codes = [
        np.minimum(rng.poisson(1 + y), 4),
        rng.randint(6, size=n),
        (y + rng.randint(3, size=n)) % 5,
    ]
    X = pd.DataFrame(np.column_stack(codes), columns=list("abc"))
    return X.map(lambda value: f"v{value}"), y


@pytest.mark.parametrize("n_classes", [2, 4])
def test_value_difference_equals_imblearn(n_classes):
    X, y = nominal(n_classes=n_classes)
    encoder = OrdinalEncoder(dtype=np.int32)
    codes = encoder.fit_transform(X)
    cardinalities = np.array([len(c) for c in encoder.categories_])
    metric = ValueDifferenceMetric(n_categories=cardinalities).fit(codes, y)
    proportions = class_proportions(codes, y, cardinalities, n_classes)
    for ours, theirs in zip(proportions, metric.proba_per_class_, strict=True):
        np.testing.assert_allclose(ours, theirs)
    np.testing.assert_allclose(
        value_difference(codes[:40], codes, proportions),
        metric.pairwise(codes[:40], codes),
        atol=1e-12,
    )


@pytest.mark.parametrize("n_classes", [2, 3])
def test_smoten_neighbors_are_the_nearest_by_imblearns_metric(n_classes):
    X, y = nominal(n_classes=n_classes)
    codes = OrdinalEncoder(dtype=np.int32).fit_transform(X)
    distances = ValueDifferenceMetric().fit(codes, y).pairwise(codes[y == 1])
    gen = SMOTEN(random_state=0).fit(X, y)
    found = np.take_along_axis(distances, gen._neighbors(1), axis=1)
    expected = np.sort(distances + np.diag(np.full(len(distances), np.inf)), axis=1)
    np.testing.assert_allclose(np.sort(found, axis=1), expected[:, :5], atol=1e-7)


def test_smoten_agrees_with_imblearn():
    # Five voters on two values: no ties, which imblearn breaks by the order of values.
    rng = np.random.RandomState(0)
    y = (np.arange(900) < 200).astype(int)
    draws = rng.uniform(size=(900, 3)) < 0.3 + 0.3 * y[:, None] * [0.5, 1, 1.3]
    X = pd.DataFrame(np.where(draws, "x", "o"), columns=list("abc"))
    new = SMOTEN(k_neighbors=4, random_state=0).fit(X, y).sample(y=np.ones(500))[0]
    theirs = over_sampling.SMOTEN(k_neighbors=4, random_state=1)
    reference = pd.DataFrame(theirs.fit_resample(X, y)[0]).iloc[900:]
    cells = [rows.sum(axis=1).value_counts() for rows in (new, reference)]
    counts = pd.concat(cells, axis=1).fillna(0)
    assert stats.chi2_contingency(counts).pvalue > 1e-3


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_smoten_chunks_do_not_change_the_result(n_jobs):
    X, y = nominal(n=1200, n_classes=3)
    whole = SMOTEN(k_neighbors=9, chunk_size=10_000, random_state=0).fit(X, y)
    parts = SMOTEN(k_neighbors=9, chunk_size=64, n_jobs=n_jobs, random_state=0)
    parts.fit(X, y)
    np.testing.assert_array_equal(whole._neighbors(1), parts._neighbors(1))
    pd.testing.assert_frame_equal(whole.sample(300)[0], parts.sample(300)[0])


def test_smoten_needs_no_square_matrix():
    X, y = nominal(n=12_000, n_classes=3)
    gen = SMOTEN(chunk_size=500, random_state=0).fit(X, y)
    tracemalloc.start()
    gen.sample(y=[0, 0])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.25 * (y == 0).sum() ** 2 * 8


def test_smoten_without_labels_counts_differences():
    group = np.repeat([0, 1], [80, 20])
    X = pd.DataFrame({name: np.array(["s", "t"])[group] for name in "uvw"})
    new = SMOTEN(random_state=0).fit(X).sample(2000)
    assert (new["u"] == new["v"]).all()
    assert (new["u"] == "t").mean() == pytest.approx(0.2, abs=0.05)


def test_smoten_takes_numbers_as_categories():
    X = np.random.RandomState(0).choice([0.5, 2.25, 7.0], size=(60, 2))
    new = SMOTEN(random_state=0).fit_resample(X, np.repeat([0, 1], [45, 15]))[0]
    assert set(np.unique(new)) == {0.5, 2.25, 7.0}
