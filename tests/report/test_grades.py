import math

import numpy as np
import pytest

from skgen.metrics._registry import MEASURES
from skgen.report._definitions import DEFINITIONS, QUESTIONS
from skgen.report._grades import Grade, grade, worst

# Measures of our own.
OF_STRUCTURE = {"blind_detection", "id_frequency_distance", "rules_kept"}


def test_every_measure_has_a_definition():
    # What real rows teach stands beside what synthetic rows do, as their fresh value.
    assert set(DEFINITIONS) == set(MEASURES) - {"train_real_test_real"}
    for definition in DEFINITIONS.values():
        assert definition.question in QUESTIONS
        assert definition.summary.endswith(".")
        assert ":math:" not in definition.summary
        assert definition.misses
        assert 0 <= definition.fair < definition.poor
        assert definition.name in {"copies", *OF_STRUCTURE} or definition.papers
        for paper in definition.papers:
            assert not paper.startswith("..")
            assert paper.endswith(".")


@pytest.mark.parametrize("name", sorted(DEFINITIONS))
def test_worse_values_have_worse_grades(name):
    definition = DEFINITIONS[name]
    fresh = 0.5 if definition.center is None else definition.center
    steps = np.linspace(0, 1, 200)
    grades = [
        grade(definition, fresh - definition.measure.sign * step, fresh, 10**9)
        for step in steps
    ]
    order = [Grade.good, Grade.fair, Grade.poor]
    ranks = [order.index(g) for g in grades]
    assert ranks == sorted(ranks)
    assert set(grades) == set(order)
    # What is better than fresh rows is no worse.
    assert (
        grade(definition, fresh + definition.measure.sign, fresh, 10**9) is Grade.good
    )


def test_chance_is_allowed_for():
    definition = DEFINITIONS["dcr_share"]
    n_rows = 100
    chance = 3 * 0.5 / math.sqrt(n_rows)
    assert grade(definition, 0.52 + chance - 1e-9, 0.5, n_rows) is Grade.good
    assert grade(definition, 0.52 + chance + 1e-9, 0.5, n_rows) is Grade.fair
    assert grade(definition, 0.60 + chance + 1e-9, 0.5, n_rows) is Grade.poor
    # Fresh rows that look better than they can be are no standard.
    assert grade(definition, 0.52, 0.3, n_rows) is Grade.good


def test_few_rows_and_missing_fresh_rows_are_not_judged():
    definition = DEFINITIONS["copies"]
    assert grade(definition, 1.0, 0.0, 39) is Grade.unknown
    assert grade(definition, 1.0, None, 1000) is Grade.unknown
    assert grade(definition, 1.0, 0.0, 40) is Grade.poor


def test_worst():
    assert worst([]) is Grade.unknown
    assert worst([Grade.unknown, Grade.good]) is Grade.good
    assert worst([Grade.poor, Grade.fair]) is Grade.poor
