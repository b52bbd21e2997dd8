"""The real tables that the benchmarks learn from.

Three public tables of the UCI Machine Learning Repository, as gzip-compressed CSV files
in one folder: ``bank-full.csv.gz`` (UCI 222), ``online_shoppers_intention.csv.gz``
(UCI 468) and ``adult.csv.gz`` (UCI 2, the training file).
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from sklearn.model_selection import train_test_split

TABLES = ("shoppers", "bank", "adult")


def read_table(name: str, folder: Path) -> tuple[pd.DataFrame, pd.Series]:
    """Return the columns of a table and its 0/1 target."""
    if name == "shoppers":
        X = pd.read_csv(folder / "online_shoppers_intention.csv.gz")
        for column in ("OperatingSystems", "Browser", "Region", "TrafficType"):
            X[column] = X[column].astype("category")
        return X, X.pop("Revenue").astype(int)
    if name == "bank":
        # The duration of the call is known only after its outcome.
        X = pd.read_csv(folder / "bank-full.csv.gz").drop(columns="duration")
        return X, (X.pop("y") == "yes").astype(int)
    X = pd.read_csv(folder / "adult.csv.gz", skipinitialspace=True)
    return X, (X.pop("income") == ">50K").astype(int)


def split_table(name: str, folder: Path, seed: int) -> tuple:
    """Return 75 % of the rows to learn from, the rest to judge by, and their labels."""
    X, y = read_table(name, folder)
    return train_test_split(X, y, test_size=0.25, random_state=seed, stratify=y)
