"""im2col: the window as a row of a matrix, and the convolution as one product."""

from __future__ import annotations

import numpy as np

from apps.explorer.columns import windows_as_rows
from apps.explorer.look import Look
from apps.explorer.scenes.parts import cell_name, input_board, output_board, row
from apps.explorer.state import State
from apps.shared.grid import board, exact, small
from apps.shared.words import Words

AROUND = 1  # rows shown before the present one, and after it


def scene(say: Words, state: State, seen: Look) -> str:
    """Draw the input, the rows of the matrix around the present one, the filter, the output."""
    matrix = windows_as_rows(state, seen)
    height, width = matrix.shape
    first = max(0, min(state.step - AROUND, height - 2 * AROUND - 1))
    last = min(first + 2 * AROUND, height - 1)
    present = state.step - first
    entries = [f"{c},{h},{w}" for h, w, c in np.ndindex(seen.W.shape)]

    def lying(values: np.ndarray, ident: str, caption: str, at: int = 0, **more: object) -> str:
        joined = {(at, k): entry for k, entry in enumerate(entries)}
        return small(say, values, ident, caption, links=joined, **more)

    W = seen.W.reshape(1, -1)
    present_row = matrix[state.step : state.step + 1]
    drawn = [
        lying(
            matrix[first : last + 1],
            "rows",
            say("rows_of", first=first, last=last, n=height),
            present,
            marks={(present, k): "present" for k in range(width)},
        ),
        lying(W, "column", say("column_of", n=width)),
        lying(present_row * W, "terms", say["products"]),
    ]
    value = exact(seen.Z[state.h, state.w, 0])
    total = (
        f'<p class="result"><code>{cell_name(state)}</code> = Σ + b = '
        f"{exact((present_row * W).sum())} + {exact(state.bias)} = "
        f'<strong id="number">{value}</strong></p>'
    )
    note = say("columns_note", rows=height, width=width)
    body = (
        f'<div class="scrolls" tabindex="0" role="region" data-scrolls="" '
        f'aria-label="{say["columns_board"]}">{"".join(drawn)}</div>{total}<p>{note}</p>'
    )
    (n_H, n_W, _), n = seen.A_pad.shape, state.channels
    return row(
        f"columns channels-{n}",
        input_board(say, state, seen),
        output_board(say, state, seen.Z, heading=say["Z"], name="Z"),
        board("matrix", say["columns_board"], body),
        wide=(n_W + state.output_shape[1] + width, 9),
        narrow=(n_W + state.output_shape[1], 4.6) if n == 1 else (n * n_W, 1.6 + n * 1.5),
        down=(n * n_H + 7, 8 + n * 1.6),
    )


def sentence(say: Words, state: State) -> str:
    """Say which row the present window is."""
    return say("say_columns", Z=cell_name(state), row=state.step, n=state.f**2 * state.channels)
