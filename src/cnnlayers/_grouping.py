"""Few filters: a group of neighboring outputs computed as one.

A matrix of few filters is narrow, and BLAS multiplies it slowly. But k outputs side by side are
one output of another convolution: its window is as wide as theirs together, and its filters are k
copies of the filters, each shifted by the stride, with zeros around. There is less to copy for
more to multiply. And since zero times infinity is NaN, all that is multiplied must be finite.
"""

import numpy as np

from cnnlayers import _im2col
from cnnlayers._blocks import all_finite
from cnnlayers._checks import output_size
from cnnlayers._types import ConvGradients, FloatArray

# Multiplications from which on it pays to make the wide filters.
LARGE = 1 << 18


def group_size(A_prev: FloatArray, W: FloatArray, stride: int, pad: int) -> int:
    """Tell how many outputs should be computed as one: 48 numbers at most, seen within 3·f."""
    f, _, _, n_C = W.shape
    n_H, n_W = (output_size(n, f, stride, pad) for n in A_prev.shape[1:3])
    if len(A_prev) * n_H * n_W * W.size < LARGE:
        return 1
    most = min(n_W, 48 // n_C, 2 * (f - 1) // stride + 1)
    return max((k for k in range(2, most + 1) if n_W % k == 0), default=1)


def copies(wide: FloatArray, f: int, stride: int) -> list[FloatArray]:
    """View each copy of the filters in wide ones of shape (f, width, n_C_prev, k, n_C)."""
    return [wide[:, k * stride : k * stride + f, :, k] for k in range(wide.shape[3])]


def widen(W: FloatArray, stride: int, k: int) -> FloatArray:
    """Put k copies of the filters side by side."""
    f, _, n_C_prev, n_C = W.shape
    wide = np.zeros((f, f + (k - 1) * stride, n_C_prev, k, n_C), W.dtype)
    for copy in copies(wide, f, stride):
        copy[...] = W
    return wide


def forward(
    A_prev: FloatArray, W: FloatArray, b: FloatArray, stride: int, pad: int
) -> FloatArray | None:
    """Return Z, or None where there are no groups or not all is finite."""
    k = group_size(A_prev, W, stride, pad)
    if k == 1 or not all_finite(A_prev):
        return None
    wide = widen(W, stride, k)
    wide = wide.reshape(*wide.shape[:3], -1)
    biases = np.concatenate([b] * k, axis=3)
    Z = _im2col.forward(A_prev, wide, biases, stride, pad, across=k * stride)
    m, n_H, n_W, n_C = Z.shape
    return Z.reshape(m, n_H, n_W * k, n_C // k)


def backward(
    dZ: FloatArray, A_prev: FloatArray, W: FloatArray, stride: int, pad: int
) -> ConvGradients | None:
    """Return dA_prev, dW and db, or None where there are no groups or not all is finite."""
    k = group_size(A_prev, W, stride, pad)
    if k == 1 or not all_finite(dZ):
        return None
    wide = widen(W, stride, k)
    m, n_H, n_W, n_C = dZ.shape
    dA_prev, dwide, dbiases = _im2col.backward(
        dZ.reshape(m, n_H, n_W // k, k * n_C),
        A_prev,
        wide.reshape(*wide.shape[:3], -1),
        stride,
        pad,
        across=k * stride,
    )
    dW = np.sum(copies(dwide.reshape(wide.shape), len(W), stride), axis=0)
    return dA_prev, dW, dbiases.reshape(1, 1, k, n_C).sum(axis=2, keepdims=True)
