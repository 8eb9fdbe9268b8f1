"""From one state to another: by a control, by typing over a number, by a surprise."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from apps.explorer.state import (
    CONTROLS,
    FAULTS,
    FILTERS,
    MOST_CELLS,
    PICTURES,
    SMALLEST_FILTER,
    Numbers,
    State,
)
from apps.explorer.volumes import as_numbers, image, kernel
from apps.shared import typed
from apps.shared.typed import Refused


def change(state: State, key: str, value: object) -> State:
    """Change one thing, and what has to follow.

    Raises `Refused` when the value is not one of those `key` can have.
    """
    text = "" if value is None else str(value).strip()
    state = put(state, key, text)
    if key in ("op", "view"):  # where the filter had no part, any window may become one
        state = _with_filters_that_fit(state)
    if problem := too_small(state):
        raise Refused(key, text, "smallest", problem)
    return settle(state)


def edit(state: State, grid: str, cell: tuple[int, int, int], value: object) -> State:
    """Type over one number of the input (`x`) or of the filter (`k`)."""
    new = typed.number(grid, "" if value is None else str(value).strip())
    volume = image(state) if grid == "x" else kernel(state)
    if not all(0 <= n < length for n, length in zip(cell, volume.shape, strict=True)):
        raise Refused(grid, str(cell), "cell")
    volume[cell] = new
    if grid == "x":
        return replace(state, input="own", x=as_numbers(volume))
    return replace(state, filter="own", k=as_numbers(volume))


def surprise(now: State, random: Random) -> State:
    """Draw a state worth looking at, of those that have an output."""
    view = now.view if now.steps else "forward"
    while True:
        f = random.choice((2, 3, 3, 3, 4, 5))
        drawn = State(
            op=random.choice(CONTROLS["op"].options),
            view=view,
            input=random.choice(PICTURES),
            channels=random.choice((1, 1, 3)),
            filter=random.choice((*FILTERS, "random")),
            f=f,
            stride=random.choice((1, 1, 2, 3)),
            pad=random.choice((0, 1, 2)),
            seed=random.randrange(1000),
            dz=random.choice(CONTROLS["dz"].options),
            guess=now.guess,
            lang=now.lang,
        )
        if view in drawn.views and drawn.has_output and drawn.pad < f and not too_small(drawn):
            return settle(drawn.at(random.randrange(drawn.steps)))


def put(state: State, key: str, text: str) -> State:
    """Give a field the value that a text stands for; raise `Refused` if it stands for none."""
    if key not in CONTROLS:
        raise Refused(key, text, "parameter")
    control = CONTROLS[key]
    if control.kind == "number":
        return replace(state, **{key: typed.number(key, text)})
    if control.kind == "numbers":
        return _with_numbers(state, key, text)
    if control.kind == "whole":
        value = typed.whole(key, text, control.low, control.high)
        # Numbers of the reader's own need not be square: the same size again changes nothing.
        return state if value == getattr(state, key) else _follow(state, key, value)
    text = typed.one_of(key, text, control.options)
    return _follow(state, key, int(text) if key == "channels" else text)


def _follow(state: State, key: str, value: object) -> State:
    """Set a field, and let the reader's own numbers follow: cut off, or filled up with zeros."""
    new = replace(state, **{key: value})
    if key == "input":
        return replace(new, x=as_numbers(image(state)) if value == "own" else None)
    if key == "filter":
        return replace(new, k=as_numbers(kernel(state)) if value == "own" else None)
    if key == "size" and new.x:
        return replace(new, x=_resized(new.x, new.size))
    if key == "f" and new.k:
        return replace(new, k=_resized(new.k, new.f))
    if key == "channels" and new.channels != state.channels:
        x, k = (numbers and (numbers * 3)[: new.channels] for numbers in (new.x, new.k))
        return replace(new, x=x, k=k)
    return new


def _with_numbers(state: State, key: str, text: str) -> State:
    numbers = tuple(
        tuple(tuple(typed.number(key, cell) for cell in row.split(",")) for row in c.split(";"))
        for c in text.split("~")
    )
    widths = {len(row) for channel in numbers for row in channel}
    heights = {len(channel) for channel in numbers}
    if len(widths) > 1 or len(heights) > 1 or len(numbers) not in (1, 3):
        raise Refused(key, text, "numbers")
    if max(widths | heights) > MOST_CELLS:
        raise Refused(key, text, "cells", (MOST_CELLS,))
    if key == "x":
        low, high = CONTROLS["size"].low, CONTROLS["size"].high
        side = min(max(len(numbers[0]), low), high)
        return replace(state, input="own", x=numbers, channels=len(numbers), size=side)
    high = CONTROLS["f"].high
    if heights != widths or max(widths) > high:
        raise Refused(key, text, "square", (high,))
    return replace(state, filter="own", k=numbers, f=len(numbers[0]))


def _resized(numbers: Numbers, n: int) -> Numbers:
    def fit(items: tuple, filler: object) -> tuple:
        return (items + (filler,) * n)[:n]

    return tuple(fit(tuple(fit(row, 0.0) for row in c), (0.0,) * n) for c in numbers)


def _with_filters_that_fit(state: State) -> State:
    while problem := too_small(state):
        state = replace(state, **{"filter" if problem[0] == state.filter else "goal": "identity"})
    return state


def too_small(state: State) -> tuple[str, int] | None:
    """Name the filter of a state whose f is below the least that the filter needs."""
    if state.op != "conv" or state.view == "sizes":
        return None
    for filter in (state.filter, *([state.goal] if state.view == "learn" else [])):
        if state.f < (smallest := SMALLEST_FILTER.get(filter, 1)):
            return filter, smallest
    return None


def settle(state: State) -> State:
    """Move what is looked at to where there is something."""
    if state.view not in state.views:
        state = replace(state, view="forward")
    if state.op != "conv" and state.of != "A":
        state = replace(state, of="A")
    if state.fault not in FAULTS[state.op]:
        state = replace(state, fault=FAULTS[state.op][0])
    bounds = dict(zip("hwc", (*state.output_shape, state.output_channels), strict=True))
    bounds |= zip(("row", "column", "channel"), state.entry_shape, strict=True)
    inside = {key: max(0, min(getattr(state, key), n - 1)) for key, n in bounds.items()}
    return replace(state, **inside)
