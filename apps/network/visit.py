"""One reader's visit: what has been chosen and drawn, and what each act makes of it.

`act` takes whatever the page sends. What is no act, or comes from a page that is not ours, changes
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random

from apps.network.address import DEFAULT, change, draw, parse, settle
from apps.network.course import course
from apps.network.lessons import pending
from apps.network.look import look
from apps.network.made import strongest
from apps.network.pictures import SIDE
from apps.network.state import CONTROLS, LAYERS, STEPS, TEST_DIGITS, State
from apps.shared.making import PER_ROW
from apps.shared.typed import Problem, Refused, cell_of
from apps.shared.words import words

SECONDS = 0.15  # of training, before the page shows how far it has come
STEPS_A_TICK = 3


@dataclass(frozen=True)
class Visit:
    """The state, and what is not in its address."""

    state: State = DEFAULT
    problems: tuple[Problem, ...] = ()  # of the address
    errors: Mapping[str, Problem] = field(default_factory=dict)  # by the control
    running: bool = False  # whether the training goes on by itself

    @property
    def playing(self) -> bool:
        """Whether something happens without an act."""
        return self.running or pending(self.state)


def act(visit: Visit, message: object, random: Random | None = None) -> Visit:
    """Do what the page says the reader did."""
    try:
        new = _done(visit, message, random or Random())
    except Refused as refused:
        return replace(visit, errors={**visit.errors, refused.problem.key: refused.problem})
    course(new.state).go(new.state.t, SECONDS)
    opens = isinstance(message, dict) and message.get("do") == "open"
    return new if opens else _opened(visit, new)


def _opened(before: Visit, now: Visit) -> Visit:
    """Open, of a number that is new to the page, the channel that adds most to it."""
    was, state = before.state, now.state
    places = [(s.view, s.layer, s.h, s.w, s.c) for s in (was, state)]
    if places[0] == places[1] or state.summed == 1 or state.j != was.j:
        return now
    say = words("network", state.lang)
    return replace(now, state=replace(state, j=strongest(say, state, look(state))))


def tick(visit: Visit) -> Visit:
    """Go on with the training: to where the state is, and then further if it runs."""
    state = visit.state
    if visit.running and not pending(state):
        state = _trained(state, STEPS_A_TICK)
    now = course(state)
    now.go(state.t, SECONDS)
    running = visit.running and state.t < STEPS and not now.broken
    return replace(visit, state=state, running=running)


def _done(visit: Visit, message: object, random: Random) -> Visit:
    state = visit.state
    match message:
        case {"do": "open", "query": str(query)}:
            new, problems = parse(query)
            return Visit(new, tuple(problems))
        case {"do": "set", "key": str(key), "value": value} if key in CONTROLS:
            new = change(state, key, value)
            return replace(_become(visit, new), running=visit.running and new.view == "train")
        case {"do": "layer", "what": str(layer)} if layer in LAYERS:
            return _become(visit, change(state, "layer", layer))
        case {"do": "pick", "grid": "sums", "cell": str(cell)}:
            row, column, _ = cell_of(cell)
            return _become(visit, _inside(replace(state, j=PER_ROW * row + column)))
        case {"do": "pick", "grid": str(layer), "cell": str(cell)} if layer in LAYERS:
            place = dict(zip("hwc", cell_of(cell), strict=True))
            return _become(visit, _inside(replace(state, layer=layer, **place)))
        case {"do": "draw", "cells": str(cells)}:
            # Cells of row, column and dots of ink; the last word on a pixel counts.
            ink = [cell_of(cell) for cell in cells.split(";")[: 4 * SIDE**2]]
            return _become(visit, draw(state, {(h, w): n for h, w, n in ink}))
        case {"do": "clear"}:
            return _become(visit, replace(state, x="0" * SIDE**2))
        case {"do": "digit", "what": str(digit)}:
            return _become(visit, change(state, "digit", digit))
        case {"do": "surprise"}:
            return _become(visit, change(state, "digit", random.randrange(TEST_DIGITS)))
        case {"do": "train", "what": "step"}:
            return _become(visit, _trained(state, 1))
        case {"do": "train", "what": "epoch"}:
            return _become(visit, _trained(state, course(state).epoch))
        case {"do": "train", "what": "reset"}:
            return _become(visit, replace(state, t=0))
        case {"do": "play"} if state.view == "train":
            return replace(_become(visit, state), running=not visit.running)
        case {"do": "language"}:
            new = change(state, "lang", "en" if state.lang == "es" else "es")
            return replace(_become(visit, new), running=visit.running)
    return visit


def _become(visit: Visit, state: State) -> Visit:
    """Take a new state: what was wrong with the old one goes with it."""
    return replace(visit, state=state, problems=(), errors={}, running=False)


def _trained(state: State, steps: int) -> State:
    return replace(state, t=min(state.t + steps, STEPS))


def _inside(state: State) -> State:
    if min(state.h, state.w, state.c, state.j) < 0 or settle(state) != state:
        raise Refused("cell", f"{state.h},{state.w},{state.c}", "cell")
    return state
