"""Numbers typed into fields: what is read, what is marked."""

import re

import numpy as np
import pytest

from apps.shared.words import words
from apps.workbench.page import message
from apps.workbench.pencil import fields, read
from apps.workbench.state import State
from apps.workbench.visit import Asked, Visit
from apps.workbench.work import work
from cnnlayers.exercises.pencil import EXERCISES

JUDGED = [one for one in EXERCISES if one.questions]


def written(value) -> str:
    if value is None:
        return "ninguna"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, (str, tuple)) else repr(round(float(value), 2))


def right(exercise) -> dict[str, str]:
    """What whoever has worked everything out types."""
    texts = {}
    for field, question in zip(fields(exercise.name), exercise.questions, strict=True):
        values = np.ravel(question.right) if field.kind == "grid" else [question.right]
        texts |= dict(zip(field.cells, map(written, values), strict=True))
    return texts


def checked(name: str, texts: dict[str, str], **told) -> tuple[dict, Visit]:
    asked = {"hint": 0, "solution": False, "text": "", **told, "do": "check", "answers": texts}
    found = work({**asked, "exercise": name, "lang": "en"})
    return found, Visit(State(name, "en"), asked=Asked(**asked), found=found)


@pytest.mark.parametrize("exercise", JUDGED, ids=lambda one: one.name)
def test_right_answers_can_be_typed_and_pass(exercise):
    found, visit = checked(exercise.name, right(exercise))
    assert found["problems"] == {} and found["report"]["passed"]
    html = message(visit, words("workbench", "en"))["html"]["fields"]
    assert html.count('id="') == len(right(exercise)) and "aria-invalid" not in html


@pytest.mark.parametrize("exercise", JUDGED, ids=lambda one: one.name)
def test_a_wrong_answer_is_marked_where_it_was_typed_and_no_other(exercise):
    for field in fields(exercise.name):
        cell = field.cells[-1]
        flipped = {"yes": "no", "no": "yes"}.get(right(exercise)[cell], "777")
        found, visit = checked(exercise.name, right(exercise) | {cell: flipped})
        assert not found["report"]["passed"]
        html = message(visit, words("workbench", "en"))["html"]["fields"]
        marked = re.findall(r'<\w+ id="([\w.]+)"[^>]* aria-invalid="true"', html)
        assert marked == [cell]


@pytest.mark.parametrize("text, value", [
    ("-1,5", -1.5), ("−2", -2.0), (" 25 088 ", 25088.0), ("25/9", 25 / 9), ("1e2", 100.0),
])  # fmt: skip
def test_numbers_are_read_as_people_write_them(text, value):
    assert read("zero-start", {"Z": "0"})[0] == {"Z": 0.0}
    assert read("shift", {"shift": text}) == ({"shift": value}, {})


@pytest.mark.parametrize("text", ["two", "1/0", "nan", "inf", "1 + 1", "__import__('os')"])
def test_what_is_no_number_is_said_at_its_field(text):
    given, problems = read("shift", {"shift": text})
    assert given == {} and problems == {"shift": "not_number"}


@pytest.mark.parametrize("text, value", [
    ("28 × 28 × 6", (28, 28, 6)), ("(1, 24, 24, 5)", (1, 24, 24, 5)), ("[4;3;5]", (4, 3, 5)),
    ("4x3", (4, 3)), ("ninguna", None), ("None", None), ("3", 3.0), ('"c"', "c"), ("dW", "dW"),
])  # fmt: skip
def test_shapes_and_words_are_read_as_people_write_them(text, value):
    assert read("output-sizes", {"a": text}) == ({"a": value}, {})


def test_a_grid_is_judged_once_it_is_full():
    full = {f"dW.{r}.{c}": "1" for r in range(3) for c in range(3)}
    assert read("conv-backward-by-hand", full)[0]["dW"].tolist() == [[1.0] * 3] * 3
    given, problems = read("conv-backward-by-hand", full | {"dW.1.1": " ", "db": "1"})
    assert given == {"db": 1.0} and problems == {"dW": "blank"}


def test_a_known_slip_is_named():
    exercise = next(one for one in JUDGED if one.name == "conv-backward-by-hand")
    slips = exercise.questions[2].source.slips()
    name, values = next(
        (name, values) for name, values in slips.items() if name == "backward-flipped"
    )
    typed = {f"dA.{r}.{c}": str(values[0][r, c]) for r in range(4) for c in range(4)}
    assert name in checked(exercise.name, typed)[0]["report"]["mistakes"]
