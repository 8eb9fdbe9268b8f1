"""Part II: windows as rows of a matrix, pooling along one axis at a time, the network, padding."""

import numpy as np

from cnnlayers import conv_forward, im2col, pool_forward

from .. import example
from ._canvas import ROLES, Canvas, Drawing


def unfold() -> Drawing:
    """Draw the four windows of A_prev as rows, and their product with the filter as a column."""
    A_prev, W = example.A_prev[0, :, :, 0], example.W
    f = len(W)
    columns = im2col(example.A_prev, f, stride=1, pad=0)
    Z, _ = conv_forward(example.A_prev, W, example.b, example.hparameters)
    rows, weights = columns.shape
    middle = weights / 2
    canvas = Canvas(0.3)
    canvas.grid(0, middle - 2, A_prev, "plain", name="A_prev")
    canvas.frame(1, middle - 1, f, f, color=ROLES["input"][0])
    canvas.arrow((4.2, middle), (5.3, middle))
    canvas.code(4.75, middle - 0.6, "im2col", 0.8)
    left, top = 5.6, middle - rows / 2
    roles = np.full(columns.shape, "plain", dtype=object)
    roles[3] = "input"
    canvas.grid(left, top, columns, roles=roles, name="columns")
    for k in (f, 2 * f):  # where a row of the window ends
        canvas.line((left + k, top), (left + k, top + rows), line=1.4)
    canvas.frame(left, top + 3, weights, 1, color=ROLES["input"][0])
    canvas.text(left + weights + 0.55, middle, "×", 1.4)
    left += weights + 1.1
    canvas.grid(left, 0, W.reshape(-1, 1), "filter", name="W")
    for k in (f, 2 * f):
        canvas.line((left, k), (left + 1, k), line=1.4)
    canvas.code(left + 1.75, middle, "+ b =")
    left += 2.6
    bold = np.zeros((rows, 1))
    bold[3] = True
    canvas.grid(left, top, Z.reshape(-1, 1), "output", name="Z", bold=bold)
    canvas.frame(left, top + 3, 1, 1, color=ROLES["output"][0])
    return canvas.drawing()


def pool_by_axes() -> Drawing:
    """Draw max pooling of 3 × 3 windows: down the columns first, then along the rows."""
    f = 3
    X = example.X[0, :, :, 0]
    A = pool_forward(example.X, {"f": f, "stride": 1})[0][0, :, :, 0]
    top = np.maximum(np.maximum(X[:-2], X[1:-1]), X[2:])
    canvas = Canvas(0.34)
    canvas.grid(0, 0, X, name="A_prev")
    canvas.frame(2, 1, 1, f, color=ROLES["input"][0])
    canvas.frame(1, 1, f, f, color=ROLES["input"][0], line=1.2, linestyle=(0, (4, 3)))
    canvas.arrow((5.3, 2.5), (6.5, 2.5))
    canvas.code(5.9, 1.9, "max")
    roles = np.full(top.shape, "plain", dtype=object)
    roles[1, 1:4] = "input"
    canvas.grid(6.9, 1, top, roles=roles, name="top")
    canvas.frame(6.9 + 2, 2, 1, 1, color=ROLES["input"][0])
    canvas.frame(6.9 + 1, 2, f, 1, color=ROLES["blue"][0])
    canvas.arrow((12.2, 2.5), (13.4, 2.5))
    canvas.code(12.8, 1.9, "max")
    bold = np.zeros(A.shape)
    bold[1, 1] = True
    canvas.grid(13.8, 1, A, "output", name="A", bold=bold)
    canvas.frame(13.8 + 1, 2, 1, 1, color=ROLES["output"][0])
    return canvas.drawing()


def network() -> Drawing:
    """Draw the network that reads digits: its layers in order, and the shape after each."""
    layers = [
        ("X", (8, 8, 1), "input"),
        ("conv_forward", (8, 8, 32), "filter"),
        ("relu_forward", (8, 8, 32), "plain"),
        ("pool_forward", (4, 4, 32), "output"),
        ("conv_forward", (4, 4, 64), "filter"),
        ("relu_forward", (4, 4, 64), "plain"),
        ("pool_forward", (2, 2, 64), "output"),
        ("flatten_forward", (256,), "plain"),
        ("dense_forward", (10,), "filter"),
        ("softmax", (10,), "grad"),
    ]
    canvas = Canvas(0.3)
    for k, (name, shape, role) in enumerate(layers):
        column, row = divmod(k, 5)
        x, y = 11.5 * column, 2.1 * row
        edge, fill = ROLES[role]
        corners = [(x, y), (x + 6.4, y), (x + 6.4, y + 1.2), (x, y + 1.2)]
        canvas.shape(corners, fc=fill, ec=edge, lw=1.4)
        if role == "filter":
            canvas.shape([(x, y), (x + 0.3, y), (x, y + 0.3)], fc=edge, ec="none")
        canvas.code(x + 3.2, y + 0.6, name, 0.9)
        canvas.code(x + 6.7, y + 0.6, " × ".join(map(str, shape)), 0.9, ha="left")
        if row < 4 and k + 1 < len(layers):
            canvas.arrow((x + 3.2, y + 1.25), (x + 3.2, y + 2.05))
    canvas.line((3.2, 4 * 2.1 + 1.25), (3.2, 4 * 2.1 + 1.9), (10.9, 4 * 2.1 + 1.9), line=1.4)
    canvas.line((10.9, 4 * 2.1 + 1.9), (10.9, 0.6), line=1.4)
    canvas.arrow((10.9, 0.6), (11.45, 0.6))
    return canvas.drawing()


def uneven_padding() -> Drawing:
    """Draw where 3 × 3 windows with stride 2 lie on 4 × 4: a border all around, or only after."""
    A_prev, f, n = example.A_prev[0, :, :, 0], 3, 4
    canvas = Canvas(0.34)
    for column, (name, before, after) in enumerate([("pad = 1", 1, 1), ('"SAME"', 0, 1)]):
        padded = np.pad(A_prev, (before, after))
        left, top = 8.5 * column, 1 - before
        roles = np.full(padded.shape, "pad", dtype=object)
        roles[before : before + n, before : before + n] = "plain"
        canvas.grid(left, top, padded, roles=roles)
        canvas.frame(left + before, top + before, n, n, line=1.8)
        for start, line in ((0, "-"), (2, (0, (4, 2)))):  # the first window and the last
            x, y = left + start, top + start
            canvas.frame(x, y, f, f, color=ROLES["input"][0], linestyle=line)
        canvas.code(left + len(padded) / 2, top - 0.5, name)
    return canvas.drawing()


def dilated_filter() -> Drawing:
    """Draw a 2 × 2 filter with dilation 2 as a 3 × 3 filter with zeros, over its first window."""
    W = example.W[:2, :2, 0, 0]
    apart = np.zeros((3, 3))
    apart[::2, ::2] = W
    roles = np.full((3, 3), "pad", dtype=object)
    roles[::2, ::2] = "filter"
    canvas = Canvas(0.34)
    canvas.grid(0, 1.5, W, "filter", name="W")
    canvas.arrow((2.4, 2.5), (3.6, 2.5))
    canvas.grid(4, 1, apart, roles=roles, name="dilation = 2")
    canvas.text(7.6, 2.5, "×", 1.4)
    X = example.X[0, :, :, 0]
    read = np.full(X.shape, "plain", dtype=object)
    read[:3:2, :3:2] = "input"
    canvas.grid(8.3, 0, X, roles=read, name="X")
    canvas.frame(8.3, 0, 3, 3, color=ROLES["input"][0])
    return canvas.drawing()
