"""What all fast layers do with memory: walk over a batch in blocks that stay in a core's cache.

From one step to the next, copy, multiply, add, a block is found where the step before left it.
Temporaries never grow with the batch, and their memory is kept from block to block.
"""

import threading
from collections.abc import Iterator
from functools import cache
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnlayers._types import FloatArray
from cnnlayers._workers import find_blas, stop_if_abandoned

# Bytes of temporaries: few enough for a core's second-level cache or nearly so, but enough that
# threads seldom wait for the interpreter's lock between two calls of NumPy.
BLOCK = 1 << 21


def block_size(count: int, bytes_each: int) -> int:
    """Tell how many of ``count`` to take at a time: as many as fit a block, or evenly fewer."""
    fit = max(1, BLOCK // bytes_each)
    return -(-count // -(-count // fit))


def blocks(whole: slice, bytes_each: int) -> Iterator[slice]:
    """Cut a slice of the examples, or of their rows, into blocks."""
    if whole.start == whole.stop:
        return
    count = block_size(whole.stop - whole.start, bytes_each)
    for start in range(whole.start, whole.stop, count):
        stop_if_abandoned()
        yield slice(start, min(start + count, whole.stop))


def row_blocks(rows: slice, n_H: int, row_bytes: int) -> Iterator[tuple[slice, slice]]:
    """Cut rows of a batch, n_H for each example, into blocks of whole examples or rows of one."""
    row = rows.start
    while row < rows.stop:
        stop_if_abandoned()
        n, h = divmod(row, n_H)
        examples = min(BLOCK // (n_H * row_bytes), (rows.stop - row) // n_H) if h == 0 else 0
        if examples > 0:
            yield slice(n, n + examples), slice(0, n_H)
            row += examples * n_H
        else:
            count = min(block_size(n_H, row_bytes), n_H - h, rows.stop - row)
            yield slice(n, n + 1), slice(h, h + count)
            row += count


SCRATCH_LIMIT = 16 << 20  # bytes: what is larger is given back after use

_kept = threading.local()


def scratch(name: str, shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
    """Return this thread's temporary array of that name, of undefined content.

    The memory is kept from block to block and from call to call: fresh memory costs a page fault
    every 4 kB, more than what the layers then do with it. It starts on a 64-byte boundary, where
    vector instructions load fastest.
    """
    dtype = np.dtype(dtype)
    size = prod(shape) * dtype.itemsize
    if size > SCRATCH_LIMIT:
        return np.empty(shape, dtype)
    buffer = vars(_kept).get(name)
    if buffer is None or buffer.size < size:
        raw = np.empty(size + 64, np.uint8)
        buffer = vars(_kept)[name] = raw[-raw.ctypes.data % 64 :]
    return np.ndarray(shape, dtype, buffer.data)


def padded(name: str, X: FloatArray, pad: int, rows: slice, n_W: int) -> FloatArray:
    """Copy these rows of X, as they are within pad rows and columns of zeros, n_W columns wide."""
    copy = scratch(name, (len(X), rows.stop - rows.start, n_W, X.shape[3]), X.dtype)
    copy[...] = 0
    top = max(rows.start - pad, 0)
    bottom = max(min(rows.stop - pad, X.shape[1]), top)
    down = pad - rows.start
    copy[:, top + down : bottom + down, pad : pad + X.shape[2]] = X[:, top:bottom]
    return copy


def all_finite(X: FloatArray) -> bool:
    """Tell whether X is free of NaN and infinities, without a temporary of its size."""
    return bool(np.isfinite(X.max(initial=0)) and np.isfinite(X.min(initial=0)))


@cache
def small_product() -> int:
    """Tell up to how many multiplications BLAS has faster code for a product, which packs nothing.

    OpenBLAS has it for processors with AVX-512. Elsewhere small products are slower than large.
    """
    fast = {"SkylakeX", "Cooperlake", "SapphireRapids"}
    names = {getattr(library, "architecture", "") for library in find_blas() or ()}
    return 10**6 if names & fast else 0


def multiply(X: FloatArray, Y: FloatArray, out: FloatArray) -> None:
    """Multiply tall matrices X by matrices Y, each as a stack of small products if they pay."""
    height = small_product() // (Y.shape[-2] * Y.shape[-1]) // 8 * 8
    stacked = X.shape[-2] // height * height if height > 0 else 0
    if stacked > 0:
        stack, outs = (
            A[..., :stacked, :].reshape(*A.shape[:-2], -1, height, A.shape[-1]) for A in (X, out)
        )
        np.matmul(stack, Y[..., np.newaxis, :, :], out=outs)
    np.matmul(X[..., stacked:, :], Y, out=out[..., stacked:, :])
