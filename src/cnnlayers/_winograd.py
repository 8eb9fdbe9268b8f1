"""Convolution by 3 × 3 filters with a quarter of the multiplications, by Winograd's algorithm.

F(4 × 4, 3 × 3) of Lavin & Gray: Y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A gives a 4 × 4 tile Y of outputs
from a 6 × 6 tile d of inputs and a filter g, with 36 multiplications instead of 144. Over many
channels, each of the 36 is a matrix product.
"""

from functools import reduce
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from cnnlayers._blocks import all_finite, multiply, padded, row_blocks, scratch
from cnnlayers._checks import output_size
from cnnlayers._types import ConvGradients, FloatArray
from cnnlayers._workers import in_slices

B_T = np.array(
    [
        [4, 0, -5, 0, 1, 0],
        [0, -4, -4, 1, 1, 0],
        [0, 4, -4, -1, 1, 0],
        [0, -2, -1, 2, 1, 0],
        [0, 2, -1, -2, 1, 0],
        [0, 4, 0, -5, 0, 1],
    ]
)
G = np.array([[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]]) / 24
A_T = np.array([[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]])


def pays(A_prev: FloatArray, W: FloatArray, stride: int, pad: int) -> bool:
    """Tell whether it is possible, and less work with its transformations than without."""
    possible = len(W) == 3 and stride == 1 and pad <= 2
    exact = W.dtype.itemsize <= 8  # np.longdouble holds more than the fractions of G
    channels = min(W.shape[2:])
    return possible and exact and channels >= 16 and min(A_prev.shape[1:3]) + 2 * pad >= 8


def forward(
    A_prev: FloatArray, W: FloatArray, b: FloatArray, stride: int, pad: int
) -> FloatArray | None:
    """Return Z, or None where it does not pay or is not finite."""
    return _convolution(A_prev, W, b, pad) if pays(A_prev, W, stride, pad) else None


def backward(
    dZ: FloatArray, A_prev: FloatArray, W: FloatArray, stride: int, pad: int
) -> ConvGradients | None:
    """Return dA_prev, dW and db, or None where it does not pay or they are not finite.

    dA_prev is the convolution of dZ by the filters turned by half a circle.
    """
    if not pays(A_prev, W, stride, pad):
        return None
    dW, db = _filter_gradients(dZ, A_prev, pad)
    if not all_finite(dW):
        return None
    turned, no_bias = W[::-1, ::-1].swapaxes(2, 3), np.zeros(A_prev.shape[3], W.dtype)
    dA_prev = _convolution(dZ, turned, no_bias, 2 - pad)
    return None if dA_prev is None else (dA_prev, dW, db)


class _Tiles:
    """The tiles that cover the outputs: how many down and across, and what they take."""

    def __init__(self, X: FloatArray, n_C: int, n_H: int, n_W: int) -> None:
        self.down, self.across = -(-n_H // 4), -(-n_W // 4)
        # In float32 as many tiles as in float64: half a block, measured as fastest.
        self.row_bytes = 36 * self.across * max(X.shape[3], n_C) * np.float64().itemsize
        entries = 36 * len(X) * self.down * self.across * X.shape[3]
        self.elements, self.multiplications = 8 * entries, n_C * entries  # each is moved 8 times

    def take(self, X: FloatArray, pad: int, t: slice, side: int) -> FloatArray:
        """Copy the rows t of tiles, side × side, of which a new one begins every 4 pixels."""
        beyond = side - 4
        rows = slice(4 * t.start, 4 * t.stop + beyond)
        X_pad = padded("X", X, pad, rows, 4 * self.across + beyond)
        s_m, s_H, s_W, s_C = X_pad.strides
        shape = side, side, len(X), t.stop - t.start, self.across, X.shape[3]
        tiles = scratch("tiles", shape, X.dtype)
        tiles[...] = as_strided(X_pad, shape, (s_H, s_W, s_m, 4 * s_H, 4 * s_W, s_C))
        return tiles.reshape(side, side, -1, X.shape[3])


def _transform(name: str, M: NDArray[Any], tiles: FloatArray) -> FloatArray:
    """Return M · tile · Mᵀ for tiles of shape (side, side, number, channels)."""
    new_side, side = M.shape
    factor = M.astype(tiles.dtype)
    half = scratch("half", (new_side, side, tiles[0, 0].size), tiles.dtype)
    np.matmul(factor, tiles.reshape(side, -1), out=half.reshape(new_side, -1))
    whole = scratch(name, (new_side, new_side, *tiles.shape[2:]), tiles.dtype)
    np.matmul(factor, half, out=whole.reshape(new_side, new_side, -1))
    return whole


def _convolution(X: FloatArray, W: FloatArray, b: FloatArray, pad: int) -> FloatArray | None:
    """Return Z, or None if not all of it is finite.

    NaN, infinities and overflow spread over their tile, so Z is right only if finite.
    """
    m, n_C = len(X), W.shape[3]
    n_H, n_W = (output_size(n, 3, 1, pad) for n in X.shape[1:3])
    Z = np.empty((m, n_H, n_W, n_C), X.dtype)
    tiles = _Tiles(X, n_C, n_H, n_W)
    U = _transform("U", G, W)

    def work(rows: slice) -> bool:
        finite = True
        for n, t in row_blocks(rows, tiles.down, tiles.row_bytes):
            V = _transform("V", B_T, tiles.take(X[n], pad, t, 6))
            M = scratch("M", (6, 6, V.shape[2], n_C), V.dtype)
            multiply(V, U, out=M)
            M[1, 1] += b.reshape(-1)  # the one point of M that Aᵀ · A adds to the whole tile
            z = Z[n, 4 * t.start : 4 * t.stop]
            Y = _transform("Y", A_T, M).reshape(4, 4, len(z), -1, tiles.across, n_C)
            Y = Y.transpose(2, 3, 0, 4, 1, 5)
            if n_H % 4 == n_W % 4 == 0:
                z.reshape(Y.shape)[...] = Y
            else:  # the last tiles are larger than what is left
                z[...] = Y.reshape(len(z), -1, 4 * tiles.across, n_C)[:, : z.shape[1], :n_W]
            finite = finite and bool(np.isfinite(np.vdot(z, z)))  # the fastest sum over a block
        return finite

    finite = in_slices(work, m * tiles.down, tiles.elements, tiles.multiplications)
    return Z if all(finite) else None


def _filter_gradients(dZ: FloatArray, X: FloatArray, pad: int) -> tuple[FloatArray, FloatArray]:
    """Return dW = Gᵀ [Σ (Bᵀ d B) ⊙ (A dZ Aᵀ)] G, by the same transformations, and db."""
    m, n_H, n_W, n_C = dZ.shape
    tiles = _Tiles(X, n_C, n_H, n_W)

    def work(rows: slice) -> tuple[FloatArray, FloatArray]:
        dU, db = np.zeros((6, 6, X.shape[3], n_C), dZ.dtype), np.zeros(n_C, dZ.dtype)
        for n, t in row_blocks(rows, tiles.down, tiles.row_bytes):
            V = _transform("V", B_T, tiles.take(X[n], pad, t, 6))
            M = _transform("M", A_T.T, tiles.take(dZ[n], 0, t, 4))
            dU += np.matmul(V.swapaxes(2, 3), M, out=scratch("dU", dU.shape, dU.dtype))
            dz = dZ[n, 4 * t.start : 4 * t.stop]
            db += dz.sum(axis=(0, 1)).sum(axis=0)  # long rows first: faster than all at once
        return dU, db

    parts = in_slices(work, m * tiles.down, tiles.elements, tiles.multiplications)
    dUs, dbs = zip(*parts, strict=True)
    dW = _transform("dW", G.T, reduce(np.add, dUs)).copy()
    return dW, reduce(np.add, dbs).reshape(1, 1, 1, n_C)
