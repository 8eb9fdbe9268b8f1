"""What the address of the workbench holds: the exercise and the language."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from urllib.parse import parse_qsl, quote

from apps.shared.typed import Problem, Refused, one_of
from cnnlayers.exercises import Exercise, exercises

LANGUAGES = ("es", "en")


@dataclass(frozen=True)
class State:
    """The exercise by its name, and the language."""

    exercise: str = "zero_pad"
    lang: str = "es"


DEFAULT = State()


@cache
def listed(lang: str) -> dict[str, Exercise]:
    """List the exercises that can be judged, by name, in the order in which the book has them."""
    return {one.name: one for one in exercises(lang) if one.kind != "reasoning"}


def change(state: State, key: str, text: str) -> State:
    """Set a part of the state, or refuse the value."""
    if key == "lang":
        return replace(state, lang=one_of(key, text, LANGUAGES))
    if key != "exercise":
        raise Refused(key, text, "parameter")
    if text not in listed(state.lang):
        raise Refused(key, text, "exercise")
    return replace(state, exercise=text)


def parse(query: str) -> tuple[State, list[Problem]]:
    """Read an address. Never raises: what cannot be read keeps its default and is reported."""
    state, problems = DEFAULT, []
    for key, text in parse_qsl(query.lstrip("?"), keep_blank_values=True):
        try:
            state = change(state, key, text.strip())
        except Refused as refused:
            problems.append(refused.problem)
    return state, problems


def serialize(state: State) -> str:
    """Write the address, without what has its default."""
    values = {"exercise": state.exercise, "lang": state.lang}
    defaults = {"exercise": DEFAULT.exercise, "lang": DEFAULT.lang}
    return "&".join(f"{k}={quote(v)}" for k, v in values.items() if v != defaults[k])
