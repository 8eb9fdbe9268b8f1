"""The gradient of one entry, taken apart: all that feeds it, and what a nudge says."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from apps.explorer.look import Layer
from apps.explorer.state import State
from apps.explorer.volumes import image, upstream


class Entry(NamedTuple):
    """One entry of dA_prev, dW or db as a sum over the cells of dZ that reach it."""

    dZ: np.ndarray  # (n_H, n_W, n_C)
    dA: np.ndarray  # the whole gradients, of which this is one entry
    dW: np.ndarray | None
    db: float
    rows: slice  # of dZ: the cells that reach the entry
    columns: slice
    parts: np.ndarray  # those cells
    factors: np.ndarray | None  # what each of them is multiplied by; None: by nothing
    gradient: float
    epsilon: float
    higher: float  # the cost Σ dZ · Z with the entry moved by ε, and by −ε
    lower: float

    @property
    def slope(self) -> float:
        """The gradient that the nudge finds."""
        return (self.higher - self.lower) / (2 * self.epsilon)


def entry(state: State) -> Entry:
    """Take the gradient of the present entry apart, and nudge the entry."""
    A, layer, dZ = image(state), Layer(state), upstream(state)
    _, cache = layer.forward(A)
    dA, dW, db = layer.backward(dZ, cache)
    at, (n_H, n_W, _) = (state.row, state.column, state.channel), dZ.shape
    rows, columns, c = slice(0, n_H), slice(0, n_W), 0
    if state.of == "A":
        rows, columns = (
            _windows_over(n + state.padding, windows, state)
            for n, windows in zip(at, (n_H, n_W), strict=False)
        )
        c = 0 if layer.convolves else state.channel
        gradient = dA[at]
        factors = _factors(state, layer, A, rows, columns)
    elif state.of == "W":
        gradient = dW[at]
        padded = np.pad(A[:, :, state.channel], state.padding)
        factors = padded[state.row :: state.stride, state.column :: state.stride][:n_H, :n_W]
    else:
        gradient, factors = db, None
    epsilon = 10.0**-state.e
    higher, lower = (_cost(state, layer, A, dZ, by) for by in (epsilon, -epsilon))
    parts = dZ[rows, columns, c]
    return Entry(
        dZ, dA, dW, db, rows, columns, parts, factors, float(gradient), epsilon, higher, lower
    )


def _windows_over(n: int, windows: int, state: State) -> slice:
    """Find the windows that lie over row or column n of the padded input."""
    first = max(0, -((state.f - 1 - n) // state.stride))
    return slice(first, max(first, min(windows, n // state.stride + 1)))


def _factors(state: State, layer: Layer, A: np.ndarray, rows: slice, columns: slice) -> np.ndarray:
    """Find what each window multiplies its gradient by on the way to the entry of A."""
    factors = np.empty((rows.stop - rows.start, columns.stop - columns.start))
    for h, w in np.ndindex(factors.shape):
        top = (rows.start + h) * state.stride
        left = (columns.start + w) * state.stride
        place = (state.row + state.padding - top, state.column + state.padding - left)
        if state.op == "conv":
            factors[h, w] = layer.W[(*place, state.channel)]
        elif state.op == "max":
            window = A[top : top + state.f, left : left + state.f, state.channel]
            factors[h, w] = layer.mask(window)[place]
        else:
            factors[h, w] = 1 / state.f**2
    return factors


def _cost(state: State, layer: Layer, A: np.ndarray, dZ: np.ndarray, by: float) -> float:
    """Compute Σ dZ · Z, whose gradient with respect to Z is dZ, with the entry moved."""
    A, W, b = A.copy(), layer.W.copy(), layer.b
    if state.of == "b":
        b += by
    else:
        (A if state.of == "A" else W)[state.row, state.column, state.channel] += by
    return float((dZ * layer.forward(A, W, b)[0]).sum())
