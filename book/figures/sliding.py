"""A filter sliding over its input: an animation on a page, a strip of frames on paper."""

import json
from html import escape
from pathlib import Path

import numpy as np

from cnnlayers import conv_forward

from .. import example
from ._canvas import ROLES, Canvas, Drawing, number

TEMPLATE = Path(__file__).with_name("sliding.html")
CELL = 40  # the animation's own units


class Animation:
    """Displays itself as HTML where there is a browser and as a drawing elsewhere."""

    def __init__(self, html: str, frames: Drawing) -> None:
        self.html = html
        self.frames = frames

    def __repr__(self) -> str:
        """Leave out the address in memory, which a notebook would keep."""
        return "Animation()"

    def _repr_html_(self) -> str:
        return self.html

    def _repr_svg_(self) -> str:
        return self.frames._repr_svg_()


def sliding_filter() -> Animation:
    """Slide the 3 × 3 filter over X with stride 1: nine windows, nine numbers of Z."""
    Z, _ = conv_forward(example.X, example.W, example.b, example.hparameters)
    X, W, Z = example.X[0, :, :, 0], example.W[:, :, 0, 0], Z[0, :, :, 0]
    return Animation(_html(X, W, Z), _frames(X, W, Z))


def _frames(X: np.ndarray, W: np.ndarray, Z: np.ndarray) -> Drawing:
    """Draw the nine windows, each where its number stands in Z."""
    canvas, n, f = Canvas(0.29), len(X), len(W)
    for (h, w), value in np.ndenumerate(Z):
        left, top = (n + 0.9) * w, (n + 1.7) * h
        roles = np.full(X.shape, "plain", dtype=object)
        roles[h : h + f, w : w + f] = "input"
        canvas.grid(left, top, X, roles=roles)
        canvas.frame(left + w, top + h, f, f, color=ROLES["input"][0])
        canvas.code(left + n / 2, top - 0.5, f"Z[{h}, {w}] = {number(value)}", weight="bold")
    return canvas.drawing()


def _html(X: np.ndarray, W: np.ndarray, Z: np.ndarray) -> str:
    """Fill the template with the grids and with what each step computes."""
    n, f, n_H = len(X), len(W), len(Z)
    b, steps = example.b.item(), []
    for (h, w), value in np.ndenumerate(Z):
        products = X[h : h + f, w : w + f] * W
        total = f"{number(products.sum())} + {number(b)} = {number(value)}"
        steps.append([h, w, [number(p) for p in products.ravel()], f"Z[{h}, {w}] = {total}"])
    middle, top = (n + 1.2) * CELL, CELL
    weights = "".join(
        f'<text class="weight" x="{w * CELL + 37}" y="{h * CELL + 36}">×{number(value)}</text>'
        for (h, w), value in np.ndenumerate(W)
    )
    size = f * CELL
    parts = {
        "WIDTH": (n + 2 * f + 2.4) * CELL,
        "HEIGHT": (n + 1) * CELL + 4,
        "X": _grid(0, top, X, "X", shift=-5),
        "WINDOW": f'<rect width="{size}" height="{size}"/>{weights}',
        "PRODUCTS": _grid(middle, top + CELL, products, "a_slice_prev * W", "product"),
        "Z": _grid(middle + (f + 1.2) * CELL, top + CELL, Z, "Z", "result"),
        "ARROWS": "".join(
            f'<text class="sign" x="{x}" y="{top + (1.5 + n_H / 2 - 0.5) * CELL}">→</text>'
            for x in ((n + 0.6) * CELL, middle + (f + 0.6) * CELL)
        ),
        "CELL": CELL,
        "STEPS": escape(json.dumps(steps, ensure_ascii=False, separators=(",", ":"))),
        # Without a script the last step stands there, with all of Z.
        "START": f"transform: translate({w * CELL}px, {(h + 1) * CELL}px)",
        "LAST": steps[-1][3],
    }
    html = TEMPLATE.read_text(encoding="utf-8")
    for name, part in parts.items():
        html = html.replace(f"[[{name}]]", f"{part:g}" if isinstance(part, float) else str(part))
    return html


def _grid(
    x: float, y: float, values: np.ndarray, name: str, kind: str = "", shift: float = 0
) -> str:
    """Draw a matrix as SVG; `shift` moves its numbers up and left."""
    cells = "".join(
        f'<g class="cell {kind}"><rect x="{x + w * CELL:g}" y="{y + h * CELL:g}" '
        f'width="{CELL}" height="{CELL}"/><text x="{x + (w + 0.5) * CELL + shift:g}" '
        f'y="{y + (h + 0.5) * CELL + 6 + shift:g}">{number(value)}</text></g>'
        for (h, w), value in np.ndenumerate(values)
    )
    middle = x + values.shape[1] * CELL / 2
    return f'{cells}<text class="name" x="{middle:g}" y="{y - 12:g}">{name}</text>'
