"""The smallest input found on which a function is wrong."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnlayers.exercises.diagnosis import Record, record
from cnnlayers.exercises.exercise import FunctionExercise, Index
from cnnlayers.exercises.faults import Function
from cnnlayers.exercises.sandbox import Raised
from cnnlayers.exercises.values import Stopped, Value, close, same

SECONDS = 1.0


@dataclass(frozen=True, eq=False)
class Case:
    """An input on which the answer is wrong.

    Attributes
    ----------
    inputs
        The arguments by name, what is in a cache among them.
    output
        Name of what is wrong.
    expected
        What is right.
    got
        What was returned instead; None if the call raised.
    differs
        Which entries differ, where both are arrays of one shape.
    window
        Entries of the inputs that the first of them depends on.
    raised
        What the call raised.
    titles
        Keys of the words that stand over what is expected and what was returned.
    """

    inputs: dict[str, Any]
    output: str
    expected: Any
    got: Any
    differs: NDArray[np.bool_] | None = None
    window: dict[str, Index] = field(default_factory=dict[str, Index])
    raised: Raised | None = None
    titles: tuple[str, str] = ("expected", "got")


def smallest_case(
    exercise: FunctionExercise, function: Function, records: Sequence[Record]
) -> Case:
    """Try small inputs in order; if none shows the mistake, take the first probe that did."""
    end = time.monotonic() + SECONDS
    wrong = [one for one in records if not one.right]
    returned = [one for one in wrong if not isinstance(one.value, Stopped)]
    shows = _wrong_output(returned[0]) if returned else None
    raising: Record | None = None
    for probe in exercise.small():
        one = record(exercise, function, probe)
        if not one.right:
            if not returned or (not isinstance(one.value, Stopped) and _wrong_output(one) == shows):
                return case_of(exercise, one)
            raising = raising or one
        if one.run.ending == "time" or time.monotonic() > end:
            break
    return case_of(exercise, next(filter(None, (raising, *returned, *wrong))))


def _wrong_output(one: Record) -> int | None:
    """Count to the first output that is wrong; None if they cannot be told apart."""
    value, expected = one.value, one.expected[0]
    if isinstance(value, tuple) and isinstance(expected, tuple) and len(value) == len(expected):
        agree = list(map(same, value, expected))
        return agree.index(False) if False in agree else None
    return None


def case_of(exercise: FunctionExercise, one: Record) -> Case:
    """Take apart what was returned for one input."""
    inputs = named_inputs(exercise, one.probe.names, one.probe.arguments)
    value, expected = one.value, one.expected[0]
    output = ", ".join(exercise.outputs)
    if isinstance(value, Stopped):
        if len(exercise.outputs) > 1 and isinstance(expected, tuple):
            output, expected = exercise.outputs[0], expected[0]
        return Case(inputs, output, expected, None, raised=one.run.raised)
    if len(exercise.outputs) > 1:
        k = _wrong_output(one)
        if k is None or not isinstance(value, tuple) or not isinstance(expected, tuple):
            return Case(inputs, output, expected, value)
        output, value, expected = exercise.outputs[k], value[k], expected[k]
    differs = _differing(value, expected)
    window: dict[str, Index] = {}
    if differs is not None and differs.any() and differs.ndim == 4:
        index = tuple(int(k) for k in np.argwhere(differs)[0])
        window = exercise.window(one.probe, output, index)
    return Case(inputs, output, expected, value, differs, window)


def named_inputs(
    exercise: FunctionExercise, names: Sequence[str], arguments: Sequence[Any]
) -> dict[str, Any]:
    """Name the arguments, and what is in a cache."""
    inputs: dict[str, Any] = {}
    for name, value in zip(names, arguments, strict=True):
        if name == "cache" and exercise.parts:
            inputs.update(zip(exercise.parts, value, strict=True))
        else:
            inputs[name] = value
    return inputs


def _differing(value: Value, expected: Value) -> NDArray[np.bool_] | None:
    if isinstance(value, np.ndarray) and isinstance(expected, np.ndarray):
        if value.shape == expected.shape:
            return ~close(value, expected)
    return None
