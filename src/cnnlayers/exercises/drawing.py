"""Arrays drawn as boards of numbers, in text and in HTML, marked by more than color.

The entries of a window stand in brackets, or in a frame; one that differs stands behind a ≠.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
WIDTH = 90  # characters of a line
MOST = 4  # boards of one array
SIDE = 10  # rows and columns of a board
FILTERS = ("W", "dW", "W_1", "W_2", "W_5")


@dataclass(frozen=True, eq=False)
class Board:
    """A table of numbers with a title, and where its window and its differences are."""

    title: str
    rows: tuple[tuple[str, ...], ...]
    window: NDArray[np.bool_]
    differs: NDArray[np.bool_]


def boards(
    name: str,
    array: Array,
    title: str = "",
    window: NDArray[np.bool_] | None = None,
    differs: NDArray[np.bool_] | None = None,
) -> list[Board]:
    """Cut an array into tables of rows and columns: of many, those on which something is marked."""
    title = title or name
    if array.size == 0:
        nothing = np.zeros((0, 0), dtype=bool)
        return [Board(f"{title} {array.shape}", (), nothing, nothing)]
    no = np.zeros(array.shape, dtype=bool)
    layers = [no if marks is None else marks for marks in (window, differs)]
    planes = list(_planes(name, array))
    made: list[Board] = []
    for index, label in planes:
        rows = tuple(tuple(map(number, row)) for row in _plane(array, index))
        marks = (_plane(layer, index) for layer in layers)
        made.append(Board(title + (label if len(planes) > 1 else ""), rows, *marks))
    made.sort(key=lambda board: not (board.differs.any() or board.window.any()))
    return made[:MOST]


def _planes(name: str, array: Array) -> Iterator[tuple[Any, str]]:
    every = slice(None)
    if array.ndim == 4 and array.shape[:3] == (1, 1, 1):
        yield (0, 0), ""
    elif array.ndim == 4 and name in FILTERS:
        for k, c in np.ndindex(array.shape[2:]):
            yield (every, every, k, c), f"[:, :, {k}, {c}]"
    elif array.ndim == 4:
        for i, c in np.ndindex(array.shape[0], array.shape[3]):
            yield (i, every, every, c), f"[{i}, :, :, {c}]"
    elif array.ndim == 3:
        for c in range(array.shape[2]):
            yield (every, every, c), f"[:, :, {c}]"
    else:
        yield ..., ""


def _plane(array: Array, index: Any) -> Array:
    plane = np.atleast_2d(array[index])
    return plane.reshape(len(plane), -1)[:SIDE, :SIDE]


def number(x: Any) -> str:
    """Write a number as one would with a pencil."""
    return str(x) if str(x) in ("True", "False") else f"{x + 0:.4g}"


def as_text(drawn: Sequence[Board]) -> str:
    """Draw boards side by side, as many to a line as fit."""
    lines: list[list[list[str]]] = [[]]
    for board in drawn:
        block = _block(board)
        used = sum(len(other[0]) + 4 for other in lines[-1])
        if lines[-1] and used + len(block[0]) > WIDTH:
            lines.append([])
        lines[-1].append(block)
    return "\n\n".join("\n".join(_beside(blocks)) for blocks in lines)


def _block(board: Board) -> list[str]:
    cells = [
        [_cell(text, *marks) for text, *marks in zip(*columns, strict=True)]
        for columns in zip(board.rows, board.window, board.differs, strict=True)
    ]
    width = max((len(cell) for row in cells for cell in row), default=0)
    rows = ["".join(cell.rjust(width) for cell in row) for row in cells]
    length = max(map(len, [board.title, *rows]))
    return [line.ljust(length) for line in (board.title, *rows)]


def _cell(text: str, window: bool, differs: bool) -> str:
    text = f"≠{text}" if differs else text
    return f" [{text}]" if window else f"  {text} "


def _beside(blocks: Sequence[list[str]]) -> list[str]:
    height = max(map(len, blocks))
    padded = [block + [" " * len(block[0])] * (height - len(block)) for block in blocks]
    return ["    ".join(row).rstrip() for row in zip(*padded, strict=True)]


def as_html(drawn: Sequence[Board]) -> str:
    """Draw boards as tables."""
    return f'<div class="boards">{"".join(map(_table, drawn))}</div>'


def _table(board: Board) -> str:
    rows = (
        "".join(_td(text, *marks) for text, *marks in zip(*columns, strict=True))
        for columns in zip(board.rows, board.window, board.differs, strict=True)
    )
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table><caption><code>{escape(board.title)}</code></caption>{body}</table>"


def _td(text: str, window: bool, differs: bool) -> str:
    classes = " ".join(name for name, there in (("window", window), ("differs", differs)) if there)
    mark = "≠\u202f" if differs else ""
    return f'<td class="{classes}">{mark}{escape(text)}</td>' if classes else f"<td>{text}</td>"
