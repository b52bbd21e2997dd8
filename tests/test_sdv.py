import doctest
import importlib.util
import pickle
import random
import sys
import types
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from imblearn.utils.estimator_checks import (
    check_dataframe_column_names_consistency,
    check_param_validation,
    parametrize_with_checks,
)
from sklearn.base import clone

from skgen.constraints import Inequality
from skgen.sdv import SDVSampler

torch = pytest.importorskip("torch")
needs_sdv = pytest.mark.skipif(
    importlib.util.find_spec("sdv") is None, reason="SDV is not installed"
)


@dataclass
class FakeMetadata:
    """Stands for `sdv.metadata.Metadata`."""

    content: dict

    @classmethod
    def load_from_dict(cls, content):
        return cls(content)

    @property
    def sdtypes(self):
        columns = self.content["tables"]["table"]["columns"]
        return {name: column["sdtype"] for name, column in columns.items()}


@dataclass
class FakeCondition:
    """Stands for `sdv.sampling.Condition`."""

    column_values: dict
    num_rows: int = 1


class Fake:
    """Has the API of a synthesizer of SDV; draws rows that it was given.

    As SDV does, it draws from a stream of its own, in the same state after each fit.
    """

    def __init__(self, metadata, epochs=1, talks=False):
        self.metadata = metadata
        self.epochs = epochs
        self.talks = talks
        self.constraints = []

    def add_constraints(self, constraints):
        self.constraints += constraints

    def fit(self, data):
        (self.frame,) = data.values()
        assert list(data) == ["table"]
        assert list(self.frame) == list(self.metadata.sdtypes)
        self.weight = np.random.rand(), random.random(), torch.rand(1).item()
        if self.talks:
            print("fitting")
        self.reset_sampling()

    def reset_sampling(self):
        self.stream = np.random.RandomState(73251)

    def _set_random_state(self, seed):
        self.stream = np.random.RandomState(seed)

    def draw(self, frame, n_rows):
        if self.talks:
            print("sampling", file=sys.stderr)
        return frame.iloc[self.stream.randint(len(frame), size=n_rows)]

    def sample(self, num_rows, max_tries_per_batch=100):
        return {"table": self.draw(self.frame, num_rows)}

    def sample_from_conditions(self, conditions, max_tries_per_batch=100):
        parts = []
        for condition in conditions:
            ((name, value),) = condition.column_values.items()
            rows = self.frame[self.frame[name] == value]
            parts.append(self.draw(rows, condition.num_rows))
        return {"table": pd.concat(parts)}


class FakeRejecting(Fake):
    """Draws rows of all labels and drops the others', as SDV's neural ones do."""

    def sample_from_conditions(self, conditions, max_tries_per_batch=100):
        (condition,) = conditions
        ((name, value),) = condition.column_values.items()
        found = []
        for _ in range(max_tries_per_batch):
            rows = self.draw(self.frame, condition.num_rows)
            found.append(rows[rows[name] == value])
        rows = pd.concat(found).head(condition.num_rows)
        if len(rows) == 0:
            raise ValueError("Unable to sample any rows.")
        return {"table": rows}


class FakeGlobal(Fake):
    """Draws from NumPy's global stream."""

    _set_random_state = property()

    def draw(self, frame, n_rows):
        return frame.iloc[np.random.randint(len(frame), size=n_rows)]


class FakeWrong(Fake):
    """Draws what it has not learned."""

    def draw(self, frame, n_rows):
        return super().draw(frame, n_rows).assign(**{self.epochs[0]: self.epochs[1]})


@pytest.fixture
def fake_sdv(monkeypatch):
    modules = {
        "sdv": {},
        "sdv.metadata": {"Metadata": FakeMetadata},
        "sdv.sampling": {"Condition": FakeCondition},
        "sdv.single_table": {"FakeSynthesizer": Fake},
    }
    for name, content in modules.items():
        module = types.ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(
        sys.modules["sdv"], "single_table", sys.modules["sdv.single_table"], False
    )


@pytest.fixture(scope="module")
def clicks():
    rng = np.random.RandomState(0)
    n = 300
    y = (rng.rand(n) < 0.2).astype(int)
    X = pd.DataFrame(
        {
            "price": rng.lognormal(size=n).round(2),
            "seconds": np.where(rng.rand(n) < 0.5, 0.0, 1 + rng.exponential(size=n)),
            "score": np.where(rng.rand(n) < 0.1, np.nan, rng.normal(size=n) + y),
            "device": pd.Categorical(rng.choice(["phone", "tablet"], n)),
            "city": rng.choice(["Oslo", "Rome", None], n),
            "weekend": rng.rand(n) < 0.3,
            "time": pd.Timestamp("2024-05-01")
            + pd.to_timedelta(rng.randint(0, 10_000, n), unit="min"),
            "tags": ["^".join("abcd"[: i % 4]) for i in range(n)],
            "site": 1,
        }
    )
    return X, y


def check_contract(generator, X, y):
    """Check dtypes, ranges, sets, labels, repetition and the global streams."""
    before = np.random.get_state()[1].copy(), torch.get_rng_state(), random.getstate()
    generator.fit(X, y)
    wanted = np.array([1, 0, 0, 1] * 15)
    made, labels = generator.sample(y=wanted)
    np.testing.assert_array_equal(labels, wanted)
    pd.testing.assert_series_equal(made.dtypes, X.dtypes)
    for name in ("price", "seconds", "score", "time"):
        assert made[name].dropna().between(X[name].min(), X[name].max()).all()
    for name in ("device", "city", "weekend"):
        assert set(made[name].dropna()) <= set(X[name].dropna())
    assert (made["site"] == 1).all()
    assert {tag for tags in made["tags"] for tag in tags.split("^")} <= {*"abcd", ""}
    again = pickle.loads(pickle.dumps(generator))
    copy = clone(generator).fit(X, y)
    pd.testing.assert_frame_equal(copy.sample(y=wanted)[0], made)
    following = generator.sample(y=wanted)[0]
    assert not following.equals(made)
    pd.testing.assert_frame_equal(again.sample(y=wanted)[0], following)
    first = generator.sample(y=wanted, random_state=3)[0]
    pd.testing.assert_frame_equal(generator.sample(y=wanted, random_state=3)[0], first)
    assert not generator.sample(y=wanted, random_state=4)[0].equals(first)
    assert (np.random.get_state()[1] == before[0]).all()
    assert (torch.get_rng_state() == before[1]).all()
    assert random.getstate() == before[2]


@pytest.mark.usefixtures("fake_sdv")
@parametrize_with_checks([SDVSampler(synthesizer=Fake, random_state=0)])
def test_imblearn_checks(estimator, check):
    check(estimator)


@pytest.mark.usefixtures("fake_sdv")
def test_imblearn_checks_of_names_and_parameters():
    generator = SDVSampler(synthesizer=Fake, random_state=0)
    check_dataframe_column_names_consistency("SDVSampler", generator)
    check_param_validation("SDVSampler", generator)


@pytest.mark.usefixtures("fake_sdv")
@pytest.mark.parametrize("synthesizer", [Fake, FakeRejecting, FakeGlobal])
def test_contract(synthesizer, clicks):
    check_contract(SDVSampler(synthesizer=synthesizer, random_state=0), *clicks)


@pytest.mark.usefixtures("fake_sdv")
def test_metadata(clicks):
    X, y = clicks
    generator = SDVSampler(synthesizer=Fake, random_state=0).fit(X, y)
    numbers = {"price", "seconds", "score", "time"}
    sdtypes = generator.synthesizer_.metadata.sdtypes
    assert {n for n, sdtype in sdtypes.items() if sdtype == "numerical"} >= numbers
    codes = {n for n, sdtype in sdtypes.items() if sdtype == "categorical"}
    assert codes >= {"seconds[0]", "score[0]", "device", "city", "weekend", "label"}
    assert "site" not in sdtypes
    assert set(sdtypes.values()) == {"numerical", "categorical"}
    frame = generator.synthesizer_.frame
    assert frame.notna().all(axis=None)
    np.testing.assert_array_equal(frame["price"], X["price"])
    np.testing.assert_array_equal(frame["label"], y)
    np.testing.assert_array_equal(
        frame.groupby("device")["price"].mean(),
        X.groupby("device", observed=True)["price"].mean(),
    )


@pytest.mark.usefixtures("fake_sdv")
def test_numbers_that_do_not_count_are_drawn_from_those_that_do(clicks):
    X, y = clicks
    frame = SDVSampler(synthesizer=Fake, random_state=0).fit(X, y).synthesizer_.frame
    counts = (X["seconds"] > 0).to_numpy()
    np.testing.assert_array_equal(frame["seconds"][counts], X["seconds"][counts])
    assert set(frame["seconds"][~counts]) <= set(X["seconds"][counts])
    assert frame["seconds"][~counts].nunique() > 20
    assert set(frame["score"]) == set(X["score"].dropna())


@pytest.mark.usefixtures("fake_sdv")
def test_names_of_columns_never_meet():
    rng = np.random.RandomState(0)
    X = pd.DataFrame(rng.normal(size=(60, 2)), columns=["label", "a[0]"])
    X["a"] = np.where(rng.rand(60) < 0.5, 0.0, rng.normal(size=60))
    y = rng.randint(2, size=60)
    generator = SDVSampler(synthesizer=Fake, random_state=0).fit(X, y)
    names = list(generator.synthesizer_.frame)
    assert sorted(names) == ["a", "a[0]", "a[0]_", "label", "label_"]
    made, labels = generator.sample(y=y)
    rows = set(zip(X["label"], X["a[0]"], y, strict=True))
    assert set(zip(made["label"], made["a[0]"], labels, strict=True)) <= rows


@pytest.mark.usefixtures("fake_sdv")
@pytest.mark.parametrize("synthesizer", [Fake, FakeRejecting])
@pytest.mark.parametrize("labels", [[0, 1], ["no", "yes"], [-1, 5]])
def test_each_label_has_its_own_rows(synthesizer, labels):
    rng = np.random.RandomState(0)
    y = np.array(labels)[(rng.rand(200) < 0.2).astype(int)]
    X = pd.DataFrame({"a": rng.normal(size=200), "b": y})
    generator = SDVSampler(synthesizer=synthesizer, random_state=0).fit(X, y)
    wanted = np.array(labels)[rng.randint(2, size=90)]
    made, drawn = generator.sample(y=wanted)
    np.testing.assert_array_equal(drawn, wanted)
    np.testing.assert_array_equal(made["b"], wanted)
    assert set(made["a"]) <= set(X["a"])
    X_new, y_new = generator.fit_resample(X, y)
    assert (y_new[200:] == labels[1]).all()
    assert (X_new["b"][200:] == labels[1]).all()


@pytest.mark.usefixtures("fake_sdv")
def test_a_label_that_is_hardly_drawn():
    rng = np.random.RandomState(0)
    X = pd.DataFrame({"a": rng.normal(size=400)})
    y = np.where(np.arange(400) < 4, "click", "none")
    generator = SDVSampler(
        synthesizer=FakeRejecting, max_tries_per_batch=10, random_state=0
    ).fit(X, y)
    with pytest.raises(ValueError, match=r"FakeRejecting drew \d+ of 50 .* 'click' in"):
        generator.sample(y=["click"] * 50)
    generator.set_params(max_tries_per_batch=1)
    with pytest.raises(ValueError, match=r"0 of 2 rows .* SDV says: Unable to sample"):
        generator.sample(y=["click"] * 2, random_state=0)
    generator.set_params(max_tries_per_batch=1_000)
    made, _ = generator.sample(y=["click"] * 50)
    assert set(made["a"]) <= set(X["a"][:4])


@pytest.mark.usefixtures("fake_sdv")
def test_one_class(clicks):
    X, y = clicks
    generator = SDVSampler(synthesizer=Fake, random_state=0).fit(X)
    assert "label" not in generator.synthesizer_.frame
    assert generator.sample(20).shape == (20, X.shape[1])
    generator.set_params(fit_classes="resampled").fit_resample(X, y)
    assert len(generator.synthesizer_.frame) == (y == 1).sum()


@pytest.mark.usefixtures("fake_sdv")
def test_fit_follows_the_seed(clicks):
    weights = [
        SDVSampler(synthesizer=Fake, random_state=seed).fit(*clicks).synthesizer_.weight
        for seed in (0, 0, 1)
    ]
    assert weights[0] == weights[1]
    assert all(a != b for a, b in zip(weights[0], weights[2], strict=True))


@pytest.mark.usefixtures("fake_sdv")
def test_a_failing_fit_puts_the_streams_back(clicks):
    state = random.getstate(), np.random.get_state()[1].copy(), sys.stdout
    generator = SDVSampler(synthesizer=Fake, synthesizer_params={"nothing": 1})
    with pytest.raises(TypeError, match="nothing"):
        generator.fit(*clicks)
    assert random.getstate() == state[0]
    assert (np.random.get_state()[1] == state[1]).all()
    assert sys.stdout is state[2]


@pytest.mark.usefixtures("fake_sdv")
def test_parameters_and_constraints_of_the_synthesizer(clicks):
    params = {"epochs": 7, "constraints": ["a rule"]}
    generator = SDVSampler(synthesizer="FakeSynthesizer", synthesizer_params=params)
    generator.fit(*clicks)
    assert generator.synthesizer_.epochs == 7
    assert generator.synthesizer_.constraints == ["a rule"]
    assert params == {"epochs": 7, "constraints": ["a rule"]}


@pytest.mark.usefixtures("fake_sdv")
@pytest.mark.parametrize("verbose", [False, True])
def test_silence(verbose, clicks, capsys):
    generator = SDVSampler(
        synthesizer=Fake,
        synthesizer_params={"talks": True},
        verbose=verbose,
        random_state=0,
    )
    generator.fit(*clicks).sample(5)
    said = capsys.readouterr()
    assert ("fitting" in said.out) == verbose
    assert ("sampling" in said.err) == verbose


@pytest.mark.usefixtures("fake_sdv")
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("price", np.nan),
        ("price", np.inf),
        ("city", 3),
        ("city", -1),
        ("city", 0.5),
        ("city", None),
    ],
)
def test_values_that_the_table_cannot_hold(column, value, clicks):
    generator = SDVSampler(
        synthesizer=FakeWrong, synthesizer_params={"epochs": (column, value)}
    ).fit(*clicks)
    with pytest.raises(ValueError, match=rf"FakeWrong drew .* for \['{column}'\]"):
        generator.sample(10)


@pytest.mark.usefixtures("fake_sdv")
def test_unknown_synthesizer(clicks):
    with pytest.raises(ValueError, match=r"'CTGAN' .* \['FakeSynthesizer'\]"):
        SDVSampler(synthesizer="CTGAN").fit(*clicks)


def test_missing_sdv(clicks, monkeypatch):
    monkeypatch.setitem(sys.modules, "sdv", None)
    with pytest.raises(ImportError, match=r"pip install 'skgen\[sdv\]'"):
        SDVSampler().fit(*clicks)


SMALL = {
    "GaussianCopulaSynthesizer": {},
    "CTGANSynthesizer": {"epochs": 1, "batch_size": 100},
    "TVAESynthesizer": {"epochs": 40, "batch_size": 50},
    "CopulaGANSynthesizer": {"epochs": 1, "batch_size": 100},
}


@needs_sdv
@parametrize_with_checks([SDVSampler(random_state=0)])
def test_imblearn_checks_with_sdv(estimator, check):
    check(estimator)


@needs_sdv
@pytest.mark.parametrize("name", SMALL)
def test_contract_with_sdv(name, clicks, capsys):
    generator = SDVSampler(
        synthesizer=name, synthesizer_params=SMALL[name], random_state=0
    )
    X, _ = clicks
    # A rare label is not drawn by networks that learned this little.
    check_contract(generator, X, (X["price"] > X["price"].median()).to_numpy(int))
    assert capsys.readouterr() == ("", "")


@needs_sdv
def test_marginals_and_dependence_with_sdv():
    rng = np.random.RandomState(0)
    y = rng.binomial(1, 0.3, size=2_000)
    a = rng.normal(size=2_000)
    X = pd.DataFrame(
        {
            "a": a,
            "b": 0.8 * a + 0.6 * rng.normal(size=2_000),
            "c": np.where(rng.rand(2_000) < 0.25, np.nan, rng.normal(size=2_000)),
            "d": rng.choice(["u", "v", "w"], p=[0.6, 0.3, 0.1], size=2_000),
            "e": 2 * y + rng.normal(size=2_000),
        }
    )
    params = {"numerical_distributions": dict.fromkeys("abce", "norm")}
    generator = SDVSampler(synthesizer_params=params, random_state=0).fit(X, y)
    made, labels = generator.sample(4_000)
    assert abs(labels.mean() - 0.3) < 0.03
    assert abs(made["a"].mean()) < 0.1
    assert abs(made["a"].std() - 1) < 0.1
    assert abs(made["a"].corr(made["b"]) - 0.8) < 0.05
    assert abs(made["c"].isna().mean() - 0.25) < 0.05
    assert abs(made["c"].std() - 1) < 0.1
    shares = made["d"].value_counts(normalize=True)
    assert abs(shares - pd.Series({"u": 0.6, "v": 0.3, "w": 0.1})).max() < 0.05
    assert made["e"][labels == 1].mean() - made["e"][labels == 0].mean() > 0.8


@needs_sdv
def test_constraints_with_sdv():
    from sdv.cag import Inequality as InequalityOfSDV

    rng = np.random.RandomState(0)
    low = rng.normal(size=300)
    X = pd.DataFrame({"low": low, "high": low + rng.exponential(size=300)})
    y = rng.randint(2, size=300)
    rule = InequalityOfSDV(low_column_name="low", high_column_name="high")
    for generator in (
        SDVSampler(synthesizer_params={"constraints": [rule]}, random_state=0),
        SDVSampler(constraints=[Inequality("low", "high")], random_state=0),
    ):
        made, labels = generator.fit(X, y).sample(y=np.repeat([0, 1], 200))
        assert (made["low"] <= made["high"]).all()
        assert np.bincount(labels).tolist() == [200, 200]


@needs_sdv
def test_example_with_sdv():
    source = SDVSampler.__doc__.replace("# doctest: +SKIP", "")
    example = doctest.DocTestParser().get_doctest(source, {}, "SDVSampler", None, 0)
    assert doctest.DocTestRunner().run(example).failed == 0
