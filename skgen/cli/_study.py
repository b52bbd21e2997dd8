"""The command ``skgen study``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from skgen.cli._errors import plain_errors
from skgen.cli._generators import name_generators
from skgen.cli._options import (
    CategoricalOption,
    DatasetOption,
    DropOption,
    JobsOption,
    MaxRowsOption,
    OptionalTable,
    QuietOption,
    ResultOption,
    SeedOption,
    TargetOption,
)
from skgen.cli._screen import empty_table, open_console
from skgen.cli._tables import (
    RESULT_SUFFIXES,
    check_output,
    load,
    split_names,
    write_result,
)

# Heavy packages are imported where they are used, so that `skgen --help` is fast.
if TYPE_CHECKING:
    import pandas as pd

DEFAULT_GENERATORS = ("RandomOverSampler", "GaussianCopula", "AutoregressiveTrees")
DEFAULT_CLASSIFIERS = ("LogisticRegression", "XGBoost")
NETWORKS = ("DNN", "DeepFM", "MaskNet", "Transformer")

GeneratorsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--generators",
        "-g",
        help="Generators to compare, separated by commas or in repeated options. By "
        f"default {', '.join(DEFAULT_GENERATORS)}.",
    ),
]

ClassifiersOption = Annotated[
    list[str] | None,
    typer.Option(
        "--classifiers",
        "-c",
        help=f"Classifiers to train, separated by commas: {', '.join(NETWORKS)} (these "
        "need the extra ctr), LogisticRegression, RandomForest, XGBoost, MLP, "
        f"CatBoost. By default {', '.join(DEFAULT_CLASSIFIERS)}.",
    ),
]

ScenariosOption = Annotated[
    list[str] | None,
    typer.Option(
        "--scenarios",
        "-s",
        help="Of S1, S2 (25 %, 50 % more positives), S3, S4 (more negatives) and S5 "
        "(synthetic rows only), separated by commas; by default all.",
    ),
]


def study(
    table: OptionalTable = None,
    target: TargetOption = None,
    dataset: DatasetOption = None,
    generators: GeneratorsOption = None,
    classifiers: ClassifiersOption = None,
    scenarios: ScenariosOption = None,
    repeats: Annotated[int, typer.Option(min=1, help="Random splits.")] = 3,
    directory: Annotated[
        Path | None,
        typer.Option(
            help="Folder for finished parts; after an interrupt, the same command "
            "continues there."
        ),
    ] = None,
    max_rows: MaxRowsOption = None,
    categorical: CategoricalOption = None,
    drop: DropOption = None,
    n_jobs: JobsOption = 1,
    seed: SeedOption = 0,
    output: ResultOption = None,
    quiet: QuietOption = False,
) -> None:
    """Say whether synthetic rows help: train classifiers on augmented rows.

    In each repeat, generators learn from the training rows; five scenarios add
    synthetic positives or negatives to them or replace them; validation and test rows
    are real.
    """
    with plain_errors():
        check_output(output, RESULT_SUFFIXES)
        # Names are checked before the table is read.
        specs = name_generators(generators or DEFAULT_GENERATORS)
        named = _make_classifiers(split_names(classifiers) or DEFAULT_CLASSIFIERS)
        X, y = load(table, target, dataset, categorical, drop, max_rows, seed)

        from skgen.model_selection import augmentation_study, describe_study

        result = augmentation_study(
            X,
            y,
            {name: spec.generator for name, spec in specs.items()},
            named,
            scenarios=split_names(scenarios) or None,
            n_repeats=repeats,
            directory=directory,
            n_jobs=n_jobs,
            random_state=seed,
            verbose=not quiet,
        )
        write_result(result, output)
        _print(result)
        for sentence in describe_study(result):
            typer.echo(sentence)
        if output is not None:
            typer.echo(f"The result is in {output}.")


def _make_classifiers(names: Any) -> dict[str, Any]:
    """Return classifiers by name, whatever the spelling."""
    import skgen.classifiers

    found: dict[str, Any] = {
        name: getattr(skgen.classifiers, f"{name}Classifier")() for name in NETWORKS
    }
    # Sums on one thread do not depend on the number of CPUs.
    found |= skgen.classifiers.baseline_classifiers(n_jobs=1)
    spelled = {name.lower().replace("-", ""): name for name in found}
    chosen = {}
    for name in names:
        key = name.lower().replace("-", "").replace("_", "").removesuffix("classifier")
        if key not in spelled:
            raise ValueError(
                f"There is no classifier {name!r}: choose among {', '.join(found)}."
            )
        if spelled[key] in chosen:
            raise ValueError(f"The classifier {name!r} is given twice.")
        chosen[spelled[key]] = found[spelled[key]]
    return chosen


def _print(result: pd.DataFrame) -> None:
    """Print the ROC AUC by generator and scenario, a table for each classifier."""
    console = open_console()
    for classifier, of_classifier in result.groupby(level="classifier", sort=False):
        original = of_classifier.iloc[0]["roc_auc"]
        drawn = of_classifier.iloc[1:].droplevel("classifier")
        scenarios = list(dict.fromkeys(drawn.index.get_level_values("scenario")))
        table = empty_table(
            f"{classifier}: ROC AUC on real test rows, {original:.4f} without "
            "synthetic rows",
            [*scenarios, "Seconds"],
        )
        for generator, rows in drawn.groupby(level="generator", sort=False):
            cells = []
            by_scenario = rows.droplevel("generator")
            for scenario in scenarios:
                row = by_scenario.loc[scenario]
                low, high = row["roc_auc_low"], row["roc_auc_high"]
                star = "*" if low > 0 or high < 0 else ""
                half = "" if low != low else f" ± {(high - low) / 2:.4f}{star}"
                cells.append(f"{row['roc_auc']:.4f}\n{row['roc_auc_diff']:+.4f}{half}")
            table.add_row(
                str(generator), *cells, f"{rows['generator_seconds'].iloc[0]:,.1f}"
            )
        console.print(table)
    console.print(
        "Below each score: its difference from the original rows, plus or minus half "
        "of the 95 % confidence interval; * if that excludes zero. Seconds: to fit a "
        "generator and draw its rows, once.\n",
        style="dim",
        markup=False,
    )
