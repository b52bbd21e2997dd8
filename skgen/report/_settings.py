"""What a report says of its rows, and what is needed to repeat it."""

from __future__ import annotations

from numbers import Integral
from typing import Any

from skgen.report._page import versions
from skgen.report._tables import Tables
from skgen.report._text import count, number


def remarks_on(tables: Tables, max_samples: int) -> list[str]:
    """Say which rows were compared, and what follows from that."""
    names = {"real": "real", "synthetic": "synthetic", "held_out": "held-out"}
    remarks = []
    for name, table in tables.drawn.items():
        n_rows = len(tables.whole[name])
        if len(table) < n_rows:
            remarks.append(
                f"Of {count(n_rows)} {names[name]} rows, {count(len(table))} were "
                "drawn at random: the measures use these, except copies, which were "
                "counted in all rows."
            )
    n_rows = len(tables.whole["real"])
    if len(tables.drawn["real"]) < n_rows:
        share = len(tables.drawn["real"]) / n_rows
        remarks.append(
            f"{number(share, percent=True)} of the training rows were drawn: of "
            "training rows that leak with small changes, the measures of privacy find "
            "this share."
        )
    largest = max(len(table) for table in tables.drawn.values())
    if largest > max_samples:
        remarks.append(
            "Measures whose time grows with the product of the numbers of rows compare "
            f"at most {count(max_samples)} rows of each table, drawn at random."
        )
    if tables.held_out is None:
        remarks.append(
            "No held-out rows were given. The values of fresh real rows are those of "
            "two halves of the real table, and leakage cannot be assessed."
        )
    elif len(tables.synthetic) < len(tables.drawn["synthetic"]):
        remarks.append(
            f"There are {count(len(tables.fresh))} real rows: likeness and usefulness "
            "are measured on as many synthetic rows, so that the values are comparable."
        )
    return remarks


def settings_of(
    tables: Tables,
    *,
    classifier: Any,
    max_samples: int,
    max_rows: int,
    random_state: Any,
    command: str | None,
) -> dict[str, str]:
    """Return what is needed to repeat the report."""
    target = tables.target
    if command is None:
        held_out = ", held_out=held_out" if tables.held_out is not None else ""
        given = random_state if isinstance(random_state, Integral) else "..."
        judge = "" if classifier is None else f", classifier={classifier!r}"
        command = (
            f"Report.from_samples(real, synthetic, target={target!r}{held_out}{judge}, "
            f"max_samples={max_samples}, max_rows={max_rows}, random_state={given})"
        )
    settings = {"Command": command}
    for name, table in tables.whole.items():
        label = {"real": "Real", "synthetic": "Synthetic", "held_out": "Held-out"}[name]
        settings[f"{label} rows"] = (
            f"{count(len(table))}, of which {count(len(tables.drawn[name]))} were used"
        )
    if tables.held_out is None:
        settings["Held-out rows"] = "none"
    settings |= {
        "Columns": count(tables.whole["real"].shape[1]),
        "Target": "none" if target is None else str(target),
        "Secret of the inference risk": str(
            tables.drawn["real"].columns[-1] if target is None else target
        ),
        "Rows compared": (
            f"{count(len(tables.synthetic))} synthetic and {count(len(tables.fresh))} "
            f"fresh real rows with {count(len(tables.reference))} real rows"
        ),
        "max_rows": str(max_rows),
        "max_samples": str(max_samples),
        "random_state": f"{random_state!r} (seed of the measures: {tables.seed})",
        "Classifier": "XGBoost, 100 trees" if classifier is None else repr(classifier),
    }
    if target is None:
        del settings["Classifier"]
    return settings | versions()
