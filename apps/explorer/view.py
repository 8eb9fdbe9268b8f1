"""The explorer's picture as HTML: grids, sentences, the book's code.

All of it is made anew at each step; `explorer.js` changes only what differs on the page, so that
focus stays where it is and the window slides instead of jumping.
"""

from __future__ import annotations

from html import escape

import numpy as np
import running
from state import Look, State, look
from words import WORDS


def number(value: float, decimals: int = 2) -> str:
    """Write a number as a grid shows it: two decimals at most, with a real minus sign."""
    text = f"{value:.{decimals}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace("-", "−")


class Words(dict):
    """The words of one language, called to fill in values."""

    def __call__(self, key: str, **values: object) -> str:
        """Fill values into the words of a key."""
        return self[key].format(**values)


def picture(state: State, asked: bool = False) -> str:
    """Draw everything below the controls; without the present number if it is asked for."""
    say, seen = Words(WORDS[state.lang]), look(state)
    if not state.has_output:
        parts = [_inputs(say, state, seen), _nothing(say, state)]
    elif state.view == "forward":
        parts = [
            _inputs(say, state, seen),
            _making(say, state, seen, asked),
            _output(say, state, seen, asked),
        ]
    else:
        parts = [
            _output(say, state, seen),
            _inputs(say, state, seen),
            _sending(say, state, seen),
            _gradients(say, state, seen),
        ]
    return (
        f'<div class="boards channels-{state.channels}">{"".join(parts)}</div>'
        f"{_legend(say, state, seen)}"
        f'<div class="below">{_formula(say, state, seen)}{_code(say, state)}</div>'
    )


def question(state: State, wrong: float | None) -> str:
    """Ask for the present number, or say that it is another."""
    say = Words(WORDS[state.lang])
    hint = say[f"hint_{state.op}"]
    if wrong is not None:
        return say("wrong", guess=_exact(wrong), hint=hint)
    return say("ask", Z=f"{_name(state)}[0, {state.h}, {state.w}, {state.c}]", hint=hint)


def sentence(state: State) -> str:
    """Say what the present step computes, for the eye and for a screen reader."""
    say, seen = Words(WORDS[state.lang]), look(state)
    if not state.has_output:
        return _why(say, state)
    h, w, c = state.h, state.w, state.c
    name = f"{_name(state)}[0, {h}, {w}, {c}]"
    window = seen.window[:, :, c] if state.op != "conv" else seen.window
    z, n, dz = _exact(seen.Z[h, w, c]), window.size, _exact(seen.dZ[h, w, c])
    if state.view == "forward":
        if state.op == "conv":
            total = _exact(seen.products.sum())
            terms = _terms(say, seen)
            return say("say_conv", Z=name, terms=terms, sum=total, b=_exact(state.bias), z=z)
        return say(f"say_{state.op}", Z=name, n=n, sum=_exact(window.sum()), z=z)
    name = f"d{name}"
    if state.op == "conv":
        key = "say_conv_back" if seen.dZ[h, w, c] else "say_conv_back_zero"
        text = say(key, Z=name, dz=dz, db=_exact(seen.db))
        return f"{text} {say['padding_lost']}" if state.padding else text
    if state.op == "average":
        return say("say_average_back", Z=name, dz=dz, n=n, share=_exact(seen.share[0, 0]))
    highest = np.argwhere(window == window.max())
    where = say("at", r=highest[0][0] + seen.rows.start, c=highest[0][1] + seen.columns.start)
    kind = "say_max_back"
    if len(highest) > 1:
        kind += "_first" if state.ties == "first" else "_ties"
    grown = _exact(seen.dZ[h, w, c] * len(highest))
    return say(kind, Z=name, dz=dz, max=z, n=len(highest), where=where, all=grown)


def _terms(say: Words, seen: Look) -> str:
    if seen.products.size > 9:
        return say("say_terms", n=seen.products.size)
    pairs = zip(seen.window.ravel(), seen.W.ravel(), strict=True)
    return " + ".join(f"{_factor(a)}·{_factor(w)}" for a, w in pairs)


def _factor(value: float) -> str:
    return f"({_exact(value)})" if value < 0 else _exact(value)


def _exact(value: float) -> str:
    """Write a number as a sentence says it: there is room for more decimals than in a grid."""
    return number(value, 4)


def _name(state: State) -> str:
    """Pooling calls its output A, as the package does."""
    return "Z" if state.op == "conv" else "A"


# The boards


def _inputs(say: Words, state: State, seen: Look) -> str:
    pad = state.padding
    grids = []
    for c in range(state.channels):
        inside = seen.window is not None and (state.op == "conv" or c == state.c)
        reached = {}
        if state.view == "backward" and seen.dA_step is not None:
            reached = _marked(seen.dA_step[:, :, c], "gets", pad)
        grids.append(
            _grid(
                say,
                seen.A_pad[:, :, c],
                ident=f"A-{c}",
                label=_labelled(say, say["A_padded" if pad else "A"], "A_prev", state, c),
                frame=(seen.rows, seen.columns) if inside else None,
                marks=reached,
                pad=pad,
                unread=(~seen.read_rows, ~seen.read_columns) if state.has_output else None,
                edit=("x", c),
                linked=c if inside else None,
            )
        )
    heading = say["A_padded" if pad else "A"]
    return _board("board-A", heading, "A_prev", "".join(grids), say["edit_hint"])


def _making(say: Words, state: State, seen: Look, asked: bool) -> str:
    lines = []
    for c in range(state.channels) if state.op == "conv" else [state.c]:
        here = seen.window[:, :, c]
        told = state.op == "max" and not asked
        marks = _marked(here == here.max(), "max_here") if told else {}
        parts = [_small(say, here, f"window-{c}", "window", state, c, marks=marks)]
        if state.op == "conv":
            parts += [
                _operator("⊙"),
                _small(say, seen.W[:, :, c], f"W-{c}", "kernel", state, c, edit=True),
                _operator("="),
                _small(say, seen.products[:, :, c], f"products-{c}", "products", state, c),
            ]
        lines.append(f'<div class="line">{"".join(parts)}</div>')
    z = "?" if asked else number(seen.Z[state.h, state.w, state.c])
    name = f"{_name(state)}[0, {state.h}, {state.w}, {state.c}]"
    if state.op == "conv":
        sums = [_factor(seen.products[:, :, c].sum()) for c in range(state.channels)]
        made = f"Σ + b = {' + '.join([*sums, _factor(state.bias)])}"
    elif state.op == "max":
        made = "max"
    else:
        window = seen.window[:, :, state.c]
        made = f"Σ / f² = {_exact(window.sum())} / {window.size}"
    if asked:
        made = {"conv": "Σ + b", "max": "max", "average": "Σ / f²"}[state.op]
    result = (
        f'<p class="result"><code>{name}</code> = {made} = <strong id="number">{z}</strong></p>'
    )
    note = say["edit_hint"] if state.op == "conv" else ""
    return _board("board-making", say["makes"], "", "".join(lines) + result, note)


def _output(say: Words, state: State, seen: Look, asked: bool = False) -> str:
    backward = state.view == "backward"
    values, name = (seen.dZ, f"d{_name(state)}") if backward else (seen.Z, _name(state))
    heading = say["arrives" if backward else "Z"]
    if asked:  # what the loops have not made yet is not there
        order = np.arange(values.size).reshape(values.shape)
        values = np.where(order < state.step, values, np.nan)
    grids = []
    for c in range(state.output_channels):
        marks = {}
        for h, w in np.ndindex(values.shape[:2]):
            if (h, w, c) < (state.h, state.w, state.c):
                marks[h, w] = "done"
        if c == state.c:
            marks[state.h, state.w] = "current"
        grids.append(
            _grid(
                say,
                values[:, :, c],
                ident=f"{'dZ' if backward else 'Z'}-{c}",
                label=_labelled(say, heading, name, state, c, state.output_channels),
                marks=marks,
                pick=c,
                asked=(state.h, state.w) if asked and c == state.c else None,
            )
        )
    return _board("board-Z", heading, name, "".join(grids), say["pick_hint"])


def _sending(say: Words, state: State, seen: Look) -> str:
    dz = number(seen.dZ[state.h, state.w, state.c])
    name = f"d{_name(state)}[0, {state.h}, {state.w}, {state.c}]"
    arrives = f'<p class="result"><code>{name}</code> = <strong id="number">{dz}</strong></p>'
    if state.op == "conv":
        sends = _sent_by_convolution(say, state, seen, dz)
    else:
        sends = _sent_by_pooling(say, state, seen, dz)
    return _board("board-making", say["sends"], "", arrives + sends, "")


def _sent_by_convolution(say: Words, state: State, seen: Look, dz: str) -> str:
    # What falls on the padding is dropped: its cells stay empty.
    pad, (n_H, n_W) = state.padding, state.input_shape
    dA_step = np.full(seen.A_pad.shape, np.nan)
    dA_step[pad : pad + n_H, pad : pad + n_W] = seen.dA_step
    dA_step = dA_step[seen.rows, seen.columns]
    pairs = []
    for c in range(state.channels):
        to_A = [
            _small(say, seen.W[:, :, c], f"W-{c}", "kernel", state, c, edit=True),
            _operator(f"· {dz} ="),
            _small(say, dA_step[:, :, c], f"dA-step-{c}", "dA_prev +=", state, c),
        ]
        to_W = [
            _small(say, seen.window[:, :, c], f"window-{c}", "window", state, c),
            _operator(f"· {dz} ="),
            _small(say, seen.dW_step[:, :, c], f"dW-step-{c}", "dW +=", state, c),
        ]
        lines = f'<div class="line">{"".join(to_A)}</div><div class="line">{"".join(to_W)}</div>'
        pairs.append(f'<div class="pair">{lines}</div>')
    to_b = f'<p class="result"><code>db</code> += <strong id="db-step">{dz}</strong></p>'
    return "".join(pairs) + to_b


def _sent_by_pooling(say: Words, state: State, seen: Look, dz: str) -> str:
    c = state.c
    window = seen.window[:, :, c]
    if state.op == "max":
        highest, kept = (_marked(m, "max_here") for m in (window == window.max(), seen.mask))
        parts = [
            _small(say, window, f"window-{c}", "window", state, c, marks=highest),
            _operator("→"),
            _small(say, seen.mask.astype(int), "mask", "mask", state, c, marks=kept),
            _operator(f"· {dz} ="),
        ]
        sent = seen.mask * seen.dZ[state.h, state.w, c]
    else:
        parts = [_operator(f"{dz} / {window.size} →")]
        sent = seen.share
    parts.append(_small(say, sent, "sent", "dA_prev +=", state, c))
    return f'<div class="line">{"".join(parts)}</div>'


def _gradients(say: Words, state: State, seen: Look) -> str:
    pad = state.padding
    padded = np.full(seen.A_pad.shape, np.nan)
    n_H, n_W = state.input_shape
    padded[pad : pad + n_H, pad : pad + n_W] = seen.dA
    grids = []
    for c in range(state.channels):
        inside = state.op == "conv" or c == state.c
        grids.append(
            _grid(
                say,
                padded[:, :, c],
                ident=f"dA-{c}",
                label=_labelled(say, say["total"], "dA_prev", state, c),
                frame=(seen.rows, seen.columns) if inside else None,
                marks=_marked(seen.dA_step[:, :, c], "gets", pad),
                pad=pad,
            )
        )
    text = f'<h3><code>dA_prev</code></h3><div class="grids">{"".join(grids)}</div>'
    if state.op == "conv":
        filters = "".join(
            _small(say, seen.dW[:, :, c], f"dW-{c}", "dW", state, c) for c in range(state.channels)
        )
        text += (
            f'<h3><code>dW</code></h3><div class="line">{filters}</div>'
            f'<p class="result"><code>db</code> = <strong id="db">{number(seen.db)}</strong></p>'
        )
    return f'<section class="board" id="board-total"><h2>{say["total"]}</h2>{text}</section>'


def _nothing(say: Words, state: State) -> str:
    why = f'<p class="none">{escape(_why(say, state))}</p>'
    return _board("board-Z", say["Z"], _name(state), why, "")


def _why(say: Words, state: State) -> str:
    (n_H, n_W), pad = state.input_shape, state.padding
    padded = ""
    if pad:
        padded = say("no_output_padded", pad=pad, p_H=n_H + 2 * pad, p_W=n_W + 2 * pad)
    or_pad = say["no_output_or_pad"] if state.op == "conv" else ""
    return say("no_output", f=state.f, n_H=n_H, n_W=n_W, padded=padded, or_pad=or_pad)


# Pieces


def _board(ident: str, heading: str, name: str, body: str, note: str) -> str:
    code = f" <code>{name}</code>" if name else ""
    note = f'<p class="note">{note}</p>' if note else ""
    return (
        f'<section class="board" id="{ident}"><h2>{heading}{code}</h2>'
        f'<div class="grids">{body}</div>{note}</section>'
    )


def _marked(where: np.ndarray, mark: str, pad: int = 0) -> dict[tuple[int, int], str]:
    return {(int(h) + pad, int(w) + pad): mark for h, w in np.argwhere(where)}


def _operator(sign: str) -> str:
    return f'<span class="operator">{sign}</span>'


def _labelled(
    say: Words, heading: str, name: str, state: State, c: int, channels: int | None = None
) -> str:
    more = f", {say('channel', c=c)}" if (channels or state.channels) > 1 else ""
    return f"{heading} {name}{more}"


def _small(
    say: Words,
    values: np.ndarray,
    ident: str,
    kind: str,
    state: State,
    c: int,
    *,
    edit: bool = False,
    marks: dict[tuple[int, int], str] | None = None,
) -> str:
    """Draw a grid the size of the window, its name below."""
    caption = say.get(kind, kind)
    channel = f" · c={c}" if state.channels > 1 else ""
    grid = _grid(
        say,
        values,
        ident=ident,
        label=_labelled(say, caption, "", state, c).strip(),
        marks=marks or {},
        edit=("k", c) if edit else None,
        linked=c,
        small=True,
    )
    return f'<figure class="small">{grid}<figcaption>{caption}{channel}</figcaption></figure>'


def _grid(
    say: Words,
    values: np.ndarray,
    *,
    ident: str,
    label: str,
    frame: tuple[slice, slice] | None = None,
    marks: dict[tuple[int, int], str] | None = None,
    pad: int = 0,
    unread: tuple[np.ndarray, np.ndarray] | None = None,
    edit: tuple[str, int] | None = None,
    pick: int | None = None,
    linked: int | None = None,
    asked: tuple[int, int] | None = None,
    small: bool = False,
) -> str:
    """Draw one table of numbers.

    `frame` is the window drawn over it, `marks` what is special about a cell, `edit` the grid
    and channel that typing changes, `pick` the channel a click chooses a cell of, `linked` the
    channel under which its window's cells light up together with those of other grids, `asked`
    the cell whose number the reader is to type.
    """
    n_H, n_W = values.shape
    most = np.abs(values[~np.isnan(values)]).max(initial=0) or 1
    marks = marks or {}
    active = edit is not None or pick is not None
    focus = next((cell for cell, mark in marks.items() if mark == "current"), None)
    if focus is None and frame:
        focus = (min(max(frame[0].start, pad), n_H - 1 - pad), max(frame[1].start, pad))
        focus = (focus[0], min(focus[1], n_W - 1 - pad))
    focus = focus or (pad, pad)
    head = "".join(f'<th scope="col">{w}</th>' for w in range(n_W))
    rows = [] if small else [f'<tr><td class="corner"></td>{head}</tr>']
    for h in range(n_H):
        cells = [] if small else [f'<th scope="row">{h}</th>']
        for w in range(n_W):
            value = float(values[h, w])
            padding = not (pad <= h < n_H - pad and pad <= w < n_W - pad)
            in_frame = frame and frame[0].start <= h < frame[0].stop
            in_frame = in_frame and frame[1].start <= w < frame[1].stop
            dropped = unread is not None and bool(unread[0][h] or unread[1][w])
            mark = marks.get((h, w))
            classes = [
                name
                for name, on in (
                    ("pad", padding),
                    ("in", in_frame),
                    ("unread", dropped),
                    ("neg", value < 0),
                    (mark or "", mark),
                )
                if on
            ]
            shown = "" if np.isnan(value) else number(value)
            attributes = [f'style="--v:{abs(value) / most:.2f}"'] if shown else []
            if (h, w) == asked:
                shown = "?"
                attributes.append(f'data-edit="guess,{h},{w},{pick}"')
            if active:
                spoken = [say("cell", r=h, c=w, v=shown)]
                spoken += [say["in_padding"]] if padding else []
                spoken += [say["in_window"]] if in_frame else []
                spoken += [say["unread"]] if dropped else []
                spoken += [say[mark]] if mark else []
                attributes.append(f'aria-label="{escape("; ".join(spoken))}"')
                attributes.append(f'tabindex="{0 if (h, w) == focus else -1}"')
                if mark == "current" and pick is not None:
                    attributes.append('aria-selected="true"')
            if edit and not padding:
                attributes.append(f'data-edit="{edit[0]},{h - pad},{w - pad},{edit[1]}"')
            if pick is not None:
                attributes.append(f'data-pick="{h},{w},{pick}"')
            if linked is not None and (small or in_frame):
                top, left = (0, 0) if small or not frame else (frame[0].start, frame[1].start)
                attributes.append(f'data-link="{linked},{h - top},{w - left}"')
            cells.append(
                f'<td data-at="{h},{w}" class="{" ".join(classes)}" {" ".join(attributes)}>'
                f"{shown}</td>"
            )
        rows.append(f"<tr>{''.join(cells)}</tr>")
    role = ' role="grid"' if active else ""
    window = ""
    if frame:
        f = frame[0].stop - frame[0].start
        place = f"--top:{frame[0].start};--left:{frame[1].start};--f:{f}"
        window = f'<span class="frame" style="{place}" aria-hidden="true"></span>'
    kind = "grid small" if small else "grid"
    return (
        f'<div class="{kind}" style="--n:{n_W}"><div class="paper">'
        f'<table id="{ident}"{role} aria-label="{escape(label)}">'
        f"<tbody>{''.join(rows)}</tbody></table>{window}</div></div>"
    )


def _legend(say: Words, state: State, seen: Look) -> str:
    kinds = [("window", state.has_output)]
    kinds.append(("padding", state.padding > 0))
    kinds.append(
        ("unread", state.has_output and not (seen.read_rows.all() and seen.read_columns.all()))
    )
    kinds.append(("current", state.has_output))
    kinds.append(("done", state.has_output))
    kinds.append(("max", state.has_output and state.op == "max" and not state.asks))
    kinds.append(("gets", state.has_output and state.view == "backward"))
    items = "".join(
        f'<li><span class="key key-{kind}" aria-hidden="true"></span>{say[f"legend_{kind}"]}</li>'
        for kind, on in kinds
        if on
    )
    return f'<ul class="legend">{items}</ul>'


def _formula(say: Words, state: State, seen: Look) -> str:
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
    return (
        f'<section class="board" id="board-size"><h2>{say["formula"]}</h2>'
        f'<div class="formula">{"".join(lines)}</div>{dropped}</section>'
    )


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


def _code(say: Words, state: State) -> str:
    code = running.source(running.function_name(state))
    now = running.present(state) if state.has_output else None
    lines = []
    for n, line in enumerate(code.lines):
        value, arrow, spoken, classes = "", " ", "", "code"
        name = code.headers.get(n) or code.assigns.get(n)
        if now and n >= min(code.headers) and n < code.body.stop and name in now.indices:
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
    note = say("code_is", name=code.name)
    return (
        f'<section class="board" id="board-code"><h2>{say["code"]}</h2><p class="note">{note}</p>'
        f"<pre><code>{''.join(lines)}</code></pre></section>"
    )
