"""Which known mistakes explain what a function returned: the comparison with the bank.

A mistake explains a function if the book's function with that fault returns the same on every
probe. If none does, one for each output is tried, then any two at once. What cannot be told apart
is named together, and what nothing explains is not named.
"""

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import combinations, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnlayers.exercises.exercise import FunctionExercise, Probe
from cnnlayers.exercises.faults import CannotApply, Function, faulty_function, mistakes
from cnnlayers.exercises.sandbox import Run, run
from cnnlayers.exercises.values import (
    Stopped,
    Strange,
    Value,
    close,
    is_array,
    normal,
    rounded,
    same,
    value_of,
)

ALIKE = 3  # where calls raise, much looks alike: more candidates than this say nothing
EACH = 3  # candidates tried for each output
KEPT = 4096  # faulty functions kept with their answers
PAIRS = 900  # pairs tried beside the likely ones, so that the answer comes soon


@dataclass(frozen=True)
class Diagnosis:
    """The mistakes that explain a function, the likeliest first.

    All at once, or any of them; with the faults of the bank that do what it does.
    """

    names: tuple[str, ...] = ()
    together: bool = False
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Record:
    """What a function returned for a probe, and what is expected there."""

    probe: Probe
    run: Run
    value: Value
    expected: tuple[Value, ...]
    tolerated: bool

    @cached_property
    def right(self) -> bool:
        """Whether the value is right."""
        return self.tolerated or any(same(self.value, expected) for expected in self.expected)


def record(exercise: FunctionExercise, function: Function, probe: Probe) -> Record:
    """Run a reader's function on a probe."""
    expected = tuple(_answers(exercise, exercise.function, probe))
    done = run(function, probe.arguments)
    value = _as_exact_as(probe, value_of(done, expected[0]))
    return Record(probe, done, value, expected, exercise.tolerates(probe, value))


def _answers(
    exercise: FunctionExercise, function: Function, probe: Probe, like: Value = None
) -> list[Value]:
    """Call one of our functions, with each of the choices that the book leaves."""
    answers: list[Value] = []
    function = exercise.wrap(function)
    for choice in exercise.choices(probe):
        try:
            answer = normal(function(*copy.deepcopy(probe.arguments), **choice), like)
            answers.append(_as_exact_as(probe, answer))
        except Exception as error:  # a faulty function may fail in any way
            answers.append(Stopped(type(error).__name__, str(error)))
    return answers


def _as_exact_as(probe: Probe, value: Value) -> Value:
    return rounded(value) if "float32" in probe.label else value


def diagnose(exercise: FunctionExercise, records: Sequence[Record]) -> Diagnosis:
    """Name the mistakes that explain the values."""
    if all(one.value is None or isinstance(one.value, (Stopped, Strange)) for one in records):
        return Diagnosis()
    cache = _cache_mistake(exercise, records)
    table = _Table(exercise, records)
    if table.right.all():
        return Diagnosis(cache)
    if suspects := table.one():
        return Diagnosis((*_names(suspects), *cache), bool(cache), (suspects[0].fault,))
    if suspects := table.one_for_each_output() or table.two():
        faults = tuple(suspect.fault for suspect in suspects)
        return Diagnosis((*_names(suspects), *cache), True, faults)
    return Diagnosis()


class _Faulty:
    """The book's function with some faults, and what it has answered so far."""

    def __init__(self, exercise: FunctionExercise, function: Function) -> None:
        self._exercise = exercise
        self._function = function
        self._answered: dict[Probe, list[Value]] = {}

    def answers(self, one: Record) -> list[Value]:
        """Ask it what was asked of the reader's function."""
        if one.probe not in self._answered:
            answers = _answers(self._exercise, self._function, one.probe, one.expected[0])
            self._answered[one.probe] = answers
        return self._answered[one.probe]


@lru_cache(maxsize=KEPT)
def _faulty(exercise: FunctionExercise, faults: tuple[str, ...], seen: str) -> _Faulty:
    """Keep what was made and asked: the same exercise is checked again and again."""
    return _Faulty(exercise, faulty_function(exercise.function, faults, seen))


class _Suspect:
    """A fault of the bank, next to the reader's function."""

    def __init__(self, table: "_Table", name: str, fault: str) -> None:
        self.name = name
        self.fault = fault
        self._table = table

    @property
    def function(self) -> _Faulty:
        return self._table.faulty((self.fault,))

    @cached_property
    def right(self) -> NDArray[np.bool_]:
        """Where it is right, by probe and output."""
        table = self._table
        return np.array(
            [table.agreement(self.function.answers(one), one.expected) for one in table.records]
        )

    @cached_property
    def alike(self) -> NDArray[np.bool_]:
        """Where it is like the reader's, by probe and output."""
        table = self._table
        return np.array(
            [table.agreement(self.function.answers(one), (one.value,)) for one in table.records]
        )


class _Table:
    """The reader's function and all the suspects, on all the probes."""

    def __init__(self, exercise: FunctionExercise, records: Sequence[Record]) -> None:
        self.exercise = exercise
        self.records = records
        self.count = len(exercise.outputs) - ("cache" in exercise.outputs)
        self.right: NDArray[np.bool_] = np.array(
            [
                [True] * self.count if one.tolerated else self.agreement((one.value,), one.expected)
                for one in records
            ]
        )
        self.suspects = [
            _Suspect(self, mistake.name, fault)
            for mistake in mistakes(exercise.name)
            for fault in mistake.faults
        ]

    def faulty(self, faults: tuple[str, ...]) -> _Faulty:
        """Make the book's function with these faults."""
        seen = self.seen if any("SEEN" in fault for fault in faults) else ""
        return _faulty(self.exercise, faults, seen)

    def agreement(self, some: Iterable[Value], others: Iterable[Value]) -> Any:
        """Say for each output, the cache left out, whether any two agree."""
        return np.any([self._agree(a, b) for a, b in product(some, others)], axis=0)

    def _agree(self, a: Value, b: Value) -> list[bool]:
        a, b = self._outputs(a), self._outputs(b)
        if isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b) == self.count:
            return list(map(same, a, b))
        return [same(a, b)] * self.count

    def _outputs(self, value: Value) -> Value:
        outputs = self.exercise.outputs
        if len(outputs) == 1:
            return (value,)
        if isinstance(value, tuple) and len(value) == len(outputs):
            return value[: self.count]
        return value

    @cached_property
    def seen(self) -> str:
        """A number that the reader's function put where another belongs, for `SEEN`."""
        for one in self.records:
            value, expected = self._outputs(one.value), self._outputs(one.expected[0])
            if isinstance(value, tuple) and isinstance(expected, tuple):
                a, b = value[0], expected[0]
                if is_array(a) and is_array(b) and not same(a, b):
                    strange = a[~close(a, b) if a.shape == b.shape else ~np.isin(a, b)]
                    number = float(strange[0]) if strange.size else np.nan
                    return repr(number) if np.isfinite(number) else f"float('{number}')"
        return "float('nan')"

    # Explanations

    def one(self) -> list[_Suspect]:
        """Find all who explain everything by themselves."""
        found = [suspect for suspect in self.suspects if self._explains(suspect.function)]
        if not self._wrong_numbers():
            found = [suspect for suspect in found if self._fails_alike(suspect.function)]
        raises = any(isinstance(one.value, Stopped) for one in self.records)
        return [] if raises and len(_names(found)) > ALIKE else found

    def _wrong_numbers(self) -> bool:
        """Whether there is more to go by than that some calls fail."""
        wrong = (one for one in self.records if not one.right)
        return any(not isinstance(one.value, Stopped) for one in wrong)

    def _fails_alike(self, function: _Faulty) -> bool:
        """Whether a function fails with the same words wherever the reader's does."""
        return all(
            any(isinstance(a, Stopped) and one.value.like(a) for a in function.answers(one))
            for one in self.records
            if isinstance(one.value, Stopped)
        )

    def one_for_each_output(self) -> list[_Suspect]:
        """Find one for each wrong output, if they can be put together."""
        if not self._wrong_numbers():
            return []
        wrong = np.flatnonzero(~self.right.all(axis=0))
        candidates = [
            [suspect for suspect in self.suspects if suspect.alike[:, k].all()][:EACH]
            for k in wrong
        ]
        for chosen in product(*candidates):
            if self._explain_together(suspects := list(dict.fromkeys(chosen))):
                return suspects
        return []

    def two(self) -> list[_Suspect]:
        """Find the first two that explain everything together, the commonest first."""
        if not self._says_something() or not self._wrong_numbers():
            return []
        pairs = [
            (self._conflicts(self.suspects[i], self.suspects[j]), i + j, i, j)
            for i, j in combinations(range(len(self.suspects)), 2)
        ]
        for count, (conflicts, _, i, j) in enumerate(sorted(pairs)):
            if conflicts and count > PAIRS:
                break
            if self._explain_together(pair := [self.suspects[i], self.suspects[j]]):
                return pair
        return []

    def _says_something(self) -> bool:
        """Whether no output is all zeros: many mistakes together can do that."""
        outputs = [self._outputs(one.value) for one in self.records]
        columns = zip(*(output for output in outputs if isinstance(output, tuple)), strict=False)
        return all(
            any(not isinstance(value, np.ndarray) or value.any() for value in column)
            for column in columns
        )

    def _conflicts(self, a: _Suspect, b: _Suspect) -> int:
        """Count where one of two faults does not show, and the other not as it does alone."""
        agree = np.where(a.right, np.where(b.right, self.right, b.alike), ~b.right | a.alike)
        return int(np.count_nonzero(~agree))

    def _explain_together(self, suspects: Sequence[_Suspect]) -> bool:
        try:
            function = self.faulty(tuple(suspect.fault for suspect in suspects))
        except (CannotApply, SyntaxError):  # two changes of the same place
            return False
        return self._explains(function)

    def _explains(self, function: _Faulty) -> bool:
        return all(
            self.agreement(function.answers(one), (one.value,)).all() for one in self.records
        )


def _names(suspects: Iterable[_Suspect]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(suspect.name for suspect in suspects))


def _cache_mistake(exercise: FunctionExercise, records: Sequence[Record]) -> tuple[str, ...]:
    """Say what is wrong with the cache, if it is one of the things that are known."""
    if "cache" not in exercise.outputs:
        return ()
    found = {
        _about_cache(one.value[-1], one.expected[0][-1], one.probe)
        for one in records
        if isinstance(one.value, tuple) and isinstance(one.expected[0], tuple)
        if len(one.value) == len(exercise.outputs)
    } - {"right"}
    name = f"{exercise.prefix}-cache-{found.pop()}" if len(found) == 1 else ""
    return (name,) if name in {mistake.name for mistake in mistakes(exercise.name)} else ()


def _about_cache(cache: Value, expected: Value, probe: Probe) -> str:
    if same(cache, expected):
        return "right"
    if not isinstance(expected, tuple) or not isinstance(cache, tuple):
        return ""
    if all(any(same(member, other) for other in expected) for member in cache):
        return "order" if len(cache) == len(expected) else "short"
    if len(cache) == len(expected) and "pad" in probe.traits:
        first, pad = cache[0], probe.arguments[-1]["pad"]
        if isinstance(first, np.ndarray) and first.ndim == 4:
            if same((first[:, pad:-pad, pad:-pad], *cache[1:]), expected):
                return "padded"
    return ""
