import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.base import BaseEstimator

from skgen.metrics import (
    get_scorer,
    inference_risk,
    linkability_risk,
    singling_out_risk,
)

RISKS = [singling_out_risk, linkability_risk, inference_risk]


# `numba` and `polars` are imported by it.
for name in ("numba", "polars", "anonymeter"):
    pytest.importorskip(name)

pytestmark = pytest.mark.filterwarnings("ignore:The attack is no better than guesses")


def mixed_table(n_rows, seed):
    rng = np.random.RandomState(seed)
    frame = pd.DataFrame(
        {
            "number": rng.normal(size=n_rows),
            "amount": rng.exponential(size=n_rows).round(3),
            "date": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(rng.randint(0, 10**6, n_rows), unit="s"),
            "city": rng.choice(
                np.array(["Rome", "Oslo", "it's"], dtype=object), n_rows
            ),
            "flag": rng.uniform(size=n_rows) < 0.3,
            "constant": 7.0,
            "label": rng.choice(list("abcde"), n_rows),
        }
    )
    frame.loc[rng.uniform(size=n_rows) < 0.1, "number"] = np.nan
    frame.loc[rng.uniform(size=n_rows) < 0.1, "city"] = None
    return frame


@pytest.fixture(scope="module")
def tables():
    return [mixed_table(n, seed) for n, seed in ((200, 0), (160, 1), (200, 2))]


@pytest.mark.parametrize("risk", RISKS)
def test_copies_are_a_risk_and_fresh_rows_are_none(risk, tables):
    train, held_out, fresh = tables
    options = {"held_out": held_out, "n_attacks": 80, "random_state": 0}
    before = np.random.get_state()[1].copy()
    value, baseline = risk(train, train, return_baseline=True, **options)
    assert value > 0.5
    assert baseline < 0.15
    assert risk(train, fresh, **options) < 0.15
    assert (np.random.get_state()[1] == before).all()
    assert risk(train, train, **options) == value


@pytest.mark.parametrize("risk", RISKS)
def test_risk_falls_with_the_share_of_copies(risk, tables):
    train, held_out, fresh = tables
    values = []
    for n_copies in (200, 100, 0):
        mixed = pd.concat([train[:n_copies], fresh[n_copies:]], ignore_index=True)
        values.append(
            risk(train, mixed, held_out=held_out, n_attacks=160, random_state=0)
        )
    assert np.all(np.diff(values) < 0)


def wilson(n_success, n):
    z = stats.norm.ppf(0.975)
    return (n_success + z**2 / 2) / (n + z**2)


def test_inference_matches_a_loop():
    """One known column, whose nearest synthetic row tells the secret."""
    rng = np.random.RandomState(0)

    def draw():
        return pd.DataFrame(
            {"x": rng.uniform(size=90), "s": rng.choice(list("ab"), 90)}
        )

    train, held_out, synthetic = draw(), draw(), draw()
    synthetic[:60] = train[:60]
    rates = []
    for targets in (train, held_out):
        gaps = np.abs(targets["x"].to_numpy()[:, None] - synthetic["x"].to_numpy())
        guesses = synthetic["s"].to_numpy()[gaps.argmin(axis=1)]
        rates.append(wilson(np.sum(guesses == targets["s"]), 90))
    expected = max(0, (rates[0] - rates[1]) / (1 - rates[1]))
    assert expected > 0.1
    value = inference_risk(train, synthetic, held_out=held_out, n_attacks=90)
    assert value == pytest.approx(expected)


def test_linkability_matches_a_loop():
    rng = np.random.RandomState(0)
    train, held_out, synthetic = rng.uniform(size=(3, 80, 2))
    synthetic[:40] = train[:40]
    rates = []
    for targets in (train, held_out):
        first, second = (
            np.abs(targets[:, [j]] - synthetic[:, j]).argmin(axis=1) for j in (0, 1)
        )
        rates.append(wilson(np.sum(first == second), 80))
    expected = (rates[0] - rates[1]) / (1 - rates[1])
    assert expected > 0.3
    value = linkability_risk(train, synthetic, held_out=held_out)
    assert value == pytest.approx(expected)


def test_univariate_singling_out_by_hand():
    # Each value of the copies occurs once, in training and among the synthetic rows,
    # and in no held-out row but as an extreme.
    train = np.arange(100.0).reshape(-1, 1)
    held_out = np.arange(0.5, 99).reshape(-1, 1)
    value = singling_out_risk(
        train, train, held_out=held_out, mode="univariate", n_attacks=50
    )
    assert value > 0.8
    value = singling_out_risk(
        train, train + 0.25, held_out=held_out, mode="univariate", n_attacks=50
    )
    assert value < 0.1


def test_what_anonymeter_logs_is_a_warning(tables, caplog):
    train, held_out, fresh = tables
    options = {"held_out": held_out, "n_attacks": 50, "random_state": 0}
    with pytest.warns(UserWarning, match=r"Too few conditions .* 50 .* max_attempts"):
        singling_out_risk(train, fresh, max_attempts=1, **options)
    assert not caplog.records


def test_numeric_secret_may_be_negative(tables):
    train, held_out, fresh = tables
    options = {"held_out": held_out, "secret": "number", "random_state": 0}
    train, fresh = (t.assign(number=-10 - t["number"].abs()) for t in (train, fresh))
    options["held_out"] = held_out.assign(number=-10 - held_out["number"].abs())
    assert inference_risk(train, train, **options) > 0.9
    assert inference_risk(train, fresh, **options) < 0.15


def test_columns_of_the_attacker(tables):
    train, held_out, _ = tables
    options = {"held_out": held_out, "random_state": 0, "n_attacks": 60}
    strong = inference_risk(train, train, aux_cols=["number", "amount"], **options)
    weak = inference_risk(train, train, aux_cols=["flag"], **options)
    assert strong > 0.5 > weak
    sources = (["number", "amount"], ["date"])
    assert linkability_risk(train, train, aux_cols=sources, **options) > 0.8
    sources = (["constant"], ["flag"])
    assert linkability_risk(train, train, aux_cols=sources, **options) < 0.2


def test_refused_columns(tables):
    train, held_out, _ = tables
    options = {"held_out": held_out, "n_attacks": 10}
    with pytest.raises(ValueError, match=r"'age' is no column.*'number'"):
        inference_risk(train, train, secret="age", **options)
    with pytest.raises(ValueError, match="the secret 'flag' none of them"):
        inference_risk(train, train, secret="flag", aux_cols=["flag"], **options)
    with pytest.raises(ValueError, match="not two lists"):
        linkability_risk(train, train, aux_cols=(["flag"],), **options)
    with pytest.raises(ValueError, match="only column, 'flag'"):
        linkability_risk(train[["flag"]], train[["flag"]], held_out=held_out[["flag"]])
    with pytest.raises(ValueError, match="n_cols=9 columns are asked for"):
        singling_out_risk(train, train, n_cols=9, **options)
    with pytest.raises(ValueError, match="held_out has one row"):
        linkability_risk(
            train, train, held_out=held_out[:1], return_baseline=True, random_state=0
        )


class Copies(BaseEstimator):
    """A generator of its training rows."""

    def fit(self, X, y=None):
        self.training_rows_ = X
        return self

    def sample(self, n_samples, *, random_state=None):
        return self.training_rows_.iloc[:n_samples]


@pytest.mark.parametrize("risk", RISKS)
def test_scorer_is_the_negative_risk(risk, tables):
    train, held_out, _ = tables
    score = get_scorer(risk.__name__, n_attacks=50)(Copies().fit(train), held_out)
    synthetic = train.iloc[: len(held_out)]
    options = {"held_out": held_out, "n_attacks": 50, "random_state": 0}
    assert score == -risk(train, synthetic, **options) < -0.2
