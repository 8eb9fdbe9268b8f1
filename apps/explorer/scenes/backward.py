"""The backward pass: what the present step sends back, and what it has come to."""

from __future__ import annotations

import numpy as np

from apps.explorer.look import Look
from apps.explorer.scenes.parts import (
    cell_name,
    input_board,
    labelled,
    output_board,
    output_name,
    padded,
    row,
)
from apps.explorer.state import State
from apps.shared.grid import Reach, board, exact, grid, in_cell, links, marked, operator, small
from apps.shared.making import channel, result
from apps.shared.words import Words


def asked_entry(state: State, seen: Look) -> tuple[int, int, int] | None:
    """Choose the entry of dA_prev that the reader is to find: one that this step may change."""
    if not state.asks:
        return None
    step = np.argwhere(seen.sent.dA_step)
    pad, (n_H, n_W) = state.padding, state.input_shape
    rows = range(max(seen.rows.start - pad, 0), min(seen.rows.stop - pad, n_H))
    columns = range(max(seen.columns.start - pad, 0), min(seen.columns.stop - pad, n_W))
    inside = [(h, w, state.c) for h in rows for w in columns]
    # Every other step an entry that does change, so that neither answer goes without saying.
    choices = [tuple(map(int, at)) for at in step] if len(step) and state.step % 2 == 0 else inside
    return choices[(5 * state.step + 3) % len(choices)] if choices else None


def scene(say: Words, state: State, seen: Look, asked: bool) -> str:
    """Draw the gradient that arrives, what this step makes of it, and the sum so far."""
    name, n = f"d{output_name(state)}", state.channels
    reached = [marked(seen.sent.dA_step[:, :, c], "gets", state.padding) for c in range(n)]
    at = asked_entry(state, seen) if asked else None
    if at:
        reached = [{} for _ in reached]
    (rows, columns, _), width = seen.A_pad.shape, state.output_shape[1]
    grids = 4 if state.op == "conv" else 3
    return row(
        f"backward {state.op} channels-{n}",
        output_board(
            say, state, seen.sent.dZ, ident="dZ", heading=say["arrives"], name=name, pick="Z",
            over=("A", "dA"),
        ),
        board("making", say["sends"], _sends(say, state, seen, at is not None)),
        _total(say, state, seen, reached, at),
        input_board(say, state, seen, marks=reached, read_by="dZ"),
        wide=(max(columns, width) + grids * state.f + columns, 13),
        narrow=(columns + width, 4.6) if n == 1 else (n * columns, 1.6 + n * 1.5),
        line=3 * state.f,
        down=(rows + len(seen.Z), 8.5) if n == 1 else (n * rows, 3 + n * 1.6),
    )  # fmt: skip


def sentence(say: Words, state: State, seen: Look) -> str:
    """Say what the present step sends back, and where."""
    name, dZ = cell_name(state, "d"), seen.sent.dZ[state.h, state.w, state.c]
    dz = exact(dZ)
    if state.op == "conv":
        key = "say_conv_back" if dZ else "say_conv_back_zero"
        return say(key, Z=name, dz=dz, db=exact(seen.sent.db))
    if state.op == "average":
        share = exact(seen.sent.share[0, 0])
        return say("say_average_back", Z=name, dz=dz, n=state.f**2, share=share)
    window = seen.window[:, :, state.c]
    highest = np.argwhere(window == window.max())
    where = say("at", r=highest[0][0] + seen.rows.start, c=highest[0][1] + seen.columns.start)
    kind = "say_max_back"
    if len(highest) > 1:
        kind += "_first" if state.ties == "first" else "_ties"
    grown = exact(dZ * len(highest))
    return say(kind, Z=name, dz=dz, max=exact(window.max()), n=len(highest), where=where, all=grown)


def answer(state: State, seen: Look) -> float | None:
    """Tell the number that the reader is asked for."""
    at = asked_entry(state, seen)
    return None if at is None else float(seen.sent.dA[at])


def question(say: Words, state: State, seen: Look) -> str:
    """Ask for the entry of dA_prev after this step."""
    at = asked_entry(state, seen)
    before = seen.sent.dA[at] - seen.sent.dA_step[at]
    h, w, c = at
    return say(
        "ask_back",
        entry=f"dA_prev[0, {h}, {w}, {c}]",
        before=exact(before),
        Z=cell_name(state, "d"),
        dz=exact(seen.sent.dZ[state.h, state.w, state.c]),
        hint=say[f"hint_back_{state.op}"],
    )


def _sends(say: Words, state: State, seen: Look, asked: bool) -> str:
    dz = in_cell(seen.sent.dZ[state.h, state.w, state.c])
    arrives = result(cell_name(state, "d"), "", dz)
    if asked:
        return arrives
    if state.op == "conv":
        return arrives + _sent_by_convolution(say, state, seen, dz)
    return arrives + _sent_by_pooling(say, state, seen, dz)


def _sent_by_convolution(say: Words, state: State, seen: Look, dz: str) -> str:
    # What falls on the padding is dropped: its cells stay empty.
    dA_step = padded(state, seen.sent.dA_step)[seen.rows, seen.columns]
    lines = []
    for c in range(state.channels):

        def part(values: np.ndarray, ident: str, caption: str, c: int = c, edit: str = "") -> str:
            drawn = {"channel": c, "links": links(c, state.f, state.f), "edit": edit}
            return small(say, values[:, :, c], f"{ident}-{c}", caption, **drawn)

        to_A = [
            part(seen.W, "factors", say["factors"], edit="k"),
            operator(f"· {dz} ="),
            part(dA_step, "dA-step", "dA_prev +="),
        ]
        to_W = [
            part(seen.window, "read", say["read"]),
            operator(f"· {dz} ="),
            part(seen.sent.dW_step, "dW-step", "dW +="),
            operator("→"),
            part(seen.sent.dW, "dW", "dW"),
        ]
        which = channel(c) if state.channels > 1 else ""
        lines += [f'<div class="line">{which}{"".join(line)}</div>' for line in (to_A, to_W)]
    bias = f'<code>db</code> += <span id="db-step">{dz}</span> → <strong id="db">'
    return f'<p class="result">{bias}{in_cell(seen.sent.db)}</strong></p>{"".join(lines)}'


def _sent_by_pooling(say: Words, state: State, seen: Look, dz: str) -> str:
    c = state.c
    window, shared = seen.window[:, :, c], {"links": links(c, state.f, state.f)}
    if state.op == "max":
        highest, kept = (marked(m, "max_here") for m in (window == window.max(), seen.mask))
        parts = [
            small(say, window, f"read-{c}", say["read"], marks=highest, **shared),
            operator("→"),
            small(say, seen.mask.astype(int), "mask", say["mask"], marks=kept, **shared),
            operator(f"· {dz} ="),
        ]
        sent = seen.mask * seen.sent.dZ[state.h, state.w, c]
    else:
        parts = [operator(f"{dz} / {window.size} →")]
        sent = seen.sent.share
    parts.append(small(say, sent, "sent", "dA_prev +=", **shared))
    return f'<div class="line">{"".join(parts)}</div>'


def _total(
    say: Words, state: State, seen: Look, reached: list, at: tuple[int, int, int] | None
) -> str:
    values, pad = seen.sent.dA, state.padding
    if at:  # as it was before this step
        values = values - seen.sent.dA_step
    values = padded(state, values)
    grids = []
    for c in range(state.channels):
        here = state.op == "conv" or c == state.c
        asked = (at[0] + pad, at[1] + pad) if at and at[2] == c else None
        grids.append(
            grid(
                say,
                values[:, :, c],
                ident=f"dA-{c}",
                label=labelled(say, say["total"], "dA_prev", c, state.channels),
                frame=(seen.rows, seen.columns) if here else None,
                marks=reached[c] | ({asked: "current"} if asked else {}),
                pad=pad,
                pick="dA",
                channel=c,
                asked=asked,
                read_by=Reach(state.f, state.stride, f"dZ-{0 if state.op == 'conv' else c}"),
            )
        )
    note = f"{say['open_hint']} {say['padding_lost'] if pad else ''}"
    return board("total", say["total"], "".join(grids), name="dA_prev", note=note)
