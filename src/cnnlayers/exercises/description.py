"""Say in words how what a function returned differs from what is right."""

from collections.abc import Callable, Iterable, Sequence
from itertools import permutations
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from cnnlayers.exercises.diagnosis import Record
from cnnlayers.exercises.exercise import FunctionExercise
from cnnlayers.exercises.values import Stopped, Strange, Value, close, is_array, same

Array = NDArray[Any]
Phrase = tuple[str, dict[str, object]]
Pair = tuple[Value, Value]
AXES = ("example", "row", "column", "channel")
FILTER_AXES = ("row", "column", "channel", "filter")
FILTERS = ("W", "dW", "W_5")


def describe(exercise: FunctionExercise, records: Sequence[Record]) -> list[Phrase]:
    """Say what is wrong, output by output, and on which inputs."""
    when = _when(records)
    wrong = [one for one in records if not one.right and not isinstance(one.value, Stopped)]
    if exact := [one for one in wrong if "float32" not in one.probe.label]:
        wrong, records = exact, [one for one in records if "float32" not in one.probe.label]
    if not wrong:
        return when
    if whole := structure(exercise, wrong[0].value):
        return [whole]
    if isinstance(wrong[0].expected[0], dict):
        return _summaries(wrong)
    phrases: list[Phrase] = []
    for k, name in enumerate(exercise.outputs):
        pairs = [(_output(one.value, k), _output(one.expected[0], k)) for one in records]
        failing = [pair for one, pair in zip(records, pairs, strict=True) if one in wrong]
        failing = [(value, expected) for value, expected in failing if not same(value, expected)]
        if not failing:
            if len(exercise.outputs) > 1:
                phrases.append(("right-output", {"name": name}))
        elif name == "cache":
            parts = ", ".join(exercise.parts)
            phrases.append(("cache", {"parts": parts, "got": in_words(failing[0][0])}))
        else:
            phrases.append(_about(name, failing, pairs))
    return phrases + when


def _summaries(wrong: Sequence[Record]) -> list[Phrase]:
    """Say what is wrong where only a summary of the answer is compared, with one input for each."""
    phrases: dict[str, Phrase] = {}
    for one in wrong:
        value, expected = one.value, one.expected[0]
        if isinstance(value, dict) and isinstance(expected, dict):
            for key in expected:
                if key in value and not same(value[key], expected[key]):
                    phrases.setdefault(key, (f"summary-{key}", {"input": one.probe.label}))
    return list(phrases.values())


def structure(exercise: FunctionExercise, value: Value) -> Phrase | None:
    """Say so if a value is not what the function should return at all."""
    names = ", ".join(exercise.outputs)
    if value is None:
        return "returns-none", {"names": names}
    if isinstance(value, Strange):
        return "returns-strange", {"type": value.type, "names": names}
    count = len(exercise.outputs)
    if count > 1 and not isinstance(value, tuple):
        return "returns-one", {"count": count, "names": names}
    if count > 1 and isinstance(value, tuple) and len(value) != count:
        return "returns-count", {"count": count, "names": names, "got": len(value)}
    if count == 1 and isinstance(value, tuple):
        return "returns-several", {"names": names, "got": len(value)}
    return None


def _output(value: Value, k: int) -> Value:
    return value[k] if isinstance(value, tuple) and k < len(value) else value


def _about(name: str, failing: Sequence[Pair], pairs: Sequence[Pair]) -> Phrase:
    """Describe one output where it is wrong; what holds where it is right too comes first."""
    value, expected = failing[0]
    if isinstance(value, dict) or isinstance(expected, dict) or isinstance(value, tuple):
        return "differs", {"name": name}
    if not isinstance(value, np.ndarray) or not isinstance(expected, np.ndarray):
        return "not-numbers", {"name": name, "type": _type(value)}
    for a, b in _arrays(failing):
        if a.shape != b.shape:
            return _shape(name, a, b)
    for chosen in (pairs, failing):
        if found := _relation(name, [(_float(a), _float(b)) for a, b in _arrays(chosen)]):
            return f"relation-{found[0]}", {"name": name, **found[1]}
    telling = min(_arrays(failing), key=lambda pair: np.mean(~close(*pair)))
    return _where(name, *map(_float, telling))


def _arrays(pairs: Sequence[Pair]) -> list[tuple[Array, Array]]:
    return [(a, b) for a, b in pairs if isinstance(a, np.ndarray) and isinstance(b, np.ndarray)]


def in_words(value: object) -> str:
    """Tell a cache or the like by the shapes of what is in it."""
    if is_array(value):
        return f"array {value.shape}" if value.ndim else f"{value.item():g}"
    if isinstance(value, tuple):
        members = map(in_words, cast(tuple[object, ...], value))
        return f"({', '.join(members)})"
    if isinstance(value, dict):
        members = cast(dict[str, object], value).items()
        return f"{{{', '.join(f'{key}: {in_words(member)}' for key, member in members)}}}"
    return _type(value)


def _type(value: object) -> str:
    return value.type if isinstance(value, Strange) else type(value).__name__


def _float(array: Array) -> Array:
    return array.astype(np.float64)


def _shape(name: str, a: Array, b: Array) -> Phrase:
    values: dict[str, object] = {"name": name, "got": a.shape, "expected": b.shape}
    if a.size == b.size and a.ndim == b.ndim and sorted(a.shape) == sorted(b.shape):
        return "shape-axes", values
    if a.size == b.size and [n for n in a.shape if n > 1] == [n for n in b.shape if n > 1]:
        return "shape-ones", values
    return "shape", values


def _relation(
    name: str, pairs: Sequence[tuple[Array, Array]]
) -> tuple[str, dict[str, object]] | None:
    """Find a rule that turns what is right into what was returned."""
    wrong = [(a, b) for a, b in pairs if not (a.shape == b.shape and close(a, b).all())]
    for rule, values, turn in _rules(name, *wrong[0]):
        if all(_turned(a, b, turn) for a, b in pairs):
            return rule, values
    for rule, difference in (("factors", _factor), ("offsets", _offset)):
        found = [difference(a, b) for a, b in pairs]
        if all(number is not None for number in found):
            return rule, {"numbers": ", ".join(f"{number:.4g}" for number in found)}
    return None


def _turned(a: Array, b: Array, turn: Callable[[Array], Array]) -> bool:
    expected = np.asarray(turn(b))
    return a.shape == expected.shape and bool(close(a, expected).all())


def _factor(a: Array, b: Array) -> float | None:
    """Find the number that all entries of one array are multiplied by."""
    if a.size < 2 or not b.any():
        return None
    with np.errstate(all="ignore"):
        factor = float(np.nanmedian(a[b != 0] / b[b != 0]))
    return factor if np.isfinite(factor) and close(a, b * factor).all() else None


def _offset(a: Array, b: Array) -> float | None:
    """Find the number that is added to all entries of one array."""
    if a.size < 2:
        return None
    offset = float(np.nanmedian(a - b))
    return offset if np.isfinite(offset) and close(a, b + offset).all() else None


def _rules(
    name: str, a: Array, b: Array
) -> Iterable[tuple[str, dict[str, object], Callable[[Array], Array]]]:
    if b.any():
        yield "zeros", {}, np.zeros_like
    yield "nan", {}, lambda b: np.full(b.shape, np.nan)
    yield "absolute", {}, np.abs
    yield "clipped", {}, lambda b: np.maximum(b, 0)
    yield "sign", {}, np.negative
    with np.errstate(all="ignore"):
        factor = float(np.nanmedian(a[b != 0] / b[b != 0])) if b.any() else 0.0
        offset = float(np.nanmedian(a - b)) if a.size else 0.0
    if np.isfinite(factor) and factor not in (0.0, 1.0):
        yield "factor", {"factor": f"{factor:.4g}"}, lambda b: b * factor
    if np.isfinite(offset) and offset:
        yield "offset", {"offset": f"{offset:+.4g}"}, lambda b: b + offset
    yield "truncated", {}, np.trunc
    yield "floor", {}, np.floor
    yield "rounded", {}, np.round
    rows, columns = (1, 2) if b.ndim == 4 and name not in FILTERS else (0, 1)
    if b.ndim >= 2:
        yield "transposed", {}, lambda b: np.swapaxes(b, rows, columns)
        yield "upside-down", {}, lambda b: np.flip(b, rows)
        yield "mirrored", {}, lambda b: np.flip(b, columns)
        yield "turned", {}, lambda b: np.flip(b, (rows, columns))
        for axis, step in ((rows, 1), (rows, -1), (columns, 1), (columns, -1)):
            yield "shifted", {}, lambda b, axis=axis, step=step: np.roll(b, step, axis)
    if b.ndim == 4 and name in FILTERS:
        yield "channels-reversed", {}, lambda b: np.flip(b, 2)
        yield "filters-reversed", {}, lambda b: np.flip(b, 3)
    elif b.ndim >= 3:
        yield "channels-reversed", {}, lambda b: np.flip(b, -1)
        yield "channels-summed", {}, lambda b: np.repeat(b.sum(-1, keepdims=True), b.shape[-1], -1)
    if b.ndim == 4 and name not in FILTERS:
        yield "examples-reversed", {}, lambda b: np.flip(b, 0)
    if np.array_equal(np.sort(a, axis=None), np.sort(b, axis=None)) and a.size > 1:
        yield "order", {}, lambda b: a


def _where(name: str, a: Array, b: Array) -> Phrase:
    """Say where the entries are that differ."""
    differs = ~close(a, b)
    count: dict[str, object] = {"name": name, "wrong": int(differs.sum()), "all": differs.size}
    if a.size == 1:
        return "one-differs", {
            "name": name,
            "got": f"{a.item():.6g}",
            "expected": f"{b.item():.6g}",
        }
    if differs.all():
        return "all-differ", count
    axes = FILTER_AXES if name in FILTERS else AXES
    for axis in range(a.ndim if a.ndim == 4 else 0):
        others = tuple(k for k in range(4) if k != axis)
        places = np.flatnonzero(differs.any(axis=others))
        if len(places) == 1 and a.shape[axis] > 1:
            last = "last-" if places[0] == a.shape[axis] - 1 else ""
            return f"only-{last}{axes[axis]}", {**count, "place": int(places[0])}
        if len(places) == a.shape[axis] - 1 and 0 not in places and a.shape[axis] > 2:
            return f"from-{axes[axis]}", count
    if a.ndim == 4 and name not in FILTERS:
        if not differs[:, 1:-1, 1:-1].any() and min(a.shape[1:3]) > 2:
            return "border", count
    return "some-differ", count


def _when(records: Sequence[Record]) -> list[Phrase]:
    """Say on which inputs it is wrong, if they have something in common that others lack."""
    wrong = {one.probe for one in records if not one.right}
    if len(wrong) == len(records):
        return []
    traits = sorted({trait for one in records for trait in one.probe.traits})
    for size in (1, 2):
        for chosen in permutations(traits, size):
            if list(chosen) == sorted(chosen):
                having = {one.probe for one in records if one.probe.traits.issuperset(chosen)}
                if having == wrong:
                    return [("when", {"traits": chosen})]
    return []
