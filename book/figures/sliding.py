"""A filter sliding over its input: an animation on a page, a strip of frames on paper."""

import json
from html import escape
from pathlib import Path

import numpy as np

from cnnlayers import conv_forward

from .. import example
from ._canvas import ROLES, Canvas, Drawing, number

HERE = Path(__file__).parent
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


def _settings() -> list[str]:
    return [f"{name} = {example.hparameters[name]}" for name in ("stride", "pad")]


def _frames(X: np.ndarray, W: np.ndarray, Z: np.ndarray) -> Drawing:
    """Draw the filter, and the nine windows, each where its number stands in Z."""
    canvas, n, f = Canvas(0.29), len(X), len(W)
    across, b = n + 0.9, example.b.item()
    canvas.grid(across - 1.2, -f - 2.6, W, "filter", name="W")
    for k, setting in enumerate([*_settings(), f"b = {number(b)}"]):
        canvas.code(across + f - 0.4, -f - 2.6 + 0.5 + k, setting, ha="left")
    for step, ((h, w), value) in enumerate(np.ndenumerate(Z), start=1):
        left, top = across * w, (n + 2.4) * h
        roles = np.full(X.shape, "plain", dtype=object)
        roles[h : h + f, w : w + f] = "input"
        canvas.grid(left, top, X, roles=roles)
        canvas.frame(left + w, top + h, f, f, color=ROLES["input"][0])
        total = number((X[h : h + f, w : w + f] * W).sum())
        canvas.code(left + n / 2, top - 1.25, f"{step}: Z[{h}, {w}] =")
        canvas.code(left + n / 2, top - 0.5, f"{total} + {number(b)} = {number(value)}")
    return canvas.drawing()


def _html(X: np.ndarray, W: np.ndarray, Z: np.ndarray) -> str:
    """Fill the template with the grids and with what each step computes.

    The style and the script stand in it whole, each in one element, and nothing else of either
    kind does: a site that keeps them apart from its pages can take them out.
    """
    n, f, top = len(X), len(W), 36
    b, steps = example.b.item(), []
    for (h, w), value in np.ndenumerate(Z):
        window = X[h : h + f, w : w + f]
        total = number((window * W).sum())
        step = {
            "x": w * CELL,
            "y": top + h * CELL,
            "window": [number(a) for a in window.ravel()],
            "terms": [number(p) for p in (window * W).ravel()],
            "total": total,
            "last": f"Z[{h}, {w}] = sum(s) + b = {total} + {number(b)} = {number(value)}",
        }
        steps.append(step)
    # Without a script the last step stands there, with all of Z.
    gap, below = 0.9 * CELL, top + n * CELL + 50
    left = [k * (f * CELL + gap) for k in range(3)]
    middle = (n * CELL + left[2]) / 2, top + n * CELL / 2
    grids = [
        _grid(0, top, X, "X"),
        *(
            f'<text class="setting" x="{middle[0]:g}" y="{middle[1] + y}">{setting}</text>'
            for y, setting in zip((-12, 24), _settings(), strict=True)
        ),
        _arrow(n * CELL + 10, left[2] - 10, middle[1]),
        _grid(left[2], top + (n - len(Z)) * CELL / 2, Z, "Z", "result"),
        _grid(left[0], below, window, "a_slice_prev", "taken"),
        _grid(left[1], below, W, "W", "weight"),
        _grid(left[2], below, window * W, "s", "product"),
        *(
            f'<text class="sign" x="{x - gap / 2:g}" y="{below + f * CELL / 2 + 7:g}">{sign}</text>'
            for x, sign in zip(left[1:], "×=", strict=True)
        ),
        f'<rect class="window" width="{f * CELL}" height="{f * CELL}" '
        f'transform="translate({steps[-1]["x"]} {steps[-1]["y"]})"/>',
    ]
    terms = " + ".join(steps[-1]["terms"]).replace("+ −", "− ")
    parts = {
        "WIDTH": f"{left[2] + f * CELL + 6:g}",
        "HEIGHT": f"{below + f * CELL + 4:g}",
        "GRIDS": "".join(grids),
        "STEPS": escape(json.dumps(steps, ensure_ascii=False, separators=(",", ":"))),
        "COUNT": f"{len(steps)} / {len(steps)}",
        "SUM": f"sum(s) = {terms} = {total}",
        "LAST": steps[-1]["last"],
    }
    html = (HERE / "sliding.html").read_text(encoding="utf-8")
    for name, part in parts.items():
        html = html.replace(f"[[{name}]]", part)
    style = (HERE / "sliding.css").read_text(encoding="utf-8")
    script = (HERE / "sliding.js").read_text(encoding="utf-8")
    return f"{html}<style>\n{style}</style>\n<script>\n{script}</script>\n"


def _grid(x: float, y: float, values: np.ndarray, name: str, kind: str = "") -> str:
    """Draw a matrix as SVG; weights have the corner that marks them in every figure."""
    cells = []
    for (h, w), value in np.ndenumerate(values):
        left, high = x + w * CELL, y + h * CELL
        mark = f'<path d="M{left:g} {high:g}h8l-8 8z"/>' if kind == "weight" else ""
        cells.append(
            f'<g class="cell {kind}"><rect x="{left:g}" y="{high:g}" width="{CELL}" '
            f'height="{CELL}"/>{mark}<text x="{left + CELL / 2:g}" y="{high + CELL / 2 + 6:g}">'
            f"{number(value)}</text></g>"
        )
    middle = x + values.shape[1] * CELL / 2
    return f'{"".join(cells)}<text class="name" x="{middle:g}" y="{y - 10:g}">{name}</text>'


def _arrow(start: float, end: float, y: float) -> str:
    return f'<path class="arrow" d="M{start:g} {y:g}H{end:g}m-8-5l8 5l-8 5"/>'
