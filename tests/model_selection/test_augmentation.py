import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import make_classification
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.preprocessing import StandardScaler

import skgen
from skgen.metrics import copies
from skgen.model_selection import augmentation_study, corrected_t_interval

SCENARIOS = ["S1", "S2", "S3", "S4", "S5"]


@pytest.fixture(scope="module")
def rows():
    X, y = make_classification(
        n_samples=500, n_features=4, weights=[0.8], random_state=0
    )
    return pd.DataFrame(X, columns=[*"abcd"]), np.where(y, "yes", "no")


class Recorder(ClassifierMixin, BaseEstimator):
    """A classifier that keeps what it is given."""

    seen: list = []

    def __init__(self, random_state=None):
        self.random_state = random_state

    def fit(self, X, y, X_val=None, y_val=None):
        self.classes_ = np.unique(y)
        self.model_ = LogisticRegression().fit(X, y)
        self.seen.append((X, np.asarray(y), X_val, y_val, self.random_state))
        return self

    def predict_proba(self, X):
        self.seen[-1] += (X,)
        return self.model_.predict_proba(X)


@pytest.fixture(scope="module")
def recorded(rows):
    Recorder.seen.clear()
    result, cells = augmentation_study(
        *rows,
        [skgen.GaussianCopula()],
        {"judge": Recorder()},
        n_repeats=2,
        random_state=0,
        return_cells=True,
    )
    return result, cells, list(Recorder.seen)


def test_scenarios_change_the_training_rows_alone(rows, recorded):
    X, _ = rows
    _, _, seen = recorded
    assert len(seen) == 2 * 6
    # In order of repeats, the original rows first.
    for start in (0, 6):
        X_real, y_real, X_val, y_val, seed, X_test = seen[start]
        assert len(X_real) + len(X_val) + len(X_test) == len(X)
        together = pd.concat([X_real, X_val, X_test])
        values = np.sort(together.to_numpy(), axis=0)
        np.testing.assert_array_equal(values, np.sort(X.to_numpy(), axis=0))
        n_no, n_yes = np.bincount(y_real)
        expected = {
            "S1": (0, round(0.25 * n_yes)),
            "S2": (0, round(0.5 * n_yes)),
            "S3": (round(0.25 * n_no), 0),
            "S4": (round(0.5 * n_no), 0),
        }
        added = {}
        for name, cell in zip(SCENARIOS, seen[start + 1 : start + 6], strict=True):
            X_train, y_train = cell[:2]
            pd.testing.assert_frame_equal(cell[2], X_val)
            np.testing.assert_array_equal(cell[3], y_val)
            pd.testing.assert_frame_equal(cell[5], X_test)
            assert cell[4] == seed
            if name == "S5":
                np.testing.assert_array_equal(np.bincount(y_train), [n_no, n_yes])
                assert copies(X_real, X_train) == 0
                continue
            n_real = len(X_real)
            pd.testing.assert_frame_equal(X_train[:n_real], X_real)
            np.testing.assert_array_equal(y_train[:n_real], y_real)
            new = np.bincount(y_train[n_real:], minlength=2)
            np.testing.assert_array_equal(new, expected[name])
            added[name] = X_train[n_real:].reset_index(drop=True)
        # The rows of the smaller scenario are among those of the larger one.
        for small, large in (("S1", "S2"), ("S3", "S4")):
            pd.testing.assert_frame_equal(
                added[small], added[large][: len(added[small])]
            )
    first, second = seen[0], seen[6]
    assert first[4] != second[4]
    assert not first[5].equals(second[5])


def test_scores_and_differences(recorded):
    result, cells, _ = recorded
    assert list(result.index) == [
        ("judge", "none", "original"),
        *(("judge", "GaussianCopula", name) for name in SCENARIOS),
    ]
    for name in SCENARIOS:
        row = result.loc[("judge", "GaussianCopula", name)]
        of_cells = cells.xs(name, level="scenario")
        original = cells.xs("original", level="scenario")
        for score in ("roc_auc", "average_precision", "log_loss"):
            assert row[score] == pytest.approx(of_cells[score].mean())
            difference = of_cells[score].to_numpy() - original[score].to_numpy()
            assert row[f"{score}_diff"] == pytest.approx(difference.mean())
            wanted = corrected_t_interval(difference, n_train=350, n_test=100)
            found = (row[f"{score}_low"], row[f"{score}_high"])
            assert found == pytest.approx(wanted)
    assert result["n_identical"].eq(0).all()
    assert result.loc[("judge", "none", "original"), "n_synthetic"] == 0
    assert np.isnan(result.loc[("judge", "none", "original"), "roc_auc_diff"])


def test_scores_are_those_of_the_test_rows(rows):
    X, y = rows
    parts = np.split(np.random.RandomState(0).permutation(500), [300, 350])
    result = augmentation_study(
        X,
        y,
        [skgen.RandomOverSampler()],
        [LogisticRegression()],
        scenarios=["S2", "S5"],
        split=parts,
        random_state=0,
    )
    model = LogisticRegression().fit(X.iloc[np.sort(parts[0])], y[np.sort(parts[0])])
    scores = model.predict_proba(X.iloc[parts[2]])[:, 1]
    original = result.loc[("LogisticRegression", "none", "original")]
    found = original[["roc_auc", "log_loss"]].to_list()
    truth = y[parts[2]] == "yes"
    wanted = [roc_auc_score(truth, scores), log_loss(truth, scores)]
    assert found == pytest.approx(wanted, rel=1e-3)
    # All rows of this generator are training rows.
    drawn = result.drop(index="none", level="generator")
    assert (drawn["n_identical"] == drawn["n_synthetic"]).all()
    assert (drawn["n_synthetic"] > 0).all()


def test_continues_where_it_ended(rows, tmp_path, monkeypatch):
    Recorder.seen.clear()
    options = {"n_repeats": 2, "random_state": 0, "directory": tmp_path}
    generators = {"copula": skgen.GaussianCopula()}
    first = augmentation_study(
        *rows, generators, [Recorder()], scenarios=["S1", "S5"], **options
    )
    assert len(Recorder.seen) == 2 * 3
    fits = []
    fit = skgen.GaussianCopula.fit
    monkeypatch.setattr(
        skgen.GaussianCopula, "fit", lambda self, *a: fits.append(1) or fit(self, *a)
    )
    again = augmentation_study(
        *rows, generators, [Recorder()], scenarios=["S1", "S5"], **options
    )
    pd.testing.assert_frame_equal(first, again)
    assert len(Recorder.seen) == 2 * 3
    # A scenario more: the rows that were drawn serve again.
    more = augmentation_study(*rows, generators, [Recorder()], **options)
    assert len(Recorder.seen) == 2 * 6
    assert not fits
    columns = [c for c in first if "seconds" not in c]
    pd.testing.assert_frame_equal(more.loc[first.index, columns], first[columns])
    # Other parameters and other rows are not taken for the same.
    other = {"copula": skgen.GaussianCopula(reject_copies=True)}
    augmentation_study(*rows, other, [Recorder()], scenarios=["S1"], **options)
    assert len(fits) == 2
    X = rows[0] + 1
    augmentation_study(
        X, rows[1], generators, [Recorder()], scenarios=["S1"], **options
    )
    assert len(fits) == 4


def test_nothing_is_left_without_a_directory(rows, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    augmentation_study(
        *rows,
        [skgen.RandomOverSampler()],
        [LogisticRegression()],
        scenarios=["S1"],
        n_repeats=1,
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_repeats_for_a_seed(rows, n_jobs):
    options = {"scenarios": ["S2"], "n_repeats": 2, "random_state": 3}
    generators = [skgen.RandomOverSampler(), skgen.GaussianCopula()]
    judges = [LogisticRegression()]
    one, other = (
        augmentation_study(*rows, generators, judges, n_jobs=n, **options)
        for n in (1, n_jobs)
    )
    columns = [c for c in one if "seconds" not in c]
    pd.testing.assert_frame_equal(one[columns], other[columns])


def test_preprocessor_sees_the_training_rows(rows):
    Recorder.seen.clear()
    X, y = rows
    augmentation_study(
        X,
        y,
        [skgen.RandomOverSampler()],
        [Recorder(), LogisticRegression()],
        scenarios=["S4"],
        preprocessor=StandardScaler(),
        n_repeats=1,
        random_state=0,
    )
    for cell in Recorder.seen:
        np.testing.assert_allclose(np.mean(cell[0], axis=0), 0, atol=1e-9)
        assert np.abs(np.mean(cell[2], axis=0)).max() > 1e-3


def test_own_scenarios(rows):
    result = augmentation_study(
        *rows,
        [skgen.RandomOverSampler()],
        [LogisticRegression()],
        scenarios={"equal": "auto", "ten": lambda y: {"yes": 10 + (y == "yes").sum()}},
        n_repeats=1,
    )
    n_new = result["n_synthetic"].droplevel([0, 1])
    assert n_new["ten"] == 10
    assert n_new["equal"] > 100


class Failing(skgen.GaussianCopula):
    def _fit(self, rows, rng):
        raise ValueError("no luck")


def test_a_generator_that_fails(rows):
    generators = {"bad": Failing(), "good": skgen.RandomOverSampler()}
    options = {"scenarios": ["S1"], "n_repeats": 1, "random_state": 0}
    with pytest.raises(RuntimeError, match=r"'bad' failed in repeat 0: .*no luck"):
        augmentation_study(*rows, generators, [LogisticRegression()], **options)
    with pytest.warns(FitFailedWarning, match="'bad' failed in repeat 0"):
        result = augmentation_study(
            *rows, generators, [LogisticRegression()], error_score=np.nan, **options
        )
    auc = result["roc_auc"].droplevel("classifier")
    assert np.isnan(auc["bad", "S1"])
    assert auc["good", "S1"] > 0.5


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"generators": []}, ValueError, "There is no generator"),
        ({"generators": [StandardScaler()]}, TypeError, "has no sample"),
        ({"classifiers": [StandardScaler()]}, TypeError, "has no predict_proba"),
        ({"classifiers": [LogisticRegression]}, TypeError, "is a class"),
        ({"scenarios": ["S9"]}, ValueError, "no scenario 'S9': choose among"),
        ({"scenarios": ["S1", "S1"]}, ValueError, "repeats"),
        ({"scenarios": {"original": "auto"}}, ValueError, "'original', the name"),
        ({"validation_size": 0.5, "test_size": 0.5}, ValueError, "no rows to train on"),
        ({"split": ([0], [1])}, ValueError, "split has 2 parts"),
        ({"split": ([0, 1], [1], [2])}, ValueError, "row 1 is 2 times"),
        ({"split": ([0, 1], [], [900])}, ValueError, "positions are 0 to 499"),
        ({"split": ([0, 1], [2], [])}, ValueError, "no test rows"),
        ({"y": np.arange(500) % 3}, ValueError, r"3 classes, \[0, 1, 2\]"),
    ],
)
def test_bad_input(rows, changes, error, message):
    arguments = {
        "X": rows[0],
        "y": rows[1],
        "generators": [skgen.RandomOverSampler()],
        "classifiers": [LogisticRegression()],
    }
    with pytest.raises(error, match=message):
        augmentation_study(**(arguments | changes))
