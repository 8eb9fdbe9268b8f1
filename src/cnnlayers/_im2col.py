"""Convolution as one matrix product (im2col): a row for each window, a column for each filter.

The last entry of a row is a 1, and the last row of the filters holds the biases: a bias is the
weight of an input that is always 1. So it costs no step of its own, forward or backward.

The window may be a rectangle here, and the stride across another than down: `_grouping` asks for
that.
"""

from functools import reduce

import numpy as np

from cnnlayers._blocks import blocks, multiply, padded, row_blocks, scratch
from cnnlayers._checks import output_size
from cnnlayers._types import ConvGradients, FloatArray
from cnnlayers._workers import in_slices


class Windows:
    """The windows of a convolution, by shape: where they lie, and what they take in memory."""

    def __init__(
        self, A_prev: FloatArray, W: FloatArray, stride: int, pad: int, across: int | None
    ) -> None:
        self.f_H, self.f_W, n_C_prev, n_C = W.shape
        self.down, self.across = stride, across or stride
        self.pad = pad
        self.n_H_pad, self.n_W_pad = (n + 2 * pad for n in A_prev.shape[1:3])
        self.n_H = output_size(self.n_H_pad, self.f_H, self.down)
        self.n_W = output_size(self.n_W_pad, self.f_W, self.across)
        self.size = self.f_H * self.f_W * n_C_prev
        self.row_bytes = self.n_W * (self.size + 1) * A_prev.itemsize
        self.elements = len(A_prev) * self.n_H * self.n_W * self.size
        self.multiplications = self.elements * n_C

    def rows(self, h: slice) -> slice:
        """Tell which rows of the input, with its border, belong to the output rows h."""
        last = h.stop == self.n_H
        stop = self.n_H_pad if last else (h.stop - 1) * self.down + self.f_H
        return slice(h.start * self.down, stop)

    def padded(self, X: FloatArray, rows: slice) -> FloatArray:
        """Return these rows of X with its border of zeros, if there is one."""
        if self.pad == 0 and X[:, rows].flags.c_contiguous:
            return X[:, rows]
        return padded("X", X, self.pad, rows, self.n_W_pad)

    def view(self, X: FloatArray, n_H: int) -> FloatArray:
        """View n_H rows of windows: (m, n_H, n_W, f_H, f_W · n_C_prev)."""
        s_m, s_H, s_W, _ = X.strides
        shape = len(X), n_H, self.n_W, self.f_H, self.size // self.f_H
        # Not the last stride of X, which may be anything where there is one channel.
        strides = s_m, self.down * s_H, self.across * s_W, s_H, X.itemsize
        return np.ndarray(shape, X.dtype, X.data, 0, strides)

    def gather(self, X: FloatArray, n_H: int) -> FloatArray:
        """Copy n_H rows of windows into a matrix, one window a row, with a 1 at its end."""
        windows = self.view(X, n_H)
        columns = scratch("columns", (*windows.shape[:3], self.size + 1), X.dtype)
        columns[..., -1] = 1
        # NumPy copies a few numbers in a row twice as fast if they are one opaque item.
        item = np.dtype((np.void, windows.shape[-1] * windows.itemsize))
        columns[..., :-1].reshape(windows.shape).view(item)[...] = windows.view(item)
        return columns.reshape(-1, self.size + 1)

    def scatter(self, columns: FloatArray, X: FloatArray, n_H: int) -> None:
        """Add the rows of a matrix to n_H rows of windows (col2im).

        Overlapping windows cannot be added at once. But every ``apart``-th is free of overlap:
        so f_H · apart long additions are enough, however many windows there are.
        """
        windows = self.view(X, n_H)
        pieces = columns.reshape(windows.shape)
        apart = -(-self.f_W // self.across)
        for j in range(min(apart, self.n_W)):
            for y in range(self.f_H):
                disjoint = windows[:, :, j::apart, y]
                disjoint += pieces[:, :, j::apart, y]


def forward(
    A_prev: FloatArray,
    W: FloatArray,
    b: FloatArray,
    stride: int,
    pad: int,
    across: int | None = None,
) -> FloatArray:
    """Return Z: windows times filters."""
    windows = Windows(A_prev, W, stride, pad, across)
    filters = np.concatenate([W.reshape(windows.size, -1), b.reshape(1, -1)])
    Z = np.empty((len(A_prev), windows.n_H, windows.n_W, W.shape[3]), A_prev.dtype)

    def work(rows: slice) -> None:
        for n, h in row_blocks(rows, windows.n_H, windows.row_bytes):
            X = windows.padded(A_prev[n], windows.rows(h))
            columns = windows.gather(X, h.stop - h.start)
            multiply(columns, filters, out=Z[n, h].reshape(len(columns), -1))

    in_slices(work, len(Z) * windows.n_H, windows.elements, windows.multiplications)
    return Z


def backward(
    dZ: FloatArray,
    A_prev: FloatArray,
    W: FloatArray,
    stride: int,
    pad: int,
    across: int | None = None,
) -> ConvGradients:
    """Return dA_prev, dW and db: for a product Z = X·F they follow from dZ·Fᵀ and Xᵀ·dZ."""
    windows = Windows(A_prev, W, stride, pad, across)
    filters = W.reshape(windows.size, -1)
    dA_prev = np.empty(A_prev.shape, A_prev.dtype)

    def work(examples: slice) -> FloatArray:
        dfilters = np.zeros((windows.size + 1, W.shape[3]), W.dtype)
        for n in blocks(examples, windows.n_H * windows.row_bytes):
            dX = dA_prev[n]
            if pad > 0:
                shape = len(dX), windows.n_H_pad, windows.n_W_pad, dX.shape[3]
                dX = scratch("dX", shape, dX.dtype)
            dX[...] = 0
            for h in blocks(slice(0, windows.n_H), len(dX) * windows.row_bytes):
                n_H, rows = h.stop - h.start, windows.rows(h)
                columns = windows.gather(windows.padded(A_prev[n], rows), n_H)
                dz = dZ[n, h].reshape(len(columns), -1)
                dfilters += columns.T @ dz
                dcolumns = columns[:, :-1]  # they are used up
                np.matmul(dz, filters.T, out=dcolumns)
                windows.scatter(dcolumns, dX[:, rows], n_H)
            if pad > 0:
                dA_prev[n] = dX[:, pad:-pad, pad:-pad]
        return dfilters

    parts = in_slices(work, len(dZ), windows.elements, windows.multiplications)
    dfilters = reduce(np.add, parts)
    return dA_prev, dfilters[:-1].reshape(W.shape), dfilters[-1].reshape(1, 1, 1, -1)
