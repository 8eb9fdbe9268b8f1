"""Checkers for the book's exercises, which say what went wrong by name.

>>> import numpy as np
>>> from cnnlayers.exercises import check
>>> def zero_pad(X, pad):
...     return np.pad(X, ((0, 0), (pad, 0), (pad, 0), (0, 0)))
>>> check("zero_pad", zero_pad, language="en").mistakes
('pad-one-side',)

A report shows itself in a terminal and in a notebook. It says what the answer computes and draws
the smallest input on which that is wrong; hints and the book's version come when they are asked
for. What is compared, and with what, is listed by `exercises`: there are no hidden tests.

How it works: a function is run on a few small inputs (`layers`, `network`, `tasks`, …), guarded
against whatever it may do (`sandbox`), and compared with the book's. If it is wrong, it is compared
with the bank of known mistakes (`faults`, `diagnosis`); what none of them explains is described
(`description`). Numbers worked out by hand are judged by `pencil` and `answers`.
"""

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal, cast

import numpy as np

from cnnlayers.exercises import checking, faults, layers, network, pencil, puzzles, tasks, tasks_two
from cnnlayers.exercises.answers import check_answers
from cnnlayers.exercises.exercise import FunctionExercise
from cnnlayers.exercises.functions import check_function
from cnnlayers.exercises.language import choose, sections
from cnnlayers.exercises.pencil import PencilExercise
from cnnlayers.exercises.puzzles import FaultyLayer, check_fault, faulty
from cnnlayers.exercises.report import Report
from cnnlayers.exercises.smallest import Case
from cnnlayers.exercises.stubs import function_stub, pencil_stub, puzzle_stub
from cnnlayers.exercises.telling import Asked

__all__ = [
    "Case",
    "Exercise",
    "FaultyLayer",
    "Report",
    "check",
    "exercises",
    "faulty",
    "mistakes",
    "stub",
]

_EXERCISES: dict[str, FunctionExercise | PencilExercise] = {
    exercise.name: exercise
    for exercise in (
        *layers.EXERCISES,
        *network.EXERCISES,
        *checking.EXERCISES,
        *tasks.EXERCISES,
        *tasks_two.EXERCISES,
        *pencil.EXERCISES,
    )
}


def check(
    name: str,
    answer: Any = None,
    *,
    language: str | None = None,
    hint: int = 0,
    solution: bool = False,
    **answers: Any,
) -> Report:
    """Judge an answer to an exercise, and say what went wrong.

    Parameters
    ----------
    name
        Name of the exercise, which the book prints beside it and `exercises` lists.
    answer
        The answer: a function, or a number. Where several things are asked for, they are given by
        name, as ``answers`` or as a dict here.
    language
        "en" or "es"; None takes that of the reader's locale, or English.
    hint
        How many hints to show of each mistake that is recognized: 0, 1 (vague) or 2 (plain).
    solution
        Whether to show the book's version.
    **answers
        The answers by name.

    Returns
    -------
    Report
        `passed`, `mistakes`, `case`, `hints`; a terminal and a notebook show it by themselves.

    Raises
    ------
    ValueError
        If there is no such exercise or language, or hint is not 0, 1 or 2.
    TypeError
        If an answer has a name that is not asked for.

    Notes
    -----
    Whatever the reader's function does (raise, print, run forever, ask for too much memory), a
    report comes back; a call is ended after two seconds. A function is judged by what it
    returns alone, on the inputs that `exercises` lists. Where the book leaves a choice, all that
    it allows is right.

    Examples
    --------
    >>> report = check("distribute_value", lambda dz, shape: np.full(shape, dz / 4), language="en")
    >>> report.passed, report.mistakes
    (False, ('spread-fixed-size',))
    >>> check("conv-backward-by-hand", db=1, language="en").wrong["db"].any()
    np.False_
    """
    if hint not in (0, 1, 2):
        raise ValueError(f"hint must be 0, 1 or 2, got {hint!r}.")
    asked = Asked(choose(language), int(hint), bool(solution))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # faulty functions overflow and divide by zero
        if name == puzzles.NAME:
            return check_fault(_by_name(answer, answers, ("layer", "mistake")), asked)
        exercise = _find(name)
        if isinstance(exercise, PencilExercise):
            names = tuple(question.name for question in exercise.questions)
            return check_answers(exercise, _by_name(answer, answers, names), asked)
        return check_function(exercise, _by_name(answer, answers, exercise.asks), asked)


def _find(name: str) -> FunctionExercise | PencilExercise:
    if name in _EXERCISES:
        return _EXERCISES[name]
    near = get_close_matches(str(name), [*_EXERCISES, puzzles.NAME], n=3, cutoff=0.5)
    hint = (
        f"; did you mean {' or '.join(map(repr, near))}?" if near else "; exercises() lists them."
    )
    raise ValueError(f"there is no exercise {name!r}{hint}")


def _by_name(answer: Any, answers: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Bring what was handed in under the names that are asked for."""
    if answer is None and answers:
        return answers
    if len(names) > 1 or (names and isinstance(answer, Mapping)):
        if isinstance(answer, Mapping):
            return {**cast(Mapping[str, Any], answer), **answers}
        if isinstance(answer, (tuple, list)) and len(cast(tuple[Any, ...], answer)) == len(names):
            return dict(zip(names, cast(Iterable[Any], answer), strict=True))
        return {names[0]: answer, **answers} if answer is not None else {}
    return {names[0] if names else "answer": answer}


@dataclass(frozen=True)
class Exercise:
    """An exercise of the book.

    Attributes
    ----------
    name
        Its name for `check`.
    title
        Its title.
    section
        Label of the section that it belongs to.
    section_title
        Title of that section.
    kind
        "function", "arrays", "numbers", "experiment", or "reasoning" for what no program can
        judge.
    asks
        What is to be handed in, by name.
    checks
        What it is checked on, one line for each input.
    hints
        Two hints, from vague to plain, for who does not know how to begin.
    """

    name: str
    title: str
    section: str
    section_title: str
    kind: Literal["function", "arrays", "numbers", "experiment", "reasoning"]
    asks: tuple[str, ...]
    checks: tuple[str, ...]
    hints: tuple[str, ...]


class Listing(tuple[Any, ...]):
    """A tuple that is shown one entry to a line."""

    def __repr__(self) -> str:
        return "\n".join(_line(one) for one in self)


def _line(one: Any) -> str:
    if isinstance(one, Exercise):
        return f"{one.name:<26}{one.title} ({one.section_title})"
    return f"{one[0]:<34}{one[1]}"


def exercises(language: str | None = None) -> tuple[Exercise, ...]:
    """List the exercises, and what each is checked on.

    Parameters
    ----------
    language
        "en" or "es"; None takes that of the reader's locale, or English.

    Returns
    -------
    tuple of Exercise
        Shown one to a line.

    Raises
    ------
    ValueError
        If there is no such language.

    Notes
    -----
    A function that has a parameter `ties` is also checked with both of its words.

    Examples
    --------
    >>> [exercise.name for exercise in exercises("en")][:3]
    ['zero_pad', 'conv_single_step', 'conv_forward']
    """
    chosen = choose(language)
    listed: list[Exercise] = []
    for name in (*_EXERCISES, puzzles.NAME):
        about = faults.entry(name)
        section = str(about["section"])
        kind, asks, checks = _contents(name)
        title = str(about["title"][chosen])
        section_title = sections()[section][chosen][0]
        hints = tuple(about["hints"][chosen])
        listed.append(Exercise(name, title, section, section_title, kind, asks, checks, hints))
    return Listing(listed)


def _contents(name: str) -> tuple[Any, tuple[str, ...], tuple[str, ...]]:
    exercise = _EXERCISES.get(name)
    if exercise is None:
        return "experiment", ("layer", "mistake"), ()
    if isinstance(exercise, PencilExercise):
        names = tuple(question.name for question in exercise.questions)
        return ("numbers" if names else "reasoning"), names, names
    kind = "arrays" if exercise.asks[:1] == ("W",) else "function"
    asks = exercise.asks or (exercise.function.__name__,)
    return kind, asks, tuple(probe.label for probe in exercise.probes)


def mistakes(name: str, language: str | None = None) -> tuple[tuple[str, str], ...]:
    """List the known mistakes of an exercise: what one can say of a faulty layer.

    Parameters
    ----------
    name
        Name of the exercise.
    language
        "en" or "es"; None takes that of the reader's locale, or English.

    Returns
    -------
    tuple of pairs
        The identifier of each mistake, and what a function that has it computes.

    Raises
    ------
    ValueError
        If there is no such exercise or language.

    Examples
    --------
    >>> dict(mistakes("zero_pad", "en"))["pad-identity"]
    'Your function returns X as it came in, with no border at all.'
    """
    chosen = choose(language)
    return Listing(
        (one.name, one.sentences[chosen][0]) for one in faults.mistakes(_find(name).name)
    )


def stub(name: str, language: str | None = None) -> str:
    """Write what the reader starts from: signature, contract, cases worked out by hand.

    Parameters
    ----------
    name
        Name of the exercise.
    language
        "en" or "es"; None takes that of the reader's locale, or English.

    Returns
    -------
    str
        Python code; for an exercise that asks for numbers, the call that hands them in.

    Raises
    ------
    ValueError
        If there is no such exercise or language.

    Examples
    --------
    >>> print(stub("random-stream", "en"))
    # same: True or False, whether the two give the same numbers.
    check("random-stream", same=…)
    <BLANKLINE>
    """
    chosen = choose(language)
    if name == puzzles.NAME:
        return puzzle_stub(name, chosen)
    exercise = _find(name)
    if isinstance(exercise, PencilExercise):
        return pencil_stub(exercise, chosen)
    return function_stub(exercise, chosen)
