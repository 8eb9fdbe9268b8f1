"""Faulty layers to be found out by experiment, and the judgment on what the reader says of them."""

import inspect
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import product
from typing import Any, cast
from weakref import WeakKeyDictionary

import numpy as np

from cnnlayers.exercises import layers
from cnnlayers.exercises.diagnosis import Record, record
from cnnlayers.exercises.exercise import FunctionExercise
from cnnlayers.exercises.faults import CannotApply, Function, Mistake, faulty_function, mistakes
from cnnlayers.exercises.report import Part, Report, drawn
from cnnlayers.exercises.smallest import Case, case_of
from cnnlayers.exercises.telling import Asked, Teller
from cnnlayers.exercises.values import Stopped, same

NAME = "find-the-fault"

# From easy to subtle; the last ones have two faults.
PUZZLES: tuple[tuple[str, ...], ...] = (
    ("zero_pad", "pad-one-side"),
    ("conv_single_step", "step-no-bias"),
    ("distribute_value", "spread-by-sum"),
    ("create_mask_from_window", "mask-absolute"),
    ("pool_forward", "pool-from-zero"),
    ("conv_forward", "forward-no-stride"),
    ("pool_forward", "pool-stride-is-f"),
    ("conv_forward", "forward-first-example"),
    ("conv_forward", "forward-transposed"),
    ("pool_backward", "pool-backward-assign"),
    ("conv_backward", "backward-assign-dA"),
    ("pool_backward", "pool-backward-mask-all-channels"),
    ("conv_backward", "backward-transposed"),
    ("conv_backward", "backward-crop-end"),
    ("conv_backward", "backward-size-from-dZ"),
    ("conv_forward", "forward-stride-one-axis", "forward-first-bias"),
    ("pool_backward", "pool-backward-assign", "pool-backward-divided-by-f"),
    ("conv_backward", "backward-flipped", "backward-dW-mean"),
)

EXERCISES = {exercise.name: exercise for exercise in layers.EXERCISES}


class FaultyLayer:
    """One of the book's functions with something wrong in it, which it does not tell."""

    def __init__(self, name: str, seed: int) -> None:
        self.__name__ = name
        self.__signature__ = _signature(EXERCISES[name].function)
        self._seed = seed

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Do what the book's function does, nearly."""
        return _secrets[self][0](*arguments, **options)

    def __repr__(self) -> str:
        """Tell no more than was asked for."""
        return f"<a faulty {self.__name__}, seed {self._seed}>"


_secrets: "WeakKeyDictionary[FaultyLayer, tuple[Function, tuple[str, ...]]]" = WeakKeyDictionary()


def faulty(name: str = NAME, seed: int = 1) -> FaultyLayer:
    """Hand out a faulty layer."""
    if name == NAME:
        if not 1 <= seed <= len(PUZZLES):
            raise ValueError(f"seed must be from 1 to {len(PUZZLES)} for {NAME!r}, got {seed}.")
        name, *names = PUZZLES[seed - 1]
        chosen = [_mistake(name, one) for one in names]
    elif name in EXERCISES:
        rng = np.random.default_rng([seed, len(name)])
        known = mistakes(name)
        order = [known[int(k)] for k in rng.permutation(len(known))]
        chosen = [next(one for one in order if _shows(EXERCISES[name], one))]
    else:
        raise ValueError(f"name must be {NAME!r} or one of {', '.join(EXERCISES)}, got {name!r}.")
    function = faulty_function(EXERCISES[name].function, [one.faults[0] for one in chosen])
    layer = FaultyLayer(name, seed)
    _secrets[layer] = function, tuple(one.name for one in chosen)
    return layer


def _signature(function: Function) -> inspect.Signature:
    parameters = inspect.signature(function).parameters.values()
    return inspect.Signature([one.replace(annotation=one.empty) for one in parameters])


def _mistake(exercise: str, name: str) -> Mistake:
    return next(one for one in mistakes(exercise) if one.name == name)


def _shows(exercise: FunctionExercise, mistake: Mistake) -> bool:
    """Whether the first fault gives wrong numbers somewhere, and fails nowhere."""
    if not mistake.faults or "SEEN" in mistake.faults[0]:
        return False
    function = faulty_function(exercise.function, mistake.faults[:1])
    records = _records(exercise, function)
    return not all(one.right for one in records) and not any(
        isinstance(one.value, Stopped) for one in records
    )


def _records(exercise: FunctionExercise, function: Function) -> list[Record]:
    return [record(exercise, function, probe) for probe in exercise.probes if not probe.advice]


def check_fault(answers: dict[str, Any], asked: Asked) -> Report:
    """Judge what the reader says of a faulty layer."""
    tell = _PuzzleTeller(NAME, asked)
    # A notebook whose stub was left as it is hands in `...`.
    if missing := [name for name in ("layer", "mistake") if answers.get(name, ...) is ...]:
        return tell.wrong("unusable", [Part("text", tell.say("missing", names=", ".join(missing)))])
    layer = answers["layer"]
    if not isinstance(layer, FaultyLayer):
        raise TypeError(f"layer must come from faulty(), got {type(layer).__name__}.")
    exercise = EXERCISES[layer.__name__]
    function, names = _secrets[layer]
    said = _said(answers["mistake"], exercise)
    tell.truth = [_mistake(exercise.name, name) for name in names]
    if _behaves_like(exercise, function, said):
        return tell.right(Part("item", one.sentences[tell.language][0]) for one in tell.truth)
    found = [one for one in said if one.name in names]
    parts = (
        [Part("text", tell.say("fault-half", names=", ".join(one.name for one in found)))]
        if found
        else []
    )
    case = _telling_apart(exercise, function, said)
    if case:
        parts += [Part("text", tell.say("fault-case")), *drawn(case, tell.language)]
    elif not found:
        parts.append(Part("text", tell.say("fault-other")))
    return tell.wrong("unknown", parts, case=case)


def _said(mistake: Any, exercise: FunctionExercise) -> list[Mistake]:
    names = [mistake] if isinstance(mistake, str) else list(cast(Iterable[str], mistake))
    known = {one.name: one for one in mistakes(exercise.name)}
    if unknown := [name for name in names if name not in known]:
        raise ValueError(
            f"mistake must be one or more of those that mistakes({exercise.name!r}) lists, "
            f"got {', '.join(map(repr, unknown))}."
        )
    return [known[name] for name in names]


def _behaves_like(exercise: FunctionExercise, layer: Function, said: Sequence[Mistake]) -> bool:
    """Find out whether the book's function with these mistakes does all that the layer does."""
    shown = [one.value for one in _records(exercise, layer)]
    for faults in product(*(one.faults for one in said)):
        try:
            function = faulty_function(exercise.function, faults)
        except (CannotApply, SyntaxError):
            continue
        if all(map(same, shown, (one.value for one in _records(exercise, function)))):
            return True
    return False


def _telling_apart(
    exercise: FunctionExercise, layer: Function, said: Sequence[Mistake]
) -> Case | None:
    """Find a small input on which the layer does not do what it would with these mistakes."""
    try:
        function = faulty_function(exercise.function, [one.faults[0] for one in said])
    except (CannotApply, SyntaxError, IndexError):
        return None
    for probe in exercise.small():
        mine = record(exercise, function, probe)
        its = record(exercise, layer, probe)
        if not isinstance(mine.value, Stopped) and not same(mine.value, its.value):
            case = case_of(exercise, replace(its, expected=(mine.value,), tolerated=False))
            return replace(case, titles=("with-mistake", "the-layer"))
    return None


class _PuzzleTeller(Teller):
    """Writes the reports on a faulty layer."""

    truth: Sequence[Mistake] = ()

    def solution(self, faults: Sequence[str]) -> list[Part]:
        """Say what is wrong with the layer."""
        if not self.asked.solution:
            return []
        sentences = (f"{one.name}: {one.sentences[self.language][0]}" for one in self.truth)
        return [Part("text", self.say("fault-truth")), *(Part("item", text) for text in sentences)]

    def hints(self, named: Sequence[Mistake]) -> list[Part]:
        """Ask the questions that would have helped whoever made the mistake."""
        parts: list[Part] = []
        for one in self.truth:
            for number, hint in enumerate(one.sentences[self.language][2:][: self.asked.hint], 1):
                parts.append(Part("text", self.say("hint", number=number, text=hint)))
        return parts
