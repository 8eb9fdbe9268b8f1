"""The training: its curves, what has become of the filters, and the sentence about it."""

from __future__ import annotations

import numpy as np

from apps.network.course import Course, course
from apps.network.maps import maps
from apps.network.state import FAULTS, State
from apps.shared.chart import curve
from apps.shared.grid import board, exact
from apps.shared.words import Words


def scene(say: Words, state: State) -> str:
    """Draw the loss, the accuracy, the filters of the first layer, and how far all have moved."""
    now = course(state)
    losses = now.losses[: now.t] or [float("nan")]
    tests = [now.tests.get(n, float("nan")) for n in range(now.t + 1)]
    across = say["steps_across"]
    label = say("losses_at", t=now.t, loss=_loss(losses[-1]))
    loss = curve(losses, len(losses) - 1, label=label, across=across)
    label = say("tests_at", t=now.t, accuracy=f"{_percent(_tested(now))} %")
    share = curve(tests, now.t, label=label, across=across, linear=True)
    before, after = now.start["W1"], now.parameters["W1"]
    filters = "".join(
        f'<figure class="small">{maps(W[:, :, 0, :], f"filters-{name}", across=8)}'
        f"<figcaption>{say[f'filters_{name}']}</figcaption></figure>"
        for name, W in (("before", before), ("now", after), ("change", after - before))
    )
    return (
        '<div class="boards training">'
        + board("loss", say["losses"], loss, name="J", note=_slow(say, state))
        + board("tests", say["tests"], share, note=say["only_look"])
        + board("changes", say["changes"], _changes(now), note=say["changes_note"])
        + board("filters", say["filters"], filters, name="W1")
        + "</div>"
    )


def sentence(say: Words, state: State) -> str:
    """Say how far the training has come."""
    now = course(state)
    if pending(state):
        return say("say_pending", t=now.t, goal=state.t)
    accuracy = _percent(_tested(now))
    if not now.t:
        return say("say_train_start", accuracy=accuracy)
    epoch, loss = (now.t - 1) // now.epoch + 1, _loss(now.losses[now.t - 1])
    said = say("say_train", t=now.t, epoch=epoch, J=loss, accuracy=accuracy)
    return f"{said} {say['say_broken']}" if now.broken and now.t == len(now.losses) - 1 else said


def pending(state: State) -> bool:
    """Tell whether there are steps to be taken before the state is there."""
    now = course(state)
    return now.t < state.t and not (now.broken and now.t >= len(now.losses) - 1)


def _tested(now: Course) -> float:
    return now.tests[max(n for n in now.tests if n <= now.t)]


def _slow(say: Words, state: State) -> str:
    looped = FAULTS.get(state.fault) in ("conv_backward", "pool_backward")
    return say["slow_note"] if looped else ""


def _changes(now: Course) -> str:
    """List how far each array has moved, as a share of its length at the start."""
    rows = []
    for name in ("W1", "W2", "W3"):
        with np.errstate(over="ignore"):  # a mistake may lead anywhere
            moved = np.linalg.norm(now.parameters[name] - now.start[name])
        share = float(moved / np.linalg.norm(now.start[name]))
        rows.append(
            f'<tr><th scope="row"><code>{name}</code></th><td id="moved-{name}">{exact(share)}</td>'
            f'<td><span class="bar" style="--v:{min(share / 2, 1):.3f}"></span></td></tr>'
        )
    return f'<table class="moved"><tbody>{"".join(rows)}</tbody></table>'


def _loss(loss: float) -> str:
    return exact(loss) if 1e-3 < loss < 1e6 or not loss else f"{loss:.1e}"


def _percent(share: float) -> str:
    return exact(round(100 * share, 1))
