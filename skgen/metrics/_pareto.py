"""Which results no other result beats in both fidelity and privacy."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils._param_validation import validate_params

from skgen.metrics._registry import MEASURES


@validate_params(
    {
        "results": [pd.DataFrame, dict],
        "fidelity": "no_validation",
        "privacy": "no_validation",
    },
    prefer_skip_nested_validation=False,
)
def pareto_front(
    results: Any, *, fidelity: Hashable, privacy: Hashable
) -> pd.DataFrame:
    r"""Return the results that no other beats in both fidelity and privacy.

    A result :math:`a` is beaten by :math:`b` if :math:`f_b \ge f_a` and
    :math:`p_b \ge p_a`, and one of them is greater.

    Parameters
    ----------
    results : DataFrame or dict of array-like
        One row for each generator or setting: what
        :func:`skgen.model_selection.compare` returns, or `cv_results_` of a search.

    fidelity, privacy : column name
        The two columns. One that has the name of a measure holds its values, of which
        the better ones are known (see `GeneratorScorer`); in any other, such as the
        scores ``"mean_test_detection"``, higher is better.

    Returns
    -------
    front : DataFrame
        The rows of `results` that are not beaten, those of the highest fidelity first.
        Equal rows are all there.

    Raises
    ------
    ValueError
        If there is no such column, no row, or a value is missing or no number.

    See Also
    --------
    get_scorer : The scores.
    combined_score : One number for fidelity and utility.

    Notes
    -----
    A measure of privacy has no merit beyond what fresh real rows get: noise is on the
    front too.

    References
    ----------
    .. [1] H. T. Kung, F. Luccio and F. P. Preparata, "On finding the maxima of a set of
       vectors", Journal of the ACM 22(4), 469-476, 1975.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.metrics import pareto_front
    >>> results = pd.DataFrame(
    ...     {"detection": [0.5, 0.7, 0.9, 0.8], "nndr": [0.3, 0.6, 0.7, 0.5]},
    ...     index=["copy", "tree", "noise", "worse"],
    ... )
    >>> pareto_front(results, fidelity="detection", privacy="nndr")
           detection  nndr
    copy         0.5   0.3
    tree         0.7   0.6
    noise        0.9   0.7
    """
    table = pd.DataFrame(results)
    if not len(table):
        raise ValueError("results has no rows: nothing can be compared.")
    gains = np.column_stack([_gains(table, name) for name in (fidelity, privacy)])
    # Best fidelity first, of equal ones the best privacy: a row is beaten if one before
    # it has as much privacy, unless both are equal.
    order = np.lexsort((-gains[:, 1], -gains[:, 0]))
    ordered = gains[order]
    best = np.maximum.accumulate(np.concatenate([[-np.inf], ordered[:-1, 1]]))
    kept = ordered[:, 1] > best
    for i in range(1, len(kept)):
        kept[i] |= kept[i - 1] and np.array_equal(ordered[i], ordered[i - 1])
    return table.iloc[order[kept]]


def _gains(table: pd.DataFrame, name: Hashable) -> NDArray[np.float64]:
    """Return a column so that higher is better."""
    if name not in table.columns:
        raise ValueError(
            f"{name!r} is no column of results: choose among {list(table.columns)}."
        )
    column = table[name]
    if not pd.api.types.is_numeric_dtype(column):
        raise ValueError(f"Column {name!r} of results is no number: choose another.")
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    if np.isnan(values).any():
        row = table.index[np.isnan(values)].tolist()[0]
        raise ValueError(
            f"Column {name!r} of results has no value in row {row!r}: leave it out."
        )
    measure = MEASURES.get(name) if isinstance(name, str) else None
    return values if measure is None else measure.sign * values
