"""Pandoc, and its syntax tree by way of panflute."""

import io
import json
import locale
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import panflute as pf
import pypandoc

from tools.problems import BookError

PROGRAM = pypandoc.get_pandoc_path()
READER = "markdown+autolink_bare_uris"
SECONDS = 60  # a chapter takes less than one
# Pandoc reads the names of files in the encoding of the locale.
UTF_8 = os.name == "nt" or locale.getencoding().upper() == "UTF-8"
ENVIRONMENT = os.environ if UTF_8 else {**os.environ, "LC_ALL": "C.UTF-8"}


class _Every(set[str]):
    """A set that holds everything."""

    def __contains__(self, _: object) -> bool:
        """Hold it."""
        return True


# panflute's own list of formats for raw text is older than Pandoc's, which accepts any name.
pf.elements.RAW_FORMATS = _Every()


def run(text: str, *args: str, root: Path | None = None) -> tuple[str, list[str]]:
    """Give `text` to Pandoc, in the folder `root`; return what it wrote and its warnings."""
    command = [PROGRAM, *args]
    options: dict[str, Any] = {"encoding": "utf-8", "cwd": root, "timeout": SECONDS}
    try:
        done = subprocess.run(command, input=text, capture_output=True, env=ENVIRONMENT, **options)
    except subprocess.TimeoutExpired as error:
        raise BookError(f"Pandoc did not finish within {SECONDS} s") from error
    if done.returncode:
        raise BookError(done.stderr.strip() or f"Pandoc ended with code {done.returncode}")
    warnings = [part.strip() for part in done.stderr.split("[WARNING]") if part.strip()]
    return done.stdout, warnings


def read(markdown: str, *args: str, root: Path | None = None) -> tuple[pf.Doc, list[str]]:
    """Return the tree of a Markdown text, and Pandoc's warnings."""
    made, warnings = run(markdown, "-f", READER, "-t", "json", *args, root=root)
    return load(made), warnings


def load(tree: str) -> pf.Doc:
    """Return a tree that was kept as JSON."""
    return pf.load(io.StringIO(tree))


def dump(doc: pf.Doc) -> str:
    """Return a tree as JSON."""
    text = io.StringIO()
    pf.dump(doc, text)
    return text.getvalue()


def write(doc: pf.Doc, *args: str, root: Path | None = None) -> tuple[str, list[str]]:
    """Return a tree in the format that `args` name, and Pandoc's warnings."""
    return run(dump(doc), "-f", "json", "--wrap=none", *args, root=root)


def wrong_formulas(tree: pf.Doc) -> list[pf.Math]:
    """Return the formulas of a tree that Pandoc cannot read."""
    formulas: list[pf.Math] = []
    tree.walk(lambda e, _: formulas.append(e) if isinstance(e, pf.Math) else None)
    copies = (pf.Para(pf.Math(formula.text, format=formula.format)) for formula in formulas)
    _, warnings = write(pf.Doc(*copies), "-t", "html5", "--mathml") if formulas else ("", [])
    said = " ".join(" ".join(warnings).split())
    return [f for f in formulas if f"TeX math {' '.join(f.text.split())}" in said]


def plain(element: pf.Element) -> str:
    """Return the text of an element without its markup, in reading order."""
    parts: list[str] = []

    def visit(node: Any) -> None:
        match node:
            case {"t": "Str", "c": text}:
                parts.append(text)
            case {"t": "Code" | "Math", "c": [_, text]}:
                parts.append(text)
            case {"t": "CodeBlock", "c": [_, text]}:
                parts.append(f" {text} ")
            case {"t": "Space" | "SoftBreak" | "LineBreak"}:
                parts.append(" ")
            case {"t": kind, "c": inside}:
                parts.append(" " if kind in ("Para", "Plain", "Header") else "")
                visit(inside)
            case list() | tuple():
                for inner in node:
                    visit(inner)

    visit(element.to_json())
    return " ".join("".join(parts).split())


def inlines(text: str) -> list[pf.Inline]:
    """Return a text as inlines; no-break spaces stay inside their word."""
    made: list[pf.Inline] = []
    for index, word in enumerate(text.split(" ")):
        if index:
            made.append(pf.Space())
        if word:
            made.append(pf.Str(word))
    return made


def has(element: pf.Element, *classes: str) -> bool:
    """Tell whether an element is a division or span with one of these classes."""
    return isinstance(element, pf.Div | pf.Span) and not set(classes).isdisjoint(element.classes)


def to_json(elements: Iterable[pf.Element]) -> list[Any]:
    """Return elements as values that can be kept."""
    return [element.to_json() for element in elements]


def from_json(values: list[Any]) -> list[pf.Element]:
    """Return elements that were kept as values."""
    return json.loads(json.dumps(values), object_hook=pf.elements.from_json)
