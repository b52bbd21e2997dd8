"""The command line: ``skgen compare | study | report | fit | sample``."""

import typer

from skgen.cli._compare import compare
from skgen.cli._fit import fit
from skgen.cli._generators import Spec, parse_generator, split_specs
from skgen.cli._options import Classifier, Dataset
from skgen.cli._report import report
from skgen.cli._sample import sample
from skgen.cli._study import study

__all__ = ["Classifier", "Dataset", "Spec", "app", "parse_generator", "split_specs"]

app = typer.Typer(
    help="Generators for tables: compare them as resamplers, fit one, sample rows, "
    "report on a synthetic table.",
    no_args_is_help=True,
    add_completion=False,
)
for _command in (compare, study, fit, sample, report):
    app.command()(_command)
