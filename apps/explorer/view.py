"""The picture of a state: its scene, what is said about it, and what stands below."""

from __future__ import annotations

from html import escape

import numpy as np

from apps.explorer import running
from apps.explorer.entry import entry
from apps.explorer.look import Look
from apps.explorer.mistakes import mistaken
from apps.explorer.scenes import backward, columns, forward, learn, mistake, sizes
from apps.explorer.scenes import entry as one_gradient
from apps.explorer.scenes.parts import cell_name, input_board, output_name, row
from apps.explorer.state import State
from apps.shared.grid import board, exact, number
from apps.shared.words import Words


def picture(say: Words, state: State, seen: Look, asked: bool = False) -> str:
    """Draw the scene; without the present number if the reader is asked for it."""
    if state.view == "sizes":
        return sizes.scene(say, state)
    if not state.has_output:
        why = f'<p class="none">{escape(_why(say, state))}</p>'
        (_, columns_, _), n = seen.A_pad.shape, state.channels
        return row(
            f"none channels-{n}",
            input_board(say, state, seen, framed=False),
            board("Z", say["Z"], why, name=output_name(state)),
            wide=(n * columns_ + 8, 8), narrow=(n * columns_, 4), down=(seen.A_pad.shape[0], 5),
        )  # fmt: skip
    if state.view == "forward":
        return forward.scene(say, state, seen, asked)
    if state.view == "backward":
        return backward.scene(say, state, seen, asked)
    if state.view == "entry":
        return one_gradient.scene(say, state, seen, entry(state))
    if state.view == "columns":
        return columns.scene(say, state, seen)
    if state.view == "mistake":
        return mistake.scene(say, state, seen, mistaken(state))
    return learn.scene(say, state, seen)


def sentence(say: Words, state: State, seen: Look) -> str:
    """Say what the present step computes, for the eye and for a screen reader."""
    if state.view == "sizes":
        return sizes.sentence(say, state)
    if not state.has_output:
        return _why(say, state)
    if state.view == "forward":
        return forward.sentence(say, state, seen)
    if state.view == "backward":
        return backward.sentence(say, state, seen)
    if state.view == "entry":
        return one_gradient.sentence(say, state, entry(state))
    if state.view == "columns":
        return columns.sentence(say, state)
    if state.view == "mistake":
        return mistake.sentence(say, state, mistaken(state))
    return learn.sentence(say, state)


def wanted(state: State, seen: Look) -> float | None:
    """Tell the number that the reader is asked for, if any."""
    if not state.asks:
        return None
    if state.view == "backward":
        return backward.answer(state, seen)
    return float(seen.Z[state.h, state.w, state.c])


def question(say: Words, state: State, seen: Look, wrong: float | None) -> str:
    """Ask for the number, or say that it is another."""
    hint = say[f"hint_{'back_' if state.view == 'backward' else ''}{state.op}"]
    if wrong is not None:
        return say("wrong", guess=exact(wrong), hint=hint)
    if state.view == "backward":
        return backward.question(say, state, seen)
    return say("ask", Z=cell_name(state), hint=hint)


def legend(say: Words, state: State, seen: Look, asked: bool) -> str:
    """Say what the marks of the scene mean."""
    cell = state.has_output and state.view in ("forward", "backward", "columns")
    kinds = {
        "window": cell,
        "padding": state.padding > 0,
        "unread": state.has_output and not (seen.read_rows.all() and seen.read_columns.all()),
        "current": cell or (state.has_output and state.view == "entry"),
        "done": cell,
        "max": state.op == "max" and state.view in ("forward", "backward") and cell and not asked,
        "gets": cell and state.view == "backward" and not asked,
        "feeds": state.has_output and state.view == "entry",
        "differs": state.has_output and state.view == "mistake",
    }
    items = "".join(
        f'<li><span class="key key-{kind}" aria-hidden="true"></span>{say[f"legend_{kind}"]}</li>'
        for kind, on in kinds.items()
        if on
    )
    return f'<ul class="legend">{items}</ul>' if items else ""


def formula(say: Words, state: State, seen: Look) -> str:
    """Write the formula of the output's size with the present numbers in it."""
    lines = []
    for axis, n, out in zip("HW", state.input_shape, state.output_shape, strict=True):
        size, previous = f"n<sub>{axis}</sub>", f"n<sub>{axis}, prev</sub>"
        if state.op == "conv":
            general = f"⌊({previous} − f + 2·pad) / stride⌋ + 1"
            present = f"⌊({n} − {state.f} + 2·{state.pad}) / {state.stride}⌋ + 1"
        else:
            general = f"⌊({previous} − f) / stride⌋ + 1"
            present = f"⌊({n} − {state.f}) / {state.stride}⌋ + 1"
        made = f'<strong id="n_{axis}">{number(out)}</strong>'
        if out < 1:
            made += f" ({say['no_output_short']})"
        lines.append(
            f'<p><span class="nowrap">{size} = {general}</span> '
            f'<span class="nowrap">= {present} = {made}</span></p>'
        )
    dropped = _dropped(say, state, seen)
    dropped = f'<p class="dropped" id="dropped">{dropped}</p>' if dropped else ""
    return board("size", say["formula"], f'<div class="formula">{"".join(lines)}</div>{dropped}')


def code(say: Words, state: State) -> str:
    """Show the book's loops, what ran at the present step marked."""
    if state.view not in ("forward", "backward"):
        return ""
    source = running.source(running.function_name(state))
    now = running.present(state) if state.has_output else None
    lines = []
    for n, line in enumerate(source.lines):
        value, arrow, spoken, classes = "", " ", "", "code"
        name = source.headers.get(n) or source.assigns.get(n)
        if now and min(source.headers) <= n < source.body.stop and name in now.indices:
            value = f' <span class="value">{name} = {now.indices[name]}</span>'
        if now and n in now.writes:
            arrow, classes = "▶", "code now"
            spoken = f'<span class="visually-hidden"> ({say["running"]})</span>'
        elif now and n in now.lines:
            arrow = "·"
        text = line.lstrip()
        indent = line[: len(line) - len(text)]
        lines.append(
            f'<span class="{classes}"><span class="gutter" aria-hidden="true">{arrow}</span>'
            f'<span class="indent" style="--i:{len(indent) // 4}">{indent}</span>'
            f"<span>{escape(text)}{value}{spoken}\n</span></span>"
        )
    note = f'<p class="note">{say("code_is", name=source.name)}</p>'
    return board("code", say["code"], f"{note}<pre><code>{''.join(lines)}</code></pre>")


def _why(say: Words, state: State) -> str:
    (n_H, n_W), pad = state.input_shape, state.padding
    padded = ""
    if pad:
        padded = say("no_output_padded", pad=pad, p_H=n_H + 2 * pad, p_W=n_W + 2 * pad)
    or_pad = say["no_output_or_pad"] if state.op == "conv" else ""
    return say("no_output", f=state.f, n_H=n_H, n_W=n_W, padded=padded, or_pad=or_pad)


def _dropped(say: Words, state: State, seen: Look) -> str:
    if not state.has_output:
        return ""
    parts = []
    for axis, read in (("row", seen.read_rows), ("column", seen.read_columns)):
        unread = [str(n) for n in np.flatnonzero(~read)]
        if unread:
            listed = say["and"].join([", ".join(unread[:-1]), unread[-1]][len(unread) == 1 :])
            parts.append(say(axis if len(unread) == 1 else f"{axis}s", n=listed))
    if not parts:
        return ""
    text = say("unread_rows", what=say["and"].join(parts))
    return text[:-1] + say["of_padded"] + "." if state.padding else text
