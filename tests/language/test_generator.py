"""Rows written by a language model."""

import importlib
import pickle
import re
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

from skgen.constraints import FixedCombinations, Inequality
from skgen.language.generator import TabularGPT2
from skgen.language.tokens import parse_row

QUICK = {"epochs": 2, "n_embd": 16, "n_layer": 1, "n_head": 2, "random_state": 0}


@pytest.fixture(scope="module")
def clicks():
    rng = np.random.RandomState(0)
    n = 300
    y = (rng.rand(n) < 0.3).astype(int)
    X = pd.DataFrame(
        {
            "age": rng.randint(18, 90, n),
            "price": rng.lognormal(size=n).round(2),
            "seconds": np.where(rng.rand(n) < 0.5, 0.0, 3 + rng.exponential(size=n)),
            "score": np.where(rng.rand(n) < 0.1, np.nan, rng.normal(size=n) + y),
            "city": rng.choice(["Oslo", "Rome", 'a "b", c', None], n),
            "day": pd.Timestamp("2024-05-01")
            + pd.to_timedelta(rng.randint(0, 100, n), unit="D"),
            "tags": [
                "^".join(rng.permutation(list("abcde"))[: i % 4]) for i in range(n)
            ],
        }
    )
    return X, y


def save_tiny_gpt2(folder, **config):
    """Save a GPT-2 with random weights, and a tokenizer of bytes and some pairs."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=300,
        special_tokens=["<|endoftext|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(["Oslo and Rome", "price, age, city"], trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<|endoftext|>",
        eos_token="<|endoftext|>",
        unk_token="<|endoftext|>",
    )
    fast.save_pretrained(folder)
    options = {"n_positions": 256, "n_embd": 16, "n_layer": 1, "n_head": 2, **config}
    torch.manual_seed(0)
    GPT2LMHeadModel(GPT2Config(vocab_size=len(fast), **options)).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def gpt2(tmp_path_factory):
    return save_tiny_gpt2(tmp_path_factory.mktemp("gpt2"))


def check_admissible(made, X):
    assert (made.dtypes == X.dtypes).all()
    for name in ("age", "price", "seconds", "score", "day"):
        present = made[name].dropna()
        assert present.between(X[name].min(), X[name].max()).all()
    assert (made["price"] == made["price"].round(2)).all()
    assert (made["seconds"] == 0).any()
    assert made["seconds"][made["seconds"] > 0].min() >= 3
    assert set(made["city"].dropna()) <= set(X["city"].dropna())
    lists = [tags.split("^") for tags in made["tags"] if tags]
    assert {tag for tags in lists for tag in tags} <= set("abcde")
    assert all(len(set(tags)) == len(tags) <= 3 for tags in lists)


@pytest.mark.parametrize("permute", [False, True])
@pytest.mark.parametrize("temperature", [0.8, 100.0])
def test_every_row_is_admissible(clicks, permute, temperature):
    X, y = clicks
    generator = TabularGPT2(**QUICK, permute_columns=permute, temperature=temperature)
    made, labels = generator.fit(X, y).sample(y=np.repeat([1, 0, 1], 100))
    assert labels.tolist() == np.repeat([1, 0, 1], 100).tolist()
    check_admissible(made, X)
    assert set(made["tags"].str.count(r"\^")) == {0, 1, 2}


@pytest.mark.parametrize("permute", [False, True])
def test_a_pretrained_model_is_fine_tuned(clicks, gpt2, permute):
    X, y = clicks
    before = GPT2LMHeadModel.from_pretrained(gpt2).state_dict()
    generator = TabularGPT2(
        model=gpt2, epochs=1, batch_size=64, permute_columns=permute, random_state=0
    ).fit(X, y)
    made, labels = generator.sample(y=[0, 1] * 40)
    assert labels.tolist() == [0, 1] * 40
    check_admissible(made, X)
    weights = generator._network.transformer.wte.weight
    n_former = len(before["transformer.wte.weight"])
    assert len(weights) == generator.n_tokens_ > n_former
    # The former weights are where it began, and moved a little.
    moved = (weights[:n_former] - before["transformer.wte.weight"]).abs().max()
    assert 0 < moved < 0.01
    first = generator.loss_curve_[0]
    again = TabularGPT2(
        model=str(gpt2), epochs=3, batch_size=16, learning_rate=3e-3, random_state=0
    ).fit(X, y)
    assert again.loss_curve_[-1] < first


def test_rates_and_batches_of_fine_tuning(gpt2):
    generator = TabularGPT2(model=gpt2)
    on_cpu = generator._chosen_parameters(torch.device("cpu"))
    assert on_cpu["learning_rate"] == 3e-5
    assert on_cpu["batch_size"] == 1
    on_gpu = generator._chosen_parameters(torch.device("cuda"))
    assert on_gpu["learning_rate"] == 5e-5
    assert on_gpu["batch_size"] == 4
    generator = TabularGPT2(model=gpt2, learning_rate=0.1, batch_size=7, epochs=2)
    assert generator._chosen_parameters(torch.device("cpu")) == {
        "learning_rate": 0.1,
        "batch_size": 7,
        "epochs": 2,
    }


def test_learns_dependence():
    rng = np.random.RandomState(0)
    n = 2000
    y = (rng.rand(n) < 0.3).astype(int)
    city = rng.choice(["Oslo", "Rome", "Bern"], n)
    X = pd.DataFrame(
        {
            "city": city,
            "code": np.where(city == "Oslo", 3, np.where(city == "Rome", 60, 700)),
            "value": rng.normal(loc=10 * y, size=n),
        }
    )
    X["code"] += rng.randint(0, 30, n)
    generator = TabularGPT2(
        epochs=12, n_embd=32, batch_size=64, temperature=1.0, random_state=0
    ).fit(X, y)
    made, labels = generator.sample(2000)
    assert labels.mean() == pytest.approx(0.3, abs=0.05)
    shares = made["city"].value_counts(normalize=True)
    np.testing.assert_allclose(shares, 1 / 3, atol=0.06)
    for name, low in (("Oslo", 3), ("Rome", 60), ("Bern", 700)):
        right = made["code"][made["city"] == name].between(low, low + 29)
        assert right.mean() > 0.9
    means = made["value"].groupby(np.asarray(labels)).mean()
    np.testing.assert_allclose(means, [0, 10], atol=0.4)
    np.testing.assert_allclose(made["value"].std(), X["value"].std(), rtol=0.1)


def test_temperature_sharpens(clicks):
    X, y = clicks
    X = X[["city"]].assign(city=np.where(X["age"] < 30, "Oslo", "Rome"))
    generator = TabularGPT2(**{**QUICK, "epochs": 20}).fit(X, y)
    shares = []
    for temperature in (0.1, 1.0, 10.0):
        generator.set_params(temperature=temperature)
        made = generator.sample(500, random_state=0)[0]
        shares.append((made["city"] == "Oslo").mean())
    assert shares[0] < 0.02 < shares[1] < shares[2] - 0.1
    assert shares[2] == pytest.approx(0.5, abs=0.1)
    generator.set_params(temperature=0)
    with pytest.raises(ValueError, match="temperature"):
        generator.sample(5)
    with pytest.raises(ValueError, match="temperature"):
        clone(generator).fit(X, y)


def test_text_and_back(clicks):
    X, y = clicks
    generator = TabularGPT2(**QUICK).fit(X, y)
    lines = generator.to_text(X, y)
    again, labels = generator.from_text(lines)
    pd.testing.assert_frame_equal(again, X)
    assert (labels == y).all()
    assert parse_row(lines[0])[:2] == [
        ("label", "<CAT>", str(y[0])),
        ("age", "<NUM>", str(X["age"][0])),
    ]
    with pytest.raises(ValueError, match="y is None"):
        generator.to_text(X)
    with pytest.raises(ValueError, match="y has 2 labels, but X has 3 rows"):
        generator.to_text(X[:3], y[:2])
    with pytest.raises(ValueError, match="missing \\['age'\\]"):
        generator.to_text(X.drop(columns="age"), y)


def test_text_without_labels_and_of_arrays():
    X = np.random.RandomState(0).randint(0, 50, (100, 2)).astype(float)
    generator = TabularGPT2(**QUICK).fit(X)
    lines = generator.to_text(X)
    assert lines[
        0
    ] == f"<ROW><COL>0<NUM>{X[0, 0]:.0f}<ENDCOL><COL>1<NUM>{X[0, 1]:.0f}" + (
        "<ENDCOL><ENDROW>"
    )
    np.testing.assert_array_equal(generator.from_text(lines), X)
    assert generator.sample(7).shape == (7, 2)


def test_constraints_hold(clicks):
    X, y = clicks
    X = X[["age", "city"]].assign(
        city=X["city"].fillna("Bern"), until=X["age"] + 5 + (X["age"] % 7)
    )
    X["country"] = X["city"].map({"Oslo": "no", "Rome": "it"}).fillna("ch")
    rules = [FixedCombinations(["city", "country"]), Inequality("age", "until")]
    generator = TabularGPT2(**QUICK, constraints=rules).fit(X, y)
    made = generator.sample(200)[0]
    assert (made["age"] < made["until"]).all()
    pairs = set(map(tuple, X[["city", "country"]].to_numpy()))
    assert set(map(tuple, made[["city", "country"]].to_numpy())) <= pairs
    pd.testing.assert_frame_equal(generator.from_text(generator.to_text(X, y))[0], X)


def test_fit_classes_resampled_learns_from_those_rows(clicks):
    X, y = clicks
    X = X.assign(only=np.where(y == 1, "rare", "frequent"))
    generator = TabularGPT2(
        **QUICK, fit_classes="resampled", sampling_strategy={1: 200}
    )
    X_new, y_new = generator.fit_resample(X, y)
    assert (y_new[len(y) :] == 1).all()
    assert len(X_new) == len(X) + 200 - y.sum()


@pytest.mark.parametrize("pretrained", [False, True])
def test_save_pretrained(clicks, gpt2, tmp_path, pretrained):
    X, y = clicks
    params = {**QUICK, "epochs": 1, "batch_size": 64}
    generator = TabularGPT2(model=gpt2 if pretrained else None, **params).fit(X, y)
    generator.save_pretrained(tmp_path / "saved")
    names = {path.name for path in Path(tmp_path / "saved").iterdir()}
    assert {"config.json", "model.safetensors", "generator.pkl"} <= names
    again = TabularGPT2.from_pretrained(tmp_path / "saved")
    copy = pickle.loads(pickle.dumps(generator))
    wanted = generator.sample(20)[0]
    pd.testing.assert_frame_equal(again.sample(20)[0], wanted)
    pd.testing.assert_frame_equal(copy.sample(20)[0], wanted)
    assert again.get_params()["epochs"] == 1
    network = GPT2LMHeadModel.from_pretrained(tmp_path / "saved")
    for name, weight in generator._network.state_dict().items():
        assert torch.equal(network.state_dict()[name], weight)
    if pretrained:
        # What was fine-tuned is a model that can be fine-tuned again.
        TabularGPT2(model=tmp_path / "saved", **params).fit(X, y)
    else:
        with pytest.raises(OSError, match=r"with TabularGPT2\.from_pretrained"):
            TabularGPT2(model=tmp_path / "saved", **params).fit(X, y)
    with pytest.raises(FileNotFoundError, match=r"holds no generator\.pkl"):
        TabularGPT2.from_pretrained(tmp_path)


@pytest.mark.parametrize("pretrained", [False, True])
def test_warm_start_continues(clicks, gpt2, pretrained):
    X, y = clicks
    generator = TabularGPT2(
        model=gpt2 if pretrained else None,
        **{**QUICK, "epochs": 1, "learning_rate": 3e-3, "batch_size": 32},
        warm_start=True,
    ).fit(X, y)
    first = generator.loss_curve_[0]
    generator.fit(X[:200], y[:200])
    assert generator.loss_curve_[0] < first
    with pytest.raises(ValueError, match="Bergen"):
        generator.fit(X.assign(city="Bergen"), y)


def test_rows_longer_than_the_context_window(clicks, tmp_path):
    X, y = clicks
    rng = np.random.RandomState(0)
    members = np.arange(40).astype(str)
    X = X.assign(
        tags=["^".join(rng.permutation(members)[: i % 40]) for i in range(300)]
    )
    with pytest.raises(
        ValueError, match=r"holds 30\. The longest columns are 'tags' \("
    ):
        TabularGPT2(**QUICK, n_positions=30).fit(X, y)
    folder = save_tiny_gpt2(tmp_path, n_positions=64)
    with pytest.raises(ValueError, match=r"takes? \d+ tokens.*holds 64.*'tags'"):
        TabularGPT2(model=folder, **QUICK).fit(X, y)


def test_special_tokens_in_values_are_errors(clicks):
    X, y = clicks
    X = X.assign(city=np.where(X["age"] < 30, "<PAD>", "Rome"))
    with pytest.raises(ValueError, match="Column 'city': '<PAD>' contains <PAD>"):
        TabularGPT2(**QUICK, structure=None).fit(X, y)


def test_heads_that_do_not_divide(clicks):
    with pytest.raises(ValueError, match="n_embd=10 is no multiple of n_head=4"):
        TabularGPT2(n_embd=10, n_head=4).fit(*clicks)


def test_no_model_of_this_name(clicks, monkeypatch):
    asked = []

    def no_network(request, timeout):
        asked.append(request.full_url)
        assert timeout <= 5
        raise URLError("no network")

    monkeypatch.setattr("skgen.language._models.urlopen", no_network)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    with pytest.raises(OSError, match=r"'someone/nothing' is no folder.*hf download"):
        TabularGPT2(model="someone/nothing").fit(*clicks)
    assert len(asked) == 1
    assert asked[0].endswith("someone/nothing/resolve/main/config.json")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(OSError, match=r"'someone/nothing' is no folder"):
        TabularGPT2(model="someone/nothing").fit(*clicks)
    assert len(asked) == 1


def test_a_folder_without_a_model(clicks, tmp_path):
    with pytest.raises(OSError, match="does not hold a causal language model"):
        TabularGPT2(model=tmp_path).fit(*clicks)


@pytest.mark.parametrize("package", ["torch", "transformers", "safetensors"])
def test_a_missing_extra(clicks, monkeypatch, package):
    found = importlib.import_module

    def missing(name, *args):
        if name == package:
            raise ModuleNotFoundError(name=name)
        return found(name, *args)

    monkeypatch.setattr(importlib, "import_module", missing)
    message = re.escape(f"needs {package}: pip install 'skgen[language]'")
    with pytest.raises(ImportError, match=message):
        TabularGPT2().fit(*clicks)
    with pytest.raises(ImportError, match=message):
        TabularGPT2.from_pretrained("anywhere")


def test_many_rare_levels_and_members_are_spelled():
    rng = np.random.RandomState(0)
    n = 1500
    ids = [f"ad_{i}" for i in range(700)]
    X = pd.DataFrame(
        {
            "ad": rng.choice(ids, n),
            "tags": ["|".join(rng.choice(ids, 1 + i % 3, False)) for i in range(n)],
        }
    )
    generator = TabularGPT2(**QUICK).fit(X)
    # 512 words for each column's values, the characters of the others.
    assert generator.n_tokens_ < 512 + 2 * 512 + 100
    made = generator.set_params(temperature=5.0).sample(400)
    assert set(made["ad"]) <= set(X["ad"])
    members = [tags.split("|") for tags in made["tags"]]
    assert {m for tags in members for m in tags} <= set("|".join(X["tags"]).split("|"))
    assert all(len(set(tags)) == len(tags) <= 3 for tags in members)


def test_missing_values_of_every_kind_come_back(clicks):
    X, y = clicks
    X = X.assign(tags=X["tags"].where(X["age"] % 3 > 0, None))
    made = TabularGPT2(**QUICK).fit(X, y).sample(300)[0]
    for name in ("score", "city", "tags"):
        assert 0 < made[name].isna().mean() < 1
    assert not made[["age", "price", "seconds", "day"]].isna().any(axis=None)
