"""The exercises that ask for numbers: the fields to type them into, and what was typed.

A number is read as people write it: a decimal comma, a real minus sign and a fraction are fine.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import isfinite
from typing import Any

import numpy as np

from cnnlayers.exercises.pencil import EXERCISES, Question

NONE = {"none", "ninguno", "ninguna", "no hay", "nada"}
SHAPE = re.compile(r"[(\[]?\s*\d+(\s*[,;x×]\s*\d+)+\s*,?\s*[)\]]?")


@dataclass(frozen=True)
class Field:
    """A place to type into: one for a word, a number or a shape, a grid of them for an array."""

    name: str
    kind: str  # number, truth, text or grid
    rows: int = 1
    columns: int = 1

    @property
    def cells(self) -> list[str]:
        """Name the cells, row by row."""
        if self.kind != "grid":
            return [self.name]
        return [f"{self.name}.{r}.{c}" for r in range(self.rows) for c in range(self.columns)]


@cache
def fields(exercise: str) -> tuple[Field, ...]:
    """List what there is to type into; nothing where an exercise asks for code."""
    questions = next((one.questions for one in EXERCISES if one.name == exercise), ())
    made = tuple(map(_field, questions))
    # Where one answer is a word or "there is none", no field tells which.
    mixed = any(field.kind == "text" for field in made)
    return tuple(
        Field(field.name, "text") if mixed and field.kind == "number" else field for field in made
    )


def _field(question: Question) -> Field:
    right: Any = question.right
    if isinstance(right, bool):
        return Field(question.name, "truth")
    if right is None or isinstance(right, str | tuple):
        return Field(question.name, "text")
    rows, columns = np.shape(right) or (1, 1)
    return Field(question.name, "grid" if np.ndim(right) else "number", rows, columns)


def read(exercise: str, texts: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Read what was typed: the answers by name, and what keeps the others from being judged."""
    given: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for field in fields(exercise):
        typed = {cell: texts.get(cell, "").strip() for cell in field.cells}
        if not any(typed.values()):
            continue
        values = {cell: _value(field, text) for cell, text in typed.items() if text}
        wrong = {cell: "not_number" for cell, value in values.items() if value is ...}
        if len(values) < len(typed):
            wrong |= {field.name: "blank"}
        problems |= wrong
        if not wrong:
            numbers = list(values.values())
            grid = field.kind == "grid"
            given[field.name] = np.reshape(numbers, (field.rows, -1)) if grid else numbers[0]
    return given, problems


def _value(field: Field, text: str) -> Any:
    """Read one answer; an Ellipsis is none."""
    if field.kind == "truth":
        return {"yes": True, "no": False}.get(text, ...)
    number = _number(text)
    if field.kind != "text":
        return ... if number is None else number
    if text.lower() in NONE:
        return None
    if SHAPE.fullmatch(text):
        return tuple(map(int, re.findall(r"\d+", text)))
    return text.strip("\"'` ") if number is None else number


def _number(text: str) -> float | None:
    above, _, below = re.sub(r"\s", "", text).replace("−", "-").replace(",", ".").partition("/")
    try:
        value = float(above) / float(below or 1)
    except (ValueError, ZeroDivisionError):
        return None
    return value if isfinite(value) else None
