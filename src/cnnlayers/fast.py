"""The layers as matrix products and whole-array operations: what the top level exports.

Same functions, arguments and results as `cnnlayers.loops`, many times faster.
"""

from collections.abc import Mapping

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cnnlayers._validation import (
    Array,
    ConvCache,
    FloatArray,
    Mode,
    PoolCache,
    Ties,
    check_conv_backward,
    check_conv_forward,
    check_pool_backward,
    check_pool_forward,
)
from cnnlayers.loops import (
    conv_single_step,
    create_mask_from_window,
    distribute_value,
    zero_pad,
)

__all__ = [
    "conv_backward",
    "conv_forward",
    "conv_single_step",
    "create_mask_from_window",
    "distribute_value",
    "pool_backward",
    "pool_forward",
    "zero_pad",
]


def _windows(X: FloatArray, f: int, stride: int) -> FloatArray:
    """View every window: (m, n_H, n_W, f, f, n_C)."""
    view = sliding_window_view(X, (f, f), axis=(1, 2))
    return view[:, ::stride, ::stride].transpose(0, 1, 2, 4, 5, 3)


def conv_forward(
    A_prev: Array, W: Array, b: Array, hparameters: Mapping[str, int]
) -> tuple[FloatArray, ConvCache]:
    """Slide each filter over each example and stack the maps they give."""
    A_prev, W, b, hparameters = check_conv_forward(A_prev, W, b, hparameters)
    windows = _windows(zero_pad(A_prev, hparameters["pad"]), W.shape[0], hparameters["stride"])
    n_C = W.shape[3]
    Z = windows.reshape(-1, W[..., 0].size) @ W.reshape(-1, n_C) + b.reshape(n_C)
    return Z.reshape(*windows.shape[:3], n_C), (A_prev, W, b, hparameters)


def conv_backward(dZ: Array, cache: ConvCache) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Carry the gradient of a convolution back to its input, filters and biases."""
    dZ, (A_prev, W, b, hparameters) = check_conv_backward(dZ, cache)
    stride, pad = hparameters["stride"], hparameters["pad"]
    _, n_H_prev, n_W_prev, _ = A_prev.shape
    _, n_H, n_W, n_C = dZ.shape
    f = W.shape[0]
    A_prev_pad = zero_pad(A_prev, pad)
    dZ_rows = np.ascontiguousarray(dZ).reshape(-1, n_C)
    dW = _windows(A_prev_pad, f, stride).reshape(-1, W[..., 0].size).T @ dZ_rows
    dA_prev_pad = np.zeros(A_prev_pad.shape, dZ.dtype)
    for y in range(f):
        for x in range(f):
            reached = dA_prev_pad[:, y : y + n_H * stride : stride, x : x + n_W * stride : stride]
            reached[:, :n_H, :n_W] += dZ @ W[y, x].T
    dA_prev = dA_prev_pad[:, pad : pad + n_H_prev, pad : pad + n_W_prev].copy()
    return dA_prev, dW.reshape(W.shape), dZ_rows.sum(axis=0).reshape(b.shape)


def pool_forward(
    A_prev: Array, hparameters: Mapping[str, int], mode: Mode = "max"
) -> tuple[FloatArray, PoolCache]:
    """Summarize each window of each channel by its maximum or its mean."""
    A_prev, hparameters = check_pool_forward(A_prev, hparameters, mode)
    windows = _windows(A_prev, hparameters["f"], hparameters["stride"])
    A = windows.max(axis=(3, 4)) if mode == "max" else windows.mean(axis=(3, 4))
    return np.ascontiguousarray(A), (A_prev, hparameters)


def pool_backward(
    dA: Array, cache: PoolCache, mode: Mode = "max", ties: Ties = "all"
) -> FloatArray:
    """Carry the gradient of a pooling layer back to its input."""
    dA, (A_prev, hparameters) = check_pool_backward(dA, cache, mode, ties)
    f, stride = hparameters["f"], hparameters["stride"]
    _, n_H, n_W, _ = dA.shape
    windows = _windows(A_prev, f, stride)
    highest = windows.max(axis=(3, 4))
    nan = np.isnan(highest)
    free = np.ones(dA.shape, bool)
    dA_prev = np.zeros(A_prev.shape, dA.dtype)
    for y, x in np.ndindex(f, f):
        entry = windows[:, :, :, y, x]
        mask = (entry == highest) | (nan & np.isnan(entry))
        if mode == "average":
            mask = np.ones(dA.shape, bool)
        elif ties == "first":
            later_nan = nan & np.isnan(windows).reshape(*dA.shape[:3], f * f, dA.shape[3])[
                :, :, :, y * f + x + 1 :
            ].any(axis=3)
            mask &= free & ~later_nan
            free &= ~mask
        share = dA if mode == "max" else dA / dA.dtype.type(f * f)
        reached = dA_prev[:, y : y + n_H * stride : stride, x : x + n_W * stride : stride]
        reached[:, :n_H, :n_W] += np.where(mask, share, dA.dtype.type(0))
    return dA_prev
