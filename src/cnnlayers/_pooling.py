"""Pooling along one axis of the windows, then along the other.

The maximum of a window is the largest of the maxima of its rows, and its sum likewise the sum of
their sums: 2·f steps instead of f·f. The gradient goes back the same way. All windows take a step
together: one long operation of NumPy for the k-th entries of all.
"""

from collections.abc import Iterator
from functools import partial

import numpy as np

from cnnlayers._blocks import blocks, row_blocks, scratch
from cnnlayers._checks import output_size
from cnnlayers._types import FloatArray, Mask, Mode, Ties
from cnnlayers._workers import in_slices


def forward(A_prev: FloatArray, f: int, stride: int, mode: Mode) -> FloatArray:
    """Return A."""
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    n_H, n_W = output_size(n_H_prev, f, stride), output_size(n_W_prev, f, stride)
    A = np.empty((m, n_H, n_W, n_C), A_prev.dtype)
    op = np.maximum if mode == "max" else np.add
    row_bytes = stride * n_W_prev * n_C * A.itemsize

    def work(rows: slice) -> None:
        for n, h in row_blocks(rows, n_H, row_bytes):
            X = A_prev[n, h.start * stride : (h.stop - 1) * stride + f]
            entries = _entries(X, 1, f, stride)
            folded = _fold(op, entries, out=scratch("folded", entries[0].shape, A.dtype))
            a = _fold(op, _entries(folded, 2, f, stride), out=A[n, h])
            if mode == "average":
                a *= a.dtype.type(1 / f**2)

    in_slices(work, m * n_H, A_prev.size)
    return A


def backward(
    dA: FloatArray, A_prev: FloatArray, f: int, stride: int, mode: Mode, ties: Ties
) -> FloatArray:
    """Return dA_prev."""
    m, n_H, _, n_C = dA.shape
    n_W_prev = A_prev.shape[2]
    dA_prev = np.empty(A_prev.shape, dA.dtype)
    # Rows first is faster, as they are contiguous. But the first maximum in row-major order is
    # in the first row that has one, which only folding the columns first tells.
    axis, other = (2, 1) if mode == "max" and ties == "first" else (1, 2)

    def work(examples: slice) -> None:
        for n in blocks(examples, 2 * n_H * n_W_prev * n_C * dA.itemsize):
            entries, da, dx = _entries(A_prev[n], axis, f, stride), dA[n], dA_prev[n]
            dfolded = scratch("dfolded", entries[0].shape, dA.dtype)
            if mode == "average":
                _share_out(da * dA.dtype.type(1 / f**2), dfolded, other, f, stride)
                _share_out(dfolded, dx, axis, f, stride)
            else:
                folded = scratch("folded", dfolded.shape, dA.dtype)
                _fold(np.maximum, entries, out=folded)
                maxima = scratch("maxima", da.shape, dA.dtype)
                folded_entries = _entries(folded, other, f, stride)
                _fold(np.maximum, folded_entries, out=maxima)
                # NaN is a maximum, but does not equal itself. It has come through to the maxima.
                receivers = partial(_receivers, ties, bool(np.isnan(maxima.max())))
                _hand_on(da, dfolded, other, f, stride, receivers(folded_entries, maxima))
                _hand_on(dfolded, dx, axis, f, stride, receivers(entries, folded))

    in_slices(work, m, A_prev.size)
    return dA_prev


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


def _receivers(
    ties: Ties, any_nan: bool, entries: list[FloatArray], maxima: FloatArray
) -> Iterator[Mask]:
    """Yield, for k = 0 … f - 1, the windows in which the k-th entry receives the gradient."""
    if ties == "first":  # PyTorch's rule: an entry takes over from those before if larger or NaN
        largest, masks = entries[0], [np.ones(maxima.shape, bool)]
        for entry in entries[1:]:
            takes_over = (entry > largest) | np.isnan(entry)
            for mask in masks:
                mask &= ~takes_over
            masks.append(takes_over)
            largest = np.maximum(largest, entry)
        yield from masks
        return
    mask = scratch("mask", maxima.shape, np.bool_)
    for entry in entries:
        np.equal(entry, maxima, out=mask)
        if any_nan:
            mask |= np.isnan(entry)
        yield mask


def _share_out(dfolded: FloatArray, dX: FloatArray, axis: int, f: int, stride: int) -> None:
    """Write the gradient of each window to all its entries along an axis."""
    for k, entry in enumerate(_empty_entries(dfolded, dX, axis, f, stride)):
        if k < stride:
            entry[...] = dfolded
        else:
            entry += dfolded


def _hand_on(
    dfolded: FloatArray, dX: FloatArray, axis: int, f: int, stride: int, receivers: Iterator[Mask]
) -> None:
    """Write the gradient of each window to those of its entries along an axis that receive it."""
    kept = scratch("kept", dfolded.shape, dfolded.dtype)
    entries = _empty_entries(dfolded, dX, axis, f, stride)
    for k, (entry, receiver) in enumerate(zip(entries, receivers, strict=True)):
        if k < stride:
            _keep(receiver, dfolded, out=entry)
        else:
            _keep(receiver, dfolded, out=kept)
            entry += kept


def _empty_entries(
    dfolded: FloatArray, dX: FloatArray, axis: int, f: int, stride: int
) -> list[FloatArray]:
    """View the entries of all windows along an axis, to write the first ``stride`` and add others.

    The first do not overlap, and cover all up to the last window if f ≥ stride. The rest is zeroed.
    """
    covered = stride * dfolded.shape[axis] if f >= stride else 0
    dX[(*(slice(None),) * axis, slice(covered, None))] = 0
    return _entries(dX, axis, f, stride)


def _keep(mask: Mask, X: FloatArray, out: FloatArray) -> None:
    """Write X where the mask is True and 0 elsewhere.

    The mask multiplies the bits, taken for integers, as infinity times 0 would be NaN. Measured
    beside it in float32: np.where 20 times as long, ``where=`` 25, indexing by the mask 48; in
    float64 8, 11 and 21. They branch at each entry.
    """
    if X.itemsize > 8:  # np.longdouble, wider than any integer
        out[...] = np.where(mask, X, X.dtype.type(0))
    else:
        integer = np.int32 if X.itemsize == 4 else np.int64
        np.multiply(mask, X.view(integer), out=out.view(integer))
