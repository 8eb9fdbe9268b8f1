"""The forward pass of a convolution."""

import numpy as np

from cnnlayers import (
    conv_backward,
    conv_forward,
    conv_single_step,
    pool_backward,
    pool_forward,
    zero_pad,
)

from .. import example
from ._canvas import QUIET, ROLES, Canvas, Drawing, Volume, number


def zero_padding() -> Drawing:
    """Draw an RGB image of 4 × 4 pixels, before and after a padding of 2."""
    pad = 2
    red = example.A_prev[0, :, :, 0]
    rgb = np.stack([red, red.T, red[::-1]], axis=-1)[None]
    canvas = Canvas(0.345)
    canvas.code(2.9, 4.1, "X")
    _sheets(canvas, 0, 6.2, rgb[0], 0)
    canvas.arrow((6.2, 7.5), (7.5, 7.5))
    left, top = 8, 2.3
    canvas.code(left + 4.7, 0.2, f"zero_pad(X, {pad})")
    _sheets(canvas, left, top, zero_pad(rgb, pad)[0], pad)
    for start in (left, left + 8 - pad):
        canvas.measure((start, top + 8.35), (start + pad, top + 8.35), "pad", (0, 0.5))
    return canvas.drawing()


def _sheets(canvas: Canvas, x: float, y: float, volume: np.ndarray, pad: int) -> None:
    """Draw the channels one behind the other, the first in front with its numbers."""
    n_H, n_W, n_C = volume.shape
    inside = np.zeros((n_H, n_W), bool)
    inside[pad : n_H - pad, pad : n_W - pad] = True
    for c in reversed(range(n_C)):
        role = ("red", "green", "blue")[c]
        left, top = x + 0.72 * c, y - 0.72 * c
        values = volume[:, :, c] if c == 0 else np.full((n_H, n_W), np.nan)
        canvas.grid(left, top, values, role, roles=np.where(inside, role, "pad"))
        if pad:
            size = n_H - 2 * pad
            canvas.frame(left + pad, top + pad, size, size, color=ROLES[role][0])
        canvas.text(left + n_W + 0.38, top + 0.36, "RGB"[c], color=ROLES[role][0], weight="bold")


def conv_volume() -> Drawing:
    """Draw a volume that becomes another one: a window makes one column of Z."""
    A_prev, W, b = np.zeros((1, 6, 6, 3)), np.zeros((3, 3, 3, 5)), np.zeros((1, 1, 1, 5))
    Z, _ = conv_forward(A_prev, W, b, {"stride": 1, "pad": 0})
    (_, n_W_prev, n_C_prev), (_, n_W, n_C) = A_prev.shape[1:], Z.shape[1:]
    f = W.shape[0]

    canvas = Canvas()
    before = Volume(canvas, 0, 0, A_prev.shape[1:], role="input")
    before.box()
    before.box((0, n_W_prev - f, 0), (f, n_W_prev, n_C_prev), role="filter", line=2.4)
    after = Volume(canvas, 10, 1.0, Z.shape[1:], role="output")
    after.box()
    after.box((0, n_W - 1, 0), (1, n_W, n_C), role="output", line=2.6)
    for h, c in ((0, n_C_prev), (f, 0)):
        end = after.at(int(h > 0), n_W - 1, 0)
        canvas.line(before.at(h, n_W_prev, c), end, color=ROLES["filter"][0], dashes=(4, 3))
    canvas.code(*_shift(before.at(f / 2, n_W_prev - f, 0), -0.4, 0), "f")
    canvas.code(*_shift(before.at(f, n_W_prev - f / 2, 0), 0, 0.5), "f")
    _sizes(canvas, before, ["n_H_prev", "n_W_prev", "n_C_prev"])
    _sizes(canvas, after, ["n_H", "n_W", "n_C"])
    canvas.code(*_shift(before.at(0, n_W_prev / 2, n_C_prev), 0, -0.5), "A_prev", weight="bold")
    canvas.code(*_shift(after.at(0, n_W / 2, n_C), 0, -0.5), "Z", weight="bold")
    return canvas.drawing()


def _shift(point, dx, dy):
    return point[0] + dx, point[1] + dy


def _sizes(canvas: Canvas, volume: Volume, names) -> None:
    """Measure the three sides of a volume."""
    n_H, n_W, n_C = volume.shape
    x, y = volume.at(0, 0, 0)
    canvas.measure((x - 0.3, y), (x - 0.3, y + n_H), names[0], (-0.4, 0), rotation=90)
    canvas.measure((x, y + n_H + 0.3), (x + n_W, y + n_H + 0.3), names[1], (0, 0.55))
    start, end = volume.at(n_H, n_W, 0), volume.at(n_H, n_W, n_C)
    start, end = _shift(start, 0.22, 0.22), _shift(end, 0.22, 0.22)
    canvas.measure(start, end, names[2], (0.3, 0.4), ha="left")


def single_step() -> Drawing:
    """Draw a window times the filter, cell by cell; the products' sum plus b is Z[0, 0]."""
    f, b = example.W.shape[0], example.b.item()
    a_slice_prev, W = example.X[0, :f, :f, 0], example.W[:, :, 0, 0]
    products = a_slice_prev * W
    Z = conv_single_step(a_slice_prev[..., None], W[..., None], example.b[0])
    canvas = Canvas()
    left = 0.0
    for values, role, name, sign in (
        (a_slice_prev, "input", "a_slice_prev", "×"),
        (W, "filter", "W", "="),
        (products, "plain", "s", "→"),
    ):
        canvas.grid(left, 0, values, role, name=name)
        canvas.text(left + f + 0.65, f / 2, sign, 1.4)
        left += f + 1.3
    terms = f"{number(products.sum())} + {number(b)} ="
    canvas.text(left + 1.4, f / 2, terms)
    canvas.code(left + 1.2, -0.45, "sum(s) + b")
    canvas.grid(left + 3.1, f / 2 - 0.5, [[Z]], "output", bold=[[True]], name=None)
    canvas.code(left + 3.6, f / 2 + 1.0, "Z")
    return canvas.drawing()


def window_corners() -> Drawing:
    """Draw a window of 2 × 2, stride 2, and the four numbers that cut it out."""
    a_prev, (f, stride, h, w) = example.X[0, :, :, 0], (2, 2, 1, 1)
    vert_start, horiz_start = h * stride, w * stride
    vert_end, horiz_end = vert_start + f, horiz_start + f
    roles = np.full(a_prev.shape, "plain", dtype=object)
    roles[vert_start:vert_end, horiz_start:horiz_end] = "input"
    n, color = len(a_prev), ROLES["input"][0]
    canvas = Canvas()
    canvas.grid(0, 0, a_prev, roles=roles)
    for k in range(n + 1):  # a slice counts the lines between cells
        if k not in (vert_start, vert_end):
            canvas.text(-0.4, k, str(k), 0.9, color=QUIET)
            canvas.text(k, -0.4, str(k), 0.9, color=QUIET)
    for name, k in (("vert_start", vert_start), ("vert_end", vert_end)):
        canvas.line((-0.3, k), (horiz_start, k), color=color, dashes=(4, 3))
        canvas.code(-0.5, k, f"{name} = {k}", ha="right")
    for name, k, up in (("horiz_start", horiz_start, 1.9), ("horiz_end", horiz_end, 1.1)):
        canvas.line((k, -up + 0.35), (k, vert_start), color=color, dashes=(4, 3))
        canvas.code(k - 0.15, -up, f"{name} = {k}", ha="left")
    canvas.frame(horiz_start, vert_start, f, f, color=color)
    canvas.code(n / 2, n + 0.55, "a_prev")
    return canvas.drawing()


def filters_to_volume() -> Drawing:
    """Draw two filters over the same X, the maps they make, and the maps as a volume."""
    filters, X = example.filters, example.X
    Z, _ = conv_forward(X, filters, example.biases, example.hparameters)
    (n, f, n_C), n_H = (X.shape[1], filters.shape[0], Z.shape[3]), Z.shape[1]
    canvas = Canvas(0.325)
    middle = f + 0.8
    canvas.grid(0, middle - n / 2, X[0, :, :, 0], "input", name="X")
    for c in range(n_C):
        top = c * (f + 1.6)
        canvas.arrow((n + 0.15, middle + (c - 0.5) * 1.2), (n + 1.35, top + f / 2))
        canvas.grid(n + 1.5, top, filters[:, :, 0, c], "filter", name=f"W[..., {c}]")
        canvas.arrow((n + f + 1.65, top + f / 2), (n + f + 2.85, top + f / 2))
        role = ("output", "second")[c]
        canvas.grid(n + f + 3, top, Z[0, :, :, c], role, name=f"Z[..., {c}]")
        start = (n + f + n_H + 3.15, top + f / 2)
        canvas.arrow(start, (n + f + n_H + 4.25, middle + (c - 0.5) * 1.2))
    left = n + f + n_H + 4.4
    for c in reversed(range(n_C)):
        role, step = ("output", "second")[c], 0.6 * c
        values = Z[0, :, :, c] if c == 0 else np.full((n_H, n_H), np.nan)
        canvas.grid(left + step, middle - n_H / 2 - step, values, role)
    canvas.code(left + n_H / 2 + 0.3, middle - n_H / 2 - 1.1, "Z")
    return canvas.drawing()


def stride_dropped() -> Drawing:
    """Draw windows of 2 × 2, stride 2, on 5 × 5: the last row and column are never read."""
    f, stride = example.pool_hparameters.values()
    A, _ = pool_forward(example.X, example.pool_hparameters)
    # What a window reads is where an all-ones gradient can arrive.
    read = pool_backward(np.ones_like(A), (example.X, example.pool_hparameters), "average")
    X, n_H, n_W = example.X[0, :, :, 0], *A.shape[1:3]
    n = len(X)
    canvas = Canvas()
    canvas.grid(0, 0, X, roles=np.where(read[0, :, :, 0] > 0, "input", "dropped"))
    for h, w in np.ndindex(n_H, n_W):
        canvas.frame(w * stride, h * stride, f, f, color=ROLES["input"][0])
    canvas.arrow((n + 0.5, n / 2), (n + 2, n / 2))
    canvas.grid(n + 2.5, n / 2 - n_H / 2, A[0, :, :, 0], "output", bold=np.ones((n_H, n_W)))
    sizes = rf"n_H = \left\lfloor\frac{{{n} - {f}}}{{{stride}}}\right\rfloor + 1 = {n_H}"
    canvas.formula(n + 2.3, n - 0.4, sizes, ha="left")
    canvas.code(n / 2, -0.45, "A_prev")
    canvas.code(n + 2.5 + n_W / 2, n / 2 - n_H / 2 - 0.45, "A")
    return canvas.drawing()


def same_padding() -> Drawing:
    """Draw a border of one zero: a filter of 3 × 3 makes as many numbers as it reads."""
    pad, f = 1, example.W.shape[0]
    hparameters = {"stride": 1, "pad": pad}
    Z, _ = conv_forward(example.X, example.W, example.b, hparameters)
    X_pad, n = zero_pad(example.X, pad)[0, :, :, 0], Z.shape[1]
    roles = np.full(X_pad.shape, "pad", dtype=object)
    roles[pad:-pad, pad:-pad] = "plain"
    canvas = Canvas()
    canvas.grid(0, 0, X_pad, roles=roles)
    canvas.frame(pad, pad, n, n, line=1.8)
    left, top = len(X_pad) + 1.8, pad
    bold = np.zeros((n, n))
    bold[0, 0] = True
    canvas.grid(left, top, Z[0, :, :, 0], "output", bold=bold)
    canvas.arrow((left - 1.5, top + n / 2), (left - 0.3, top + n / 2))
    canvas.frame(0, 0, f, f, color=ROLES["input"][0])
    canvas.frame(left, top, 1, 1, color=ROLES["output"][0])
    canvas.code(len(X_pad) / 2, -0.45, "zero_pad(X, 1)")
    canvas.code(left + n / 2, top - 0.45, "Z")
    return canvas.drawing()


def window_counts() -> Drawing:
    """Count the windows of 3 × 3 that read each pixel of X, without and with padding."""
    ones = np.ones_like(example.W)
    canvas, left = Canvas(), 0.0
    for pad in (0, 1):
        Z, cache = conv_forward(example.X, ones, example.b, {"stride": 1, "pad": pad})
        # With ones everywhere, each window adds 1 to the gradient of each pixel it reads.
        counts = conv_backward(np.ones_like(Z), cache)[0][0, :, :, 0]
        canvas.shaded(left, 0, counts)
        canvas.code(left + 2.5, -0.45, f"pad = {pad}")
        left += 6.5
    return canvas.drawing()


def receptive_field() -> Drawing:
    """Draw two layers of 3 × 3: one number of the second depends on 5 × 5 of the input."""
    A, ones, caches = np.ones((1, 7, 7, 1)), np.ones((3, 3, 1, 1)), []
    for _ in range(2):
        A, cache = conv_forward(A, ones, 0 * example.b, example.hparameters)
        caches.append(cache)
    # The gradient of one number is not 0 exactly where it looks.
    seen = np.zeros_like(A)
    seen[0, 1, 1] = 1
    fields = [seen]
    for cache in reversed(caches):
        fields.insert(0, conv_backward(fields[0], cache)[0])

    canvas, left, last = Canvas(0.35), 0.0, None
    for layer, (field, role) in enumerate(zip(fields, ("input", "blue", "output"), strict=True)):
        n, rows = field.shape[1], np.flatnonzero(field[0, :, :, 0].any(axis=1))
        top, inner, size = (7 - n) / 2, rows[0], len(rows)
        for h, w in np.argwhere(field[0, :, :, 0]):
            canvas.cell(left + w, top + h, role)
        canvas.rule(left, top, n, n)
        canvas.frame(left, top, n, n, line=1.4)
        box = left + inner, top + inner, size, size
        canvas.frame(*box, color=ROLES[role][0])
        if last:
            canvas.links(last, box)
        canvas.formula(left + n / 2, -0.5, f"A^{{[{layer}]}}")
        canvas.code(left + n / 2, top + n + 0.5, f"{size} × {size}", color=ROLES[role][0])
        left, last = left + n + 1.3, box
    return canvas.drawing()
