"""The arrays that a state stands for: the input, the filter, the gradient that arrives."""

from __future__ import annotations

import numpy as np

from apps.explorer.state import Numbers, State

DIGIT = ("0000000", "0379940", "0510290", "0002870", "0028600", "0399998", "0000000")


def image(state: State) -> np.ndarray:
    """Make the input volume (n_H_prev, n_W_prev, n_C_prev)."""
    if state.x:
        return np.moveaxis(np.array(state.x), 0, -1).copy()
    n = state.size
    row, column = np.mgrid[:n, :n]
    if state.input == "digit":
        bitmap = np.array([[int(ink) for ink in line] for line in DIGIT])
        first = bitmap[row * len(DIGIT) // n, column * len(DIGIT) // n]
    elif state.input == "edge":
        first = column >= n // 2
    elif state.input == "checkerboard":
        first = (row + column) % 2 == 0
    elif state.input == "cross":
        middle = ((n - 1) // 2, n // 2)
        first = np.isin(row, middle) | np.isin(column, middle)
    else:
        first = row + column
    first = first.astype(float)
    # Three channels that differ: the picture, the picture turned, and its negative.
    channels = (first, np.rot90(first), first.max() - first)[: state.channels]
    return np.stack(channels, axis=-1)


def kernel(state: State) -> np.ndarray:
    """Make the filter (f, f, n_C_prev): the same for every channel, random ones aside."""
    shape = (state.f, state.f, state.channels)
    if state.k:
        k = np.moveaxis(np.array(state.k), 0, -1)
        return k.copy() if k.shape == shape else np.repeat(k[:, :, :1], state.channels, axis=2)
    if state.filter == "random":
        return np.round(np.random.default_rng([state.seed, 0]).standard_normal(shape), 1) + 0.0
    return np.repeat(named(state.filter, state.f)[:, :, None], state.channels, axis=2)


def named(name: str, f: int) -> np.ndarray:
    """Make a filter (f, f) that has a name."""
    middle = np.zeros((f, f))
    at = (f - 1) // 2
    middle[at, at] = 1
    if name == "blur":
        return np.full((f, f), 1 / f**2)
    if name in ("sobel-x", "sobel-y"):
        # Smooth along one axis, difference along the other: binomial rows give both.
        smooth, slope = np.ones(1), np.array([-1.0, 1.0])
        for _ in range(f - 1):
            smooth = np.convolve(smooth, [1, 1])
        for _ in range(f - 2):
            slope = np.convolve(slope, [1, 1])
        return (np.outer(smooth, slope) if name == "sobel-x" else np.outer(slope, smooth)) + 0.0
    if name in ("sharpen", "laplacian"):
        k = np.zeros((f, f))
        k[at, at - 1 : at + 2] = k[at - 1 : at + 2, at] = 1
        k[at, at] = -4
        return middle - k + 0.0 if name == "sharpen" else k
    return middle


def upstream(state: State) -> np.ndarray:
    """Make the gradient that arrives at the output (n_H, n_W, n_C)."""
    shape = (*state.output_shape, state.output_channels)
    if state.dz == "random":
        return np.round(np.random.default_rng([state.seed, 1]).standard_normal(shape), 1) + 0.0
    if state.dz == "one":
        dZ = np.zeros(shape)
        dZ[state.h, state.w, state.c] = 1
        return dZ
    return np.ones(shape)


def as_numbers(volume: np.ndarray) -> Numbers:
    """Write a volume as the state keeps it."""
    return tuple(tuple(tuple(map(float, row)) for row in c) for c in np.moveaxis(volume, -1, 0))
