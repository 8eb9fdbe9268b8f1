"""The forward pass: how the present number is made."""

from __future__ import annotations

import numpy as np

from apps.explorer.look import Look
from apps.explorer.scenes.parts import cell_name, input_board, output_board, output_name, row
from apps.explorer.state import State
from apps.shared.grid import board, exact, factor
from apps.shared.making import Made, making
from apps.shared.words import Words


def made(state: State, seen: Look) -> Made:
    """Say what the present number is made from."""
    value = seen.Z[state.h, state.w, state.c].item()
    if state.op == "conv":
        return Made(cell_name(state), value, seen.window, seen.W, state.bias, edit="k")
    read = seen.window[:, :, state.c : state.c + 1]
    how = "max" if state.op == "max" else "mean"
    return Made(cell_name(state), value, read, how=how, first=state.c)


def scene(say: Words, state: State, seen: Look, asked: bool) -> str:
    """Draw the input, how the present number is made, and the output."""
    values = seen.Z
    if asked:  # what the loops have not made yet is not there
        order = np.arange(values.size).reshape(values.shape)
        values = np.where(order < state.step, values, np.nan)
    note = say["edit_hint"] if state.op == "conv" else ""
    (rows, columns, _), n = seen.A_pad.shape, state.channels
    width = state.output_shape[1]
    grids = 3 if state.op == "conv" else 1
    return row(
        f"forward {state.op} channels-{n}",
        input_board(say, state, seen),
        board("making", say["makes"], making(say, made(state, seen), asked=asked), note=note),
        output_board(say, state, values, heading=say["Z"], name=output_name(state), asked=asked),
        wide=(columns + grids * state.f + width, 12.4 + 1.8 * (n > 1))
        if grids == 3
        else (columns + width, 20),
        narrow=(columns + width, 4.6) if n == 1 else (n * columns, 1.6 + n * 1.5),
        down=(n * rows, 3 + n * 1.6),
        line=grids * state.f,
    )  # fmt: skip


def sentence(say: Words, state: State, seen: Look) -> str:
    """Say how the present number is made."""
    name, z = cell_name(state), exact(seen.Z[state.h, state.w, state.c])
    if state.op == "conv":
        total = exact(seen.products.sum())
        return say("say_conv", Z=name, terms=_terms(say, seen), sum=total, b=exact(state.bias), z=z)
    window = seen.window[:, :, state.c]
    return say(f"say_{state.op}", Z=name, n=window.size, sum=exact(window.sum()), z=z)


def _terms(say: Words, seen: Look) -> str:
    if seen.products.size > 9:
        return say("say_terms", n=seen.products.size)
    pairs = zip(seen.window.ravel(), seen.W.ravel(), strict=True)
    return " + ".join(f"{factor(a)}·{factor(w)}" for a, w in pairs)
