"""Where the weights of a network start, and the step that changes them."""

from collections.abc import Mapping
from math import prod

import numpy as np
from numpy.typing import NDArray

from cnnlayers._checks import check_initialize, check_sgd_momentum
from cnnlayers._types import Array, FloatArray


def initialize(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw the first weights of a layer that a ReLU follows, by He's rule.

    Parameters
    ----------
    shape
        Shape of the weights: (f, f, n_C_prev, n_C) or (n_prev, n).
    rng
        Random generator, for example ``np.random.default_rng(1)``.

    Returns
    -------
    W
        Normal numbers of mean 0 and variance 2 / fan_in, in float64, where fan_in is the number
        of inputs that each output adds up: the product of all axes but the last.

    Raises
    ------
    TypeError
        If shape is not a tuple of ints or rng not a generator.
    ValueError
        If shape has fewer than two entries, or one is below 1.

    Notes
    -----
    With that variance, signals keep their size from layer to layer [1]_. Biases start at zero.

    References
    ----------
    .. [1] K. He, X. Zhang, S. Ren and J. Sun (2015), arXiv:1502.01852.

    Examples
    --------
    >>> W = initialize((3, 3, 8, 16), np.random.default_rng(1))
    >>> W.shape, bool(abs(W.std() - np.sqrt(2 / 72)) < 0.01)
    ((3, 3, 8, 16), True)
    """
    shape, rng = check_initialize(shape, rng)
    fan_in = prod(shape[:-1])
    return rng.standard_normal(shape) * np.sqrt(2 / fan_in)


def sgd_momentum(
    parameters: Mapping[str, Array],
    gradients: Mapping[str, Array],
    velocities: Mapping[str, Array],
    learning_rate: float,
    momentum: float,
) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
    """Take one step of stochastic gradient descent with momentum.

    Parameters
    ----------
    parameters
        Names and arrays of the parameters.
    gradients
        For each name, the gradient of the cost: an array of the shape of its parameter.
    velocities
        For each name, the velocity that the last step returned: at first zeros.
    learning_rate
        Length of the step, above 0.
    momentum
        Share of the velocity that is kept, from 0 (none) to below 1.

    Returns
    -------
    parameters
        New arrays by name: p + v.
    velocities
        New arrays by name: v = momentum·v - learning_rate·g. Both have the dtype that parameter,
        gradient and velocity promote to.

    Raises
    ------
    TypeError
        If one of the first three is not a dict of arrays of real numbers, or one of the last two
        not a real number.
    ValueError
        If names or shapes do not match, learning_rate is not positive and finite, or momentum is
        outside its range.

    Notes
    -----
    The heavy ball of [1]_, written as in [2]_. PyTorch's ``SGD`` keeps g + momentum·v and
    multiplies by the learning rate afterwards: the same steps as long as that does not change.

    References
    ----------
    .. [1] B. Polyak (1964), doi:10.1016/0041-5553(64)90137-5.
    .. [2] I. Sutskever, J. Martens, G. Dahl and G. Hinton (2013), On the importance of
       initialization and momentum in deep learning, ICML.

    Examples
    --------
    >>> p, v, g = {"W": np.array([1.0])}, {"W": np.array([0.0])}, {"W": np.array([2.0])}
    >>> for _ in range(2):
    ...     p, v = sgd_momentum(p, g, v, learning_rate=0.25, momentum=0.5)
    >>> p["W"], v["W"]
    (array([-0.25]), array([-0.75]))
    """
    arrays, rate, factor = check_sgd_momentum(
        parameters, gradients, velocities, learning_rate, momentum
    )
    moved: dict[str, FloatArray] = {}
    faster: dict[str, FloatArray] = {}
    for name, (p, g, v) in arrays.items():
        faster[name] = np.ascontiguousarray(factor * v - rate * g)
        moved[name] = np.ascontiguousarray(p + faster[name])
    return moved, faster
