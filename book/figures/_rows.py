"""Grids side by side, row below row, with signs between them: what an application shows."""

import numpy as np

from ._canvas import ROLES, Canvas

WIDEST = 6.2  # inches of text on a page


def draw_rows(rows: list[list[dict]]) -> tuple[Canvas, float, float]:
    """Draw rows of grids as large as the page allows.

    A grid is its `values`, and what is special about them: `name`, `role`, `roles`, `bold`, a
    `frame` (row, column, height, width), the cells to `ring`, the `sign` before it. Returns the
    canvas, its width, and where a next row would start.
    """
    width = max(_width(row) for row in rows)
    canvas = Canvas(min(0.36, WIDEST / (width + 0.6)))
    y = 0.0
    for row in rows:
        y = _row(canvas, (width - _width(row)) / 2, y, row)
    return canvas, width, y


def _gap(part: dict) -> float:
    return 1.5 if len(part.get("sign", "")) <= 1 else 0.9 + 0.5 * len(part["sign"])


def _width(row: list[dict]) -> float:
    return sum(np.shape(part["values"])[1] + _gap(part) for part in row) - _gap(row[0])


def _row(canvas: Canvas, x: float, y: float, row: list[dict]) -> float:
    """Draw grids side by side, with the signs between them; return where the next row starts."""
    tallest = max(np.shape(part["values"])[0] for part in row)
    for k, part in enumerate(row):
        n_H, n_W = np.shape(part["values"])
        top, role = y + (tallest - n_H) / 2, part.get("role", "plain")
        if k:
            x += _gap(part)
            canvas.text(x - _gap(part) / 2, y + tallest / 2, part.get("sign", ""), 1.2)
        looks = {key: part.get(key) for key in ("name", "roles", "bold")}
        canvas.grid(x, top, part["values"], role, **looks)
        if "frame" in part:
            h, w, rows, columns = part["frame"]
            color = ROLES["input" if role == "plain" else role][0]
            canvas.frame(x + w, top + h, columns, rows, color=color)
        for h, w in np.argwhere(part.get("ring", [[]])):
            canvas.ring(x + w, top + h)
        x += n_W
    return y + tallest + 1.5
