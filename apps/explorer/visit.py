"""One reader's visit: what has been chosen, typed and guessed, and what each act makes of it.

`act` takes whatever the page sends. What is no act, or comes from a page that is not ours, changes
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random

from apps.explorer.address import parse
from apps.explorer.look import look
from apps.explorer.moves import change, edit, settle, surprise
from apps.explorer.state import CONTROLS, DEFAULT, State
from apps.explorer.tries import Case, case_of, close
from apps.explorer.view import wanted
from apps.shared import typed
from apps.shared.typed import Problem, Refused, cell_of

STEPS = {
    "first": lambda now: 0,
    "back": lambda now: now.step - 1,
    "next": lambda now: now.step + 1,
    "last": lambda now: now.steps - 1,
}
# The arrays of the gradients, and what the state calls them.
GRADIENTS = {"dA": "A", "dW": "W", "db": "b"}


@dataclass(frozen=True)
class Visit:
    """The state, and what is not in its address."""

    state: State = DEFAULT
    problems: tuple[Problem, ...] = ()  # of the address
    errors: Mapping[str, Problem] = field(default_factory=dict)  # by the control or the array
    playing: bool = False
    guess: float | None = None  # of the present number
    case: Case | None = None  # that the address opened
    task: int = 0  # of the case
    tried: float | None = None  # the answer that the reader gave to the task
    told: bool = False  # whether the answer was asked for

    @property
    def found(self) -> bool:
        """Whether the present number was guessed."""
        number = wanted(self.state, look(self.state))
        return self.guess is not None and number is not None and close(self.guess, number)

    @property
    def asks(self) -> bool:
        """Whether the present number is hidden."""
        return wanted(self.state, look(self.state)) is not None and not self.found

    @property
    def answered(self) -> bool:
        """Whether the task's answer was found or told."""
        if self.case is None:
            return False
        right = self.tried is not None and close(self.tried, self.case.tasks[self.task].answer)
        return self.told or right


def act(visit: Visit, message: object, random: Random | None = None) -> Visit:
    """Do what the page says the reader did."""
    try:
        return _done(visit, message, random or Random())
    except Refused as refused:
        return replace(visit, errors={**visit.errors, refused.problem.key: refused.problem})


def tick(visit: Visit) -> Visit:
    """Take the next step of what plays; after the last one it stops."""
    now = visit.state
    if not visit.playing or now.step >= now.steps - 1:
        return replace(visit, playing=False)
    return replace(_become(visit, now.at(now.step + 1)), playing=True)


def _done(visit: Visit, message: object, random: Random) -> Visit:
    state = visit.state
    match message:
        case {"do": "open", "query": str(query)}:
            new, problems = parse(query)
            return Visit(new, tuple(problems), case=case_of(new))
        case {"do": "set", "key": str(key), "value": value} if key in CONTROLS:
            return replace(_become(visit, change(state, key, value)), playing=visit.playing)
        case {"do": "step", "what": str(what)} if what in STEPS:
            return _become(visit, state.at(STEPS[what](state)))
        case {"do": "play"}:
            start = state.at(0) if state.step == state.steps - 1 else state
            return replace(_become(visit, start), playing=not visit.playing and state.steps > 0)
        case {"do": "pick", "grid": str(grid), "cell": str(cell)}:
            return _become(visit, _picked(state, grid, cell_of(cell)))
        case {"do": "type", "grid": "guess", "text": str(text)} if state.asks:
            return replace(visit, guess=typed.number("guessed", text), errors={}, playing=False)
        case {"do": "type", "grid": ("x" | "k") as grid, "cell": str(cell), "text": str(text)}:
            return _become(visit, edit(state, grid, cell_of(cell), text))
        case {"do": "size", "what": str(what)}:
            pad, _, stride = what.partition(",")
            new = change(state, "stride", stride)
            return _become(visit, change(new, "pad", pad) if state.op == "conv" else new)
        case {"do": "surprise"}:
            return _become(visit, surprise(state, random))
        case {"do": "language"}:
            new = change(state, "lang", "en" if state.lang == "es" else "es")
            return replace(_become(visit, new), guess=visit.guess, playing=visit.playing)
        case {"do": "task", "what": ("0" | "1" | "2") as task}:
            return replace(visit, task=int(task), tried=None, told=False, errors={})
        case {"do": "try", "text": str(text)}:
            return replace(visit, tried=typed.number("try", text), errors={})
        case {"do": "tell"}:
            return replace(visit, told=True, errors={})
        case {"do": "see"} if visit.answered:
            new = replace(visit.case.tasks[visit.task].state, lang=state.lang)
            return _become(visit, new)
    return visit


def _become(visit: Visit, state: State) -> Visit:
    """Take a new state: what was wrong with the old one, or guessed of it, goes with it."""
    return replace(visit, state=state, problems=(), errors={}, guess=None, playing=False)


def _picked(state: State, grid: str, cell: tuple[int, int, int]) -> State:
    """Go to a cell of the output, or open the gradient of an entry."""
    if grid in GRADIENTS:
        opened = replace(
            change(state, "view", "entry"),
            **dict(zip(("row", "column", "channel"), cell, strict=True)),
        )
        new = replace(opened, of=GRADIENTS[grid])
    elif grid == "Z":
        new = replace(state, h=cell[0], w=cell[1], c=cell[2])
    else:
        raise Refused("cell", grid, "cell")
    if settle(new) != new:
        raise Refused("cell", ",".join(map(str, cell)), "cell")
    return new
