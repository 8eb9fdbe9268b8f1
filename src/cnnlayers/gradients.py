"""A numerical check for backward passes, the book's own and the reader's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from cnnlayers._checks import check_gradient_check, describe

Float64Array = NDArray[np.float64]


@dataclass(frozen=True)
class GradientCheck:
    """What `gradient_check` found at the entry where two gradients differ most.

    Attributes
    ----------
    ok
        Whether the error is within the tolerance.
    error
        Largest difference between the two gradients of one input, as a share of the largest
        entry of either. Infinite where a gradient is not finite.
    name
        Input whose gradient has that difference.
    index
        Entry of that input.
    analytic
        What the backward pass says about this entry.
    numeric
        What the central difference says about it.
    """

    ok: bool
    error: float
    name: str
    index: tuple[int, ...]
    analytic: float
    numeric: float


def gradient_check(
    forward: Callable[..., tuple[NDArray[Any], Any]],
    backward: Callable[[Any, Any], NDArray[Any] | tuple[NDArray[Any], ...]],
    inputs: Mapping[str, NDArray[Any]],
    *,
    epsilon: float = 1e-6,
    tolerance: float = 1e-6,
    seed: int = 0,
) -> GradientCheck:
    """Compare a backward pass with central differences of its forward pass.

    An upstream gradient is drawn at random, one number for each entry of the output: a gradient
    of ones would hide values that arrive at the wrong place. Then each entry of each input is
    moved by ±epsilon, and what that does to the output, weighted with the upstream gradient,
    is compared with what ``backward`` says. All of it in float64.

    Parameters
    ----------
    forward
        Called with the inputs in their order; returns the output and a cache.
    backward
        Called with the upstream gradient and the cache; returns the gradient of each input in
        the same order, or for a single input the gradient alone.
    inputs
        Names and arrays. Where a function has a kink, as max pooling has at ties, there is no
        gradient to compare with: keep away from those.
    epsilon
        How far each entry is moved each way.
    tolerance
        Largest error that is still `ok`.
    seed
        Seed of the upstream gradient.

    Returns
    -------
    GradientCheck
        The worst entry: `ok`, `error`, `name`, `index`, `analytic`, `numeric`.

    Raises
    ------
    TypeError
        If an argument, or what forward or backward return, is of the wrong kind.
    ValueError
        If there is nothing to check, epsilon or tolerance is not positive, or a gradient does
        not have the shape of its input.

    Notes
    -----
    Takes two forward passes for each entry of the inputs: keep them small. The central
    difference is exact for layers that are linear in each input, up to rounding of about 1e-10
    of the largest entry, and off by a multiple of epsilon squared elsewhere.

    Examples
    --------
    A correct backward pass:

    >>> import numpy as np
    >>> from cnnlayers import conv_backward, conv_forward, gradient_check
    >>> rng = np.random.default_rng(1)
    >>> inputs = {
    ...     "A_prev": rng.standard_normal((2, 5, 4, 3)),
    ...     "W": rng.standard_normal((3, 3, 3, 2)),
    ...     "b": rng.standard_normal((1, 1, 1, 2)),
    ... }
    >>> def forward(A_prev, W, b):
    ...     return conv_forward(A_prev, W, b, {"stride": 2, "pad": 1})
    >>> gradient_check(forward, conv_backward, inputs).ok
    True

    One that forgets to sum the bias over the batch:

    >>> def wrong_backward(dZ, cache):
    ...     dA_prev, dW, db = conv_backward(dZ, cache)
    ...     return dA_prev, dW, dZ[:1].sum(axis=(1, 2), keepdims=True)
    >>> check = gradient_check(forward, wrong_backward, inputs)
    >>> check.ok, check.name
    (False, 'b')
    """
    arrays = check_gradient_check(forward, backward, inputs, epsilon, tolerance, seed)
    output, cache = _run_forward(forward, arrays)
    d_output = np.random.default_rng(seed).standard_normal(output.shape)
    gradients = _run_backward(backward, d_output, cache, arrays)

    worst: list[GradientCheck] = []
    for name, analytic in gradients.items():
        numeric = _central_differences(forward, arrays, name, d_output, epsilon)
        errors = _relative_errors(analytic, numeric)
        index = tuple(int(k) for k in np.unravel_index(np.argmax(errors), errors.shape))
        error = float(errors[index])
        worst.append(
            GradientCheck(
                ok=error <= tolerance,
                error=error,
                name=name,
                index=index,
                analytic=float(analytic[index]),
                numeric=float(numeric[index]),
            )
        )
    return max(worst, key=lambda check: check.error)


def _run_forward(
    forward: Callable[..., object], arrays: Mapping[str, Float64Array]
) -> tuple[Float64Array, Any]:
    """Run the forward pass on copies, so that it cannot change what is being checked."""
    result = forward(*(x.copy() for x in arrays.values()))
    if not isinstance(result, tuple) or len(cast(tuple[Any, ...], result)) != 2:
        raise TypeError(
            f"forward must return (output, cache), got {describe(cast(object, result))}."
        )
    output, cache = cast(tuple[Any, Any], result)
    return np.asarray(output, dtype=np.float64), cache


def _run_backward(
    backward: Callable[[Any, Any], NDArray[Any] | tuple[NDArray[Any], ...]],
    d_output: Float64Array,
    cache: Any,
    arrays: Mapping[str, Float64Array],
) -> dict[str, Float64Array]:
    """Run the backward pass and match its gradients with the inputs."""
    result = backward(d_output.copy(), cache)
    results = result if isinstance(result, tuple) else (result,)
    if len(results) != len(arrays):
        raise ValueError(
            f"backward must return one gradient for each of {', '.join(arrays)}, "
            f"got {len(results)}."
        )
    gradients = {
        name: np.asarray(gradient, dtype=np.float64)
        for name, gradient in zip(arrays, results, strict=True)
    }
    for name, gradient in gradients.items():
        if gradient.shape != arrays[name].shape:
            raise ValueError(
                f"backward must return a gradient of shape {arrays[name].shape} for {name}, "
                f"got shape {gradient.shape}."
            )
    return gradients


def _central_differences(
    forward: Callable[..., tuple[NDArray[Any], Any]],
    arrays: Mapping[str, Float64Array],
    name: str,
    d_output: Float64Array,
    epsilon: float,
) -> Float64Array:
    """Differentiate the output, weighted with d_output, by each entry of one input."""
    x = arrays[name].copy()
    moved = {**arrays, name: x}
    numeric = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        value = x[index]
        x[index] = value + epsilon
        above, _ = _run_forward(forward, moved)
        x[index] = value - epsilon
        below, _ = _run_forward(forward, moved)
        x[index] = value
        numeric[index] = np.sum((above - below) * d_output) / (2 * epsilon)
    return numeric


def _relative_errors(analytic: Float64Array, numeric: Float64Array) -> Float64Array:
    """Relate each difference to the largest gradient, so that entries near zero do not alarm."""
    differences = np.abs(analytic - numeric)
    finite = np.isfinite(differences)
    scale = np.max(np.maximum(np.abs(analytic), np.abs(numeric)), where=finite, initial=0.0)
    errors = np.where(finite, differences, np.inf)
    return errors / scale if scale > 0 else errors
