"""What a reader typed, as values; what cannot be one is refused with what was expected."""

from __future__ import annotations

from math import isfinite
from typing import NamedTuple

from apps.shared.words import Words

LARGEST = 999  # of the numbers typed, so that a cell can show them


class Problem(NamedTuple):
    """A value that was not taken, and what was expected (`explain` says it in a language)."""

    key: str
    value: str
    expected: str
    bounds: tuple[object, ...] = ()


class Refused(ValueError):
    """Raised for a value that was not taken; carries the `Problem`."""

    def __init__(self, *problem: object) -> None:
        self.problem = Problem(*problem)
        super().__init__(
            f"{self.problem.key}={self.problem.value!r}: expected {self.problem.expected}"
        )


def number(key: str, text: str) -> float:
    """Read a number as people type it: a decimal comma, a real minus sign, spaces are fine."""
    try:
        value = float(text.replace("−", "-").replace(",", ".").replace("_", "?"))
    except ValueError:
        value = float("nan")
    if not isfinite(value) or abs(value) > LARGEST:
        raise Refused(key, text, "number", (-LARGEST, LARGEST))
    return value + 0.0  # never -0


def whole(key: str, text: str, low: int, high: int) -> int:
    """Read a whole number from `low` to `high`."""
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = float("nan")
    if not (value == value // 1 and low <= value <= high):
        raise Refused(key, text, "whole", (low, high))
    return int(value)


def cell_of(text: str) -> tuple[int, int, int]:
    """Read the place of a cell, as the page's script writes it: row, column, channel."""
    try:
        h, w, c = map(int, text.split(","))
    except ValueError:
        raise Refused("cell", text, "cell") from None
    return h, w, c


def one_of(key: str, text: str, options: tuple[str, ...]) -> str:
    """Read one of a few words."""
    if text not in options:
        raise Refused(key, text, "choice", options)
    return text


def explain(problem: Problem, say: Words) -> str:
    """Say what was expected in the place of a value that was not taken."""
    bounds = problem.bounds
    values = {"key": say.get(problem.key, problem.key), "value": problem.value}
    if problem.expected == "choice":
        values["options"] = ", ".join(str(option) for option in bounds if option)
    elif problem.expected in ("whole", "number"):
        values["low"], values["high"] = bounds
    elif problem.expected == "smallest":
        values["filter"], values["limit"] = say[f"filter_{bounds[0]}"], bounds[1]
    elif bounds:
        values["limit"] = bounds[0]
    return say(f"error_{problem.expected}", **values)
