"""The layers in NumPy, as fast as it goes: what the top level exports.

Same functions, arguments and results as `cnnlayers.loops`. Read from top to bottom:

1. Blocks. A batch is worked on in blocks that stay in the processor's cache from one step to
   the next. Temporaries therefore never grow with the batch.
2. Convolution as a matrix product, one row for each window (im2col).
3. Winograd's convolution by 3 × 3 filters: a quarter of the multiplications.
4. Pooling along one axis of the windows, then along the other.
5. The layers themselves, which choose among these by shape.

Slices of the batch go to the cores of the machine by `in_slices`, and each core keeps its
temporaries in ``scratch`` memory from block to block: see `cnnlayers._workers`.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import repeat
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from cnnlayers._checks import (
    check_conv_backward,
    check_conv_forward,
    check_pool_backward,
    check_pool_forward,
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
    Ties,
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


def _blocks(whole: slice, bytes_each: int) -> Iterator[slice]:
    """Cut a slice of the examples, or of their rows, into as many at a time as fit a block."""
    count = max(1, BLOCK // bytes_each)
    for start in range(whole.start, whole.stop, count):
        yield slice(start, min(start + count, whole.stop))


def _padded(name: str, X: FloatArray, pad: int, n_H: int, n_W: int) -> FloatArray:
    """Copy X into n_H × n_W zeros, pad rows and columns from their start."""
    padded = scratch(name, (len(X), n_H, n_W, X.shape[3]), X.dtype)
    padded[...] = 0
    _crop(padded, pad, X)[...] = X
    return padded


def _crop(padded: FloatArray, pad: int, X: FloatArray) -> FloatArray:
    """View what lies within the padding: as many rows and columns as X has."""
    return padded[:, pad : pad + X.shape[1], pad : pad + X.shape[2]]


def _sum_rows(X: FloatArray) -> FloatArray:
    """Add the rows of a tall matrix as a product: np.sum would take one step for each."""
    return np.ones(len(X), X.dtype) @ X


def _sum_parts(parts: list[tuple[FloatArray, FloatArray]]) -> tuple[FloatArray, FloatArray]:
    """Add what the slices of a batch give to the gradients of filters and biases."""
    dfilters, dbiases = zip(*parts, strict=True)
    return np.sum(dfilters, axis=0), np.sum(dbiases, axis=0)


def _finite(X: FloatArray) -> bool:
    """Tell whether X is free of NaN and infinities, without a temporary of its size."""
    return bool(np.isfinite(X.max()) and np.isfinite(X.min()))


# OpenBLAS for AVX-512 has fast code for products of up to this many multiplications: no packing.
SMALL = 10**6


def _product(X: FloatArray, Y: FloatArray, out: FloatArray) -> None:
    """Multiply tall matrices X by matrices Y, each as a stack of small products if Y is small."""
    height = SMALL // (Y.shape[-2] * Y.shape[-1]) // 8 * 8
    stacked = X.shape[-2] // height * height if height >= 32 else 0
    if stacked > 0:
        stack, outs = (
            A[..., :stacked, :].reshape(*A.shape[:-2], -1, height, A.shape[-1]) for A in (X, out)
        )
        np.matmul(stack, Y[..., np.newaxis, :, :], out=outs)
    np.matmul(X[..., stacked:, :], Y, out=out[..., stacked:, :])


# ---- 2. Convolution as a matrix product --------------------------------------------------------

# Multiplications up to which a convolution is summed in the order of the loops. BLAS sums in
# an order of its own, which depends on the processor, and for so few it is hardly faster.
LITTLE = 1 << 14


class _Windows:
    """The windows of a convolution as the rows of a matrix, to be multiplied by the filters.

    Few filters make a narrow matrix, which BLAS multiplies slowly. Then one wider window holds
    what a group of neighboring outputs see, and there is a copy of the filters for each of them,
    shifted by the stride, with zeros around: less to copy for more to multiply. But zero times
    infinity is NaN, so ``factor``, which is to be multiplied with the filters, must be finite.
    """

    def __init__(
        self, A_prev: FloatArray, W: FloatArray, hparameters: dict[str, int], factor: FloatArray
    ) -> None:
        self.f, _, n_C_prev, n_C = W.shape
        self.stride, self.pad = hparameters["stride"], hparameters["pad"]
        self.padded = tuple(n + 2 * self.pad for n in A_prev.shape[1:3])
        self.n_H, n_W = (output_size(n, self.f, self.stride) for n in self.padded)
        self.little = len(A_prev) * self.n_H * n_W * W.size <= LITTLE
        # A group gives 48 numbers at most, and sees no window over 3·f wide.
        most = min(n_W, 48 // n_C, 2 * (self.f - 1) // self.stride + 1)
        group = max((k for k in range(2, most + 1) if n_W % k == 0), default=1)
        self.group = group if group > 1 and not self.little and _finite(factor) else 1
        self.n_W = n_W // self.group
        self.width = (self.group - 1) * self.stride + self.f
        self.wide_shape = self.f, self.width, n_C_prev, self.group, n_C
        wide = np.zeros(self.wide_shape, W.dtype)
        for copy in self.copies(wide):
            copy[...] = W
        self.filters = wide.reshape(-1, self.group * n_C)
        self.row_bytes = self.n_W * len(self.filters) * W.itemsize
        self.elements = len(A_prev) * self.n_H * self.n_W * len(self.filters)

    def copies(self, wide: FloatArray) -> list[FloatArray]:
        """View each copy of the filters within the wide filters."""
        starts = range(0, self.group * self.stride, self.stride)
        return [wide[:, x : x + self.f, :, j] for j, x in enumerate(starts)]

    def pad_examples(self, X: FloatArray) -> FloatArray:
        """Add the border of zeros, if there is one."""
        if self.pad == 0 and X.flags.c_contiguous:
            return X
        return _padded("X", X, self.pad, *self.padded)

    def view(self, X: FloatArray, h: slice) -> FloatArray:
        """View the windows of the output rows h: (m, n_H, n_W, f, width · n_C_prev)."""
        s_m, s_H, s_W, _ = X.strides
        return as_strided(
            X[:, h.start * self.stride :],
            (len(X), h.stop - h.start, self.n_W, self.f, self.width * X.shape[3]),
            # Not the last stride of X, which may be anything where there is one channel.
            (s_m, self.stride * s_H, self.group * self.stride * s_W, s_H, X.itemsize),
        )

    def gather(self, X: FloatArray, h: slice) -> FloatArray:
        """Copy the windows of the output rows h into a matrix, one a row (im2col)."""
        windows = self.view(X, h)
        if self.f == self.stride == 1:  # nothing overlaps: the input itself is the matrix
            return windows.reshape(-1, len(self.filters))
        columns = scratch("columns", windows.shape, X.dtype)
        # NumPy copies a few numbers in a row twice as fast if they are one opaque item.
        item = np.dtype((np.void, windows.shape[-1] * windows.itemsize))
        columns.view(item)[...] = windows.view(item)
        return columns.reshape(-1, len(self.filters))

    def scatter(self, columns: FloatArray, X: FloatArray, h: slice) -> None:
        """Add the rows of a matrix to the windows of the output rows h (col2im).

        Overlapping windows cannot be added at once. But every ``apart``-th is free of overlap:
        so f · apart long additions are enough, however many windows there are.
        """
        windows = self.view(X, h)
        pieces = columns.reshape(windows.shape)
        apart = -(-self.width // (self.group * self.stride))
        for j in range(min(apart, self.n_W)):
            for y in range(self.f):
                windows[:, :, j::apart, y] += pieces[:, :, j::apart, y]


def _product_forward(
    A_prev: FloatArray,
    W: FloatArray,
    b: FloatArray,
    hparameters: dict[str, int],
    Z: FloatArray,
) -> None:
    """Write the convolution into Z: windows times filters."""
    plan = _Windows(A_prev, W, hparameters, factor=A_prev)
    biases = np.tile(b.reshape(-1), plan.group * plan.n_W)  # those of a row of outputs

    def work(examples: slice) -> None:
        for n in _blocks(examples, plan.n_H * plan.row_bytes):
            X = plan.pad_examples(A_prev[n])
            for h in _blocks(slice(0, plan.n_H), len(X) * plan.row_bytes):
                columns = plan.gather(X, h)
                z = Z[n, h].reshape(len(columns), -1)
                if plan.little:
                    filters = np.ascontiguousarray(plan.filters.T)
                    np.sum(columns[:, np.newaxis] * filters, axis=2, out=z)
                else:
                    _product(columns, plan.filters, out=z)
                z = Z[n, h].reshape(-1, biases.size)
                z += biases

    in_slices(work, len(Z), plan.elements)


def _product_backward(
    dZ: FloatArray, A_prev: FloatArray, W: FloatArray, hparameters: dict[str, int]
) -> ConvGradients:
    """Return dA_prev, dW and db: for a product Z = X·F they follow from dZ·Fᵀ and Xᵀ·dZ."""
    plan = _Windows(A_prev, W, hparameters, factor=dZ)
    dA_prev = np.empty(A_prev.shape, A_prev.dtype)

    def work(examples: slice) -> tuple[FloatArray, FloatArray]:
        dfilters = np.zeros_like(plan.filters)
        dbiases = np.zeros(plan.filters.shape[1], dZ.dtype)
        for n in _blocks(examples, plan.n_H * plan.row_bytes):
            X = plan.pad_examples(A_prev[n])
            dX = scratch("dX", X.shape, X.dtype) if plan.pad > 0 else dA_prev[n]
            dX[...] = 0
            for h in _blocks(slice(0, plan.n_H), len(X) * plan.row_bytes):
                columns = plan.gather(X, h)
                dz = dZ[n, h].reshape(len(columns), -1)
                if plan.little:
                    dfilters += np.sum(columns[:, :, np.newaxis] * dz[:, np.newaxis], axis=0)
                    dbiases += dz.sum(axis=0)
                    dcolumns = np.sum(dz[:, :, np.newaxis] * plan.filters.T, axis=1)
                else:
                    dfilters += columns.T @ dz
                    dbiases += _sum_rows(dz)
                    dcolumns = scratch("columns", columns.shape, dz.dtype)  # they are used up
                    np.matmul(dz, plan.filters.T, out=dcolumns)
                plan.scatter(dcolumns, dX, h)
            if plan.pad > 0:
                dA_prev[n] = _crop(dX, plan.pad, A_prev)
        return dfilters, dbiases

    dfilters, dbiases = _sum_parts(in_slices(work, len(dZ), plan.elements))
    dW = np.sum(plan.copies(dfilters.reshape(plan.wide_shape)), axis=0)
    return dA_prev, dW, dbiases.reshape(plan.group, -1).sum(axis=0).reshape(1, 1, 1, -1)


# ---- 3. Winograd's convolution -----------------------------------------------------------------

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


def _winograd_pays(W: FloatArray, hparameters: dict[str, int], n_H: int, n_W: int) -> bool:
    """Tell whether Winograd's convolution is possible, and less work with its transformations."""
    possible = len(W) == 3 and hparameters["stride"] == 1 and hparameters["pad"] <= 2
    exact = W.dtype.itemsize <= 8  # np.longdouble holds more than the fractions of G
    return possible and exact and min(W.shape[2:]) >= 16 and min(n_H, n_W) >= 6


def _transform(name: str, M: NDArray[Any], tiles: FloatArray) -> FloatArray:
    """Return M · tile · Mᵀ for tiles of shape (side, side, number, channels)."""
    new_side, side = M.shape
    factor = M.astype(tiles.dtype)
    half = scratch("half", (new_side, side, tiles[0, 0].size), tiles.dtype)
    np.matmul(factor, tiles.reshape(side, -1), out=half.reshape(new_side, -1))
    whole = scratch(name, (new_side, new_side, *tiles.shape[2:]), tiles.dtype)
    np.matmul(factor, half, out=whole.reshape(new_side, new_side, -1))
    return whole


def _count_tiles(X: FloatArray, Z: FloatArray) -> tuple[int, int, int]:
    """Tell how many tiles cover the outputs down and across, and the bytes of a row of them."""
    high, wide = (-(-n // 4) for n in Z.shape[1:3])
    return high, wide, 36 * wide * max(X.shape[3], Z.shape[3]) * Z.itemsize


def _tiles(X: FloatArray, t: slice, side: int, wide: int) -> FloatArray:
    """Copy the rows t of tiles, side × side, of which a new one begins every 4 pixels."""
    s_m, s_H, s_W, s_C = X.strides
    tiles = scratch("tiles", (side, side, len(X), t.stop - t.start, wide, X.shape[3]), X.dtype)
    strides = s_H, s_W, s_m, 4 * s_H, 4 * s_W, s_C
    tiles[...] = as_strided(X[:, 4 * t.start :], tiles.shape, strides)
    return tiles.reshape(side, side, -1, X.shape[3])


def _winograd(X: FloatArray, W: FloatArray, b: FloatArray, pad: int, Z: FloatArray) -> bool:
    """Write the convolution into Z, and tell whether all of it is finite.

    NaN, infinities and overflow spread over their tile, so Z is right only if finite.
    """
    m, n_H, n_W, n_C = Z.shape
    high, wide, row_bytes = _count_tiles(X, Z)
    U = _transform("U", G, W)

    def work(examples: slice) -> bool:
        finite = True
        for n in _blocks(examples, high * row_bytes):
            padded = _padded("X", X[n], pad, 4 * high + 2, 4 * wide + 2)
            for t in _blocks(slice(0, high), len(padded) * row_bytes):
                V = _transform("V", B_T, _tiles(padded, t, 6, wide))
                M = scratch("M", (6, 6, V.shape[2], n_C), V.dtype)
                _product(V, U, out=M)
                M[1, 1] += b.reshape(-1)  # the one point of M that Aᵀ · A adds to the whole tile
                Y = _transform("Y", A_T, M).reshape(4, 4, len(padded), -1, wide, n_C)
                Y = Y.transpose(2, 3, 0, 4, 1, 5)
                z = Z[n, 4 * t.start : 4 * t.stop]
                if n_H % 4 == n_W % 4 == 0:
                    z.reshape(Y.shape)[...] = Y
                else:  # the last tiles are larger than what is left
                    z[...] = Y.reshape(len(z), -1, 4 * wide, n_C)[:, : z.shape[1], :n_W]
                finite = finite and _finite(z)
        return finite

    return all(in_slices(work, m, 36 * X.size))


def _winograd_filters(dZ: FloatArray, X: FloatArray, pad: int) -> tuple[FloatArray, FloatArray]:
    """Return dW = Gᵀ [Σ (Bᵀ d B) ⊙ (A dZ Aᵀ)] G, by the same transformations, and db."""
    m, n_C_prev, n_C = len(X), X.shape[3], dZ.shape[3]
    high, wide, row_bytes = _count_tiles(X, dZ)

    def work(examples: slice) -> tuple[FloatArray, FloatArray]:
        dU, db = np.zeros((6, 6, n_C_prev, n_C), dZ.dtype), np.zeros(n_C, dZ.dtype)
        for n in _blocks(examples, high * row_bytes):
            padded = _padded("X", X[n], pad, 4 * high + 2, 4 * wide + 2)
            dpadded = _padded("dZ", dZ[n], 0, 4 * high, 4 * wide)
            for t in _blocks(slice(0, high), len(padded) * row_bytes):
                V = _transform("V", B_T, _tiles(padded, t, 6, wide))
                M = _transform("M", A_T.T, _tiles(dpadded, t, 4, wide))
                dU += np.matmul(V.swapaxes(2, 3), M, out=scratch("dU", dU.shape, dU.dtype))
            db += _sum_rows(dpadded.reshape(-1, n_C))
        return dU, db

    dU, db = _sum_parts(in_slices(work, m, 36 * X.size))
    return _transform("dW", G.T, dU).copy(), db.reshape(1, 1, 1, n_C)


def _winograd_backward(
    dZ: FloatArray, A_prev: FloatArray, W: FloatArray, pad: int
) -> ConvGradients | None:
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


# ---- 4. Pooling --------------------------------------------------------------------------------


def _entries(X: FloatArray, axis: int, f: int, stride: int) -> list[FloatArray]:
    """View, for k = 0 … f - 1, the k-th entries of all windows along an axis."""
    last = (X.shape[axis] - f) // stride * stride
    before = (slice(None),) * axis
    return [X[(*before, slice(k, k + last + 1, stride))] for k in range(f)]


def _fold(op: np.ufunc, entries: list[FloatArray], out: FloatArray) -> FloatArray:
    """Reduce all windows by np.maximum or np.add, one long operation for each entry."""
    first, *others = entries
    if not others:
        out[...] = first
    for entry in others:
        first = op(first, entry, out=out)
    return out


def _receivers(entries: list[FloatArray], top: FloatArray, ties: Ties) -> Iterator[Mask]:
    """Yield, for k = 0 … f - 1, the windows whose k-th entry is their maximum, given in ``top``."""
    if ties == "first":  # PyTorch's rule: an entry takes over from those before if larger or NaN
        best, masks = entries[0], [np.ones(top.shape, bool)]
        for entry in entries[1:]:
            takes_over = (entry > best) | np.isnan(entry)
            for mask in masks:
                mask &= ~takes_over
            masks.append(takes_over)
            best = np.maximum(best, entry)
        yield from masks
        return
    any_nan = np.isnan(top.max())  # NaN counts as the maximum, but does not equal itself
    mask = scratch("mask", top.shape, np.bool_)
    for entry in entries:
        np.equal(entry, top, out=mask)
        if any_nan:
            mask |= np.isnan(entry)
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
        piece = dtop
        if mask is not None:
            piece = entry if k < stride else scratch("piece", dtop.shape, dtop.dtype)
            _keep(mask, dtop, out=piece)
        if k >= stride:
            entry += piece
        elif mask is None:
            entry[...] = piece


# ---- 5. The layers -----------------------------------------------------------------------------


def _widened(*arrays: FloatArray) -> list[FloatArray]:
    """Take float16 to float32: no processor multiplies it, and sums would overflow."""
    return [x.astype(np.float32) if x.dtype == np.float16 else x for x in arrays]


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
    megabytes for each core, or a padded example if that is more, whatever the batch. 3 × 3
    filters with stride 1, pad up to 2 and 16 channels or more take a quarter of the
    multiplications by Winograd's algorithm [3]_; in float32 the error is then about 1e-5 of the
    largest value of Z, against 1e-6. A batch with NaN or infinities goes the first way, so that
    they stay where they belong. float16 is computed in float32, through copies.

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
    A_prev, W, b = _widened(A_prev, W, b)
    f, stride, pad = len(W), hparameters["stride"], hparameters["pad"]
    n_H, n_W = (output_size(n, f, stride, pad) for n in A_prev.shape[1:3])
    Z = np.empty((len(A_prev), n_H, n_W, W.shape[3]), A_prev.dtype)
    done = _winograd_pays(W, hparameters, n_H, n_W) and _winograd(A_prev, W, b, pad, Z)
    if not done:
        _product_forward(A_prev, W, b, hparameters, Z)
    return Z.astype(cache[0].dtype, copy=False), cache


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
    dZ, (A_prev, W, _, hparameters) = check_conv_backward(dZ, cache)
    dtype = dZ.dtype
    dZ, A_prev, W = _widened(dZ, A_prev, W)
    gradients = None
    if _winograd_pays(W, hparameters, *dZ.shape[1:3]):
        gradients = _winograd_backward(dZ, A_prev, W, hparameters["pad"])
    dA_prev, dW, db = gradients or _product_backward(dZ, A_prev, W, hparameters)
    dA_prev, dW, db = (x.astype(dtype, copy=False) for x in (dA_prev, dW, db))
    return dA_prev, dW, db


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
    (A_prev,) = _widened(A_prev)
    f, stride = hparameters["f"], hparameters["stride"]
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    n_H, n_W = output_size(n_H_prev, f, stride), output_size(n_W_prev, f, stride)
    A = np.empty((m, n_H, n_W, n_C), A_prev.dtype)
    op = np.maximum if mode == "max" else np.add
    row_bytes = stride * n_W_prev * n_C * A.itemsize

    def work(examples: slice) -> None:
        for n in _blocks(examples, n_H * row_bytes):
            for h in _blocks(slice(0, n_H), (n.stop - n.start) * row_bytes):
                x = A_prev[n, h.start * stride : (h.stop - 1) * stride + f]
                rows = _entries(x, 1, f, stride)
                top = _fold(op, rows, out=scratch("top", rows[0].shape, A.dtype))
                a = _fold(op, _entries(top, 2, f, stride), out=A[n, h])
                if mode == "average":
                    a *= a.dtype.type(1 / f**2)

    in_slices(work, m, A_prev.size)
    return A.astype(cache[0].dtype, copy=False), cache


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
    some megabytes for each core, or three times an example if that is more, whatever the batch.
    float16 is computed in float32, through copies.

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
    dtype = dA.dtype
    dA, A_prev = _widened(dA, A_prev)
    f, stride = hparameters["f"], hparameters["stride"]
    m, n_H, _, n_C = dA.shape
    n_W_prev = A_prev.shape[2]
    dA_prev = np.empty(A_prev.shape, dA.dtype)
    # Rows first is faster, as they are contiguous. But the first maximum in row-major order is
    # in the first row that has one, which only folding the columns first tells.
    axis, other = (2, 1) if mode == "max" and ties == "first" else (1, 2)

    def work(examples: slice) -> None:
        for n in _blocks(examples, 2 * n_H * n_W_prev * n_C * dA.itemsize):
            x, dx, da = A_prev[n], dA_prev[n], dA[n]
            entries = _entries(x, axis, f, stride)
            dtop = scratch("dtop", entries[0].shape, dA.dtype)
            if mode == "max":
                top = _fold(np.maximum, entries, out=scratch("top", dtop.shape, dA.dtype))
                tops = _entries(top, other, f, stride)
                highest = _fold(np.maximum, tops, out=scratch("highest", da.shape, dA.dtype))
                _spread(da, dtop, other, f, stride, _receivers(tops, highest, ties))
                _spread(dtop, dx, axis, f, stride, _receivers(entries, top, ties))
            else:
                _spread(da * dA.dtype.type(1 / f**2), dtop, other, f, stride)
                _spread(dtop, dx, axis, f, stride)

    in_slices(work, m, A_prev.size)
    return dA_prev.astype(dtype, copy=False)
