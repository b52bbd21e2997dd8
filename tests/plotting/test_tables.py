"""Pictures of whole tables and of generators."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.spatial.distance import cdist
from sklearn.base import BaseEstimator
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from skgen import AutoregressiveTrees
from skgen.metrics import (
    correlation_difference,
    detection,
    feature_importance_agreement,
    js_divergence,
    pareto_front,
)
from skgen.plotting import (
    AssociationDisplay,
    ChainDecayDisplay,
    ClassBalanceDisplay,
    EmbeddingDisplay,
    FeatureImportanceDisplay,
    FidelityPrivacyDisplay,
    LossCurveDisplay,
    PrecisionRecallDistanceDisplay,
)


def test_associations_are_those_of_numpy_and_scipy(clicks, plt):
    real, synthetic = clicks[::2]
    display = AssociationDisplay.from_samples(real, synthetic)
    for table, found in ((real, display.real), (synthetic, display.synthetic)):
        r = np.corrcoef(table["age"], table["price"])[0, 1]
        assert found.loc["age", "price"] == pytest.approx(r)
        v = stats.contingency.association(
            pd.crosstab(table["device"], table["city"].fillna("none")).to_numpy()
        )
        assert found.loc["device", "city"] == pytest.approx(v)
        groups = table.groupby("device", observed=True)["age"]
        between = ((groups.transform("mean") - table["age"].mean()) ** 2).sum()
        eta = np.sqrt(between / ((table["age"] - table["age"].mean()) ** 2).sum())
        assert found.loc["device", "age"] == pytest.approx(eta)
        assert (found["site"].drop("site") == 0).all()
    assert display.mean_difference == pytest.approx(
        correlation_difference(real, synthetic)
    )
    images = [ax.images[0].get_array() for ax in display.plot().axes_]
    np.testing.assert_allclose(images[0], display.real)
    np.testing.assert_allclose(images[1], display.synthetic)
    np.testing.assert_allclose(images[2], display.synthetic - display.real)
    assert display.axes_[2].images[0].norm(0) == 0.5


def test_columns_that_differ_most_are_drawn(plt):
    rng = np.random.RandomState(0)
    real = pd.DataFrame(rng.normal(size=(500, 30))).add_prefix("c")
    synthetic = real.copy()
    real["c7"], real["c21"] = real["c3"] + real["c12"], real["c3"]
    display = AssociationDisplay.from_samples(real, synthetic, max_columns=4)
    assert list(display.real.columns) == ["c3", "c7", "c12", "c21"]
    assert display.notes == ["the 4 of 30 columns that differ most"]
    assert display.mean_difference == pytest.approx(
        correlation_difference(real, synthetic)
    )
    assert "4 of 30" in display.plot().axes_[0].get_xlabel()
    many = AssociationDisplay.from_samples(real, synthetic, max_columns=None).plot()
    marked = many.axes_[0].collections[0].get_offsets()
    row, column = np.nonzero(many.real.to_numpy() < -0.05)
    np.testing.assert_array_equal(marked, np.column_stack([column, row]))
    with pytest.raises(ValueError, match="only column, 'c1'"):
        AssociationDisplay.from_samples(real[["c1"]], synthetic[["c1"]])


def test_numbers_in_small_maps(plt):
    real = pd.DataFrame({"x": [1, 2, 3, 4], "y": [2, 4, 6, 8]})
    synthetic = real.assign(y=[8, 6, 4, 2])
    display = AssociationDisplay.from_samples(real, synthetic).plot()
    texts = [[t.get_text() for t in ax.texts] for ax in display.axes_]
    assert texts == [
        ["1.00", "1.00", "1.00", "1.00"],
        ["1.00", "−1.00", "−1.00", "1.00"],
        ["0.00", "−2.00", "−2.00", "0.00"],
    ]


def test_components_are_those_of_numpy(clicks, plt):
    rng = np.random.RandomState(0)
    real, synthetic = rng.normal(size=(2, 200, 5)) * [1, 2, 3, 4, 5]
    display = EmbeddingDisplay.from_samples(real, synthetic)
    scaled = (np.vstack([real, synthetic]) - real.min(0)) / np.ptp(real, axis=0)
    centred = scaled - scaled.mean(axis=0)
    u, s, _ = np.linalg.svd(centred, full_matrices=False)
    found = np.vstack([display.real, display.synthetic])
    np.testing.assert_allclose(np.abs(found), np.abs(u[:, :2] * s[:2]), atol=1e-9)
    assert display.explained_variance_ratio == pytest.approx((s**2 / (s @ s))[:2])
    rings, crosses = display.plot().ax_.collections
    np.testing.assert_array_equal(rings.get_offsets(), display.real)
    np.testing.assert_array_equal(crosses.get_offsets(), display.synthetic)
    share = 100 * (s[0] ** 2 / (s @ s))
    assert f"({share:.1f} % of variance)" in display.ax_.get_xlabel()


def test_categories_are_one_unit_apart():
    table = pd.DataFrame({"c": list("ab") * 10})
    display = EmbeddingDisplay.from_samples(table, table)
    assert np.linalg.norm(display.real[0] - display.real[1]) == pytest.approx(1)


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_embedding_of_thousands_of_levels(method):
    rng = np.random.RandomState(0)
    table = pd.DataFrame(
        {"ad": [f"ad{i}" for i in rng.randint(3000, size=900)], "x": rng.rand(900)}
    )
    one, two = (
        EmbeddingDisplay.from_samples(
            table, table, method=method, max_samples=150, random_state=0
        )
        for _ in range(2)
    )
    np.testing.assert_array_equal(one.synthetic, two.synthetic)
    assert np.isfinite(one.real).all()
    assert one.notes == ["random sample: 150 of 900 real and 150 of 900 synthetic rows"]


def test_tsne_keeps_clusters_together():
    rng = np.random.RandomState(0)
    real, synthetic = (
        rng.normal(size=(60, 3)) * 0.05 + np.repeat([[0, 0, 0], [9, 9, 9]], 30, axis=0)
        for _ in range(2)
    )
    display = EmbeddingDisplay.from_samples(
        real, synthetic, method="tsne", perplexity=10, random_state=0
    )
    distances = cdist(display.real, display.synthetic)
    assert distances[:30, :30].max() < distances[:30, 30:].min()
    with pytest.raises(ValueError, match=r"6 rows together.*perplexity=30"):
        EmbeddingDisplay.from_samples(real[:3], synthetic[:3], method="tsne")


def test_constant_tables_are_points(plt):
    table = pd.DataFrame({"x": [1.0] * 5})
    display = EmbeddingDisplay.from_samples(table, table).plot()
    assert (display.real == 0).all()
    assert "nan" not in display.describe()


def test_precision_and_recall_are_those_of_scipy(plt):
    rng = np.random.RandomState(0)
    real, synthetic, held_out = rng.rand(3, 80, 3)
    synthetic, held_out = synthetic[:50] ** 2, held_out[:60]
    display = PrecisionRecallDistanceDisplay.from_samples(
        real, synthetic, held_out=held_out, random_state=0
    )
    between = cdist(real / np.ptp(real, axis=0), synthetic / np.ptp(real, axis=0))
    for i in (0, 20, 60, -1):
        at = display.thresholds[i] * (1 + 1e-9)
        assert display.precision[i] == pytest.approx((between.min(0) <= at).mean())
        assert display.recall[i] == pytest.approx((between.min(1) <= at).mean())
    # As many held-out as synthetic rows.
    assert display.notes == [
        "random sample: 50 of 60 held-out rows",
    ]
    lines = display.plot().ax_.get_lines()
    np.testing.assert_array_equal(lines[0].get_ydata(), display.precision)
    np.testing.assert_array_equal(lines[1].get_ydata(), display.recall)
    np.testing.assert_array_equal(lines[2].get_ydata(), display.baseline[0])
    np.testing.assert_array_equal(lines[3].get_xdata(), display.baseline[2])
    assert display.baseline[0].size > 1
    copies = PrecisionRecallDistanceDisplay.from_samples(real, real)
    assert "100 % of the synthetic rows are copies" in copies.describe()


def test_importances_are_those_of_the_classifier(plt):
    rng = np.random.RandomState(0)
    real, synthetic = rng.normal(size=(2, 300, 4))
    y_real, y_synthetic = real[:, 2] > 0, synthetic @ [0, 1, 2, 0] > 0
    classifier = RandomForestClassifier(20, random_state=0)
    options = {"y_real": y_real, "y_synthetic": y_synthetic, "classifier": classifier}
    display = FeatureImportanceDisplay.from_samples(real, synthetic, **options)
    expected = classifier.fit(real, y_real).feature_importances_
    order = np.argsort(-expected)
    assert display.importances.index.tolist() == order.tolist()
    assert display.importances["real"].to_numpy() == pytest.approx(expected[order])
    assert display.agreement == pytest.approx(
        feature_importance_agreement(real, synthetic, **options)
    )
    bars = display.plot().ax_.containers
    assert [b.get_width() for b in bars[0]] == pytest.approx(expected[order])
    few = FeatureImportanceDisplay.from_samples(
        real, synthetic, **options, max_features=2
    ).plot()
    assert len(few.ax_.containers[1]) == 2
    assert "first 2 of 4 columns" in few.ax_.get_xlabel()
    with pytest.raises(ValueError, match="LogisticRegression has no feature_imp"):
        FeatureImportanceDisplay.from_samples(
            real, synthetic, **{**options, "classifier": LogisticRegression()}
        )
    with pytest.raises(ValueError, match="Label True of y_real never occurs"):
        FeatureImportanceDisplay.from_samples(
            real, synthetic, **{**options, "y_synthetic": np.zeros(300, dtype=bool)}
        )


def test_importance_of_a_missing_number_is_its_column():
    rng = np.random.RandomState(0)
    real = rng.normal(size=(300, 2))
    y = rng.rand(300) < 0.5
    real[y, 0] = np.nan
    display = FeatureImportanceDisplay.from_samples(real, real, y_real=y, y_synthetic=y)
    assert display.importances.loc[0, "real"] > 0.9


def test_class_balance(plt):
    y = np.repeat(["no", "yes"], [997, 3])
    display = ClassBalanceDisplay.from_samples(y, y[::2], y_resampled=y[500:])
    assert display.counts.loc["yes"].tolist() == [3, 1, 3]
    bars = display.plot().ax_.containers
    widths = [b.get_width() for container in bars for b in container]
    assert widths == pytest.approx([0.997, 0.003, 499 / 500, 1 / 500, 0.994, 0.006])
    texts = [t.get_text() for t in display.ax_.texts]
    assert texts[:2] == ["99.7 %", "0.3 %"]


def test_many_labels(plt):
    y = np.repeat(np.arange(30), np.arange(30) + 1)
    display = ClassBalanceDisplay.from_samples(y, y[::-1], max_classes=5).plot()
    ticks = [t.get_text() for t in display.ax_.get_yticklabels()]
    assert ticks == ["29", "28", "27", "26", "25", "other (25)"]
    assert display.ax_.containers[0][5].get_width() == pytest.approx(325 / 465)
    assert "5 most frequent of 30 labels" in display.ax_.get_xlabel()


def test_bad_labels():
    with pytest.raises(ValueError, match="y_synthetic misses 1 labels"):
        ClassBalanceDisplay.from_samples([0, 1], [0, None])
    with pytest.raises(ValueError, match="continuous"):
        ClassBalanceDisplay.from_samples([0.5, 1.25], [0, 1])


def test_front_and_points(plt):
    rng = np.random.RandomState(0)
    results = pd.DataFrame(
        {"detection": rng.rand(8), "nndr": rng.rand(8), "other": 1},
        index=[f"G{i}" for i in range(8)],
    )
    results.loc["none"] = np.nan
    options = {"fidelity": "detection", "privacy": "nndr"}
    display = FidelityPrivacyDisplay.from_results(results, **options).plot()
    beaten = [
        any(
            d2 <= d and p2 >= p and (d2, p2) != (d, p)
            for d2, p2 in results[["detection", "nndr"]].to_numpy()[:8]
        )
        for d, p in results[["detection", "nndr"]].to_numpy()[:8]
    ]
    front, others = display.ax_.get_lines()
    expected = results[:8][~np.array(beaten)].sort_values("detection")
    np.testing.assert_array_equal(
        front.get_xydata(), expected[["detection", "nndr"]].to_numpy()
    )
    assert len(others.get_xdata()) == sum(beaten)
    assert front.get_marker() != others.get_marker()
    pd.testing.assert_frame_equal(
        display.front, pareto_front(results[:8][["detection", "nndr"]], **options)
    )
    ax = display.ax_
    assert ax.get_xlabel().startswith("detection (lower is better)")
    assert ax.get_ylabel() == "nndr (higher is better)"
    assert "(without a value: none)" in ax.get_xlabel()


def test_names_do_not_lie_upon_each_other(plt):
    rng = np.random.RandomState(0)
    results = pd.DataFrame(rng.normal(size=(60, 2)) * 0.01, columns=["a", "b"])
    results.index = [f"generator {i}" for i in range(60)]
    display = FidelityPrivacyDisplay.from_results(results, fidelity="a", privacy="b")
    ax = display.plot().ax_
    renderer = display.figure_.canvas.get_renderer()
    boxes = [text.get_window_extent(renderer) for text in ax.texts]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    n_nameless = 60 - len(boxes)
    assert 0 < n_nameless < 60
    assert f"({n_nameless} points without room" in ax.get_xlabel()
    assert not display.plot(names=False).ax_.texts


def test_names_on_transparent_axes_have_no_box(plt):
    results = {"detection": [0.5, 0.7], "nndr": [0.3, 0.6]}
    display = FidelityPrivacyDisplay.from_results(
        results, fidelity="detection", privacy="nndr"
    )
    assert all(text.get_bbox_patch() for text in display.plot().ax_.texts)
    with plt.rc_context({"axes.facecolor": "none"}):
        texts = display.plot().ax_.texts
    assert len(texts) == 2
    assert not any(text.get_bbox_patch() for text in texts)


def test_bad_results():
    results = {"a": [1.0, np.nan], "b": [np.nan, 1.0], "c": ["x", "y"]}
    take = FidelityPrivacyDisplay.from_results
    with pytest.raises(ValueError, match="'d' is not a column of results"):
        take(results, fidelity="a", privacy="d")
    with pytest.raises(ValueError, match="No row of results has a value of both"):
        take(results, fidelity="a", privacy="b")
    with pytest.raises(ValueError, match="'c' of results is no number"):
        take(results, fidelity="a", privacy="c")
    with pytest.raises(ValueError, match="both 'a'"):
        take(results, fidelity="a", privacy="a")


class Trained(BaseEstimator):
    def __init__(self, **attributes):
        vars(self).update(attributes)

    def fit(self, X):
        return self

    def __sklearn_is_fitted__(self):
        return True


def test_losses(plt):
    one = Trained(
        loss_curve_=[3.0, 2.0, 1.0],
        validation_loss_curve_=[3.5, 2.5, 2.75],
        best_iter_=2,
    )
    display = LossCurveDisplay.from_estimator(one).plot()
    training, validation, kept = display.ax_.get_lines()
    np.testing.assert_array_equal(training.get_xydata(), [[1, 3], [2, 2], [3, 1]])
    np.testing.assert_array_equal(validation.get_ydata(), [3.5, 2.5, 2.75])
    assert kept.get_xdata()[0] == 2
    two = Trained(loss_curve_={"generator": [1.0], "critic": [2.0]})
    lines = LossCurveDisplay.from_estimator(two).plot().ax_.get_lines()
    assert [line.get_label() for line in lines] == ["generator", "critic"]
    with pytest.raises(ValueError, match="Trained has no loss_curve_"):
        LossCurveDisplay.from_estimator(Trained())
    with pytest.raises(ValueError, match="loss_curve_ of this Trained is empty"):
        LossCurveDisplay.from_estimator(Trained(loss_curve_=[]))
    with pytest.raises(TypeError):
        LossCurveDisplay.from_estimator(SimpleNamespace(loss_curve_=[1.0]))


def test_losses_of_a_trained_generator(clicks):
    pytest.importorskip("torch")
    from skgen.neural.vae.tvae import TVAE

    X, y, _, _ = clicks
    generator = TVAE(epochs=2, random_state=0).fit(X[["age", "score"]], y)
    display = LossCurveDisplay.from_estimator(generator)
    assert max(len(curve) for curve in display.losses.values()) == 2


def test_chain_measures_the_first_columns(clicks, plt):
    real, synthetic = clicks[::2]
    order = ["city", "age", "score"]
    display = ChainDecayDisplay.from_samples(
        real, synthetic, order=order, measure="js_divergence", held_out=real[::-1]
    )
    rest = [name for name in real if name not in order]
    assert display.order == [*order, *rest]
    assert display.n_columns.tolist() == list(range(1, 11))
    for k, value in zip(display.n_columns, display.values, strict=True):
        first = display.order[:k]
        assert value == pytest.approx(js_divergence(real[first], synthetic[first]))
    assert display.baseline == pytest.approx(np.zeros(10))
    assert display.direction == "lower is better"
    lines = display.plot().ax_.get_lines()
    np.testing.assert_array_equal(lines[0].get_xydata().T[1], display.values)
    np.testing.assert_array_equal(lines[1].get_ydata(), display.baseline)
    labels = [t.get_text() for t in display.ax_.get_xticklabels()]
    assert labels[:2] == ["1: city", "2: age"]


def test_errors_add_up_along_a_chain():
    rng = np.random.RandomState(0)
    real = pd.DataFrame(rng.normal(size=(800, 4)).cumsum(axis=1)).add_prefix("c")
    steps = rng.normal(scale=[1, 1.3, 1.6, 2], size=(800, 4))
    synthetic = pd.DataFrame(steps.cumsum(axis=1)).add_prefix("c")
    display = ChainDecayDisplay.from_samples(real, synthetic, random_state=0)
    assert display.values[0] == pytest.approx(0.5, abs=0.07)
    assert display.values[-1] > display.values[0] + 0.1
    again = ChainDecayDisplay.from_samples(real, synthetic, random_state=0)
    np.testing.assert_array_equal(display.values, again.values)


def test_chain_of_a_callable_and_of_some_lengths(clicks):
    real, synthetic = clicks[::2]

    def n_columns(a, b):
        assert list(a.columns) == list(b.columns)
        return a.shape[1]

    display = ChainDecayDisplay.from_samples(
        real, synthetic, measure=n_columns, n_columns=[2, 5], max_samples=50
    )
    assert display.values.tolist() == [2, 5]
    assert display.measure == "n_columns"
    wide = pd.DataFrame(np.zeros((5, 40)))
    many = ChainDecayDisplay.from_samples(wide, wide, measure=n_columns)
    assert len(many.values) == 12
    assert many.n_columns[[0, -1]].tolist() == [1, 40]


def test_chain_of_a_generator(clicks):
    X, y, S, t = clicks
    generator = AutoregressiveTrees(
        visit_order=["city", "age"], n_estimators=1, random_state=0
    ).fit(X, y)
    display = ChainDecayDisplay.from_estimator(
        generator, S, t, measure="js_divergence", random_state=0
    )
    # A constant column is not generated.
    assert display.order == ["label", *generator.visit_order_, "site"]
    alone = ChainDecayDisplay.from_estimator(
        generator, measure="js_divergence", random_state=0
    )
    assert alone.order[:2] == ["city", "age"]


def test_default_measure_of_a_chain_is_detection(clicks):
    real, synthetic = (table[["age", "score"]] for table in clicks[::2])
    display = ChainDecayDisplay.from_samples(
        real, synthetic, n_columns=[2], random_state=0
    )
    values = [detection(real, synthetic, random_state=seed) for seed in range(5)]
    assert min(values) - 0.05 < display.values[0] < max(values) + 0.05


def test_bad_chains(clicks):
    real, synthetic = clicks[::2]
    take = ChainDecayDisplay.from_samples
    with pytest.raises(ValueError, match="'size' is not a column"):
        take(real, synthetic, order=["size"])
    with pytest.raises(ValueError, match="order names 'age' twice"):
        take(real, synthetic, order=["age", "age"])
    for bad in ([0], [11], [1.5], []):
        with pytest.raises(ValueError, match="whole numbers from 1 to 10"):
            take(real, synthetic, n_columns=bad)
    with pytest.raises(ValueError, match="measure"):
        take(real, synthetic, measure="nndr")
    with pytest.raises(ValueError, match="only column, 'age'"):
        take(real, synthetic, measure="correlation_difference")
