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
    """Judges by name."""

    xgboost = "xgboost"
    logistic_regression = "logistic-regression"
    random_forest = "random-forest"


TableArgument = Annotated[
    Path, typer.Argument(help="The table: .csv, .csv.gz or .parquet.")
]

CategoricalOption = Annotated[
    list[str] | None,
    typer.Option(
        help="Columns of numbers that are categories, separated by commas; text always "
        "is one."
    ),
]

DropOption = Annotated[
    list[str] | None,
    typer.Option(help="Columns to leave out, separated by commas."),
]

MaxRowsOption = Annotated[
    int | None,
    typer.Option(min=1, help="Rows to use at most, drawn at random by class."),
]

SeedOption = Annotated[
    int, typer.Option(min=0, help="Seed: the same gives the same result.")
]

QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")]
