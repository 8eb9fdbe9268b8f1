"""The names that cells read and bind, and which cells a notebook can do with."""

import ast
import symtable
from collections.abc import Sequence, Set
from functools import cache

from tools.source.chapters import Cell

OURS = ("book", "benchmarks", "tools")  # modules of this project that are in no wheel


def runnable(cells: list[Cell]) -> set[int]:
    """Return which cells a notebook keeps: visible ones that do without `OURS`, and their needs."""
    known = [(*scope(cell.code), methods(cell.code)) for cell in cells]
    alone: list[bool] = []
    absent: set[str] = set()
    for cell, (uses, binds, _) in zip(cells, known, strict=True):
        from_book = book_names(cell.code)
        alone.append(not from_book and not uses & absent)
        # What a cell left out would have made is absent too, until another cell makes it.
        absent = absent - binds if alone[-1] else absent | binds | from_book
    kept: set[int] = set()
    needed: set[str] = set()
    for index in reversed(range(len(cells))):
        uses, binds, calls = known[index]
        wanted = bool(binds & needed) or "seed" in calls
        if alone[index] and (cells[index].shows_code or wanted):
            kept.add(index)
            needed = (needed - binds) | uses
    return kept


def book_names(code: str) -> set[str]:
    """Return the names that a cell imports from what no reader has."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in OURS:
            found |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {
                alias.asname or alias.name.split(".")[0]
                for alias in node.names
                if alias.name.split(".")[0] in OURS
            }
    return found


@cache
def scope(code: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names that a cell reads, and those it binds.

    What a function keeps to itself is neither.
    """
    table = symtable.symtable(code, "cell", "exec")
    symbols = table.get_symbols()
    uses = {one.get_name() for one in symbols if one.is_referenced()}
    binds = {one.get_name() for one in symbols if one.is_assigned() or one.is_imported()}
    below = list(table.get_children())
    while below:
        inner = below.pop()
        uses |= {one.get_name() for one in inner.get_symbols() if one.is_global()}
        below += inner.get_children()
    return frozenset(uses), frozenset(binds)


def taken(code: str) -> frozenset[str]:
    """Return the names that a cell takes from those before it."""
    uses, binds = scope(code)
    return uses - binds


def methods(code: str) -> set[str]:
    """Return the attributes that a cell names, methods among them."""
    return {node.attr for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Attribute)}


def provider(name: str, before: Sequence[str]) -> int | None:
    """Return which of the cells before leaves a name to what follows."""
    for index in reversed(range(len(before))):
        if name in scope(before[index])[1]:
            return index
    return None


def again(wanted: Set[str], meant: Sequence[str], there: Sequence[str]) -> list[str]:
    """Return the code that brings names back to what they were.

    `meant` are the cells that made them, in order; `there` are those that have run since, which may
    have made others of the same names.
    """
    made: list[str] = []
    for name in sorted(wanted):
        index = provider(name, meant)
        if index is None:
            continue
        code = definition(name, meant[index])
        last = provider(name, there)
        if last is not None and definition(name, there[last]) == code:
            continue
        for needed in again(taken(code) - {name}, meant[: index + 1], there):
            if needed not in made:
                made.append(needed)
        if code not in made:
            made.append(code)
    return made


def definition(name: str, code: str) -> str:
    """Return the part of a cell that makes a name: its import, or all the cell."""
    for node in ast.parse(code).body:
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if (alias.asname or alias.name) == name:
                    renamed = f" as {alias.asname}" if alias.asname else ""
                    return f"from {node.module} import {alias.name}{renamed}"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if (alias.asname or alias.name.partition(".")[0]) == name:
                    return ast.unparse(ast.Import([alias]))
        elif isinstance(node, ast.FunctionDef) and node.name == name:
            return ast.get_source_segment(code, node) or code
    return code
