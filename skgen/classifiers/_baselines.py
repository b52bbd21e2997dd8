"""The classifiers that click studies compare with."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import sklearn
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.utils.fixes import parse_version

from skgen.preprocessing import CTRPreprocessor


def baseline_classifiers(
    *,
    preprocessor: Any = None,
    n_jobs: int | None = None,
    random_state: int | None = None,
) -> dict[str, Pipeline]:
    """Return the classifiers that click studies compare with, by name.

    Each is a pipeline of an encoder of columns and a classifier, to be fitted to tables
    of any columns:

    - "LogisticRegression": L1 penalty of strength ``C=1``, by the solver "liblinear".
    - "RandomForest": 100 trees of at least 5 rows a leaf, sqrt(n_features) tried in a
      split.
    - "XGBoost": 100 trees of depth 6, learning rate 0.3, histograms.
    - "MLP": layers of 100 and 50 rectified linear units, Adam, at most 100 epochs,
      early stopping on a tenth of the rows.
    - "CatBoost": 500 symmetric trees of depth 6. Only where catboost is installed.

    Parameters
    ----------
    preprocessor : transformer, default=None
        Encodes columns as numbers, without missing ones; it is cloned. None is
        :class:`skgen.preprocessing.CTRPreprocessor`.

    n_jobs : int or None, default=None
        Number of processors that forest and boosting use.

    random_state : int, default=None
        Seeds encoders and classifiers.

    Returns
    -------
    classifiers : dict of str to Pipeline
        With the steps "preprocessor" and "classifier".

    See Also
    --------
    DNNClassifier, DeepFMClassifier, MaskNetClassifier, TransformerClassifier : Networks
        that take the columns as they are.

    Notes
    -----
    The classes are not weighted: ``set_params(classifier__class_weight="balanced")``
    does so, and ``classifier__scale_pos_weight`` in XGBoost and CatBoost.

    A sampler that adds copies of rows belongs behind the encoder, see the notes of
    :class:`~skgen.preprocessing.CTRPreprocessor`.

    Examples
    --------
    >>> from skgen.classifiers import baseline_classifiers
    >>> from skgen.datasets import make_clicks
    >>> X, y = make_clicks(n_samples=1000, return_X_y=True, random_state=0)
    >>> classifiers = baseline_classifiers(random_state=0)
    >>> list(classifiers)[:4]
    ['LogisticRegression', 'RandomForest', 'XGBoost', 'MLP']
    >>> classifiers["LogisticRegression"].fit(X, y).predict_proba(X[:3]).shape
    (3, 2)
    """
    from xgboost import XGBClassifier

    found: dict[str, Any] = {
        "LogisticRegression": _l1_regression(random_state),
        "RandomForest": RandomForestClassifier(
            n_estimators=100,
            min_samples_leaf=5,
            n_jobs=n_jobs,
            random_state=random_state,
        ),
        "XGBoost": XGBClassifier(
            n_estimators=100,
            max_depth=6,
            learning_rate=0.3,
            tree_method="hist",
            n_jobs=n_jobs,
            random_state=random_state,
        ),
        "MLP": MLPClassifier(
            hidden_layer_sizes=(100, 50),
            early_stopping=True,
            max_iter=100,
            random_state=random_state,
        ),
    }
    if find_spec("catboost") is not None:
        from catboost import CatBoostClassifier

        found["CatBoost"] = CatBoostClassifier(
            iterations=500,
            depth=6,
            thread_count=n_jobs,
            random_state=random_state,
            verbose=False,
            allow_writing_files=False,
        )
    if preprocessor is None:
        preprocessor = CTRPreprocessor(random_state=random_state)
    return {
        name: Pipeline(
            [("preprocessor", clone(preprocessor)), ("classifier", classifier)]
        )
        for name, classifier in found.items()
    }


def _l1_regression(random_state: int | None) -> LogisticRegression:
    options: dict[str, Any] = {"solver": "liblinear", "random_state": random_state}
    # scikit-learn 1.8 deprecates the name of the penalty for its ratio.
    if parse_version(sklearn.__version__) >= parse_version("1.8"):
        return LogisticRegression(l1_ratio=1.0, **options)
    return LogisticRegression(penalty="l1", **options)
