"""Run what the reader wrote, or have it checked, and say in plain data what came of it.

As a program (`python -m apps.workbench.work`) it reads what is asked for as JSON and writes what
came of it; `process.py` starts it so.
"""

from __future__ import annotations

import ast
import doctest
import io
import json
import linecache
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from types import FunctionType
from typing import Any

import numpy as np

from apps.workbench import pencil
from cnnlayers.exercises import check, exercises
from cnnlayers.exercises.sandbox import Run, run

FILE = "<workbench>"
SECONDS = 5.0
PRINTED = 10_000  # characters


def work(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Do what is asked for; never raises."""
    if asked["answers"] is not None:
        given, problems = pencil.read(asked["exercise"], asked["answers"])
        return {"ending": "returned", "problems": problems, "report": _report(asked, given)}
    names, found = _execute(asked["text"])
    if asked["do"] == "run":
        return {**found, "examples": _examples(names)} if found["ending"] == "returned" else found
    (wanted,) = (one.asks for one in exercises("en") if one.name == asked["exercise"])
    given = {name: names[name] for name in wanted if names.get(name, ...) is not ...}
    missing = [name for name in wanted if name not in given]
    if found["ending"] == "returned" and not missing:
        # Of a single thing the name is the reader's own affair.
        return {**found, "report": _report(asked, given if len(given) > 1 else given[wanted[0]])}
    solution = _solution(asked) if asked["solution"] else ""
    return {**found, "missing": missing, "solution": solution}


def _solution(asked: Mapping[str, Any]) -> str:
    """Take the book's version where there is nothing that could be judged."""
    report = check(asked["exercise"], language=asked["lang"], solution=True)
    return "\n\n".join(part.text for part in report.parts if part.kind == "code")


def _report(asked: Mapping[str, Any], given: object) -> dict[str, Any]:
    told = {"language": asked["lang"], "hint": asked["hint"], "solution": asked["solution"]}
    try:
        report = check(asked["exercise"], given, **told)
    except (TypeError, ValueError) as error:  # it was handed something that it does not take
        return {"passed": False, "refused": str(error)}
    return {
        "passed": report.passed,
        "head": str(report).partition("\n")[0],
        "html": report.html(),
        "mistakes": list(report.mistakes),
        "wrong": {name: np.asarray(cells).tolist() for name, cells in report.wrong.items()},
    }


def _execute(code: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Run code as a notebook runs a cell: the value of its last line is shown."""
    names: dict[str, Any] = {"__name__": "__main__"}
    linecache.cache[FILE] = (len(code), None, code.splitlines(keepends=True), FILE)
    try:
        tree = ast.parse(code, FILE)
    except (SyntaxError, ValueError) as error:
        return names, _not_python(error)
    last = tree.body[-1] if tree.body and isinstance(tree.body[-1], ast.Expr) else None

    def execute() -> str | None:
        body = tree.body[:-1] if last else tree.body
        exec(compile(ast.Module(body, []), FILE, "exec"), names)
        value = eval(compile(ast.Expression(last.value), FILE, "eval"), names) if last else None
        return None if value is None or value is ... else repr(value)[:PRINTED]

    return names, _as_data(run(execute, seconds=SECONDS, printed=PRINTED))


def _as_data(one: Run) -> dict[str, Any]:
    raised = one.raised
    return {
        "ending": one.ending,
        "seconds": SECONDS,
        "printed": one.printed,
        "value": one.value,
        "raised": raised
        and {"kind": raised.kind, "message": raised.message, "line": raised.line,
             "code": raised.code},
    }  # fmt: skip


def _not_python(error: SyntaxError | ValueError) -> dict[str, Any]:
    line = getattr(error, "lineno", None)
    raised = {
        "kind": type(error).__name__,
        "message": getattr(error, "msg", None) or str(error),
        "line": line,
        "code": (getattr(error, "text", None) or "").strip(),
    }
    return {"ending": "raised", "printed": "", "value": None, "raised": raised}


def _examples(names: Mapping[str, Any]) -> dict[str, Any] | None:
    """Try the examples in the docstrings of the functions that were written."""
    count = right = 0
    first: dict[str, str] | None = None
    for function in list(names.values()):
        written = isinstance(function, FunctionType) and function.__code__.co_filename == FILE
        if not written or not function.__doc__:
            continue
        try:
            examples = doctest.DocTestParser().get_examples(function.__doc__)
        except ValueError:  # not written as examples are
            continue
        mine = dict(names)
        for example in examples:
            one, got = _try(example.source, mine)
            as_wanted = _CHECKER.check_output(example.want, got, doctest.NORMALIZE_WHITESPACE)
            if not example.want and as_wanted:
                continue  # it only prepares the next one
            count += 1
            right += as_wanted
            if not as_wanted and first is None:
                first = {"source": example.source, "want": example.want, "got": got}
            if one.ending not in ("returned", "raised"):
                break
    return {"count": count, "right": right, "first": first} if count else None


_CHECKER = doctest.OutputChecker()


def _try(source: str, names: dict[str, Any]) -> tuple[Run, str]:
    """Run an example, and tell what it shows, as Python's prompt would."""
    screen = io.StringIO()

    def execute() -> None:
        with redirect_stdout(screen):
            exec(compile(source, "<example>", "single"), names)

    one = run(execute, seconds=SECONDS)
    shown = screen.getvalue()[:PRINTED]
    return one, shown if one.raised is None else f"{shown}{_message(one)}\n"


def _message(one: Run) -> str:
    raised = one.raised
    if one.ending == "time":
        return f"TimeoutError: {SECONDS:g} s"
    return f"{raised.kind}: {raised.message}" if raised.message else raised.kind


def main(channel: Callable[[str], object]) -> None:
    """Answer what is asked for on the standard input."""
    channel(json.dumps(work(json.load(sys.stdin))))


if __name__ == "__main__":
    # What the reader's code writes to the standard output, by whatever way, is not the answer.
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    with answer:
        main(answer.write)
