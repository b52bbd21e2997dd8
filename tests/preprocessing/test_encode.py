"""The default encoder of mixed columns."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import OneHotEncoder

from skgen.preprocessing._encode import MAX_INDICATORS, make_encoder


def test_encoder_takes_every_kind_of_column():
    n = 200
    rng = np.random.RandomState(0)
    many = [f"user {i}" for i in rng.randint(0, MAX_INDICATORS * 2, n)]
    X = pd.DataFrame(
        {
            "float": rng.rand(n),
            "nullable": pd.array([1, None] * (n // 2), dtype="Int64"),
            "flag": pd.array([True, None] * (n // 2), dtype="boolean"),
            "few": pd.Categorical(rng.choice([3, 5, 7], n)),
            "text": rng.choice(["a", None], n),
            "many": many,
            "mixed": [1, "1", 2.5, "z"] * (n // 4),
            "time": pd.date_range("2024-01-01", periods=n, freq="h", tz="Asia/Tokyo"),
            "span": pd.to_timedelta(np.arange(n), unit="min"),
            "day": pd.date_range("2024-01-01", periods=n).date,
        }
    )
    y = rng.randint(0, 2, n)
    encoder = make_encoder(random_state=0)
    encoded = encoder.fit_transform(X, y)
    names = list(encoder.get_feature_names_out())
    assert encoded.dtype == np.float64
    frame = pd.DataFrame(encoded, columns=names)
    assert names == [
        *("few_3", "few_5", "few_7", "text_a", "text_None"),
        *("mixed_1", "mixed_2.5", "mixed_z", "many"),
        *("time", "time_hour", "time_weekday", "day", "day_hour", "day_weekday"),
        *("float", "nullable", "flag", "span"),
    ]
    assert frame["time"][0] == pd.Timestamp("2024-01-01", tz="Asia/Tokyo").timestamp()
    assert frame["time_hour"].tolist() == X["time"].dt.hour.tolist()
    assert frame["day_weekday"].tolist() == [d.weekday() for d in X["day"]]
    assert frame["span"].tolist() == [60.0 * i for i in range(n)]
    assert frame["nullable"].isna().tolist() == [False, True] * (n // 2)
    indicators = OneHotEncoder(sparse_output=False).fit_transform(X[["few"]])
    assert (frame[["few_3", "few_5", "few_7"]].to_numpy() == indicators).all()


def test_encoder_does_not_show_training_rows_their_own_label():
    rng = np.random.RandomState(0)
    n = 2_000
    X = pd.DataFrame({"user": [f"user {i}" for i in rng.randint(0, 1_000, n)]})
    y = rng.randint(0, 2, n)  # chance
    encoder = make_encoder(random_state=0)
    cross_fitted = encoder.fit_transform(X, y)[:, 0]
    assert roc_auc_score(y, cross_fitted) == pytest.approx(0.5, abs=0.05)
    assert roc_auc_score(y, encoder.transform(X)[:, 0]) > 0.7
    assert (
        make_encoder(random_state=0).fit_transform(X, y)[:, 0] == cross_fitted
    ).all()
    assert (
        make_encoder(random_state=1).fit_transform(X, y)[:, 0] != cross_fitted
    ).any()


def test_encoder_takes_unseen_categories_and_integer_names():
    X = pd.DataFrame({7: ["a", "b"] * 20, 3: np.arange(40.0)})
    encoder = make_encoder().fit(X, np.arange(40) % 2)
    encoded = encoder.transform(
        pd.DataFrame({7: ["c", None, "b"], 3: [1.0, 2.0, np.nan]})
    )
    assert encoded[:, :2].tolist() == [[0, 0], [0, 0], [0, 1]]
    assert np.isnan(encoded[2, 2])
