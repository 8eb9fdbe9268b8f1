"""The book's loops at one step: the source of the function, its running lines, its indices.

The loops are run with Python's own tracing on, so what is shown is what Python saw.
"""

from __future__ import annotations

import ast
import inspect
import sys
from dataclasses import replace
from functools import lru_cache
from types import FrameType
from typing import NamedTuple

import numpy as np

from apps.explorer.state import State
from apps.explorer.volumes import image, kernel, upstream
from cnnlayers import loops


class Pass(NamedTuple):
    """One run through the innermost loop."""

    lines: frozenset[int]  # line numbers in the listing, from 0
    writes: frozenset[int]  # those of them that write into an array
    indices: dict[str, int]


class Source(NamedTuple):
    """A function of `cnnlayers.loops`, without its docstring."""

    name: str
    lines: tuple[str, ...]
    headers: dict[int, str]  # line number of a `for` above the innermost body: its index
    assigns: dict[int, str]  # line number: the plain name assigned there
    writes: frozenset[int]  # lines that write into an array
    body: range


@lru_cache
def source(name: str) -> Source:
    """Take a function's source by introspection and find its innermost loop."""
    text, _ = inspect.getsourcelines(getattr(loops, name))
    function = ast.parse("".join(text)).body[0]
    kept = text
    if ast.get_docstring(function) is not None:
        docstring = function.body[0]
        kept = text[: docstring.lineno - 1] + text[docstring.end_lineno :]
    removed = len(text) - len(kept)

    headers, block = {}, function.body
    while chain := [node for node in block if isinstance(node, ast.For)]:
        innermost = chain[-1]
        headers[innermost.lineno - 1 - removed] = ast.unparse(innermost.target)
        block = innermost.body
    assigns = {
        node.lineno - 1 - removed: node.targets[0].id
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    writes = frozenset(
        node.lineno - 1 - removed
        for node in ast.walk(function)
        if isinstance(node, ast.AugAssign)
        or (isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript))
    )
    body = range(block[0].lineno - 1 - removed, block[-1].end_lineno - removed)
    return Source(name, tuple(line.rstrip() for line in kept), headers, assigns, writes, body)


def function_name(state: State) -> str:
    """Name the function of the book that makes the present picture."""
    kind = "conv" if state.op == "conv" else "pool"
    return f"{kind}_{state.view}"


def present(state: State) -> Pass:
    """Say what ran at the present step."""
    # Neither the cell looked at nor the language changes the run (a dZ of one cell would, but
    # not its lines).
    return _passes(replace(state, h=0, w=0, c=0, lang="es", guess=""))[state.step]


@lru_cache(maxsize=8)
def _passes(state: State) -> tuple[Pass, ...]:
    A, W = image(state)[None], np.array(kernel(state))[..., None]
    dZ = upstream(state)[None]
    if state.op == "conv":
        hparameters = {"stride": state.stride, "pad": state.pad}
        arguments = (A, W, np.full((1, 1, 1, 1), state.bias), hparameters)
        if state.view == "backward":
            arguments = (dZ, arguments)
    else:
        arguments = (A, {"f": state.f, "stride": state.stride}, state.op)
        if state.view == "backward":
            arguments = (dZ, arguments[:2], state.op, state.ties)
    code = source(function_name(state))
    function = getattr(loops, code.name)
    before_body = function.__code__.co_firstlineno + _docstring_lines(code)

    seen: list[tuple[set[int], dict[str, int]]] = []

    def watch(frame: FrameType, event: str, _: object):
        line = frame.f_lineno - before_body
        if event == "line" and line in code.body:
            if line == code.body.start:
                seen.append((set(), {}))
            lines, indices = seen[-1]
            lines.add(line)
            indices.update((k, int(v)) for k, v in frame.f_locals.items() if type(v) is int)
        return watch

    def enter(frame: FrameType, event: str, _: object):
        return watch if frame.f_code is function.__code__ else None

    earlier = sys.gettrace()
    sys.settrace(enter)
    try:
        function(*arguments)
    finally:
        sys.settrace(earlier)
    return tuple(Pass(frozenset(lines), code.writes & lines, indices) for lines, indices in seen)


def _docstring_lines(code: Source) -> int:
    """Lines of the original function that the listing leaves out."""
    return len(inspect.getsourcelines(getattr(loops, code.name))[0]) - len(code.lines)
