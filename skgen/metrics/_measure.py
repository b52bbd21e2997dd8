"""What a measure is, and how it is computed of synthetic rows without a generator."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd


class Sample(NamedTuple):
    """Synthetic rows, and the real rows that they are compared with.

    `real` and `y_real` are rows, and their labels or None, that the generator has not
    seen; `training_rows`, for the measures of privacy, those that it was fitted on.
    """

    real: Any
    y_real: Any
    synthetic: Any
    y_synthetic: Any
    training_rows: Any = None


@dataclass(frozen=True)
class Measure:
    """A measure of synthetic rows.

    Attributes
    ----------
    family : {"fidelity", "utility", "privacy"}
        What it measures.

    function : callable
        The function in `skgen.metrics`.

    title : str
        What it is called, in a few words.

    definition : str
        What it is, in one sentence without its period.

    higher_is_better : bool, default=False
        Its direction.

    ideal : float or None
        Value of a perfect table: of fresh real rows for privacy. None where it depends
        on the real rows.

    needs : tuple of {"labels", "training rows", "held-out rows", "numeric columns"}
        What it needs beside two tables. Without "labels", the label is a column of the
        tables; with "training rows", these are the real table.

    papers : tuple of str
        Where it was defined, each without its period.
    """

    family: Literal["fidelity", "utility", "privacy"]
    function: Callable[..., Any]
    title: str
    definition: str
    higher_is_better: bool = False
    ideal: float | None = None
    needs: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Name of the function."""
        return self.function.__name__

    @property
    def sign(self) -> int:
        """1 if higher is better, else -1."""
        return 1 if self.higher_is_better else -1

    @property
    def parameters(self) -> set[str]:
        """Names of the function's parameters."""
        return set(inspect.signature(self.function).parameters)

    @property
    def compared_with(self) -> str:
        """What synthetic rows are compared with, in words."""
        if "held-out rows" in self.needs:
            return "training rows and held-out rows"
        if "training rows" in self.needs:
            return "training rows"
        if "synthetic" not in self.parameters:
            return "nothing: held-out rows with one another"
        if "labels" in self.needs:
            return "held-out rows and labels"
        if "numeric columns" in self.needs:
            return "held-out rows"
        return "held-out rows, the label being a column"

    def score(
        self, sample: Sample, *, random_state: Any = None, **options: Any
    ) -> float:
        """Measure synthetic rows; `options` are keyword parameters of the function.

        `random_state` is passed on if the function has it. Lower is better where
        `higher_is_better` is False.
        """
        if "labels" in self.needs and sample.y_real is None:
            raise ValueError(
                f"{self.name} needs labels: fit the generator with y, and give "
                "y_held_out."
            )
        if "random_state" in self.parameters:
            options["random_state"] = random_state
        return float(self.function(**self._tables(sample), **options))

    def _tables(self, sample: Sample) -> dict[str, Any]:
        """Return the function's tables and labels by parameter."""
        if "training rows" in self.needs:
            tables = {"real": sample.training_rows, "synthetic": sample.synthetic}
            if "held-out rows" in self.needs:
                tables["held_out"] = sample.real
            return tables
        if "labels" in self.needs:
            given = sample._asdict()
            names = ("real", "y_real", "synthetic", "y_synthetic")
            return {name: given[name] for name in names if name in self.parameters}
        return with_labels(sample)


def cite(papers: tuple[str, ...]) -> str:
    """Return the section "References" of a docstring."""
    entries = (
        textwrap.fill(
            f".. [{number}] {paper}.",
            84,
            subsequent_indent="   ",
            break_on_hyphens=False,
        )
        for number, paper in enumerate(papers, start=1)
    )
    return "\n".join(["References", "----------", *entries])


def with_labels(sample: Sample) -> dict[str, Any]:
    """Return the real and the synthetic table, with the label as the last column."""
    if sample.y_real is None:
        return {"real": sample.real, "synthetic": sample.synthetic}
    return {
        "real": _append_label(sample.real, sample.y_real),
        "synthetic": _append_label(sample.synthetic, sample.y_synthetic),
    }


def _append_label(X: Any, y: Any) -> pd.DataFrame:
    """Return the table with its label as a categorical last column."""
    table = X.copy(deep=False) if isinstance(X, pd.DataFrame) else pd.DataFrame(X)
    name = "label"
    while name in table.columns:
        name += "_"
    table[name] = pd.Categorical(np.asarray(y))
    return table
