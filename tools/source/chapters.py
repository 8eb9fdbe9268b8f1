"""Reading a chapter: its prose, its cells, and on which line each stands."""

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.problems import Problems
from tools.source.config import Page, front_matter, text_of
from tools.source.settings import Source, blame, check

FENCE = re.compile(r"^(\s*)(`{3,}(?=[^`]*$)|~{3,})(.*)$")
ATTRIBUTES = re.compile(r"\{\s*[.#=][^{}]*\}$")
SHORTCODE = re.compile(r"\{\{<.*?>\}\}")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
SPAN = re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)")
DEEPEST = 10
AFTER = re.compile(r"\s*($|#+\s|:::)")  # a line that a division may follow
DIVISION = re.compile(r"^\s*:{3,}\s*(\{[^{}]*\}|[^\s{}:]+)?\s*(.*)$")


@dataclass
class Cell:
    """One executable cell: its code, its options, and the lines they stand on."""

    line: int
    code_line: int
    last_line: int
    code: str
    options: dict[str, Any]

    @property
    def label(self) -> str:
        """The cell's label, or nothing."""
        return self.options["label"]

    @property
    def shows_code(self) -> bool:
        """Tell whether the cell's code is to be seen on the page."""
        return self.options["include"] and self.options["echo"]

    @property
    def shows_output(self) -> bool:
        """Tell whether what the cell printed and drew is to be seen on the page."""
        return self.options["include"] and self.options["output"] is not False


@dataclass
class Prose:
    """The lines between two cells, and where the first of them stands."""

    line: int
    text: str


@dataclass
class Chapter:
    """One source file: prose and cells in order, and its lines of prose in their places."""

    page: Page
    text: str
    problems: Problems
    pieces: list[Prose | Cell] = field(default_factory=list)
    prose: list[str] = field(default_factory=list)

    @property
    def cells(self) -> list[Cell]:
        """The cells in order."""
        return [piece for piece in self.pieces if isinstance(piece, Cell)]

    def lines(self, *wanted: str) -> list[int]:
        """Return the lines that hold the first of some patterns that is found.

        It is looked for in prose outside code, then in all of it, then in cells too.
        """
        bare = [SPAN.sub("", line) for line in self.prose]
        for pattern in wanted:
            for lines in (bare, self.prose, self.text.split("\n")):
                if found := [n for n, line in enumerate(lines, 1) if re.search(pattern, line)]:
                    return found
        return []

    def problem(self, message: str, *wanted: str, line: int | None = None) -> None:
        """Note a problem in a line: the first that holds one of the patterns, if not told."""
        self.problems.add(self.page.source, line or [*self.lines(*wanted), 1][0], message)


def code_blocks(lines: list[str]) -> Iterator[tuple[int, int, re.Match[str]]]:
    """Yield where each code block begins and ends, and its fence; `len(lines)` if it never ends."""
    number = 0
    while number < len(lines):
        if fence := FENCE.match(lines[number]):
            closing = re.compile(rf"^\s*{re.escape(fence[2])}+\s*$")
            start, number = number, number + 1
            while number < len(lines) and not closing.match(lines[number]):
                number += 1
            yield start, number, fence
        number += 1


def without_code(lines: list[str]) -> list[str]:
    """Return lines with those of code blocks and comments empty."""
    prose = list(lines)
    for start, end, _ in code_blocks(lines):
        prose[start : end + 1] = [""] * (min(end + 1, len(lines)) - start)
    text = COMMENT.sub(lambda found: "\n" * found[0].count("\n"), "\n".join(prose))
    return text.split("\n")


def faults(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Yield what in some Markdown begins and does not end, or ends what has not begun."""
    for start, end, _ in code_blocks(lines):
        if end == len(lines):
            yield start, "this code block is never closed"
    prose = without_code(lines)
    open_: list[int] = []
    formula: int | None = None
    for number, line in enumerate([*prose, ""]):
        if SPAN.sub("", line).count("$$") % 2:
            formula = number if formula is None else None
        if not line.strip() and formula is not None:
            yield formula, "this formula is not closed before an empty line"
            formula = None
        if SHORTCODE.search(line):
            yield number, f"unknown shortcode: {SHORTCODE.search(line)[0]}"
        if not (fence := DIVISION.match(line)):
            continue
        if fence[2].strip(": "):
            yield number, f"this begins no division: {line.strip()}"
        elif not fence[1]:
            if not open_:
                yield number, "this `:::` closes nothing"
            open_ = open_[:-1]
        else:
            open_.append(number)
            if len(open_) == DEEPEST + 1:
                yield number, f"more than {DEEPEST} divisions inside each other"
            if number and not AFTER.match(prose[number - 1]):
                yield number, "a division begins after an empty line"
    yield from ((number, "this division is never closed") for number in open_)


def read(root: Path, page: Page, problems: Problems) -> Chapter:
    """Split a source file into prose and cells."""
    text = text_of(root, page.source)
    lines = text.split("\n")
    _, first = front_matter(text, page.source, problems)
    lines[:first] = [""] * first
    chapter = Chapter(page, text, problems, prose=without_code(lines))
    for number, message in faults(lines):
        problems.add(page.source, number + 1, message)
    for start, end, fence in code_blocks(lines):
        info = fence[3].strip()
        if not info.startswith("{") or ATTRIBUTES.match(info):
            continue
        if info != "{python}" or fence[1] or "~" in fence[2]:
            problems.add(page.source, start + 1, f"unknown kind of cell: {lines[start].strip()}")
        chapter.pieces.append(Prose(first + 1, "\n".join([*lines[first:start], ""])))
        chapter.pieces.append(read_cell(lines[start + 1 : end], start + 1, page, problems))
        first = end + 1
    chapter.pieces.append(Prose(first + 1, "\n".join([*lines[first:], ""])))
    return chapter


def read_cell(body: list[str], line: int, page: Page, problems: Problems) -> Cell:
    """Split a cell's lines into `#|` options and code."""
    head = 0
    while head < len(body) and body[head].startswith("#|"):
        head += 1
    code_line = next((n for n in range(head, len(body)) if body[n].strip()), head)
    written = "\n".join(row[2:].removeprefix(" ") for row in body[:head])
    source = Source(written, page.source, problems, first=line + 1)
    options = check("cell", source.value, source) or check("cell", {}, source)
    kind, dash, _ = options["label"].partition("-")
    if dash and kind in ("tbl", "eq", "exr", "sec"):
        message = f"a cell's label is fig-… or a plain name, not {kind}-…"
        blame(message, "label", sources=(source,))
    if options["fig-cap"] and kind != "fig":
        blame("a fig-cap needs a label fig-…", "fig-cap", sources=(source,))
    if kind == "fig" and not options["fig-cap"]:
        blame(f"{options['label']} has no fig-cap", "label", sources=(source,))
    code = "\n".join(body[code_line:]).rstrip("\n")
    first = line + 1 + code_line
    for row, message in not_python(code):
        problems.add(page.source, first + row, message)
    return Cell(line, first, line + len(body), code, options)


def not_python(code: str) -> Iterator[tuple[int, str]]:
    """Yield what keeps some code from being Python, and on which of its lines, from 0."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the run says it again
            ast.parse(code)
    except SyntaxError as error:
        row = min(max(error.lineno or 1, 1), code.count("\n") + 1) - 1
        yield row, f"SyntaxError: {error.msg}"
    except (RecursionError, MemoryError):
        yield 0, "SyntaxError: this is nested too deeply"
