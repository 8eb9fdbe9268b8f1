"""Reading a chapter: its prose, its cells, and on which line each stands."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.problems import Problems
from tools.source.config import Page, front_matter, text_of
from tools.source.settings import Source, check

FENCE = re.compile(r"^(\s*)(`{3,}|~{3,})(.*)$")
CELL = re.compile(r"^\{(\w+)\b(.*)\}$")
SHORTCODE = re.compile(r"\{\{<.*?>\}\}")


@dataclass
class Cell:
    """One executable cell: its code, its options, and the lines they stand on."""

    line: int
    code_line: int
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
class Chapter:
    """One source file: prose and cells in order, and its lines of prose in their places."""

    page: Page
    text: str
    problems: Problems
    pieces: list[str | Cell] = field(default_factory=list)
    prose: list[str] = field(default_factory=list)

    @property
    def cells(self) -> list[Cell]:
        """The cells in order."""
        return [piece for piece in self.pieces if isinstance(piece, Cell)]

    def lines(self, pattern: str) -> list[int]:
        """Return the numbers of the lines that hold a pattern: those of prose if any do."""
        for lines in (self.prose, self.text.splitlines()):
            if found := [n for n, line in enumerate(lines, start=1) if re.search(pattern, line)]:
                return found
        return []

    def problem(self, message: str, *wanted: str, occurrence: int = 0) -> None:
        """Note a problem where the chapter first holds one of the patterns `wanted`."""
        places = next(filter(None, map(self.lines, wanted)), [1])
        line = places[min(occurrence, len(places) - 1)]
        self.problems.add(self.page.source, line, message)

    def problem_at(self, cell: Cell, message: str) -> None:
        """Note a problem at a cell."""
        self.problems.add(self.page.source, cell.line, message)


def read(root: Path, page: Page, problems: Problems) -> Chapter:
    """Split a source file into prose and cells."""
    text = text_of(root, page.source)
    chapter = Chapter(page, text, problems)
    lines = text.splitlines()
    _, number = front_matter(text, page.source, problems)
    chapter.prose = [""] * number
    prose: list[str] = []
    while number < len(lines):
        line = lines[number]
        fence = FENCE.match(line)
        if not fence:
            if shortcode := SHORTCODE.search(line):
                problems.add(page.source, number + 1, f"unknown shortcode: {shortcode[0]}")
            prose.append(line)
            chapter.prose.append(line)
            number += 1
            continue
        indent, ticks, info = fence.groups()
        end = number + 1
        while end < len(lines) and not re.match(rf"^\s*{re.escape(ticks)}+\s*$", lines[end]):
            end += 1
        if end == len(lines):
            problems.add(page.source, number + 1, "this code block is never closed")
        body = lines[number + 1 : end]
        chapter.prose.extend([""] * (end - number + 1))
        cell = CELL.match(info.strip())
        if not cell:
            prose.extend(lines[number : end + 1])
        elif cell[1] != "python" or cell[2].strip() or indent or "~" in ticks:
            problems.add(page.source, number + 1, f"unknown kind of cell: {line.strip()}")
        else:
            chapter.pieces += ["\n".join(prose) + "\n", read_cell(body, number + 1, page, problems)]
            prose = []
        number = end + 1
    chapter.pieces.append("\n".join(prose) + "\n")
    return chapter


def read_cell(body: list[str], line: int, page: Page, problems: Problems) -> Cell:
    """Split a cell's lines into `#|` options and code."""
    head = 0
    while head < len(body) and body[head].startswith("#|"):
        head += 1
    written = "\n".join(row[2:].removeprefix(" ") for row in body[:head])
    source = Source(written, page.source, problems, first=line + 1)
    options = check("cell", source.load(), source) or check("cell", {}, source)
    kind, dash, _ = options["label"].partition("-")
    if dash and kind in ("tbl", "eq", "exr", "sec"):
        source.problem(f"a cell's label is fig-… or a plain name, not {kind}-…", "label")
    if options["fig-cap"] and kind != "fig":
        source.problem("a fig-cap needs a label fig-…", "fig-cap")
    if kind == "fig" and not options["fig-cap"]:
        source.problem(f"{options['label']} has no fig-cap", "label")
    return Cell(line, line + 1 + head, "\n".join(body[head:]).strip("\n"), options)
