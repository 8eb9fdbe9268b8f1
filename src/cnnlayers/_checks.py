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

from cnnlayers._types import Array, ConvCache, FloatArray, PoolCache

VOLUME = ("m", "n_H", "n_W", "n_C")
VOLUME_PREV = ("m", "n_H_prev", "n_W_prev", "n_C_prev")
WINDOW = ("f", "f", "n_C_prev")
FILTERS = ("f", "f", "n_C_prev", "n_C")
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
