"""The address of the workbench, read and written."""

import pytest

from apps.workbench.state import State, listed, parse, serialize
from cnnlayers.exercises import exercises


@pytest.mark.parametrize("lang", ["es", "en"])
def test_every_exercise_that_can_be_judged_has_an_address(lang):
    for one in exercises(lang):
        state, problems = parse(f"?exercise={one.name}&lang={lang}")
        if one.kind == "reasoning":
            assert [problem.expected for problem in problems] == ["exercise"], one.name
        else:
            assert state == State(one.name, lang) and not problems
            assert parse(serialize(state)) == (state, [])


def test_what_has_its_default_is_left_out():
    assert serialize(State()) == ""
    assert serialize(State(lang="en")) == "lang=en"
    assert serialize(State("conv_forward")) == "exercise=conv_forward"
    assert next(iter(listed("es"))) == State().exercise


@pytest.mark.parametrize("query, key, expected", [
    ("exercise=nothing", "exercise", "exercise"),
    ("exercise=", "exercise", "exercise"),
    ("lang=fr", "lang", "choice"),
    ("code=print(1)", "code", "parameter"),  # an address never brings code
])  # fmt: skip
def test_what_cannot_be_read_keeps_its_default_and_is_reported(query, key, expected):
    state, problems = parse(query)
    assert state == State()
    assert [(problem.key, problem.expected) for problem in problems] == [(key, expected)]
