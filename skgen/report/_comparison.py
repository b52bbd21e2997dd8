"""The report on several generators side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold
from sklearn.utils import check_random_state

from skgen.report._definitions import DEFINITIONS, SCORES
from skgen.report._grades import Grade, grade, worst
from skgen.report._measure import measure
from skgen.report._page import Page, render, versions
from skgen.report._pictures import Painter, Picture
from skgen.report._sentences import gain, sentences
from skgen.report._tables import prepare
from skgen.report._text import count, join

_MAX_SAMPLES = 3_000  # as in `compare`
_FIDELITY, _PRIVACY = "detection", "dcr_share"
_COST = {"seconds": "Seconds", "memory_mb": "Memory (MB)"}


@dataclass(frozen=True)
class _Fresh:
    """A measure's value for fresh real rows, and the number of rows compared."""

    value: float
    n_rows: int


@dataclass(frozen=True)
class _Answers:
    """The answers to the three questions for one generator."""

    name: str
    likeness: Grade
    usefulness: Grade
    usefulness_text: str
    privacy: Grade


@dataclass(kw_only=True, eq=False, repr=False)
class ComparisonReport(Page):
    """Report on several generators side by side.

    Make one by `from_results`.

    Parameters
    ----------
    results : DataFrame of shape (n_generators + 1, n_columns)
        What :func:`skgen.model_selection.compare` returns.

    fresh : dict of str to float
        The value of each measure for fresh real rows, if it is known.

    answers : list
        The three answers for each generator.

    headline : str
        The verdict.

    sentences : list of str
        The gains and losses that the confidence intervals show.

    pictures : list of Picture
        The pictures.

    settings : dict of str to str
        What is needed to repeat the report.

    title : str
        The title of the page.

    See Also
    --------
    Report : One synthetic table, with all measures and each column.
    skgen.model_selection.compare : Makes the results.

    Examples
    --------
    >>> from imblearn.over_sampling import SMOTE, RandomOverSampler
    >>> from sklearn.datasets import make_classification
    >>> from skgen.model_selection import compare
    >>> from skgen.report import ComparisonReport
    >>> X, y = make_classification(n_samples=500, weights=[0.8], random_state=0)
    >>> results = compare(X, y, [RandomOverSampler(), SMOTE()], cv=3, random_state=0)
    >>> report = ComparisonReport.from_results(results, X=X, y=y, pictures=False)
    >>> report.fresh["copies"]
    0.0
    >>> report.answers[0].privacy
    <Grade.poor: 'poor'>
    """

    results: pd.DataFrame
    fresh: dict[str, float]
    answers: list[_Answers]
    headline: str
    sentences: list[str]
    pictures: list[Picture]

    @classmethod
    def from_results(
        cls,
        results: pd.DataFrame,
        *,
        X: Any = None,
        y: Any = None,
        cv: int = 5,
        pictures: bool = True,
        title: str = "Comparison of generators",
        command: str | None = None,
        settings: dict[str, str] | None = None,
        random_state: int | np.random.RandomState | None = 0,
    ) -> ComparisonReport:
        """Report on the results of a comparison.

        Parameters
        ----------
        results : DataFrame of shape (n_generators + 1, n_columns)
            What :func:`skgen.model_selection.compare` returns.

        X : DataFrame or array-like of shape (n_samples, n_features), default=None
            Rows of the comparison. They give the values of fresh real rows, without
            which measures are not graded.

        y : array-like of shape (n_samples,), default=None
            Their labels.

        cv : int, default=5
            Number of folds of the comparison; fresh rows are as many as in one of them.

        pictures : bool, default=True
            Whether to draw pictures, which needs matplotlib.

        title : str, default="Comparison of generators"
            The title of the page.

        command : str, default=None
            Command that made the results, shown among the settings.

        settings : dict of str to str, default=None
            Further settings to show.

        random_state : int, RandomState instance or None, default=0
            Draws the fresh rows.

        Returns
        -------
        report : ComparisonReport

        Raises
        ------
        ValueError
            If `results` lacks a score of `compare`, or holds no generator.

        ImportError
            If matplotlib is missing and pictures are asked for.
        """
        _check(results)
        painter = Painter() if pictures else None
        measures = [name for name in results.columns if name in DEFINITIONS]
        known: dict[str, _Fresh] = {}
        if X is not None and y is not None:
            known = _measure_fresh(X, y, measures, cv, random_state)
        answers = [
            _answer(str(name), row, measures, known)
            for name, row in results.iloc[1:].iterrows()
        ]
        shown = {"Command": command or "ComparisonReport.from_results(results, ...)"}
        if X is not None and y is not None:
            shown |= {
                "Rows": count(len(np.asarray(y))),
                "Columns": count(np.shape(X)[1]),
                "Folds": str(cv),
            }
        return cls(
            results=results,
            fresh={name: found.value for name, found in known.items()},
            answers=answers,
            headline=_headline(answers),
            sentences=sentences(results),
            pictures=_draw(painter, results, measures) if painter else [],
            settings=shown | (settings or {}) | versions(),
            title=title,
        )

    def to_html(self) -> str:
        measures = [
            DEFINITIONS[name] for name in self.results.columns if name in DEFINITIONS
        ]
        return render(
            "comparison.html.jinja",
            title=self.title,
            headline=self.headline,
            sentences=self.sentences,
            answers=self.answers,
            rows=[(str(name), row) for name, row in self.results.iterrows()],
            scores=SCORES,
            measures=measures,
            cost={n: t for n, t in _COST.items() if n in self.results.columns},
            fresh=self.fresh,
            difference=_difference,
            pictures=self.pictures,
            settings=self.settings,
        )

    def _in_one_sentence(self) -> str:
        return self.headline


def _check(results: pd.DataFrame) -> None:
    needed = [
        f"{score.name}{ending}"
        for score in SCORES
        for ending in ("", "_diff", "_low", "_high")
    ]
    missing = [name for name in needed if name not in results.columns]
    if missing:
        raise ValueError(
            f"The results lack the column(s) {missing}: give what "
            "skgen.model_selection.compare returns."
        )
    if len(results) < 2:
        raise ValueError("The results hold no generator beside no resampling.")


def _measure_fresh(
    X: Any,
    y: Any,
    names: list[str],
    cv: int,
    random_state: int | np.random.RandomState | None,
) -> dict[str, _Fresh]:
    """Measure the test rows of one fold in place of synthetic rows."""
    rng = check_random_state(random_state)
    frame = X if isinstance(X, pd.DataFrame) else pd.DataFrame(X).infer_objects()
    frame = frame.reset_index(drop=True)
    labels = np.asarray(y)
    target = "label"
    while target in frame.columns:
        target += "_"
    folds = StratifiedKFold(max(cv, 2), shuffle=True, random_state=rng)
    train, test = next(folds.split(frame, labels))
    found = {}
    for question, table, label in (
        ("likeness", frame.assign(**{target: labels}), target),
        ("privacy", frame, None),
    ):
        real, held_out = table.iloc[train], table.iloc[test]
        tables = prepare(
            real,
            held_out,
            held_out,
            target=label,
            max_rows=len(frame),
            random_state=rng,
        )
        for name in names:
            definition = DEFINITIONS[name]
            if definition.question != question:
                continue
            fresh = measure(
                definition, tables, classifier=None, max_samples=_MAX_SAMPLES
            ).fresh
            if fresh is not None:
                found[name] = _Fresh(fresh, min(len(test), _MAX_SAMPLES))
    return found


def _answer(
    name: str, row: pd.Series, measures: list[str], fresh: dict[str, _Fresh]
) -> _Answers:
    grades: dict[str, list[Grade]] = {"likeness": [], "usefulness": [], "privacy": []}
    for measured in measures:
        definition = DEFINITIONS[measured]
        if measured in fresh and np.isfinite(row[measured]):
            known = fresh[measured]
            grades[definition.question].append(
                grade(definition, float(row[measured]), known.value, known.n_rows)
            )
    gains = [gain(row, score) for score in SCORES]
    failed = any(not np.isfinite(row[f"{score.name}_low"]) for score in SCORES)
    if failed:
        usefulness, text = Grade.unknown, "not known"
    elif 1 in gains and -1 in gains:
        usefulness, text = Grade.fair, "gains and losses"
    elif 1 in gains:
        usefulness, text = Grade.good, "gains"
    elif -1 in gains:
        usefulness, text = Grade.poor, "losses"
    else:
        usefulness, text = Grade.unknown, "no difference shown"
    return _Answers(
        name=name,
        likeness=worst(grades["likeness"]),
        usefulness=usefulness,
        usefulness_text=text,
        privacy=worst(grades["privacy"]),
    )


def _headline(answers: list[_Answers]) -> str:
    gains = [a.name for a in answers if a.usefulness is Grade.good]
    of = f"Of {len(answers)} generators, " if len(answers) > 1 else ""
    if gains:
        verb = "shows" if len(gains) == 1 else "show"
        said = f"{of}{join(gains)} {verb} a gain over no resampling."
    else:
        who = "none shows" if of else f"{answers[0].name} shows no"
        article = "a gain" if of else "gain"
        said = f"{of}{who} {article} over no resampling without a loss."
    leaks = [a.name for a in answers if a.privacy is Grade.poor]
    if leaks:
        verb = "leaks" if len(leaks) == 1 else "leak"
        said += f" {join(leaks)} {verb} training rows."
    return said


def _difference(row: pd.Series, name: str) -> str:
    """Write the difference to no resampling, with its interval."""
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    if low != low:
        return "–"
    star = "*" if low > 0 or high < 0 else ""
    return f"{row[f'{name}_diff']:+.4f} ± {(high - low) / 2:.4f}{star}"


def _draw(
    painter: Painter, results: pd.DataFrame, measures: list[str]
) -> list[Picture]:
    from skgen.plotting import FidelityPrivacyDisplay

    if not {_FIDELITY, _PRIVACY} <= set(measures):
        return []
    return [
        painter.draw(
            "Likeness and privacy",
            FidelityPrivacyDisplay.from_results,
            results.iloc[1:],
            fidelity=_FIDELITY,
            privacy=_PRIVACY,
        )
    ]
