"""The command ``skgen compare``."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from skgen.cli._commands import typed_command
from skgen.cli._errors import plain_errors
from skgen.cli._generators import name_generators
from skgen.cli._options import (
    CategoricalOption,
    Classifier,
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
from skgen.cli._report import PAGE_SUFFIXES
from skgen.cli._screen import print_result
from skgen.cli._tables import RESULT_SUFFIXES, check_output, load, write_result

# Heavy packages are imported where they are used, so that `skgen --help` is fast.
if TYPE_CHECKING:
    import pandas as pd


DEFAULT_GENERATORS = (
    "RandomOverSampler",
    "SMOTENC",
    "GaussianCopula",
    "AutoregressiveTrees",
    # As in click studies: learned from the clicks alone.
    "AutoregressiveTrees(fit_classes='resampled')",
)

# Equal classes would be nearly all synthetic if the ratio of minority to majority is
# below RARE.
RARE, RARE_RATIO = 0.05, 0.1

GeneratorsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--generators",
        "-g",
        help="Generators to compare, separated by commas or in repeated options: "
        "smotenc, gaussian-copula, 'AutoregressiveTrees(min_samples_leaf=20)'. By "
        f"default {', '.join(DEFAULT_GENERATORS)}.",
    ),
]

StrategyOption = Annotated[
    str | None,
    typer.Option(
        help="How many rows to add, for generators without a sampling_strategy of "
        "their own: a ratio of minority to majority such as 0.2, or 'auto' for equal "
        f"classes. By default {RARE_RATIO} if the ratio of two classes is below {RARE} "
        "(equal classes would be nearly all synthetic then), else 'auto'."
    ),
]

ClassifierOption = Annotated[
    Classifier, typer.Option(help="The classifier to train and test.")
]

ReportOption = Annotated[
    Path | None, typer.Option(help="File for an HTML report on the result: .html.")
]


def compare(
    context: typer.Context,
    table: OptionalTable = None,
    target: TargetOption = None,
    dataset: DatasetOption = None,
    generators: GeneratorsOption = None,
    classifier: ClassifierOption = Classifier.xgboost,
    sampling_strategy: StrategyOption = None,
    cv: Annotated[int, typer.Option(min=2, help="Folds.")] = 5,
    max_rows: MaxRowsOption = None,
    categorical: CategoricalOption = None,
    drop: DropOption = None,
    n_jobs: JobsOption = -1,
    seed: SeedOption = 0,
    output: ResultOption = None,
    report: ReportOption = None,
    quiet: QuietOption = False,
) -> None:
    """Cross-validate generators as resamplers of a classifier's training rows.

    Each fold resamples its training rows only. Utility is compared with training
    without resampling; fidelity compares synthetic rows with the test rows, privacy
    with the training rows.
    """
    with plain_errors():
        check_output(output, RESULT_SUFFIXES)
        check_output(report, PAGE_SUFFIXES)
        # Names are checked before the table is read.
        specs = name_generators(generators or DEFAULT_GENERATORS)
        X, y = load(table, target, dataset, categorical, drop, max_rows, seed)
        strategy = choose_strategy(sampling_strategy, y)
        for spec in specs.values():
            if spec.takes_strategy:
                spec.generator.set_params(sampling_strategy=strategy)
        named = {name: spec.generator for name, spec in specs.items()}

        from skgen.model_selection import compare as compare_generators

        result = compare_generators(
            *(X, y, named, make_classifier(classifier)),
            cv=cv,
            n_jobs=n_jobs,
            random_state=seed,
            verbose=not quiet,
        )
        write_result(result, output)
        print_result(result, X, y, strategy=strategy, classifier=classifier, cv=cv)
        if output is not None:
            typer.echo(f"The result is in {output}.")
        if report is not None:
            from skgen.report import ComparisonReport

            settings = {
                "Generators": "; ".join(f"{n}: {each!r}" for n, each in named.items()),
                "sampling_strategy": repr(strategy),
                "Classifier": classifier.value,
                "random_state": str(seed),
            }
            page = ComparisonReport.from_results(
                result,
                X=X,
                y=y,
                cv=cv,
                command=typed_command(context),
                settings=settings,
                random_state=seed,
            )
            page.save(report)
            typer.echo(f"The report is in {report}.")


def choose_strategy(text: str | None, y: pd.Series) -> Any:
    """Return the sampling strategy that was typed, or the default."""
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
    return None  # the default of `compare`
