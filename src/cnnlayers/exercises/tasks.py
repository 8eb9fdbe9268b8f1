"""The book's other exercises that ask for functions, or for arrays judged by what they do."""

from itertools import product
from typing import Any

import numpy as np

from cnnlayers import conv_forward
from cnnlayers.exercises import solutions
from cnnlayers.exercises.exercise import FunctionExercise, Probe, numbers, traits_of
from cnnlayers.exercises.faults import Function
from cnnlayers.exercises.values import Value, same

# Chapter 1


def _batch(shape: tuple[int, ...], kind: str = "random") -> Probe:
    A = numbers(shape, kind)
    P = np.moveaxis(numbers(shape, kind, 1), -1, 1).copy()
    traits = traits_of(examples=shape[0] > 1, oblong=shape[1] != shape[2])
    return Probe(f"A {A.shape}, P {P.shape}", ("A", "P"), (A, P), traits)


def _both_ways(to_channels_first: Function, to_channels_last: Function) -> Function:
    def convert(A: Any, P: Any) -> object:
        return to_channels_first(A), to_channels_last(P)

    return convert


channels_first = FunctionExercise(
    name="channels-first",
    function=solutions.both_channels,
    outputs=("to_channels_first(A)", "to_channels_last(P)"),
    probes=tuple(map(_batch, ((2, 4, 5, 3), (1, 3, 3, 3), (3, 2, 2, 1)))),
    small=lambda: [
        _batch(shape, "small") for shape in ((1, 1, 2, 2), (1, 2, 1, 2), (1, 2, 2, 2), (2, 1, 1, 2))
    ],
    asks=("to_channels_first", "to_channels_last"),
    make=_both_ways,
    prefix="channels",
    shown=(solutions.to_channels_first, solutions.to_channels_last),
)

# Chapter 2


def _framed(shape: tuple[int, ...], pad: int, kind: str = "random") -> Probe:
    X_pad = numbers(shape, kind)
    traits = traits_of(pad=pad > 0, no_pad=pad == 0)
    return Probe(f"X_pad {shape}, pad {pad}", ("X_pad", "pad"), (X_pad, pad), traits)


crop = FunctionExercise(
    name="crop",
    function=solutions.crop,
    outputs=("X",),
    probes=(
        _framed((2, 5, 6, 2), 1),
        _framed((1, 7, 5, 3), 2),
        _framed((2, 3, 4, 1), 0),
        _framed((1, 4, 3, 2), 1),
    ),
    small=lambda: [
        _framed((1, n_H, n_W, 1), pad, "small")
        for pad, n_H, n_W in product((0, 1), (1, 2, 3), (1, 2, 3))
        if min(n_H, n_W) > 2 * pad
    ],
    prefix="crop",
)


def _signal(n: int, f: int, kind: str = "random") -> Probe:
    signal, kernel = numbers((n,), kind), numbers((f,), kind, 1)
    return Probe(f"{n = }, {f = }", ("signal", "kernel"), (signal, kernel), traits_of(longer=f > 1))


true_convolution = FunctionExercise(
    name="true-convolution",
    function=solutions.convolve,
    outputs=("convolution",),
    probes=(_signal(5, 3), _signal(6, 2), _signal(4, 4), _signal(3, 1)),
    small=lambda: [_signal(n, f, "small") for n, f in ((1, 1), (2, 1), (2, 2), (3, 2), (4, 3))],
    prefix="convolve",
)


EDGES = {
    "horizontal": np.repeat([[0.0], [0], [0], [1], [1], [1]], 6, axis=1).reshape(1, 6, 6, 1),
    "vertical": np.repeat([[0.0, 0, 0, 1, 1, 1]], 6, axis=0).reshape(1, 6, 6, 1),
    "flat": np.ones((1, 6, 6, 1)),
}


def _filter(W: Any) -> Function:
    """Judge a filter by what it responds to: of either sign, Sobel's or another."""
    W = np.asarray(W, dtype=np.float64)
    if W.size != 9 or W.shape[:2] != (3, 3):
        raise TypeError(f"W must be a filter of 3 × 3, got shape {W.shape}")

    def respond(images: Any) -> object:
        return solutions.responses(W, images)

    return respond


horizontal_edges = FunctionExercise(
    name="horizontal-edges",
    function=solutions.edge_responses,
    outputs=("responds",),
    probes=(Probe("a horizontal edge, a vertical edge, a flat image", ("images",), (EDGES,)),),
    small=lambda: (),
    asks=("W",),
    make=_filter,
    prefix="edges",
)


def _two_filters(kind: str = "random", seed: int = 0) -> Probe:
    W_1, W_2 = (numbers((3, 3, 1, 1), kind, seed + k) for k in (0, 1))
    return Probe(f"W_1, W_2 {W_1.shape}, {seed}", ("W_1", "W_2"), (W_1, W_2))


def _flat_filter(probe: Probe, value: Value) -> bool:
    right = solutions.combine_filters(*probe.arguments)
    return same(value, right[:, :, 0, 0])


two_small_filters = FunctionExercise(
    name="two-small-filters",
    function=solutions.combine_filters,
    outputs=("W_5",),
    probes=(_two_filters(), _two_filters(seed=5)),
    small=lambda: [_two_filters("small")],
    tolerates=_flat_filter,
    prefix="combine",
)

# Chapter 3


def _filters(W: Any, b: Any = None) -> Function:
    """Judge filters by what the convolution with them gives."""
    W = np.asarray(W, dtype=np.float64)
    b = np.asarray(0.0 if b is None else b, dtype=np.float64)
    b = np.broadcast_to(b.reshape(-1), (W.shape[-1],)).reshape(1, 1, 1, -1) if W.ndim else b
    if W.shape != (2, 2, 3, 3):
        raise TypeError(f"W must have shape (2, 2, 3, 3), got shape {W.shape}")

    def average(A_prev: Any) -> object:
        return conv_forward(A_prev, W, b, {"stride": 2, "pad": 0})[0]

    return average


def _colors(shape: tuple[int, ...], kind: str = "random", seed: int = 0) -> Probe:
    return Probe(f"A_prev {shape}", ("A_prev",), (numbers(shape, kind, seed),))


average_as_convolution = FunctionExercise(
    name="average-as-convolution",
    function=solutions.average_by_convolution,
    outputs=("Z",),
    probes=(_colors((2, 6, 6, 3)), _colors((1, 4, 5, 3), seed=1)),
    small=lambda: [_colors((1, 2, 2, 3), "small")],
    asks=("W", "b"),
    make=_filters,
    prefix="average",
)

global_average = FunctionExercise(
    name="global-average",
    function=solutions.global_average,
    outputs=("A",),
    probes=(_colors((2, 5, 5, 3)), _colors((1, 4, 6, 2)), _colors((3, 3, 3, 1))),
    small=lambda: [
        _colors(shape, "small")
        for shape in ((1, 1, 2, 1), (1, 2, 2, 1), (1, 1, 2, 2), (2, 1, 2, 1))
    ],
    prefix="global",
)

# Chapter 4


def _rectifier(relu_forward: Function, relu_backward: Function) -> Function:
    """Go there and back: what is in the cache is the reader's own business."""

    def both(Z: Any, dA: Any) -> object:
        A, cache = relu_forward(Z)
        return A, relu_backward(dA, cache)

    return both


def _there_and_back(shape: tuple[int, ...], kind: str = "random") -> Probe:
    Z, dA = numbers(shape, kind), numbers(shape, "random" if kind == "random" else "small", 1)
    return Probe(f"Z {shape}", ("Z", "dA"), (Z, dA))


relu_layer = FunctionExercise(
    name="relu-layer",
    function=solutions.relu_both,
    outputs=("A", "dZ"),
    probes=tuple(map(_there_and_back, ((2, 3), (2, 3, 3, 2), (4,)))),
    small=lambda: [_there_and_back((1, n), "signed") for n in (1, 2, 3)],
    asks=("relu_forward", "relu_backward"),
    make=_rectifier,
    prefix="relu",
    shown=(solutions.relu_forward, solutions.relu_backward),
)


def _upstream(m: int, n_H: int, n_W: int, n_C_prev: int, n_C: int, f: int, kind: str) -> Probe:
    dZ, W = numbers((m, n_H, n_W, n_C), kind), numbers((f, f, n_C_prev, n_C), kind, 1)
    traits = traits_of(channels=n_C_prev > 1, filters=n_C > 1, examples=m > 1, window=f > 1)
    return Probe(f"dZ {dZ.shape}, W {W.shape}", ("dZ", "W"), (dZ, W), traits)


full_convolution = FunctionExercise(
    name="full-convolution",
    function=solutions.input_gradient,
    outputs=("dA_prev",),
    probes=(
        _upstream(2, 4, 3, 3, 4, 3, "random"),
        _upstream(1, 2, 3, 2, 2, 2, "random"),
        _upstream(1, 2, 2, 1, 1, 2, "random"),
        _upstream(1, 2, 3, 3, 2, 1, "random"),
    ),
    small=lambda: [
        _upstream(1, n_H, n_W, 1, n_C, f, "small")
        for f, n_C, n_H, n_W in product((1, 2), (1, 2), (1, 2), (1, 2))
    ],
    prefix="full",
)

shared_ties = FunctionExercise(
    name="shared-ties",
    function=solutions.shared_mask,
    outputs=("mask",),
    probes=tuple(
        Probe(f"x = {rows}", ("x",), (np.array(rows, dtype=np.float64),), traits)
        for rows, traits in (
            ([[4, 4], [2, 4]], traits_of(ties=True)),
            ([[1, 3], [5, 2]], traits_of()),
            ([[7, 1, 7], [0, 2, 3]], traits_of(ties=True)),
            ([[0, 0], [0, 0]], traits_of(ties=True)),
            ([[-1, -3, -1, -2]], traits_of(ties=True)),
        )
    ),
    small=lambda: [
        Probe(f"x = {rows}", ("x",), (np.array(rows, dtype=np.float64),))
        for rows in ([[1]], [[1, 1]], [[2, 1]], [[1, 2], [2, 0]], [[4, 4], [2, 4]])
    ],
    prefix="shared",
)


def _chain(m: int, n: int, n_C_prev: int, n_C: int, kind: str = "random") -> Probe:
    inputs = [
        numbers(shape, kind, k)
        for k, shape in enumerate([(m, n, n, n_C_prev), (3, 3, n_C_prev, n_C), (1, 1, 1, n_C)])
    ]
    A, cache = solutions.network_forward(*inputs)
    dA = numbers(A.shape, kind, 3)
    return Probe(f"A_prev {inputs[0].shape}, W {inputs[1].shape}", ("dA", "cache"), (dA, cache))


whole_network = FunctionExercise(
    name="whole-network",
    function=solutions.network_backward,
    outputs=("dA_prev", "dW", "db"),
    probes=(_chain(2, 4, 2, 3), _chain(1, 5, 1, 2)),
    small=lambda: [_chain(1, 2, 1, 1, "small")],
    parts=("conv_cache", "pool_cache"),
    prefix="network",
)

EXERCISES: tuple[FunctionExercise, ...] = (
    channels_first,
    crop,
    true_convolution,
    horizontal_edges,
    two_small_filters,
    average_as_convolution,
    global_average,
    relu_layer,
    full_convolution,
    shared_ties,
    whole_network,
)
