"""Measures of what ids, keys and other rules of a table become."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import ks_2samp

from skgen.constraints import Constraint, Inequality
from skgen.metrics._columns import Alignment, align, as_frames, default_classifier
from skgen.metrics._parameters import checked
from skgen.metrics._two_sample import _two_sample_auc
from skgen.structure import (
    CompositeKey,
    Entity,
    Equal,
    Key,
    MissingTogether,
    Structure,
    find_structure,
)

# A category of more values than this is an id: its names are hidden from the judge.
MAX_NAMED = 50
# Numbers of rows of an id from this on are one class.
MAX_COUNT = 20


@checked()
def blind_detection(
    real: Any,
    synthetic: Any,
    *,
    classifier: Any = None,
    cv: Any = 5,
    max_samples: int | None = None,
    random_state: int | np.random.RandomState | None = None,
) -> float:
    """<definition>.

    As :func:`detection`, but what an id is called does not count: a category of more
    than 50 values becomes the rank of its frequency in both tables together, ties at
    random, beside whether it occurs once in its own table. New ids of a new log are
    not held against it so; ids that occur too often or too seldom, and rows that do
    not belong to their id, are.

    Parameters
    ----------
    <tables>

    classifier : classifier, default=None
        As in :func:`detection`.

    <cv>

    <max_samples>

    random_state : int, RandomState instance or None, default=None
        Draws the subsample and the folds.

    Returns
    -------
    auc : float
        Area under the ROC curve, averaged over the folds; 0.5 is ideal.

    Raises
    ------
    ValueError
        As in :func:`detection`.

    See Also
    --------
    detection : Names count.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skgen.metrics import blind_detection
    >>> rng = np.random.RandomState(0)
    >>> real = pd.DataFrame({"user": [f"u{i}" for i in rng.randint(400, size=1000)]})
    >>> new = pd.DataFrame({"user": [f"n{i}" for i in rng.randint(400, size=1000)]})
    >>> judge = LogisticRegression()
    >>> round(blind_detection(real, new, classifier=judge, random_state=0), 1)
    0.5
    """
    judge = default_classifier() if classifier is None else classifier
    return _two_sample_auc(
        real, synthetic, _blind_features, judge, cv, max_samples, random_state
    )


def _blind_features(tables: Alignment) -> dict[str, Any]:
    names = ("real", "synthetic")
    rng = np.random.RandomState(0)
    blocks: dict[str, list[NDArray]] = {
        name: [np.nan_to_num(tables[name].numeric, nan=-1e9)] for name in names
    }
    for j, n_levels in enumerate(tables.n_levels):
        codes = {name: tables[name].codes[:, j] for name in names}
        counts = {name: np.bincount(codes[name], minlength=n_levels) for name in names}
        both = counts["real"] + counts["synthetic"]
        rank = np.arange(n_levels)
        if (both > 0).sum() > MAX_NAMED:
            rank[np.lexsort((rng.uniform(size=n_levels), -both))] = np.arange(n_levels)
            for name in names:
                blocks[name].append(counts[name][codes[name]] == 1)
        for name in names:
            blocks[name].append(rank[codes[name]])
    return {
        name: np.column_stack(parts).astype(np.float64)
        for name, parts in blocks.items()
    }


@checked()
def id_frequency_distance(real: Any, synthetic: Any) -> float:
    """<definition>.

    For each category of more than 50 values, the rows are divided by how often their
    value occurs in their own table (once, twice, ..., 20 times or more), and the shares
    are compared by total variation; the mean over these columns.

    Parameters
    ----------
    <tables>

    Returns
    -------
    distance : float
        In [0, 1], lower is better. 0 if no column has more than 50 values. Compare
        tables of the same size.

    Raises
    ------
    <table errors>

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.metrics import id_frequency_distance
    >>> once = pd.DataFrame({"user": [f"u{i}" for i in range(100)]})
    >>> twice = pd.DataFrame({"user": [f"v{i // 2}" for i in range(200)]})
    >>> id_frequency_distance(once, once), id_frequency_distance(once, twice)
    (0.0, 1.0)
    """
    tables = align(real=real, synthetic=synthetic)
    distances = []
    for j, n_levels in enumerate(tables.n_levels):
        shares = []
        n_values = 0
        for name in ("real", "synthetic"):
            codes = tables[name].codes[:, j]
            counts = np.bincount(codes, minlength=n_levels)
            n_values = max(n_values, int((counts > 0).sum()))
            of_rows = np.minimum(counts[codes], MAX_COUNT)
            shares.append(np.bincount(of_rows, minlength=MAX_COUNT + 1) / len(codes))
        if n_values > MAX_NAMED:
            distances.append(0.5 * np.abs(shares[0] - shares[1]).sum())
    return float(np.mean(distances)) if distances else 0.0


@checked()
def rules_kept(real: Any, synthetic: Any, *, structure: Any = None) -> float:
    """<definition>.

    The rules are those that :func:`skgen.structure.find_structure` finds in the real
    table: what ids determine, keys, sums, orders, intervals, parts of a time, columns
    missing together. Of each, the share of synthetic rows in which it holds.

    Parameters
    ----------
    <tables>

    structure : Structure, default=None
        The rules. None finds them in the real table.

    Returns
    -------
    kept : float
        Mean over the rules, in [0, 1], higher is better; 1 if there are no rules.

    Raises
    ------
    <table errors>

    See Also
    --------
    compare_rules : Rule by rule, and what held-out rows get.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from skgen.metrics import rules_kept
    >>> rng = np.random.RandomState(0)
    >>> user = rng.randint(40, size=1000)
    >>> real = pd.DataFrame({"user": user, "city": [f"city {i % 7}" for i in user]})
    >>> mixed = real.assign(city=rng.permutation(real["city"]))
    >>> rules_kept(real, real), round(rules_kept(real, mixed), 1)
    (1.0, 0.3)
    """
    align(real=real, synthetic=synthetic)  # refuses columns that differ
    found = compare_rules(real, synthetic, structure=structure)
    return float(found["synthetic"].mean()) if len(found) else 1.0


def compare_rules(
    real: Any, synthetic: Any, *, held_out: Any = None, structure: Any = None
) -> pd.DataFrame:
    """Tell how far each rule of a real table holds in a synthetic one.

    Parameters
    ----------
    real, synthetic : DataFrame or array-like of shape (n_rows, n_columns)
        Tables with the same columns.

    held_out : DataFrame or array-like of shape (n_rows, n_columns), default=None
        Real rows that the rules were not found on.

    structure : Structure, default=None
        The rules. None finds them in the real table.

    Returns
    -------
    rules : DataFrame
        A row for each rule: what it says ("rule"), and the share of rows in which it
        holds in each table ("real", "synthetic" and "held_out"). Of numbers that are
        equal in part of the rows, 1 less the difference of that part from the real
        one's.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from skgen.metrics import compare_rules
    >>> rng = np.random.RandomState(0)
    >>> a, b = rng.randint(50, size=(2, 500))
    >>> real = pd.DataFrame({"a": a, "b": b, "total": a + b})
    >>> off = real.assign(total=real["total"] + (rng.rand(500) < 0.5))
    >>> compare_rules(real, off).round(1)
                      rule  real  synthetic
    0  'total' = 'a' + 'b'   1.0        0.5
    """
    tables = {"real": real, "synthetic": synthetic}
    if held_out is not None:
        tables["held_out"] = held_out
    frames = as_frames(tables)
    rules = find_structure(frames["real"]) if structure is None else structure
    rows = []
    for rule in rules.rules:
        said = str(Structure([rule])).removesuffix(".")
        shares = {
            name: _share_kept(rule, frames["real"], frame)
            for name, frame in frames.items()
        }
        rows.append({"rule": said, **shares})
    return pd.DataFrame(rows, columns=["rule", *frames])


def _share_kept(rule: Constraint, real: pd.DataFrame, frame: pd.DataFrame) -> float:
    """Return the share of rows in which a rule holds."""
    match rule:
        case Entity():
            shares = [_determined(frame, rule.key, name) for name in rule.attributes]
            return float(np.mean(shares)) if shares else 1.0
        case Key():
            return float(1 - frame[rule.column].duplicated().mean())
        case CompositeKey():
            return float(1 - frame.duplicated(list(rule.key)).mean())
        case Equal():
            parts = [(t[rule.first] == t[rule.second]).mean() for t in (real, frame)]
            return float(1 - abs(parts[0] - parts[1]))
        case MissingTogether():
            missing = frame[rule.columns].isna()
            return float(missing.eq(missing.iloc[:, 0], axis=0).all(axis=1).mean())
        case Inequality():
            return float(1 - (frame[rule.low] > frame[rule.high]).mean())
    # What leaves the table and is put back must be what it was.
    try:
        fitted = rule.fit(real)
        again = fitted.inverse_transform(fitted.transform(frame), random_state=0)
    except ValueError:
        return 0.0
    same = [
        again[name].astype(str).to_numpy() == frame[name].astype(str).to_numpy()
        for name in frame
    ]
    return float(np.all(same, axis=0).mean())


def _determined(frame: pd.DataFrame, key: Hashable, name: Hashable) -> float:
    """Return the share of rows whose attribute is the most frequent of their key."""
    present = frame[frame[key].notna()]
    if not len(present):
        return 1.0
    codes = pd.factorize(present[name], use_na_sentinel=False)[0]
    counts = (
        pd.Series(codes)
        .groupby([pd.factorize(present[key])[0], codes], sort=False)
        .size()
    )
    return float(counts.groupby(level=0).max().sum() / len(present))


def compare_histories(
    real: pd.DataFrame,
    synthetic: pd.DataFrame,
    *,
    group: Hashable,
    order: Hashable,
    held_out: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Tell how far histories, such as all rows of a user, follow real ones.

    Parameters
    ----------
    real, synthetic : DataFrame of shape (n_rows, n_columns)
        Tables with the same columns.

    group : hashable
        Name of the column that identifies an entity.

    order : hashable
        Name of the column that orders its rows.

    held_out : DataFrame of shape (n_rows, n_columns), default=None
        Histories of other real entities.

    Returns
    -------
    distances : DataFrame
        Distances from the real table, in [0, 1], lower is better, of the synthetic and
        the held-out one: Kolmogorov-Smirnov statistics of the rows of an entity
        ("rows") and of the gaps between them ("gaps"); and, for each other column, the
        total variation between the shares of steps to the same value ("repeats") and
        between the shares of steps from value to value, the 20 most frequent values
        told apart ("moves").

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from skgen.metrics import compare_histories
    >>> user = np.repeat(np.arange(50), 4)
    >>> X = pd.DataFrame({"user": user, "time": np.arange(200)})
    >>> X["page"] = list("abab") * 50
    >>> shuffled = X.assign(page=np.random.RandomState(0).permutation(X["page"]))
    >>> compare_histories(X, shuffled, group="user", order="time").round(1)
                   synthetic
    rows                 0.0
    gaps                 0.0
    page: repeats        0.4
    page: moves          0.4
    """
    tables = {"synthetic": synthetic}
    if held_out is not None:
        tables["held_out"] = held_out
    others = [name for name in real.columns if name not in (group, order)]
    top = {name: real[name].value_counts().index[:20] for name in others}
    found = {
        name: _history(table, group, order, top)
        for name, table in {"real": real, **tables}.items()
    }
    distances = {}
    for name in tables:
        column = {
            part: float(ks_2samp(found["real"][part], found[name][part]).statistic)
            for part in ("rows", "gaps")
        }
        for part in found["real"]["moves"]:
            a, b = (found[table]["moves"][part] for table in ("real", name))
            column[part] = 0.5 * float(a.subtract(b, fill_value=0).abs().sum())
        distances[name] = column
    return pd.DataFrame(distances)


def _history(
    table: pd.DataFrame, group: Hashable, order: Hashable, top: Mapping[str, pd.Index]
) -> dict[str, Any]:
    """Return rows of each entity, gaps, and the shares of steps."""
    by = table[[group, order]].set_axis(["group", "order"], axis=1)
    table = table.loc[by.sort_values(["group", "order"], kind="stable").index]
    inside = (table[group] == table[group].shift()).to_numpy()
    gaps = table[order].diff()[inside]
    if gaps.dtype.kind == "m":
        gaps = gaps.dt.total_seconds()
    moves: dict[str, pd.Series] = {}
    for name, values in top.items():
        codes = pd.Series(values.get_indexer(pd.Index(table[name])))
        steps = pd.DataFrame({"from": codes.shift(), "to": codes})[inside]
        same = (table[name] == table[name].shift())[inside]
        moves[f"{name}: repeats"] = same.value_counts(normalize=True)
        moves[f"{name}: moves"] = steps.value_counts(normalize=True)
    return {"rows": table[group].value_counts(), "gaps": gaps, "moves": moves}
