"""The intervals of an augmentation study in words."""

from __future__ import annotations

import pandas as pd


def describe_study(result: pd.DataFrame, *, score: str = "roc_auc") -> list[str]:
    """Describe in words whether synthetic rows helped.

    Parameters
    ----------
    result : DataFrame
        What :func:`~skgen.model_selection.augmentation_study` returns.

    score : {"roc_auc", "average_precision", "log_loss"}, default="roc_auc"
        The score to look at.

    Returns
    -------
    sentences : list of str
        One for each scenario, and one on the intervals that exclude zero by chance.

    See Also
    --------
    augmentation_study : The study to describe.

    Notes
    -----
    A gain or loss is counted where the confidence interval of the difference excludes
    zero.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgen.model_selection import describe_study
    >>> index = pd.MultiIndex.from_tuples(
    ...     [("DNN", "none", "original"), ("DNN", "CTGAN", "S1")],
    ...     names=["classifier", "generator", "scenario"],
    ... )
    >>> result = pd.DataFrame(
    ...     {
    ...         "roc_auc": [0.7, 0.71],
    ...         "roc_auc_diff": [float("nan"), 0.01],
    ...         "roc_auc_low": [float("nan"), -0.01],
    ...         "roc_auc_high": [float("nan"), 0.03],
    ...     },
    ...     index=index,
    ... )
    >>> describe_study(result)[0]
    'S1: roc_auc changed by +0.0100 on average; no gain and no loss is shown (1 pair of
    a generator and a classifier).'
    """
    drawn = result[result.index.get_level_values("generator") != "none"]
    sign = -1 if score == "log_loss" else 1
    low, high = (drawn[f"{score}_{end}"] for end in ("low", "high"))
    shown = ((low > 0).astype(int) - (high < 0).astype(int)) * sign
    sentences = []
    for scenario in dict.fromkeys(drawn.index.get_level_values("scenario")):
        here = drawn.index.get_level_values("scenario") == scenario
        change, found = drawn.loc[here, f"{score}_diff"], shown[here]
        counts = [
            _counted(found, sign, word) for sign, word in ((1, "gain"), (-1, "loss"))
        ]
        verb = "is" if all("no " in count for count in counts) else "are"
        sentence = (
            f"{scenario}: {score} changed by {change.mean():+.4f} on average; "
            f"{counts[0]} and {counts[1]} {verb} shown ({here.sum()} pair"
            f"{'s' if here.sum() > 1 else ''} of a generator and a classifier)."
        )
        if change.isna().any():
            sentence = (
                f"{scenario}: {change.isna().sum()} of {here.sum()} pairs failed."
            )
        sentences.append(sentence)
    n_intervals = int(low.notna().sum())
    if n_intervals:
        sentences.append(
            f"Of {n_intervals} intervals of 95 %, {0.05 * n_intervals:.1f} would be "
            "expected to exclude zero by chance alone; "
            f"{int((shown != 0).sum())} do."
        )
    else:
        sentences.append("One repeat gives no intervals: nothing is shown.")
    return sentences


def _counted(found: pd.Series, sign: int, word: str) -> str:
    names = [
        f"{generator} with {classifier}"
        for classifier, generator, _ in found.index[found == sign]
    ]
    if not names:
        return f"no {word}"
    plural = {"gain": "gains", "loss": "losses"}[word]
    return f"{len(names)} {word if len(names) == 1 else plural} ({', '.join(names)})"
