"""The command line: ``skgen compare | fit | sample``."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

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

app = typer.Typer(
    help="Generators for tables: compare them as resamplers, fit one, sample rows.",
    no_args_is_help=True,
    add_completion=False,
)


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


@app.command()
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
    quiet: QuietOption = False,
) -> None:
    """Cross-validate generators as resamplers of a classifier's training rows.

    Each fold resamples its training rows alone. Utility is set against training
    without resampling; fidelity compares synthetic rows with the test rows, privacy
    with the training rows.
    """
    with _plain_errors():
        if output is not None:
            _check_output(output, (".csv", ".json"))
        # Wrong names shall not wait for the table.
        specs = [
            parse_generator(spec)
            for spec in split_specs(generators or DEFAULT_GENERATORS)
        ]
        names = _unique_names(specs)
        X, y = _load(
            table,
            target,
            dataset,
            categorical=_split_names(categorical),
            drop=_split_names(drop),
            max_rows=max_rows,
            seed=seed,
        )
        strategy = _choose_strategy(sampling_strategy, y)
        for spec in specs:
            if spec.takes_strategy:
                spec.generator.set_params(sampling_strategy=strategy)

        from skgen.model_selection import compare as compare_generators

        result = compare_generators(
            X,
            y,
            {name: spec.generator for name, spec in zip(names, specs, strict=True)},
            _make_classifier(classifier),
            cv=cv,
            n_jobs=n_jobs,
            random_state=seed,
            verbose=not quiet,
        )
        if output is not None:
            _write_result(result, output)
        _print_result(result, X, y, strategy=strategy, classifier=classifier, cv=cv)
        if output is not None:
            typer.echo(f"The result is in {output}.")


@app.command()
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
    with _plain_errors():
        import joblib

        from skgen import __version__

        _check_output(output)
        fitted = parse_generator(generator).generator
        if fitted.get_params().get("random_state", 0) is None:
            fitted.set_params(random_state=seed)
        frame = _read_table(table)
        frame = _prepare(frame, _split_names(categorical), _split_names(drop), target)
        labels = None if target is None else _labels(frame, target)
        frame = _subsample(frame, labels, max_rows, seed)
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


@app.command()
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
    with _plain_errors():
        _check_output(output, _TABLE_SUFFIXES)
        content = _load_model(model)
        sampled = content["generator"].sample(n_samples, random_state=seed)
        if content["target"] is None:
            frame = sampled
        else:
            frame, labels = sampled
            frame[content["target"]] = labels.set_axis(frame.index)
        _write_table(frame[content["columns"]], output)
        typer.echo(f"{len(frame):,} rows are in {output}.")


# --- Errors ---------------------------------------------------------------------------


@contextmanager
def _plain_errors() -> Iterator[None]:
    """End with one line and the exit code 2 where the input is at fault."""
    try:
        yield
    except typer.Exit:
        raise
    except (ValueError, TypeError, RuntimeError, ImportError, OSError) as error:
        message = " ".join(str(error).split())
        typer.echo(f"Error: {message}", err=True)
        raise typer.Exit(2) from None


# --- Generators -----------------------------------------------------------------------


class Spec(NamedTuple):
    """A generator that was asked for.

    Attributes
    ----------
    generator : generator
        Not fitted.

    text : str
        What was asked for.

    takes_strategy : bool
        Whether `sampling_strategy` is still to be set.
    """

    generator: Any
    text: str
    takes_strategy: bool


def split_specs(texts: Any) -> list[str]:
    """Split at the commas outside brackets and quotes.

    Parameters
    ----------
    texts : iterable of str

    Returns
    -------
    specs : list of str

    Examples
    --------
    >>> from skgen.cli import split_specs
    >>> split_specs(["smotenc,SMOTE(k_neighbors=3, n_jobs=1)", "hybrid"])
    ['smotenc', 'SMOTE(k_neighbors=3, n_jobs=1)', 'hybrid']
    """
    specs = []
    for text in texts:
        depth, quote, start = 0, "", 0
        for place, char in enumerate(text):
            if quote:
                quote = "" if char == quote else quote
            elif char in "'\"":
                quote = char
            elif char in "([{":
                depth += 1
            elif char in ")]}":
                depth -= 1
            elif char == "," and depth == 0:
                specs.append(text[start:place])
                start = place + 1
        specs.append(text[start:])
    specs = [spec.strip() for spec in specs]
    return [spec for spec in specs if spec]


def parse_generator(text: str) -> Spec:
    """Make a generator from its name and, in brackets, its parameters.

    Parameters
    ----------
    text : str
        Name of a class of skgen, in any spelling ("smotenc", "gaussian-copula"), and
        parameters as in Python. Their values are literals or generators; nothing else
        is evaluated.

    Returns
    -------
    spec : Spec

    Raises
    ------
    ValueError
        If the generator or a parameter is unknown, or the text cannot be read.
    """
    match = re.fullmatch(r"\s*([A-Za-z][\w-]*)\s*(\(.*\))?\s*", text, flags=re.DOTALL)
    if match is None:
        raise _unreadable(text)
    cls = _find_generator(match[1])
    try:
        call = ast.parse(f"_{match[2] or '()'}", mode="eval").body
    except SyntaxError:
        raise _unreadable(text) from None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        raise _unreadable(text)
    params = _parse_params(cls, call, text)
    takes_strategy = (
        "sampling_strategy" not in params and "sampling_strategy" in _parameters(cls)
    )
    return Spec(cls(**params), text.strip(), takes_strategy)


def _parse_params(cls: type, call: ast.Call, text: str) -> dict[str, Any]:
    known = _parameters(cls)
    params = {}
    if call.args:
        raise ValueError(
            f"{text!r} has a value without a name: write parameters as name=value."
        )
    for keyword in call.keywords:
        name = keyword.arg
        if name not in known:
            raise ValueError(
                f"{cls.__name__} has no parameter {name!r}. It takes {known}."
            )
        params[name] = _parse_value(keyword.value, text)
    return params


def _parse_value(node: ast.expr, text: str) -> Any:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        cls = _find_generator(node.func.id)
        return cls(**_parse_params(cls, node, text))
    try:
        return ast.literal_eval(node)
    except ValueError:
        raise ValueError(
            f"{ast.unparse(node)!r} in {text!r} is no literal: values are numbers, "
            "quoted strings, True, False, None, or tuples, lists and dicts of these."
        ) from None


def _parameters(cls: Any) -> list[str]:
    return cls._get_param_names()


def _unreadable(text: str) -> ValueError:
    return ValueError(
        f"{text!r} is no generator: write a name such as smotenc, or a name and "
        "parameters such as AutoregressiveTrees(min_samples_leaf=20)."
    )


def _find_generator(name: str) -> Any:
    """Return the class of a generator, whatever the spelling of its name."""
    import difflib
    import inspect

    import skgen

    wanted = re.sub(r"[-_]", "", name).lower()
    public = {known.lower(): known for known in skgen.__all__ if known[0].isupper()}
    found = getattr(skgen, public[wanted]) if wanted in public else None
    if (
        not inspect.isclass(found)
        or inspect.isabstract(found)
        or not hasattr(found, "fit_resample")
    ):
        close = difflib.get_close_matches(wanted, public, n=1)
        guess = f" Did you mean {public[close[0]]}?" if close else ""
        raise ValueError(
            f"There is no generator {name!r}.{guess} There are "
            f"{', '.join(sorted(public.values()))}."
        )
    return found


def _unique_names(specs: list[Spec]) -> list[str]:
    """Call generators by their classes, or by all of their text where these repeat."""
    kinds = [type(spec.generator).__name__ for spec in specs]
    names = [
        spec.text if kinds.count(kind) > 1 else kind
        for kind, spec in zip(kinds, specs, strict=True)
    ]
    for name, times in Counter(names).items():
        if times > 1:
            raise ValueError(f"The generator {name!r} is given {times} times.")
    return names


def _choose_strategy(text: str | None, y: pd.Series) -> Any:
    if text is None:
        counts = y.value_counts()
        rare = len(counts) == 2 and counts.min() < RARE * counts.max()
        return RARE_RATIO if rare else "auto"
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def _make_classifier(name: Classifier) -> Any:
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


# --- Tables ---------------------------------------------------------------------------

_TABLE_SUFFIXES = (".csv", ".csv.gz", ".parquet")
_DATE = r"\d{4}-\d{2}-\d{2}([T ].*)?"


def _load(
    table: Path | None,
    target: str | None,
    dataset: Dataset | None,
    *,
    categorical: list[str],
    drop: list[str],
    max_rows: int | None,
    seed: int,
) -> tuple[pd.DataFrame, pd.Series]:
    """Return the rows and the labels that were asked for."""
    if (table is None) == (dataset is None):
        raise ValueError("Give either a table or --dataset.")
    if dataset is None:
        assert table is not None
        if target is None:
            raise ValueError("Give --target, the column of the table with the labels.")
        frame = _read_table(table)
    else:
        if target is not None:
            raise ValueError(
                f"--target is for tables: the data set {dataset.value} has its own."
            )
        X, y = _load_dataset(dataset, max_rows, seed)
        frame, target = X.assign(**{str(y.name): y}), str(y.name)
    frame = _prepare(frame, categorical, drop, target)
    frame = _subsample(frame, _labels(frame, target), max_rows, seed)
    return frame.drop(columns=target), frame[target]


def _load_dataset(dataset: Dataset, max_rows: int | None, seed: int) -> Any:
    from skgen import datasets

    if dataset is Dataset.open_bandit:
        return datasets.load_open_bandit(return_X_y=True)
    return datasets.make_clicks(
        20_000 if max_rows is None else max_rows, return_X_y=True, random_state=seed
    )


def _read_table(path: Path) -> pd.DataFrame:
    """Read a table; text that holds dates alone becomes dates."""
    import pandas as pd

    if not path.is_file():
        raise ValueError(f"There is no file {path}.")
    if path.name.lower().endswith(".parquet"):
        return pd.read_parquet(path)
    if not path.name.lower().endswith((".csv", ".csv.gz")):
        raise ValueError(
            f"{path} is of an unknown format: give a file that ends in "
            f"{', '.join(_TABLE_SUFFIXES)}."
        )
    frame = pd.read_csv(path, low_memory=False)
    for name in frame.columns:
        frame[name] = _parse_dates(frame[name])
    return frame


def _parse_dates(column: pd.Series) -> pd.Series:
    import pandas as pd

    if pd.api.types.is_numeric_dtype(column.dtype):
        return column
    values = column.dropna()
    if values.empty or not all(
        isinstance(value, str) and re.fullmatch(_DATE, value) for value in values
    ):
        return column
    try:
        dates = pd.to_datetime(column, format="ISO8601")
    except ValueError:
        return column
    return dates if pd.api.types.is_datetime64_any_dtype(dates.dtype) else column


def _prepare(
    frame: pd.DataFrame, categorical: list[str], drop: list[str], target: str | None
) -> pd.DataFrame:
    """Check the columns that options name, and do what these say."""
    options = {"--target": [] if target is None else [target]}
    options |= {"--categorical": categorical, "--drop": drop}
    for option, names in options.items():
        for name in names:
            if name not in frame.columns:
                raise ValueError(
                    f"{option} names {name!r}, which is no column of the table. Its "
                    f"columns are {', '.join(map(str, frame.columns))}."
                )
    if target in drop:
        raise ValueError(f"--drop names the target, {target!r}.")
    frame = frame.drop(columns=drop)
    return frame.astype({name: "category" for name in categorical if name not in drop})


def _labels(frame: pd.DataFrame, target: str) -> pd.Series:
    labels = frame[target]
    n_missing = int(labels.isna().sum())
    if n_missing:
        raise ValueError(
            f"The target {target!r} is missing in {n_missing} row(s), the first being "
            f"row {int(labels.isna().to_numpy().argmax())}: drop or label them."
        )
    return labels


def _subsample(
    frame: pd.DataFrame, labels: pd.Series | None, max_rows: int | None, seed: int
) -> pd.DataFrame:
    """Draw rows at random, classes alike, and leave them in their order."""
    if max_rows is None or len(frame) <= max_rows:
        return frame
    from sklearn.model_selection import train_test_split

    kept, _ = train_test_split(
        range(len(frame)), train_size=max_rows, stratify=labels, random_state=seed
    )
    return frame.iloc[sorted(kept)].reset_index(drop=True)


def _split_names(texts: list[str] | None) -> list[str]:
    names = [name.strip() for text in texts or [] for name in text.split(",")]
    return [name for name in names if name]


def _load_model(path: Path) -> dict[str, Any]:
    import joblib

    if not path.is_file():
        raise ValueError(f"There is no file {path}.")
    try:
        content = joblib.load(path)
    except ImportError:
        raise
    except Exception as error:
        raise ValueError(
            f"{path} cannot be read as a file of `skgen fit` "
            f"({type(error).__name__}: {error})."
        ) from error
    if not isinstance(content, dict) or not {"generator", "columns", "target"} <= set(
        content
    ):
        raise ValueError(f"{path} is no file of `skgen fit`.")
    return content


def _check_output(path: Path, suffixes: tuple[str, ...] = ("",)) -> None:
    """Refuse a file that could not be written before the work, not after it."""
    if not path.name.lower().endswith(suffixes):
        raise ValueError(
            f"{path} is of an unknown format: choose a name that ends in "
            f"{', '.join(suffixes)}."
        )
    if not path.absolute().parent.is_dir():
        raise ValueError(f"There is no folder {path.absolute().parent}.")


def _write_table(frame: pd.DataFrame, path: Path) -> None:
    if path.name.lower().endswith(".parquet"):
        frame.to_parquet(path, index=False)
    else:
        frame.to_csv(path, index=False)


def _write_result(result: pd.DataFrame, path: Path) -> None:
    if path.name.lower().endswith(".csv"):
        result.to_csv(path)
    else:
        result.reset_index().to_json(path, orient="records", indent=2)


# --- The report on the screen ---------------------------------------------------------

# Names on the screen, and the sign of a gain.
_UTILITY = {
    "roc_auc": ("ROC AUC", 1),
    "average_precision": ("average precision", 1),
    "f1": ("F1", 1),
    "log_loss": ("log loss", -1),
}
_QUALITY = {
    "detection": "Detection\nAUC",
    "ks_statistic": "KS",
    "js_divergence": "JS",
    "correlation_difference": "Correlation\ndifference",
    "copies": "Copies",
    "dcr_share": "DCR\nshare",
    "nndr": "NNDR",
    "distance_to_closest_record": "DCR",
}
_UTILITY_NOTE = (
    "Below each score: its difference to no resampling, plus or minus half of the 95 % "
    "confidence interval (corrected t over the folds); * where that excludes zero. "
    "Less is better for log loss."
)
_QUALITY_NOTE = (
    "Best: detection and DCR share 0.5; KS, JS and correlation difference 0. Copies, "
    "NNDR and DCR (distance to the closest record) tell how close to training rows."
)
_COST_NOTE = "Mean seconds, and the most memory, in its process and any fold."
_WIDTH = 100


def _print_result(
    result: pd.DataFrame,
    X: pd.DataFrame,
    y: pd.Series,
    *,
    strategy: Any,
    classifier: Classifier,
    cv: int,
) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=max(console.width, _WIDTH))
    counts = y.value_counts()
    console.print(
        f"\n{len(X):,} rows, {X.shape[1]} columns, {counts.min():,} rows "
        f"({counts.min() / len(y):.2%}) with {y.name} {counts.idxmin()}. {cv} folds, "
        f"{classifier.value}, sampling_strategy={strategy!r}.\n",
        markup=False,
    )
    for table, note in (
        (_utility_table(result), _UTILITY_NOTE),
        (_quality_table(result), _QUALITY_NOTE),
        (_cost_table(result), _COST_NOTE),
    ):
        console.print(table)
        console.print(f"{note}\n", style="dim", markup=False)
    for sentence in _sentences(result):
        console.print(sentence, markup=False)


def _utility_table(result: pd.DataFrame) -> Any:
    from rich.text import Text

    table = _empty_table(
        "Utility on real test rows",
        [name[0].upper() + name[1:] for name, _ in _UTILITY.values()],
    )
    for generator, row in result.iterrows():
        cells = []
        for measure, (_, sign) in _UTILITY.items():
            low, high = row[f"{measure}_low"], row[f"{measure}_high"]
            cell = Text(f"{row[measure]:.4f}")
            if low == low:
                style, star = "dim", ""
                if low > 0 or high < 0:
                    style, star = ("green" if sign * low > 0 else "red"), "*"
                difference = row[f"{measure}_diff"]
                half = (high - low) / 2
                cell.append(f"\n{difference:+.4f} ± {half:.4f}{star}", style=style)
            cells.append(cell)
        table.add_row(str(generator), *cells)
    return table


def _quality_table(result: pd.DataFrame) -> Any:
    table = _empty_table(
        "Fidelity and privacy of synthetic rows",
        list(_QUALITY.values()),
    )
    for generator, row in result.iloc[1:].iterrows():
        table.add_row(str(generator), *(_number(row[name]) for name in _QUALITY))
    return table


def _cost_table(result: pd.DataFrame) -> Any:
    table = _empty_table("Cost of resampling, a fold", ["Seconds", "Memory (MB)"])
    for generator, row in result.iloc[1:].iterrows():
        table.add_row(
            str(generator), _number(row["seconds"], 2), _number(row["memory_mb"], 0)
        )
    return table


def _empty_table(title: str, columns: list[str]) -> Any:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        show_edge=False,
        pad_edge=False,
    )
    table.add_column("Generator", overflow="fold", max_width=24)
    for column in columns:
        table.add_column(column, justify="right", vertical="top")
    return table


def _number(value: float, digits: int = 3) -> str:
    return "-" if value != value else f"{value:,.{digits}f}"


def _sentences(result: pd.DataFrame) -> list[str]:
    """Say of each generator what its intervals allow to say."""
    sentences = []
    n_intervals = n_certain = 0
    for generator, row in result.iloc[1:].iterrows():
        better, worse, missing = [], [], False
        for measure, (name, sign) in _UTILITY.items():
            low, high = row[f"{measure}_low"], row[f"{measure}_high"]
            if low != low:
                missing = True
                continue
            n_intervals += 1
            finding = f"{name} ({row[f'{measure}_diff']:+.4f})"
            if sign * low > 0 and sign * high > 0:
                better.append(finding)
            elif sign * low < 0 and sign * high < 0:
                worse.append(finding)
        n_certain += len(better) + len(worse)
        if missing:
            says = "it failed, so that there is nothing to say."
        elif not better and not worse:
            says = "no interval excludes zero: neither a gain nor a loss is shown."
        else:
            parts = []
            if better:
                parts.append(f"better {_join(better)}")
            if worse:
                parts.append(f"worse {_join(worse)}")
            says = f"{', '.join(parts)} than no resampling"
            if not better:
                says += "; no gain is shown"
            says += "."
        sentences.append(f"{generator}: {says}")
    if n_certain:
        sentences.append(
            f"Of {n_intervals} such intervals, {0.05 * n_intervals:.0f} would be "
            "expected to exclude zero by chance alone."
        )
    return sentences


def _join(parts: list[str]) -> str:
    if len(parts) == 1:
        return parts[0]
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


if __name__ == "__main__":
    app()
