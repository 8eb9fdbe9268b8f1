"""The exercises on functions that check gradients: what they ask of a layer, and what they say."""

import inspect
from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np

from cnnlayers import conv_backward, conv_forward
from cnnlayers.exercises import solutions, solutions_two
from cnnlayers.exercises.exercise import Array, FunctionExercise, Probe, numbers
from cnnlayers.exercises.faults import Function

EPSILON = 1e-6


class _Layer:
    """A layer that remembers how it was asked."""

    def __init__(self, forward: Function, backward: Function, inputs: Sequence[Array]) -> None:
        self._forward, self._backward = forward, backward
        self.inputs = [x.copy() for x in inputs]
        self.moves: list[list[Array]] = []
        self.upstream: list[Array] = []
        self.coarse = False

    def forward(self, *inputs: Any) -> tuple[Array, Any]:
        if len(inputs) != len(self.inputs):
            raise TypeError(f"forward takes {len(self.inputs)} arrays, got {len(inputs)} arguments")
        if not all(isinstance(x, np.ndarray) for x in inputs):
            raise TypeError("forward takes arrays")
        self.coarse |= any(x.dtype.itemsize < 8 for x in inputs)
        self.moves.append([x - start for x, start in zip(inputs, self.inputs, strict=True)])
        return self._forward(*inputs)

    def backward(self, dZ: Array, cache: Any) -> Any:
        self.upstream.append(np.array(dZ))
        return self._backward(dZ, cache)

    def asked(self) -> dict[str, bool]:
        """Say which questions were put."""
        up = [
            np.any([np.abs(m[k]) * (m[k] > 0) > 0 for m in self.moves], axis=0) for k in self._range
        ]
        down = [np.any([m[k] < 0 for m in self.moves], axis=0) for k in self._range]
        return {
            "up": all(moved.all() for moved in up),
            "down": all(moved.all() for moved in down),
            "random": any(np.ptp(dZ) > 0 for dZ in self.upstream),
            "coarse": self.coarse,
        }

    def asked_at_once(self) -> dict[str, bool]:
        """Say which questions were put by one who moves everything in one direction."""
        moved = [[m / (np.abs(m).max() or 1.0) for m in move] for move in self.moves]
        whole = [move for move in moved if all((m != 0).all() for m in move)]
        return {
            "all_together": bool(whole),
            "both_ways": any(
                all(np.allclose(a, -b, atol=1e-3) for a, b in zip(one, other, strict=True))
                for one in whole
                for other in whole
            ),
            "direction": any(np.ptp(m) > 0.1 for move in whole for m in move),
            "random": any(np.ptp(dZ) > 0 for dZ in self.upstream),
            "few_passes": len(self.moves) <= 4,
        }

    @property
    def _range(self) -> range:
        return range(len(self.inputs))


def _conv(A_prev: Array, W: Array, b: Array) -> tuple[Array, Any]:
    return conv_forward(A_prev, W, b, {"stride": 1, "pad": 1})


def _changed(**changes: Callable[[Array], Array]) -> Function:
    def backward(dZ: Array, cache: Any) -> Any:
        gradients = dict(zip(("dA_prev", "dW", "db"), conv_backward(dZ, cache), strict=True))
        return tuple(changes.get(name, np.copy)(gradient) for name, gradient in gradients.items())

    return backward


def _cube(x: Array) -> tuple[Array, Array]:
    return x**3, x


def _cube_backward(dZ: Array, cache: Array) -> tuple[Array]:
    return (3 * cache**2 * dZ,)


CONV_INPUTS = tuple(
    numbers(shape, "random", k)
    for k, shape in enumerate([(1, 3, 3, 1), (2, 2, 1, 2), (1, 1, 1, 2)])
)
LAYERS: dict[str, tuple[Function, Function, tuple[Array, ...]]] = {
    "conv": (_conv, conv_backward, CONV_INPUTS),
    "conv, db / 2": (_conv, _changed(db=lambda x: x / 2), CONV_INPUTS),
    "conv, dW[::-1]": (_conv, _changed(dW=lambda x: x[::-1]), CONV_INPUTS),
    "conv, -dA_prev": (_conv, _changed(dA_prev=np.negative), CONV_INPUTS),
    "conv, dA_prev[:, ::-1]": (_conv, _changed(dA_prev=lambda x: x[:, ::-1]), CONV_INPUTS),
    "conv, gradients * 2": (
        _conv,
        _changed(dA_prev=lambda x: 2 * x, dW=lambda x: 2 * x, db=lambda x: 2 * x),
        CONV_INPUTS,
    ),
    "x ** 3": (_cube, _cube_backward, (numbers((2, 2), "random"),)),
}


def _examined(answer: Function) -> Function:
    """Let a gradient check loose on a layer, and say what it asked and what it says."""

    def examine(layer: str) -> object:
        spy, kept, said = _let_loose(answer, layer)
        return {"says_ok": said, "kept": kept, **spy.asked()}

    return examine


def _examined_at_once(answer: Function) -> Function:
    """Do the same with a check that moves all inputs together."""

    def examine(layer: str) -> object:
        spy, kept, said = _let_loose(answer, layer)
        return {"says_ok": said, "kept": kept, **spy.asked_at_once()}

    return examine


def _let_loose(answer: Function, layer: str) -> tuple[_Layer, bool, Any]:
    forward, backward, inputs = LAYERS[layer]
    step = (EPSILON,) if _wants_a_step(answer) else ()
    try:
        spy = _Layer(forward, backward, inputs)
        given = {f"x{k}": x.copy() for k, x in enumerate(inputs)}
        result = answer(spy.forward, spy.backward, given, *step)
        after = list(given.values())
    except (TypeError, AttributeError, KeyError, IndexError, ValueError):  # it wants a list
        spy, after = _Layer(forward, backward, inputs), [x.copy() for x in inputs]
        result = answer(spy.forward, spy.backward, after, *step)
    kept = all(np.allclose(x, y, rtol=0, atol=1e-9) for x, y in zip(inputs, after, strict=True))
    return spy, kept, _says_ok(result)


def _wants_a_step(answer: Function) -> bool:
    """Say whether a fourth argument must be given."""
    try:
        inspect.signature(answer).bind(None, None, None)
    except TypeError:
        return True
    except ValueError:  # there is no signature
        return False
    return False


def _says_ok(result: Any) -> Any:
    result = getattr(result, "ok", result)
    if isinstance(result, (bool, np.bool_)):
        return bool(cast(bool, result))
    if isinstance(result, (int, float, np.floating)):
        return float(cast(float, result)) < 1e-4
    return result


gradient_check = FunctionExercise(
    name="gradient_check",
    function=solutions.gradient_check,
    outputs=("report",),
    probes=tuple(Probe(layer, ("layer",), (layer,)) for layer in LAYERS),
    small=lambda: (),
    wrap=_examined,
    prefix="check",
)


directional = FunctionExercise(
    name="directional",
    function=solutions_two.directional_check,
    outputs=("report",),
    probes=tuple(Probe(layer, ("layer",), (layer,)) for layer in LAYERS),
    small=lambda: (),
    wrap=_examined_at_once,
    prefix="directional",
)

EXERCISES: tuple[FunctionExercise, ...] = (gradient_check, directional)
