"""The command ``skgen report``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from skgen.cli._errors import plain_errors
from skgen.cli._options import CategoricalOption, DropOption, QuietOption, SeedOption
from skgen.cli._tables import check_output, prepare, read_table, split_names

PAGE_SUFFIXES = (".html", ".htm")


def report(
    real: Annotated[
        Path,
        typer.Argument(
            help="Rows that the generator was trained on: .csv, .csv.gz or .parquet."
        ),
    ],
    synthetic: Annotated[
        Path, typer.Argument(help="Synthetic rows, with the same columns.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="File for the page: .html.")
    ],
    target: Annotated[
        str | None,
        typer.Option(
            "--target",
            "-t",
            help="The column with the labels; without it, nothing is said of "
            "usefulness.",
        ),
    ] = None,
    holdout: Annotated[
        Path | None,
        typer.Option(
            help="Real rows that the generator has not seen, best as many as it was "
            "trained on; without them, nothing is said of privacy."
        ),
    ] = None,
    categorical: CategoricalOption = None,
    drop: DropOption = None,
    max_samples: Annotated[
        int,
        typer.Option(
            min=1,
            help="Rows of a table to use at most in measures whose time grows with "
            "the product of rows.",
        ),
    ] = 5_000,
    max_rows: Annotated[
        int,
        typer.Option(min=1, help="Rows of each table to draw at most in any measure."),
    ] = 100_000,
    pictures: Annotated[bool, typer.Option(help="Whether to draw pictures.")] = True,
    seed: SeedOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Say in one HTML page what a synthetic table is worth.

    Is it like the real one, is it as useful, does it leak training rows: a verdict, all
    measures beside what fresh real rows get, pictures, and each column. The page needs
    no network, and shows values of the real table: keep it as you keep that.
    """
    with plain_errors():
        check_output(output, PAGE_SUFFIXES)
        paths = {"real": real, "synthetic": synthetic, "held_out": holdout}
        tables = {
            name: prepare(
                read_table(path), split_names(categorical), split_names(drop), target
            )
            for name, path in paths.items()
            if path is not None
        }

        from skgen.cli._commands import written
        from skgen.report import Report

        page = Report.from_samples(
            **tables,
            target=target,
            max_samples=max_samples,
            max_rows=max_rows,
            pictures=pictures,
            title=f"Report on {synthetic.name}",
            command=written(
                "report",
                real,
                synthetic,
                {
                    "--target": target,
                    "--holdout": holdout,
                    "--categorical": categorical,
                    "--drop": drop,
                    "--max-samples": max_samples,
                    "--max-rows": max_rows,
                    "--no-pictures": not pictures,
                    "--seed": seed,
                    "--output": output,
                },
            ),
            random_state=seed,
            verbose=not quiet,
        )
        page.save(output)
        for finding in page.verdict.findings.values():
            typer.echo(f"{finding.question} {finding.answer}.")
        typer.echo(f"\n{page.verdict.headline} {page.verdict.advice}")
        typer.echo(f"\nThe report is in {output}.")
