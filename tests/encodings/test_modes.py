import numpy as np
import pandas as pd
import pytest
import torch
from scipy import stats

from skgen.encodings.modes import ModeEncoder, Modes, fit_modes
from skgen.neural.segments import Segments
from skgen.table import TableSchema

WIDTHS = [1, 2, 2, 3, 3, 3, 7]


@pytest.fixture
def table():
    rng = np.random.RandomState(0)
    n = 3000
    X = pd.DataFrame(
        {
            "two_modes": np.where(
                rng.rand(n) < 0.3, rng.normal(-5, 1, n), rng.normal(5, 0.5, n)
            ),
            "often_zero": np.where(rng.rand(n) < 0.4, 0.0, rng.exponential(size=n)),
            "missing": np.where(rng.rand(n) < 0.2, np.nan, rng.normal(size=n)),
            "colour": rng.choice(["red", "green", "blue"], n),
        }
    )
    return TableSchema().fit(X).transform(X)


def encode(table, **params):
    rng = np.random.RandomState(0)
    labels = np.zeros(len(table), dtype=np.intp)
    encoder = ModeEncoder(**params).fit(table, labels, rng)
    alpha, levels = encoder.transform(table, rng)
    return encoder, alpha, levels, labels, rng


def test_modes_are_those_of_the_mixture():
    rng = np.random.RandomState(1)
    values = np.append(rng.normal(-5, 1, 1500), rng.normal(5, 0.5, 3500))
    modes = fit_modes(values, max_modes=10, weight_threshold=0.05, rng=rng)
    density = np.zeros(200)
    grid = np.linspace(-9, 8, 200)
    for weight, mean, scale in zip(
        modes.weights, modes.means, modes.scales, strict=True
    ):
        density += weight * stats.norm.pdf(grid, mean, scale)
    true = 0.3 * stats.norm.pdf(grid, -5, 1) + 0.7 * stats.norm.pdf(grid, 5, 0.5)
    assert np.abs(density - true).max() < 0.06
    assert modes.weights.sum() == pytest.approx(1)
    assert (modes.weights > 0.05).all()


@pytest.mark.parametrize(
    ("values", "n_modes"),
    [(np.zeros(0), 1), (np.full(5, 3.0), 1), (np.array([1.0, 2.0]), 2)],
)
def test_few_values(values, n_modes):
    modes = fit_modes(
        values, max_modes=10, weight_threshold=0.005, rng=np.random.RandomState(0)
    )
    assert 1 <= len(modes) <= n_modes
    assert np.isfinite([modes.weights, modes.means, modes.scales]).all()
    assert (modes.scales > 0).all()


def test_the_heaviest_mode_stays():
    values = np.random.RandomState(0).normal(size=500)
    modes = fit_modes(
        values, max_modes=3, weight_threshold=0.999, rng=np.random.RandomState(0)
    )
    assert len(modes) == 1


def test_modes_are_drawn_by_their_posterior():
    modes = Modes(np.array([0.2, 0.8]), np.array([0.0, 1.0]), np.array([1.0, 2.0]))
    drawn = modes.draw(np.full(50_000, 0.5), np.random.RandomState(0))
    odds = modes.weights * stats.norm.pdf(0.5, modes.means, modes.scales)
    assert drawn.mean() == pytest.approx(odds[1] / odds.sum(), abs=0.01)


def test_round_trip(table):
    encoder, alpha, levels, labels, rng = encode(table)
    back = encoder.inverse_transform(alpha, levels, labels, rng)
    assert (back.codes == table.codes).all()
    inside = np.abs(alpha).max(axis=1) < 1
    assert inside.mean() > 0.99
    scale = table.numeric.std(axis=0)
    error = np.abs(back.numeric - table.numeric)[inside] / scale
    assert error.max() < 1e-5


def test_alpha_is_the_place_in_the_mode(table):
    encoder, alpha, levels, _, _ = encode(table)
    place, n_modes = encoder.n_modes_[0]
    modes = encoder.modes_[0]
    assert n_modes == len(modes)
    drawn = levels[:, place]
    wanted = (table.numeric[:, 0] - modes.means[drawn]) / (4 * modes.scales[drawn])
    np.testing.assert_allclose(alpha[:, 0], wanted.clip(-1, 1), atol=1e-6)


def test_what_does_not_count_is_a_mode_without_a_place(table):
    encoder, alpha, levels, _, _ = encode(table)
    for number in range(3):
        place, n_modes = encoder.n_modes_[number]
        active = table.active(number)
        assert ((levels[:, place] < n_modes) == active).all()
        assert (alpha[~active, number] == 0).all()
    assert encoder.widths_ == sorted(encoder.widths_)


def test_decoded_numbers_stay_in_the_observed_range(table):
    encoder, alpha, levels, labels, rng = encode(table)
    wild = rng.uniform(-1, 1, size=alpha.shape)
    back = encoder.inverse_transform(wild, levels, labels, rng)
    assert (back.numeric.min(axis=0) >= table.numeric.min(axis=0)).all()
    assert (back.numeric.max(axis=0) <= table.numeric.max(axis=0)).all()


def logits(n=200, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return 3 * torch.randn(n, sum(WIDTHS), generator=generator)


def parts(values):
    return values.split(WIDTHS, dim=1)


def test_softmax_is_that_of_each_segment():
    segments, scores = Segments(WIDTHS), logits()
    wanted = torch.cat([part.softmax(1) for part in parts(scores)], dim=1)
    torch.testing.assert_close(segments.softmax(scores), wanted)
    # Where one segment is far below another.
    scores[:, :5] -= 1000
    assert segments.softmax(scores).isfinite().all()


def test_cross_entropy_is_that_of_each_segment():
    segments, scores = Segments(WIDTHS), logits()
    levels = torch.stack([torch.arange(200) % width for width in WIDTHS], dim=1)
    wanted = torch.stack(
        [
            torch.nn.functional.cross_entropy(part, level, reduction="none")
            for part, level in zip(parts(scores), levels.T, strict=True)
        ],
        dim=1,
    )
    torch.testing.assert_close(segments.cross_entropy(scores, levels), wanted)
    normalizers = [part.logsumexp(1) for part in parts(scores)]
    torch.testing.assert_close(
        segments.log_normalizer(scores), torch.stack(normalizers, dim=1)
    )
    # Where exponentials are infinite.
    assert segments.cross_entropy(500 * scores, levels).isfinite().all()


def test_one_hot_and_argmax():
    segments = Segments(WIDTHS)
    levels = torch.stack([torch.arange(50) % width for width in WIDTHS], dim=1)
    vectors = segments.one_hot(levels)
    wanted = [
        torch.nn.functional.one_hot(level, width)
        for level, width in zip(levels.T, WIDTHS, strict=True)
    ]
    assert (vectors == torch.cat(wanted, dim=1)).all()
    assert (segments.argmax(vectors) == levels).all()


def test_draws_follow_the_softmax():
    segments = Segments(WIDTHS)
    scores = logits(1)
    torch.manual_seed(0)
    many = scores.expand(40_000, -1)
    wanted = segments.softmax(scores)[0]
    hard = segments.one_hot(segments.draw(many)).mean(0)
    torch.testing.assert_close(hard, wanted, atol=0.01, rtol=0)
    # The argmax of the Gumbel-softmax is a draw at any temperature.
    soft = segments.gumbel_softmax(many, 0.2)
    torch.testing.assert_close(
        segments.one_hot(segments.argmax(soft)).mean(0), wanted, atol=0.01, rtol=0
    )
    # At a low temperature it is one-hot itself.
    cold = segments.gumbel_softmax(many, 0.01)
    torch.testing.assert_close(cold.mean(0), wanted, atol=0.01, rtol=0)


def test_gradients_pass_through_the_gumbel_softmax():
    scores = logits(5).requires_grad_()
    segments = Segments(WIDTHS)
    (segments.gumbel_softmax(scores, 0.2) ** 2).sum().backward()
    assert scores.grad.isfinite().all()
    assert (scores.grad.abs().sum(0)[1:] > 0).all()


def test_no_segments():
    segments = Segments([])
    nothing = torch.zeros(4, 0)
    assert segments.softmax(nothing).shape == (4, 0)
    assert segments.draw(nothing).shape == (4, 0)
    assert segments.log_normalizer(nothing).shape == (4, 0)
