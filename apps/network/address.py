"""From an address to a state and back, and from one state to another."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl

from apps.network.pictures import MOST, SIDE, as_pixels, dots
from apps.network.state import CONTROLS, INK, LAYERS, State
from apps.shared import controls, typed
from apps.shared.typed import Problem, Refused

DEFAULT = State()
# Read last: they have to lie inside what the others make.
INSIDE = ("h", "w", "c", "j")
LATE = ("x", "t", *INSIDE)  # a picture of one's own is no test digit
COURSE = ("start", "rate", "batch", "fault", "seed")


def parse(query: str) -> tuple[State, list[Problem]]:
    """Read an address. Never raises: what cannot be read keeps its default and is reported."""
    state, problems = DEFAULT, []
    given = dict(parse_qsl(query.lstrip("?"), keep_blank_values=True))
    late = {key: given.pop(key) for key in LATE if key in given}
    for key, text in [*given.items(), ("", ""), *late.items()]:
        if not key:
            state = settle(state)
            continue
        try:
            wanted = put(state, key, text.strip())
            if key in INSIDE and (settled := settle(wanted)) != wanted:
                raise Refused(key, text, "inside", (getattr(settled, key),))
            state = wanted
        except Refused as refused:
            problems.append(refused.problem)
    return state, problems


def serialize(state: State) -> str:
    """Write the address: what differs from the defaults and matters, in the order of the table."""
    # In a layer with fewer rows the place that is looked at first is another.
    settled = settle(replace(DEFAULT, layer=state.layer))
    return controls.address(state, vars(settled) | {"layer": DEFAULT.layer})


def change(state: State, key: str, value: object) -> State:
    """Change one thing, and what has to follow; raise `Refused` for what it cannot be."""
    return settle(put(state, key, "" if value is None else str(value).strip()))


def put(state: State, key: str, text: str) -> State:
    """Give a field the value that a text stands for; raise `Refused` if it stands for none."""
    if key not in CONTROLS:
        raise Refused(key, text, "parameter")
    control = CONTROLS[key]
    if control.kind == "pixels":
        if len(text) != SIDE**2 or set(text) - set(INK):
            raise Refused(key, text, "pixels", (SIDE**2,))
        return replace(state, x=text)
    if control.kind == "whole":
        value = typed.whole(key, text, control.low, control.high)
        new = replace(state, **{key: value})
    else:
        new = replace(state, **{key: typed.one_of(key, text, control.options)})
    if key == "digit":
        new = replace(new, x="")
    if key in COURSE and new != state:  # another course starts at its start
        new = replace(new, t=0)
    return new


def draw(state: State, ink: dict[tuple[int, int], int]) -> State:
    """Draw dots of ink over the picture, which is the reader's own from then on."""
    now = dots(state)
    for (h, w), n in ink.items():
        if not (0 <= h < SIDE and 0 <= w < SIDE and 0 <= n <= MOST):
            raise Refused("cell", f"{h},{w},{n}", "cell")
        now[h, w] = n
    return replace(state, x=as_pixels(now))


def settle(state: State) -> State:
    """Move what is looked at to where there is something."""
    if state.view == "backward" and state.layer == "P":
        state = replace(state, layer="Z3")
    bounds = dict(zip("hwc", LAYERS[state.layer], strict=True)) | {"j": state.summed}
    inside = {key: min(getattr(state, key), n - 1) for key, n in bounds.items()}
    return replace(state, **inside)
