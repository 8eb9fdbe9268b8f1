"""The bank: the book's own functions, each with one small fault.

A fault is a change of the text of a function, in lines such as ``h * stride -> h``: what stands
left of the arrow is found exactly once in the function's code, as `ast.unparse` writes it, and
replaced by what stands right of it. So the bank is data, in `bank/*.toml` beside the sentences
that name each mistake; every faulty function is the book's function but for the place that the
fault names; two faults make a function with both; and what the reader is shown as the correction
is the book's line. When the book's code changes in such a place, a test names the fault to mend.
"""

import ast
import inspect
import textwrap
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Language = Literal["en", "es"]
Function = Callable[..., Any]


@dataclass(frozen=True)
class Mistake:
    """A known mistake.

    Attributes
    ----------
    name
        Its identifier, for example ``forward-no-stride``.
    section
        Label of the section of the book to read again.
    faults
        Changes of the book's function that make it, each on its own; see the module.
    sentences
        By language: what the faulty function computes, why it happens, two hints.
    answers
        For an exercise that asks for numbers: those that the mistake gives, by name.
    """

    name: str
    section: str
    faults: tuple[str, ...]
    sentences: dict[str, tuple[str, str, str, str]]
    answers: tuple[dict[str, Any], ...] = ()


@cache
def entry(exercise: str) -> dict[str, Any]:
    """Read the file of an exercise."""
    text = files("cnnlayers.exercises").joinpath("bank", f"{exercise}.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def mistakes(exercise: str) -> tuple[Mistake, ...]:
    """List the known mistakes of an exercise, the commonest first."""
    return tuple(
        Mistake(
            name,
            about["section"],
            tuple(about.get("faults", ())),
            {language: tuple(about[language]) for language in ("en", "es")},
            tuple(about.get("answers", ())),
        )
        for name, about in entry(exercise).get("mistakes", {}).items()
    )


class CannotApply(ValueError):
    """A fault does not fit the text, or no longer fits after another one."""


@cache
def code_of(function: Function, *, checked: bool = True) -> str:
    """Return the code of a function without docstring and annotations, without checks if asked."""
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    if not isinstance(tree, ast.FunctionDef):
        raise TypeError(f"function must be defined by def, got {function!r}.")
    if ast.get_docstring(tree):
        del tree.body[0]
    if not checked:
        tree.body = [line for line in tree.body if not _is_check(line)]
    tree.returns = None
    for argument in (*tree.args.args, *tree.args.kwonlyargs):
        argument.annotation = None
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
    return ast.unparse(tree)


def _is_check(statement: ast.stmt) -> bool:
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id.lstrip("_").startswith("check_")
        for node in ast.walk(statement)
    )


def with_faults(code: str, faults: Iterable[str], seen: str = "nan") -> str:
    """Return the code with these faults; `SEEN` in one stands for a number that was observed."""
    for fault in faults:
        for change in filter(None, fault.splitlines()):
            before, arrow, after = change.partition(" -> ")
            if not arrow or code.count(before) != 1:
                raise CannotApply(f"{before!r} must stand once in the code to be changed:\n{code}")
            code = code.replace(before, after.replace("SEEN", seen).replace("\\n", "\n"))
    return code


def faulty_function(function: Function, faults: Iterable[str], seen: str = "nan") -> Function:
    """Make the book's function with these faults."""
    return _run(with_faults(code_of(function), faults, seen), function)


def _run(code: str, function: Function) -> Function:
    """Define a function from code, among the names that the original sees.

    The functions that it calls go without their checks: what a learner writes has none, so that
    a window of the wrong size meets NumPy and not us.
    """
    names = dict(function.__globals__)
    for name in function.__code__.co_names:
        called = names.get(name)
        if inspect.isfunction(called) and called.__module__ == function.__module__:
            names[name] = _unchecked(called)
    exec(compile(code, "<faulty>", "exec"), names)
    return names[function.__name__]


@cache
def _unchecked(function: Function) -> Function:
    return _run(code_of(function, checked=False), function)
