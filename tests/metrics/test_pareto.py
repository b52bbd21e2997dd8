import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skgen.metrics import pareto_front

PAIR = st.tuples(st.integers(0, 5), st.integers(0, 5))


@given(st.lists(PAIR, min_size=1, max_size=25))
@settings(deadline=None, max_examples=100)
def test_matches_all_pairs(pairs):
    table = pd.DataFrame(pairs, columns=["f", "p"])
    kept = [
        not any(g >= f and q >= p and (g > f or q > p) for g, q in pairs)
        for f, p in pairs
    ]
    front = pareto_front(table, fidelity="f", privacy="p")
    assert sorted(front.index) == np.flatnonzero(kept).tolist()
    assert front["f"].is_monotonic_decreasing


def test_a_measure_counts_by_its_sign_and_a_score_as_it_is():
    table = pd.DataFrame(
        {"detection": [0.5, 0.9], "copies": [0.0, 0.2], "nndr": [0.8, 0.2]}
    )
    for privacy in ("copies", "nndr"):
        front = pareto_front(table, fidelity="detection", privacy=privacy)
        assert front.index.tolist() == [0]
    scores = {"mean_test_detection": [-0.5, -0.9], "mean_test_nndr": [0.8, 0.9]}
    front = pareto_front(
        scores, fidelity="mean_test_detection", privacy="mean_test_nndr"
    )
    assert front.index.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("results", "message"),
    [
        ({"f": [1.0], "q": [2.0]}, r"'p' is no column of results.*'q'"),
        ({"f": [1.0, 2], "p": [np.nan, 1]}, "'p' of results has no value in row 0"),
        ({"f": ["x"], "p": [1]}, "'f' of results is no number"),
        ({"f": [], "p": []}, "no rows"),
    ],
)
def test_refused_results(results, message):
    with pytest.raises(ValueError, match=message):
        pareto_front(results, fidelity="f", privacy="p")
