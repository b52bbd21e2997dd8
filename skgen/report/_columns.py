"""The numbers of each column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from skgen.metrics._columns import align
from skgen.report._measure import column_values
from skgen.report._numbers import count, number
from skgen.report._pictures import Painter, Picture
from skgen.report._tables import Tables

# Measures of a column, of which the first is that by which columns are ordered.
COLUMN_MEASURES = (
    "total_variation",
    "ks_statistic",
    "js_divergence",
    "earth_movers_distance",
    "kde_overlap",
)
_MAX_LEVELS = 5


@dataclass(frozen=True)
class Column:
    """A column of both tables.

    Attributes
    ----------
    name : str
        Its name.

    kind : str
        "numbers", "dates", "durations" or "categories".

    is_target : bool
        Whether it is the target.

    missing : tuple of float
        Shares of missing values of the real and the synthetic table.

    distances : dict of str to tuple of float
        For each measure, the values of the synthetic and of fresh real rows.

    facts : list of tuple of str
        What is said of the column: what it is, and that of the real and the synthetic
        table.

    remarks : list of str
        What a reader should know.

    picture : Picture or None
        The picture of both, if pictures are asked for.
    """

    name: str
    kind: str
    is_target: bool
    missing: tuple[float, float]
    distances: dict[str, tuple[float, float]]
    facts: list[tuple[str, str, str]]
    remarks: list[str]
    picture: Picture | None


def describe_columns(tables: Tables, painter: Painter | None) -> list[Column]:
    """Describe each column of the real and the synthetic rows.

    Parameters
    ----------
    tables : Tables
        What to compare.

    painter : Painter or None
        Draws the pictures.

    Returns
    -------
    columns : list of Column
        In the order of the tables.
    """
    real, synthetic = tables.drawn["real"], tables.drawn["synthetic"]
    alignment = align(real=real, synthetic=synthetic)
    distances = column_values(tables, COLUMN_MEASURES)
    columns = []
    for position, (name, numeric) in enumerate(
        zip(alignment.names, alignment.is_numeric, strict=True)
    ):
        pair = real.iloc[:, position], synthetic.iloc[:, position]
        facts = _number_facts(*pair) if numeric else _category_facts(*pair)
        columns.append(
            Column(
                name=str(name),
                kind=_kind(pair, numeric),
                is_target=tables.target is not None and name == tables.target,
                missing=(float(pair[0].isna().mean()), float(pair[1].isna().mean())),
                distances={
                    measure: (values["synthetic"][name], values["fresh"][name])
                    for measure, values in distances.items()
                    if name in values["synthetic"]
                },
                facts=facts,
                remarks=_remarks(*pair, numeric=numeric),
                picture=None
                if painter is None
                else _draw(painter, tables, position, numeric=bool(numeric)),
            )
        )
    return columns


def _kind(pair: tuple[pd.Series, pd.Series], numeric: bool) -> str:
    if not numeric:
        return "categories"
    for values in pair:
        found = pd.api.types.infer_dtype(values.dropna(), skipna=True)
        if found.startswith("date") or isinstance(values.dtype, pd.PeriodDtype):
            return "dates"
        if found.startswith("timedelta"):
            return "durations"
    return "numbers"


def _number_facts(real: pd.Series, synthetic: pd.Series) -> list[tuple[str, str, str]]:
    def ordered(values: pd.Series) -> dict[str, Any]:
        present = values.dropna().sort_values()
        facts = {
            "Missing": number(float(values.isna().mean()), percent=True),
            "Different values": count(present.nunique()),
        }
        if present.empty:
            return facts
        if _are_numbers(present):
            numbers = present.to_numpy(dtype=float)
            facts["Mean"] = number(float(numbers.mean()))
            facts["Standard deviation"] = number(float(numbers.std()))
        last = len(present) - 1
        for label, place in (
            ("Smallest", 0.0),
            ("5 % are below", 0.05),
            ("Half are below", 0.5),
            ("95 % are below", 0.95),
            ("Largest", 1.0),
        ):
            value = present.iloc[round(place * last)]
            facts[label] = number(float(value)) if _are_numbers(present) else str(value)
        return facts

    return _side_by_side(ordered(real), ordered(synthetic))


def _are_numbers(values: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(values.infer_objects().dtype)


def _category_facts(
    real: pd.Series, synthetic: pd.Series
) -> list[tuple[str, str, str]]:
    shares = [
        _as_text(values).value_counts(normalize=True) for values in (real, synthetic)
    ]
    facts = [
        {
            "Missing": number(float(values.isna().mean()), percent=True),
            "Different values": count(len(share)),
        }
        for values, share in zip((real, synthetic), shares, strict=True)
    ]
    for level in shares[0].index[:_MAX_LEVELS]:
        for fact, share in zip(facts, shares, strict=True):
            fact[f"Share of {level}"] = number(float(share.get(level, 0)), percent=True)
    return _side_by_side(*facts)


def _as_text(values: pd.Series) -> pd.Series:
    return values.dropna().astype(object).map(str)


def _side_by_side(
    real: dict[str, str], synthetic: dict[str, str]
) -> list[tuple[str, str, str]]:
    return [
        (label, real.get(label, "–"), synthetic.get(label, "–"))
        for label in {**real, **synthetic}
    ]


def _remarks(real: pd.Series, synthetic: pd.Series, *, numeric: bool) -> list[str]:
    remarks = []
    for values, other, table in (
        (real, synthetic, "real"),
        (synthetic, real, "synthetic"),
    ):
        present = values.dropna()
        if present.empty:
            remarks.append(f"All values of the {table} table are missing.")
        elif present.nunique() == 1:
            remarks.append(
                f"The {table} table holds one value only, {present.iloc[0]}."
            )
        if values.isna().any() and not other.isna().any():
            remarks.append(f"Values are missing in the {table} table alone.")
    known = set(_as_text(real))
    if not numeric and known:
        new = sorted(set(_as_text(synthetic)) - known)
        if new:
            shown = ", ".join(new[:_MAX_LEVELS])
            more = f" and {len(new) - _MAX_LEVELS:,} more" if len(new) > 5 else ""
            remarks.append(f"No real row has the synthetic value(s) {shown}{more}.")
    if numeric and len(real.dropna()) and len(synthetic.dropna()):
        low, high = real.dropna().min(), real.dropna().max()
        outside = float(((synthetic < low) | (synthetic > high)).mean())
        if outside:
            remarks.append(
                f"{number(outside, percent=True)} of the synthetic values lie outside "
                "the real range."
            )
    return remarks


def _draw(painter: Painter, tables: Tables, position: int, *, numeric: bool) -> Picture:
    from skgen.plotting import CategoryDisplay, DensityDisplay

    real, synthetic = (
        tables.drawn[table].iloc[:, [position]] for table in ("real", "synthetic")
    )
    name = real.columns[0]

    def make() -> Any:
        if numeric:
            return DensityDisplay.from_samples(
                real, synthetic, column=name, random_state=tables.seed
            )
        return CategoryDisplay.from_samples(real, synthetic, column=name)

    return painter.draw(str(name), make)
