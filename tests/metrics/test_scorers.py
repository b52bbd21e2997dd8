import inspect
import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import NotFittedError
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

import skgen.metrics
from skgen.metrics import GeneratorScorer, get_scorer, get_scorer_names


class Bootstrap(BaseEstimator):
    """Training rows with replacement, their number `x` blurred by `noise`."""

    def __init__(self, noise=0.0):
        self.noise = noise

    def fit(self, X, y=None):
        self.training_rows_ = X
        self.y_ = None if y is None else np.asarray(y)
        self.rng_ = np.random.RandomState(0)
        return self

    def sample(self, n_samples=None, *, y=None, random_state=None):
        check_is_fitted(self)
        rng = self.rng_ if random_state is None else check_random_state(random_state)
        rows = rng.randint(0, len(self.training_rows_), n_samples)
        if isinstance(self.training_rows_, pd.DataFrame):
            X = self.training_rows_.iloc[rows].reset_index(drop=True)
            X["x"] = X["x"] + self.noise * rng.normal(size=n_samples)
        else:
            X = self.training_rows_[rows].copy()
            X[:, 0] += self.noise * rng.normal(size=n_samples)
        return X if self.y_ is None else (X, self.y_[rows])


def clicks(n_rows=400, seed=0):
    rng = np.random.RandomState(seed)
    x = rng.normal(size=n_rows)
    X = pd.DataFrame(
        {
            "x": x,
            "z": rng.exponential(size=n_rows) - x,
            "site": pd.Categorical(rng.choice(list("abc"), n_rows)),
        }
    )
    y = np.where(X["x"] + rng.normal(size=n_rows) > 0.5, "click", "none")
    return X, y


HIGHER_IS_BETTER = {
    "alpha_precision",
    "beta_recall",
    "combined_score",
    "contingency_similarity",
    "correlation_similarity",
    "dcr_ratio",
    "distance_to_closest_record",
    "feature_importance_agreement",
    "js_fidelity",
    "kde_overlap",
    "knn_f1",
    "knn_precision",
    "knn_recall",
    "nndr",
    "rules_kept",
    "train_real_test_real",
    "train_synthetic_test_real",
    "utility_ratio",
}
OF_LABELS = {
    "combined_score",
    "feature_importance_agreement",
    "train_real_test_real",
    "train_synthetic_test_real",
    "utility_ratio",
}
OF_TRAINING_ROWS = {"copies", "dcr_ratio", "distance_to_closest_record", "nndr"}
OF_ANONYMETER = {"inference_risk", "linkability_risk", "singling_out_risk"}
OF_HELD_OUT_ROWS = {
    "dcr_share",
    "density_membership_inference",
    "distance_membership_inference",
    "epsilon_identifiability",
    "hitting_rate",
    "privacy_loss",
    *OF_ANONYMETER,
}
OF_PRIVACY = OF_TRAINING_ROWS | OF_HELD_OUT_ROWS
NO_FUNCTIONS = {
    "compare_histories",
    "compare_rules",
    "GeneratorScorer",
    "get_scorer",
    "get_scorer_names",
    "pareto_front",
    "precision_recall_distance_curve",
}
# The others are slow, and need a package: tests/metrics/test_anonymeter.py
AVAILABLE = [name for name in get_scorer_names() if name not in OF_ANONYMETER]


@pytest.fixture(scope="module")
def held_out():
    return clicks(seed=1)


@pytest.fixture(scope="module")
def fitted():
    return Bootstrap(noise=0.1).fit(*clicks())


def test_names():
    assert get_scorer_names() == sorted(get_scorer_names())
    # every name is that of a public function, and every function has its scorer
    assert set(get_scorer_names()) == set(skgen.metrics.__all__) - NO_FUNCTIONS
    documented = {n for n in get_scorer_names() if f"`{n}`" in GeneratorScorer.__doc__}
    assert documented == set(get_scorer_names())


@pytest.mark.parametrize("name", AVAILABLE)
def test_score_is_the_signed_measure(name, fitted, held_out):
    X, y = held_out
    X_synthetic, y_synthetic = fitted.sample(len(X), random_state=5)
    tables = {"real": X, "synthetic": X_synthetic}
    labels = {"y_real": y, "y_synthetic": y_synthetic}
    if name == "train_real_test_real":
        arguments = {"real": X, "y_real": y}
    elif name in OF_LABELS:
        arguments = {**tables, **labels}
    elif name in OF_PRIVACY:
        arguments = {**tables, "real": fitted.training_rows_}
        if name in OF_HELD_OUT_ROWS:
            arguments["held_out"] = X
    else:
        arguments = {
            "real": X.assign(y=pd.Categorical(y)),
            "synthetic": X_synthetic.assign(y=pd.Categorical(y_synthetic)),
        }
    measure = getattr(skgen.metrics, name)
    if "random_state" in inspect.signature(measure).parameters:
        arguments["random_state"] = 5
    sign = 1 if name in HIGHER_IS_BETTER else -1
    expected = sign * measure(**arguments)
    score = get_scorer(name, random_state=5)(fitted, X, y)
    assert isinstance(score, float)
    assert score == expected


class FewRows(Bootstrap):
    """A few training rows again and again: what noise is to precision, to recall."""

    def sample(self, n_samples=None, *, y=None, random_state=None):
        X, labels = super().sample(n_samples, y=y, random_state=random_state)
        rows = np.arange(n_samples) % 20
        return X.iloc[rows].reset_index(drop=True), labels[rows]


# One does not depend on the generator; the others on ids and rules, of which these
# tables have none (see test_structure.py).
UNMOVED = {"train_real_test_real", "id_frequency_distance", "rules_kept"}


@pytest.mark.parametrize("name", sorted({*AVAILABLE} - UNMOVED))
def test_higher_is_better(name, held_out):
    """A generator that is better in the sense of the measure scores higher."""
    train = clicks()
    better, worse = (Bootstrap(noise=n).fit(*train) for n in (0.001, 8.0))
    # Noise costs fidelity and utility, and buys privacy.
    if name in OF_PRIVACY:
        better, worse = Bootstrap(noise=0.5).fit(*train), Bootstrap().fit(*train)
    if name == "knn_recall":
        worse = FewRows().fit(*train)
    scorer = get_scorer(name)
    assert scorer(better, *held_out) > scorer(worse, *held_out)


@pytest.mark.parametrize("name", AVAILABLE)
def test_scores_repeat(name, fitted, held_out):
    scorer = get_scorer(name)
    first = scorer(fitted, *held_out)
    assert scorer(fitted, *held_out) == first
    for copy in (pickle.loads(pickle.dumps(scorer)), clone(scorer)):
        assert copy is not scorer
        assert repr(copy) == repr(scorer)
        assert copy(fitted, *held_out) == first


def test_seed_reaches_the_sample(held_out):
    fitted = Bootstrap(noise=0.1).fit(*clicks())
    scores = [get_scorer("nndr", random_state=s)(fitted, *held_out) for s in range(3)]
    assert len(set(scores)) == 3
    unseeded = get_scorer("nndr", random_state=None)
    assert unseeded(fitted, *held_out) != unseeded(fitted, *held_out)


@pytest.mark.parametrize("name", [n for n in AVAILABLE if n not in OF_LABELS])
def test_generator_without_labels(name, held_out):
    X, y = held_out
    generator = Bootstrap(noise=0.1).fit(clicks()[0])
    assert np.isfinite(get_scorer(name)(generator, X))
    with pytest.raises(ValueError, match="Bootstrap was fitted without y"):
        get_scorer(name)(generator, X, y)


@pytest.mark.parametrize("name", AVAILABLE)
def test_arrays(name, held_out):
    X, y = (held_out[0][["x", "z"]].to_numpy(), held_out[1])
    train = clicks()
    generator = Bootstrap(noise=0.1).fit(train[0][["x", "z"]].to_numpy(), train[1])
    frames = Bootstrap(noise=0.1).fit(train[0][["x", "z"]], train[1])
    score = get_scorer(name)(generator, X, y)
    assert score == get_scorer(name)(frames, held_out[0][["x", "z"]], y)


def test_label_is_a_category_and_its_column_has_a_name_of_its_own():
    X, y = clicks()
    X = X.rename(columns={"z": "label"})
    generator = Bootstrap().fit(X, (y == "click").astype(int))
    same = get_scorer("js_divergence")(generator, X, (y == "click").astype(int))
    flipped = get_scorer("js_divergence")(generator, X, np.full(len(y), 7))
    assert flipped < same - 0.2  # one column of four is disjoint
    assert list(X.columns) == ["x", "label", "site"]


def test_detection_sees_the_label(held_out):
    X, y = held_out
    train, labels = clicks()
    shuffled = np.random.RandomState(0).permutation(labels)
    scorer = get_scorer("detection", classifier=None, cv=3)
    with_dependence = scorer(Bootstrap(0.1).fit(train, labels), X, y)
    without = scorer(Bootstrap(0.1).fit(train, shuffled), X, y)
    assert without < with_dependence - 0.05


@pytest.mark.parametrize("name", sorted(OF_LABELS))
def test_utility_needs_labels(name, fitted, held_out):
    with pytest.raises(ValueError, match=f"{name} needs labels"):
        get_scorer(name)(fitted, held_out[0])


@pytest.mark.parametrize("name", sorted(OF_PRIVACY & set(AVAILABLE)))
def test_privacy_needs_the_training_rows(name, held_out):
    class Forgetful(Bootstrap):
        def sample(self, n_samples=None, *, y=None, random_state=None):
            return clicks(n_samples, random_state)

    generator = Forgetful().fit(*clicks())
    assert np.isfinite(get_scorer(name)(generator, *held_out))
    for forget in (
        lambda: setattr(generator, "training_rows_", None),
        lambda: delattr(generator, "training_rows_"),
    ):
        forget()
        with pytest.raises(ValueError, match=r"Forgetful .*training_rows_.*as `real`"):
            get_scorer(name)(generator, *held_out)


@pytest.mark.parametrize("name", get_scorer_names())
def test_unfitted_generator(name, held_out):
    with pytest.raises(NotFittedError, match="Bootstrap"):
        get_scorer(name)(Bootstrap(), *held_out)


def test_pipeline_is_refused(fitted, held_out):
    pipeline = make_pipeline(fitted)
    with pytest.raises(TypeError, match="Pipeline has no method `sample`"):
        get_scorer("detection")(pipeline, *held_out)


def test_options():
    scorer = get_scorer("detection", max_samples=2000, random_state=0)
    assert (
        repr(scorer) == "GeneratorScorer('detection', max_samples=2000, random_state=0)"
    )
    assert scorer.get_params() == {
        "name": "detection",
        "random_state": 0,
        "max_samples": 2000,
    }
    assert scorer.set_params(max_samples=10, random_state=1) is scorer
    assert scorer.get_params()["max_samples"] == 10
    assert scorer.random_state == 1
    classifier = LogisticRegression()
    copy = clone(get_scorer("detection", classifier=classifier))
    assert isinstance(copy.options["classifier"], LogisticRegression)
    assert copy.options["classifier"] is not classifier


def test_options_reach_the_measure(fitted, held_out):
    bins = [get_scorer("js_divergence", n_bins=n)(fitted, *held_out) for n in (2, 50)]
    assert bins[0] > bins[1]
    scorer = get_scorer("train_synthetic_test_real", scoring="neg_log_loss")
    assert scorer(fitted, *held_out) < 0


def test_refused_names_and_options():
    with pytest.raises(ValueError, match=r"'c2st' is not a scorer.*'copies'"):
        get_scorer("c2st")
    with pytest.raises(ValueError, match=r"'bins' is not an option.*'n_bins'"):
        get_scorer("js_divergence", bins=3)
    with pytest.raises(ValueError, match="'held_out' is not an option"):
        get_scorer("dcr_share", held_out=3)
    with pytest.raises(ValueError, match="'per_column' is not an option"):
        get_scorer("ks_statistic").set_params(per_column=True)


def test_grid_search_finds_the_less_noisy():
    search = GridSearchCV(
        Bootstrap(),
        {"noise": [3.0, 0.01, 1.0]},
        scoring=get_scorer("ks_statistic"),
        cv=2,
        error_score="raise",
    )
    assert search.fit(*clicks()).best_params_ == {"noise": 0.01}
    assert search.fit(clicks()[0]).best_params_ == {"noise": 0.01}


def test_halving_search_finds_the_less_noisy():
    search = HalvingGridSearchCV(
        Bootstrap(),
        {"noise": [30.0, 0.01, 10.0, 60.0]},
        scoring=get_scorer("total_variation", max_samples=100),
        cv=2,
        factor=2,
        min_resources=60,
        random_state=0,
        error_score="raise",
    )
    assert search.fit(*clicks()).best_params_ == {"noise": 0.01}


def test_max_samples_limits_what_is_sampled(held_out):
    class Counter(Bootstrap):
        def sample(self, n_samples=None, *, y=None, random_state=None):
            counts.append(n_samples)
            return super().sample(n_samples, y=y, random_state=random_state)

    counts = []
    generator = Counter().fit(*clicks())
    for name in ("total_variation", "train_synthetic_test_real", "copies"):
        scorer = get_scorer(name, max_samples=50)
        assert scorer(generator, *held_out) == scorer(generator, *held_out)
        assert counts == [50, 50]
        counts.clear()
    # held-out rows are reduced with their labels
    X, y = held_out
    few = get_scorer("train_real_test_real", max_samples=100)(generator, X, y)
    rows = np.sort(np.random.RandomState(0).permutation(len(X))[:100])
    expected = get_scorer("train_real_test_real")(generator, X.iloc[rows], y[rows])
    assert few == expected


def test_inverse_ratio_has_the_other_sign(held_out):
    blurred, copying = (Bootstrap(noise=n).fit(*clicks()) for n in (0.5, 0.0001))
    scorer = get_scorer("nndr", ratio="second/first")
    assert scorer(copying, *held_out) < scorer(blurred, *held_out) < -1


def test_cross_validate_with_all_scorers():
    scoring = {name: get_scorer(name) for name in AVAILABLE}
    results = cross_validate(
        Bootstrap(0.1), *clicks(), scoring=scoring, cv=2, error_score="raise"
    )
    for name in scoring:
        assert np.isfinite(results[f"test_{name}"]).all()
        assert len(results[f"test_{name}"]) == 2


def test_class_is_what_get_scorer_returns():
    assert isinstance(get_scorer("nndr"), GeneratorScorer)
