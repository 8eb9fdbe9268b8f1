"""Convolution as one matrix product: the windows unfolded into the rows of a matrix (im2col).

Same functions, arguments and results as `cnnlayers.loops`, with the two inner loops left to the
product. The functions at the top level of `cnnlayers` go on from here.
"""

from collections.abc import Mapping

import numpy as np

from cnnlayers._checks import (
    check_col2im,
    check_conv_backward,
    check_conv_forward,
    check_im2col,
    output_size,
)
from cnnlayers._types import Array, ConvCache, ConvGradients, FloatArray, VolumeShape
from cnnlayers.loops import zero_pad


def im2col(X: Array, f: int, stride: int, pad: int) -> FloatArray:
    """Unfold a volume: write each window as one row of a matrix.

    Parameters
    ----------
    X
        Volume of shape (m, n_H_prev, n_W_prev, n_C_prev). The batch may be empty.
    f
        Side of the window, at least 1.
    stride
        Step from a window to the next, at least 1.
    pad
        Width of the border of zeros, at least 0.

    Returns
    -------
    columns
        Matrix of shape (m·n_H·n_W, f·f·n_C_prev), dtype of X: a row for each window, ordered by
        example, output row and output column; a column for each row of ``W.reshape(-1, n_C)``.

    Raises
    ------
    TypeError
        If X is not an array of real numbers, or f, stride or pad is not an int.
    ValueError
        If X does not have four axes, f, stride or pad is too small, or the window is larger than
        the padded volume.

    Notes
    -----
    Where windows overlap, entries are copied several times: with stride 1, about f·f times the
    memory of X. The unfolding of [1]_, whose name im2col comes from MATLAB by way of Caffe [2]_.

    References
    ----------
    .. [1] K. Chellapilla, S. Puri and P. Simard (2006), High performance convolutional neural
       networks for document processing, IWFHR.
    .. [2] Y. Jia et al. (2014), arXiv:1408.5093.

    Examples
    --------
    >>> X = np.arange(1.0, 10.0).reshape(1, 3, 3, 1)
    >>> im2col(X, f=2, stride=1, pad=0)
    array([[1., 2., 4., 5.],
           [2., 3., 5., 6.],
           [4., 5., 7., 8.],
           [5., 6., 8., 9.]])
    """
    X, f, stride, pad = check_im2col(X, f, stride, pad)
    m, n_H_prev, n_W_prev, n_C_prev = X.shape
    n_H = output_size(n_H_prev, f, stride, pad)
    n_W = output_size(n_W_prev, f, stride, pad)

    X_pad = zero_pad(X, pad)
    columns = np.zeros((m, n_H, n_W, f, f, n_C_prev), dtype=X.dtype)
    for h in range(n_H):
        vert_start = h * stride
        vert_end = vert_start + f
        for w in range(n_W):
            horiz_start = w * stride
            horiz_end = horiz_start + f
            columns[:, h, w] = X_pad[:, vert_start:vert_end, horiz_start:horiz_end, :]
    return columns.reshape(m * n_H * n_W, f * f * n_C_prev)


def col2im(
    columns: Array,
    shape: VolumeShape,
    f: int,
    stride: int,
    pad: int,
) -> FloatArray:
    """Fold a matrix back: add each row to the window that `im2col` would take it from.

    Parameters
    ----------
    columns
        Matrix of shape (m·n_H·n_W, f·f·n_C_prev), as `im2col` returns.
    shape
        Shape (m, n_H_prev, n_W_prev, n_C_prev) of the volume.
    f, stride, pad
        As for `im2col`.

    Returns
    -------
    X
        Volume of that shape, dtype of columns. Entries add up where windows overlap, and are
        zero where no window reached; what falls on the border is dropped.

    Raises
    ------
    TypeError
        If columns is not an array of real numbers, shape not a tuple of ints, or f, stride or pad
        not an int.
    ValueError
        If shape does not have four entries, columns does not have the shape that belongs to the
        other arguments, f, stride or pad is too small, or the window is larger than the padded
        volume.

    Notes
    -----
    Not the inverse of `im2col` but its adjoint: for all X and C,
    ``np.sum(im2col(X, …) * C) == np.sum(X * col2im(C, X.shape, …))``, rounding aside. That is
    what a gradient needs: it is the transposed convolution of [1]_ without its weights.

    References
    ----------
    .. [1] V. Dumoulin and F. Visin (2016), arXiv:1603.07285, section 4.

    Examples
    --------
    >>> col2im(np.ones((4, 4)), (1, 3, 3, 1), f=2, stride=1, pad=0)[0, :, :, 0]
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
    """
    columns, shape, f, stride, pad = check_col2im(columns, shape, f, stride, pad)
    m, n_H_prev, n_W_prev, n_C_prev = shape
    n_H = output_size(n_H_prev, f, stride, pad)
    n_W = output_size(n_W_prev, f, stride, pad)

    windows = columns.reshape(m, n_H, n_W, f, f, n_C_prev)
    n_H_pad, n_W_pad = n_H_prev + 2 * pad, n_W_prev + 2 * pad
    X_pad = np.zeros((m, n_H_pad, n_W_pad, n_C_prev), dtype=columns.dtype)
    for h in range(n_H):
        vert_start = h * stride
        vert_end = vert_start + f
        for w in range(n_W):
            horiz_start = w * stride
            horiz_end = horiz_start + f
            X_pad[:, vert_start:vert_end, horiz_start:horiz_end, :] += windows[:, h, w]
    return X_pad[:, pad : pad + n_H_prev, pad : pad + n_W_prev, :].copy()


def conv_forward(
    A_prev: Array, W: Array, b: Array, hparameters: Mapping[str, int]
) -> tuple[FloatArray, ConvCache]:
    """Multiply all windows by all filters at once; see `cnnlayers.conv_forward`."""
    A_prev, W, b, hparameters = check_conv_forward(A_prev, W, b, hparameters)
    stride, pad = hparameters["stride"], hparameters["pad"]
    m, n_H_prev, n_W_prev, _ = A_prev.shape
    f, _, _, n_C = W.shape
    n_H = output_size(n_H_prev, f, stride, pad)
    n_W = output_size(n_W_prev, f, stride, pad)

    columns = im2col(A_prev, f, stride, pad)
    Z = columns @ W.reshape(-1, n_C) + b.reshape(n_C)

    cache = (A_prev, W, b, hparameters)
    return Z.reshape(m, n_H, n_W, n_C), cache


def conv_backward(dZ: Array, cache: ConvCache) -> ConvGradients:
    """Carry the gradient back through the product and the unfolding; see `cnnlayers.conv_backward`.

    For a product Z = X·F + b, dX = dZ·Fᵀ and dF = Xᵀ·dZ.
    """
    dZ, (A_prev, W, b, hparameters) = check_conv_backward(dZ, cache)
    stride, pad = hparameters["stride"], hparameters["pad"]
    f, _, _, n_C = W.shape

    columns = im2col(A_prev, f, stride, pad)
    dZ = dZ.reshape(-1, n_C)
    dcolumns = dZ @ W.reshape(-1, n_C).T
    dW = columns.T @ dZ
    db = np.sum(dZ, axis=0)

    dA_prev = col2im(dcolumns, A_prev.shape, f, stride, pad)
    return dA_prev, dW.reshape(W.shape), db.reshape(b.shape)
