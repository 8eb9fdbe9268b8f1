"""What is listed: exercises, what they are checked on, where a reader starts."""

import doctest
import re
from pathlib import Path

import numpy as np
import pytest

import cnnlayers.exercises
from cnnlayers.exercises import _EXERCISES, check, exercises, mistakes, stub
from cnnlayers.exercises.exercise import FunctionExercise
from cnnlayers.exercises.faults import entry

ROOT = Path(__file__).parents[3]
FUNCTIONS = {name: e for name, e in _EXERCISES.items() if isinstance(e, FunctionExercise)}


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_exercise_of_the_book_has_a_checker_by_its_label(language):
    names = {exercise.name for exercise in exercises(language)}
    for path in (ROOT / "chapters" / language).glob("*.qmd"):
        for label in re.findall(r"^::: \{#exr-([\w-]+)", path.read_text("utf-8"), re.M):
            assert label in names, (path.name, label)


@pytest.mark.parametrize("language", ["en", "es"])
def test_titles_are_those_of_the_chapters(language):
    titles = {exercise.name: exercise.title for exercise in exercises(language)}
    shown = {
        label: title
        for path in (ROOT / "chapters" / language).glob("*.qmd")
        for label, title in re.findall(
            r"^::: \{#exr-([\w-]+)[^}]*\}\n## (.*)", path.read_text("utf-8"), re.M
        )
    }
    assert shown == {label: titles[label] for label in shown}
    assert len(shown) > 40


def test_exercises_are_listed_with_title_section_and_what_is_checked():
    for listed in exercises("en"):
        assert listed.title and listed.section.startswith("sec-") and listed.section_title
        if listed.kind == "function":
            assert len(listed.checks) == len(FUNCTIONS[listed.name].probes)
            assert len(set(listed.checks)) == len(listed.checks), listed.name
    kinds = {listed.kind for listed in exercises("en")}
    assert kinds == {"function", "arrays", "numbers", "experiment", "reasoning"}
    assert [a.name for a in exercises("en")] == [b.name for b in exercises("es")]
    assert [a.title for a in exercises("en")] != [b.title for b in exercises("es")]
    text = repr(exercises("es"))
    assert len(text.splitlines()) == len(exercises("es")) and "Depura tu propia convolución" in text


def test_the_eight_functions_and_those_of_part_two_are_there():
    names = {exercise.name for exercise in exercises("en")}
    assert names >= {
        *("zero_pad", "conv_single_step", "conv_forward", "pool_forward", "conv_backward"),
        *("create_mask_from_window", "distribute_value", "pool_backward"),
        *("im2col", "col2im", "gradient_check", "relu_forward", "relu_backward"),
        *("dense_forward", "dense_backward", "softmax", "cross_entropy_forward"),
        *("cross_entropy_backward", "sgd_momentum", "initialize", "train_epoch"),
    }


def test_mistakes_are_listed_with_what_they_compute():
    listed = dict(mistakes("conv_backward", "es"))
    assert listed["backward-order"] == "Tus tres gradientes se devuelven en otro orden."
    assert repr(mistakes("conv_backward", "es")).count("\n") == len(listed) - 1


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", _EXERCISES)
def test_a_stub_is_python_and_says_what_is_asked_for(name, language):
    code = stub(name, language)
    assert str(entry(name)["stub"][language]).split()[0] in code
    # A page has room for so much; a call that hands numbers in is one line, which the page breaks.
    assert max(len(line) for line in code.splitlines() if not line.startswith("check(")) <= 84
    if name not in FUNCTIONS:
        return
    names = {}
    exec(compile(code, name, "exec"), names)
    exercise = FUNCTIONS[name]
    if exercise.asks[:1] == ("W",):
        return
    handed = {ask: names[ask] for ask in exercise.asks} if exercise.asks else None
    function = names[exercise.function.__name__] if handed is None else None
    report = check(name, function, language="en", **(handed or {}))
    assert not report.passed


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if "cases" in entry(name)])
def test_the_cases_worked_out_by_hand_are_right(name):
    exercise = FUNCTIONS[name]
    shown = exercise.shown or (exercise.function,)
    names = {"np": np, **{function.__name__: function for function in shown}}
    test = doctest.DocTestParser().get_doctest(str(entry(name)["cases"]), names, name, name, 0)
    runner = doctest.DocTestRunner(verbose=False)
    runner.run(test)
    assert runner.failures == 0
    checked = [example for example in test.examples if example.want]
    assert len(checked) >= 3


def test_examples_print_what_they_say():
    result = doctest.testmod(cnnlayers.exercises)
    assert result.attempted > 8 and result.failed == 0
