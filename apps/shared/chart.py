"""A curve drawn as SVG: what has been, and where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import isfinite, log10

from apps.shared.grid import number

WIDTH, HEIGHT = 300, 110  # of the drawing's own units; the page gives it its size
LEFT, RIGHT, TOP, BOTTOM = 34, 6, 8, 18


def curve(
    values: Sequence[float], last: int, *, label: str, across: str, linear: bool = False
) -> str:
    """Draw positive values over their number, up to the `last` of them; NaN is a gap.

    The scale is logarithmic, or `linear` from 0 to 1.
    """
    shown = [(n, v) for n, v in enumerate(values[: last + 1]) if isfinite(v)]
    scaled = [(n, v if linear else log10(max(v, 1e-12))) for n, v in shown] or [(0, 0.0)]
    low, high = min(v for _, v in scaled), max(v for _, v in scaled)
    if linear:
        low, high = 0, 1
    elif high - low < 1:
        low, high = (low + high - 1) / 2, (low + high + 1) / 2
    longest = max(len(values) - 1, 1)

    def point(n: int, value: float) -> tuple[float, float]:
        x = LEFT + (WIDTH - LEFT - RIGHT) * n / longest
        return x, TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low)

    top, bottom = (high, low) if linear else (10**high, 10**low)
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (point(n, v) for n, v in scaled))
    x, y = point(*scaled[-1])
    floor = HEIGHT - BOTTOM
    texts = [
        (LEFT - 4, TOP + 5, "end", _short(top)),
        (LEFT - 4, floor, "end", _short(bottom)),
        (LEFT, HEIGHT - 4, "middle", "0"),
        (WIDTH - RIGHT, HEIGHT - 4, "end", f"{longest}"),
        ((LEFT + WIDTH) / 2, HEIGHT - 4, "middle", escape(across)),
    ]
    drawn = "".join(f'<text x="{x}" y="{y}" text-anchor="{a}">{t}</text>' for x, y, a, t in texts)
    return (
        f'<svg class="curve" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(label)}">'
        f'<path class="axes" d="M{LEFT} {TOP}V{floor}H{WIDTH - RIGHT}"/>'
        f'<polyline points="{path}"/><circle cx="{x:.1f}" cy="{y:.1f}" r="4"/>{drawn}</svg>'
    )


def _short(value: float) -> str:
    return number(value, 0 if value >= 100 else 2) if value >= 0.01 or not value else f"{value:.0e}"
