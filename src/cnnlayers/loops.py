"""The layers as the explicit loops that the book explains.

Every window is visited by name, one at a time, so that each line can be read against its
formula. The functions at the top level of `cnnlayers` return the same, many times faster.

Volumes have the shape (m, n_H, n_W, n_C): examples, height, width, channels. Every function
keeps a floating dtype, promotes mixed ones as NumPy does, and computes in float64 where there
are only integers or booleans. None changes its arguments. Results are new and C-contiguous.
What the field calls convolution is cross-correlation: the filter is not flipped.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from cnnlayers._checks import (
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
from cnnlayers._types import (
    Array,
    ConvCache,
    ConvGradients,
    FloatArray,
    Mask,
    Mode,
    PoolCache,
    Scalar,
    Ties,
)


def zero_pad(X: Array, pad: int) -> FloatArray:
    """Surround each channel of each example with a border of zeros.

    Parameters
    ----------
    X
        Volume of shape (m, n_H, n_W, n_C).
    pad
        Width of the border on each of the four sides, at least 0.

    Returns
    -------
    X_pad
        Volume of shape (m, n_H + 2·pad, n_W + 2·pad, n_C), dtype of X.

    Raises
    ------
    TypeError
        If X is not an array of real numbers or pad is not an int.
    ValueError
        If X does not have four axes, an axis other than m is empty, or pad is negative.

    Notes
    -----
    Time and memory grow with the size of the result. Border pixels then lie in as many windows
    as the others, and the output of a convolution need not shrink [1]_.

    References
    ----------
    .. [1] V. Dumoulin and F. Visin (2016), arXiv:1603.07285, section 2.

    Examples
    --------
    >>> zero_pad(np.ones((1, 1, 2, 1)), 1)[0, :, :, 0]
    array([[0., 0., 0., 0.],
           [0., 1., 1., 0.],
           [0., 0., 0., 0.]])
    """
    X, pad = check_zero_pad(X, pad)
    return np.pad(np.ascontiguousarray(X), ((0, 0), (pad, pad), (pad, pad), (0, 0)))


def conv_single_step(a_slice_prev: Array, W: Array, b: Array) -> np.floating[Any]:
    """Apply one filter to one window: multiply entry by entry, sum, add the bias.

    Parameters
    ----------
    a_slice_prev
        Window of the input, of shape (f, f, n_C_prev).
    W
        Filter, of the shape of the window.
    b
        Bias of the filter, of shape (1, 1, 1).

    Returns
    -------
    Z
        One number, of the dtype that the three arguments promote to.

    Raises
    ------
    TypeError
        If an argument is not an array of real numbers.
    ValueError
        If the window does not have three axes or the shapes do not match.

    Notes
    -----
    Takes f·f·n_C_prev multiplications, and memory for as many products. The weighted sum is the
    unit of a feature map in [1]_.

    References
    ----------
    .. [1] Y. LeCun, L. Bottou, Y. Bengio and P. Haffner (1998), doi:10.1109/5.726791,
       section II.A.

    Examples
    --------
    >>> window = np.array([[[1.0], [2.0]], [[3.0], [4.0]]])
    >>> float(conv_single_step(window, np.ones((2, 2, 1)), np.array([[[0.5]]])))
    10.5
    """
    a_slice_prev, W, b = check_conv_single_step(a_slice_prev, W, b)
    s = a_slice_prev * W
    Z = np.sum(s) + b[0, 0, 0]
    return Z


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
    multiplications; memory for the padded input and the result. A convolution layer as in [2]_.

    References
    ----------
    .. [1] V. Dumoulin and F. Visin (2016), arXiv:1603.07285, relationship 6.
    .. [2] Y. LeCun, L. Bottou, Y. Bengio and P. Haffner (1998), doi:10.1109/5.726791.

    Examples
    --------
    >>> A_prev = np.ones((1, 4, 4, 1))
    >>> W, b = np.ones((2, 2, 1, 1)), np.zeros((1, 1, 1, 1))
    >>> Z, cache = conv_forward(A_prev, W, b, {"stride": 2, "pad": 0})
    >>> Z[0, :, :, 0]
    array([[4., 4.],
           [4., 4.]])
    """
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
    and columns at the end that no window reaches are dropped. Takes m·n_H·n_W·n_C·f·f steps;
    memory for the result. Average pooling is the sub-sampling of [2]_ without its weights.

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
    A_prev, hparameters = check_pool_forward(A_prev, hparameters, mode)
    f, stride = hparameters["f"], hparameters["stride"]
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    n_H = output_size(n_H_prev, f, stride)
    n_W = output_size(n_W_prev, f, stride)

    A = np.zeros((m, n_H, n_W, n_C), dtype=A_prev.dtype)
    for i in range(m):
        a_prev = A_prev[i]
        for h in range(n_H):
            vert_start = h * stride
            vert_end = vert_start + f
            for w in range(n_W):
                horiz_start = w * stride
                horiz_end = horiz_start + f
                for c in range(n_C):
                    a_slice_prev = a_prev[vert_start:vert_end, horiz_start:horiz_end, c]
                    if mode == "max":
                        A[i, h, w, c] = np.max(a_slice_prev)
                    else:
                        A[i, h, w, c] = np.mean(a_slice_prev)

    cache = (A_prev, hparameters)
    return A, cache


def conv_backward(dZ: Array, cache: ConvCache) -> ConvGradients:
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
    Takes twice the multiplications of the forward pass; memory for the padded input, its
    gradient and the results. The gradient with respect to the input is the transposed
    convolution of [1]_; the rule is the chain rule with shared weights, as in [2]_.

    References
    ----------
    .. [1] V. Dumoulin and F. Visin (2016), arXiv:1603.07285, section 4.
    .. [2] Y. LeCun et al. (1989), doi:10.1162/neco.1989.1.4.541.

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
    stride, pad = hparameters["stride"], hparameters["pad"]
    m, n_H_prev, n_W_prev, _ = A_prev.shape
    _, n_H, n_W, n_C = dZ.shape
    f = W.shape[0]

    A_prev_pad = zero_pad(A_prev, pad)
    dA_prev_pad = np.zeros(A_prev_pad.shape, dtype=dZ.dtype)
    dW = np.zeros(W.shape, dtype=dZ.dtype)
    db = np.zeros(b.shape, dtype=dZ.dtype)
    for i in range(m):
        # Views: what is added to a slice of da_pad is added to dA_prev_pad.
        a_pad, da_pad = A_prev_pad[i], dA_prev_pad[i]
        for h in range(n_H):
            vert_start = h * stride
            vert_end = vert_start + f
            for w in range(n_W):
                horiz_start = w * stride
                horiz_end = horiz_start + f
                a_slice_prev = a_pad[vert_start:vert_end, horiz_start:horiz_end, :]
                da_slice_prev = da_pad[vert_start:vert_end, horiz_start:horiz_end, :]
                for c in range(n_C):
                    da_slice_prev += W[..., c] * dZ[i, h, w, c]
                    dW[..., c] += a_slice_prev * dZ[i, h, w, c]
                    db[..., c] += dZ[i, h, w, c]

    # Cut by size: [pad:-pad] would be empty for pad = 0.
    dA_prev = dA_prev_pad[:, pad : pad + n_H_prev, pad : pad + n_W_prev, :].copy()
    return dA_prev, dW, db


def create_mask_from_window(x: Array, ties: Ties = "all") -> Mask:
    """Mark the maximum of a window, which is the entry that receives the gradient.

    Parameters
    ----------
    x
        Window: an array with at least one entry.
    ties
        "all" marks every entry equal to the maximum. "first" marks one entry as PyTorch does:
        the first maximum in row-major order.

    Returns
    -------
    mask
        Boolean array of the shape of x.

    Raises
    ------
    TypeError
        If x is not an array of real numbers or ties is not a str.
    ValueError
        If x is empty or ties is neither word.

    Notes
    -----
    NaN counts as the maximum, as it does for `numpy.max`: in a window with NaN, "all" marks
    every NaN and "first", again as PyTorch, the last of them. Time and memory grow with the size
    of x.

    Examples
    --------
    >>> create_mask_from_window(np.array([[1, 3], [4, 2]]))
    array([[False, False],
           [ True, False]])
    >>> create_mask_from_window(np.array([[4, 3], [4, 2]]), ties="first")
    array([[ True, False],
           [False, False]])
    """
    x = check_create_mask_from_window(x, ties)
    x_max = np.max(x)
    mask = np.isnan(x) if np.isnan(x_max) else x == x_max
    if ties == "first":
        marked = np.flatnonzero(mask)
        kept = marked[-1] if np.isnan(x_max) else marked[0]
        mask = np.zeros(x.shape, dtype=bool)
        mask.flat[kept] = True
    return mask


def distribute_value(dz: Scalar, shape: tuple[int, int]) -> FloatArray:
    """Share a gradient out equally over a window.

    Parameters
    ----------
    dz
        Gradient with respect to one output, a single number.
    shape
        Shape (n_H, n_W) of the window, two ints of at least 1.

    Returns
    -------
    a
        Array of that shape, each entry dz / (n_H·n_W), in the dtype of dz or float64 for Python
        numbers and integers.

    Raises
    ------
    TypeError
        If dz is not a real number or shape not a tuple of ints.
    ValueError
        If dz is an array of more than one number, shape does not have two entries, or one is
        below 1.

    Notes
    -----
    Time and memory grow with n_H·n_W.

    Examples
    --------
    >>> distribute_value(2, (2, 2))
    array([[0.5, 0.5],
           [0.5, 0.5]])
    """
    dz, shape = check_distribute_value(dz, shape)
    n_H, n_W = shape
    return np.full(shape, dz / (n_H * n_W), dtype=dz.dtype)


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
    Takes m·n_H·n_W·n_C·f·f steps; memory for the result. The maximum depends on one entry of
    its window, which receives the whole gradient; the mean depends on all alike [1]_. At a tie
    the maximum has no derivative, and either choice is a convention.

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
    f, stride = hparameters["f"], hparameters["stride"]
    m, n_H, n_W, n_C = dA.shape

    dA_prev = np.zeros(A_prev.shape, dtype=dA.dtype)
    for i in range(m):
        a, da = A_prev[i], dA_prev[i]
        for h in range(n_H):
            vert_start = h * stride
            vert_end = vert_start + f
            for w in range(n_W):
                horiz_start = w * stride
                horiz_end = horiz_start + f
                for c in range(n_C):
                    a_slice_prev = a[vert_start:vert_end, horiz_start:horiz_end, c]
                    da_slice_prev = da[vert_start:vert_end, horiz_start:horiz_end, c]
                    if mode == "max":
                        mask = create_mask_from_window(a_slice_prev, ties)
                        # Not mask * dA: False times an infinite dA is NaN.
                        da_slice_prev[mask] += dA[i, h, w, c]
                    else:
                        da_slice_prev += distribute_value(dA[i, h, w, c], (f, f))

    return dA_prev
