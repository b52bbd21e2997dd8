"""Pictures of single columns."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from skgen.metrics import kde_overlap
from skgen.plotting import (
    CategoryDisplay,
    CumulativeCoverageDisplay,
    DensityDisplay,
    MarginalsDisplay,
)


def test_densities_are_those_of_scipy(plt):
    rng = np.random.RandomState(0)
    real, synthetic = rng.normal(size=(400, 1)), rng.normal(1, 2, size=(300, 1))
    display = DensityDisplay.from_samples(real, synthetic, column=0, central_share=1)
    bandwidth = real.std(ddof=1) * len(real) ** -0.2
    for values, density in (
        (real, display.real_density),
        (synthetic, display.synthetic_density),
    ):
        values = values[:, 0]
        reference = stats.gaussian_kde(values, bandwidth / values.std(ddof=1))
        np.testing.assert_allclose(density, reference(display.grid), rtol=1e-9)
        assert np.trapezoid(density, display.grid) == pytest.approx(1, abs=0.01)
    smaller = np.minimum(display.real_density, display.synthetic_density)
    area = np.trapezoid(smaller, display.grid)
    assert area == pytest.approx(kde_overlap(real, synthetic), abs=0.01)
    assert display.overlap == pytest.approx(kde_overlap(real, synthetic))
    first, second = display.plot().ax_.get_lines()
    np.testing.assert_array_equal(first.get_xydata().T[0], display.grid)
    np.testing.assert_array_equal(first.get_ydata(), display.real_density)
    np.testing.assert_array_equal(second.get_ydata(), display.synthetic_density)
    assert first.get_linestyle() != second.get_linestyle()


def test_heavy_tails_are_out_of_view_and_said(plt):
    rng = np.random.RandomState(0)
    real, synthetic = rng.lognormal(sigma=3, size=(2, 5000, 1))
    display = DensityDisplay.from_samples(real, synthetic, column=0)
    high = max(np.quantile(t, 0.995) for t in (real, synthetic))
    assert display.grid[-1] < 1.2 * high
    out = [np.mean((t < min(np.quantile(u, 0.005) for u in (real, synthetic)))
                   | (t > high)) for t in (real, synthetic)]  # fmt: skip
    assert f"out of view: {100 * out[0]:.2g} % of real" in display.notes[0]
    assert "out of view" in display.plot().ax_.get_xlabel()
    whole = DensityDisplay.from_samples(real, synthetic, column=0, central_share=1)
    assert whole.notes == []
    assert whole.grid[-1] > real.max()


def test_samples_are_drawn_by_the_seed_and_said(clicks, plt):
    real, synthetic = clicks[::2]
    kwargs = {"column": "age", "max_samples": 100}
    one, two, other = (
        DensityDisplay.from_samples(real, synthetic, random_state=s, **kwargs)
        for s in (0, 0, 1)
    )
    np.testing.assert_array_equal(one.real_density, two.real_density)
    assert not np.array_equal(one.real_density, other.real_density)
    assert one.notes == ["random sample: 100 of 600 real and 100 of 400 synthetic rows"]
    text = " ".join(one.plot().ax_.get_xlabel().split())
    assert "(random sample: 100 of 600 real and 100 of 400 synthetic rows)" in text


def test_dates(clicks, plt):
    real, synthetic = clicks[::2]
    display = DensityDisplay.from_samples(real, synthetic, column="time")
    assert display.grid.dtype == "datetime64[ns]"
    days = (display.grid - display.grid[0]) / np.timedelta64(1, "D")
    assert np.trapezoid(display.real_density, days) == pytest.approx(1, abs=0.01)
    seconds = (real["time"] - real["time"].min()).dt.total_seconds() / 86_400
    bandwidth = seconds.std() * len(seconds) ** -0.2
    at = (display.grid - real["time"].min().to_datetime64()) / np.timedelta64(1, "D")
    reference = stats.gaussian_kde(seconds, bandwidth / seconds.std())
    np.testing.assert_allclose(display.real_density, reference(at), rtol=1e-5)
    ax = display.plot().ax_
    assert ax.get_xlabel() == "time (UTC, 2024-04 to 2024-06)"
    assert ax.get_ylabel() == "density (per day)"


def test_durations_have_a_readable_unit(clicks, plt):
    real, synthetic = clicks[::2]
    display = DensityDisplay.from_samples(real, synthetic, column="dwell")
    assert display.unit == "hours"
    mean = np.trapezoid(display.grid * display.real_density, display.grid)
    assert mean == pytest.approx(
        real["dwell"].dt.total_seconds().mean() / 3600, rel=0.1
    )
    assert display.plot().ax_.get_xlabel().startswith("dwell (hours)")
    assert display.ax_.get_ylabel() == "density (per hour)"


def test_time_zones_become_utc():
    zoned = pd.date_range("2024-01-01", periods=50, tz="Asia/Tokyo")
    real = pd.DataFrame({"t": zoned})
    display = DensityDisplay.from_samples(real, real[5:], column="t")
    middle = display.grid[len(display.grid) // 2]
    assert abs(middle - zoned[25].tz_convert(None).to_datetime64()) < np.timedelta64(
        2, "D"
    )


@pytest.mark.parametrize(
    ("of_real", "of_synthetic", "note"),
    [
        ([3.0] * 20, [3.0] * 9, None),
        ([3.0] * 20, list(range(20)), "all real values are equal"),
        (list(range(20)), [3.0] * 9, "all synthetic values are equal"),
        (list(range(20)), [np.nan] * 9, "missing: 0 % of real and 100 % of synthetic"),
        ([np.nan] * 20, list(range(9)), "missing: 100 % of real and 0 % of synthetic"),
        ([1.0], [2.0], "all real values are equal"),
        ([1e300, 2e300], [1e300, 2e300], None),
    ],
)
def test_hard_numbers(of_real, of_synthetic, note, plt):
    real, synthetic = (
        pd.DataFrame({"x": v}, dtype=float) for v in (of_real, of_synthetic)
    )
    display = DensityDisplay.from_samples(real, synthetic, column="x")
    assert np.isfinite(display.real_density).all()
    assert np.isfinite(display.synthetic_density).all()
    assert note is None or any(n.startswith(note) for n in display.notes)
    display.plot()
    display.figure_.draw_without_rendering()


def test_columns_that_are_refused(clicks):
    real, synthetic = clicks[::2]
    with pytest.raises(ValueError, match=r"'city' is categorical.*CategoryDisplay"):
        DensityDisplay.from_samples(real, synthetic, column="city")
    with pytest.raises(
        ValueError, match=r"'size' is not a column of the tables.*'age'"
    ):
        DensityDisplay.from_samples(real, synthetic, column="size")
    nothing = pd.DataFrame({"x": [np.nan, np.nan]})
    with pytest.raises(ValueError, match="'x' has only missing values"):
        DensityDisplay.from_samples(nothing, nothing, column="x")
    twice = pd.DataFrame([[1.0, 2.0]], columns=["x", "x"])
    with pytest.raises(ValueError, match="'x' occurs more than once"):
        CategoryDisplay.from_samples(twice, twice, column="x")
    with pytest.raises(ValueError, match="'x' of synthetic holds infinities"):
        DensityDisplay.from_samples(
            pd.DataFrame({"x": [1.0]}), pd.DataFrame({"x": [np.inf]}), column="x"
        )
    with pytest.raises(ValueError, match="max_samples"):
        DensityDisplay.from_samples(real, synthetic, column="age", max_samples=0)


def test_shares_are_those_of_pandas(clicks, plt):
    real, synthetic = clicks[::2]
    display = CategoryDisplay.from_samples(real, synthetic, column="city")
    assert display.categories == ["Oslo", "Rome", "missing"]
    for table, shares in (
        (real, display.real_shares),
        (synthetic, display.synthetic_shares),
    ):
        counts = table["city"].fillna("missing").value_counts(normalize=True)
        assert shares == pytest.approx(counts[display.categories])
    bars = display.plot().ax_.containers
    for bar, shares in zip(
        bars, (display.real_shares, display.synthetic_shares), strict=True
    ):
        assert [b.get_width() for b in bar] == pytest.approx(shares)
    assert bars[0][0].get_hatch() != bars[1][0].get_hatch()
    labels = [tick.get_text() for tick in display.ax_.get_yticklabels()]
    assert labels == display.categories
    top, bottom = display.ax_.get_ylim()[::-1]
    assert top < bottom, "the first category is on top"


def test_thousands_of_categories(plt):
    rng = np.random.RandomState(0)
    real, synthetic = (
        pd.DataFrame({"ad": [f"ad{i}" for i in rng.zipf(1.3, 20_000) % 5000]})
        for _ in range(2)
    )
    synthetic.loc[:99, "ad"] = "new"
    display = CategoryDisplay.from_samples(real, synthetic, column="ad")
    top = real["ad"].value_counts(normalize=True)
    assert display.real_shares[:10] == pytest.approx(top.iloc[:10].to_numpy())
    n_levels = len(set(real["ad"]) | set(synthetic["ad"]))
    assert display.categories[-1] == f"other ({n_levels - 10:,})"
    assert display.real_shares.sum() == pytest.approx(1)
    assert display.synthetic_shares.sum() == pytest.approx(1)
    assert display.notes[0] == f"the 10 most frequent of {n_levels:,} categories"
    unseen = ~synthetic["ad"].isin(real["ad"])
    n_unseen = synthetic["ad"][unseen].nunique()
    assert display.notes[1] == (
        f"{100 * unseen.mean():.1f} % of synthetic rows in {n_unseen:,} categories "
        "that real rows lack"
    )
    assert "most frequent of" in display.plot().ax_.get_xlabel()


def test_ordered_values_stand_in_their_order():
    rng = np.random.RandomState(0)
    sizes = pd.Categorical(
        rng.choice(["S", "M", "L"], 60, p=[0.2, 0.2, 0.6]),
        ["S", "M", "L"],
        ordered=True,
    )
    table = pd.DataFrame({"size": sizes, "n": rng.choice([1, 2, 10], 60), "b": True})
    table.loc[:9, "b"] = False
    found = {
        name: CategoryDisplay.from_samples(table, table, column=name).categories
        for name in table
    }
    assert found == {
        "size": ["S", "M", "L"],
        "n": ["1", "2", "10"],
        "b": ["False", "True"],
    }


@pytest.mark.parametrize("dtype", [object, "string", "category"])
def test_kinds_of_text(dtype, plt):
    real = pd.DataFrame({"c": pd.Series(["a", "b", None, "a"], dtype=dtype)})
    display = CategoryDisplay.from_samples(real, real[:2], column="c")
    assert display.categories == ["a", "b", "missing"]
    assert display.real_shares == pytest.approx([0.5, 0.25, 0.25])
    assert display.synthetic_shares == pytest.approx([0.5, 0.5, 0])


def test_coverage_is_that_of_a_loop(clicks, plt):
    real, synthetic = clicks[::2]
    display = CumulativeCoverageDisplay.from_samples(real, synthetic, column="ad $ id")
    ranked = real["ad $ id"].value_counts()
    assert display.n_real_categories == len(ranked)
    # Ties are ordered otherwise there: look where the count falls.
    falls = np.flatnonzero(np.diff(ranked.to_numpy()) < 0) + 1
    for k in [*falls, len(ranked)]:
        top = ranked.index[:k]
        for table, coverage in (
            (real, display.real_coverage),
            (synthetic, display.synthetic_coverage),
        ):
            assert coverage[k - 1] == pytest.approx(table["ad $ id"].isin(top).mean())
    assert display.synthetic_coverage[-1] == 1
    lines = display.plot().ax_.get_lines()
    np.testing.assert_array_equal(lines[0].get_ydata(), display.real_coverage)
    np.testing.assert_array_equal(lines[1].get_ydata(), display.synthetic_coverage)
    np.testing.assert_array_equal(
        lines[0].get_xdata(), np.arange(len(display.real_coverage)) + 1
    )
    lacking = 100 * (~synthetic["ad $ id"].isin(ranked.index)).mean()
    share, said = display.notes[0].split(" % of synthetic rows in ")
    assert float(share) == pytest.approx(lacking, abs=0.051)
    n_lacking = len(set(synthetic["ad $ id"]) - set(ranked.index))
    assert said == f"{n_lacking} categories that real rows lack"


def test_every_column_by_its_kind(clicks, plt):
    real, synthetic = clicks[::2]
    display = MarginalsDisplay.from_samples(real, synthetic)
    kinds = {d.column: type(d).__name__[:4] for d in display.displays}
    assert kinds == {
        "age": "Dens",
        "price": "Dens",
        "score": "Dens",
        "device": "Cate",
        "city": "Cate",
        "weekend": "Cate",
        "time": "Dens",
        "dwell": "Dens",
        "ad $ id": "Cate",
        "site": "Cate",
    }
    axes = display.plot().axes_
    assert [ax.get_title().replace(r"\$", "$") for ax in axes] == list(real.columns)
    legend = display.figure_.legends[0]
    assert [t.get_text() for t in legend.get_texts()] == ["real", "synthetic"]


def test_some_columns_only(clicks, plt):
    real, synthetic = clicks[::2]
    display = MarginalsDisplay.from_samples(real, synthetic, columns=["city", "age"])
    assert [d.column for d in display.displays] == ["city", "age"]
    display = MarginalsDisplay.from_samples(real, synthetic, max_columns=3)
    assert [d.column for d in display.displays] == ["age", "price", "score"]
    assert display.notes == ["the first 3 of 10 columns"]
    assert "first 3 of 10" in display.plot().figure_.legends[0].get_title().get_text()
    with pytest.raises(ValueError, match="'size' is not a column"):
        MarginalsDisplay.from_samples(real, synthetic, columns=["size"])


def test_column_without_values_is_a_bar():
    table = pd.DataFrame({"x": [np.nan, np.nan], "y": [1.0, 2.0]})
    display = MarginalsDisplay.from_samples(table, table).displays[0]
    assert display.categories == ["missing"]
    assert display.real_shares == pytest.approx([1])
