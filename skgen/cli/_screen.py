"""The result of a comparison on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skgen.cli._options import Classifier

# Heavy packages are imported where they are used, so that `skgen --help` is fast.
if TYPE_CHECKING:
    import pandas as pd

WIDTH = 100
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
    "Below each score: its difference from no resampling, plus or minus half of the "
    "95 % confidence interval (corrected t over the folds); * if that excludes zero. "
    "Lower is better for log loss."
)


_QUALITY_NOTE = (
    "Best: detection and DCR share 0.5; KS, JS and correlation difference 0. Copies, "
    "NNDR and DCR (distance to the closest record): how close to training rows."
)


_COST_NOTE = "Mean seconds, and the largest memory of its process in any fold."


def open_console() -> Any:
    """Return a console, at least `WIDTH` wide unless it is a terminal."""
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=max(console.width, WIDTH))
    return console


def print_result(
    result: pd.DataFrame,
    X: pd.DataFrame,
    y: pd.Series,
    *,
    strategy: Any,
    classifier: Classifier,
    cv: int,
) -> None:
    from skgen.report._sentences import sentences

    console = open_console()
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
    for sentence in sentences(result):
        console.print(sentence, markup=False)


def _utility_table(result: pd.DataFrame) -> Any:
    from rich.text import Text

    from skgen.report._definitions import SCORES
    from skgen.report._sentences import gain

    table = empty_table("Utility on real test rows", [score.title for score in SCORES])
    for generator, row in result.iterrows():
        cells = []
        for score in SCORES:
            low, high = row[f"{score.name}_low"], row[f"{score.name}_high"]
            cell = Text(f"{row[score.name]:.4f}")
            if low == low:
                style, star = "dim", ""
                if low > 0 or high < 0:
                    style, star = ("green" if gain(row, score) > 0 else "red"), "*"
                difference = row[f"{score.name}_diff"]
                half = (high - low) / 2
                cell.append(f"\n{difference:+.4f} ± {half:.4f}{star}", style=style)
            cells.append(cell)
        table.add_row(str(generator), *cells)
    return table


def _quality_table(result: pd.DataFrame) -> Any:
    table = empty_table(
        "Fidelity and privacy of synthetic rows",
        list(_QUALITY.values()),
    )
    for generator, row in result.iloc[1:].iterrows():
        table.add_row(str(generator), *(_number(row[name]) for name in _QUALITY))
    return table


def _cost_table(result: pd.DataFrame) -> Any:
    table = empty_table("Cost of resampling, a fold", ["Seconds", "Memory (MB)"])
    for generator, row in result.iloc[1:].iterrows():
        table.add_row(
            str(generator), _number(row["seconds"], 2), _number(row["memory_mb"], 0)
        )
    return table


def empty_table(title: str, columns: list[str]) -> Any:
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
