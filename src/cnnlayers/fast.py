"""The layers in NumPy, as fast as it goes: what the top level exports.

Same functions, arguments and results as `cnnlayers.loops`. Read from top to bottom:

1. Blocks. A batch is worked on in blocks small enough to stay in the processor's cache between
   one step and the next. So temporaries never grow with the batch.
2. Convolution as a matrix product: one row for each window (im2col).
3. Winograd's convolution for 3 × 3 filters: a quarter of the multiplications.
4. Pooling in two steps, first along one axis of the window, then along the other.

Slices of the batch go to the cores of the machine, see `cnnlayers._workers`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

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
    output_size,
)
from cnnlayers._workers import in_slices, scratch
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


# ---- Blocks ------------------------------------------------------------------------------------

CONV_BLOCK = 1 << 20  # bytes: the second-level cache of a core, or half of it
POOL_BLOCK = 1 << 19


def _blocks(
    examples: slice, n_H: int, row_bytes: int, block_bytes: int
) -> Iterator[tuple[slice, slice]]:
    """Cut examples × output rows into blocks; a block is some rows of one, or all rows of some.

    What a block took from the scratch memory is let go when the next one begins.
    """
    height = min(n_H, max(1, block_bytes // row_bytes))
    count = max(1, block_bytes // (row_bytes * n_H))
    for i in range(examples.start, examples.stop, count):
        for h in range(0, n_H, height):
            scratch.clear()
            yield slice(i, min(i + count, examples.stop)), slice(h, min(h + height, n_H))


def _fresh(h: slice, n_H: int, n_H_prev: int, f: int, stride: int, pad: int = 0) -> slice:
    """Return the rows of the input that no block before h reached, to the end if h is the last."""
    start = 0 if h.start == 0 else (h.start - 1) * stride + f - pad
    stop = n_H_prev if h.stop == n_H else (h.stop - 1) * stride + f - pad
    return slice(max(start, 0), max(stop, 0))


def _padded_rows(X: FloatArray, first: int, count: int, pad: int, width: int) -> FloatArray:
    """Copy rows ``first`` to ``first + count``, with zeros wherever that is outside of X."""
    k, n_H_prev, n_W_prev, n_C_prev = X.shape
    rows = scratch.take((k, count, width, n_C_prev), X.dtype)
    low = max(first, 0)
    high = max(low, min(first + count, n_H_prev))
    rows[...] = 0
    rows[:, low - first : high - first, pad : pad + n_W_prev] = X[:, low:high]
    return rows


def _finite(X: FloatArray) -> bool:
    """Tell whether X is free of NaN and infinities, without a temporary of its size."""
    return bool(np.isfinite(X.max(initial=0)) and np.isfinite(X.min(initial=0)))


# ---- Convolution as a matrix product -----------------------------------------------------------


class _Columns:
    """The windows of a convolution as the rows of a matrix, block by block (im2col).

    Few filters make a narrow product, which BLAS is slow at. Then each row of the matrix holds
    the window of ``group`` neighboring outputs, and the matrix of filters has their filters side
    by side, each shifted by the stride, with zeros around: less to copy, more to multiply.
    """

    def __init__(
        self, X: FloatArray, W: FloatArray, b: FloatArray, stride: int, pad: int, factor: FloatArray
    ) -> None:
        self.f, _, self.n_C_prev, self.n_C = W.shape
        self.stride, self.pad = stride, pad
        self.n_H = output_size(X.shape[1], self.f, stride, pad)
        self.n_W = output_size(X.shape[2], self.f, stride, pad)
        self.group = self._choose_group() if _finite(factor) else 1
        self.width = (self.group - 1) * stride + self.f
        # A last column of ones in the matrix meets the bias, and yields db within dW.
        filters = np.zeros((self.f, self.width, self.n_C_prev, self.group, self.n_C), W.dtype)
        for j in range(self.group):
            filters[:, j * stride : j * stride + self.f, :, j] = W
        biases = np.tile(b.reshape(1, self.n_C), self.group)
        self.filters = np.concatenate([filters.reshape(-1, biases.size), biases])
        self.row_bytes = self.n_W // self.group * len(self.filters) * W.dtype.itemsize

    def _choose_group(self) -> int:
        """Choose how many outputs share a row: enough for a product that is 48 wide."""
        if self.n_C >= 32 or self.f == 1:
            return 1
        best = 1
        for group in range(2, self.n_W + 1):
            if self.n_W % group == 0 and (group - 1) * self.stride <= 2 * self.f:
                best = group
                if group * self.n_C >= 48:
                    break
        return best

    def rows(self, X: FloatArray, h: slice) -> FloatArray:
        """Return the rows of X that the windows of the output rows h lie on."""
        first = h.start * self.stride - self.pad
        count = (h.stop - 1 - h.start) * self.stride + self.f
        if self.pad == 0 and X.flags.c_contiguous:
            return X[:, first : first + count]
        return _padded_rows(X, first, count, self.pad, X.shape[2] + 2 * self.pad)

    def windows(self, rows: FloatArray) -> FloatArray:
        """View rows as (examples, output rows, groups, f, width · n_C_prev); windows overlap."""
        k, count, _, n_C_prev = rows.shape
        n_H = (count - self.f) // self.stride + 1
        shape = (k, n_H, self.n_W // self.group, self.f, self.width * n_C_prev)
        s_m, s_H, s_W, _ = rows.strides  # of an axis of length 1 the stride may be anything
        strides = (s_m, self.stride * s_H, self.group * self.stride * s_W, s_H, rows.itemsize)
        return as_strided(rows, shape, strides)

    def gather(self, windows: FloatArray) -> FloatArray:
        """Copy windows into a matrix, one a row, and a 1 at its end."""
        columns = scratch.take((windows[..., 0, 0].size, len(self.filters)), windows.dtype)
        columns[:, :-1].reshape(windows.shape)[...] = windows
        columns[:, -1] = 1
        return columns

    def scatter(self, columns: FloatArray, windows: FloatArray) -> None:
        """Add the rows of a matrix to the windows they stand for, the opposite of `gather`.

        Overlapping windows cannot be added at once; every ``apart``-th do not overlap.
        """
        pieces = columns[:, :-1].reshape(windows.shape)
        apart = -(-self.width // (self.group * self.stride))
        for j in range(min(apart, windows.shape[2])):
            for y in range(self.f):
                windows[:, :, j::apart, y] += pieces[:, :, j::apart, y]

    def split(self, dfilters: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Sum the gradients of the filters of a group: dW and db."""
        parts = dfilters[:-1].reshape(self.f, self.width, self.n_C_prev, self.group, self.n_C)
        starts = range(0, self.group * self.stride, self.stride)
        dW = sum(parts[:, x : x + self.f, :, j] for j, x in enumerate(starts))
        db = dfilters[-1].reshape(self.group, 1, 1, self.n_C).sum(axis=0, keepdims=True)
        return np.ascontiguousarray(dW), db


def _product_forward(
    A_prev: FloatArray, W: FloatArray, b: FloatArray, stride: int, pad: int, Z: FloatArray
) -> None:
    """Write the convolution into Z: windows times filters."""
    plan = _Columns(A_prev, W, b, stride, pad, factor=A_prev)

    def work(examples: slice) -> None:
        for n, h in _blocks(examples, plan.n_H, plan.row_bytes, CONV_BLOCK):
            columns = plan.gather(plan.windows(plan.rows(A_prev[n], h)))
            np.matmul(columns, plan.filters, out=Z[n, h].reshape(len(columns), -1))

    in_slices(work, len(Z), len(Z) * plan.n_H * plan.row_bytes // Z.itemsize)


def _product_backward(
    dZ: FloatArray, A_prev: FloatArray, W: FloatArray, b: FloatArray, stride: int, pad: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return dA_prev, dW and db: the transposed products."""
    plan = _Columns(A_prev, W, b, stride, pad, factor=dZ)
    dA_prev = np.empty(A_prev.shape, A_prev.dtype)

    def work(examples: slice) -> FloatArray:
        dfilters = np.zeros_like(plan.filters)
        for n, h in _blocks(examples, plan.n_H, plan.row_bytes, CONV_BLOCK):
            columns = plan.gather(plan.windows(plan.rows(A_prev[n], h)))
            dz = dZ[n, h].reshape(len(columns), -1)
            dfilters += np.matmul(columns.T, dz, out=scratch.take(dfilters.shape, dz.dtype))
            dcolumns = np.matmul(dz, plan.filters.T, out=columns)  # the windows are done with
            dA_prev[n, _fresh(h, plan.n_H, A_prev.shape[1], plan.f, stride, pad)] = 0
            first = h.start * stride - pad
            count = (h.stop - 1 - h.start) * stride + plan.f
            if pad == 0:
                plan.scatter(dcolumns, plan.windows(dA_prev[n, first : first + count]))
            else:
                rows = scratch.take(
                    (len(dA_prev[n]), count, A_prev.shape[2] + 2 * pad, plan.n_C_prev), dz.dtype
                )
                rows[...] = 0
                plan.scatter(dcolumns, plan.windows(rows))
                low, high = max(first, 0), min(first + count, A_prev.shape[1])
                if low < high:
                    dA_prev[n, low:high] += rows[
                        :, low - first : high - first, pad : pad + A_prev.shape[2]
                    ]
        return dfilters

    dfilters = in_slices(work, len(dZ), len(dZ) * plan.n_H * plan.row_bytes // dZ.itemsize)
    return dA_prev, *plan.split(sum(dfilters))


# ---- Winograd's convolution --------------------------------------------------------------------

# F(4 × 4, 3 × 3) of Lavin & Gray: Y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A gives a 4 × 4 tile of outputs
# from a 6 × 6 tile d of inputs and a filter g with 36 multiplications instead of 144.
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


def _winograd_pays(W: FloatArray, stride: int, pad: int, n_H: int, n_W: int) -> bool:
    """Tell whether Winograd's convolution is possible and less work, transformations included."""
    f, _, n_C_prev, n_C = W.shape
    known = f == 3 and stride == 1 and pad <= 2 and W.dtype in (np.float32, np.float64)
    return known and min(n_C_prev, n_C) >= 16 and min(n_H, n_W) >= 6


def _transform(M: NDArray[Any], tiles: FloatArray) -> FloatArray:
    """Return M · tile · Mᵀ for tiles of shape (side, side, …)."""
    M = M.astype(tiles.dtype)
    n, side = M.shape
    rest = tiles.shape[2:]
    half = np.matmul(
        M, tiles.reshape(side, -1), out=scratch.take((n, tiles[0].size), tiles.dtype)
    ).reshape(n, side, -1)
    return np.matmul(M, half, out=scratch.take((n, n, half.shape[2]), tiles.dtype)).reshape(
        n, n, *rest
    )


def _tiles(X: FloatArray, first: int, pad: int, side: int, high: int, wide: int) -> FloatArray:
    """Copy tiles of a padded image, one every 4 pixels: (side, side, examples, high, wide, n_C)."""
    overlap = side - 4
    rows = _padded_rows(X, first, 4 * high + overlap, pad, 4 * wide + overlap)
    s_m, s_H, s_W, s_C = rows.strides
    tiles = scratch.take((side, side, len(X), high, wide, X.shape[3]), X.dtype)
    tiles[...] = as_strided(rows, tiles.shape, (s_H, s_W, s_m, 4 * s_H, 4 * s_W, s_C))
    return tiles


def _winograd(X: FloatArray, W: FloatArray, b: FloatArray | None, pad: int, Z: FloatArray) -> bool:
    """Write the convolution into Z and tell whether all of it is finite."""
    m, n_H, n_W, n_C = Z.shape
    n_C_prev = W.shape[2]
    high, wide = -(-n_H // 4), -(-n_W // 4)
    scratch.clear()
    U = _transform(G, W).reshape(36, n_C_prev, n_C).copy()
    row_bytes = 36 * wide * max(n_C_prev, n_C) * Z.itemsize

    def work(examples: slice) -> bool:
        finite = True
        for n, t in _blocks(examples, high, row_bytes, CONV_BLOCK):
            x = X[n]
            d = _tiles(x, 4 * t.start - pad, pad, 6, t.stop - t.start, wide)
            V = _transform(B_T, d).reshape(36, -1, n_C_prev)
            M = np.matmul(V, U, out=scratch.take((36, V.shape[1], n_C), V.dtype))
            if b is not None:
                M[7] += b.reshape(n_C)  # point (1, 1): A spreads it over the whole tile
            Y = _transform(A_T, M.reshape(6, 6, *d.shape[2:5], n_C)).transpose(2, 3, 0, 4, 1, 5)
            z = Z[n, 4 * t.start : 4 * t.stop]
            if n_H % 4 == 0 == n_W % 4:
                z.reshape(Y.shape)[...] = Y
            else:
                z[...] = Y.reshape(len(x), -1, 4 * wide, n_C)[:, : z.shape[1], :n_W]
            finite = finite and _finite(z)
        return finite

    return all(in_slices(work, m, 36 * X.size))


def _winograd_filters(dZ: FloatArray, X: FloatArray, pad: int) -> FloatArray:
    """Return dW, by the same algorithm: dW = Gᵀ [(Bᵀ d B) ⊙ (A dZ Aᵀ)] G, summed over tiles."""
    m, n_H, n_W, n_C = dZ.shape
    n_C_prev = X.shape[3]
    high, wide = -(-n_H // 4), -(-n_W // 4)
    row_bytes = 36 * wide * max(n_C_prev, n_C) * dZ.itemsize

    def work(examples: slice) -> FloatArray:
        dU = np.zeros((36, n_C_prev, n_C), dZ.dtype)
        for n, t in _blocks(examples, high, row_bytes, 2 * CONV_BLOCK):
            x, dz = X[n], dZ[n]
            V = _transform(B_T, _tiles(x, 4 * t.start - pad, pad, 6, t.stop - t.start, wide))
            M = _transform(A_T.T, _tiles(dz, 4 * t.start, 0, 4, t.stop - t.start, wide))
            V_T = V.reshape(36, -1, n_C_prev).transpose(0, 2, 1)
            dU += np.matmul(V_T, M.reshape(36, -1, n_C), out=scratch.take(dU.shape, dU.dtype))
        return dU

    dU = sum(in_slices(work, m, 36 * X.size))
    scratch.clear()
    return _transform(G.T, dU.reshape(6, 6, n_C_prev, n_C)).copy()


# ---- The layers --------------------------------------------------------------------------------


def conv_forward(
    A_prev: Array, W: Array, b: Array, hparameters: Mapping[str, int]
) -> tuple[FloatArray, ConvCache]:
    """Slide each filter over each example and stack the maps they give."""
    cache = A_prev, W, b, hparameters = check_conv_forward(A_prev, W, b, hparameters)
    stride, pad = hparameters["stride"], hparameters["pad"]
    f = W.shape[0]
    n_H, n_W = (output_size(n, f, stride, pad) for n in A_prev.shape[1:3])
    Z = np.empty((len(A_prev), n_H, n_W, W.shape[3]), A_prev.dtype)
    if not (_winograd_pays(W, stride, pad, n_H, n_W) and _winograd(A_prev, W, b, pad, Z)):
        _product_forward(A_prev, W, b, stride, pad, Z)
    return Z, cache


def conv_backward(dZ: Array, cache: ConvCache) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Carry the gradient of a convolution back to its input, filters and biases."""
    dZ, (A_prev, W, b, hparameters) = check_conv_backward(dZ, cache)
    stride, pad = hparameters["stride"], hparameters["pad"]
    if _winograd_pays(W, stride, pad, *dZ.shape[1:3]):
        dA_prev = np.empty(A_prev.shape, A_prev.dtype)
        turned = W[::-1, ::-1].swapaxes(2, 3)
        dW = _winograd_filters(dZ, A_prev, pad)
        if _winograd(dZ, turned, None, 2 - pad, dA_prev) and _finite(dW):
            db = np.matmul(np.ones(dZ[..., 0].size, dZ.dtype), dZ.reshape(-1, dZ.shape[3]))
            return dA_prev, dW, db.reshape(b.shape)
    return _product_backward(dZ, A_prev, W, b, stride, pad)


# ---- Pooling -----------------------------------------------------------------------------------


def _entries(X: FloatArray, axis: int, f: int, stride: int) -> list[FloatArray]:
    """View, for k = 0 … f - 1, the k-th entries of all windows along an axis."""
    n = (X.shape[axis] - f) // stride + 1
    before = (slice(None),) * axis
    return [X[(*before, slice(k, k + stride * (n - 1) + 1, stride))] for k in range(f)]


def _fold(
    op: np.ufunc, X: FloatArray, axis: int, f: int, stride: int, out: FloatArray | None = None
) -> FloatArray:
    """Reduce windows along one axis by np.maximum or np.add, all windows at once."""
    first, *others = _entries(X, axis, f, stride)
    if out is None:
        out = scratch.take(first.shape, X.dtype)
    if not others:
        out[...] = first
    for entry in others:
        first = op(first, entry, out=out)
    return out


def pool_forward(
    A_prev: Array, hparameters: Mapping[str, int], mode: Mode = "max"
) -> tuple[FloatArray, PoolCache]:
    """Summarize each window of each channel by its maximum or its mean."""
    cache = A_prev, hparameters = check_pool_forward(A_prev, hparameters, mode)
    f, stride = hparameters["f"], hparameters["stride"]
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    n_H, n_W = output_size(n_H_prev, f, stride), output_size(n_W_prev, f, stride)
    A = np.empty((m, n_H, n_W, n_C), A_prev.dtype)
    row_bytes = stride * n_W_prev * n_C * A.itemsize

    def work(examples: slice) -> None:
        for n, h in _blocks(examples, n_H, row_bytes, POOL_BLOCK):
            x = A_prev[n, h.start * stride : (h.stop - 1) * stride + f]
            op = np.maximum if mode == "max" else np.add
            a = _fold(op, _fold(op, x, 1, f, stride), 2, f, stride, A[n, h])
            if mode == "average":
                a *= a.dtype.type(1 / f**2)

    in_slices(work, m, A_prev.size)
    return A, cache


def pool_backward(
    dA: Array, cache: PoolCache, mode: Mode = "max", ties: Ties = "all"
) -> FloatArray:
    """Carry the gradient of a pooling layer back to its input."""
    dA, (A_prev, hparameters) = check_pool_backward(dA, cache, mode, ties)
    f, stride = hparameters["f"], hparameters["stride"]
    m, n_H, _, n_C = dA.shape
    n_H_prev, n_W_prev = A_prev.shape[1:3]
    dA_prev = np.empty(A_prev.shape, dA.dtype)
    row_bytes = stride * n_W_prev * n_C * dA.itemsize
    # The order of the axes matters for the first of tied maxima alone: the first in row-major
    # order is in the first row that has one. Rows first is faster: what is added is contiguous.
    axis, other = (1, 2) if ties == "all" else (2, 1)

    def work(examples: slice) -> None:
        for n, h in _blocks(examples, n_H, row_bytes, POOL_BLOCK):
            rows = slice(h.start * stride, _fresh(h, n_H, n_H_prev, f, stride).stop)
            x, dx, da = A_prev[n, rows], dA_prev[n, rows], dA[n, h]
            reached = dx[:, : max(0, f - stride)] if h.start > 0 else dx[:, :0]
            earlier = reached.copy()
            if mode == "max":
                top = _fold(np.maximum, x, axis, f, stride)
                highest = _fold(np.maximum, top, other, f, stride)
                nan = bool(np.isnan(highest.max(initial=0)))
                dtop = scratch.take(top.shape, dA.dtype)
                masks = _receivers(top, highest, other, f, stride, ties, nan)
                _spread(da, dtop, other, f, stride, masks)
                _spread(dtop, dx, axis, f, stride, _receivers(x, top, axis, f, stride, ties, nan))
            else:
                share = scratch.take(da.shape, da.dtype)
                np.multiply(da, da.dtype.type(1 / f**2), out=share)
                dtop = scratch.take((*da.shape[:2], n_W_prev, n_C), da.dtype)
                _spread(share, dtop, 2, f, stride, None)
                _spread(dtop, dx, 1, f, stride, None)
            reached += earlier

    in_slices(work, m, A_prev.size)
    return dA_prev


def _receivers(
    X: FloatArray, top: FloatArray, axis: int, f: int, stride: int, ties: Ties, nan: bool
) -> Iterator[NDArray[np.bool_]]:
    """Yield, for k = 0 … f - 1, the windows whose maximum ``top`` is their k-th entry."""
    entries = _entries(X, axis, f, stride)
    nans: list[NDArray[np.bool_]] = []
    if nan:
        nans = [np.isnan(entry) for entry in entries]
        if ties == "first":  # of several NaN the last, as PyTorch does
            later = np.zeros(top.shape, bool)
            for k in reversed(range(f)):
                nans[k], later = nans[k] & ~later, nans[k] | later
    taken = np.zeros(top.shape, bool)
    mask = scratch.take(top.shape, bool)
    for k, entry in enumerate(entries):
        np.equal(entry, top, out=mask)
        if ties == "first":
            mask &= ~taken
            taken |= mask
        if nan:
            mask |= nans[k]
        yield mask


def _spread(
    dtop: FloatArray,
    dX: FloatArray,
    axis: int,
    f: int,
    stride: int,
    masks: Iterator[NDArray[np.bool_]] | None,
) -> None:
    """Write into dX each gradient at the entries of its window, or at those of the masks.

    The first ``stride`` entries of the windows do not overlap and are written, others are added.
    """
    before = (slice(None),) * axis
    dX[before if f < stride else (*before, slice(stride * dtop.shape[axis], None))] = 0
    for k, entry in enumerate(_entries(dX, axis, f, stride)):
        if masks is None:
            piece = dtop
        else:
            piece = entry if k < stride else scratch.take(dtop.shape, dtop.dtype)
            _keep(next(masks), dtop, piece)
        if k >= stride:
            entry += piece
        elif masks is None:
            entry[...] = piece


def _keep(mask: NDArray[np.bool_], X: FloatArray, out: FloatArray) -> None:
    """Write X where the mask is True and 0 elsewhere.

    As integers: True becomes -1, which has all bits set, and a bitwise "and" keeps or clears
    a number. A product with the mask would make NaN of infinities, np.where is ten times slower.
    """
    if X.itemsize > 8:  # np.longdouble, for which there is no integer
        out[...] = np.where(mask, X, X.dtype.type(0))
    else:
        integer = np.dtype(f"i{X.itemsize}")
        bits = np.negative(mask.view(np.int8), out=mask.view(np.int8))
        np.bitwise_and(bits, X.view(integer), out=out.view(integer))
