"""The command ``skgen compare``."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from skgen.cli._errors import plain_errors
from skgen.cli._generators import parse_generator, split_specs, unique_names
from skgen.cli._options import (
    CategoricalOption,
    Classifier,
    Dataset,
    DropOption,
    MaxRowsOption,
    QuietOption,
    SeedOption,
)
from skgen.cli._report import PAGE_SUFFIXES
from skgen.cli._screen import print_result
from skgen.cli._tables import check_output, load, split_names, write_result

# What computes is imported where it is used, so that `skgen --help` answers at once.
if TYPE_CHECKING:
    import pandas as pd


DEFAULT_GENERATORS = (
    "RandomOverSampler",
    "SMOTENC",
    "GaussianCopula",
    "AutoregressiveTrees",
    # As click studies do: learn from the clicks alone.
    "AutoregressiveTrees(fit_classes='resampled')",
)


# Fewer rows of the minority than this, per row of the majority, call for the ratio.
RARE = 0.05


RARE_RATIO = 0.1


def compare(
    table: Annotated[
        Path | None, typer.Argument(help="The table: .csv, .csv.gz or .parquet.")
    ] = None,
    target: Annotated[
        str | None, typer.Option("--target", "-t", help="The column with the labels.")
    ] = None,
    dataset: Annotated[
        Dataset | None,
        typer.Option(
            help="A data set in the place of a table: Open Bandit (60,000 real "
            "impressions, 287 clicks; needs the package obp) or simulated clicks."
        ),
    ] = None,
    generators: Annotated[
        list[str] | None,
        typer.Option(
            "--generators",
            "-g",
            help="Generators to compare, separated by commas or given again and again: "
            "smotenc, gaussian-copula, 'AutoregressiveTrees(min_samples_leaf=20)'. By "
            f"default {', '.join(DEFAULT_GENERATORS)}.",
        ),
    ] = None,
    classifier: Annotated[
        Classifier, typer.Option(help="The classifier that is trained and judged.")
    ] = Classifier.xgboost,
    sampling_strategy: Annotated[
        str | None,
        typer.Option(
            help="How many rows to add, where a generator does not say so itself: a "
            "ratio of minority to majority such as 0.2, or 'auto' for equal classes. "
            f"By default {RARE_RATIO} if the ratio of two classes is below {RARE} "
            "(equal classes would be nearly all synthetic then), else 'auto'."
        ),
    ] = None,
    cv: Annotated[int, typer.Option(min=2, help="Folds.")] = 5,
    max_rows: MaxRowsOption = None,
    categorical: CategoricalOption = None,
    drop: DropOption = None,
    n_jobs: Annotated[int, typer.Option(help="Processes; -1 is one a processor.")] = -1,
    seed: SeedOption = 0,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File for the result: .csv or .json."),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(help="File for a page with all of the result: .html."),
    ] = None,
    quiet: QuietOption = False,
) -> None:
    """Cross-validate generators as resamplers of a classifier's training rows.

    Each fold resamples its training rows alone. Utility is set against training
    without resampling; fidelity compares synthetic rows with the test rows, privacy
    with the training rows.
    """
    with plain_errors():
        if output is not None:
            check_output(output, (".csv", ".json"))
        if report is not None:
            check_output(report, PAGE_SUFFIXES)
        # Wrong names shall not wait for the table.
        specs = [
            parse_generator(spec)
            for spec in split_specs(generators or DEFAULT_GENERATORS)
        ]
        names = unique_names(specs)
        X, y = load(
            table,
            target,
            dataset,
            categorical=split_names(categorical),
            drop=split_names(drop),
            max_rows=max_rows,
            seed=seed,
        )
        strategy = choose_strategy(sampling_strategy, y)
        for spec in specs:
            if spec.takes_strategy:
                spec.generator.set_params(sampling_strategy=strategy)

        from skgen.model_selection import compare as compare_generators

        result = compare_generators(
            X,
            y,
            {name: spec.generator for name, spec in zip(names, specs, strict=True)},
            make_classifier(classifier),
            cv=cv,
            n_jobs=n_jobs,
            random_state=seed,
            verbose=not quiet,
        )
        if output is not None:
            write_result(result, output)
        print_result(result, X, y, strategy=strategy, classifier=classifier, cv=cv)
        if output is not None:
            typer.echo(f"The result is in {output}.")
        if report is not None:
            from skgen.cli._commands import written
            from skgen.report import ComparisonReport

            ComparisonReport.from_results(
                result,
                X=X,
                y=y,
                cv=cv,
                command=written(
                    "compare",
                    table,
                    {
                        "--target": target,
                        "--dataset": dataset,
                        "--generators": generators,
                        "--classifier": classifier,
                        "--sampling-strategy": sampling_strategy,
                        "--cv": cv,
                        "--max-rows": max_rows,
                        "--categorical": categorical,
                        "--drop": drop,
                        "--seed": seed,
                        "--report": report,
                    },
                ),
                settings={
                    "Generators": "; ".join(
                        f"{name}: {spec.generator!r}"
                        for name, spec in zip(names, specs, strict=True)
                    ),
                    "sampling_strategy": repr(strategy),
                    "Classifier": classifier.value,
                    "random_state": str(seed),
                },
                random_state=seed,
            ).save(report)
            typer.echo(f"The report is in {report}.")


def choose_strategy(text: str | None, y: pd.Series) -> Any:
    if text is None:
        counts = y.value_counts()
        rare = len(counts) == 2 and counts.min() < RARE * counts.max()
        return RARE_RATIO if rare else "auto"
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def make_classifier(name: Classifier) -> Any:
    if name is Classifier.random_forest:
        from sklearn.ensemble import RandomForestClassifier

        return RandomForestClassifier(min_samples_leaf=5)
    if name is Classifier.logistic_regression:
        from sklearn.impute import SimpleImputer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        return make_pipeline(
            SimpleImputer(add_indicator=True, keep_empty_features=True),
            StandardScaler(),
            LogisticRegression(max_iter=1_000),
        )
    return None  # compare's default
