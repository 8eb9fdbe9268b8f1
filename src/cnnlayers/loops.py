"""The layers as the explicit loops that the book explains.

Every window is visited by name, one at a time, so that each line can be read against its
formula. The functions at the top level of `cnnlayers` return the same, many times faster.

Volumes have the shape (m, n_H, n_W, n_C): examples, height, width, channels. Every function
keeps a floating dtype, promotes mixed ones as NumPy does, and computes in float64 where there
are only integers or booleans. None changes its arguments. Results are new and C-contiguous.
What the field calls convolution is cross-correlation: the filter is not flipped.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from cnnlayers._checks import (
    check_conv_backward,
    check_conv_forward,
    check_conv_single_step,
    check_create_mask_from_window,
    check_distribute_value,
    check_pool_backward,
    check_pool_forward,
    check_zero_pad,
    output_size,
)
from cnnlayers._types import (
    Array,
    ConvCache,
    ConvGradients,
    FloatArray,
    Mask,
    Mode,
    PoolCache,
    Scalar,
    Ties,
)


def zero_pad(X: Array, pad: int) -> FloatArray:
    """Surround each channel of each example with a border of zeros.

    Documented at the top level: `cnnlayers.zero_pad`.
    """
    X, pad = check_zero_pad(X, pad)
    return np.pad(np.ascontiguousarray(X), ((0, 0), (pad, pad), (pad, pad), (0, 0)))


def conv_single_step(a_slice_prev: Array, W: Array, b: Array) -> np.floating[Any]:
    """Apply one filter to one window: multiply entry by entry, sum, add the bias.

    Documented at the top level: `cnnlayers.conv_single_step`.
    """
    a_slice_prev, W, b = check_conv_single_step(a_slice_prev, W, b)
    s = a_slice_prev * W
    Z = np.sum(s) + b[0, 0, 0]
    return Z


def conv_forward(
    A_prev: Array, W: Array, b: Array, hparameters: Mapping[str, int]
) -> tuple[FloatArray, ConvCache]:
    """Slide each filter over each example and stack the maps they give.

    Documented at the top level: `cnnlayers.conv_forward`.
    """
    A_prev, W, b, hparameters = check_conv_forward(A_prev, W, b, hparameters)
    stride, pad = hparameters["stride"], hparameters["pad"]
    m, n_H_prev, n_W_prev, _ = A_prev.shape
    f, _, _, n_C = W.shape
    n_H = output_size(n_H_prev, f, stride, pad)
    n_W = output_size(n_W_prev, f, stride, pad)

    Z = np.zeros((m, n_H, n_W, n_C), dtype=A_prev.dtype)
    A_prev_pad = zero_pad(A_prev, pad)
    for i in range(m):
        a_prev_pad = A_prev_pad[i]
        for h in range(n_H):
            vert_start = h * stride
            vert_end = vert_start + f
            for w in range(n_W):
                horiz_start = w * stride
                horiz_end = horiz_start + f
                a_slice_prev = a_prev_pad[vert_start:vert_end, horiz_start:horiz_end, :]
                for c in range(n_C):
                    Z[i, h, w, c] = conv_single_step(a_slice_prev, W[..., c], b[..., c])

    cache = (A_prev, W, b, hparameters)
    return Z, cache


def pool_forward(
    A_prev: Array, hparameters: Mapping[str, int], mode: Mode = "max"
) -> tuple[FloatArray, PoolCache]:
    """Summarize each window of each channel by its maximum or its mean.

    Documented at the top level: `cnnlayers.pool_forward`.
    """
    A_prev, hparameters = check_pool_forward(A_prev, hparameters, mode)
    f, stride = hparameters["f"], hparameters["stride"]
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    n_H = output_size(n_H_prev, f, stride)
    n_W = output_size(n_W_prev, f, stride)

    A = np.zeros((m, n_H, n_W, n_C), dtype=A_prev.dtype)
    for i in range(m):
        a_prev = A_prev[i]
        for h in range(n_H):
            vert_start = h * stride
            vert_end = vert_start + f
            for w in range(n_W):
                horiz_start = w * stride
                horiz_end = horiz_start + f
                for c in range(n_C):
                    a_slice_prev = a_prev[vert_start:vert_end, horiz_start:horiz_end, c]
                    if mode == "max":
                        A[i, h, w, c] = np.max(a_slice_prev)
                    else:
                        A[i, h, w, c] = np.mean(a_slice_prev)

    cache = (A_prev, hparameters)
    return A, cache


def conv_backward(dZ: Array, cache: ConvCache) -> ConvGradients:
    """Carry the gradient of a convolution back to its input, filters and biases.

    Documented at the top level: `cnnlayers.conv_backward`.
    """
    dZ, (A_prev, W, b, hparameters) = check_conv_backward(dZ, cache)
    stride, pad = hparameters["stride"], hparameters["pad"]
    m, n_H_prev, n_W_prev, _ = A_prev.shape
    _, n_H, n_W, n_C = dZ.shape
    f = W.shape[0]

    A_prev_pad = zero_pad(A_prev, pad)
    dA_prev_pad = np.zeros(A_prev_pad.shape, dtype=dZ.dtype)
    dW = np.zeros(W.shape, dtype=dZ.dtype)
    db = np.zeros(b.shape, dtype=dZ.dtype)
    for i in range(m):
        # Views: what is added to a slice of da_pad is added to dA_prev_pad.
        a_pad, da_pad = A_prev_pad[i], dA_prev_pad[i]
        for h in range(n_H):
            vert_start = h * stride
            vert_end = vert_start + f
            for w in range(n_W):
                horiz_start = w * stride
                horiz_end = horiz_start + f
                a_slice_prev = a_pad[vert_start:vert_end, horiz_start:horiz_end, :]
                da_slice_prev = da_pad[vert_start:vert_end, horiz_start:horiz_end, :]
                for c in range(n_C):
                    da_slice_prev += W[..., c] * dZ[i, h, w, c]
                    dW[..., c] += a_slice_prev * dZ[i, h, w, c]
                    db[..., c] += dZ[i, h, w, c]

    # Cut by size: [pad:-pad] would be empty for pad = 0.
    dA_prev = dA_prev_pad[:, pad : pad + n_H_prev, pad : pad + n_W_prev, :].copy()
    return dA_prev, dW, db


def create_mask_from_window(x: Array, ties: Ties = "all") -> Mask:
    """Mark the maximum of a window, which is the entry that receives the gradient.

    Documented at the top level: `cnnlayers.create_mask_from_window`.
    """
    x = check_create_mask_from_window(x, ties)
    x_max = np.max(x)
    mask = np.isnan(x) if np.isnan(x_max) else x == x_max
    if ties == "first":
        marked = np.flatnonzero(mask)
        kept = marked[-1] if np.isnan(x_max) else marked[0]
        mask = np.zeros(x.shape, dtype=bool)
        mask.flat[kept] = True
    return mask


def distribute_value(dz: Scalar, shape: tuple[int, int]) -> FloatArray:
    """Share a gradient out equally over a window.

    Documented at the top level: `cnnlayers.distribute_value`.
    """
    dz, shape = check_distribute_value(dz, shape)
    n_H, n_W = shape
    return np.full(shape, dz / (n_H * n_W), dtype=dz.dtype)


def pool_backward(
    dA: Array, cache: PoolCache, mode: Mode = "max", ties: Ties = "all"
) -> FloatArray:
    """Carry the gradient of a pooling layer back to its input.

    Documented at the top level: `cnnlayers.pool_backward`.
    """
    dA, (A_prev, hparameters) = check_pool_backward(dA, cache, mode, ties)
    f, stride = hparameters["f"], hparameters["stride"]
    m, n_H, n_W, n_C = dA.shape

    dA_prev = np.zeros(A_prev.shape, dtype=dA.dtype)
    for i in range(m):
        a, da = A_prev[i], dA_prev[i]
        for h in range(n_H):
            vert_start = h * stride
            vert_end = vert_start + f
            for w in range(n_W):
                horiz_start = w * stride
                horiz_end = horiz_start + f
                for c in range(n_C):
                    a_slice_prev = a[vert_start:vert_end, horiz_start:horiz_end, c]
                    da_slice_prev = da[vert_start:vert_end, horiz_start:horiz_end, c]
                    if mode == "max":
                        mask = create_mask_from_window(a_slice_prev, ties)
                        # Not mask * dA: False times an infinite dA is NaN.
                        da_slice_prev[mask] += dA[i, h, w, c]
                    else:
                        da_slice_prev += distribute_value(dA[i, h, w, c], (f, f))

    return dA_prev
