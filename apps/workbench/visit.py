"""One reader's visit: what has been opened and handed in, and what each act makes of it.

`act` and `hand_in` take whatever the page sends. What is no act changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from apps.shared.typed import Problem, Refused
from apps.workbench.state import DEFAULT, State, change, listed, parse

LONGEST = 50_000  # characters of what is handed in
HINTS = 2


@dataclass(frozen=True)
class Asked:
    """What is to be done with what was typed."""

    do: str  # run or check
    text: str = ""  # code
    answers: Mapping[str, str] | None = None  # what was typed into each field of a pencil exercise
    hint: int = 0
    solution: bool = False


@dataclass(frozen=True)
class Visit:
    """The state, and what is not in its address."""

    state: State = DEFAULT
    problems: tuple[Problem, ...] = ()  # of the address
    asked: Asked | None = None
    found: Mapping[str, Any] | None = None  # what came of it; None while it is being worked on

    @property
    def busy(self) -> bool:
        """Whether something is being worked on."""
        return self.asked is not None and self.found is None

    @property
    def speaks(self) -> bool:
        """Whether what was asked for comes in a language."""
        return self.busy or (self.asked is not None and self.asked.do == "check")

    @property
    def report(self) -> Mapping[str, Any]:
        """The report on what was checked last, if there is one."""
        return (self.found or {}).get("report") or {}

    @property
    def more_hints(self) -> bool:
        """Whether there is a hint that has not been given."""
        given = self.asked.hint if self.asked else 0
        return bool(self.report.get("mistakes")) and given < HINTS


def act(visit: Visit, message: object) -> Visit:
    """Do what the page says the reader did."""
    try:
        return _done(visit, message)
    except Refused as refused:
        return replace(visit, problems=(refused.problem,))


def _done(visit: Visit, message: object) -> Visit:
    state = visit.state
    match message:
        case {"do": "open", "query": str(query)}:
            new, problems = parse(query)
            return Visit(new, tuple(problems))
        case {"do": "set", "key": "exercise", "value": str(name)}:
            return Visit(change(state, "exercise", name))
        case {"do": "onward"}:
            names = list(listed(state.lang))
            following = names[(names.index(state.exercise) + 1) % len(names)]
            return Visit(change(state, "exercise", following))
        case {"do": "language"}:
            new = change(state, "lang", "en" if state.lang == "es" else "es")
            return replace(visit, state=new, problems=())
    return visit


def hand_in(visit: Visit, message: object) -> Visit:
    """Take what the reader handed in; `process.done` works on it."""
    match message:
        case {"do": "run", "text": str(text)} if _writes(visit):
            asked = Asked("run", text)
        case {"do": ("check" | "hint" | "solution") as do, "text": str(text)} if _writes(visit):
            asked = Asked("check", text, **_told(visit, do))
        case {"do": ("check" | "hint" | "solution") as do, "answers": dict(answers)}:
            if _writes(visit) or not all(isinstance(text, str) for text in answers.values()):
                return visit
            asked = Asked("check", "", answers, **_told(visit, do))
        case _:
            return visit
    if len(asked.text) + sum(map(len, (asked.answers or {}).values())) > LONGEST:
        return visit
    return replace(visit, asked=asked, found=None, problems=())


def stop(visit: Visit) -> Visit:
    """Say that what was being worked on was stopped."""
    return replace(visit, found={"ending": "stopped"}) if visit.busy else visit


def _writes(visit: Visit) -> bool:
    """Whether the exercise asks for code."""
    return listed(visit.state.lang)[visit.state.exercise].kind != "numbers"


def _told(visit: Visit, do: str) -> dict[str, Any]:
    """Say how much is to be told: what has been told stays told until the next check."""
    if do == "check" or visit.asked is None or visit.asked.do != "check":
        hint, solution = 0, False
    else:
        hint, solution = visit.asked.hint, visit.asked.solution
    return {"hint": min(hint + (do == "hint"), HINTS), "solution": solution or do == "solution"}
