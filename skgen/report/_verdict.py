"""The verdict in plain words."""

from __future__ import annotations

from dataclasses import dataclass

from skgen.report._definitions import QUESTIONS
from skgen.report._grades import MIN_ROWS, Grade, worst
from skgen.report._measure import Measurement
from skgen.report._numbers import number
from skgen.report._tables import Tables

# What decides a question; the other measures explain. Every measure of privacy counts:
# who gives rows away in one way gives them away.
_DECISIVE = {
    "likeness": ("total_variation", "contingency_similarity", "detection"),
    "usefulness": ("train_synthetic_test_real",),
}
# A classifier of real rows that is no better cannot tell useful rows from useless.
_MIN_AUC = 0.55

_SHORT = {
    "likeness": {
        Grade.good: "Yes",
        Grade.fair: "Nearly",
        Grade.poor: "No",
        Grade.unknown: "Not known",
    },
    "privacy": {
        Grade.good: "Nothing found",
        Grade.fair: "Perhaps",
        Grade.poor: "Yes",
        Grade.unknown: "Not known",
    },
}
_SHORT["usefulness"] = _SHORT["likeness"]

_CLAUSES = {
    "likeness": {
        Grade.good: "is like the real one",
        Grade.fair: "is nearly like the real one",
        Grade.poor: "is unlike the real one",
        Grade.unknown: "has too few rows to say whether it is like the real one",
    },
    "usefulness": {
        Grade.good: "is as useful",
        Grade.fair: "is nearly as useful",
        Grade.poor: "is less useful",
        Grade.unknown: "may or may not be as useful",
    },
    "privacy": {
        Grade.good: "gives no training rows away that these measures would see",
        Grade.fair: "may give training rows away",
        Grade.poor: "gives training rows away",
        Grade.unknown: "may or may not give training rows away",
    },
}


@dataclass(frozen=True)
class Finding:
    """The answer to one question.

    Attributes
    ----------
    question : str
        The question.

    grade : Grade
        The answer; of privacy, good is that nothing was found.

    answer : str
        The answer in a word or two.

    sentences : list of str
        The reasons.
    """

    question: str
    grade: Grade
    answer: str
    sentences: list[str]


@dataclass(frozen=True)
class Verdict:
    """The three answers.

    Attributes
    ----------
    headline : str
        All in one sentence.

    advice : str
        What to do.

    grade : Grade
        The worst of the three.

    findings : dict of str to Finding
        By "likeness", "usefulness" and "privacy"; without a target, there is no
        usefulness.
    """

    headline: str
    advice: str
    grade: Grade
    findings: dict[str, Finding]


def reach_verdict(measurements: list[Measurement], tables: Tables) -> Verdict:
    """Answer the three questions.

    Parameters
    ----------
    measurements : list of Measurement
        All that was measured.

    tables : Tables
        What was compared.

    Returns
    -------
    verdict : Verdict
    """
    findings = {"likeness": _likeness(measurements)}
    if tables.target is not None:
        findings["usefulness"] = _usefulness(measurements, tables)
    findings["privacy"] = _privacy(measurements, tables)
    clauses = [_CLAUSES[name][found.grade] for name, found in findings.items()]
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
            "Do not release it as it is: it holds more of the training rows than "
            "fresh rows of the same origin would."
        )
    if Grade.poor in others:
        return "Do not use it in the place of the real table."
    if privacy is Grade.fair:
        return "Before it is released, look at the measures of privacy that stand out."
    if privacy is Grade.unknown:
        return (
            "Before it is released, measure it against held-out rows: what it gives "
            "away cannot be told without enough of them."
        )
    if Grade.fair in others:
        return "Where the small differences below do not matter, it can be used."
    return (
        "It can stand in for the real table. No measure proves that nothing leaks: "
        "these find what they look for."
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
    subjects = {
        "total_variation": ("Column by column, it is", "the real table"),
        "contingency_similarity": ("Pair by pair of columns, it is", "the real table"),
        "detection": ("Row by row, it is", "the real table"),
    }
    words = {
        Grade.good: "as near to",
        Grade.fair: "a little off",
        Grade.poor: "far from",
        Grade.unknown: "not to be judged against",
    }
    sentences = []
    for m in decisive:
        start, end = subjects[m.definition.name]
        tail = " as fresh real rows are" if m.grade is Grade.good else ""
        sentences.append(
            f"{start} {words[m.grade]} {end}{tail}: {_lower(m.definition.title)} is "
            f"{_against(m)}."
        )
    sentences += _outliers(known, _DECISIVE["likeness"])
    return _finding("likeness", worst([m.grade for m in decisive]), sentences)


def _usefulness(measurements: list[Measurement], tables: Tables) -> Finding:
    known = _find(measurements, "usefulness")
    score = known.get("train_synthetic_test_real")
    labels = [table[tables.target] for table in (tables.reference, tables.synthetic)]
    lacking = [level for level in labels[0].unique() if level not in set(labels[1])]
    if lacking:
        return _finding(
            "usefulness",
            Grade.poor,
            [
                f"No synthetic row has {tables.target} {', '.join(map(str, lacking))}, "
                "so that nothing can be learned of it."
            ],
        )
    if score is None or score.value is None or score.fresh is None:
        reason = "No classifier was trained." if score is None else score.note
        return _finding("usefulness", Grade.unknown, [reason])
    grade = score.grade
    sentences = [
        f"A classifier that learns {tables.target} from these rows gets a ROC AUC of "
        f"{number(score.value)} on real rows; from as many real rows, it gets "
        f"{number(score.fresh)}."
    ]
    if grade is Grade.unknown:
        sentences.append(
            f"The rarest label has less than {MIN_ROWS} rows: chance decides."
        )
    elif score.fresh < _MIN_AUC and grade is Grade.good:
        grade = Grade.unknown
        sentences.append(
            "Even real rows teach it next to nothing (0.5 is a guess), so that useful "
            "rows cannot be told from useless ones."
        )
    sentences += _outliers(known, _DECISIVE["usefulness"])
    return _finding("usefulness", grade, sentences)


def _privacy(measurements: list[Measurement], tables: Tables) -> Finding:
    known = _find(measurements, "privacy")
    if tables.held_out is None:
        sentences = [
            "No held-out rows were given. Without them, nothing tells whether a "
            "synthetic row is near to a training row because it was learned, or by "
            "chance."
        ]
        copies = known["copies"].value if "copies" in known else None
        if copies:
            sentences.append(
                f"{number(copies, percent=True)} of the synthetic rows are exact "
                "copies of real rows; chance alone makes copies in tables of few, "
                "coarse columns."
            )
        return _finding("privacy", Grade.unknown, sentences)
    grade = worst([m.grade for m in known.values()])
    if grade is Grade.unknown:
        n_rows = min(map(len, tables.drawn.values()))
        return _finding(
            "privacy",
            grade,
            [
                f"One of the tables has {n_rows} rows, and less than {MIN_ROWS} say "
                "nothing: chance decides."
            ],
        )
    flagged = [m for m in known.values() if m.grade in (Grade.poor, Grade.fair)]
    measured = sum(m.grade is not Grade.unknown for m in known.values())
    if not flagged:
        sentences = [
            f"By none of {measured} measures is it nearer to its training rows than "
            "fresh real rows are."
        ]
    else:
        sentences = [
            f"{len(flagged)} of {measured} measures "
            f"{'finds' if len(flagged) == 1 else 'find'} more of the training rows in "
            "it than in fresh real rows."
        ]
        flagged.sort(key=lambda m: m.grade is not Grade.poor)
        sentences += [f"{reading(m)}" for m in flagged[:3]]
    return _finding("privacy", grade, sentences)


def _finding(name: str, grade: Grade, sentences: list[str]) -> Finding:
    return Finding(QUESTIONS[name], grade, _SHORT[name][grade], sentences)


def _outliers(known: dict[str, Measurement], decisive: tuple[str, ...]) -> list[str]:
    poor = [
        m.definition.title
        for name, m in known.items()
        if m.grade is Grade.poor and name not in decisive
    ]
    if not poor:
        return []
    return [f"Clearly worse than fresh real rows, too: {', '.join(poor)}."]


def _lower(title: str) -> str:
    return title[0].lower() + title[1:]


def _against(m: Measurement) -> str:
    assert m.value is not None
    if m.fresh is None:
        return number(m.value)
    return f"{number(m.value)}, that of fresh real rows {number(m.fresh)}"


def reading(m: Measurement) -> str:
    """Return what a value means, and how it stands to that of fresh rows.

    Parameters
    ----------
    m : Measurement

    Returns
    -------
    text : str
    """
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
