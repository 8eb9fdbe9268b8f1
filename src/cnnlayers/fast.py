"""The layers in NumPy, as fast as it goes: what the top level exports, documented.

Same functions, arguments and results as `cnnlayers.loops`. Each layer checks its arguments and
hands them to the module that is fastest for their shape. To read how, begin with the plainest:

1. `_im2col`: convolution as a product of two matrices. It takes every shape.
2. `_blocks` and `_workers`: the batch in blocks that stay in the cache, on all cores.
3. `_pointwise`: 1 × 1 filters, for which the input is the matrix.
4. `_grouping`: few filters, which leave the matrix narrow.
5. `_winograd`: 3 × 3 filters, with a quarter of the multiplications.
6. `_pooling`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from cnnlayers import _grouping, _im2col, _pointwise, _pooling, _winograd, loops
from cnnlayers._checks import (
    check_conv_backward,
    check_conv_forward,
    check_pool_backward,
    check_pool_forward,
)
from cnnlayers._types import (
    Array,
    ConvCache,
    FloatArray,
    Mask,
    Mode,
    PoolCache,
    Scalar,
    Ties,
)

# From the most special to the most general; each returns None where it is not the right one.
WAYS = (_winograd, _pointwise, _grouping, _im2col)


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
    return loops.zero_pad(X, pad)


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
    return loops.conv_single_step(a_slice_prev, W, b)


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
    float32 the error is then about 1e-5 of the largest value of Z, against 1e-6. A batch with NaN
    or infinities goes the first way, so that they stay where they belong. float16 is computed in
    float32, through copies. The order of summation, and with it the last digits, depend on the
    processor and on how many cores there are, and may differ while others call layers too.

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
    layer = *_at_least_float32(A_prev, W, b), hparameters["stride"], hparameters["pad"]
    results = (way.forward(*layer) for way in WAYS)
    Z = next(Z for Z in results if Z is not None)
    return Z.astype(A_prev.dtype, copy=False), cache


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
    (X,) = _at_least_float32(A_prev)
    A = _pooling.forward(X, hparameters["f"], hparameters["stride"], mode)
    return A.astype(A_prev.dtype, copy=False), cache


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
    transposed windows and with the transposed filters [1]_, in the same blocks: beside the
    results, some megabytes for each core, or a padded example if that is more. Where Winograd's
    algorithm pays, both gradients take it too [2]_: see `conv_forward` for its accuracy, and for
    what the last digits depend on.

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
    layer = *_at_least_float32(dZ, A_prev, W), hparameters["stride"], hparameters["pad"]
    results = (way.backward(*layer) for way in WAYS)
    gradients = next(gradients for gradients in results if gradients is not None)
    dA_prev, dW, db = (x.astype(dZ.dtype, copy=False) for x in gradients)
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
    return loops.create_mask_from_window(x, ties)


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
    return loops.distribute_value(dz, shape)


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
    To compare with the maxima and multiply by the outcome takes 60 to 80 % of the time, measured
    in float32. With `numpy.where` instead, all of it would take five to six times as long.
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
    d, X = _at_least_float32(dA, A_prev)
    dA_prev = _pooling.backward(d, X, hparameters["f"], hparameters["stride"], mode, ties)
    return dA_prev.astype(dA.dtype, copy=False)


def _at_least_float32(*arrays: FloatArray) -> list[FloatArray]:
    """Take float16 to float32: no processor multiplies it, and sums would overflow."""
    return [x.astype(np.float32) if x.dtype == np.float16 else x for x in arrays]
