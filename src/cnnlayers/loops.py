"""The layers as the explicit loops that the book explains.

Every window is visited by name, one at a time, so that each line can be read against its
formula. The functions of `cnnlayers` itself return the same and are hundreds of times as fast.

Volumes are arrays of shape ``(m, n_H, n_W, n_C)``: m examples, height, width, channels. All
functions keep float16, float32, float64 and longdouble, promote mixed dtypes as NumPy does and
compute in float64 where there are only integers or booleans. They never change their arguments,
and what they return is C-contiguous.

References
----------
.. [1] Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to
   document recognition", Proceedings of the IEEE 86 (11), 1998. doi:10.1109/5.726791
.. [2] V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning", 2016.
   arXiv:1603.07285
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

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
    check_conv_single_step,
    check_create_mask_from_window,
    check_distribute_value,
    check_pool_backward,
    check_pool_forward,
    check_zero_pad,
    output_size,
)


def zero_pad(X: Array, pad: int) -> FloatArray:
    """Surround every channel of every example with a border of zeros.

    Parameters
    ----------
    X
        Volume of shape (m, n_H, n_W, n_C).
    pad
        Width of the border on each of the four sides, at least 0.

    Returns
    -------
    X_pad
        New volume of shape (m, n_H + 2·pad, n_W + 2·pad, n_C), dtype of X.

    Raises
    ------
    TypeError
        If X is not an array of real numbers or pad is not an int.
    ValueError
        If X does not have four axes, or pad is negative.

    Notes
    -----
    Time and memory are proportional to the size of the result. How padding enters the size of
    a convolution is told in [2]_, section 2.

    References
    ----------
    .. [2] V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning",
       2016. arXiv:1603.07285

    Examples
    --------
    >>> import numpy as np
    >>> zero_pad(np.ones((1, 1, 2, 1)), 1)[0, :, :, 0]
    array([[0., 0., 0., 0.],
           [0., 1., 1., 0.],
           [0., 0., 0., 0.]])
    """
    X, pad = check_zero_pad(X, pad)
    return np.pad(np.ascontiguousarray(X), ((0, 0), (pad, pad), (pad, pad), (0, 0)))


def conv_single_step(a_slice_prev: Array, W: Array, b: Array) -> np.floating[Any]:
    """Apply one filter to one window."""
    a_slice_prev, W, b = check_conv_single_step(a_slice_prev, W, b)
    s = a_slice_prev * W
    Z = np.sum(s) + b[0, 0, 0]
    return Z


def conv_forward(
    A_prev: Array, W: Array, b: Array, hparameters: Mapping[str, int]
) -> tuple[FloatArray, ConvCache]:
    """Convolve a batch with a set of filters."""
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
    """Summarize each window of each channel by its maximum or its mean."""
    A_prev, hparameters = check_pool_forward(A_prev, hparameters, mode)
    f, stride = hparameters["f"], hparameters["stride"]
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    n_H = output_size(n_H_prev, f, stride)
    n_W = output_size(n_W_prev, f, stride)

    A = np.zeros((m, n_H, n_W, n_C), dtype=A_prev.dtype)
    for i in range(m):
        for h in range(n_H):
            vert_start = h * stride
            vert_end = vert_start + f
            for w in range(n_W):
                horiz_start = w * stride
                horiz_end = horiz_start + f
                for c in range(n_C):
                    a_slice_prev = A_prev[i, vert_start:vert_end, horiz_start:horiz_end, c]
                    if mode == "max":
                        A[i, h, w, c] = np.max(a_slice_prev)
                    else:
                        A[i, h, w, c] = np.mean(a_slice_prev)

    cache = (A_prev, hparameters)
    return A, cache


def conv_backward(dZ: Array, cache: ConvCache) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Carry the gradient of a convolution back to its input, filters and biases."""
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
        for h in range(n_H):
            vert_start = h * stride
            vert_end = vert_start + f
            for w in range(n_W):
                horiz_start = w * stride
                horiz_end = horiz_start + f
                a_slice_prev = A_prev_pad[i, vert_start:vert_end, horiz_start:horiz_end, :]
                da_slice_prev = dA_prev_pad[i, vert_start:vert_end, horiz_start:horiz_end, :]
                for c in range(n_C):
                    da_slice_prev += W[..., c] * dZ[i, h, w, c]
                    dW[..., c] += a_slice_prev * dZ[i, h, w, c]
                    db[..., c] += dZ[i, h, w, c]

    # Cut by size: [pad:-pad] would be empty for pad = 0.
    dA_prev = dA_prev_pad[:, pad : pad + n_H_prev, pad : pad + n_W_prev, :].copy()
    return dA_prev, dW, db


def create_mask_from_window(x: Array, ties: Ties = "all") -> Mask:
    """Mark where a window has its maximum."""
    x = check_create_mask_from_window(x, ties)
    x_max = np.max(x)
    mask = np.isnan(x) if np.isnan(x_max) else x == x_max
    if ties == "first":
        marked = np.flatnonzero(mask)
        kept = marked[-1] if np.isnan(x_max) else marked[0]
        mask = np.zeros(x.shape, dtype=bool)
        mask.flat[kept] = True
    return mask


def distribute_value(dz: float | np.floating[Any], shape: tuple[int, int]) -> FloatArray:
    """Share a gradient out equally over a window."""
    dz, shape = check_distribute_value(dz, shape)
    n_H, n_W = shape
    return np.full(shape, dz / (n_H * n_W), dtype=dz.dtype)


def pool_backward(
    dA: Array, cache: PoolCache, mode: Mode = "max", ties: Ties = "all"
) -> FloatArray:
    """Carry the gradient of a pooling layer back to its input."""
    dA, (A_prev, hparameters) = check_pool_backward(dA, cache, mode, ties)
    f, stride = hparameters["f"], hparameters["stride"]
    m, n_H, n_W, n_C = dA.shape

    dA_prev = np.zeros(A_prev.shape, dtype=dA.dtype)
    for i in range(m):
        for h in range(n_H):
            vert_start = h * stride
            vert_end = vert_start + f
            for w in range(n_W):
                horiz_start = w * stride
                horiz_end = horiz_start + f
                for c in range(n_C):
                    a_slice_prev = A_prev[i, vert_start:vert_end, horiz_start:horiz_end, c]
                    da_slice_prev = dA_prev[i, vert_start:vert_end, horiz_start:horiz_end, c]
                    if mode == "max":
                        mask = create_mask_from_window(a_slice_prev, ties)
                        # Added where the mask is True: False times an infinite dA is NaN.
                        da_slice_prev[mask] += dA[i, h, w, c]
                    else:
                        da_slice_prev += distribute_value(dA[i, h, w, c], (f, f))

    return dA_prev
