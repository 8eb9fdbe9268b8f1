"""Checkers for the book's exercises, which say what went wrong by name."""

from typing import Any

from cnnlayers.exercises import layers
from cnnlayers.exercises.checking import Asked, check_function
from cnnlayers.exercises.language import choose
from cnnlayers.exercises.report import Report

def check(name: str, answer: Any = None, *, language=None, hint=0, solution=False, **answers: Any) -> Report:
    asked = Asked(choose(language), hint, solution)
    return check_function({e.name: e for e in layers.EXERCISES}[name], answer, asked)
