from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse, stats
from scipy.spatial.distance import jensenshannon
from sdmetrics.column_pairs import CorrelationSimilarity
from sdmetrics.single_column import KSComplement, MissingValueSimilarity
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from skgen.metrics import (
    correlation_difference,
    detection,
    js_divergence,
    ks_statistic,
)
from skgen.metrics._columns import align

METRICS = [detection, ks_statistic, js_divergence, correlation_difference]


def mixed_table(n_rows, seed):
    """Every dtype, missing values in most."""
    rng = np.random.RandomState(seed)
    x = rng.normal(size=n_rows)
    frame = pd.DataFrame(
        {
            "float": x,
            "int": rng.poisson(3, n_rows),
            "bool": rng.uniform(size=n_rows) < 0.3,
            "category": pd.Categorical(rng.choice(list("abc"), n_rows)),
            "string": pd.array(rng.choice(["x", "y"], n_rows), dtype="string"),
            "object": rng.choice(np.array(["u", "v", "w"], dtype=object), n_rows),
            "date": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(rng.randint(0, 10**6, n_rows), unit="s"),
            "zoned": pd.Timestamp("2024-01-01", tz="Europe/Paris")
            + pd.to_timedelta(rng.randint(0, 10**6, n_rows), unit="s"),
            "duration": pd.to_timedelta(rng.exponential(9, n_rows), unit="s"),
            "nullable_int": pd.array(rng.randint(0, 9, n_rows), dtype="Int64"),
            "nullable_bool": pd.array(rng.uniform(size=n_rows) < 0.5, dtype="boolean"),
            "constant": 1.0,
        }
    )
    for column in frame.columns.drop(["int", "bool", "constant"]):
        frame.loc[rng.uniform(size=n_rows) < 0.05, column] = None
    return frame


@pytest.fixture(scope="module")
def real():
    return mixed_table(2000, 0)


@pytest.fixture(scope="module")
def fresh():
    return mixed_table(2000, 1)


# The alignment on which all measures stand


def test_kinds_of_columns(real, fresh):
    tables = align(real=real, synthetic=fresh)
    assert tables.numeric_names == [
        "float",
        "int",
        "date",
        "zoned",
        "duration",
        "nullable_int",
        "constant",
    ]
    assert tables.names == list(real.columns)


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        ([1, 2, None], [1, 2, np.nan]),
        ([1.5, 2, pd.NA], [1.5, 2, np.nan]),
        ([Decimal("1.5"), Decimal(2), None], [1.5, 2, np.nan]),
        ([date(2024, 1, 1), None, date(2024, 1, 2)], [0, np.nan, 86400]),
        ([pd.Timedelta("1s"), pd.NaT, pd.Timedelta("2s")], [1, np.nan, 2]),
    ],
)
def test_object_columns_of_numbers_are_numeric(values, numbers):
    table = np.array(values, dtype=object).reshape(-1, 1)
    aligned = align(real=table, synthetic=table[:1])
    np.testing.assert_array_equal(aligned["real"].numeric[:, 0], numbers)
    assert aligned["synthetic"].numeric.shape == (1, 1)


@pytest.mark.parametrize(
    "dtype",
    ["float32", "int8", "Int64", "Float64", "int64[pyarrow]", "double[pyarrow]"],
)
def test_numbers_compare_by_value_across_dtypes(dtype):
    real = pd.DataFrame({"x": [1, 2, 3]})
    synthetic = pd.DataFrame({"x": pd.Series([3, 1, 2]).astype(dtype)})
    aligned = align(real=real, synthetic=synthetic)
    assert aligned["synthetic"].numeric[:, 0].tolist() == [3, 1, 2]


@pytest.mark.parametrize("dtype", ["category", "string", "object", "string[pyarrow]"])
def test_levels_compare_by_value_across_dtypes(dtype):
    real = pd.DataFrame({"x": ["b", "a", None]})
    synthetic = pd.DataFrame({"x": pd.Series(["a", "c", None, "b"]).astype(dtype)})
    aligned = align(real=real, synthetic=synthetic)
    assert aligned["real"].codes[:, 0].tolist() == [1, 0, 3]
    assert aligned["synthetic"].codes[:, 0].tolist() == [0, 2, 3, 1]


@pytest.mark.parametrize(
    "period", ["period[M]", "datetime64[s]", "timestamp[us][pyarrow]"]
)
def test_dates_of_any_dtype_are_seconds(period):
    dates = pd.Series(pd.to_datetime(["2024-01-01", "2024-02-01"]))
    if period == "period[M]":
        dates = dates.dt.to_period("M")
    else:
        dates = dates.astype(period)
    aligned = align(real=dates.to_frame("d"), synthetic=dates.to_frame("d"))
    assert aligned["real"].numeric[:, 0].tolist() == [0, 31 * 86400]


def test_all_missing_column_fits_any_kind():
    for values in (["a", "b"], [1.0, 2.0], [True, False]):
        real = pd.DataFrame({"x": values})
        for missing in ([None, None], [np.nan, np.nan], [pd.NaT, pd.NaT]):
            synthetic = pd.DataFrame({"x": missing})
            assert js_divergence(real, synthetic) == pytest.approx(1)


def test_array_takes_the_names_beside_it():
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    assert ks_statistic(frame, frame.to_numpy(), per_column=True).index.tolist() == [
        "a",
        "b",
    ]


def test_object_array_equals_dataframe(real, fresh):
    columns = ["float", "int", "object", "bool"]
    frames = [t[columns].astype(object) for t in (real, fresh)]
    arrays = [t.to_numpy(dtype=object) for t in frames]
    for metric in (ks_statistic, js_divergence, correlation_difference):
        expected = metric(real[columns], fresh[columns])
        assert metric(*arrays) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.rename(columns={"int": "count"}), r"missing \['int'\].*'count'"),
        (lambda t: t.drop(columns="int"), r"missing \['int'\]"),
        (lambda t: t[["int", "float", *t.columns[2:]]], "different order.*'int'"),
        (lambda t: t.iloc[:0], "synthetic is empty"),
        (lambda t: t[[]], "synthetic is empty"),
        (lambda t: t.assign(float=np.inf), "'float' of synthetic holds infinities"),
        (lambda t: t.assign(int="a"), "'int' is numeric in real.*categorical in synth"),
        (lambda t: t.assign(date=1), "'date' is datetime in real"),
        (lambda t: t.assign(zoned=t["date"]), "'zoned' is datetime with time zone"),
        (lambda t: t.assign(float=1j), "Column 'float': complex data"),
        (lambda t: t.assign(object=[[1]] * len(t)), "'object' holds values that can"),
        (lambda t: t.to_numpy()[:, 1:], "synthetic has 11 columns and real has 12"),
        (lambda t: t["int"].to_numpy(), "1 dimension"),
        (lambda t: sparse.csr_array(np.eye(12)), "sparse"),
    ],
)
def test_refused_tables(metric, change, message, real):
    real = real.head(50)
    with pytest.raises(ValueError, match=message):
        metric(real, change(real.copy()))


def test_infinity_among_categories_is_refused():
    real = pd.DataFrame({"x": pd.Categorical([1.0, np.inf])})
    with pytest.raises(ValueError, match="'x' holds infinities among"):
        js_divergence(real, real)


def test_tables_stay_as_they_were(real, fresh):
    before = real.copy(deep=True), fresh.copy(deep=True)
    for metric in METRICS[1:]:
        metric(real, fresh)
    pd.testing.assert_frame_equal(real, before[0])
    pd.testing.assert_frame_equal(fresh, before[1])


# Noise floor and degradation, for all


@pytest.mark.parametrize(
    ("metric", "floor"),
    [
        (detection, 0.53),
        (ks_statistic, 0.03),
        (js_divergence, 0.003),
        (correlation_difference, 0.03),
    ],
)
def test_worse_tables_score_worse(metric, floor, real, fresh):
    def degrade(share):
        rng = np.random.RandomState(0)
        table = fresh.copy()
        for column in ("int", "float"):  # shifts a marginal and breaks dependence
            rows = rng.uniform(size=len(table)) < share
            table.loc[rows, column] = table.loc[rows, column] * 2 + 3
        rows = rng.uniform(size=len(table)) < share
        table.loc[rows, "object"] = np.where(table.loc[rows, "bool"], "u", "v")
        return table

    options = {"random_state": 0} if metric is detection else {}
    scores = [metric(real, degrade(s), **options) for s in (0, 0.1, 0.4, 1)]
    assert scores[0] < floor
    assert np.all(np.diff(scores) > 0)


# detection


def test_detection_of_fresh_rows_is_at_chance_with_rare_levels():
    # Most levels are in one table only, which is not a difference of the tables.
    levels = np.random.RandomState(0).zipf(1.3, size=(2, 3000)) % 10**6
    real, fresh = (pd.DataFrame({"id": row.astype(str)}) for row in levels)
    assert detection(real, fresh, random_state=0) == pytest.approx(0.5, abs=0.03)


def test_detection_matches_the_closed_form():
    # The best judge of N(0, 1) against N(d, 1) has the AUC Phi(d / sqrt 2).
    rng = np.random.RandomState(0)
    real, synthetic = rng.normal(size=(4000, 1)), rng.normal(1, size=(4000, 1))
    auc = detection(real, synthetic, classifier=LogisticRegression(), random_state=0)
    assert auc == pytest.approx(stats.norm.cdf(1 / np.sqrt(2)), abs=0.015)


@pytest.mark.parametrize(
    ("column", "value"),
    [("float", np.nan), ("category", None), ("bool", True), ("string", "new")],
)
def test_detection_sees_missing_values_and_levels(column, value, real, fresh):
    fresh = fresh.copy()
    fresh[column] = pd.Series([value] * len(fresh), dtype=fresh[column].dtype)
    assert detection(real, fresh, random_state=0) > 0.8


def test_detection_sees_dates_of_this_century_to_the_minute():
    start = pd.Timestamp("2024-01-01")
    minutes = pd.to_timedelta(np.arange(600), unit="min")
    real = pd.DataFrame({"d": start + minutes})
    shifted = pd.DataFrame({"d": start + minutes + pd.Timedelta("30s")})
    mixed = pd.concat([real, shifted], ignore_index=True)
    assert detection(real, mixed[600:] + pd.Timedelta("400min"), random_state=0) > 0.7


def test_detection_repeats_and_subsamples(real, fresh):
    options = {"max_samples": 200, "cv": 3}
    first = detection(real, fresh, random_state=3, **options)
    assert first == detection(real, fresh, random_state=3, **options)
    assert first != detection(real, fresh, random_state=4, **options)
    rng = np.random.RandomState(3)
    assert first == detection(real, fresh, random_state=rng, **options)


def test_detection_takes_a_splitter_and_leaves_the_classifier_unfitted(real, fresh):
    classifier = LogisticRegression(max_iter=200)
    cv = KFold(3, shuffle=True, random_state=0)
    tables = real[["float", "object"]], fresh[["float", "object"]]
    auc = detection(*tables, classifier=classifier, cv=cv)
    assert auc == pytest.approx(0.5, abs=0.05)
    assert not hasattr(classifier, "coef_")


def test_detection_needs_a_row_per_fold(real):
    with pytest.raises(ValueError, match="synthetic has 4 rows for 5 folds"):
        detection(real, real.head(4))
    with pytest.raises(ValueError, match=r"real has 3 rows for 5 folds.*max_samples"):
        detection(real, real, max_samples=3)


@pytest.mark.parametrize(
    "options", [{"cv": 1}, {"max_samples": 0}, {"classifier": 3}, {"random_state": "a"}]
)
def test_detection_refuses_parameters(options, real):
    with pytest.raises(ValueError, match=next(iter(options))):
        detection(real, real, **options)


# ks_statistic


@pytest.mark.parametrize("shift", [0, 0.25, 0.6, 2])
def test_ks_of_shifted_uniforms(shift):
    real, synthetic = np.random.RandomState(0).uniform(size=(2, 20_000, 1))
    expected = min(shift, 1)
    assert ks_statistic(real, synthetic + shift) == pytest.approx(expected, abs=0.02)


def test_ks_matches_scipy_and_sdmetrics(real, fresh):
    statistic = ks_statistic(real, fresh, per_column=True)
    for column in ("float", "int", "nullable_int"):
        a, b = real[column].dropna().astype(float), fresh[column].dropna().astype(float)
        missing = abs(real[column].isna().mean() - fresh[column].isna().mean())
        expected = max(stats.ks_2samp(a, b).statistic, missing)
        assert statistic[column] == pytest.approx(expected, abs=1e-12)
        shifted = fresh.assign(**{column: fresh[column] + 1})
        value = ks_statistic(real, shifted, per_column=True)[column]
        assert value == pytest.approx(stats.ks_2samp(a, b + 1).statistic, abs=1e-12)
        complement = KSComplement.compute(a, b + 1)
        assert value == pytest.approx(1 - complement, abs=1e-12)


def test_ks_of_dates_is_that_of_their_numbers(real, fresh):
    day = pd.Timedelta("1D")
    a, b = (t["date"].dropna().map(pd.Timestamp.timestamp) for t in (real, fresh))
    shifted = fresh.assign(date=fresh["date"] + day)
    value = ks_statistic(real, shifted, per_column=True)["date"]
    expected = stats.ks_2samp(a, b + day.total_seconds()).statistic
    assert value == pytest.approx(expected, abs=1e-12)


def test_ks_counts_missing_shares():
    real = pd.DataFrame({"x": [1.0, 2.0, np.nan, np.nan]})
    synthetic = pd.DataFrame({"x": [1.0, 2.0, 1.0, 2.0]})
    similarity = MissingValueSimilarity.compute(real["x"], synthetic["x"])
    assert ks_statistic(real, synthetic) == 1 - similarity == 0.5
    assert ks_statistic(real, real) == 0
    assert ks_statistic(real, synthetic * np.nan) == 0.5


def test_ks_needs_a_number():
    table = pd.DataFrame({"x": ["a", "b"], "y": [True, False]})
    with pytest.raises(ValueError, match=r"\['x', 'y'\] is numeric.*js_divergence"):
        ks_statistic(table, table)


def test_ks_mean(real, fresh):
    columns = ks_statistic(real, fresh, per_column=True)
    assert ks_statistic(real, fresh) == pytest.approx(columns.mean())


# js_divergence


@given(
    st.lists(st.sampled_from([*"abc", None]), min_size=1, max_size=30),
    st.lists(st.sampled_from([*"bcd", None]), min_size=1, max_size=30),
)
@settings(deadline=None, max_examples=50)
def test_js_of_categories_matches_scipy(a, b):
    levels = [*"abcd", None]
    p, q = ([values.count(level) for level in levels] for values in (a, b))
    real = pd.DataFrame({"x": pd.Series(a, dtype=object)})
    synthetic = pd.DataFrame({"x": pd.Series(b, dtype=object)})
    expected = np.nan_to_num(jensenshannon(p, q, base=2)) ** 2
    assert js_divergence(real, synthetic) == pytest.approx(expected, abs=1e-12)
    swapped = js_divergence(synthetic, real)
    assert swapped == pytest.approx(expected, abs=1e-12)


def test_js_of_numbers_matches_pandas_quantile_bins():
    rng = np.random.RandomState(0)
    real = rng.normal(size=1001)
    synthetic = rng.normal(0.5, 2, size=900)
    edges = np.quantile(real, np.linspace(0, 1, 6), method="inverted_cdf")
    counts = []
    for values in (real, synthetic):
        binned = pd.cut(values, edges, include_lowest=True).value_counts()
        outside = [(values < edges[0]).sum(), (values > edges[-1]).sum()]
        counts.append([*binned, *outside])
    expected = jensenshannon(*counts, base=2) ** 2
    result = js_divergence(real.reshape(-1, 1), synthetic.reshape(-1, 1), n_bins=5)
    assert result == pytest.approx(expected, abs=1e-12)


def test_js_sees_point_masses_and_what_is_missing():
    rng = np.random.RandomState(0)
    positive = rng.exponential(size=1000)
    is_zero = rng.uniform(size=1000) < 0.92
    real = np.where(is_zero, 0, positive).reshape(-1, 1)
    smeared = np.where(is_zero, 1e-9, positive).reshape(-1, 1)
    below = np.where(is_zero, -1e-9, positive).reshape(-1, 1)
    absent = np.where(is_zero, np.nan, positive).reshape(-1, 1)
    zeros = is_zero.mean()
    joined = jensenshannon([zeros, 1 - zeros], [0, 1], base=2) ** 2
    assert js_divergence(real, smeared) == pytest.approx(joined)
    assert js_divergence(real, below) == pytest.approx(zeros)
    assert js_divergence(real, absent) == pytest.approx(zeros)
    assert js_divergence(real, real) == 0


def test_js_of_numbers_on_disjoint_ranges_is_one():
    real = np.linspace(0, 1, 100).reshape(-1, 1)
    assert js_divergence(real, real + 5) == pytest.approx(1)
    assert js_divergence(real, real - 5) == pytest.approx(1)


def test_js_per_column(real, fresh):
    columns = js_divergence(real, fresh, per_column=True)
    assert columns.index.tolist() == list(real.columns)
    assert columns.between(0, 1).all()
    assert js_divergence(real, fresh) == pytest.approx(columns.mean())


# correlation_difference


def test_pearson_matches_sdmetrics():
    rng = np.random.RandomState(0)
    real = pd.DataFrame(rng.multivariate_normal([0, 0], [[1, 0.8], [0.8, 1]], 500))
    synthetic = pd.DataFrame(rng.normal(size=(500, 2)))
    similarity = CorrelationSimilarity.compute(real, synthetic)  # 1 - |a - b| / 2
    expected = 2 * (1 - similarity)
    assert correlation_difference(real, synthetic) == pytest.approx(expected)


def test_association_of_each_kind_matches_its_reference():
    rng = np.random.RandomState(0)
    group = rng.randint(0, 3, 500)
    other = np.where(rng.uniform(size=500) < 0.5, group, rng.randint(0, 4, 500))
    number = group + rng.normal(size=500)
    real = pd.DataFrame(
        {"n": number, "g": pd.Series(group).map(str), "o": pd.Series(other).map(str)}
    )
    # The associations of a constant column are 0, so what is left is the real one.
    constant = pd.DataFrame({"n": 1.0, "g": ["0"] * 9, "o": "0"})
    result = correlation_difference(real, constant, per_pair=True)
    v = stats.contingency.association(pd.crosstab(group, other), method="cramer")
    assert result.loc["g", "o"] == pytest.approx(v)
    # eta^2 follows from the F statistic of the analysis of variance
    f = stats.f_oneway(*(number[group == g] for g in range(3))).statistic
    eta = np.sqrt(f * 2 / (f * 2 + 497))
    assert result.loc["n", "g"] == pytest.approx(eta)
    np.testing.assert_array_equal(result, result.T)
    np.testing.assert_array_equal(np.diag(result), 0)
    mean = (result.loc["n", "g"] + result.loc["n", "o"] + result.loc["g", "o"]) / 3
    assert correlation_difference(real, constant) == pytest.approx(mean)


def test_associations_leave_out_missing_numbers():
    real = pd.DataFrame({"x": [1.0, 2, 3, 4], "y": [1.0, 3, 2, 4], "z": list("aabb")})
    extra = pd.DataFrame({"x": [np.nan, 9.0], "y": [7.0, np.nan], "z": list("ab")})
    synthetic = pd.concat([real, extra], ignore_index=True)
    result = correlation_difference(real, synthetic, per_pair=True)
    assert result.loc["x", "y"] == pytest.approx(0, abs=1e-12)
    numbers = synthetic.dropna(subset="x")
    f = stats.f_oneway(*(numbers.x[numbers.z == g] for g in "ab")).statistic
    f_real = stats.f_oneway(*(real.x[real.z == g] for g in "ab")).statistic
    expected = np.sqrt(f / (f + 3)) - np.sqrt(f_real / (f_real + 2))
    assert result.loc["x", "z"] == pytest.approx(abs(expected))


def test_many_levels_stay_out_of_a_dense_table(monkeypatch):
    rng = np.random.RandomState(0)
    users, apps = rng.randint(0, 4000, 20_000), rng.randint(0, 1000, 20_000)
    real = pd.DataFrame({"user": users, "app": apps}).astype("category")
    constant = pd.DataFrame({"user": [0, 0], "app": 0}).astype("category")
    for kind in (sparse.coo_array, sparse.csr_array):
        monkeypatch.setattr(kind, "toarray", None)  # a dense table would fail
    result = correlation_difference(real, constant)
    v = stats.contingency.association(pd.crosstab(users, apps), method="cramer")
    assert result == pytest.approx(v)


def test_correlation_difference_needs_two_columns():
    with pytest.raises(ValueError, match=r"only column, 'x'.*two columns"):
        correlation_difference(pd.DataFrame({"x": [1]}), pd.DataFrame({"x": [1]}))
