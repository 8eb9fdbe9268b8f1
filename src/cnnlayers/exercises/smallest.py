"""The smallest input found on which a function is wrong."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnlayers.exercises.diagnosis import Record, record
from cnnlayers.exercises.exercise import FunctionExercise, Index, Probe
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
    """

    inputs: dict[str, Any]
    output: str
    expected: Any
    got: Any
    differs: NDArray[np.bool_] | None = None
    window: dict[str, Index] = field(default_factory=dict[str, Index])
    raised: Raised | None = None


def smallest_case(
    exercise: FunctionExercise, function: Function, records: Sequence[Record]
) -> Case | None:
    """Try small inputs in order; if none shows the mistake, take the first probe that did."""
    end = time.monotonic() + SECONDS
    raising = next((one for one in records if not one.right), None)
    only_raises = all(one.right or isinstance(one.value, Stopped) for one in records)
    for probe in exercise.small():
        one = record(exercise, function, probe)
        if not one.right:
            if only_raises or not isinstance(one.value, Stopped):
                return case_of(exercise, one)
        if one.run.ending == "time" or time.monotonic() > end:
            break
    wrong = [one for one in records if not one.right and not isinstance(one.value, Stopped)]
    first = wrong[0] if wrong else raising
    return case_of(exercise, first) if first else None


def case_of(exercise: FunctionExercise, one: Record) -> Case:
    """Take apart what was returned for one input."""
    inputs = named_inputs(exercise, one.probe.names, one.probe.arguments)
    value, expected = one.value, one.expected[0]
    output = ", ".join(exercise.outputs)
    if isinstance(value, Stopped):
        if len(exercise.outputs) > 1 and isinstance(expected, tuple):
            output, expected = exercise.outputs[0], expected[0]
        return Case(inputs, output, expected, None, raised=one.run.raised)
    if len(exercise.outputs) > 1 and isinstance(expected, tuple):
        if not isinstance(value, tuple) or len(value) != len(expected):
            return Case(inputs, output, expected, value)
        k = next(k for k in range(len(expected)) if not same(value[k], expected[k]))
        output, value, expected = exercise.outputs[k], value[k], expected[k]
    else:
        output = exercise.outputs[0]
    differs = _differing(value, expected)
    window = {}
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
