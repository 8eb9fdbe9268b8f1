"""Source code on a page, taken from the code itself."""

import ast
import inspect
import textwrap
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]
COLUMNS = 88  # what fits a line of code in the PDF


def show_source(obj: object, docstring: bool = False) -> None:
    """Print the source of a function, class or module as a fenced block."""
    source = textwrap.dedent(inspect.getsource(obj)).rstrip()
    print(_fence(source if docstring else without_docstring(source, isinstance(obj, ModuleType))))


def show_file(path: str) -> None:
    """Print a whole file of the repository as a fenced block."""
    print(_fence((ROOT / path).read_text(encoding="utf-8").rstrip()))


def without_docstring(source: str, module: bool = False) -> str:
    """Leave the docstring out, and the blank line after it; a body of nothing else stays."""
    tree = ast.parse(source)
    node = tree if module else tree.body[0]
    if ast.get_docstring(node, clean=False) is None:
        return source
    first = node.body[0]
    if len(node.body) == 1:
        return source
    lines = source.splitlines()
    end = first.end_lineno
    while end < len(lines) and not lines[end].strip():
        end += 1
    return "\n".join(lines[: first.lineno - 1] + lines[end:])


def _fence(source: str) -> str:
    wide = [line for line in source.splitlines() if len(line) > COLUMNS]
    if wide:
        raise ValueError(f"a listing has a line of more than {COLUMNS} columns: {wide[0].strip()}")
    return f"```python\n{source}\n```"
