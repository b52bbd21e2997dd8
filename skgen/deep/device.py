"""Where networks run, and random streams of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


def resolve_device(device: str) -> torch.device:
    """Return the device of a name: "auto", or a name as torch has it ("cuda:1").

    "auto" is a CUDA device if there is one and the CPU otherwise. An unknown or
    unavailable device raises a ValueError.
    """
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        resolved = torch.device(device)
    except RuntimeError:
        resolved = None
    if resolved is None or resolved.type not in {"cpu", "cuda", "mps"}:
        raise ValueError(
            f"device={device!r} is unknown: choose 'auto', 'cpu', 'cuda', 'cuda:0' or "
            "'mps'."
        )
    if resolved.type == "cuda":
        there = (resolved.index or 0) < torch.cuda.device_count()
    else:
        there = resolved.type == "cpu" or torch.backends.mps.is_available()
    if not there:
        raise ValueError(
            f"device={device!r} was asked for, but torch {torch.__version__} finds "
            "none here. Choose device='auto' or 'cpu', or install a torch built for "
            "the device."
        )
    return resolved


@contextmanager
def seeded(seed: int, device: torch.device | str = "cpu") -> Iterator[None]:
    """Seed the global random streams of torch and NumPy; restore them at the end.

    Initial weights, dropout and some libraries draw from global streams: inside the
    context they repeat for a seed (in [0, 2**32 - 1]), and the caller's streams stay as
    they were. `device` is seeded beside the CPU.
    """
    device = torch.device(device)
    # Not torch.manual_seed, which seeds every device there is.
    generators = [torch.default_generator]
    if device.type == "cuda":
        torch.cuda.init()
        index = torch.cuda.current_device() if device.index is None else device.index
        generators.append(torch.cuda.default_generators[index])
    states = [generator.get_state() for generator in generators]
    of_mps = torch.mps.get_rng_state() if device.type == "mps" else None
    of_numpy = np.random.get_state()
    try:
        for generator in generators:
            generator.manual_seed(seed)
        if of_mps is not None:
            torch.mps.manual_seed(seed)
        np.random.seed(seed)
        yield
    finally:
        for generator, state in zip(generators, states, strict=True):
            generator.set_state(state)
        if of_mps is not None:
            torch.mps.set_rng_state(of_mps)
        np.random.set_state(of_numpy)
