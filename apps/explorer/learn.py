"""One filter that learns what another one makes of the picture, by gradient descent."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from apps.explorer.look import Layer
from apps.explorer.state import LESSONS, State
from apps.explorer.volumes import image, named

TOO_LARGE = 1e9  # a loss from which no step leads back


class Lesson(NamedTuple):
    """The filter after some steps, and the step that it takes next."""

    W: np.ndarray  # (f, f, n_C_prev)
    b: float
    Z: np.ndarray  # (n_H, n_W, 1)
    error: np.ndarray  # Z minus what it should be
    loss: float  # half the mean of its square
    dW: np.ndarray
    db: float


def target(state: State) -> np.ndarray:
    """Make what the filter to be learned makes of the picture."""
    W = np.repeat(named(state.goal, state.f)[:, :, None], state.channels, axis=2)
    return Layer(state).forward(image(state), W, 0.0)[0]


def lessons(state: State) -> tuple[Lesson, ...]:
    """Learn from the first step to the last, or to where the loss has grown beyond all measure."""
    return _lessons(replace(state, t=0, h=0, w=0, c=0, lang="es"))


@lru_cache(maxsize=4)
def _lessons(state: State) -> tuple[Lesson, ...]:
    A, T, layer, rate = image(state), target(state), Layer(state), float(state.rate)
    W, b, taken = layer.W, state.bias, []
    while len(taken) <= LESSONS:
        Z, cache = layer.forward(A, W, b)
        error = Z - T
        loss = float(np.mean(error**2) / 2)
        _, dW, db = layer.backward(error / error.size, cache)
        taken.append(Lesson(W, b, Z, error, loss, dW, db))
        if loss > TOO_LARGE:
            break
        W, b = W - rate * dW, b - rate * db
    return tuple(taken)
