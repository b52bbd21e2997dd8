"""Tables and models in files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skgen.cli._options import Dataset

# Heavy packages are imported where they are used, so that `skgen --help` is fast.
if TYPE_CHECKING:
    import pandas as pd

TABLE_SUFFIXES = (".csv", ".csv.gz", ".parquet")
RESULT_SUFFIXES = (".csv", ".json")
_DATE = r"\d{4}-\d{2}-\d{2}([T ].*)?"


def load(
    table: Path | None,
    target: str | None,
    dataset: Dataset | None,
    categorical: list[str] | None,
    drop: list[str] | None,
    max_rows: int | None,
    seed: int,
) -> tuple[pd.DataFrame, pd.Series]:
    """Return the rows and the labels of a file or a data set."""
    if (table is None) == (dataset is None):
        raise ValueError("Give either a table or --dataset.")
    if dataset is None:
        assert table is not None
        if target is None:
            raise ValueError("Give --target, the column of the table with the labels.")
        frame = read_table(table)
    else:
        if target is not None:
            raise ValueError(
                f"--target is for tables: the data set {dataset.value} has its own."
            )
        X, y = _load_dataset(dataset, max_rows, seed)
        frame, target = X.assign(**{str(y.name): y}), str(y.name)
    frame = prepare(frame, categorical, drop, target)
    frame = subsample(frame, target, max_rows, seed)
    return frame.drop(columns=target), frame[target]


def _load_dataset(dataset: Dataset, max_rows: int | None, seed: int) -> Any:
    from skgen import datasets

    if dataset is Dataset.open_bandit:
        return datasets.load_open_bandit(return_X_y=True)
    return datasets.make_clicks(
        20_000 if max_rows is None else max_rows, return_X_y=True, random_state=seed
    )


def read_table(path: Path) -> pd.DataFrame:
    """Read a table; text columns of dates only become dates."""
    import pandas as pd

    if not path.is_file():
        raise ValueError(f"There is no file {path}.")
    if path.name.lower().endswith(".parquet"):
        return pd.read_parquet(path)
    if not path.name.lower().endswith((".csv", ".csv.gz")):
        raise ValueError(
            f"{path} is of an unknown format: give a file that ends in "
            f"{', '.join(TABLE_SUFFIXES)}."
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


def prepare(
    frame: pd.DataFrame,
    categorical: list[str] | None,
    drop: list[str] | None,
    target: str | None,
) -> pd.DataFrame:
    """Apply the options that name columns, separated by commas."""
    as_categories, dropped = split_names(categorical), split_names(drop)
    options = {"--target": [] if target is None else [target]}
    options |= {"--categorical": as_categories, "--drop": dropped}
    for option, names in options.items():
        for name in names:
            if name not in frame.columns:
                raise ValueError(
                    f"{option} names {name!r}, which is no column of the table. Its "
                    f"columns are {', '.join(map(str, frame.columns))}."
                )
    if target in dropped:
        raise ValueError(f"--drop names the target, {target!r}.")
    kinds = {name: "category" for name in as_categories if name not in dropped}
    return frame.drop(columns=dropped).astype(kinds)


def subsample(
    frame: pd.DataFrame, target: str | None, max_rows: int | None, seed: int
) -> pd.DataFrame:
    """Draw at most `max_rows` at random, stratified by the target, in their order."""
    if target is not None:
        from skgen._containers import check_labels

        check_labels(frame[target], len(frame), name=f"The target {target!r}")
    if max_rows is None or len(frame) <= max_rows:
        return frame
    from sklearn.model_selection import train_test_split

    kept, _ = train_test_split(
        range(len(frame)),
        train_size=max_rows,
        stratify=None if target is None else frame[target],
        random_state=seed,
    )
    return frame.iloc[sorted(kept)].reset_index(drop=True)


def split_names(texts: list[str] | None) -> list[str]:
    """Split at commas."""
    names = [name.strip() for text in texts or [] for name in text.split(",")]
    return [name for name in names if name]


def load_model(path: Path) -> dict[str, Any]:
    """Read a file of `skgen fit`."""
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


def check_output(path: Path | None, suffixes: tuple[str, ...] = ("",)) -> None:
    """Raise, before any work, if a file could not be written."""
    if path is None:
        return
    if not path.name.lower().endswith(suffixes):
        raise ValueError(
            f"{path} is of an unknown format: choose a name that ends in "
            f"{', '.join(suffixes)}."
        )
    if not path.absolute().parent.is_dir():
        raise ValueError(f"There is no folder {path.absolute().parent}.")


def write_table(frame: pd.DataFrame, path: Path) -> None:
    if path.name.lower().endswith(".parquet"):
        frame.to_parquet(path, index=False)
    else:
        frame.to_csv(path, index=False)


def write_result(result: pd.DataFrame, path: Path | None) -> None:
    if path is None:
        return
    if path.name.lower().endswith(".csv"):
        result.to_csv(path)
    else:
        result.reset_index().to_json(path, orient="records", indent=2)
