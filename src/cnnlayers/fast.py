"""The layers in NumPy, as fast as it goes: what the top level exports.

Same functions, arguments and results as `cnnlayers.loops`. Read from top to bottom:

1. Blocks. A batch is worked on in blocks that stay in the processor's cache from one step to
   the next. Temporaries therefore never grow with the batch.
2. Convolution as a matrix product, one row for each window (im2col).
3. Convolution by 1 × 1 filters: a product without anything to copy.
4. Winograd's convolution by 3 × 3 filters: a quarter of the multiplications.
5. Pooling along one axis of the windows, then along the other.
6. The layers themselves, which choose among these by shape.

Slices of the batch go to the cores of the machine by `in_slices`, and temporaries live in
``scratch`` until the next block begins: see `cnnlayers._workers`.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import repeat

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from cnnlayers._validation import (
    Array,
    ConvCache,
    FloatArray,
    Mask,
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


# ---- 1. Blocks ---------------------------------------------------------------------------------

# Bytes of temporaries: few enough for a core's second-level cache or nearly so, but enough that
# threads seldom wait for the interpreter's lock between two calls of NumPy.
BLOCK = 1 << 21


def _blocks(examples: slice, n_H: int, row_bytes: int) -> Iterator[tuple[slice, slice]]:
    """Cut examples × output rows into blocks: all rows of some examples, or some rows of one.

    What a block took from the scratch memory is let go when the next one begins.
    """
    example_bytes = row_bytes * n_H
    count = max(1, BLOCK // example_bytes)
    height = -(-n_H // -(-example_bytes // BLOCK))  # all blocks about as high
    for i in range(examples.start, examples.stop, count):
        for h in range(0, n_H, height):
            scratch.clear()
            yield slice(i, min(i + count, examples.stop)), slice(h, min(h + height, n_H))


def _new_rows(h: slice, n_H: int, n_H_prev: int, f: int, stride: int, pad: int = 0) -> slice:
    """Return the rows of the input that are new with the output rows h, up to the next block's.

    Those of the last block go to the end of the input: nobody reaches the rows left over.
    """
    reach = max(f, stride) - stride - pad
    start = h.start * stride + reach if h.start > 0 else 0
    stop = h.stop * stride + reach if h.stop < n_H else n_H_prev
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


# Multiplications below which a convolution is summed in the order of the loops. BLAS sums in
# an order of its own, which depends on the processor, and for so few it is hardly faster.
LITTLE = 1 << 14


def _finite(X: FloatArray) -> bool:
    """Tell whether X is free of NaN and infinities, without a temporary of its size."""
    return bool(np.isfinite(X.max(initial=0)) and np.isfinite(X.min(initial=0)))


# Multiplications up to which OpenBLAS does without packing its factors first (with AVX-512).
SMALL = 10**6


def _product(columns: FloatArray, filters: FloatArray, out: FloatArray) -> None:
    """Multiply a tall matrix by the filters as a stack of small products, if they are small."""
    k = SMALL // filters.size // 8 * 8
    stacked = len(columns) // k * k if k >= 96 else 0  # lower ones lose where BLAS does pack
    if stacked > 0:
        stack = columns[:stacked].reshape(-1, k, len(filters))
        np.matmul(stack, filters, out=out[:stacked].reshape(len(stack), k, -1))
    np.matmul(columns[stacked:], filters, out=out[stacked:])


# ---- 2. Convolution as a matrix product --------------------------------------------------------


class _Columns:
    """The windows of a convolution as the rows of a matrix, one block at a time.

    A column of ones at its end meets the bias in the last row of the matrix of filters: the
    product adds the bias, and the gradient of that row is db.

    Few filters make a narrow matrix, which BLAS multiplies slowly. Then one row of the windows'
    matrix holds what ``group`` neighboring outputs see, and the matrix of filters has the
    filters once for each of them, shifted by the stride, with zeros around: less to copy for
    more to multiply. But zero times infinity is NaN, so ``factor``, which is to be multiplied
    with the filters, must be finite for this.
    """

    def __init__(
        self,
        A_prev: FloatArray,
        W: FloatArray,
        b: FloatArray,
        hparameters: Mapping[str, int],
        factor: FloatArray,
    ) -> None:
        self.f, _, self.n_C_prev, self.n_C = W.shape
        self.stride, self.pad = hparameters["stride"], hparameters["pad"]
        self.n_H = output_size(A_prev.shape[1], self.f, self.stride, self.pad)
        self.n_W = output_size(A_prev.shape[2], self.f, self.stride, self.pad)
        self.little = len(A_prev) * self.n_H * self.n_W * W.size <= LITTLE
        narrow = self.n_C < 32 and not self.little
        self.group = self._choose_group() if narrow and _finite(factor) else 1
        self.width = (self.group - 1) * self.stride + self.f
        filters = np.zeros((self.f, self.width, self.n_C_prev, self.group, self.n_C), W.dtype)
        for j in range(self.group):
            filters[:, j * self.stride : j * self.stride + self.f, :, j] = W
        biases = np.tile(b.reshape(1, self.n_C), self.group)
        self.filters = np.concatenate([filters.reshape(-1, biases.size), biases])
        # What a block of one output row takes, and what all blocks move
        row_size = self.n_W // self.group * len(self.filters)
        self.row_bytes = row_size * W.itemsize
        self.elements = len(A_prev) * self.n_H * row_size

    def _choose_group(self) -> int:
        """Choose how many outputs share a row: at most 48 numbers, no window over 3·f wide."""
        fitting = [
            group
            for group in range(2, min(self.n_W, 48 // self.n_C) + 1)
            if self.n_W % group == 0 and (group - 1) * self.stride <= 2 * (self.f - 1)
        ]
        return max(fitting, default=1)

    def rows(self, h: slice) -> tuple[int, int]:
        """Tell which row of the input the output rows h see first, and how many they see."""
        first = h.start * self.stride - self.pad
        return first, (h.stop - 1 - h.start) * self.stride + self.f

    def windows(self, rows: FloatArray) -> FloatArray:
        """View rows as (examples, output rows, groups, f, width · n_C_prev); windows overlap."""
        k, count, _, n_C_prev = rows.shape
        n_H = (count - self.f) // self.stride + 1
        s_m, s_H, s_W, _ = rows.strides
        return as_strided(
            rows,
            (k, n_H, self.n_W // self.group, self.f, self.width * n_C_prev),
            # Not the last stride of rows, which may be anything where there is one channel.
            (s_m, self.stride * s_H, self.group * self.stride * s_W, s_H, rows.itemsize),
        )

    def gather(self, A_prev: FloatArray, h: slice) -> FloatArray:
        """Copy the windows of the output rows h into a matrix, one a row, and a 1 at its end."""
        first, count = self.rows(h)
        if self.pad == 0 and A_prev.flags.c_contiguous:
            rows = A_prev[:, first : first + count]
        else:
            rows = _padded_rows(A_prev, first, count, self.pad, A_prev.shape[2] + 2 * self.pad)
        windows = self.windows(rows)
        columns = scratch.take((windows[..., 0, 0].size, len(self.filters)), A_prev.dtype)
        # NumPy copies a few numbers in a row twice as fast if they are one opaque item.
        item = np.dtype((np.void, windows.shape[-1] * windows.itemsize))
        columns[:, :-1].reshape(windows.shape).view(item)[...] = windows.view(item)
        columns[:, -1] = 1
        return columns

    def scatter(self, columns: FloatArray, dA_prev: FloatArray, h: slice) -> None:
        """Add the rows of a matrix to the windows of the output rows h: `gather` in reverse.

        Overlapping windows cannot be added at once. But every ``apart``-th is free of overlap:
        so f · apart long additions are enough, however many windows there are.
        """
        first, count = self.rows(h)
        if self.pad == 0:
            rows = dA_prev[:, first : first + count]
        else:
            k, _, n_W_prev, n_C_prev = dA_prev.shape
            rows = scratch.take((k, count, n_W_prev + 2 * self.pad, n_C_prev), dA_prev.dtype)
            rows[...] = 0
        windows = self.windows(rows)
        pieces = columns[:, :-1].reshape(windows.shape)
        apart = -(-self.width // (self.group * self.stride))
        for j in range(min(apart, windows.shape[2])):
            for y in range(self.f):
                windows[:, :, j::apart, y] += pieces[:, :, j::apart, y]
        if self.pad > 0:  # cut the padding off
            low = max(first, 0)
            inner = dA_prev[:, low : max(low, first + count)]
            right = self.pad + dA_prev.shape[2]
            inner += rows[:, low - first : low - first + inner.shape[1], self.pad : right]

    def split(self, dfilters: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Take the gradient of the matrix of filters apart into dW and db."""
        parts = dfilters[:-1].reshape(self.f, self.width, self.n_C_prev, self.group, self.n_C)
        dW = np.zeros((self.f, self.f, self.n_C_prev, self.n_C), dfilters.dtype)
        for j in range(self.group):
            dW += parts[:, j * self.stride : j * self.stride + self.f, :, j]
        return dW, dfilters[-1].reshape(self.group, self.n_C).sum(axis=0).reshape(1, 1, 1, -1)


def _product_forward(
    A_prev: FloatArray, W: FloatArray, b: FloatArray, hparameters: Mapping[str, int], Z: FloatArray
) -> None:
    """Write the convolution into Z: windows times filters."""
    plan = _Columns(A_prev, W, b, hparameters, factor=A_prev)

    def work(examples: slice) -> None:
        for n, h in _blocks(examples, plan.n_H, plan.row_bytes):
            columns = plan.gather(A_prev[n], h)
            z = Z[n, h].reshape(len(columns), -1)
            if plan.little:
                filters = np.ascontiguousarray(plan.filters[:-1].T)
                np.sum(columns[:, np.newaxis, :-1] * filters, axis=2, out=z)
                z += plan.filters[-1]
            else:
                _product(columns, plan.filters, out=z)

    in_slices(work, len(Z), plan.elements)


def _product_backward(
    dZ: FloatArray, A_prev: FloatArray, W: FloatArray, b: FloatArray, hparameters: Mapping[str, int]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return dA_prev, dW and db: for a product Z = X·F they follow from dZ·Fᵀ and Xᵀ·dZ."""
    plan = _Columns(A_prev, W, b, hparameters, factor=dZ)
    dA_prev = np.empty(A_prev.shape, A_prev.dtype)

    def work(examples: slice) -> FloatArray:
        dfilters = np.zeros_like(plan.filters)
        for n, h in _blocks(examples, plan.n_H, plan.row_bytes):
            columns = plan.gather(A_prev[n], h)
            dz = dZ[n, h].reshape(len(columns), -1)
            if plan.little:
                dfilters += np.sum(columns[:, :, np.newaxis] * dz[:, np.newaxis], axis=0)
                dcolumns = np.sum(dz[:, :, np.newaxis] * plan.filters.T, axis=1)
            else:
                dfilters += np.matmul(columns.T, dz, out=scratch.take(dfilters.shape, dz.dtype))
                dcolumns = np.matmul(dz, plan.filters.T, out=columns)  # over what is used up
            new = _new_rows(h, plan.n_H, A_prev.shape[1], plan.f, plan.stride, plan.pad)
            dA_prev[n, new] = 0
            plan.scatter(dcolumns, dA_prev[n], h)
        return dfilters

    dfilters = np.sum(in_slices(work, len(dZ), plan.elements), axis=0)
    return dA_prev, *plan.split(dfilters)


# ---- 3. Convolution by 1 × 1 filters -----------------------------------------------------------


def _is_pixelwise(W: FloatArray, hparameters: Mapping[str, int]) -> bool:
    """Tell whether each pixel is a window, so that the input itself is the matrix of windows."""
    return len(W) == 1 and hparameters["stride"] == 1 and hparameters["pad"] == 0


def _pixels_forward(A_prev: FloatArray, W: FloatArray, b: FloatArray, Z: FloatArray) -> None:
    """Write the convolution into Z."""
    m, n_H, n_W, n_C_prev = A_prev.shape

    def work(examples: slice) -> None:
        for n, h in _blocks(examples, n_H, n_W * n_C_prev * Z.itemsize):
            z = Z[n, h].reshape(-1, Z.shape[3])
            _product(A_prev[n, h].reshape(-1, n_C_prev), W[0, 0], out=z)
            z += b[0, 0]

    in_slices(work, m, A_prev.size)


def _pixels_backward(
    dZ: FloatArray, A_prev: FloatArray, W: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return dA_prev, dW and db."""
    m, n_H, n_W, n_C_prev = A_prev.shape
    n_C = dZ.shape[3]
    dA_prev = np.empty(A_prev.shape, A_prev.dtype)

    def work(examples: slice) -> FloatArray:
        dfilters = np.zeros((n_C_prev + 1, n_C), dZ.dtype)
        for n, h in _blocks(examples, n_H, n_W * n_C_prev * dZ.itemsize):
            dz = dZ[n, h].reshape(-1, n_C)
            dfilters[:-1] += A_prev[n, h].reshape(-1, n_C_prev).T @ dz
            dfilters[-1] += dz.sum(axis=0)
            np.matmul(dz, W[0, 0].T, out=dA_prev[n, h].reshape(-1, n_C_prev))
        return dfilters

    dfilters = np.sum(in_slices(work, m, A_prev.size), axis=0)
    return dA_prev, dfilters[:-1].reshape(W.shape), dfilters[-1].reshape(1, 1, 1, n_C)


# ---- 4. Winograd's convolution -----------------------------------------------------------------

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


def _winograd_pays(W: FloatArray, hparameters: Mapping[str, int], n_H: int, n_W: int) -> bool:
    """Tell whether Winograd's convolution is possible, and less work with its transformations."""
    f, _, n_C_prev, n_C = W.shape
    possible = f == 3 and hparameters["stride"] == 1 and hparameters["pad"] <= 2
    return (
        possible
        and W.dtype.itemsize <= 8  # the fractions of G are no more exact than that
        and min(n_C_prev, n_C) >= 16
        and min(n_H, n_W) >= 6
    )


def _transform(M: NDArray[np.float64] | NDArray[np.int_], tiles: FloatArray) -> FloatArray:
    """Return M · tile · Mᵀ for tiles of shape (side, side, …)."""
    new_side, side = M.shape
    factor = M.astype(tiles.dtype)
    half = scratch.take((new_side, tiles[0].size), tiles.dtype)
    np.matmul(factor, tiles.reshape(side, -1), out=half)
    whole = scratch.take((new_side, new_side, tiles[0, 0].size), tiles.dtype)
    np.matmul(factor, half.reshape(new_side, side, -1), out=whole)
    return whole.reshape(new_side, new_side, *tiles.shape[2:])


def _tiles(X: FloatArray, t: slice, pad: int, side: int, wide: int) -> FloatArray:
    """Copy the rows t of tiles of a padded input, where a new tile begins every 4 pixels.

    Their shape is (side, side, examples, rows of tiles, wide, channels).
    """
    high = t.stop - t.start
    overlap = side - 4
    rows = _padded_rows(X, 4 * t.start - pad, 4 * high + overlap, pad, 4 * wide + overlap)
    s_m, s_H, s_W, s_C = rows.strides
    tiles = scratch.take((side, side, len(X), high, wide, X.shape[3]), X.dtype)
    tiles[...] = as_strided(rows, tiles.shape, (s_H, s_W, s_m, 4 * s_H, 4 * s_W, s_C))
    return tiles


def _winograd(X: FloatArray, W: FloatArray, b: FloatArray, pad: int, Z: FloatArray) -> bool:
    """Write the convolution into Z, and tell whether all of it is finite.

    NaN, infinities and overflow spread over their tile, so Z is right only if finite.
    """
    m, n_H, n_W, n_C = Z.shape
    n_C_prev = X.shape[3]
    high, wide = -(-n_H // 4), -(-n_W // 4)
    row_bytes = 36 * wide * max(n_C_prev, n_C) * Z.itemsize
    scratch.clear()
    U = _transform(G, W).reshape(36, n_C_prev, n_C).copy()

    def work(examples: slice) -> bool:
        finite = True
        for n, t in _blocks(examples, high, row_bytes):
            d = _tiles(X[n], t, pad, 6, wide)
            V = _transform(B_T, d).reshape(36, -1, n_C_prev)
            M = np.matmul(V, U, out=scratch.take((36, V.shape[1], n_C), V.dtype))
            M[7] += b.reshape(n_C)  # the point (1, 1), which Aᵀ · A adds to the whole tile
            Y = _transform(A_T, M.reshape(6, 6, *d.shape[2:5], n_C)).transpose(2, 3, 0, 4, 1, 5)
            z = Z[n, 4 * t.start : 4 * t.stop]
            if n_H % 4 == 0 and n_W % 4 == 0:
                z.reshape(Y.shape)[...] = Y
            else:  # the last tiles are larger than what is left
                z[...] = Y.reshape(len(z), -1, 4 * wide, n_C)[:, : z.shape[1], :n_W]
            finite = finite and _finite(z)
        return finite

    return all(in_slices(work, m, 36 * X.size))


def _winograd_filters(dZ: FloatArray, X: FloatArray, pad: int) -> tuple[FloatArray, FloatArray]:
    """Return dW = Gᵀ [Σ (Bᵀ d B) ⊙ (A dZ Aᵀ)] G, by the same transformations, and db."""
    m, n_H, n_W, n_C = dZ.shape
    n_C_prev = X.shape[3]
    high, wide = -(-n_H // 4), -(-n_W // 4)
    row_bytes = 36 * wide * max(n_C_prev, n_C) * dZ.itemsize

    def work(examples: slice) -> tuple[FloatArray, FloatArray]:
        dU = np.zeros((36, n_C_prev, n_C), dZ.dtype)
        db = np.zeros(n_C, dZ.dtype)
        for n, t in _blocks(examples, high, row_bytes):
            V = _transform(B_T, _tiles(X[n], t, pad, 6, wide)).reshape(36, -1, n_C_prev)
            M = _transform(A_T.T, _tiles(dZ[n], t, 0, 4, wide)).reshape(36, -1, n_C)
            dU += np.matmul(V.swapaxes(1, 2), M, out=scratch.take(dU.shape, dU.dtype))
            db += dZ[n, 4 * t.start : 4 * t.stop].sum(axis=(0, 1, 2))
        return dU, db

    dUs, dbs = zip(*in_slices(work, m, 36 * X.size), strict=True)
    scratch.clear()
    dW = _transform(G.T, np.sum(dUs, axis=0).reshape(6, 6, n_C_prev, n_C)).copy()
    return dW, np.sum(dbs, axis=0).reshape(1, 1, 1, n_C)


def _winograd_backward(
    dZ: FloatArray, A_prev: FloatArray, W: FloatArray, pad: int
) -> tuple[FloatArray, FloatArray, FloatArray] | None:
    """Return dA_prev, dW and db, or None if they are not finite.

    dA_prev is the convolution of dZ by the filters turned by half a circle.
    """
    dW, db = _winograd_filters(dZ, A_prev, pad)
    turned = W[::-1, ::-1].swapaxes(2, 3)
    no_bias = np.zeros(A_prev.shape[3], W.dtype)
    dA_prev = np.empty(A_prev.shape, A_prev.dtype)
    if _finite(dW) and _winograd(dZ, turned, no_bias, 2 - pad, dA_prev):
        return dA_prev, dW, db
    return None


# ---- 5. Pooling --------------------------------------------------------------------------------


def _entries(X: FloatArray, axis: int, f: int, stride: int) -> list[FloatArray]:
    """View, for k = 0 … f - 1, the k-th entries of all windows along an axis."""
    last = (X.shape[axis] - f) // stride * stride
    before = (slice(None),) * axis
    return [X[(*before, slice(k, k + last + 1, stride))] for k in range(f)]


def _fold(
    op: np.ufunc, X: FloatArray, axis: int, f: int, stride: int, out: FloatArray | None = None
) -> FloatArray:
    """Reduce all windows along an axis by np.maximum or np.add, one long operation per entry."""
    first, *others = _entries(X, axis, f, stride)
    if out is None:
        out = scratch.take(first.shape, X.dtype)
    if not others:
        out[...] = first
    for entry in others:
        first = op(first, entry, out=out)
    return out


def _receivers(
    X: FloatArray, top: FloatArray, axis: int, f: int, stride: int, ties: Ties
) -> Iterator[Mask]:
    """Yield, for k = 0 … f - 1, the windows whose k-th entry is their maximum, found in ``top``."""
    entries = _entries(X, axis, f, stride)
    nans: list[Mask] = []
    if np.isnan(top.max(initial=0)):  # NaN counts as the maximum, but does not equal itself
        nans = [np.isnan(entry) for entry in entries]
        if ties == "first":  # of several NaN the last, as in PyTorch
            later = np.zeros(top.shape, bool)
            for k in reversed(range(f)):
                nans[k], later = nans[k] & ~later, nans[k] | later
    taken = np.zeros(top.shape, bool) if ties == "first" else None
    mask = scratch.take(top.shape, np.bool_)
    for k, entry in enumerate(entries):
        np.equal(entry, top, out=mask)
        if taken is not None:
            mask &= ~taken
            taken |= mask
        if nans:
            mask |= nans[k]
        yield mask


def _keep(mask: Mask, X: FloatArray, out: FloatArray) -> None:
    """Write X where the mask is True and 0 elsewhere.

    The mask multiplies the bits, taken for integers: infinities times 0 would be NaN, and
    np.where takes ten times as long.
    """
    if X.itemsize > 8:  # np.longdouble, wider than any integer
        out[...] = np.where(mask, X, X.dtype.type(0))
    else:
        integer = np.int32 if X.itemsize == 4 else np.int64
        np.multiply(mask, X.view(integer), out=out.view(integer))


def _spread(
    dtop: FloatArray,
    dX: FloatArray,
    axis: int,
    f: int,
    stride: int,
    masks: Iterable[Mask | None] = repeat(None),
) -> None:
    """Write each gradient to the entries of its window, or to those a mask marks.

    The first ``stride`` entries of the windows do not overlap and are written, others are added.
    """
    unwritten = (slice(None),) * axis
    if f >= stride:
        unwritten = (*unwritten, slice(stride * dtop.shape[axis], None))
    dX[unwritten] = 0
    pairs = zip(masks, _entries(dX, axis, f, stride), strict=False)
    for k, (mask, entry) in enumerate(pairs):
        if mask is None:
            piece = dtop
        else:
            piece = entry if k < stride else scratch.take(dtop.shape, dtop.dtype)
            _keep(mask, dtop, out=piece)
        if k >= stride:
            entry += piece
        elif mask is None:
            entry[...] = piece


# ---- 6. The layers -----------------------------------------------------------------------------


def conv_forward(
    A_prev: Array, W: Array, b: Array, hparameters: Mapping[str, int]
) -> tuple[FloatArray, ConvCache]:
    """Slide each filter over each example and stack the maps they give.

    Parameters
    ----------
    A_prev
        Input volume of shape (m, n_H_prev, n_W_prev, n_C_prev). The batch may be empty.
    W
        Filters, of shape (f, f, n_C_prev, n_C).
    b
        Biases, of shape (1, 1, 1, n_C).
    hparameters
        Dict with the ints "stride", at least 1, and "pad", at least 0.

    Returns
    -------
    Z
        Output volume of shape (m, n_H, n_W, n_C), of the dtype that A_prev, W and b promote to.
    cache
        The tuple (A_prev, W, b, hparameters) for `conv_backward`. The arrays in it are the
        caller's own unless a dtype had to be converted: changing them before the backward pass
        changes the gradients. The dict is a copy.

    Raises
    ------
    TypeError
        If an array does not hold real numbers or a hyperparameter is not an int.
    ValueError
        If shapes do not match, a hyperparameter is missing, unknown or too small, or the filter
        is larger than the padded input.

    Notes
    -----
    The output size is ⌊(n_prev - f + 2·pad) / stride⌋ + 1 along each axis [1]_. Rows and columns
    at the end that no window reaches are dropped. Takes m·n_H·n_W·n_C·f·f·n_C_prev
    multiplications as one matrix product [2]_, in blocks of windows: beside the result, some
    megabytes for each core, whatever the batch. 3 × 3 filters with stride 1, pad up to 2 and 16
    channels or more take a quarter of the multiplications by Winograd's algorithm [3]_; in
    float32 the error is then about 1e-5 of the largest value of Z, against 1e-6. A batch with
    NaN or infinities goes the first way, so that they stay where they belong. float16 is
    computed in float32, through copies.

    References
    ----------
    .. [1] V. Dumoulin and F. Visin (2016), arXiv:1603.07285, relationship 6.
    .. [2] K. Chellapilla, S. Puri and P. Simard (2006), High performance convolutional neural
       networks for document processing, IWFHR.
    .. [3] A. Lavin and S. Gray (2016), arXiv:1509.09308.

    Examples
    --------
    >>> A_prev = np.ones((1, 4, 4, 1))
    >>> W, b = np.ones((2, 2, 1, 1)), np.zeros((1, 1, 1, 1))
    >>> Z, cache = conv_forward(A_prev, W, b, {"stride": 2, "pad": 0})
    >>> Z[0, :, :, 0]
    array([[4., 4.],
           [4., 4.]])
    """
    cache = A_prev, W, b, hparameters = check_conv_forward(A_prev, W, b, hparameters)
    if A_prev.dtype == np.float16:  # no processor multiplies it
        A_prev, W, b = (x.astype(np.float32) for x in (A_prev, W, b))
        Z, _ = conv_forward(A_prev, W, b, hparameters)
        return Z.astype(np.float16), cache
    f, stride, pad = len(W), hparameters["stride"], hparameters["pad"]
    n_H, n_W = (output_size(n, f, stride, pad) for n in A_prev.shape[1:3])
    Z = np.empty((len(A_prev), n_H, n_W, W.shape[3]), A_prev.dtype)
    if _winograd_pays(W, hparameters, n_H, n_W) and _winograd(A_prev, W, b, pad, Z):
        pass
    elif _is_pixelwise(W, hparameters):
        _pixels_forward(A_prev, W, b, Z)
    else:
        _product_forward(A_prev, W, b, hparameters, Z)
    return Z, cache


def conv_backward(dZ: Array, cache: ConvCache) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Carry the gradient of a convolution back to its input, filters and biases.

    Parameters
    ----------
    dZ
        Gradient of the cost with respect to Z, of shape (m, n_H, n_W, n_C).
    cache
        What `conv_forward` returned beside Z.

    Returns
    -------
    dA_prev
        Gradient with respect to A_prev, of its shape. Zero where no window reached.
    dW
        Gradient with respect to W, of shape (f, f, n_C_prev, n_C), summed over the batch.
    db
        Gradient with respect to b, of shape (1, 1, 1, n_C), summed over the batch. All three
        have the dtype that dZ and the arrays in the cache promote to.

    Raises
    ------
    TypeError
        If dZ is not an array of real numbers or cache not a tuple.
    ValueError
        If the cache is not that of a convolution, or dZ does not have the shape of its Z.

    Notes
    -----
    Takes twice the multiplications of the forward pass as two matrix products, with the
    transposed windows and with the transposed filters [1]_, in the same blocks and with as
    little memory. Where Winograd's algorithm pays, both gradients take it too [2]_: see
    `conv_forward` for its accuracy. The order of summation over the batch, and with it the last
    digits of dW and db, depend on the number of cores; a few thousand multiplications are summed
    in the order of the loops.

    References
    ----------
    .. [1] K. Chellapilla, S. Puri and P. Simard (2006), High performance convolutional neural
       networks for document processing, IWFHR.
    .. [2] A. Lavin and S. Gray (2016), arXiv:1509.09308.

    Examples
    --------
    >>> A_prev = np.ones((1, 3, 3, 1))
    >>> W, b = np.ones((2, 2, 1, 1)), np.zeros((1, 1, 1, 1))
    >>> Z, cache = conv_forward(A_prev, W, b, {"stride": 1, "pad": 0})
    >>> dA_prev, dW, db = conv_backward(np.ones(Z.shape), cache)
    >>> dA_prev[0, :, :, 0]
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
    """
    dZ, (A_prev, W, b, hparameters) = check_conv_backward(dZ, cache)
    if dZ.dtype == np.float16:
        dZ, A_prev, W, b = (x.astype(np.float32) for x in (dZ, A_prev, W, b))
        dA_prev, dW, db = conv_backward(dZ, (A_prev, W, b, hparameters))
        return dA_prev.astype(np.float16), dW.astype(np.float16), db.astype(np.float16)
    gradients = None
    if _winograd_pays(W, hparameters, *dZ.shape[1:3]):
        gradients = _winograd_backward(dZ, A_prev, W, hparameters["pad"])
    elif _is_pixelwise(W, hparameters):
        gradients = _pixels_backward(dZ, A_prev, W)
    return gradients or _product_backward(dZ, A_prev, W, b, hparameters)


def pool_forward(
    A_prev: Array, hparameters: Mapping[str, int], mode: Mode = "max"
) -> tuple[FloatArray, PoolCache]:
    """Summarize each window of each channel by its maximum or its mean.

    Parameters
    ----------
    A_prev
        Input volume of shape (m, n_H_prev, n_W_prev, n_C). The batch may be empty.
    hparameters
        Dict with the ints "f", the size of the window, and "stride", both at least 1.
    mode
        "max" or "average".

    Returns
    -------
    A
        Output volume of shape (m, n_H, n_W, n_C), dtype of A_prev. The maximum of a window that
        holds NaN is NaN.
    cache
        The tuple (A_prev, hparameters) for `pool_backward`. The array in it is the caller's own
        unless its dtype had to be converted; the dict is a copy.

    Raises
    ------
    TypeError
        If A_prev is not an array of real numbers, a hyperparameter not an int, mode not a str.
    ValueError
        If A_prev does not have four axes, a hyperparameter is missing, unknown or too small,
        the window is larger than the input, or mode is neither word.

    Notes
    -----
    There is no padding: the output size is ⌊(n_prev - f) / stride⌋ + 1 along each axis [1]_. Rows
    and columns at the end that no window reaches are dropped. A window is reduced along its
    columns and then along its rows, which takes about m·n_H·n_C·(n_W_prev + n_W)·f steps; beside
    the result, some megabytes for each core, whatever the batch. float16 is computed in
    float32, through copies. Average pooling is the sub-sampling of [2]_ without its weights.

    References
    ----------
    .. [1] V. Dumoulin and F. Visin (2016), arXiv:1603.07285, relationship 7.
    .. [2] Y. LeCun, L. Bottou, Y. Bengio and P. Haffner (1998), doi:10.1109/5.726791,
       section II.A.

    Examples
    --------
    >>> A_prev = np.array([[1.0, 3.0], [4.0, 2.0]]).reshape(1, 2, 2, 1)
    >>> A, cache = pool_forward(A_prev, {"f": 2, "stride": 1}, mode="average")
    >>> A
    array([[[[2.5]]]])
    """
    cache = A_prev, hparameters = check_pool_forward(A_prev, hparameters, mode)
    if A_prev.dtype == np.float16:  # sums would overflow
        A, _ = pool_forward(A_prev.astype(np.float32), hparameters, mode)
        return A.astype(np.float16), cache
    f, stride = hparameters["f"], hparameters["stride"]
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    n_H, n_W = output_size(n_H_prev, f, stride), output_size(n_W_prev, f, stride)
    A = np.empty((m, n_H, n_W, n_C), A_prev.dtype)
    op = np.maximum if mode == "max" else np.add

    def work(examples: slice) -> None:
        for n, h in _blocks(examples, n_H, stride * n_W_prev * n_C * A.itemsize):
            x = A_prev[n, h.start * stride : (h.stop - 1) * stride + f]
            a = _fold(op, _fold(op, x, 1, f, stride), 2, f, stride, out=A[n, h])
            if mode == "average":
                a *= a.dtype.type(1 / f**2)

    in_slices(work, m, A_prev.size)
    return A, cache


def pool_backward(
    dA: Array, cache: PoolCache, mode: Mode = "max", ties: Ties = "all"
) -> FloatArray:
    """Carry the gradient of a pooling layer back to its input.

    Parameters
    ----------
    dA
        Gradient of the cost with respect to A, of shape (m, n_H, n_W, n_C).
    cache
        What `pool_forward` returned beside A.
    mode
        "max" or "average", as in the forward pass.
    ties
        Which of several equal maxima of a window receives its gradient: "all", each of them the
        whole, or "first", PyTorch's choice of one. See `create_mask_from_window`, also for NaN.

    Returns
    -------
    dA_prev
        Gradient with respect to A_prev, of its shape, of the dtype that dA and A_prev promote
        to. Windows that overlap add up; entries that no window reached are zero.

    Raises
    ------
    TypeError
        If dA is not an array of real numbers, cache not a tuple, mode or ties not a str.
    ValueError
        If the cache is not that of a pooling layer, dA does not have the shape of its A, or mode
        or ties is neither of its words.

    Notes
    -----
    The maximum depends on one entry of its window, which receives the whole gradient; the mean
    depends on all alike [1]_. At a tie the maximum has no derivative, and either choice is a
    convention. The maxima are found again, along one axis and then along the other, and the
    gradient goes back the same way: about m·n_H·n_C·(n_W_prev + n_W)·f steps; beside the result,
    some megabytes for each core, whatever the batch. float16 is computed in float32, through
    copies.

    References
    ----------
    .. [1] I. Goodfellow, Y. Bengio and A. Courville (2016), Deep Learning, section 9.3.

    Examples
    --------
    >>> A_prev = np.array([[1.0, 3.0], [4.0, 2.0]]).reshape(1, 2, 2, 1)
    >>> A, cache = pool_forward(A_prev, {"f": 2, "stride": 1})
    >>> pool_backward(np.full(A.shape, 5.0), cache)[0, :, :, 0]
    array([[0., 0.],
           [5., 0.]])
    """
    dA, (A_prev, hparameters) = check_pool_backward(dA, cache, mode, ties)
    if dA.dtype == np.float16:
        cache = A_prev.astype(np.float32), hparameters
        return pool_backward(dA.astype(np.float32), cache, mode, ties).astype(np.float16)
    f, stride = hparameters["f"], hparameters["stride"]
    m, n_H, _, n_C = dA.shape
    n_H_prev, n_W_prev = A_prev.shape[1:3]
    dA_prev = np.empty(A_prev.shape, dA.dtype)
    # Rows first is faster, as they are contiguous. But the first maximum in row-major order is
    # in the first row that has one, which only folding the columns first tells.
    axis, other = (2, 1) if mode == "max" and ties == "first" else (1, 2)

    def work(examples: slice) -> None:
        for n, h in _blocks(examples, n_H, 2 * n_W_prev * n_C * dA.itemsize):
            rows = slice(h.start * stride, _new_rows(h, n_H, n_H_prev, f, stride).stop)
            x, dx, da = A_prev[n, rows], dA_prev[n, rows], dA[n, h]
            shared = dx[:, : max(0, f - stride) if h.start > 0 else 0]
            earlier = shared.copy()  # what the block above added to rows that both reach
            if mode == "max":
                top = _fold(np.maximum, x, axis, f, stride)
                highest = _fold(np.maximum, top, other, f, stride)
                dtop = scratch.take(top.shape, dA.dtype)
                _spread(
                    da, dtop, other, f, stride, _receivers(top, highest, other, f, stride, ties)
                )
                _spread(dtop, dx, axis, f, stride, _receivers(x, top, axis, f, stride, ties))
            else:
                share = scratch.take(da.shape, dA.dtype)
                np.multiply(da, dA.dtype.type(1 / f**2), out=share)
                dtop = scratch.take((*da.shape[:2], n_W_prev, n_C), dA.dtype)
                _spread(share, dtop, other, f, stride)
                _spread(dtop, dx, axis, f, stride)
            shared += earlier

    in_slices(work, m, A_prev.size)
    return dA_prev
