"""The command ``skgen fit``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from skgen.cli._errors import plain_errors
from skgen.cli._generators import parse_generator
from skgen.cli._options import (
    CategoricalOption,
    DropOption,
    MaxRowsOption,
    SeedOption,
    TableArgument,
)
from skgen.cli._tables import (
    check_output,
    prepare,
    read_table,
    subsample,
)


def fit(
    table: TableArgument,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="File for the fitted generator.")
    ],
    generator: Annotated[
        str,
        typer.Option(
            "--generator",
            "-g",
            help="The generator, such as 'AutoregressiveTrees(min_samples_leaf=20)'.",
        ),
    ] = "AutoregressiveTrees",
    target: Annotated[
        str | None,
        typer.Option(
            "--target",
            "-t",
            help="The column with the labels; without it, rows are learned as one "
            "class.",
        ),
    ] = None,
    max_rows: MaxRowsOption = None,
    categorical: CategoricalOption = None,
    drop: DropOption = None,
    seed: SeedOption = 0,
) -> None:
    """Fit a generator to a table, and save it for `skgen sample`.

    The file is a pickle. Load such files from trusted sources only: a pickle can run
    any code.
    """
    with plain_errors():
        import joblib

        from skgen import __version__

        check_output(output)
        fitted = parse_generator(generator).generator
        if fitted.get_params().get("random_state", 0) is None:
            fitted.set_params(random_state=seed)
        frame = prepare(read_table(table), categorical, drop, target)
        frame = subsample(frame, target, max_rows, seed)
        if target is None:
            fitted.fit(frame)
        else:
            fitted.fit(frame.drop(columns=target), frame[target])
        model = {
            "skgen": __version__,
            "generator": fitted,
            "columns": list(frame.columns),
            "target": target,
        }
        joblib.dump(model, output)
        typer.echo(
            f"{type(fitted).__name__} learned {len(frame):,} rows; it is in {output}. "
            "The file is a pickle: load such files from trusted sources only."
        )
