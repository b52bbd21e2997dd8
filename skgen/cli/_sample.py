"""The command ``skgen sample``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from skgen.cli._errors import plain_errors
from skgen.cli._options import SeedOption
from skgen.cli._tables import TABLE_SUFFIXES, check_output, load_model, write_table


def sample(
    model: Annotated[
        Path,
        typer.Argument(
            help="A file of `skgen fit`. It is a pickle: load such files from trusted "
            "sources only, as a pickle can run any code."
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", help="File for the rows: .csv, .csv.gz or .parquet."
        ),
    ],
    n_samples: Annotated[
        int | None,
        typer.Option(
            "--n-samples", "-n", min=1, help="Rows; by default as many as were learned."
        ),
    ] = None,
    seed: SeedOption = 0,
) -> None:
    """Sample rows from a generator that `skgen fit` saved.

    The columns stand as in the table that was learned, the target in its place.
    """
    with plain_errors():
        check_output(output, TABLE_SUFFIXES)
        content = load_model(model)
        sampled = content["generator"].sample(n_samples, random_state=seed)
        if content["target"] is None:
            frame = sampled
        else:
            frame, labels = sampled
            frame[content["target"]] = labels.set_axis(frame.index)
        write_table(frame[content["columns"]], output)
        typer.echo(f"{len(frame):,} rows are in {output}.")
