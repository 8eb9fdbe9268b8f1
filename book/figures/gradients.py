"""The backward passes: where each gradient comes from and where it goes."""

import numpy as np

from cnnlayers import conv_backward, conv_forward, pool_backward, pool_forward

from .. import example
from ._canvas import ROLES, Canvas, Drawing, number
from .pooling import masked, windows


def _backward(dZ: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Send a gradient back through the running example; return matrices."""
    _, cache = conv_forward(example.A_prev, example.W, example.b, example.hparameters)
    dA_prev, dW, db = conv_backward(dZ, cache)
    return dA_prev[0, :, :, 0], dW[:, :, 0, 0], db.item()


def _alone(h: int, w: int) -> np.ndarray:
    """Take the gradient with only one of its numbers left."""
    dZ = np.zeros_like(example.dZ)
    dZ[0, h, w] = example.dZ[0, h, w]
    return dZ


def grad_conv_input() -> Drawing:
    """Lay each dZ[h, w]·W on the window it came from; dA_prev adds them up."""
    f, dZ, W = example.W.shape[0], example.dZ[0, :, :, 0], example.W[:, :, 0, 0]
    dA_prev, _, _ = _backward(example.dZ)
    n, watched = len(dA_prev), (1, 1)  # a pixel that all four windows read
    canvas = Canvas(0.325)
    canvas.grid(0.5, 1.3, dZ, "grad", name="dZ")
    canvas.grid(0, 5.5, W, "filter", name="W")
    canvas.arrow((3.4, 4.6), (4.4, 4.6))
    for h, w in np.ndindex(*dZ.shape):
        left, top = 4.7 + (n + 0.6) * w, (n + 1.2) * h
        inside = np.zeros((n, n), bool)
        inside[h : h + f, w : w + f] = True
        part = np.where(inside, _backward(_alone(h, w))[0], np.nan)
        roles = np.where(inside, "filter", "plain")
        canvas.grid(left, top, part, roles=roles, name=f"{number(dZ[h, w])} * W")
        canvas.frame(left + w, top + h, f, f, color=ROLES["filter"][0])
        canvas.ring(left + watched[1], top + watched[0])
    left, top = 4.7 + 2 * n + 0.9, 4.6 - n / 2
    canvas.arrow((left, 4.6), (left + 1, 4.6))
    canvas.text(left + 0.45, 4.1, "Σ")
    canvas.grid(left + 1.4, top, dA_prev, "grad", name="dA_prev")
    canvas.ring(left + 1.4 + watched[1], top + watched[0])
    return canvas.drawing()


def grad_conv_filter() -> Drawing:
    """Multiply each window by its dZ[h, w]; dW adds them up."""
    f, dZ, A_prev = example.W.shape[0], example.dZ[0, :, :, 0], example.A_prev[0, :, :, 0]
    _, dW, _ = _backward(example.dZ)
    watched = (1, 1)  # one weight of the filter, wherever the filter lay
    canvas = Canvas(0.33)
    canvas.grid(0, 0.4, A_prev, "input", name="A_prev")
    for h, w in np.ndindex(*dZ.shape):
        canvas.ring(w + watched[1], 0.4 + h + watched[0])
    canvas.grid(1, 6.5, dZ, "grad", name="dZ")
    canvas.arrow((4.4, 4.6), (5.4, 4.6))
    for h, w in np.ndindex(*dZ.shape):
        left, top = 6.2 + (f + 1.5) * w, 0.5 + (f + 2.2) * h
        name = f"{number(dZ[h, w])} * a_slice"
        canvas.grid(left, top, _backward(_alone(h, w))[1], "input", name=name)
        canvas.ring(left + watched[1], top + watched[0])
    left = 6.2 + 2 * f + 2.1
    canvas.arrow((left, 4.6), (left + 1, 4.6))
    canvas.text(left + 0.45, 4.1, "Σ")
    canvas.grid(left + 1.4, 4.6 - f / 2, dW, "grad", name="dW")
    canvas.ring(left + 1.4 + watched[1], 4.6 - f / 2 + watched[0])
    return canvas.drawing()


def grad_conv_bias() -> Drawing:
    """Add up dZ: the bias was added to every number of Z."""
    dZ = example.dZ[0, :, :, 0]
    _, _, db = _backward(example.dZ)
    canvas = Canvas()
    canvas.grid(0, 0, dZ, "grad", name="dZ")
    canvas.arrow((2.5, 1), (3.8, 1))
    canvas.text(3.1, 0.5, "Σ")
    terms = " + ".join(number(value) for value in dZ.ravel()).replace("+ −", "− ")
    canvas.text(6.4, 1, f"{terms} =")
    canvas.grid(8.9, 0.5, [[db]], "grad", bold=[[True]], name="db")
    return canvas.drawing()


def grad_max_pool() -> Drawing:
    """Send the whole gradient of a window to where its maximum was.

    Each number of dA is drawn over the window that it belongs to: the mask multiplies it there,
    entry by entry.
    """
    f, A_prev = example.pool_hparameters["f"], example.A_prev[0, :, :, 0]
    _, cache = pool_forward(example.A_prev, example.pool_hparameters)
    dA_prev = pool_backward(example.dA, cache, "max")[0, :, :, 0]
    mask, n = masked(A_prev, f), len(A_prev)
    canvas = Canvas()
    right, below = n + 2.6, n + 1.8
    windows(canvas, 0, 0, A_prev, f, mask, name="A_prev")
    canvas.arrow((n + 0.3, n / 2), (right - 0.3, n / 2))
    windows(canvas, right, 0, mask.astype(float), f, mask, name="mask")
    for (h, w), value in np.ndenumerate(example.dA[0, :, :, 0]):
        left, top = w * f, below + h * f
        canvas.cell(left, top, "grad", f, f)
        canvas.frame(left, top, f, f, line=2.2)
        canvas.number(left + f / 2, top + f / 2, value)
    canvas.code(n / 2, below - 0.45, "dA")
    canvas.arrow((n + 0.3, below + n / 2), (right - 0.3, below + n / 2))
    canvas.code((n + right) / 2, below + n / 2 - 0.5, "mask ×", 0.85)
    windows(canvas, right, below, dA_prev, f, mask, name="dA_prev", role="grad")
    return canvas.drawing()


def grad_avg_pool() -> Drawing:
    """Share the gradient of a window out equally among its entries."""
    f, dA = example.pool_hparameters["f"], example.dA[0, :, :, 0]
    _, cache = pool_forward(example.A_prev, example.pool_hparameters)
    dA_prev = pool_backward(example.dA, cache, "average")[0, :, :, 0]
    canvas = Canvas()
    canvas.grid(0, 1, dA, "grad", name="dA")
    canvas.arrow((2.5, 2), (4.1, 2))
    canvas.text(3.25, 1.5, f"÷ {f * f}")
    windows(canvas, 4.6, 0, dA_prev, f, role="grad", name="dA_prev")
    return canvas.drawing()


def layer_flow() -> Drawing:
    """Draw one layer, forward and backward, and the cache that joins the two."""
    canvas = Canvas()
    left, right, up, down = 4.6, 10.6, 1.6, 6.2
    for y, name, role in ((up, "conv_forward", "output"), (down, "conv_backward", "grad")):
        edge, fill = ROLES[role]
        canvas.shape(
            [(left, y), (right, y), (right, y + 1.8), (left, y + 1.8)], fc=fill, ec=edge, lw=1.6
        )
        canvas.code((left + right) / 2, y + 0.9, name, 1.05, weight="bold")
    middle = (left + right) / 2
    color = ROLES["output"][0]
    canvas.arrow((left - 1.9, up + 0.9), (left - 0.1, up + 0.9), color=color)
    canvas.code(left - 2.1, up + 0.9, "A_prev", ha="right")
    canvas.arrow((right + 0.1, up + 0.9), (right + 1.9, up + 0.9), color=color)
    canvas.code(right + 2.1, up + 0.9, "Z", ha="left")
    for x, name in ((middle - 1, "W"), (middle + 1, "b")):
        canvas.arrow((x, up - 1.0), (x, up - 0.1), color=color)
        canvas.code(x, up - 1.4, name)
    canvas.arrow((middle, up + 1.9), (middle, down - 0.1), line=1.8, linestyle=(0, (5, 2)))
    cache = "cache = (A_prev, W, b, hparameters)"
    canvas.code(middle + 0.3, (up + 1.8 + down) / 2, cache, 0.85, ha="left")
    color = ROLES["grad"][0]
    canvas.arrow((right + 1.9, down + 0.9), (right + 0.1, down + 0.9), color=color)
    canvas.code(right + 2.1, down + 0.9, "dZ", ha="left")
    canvas.arrow((left - 0.1, down + 0.9), (left - 1.9, down + 0.9), color=color)
    canvas.code(left - 2.1, down + 0.9, "dA_prev", ha="right")
    for x, name in ((middle - 1, "dW"), (middle + 1, "db")):
        canvas.arrow((x, down + 1.9), (x, down + 2.8), color=color)
        canvas.code(x, down + 3.3, name)
    return canvas.drawing()
