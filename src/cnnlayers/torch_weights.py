"""The same weights in PyTorch's layout and in ours. PyTorch itself is not needed."""

import numpy as np

from cnnlayers._checks import check_weights_from_torch, check_weights_to_torch
from cnnlayers._types import Array, FloatArray


def weights_to_torch(
    W: Array, b: Array, shape: tuple[int, int, int] | None = None
) -> tuple[FloatArray, FloatArray]:
    """Arrange the parameters of a layer as PyTorch's ``Conv2d`` or ``Linear`` keeps them.

    Parameters
    ----------
    W
        Filters (f, f, n_C_prev, n_C) or weights (n_prev, n).
    b
        Biases (1, 1, 1, n_C) or (1, n).
    shape
        For a fully connected layer that reads flattened volumes, their shape (n_H, n_W, n_C):
        PyTorch flattens channels first, so that the inputs have another order. Otherwise None.

    Returns
    -------
    weight
        Array (n_C, n_C_prev, f, f) or (n, n_prev), dtype of W.
    bias
        Array (n_C,) or (n,), dtype of b.

    Raises
    ------
    TypeError
        If W or b is not an array of real numbers, or shape not a tuple of ints.
    ValueError
        If W has neither two nor four axes, or another shape does not match it.

    Notes
    -----
    ``torch.from_numpy`` takes both results. Time and memory grow with the size of W. The layouts
    are those of PyTorch's documentation of ``Conv2d`` and ``Linear``.

    Examples
    --------
    >>> weight, bias = weights_to_torch(np.zeros((3, 3, 8, 16)), np.zeros((1, 1, 1, 16)))
    >>> weight.shape, bias.shape
    ((16, 8, 3, 3), (16,))
    """
    W, b, shape = check_weights_to_torch(W, b, shape)
    if W.ndim == 4:
        weight = W.transpose(3, 2, 0, 1)
    elif shape is None:
        weight = W.T
    else:
        volumes = W.reshape(*shape, -1)
        weight = volumes.transpose(3, 2, 0, 1).reshape(W.shape[::-1])
    return np.array(weight, order="C"), np.array(b.reshape(-1))


def weights_from_torch(
    weight: Array, bias: Array, shape: tuple[int, int, int] | None = None
) -> tuple[FloatArray, FloatArray]:
    """Arrange the parameters of PyTorch's ``Conv2d`` or ``Linear`` as our layers take them.

    Parameters
    ----------
    weight
        Array (n_C, n_C_prev, f, f) or (n, n_prev), for example
        ``layer.weight.detach().numpy()``.
    bias
        Array (n_C,) or (n,).
    shape
        As for `weights_to_torch`: (n_H, n_W, n_C) of the volumes that were flattened, or None.

    Returns
    -------
    W
        Filters (f, f, n_C_prev, n_C) or weights (n_prev, n), dtype of weight.
    b
        Biases (1, 1, 1, n_C) or (1, n), dtype of bias.

    Raises
    ------
    TypeError
        If weight or bias is not an array of real numbers, or shape not a tuple of ints.
    ValueError
        If weight has neither two nor four axes, or another shape does not match it.

    Notes
    -----
    Undoes `weights_to_torch`, to the last bit.

    Examples
    --------
    >>> W, b = weights_from_torch(np.zeros((10, 64)), np.zeros(10), shape=(2, 2, 16))
    >>> W.shape, b.shape
    ((64, 10), (1, 10))
    """
    weight, bias, shape = check_weights_from_torch(weight, bias, shape)
    if weight.ndim == 4:
        W = weight.transpose(2, 3, 1, 0)
    elif shape is None:
        W = weight.T
    else:
        n_H, n_W, n_C = shape
        volumes = weight.reshape(-1, n_C, n_H, n_W)
        W = volumes.transpose(2, 3, 1, 0).reshape(weight.shape[::-1])
    return np.array(W, order="C"), np.array(bias.reshape((1,) * (W.ndim - 1) + (-1,)))
