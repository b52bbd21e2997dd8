"""What all neighbour-based generators keep."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from imblearn.utils.estimator_checks import parametrize_with_checks
from sklearn.neighbors import NearestNeighbors

from skgen.neighbors import (
    GMMSMOTE,
    SMOTE,
    SMOTEN,
    SMOTENC,
    SVMSMOTE,
    RandomOverSampler,
)

from .reference import clouds

NUMERIC = [SMOTE, SVMSMOTE, GMMSMOTE]
ALL = [RandomOverSampler, *NUMERIC, SMOTENC, SMOTEN]


@parametrize_with_checks([generator(random_state=0) for generator in ALL])
def test_imblearn_checks(estimator, check):
    check(estimator)


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


class CountingQueries(NearestNeighbors):
    """Counts the rows whose neighbours are searched."""

    counts: list = []

    def kneighbors(self, X=None, n_neighbors=None, return_distance=True):
        self.counts.append(len(X))
        return super().kneighbors(X, n_neighbors, return_distance)


@pytest.mark.parametrize("generator", [SMOTE, SMOTENC, GMMSMOTE])
def test_neighbors_are_searched_for_the_rows_drawn_from(generator):
    X, y = clouds(n_majority=500)
    CountingQueries.counts.clear()
    search = CountingQueries(n_neighbors=6)
    gen = generator(k_neighbors=search, random_state=0).fit(X, y)
    gen.sample(y=np.zeros(20))
    assert 10 < sum(CountingQueries.counts) <= 20
    gen.sample(y=np.zeros(20))
    assert 20 < sum(CountingQueries.counts) <= 40
    gen.sample(y=np.zeros(5000))
    assert sum(CountingQueries.counts) == 500


@pytest.mark.parametrize("n_classes", [1, 2, 3])
@pytest.mark.parametrize("generator", [SMOTE, SMOTENC, SMOTEN, GMMSMOTE])
def test_what_was_drawn_before_does_not_change_what_is_drawn(generator, n_classes):
    X, y = clouds(n_majority=300, n_minority=60)
    X, y = X.round(1), (y + (np.arange(360) < 60)) % n_classes
    y = None if n_classes == 1 else y
    fresh, used = (generator(random_state=0).fit(X, y) for _ in range(2))
    for seed, n_samples in enumerate([3, 40, 2000]):
        used.sample(n_samples, random_state=seed)
    for n_samples in (5, 100):
        samples = [gen.sample(n_samples, random_state=9) for gen in (fresh, used)]
        if y is not None:
            samples = [sample[0] for sample in samples]
        np.testing.assert_array_equal(*samples)


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


@pytest.mark.parametrize("generator", NUMERIC)
def test_tags(generator):
    tags = generator().__sklearn_tags__().input_tags
    assert not any([tags.string, tags.categorical, tags.allow_nan])
    tags = SMOTENC().__sklearn_tags__().input_tags
    assert tags.string
    assert tags.categorical
    assert tags.allow_nan
