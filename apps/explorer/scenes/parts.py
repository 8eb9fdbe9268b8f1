"""What several scenes are made of: the input, the output, the row that they stand in."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from apps.explorer.look import Look
from apps.explorer.state import State
from apps.shared.grid import Cell, Reach, board, grid, links
from apps.shared.words import Words


def output_name(state: State) -> str:
    """Pooling calls its output A, as the package does."""
    return "Z" if state.op == "conv" else "A"


def cell_name(state: State, prefix: str = "") -> str:
    """Name the present cell as the code does."""
    return f"{prefix}{output_name(state)}[0, {state.h}, {state.w}, {state.c}]"


def labelled(say: Words, heading: str, name: str, c: int, channels: int) -> str:
    """Name a grid for those who do not see where it stands."""
    more = f", {say('channel', c=c)}" if channels > 1 else ""
    return f"{heading} {name}{more}"


def row(
    kind: str,
    *parts: str,
    wide: tuple[int, float],
    narrow: tuple[int, float],
    down: tuple[int, float],
    line: int = 9,
) -> str:
    """Put boards side by side, so large that they fit.

    Each pair is how many cells stand next to one another and how many rem go to what is not a
    cell: across a wide page, across a narrow one, and from top to bottom. `line` is how many
    cells stand side by side where a number is made.
    """
    sizes = {"wide": wide, "narrow": narrow, "down": down}
    style = f"--line:{line};"
    style += ";".join(f"--{key}:{n};--{key}-rest:{rem}rem" for key, (n, rem) in sizes.items())
    return f'<div class="boards {kind}" style="{style}">{"".join(parts)}</div>'


def input_board(
    say: Words,
    state: State,
    seen: Look,
    *,
    marks: list[Mapping[Cell, str]] | None = None,
    framed: bool = True,
    read_by: str = "Z",
    pick: str = "",
) -> str:
    """Draw the padded input with the window over it."""
    pad, grids = state.padding, []
    heading = say["A_padded" if pad else "A"]
    for c in range(state.channels):
        here = framed and seen.window is not None and (state.op == "conv" or c == state.c)
        readers = 0 if state.op == "conv" else c
        grids.append(
            grid(
                say,
                seen.A_pad[:, :, c],
                ident=f"A-{c}",
                label=labelled(say, heading, "A_prev", c, state.channels),
                frame=(seen.rows, seen.columns) if here else None,
                marks=marks[c] if marks else None,
                pad=pad,
                unread=(~seen.read_rows, ~seen.read_columns) if state.has_output else None,
                edit="" if pick else "x",
                pick=pick,
                channel=c,
                links=links(c, state.f, state.f, seen.rows.start, seen.columns.start)
                if here
                else None,
                read_by=Reach(state.f, state.stride, f"{read_by}-{readers}"),
            )
        )
    note = say["pick_hint" if pick else "edit_hint"]
    return board("A", heading, "".join(grids), name="A_prev", note=note)


def output_board(
    say: Words,
    state: State,
    values: np.ndarray,
    *,
    ident: str = "Z",
    heading: str,
    name: str,
    marks: list[Mapping[Cell, str]] | None = None,
    pick: str = "Z",
    asked: bool = False,
    decimals: int = 2,
    over: tuple[str, ...] = ("A",),
) -> str:
    """Draw an array of the output's shape, the present cell and those before it marked."""
    grids = []
    for c in range(values.shape[2]):
        channels = range(state.channels) if state.op == "conv" else [c]
        windows = " ".join(f"{grid}-{k}" for grid in over for k in channels)
        grids.append(
            grid(
                say,
                values[:, :, c],
                ident=f"{ident}-{c}",
                label=labelled(say, heading, name, c, values.shape[2]),
                marks=marks[c] if marks else _progress(state, c),
                pick=pick,
                channel=c,
                decimals=decimals,
                asked=(state.h, state.w) if asked and c == state.c else None,
                over=Reach(state.f, state.stride, windows),
            )
        )
    note = say["pick_hint"] if pick else ""
    return board(ident, heading, "".join(grids), name=name, note=note)


def padded(state: State, values: np.ndarray) -> np.ndarray:
    """Give a gradient of the input an empty border where the input has its padding."""
    pad = ((state.padding, state.padding),) * 2 + ((0, 0),)
    return np.pad(values.astype(float), pad, constant_values=np.nan)


def _progress(state: State, c: int) -> dict[Cell, str]:
    n_H, n_W = state.output_shape
    done = (cell for cell in np.ndindex(n_H, n_W) if (*cell, c) < (state.h, state.w, state.c))
    marks = dict.fromkeys(done, "done")
    if c == state.c:
        marks[state.h, state.w] = "current"
    return marks
