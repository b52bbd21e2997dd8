import itertools
import math

import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal

from skgen.deep.device import seeded
from skgen.neural.diffusion.embedding import EmbeddingDiffusion
from skgen.neural.diffusion.schedules import alpha_bars, sampling_times

SIZES = (2, 5)


@pytest.fixture(autouse=True)
def _seed():
    with seeded(0):
        yield


@pytest.fixture
def process():
    return EmbeddingDiffusion(SIZES)


@pytest.mark.parametrize(
    ("n_levels", "dim"), [(2, 2), (5, 4), (1000, 11), (20_000, 16)]
)
def test_dimensions_grow_with_the_logarithm_of_the_levels(n_levels, dim):
    process = EmbeddingDiffusion([n_levels])
    vectors = process.vectors(0).detach()
    assert vectors.shape == (n_levels, dim)
    assert process.n_features == dim
    np.testing.assert_allclose(vectors.norm(dim=1), math.sqrt(dim), rtol=1e-5)


@torch.no_grad()
@pytest.mark.parametrize("alpha_bar", [0.05, 0.5, 0.95])
def test_scores_are_bayes_rule(process, alpha_bar):
    state = torch.randn(30, process.n_features)
    logits = torch.randn(30, sum(SIZES))
    scores = process.scores(state, logits, torch.tensor(alpha_bar))
    priors = logits.split(SIZES, dim=1)
    places = state.split(process.dims, dim=1)
    for code in range(2):
        densities = [
            multivariate_normal.pdf(
                places[code],
                math.sqrt(alpha_bar) * vector.numpy(),
                (1 - alpha_bar) * np.eye(len(vector)),
            )
            for vector in process.vectors(code)
        ]
        wanted = priors[code].softmax(1).numpy() * np.transpose(densities)
        wanted /= wanted.sum(axis=1, keepdims=True)
        np.testing.assert_allclose(scores[code].softmax(1), wanted, atol=1e-5)


@torch.no_grad()
def test_decodes_to_the_most_likely_level(process):
    state = torch.randn(200, process.n_features)
    logits = 2 * torch.randn(200, sum(SIZES))
    alpha_bar = torch.tensor(0.4)
    codes = process.decode(state, logits, alpha_bar)
    for code in range(2):
        place = state.split(process.dims, dim=1)[code]
        distance = torch.cdist(place, 0.4**0.5 * process.vectors(code)) ** 2
        prior = logits.split(SIZES, dim=1)[code].log_softmax(1)
        log_density = prior - distance / (2 * 0.6)
        assert torch.equal(codes[:, code], log_density.argmax(1))


@torch.no_grad()
def test_decodes_what_has_little_noise(process):
    codes = torch.stack([torch.randint(n, (500,)) for n in SIZES], dim=1)
    alpha_bar = torch.tensor(0.999)
    state = process.diffuse(codes, alpha_bar.expand(500, 1))
    assert torch.equal(process.decode(state, torch.zeros(500, 7), alpha_bar), codes)


@torch.no_grad()
def test_forward_process(process):
    codes = torch.tensor([[1, 3]]).expand(50_000, 2)
    state = process.diffuse(codes, torch.full((50_000, 1), 0.3))
    vectors = torch.cat([process.vectors(0)[1], process.vectors(1)[3]])
    np.testing.assert_allclose(state.mean(0), 0.3**0.5 * vectors, atol=0.02)
    np.testing.assert_allclose(state.var(0), 0.7, atol=0.03)


def test_loss_is_the_cross_entropy_and_teaches_the_vectors(process):
    codes = torch.tensor([[0, 4], [1, 2]])
    state = process.diffuse(codes, torch.full((2, 1), 0.5))
    logits = torch.randn(2, 7)
    alpha_bar = torch.full((2, 1), 0.5)
    loss = process.loss(state, logits, codes, alpha_bar, alpha_bar)
    scores = process.scores(state, logits, alpha_bar)
    for row, code in itertools.product(range(2), range(2)):
        wanted = -scores[code].softmax(1)[row, codes[row, code]].log()
        torch.testing.assert_close(loss[row, code], wanted)
    loss.sum().backward()
    assert all((weight.grad != 0).any() for weight in process.weights)


@torch.no_grad()
@pytest.mark.parametrize("eta", [0.0, 1.0])
def test_reverse_process_recovers_the_marginals(process, eta):
    shares = [np.array([0.8, 0.2]), np.array([0.05, 0.1, 0.2, 0.3, 0.35])]
    logits = torch.from_numpy(np.log(np.concatenate(shares))).float()
    logits = logits.expand(8_000, -1)
    alpha_bar = torch.from_numpy(alpha_bars("cosine", 1000)).float()
    state = process.start(len(logits), torch.device("cpu"))
    times = sampling_times(1000, 200)
    for now, then in itertools.pairwise(times[:-1]):
        state = process.reverse_step(
            state, logits, alpha_bar[now], alpha_bar[then], eta
        )
    codes = process.decode(state, logits, alpha_bar[times[-2]])
    for column, share in enumerate(shares):
        found = np.bincount(codes[:, column].numpy(), minlength=len(share))
        # The steps are not infinitely small.
        error = 5 * np.sqrt(share / len(codes)) + 0.01
        assert (np.abs(found / len(codes) - share) < error).all()
