import numpy as np
import pandas as pd
import pytest
import torch
from scipy import stats
from scipy.special import log_softmax, logsumexp

from skgen.deep.device import seeded
from skgen.encodings.bins import RowEncoder
from skgen.neural.autoregressive.heads import ColumnHead, NumberHead
from skgen.table import TableSchema

N = 600
DRAWN = 20_000


@pytest.fixture(scope="module")
def table():
    rng = np.random.RandomState(0)
    X = pd.DataFrame(
        {
            "price": rng.lognormal(size=N),
            "gap": np.where(rng.rand(N) < 0.3, 0.0, rng.gamma(2.0, size=N)),
            "score": np.where(rng.rand(N) < 0.2, np.nan, rng.normal(size=N)),
            "city": rng.choice(["Oslo", "Rome", "Bern"], N, p=[0.6, 0.3, 0.1]),
            "tags": [
                "^".join(t for t in "abcde" if rng.rand() < 0.4) for _ in range(N)
            ],
        }
    )
    return TableSchema().fit(X).transform(X)


@pytest.fixture(scope="module")
def encoder(table):
    return RowEncoder(n_bins=8, n_cells=4).fit(
        table, np.zeros(N, dtype=int), np.random.RandomState(0)
    )


def column_of(encoder, name):
    return next(c for c in encoder.columns_ if c.field.name == name)


def shaken(head, seed=0):
    """Give all weights of a head random values."""
    with seeded(seed), torch.no_grad():
        for weight in head.parameters():
            if weight.requires_grad:
                weight.add_(0.5 * torch.randn_like(weight))
    return head


def members_of(column, n, rng):
    return torch.from_numpy(rng.randint(2, size=(n, len(column.members)))).float()


@pytest.mark.parametrize("name", ["price", "gap", "score", "city", "tags"])
def test_a_head_begins_with_the_marginal(table, encoder, name):
    column = column_of(encoder, name)
    i = encoder.columns_.index(column)
    with seeded(0):
        head = ColumnHead(3, column)
        values, members = head.sample(torch.randn(DRAWN, 3))
    seen = np.bincount(encoder.transform(table).values[:, i], minlength=column.n_values)
    drawn = np.bincount(values.numpy(), minlength=column.n_values)
    assert (drawn[seen == 0] <= 5).all()
    there = seen > 0
    expected = seen[there] / seen.sum() * drawn[there].sum()
    assert stats.chisquare(drawn[there], expected).pvalue > 1e-4
    if name == "tags":
        np.testing.assert_allclose(members.mean(dim=0).numpy(), column.rates, atol=0.02)


def test_levels_and_cells_in_closed_form(encoder):
    column = column_of(encoder, "gap")
    head = shaken(ColumnHead(3, column))
    features = torch.randn(50, 3)
    values = torch.arange(50) % column.n_values
    found = head.log_prob(features, values, torch.zeros(50, 0)).detach().numpy()
    level = column.level_of[values.numpy()]
    of_level = log_softmax(head.level_logits(features).detach().numpy(), axis=1)
    cells = head.cells(features, torch.from_numpy(level)).detach().numpy()
    of_cell = log_softmax(cells, axis=1)
    rows = np.arange(50)
    expected = of_level[rows, level] + of_cell[rows, column.cell_of[values.numpy()]]
    np.testing.assert_allclose(found, expected, rtol=1e-4)


@pytest.mark.parametrize("name", ["price", "gap", "city"])
def test_probabilities_of_all_values_sum_to_one(encoder, name):
    column = column_of(encoder, name)
    head = shaken(ColumnHead(3, column))
    with torch.no_grad():
        features = torch.randn(1, 3).expand(column.n_values, 3)
        values = torch.arange(column.n_values)
        logs = head.log_prob(features, values, torch.zeros(column.n_values, 0))
        with seeded(1):
            drawn, _ = head.sample(features[:1].expand(DRAWN, 3))
    assert logsumexp(logs.numpy()) == pytest.approx(0, abs=1e-5)
    counts = np.bincount(drawn.numpy(), minlength=column.n_values)
    expected = np.exp(logs.numpy()) * DRAWN
    likely = expected > 5
    statistic = ((counts - expected) ** 2 / expected)[likely].sum()
    assert stats.chi2.sf(statistic, likely.sum()) > 1e-4


def test_members_in_closed_form(encoder):
    column = column_of(encoder, "tags")
    n_members = len(column.members)
    assert n_members == 5
    head = shaken(ColumnHead(3, column)).members
    # All lists of five members, for the same features and length.
    lists = np.array(np.meshgrid(*[[0, 1]] * 5)).reshape(5, -1).T
    members = torch.from_numpy(lists).float()
    features = torch.randn(1, 3).expand(32, 3)
    level = torch.full((32,), 2)
    with torch.no_grad():
        found = head.log_prob(features, level, members).numpy()
        base = (head.inner(features) + head.of_level(level)).numpy()[0]
        links = head.links.numpy()
        with seeded(0):
            drawn = head.sample(features[:1].expand(DRAWN, 3), level[:1].expand(DRAWN))
    expected = np.zeros(32)
    for row, one in enumerate(lists):
        for i in range(5):
            logit = base[i] + one[:i] @ links[i, :i]
            expected[row] += stats.bernoulli.logpmf(one[i], 1 / (1 + np.exp(-logit)))
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    assert logsumexp(found) == pytest.approx(0, abs=1e-5)
    code = (2 ** np.arange(5)) @ drawn.numpy().T.astype(int)
    seen = np.bincount(code, minlength=32)[lists @ (2 ** np.arange(5))]
    chances = np.exp(expected)
    assert stats.chisquare(seen, chances / chances.sum() * DRAWN).pvalue > 1e-4


def of_one_row(head):
    with torch.no_grad():
        log_share, centre, log_scale = head.components(torch.ones(1, 3))
    return (
        np.exp(log_share.numpy()[0]),
        centre.numpy()[0],
        np.exp(log_scale.numpy()[0]),
    )


@pytest.mark.parametrize("n_components", [1, 4])
@pytest.mark.parametrize("name", ["price", "gap"])
def test_normal_densities_are_those_of_scipy(table, encoder, name, n_components):
    column = column_of(encoder, name)
    number = column.field.number
    numbers = table.numeric[table.active(number), number]
    head = shaken(NumberHead(3, column, numbers, n_components=n_components))
    z = np.linspace(-2, 2, 9)
    shares, centres, scales = of_one_row(head)
    density = stats.norm(centres, scales).pdf(z[:, None]) @ shares
    values = torch.full((9,), column.n_masses)
    with torch.no_grad():
        features = torch.ones(9, 3)
        found = head.log_prob(features, values, torch.from_numpy(z).float()).numpy()
        if column.n_masses:
            logits = log_softmax(head.masses(features).numpy(), axis=1)
            of_mass = head.log_prob(features, values * 0, torch.zeros(9)).numpy()
            np.testing.assert_allclose(of_mass, logits[:, 0], rtol=1e-4)
            density *= np.exp(logits[0, column.n_masses])
    np.testing.assert_allclose(found, np.log(density), rtol=1e-4, atol=1e-4)


def test_log_normal_density_is_that_of_scipy(table, encoder):
    column = column_of(encoder, "price")
    numbers = table.numeric[:, column.field.number]
    head = shaken(NumberHead(3, column, numbers, logarithm=True))
    _, centre, scale = of_one_row(head)
    # What is normal after standardization is log-normal before.
    sigma = scale[0] * head.scale.deviation
    median = np.exp(head.scale.mean + centre[0] * head.scale.deviation)
    x = np.quantile(numbers, [0.1, 0.5, 0.9])
    z = head.scale.transform(x)
    with torch.no_grad():
        found = head.log_prob(
            torch.ones(3, 3),
            torch.zeros(3, dtype=torch.long),
            torch.from_numpy(z).float(),
        )
    of_x = found.numpy() - np.log(x * head.scale.deviation)
    np.testing.assert_allclose(
        of_x, stats.lognorm(sigma, scale=median).logpdf(x), rtol=1e-4
    )


@pytest.mark.parametrize("temperature", [1.0, 0.5])
def test_numbers_are_drawn_from_the_truncated_normal(table, encoder, temperature):
    column = column_of(encoder, "price")
    numbers = table.numeric[:, column.field.number]
    head = shaken(NumberHead(3, column, numbers))
    _, centre, scale = of_one_row(head)
    scale = scale[0] * np.sqrt(temperature)
    with seeded(0), torch.no_grad():
        values, z = head.sample(torch.ones(DRAWN, 3), temperature)
    least, greatest = head.scale.range
    expected = stats.truncnorm(
        (least - centre[0]) / scale, (greatest - centre[0]) / scale, centre[0], scale
    )
    assert stats.kstest(z.numpy(), expected.cdf).pvalue > 1e-3
    back = head.scale.inverse_transform(z.numpy().astype(float))
    assert back.min() >= numbers.min()
    assert back.max() <= numbers.max()
    # The value that the next columns see is the cell of the number.
    cell = np.searchsorted(column.firsts, back, side="right") - 1
    assert (cell == values.numpy()).mean() > 0.999


def test_a_mixture_is_drawn_in_its_shares(table, encoder):
    column = column_of(encoder, "score")
    number = column.field.number
    numbers = table.numeric[table.active(number), number]
    head = shaken(NumberHead(3, column, numbers, n_components=3))
    shares, centres, scales = of_one_row(head)
    least, greatest = head.scale.range
    parts = stats.norm(centres, scales)
    inside = shares * (parts.cdf(greatest) - parts.cdf(least))

    def cdf(z):
        below = parts.cdf(np.asarray(z)[:, None]) - parts.cdf(least)
        return (below @ shares) / inside.sum()

    with seeded(0), torch.no_grad():
        values, z = head.sample(torch.ones(DRAWN, 3))
        chance = torch.softmax(head.masses(torch.ones(1, 3)), dim=1)[0, 0].item()
    assert stats.kstest(z.numpy(), cdf).pvalue > 1e-3
    n_missing = int((values == 0).sum())
    assert stats.binomtest(n_missing, DRAWN, chance).pvalue > 1e-3


def test_temperature_sharpens(encoder):
    column = column_of(encoder, "city")
    head = ColumnHead(3, column)
    with seeded(0), torch.no_grad():
        drawn, _ = head.sample(torch.zeros(DRAWN, 3), 0.5)
    shares = (column.counts / column.counts.sum()) ** 2
    counts = np.bincount(drawn.numpy(), minlength=3)
    assert stats.chisquare(counts, shares / shares.sum() * DRAWN).pvalue > 1e-3


def test_origin_of_logarithms(table, encoder):
    column = column_of(encoder, "score")
    number = column.field.number
    numbers = table.numeric[table.active(number), number]
    assert numbers.min() < 0
    scale = NumberHead(3, column, numbers, logarithm=True).scale
    z = scale.transform(numbers)
    assert np.isfinite(z).all()
    np.testing.assert_allclose(scale.inverse_transform(z), numbers, atol=1e-9)
