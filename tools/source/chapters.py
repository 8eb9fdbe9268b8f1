"""Reading a chapter: its prose, its cells, and on which line each stands."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tools.problems import Problems
from tools.source.config import Page, front_matter

FENCE = re.compile(r"^(\s*)(`{3,}|~{3,})(.*)$")
CELL = re.compile(r"^\{(\w+)\b(.*)\}$")
SHORTCODE = re.compile(r"\{\{<.*?>\}\}")
OPTIONS = {
    "label": str,
    "fig-cap": str,
    "fig-alt": str,
    "tbl-cap": str,
    "echo": bool,
    "include": bool,
    "output": (bool, str),
}
FRONT_MATTER = {"output-file"}


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
        return self.options.get("label", "")

    def shows(self, what: str) -> bool:
        """Tell whether `echo` or `output` is to be seen on the page."""
        if self.options.get("include", True) is False:
            return False
        return self.options.get(what, True) is not False


@dataclass
class Chapter:
    """One source file: prose and cells in order; each cell also keeps its place in the prose."""

    page: Page
    text: str
    meta: dict[str, Any]
    pieces: list[str | Cell]
    problems: Problems
    prose: list[str] = field(default_factory=list)

    @property
    def cells(self) -> list[Cell]:
        """The cells in order."""
        return [piece for piece in self.pieces if isinstance(piece, Cell)]

    def line(self, *wanted: str) -> int:
        """Return the first line of prose that holds one of `wanted`; failing that, any line."""
        for pattern in wanted:
            for lines in (self.prose, self.text.splitlines()):
                for number, line in enumerate(lines, start=1):
                    if re.search(pattern, line):
                        return number
        return 1

    def problem(self, message: str, *wanted: str) -> None:
        """Note a problem where the prose first holds one of `wanted` (regular expressions)."""
        self.problems.add(self.page.source, self.line(*wanted), message)


def read(root: Path, page: Page, problems: Problems) -> Chapter:
    """Split a source file into prose and cells."""
    text = (root / page.source).read_text(encoding="utf-8")
    lines = text.splitlines()
    meta = read_front_matter(text, page, problems)
    chapter = Chapter(page, text, meta, [], problems)
    prose: list[str] = []
    number = lines.index("---", 1) + 1 if meta else 0
    chapter.prose = [""] * number
    while number < len(lines):
        line = lines[number]
        fence = FENCE.match(line)
        if not fence:
            if SHORTCODE.search(line):
                problems.add(
                    page.source, number + 1, f"unknown shortcode: {SHORTCODE.search(line)[0]}"
                )
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


def read_front_matter(text: str, page: Page, problems: Problems) -> dict[str, Any]:
    """Return the YAML at the head, having checked its keys."""
    try:
        meta = front_matter(text)
    except yaml.YAMLError as error:
        problems.add(page.source, 1, f"front matter: {getattr(error, 'problem', error)}")
        return {}
    for key in meta.keys() - FRONT_MATTER:
        line = next(i for i, row in enumerate(text.splitlines(), 1) if row.startswith(f"{key}:"))
        problems.add(page.source, line, f"unknown key in the front matter: {key}")
    return meta


def read_cell(body: list[str], line: int, page: Page, problems: Problems) -> Cell:
    """Split a cell's lines into `#|` options and code."""
    head = 0
    while head < len(body) and body[head].startswith("#|"):
        head += 1
    options: dict[str, Any] = {}
    try:
        options = yaml.safe_load("\n".join(row[2:].removeprefix(" ") for row in body[:head])) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = line + 1 + (mark.line if mark else 0)
        problems.add(page.source, at, f"cell options: {getattr(error, 'problem', error)}")
    if not isinstance(options, dict):
        problems.add(page.source, line + 1, "cell options are `#| key: value` lines")
        options = {}

    def at(key: str) -> int:
        rows = [
            i
            for i, row in enumerate(body[:head])
            if re.match(rf"#\|\s*{re.escape(str(key))}\b", row)
        ]
        return line + 1 + (rows[0] if rows else 0)

    for key, value in options.items():
        if key not in OPTIONS:
            problems.add(page.source, at(key), f"unknown cell option: {key}")
        elif not isinstance(value, OPTIONS[key]) or (
            key == "output" and isinstance(value, str) and value != "asis"
        ):
            problems.add(page.source, at(key), f"bad value for {key}: {value!r}")
    label = str(options.get("label", ""))
    for kind in ("fig", "tbl"):
        if f"{kind}-cap" in options and not label.startswith(f"{kind}-"):
            problems.add(page.source, at(f"{kind}-cap"), f"a {kind}-cap needs a label {kind}-…")
        if label.startswith(f"{kind}-") and f"{kind}-cap" not in options:
            problems.add(page.source, at("label"), f"{label} has no {kind}-cap")
    return Cell(line, line + 1 + head, "\n".join(body[head:]).strip("\n"), options)
