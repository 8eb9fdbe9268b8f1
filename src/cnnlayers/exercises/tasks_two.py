"""The exercises of part II that ask for functions, beside those on its own functions."""

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np

from cnnlayers import columns, flatten_forward, pool_forward
from cnnlayers import network as package
from cnnlayers.exercises import layers, solutions_two
from cnnlayers.exercises.exercise import FunctionExercise, Probe, numbers, traits_of
from cnnlayers.exercises.faults import Function
from cnnlayers.exercises.values import Value, is_array, same

# From loops to one product

im2col_forward = replace(
    layers.conv_forward,
    name="im2col-forward",
    function=columns.conv_forward,
    prefix="product",
)

im2col_backward = replace(
    layers.conv_backward,
    name="im2col-backward",
    function=columns.conv_backward,
    prefix="product",
)


def _whole_windows(shape: tuple[int, ...], f: int, stride: int, kind: str = "random") -> Probe:
    X = numbers(shape, kind)
    traits = traits_of(
        stride=stride > 1,
        channels=shape[3] > 1,
        examples=shape[0] > 1,
        oblong=shape[1] != shape[2],
        window=f > 1,
    )
    return Probe(f"X {shape}, {f = }, {stride = }", ("X", "f", "stride"), (X, f, stride), traits)


inside_out = FunctionExercise(
    name="inside-out",
    function=solutions_two.unfold,
    outputs=("columns",),
    probes=(
        _whole_windows((2, 4, 5, 3), 2, 1),
        _whole_windows((1, 7, 6, 2), 3, 2),
        _whole_windows((2, 4, 4, 1), 2, 2),
        _whole_windows((1, 5, 7, 1), 1, 3),
        _whole_windows((2, 3, 3, 2), 3, 1),
    ),
    small=lambda: [
        _whole_windows((m, n_H, n_W, n_C), f, stride, kind)
        for kind in ("small", "signed")
        for n_C, m, n_H, n_W, f, stride in product((1, 2), (1, 2), (2, 3), (2, 3), (1, 2), (1, 2))
    ],
    prefix="unfold",
)


def _pixels(m: int, n_H: int, n_W: int, n_C_prev: int, n_C: int, kind: str = "random") -> Probe:
    A_prev, W, b = (
        numbers(shape, kind, seed)
        for seed, shape in enumerate(
            [(m, n_H, n_W, n_C_prev), (1, 1, n_C_prev, n_C), (1, 1, 1, n_C)]
        )
    )
    traits = traits_of(channels=n_C_prev > 1, filters=n_C > 1, examples=m > 1, oblong=n_H != n_W)
    label = f"A_prev {A_prev.shape}, W {W.shape}"
    return Probe(label, ("A_prev", "W", "b"), (A_prev, W, b), traits)


one_by_one = FunctionExercise(
    name="one-by-one",
    function=solutions_two.pointwise,
    outputs=("Z",),
    probes=(
        _pixels(2, 3, 4, 3, 2),
        _pixels(1, 2, 2, 3, 3),
        _pixels(2, 3, 3, 1, 2),
        _pixels(1, 4, 3, 2, 1),
    ),
    small=lambda: [
        _pixels(m, 1, n_W, n_C_prev, n_C, kind)
        for kind in ("small", "signed")
        for n_C_prev, n_C, m, n_W in product((1, 2), (1, 2), (1, 2), (1, 2))
    ],
    prefix="pointwise",
)


def _shared_out(shape: tuple[int, ...], f: int, stride: int, kind: str = "random") -> Probe:
    A, _ = pool_forward(np.zeros(shape), {"f": f, "stride": stride})
    dA = numbers(A.shape, kind)
    traits = traits_of(
        overlap=stride < f,
        spare=any((n - f) % stride for n in shape[1:3]),
        examples=shape[0] > 1,
        oblong=shape[1] != shape[2],
        window=f > 1,
    )
    label = f"dA {dA.shape}, {shape = }, {f = }, {stride = }"
    return Probe(label, ("dA", "shape", "f", "stride"), (dA, shape, f, stride), traits)


fold_average = FunctionExercise(
    name="fold-average",
    function=solutions_two.average_backward,
    outputs=("dA_prev",),
    probes=(
        _shared_out((2, 7, 6, 1), 3, 2),
        _shared_out((1, 4, 6, 1), 2, 2),
        _shared_out((1, 4, 3, 1), 2, 1),
        _shared_out((2, 5, 5, 1), 2, 3),
    ),
    small=lambda: [
        _shared_out((1, n_H, n_W, 1), f, stride, kind)
        for kind in ("small", "signed")
        for f, n_H, n_W, stride in product((1, 2), (1, 2, 3), (1, 2, 3), (1, 2))
        if f <= min(n_H, n_W)
    ],
    prefix="fold",
)

# A network that reads digits


def _volume(shape: tuple[int, ...], kind: str = "random") -> Probe:
    traits = traits_of(examples=shape[0] > 1, channels=shape[3] > 1, oblong=shape[1] != shape[2])
    return Probe(f"A_prev {shape}", ("A_prev",), (numbers(shape, kind),), traits)


def _row(probe: Probe) -> Probe:
    A, cache = flatten_forward(*probe.arguments)
    dA = numbers(A.shape, "random" if A.size > 8 else "small", 1)
    return Probe(f"dA {dA.shape}, cache {cache}", ("dA", "cache"), (dA, cache), probe.traits)


VOLUMES = tuple(map(_volume, ((2, 2, 3, 2), (3, 2, 2, 3), (1, 3, 2, 1), (2, 1, 1, 4))))
SMALL_VOLUMES = ((1, 1, 2, 1), (1, 1, 2, 2), (1, 2, 2, 1), (2, 1, 1, 2), (1, 2, 2, 2))


def _remembers_the_shape(probe: Probe, value: Value) -> bool:
    """Take any cache as right that has the shape in it."""
    (A_prev,) = probe.arguments
    if not isinstance(value, tuple) or len(value) != 2:
        return False
    A, cache = value
    kept = is_array(cache) and (cache.shape == A_prev.shape or cache.tolist() == [*A_prev.shape])
    return same(A, A_prev.reshape(len(A_prev), -1)) and kept


flatten_forth = FunctionExercise(
    name="flatten_forward",
    function=package.flatten_forward,
    outputs=("A", "cache"),
    probes=VOLUMES,
    small=lambda: [_volume(shape, "small") for shape in SMALL_VOLUMES],
    tolerates=_remembers_the_shape,
    parts=("m", "n_H", "n_W", "n_C"),
    prefix="flatten",
)

flatten_back = FunctionExercise(
    name="flatten_backward",
    function=package.flatten_backward,
    outputs=("dA_prev",),
    probes=tuple(map(_row, VOLUMES)),
    small=lambda: [_row(_volume(shape, "small")) for shape in SMALL_VOLUMES],
    prefix="flatten",
)

GRADIENTS = ("W1", "b1", "W2", "b2", "W3", "b3")


def _there_and_back(linear_forward: Function, linear_backward: Function) -> Function:
    """Go both ways: what is in the caches is the reader's own business."""

    def network(*values: Any) -> object:
        *parameters, X, dZ = values
        Z, caches = linear_forward(dict(zip(GRADIENTS, parameters, strict=True)), X)
        gradients = linear_backward(dZ, caches)
        return (Z, *(gradients[name] for name in GRADIENTS))

    return network


def _small_network(m: int, n_C_1: int, n_C_2: int, seed: int = 0) -> Probe:
    shapes = (
        *((3, 3, 1, n_C_1), (1, 1, 1, n_C_1)),
        *((3, 3, n_C_1, n_C_2), (1, 1, 1, n_C_2)),
        *((4 * n_C_2, 3), (1, 3), (m, 8, 8, 1), (m, 3)),
    )
    names = (*GRADIENTS, "X", "dZ")
    values = tuple(numbers(shape, "random", seed + k) for k, shape in enumerate(shapes))
    label = f"W1 {shapes[0]}, W2 {shapes[2]}, X {shapes[6]}"
    return Probe(label, names, values, traits_of(examples=m > 1))


without_relu = FunctionExercise(
    name="without-relu",
    function=solutions_two.linear_network,
    outputs=("Z", *(f"d{name}" for name in GRADIENTS)),
    probes=(_small_network(2, 2, 3), _small_network(1, 1, 2)),
    small=lambda: [],
    asks=("linear_forward", "linear_backward"),
    make=_there_and_back,
    prefix="linear",
    shown=(solutions_two.linear_forward, solutions_two.linear_backward),
)

# What the libraries call it


def _not_whole(shape: tuple[int, ...], f: int, kind: str = "random") -> Probe:
    traits = traits_of(
        rest_of_image=any(n % f for n in shape[1:3]), oblong=shape[1] != shape[2], window=f > 1
    )
    return Probe(f"X {shape}, {f = }", ("X", "f"), (numbers(shape, kind), f), traits)


pool_ceil = FunctionExercise(
    name="pool-ceil",
    function=solutions_two.average_ceil,
    outputs=("A",),
    probes=(
        _not_whole((1, 5, 5, 1), 2),
        _not_whole((2, 7, 5, 3), 3),
        _not_whole((2, 4, 6, 2), 2),
        _not_whole((1, 5, 6, 2), 4),
    ),
    small=lambda: [
        _not_whole((1, n_H, n_W, n_C), f, kind)
        for kind in ("small", "signed")
        for f, n_C, n_H, n_W in product((1, 2, 3), (1, 2), (1, 2, 3), (1, 2, 3))
    ],
    prefix="ceil",
)


def _spread(
    m: int, n_H: int, n_W: int, n_C: int, n_C_prev: int, f: int, stride: int, kind: str
) -> Probe:
    Z, W = numbers((m, n_H, n_W, n_C), kind), numbers((f, f, n_C_prev, n_C), kind, 1)
    traits = traits_of(stride=stride > 1, overlap=stride < f, oblong=n_H != n_W, filters=n_C > 1)
    label = f"Z {Z.shape}, W {W.shape}, {stride = }"
    return Probe(label, ("Z", "W", "stride"), (Z, W, stride), traits)


transposed_forward = FunctionExercise(
    name="transposed-forward",
    function=solutions_two.transposed,
    outputs=("A",),
    probes=(
        _spread(2, 3, 4, 5, 2, 3, 2, "random"),
        _spread(1, 2, 3, 2, 2, 2, 1, "random"),
        _spread(1, 3, 2, 1, 2, 3, 3, "random"),
        _spread(2, 2, 2, 3, 1, 1, 2, "random"),
    ),
    small=lambda: [
        _spread(1, n_H, n_W, n_C, 1, f, stride, kind)
        for kind in ("small", "signed")
        for n_C, f, n_H, n_W, stride in product((1, 2), (1, 2), (1, 2), (1, 2), (1, 2))
    ],
    prefix="transposed",
)


def _dilated(
    m: int, n: int, n_C_prev: int, n_C: int, f: int, dilation: int, kind: str = "random"
) -> Probe:
    A_prev, W = numbers((m, n, n + 1, n_C_prev), kind), numbers((f, f, n_C_prev, n_C), kind, 1)
    reach = dilation * (f - 1)
    dZ = numbers((m, n - reach, n + 1 - reach, n_C), kind, 2)
    names = ("dZ", "A_prev", "W", "dilation")
    traits = traits_of(dilation=dilation > 1, channels=n_C_prev > 1, filters=n_C > 1)
    label = f"A_prev {A_prev.shape}, W {W.shape}, {dilation = }"
    return Probe(label, names, (dZ, A_prev, W, dilation), traits)


dilated_backward = FunctionExercise(
    name="dilated-backward",
    function=solutions_two.dilated_dW,
    outputs=("dW",),
    probes=(
        _dilated(2, 8, 2, 3, 3, 2),
        _dilated(1, 5, 2, 2, 2, 3),
        _dilated(1, 4, 1, 2, 2, 1),
    ),
    small=lambda: [
        _dilated(1, dilation * (f - 1) + extra, 1, n_C, f, dilation, kind)
        for kind in ("small", "signed")
        for n_C, f, dilation, extra in product((1, 2), (1, 2), (1, 2), (1, 2))
    ],
    prefix="dilated",
)

EXERCISES: tuple[FunctionExercise, ...] = (
    im2col_forward,
    im2col_backward,
    inside_out,
    one_by_one,
    fold_average,
    flatten_forth,
    flatten_back,
    without_relu,
    pool_ceil,
    transposed_forward,
    dilated_backward,
)
