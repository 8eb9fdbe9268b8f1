"""Handwritten digits, and a small network that learns to read them.

The network is four plain functions on the layers of this package: parameters in a dict, layers
called one after another, and called in reverse order on the way back.
"""

from collections.abc import Callable
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnlayers._types import Array, FloatArray, Labels
from cnnlayers.fast import conv_backward, conv_forward, pool_backward, pool_forward
from cnnlayers.network import (
    cross_entropy_backward,
    cross_entropy_forward,
    dense_backward,
    dense_forward,
    flatten_backward,
    flatten_forward,
    relu_backward,
    relu_forward,
)
from cnnlayers.training import initialize, sgd_momentum

Parameters = dict[str, FloatArray]
CONV = {"stride": 1, "pad": 1}
POOL = {"f": 2, "stride": 2}


def load_digits() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Load the 1,797 handwritten digits of 8 × 8 pixels that come with the package.

    Returns
    -------
    X
        Images, of shape (1797, 8, 8, 1): 0 is paper and 1 is ink, in steps of 1/16.
    y
        Digits from 0 to 9, of shape (1797,).

    Notes
    -----
    The test part of the UCI set [1]_, in its order: 13 people wrote them. Published under the
    license CC BY 4.0. Both arrays are new with each call.

    References
    ----------
    .. [1] E. Alpaydin and C. Kaynak (1998), Optical recognition of handwritten digits, UCI
       Machine Learning Repository, doi:10.24432/C50P49.

    Examples
    --------
    >>> X, y = load_digits()
    >>> X.shape, y[:5]
    ((1797, 8, 8, 1), array([0, 1, 2, 3, 4]))
    """
    with files("cnnlayers").joinpath("data/digits.npz").open("rb") as file:
        arrays = np.load(file)
        X = arrays["images"].reshape(-1, 8, 8, 1) / 16
        y = arrays["labels"].astype(np.int64)
    return X, y


def hold_out(
    X: FloatArray, y: Labels, rng: np.random.Generator
) -> tuple[FloatArray, Labels, FloatArray, Labels]:
    """Shuffle examples and set a third of them apart; return the others first."""
    order = rng.permutation(len(X))
    kept, held = np.split(order, [len(X) - len(X) // 3])
    return X[kept], y[kept], X[held], y[held]


def network_parameters(
    rng: np.random.Generator,
    n_C: tuple[int, int] = (32, 64),
) -> Parameters:
    """Draw the first parameters: two layers of 3 × 3 filters, and one that is fully connected."""
    first, second = n_C
    return {
        "W1": initialize((3, 3, 1, first), rng),
        "b1": np.zeros((1, 1, 1, first)),
        "W2": initialize((3, 3, first, second), rng),
        "b2": np.zeros((1, 1, 1, second)),
        "W3": initialize((2 * 2 * second, 10), rng),
        "b3": np.zeros((1, 10)),
    }


def network_forward(parameters: Parameters, X: Array) -> tuple[FloatArray, list[Any]]:
    """Score the ten digits for each image: CONV, ReLU, POOL, the same again, FC."""
    A: Array = X
    caches: list[Any] = []
    for layer in ("1", "2"):
        W, b = parameters["W" + layer], parameters["b" + layer]
        Z, conv_cache = conv_forward(A, W, b, CONV)
        A, relu_cache = relu_forward(Z)
        A, pool_cache = pool_forward(A, POOL)
        caches += [conv_cache, relu_cache, pool_cache]
    A, flatten_cache = flatten_forward(A)
    Z, dense_cache = dense_forward(A, parameters["W3"], parameters["b3"])
    return Z, [*caches, flatten_cache, dense_cache]


def network_backward(dZ: Array, caches: list[Any]) -> Parameters:
    """Call the layers in reverse order, each with its cache; collect the gradients by name."""
    *caches, flatten_cache, dense_cache = caches
    gradients: Parameters = {}
    dA, gradients["W3"], gradients["b3"] = dense_backward(dZ, dense_cache)
    dA = flatten_backward(dA, flatten_cache)
    for layer in ("2", "1"):
        *caches, conv_cache, relu_cache, pool_cache = caches
        # Blank paper is full of ties: as PyTorch, give the gradient to the first.
        dA = pool_backward(dA, pool_cache, ties="first")
        dZ = relu_backward(dA, relu_cache)
        dA, dW, db = conv_backward(dZ, conv_cache)
        gradients["W" + layer], gradients["b" + layer] = dW, db
    return gradients


def train(
    parameters: Parameters,
    X: FloatArray,
    y: Labels,
    rng: np.random.Generator,
    *,
    epochs: int = 15,
    batch: int = 32,
    learning_rate: float = 0.03,
    momentum: float = 0.9,
    backward: Callable[[Array, list[Any]], Parameters] = network_backward,
) -> tuple[Parameters, list[float]]:
    """Go through all examples `epochs` times in batches; return new parameters and the losses."""
    velocities = {name: np.zeros_like(p) for name, p in parameters.items()}
    losses: list[float] = []
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X) - batch + 1, batch):
            chosen = order[start : start + batch]
            Z, caches = network_forward(parameters, X[chosen])
            J, loss_cache = cross_entropy_forward(Z, y[chosen])
            gradients = backward(cross_entropy_backward(loss_cache), caches)
            parameters, velocities = sgd_momentum(
                parameters, gradients, velocities, learning_rate, momentum
            )
            losses.append(float(J))
    return parameters, losses
