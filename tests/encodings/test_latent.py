"""Latent variables against the distributions that they stand for."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from skgen.encodings.latent import LatentEncoder, MissingAxis
from skgen.table import TableSchema


@pytest.fixture(scope="module")
def frame():
    rng = np.random.RandomState(0)
    n = 1000
    return pd.DataFrame(
        {
            "price": rng.lognormal(size=n),
            "age": rng.randint(18, 80, n),
            "seconds": np.where(rng.rand(n) < 0.6, 0.0, rng.exponential(size=n)),
            "score": np.where(rng.rand(n) < 0.3, np.nan, rng.normal(size=n)),
            "city": rng.choice(["Oslo", "Rome", "Bern", None], n),
            "day": pd.Timestamp("2024-05-01")
            + pd.to_timedelta(rng.randint(0, 500, n), unit="h"),
            "tags": ["^".join(list("abcde")[: i % 4]) for i in range(n)],
        }
    )


def encode(frame, **options):
    schema = TableSchema().fit(frame)
    table = schema.transform(frame)
    labels = np.zeros(len(frame), dtype=int)
    encoder = LatentEncoder(**options).fit(table, labels, np.random.RandomState(0))
    return schema, table, encoder


@pytest.mark.parametrize("scaling", ["normal", "min-max"])
@pytest.mark.parametrize("width", [1.0, 0.2])
def test_round_trip(frame, scaling, width):
    schema, table, encoder = encode(frame, scaling=scaling)
    rng = np.random.RandomState(1)
    latent = encoder.transform(table, rng, width)
    assert latent.shape == (1000, encoder.n_latents_)
    back = schema.inverse_transform(encoder.inverse_transform(latent), random_state=rng)
    numeric = frame.select_dtypes("number").columns
    pd.testing.assert_frame_equal(back[numeric], frame[numeric])
    assert (back["day"] == frame["day"]).all()
    assert back["city"].fillna("").equals(frame["city"].fillna(""))
    assert (back["tags"] == frame["tags"]).all()


def test_every_variable_is_standard_normal(frame):
    _, table, encoder = encode(frame)
    latent = encoder.transform(table, np.random.RandomState(1))
    for column in latent.T:
        assert stats.kstest(column, "norm").statistic < 1.63 / np.sqrt(1000)


def test_independent_normals_have_the_columns_distributions(frame):
    schema, _, encoder = encode(frame)
    rng = np.random.RandomState(1)
    latent = rng.standard_normal((20_000, encoder.n_latents_))
    made = schema.inverse_transform(encoder.inverse_transform(latent), random_state=rng)
    for name in ("price", "age", "seconds", "score", "day"):
        seen, drawn = (
            table[name].dropna().astype("int64" if name == "day" else float)
            for table in (frame, made)
        )
        assert stats.ks_2samp(seen, drawn).statistic < 0.06
        assert drawn.min() >= seen.min()
        assert drawn.max() <= seen.max()
    for name in ("score", "city"):
        share = frame[name].isna().mean()
        assert made[name].isna().mean() == pytest.approx(share, abs=0.015)
    assert (made["seconds"] == 0).mean() == pytest.approx(0.6, abs=0.05)
    np.testing.assert_allclose(
        made["city"].value_counts(normalize=True).sort_index(),
        frame["city"].value_counts(normalize=True).sort_index(),
        atol=0.02,
    )


def test_less_width_leaves_room_between_levels(frame):
    _, table, encoder = encode(frame[["city"]].dropna())
    rng = np.random.RandomState(0)
    uniform = stats.norm.cdf(encoder.transform(table, rng, 0.5)[:, 0])
    shares = np.sort(np.unique(table.codes[:, 0], return_counts=True)[1]) / len(table)
    gaps = np.diff(np.sort(uniform))
    # A quarter of each of two neighbours.
    assert np.sort(gaps)[-2:].min() > 0.25 * (shares[0] + shares[1])


def test_what_is_missing_says_nothing(frame):
    _, table, encoder = encode(frame)
    names = [field.name for field in encoder.fields_]
    present = encoder.present(table)
    place = names.index("score")
    assert (present[:, place] == frame["score"].notna()).all()
    latent = encoder.transform(table, np.random.RandomState(0))
    absent = latent[~present[:, place], place]
    assert stats.kstest(absent, "norm").pvalue > 1e-3
    indicators = [axis for axis in encoder.axes_ if isinstance(axis, MissingAxis)]
    assert len(indicators) == 2


def test_values_that_were_not_seen_lie_between_those_that_were():
    rng = np.random.RandomState(0)
    frame = pd.DataFrame({"x": rng.normal(size=500)})
    schema, _, encoder = encode(frame)
    new = pd.DataFrame({"x": np.linspace(-2, 2, 50)})
    latent = encoder.transform(schema.transform(new), rng)[:, 0]
    assert (np.diff(latent) > 0).all()
    np.testing.assert_allclose(latent, new["x"], atol=0.3)


def test_lists_are_those_that_were_seen():
    rng = np.random.RandomState(0)
    members = np.array([f"m{i}" for i in range(12)])
    lists = ["^".join(members[rng.rand(12) < 0.3]) for _ in range(1000)]
    frame = pd.DataFrame({"tags": lists, "x": rng.normal(size=1000)})
    schema, _, encoder = encode(frame)
    assert [field.kind for field in encoder.fields_] == ["list", "float"]
    latent = rng.standard_normal((5000, encoder.n_latents_))
    made = schema.inverse_transform(encoder.inverse_transform(latent), random_state=rng)

    def as_sets(column):
        return {frozenset(text.split("^")) for text in column}

    assert as_sets(made["tags"]) <= as_sets(frame["tags"])
    for member in ("m0", "m7"):
        share = frame["tags"].str.contains(rf"\b{member}\b").mean()
        found = made["tags"].str.contains(rf"\b{member}\b").mean()
        assert found == pytest.approx(share, abs=0.04)
    # One that was not seen stands where its like does, with no density.
    unseen = next(
        four
        for four in combinations(members, 4)
        if frozenset(four) not in as_sets(frame["tags"])
    )
    new = frame.head(2).assign(tags=["^".join(unseen), lists[0]])
    rows = schema.transform(new)
    back = encoder.inverse_transform(encoder.transform(rows, rng))
    assert len(back) == 2
    assert encoder.log_density(rows)[0] == -np.inf
    assert np.isfinite(encoder.log_density(rows)[1])


def test_levels_that_go_together_are_neighbours():
    rng = np.random.RandomState(0)
    group = rng.randint(0, 2, 2000)
    city = np.where(
        group == 0, rng.choice(list("ace"), 2000), rng.choice(list("bdf"), 2000)
    )
    frame = pd.DataFrame({"city": city, "x": 5.0 * group + rng.normal(size=2000)})
    _, _, encoder = encode(frame)
    order = "".join("abcdef"[level] for level in encoder.axes_[0].order)
    assert set(order[:3]) in ({"a", "c", "e"}, {"b", "d", "f"})


def test_density_of_numbers_and_probability_of_levels():
    rng = np.random.RandomState(0)
    n = 20_000
    frame = pd.DataFrame(
        {"x": rng.normal(2, 3, size=n), "city": rng.choice(["a", "b"], n, p=[0.3, 0.7])}
    )
    _, table, encoder = encode(frame)
    exact = stats.norm.logpdf(frame["x"], 2, 3)
    exact = exact + np.log(np.where(frame["city"] == "a", 0.3, 0.7))
    error = encoder.log_density(table) - exact
    inner = (frame["x"] - 2).abs() < 6
    assert abs(error[inner].mean()) < 0.02
    assert error[inner].std() < 0.15


def test_rows_without_any_value_of_a_column():
    frame = pd.DataFrame({"x": [np.nan, np.nan, 1.5, 2.5], "k": ["a", "b", "a", "b"]})
    schema = TableSchema().fit(frame)
    table = schema.transform(frame).take(np.array([0, 1]))
    rng = np.random.RandomState(0)
    encoder = LatentEncoder().fit(table, np.zeros(2, int), rng)
    back = encoder.inverse_transform(rng.standard_normal((50, encoder.n_latents_)))
    assert schema.inverse_transform(back, random_state=rng)["x"].isna().all()
