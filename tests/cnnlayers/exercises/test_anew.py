"""Mistakes and right answers that others wrote: in other styles, with other names."""

from typing import Any

import pytest

from cnnlayers.exercises import _EXERCISES, check, faults
from tests.cnnlayers.exercises.anew import convolution, network, pooling, small
from tests.cnnlayers.exercises.anew.second import SECOND
from tests.cnnlayers.exercises.anew.tasks import TASKS

TABLES: dict[str, dict[str, list[dict[str, Any]]]] = {
    **{
        table.lower(): {
            mistake: [{"answer": function} for function in functions]
            for mistake, functions in getattr(module, table).items()
        }
        for module in (small, convolution, pooling, network)
        for table in module.__all__
    },
    **TASKS,
    **SECOND,
}
# What cannot be told from another mistake by what it does.
TWINS = {
    "backward-unpadded-input": {"backward-no-pad"},
    "check-alias": {"check-epsilon"},
}

RIGHT = [(name, k) for name, table in TABLES.items() for k in range(len(table["right"]))]
WRONG = [
    (name, mistake, k)
    for name, table in TABLES.items()
    for mistake, answers in table.items()
    if mistake != "right"
    for k in range(len(answers))
]


@pytest.mark.parametrize(("name", "k"), RIGHT)
def test_a_right_answer_in_any_style_passes(name, k):
    report = check(name, **TABLES[name]["right"][k], language="en")
    assert report.passed, str(report)
    assert report.mistakes == () and report.case is None and report.hints == ()


@pytest.mark.parametrize(("name", "mistake", "k"), WRONG)
def test_a_mistake_in_other_words_is_named(name, mistake, k):
    report = check(name, **TABLES[name][mistake][k], language="en")
    assert not report.passed
    assert report.mistakes[:1] == (mistake,), str(report)
    assert set(report.mistakes[1:]) <= TWINS.get(mistake, set()), str(report)


def test_every_mistake_of_a_function_was_written_anew_twice():
    functions = [name for name, exercise in _EXERCISES.items() if hasattr(exercise, "probes")]
    assert set(TABLES) == set(functions)
    for name in functions:
        known = {mistake.name for mistake in faults.mistakes(name)}
        anew = {mistake: len(answers) for mistake, answers in TABLES[name].items()}
        assert set(anew) - {"right", "changes-argument"} == known, name
        assert min(anew.values()) >= 2, name
