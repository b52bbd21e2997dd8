"""The numbers of each column."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from skgen.metrics._columns import align
from skgen.report._measure import column_values
from skgen.report._pictures import Painter, Picture
from skgen.report._tables import Tables
from skgen.report._text import count, number

# Measures of a column.
COLUMN_MEASURES = (
    "total_variation",
    "ks_statistic",
    "js_divergence",
    "earth_movers_distance",
    "kde_overlap",
)
_MAX_CATEGORIES = 5


@dataclass(frozen=True)
class Column:
    """A column of both tables, as the report describes it.

    `kind` is "numbers", "dates", "durations" or "categories"; `missing` the shares of
    missing values of the real and the synthetic table. `distances` holds for each
    measure the values of the synthetic and of fresh real rows, and `facts` a name and
    its values in the real and the synthetic table.
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
    """Describe each column of the real and the synthetic rows, in their order."""
    real, synthetic = tables.drawn["real"], tables.drawn["synthetic"]
    alignment = align(real=real, synthetic=synthetic)
    distances = column_values(tables, COLUMN_MEASURES)
    columns = []
    for position, (name, numeric) in enumerate(
        zip(alignment.names, alignment.is_numeric, strict=True)
    ):
        pair = real.iloc[:, position], synthetic.iloc[:, position]
        facts_of = _number_facts if numeric else _category_facts
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
                facts=_side_by_side(*facts_of(*pair)),
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


def _number_facts(*pair: pd.Series) -> list[dict[str, str]]:
    return [_facts_of_numbers(values) for values in pair]


def _facts_of_numbers(values: pd.Series) -> dict[str, str]:
    """Return moments and quantiles of numbers, dates or durations."""
    present = values.dropna().sort_values()
    facts = _first_facts(values, present.nunique())
    if present.empty:
        return facts
    are_numbers = pd.api.types.is_numeric_dtype(present.infer_objects().dtype)
    if are_numbers:
        numbers = present.to_numpy(dtype=float)
        facts["Mean"] = number(float(numbers.mean()))
        facts["Standard deviation"] = number(float(numbers.std()))
    for label, share in (
        ("Minimum", 0.0),
        ("5th percentile", 0.05),
        ("Median", 0.5),
        ("95th percentile", 0.95),
        ("Maximum", 1.0),
    ):
        value = present.iloc[round(share * (len(present) - 1))]
        facts[label] = number(float(value)) if are_numbers else str(value)
    return facts


def _category_facts(*pair: pd.Series) -> list[dict[str, str]]:
    """Return the shares of the most frequent categories of real rows in both tables."""
    shares = [_as_text(values).value_counts(normalize=True) for values in pair]
    facts = [_first_facts(v, len(s)) for v, s in zip(pair, shares, strict=True)]
    for category in shares[0].index[:_MAX_CATEGORIES]:
        for fact, share in zip(facts, shares, strict=True):
            value = float(share.get(category, 0))
            fact[f"Share of {category}"] = number(value, percent=True)
    return facts


def _first_facts(values: pd.Series, n_distinct: int) -> dict[str, str]:
    missing = number(float(values.isna().mean()), percent=True)
    return {"Missing": missing, "Distinct values": count(n_distinct)}


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
            value = present.iloc[0]
            remarks.append(f"The {table} table has a single value, {value}.")
        if values.isna().any() and not other.isna().any():
            remarks.append(f"Values are missing only in the {table} table.")
    known = set(_as_text(real))
    if not numeric and known:
        new = sorted(set(_as_text(synthetic)) - known)
        if new:
            shown = ", ".join(new[:_MAX_CATEGORIES])
            more = (
                f" and {len(new) - _MAX_CATEGORIES:,} more"
                if len(new) > _MAX_CATEGORIES
                else ""
            )
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

    pair = [tables.drawn[name].iloc[:, [position]] for name in ("real", "synthetic")]
    column = pair[0].columns[0]
    if not numeric:
        return painter.draw(
            str(column), CategoryDisplay.from_samples, *pair, column=column
        )
    return painter.draw(
        str(column),
        DensityDisplay.from_samples,
        *pair,
        column=column,
        random_state=tables.seed,
    )
