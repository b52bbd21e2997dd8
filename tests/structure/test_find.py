import numpy as np
import pandas as pd
import pytest

from skgen import AutoregressiveTrees
from skgen.constraints import Inequality
from skgen.structure import (
    CompositeKey,
    Entity,
    Equal,
    Intervals,
    Key,
    MissingTogether,
    Structure,
    Sum,
    TimeParts,
    find_structure,
)


def make_rows(n=2000, seed=0):
    rng = np.random.RandomState(seed)
    user = rng.randint(200, size=n)
    age = rng.randint(18, 80, size=200)[user]
    a, b = rng.randint(100, size=(2, n))
    time = pd.Timestamp("2024-05-01") + pd.to_timedelta(rng.randint(10**6, size=n), "s")
    start = rng.randint(1000, size=n)
    bill = rng.lognormal(5, 1, size=n).round(2)
    paid = np.where(rng.rand(n) < 0.3, bill, rng.lognormal(4, 1, size=n).round(2))
    gone = rng.rand(n) < 0.2
    return pd.DataFrame(
        {
            "row_id": [f"r{i:06d}" for i in rng.permutation(n)],
            "user_id": user,
            "age": age,
            "group": np.where(age < 30, "young", np.where(age < 60, "middle", "old")),
            "a": a,
            "b": b,
            "total": a + b,
            "time": time,
            "hour": time.hour,
            "day": time.day_name(),
            "start": start,
            "end": start + rng.randint(300, size=n),
            "bill": bill,
            "paid": paid,
            "lat": np.where(gone, np.nan, rng.normal(size=n)),
            "lon": np.where(gone, np.nan, rng.normal(size=n)),
            "noise": rng.choice(["x", "y", "z"], size=n),
        }
    )


@pytest.fixture(scope="module")
def found():
    return find_structure(make_rows())


def rules(structure, cls):
    return [rule for rule in structure.rules if isinstance(rule, cls)]


def test_every_rule_of_the_table_is_found(found):
    assert [rule.column for rule in rules(found, Key)] == ["row_id"]
    (entity,) = rules(found, Entity)
    assert (entity.key, list(entity.attributes)) == ("user_id", ["age"])
    assert [rule.columns for rule in rules(found, Intervals)] == [["age", "group"]]
    (total,) = rules(found, Sum)
    assert (total.total, sorted(total.parts)) == ("total", ["a", "b"])
    (parts,) = rules(found, TimeParts)
    assert parts.parts == {"hour": "hour", "day": "weekday name"}
    assert [rule.columns for rule in rules(found, Inequality)] == [["start", "end"]]
    assert [rule.columns for rule in rules(found, Equal)] == [["bill", "paid"]]
    assert [rule.columns for rule in rules(found, MissingTogether)] == [["lat", "lon"]]
    assert not rules(found, CompositeKey)
    assert "noise" not in found.columns


def test_rules_hold_in_synthetic_rows():
    X = make_rows()
    made = AutoregressiveTrees(random_state=0).fit(X).sample(3000)
    assert list(made) == list(X)
    pd.testing.assert_series_equal(made.dtypes, X.dtypes)
    assert made["row_id"].is_unique
    assert not made["row_id"].isin(X["row_id"]).any()
    assert (made.groupby("user_id")["age"].nunique() == 1).all()
    assert (made["total"] == made["a"] + made["b"]).all()
    assert (made["hour"] == made["time"].dt.hour).all()
    assert (made["day"] == made["time"].dt.day_name()).all()
    assert (made["start"] <= made["end"]).all()
    assert (made["lat"].isna() == made["lon"].isna()).all()
    assert (made["group"] == np.where(
        made["age"] < 30, "young", np.where(made["age"] < 60, "middle", "old")
    )).all()  # fmt: skip
    shares = [(frame["bill"] == frame["paid"]).mean() for frame in (X, made)]
    assert shares[0] == pytest.approx(shares[1], abs=0.03)


@pytest.mark.parametrize("seed", range(50))
def test_nothing_is_found_in_shuffled_columns(seed):
    rng = np.random.RandomState(seed)
    X = make_rows(1000, seed).drop(columns="row_id")
    shuffled = pd.DataFrame(
        {name: rng.permutation(X[name].to_numpy()) for name in X}
    ).astype(X.dtypes)
    structure = find_structure(shuffled, random_state=seed)
    assert structure.rules == []


@pytest.mark.parametrize(
    ("name", "change", "cls"),
    [
        ("group", lambda X: X.assign(age=spoil(X["age"], 0.01, 10)), Intervals),
        ("age", lambda X: X.assign(age=spoil(X["age"], 0.02, 1)), Entity),
        ("total", lambda X: X.assign(total=spoil(X["total"], 0.02, 1)), Sum),
        ("hour", lambda X: X.assign(hour=spoil(X["hour"], 0.02, 1)), TimeParts),
        ("end", lambda X: X.assign(end=spoil(X["end"], 0.02, -5000)), Inequality),
        ("lon", lambda X: X.assign(lon=X["lon"].fillna(0.5)), MissingTogether),
        ("row_id", lambda X: X.assign(row_id=["r000001", *X["row_id"][1:]]), Key),
        ("paid", lambda X: X.assign(paid=X["paid"] + 0.01), Equal),
    ],
)
def test_what_almost_holds_is_no_rule(name, change, cls):
    structure = find_structure(change(make_rows()))
    assert not [
        rule
        for rule in rules(structure, cls)
        if name in rule.columns and rule.columns[0] != name
    ]


def spoil(column, share, by):
    rng = np.random.RandomState(7)
    return column + by * (rng.rand(len(column)) < share)


def test_evidence_and_sentences(found):
    text = str(found)
    assert "'user_id' determines 'age' (" in text
    assert "'total' = 'a' + 'b'" in text or "'total' = 'b' + 'a'" in text
    for rule, evidence in zip(found.rules, found.evidence, strict=True):
        # Numbers that are equal in part of the rows differ in the others.
        assert evidence.convinces or isinstance(rule, Equal)
    assert str(Structure([])) == "No rules."


def test_json_round_trip(found):
    again = Structure.from_json(found.to_json())
    assert str(again) == str(found)
    assert repr(again.rules) == repr(found.rules)
    with pytest.raises(ValueError, match=r"no structure that Structure\.to_json wrote"):
        Structure.from_json('{"format": 1, "rules": [{"rule": "Nothing"}]}')
    with pytest.raises(ValueError, match="no structure"):
        Structure.from_json("[]")


def test_rules_may_be_dropped_and_added(found):
    fewer = found.drop("user_id", "total", "group")
    assert not set(fewer.columns) & {"user_id", "total", "group"}
    assert len(fewer.rules) == len(found.rules) - 3
    more = fewer.add(Entity("user_id", ["age", "group"]))
    X = make_rows()
    made = AutoregressiveTrees(structure=more, random_state=0).fit(X).sample(500)
    assert (made.groupby("user_id")["group"].nunique() == 1).all()


def test_structure_round_trip_of_rows():
    X = make_rows()
    structure = find_structure(X).drop("row_id").fit(X)
    again = structure.inverse_transform(structure.transform(X), random_state=0)
    pd.testing.assert_frame_equal(again, X)


def test_one_to_one_columns_are_one_entity():
    rng = np.random.RandomState(0)
    code = rng.randint(40, size=2000)
    X = pd.DataFrame(
        {"code": [f"c{i}" for i in code], "label": [f"l{i}" for i in code]}
    )
    X["x"] = rng.normal(size=2000)
    (rule,) = find_structure(X).rules
    assert rule.columns == ["code", "label"]


def test_hierarchies_are_found_step_by_step():
    rng = np.random.RandomState(0)
    device = rng.randint(300, size=4000)
    series = (np.arange(300) * 7 % 40)[device]
    brand = (np.arange(40) % 6)[series]
    X = pd.DataFrame(
        {
            "device": [f"d{i}" for i in device],
            "series": [f"s{i}" for i in series],
            "brand": [f"b{i}" for i in brand],
        }
    )
    assert [rule.columns for rule in find_structure(X).rules] == [
        ["device", "series"],
        ["series", "brand"],
    ]


def test_attributes_that_change_over_time_are_no_entity():
    rng = np.random.RandomState(0)
    user = np.sort(rng.randint(200, size=4000))
    # Every third user moves after half of the rows.
    half = pd.Series(user).groupby(user).cumcount() > 9
    city = user % 7 + np.where((user % 3 == 0) & half, 1, 0)
    X = pd.DataFrame({"user_id": user, "city": [f"c{i}" for i in city]})
    assert rules(find_structure(X), Entity) == []


def test_a_table_of_nothing_but_ids():
    rng = np.random.RandomState(0)
    X = pd.DataFrame(
        {name: [f"{name}{i:05d}" for i in rng.permutation(500)] for name in "abc"}
    )
    with pytest.raises(ValueError, match="ids of which each occurs once"):
        AutoregressiveTrees().fit(X)


def test_keys_of_ids_that_are_floats():
    rng = np.random.RandomState(0)
    user = rng.randint(200, size=3000)
    X = pd.DataFrame({"user_id": user.astype(float)})
    X["city"] = [f"c{i}" for i in rng.randint(9, size=200)[user]]
    made = AutoregressiveTrees(random_state=0).fit(X).sample(1000)
    assert (made.groupby("user_id")["city"].nunique() == 1).all()


def test_lists_belong_to_the_id_whose_rows_share_them():
    rng = np.random.RandomState(0)
    user = rng.randint(150, size=3000)
    members = [f"m{i}" for i in range(60)]
    own = ["^".join(rng.choice(members, size=3, replace=False)) for _ in range(150)]
    other = ["^".join(rng.choice(members, size=3, replace=False)) for _ in range(150)]
    changed = rng.rand(3000) < 0.15
    lists = [other[u] if c else own[u] for u, c in zip(user, changed, strict=True)]
    X = pd.DataFrame({"user_id": user, "age": (user * 7) % 50, "clicked": lists})
    X["price"] = rng.normal(size=3000)
    (entity,) = rules(find_structure(X), Entity)
    assert list(entity.varying) == ["clicked"]
    made = AutoregressiveTrees(random_state=0).fit(X).sample(3000)
    pairs = pd.MultiIndex.from_frame(X[["user_id", "clicked"]])
    assert pd.MultiIndex.from_frame(made[["user_id", "clicked"]]).isin(pairs).all()
    first = [u in o for u, o in zip(made["clicked"], [own] * 3000, strict=True)]
    assert np.mean(first) == pytest.approx(0.85, abs=0.04)


def make_visits(in_order):
    rng = np.random.RandomState(0)
    user = np.sort(rng.randint(150, size=3000))
    page = rng.randint(4, size=3000)
    if in_order:
        stays = (rng.rand(3000) < 0.5) & np.r_[False, user[1:] == user[:-1]]
        for i in np.flatnonzero(stays):
            page[i] = page[i - 1]
    X = pd.DataFrame(
        {"user_id": user, "age": (user * 7) % 50, "page": page.astype(str)}
    )
    X["time"] = pd.Timestamp("2024-05-01") + pd.to_timedelta(np.arange(3000), "min")
    return X


def test_histories_are_rows_that_resemble_the_row_before():
    found = find_structure(make_visits(True))
    assert found.histories == (("user_id", "time"),)
    assert "follow one another in 'time'" in str(found)
    assert Structure.from_json(found.to_json()).histories == found.histories
    assert found.drop("time").histories == []
    assert find_structure(make_visits(False)).histories == ()
