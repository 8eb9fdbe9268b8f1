"""Numbers, shapes and a yes or no worked out by hand."""

from fractions import Fraction

import numpy as np
import pytest

from cnnlayers.exercises import check, pencil
from cnnlayers.exercises.faults import mistakes
from cnnlayers.exercises.pencil import PencilExercise

EXERCISES = {exercise.name: exercise for exercise in pencil.EXERCISES}
JUDGED = [name for name, exercise in EXERCISES.items() if exercise.questions]


def right(name):
    return {question.name: question.right for question in EXERCISES[name].questions}


@pytest.mark.parametrize("name", JUDGED)
def test_the_books_answers_pass_and_each_one_alone_does_not(name):
    assert check(name, **right(name)).passed
    assert check(name, right(name)).passed
    for question in right(name):
        others = {key: value for key, value in right(name).items() if key != question}
        report = check(name, others, language="en")
        assert not report.passed and f"Still missing: {question}." in str(report)
        assert report.mistakes == ()


@pytest.mark.parametrize("name", JUDGED)
def test_known_slips_are_named(name):
    for mistake in mistakes(name):
        assert mistake.answers, mistake.name
        for slip in mistake.answers:
            given = {key: None if value == "none" else value for key, value in slip.items()}
            report = check(name, **{**right(name), **given}, language="en")
            assert not report.passed and mistake.name in report.mistakes, (mistake.name, slip)
            assert mistake.sentences["en"][0] in str(report)


def test_the_books_running_numbers():
    expected = {
        "db": 1,
        "dW": [[-2, 3, 10], [-1, 5, -2], [-1, -3, 6]],
        "dA": [[2, 0, -2, 0], [2, -1, -2, 1], [2, -1, -2, 1], [0, -1, 0, 1]],
    }
    assert check("conv-backward-by-hand", **expected).passed
    assert check(
        "pool-by-hand", maximum=[[6, 8], [5, 8]], average=np.array([[21, 31], [19, 27]]) / 9
    ).passed
    assert check("window-by-hand", row_0_column_1=-2, row_1_column_0=-8).passed
    assert check(
        "pool-backward-by-hand",
        A=[[4, 6, 6], [4, 4, 8], [2, 5, 8]],
        dA_prev=[[0, 0, 2, 0], [0, 3, 0, 0], [0, 0, 0, 2], [1, 0, 1, 0]],
    ).passed


def test_decimals_fractions_and_other_forms_of_the_same_numbers():
    for average in (
        [[2.33, 3.44], [2.11, 3]],
        [[Fraction(21, 9), Fraction(31, 9)], [Fraction(19, 9), 3]],
        np.array([[[[21 / 9], [31 / 9]], [[19 / 9], [3]]]]),
    ):
        assert check("pool-by-hand", maximum=np.array([[6, 8], [5, 8]]), average=average).passed
    assert not check(
        "pool-by-hand", maximum=[[6, 8], [5, 8]], average=[[2.3, 3.4], [2.1, 3]]
    ).passed
    assert check(
        "output-sizes", {**right("output-sizes"), "a": [24, 24, 5], "d": (1, 0, 0, 5)}
    ).passed
    assert (
        check("shift", 1).passed and check("shift", 1.0).passed and check("shift", shift=1).passed
    )
    assert check("seed", np.True_).passed and not check("seed", 1).passed
    assert check("find-the-bug", backward_1="b", backward_2="right", backward_3="A_PREV").passed
    assert check("same-padding", f_1=0, f_3=1, f_5=2, f_7=3, f_2=0.5).passed


@pytest.mark.parametrize(
    ("answers", "names"),
    [
        ({"dA": [[0, 0, 0, 0]] * 4}, {"backward-dA-stays-zero"}),
        (
            {"dA": [[-2, 0, 2, 0], [-2, 1, 2, -1], [-2, 1, 2, -1], [0, 1, 0, -1]]},
            {"backward-flipped", "backward-sign"},
        ),
        ({"dW": [[-4, -3, -2], [-1, -3, -8], [-1, -5, 0]]}, {"backward-assign-dW"}),
        ({"db": 0.25}, {"backward-db-mean"}),
        ({"db": -1}, {"backward-assign-db", "backward-sign"}),
        ({"db": 9}, {"backward-db-times-window"}),
        ({"dW": [[1, 0, -1], [1, 0, -1], [1, 0, -1]]}, {"backward-input-for-filter"}),
    ],
)
def test_slips_of_the_backward_pass_are_the_banks(answers, names):
    report = check(
        "conv-backward-by-hand", {**right("conv-backward-by-hand"), **answers}, language="en"
    )
    assert not report.passed
    assert set(report.mistakes) == names, str(report)
    (name,) = answers
    assert report.wrong[name].any()
    assert not any(marks.any() for key, marks in report.wrong.items() if key != name)
    assert report.hints


def test_cells_are_judged_one_by_one_and_the_right_numbers_are_not_given_away():
    dA = [[2, 0, -2, 0], [2, -1, 44, 1], [2, -1, -2, 1], [0, -1, 0, 77]]
    report = check(
        "conv-backward-by-hand", db=1, dW=right("conv-backward-by-hand")["dW"], dA=dA, language="es"
    )
    assert np.argwhere(report.wrong["dA"]).tolist() == [[1, 2], [3, 3]]
    text = str(report)
    assert "dA: 2 de 16 números no están bien." in text and "≠44" in text and "≠77" in text
    assert "Bien: db, dW." in text
    assert "dA =" not in text
    assert "dA =" in str(check("conv-backward-by-hand", db=1, dA=dA, language="es", solution=True))


@pytest.mark.parametrize("answer", ["many", None, [[1]], {"a": 1}, object(), [[1, 2], [3]]])
def test_what_is_no_such_number_is_wrong_and_nothing_worse(answer):
    report = check(
        "conv-backward-by-hand", {**right("conv-backward-by-hand"), "dW": answer}, language="en"
    )
    assert not report.passed and report.wrong["dW"].all()
    assert str(report)


def test_a_name_that_is_not_asked_for():
    with pytest.raises(TypeError, match=r"asks for db, dW, dA, got dX\."):
        check("conv-backward-by-hand", dX=1)


@pytest.mark.parametrize("name", [n for n, e in EXERCISES.items() if not e.questions])
def test_what_no_program_can_judge_is_said_to_be_so(name):
    assert isinstance(EXERCISES[name], PencilExercise)
    report = check(name, language="en")
    assert not report.passed and report.verdict == "unusable"
    assert "No program can judge this one" in str(report)
