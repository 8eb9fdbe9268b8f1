"""Judge numbers, shapes, and a yes or no."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from cnnlayers.exercises.drawing import boards
from cnnlayers.exercises.faults import entry, mistakes
from cnnlayers.exercises.pencil import PencilExercise, Question, alike
from cnnlayers.exercises.report import Part, Report
from cnnlayers.exercises.telling import Asked, Teller
from cnnlayers.exercises.values import is_array

ALIKE = 3  # more mistakes than this that give the same number say nothing


def check_answers(exercise: PencilExercise, answers: dict[str, Any], asked: Asked) -> Report:
    """Judge what was worked out."""
    tell = _PencilTeller(exercise, asked)
    if not exercise.questions:
        return tell.wrong("unusable", [Part("text", tell.say("not-judged"))])
    questions = {question.name: question for question in exercise.questions}
    if unknown := [name for name in answers if name not in questions]:
        names = ", ".join(questions)
        raise TypeError(f"{exercise.name} asks for {names}, got {', '.join(unknown)}.")
    given = {name: questions[name] for name in answers}
    wrong = {name: question.wrong(answers[name]) for name, question in given.items()}
    failed = [question for name, question in given.items() if wrong[name].any()]
    missing = [name for name in questions if name not in answers]
    if not failed and not missing:
        return tell.right([])
    found: dict[str, None] = {}
    parts: list[Part] = []
    for question in failed:
        known = _known(exercise, question, answers[question.name])
        found |= {one: None for one in known}
        parts += tell.about(question, answers[question.name], wrong[question.name], known)
    if right := [name for name in given if not wrong[name].any()]:
        parts.append(Part("text", tell.say("numbers-right", names=", ".join(right))))
    if missing:
        parts.append(Part("text", tell.say("missing", names=", ".join(missing))))
    sources = [question.source.exercise.name for question in failed if question.source]
    named = [tell.mistake(name, *sources) for name in found]
    verdict = "known" if named else "unknown" if failed else "unusable"
    return tell.wrong(verdict, parts, named, cells=wrong)


def _known(exercise: PencilExercise, question: Question, answer: Any) -> tuple[str, ...]:
    """Name the mistakes that give this answer."""
    found = [
        mistake.name
        for mistake in mistakes(exercise.name)
        for values in mistake.answers
        if question.name in values and _is(answer, values[question.name])
    ]
    if question.source and not found:
        slips = question.source.slips()
        found = [name for name, values in slips.items() if any(alike(answer, v) for v in values)]
        if len(found) > ALIKE:
            return ()
    return tuple(dict.fromkeys(found))


def _is(answer: Any, slip: Any) -> bool:
    """Compare with a value of the bank, in which "none" stands for None."""
    if slip == "none":
        return answer is None
    return alike(answer, slip)


class _PencilTeller(Teller):
    """Writes the reports on numbers."""

    def __init__(self, exercise: PencilExercise, asked: Asked) -> None:
        super().__init__(exercise.name, asked)
        self.exercise = exercise

    def about(
        self, question: Question, answer: Any, wrong: Any, known: Sequence[str]
    ) -> list[Part]:
        """Say what is wrong with one answer, and not what would be right."""
        name = question.name
        source = [question.source.exercise.name] if question.source else []
        named = [self.mistake(mistake, *source) for mistake in known]
        sentences = [mistake.sentences[self.language][0] for mistake in named]
        mine: Any = np.asarray(answer, dtype=object)
        right: Any = np.asarray(question.right, dtype=object)
        if right.ndim and mine.squeeze().shape != right.squeeze().shape:
            values = {"name": name, "got": mine.shape, "expected": right.shape}
            sentences = sentences or [self.say("shape", **values)]
        if not sentences:
            count = int(wrong.sum())
            key = "numbers-wrong" if right.ndim > 0 else "number-wrong"
            sentences = [self.say(key, name=name, wrong=count, all=wrong.size)]
        elif named:
            sentences = [f"{name}: {sentence}" for sentence in sentences]
        parts = [Part("item", sentence) for sentence in sentences]
        if right.ndim == 2 and wrong.shape == mine.shape:
            numbers = np.asarray(answer, dtype=np.float64)
            parts.append(Part("boards", boards=tuple(boards(name, numbers, differs=wrong))))
        return parts

    def solution(self, faults: Sequence[str]) -> list[Part]:
        """Give the answers."""
        if not self.asked.solution:
            return []
        if not self.exercise.questions:
            return []
        lines = [
            f"{question.name} = {_shown(question.right)}" for question in self.exercise.questions
        ]
        return [Part("text", self.say("solution")), Part("code", "\n".join(lines))]


def _shown(value: Any) -> str:
    if is_array(value) and value.ndim:
        return "\n" + np.array2string(value.round(3), separator=", ")
    return f"{float(value):g}" if is_array(value) or isinstance(value, float) else repr(value)


def template(exercise: PencilExercise) -> str:
    """Write the call that hands the answers in."""
    names = ", ".join(f"{question.name}=…" for question in exercise.questions)
    return f'check("{exercise.name}", {names})' if names else f"# {entry(exercise.name)['title']}"
