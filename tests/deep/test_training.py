import math
import subprocess
import sys
from itertools import chain

import numpy as np
import pytest
import torch
from torch import nn

from skgen import TVAE
from skgen.deep import epochs
from skgen.deep.averaging import MovingAverage
from skgen.deep.device import resolve_device, seeded
from skgen.deep.training import (
    cosine_schedule,
    hold_out,
    make_optimizer,
    mean_loss,
    train,
    update,
)


class Problem:
    """Linear regression, whose least squares are known."""

    def __init__(self, n_samples=400, lr=0.05, seed=0):
        rng = np.random.RandomState(seed)
        x = rng.normal(size=(n_samples, 3))
        y = x @ [1.0, -2.0, 0.5] + 3 + 0.1 * rng.normal(size=n_samples)
        design = np.column_stack([x, np.ones(n_samples)])
        self.solution = np.linalg.lstsq(design, y, rcond=None)[0]
        self.x = torch.tensor(x, dtype=torch.float32)
        self.y = torch.tensor(y, dtype=torch.float32)
        with seeded(seed):
            self.network = nn.Linear(3, 1)
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=lr)
        self.batches = []

    def loss(self, rows):
        return ((self.network(self.x[rows])[:, 0] - self.y[rows]) ** 2).mean()

    def step(self, rows):
        self.batches.append(rows.tolist())
        return {"loss": update(self.optimizer, self.loss(rows), max_grad_norm=10.0)}

    def train(self, seed=0, **options):
        options = {"epochs": 5, "batch_size": 64} | options
        with seeded(seed):
            return train(
                self.network,
                self.step,
                len(self.x),
                random_state=np.random.RandomState(seed),
                **options,
            )

    def weights(self):
        weight, bias = self.network.weight, self.network.bias
        return torch.cat([weight[0], bias]).detach().numpy()


def test_finds_the_minimum():
    problem = Problem()
    history = problem.train(
        epochs=60, optimizers=[problem.optimizer], schedule=cosine_schedule
    )
    np.testing.assert_allclose(problem.weights(), problem.solution, atol=0.01)
    assert len(history.losses["loss"]) == history.n_epochs == 60
    assert history.validation_losses == []
    assert not problem.network.training


def test_repeats_for_a_seed_and_leaves_the_global_streams():
    torch_state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].copy()
    runs = []
    for _ in range(2):
        problem = Problem()
        history = problem.train(validation_loss=problem.loss, ema_decay=0.9)
        runs.append((history, problem.weights()))
    assert runs[0][0] == runs[1][0]
    np.testing.assert_array_equal(runs[0][1], runs[1][1])
    other = Problem()
    assert other.train(seed=1).losses != runs[0][0].losses
    assert (torch.get_rng_state() == torch_state).all()
    assert (np.random.get_state()[1] == numpy_state).all()


def test_streams_are_put_back_after_an_error():
    torch_state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].copy()

    def draw_and_stop():
        with seeded(3):
            torch.rand(1)
            np.random.rand()
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        draw_and_stop()
    assert (torch.get_rng_state() == torch_state).all()
    assert (np.random.get_state()[1] == numpy_state).all()


@pytest.mark.parametrize(("n_samples", "batch_size"), [(401, 64), (10, 64), (64, 64)])
def test_an_epoch_is_every_row_once(n_samples, batch_size):
    problem = Problem(n_samples)
    problem.train(epochs=2, batch_size=batch_size)
    n_batches = math.ceil(n_samples / batch_size)
    assert len(problem.batches) == 2 * n_batches
    sizes = [len(batch) for batch in problem.batches]
    assert max(sizes) <= batch_size
    assert max(sizes) - min(sizes) <= 1
    epochs = problem.batches[:n_batches], problem.batches[n_batches:]
    for epoch in epochs:
        assert sorted(chain(*epoch)) == list(range(n_samples))
    assert epochs[0] != epochs[1]


def test_drop_last():
    problem = Problem(150)
    problem.train(epochs=3, batch_size=64, drop_last=True)
    assert [len(batch) for batch in problem.batches] == [64] * 6
    problem = Problem(10)
    problem.train(epochs=2, batch_size=64, drop_last=True)
    assert [len(batch) for batch in problem.batches] == [10, 10]


def test_held_out_rows_are_not_learned_from():
    problem = Problem(100)
    seen = []

    def validation_loss(rows):
        assert not problem.network.training
        assert not torch.is_grad_enabled()
        seen.append((rows.tolist(), torch.rand(1).item(), np.random.rand()))
        return problem.loss(rows)

    problem.train(validation_loss=validation_loss, validation_fraction=0.2)
    rows = seen[0][0]
    assert len(rows) == 20
    assert not set(rows) & set(chain(*problem.batches))
    # The same rows and the same random numbers after each epoch.
    assert all(entry == seen[0] for entry in seen)


@pytest.mark.parametrize("fraction", [0.1, 0.3, 0.5])
def test_hold_out_keeps_the_shares_and_every_class(fraction):
    labels = np.repeat([0, 1, 2, 3], [500, 90, 2, 2])
    for seed in range(50):
        rng = np.random.RandomState(seed)
        training_rows, held_out = hold_out(labels, fraction, rng)
        assert sorted([*training_rows, *held_out]) == list(range(len(labels)))
        assert len(held_out) == int(fraction * len(labels))
        assert set(labels[training_rows]) == {0, 1, 2, 3}
        counts = np.bincount(labels[held_out], minlength=4)
        assert (np.abs(counts - fraction * np.bincount(labels)) <= 1).all()


def test_stops_early_and_keeps_the_best():
    problem = Problem()
    values = [5.0, 4.0, 3.0, 3.5, 2.99995, 3.2, 1.0]
    states = []

    def validation_loss(rows):
        states.append(problem.weights())
        return torch.tensor(values[len(states) - 1])

    history = problem.train(
        epochs=7, validation_loss=validation_loss, n_iter_no_change=3, tol=1e-4
    )
    # The fifth is less than the third, but not by tol.
    assert history.validation_losses == pytest.approx(values[:6], rel=1e-6)
    assert (history.n_epochs, history.best_epoch) == (6, 3)
    np.testing.assert_array_equal(problem.weights(), states[2])


def test_moving_average_by_hand():
    network = nn.Linear(1, 1, bias=False)
    expected = network.weight.item()
    average = MovingAverage(network, 0.5)
    for i, value in enumerate([1.0, 4.0, -2.0, 8.0, 0.5], start=1):
        with torch.no_grad():
            network.weight.fill_(value)
        average.update(network)
        decay = min(0.5, (1 + i) / (10 + i))
        expected = decay * expected + (1 - decay) * value
    state = average.state_dict(network)
    assert state["weight"].item() == pytest.approx(expected, rel=1e-6)
    assert network.weight.item() == 0.5


def test_the_average_is_less_noisy_than_the_weights():
    def distance(**options):
        problem = Problem(lr=0.2)
        problem.train(epochs=40, batch_size=4, **options)
        return np.abs(problem.weights() - problem.solution).max()

    assert distance(ema_decay=0.99) < 0.5 * distance()


def test_schedule():
    problem = Problem(128)
    rates = []

    def step(rows):
        rates.append(problem.optimizer.param_groups[0]["lr"])
        return problem.step(rows)

    train(
        problem.network,
        step,
        128,
        epochs=2,
        batch_size=64,
        random_state=np.random.RandomState(0),
        optimizers=[problem.optimizer],
        schedule=lambda progress: 1 - progress,
    )
    np.testing.assert_allclose(rates, 0.05 * np.array([1, 0.75, 0.5, 0.25]))
    assert cosine_schedule(0.0) == 1
    assert cosine_schedule(0.5) == pytest.approx(0.5)
    assert cosine_schedule(1.0) == pytest.approx(0)


def test_gradient_is_clipped():
    for max_grad_norm, moved in [(0.5, 0.5), (None, 3.0), (10.0, 3.0)]:
        weight = nn.Parameter(torch.zeros(1))
        optimizer = torch.optim.SGD([weight], lr=1.0)
        update(optimizer, (3 * weight).sum(), max_grad_norm=max_grad_norm)
        assert weight.item() == pytest.approx(-moved, rel=1e-4)


@pytest.mark.parametrize("every", [1, 50])
def test_names_the_step_of_a_loss_that_is_no_number(every, monkeypatch):
    problem = Problem(100)
    monkeypatch.setattr(epochs, "CHECK_EVERY", every)
    steps = iter([1.0] * 6 + [float("nan")] + [1.0] * 20)
    with pytest.raises(
        FloatingPointError, match=r"'critic' became nan at step 7 \(epoch 2\).*lower"
    ):
        train(
            problem.network,
            lambda rows: {
                "generator": torch.tensor(1.0),
                "critic": torch.tensor(next(steps)),
            },
            100,
            epochs=5,
            batch_size=25,
            random_state=np.random.RandomState(0),
        )


def test_validation_loss_that_is_infinite():
    problem = Problem(100)
    with pytest.raises(FloatingPointError, match="'validation' became inf after epoch"):
        problem.train(validation_loss=lambda rows: torch.tensor(torch.inf))


def test_two_optimizers():
    # A game whose equilibrium is (1, 1): each player answers the other.
    network = nn.ParameterDict({"a": torch.zeros(1), "b": torch.full((1,), 3.0)})
    players = {name: torch.optim.SGD([network[name]], lr=0.2) for name in ("a", "b")}

    def step(rows):
        losses = {}
        for name, other in (("a", "b"), ("b", "a")):
            answer = 0.5 + 0.5 * network[other].detach()
            loss = ((network[name] - answer) ** 2).sum()
            losses[name] = update(players[name], loss)
        return losses

    history = train(
        network,
        step,
        10,
        epochs=200,
        batch_size=5,
        random_state=np.random.RandomState(0),
        optimizers=list(players.values()),
    )
    assert network["a"].item() == pytest.approx(1, abs=1e-4)
    assert network["b"].item() == pytest.approx(1, abs=1e-4)
    assert list(history.losses) == ["a", "b"]


def test_interrupted_after_an_epoch():
    problem = Problem(100)
    states = []

    def step(rows):
        if len(problem.batches) % 4 == 0:
            states.append(problem.weights())
        if len(problem.batches) == 10:
            raise KeyboardInterrupt
        return problem.step(rows)

    with pytest.warns(UserWarning, match="interrupted after 2 of 9 epochs.*epoch 2"):
        history = train(
            problem.network,
            step,
            100,
            epochs=9,
            batch_size=25,
            random_state=np.random.RandomState(0),
        )
    assert history.interrupted
    assert history.n_epochs == 2
    np.testing.assert_array_equal(problem.weights(), states[2])


def test_interrupted_in_the_first_epoch():
    problem = Problem(100)

    def step(rows):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(
            problem.network,
            step,
            100,
            epochs=9,
            batch_size=25,
            random_state=np.random.RandomState(0),
        )


def test_devices():
    assert resolve_device("cpu").type == "cpu"
    assert resolve_device("auto").type in {"cpu", "cuda"}
    with pytest.raises(ValueError, match=r"'gpu' is unknown: choose 'auto'"):
        resolve_device("gpu")
    with pytest.raises(ValueError, match=r"'cuda:99' was asked for.*'auto'"):
        resolve_device("cuda:99")


def test_progress_bar_shows_the_losses(capsys):
    problem = Problem(50)
    problem.train(epochs=2, validation_loss=problem.loss, verbose=True, desc="Line")
    shown = capsys.readouterr().err
    assert "Line" in shown
    assert "loss=" in shown
    assert "validation=" in shown
    problem.train(epochs=2)
    assert capsys.readouterr().err == ""


def test_a_pickle_of_another_version_says_so():
    state = TVAE().__getstate__()
    assert TVAE.__new__(TVAE).__setstate__(dict(state)) is None
    state["_pickle_format"] = 999
    with pytest.raises(ValueError, match=r"format 999, but this version .* fit again"):
        TVAE.__new__(TVAE).__setstate__(state)


def test_the_base_class_loads_no_torch():
    code = "import sys, skgen.deep.base; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "False"


def test_given_held_out_rows_are_not_trained_on():
    problem = Problem()
    held_out = np.arange(300, 400)
    seen = []

    def validation_loss(rows):
        seen.append(rows.numpy())
        return problem.loss(rows)

    with seeded(0):
        train(
            problem.network,
            problem.step,
            400,
            epochs=2,
            batch_size=50,
            random_state=np.random.RandomState(0),
            validation_loss=validation_loss,
            held_out=held_out,
        )
    trained = np.unique(list(chain.from_iterable(problem.batches)))
    np.testing.assert_array_equal(trained, np.arange(300))
    for rows in seen:
        np.testing.assert_array_equal(rows, held_out)


@pytest.mark.parametrize(
    ("monitor", "n_epochs", "best_epoch"), [("auc", 4, 2), (None, 6, 6)]
)
def test_a_score_can_stop_the_training(monitor, n_epochs, best_epoch):
    problem = Problem()
    auc = iter([0.6, 0.7, 0.65, 0.7, 0.9, 0.9])
    with seeded(0):
        history = train(
            problem.network,
            problem.step,
            400,
            epochs=6,
            batch_size=50,
            random_state=np.random.RandomState(0),
            validation_scores=lambda rows: {"auc": next(auc)},
            monitor=monitor,
            n_iter_no_change=2,
        )
    assert history.n_epochs == n_epochs
    assert history.best_epoch == best_epoch
    assert history.validation_losses == []
    assert history.validation_scores["auc"][:3] == [0.6, 0.7, 0.65]


@pytest.mark.parametrize("monitor", ["loss", "f1"])
def test_monitoring_what_is_not_measured_is_an_error(monitor):
    problem = Problem()
    with pytest.raises(ValueError, match=r"not among .*\['auc'\]"), seeded(0):
        train(
            problem.network,
            problem.step,
            400,
            epochs=1,
            batch_size=50,
            random_state=np.random.RandomState(0),
            validation_scores=lambda rows: {"auc": 0.5},
            monitor=monitor,
        )


@pytest.mark.parametrize("batch_size", [None, 7, 100])
def test_mean_loss_is_the_mean_over_all_rows(batch_size):
    values = torch.linspace(0, 1, 23, dtype=torch.float64) ** 2
    sizes = []

    def loss(rows):
        sizes.append(len(rows))
        return values[rows].mean()

    found = mean_loss(loss, torch.arange(23), batch_size=batch_size, min_rows=30)
    assert float(found) == pytest.approx(float(values.mean()))
    assert sum(sizes) == 46
    assert max(sizes) <= (batch_size or 46)


def test_make_optimizer_takes_weights_and_groups():
    layer = nn.Linear(3, 1)
    plain = make_optimizer(layer.parameters(), lr=0.1, weight_decay=0.5)
    assert isinstance(plain, torch.optim.AdamW)
    assert plain.defaults["fused"]
    assert [(g["lr"], g["weight_decay"]) for g in plain.param_groups] == [(0.1, 0.5)]
    groups = [{"params": [layer.weight]}, {"params": [layer.bias], "lr": 0.2}]
    grouped = make_optimizer(groups, lr=0.1, kind=torch.optim.Adam, fused=False)
    assert [group["lr"] for group in grouped.param_groups] == [0.1, 0.2]
