"""The verdict in plain words."""

from __future__ import annotations

from dataclasses import dataclass

from skgen.report._definitions import QUESTIONS
from skgen.report._grades import MIN_ROWS, Grade, worst
from skgen.report._measure import Measurement
from skgen.report._tables import Tables
from skgen.report._text import lower_first, number

# What decides a question; the other measures explain. Every measure of privacy counts:
# a table that leaks in one way leaks.
_DECISIVE = {
    "likeness": ("total_variation", "contingency_similarity", "detection"),
    "usefulness": ("train_synthetic_test_real",),
}
# Below this score of a classifier trained on real rows, usefulness is not judged.
_MIN_AUC = 0.55

# For each grade the answer, and the clause of the headline.
_WORDS = {
    "likeness": {
        Grade.good: ("Yes", "is like the real one"),
        Grade.fair: ("Nearly", "is nearly like the real one"),
        Grade.poor: ("No", "is unlike the real one"),
        Grade.unknown: (
            "Not known",
            "has too few rows to say whether it is like the real one",
        ),
    },
    "usefulness": {
        Grade.good: ("Yes", "is as useful"),
        Grade.fair: ("Nearly", "is nearly as useful"),
        Grade.poor: ("No", "is less useful"),
        Grade.unknown: ("Not known", "is of unknown usefulness"),
    },
    "privacy": {
        Grade.good: ("Nothing found", "shows no measurable leakage of training rows"),
        Grade.fair: ("Perhaps", "may leak training rows"),
        Grade.poor: ("Yes", "leaks training rows"),
        Grade.unknown: ("Not known", "has an unknown privacy risk"),
    },
}


@dataclass(frozen=True)
class Finding:
    """The answer to one question, its grade, and the reasons in sentences.

    The grade of privacy is good if nothing was found.
    """

    question: str
    grade: Grade
    answer: str
    sentences: list[str]


@dataclass(frozen=True)
class Verdict:
    """All answers in one sentence, what to do, the worst grade, and each answer.

    `findings` has the keys "likeness", "usefulness" (only with a target) and "privacy".
    """

    headline: str
    advice: str
    grade: Grade
    findings: dict[str, Finding]


def reach_verdict(measurements: list[Measurement], tables: Tables) -> Verdict:
    """Answer the three questions."""
    findings = {"likeness": _likeness(measurements)}
    if tables.target is not None:
        findings["usefulness"] = _usefulness(measurements, tables)
    findings["privacy"] = _privacy(measurements, tables)
    clauses = [_WORDS[name][found.grade][1] for name, found in findings.items()]
    return Verdict(
        headline=f"This table {', '.join(clauses[:-1])}, and {clauses[-1]}.",
        advice=_advice({name: found.grade for name, found in findings.items()}),
        grade=worst([found.grade for found in findings.values()]),
        findings=findings,
    )


def _advice(grades: dict[str, Grade]) -> str:
    privacy = grades["privacy"]
    others = [grade for name, grade in grades.items() if name != "privacy"]
    if privacy is Grade.poor:
        return (
            "Do not release it as it is: it reveals more about the training rows than "
            "fresh rows of the same origin do, which is a risk of re-identification."
        )
    if Grade.poor in others:
        return "Do not use it in place of the real table."
    if privacy is Grade.fair:
        return "Before releasing it, check the privacy measures that stand out."
    if privacy is Grade.unknown:
        return (
            "Before releasing it, measure it against held-out rows: leakage cannot be "
            "assessed without enough of them."
        )
    if Grade.fair in others:
        return "Use it where the small differences below do not matter."
    return (
        "It can stand in for the real table. The measures do not prove that there is "
        "no leakage: each detects one kind."
    )


def _find(measurements: list[Measurement], question: str) -> dict[str, Measurement]:
    return {
        m.definition.name: m for m in measurements if m.definition.question == question
    }


def _likeness(measurements: list[Measurement]) -> Finding:
    known = _find(measurements, "likeness")
    decisive = [
        known[name]
        for name in _DECISIVE["likeness"]
        if name in known and known[name].value is not None
    ]
    starts = {
        "total_variation": "Column by column",
        "contingency_similarity": "Pair by pair of columns",
        "detection": "Row by row",
    }
    words = {
        Grade.good: "is as close to the real table as fresh real rows are",
        Grade.fair: "is a little less close to the real table than fresh real rows are",
        Grade.poor: "is far from the real table",
        Grade.unknown: "has too few rows to be compared with the real table",
    }
    sentences = [
        f"{starts[m.definition.name]}, it {words[m.grade]}: "
        f"{lower_first(m.definition.title)} is {_against(m)}."
        for m in decisive
    ]
    sentences += _outliers(known, _DECISIVE["likeness"])
    return _finding("likeness", worst([m.grade for m in decisive]), sentences)


def _usefulness(measurements: list[Measurement], tables: Tables) -> Finding:
    known = _find(measurements, "usefulness")
    score = known.get("train_synthetic_test_real")
    labels = [table[tables.target] for table in (tables.reference, tables.synthetic)]
    lacking = [label for label in labels[0].unique() if label not in set(labels[1])]
    if lacking:
        reason = (
            f"No synthetic row has {tables.target} {', '.join(map(str, lacking))}, so "
            "that nothing can be learned about it."
        )
        return _finding("usefulness", Grade.poor, [reason])
    if score is None or score.value is None or score.fresh is None:
        reason = "No classifier was trained." if score is None else score.note
        return _finding("usefulness", Grade.unknown, [reason])
    grade = score.grade
    sentences = [
        f"A classifier of {tables.target} that is trained on these rows has a ROC AUC "
        f"of {number(score.value)} on real rows; trained on as many real rows, it has "
        f"{number(score.fresh)}."
    ]
    if grade is Grade.unknown:
        sentences.append(
            f"The rarest label has fewer than {MIN_ROWS} rows, too few to judge."
        )
    elif score.fresh < _MIN_AUC and grade is Grade.good:
        grade = Grade.unknown
        sentences.append(
            "Even trained on real rows, it hardly predicts the label (0.5 is a guess), "
            "so that the usefulness of synthetic rows cannot be judged."
        )
    sentences += _outliers(known, _DECISIVE["usefulness"])
    return _finding("usefulness", grade, sentences)


def _privacy(measurements: list[Measurement], tables: Tables) -> Finding:
    known = _find(measurements, "privacy")
    if tables.held_out is None:
        sentences = [
            "No held-out rows were given. Without them, a synthetic row that is close "
            "to a training row because it was memorised cannot be distinguished from "
            "one that is close by chance."
        ]
        copies = known["copies"].value if "copies" in known else None
        if copies:
            sentences.append(
                f"{number(copies, percent=True)} of the synthetic rows are exact "
                "copies of real rows, which also occur by chance in tables of few, "
                "coarse columns."
            )
        return _finding("privacy", Grade.unknown, sentences)
    grade = worst([m.grade for m in known.values()])
    if grade is Grade.unknown:
        n_rows = min(map(len, tables.drawn.values()))
        reason = (
            f"One of the tables has {n_rows} rows; fewer than {MIN_ROWS} are too few "
            "to judge."
        )
        return _finding("privacy", grade, [reason])
    flagged = [m for m in known.values() if m.grade in (Grade.poor, Grade.fair)]
    measured = sum(m.grade is not Grade.unknown for m in known.values())
    if not flagged:
        sentences = [
            f"None of {measured} measures finds more leakage of training rows than "
            "in fresh real rows."
        ]
    else:
        sentences = [
            f"{len(flagged)} of {measured} measures "
            f"{'finds' if len(flagged) == 1 else 'find'} more leakage of training rows "
            "than in fresh real rows."
        ]
        flagged.sort(key=lambda m: m.grade is not Grade.poor)
        sentences += [reading(m) for m in flagged[:3]]
    return _finding("privacy", grade, sentences)


def _finding(name: str, grade: Grade, sentences: list[str]) -> Finding:
    return Finding(QUESTIONS[name], grade, _WORDS[name][grade][0], sentences)


def _outliers(known: dict[str, Measurement], decisive: tuple[str, ...]) -> list[str]:
    poor = [
        m.definition.title
        for name, m in known.items()
        if m.grade is Grade.poor and name not in decisive
    ]
    if not poor:
        return []
    return [f"Also clearly worse than fresh real rows: {', '.join(poor)}."]


def _against(m: Measurement) -> str:
    fresh = "" if m.fresh is None else f", that of fresh real rows {number(m.fresh)}"
    return f"{number(m.value)}{fresh}"


def reading(m: Measurement) -> str:
    """Return what a value means, and how it compares with that of fresh rows."""
    if m.value is None:
        return m.note
    says = m.definition.says.format(
        value=number(m.value), percent=number(m.value, percent=True)
    )
    standing = {
        Grade.good: "No worse than fresh real rows.",
        Grade.fair: "A little worse than fresh real rows.",
        Grade.poor: "Clearly worse than fresh real rows.",
        Grade.unknown: "",
    }[m.grade]
    if m.grade in (Grade.fair, Grade.poor) and m.fresh is not None:
        percent = "{percent}" in m.definition.says
        standing = f"{standing[:-1]} ({number(m.fresh, percent=percent)})."
    return " ".join(part for part in (says, standing, m.note) if part)
