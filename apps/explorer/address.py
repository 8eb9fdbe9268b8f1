"""The address of a state: its query, in which what has its default or no effect is left out.

Numbers of the reader's own are written row by row: ``x=1,3;4,2`` is two rows, and ``~`` stands
between channels.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl

from apps.explorer.moves import put, settle, too_small
from apps.explorer.state import CONTROLS, FAULTS, State
from apps.shared.controls import address
from apps.shared.typed import Problem, Refused

DEFAULT = State()
# Moved to last: they have to lie inside what the others make.
CELL = ("h", "w", "c", "row", "column", "channel")


def parse(query: str) -> tuple[State, list[Problem]]:
    """Read an address. Never raises: what cannot be read keeps its default and is reported."""
    state, problems = DEFAULT, []
    given = _given(query)
    cell = {key: given.pop(key) for key in CELL if key in given}
    for key, text in given.items():
        try:
            state = put(state, key, text.strip())
        except Refused as refused:
            problems.append(refused.problem)
    if small := too_small(state):
        problems.append(Problem("f", str(state.f), "smallest", small))
        state = replace(state, f=small[1])
    state = settle(state)
    for key, text in cell.items():
        try:
            wanted = put(state, key, text.strip())
            if (inside := settle(wanted)) != wanted:
                raise Refused(key, text, "inside", (getattr(inside, key),))
            state = wanted
        except Refused as refused:
            problems.append(refused.problem)
    return state, problems


def serialize(state: State) -> str:
    """Write the address: what differs from the defaults and matters, in the order of the table."""
    implied = {"x": ("input", "size", "channels"), "k": ("filter", "f")}
    left_out = {key for numbers, keys in implied.items() if getattr(state, numbers) for key in keys}
    if not CONTROLS["k"].matters(state):
        left_out -= set(implied["k"])
    # Each layer has mistakes of its own.
    defaults = vars(DEFAULT) | {"fault": FAULTS[state.op][0]}
    return address(state, defaults, left_out)


def _given(query: str) -> dict[str, str]:
    given = dict(parse_qsl(query.lstrip("?"), keep_blank_values=True))
    for key in ("x", "k"):  # numbers say themselves how many they are
        kind, implied = ("input", ("size", "channels")) if key == "x" else ("filter", ("f",))
        if given.get(kind) == "own":
            given.setdefault(key, "")
        if key in given:
            given = {key: given[key]} | {
                k: v for k, v in given.items() if k not in (kind, *implied)
            }
    return given
