"""Tables of numbers and the boards that they stand on, as HTML.

All of it is made anew at each step; `page.js` changes only what differs on the page, so that focus
stays where it is and a window slides instead of jumping.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import NamedTuple

import numpy as np

from apps.shared.words import Words

Cell = tuple[int, int]


class Reach(NamedTuple):
    """How windows join two grids: their size, their stride, the other grids by their ids."""

    f: int
    stride: int
    grids: str


def number(value: float, decimals: int = 2) -> str:
    """Write a number with so many decimals at most and a real minus sign."""
    if abs(value) >= 1e6:
        return f"{value:.1e}".replace("-", "−").replace("e+0", "e")
    text = f"{value:.{decimals}f}".rstrip("0").rstrip(".") if decimals else f"{value:.0f}"
    return "0" if text == "-0" else text.replace("-", "−")


def exact(value: float) -> str:
    """Write a number as a sentence says it: there is room for more decimals than in a grid."""
    return number(value, 4)


def factor(value: float) -> str:
    """Write a number as a term of a product or a sum."""
    return f"({exact(value)})" if value < 0 else exact(value)


def in_cell(value: float, decimals: int = 2) -> str:
    """Write a number so that a cell has room for it."""
    return number(
        value, decimals if abs(value) < 100 else decimals // 2 if abs(value) < 1000 else 0
    )


def board(ident: str, heading: str, body: str, *, name: str = "", note: str = "") -> str:
    """Draw a part of the picture under its heading, `name` being what the code calls it."""
    code = f" <code>{name}</code>" if name else ""
    note = f'<p class="note">{note}</p>' if note else ""
    return (
        f'<section class="board" id="board-{ident}"><h2>{heading}{code}</h2>'
        f'<div class="grids">{body}</div>{note}</section>'
    )


def marked(where: np.ndarray, mark: str, pad: int = 0) -> dict[Cell, str]:
    """Give the cells where there is something their mark."""
    return {(int(h) + pad, int(w) + pad): mark for h, w in np.argwhere(where)}


def links(c: int, n_H: int, n_W: int, top: int = 0, left: int = 0) -> dict[Cell, str]:
    """Join the entries of a window in channel c to themselves in other grids."""
    return {(top + h, left + w): f"{c},{h},{w}" for h in range(n_H) for w in range(n_W)}


def operator(sign: str) -> str:
    """Draw a sign between two grids."""
    return f'<span class="operator">{sign}</span>'


def small(say: Words, values: np.ndarray, ident: str, caption: str, **more: object) -> str:
    """Draw a grid without headers, its name below."""
    name = {"label": caption, **more}
    drawn = grid(say, values, ident=ident, headers=False, **name)
    return f'<figure class="small">{drawn}<figcaption>{caption}</figcaption></figure>'


def grid(
    say: Words,
    values: np.ndarray,
    *,
    ident: str,
    label: str,
    decimals: int = 2,
    headers: bool = True,
    frame: tuple[slice, slice] | None = None,
    marks: Mapping[Cell, str] | None = None,
    pad: int = 0,
    unread: tuple[np.ndarray, np.ndarray] | None = None,
    edit: str = "",
    pick: str = "",
    draw: bool = False,
    channel: int = 0,
    links: Mapping[Cell, str] | None = None,
    asked: Cell | None = None,
    over: Reach | None = None,
    read_by: Reach | None = None,
) -> str:
    """Draw one table of numbers; what is not a number is an empty cell.

    `frame` is the window drawn over it, `marks` what is special about a cell (names of words and
    of CSS classes), `unread` the rows and columns that no window reads. Typing changes the array
    `edit`, a click chooses a cell of the array `pick`, in a channel; into one to `draw`, a
    pointer or keys put ink. Cells with the
    same of their `links` light up together, in whatever grids. The reader is to type the number
    of the cell `asked`. Pointing at a cell shows its window in the grids of `over`, and
    those cells of the grids of `read_by` whose windows read it.
    """
    n_H, n_W = values.shape
    most = np.abs(values[~np.isnan(values)]).max(initial=0) or 1
    marks = marks or {}
    active = bool(edit or pick or draw or asked)
    focus = next((cell for cell, mark in marks.items() if "current" in mark.split()), None)
    if focus is None and frame:
        focus = (min(max(frame[0].start, pad), n_H - 1 - pad), max(frame[1].start, pad))
        focus = (focus[0], min(focus[1], n_W - 1 - pad))
    focus = focus or (pad, pad)
    head = "".join(f'<th scope="col">{w}</th>' for w in range(n_W))
    rows = [f'<tr><td class="corner"></td>{head}</tr>'] if headers else []
    for h in range(n_H):
        cells = [f'<th scope="row">{h}</th>'] if headers else []
        for w in range(n_W):
            value = float(values[h, w])
            padding = not (pad <= h < n_H - pad and pad <= w < n_W - pad)
            framed = bool(frame) and frame[0].start <= h < frame[0].stop
            framed = framed and frame[1].start <= w < frame[1].stop
            dropped = unread is not None and bool(unread[0][h] or unread[1][w])
            kinds = marks.get((h, w), "").split()
            classes = [*kinds, *(["pad"] * padding), *(["in"] * framed), *(["unread"] * dropped)]
            shown = "" if np.isnan(value) else in_cell(value, decimals)
            attributes = [f'data-at="{h},{w}"']
            if shown:
                classes += ["neg"] * (value < 0) + ["long"] * (len(shown) > 4)
                attributes.append(f'style="--v:{abs(value) / most:.2f}"')
            if (h, w) == asked:
                shown = "?"
                attributes.append('data-edit="guess"')
            if active:
                spoken = [
                    say("cell", r=h, c=w, v=exact(value) if shown not in ("", "?") else shown)
                ]
                spoken += [say["in_padding"]] * padding + [say["in_window"]] * framed
                spoken += [say["unread"]] * dropped + [say[kind] for kind in kinds]
                attributes.append(f'aria-label="{escape("; ".join(spoken))}"')
                attributes.append(f'tabindex="{0 if (h, w) == focus else -1}"')
                if not padding:
                    attributes.append(f'data-cell="{h - pad},{w - pad},{channel}"')
                if pick and "current" in kinds:
                    attributes.append('aria-selected="true"')
            if links and (h, w) in links:
                attributes.append(f'data-link="{links[h, w]}"')
            cells.append(f'<td class="{" ".join(classes)}" {" ".join(attributes)}>{shown}</td>')
        rows.append(f"<tr>{''.join(cells)}</tr>")
    about = [f'id="{ident}"', f'aria-label="{escape(label)}"']
    about += ['role="grid"'] * active
    about += ['data-draw=""'] * draw
    about += [f'data-edit="{edit}"'] * bool(edit) + [f'data-pick="{pick}"'] * bool(pick)
    for name, reach in (("over", over), ("read-by", read_by)):
        if reach:
            about.append(f'data-f="{reach.f}" data-stride="{reach.stride}"')
            about.append(f'data-{name}="{reach.grids}"')
    window = ""
    if frame:
        f = frame[0].stop - frame[0].start
        place = f"--top:{frame[0].start};--left:{frame[1].start};--f:{f}"
        window = f'<span class="frame" style="{place}" aria-hidden="true"></span>'
    kind = "numbers" if headers else "numbers plain"
    return (
        f'<div class="{kind}" style="--n:{n_W}"><table {" ".join(about)}>'
        f"<tbody>{''.join(rows)}</tbody></table>{window}</div>"
    )
