"""The pictures that the network reads: the test digits of the chapter, or the reader's own."""

from __future__ import annotations

from functools import cache

import numpy as np

from apps.network.state import INK, State
from cnnlayers.digits import hold_out, load_digits

SIDE = 8
MOST = len(INK) - 1  # dots of ink in a pixel


@cache
def examples() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Split the digits as the chapter does: for training, and for the test."""
    return hold_out(*load_digits(), np.random.default_rng(1))


def dots(state: State) -> np.ndarray:
    """Count the dots of ink in each pixel (8, 8)."""
    if state.x:
        return np.array([INK.index(ink) for ink in state.x]).reshape(SIDE, SIDE)
    return np.round(MOST * examples()[2][state.digit, :, :, 0]).astype(int)


def picture(state: State) -> np.ndarray:
    """Make the batch of one image (1, 8, 8, 1) that the network reads."""
    return dots(state).reshape(1, SIDE, SIDE, 1) / MOST


def written(state: State) -> int | None:
    """Tell which digit it is; no one knows of a drawing."""
    return None if state.x else int(examples()[3][state.digit])


def as_pixels(dots: np.ndarray) -> str:
    """Write dots of ink as the state keeps them."""
    return "".join(INK[n] for n in dots.ravel())
