"""Arguments and options that commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Dataset(StrEnum):
    """Data sets by name."""

    open_bandit = "open-bandit"
    clicks = "clicks"


class Classifier(StrEnum):
    """Classifiers by name."""

    xgboost = "xgboost"
    logistic_regression = "logistic-regression"
    random_forest = "random-forest"


TableArgument = Annotated[
    Path, typer.Argument(help="The table: .csv, .csv.gz or .parquet.")
]

OptionalTable = Annotated[
    Path | None, typer.Argument(help="The table: .csv, .csv.gz or .parquet.")
]

TargetOption = Annotated[
    str | None, typer.Option("--target", "-t", help="The column with the labels.")
]

DatasetOption = Annotated[
    Dataset | None,
    typer.Option(
        help="A data set instead of a table: Open Bandit (60,000 real impressions, 287 "
        "clicks; needs the package obp) or simulated clicks."
    ),
]

CategoricalOption = Annotated[
    list[str] | None,
    typer.Option(
        help="Numeric columns to treat as categorical, separated by commas; text "
        "always is."
    ),
]

DropOption = Annotated[
    list[str] | None,
    typer.Option(help="Columns to leave out, separated by commas."),
]

MaxRowsOption = Annotated[
    int | None,
    typer.Option(min=1, help="Use at most N rows, a stratified random sample."),
]

SeedOption = Annotated[
    int, typer.Option(min=0, help="Seed: the same seed gives the same result.")
]

JobsOption = Annotated[int, typer.Option(help="Processes; -1 uses all CPUs.")]

ResultOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="File for the result: .csv or .json."),
]

QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")]
