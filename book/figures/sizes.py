"""How many windows fit: sliders on a page, one case on paper."""

from html import escape
from pathlib import Path

import numpy as np

from cnnlayers import zero_pad

from ._canvas import ROLES, Canvas, Drawing
from .sliding import Animation

HERE = Path(__file__).parent
# The sliders: what each is called, from where to where it goes, and where it starts.
SLIDERS = {"n_W_prev": (1, 12, 7), "f": (1, 7, 3), "pad": (0, 3, 1), "stride": (1, 5, 2)}
CELL, BAR = 22, 9  # the page's own units


def output_sizes() -> Animation:
    """Count the windows of 3 that fit along 7 entries with a pad of 1 and a stride of 2."""
    n, f, pad, stride = (start for _, _, start in SLIDERS.values())
    return Animation(_html(n, f, pad, stride), _frames(n, f, pad, stride))


def _starts(n: int, f: int, pad: int, stride: int) -> range:
    return range(0, n + 2 * pad - f + 1, stride)


def _frames(n: int, f: int, pad: int, stride: int) -> Drawing:
    """Draw the padded axis, and below it each window."""
    canvas, starts = Canvas(), _starts(n, f, pad, stride)
    axis = zero_pad(np.ones((1, 1, n, 1)), pad)[0, pad, :, 0]
    roles = np.where(axis > 0, "plain", "pad")[None]
    canvas.grid(0, 0, np.arange(len(axis), dtype=float)[None], roles=roles)
    apart = -(-f // stride)  # lines, so that no window lies on another
    for k, start in enumerate(starts):
        y = 1.35 + 0.75 * (k % apart)
        canvas.frame(start + 0.06, y, f - 0.12, 0.5, color=ROLES["input"][0], line=1.8)
        canvas.number(start + f / 2, y + 0.25, k, size=0.8)
    names = ", ".join(
        f"{name} = {value}" for name, value in zip(SLIDERS, (n, f, pad, stride), strict=True)
    )
    canvas.code(len(axis) / 2, -0.6, names)
    middle = len(axis) / 2, 1.35 + 0.75 * apart + 0.7
    fraction = rf"\frac{{{n} - {f} + 2 \cdot {pad}}}{{{stride}}}"
    canvas.formula(*middle, rf"n_W = \left\lfloor {fraction} \right\rfloor + 1 = {len(starts)}")
    return canvas.drawing()


def _html(n: int, f: int, pad: int, stride: int) -> str:
    """Fill the template with the sliders and with the picture of where they start."""
    sliders = "".join(
        f'<label><code>{name}</code> <span>{start}</span><input type="range" aria-label="{name}" '
        f'data-name="{name}" min="{low}" max="{high}" value="{start}" step="1"/></label>'
        for name, (low, high, start) in SLIDERS.items()
    )
    starts, most = _starts(n, f, pad, stride), SLIDERS["n_W_prev"][1] + 2 * SLIDERS["pad"][1]
    apart = -(-f // stride)
    cells = "".join(
        f'<g class="{"cell" if pad <= k < n + pad else "cell pad"}"><rect x="{k * CELL}" y="0" '
        f'width="{CELL}" height="{CELL}"/><text x="{(k + 0.5) * CELL:g}" y="15">{k}</text></g>'
        for k in range(n + 2 * pad)
    )
    bars = "".join(
        f'<rect class="bar" x="{start * CELL + 1}" y="{CELL + 4 + (k % apart) * BAR}" '
        f'width="{f * CELL - 2}" height="{BAR - 4}"/>'
        for k, start in enumerate(starts)
    )
    parts = {
        "SLIDERS": sliders,
        "VIEW": f"{(n + 2 * pad - most) * CELL // 2 - 1} -1 {most * CELL + 2} "
        f"{CELL + 6 + SLIDERS['f'][1] * BAR}",
        "PICTURE": cells + bars,
        "FORMULA": escape(f"n_W = ⌊({n} − {f} + 2·{pad}) / {stride}⌋ + 1 = {len(starts)}"),
        "LEFT": f"r = {(n - f + 2 * pad) % stride}",
    }
    html = (HERE / "sizes.html").read_text(encoding="utf-8")
    for name, part in parts.items():
        html = html.replace(f"[[{name}]]", part)
    style = (HERE / "sizes.css").read_text(encoding="utf-8")
    script = (HERE / "sizes.js").read_text(encoding="utf-8")
    return f"{html}<style>\n{style}</style>\n<script>\n{script}</script>\n"
