"""The command ``skgen report``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from skgen.cli._commands import typed_command
from skgen.cli._errors import plain_errors
from skgen.cli._options import CategoricalOption, DropOption, QuietOption, SeedOption
from skgen.cli._tables import check_output, prepare, read_table

PAGE_SUFFIXES = (".html", ".htm")


RealTable = Annotated[
    Path,
    typer.Argument(
        help="Rows that the generator was trained on: .csv, .csv.gz or .parquet."
    ),
]

TargetOption = Annotated[
    str | None,
    typer.Option(
        "--target",
        "-t",
        help="The column with the labels; without it, usefulness is not judged.",
    ),
]

HoldoutOption = Annotated[
    Path | None,
    typer.Option(
        help="Real rows that the generator has not seen, ideally as many as it was "
        "trained on; without them, privacy is not judged."
    ),
]

MaxSamplesOption = Annotated[
    int,
    typer.Option(
        min=1,
        help="Use at most N rows of a table in measures whose time grows with the "
        "product of rows.",
    ),
]


def report(
    context: typer.Context,
    real: RealTable,
    synthetic: Annotated[
        Path, typer.Argument(help="Synthetic rows, with the same columns.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="File for the page: .html.")
    ],
    target: TargetOption = None,
    holdout: HoldoutOption = None,
    categorical: CategoricalOption = None,
    drop: DropOption = None,
    max_samples: MaxSamplesOption = 5_000,
    max_rows: Annotated[
        int, typer.Option(min=1, help="Use at most N rows of each table, at random.")
    ] = 100_000,
    pictures: Annotated[bool, typer.Option(help="Whether to draw pictures.")] = True,
    seed: SeedOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Assess a synthetic table in one HTML page.

    Is it like the real one, is it as useful, does it leak training rows: a verdict, all
    measures beside those of fresh real rows, pictures, and each column. The page needs
    no network. It shows values of the real table: protect it likewise.
    """
    with plain_errors():
        check_output(output, PAGE_SUFFIXES)
        paths = {"real": real, "synthetic": synthetic, "held_out": holdout}
        tables = {
            name: prepare(read_table(path), categorical, drop, target)
            for name, path in paths.items()
            if path is not None
        }

        from skgen.report import Report

        page = Report.from_samples(
            **tables,
            target=target,
            max_samples=max_samples,
            max_rows=max_rows,
            pictures=pictures,
            title=f"Report on {synthetic.name}",
            command=typed_command(context),
            random_state=seed,
            verbose=not quiet,
        )
        page.save(output)
        for finding in page.verdict.findings.values():
            typer.echo(f"{finding.question} {finding.answer}.")
        typer.echo(f"\n{page.verdict.headline} {page.verdict.advice}")
        typer.echo(f"\nThe report is in {output}.")
