"""The forward pass of pooling, and what it does with shifts and ties."""

import numpy as np

from cnnlayers import create_mask_from_window, pool_backward, pool_forward

from .. import example
from ._canvas import Canvas, Drawing


def max_pooling() -> Drawing:
    """Draw the largest number of each window of 2 × 2."""
    return _pooling("max")


def average_pooling() -> Drawing:
    """Draw the mean of each window of 2 × 2."""
    return _pooling("average")


def _pooling(mode: str) -> Drawing:
    f = example.pool_hparameters["f"]
    A = pool_forward(example.A_prev, example.pool_hparameters, mode)[0][0, :, :, 0]
    A_prev = example.A_prev[0, :, :, 0]
    canvas = Canvas()
    mask = masked(A_prev, f) if mode == "max" else None
    windows(canvas, 0, 0, A_prev, f, mask, name="A_prev")
    left = 4.5
    if mode == "average":
        sums = A_prev.reshape(2, f, 2, f).sum(axis=(1, 3))
        canvas.arrow((left, 2), (left + 1.3, 2))
        canvas.text(left + 0.6, 1.5, "Σ")
        canvas.grid(left + 1.8, 1, sums)
        left += 4.3
    canvas.arrow((left, 2), (left + 1.3, 2))
    canvas.code(left + 0.6, 1.5, "max" if mode == "max" else f"÷ {f * f}")
    canvas.grid(left + 1.8, 1, A, "output", name="A", bold=np.ones_like(A))
    return canvas.drawing()


def pool_shift() -> Drawing:
    """Move a line by a pixel: the maxima stay as long as it stays in its windows."""
    line = np.zeros((1, 4, 4, 1))
    line[0, :, 0] = 5
    canvas, f = Canvas(), example.pool_hparameters["f"]
    for shift in range(3):
        left = 5.6 * shift
        A_prev = np.roll(line, shift, axis=2)
        A = pool_forward(A_prev, example.pool_hparameters)[0][0, :, :, 0]
        A_prev = A_prev[0, :, :, 0]
        windows(canvas, left, 0, A_prev, f, A_prev > 0, name=f"shift = {shift}")
        canvas.arrow((left + 2, 4.3), (left + 2, 5.3))
        canvas.grid(left + 1, 5.6, A, "output", bold=A > 0)
    canvas.code(-0.4, 2, "A_prev", ha="right")
    canvas.code(-0.4, 6.6, "A", ha="right")
    return canvas.drawing()


def max_ties() -> Drawing:
    """Draw equal maxima, their mask and gradient, for all of a tie and for its first."""
    f, A_prev = example.pool_hparameters["f"], example.tied[0, :, :, 0]
    _, cache = pool_forward(example.tied, example.pool_hparameters)
    canvas = Canvas(0.35)
    windows(canvas, 0, 0, A_prev, f, masked(A_prev, f, "all"), name="A_prev")
    canvas.grid(1, 6.6, example.dA[0, :, :, 0], "grad", name="dA")
    for column, ties in enumerate(("all", "first"), start=1):
        left = 6 * column
        mask = masked(A_prev, f, ties)
        dA_prev = pool_backward(example.dA, cache, ties=ties)[0, :, :, 0]
        canvas.code(left + 2, -1.35, f'ties="{ties}"', weight="bold")
        windows(canvas, left, 0, mask.astype(float), f, mask, name="mask")
        windows(canvas, left, 5.6, dA_prev, f, mask, name="dA_prev", role="grad")
    return canvas.drawing()


def masked(A_prev: np.ndarray, f: int, ties: str = "all") -> np.ndarray:
    """Find the maxima of windows that do not overlap."""
    mask = np.zeros(A_prev.shape, bool)
    for h in range(0, len(A_prev), f):
        for w in range(0, len(A_prev), f):
            window = slice(h, h + f), slice(w, w + f)
            mask[window] = create_mask_from_window(A_prev[window], ties=ties)
    return mask


def windows(canvas, x, y, values, f, mask=None, name=None, role="input") -> None:
    """Draw a matrix cut into windows that do not overlap; ring what the mask marks."""
    n_H, n_W = values.shape
    h, w = np.indices(values.shape) // f
    tinted = mask if role == "grad" and mask is not None else (h + w) % 2 == 0
    roles = np.where(tinted, role, "plain")
    canvas.grid(x, y, values, roles=roles, name=name, bold=mask)
    for h, w in np.ndindex(n_H // f, n_W // f):
        canvas.frame(x + w * f, y + h * f, f, f, line=2.2)
    if mask is not None:
        for h, w in np.argwhere(mask):
            canvas.ring(x + w, y + h)
