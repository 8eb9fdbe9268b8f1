"""Convolution by 1 × 1 filters: the pixels are the rows of the matrix, without a copy."""

from functools import reduce

import numpy as np

from cnnlayers._blocks import multiply, row_blocks
from cnnlayers._types import ConvGradients, FloatArray
from cnnlayers._workers import in_slices


def pays(W: FloatArray, stride: int, pad: int) -> bool:
    """Tell whether each pixel is a window."""
    return len(W) == stride == 1 and pad == 0


def forward(
    A_prev: FloatArray, W: FloatArray, b: FloatArray, stride: int, pad: int
) -> FloatArray | None:
    """Return Z, or None where windows are not pixels."""
    if not pays(W, stride, pad):
        return None
    m, n_H, n_W, n_C_prev = A_prev.shape
    Z = np.empty((m, n_H, n_W, W.shape[3]), A_prev.dtype)
    biases = np.tile(b.reshape(-1), n_W)  # those of a row of outputs

    def work(rows: slice) -> None:
        for n, h in row_blocks(rows, n_H, n_W * n_C_prev * Z.itemsize):
            pixels = A_prev[n, h].reshape(-1, n_C_prev)
            multiply(pixels, W[0, 0], out=Z[n, h].reshape(len(pixels), -1))
            z = Z[n, h].reshape(-1, biases.size)
            z += biases

    in_slices(work, m * n_H, A_prev.size, A_prev.size * W.shape[3])
    return Z


def backward(
    dZ: FloatArray, A_prev: FloatArray, W: FloatArray, stride: int, pad: int
) -> ConvGradients | None:
    """Return dA_prev, dW and db, or None where windows are not pixels."""
    if not pays(W, stride, pad):
        return None
    m, n_H, n_W, n_C_prev = A_prev.shape
    dA_prev = np.empty(A_prev.shape, A_prev.dtype)

    def work(rows: slice) -> tuple[FloatArray, FloatArray]:
        dW, db = np.zeros_like(W), np.zeros(W.shape[3], W.dtype)
        for n, h in row_blocks(rows, n_H, n_W * n_C_prev * W.itemsize):
            pixels = A_prev[n, h].reshape(-1, n_C_prev)
            dz = dZ[n, h].reshape(len(pixels), -1)
            dW += pixels.T @ dz
            db += dZ[n, h].sum(axis=(0, 1)).sum(axis=0)  # long rows first: faster than dz.sum(0)
            np.matmul(dz, W[0, 0].T, out=dA_prev[n, h].reshape(pixels.shape))
        return dW, db

    parts = in_slices(work, m * n_H, A_prev.size, A_prev.size * W.shape[3])
    dWs, dbs = zip(*parts, strict=True)
    return dA_prev, reduce(np.add, dWs), reduce(np.add, dbs).reshape(1, 1, 1, -1)
