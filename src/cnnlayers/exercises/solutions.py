"""The book's answers to the exercises whose function is not part of the package.

The chapters show them from here, the checkers compare with them, and the bank's faults are made
of them.
"""

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnlayers import (
    conv_backward,
    conv_forward,
    create_mask_from_window,
    pool_backward,
    pool_forward,
    zero_pad,
)
from cnnlayers._checks import output_size

Array = NDArray[Any]
Cache = tuple[Any, ...]


# Chapter 1


def to_channels_first(A: Array) -> Array:
    """Move the channels before height and width."""
    return np.moveaxis(A, -1, 1)


def to_channels_last(P: Array) -> Array:
    """Move the channels behind height and width."""
    return np.moveaxis(P, 1, -1)


def both_channels(A: Array, P: Array) -> tuple[Array, Array]:
    """Convert one batch each way."""
    return np.moveaxis(A, -1, 1), np.moveaxis(P, 1, -1)


# Chapter 2


def crop(X_pad: Array, pad: int) -> Array:
    """Take off the border that `zero_pad` put on."""
    n_H = X_pad.shape[1] - 2 * pad
    n_W = X_pad.shape[2] - 2 * pad
    return X_pad[:, pad : pad + n_H, pad : pad + n_W, :]


def convolve(signal: Array, kernel: Array) -> Array:
    """Slide the turned kernel over a signal."""
    f = len(kernel)
    turned = kernel[::-1]
    positions = range(len(signal) - f + 1)
    return np.array([np.sum(signal[w : w + f] * turned) for w in positions])


def edge_responses(images: Mapping[str, Array]) -> dict[str, bool]:
    """Say to which images a filter for horizontal edges responds."""
    W = np.array([[1.0, 1, 1], [0, 0, 0], [-1, -1, -1]])
    return responses(W, images)


def responses(W: Array, images: Mapping[str, Array]) -> dict[str, bool]:
    """Say to which images a filter responds."""
    W, no_bias = np.asarray(W, dtype=np.float64), np.zeros((1, 1, 1, 1))
    W = W.reshape(3, 3, 1, 1)
    return {
        name: bool(np.abs(conv_forward(X, W, no_bias, {"stride": 1, "pad": 0})[0]).max() > 1e-9)
        for name, X in images.items()
    }


def combine_filters(W_1: Array, W_2: Array) -> Array:
    """Find the 5 × 5 filter that does what two 3 × 3 filters do in a row."""
    W_5 = np.zeros((5, 5, 1, 1))
    for p in range(3):
        for q in range(3):
            W_5[p : p + 3, q : q + 3] += W_2[p, q] * W_1
    return W_5


# Chapter 3


def average_by_convolution(A_prev: Array) -> Array:
    """Average windows of 2 × 2 by a convolution with three filters."""
    W = np.zeros((2, 2, 3, 3))
    for c in range(3):
        W[:, :, c, c] = 1 / 4
    b = np.zeros((1, 1, 1, 3))
    Z, _ = conv_forward(A_prev, W, b, {"stride": 2, "pad": 0})
    return Z


def global_average(A_prev: Array) -> Array:
    """Summarize each channel by its mean."""
    return A_prev.mean(axis=(1, 2), keepdims=True)


# Chapter 4


def input_gradient(dZ: Array, W: Array) -> Array:
    """Compute the gradient of a convolution with respect to its input by a convolution."""
    f = W.shape[0]
    turned = W[::-1, ::-1].transpose(0, 1, 3, 2)
    no_bias = np.zeros((1, 1, 1, turned.shape[3]))
    return conv_forward(dZ, turned, no_bias, {"stride": 1, "pad": f - 1})[0]


def shared_mask(x: Array) -> Array:
    """Share a gradient of 1 out among tied maxima."""
    mask = create_mask_from_window(x)
    return mask / mask.sum()


def network_forward(A_prev: Array, W: Array, b: Array) -> tuple[Array, Cache]:
    """Chain a convolution and an average pooling."""
    Z, conv_cache = conv_forward(A_prev, W, b, {"stride": 1, "pad": 1})
    A, pool_cache = pool_forward(Z, {"f": 2, "stride": 2}, mode="average")
    return A, (conv_cache, pool_cache)


def network_backward(dA: Array, cache: Cache) -> tuple[Array, Array, Array]:
    """Go back through the pooling and then through the convolution."""
    conv_cache, pool_cache = cache
    dZ = pool_backward(dA, pool_cache, mode="average")
    return conv_backward(dZ, conv_cache)


# Part II: convolution as a product


def im2col(X: Array, f: int, stride: int, pad: int) -> Array:
    """Write each window as one row of a matrix."""
    m, n_H_prev, n_W_prev, n_C_prev = X.shape
    n_H = output_size(n_H_prev, f, stride, pad)
    n_W = output_size(n_W_prev, f, stride, pad)

    X_pad = zero_pad(X, pad)
    columns = np.zeros((m, n_H, n_W, f, f, n_C_prev), dtype=X_pad.dtype)
    for h in range(n_H):
        vert_start = h * stride
        vert_end = vert_start + f
        for w in range(n_W):
            horiz_start = w * stride
            horiz_end = horiz_start + f
            columns[:, h, w] = X_pad[:, vert_start:vert_end, horiz_start:horiz_end, :]
    return columns.reshape(m * n_H * n_W, f * f * n_C_prev)


def col2im(
    columns: Array, shape: tuple[int, int, int, int], f: int, stride: int, pad: int
) -> Array:
    """Add each row to the window that `im2col` would take it from."""
    m, n_H_prev, n_W_prev, n_C_prev = shape
    n_H = output_size(n_H_prev, f, stride, pad)
    n_W = output_size(n_W_prev, f, stride, pad)

    windows = columns.reshape(m, n_H, n_W, f, f, n_C_prev)
    X_pad = np.zeros((m, n_H_prev + 2 * pad, n_W_prev + 2 * pad, n_C_prev))
    for h in range(n_H):
        vert_start = h * stride
        vert_end = vert_start + f
        for w in range(n_W):
            horiz_start = w * stride
            horiz_end = horiz_start + f
            X_pad[:, vert_start:vert_end, horiz_start:horiz_end, :] += windows[:, h, w]
    return X_pad[:, pad : pad + n_H_prev, pad : pad + n_W_prev, :].copy()


# Part II: is this gradient right?


def gradient_check(
    forward: Callable[..., tuple[Array, Any]],
    backward: Callable[[Array, Any], tuple[Array, ...]],
    inputs: Sequence[Array],
    epsilon: float = 1e-6,
) -> float:
    """Return the largest difference to central differences, as a share of the largest gradient."""
    inputs = [np.array(x, dtype=np.float64) for x in inputs]
    Z, cache = forward(*inputs)
    dZ = np.random.default_rng(0).standard_normal(Z.shape)
    worst = 0.0
    for x, dx in zip(inputs, backward(dZ, cache), strict=True):
        numeric = np.zeros(x.shape)
        for index in np.ndindex(x.shape):
            value = x[index]
            x[index] = value + epsilon
            above = np.sum(dZ * forward(*inputs)[0])
            x[index] = value - epsilon
            below = np.sum(dZ * forward(*inputs)[0])
            x[index] = value
            numeric[index] = (above - below) / (2 * epsilon)
        scale = max(np.abs(dx).max(), np.abs(numeric).max())
        worst = max(worst, np.abs(dx - numeric).max() / scale)
    return float(worst)


# Part II: a network that reads digits


def relu_forward(Z: Array) -> tuple[Array, Array]:
    """Let positive numbers through and turn the others into zero."""
    return np.maximum(Z, 0), Z


def relu_backward(dA: Array, cache: Array) -> Array:
    """Let the gradient through where the number went through."""
    Z = cache
    return np.where(Z > 0, dA, 0)


def relu_both(Z: Array, dA: Array) -> tuple[Array, Array]:
    """Go forward and back through a ReLU."""
    A, Z = np.maximum(Z, 0), Z
    return A, np.where(Z > 0, dA, 0)


def dense_forward(A_prev: Array, W: Array, b: Array) -> tuple[Array, Cache]:
    """Give each output a weight for every input."""
    Z = A_prev @ W + b
    return Z, (A_prev, W, b)


def dense_backward(dZ: Array, cache: Cache) -> tuple[Array, Array, Array]:
    """Carry the gradient of a fully connected layer back."""
    A_prev, W, _ = cache
    dA_prev = dZ @ W.T
    dW = A_prev.T @ dZ
    db = np.sum(dZ, axis=0, keepdims=True)
    return dA_prev, dW, db


def softmax(Z: Array) -> Array:
    """Turn each row of scores into probabilities."""
    exponentials = np.exp(Z - np.max(Z, axis=1, keepdims=True))
    return exponentials / np.sum(exponentials, axis=1, keepdims=True)


def cross_entropy_forward(Z: Array, y: Array) -> tuple[np.floating[Any], Cache]:
    """Measure how little probability softmax gives to the right classes."""
    shifted = Z - np.max(Z, axis=1, keepdims=True)
    log_sums = np.log(np.sum(np.exp(shifted), axis=1))
    J = np.sum(log_sums - shifted[np.arange(len(y)), y]) / len(y)
    return J, (softmax(Z), y)


def cross_entropy_backward(cache: Cache) -> Array:
    """Start the way back: the gradient with respect to the scores."""
    P, y = cache
    dZ = P.copy()
    dZ[np.arange(len(y)), y] -= 1
    return dZ / len(y)


def initialize(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Draw the first weights of a layer by He's rule."""
    fan_in = prod(shape[:-1])
    return rng.standard_normal(shape) * np.sqrt(2 / fan_in)


def sgd_momentum(
    parameters: Mapping[str, Array],
    gradients: Mapping[str, Array],
    velocities: Mapping[str, Array],
    learning_rate: float,
    momentum: float,
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Take one step of gradient descent with momentum."""
    moved: dict[str, Array] = {}
    faster: dict[str, Array] = {}
    for name, p in parameters.items():
        g, v = gradients[name], velocities[name]
        faster[name] = momentum * v - learning_rate * g
        moved[name] = p + faster[name]
    return moved, faster


def train_epoch(
    parameters: Mapping[str, Array], X: Array, y: Array, learning_rate: float, batch_size: int
) -> tuple[dict[str, Array], list[float]]:
    """Take one step for each batch, in order, with a fully connected layer and softmax."""
    W, b = parameters["W"], parameters["b"]
    losses: list[float] = []
    for start in range(0, len(X), batch_size):
        X_batch, y_batch = X[start : start + batch_size], y[start : start + batch_size]
        Z, cache = dense_forward(X_batch, W, b)
        J, loss_cache = cross_entropy_forward(Z, y_batch)
        dZ = cross_entropy_backward(loss_cache)
        _, dW, db = dense_backward(dZ, cache)
        W = W - learning_rate * dW
        b = b - learning_rate * db
        losses.append(float(J))
    return {"W": W, "b": b}, losses
