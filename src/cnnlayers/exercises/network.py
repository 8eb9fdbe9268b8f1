"""The exercises on the functions of part II: the inputs on which they are compared."""

from collections.abc import Mapping
from itertools import product
from math import log2
from typing import Any, cast

import numpy as np

from cnnlayers.exercises import solutions
from cnnlayers.exercises.exercise import (
    Array,
    FunctionExercise,
    Probe,
    numbers,
    smallest_first,
    traits_of,
)
from cnnlayers.exercises.faults import Function
from cnnlayers.exercises.values import Value, is_array, same


def _dtype(X: Array) -> str:
    return "" if X.dtype == np.float64 else f", {X.dtype}"


# im2col and col2im


def _unfolding(
    shape: tuple[int, ...], f: int, stride: int, pad: int, kind: str = "random", dtype: str = "f8"
) -> Probe:
    X = numbers(shape, kind).astype(dtype)
    traits = traits_of(
        stride=stride > 1,
        pad=pad > 0,
        no_pad=pad == 0,
        examples=shape[0] > 1,
        channels=shape[3] > 1,
        oblong=shape[1] != shape[2],
        overlap=stride < f,
        spare=any((n - f + 2 * pad) % stride for n in shape[1:3]),
    )
    label = f"X {shape}, f {f}, stride {stride}, pad {pad}{_dtype(X)}"
    return Probe(label, ("X", "f", "stride", "pad"), (X, f, stride, pad), traits)


UNFOLDINGS = (
    _unfolding((1, 3, 3, 1), 2, 1, 0),
    _unfolding((2, 4, 5, 3), 2, 1, 0),
    _unfolding((2, 8, 5, 2), 3, 2, 1),
    _unfolding((2, 4, 4, 2), 2, 2, 0),
    _unfolding((1, 5, 4, 2), 2, 3, 2),
    _unfolding((2, 3, 3, 2), 3, 1, 1),
    _unfolding((1, 3, 4, 2), 2, 1, 1, dtype="f4"),
)


def _small_unfoldings() -> list[Probe]:
    sizes = product((1, 2), (1, 2, 3, 4), (1, 2, 3), (1, 2), (1, 2, 3), (1, 2), (0, 1))
    return smallest_first(
        _unfolding((m, n_H, n_W, n_C), f, stride, pad, "small")
        for m, n_H, n_W, n_C, f, stride, pad in sizes
        if f <= min(n_H, n_W) + 2 * pad
    )


def _folding(unfolding: Probe, kind: str = "random") -> Probe:
    X, f, stride, pad = unfolding.arguments
    columns = numbers(solutions.im2col(X, f, stride, pad).shape, kind, 1).astype(X.dtype)
    label = f"columns {columns.shape}, shape {X.shape}, f {f}, stride {stride}, pad {pad}"
    arguments = (columns, X.shape, f, stride, pad)
    names = ("columns", "shape", "f", "stride", "pad")
    return Probe(label + _dtype(X), names, arguments, unfolding.traits)


im2col = FunctionExercise(
    name="im2col",
    function=solutions.im2col,
    outputs=("columns",),
    probes=UNFOLDINGS,
    small=_small_unfoldings,
    prefix="columns",
)

col2im = FunctionExercise(
    name="col2im",
    function=solutions.col2im,
    outputs=("X",),
    probes=tuple(map(_folding, UNFOLDINGS)),
    small=lambda: [_folding(probe, "small") for probe in _small_unfoldings()],
    prefix="col2im",
)


# relu


def _activation(shape: tuple[int, ...], kind: str = "random", dtype: str = "f8") -> Probe:
    Z = numbers(shape, kind).astype(dtype)
    if kind == "zero":
        Z = np.resize(np.array([1.0, 0, -2, 0]), shape)
    traits = traits_of(whole=dtype == "i8", zero=bool((Z == 0).any()))
    return Probe(f"Z {shape}{_dtype(Z)}", ("Z",), (Z,), traits)


ACTIVATIONS = (
    _activation((2, 3)),
    _activation((2, 2, 3, 2)),
    _activation((5,)),
    _activation((2, 4), "zero"),
    _activation((2, 3), "signed", "i8"),
    _activation((3, 2), dtype="f4"),
)


def _rectified(probe: Probe, kind: str = "random") -> Probe:
    (Z,) = probe.arguments
    dA = numbers(Z.shape, kind, 1).astype(Z.dtype if Z.dtype.kind == "f" else "f8")
    return Probe(f"dA, {probe.label}", ("dA", "cache"), (dA, Z), probe.traits)


def _small_activations() -> list[Probe]:
    return [
        _activation((1, n), kind) for kind in ("signed", "halves", "negative") for n in (1, 2, 3)
    ]


def _keeps_the_sign(probe: Probe, value: Value) -> bool:
    """Take a cache as right that tells where Z was positive."""
    (Z,) = probe.arguments
    if not isinstance(value, tuple) or len(value) != 2:
        return False
    A, cache = value
    return same(A, np.maximum(Z, 0)) and any(same(cache, kept) for kept in (A, Z > 0))


def _either_at_zero(probe: Probe, value: Value) -> bool:
    """Let the gradient through or not where Z is zero and the derivative does not exist."""
    dA, Z = probe.arguments
    return same(value, np.where(Z >= 0, dA, 0))


relu_forward = FunctionExercise(
    name="relu_forward",
    function=solutions.relu_forward,
    outputs=("A", "cache"),
    probes=ACTIVATIONS,
    small=_small_activations,
    tolerates=_keeps_the_sign,
    prefix="relu",
)

relu_backward = FunctionExercise(
    name="relu_backward",
    function=solutions.relu_backward,
    outputs=("dZ",),
    probes=tuple(map(_rectified, ACTIVATIONS)),
    small=lambda: [
        _rectified(probe, kind) for kind in ("signed", "small") for probe in _small_activations()
    ],
    tolerates=_either_at_zero,
    parts=(),
    prefix="relu",
)


# The fully connected layer


def _dense(m: int, n_prev: int, n: int, kind: str = "random", dtype: str = "f8") -> Probe:
    A_prev = numbers((m, n_prev), kind).astype(dtype)
    floating = "f4" if dtype == "f4" else "f8"
    W = numbers((n_prev, n), kind, 1).astype(floating)
    b = numbers((1, n), kind, 2).astype(floating)
    traits = traits_of(examples=m > 1, outputs=n > 1)
    label = f"A_prev {A_prev.shape}, W {W.shape}{_dtype(A_prev)}"
    return Probe(label, ("A_prev", "W", "b"), (A_prev, W, b), traits)


DENSE = (
    _dense(3, 4, 2),
    _dense(1, 3, 2),
    _dense(3, 3, 3),
    _dense(2, 4, 1),
    _dense(2, 3, 2, "small", "i8"),
    _dense(2, 3, 2, dtype="f4"),
)


def _small_dense() -> list[Probe]:
    return [
        _dense(m, n_prev, n, kind)
        for kind in ("small", "signed", "halves")
        for m, n_prev, n in sorted(product((1, 2), (1, 2), (1, 2)), key=sum)
    ]


def _dense_back(probe: Probe, kind: str = "random") -> Probe:
    A_prev, W, _ = probe.arguments
    dZ = numbers((len(A_prev), W.shape[1]), kind, 3).astype(W.dtype)
    return Probe(
        f"dZ {dZ.shape}, {probe.label}", ("dZ", "cache"), (dZ, probe.arguments), probe.traits
    )


dense_forward = FunctionExercise(
    name="dense_forward",
    function=solutions.dense_forward,
    outputs=("Z", "cache"),
    probes=DENSE,
    small=_small_dense,
    prefix="dense",
)

dense_backward = FunctionExercise(
    name="dense_backward",
    function=solutions.dense_backward,
    outputs=("dA_prev", "dW", "db"),
    probes=tuple(map(_dense_back, DENSE)),
    small=lambda: [_dense_back(probe, "small") for probe in _small_dense()],
    parts=("A_prev", "W", "b"),
    prefix="dense",
)


# softmax and cross-entropy


def _scores(rows: Any, dtype: str = "f8", traits: str = "") -> Probe:
    Z = np.array(rows, dtype=dtype)
    special = {traits} if traits else set[str]()
    label = f"Z {Z.shape}" + (f", |Z| = {np.abs(Z).max():g}" if traits else "") + _dtype(Z)
    return Probe(label, ("Z",), (Z,), frozenset(special | ({"examples"} if len(Z) > 1 else set())))


SCORES = (
    _scores(numbers((3, 4), "random")),
    _scores(numbers((1, 3), "random")),
    _scores(numbers((3, 3), "random")),
    _scores([[1000, 1001, 999.5], [-1000, -1001, -1002]], traits="large"),
    _scores([[1, 2, 3], [3, 0, 1]], "i8"),
    _scores(numbers((2, 3), "random"), "f4"),
)


def _small_scores() -> list[Probe]:
    rows = (
        [[0, 1]],
        [[1, 2, 0]],
        [[0, 1], [2, 0]],
        [[1, 2, 0], [0, 1, 3]],
        [[1000, 0]],
        [[1000, 0], [0, 0]],
    )
    return [_scores(some) for some in rows]


softmax = FunctionExercise(
    name="softmax",
    function=solutions.softmax,
    outputs=("P",),
    probes=SCORES,
    small=_small_scores,
    prefix="softmax",
)


def _labelled(probe: Probe) -> Probe:
    (Z,) = probe.arguments
    y = np.arange(len(Z)) * 2 % Z.shape[1]
    return Probe(f"{probe.label}, y {y.tolist()}", ("Z", "y"), (Z, y), probe.traits)


def _finite(probe: Probe, value: Value) -> bool:
    """Take a loss as right that is kept finite by a small number inside the logarithm."""
    if "large" not in probe.traits or not isinstance(value, tuple) or len(value) != 2:
        return False
    J, cache = value
    _, right = solutions.cross_entropy_forward(*probe.arguments)
    return is_array(J) and J.shape == () and 5 < float(J) < np.inf and same(cache, right)


cross_entropy_forward = FunctionExercise(
    name="cross_entropy_forward",
    function=solutions.cross_entropy_forward,
    outputs=("J", "cache"),
    probes=(
        *map(_labelled, SCORES[:3]),
        _labelled(_scores([[0, 1000], [3, 1]], traits="large")),
        *map(_labelled, SCORES[4:]),
    ),
    small=lambda: list(map(_labelled, _small_scores())),
    tolerates=_finite,
    parts=("P", "y"),
    prefix="softmax",
)


def _loss_back(probe: Probe) -> Probe:
    _, cache = solutions.cross_entropy_forward(*probe.arguments)
    return Probe(probe.label.replace("Z", "P"), ("cache",), (cache,), probe.traits - {"large"})


cross_entropy_backward = FunctionExercise(
    name="cross_entropy_backward",
    function=solutions.cross_entropy_backward,
    outputs=("dZ",),
    probes=tuple(_loss_back(_labelled(probe)) for probe in (*SCORES[:3], SCORES[5])),
    small=lambda: [_loss_back(_labelled(probe)) for probe in _small_scores()[:4]],
    parts=("P", "y"),
    prefix="softmax",
)


# Training


def _step(shapes: Mapping[str, tuple[int, ...]], rate: float, momentum: float, kind: str) -> Probe:
    drawn = [
        {name: numbers(shape, kind, seed + k) for k, (name, shape) in enumerate(shapes.items())}
        for seed in (0, 10, 20)
    ]
    names = ("parameters", "gradients", "velocities", "learning_rate", "momentum")
    label = f"{', '.join(f'{n} {s}' for n, s in shapes.items())}, {rate = }, {momentum = }"
    traits = traits_of(momentum=momentum > 0)
    return Probe(label, names, (*drawn, rate, momentum), traits)


sgd_momentum = FunctionExercise(
    name="sgd_momentum",
    function=solutions.sgd_momentum,
    outputs=("parameters", "velocities"),
    probes=(
        _step({"W": (3, 2), "b": (1, 2)}, 0.1, 0.9, "random"),
        _step({"W": (2, 2)}, 0.5, 0.0, "random"),
        _step({"W1": (2, 2, 1, 3), "b1": (1, 1, 1, 3), "W2": (3, 2)}, 0.01, 0.5, "random"),
    ),
    small=lambda: (
        [
            _step({"W": (1, n)}, rate, momentum, "small")
            for rate, momentum in ((0.5, 0.5), (0.5, 0.0), (1.0, 0.5))
            for n in (1, 2)
        ]
        + [_step({"W": (1, 1), "b": (1, 1)}, 0.5, 0.5, "small")]
    ),
    prefix="sgd",
)


def _drawn(answer: Function) -> Function:
    """Summarize what is drawn, so that another way to draw the same is right too."""

    def summarize(shape: tuple[int, ...], seed: int) -> object:
        drawn = [answer(shape, np.random.default_rng(s)) for s in (seed, seed, seed + 1)]
        if drawn[0] is None:
            return None
        first, again, other = map(_floats, drawn)
        scale = float(np.sqrt(np.prod(shape[:-1]) / 2))
        spread = cast(float, first.std()) * scale
        return {
            "shape": first.shape,
            # In steps far larger than chance, and far smaller than the mistakes.
            "spread": round(4 * log2(spread)) / 4 if spread > 0 else -np.inf,
            "center": round(cast(float, first.mean()) * scale * 5),
            "same_seed": bool(np.array_equal(first, again)),
            "other_seed": bool(np.array_equal(first, other)),
        }

    return summarize


def _floats(W: Any) -> Array:
    return np.array(W, dtype=np.float64)


def _draw(shape: tuple[int, ...]) -> Probe:
    return Probe(f"shape {shape}", ("shape", "rng"), (shape, 1), frozenset())


initialize = FunctionExercise(
    name="initialize",
    function=solutions.initialize,
    outputs=("W",),
    probes=(_draw((5, 5, 16, 32)), _draw((400, 50)), _draw((3, 3, 64, 8))),
    small=lambda: (),
    wrap=_drawn,
    prefix="init",
)


def _epoch(m: int, n_prev: int, n: int, batch_size: int, rate: float, kind: str) -> Probe:
    parameters = {"W": numbers((n_prev, n), kind, 1), "b": numbers((1, n), kind, 2)}
    X, y = numbers((m, n_prev), kind), np.arange(m) * 2 % n
    names = ("parameters", "X", "y", "learning_rate", "batch_size")
    label = f"X {X.shape}, {n} classes, learning_rate {rate}, batch_size {batch_size}"
    traits = traits_of(batches=batch_size < m, rest=m % batch_size > 0)
    return Probe(label, names, (parameters, X, y, rate, batch_size), traits)


train_epoch = FunctionExercise(
    name="train_epoch",
    function=solutions.train_epoch,
    outputs=("parameters", "losses"),
    probes=(
        _epoch(4, 3, 3, 2, 0.1, "random"),
        _epoch(4, 2, 2, 4, 0.5, "random"),
        _epoch(5, 3, 2, 2, 0.1, "random"),
    ),
    small=lambda: [
        _epoch(m, 1, 2, batch_size, 1.0, "small")
        for m, batch_size in ((1, 1), (2, 2), (2, 1), (3, 2))
    ],
    prefix="train",
)

EXERCISES: tuple[FunctionExercise, ...] = (
    im2col,
    col2im,
    relu_forward,
    relu_backward,
    dense_forward,
    dense_backward,
    softmax,
    cross_entropy_forward,
    cross_entropy_backward,
    initialize,
    sgd_momentum,
    train_epoch,
)
