import numpy as np
import pandas as pd
import pytest
from scipy import stats

from skgen.copula._scores import CHUNK_ROWS, class_rows, intervals, score_levels
from skgen.table import TableSchema


def test_interval_scores_are_conditional_means():
    cut = intervals(np.array([1, 2, 7]))
    for i, (low, high) in enumerate(
        zip([-np.inf, *cut.cuts], [*cut.cuts, np.inf], strict=True)
    ):
        assert cut.scores[i] == pytest.approx(stats.truncnorm.mean(low, high))
    assert cut.scores @ [0.1, 0.2, 0.7] == pytest.approx(0, abs=1e-12)


def test_chunks_hold_the_scores_of_all_rows_in_order():
    n_samples = CHUNK_ROWS + 500
    rng = np.random.RandomState(0)
    frame = pd.DataFrame(
        {"x": rng.normal(size=n_samples), "city": rng.choice(list("abc"), n_samples)}
    )
    table = TableSchema().fit(frame).transform(frame)
    part = class_rows(table, np.flatnonzero(rng.rand(n_samples) < 0.999))
    levels, cut = score_levels(part.counts[0], np.array([2, 0, 1]))
    chunks = list(part.chunks([levels]))
    assert len(chunks) == 2
    scores = np.concatenate([scores for _, scores in chunks])
    np.testing.assert_array_equal(scores[:, 1], levels[part.codes(0)])
    assert scores[:, 1].var() == pytest.approx(cut.variance)
    # Without ties a score is the mean of a normal over the share that is one rank's.
    ranks = stats.rankdata(table.numeric[part.rows, 0])
    ends = stats.norm.pdf(stats.norm.ppf([(ranks - 1) / len(part), ranks / len(part)]))
    expected = len(part) * (ends[0] - ends[1])
    np.testing.assert_allclose(scores[:, 0], expected, atol=1e-8)
