"""Three things to try for each case that a chapter opens, each with an answer to guess first.

A case is named by its key in the table of words: `try_NAME_N` asks, `try_NAME_N_why` tells. The
answers are what the layer returns in the state where they can be seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from apps.explorer.address import parse, serialize
from apps.explorer.entry import entry
from apps.explorer.look import Look, look
from apps.explorer.state import State

FIVE = "input=own&x=1,3,6,1,2;0,4,3,2,0;0,1,3,8,1;2,1,5,0,4;1,0,2,1,3"
FOUR = "input=own&x=1,3,6,1;0,4,3,2;0,1,3,8;2,1,5,0"
EDGE = "filter=own&k=1,0,-1;1,0,-1;1,0,-1&bias=1"


class Task(NamedTuple):
    """Something to try: the state in which the answer is seen, and how it is read there."""

    query: str
    read: Callable[[State, Look], float]

    @property
    def state(self) -> State:
        """The state in which the answer is seen."""
        return parse(self.query)[0]

    @property
    def answer(self) -> float:
        """The answer, as the layer returns it."""
        return float(self.read(self.state, look(self.state)))


class Case(NamedTuple):
    """A state that a chapter opens, and three things to try from there."""

    name: str
    query: str
    tasks: tuple[Task, Task, Task]


def _output(state: State, seen: Look) -> float:
    return seen.Z[state.h, state.w, state.c]


def _rows(state: State, seen: Look) -> float:
    return state.output_shape[0]


def _gradient(state: State, seen: Look) -> float:
    return entry(state).gradient


def _maximum(state: State, seen: Look) -> float:
    return seen.window.max()


CASES = (
    Case("first", "", (
        Task("w=1", _output),
        Task("filter=blur&h=2&w=2", _output),
        Task("pad=1", _rows),
    )),
    Case("conv", f"op=conv&{FIVE}&{EDGE}&h=1&w=2", (
        Task(f"{FIVE}&{EDGE}&h=2&w=2", _output),
        Task(f"{FIVE}&{EDGE}&bias=0&h=1&w=2", _output),
        Task(f"{FIVE}&{EDGE}&stride=2", lambda state, seen: seen.Z.size),
    )),
    Case("stride", "op=conv&input=digit&size=6&filter=sobel-x&f=3&stride=2&h=1&w=1", (
        Task("size=6&stride=2&h=1&w=1",
             lambda state, seen: (~(seen.read_rows[:, None] & seen.read_columns)).sum()),
        Task("size=6&stride=2&pad=1&view=sizes", _rows),
        Task("size=6&stride=3&view=sizes", lambda state, seen: (~seen.read_rows).sum()),
    )),
    Case("max", f"op=max&f=3&stride=2&{FIVE}&h=1&w=1", (
        Task(f"op=max&f=3&stride=1&{FIVE}&h=1&w=1",
             lambda state, seen: (seen.Z == seen.A.max()).sum()),
        Task(f"op=average&f=3&stride=2&{FIVE}", _output),
        Task(f"op=max&f=3&stride=2&{FIVE.replace('8', '5')}&h=1&w=1", _maximum),
    )),
    Case("conv_back", f"op=conv&view=backward&{FOUR}&{EDGE}&dz=one&h=0&w=1", (
        Task(f"view=entry&{FOUR}&{EDGE}&dz=one&h=1&w=0&row=2&column=0", _gradient),
        Task(f"view=entry&{FOUR}&{EDGE}&of=b", _gradient),
        Task(f"view=entry&{FOUR}&{EDGE}&row=1&column=1", _gradient),
    )),
    Case("max_back", f"op=max&view=backward&f=3&{FOUR}&h=1&w=1", (
        Task(f"op=max&view=entry&f=3&{FOUR}&row=2&column=3", _gradient),
        Task(f"op=max&view=backward&f=3&{FOUR.replace('8', '0')}&h=1&w=1", _maximum),
        Task(f"op=average&view=entry&f=3&{FOUR}&row=1&column=1", _gradient),
    )),
)  # fmt: skip


def case_of(state: State) -> Case | None:
    """Find the case that an address opens, in whatever language."""
    plain = serialize(replace(state, lang="es"))
    return next((case for case in CASES if serialize(parse(case.query)[0]) == plain), None)


def close(guess: float, number: float) -> bool:
    """Tell whether a guess is right: two decimals are enough."""
    return bool(np.abs(guess - number) < 0.00501)
