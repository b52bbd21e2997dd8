import pickle
import sys

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.spatial.distance import cdist
from scipy.stats import multivariate_normal, norm
from sklearn.base import clone
from torchcfm import conditional_flow_matching as torchcfm

from skgen.deep import training
from skgen.deep.device import seeded
from skgen.neural.flow.flow_matching import MATCHERS, FlowMatching

SMALL = {"hidden_dims": (32,), "epochs": 4, "nfe": 8, "random_state": 0}


@pytest.fixture(scope="module")
def clicks():
    rng = np.random.RandomState(0)
    n = 400
    y = np.where(rng.rand(n) < 0.2, "click", "none")
    X = pd.DataFrame(
        {
            "age": rng.randint(18, 90, n),
            "seconds": np.where(rng.rand(n) < 0.6, 0.0, rng.exponential(size=n)),
            "score": np.where(rng.rand(n) < 0.1, np.nan, rng.normal(size=n)),
            "city": rng.choice(["Oslo", "Rome", None], n),
            "tags": ["^".join(list("abcde")[: i % 4]) for i in range(n)],
            "site": 1,
        }
    )
    return X, y


def test_repeats_for_a_seed(clicks):
    torch_state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].copy()
    flow = FlowMatching(**SMALL).fit(*clicks)
    again = clone(flow).fit(*clicks)
    assert flow.loss_curve_ == again.loss_curve_
    assert flow.validation_loss_curve_ == again.validation_loss_curve_
    first = flow.sample(50)[0]
    pd.testing.assert_frame_equal(first, again.sample(50)[0])
    assert not first.equals(flow.sample(50)[0])
    assert (torch.get_rng_state() == torch_state).all()
    assert (np.random.get_state()[1] == numpy_state).all()


def test_pickle(clicks):
    flow = FlowMatching(**SMALL).fit(*clicks)
    again = pickle.loads(pickle.dumps(flow))
    pd.testing.assert_frame_equal(flow.sample(30)[0], again.sample(30)[0])
    X, y = clicks
    np.testing.assert_array_equal(
        flow.score_samples(X[:9], y[:9]), again.score_samples(X[:9], y[:9])
    )
    state = flow.__getstate__() | {"_pickle_format": 0}
    with pytest.raises(ValueError, match=r"format 0, but this version.*fit again"):
        FlowMatching().__setstate__(state)


def test_pickle_of_another_device(clicks):
    # A flow that was learned on a device that is not here samples on the processor.
    flow = FlowMatching(**SMALL).fit(*clicks)
    expected = flow.sample(30, random_state=1)[0]
    flow.set_params(device="cuda:99")
    again = pickle.loads(pickle.dumps(flow))
    pd.testing.assert_frame_equal(again.sample(30, random_state=1)[0], expected)


def test_no_such_device(clicks):
    flow = FlowMatching(**SMALL, device="cuda:99")
    with pytest.raises(ValueError, match="'cuda:99' was asked for"):
        flow.fit(*clicks)
    assert not flow.__sklearn_is_fitted__()


def test_missing_packages(clicks, monkeypatch):
    for package, extra in (("torch", "deep"), ("torchcfm", "flow")):
        with monkeypatch.context() as context:
            for name in list(sys.modules):
                if name == package or name.startswith(f"{package}."):
                    context.delitem(sys.modules, name)
            context.setitem(sys.modules, package, None)
            flow = FlowMatching(**SMALL)
            with pytest.raises(ImportError, match=rf"pip install 'skgen\[{extra}\]'"):
                flow.fit(*clicks)


def matched(matcher, rows, labels, **params):
    flow = FlowMatching(matcher=matcher, **params)
    flow.classes_ = np.unique(labels)
    with seeded(5):
        return flow._make_matcher()(rows, labels)


@pytest.mark.parametrize("matcher", MATCHERS)
def test_one_class_is_as_in_torchcfm(matcher):
    rows = torch.randn(64, 3)
    time, x, velocity, _ = matched(matcher, rows, torch.zeros(64, dtype=torch.long))
    with seeded(5):
        places = torch.randperm(64) + torch.rand(64)
        their = getattr(torchcfm, MATCHERS[matcher])()
        wanted = their.sample_location_and_conditional_flow(
            torch.randn(64, 3), rows, places / 64
        )
    for found, value in zip((time, x, velocity), wanted, strict=True):
        torch.testing.assert_close(found, value, rtol=1e-4, atol=1e-4)
    # One time in each of 64 equal parts.
    assert (torch.sort(torch.floor(time * 64))[0] == torch.arange(64)).all()


@pytest.mark.parametrize("matcher", ["independent", "vp", "target"])
def test_paths_in_closed_form(matcher):
    rows = torch.randn(64, 3, dtype=torch.float64)
    sigma = 0.1 if matcher == "target" else 0.0
    labels = torch.arange(64) % 2
    time, x, velocity, of_rows = matched(matcher, rows, labels, sigma=sigma)
    assert (of_rows == labels).all()
    t = time[:, None]
    if matcher == "vp":
        a, b = torch.cos(torch.pi / 2 * t), torch.sin(torch.pi / 2 * t)
        noise = (x - b * rows) / a
        wanted = torch.pi / 2 * (a * rows - b * noise)
    else:
        noise = (x - t * rows) / (1 - (1 - sigma) * t)
        wanted = rows - (1 - sigma) * noise
    torch.testing.assert_close(velocity, wanted, rtol=1e-3, atol=1e-3)
    assert abs(noise.mean()) < 5 / np.sqrt(noise.numel())
    assert abs(noise.std() - 1) < 5 / np.sqrt(2 * noise.numel())


def test_transport_is_within_classes():
    with seeded(0):
        rows = torch.randn(400, 2)
    labels = (torch.arange(400) % 4 == 0).long()
    # Far apart: transport of both classes together would split the noise.
    rows[labels == 1] += 5.0
    costs = []
    for matcher in ("independent", "ot"):
        time, x, velocity, of_rows = matched(matcher, rows, labels)
        t = time[:, None]
        noise, ends = x - t * velocity, x + (1 - t) * velocity
        costs.append((velocity**2).sum(1)[of_rows == 0].mean())
        for label in (0, 1):
            there = noise[of_rows == label]
            assert (there.mean(0).abs() < 5 / np.sqrt(len(there))).all()
            gap = torch.cdist(ends[of_rows == label], rows[labels == label])
            assert gap.min(1)[0].max() < 5e-3
    assert costs[1] < 0.5 * costs[0]


def test_a_bridge_without_noise_is_an_error(clicks):
    with pytest.raises(ValueError, match="sigma > 0, or matcher='ot'"):
        FlowMatching(**SMALL, matcher="sb", sigma=0).fit(*clicks)


@pytest.mark.parametrize("matcher", MATCHERS)
def test_every_matcher_learns(matcher):
    rng = np.random.RandomState(0)
    side = rng.choice([-1, 1], size=800)
    X = side[:, None] * [2, -2] + 0.5 * rng.normal(size=(800, 2))
    flow = FlowMatching(
        matcher=matcher,
        hidden_dims=(64, 64),
        epochs=40,
        batch_size=128,
        learning_rate=0.01,
        n_iter_no_change=40,
        random_state=0,
    )
    made = flow.fit(X).sample(1000)
    assert min(flow.validation_loss_curve_) < flow.validation_loss_curve_[0]
    # Of independent columns half of the rows would be on the other diagonal. Three
    # hundred steps do not make it none.
    assert (made[:, 0] * made[:, 1] < 0).mean() > 0.7


CENTRES = np.array([[-2.0, -2.0], [2.0, -1.0], [0.0, 2.5]])


def draw_mixture(n, rng):
    which = rng.choice(3, size=n, p=[0.5, 0.3, 0.2])
    return CENTRES[which] + rng.normal(size=(n, 2)) * [0.5, 0.7]


def mixture_logpdf(X):
    of_parts = [
        weight * multivariate_normal.pdf(X, centre, np.diag([0.25, 0.49]))
        for weight, centre in zip([0.5, 0.3, 0.2], CENTRES, strict=True)
    ]
    return np.log(np.sum(of_parts, axis=0))


def energy_distance(first, second):
    between = 2 * cdist(first, second).mean()
    return between - cdist(first, first).mean() - cdist(second, second).mean()


@pytest.fixture(scope="module")
def mixture_flow():
    X = draw_mixture(3000, np.random.RandomState(0))
    return FlowMatching(
        hidden_dims=(64, 64), epochs=60, batch_size=256, random_state=0
    ).fit(X)


def test_mixture_of_known_density(mixture_flow):
    rng = np.random.RandomState(1)
    fresh = [draw_mixture(1000, rng) for _ in range(40)]
    # Distances between fresh samples: what the sampling error alone makes.
    between = [energy_distance(fresh[i], fresh[i + 1]) for i in range(0, 40, 2)]
    made = mixture_flow.sample(5000).reshape(5, 1000, 2)
    found = np.mean([energy_distance(made[i], fresh[i]) for i in range(5)])
    assert found < np.mean(between) + 4 * np.std(between)
    # The test would see a copula's error: independent columns are far from it.
    shuffled = np.column_stack([rng.permutation(column) for column in fresh[0].T])
    assert energy_distance(shuffled, fresh[1]) > 2 * (
        np.mean(between) + 4 * np.std(between)
    )


def test_score_of_the_mixture(mixture_flow):
    X = draw_mixture(1000, np.random.RandomState(2))
    inside = ((X > -3.2) & (X < 3.5)).all(axis=1)
    X = X[inside]
    wanted = mixture_logpdf(X)
    exact = mixture_flow.score_samples(X, trace="exact")
    finite = np.isfinite(exact)
    assert finite.mean() > 0.97
    assert np.corrcoef(exact[finite], wanted[finite])[0, 1] > 0.9
    # Kullback-Leibler divergence from the truth, in nats; the columns' densities by
    # spacings are a part of it.
    assert 0 < np.mean(wanted[finite] - exact[finite]) < 0.25
    estimate = mixture_flow.score_samples(X, trace="hutchinson")
    error = (estimate - exact)[finite]
    assert error.std() > 0
    assert abs(error.mean()) < 5 * error.std() / np.sqrt(len(error))


def test_score_of_a_normal_distribution():
    rng = np.random.RandomState(0)
    covariance = np.array([[4.0, 30.0], [30.0, 400.0]])
    X = rng.multivariate_normal([5, -100], covariance, size=3000)
    flow = FlowMatching(hidden_dims=(32,), epochs=10, random_state=0).fit(X)
    new = rng.multivariate_normal([5, -100], covariance, size=1000)
    # Spacings tell little of a column's density in its tails.
    new = new[(np.abs(new - [5, -100]) < [4, 40]).all(axis=1)]
    wanted = multivariate_normal.logpdf(new, [5, -100], covariance)
    error = flow.score_samples(new) - wanted
    assert abs(error.mean()) < 0.1
    assert error.std() < 0.35
    # Out of the range that was seen there are no synthetic rows.
    assert flow.score_samples([[5000.0, -100.0]])[0] == -np.inf


def test_score_of_levels_is_a_probability():
    rng = np.random.RandomState(0)
    n = 3000
    first = rng.choice(["a", "b", "c"], p=[0.5, 0.3, 0.2], size=n)
    same = rng.rand(n) < 0.6
    second = np.where(same, first, rng.choice(["a", "b", "c"], size=n))
    X = pd.DataFrame({"first": first, "second": second})
    y = (rng.rand(n) < np.where(first == "a", 0.7, 0.2)).astype(int)
    flow = FlowMatching(hidden_dims=(64,), epochs=40, random_state=0).fit(X, y)
    cells = pd.DataFrame(
        [(i, j) for i in "abc" for j in "abc"], columns=["first", "second"]
    )
    # Each cell 200 times: the mean of what its points tell is its probability.
    copies = pd.concat([cells] * 200, ignore_index=True)
    index = pd.MultiIndex.from_frame(cells)

    def probabilities(labels):
        scores = flow.set_params(nfe=16).score_samples(copies, labels)
        return np.exp(scores).reshape(200, 9).mean(0)

    for label in (0, 1):
        shares = X[y == label].value_counts(normalize=True).reindex(index)
        found = probabilities(np.full(len(copies), label))
        np.testing.assert_allclose(found, shares, atol=0.06)
    # Without labels: the sum over both.
    shares = X.value_counts(normalize=True).reindex(index)
    np.testing.assert_allclose(probabilities(None), shares, atol=0.06)


def test_score_needs_known_labels(clicks):
    X, y = clicks
    flow = FlowMatching(**SMALL).fit(X, y)
    assert np.isfinite(flow.score_samples(X[:20], y[:20])).all()
    with pytest.raises(ValueError, match=r"\['view'\] were not learned"):
        flow.score_samples(X[:2], ["view", "none"])
    with pytest.raises(ValueError, match="fitted without labels"):
        FlowMatching(**SMALL).fit(X).score_samples(X[:2], y[:2])
    with pytest.raises(ValueError, match="'Bergen' was not seen"):
        flow.score_samples(X[:2].assign(city="Bergen"), y[:2])


def test_classes_have_their_own_distribution():
    rng = np.random.RandomState(0)
    y = rng.choice([0, 1, 2], p=[0.6, 0.3, 0.1], size=3000)
    X = norm.rvs(size=(3000, 2), random_state=1)
    X[:, 1] = 0.3 * X[:, 1] + np.array([0.9, -0.9, 0])[y] * X[:, 0]
    flow = FlowMatching(hidden_dims=(64,), epochs=40, random_state=0).fit(X, y)
    wanted = np.repeat([0, 1, 2], 1000)
    made, labels = flow.sample(y=wanted)
    assert (labels == wanted).all()
    for label in range(3):
        real, new = X[y == label], made[labels == label]
        found = energy_distance(real, new)
        others = energy_distance(X[y == (label + 1) % 3], new)
        assert found < 0.05 * others + 0.02


def test_early_stopping(clicks):
    flow = FlowMatching(**SMALL | {"epochs": 50}, n_iter_no_change=2).fit(*clicks)
    assert flow.best_iter_ == 1 + int(np.argmin(flow.validation_loss_curve_))
    assert flow.n_iter_ == len(flow.loss_curve_) < 50
    through = FlowMatching(**SMALL, early_stopping=False).fit(*clicks)
    assert through.n_iter_ == 4
    assert through.validation_loss_curve_ is None


def test_warm_start_continues():
    X = draw_mixture(1000, np.random.RandomState(0))
    flow = FlowMatching(
        hidden_dims=(64,), epochs=30, batch_size=128, warm_start=True, random_state=0
    ).fit(X)
    first = flow.validation_loss_curve_
    flow.set_params(epochs=1).fit(X)
    assert flow.validation_loss_curve_[0] < np.mean([first[0], min(first)])


def test_warm_start_needs_the_same_schema(clicks):
    X, y = clicks
    flow = FlowMatching(**SMALL, warm_start=True).fit(X, y)
    flow.fit(X[::2], y[::2])
    assert flow.sample(20)[0].shape == (20, X.shape[1])
    weights = {k: v.clone() for k, v in flow._network.state_dict().items()}
    with pytest.raises(ValueError, match="'Bergen' was not seen in fit"):
        flow.fit(X.assign(city=X["city"].replace("Oslo", "Bergen")), y)
    # A fit that fails leaves the generator as it was.
    for name, value in flow._network.state_dict().items():
        assert torch.equal(value, weights[name])
    flow.fit(X, y)
    with pytest.raises(ValueError, match=r"y has \['more', 'none'\].*start afresh"):
        flow.fit(X, np.where(y == "click", "more", y))


def test_interrupted_fit(clicks, monkeypatch):
    flow = FlowMatching(**SMALL, early_stopping=False)
    steps = []

    def interrupted(*args, **kwargs):
        steps.append(None)
        if len(steps) == at:
            raise KeyboardInterrupt
        return update(*args, **kwargs)

    update = training.update
    monkeypatch.setattr(training, "update", interrupted)
    at = 3
    with pytest.warns(UserWarning, match="interrupted after 2 of 4 epochs"):
        flow.fit(*clicks)
    assert flow.n_iter_ == flow.best_iter_ == 2
    assert len(flow.sample(5)[0]) == 5
    steps.clear()
    at = 1
    with pytest.raises(KeyboardInterrupt):
        flow.fit(*clicks)
    # The former fit is still there.
    assert flow.n_iter_ == 2
    assert len(flow.sample(5)[0]) == 5


def test_loss_that_is_no_number(clicks):
    flow = FlowMatching(**SMALL, learning_rate=1e30, max_grad_norm=None)
    with pytest.raises(FloatingPointError, match=r"became (nan|inf) .*lower the"):
        flow.fit(*clicks)
    assert not flow.__sklearn_is_fitted__()


def test_memory_follows_the_rows_not_the_levels():
    rng = np.random.RandomState(0)
    n = 5000
    X = pd.DataFrame({"id": rng.randint(3000, size=n).astype(str), "x": rng.rand(n)})
    flow = FlowMatching(**SMALL, structure=None).fit(X)
    assert sum(weight.numel() for weight in flow._network.parameters()) < 20_000
    assert flow.sample(100)["id"].isin(X["id"]).all()
