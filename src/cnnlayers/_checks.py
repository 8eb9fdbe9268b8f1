"""What the layers accept, checked in one place for the loops and the fast functions alike.

Each ``check_…`` function takes the arguments of a public function and returns them ready to
compute with: plain arrays of one floating dtype, and hyperparameters as a new dict of Python
ints. What does not fit raises `TypeError` (the wrong kind of thing) or `ValueError` (the right
kind, an impossible value), in a sentence that names the argument, what it must be and what it is.
"""

from collections.abc import Mapping
from reprlib import repr as brief
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from cnnlayers._types import (
    Array,
    ConvCache,
    DenseCache,
    FloatArray,
    Labels,
    LossCache,
    PoolCache,
    VolumeShape,
)

VOLUME = ("m", "n_H", "n_W", "n_C")
VOLUME_PREV = ("m", "n_H_prev", "n_W_prev", "n_C_prev")
WINDOW = ("f", "f", "n_C_prev")
FILTERS = ("f", "f", "n_C_prev", "n_C")
ROWS = ("m", "n")
ROWS_PREV = ("m", "n_prev")
WEIGHTS = ("n_prev", "n")
COMMON = {np.dtype(np.float32), np.dtype(np.float64)}  # what most layers compute with


def output_size(n_prev: int, f: int, stride: int, pad: int = 0) -> int:
    """Count the windows of size f that fit along an axis of n_prev entries."""
    return (n_prev - f + 2 * pad) // stride + 1


def check_zero_pad(X: object, pad: object) -> tuple[FloatArray, int]:
    """Check the arguments of `zero_pad`."""
    (X,) = _one_dtype(_volume("X", X, VOLUME))
    return X, _integer("pad", pad, at_least=0)


def check_conv_single_step(
    a_slice_prev: Any, W: Any, b: Any
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Check the arguments of `conv_single_step`."""
    # The loops ask at every step, about what has been checked: then a look must do.
    if (
        type(a_slice_prev) is type(W) is type(b) is np.ndarray
        and a_slice_prev.dtype == W.dtype == b.dtype in COMMON
        and (a_slice_prev.shape, b.shape) == (W.shape, (1, 1, 1))
        and (W.ndim == 3 and W.size > 0)
    ):
        return a_slice_prev, W, b
    a_slice_prev = _volume("a_slice_prev", a_slice_prev, WINDOW)
    W = _array("W", W)
    _same_shape("W", W, a_slice_prev.shape, "the shape of a_slice_prev")
    b = _array("b", b)
    _same_shape("b", b, (1, 1, 1), "one bias for one filter")
    a_slice_prev, W, b = _one_dtype(a_slice_prev, W, b)
    return a_slice_prev, W, b


def check_conv_forward(A_prev: object, W: object, b: object, hparameters: object) -> ConvCache:
    """Check the arguments of `conv_forward`."""
    A_prev = _volume("A_prev", A_prev, VOLUME_PREV)
    W = _volume("W", W, FILTERS)
    f, f_W, n_C_prev, n_C = W.shape
    if f != f_W:
        raise ValueError(f"W must hold square filters, (f, f, n_C_prev, n_C), got shape {W.shape}.")
    if n_C_prev != A_prev.shape[3]:
        raise ValueError(
            f"W must have the {A_prev.shape[3]} channels of A_prev, shape {A_prev.shape}, "
            f"on its third axis, got shape {W.shape}."
        )
    b = _array("b", b)
    _same_shape("b", b, (1, 1, 1, n_C), "one bias for each filter of W", of=W)
    hparameters = _hyperparameters(hparameters, {"stride": 1, "pad": 0})
    _fits("W", f, A_prev, hparameters["pad"])
    A_prev, W, b = _one_dtype(A_prev, W, b)
    return A_prev, W, b, hparameters


def check_conv_backward(dZ: object, cache: object) -> tuple[FloatArray, ConvCache]:
    """Check the arguments of `conv_backward`."""
    A_prev, W, b, hparameters = check_conv_forward(
        *_cache(cache, ("A_prev", "W", "b", "hparameters"), "conv_forward")
    )
    dZ = _array("dZ", dZ)
    shape = _output_shape(A_prev, W.shape[0], W.shape[3], **hparameters)
    _same_shape("dZ", dZ, shape, "the shape of the Z that conv_forward returned with cache")
    dZ, A_prev, W, b = _one_dtype(dZ, A_prev, W, b)
    return dZ, (A_prev, W, b, hparameters)


def check_pool_forward(A_prev: object, hparameters: object, mode: object) -> PoolCache:
    """Check the arguments of `pool_forward`."""
    (A_prev,) = _one_dtype(_volume("A_prev", A_prev, VOLUME_PREV))
    hparameters = _hyperparameters(hparameters, {"f": 1, "stride": 1})
    _fits("hparameters['f']", hparameters["f"], A_prev, 0)
    _choice("mode", mode, ("max", "average"))
    return A_prev, hparameters


def check_pool_backward(
    dA: object, cache: object, mode: object, ties: object
) -> tuple[FloatArray, PoolCache]:
    """Check the arguments of `pool_backward`."""
    A_prev, hparameters = _cache(cache, ("A_prev", "hparameters"), "pool_forward")
    A_prev, hparameters = check_pool_forward(A_prev, hparameters, mode)
    _choice("ties", ties, ("all", "first"))
    dA = _array("dA", dA)
    shape = _output_shape(A_prev, n_C=A_prev.shape[3], **hparameters)
    _same_shape("dA", dA, shape, "the shape of the A that pool_forward returned with cache")
    dA, A_prev = _one_dtype(dA, A_prev)
    return dA, (A_prev, hparameters)


def check_create_mask_from_window(x: object, ties: object) -> Array:
    """Check the arguments of `create_mask_from_window`."""
    x = _array("x", x)
    if x.ndim == 0 or x.size == 0:
        raise ValueError(f"x must be a window with at least one entry, got shape {x.shape}.")
    _choice("ties", ties, ("all", "first"))
    return np.ascontiguousarray(x)


def check_distribute_value(dz: Any, shape: Any) -> tuple[np.floating[Any], tuple[int, int]]:
    """Check the arguments of `distribute_value`."""
    # As for a single step of a convolution: the loops have checked all of it.
    if isinstance(dz, np.floating) and type(shape) is tuple:
        sizes = cast("tuple[Any, ...]", shape)
        n_H, n_W = sizes if len(sizes) == 2 else (0, 0)
        if type(n_H) is type(n_W) is int and n_H > 0 and n_W > 0:
            return cast("np.floating[Any]", dz), (n_H, n_W)
    if not isinstance(dz, (int, float, np.generic, np.ndarray)):
        raise TypeError(f"dz must be a real number, got {describe(dz)}.")
    dz = _array("dz", np.asarray(dz))
    _same_shape("dz", dz, (), "a single number")
    if not isinstance(shape, (tuple, list)):
        raise TypeError(f"shape must be a tuple (n_H, n_W), got {describe(shape)}.")
    shape = cast("tuple[object, ...] | list[object]", shape)
    if len(shape) != 2:
        raise ValueError(f"shape must be a tuple (n_H, n_W), got {describe(shape)}.")
    n_H, n_W = (_integer(f"shape[{k}]", n, at_least=1) for k, n in enumerate(shape))
    (dz,) = _one_dtype(dz)
    return cast("np.floating[Any]", dz[()]), (n_H, n_W)


def check_gradient_check(
    forward: object,
    backward: object,
    inputs: object,
    epsilon: object,
    tolerance: object,
    seed: object,
) -> dict[str, NDArray[np.float64]]:
    """Check the arguments of `gradient_check`; return its inputs in float64."""
    for name, function in (("forward", forward), ("backward", backward)):
        if not callable(function):
            raise TypeError(f"{name} must be a function, got {describe(function)}.")
    if not isinstance(inputs, Mapping):
        raise TypeError(f"inputs must be a dict of names and arrays, got {describe(inputs)}.")
    arrays = {
        str(name): np.array(_array(f"inputs[{name!r}]", x), dtype=np.float64)
        for name, x in cast("Mapping[object, object]", inputs).items()
    }
    if not arrays or any(x.size == 0 for x in arrays.values()):
        shapes = {name: x.shape for name, x in arrays.items()}
        raise ValueError(f"inputs must hold arrays that are not empty, got shapes {shapes}.")
    for name, number in (("epsilon", epsilon), ("tolerance", tolerance)):
        if isinstance(number, bool) or not isinstance(number, (int, float, np.floating)):
            raise TypeError(f"{name} must be a real number, got {describe(number)}.")
        if not 0 < number < np.inf:
            raise ValueError(f"{name} must be positive and finite, got {number}.")
    _integer("seed", seed, at_least=0)
    return arrays


def check_im2col(
    X: object, f: object, stride: object, pad: object
) -> tuple[FloatArray, int, int, int]:
    """Check the arguments of `im2col`."""
    (X,) = _one_dtype(_volume("X", X, VOLUME))
    f, stride, pad = _window(f, stride, pad, "X", X.shape)
    return X, f, stride, pad


def check_col2im(
    columns: object, shape: object, f: object, stride: object, pad: object
) -> tuple[FloatArray, VolumeShape, int, int, int]:
    """Check the arguments of `col2im`."""
    if not isinstance(shape, (tuple, list)):
        raise TypeError(f"shape must be a tuple (m, n_H, n_W, n_C), got {describe(shape)}.")
    sizes = cast(tuple[object, ...] | list[object], shape)
    if len(sizes) != 4:
        raise ValueError(f"shape must be a tuple (m, n_H, n_W, n_C), got {describe(sizes)}.")
    m, n_H_prev, n_W_prev, n_C_prev = (
        _integer(f"shape[{k}]", n, at_least=min(k, 1)) for k, n in enumerate(sizes)
    )
    f, stride, pad = _window(f, stride, pad, "shape", (m, n_H_prev, n_W_prev, n_C_prev))
    n_H = output_size(n_H_prev, f, stride, pad)
    n_W = output_size(n_W_prev, f, stride, pad)
    columns = _array("columns", columns)
    expected = m * n_H * n_W, f * f * n_C_prev
    _same_shape("columns", columns, expected, "a row for each window and a column for each weight")
    (columns,) = _one_dtype(columns)
    return columns, (m, n_H_prev, n_W_prev, n_C_prev), f, stride, pad


def check_relu_forward(Z: object) -> FloatArray:
    """Check the argument of `relu_forward`."""
    (Z,) = _one_dtype(_array("Z", Z))
    return Z


def check_relu_backward(dA: object, cache: object) -> tuple[FloatArray, FloatArray]:
    """Check the arguments of `relu_backward`."""
    if not isinstance(cache, np.ndarray):
        raise TypeError(f"cache must be the array Z of relu_forward, got {describe(cache)}.")
    Z = _array("cache", cast(object, cache))
    dA = _array("dA", dA)
    _same_shape("dA", dA, Z.shape, "the shape of the A that relu_forward returned with cache")
    dA, Z = _one_dtype(dA, Z)
    return dA, Z


def check_flatten_forward(A_prev: object) -> FloatArray:
    """Check the argument of `flatten_forward`."""
    (A_prev,) = _one_dtype(_volume("A_prev", A_prev, VOLUME_PREV))
    return A_prev


def check_flatten_backward(dA: object, cache: object) -> tuple[FloatArray, VolumeShape]:
    """Check the arguments of `flatten_backward`."""
    members = _cache(cache, VOLUME_PREV, "flatten_forward")
    m, n_H, n_W, n_C = (
        _integer(f"cache[{k}]", n, at_least=min(k, 1)) for k, n in enumerate(members)
    )
    dA = _array("dA", dA)
    shape = m, n_H * n_W * n_C
    _same_shape("dA", dA, shape, "the shape of the A that flatten_forward returned with cache")
    (dA,) = _one_dtype(dA)
    return dA, (m, n_H, n_W, n_C)


def check_dense_forward(A_prev: object, W: object, b: object) -> DenseCache:
    """Check the arguments of `dense_forward`."""
    A_prev = _volume("A_prev", A_prev, ROWS_PREV)
    W = _volume("W", W, WEIGHTS)
    n_prev, n = W.shape
    if n_prev != A_prev.shape[1]:
        raise ValueError(
            f"W must have a row for each of the {A_prev.shape[1]} columns of A_prev, shape "
            f"{A_prev.shape}, got shape {W.shape}."
        )
    b = _array("b", b)
    _same_shape("b", b, (1, n), f"one bias for each column of W, shape {W.shape}")
    A_prev, W, b = _one_dtype(A_prev, W, b)
    return A_prev, W, b


def check_dense_backward(dZ: object, cache: object) -> tuple[FloatArray, DenseCache]:
    """Check the arguments of `dense_backward`."""
    A_prev, W, b = check_dense_forward(*_cache(cache, ("A_prev", "W", "b"), "dense_forward"))
    dZ = _array("dZ", dZ)
    shape = len(A_prev), W.shape[1]
    _same_shape("dZ", dZ, shape, "the shape of the Z that dense_forward returned with cache")
    dZ, A_prev, W, b = _one_dtype(dZ, A_prev, W, b)
    return dZ, (A_prev, W, b)


def check_softmax(Z: object) -> FloatArray:
    """Check the argument of `softmax`."""
    (Z,) = _one_dtype(_volume("Z", Z, ROWS))
    return Z


def check_cross_entropy_forward(Z: object, y: object) -> tuple[FloatArray, Labels]:
    """Check the arguments of `cross_entropy_forward`."""
    Z = check_softmax(Z)
    if len(Z) == 0:
        raise ValueError(f"Z must hold at least one example, got shape {Z.shape}.")
    return Z, _labels(y, Z.shape, "Z")


def check_cross_entropy_backward(cache: object) -> LossCache:
    """Check the argument of `cross_entropy_backward`."""
    P, y = _cache(cache, ("P", "y"), "cross_entropy_forward")
    (P,) = _one_dtype(_volume("P", P, ROWS))
    return P, _labels(y, P.shape, "P")


def check_initialize(shape: object, rng: object) -> tuple[tuple[int, ...], np.random.Generator]:
    """Check the arguments of `initialize`."""
    if not isinstance(shape, (tuple, list)):
        raise TypeError(f"shape must be a tuple of ints, got {describe(shape)}.")
    sizes = cast(tuple[object, ...] | list[object], shape)
    if len(sizes) < 2:
        raise ValueError(
            "shape must be that of weights, (f, f, n_C_prev, n_C) or (n_prev, n), "
            f"got {describe(sizes)}."
        )
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"rng must be a generator such as np.random.default_rng(1), got {describe(rng)}."
        )
    return tuple(_integer(f"shape[{k}]", n, at_least=1) for k, n in enumerate(sizes)), rng


def check_sgd_momentum(
    parameters: object,
    gradients: object,
    velocities: object,
    learning_rate: object,
    momentum: object,
) -> tuple[dict[str, tuple[FloatArray, FloatArray, FloatArray]], float, float]:
    """Check the arguments of `sgd_momentum`; return parameter, gradient and velocity by name."""
    named = {"parameters": parameters, "gradients": gradients, "velocities": velocities}
    dicts: list[dict[str, object]] = []
    for name, arrays in named.items():
        if not isinstance(arrays, Mapping):
            raise TypeError(f"{name} must be a dict of names and arrays, got {describe(arrays)}.")
        dicts.append({str(k): x for k, x in cast(Mapping[object, object], arrays).items()})
        if set(dicts[-1]) != set(dicts[0]):
            raise ValueError(
                f"{name} must have the names of parameters, {', '.join(dicts[0])}, "
                f"got {', '.join(dicts[-1])}."
            )
    triples: dict[str, tuple[FloatArray, FloatArray, FloatArray]] = {}
    for key in dicts[0]:
        p, g, v = (
            _array(f"{name}[{key!r}]", arrays[key])
            for name, arrays in zip(named, dicts, strict=True)
        )
        _same_shape(f"gradients[{key!r}]", g, p.shape, "the shape of its parameter")
        _same_shape(f"velocities[{key!r}]", v, p.shape, "the shape of its parameter")
        p, g, v = _one_dtype(p, g, v)
        triples[key] = p, g, v
    rate, factor = _real("learning_rate", learning_rate), _real("momentum", momentum)
    if not 0 < rate < np.inf:
        raise ValueError(f"learning_rate must be positive and finite, got {rate}.")
    if not 0 <= factor < 1:
        raise ValueError(f"momentum must be at least 0 and less than 1, got {factor}.")
    return triples, rate, factor


def check_weights_to_torch(
    W: object, b: object, shape: object
) -> tuple[FloatArray, FloatArray, tuple[int, int, int] | None]:
    """Check the arguments of `weights_to_torch`."""
    W = _array("W", W)
    if W.ndim not in (2, 4):
        raise ValueError(
            "W must have the axes (f, f, n_C_prev, n_C) of a convolution or (n_prev, n) of a "
            f"fully connected layer, got shape {W.shape}."
        )
    b = _array("b", b)
    expected = (1,) * (W.ndim - 1) + (W.shape[-1],)
    _same_shape("b", b, expected, f"one bias for each output of W, shape {W.shape}")
    W, b = (_one_dtype(x)[0] for x in (W, b))
    return W, b, _flattened(shape, W.ndim, W.shape[0], "W")


def check_weights_from_torch(
    weight: object, bias: object, shape: object
) -> tuple[FloatArray, FloatArray, tuple[int, int, int] | None]:
    """Check the arguments of `weights_from_torch`."""
    weight = _array("weight", weight)
    if weight.ndim not in (2, 4):
        raise ValueError(
            "weight must have the axes (n_C, n_C_prev, f, f) of Conv2d or (n, n_prev) of Linear, "
            f"got shape {weight.shape}."
        )
    bias = _array("bias", bias)
    _same_shape(
        "bias", bias, weight.shape[:1], f"one bias for each output of weight, shape {weight.shape}"
    )
    weight, bias = (_one_dtype(x)[0] for x in (weight, bias))
    return weight, bias, _flattened(shape, weight.ndim, weight.shape[1], "weight")


def describe(value: object) -> str:
    """Tell a value and its type in a few words, however large it is."""
    return f"the {type(value).__name__} {brief(value)}"


def _array(name: str, value: object) -> Array:
    """Require an array of real numbers."""
    if not isinstance(value, np.ndarray):
        raise TypeError(f"{name} must be a NumPy array, got {describe(value)}.")
    array = cast("Array", value)
    if array.dtype.kind not in "biuf":
        raise TypeError(
            f"{name} must hold floating numbers, integers or booleans, got dtype {array.dtype}."
        )
    return array


def _volume(name: str, value: object, axes: tuple[str, ...]) -> Array:
    """Require an array with these axes, of which only the batch m may be empty."""
    array = _array(name, value)
    if array.ndim != len(axes):
        raise ValueError(
            f"{name} must have {len(axes)} axes, ({', '.join(axes)}), got shape {array.shape}."
        )
    if 0 in array.shape[axes[0] == "m" :]:
        needed = [axis for axis in axes if axis != "m"]
        raise ValueError(
            f"{name} must have at least one entry along each of {', '.join(needed)}, "
            f"got shape {array.shape}."
        )
    return array


def _same_shape(
    name: str, array: Array, shape: tuple[int, ...], reason: str, of: Array | None = None
) -> None:
    """Require exactly this shape."""
    if array.shape != shape:
        reason += "" if of is None else f", shape {of.shape}"
        raise ValueError(f"{name} must have shape {shape}, {reason}, got shape {array.shape}.")


def _one_dtype(*arrays: Array) -> tuple[FloatArray, ...]:
    """Promote as NumPy does, integers on their own to float64; copy only where that converts."""
    kinds = {(type(array), array.dtype) for array in arrays}
    (kind, dtype), *others = kinds
    if kind is np.ndarray and dtype.kind == "f" and dtype.isnative and not others:
        return cast("tuple[FloatArray, ...]", arrays)
    dtype = np.result_type(*(array.dtype for array in arrays))
    dtype = dtype.newbyteorder("=") if dtype.kind == "f" else np.dtype(np.float64)
    return tuple(
        cast("FloatArray", np.asarray(array)) if array.dtype == dtype else array.astype(dtype)
        for array in arrays
    )


def _integer(name: str, value: object, at_least: int) -> int:
    """Require an int, which neither True nor 2.0 is."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} must be an int, got {describe(value)}.")
    number = int(cast("int", value))
    if number < at_least:
        raise ValueError(f"{name} must be at least {at_least}, got {number}.")
    return number


def _labels(y: object, shape: tuple[int, ...], of: str) -> Labels:
    """Require the class of each row, as ints."""
    y = _array("y", y)
    if y.dtype.kind not in "iu":
        raise TypeError(f"y must hold ints, the class of each example, got dtype {y.dtype}.")
    m, n = shape
    _same_shape("y", y, (m,), f"one class for each row of {of}, shape {shape}")
    for i in np.flatnonzero((y < 0) | (y >= n))[:1]:
        raise ValueError(f"y must hold classes from 0 to {n - 1}, got y[{i}] = {y[i]}.")
    return cast(Labels, y)


def _window(
    f: object, stride: object, pad: object, name: str, shape: tuple[int, ...]
) -> tuple[int, int, int]:
    """Require a window that fits into volumes of this shape."""
    f = _integer("f", f, at_least=1)
    stride = _integer("stride", stride, at_least=1)
    pad = _integer("pad", pad, at_least=0)
    if f > min(shape[1:3]) + 2 * pad:
        raise ValueError(
            f"f must give windows no larger than the input: f = {f} does not fit into {name} "
            f"{'' if name == 'shape' else 'of shape '}{shape} with pad = {pad}."
        )
    return f, stride, pad


def _flattened(shape: object, ndim: int, n_prev: int, name: str) -> tuple[int, int, int] | None:
    """Require None, or the shape of the volume whose flattened entries a layer reads."""
    if shape is None:
        return None
    if not isinstance(shape, (tuple, list)):
        raise TypeError(f"shape must be None or a tuple (n_H, n_W, n_C), got {describe(shape)}.")
    sizes = cast(tuple[object, ...] | list[object], shape)
    if len(sizes) != 3:
        raise ValueError(f"shape must be None or a tuple (n_H, n_W, n_C), got {describe(sizes)}.")
    n_H, n_W, n_C = (_integer(f"shape[{k}]", n, at_least=1) for k, n in enumerate(sizes))
    if ndim != 2:
        raise ValueError(
            "shape must be None for a convolution, whose input is not flattened, "
            f"got {(n_H, n_W, n_C)}."
        )
    if n_H * n_W * n_C != n_prev:
        raise ValueError(
            f"shape must have the {n_prev} entries that {name} reads, got {(n_H, n_W, n_C)}."
        )
    return n_H, n_W, n_C


def _real(name: str, value: object) -> float:
    """Require a real number, which True is not."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise TypeError(f"{name} must be a real number, got {describe(value)}.")
    return float(cast(float, value))


def _hyperparameters(hparameters: object, least: dict[str, int]) -> dict[str, int]:
    """Require exactly these keys, each an int no smaller than its least value."""
    if not isinstance(hparameters, Mapping):
        keys = _listed(least)
        raise TypeError(f"hparameters must be a dict with {keys}, got {describe(hparameters)}.")
    hparameters = cast("Mapping[object, object]", hparameters)
    if set(hparameters) != set(least):
        raise ValueError(
            f"hparameters must have the keys {_listed(least)} and no others, "
            f"got {brief(dict(hparameters))}."
        )
    return {
        key: _integer(f"hparameters[{key!r}]", hparameters[key], at_least)
        for key, at_least in least.items()
    }


def _fits(name: str, f: int, A_prev: Array, pad: int) -> None:
    """Require that at least one window fits, so that the output has a size of at least 1."""
    if f > min(A_prev.shape[1:3]) + 2 * pad:
        raise ValueError(
            f"{name} must give windows no larger than the input: f = {f} does not fit into A_prev "
            f"of shape {A_prev.shape} with pad = {pad}; the output size would be below 1."
        )


def _output_shape(
    A_prev: Array, f: int, n_C: int, stride: int, pad: int = 0
) -> tuple[int, int, int, int]:
    """Tell the shape that a layer's forward pass returns."""
    m, n_H_prev, n_W_prev, _ = A_prev.shape
    n_H = output_size(n_H_prev, f, stride, pad)
    n_W = output_size(n_W_prev, f, stride, pad)
    return m, n_H, n_W, n_C


def _choice(name: str, value: object, choices: tuple[str, str]) -> None:
    """Require one of two words."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be the str {_listed(choices, 'or')}, got {describe(value)}.")
    if value not in choices:
        raise ValueError(f"{name} must be {_listed(choices, 'or')}, got {value!r}.")


def _cache(cache: object, names: tuple[str, ...], function: str) -> tuple[object, ...]:
    """Require a tuple of as many members as the forward pass puts into its cache."""
    expected = f"cache must be the tuple ({', '.join(names)}) that {function} returned"
    if not isinstance(cache, tuple):
        raise TypeError(f"{expected}, got {describe(cache)}.")
    members = cast("tuple[object, ...]", cache)
    if len(members) != len(names):
        raise ValueError(f"{expected}, got a tuple of {len(members)}.")
    return members


def _listed(words: dict[str, int] | tuple[str, str], conjunction: str = "and") -> str:
    """Put two words into a sentence."""
    return f" {conjunction} ".join(repr(word) for word in words)
