"""The encoder that serves where the user gives none."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import sklearn
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, TargetEncoder
from sklearn.utils.fixes import parse_version

from skgen.columns import infer_kind

# Columns with more levels than this are encoded by the target.
MAX_INDICATORS = 30

_N_FOLDS = 5
_TIME_PARTS = ("", "_hour", "_weekday")


def make_encoder(*, random_state: int | None = None) -> ColumnTransformer:
    """Return an encoder of mixed columns for a classifier.

    Categories, text and mixed objects become indicators if they have at most 30 levels
    in the rows that the encoder is fitted on, and the smoothed share of the label
    otherwise. That share is cross-fitted: no training row is encoded with the help of
    its own label. Dates become seconds since 1970, the hour and the day of the week;
    durations become seconds; booleans and numbers become floats, NaN where missing.
    Levels are told apart by their text, and a missing category is a level.

    Parameters
    ----------
    random_state : int, default=None
        Draws the folds of the cross-fitting.

    Returns
    -------
    encoder : ColumnTransformer
        For DataFrames with any column names.

    See Also
    --------
    sklearn.preprocessing.TargetEncoder : The encoding of columns with many levels.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.preprocessing._encode import make_encoder
    >>> X = pd.DataFrame({"age": [31, 52, 47], "city": ["Rome", None, "Oslo"]})
    >>> encoder = make_encoder().fit(X, [0, 1, 0])
    >>> encoder.transform(X)
    array([[ 0.,  1.,  0., 31.],
           [ 0.,  0.,  1., 52.],
           [ 1.,  0.,  0., 47.]])
    """
    to_text = FunctionTransformer(_to_text, feature_names_out="one-to-one")
    indicators = OneHotEncoder(
        handle_unknown="infrequent_if_exist", sparse_output=False
    )
    shares = _make_target_encoder(random_state)
    to_times = FunctionTransformer(_to_times, feature_names_out=_time_names)
    to_floats = FunctionTransformer(_to_floats, feature_names_out="one-to-one")
    return ColumnTransformer(
        [
            (
                "indicators",
                Pipeline([("text", to_text), ("encoder", indicators)]),
                partial(_select, wanted="few levels"),
            ),
            (
                "target",
                Pipeline([("text", to_text), ("encoder", shares)]),
                partial(_select, wanted="many levels"),
            ),
            ("time", to_times, partial(_select, wanted="time")),
            ("number", to_floats, partial(_select, wanted="number")),
        ],
        verbose_feature_names_out=False,
    )


def _make_target_encoder(random_state: int | None) -> TargetEncoder:
    # scikit-learn 1.9 takes the seed with the folds, earlier ones beside them.
    if parse_version(sklearn.__version__) >= parse_version("1.9"):
        folds = StratifiedKFold(_N_FOLDS, shuffle=True, random_state=random_state)
        return TargetEncoder(cv=folds)
    return TargetEncoder(cv=_N_FOLDS, shuffle=True, random_state=random_state)


def _select(X: pd.DataFrame, wanted: str) -> NDArray[np.bool_]:
    """Return the mask of the columns that one of the encodings is for."""
    # A mask, as a list of integer names would be taken for positions.
    return np.array([_encoding(X.iloc[:, i]) == wanted for i in range(X.shape[1])])


def _encoding(column: pd.Series) -> str:
    kind = infer_kind(column)
    if kind in {"datetime", "date"}:
        return "time"
    if kind in {"boolean", "integer", "float", "timedelta"}:
        return "number"
    n_levels = column.astype(str).nunique() if kind == "mixed" else column.nunique()
    return "few levels" if n_levels <= MAX_INDICATORS else "many levels"


def _to_text(X: pd.DataFrame) -> NDArray[np.object_]:
    columns = [_column_to_text(X.iloc[:, i]) for i in range(X.shape[1])]
    return np.column_stack(columns).astype(object)


def _column_to_text(column: pd.Series) -> NDArray[np.object_]:
    # Level by level, since rows outnumber levels.
    codes, levels = pd.factorize(column)
    texts = np.array([*(str(level) for level in levels), None], dtype=object)
    return texts[codes]


def _to_times(X: pd.DataFrame) -> NDArray[np.float64]:
    columns = []
    for i in range(X.shape[1]):
        times = X.iloc[:, i]
        if infer_kind(times) == "date" or not hasattr(times, "dt"):
            times = pd.to_datetime(times)
        epoch = pd.Timestamp(0, tz=times.dt.tz)
        seconds = (times - epoch).dt.total_seconds()
        columns += [seconds, times.dt.hour, times.dt.day_of_week]
    return np.column_stack([_floats(column) for column in columns])


def _time_names(transformer: FunctionTransformer, names: list) -> NDArray[np.object_]:
    parts = [f"{name}{part}" for name in names for part in _TIME_PARTS]
    return np.array(parts, dtype=object)


def _to_floats(X: pd.DataFrame) -> NDArray[np.float64]:
    columns = []
    for i in range(X.shape[1]):
        column = X.iloc[:, i]
        if infer_kind(column) == "timedelta":
            column = pd.to_timedelta(column).dt.total_seconds()
        columns.append(_floats(column))
    return np.column_stack(columns)


def _floats(column: pd.Series) -> NDArray[np.float64]:
    values: Any = column
    if pd.api.types.is_object_dtype(column.dtype):
        values = column.where(column.notna(), np.nan)
    return values.to_numpy(dtype=np.float64, na_value=np.nan)
