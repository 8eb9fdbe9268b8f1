"""The book's answers to the exercises of part II, like `solutions` for part I."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnlayers import (
    conv_backward,
    conv_forward,
    dense_backward,
    dense_forward,
    flatten_backward,
    flatten_forward,
    pool_backward,
    pool_forward,
)
from cnnlayers.columns import col2im
from cnnlayers.digits import CONV, POOL

Array = NDArray[Any]
Cache = Any

# From loops to one product


def unfold(X: Array, f: int, stride: int) -> Array:
    """Copy the pixels at one place of all windows at once."""
    m, n_H_prev, n_W_prev, n_C_prev = X.shape
    n_H = (n_H_prev - f) // stride + 1
    n_W = (n_W_prev - f) // stride + 1
    columns = np.zeros((m, n_H, n_W, f, f, n_C_prev))
    for p in range(f):
        rows = slice(p, p + stride * (n_H - 1) + 1, stride)
        for q in range(f):
            across = slice(q, q + stride * (n_W - 1) + 1, stride)
            columns[:, :, :, p, q] = X[:, rows, across]
    return columns.reshape(m * n_H * n_W, f * f * n_C_prev)


def pointwise(A_prev: Array, W: Array, b: Array) -> Array:
    """Convolve with filters of 1 × 1."""
    n_C = W.shape[3]
    return A_prev @ W[0, 0] + b.reshape(n_C)


def average_backward(dA: Array, shape: tuple[int, int, int, int], f: int, stride: int) -> Array:
    """Go back through average pooling by one call of `col2im`."""
    rows = np.repeat(dA.reshape(-1, 1), f * f, axis=1) / (f * f)
    return col2im(rows, shape, f, stride, pad=0)


# Is this gradient right?


def directional_check(
    forward: Callable[..., tuple[Array, Any]],
    backward: Callable[[Array, Any], tuple[Array, ...]],
    inputs: Sequence[Array],
    epsilon: float = 1e-6,
) -> float:
    """Compare in one random direction of all inputs together."""
    rng = np.random.default_rng(0)
    Z, cache = forward(*inputs)
    dZ = rng.standard_normal(Z.shape)
    directions = [rng.standard_normal(x.shape) for x in inputs]
    above, _ = forward(*[x + epsilon * v for x, v in zip(inputs, directions, strict=True)])
    below, _ = forward(*[x - epsilon * v for x, v in zip(inputs, directions, strict=True)])
    numeric = np.sum(dZ * (above - below)) / (2 * epsilon)
    pairs = zip(backward(dZ, cache), directions, strict=True)
    analytic = sum(np.sum(dx * v) for dx, v in pairs)
    return float(abs(numeric - analytic) / max(abs(numeric), abs(analytic)))


# A network that reads digits


def linear_forward(parameters: Mapping[str, Array], X: Array) -> tuple[Array, list[Cache]]:
    """Go forward through the network without its two ReLUs."""
    A = X
    caches: list[Cache] = []
    for layer in "12":
        W, b = parameters["W" + layer], parameters["b" + layer]
        Z, conv_cache = conv_forward(A, W, b, CONV)
        A, pool_cache = pool_forward(Z, POOL)
        caches += [conv_cache, pool_cache]
    A, flatten_cache = flatten_forward(A)
    Z, dense_cache = dense_forward(A, parameters["W3"], parameters["b3"])
    return Z, [*caches, flatten_cache, dense_cache]


def linear_backward(dZ: Array, caches: list[Cache]) -> dict[str, Array]:
    """Go back through the network without its two ReLUs."""
    gradients: dict[str, Array] = {}
    dA, gradients["W3"], gradients["b3"] = dense_backward(dZ, caches[5])
    dA = flatten_backward(dA, caches[4])
    for layer, (conv_cache, pool_cache) in (("2", caches[2:4]), ("1", caches[:2])):
        dZ = pool_backward(dA, pool_cache, ties="first")
        dA, dW, db = conv_backward(dZ, conv_cache)
        gradients["W" + layer], gradients["b" + layer] = dW, db
    return gradients


def linear_network(
    W1: Array, b1: Array, W2: Array, b2: Array, W3: Array, b3: Array, X: Array, dZ: Array
) -> tuple[Array, ...]:
    """Go both ways through the network without its two ReLUs."""
    Z1, conv_1 = conv_forward(X, W1, b1, CONV)
    A1, pool_1 = pool_forward(Z1, POOL)
    Z2, conv_2 = conv_forward(A1, W2, b2, CONV)
    A2, pool_2 = pool_forward(Z2, POOL)
    A, flat = flatten_forward(A2)
    Z, dense = dense_forward(A, W3, b3)
    dA, dW3, db3 = dense_backward(dZ, dense)
    dZ2 = pool_backward(flatten_backward(dA, flat), pool_2, ties="first")
    dA1, dW2, db2 = conv_backward(dZ2, conv_2)
    dZ1 = pool_backward(dA1, pool_1, ties="first")
    _, dW1, db1 = conv_backward(dZ1, conv_1)
    return Z, dW1, db1, dW2, db2, dW3, db3


# What the libraries call it


def average_ceil(X: Array, f: int) -> Array:
    """Average over windows of which the last ones may lie partly outside."""
    extra = [-n % f for n in X.shape[1:3]]
    outside = [(0, 0), *((0, e) for e in extra), (0, 0)]
    window = {"f": f, "stride": f}
    sums, _ = pool_forward(np.pad(X, outside), window, mode="average")
    shares, _ = pool_forward(np.pad(np.ones_like(X), outside), window, mode="average")
    return sums / shares


def transposed(Z: Array, W: Array, stride: int) -> Array:
    """Convolve what is spread out, with the filter turned."""
    m, n_H, n_W, n_C = Z.shape
    f = W.shape[0]
    apart = np.zeros((m, stride * (n_H - 1) + 1, stride * (n_W - 1) + 1, n_C))
    apart[:, ::stride, ::stride] = Z
    turned = W[::-1, ::-1].transpose(0, 1, 3, 2)
    no_bias = np.zeros((1, 1, 1, W.shape[2]))
    return conv_forward(apart, turned, no_bias, {"stride": 1, "pad": f - 1})[0]


def dilate(W: Array, dilation: int) -> Array:
    """Spread the weights of a filter out."""
    f = dilation * (W.shape[0] - 1) + 1
    apart = np.zeros((f, f, *W.shape[2:]), W.dtype)
    apart[::dilation, ::dilation] = W
    return apart


def dilated_dW(dZ: Array, A_prev: Array, W: Array, dilation: int) -> Array:
    """Pick the gradient of a dilated filter out of that of the spread one."""
    no_bias = np.zeros((1, 1, 1, W.shape[3]))
    cache = (A_prev, dilate(W, dilation), no_bias, {"stride": 1, "pad": 0})
    return conv_backward(dZ, cache)[1][::dilation, ::dilation]
