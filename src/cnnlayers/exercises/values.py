"""What functions return, made comparable, whoever wrote them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Number
from typing import Any, TypeGuard, cast

import numpy as np
from numpy.typing import NDArray

from cnnlayers.exercises.sandbox import Run

NumberArray = NDArray[Any]


@dataclass(frozen=True)
class Strange:
    """A returned value that holds no numbers."""

    type: str


@dataclass(frozen=True)
class Stopped:
    """No value: the call raised or was ended; all such are equal."""

    kind: str = field(default="", compare=False)
    message: str = field(default="", compare=False)

    def like(self, other: "Stopped") -> bool:
        """Tell whether both raised the same, by how the messages begin, numbers left out."""
        mine, others = (re.sub(r"[\d(),\s]+", " ", one.message)[:30] for one in (self, other))
        return self.kind == other.kind and mine == others


Value = NumberArray | tuple["Value", ...] | dict[str, "Value"] | Strange | Stopped | None


def is_array(value: object) -> TypeGuard[NumberArray]:
    """Tell an array from everything else."""
    return isinstance(value, np.ndarray)


def value_of(run: Run, like: Value = None) -> Value:
    """Take what a call returned; see `normal`."""
    if run.raised is not None:
        return Stopped(run.raised.kind, run.raised.message)
    return normal(run.value, like)


def normal(value: object, like: Value = None) -> Value:
    """Turn a returned value into arrays, tuples and dicts of them.

    Lists stand for arrays, or for a tuple where one is expected; plain numbers for arrays
    without axes. ``like`` is what a right function returns.
    """
    if value is None:
        return None
    if isinstance(value, (Number, np.generic)) or hasattr(value, "__array__"):
        return _array(value)
    if isinstance(value, Mapping):
        members = cast(Mapping[object, object], value)
        expected = like if isinstance(like, dict) else {}
        return {str(key): normal(member, expected.get(str(key))) for key, member in members.items()}
    if isinstance(value, (list, tuple)):
        return _sequence(cast(Sequence[object], value), like)
    return Strange(type(value).__name__)


def _array(value: Any) -> Value:
    try:
        array: Any = np.asarray(value)
        if array.dtype == object:
            array = array.astype(np.float64)
    except (TypeError, ValueError):
        return Strange(type(value).__name__)
    return array if array.dtype.kind in "biuf" else Strange(f"array of {array.dtype}")


def _sequence(value: Sequence[object], like: Value) -> Value:
    nested = isinstance(value, list) and not any(is_array(member) for member in value)
    if isinstance(like, tuple) and not (nested and isinstance(_array(value), np.ndarray)):
        if len(value) == len(like):
            return tuple(normal(member, part) for member, part in zip(value, like, strict=True))
        return tuple(normal(member) for member in value)
    array = _array(value)
    if isinstance(array, np.ndarray):
        if isinstance(value, list) or (isinstance(like, np.ndarray) and like.shape == array.shape):
            return array
    return tuple(normal(member) for member in value)


def rounded(value: Value) -> Value:
    """Keep of each number what float32 keeps: what was computed from that is no more exact."""
    if isinstance(value, tuple):
        return tuple(map(rounded, value))
    if isinstance(value, np.ndarray) and value.dtype == np.float64:
        return value.astype(np.float32)
    return value


def same(a: Value, b: Value) -> bool:
    """Compare by shape and number; a dtype matters only for how exactly."""
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.shape == b.shape and bool(np.all(close(a, b)))
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    return type(a) is type(b) and a == b


def close(a: NumberArray, b: NumberArray) -> NDArray[np.bool_]:
    """Compare entry by entry, to within the rounding of the coarser dtype."""
    digits = min(_digits(a.dtype), _digits(b.dtype))
    a, b = a.astype(np.float64), b.astype(np.float64)
    with np.errstate(invalid="ignore"):
        finite = np.abs(b[np.isfinite(b)])
        scale = float(finite.max()) if finite.size else 0.0
        near = np.abs(a - b) <= 10.0**-digits * (scale or 1.0)
    return near | (a == b) | (np.isnan(a) & np.isnan(b))


def _digits(dtype: np.dtype[Any]) -> int:
    """Decimal digits that sums over a window keep."""
    if dtype.kind != "f":
        return 9
    return {2: 2, 4: 5}.get(dtype.itemsize, 9)
