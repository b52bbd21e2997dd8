"""What the intervals of a comparison allow to say."""

from __future__ import annotations

from typing import Any

import pandas as pd

from skgen.report._definitions import SCORES


def sentences(result: pd.DataFrame) -> list[str]:
    """Say of each generator what its intervals allow to say.

    Parameters
    ----------
    result : DataFrame
        What `skgen.model_selection.compare` returns.

    Returns
    -------
    sentences : list of str
        One for each generator, and one on chance if any interval excludes zero.
    """
    said = []
    n_intervals = n_certain = 0
    for generator, row in result.iloc[1:].iterrows():
        better, worse, missing = [], [], False
        for score in SCORES:
            low = row[f"{score.name}_low"]
            if low != low:
                missing = True
                continue
            n_intervals += 1
            title = score.title if score.title.isupper() else _inside(score.title)
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
            parts = []
            if better:
                parts.append(f"better {join(better)}")
            if worse:
                parts.append(f"worse {join(worse)}")
            says = f"{', '.join(parts)} than no resampling"
            if not better:
                says += "; no gain is shown"
            says += "."
        said.append(f"{generator}: {says}")
    if n_certain:
        said.append(
            f"Of {n_intervals} such intervals, {0.05 * n_intervals:.0f} would be "
            "expected to exclude zero by chance alone."
        )
    return said


def gain(row: Any, score: Any) -> int:
    """Return 1 for a gain that is shown, -1 for a loss, and else 0.

    Parameters
    ----------
    row : Series
        A generator's row of the result.

    score : Score
        What is gained.

    Returns
    -------
    gain : int
    """
    low, high = row[f"{score.name}_low"], row[f"{score.name}_high"]
    if low > 0:
        return score.sign
    return -score.sign if high < 0 else 0


def join(parts: list[str]) -> str:
    """Join parts of a sentence by commas and "and".

    Parameters
    ----------
    parts : list of str

    Returns
    -------
    text : str
    """
    if len(parts) == 1:
        return parts[0]
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def _inside(title: str) -> str:
    return title[0].lower() + title[1:]
