"""Tables and models in files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skgen.cli._options import Dataset

# What computes is imported where it is used, so that `skgen --help` answers at once.
if TYPE_CHECKING:
    import pandas as pd


TABLE_SUFFIXES = (".csv", ".csv.gz", ".parquet")


_DATE = r"\d{4}-\d{2}-\d{2}([T ].*)?"


def load(
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
        frame = read_table(table)
    else:
        if target is not None:
            raise ValueError(
                f"--target is for tables: the data set {dataset.value} has its own."
            )
        X, y = _load_dataset(dataset, max_rows, seed)
        frame, target = X.assign(**{str(y.name): y}), str(y.name)
    frame = prepare(frame, categorical, drop, target)
    frame = subsample(frame, check_labels(frame, target), max_rows, seed)
    return frame.drop(columns=target), frame[target]


def _load_dataset(dataset: Dataset, max_rows: int | None, seed: int) -> Any:
    from skgen import datasets

    if dataset is Dataset.open_bandit:
        return datasets.load_open_bandit(return_X_y=True)
    return datasets.make_clicks(
        20_000 if max_rows is None else max_rows, return_X_y=True, random_state=seed
    )


def read_table(path: Path) -> pd.DataFrame:
    """Read a table; text that holds dates alone becomes dates."""
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


def check_labels(frame: pd.DataFrame, target: str) -> pd.Series:
    labels = frame[target]
    n_missing = int(labels.isna().sum())
    if n_missing:
        raise ValueError(
            f"The target {target!r} is missing in {n_missing} row(s), the first being "
            f"row {int(labels.isna().to_numpy().argmax())}: drop or label them."
        )
    return labels


def subsample(
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


def split_names(texts: list[str] | None) -> list[str]:
    names = [name.strip() for text in texts or [] for name in text.split(",")]
    return [name for name in names if name]


def load_model(path: Path) -> dict[str, Any]:
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


def check_output(path: Path, suffixes: tuple[str, ...] = ("",)) -> None:
    """Refuse a file that could not be written before the work, not after it."""
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


def write_result(result: pd.DataFrame, path: Path) -> None:
    if path.name.lower().endswith(".csv"):
        result.to_csv(path)
    else:
        result.reset_index().to_json(path, orient="records", indent=2)
