import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from skgen.cli._tables import read_table, subsample


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
