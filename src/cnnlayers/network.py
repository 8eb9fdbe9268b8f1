"""What a network needs beside convolution and pooling: ReLU, flattening, dense layers, a loss.

Each forward function returns its output and what its backward function needs, as in
`cnnlayers.loops`, whose rules for dtypes hold here too.
"""

from typing import Any

import numpy as np

from cnnlayers._checks import (
    check_cross_entropy_backward,
    check_cross_entropy_forward,
    check_dense_backward,
    check_dense_forward,
    check_flatten_backward,
    check_flatten_forward,
    check_relu_backward,
    check_relu_forward,
    check_softmax,
)
from cnnlayers._types import (
    Array,
    DenseCache,
    DenseGradients,
    FloatArray,
    Labels,
    LossCache,
    VolumeShape,
)


def relu_forward(Z: Array) -> tuple[FloatArray, FloatArray]:
    """Let positive numbers through and turn the others into zero.

    Parameters
    ----------
    Z
        Array of any shape.

    Returns
    -------
    A
        Array of that shape: max(0, Z) entry by entry, dtype of Z. NaN stays NaN.
    cache
        Z, for `relu_backward`: the caller's own array unless its dtype had to be converted.

    Raises
    ------
    TypeError
        If Z is not an array of real numbers.

    Notes
    -----
    The rectifier of [1]_. Time and memory grow with the size of Z.

    References
    ----------
    .. [1] V. Nair and G. Hinton (2010), Rectified linear units improve restricted Boltzmann
       machines, ICML.

    Examples
    --------
    >>> A, cache = relu_forward(np.array([-2.0, 0.0, 3.0]))
    >>> A
    array([0., 0., 3.])
    """
    Z = check_relu_forward(Z)
    A = np.maximum(np.ascontiguousarray(Z), 0)
    return A, Z


def relu_backward(dA: Array, cache: FloatArray) -> FloatArray:
    """Let the gradient through where the number went through.

    Parameters
    ----------
    dA
        Gradient of the cost with respect to A, of the shape of A.
    cache
        What `relu_forward` returned beside A.

    Returns
    -------
    dZ
        Gradient with respect to Z, of its shape, of the dtype that dA and Z promote to.

    Raises
    ------
    TypeError
        If dA or the cache is not an array of real numbers.
    ValueError
        If dA does not have the shape of the cache.

    Notes
    -----
    At zero there is no derivative; like PyTorch and TensorFlow, this takes 0. A NaN lets the
    gradient through, as in PyTorch: it goes where the breakdown is. Time and memory grow with
    the size of dA.

    Examples
    --------
    >>> relu_backward(np.array([5.0, 6.0, 7.0]), np.array([-2.0, 0.0, 3.0]))
    array([0., 0., 7.])
    """
    dA, Z = check_relu_backward(dA, cache)
    # Not dA * (Z > 0): an infinite dA times False is NaN.
    return np.where(np.ascontiguousarray(Z <= 0), dA.dtype.type(0), dA)


def flatten_forward(A_prev: Array) -> tuple[FloatArray, VolumeShape]:
    """Write each volume as one row, in the order in which its entries lie in memory.

    Parameters
    ----------
    A_prev
        Volume of shape (m, n_H, n_W, n_C). The batch may be empty.

    Returns
    -------
    A
        Matrix of shape (m, n_H·n_W·n_C), dtype of A_prev; channels change fastest.
    cache
        The shape of A_prev, for `flatten_backward`.

    Raises
    ------
    TypeError
        If A_prev is not an array of real numbers.
    ValueError
        If A_prev does not have four axes or an axis other than m is empty.

    Notes
    -----
    PyTorch keeps channels first, so that its rows hold the same entries in another order: see
    `weights_to_torch`. Time and memory grow with the size of A_prev.

    Examples
    --------
    >>> A, cache = flatten_forward(np.arange(8.0).reshape(2, 1, 2, 2))
    >>> A
    array([[0., 1., 2., 3.],
           [4., 5., 6., 7.]])
    """
    A_prev = check_flatten_forward(A_prev)
    m, n_H, n_W, n_C = A_prev.shape
    return A_prev.reshape(m, n_H * n_W * n_C).copy(), (m, n_H, n_W, n_C)


def flatten_backward(dA: Array, cache: VolumeShape) -> FloatArray:
    """Give each row of a gradient the shape of its volume again.

    Parameters
    ----------
    dA
        Gradient of the cost with respect to A, of shape (m, n_H·n_W·n_C).
    cache
        What `flatten_forward` returned beside A.

    Returns
    -------
    dA_prev
        Gradient with respect to A_prev, of shape (m, n_H, n_W, n_C), dtype of dA.

    Raises
    ------
    TypeError
        If dA is not an array of real numbers or cache not a tuple of ints.
    ValueError
        If the cache is not that of `flatten_forward` or dA does not have the shape of its A.

    Notes
    -----
    Flattening moves nothing and computes nothing, and neither does the way back.

    Examples
    --------
    >>> flatten_backward(np.array([[1.0, 2.0, 3.0, 4.0]]), (1, 2, 2, 1))[0, :, :, 0]
    array([[1., 2.],
           [3., 4.]])
    """
    dA, shape = check_flatten_backward(dA, cache)
    return dA.reshape(shape).copy()


def dense_forward(A_prev: Array, W: Array, b: Array) -> tuple[FloatArray, DenseCache]:
    """Give each output a weight for every input: the fully connected layer.

    Parameters
    ----------
    A_prev
        Matrix of shape (m, n_prev), an example in each row. The batch may be empty.
    W
        Weights, of shape (n_prev, n).
    b
        Biases, of shape (1, n).

    Returns
    -------
    Z
        Matrix of shape (m, n), A_prev·W + b, of the dtype that the three promote to.
    cache
        The tuple (A_prev, W, b) for `dense_backward`, the caller's own arrays unless a dtype had
        to be converted.

    Raises
    ------
    TypeError
        If an argument is not an array of real numbers.
    ValueError
        If an argument does not have two axes, or their shapes do not match.

    Notes
    -----
    Takes m·n_prev·n multiplications; memory for the result. A convolution whose window is the
    whole input computes the same. An affine layer as in [1]_.

    References
    ----------
    .. [1] I. Goodfellow, Y. Bengio and A. Courville (2016), Deep Learning, section 6.1.

    Examples
    --------
    >>> A_prev, W = np.array([[1.0, 2.0]]), np.array([[1.0, 0.0, -1.0], [0.0, 1.0, 1.0]])
    >>> Z, cache = dense_forward(A_prev, W, np.array([[0.5, 0.5, 0.5]]))
    >>> Z
    array([[1.5, 2.5, 1.5]])
    """
    A_prev, W, b = check_dense_forward(A_prev, W, b)
    Z = A_prev @ W + b
    return np.ascontiguousarray(Z), (A_prev, W, b)


def dense_backward(dZ: Array, cache: DenseCache) -> DenseGradients:
    """Carry the gradient of a fully connected layer back to its input, weights and biases.

    Parameters
    ----------
    dZ
        Gradient of the cost with respect to Z, of shape (m, n).
    cache
        What `dense_forward` returned beside Z.

    Returns
    -------
    dA_prev
        Gradient with respect to A_prev, of shape (m, n_prev).
    dW
        Gradient with respect to W, of shape (n_prev, n), summed over the batch.
    db
        Gradient with respect to b, of shape (1, n), summed over the batch. All three have the
        dtype that dZ and the arrays in the cache promote to.

    Raises
    ------
    TypeError
        If dZ is not an array of real numbers or cache not a tuple.
    ValueError
        If the cache is not that of `dense_forward` or dZ does not have the shape of its Z.

    Notes
    -----
    For a product, dA_prev = dZ·Wᵀ and dW = A_prevᵀ·dZ [1]_. A mean over the batch is a matter of
    the loss, whose gradient already holds it. Takes twice the multiplications of the forward
    pass; memory for the results.

    References
    ----------
    .. [1] D. Rumelhart, G. Hinton and R. Williams (1986), doi:10.1038/323533a0.

    Examples
    --------
    >>> A_prev, W = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0], [-1.0]])
    >>> Z, cache = dense_forward(A_prev, W, np.zeros((1, 1)))
    >>> dA_prev, dW, db = dense_backward(np.array([[1.0], [10.0]]), cache)
    >>> dA_prev
    array([[  1.,  -1.],
           [ 10., -10.]])
    >>> dW, db
    (array([[31.],
           [42.]]), array([[11.]]))
    """
    dZ, (A_prev, W, _) = check_dense_backward(dZ, cache)
    dA_prev = dZ @ W.T
    dW = A_prev.T @ dZ
    db = np.sum(dZ, axis=0, keepdims=True)
    return np.ascontiguousarray(dA_prev), np.ascontiguousarray(dW), db


def softmax(Z: Array) -> FloatArray:
    """Turn each row of scores into probabilities.

    Parameters
    ----------
    Z
        Scores (logits) of shape (m, n): a row for each example, a column for each class.

    Returns
    -------
    P
        Matrix of that shape, dtype of Z, whose rows are positive and add up to 1.

    Raises
    ------
    TypeError
        If Z is not an array of real numbers.
    ValueError
        If Z does not have two axes or no column.

    Notes
    -----
    The maximum of each row is subtracted first, which changes nothing but keeps the exponentials
    from overflowing [1]_. Time and memory grow with the size of Z.

    References
    ----------
    .. [1] I. Goodfellow, Y. Bengio and A. Courville (2016), Deep Learning, section 4.1.

    Examples
    --------
    >>> softmax(np.log([[1.0, 2.0, 5.0]]))
    array([[0.125, 0.25 , 0.625]])
    """
    Z = check_softmax(Z)
    Z = np.ascontiguousarray(Z)
    exponentials = np.exp(Z - np.max(Z, axis=1, keepdims=True))
    return exponentials / np.sum(exponentials, axis=1, keepdims=True)


def cross_entropy_forward(Z: Array, y: Labels) -> tuple[np.floating[Any], LossCache]:
    """Measure how little probability softmax gives to the right classes.

    Parameters
    ----------
    Z
        Scores (logits) of shape (m, n), with at least one example.
    y
        The right class of each example: ints from 0 to n - 1, of shape (m,).

    Returns
    -------
    J
        Mean over the batch of -log P[i, y[i]], one number in the dtype of Z.
    cache
        The tuple (P, y) for `cross_entropy_backward`, where P is softmax of Z.

    Raises
    ------
    TypeError
        If Z is not an array of real numbers or y not one of ints.
    ValueError
        If Z does not have two axes or no example, or y does not hold a class for each row.

    Notes
    -----
    The logarithm is taken of the sum of exponentials and not of P, which may be too small for its
    dtype: a loss of 1000 is 1000 and not infinite [1]_. Time and memory grow with the size of Z.

    References
    ----------
    .. [1] I. Goodfellow, Y. Bengio and A. Courville (2016), Deep Learning, section 6.2.2.3.

    Examples
    --------
    >>> J, cache = cross_entropy_forward(np.array([[0.0, 1000.0]]), np.array([0]))
    >>> float(J)
    1000.0
    """
    Z, y = check_cross_entropy_forward(Z, y)
    shifted = Z - np.max(Z, axis=1, keepdims=True)
    log_sums = np.log(np.sum(np.exp(shifted), axis=1))
    J = np.sum(log_sums - shifted[np.arange(len(y)), y]) / len(y)
    return J, (softmax(Z), y)


def cross_entropy_backward(cache: LossCache) -> FloatArray:
    """Start the way back: the gradient of the mean cross-entropy with respect to the scores.

    Parameters
    ----------
    cache
        What `cross_entropy_forward` returned beside J.

    Returns
    -------
    dZ
        Gradient with respect to Z, of shape (m, n), dtype of P: (P - Y) / m, where row i of Y
        has a 1 at y[i] and zeros elsewhere.

    Raises
    ------
    TypeError
        If the cache is not a tuple of two arrays.
    ValueError
        If the cache is not that of `cross_entropy_forward`.

    Notes
    -----
    Each row adds up to zero. Time and memory grow with the size of P.

    References
    ----------
    .. [1] J. Bridle (1990), doi:10.1007/978-3-642-76153-9_28.

    Examples
    --------
    >>> J, cache = cross_entropy_forward(np.log([[1.0, 2.0, 5.0]]), np.array([1]))
    >>> cross_entropy_backward(cache)
    array([[ 0.125, -0.75 ,  0.625]])
    """
    P, y = check_cross_entropy_backward(cache)
    dZ = P.copy()
    dZ[np.arange(len(y)), y] -= 1
    return dZ / len(y)
