"""The output's size: the windows along an axis, and the size for every pad and stride."""

from __future__ import annotations

from html import escape

from apps.explorer.scenes.parts import row
from apps.explorer.state import CONTROLS, State, size
from apps.shared.grid import board
from apps.shared.words import Words


def scene(say: Words, state: State) -> str:
    """Draw the windows along the rows, and along the columns where they are not as many."""
    axes = [("H", state.input_shape[0])]
    if state.input_shape[1] != state.input_shape[0]:
        axes.append(("W", state.input_shape[1]))
    strips = "".join(_strip(say, state, axis, n) for axis, n in axes)
    cells = state.input_shape[0] + 2 * state.padding
    return row(
        "sizes",
        board("strip", say["strip"], strips, note=say["strip_note"]),
        board("table", say("table", f=state.f, n=state.input_shape[0]), _table(say, state)),
        wide=(2 * cells, 8),
        narrow=(cells, 4),
        down=(cells + 4, 10),
    )


def sentence(say: Words, state: State) -> str:
    """Say how many windows fit, and what is left over."""
    n, windows = state.input_shape[0], state.output_shape[0]
    more = {"n": n, "pad": state.padding, "f": state.f, "stride": state.stride}
    if windows < 1:
        return say("say_sizes_none", **more)
    left = len(_unread(n, state.f, state.stride, state.padding))
    key = "say_sizes_left" if left else "say_sizes"
    key += "_one" if left == 1 else ""
    return say(key, out=windows, left=left, **more)


def _unread(n: int, f: int, stride: int, pad: int) -> set[int]:
    """Find what no window reads: what is left over at the end, and gaps where stride > f."""
    starts = range(0, size(n, f, stride, pad) * stride, stride)
    return set(range(n + 2 * pad)) - {start + k for start in starts for k in range(f)}


def _strip(say: Words, state: State, axis: str, n: int) -> str:
    """Draw one axis of the input, and below it each window as a bar."""
    pad, windows = state.padding, size(n, state.f, state.stride, state.padding)
    total, cells, unread = n + 2 * pad, [], _unread(n, state.f, state.stride, pad)
    for at in range(total):
        kind = "pad" if not pad <= at < n + pad else ""
        kind += " unread" if at in unread else ""
        cells.append(f'<li class="{kind}">{at}</li>')
    bars = "".join(
        f'<li class="bar" style="--start:{k * state.stride + 1}">{k}</li>'
        for k in range(max(windows, 0))
    )
    label = escape(say("strip_label", axis=axis, n=total, windows=max(windows, 0)))
    return (
        f'<div class="strip" role="img" aria-label="{label}" style="--n:{total};--f:{state.f}">'
        f'<ol class="cells" aria-hidden="true">{"".join(cells)}</ol>'
        f'<ol class="bars" aria-hidden="true">{bars}</ol></div>'
    )


def _table(say: Words, state: State) -> str:
    """Draw the output's size for every stride and pad; each can be chosen."""
    low, high = CONTROLS["pad"].low, CONTROLS["pad"].high if state.op == "conv" else 0
    strides = range(CONTROLS["stride"].low, CONTROLS["stride"].high + 1)
    head = "".join(f'<th scope="col">stride {stride}</th>' for stride in strides)
    rows = []
    for pad in range(low, high + 1):
        cells = []
        for stride in strides:
            out = size(state.input_shape[0], state.f, stride, pad)
            left = len(_unread(state.input_shape[0], state.f, stride, pad)) if out > 0 else 0
            now = (pad, stride) == (state.padding, state.stride)
            shown = f"{out}" if out > 0 else "—"
            spoken = say("size_of", out=max(out, 0), pad=pad, stride=stride, left=left)
            mark = ' aria-current="true"' if now else ""
            drops = f'<sub aria-hidden="true">▾{left}</sub>' if left else ""
            cells.append(
                f'<td{mark}><button type="button" class="btn" id="size-{pad}-{stride}" '
                f'data-do="size" data-what="{pad},{stride}" aria-label="{escape(spoken)}">'
                f"{shown}{drops}</button></td>"
            )
        label = f"pad {pad}" if state.op == "conv" else "—"
        rows.append(f'<tr><th scope="row">{label}</th>{"".join(cells)}</tr>')
    return (
        f'<table class="choices-of-size"><thead><tr><td></td>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )
