import csv
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from skgen.datasets import _open_bandit, load_open_bandit

needs_obp = pytest.mark.skipif(
    find_spec("obp") is None,
    reason="needs the data of obp: pip install --no-deps obp==0.4.1",
)
CLICKS = {
    ("all", "random"): 38,
    ("all", "bts"): 42,
    ("men", "random"): 46,
    ("men", "bts"): 69,
    ("women", "random"): 46,
    ("women", "bts"): 46,
}
FEATURES = [
    "timestamp",
    "campaign",
    "policy",
    "item_id",
    "position",
    "user_feature_0",
    "user_feature_1",
    "user_feature_2",
    "user_feature_3",
    "item_feature_0",
    "item_feature_1",
    "item_feature_2",
    "item_feature_3",
    "affinity",
    "affinity_total",
]


def rows_of(name: str, campaign: str, policy: str) -> list[dict[str, str]]:
    """The rows of one file, read without pandas."""
    (root,) = find_spec("obp").submodule_search_locations
    path = Path(root, "dataset", "obd", policy, campaign, name)
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def everything():
    return load_open_bandit()


@needs_obp
def test_all_six_files(everything):
    X, y = everything.data, everything.target
    assert X.shape == (60_000, 15)
    assert list(X) == everything.feature_names == FEATURES
    assert y.sum() == 287
    assert set(y.unique()) == {0, 1}
    assert y.name == "click"
    assert X["timestamp"].is_monotonic_increasing
    assert_array_equal(X.index, np.arange(60_000))
    assert not X.isna().to_numpy().any()
    sizes = X.groupby(["campaign", "policy"], observed=True).size()
    assert (sizes == 10_000).all()
    clicks = y.groupby([X["campaign"], X["policy"]], observed=True).sum()
    assert clicks.to_dict() == CLICKS


@needs_obp
def test_column_kinds(everything):
    X = everything.data
    kinds = dict.fromkeys(FEATURES, "category") | {
        "timestamp": "datetime64[ns, UTC]",
        "item_feature_0": "float64",
        "affinity": "int16",
        "affinity_total": "int16",
    }
    assert {name: str(dtype) for name, dtype in X.dtypes.items()} == kinds
    assert list(X["campaign"].cat.categories) == ["all", "men", "women"]
    assert list(X["policy"].cat.categories) == ["random", "bts"]
    assert list(X["position"].cat.categories) == [1, 2, 3]
    items = X["item_id"].cat.categories
    assert len(items) == 80 + 34 + 46
    assert list(items[[0, 79, 80, 114]]) == ["all-0", "all-79", "men-0", "women-0"]
    assert (X["affinity"] >= 0).all()
    assert (X["affinity"] <= X["affinity_total"]).all()
    assert X["affinity_total"].max() > X["affinity"].max() > 0


@needs_obp
def test_bunch(everything):
    frame = everything.frame
    pd.testing.assert_frame_equal(frame[everything.feature_names], everything.data)
    pd.testing.assert_series_equal(frame["click"], everything.target)
    assert everything.target_names == ["not clicked", "clicked"]
    assert "CC BY 4.0" in everything.DESCR
    propensity = everything.propensity_score
    assert propensity.between(0, 1, inclusive="neither").all()
    # The random policy shows each of the campaign's items with the same probability
    X = everything.data
    shown = (X["campaign"] == "men") & (X["policy"] == "random")
    np.testing.assert_allclose(propensity[shown], 1 / 34)


@needs_obp
@pytest.mark.parametrize(("campaign", "policy"), CLICKS)
def test_one_file_agrees_with_the_csv(campaign, policy):
    data = load_open_bandit(campaign, policy)
    X = data.data
    assert X.shape == (10_000, 13)
    assert "campaign" not in X
    assert "policy" not in X
    assert data.target.sum() == CLICKS[campaign, policy]

    log = rows_of(f"{campaign}.csv", campaign, policy)
    items = rows_of("item_context.csv", campaign, "random")
    # A file is in order of time, so that rows can be compared by their place
    liked = next(i for i in range(10_000) if X["affinity"].iloc[i] > 0)
    for i in (0, 4_321, liked, 9_999):
        row, got = log[i], X.iloc[i]
        item = items[int(row["item_id"])]
        assert item["item_id"] == row["item_id"]
        assert got["item_id"] == f"{campaign}-{row['item_id']}"
        assert got["timestamp"] == pd.Timestamp(row["timestamp"])
        assert got["position"] == int(row["position"])
        for j in range(4):
            assert got[f"user_feature_{j}"] == row[f"user_feature_{j}"]
        assert got["item_feature_0"] == pytest.approx(float(item["item_feature_0"]))
        for j in range(1, 4):
            assert got[f"item_feature_{j}"] == item[f"item_feature_{j}"]
        counts = [float(v) for k, v in row.items() if k.startswith("user-item_")]
        assert got["affinity"] == counts[int(row["item_id"])]
        assert got["affinity_total"] == sum(counts)
        assert data.target.iloc[i] == int(row["click"])
        assert data.propensity_score.iloc[i] == pytest.approx(
            float(row["propensity_score"])
        )


@needs_obp
@pytest.mark.parametrize("campaign", ["all", "men", "women"])
def test_item_hashes_of_the_policies_correspond(campaign):
    # The loader gives both policies the hashes of one; that must lose nothing
    random, bts = (
        pd.DataFrame(rows_of("item_context.csv", campaign, p))
        for p in ("random", "bts")
    )
    assert_array_equal(random["item_id"], bts["item_id"])
    assert_array_equal(random["item_feature_0"], bts["item_feature_0"])
    for j in range(1, 4):
        pairs = set(
            zip(random[f"item_feature_{j}"], bts[f"item_feature_{j}"], strict=True)
        )
        assert len({a for a, _ in pairs}) == len({b for _, b in pairs}) == len(pairs)


@needs_obp
def test_an_item_has_the_same_features_under_both_policies(everything):
    X = everything.data
    features = [f"item_feature_{j}" for j in range(4)]
    assert (X.groupby("item_id", observed=True)[features].nunique() == 1).all(axis=None)


@needs_obp
def test_several_files_are_the_single_ones_together(everything):
    both = load_open_bandit("women")
    assert "campaign" not in both.data
    assert list(both.data["policy"].cat.categories) == ["random", "bts"]
    assert both.target.sum() == 92
    bts = load_open_bandit(policy="bts")
    assert "policy" not in bts.data
    assert bts.target.sum() == 42 + 69 + 46
    X = everything.data
    part = X[(X["campaign"] == "women") & (X["policy"] == "bts")].reset_index(drop=True)
    one = load_open_bandit("women", "bts").data
    assert_array_equal(part[list(one)].astype(str), one.astype(str))


@needs_obp
def test_full_affinity():
    X, y = load_open_bandit("men", "bts", affinity="full", return_X_y=True)
    short, _ = load_open_bandit("men", "bts", return_X_y=True)
    counts = X.filter(like="user-item_affinity_")
    assert list(counts) == [f"user-item_affinity_{i}" for i in range(34)]
    assert "affinity" not in X
    assert_array_equal(counts.sum(axis=1), short["affinity_total"])
    item = X["item_id"].astype(str).str.removeprefix("men-").astype(int)
    assert_array_equal(counts.to_numpy()[np.arange(len(X)), item], short["affinity"])
    assert len(y) == 10_000


@needs_obp
def test_obp_is_not_imported(monkeypatch):
    monkeypatch.delitem(sys.modules, "obp", raising=False)
    load_open_bandit("men", "bts")
    assert "obp" not in sys.modules


@pytest.mark.parametrize(
    "params",
    [{"campaign": "children"}, {"policy": "greedy"}, {"affinity": "none"}],
    ids=lambda params: next(iter(params)),
)
def test_bad_parameter(params):
    ((name, value),) = params.items()
    with pytest.raises(ValueError, match=f"'{name}' parameter.*Got '{value}'"):
        load_open_bandit(**params)


def test_full_affinity_needs_one_campaign():
    with pytest.raises(ValueError, match="give campaign='all', 'men' or 'women'"):
        load_open_bandit(affinity="full")


def test_obp_missing(monkeypatch):
    monkeypatch.setattr(_open_bandit, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"pip install --no-deps obp==0\.4\.1"):
        load_open_bandit()


def test_obp_without_its_data(monkeypatch, tmp_path):
    (tmp_path / "obp").mkdir()
    (tmp_path / "obp" / "__init__.py").touch()
    monkeypatch.delitem(sys.modules, "obp", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ImportError, match=r"lacks .*pip install --no-deps obp==0\.4"):
        load_open_bandit()
