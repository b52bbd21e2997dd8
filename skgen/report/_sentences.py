"""What the confidence intervals of a comparison show."""

from __future__ import annotations

from typing import Any

import pandas as pd

from skgen.report._definitions import SCORES
from skgen.report._text import join, lower_first


def sentences(result: pd.DataFrame) -> list[str]:
    """Say of each generator which gains and losses its intervals show.

    `result` is what `skgen.model_selection.compare` returns. The last sentence, if any
    interval excludes zero, says how many would do so by chance.
    """
    said = []
    n_intervals = n_certain = 0
    for generator, row in result.iloc[1:].iterrows():
        better, worse, missing = [], [], False
        for score in SCORES:
            if row[f"{score.name}_low"] != row[f"{score.name}_low"]:
                missing = True
                continue
            n_intervals += 1
            title = score.title if score.title.isupper() else lower_first(score.title)
            finding = f"{title} ({row[f'{score.name}_diff']:+.4f})"
            if gain(row, score) > 0:
                better.append(finding)
            elif gain(row, score) < 0:
                worse.append(finding)
        n_certain += len(better) + len(worse)
        if missing:
            says = "it failed, so that there is nothing to say."
        elif not better and not worse:
            says = "no interval excludes zero: neither a gain nor a loss is shown."
        else:
            both = {"better": better, "worse": worse}
            parts = [f"{name} {join(found)}" for name, found in both.items() if found]
            end = "." if better else "; no gain is shown."
            says = f"{', '.join(parts)} than no resampling{end}"
        said.append(f"{generator}: {says}")
    if n_certain:
        said.append(
            f"Of {n_intervals} such intervals, {0.05 * n_intervals:.0f} would be "
            "expected to exclude zero by chance alone."
        )
    return said


def gain(row: Any, score: Any) -> int:
    """Return 1 for a gain of a score that is shown, -1 for a loss, and else 0."""
    if row[f"{score.name}_low"] > 0:
        return score.sign
    return -score.sign if row[f"{score.name}_high"] < 0 else 0
