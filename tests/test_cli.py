import json
import re
import subprocess
import sys

import joblib
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from skgen.classifiers import baseline_classifiers
from skgen.cli import Classifier, _screen, app, parse_generator, split_specs
from skgen.cli._compare import choose_strategy
from skgen.cli._tables import read_table, subsample
from skgen.copula import GaussianCopula
from skgen.datasets import make_clicks
from skgen.hybrid import Hybrid
from skgen.model_selection import augmentation_study, compare
from skgen.neighbors import SMOTENC, RandomOverSampler
from skgen.report._sentences import sentences

FAST = "random-over-sampler,smotenc"
DATES = ["2024-05-01 10:00:00", "2024-05-02 23:30:00"]


def run(*args):
    return CliRunner().invoke(app, [str(arg) for arg in args])


def table(n=400, seed=0):
    """Clicks in a few columns, the target amid them."""
    data = make_clicks(n, click_rate=0.1, n_users=30, n_ads=20, random_state=seed)
    rng = np.random.RandomState(seed)
    return pd.DataFrame(
        {
            "age": data.data["age"].to_numpy().astype(int),
            "device": rng.choice(["phone", "tablet", "pc"], n),
            "label": data.target.to_numpy().astype(int),
            "price": rng.gamma(2, 3, n).round(2),
            "time": rng.choice(pd.to_datetime(DATES), n),
            "flag": rng.rand(n) < 0.3,
            "slot": rng.randint(1, 5, n),
        }
    )


@pytest.fixture(scope="module")
def clicks(tmp_path_factory):
    path = tmp_path_factory.mktemp("tables") / "clicks.csv"
    table().to_csv(path, index=False)
    return path


# --- compare --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def compared(clicks, tmp_path_factory):
    output = tmp_path_factory.mktemp("results") / "result.csv"
    result = run(
        *("compare", clicks, "--target", "label", "-g", FAST, "--cv", 3),
        *("--n-jobs", 1, "--output", output),
    )
    assert result.exit_code == 0, result.output
    return result, pd.read_csv(output, index_col="generator")


def test_compare_is_that_of_python(compared):
    frame = table()
    expected = compare(
        frame.drop(columns="label"),
        frame["label"],
        [RandomOverSampler(), SMOTENC()],
        cv=3,
        random_state=0,
    )
    scores = slice("roc_auc", "distance_to_closest_record")
    pd.testing.assert_frame_equal(
        compared[1].loc[:, scores], expected.loc[:, scores], check_exact=False
    )


def test_compare_prints_the_scores_and_a_sentence_each(compared):
    result, frame = compared
    for generator, row in frame.iterrows():
        assert f"{row['roc_auc']:.4f}" in result.stdout
        if generator != "no resampling":
            assert f"{row['detection']:.3f}" in result.stdout
            difference = f"{row['roc_auc_diff']:+.4f}"
            half = (row["roc_auc_high"] - row["roc_auc_low"]) / 2
            assert f"{difference} ± {half:.4f}" in result.stdout
            assert len(re.findall(f"^{generator}: ", result.stdout, re.M)) == 1
    assert max(len(line.rstrip()) for line in result.stdout.splitlines()) <= 100
    assert "400 rows, 6 columns" in result.stdout
    assert "6/6" not in result.stdout
    assert "9/9" in result.stderr


def test_compare_writes_json_and_is_quiet(clicks, tmp_path):
    result = run(
        *(
            "compare",
            clicks,
            "-t",
            "label",
            "-g",
            "smotenc",
            "-g",
            "SMOTENC(k_neighbors=2)",
        ),
        *("--cv", 2, "--n-jobs", 1, "-q", "-o", tmp_path / "result.json"),
        *("--categorical", "slot,age", "--drop", "time", "--max-rows", 200),
        *("--sampling-strategy", 0.5, "--classifier", "logistic-regression"),
    )
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    assert "200 rows, 5 columns" in result.stdout
    assert "sampling_strategy=0.5" in result.stdout
    rows = json.loads((tmp_path / "result.json").read_text())
    assert [row["generator"] for row in rows] == [
        "no resampling",
        "smotenc",
        "SMOTENC(k_neighbors=2)",
    ]
    assert rows[0]["detection"] is None
    assert 0 <= rows[1]["detection"] <= 1


@pytest.mark.parametrize("classifier", list(Classifier))
def test_classifiers_take_mixed_columns_with_gaps(classifier, tmp_path):
    frame = table(200)
    frame.loc[::7, "price"] = np.nan
    frame.loc[::9, "device"] = None
    frame.to_csv(tmp_path / "gaps.csv.gz", index=False)
    result = run(
        *("compare", tmp_path / "gaps.csv.gz", "-t", "label", "--cv", 2, "--n-jobs", 1),
        *("-g", "RandomOverSampler", "--classifier", classifier.value, "-q"),
    )
    assert result.exit_code == 0, result.output
    assert classifier.value in result.stdout


def test_compare_on_simulated_clicks():
    result = run(
        *("compare", "--dataset", "clicks", "--max-rows", 600, "--cv", 2, "-q"),
        *("-g", "random-over-sampler", "--n-jobs", 1),
    )
    assert result.exit_code == 0, result.output
    assert "600 rows, 35 columns" in result.stdout
    # Two clicks in a hundred: equal classes would be nearly all synthetic.
    assert "sampling_strategy=0.1" in result.stdout


def result_of(roc_auc, log_loss):
    """A result whose other intervals hold zero."""
    row = {}
    for name in ("roc_auc", "average_precision", "f1", "log_loss"):
        low, high = {"roc_auc": roc_auc, "log_loss": log_loss}.get(name, (-1.0, 1.0))
        row |= {name: 0.5, f"{name}_low": low, f"{name}_high": high}
        row[f"{name}_diff"] = (low + high) / 2
    return pd.DataFrame.from_dict({"no resampling": row, "G": row}, orient="index")


@pytest.mark.parametrize(
    ("roc_auc", "log_loss", "sentence"),
    [
        ((-1, 1), (-1, 1), "no interval excludes zero"),
        ((0.1, 0.3), (-1, 1), "better ROC AUC (+0.2000) than no resampling."),
        ((-0.3, -0.1), (-1, 1), "worse ROC AUC (-0.2000) than no resampling; no gain"),
        ((-1, 1), (0.1, 0.3), "worse log loss (+0.2000) than no resampling; no gain"),
        (
            (0.1, 0.3),
            (0.1, 0.3),
            "better ROC AUC (+0.2000), worse log loss (+0.2000) than no resampling.",
        ),
        ((0.1, 0.3), (-0.3, -0.1), "better ROC AUC (+0.2000) and log loss (-0.2000)"),
        ((np.nan, np.nan), (np.nan, np.nan), "it failed"),
    ],
)
def test_sentences_are_honest(roc_auc, log_loss, sentence):
    first, *rest = sentences(result_of(roc_auc, log_loss))
    assert first.startswith(f"G: {sentence}")
    # Who looks at many intervals finds some.
    assert bool(rest) == ("better" in sentence or "worse" in sentence)


def test_tables_fit_on_the_screen(capsys):
    measured = dict.fromkeys([*_screen._QUALITY, "seconds", "memory_mb"], 1234.5)
    row = measured.copy()
    for name in ("roc_auc", "average_precision", "f1", "log_loss"):
        row |= {name: 0.5, f"{name}_diff": -0.2, f"{name}_low": -0.3}
        row[f"{name}_high"] = -0.1
    name = "AutoregressiveTrees(min_samples_leaf=20)"
    rows = {"no resampling": row, name: row}
    frame = pd.DataFrame.from_dict(rows, orient="index")
    y = pd.Series([0, 0, 1], name="click")
    _screen.print_result(
        *(frame, frame, y), strategy="auto", classifier=Classifier.xgboost, cv=5
    )
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert max(map(len, lines)) <= 100
    assert sum(line.count("-0.2000 ± 0.1000*") for line in lines) == 2 * 4


@pytest.mark.parametrize(
    ("text", "counts", "expected"),
    [
        (None, (990, 10), 0.1),
        (None, (800, 200), "auto"),
        (None, (990, 10, 10), "auto"),
        ("0.3", (990, 10), 0.3),
        ("minority", (990, 10), "minority"),
        ("{1: 500}", (990, 10), {1: 500}),
    ],
)
def test_sampling_strategy(text, counts, expected):
    y = pd.Series(np.repeat(np.arange(len(counts)), counts))
    assert choose_strategy(text, y) == expected


def test_compare_puts_generators_side_by_side_in_a_page(clicks, tmp_path):
    page = tmp_path / "page.html"
    result = run(
        *("compare", clicks, "-t", "label", "-g", FAST, "--cv", 2, "--n-jobs", 1),
        *("-q", "--report", page),
    )
    assert result.exit_code == 0, result.output
    assert f"The report is in {page}." in result.stdout
    html = page.read_text("utf-8")
    for text in (
        "RandomOverSampler and SMOTENC leak training rows.",
        "Fresh real rows",
        "SMOTENC: ",
        f"skgen compare {clicks} --target label --generators",
        "--cv 2 --seed 0",
    ):
        assert text in html


# --- report ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples")
    for name, seed in (("real", 0), ("held", 1), ("fresh", 2)):
        table(300, seed).to_csv(folder / f"{name}.csv", index=False)
    return folder


@pytest.mark.parametrize(
    ("synthetic", "privacy"), [("real", "Yes"), ("fresh", "Nothing found")]
)
def test_report(samples, synthetic, privacy, tmp_path):
    page = tmp_path / "page.html"
    result = run(
        *("report", samples / "real.csv", samples / f"{synthetic}.csv", "-t", "label"),
        *("--holdout", samples / "held.csv", "-o", page, "--no-pictures", "-q"),
        *("--categorical", "slot", "--max-samples", 200),
    )
    assert result.exit_code == 0, result.output
    assert f"Does it leak training rows? {privacy}." in result.stdout
    assert f"The report is in {page}." in result.stdout
    html = page.read_text("utf-8")
    assert f"<title>Report on {synthetic}.csv</title>" in html
    assert "--max-samples 200 --max-rows 100000 --no-pictures --seed 0" in html
    assert f"--holdout {samples / 'held.csv'} --categorical slot" in html


# --- Generators by name ---------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["GaussianCopula", "gaussian-copula", "gaussian_copula", "gaussiancopula"]
)
def test_names_in_any_spelling(name):
    assert type(parse_generator(name).generator) is GaussianCopula


def test_parameters_of_generators():
    spec = parse_generator("smotenc(k_neighbors=3, sampling_strategy={1: 50})")
    assert spec.generator.k_neighbors == 3
    assert spec.generator.sampling_strategy == {1: 50}
    assert not spec.takes_strategy
    assert parse_generator("smotenc()").takes_strategy
    nested = parse_generator("Hybrid(generator=smotenc(k_neighbors=2))").generator
    assert type(nested) is Hybrid
    assert nested.generator.k_neighbors == 2


def test_commas_in_brackets_and_quotes_do_not_split():
    text = "smotenc, SMOTE(a=(1, 2), b={'x,': [3, 4]}),,hybrid"
    expected = ["smotenc", "SMOTE(a=(1, 2), b={'x,': [3, 4]})", "hybrid"]
    assert split_specs([text]) == expected
    assert split_specs(text.split(",,")) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("smotencc", "no generator 'smotencc'. Did you mean SMOTENC?"),
        ("augment", "no generator 'augment'"),
        ("smotenc(k=3)", r"SMOTENC has no parameter 'k'. It takes .*k_neighbors"),
        ("smotenc(3)", "write parameters as name=value"),
        ("smotenc(k_neighbors=open('x'))", "There is no generator 'open'"),
        ("smotenc(k_neighbors=__import__('os').getpid())", "is no literal"),
        ("smotenc(k_neighbors=1 if 1 else 2)", "is no literal"),
        ("smotenc(k_neighbors=", "is no generator: write"),
        ("smotenc()()", "is no generator: write"),
        ("3", "is no generator: write"),
    ],
)
def test_unreadable_generators(text, message):
    with pytest.raises(ValueError, match=message):
        parse_generator(text)


# --- fit and sample -------------------------------------------------------------------


@pytest.fixture(scope="module")
def model(clicks, tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "model.pkl"
    result = run(
        *("fit", clicks, "-t", "label", "-g", "gaussian-copula", "-o", path),
        *("--categorical", "slot"),
    )
    assert result.exit_code == 0, result.output
    assert "400 rows" in result.stdout
    assert "trusted sources" in result.stdout
    return path


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet"])
def test_sampled_table_looks_like_the_learned_one(model, tmp_path, suffix):
    output = tmp_path / f"rows{suffix}"
    result = run("sample", model, "-n", 150, "-o", output)
    assert result.exit_code == 0, result.output
    frame = read_table(output)
    real = table()
    assert list(frame.columns) == list(real.columns)
    assert len(frame) == 150
    for name in real.columns:
        kind = "i" if name == "slot" and suffix == ".parquet" else real[name].dtype.kind
        assert np.asarray(frame[name]).dtype.kind == kind, name
    for name in ("label", "device", "flag", "slot"):
        assert set(frame[name]) <= set(real[name])
    assert frame["price"].between(real["price"].min(), real["price"].max()).all()


def test_sampling_repeats_for_a_seed(model, tmp_path):
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        assert (
            run("sample", model, "-o", tmp_path / name, "--seed", seed).exit_code == 2
        )
        path = tmp_path / f"{name}.csv"
        assert run("sample", model, "-o", path, "--seed", seed).exit_code == 0
    a, b, c = (pd.read_csv(tmp_path / f"{name}.csv") for name in "abc")
    assert len(a) == 400
    pd.testing.assert_frame_equal(a, b)
    assert not a.equals(c)


def test_fit_without_a_target(clicks, tmp_path):
    model, rows = tmp_path / "model.pkl", tmp_path / "rows.csv"
    fitted = run(
        *("fit", clicks, "-g", "random-over-sampler", "-o", model),
        *("--drop", "label,flag", "--max-rows", 100),
    )
    assert fitted.exit_code == 0, fitted.output
    assert "100 rows" in fitted.stdout
    assert run("sample", model, "-n", 7, "-o", rows).exit_code == 0
    frame = pd.read_csv(rows)
    assert list(frame.columns) == ["age", "device", "price", "time", "slot"]
    assert len(frame) == 7


# --- Errors ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["compare"], "Give either a table or --dataset"),
        (
            ["compare", "TABLE", "--dataset", "clicks"],
            "Give either a table or --dataset",
        ),
        (["compare", "TABLE"], "Give --target"),
        (["compare", "--dataset", "clicks", "-t", "y"], "has its own"),
        (["compare", "nowhere.csv", "-t", "label"], "no file nowhere.csv"),
        (["compare", __file__, "-t", "label"], "unknown format"),
        (["compare", "TABLE", "-t", "click"], "--target names 'click', which is no"),
        (["compare", "TABLE", "-t", "label", "--drop", "a"], "--drop names 'a'"),
        (["compare", "TABLE", "-t", "label", "--drop", "label"], "names the target"),
        (["compare", "TABLE", "-t", "label", "-g", "gan3"], "no generator 'gan3'"),
        (["compare", "TABLE", "-t", "label", "-g", "smotenc,smotenc"], "given 2 times"),
        (["compare", "TABLE", "-t", "label", "-o", "x.txt"], "unknown format"),
        (["compare", "TABLE", "-t", "label", "-o", "no/x.csv"], "no folder"),
        (
            [
                *("compare", "TABLE", "-t", "label", "-g", "smotenc", "--cv", 2),
                *("--n-jobs", 1, "--sampling-strategy", 0.001),
            ],
            "'SMOTENC' failed in fold 0: ValueError: .*increase the ratio",
        ),
        (["compare", "TABLE", "-t", "label", "--report", "x.pdf"], "unknown format"),
        (["report", "TABLE", "no.csv", "-o", "x.html"], "no file no.csv"),
        (["report", "TABLE", "TABLE", "-o", "x.txt"], "unknown format"),
        (
            ["report", "TABLE", "TABLE", "-t", "no", "-o", "x.html"],
            "--target names 'no'",
        ),
        (["study", "TABLE", "-t", "label", "-c", "x"], "no classifier 'x': choose"),
        (["study", "TABLE", "-t", "label", "-c", "mlp,MLP"], "'MLP' is given twice"),
        (["study", "TABLE", "-t", "label", "-s", "S7"], "no scenario 'S7'"),
        (["fit", "TABLE", "-t", "no", "-o", "m.pkl"], "--target names 'no'"),
        (["sample", "nowhere.pkl", "-o", "x.csv"], "no file nowhere.pkl"),
        (["sample", "TABLE", "-o", "x.csv"], "cannot be read as a file of `skgen fit`"),
        (["sample", "TABLE", "-o", "x.xlsx"], "unknown format"),
    ],
)
def test_errors_are_one_line(clicks, args, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run(*(clicks if arg == "TABLE" else arg for arg in args))
    assert result.exit_code == 2
    assert result.stdout == ""
    *progress, line = result.stderr.strip().splitlines()
    assert all(part.startswith("Comparing") for part in progress)
    assert re.match(rf"Error: .*{message}", line), line


def test_missing_labels_are_an_error(tmp_path):
    frame = table(50)
    frame["label"] = frame["label"].astype(float)
    frame.loc[[3, 9], "label"] = np.nan
    frame.to_csv(tmp_path / "table.csv", index=False)
    result = run("compare", tmp_path / "table.csv", "-t", "label")
    assert result.exit_code == 2
    assert "'label' has 2 missing labels, the first in row 3" in result.stderr


def test_other_pickles_are_no_models(tmp_path):
    joblib.dump({"a": 1}, tmp_path / "other.pkl")
    result = run("sample", tmp_path / "other.pkl", "-o", tmp_path / "x.csv")
    assert result.exit_code == 2
    assert "is no file of `skgen fit`" in result.stderr


def test_a_missing_package_is_one_line(monkeypatch):
    def missing(*args, **kwargs):
        raise ImportError("No data set: pip install it")

    monkeypatch.setattr("skgen.datasets.load_open_bandit", missing)
    result = run("compare", "--dataset", "open-bandit")
    assert result.exit_code == 2
    assert result.stderr.strip() == "Error: No data set: pip install it"


# --- Reading --------------------------------------------------------------------------


def test_text_of_dates_alone_becomes_dates(tmp_path):
    path = tmp_path / "dates.csv"
    pd.DataFrame(
        {
            "date": ["2024-05-01", None, "2024-05-03"],
            "zone": ["2024-05-01T10:00:00+02:00", "2024-05-01T11:00:00+02:00", None],
            "mixed": ["2024-05-01", "unknown", "2024-05-03"],
            "wrong": ["2024-05-01", "2024-13-77", "2024-05-03"],
            "number": [20240501, 20240502, 20240503],
        }
    ).to_csv(path, index=False)
    frame = read_table(path)
    assert frame["date"].dt.day.tolist()[::2] == [1, 3]
    assert frame["zone"].dt.hour.tolist()[:2] == [10, 11]
    assert frame["mixed"].tolist() == ["2024-05-01", "unknown", "2024-05-03"]
    assert frame["wrong"].tolist()[1] == "2024-13-77"
    assert frame["number"].dtype.kind == "i"


def test_fewer_rows_keep_the_share_of_clicks_and_the_order(clicks):
    frame = read_table(clicks).assign(row=np.arange(400))
    kept = subsample(frame, "label", 100, 0)
    assert len(kept) == 100
    assert kept["label"].mean() == pytest.approx(frame["label"].mean(), abs=0.006)
    assert kept["row"].is_monotonic_increasing


def test_help_loads_nothing_heavy():
    code = (
        "import sys, skgen.cli\n"
        "from typer.testing import CliRunner\n"
        "assert 'compare' in CliRunner().invoke(skgen.cli.app, ['--help']).stdout\n"
        "loaded = {'pandas', 'sklearn', 'xgboost', 'torch'} & set(sys.modules)\n"
        "assert not loaded, loaded"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# --- study ----------------------------------------------------------------------------


def test_study_is_that_of_python(clicks, tmp_path):
    output, folder = tmp_path / "result.csv", tmp_path / "cells"
    arguments = [
        *("study", clicks, "--target", "label", "--repeats", 2, "--quiet"),
        *("--generators", "smote-nc", "-c", "logistic-regression", "-s", "S1,S4"),
        *("--output", output, "--directory", folder),
    ]
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    assert "S4: roc_auc changed by" in result.stdout
    found = pd.read_csv(output, index_col=[0, 1, 2])
    assert list(found.index) == [
        ("LogisticRegression", "none", "original"),
        ("LogisticRegression", "SMOTENC", "S1"),
        ("LogisticRegression", "SMOTENC", "S4"),
    ]
    frame = read_table(clicks)
    wanted = augmentation_study(
        frame.drop(columns="label"),
        frame["label"],
        [SMOTENC()],
        {"LogisticRegression": baseline_classifiers()["LogisticRegression"]},
        scenarios=["S1", "S4"],
        n_repeats=2,
        random_state=0,
    )
    np.testing.assert_allclose(found["roc_auc"], wanted["roc_auc"])
    kept = set(folder.iterdir())
    assert run(*arguments).exit_code == 0
    assert set(folder.iterdir()) == kept
