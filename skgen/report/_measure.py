"""The values of the measures, for synthetic rows and for fresh real rows."""

from __future__ import annotations

import inspect
import math
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pandas as pd

from skgen.report._definitions import DEFINITIONS, Definition
from skgen.report._grades import Grade, grade
from skgen.report._guessing import guess_noise
from skgen.report._tables import Tables

_N_ATTACKS = {
    "singling_out_risk": 500,
    "linkability_risk": 2_000,
    "inference_risk": 2_000,
}
# Maximum number of rows for the risks: with more, one attack takes minutes.
_ATTACKED_ROWS = 10_000


@dataclass(frozen=True)
class Measurement:
    """A measure's value for the synthetic and for fresh real rows, and its grade.

    A value is None where there is none; the note says why, or what the measure warned
    of.
    """

    definition: Definition
    value: float | None
    fresh: float | None
    grade: Grade
    note: str = ""


def measure_all(
    tables: Tables,
    *,
    metrics: Collection[str] | None,
    classifier: Any,
    max_samples: int,
    progress: Callable[[list[Definition]], Iterable[Definition]],
) -> list[Measurement]:
    """Compute the named measures, all if None, that the tables allow.

    `max_samples` is the maximum number of rows for measures with that parameter, and
    `progress` wraps the definitions in a progress bar.
    """
    asked = [
        definition
        for definition in DEFINITIONS.values()
        if (metrics is None or definition.name in metrics)
        and (definition.question != "usefulness" or tables.target is not None)
    ]
    return [
        measure(definition, tables, classifier=classifier, max_samples=max_samples)
        for definition in progress(asked)
    ]


def measure(
    definition: Definition, tables: Tables, *, classifier: Any, max_samples: int
) -> Measurement:
    """Compute one measure; if it refuses the tables, the note says why."""
    options: dict[str, Any] = {}
    if "random_state" in definition.measure.parameters:
        options["random_state"] = tables.seed
    if "max_samples" in definition.measure.parameters:
        options["max_samples"] = max_samples
    compare = {
        "likeness": _likeness,
        "usefulness": _usefulness,
        "privacy": _privacy,
    }[definition.question]
    if (
        definition.question == "usefulness"
        and "classifier" in definition.measure.parameters
    ):
        options["classifier"] = classifier
    with _listen() as notes:
        try:
            value, fresh, n_rows = compare(definition, tables, options)
        except (ValueError, ImportError) as error:
            note = f"Not measured: {' '.join(str(error).split())}"
            return Measurement(definition, None, None, Grade.unknown, note)
    if not math.isfinite(value):
        notes.insert(0, f"Not measured: the value is {value} for these tables.")
        return Measurement(definition, None, None, Grade.unknown, " ".join(notes))
    if fresh is not None and not math.isfinite(fresh):
        notes.insert(0, f"The value of fresh real rows is {fresh} for these tables.")
        fresh = None
    noise = None
    if fresh is not None and definition.name == "inference_risk":
        noise = guess_noise(tables.fewer(_ATTACKED_ROWS), _secret(tables))
    n_rows = min(n_rows, options.get("max_samples", n_rows))
    return Measurement(
        definition,
        value,
        fresh,
        grade(definition, value, fresh, n_rows, noise=noise),
        " ".join(dict.fromkeys(notes)),
    )


@contextmanager
def _listen() -> Iterator[list[str]]:
    """Collect warnings instead of showing them."""
    notes: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        try:
            yield notes
        finally:
            notes += [
                str(w.message) for w in caught if issubclass(w.category, UserWarning)
            ]


def _likeness(
    definition: Definition, tables: Tables, options: dict[str, Any]
) -> tuple[float, float, int]:
    value, fresh = (
        float(definition.measure.function(tables.reference, rows, **options))
        for rows in (tables.synthetic, tables.fresh)
    )
    return value, fresh, min(len(tables.reference), len(tables.synthetic))


def _usefulness(
    definition: Definition, tables: Tables, options: dict[str, Any]
) -> tuple[float, float, int]:
    X, y = tables.split(tables.reference)
    X_fresh, y_fresh = tables.split(tables.fresh)
    if "train" in definition.measure.parameters:
        options = {**options, "train": X_fresh, "y_train": y_fresh}
    values = []
    for rows in (tables.synthetic, tables.fresh):
        X_rows, y_rows = tables.split(rows)
        labels = {"y_real": y, "y_synthetic": y_rows}
        values.append(
            float(definition.measure.function(X, X_rows, **labels, **options))
        )
    # The noise of the score is that of the rarest label.
    n_rows = min(pd.Series(labels).value_counts().min() for labels in (y, y_fresh))
    return values[0], values[1], int(n_rows)


def _privacy(
    definition: Definition, tables: Tables, options: dict[str, Any]
) -> tuple[float, float | None, int]:
    # Copies are counted in the whole tables, which takes linear time.
    source = tables.whole if definition.name == "copies" else tables.drawn
    n_attacks = _N_ATTACKS.get(definition.name)
    if n_attacks is not None:
        options = {**options, "n_attacks": n_attacks}
        source = tables.fewer(_ATTACKED_ROWS)
        if max(map(len, tables.drawn.values())) > _ATTACKED_ROWS:
            warnings.warn(
                f"On at most {_ATTACKED_ROWS:,} rows of each table, drawn at random.",
                stacklevel=2,
            )
    real, synthetic = source["real"], source["synthetic"]
    held_out = source.get("held_out")
    if definition.equal_sizes:
        synthetic, held_out = tables.equal
    if "secret" in definition.measure.parameters:
        options = {**options, "secret": _secret(tables)}
    if held_out is None:
        if _needs_held_out(definition):
            raise ValueError(
                "it needs held-out real rows, which the generator has not seen."
            )
        return float(definition.measure.function(real, synthetic, **options)), None, 0
    function: Callable[..., Any] = definition.measure.function
    value, fresh = function(
        real, synthetic, held_out=held_out, return_baseline=True, **options
    )
    n_rows = min(len(table) for table in (real, synthetic, held_out))
    if n_attacks is not None:
        n_rows = min(n_rows, n_attacks)
    return float(value), float(fresh), n_rows


def _secret(tables: Tables) -> Any:
    """Return the column that an attacker guesses."""
    return tables.drawn["real"].columns[-1] if tables.target is None else tables.target


def _needs_held_out(definition: Definition) -> bool:
    parameter = inspect.signature(definition.measure.function).parameters["held_out"]
    return parameter.default is inspect.Parameter.empty


def column_values(
    tables: Tables, names: tuple[str, ...]
) -> dict[str, dict[str, dict[Any, float]]]:
    """Return the values of measures by column, of the rows "synthetic" and "fresh".

    The measures have a parameter `per_column`; one that refuses the tables has no
    values.
    """
    values: dict[str, dict[str, dict[Any, float]]] = {}
    for name in names:
        function: Callable[..., Any] = DEFINITIONS[name].measure.function
        try:
            values[name] = {
                kind: function(tables.reference, rows, per_column=True).to_dict()
                for kind, rows in (
                    ("synthetic", tables.synthetic),
                    ("fresh", tables.fresh),
                )
            }
        except ValueError:
            values[name] = {"synthetic": {}, "fresh": {}}
    return values
