"""Causal language models of the transformers library."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import numpy as np
from numpy.typing import NDArray

# Number of sines, and of cosines, that make neighbouring numbers similar.
N_FREQUENCIES = 5
# Seconds to wait for the hub's first answer.
HUB_TIMEOUT = 5.0
TOKENIZER_FILES = ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt")


def make_gpt2(
    n_tokens: int,
    n_positions: int,
    *,
    n_embd: int,
    n_layer: int,
    n_head: int,
    dropout: float,
    special: dict[str, int],
) -> Any:
    """Return a GPT-2 with random weights; `special` are its special tokens."""
    from transformers import GPT2Config, GPT2LMHeadModel

    config = GPT2Config(
        vocab_size=n_tokens,
        n_positions=n_positions,
        n_embd=n_embd,
        n_layer=n_layer,
        n_head=n_head,
        activation_function="gelu_pytorch_tanh",
        resid_pdrop=dropout,
        embd_pdrop=dropout,
        attn_pdrop=dropout,
        bos_token_id=special["<ROW>"],
        eos_token_id=special["<ENDROW>"],
        pad_token_id=special["<PAD>"],
    )
    return GPT2LMHeadModel(config)


def order_embeddings(
    model: Any, tokens: NDArray[np.int64], ranks: NDArray[np.float64]
) -> None:
    """Give tokens of neighbouring numbers of a column similar random weights.

    `ranks`, of shape (n_numbers,), are the shares of rows with smaller numbers.
    """
    import torch

    weights = model.get_input_embeddings().weight
    angles = np.pi * np.outer(ranks, 2.0 ** np.arange(N_FREQUENCIES))
    waves = torch.from_numpy(np.hstack([np.sin(angles), np.cos(angles)])).float()
    # Of the same scale as the weights that they replace.
    mixed = waves @ torch.randn(waves.shape[1], weights.shape[1]) / N_FREQUENCIES**0.5
    with torch.no_grad():
        weights[tokens] = model.config.initializer_range * mixed


def load_pretrained(model: str | os.PathLike) -> tuple[Any, Any]:
    """Return a pretrained causal language model, in float32, and its tokenizer.

    `model` is a folder, or the id of a model on the Hugging Face hub, which is not
    asked for a model that is in the local cache.
    """
    name = os.fspath(model)
    if Path(name).is_dir():
        try:
            if not any((Path(name) / file).exists() for file in TOKENIZER_FILES):
                # transformers would make a tokenizer without any tokens.
                raise FileNotFoundError("there is no tokenizer")
            return _load(name, local_files_only=True)
        except (OSError, ValueError) as error:
            raise OSError(
                f"The folder model={name!r} does not hold a causal language model of "
                "transformers and its tokenizer. Save both with save_pretrained; read "
                "a folder that TabularGPT2 wrote with TabularGPT2.from_pretrained. "
                f"({error})"
            ) from error
    try:
        return _load(name, local_files_only=True)
    except (OSError, ValueError):
        # Not in the local cache: ask the hub.
        pass
    try:
        _check_reachable(name)
        return _load(name, local_files_only=False)
    except Exception as error:
        raise OSError(
            f"model={name!r} is no folder, is not in the local cache, and could not be "
            f"downloaded from the Hugging Face hub ({type(error).__name__}). Where "
            f"there is a network, download it by `hf download {name} --local-dir "
            "FOLDER`, and pass model='FOLDER'; or set model=None, which needs no "
            "download."
        ) from error


def _check_reachable(name: str) -> None:
    """Raise at once if the hub does not answer; its own client retries for long."""
    from huggingface_hub import constants, hf_hub_url

    if constants.HF_HUB_OFFLINE:
        raise ConnectionError("HF_HUB_OFFLINE is set")
    request = Request(hf_hub_url(name, "config.json"), method="HEAD")
    # A refusal is left to the client, which may have a token.
    with suppress(HTTPError):
        urlopen(request, timeout=HUB_TIMEOUT).close()


def _load(name: str, *, local_files_only: bool) -> tuple[Any, Any]:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(name, local_files_only=local_files_only)
    network = AutoModelForCausalLM.from_pretrained(
        name, local_files_only=local_files_only, dtype=torch.float32
    )
    return network, tokenizer


def context_window(network: Any) -> int | None:
    """Return the number of tokens that a model can see, None if it has no limit."""
    for name in ("n_positions", "max_position_embeddings", "n_ctx"):
        limit = getattr(network.config, name, None)
        if limit is not None:
            return int(limit)
    return None
