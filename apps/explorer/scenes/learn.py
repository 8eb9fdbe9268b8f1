"""One filter that learns: what it makes, what it should make, and its loss step by step."""

from __future__ import annotations

from apps.explorer.learn import LESSONS, Lesson, lessons, target
from apps.explorer.look import Look
from apps.explorer.scenes.parts import input_board, output_board, row
from apps.explorer.state import State
from apps.shared.chart import curve
from apps.shared.grid import board, exact, operator, small
from apps.shared.making import channel
from apps.shared.words import Words


def present(state: State) -> tuple[int, tuple[Lesson, ...]]:
    """Give the lessons, and which of them is the present one."""
    taken = lessons(state)
    return min(state.t, len(taken) - 1), taken


def scene(say: Words, state: State, seen: Look) -> str:
    """Draw the filter, its output beside the one it should have, and the loss so far."""
    t, taken = present(state)
    now, n = taken[t], state.channels
    lines = []
    for c in range(n):
        parts = [
            channel(c) if n > 1 else "",
            small(say, now.W[:, :, c], f"W-{c}", "W"),
            operator(f"− {state.rate} ·"),
            small(say, now.dW[:, :, c], f"dW-{c}", "dW"),
            operator("="),
            small(say, now.W[:, :, c] - float(state.rate) * now.dW[:, :, c], f"next-{c}",
                  say["next_filter"]),
        ]  # fmt: skip
        lines.append(f'<div class="line">{"".join(parts)}</div>')
    losses = [lesson.loss for lesson in taken]
    chart = curve(losses, t, label=say("curve", t=t, loss=_loss(now.loss)), across=say["lessons"])
    loss = (
        f'<p class="result"><code>J</code> = Σ (Z − T)² / 2n = '
        f'<strong id="loss">{_loss(now.loss)}</strong></p>'
    )
    outputs = [
        output_board(
            say,
            state,
            values,
            ident=ident,
            heading=say[key],
            name=name,
            pick="",
            marks=[{}],
            decimals=1,
        )
        for ident, key, name, values in (
            ("Z", "Z", "Z", now.Z),
            ("T", "target", "T", target(state)),
            ("error", "error", "Z − T", now.error),
        )
    ]
    n_W, (height, width) = seen.A_pad.shape[1], state.output_shape
    bias = f'<p class="result"><code>b</code> = {exact(now.b)}</p>'
    return row(
        f"learn channels-{n}",
        board("loss", say["loss"], loss + chart),
        board("making", say["update"], "".join(lines) + bias),
        '<div class="break"></div>',
        *outputs,
        input_board(say, state, seen, framed=False),
        wide=(3 * width + n_W * (n == 1), 11),
        narrow=(3 * width, 7.2),
        line=3 * state.f,
        down=(height + n * state.f, 12),
    )


def sentence(say: Words, state: State) -> str:
    """Say how far the filter has come."""
    t, taken = present(state)
    loss, first = taken[t].loss, taken[0].loss
    if first < 1e-12:
        return say["say_learn_nothing"]
    if t == len(taken) - 1 < LESSONS or loss > 1.0001 * first:
        return say("say_learn_away", t=t, loss=_loss(loss), first=_loss(first))
    if not t:
        return say("say_learn_start", loss=_loss(loss), goal=say[f"filter_{state.goal}"])
    return say("say_learn", t=t, loss=_loss(loss), first=_loss(first), rate=state.rate)


def _loss(loss: float) -> str:
    return exact(loss) if 1e-3 < loss < 1e6 or not loss else f"{loss:.1e}"
