import numpy as np
import pandas as pd
import pytest

from skgen import AutoregressiveTrees, GaussianCopula
from skgen.structure import CompositeKey, Entity
from skgen.structure._entities import Entities
from skgen.structure._entity import EntityTable, count_class, marker, marker_class


def make_log(n=4000, n_users=900, seed=0):
    """Users, an open population, have one city, and ads one advertiser."""
    rng = np.random.RandomState(seed)
    weights = 1 / np.arange(1, n_users * 20 + 1) ** 0.7
    user = rng.choice(n_users * 20, size=n, p=weights / weights.sum())
    city = rng.randint(30, size=n_users * 20)[user]
    country = np.arange(30) % 5
    ad = rng.randint(40, size=n)
    return pd.DataFrame(
        {
            "user": [f"u{i:06d}" for i in user],
            "city": [f"city {i}" for i in city],
            "country": [f"country {i}" for i in country[city]],
            "ad": ad,
            "advertiser": [f"brand {i}" for i in rng.randint(8, size=40)[ad]],
            "price": rng.lognormal(size=n).round(2),
        }
    )


def determined(X, key, name):
    return (X.groupby(key, observed=True)[name].nunique() <= 1).all()


def test_classes_of_counts():
    assert count_class(np.array([1, 2, 3, 4, 7, 8])).tolist() == [0, 1, 1, 2, 2, 3]
    texts = marker(np.array([1, 3, 9]))
    assert marker_class(np.append(texts, ["u1", None])).tolist() == [0, 1, 3, -1, -1]


@pytest.mark.parametrize("ids", ["auto", "keep", "fresh"])
@pytest.mark.parametrize("cls", [AutoregressiveTrees, GaussianCopula])
def test_attributes_follow_from_their_key(cls, ids):
    X = make_log()
    made = cls(ids=ids, random_state=0).fit(X).sample(4000)
    for key, name in [
        ("user", "city"),
        ("user", "country"),
        ("city", "country"),
        ("ad", "advertiser"),
    ]:
        assert determined(made, key, name), (key, name)
    kept = made["user"].isin(X["user"])
    # An id that is kept has its own attributes.
    own = X.drop_duplicates("user").set_index("user")["city"]
    assert (made["city"][kept] == made["user"][kept].map(own)).all()


def test_rare_ids_become_fresh_and_frequent_ones_are_kept():
    X = make_log()
    counts = X["user"].value_counts()
    made = AutoregressiveTrees(random_state=0).fit(X).sample(4000)
    assert not made["user"].isin(counts.index[counts == 1]).any()
    assert made["user"].isin(counts.index[counts > 1]).mean() > 0.3
    assert made["user"].str.fullmatch(r"u\d{6}").all()
    once = made["user"].map(made["user"].value_counts()).eq(1).mean()
    assert once == pytest.approx((counts == 1).sum() / len(X), abs=0.02)


def test_fresh_ids_have_the_counts_of_counts_of_training():
    X = make_log()
    made = AutoregressiveTrees(ids="fresh", random_state=0).fit(X).sample(4000)
    assert not made["user"].isin(X["user"]).any()
    shares = [
        frame["user"].value_counts().value_counts(normalize=True).reindex([1, 2, 3, 4])
        for frame in (X, made)
    ]
    np.testing.assert_allclose(shares[0], shares[1], atol=0.03)


def test_ids_by_column():
    X = make_log()
    generator = AutoregressiveTrees(ids={"user": "keep", "ad": "fresh"}, random_state=0)
    made = generator.fit(X).sample(500)
    assert made["user"].isin(X["user"]).all()
    assert not made["ad"].isin(X["ad"]).any()
    assert made["ad"].dtype == X["ad"].dtype


def test_a_closed_population_is_kept():
    X = make_log()
    assert EntityTable("ad", ["advertiser"]).fit(X).kept_.all()
    users = EntityTable("user", ["city"]).fit(X)
    assert users.new_share_ == pytest.approx(
        (X["user"].value_counts() == 1).sum() / 4000
    )
    assert users.open_
    assert not users.kept_.all()
    # A category says that its values are known.
    assert EntityTable("user", []).fit(X.astype({"user": "category"})).kept_.all()


def test_round_trip_of_ids_that_are_kept():
    X = make_log()
    rule = Entities([Entity("user", ["city"]), Entity("city", ["country"])], ids="keep")
    rewritten = rule.fit(X).transform(X)
    assert list(rewritten) == ["user", "ad", "advertiser", "price"]
    pd.testing.assert_frame_equal(rule.inverse_transform(rewritten, random_state=0), X)


def test_conflicting_ids_are_drawn_anew():
    # A user and a network both determine the city: a synthetic row has one of each.
    rng = np.random.RandomState(0)
    city = rng.randint(3, size=2000)
    X = pd.DataFrame(
        {
            "user": [
                f"u{c}{i}" for c, i in zip(city, rng.randint(9, size=2000), strict=True)
            ],
            "net": [
                f"n{c}{i}" for c, i in zip(city, rng.randint(9, size=2000), strict=True)
            ],
            "city": [f"city {c}" for c in city],
        }
    )
    rule = Entities([Entity("user", ["city"]), Entity("net", ["city"])]).fit(X)
    mixed = rule.transform(X)
    mixed["net"] = rng.permutation(mixed["net"])
    made = rule.inverse_transform(mixed, random_state=0)
    assert (made["user"].str[1] == made["net"].str[1]).all()
    assert (made["city"].str[-1] == made["net"].str[1]).all()


def test_exceptions_occur_as_rarely_as_in_training():
    X = make_log(20_000)
    rows = np.random.RandomState(1).choice(20_000, size=40, replace=False)
    X.loc[rows, "advertiser"] = "nobody"
    generator = AutoregressiveTrees(random_state=0).fit(X)
    assert any(
        rule.columns == ["ad", "advertiser"] for rule in generator.structure_.rules
    )
    made = generator.sample(20_000)
    assert 10 < (made["advertiser"] == "nobody").sum() < 100


def test_missing_keys_determine_nothing():
    X = make_log()
    X.loc[X.index[:200], "ad"] = np.nan
    made = AutoregressiveTrees(random_state=0).fit(X).sample(4000)
    assert made["ad"].isna().mean() == pytest.approx(0.05, abs=0.01)
    assert determined(made.dropna(), "ad", "advertiser")


def test_aliases_are_made_anew_together():
    X = make_log()
    X["hash"] = X["user"].map(lambda text: f"{int(text[1:]) * 7919 % 10**7:07d}")
    made = AutoregressiveTrees(random_state=0).fit(X).sample(3000)
    assert determined(made, "user", "hash")
    assert determined(made, "hash", "user")
    fresh = ~made["user"].isin(X["user"])
    assert fresh.any()
    assert not made["hash"][fresh].isin(X["hash"]).any()


def test_an_attribute_that_is_not_determined():
    X = make_log()
    with pytest.raises(
        ValueError, match=r"'user' does not determine column 'price'.*of"
    ):
        Entity("user", ["price"]).fit(X)
    with pytest.raises(ValueError, match="not in the table"):
        Entity("user", ["street"]).fit(X)


def test_entities_as_constraints():
    X = make_log()
    rules = [Entity("user", ["city", "country"], ids="keep")]
    made = AutoregressiveTrees(constraints=rules, structure=None, random_state=0)
    made = made.fit(X).sample(1000)
    assert determined(made, "user", "city")


def make_ratings(n=3000, seed=0):
    rng = np.random.RandomState(seed)
    pairs = rng.choice(100 * 120, size=n, replace=False)
    genre = rng.choice(["drama", "comedy", "horror"], size=120)
    return pd.DataFrame(
        {"user": pairs // 120, "film": pairs % 120, "genre": genre[pairs % 120]}
    ), rng.randint(2, size=n)


@pytest.mark.parametrize("cls", [AutoregressiveTrees, GaussianCopula])
def test_pairs_neither_repeat_nor_equal_training_pairs(cls):
    X, y = make_ratings()
    generator = cls(random_state=0).fit(X, y)
    assert ["user", "film"] in [
        rule.columns
        for rule in generator.structure_.rules
        if isinstance(rule, CompositeKey)
    ]
    made, _ = generator.sample(2000)
    pairs = set(map(tuple, made[["user", "film"]].to_numpy()))
    assert len(pairs) == 2000
    assert not pairs & set(map(tuple, X[["user", "film"]].to_numpy()))
    assert determined(made, "film", "genre")


def test_a_composite_key_that_repeats():
    X = pd.DataFrame({"user": ["a", "b", "a"], "film": [1, 2, 1]})
    with pytest.raises(ValueError, match=r"1 rows repeat.*\['a', 1\]"):
        CompositeKey(["user", "film"]).fit(X)
