import pytest

from .conftest import run, table


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
