"""One gradient: every window and weight that feeds an entry, and a nudge beside it."""

from __future__ import annotations

import numpy as np

from apps.explorer.entry import Entry
from apps.explorer.look import Look
from apps.explorer.scenes.parts import labelled, output_board, output_name, padded, row
from apps.explorer.state import State
from apps.shared.grid import Reach, board, exact, grid, marked, number, small
from apps.shared.making import Made, making
from apps.shared.words import Words


def name(state: State) -> str:
    """Name the entry as the code does."""
    at = f"{state.row}, {state.column}, {state.channel}"
    return {"A": f"dA_prev[0, {at}]", "W": f"dW[{at}, 0]", "b": "db[0, 0, 0, 0]"}[state.of]


def scene(say: Words, state: State, seen: Look, opened: Entry) -> str:
    """Draw the gradient that arrives, the sum that makes the entry, all gradients, the nudge."""
    n, d = state.channels, f"d{output_name(state)}"
    feeds = np.zeros(opened.dZ.shape, bool)
    c = state.channel if state.op != "conv" else 0
    feeds[opened.rows, opened.columns, c] = True
    marks = [marked(feeds[:, :, k], "feeds") for k in range(opened.dZ.shape[2])]
    over = ("dA",)
    arrives = output_board(
        say, state, opened.dZ, ident="dZ", heading=say["arrives"], name=d, marks=marks,
        pick="Z" if state.dz == "one" else "", over=over,
    )  # fmt: skip
    (rows, columns, _), (height, width) = seen.A_pad.shape, opened.parts.shape
    return row(
        f"entry {state.op} channels-{n}",
        arrives,
        board("making", say["feeds_board"], _making(say, state, opened)),
        _all(say, state, opened),
        _nudge(say, state, opened),
        wide=(columns + 3 * max(width, 1) + max(state.output_shape[1], 1), 16),
        narrow=(columns + state.output_shape[1], 4.6) if n == 1 else (n * columns, 1.6 + n * 1.5),
        line=3 * max(width, 1),
        down=(max(rows, height), 7) if n == 1 else (n * rows, 3 + n * 1.6),
    )


def sentence(say: Words, state: State, opened: Entry) -> str:
    """Say what the gradient of the entry adds up to."""
    n = opened.parts.size
    if not n:
        return say("say_entry_unread", entry=name(state))
    key = {"A": f"say_entry_{state.op}", "W": "say_entry_W", "b": "say_entry_b"}[state.of]
    key += "_one" if n == 1 and state.of == "A" else ""
    return say(key, entry=name(state), n=n, d=f"d{output_name(state)}", z=exact(opened.gradient))


def _making(say: Words, state: State, opened: Entry) -> str:
    if not opened.parts.size:
        return f'<p class="none">{say["nothing_feeds"]}</p>'
    factors = None if opened.factors is None else opened.factors[:, :, None]
    captions = {
        "read": f"d{output_name(state)}",
        "factors": say["pixels"] if state.of == "W" else say[f"factors_{state.op}"],
        "products": say["products"],
    }
    made = Made(name(state), opened.gradient, opened.parts[:, :, None], factors, captions=captions)
    return making(say, made)


def _all(say: Words, state: State, opened: Entry) -> str:
    pad, values, grids = state.padding, padded(state, opened.dA), []
    for c in range(state.channels):
        here = state.of == "A" and state.channel == c
        grids.append(
            grid(
                say,
                values[:, :, c],
                ident=f"dA-{c}",
                label=labelled(say, say["gradient"], "dA_prev", c, state.channels),
                marks={(state.row + pad, state.column + pad): "current"} if here else None,
                pad=pad,
                pick="dA",
                channel=c,
                read_by=Reach(state.f, state.stride, f"dZ-{0 if state.op == 'conv' else c}"),
            )
        )
    more = ""
    if opened.dW is not None:
        filters = "".join(
            small(
                say, opened.dW[:, :, c], f"dW-{c}",
                "dW" + (f" · c={c}" if state.channels > 1 else ""), pick="dW", channel=c,
                marks={(state.row, state.column): "current"}
                if state.of == "W" and state.channel == c else None,
            )
            for c in range(state.channels)
        )  # fmt: skip
        marks = {(0, 0): "current"} if state.of == "b" else None
        bias = small(say, np.array([[opened.db]]), "db", "db", pick="db", marks=marks)
        more = f'<div class="line">{filters}{bias}</div>'
    hint = say["pick_hint"]
    total = board("total", say["gradients"], "".join(grids), name="dA_prev", note=hint)
    return total + (board("weights", say["gradients"], more, name="dW, db") if more else "")


def _nudge(say: Words, state: State, opened: Entry) -> str:
    entry = name(state).removeprefix("d")
    difference = abs(opened.slope - opened.gradient)
    lines = [
        (f"J({entry} + ε)", _long(opened.higher), "higher"),
        (f"J({entry} − ε)", _long(opened.lower), "lower"),
        ("(J₊ − J₋) / 2ε", _long(opened.slope), "slope"),
        (name(state), _long(opened.gradient), "gradient"),
        (say["difference"], f"{difference:.0e}" if difference else "0", "difference"),
    ]
    body = "".join(
        f'<tr><th scope="row">{what}</th><td id="{ident}">{value}</td></tr>'
        for what, value, ident in lines
    )
    say_which = say("nudge_is", eps=f"10<sup>−{state.e}</sup>", Z=output_name(state))
    if difference > 1e-3 * max(1, abs(opened.gradient)):
        kink = state.op == "max"
        say_which += f" <strong>{say['nudge_kink' if kink else 'nudge_rounds']}</strong>"
    table = f'<table class="nudge"><tbody>{body}</tbody></table>'
    return board("nudge", say["nudge"], f"{table}<p>{say_which}</p>")


def _long(value: float) -> str:
    return number(value, 6)
