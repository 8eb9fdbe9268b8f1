"""The exercises on the book's eight functions: the inputs on which they are compared.

They are few, and those on which mistakes show: height and width differ, and agree; two examples,
channels and filters, and one of each; stride and padding apart and together; rows that no window
reaches, windows that overlap and that leave gaps; negative numbers, ties, integers, float32, NaN.
"""

from collections.abc import Callable, Iterable
from functools import cache
from itertools import product
from typing import Any

import numpy as np

from cnnlayers import loops
from cnnlayers.exercises.exercise import (
    Array,
    FunctionExercise,
    Index,
    Probe,
    numbers,
    smallest_first,
    traits_of,
)
from cnnlayers.exercises.values import Value, same

ALL = slice(None)
ENOUGH = 70  # small inputs of each depth
Size = tuple[Any, ...]


def flattest_first(
    sizes: Iterable[Size], depth: Callable[..., int], weight: Callable[..., int]
) -> list[Size]:
    """Order sizes: a flat image is easier to read than a deep one, a small one than a large."""
    groups: dict[int, list[Size]] = {}
    for size in sorted(sizes, key=lambda size: weight(*size)):
        groups.setdefault(depth(*size), []).append(size)
    return [size for _, group in sorted(groups.items()) for size in group[:ENOUGH]]


def _dtype(X: Array) -> str:
    return "" if X.dtype == np.float64 else f", {X.dtype}"


# zero_pad


def _padding(shape: tuple[int, ...], pad: int, kind: str = "random", dtype: str = "f8") -> Probe:
    X = numbers(shape, kind).astype(dtype)
    traits = traits_of(pad=pad > 0, examples=shape[0] > 1, channels=shape[3] > 1)
    return Probe(f"X {shape}, pad {pad}{_dtype(X)}", ("X", "pad"), (X, pad), traits)


zero_pad = FunctionExercise(
    name="zero_pad",
    function=loops.zero_pad,
    outputs=("X_pad",),
    probes=(
        _padding((2, 3, 4, 2), 1),
        _padding((2, 4, 3, 3), 2),
        _padding((1, 2, 2, 1), 3),
        _padding((3, 2, 5, 2), 0),
        _padding((2, 2, 3, 2), 1, "small", "i8"),
        _padding((2, 2, 3, 2), 2, dtype="f4"),
    ),
    small=lambda: (
        probe
        for kind in ("small", "halves")
        for probe in smallest_first(
            _padding((m, n_H, n_W, n_C), pad, kind)
            for m, n_H, n_W, n_C, pad in product((1, 2), (1, 2), (1, 2, 3), (1, 2), (0, 1, 2))
        )
    ),
    prefix="pad",
)


# conv_single_step


def _step(f: int, n_C_prev: int, kind: str = "random", dtype: str = "f8", sign: int = 1) -> Probe:
    a_slice_prev = numbers((f, f, n_C_prev), kind).astype(dtype)
    floating = "f4" if dtype == "f4" else "f8"
    W = numbers((f, f, n_C_prev), kind, seed=1).astype(floating)
    b = np.full((1, 1, 1), sign * (1.75 if kind == "random" else W.flat[-1]), floating)
    label = f"a_slice_prev {a_slice_prev.shape}{_dtype(a_slice_prev)}, b {b.item():g}"
    traits = traits_of(channels=n_C_prev > 1, negative_b=sign < 0)
    return Probe(label, ("a_slice_prev", "W", "b"), (a_slice_prev, W, b), traits)


conv_single_step = FunctionExercise(
    name="conv_single_step",
    function=loops.conv_single_step,
    outputs=("Z",),
    probes=(
        _step(3, 2),
        _step(2, 4, sign=-1),
        _step(3, 3),
        _step(3, 1),
        _step(2, 3, "small", "i8"),
        _step(2, 3, dtype="f4"),
    ),
    small=lambda: (
        probe
        for kind in ("small", "halves", "signed")
        for probe in smallest_first(
            _step(f, n_C_prev, kind, sign=sign)
            for sign, f, n_C_prev in product((1, -1), (1, 2, 3), (1, 2, 3))
        )
    ),
    prefix="step",
)


# conv_forward and conv_backward


def _convolution(
    m: int,
    n_H_prev: int,
    n_W_prev: int,
    n_C_prev: int,
    n_C: int,
    f: int,
    stride: int,
    pad: int,
    kind: str = "random",
    dtype: str = "f8",
) -> Probe:
    floating = "f4" if dtype == "f4" else "f8"
    whole = dtype == "i8"
    A_prev = numbers((m, n_H_prev, n_W_prev, n_C_prev), "small" if whole else kind).astype(dtype)
    W = numbers((f, f, n_C_prev, n_C), kind, seed=1).astype(floating)
    b = numbers((1, 1, 1, n_C), kind, seed=2).astype(floating)
    traits = traits_of(
        stride=stride > 1,
        pad=pad > 0,
        no_pad=pad == 0,
        oblong=n_H_prev != n_W_prev,
        examples=m > 1,
        channels=n_C_prev > 1,
        filters=n_C > 1,
        spare=any((n - f + 2 * pad) % stride for n in (n_H_prev, n_W_prev)),
        whole=whole,
    )
    return Probe(
        f"A_prev {A_prev.shape}, W {W.shape}, stride {stride}, pad {pad}{_dtype(A_prev)}",
        ("A_prev", "W", "b", "hparameters"),
        (A_prev, W, b, {"stride": stride, "pad": pad}),
        traits,
    )


CONVOLUTIONS = (
    _convolution(1, 4, 3, 1, 1, 2, 1, 0),
    _convolution(2, 4, 5, 2, 3, 3, 1, 0),
    _convolution(2, 8, 5, 2, 2, 3, 2, 1),
    _convolution(2, 4, 4, 3, 2, 3, 1, 1),
    _convolution(1, 5, 4, 2, 2, 2, 3, 2),
    _convolution(2, 3, 3, 2, 2, 2, 1, 0),
    _convolution(2, 5, 5, 1, 2, 3, 2, 0),
    _convolution(3, 3, 4, 2, 3, 1, 2, 0),
    _convolution(1, 3, 4, 2, 2, 2, 1, 1, dtype="i8"),
    _convolution(1, 4, 5, 2, 2, 2, 2, 1, dtype="f4"),
)


@cache
def _small_convolutions(kind: str) -> tuple[Probe, ...]:
    sizes = (
        size
        for size in product(
            (1, 2), (1, 2, 3, 4), (1, 2, 3, 4), (1, 2), (1, 2), (1, 2, 3), (1, 2), (0, 1)
        )
        if size[5] <= min(size[1:3]) + 2 * size[7]
    )

    def depth(m: int, n_H: int, n_W: int, n_C_prev: int, n_C: int, *_: int) -> int:
        return m + n_C_prev + n_C

    def weight(
        m: int, n_H: int, n_W: int, n_C_prev: int, n_C: int, f: int, stride: int, pad: int
    ) -> int:
        return m * n_H * n_W * n_C_prev + f * f * n_C_prev * n_C + 2 * stride + 3 * pad

    return tuple(_convolution(*size, kind=kind) for size in flattest_first(sizes, depth, weight))


def _window_read(probe: Probe, output: str, index: tuple[int, ...]) -> dict[str, Index]:
    if output != "Z":
        return {}
    _, W, _, hparameters = probe.arguments
    i, h, w, c = index
    rows, columns = (_span(k, len(W), hparameters["stride"]) for k in (h, w))
    return {"A_prev": (i, rows, columns, ALL), "W": (ALL, ALL, ALL, c)}


def _span(k: int, f: int, stride: int) -> slice:
    """Entries of the padded input that window k covers."""
    return slice(k * stride, k * stride + f)


def _windows_over(y: int, f: int, stride: int, pad: int = 0) -> slice:
    """Windows that cover entry y of the input, counted without its padding."""
    return slice(max(-((f - 1 - y - pad) // stride), 0), (y + pad) // stride + 1)


conv_forward = FunctionExercise(
    name="conv_forward",
    function=loops.conv_forward,
    outputs=("Z", "cache"),
    probes=CONVOLUTIONS,
    small=lambda: (
        probe for kind in ("small", "signed", "halves") for probe in _small_convolutions(kind)
    ),
    window=_window_read,
    parts=("A_prev", "W", "b", "hparameters"),
    prefix="forward",
)


def _backward(forward: Probe, kind: str = "random") -> Probe:
    Z, _ = loops.conv_forward(*forward.arguments)
    dZ = numbers(Z.shape, kind, seed=3).astype(Z.dtype)
    return Probe(forward.label, ("dZ", "cache"), (dZ, forward.arguments), forward.traits)


def _windows_that_owe(probe: Probe, output: str, index: tuple[int, ...]) -> dict[str, Index]:
    if output != "dA_prev":
        return {}
    _, (_, W, _, hparameters) = probe.arguments
    i, y, x, _ = index
    rows, columns = (
        _windows_over(k, len(W), hparameters["stride"], hparameters["pad"]) for k in (y, x)
    )
    return {"dZ": (i, rows, columns, ALL)}


conv_backward = FunctionExercise(
    name="conv_backward",
    function=loops.conv_backward,
    outputs=("dA_prev", "dW", "db"),
    probes=tuple(map(_backward, CONVOLUTIONS)),
    small=lambda: (
        _backward(probe, kind)
        for kind in ("small", "signed")
        for probe in _small_convolutions(kind)
    ),
    window=_windows_that_owe,
    parts=("A_prev", "W", "b", "hparameters"),
    prefix="backward",
)


# pool_forward and pool_backward


def _pooling(
    m: int,
    n_H_prev: int,
    n_W_prev: int,
    n_C: int,
    f: int,
    stride: int,
    mode: str,
    kind: str = "random",
    dtype: str = "f8",
    advice: str = "",
) -> Probe:
    A_prev = numbers((m, n_H_prev, n_W_prev, n_C), kind.removesuffix(" nan")).astype(dtype)
    if kind == "negative" and m * n_C > 1:
        A_prev *= 1e6  # below any number that a running maximum might start from
    if kind.endswith("nan"):
        A_prev[0, 0, 1, 0] = np.nan
    traits = traits_of(
        **{mode or "max": True},
        stride=stride > 1,
        stride_1=stride == 1,
        overlap=stride < f,
        tiles=stride == f,
        oblong=n_H_prev != n_W_prev,
        examples=m > 1,
        channels=n_C > 1,
        spare=any((n - f) % stride for n in (n_H_prev, n_W_prev)),
        negative=kind == "negative",
        ties=kind == "ties",
        whole=dtype == "i8",
    )
    sign = {"negative": ", A_prev < 0", "ties": ", max = max", "random nan": ", NaN"}.get(kind, "")
    label = f"A_prev {A_prev.shape}, f {f}, stride {stride}, mode {mode or '-'}"
    return Probe(
        label + sign + _dtype(A_prev),
        ("A_prev", "hparameters", "mode") if mode else ("A_prev", "hparameters"),
        (A_prev, {"f": f, "stride": stride}, mode)
        if mode
        else (A_prev, {"f": f, "stride": stride}),
        traits,
        advice,
    )


POOLINGS = (
    _pooling(1, 3, 4, 1, 2, 1, ""),
    *(_pooling(2, 4, 6, 2, 2, 2, mode) for mode in ("max", "average")),
    *(_pooling(2, 10, 5, 2, 3, 2, mode) for mode in ("max", "average")),
    *(_pooling(2, 4, 4, 3, 2, 1, mode) for mode in ("max", "average")),
    *(_pooling(1, 5, 4, 2, 2, 3, mode) for mode in ("max", "average")),
    _pooling(1, 4, 4, 2, 3, 1, "max", "negative"),
    _pooling(1, 3, 4, 2, 1, 2, "max"),
    _pooling(2, 3, 3, 1, 3, 1, "average"),
    _pooling(1, 3, 3, 2, 2, 1, "average", "small", "i8"),
    _pooling(1, 4, 4, 1, 2, 2, "average", dtype="f4"),
    _pooling(1, 3, 3, 1, 2, 1, "max", "random nan", advice="nan"),
)


@cache
def _small_poolings(kind: str) -> tuple[Probe, ...]:
    sizes = (
        (*size, mode)
        for mode in ("max", "average")
        for size in product((1, 2), (1, 2, 3, 4, 5), (1, 2, 3, 4), (1, 2), (1, 2, 3), (1, 2, 3))
        if size[4] <= min(size[1:3])
    )

    def depth(m: int, n_H: int, n_W: int, n_C: int, *_: object) -> int:
        return m + n_C

    def weight(m: int, n_H: int, n_W: int, n_C: int, f: int, stride: int, mode: str) -> int:
        return m * n_H * n_W * n_C + f + 2 * stride

    return tuple(_pooling(*size, kind=kind) for size in flattest_first(sizes, depth, weight))


def _window_pooled(probe: Probe, output: str, index: tuple[int, ...]) -> dict[str, Index]:
    if output != "A":
        return {}
    hparameters = probe.arguments[1]
    i, h, w, c = index
    rows, columns = (_span(k, hparameters["f"], hparameters["stride"]) for k in (h, w))
    return {"A_prev": (i, rows, columns, c)}


pool_forward = FunctionExercise(
    name="pool_forward",
    function=loops.pool_forward,
    outputs=("A", "cache"),
    probes=POOLINGS,
    small=lambda: (
        probe for kind in ("small", "negative", "signed") for probe in _small_poolings(kind)
    ),
    window=_window_pooled,
    parts=("A_prev", "hparameters"),
    prefix="pool",
)


def _pool_back(forward: Probe, kind: str = "random", ties: str = "") -> Probe:
    A, _ = loops.pool_forward(*forward.arguments)
    dA = numbers(A.shape, kind, seed=3).astype(A.dtype)
    A_prev, hparameters, *mode = forward.arguments
    return Probe(
        forward.label + (f", ties {ties}" if ties else ""),
        ("dA", "cache", "mode", "ties")[: 2 + len(mode) + bool(ties)],
        (dA, (A_prev, hparameters), *mode, *([ties] if ties else [])),
        forward.traits - {"ties"} if ties else forward.traits,
        forward.advice if not ties else "",
    )


TIED = _pooling(1, 4, 5, 2, 2, 1, "max", "ties")
BROKEN = POOLINGS[-1]


def _either_tie(probe: Probe) -> tuple[dict[str, str], ...]:
    """Take both conventions for ties as right."""
    return ({}, {"ties": "first"}) if "ties" in probe.traits or probe.advice else ({},)


def _ties_are_shared(probe: Probe, value: Value) -> bool:
    """Take the third convention as right too: tied maxima share the gradient."""
    if "ties" not in probe.traits:
        return False
    dA, (A_prev, hparameters), _ = probe.arguments
    f, stride = hparameters["f"], hparameters["stride"]
    dA_prev = np.zeros(A_prev.shape)
    for i, h, w, c in np.ndindex(dA.shape):
        window = i, _span(h, f, stride), _span(w, f, stride), c
        mask = A_prev[window] == np.max(A_prev[window])
        dA_prev[window] += mask / mask.sum() * dA[i, h, w, c]
    return same(value, dA_prev)


def _windows_that_pool(probe: Probe, output: str, index: tuple[int, ...]) -> dict[str, Index]:
    hparameters = probe.arguments[1][1]
    i, y, x, c = index
    rows, columns = (_windows_over(k, hparameters["f"], hparameters["stride"]) for k in (y, x))
    return {"dA": (i, rows, columns, c)}


pool_backward = FunctionExercise(
    name="pool_backward",
    function=loops.pool_backward,
    outputs=("dA_prev",),
    probes=(
        *map(_pool_back, POOLINGS[:-1]),
        _pool_back(_pooling(1, 3, 4, 2, 2, 1, "max", "small", "i8")),
        _pool_back(TIED),
        _pool_back(BROKEN),
    ),
    with_ties=tuple(
        _pool_back(probe, ties=ties) for probe in (TIED, BROKEN) for ties in ("all", "first")
    ),
    choices=_either_tie,
    tolerates=_ties_are_shared,
    small=lambda: (
        _pool_back(probe, kind)
        for kind in ("small", "signed", "ties")
        for probe in _small_poolings(kind)
    ),
    window=_windows_that_pool,
    parts=("A_prev", "hparameters"),
    prefix="pool-backward",
)


# create_mask_from_window


def _window(rows: Any, ties: str = "", advice: str = "", dtype: str = "f8") -> Probe:
    x = np.array(rows, dtype)
    several = (x == np.max(x)).sum() > 1 and not ties
    label = "x = " + np.array2string(x, separator=", ").replace("\n", "")
    traits = traits_of(
        ties=bool(several), negative=bool(np.max(x) < 0), oblong=len(set(x.shape)) > 1
    )
    return Probe(
        label + _dtype(x) + (f", ties {ties}" if ties else ""),
        ("x", "ties") if ties else ("x",),
        (x, ties) if ties else (x,),
        traits,
        advice,
    )


NAN = np.nan
THREE_TIED = [[4, 1, 4], [0, 4, 2]]
THREE_BROKEN = [[1, NAN, 3], [NAN, 2, NAN], [0, 5, 4]]

create_mask_from_window = FunctionExercise(
    name="create_mask_from_window",
    function=loops.create_mask_from_window,
    outputs=("mask",),
    probes=(
        _window([[1.5, 0.25, -2.5], [-1, 0.75, -3]]),
        _window([[-1, 2, 3], [2, -3, 2], [1, 5, -2]]),
        _window([[1, 3], [4, 2]]),
        _window([[-2.5, -1], [-0.5, -4], [-3, -6]]),
        _window([[1, 0.5], [-6, -2.5]]),
        _window([[3, 1, 2], [0, 5, 4]], dtype="i8"),
        _window([[-7]]),
        _window(THREE_TIED),
        _window([[1, 6, 2, 6]]),
        _window([[1, NAN], [3, 2]], advice="nan"),
    ),
    with_ties=tuple(
        _window(rows, ties) for rows in (THREE_TIED, THREE_BROKEN) for ties in ("all", "first")
    ),
    choices=_either_tie,
    small=lambda: (
        _window(numbers(shape, kind, seed))
        for kind, seed in (("small", 0), ("signed", 1), ("negative", 0), ("ties", 0), ("halves", 1))
        for shape in ((1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (3, 2), (3, 3))
    ),
    prefix="mask",
)


# distribute_value


def _share(dz: Any, shape: tuple[int, int]) -> Probe:
    label = f"dz = {dz!s}, shape = {shape}" + (", float32" if type(dz) is np.float32 else "")
    traits = traits_of(oblong=shape[0] != shape[1], negative=bool(dz < 0))
    return Probe(label, ("dz", "shape"), (dz, shape), traits)


distribute_value = FunctionExercise(
    name="distribute_value",
    function=loops.distribute_value,
    outputs=("a",),
    probes=(
        _share(3.0, (2, 3)),
        _share(2.0, (2, 2)),
        _share(-7.5, (3, 2)),
        _share(5, (2, 3)),
        _share(6.0, (3, 3)),
        _share(1.5, (1, 4)),
        _share(4.0, (1, 1)),
        _share(np.float32(3), (2, 3)),
    ),
    small=lambda: (
        _share(dz, shape)
        for dz in (1.0, 3.0, -1.0)
        for shape in ((1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (3, 2), (3, 3))
    ),
    prefix="spread",
)

EXERCISES: tuple[FunctionExercise, ...] = (
    zero_pad,
    conv_single_step,
    conv_forward,
    pool_forward,
    conv_backward,
    create_mask_from_window,
    distribute_value,
    pool_backward,
)
